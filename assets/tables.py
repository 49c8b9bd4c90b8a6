"""Staging, core, facts, eligibility, review, court and impact: the tables between the raw views and the files.

One asset per table. What a table says stands in its SQL file or in the module that its contract names; here they are only
wired together.
"""

from collections.abc import Iterator

import dagster as dg

from assets.factory import asset_key, build_model, column_schema, made, schema_assets, table_spec
from clearslate import sources
from clearslate.compare import DETERMINATION as COMPARED
from clearslate.compare import run_comparison
from clearslate.contracts import load_contracts
from clearslate.review import flag_comments
from clearslate.run import Run

CANDIDATE, DECISION, VERDICT, DETERMINATION = (
    f"eligibility.{name}" for name in ("candidate", "decision", "verdict", "determination")
)
DECIDING = "review.deciding_fact"
_FACTS = ["facts.arrest", "facts.conviction"]


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
    specs=[
        table_spec(CANDIDATE, deps=_FACTS),
        table_spec(DECISION, deps=_FACTS),
        table_spec(VERDICT, deps=[DECISION]),
        table_spec(DETERMINATION, deps=[DECISION, VERDICT]),
    ],
    required_resource_keys={"run"},
    name="eligibility__determination",
)
def determination(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """The rules and the counties' policies, compiled; their text goes with the results. Whom they speak of is listed by a
    SELECT of its own."""
    run: Run = context.resources.run
    for model in run.eligibility:
        rows = build_model(run, model)
        run.keep_text(f"{model.name}.sql", model.sql)
        yield dg.MaterializeResult(
            asset_key=asset_key(model.name), metadata={"dagster/row_count": rows, "rule_set": run.rule_set}
        )


@dg.multi_asset(
    specs=[table_spec(DECIDING, deps=[DETERMINATION, "facts.conviction"])],
    required_resource_keys={"run"},
    name="review__deciding_fact",
)
def deciding_fact(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """The facts that each determination of a court program rests on, by a SELECT that the rules compile to."""
    run: Run = context.resources.run
    rows = build_model(run, run.deciding_fact)
    run.keep_text(f"{DECIDING}.sql", run.deciding_fact.sql)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})


@dg.multi_asset(
    specs=[table_spec(COMPARED, deps=["facts.conviction"])],
    required_resource_keys={"run"},
    name="impact__policy_determination",
)
def policy_determination(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """The same facts under the statute alone and under the run's policy, to be compared."""
    run: Run = context.resources.run
    with run.stage(COMPARED), run.warehouse() as warehouse:
        model = run_comparison(run)
        rows = warehouse.create(model, run.parameters())
        run.keep_text(f"{COMPARED}.sql", model.sql)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})


ASSETS = [
    staging_record,
    parsed_texts,
    comment_charge,
    determination,
    deciding_fact,
    policy_determination,
    *(asset for schema in ("core", "facts", "review", "court", "impact") for asset in schema_assets(schema)),
]
