"""What courts send back, as the UI and the sensor take it: from the inbox into the ledger, and the status anew."""

import time
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from assets.acknowledgements import INBOX, NOW
from clearslate.home import Home
from pipelines import definitions
from pipelines.definitions import defs
from tests.support_acknowledgements import ack, answer, issue
from tests.support_court import line, make_release, tiny_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = tiny_home(tmp_path)
    make_release(home, [line(101), line(102, outcome="REVIEW", missing_facts="birth_date")])
    issue(home)
    home.inbox.mkdir()
    monkeypatch.setenv("CLEARSLATE_HOME", str(home.root))
    return home


def _ticks(instance: dg.DagsterInstance) -> list[str | None]:
    sensor = defs.resolve_sensor_def("inbox")
    found = sensor.evaluate_tick(dg.build_sensor_context(instance=instance)).run_requests or []
    return [request.run_key for request in found]


def test_the_sensor_asks_once_for_the_same_files(home: Home) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert _ticks(instance) == []
        (home.inbox / "ONE,PERSON.csv").write_text(ack([answer(1, "VALIDATED", "matched")]))
        [first] = _ticks(instance)
        assert _ticks(instance) == [first]
        assert first is not None and "PERSON" not in first
        (home.inbox / "two.csv").write_text("nothing")
        assert _ticks(instance) != [first]


def _tick(instance: dg.DagsterInstance) -> tuple[dg.RunRequest | None, str]:
    """What the sensor asks for, or why it does not."""
    sensor = defs.resolve_sensor_def("inbox")
    told = sensor.evaluate_tick(dg.build_sensor_context(instance=instance))
    return (told.run_requests or [None])[0], told.skip_message or ""


def test_what_a_run_did_not_take_is_tried_again_until_it_is_taken(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (home.inbox / "ONE,PERSON.csv").write_text(ack([answer(1, "VALIDATED", "matched")]))
    job = defs.resolve_job_def("acknowledgements")
    ahead, keys, pauses = 0.0, [], []
    monkeypatch.setattr(definitions.time, "time", lambda clock=time.time: clock() + ahead)
    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(8):
            asked, _why = _tick(instance)
            assert asked is not None
            keys.append(asked.run_key)
            run = instance.create_run_for_job(job, tags=asked.tags)
            asked, why = _tick(instance)
            assert asked is None
            assert f"files waiting in the inbox: 1; run {run.run_id}" in why and "has not ended" in why
            instance.report_run_failed(run)  # as when the home was locked longer than the job waits
            asked, why = _tick(instance)
            assert asked is None
            assert f"the last {run.run_id}, which says why; next at " in why
            assert "PERSON" not in why
            pauses.append(0)
            while _tick(instance)[0] is None:
                ahead += 60
                pauses[-1] += 1
        assert pauses == [10, 20, 40, 80, 160, 320, 360, 360]
        assert len(set(keys)) == len(keys), "Dagster launches nothing for a key that it has seen"
        (home.inbox / "two.csv").write_text("nothing")
        asked, _why = _tick(instance)
        assert asked is not None and asked.run_key not in keys, "what is new does not wait"
        done = job.execute_in_process(instance=instance, tags=asked.tags)
        assert done.success
        assert _tick(instance) == (None, "the inbox is empty")


def test_the_job_reads_the_inbox_and_shows_the_status(home: Home) -> None:
    good, bad = home.inbox / "ONE,PERSON.csv", home.inbox / "OTHER,PERSON.csv"
    good.write_text(
        ack([answer(1, "ORDERED", "granted"), answer(1, "POSTED", "posted"), answer(2, "POSTED", "posted")])
    )
    bad.write_text("not an acknowledgement")
    job = defs.resolve_job_def("acknowledgements")
    asked = {name: {"config": {"on": "2026-06-01"}} for name in ("court__acknowledgement", "published__court_status")}
    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(run_config={"ops": asked}, instance=instance)
        told = " ".join(str(event) for event in done.all_events)
    [read] = [
        event.materialization.metadata for event in done.get_asset_materialization_events() if event.asset_key == INBOX
    ]
    counts = {name: read[name].value for name in ("n_files", "n_refused", "n_applied", "n_exceptions")}
    assert counts == {"n_files": 2, "n_refused": 1, "n_applied": 2, "n_exceptions": 1}
    assert "PERSON" not in told
    [shown] = [
        event.materialization.metadata["status"].records
        for event in done.get_asset_materialization_events()
        if event.asset_key == NOW
    ]
    states = {record.data["state"]: record.data["n_lines"] for record in shown}
    assert states["POSTED"] == 1 and states["AWAITING_REVIEW"] == 1
    with duckdb.connect(str(home.root / "published" / "court_status.duckdb"), read_only=True) as status:
        assert status.execute("select sum(n_lines) from impact.court_status where state = 'POSTED'").fetchall() == [
            (1,)
        ]
