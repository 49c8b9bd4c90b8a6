"""The CSV files for the prosecutor, per county.

Belongs here: their columns, formats and order, and writing them. Does not belong here: what their cells say
(sql/review/), who is eligible (eligibility), the court's files (clearslate/court).

A file's lines are put together and sorted in DuckDB and streamed out of it, all counties in one pass: what a file costs
does not depend on how many counties there are. Order is total (person, count order, sentence order, text), so that the
same records give the same bytes in whatever order or files they came.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

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


def _appended_sources() -> list[str]:
    rows = load_list("review/columns")
    block = rows[rows["file"] == "appended"]
    return [str(source) for _, source in sorted(zip(block["position"].astype(int), block["source"], strict=True))]


def _quoted(cell: str) -> str:
    return (
        f"case when contains({cell}, '\"') or contains({cell}, ',') or contains({cell}, chr(10)) or contains({cell}, chr(13))"
        f" then '\"' || replace({cell}, '\"', '\"\"') || '\"' else {cell} end"
    )


def _line(cells: Sequence[str]) -> str:
    """SQL for one CSV line (RFC 4180, LF). Whole blocks without anything to quote are joined as they are."""
    joined = f"concat_ws(',', {', '.join(cells)})"
    plain = (
        f"length({joined}) - length(replace({joined}, ',', '')) = {len(cells) - 1}"
        f" and not contains({joined}, '\"') and not contains({joined}, chr(10)) and not contains({joined}, chr(13))"
    )
    return f"case when {plain} then {joined} else concat_ws(',', {', '.join(_quoted(cell) for cell in cells)}) end"


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


def _appended_cells() -> list[str]:
    row_level = {"possible_other": "case when q.comment_text is not null then w.comment_text else '' end"}
    cells = [row_level.get(source, f"coalesce(p.{source}, '')") for source in _appended_sources()]
    return [_line(cells)]


def _full_line(names: Sequence[str]) -> str:
    return f"concat_ws(',', {', '.join([*_doj_cells(names), *_appended_cells()])}) || chr(10)"


_FROM = """
from core.record as r
inner join raw.record as w on r.delivery_no = w.delivery_no and r.record_no = w.record_no
inner join staging.record as s on r.delivery_no = s.delivery_no and r.record_no = s.record_no
left join review.comment_charge as q on s.offense_key = q.offense_key and s.comment_text = q.comment_text
"""
_ORDER = "r.person_no, w.cnt_order, w.sent_order, s.record_hash"


def _prop64_sql() -> str:
    return f"""
select coalesce(p.county, '') as county, {_full_line(DOJ_COLUMNS)} as line
{_FROM}
inner join review.prop64_result as p on r.delivery_no = p.delivery_no and r.record_no = p.record_no
where list_contains($counties, coalesce(p.county, ''))
order by coalesce(p.county, ''), {_ORDER}, p.conviction_id
"""


def _all_sql() -> str:
    return f"""
with present as (
    select distinct person_no, county from core.entry where county is not null and list_contains($counties, county)
)
select m.county, {_full_line(DOJ_COLUMNS)} as line, {_full_line(headings("condensed"))} as condensed
{_FROM}
inner join present as m on r.person_no = m.person_no
left join review.prop64_result as p
    on r.delivery_no = p.delivery_no and r.record_no = p.record_no and m.county = p.county
where r.use = 'used'
order by m.county, {_ORDER}, p.conviction_id
"""


@dataclass
class _Files:
    """The open files of the county that is being written; a county's lines come together."""

    out: Path
    names: Sequence[str]
    heads: Sequence[bytes]
    lines: dict[str, int] = field(default_factory=dict)
    open: list[BinaryIO] = field(default_factory=list)

    def start(self, county: str, stack: ExitStack) -> None:
        stack.close()
        folder = self.out / county_folder(county)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.open = [stack.enter_context((folder / name).open("wb")) for name in self.names]
        for file, head in zip(self.open, self.heads, strict=True):
            file.write(head)
        self.lines[county] = 0


def _text_slice(column: Any, start: int, stop: int) -> memoryview:
    """The UTF-8 of rows start..stop of an Arrow string column: they lie one after another, nothing is copied."""
    width = 8 if column.type == "large_string" else 4
    offsets = memoryview(column.buffers()[1]).cast("b").cast("q" if width == 8 else "i")
    first = column.offset
    return memoryview(column.buffers()[2])[offsets[first + start] : offsets[first + stop]]


def _write(stream: Any, files: _Files, on_lines: Callable[[int], None]) -> None:
    with ExitStack() as stack:
        current: str | None = None
        for batch in stream:
            county = batch.column(0)
            # Sorted by county, so its runs are found by halving, not by looking at every row.
            start = 0
            while start < batch.num_rows:
                name = county[start].as_py()
                low, high = start, batch.num_rows
                while high - low > 1:
                    middle = (low + high) // 2
                    if county[middle].as_py() == name:
                        low = middle
                    else:
                        high = middle
                if name != current:
                    files.start(name, stack)
                    current = name
                for number, file in enumerate(files.open, start=1):
                    file.write(_text_slice(batch.column(number), start, high))
                files.lines[name] += high - start
                start = high
            on_lines(batch.num_rows)


def write_review(
    warehouse: Warehouse,
    *,
    out: Path,
    counties: Sequence[str],
    review: Review,
    on_lines: Callable[[int], None] = lambda _: None,
) -> dict[str, int]:
    """Write the CSV files of the given counties below `out`; returns file -> lines without its header.

    `convictions`: Prop64_Results.csv, one line per candidate; candidates of unknown county go to `_unknown/`. `full`: also
    All_Results.csv and All_Results_Condensed.csv with every row of each person who has any row in the county. A county
    without any such row gets files with a header alone.
    """
    if review == "none":
        return {}
    head = _head([*DOJ_COLUMNS, *headings("appended")])
    written = {}
    prop64 = _Files(out, [PROP64], [head])
    _prepare(prop64, counties)
    stream = warehouse.stream(_prop64_sql(), {"counties": [*counties, ""]}, what="review.prop64_result")
    _write(stream, prop64, on_lines)
    written[PROP64] = sum(prop64.lines.values())
    if review == "full":
        whole = _Files(out, [ALL, CONDENSED], [head, _head([*headings("condensed"), *headings("appended")])])
        _prepare(whole, counties)
        _write(warehouse.stream(_all_sql(), {"counties": list(counties)}, what="review.all"), whole, on_lines)
        written[ALL] = written[CONDENSED] = sum(whole.lines.values())
    return written


def _prepare(files: _Files, counties: Sequence[str]) -> None:
    """Files with a header alone, so that a county without any line still has its file."""
    for county in counties:
        with ExitStack() as stack:
            files.start(county, stack)


def _head(names: Sequence[str]) -> bytes:
    return (",".join(names) + "\n").encode()
