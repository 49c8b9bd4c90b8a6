"""The decision table of a remedy under a policy: their rules joined, parameters filled in, every name checked.

Belongs here: what needs the remedy, the policy and the facts at once, but no SQL beyond a predicate's. Does not belong
here: reading files (remedy.py, policy.py), writing the SELECT (compile.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clearslate.law.dates import Period
from clearslate.law.parameters import BY_COUNTY
from clearslate.law.policy import STATUTE_ONLY, UNKNOWN_QUANTITY, Policy
from clearslate.law.predicates import (
    AS_OF,
    Choice,
    Predicate,
    Value,
    bound,
    check_fact,
    compile_predicate,
    decide,
    not_later,
)
from clearslate.law.remedy import Remedy
from clearslate.law.rule import ELIGIBLE, NONE, OUTCOMES, REVIEW, Rule, check_relief
from clearslate.law.sqltext import literal
from clearslate.law.strict import Passage

ALL = "all"
NO_TIME = "P0D"
"""A waiting period that is over on the day itself. Written out only: a parameter of 0 means that there is no such rule."""
VERSION = "remedy_version"
"""The column with the version in force; `in` compares it."""

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
    def policy_id(self) -> str:
        """The policy that determinations name: the statute's own where the policy speaks for another remedy."""
        return self.policy.id if self.policy.remedy == self.remedy.id else STATUTE_ONLY

    @property
    def tested(self) -> tuple[Row, ...]:
        """All rows but the default."""
        return self.rows[:-1]

    @property
    def predicates(self) -> tuple[Predicate, ...]:
        """All predicates of the table."""
        return (self.candidates, *(row.test for row in self.rows if row.test))

    def worth(self, row: Row) -> tuple[int, int]:
        """Orders verdicts from the least to the most for the person concerned."""
        outcome, relief = row.verdict
        return OUTCOMES.index(outcome), self.remedy.reliefs.index(relief) if outcome == ELIGIBLE else 0


def build_table(remedy: Remedy, policy: Policy, facts: Mapping[str, str], *, by_county: bool = False) -> Table:
    """Joins, fills in and checks. LawError, with file and line, for anything that does not hold together.

    `facts` maps the columns of `facts.<kind>` to DuckDB types. `by_county`: the run takes other policies beside this one.
    """
    speaks = policy.remedy == remedy.id
    values = _values(remedy, policy, facts, by_county=by_county)
    own = policy.rules if speaks else ()
    pairs = [(rule, "statute", values) for rule in remedy.before]
    pairs += [(rule, "county_policy", {**values, **policy.values}) for rule in own]
    pairs += [(rule, "statute", values) for rule in remedy.after]

    rows: list[Row] = []
    taken: set[str] = set()
    reached_default = False
    for rule, basis, known in pairs:
        check_relief(rule, remedy.reliefs)
        if rule.id in taken:
            raise rule.place.error(f"rule id `{rule.id}` stands in the remedy and in the policy")
        taken.add(rule.id)
        # Checked even where an `if` leaves the rule out: a fault in it must not sleep until a county switches it on.
        row = _row(len(rows) + 1, rule, basis, known, remedy, facts)
        stands = (rule.applies is None or decide(rule.applies, known)) and not reached_default
        if stands and not (row.test and row.test.is_never):
            rows.append(row)
            reached_default = row.test is None
        if speaks and (basis == "county_policy" or (stands and rows[-1] is row)):
            _check_printed(rule, policy)
    for passage in remedy.unknown_facts:
        check_fact(passage, passage.text, facts)
    candidates = policy.candidates if speaks and policy.candidates else remedy.candidates
    everyone = Predicate("true")
    asked = everyone if candidates.text == ALL else compile_predicate(candidates, facts, {})
    return Table(remedy, policy, facts, asked, tuple(rows))


def _values(remedy: Remedy, policy: Policy, facts: Mapping[str, str], *, by_county: bool) -> dict[str, Value]:
    """The remedy's parameters, with what the policy may change in them."""
    values: dict[str, Value] = {**remedy.values, BY_COUNTY: by_county}
    for name in values:
        if name in facts:
            raise Passage(name, remedy.file, 1).error(f"parameter `{name}` has the name of a fact")
    if policy.remedy != remedy.id:
        return values
    anchor = Passage(policy.id, policy.file, 1)
    if not remedy.takes_policy:
        raise anchor.error(f"remedy {remedy.id} has no place for a policy's rules (`insert: policy_rules`)")
    for parameter in policy.parameters:
        if parameter.name in facts or parameter.name == AS_OF or parameter.name in values:
            raise anchor.error(f"parameter `{parameter.name}` has the name of a fact or of a parameter of {remedy.id}")
    if policy.unknown_quantity:
        ours = values.get(UNKNOWN_QUANTITY)
        if not isinstance(ours, Choice) or policy.unknown_quantity.text not in ours.allowed:
            raise policy.unknown_quantity.error(f"remedy {remedy.id} knows no such choice of `{UNKNOWN_QUANTITY}`")
        values[UNKNOWN_QUANTITY] = Choice(policy.unknown_quantity.text, ours.allowed)
    return values


