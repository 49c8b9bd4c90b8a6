"""The canonical line of each record, kept so that a file with whole records in it need not put 95 cells together again.

It is the record as one line of CSV: the 95 cells in DOJ order, with commas between them, quoted only where a cell holds a
comma, a quote or a line break, without line end. It depends on the cells alone, however the file quoted and ordered them.
Which cells a record has is for `chunks`, `records` and `parse`.

Nearly always it is the very line that was delivered, and its length tells so. A quoted cell makes a line longer by two, and
by one more for each quote within. Where a line is longer than its cells and commas by just two for each cell in which a
comma was found, then those are quoted, because they have to be, and nothing else is. Commas are looked for in the few
columns that have them; where another one has, the lengths don't match, and the line is written anew.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from clearslate.extract.chunks import Chunk, Mask
from clearslate.extract.columns import DOJ_COLUMNS, WIDTH
from clearslate.extract.layout import Layout
from clearslate.extract.lines import Lines

CANONICAL_FIELDS = (
    pa.field("csv_line", pa.string(), nullable=False),
    pa.field("is_plain", pa.bool_(), nullable=False),  # whether no cell of the line but the name is quoted
)
_NAME = DOJ_COLUMNS.index("PRI_NAME")
_WITH_COMMAS = ("PRI_NAME", "REQ_NAME", "OFFENSE_DESCR", "COMMENT_TEXT")  # `LAST,FIRST`, and free text
_SPECIAL = '[,"\r\n]'  # what makes a cell need quotes


def canonical_lines(records: pa.Table, chunk: Chunk, layout: Layout) -> tuple[pa.StringArray, pa.BooleanArray]:
    """The canonical lines of a chunk's records, which `records` has parsed, and whether each of them is plain."""
    if layout.delimiter != "," or layout.columns != DOJ_COLUMNS or not len(records):
        return written(records)
    lines = _delivered(chunk)
    fits, plain = _measured(lines, records)
    misfits = pa.array(~fits | chunk.suspects[chunk.first])
    if not misfits.true_count:
        return lines, pa.array(plain)
    anew, anew_plain = written(records.filter(misfits))
    return pc.replace_with_mask(lines, misfits, anew), pc.replace_with_mask(pa.array(plain), misfits, anew_plain)


def written(records: pa.Table) -> tuple[pa.StringArray, pa.BooleanArray]:
    """The same from nothing but the cells."""
    cells = [column.combine_chunks() for column in records.columns]
    others = pc.binary_join_element_wise(*cells[:_NAME], *cells[_NAME + 1 :], "")
    is_plain = pc.invert(pc.match_substring_regex(others, _SPECIAL))
    lines = pc.binary_join_element_wise(*cells[:_NAME], _quoted(cells[_NAME]), *cells[_NAME + 1 :], ",")
    if is_plain.true_count < len(is_plain):
        mask = pc.invert(is_plain)
        count = mask.true_count
        quoted = _quoted(pa.concat_arrays([column.filter(mask) for column in cells]))  # column after column
        columns = [quoted.slice(at * count, count) for at in range(WIDTH)]
        lines = pc.replace_with_mask(lines, mask, pc.binary_join_element_wise(*columns, ","))
    return lines, is_plain


def _quoted(cells: pa.StringArray) -> pa.StringArray:
    special = pc.match_substring_regex(cells, _SPECIAL)
    doubled = pc.replace_substring(cells.filter(special), '"', '""')
    return pc.replace_with_mask(cells, special, pc.binary_join_element_wise('"', doubled, '"', ""))


def _delivered(chunk: Chunk) -> pa.StringArray:
    """The first line of each record, without its line end."""
    lines = _strings(chunk.lines)
    return pc.ascii_rtrim(lines if len(lines) == len(chunk.first) else lines.take(pa.array(chunk.first)), "\r\n")


def _strings(lines: Lines) -> pa.StringArray:
    """All lines with their line ends: they lie one after another already, nothing is copied."""
    offsets = np.append(lines.starts(), len(lines.data)).astype(np.int32)
    return pa.StringArray.from_buffers(len(lines), pa.py_buffer(offsets), pa.py_buffer(lines.data))


def _measured(lines: pa.StringArray, records: pa.Table) -> tuple[Mask, Mask]:
    """Of lines that are one record each, well quoted and without a line break: which are canonical, and if so, plain."""
    cells = np.zeros(len(lines) + 1, np.int64)
    for column in records.columns:
        cells += _offsets(column.chunk(0))
    longer = np.diff(_offsets(lines)) - np.diff(cells) - (WIDTH - 1)
    in_name, *in_others = (_has_comma(records.column(name.lower()).chunk(0)) for name in _WITH_COMMAS)
    with_comma = in_name + sum(in_others)
    return longer == 2 * with_comma, with_comma == in_name


def _has_comma(cells: pa.StringArray) -> NDArray[np.int8]:
    """1 for a cell with a comma in it, else 0."""
    found: NDArray[np.int8] = pc.match_substring(cells, ",").cast(pa.int8()).to_numpy()
    return found


def _offsets(column: pa.StringArray) -> NDArray[np.int32]:
    """Where the text of each cell begins, and where that of the last one ends."""
    return np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
