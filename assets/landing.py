"""Landing: the files as they were delivered, read into Parquet with every line accounted for."""

from collections.abc import Iterator

import dagster as dg

from assets.factory import made, table_spec
from clearslate import sources
from clearslate.inputs import INPUT_TABLES, register_inputs
from clearslate.landing import land
from clearslate.run import Run

LANDING = dg.AssetKey(["landing", "delivery"])


@dg.asset(
    key=LANDING,
    group_name="landing",
    kinds={"python", "parquet"},
    required_resource_keys={"run"},
    description="The files of a DOJ delivery, checksummed and read into immutable Parquet: loaded records, and quarantined "
    "ones beside them with a reason. Without new files: the accepted deliveries as they are.",
)
def landing_delivery(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    run: Run = context.resources.run
    with run.stage("landing.delivery"):
        counts = land(run)
    return dg.MaterializeResult(metadata=counts)


@dg.multi_asset(
    specs=[table_spec(name, deps=["landing.delivery"]) for name in sources.RAW_TABLES],
    required_resource_keys={"run"},
    name="raw",
)
def raw_tables(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Views over the deliveries' Parquet, in the order of their acceptance."""
    run: Run = context.resources.run
    with run.stage("raw"):
        run.sweep()
        with run.warehouse() as warehouse, warehouse.transaction():
            sources.register_raw(warehouse, run.home, run.deliveries)
    yield from made(sources.RAW_TABLES)


@dg.multi_asset(
    specs=[table_spec(name, deps=["landing.delivery"]) for name in INPUT_TABLES],
    required_resource_keys={"run"},
    name="inputs",
)
def input_tables(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """The files given beside the extracts; after landing, because a build is stamped with its deliveries."""
    run: Run = context.resources.run
    with run.stage("inputs"), run.warehouse() as warehouse, warehouse.transaction():
        register_inputs(warehouse, run.home, run.input_files)
    yield from made(INPUT_TABLES)


@dg.multi_asset(
    specs=[table_spec(name, deps=["landing.delivery"]) for name in sources.LAW_TABLES],
    required_resource_keys={"run"},
    name="law",
)
def law_tables(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """The law lists that models join; after landing, because a build is stamped with its deliveries."""
    run: Run = context.resources.run
    with run.stage("law"), run.warehouse() as warehouse, warehouse.transaction():
        sources.register_law(warehouse, run.assignment)
    yield from made(sources.LAW_TABLES)


ASSETS = [landing_delivery, raw_tables, input_tables, law_tables]
