"""Great Expectations in a process of its own: what it answers, and what happens where it can't."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from clearslate.errors import ClearslateError
from clearslate.settings import Thresholds
from expectations import great
from expectations.expectation import Expectation, Faults

EXPECTATION = Expectation("core.few", "n_odd", 2, "critical", "At most two are odd.", "Look.", Faults())


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> great._Process:
    made = great._Process()
    monkeypatch.setattr(great, "_PROCESS", made)
    return made


def hold(n_odd: float) -> dict[str, bool]:
    return great.hold("core", {"n_odd": n_odd}, [EXPECTATION], Thresholds())


def test_the_bound_itself_holds_and_the_next_number_does_not(process: great._Process) -> None:
    assert hold(2) == {"core.few": True}
    running = process.start()
    assert hold(3) == {"core.few": False}
    assert process.start() is running, "one process judges all suites of a run"


def test_what_can_not_be_judged_is_an_error_and_never_a_yes(process: great._Process) -> None:
    unknown = replace(EXPECTATION, severity="grave")  # type: ignore[arg-type]
    with pytest.raises(ClearslateError, match="Great Expectations can't judge core: ValueError"):
        great.hold("core", {"n_odd": 1}, [unknown], Thresholds())
    assert great.hold("core", {"n_even": 1}, [EXPECTATION], Thresholds()) == {"core.few": False}


def test_a_process_that_has_died_is_an_error_and_the_next_question_finds_a_new_one(
    process: great._Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = process.start()
    running.kill()
    running.wait()
    with monkeypatch.context() as unseen:
        unseen.setattr(running, "poll", lambda: None)
        with pytest.raises(ClearslateError, match="Great Expectations can't judge core: its process has died"):
            hold(0)
    assert hold(0) == {"core.few": True}


def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    code = (
        "import os, pathlib, sys; from expectations import great; "
        f"pathlib.Path({str(told)!r}).write_text(str(great._PROCESS.start().pid)); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    pid = int(told.read_text())
    for _ in range(600):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]:
            return
        time.sleep(0.1)
    pytest.fail("the judging process outlived the run")


def test_it_connects_to_nobody_leaves_no_project_folder_and_keeps_no_values(tmp_path: Path) -> None:
    question = {
        "suite": "core",
        "metrics": {"n_odd": 3.0},
        "expectations": [{"name": "core.few", "metric": "n_odd", "at_most": 2.0, "severity": "critical"}],
    }
    code = """
import socket, sys
def refuse(*_):
    raise AssertionError("a connection was opened")
socket.socket.connect = refuse
from expectations import great_process
from great_expectations.datasource.fluent.interfaces import Batch
validate = Batch.validate
def watched(*a, **k):
    found = validate(*a, **k)
    assert all(result["result"] == {} for result in found.to_json_dict()["results"])
    return found
Batch.validate = watched
great_process.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(question) + "\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert json.loads(done.stdout) == {"held": {"core.few": False}}
    assert "%|" not in done.stderr
    assert list(tmp_path.iterdir()) == []
