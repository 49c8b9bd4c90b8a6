"""What follows from the courts' answers: recorded orders, the queue of exceptions, the lists for people, the inbox."""

import csv
import hashlib
from datetime import date
from pathlib import Path

import pytest

from clearslate.acknowledgement import (
    exceptions,
    read_acknowledgements,
    reading,
    record_order,
    resolve_exception,
    take_inbox,
    write_followups,
)
from clearslate.acknowledgement.followup import COLUMNS
from clearslate.acknowledgement.reading import ALREADY_TAKEN, REFUSED, TAKEN
from clearslate.errors import HomeLocked, UsageError
from clearslate.home import Home
from clearslate.ledger import Ledger
from tests.acknowledgement_fixtures import FOLDER, MATCHED
from tests.support_acknowledgements import (
    BATCH,
    N_LINES,
    ON,
    TEST_BATCH,
    answer,
    key,
    ledger_bytes,
    states,
    write_ack,
)

SIGNED = date(2026, 4, 9)


@pytest.fixture
def order(tmp_path: Path) -> Path:
    """A judge's signed order, scanned."""
    path = tmp_path / "order.pdf"
    path.write_bytes(b"%PDF-1.7 the signed order")
    return path


# -- orders ---------------------------------------------------------------------------------------------------------------


def test_a_signed_order_grants_its_range_and_keeps_the_documents_hash(home: Home, order: Path) -> None:
    told = record_order(
        home, BATCH, first_line=2, last_line=5, status="granted", document=order, effective_date=SIGNED, by="adm", on=ON
    )
    assert states(home) == {"ORDERED": 4, "SUBMITTED": N_LINES - 4}
    assert (told.n_applied, told.n_exceptions, told.is_new) == (4, 0, True)
    assert told.document_sha256 == hashlib.sha256(order.read_bytes()).hexdigest()
    before = ledger_bytes(home)
    again = record_order(
        home, BATCH, first_line=2, last_line=5, status="granted", document=order, effective_date=SIGNED, by="b", on=ON
    )
    assert not again.is_new
    assert ledger_bytes(home) == before


def test_an_order_lets_what_was_posted_too_early_count(home: Home, order: Path) -> None:
    read_acknowledgements(home, [FOLDER / "short_form_no_order.csv"], ON)
    assert [told.n_lines for told in exceptions(home)] == [N_LINES]
    told = record_order(
        home,
        BATCH,
        first_line=1,
        last_line=10,
        status="granted",
        document=order,
        effective_date=SIGNED,
        by="adm",
        on=ON,
    )
    assert told.n_released == 10
    assert states(home) == {"POSTED": 10, "SUBMITTED": 2}
    assert [(left.kind, left.n_lines, left.line_no) for left in exceptions(home)] == [("posted_without_order", 2, 11)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"batch_id": "CRR-34-P64-000077"}, "no batch of that id"),
        ({"first_line": 0}, "the lines 1 to 12"),
        ({"last_line": 13}, "the lines 1 to 12"),
        ({"first_line": 6, "last_line": 5}, "the lines 1 to 12"),
        ({"status": "maybe"}, "granted or denied"),
        ({"effective_date": date(2026, 6, 2)}, "in the future"),
        ({"document": Path("nowhere.pdf")}, "can't be read"),
        ({"by": " "}, "who recorded it"),
    ],
)
def test_an_order_that_cannot_be_is_refused(home: Home, order: Path, changes: dict[str, object], words: str) -> None:
    before = ledger_bytes(home)
    said = {
        "batch_id": BATCH, "first_line": 1, "last_line": 2, "status": "granted", "document": order,
        "effective_date": SIGNED, "by": "adm", "on": ON,
    } | changes  # fmt: skip
    with pytest.raises(UsageError, match=words):
        record_order(home, **said)  # type: ignore[arg-type]
    assert ledger_bytes(home) == before


