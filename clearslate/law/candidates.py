"""Who must be decided: the candidates of every remedy, as a SELECT of their own, the model `eligibility.candidate`.

Belongs here: that SELECT. It shares the rules' predicates with the determinations and none of their steps, so that a gate
can hold one against the other. Does not belong here: any decision (compile.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from clearslate.law.assignment import Assignment, Share
from clearslate.law.dates import anniversary_sql
from clearslate.law.predicates import AS_OF, bound
from clearslate.law.remedy import Remedy
from clearslate.law.sqltext import literal
from clearslate.law.table import Table, build_table


def compile_candidates(
    remedies: Sequence[Remedy], assignment: Assignment, facts: Mapping[str, Mapping[str, str]]
) -> str:
    """The candidates of all remedies as one SELECT over `facts.<kind>`; binds `$as_of`.

    `facts` maps the columns of each kind's facts to DuckDB types. LawError, with file and line, for rules that don't hold
    together. The same input gives the same text.
    """
    selects = [select for remedy in remedies for select in _selects(remedy, assignment, facts[remedy.kind])]
    return "-- Compiled from the rules. To change it, change the rules.\n" + "\nunion all\n".join(selects) + "\n"


def _selects(remedy: Remedy, assignment: Assignment, facts: Mapping[str, str]) -> Iterator[str]:
    """One SELECT per policy that speaks for the remedy; one for all counties where none does."""
    shares = list(assignment.shares())
    if not any(share.policy.remedy == remedy.id for share in shares):
        shares = [Share(assignment.default, (), but=True)]
    for share in shares:
        table = build_table(remedy, share.policy, facts, by_county=len(shares) > 1)
        conditions = [_in_force(remedy), _in_counties(share), table.candidates.sql]
        where = "\n    and ".join(f"({condition})" for condition in conditions if condition != "true")
        yield (
            f"select\n    {literal(remedy.kind)} as candidate_kind,\n    {remedy.kind}_id as candidate_id,\n"
            f"    {literal(remedy.id)} as remedy\nfrom {_facts(table)}\nwhere\n    {where}"
        )


def _facts(table: Table) -> str:
    """The facts with what a predicate may compare them with: the as-of date, and anniversaries."""
    compared = {AS_OF: "cast($as_of as date)"} | {
        bound(fact, end, period): anniversary_sql(bound(fact, end), period)
        for fact, period in sorted(table.candidates.anniversaries)
        for end in ("least", "most")
    }
    added = "".join(f",\n        {sql} as {name}" for name, sql in compared.items())
    return f"(\n    select\n        *{added}\n    from facts.{table.remedy.kind}\n)"


def _in_force(remedy: Remedy) -> str:
    spans = (
        f"{AS_OF} >= date '{version.effective_from}'"
        + (f" and {AS_OF} <= date '{version.effective_to}'" if version.effective_to else "")
        for version in remedy.versions
        if version.enacted
    )
    return " or ".join(f"({span})" for span in spans)


def _in_counties(share: Share) -> str:
    if not share.counties:
        return "true" if share.but else "false"
    listed = ", ".join(map(literal, share.counties))
    return f"county is null or county not in ({listed})" if share.but else f"county in ({listed})"
