"""Staging, core, facts, eligibility, review, court and impact: the tables between the raw views and the files.

One asset per table. What a table says stands in its SQL file or in the module that its contract names; here they are only
wired together.
"""

from collections.abc import Iterator

import dagster as dg

from assets.factory import asset_key, build_model, column_schema, made, schema_assets, table_spec
from clearslate import sources
from clearslate.contracts import load_contracts
from clearslate.review import flag_comments
from clearslate.run import Run

DETERMINATION = "eligibility.determination"


@dg.asset(
    key=asset_key("staging.record"),
    deps=[asset_key("raw.record"), asset_key("raw.delivery")],
    group_name="staging",
    kinds={"sql", "parquet"},
    description=load_contracts()["staging.record"].description,
    metadata={"dagster/column_schema": column_schema(load_contracts()["staging.record"])},
    required_resource_keys={"run"},
)
def staging_record(context: dg.AssetExecutionContext) -> None:
    run: Run = context.resources.run
    with run.stage("staging.record"), run.warehouse() as warehouse:
        sources.stage(warehouse, run.home, run.deliveries)
        newest = sources.newest_event(warehouse)
    run.note(newest_event=newest.isoformat() if newest else None)


@dg.multi_asset(
    specs=[table_spec(name, deps=["staging.record"]) for name in sources.PARSED_TABLES],
    required_resource_keys={"run"},
    name="parsed",
)
def parsed_texts(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Every distinct offense and disposition text, read once."""
    run: Run = context.resources.run
    with run.stage("core.offense"), run.warehouse() as warehouse:
        sources.parse_texts(warehouse)
    yield from made(sources.PARSED_TABLES)


@dg.multi_asset(
    specs=[table_spec("review.comment_charge", deps=["staging.record", "core.offense"])],
    required_resource_keys={"run"},
    name="review__comment_charge",
)
def comment_charge(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Comments that speak of another charge."""
    run: Run = context.resources.run
    with run.stage("review.comment_charge"), run.warehouse() as warehouse:
        flag_comments(warehouse)
    yield from made(["review.comment_charge"])


@dg.multi_asset(
    specs=[table_spec(DETERMINATION, deps=["facts.conviction"])],
    required_resource_keys={"run"},
    name="eligibility__determination",
)
def determination(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """The rules and the run's policy, compiled to one SELECT; its text goes with the results."""
    run: Run = context.resources.run
    rows = build_model(run, run.determination)
    run.keep_text("eligibility.determination.sql", run.determination.sql)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows, "rule_set": run.rule_set})


ASSETS = [
    staging_record,
    parsed_texts,
    comment_charge,
    determination,
    *(asset for schema in ("core", "facts", "review", "court", "impact") for asset in schema_assets(schema)),
]
