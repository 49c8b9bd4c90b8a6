"""Every rule of every remedy and policy, as compiled: its examples hold, and they reach its boundary days."""

import calendar
import dataclasses
import datetime as dt
import functools
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from clearslate.law.assignment import Assignment
from clearslate.law.compile import compile_all
from clearslate.law.dates import Period, anniversary, anniversary_sql
from clearslate.law.lists import load_list
from clearslate.law.parameters import BY_COUNTY
from clearslate.law.policy import STATUTE_ONLY, Policy, load_policy, policy_names
from clearslate.law.predicates import AS_OF, Choice, bound, kind_of
from clearslate.law.remedy import Remedy, load_remedies
from clearslate.law.rule import Rule
from clearslate.law.table import NO_TIME, Row, build_table
from clearslate.run import fact_columns

REMEDIES = {remedy.id: remedy for remedy in load_remedies()}
POLICIES = {name: load_policy(name=name) for name in policy_names()}
FACTS = fact_columns(tuple(REMEDIES.values()))
CONNECTION = duckdb.connect()  # nothing is kept in it: to open one for each example takes longer than to ask it

Case = tuple[str, Remedy, Policy, Rule]


def cases() -> Iterator[Case]:
    """Every rule with the remedy and policy whose table it stands in."""
    for remedy in REMEDIES.values():
        for rule in (*remedy.before, *remedy.after):
            yield f"{remedy.id}-{rule.id}", remedy, POLICIES[STATUTE_ONLY], rule
    for policy in POLICIES.values():
        for rule in policy.rules:
            yield f"{policy.id}-{rule.id}", REMEDIES[policy.remedy], policy, rule


TESTED = [case for case in cases() if case[3].when or case[3].wait]


def row_of(remedy: Remedy, policy: Policy, rule: Rule, example: Mapping[str, Any]) -> Row:
    """The rule's row in the table, under the parameters that the example names."""
    names = {BY_COUNTY, *(item.name for item in (*remedy.parameters, *policy.parameters))}
    chosen = tuple(sorted((name, value) for name, value in example.items() if name in names))
    (row,) = [row for row in rows_of(remedy.id, policy.id, chosen) if row.rule.id == rule.id]
    return row


@functools.cache
def rows_of(remedy_id: str, policy_id: str, chosen: tuple[tuple[str, Any], ...]) -> tuple[Row, ...]:
    """The table of a remedy under a policy with these parameters; a policy's lists hold all that they may."""
    remedy, policy, values = REMEDIES[remedy_id], POLICIES[policy_id], dict(chosen)
    parameters = []
    for item in remedy.parameters:
        value = values.get(item.name, item.value)
        value = (
            Choice(value, item.value.allowed) if isinstance(item.value, Choice) and isinstance(value, str) else value
        )
        parameters.append(dataclasses.replace(item, value=value))
    settings = {name: values.get(name, value) for name, value in policy.values.items()}
    lists = {item.name: item.allowed for item in policy.parameters if item.type == "list"}
    table = build_table(
        dataclasses.replace(remedy, parameters=tuple(parameters)),
        dataclasses.replace(policy, values=settings | lists),
        FACTS[remedy.kind],
        by_county=bool(values.get(BY_COUNTY, False)),
    )
    return table.rows


def span(value: object) -> tuple[str | None, str | None]:
    """First and last possible day of a date as an example gives it: exact, `1985`, `1985-03`, or None."""
    text = "" if value is None else str(value)
    if len(text) == 4:
        return f"{text}-01-01", f"{text}-12-31"
    if len(text) == 7:
        return f"{text}-01", f"{text}-{calendar.monthrange(int(text[:4]), int(text[5:]))[1]}"
    return text or None, text or None


def value_of(remedy: Remedy, policy: Policy, rule: Rule, example: Mapping[str, Any]) -> bool | None:
    """What the rule's test says of the example: TRUE, FALSE or NULL."""
    test = row_of(remedy, policy, rule, example).test
    assert test is not None
    types = FACTS[remedy.kind]
    version = rule.versions[0].text if rule.versions else remedy.versions[-1].version
    columns = {AS_OF: ("DATE", str(example.get(AS_OF, "2019-11-11"))), "remedy_version": ("VARCHAR", version)}
    for fact in sorted(test.facts):
        if kind_of(types[fact]) == "date":
            for end, day in zip(("least", "most"), span(example.get(fact)), strict=True):
                columns[bound(fact, end)] = ("DATE", day)
        else:
            columns[fact] = (types[fact], example.get(fact))
    added = [
        f"{anniversary_sql(bound(fact, end), period)} as {bound(fact, end, period)}"
        for fact, period in sorted(test.anniversaries)
        if period
        for end in ("least", "most")
    ]
    given = ", ".join(f"cast(? as {kind}) as {name}" for name, (kind, _) in columns.items())
    found = CONNECTION.execute(
        f"select {test.sql} from (select {', '.join(['*', *added])} from (select {given}))",
        [value for _, value in columns.values()],
    ).fetchone()
    assert found is not None
    value: bool | None = found[0]
    return value


