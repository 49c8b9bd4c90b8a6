"""The ledger's tables: which there are, their columns, and the immutable Parquet objects that hold them.

Belongs here: the schemas, the bytes of an object, writing and checking one. Does not belong here: which entry names
which table (kinds.py), and what the tables say together (views.py, states.py).

An object is called by the SHA-256 of its bytes and never changes. Text that is blank is NULL. No table has a name, a birth
date or a CII number in it; `reason_text` is the court's own words, and leaves the ledger for its owner's eyes only.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clearslate.errors import LedgerBroken, LedgerRefused
from clearslate.ledger.chain import sync_folder, write_file

_TYPES = {"int": pa.int32(), "flag": pa.bool_()}
_ROWS_PER_GROUP = 131_072


def _schema(columns: str) -> pa.Schema:
    """Columns in their order: `name` is text, `name:int` a whole number, `name:flag` true or false."""
    named = [column.partition(":") for column in columns.split()]
    return pa.schema([(name, _TYPES[kind] if kind else pa.string()) for name, _, kind in named])


_SAID = (
    "batch_id line_no:int action_key stage status reason_code reason_text effective_date court_case_number "
    "court_event_id order_doc_id row:int exception_id"
)

SCHEMAS: Mapping[str, pa.Schema] = {
    "lines": _schema(
        "batch_id line_no:int action_key version conviction_id case_number case_key count_no:int statute_section "
        "action_code disposition_date offense_level_before rule legal_basis da_position first_line:flag"
    ),
    "reversal_lines": _schema("batch_id reversal_no:int action_key reverses_action_key reason"),
    "decisions": _schema("action_key version decision ground row:int"),
    "verdicts": _schema("sample_id action_key version stratum verdict row:int"),
    "worklist_lines": _schema("action_key version outcome"),
    "sample_lines": _schema("sample_id action_key version stratum"),
    "sample_strata": _schema("sample_id stratum n_lines:int n_sampled:int"),
    "acks": _schema(_SAID),
    "exceptions": _schema(f"{_SAID} kind words"),
}
"""`acks.exception_id` names the exception in which a row waited until it could be applied; NULL for the others."""


@dataclass(frozen=True)
class StoredTable:
    """What an entry says of an object."""

    sha256: str
    rows: int


def conform(name: str, table: pa.Table) -> pa.Table:
    """A table in its schema's columns, order and types, blanks as NULL. Raises LedgerRefused where it isn't that table."""
    schema = SCHEMAS[name]
    if sorted(table.column_names) != sorted(schema.names):
        differs = sorted({*table.column_names} ^ {*schema.names})
        raise LedgerRefused(f"the ledger's table `{name}` has other columns: {', '.join(differs)}")
    try:
        cast = table.select(schema.names).replace_schema_metadata(None).cast(schema)
    except (pa.ArrowException, ValueError):
        raise LedgerRefused(f"the ledger's table `{name}` has a column of another type") from None
    for position, field in enumerate(schema):
        if pa.types.is_string(field.type):
            column = cast.column(position)
            blank = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
            cast = cast.set_column(position, field, blank)
    return cast


def store(folder: Path, name: str, table: pa.Table) -> StoredTable:
    """Write a table below `folder` under the name of its bytes; on the disk when this returns. Same rows, same name."""
    content = _encode(conform(name, table))
    stored = StoredTable(hashlib.sha256(content).hexdigest(), table.num_rows)
    path = object_path(folder, stored.sha256)
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == stored.sha256:
        sync_folder(folder)  # the write that put it there may have been killed before it came to that
    else:
        folder.mkdir(mode=0o700, exist_ok=True)
        write_file(path, content)
    return stored


def object_path(folder: Path, sha256: str) -> Path:
    """Where an object lies."""
    return folder / f"{sha256}.parquet"


def check(folder: Path, name: str, stored: StoredTable, seq: int) -> int:
    """Hold an object against all that entry `seq` says of it; returns its bytes. Raises LedgerBroken."""
    path = object_path(folder, stored.sha256)
    try:
        content = path.read_bytes()
    except OSError:
        raise broken(name, stored.sha256, seq, "is missing") from None
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise broken(name, stored.sha256, seq, "is not what was written")
    read = pq.ParquetFile(pa.BufferReader(content))
    if read.metadata.num_rows != stored.rows or read.schema_arrow.names != SCHEMAS[name].names:
        raise broken(name, stored.sha256, seq, "is another than it says")
    return len(content)


_held: dict[Path, tuple[int, int, int]] = {}  # objects whose bytes this process has hashed, as they were then


def hold(folder: Path, name: str, sha256: str, seq: int) -> Path:
    """The path of an object that is going to be read, its bytes being those that it is called by. Raises LedgerBroken.

    A process hashes an object once, and again where its size or time says that it is another.
    """
    path = object_path(folder, sha256)
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            seen = (found.st_size, found.st_mtime_ns, found.st_ino)
            if _held.get(path) == seen:
                return path
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise broken(name, sha256, seq, "is not what was written")
    except OSError:
        raise broken(name, sha256, seq, "is missing") from None
    _held[path] = seen
    return path


def broken(name: str, sha256: str, seq: int, fault: str) -> LedgerBroken:
    """What is said of an object that can't be used."""
    return LedgerBroken(
        f"entry {seq} of the ledger: its table `{name}` {fault}; put objects/{sha256}.parquet back from the newest good copy "
        "of the ledger folder"
    )


def load(folder: Path, stored: StoredTable) -> pa.Table:
    """The rows of an object that has been checked."""
    return pq.read_table(object_path(folder, stored.sha256), partitioning=None)


def _encode(table: pa.Table) -> bytes:
    """The object's bytes. Every setting that shapes them is stated, so that a library's new default changes nothing."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.combine_chunks(),
        sink,
        version="2.6",
        compression="zstd",
        compression_level=3,
        use_dictionary=True,
        write_statistics=True,
        data_page_version="1.0",
        data_page_size=1 << 20,
        write_batch_size=1024,
        row_group_size=_ROWS_PER_GROUP,
        store_schema=False,
        write_page_index=False,
    )
    content: bytes = sink.getvalue().to_pybytes()
    return content
