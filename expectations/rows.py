"""The rows behind an expectation, for someone who may see them: this is the one place that hands out people's records.

Nothing here is logged or kept. Rows come in a total order and are streamed.
"""

from collections.abc import Iterator
from typing import Any

from clearslate.contracts import load_contracts
from clearslate.extract import DOJ_COLUMNS
from clearslate.run import Run
from clearslate.warehouse import Warehouse
from expectations.expectation import Faults, Located, Repeated, Rows, Shown
from expectations.packages import find_faults
from expectations.suites import find_expectation

_KEYS = ("delivery_no", "record_no", "person_no", "conviction_id")


def violations(run: Run, name: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """The columns and rows behind the expectation or finding `name`, from the run's build.

    Records are shown as they were sent, with file and lines; a finding on a person shows all records of that person. The
    build stays open until the iterator is exhausted or closed. Raises UsageError for an unknown name, WarehouseError
    where the build did not get as far.
    """
    rows = _stream(run, find_expectation(name).rows)
    columns = list(next(rows))
    return columns, rows


def _stream(run: Run, rows: Rows) -> Iterator[tuple[Any, ...]]:
    """The names of the columns, then the rows."""
    with run.warehouse() as warehouse:
        if isinstance(rows, Faults):
            yield ("package", "fault")
            yield from find_faults(run, warehouse)
            return
        if isinstance(rows, Located):
            sql, bound = _located(warehouse, rows), {"label": rows.label}
        else:
            sql = _repeated(rows) if isinstance(rows, Repeated) else _shown(rows)
            bound = {key: value for key, value in run.parameters().items() if f"${key}" in sql}
        what = f"rows of {rows.table}"
        yield tuple(column[0] for column in warehouse.rows(f"describe {sql}", bound, what=what))
        for batch in warehouse.stream(sql, bound, what=what):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _order(table: str) -> str:
    return ", ".join(f'"{column}"' for column in load_contracts()[table].grain)


def _shown(rows: Shown) -> str:
    return f"select * from {rows.table} where {rows.where} order by {_order(rows.table)}"


def _repeated(rows: Repeated) -> str:
    key = _order(rows.table)
    counted = f"select *, count(*) over (partition by {key}) as n_rows_of_the_key from {rows.table}"
    return f"select * from ({counted}) where n_rows_of_the_key > 1 order by {key}"


def _located(warehouse: Warehouse, rows: Located) -> str:
    """The records of the keys; where those name a person only, all used records of that person."""
    keys = ", ".join(f"l.{key}" for key in _KEYS)
    listed = f"select * from {rows.table} where {rows.label_column} = $label"
    found = f"select {keys} from ({listed}) as l"
    if warehouse.exists("core.record"):  # a gate before it knows no persons yet
        keys_of_person = keys.replace("l.delivery_no, l.record_no", "r.delivery_no, r.record_no")
        found += (
            f" where l.record_no is not null or l.person_no is null union all select {keys_of_person} from ({listed}) as l "
            "left join core.record as r on l.person_no = r.person_no and r.use = 'used' "
            "where l.record_no is null and l.person_no is not null"
        )
    sent = ", ".join(f"w.{name.lower()}" for name in DOJ_COLUMNS)
    return (
        f"select {keys}, f.file_name, w.line_first, w.line_last, {sent} from ({found}) as l "
        "left join raw.record as w on l.delivery_no = w.delivery_no and l.record_no = w.record_no "
        "left join raw.file as f on w.delivery_no = f.delivery_no and w.file_no = f.file_no "
        f"order by {keys}, w.file_no, w.line_first"
    )
