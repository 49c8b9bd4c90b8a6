"""What the four remedies decide, as compiled from `rules/`: outcome, range of relief, waiting."""

import datetime as dt
import functools
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearslate.law.assignment import Assignment
from clearslate.law.compile import compile_all
from clearslate.law.policy import load_policy
from clearslate.law.remedy import load_remedies
from clearslate.run import fact_columns
from tests.unit.test_law_examples import span

REMEDIES = {remedy.id: remedy for remedy in load_remedies()}
VARIANT = {remedy.id: remedy for remedy in load_remedies(variants=("sb834",))}
FACTS = fact_columns(tuple(REMEDIES.values()))
SQL: dict[tuple[str, str, bool], str] = {}

SCREENS: dict[str, Any] = {
    "after_as_of": False, "history_complete": True, "identity_conflict": False, "possible_repeat": False,
    "order_known": True, "juvenile_court": False, "county": "SACRAMENTO",
}  # fmt: skip

PROP64: dict[str, Any] = SCREENS | {
    "disposition_conflict": False, "in_prop64_scope": True, "prop64_predecessor": False, "prop64_relief_granted": False,
    "federal_court": False,
    "statute_certain": True,
    "relation": "none",
    "aggravated_form": False, "offense_date": "2010-06-15", "conviction_date": "2010-09-01", "form_inferred": False,
    "birth_date": "1980-01-01", "severity": "F", "felony_stated": True, "destruction_due": True, "superstrike_prior": False,
    "pc290_prior": False, "two_section_priors": False, "companion_environmental": False, "companion_minor": False,
    "import_text": False, "prop64_form": "11359", "section": "11359",
}  # fmt: skip
"""A felony of 2010 by an adult of 30, with nothing against it."""

PROP47: dict[str, Any] = SCREENS | {
    "disposition_conflict": False, "federal_court": False, "in_prop47_scope": True, "prop47_relief_granted": False,
    "prop64_relief_granted": False, "statute_certain": True,
    "relation": "none", "felony_stated": True, "offense_date": "2010-06-15", "superstrike_ever": False,
    "pc290_ever": False, "identity_theft_in_case": False, "prop47_class": "decidable", "section": "11350",
}  # fmt: skip

CONVICTION: dict[str, Any] = SCREENS | {
    "disposition_conflict": False, "conviction_relief_granted": False, "conviction_date": "2010-06-15",
    "california_court": True, "supervision_violation": False,
    "relief_prohibited": False,
    "registration_on_record": False, "pc290_listed": False, "pc290_ever": False, "serving_any": False,
    "serving_other": False,
    "serving_told": False, "latest_conviction_date": "2010-06-15", "pending_charge": False, "latest_pending_date": None,
    "state_prison": False, "felony_now": True, "reduction_unclear": False,
    "probation_granted": True, "probation_revoked": False,
    "serious_listed": False, "violent_listed": False, "new_felony_since": False, "new_felony_date": None,
    "sentence_told": True, "sentence_end_date": "2013-06-15", "last_sentence_end_date": "2013-06-15",
    "srf_known": True, "srf": "clear",
}  # fmt: skip
"""A felony of 2010 whose three years of probation ended without revocation; nobody on the Supervised Release File."""

ARREST: dict[str, Any] = SCREENS | {
    "arrest_relief_granted": False, "arrest_date": "2010-06-15", "has_conviction": False, "diversion_completed": False,
    "is_felony_arrest": False, "all_dismissed": False, "all_acquitted": False, "all_favorable": False,
    "proceedings_initiated": False, "supervision_violation": False, "of_other_case": False,
    "repeat_elsewhere": False, "tried_elsewhere": False, "federal_agency": False,
}  # fmt: skip
"""A misdemeanor arrest of 2010 that nothing followed."""

CLEAR = {"prop64": PROP64, "prop47": PROP47, "conviction_relief": CONVICTION, "arrest_relief": ARREST}


