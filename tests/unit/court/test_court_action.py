"""court.action and court.case_summary: every eligible determination is in one package or withheld with one reason."""

import hashlib
import hmac
from datetime import date

import pytest

from clearslate.court.keys import encode_key

KEY = b"0123456789abcdef0123456789abcdef"


def only(court):
    [action] = court.actions()
    return action


def test_a_dismissal_is_a_line_with_all_that_the_record_tells(world, build):
    world.conviction(case="0012-AB 7", count_no=3)
    action = only(build(world))
    assert action["package_county"] == "SACRAMENTO" and action["withheld_reason"] is None
    assert (action["line_no"], action["subject_ref"], action["court_code"]) == (1, "S000001", "34")
    assert (action["case_number"], action["case_number_source"]) == ("0012-AB 7", "own_ofn")
    assert action["case_number_sort"] == "0012AB7"
    assert (action["count_no"], action["statute_code"], action["statute_section"]) == (3, "HS", "11359")
    assert (action["offense_level_before"], action["disposition_date"]) == ("F", date(2010, 1, 2))
    assert (action["action_code"], action["seal_scope"]) == ("DISMISS_SEAL", "COUNT")
    assert action["offense_level_after"] is None and action["section_after"] is None
    assert (action["legal_basis"], action["reason_code"], action["da_position"]) == (
        "county_policy",
        "long_ago",
        "DEFER",
    )
    assert (action["name_last"], action["name_first"], action["birth_year"]) == ("DOE", "JANE A", 1980)


def test_a_redesignation_keeps_the_section_and_seals_nothing(world, build):
    levels = {world.conviction(relief="REDESIGNATE_MISD"): "M", world.conviction(relief="REDESIGNATE_INFR"): "I"}
    for action in build(world).actions():
        assert (action["action_code"], action["offense_level_after"]) == (
            "REDESIGNATE",
            levels[action["conviction_id"]],
        )
        assert (action["section_after"], action["seal_scope"]) == ("11359", "NONE")


def test_the_action_key_is_an_hmac_over_the_conviction_and_the_action(world, build):
    world.conviction()
    digest = hmac.new(KEY, b"S1\x1fSACRAMENTO\x1f1\x1fP64\x1fDISMISS_SEAL", hashlib.sha256).hexdigest()
    assert only(build(world))["action_key"] == encode_key(digest[:20])


def test_unknown_level_date_name_and_birth_stay_unknown(world, build):
    world.person(2, name=None, born=None)
    world.conviction(2, severity=None, day=None)
    action = only(build(world))
    assert (action["offense_level_before"], action["disposition_date"], action["birth_year"]) == ("U", None, None)
    assert action["name_last"] is None and action["name_first"] is None


def test_a_name_is_split_at_its_first_comma(world, build):
    names = {
        "DOE": ("DOE", None),
        "DOE,JANE,JR": ("DOE", "JANE,JR"),
        "DOE , JANE": ("DOE", "JANE"),
        "DOE,": ("DOE", None),
        ",JANE": (None, "JANE"),
        'O\'NEIL,PEÑA "PEP"': ("O'NEIL", 'PEÑA "PEP"'),
    }
    for number, name in enumerate(names, start=2):
        world.person(number, name=name)
        world.conviction(number)
    found = [(action["name_last"], action["name_first"]) for action in build(world).actions()]
    assert found == list(names.values())


def test_a_birth_date_known_by_its_year_tells_the_year(world, build):
    world.person(2)
    world.tables["core.person"][-1].update(birth_date_least=date(1980, 1, 1), birth_date_most=date(1980, 12, 31))
    world.conviction(2)
    assert only(build(world))["birth_year"] == 1980


@pytest.mark.parametrize(
    ("county", "options", "reason"),
    [
        ("SACRAMENTO", {"current": False}, "data_not_current"),
        (None, {"current": False}, "data_not_current"),
        (None, {"counties": ["SACRAMENTO"]}, "county_unknown"),
        ("SACRAMENTO", {"counties": ["YOLO", "FRESNO"]}, "county_not_requested"),
    ],
)
def test_a_run_withholds_what_it_may_not_or_should_not_send(world, build, county, options, reason):
    world.conviction(county=county)
    action = only(build(world, **options))
    assert action["withheld_reason"] == reason
    assert action["package_county"] is None and action["line_no"] is None and action["subject_ref"] is None


