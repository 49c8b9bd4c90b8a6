"""How a SQL model becomes an asset: `sql/<schema>/<table>.sql` -> asset key [schema, table], dependencies parsed from it.

Belongs here: what all table assets share: keys, groups, column schemas, counts. Nothing about any one table.
"""

from collections.abc import Iterable, Iterator

import dagster as dg

from clearslate.contracts import Contract, load_contracts
from clearslate.models import Model, load_models
from clearslate.run import Run


def asset_key(name: str) -> dg.AssetKey:
    """`schema.table` as an asset key."""
    return dg.AssetKey(name.split("."))


def column_schema(contract: Contract) -> dg.TableSchema:
    """A contract as Dagster shows it."""
    return dg.TableSchema(
        [
            dg.TableColumn(c.name, c.type, c.description + (" (names a person)" if c.pii else ""))
            for c in contract.columns
        ]
    )


def table_spec(name: str, *, deps: list[str]) -> dg.AssetSpec:
    """The spec of a table that has no asset function of its own: Python fills it, or a gate makes it."""
    contract = load_contracts()[name]
    return dg.AssetSpec(
        asset_key(name),
        deps=[asset_key(dep) for dep in deps],
        description=contract.description,
        group_name=contract.schema,
        kinds={"python" if contract.made_by else "sql", "duckdb"},
        metadata={"dagster/column_schema": column_schema(contract)},
    )


def made(names: Iterable[str]) -> Iterator[dg.MaterializeResult[None]]:
    """What an op yields that has filled several tables."""
    return (dg.MaterializeResult(asset_key=asset_key(name)) for name in names)


def build_model(run: Run, model: Model) -> int:
    """Make one model's table in the run's build; returns its rows."""
    with run.stage(model.name), run.warehouse() as warehouse:
        return warehouse.create(model, run.parameters())


def model_asset(name: str) -> dg.AssetsDefinition:
    """The asset of one SQL model."""
    model = load_models()[name]
    contract = load_contracts()[name]

    @dg.asset(
        key=asset_key(name),
        deps=[asset_key(read) for read in model.reads],
        op_tags={"schema": model.schema},
        description=contract.description,
        group_name=model.schema,
        kinds={"sql", "duckdb"},
        metadata={"dagster/column_schema": column_schema(contract)},
        required_resource_keys={"run"},
    )
    def build(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        rows = build_model(context.resources.run, model)
        return dg.MaterializeResult(metadata={"dagster/row_count": rows})

    return build


def schema_assets(schema: str) -> list[dg.AssetsDefinition]:
    """The assets of all models of one schema."""
    return [model_asset(name) for name, model in load_models().items() if model.schema == schema]
