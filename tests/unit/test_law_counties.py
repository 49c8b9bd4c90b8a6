"""The predecessors' county policies: order, determinations and reasons as they were printed, their faults not."""

from typing import Any

import pytest

from clearslate.law.policy import load_policy
from tests.unit.test_law_remedies import decide, one

DISMISS, REDUCE = "ELIGIBLE DISMISS_SEAL", "ELIGIBLE REDESIGNATE_MISD"

BASE: dict[str, Any] = {
    "is_felony": True, "felony_stated": True, "section": "11359", "statute_code": "HS", "subdivision": "(a)",
    "superstrike_before_conviction": False, "pc290_before_conviction": False, "two_section_priors": False,
    "birth_date": "1980-01-01", "offense_date": "2010-06-15", "conviction_date": "2010-09-01", "is_deceased": False,
    "all_convictions_prop64": False, "all_sentences_completed": True, "latest_conviction_date": "2018-01-01",
    "serving_any": False, "n_convictions": 2, "sentence_path": "completed", "related_charge": False,
    "related_flagged": False, "prop64_in_cycle": True, "superstrike_ever": False, "pc290_ever": False,
    "registration_on_record": False, "three_same_section_events": False, "weights_given": False,
}  # fmt: skip
"""A felony of 2010 on which no rule of any county fires but its last; decided as of 2020-01-15."""

RELATED = {"in_prop64_scope": False, "related_charge": True, "section": "602", "statute_code": "PC"}

