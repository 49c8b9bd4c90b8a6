"""A run as the UI shows it: promoted, recorded, its home locked all the while; and one that fails, which lets go.

That a refused run lets go as well is part of the story in tests/cli/test_runs.py: the next ones work.
"""

import dagster as dg
import pytest

from assets.acknowledgements import INBOX, NOW
from clearslate.contracts import load_contracts
from clearslate.errors import HomeLocked
from clearslate.home import Home
from expectations.gate import SUITES
from pipelines.definitions import defs
from tests.command import process, tree
from tests.dagster.conftest import Good, instance_of, run_job

COLUMNS_OF_A_VERDICT = {"expectation", "severity", "passed", "observed", "bound", "meaning", "mend"}


def records_of(good: Good) -> list[dg.EventLogEntry]:
    with instance_of(good.home) as instance:
        return instance.all_logs(good.result.run_id)


def test_a_good_run_is_promoted(good: Good) -> None:
    assert good.result.error is None
    assert good.result.exit_code == 0
    assert good.result.facts["status"] == "promoted"
    assert good.home.current.resolve().name == good.result.run_id
    assert "sacramento/Prop64_Results.csv" in tree(good.home.root / "review")
    assert any(name.endswith("10_relief_actions.csv") for name in tree(good.home.root / "court"))


def test_the_run_stands_in_the_instance_that_the_ui_reads(good: Good) -> None:
    with instance_of(good.home) as instance:
        run = instance.get_run_by_id(good.result.run_id)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.SUCCESS
    assert run.job_name == "statewide"


def test_every_asset_is_materialized_and_every_gate_judged(good: Good) -> None:
    events = [entry.get_dagster_event() for entry in records_of(good) if entry.is_dagster_event]
    made = {event.asset_key for event in events if event.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION}
    assert made == defs.resolve_asset_graph().get_all_asset_keys() - {INBOX, NOW}  # those are no part of a run
    judged = {
        event.asset_check_evaluation_data.check_name: event.asset_check_evaluation_data
        for event in events
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION
    }
    assert set(judged) == set(SUITES)
    assert all(check.blocking for check in judged.values())
    assert good.result.facts["gates"].keys() == set(SUITES)


def test_metadata_holds_counts_only(good: Good) -> None:
    for entry in records_of(good):
        if not entry.is_dagster_event:
            continue
        event = entry.get_dagster_event()
        if event.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION:
            for name, value in event.materialization.metadata.items():
                assert isinstance(value, dg.IntMetadataValue) or name == "rule_set", (event.asset_key, name)
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            for name, value in event.asset_check_evaluation_data.metadata.items():
                assert name == "expectations"
                assert isinstance(value, dg.TableMetadataValue)
                assert all(set(row.data) == COLUMNS_OF_A_VERDICT for row in value.records)
                assert all(isinstance(row.data["observed"], float | int) for row in value.records)


def test_tables_show_how_many_rows_they_have(good: Good) -> None:
    shown = {
        ".".join(event.asset_key.path)
        for event in (entry.get_dagster_event() for entry in records_of(good) if entry.is_dagster_event)
        if event.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION
        and "dagster/row_count" in event.materialization.metadata
    }
    made_of_sql = {name for name, contract in load_contracts().items() if not contract.made_by}
    assert {name for name in made_of_sql if not name.startswith(("quality.", "staging."))} <= shown


# -- the lock -------------------------------------------------------------------------------------------------------------


def free(home: Home) -> bool:
    """Whether a run could begin in the home now."""
    try:
        with home.lock():
            return True
    except HomeLocked:
        return False


def test_the_home_is_locked_from_the_first_stage_to_the_last(home: Home) -> None:
    found: dict[str, bool] = {}
    seconds = []

    def look(stage: str, counts: dict[str, object]) -> None:
        found[stage] = free(home)
        if stage == "published.snapshot":
            seconds.append(process("redecide", "--home", str(home.root)))

    result = run_job(home, "redecide", look)
    assert result.facts["status"] == "promoted"
    assert found
    assert not any(found.values())
    assert {"raw", "quality.court", "published.snapshot"} <= set(found)
    assert seconds[0].code == 2
    assert "another run is working" in seconds[0].words
    assert free(home)
    with instance_of(home) as instance:
        assert len(instance.get_runs()) == 2  # the one that was turned away never began


def test_the_lock_is_let_go_after_a_failure(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("clearslate.sources.register_raw", fail)
    before = tree(home.current)
    result = run_job(home, "redecide")
    assert result.facts["status"] == "failed"
    assert result.facts["error"].startswith("raw: raw: RuntimeError")
    assert result.facts["ended_at"]
    assert free(home)
    assert tree(home.current) == before
