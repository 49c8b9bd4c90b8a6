"""The prosecutor's worklists: per county and program what is eligible, what a person must look at, and what is not eligible.

Belongs here: their columns and wording, writing them, and recording in the ledger which keys were given out. Does not belong
here: reading them back (decisions.py), samples for checking (samples.py).

    outbox/<county>/review/<program>_worklist.xlsx       three sheets to work in and one that says how
    outbox/<county>/review/<program>_eligible.csv, ..._review.csv, ..._not_eligible.csv    the same rows
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from clearslate.court.release import Release
from clearslate.home import Home
from clearslate.ledger import Ledger
from clearslate.review.grounds import Ground, grounds_on
from clearslate.review.lines import (
    DECIDABLE,
    ELIGIBLE,
    REVIEW,
    Line,
    cells,
    counties_of,
    programs,
    read_lines,
    review_folder,
    write_csv,
)
from clearslate.review.standing import Standing, standings
from clearslate.sheets import Guide, XlsxTable, write_xlsx

DECISIONS = ("NO_CHALLENGE", "CHALLENGE", "DEFER")
INPUTS = ("Decision", "Ground", "Note")
CONFIDENTIAL = "CONFIDENTIAL: names people"
KEYS = {"Key": "action_key", "Version": "version"}

CASE = {
    "Case number": "case_number",
    "Count": "count_no",
    "Section": "section_words",
    "Level": "level_words",
    "Disposed on": "disposition_date",
    "Last name": "name_last",
    "First name": "name_first",
    "Born": "birth_year",
}
_SHEETS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "eligible": (
        "Eligible",
        {
            **CASE,
            "Relief": "relief_words",
            "Sentence": "sentence_words",
            "Why": "reason",
            "Basis": "basis_words",
            "Authority": "citation",
            "Held back": "withheld_reason_words",
            "So far": "so_far",
            **dict.fromkeys(INPUTS, ""),
            **KEYS,
        },
    ),
    "review": (
        "Review",
        {
            **CASE,
            "At least": "floor_words",
            "At most": "ceiling_words",
            "Sentence": "sentence_words",
            "Why a person must look": "reason",
            "Not known": "missing_facts_words",
            "Authority": "citation",
            "So far": "so_far",
            **dict.fromkeys(INPUTS, ""),
            **KEYS,
        },
    ),
    "not_eligible": (
        "Not eligible",
        {
            **CASE,
            "Outcome": "outcome_words",
            "Why": "reason",
            "Authority": "citation",
            "Blocking event": "blocking_event",
            "Time alone on": "eligible_on",
            **KEYS,
        },
    ),
}
WIDTHS = {
    "Case number": 14,
    "Count": 7,
    "Section": 12,
    "Level": 13,
    "Disposed on": 12,
    "Last name": 15,
    "First name": 15,
    "Born": 6,
    "Relief": 16,
    "At least": 16,
    "At most": 16,
    "Sentence": 13,
    "Outcome": 14,
    "Why": 34,
    "Why a person must look": 34,
    "Not known": 20,
    "Basis": 9,
    "Authority": 19,
    "Held back": 13,
    "So far": 16,
    "Blocking event": 15,
    "Time alone on": 14,
    "Decision": 16,
    "Ground": 22,
    "Note": 22,
    "Key": 27,
    "Version": 15,
}


@dataclass(frozen=True)
class Worklist:
    """One county's worklist of a program as written: `rows` per sheet (eligible, review, not_eligible), files by name."""

    county: str
    program: str
    rows: Mapping[str, int]
    n_undecided: int
    n_stale: int
    files: tuple[Path, ...]


def write_worklists(home: Home, counties: Sequence[str], on: dt.date) -> list[Worklist]:
    """Write the worklists of the current release for the given counties (none given: all that have a line).

    The same release, ledger and day give the same bytes. Which keys and versions were given out goes to the ledger first, so
    that what comes back can be told from what never was. Raises UsageError where there is no release, HomeLocked.
    """
    with home.lock():
        release = Release.open(home)
        ledger = Ledger.open(home)
        return [
            _write(home, release, ledger, county=county, program=program, on=on)
            for county in counties or counties_of(release)
            for program in programs()
        ]