# policy, what differs, rule, outcome, reason
CASES: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("los-angeles", {"felony_stated": False}, "not_felony", "REVIEW", "Misdemeanor or Infraction"),
    ("los-angeles", {"conviction_date": "2016-11-09"}, "after_act", "INELIGIBLE", "Occurred after 11/09/2016"),
    ("los-angeles", {"section": "11357"}, "possession_a_or_b", DISMISS, "11357(a) or 11357(b)"),
    ("los-angeles", {"section": "11357", "subdivision": "(c)"}, "other_possession", "REVIEW", "Other 11357"),
    ("los-angeles", {"superstrike_before_conviction": True}, "superstrike", "INELIGIBLE", "PC 667(e)(2)(c)(iv)"),
    ("los-angeles", {"pc290_before_conviction": True}, "pc290", "INELIGIBLE", "PC 290"),
    ("los-angeles", {"two_section_priors": True}, "two_priors", "INELIGIBLE", "Two priors"),
    ("los-angeles", {"birth_date": "1970-01-15"}, "older", DISMISS, "50 years or older"),
    ("los-angeles", {"birth_date": "1990-01-15"}, "younger", DISMISS, "21 years or younger"),
    ("los-angeles", {"all_convictions_prop64": True}, "only_prop64_completed", DISMISS,
     "Only has 11357-60 charges and completed sentence"),
    ("los-angeles", {"latest_conviction_date": "2010-01-14"}, "crime_free", DISMISS, "No convictions in past 10 years"),
    ("los-angeles", {"is_deceased": True, "serving_any": True}, "deceased", DISMISS, "Deceased"),
    ("los-angeles", {"serving_any": True}, "serving", "REVIEW", "Currently serving sentence"),
    ("los-angeles", {}, "no_criterion", "REVIEW", "No applicable eligibility criteria"),
    ("sacramento", {"conviction_date": "2016-11-09"}, "after_act", "INELIGIBLE", "Occurred after 11/09/2016"),
    ("sacramento", {"is_felony": False}, "not_felony", DISMISS, "Misdemeanor or Infraction"),
    ("sacramento", {"section": "11357", "subdivision": "(b)"}, "possession_b", DISMISS, "HS 11357(b)"),
    ("sacramento", {"latest_conviction_date": "2010-01-14"}, "several_crime_free", DISMISS,
     "No convictions in past 10 years"),
    ("sacramento", {}, "several_recent", REDUCE, "Has convictions in past 10 years"),
    ("sacramento", {"n_convictions": 1}, "single_completed", DISMISS, "Sentence Completed"),
    ("sacramento", {"n_convictions": 1, "sentence_path": "serving"}, "single_serving", REDUCE,
     "Sentence not Completed"),
    *[
        case
        for county in ("san-joaquin", "contra-costa")
        for case in [
            (county, {"conviction_date": "2016-11-09"}, "after_act", "INELIGIBLE", "Occurred after 11/09/2016"),
            (county, RELATED, "related", DISMISS, "602 PC"),
            (county, {**RELATED, "section": "4060", "statute_code": "BP", "related_flagged": True}, "related_flagged",
             "REVIEW", "4060 BP"),
            (county, {**RELATED, "prop64_in_cycle": False}, "related_alone", "REVIEW", "No Related Prop64 Charges"),
            (county, {"is_felony": False}, "not_felony", DISMISS, "Misdemeanor or Infraction"),
            (county, {"section": "11357"}, "all_possession", DISMISS, "11357 HS"),
            (county, {"latest_conviction_date": "2015-01-14"}, "several_crime_free", DISMISS,
             "No convictions in past 5 years"),
            (county, {}, "several_recent", "REVIEW", "Has convictions in past 5 years"),
            (county, {"n_convictions": 1}, "single_completed", DISMISS, "Sentence Completed"),
            (county, {"n_convictions": 1, "sentence_path": "serving"}, "single_serving", "REVIEW",
             "Sentence not Completed"),
        ]
    ],
    ("san-francisco", {}, "eligible", REDUCE, "Prop 64 felony"),
    ("san-francisco", {"felony_stated": False}, "not_felony", "INELIGIBLE", "Misdemeanor or Infraction"),
    ("san-francisco", {"superstrike_ever": True}, "superstrike", "INELIGIBLE", "Superstrike"),
    ("san-francisco", {"registration_on_record": True}, "pc290_registration", "INELIGIBLE", "PC 290 registration"),
    ("san-francisco", {"three_same_section_events": True}, "two_priors", "INELIGIBLE", "Two priors"),
    ("san-francisco", {"weights_given": True, "drug_weight_grams": 500.0}, "weight", "INELIGIBLE",
     "More than one pound"),
    ("san-francisco", {"weights_given": True, "drug_weight_grams": 28.0}, "eligible", REDUCE, "Prop 64 felony"),
    ("san-francisco", {"in_prop64_scope": False, "section": "11364"}, "plea_bargain", "REVIEW",
     "Plea bargain in a Prop 64 case"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{case[0]}-{case[2]}-{number}" for number, case in enumerate(CASES)])
def test_a_rule_decides_with_the_predecessors_reason(case: tuple[str, dict[str, Any], str, str, str]) -> None:
    policy, change, rule, outcome, reason = case
    got = one("prop64", policy=policy, as_of="2020-01-15", **{**BASE, **change})
    assert (got["rule"], f"{got['outcome']} {got['relief']}".removesuffix(" NONE")) == (rule, outcome)
    assert (got["reason"], got["missing_facts"]) == (reason, None)
    assert (got["policy"], got["legal_basis"]) == (policy, "county_policy")


def test_every_rule_of_every_county_is_among_the_cases() -> None:
    shown = {(case[0], case[2]) for case in CASES}
    left = {("san-francisco", "no_prop64"), ("san-francisco", "pc290")}
    for name in {case[0] for case in CASES}:
        assert {(name, rule.id) for rule in load_policy(name=name).rules} <= shown | left


def test_los_angeles_rules_come_in_the_predecessors_order() -> None:
    """But for the deceased, who serve no sentence: rule 12 ahead of rule 11."""
    firing = [(case[2], case[1]) for case in CASES if case[0] == "los-angeles" and case[2] != "other_possession"]
    changes: list[dict[str, Any]] = []
    for name, change in reversed(firing):
        kept = dict(change)
        # A statute or a birth date is one thing at a time.
        kept |= {"birth_date": "1970-01-01"} if name == "younger" else {}
        changes.insert(0, {**BASE, **(changes[0] if changes else {}), **kept})
    changes = [change | ({"offense_date": "1980-01-01"} if change["birth_date"] < "1980" else {}) for change in changes]
    rows = decide("prop64", changes, policy="los-angeles", as_of="2020-01-15")
    order = [rule.id for rule in load_policy(name="los-angeles").rules if rule.id != "other_possession"]
    found = [row["rule"] for row in rows]
    assert found == sorted(found, key=order.index)
    assert set(order) - set(found) <= {"younger"}


def test_what_a_rule_of_los_angeles_prints() -> None:
    policy = load_policy(name="los-angeles")
    assert {rule.id: rule.prints for rule in policy.rules if rule.prints} == {
        "not_felony": "To be reviewed by City Attorneys"
    }
    assert policy.prints[("REVIEW", None)] == "Hand Review"


@pytest.mark.parametrize("policy", ["los-angeles", "sacramento", "san-joaquin", "contra-costa", "san-francisco"])
def test_an_unknown_level_or_date_is_nobodys_gain(policy: str) -> None:
    """B4, B13: the predecessor read both in favour of the person."""
    for fact in ("felony_stated", "is_felony", "conviction_date", "latest_conviction_date", "birth_date"):
        known = one("prop64", policy=policy, as_of="2020-01-15", **BASE)
        blank = one("prop64", policy=policy, as_of="2020-01-15", **{**BASE, fact: None})
        assert blank["outcome"] == known["outcome"] or blank["outcome"] == "REVIEW"
