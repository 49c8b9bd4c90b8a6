"""What has to be set before libraries load: no telemetry, whatever the machine says."""

import os


def quiet_environment() -> None:
    """Turn off every dependency's telemetry for this process and those it starts. dagster.yaml says it for Dagster."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"
    os.environ["DO_NOT_TRACK"] = "1"
