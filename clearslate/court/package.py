"""A run's drafts: a package folder for each county that has a line, which nobody sends.

Belongs here: turning `court.action` and `court.case_summary` into package folders. Does not belong here: which lines there
are and in what order (sql/court), the files themselves (contents.py), what is sent (batch.py). A draft knows neither
prosecutor nor ledger: it says DEFER, is marked as a test, and has the same bytes whatever was sent before.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path

from clearslate.court.accounting import Accounts
from clearslate.court.contents import Contents, Head, Rows, as_rows, select_text
from clearslate.court.layout import ACTION_COLUMNS, CASE_COLUMNS, CASES, DRAFT, PackageName
from clearslate.court.programs import load_programs
from clearslate.law.assignment import Assignment
from clearslate.settings import county_folder
from clearslate.warehouse import Warehouse

_ROWS = 50_000  # of a package, in memory at a time
_DA_POSITION_NOTE = "The prosecutor has not yet reviewed these lines; nothing here is a filing."


@dataclass(frozen=True)
class PackageFacts:
    """What all packages of a run state alike. Hashes are SHA-256 in hex; `data_through` is None where a delivery states no
    day through which it speaks."""

    as_of: date
    rule_set: str
    assignment: Assignment
    is_test: bool
    data_through: date | None


@dataclass(frozen=True)
class PackageReport:
    """One package as written: counts and paths, nothing of a person."""

    county: str
    batch_id: str
    folder: Path
    lines: int
    cases: int
    subjects: int
    manifest_sha256: str


@dataclass(frozen=True)
class _Draft:
    """A package on its way."""

    remedy: str
    remedy_version: str
    county: str
    name: PackageName
    contents: Contents


def write_packages(warehouse: Warehouse, *, out: Path, facts: PackageFacts) -> list[PackageReport]:
    """Write `out/<county>/<package>/` for every county with a line in `court.action`, sorted by remedy and county.

    `out` is the court folder itself; it is made anew, so that nothing of an earlier attempt stays in it. Raises
    ClearslateError where the accounts do not add up: nothing is left in `out` then.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(mode=0o700, parents=True)
    packages = warehouse.rows(
        "select distinct remedy, remedy_version, package_county, court_code from court.action "
        "where package_county is not null order by remedy, package_county",
        what="court.action",
    )
    accounts = {remedy: Accounts.load(warehouse, remedy) for remedy in sorted({row[0] for row in packages})}
    try:
        drafts = {(row[0], row[2]): _begin(out, facts, *row) for row in packages}
        # All lines, then all cases: a query for each package would cost more than what it brings.
        for draft, rows in _of_each(warehouse, _lines_sql(), drafts):
            draft.contents.write_actions(rows)
        for draft, rows in _of_each(warehouse, _cases_sql(), drafts):
            draft.contents.write_cases(rows)
        return [_seal(draft, facts, accounts[draft.remedy]) for draft in drafts.values()]
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise


def _begin(out: Path, facts: PackageFacts, remedy: str, version: str, county: str, court_code: str) -> _Draft:
    name = PackageName(court_code, load_programs()[remedy].program, facts.is_test)
    folder = out / county_folder(county) / name.folder
    folder.mkdir(mode=0o700, parents=True)
    return _Draft(remedy, version, county, name, Contents(folder, facts.data_through))


def _of_each(warehouse: Warehouse, sql: str, drafts: Mapping[tuple[str, str], _Draft]) -> Iterator[tuple[_Draft, Rows]]:
    """The rows of each package that has some. They come sorted by package, told by remedy and county, the first two cells."""
    rows = chain.from_iterable(as_rows(warehouse.stream(sql, what="court package")))
    for package, its in groupby(rows, key=itemgetter(0, 1)):
        if package in drafts:
            yield drafts[package], _batches(drafts[package].name.batch_id, its)


def _batches(batch_id: str, rows: Iterator[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
    while batch := [(batch_id, *cells) for _, _, *cells in islice(rows, _ROWS)]:
        yield batch


def _seal(draft: _Draft, facts: PackageFacts, accounts: Accounts) -> PackageReport:
    contents, county = draft.contents, draft.county
    if CASES not in contents.files:
        contents.write_cases(())
    policy = facts.assignment.policy_of(county)
    head = Head(
        kind=DRAFT,
        name=draft.name,
        county=county,
        remedy=draft.remedy,
        remedy_version=draft.remedy_version,
        policy_id=policy.id,
        policy_sha256=policy.hash,
        rule_set=facts.rule_set,
        as_of=facts.as_of.isoformat(),
        records_fingerprint=accounts.source["records_fingerprint"],
        previous_manifest_sha256=None,
        told={"da_position": "DEFER", "da_position_note": _DA_POSITION_NOTE},
    )
    manifest_sha256 = contents.seal(head, accounts.of_draft(county))
    return PackageReport(
        county=county,
        batch_id=draft.name.batch_id,
        folder=contents.folder,
        lines=contents.totals.lines,
        cases=len(contents.totals.cases),
        subjects=len(contents.totals.subjects),
        manifest_sha256=manifest_sha256,
    )


def _lines_sql() -> str:
    sources = {
        "case_complete": "c.case_complete",
        "all_counts_in_batch": "c.all_counts_in_batch",
        "original_case_number": "null",
    }
    return (
        f"select a.remedy, a.package_county, {select_text(ACTION_COLUMNS[1:], sources)} from court.action as a "
        "left join court.case_summary as c on a.remedy = c.remedy and a.package_county = c.county "
        "and a.case_number_sort = c.case_number_sort and a.person_no = c.person_no "
        "where a.package_county is not null order by a.remedy, a.package_county, a.line_no"
    )


def _cases_sql() -> str:
    counts = {name: "a.n_" + name.removeprefix("counts_") for name in CASE_COLUMNS if name.startswith("counts_")}
    nothing = dict.fromkeys(("counts_asked_before", "counts_waiting", "counts_challenged"), "0")
    sources = {**counts, **nothing, "counts_total": "a.n_counts"}
    return (
        f"select a.remedy, a.county, {select_text(CASE_COLUMNS[1:], sources)} from court.case_summary as a "
        "order by a.remedy, a.county, a.case_no"
    )