def test_a_line_that_a_clerk_could_not_post_is_withheld_with_its_reason(world, build):
    unsafe = ["-123", "=1+1", "@SUM(A1)", "＝1", "12\n345", "12\t345", "12\u202e345", "12\x85345"]
    reasons = {
        world.conviction(county=None): "county_unknown",
        world.conviction(county=None, case=None, source="none"): "county_unknown",
        world.conviction(case=None, source="none"): "no_case_number",
        world.conviction(case=None, source="contradicted"): "no_case_number",
        world.conviction(case="--- /"): "no_case_number",
        world.conviction(count_no=None): "no_count_number",
        **{world.conviction(case=case): "unsafe_cell" for case in unsafe},
    }
    actions = build(world).actions()
    assert {action["conviction_id"]: action["withheld_reason"] for action in actions} == reasons
    assert {action["package_county"] for action in actions} == {None}


def test_a_name_that_a_spreadsheet_would_run_is_withheld(world, build):
    for number, name in enumerate(
        ["+DOE,JANE", "DOE,=JANE", "DOE,-", "D,JA\rNE", "D,JA\u200bNE", "\u2028D,J"], start=2
    ):
        world.person(number, name=name)
        world.conviction(number)
    assert {action["withheld_reason"] for action in build(world).actions()} == {"unsafe_cell"}


def test_other_case_numbers_go_out_as_they_are(world, build):
    cases = ["12-345", "A=B", "1+1", "00123", "12 345", "Ñ1", "12,345", '1"2', "000-0"]
    for case in cases:
        world.conviction(case=case)
    actions = build(world, counties=["SACRAMENTO", "YOLO"]).actions()
    assert [(action["case_number"], action["withheld_reason"]) for action in actions] == [
        (case, None) for case in cases
    ]


def test_what_is_not_eligible_is_no_action(world, build):
    for outcome in ("NOT_YET", "REVIEW", "INELIGIBLE", "ALREADY_RELIEVED"):
        world.conviction(outcome=outcome)
    assert build(world).actions() == []


def test_lines_are_numbered_by_case_and_count_within_each_county(world, build):
    world.person(2)
    world.person(3)
    c = world.conviction(1, "2-B", count_no=2)
    b = world.conviction(2, "2 B", count_no=1)
    a = world.conviction(1, "1-A", count_no=9)
    y = world.conviction(3, "1-A", county="YOLO")
    lines = {action["conviction_id"]: (action["line_no"], action["subject_ref"]) for action in build(world).actions()}
    assert lines == {a: (1, "S000001"), b: (2, "S000002"), c: (3, "S000001"), y: (1, "S000001")}


# -- cases -------------------------------------------------------------------------------------------------------------


def case_of(court):
    [case] = court.cases()
    return case


def test_a_case_whose_counts_are_all_sealed_is_complete_and_sealed_whole(world, build):
    world.conviction(count_no=1)
    world.conviction(count_no=2)
    case = case_of(build(world))
    assert (case["n_counts"], case["n_convicted"], case["n_in_batch"], case["n_remaining_live"]) == (2, 2, 2, 0)
    assert (case["case_complete"], case["all_counts_in_batch"], case["seal_scope"]) == ("Y", "Y", "CASE")


def test_a_dismissed_count_beside_keeps_the_case_from_being_sealed_whole(world, build):
    world.conviction()
    world.count()
    case = case_of(build(world))
    assert (case["n_counts"], case["case_complete"], case["seal_scope"]) == (2, "Y", "COUNT")


def test_a_redesignated_case_seals_nothing(world, build):
    world.conviction(relief="REDESIGNATE_MISD")
    assert case_of(build(world))["seal_scope"] == "NONE"


BESIDE = [
    ({"outcome": "INELIGIBLE"}, "N", "n_remaining_live"),
    ({"outcome": "NOT_YET"}, "N", "n_remaining_live"),
    ({"outcome": None, "section": "459"}, "N", "n_remaining_live"),
    ({"outcome": None, "is_contradicted": True}, "U", "n_remaining_live"),
    ({"outcome": None, "is_contradicted": None}, "U", "n_remaining_live"),
    ({"outcome": "REVIEW"}, "U", "n_review"),
    ({"count_no": None}, "U", "n_withheld"),
    ({"outcome": "ALREADY_RELIEVED"}, "Y", "n_already_relieved"),
    ({"outcome": None, "case": None}, "U", "n_unplaced"),
    ({"outcome": None, "county": None}, "U", "n_unplaced"),
    ({"outcome": None, "county": None, "case": None}, "U", "n_unplaced"),
]


def test_another_conviction_beside_the_line_is_told(world, build):
    for number, (beside, _, _) in enumerate(BESIDE, start=10):
        world.person(number)
        world.conviction(number)
        world.conviction(number, **{"count_no": 2, **beside})
    cases = {case["person_no"]: case for case in build(world).cases()}
    for number, (_, complete, column) in enumerate(BESIDE, start=10):
        case = cases[number]
        assert (case["case_complete"], case["all_counts_in_batch"], case[column]) == (complete, "N", 1)
        assert case["seal_scope"] == "COUNT"


