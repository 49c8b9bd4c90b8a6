"""Physical lines: where they begin and end in a stretch of text. What stands on them is for `records`.

A line ends with LF, and a CR right before it belongs to the line end; a CR anywhere else is data. A last line without a
line end is a line too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clearslate.errors import DeliveryRefused

LF, CR = 0x0A, 0x0D
MAX_LINE_BYTES = 1 << 24

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines of one file. `ends` holds the position of each line's LF (for a last line without one: the length).

    `number` is the file's line number of the first of them, from 1; `at_eof` tells that the file ends with the last.
    """

    data: bytes
    ends: Positions
    number: int
    at_eof: bool

    @classmethod
    def of(cls, data: bytes, *, number: int = 1, at_eof: bool = False) -> "Lines":
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == LF).astype(np.int64, copy=False)
        if data and not data.endswith(b"\n"):
            ends = np.append(ends, len(data))
        return cls(data, ends, number, at_eof)

    def __len__(self) -> int:
        return len(self.ends)

    def starts(self) -> Positions:
        """Where each line begins."""
        starts = np.zeros(len(self.ends), np.int64)
        starts[1:] = self.ends[:-1] + 1
        return starts

    def start(self, line: int) -> int:
        """Where line `line` (from 0) begins; for the one after the last, where that would begin."""
        return int(self.ends[line - 1]) + 1 if line else 0

    def stop(self, line: int) -> int:
        """Where the text of line `line` (from 0) stops, its line end left out."""
        start, stop = self.start(line), int(self.ends[line])
        return stop - 1 if stop > start and self.data[stop - 1] == CR else stop

    def text(self, first: int, last: int) -> bytes:
        """The text from line `first` to line `last` (from 0, both included), without the last one's line end."""
        return self.data[self.start(first) : self.stop(last)]


class LineCount:
    """The physical lines of a stream: its line ends, and a last line that has none. Counts bytes, parses nothing."""

    def __init__(self) -> None:
        self._ends = 0
        self._last = LF

    def feed(self, block: bytes) -> None:
        if block:
            self._ends += int(np.count_nonzero(np.frombuffer(block, np.uint8) == LF))
            self._last = block[-1]

    @property
    def total(self) -> int:
        return self._ends + (self._last != LF)


def with_last(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each block with whether it is the last. A stream without any block gives one empty last block."""
    held = b""
    for block in blocks:
        if held:
            yield held, False
        held = block
    yield held, True


def check_line_length(pending: int, number: int, *, file_name: str) -> None:
    """Refuse a file in which a line has no end within 16 MiB, so that memory cannot grow with the file."""
    if pending > MAX_LINE_BYTES:
        raise DeliveryRefused(
            f"{file_name}: line {number} has no end within {MAX_LINE_BYTES >> 20} MiB: damaged, or not a DOJ extract"
        )
