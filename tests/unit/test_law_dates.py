"""Anniversaries: the same day everywhere, in Python and in SQL."""

import datetime as dt

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearslate.law.dates import Period, anniversary, anniversary_sql


@pytest.mark.parametrize(
    ("anchor", "period", "expected"),
    [
        ("2010-06-15", "P5Y", "2015-06-15"),
        ("2000-02-29", "P1Y", "2001-03-01"),
        ("2000-02-29", "P4Y", "2004-02-29"),
        ("2000-02-29", "P100Y", "2100-03-01"),
        ("2000-02-28", "P1Y", "2001-02-28"),
        ("1999-02-28", "P1Y", "2000-02-28"),
        ("1999-03-01", "P1Y", "2000-03-01"),
        ("2000-02-29", "P12M", "2001-03-01"),
        ("2000-02-29", "P1M", "2000-03-29"),
        ("2000-02-29", "P13M", "2001-03-29"),
        ("2001-01-31", "P1M", "2001-02-28"),
        ("2004-01-31", "P1M", "2004-02-29"),
        ("2001-01-29", "P1M", "2001-02-28"),
        ("2001-08-31", "P18M", "2003-02-28"),
        ("2001-05-31", "P1M", "2001-06-30"),
        ("2001-12-31", "P2M", "2002-02-28"),
        ("2000-02-29", "P1Y1D", "2001-03-02"),
        ("2019-11-11", "P90D", "2020-02-09"),
        ("2000-12-31", "P1Y6M", "2002-06-30"),
    ],
)
def test_anniversary(anchor: str, period: str, expected: str) -> None:
    assert anniversary(dt.date.fromisoformat(anchor), Period.parse(period)).isoformat() == expected


@pytest.mark.parametrize("text", ["P1Y", "P4Y", "P5Y", "P57Y", "P1M", "P11M", "P12M", "P18M", "P1Y6M", "P45D", "P1Y1D"])
def test_sql_and_python_agree_on_every_day_of_nine_years(text: str) -> None:
    period = Period.parse(text)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""select day, {anniversary_sql("day", period)}
            from (select cast(d as date) as day from range(date '1996-01-01', date '2005-01-01', interval 1 day) t(d))"""
        ).fetchall()
    assert len(rows) == 3288
    assert [(day, anniversary(day, period)) for day, _ in rows] == rows


def test_sql_of_an_unknown_date_is_unknown_and_a_date_otherwise() -> None:
    sql = anniversary_sql("day", Period(years=5))
    with duckdb.connect() as connection:
        assert connection.execute(f"select {sql} from (select cast(null as date) as day)").fetchone() == (None,)
        assert connection.execute(f"select typeof({sql}) from (select date '2000-02-29' as day)").fetchone() == (
            "DATE",
        )


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    st.builds(Period, st.integers(0, 70), st.integers(0, 30), st.integers(0, 400)),
)
def test_a_later_anchor_never_has_an_earlier_anniversary(one: dt.date, other: dt.date, period: Period) -> None:
    early, late = sorted((one, other))
    assert anniversary(early, period) <= anniversary(late, period)


@pytest.mark.parametrize(
    "text", ["", "P", "4Y", "P4", "P-4Y", "P0Y", "PT4H", "P4Y ", "P200Y", "P9999M", "p4y", "P1M1Y"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"period|longer"):
        Period.parse(text)
