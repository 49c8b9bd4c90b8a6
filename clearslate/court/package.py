"""Writing court packages: a folder for each county that has a line.

Belongs here: turning `court.action` and `court.case_summary` into files, the manifest, the checksums. Does not belong
here: which lines there are and in what order (sql/court), the format itself (layout.py).

Nothing that differs from run to run is written (law 6): no run id, time, delivery or file hash. The records that a
package rests on are told by a fingerprint that does not depend on how they were delivered.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from clearslate.court.accounting import Accounts
from clearslate.court.layout import (
    ACTION_COLUMNS,
    ACTIONS,
    CASE_COLUMNS,
    CASES,
    FORMAT,
    MANIFEST,
    PROGRAMS,
    SUMS,
    VERSION,
    PackageName,
    create_file,
    write_table,
)
from clearslate.court.totals import ControlTotals
from clearslate.errors import ClearslateError
from clearslate.law.assignment import Assignment
from clearslate.settings import county_folder
from clearslate.warehouse import Warehouse

_DA_POSITION_NOTE = "The prosecutor has not yet reviewed these lines; nothing here is a filing."


@dataclass(frozen=True)
class PackageFacts:
    """What all packages of a run state alike. Hashes are SHA-256 in hex."""

    as_of: date
    rule_set: str
    assignment: Assignment
    is_test: bool


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
    name = PackageName(court_code, PROGRAMS[remedy], facts.is_test)
    policy = facts.assignment.policy_of(county)
    folder = out / county_folder(county) / name.folder
    folder.mkdir(mode=0o700, parents=True)
    bound = {"batch_id": name.batch_id, "remedy": remedy, "county": county}

    totals = ControlTotals()
    action_file = write_table(folder / ACTIONS, ACTION_COLUMNS, _counted(_rows(warehouse, _lines_sql(), bound), totals))
    case_file = write_table(folder / CASES, CASE_COLUMNS, _rows(warehouse, _cases_sql(), bound))
    control_totals = totals.as_manifest()
    accounting = accounts.of(county)
    _demand(accounting["county"]["eligible"]["in_package"] == totals.lines, county, "lines differ from the accounts")
    _demand(totals.sum_line_no == totals.lines * (totals.lines + 1) // 2, county, "line numbers have a gap")
    _demand(case_file.rows == control_totals["cases"], county, "cases differ from those of the lines")

    manifest = _encode_json(
        {
            "format": FORMAT,
            "version": VERSION,
            "batch_id": name.batch_id,
            "sequence": name.sequence,
            "attempt": name.attempt,
            "previous_manifest_sha256": None,
            "test_indicator": name.test_indicator,
            "county": county,
            "court_code": court_code,
            "program": name.program,
            "remedy": {"id": remedy, "version": version},
            "policy": {"id": policy.id, "sha256": policy.hash},
            "rule_set": facts.rule_set,
            "as_of": facts.as_of.isoformat(),
            "da_position": "DEFER",
            "da_position_note": _DA_POSITION_NOTE,
            "files": {ACTIONS: asdict(action_file), CASES: asdict(case_file)},
            "control_totals": control_totals,
            "accounting": accounting,
            "records_fingerprint": accounts.source["records_fingerprint"],
        }
    )
    manifest_sha256 = hashlib.sha256(manifest).hexdigest()
    with create_file(folder / MANIFEST) as file:
        file.write(manifest)
    sums = {MANIFEST: manifest_sha256, ACTIONS: action_file.sha256, CASES: case_file.sha256}
    with create_file(folder / SUMS) as file:
        file.write("".join(f"{digest}  {path}\n" for path, digest in sums.items()).encode("ascii"))
    return PackageReport(
        county=county,
        batch_id=name.batch_id,
        folder=folder,
        lines=totals.lines,
        cases=control_totals["cases"],
        subjects=control_totals["subjects"],
        manifest_sha256=manifest_sha256,
    )


def _demand(holds: bool, county: str, fault: str) -> None:
    if not holds:
        raise ClearslateError(f"the package of {county} is not written: its {fault}")


def _encode_json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _counted(batches: Iterator[list[tuple[str, ...]]], totals: ControlTotals) -> Iterator[list[tuple[str, ...]]]:
    for batch in batches:
        totals.add(batch)
        yield batch


def _rows(warehouse: Warehouse, sql: str, bound: dict[str, str]) -> Iterator[list[tuple[str, ...]]]:
    for batch in warehouse.stream(sql, bound, what="court package"):
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _select(columns: tuple[str, ...], sources: dict[str, str]) -> str:
    """The columns of a file as text, blank for NULL. Sources that are not a column of that name are given."""
    return ", ".join(f"coalesce(cast({sources.get(name, 'a.' + name)} as varchar), '')" for name in columns)


def _lines_sql() -> str:
    sources = {
        "batch_id": "$batch_id",
        "case_complete": "c.case_complete",
        "all_counts_in_batch": "c.all_counts_in_batch",
    }
    return (
        f"select {_select(ACTION_COLUMNS, sources)} from court.action as a "
        "left join court.case_summary as c on a.remedy = c.remedy and a.package_county = c.county "
        "and a.case_number_sort = c.case_number_sort and a.person_no = c.person_no "
        "where a.remedy = $remedy and a.package_county = $county order by a.line_no"
    )


def _cases_sql() -> str:
    counts = {name: "a.n_" + name.removeprefix("counts_") for name in CASE_COLUMNS if name.startswith("counts_")}
    sources = {**counts, "batch_id": "$batch_id", "counts_total": "a.n_counts"}
    return (
        f"select {_select(CASE_COLUMNS, sources)} from court.case_summary as a "
        "where a.remedy = $remedy and a.county = $county order by a.case_no"
    )
