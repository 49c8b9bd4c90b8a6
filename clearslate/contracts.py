"""Column contracts: what every table promises, declared once in `sql/<schema>/<table>.yml`.

Belongs here: reading and checking those files, and holding a table's real columns against them. Does not belong here:
running SQL (warehouse.py), finding models and their order (models.py).

A contract file has exactly these keys:

    description: one or two sentences; becomes the table's comment and the asset's description
    made_by:     only where no `.sql` stands beside it: which module fills the table
    view:        true for what is put together from other tables whenever it is read
    grain:       list of columns that identify a row (checked by the gates, never a database constraint)
    columns:     list of {name, type, description, pii, listed, denied}; pii is `direct` for what names a person, or may
                 because anything can be typed there, absent otherwise; listed names the law list, a table of `law`, outside
                 of whose texts the snapshot has NULL (publish.py); denied says in words what holds where a true-or-false
                 fact is false, for those that a rule denies
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from clearslate.errors import ClearslateError

SQL_ROOT = Path(__file__).resolve().parents[1] / "sql"
_TABLE_KEYS = {"description", "made_by", "view", "grain", "columns"}
_COLUMN_KEYS = {"name", "type", "description", "pii", "listed", "denied"}


@dataclass(frozen=True)
class Column:
    """One column: DuckDB type name, meaning, whether it names a person, the list of what may be published of it, and what
    holds where a fact is false."""

    name: str
    type: str
    description: str
    pii: bool
    listed: str | None = None
    denied: str | None = None


@dataclass(frozen=True)
class Contract:
    """What `schema.table` promises."""

    schema: str
    table: str
    description: str
    made_by: str | None
    grain: tuple[str, ...]
    columns: tuple[Column, ...]
    is_view: bool = False

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}"

    @property
    def types(self) -> dict[str, str]:
        """Column name -> DuckDB type, in order."""
        return {column.name: column.type for column in self.columns}


def _contract(path: Path) -> Contract:
    found: Any = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    where = f"sql/{path.parent.name}/{path.name}"
    if not isinstance(found, dict) or set(found) - _TABLE_KEYS or not {"description", "grain", "columns"} <= set(found):
        raise ClearslateError(f"{where}: a contract has the keys {sorted(_TABLE_KEYS)} (made_by only without a .sql)")
    if found.get("view", True) is not True:
        raise ClearslateError(f"{where}: view is true or absent")
    columns = []
    for entry in found["columns"]:
        if set(entry) - _COLUMN_KEYS or not {"name", "type", "description"} <= set(entry):
            raise ClearslateError(f"{where}: column {entry.get('name')!r}: keys are {sorted(_COLUMN_KEYS)}")
        if entry.get("pii", "direct") != "direct":
            raise ClearslateError(f"{where}: column {entry['name']!r}: pii is 'direct' or absent")
        if "denied" in entry and entry["type"] != "BOOLEAN":
            raise ClearslateError(f"{where}: column {entry['name']!r}: only what is true or false can be denied")
        if "listed" in entry and (entry["type"] != "VARCHAR" or "pii" in entry):
            raise ClearslateError(f"{where}: column {entry['name']!r}: only a text that names nobody can be listed")
        columns.append(
            Column(
                entry["name"],
                entry["type"],
                entry["description"],
                "pii" in entry,
                entry.get("listed"),
                entry.get("denied"),
            )
        )
    names = [column.name for column in columns]
    if len(names) != len(set(names)):
        raise ClearslateError(f"{where}: a column is named twice")
    if not set(found["grain"]) <= set(names):
        raise ClearslateError(f"{where}: the grain names a column that is not there")
    if (found.get("made_by") is None) != path.with_suffix(".sql").exists():
        raise ClearslateError(f"{where}: made_by is for tables without a .sql file, and needed for those")
    return Contract(
        path.parent.name, path.stem, found["description"].strip(), found.get("made_by"), tuple(found["grain"]),
        tuple(columns), "view" in found,
    )  # fmt: skip


@cache
def load_contracts(root: Path = SQL_ROOT) -> Mapping[str, Contract]:
    """All contracts under `sql/`, keyed `schema.table`, sorted. Raises ClearslateError naming the file."""
    found = (_contract(path) for path in sorted(root.glob("*/*.yml")))
    return {contract.name: contract for contract in found}
