"""Reading a court package back and finding what is wrong with it.

Belongs here: the checks that a court, a gate or a test can make with nothing but the folder. A problem names file, line
and column and never a cell.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from clearslate.court.accounting import unbalanced
from clearslate.court.layout import (
    ACTION_COLUMNS,
    ACTIONS,
    CASE_COLUMNS,
    CASES,
    FORMAT,
    MANIFEST,
    SUMS,
    VERSION,
    PackageName,
    case_number_sort,
    encode_rows,
    is_unsafe_cell,
)
from clearslate.court.totals import ControlTotals

_TABLES = {ACTIONS: ACTION_COLUMNS, CASES: CASE_COLUMNS}
_FORMS = {  # what a cell may be, where a column is not free text
    ACTIONS: {
        "line_no": r"[1-9]\d*",
        "action_key": r"[0-9a-f]{24}",
        "court_code": r"\d{2}",
        "case_number": r".*[A-Za-z0-9].*",
        "count_no": r"\d+",
        "statute_section": r".+",
        "offense_level_before": r"[FMIU]",
        "disposition_date": r"(\d{4}-\d{2}-\d{2})?",
        "action_code": r"DISMISS_SEAL|REDESIGNATE",
        "offense_level_after": r"[MI]?",
        "seal_scope": r"COUNT|NONE",
        "legal_basis": r"statute|county_policy",
        "da_position": r"NO_CHALLENGE|CHALLENGE|DEFER",
        "case_complete": r"[YNU]",
        "all_counts_in_batch": r"[YN]",
        "subject_ref": r"S\d{6,}",
        "birth_year": r"(\d{4})?",
        "supersedes_action_key": r"([0-9a-f]{24})?",
    },
    CASES: {
        **{name: r"\d+" for name in CASE_COLUMNS if name.startswith("counts_") or name in ("case_no", "first_line_no")},
        "case_complete": r"[YNU]",
        "all_counts_in_batch": r"[YN]",
        "seal_scope": r"COUNT|CASE|NONE",
    },
}
Row = dict[str, str]


def verify_package(folder: Path) -> list[str]:
    """Everything wrong with the package in `folder`, in words; an empty list if nothing is."""
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    wanted = {MANIFEST, ACTIONS, CASES, SUMS}
    if there != wanted:
        return [f"{name} is missing" for name in sorted(wanted - there)] + ["a file too many"] * bool(there - wanted)
    contents = {name: (folder / name).read_bytes() for name in sorted(wanted)}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}

    problems = list(_check_sums(contents[SUMS], digests))
    try:
        manifest: Any = json.loads(contents[MANIFEST].decode("utf-8"))
        if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
            return [*problems, f"{MANIFEST}: not {FORMAT} version {VERSION}"]
        tables, is_readable = {}, True
        for name, columns in _TABLES.items():
            found, rows = _read(name, contents[name], columns)
            problems += found
            tables[name] = rows
            stated = {"sha256": digests[name], "bytes": len(contents[name]), "rows": len(rows)}
            if manifest["files"].get(name) != stated:
                problems.append(f"{MANIFEST}: files.{name} differs from the file")
            is_readable = is_readable and not found
        if set(manifest["files"]) != set(_TABLES):
            problems.append(f"{MANIFEST}: files names others than {', '.join(_TABLES)}")
        if not is_readable:
            return problems
        problems += _check_manifest(folder, manifest, tables[ACTIONS])
        problems += _check_lines(manifest, tables[ACTIONS])
        problems += _check_cases(manifest, tables[CASES], tables[ACTIONS])
    except (KeyError, TypeError, AttributeError, ValueError):
        # Messages of these quote what they met; the manifest lacks a part or has one of a wrong kind.
        problems.append(f"{MANIFEST}: not a manifest of this format")
    return problems


def _check_sums(content: bytes, digests: Mapping[str, str]) -> Iterator[str]:
    wanted = "".join(f"{digests[name]}  {name}\n" for name in (MANIFEST, ACTIONS, CASES))
    lines = set(content.decode("ascii", "replace").splitlines())
    for name in (MANIFEST, ACTIONS, CASES):
        if f"{digests[name]}  {name}" not in lines:
            yield f"{SUMS}: the checksum of {name} is wrong or missing"
    if content.decode("ascii", "replace") != wanted:
        yield f"{SUMS}: not the three checksums in the form of sha256sum"


def _read(name: str, content: bytes, columns: Sequence[str]) -> tuple[list[str], list[Row]]:
    """Problems of form, and the rows as far as they could be read."""
    try:
        parsed = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return [f"{name}: not UTF-8 CSV"], []
    if not parsed or tuple(parsed[0]) != tuple(columns):
        return [f"{name}: the header is not that of this format"], []
    ragged = list(_rows_that(f"{name} row %d: not {len(columns)} fields", (len(r) != len(columns) for r in parsed[1:])))
    if ragged:
        return ragged, []
    problems = []
    if encode_rows(parsed) != content:
        problems.append(f"{name}: not every field quoted, or lines not ended by CRLF, or a byte order mark")
    rows = [dict(zip(columns, fields, strict=True)) for fields in parsed[1:]]
    for column in columns:
        form = re.compile(_FORMS[name].get(column, r"(?s:.*)"), re.ASCII)
        values = {row[column] for row in rows}
        for fault, bad in (
            ("an unsafe cell", {value for value in values if is_unsafe_cell(value)}),
            ("not of its form", {value for value in values if not form.fullmatch(value)}),
        ):
            if bad:
                problems += _rows_that(f"{name} row %d: {column} is {fault}", (row[column] in bad for row in rows))
    return problems, rows


def _check_manifest(folder: Path, manifest: Mapping[str, Any], lines: Sequence[Row]) -> Iterator[str]:
    indicator = manifest["test_indicator"]
    name = PackageName(
        manifest["court_code"], manifest["program"], indicator == "T", manifest["sequence"], manifest["attempt"]
    )
    if indicator not in ("T", "P"):
        yield f"{MANIFEST}: test_indicator is neither T nor P"
    if manifest["batch_id"] != name.batch_id:
        yield f"{MANIFEST}: batch_id differs from court_code, program and sequence"
    if folder.name != name.folder:
        yield f"the folder's name is not {name.folder}"
    totals = ControlTotals()
    totals.add(list(row.values()) for row in lines)
    if manifest["control_totals"] != totals.as_manifest():
        yield f"{MANIFEST}: control_totals differ from the lines"
    yield from (f"{MANIFEST}: accounting: {fault}" for fault in unbalanced(manifest["accounting"]))
    if manifest["accounting"]["county"]["eligible"]["in_package"] != len(lines):
        yield f"{MANIFEST}: accounting states another number of lines"


def _check_lines(manifest: Mapping[str, Any], lines: Sequence[Row]) -> Iterator[str]:
    if [row["line_no"] for row in lines] != [str(number) for number in range(1, len(lines) + 1)]:
        yield f"{ACTIONS}: line_no does not run from 1 without a gap"
    if len({row["action_key"] for row in lines}) != len(lines):
        yield f"{ACTIONS}: an action_key stands twice"
    order = [(case_number_sort(row["case_number"]), int(row["count_no"]), row["action_key"]) for row in lines]
    if order != sorted(order):
        yield f"{ACTIONS}: not sorted by case number, count and action_key"
    seen = list(dict.fromkeys(row["subject_ref"] for row in lines))
    if seen != [f"S{number:06d}" for number in range(1, len(seen) + 1)]:
        yield f"{ACTIONS}: subject_ref is not numbered by first appearance"
    if {(row["batch_id"], row["court_code"]) for row in lines} - {(manifest["batch_id"], manifest["court_code"])}:
        yield f"{ACTIONS}: a line of another batch or court"
    yield from _rows_that(
        f"{ACTIONS} row %d: action_code, offense_level_after, section_after and seal_scope disagree",
        (_is_unlike_its_action(row) for row in lines),
    )


def _is_unlike_its_action(row: Row) -> bool:
    wanted = (True, True, "NONE") if row["action_code"] == "REDESIGNATE" else (False, False, "COUNT")
    return (bool(row["offense_level_after"]), bool(row["section_after"]), row["seal_scope"]) != wanted


def _check_cases(manifest: Mapping[str, Any], cases: Sequence[Row], lines: Sequence[Row]) -> Iterator[str]:
    def key(row: Row) -> tuple[str, str]:
        return case_number_sort(row["case_number"]), row["subject_ref"]

    lines_of: dict[tuple[str, str], list[Row]] = {}
    for line in lines:
        lines_of.setdefault(key(line), []).append(line)
    if [key(row) for row in cases] != list(lines_of):
        yield f"{CASES}: not one row for each case of the lines, in their order"
        return
    if [row["case_no"] for row in cases] != [str(number) for number in range(1, len(cases) + 1)]:
        yield f"{CASES}: case_no does not run from 1 without a gap"
    if {(row["batch_id"], row["court_code"]) for row in cases} - {(manifest["batch_id"], manifest["court_code"])}:
        yield f"{CASES}: a case of another batch or court"
    together = list(zip(cases, lines_of.values(), strict=True))
    shared = ("case_complete", "all_counts_in_batch")
    if any(row[name] != line[name] for row, of_case in together for line in of_case for name in shared):
        yield f"{ACTIONS}: case_complete or all_counts_in_batch differs from {CASES}"
    yield from _rows_that(
        f"{CASES} row %d: its counts do not add up", (not _adds_up(row, of_case) for row, of_case in together)
    )


def _adds_up(row: Row, of_case: Sequence[Row]) -> bool:
    count = {name.removeprefix("counts_"): int(value) for name, value in row.items() if name.startswith("counts_")}
    is_open = count["remaining_live"] + count["undisposed"] + count["unplaced"] > 0
    return (
        row["first_line_no"] == of_case[0]["line_no"]
        and count["in_batch"] == len(of_case)
        and count["convicted"] == count["in_batch"] + count["already_relieved"] + count["remaining_live"]
        and count["review"] + count["withheld"] <= count["remaining_live"]
        and count["convicted"] + count["undisposed"] <= count["total"]
        and (row["case_complete"] == "Y") != is_open
    )


def _rows_that(problem: str, are_wrong: Iterable[bool]) -> Iterator[str]:
    """One problem for the first row that is wrong, with how many are."""
    where = [number for number, is_wrong in enumerate(are_wrong, start=2) if is_wrong]
    if where:
        yield f"{problem % where[0]}; {len(where)} such rows"
