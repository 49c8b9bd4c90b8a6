"""The DuckDB side: one connection factory, and the few verbs with which tables come to be.

Belongs here: opening a build database or a published snapshot with the right locks, making a table from a model or from
a data frame, holding it against its contract, stamping it, and keeping the engine's error texts (they quote values)
away from everybody. Does not belong here: what the models say, and in which order they run.

Law 3 is kept here: every table carries the stamp of the build it was made in, and a model whose inputs carry another
stamp is refused.
"""

import os
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from clearslate.contracts import Contract, load_contracts
from clearslate.errors import UsageError, WarehouseError
from clearslate.home import Home
from clearslate.law.dates import ANNIVERSARY_MACRO
from clearslate.letters import LETTERS_MACROS
from clearslate.models import Model

ENGINE_VERSION = duckdb.__version__
Parameters = Mapping[str, Any]
# Rows that one thread makes or reads at a time: of DuckDB's own 122,880 a million records hold but one or two shares of
# convictions, and the second processor waits.
ROW_GROUP = 40_960
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*((?:[KMGT]i?)?B)", re.IGNORECASE)
_BYTES = {"B": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_LEAST_MEMORY = 10**8  # with less, not even a build can be opened
_MOST_THREADS = 1024
Hide = Callable[[str, str], str]  # what may be shown, the engine's words -> what may be shown instead


@dataclass(frozen=True)
class Stamp:
    """What all tables of one build have in common."""

    run_id: str
    as_of: date
    rule_set: str
    delivery_set: str


@dataclass(frozen=True)
class Engine:
    """How much of the machine DuckDB may use. `memory_limit` governs its buffers only, so it stays below the machine's."""

    threads: int
    memory_limit: str

    @staticmethod
    def from_environment() -> "Engine":
        """CLEARSLATE_THREADS (default: the cores there are) and CLEARSLATE_MEMORY (default 1GB). Raises UsageError."""
        threads = os.environ.get("CLEARSLATE_THREADS") or str(os.cpu_count() or 1)
        if not threads.isdecimal() or not 1 <= int(threads) <= _MOST_THREADS:
            raise UsageError(f"CLEARSLATE_THREADS has to be a whole number from 1 to {_MOST_THREADS}")
        memory = os.environ.get("CLEARSLATE_MEMORY") or "1GB"
        told = _MEMORY.fullmatch(memory.strip())
        if not told or float(told[1]) * _BYTES[told[2][:1].upper()] < _LEAST_MEMORY:
            raise UsageError("CLEARSLATE_MEMORY has to be a size such as 800MB, 4GB or 16GiB, and at least 100MB")
        return Engine(int(threads), memory.strip())


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


class Warehouse:
    """One open database. Use it as a context manager; one at a time and one thread each."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, stamp: Stamp | None, hide: Hide) -> None:
        self._connection = connection
        self._stamp = stamp
        self._hide = hide
        # What quality.stamp holds, and the schemas that are there: nobody else writes while this is open.
        self._stamped: dict[str, tuple[Any, ...]] = {}
        self._schemas: set[str] = set()
        self._in_transaction = False

    # -- opening ------------------------------------------------------------------------------------------------------

    @staticmethod
    def build(path: Path, *, home: Home, stamp: Stamp, engine: Engine | None = None) -> "Warehouse":
        """Open (or start) the build database of one run, for writing. Reads and writes files below `home` only."""
        engine = engine or Engine.from_environment()
        # Spilled blocks are as plain as the Parquet beside them (writing encrypted ones needs an extension from the network);
        # they lie below the home, which only its owner can read, and go when the database is closed.
        spill = path.with_suffix(".spill")
        connection = duckdb.connect(
            config={
                "threads": engine.threads,
                "memory_limit": engine.memory_limit,
                "temp_directory": str(spill),
                "preserve_insertion_order": False,  # exports carry their own total order; memory stays bounded
                # Writing the log into the file every 16 MiB of a run costs seconds, and what a killed run had committed is
                # in it just as well.
                "checkpoint_threshold": "1TB",
                "python_enable_replacements": False,  # a misspelt table must not read a Python variable
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
            },
        )
        # In this order: the list can be given only while access is open, and nothing can be changed after the lock.
        connection.execute("set enable_progress_bar = false")  # it would print into what a command prints
        connection.execute("set force_compression = 'uncompressed'")
        # Whoever opens it later reads the log beside it as well; to write that into the file first is 1.4 seconds of a run
        # of a million rows (measured), for nothing.
        connection.execute("pragma disable_checkpoint_on_shutdown")
        try:
            connection.execute(f"attach {_literal(str(path))} as work (row_group_size {ROW_GROUP})")
        except duckdb.Error as error:
            what = f"the build {path.name} can't be opened ({type(error).__name__}): it is damaged, or another program has it "
            what += "open; `clearslate redecide` makes it anew"
            raise WarehouseError(home.hide(what, str(error))) from None
        connection.execute("use work")
        connection.execute(f"set allowed_directories = [{_literal(str(home.root))}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        warehouse = Warehouse(connection, stamp=stamp, hide=home.hide)
        warehouse.execute(ANNIVERSARY_MACRO)
        warehouse.execute(LETTERS_MACROS)
        warehouse.execute("create schema if not exists quality")
        warehouse.execute(
            "create table if not exists quality.stamp (table_name varchar, run_id varchar, as_of date, "
            "rule_set varchar, delivery_set varchar)"
        )
        stamped = warehouse.rows("select table_name, run_id, as_of, rule_set, delivery_set from quality.stamp")
        warehouse._stamped = {name: tuple(values) for name, *values in stamped}
        return warehouse

    @staticmethod
    def read_only(path: Path) -> "Warehouse":
        """Open a published snapshot: read-only, and locked down to that one file."""
        try:
            connection = duckdb.connect(
                str(path),
                read_only=True,
                config={
                    "enable_external_access": False,
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "python_enable_replacements": False,
                },
            )
        except duckdb.Error as error:
            raise WarehouseError(f"{path.name} can't be opened ({type(error).__name__})") from None
        connection.execute("set lock_configuration = true")
        return Warehouse(connection, stamp=None, hide=lambda what, _: what)

    @staticmethod
    def reading(home: Home, *, engine: Engine | None = None) -> "Warehouse":
        """A database in memory that may read files below `home` and keeps nothing; what outgrows memory spills there."""
        engine = engine or Engine.from_environment()
        work = home.root / "work"
        work.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = duckdb.connect(
            config={
                "threads": engine.threads,
                "memory_limit": engine.memory_limit,
                "temp_directory": str(work / f"{uuid.uuid4().hex[:12]}.spill"),
                "preserve_insertion_order": False,
                "python_enable_replacements": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
            },
        )
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set allowed_directories = [{_literal(str(home.root))}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        warehouse = Warehouse(connection, stamp=None, hide=home.hide)
        warehouse.execute(LETTERS_MACROS)
        return warehouse

    def __enter__(self) -> "Warehouse":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    # -- asking -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _safely(self, what: str) -> Iterator[None]:
        try:
            yield
        except duckdb.InterruptException:
            raise KeyboardInterrupt from None
        except (duckdb.Error, pa.ArrowException) as error:
            kind = "the disk is full" if "No space left" in str(error) else type(error).__name__
            raise WarehouseError(self._hide(f"{what}: {kind}", str(error))) from None

    def execute(self, sql: str, parameters: Parameters | None = None, *, what: str = "query") -> None:
        """Run one statement for its effect."""
        with self._safely(what):
            self._connection.execute(sql, parameters or {})

    def rows(self, sql: str, parameters: Parameters | None = None, *, what: str = "query") -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        with self._safely(what):
            return self._connection.execute(sql, parameters or {}).fetchall()

    def row(self, sql: str, parameters: Parameters | None = None, *, what: str = "query") -> dict[str, Any]:
        """The one row of a result, by column name."""
        rows = self.dicts(
            sql, parameters, what=what
        )  # all, though it is one: a result left open blocks the next statement
        return rows[0] if rows else {}

    def dicts(self, sql: str, parameters: Parameters | None = None, *, what: str = "query") -> list[dict[str, Any]]:
        """All rows of a small result, each by column name."""
        with self._safely(what):
            found = self._connection.execute(sql, parameters or {})
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def frame(self, sql: str, parameters: Parameters | None = None, *, what: str = "query") -> pd.DataFrame:
        """A result as a pandas frame."""
        with self._safely(what):
            return self._connection.execute(sql, parameters or {}).df()

    @contextmanager
    def lent(self, what: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """The connection itself, for a library that brings SQL of its own (Splink); errors are as safe as elsewhere."""
        with self._safely(what):
            yield self._connection

    def arrow(self, sql: str, parameters: Parameters | None = None, *, what: str = "query") -> pa.Table:
        """A result as one Arrow table."""
        with self._safely(what):
            return self._connection.sql(sql, params=dict(parameters or {})).to_arrow_table()

    def array(self, sql: str, *, what: str = "query") -> "np.ndarray[Any, Any]":
        """The only column of a result, in any order; of numbers, and without NULL."""
        with self._safely(what):
            batches = [batch.column(0).to_numpy() for batch in self._connection.sql(sql).to_arrow_reader()]
        return np.concatenate(batches) if batches else np.empty(0, dtype="u8")

    def load_arrow(self, name: str, table: pa.Table) -> None:
        """Make a table of an Arrow table's rows, in place of one of that name."""
        with self._safely(name):
            self._connection.register("incoming_arrow", table)
            try:
                self._connection.execute(f"create or replace table {_identifier(name)} as select * from incoming_arrow")
            finally:
                self._connection.unregister("incoming_arrow")

    def stream(
        self, sql: str, parameters: Parameters | None = None, *, what: str = "query", rows: int = 50_000
    ) -> Iterator[pa.RecordBatch]:
        """A large result as Arrow batches of at most `rows` rows."""
        with self._safely(what):
            yield from self._connection.sql(sql, params=dict(parameters or {})).to_arrow_reader(rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of a block or nothing of it, and one sync to disk; a block inside another is part of that one."""
        if self._in_transaction:
            yield
            return
        stamped, schemas = dict(self._stamped), set(self._schemas)
        self.execute("begin transaction")
        self._in_transaction = True
        try:
            yield
            self.execute("commit")
        except BaseException:
            self._stamped, self._schemas = stamped, schemas
            # A commit that failed has rolled back by itself.
            with suppress(duckdb.Error):
                self._connection.execute("rollback")
            raise
        finally:
            self._in_transaction = False

    def tables(self, database: str | None = None) -> set[str]:
        """The tables and views that are there, `schema.table`: of this database, or of one that stands beside it."""
        found = self.rows(
            "select table_schema, table_name from information_schema.tables "
            "where table_catalog = coalesce($database, current_database())",
            {"database": database},
        )
        return {f"{schema}.{table}" for schema, table in found}

    def views(self, database: str | None = None) -> dict[str, str]:
        """The views among them, each with its SELECT."""
        found = self.rows(
            "select schema_name, view_name, sql from duckdb_views() "
            "where database_name = coalesce($database, current_database()) and not internal",
            {"database": database},
        )
        return {f"{schema}.{view}": sql.partition(" AS ")[2].rstrip(";") for schema, view, sql in found}

    def exists(self, name: str) -> bool:
        """Whether `schema.table` is there."""
        schema, table = name.split(".")
        return bool(
            self.rows(
                "select 1 from information_schema.tables where table_schema = $schema and table_name = $table",
                {"schema": schema, "table": table},
            )
        )

    def attach(self, path: Path, *, name: str) -> set[str]:
        """Put another database of the home beside this one, read-only, under `name`; returns its tables, `schema.table`."""
        self.execute(f"attach {_literal(str(path))} as {_identifier(name)} (read_only)", what=f"attaching {path.name}")
        return self.tables(name)

    def describe(self, name: str) -> dict[str, str]:
        """Column name -> type of a table as it stands."""
        return {row[0]: row[1] for row in self.rows(f"describe {_identifier(name)}", what=name)}

    # -- making -------------------------------------------------------------------------------------------------------

    def create(self, model: Model, parameters: Parameters) -> int:
        """Make the model's table anew (its view, where the contract says so); returns its number of rows.

        Raises WarehouseError when an input carries another stamp, a parameter is missing, the SELECT fails, or the
        columns differ from the contract.
        """
        self._refuse_mixed(model)
        missing = set(model.parameters) - set(parameters)
        if missing:
            raise WarehouseError(f"{model.name}: needs the parameters {sorted(missing)}")
        bound = {name: parameters[name] for name in model.parameters}
        contract = load_contracts().get(model.name)
        if contract is not None and contract.is_view:
            self.create_view(model.name, model.sql)
            return int(self.rows(f"select count(*) from {model.name}", what=model.name)[0][0])
        with self._making(model.name):
            return self._fill(model.name, model.sql, bound)

    def create_from_frame(self, name: str, frame: pd.DataFrame | pa.Table) -> int:
        """Make a table whose rows come from Python; cast to the contract's types."""
        contract = load_contracts()[name]
        columns = ", ".join(
            f"cast({_identifier(c.name)} as {c.type}) as {_identifier(c.name)}" for c in contract.columns
        )
        with self._making(name), self._safely(name):
            self._connection.register("incoming_frame", frame)
            rows = self._fill(name, f"select {columns} from incoming_frame", {})
            self._connection.unregister("incoming_frame")  # where it fails, the rollback does so
            return rows

    def create_view(self, name: str, sql: str) -> None:
        """Make a view (over Parquet files of the home, or tables) and stamp it like a table."""
        with self._making(name):
            self.execute(f"create or replace view {_identifier(name)} as {sql}", what=name)

    def append(self, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add a few rows (gate results and the like) to a table that `create_empty` made."""
        rows = list(rows)
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            with self._safely(name):
                self._connection.executemany(f"insert into {_identifier(name)} values ({marks})", rows)

    def create_empty(self, name: str, *, replace: bool = False) -> None:
        """Make a table of the contract's shape without rows, where it is not there yet."""
        contract = load_contracts()[name]
        columns = ", ".join(f"{_identifier(c.name)} {c.type}" for c in contract.columns)
        how = "create or replace table" if replace else "create table if not exists"
        with self._making(name):
            self.execute(f"{how} {_identifier(name)} ({columns})", what=name)

    def copy_to(self, sql: str, path: Path, parameters: Parameters, *, options: str, what: str) -> None:
        """COPY a SELECT to a file below the home."""
        self.execute(f"copy ({sql}) to {_literal(str(path))} ({options})", parameters, what=what)

    @contextmanager
    def _making(self, name: str) -> Iterator[None]:
        """The block makes one table or view: its schema is there before, and what it made is held to its contract and
        stamped. All in one transaction, so that a table is never there without its stamp."""
        schema = name.split(".")[0]
        with self.transaction():
            if schema not in self._schemas:
                self.execute(f"create schema if not exists {_identifier(schema)}")
                self._schemas.add(schema)
            yield
            contract = load_contracts().get(name)
            if contract is not None:
                self._hold_to(contract)
            self._put_stamp(name)

    def _fill(self, name: str, sql: str, parameters: Parameters) -> int:
        """Make the table of a SELECT; returns its rows, which the engine counts as it writes them."""
        [[rows]] = self.rows(f"create or replace table {_identifier(name)} as {sql}", parameters, what=name)
        return int(rows)

    def _put_stamp(self, name: str) -> None:
        if self._stamp is None or self._stamped.get(name) == astuple(self._stamp):
            return
        if name in self._stamped:
            self.execute("delete from quality.stamp where table_name = $name", {"name": name})
        self.execute("insert into quality.stamp values ($name, $run_id, $as_of, $rule_set, $delivery_set)",
                     {"name": name, **dict(zip(("run_id", "as_of", "rule_set", "delivery_set"),
                                               astuple(self._stamp), strict=True))})  # fmt: skip
        self._stamped[name] = astuple(self._stamp)

    def _hold_to(self, contract: Contract) -> None:
        real = self.describe(contract.name)
        if list(real.items()) != list(contract.types.items()):
            differs = [n for n in {*real, *contract.types} if real.get(n) != contract.types.get(n)]
            raise WarehouseError(
                f"{contract.name} is not what its contract says; look at {sorted(differs) or 'the order of columns'}"
            )

    def _refuse_mixed(self, model: Model) -> None:
        if self._stamp is None:
            raise WarehouseError(f"{model.name}: this database is open for reading only")
        for name in model.reads:
            if name not in self._stamped:
                raise WarehouseError(f"{model.name} reads {name}, which this build has not made yet")
            if self._stamped[name] != astuple(self._stamp):
                raise WarehouseError(
                    f"{model.name} reads {name}, which was made by another run, as-of date, rule set or delivery set"
                )
