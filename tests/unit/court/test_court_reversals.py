"""Lines that are no longer supported: found, put before a person, sent only on that person's word; and DOJ's list."""

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from clearslate.court import extras, office, verify_package
from clearslate.court.batch import prepare_packages
from clearslate.court.doj_stage import COLUMNS, doj_stage
from clearslate.court.profile import load_profile
from clearslate.court.reversals import prepare_reversals, reversals_due, write_reversals_worklist
from clearslate.errors import SheetRefused, UsageError
from clearslate.home import Home
from clearslate.keys import action_key
from clearslate.ledger import Ledger, make_line_status
from tests.support_court import line, make_release, tiny_home
from tests.support_packages import ON, answer, decide, manifest_of, rows_of

LATER = ON + timedelta(days=30)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose six lines were sent, granted and posted, but the last, which is only granted; then a new release."""
    home = tiny_home(tmp_path)
    make_release(home, [line(n) for n in range(1, 7)])
    decide(home, {"": "NO_CHALLENGE"})
    monkeypatch.setattr(extras, "write_documents", lambda folder, facts, rows: {})
    [made] = prepare_packages(home, counties=["SACRAMENTO"], on=ON, test=False, key=action_key(home)).batches
    answer(home, made, ("VALIDATED", "matched"), ("ORDERED", "granted"), order_doc_id="D-7")
    answer(home, made, ("POSTED", "posted"), lines=" ".join(f"19-0000{n}" for n in range(1, 6)))
    now = [
        line(1),
        line(2, outcome="REVIEW", missing_facts="birth_date"),
        line(3, outcome="ALREADY_RELIEVED"),
        line(4, relief="REDESIGNATE_MISD"),
        line(5, action_key=line(50)["action_key"], conviction_id="corrected"),
    ]
    make_release(home, now, run_id="release2")
    return home


def due(home: Home) -> dict[str, str]:
    """Reason by case number."""
    found = {row["action_key"]: row["reason"] for row in reversals_due(home, on=LATER).to_pylist()}
    with Ledger.open(home).connect() as db:
        numbers = dict(db.rows("select action_key, case_number from lines"))
    return {numbers[key]: reason for key, reason in sorted(found.items(), key=lambda item: numbers[item[0]])}


def send(home: Home, **how):
    return prepare_reversals(home, county="Sacramento", on=LATER, test=False, key=action_key(home), **how)


def fill(path: Path, *lines: str, answer: str = "YES") -> Path:
    """The worklist with YES for these case numbers, saved as a spreadsheet would."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        if row[heads.index("case_number")].value in lines:
            row[heads.index("send")].value = answer
    filled = path.parent / "filled.xlsx"
    book.save(filled)
    return filled


def test_what_is_no_longer_supported_is_due_and_what_doj_shows_as_done_is_not(home):
    assert due(home) == {
        "19-00002": "now_review",
        "19-00004": "other_relief",
        "19-00005": "identity_changed",
        "19-00006": "not_on_record",
    }
    decide(home, {"19-00001": "CHALLENGE"})
    assert due(home)["19-00001"] == "challenged"


def test_nothing_is_sent_but_on_a_person_s_word_and_then_once(home):
    [report] = write_reversals_worklist(home, on=LATER)
    assert report.due["P64", "now_review"] == 1 and sum(report.due.values()) == 4
    first = report.path.read_bytes()
    write_reversals_worklist(home, on=LATER)
    assert report.path.read_bytes() == first
    assert send(home, file=report.path) == []
    [made] = send(home, file=fill(report.path, "19-00002", "19-00006"))
    assert verify_package(made.path) == []
    assert (made.n_lines, made.n_reversals) == (0, 2)
    rows = rows_of(made, "12_reversals.csv")
    assert [(row["line_no"], row["case_number"], row["action_code"], row["reason"]) for row in rows] == [
        ("1", "19-00002", "REVERSE", "now_review"), ("2", "19-00006", "REVERSE", "not_on_record"),
    ]  # fmt: skip
    assert rows[0]["action_key"] != rows[0]["reverses_action_key"] and rows[0]["name_last"] == "DOE2"
    assert rows_of(made) == [] and manifest_of(made)["accounting"]["county"]["eligible"]["in_package"] == 0
    assert send(home, file=fill(report.path, "19-00002")) == []
    assert "19-00002" not in due(home)
    assert Ledger.open(home).verify()
    with Ledger.open(home).connect() as db:
        make_line_status(db, None, reversals_due(home, on=LATER), LATER)
        states = dict(db.rows("select reversal_state, count(*) from line_status group by reversal_state"))
    assert states == {None: 2, "REVERSAL_SENT": 2, "REVERSAL_DUE": 2}


