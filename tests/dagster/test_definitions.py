"""What the UI shows before anything has run: the code location, its graph, descriptions, schedule and settings."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from clearslate.contracts import load_contracts
from clearslate.errors import UsageError
from clearslate.home import Home, write_json
from clearslate.inputs import keep_inputs
from pipelines.definitions import defs, redecide
from pipelines.environment import quiet_environment
from tests.dagster.graph import describe

ROOT = Path(__file__).resolve().parents[2]
GRAPH = Path(__file__).with_name("graph.txt")
SCHEDULED = datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_the_workspace_is_valid(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("dagster")
    done = subprocess.run(
        [script, "definitions", "validate", "-w", "workspace.yaml"],
        cwd=ROOT,
        env={**os.environ, "DAGSTER_HOME": str(Home(tmp_path).prepare_dagster())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_graph_is_the_one_that_was_reviewed() -> None:
    assert describe() == GRAPH.read_text("utf-8"), (
        "the graph changed; if it should: python -m tests.dagster.graph > tests/dagster/graph.txt, and review the difference"
    )


def test_every_asset_job_check_and_schedule_says_what_it_is() -> None:
    graph = defs.resolve_asset_graph()
    nodes = [graph.get(key) for key in (*graph.get_all_asset_keys(), *graph.asset_check_keys)]
    silent = [str(node.key) for node in nodes if not node.description]
    silent += [job for job in ("statewide", "redecide") if not defs.resolve_job_def(job).description]
    silent += [schedule.name for schedule in defs.schedules or () if not schedule.description]
    assert not silent


def test_every_table_shows_its_columns() -> None:
    graph = defs.resolve_asset_graph()
    contracts = load_contracts()
    tables = {".".join(key.path): graph.get(key).metadata for key in graph.get_all_asset_keys()}
    files = {"landing.delivery", "review.files", "court.package", "published.snapshot"}
    files |= {"court.acknowledgement", "published.court_status"}
    assert set(tables) - files <= set(contracts)
    for name in set(tables) - files:
        schema = tables[name]["dagster/column_schema"]
        shown = getattr(schema, "value", schema).columns
        assert [(column.name, column.type) for column in shown] == list(contracts[name].types.items()), name
        assert all(column.description for column in shown), name


def test_whatever_is_launched_runs_in_one_process() -> None:
    """A writer locks the build against every other process, and the run's lock is held by the process that took it."""
    jobs = [
        *(defs.resolve_job_def(job) for job in ("statewide", "redecide")),
        defs.resolve_implicit_global_asset_job_def(),
    ]
    assert {job.executor_def.name for job in jobs} == {"in_process"}


# -- the schedule ---------------------------------------------------------------------------------------------------------

TOLD = {
    "status": "promoted",
    "as_of": "2026-02-02",
    "policy": {"file": None, "id": "statute-only", "settings": {}, "counties": {}},
    "counties": "all",
    "review": "none",
    "rule_set": "-",
}


def tick(instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    """What the monthly schedule asks for on 2 March 2026."""
    context = dg.build_schedule_context(instance, scheduled_execution_time=SCHEDULED)
    data = defs.resolve_schedule_def("monthly_redecide").evaluate_tick(context)
    if data.run_requests:
        return data.run_requests[0]
    return dg.SkipReason(data.skip_message)


def test_the_schedule_repeats_the_current_release_as_of_the_scheduled_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    home.prepare()
    monkeypatch.setenv("CLEARSLATE_HOME", str(tmp_path))
    write_json(
        home.record("first"),
        {
            **TOLD,
            "policy": {**TOLD["policy"], "file": "/policies/options.json"},
            "counties": ["YOLO"],
            "review": "full",
        },
    )
    home.promote("first", ["d-1"])
    with dg.DagsterInstance.ephemeral() as instance:
        request = tick(instance)
    assert isinstance(request, dg.RunRequest)
    assert request.run_key == "2026-03-02"
    assert request.run_config["resources"]["run"]["config"] == {
        "as_of": "2026-03-02",
        "policy": "/policies/options.json",
        "counties": ["YOLO"],
        "review": "full",
    }
    assert dg.validate_run_config(defs.resolve_job_def(redecide.name), request.run_config)


def test_the_schedule_takes_the_input_files_of_the_current_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    home.prepare()
    monkeypatch.setenv("CLEARSLATE_HOME", str(tmp_path))
    srf, prohibited = tmp_path / "srf.csv", tmp_path / "prohibitions.csv"
    srf.write_text("CII_NUMBER,SUPERVISION,START_DATE,END_DATE\nA1,PAROLE,,\n", "utf-8")
    prohibited.write_text("COUNTY,CASE_NUMBER,DATE\nYOLO,1-2,\n", "utf-8")
    kept = keep_inputs(home, {"srf": srf, "prohibition": prohibited})
    write_json(home.record("first"), {**TOLD, "input_files": kept})
    home.promote("first", ["d-1"])
    prohibited.unlink()
    with dg.DagsterInstance.ephemeral() as instance:
        request = tick(instance)
    assert isinstance(request, dg.RunRequest)
    config = request.run_config["resources"]["run"]["config"]
    assert Path(config["prohibitions"]).read_text("utf-8").endswith("YOLO,1-2,\n")
    assert "weights" not in config
    assert "srf" not in config  # it speaks for its own day only
    assert dg.validate_run_config(defs.resolve_job_def(redecide.name), request.run_config)


def test_the_schedule_waits_until_something_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARSLATE_HOME", str(tmp_path))
    with dg.DagsterInstance.ephemeral() as instance:
        skipped = tick(instance)
    assert isinstance(skipped, dg.SkipReason)
    assert "published" in str(skipped.skip_message)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (None, "first.json is not there; restore it from a backup, or run `clearslate redecide`"),
        ('{"status": "promo', "first.json is damaged; restore it"),
        ('{"status": "promoted"}', "first.json does not say what the run was asked for; restore it"),
    ],
)
def test_the_schedule_guesses_no_policy_where_the_record_is_lost(
    left: str | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    home.prepare()
    monkeypatch.setenv("CLEARSLATE_HOME", str(tmp_path))
    write_json(home.record("first"), TOLD)
    home.promote("first", ["d-1"])
    home.record("first").unlink() if left is None else home.record("first").write_text(left, "utf-8")
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(dg.DagsterError) as failed:
        tick(instance)
    assert isinstance(failed.value.__cause__, UsageError)
    assert words in str(failed.value.__cause__)


# -- nothing calls home ---------------------------------------------------------------------------------------------------


def test_a_prepared_home_has_no_telemetry_and_keeps_no_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_DISABLE_TELEMETRY", raising=False)
    with dg.DagsterInstance.from_config(str(Home(tmp_path).prepare_dagster())) as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert type(instance.compute_log_manager).__name__ == "NoOpComputeLogManager"
        assert instance.run_coordinator._max_concurrent_runs == 1  # type: ignore[attr-defined]


def test_loading_the_definitions_turns_telemetry_off(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("GX_ANALYTICS_ENABLED", "DAGSTER_DISABLE_TELEMETRY", "DO_NOT_TRACK")
    for name in names:
        monkeypatch.setenv(name, "to be changed")
    quiet_environment()
    assert [os.environ[name] for name in names] == ["false", "yes", "1"]
    code = (
        "import os, pipelines.definitions; "
        f"print([os.environ.get(name) for name in {names!r}] == ['false', 'yes', '1'])"
    )
    clean = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
