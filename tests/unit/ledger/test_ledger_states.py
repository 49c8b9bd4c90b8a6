"""What courts say and where that leaves a line: legal histories, exceptions, sending again, ageing."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from clearslate.errors import LedgerRefused, UsageError
from clearslate.home import Home
from clearslate.ledger import Ledger, make_line_status, make_sendings
from clearslate.ledger.views import courts
from tests.support_ledger import DAY, batch_name, home_at, issue, order, read, sha, states, status

FIRST, SECOND = batch_name(1), batch_name(2)


def kinds(ledger: Ledger) -> dict[str, int]:
    """Open exceptions by kind."""
    with ledger.connect() as db:
        return dict(db.rows("select kind, count(*) from open_exception group by kind"))


def test_a_line_is_submitted_when_its_batch_is_issued(ledger: Ledger) -> None:
    found = status(ledger, DAY + timedelta(days=31))["A"]
    assert (found["state"], found["since"], found["days"], found["waited"]) == ("SUBMITTED", DAY, 31, 30)
    assert found["with_whom"] == "court"


def test_all_stages_of_a_line_in_one_file_in_any_order(ledger: Ledger) -> None:
    rows = [
        (1, "A", "REPORTED_DOJ", "sent", "2026-03-06"),
        (1, "A", "POSTED", "posted", "2026-03-05"),
        (1, "A", "RECEIVED", "accepted", "2026-03-02"),
        (1, "A", "ORDERED", "granted", "2026-03-04"),
        (1, "A", "VALIDATED", "matched", "2026-03-03"),
    ]
    assert read(ledger, FIRST, rows).n_applied == 5
    found = status(ledger, date(2026, 3, 10))["A"]
    assert (found["state"], found["since"], found["with_whom"]) == ("REPORTED", date(2026, 3, 6), "doj")
    read(ledger, FIRST, [(1, "A", "REPORTED_DOJ", "confirmed", "2026-03-09")])
    assert status(ledger)["A"]["with_whom"] == "nobody"


def test_stages_read_in_the_wrong_order_end_in_the_same_state(ledger: Ledger) -> None:
    early = read(ledger, FIRST, [(1, "A", "REPORTED_DOJ", "sent", "2026-03-06"), (1, "A", "POSTED", "posted")])
    assert (early.n_applied, early.n_exceptions) == (0, 2)
    assert states(ledger)["A"] == "SUBMITTED"
    late = read(ledger, FIRST, [(1, "A", "ORDERED", "granted")])
    assert (late.n_applied, late.n_released) == (1, 2)
    assert states(ledger)["A"] == "REPORTED"
    assert kinds(ledger) == {}
    assert read(ledger, FIRST, [(1, "A", "VALIDATED", "matched")]).n_applied == 1, "what was skipped may come later"
    assert states(ledger)["A"] == "REPORTED"


def test_the_same_again_changes_nothing(ledger: Ledger) -> None:
    rows = [(1, "A", "RECEIVED", "accepted"), (9, "Z", "RECEIVED", "accepted"), (2, "B", "POSTED", "posted")]
    first = read(ledger, FIRST, [*rows, rows[0]])
    assert (first.n_applied, first.n_repeated, first.n_exceptions) == (1, 1, 2)
    again = read(ledger, FIRST, rows)
    assert (again.n_applied, again.n_repeated, again.n_exceptions) == (0, 3, 0)
    assert len(kinds(ledger)) == 2


def test_what_does_not_fit_is_queued_and_changes_nothing(ledger: Ledger) -> None:
    read(
        ledger,
        FIRST,
        [
            (3, "C", "RECEIVED", "rejected", "2026-03-02", "R03"),
            (4, "D", "ORDERED", "granted"),
            (4, "D", "POSTED", "posted"),
        ],
    )
    before = {key: (found["state"], found["since"]) for key, found in status(ledger).items()}
    rows = [
        ((9, "Z", "RECEIVED", "accepted"), "unknown_line"),
        ((None, None, "RECEIVED", "accepted"), "unknown_line"),
        ((2, "A", "RECEIVED", "accepted"), "key_line_mismatch"),
        ((1, "Z", "RECEIVED", "accepted"), "key_line_mismatch"),
        ((9, "A", "RECEIVED", "accepted"), "key_line_mismatch"),
        ((1, "A", "FILED", "accepted"), "unknown_code"),
        ((1, "A", "RECEIVED", "granted"), "unknown_code"),
        ((1, "A", "VALIDATED", "rejected"), "unknown_code"),
        ((1, "A", "VALIDATED", "rejected", "2026-03-02", "R77"), "unknown_code"),
        ((1, "A", "VALIDATED", "rejected", "2026-03-02", "R40"), "unknown_code"),
        ((1, "A", "POSTED", "posted"), "illegal_transition"),
        ((2, "B", "REPORTED_DOJ", "sent"), "illegal_transition"),
        ((3, "C", "RECEIVED", "accepted"), "contradiction"),
        ((4, "D", "ORDERED", "denied"), "contradiction"),
        ((4, "D", "ORDERED", "granted", "2026-03-09"), "contradiction"),
        ((4, "D", "VALIDATED", "duplicate"), "contradiction"),
        ((4, "D", "POSTED", "failed", "2026-03-09", "R50"), "contradiction"),
    ]
    applied = read(ledger, FIRST, [row for row, _ in rows])
    assert (applied.n_applied, applied.n_repeated) == (0, 0)
    assert applied.exceptions.column("kind").to_pylist() == [kind for _, kind in rows]
    assert all(applied.exceptions.column("words").to_pylist())
    assert len(set(applied.exceptions.column("exception_id").to_pylist())) == len(rows)
    assert {key: (found["state"], found["since"]) for key, found in status(ledger).items()} == before
    assert status(ledger)["D"]["exceptions_open"] == 4
    ledger.verify()


def test_a_file_that_contradicts_itself_is_believed_in_neither(ledger: Ledger) -> None:
    applied = read(
        ledger, FIRST, [(1, "A", "ORDERED", "granted"), (1, "A", "ORDERED", "denied"), (1, "A", "POSTED", "posted")]
    )
    assert applied.n_applied == 0
    assert states(ledger)["A"] == "SUBMITTED"
    assert kinds(ledger) == {"contradiction": 2, "illegal_transition": 1}


def test_a_continued_hearing_keeps_the_line_and_may_be_told_late(ledger: Ledger) -> None:
    read(ledger, FIRST, [(1, "A", "VALIDATED", "matched"), (1, "A", "ORDERED", "granted", "2026-05-01")])
    late = read(ledger, FIRST, [(1, "A", "ORDERED", "continued", "2026-04-01")])
    assert (late.n_applied, states(ledger)["A"]) == (1, "ORDERED")
    after = read(ledger, FIRST, [(1, "A", "ORDERED", "continued", "2026-06-01")])
    assert (after.n_exceptions, states(ledger)["A"]) == (1, "ORDERED")


def test_doj_may_refuse_a_report_and_take_it_later(ledger: Ledger) -> None:
    read(ledger, FIRST, [(1, "A", "ORDERED", "granted"), (1, "A", "POSTED", "posted")])
    read(ledger, FIRST, [(1, "A", "REPORTED_DOJ", "sent", "2026-04-03")])
    read(ledger, FIRST, [(1, "A", "REPORTED_DOJ", "sent", "2026-04-01")])
    read(ledger, FIRST, [(1, "A", "REPORTED_DOJ", "rejected", "2026-04-02", "R60")])
    assert states(ledger)["A"] == "REPORTED"
    read(ledger, FIRST, [(1, "A", "REPORTED_DOJ", "rejected", "2026-04-04", "R60")])
    found = status(ledger)["A"]
    assert (found["state"], found["reason_code"], found["with_whom"]) == ("POSTED", "R60", "court")


def test_a_clerk_may_refuse_what_the_order_names_whichever_is_told_first(ledger: Ledger) -> None:
    read(ledger, FIRST, [(2, "B", "VALIDATED", "rejected", "2026-03-02", "R10")])
    order(ledger, FIRST, 1, 3)
    read(ledger, FIRST, [(1, "A", "VALIDATED", "rejected", "2026-03-05", "R10")])
    found = states(ledger)
    assert (found["A"], found["B"], found["C"], found["D"]) == ("REFUSED", "REFUSED", "ORDERED", "SUBMITTED")
    assert kinds(ledger) == {}
    read(ledger, FIRST, [(1, "A", "VALIDATED", "rejected", "2026-03-08", "R15")])
    assert status(ledger)["A"]["reason_code"] == "R15"


def test_relief_already_held_is_its_own_state_however_it_is_told(ledger: Ledger) -> None:
    read(
        ledger,
        FIRST,
        [(1, "A", "VALIDATED", "rejected", "2026-03-02", "R30"), (2, "B", "VALIDATED", "already_relieved")],
    )
    assert [states(ledger)[key] for key in "AB"] == ["ALREADY_RELIEVED"] * 2


def test_a_batch_that_the_court_has_twice_stays_where_it_was(ledger: Ledger) -> None:
    read(ledger, FIRST, [(1, "A", "RECEIVED", "accepted"), (2, "B", "RECEIVED", "rejected", "2026-03-02", "R02")])
    read(ledger, FIRST, [(1, "A", "RECEIVED", "rejected", "2026-03-02", "R02")])
    assert [states(ledger)[key] for key in "AB"] == ["RECEIVED", "SUBMITTED"]


def test_a_short_form_posts_what_an_order_covers_and_else_waits_as_one_exception(ledger: Ledger) -> None:
    rows = [(n, key, "POSTED", "posted", "2026-03-05") for n, key in enumerate("ABCDEF", start=1)]
    waits = read(ledger, FIRST, rows, source="short_form")
    assert set(waits.exceptions.column("kind").to_pylist()) == {"posted_without_order"}
    assert len(set(waits.exceptions.column("exception_id").to_pylist())) == 1
    assert (waits.n_applied, waits.n_exceptions) == (0, 6)
    assert order(ledger, FIRST, 1, 4).n_released == 4
    assert list(states(ledger).values()).count("POSTED") == 4
    assert kinds(ledger) == {"posted_without_order": 2}
    order(ledger, FIRST, 5, 6)
    assert (kinds(ledger), set(states(ledger).values())) == ({}, {"POSTED"})
    both = read(ledger, FIRST, [(1, "A", "ORDERED", "granted", "2026-03-03")], source="short_form")
    assert both.n_repeated == 1, "the same order from another source"


def test_an_order_filled_in_on_the_same_sheet_counts(ledger: Ledger) -> None:
    applied = read(ledger, FIRST, [(1, "A", "POSTED", "posted"), (1, "A", "ORDERED", "granted")], source="short_form")
    assert (applied.n_applied, states(ledger)["A"]) == (2, "POSTED")


def test_an_order_for_lines_that_the_batch_does_not_have_is_refused(ledger: Ledger) -> None:
    for first, last in ((0, 2), (3, 7), (5, 4)):
        with pytest.raises(UsageError, match="has no lines"):
            order(ledger, FIRST, first, last)


def test_a_closed_exception_is_not_tried_again(ledger: Ledger) -> None:
    waits = read(ledger, FIRST, [(1, "A", "POSTED", "posted")])
    (name,) = waits.exceptions.column("exception_id").to_pylist()
    body = {"identity": name, "exception_id": name, "resolution": "clerk's mistake", "recorded_by": "x"}
    ledger.append("exception_resolved", DAY, body)
    assert (kinds(ledger), read(ledger, FIRST, [(1, "A", "ORDERED", "granted")]).n_released) == ({}, 0)
    assert states(ledger)["A"] == "ORDERED"
    assert read(ledger, FIRST, [(1, "A", "POSTED", "posted")]).n_applied == 1, "said anew, and legal by now"


def test_too_many_rows_about_one_line_are_no_history(ledger: Ledger) -> None:
    rows = [(1, "A", "ORDERED", "continued", str(date(2025, 1, 1) + timedelta(days=n))) for n in range(201)]
    assert read(ledger, FIRST, rows).n_exceptions == 201
    assert states(ledger)["A"] == "SUBMITTED"


# --- sent again


def test_a_line_is_not_sent_twice(ledger: Ledger) -> None:
    with pytest.raises(LedgerRefused, match="1 lines were sent before and may not go again"):
        issue(ledger, "GA")
    issue(ledger, "G")
    assert states(ledger)["G"] == "SUBMITTED"


def test_a_line_refused_for_its_number_goes_again_and_its_state_is_that_of_the_newest_sending(ledger: Ledger) -> None:
    read(
        ledger,
        FIRST,
        [(1, "A", "VALIDATED", "rejected", "2026-03-02", "R10"), (2, "B", "ORDERED", "denied", "2026-03-02", "R40")],
    )
    with pytest.raises(LedgerRefused, match="sent before"):
        issue(ledger, "AB")
    issue(ledger, "A")
    found = status(ledger)["A"]
    assert (found["batch_id"], found["state"]) == (SECOND, "SUBMITTED")
    late = read(ledger, FIRST, [(1, "A", "RECEIVED", "accepted")])
    assert late.exceptions.column("kind").to_pylist() == ["superseded_batch"]
    ledger.verify()
    read(ledger, SECOND, [(1, "A", "VALIDATED", "rejected", "2026-03-09", "R13")])
    with pytest.raises(LedgerRefused, match="sent before"):
        issue(ledger, "A")


def test_a_batch_refused_whole_is_superseded_once(ledger: Ledger) -> None:
    rows = [(n, key, "RECEIVED", "rejected", "2026-03-02", "R03") for n, key in enumerate("ABCDEF", start=1)]
    read(ledger, FIRST, rows)
    issue(ledger, "ABCD", supersedes=FIRST)
    found = states(ledger)
    assert (found["A"], found["E"]) == ("SUBMITTED", "REFUSED")
    issue(ledger, "E")
    with pytest.raises(LedgerRefused, match="superseded before"):
        issue(ledger, "F", supersedes=FIRST)
    ledger.verify()


def test_a_batch_never_received_is_superseded_and_what_is_left_out_is_withdrawn(ledger: Ledger) -> None:
    issue(ledger, "ABC", supersedes=FIRST)
    found = status(ledger)
    assert (found["A"]["state"], found["D"]["state"], found["D"]["with_whom"]) == (
        "SUBMITTED",
        "WITHDRAWN",
        "prosecutor",
    )


def test_a_batch_that_the_court_has_begun_is_not_superseded(ledger: Ledger) -> None:
    read(ledger, FIRST, [(1, "A", "RECEIVED", "accepted")])
    with pytest.raises(LedgerRefused, match="begun to treat"):
        issue(ledger, "ABCDEF", supersedes=FIRST)


def test_a_challenge_that_is_withdrawn_may_go_but_not_be_repeated(tmp_path: Path) -> None:
    ledger = Ledger.open(home_at(tmp_path))
    issue(ledger, "A", line={"da_position": "CHALLENGE"})
    with pytest.raises(LedgerRefused):
        issue(ledger, "A", line={"da_position": "CHALLENGE"})
    issue(ledger, "A")
    with pytest.raises(LedgerRefused):
        issue(ledger, "A")
    ledger.verify()


def test_a_challenged_line_refused_for_its_number_goes_again_as_challenged(tmp_path: Path) -> None:
    ledger = Ledger.open(home_at(tmp_path))
    issue(ledger, "A", line={"da_position": "CHALLENGE"})
    read(ledger, FIRST, [(1, "A", "VALIDATED", "rejected", "2026-03-02", "R15")])
    issue(ledger, "A", line={"da_position": "CHALLENGE"})
    read(ledger, SECOND, [(1, "A", "ORDERED", "denied", "2026-03-02", "R40")])
    with pytest.raises(LedgerRefused):
        issue(ledger, "A", line={"da_position": "CHALLENGE"})


def test_under_a_lost_key_a_line_is_known_by_what_it_is_about(ledger: Ledger) -> None:
    assert ledger.record_key(DAY, "ffff000011112222")
    assert not ledger.record_key(DAY, "ffff000011112222")
    with pytest.raises(LedgerRefused, match="1 lines were sent under another action key"):
        issue(ledger, ["other"], line={"case_key": "SCA", "case_number": "SCA"}, key_fingerprint="ffff000011112222")
    issue(ledger, ["other"], key_fingerprint="ffff000011112222")
    ledger.verify()


def test_under_a_lost_key_a_line_is_known_by_the_number_that_the_court_gave(tmp_path: Path) -> None:
    ledger = Ledger.open(home_at(tmp_path))
    issue(ledger, "A", line={"case_key": "SC1", "case_number": "19 CF-001234"})
    ledger.record_key(DAY, "ffff000011112222")
    again = {"case_key": "19CF001234", "case_number": "19CF001234"}
    with pytest.raises(LedgerRefused, match="1 lines were sent under another action key"):
        issue(ledger, "B", line=again, key_fingerprint="ffff000011112222")
    issue(ledger, "B", line={**again, "count_no": 2}, key_fingerprint="ffff000011112222")
    ledger.verify()


def test_test_packages_have_states_of_their_own(ledger: Ledger) -> None:
    issue(ledger, "ABG", test=True)
    read(ledger, batch_name(1, test=True), [(1, "A", "RECEIVED", "accepted")])
    assert states(ledger, test=True) == {"A": "RECEIVED", "B": "SUBMITTED", "G": "SUBMITTED"}
    assert "G" not in states(ledger)
    assert states(ledger)["A"] == "SUBMITTED"


# --- reversals and what has not been sent


def test_a_reversal_goes_its_own_way(ledger: Ledger) -> None:
    due = pa.table({"action_key": ["A"]})
    read(ledger, FIRST, [(1, "A", "ORDERED", "granted"), (1, "A", "POSTED", "posted")])
    found = status(ledger, reversals_due=due)["A"]
    assert (found["state"], found["reversal_state"], found["with_whom"]) == ("POSTED", "REVERSAL_DUE", "prosecutor")
    issue(ledger, [], reverses=["A"])
    found = status(ledger, reversals_due=due)["A"]
    assert (found["state"], found["reversal_state"], found["with_whom"]) == ("POSTED", "REVERSAL_SENT", "court")
    read(ledger, SECOND, [(1, "RA", "ORDERED", "granted"), (1, "RA", "POSTED", "posted")])
    assert status(ledger, reversals_due=due)["A"]["reversal_state"] == "REVERSED"
    assert status(ledger)["A"]["with_whom"] == "nobody"
    issue(ledger, "A")
    assert states(ledger)["A"] == "SUBMITTED", "what was undone may be asked for again"
    with ledger.connect() as db:
        make_sendings(db)
        assert db.rows("select action_key, reverses_action_key, state from reversal_sending") == [("RA", "A", "POSTED")]


def test_lines_not_sent_yet_stand_beside_those_that_were(ledger: Ledger) -> None:
    names = ("action_key", "program", "county", "court_code", "state", "reason_code")
    rows = [("A", "P64", "SAN JOAQUIN", "39", "READY", None), ("G", "P64", "SAN JOAQUIN", "39", "HELD", "canary")]
    found = status(ledger, standings=pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows]))
    assert (len(found), found["A"]["state"], found["G"]["state"]) == (7, "SUBMITTED", "HELD")
    assert (found["G"]["days"], found["G"]["with_whom"], found["G"]["batch_id"]) == (None, "court", None)


def test_ageing_counts_days_since_the_state(ledger: Ledger) -> None:
    with ledger.connect() as db:
        for days, waited in ((0, 0), (29, 0), (30, 30), (59, 30), (60, 60), (89, 60), (90, 90), (999, 90)):
            make_line_status(db, None, None, DAY + timedelta(days=days))
            assert db.rows("select distinct days, waited from line_status") == [(days, waited)]


def test_every_state_of_the_lists_has_somebody_it_is_with(tmp_path: Path, ledger: Ledger) -> None:
    assert set(courts().states) == {
        "SUBMITTED", "RECEIVED", "MATCHED", "ORDERED", "POSTED", "REPORTED", "REFUSED", "DENIED", "ALREADY_RELIEVED",
        "DUPLICATE",
    }  # fmt: skip
    assert {found["with_whom"] for found in status(ledger).values()} <= {"prosecutor", "court", "doj", "nobody"}


def test_no_identity_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no ledger"):
        Ledger.open(Home(tmp_path), create=False)
    assert sha("x") != sha("y")
