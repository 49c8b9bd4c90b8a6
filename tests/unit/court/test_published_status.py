"""published/court_status.duckdb: whole and the newest, whoever else writes it at the same time."""

import threading
from datetime import date
from pathlib import Path

import duckdb
import pytest

from clearslate.court import status
from clearslate.court.status import CourtStatus, publish_status
from clearslate.errors import HomeLocked
from clearslate.home import Home
from tests.support_court import line, make_release, tiny_home
from tests.support_packages import decide

ON = date(2020, 7, 2)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = tiny_home(tmp_path)
    make_release(home, [line(1)])
    return home


def published(home: Home) -> list[str]:
    with duckdb.connect(str(home.root / "published" / "court_status.duckdb"), read_only=True) as db:
        return [state for (state,) in db.execute("select state from impact.court_status").fetchall()]


def files(home: Home) -> list[str]:
    kept = (path.name for path in (home.root / "published").iterdir() if "court_status" in path.name)
    return sorted(name for name in kept if not name.endswith(".lock"))


def test_two_commands_that_end_together_leave_the_newest(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first has looked at the ledger when the second writes to it, and is not done before the second wants to publish."""
    looked, written = threading.Event(), threading.Event()
    faults: list[BaseException] = []
    real = status.court_status

    def slow(*given: object, **named: object) -> CourtStatus:
        told = real(*given, **named)  # type: ignore[arg-type]
        if not looked.is_set():
            looked.set()
            written.wait(20)
        return told

    def first() -> None:
        try:
            publish_status(home, ON)
        except BaseException as fault:
            faults.append(fault)

    monkeypatch.setattr(status, "court_status", slow)
    other = threading.Thread(target=first)
    other.start()
    assert looked.wait(20)
    decide(home, {"": "NO_CHALLENGE"}, on=ON)
    written.set()
    publish_status(home, ON)
    other.join()
    assert faults == []
    assert published(home) == ["READY"]
    assert files(home) == ["court_status.duckdb"]


def test_a_turn_that_does_not_come_is_said_and_nothing_is_left(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_status(home, ON)
    monkeypatch.setattr(status, "_WAIT", 0.1)

    def within(*_: object, **__: object) -> CourtStatus:
        return publish_status(home, ON)  # type: ignore[return-value]

    monkeypatch.setattr(status, "court_status", within)
    with pytest.raises(HomeLocked, match="other commands are writing"):
        publish_status(home, ON)
    assert files(home) == ["court_status.duckdb"]
