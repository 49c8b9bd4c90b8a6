"""The CSV files for the prosecutor, per county.

Belongs here: their columns, formats and order, and writing them. Does not belong here: what their cells say
(sql/review/), who is eligible (eligibility), the court's files (clearslate/court).

Lines are put together and sorted in DuckDB, each record once, and streamed out of it in one pass that deals them out to
the counties they belong to: what a file costs does not depend on how many counties there are. Order is total (person,
count order, sentence order, text), so that the same records give the same bytes in whatever order or files they came.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow.compute as pc

from clearslate.extract import DOJ_COLUMNS
from clearslate.law.lists import load_list
from clearslate.settings import Review, county_folder
from clearslate.warehouse import Warehouse

PROP64 = "Prop64_Results.csv"
ALL = "All_Results.csv"
CONDENSED = "All_Results_Condensed.csv"


def headings(file: str) -> list[str]:
    """The headings of one block of columns (`condensed`, `appended`), in order: rules/review/columns.csv."""
    rows = load_list("review/columns")
    block = rows[rows["file"] == file]
    return [str(heading) for _, heading in sorted(zip(block["position"].astype(int), block["heading"], strict=True))]


def _sources() -> list[str]:
    rows = load_list("review/columns")
    block = rows[rows["file"] == "appended"]
    return [str(source) for _, source in sorted(zip(block["position"].astype(int), block["source"], strict=True))]


def _quoted(cell: str) -> str:
    return (
        f"case when contains({cell}, '\"') or contains({cell}, ',') or contains({cell}, chr(10)) or contains({cell}, chr(13))"
        f" then '\"' || replace({cell}, '\"', '\"\"') || '\"' else {cell} end"
    )


def _line(cells: Sequence[str]) -> str:
    """SQL for one CSV line (RFC 4180, LF). A block with nothing to quote in it is joined as it is: nearly all are."""
    run_together = f"concat({', '.join(cells)})"
    special = " or ".join(f"contains({run_together}, {mark})" for mark in ("','", "'\"'", "chr(10)", "chr(13)"))
    quoted = ", ".join(_quoted(cell) for cell in cells)
    return f"case when {special} then concat_ws(',', {quoted}) else concat_ws(',', {', '.join(cells)}) end"


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
    return _line([comment if source == "possible_other" else result.format(source) for source in _sources()])


def _full_line(names: Sequence[str], *, with_result: bool) -> str:
    return f"concat_ws(',', {', '.join(_doj_cells(names))}, {_appended(with_result=with_result)}) || chr(10)"


_FROM = """
from core.record as r
inner join raw.record as w on r.delivery_no = w.delivery_no and r.record_no = w.record_no
inner join staging.record as s on r.delivery_no = s.delivery_no and r.record_no = s.record_no
left join review.comment_charge as q on s.offense_key = q.offense_key and s.comment_text = q.comment_text
"""
_ORDER = "r.person_no, w.cnt_order, w.sent_order, s.record_hash"


def _prop64_sql() -> str:
    return f"""
select
    cast(1 as ubigint) << cast(list_position($counties, coalesce(p.county, '')) - 1 as ubigint) as counties,
    null as own,
    {_full_line(DOJ_COLUMNS, with_result=True)} as line,
    null as own_line
{_FROM}
inner join review.prop64_result as p on r.delivery_no = p.delivery_no and r.record_no = p.record_no
where list_contains($counties, coalesce(p.county, ''))
order by {_ORDER}, p.conviction_id
"""


def _all_sql() -> str:
    """Each record once, with a bit for each county that it belongs to; a candidate's record also as that county has it."""
    condensed = headings("condensed")
    return f"""
with present as (
    select
        person_no,
        bit_or(cast(1 as ubigint) << cast(list_position($counties, county) - 1 as ubigint)) as counties
    from (select distinct person_no, county from core.entry where list_contains($counties, county))
    group by person_no
)
select
    m.counties,
    list_position($counties, p.county) - 1 as own,
    {_full_line(DOJ_COLUMNS, with_result=False)} as line,
    case when p.county is not null then {_full_line(DOJ_COLUMNS, with_result=True)} end as own_line,
    {_full_line(condensed, with_result=False)} as condensed,
    case when p.county is not null then {_full_line(condensed, with_result=True)} end as own_condensed
{_FROM}
inner join present as m on r.person_no = m.person_no
left join review.prop64_result as p
    on r.delivery_no = p.delivery_no and r.record_no = p.record_no and list_contains($counties, p.county)
where r.use = 'used'
order by {_ORDER}, p.conviction_id
"""


class _Files:
    """The open files of all counties; lines come in their final order and are dealt out to those they belong to."""

    def __init__(self, out: Path, counties: Sequence[str], names: Sequence[str], heads: Sequence[bytes]) -> None:
        self.out, self.counties, self.names, self.heads = out, counties, names, heads
        self.lines = 0
        self._stack = ExitStack()
        self._open: list[list[BinaryIO]] = []

    def __enter__(self) -> "_Files":
        self._open = [self._start(county) for county in self.counties]
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def _start(self, county: str) -> list[BinaryIO]:
        folder = self.out / county_folder(county)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files: list[BinaryIO] = [self._stack.enter_context((folder / name).open("wb")) for name in self.names]
        for file, head in zip(files, self.heads, strict=True):
            file.write(head)
        return files

    def write(self, batch: Any) -> None:
        """Deal out one Arrow batch: `counties` (bits), `own` (number of the county of a result), then pairs of lines."""
        counties = batch.column(0)
        for number, files in enumerate(self._open):
            belongs = pc.not_equal(pc.bit_wise_and(counties, 1 << number), 0)
            chosen = batch.filter(belongs)
            if not chosen.num_rows:
                continue
            self.lines += chosen.num_rows
            is_own = pc.fill_null(pc.equal(chosen.column(1), number), False)
            for position, file in enumerate(files):
                line, own = chosen.column(2 + 2 * position), chosen.column(3 + 2 * position)
                if is_own.true_count:
                    line = pc.if_else(is_own, own, line)
                file.write(_text(line))


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
    head = _head([*DOJ_COLUMNS, *headings("appended")])
    places = [*counties, ""]
    with _Files(out, places, [PROP64], [head]) as prop64:
        for batch in warehouse.stream(_prop64_sql(), {"counties": places}, what=PROP64):
            prop64.write(batch)
    written = {PROP64: prop64.lines}
    if review == "full":
        heads = [head, _head([*headings("condensed"), *headings("appended")])]
        with _Files(out, counties, [ALL, CONDENSED], heads) as everything:
            for batch in warehouse.stream(_all_sql(), {"counties": list(counties)}, what=ALL):
                everything.write(batch)
        written[ALL] = written[CONDENSED] = everything.lines
    return written


def _head(names: Sequence[str]) -> bytes:
    return (",".join(names) + "\n").encode()
