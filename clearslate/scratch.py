"""A scratch database over the current release's build: for questions that are asked after a run and change nothing.

Belongs here: finding that build, and opening a throw-away database in which its tables stand under their own names. Does
not belong here: any question (compare.py, explain/).
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from clearslate.contracts import load_contracts
from clearslate.errors import UsageError, WarehouseError
from clearslate.home import SCRATCH, Home
from clearslate.models import in_order, load_models
from clearslate.run import Run, refuse_unusable
from clearslate.warehouse import Warehouse

_ASKED = ("raw", "law", "staging", "core", "facts", "eligibility")
_DATED = ("core", "facts")
"""The schemas whose models bind the as-of date, up to the facts."""


def released(home: Home) -> Run:
    """The run whose results are the current ones, as its record tells it.

    Raises UsageError where nothing has been published, or where a later refused run has swept the build away.
    """
    if not home.current.exists():
        raise UsageError(f"nothing has been published in {home.root} yet: start with `clearslate run FILE...`")
    run_id = home.current.resolve().name.partition(".")[0]
    try:
        return Run.reopen(home, run_id)
    except WarehouseError:
        raise UsageError(
            f"the current release's build is gone from {home.root} (a later run that was refused took its place); "
            "make it anew with `clearslate redecide`"
        ) from None


def asked_on(run: Run, day: date | None) -> Run:
    """The same run asked about another day; without one, the run itself."""
    return run if day is None else replace(run, request=replace(run.request, as_of=day))


@contextmanager
def scratch(run: Run) -> Iterator[Warehouse]:
    """A throw-away database with the tables of the run's build, which is opened read-only, as views.

    Where `run` asks about another day than its build was made for, core and facts are made anew for that day. The caller
    holds the home's lock. The file lies among the builds, so that a later run sweeps it away should this process die.
    Raises WarehouseError where the build can't be used: its log is lost, or the home was moved.
    """
    path = run.home.database(f"{SCRATCH}{uuid.uuid4().hex[:12]}")
    try:
        with Warehouse.build(path, home=run.home, stamp=run.stamp) as warehouse:
            build = run.home.database(run.run_id)
            there = warehouse.attach(build, name="build")
            refuse_unusable(run.home, build, there, warehouse.views("build"))
            is_same_day = run.record["as_of"] == run.request.as_of.isoformat()
            anew = [] if is_same_day else [model for model in load_models().values() if model.schema in _DATED]
            made = {model.name for model in anew}
            for name, contract in load_contracts().items():
                if contract.schema in _ASKED and name not in made and name in there:
                    warehouse.create_view(name, f"select * from build.{name}")
            for model in in_order(anew):
                warehouse.create(model, run.parameters())
            yield warehouse
    finally:
        for left in path.parent.glob(f"{path.stem}.*"):
            left.unlink()
