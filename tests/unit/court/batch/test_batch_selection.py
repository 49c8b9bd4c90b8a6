"""Which lines are sent, how many at a time, and what was sent before."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from clearslate.court.batch import prepare_packages, waiting_lines
from clearslate.court.reversals import reversals_due
from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.keys import ActionKeyBlocks
from clearslate.ledger import Ledger, make_line_status
from clearslate.ledger.tables import SCHEMAS
from clearslate.review.worklist import write_worklists
from tests.support_court import AS_OF, line, make_release, read_private
from tests.support_packages import ON, answer, decide, manifest_of, only, prepare, rows_of, standing

# -- which lines go ---------------------------------------------------------------------------------------------------


def test_every_eligible_line_is_in_one_place_and_the_manifest_counts_it(home, profile):
    make_release(home, [line(1), line(2), line(3), line(4), line(5, case=""), line(6, outcome="REVIEW"), line(7)])
    decide(home, {"19-00001": "NO_CHALLENGE", "19-00002": "DEFER", "19-00003": "NO_CHALLENGE", "19-00007": "CHALLENGE"},
           stale=["19-00003"])  # fmt: skip
    made = only(report := prepare(home))
    assert [row["case_number"] for row in rows_of(made)] == ["19-00001", "19-00007"]
    assert manifest_of(made)["accounting"]["county"]["eligible"] == {
        "total": 6, "in_package": 2, "sent_before": 0, "waiting": 3,
        "waiting_by_reason": {"awaiting_review": 1, "deferred": 1, "stale_decision": 1},
        "withheld": 1, "withheld_by_reason": {"no_case_number": 1},
    }  # fmt: skip
    assert standing(report) == {
        "AWAITING_REVIEW": 1, "DEFERRED": 1, "SENT": 2, "STALE_DECISION": 1, "WITHHELD/no_case_number": 1,
    }  # fmt: skip
    assert prepare(home).batches == ()
    waiting = waiting_lines(home, on=ON)
    assert sorted(waiting.column("state").to_pylist()) == ["AWAITING_REVIEW", "DEFERRED", "STALE_DECISION", "WITHHELD"]
    with Ledger.open(home).connect() as db:
        make_line_status(db, waiting, None, ON)
        assert db.rows("select count(*), count(distinct action_key) from line_status") == [(6, 6)]


def test_undecided_lines_go_where_the_county_s_standing_policy_says_so_and_stale_ones_wait(home, profile):
    profile(canary_lines=0, sends_undecided=True)
    make_release(home, [line(1), line(2)])
    decide(home, {"19-00002": "NO_CHALLENGE"}, stale=["19-00002"])
    made = only(prepare(home))
    assert [row["case_number"] for row in rows_of(made)] == ["19-00001"]
    assert manifest_of(made)["positions"]["by_standing_policy"] == 1


def test_a_line_that_a_spot_check_found_wrong_waits_for_a_new_decision(home, profile):
    make_release(home, [line(1), line(2)])
    decide(home, {"": "NO_CHALLENGE"})
    known = read_private(home.current.resolve(), "review.worklist")[0]
    row = {
        "sample_id": "s",
        "action_key": known["action_key"],
        "version": known["version"],
        "verdict": "WRONG",
        "row": 2,
    }
    table = pa.Table.from_pylist([row], SCHEMAS["verdicts"])
    Ledger.open(home).append(
        "spot_check_imported", ON, {"identity": "f", "file_name": "s", "n": 1}, {"verdicts": table}
    )
    report = prepare(home)
    assert only(report).n_lines == 1 and standing(report)["HELD/spot_check"] == 1
    decide(home, {known["case_number"]: "NO_CHALLENGE"})
    assert only(prepare(home)).n_lines == 1


def test_a_case_is_held_as_long_as_something_of_it_stays_behind(home, profile):
    profile(canary_lines=0, case_hold=True)
    lines = [line(1, case="A1", person=1), line(2, case="A1", person=1, count=2), line(3, case="B1", person=2),
             line(4, case="B1", person=2, count=2, outcome="REVIEW"), line(5)]  # fmt: skip
    make_release(home, lines)
    decide(home, {"": "NO_CHALLENGE"})
    decide(home, {"A1": "DEFER"})
    key_of_first = next(row["action_key"] for row in lines if row["count_no"] == 1 and row["case_number"] == "A1")
    report = prepare(home)
    assert [row["case_number"] for row in rows_of(only(report))] == ["19-00005"]
    assert standing(report) == {"DEFERRED": 2, "HELD/case_hold": 1, "SENT": 1}
    assert key_of_first
    decide(home, {"A1": "NO_CHALLENGE"})
    made = only(prepare(home))
    assert [(row["case_complete"], row["all_counts_in_batch"]) for row in rows_of(made)] == [("Y", "Y")] * 2


def test_a_case_tells_what_of_it_was_asked_before_waits_or_is_challenged(home, profile):
    make_release(home, [line(n, case="A1", person=1, count=n) for n in range(1, 4)])
    decide(home, {"": "NO_CHALLENGE"})
    keys = {row["count_no"]: row for row in read_private(home.current.resolve(), "review.worklist")}
    table = pa.Table.from_pylist(
        [{"action_key": keys[n]["action_key"], "version": keys[n]["version"], "decision": d, "ground": g, "row": n}
         for n, d, g in ((2, "DEFER", None), (3, "CHALLENGE", "UNREASONABLE_RISK"))], SCHEMAS["decisions"],
    )  # fmt: skip
    Ledger.open(home).append(
        "decisions_imported", ON, {"identity": "g", "file_name": "g", "n": 2}, {"decisions": table}
    )
    made = only(prepare(home))
    [case] = rows_of(made, "11_relief_cases.csv")
    told = {name.removeprefix("counts_"): case[name] for name in case if name.startswith("counts_")}
    assert (told["in_batch"], told["challenged"], told["waiting"], told["remaining_live"]) == ("1", "1", "1", "2")
    assert (case["case_complete"], case["seal_scope"]) == ("N", "COUNT")
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    [case] = rows_of(made, "11_relief_cases.csv")  # the withdrawn challenge goes out as a line that asks
    assert (case["counts_in_batch"], case["counts_asked_before"], case["case_complete"]) == ("2", "1", "Y")
    assert [row["supersedes_action_key"] == row["action_key"] for row in rows_of(made)] == [False, True]


@pytest.mark.parametrize(("of_the_other", "seals"), [("NO_CHALLENGE", ["CASE", "CASE"]), ("DEFER", ["COUNT"])])
def test_a_case_is_sealed_whole_only_where_all_who_bear_its_number_are(of_the_other, seals, home, profile):
    make_release(home, [line(1, case="A1", person=1), line(2, case="A1", person=2)])
    rows = read_private(home.current.resolve(), "review.worklist")
    decided = {1: "NO_CHALLENGE", 2: of_the_other}
    table = pa.Table.from_pylist(
        [{"action_key": row["action_key"], "version": row["version"], "decision": decided[row["person_no"]],
          "ground": None, "row": n} for n, row in enumerate(rows)], SCHEMAS["decisions"],
    )  # fmt: skip
    Ledger.open(home).append(
        "decisions_imported", ON, {"identity": "g", "file_name": "g", "n": 2}, {"decisions": table}
    )
    cases = rows_of(only(prepare(home)), "11_relief_cases.csv")
    assert [case["seal_scope"] for case in cases] == seals


# -- how many ---------------------------------------------------------------------------------------------------------


def test_nothing_follows_the_canary_before_it_is_answered_whole(home, profile):
    profile(canary_lines=2)
    make_release(home, [line(n) for n in range(1, 6)])
    decide(home, {"": "NO_CHALLENGE"})
    canary = only(report := prepare(home))
    assert canary.is_canary and canary.n_lines == 2 and standing(report)["HELD/canary"] == 3
    assert prepare(home).batches == ()
    answer(home, canary, ("VALIDATED", "matched"), ("ORDERED", "granted"))
    assert prepare(home).batches == ()
    answer(home, canary, ("POSTED", "posted"))
    made = only(prepare(home))
    assert not made.is_canary and made.n_lines == 3
    assert manifest_of(made)["previous_manifest_sha256"] == canary.manifest_sha256


def test_caps_hold_whole_cases_back_and_a_day_has_its_limit(home, profile):
    profile(canary_lines=0, max_lines_per_batch=3, batches_per_day=1)
    make_release(home, [line(n, case=f"C{n // 2}", person=n // 2, count=n % 2) for n in range(2, 10)])
    decide(home, {"": "NO_CHALLENGE"})
    first = only(report := prepare(home))
    assert first.n_lines == 2 and standing(report)["HELD/cap"] == 6
    assert prepare(home).batches == ()
    assert only(prepare(home, on=ON + timedelta(days=1))).batch_id == "CRR-34-P64-000002"
    profile(canary_lines=0, max_lines_per_batch=3, batches_per_day=None)
    assert [made.n_lines for made in prepare(home, on=ON + timedelta(days=2)).batches] == [2, 2]
    assert Ledger.open(home).verify()


def test_test_packages_have_their_own_chain_and_take_nothing_from_production(home, profile):
    profile(canary_lines=1)
    make_release(home, [line(1), line(2)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home, test=True))
    assert made.path.name == "CRR-34-P64-T000001_a1_T.zip" and made.n_lines == 2
    assert manifest_of(made)["test_indicator"] == "T"
    assert only(prepare(home)).batch_id == "CRR-34-P64-000001"
    with pytest.raises(UsageError, match="test batch"):
        prepare(home, supersede=made.batch_id)


# -- sent before ------------------------------------------------------------------------------------------------------


def test_a_lost_key_posts_nothing_twice(home, profile, monkeypatch):
    make_release(home, [line(1), line(2)])
    decide(home, {"": "NO_CHALLENGE"})
    only(prepare(home))
    (home.root / "keys" / "action.key").write_bytes(b"another key of thirty-two bytes!")
    changed = [line(n, action_key=line(n + 50)["action_key"], conviction_id=f"other{n}") for n in (1, 2)]
    make_release(home, [*changed, line(3)], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home)
    assert [row["case_number"] for row in rows_of(only(report))] == ["19-00003"]
    assert standing(report)["WITHHELD/sent_under_another_key"] == 2


def test_a_lost_key_and_a_number_that_doj_took_over_post_nothing_twice(home, profile):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    answer(home, only(prepare(home)), ("VALIDATED", "rejected"), reason="R15", court_case_number="19CF001234")
    only(prepare(home))
    (home.root / "keys" / "action.key").write_bytes(b"another key of thirty-two bytes!")
    make_release(home, [anew(1, case="19CF001234"), line(3)], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home)
    assert [row["case_number"] for row in rows_of(only(report))] == ["19-00003"]
    assert standing(report)["WITHHELD/sent_under_another_key"] == 1
    assert due(home) == ["identity_changed"]


def test_the_key_has_to_be_that_of_the_release(home, profile):
    make_release(home, [line(1)])
    with pytest.raises(UsageError, match="CLEARSLATE_ACTION_KEY_FILE"):
        prepare_packages(home, on=ON, test=False, key=ActionKeyBlocks.of(b"x" * 32))


def test_a_person_whose_birth_date_was_corrected_is_not_asked_for_twice(home, profile):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    only(prepare(home))
    make_release(home, [line(1, action_key=line(99)["action_key"], conviction_id="corrected")], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home)
    assert report.batches == () and standing(report) == {"WITHHELD/may_be_sent_before": 1}


def test_a_number_that_the_court_gave_and_doj_took_over_is_not_sent_under_twice(home, profile):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    answer(home, only(prepare(home)), ("VALIDATED", "rejected"), reason="R15", court_case_number="19CF001234")
    [row] = rows_of(only(prepare(home)))
    assert (row["case_number"], row["original_case_number"]) == ("19CF001234", "19-00001")
    make_release(home, [anew(1, case="19 CF-001234", disposition_date=None)], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home)
    assert report.batches == () and standing(report) == {"WITHHELD/may_be_sent_before": 1}
    assert due(home) == ["identity_changed"]


@pytest.mark.parametrize("told", [{"court_case_number": "19CF001234"}, {}])
@pytest.mark.parametrize("outcome", ["ELIGIBLE", "REVIEW", "ALREADY_RELIEVED"])
def test_a_number_written_another_way_is_not_asked_for_again_and_nothing_is_called_gone(home, profile, told, outcome):
    make_release(home, [line(1, case="10F22593")])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    answer(home, made, ("VALIDATED", "matched"), ("ORDERED", "granted"), ("POSTED", "posted"), **told)
    known = {"case": "19CF001234", "disposition_date": date(1999, 3, 5)} if told else {"case": "10F022593"}
    make_release(home, [anew(1, outcome=outcome, **known)], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home)
    assert report.batches == ()
    assert standing(report) == ({"WITHHELD/may_be_sent_before": 1} if outcome == "ELIGIBLE" else {})
    assert due(home) == ["identity_changed"]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({}, {"count": 2}),
        ({}, {"statute_section": "11358"}),
        ({}, {"disposition_date": date(1999, 3, 5)}),
        ({}, {"disposition_date": None}),
        ({"disposition_date": None}, {"disposition_date": None}),
    ],
)
def test_another_count_is_no_count_that_was_sent(home, profile, before, now):
    make_release(home, [line(1, **before)])
    decide(home, {"": "NO_CHALLENGE"})
    only(prepare(home))
    make_release(home, [anew(1, case="19-77777", **now)], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    assert only(prepare(home)).n_lines == 1
    assert due(home) == ["not_on_record"]


def test_two_lines_that_a_worklist_has_listed_beside_each_other_are_two(home, profile):
    make_release(home, [line(1), line(2)])
    write_worklists(home, counties=["SACRAMENTO"], on=ON)
    decide(home, {"19-00001": "NO_CHALLENGE"})
    only(prepare(home))
    make_release(home, [line(2)], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    assert [row["case_number"] for row in rows_of(only(prepare(home)))] == ["19-00002"]
    assert due(home) == ["not_on_record"]


@pytest.mark.parametrize("is_sent_again", [True, False])
@pytest.mark.parametrize(("person", "n"), [(1, 0), (2, 1)])
def test_a_case_that_doj_tells_under_both_numbers_goes_once_and_its_co_defendant_s_goes(
    home, profile, person, n, is_sent_again
):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    answer(home, only(prepare(home)), ("VALIDATED", "rejected"), reason="R15", court_case_number="19CF001234")
    if is_sent_again:
        only(prepare(home))
    make_release(home, [line(1), anew(1, person=person, case="19CF001234")], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home)
    assert sum(made.n_lines for made in report.batches) == n + (not is_sent_again)
    assert n or standing(report) == {"SENT": 1, "WITHHELD/may_be_sent_before": 1}
    assert due(home) == []


def anew(number: int, **now: Any) -> dict[str, Any]:
    """The same count as DOJ tells it now: under another key."""
    return line(number, action_key=line(number + 90)["action_key"], conviction_id="another", **now)


def due(home: Home) -> list[str]:
    return reversals_due(home, on=ON).column("reason").to_pylist()


def test_another_action_for_a_conviction_waits_until_the_first_is_undone(home, profile):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    make_release(home, [line(1, relief="REDESIGNATE_MISD")], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home)
    assert report.batches == () and standing(report) == {"WITHHELD/other_action_sent": 1}
    answer(home, made, ("VALIDATED", "rejected"), reason="R20")
    assert rows_of(only(prepare(home)))[0]["action_code"] == "REDESIGNATE"


@pytest.mark.parametrize(
    ("reason", "more", "changed", "later", "goes"),
    [
        ("R15", {"court_case_number": "20CR777"}, False, False, True),
        ("R15", {"court_case_number": "=20CR777"}, False, False, False),
        ("R10", {}, True, True, False),
        ("R22", {}, True, False, True),
        ("R22", {}, False, True, False),
        ("R31", {}, False, True, True),
        ("R31", {}, True, False, False),
        ("R13", {}, True, True, False),
    ],
)
def test_a_refused_line_goes_again_only_when_what_it_was_refused_for_has_changed(
    home, profile, reason, more, changed, later, goes
):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    answer(home, made, ("VALIDATED", "rejected"), reason=reason, **more)
    as_of = ON + timedelta(days=9) if later else AS_OF
    make_release(home, [line(1, facts="new" if changed else "")], run_id="release2", as_of=as_of)
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home, on=ON + timedelta(days=10))
    assert bool(report.batches) == goes
    if goes:
        [row] = rows_of(only(report))
        assert row["supersedes_action_key"] == row["action_key"]
    if goes and more:
        assert (row["case_number"], row["original_case_number"]) == ("20CR777", "19-00001")
        assert prepare(home, on=ON + timedelta(days=10)).batches == ()