def test_a_count_that_may_be_a_conviction_leaves_the_case_unknown(world, build):
    beside = [
        {"is_undisposed": True},
        {"is_undisposed": True, "step_type": None},
        {"is_convicted": True, "step_type": None},
        {"is_convicted": True, "step_type": "custody"},
    ]
    for number, count in enumerate(beside, start=2):
        world.person(number)
        world.conviction(number)
        world.count(number, **count)
    cases = build(world).cases()
    assert len(cases) == len(beside)
    for case in cases:
        assert (case["case_complete"], case["n_undisposed"], case["seal_scope"]) == ("U", 1, "COUNT")


def test_a_count_of_another_county_case_or_of_the_future_does_not_matter(world, build):
    world.conviction()
    world.conviction(county="YOLO", outcome=None)
    world.conviction(case="99", outcome=None)
    world.conviction(outcome="INELIGIBLE", is_after_as_of=True)
    case = case_of(build(world))
    assert (case["n_counts"], case["case_complete"], case["seal_scope"]) == (1, "Y", "CASE")


def test_a_count_told_again_by_a_later_step_is_one_count(world, build):
    world.conviction()
    world.attach(world.count(is_convicted=True), is_sure=True)
    world.attach(world.count(), is_sure=False)
    world.count(step_type="probation")
    case = case_of(build(world))
    assert (case["n_counts"], case["n_convicted"], case["seal_scope"]) == (1, 1, "CASE")


def test_a_later_count_of_unknown_meaning_that_is_sure_of_none_is_undisposed(world, build):
    world.conviction()
    world.attach(world.count(is_undisposed=True), is_sure=False)
    case = case_of(build(world))
    assert (case["n_undisposed"], case["case_complete"]) == (1, "U")


def test_co_defendants_under_one_case_number_have_a_row_each(world, build):
    world.person(2)
    world.conviction(1)
    world.conviction(2, case="12345")
    assert [(case["case_no"], case["subject_ref"]) for case in build(world).cases()] == [(1, "S000001"), (2, "S000002")]


def seals(court) -> list[str]:
    return [case["seal_scope"] for case in court.cases()]


def test_a_case_is_sealed_whole_only_where_it_is_for_all_who_bear_its_number(world, build):
    world.person(2)
    world.conviction(1, case="12345")
    world.conviction(2, case="12-345")
    assert seals(build(world)) == ["CASE", "CASE"]
    world.person(3)
    world.conviction(3, case="12345", outcome=None)
    court = build(world)
    assert seals(court) == ["COUNT", "COUNT"]
    assert [(case["n_counts"], case["case_complete"]) for case in court.cases()] == [(1, "Y"), (1, "Y")]


def test_a_co_defendant_in_review_keeps_the_case_from_being_sealed_whole(world, build):
    world.person(2)
    world.conviction(1, case="12345")
    world.conviction(2, case="12345", outcome="REVIEW")
    world.person(3)
    world.conviction(3, case="12345", county="YOLO", outcome=None)
    assert seals(build(world)) == ["COUNT"]


# -- the accounts ------------------------------------------------------------------------------------------------------


def test_every_candidate_is_counted_once(world, build):
    world.conviction()
    world.conviction(count_no=2, relief="REDESIGNATE_MISD")
    world.conviction(case=None)
    world.conviction(county=None)
    world.conviction(outcome="REVIEW")
    world.conviction(outcome=None)
    counted = build(world).warehouse.rows("select county, outcome, disposal, n from court.accounting order by all")
    assert counted == [
        ("SACRAMENTO", "ELIGIBLE", "in_package", 2),
        ("SACRAMENTO", "ELIGIBLE", "no_case_number", 1),
        ("SACRAMENTO", "REVIEW", "no_action", 1),
        ("UNKNOWN", "ELIGIBLE", "county_unknown", 1),
    ]


def test_the_fingerprint_of_the_records_knows_the_set_and_not_the_order(world, build):
    for _ in range(20):
        world.count()
    world.quarantine("a")
    world.quarantine("a")
    [row] = build(world, seed=1).warehouse.rows("select * from court.source")
    assert row[:5] == (20, 0, 1, 1, 0)
    assert build(world, seed=2, threads=2).warehouse.rows("select * from court.source") == [row]
    world.tables["core.entry"][3]["record_hash"] = 2**63
    assert build(world, seed=1).warehouse.rows("select * from court.source")[0][5] != row[5]