def decide(
    remedy: str,
    changes: Iterable[Mapping[str, Any]],
    *,
    policy: str = "statute-only",
    as_of: str = "2025-01-15",
    variant: bool = False,
) -> list[dict[str, Any]]:
    """The determinations of the remedy's clear case under each of the changes, in their order."""
    law = (VARIANT if variant else REMEDIES)[remedy]
    key = (remedy, policy, variant)
    if key not in SQL:
        SQL[key] = compile_all([law], Assignment.of(load_policy(name=policy)), FACTS)
    types = FACTS[law.kind]
    with duckdb.connect() as connection:
        connection.execute("create schema facts")
        listed = ", ".join(f"{name} {kind}" for name, kind in types.items())
        connection.execute(f"create table facts.{law.kind} ({listed})")
        rows: list[dict[str, Any]] = []
        for number, change in enumerate(changes):
            row = {f"{law.kind}_id": f"{number:06}", "person_no": number}
            for name, value in (CLEAR[remedy] | change).items():
                assert name in types, name
                if types[name] == "DATE":
                    least, most = span(value)
                    row |= {f"{name}_least": least, f"{name}_most": most}
                else:
                    row[name] = value
            rows.append(row)
        names = list(dict.fromkeys(name for row in rows for name in row))
        marks = ", ".join([f"({', '.join('?' for _ in names)})"] * len(rows))
        connection.execute(
            f"insert into facts.{law.kind} ({', '.join(names)}) values {marks}",
            [row.get(name) for row in rows for name in names],
        )
        result = connection.execute(SQL[key], {"as_of": as_of, "rule_set": "hash"})
        found = result.fetchall()
        names = [column[0] for column in result.description or []]
    return sorted((dict(zip(names, row, strict=True)) for row in found), key=lambda row: str(row["candidate_id"]))


ASKED: dict[str, list[Mapping[str, Any]]] = {remedy: [] for remedy in CLEAR}


def ask(remedy: str, changes: Iterable[Mapping[str, Any]]) -> None:
    """Have these decided together, as of the usual day: a decision takes as long for a hundred cases as for one."""
    ASKED[remedy] += changes


@functools.cache
def asked(remedy: str) -> list[dict[str, Any]]:
    return decide(remedy, ASKED[remedy])


def one(remedy: str, *, policy: str = "statute-only", as_of: str = "2025-01-15", variant: bool = False, **change: Any) -> dict[str, Any]:  # fmt: skip  # noqa: E501
    if (policy, as_of, variant) == ("statute-only", "2025-01-15", False) and change in ASKED[remedy]:
        return asked(remedy)[ASKED[remedy].index(change)]
    (row,) = decide(remedy, [change], policy=policy, as_of=as_of, variant=variant)
    return row


