"""Facts and tests in plain words, out of the rule files and the contracts' descriptions.

Belongs here: turning a predicate, a period, a fact and its value into English. Does not belong here: what is true of
anybody (trace.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlglot
from sqlglot import exp

from clearslate.contracts import Column, Contract
from clearslate.law.dates import Period
from clearslate.law.predicates import AS_OF, Value, bound, kind_of
from clearslate.law.rule import Rule

UNKNOWN = "unknown"
_DATED: dict[type[exp.Expr], str] = {
    exp.EQ: "is", exp.NEQ: "is not", exp.LT: "is before", exp.LTE: "is not after",
    exp.GT: "is after", exp.GTE: "is not before",
}  # fmt: skip
_OTHERWISE: dict[type[exp.Expr], str] = {
    exp.EQ: "is", exp.NEQ: "is not", exp.LT: "is less than", exp.LTE: "is at most",
    exp.GT: "is more than", exp.GTE: "is at least",
}  # fmt: skip


class Vocabulary:
    """The facts of one kind of candidate, as its contract names them."""

    def __init__(self, contract: Contract) -> None:
        self._columns: Mapping[str, Column] = {column.name: column for column in contract.columns}

    def label(self, fact: str) -> str:
        """A fact's name as words: `birth date`."""
        return fact.replace("_", " ")

    def meaning(self, fact: str) -> str:
        """What a fact says, without what its absence means."""
        return self._columns[fact].description.partition(";")[0].strip().rstrip(".")

    def statement(self, fact: str) -> str:
        """A true-or-false fact as a statement: its meaning without `Whether`."""
        meaning = self.meaning(fact)
        told = meaning.removeprefix("Whether ")
        return told if told != meaning else f"“{meaning}” holds"

    def denial(self, fact: str) -> str:
        """What holds where a true-or-false fact is false."""
        return self._columns[fact].denied or f"it is not so that {self.statement(fact)}"

    def is_date(self, name: str) -> bool:
        """Whether it is a day."""
        return name == AS_OF or (name in self._columns and kind_of(self._columns[name].type) == "date")

    def value(self, fact: str, row: Mapping[str, Any]) -> str:
        """What is known of a fact in a row of the trace, as words; `unknown` where nothing is."""
        if self.is_date(fact):
            return say_days(row.get(bound(fact, "least")), row.get(bound(fact, "most")))
        value = row.get(fact)
        if value is None:
            return UNKNOWN
        if isinstance(value, bool):
            return "yes" if value else "no"
        return str(value)


def say_days(least: date | None, most: date | None) -> str:
    """A day as far as it is known."""
    if least is not None and least == most:
        return least.isoformat()
    if least is not None and most is not None:
        return f"between {least.isoformat()} and {most.isoformat()}"
    if least is not None:
        return f"not before {least.isoformat()}"
    return f"not after {most.isoformat()}" if most is not None else UNKNOWN


_RELIEFS = {
    "DISMISS_SEAL": "dismissal and sealing",
    "REDESIGNATE_INFR": "redesignation as an infraction",
    "REDESIGNATE_MISD": "redesignation as a misdemeanor",
    "RELIEF_GRANTED": "relief granted on the record",
    "NONE": "nothing",
}


def say_relief(relief: str) -> str:
    """A relief in words."""
    return _RELIEFS.get(relief, relief.replace("_", " ").lower())


def say_outcome(outcome: str, relief: str, eligible_on: date | None, if_clear: str | None) -> str:
    """What a determination means for the person concerned, in a few sentences."""
    said = {
        "ELIGIBLE": f"Eligible: {say_relief(relief)}.",
        "NOT_YET": "Not yet eligible.",
        "REVIEW": "A person has to look at it before anything can be said.",
        "INELIGIBLE": "Not eligible under this law and policy.",
        "ALREADY_RELIEVED": "The relief is already on the record.",
    }[outcome]
    if if_clear is not None:
        clear = {"ELIGIBLE": "eligible", "NOT_YET": "not yet eligible", "REVIEW": "still a matter for review"}
        said = (
            "Nothing can be granted before an input file that this law asks for is given and can be matched with the person. "
            f"If that file says nothing against it, it is {clear.get(if_clear, 'not eligible')} as the records stand."
        )
    if eligible_on is not None:
        more = "more relief is due" if outcome == "ELIGIBLE" else "it becomes eligible"
        said += f" If nothing else happens, {more} on {eligible_on.isoformat()}."
    return said