def _row(
    number: int, rule: Rule, basis: str, values: Mapping[str, Value], remedy: Remedy, facts: Mapping[str, str]
) -> Row:
    if rule.applies is not None and not decide(rule.applies, values):
        # A number that is off has no period to show; any other does for checking the rule.
        values = {name: 1 if value == 0 and not isinstance(value, bool) else value for name, value in values.items()}
    when = _filled(rule.when, values) if rule.when else None
    gate = _in_version(compile_predicate(when, facts, values) if when else None, rule, remedy)
    clock = _clock(rule, values, facts)
    reason, reason_facts = _reason(rule.reason, values, facts)
    for passage in rule.missing:
        check_fact(passage, passage.text, facts)
    if rule.event:
        check_fact(rule.event, rule.event.text, facts, ("text",))
    if rule.until:
        check_fact(rule.until, rule.until.text, facts, ("date",))
    _check_examples(rule, {*facts, *values, AS_OF})
    return Row(number, rule, basis, reason, reason_facts, _test(gate, clock, rule), gate, clock)


def _in_version(gate: Predicate | None, rule: Rule, remedy: Remedy) -> Predicate | None:
    """A rule outside of the versions in which it stands is false, whatever is unknown."""
    known = [version.version for version in remedy.versions]
    for version in rule.versions:
        if version.text not in known:
            raise version.error(f"remedy {remedy.id} has no version `{version.text}`; it has {', '.join(known)}")
    if not rule.versions or (gate and gate.is_never):
        return gate
    names = ", ".join(literal(version.text) for version in rule.versions)
    stands = f"{VERSION} in ({names})"
    if gate is None:
        return Predicate(stands)
    return Predicate(f"({stands} and {gate.sql})", gate.facts, gate.anniversaries)


def _test(gate: Predicate | None, clock: tuple[str, Period] | None, rule: Rule) -> Predicate | None:
    """The whole test of a rule: its `when` and its waiting period."""
    if clock is None or rule.wait is None:
        return gate
    fact, period = clock
    due = (bound(fact, "least", period), bound(fact, "most", period))
    reached = not_later(due, (AS_OF, AS_OF), strict=rule.wait.strict)
    used = frozenset({clock} if period else ())
    if gate is None:
        return Predicate(reached, frozenset({fact}), used)
    return Predicate(f"({gate.sql} and {reached})", gate.facts | {fact}, gate.anniversaries | used)


def _clock(rule: Rule, values: Mapping[str, Value], facts: Mapping[str, str]) -> tuple[str, Period] | None:
    if rule.wait is None:
        return None
    check_fact(rule.wait.start, rule.wait.start.text, facts, ("date",))
    if rule.wait.add.text == NO_TIME:
        return rule.wait.start.text, Period()
    try:
        return rule.wait.start.text, Period.parse(_filled(rule.wait.add, values).text)
    except ValueError as error:
        raise rule.wait.add.error(str(error)) from None


def _filled(passage: Passage, values: Mapping[str, Value]) -> Passage:
    """A passage with every `{parameter}` filled in by its number."""
    text, _ = _reason(passage, values, {})
    return Passage(text, passage.file, passage.line)


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


def _check_printed(rule: Rule, policy: Policy) -> None:
    """The policy that speaks for a remedy must say what each verdict that it can reach is called in the review files."""
    own = [(rule.outcome, rule.relief)] if rule.prints is None else []
    for outcome, relief in (*own, (REVIEW, NONE)):
        key = (outcome, relief if outcome == ELIGIBLE else None)
        if key not in policy.prints:
            name = f"{outcome} {relief}" if outcome == ELIGIBLE else outcome
            raise rule.place.error(f"`prints` of policy {policy.id} has no text for {name}")


def facts_used(predicates: Iterable[Predicate]) -> Sequence[str]:
    """The facts that any of the predicates looks at, by name."""
    return sorted({fact for predicate in predicates for fact in predicate.facts})
