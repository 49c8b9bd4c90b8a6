"""What each determination rests on: the facts that its deciding rule names, as a SELECT, the model `review.deciding_fact`.

Belongs here: that SELECT. It reads the determinations, so that nothing is decided twice. Does not belong here: any decision
(compile.py), what a change of those facts means for a prosecutor's decision (sql/review/worklist.sql).

A fact is named by the rule's test, by its waiting period or by its words; not by the event that it points at, because
where an event stands in a history can change while the history says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clearslate.law.assignment import Assignment
from clearslate.law.predicates import bound, kind_of
from clearslate.law.remedy import Remedy
from clearslate.law.sqltext import case, literal
from clearslate.law.table import build_table

_Named = dict[str, dict[str, frozenset[str]]]
"""Rule to policy to the facts that the rule names there."""


def compile_deciding(remedies: Sequence[Remedy], assignment: Assignment, facts: Mapping[str, str]) -> str:
    """The facts behind the determinations of these remedies, all of kind conviction, as one SELECT.

    `facts` maps the columns of `facts.conviction` to DuckDB types. LawError, with file and line, for rules that don't hold
    together. The same input gives the same text.
    """
    selects = [_select(remedy, _named(remedy, assignment, facts), facts) for remedy in remedies]
    return "-- Compiled from the rules. To change it, change the rules.\n" + "\nunion all\n".join(selects) + "\n"


def _named(remedy: Remedy, assignment: Assignment, facts: Mapping[str, str]) -> _Named:
    speaking = any(policy.remedy == remedy.id for policy in assignment.policies)
    found: _Named = {}
    for policy in assignment.policies if speaking else (assignment.default,):
        table = build_table(remedy, policy, facts, by_county=speaking and assignment.is_by_county)
        for row in table.rows:
            used = frozenset({*(row.test.facts if row.test else ()), *row.reason_facts})
            of_rule = found.setdefault(row.rule.id, {})
            # The same policy with other settings may name other facts: all of them, then.
            of_rule[table.policy_id] = used | of_rule.get(table.policy_id, frozenset())
    return found


def _select(remedy: Remedy, named: _Named, facts: Mapping[str, str]) -> str:
    alike: dict[frozenset[str], list[str]] = {}
    apart: dict[tuple[str, frozenset[str]], list[str]] = {}
    for rule, of_policy in named.items():
        if len(set(of_policy.values())) == 1:
            alike.setdefault(next(iter(of_policy.values())), []).append(rule)
        else:
            for policy, used in of_policy.items():
                apart.setdefault((policy, used), []).append(rule)
    branches = [
        (f"d.policy = {literal(policy)} and {_among(rules)}", _told(used, facts))
        for (policy, used), rules in apart.items()
    ]
    branches += [(_among(rules), _told(used, facts)) for used, rules in alike.items()]
    return (
        f"select\n    d.remedy,\n    d.candidate_id,\n    {case(branches, literal(''), indent=4)} as facts\n"
        "from eligibility.determination as d\n"
        "inner join facts.conviction as f on d.candidate_id = f.conviction_id\n"
        f"where d.remedy = {literal(remedy.id)}"
    )


def _among(rules: Sequence[str]) -> str:
    return f"d.rule in ({', '.join(map(literal, sorted(rules)))})"


def _told(used: frozenset[str], facts: Mapping[str, str]) -> str:
    """Name and value of each fact, by name, told apart by a control character."""
    columns = []
    for fact in sorted(used):
        columns += [bound(fact, "least"), bound(fact, "most")] if kind_of(facts[fact]) == "date" else [fact]
    values = [f"{literal(column + '=')} || coalesce(cast(f.{column} as varchar), '?')" for column in columns]
    return (
        f"concat_ws(\n            {f',{chr(10)}            '.join(['chr(30)', *values])}\n        )"
        if values
        else literal("")
    )
