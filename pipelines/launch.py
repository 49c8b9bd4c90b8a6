"""Launching a job from the command line, in this process, recorded in the home's Dagster instance like one from the UI.

Belongs here: the instance, the launch, and what came of it as facts. Does not belong here: printing (show.py), the jobs
(definitions.py).
"""

import logging
import os
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from clearslate.errors import ClearslateError, Interrupted
from clearslate.home import Home
from clearslate.progress import Listener, listening
from pipelines.environment import quiet_environment

if TYPE_CHECKING:
    import dagster as dg


@dataclass(frozen=True)
class Result:
    """What came of a run: its record, where its files are, what the gates said, and the error that ended it, if one did."""

    run_id: str
    home: Home
    facts: dict[str, Any]
    refused: tuple[str, ...]
    warned: tuple[str, ...]
    error: ClearslateError | None

    @property
    def exit_code(self) -> int:
        return 1 if self.refused else 0


def launch(job: str, home: Home, config: dict[str, Any], listener: Listener) -> Result:
    """Run a job to its end. What goes wrong inside it is not raised: it stands in the result. Raises HomeLocked."""
    with home.lock():  # the run takes it again, for as long as it lasts; here it spares a doomed one its start
        os.environ["DAGSTER_HOME"] = str(home.prepare_dagster())
    quiet_environment()
    import dagster as dg

    from clearslate.run import Run, told
    from clearslate.settings import Request
    from pipelines.definitions import defs

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    errors: list[ClearslateError] = []
    verdicts: list[Any] = []

    def listen(stage: str, counts: dict[str, Any]) -> None:
        if stage == "failed":
            errors.append(counts["error"])
        elif stage == "verdict":
            verdicts.append(counts["verdict"])
        else:
            listener(stage, counts)

    with listening(listen), dg.DagsterInstance.get() as instance:
        ended = defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={
                "resources": {"run": {"config": {**config, "home": str(home.root)}}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )
    rows = [row for verdict in verdicts for row in verdict.rows if not row.passed]
    refused = tuple(row.name for row in rows if row.severity == "critical")
    error = errors[0] if errors else None
    begun = home.record(ended.run_id).exists()
    if not ended.success and error is None and not refused:
        if _was_interrupted(ended):
            error = Interrupted("interrupted between two stages; what was published before stays")
            if begun:
                Run(home, ended.run_id, Request(date.min)).stop("interrupted", str(error))
        else:
            error = ClearslateError(f"run {ended.run_id} failed outside of its stages; its events are in the UI")
    facts = told(home, ended.run_id) if begun else {"run_id": ended.run_id, "status": "failed"}
    return Result(
        run_id=ended.run_id,
        home=home,
        facts={**facts, "expectations_not_met": [_row(row) for row in rows]},
        refused=refused,
        warned=tuple(row.name for row in rows if row.severity != "critical"),
        error=error,
    )


def _was_interrupted(ended: "dg.ExecuteInProcessResult") -> bool:
    """Whether a signal ended the run while none of its stages was at work: Dagster's own error says so."""
    errors = (getattr(event.event_specific_data, "error", None) for event in ended.all_events)
    return any(error is not None and error.cls_name == "DagsterExecutionInterruptedError" for error in errors)


def _row(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "severity": row.severity,
        "observed": row.observed,
        "bound": row.bound,
        "meaning": row.meaning,
        "mend": row.mend,
    }
