"""The code location: every asset, check, job and schedule, put together.

Belongs here: assembly. The jobs:

- `statewide`: everything, from the files of a new delivery to the published snapshot.
- `redecide`: the same from the accepted deliveries; reads no extract. Scheduled monthly.
- `acknowledgements`: what courts sent back, from the inbox into the ledger, and the status anew. A sensor launches it.

The first two build in one process: DuckDB uses all cores inside a query, and a writer locks every other process out.
"""

import hashlib
import time
from datetime import UTC, datetime

import dagster as dg

from assets import acknowledgements, files, gates, landing, tables
from clearslate.home import Home
from pipelines.environment import quiet_environment
from pipelines.resources import current_request, run_resource

quiet_environment()  # the UI loads this module in processes of its own

_ACKNOWLEDGED = dg.AssetSelection.assets(acknowledgements.INBOX, acknowledgements.NOW)
_RUN = dg.AssetSelection.all() - _ACKNOWLEDGED

statewide = dg.define_asset_job(
    "statewide",
    selection=_RUN,
    executor_def=dg.in_process_executor,
    description="A new delivery, from its files to the prosecutor's and the court's, and the published snapshot. "
    "Give resources.run.config: files, and where wanted as_of, policy, counties, review.",
)
redecide = dg.define_asset_job(
    "redecide",
    selection=_RUN - dg.AssetSelection.assets(landing.LANDING),
    executor_def=dg.in_process_executor,
    description="Every decision anew from the accepted deliveries, as of another date or under another policy.",
)

acknowledged = dg.define_asset_job(
    "acknowledgements",
    selection=_ACKNOWLEDGED,
    executor_def=dg.in_process_executor,
    # While a run holds the home, the ledger waits; what waits longer is the sensor's to launch again.
    op_retry_policy=dg.RetryPolicy(max_retries=6, delay=60, backoff=dg.Backoff.EXPONENTIAL),
    description="The courts' files from the inbox into the ledger, and the status of every line anew.",
)


_FILES = "clearslate/inbox"
"""The tag that says which files a run was launched for, by a hash."""
_PAUSE, _LONGEST_PAUSE = 10 * 60, 6 * 60 * 60
"""Seconds from a run that did not take the files to the next: doubled each time, up to the longest."""


@dg.sensor(
    job=acknowledged,
    minimum_interval_seconds=60,
    description="Launches `acknowledgements` when a file lies in the inbox, and again for as long as it lies there. Turn it "
    "on where courts deliver by folder.",
)
def inbox(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    found = acknowledgements.files_waiting(Home.find())
    if not found:
        return dg.SkipReason("the inbox is empty")
    files = hashlib.sha256("-".join(found).encode()).hexdigest()
    tried = context.instance.get_run_records(dg.RunsFilter(job_name=acknowledged.name, tags={_FILES: files}))
    if not tried:
        return dg.RunRequest(run_key=files, tags={_FILES: files})
    last = tried[0]  # the newest comes first
    waiting, name = f"files waiting in the inbox: {len(found)}", last.dagster_run.run_id
    if not last.dagster_run.is_finished:
        return dg.SkipReason(
            f"{waiting}; run {name}, asked for at {_clock(last.create_timestamp.timestamp())}, has not ended. If its process "
            "is gone, end it in the UI: then they are tried again"
        )
    due = (last.end_time or last.update_timestamp.timestamp()) + min(_PAUSE * 2 ** (len(tried) - 1), _LONGEST_PAUSE)
    if time.time() < due:
        return dg.SkipReason(
            f"{waiting}; runs that did not take them: {len(tried)}, the last {name}, which says why; next at {_clock(due)}"
        )
    return dg.RunRequest(run_key=f"{files}-{name}", tags={_FILES: files})


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


@dg.schedule(
    job=redecide,
    cron_schedule="0 3 2 * *",
    execution_timezone="America/Los_Angeles",
    description="The statewide reprocessing: on the second of each month, as of that day, with the policy, the counties and "
    "the review files of the current release.",
)
def monthly_redecide(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    home = Home.find()
    asked = current_request(home)
    if asked is None:
        return dg.SkipReason(f"nothing has been published in {home.root} yet")
    day = context.scheduled_execution_time.date().isoformat()
    return dg.RunRequest(run_key=day, run_config={"resources": {"run": {"config": {"as_of": day, **asked}}}})


defs = dg.Definitions(
    assets=[*landing.ASSETS, *tables.ASSETS, *files.ASSETS, *gates.TABLES, *acknowledgements.ASSETS],
    asset_checks=gates.CHECKS,
    jobs=[statewide, redecide, acknowledged],
    schedules=[monthly_redecide],
    sensors=[inbox],
    resources={"run": run_resource},
    executor=dg.in_process_executor,  # also for assets that a person materializes alone
)
