"""What a person finds in the UI: groups, descriptions, columns, checks, the run from the command line, and the launchpad.

The pages are GraphQL put on a screen, so the questions they ask are asked here; the two pictures show that the screen is
drawn. Set CLEARSLATE_SHOTS to a folder to keep them.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from clearslate.contracts import load_contracts
from tests.browser.conftest import Ui
from tests.command import tree
from tests.support import SACRAMENTO

pytestmark = pytest.mark.browser

GROUPS = {
    "landing", "raw", "law", "staging", "core", "facts", "eligibility", "review", "court", "impact", "published",
    "quality",
}  # fmt: skip
ASSETS = """{
  assetNodes {
    assetKey { path }
    groupName
    description
    metadataEntries { __typename ... on TableSchemaMetadataEntry { schema { columns { name type description } } } }
    assetMaterializations(limit: 1) { runId metadataEntries { label ... on IntMetadataEntry { intValue } } }
    assetChecksOrError { ... on AssetChecks { checks {
      name blocking description executionForLatestMaterialization { runId status evaluation { success } }
    } } }
  }
}"""
LAUNCH = """mutation($job: String!, $config: RunConfigData!) {
  launchRun(executionParams: {
    selector: {
      repositoryLocationName: "pipelines.definitions", repositoryName: "__repository__", jobName: $job
    }
    runConfigData: $config
  }) {
    __typename
    ... on LaunchRunSuccess { run { id } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}"""
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}


@pytest.fixture(scope="module")
def assets(ui: Ui) -> dict[str, dict[str, Any]]:
    return {".".join(node["assetKey"]["path"]): node for node in ui.ask(ASSETS)["assetNodes"]}


def launch(ui: Ui, job: str, **config: Any) -> str:
    """Launch a job as the launchpad does, and wait until it has ended; returns the run's id."""
    asked = json.dumps({"resources": {"run": {"config": config}}})
    launched = ui.ask(LAUNCH, job=job, config=asked)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = str(launched["run"]["id"])
    until = time.monotonic() + 300
    while ui.status(run_id) not in ENDED:
        assert time.monotonic() < until, f"run {run_id} is still {ui.status(run_id)}"
        time.sleep(1)
    return run_id


def test_assets_are_grouped_by_layer_and_described(assets: dict[str, dict[str, Any]]) -> None:
    assert {node["groupName"] for node in assets.values()} == GROUPS
    assert all(node["description"] for node in assets.values())


def test_tables_show_their_columns_and_counts(assets: dict[str, dict[str, Any]]) -> None:
    for name, contract in load_contracts().items():
        [schema] = [entry["schema"] for entry in assets[name]["metadataEntries"] if "schema" in entry]
        assert [column["name"] for column in schema["columns"]] == list(contract.types), name
    [made] = assets["core.conviction"]["assetMaterializations"]
    assert {"label": "dagster/row_count", "intValue": 29} in made["metadataEntries"]


def test_the_run_from_the_command_line_shows(ui: Ui, assets: dict[str, dict[str, Any]]) -> None:
    assert ui.status(ui.run_id) == "SUCCESS"
    assert {made["runId"] for node in assets.values() for made in node["assetMaterializations"]} == {ui.run_id}


def test_gates_show_as_blocking_checks_with_their_results(ui: Ui, assets: dict[str, dict[str, Any]]) -> None:
    checks = [check for node in assets.values() for check in node["assetChecksOrError"].get("checks", [])]
    assert {check["name"] for check in checks} == {"landing", "staging", "core", "eligibility", "court"}
    assert all(check["blocking"] and check["description"] for check in checks)
    assert {check["executionForLatestMaterialization"]["runId"] for check in checks} == {ui.run_id}


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("/asset-groups", "graph"),
        ("/locations/pipelines.definitions/jobs/statewide", "job"),
        ("/runs/{run_id}", "run"),
        ("/assets/core/conviction?view=overview", "asset"),
        ("/assets/core/conviction?view=checks", "checks"),
        ("/locations/pipelines.definitions/jobs/redecide/playground", "launchpad"),
    ],
)
def test_pages_are_drawn(ui: Ui, tmp_path: Path, page: str, name: str) -> None:
    """A page that failed to draw is a few kilobytes of white."""
    folder = Path(os.environ.get("CLEARSLATE_SHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    shot = ui.screenshot(page.format(run_id=ui.run_id), folder / f"{name}.png")
    assert shot.read_bytes()[:4] == b"\x89PNG"
    assert shot.stat().st_size > 60_000


def test_a_person_can_launch_a_decision_with_a_date_and_a_policy(ui: Ui) -> None:
    before = tree(ui.home.root / "review")
    run_id = launch(
        ui, "redecide", as_of="2019-11-11", policy=str(SACRAMENTO / "options.json"), counties=["SACRAMENTO"]
    )
    assert ui.status(run_id) == "SUCCESS"
    assert ui.home.current.resolve().name == run_id
    assert tree(ui.home.root / "review") == before
    record = json.loads(ui.home.record(run_id).read_text("utf-8"))
    assert (record["status"], record["as_of"]) == ("promoted", "2019-11-11")


def test_a_person_can_launch_a_delivery(ui: Ui) -> None:
    run_id = launch(
        ui,
        "statewide",
        files=[str(SACRAMENTO / "input.csv")],
        as_of="2019-11-11",
        counties=["SACRAMENTO"],
        review="full",
    )
    assert ui.status(run_id) == "SUCCESS"
    assert (ui.home.root / "review" / "sacramento" / "All_Results.csv").exists()


def test_a_wrong_date_fails_with_a_clear_line(ui: Ui) -> None:
    released = ui.home.current.resolve().name
    run_id = launch(ui, "redecide", as_of="soon")
    assert ui.status(run_id) == "FAILURE"
    query = """query($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
      ... on RunFailureEvent { error { message causes { message } } }
      ... on ExecutionStepFailureEvent { error { message causes { message } } }
      ... on EngineEvent { error { message causes { message } } }
    } } } }"""
    assert "as_of: 'soon' is not a date of the form YYYY-MM-DD" in json.dumps(ui.ask(query, id=run_id))
    assert ui.home.current.resolve().name == released
