"""`clearslate court reconcile`: one list of a court, from the file to the reports.

Belongs here: the order of the steps, and putting the reports in their place. Does not belong here: the steps.

Our side is the current release's build, all counts of the county's courts and not only those of a program: a case that DOJ
has under another section, or without its outcome, is not missing there.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from clearslate.home import Home, write_json
from clearslate.reconcile.counts import compare_counts
from clearslate.reconcile.court_list import CourtList, read_court_list
from clearslate.reconcile.mapping import ListMapping
from clearslate.reconcile.matching import match_numbers
from clearslate.reconcile.ours import make_ours
from clearslate.reconcile.reports import as_table, count, write_lists
from clearslate.reconcile.standing import find_possible, settle
from clearslate.scratch import released, scratch
from clearslate.settings import check_counties, county_folder
from clearslate.warehouse import Warehouse

if TYPE_CHECKING:
    from clearslate.court.profile import Profile

SUMMARY = "summary.json"


@dataclass(frozen=True)
class ReconcileReport:
    """What was written and how much of what, nothing of a person.

    `counts` are those of the summary, `name` or `name: part`; `files` rows by list; `unread` cells of the court's list
    that could not be read, by column (for `case_number`: rows without one).
    """

    county: str
    folder: Path
    file_name: str
    file_sha256: str
    as_of: date
    columns: tuple[str, ...]
    counts: Mapping[str, int]
    files: Mapping[str, int]
    unread: Mapping[str, int]


def reconcile(home: Home, county: str, file: Path, on: date, profile: Profile) -> ReconcileReport:
    """Hold a court's own list of cases against the current release, and write home/outbox/<county>/reconcile/ anew.

    `on` is the day of the reconciliation, `profile` the county's. Raises SheetRefused or UsageError for a list that can't be
    read as the profile says, UsageError where nothing is published or its build is gone, HomeLocked.
    """
    [county] = check_counties([county])
    court = read_court_list(file, profile.reconcile, on)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    with home.lock():
        run = released(home)
        with _passing(home) as passing, scratch(run) as warehouse:
            hold_against(
                warehouse,
                court,
                county=county,
                mapping=profile.reconcile,
                court_form=lambda number: profile.number("court_case_number", number),
                home=home,
            )
            counts = count(warehouse)
            files = write_lists(warehouse, passing)
            write_json(
                passing / SUMMARY,
                {
                    "county": county,
                    "on": on.isoformat(),
                    "as_of": run.record["as_of"],
                    "rule_set": run.record["rule_set"],
                    "profile": profile.id,
                    "list": {
                        "name": file.name,
                        "sha256": sha256,
                        "columns": list(court.found),
                        "unread": dict(court.unread),
                    },
                    "counts": as_table(counts),
                    "files": files,
                },
            )
            folder = _put(passing, [*files, SUMMARY], home.outbox / county_folder(county) / "reconcile")
    return ReconcileReport(
        county=county,
        folder=folder,
        file_name=file.name,
        file_sha256=sha256,
        as_of=run.request.as_of,
        columns=court.found,
        counts=counts,
        files=files,
        unread=court.unread,
    )


def hold_against(
    warehouse: Warehouse,
    court: CourtList,
    *,
    county: str,
    mapping: ListMapping,
    court_form: Callable[[str], str],
    home: Home,
) -> None:
    """Make all tables of schema `reconcile` in a warehouse that has core, facts and eligibility.

    `court_form` gives the court's own form of a DOJ case number, or nothing.
    """
    make_ours(warehouse, county=county, mapping=mapping, court_form=court_form)
    warehouse.load_arrow("reconcile.court_row", court.rows)
    warehouse.load_arrow("reconcile.court_row_key", court.keys)
    match_numbers(warehouse)
    compare_counts(warehouse, mapping)
    find_possible(warehouse, home)
    settle(warehouse, mapping)


@contextmanager
def _passing(home: Home) -> Iterator[Path]:
    """A folder among the builds for what only passes through; a later run sweeps it away should this process die."""
    folder = home.root / "work" / f"reconcile-{uuid.uuid4().hex[:12]}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _put(passing: Path, names: Iterable[str], folder: Path) -> Path:
    """Put finished files in the place of those of an earlier list."""
    fresh = folder.with_name(f".{folder.name}")
    for old in (fresh, folder):
        shutil.rmtree(old, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    for name in names:
        (passing / name).replace(fresh / name)
    fresh.rename(folder)
    return folder
