"""Courts' files held against a ledger: what is taken, what is queued, what is refused, and that a refusal changes nothing."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from clearslate.acknowledgement import read_acknowledgements, reading, short_form_words
from clearslate.acknowledgement.reading import ALREADY_TAKEN, REFUSED, TAKEN, AckFile, AckReport
from clearslate.errors import LedgerBroken
from clearslate.home import Home
from clearslate.ledger import Ledger
from tests.acknowledgement_fixtures import FOLDER, MATCHED, TYPED_NAME, fixtures, worklist
from tests.support_acknowledgements import (
    BATCH,
    N_LINES,
    ON,
    OTHER_BATCH,
    TEST_BATCH,
    answer,
    issue,
    key,
    ledger_bytes,
    states,
    write_ack,
)
from tests.unit.acknowledgement.test_parsing import BAD_ROWS, SAME

ALL_MATCHED = {"MATCHED": N_LINES}
WHOLESOME = {
    "plain.csv": ALL_MATCHED,
    "duplicated_rows.csv": ALL_MATCHED,
    "whole_batch_received.csv": {"RECEIVED": N_LINES},
    "whole_batch_rejected.csv": {"REFUSED": N_LINES},
}
QUEUED = {
    "key_mangled.csv": ("unreadable_line", "row 7: action_key has a wrong letter"),
    "key_of_other_line.csv": ("key_line_mismatch", "do not belong together"),
    "key_of_other_batch.csv": ("key_line_mismatch", "do not belong together"),
    "line_unknown.csv": ("unknown_line", "no such line"),
    "code_unknown.csv": ("unknown_code", "reason code"),
    "code_missing.csv": ("unknown_code", "reason code"),
    "contradictory.csv": ("contradiction", "contradicts"),
    "posted_without_order.csv": ("illegal_transition", "cannot be yet"),
}
REFUSALS = {
    "truncated.csv": "the last row isn't the T row",
    "truncated_in_row.csv": "the last row isn't the T row",
    "truncated_in_quote.csv": "a quotation mark is out of place",
    "total_wrong.csv": "row 15: the T row says 13 L rows, the file has 12",
    "total_missing.csv": "row 15: line_no is no whole number",
    "total_words.csv": "row 15: line_no is no whole number",
    "head_missing.csv": "isn't the H row",
    "head_twice.csv": "rows 2 and 4: two H rows",
    "head_without_batch.csv": "row 2: batch_id of the H row",
    "head_without_hash.csv": "row 2: manifest_sha256 of the H row isn't 64 hex digits",
    "head_without_number.csv": "row 2: ack_seq is no whole number",
    "head_number_endless.csv": "row 2: ack_seq is above 9999",
    "trailer_twice.csv": "rows 15 and 16: two T rows",
    "sorted_by_line.csv": "the last row isn't the T row",
    "rec_words.csv": "row 3: rec is none of H, L, T",
    "batch_unknown.csv": "none that was issued from this home",
    "batch_mixed.csv": "row 14: batch_id differs",
    "hash_mixed.csv": "row 14: manifest_sha256 differs",
    "hash_wrong.csv": "manifest_sha256 isn't that of the batch",
    "hash_of_other_batch.csv": f"manifest_sha256 is that of the batch {OTHER_BATCH}",
    "test_and_production.csv": "test and production are mixed",
    "test_rows.csv": "row 3: batch_id differs",
    "columns_apart.csv": "12 of 12 rows name no line of the batch",
    "column_missing.csv": "the columns stage are missing",
    "column_more.csv": "more columns than the 16",
    "formula.csv": "holds a formula",
    "formula.xlsx": "holds a formula",
    "path_names.xlsx": "named as a path elsewhere",
    "bomb.xlsx": "packed far tighter",
    "not_a_workbook.xlsx": "damaged",
    "old.xls.csv": "an old .xls workbook",
    "empty.csv": "holds no table",
    "header_only.csv": "isn't the H row",
    "prosecutors_worklist.csv": "clearslate review import",
    "other_table.csv": "neither an acknowledgement file",
    "short_form_blank.csv": "nothing is filled in",
    "short_form_two_batches.csv": "rows of two batches",
    "short_form_batch_words.csv": "batch_id isn't that of a batch",
    "short_form_row_lost.csv": "row 15: line_no is no whole number from 1; nobody knows which lines it is about",
    "short_form_range_turned.csv": "row 15: line_no is no range of line numbers",
    "short_form_columns.csv": "the columns status, reason, date are missing",
}
SHORT_FORMS = {
    "short_form.csv": {"POSTED": N_LINES},
    "short_form.xlsx": {"POSTED": N_LINES},
    "libreoffice_short_form.xlsx": {"POSTED": N_LINES},
    "short_form_no_order.csv": {"SUBMITTED": N_LINES},
    "short_form_ranges.csv": {"ORDERED": 3, "DENIED": 1, "POSTED": 3, "SUBMITTED": 5},
    "short_form_row_unread.csv": {"ORDERED": N_LINES - 1, "SUBMITTED": 1},
    "short_form_key_astray.csv": {"ORDERED": N_LINES - 2, "SUBMITTED": 2},
    "short_form_mixed.csv": {"POSTED": 1, "REFUSED": 3, "ALREADY_RELIEVED": 1, "DENIED": 1, "SUBMITTED": 6},
}


def read_one(home: Home, name: str) -> AckFile:
    report = read_acknowledgements(home, [FOLDER / name], ON)
    assert TYPED_NAME not in repr(report)
    return report.files[0]


def queue(home: Home) -> list[tuple[str, str]]:
    with Ledger.open(home).connect() as db:
        return db.rows("select kind, words from open_exception order by seq, row, line_no")


def test_every_fixture_is_tested_and_is_what_the_maker_writes() -> None:
    made = fixtures()
    there = {path.name for path in FOLDER.iterdir()}
    assert there == {*WHOLESOME, *QUEUED, *REFUSALS, *SHORT_FORMS, *SAME, *BAD_ROWS}
    assert {name for name in there if not name.startswith("libreoffice")} == set(made)
    texts = [name for name in made if name.endswith(".csv")]
    assert [name for name in texts if made[name] != (FOLDER / name).read_bytes()] == []


@pytest.mark.parametrize("name", WHOLESOME)
def test_an_answer_is_taken(home: Home, name: str) -> None:
    told = read_one(home, name)
    assert (told.outcome, told.batch_id, told.ack_seq, told.source, told.n_exceptions) == (TAKEN, BATCH, 1, "file", 0)
    assert told.n_applied == N_LINES
    assert told.n_repeated == (3 if name == "duplicated_rows.csv" else 0)
    assert states(home) == WHOLESOME[name]


@pytest.mark.parametrize("name", QUEUED)
def test_a_row_that_cannot_be_applied_waits_and_the_others_hold(home: Home, name: str) -> None:
    kind, words = QUEUED[name]
    told = read_one(home, name)
    waiting = queue(home)
    assert told.outcome == TAKEN
    assert told.n_exceptions == len(waiting) >= 1
    assert told.exceptions == {kind: len(waiting)}
    assert {found for found, _ in waiting} == {kind}
    assert all(words in found for _, found in waiting)
    assert told.n_rows == told.n_applied + told.n_repeated + told.n_exceptions
    held = states(home)
    assert sum(held.values()) == N_LINES
    if name not in ("posted_without_order.csv", "line_unknown.csv"):
        assert held == {"MATCHED": N_LINES - 1, "SUBMITTED": 1}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_file_that_cannot_be_trusted_changes_nothing(issued: Home, name: str) -> None:
    before = ledger_bytes(issued)
    told = read_one(issued, name)
    assert told.outcome == REFUSED
    assert told.words
    assert REFUSALS[name] in told.words
    assert ledger_bytes(issued) == before


@pytest.mark.parametrize("name", SHORT_FORMS)
def test_a_clerks_short_form_counts_line_by_line(home: Home, name: str) -> None:
    told = read_one(home, name)
    assert (told.outcome, told.source, told.ack_seq) == (TAKEN, "short_form", None)
    assert states(home) == SHORT_FORMS[name]


def test_posted_on_a_short_form_without_an_order_is_one_exception_for_the_batch(home: Home) -> None:
    told = read_one(home, "short_form_no_order.csv")
    assert told.exceptions == {"posted_without_order": N_LINES}
    with Ledger.open(home).connect() as db:
        assert db.rows("select count(distinct exception_id) from open_exception") == [(1,)]


def test_what_a_short_form_says_badly_is_named_by_row(home: Home) -> None:
    read_one(home, "short_form_mixed.csv")
    assert [words for _, words in queue(home)] == [
        "row 8: reason has to start with a reason code such as R10",
        f"row 9: status is none of {', '.join(short_form_words())}",
        "row 10: status is blank",
        "row 11: date is blank",
    ]
    with Ledger.open(home).connect() as db:
        told = db.rows(
            "select line_no, reason_code, court_case_number, reason_text from acks where reason_code is not null order by 1"
        )
    assert told == [
        (2, "R15", "19CF001234", None),
        (3, "R14", "18F00077", "Placer"),
        (4, "R10", None, "looked everywhere"),
        (5, "R30", None, None),
        (6, "R42", None, "at the hearing"),
    ]


def test_a_file_is_taken_once_under_whatever_name(home: Home, tmp_path: Path) -> None:
    read_one(home, "plain.csv")
    before = ledger_bytes(home)
    again = write_ack(tmp_path / "again.csv", MATCHED)
    told = read_acknowledgements(home, [FOLDER / "plain.csv", again], ON).files
    assert [file.outcome for file in told] == [ALREADY_TAKEN, ALREADY_TAKEN]
    assert ledger_bytes(home) == before


def test_the_same_answers_in_another_file_change_no_state(home: Home, tmp_path: Path) -> None:
    read_one(home, "plain.csv")
    told = read_acknowledgements(home, [write_ack(tmp_path / "two.csv", MATCHED, seq=2)], ON).files[0]
    assert (told.outcome, told.n_applied, told.n_repeated) == (TAKEN, 0, N_LINES)
    assert states(home) == ALL_MATCHED


def test_a_workbook_sent_back_with_more_filled_in_asks_nothing_twice(home: Home, tmp_path: Path) -> None:
    filled = {1: ("GRANTED", "", "2026-04-09"), 2: ("GRANTED", "", "2026-04-09"), 3: ("DONE", "", "2026-04-09")}
    files = [tmp_path / "first.csv", tmp_path / "second.csv"]
    files[0].write_text(worklist(filled))
    files[1].write_text(worklist({**filled, 4: ("GRANTED", "", "2026-04-10")}))
    counted = [
        (told.n_applied, told.n_repeated, told.n_exceptions)
        for path in files
        for told in read_acknowledgements(home, [path], ON).files
    ]
    assert counted == [(2, 0, 1), (1, 3, 0)]
    assert len(queue(home)) == 1


def three_files(folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    numbers = range(1, N_LINES + 1)
    said = [
        ("VALIDATED", "matched", "2026-04-02"),
        ("ORDERED", "granted", "2026-04-09"),
        ("POSTED", "posted", "2026-04-20"),
    ]
    return [
        write_ack(
            folder / f"{seq}.csv",
            [answer(number, stage, status, effective_date=day) for number in numbers],
            seq=seq,
        )
        for seq, (stage, status, day) in enumerate(said, start=1)
    ]


def test_files_given_together_are_read_in_the_order_of_their_numbers(home: Home, tmp_path: Path) -> None:
    report = read_acknowledgements(home, three_files(tmp_path)[::-1], ON)
    assert [(file.ack_seq, file.n_exceptions) for file in report.files] == [(1, 0), (2, 0), (3, 0)]
    assert states(home) == {"POSTED": N_LINES}
    assert report.gaps == {}


def test_files_read_in_any_order_end_the_same_and_gaps_are_told(home: Home, tmp_path: Path) -> None:
    one, two, three = three_files(tmp_path)
    report = read_acknowledgements(home, [three], ON)
    assert report.gaps == {BATCH: (1, 2)}
    assert states(home) == {"SUBMITTED": N_LINES}
    assert read_acknowledgements(home, [one], ON).gaps == {BATCH: (2,)}
    assert states(home) == ALL_MATCHED
    assert read_acknowledgements(home, [two], ON).gaps == {}
    assert states(home) == {"POSTED": N_LINES}
    assert queue(home) == []


def test_a_number_used_twice_is_said(home: Home, tmp_path: Path) -> None:
    read_one(home, "plain.csv")
    more = [answer(1, "ORDERED", "granted")]
    told = read_acknowledgements(home, [write_ack(tmp_path / "other.csv", more)], ON).files[0]
    assert told.outcome == TAKEN
    assert "same ack_seq 1" in told.words


def test_reversals_are_answered_by_their_own_keys(home: Home, tmp_path: Path) -> None:
    issue(home, "CRR-34-P64-000003", n_lines=0, n_reversals=2)
    rows = [
        answer(number, "ORDERED", "granted", action_key=key(-number, "CRR-34-P64-000003"), batch_id="CRR-34-P64-000003")
        for number in (1, 2)
    ]
    told = read_acknowledgements(home, [write_ack(tmp_path / "r.csv", rows, batch_id="CRR-34-P64-000003")], ON).files[0]
    assert (told.n_applied, told.n_exceptions) == (2, 0)


def test_answers_to_a_test_batch_stay_apart(home: Home, tmp_path: Path) -> None:
    rows = [answer(1, "VALIDATED", "matched", batch_id=TEST_BATCH, action_key=key(1, TEST_BATCH))]
    told = read_acknowledgements(home, [write_ack(tmp_path / "t.csv", rows, batch_id=TEST_BATCH)], ON).files[0]
    assert (told.outcome, told.n_applied) == (TAKEN, 1)
    assert states(home) == {"SUBMITTED": N_LINES}


def test_a_refused_file_keeps_no_other_from_being_taken(home: Home, tmp_path: Path) -> None:
    report: AckReport = read_acknowledgements(
        home, [FOLDER / "truncated.csv", tmp_path / "not_there.csv", FOLDER / "plain.csv"], ON
    )
    assert Counter(file.outcome for file in report.files) == {REFUSED: 2, TAKEN: 1}
    assert len(report.refused) == 2
    assert states(home) == ALL_MATCHED


# -- faults of ours, rows for many lines, impossible days ------------------------------------------------------------------


@pytest.mark.parametrize("step", ["parse", "apply_acks"])
def test_a_fault_of_ours_costs_one_file(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    real = getattr(reading, step)
    calls = 0

    def stumbling(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise KeyError(TYPED_NAME)
        return real(*given, **named)

    monkeypatch.setattr(reading, step, stumbling)
    files = [write_ack(tmp_path / "a.csv", MATCHED[:3]), write_ack(tmp_path / "b.csv", MATCHED[3:], seq=2)]
    report = read_acknowledgements(home, files, ON)
    assert sorted(told.outcome for told in report.files) == [REFUSED, TAKEN]
    [refused] = report.refused
    assert refused.words.startswith("can't be read (a fault of Clearslate: KeyError)")
    assert TYPED_NAME not in repr(report)
    assert TYPED_NAME in (home.logs / "restricted.log").read_text()


def test_a_damaged_ledger_is_no_files_fault(home: Home, tmp_path: Path) -> None:
    [entry] = [entry for entry in Ledger.open(home).entries("batch_issued") if entry.body["batch_id"] == BATCH]
    victim = home.ledger / "objects" / f"{entry.body['objects']['lines']['sha256']}.parquet"
    victim.write_bytes(victim.read_bytes()[:-1] + b"x")
    with pytest.raises(LedgerBroken, match=r"its table `lines` is not what was written; put objects/.*good copy"):
        read_acknowledgements(home, [write_ack(tmp_path / "a.csv", MATCHED)], ON)


def test_a_row_for_the_whole_batch_hides_no_rows_that_are_strange(home: Home, tmp_path: Path) -> None:
    apart = [answer(number, "VALIDATED", "matched", action_key=key(13 - number)) for number in range(1, N_LINES + 1)]
    path = write_ack(tmp_path / "a.csv", [answer("", "RECEIVED", "accepted"), *apart])
    before = ledger_bytes(home)
    [told] = read_acknowledgements(home, [path], ON).files
    assert (told.outcome, told.words.partition(" rows")[0]) == (REFUSED, "12 of 13")
    assert ledger_bytes(home) == before


BEFORE = "2026-02-28"  # the day before the package was sent


def test_what_was_answered_before_it_was_asked_is_queued(home: Home, tmp_path: Path) -> None:
    rows = [
        answer(1, "VALIDATED", "matched", effective_date=BEFORE),
        answer(2, "VALIDATED", "already_relieved", "R30", effective_date="2003-05-06"),
        answer(3, "VALIDATED", "duplicate", effective_date=BEFORE),
        answer(4, "VALIDATED", "matched", effective_date="2026-03-01"),
    ]
    [told] = read_acknowledgements(home, [write_ack(tmp_path / "a.csv", rows)], ON).files
    assert (told.outcome, told.n_rows, told.n_applied, told.exceptions) == (TAKEN, 4, 3, {"unreadable_line": 1})
    assert queue(home) == [("unreadable_line", "row 3: effective_date lies before the package was sent")]
    with Ledger.open(home).connect() as db:
        assert db.rows("select line_no, action_key from open_exception") == [(1, key(1))]
    assert states(home) == {"ALREADY_RELIEVED": 1, "DUPLICATE": 1, "MATCHED": 1, "SUBMITTED": N_LINES - 3}


def test_both_answers_of_a_row_with_such_a_day_are_queued_as_one(home: Home, tmp_path: Path) -> None:
    good = ("GRANTED_POSTED", "", "2026-04-02")
    (tmp_path / "a.csv").write_text(worklist({1: ("GRANTED_POSTED", "", BEFORE), 2: good, 3: good}))
    [told] = read_acknowledgements(home, [tmp_path / "a.csv"], ON).files
    assert (told.n_rows, told.n_applied, told.n_exceptions) == (5, 4, 1)
    assert queue(home) == [("unreadable_line", "row 2: date lies before the package was sent")]
    assert states(home) == {"POSTED": 2, "SUBMITTED": N_LINES - 2}


def test_a_row_for_many_lines_with_such_a_day_is_queued(home: Home, tmp_path: Path) -> None:
    early = {"line_no": "1 TO 4", "status": "GRANTED", "reason": "O-1", "date": BEFORE}
    (tmp_path / "a.csv").write_text(worklist({5: ("MATCHED", "", "2026-04-02")}, early))
    [told] = read_acknowledgements(home, [tmp_path / "a.csv"], ON).files
    assert (told.outcome, told.n_applied) == (TAKEN, 1)
    assert queue(home) == [("unreadable_line", "row 14: date lies before the package was sent")]
    (tmp_path / "b.csv").write_text(
        worklist({}, early | {"status": "DENIED"}, early | {"line_no": "ALL", "date": "2026-04-02"})
    )
    [told] = read_acknowledgements(home, [tmp_path / "b.csv"], ON).files
    assert told.words == (
        "row 14: date lies before the package was sent, and row 15 speaks for many lines, perhaps for those too"
    )


@pytest.mark.parametrize("reach", ["ALL", "1 TO 12"])
def test_many_lines_are_answered_on_the_worklist_that_was_sent_alone(home: Home, tmp_path: Path, reach: str) -> None:
    many = {"batch_id": BATCH, "line_no": reach, "status": "GRANTED", "reason": "O-1", "date": "2026-04-02"}
    header, *lines, said = worklist({}, many).splitlines()
    before = ledger_bytes(home)
    anothers = [line.replace(OTHER_BATCH, BATCH) for line in worklist({}, batch_id=OTHER_BATCH).splitlines()[1:]]
    for name, others in (("alone", []), ("anothers", anothers)):
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *others, said]) + "\n")
        [told] = read_acknowledgements(home, [tmp_path / f"{name}.csv"], ON).files
        assert told.outcome == REFUSED
        assert f"row {len(others) + 2} speaks for many lines, and no row of the sheet has the action_key" in told.words
        assert ledger_bytes(home) == before
    # One row that was sent is enough: a clerk may have deleted others.
    (tmp_path / "one.csv").write_text("\n".join([header, lines[4], said]) + "\n")
    [told] = read_acknowledgements(home, [tmp_path / "one.csv"], ON).files
    assert (told.outcome, told.n_applied) == (TAKEN, N_LINES)


@pytest.mark.parametrize(
    ("status", "reason", "left"), [("PACKAGE_REJECTED", "R01 totals differ", "REFUSED"), ("RECEIVED", "", "RECEIVED")]
)
def test_a_clerk_says_of_the_package_what_became_of_it(
    home: Home, tmp_path: Path, status: str, reason: str, left: str
) -> None:
    row = {"line_no": "ALL", "status": status, "reason": reason, "date": "2026-04-02"}
    (tmp_path / "a.csv").write_text(worklist({}, row))
    [told] = read_acknowledgements(home, [tmp_path / "a.csv"], ON).files
    assert (told.outcome, told.n_applied, told.n_exceptions) == (TAKEN, N_LINES, 0)
    assert states(home) == {left: N_LINES}
