"""The CSV files for the prosecutor, per county.

Belongs here: their columns, formats and order, and writing them. Does not belong here: what their cells say
(sql/review/), who is eligible (eligibility), the court's files (clearslate/court).

Lines are put together and sorted in DuckDB, each record once, and streamed out of it in one pass that deals them out to
the counties they belong to: what a file costs does not depend on how many counties there are. Order is total (person,
count order, sentence order, text), so that the same records give the same bytes in whatever order or files they came.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

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


_SPECIAL = ("','", "'\"'", "chr(10)", "chr(13)")  # what makes a cell need quotes


def _quoted(cell: str) -> str:
    special = " or ".join(f"contains({cell}, {mark})" for mark in _SPECIAL)
    return f"case when {special} then '\"' || replace({cell}, '\"', '\"\"') || '\"' else {cell} end"


def _joined(cells: Sequence[str]) -> str:
    return "concat(" + ", ',', ".join(cells) + ")"  # several times as fast as concat_ws


def _line(cells: Sequence[str]) -> str:
    """SQL for one CSV line (RFC 4180, LF). A block with nothing to quote in it is joined as it is: nearly all are.

    The marks are counted, not or-ed: the block is then run together once for all of them.
    """
    run_together = f"concat({', '.join(cells)})"
    marks = " + ".join(f"cast(contains({run_together}, {mark}) as utinyint)" for mark in _SPECIAL)
    return f"case when {marks} > 0 then {_joined([_quoted(cell) for cell in cells])} else {_joined(cells)} end"


def _doj_cells(names: Sequence[str]) -> list[str]:
    """The cells of DOJ columns; the name, which nearly always needs quotes, in a block of its own."""
    blocks: list[list[str]] = [[]]
    for name in names:
        cell = f"w.{name.lower()}"
        if name == "PRI_NAME":
            blocks += [[cell], []]
        else:
            blocks[-1].append(cell)
    return [_line(block) if len(block) > 1 else _quoted(block[0]) for block in blocks if block]


def _appended(*, with_result: bool) -> str:
    """SQL for the appended cells: of a candidate's own line, or blank but for the comment that is shown on any line."""
    comment = "case when q.comment_text is not null then w.comment_text else '' end"
    result = "coalesce(p.{}, '')" if with_result else "''"
    return _line(
        [comment if source == "possible_other" else result.format(source) for source in columns("appended").values()]
    )


def _full_line(names: Sequence[str], *, with_result: bool) -> str:
    return f"concat({_joined([*_doj_cells(names), _appended(with_result=with_result)])}, chr(10))"


_FROM = """
from core.record as r
inner join raw.record as w on r.delivery_no = w.delivery_no and r.record_no = w.record_no
inner join staging.record as s on r.delivery_no = s.delivery_no and r.record_no = s.record_no
left join review.comment_charge as q on s.offense_key = q.offense_key and s.comment_text = q.comment_text
"""
# The candidates of the places that files are written for, with the number of their place.
_RESULT = """
with result as (
    select
        *,
        list_position($places, coalesce(county, '')) - 1 as own
    from review.prop64_result
    where list_contains($places, coalesce(county, ''))
)"""
_ORDER = "order by r.person_no, w.cnt_order, w.sent_order, s.record_hash, p.conviction_id"


def _prop64_sql() -> str:
    return f"""
{_RESULT}
select
    p.own,
    {_full_line(DOJ_COLUMNS, with_result=True)} as own_line
{_FROM}
inner join result as p on r.delivery_no = p.delivery_no and r.record_no = p.record_no
{_ORDER}
"""


def _all_sql() -> str:
    """Each record once, with a bit for each county that it belongs to; a candidate's record also as that county has it."""
    condensed = list(columns("condensed"))
    return f"""
{_RESULT},

present as (
    select
        person_no,
        bit_or(cast(1 as ubigint) << cast(list_position($places, county) - 1 as ubigint)) as counties
    from (select distinct person_no, county from core.entry where list_contains($places, county))
    group by person_no
)

select
    p.own,
    case when p.own is not null then {_full_line(DOJ_COLUMNS, with_result=True)} end as own_line,
    coalesce(m.counties, cast(0 as ubigint)) as counties,
    {_full_line(DOJ_COLUMNS, with_result=False)} as line,
    case when p.own is not null then {_full_line(condensed, with_result=True)} end as own_condensed,
    {_full_line(condensed, with_result=False)} as condensed
{_FROM}
left join present as m on r.person_no = m.person_no
left join result as p on r.delivery_no = p.delivery_no and r.record_no = p.record_no
where r.use = 'used' and (m.counties is not null or p.own is not null)
{_ORDER}
"""


class _Files:
    """The open files of all places (the counties, and '' for the unknown one); lines come in their final order and are
    dealt out to those they belong to."""

    def __init__(self, out: Path, places: Sequence[str], heads: Mapping[str, bytes]) -> None:
        self.out, self.places, self.heads = out, places, heads
        self.lines = dict.fromkeys(heads, 0)
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
        """Deal out one Arrow batch: `own` (number of the place of a result) and its line; in a full one also `counties`
        (bits) and the line for each of them, whole and condensed."""
        with_result = batch.filter(pc.is_valid(batch.column("own")))
        for number in pc.unique(with_result.column("own")).to_pylist():
            chosen = with_result.filter(pc.equal(with_result.column("own"), number))
            self._put(number, PROP64, chosen.column("own_line"))
        if ALL not in self.heads:
            return
        for number in range(len(self.places) - 1):  # the last is no county: nobody's whole record is written for it
            chosen = batch.filter(pc.not_equal(pc.bit_wise_and(batch.column("counties"), 1 << number), 0))
            if not chosen.num_rows:
                continue
            is_own = pc.fill_null(pc.equal(chosen.column("own"), number), False)
            for name, line, own in ((ALL, "line", "own_line"), (CONDENSED, "condensed", "own_condensed")):
                text = chosen.column(line)
                self._put(number, name, pc.if_else(is_own, chosen.column(own), text) if is_own.true_count else text)

    def _put(self, number: int, name: str, lines: pa.Array) -> None:
        self._open[number][name].write(_text(lines))
        self.lines[name] += len(lines)


def _text(column: Any) -> memoryview:
    """The UTF-8 of an Arrow string column: its values lie one after another, nothing is copied."""
    offsets = memoryview(column.buffers()[1]).cast("b").cast("q" if column.type == "large_string" else "i")
    return memoryview(column.buffers()[2])[offsets[column.offset] : offsets[column.offset + len(column)]]


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
        for batch in warehouse.stream(sql, {"places": places}, what=f"review {review}"):
            if dealt is not None:
                dealt.result()
            dealt = writer.submit(files.write, batch)
        if dealt is not None:
            dealt.result()
    return files.lines


def _head(names: Sequence[str]) -> bytes:
    return (",".join(names) + "\n").encode()
