"""What a clerk or an order says of all lines: it decides nothing on those that the prosecutor challenges, and nothing on those
of which the clerk said something else before."""

from datetime import date
from pathlib import Path

import pytest

from clearslate.acknowledgement import exceptions, read_acknowledgements, record_order
from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.ledger import Ledger
from tests.acknowledgement_fixtures import worklist
from tests.support_acknowledgements import BATCH, N_LINES, ON, SENT, issue, key
from tests.support_ledger import states

CHALLENGED = {4, 9}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    issue(home, challenged=CHALLENGED)
    return home


def take(home: Home, path: Path, filled: dict[int, tuple[str, str, str]], *more: tuple[str, str, str, str]) -> None:
    """A workbook with these lines filled in, and rows for many: line number, status, reason, date."""
    rows = [dict(zip(("line_no", "status", "reason", "date"), row, strict=True)) | {"batch_id": BATCH} for row in more]
    path.write_text(worklist(filled, *rows))
    [told] = read_acknowledgements(home, [path], ON).files
    assert told.outcome == "taken", told.words


def by_line(home: Home) -> dict[int, str]:
    found = states(Ledger.open(home))
    return {number: found[key(number)] for number in range(1, N_LINES + 1)}


def test_all_granted_and_all_posted_leave_the_challenged_out(home: Home, tmp_path: Path) -> None:
    take(home, tmp_path / "a.csv", {}, ("ALL", "MATCHED", "", "2026-04-02"), ("ALL", "GRANTED", "D-1", "2026-04-03"))
    take(home, tmp_path / "b.csv", {}, ("ALL", "POSTED", "", "2026-04-09"))
    assert {number for number, state in by_line(home).items() if state == "MATCHED"} == CHALLENGED
    assert {state for number, state in by_line(home).items() if number not in CHALLENGED} == {"POSTED"}
    assert exceptions(home) == []


def test_a_judge_may_grant_a_challenged_line_by_itself(home: Home, tmp_path: Path) -> None:
    granted = {4: ("GRANTED", "D-2", "2026-04-03")}
    take(home, tmp_path / "a.csv", granted, ("9 TO 9", "DENIED", "", "2026-04-03"))
    take(home, tmp_path / "b.csv", {}, ("1 TO 12", "GRANTED", "D-1", "2026-04-03"), ("ALL", "POSTED", "", "2026-04-09"))
    assert (by_line(home)[4], by_line(home)[9], by_line(home)[5]) == ("POSTED", "DENIED", "POSTED")


def test_an_order_over_a_range_counts_the_challenged_lines_that_it_leaves_out(home: Home, tmp_path: Path) -> None:
    document = tmp_path / "order.pdf"
    document.write_bytes(b"signed")
    said = {"status": "granted", "document": document, "effective_date": date(2026, 4, 3), "by": "b", "on": ON}
    told = record_order(home, BATCH, first_line=1, last_line=N_LINES, **said)
    assert (told.n_challenged, told.n_applied) == (2, N_LINES - 2)
    assert {number for number, state in by_line(home).items() if state == "SUBMITTED"} == CHALLENGED
    assert record_order(home, BATCH, first_line=4, last_line=4, **said).n_applied == 1


def test_an_order_of_before_the_package_or_with_another_date_is_refused(home: Home, tmp_path: Path) -> None:
    document = tmp_path / "order.pdf"
    document.write_bytes(b"signed")
    said = {"first_line": 1, "last_line": 3, "status": "granted", "document": document, "by": "b", "on": ON}
    with pytest.raises(UsageError, match="before the day on which the package was made"):
        record_order(home, BATCH, effective_date=date(SENT.year - 1, 1, 1), **said)
    record_order(home, BATCH, effective_date=date(2026, 4, 3), **said)
    with pytest.raises(UsageError, match="recorded for these lines before, with the date 2026-04-03"):
        record_order(home, BATCH, effective_date=date(2026, 4, 4), **said)


def test_all_posted_passes_over_a_line_whose_answer_still_waits_for_somebody(home: Home, tmp_path: Path) -> None:
    unread = ("NOT_FOUND", "no such file", "2026-04-02")  # without a code
    take(home, tmp_path / "a.csv", {1: ("MATCHED", "", "2026-04-02"), 5: unread})
    take(home, tmp_path / "b.csv", {}, ("ALL", "GRANTED", "D-1", "2026-04-03"), ("ALL", "POSTED", "", "2026-04-09"))
    assert (by_line(home)[5], by_line(home)[6]) == ("SUBMITTED", "POSTED")


def test_all_posted_again_on_another_day_asks_nothing_of_what_is_posted(home: Home, tmp_path: Path) -> None:
    posted = {1: ("GRANTED_POSTED", "", "2026-04-09"), 2: ("GRANTED_POSTED", "", "2026-04-09")}
    take(home, tmp_path / "a.csv", posted)
    take(home, tmp_path / "b.csv", {}, ("ALL", "POSTED", "", "2026-04-20"))
    assert {told.kind for told in exceptions(home)} == {"posted_without_order"}
    assert (by_line(home)[1], by_line(home)[3]) == ("POSTED", "SUBMITTED")


def test_a_row_with_the_key_of_another_line_shields_both(home: Home, tmp_path: Path) -> None:
    astray = {"batch_id": BATCH, "line_no": "3", "action_key": key(5), "status": "DENIED", "date": "2026-04-03"}
    rows = [{"batch_id": BATCH, "line_no": "ALL", "status": "GRANTED", "reason": "D", "date": "2026-04-03"}]
    rows += [{"batch_id": BATCH, "line_no": "ALL", "status": "POSTED", "date": "2026-04-09"}, astray]
    (tmp_path / "a.csv").write_text(worklist({}, *rows))
    read_acknowledgements(home, [tmp_path / "a.csv"], ON)
    assert "POSTED" not in {by_line(home)[3], by_line(home)[5]}
    assert by_line(home)[6] == "POSTED"
