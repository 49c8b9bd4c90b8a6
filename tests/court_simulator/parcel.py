"""Opening a package: the ZIP's members, their hashes, the manifest's control totals, and the rows as a court reads them.

Belongs here: every check that can be made with the file alone. Does not belong here: what the court knows already (was
this batch here before, which cases exist).
"""

import csv
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "00_manifest.json"
ACTIONS = "10_relief_actions.csv"
CASES = "11_relief_cases.csv"
REVERSALS = "12_reversals.csv"
SUMS = "SHA256SUMS"
NEEDED = (MANIFEST, ACTIONS, CASES, REVERSALS, SUMS)

LINE_FIELDS = [
    "batch_id",
    "line_no",
    "action_key",
    "court_code",
    "case_number",
    "case_number_source",
    "count_no",
    "statute_code",
    "statute_section",
    "offense_level_before",
    "disposition_date",
    "action_code",
    "offense_level_after",
    "section_after",
    "seal_scope",
    "legal_basis",
    "reason_code",
    "da_position",
    "case_complete",
    "all_counts_in_batch",
    "subject_ref",
    "name_last",
    "name_first",
    "birth_year",
    "sentence_path",
    "original_case_number",
    "supersedes_action_key",
]
CASE_FIELDS = [
    "batch_id",
    "case_no",
    "first_line_no",
    "court_code",
    "case_number",
    "subject_ref",
    "counts_total",
    "counts_convicted",
    "counts_in_batch",
    "counts_asked_before",
    "counts_already_relieved",
    "counts_remaining_live",
    "counts_review",
    "counts_withheld",
    "counts_waiting",
    "counts_challenged",
    "counts_undisposed",
    "counts_unplaced",
    "case_complete",
    "all_counts_in_batch",
    "seal_scope",
]
REVERSAL_FIELDS = [*LINE_FIELDS, "reverses_action_key", "reverses_batch_id", "reverses_line_no", "reason"]

Row = dict[str, str]


_UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError)


class Refused(Exception):
    """The court will not take this package. `code` is R01..R05; `manifest_sha256` and `batch_id` as far as legible."""

    def __init__(self, code: str, words: str, *, batch_id: str = "", manifest_sha256: str = "") -> None:
        super().__init__(f"{code}: {words}")
        self.code, self.words, self.batch_id, self.manifest_sha256 = code, words, batch_id, manifest_sha256


@dataclass(frozen=True)
class Parcel:
    """A package that is whole: hashes and totals agree."""

    manifest: dict[str, Any]
    manifest_sha256: str
    lines: list[Row]
    cases: list[Row]
    reversals: list[Row]

    @property
    def batch_id(self) -> str:
        return str(self.manifest["batch_id"])

    @property
    def test_indicator(self) -> str:
        return str(self.manifest["test_indicator"])


def letters_and_digits(number: str) -> str:
    """How a clerk compares case numbers: without blanks, hyphens and case."""
    return re.sub("[^A-Z0-9]", "", number.upper())


def open_parcel(path: Path, *, court_code: str, test_indicator: str = "P") -> Parcel:
    """Read and check a package ZIP that is meant for the court `court_code`. Raises Refused."""
    try:
        content = _members(path)
        digest = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
        manifest = json.loads(content[MANIFEST])
        batch_id, manifest_sha256 = str(manifest["batch_id"]), digest[MANIFEST]
    except _UNREADABLE as error:
        raise Refused("R03", f"not a readable package ({type(error).__name__})") from None

    def refuse(code: str, words: str) -> Refused:
        return Refused(code, words, batch_id=batch_id, manifest_sha256=manifest_sha256)

    if any(name not in content for name in NEEDED):
        raise refuse("R01", "a file is missing")
    if manifest["court_code"] != court_code:
        raise refuse("R04", "for another court")
    if manifest["test_indicator"] != test_indicator:
        raise refuse("R05", "test and production are kept apart")
    if _sums(content[SUMS]) != {name: found for name, found in digest.items() if name != SUMS}:
        raise refuse("R01", f"{SUMS} differs from the files")
    stated = {name: facts["sha256"] for name, facts in manifest["files"].items()}
    if stated != {name: found for name, found in digest.items() if name not in (MANIFEST, SUMS)}:
        raise refuse("R01", "the manifest differs from the files")
    try:
        lines = _table(content[ACTIONS], LINE_FIELDS)
        cases = _table(content[CASES], CASE_FIELDS)
        reversals = _table(content[REVERSALS], REVERSAL_FIELDS)
        totals = control_totals(lines)
    except (UnicodeDecodeError, ValueError, csv.Error):
        raise refuse("R03", "a table is not legible") from None
    wrong = sorted(name for name, total in totals.items() if manifest["control_totals"][name] != total)
    if wrong:
        raise refuse("R01", f"control totals differ: {', '.join(wrong)}")
    if {row["batch_id"] for row in [*lines, *cases, *reversals]} - {batch_id}:
        raise refuse("R01", "a row of another batch")
    if {row["court_code"] for row in [*lines, *cases, *reversals]} - {court_code}:
        raise refuse("R04", "a row for another court")
    if [row["line_no"] for row in lines] != [str(n) for n in range(1, len(lines) + 1)]:
        raise refuse("R01", "line numbers have a gap")
    return Parcel(manifest, manifest_sha256, lines, cases, reversals)


def control_totals(lines: Sequence[Row]) -> dict[str, Any]:
    """The totals that a clerk would compute in a spreadsheet."""
    return {
        "lines": len(lines),
        "cases": len({(letters_and_digits(row["case_number"]), row["subject_ref"]) for row in lines}),
        "subjects": len({row["subject_ref"] for row in lines}),
        "sum_line_no": sum(int(row["line_no"]) for row in lines),
        "hash_total_disposition_date": sum(int(row["disposition_date"].replace("-", "") or 0) for row in lines),
        "by_action": dict(Counter(row["action_code"] for row in lines)),
        "by_section": dict(Counter(row["statute_section"] for row in lines)),
    }


def _table(data: bytes, fields: Sequence[str]) -> list[Row]:
    rows = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
    if next(rows, None) != list(fields):
        raise ValueError("another header")
    return [dict(zip(fields, row, strict=True)) for row in rows]


def _sums(data: bytes) -> dict[str, str]:
    pairs = [line.split("  ", 1) for line in data.decode("ascii", "replace").splitlines()]
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def _members(path: Path) -> dict[str, bytes]:
    """The files of a ZIP. A damaged one refuses it, naming the batch if at least the manifest can be read."""
    with zipfile.ZipFile(path) as archive:
        content: dict[str, bytes] = {}
        is_damaged = False
        for name in archive.namelist():
            try:
                is_damaged |= name in content
                content[name] = archive.read(name)
            except (zipfile.BadZipFile, zlib.error, EOFError):
                is_damaged = True
    if is_damaged:
        data = content[MANIFEST]
        raise Refused(
            "R03", "a damaged file in the ZIP", batch_id=str(json.loads(data)["batch_id"]),
            manifest_sha256=hashlib.sha256(data).hexdigest(),
        )  # fmt: skip
    return content
