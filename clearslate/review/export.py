"""The CSV files for the prosecutor, per county.

Belongs here: their columns, formats and order, and writing them. Does not belong here: what their cells say
(sql/review/), who is eligible (eligibility), the court's files (clearslate/court).

A record's whole line is the canonical one, which landing has kept. Lines are sorted in DuckDB, each record once, and
streamed out of it in one pass that puts the appended cells on and deals them out to the counties they belong to: what a
file costs does not depend on how many counties there are. Order is total (person, count order, sentence order, text), so
that the same records give the same bytes in whatever order or files they came.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from clearslate.extract import DOJ_COLUMNS
from clearslate.law.lists import load_list
from clearslate.settings import Review, county_folder
from clearslate.warehouse import Warehouse

PROP64 = "Prop64_Results.csv"
ALL = "All_Results.csv"
CONDENSED = "All_Results_Condensed.csv"


def columns(file: str) -> dict[str, str]:
    """Heading -> source of one block of columns (`condensed`, `appended`, `upcoming`), in order: rules/review/columns.csv."""
    rows = load_list("review/columns")
    block = rows[rows["file"] == file]
    found = sorted(zip(block["position"].astype(int), block["heading"], block["source"], strict=True))
    return {str(heading): str(source) for _, heading, source in found}


_BATCH = 10_000  # lines at a time: enough to be worth a write in each county, and few in memory at once
_SPECIAL = ("','", "'\"'", "chr(10)", "chr(13)")  # what makes a cell need quotes


def _quoted(cell: str) -> str:
    special = " or ".join(f"contains({cell}, {mark})" for mark in _SPECIAL)
    return f"case when {special} then '\"' || replace({cell}, '\"', '\"\"') || '\"' else {cell} end"


def _joined(cells: Sequence[str]) -> str:
    """SQL for cells (RFC 4180) with commas between them."""
    return "concat(" + ", ',', ".join(cells) + ")"  # several times as fast as concat_ws


def _condensed() -> str:
    """SQL for a record's condensed line, without the appended cells. Nearly all need no quotes but around the name."""
    cells = {name: f"w.{name.lower()}" for name in columns("condensed")}
    plain = [_quoted(cell) if name == "PRI_NAME" else cell for name, cell in cells.items()]
    return f"case when w.is_plain then {_joined(plain)} else {_joined([_quoted(cell) for cell in cells.values()])} end"


def _appended() -> tuple[list[str], list[str]]:
    """The sources of the appended cells before and after the comment, which is shown on any line: all others are a
    candidate's alone, and blank elsewhere."""
    sources = list(columns("appended").values())
    comment = sources.index("possible_other")
    return sources[:comment], sources[comment + 1 :]


def _blank() -> tuple[str, str]:
    """The end of a line that has no appended cells, before and after the comment."""
    before, after = _appended()
    return "," * (len(before) + 1), "," * len(after) + "\n"


def _own_cells() -> str:
    """SQL for the end of a candidate's line in its own county; NULL for other records."""
    comment = f"case when q.record_no is not null then {_quoted('w.comment_text')} else '' end"
    return f"case when p.own is not null then concat(p.cells_before, {comment}, p.cells_after) end"


def _other_cells() -> str:
    """SQL for the end of any line elsewhere; NULL where it is blank, as it nearly always is."""
    before, after = _blank()
    return f"case when q.record_no is not null then concat('{before}', {_quoted('w.comment_text')}, '{after}') end"


def _with() -> str:
    """The candidates of the places that files are written for, with the number of their place and the appended cells on
    either side of the comment; and the records whose comment is shown."""
    before, after = ([_quoted(f"coalesce({source}, '')") for source in sources] for sources in _appended())
    return f"""
with result as (
    select
        delivery_no,
        record_no,
        conviction_id,
        list_position($places, coalesce(county, '')) - 1 as own,
        {_joined(["''", *before, "''"])} as cells_before,
        concat({_joined(["''", *after])}, chr(10)) as cells_after
    from review.prop64_result
    where list_position($places, coalesce(county, '')) > 0
),

shown as (
    select
        s.delivery_no,
        s.record_no
    from staging.record as s
    inner join review.comment_charge as c on s.offense_key = c.offense_key and s.comment_text = c.comment_text
)"""


