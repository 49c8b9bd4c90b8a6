"""Killing a command at a chosen point: the process gets SIGKILL at its n-th change of a file below the home.

Belongs here: counting those points, running a command in a process of its own with a point to die at, and comparing what
is left. Does not belong here: which commands, and what they must leave (tests/unit/court_simulator/test_kills.py).

A point is the moment before a file is opened for writing, written through a descriptor, synced, renamed, removed, cut
short or given other rights, or a folder is made; so between two neighbours of them everything has been done that the
first one asked for. What Python's buffered files write in between has no point of its own: `after` kills by the clock.
"""

import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from clearslate.home import Home

Command = Callable[..., Any]
_FOLDERS = ("ledger", "outbox")
_PRELOADED = ["tests.court_faults", "tests.court_demo.desk", "pyarrow.parquet", "typst"]
# Audit events that name a path they change, with the position of that path among their arguments.
_EVENTS = {"os.rename": 0, "os.remove": 0, "os.mkdir": 0, "os.rmdir": 0, "os.truncate": 0, "os.chmod": 0, "os.link": 0}


class Points:
    """Counts the points of this process below `root`, and dies at number `fatal` (from 1; 0: never)."""

    def __init__(self, root: Path, fatal: int) -> None:
        self.root, self.fatal, self.passed = f"{root}/", fatal, 0

    def watch(self) -> None:
        """From now on; there is no way back, so only in a process that was made for it."""
        sys.addaudithook(self._audit)
        for name in ("write", "fsync", "fdatasync", "pwrite"):
            setattr(os, name, self._counted(getattr(os, name)))

    def _pass(self, path: object) -> None:
        if isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self.root):
            self.passed += 1
            if self.passed == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if flags & (os.O_WRONLY | os.O_RDWR) if isinstance(flags, int) else set(mode or "") & set("wax+"):
                self._pass(path)
        elif event in _EVENTS:
            self._pass(arguments[_EVENTS[event]])

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(descriptor: int, *arguments: Any) -> Any:
            self._pass(Path(f"/proc/self/fd/{descriptor}").readlink())
            return call(descriptor, *arguments)

        return counted


def run(command: Command, home: Home, *arguments: Any, die_at: int = 0, after: float = 0) -> tuple[int, int]:
    """Run `command(home, *arguments)` in a fresh process; returns its exit code (below 0: killed) and how many points
    it passed.

    `die_at`: the point at which it is killed; `after`: or so many seconds after its start. `command` is a function of a
    module, and its arguments can be pickled.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    passed = context.Value("i", 0)
    process = context.Process(target=_child, args=(passed, die_at, after, command, home, arguments))
    process.start()
    process.join(120)
    if process.exitcode is None:
        process.kill()
        process.join()
    return process.exitcode or 0, passed.value


def _child(passed: Any, die_at: int, after: float, command: Command, home: Home, arguments: Sequence[Any]) -> None:
    points = Points(home.root, die_at)
    points.watch()
    if after:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process at once, between any two instructions
        signal.setitimer(signal.ITIMER_REAL, after)
    command(home, *arguments)
    passed.value = points.passed


def copy_home(home: Home, to: Path) -> Home:
    """A copy of a home, links kept."""
    shutil.copytree(home.root, to, symlinks=True)
    return Home(to)


def left_by(home: Home) -> dict[str, bytes]:
    """Every file of ledger and outbox, by its path, with its bytes: what a court or an auditor could hold against us."""
    files = (path for name in _FOLDERS for path in sorted((home.root / name).rglob("*")) if path.is_file())
    return {path.relative_to(home.root).as_posix(): path.read_bytes() for path in files}


def differences(found: dict[str, bytes], wanted: dict[str, bytes]) -> list[str]:
    """Names of files that are missing, too many or of other bytes."""
    return sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))


def spread(points: int, wanted: int) -> list[int]:
    """`wanted` of the numbers 1 to `points`, evenly, first and last among them; all of them where there are no more."""
    if wanted >= points:
        return list(range(1, points + 1))
    return sorted({1 + round(n * (points - 1) / max(wanted - 1, 1)) for n in range(wanted)})
