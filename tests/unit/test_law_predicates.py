"""Predicates: what a rule may say, and what it means where facts are unknown."""

import datetime as dt
import itertools
import operator
from typing import Any

import duckdb
import pytest

from clearslate.errors import LawError
from clearslate.law.predicates import compile_predicate, decide, unknown_sql
from clearslate.law.strict import Passage

FACTS = {
    "a": "BOOLEAN",
    "b": "BOOLEAN",
    "section": "VARCHAR",
    "age": "INTEGER",
    "odd": "BLOB",
    **{f"{name}{end}": "DATE" for name in ("born", "convicted") for end in ("", "_least", "_most")},
    "lonely_date": "DATE",
}
PARAMETERS = {"dismiss": ("11357", "11358"), "nothing": (), "years": 5, "switch": True}


def compiled(text: str) -> Any:
    return compile_predicate(Passage(text, "x.yaml", 7), FACTS, PARAMETERS)


def value(text: str, **facts: str) -> bool | None:
    columns = ", ".join(f"{sql} as {name}" for name, sql in facts.items())
    with duckdb.connect() as connection:
        row = connection.execute(f"select {compiled(text).sql} from (select {columns})").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("a and b", {"a": "null::boolean", "b": "false"}, False),
        ("a and b", {"a": "null::boolean", "b": "true"}, None),
        ("a or b", {"a": "null::boolean", "b": "true"}, True),
        ("not a", {"a": "null::boolean"}, None),
        ("not a or b", {"a": "true", "b": "false"}, False),
        ("(a or b) and not (a and b)", {"a": "true", "b": "false"}, True),
        ("section = '11357'", {"section": "'11357'"}, True),
        ("section <> 'it''s'", {"section": "'x'"}, True),
        ("section in ('11357', '11358')", {"section": "'11359'"}, False),
        ("section in (dismiss)", {"section": "'11358'"}, True),
        ("section in (dismiss, '11360')", {"section": "'11360'"}, True),
        ("section not in (dismiss)", {"section": "'11358'"}, False),
        ("section in (dismiss)", {"section": "null::varchar"}, None),
        ("section in (nothing) or a", {"section": "'11358'", "a": "false"}, False),
        ("age >= years", {"age": "5"}, True),
        ("age between 1 and years", {"age": "6"}, False),
        ("age > -1", {"age": "null::integer"}, None),
        ("age in (1, 2)", {"age": "2"}, True),
    ],
)
def test_logic(text: str, facts: dict[str, str], expected: bool | None) -> None:
    assert value(text, **facts) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a is null",
        "a is not null",
        "coalesce(a, false)",
        "a is distinct from b",
        "ifnull(a, b)",
        "case when a then b end",
        "section like '113%'",
        "upper(section) = 'X'",
        "length(section) > 2",
        "section in (select section from secrets)",
        "exists (select 1)",
        "a and (select true)",
        "a; drop table facts.conviction",
        "a, b",
        "age + 1 > 2",
        "age = $as_of",
        "section = null",
        "section in ('x', null)",
        "a::boolean",
        "cast(section as integer) = 1",
        "facts.a",
        "section || 'x' = 'y'",
        "read_text('/etc/passwd') = 'x'",
        "current_date > convicted",
        "true",
        "1 = 1",
        "section = 'x' collate nocase",
        "a and 'text'",
        "a = true",
        "a = b",
        "section",
        "age",
        "convicted",
        "section = 11357",
        "age = '5'",
        "convicted > '2016-11-09'",
        "convicted > date '2016-13-09'",
        "convicted > age",
        "convicted in (date '2016-11-09')",
        "odd = 'x'",
        "wrong",
        "convicted_least > date '2016-11-09'",
        "lonely_date > date '2016-11-09'",
        "convicted - interval '5' year <= as_of",
        "as_of + interval '5' year > convicted",
        "convicted + interval '5' hour <= as_of",
        "convicted + interval (years) year <= as_of",
        "convicted + interval '500' year <= as_of",
        "convicted + 5 <= as_of",
        "switch",
        "section = dismiss",
        "section in dismiss",
        "switch and a",
    ],
)
def test_anything_else_is_refused_with_file_and_line(text: str) -> None:
    with pytest.raises(LawError, match=r"^x\.yaml:7: "):
        compiled(text)


