"""A prosecutor's worklist for tests: a release with known keys, and filling in sheets as a person does.

The files in tests/data/review/ are worklists of this release as spreadsheets saved them (its README says how); their keys
stand here in full, so that nothing which makes keys elsewhere can part them from it.
"""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from clearslate.court.keys import VERSION_DIGITS
from clearslate.home import Home
from clearslate.sheets import read_sheets
from tests.support_court import key_of, line, make_release

DATA = Path(__file__).parent / "data" / "review"
ON = date(2020, 6, 1)
COUNTY = "SACRAMENTO"

# Case numbers that a spreadsheet likes to take for something else.
CASES = ("0012345", "1E5", "3-4", "SEPT2", "19CR00017", "00000000000000000123", "98-F-1", "TRUE")
ANSWERS = {
    1: ("NO_CHALLENGE", ""),
    2: ("CHALLENGE", "PRIOR_SUPERSTRIKE"),
    3: ("NO_CHALLENGE", ""),
    4: ("DEFER", ""),
    6: ("CHALLENGE", "RECORD_WRONG"),
    7: ("NO_CHALLENGE", ""),
}
"""What the fixtures have filled in, by line; the others of the eligible ones are blank."""


def key(number: int) -> str:
    return key_of("review", number)


def version(number: int, now: str = "first") -> str:
    return key_of("review", number, now, digits=VERSION_DIGITS)


def known_line(number: int, **changes: Any) -> dict[str, Any]:
    """A line with its key and version written out; `now` (no column) is another version."""
    now = changes.pop("now", "first")
    return line(number, action_key=key(number), version=version(number, now), **changes)


def lines() -> list[dict[str, Any]]:
    """Eight eligible lines, two to look at, two that are not eligible."""
    eligible = [
        known_line(number, case=case, name_last=last, name_first="JOSÉ MARÍA", rule=f"rule_{number % 2}")
        for number, (case, last) in enumerate(zip(CASES, ("PEÑA", "O'NEIL", "DOE") * 3, strict=False), start=1)
    ]
    review = [known_line(n, outcome="REVIEW", missing_facts="birth_date", path="serving") for n in (9, 10)]
    denied = [known_line(n, outcome="INELIGIBLE", ceiling="NONE", reason="=not a formula") for n in (11, 12)]
    return eligible + review + denied


def release(home: Home, **changes: Mapping[str, Any]) -> Path:
    """Make the release current; `changes` by `line_<n>` replace lines (None: without it), `run_id` names the run."""
    run_id = str(changes.pop("run_id", "release1"))
    kept = dict(enumerate(lines(), start=1))
    for name, changed in changes.items():
        number = int(name.removeprefix("line_"))
        if changed is None:
            del kept[number]
        else:
            kept[number] = known_line(number, **changed)
    return make_release(home, kept.values(), run_id=run_id)


def fill(path: Path, answers: Mapping[str, Mapping[str, str]]) -> None:
    """Fill in a CSV or XLSX sheet that we wrote: per key, heading -> text."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row.update(answers.get(row["Key"], {}))
        write_rows(path, list(rows[0]), [list(row.values()) for row in rows])
        return
    workbook = openpyxl.load_workbook(path)
    for sheet in workbook:
        headings = [cell.value for cell in sheet[1]]
        if "Key" not in headings:
            continue
        for row in sheet.iter_rows(min_row=2):
            for heading, text in answers.get(row[headings.index("Key")].value, {}).items():
                if heading in headings:
                    row[headings.index(heading)].value = text
    workbook.save(path)


def write_rows(path: Path, headings: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(headings)
        out.writerows(rows)


def decide(path: Path, *rows: tuple[str, ...]) -> Path:
    """A small worklist made by hand: rows of Key, Version, Decision and, where given, Ground."""
    write_rows(path, ["Key", "Version", "Decision", "Ground"], [[*row, *[""] * (4 - len(row))] for row in rows])
    return path


def decisions_in(home: Home) -> dict[str, tuple[str, str]]:
    """The newest decision on each line in the ledger: key -> decision and ground."""
    from clearslate.ledger import Ledger

    with Ledger.open(home).connect() as database:
        rows = database.rows("select action_key, decision, coalesce(ground, '') from decisions order by seq, row")
    return {action_key: (decision, ground) for action_key, decision, ground in rows}


def first_rows(path: Path) -> list[Mapping[str, str]]:
    """The rows of a file's first sheet."""
    return [row for _, row in read_sheets(path)[0].rows]
