"""Killed anywhere while it reads, a rerun leaves the ledger and the inbox that an undisturbed run leaves.

The kill is an exception that nothing catches, raised ahead of the n-th call that changes the disk, or in the middle of a
write. Real kills of a whole process: the campaign of tests/court_faults.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clearslate.acknowledgement import take_inbox
from clearslate.home import Home
from tests.acknowledgement_fixtures import FOLDER
from tests.support_acknowledgements import ON, ledger_bytes

STEP = 1 if os.environ.get("CLEARSLATE_FAULTS") else 7
_CALLS = ("write", "fsync", "replace", "ftruncate")


class Killed(BaseException):
    """The process is no more."""


def killing(nth: int) -> Callable[[pytest.MonkeyPatch], None]:
    """Make the `nth` call that changes the disk the last one."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        count = 0

        def wrap(name: str) -> Callable[..., Any]:
            real = getattr(os, name)

            def call(*args: Any, **kwargs: Any) -> Any:
                nonlocal count
                count += 1
                if count < nth:
                    return real(*args, **kwargs)
                if count == nth and name == "write":
                    real(args[0], bytes(args[1])[: len(args[1]) // 2])
                raise Killed

            return call

        for name in _CALLS:
            monkeypatch.setattr(os, name, wrap(name))

    return patch


def tree(home: Home) -> dict[str, bytes]:
    """Everything that the ledger and the inbox hold; half-written files beside the ledger are none of it."""
    inbox = {
        path.relative_to(home.root).as_posix(): path.read_bytes() for path in home.inbox.rglob("*") if path.is_file()
    }
    kept = {**ledger_bytes(home), **inbox}
    return {name: content for name, content in kept.items() if not name.endswith(".partial")}


def test_killed_at_any_point_a_rerun_ends_the_same(issued: Home, tmp_path: Path) -> None:
    start = Home(tmp_path / "start")
    shutil.copytree(issued.root, start.root)
    start.inbox.mkdir()
    for name in ("truncated.csv", "key_mangled.csv"):
        shutil.copy(FOLDER / name, start.inbox / name)
    whole = Home(tmp_path / "whole")
    shutil.copytree(start.root, whole.root)
    take_inbox(whole, ON)
    wanted = tree(whole)

    nth, was_killed = 1, True
    while was_killed:
        home = Home(tmp_path / str(nth))
        shutil.copytree(start.root, home.root)
        with pytest.MonkeyPatch.context() as monkeypatch:
            killing(nth)(monkeypatch)
            try:
                take_inbox(home, ON)
                was_killed = False
            except Killed:
                pass
        take_inbox(home, ON)
        assert tree(home) == wanted, f"killed at call {nth}"
        shutil.rmtree(home.root)
        nth += STEP
    assert nth > 15
