"""Predicates: what a rule may say in `when`, and the SQL that says it about facts that may be unknown.

A predicate is a SQL boolean over named facts. It is parsed by sqlglot and rebuilt node by node; a node that no branch
below rebuilds is an error, so a rule file can't call a function, read a table or run code. Allowed are

    and, or, not, ( ), = <> < <= > >=, between, in (...), text and number literals, date '2016-11-09',
    a fact, an integer parameter, a list parameter inside `in`, `as_of`, <date fact> + interval '21' year,
    `{parameter}`: a whole number filled in before anything is read, as in interval '{n}' year

`is null`, `coalesce` and `is distinct from` are not: they turn "unknown" into "no", and so manufacture innocence.

A date fact is an interval of possible days: its companions `<fact>_least` and `<fact>_most`, both NULL where nothing is
known. A comparison of dates is true when it holds for every pair of possible days, false when it holds for none, else
NULL. Everything else is SQL's own three-valued logic.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.simplify import simplify

from clearslate.law.dates import Period
from clearslate.law.sqltext import any_of, case, literal
from clearslate.law.strict import Passage

AS_OF = "as_of"

_KINDS = {"BOOLEAN": "boolean", "DATE": "date", "VARCHAR": "text"}
_NUMBERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DOUBLE"}
_MIRRORED = {exp.GT: exp.LT, exp.GTE: exp.LTE}
_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


@dataclass(frozen=True)
class Choice:
    """The value of a parameter that is one of several names."""

    name: str
    allowed: tuple[str, ...]


Value = bool | int | tuple[str, ...] | Choice


@dataclass(frozen=True)
class Predicate:
    """A predicate ready for the compiler: SQL that is TRUE, FALSE or NULL, and what it looks at."""

    sql: str
    facts: frozenset[str] = frozenset()
    anniversaries: frozenset[tuple[str, Period]] = frozenset()

    @property
    def is_never(self) -> bool:
        """True where an empty list parameter left nothing that could make it true."""
        return self.sql == "false"


@dataclass(frozen=True)
class _Operand:
    """One side of a comparison; `least` and `most` differ for a date only."""

    kind: str
    least: str
    most: str


def bound(fact: str, end: str, period: Period | None = None) -> str:
    """The column with the `least` or `most` possible day of a date fact, or of an anniversary of it."""
    return f"{fact}_{end}_plus_{period.label}" if period else f"{fact}_{end}"


def kind_of(duckdb_type: str) -> str:
    """boolean, date, text, number, or other."""
    upper = duckdb_type.upper()
    return "number" if upper in _NUMBERS or upper.startswith("DECIMAL") else _KINDS.get(upper, "other")


def unknown_sql(fact: str, duckdb_type: str) -> str:
    """SQL that is true exactly where the fact is not (for a date: not exactly) known; never NULL."""
    if kind_of(duckdb_type) == "date":
        least, most = bound(fact, "least"), bound(fact, "most")
        return any_of([f"{least} is null", f"{most} is null", f"{least} < {most}"])
    return f"{fact} is null"


def not_later(earlier: tuple[str, str], later: tuple[str, str], *, strict: bool) -> str:
    """SQL for `earlier <= later` (`<` if strict) over two dates given as (least, most) possible day."""
    sure, excluded = ("<", ">=") if strict else ("<=", ">")
    branches = [(f"{earlier[1]} {sure} {later[0]}", "true"), (f"{earlier[0]} {excluded} {later[1]}", "false")]
    return case(branches, None)


def compile_predicate(passage: Passage, facts: Mapping[str, str], parameters: Mapping[str, Value]) -> Predicate:
    """The predicate in `passage` over `facts` (name to DuckDB type), parameters replaced by their values.

    LawError, with file and line, if it isn't one: an unknown fact, a comparison of unlike things, anything not allowed.
    """
    return _Translator(passage, facts, parameters).translate()


def decide(passage: Passage, parameters: Mapping[str, Value]) -> bool:
    """Decides an `if`: a boolean over parameters alone, known before any row is read. LawError if it isn't one."""

    def substitute(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.EQ | exp.NEQ):
            _check_choice(passage, node, parameters)
        if not isinstance(node, exp.Column):
            return node
        value = parameters.get(node.sql())
        if isinstance(value, Choice) and isinstance(node.parent, exp.EQ | exp.NEQ):
            return exp.convert(value.name)
        if not isinstance(value, bool | int):
            raise passage.error(f"`{node.sql()}` is not a parameter of type flag or integer")
        return exp.convert(value)

    folded = simplify(_parse(passage).transform(substitute))
    if not isinstance(folded, exp.Boolean):
        raise passage.error("`if` must be a comparison of parameters, or a flag")
    return bool(folded.this)


