"""Where what a court has said is in doubt, nothing goes again, and nothing counts that was not said of that line."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from clearslate.errors import LedgerRefused, UsageError
from clearslate.ledger import Ledger, make_sendings, order_rows
from tests.support_ledger import batch_name, home_at, issue, order, read, states, status

FIRST, SECOND = batch_name(1), batch_name(2)


def resend(ledger: Ledger) -> dict[str, tuple[bool, bool]]:
    """May it be repeated, may it go again, by action key."""
    with ledger.connect() as db:
        make_sendings(db)
        rows = db.rows("select action_key, may_repeat, may_resend from sending")
    return {key: (repeat, again) for key, repeat, again in rows}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(1, "A", "POSTED", "posted")], "1 answers of the court about .* wait"),
        ([(1, "A", "ORDERED", "continued")], "begun to treat"),
        ([(1, "B", "VALIDATED", "matched")], "1 answers of the court about .* wait"),
    ],
)
def test_a_batch_of_which_the_court_has_said_anything_is_not_superseded(
    ledger: Ledger, rows: list[tuple], words: str
) -> None:
    read(ledger, FIRST, rows)
    with pytest.raises(LedgerRefused, match=words):
        issue(ledger, "ABCDEF", supersedes=FIRST)


def test_a_batch_that_the_court_refused_whole_is_superseded(ledger: Ledger) -> None:
    read(ledger, FIRST, [(n, key, "RECEIVED", "rejected", "2026-03-02", "R03") for n, key in enumerate("ABCDEF", 1)])
    issue(ledger, "ABCDEF", supersedes=FIRST)
    assert set(states(ledger).values()) == {"SUBMITTED"}


def test_a_refused_line_of_which_another_answer_waits_does_not_go_again(ledger: Ledger) -> None:
    read(ledger, FIRST, [(1, "A", "VALIDATED", "rejected", "2026-03-02", "R50")])
    assert resend(ledger)["A"] == (True, True)
    read(ledger, FIRST, [(1, "A", "VALIDATED", "matched", "2026-03-03")])
    assert status(ledger)["A"]["exceptions_open"] == 1
    assert resend(ledger)["A"] == (False, False)
    assert status(ledger)["A"]["with_whom"] == "prosecutor"


@pytest.mark.parametrize(
    ("stage", "said", "code"),
    [
        ("ORDERED", "granted", "R40"),
        ("ORDERED", "granted", "R99"),
        ("VALIDATED", "matched", "R10"),
        ("RECEIVED", "accepted", "R03"),
    ],
)
def test_a_code_that_says_the_opposite_is_queued(ledger: Ledger, stage: str, said: str, code: str) -> None:
    applied = read(ledger, FIRST, [(1, "A", stage, said, "2026-03-02", code)])
    assert (applied.n_applied, applied.exceptions.column("kind").to_pylist()) == (0, ["unknown_code"])
    assert states(ledger)["A"] == "SUBMITTED"


def test_a_posting_that_names_a_fault_is_no_posting(ledger: Ledger) -> None:
    order(ledger, FIRST, 1, 6)
    read(ledger, FIRST, [(1, "A", "POSTED", "posted", "2026-03-05", "R50"), (2, "B", "POSTED", "posted", "2026-03-05")])
    assert (states(ledger)["A"], states(ledger)["B"]) == ("ORDERED", "POSTED")


@pytest.mark.parametrize("denied_first", [True, False])
def test_what_a_judge_has_denied_is_denied_whatever_a_clerk_says(ledger: Ledger, denied_first: bool) -> None:
    clerk = [(1, "A", "VALIDATED", "rejected", "2026-03-09", "R50")]
    if denied_first:
        order(ledger, FIRST, 1, 1, status="denied")
        read(ledger, FIRST, clerk)
    else:
        read(ledger, FIRST, clerk)
        order(ledger, FIRST, 1, 1, status="denied")
    assert states(ledger)["A"] == "DENIED"
    assert resend(ledger)["A"] == (False, False)


def test_a_number_that_comes_later_is_not_taken_for_known(ledger: Ledger) -> None:
    answer = (1, "A", "VALIDATED", "rejected", "2026-03-02", "R15")
    read(ledger, FIRST, [answer])
    applied = read(ledger, FIRST, [(*answer, "19CF001234")])
    assert (applied.n_applied, applied.n_repeated) == (1, 0)
    assert applied.acks.column("court_case_number").to_pylist() == ["19CF001234"]


def test_a_number_that_comes_with_an_answer_which_waits_is_not_lost(ledger: Ledger) -> None:
    answer = (1, "A", "VALIDATED", "rejected", "2026-03-09", "R15")
    read(ledger, FIRST, [(1, "A", "VALIDATED", "matched", "2026-03-02")])
    read(ledger, FIRST, [answer])
    told = read(ledger, FIRST, [(*answer, "19CF001234")]).exceptions
    assert told.column("kind").to_pylist() == ["contradiction"]
    assert told.column("court_case_number").to_pylist() == ["19CF001234"]
    for known in ((*answer, "19CF001234"), answer):
        assert read(ledger, FIRST, [known]).exceptions.num_rows == 0


def test_an_answer_resolved_as_corrected_is_taken_when_it_comes_again(ledger: Ledger) -> None:
    posted = [(1, "A", "POSTED", "posted", "2026-03-05")]
    waits = read(ledger, FIRST, posted).exceptions.column("exception_id").to_pylist()[0]
    ledger.append(
        "exception_resolved",
        status(ledger)["A"]["since"],
        {"identity": waits, "exception_id": waits, "resolution": "corrected", "recorded_by": "clerk"},
    )
    assert read(ledger, FIRST, posted).n_exceptions == 1
    assert order(ledger, FIRST, 1, 1).n_released == 1
    assert states(ledger)["A"] == "POSTED"


def test_of_two_answers_at_odds_the_one_that_is_said_again_is_applied(ledger: Ledger) -> None:
    both = [(1, "A", "ORDERED", "granted", "2026-03-03"), (1, "A", "ORDERED", "denied", "2026-03-03")]
    assert read(ledger, FIRST, both).n_exceptions == 2
    assert read(ledger, FIRST, [(1, "A", "VALIDATED", "matched", "2026-03-02")]).n_released == 0
    assert (states(ledger)["A"], status(ledger)["A"]["exceptions_open"]) == ("MATCHED", 2)
    again = read(ledger, FIRST, both)
    assert (again.n_applied, again.n_released, again.n_repeated, again.n_exceptions) == (0, 0, 2, 0), "nothing new"
    meant = read(ledger, FIRST, both[:1])
    assert (meant.n_applied, meant.n_released, meant.n_repeated) == (0, 1, 1)
    assert (states(ledger)["A"], status(ledger)["A"]["exceptions_open"]) == ("ORDERED", 1)
    ledger.verify()


# -- challenged lines -------------------------------------------------------------------------------------------------


@pytest.fixture
def challenged(tmp_path: Path) -> Ledger:
    """A ledger with two batches: A to C as usual, D and E challenged."""
    ledger = Ledger.open(home_at(tmp_path))
    issue(ledger, "ABC")
    issue(ledger, "DE", line={"da_position": "CHALLENGE"})
    return ledger


def test_an_order_for_many_lines_does_not_decide_the_challenged(challenged: Ledger) -> None:
    with pytest.raises(UsageError, match="are challenged"):
        order_rows(challenged, SECOND, 1, 2, status="granted", effective_date="2026-03-03")
    assert order(challenged, SECOND, 2, 2).n_applied == 1, "what a judge decides of one line counts"
    assert {key: states(challenged)[key] for key in "DE"} == {"D": "SUBMITTED", "E": "ORDERED"}


def test_a_challenged_line_waits_for_the_prosecutor(challenged: Ledger) -> None:
    assert {key: row["with_whom"] for key, row in status(challenged).items()} == {
        **dict.fromkeys("ABC", "court"),
        **dict.fromkeys("DE", "prosecutor"),
    }


# -- reversals --------------------------------------------------------------------------------------------------------


def test_nothing_is_reversed_twice_or_that_was_never_sent(ledger: Ledger) -> None:
    read(ledger, FIRST, [(1, "A", "ORDERED", "granted"), (1, "A", "POSTED", "posted")])
    with pytest.raises(LedgerRefused, match="1 reversals are of lines that were never sent"):
        issue(ledger, [], reverses=["A", "Z"])
    issue(ledger, [], reverses=["A"])
    with pytest.raises(LedgerRefused, match="being reversed already"):
        issue(ledger, [], reverses=["A"])


def queued(ledger: Ledger) -> list[tuple[str, str]]:
    """Key and kind of what waits for somebody."""
    with ledger.connect() as db:
        return db.rows("select distinct action_key, kind from open_exception order by all")


UNDONE = [(1, "RA", "ORDERED", "granted", "2026-03-25"), (1, "RA", "POSTED", "posted", "2026-03-26")]
REVERSED = (SECOND, UNDONE)
ENTERED = (FIRST, [(1, "A", "ORDERED", "granted", "2026-03-29"), (1, "A", "POSTED", "posted", "2026-03-30")])


@pytest.mark.parametrize(
    ("told", "about"),
    [
        ([REVERSED, ENTERED], "A"),
        ([ENTERED, REVERSED], "RA"),
        ([REVERSED, (FIRST, ENTERED[1][1:]), (FIRST, [(1, "A", "ORDERED", "granted", "2026-03-20")])], "A"),
    ],
)
def test_what_the_court_enters_after_a_reversal_stands_and_somebody_looks_at_it(
    ledger: Ledger, told: list[tuple[str, list[tuple]]], about: str
) -> None:
    issue(ledger, [], reverses=["A", "B"])
    for batch, rows in told:
        read(ledger, batch, rows)
    assert queued(ledger) == [(about, "after_reversal")]
    due = pa.table({"action_key": ["A"]})
    for how in ({}, {"reversals_due": due}):
        found = status(ledger, date(2026, 4, 2), **how)["A"]
        assert (found["state"], found["with_whom"], found["since"]) == ("POSTED", "prosecutor", date(2026, 3, 30))
    assert status(ledger)["A"]["exceptions_open"] > 0
    assert resend(ledger)["A"] == (False, False)
    with pytest.raises(LedgerRefused, match="sent before"):
        issue(ledger, "A")
    ledger.verify()
    with ledger.connect() as db:
        [(waits,)] = db.rows("select distinct exception_id from open_exception")
    body = {"identity": waits, "exception_id": waits, "resolution": "noted", "recorded_by": "clerk"}
    ledger.append("exception_resolved", date(2026, 4, 2), body)
    assert resend(ledger)["A"] == (False, False)
    assert [status(ledger, **how)["A"]["with_whom"] for how in ({}, {"reversals_due": due})] == ["court", "prosecutor"]
    issue(ledger, [], reverses=["A"], on=date(2026, 4, 3))
    read(
        ledger,
        batch_name(3),
        [(1, "RA", "ORDERED", "granted", "2026-04-05"), (1, "RA", "POSTED", "posted", "2026-04-05")],
    )
    assert (status(ledger)["A"]["reversal_state"], queued(ledger)) == ("REVERSED", [])
    assert resend(ledger)["A"] == (True, True)
    ledger.verify()


def test_what_was_entered_before_its_reversal_is_undone_whenever_it_is_told(ledger: Ledger) -> None:
    issue(ledger, [], reverses=["A"])
    read(ledger, *REVERSED)
    read(ledger, FIRST, [(1, "A", "ORDERED", "granted", "2026-03-20"), (1, "A", "POSTED", "posted", "2026-03-26")])
    found = status(ledger)["A"]
    assert (found["state"], found["reversal_state"], found["with_whom"]) == ("POSTED", "REVERSED", "nobody")
    assert (queued(ledger), resend(ledger)["A"]) == ([], (True, True))


@pytest.mark.parametrize(
    ("batch", "row"), [(FIRST, (1, "A", "POSTED", "posted", "2026-03-30")), (SECOND, (1, "RA", "ORDERED", "denied"))]
)
def test_a_line_that_was_undone_does_not_go_again_while_an_answer_waits(ledger: Ledger, batch: str, row: tuple) -> None:
    issue(ledger, [], reverses=["A"])
    read(ledger, *REVERSED)
    assert read(ledger, batch, [row]).n_exceptions == 1
    found = status(ledger)["A"]
    assert (found["reversal_state"], found["with_whom"], found["exceptions_open"]) == ("REVERSED", "prosecutor", 1)
    assert resend(ledger)["A"] == (False, False)
