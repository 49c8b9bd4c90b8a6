"""The event log whose connections stay open: the same files as Dagster's own class writes, and few of them open."""

from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from pipelines import event_log
from pipelines.event_log import KeptOpenSqliteEventLogStorage
from tests.dagster.conftest import Good, instance_of


def types(storage: SqliteEventLogStorage, run_id: str) -> list[str]:
    return [str(entry.dagster_event_type) for entry in storage.get_logs_for_run(run_id)]


def test_the_home_uses_it_and_dagsters_own_class_reads_what_it_wrote(good: Good) -> None:
    with instance_of(good.home) as instance:
        kept = instance.event_log_storage
        assert isinstance(kept, KeptOpenSqliteEventLogStorage)
        own = SqliteEventLogStorage(str(good.home.dagster / "history" / "runs"))
        told = types(own, good.result.run_id)
        assert told == types(kept, good.result.run_id)
        assert "DagsterEventType.ASSET_MATERIALIZATION" in told
        key = dg.AssetKey(["core", "person"])
        assert own.get_latest_materialization_events([key]) == kept.get_latest_materialization_events([key])


def test_few_databases_stay_open_and_none_is_lost(tmp_path: Path, good: Good) -> None:
    storage = KeptOpenSqliteEventLogStorage(str(tmp_path))
    runs = [f"run{n}" for n in range(3 * event_log._KEPT)]
    entry = SqliteEventLogStorage(str(good.home.dagster / "history" / "runs")).get_logs_for_run(good.result.run_id)[0]
    for run_id in runs:
        storage.store_event(entry._replace(run_id=run_id))
    assert len(storage._engines) == event_log._KEPT
    assert [len(storage.get_logs_for_run(run_id)) for run_id in runs] == [1] * len(runs)
    storage.dispose()
    assert not storage._engines
