"""The published snapshot: an immutable DuckDB file for analysts, with nothing in it that names a person.

Belongs here: which schemas go out, what of their columns, and how the file is made so that any DuckDB client since 1.5 can
read it. Does not belong here: making it current (Home.promote), and what its tables say.

A text that somebody typed may hold a name, be it by a shifted column. It goes out where a law list knows it (`listed` in
the contract), and is left out otherwise (`pii`). The build keeps it as it was sent.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import sqlglot
from sqlglot import exp

from clearslate.contracts import Column, Contract, load_contracts
from clearslate.errors import ClearslateError
from clearslate.warehouse import ROW_GROUP, Warehouse

SCHEMAS = ("core", "facts", "eligibility", "quality", "impact")
# How records were told apart and put together, the parts of which a conviction's facts were made, the list that the
# determinations were held against, and decisions that were only compared; what came of it stands in the other tables of
# their schema.
WORKING = frozenset(
    [
        *(f"core.{name}" for name in ("cii", "subject", "record", "entry", "court_count", "later_count", "attachment")),
        *(f"facts.{name}" for name in ("mention", "offense", "prior", "sentence", "served", "new_felony", "standing")),
        "eligibility.candidate",
        "impact.policy_determination",
    ]
)
# Build databases are not compressed, for speed; analysts keep and copy this file. A fifth of the size for a twelfth more of
# the time (measured: 156 for 763 MiB, 5.65 for 5.23 s).
_COMPRESSION = {
    "VARCHAR": "dict_fsst",
    "INTEGER": "bitpacking",
    "BIGINT": "bitpacking",
    "DATE": "bitpacking",
    "BOOLEAN": "rle",
}
_STORAGE = "v1.5.0"  # a file in 2.0's own format can't be read by 1.5 clients (measured)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _without(select: str, names: Collection[str]) -> str:
    """A view's SELECT without these of its columns: the tables that it reads are published without them."""
    parsed = sqlglot.parse_one(select, read="duckdb")
    if not isinstance(parsed, exp.Select):
        raise ClearslateError("a published view has to be one SELECT")
    parsed.set("expressions", [column for column in parsed.selects if column.alias_or_name not in names])
    return parsed.sql(dialect="duckdb")


def _published(column: Column) -> str:
    """A column as it goes out: of typed text only what its list knows."""
    if column.listed is None:
        return f'"{column.name}"'
    known = load_contracts()[column.listed].grain[0]
    return f'case when "{column.name}" in (select "{known}" from {column.listed}) then "{column.name}" end'


def _statements(contract: Contract, view: str | None) -> Iterator[str]:
    """The table, or the view of that SELECT over the snapshot's own tables, and its comments: all but what names a person."""
    name = contract.name
    columns = [column for column in contract.columns if not column.pii]
    if view is not None:
        listed = ", ".join(f'"{column.name}"' for column in columns)  # the tables that it reads have been through this
        named = {column.name for column in contract.columns if column.pii}
        yield f"create view snapshot.{name} as select {listed} from ({_without(view, named)}) as whole"
    else:
        typed = ", ".join(
            f'"{column.name}" {column.type}'
            + (f" using compression {_COMPRESSION[column.type]}" if column.type in _COMPRESSION else "")
            for column in columns
        )
        yield f"create table snapshot.{name} ({typed})"
        yield f"insert into snapshot.{name} select {', '.join(map(_published, columns))} from {name}"
    yield f"comment on {'table' if view is None else 'view'} snapshot.{name} is {_text(contract.description)}"
    for column in columns:
        yield f'comment on column snapshot.{name}."{column.name}" is {_text(column.description)}'


def publish(warehouse: Warehouse, path: Path, *, schemas: Sequence[str] = SCHEMAS) -> int:
    """Copy the published schemas into a new file, each table and column with its contract's comment; returns tables."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    warehouse.execute(
        f"attach {_text(str(path))} as snapshot (storage_version {_text(_STORAGE)}, row_group_size {ROW_GROUP})",
        what="snapshot",
    )
    there, views = warehouse.tables() - WORKING, warehouse.views()
    published = [c for c in load_contracts().values() if c.schema in schemas and c.name in there]
    published.sort(key=lambda contract: contract.name in views)  # what they read is there before
    try:
        with warehouse.transaction():  # one: every comment would be a commit of its own
            for schema in schemas:
                warehouse.execute(f"create schema snapshot.{schema}", what="snapshot")
            for contract in published:
                warehouse.execute(
                    "; ".join(_statements(contract, views.get(contract.name))), what=f"snapshot of {contract.name}"
                )
        warehouse.execute("checkpoint snapshot", what="snapshot")  # all of it in the one file
    finally:
        warehouse.execute("detach snapshot", what="snapshot")
    path.chmod(0o400)
    return len(published)
