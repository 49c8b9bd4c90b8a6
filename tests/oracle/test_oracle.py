"""The oracle stands alone, and its logic and calendar are those of the text books."""

import ast
from datetime import date
from pathlib import Path

import pytest

from tests.oracle.table import Rule, decide
from tests.oracle.truth import Day, before, both, either, known, later, no, not_after

HERE = Path(__file__).parent


def test_it_shares_no_code_with_the_engine() -> None:
    imported = set()
    for path in HERE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
    assert not [name for name in imported if name.startswith(("clearslate", "duckdb", "sqlglot", "tests.support"))]


def test_unknown_is_neither() -> None:
    assert (both(None, False), both(None, True), both(True, True)) == (False, None, True)
    assert (either(None, True), either(None, False), either(False, False)) == (True, None, False)
    assert (no(None), no(True), no(False)) == (None, False, True)


@pytest.mark.parametrize(
    ("start", "years", "end"),
    [("2012-02-29", 1, "2013-03-01"), ("2012-02-29", 4, "2016-02-29"), ("2011-02-28", 1, "2012-02-28")],
)
def test_the_leap_day_comes_round_on_the_first_of_march(start: str, years: int, end: str) -> None:
    assert later(date.fromisoformat(start), years) == date.fromisoformat(end)


def test_a_short_month_ends_on_its_last_day() -> None:
    assert later(date(2011, 1, 31), months=1) == date(2011, 2, 28)


def test_days_within_bounds_are_compared_for_every_possible_day() -> None:
    year = Day(date(2010, 1, 1), date(2010, 12, 31))
    assert before(year, known(date(2011, 1, 1))) is True
    assert before(year, known(date(2010, 1, 1))) is False
    assert before(year, known(date(2010, 6, 1))) is None
    assert not_after(year, known(date(2010, 12, 31))) is True


def test_what_is_unknown_matters_only_where_outcomes_differ() -> None:
    tail = Rule("rest", True, "INELIGIBLE")
    same = [Rule("maybe", None, "REVIEW"), Rule("sure", True, "REVIEW"), tail]
    assert decide(same, "review", ()).rule == "sure"
    assert decide([Rule("maybe", None, "REVIEW"), tail], "review", ()).rule == "maybe"
    assert decide([Rule("maybe", None, "ELIGIBLE RELIEF"), tail], "deny", ("RELIEF",)).outcome == "INELIGIBLE"


def test_what_waits_for_an_input_also_says_what_would_be_without() -> None:
    rules = [Rule("waits", True, "REVIEW", awaits=True), Rule("granted", True, "ELIGIBLE RELIEF")]
    verdict = decide(rules, "review", ("RELIEF",))
    assert (verdict.outcome, verdict.rule, verdict.if_clear) == ("REVIEW", "waits", "ELIGIBLE")