def test_a_release_as_of_a_day_to_come_undoes_nothing(home):
    make_release(home, [line(1, outcome="REVIEW")], run_id="release3", as_of=LATER + timedelta(days=1))
    [report] = write_reversals_worklist(home, on=LATER)
    with pytest.raises(UsageError, match="has not come"):
        send(home, file=fill(report.path, "19-00001"))


@pytest.mark.parametrize(
    ("current", "words"), [(False, "too old for 2020-07-01"), (None, "does not tell whether its data")]
)
def test_records_that_are_too_old_take_nothing_back(home, current, words):
    now = [
        line(1, withheld_reason="data_not_current"),
        *(line(n, outcome="REVIEW", missing_facts="all_convictions_prop64") for n in range(2, 6)),
        line(6, outcome="INELIGIBLE"),
    ]
    make_release(home, now, run_id="release3", is_data_current=current)
    assert due(home) == {"19-00006": "now_ineligible"}
    [report] = write_reversals_worklist(home, on=LATER)
    with pytest.raises(UsageError, match=words):
        send(home, file=fill(report.path, "19-00006"))
    assert len(Ledger.open(home).entries("batch_issued")) == 1


def test_a_line_that_was_undone_may_be_asked_for_again(home, monkeypatch):
    [made] = send(home, keys=[key for key, number in numbers(home).items() if number == "19-00002"])
    with Ledger.open(home).connect() as db:
        assert db.rows("select count(*) from reversal_lines") == [(1,)]
    answer(home, made, ("VALIDATED", "matched"), ("ORDERED", "granted"), ("POSTED", "posted"), file="12_reversals.csv")
    make_release(home, [line(2)], run_id="release3")
    decide(home, {"": "NO_CHALLENGE"})
    monkeypatch.setattr(office, "load_profile", lambda county: replace(load_profile(county), canary_lines=0))
    [again] = prepare_packages(home, counties=["SACRAMENTO"], on=LATER, test=False, key=action_key(home)).batches
    [row] = rows_of(again)
    assert row["case_number"] == "19-00002" and row["supersedes_action_key"] == row["action_key"]
    assert prepare_packages(home, counties=["SACRAMENTO"], on=LATER, test=False, key=action_key(home)).batches == ()


def numbers(home: Home) -> dict[str, str]:
    with Ledger.open(home).connect() as db:
        return dict(db.rows("select action_key, case_number from lines"))


def test_a_worklist_that_was_spoilt_sends_nothing(home):
    [report] = write_reversals_worklist(home, on=LATER)
    with pytest.raises(SheetRefused, match=r"filled\.xlsx row 2: send is YES or blank"):
        send(home, file=fill(report.path, "19-00002", answer="perhaps"))
    spoilt = fill(report.path, "19-00002")
    book = openpyxl.load_workbook(spoilt)
    key = book.worksheets[0]["A2"].value
    book.worksheets[0]["A2"].value = key[1] + key[0] + key[2:] if key[0] != key[1] else key[:-1]
    book.save(spoilt)
    with pytest.raises(SheetRefused, match="row 2: action_key"):
        send(home, file=spoilt)
    good = next(key for key, number in numbers(home).items() if number == "19-00001")
    with pytest.raises(UsageError, match="1 of the lines are not due"):
        send(home, keys=[good])
    assert len(Ledger.open(home).entries("batch_issued")) == 1


def test_doj_s_list_has_the_granted_lines_that_the_court_has_not_reported(home):
    report = doj_stage(home, "Sacramento", on=LATER)
    with report.path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert report.rows == len(rows) == 6 and tuple(rows[0]) == COLUMNS
    assert (rows[0]["subject_name"], rows[0]["cii_number"]) == ("DOE1,JANE A", "A00000001")
    assert (rows[0]["subsequent_action"], rows[0]["order_doc_id"]) == ("DISMISS_SEAL", "D-7")
    assert [bool(row["posted_date"]) for row in rows] == [True] * 5 + [False]
    [made] = Ledger.open(home).entries("batch_issued")
    [sent] = prepare_reversals(
        home, county="SACRAMENTO", on=LATER, test=False, key=action_key(home),
        keys=[key for key, number in numbers(home).items() if number == "19-00006"],
    )  # fmt: skip
    assert sent.batch_id != made.body["batch_id"]
    assert doj_stage(home, "Sacramento", on=LATER).rows == 5
