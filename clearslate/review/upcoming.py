"""`upcoming_relief.csv` per county: convictions that automatic relief will reach soon, for the prosecutor to look at first.

Belongs here: its columns and order (rules/review/columns.csv, block `upcoming`) and writing it. Does not belong here: which
convictions stand in it (sql/review/upcoming_relief.sql).
"""

import csv
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from clearslate.extract import DOJ_COLUMNS
from clearslate.review.export import columns
from clearslate.settings import county_folder
from clearslate.warehouse import Warehouse

UPCOMING = "upcoming_relief.csv"


def write_upcoming(warehouse: Warehouse, *, out: Path, counties: Sequence[str]) -> dict[str, int]:
    """Write the list of each of the given counties below `out`, and of the unknown one to `_unknown/`; returns file -> lines
    without its header.

    Sorted by the day of relief, then as the other review files are. A county without any such conviction gets a header alone.
    """
    block = columns("upcoming")
    cells = ", ".join(_cell(source) for source in block.values())
    sql = f"""
    select list_position($places, coalesce(u.county, '')) - 1 as place, {cells}
    from review.upcoming_relief as u
    inner join raw.record as w on u.delivery_no = w.delivery_no and u.record_no = w.record_no
    where list_contains($places, coalesce(u.county, ''))
    order by place, u.eligible_on, u.person_no, u.cnt_order, u.conviction_id
    """
    places = [*counties, ""]
    lines = 0
    with ExitStack() as stack:
        writers = []
        for place in places:
            folder = out / county_folder(place)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = stack.enter_context((folder / UPCOMING).open("w", newline="", encoding="utf-8"))
            writers.append(csv.writer(file, lineterminator="\n"))
            writers[-1].writerow(block)
        for batch in warehouse.stream(sql, {"places": places}, what=UPCOMING):
            for place, *row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                writers[place].writerow(row)
                lines += 1
    return {UPCOMING: lines}


def _cell(source: str) -> str:
    """SQL for a cell as text; blank where nothing is known. A DOJ column is as it was sent."""
    if source in DOJ_COLUMNS:
        return f"w.{source.lower()}"
    return f"coalesce(cast(u.{source} as varchar), '')"