# What lines are made of passes through the joins; their build sides hold numbers and, for the candidates, text of a table.
# (A build side that is itself a join with text is what DuckDB 2.0.0 does not bear: docs/decisions.md.)
_FROM = """
from core.entry as e
inner join raw.record as w on e.delivery_no = w.delivery_no and e.record_no = w.record_no
left join shown as q on e.delivery_no = q.delivery_no and e.record_no = q.record_no
"""
_ORDER = "order by e.person_no, w.cnt_order, w.sent_order, e.record_hash, p.conviction_id"


def _prop64_sql() -> str:
    return f"""
{_with()}

select
    p.own,
    {_own_cells()} as own_cells,
    w.csv_line as line
{_FROM}
inner join result as p on w.delivery_no = p.delivery_no and w.record_no = p.record_no
{_ORDER}
"""


def _all_sql() -> str:
    """Each record once, with a bit for each county that it belongs to."""
    return f"""
{_with()},

present as (
    select
        person_no,
        bit_or(cast(1 as ubigint) << cast(list_position($places, county) - 1 as ubigint)) as counties
    from (select distinct person_no, county from core.entry where list_contains($places, county))
    group by person_no
)

select
    p.own,
    {_own_cells()} as own_cells,
    {_other_cells()} as other_cells,
    coalesce(m.counties, cast(0 as ubigint)) as counties,
    w.csv_line as line,
    {_condensed()} as condensed
{_FROM}
left join present as m on e.person_no = m.person_no
left join result as p on w.delivery_no = p.delivery_no and w.record_no = p.record_no
where m.counties is not null or p.own is not null
{_ORDER}
"""


class _Files:
    """The open files of all places (the counties, and '' for the unknown one); lines come in their final order and are
    dealt out to those they belong to."""

    def __init__(self, out: Path, places: Sequence[str], heads: Mapping[str, bytes]) -> None:
        self.out, self.places, self.heads = out, places, heads
        self.lines = dict.fromkeys(heads, 0)
        self._blank = "".join(_blank())
        self._stack = ExitStack()
        self._open: list[dict[str, BinaryIO]] = []

    def __enter__(self) -> "_Files":
        self._open = [self._start(place) for place in self.places]
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def _start(self, place: str) -> dict[str, BinaryIO]:
        folder = self.out / county_folder(place)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files: dict[str, BinaryIO] = {}
        for name, head in self.heads.items():
            if place or name == PROP64:
                files[name] = self._stack.enter_context((folder / name).open("wb"))
                files[name].write(head)
        return files

    def write(self, batch: pa.RecordBatch) -> None:
        """Deal out one Arrow batch: the record's `line`, for a candidate's place (number `own`) with `own_cells`; in a full
        one also for each county (bits of `counties`), whole and `condensed`, with `other_cells` or blank ones."""
        runs = _runs(batch)
        candidates = batch.filter(pc.is_valid(batch.column("own")))
        own_line = _Text(candidates.column("line"), candidates.column("own_cells"))
        for number in np.unique(runs.own[runs.own >= 0]).tolist():
            chosen = runs.where(runs.own == number)
            self._put(number, PROP64, chosen, own_line.pieces(chosen.nth, chosen.rows))
        if ALL not in self.heads:
            return
        other_cells = pc.coalesce(batch.column("other_cells"), self._blank)
        line, condensed = (_Text(batch.column(name), other_cells) for name in ("line", "condensed"))
        own_condensed = _Text(candidates.column("condensed"), candidates.column("own_cells"))
        for number in range(len(self.places) - 1):  # the last is no county: nobody's whole record is written for it
            chosen = runs.where(runs.counties & np.uint64(1 << number) != 0)
            own = chosen.where(chosen.own == number)
            own_at = np.flatnonzero(chosen.own == number).tolist()
            for name, text, own_text in ((ALL, line, own_line), (CONDENSED, condensed, own_condensed)):
                pieces = text.pieces(chosen.first, chosen.rows)
                for at, piece in zip(own_at, own_text.pieces(own.nth, own.rows), strict=True):
                    pieces[at] = piece
                self._put(number, name, chosen, pieces)

    def _put(self, number: int, name: str, runs: "_Runs", pieces: Sequence[memoryview]) -> None:
        self._open[number][name].write(b"".join(pieces))
        self.lines[name] += int(runs.rows.sum())