# -- exceptions -----------------------------------------------------------------------------------------------------------


def test_an_exception_leaves_the_queue_by_a_persons_word_and_changes_no_state(home: Home) -> None:
    read_acknowledgements(home, [FOLDER / "key_mangled.csv"], ON)
    [told] = exceptions(home)
    assert (told.kind, told.batch_id, told.line_no, told.row, told.on) == ("unreadable_line", BATCH, 5, 7, ON)
    held = states(home)
    resolve_exception(home, told.exception_id, "corrected", by="adm", on=ON)
    assert exceptions(home) == []
    assert states(home) == held
    before = ledger_bytes(home)
    resolve_exception(home, told.exception_id, "corrected", by="adm", on=ON)
    assert ledger_bytes(home) == before
    with pytest.raises(UsageError, match="was resolved as corrected"):
        resolve_exception(home, told.exception_id, "noted", by="adm", on=ON)


def test_only_what_is_in_the_queue_can_be_resolved(home: Home) -> None:
    with pytest.raises(UsageError, match="no exception of that id"):
        resolve_exception(home, "XBBBB", "noted", by="adm", on=ON)
    with pytest.raises(UsageError, match="a resolution is one of"):
        resolve_exception(home, "XBBBB", "whatever", by="adm", on=ON)
    with pytest.raises(UsageError, match="who decided"):
        resolve_exception(home, "XBBBB", "noted", by="", on=ON)


def test_nobody_else_may_be_working_in_the_home(home: Home) -> None:
    with home.lock(), pytest.raises(HomeLocked):
        read_acknowledgements(home, [FOLDER / "plain.csv"], ON)


# -- follow-ups -----------------------------------------------------------------------------------------------------------


def listed(home: Home, name: str) -> list[dict[str, str]]:
    text = (home.outbox / "sacramento" / "followup" / name).read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert text.splitlines()[0] == ",".join(f'"{column}"' for column in COLUMNS)
    return rows


def test_reasons_feed_the_lists_that_they_should(home: Home, tmp_path: Path) -> None:
    rows = [
        answer(1, "VALIDATED", "rejected", "R10"),
        answer(2, "VALIDATED", "rejected", "R14", court_case_number="18F00077", reason_text="transferred to 31"),
        answer(3, "VALIDATED", "rejected", "R15", court_case_number="019CF1"),
        answer(4, "VALIDATED", "rejected", "R22", reason_text="+is a misdemeanor here"),
        answer(5, "VALIDATED", "already_relieved", "R30"),
        answer(6, "ORDERED", "denied", "R40"),
        answer(7, "ORDERED", "denied", "R41"),
        answer(8, "VALIDATED", "rejected", "R31"),
        answer(9, "VALIDATED", "matched"),
    ]
    test_rows = [answer(1, "VALIDATED", "rejected", "R10", batch_id=TEST_BATCH, action_key=key(1, TEST_BATCH))]
    files = [
        write_ack(tmp_path / "one.csv", rows),
        write_ack(tmp_path / "two.csv", [answer(1, "VALIDATED", "rejected", "R15", court_case_number="19CF2")], seq=2),
        write_ack(tmp_path / "test.csv", test_rows, batch_id=TEST_BATCH),
    ]
    assert [file.n_exceptions for file in read_acknowledgements(home, files, ON).files] == [0, 0, 0]
    counts = {
        "crosswalk.csv": 3, "doj_findings.csv": 1, "already_held.csv": 1, "never_resend.csv": 1, "reversals.csv": 1,
    }  # fmt: skip
    assert write_followups(home, "SACRAMENTO") == counts
    found = [
        (row["case_number"], row["reason_code"], row["court_case_number"]) for row in listed(home, "crosswalk.csv")
    ]
    assert found == [("19-00001", "R15", "19CF2"), ("19-00002", "R14", "18F00077"), ("19-00003", "R15", "019CF1")]
    [finding] = listed(home, "doj_findings.csv")
    assert finding["reason_text"] == "'+is a misdemeanor here"
    assert finding["meaning"] == "offense level differs"
    assert [row["line_no"] for row in listed(home, "never_resend.csv")] == ["6"]
    assert [row["line_no"] for row in listed(home, "reversals.csv")] == ["7"]

    folder = home.outbox / "sacramento" / "followup"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_followups(home, "SACRAMENTO")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}
    assert sum(write_followups(home, "ALPINE").values()) == 0


