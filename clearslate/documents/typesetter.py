"""Making PDFs of templates and data, in a process of its own.

Belongs here: starting, feeding and ending the typesetting process. Does not belong here: what a document says.

Typst keeps the layout of everything it has set in memory (more than 1 GB for 10,000 lines of an exhibit) and does not give
it back. So a process that has set so many rows is ended and another started: memory is bounded by one volume, however many
there are. What a document says goes through a pipe: no name ever stands in a temporary file or a command line.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from clearslate.errors import ClearslateError

WORKER = Path(__file__).with_name("worker.py")
ROWS_OF_A_PROCESS = 4_000  # one that has set more is not used again


@dataclass(frozen=True)
class Pdf:
    """A document as set."""

    content: bytes
    pages: int


class Typesetter:
    """A typesetting process, started when first needed. To be used with `with`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end(kill=error is not None)

    def set(self, template: str, data: Mapping[str, Any], *, rows: int = 1) -> Pdf:
        """The PDF of `templates/<template>` with these data; `rows` says about how much it is. ClearslateError, without
        the typesetter's own words (they may quote a document), where it can't be made."""
        process = self._process_for(rows)
        assert process.stdin is not None and process.stdout is not None  # noqa: S101 (both are pipes)
        try:
            process.stdin.write(json.dumps({"template": template, "data": data}).encode("ascii") + b"\n")
            process.stdin.flush()
            head = json.loads(process.stdout.readline() or "{}")
        except (OSError, ValueError):
            head = {}
        if "bytes" not in head:
            fault = "the template or its data" if "error" in head else "the typesetting process ended"
            raise ClearslateError(f"{template}: no PDF could be made: {fault}")
        content = process.stdout.read(head["bytes"])
        if len(content) != head["bytes"]:
            raise ClearslateError(f"{template}: no PDF could be made: the typesetting process ended")
        return Pdf(content, head["pages"])

    def _process_for(self, rows: int) -> subprocess.Popen[bytes]:
        if self._process is not None and self._rows + rows > ROWS_OF_A_PROCESS:
            self._end()
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 (our own file, our own interpreter)
                [sys.executable, "-P", str(WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "RAYON_NUM_THREADS": "1"},  # more of them cost more than they save here
            )
            self._rows = 0
        self._rows += rows
        return self._process

    def _end(self, *, kill: bool = False) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        with process:
            pass