class _Runs(NamedTuple):
    """Rows of a batch that follow one another and go the same way: most records of a person do."""

    first: NDArray[np.int64]
    rows: NDArray[np.int64]
    nth: NDArray[np.int64]  # the first one's number among the candidates, if it is one
    own: NDArray[np.int64]
    counties: NDArray[np.uint64]

    def where(self, chosen: NDArray[np.bool_]) -> "_Runs":
        first, rows, nth = self.first[chosen], self.rows[chosen], self.nth[chosen]
        return _Runs(first, rows, nth, self.own[chosen], self.counties[chosen])


def _runs(batch: pa.RecordBatch) -> _Runs:
    own = pc.fill_null(batch.column("own"), -1).to_numpy()
    full = "counties" in batch.schema.names
    counties = batch.column("counties").to_numpy() if full else np.zeros(len(own), np.uint64)
    turns = np.flatnonzero((own[1:] != own[:-1]) | (counties[1:] != counties[:-1])) + 1
    first = np.append(0, turns)
    nth = np.cumsum(own >= 0) - 1
    return _Runs(first, np.diff(first, append=len(own)), nth[first], own[first], counties[first])


class _Text:
    """The UTF-8 of lines and the cells appended to them. They lie one after another: a run of them is a slice."""

    def __init__(self, lines: pa.Array, cells: pa.Array) -> None:
        text = pc.binary_join_element_wise(lines, cells, "")
        _, offsets, data = text.buffers()
        self._offsets = np.frombuffer(offsets, np.int64 if text.type == "large_string" else np.int32)
        self._data = memoryview(data)

    def pieces(self, first: NDArray[np.int64], rows: NDArray[np.int64]) -> list[memoryview]:
        begin, end = self._offsets[first].tolist(), self._offsets[first + rows].tolist()
        return [self._data[start:stop] for start, stop in zip(begin, end, strict=True)]


def write_review(warehouse: Warehouse, *, out: Path, counties: Sequence[str], review: Review) -> dict[str, int]:
    """Write the CSV files of the given counties below `out`; returns file -> lines without its header.

    `convictions`: Prop64_Results.csv, one line per candidate; candidates of unknown county go to `_unknown/`. `full`:
    also All_Results.csv and All_Results_Condensed.csv with every row of each person who has any row in the county. A
    county without any such row gets files with a header alone.
    """
    if review == "none":
        return {}
    heads = {PROP64: _head([*DOJ_COLUMNS, *columns("appended")])}
    if review == "full":
        heads[ALL] = heads[PROP64]
        heads[CONDENSED] = _head([*list(columns("condensed")), *columns("appended")])
    places = [*counties, ""]
    sql = _all_sql() if review == "full" else _prop64_sql()
    with _Files(out, places, heads) as files, ThreadPoolExecutor(1) as writer:
        dealt: Future[None] | None = None  # one batch is dealt out while DuckDB makes the next
        for batch in warehouse.stream(sql, {"places": places}, what=f"review {review}", rows=_BATCH):
            if dealt is not None:
                dealt.result()
            dealt = writer.submit(files.write, batch)
        if dealt is not None:
            dealt.result()
    return files.lines


def _head(names: Sequence[str]) -> bytes:
    return (",".join(names) + "\n").encode()
