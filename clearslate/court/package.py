"""A run's drafts: a package folder for each county that has a line, which nobody sends.

Belongs here: turning `court.action` and `court.case_summary` into package folders. Does not belong here: which lines there
are and in what order (sql/court), the files themselves (contents.py), what is sent (batch.py). A draft knows neither
prosecutor nor ledger: it says DEFER, is marked as a test, and has the same bytes whatever was sent before.
"""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clearslate.court.accounting import Accounts
from clearslate.court.contents import Contents, Head, Rows, as_rows, select_text
from clearslate.court.layout import ACTION_COLUMNS, CASE_COLUMNS, DRAFT, PackageName
from clearslate.court.programs import load_programs
from clearslate.law.assignment import Assignment
from clearslate.settings import county_folder
from clearslate.warehouse import Warehouse

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
        return [
            _write_package(warehouse, out, facts, accounts[remedy], remedy, version, county, court_code)
            for remedy, version, county, court_code in packages
        ]
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise


def _write_package(
    warehouse: Warehouse,
    out: Path,
    facts: PackageFacts,
    accounts: Accounts,
    remedy: str,
    version: str,
    county: str,
    court_code: str,
) -> PackageReport:
    name = PackageName(court_code, load_programs()[remedy].program, facts.is_test)
    policy = facts.assignment.policy_of(county)
    folder = out / county_folder(county) / name.folder
    folder.mkdir(mode=0o700, parents=True)
    bound = {"batch_id": name.batch_id, "remedy": remedy, "county": county}

    contents = Contents(folder, facts.data_through)
    contents.write_lines(_rows(warehouse, _lines_sql(), bound), _rows(warehouse, _cases_sql(), bound))
    head = Head(
        kind=DRAFT,
        name=name,
        county=county,
        remedy=remedy,
        remedy_version=version,
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
        batch_id=name.batch_id,
        folder=folder,
        lines=contents.totals.lines,
        cases=len(contents.totals.cases),
        subjects=len(contents.totals.subjects),
        manifest_sha256=manifest_sha256,
    )


def _rows(warehouse: Warehouse, sql: str, bound: dict[str, str]) -> Rows:
    return as_rows(warehouse.stream(sql, bound, what="court package"))


def _lines_sql() -> str:
    sources = {
        "batch_id": "$batch_id",
        "case_complete": "c.case_complete",
        "all_counts_in_batch": "c.all_counts_in_batch",
        "original_case_number": "null",
    }
    return (
        f"select {select_text(ACTION_COLUMNS, sources)} from court.action as a "
        "left join court.case_summary as c on a.remedy = c.remedy and a.package_county = c.county "
        "and a.case_number_sort = c.case_number_sort and a.person_no = c.person_no "
        "where a.remedy = $remedy and a.package_county = $county order by a.line_no"
    )


def _cases_sql() -> str:
    counts = {name: "a.n_" + name.removeprefix("counts_") for name in CASE_COLUMNS if name.startswith("counts_")}
    nothing = dict.fromkeys(("counts_asked_before", "counts_waiting", "counts_challenged"), "0")
    sources = {**counts, **nothing, "batch_id": "$batch_id", "counts_total": "a.n_counts"}
    return (
        f"select {select_text(CASE_COLUMNS, sources)} from court.case_summary as a "
        "where a.remedy = $remedy and a.county = $county order by a.case_no"
    )
