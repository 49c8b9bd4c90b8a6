"""The code location: every asset, check, job and schedule, put together.

Belongs here: assembly. The jobs:

- `statewide`: everything, from the files of a new delivery to the published snapshot.
- `redecide`: the same from the accepted deliveries; reads no extract. Scheduled monthly.

Both build in one process: DuckDB uses all cores inside a query, and a writer locks every other process out.
"""

import dagster as dg

from assets import files, gates, landing, tables
from clearslate.home import Home
from pipelines.environment import quiet_environment
from pipelines.resources import current_request, run_resource

quiet_environment()  # the UI loads this module in processes of its own

statewide = dg.define_asset_job(
    "statewide",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="A new delivery, from its files to the prosecutor's and the court's, and the published snapshot. "
    "Give resources.run.config: files, and where wanted as_of, policy, counties, review.",
)
redecide = dg.define_asset_job(
    "redecide",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(landing.LANDING),
    executor_def=dg.in_process_executor,
    description="Every decision anew from the accepted deliveries, as of another date or under another policy.",
)


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
    assets=[*landing.ASSETS, *tables.ASSETS, *files.ASSETS, *gates.TABLES],
    asset_checks=gates.CHECKS,
    jobs=[statewide, redecide],
    schedules=[monthly_redecide],
    resources={"run": run_resource},
    executor=dg.in_process_executor,  # also for assets that a person materializes alone
)
