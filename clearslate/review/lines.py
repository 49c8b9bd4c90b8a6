"""The lines a prosecutor looks at: the release's `review.worklist`, as text for people.

Belongs here: reading them for one county and program, in the order in which courts file, and how their cells are worded.
Does not belong here: which of them stand on which sheet (worklist.py, samples.py).
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from csv import QUOTE_ALL, writer
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from clearslate.court.layout import is_unsafe_cell
from clearslate.court.programs import load_programs
from clearslate.court.release import Release
from clearslate.home import Home
from clearslate.settings import county_folder

ELIGIBLE, REVIEW = "ELIGIBLE", "REVIEW"
DECIDABLE = (ELIGIBLE, REVIEW)
"""Outcomes on which a prosecutor may decide; the others are shown with their reasons."""

_READ = (
    "action_key",
    "version",
    "county",
    "program",
    "court_code",
    "case_number",
    "case_key",
    "count_no",
    "statute_code",
    "statute_section",
    "offense_level_before",
    "disposition_date",
    "disposition_decade",
    "name_last",
    "name_first",
    "birth_year",
    "outcome",
    "relief",
    "floor",
    "ceiling",
    "path",
    "legal_basis",
    "rule",
    "reason",
    "citation",
    "missing_facts",
    "blocking_event",
    "eligible_on",
    "withheld_reason",
)

_LEVELS = {"F": "Felony", "M": "Misdemeanor", "I": "Infraction"}
_RELIEFS = {
    "DISMISS_SEAL": "Dismiss and seal",
    "REDESIGNATE_MISD": "Reduce to misdemeanor",
    "REDESIGNATE_INFR": "Reduce to infraction",
    "NONE": "None",
}
_SENTENCES = {"completed": "Completed", "serving": "Being served", "unknown": "Not told"}
_OUTCOMES = {"INELIGIBLE": "Not eligible", "NOT_YET": "Not yet", "ALREADY_RELIEVED": "Already relieved"}

Line = dict[str, str]
"""One line: the columns of review.worklist as plain text, blank where unknown, and those that `words` adds."""


def counties_of(release: Release) -> list[str]:
    """The counties that have a line, sorted."""
    found = pq.read_table(release.table("review.worklist"), columns=["county"])["county"].unique().to_pylist()
    return sorted(county for county in found if county is not None)


def programs() -> list[str]:
    """The short names of all programs."""
    return sorted(program.program for program in load_programs().values())


def read_lines(release: Release, *, county: str, program: str) -> list[Line]:
    """All lines of a county and program, sorted as the court files: case number, count."""
    table = pq.read_table(
        release.table("review.worklist"),
        columns=list(_READ),
        filters=[("county", "=", county), ("program", "=", program)],
    )
    order = [(name, "ascending") for name in ("case_key", "count_no", "action_key")]
    columns = {name: _as_text(table.sort_by(order)[name]) for name in _READ}
    return [_worded(dict(zip(columns, cells, strict=True))) for cells in zip(*columns.values(), strict=True)]


def _as_text(column: pa.ChunkedArray) -> list[str]:
    return ["" if cell is None else str(cell) for cell in column.to_pylist()]


def _worded(line: Line) -> Line:
    """Add what people read instead of codes."""
    line["section_words"] = f"{line['statute_code']} {line['statute_section']}".strip()
    line["level_words"] = _LEVELS.get(line["offense_level_before"], "Unknown")
    for name in ("relief", "floor", "ceiling"):
        line[f"{name}_words"] = _RELIEFS.get(line[name], line[name])
    line["sentence_words"] = _SENTENCES[line["path"]]
    line["outcome_words"] = _OUTCOMES.get(line["outcome"], line["outcome"].capitalize())
    line["basis_words"] = {"county_policy": "Policy", "statute": "Statute"}.get(line["legal_basis"], "")
    for name in ("missing_facts", "withheld_reason"):
        line[f"{name}_words"] = line[name].replace("_", " ")
    return line


def cells(line: Mapping[str, str], sources: Iterable[str]) -> list[str]:
    """A line's cells for a sheet. One that a spreadsheet would run or be misled by is shown with an apostrophe ahead."""
    return [harmless(line[source]) if source else "" for source in sources]


def harmless(text: str) -> str:
    """Text that no spreadsheet runs, and nothing invisible in it."""
    if not is_unsafe_cell(text):
        return text
    return "'" + "".join(character if character.isprintable() else " " for character in text)


def review_folder(home: Home, county: str) -> Path:
    """Where a county's sheets are put, made if need be."""
    folder = home.outbox / county_folder(county) / "review"
    for path in (home.outbox, folder.parent, folder):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """A CSV file as a spreadsheet opens it best: UTF-8 with mark, every cell quoted, CRLF; whole or not at all, for the
    owner alone. Returns its rows."""
    partial = path.with_name(path.name + ".partial")
    n_rows = 0
    try:
        opened = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8-sig", newline="") as file:
            out = writer(file, quoting=QUOTE_ALL, lineterminator="\r\n")
            out.writerow(columns)
            for row in rows:
                out.writerow(row)
                n_rows += 1
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return n_rows
