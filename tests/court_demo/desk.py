"""The prosecutor's desk: every call of Clearslate's public functions that the story makes, save those for the court's files.

Belongs here: calling them for the one county of the story. Does not belong here: what follows from them (story.py).
"""

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

import openpyxl

from clearslate.acknowledgement import AckReport, read_acknowledgements, record_order
from clearslate.court.batch import prepare_packages, resend, waiting_lines
from clearslate.court.doj_stage import doj_stage as stage
from clearslate.court.reversals import prepare_reversals, reversals_due, write_reversals_worklist
from clearslate.court.verify import verify_package
from clearslate.home import Home
from clearslate.keys import action_key
from clearslate.ledger import Ledger
from clearslate.ledger.states import make_line_status
from clearslate.review.decisions import import_review as import_file
from clearslate.review.grounds import grounds_on
from clearslate.review.samples import write_samples
from clearslate.review.worklist import write_worklists
from tests.court_demo.agreement import Line
from tests.court_demo.source import COUNTY

PROGRAM = "P64"
FOLDER = "los-angeles"


def write_review(home: Home, on: date) -> tuple[Path, Path, str]:
    """Write worklists and samples; returns the worklist of eligible lines, the sample, and a ground for a challenge."""
    write_worklists(home, [COUNTY], on)
    write_samples(home, [COUNTY], on, confidence=0.95, tolerated=0.05)
    folder = home.outbox / FOLDER / "review"
    grounds = grounds_on(PROGRAM, on)
    ground = next(name for name in sorted(grounds) if not grounds[name].serving_only)
    return folder / f"{PROGRAM}_eligible.csv", folder / f"{PROGRAM}_spot_check.csv", ground


def import_review(home: Home, file: Path, on: date) -> None:
    """Take a worklist or a sample that came back."""
    import_file(home, file, on)


def package(home: Home, on: date, *, supersede: str | None = None) -> list[Path]:
    """Prepare what is ready; every package is checked as a court would."""
    report = prepare_packages(home, counties=[COUNTY], on=on, test=False, key=action_key(home), supersede=supersede)
    made = [batch.path for batch in report.batches]
    problems = [problem for path in made for problem in verify_package(path)]
    if problems:
        raise AssertionError(f"a package is not sound: {problems[:5]}")
    return made


def send_again(home: Home, batch_id: str, on: date) -> Path:
    """The same batch, byte for byte."""
    return resend(home, batch_id, on=on).path


def take(home: Home, files: Sequence[Path], on: date) -> AckReport:
    """Read the court's files."""
    return read_acknowledgements(home, files, on)


def record(home: Home, batch_id: str, last_line: int, document: Path, on: date) -> None:
    """Record that an order grants the lines 1 to `last_line`, signed that day."""
    record_order(
        home, batch_id, first_line=1, last_line=last_line, status="granted", document=document, effective_date=on,
        by="demo", on=on,
    )  # fmt: skip


def line_status(home: Home, on: date) -> list[Line]:
    """Where every line of the county stands on a day."""
    waiting = waiting_lines(home, on=on, test=False)
    due = reversals_due(home, on=on)
    with Ledger.open(home).connect() as ledger:
        make_line_status(ledger, waiting, due, on)
        rows = ledger.rows(
            "select action_key, coalesce(batch_id, ''), coalesce(line_no, 0), state, coalesce(reason_code, ''),"
            " coalesce(reversal_state, '') from line_status where county = $county order by action_key",
            {"county": COUNTY},
        )
    return [Line(*row) for row in rows]


def verify(home: Home) -> None:
    """Check the chain and every object of the ledger."""
    Ledger.open(home).verify()


def doj_stage(home: Home, on: date) -> Path:
    """The list from which the court's desk reports to DOJ."""
    return stage(home, COUNTY, on=on).path


def due_keys(home: Home, on: date) -> set[str]:
    """Action keys of lines that were sent and are no longer supported."""
    return set(reversals_due(home, on=on)["action_key"].to_pylist())


def send_reversals(home: Home, chosen: Collection[str], filled: Path, on: date) -> list[Path]:
    """A person says YES to the `chosen` lines of the worklist; returns the packages that go out."""
    [report] = write_reversals_worklist(home, counties=[COUNTY], on=on)
    if report.path is None:
        return []
    book = openpyxl.load_workbook(report.path)
    sheet = book.worksheets[0]
    at = {str(cell.value).lower(): cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, at["action_key"]).value in chosen:
            sheet.cell(row, at["send"]).value = "YES"
    book.save(filled)
    made = prepare_reversals(home, county=COUNTY, on=on, test=False, key=action_key(home), file=filled)
    return [batch.path for batch in made]
