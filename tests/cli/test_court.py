"""`clearslate review ...` and `clearslate court ...` as a county's people meet them: from the worklist to the posted line."""

import csv
import json
import zipfile
from datetime import date, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pytest

from clearslate.home import Home
from tests.command import command
from tests.support_court import line, make_release, tiny_home

N_LINES = 8
SUBMITTED, ANSWERED = "2020-08-01", "2020-10-15"


def _fill(path: Path, filled: Path, **cells: str) -> Path:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    with filled.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, **cells} for row in rows)
    return filled


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A release of one county, its worklist reviewed and its package sent."""
    folder = tmp_path_factory.mktemp("court")
    home = tiny_home(folder)
    make_release(
        home, [line(n) for n in range(1, N_LINES + 1)] + [line(99, outcome="REVIEW", missing_facts="birth_date")]
    )
    assert command("review", "worklist", "--home", home.root, "--on", SUBMITTED).code == 0
    [worklist] = home.outbox.glob("sacramento/review/P64_eligible.csv")
    filled = _fill(worklist, folder / "filled.csv", Decision="NO_CHALLENGE")
    told = command("review", "import", filled, "--home", home.root, "--on", SUBMITTED, "--json").json
    assert told[0]["answers"] == {"NO_CHALLENGE": N_LINES}
    said = command("court", "package", "--production", "--home", home.root, "--on", SUBMITTED)
    assert said.code == 0 and "CRR-34-P64-000001" in said.words
    return home


def _states(home: Home, on: str = SUBMITTED) -> dict[str, int]:
    rows = command("court", "status", "--home", home.root, "--on", on, "--json").json["rows"]
    return {row["state"]: row["n_lines"] for row in rows}


@pytest.fixture(scope="module")
def package(home: Home) -> Path:
    [found] = home.outbox.glob("sacramento/CRR-*.zip")
    return found


def test_nothing_goes_out_for_good_as_of_a_day_that_records_lie_behind(tmp_path: Path) -> None:
    home = tiny_home(tmp_path)
    make_release(home, [line(1)], later_records=3)
    assert command("review", "worklist", "--home", home.root, "--on", SUBMITTED).code == 0
    [worklist] = home.outbox.glob("sacramento/review/P64_eligible.csv")
    filled = _fill(worklist, tmp_path / "filled.csv", Decision="NO_CHALLENGE")
    assert command("review", "import", filled, "--home", home.root, "--on", SUBMITTED).code == 0
    said = command("court", "package", "--production", "--home", home.root, "--on", SUBMITTED)
    assert said.code == 2
    assert "3 records lie between that day and their receipt: packages of it are for testing only" in said.words
    assert not list(home.outbox.rglob("*.zip"))
    assert command("court", "package", "--home", home.root, "--on", SUBMITTED).code == 0  # a test may


def test_the_ledger_takes_no_day_to_come(home: Home) -> None:
    said = command("court", "status", "--home", home.root, "--on", (date.today() + timedelta(days=1)).isoformat())
    assert said.code == 2
    assert "is still to come" in said.words


def test_what_was_sent_is_in_order(home: Home, package: Path) -> None:
    assert command("court", "check", package).code == 0
    said = command("court", "verify", "--home", home.root)
    assert said.code == 0 and "the ledger is whole" in said.words
    assert _states(home) == {"SUBMITTED": N_LINES}
    names = zipfile.ZipFile(package).namelist()
    assert {"00_manifest.json", "10_relief_actions.csv", "20_motion.pdf", "23_proposed_order.pdf"} <= set(names)


def test_a_second_call_sends_nothing_more(home: Home, package: Path) -> None:
    ledger = (home.ledger / "ledger.jsonl").read_bytes()
    said = command("court", "package", "--production", "--home", home.root, "--on", SUBMITTED)
    assert said.code == 0 and "nothing may go out now" in said.words
    assert (home.ledger / "ledger.jsonl").read_bytes() == ledger


def test_it_says_who_has_kept_it_how_long(home: Home) -> None:
    said = command("court", "status", "--home", home.root, "--on", ANSWERED)
    assert "60+ days" in said.words and "court" in said.words


def test_a_package_that_was_tampered_with_is_told(package: Path, tmp_path: Path) -> None:
    other = tmp_path / package.name
    with zipfile.ZipFile(package) as given, zipfile.ZipFile(other, "w") as changed:
        for name in given.namelist():
            changed.writestr(
                name,
                given.read(name).replace(b"DISMISS_SEAL", b"REDESIGNATE")
                if name.startswith("10_")
                else given.read(name),
            )
    said = command("court", "check", other)
    assert said.code == 1 and "10_relief_actions.csv" in said.words


def test_a_file_of_another_batch_is_refused_and_changes_nothing(home: Home, tmp_path: Path) -> None:
    ledger = (home.ledger / "ledger.jsonl").read_bytes()
    bad = tmp_path / "ACK.csv"
    bad.write_text("rec,batch_id\nH,CRR-34-P64-000007\nT,CRR-34-P64-000007\n")
    said = command("court", "ack", bad, "--home", home.root, "--on", ANSWERED)
    assert said.code == 1 and "refused" in said.words
    assert (home.ledger / "ledger.jsonl").read_bytes() == ledger


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["ack"], "name the files, or say --inbox"),
        (
            ["order", "CRR-34-P64-000001", "--document", "x", "--date", "2020-09-01", "--by", "DA", "--lines", "a"],
            "--lines",
        ),
        (["reversals", "--send", "x.xlsx"], "needs the one --county"),
        (["package", "--county", "Sacremento"], "Sacramento"),
        (["resend", "CRR-34-P64-000009"], "no batch of that id"),
    ],
)
def test_wrong_use_is_told(home: Home, asked: list[str], words: str) -> None:
    said = command("court", *asked, "--home", home.root)
    assert said.code == 2
    assert words.lower() in said.words.lower()


def test_from_the_clerks_sheet_to_the_snapshot(home: Home, package: Path, tmp_path: Path) -> None:
    """The clerk fills in three columns; the last line's case is not found. What was not ordered is not called granted."""
    with zipfile.ZipFile(package) as given:
        sheet = tmp_path / "10_relief_actions.xlsx"
        sheet.write_bytes(given.read("10_relief_actions.xlsx"))
    book = openpyxl.load_workbook(sheet)
    page = book.worksheets[0]
    at = {str(cell.value).lower(): cell.column for cell in page[1]}
    rows = [row for row in range(2, page.max_row + 1) if page.cell(row, at["line_no"]).value]
    assert len(rows) == N_LINES
    for row in rows:
        lost = row == rows[-1]
        page.cell(row, at["status"], "NOT_FOUND" if lost else "GRANTED_POSTED")
        page.cell(row, at["reason"], "R10" if lost else "")
        page.cell(row, at["date"], "2020-10-01")
    book.save(sheet)
    home.inbox.mkdir(exist_ok=True)
    (home.inbox / "from the clerk.xlsx").write_bytes(sheet.read_bytes())

    said = command("court", "ack", "--inbox", "--home", home.root, "--on", ANSWERED)
    assert said.code == 0, said.words
    assert _states(home, ANSWERED) == {"POSTED": N_LINES - 1, "REFUSED": 1}
    with duckdb.connect(str(home.root / "published" / "court_status.duckdb"), read_only=True) as snapshot:
        told = dict(
            snapshot.execute("select state, sum(n_lines)::int from impact.court_status group by state").fetchall()
        )
    assert told == {"POSTED": N_LINES - 1, "REFUSED": 1}

    again = command("court", "ack", sheet, "--home", home.root, "--on", ANSWERED)
    assert again.code == 0 and "was read before" in again.words
    found = command("court", "followup", "--county", "sacramento", "--home", home.root, "--json").json
    assert sum(found.values()) >= 1
    staged = command(
        "court", "doj-stage", "--county", "sacramento", "--home", home.root, "--on", ANSWERED, "--json"
    ).json
    assert staged["rows"] == N_LINES - 1
    assert "no exception is open" in command("court", "exceptions", "--home", home.root).words
    assert json.loads((home.ledger / "ledger.jsonl").read_text("utf-8").splitlines()[-1])["on"] == ANSWERED