def _write(home: Home, release: Release, ledger: Ledger, *, county: str, program: str, on: dt.date) -> Worklist:
    lines = read_lines(release, county=county, program=program)
    _record(ledger, lines, release, county=county, program=program, on=on)
    known = standings(ledger, lines)
    for line in lines:
        line["so_far"] = known[line["action_key"]].words if line["action_key"] in known else ""
    parts = {
        "eligible": [line for line in lines if line["outcome"] == ELIGIBLE],
        "review": [line for line in lines if line["outcome"] == REVIEW],
        "not_eligible": [line for line in lines if line["outcome"] not in DECIDABLE],
    }
    grounds = grounds_on(program, on)
    folder = review_folder(home, county)
    tables, files = [], []
    for part, part_lines in parts.items():
        title, columns = _SHEETS[part]
        rows = [cells(line, columns.values()) for line in part_lines]
        is_input = "Decision" in columns
        tables.append(
            XlsxTable(
                title=title,
                columns=list(columns),
                rows=rows,
                widths=WIDTHS,
                note=_NOTES[part],
                input_columns=INPUTS if is_input else (),
                choices={"Decision": DECISIONS, "Ground": tuple(grounds)} if is_input else {},
                n_unprinted=len(KEYS),
                mark=CONFIDENTIAL,
            )
        )
        files.append(folder / f"{program}_{part}.csv")
        write_csv(files[-1], list(columns), rows)
    files.append(folder / f"{program}_worklist.xlsx")
    guide = _guide(county, program, release, on, {part: len(own) for part, own in parts.items()}, grounds)
    write_xlsx(files[-1], tables, guide=guide)
    return Worklist(
        county=county,
        program=program,
        rows={part: len(own) for part, own in parts.items()},
        n_undecided=sum(not _is_decided(known.get(line["action_key"])) for line in parts["eligible"]),
        n_stale=sum(standing.is_stale for standing in known.values()),
        files=tuple(files),
    )


def _is_decided(standing: Standing | None) -> bool:
    return standing is not None and not standing.is_stale and standing.decision != "DEFER"


def _record(ledger: Ledger, lines: Sequence[Line], release: Release, *, county: str, program: str, on: dt.date) -> None:
    """Which keys and versions were given out. The same lines again are the same entry."""
    digest = hashlib.sha256()
    for line in sorted(lines, key=lambda line: line["action_key"]):
        digest.update(f"{line['action_key']}{line['version']}{line['outcome']}\n".encode())
    names = ("action_key", "version", "outcome")
    table = pa.table({name: pa.array([line[name] for line in lines], pa.string()) for name in names})
    ledger.append(
        "worklist_issued",
        on,
        {
            "identity": f"{county}/{program}/{digest.hexdigest()}",
            "county": county,
            "program": program,
            "n": len(lines),
            "as_of": release.as_of.isoformat(),
            "rule_set": release.rule_set,
        },
        {"worklist_lines": table.sort_by("action_key")},
    )


_NOTES = {
    "eligible": "Choose a decision. CHALLENGE needs a ground. Leave a row blank to decide later.",
    "review": "Look at the file first. A decision is kept, but a line goes to the court only once it is eligible.",
    "not_eligible": "For information: nothing to fill in here.",
}


def _guide(
    county: str,
    program: str,
    release: Release,
    on: dt.date,
    rows: Mapping[str, int],
    grounds: Mapping[str, Ground],
) -> Guide:
    """The sheet that says what this is and how to fill it in."""
    told_by = sorted({ground.told_by for ground in grounds.values() if ground.told_by})
    deadline = (
        f" The law wanted challenges told by {told_by[0].isoformat()}; later ones are marked late." if told_by else ""
    )
    lines = [
        (f"{county.title()} County", f"Worklist for the prosecutor, program {program}. {CONFIDENTIAL}."),
        ("Stands at", f"Records as of {release.as_of.isoformat()}; written on {on.isoformat()}."),
        (
            "Sheets",
            f"Eligible: {rows['eligible']} counts that the law or this county's policy grants relief. "
            f"Review: {rows['review']} that a person must look at. Not eligible: {rows['not_eligible']}, with the reason. "
            "Sorted by case number and count.",
        ),
        ("", ""),
        ("How to fill in", "Fill in the coloured columns of Eligible and Review, save, and send this workbook back."),
        ("Decision", "NO_CHALLENGE: the prosecutor does not object; the line may go to the court."),
        ("", f"CHALLENGE: the prosecutor objects. Choose a ground. The public defender is told.{deadline}"),
        ("", "DEFER: not decided yet; the line waits."),
        ("", "Blank: not decided. County policy says whether such lines wait or go out."),
        ("Note", "For yourselves. It is not read back, since it may name people."),
        ("So far", "What was decided before. CHANGED SINCE: the record changed after that day; please decide again."),
        (
            "Basis",
            "Statute: the law itself grants it. Policy: this county's policy does; the law alone might grant less.",
        ),
        ("Held back", "Why an eligible line can't go out yet whatever you decide, such as a missing case number."),
        ("Key, Version", "How the answer finds its line: letters only. Please leave them as they are."),
        (
            "You may",
            "sort, filter, hide or add columns, delete rows that you do not decide, and save as .xlsx or .csv.",
        ),
        ("", ""),
        ("Grounds", "For CHALLENGE only:"),
        *((name, f"{ground.words}. {ground.citation}") for name, ground in grounds.items()),
    ]
    return Guide("How to fill in", lines)
