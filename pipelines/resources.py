"""The one resource: the run, with its home locked from the first step to the last.

Belongs here: turning what a person typed into the launchpad (or the command line passed on) into a `Run`. Does not belong
here: anything the run does.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg

from clearslate.errors import ClearslateError, UsageError
from clearslate.home import Home
from clearslate.progress import say
from clearslate.run import Run, today
from clearslate.settings import INPUT_OPTIONS, Request, check_counties, check_scope, parse_day
from expectations.great import warm_up

# What a person would type in the launchpad is there with an empty value, which asks for the default.
RUN_CONFIG = {
    "home": dg.Field(
        dg.Noneable(str), default_value=None, is_required=False,
        description="The home folder; else CLEARSLATE_HOME, else ./var.",
    ),
    "as_of": dg.Field(
        dg.Noneable(str), default_value="", is_required=False,
        description="The date of every rule and statistic, YYYY-MM-DD; else today.",
    ),
    "files": dg.Field(
        [str], default_value=[], is_required=False,
        description="The files of a new delivery (job `statewide`); none: decide anew from the accepted deliveries.",
    ),
    "data_through": dg.Field(
        dg.Noneable(str), default_value="", is_required=False,
        description="The day up to which the new delivery speaks, where its marker does not say.",
    ),
    "scope": dg.Field(
        dg.Noneable(str), default_value="", is_required=False,
        description="statewide (whoever is not in the new delivery leaves) or partial, where its marker does not say.",
    ),
    "delivery": dg.Field(
        dg.Noneable(str), default_value="", is_required=False, description="An id for the new delivery."
    ),
    "policy": dg.Field(
        dg.Noneable(str), default_value="", is_required=False,
        description="A policy's name, an options file of Clear My Record (JSON), or a policy per county (CSV "
        "county,policy,options); else Clear My Record with its defaults.",
    ),
    "srf": dg.Field(
        dg.Noneable(str), default_value="", is_required=False,
        description="The Supervised Release File (CSV); without it no conviction relief is granted.",
    ),
    "prohibitions": dg.Field(
        dg.Noneable(str), default_value="", is_required=False,
        description="Court orders that prohibit automatic relief (CSV).",
    ),
    "weights": dg.Field(
        dg.Noneable(str), default_value="", is_required=False, description="Drug weights by court number (CSV)."
    ),
    "counties": dg.Field(
        [str], default_value=[], is_required=False,
        description="Counties that files are written for; else all 58. Histories are always read whole.",
    ),
    "review": dg.Field(
        dg.Enum("Review", [dg.EnumValue(name) for name in ("full", "convictions", "none")]),
        default_value="convictions", is_required=False, description="Which review files are written.",
    ),
    "build": dg.Field(
        dg.Noneable(str), default_value=None, is_required=False,
        description="The id of an earlier run whose build is worked on: for launching court or published alone.",
    ),
}  # fmt: skip


def current_request(home: Home) -> dict[str, Any] | None:
    """What the current release was asked with: policy, input files (as the home keeps them), counties, review files; None
    where there is no release. Not the Supervised Release File: it speaks for the day on which it was made, and who has come
    under supervision since would be taken for clear. Raises UsageError where its record is lost or damaged.
    """
    if not home.current.exists():
        return None
    told = Run(home, home.current.resolve().name.partition(".")[0], Request(date.min)).asked
    kept = told.get("input_files", {})
    inputs = {INPUT_OPTIONS[table]: str(home.input(file["sha256"])) for table, file in kept.items() if table != "srf"}
    counties = [] if told["counties"] == "all" else told["counties"]
    policy = told["policy"]["file"] or told["policy"]["id"]
    return {"policy": policy, "counties": counties, "review": told["review"], **inputs}


def _path(given: str | None) -> Path | None:
    return Path(given) if given else None


def _request(config: dict[str, Any]) -> Request:
    check_scope(config["scope"])
    return Request(
        as_of=parse_day(config["as_of"], "as_of") if config["as_of"] else today(),
        paths=tuple(Path(name) for name in config["files"]),
        data_through=parse_day(config["data_through"], "data_through") if config["data_through"] else None,
        scope=config["scope"] or None,
        policy=config["policy"] or None,
        counties=check_counties(config["counties"]),
        delivery_id=config["delivery"] or None,
        review=config["review"],
        srf=_path(config["srf"]),
        prohibitions=_path(config["prohibitions"]),
        weights=_path(config["weights"]),
    )


@dg.resource(
    config_schema=RUN_CONFIG, description="The run: its request, its home (locked while it lasts) and its build."
)
def run_resource(context: dg.InitResourceContext) -> Iterator[Run]:
    config = context.resource_config
    home = Home.find(config["home"])
    with ExitStack() as stack:
        warm_up()
        try:
            stack.enter_context(home.lock())
            run = _opened(home, context.run_id, config)
            if context.instance is not None:
                _bury(context.instance, home, living=context.run_id)
            stack.callback(run.end)
            run = stack.enter_context(run.holding())
        except ClearslateError as error:
            say("failed", stage="run", error=error)
            raise
        yield run


def _bury(instance: dg.DagsterInstance, home: Home, *, living: str | None) -> None:
    """Tell Dagster of runs of this home that were killed: they can't have said so, and would show as running for ever.

    Only the holder of the lock may: whoever is still shown as running, and is not itself, is dead.
    """
    for other in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        if other.run_id != living and home.record(other.run_id).exists():
            instance.report_run_failed(other, "The process of this run was killed, or the machine stopped.")


def _opened(home: Home, run_id: str | None, config: dict[str, Any]) -> Run:
    if config["build"]:
        return Run.reopen(home, config["build"])
    if run_id is None:
        raise UsageError("the resource `run` belongs to a Dagster run; launch a job or materialize assets")
    run = Run(home, run_id, _request(config))
    run.start()
    return run
