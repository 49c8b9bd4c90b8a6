"""The ledger's tables as one database in memory: what all its entries say together.

Belongs here: the views over the objects, and the small tables that are read out of the entries themselves. Does not
belong here: where a line stands (states.py).

    lines, reversal_lines, decisions, verdicts, acks, exceptions    the objects' rows, each with its entry's `seq`, `on_day`
    batches       one row per batch: its first entry's facts, `attempts`, `last_sent_on`, `superseded_by`
    orders, resolutions                                             one row per entry
    saying, reason_code                                             the lists of rules/courts, as history.py reads them
    open_exception                                                  rows of `exceptions` that still wait for somebody
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from clearslate.home import Home
from clearslate.ledger.chain import Entry
from clearslate.ledger.history import Courts
from clearslate.ledger.tables import SCHEMAS, hold
from clearslate.warehouse import Warehouse

_OBJECT = pa.schema([("table_name", pa.string()), ("path", pa.string()), ("seq", pa.int32()), ("on_day", pa.date32())])

_BATCH = pa.schema(
    [
        *((name, pa.string()) for name in ("batch_id", "program", "county", "court_code", "test_indicator")),
        *((name, pa.string()) for name in ("manifest_sha256", "key_fingerprint", "zip_name", "supersedes_batch")),
        *((name, pa.int32()) for name in ("sequence", "n_lines", "n_reversals", "seq", "attempts")),
        ("is_canary", pa.bool_()),
        ("on_day", pa.date32()),
        ("last_sent_on", pa.date32()),
        ("superseded_by", pa.string()),
    ]
)

_ORDER = pa.schema(
    [
        *((name, pa.string()) for name in ("batch_id", "status", "order_doc_id", "document_sha256", "effective_date")),
        ("recorded_by", pa.string()),
        *((name, pa.int32()) for name in ("first_line", "last_line", "seq")),
        ("on_day", pa.date32()),
    ]
)

_RESOLUTION = pa.schema(
    [
        *((name, pa.string()) for name in ("exception_id", "resolution", "recorded_by")),
        ("seq", pa.int32()),
        ("on_day", pa.date32()),
    ]
)

_OPEN = """
create view open_exception as
select e.* from exceptions as e
where not exists (select 1 from resolutions as r where r.exception_id = e.exception_id)
    and not exists (
        select 1 from acks as a
        where a.exception_id = e.exception_id and a.row is not distinct from e.row
            and a.action_key = e.action_key and a.stage = e.stage and a.status = e.status
    )
"""


@cache
def courts() -> Courts:
    """The lists under rules/courts, read once."""
    return Courts()


def connect(home: Home, entries: Iterable[Entry], batches: Collection[str] | None) -> Warehouse:
    """A database with the views above. `batches`: only what concerns these of the tables that batches have.

    Raises LedgerBroken where one of the objects is not what was written.
    """
    entries = list(entries)
    db = Warehouse.reading(home)
    try:
        _load(db, "batches", _batches(entries), _BATCH)
        _load(db, "orders", _bodies(entries, "order_recorded"), _ORDER)
        _load(db, "resolutions", _bodies(entries, "exception_resolved"), _RESOLUTION)
        for name, table in _rules().items():
            db.load_arrow(name, table)
        objects = list(_objects(home.ledger / "objects", entries, batches))
        _load(db, "ledger_object", objects, _OBJECT)
        for name, schema in SCHEMAS.items():
            paths = sorted({row["path"] for row in objects if row["table_name"] == name})
            db.execute(f"create view {name} as {_view(name, schema, paths)}")
        db.execute(_OPEN)
    except BaseException:
        db.close()
        raise
    return db


def _view(name: str, schema: pa.Schema, paths: list[str]) -> str:
    columns = ", ".join(f'told."{column}"' for column in schema.names)
    if not paths:
        empty = ", ".join(f'cast(null as {_sql_type(field.type)}) as "{field.name}"' for field in schema)
        return f"select {empty}, cast(null as integer) as seq, cast(null as date) as on_day where false"
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return (
        f"select {columns}, o.seq, o.on_day from read_parquet([{listed}], filename = true) as told "
        f"inner join ledger_object as o on o.table_name = '{name}' and o.path = told.filename"
    )


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_string(kind):
        return "varchar"
    return "boolean" if pa.types.is_boolean(kind) else "integer"


def _load(db: Warehouse, name: str, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
    db.load_arrow(name, pa.Table.from_pylist(rows, schema))


@cache
def _rules() -> dict[str, pa.Table]:
    told = courts()
    return {
        "saying": pa.Table.from_pylist([asdict(saying) for saying in told.sayings]),
        "reason_code": pa.Table.from_pylist(list(told.codes.values())),
    }


def _objects(folder: Path, entries: list[Entry], batches: Collection[str] | None) -> Iterable[dict[str, Any]]:
    for entry in entries:
        if batches is not None and entry.body.get("batch_id", "") not in {*batches, ""}:
            continue
        for name, stored in entry.body.get("objects", {}).items():
            path = str(hold(folder, name, stored["sha256"], entry.seq))
            yield {"table_name": name, "path": path, "seq": entry.seq, "on_day": entry.on}


def _bodies(entries: list[Entry], kind: str) -> list[dict[str, Any]]:
    return [{**entry.body, "seq": entry.seq, "on_day": entry.on} for entry in entries if entry.kind == kind]


def _batches(entries: list[Entry]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.kind != "batch_issued":
            continue
        body: Mapping[str, Any] = entry.body
        known = found.setdefault(
            body["batch_id"], {**body, "seq": entry.seq, "on_day": entry.on, "superseded_by": None}
        )
        known["attempts"], known["last_sent_on"] = body["attempt"], entry.on
        if body["supersedes_batch"] in found:
            found[body["supersedes_batch"]]["superseded_by"] = body["batch_id"]
    return list(found.values())
