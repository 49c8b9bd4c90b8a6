"""The decision table of a remedy under a policy: their rules joined, parameters filled in, every name checked.

Belongs here: what needs the remedy, the policy and the facts at once, but no SQL beyond a predicate's. Does not belong
here: reading files (remedy.py, policy.py), writing the SELECT (compile.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clearslate.law.dates import Period
from clearslate.law.policy import Policy
from clearslate.law.predicates import (
    AS_OF,
    Predicate,
    Value,
    bound,
    check_fact,
    compile_predicate,
    decide,
    not_later,
)
from clearslate.law.remedy import ELIGIBLE, OUTCOMES, REVIEW, Remedy, Rule, check_relief
from clearslate.law.strict import Passage

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Row:
    """A rule in its place in the table. `number` counts from 1 in the order in which the rules are tried.

    `test` is None for the default. `clock` is the waiting period's anniversary, if the rule has one, and `gate` the
    rest of its test (None: nothing else is asked).
    """

    number: int
    rule: Rule
    legal_basis: str
    reason: str
    reason_facts: tuple[str, ...]
    test: Predicate | None
    gate: Predicate | None
    clock: tuple[str, Period] | None

    @property
    def verdict(self) -> tuple[str, str]:
        """Outcome and relief: rows with the same verdict don't contradict each other."""
        return (self.rule.outcome, self.rule.relief)

    @property
    def flag(self) -> str:
        """The column that holds the test's value."""
        return f"p_{self.rule.id}"


@dataclass(frozen=True)
class Table:
    """A remedy's decision table under a policy. The last row, and only the last, is always true."""

    remedy: Remedy
    policy: Policy
    facts: Mapping[str, str]
    candidates: Predicate
    rows: tuple[Row, ...]

    @property
    def tested(self) -> tuple[Row, ...]:
        """All rows but the default."""
        return self.rows[:-1]

    @property
    def predicates(self) -> tuple[Predicate, ...]:
        """All predicates of the table."""
        return (self.candidates, *(row.test for row in self.rows if row.test))

    def reliefs(self) -> tuple[str, ...]:
        """The reliefs that a row of the table grants, least first."""
        granted = {row.rule.relief for row in self.rows}
        return tuple(relief for relief in self.remedy.reliefs if relief in granted)

    def worth(self, row: Row) -> tuple[int, int]:
        """Orders verdicts from the least to the most for the person concerned."""
        outcome, relief = row.verdict
        return OUTCOMES.index(outcome), self.remedy.reliefs.index(relief) if outcome == ELIGIBLE else 0


def build_table(remedy: Remedy, policy: Policy, facts: Mapping[str, str]) -> Table:
    """Joins, fills in and checks. LawError, with file and line, for anything that does not hold together."""
    pairs: list[tuple[Rule, str, Mapping[str, Value]]] = [(rule, "statute", {}) for rule in remedy.before]
    if policy.remedy == remedy.id:
        for parameter in policy.parameters:
            if parameter.name in facts or parameter.name == AS_OF:
                raise policy.rules[0].place.error(f"parameter `{parameter.name}` has the name of a fact")
        pairs += [(rule, "county_policy", policy.values) for rule in policy.rules]
    pairs += [(rule, "statute", {}) for rule in remedy.after]

    rows: list[Row] = []
    taken: set[str] = set()
    reached_default = False
    for rule, basis, values in pairs:
        check_relief(rule, remedy.reliefs)
        if rule.id in taken:
            raise rule.place.error(f"rule id `{rule.id}` stands in the remedy and in the policy")
        taken.add(rule.id)
        _check_printed(rule, policy, remedy)
        # Checked even where an `if` leaves the rule out: a fault in it must not sleep until a county switches it on.
        row = _row(len(rows) + 1, rule, basis, values, facts)
        stands = rule.applies is None or decide(rule.applies, values)
        if stands and not reached_default and not (row.test and row.test.is_never):
            rows.append(row)
            reached_default = row.test is None
    for passage in remedy.unknown_facts:
        check_fact(passage, passage.text, facts)
    return Table(remedy, policy, facts, compile_predicate(remedy.candidates, facts, {}), tuple(rows))


def _row(number: int, rule: Rule, basis: str, values: Mapping[str, Value], facts: Mapping[str, str]) -> Row:
    gate = compile_predicate(rule.when, facts, values) if rule.when else None
    clock = _clock(rule, values, facts)
    reason, reason_facts = _reason(rule.reason, values, facts)
    for passage in rule.missing:
        check_fact(passage, passage.text, facts)
    if rule.event:
        check_fact(rule.event, rule.event.text, facts, ("text",))
    _check_examples(rule, {*facts, *values, AS_OF})
    return Row(number, rule, basis, reason, reason_facts, _test(gate, clock, rule), gate, clock)


def _test(gate: Predicate | None, clock: tuple[str, Period] | None, rule: Rule) -> Predicate | None:
    """The whole test of a rule: its `when` and its waiting period."""
    if clock is None or rule.wait is None:
        return gate
    fact, period = clock
    due = (bound(fact, "least", period), bound(fact, "most", period))
    reached = not_later(due, (AS_OF, AS_OF), strict=rule.wait.strict)
    if gate is None:
        return Predicate(reached, frozenset({fact}), frozenset({clock}))
    return Predicate(f"({gate.sql} and {reached})", gate.facts | {fact}, gate.anniversaries | {clock})


def _clock(rule: Rule, values: Mapping[str, Value], facts: Mapping[str, str]) -> tuple[str, Period] | None:
    if rule.wait is None:
        return None
    check_fact(rule.wait.start, rule.wait.start.text, facts, ("date",))
    add, _ = _reason(rule.wait.add, values, {})
    if rule.applies is not None and not decide(rule.applies, values):
        return None
    try:
        return rule.wait.start.text, Period.parse(add)
    except ValueError as error:
        raise rule.wait.add.error(str(error)) from None


def _reason(passage: Passage, values: Mapping[str, Value], facts: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Text with its `{parameter}` filled in, and the facts whose `{fact}` stays for the row's own value."""
    used: list[str] = []

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        value = values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is not None:
            raise passage.error(f"`{{{name}}}` is not a whole number")
        check_fact(passage, name, facts, ("text",))
        used.append(name)
        return match.group(0)

    text = _PLACEHOLDER.sub(fill, passage.text)
    return text, tuple(dict.fromkeys(used))


def _check_examples(rule: Rule, known: set[str]) -> None:
    for example in (*rule.examples.fires, *rule.examples.fails, *rule.examples.unknown):
        if unknown := sorted(set(example) - known):
            raise rule.place.error(f"an example of `{rule.id}` names `{unknown[0]}`, which is no fact or parameter")


def _check_printed(rule: Rule, policy: Policy, remedy: Remedy) -> None:
    """The policy that speaks for a remedy must say what each verdict of its table is called in the review files."""
    if policy.remedy != remedy.id:
        return
    for outcome, relief in ((rule.outcome, rule.relief), (REVIEW, "NONE")):
        key = (outcome, relief if outcome == ELIGIBLE else None)
        if key not in policy.prints:
            name = f"{outcome} {relief}" if outcome == ELIGIBLE else outcome
            raise rule.place.error(f"`prints` of policy {policy.id} has no text for {name}")


def facts_used(predicates: Iterable[Predicate]) -> Sequence[str]:
    """The facts that any of the predicates looks at, by name."""
    return sorted({fact for predicate in predicates for fact in predicate.facts})
