"""The command line as tests call it: in this process, which spares the seconds that starting one takes.

Belongs here: calling it, and comparing what it left in a home. Nothing about any one command.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pipelines import cli

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = Path(sys.executable).with_name("clearslate")


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """All that was printed, on one line: where a terminal would wrap it doesn't matter."""
        return " ".join((self.out + " " + self.err).split())

    @property
    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out)


@contextmanager
def environment() -> Iterator[None]:
    """Put the environment back afterwards; a launch sets the Dagster home."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def command(*arguments: str | Path) -> Said:
    """Call `clearslate` with these arguments."""
    out, err = io.StringIO(), io.StringIO()
    argv = ["clearslate", *(str(argument) for argument in arguments)]
    with environment(), patch.object(sys, "argv", argv), redirect_stdout(out), redirect_stderr(err):
        code = cli.command()
    return Said(code, out.getvalue(), err.getvalue())


def process(*arguments: str | Path, **environ: str) -> Said:
    """Call `clearslate` as a process of its own."""
    done = subprocess.run(
        [SCRIPT, *arguments], capture_output=True, text=True, env={**os.environ, **environ}, cwd=ROOT, check=False
    )
    return Said(done.returncode, done.stdout, done.stderr)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder (or behind a link to one), by its path, with its bytes."""
    root = folder.resolve()
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
