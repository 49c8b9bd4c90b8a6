"""Cutting a file at line ends into chunks of whole records, and telling the lines that Arrow may parse from the others.

A line that holds one well-formed record by itself needs no exact reading: where a record begins on it, it ends on it.
So each line is checked on its own, all lines of a chunk at once; the suspects go to the record machine one by one, and
what it finds whole is written out again, every field quoted, between the clean lines. Arrow thus parses all values,
and never sees a line that it could read in another way than the machine.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clearslate.extract.columns import WIDTH
from clearslate.extract.encoding import UTF_8_BOM
from clearslate.extract.layout import Layout
from clearslate.extract.lines import CR, LF, Lines, Positions, check_line_length, with_last
from clearslate.extract.quarantine import Person, Quarantined, Reason, person_of_damaged, person_of_whole, readable
from clearslate.extract.records import Kind, is_utf8

_QUOTE = 0x22
Mask = NDArray[np.bool_]
Piece = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole records of one file, sorted into what is to be parsed and what is not.

    `pieces` joined are the records to parse, each of `width` fields. `first` and `last` are the lines of each of them
    (from 0, in `lines`). `taken` lines of `lines` are dealt with; the rest begins the next chunk.
    """

    lines: Lines
    suspects: Mask
    width: int
    pieces: list[Piece]
    first: Positions
    last: Positions
    quarantined: list[Quarantined]
    header_lines: int
    blank_lines: int
    taken: int


class Chunker:
    """Cuts one file into chunks. `exact_only` sends every line through the record machine: slow, for tests."""

    def __init__(self, layout: Layout, *, file_name: str, exact_only: bool = False) -> None:
        self._layout = layout
        self._file_name = file_name
        self._exact_only = exact_only
        self._machine = layout.machine(file_name)

    def chunks(self, blocks: Iterable[bytes]) -> Iterator[Chunk]:
        """The chunks of a file, from its content in UTF-8. A chunk is about as large as a block."""
        pending = b""
        number = 1
        for block, at_eof in with_last(blocks):
            whole = len(block) if at_eof else block.rfind(b"\n") + 1
            if not whole:
                pending += block
                check_line_length(len(pending), number, file_name=self._file_name)
                continue
            chunk = self._chunk(Lines.of(pending + memoryview(block)[:whole], number=number, at_eof=at_eof))
            pending = chunk.lines.data[chunk.lines.start(chunk.taken) :] + block[whole:]
            number += chunk.taken
            if chunk.taken:
                yield chunk

    def again(self, chunk: Chunk, suspects: Positions) -> Chunk:
        """The same chunk with more lines (from 0) sent through the record machine; it takes the same lines."""
        mask = chunk.suspects.copy()
        mask[suspects] = True
        return self._assemble(chunk.lines, mask, chunk.width, end=chunk.taken)

    def _chunk(self, lines: Lines) -> Chunk:
        suspects = np.ones(len(lines), np.bool_) if self._exact_only else suspect_lines(lines, self._layout.delimiter)
        header = self._layout.header_line - lines.number
        if 0 <= header < len(lines):
            suspects[header] = True
        if lines.at_eof and len(lines):
            suspects[-1] = True  # the machine alone knows a cut file
        return self._assemble(lines, suspects, self._width(lines, suspects), end=len(lines))

    def _width(self, lines: Lines, suspects: Mask) -> int:
        """The fields of the first clean line: Arrow takes one width at a time."""
        clean = np.flatnonzero(~suspects)
        if not self._layout.trailing_field or not len(clean):
            return WIDTH
        return WIDTH + (self._machine.field_count(lines, int(clean[0])) == WIDTH + 1)

    def _assemble(self, lines: Lines, suspects: Mask, width: int, *, end: int) -> Chunk:
        pieces: list[Piece] = []
        runs: list[tuple[Positions, Positions]] = []
        quarantined: list[Quarantined] = []
        header_lines = blank_lines = 0
        data = memoryview(lines.data)

        def clean(begin: int, stop: int) -> None:
            if begin < stop:
                pieces.append(data[lines.start(begin) : min(lines.start(stop), len(data))])
                run = np.arange(begin, stop, dtype=np.int64)
                runs.append((run, run))

        at = 0
        for suspect in np.flatnonzero(suspects[:end]).tolist():
            if suspect < at:
                continue
            clean(at, suspect)
            at = suspect
            if lines.number + at == self._layout.header_line:
                header_lines += 1
                at += 1
                continue
            verdict = self._machine.read(lines, at)
            if verdict is None:
                break
            last = at + verdict.lines - 1
            if verdict.kind is Kind.BLANK:
                blank_lines += 1
            elif verdict.reason is not None:
                quarantined.append(self._quarantine(lines, at, last, verdict.reason, verdict.fields))
            else:
                pieces.append(self._written(verdict.fields, width))
                runs.append((np.array([at], np.int64), np.array([last], np.int64)))
            at = last + 1
        else:
            clean(at, end)
            at = max(at, end)
        first, last_lines = (np.concatenate(ends) for ends in zip(*runs, strict=True)) if runs else _no_lines()
        return Chunk(
            lines, suspects, width, pieces, first, last_lines, quarantined, header_lines, blank_lines, taken=at
        )

    def _quarantine(self, lines: Lines, first: int, last: int, reason: Reason, fields: list[bytes]) -> Quarantined:
        raw = lines.text(first, last)
        person = self._person(raw, fields)
        return Quarantined(
            lines.number + first, lines.number + last, reason, readable(raw), person.subject_id, person.cii
        )

    def _person(self, raw: bytes, fields: list[bytes]) -> Person:
        if fields:
            return person_of_whole([readable(field) for field in fields], self._layout.columns)
        return person_of_damaged(self._machine.lenient_fields(readable(raw)), self._layout.columns)

    def _written(self, fields: list[bytes], width: int) -> bytes:
        """A whole record as one piece for Arrow: every field quoted, so that nothing in it can be mistaken."""
        if width > WIDTH:
            fields = [*fields, b""]
        if any(b'"' in field for field in fields):
            fields = [field.replace(b'"', b'""') for field in fields]
        return b'"' + f'"{self._layout.delimiter}"'.encode().join(fields) + b'"\n'