def say_period(period: Period) -> str:
    """A waiting period: `5 years`, `1 year and 6 months`; blank for one of no length."""
    parts = ((period.years, "year"), (period.months, "month"), (period.days, "day"))
    return " and ".join(f"{number} {unit}{'s' if number > 1 else ''}" for number, unit in parts if number)


def say_rule(
    rule: Rule, clock: tuple[str, Period] | None, vocabulary: Vocabulary, values: Mapping[str, Value | str]
) -> str:
    """What a rule asks, as one sentence without its end. `values` are the parameters that its `when` may name."""
    parts = []
    if rule.when is not None:
        parts.append(_Speaker(vocabulary, values).say(rule.when.text))
    if clock is not None and rule.wait is not None:
        fact, period = clock
        label, length = vocabulary.label(fact), say_period(period)
        how = "more than" if rule.wait.strict else "at least"
        verb = "has" if sum((period.years, period.months, period.days)) == 1 else "have"
        parts.append(f"{how} {length} {verb} passed since the {label}" if length else f"the {label} has come")
    return ", and ".join(parts) or "nothing more is asked: this is what holds where no rule before it decides"


def say_predicate(text: str, vocabulary: Vocabulary, values: Mapping[str, Value | str]) -> str:
    """A predicate of a rule file in words."""
    return _Speaker(vocabulary, values).say(text)


class _Speaker:
    def __init__(self, vocabulary: Vocabulary, values: Mapping[str, Value | str]) -> None:
        self._vocabulary = vocabulary
        self._values = values

    def say(self, text: str) -> str:
        for name, value in self._values.items():
            text = text.replace("{" + name + "}", str(value))
        return self._boolean(sqlglot.parse_one(text, dialect="duckdb"))

    def _boolean(self, node: exp.Expr) -> str:
        match node:
            case exp.Paren():
                return self._boolean(node.this)
            case exp.And() | exp.Or():
                word = "and" if isinstance(node, exp.And) else "or"
                sides = (self._side(side, type(node)) for side in (node.this, node.expression))
                return f", {word} ".join(sides)
            case exp.Not(this=exp.Column() as fact):
                return self._vocabulary.denial(fact.name)
            case exp.Not():
                return f"it is not so that ({self._boolean(node.this)})"
            case exp.Column():
                return self._vocabulary.statement(node.name)
            case exp.In():
                return f"{self._operand(node.this)} is {self._listed(node.expressions)}"
            case exp.Between():
                low, high = node.args["low"], node.args["high"]
                return f"{self._operand(node.this)} is between {self._operand(low)} and {self._operand(high)}"
        words = _DATED if self._is_dated(node) else _OTHERWISE
        return f"{self._operand(node.this)} {words[type(node)]} {self._operand(node.expression)}"

    def _side(self, node: exp.Expr, parent: type[exp.Expr]) -> str:
        inner = node.unnest()
        said = self._boolean(inner)
        return f"({said})" if isinstance(inner, exp.And | exp.Or) and not isinstance(inner, parent) else said

    def _listed(self, items: list[exp.Expr]) -> str:
        said: list[str] = []
        for item in items:
            value = self._values.get(item.name) if isinstance(item, exp.Column) else None
            said += [str(element) for element in value] if isinstance(value, tuple) else [self._operand(item)]
        if len(said) > 1:
            return f"one of {', '.join(said)}"
        return said[0] if said else "one of none"

    def _is_dated(self, node: exp.Expr) -> bool:
        return any(self._vocabulary.is_date(column.name) for column in node.find_all(exp.Column))

    def _operand(self, node: exp.Expr) -> str:
        match node:
            case exp.Paren():
                return self._operand(node.this)
            case exp.Column() if node.name == AS_OF:
                return "the as-of date"
            case exp.Column() if node.name in self._values:
                return str(self._values[node.name])
            case exp.Column():
                return f"the {self._vocabulary.label(node.name)}"
            case exp.Literal() | exp.Boolean():
                return node.name or str(node.this).lower()
            case exp.Cast():
                return str(node.this.name)
            case exp.Add(expression=exp.Interval() as interval):
                unit = interval.unit.name.lower().removesuffix("s") if interval.unit else ""
                return f"the day {say_period(Period.parse(f'P{interval.this.name}{unit[:1].upper()}'))} after " + (
                    self._operand(node.this)
                )
        return str(node.sql(dialect="duckdb"))
