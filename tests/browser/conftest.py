"""The UI as `make ui` starts it, over a home with one run from the command line."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clearslate.home import Home
from tests.command import ROOT, command
from tests.support import SACRAMENTO

CHROMIUM = shutil.which("chromium")
# No screen, and none of what a browser does for itself over a network.
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    wanted = os.environ.get("CLEARSLATE_BROWSER")
    if wanted and not CHROMIUM:  # all skipped would look like all passed
        raise pytest.UsageError("these tests need the program `chromium` on the PATH")
    for item in items:
        if item.get_closest_marker("browser") and not wanted:
            item.add_marker(pytest.mark.skip(reason="needs Chromium and the web server: make ui-test"))


@dataclass(frozen=True)
class Ui:
    """The running UI."""

    url: str
    home: Home
    run_id: str

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What the GraphQL server answers, as the pages themselves ask it."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            told = json.load(answer)
        assert "errors" not in told, told
        data: dict[str, Any] = told["data"]
        return data

    def status(self, run_id: str) -> str:
        found = self.ask("query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }", id=run_id)
        return str(found["runOrError"]["status"])

    def screenshot(self, path: str, to: Path, *, size: str = "1800,1200") -> Path:
        """A picture of a page once it has settled."""
        profile = to.with_suffix(".profile")
        subprocess.run(
            [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", f"--window-size={size}", "--virtual-time-budget=30000",
             f"--screenshot={to}", f"{self.url}{path}"],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
        shutil.rmtree(profile, ignore_errors=True)
        return to


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    folder = tmp_path_factory.mktemp("ui")
    home = Home(folder / "home")
    said = command(
        "run", SACRAMENTO / "input.csv", "--home", home.root, "--as-of", "2019-11-11", "--data-through", "2019-11-11",
        "--policy", SACRAMENTO / "options.json", "--county", "Sacramento", "--json",
    )  # fmt: skip
    assert said.code == 0, said.words
    port = _free_port()
    script = Path(sys.executable).with_name("dagster")
    environ = {**os.environ, "DAGSTER_HOME": str(home.prepare_dagster()), "CLEARSLATE_HOME": str(home.root)}
    with (folder / "dagster.log").open("wb") as log:
        server = subprocess.Popen(
            [script, "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)],
            cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        shown = Ui(f"http://127.0.0.1:{port}", home, said.json["run_id"])
        _wait_for(shown, server)
        yield shown
    finally:
        os.killpg(server.pid, signal.SIGINT)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def _wait_for(ui: Ui, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        assert server.poll() is None, "the web server ended"
        try:
            if ui.ask("{ assetNodes { id } }")["assetNodes"]:
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(1)
    raise AssertionError("the web server did not begin to answer")