@pytest.mark.parametrize("case", TESTED, ids=[case[0] for case in TESTED])
def test_every_rule_has_examples_that_fire_fail_and_meet_unknown_and_they_hold(case: Case) -> None:
    name, remedy, policy, rule = case
    for expected, examples in {
        True: rule.examples.fires, False: rule.examples.fails, None: rule.examples.unknown,
    }.items():  # fmt: skip
        assert examples, f"{name} has no example for {expected}"
        for example in examples:
            assert value_of(remedy, policy, rule, example) is expected, example


@pytest.mark.parametrize("case", TESTED, ids=[case[0] for case in TESTED])
def test_a_rule_that_compares_dates_has_examples_of_its_boundary_days(case: Case) -> None:
    name, remedy, policy, rule = case
    for comparison in comparisons(remedy, policy, rule):
        days = [days for example in every_example(rule) if (days := comparison.days(example)) is not None]
        assert {-1, 0, 1} <= set(days), f"{name}: no example for the day before, on or after `{comparison}`"
        for fact in comparison.anchors:
            given = {day for example in every_example(rule) if (day := exact(example.get(fact)))}
            assert any((day.month, day.day) == (2, 29) for day in given), f"{name}: no 29 February for {fact}"
            assert any(is_month_end(day) for day in given), f"{name}: no end of a month for {fact}"


def test_the_tables_compile_under_every_policy() -> None:
    for policy in POLICIES.values():
        sql = compile_all(tuple(REMEDIES.values()), Assignment.of(policy), FACTS)
        assert sqlglot.parse_one(sql, dialect="duckdb")


def test_no_rule_of_low_confidence_decides_by_itself() -> None:
    """Low confidence goes to a person; medium may grant only what a county or a proposed law asks for, or what counsel is
    asked to confirm (rules/counsel.csv)."""
    asked = {rule for rules in load_list("counsel")["rules"] for rule in rules.split()}
    for name, remedy, _, rule in cases():
        if rule.confidence == "low":
            assert rule.outcome == "REVIEW", name
        if rule.confidence == "medium" and rule.outcome == "ELIGIBLE":
            assert rule.applies or f"{remedy.id}.{rule.id}" in asked, name


# --- the comparisons of a rule ---------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Operand:
    """A date fact, the as-of date or a fixed day, and the period added to it."""

    name: str
    fixed: dt.date | None = None
    period: Period | None = None

    def day(self, example: Mapping[str, Any]) -> dt.date | None:
        day = self.fixed or exact(example.get(self.name))
        return anniversary(day, self.period) if day and self.period else day


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Two dates that a rule compares. `anchors` are the facts to which a period is added."""

    left: Operand
    right: Operand

    def days(self, example: Mapping[str, Any]) -> int | None:
        """By how many days the left date is after the right one; None where one of them is not exact."""
        left, right = self.left.day(example), self.right.day(example)
        return (left - right).days if left and right else None

    @property
    def anchors(self) -> list[str]:
        return [item.name for item in (self.left, self.right) if item.period]

    def __str__(self) -> str:
        return f"{self.left.name} and {self.right.name}"


def comparisons(remedy: Remedy, policy: Policy, rule: Rule) -> Iterator[Comparison]:
    values = {name: value or 1 for name, value in {**remedy.values, **policy.values}.items() if isinstance(value, int)}
    for example in every_example(rule):
        values |= {name: value for name, value in example.items() if name in values}
    if rule.wait:
        add = rule.wait.add.text
        period = Period() if add == NO_TIME else Period.parse(add.format(**values))
        yield Comparison(Operand(rule.wait.start.text, period=period or None), Operand(AS_OF))
    if rule.when:
        parsed = sqlglot.parse_one(rule.when.text.format(**values), dialect="duckdb")
        for node in parsed.find_all(exp.LT, exp.LTE, exp.GT, exp.GTE):
            left, right = operand(node.this, remedy), operand(node.expression, remedy)
            if left and right:
                yield Comparison(left, right)


def operand(node: exp.Expression, remedy: Remedy) -> Operand | None:
    match node:
        case exp.Column():
            is_date = node.name == AS_OF or FACTS[remedy.kind].get(node.name) == "DATE"
            return Operand(node.name) if is_date else None
        case exp.Cast():
            return Operand(node.this.name, fixed=dt.date.fromisoformat(node.this.name))
        case exp.Add():
            years = Period(years=int(node.expression.this.name))
            return Operand(node.this.name, period=years)
    return None


def every_example(rule: Rule) -> tuple[Mapping[str, Any], ...]:
    return (*rule.examples.fires, *rule.examples.fails, *rule.examples.unknown)


def exact(value: object) -> dt.date | None:
    return value if isinstance(value, dt.date) else None


def is_month_end(day: dt.date) -> bool:
    return day.month != 2 and day.day == calendar.monthrange(day.year, day.month)[1]