def test_an_empty_list_can_never_fire() -> None:
    assert compiled("section in (nothing)").is_never
    assert not compiled("section in (dismiss)").is_never


OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}


def day(number: int) -> dt.date:
    return dt.date(2000, 2, 27) + dt.timedelta(days=number)


@pytest.mark.parametrize("sign", OPERATORS)
def test_dates_compare_as_the_days_they_may_be(sign: str) -> None:
    """True where every pair of possible days says so, false where none does, else unknown."""
    spans = [(low, high) for low in range(4) for high in range(low, 4)]
    sql = compiled(f"born {sign} convicted").sql
    with duckdb.connect() as connection:
        for (b_low, b_high), (c_low, c_high) in itertools.product(spans, spans):
            row = connection.execute(
                f"select {sql} from (select $1::date as born_least, $2::date as born_most,"
                " $3::date as convicted_least, $4::date as convicted_most)",
                [day(b_low), day(b_high), day(c_low), day(c_high)],
            ).fetchone()
            seen = {OPERATORS[sign](b, c) for b in range(b_low, b_high + 1) for c in range(c_low, c_high + 1)}
            assert row == ((seen.pop(),) if len(seen) == 1 else (None,)), (b_low, b_high, c_low, c_high)


@pytest.mark.parametrize("sign", OPERATORS)
def test_a_date_of_which_nothing_is_known_is_unknown(sign: str) -> None:
    unknown = {"convicted_least": "null::date", "convicted_most": "null::date"}
    assert value(f"convicted {sign} date '2016-11-09'", **unknown) is None


def test_one_known_end_of_a_date_can_decide() -> None:
    late = {"convicted_least": "date '2017-01-01'", "convicted_most": "null::date"}
    assert value("convicted > date '2016-11-09'", **late) is True
    assert value("convicted <= date '2016-11-09'", **late) is False
    assert value("convicted > date '2018-11-09'", **late) is None


def test_dates_between_and_as_of() -> None:
    exact = {
        "convicted_least": "date '2016-11-09'",
        "convicted_most": "date '2016-11-09'",
        "as_of": "date '2016-11-09'",
    }
    assert value("convicted between date '2016-11-09' and as_of", **exact) is True
    assert value("convicted < as_of", **exact) is False
    assert value("convicted = as_of", **exact) is True


def test_an_anniversary_is_asked_of_the_compiler_as_a_column() -> None:
    predicate = compiled("born + interval '21' year > convicted")
    assert predicate.facts == {"born", "convicted"}
    assert [(fact, period.label) for fact, period in predicate.anniversaries] == [("born", "21y")]
    assert "born_least_plus_21y" in predicate.sql


def test_unknown_means_not_exactly_known() -> None:
    sql = unknown_sql("born", "DATE")
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {sql} from (values (date '2000-01-01', date '2000-01-01'), (date '2000-01-01', date '2000-12-31'),"
            " (null, date '2000-01-01'), (null, null)) t(born_least, born_most)"
        ).fetchall()
    assert rows == [(False,), (True,), (True,), (True,)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("years > 0", True),
        ("years = 0 or switch", True),
        ("not switch", False),
        ("switch and years between 6 and 9", False),
    ],
)
def test_if_is_decided_before_any_row(text: str, expected: bool) -> None:
    assert decide(Passage(text, "x.yaml", 7), PARAMETERS) is expected


@pytest.mark.parametrize("text", ["a", "years", "dismiss", "random() > 0", "years > age", "switch; switch"])
def test_if_asks_for_parameters_alone(text: str) -> None:
    with pytest.raises(LawError, match=r"^x\.yaml:7: "):
        decide(Passage(text, "x.yaml", 7), PARAMETERS)
