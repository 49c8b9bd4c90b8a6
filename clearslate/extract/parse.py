"""A chunk of records to an Arrow table of text, and the judgement that needs values: who a record is about.

Arrow's own faults quote data; none of their text leaves this module.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
from numpy.typing import NDArray

from clearslate.errors import ClearslateError, DeliveryRefused
from clearslate.extract.canonical import CANONICAL_FIELDS, canonical_lines
from clearslate.extract.chunks import Chunk, Chunker
from clearslate.extract.columns import DOJ_COLUMNS, NULL_TOKENS, WIDTH
from clearslate.extract.layout import Layout, header_names
from clearslate.extract.lines import Positions
from clearslate.extract.quarantine import Quarantined, Reason, readable

_TRAILING = "trailing"
_COLUMN_NAMES = pa.array(DOJ_COLUMNS)
_NULL_TOKENS = pa.array(sorted(NULL_TOKENS))
_CELLS = pa.schema([pa.field(name.lower(), pa.string(), nullable=False) for name in DOJ_COLUMNS])
PARSED_FIELDS = (*_CELLS, *CANONICAL_FIELDS)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a chunk came to. `table` holds the 95 columns in lower case and DOJ order, text, and the canonical line of each
    record; nothing is NULL.

    `line_first` and `line_last` are the lines of each record in its file, from 1, both included.
    """

    table: pa.Table
    line_first: Positions
    line_last: Positions
    quarantined: list[Quarantined]
    header_lines: int
    blank_lines: int


class Parser:
    """Parses the chunks of one file; safe to call from several threads."""

    def __init__(self, layout: Layout, chunker: Chunker, *, file_name: str) -> None:
        self._layout = layout
        self._chunker = chunker
        self._file_name = file_name

    def parse(self, chunk: Chunk) -> Parsed:
        """The chunk's records. Raises DeliveryRefused where a second header names another order of columns."""
        table, misfits = self._table(chunk)
        for _ in range(2):  # once for another number of fields, once for a 96th field that is not empty
            if not len(misfits):
                break
            # Their quotes are well formed: one line each, so nothing else moves.
            chunk = self._chunker.again(chunk, chunk.first[misfits])
            if chunk.width == WIDTH and table.num_rows == len(chunk.first):
                misfits = misfits[:0]  # none of them is a record after all, and Arrow has left them out already
            else:
                table, misfits = self._table(chunk)
        if len(misfits) or table.num_rows != len(chunk.first):
            raise self._fault(chunk)
        return self._judged(chunk, table)

    def _table(self, chunk: Chunk) -> tuple[pa.Table, Positions]:
        """The records in DOJ order, and the rows (from 0) of those that do not have the chunk's width."""
        if not chunk.pieces:
            return _CELLS.empty_table(), np.empty(0, np.int64)
        text = chunk.pieces[0] if len(chunk.pieces) == 1 else b"".join(chunk.pieces)
        names = [*self._layout.columns, _TRAILING][: chunk.width]
        misfits: list[int] = []

        def skip(row: pcsv.InvalidRow) -> str:
            misfits.append(row.number - 1)
            return "skip"

        try:
            table = pcsv.read_csv(
                pa.BufferReader(text),
                read_options=pcsv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
                parse_options=pcsv.ParseOptions(
                    delimiter=self._layout.delimiter, newlines_in_values=True, invalid_row_handler=skip
                ),
                convert_options=pcsv.ConvertOptions(
                    column_types={name: pa.string() for name in names}, check_utf8=False, strings_can_be_null=False
                ),
            )
        except (pa.ArrowException, UnicodeDecodeError):
            raise self._fault(chunk) from None
        if chunk.width > WIDTH and not misfits:
            misfits = np.flatnonzero(pc.not_equal(table[_TRAILING], "").to_numpy()).tolist()
        in_doj_order = [table[name].combine_chunks() for name in DOJ_COLUMNS]
        return pa.Table.from_arrays(in_doj_order, schema=_CELLS), np.array(misfits, np.int64)

    def _judged(self, chunk: Chunk, table: pa.Table) -> Parsed:
        """Takes out repeated headers and records without a person."""
        subject = _normal(table["subject_id"])
        header_rows = self._headers(chunk, table, np.flatnonzero(pc.is_in(subject, _COLUMN_NAMES).to_numpy()))
        blank = pc.is_in(subject, _NULL_TOKENS)
        for name in ("cii_number", "req_cii_number"):
            if not pc.any(blank).as_py():
                break
            blank = pc.and_(blank, pc.is_in(_normal(table[name]), _NULL_TOKENS))
        nobody = np.flatnonzero(blank.to_numpy(zero_copy_only=False))
        first, last = chunk.first, chunk.last
        quarantined = chunk.quarantined + [self._without_person(chunk, int(row)) for row in nobody]
        table = pa.table([*table.columns, *canonical_lines(table, chunk, self._layout)], pa.schema(PARSED_FIELDS))
        out = np.concatenate([header_rows, nobody])
        header_lines = chunk.header_lines + int((last[header_rows] - first[header_rows] + 1).sum())
        if len(out):
            stay = np.ones(len(first), np.bool_)
            stay[out] = False
            table, first, last = table.filter(pa.array(stay)), first[stay], last[stay]
            quarantined.sort(key=lambda record: record.line_first)
        number = chunk.lines.number
        return Parsed(table, first + number, last + number, quarantined, header_lines, chunk.blank_lines)

    def _headers(self, chunk: Chunk, table: pa.Table, candidates: NDArray[np.intp]) -> NDArray[np.intp]:
        """Which of the candidate rows repeat the header: extracts put together into one file leave them behind."""
        found = []
        for row in candidates.tolist():
            values = table.slice(row, 1).to_pylist()[0]
            names = header_names([values[name.lower()] for name in self._layout.columns])
            if names is None:
                continue
            if tuple(names) != self._layout.columns:
                raise DeliveryRefused(
                    f"{self._file_name}: line {chunk.lines.number + int(chunk.first[row])} is a second header with "
                    "other names or another order of columns: deliver the two extracts as two files"
                )
            found.append(row)
        return np.array(found, np.intp)

    def _without_person(self, chunk: Chunk, row: int) -> Quarantined:
        first, last = int(chunk.first[row]), int(chunk.last[row])
        number, text = chunk.lines.number, readable(chunk.lines.text(first, last))
        return Quarantined(number + first, number + last, Reason.NO_PERSON, text, subject_id="", cii="")

    def _fault(self, chunk: Chunk) -> ClearslateError:
        return ClearslateError(
            f"{self._file_name}: in the lines from {chunk.lines.number} the parser and the record machine disagree: "
            "a fault in Clearslate; nothing was loaded"
        )


def _normal(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_upper(pc.utf8_trim_whitespace(column))
