"""What leaves the pipeline: the prosecutor's files, the court's packages, and the published snapshot.

All three gather beside the run and become current together, in one atomic step, when the snapshot is made. Court and
snapshot read the gates themselves: a blocking check guards only the run in which it ran.
"""

import dagster as dg

from assets.acknowledgements import status_metadata
from assets.factory import asset_key, table_spec
from clearslate.accounting import account
from clearslate.court import PackageFacts, write_packages
from clearslate.court.release import TABLES as PRIVATE_TABLES
from clearslate.court.release import Release, write_private
from clearslate.court.status import STATUS, court_status, has_ledger
from clearslate.keys import action_key
from clearslate.publish import publish
from clearslate.review import write_review, write_summaries, write_upcoming
from clearslate.run import Run, require_build
from expectations.gate import SUITES, require

REVIEW = dg.AssetKey(["review", "files"])
COURT = dg.AssetKey(["court", "package"])
SNAPSHOT = dg.AssetKey(["published", "snapshot"])


@dg.asset(
    key=REVIEW,
    deps=[
        asset_key(name)
        for name in (
            "review.prop64_result", "review.upcoming_relief", "review.comment_charge", "impact.county_summary",
            "eligibility.determination",
            "core.record", "core.entry", "raw.record",
        )
    ],
    group_name="review",
    kinds={"csv"},
    description="The prosecutor's files, a folder per county: Prop64_Results.csv, All_Results.csv, "
    "All_Results_Condensed.csv, upcoming_relief.csv and summary.json.",
    required_resource_keys={"run"},
)  # fmt: skip
def review_files(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    run: Run = context.resources.run
    lines = {}
    if run.request.review != "none":
        out = run.staged / "review"
        with run.stage("review.files"), run.warehouse() as warehouse:
            lines = write_review(warehouse, out=out, counties=run.counties, review=run.request.review)
            lines |= write_upcoming(warehouse, out=out, counties=run.counties)
            write_summaries(warehouse, out=out, counties=run.counties, assignment=run.assignment)
        run.note(review_lines=lines)
    return dg.MaterializeResult(metadata=dict(lines))


@dg.asset(
    key=COURT,
    deps=[asset_key(f"court.{name}") for name in ("action", "case_summary", "source", "accounting")],
    group_name="court",
    kinds={"csv"},
    description="A package per county for its court: manifest, relief actions, relief cases and checksums.",
    required_resource_keys={"run"},
)
def court_package(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    run: Run = context.resources.run
    facts = PackageFacts(
        as_of=run.request.as_of,
        rule_set=run.rule_set,
        assignment=run.assignment,
        is_test=True,
        data_through=run.data_through,
    )
    with run.stage("court.package"):
        require_build(run.home, run.run_id)
        with run.warehouse() as warehouse:
            require(warehouse, SUITES[:-1], run.stamp)
            reports = write_packages(warehouse, out=run.staged / "court", facts=facts)
    totals = {
        "packages": len(reports),
        "lines": sum(report.lines for report in reports),
        "cases": sum(report.cases for report in reports),
    }
    run.note(court=totals)
    return dg.MaterializeResult(metadata=dict(totals))


@dg.multi_asset(
    specs=[
        table_spec(
            STATUS,
            deps=[".".join(COURT.path), *(name for name in PRIVATE_TABLES if name != "quality.gate")],
        )
    ],
    required_resource_keys={"run"},
    name="impact__court_status",
)
def status_of_lines(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """What the release keeps for reviewers and courts, and where its lines stand by the ledger; empty without one."""
    run: Run = context.resources.run
    with run.stage(STATUS):
        require_build(run.home, run.run_id)
        with run.warehouse() as warehouse:
            require(warehouse, SUITES, run.stamp)
            write_private(
                warehouse,
                run.staged,
                stamp=run.stamp,
                data_through=run.data_through,
                key_fingerprint=action_key(run.home).fingerprint,
                suites=SUITES,
                assignment=run.assignment,
            )
            warehouse.create_empty(STATUS, replace=True)
            if has_ledger(run.home):
                counts = court_status(run.home, run.request.as_of, release=Release.at(run.staged)).counts
                warehouse.create_from_frame(STATUS, counts)
            metadata = status_metadata(warehouse)
    return dg.MaterializeResult(metadata=metadata)


@dg.asset(
    key=SNAPSHOT,
    deps=[
        REVIEW,
        COURT,
        asset_key(STATUS),
        asset_key("impact.county_summary"),
        asset_key("impact.candidate_person"),
        asset_key("impact.policy_comparison"),
        asset_key("impact.remedy_summary"),
    ],
    group_name="published",
    kinds={"duckdb"},
    description="The read-only snapshot for analysts (core, facts, eligibility, quality, impact; nothing that names a "
    "person), made current together with the files and with what the release keeps for reviewers and courts.",
    required_resource_keys={"run"},
)
def snapshot(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    run: Run = context.resources.run
    with run.stage("published.snapshot"):
        require_build(run.home, run.run_id)
        with run.warehouse() as warehouse:
            require(warehouse, SUITES, run.stamp)
            tables = publish(warehouse, run.staged / "published.duckdb")
            run.note(account=account(warehouse))
        run.promote()
    return dg.MaterializeResult(metadata={"tables": tables})


ASSETS = [review_files, court_package, status_of_lines, snapshot]
