"""SQL models: one SELECT a file, `sql/<schema>/<table>.sql`, and the order in which they can be built.

Belongs here: finding the models, reading from the SQL itself which tables and parameters they need, and their order.
Does not belong here: running them (warehouse.py), the rules' SQL (clearslate/law compiles that and hands it in).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import sqlglot
from sqlglot import exp

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


@cache
def parse_model(schema: str, table: str, sql: str) -> Model:
    """Read a model's dependencies and parameters. Raises ClearslateError if it isn't a single SELECT."""
    statements = sqlglot.parse(sql, dialect="duckdb")
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ClearslateError(f"sql/{schema}/{table}.sql: a model is exactly one SELECT")
    tree = statements[0]
    ctes = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    reads = set()
    for found in tree.find_all(exp.Table):
        if found.db:
            reads.add(f"{found.db}.{found.name}")
        elif found.name not in ctes:
            raise ClearslateError(f"sql/{schema}/{table}.sql: {found.name!r} needs its schema")
    parameters = {str(found.this) for found in tree.find_all(exp.Parameter, exp.Placeholder)}
    return Model(schema, table, sql, tuple(sorted(reads)), tuple(sorted(parameters)))


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
