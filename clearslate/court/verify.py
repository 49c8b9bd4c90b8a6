"""Reading a court package back and finding what is wrong with it.

Belongs here: the checks that a court, a gate or a test can make with nothing but the folder or the ZIP. A problem names
file, line and column and never a cell. Does not belong here: what only the ledger knows (clearslate.ledger).
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from clearslate.court.accounting import unbalanced
from clearslate.court.keys import KEY_FORM
from clearslate.court.layout import (
    ACTION_COLUMNS,
    ACTIONS,
    BATCH,
    CASE_COLUMNS,
    CASES,
    DRAFT,
    FORMAT,
    MANIFEST,
    MATCH_KEY_COLUMNS,
    MATCH_KEYS,
    README,
    REVERSAL_COLUMNS,
    REVERSALS,
    SUMS,
    VERSION,
    WORKBOOK,
    WORKBOOK_CASES,
    PackageName,
    case_number_sort,
    encode_rows,
    is_unsafe_cell,
)
from clearslate.court.parcel import Parcel, ParcelUnreadable, open_parcel
from clearslate.court.totals import ControlTotals
from clearslate.errors import SheetRefused
from clearslate.sheets import Sheet, read_sheets

_COLUMNS = {
    ACTIONS: ACTION_COLUMNS,
    CASES: CASE_COLUMNS,
    REVERSALS: REVERSAL_COLUMNS,
    MATCH_KEYS: MATCH_KEY_COLUMNS,
}
_ALWAYS = {DRAFT: {ACTIONS, CASES}, BATCH: {README, ACTIONS, WORKBOOK, CASES, REVERSALS}}
_PAPERS = ("20_motion", "21_exhibit_public", "22_exhibit_sealed", "23_proposed_order")
_COURT_FILE = re.compile(r"10_relief_actions\.[a-z-]+\.csv")
_MAY = re.compile(
    rf"{_COURT_FILE.pattern}|({'|'.join(_PAPERS)})(_v\d+)?\.pdf|forms/case_\d+\.pdf|{re.escape(MATCH_KEYS)}", re.ASCII
)
_FORMS = {  # what a cell may be, where a column is not free text
    ACTIONS: {
        "line_no": r"[1-9]\d*",
        "action_key": KEY_FORM,
        "court_code": r"\d{2}",
        "case_number": r".*[A-Za-z0-9].*",
        "count_no": r"\d+",
        "statute_section": r".+",
        "offense_level_before": r"[FMIU]",
        "disposition_date": r"(\d{4}-\d{2}-\d{2})?",
        "action_code": r"DISMISS_SEAL|REDESIGNATE|CHALLENGE",
        "offense_level_after": r"[MI]?",
        "seal_scope": r"COUNT|NONE",
        "legal_basis": r"statute|county_policy",
        "sentence_path": r"completed|serving|unknown",
        "da_position": r"NO_CHALLENGE|CHALLENGE|DEFER",
        "case_complete": r"[YNU]",
        "all_counts_in_batch": r"[YN]",
        "subject_ref": r"S\d{6,}",
        "birth_year": r"(\d{4})?",
        "supersedes_action_key": f"({KEY_FORM})?",
    },
    CASES: {
        **{name: r"\d+" for name in CASE_COLUMNS if name.startswith("counts_") or name in ("case_no", "first_line_no")},
        "case_complete": r"[YNU]",
        "all_counts_in_batch": r"[YN]",
        "seal_scope": r"COUNT|CASE|NONE",
    },
    REVERSALS: {
        "line_no": r"[1-9]\d*",
        "action_key": KEY_FORM,
        "action_code": "REVERSE",
        "reverses_action_key": KEY_FORM,
        "reverses_line_no": r"[1-9]\d*",
        "reason": r".+",
    },
    MATCH_KEYS: {"action_key": KEY_FORM, "line_no": r"[1-9]\d*"},
}
_COUNTS = {name: name.removeprefix("counts_") for name in CASE_COLUMNS if name.startswith("counts_")}
Row = dict[str, str]


def verify_package(path: Path, *, thorough: bool = True) -> list[str]:
    """Everything wrong with the package in a folder or ZIP, in words; an empty list if nothing is.

    `thorough` also holds the workbook against lines and cases, cell by cell.
    """
    try:
        with open_parcel(path) as parcel:
            return _verify(parcel, thorough)
    except ParcelUnreadable as error:
        return [str(error)]


def _verify(parcel: Parcel, thorough: bool) -> list[str]:
    there = parcel.names
    base = {MANIFEST, ACTIONS, CASES, SUMS}
    if not base <= there:
        return [f"{name} is missing" for name in sorted(base - there)] + ["a file too many"] * bool(there - base)
    try:
        manifest: Any = json.loads(parcel.read(MANIFEST).decode("utf-8"))
        if (manifest["format"], manifest["version"]) != (FORMAT, VERSION) or manifest["kind"] not in _ALWAYS:
            return [*_check_sums(parcel, [ACTIONS, CASES]), f"{MANIFEST}: not {FORMAT} version {VERSION}"]
        named = list(manifest["files"])
        problems = list(_check_names(there, manifest, named))
        if problems:
            return problems
        problems += _check_sums(parcel, named)
        tables, is_readable = {}, True
        for name in named:
            columns = _COLUMNS.get(name)
            rows = None
            if name.endswith(".csv"):
                found, rows = _read(name, parcel.read(name), columns)
                problems += found
                tables[name] = rows
                is_readable = is_readable and not found
            stated = {"sha256": parcel.sha256(name), "bytes": parcel.size(name)}
            stated |= {"rows": len(rows)} if rows is not None else {}
            told = {
                field: value for field, value in manifest["files"][name].items() if field != "rows" or rows is not None
            }
            if told != stated:
                problems.append(f"{MANIFEST}: files.{name} differs from the file")
        if not is_readable:
            return problems
        problems += _check_manifest(parcel.stem, manifest, tables[ACTIONS])
        problems += _check_lines(manifest, tables[ACTIONS])
        problems += _check_cases(manifest, tables[CASES], tables[ACTIONS])
        if manifest["kind"] == BATCH:
            problems += _check_batch(manifest, tables)
            if thorough:
                problems += _check_workbook(parcel, tables[ACTIONS], tables[CASES])
    except (KeyError, TypeError, AttributeError, ValueError):
        # Messages of these quote what they met; the manifest lacks a part or has one of a wrong kind.
        return [*_check_sums(parcel, [ACTIONS, CASES]), f"{MANIFEST}: not a manifest of this format"]
    return problems


def _check_names(there: set[str], manifest: Mapping[str, Any], named: Sequence[str]) -> Iterator[str]:
    kind = manifest["kind"]
    strange = [name for name in named if name not in _ALWAYS[kind] and not (kind == BATCH and _MAY.fullmatch(name))]
    if strange or _ALWAYS[kind] - set(named):
        yield f"{MANIFEST}: files names others than {', '.join(sorted(_ALWAYS[kind]))}"
    for name in sorted(set(named) - there):
        yield f"{name} is missing" if name not in strange else "a file that the manifest names is missing"
    if there - {MANIFEST, SUMS, *named}:
        yield "a file too many"
    if kind == BATCH and manifest["control_totals"]["lines"]:
        for paper in _PAPERS:
            if not any(name.startswith(paper) for name in named):
                yield f"{paper}.pdf is missing"


def _check_sums(parcel: Parcel, named: Sequence[str]) -> Iterator[str]:
    content = parcel.read(SUMS).decode("ascii", "replace")
    wanted = [f"{parcel.sha256(name)}  {name}\n" for name in (MANIFEST, *named) if name in parcel.names]
    lines = set(content.splitlines(keepends=True))
    for name, line in zip((MANIFEST, *named), wanted, strict=False):
        if line not in lines:
            yield f"{SUMS}: the checksum of {name} is wrong or missing"
    if content != "".join(wanted):
        yield f"{SUMS}: not the checksums of all files in the form of sha256sum"


def _check_batch(manifest: Mapping[str, Any], tables: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """What holds for a package that is sent, beyond what holds for drafts."""
    lines, reversals = tables[ACTIONS], tables[REVERSALS]
    eligible = manifest["accounting"]["county"]["eligible"]
    if {"sent_before", "waiting", "waiting_by_reason"} - set(eligible):
        yield f"{MANIFEST}: accounting lacks the lines that were sent before or wait"
    if not isinstance(manifest["is_canary"], bool) or (not lines and not reversals):
        yield f"{MANIFEST}: is_canary is neither true nor false, or the package is empty"
    if {row["action_key"] for row in reversals} & {row["action_key"] for row in lines}:
        yield f"{REVERSALS}: an action_key of the lines"
    if [row["line_no"] for row in reversals] != [str(number) for number in range(1, len(reversals) + 1)]:
        yield f"{REVERSALS}: line_no does not run from 1 without a gap"
    if {(row["batch_id"], row["court_code"]) for row in reversals} - {(manifest["batch_id"], manifest["court_code"])}:
        yield f"{REVERSALS}: a line of another batch or court"
    for column in ("action_key", "reverses_action_key"):
        if len({row[column] for row in reversals}) != len(reversals):
            yield f"{REVERSALS}: a {column} stands twice"
    keys = [row["action_key"] for row in lines]
    if MATCH_KEYS in tables and [row["action_key"] for row in tables[MATCH_KEYS]] != keys:
        yield f"{MATCH_KEYS}: not one row for each line, in their order"
    for name, rows in tables.items():
        if _COURT_FILE.fullmatch(name) and (
            len(rows) != len(keys) or any(key not in row.values() for key, row in zip(keys, rows, strict=True))
        ):
            yield f"{name}: not one row for each line, in their order, with its action_key"


def _check_workbook(parcel: Parcel, lines: Sequence[Row], cases: Sequence[Row]) -> Iterator[str]:
    try:
        first, *others = read_sheets(parcel.path_of(WORKBOOK))
    except SheetRefused as error:
        if lines:
            yield f"{WORKBOOK}: {error}"
        return
    if not _holds(first, ACTION_COLUMNS, lines):
        yield f"{WORKBOOK}: its rows are not those of {ACTIONS}"
    told = [sheet for sheet in others if sheet.name == WORKBOOK_CASES]
    if len(told) != 1 or not _holds(told[0], CASE_COLUMNS, cases):
        yield f"{WORKBOOK}: the rows of its sheet {WORKBOOK_CASES} are not those of {CASES}"


def _holds(sheet: Sheet, columns: Sequence[str], rows: Sequence[Row]) -> bool:
    """Whether a sheet has the rows of a file, in their order, and all of its columns."""
    told = ([row.get(column, "") for column in columns] for _, row in sheet.rows)
    wanted = ([cell.strip() for cell in row.values()] for row in rows)
    return (
        set(columns) <= set(sheet.columns)
        and len(sheet.rows) == len(rows)
        and all(one == other for one, other in zip(told, wanted, strict=True))
    )


def _read(name: str, content: bytes, columns: Sequence[str] | None) -> tuple[list[str], list[Row]]:
    """Problems of form, and the rows as far as they could be read. `columns` None: any that differ."""
    try:
        parsed = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return [f"{name}: not UTF-8 CSV"], []
    if columns is None and parsed and len(set(parsed[0])) == len(parsed[0]):
        columns = parsed[0]
    if not parsed or columns is None or tuple(parsed[0]) != tuple(columns):
        return [f"{name}: the header is not that of this format"], []
    ragged = list(_rows_that(f"{name} row %d: not {len(columns)} fields", (len(r) != len(columns) for r in parsed[1:])))
    if ragged:
        return ragged, []
    problems = []
    if encode_rows(parsed) != content:
        problems.append(f"{name}: not every field quoted, or lines not ended by CRLF, or a byte order mark")
    rows = [dict(zip(columns, fields, strict=True)) for fields in parsed[1:]]
    for column in columns:
        values = {row[column] for row in rows}
        bad_of = {"an unsafe cell": {value for value in values if is_unsafe_cell(value)}}
        if column in _FORMS.get(name, {}):  # else it is free text
            fits = re.compile(_FORMS[name][column], re.ASCII).fullmatch
            bad_of["not of its form"] = {value for value in values if not fits(value)}
        for fault, bad in bad_of.items():
            if bad:
                problems += _rows_that(f"{name} row %d: {column} is {fault}", (row[column] in bad for row in rows))
    return problems, rows


def _check_manifest(stem: str, manifest: Mapping[str, Any], lines: Sequence[Row]) -> Iterator[str]:
    indicator = manifest["test_indicator"]
    name = PackageName(
        manifest["court_code"], manifest["program"], indicator == "T", manifest["sequence"], manifest["attempt"]
    )
    if indicator not in ("T", "P"):
        yield f"{MANIFEST}: test_indicator is neither T nor P"
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}|None", str(manifest["data_through"]), re.ASCII):
        yield f"{MANIFEST}: data_through is neither a day nor null"
    if manifest["batch_id"] != name.batch_id:
        yield f"{MANIFEST}: batch_id differs from court_code, program and sequence"
    again = re.fullmatch(rf"{re.escape(name.batch_id)}_a([1-9]\d*)_{name.test_indicator}", stem)
    # Sent once more, a batch keeps its bytes: only the file's name counts on.
    if stem != name.folder and not (again and manifest["kind"] == BATCH and int(again[1]) > manifest["attempt"]):
        yield f"the folder's name is not {name.folder}"
    if (manifest["sequence"] > 0) != (manifest["kind"] == BATCH):
        yield f"{MANIFEST}: sequence is not that of a {manifest['kind']}"
    if (manifest["previous_manifest_sha256"] is None) != (manifest["sequence"] <= 1):
        yield f"{MANIFEST}: previous_manifest_sha256 is there for the first package, or missing for a later one"
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
    positions = {"DEFER"} if manifest["kind"] == DRAFT else {"NO_CHALLENGE", "CHALLENGE"}
    yield from _rows_that(
        f"{ACTIONS} row %d: da_position is not one of a {manifest['kind']}, or differs from action_code",
        (
            row["da_position"] not in positions
            or (row["da_position"] == "CHALLENGE") != (row["action_code"] == "CHALLENGE")
            for row in lines
        ),
    )
    yield from _rows_that(
        f"{ACTIONS} row %d: action_code, offense_level_after, section_after and seal_scope disagree",
        (_is_unlike_its_action(row) for row in lines),
    )


def _is_unlike_its_action(row: Row) -> bool:
    wanted = {"REDESIGNATE": (True, True, "NONE"), "CHALLENGE": (False, False, "NONE")}.get(
        row["action_code"], (False, False, "COUNT")
    )
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
    count = {short: int(row[name]) for name, short in _COUNTS.items()}
    is_open = count["remaining_live"] + count["undisposed"] + count["unplaced"] > 0
    return (
        row["first_line_no"] == of_case[0]["line_no"]
        and count["in_batch"] + count["challenged"] == len(of_case)
        and count["convicted"]
        == count["in_batch"] + count["asked_before"] + count["already_relieved"] + count["remaining_live"]
        and count["review"] + count["withheld"] + count["waiting"] + count["challenged"] <= count["remaining_live"]
        and count["convicted"] + count["undisposed"] <= count["total"]
        and (row["case_complete"] == "Y") != is_open
    )


def _rows_that(problem: str, are_wrong: Iterable[bool]) -> Iterator[str]:
    """One problem for the first row that is wrong, with how many are."""
    where = [number for number, is_wrong in enumerate(are_wrong, start=2) if is_wrong]
    if where:
        yield f"{problem % where[0]}; {len(where)} such rows"