def _check_choice(passage: Passage, node: exp.Expr, parameters: Mapping[str, Value]) -> None:
    """LawError for a choice that is compared with a name that it can't have: that would be false forever."""
    value = parameters.get(node.this.sql())
    if isinstance(value, Choice):
        text = node.expression.name if isinstance(node.expression, exp.Literal) else node.expression.sql()
        if text not in value.allowed:
            raise passage.error(f"`{node.this.sql()}` is one of {', '.join(value.allowed)}, never `{text}`")


def _parse(passage: Passage) -> exp.Expr:
    try:
        statements = _statements(passage.text)
    except SqlglotError:
        raise passage.error("not a SQL predicate") from None
    if len(statements) != 1 or statements[0] is None:
        raise passage.error("expected exactly one predicate")
    return statements[0]


@lru_cache(maxsize=4096)
def _statements(text: str) -> tuple[exp.Expr | None, ...]:
    """Kept: a run compiles every rule several times, for what it decides, compares and lists. Nobody may change the trees."""
    return tuple(sqlglot.parse(text, dialect="duckdb"))


@dataclass
class _Translator:
    passage: Passage
    types: Mapping[str, str]
    parameters: Mapping[str, Value]
    facts: set[str] = field(default_factory=set)
    anniversaries: set[tuple[str, Period]] = field(default_factory=set)

    def translate(self) -> Predicate:
        sql = self._boolean(_parse(self.passage))
        if not self.facts and sql != "false":
            raise self.passage.error("the predicate looks at no fact")
        return Predicate(sql, frozenset(self.facts), frozenset(self.anniversaries))

    def _boolean(self, node: exp.Expr) -> str:
        match node:
            case exp.Paren():
                return self._boolean(node.this)
            case exp.And() | exp.Or():
                word = "and" if isinstance(node, exp.And) else "or"
                return f"({self._boolean(node.this)} {word} {self._boolean(node.expression)})"
            case exp.Not():
                return f"(not {self._boolean(node.this)})"
            case exp.Column():
                operand = self._operand(node)
                if operand.kind != "boolean":
                    raise self.passage.error(f"`{node.sql()}` is {operand.kind}; compare it with something")
                return operand.least
            case exp.In():
                return self._in(node)
            case exp.Between() if not node.args.get("symmetric"):
                low = self._compare(exp.GTE, node.this, node.args["low"])
                return f"({low} and {self._compare(exp.LTE, node.this, node.args['high'])})"
            case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE():
                return self._compare(type(node), node.this, node.expression)
        raise self._not_allowed(node)

    def _in(self, node: exp.In) -> str:
        if any(node.args.get(part) for part in ("query", "unnest", "field")):
            raise self._not_allowed(node)
        subject = self._operand(node.this)
        if subject.kind not in ("text", "number"):
            raise self.passage.error("`in` needs a fact that is text or a number")
        listed: list[str] = []
        for item in node.expressions:
            value = self.parameters.get(item.sql()) if isinstance(item, exp.Column) else None
            if isinstance(value, tuple):
                self._alike(subject, "text")
                listed += [literal(element) for element in value]
            else:
                operand = self._operand(item)
                self._alike(subject, operand.kind)
                listed.append(operand.least)
        return f"{subject.least} in ({', '.join(listed)})" if listed else "false"

    def _compare(self, operator: type[exp.Expr], left: exp.Expr, right: exp.Expr) -> str:
        a, b = self._operand(left), self._operand(right)
        self._alike(a, b.kind)
        if a.kind == "boolean":
            raise self.passage.error("a true-or-false fact stands alone or behind `not`; it is not compared")
        if a.kind != "date":
            return f"{a.least} {_OPERATORS[operator]} {b.least}"
        if operator in _MIRRORED:
            a, b, operator = b, a, _MIRRORED[operator]
        if operator in (exp.LT, exp.LTE):
            return not_later((a.least, a.most), (b.least, b.most), strict=operator is exp.LT)
        same, other = ("true", "false") if operator is exp.EQ else ("false", "true")
        certain = f"{a.most} <= {b.least} and {b.most} <= {a.least}"
        apart = f"{a.most} < {b.least} or {b.most} < {a.least}"
        return case([(certain, same), (apart, other)], None)

    def _operand(self, node: exp.Expr) -> _Operand:
        match node:
            case exp.Paren():
                return self._operand(node.this)
            case exp.Column() if len(node.parts) == 1:
                return self._name(node.name)
            case exp.Literal():
                sql = literal(node.name) if node.is_string else node.name
                return _Operand("text" if node.is_string else "number", sql, sql)
            case exp.Neg(this=exp.Literal(is_string=False)):
                return _Operand("number", f"-{node.this.name}", f"-{node.this.name}")
            case exp.Cast(this=exp.Literal(is_string=True)) if node.to.is_type("date"):
                return self._date(node.this.name)
            case exp.Add(this=exp.Column(), expression=exp.Interval()):
                return self._anniversary(node.this, node.expression)
        raise self._not_allowed(node)

    def _name(self, name: str) -> _Operand:
        if name == AS_OF:
            return _Operand("date", AS_OF, AS_OF)
        if name in self.parameters:
            value = self.parameters[name]
            if isinstance(value, bool | Choice):
                raise self.passage.error(f"parameter `{name}` is no number; it belongs under `if`")
            if isinstance(value, tuple):
                raise self.passage.error(f"parameter `{name}` is a list; it belongs inside `in (...)`")
            return _Operand("number", str(value), str(value))
        check_fact(self.passage, name, self.types)
        self.facts.add(name)
        kind = kind_of(self.types[name])
        if kind == "date":
            return _Operand("date", bound(name, "least"), bound(name, "most"))
        return _Operand(kind, name, name)

    def _date(self, text: str) -> _Operand:
        try:
            sql = f"date '{dt.date.fromisoformat(text).isoformat()}'"
        except ValueError:
            raise self.passage.error("a date is written date 'YYYY-MM-DD'") from None
        return _Operand("date", sql, sql)

    def _anniversary(self, column: exp.Column, interval: exp.Interval) -> _Operand:
        fact, unit = column.name, (interval.unit.name if interval.unit else "").upper().removesuffix("S")
        if self._operand(column).kind != "date" or fact == AS_OF:
            raise self.passage.error("an interval is added to a date fact, never to anything else")
        if unit not in ("YEAR", "MONTH", "DAY") or not isinstance(interval.this, exp.Literal):
            raise self.passage.error("an interval is written interval '4' year (or month, or day)")
        try:
            period = Period.parse(f"P{interval.this.name}{unit[0]}")
        except ValueError as error:
            raise self.passage.error(str(error)) from None
        self.anniversaries.add((fact, period))
        return _Operand("date", bound(fact, "least", period), bound(fact, "most", period))

    def _alike(self, left: _Operand, kind: str) -> None:
        if left.kind != kind or kind == "other":
            raise self.passage.error(f"compares {left.kind} with {kind}")

    def _not_allowed(self, node: exp.Expr) -> Exception:
        return self.passage.error(f"`{node.sql(dialect='duckdb')}` is not allowed in a rule ({type(node).__name__})")


def check_fact(passage: Passage, name: str, facts: Mapping[str, str], kinds: tuple[str, ...] = ()) -> None:
    """LawError unless `name` is a fact (of one of `kinds`, if any are given) and, for a date, its companions exist."""
    base = name.removesuffix("_least").removesuffix("_most")
    if name not in facts or (base != name and base in facts):
        raise passage.error(f"unknown fact `{name}`")
    kind = kind_of(facts[name])
    if kinds and kind not in kinds:
        raise passage.error(f"fact `{name}` is {kind}, not {' or '.join(kinds)}")
    bounds = [bound(name, "least"), bound(name, "most")]
    if kind == "date" and any(kind_of(facts.get(column, "")) != "date" for column in bounds):
        raise passage.error(f"date fact `{name}` lacks its companions {' and '.join(bounds)}")
