"""The package that is sent: from the release, the prosecutor's decisions and the ledger to a ZIP in the outbox.

Belongs here: the order of events, and what goes into the ZIP. Does not belong here: which lines go (selection.py), the
files that drafts have as well (contents.py), placing a ZIP (bundle.py), what the court answers (clearslate.acknowledgement).

    sweep what a killed command left -> choose lines -> write files -> ZIP in place, on the disk -> entry in the ledger

Only the entry makes a package sent. Sequence, chain and choice depend on the release and the ledger alone, so a command
that was killed anywhere is simply run again: it makes the same bytes, or finds the entry and goes on behind it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from clearslate.court.bundle import copy_archive, outbox_of, sweep
from clearslate.court.layout import parse_batch_id
from clearslate.court.office import Office
from clearslate.court.programs import load_programs
from clearslate.court.release import Release
from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.keys import ActionKeyBlocks
from clearslate.ledger import Entry, Ledger
from clearslate.settings import check_counties

Standings = Mapping[tuple[str, str, str], int]
"""Eligible lines of a county by (program, state, reason; blank for none)."""


@dataclass(frozen=True)
class BatchReport:
    """A package as it went out: counts and paths, nothing of a person."""

    county: str
    batch_id: str
    attempt: int
    path: Path
    is_canary: bool
    n_lines: int
    n_cases: int
    n_subjects: int
    n_reversals: int
    manifest_sha256: str
    zip_sha256: str
    supersedes: str | None


@dataclass(frozen=True)
class PackagesReport:
    """What `prepare_packages` did. `standings`: by county, where every eligible line stands now. `swept`: names of what a
    killed command had left in the outbox."""

    batches: tuple[BatchReport, ...]
    standings: Mapping[str, Standings]
    swept: tuple[str, ...]


def prepare_packages(
    home: Home,
    *,
    counties: Sequence[str] = (),
    on: date,
    test: bool,
    key: ActionKeyBlocks,
    supersede: str | None = None,
) -> PackagesReport:
    """Make the packages that may go out on the day `on`, and enter them in the ledger; all counties where none is named.

    `supersede` names a batch that its court refused whole: only a new batch of those of its lines that may still go is
    made, in its place. Holds the home's lock. Raises GateRefused where the release's gates are closed, UsageError where
    the key is not the one that the release was made with.
    """
    with home.lock(), Office.open(home, on=on, is_test=test, key=key) as office:
        batches: list[BatchReport] = []
        standings: dict[str, Standings] = {}
        swept: list[str] = []
        for county in office.counties(check_counties(counties), supersede):
            swept += office.sweep(county)
            found: dict[tuple[str, str, str], int] = {}
            for program in load_programs().values():
                entries, left = office.send(county, program, supersede)
                batches += [report_of(home, entry) for entry in entries]
                found |= {(program.program, *standing): n for standing, n in left.items()}
            standings[county] = found
    return PackagesReport(tuple(batches), standings, tuple(swept))


def resend(home: Home, batch_id: str, *, on: date) -> BatchReport:
    """Send a batch once more, byte for byte: only the attempt in the file's name differs. Holds the home's lock.

    The day's second call finds the entry of the first. Raises UsageError for an unknown or superseded batch, and where the
    ZIP in the outbox is not there or not what was sent.
    """
    with home.lock():
        ledger = Ledger.open(home)
        issued = ledger.entries("batch_issued")
        sent = [entry for entry in issued if entry.body["batch_id"] == batch_id]
        if not sent:
            raise UsageError("no batch of that id was ever sent from this home; `clearslate court status` lists them")
        if any(entry.body["supersedes_batch"] == batch_id for entry in issued):
            raise UsageError(f"{batch_id} has been superseded by another batch; it is not sent again")
        last = sent[-1]
        if last.body["attempt"] > 1 and last.on == on:
            return report_of(home, last)
        outbox = outbox_of(home, last.body["county"])
        sweep(outbox, {entry.body["zip_name"] for entry in issued})
        name = parse_batch_id(batch_id)
        if name is None:
            raise UsageError("that is no batch id")
        name = replace(name, attempt=last.body["attempt"] + 1)
        kept = [outbox / entry.body["zip_name"] for entry in reversed(sent)]
        source = next((path for path in kept if path.is_file()), None)
        if source is None:
            raise UsageError(f"the ZIP of {batch_id} is not in {outbox} any more; put it back from a copy")
        copy_archive(source, outbox / name.archive, last.body["zip_sha256"])
        body = {
            **sent[0].body,
            "identity": f"{batch_id}/a{name.attempt}",
            "attempt": name.attempt,
            "zip_name": name.archive,
        }
        return report_of(home, ledger.append("batch_issued", on, {k: v for k, v in body.items() if k != "objects"}))


def waiting_lines(home: Home, *, on: date, test: bool = False, release: Release | None = None) -> pa.Table:
    """Every eligible line of a release (the current one by default) that is not in force at a court, and what it waits for.

    action_key, program, county, court_code, state, reason_code: what `clearslate.ledger.make_line_status` takes. A line
    whose state is READY or CHALLENGED goes with the next package.
    """
    tables = []
    with Office.open(home, on=on, is_test=test, key=None, release=release) as office:
        for county in office.counties((), None):
            for program in load_programs().values():
                question, _ = office.choose(county, program)
                tables.append(
                    office.desk(county).arrow(
                        "select action_key, $program as program, $county as county, $court_code as court_code, state, "
                        "reason as reason_code from court_standing where state <> 'SENT' order by action_key",
                        {"program": question.program, "county": county, "court_code": question.court_code},
                        what="standing",
                    )
                )
    columns = ("action_key", "program", "county", "court_code", "state", "reason_code")
    empty = pa.table({name: pa.array([], pa.string()) for name in columns})
    return pa.concat_tables([empty, *(table.cast(empty.schema) for table in tables)])


def report_of(home: Home, entry: Entry) -> BatchReport:
    """What an entry of the ledger says of a package."""
    body = entry.body
    return BatchReport(
        county=body["county"],
        batch_id=body["batch_id"],
        attempt=body["attempt"],
        path=outbox_of(home, body["county"]) / body["zip_name"],
        is_canary=body["is_canary"],
        n_lines=body["n_lines"],
        n_cases=body["n_cases"],
        n_subjects=body["n_subjects"],
        n_reversals=body["n_reversals"],
        manifest_sha256=body["manifest_sha256"],
        zip_sha256=body["zip_sha256"],
        supersedes=body["supersedes_batch"],
    )