# -- the inbox ------------------------------------------------------------------------------------------------------------


def laid(home: Home, *names: str) -> None:
    home.inbox.mkdir(exist_ok=True)
    for name in names:
        (home.inbox / name).write_bytes((FOLDER / name).read_bytes())


def below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_file_of_the_inbox_goes_its_way(home: Home, tmp_path: Path) -> None:
    laid(home, "plain.csv", "truncated.csv", "short_form.xlsx")
    (home.inbox / "notes.txt").write_text("not for us")
    (home.inbox / "~$short_form.xlsx").write_text("a lock file")
    (home.inbox / ".hidden.csv").write_text("still being sent")
    (home.inbox / "link.csv").symlink_to(FOLDER / "plain.csv")
    report = take_inbox(home, ON)
    assert {file.file_name: file.outcome for file in report.files} == {
        "plain.csv": TAKEN, "short_form.xlsx": TAKEN, "truncated.csv": REFUSED,
    }  # fmt: skip
    sha256 = {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in ("plain.csv", "truncated.csv")}
    left = below(home.inbox)
    assert f"done/{sha256['plain.csv']}-plain.csv" in left
    assert f"refused/{sha256['truncated.csv']}-truncated.csv" in left
    assert b"isn't the T row" in left[f"refused/{sha256['truncated.csv']}-truncated.csv.txt"]
    assert {name for name in left if "/" not in name} == {"notes.txt", "~$short_form.xlsx", ".hidden.csv", "link.csv"}
    assert take_inbox(home, ON).files == ()


def test_a_file_laid_there_again_is_put_away_and_read_once(home: Home) -> None:
    laid(home, "plain.csv")
    take_inbox(home, ON)
    before = ledger_bytes(home)
    laid(home, "plain.csv")
    assert [file.outcome for file in take_inbox(home, ON).files] == [ALREADY_TAKEN]
    assert ledger_bytes(home) == before
    assert len(below(home.inbox)) == 1


def test_a_name_of_any_length_is_put_away(home: Home) -> None:
    home.inbox.mkdir()
    (home.inbox / ("ü" * 120 + ".csv")).write_bytes((FOLDER / "truncated.csv").read_bytes())
    assert [file.outcome for file in take_inbox(home, ON).files] == [REFUSED]
    assert sorted(Path(name).suffix for name in below(home.inbox)) == [".csv", ".txt"]


def test_an_empty_home_has_nothing_to_take(home: Home) -> None:
    assert take_inbox(home, ON).files == ()
    assert len(MATCHED) == N_LINES
    assert Ledger.open(home).verify() is not None


def test_a_file_that_we_stumble_over_is_put_away_with_its_reason_and_the_others_are_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(reading, "parse_short_form", stumble)
    laid(home, "plain.csv", "short_form.xlsx")
    report = take_inbox(home, ON)
    assert {file.file_name: file.outcome for file in report.files} == {"plain.csv": TAKEN, "short_form.xlsx": REFUSED}
    assert states(home) == {"MATCHED": N_LINES}
    left = below(home.inbox)
    assert sorted(name.partition("/")[0] for name in left) == ["done", "refused", "refused"]
    [reason] = [content.decode() for name, content in left.items() if name.endswith(".txt")]
    assert "can't be read (a fault of Clearslate: MemoryError)" in reason
    assert take_inbox(home, ON).files == ()
