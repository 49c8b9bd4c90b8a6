"""Court and snapshot launched alone: a blocking check guards only its own run, so they read the gates themselves."""

import json

import dagster as dg
import duckdb
import pytest

from assets.files import COURT, SNAPSHOT
from clearslate.home import Home, write_json
from tests.command import tree
from tests.dagster.conftest import Good, failure_text, materialize

CLOSED = {
    "never judged": "delete from quality.gate where suite = 'core'",
    "judged in part": "delete from quality.gate where expectation = 'core.conviction_key_is_unique'",
    "judged for another rule set": "update quality.gate set rule_set = 'of last year' where suite = 'core'",
    "failed": "update quality.gate set passed = false, observed = 3 where expectation = 'core.conviction_key_is_unique'",
}


def change(home: Home, run_id: str, statement: str) -> None:
    with duckdb.connect(str(home.database(run_id))) as connection:
        changed = connection.execute(statement).fetchone()
    assert changed is not None
    assert changed[0] > 0, "the statement changed nothing: the gate has other rows than this test thinks"


@pytest.mark.parametrize("closed", CLOSED)
def test_a_package_is_refused_behind_a_closed_gate(good: Good, home: Home, closed: str) -> None:
    run_id = good.result.run_id
    change(home, run_id, CLOSED[closed])
    before = tree(home.current)
    result = materialize(home, COURT, build=run_id)
    assert not result.success
    assert "GateRefused" in failure_text(result)
    assert "the gate core" in failure_text(result)
    assert not home.staged(run_id).joinpath("court").exists()
    assert tree(home.current) == before


def test_a_snapshot_is_refused_behind_a_closed_gate(good: Good, home: Home) -> None:
    """The court gate comes after the packages, so that it closes the snapshot alone."""
    run_id = good.result.run_id
    change(home, run_id, "update quality.gate set passed = false where suite = 'court' and severity = 'critical'")
    before = tree(home.current)
    result = materialize(home, SNAPSHOT, build=run_id)
    assert not result.success
    assert "the gate court is closed" in failure_text(result)
    assert home.current.resolve().name == run_id
    assert tree(home.current) == before


def test_a_changed_rule_set_closes_every_gate(good: Good, home: Home) -> None:
    run_id = good.result.run_id
    told = json.loads(home.record(run_id).read_text("utf-8"))
    told["policy"]["settings"] |= {"dismiss": [], "subject_age_threshold": 50}
    write_json(home.record(run_id), told)
    result = materialize(home, COURT, build=run_id)
    assert not result.success
    assert "has not been judged for this run, as-of date, rule set" in failure_text(result)


def test_both_succeed_behind_open_gates(good: Good, home: Home) -> None:
    run_id = good.result.run_id
    before = {part: tree(home.root / part) for part in ("review", "court")}
    accepted = home.accepted()
    assert materialize(home, COURT, build=run_id).success
    assert home.current.resolve().name == run_id, "a package alone publishes nothing"
    assert materialize(home, SNAPSHOT, build=run_id).success
    assert home.current.resolve().name != run_id
    assert {part: tree(home.root / part) for part in ("review", "court")} == before
    assert home.accepted() == accepted
    with duckdb.connect(str(home.published), read_only=True) as connection:
        assert connection.execute("select count(*) from impact.county_summary").fetchone() is not None


@pytest.mark.parametrize("key", [COURT, SNAPSHOT], ids=str)
def test_without_a_build_they_say_what_is_missing(good: Good, home: Home, key: dg.AssetKey) -> None:
    result = materialize(home, key)
    assert not result.success
    assert "there is no build" in failure_text(result)
    assert "name the build of a run" in failure_text(result)
    assert home.database(good.result.run_id).exists(), "the build that could have been named is still there"


def test_a_build_that_is_not_there_is_named(home: Home) -> None:
    result = materialize(home, COURT, build="4711")
    assert not result.success
    assert "there is no build 4711" in failure_text(result)
