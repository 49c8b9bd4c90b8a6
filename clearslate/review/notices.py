"""The notice to the public defender: every count whose relief the prosecutor challenges.

Belongs here: that list, as CSV and XLSX. Does not belong here: taking the challenges in (decisions.py), telling the court of
them (clearslate.court).

    outbox/<county>/review/<program>_challenged.csv, ..._challenged.xlsx

It names cases, not people: the public defender finds the person in the court's file. A challenge of a line that has changed
since is not in force and not in the list; the line is back on the worklist.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clearslate.court.release import Release
from clearslate.home import Home
from clearslate.ledger import Ledger
from clearslate.review.grounds import ground_on
from clearslate.review.lines import Line, cells, counties_of, programs, read_lines, review_folder, write_csv
from clearslate.review.standing import standings
from clearslate.review.worklist import WIDTHS
from clearslate.sheets import Guide, XlsxTable, write_xlsx

_COLUMNS = {
    "Case number": "case_number",
    "Count": "count_no",
    "Section": "section_words",
    "Disposed on": "disposition_date",
    "Relief challenged": "challenged_words",
    "Ground": "ground",
    "Ground in words": "ground_words",
    "Authority": "ground_citation",
    "Challenged on": "challenged_on",
    "Law's day": "told_by",
    "After the law's day": "is_late",
}
_WIDTHS = {
    **WIDTHS,
    "Relief challenged": 22,
    "Ground in words": 58,
    "Authority": 44,
    "Challenged on": 14,
    "Law's day": 12,
}

_LATE = "YES"


@dataclass(frozen=True)
class Notice:
    """One county's notice of a program as written. `n_late` of its challenges came after the day by which the law wanted
    them told; `n_stale` challenges are not in it: their lines have changed since."""

    county: str
    program: str
    n_counts: int
    n_cases: int
    n_late: int
    n_stale: int
    files: tuple[Path, ...]


def write_notices(home: Home, counties: Sequence[str], on: dt.date) -> list[Notice]:
    """Write the notices for the given counties (none given: all that have a line); one without any challenge has a header
    alone, so that nobody must guess whether it was forgotten.

    Raises UsageError without a release, HomeLocked.
    """
    with home.lock():
        release = Release.open(home)
        ledger = Ledger.open(home)
        return [
            _write(home, release, ledger, county=county, program=program, on=on)
            for county in counties or counties_of(release)
            for program in programs()
        ]


def _write(home: Home, release: Release, ledger: Ledger, *, county: str, program: str, on: dt.date) -> Notice:
    lines = read_lines(release, county=county, program=program)
    known = standings(ledger, lines)
    challenged: list[Line] = []
    n_stale = 0
    for line in lines:
        standing = known.get(line["action_key"])
        if standing is None or standing.decision != "CHALLENGE" or standing.decided_on is None:
            continue
        if standing.is_stale:
            n_stale += 1
            continue
        ground = ground_on(program, standing.ground, standing.decided_on)
        told_by = ground.told_by if ground else None
        since = standing.challenged_since or standing.decided_on
        challenged.append(
            {
                **line,
                "challenged_words": line["relief_words" if line["outcome"] == "ELIGIBLE" else "ceiling_words"],
                "ground": standing.ground,
                "ground_words": ground.words if ground else "",
                "ground_citation": ground.citation if ground else "",
                "challenged_on": since.isoformat(),
                "told_by": told_by.isoformat() if told_by else "",
                "is_late": "" if ground is None or told_by is None else _LATE if ground.is_late_on(since) else "no",
            }
        )
    rows = [cells(line, _COLUMNS.values()) for line in challenged]
    n_late = sum(line["is_late"] == _LATE for line in challenged)
    n_cases = len({line["case_key"] for line in challenged})
    folder = review_folder(home, county)
    files = (folder / f"{program}_challenged.csv", folder / f"{program}_challenged.xlsx")
    write_csv(files[0], list(_COLUMNS), rows)
    table = XlsxTable("Challenged", list(_COLUMNS), rows, widths=_WIDTHS, note=f"{county.title()} County, {program}")
    write_xlsx(files[1], [table], guide=_guide(county, program, len(rows), n_cases, n_late, on))
    return Notice(county, program, len(rows), n_cases, n_late, n_stale, files)


def _guide(county: str, program: str, n_counts: int, n_cases: int, n_late: int, on: dt.date) -> Guide:
    return Guide(
        "About this list",
        [
            (f"{county.title()} County", f"Notice to the public defender, program {program}, of {on.isoformat()}."),
            (
                "What it is",
                f"The prosecutor challenges relief on {n_counts} counts in {n_cases} cases; each is listed once.",
            ),
            (
                "After the law's day",
                f"On {n_late} counts the challenge came after the day by which the law wanted it told (column Law's day). "
                "Whether the court still hears it is the court's to say.",
            ),
            ("Why you get it", "So that the person concerned can be told and heard."),
            ("Newest list", "It replaces every earlier one: what is no longer in it is no longer challenged."),
        ],
    )