def verdict(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["rule"], f"{row['outcome']} {row['relief']}".removesuffix(" NONE")


# --- Proposition 64 --------------------------------------------------------------------------------------------------

MISD, INFR, SEAL = "REDESIGNATE_MISD", "REDESIGNATE_INFR", "DISMISS_SEAL"
AGES = {17: "1993-01-01", 19: "1991-01-01", 30: "1980-01-01", None: None}

# form, felony: by age at the offense, outcome and relief, floor and ceiling
TABLE = [
    ("11357(a)", True, 17, "ELIGIBLE", INFR, INFR, INFR),
    ("11357(a)", True, 19, "ELIGIBLE", MISD, MISD, INFR),
    ("11357(a)", True, 30, "ELIGIBLE", MISD, MISD, SEAL),
    ("11357(a)", True, None, "REVIEW", "NONE", MISD, SEAL),
    ("11357(a)", False, 30, "REVIEW", "NONE", "NONE", SEAL),
    ("11357(b)", False, 17, "ELIGIBLE", INFR, INFR, INFR),
    ("11357(b)", False, 19, "ELIGIBLE", INFR, INFR, INFR),
    ("11357(b)", False, 30, "ELIGIBLE", SEAL, SEAL, SEAL),
    ("11357(b)", False, None, "REVIEW", "NONE", INFR, SEAL),
    ("11357(c)", False, 17, "ELIGIBLE", INFR, INFR, INFR),
    ("11357(c)", False, 19, "INELIGIBLE", "NONE", "NONE", "NONE"),
    ("11357(c)", False, 30, "INELIGIBLE", "NONE", "NONE", "NONE"),
    ("11357(d)", False, 30, "REVIEW", "NONE", "NONE", None),
    ("11357(e)", False, 17, "ELIGIBLE", INFR, INFR, INFR),
    ("11358", True, 17, "ELIGIBLE", INFR, INFR, INFR),
    ("11358", True, 19, "ELIGIBLE", MISD, MISD, INFR),
    ("11358", True, 30, "ELIGIBLE", MISD, MISD, SEAL),
    ("11359", True, 17, "ELIGIBLE", INFR, INFR, INFR),
    ("11359", True, 30, "ELIGIBLE", MISD, MISD, MISD),
    ("11360(a)", True, 17, "ELIGIBLE", INFR, INFR, INFR),
    ("11360(a)", True, 19, "ELIGIBLE", MISD, MISD, MISD),
    ("11360(a)", True, 30, "ELIGIBLE", MISD, MISD, SEAL),
    ("11360(b)", False, 19, "ELIGIBLE", INFR, INFR, INFR),
    ("11360(b)", False, 30, "ELIGIBLE", SEAL, SEAL, SEAL),
]


def of_line(line: tuple[Any, ...]) -> dict[str, Any]:
    return {"prop64_form": line[0], "felony_stated": line[1], "birth_date": AGES[line[2]]}


ask("prop64", map(of_line, TABLE))


@pytest.mark.parametrize("line", TABLE, ids=[f"{line[0]}-{line[2]}-{line[1]}" for line in TABLE])
def test_prop64_outcome_table(line: tuple[str, bool, int | None, str, str, str, str | None]) -> None:
    *_, outcome, relief, floor, ceiling = line
    got = one("prop64", **of_line(line))
    assert (got["outcome"], got["relief"], got["floor"]) == (outcome, relief, floor)
    assert ceiling is None or got["ceiling"] == ceiling
    assert got["policy"] == "statute-only"
    assert got["legal_basis"] == "statute"


def infraction(form: str, age: int | None) -> dict[str, Any]:
    return {"prop64_form": form, "felony_stated": False, "severity": "I", "birth_date": AGES[age]}


INFRACTIONS = ("11357(b)", "11360(b)")
ask("prop64", [infraction(form, age) for form in INFRACTIONS for age in AGES])


@pytest.mark.parametrize("form", INFRACTIONS)
@pytest.mark.parametrize(
    ("age", "outcome"), [(17, "INELIGIBLE"), (19, "INELIGIBLE"), (30, "ELIGIBLE"), (None, "REVIEW")]
)
def test_prop64_makes_no_infraction_of_an_infraction(form: str, age: int | None, outcome: str) -> None:
    got = one("prop64", **infraction(form, age))
    assert (got["outcome"], got["relief"]) == (outcome, SEAL if outcome == "ELIGIBLE" else "NONE")


HITS = ["superstrike_prior", "pc290_prior", "two_section_priors"]


@pytest.mark.parametrize("fact", HITS)
def test_prop64_disqualifiers_send_adults_to_review_where_the_new_offense_may_be_a_felony(fact: str) -> None:
    forms = ["11358", "11359", "11360(a)", "11357(a)", "11357(b)", "11360(b)"]
    adults = decide("prop64", [{"prop64_form": form, fact: True} for form in forms])
    assert [row["outcome"] for row in adults[:3]] == ["REVIEW"] * 3
    assert {row["rule"] for row in adults[:3]}.issubset({"d1_superstrike", "d2_pc290", "d3_unsettled"})
    assert not {row["rule"] for row in adults[3:]} & {"d1_superstrike", "d2_pc290", "d3_unsettled"}
    minors = decide("prop64", [{"prop64_form": form, fact: True, "birth_date": AGES[17]} for form in forms])
    assert {row["rule"] for row in minors} == {"under_18"}


def test_prop64_companions_count_for_their_own_forms_only() -> None:
    asked = [("companion_environmental", "11358"), ("companion_minor", "11359"), ("companion_minor", "11360(a)"),
             ("import_text", "11360(a)")]  # fmt: skip
    rows = decide("prop64", [{"prop64_form": form, fact: True} for fact, form in asked])
    assert [row["rule"] for row in rows] == ["d4_environmental", "d5_minor", "d5_minor", "d7_import"]
    others = [("companion_environmental", "11359"), ("companion_minor", "11358"), ("import_text", "11359")]
    rows = decide("prop64", [{"prop64_form": form, fact: True} for fact, form in others])
    assert {row["outcome"] for row in rows} == {"ELIGIBLE"}


def test_prop64_offense_date_decides_and_a_late_conviction_alone_does_not() -> None:
    rows = decide(
        "prop64",
        [
            {"offense_date": "2016-11-08", "conviction_date": "2016-11-08"},
            {"offense_date": "2016-11-09", "conviction_date": "2017-01-01"},
            {"offense_date": "2016-11-08", "conviction_date": "2017-01-01"},
            {"offense_date": None, "conviction_date": "2017-01-01"},
        ],
    )
    assert [row["outcome"] for row in rows] == ["ELIGIBLE", "INELIGIBLE", "REVIEW", "REVIEW"]
    assert rows[3]["missing_facts"].split("; ")[:1] == ["offense_date"]


def test_prop64_large_possession_names_the_destruction_that_is_due() -> None:
    rows = decide("prop64", [{"prop64_form": "11357(c)", "destruction_due": due} for due in (True, False, None)])
    assert [row["rule"] for row in rows] == ["possession_large_destroy", "possession_large", "possession_large"]
    assert "destruction" in rows[0]["reason"]


# --- Proposition 47 --------------------------------------------------------------------------------------------------


PROP47_CASES = [
    ({}, "decidable", f"ELIGIBLE {MISD}"),
    ({"prop47_class": "value", "section": "487"}, "value_unknown", "REVIEW"),
    ({"superstrike_ever": True}, "superstrike", "INELIGIBLE"),
    ({"pc290_ever": True, "prop47_class": "value"}, "pc290", "INELIGIBLE"),
    ({"felony_stated": False}, "not_felony", "INELIGIBLE"),
    ({"offense_date": "2014-11-05"}, "offense_after_act", "INELIGIBLE"),
    ({"section": "470", "identity_theft_in_case": True}, "forgery_identity_theft", "INELIGIBLE"),
    ({"relation": "attempt"}, "related_offense", "REVIEW"),
    ({"prop47_relief_granted": True}, "already_relieved", "ALREADY_RELIEVED"),
    ({"federal_court": True}, "federal_court", "REVIEW"),
    ({"federal_court": True, "felony_stated": False}, "federal_court", "REVIEW"),
]
ask("prop47", [change for change, *_ in PROP47_CASES])


@pytest.mark.parametrize(("change", "rule", "outcome"), PROP47_CASES)
def test_prop47(change: dict[str, Any], rule: str, outcome: str) -> None:
    assert verdict(one("prop47", **change)) == (rule, outcome)


def test_prop47_time_limit_by_version() -> None:
    days = ["2014-11-05", "2022-11-04", "2022-11-05", "2023-10-09", "2023-10-10"]
    outcomes = [one("prop47", as_of=day)["outcome"] for day in days]
    assert outcomes == ["ELIGIBLE", "ELIGIBLE", "REVIEW", "REVIEW", "ELIGIBLE"]
    assert decide("prop47", [{}], as_of="2014-11-04") == []


# --- automatic conviction relief -------------------------------------------------------------------------------------

FAILED = {"probation_revoked": True}
UNCLEAR = {"felony_now": None, "reduction_unclear": True, "probation_granted": False}
NO_PROBATION = {"probation_granted": False, "felony_now": False, "sentence_end_date": "2010-12-15"}


CONVICTIONS = [
    ({}, "limb_1", "ELIGIBLE RELIEF_GRANTED"),
    ({"felony_now": False}, "limb_1", "ELIGIBLE RELIEF_GRANTED"),
    (NO_PROBATION, "limb_2", "ELIGIBLE RELIEF_GRANTED"),
    (FAILED, "limb_3", "ELIGIBLE RELIEF_GRANTED"),
    ({**FAILED, "felony_now": False}, "misdemeanor_probation_failed", "INELIGIBLE"),
    ({**FAILED, "state_prison": True}, "limb_3", "ELIGIBLE RELIEF_GRANTED"),
    ({"state_prison": True}, "prison_bars_limbs_1_and_2", "INELIGIBLE"),
    ({**FAILED, "serious_listed": True}, "limb_3_excluded", "INELIGIBLE"),
    ({"serious_listed": True}, "limb_1_listed", "REVIEW"),
    ({"serious_listed": None}, "limb_1_listed", "REVIEW"),
    ({**FAILED, "serious_listed": None}, "limb_3_excluded", "INELIGIBLE"),
    ({**FAILED, "new_felony_since": True, "new_felony_date": "2016-01-01"}, "limb_3_new_felony", "INELIGIBLE"),
    ({**FAILED, "new_felony_since": True, "new_felony_date": "2020-01-01"}, "limb_3_later_felony", "REVIEW"),
    ({"conviction_date": "1972-12-31"}, "before_1973", "INELIGIBLE"),
    ({"registration_on_record": True}, "registered", "INELIGIBLE"),
    ({"california_court": False}, "no_california_court", "REVIEW"),
    ({"california_court": None}, "no_california_court", "REVIEW"),
    ({"california_court": None, "pending_charge": True}, "no_california_court", "REVIEW"),
    ({"supervision_violation": True}, "supervision_violation", "INELIGIBLE"),
    ({"supervision_violation": None}, "supervision_violation", "INELIGIBLE"),
    ({"pc290_listed": True}, "registrable", "INELIGIBLE"),
    ({"serving_other": True}, "serving", "INELIGIBLE"),
    ({"serving_other": None}, "serving", "INELIGIBLE"),
    ({"serious_listed": True, "sentence_end_date": "2025-02-01"}, "limb_1_listed_not_yet", "NOT_YET"),
    ({"serious_listed": None, "sentence_end_date": "2025-02-01"}, "limb_1_listed_not_yet", "NOT_YET"),
    ({**FAILED, "state_prison": True, "sentence_end_date": "2019"}, "limb_3", "ELIGIBLE RELIEF_GRANTED"),
    ({**FAILED, "state_prison": True, "sentence_end_date": "2021"}, "limb_3_not_yet", "NOT_YET"),
    ({**UNCLEAR, "sentence_end_date": "2010-12-15"}, "reduction_unclear", "REVIEW"),
    ({**UNCLEAR, "sentence_end_date": "2022-01-15"}, "limb_3_not_yet", "NOT_YET"),
    ({**UNCLEAR, "sentence_end_date": "2010-12-15", "serious_listed": True}, "limb_3_excluded", "INELIGIBLE"),
    ({**UNCLEAR, "probation_granted": True, **FAILED}, "misdemeanor_probation_failed", "INELIGIBLE"),
    ({**UNCLEAR, "probation_granted": True}, "limb_1", "ELIGIBLE RELIEF_GRANTED"),
    ({"pending_charge": True}, "pending", "INELIGIBLE"),
    ({"relief_prohibited": True}, "prohibited", "INELIGIBLE"),
    ({"relief_prohibited": None}, "prohibited", "INELIGIBLE"),
    ({"srf": "active"}, "supervised", "INELIGIBLE"),
    ({"sentence_told": False, "sentence_end_date": None}, "sentence_untold", "INELIGIBLE"),
    ({"conviction_relief_granted": True}, "already_relieved", "ALREADY_RELIEVED"),
    ({"history_complete": False, "serving_other": None}, "history_incomplete", "REVIEW"),
]
ask("conviction_relief", [change for change, *_ in CONVICTIONS])


@pytest.mark.parametrize(("change", "rule", "outcome"), CONVICTIONS)
def test_conviction_relief(change: dict[str, Any], rule: str, outcome: str) -> None:
    assert verdict(one("conviction_relief", **change))[1] == outcome
    if None not in change.values():
        assert verdict(one("conviction_relief", **change))[0] == rule


def test_conviction_relief_before_the_felony_limb() -> None:
    rows = decide("conviction_relief", [{}, FAILED, {"state_prison": True}, NO_PROBATION], as_of="2024-09-30")
    assert [row["rule"] for row in rows] == ["limb_1", "no_limb_before_2024", "prison", "limb_2"]
    assert one("conviction_relief", as_of="2024-10-01", **FAILED)["rule"] == "limb_3"
    assert decide("conviction_relief", [{}], as_of="2022-06-30") == []


def test_without_the_supervised_release_file_nobody_is_eligible_and_what_would_be_is_told() -> None:
    unknown = {"srf_known": False, "srf": None}
    changes = [{}, {"sentence_end_date": "2025-02-01"}, {"serving_other": True}]
    rows = decide("conviction_relief", [change | unknown for change in changes])
    assert [row["outcome"] for row in rows] == ["REVIEW", "REVIEW", "INELIGIBLE"]
    assert [row["missing_facts"] for row in rows[:2]] == ["srf", "srf"]
    assert [row["outcome_if_clear"] for row in rows] == ["ELIGIBLE", "NOT_YET", None]
    assert rows[1]["eligible_on"] == dt.date(2025, 2, 1)


ONLY_TIME = [
    ({"sentence_end_date": "2025-02-01"}, "limb_1_not_yet", dt.date(2025, 2, 1)),
    ({"sentence_end_date": "2025-02-01", "last_sentence_end_date": "2025-02-01"}, "limb_1_not_yet",
     dt.date(2025, 2, 1)),
    ({**NO_PROBATION, "conviction_date": "2024-02-29", "sentence_end_date": "2024-03-30"}, "limb_2_not_yet",
     dt.date(2025, 3, 1)),
    ({**FAILED, "sentence_end_date": "2022-02-01"}, "limb_3_not_yet", dt.date(2026, 2, 1)),
]  # fmt: skip
ask("conviction_relief", [change for change, *_ in ONLY_TIME])


@pytest.mark.parametrize(("change", "rule", "day"), ONLY_TIME)
def test_where_only_time_stands_in_the_way_it_says_until_when(change: dict[str, Any], rule: str, day: dt.date) -> None:
    got = one("conviction_relief", **change)
    assert (*verdict(got), got["eligible_on"]) == (rule, "NOT_YET", day)
    before = one("conviction_relief", as_of=str(day - dt.timedelta(days=1)), **change)
    assert before["outcome"] == "NOT_YET"
    after = one("conviction_relief", as_of=str(day), **change)
    assert after["outcome"] == "ELIGIBLE"


def test_no_day_is_promised_that_the_rules_would_not_keep() -> None:
    """Of a listed felony nobody knows whether the day will come; of parole that is not told, when."""
    parole = {**FAILED, "state_prison": True, "sentence_end_date": "2021"}
    for change in ({"serious_listed": True, "sentence_end_date": "2025-02-01"}, parole):
        got = one("conviction_relief", **change)
        assert (got["outcome"], got["eligible_on"]) == ("NOT_YET", None)
    listed = one("conviction_relief", as_of="2025-02-01", serious_listed=True, sentence_end_date="2025-02-01")
    assert verdict(listed) == ("limb_1_listed", "REVIEW")


# Another sentence of the person, beside one's own that is over and one that runs, for each limb.
OVER, RUNS = {"serving_other": True}, {"serving_other": True, "sentence_end_date": "2025-02-01"}
YOUNG = {**NO_PROBATION, "conviction_date": "2024-06-01", "sentence_end_date": "2024-07-01"}


OTHER_SENTENCES = [
    (OVER, "2026-05-01", "INELIGIBLE", dt.date(2026, 5, 1)),
    (OVER, "2025-01-16", "INELIGIBLE", dt.date(2025, 1, 16)),
    (OVER, "2026", "INELIGIBLE", None),
    (OVER, None, "INELIGIBLE", None),
    (RUNS, "2025-01-31", "NOT_YET", dt.date(2025, 2, 1)),
    (RUNS, "2025-02-01", "NOT_YET", dt.date(2025, 2, 1)),
    (RUNS, "2025-02-02", "NOT_YET", dt.date(2025, 2, 2)),
    (RUNS, "2028-02-29", "NOT_YET", dt.date(2028, 2, 29)),
    (RUNS, "2025", "NOT_YET", None),
    (RUNS, None, "NOT_YET", None),
    (OVER | NO_PROBATION, "2026-05-01", "INELIGIBLE", dt.date(2026, 5, 1)),
    (OVER | YOUNG, "2025-03-01", "INELIGIBLE", dt.date(2025, 6, 1)),
    (OVER | YOUNG, "2025-08-31", "INELIGIBLE", dt.date(2025, 8, 31)),
    (OVER | FAILED, "2026-05-01", "INELIGIBLE", dt.date(2026, 5, 1)),
    (RUNS | FAILED | {"sentence_end_date": "2025-02-01"}, "2029-01-31", "NOT_YET", dt.date(2029, 2, 1)),
    (RUNS | FAILED | {"sentence_end_date": "2025-02-01"}, "2029-02-02", "NOT_YET", dt.date(2029, 2, 2)),
    # More than time stands in the way.
    (OVER | {"pending_charge": True}, "2026-05-01", "INELIGIBLE", None),
    (OVER | {"serious_listed": True}, "2026-05-01", "INELIGIBLE", None),
    (OVER | {"probation_revoked": None}, "2026-05-01", "INELIGIBLE", None),
    (OVER | {"srf": "active"}, "2026-05-01", "INELIGIBLE", None),
]
ask("conviction_relief", [{**change, "last_sentence_end_date": last} for change, last, *_ in OTHER_SENTENCES])


@pytest.mark.parametrize(("change", "last", "outcome", "day"), OTHER_SENTENCES)
def test_no_day_is_named_before_another_sentence_is_over(
    change: dict[str, Any], last: str | None, outcome: str, day: dt.date | None
) -> None:
    got = one("conviction_relief", **change, last_sentence_end_date=last)
    assert (got["outcome"], got["eligible_on"]) == (outcome, day)
    if day is not None:
        assert {"serving", "limb_1", "limb_2", "limb_3"} & set(got["rests_on"].split("; ")) > {"serving"}
        then = {**change, "serving_other": False, "last_sentence_end_date": last}
        assert one("conviction_relief", as_of=str(day), **then)["outcome"] == "ELIGIBLE"


def test_a_sentence_that_ended_on_a_day_that_is_not_known_stands_in_no_days_way() -> None:
    got = one("conviction_relief", **YOUNG, last_sentence_end_date="2024")
    assert (got["outcome"], got["eligible_on"]) == ("NOT_YET", dt.date(2025, 6, 1))


def test_a_proposed_law_decides_only_where_it_is_asked_for() -> None:
    stale = {"pending_charge": True, "latest_pending_date": "2020-01-01"}
    untold = {"sentence_told": False, "sentence_end_date": None, "serving_any": None, "serving_other": None}
    enacted = decide("conviction_relief", [stale, untold])
    assert [row["outcome"] for row in enacted] == ["INELIGIBLE", "INELIGIBLE"]
    proposed = decide("conviction_relief", [stale, untold], variant=True)
    assert [row["outcome"] for row in proposed] == ["ELIGIBLE", "ELIGIBLE"]
    assert {row["remedy_version"] for row in enacted} == {"2024-10-01"}
    assert {row["remedy_version"] for row in proposed} == {"2024-10-01+sb834"}


# --- automatic arrest relief -----------------------------------------------------------------------------------------

ACQUITTED = {"proceedings_initiated": True, "all_acquitted": True, "all_favorable": True}
DISMISSED = {"proceedings_initiated": True, "all_dismissed": True, "all_favorable": True}


ARRESTS = [
    (DISMISSED, "ar_a", "ELIGIBLE RELIEF_GRANTED"),
    ({**DISMISSED, "is_felony_arrest": True}, "filed_felony", "INELIGIBLE"),
    ({}, "ar_b", "ELIGIBLE RELIEF_GRANTED"),
    (ACQUITTED, "ar_b", "ELIGIBLE RELIEF_GRANTED"),
    ({"is_felony_arrest": True}, "ar_c", "ELIGIBLE RELIEF_GRANTED"),
    ({**ACQUITTED, "is_felony_arrest": True}, "ar_c", "ELIGIBLE RELIEF_GRANTED"),
    ({"is_felony_arrest": None}, "ar_c", "ELIGIBLE RELIEF_GRANTED"),
    ({"is_felony_arrest": True, "arrest_date": "2020-01-01"}, "ar_c_not_yet", "NOT_YET"),
    ({"arrest_date": "2024-06-01"}, "ar_b_not_yet", "NOT_YET"),
    ({"has_conviction": True}, "convicted", "INELIGIBLE"),
    ({"of_other_case": True}, "other_case", "REVIEW"),
    ({**DISMISSED, "of_other_case": True}, "other_case", "REVIEW"),
    ({"federal_agency": True}, "federal_agency", "REVIEW"),
    ({**DISMISSED, "federal_agency": True}, "federal_agency", "REVIEW"),
    ({"repeat_elsewhere": True}, "repeat_elsewhere", "REVIEW"),
    ({"repeat_elsewhere": True, "has_conviction": True}, "convicted", "INELIGIBLE"),
    ({"tried_elsewhere": True}, "tried_elsewhere", "REVIEW"),
    ({"tried_elsewhere": True, "has_conviction": True}, "convicted", "INELIGIBLE"),
    ({"of_other_case": True, "has_conviction": True}, "convicted", "INELIGIBLE"),
    ({"of_other_case": True, "supervision_violation": True}, "supervision_violation", "INELIGIBLE"),
    ({"diversion_completed": True, "proceedings_initiated": True}, "ar_d", "REVIEW"),
    ({"proceedings_initiated": True, "all_favorable": True}, "mixed", "REVIEW"),
    ({"proceedings_initiated": True}, "no_case", "INELIGIBLE"),
    ({"arrest_date": "1972-12-31"}, "before_1973", "INELIGIBLE"),
    ({"arrest_relief_granted": True}, "already_relieved", "ALREADY_RELIEVED"),
]
ask("arrest_relief", [change for change, *_ in ARRESTS])


@pytest.mark.parametrize(("change", "rule", "outcome"), ARRESTS)
def test_arrest_relief(change: dict[str, Any], rule: str, outcome: str) -> None:
    assert verdict(one("arrest_relief", **change)) == (rule, outcome)


def test_arrest_relief_before_the_felony_limb() -> None:
    rows = decide("arrest_relief", [{}, {"is_felony_arrest": True}, {"is_felony_arrest": None}], as_of="2024-09-30")
    assert [row["outcome"] for row in rows] == ["ELIGIBLE", "REVIEW", "INELIGIBLE"]


def test_silence_of_the_record_is_not_granted() -> None:
    for fact in ("proceedings_initiated", "has_conviction"):
        got = one("arrest_relief", **{fact: None})
        assert (got["outcome"], got["missing_facts"], got["reason"]) == ("INELIGIBLE", fact, f"Not on record: {fact}")
    got = one("arrest_relief", of_other_case=None)  # at least, a person looks
    assert (got["outcome"], got["missing_facts"]) == ("REVIEW", "of_other_case")


# --- law 2: blanking any one fact never makes eligible, never adds relief --------------------------------------------

DAYS = ["1991-05-05", "1996", "2010-06-15", "2016-11-09", "2020-02-29", "2024", None]


def rows_near(clear: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Cases that differ from the clear one here and there."""
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name, value in clear.items():
        if name.startswith("in_prop") or name == "county":
            continue
        if isinstance(value, bool) and name not in ("serving_told", "srf_known", "sentence_told"):
            fields[name] = st.sampled_from([value] * 6 + [not value, None])
        elif name.endswith("_date"):
            fields[name] = st.sampled_from([value] * 4 + DAYS)
    if "prop64_form" in clear:
        fields["prop64_form"] = st.sampled_from([line[0] for line in TABLE] + [None])
    return st.fixed_dictionaries(fields)


@pytest.mark.parametrize("remedy", CLEAR)
@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_blanking_any_fact_never_helps(remedy: str, data: st.DataObject) -> None:
    cases = []
    for row in data.draw(st.lists(rows_near(CLEAR[remedy]), min_size=6, max_size=6)):
        names = [name for name in row if row[name] is not None]
        changes = [row, *({**row, name: None} for name in names)]
        changes += [{**row, name: row[name][:4]} for name in names if name.endswith("_date") and len(row[name]) == 10]
        cases.append(changes)
    order = ["NONE", *REMEDIES[remedy].reliefs]
    decided = iter(decide(remedy, itertools.chain(*cases)))
    for changes in cases:
        before, *blanked = itertools.islice(decided, len(changes))
        assert len(blanked) == len(changes) - 1
        for after in blanked:
            if after["outcome"] == "ELIGIBLE":
                assert before["outcome"] == "ELIGIBLE"
            assert order.index(after["relief"]) <= order.index(before["relief"])
            assert order.index(after["floor"]) <= order.index(before["floor"])
            assert order.index(after["ceiling"]) >= order.index(before["ceiling"])