def _no_lines() -> tuple[Positions, Positions]:
    return np.empty(0, np.int64), np.empty(0, np.int64)


def suspect_lines(lines: Lines, delimiter: str) -> Mask:
    """Which lines are not, each by itself, plainly one record in well-formed quotes (fields are not counted here).

    Suspect are blank lines and lines with an open or misplaced quote, a NUL, a CR that is not part of the line end,
    bytes that are not UTF-8, or a byte order mark at the start, which Arrow would drop.
    """
    data, ends = lines.data, lines.ends
    text = np.frombuffer(data, np.uint8)
    starts = lines.starts()
    lengths = ends - starts
    suspects: Mask = lengths == 0
    short = np.flatnonzero(lengths == 1)
    suspects[short] = text[starts[short]] == CR
    suspects |= _with_bad_quotes(text, starts, ends, ord(delimiter))
    if b"\0" in data:
        suspects[_line_of(ends, np.flatnonzero(text == 0))] = True
    if b"\r" in data:
        crs = np.flatnonzero(text == CR)
        following = text[np.minimum(crs + 1, len(text) - 1)]
        suspects[_line_of(ends, crs[following != LF])] = True
    if not data.isascii():
        if UTF_8_BOM in data:
            suspects[[i for i, start in enumerate(starts.tolist()) if data.startswith(UTF_8_BOM, start)]] = True
        if not is_utf8(data):
            beyond_ascii = np.unique(_line_of(ends, np.flatnonzero(text >= 0x80)))
            suspects[[i for i in beyond_ascii.tolist() if not is_utf8(data[starts[i] : ends[i]])]] = True
    return suspects


def _line_of(ends: Positions, positions: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.searchsorted(ends, positions)


def _with_bad_quotes(text: NDArray[np.uint8], starts: Positions, ends: Positions, delimiter: int) -> Mask:
    """Lines whose quotes do not, by themselves, open at field starts and close at field ends, doubled ones aside.

    Counted from 0 inside its line, an even quote opens and an odd one closes; a doubled quote closes and opens again.
    """
    bad = np.zeros(len(ends), np.bool_)
    quotes = np.flatnonzero(text == _QUOTE)
    if not len(quotes):
        return bad
    first_quote = np.searchsorted(quotes, starts)
    per_line = np.diff(first_quote, append=len(quotes))
    line = np.repeat(np.arange(len(ends)), per_line)
    opens = (np.arange(len(quotes)) - first_quote[line]) % 2 == 0
    beside = text[np.where(opens, quotes - 1, np.minimum(quotes + 1, len(text) - 1))]
    at_edge = np.where(opens, quotes == starts[line], quotes + 1 == ends[line])
    fits = at_edge | (beside == delimiter) | (beside == _QUOTE) | (~opens & (beside == CR))
    bad[line[~fits]] = True
    bad |= per_line % 2 == 1
    return bad
