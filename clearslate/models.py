"""SQL models: one SELECT a file, `sql/<schema>/<table>.sql`, and the order in which they can be built.

Belongs here: finding the models, reading from the SQL itself which tables and parameters they need, and their order.
Does not belong here: running them (warehouse.py), the rules' SQL (clearslate/law compiles that and hands it in).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from clearslate.contracts import SQL_ROOT
from clearslate.errors import ClearslateError


@dataclass(frozen=True)
class Model:
    """One SELECT that makes one table. `reads` and `parameters` are parsed out of the SQL, never listed by hand."""

    schema: str
    table: str
    sql: str
    reads: tuple[str, ...]
    parameters: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}"


# Comments, texts, and the FROMs and JOINs that name no table.
_ASIDES = re.compile(
    r"--[^\n]*|'(?:[^']|'')*'|\bextract\s*\(\s*\w+\s+from\b|\bdistinct\s+from\b|\blateral\b", re.IGNORECASE
)
_SELECT = re.compile(r"\s*(?:select|with)\b[^;]*;?\s*", re.IGNORECASE)
_CTE = re.compile(r"\b([a-z_][a-z0-9_]*)\s*(?:\([^()]*\)\s*)?as\s*\(", re.IGNORECASE)
_SOURCE = re.compile(r"\b(?:from|join)\s+([a-z_][a-z0-9_.]*)", re.IGNORECASE)
_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)", re.IGNORECASE)


@cache
def parse_model(schema: str, table: str, sql: str) -> Model:
    """Read a model's dependencies and parameters. Raises ClearslateError if it isn't a single SELECT.

    By pattern, because every process that loads the code location does it for all models; tests/layout holds what is
    found here against a whole parse.
    """
    told = _ASIDES.sub(" ", sql)
    if not _SELECT.fullmatch(told):
        raise ClearslateError(f"sql/{schema}/{table}.sql: a model is exactly one SELECT")
    ctes = set(_CTE.findall(told))
    reads = set()
    for name in _SOURCE.findall(told):
        if "." in name:
            reads.add(name)
        elif name not in ctes:
            raise ClearslateError(f"sql/{schema}/{table}.sql: {name!r} needs its schema")
    return Model(schema, table, sql, tuple(sorted(reads)), tuple(sorted(set(_PARAMETER.findall(told)))))


@cache
def load_models(root: Path = SQL_ROOT) -> Mapping[str, Model]:
    """All models under `sql/`, keyed `schema.table`."""
    found = (parse_model(path.parent.name, path.stem, path.read_text("utf-8")) for path in sorted(root.glob("*/*.sql")))
    return {model.name: model for model in found}


def in_order(models: Iterable[Model]) -> list[Model]:
    """The models, each after all that it reads (among them); ties by name, so that the order never changes."""
    by_name = {model.name: model for model in models}
    sorter = TopologicalSorter({name: [r for r in model.reads if r in by_name] for name, model in by_name.items()})
    sorter.prepare()
    ordered: list[Model] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += [by_name[name] for name in ready]
        sorter.done(*ready)
    return ordered
