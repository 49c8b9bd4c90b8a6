"""Deliberate damage to single lines, as real extracts have it: each makes its own record unreadable and no other.

Every clean line holds its name in quotes, and no quote before it. So a quote opened near the end of a line and never
closed runs into the next line's name, where it meets a letter: the joined text can't become a record, and a reader
that restarts at the next line loses nothing else. The codes are those of the extract reader's quarantine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from clearslate.synth.draws import Draws

# Positions in a line cut at its commas. A name holds one comma, so that a column after it stands one further on.
SUBJECT_ID, REQ_CII_NUMBER, CII_NUMBER, SURNAME, GIVEN_NAME = 2, 4, 11, 12, 13
STP_ORI_DESCR, OFFENSE_DESCR, COMMENT_TEXT = 47, 55, 94

Cells = list[bytes]


def _field_count(cells: Cells, draw: int) -> None:
    """A column between the name and the comment is lost, or an empty one slips in."""
    at = GIVEN_NAME + 1 + draw // 2 % (COMMENT_TEXT - GIVEN_NAME - 1)
    if draw % 2:
        del cells[at]
    else:
        cells.insert(at, b"")


def _quote(cells: Cells, draw: int) -> None:
    """A bare quote within a field, or text after the quote that closes one."""
    if draw % 2:
        text = cells[STP_ORI_DESCR]
        cells[STP_ORI_DESCR] = text[:4] + b'"' + text[4:]
    else:
        cells[GIVEN_NAME] += b"JR"


def _unterminated_quote(cells: Cells, draw: int) -> None:
    """The comment begins with a quote that nothing closes."""
    cells[COMMENT_TEXT:] = [b'"COM: SEE FILE', b"#"]


def _nul(cells: Cells, draw: int) -> None:
    text = cells[OFFENSE_DESCR]
    cut = draw % (len(text) + 1)
    cells[OFFENSE_DESCR] = text[:cut] + b"\0" + text[cut:]


def _encoding(cells: Cells, draw: int) -> None:
    """A letter of another encoding: in Windows-1252 it's an accented capital, in UTF-8 nothing."""
    text = cells[SURNAME]
    cells[SURNAME] = text[:2] + b"\xd1" + text[2:]


def _no_person(cells: Cells, draw: int) -> None:
    for at in (SUBJECT_ID, REQ_CII_NUMBER, CII_NUMBER):
        cells[at] = b"NULL" if draw % 4 == 0 else b""


DAMAGES: dict[str, Callable[[Cells, int], None]] = {
    "field_count": _field_count,
    "quote": _quote,
    "unterminated_quote": _unterminated_quote,
    "nul": _nul,
    "encoding": _encoding,
    "no_person": _no_person,
}


def damage_line(line: bytes, kind: str, draw: int) -> bytes:
    """One clean line (with its line feed) damaged in the way `kind`; `draw` chooses among its varieties."""
    cells = line[:-1].split(b",")
    DAMAGES[kind](cells, draw)
    return b",".join(cells) + b"\n"


def damage_lines(
    draws: Draws, text: bytes | memoryview, starts: Any, *, share: float, keep_first: bool, keep_last: bool
) -> tuple[list[bytes | memoryview], list[tuple[int, str]]]:
    """Damage a share of the lines of `text`; `starts` holds where each begins, and lastly the length.

    Returns the text in pieces, and (line from 0, kind) of each damaged line. The first and the last may be kept whole.
    """
    kinds = list(DAMAGES)
    lines = len(starts) - 1
    chosen = draws.chance(lines, share)
    kind, draw = draws.whole(lines, 0, len(kinds)), draws.whole(lines, 0, 1 << 20)
    if keep_first:
        chosen[0] = False
    if keep_last:
        chosen[-1] = False
    pieces: list[bytes | memoryview] = []
    truth: list[tuple[int, str]] = []
    clean_from = 0
    for at in np.flatnonzero(chosen).tolist():
        start, end = int(starts[at]), int(starts[at + 1])
        pieces.append(text[clean_from:start])
        name = kinds[kind[at]]
        pieces.append(damage_line(bytes(text[start:end]), name, int(draw[at])))
        truth.append((at, name))
        clean_from = end
    pieces.append(text[clean_from : int(starts[-1])])
    return pieces, truth
