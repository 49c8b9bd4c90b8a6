"""Prop 64 under the Clear My Record policy, as compiled from `rules/`: screens, the ten rules, their boundary days."""

import calendar
import datetime as dt
import itertools
import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearslate.law.compile import compile_remedy
from clearslate.law.policy import Policy, load_policy
from clearslate.law.remedy import load_remedies
from clearslate.run import fact_columns

(PROP64,) = [remedy for remedy in load_remedies() if remedy.id == "prop64"]
FACTS = fact_columns([PROP64])["conviction"]
DATES = [name for name in FACTS if f"{name}_least" in FACTS]

OFF = {
    "baselineEligibility": {"dismiss": [], "reduce": []},
    "additionalRelief": {
        "subjectUnder21AtConviction": False,
        "subjectHasOnlyProp64Charges": False,
        "subjectIsDeceased": False,
        "subjectAgeThreshold": 0,
        "yearsSinceConvictionThreshold": 0,
        "yearsCrimeFreeThreshold": 0,
    },
}
EVERYTHING = {
    "baselineEligibility": {"dismiss": ["11357"], "reduce": ["11359"]},
    "additionalRelief": {
        "subjectUnder21AtConviction": True,
        "subjectHasOnlyProp64Charges": True,
        "subjectIsDeceased": True,
        "subjectAgeThreshold": 57,
        "yearsSinceConvictionThreshold": 5,
        "yearsCrimeFreeThreshold": 5,
    },
}

CLEAR: dict[str, Any] = {
    "in_prop64_scope": True,
    "prop64_predecessor": False,
    "after_as_of": False,
    "prop64_relief_granted": False,
    "history_complete": True,
    "identity_conflict": False,
    "possible_repeat": False,
    "order_known": True,
    "statute_certain": True,
    "relation": "none",
    "aggravated_form": False,
    "disposition_conflict": False,
    "juvenile_court": False,
    "federal_court": False,
    "section": "11358",
    "is_felony": True,
    "all_convictions_prop64": False,
    "is_deceased": False,
    "birth_date": "1990-01-01",
    "conviction_date": "2018-01-01",
    "latest_conviction_date": "2018-01-01",
    "conviction_event": "conviction event",
    "prop64_relief_event": "relief event",
    "latest_conviction_event": "latest event",
}
"""A conviction that passes every screen and on which no rule of EVERYTHING fires."""


def options(tmp_path: Path, content: dict[str, Any], **relief: Any) -> Policy:
    file = tmp_path / "options.json"
    file.write_text(json.dumps(content | {"additionalRelief": content["additionalRelief"] | relief}))
    return load_policy(file)


def span(value: object) -> tuple[str | None, str | None]:
    """First and last possible day of a date as an example gives it: exact, `1985`, `1985-03`, or None."""
    text = "" if value is None else str(value)
    if len(text) == 4:
        return f"{text}-01-01", f"{text}-12-31"
    if len(text) == 7:
        return f"{text}-01", f"{text}-{calendar.monthrange(int(text[:4]), int(text[5:]))[1]}"
    return text or None, text or None


def columns_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its dates spread over their companions."""
    filled = {name: value for name, value in row.items() if name not in DATES}
    for name in DATES:
        least, most = span(row.get(name))
        filled |= {f"{name}_least": least, f"{name}_most": most, name: least if least == most else None}
    return filled


def run(sql: str, rows: Iterable[Mapping[str, Any]], as_of: str) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.execute("create schema facts")
        connection.execute(f"create table facts.conviction ({', '.join(f'{n} {t}' for n, t in FACTS.items())})")
        values = [
            [{**columns_of(row), "conviction_id": f"{number:06}"}.get(name) for name in FACTS]
            for number, row in enumerate(rows)
        ]
        connection.executemany(f"insert into facts.conviction values ({', '.join('?' for _ in FACTS)})", values)
        result = connection.execute(sql, {"as_of": as_of, "rule_set": "hash"})
        names = [column[0] for column in result.description or []]
        found = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return sorted(found, key=lambda row: str(row.get("candidate_id", row.get("conviction_id"))))


def determine(policy: Policy, *changes: Mapping[str, Any], as_of: str = "2019-11-11") -> list[dict[str, Any]]:
    return run(
        compile_remedy(PROP64, policy, {"conviction": FACTS}), [CLEAR | dict(change) for change in changes], as_of
    )


def one(policy: Policy, as_of: str = "2019-11-11", **change: Any) -> dict[str, Any]:
    (row,) = determine(policy, change, as_of=as_of)
    return row


# --- screens ---------------------------------------------------------------------------------------------------------

SCREENS = [
    ("after_as_of", {"after_as_of": True}, "INELIGIBLE", "conviction event"),
    ("already_relieved", {"prop64_relief_granted": True}, "ALREADY_RELIEVED", "relief event"),
    ("history_incomplete", {"history_complete": False}, "REVIEW", None),
    ("identity_conflict", {"identity_conflict": True}, "REVIEW", None),
    ("possible_repeat", {"possible_repeat": True}, "REVIEW", None),
    ("order_unknown", {"order_known": False}, "REVIEW", None),
    ("predecessor", {"prop64_predecessor": True}, "REVIEW", "conviction event"),
    ("statute_uncertain", {"statute_certain": False}, "REVIEW", None),
    ("conspiracy", {"relation": "conspiracy"}, "INELIGIBLE", "conviction event"),
    ("related_offense", {"relation": "attempt"}, "REVIEW", "conviction event"),
    ("aggravated_form", {"aggravated_form": True}, "REVIEW", "conviction event"),
    ("disposition_conflict", {"disposition_conflict": True}, "REVIEW", None),
    ("juvenile_court", {"juvenile_court": True}, "REVIEW", "conviction event"),
    ("federal_court", {"federal_court": True}, "REVIEW", "conviction event"),
]


@pytest.mark.parametrize(("rule", "change", "outcome", "event"), SCREENS, ids=[screen[0] for screen in SCREENS])
def test_a_screen_stands_before_the_policy(rule: str, change: dict[str, Any], outcome: str, event: str | None) -> None:
    got = one(load_policy(), section="11357", **change)
    assert (got["rule"], got["outcome"], got["relief"], got["legal_basis"]) == (rule, outcome, "NONE", "statute")
    assert got["floor"] == "NONE"
    assert got["ceiling"] == ("DISMISS_SEAL" if outcome == "REVIEW" else "NONE")
    assert got["blocking_event"] == event


def test_screens_come_in_this_order() -> None:
    changes: list[dict[str, Any]] = []
    for _, change, _, _ in reversed(SCREENS):
        changes.insert(0, {**(changes[0] if changes else {}), **change})
    decided = [row["rule"] for row in determine(load_policy(), *changes)]
    assert decided == [screen[0] for screen in SCREENS]


@pytest.mark.parametrize("screen", SCREENS, ids=[screen[0] for screen in SCREENS])
def test_a_screen_whose_fact_is_unknown_sends_to_review_and_names_it(
    screen: tuple[str, dict[str, Any], str, str],
) -> None:
    (fact,) = screen[1]
    got = one(load_policy(), **{fact: None})
    assert (got["outcome"], got["missing_facts"]) == ("REVIEW", fact)
    assert got["reason"] == f"Unknown: {fact}"
    assert got["citation"].startswith("docs/decisions.md")
    assert (got["floor"], got["ceiling"]) == ("NONE", "DISMISS_SEAL")


def test_a_screen_that_fires_for_lack_of_knowledge_says_what_is_missing() -> None:
    rows = determine(load_policy(), {"history_complete": False}, {"order_known": False}, {"statute_certain": False})
    assert [row["missing_facts"] for row in rows] == ["history_complete", "order_known", "section"]


def test_what_is_out_of_scope_or_may_be_is_no_candidate() -> None:
    assert determine(load_policy(), {"in_prop64_scope": False}, {"in_prop64_scope": None}) == []


# --- the ten rules ---------------------------------------------------------------------------------------------------

TEN = [
    ("not_felony", {"is_felony": False}, {"is_felony": None}, "DISMISS_SEAL", "Misdemeanor or Infraction"),
    ("dismiss_section", {"section": "11357"}, {"section": None}, "DISMISS_SEAL", "Dismiss all HS 11357 convictions"),
    ("under_21", {"birth_date": "1999-01-01"}, {"birth_date": None}, "DISMISS_SEAL", "21 years or younger"),
    ("older_than_threshold", {"birth_date": "1960-01-01"}, {"birth_date": None}, "DISMISS_SEAL", "57 years or older"),
    (
        "long_ago",
        {"conviction_date": "2013-01-01"},
        {"conviction_date": None},
        "DISMISS_SEAL",
        "Conviction occurred 5 or more years ago",
    ),
    (
        "crime_free",
        {"latest_conviction_date": "2013-01-01"},
        {"latest_conviction_date": None},
        "DISMISS_SEAL",
        "No convictions in the past 5 years",
    ),
    (
        "only_prop64",
        {"all_convictions_prop64": True},
        {"all_convictions_prop64": None},
        "DISMISS_SEAL",
        "Only has 11357-60 charges",
    ),
    ("deceased", {"is_deceased": True}, {"is_deceased": None}, "DISMISS_SEAL", "Individual is deceased"),
    (
        "reduce_section",
        {"section": "11359"},
        {"section": None},
        "REDESIGNATE_MISD",
        "Reduce all HS 11359 convictions",
    ),
]
IDS = [row[0] for row in TEN]


@pytest.mark.parametrize(("rule", "fires", "unknown", "relief", "reason"), TEN, ids=IDS)
def test_a_rule_that_fires_decides_with_the_exact_reason(
    rule: str, fires: dict[str, Any], unknown: dict[str, Any], relief: str, reason: str, tmp_path: Path
) -> None:
    got = one(options(tmp_path, EVERYTHING), **fires)
    assert (got["outcome"], got["relief"], got["rule"], got["reason"]) == ("ELIGIBLE", relief, rule, reason)
    assert (got["floor"], got["ceiling"], got["missing_facts"]) == (relief, relief, None)
    assert (got["legal_basis"], got["policy"], got["blocking_event"]) == ("county_policy", "clear-my-record", None)


@pytest.mark.parametrize(("rule", "fires", "unknown", "relief", "reason"), TEN, ids=IDS)
def test_a_rule_whose_fact_is_unknown_sends_to_review(
    rule: str, fires: dict[str, Any], unknown: dict[str, Any], relief: str, reason: str, tmp_path: Path
) -> None:
    got = one(options(tmp_path, EVERYTHING), **unknown)
    assert (got["outcome"], got["relief"], got["floor"]) == ("REVIEW", "NONE", "NONE")
    assert got["ceiling"] == relief or rule == "reduce_section"
    assert got["missing_facts"] == next(iter(unknown))


def test_rule_10_no_rule_fires(tmp_path: Path) -> None:
    policy = options(tmp_path, EVERYTHING)
    got = one(policy)
    assert (got["outcome"], got["relief"], got["rule"], got["reason"]) == ("INELIGIBLE", "NONE", "no_rule", "")
    assert policy.prints[(got["outcome"], None)] == ""


def test_a_rule_that_is_switched_off_never_fires_and_asks_for_nothing(tmp_path: Path) -> None:
    policy = options(tmp_path, OFF)
    asked = {"section": None, "birth_date": None, "conviction_date": None, "latest_conviction_date": None}
    unknown = {**asked, "all_convictions_prop64": None, "is_deceased": None}
    assert [row["rule"] for row in determine(policy, unknown, {}, *(row[1] for row in TEN[1:]))] == ["no_rule"] * 10


def test_the_rules_come_in_the_predecessors_order(tmp_path: Path) -> None:
    policy = options(tmp_path, EVERYTHING | {"baselineEligibility": {"dismiss": ["11357"], "reduce": ["11359"]}})
    changes: list[dict[str, Any]] = []
    for _, fires, _, _, _ in reversed(TEN):
        changes.insert(0, {**(changes[0] if changes else {}), **fires})
    # One date of birth can't make someone both under 21 then and 57 now unless the conviction is as old.
    changes[2] = {**changes[2], "birth_date": "1960-01-01", "conviction_date": "1980-01-01"}
    changes[1] = {**changes[2], "section": "11357"}
    changes[0] = {**changes[1], "is_felony": False}
    assert [row["rule"] for row in determine(policy, *changes)] == IDS


# --- boundary days ---------------------------------------------------------------------------------------------------


def only(tmp_path: Path, **relief: Any) -> Policy:
    return options(tmp_path, OFF, **relief)


def around(day: str) -> list[str]:
    return [str(dt.date.fromisoformat(day) + dt.timedelta(days=shift)) for shift in (-1, 0, 1)]


def fired(policy: Policy, fact: str, days: Iterable[str], **rest: Any) -> list[bool]:
    as_of = rest.pop("as_of", "2019-11-11")
    rows = determine(policy, *({fact: day, **rest} for day in days), as_of=as_of)
    return [row["outcome"] == "ELIGIBLE" for row in rows]


def test_rule_3_under_21_ends_on_the_21st_birthday(tmp_path: Path) -> None:
    policy = only(tmp_path, subjectUnder21AtConviction=True)
    found = fired(policy, "conviction_date", around("2011-06-15"), birth_date="1990-06-15")
    assert found == [True, False, False]
    born_on_leap_day = fired(policy, "conviction_date", around("2001-03-01"), birth_date="1980-02-29")
    assert born_on_leap_day == [True, False, False]


def test_rule_4_age_is_reached_on_the_birthday(tmp_path: Path) -> None:
    policy = only(tmp_path, subjectAgeThreshold=57)
    assert fired(policy, "birth_date", around("1962-11-11")) == [True, True, False]
    leap = [fired(policy, "birth_date", ["1964-02-29"], as_of=day)[0] for day in around("2021-03-01")]
    assert leap == [False, True, True]


def test_rule_5_years_since_the_conviction_are_inclusive(tmp_path: Path) -> None:
    policy = only(tmp_path, yearsSinceConvictionThreshold=5)
    assert fired(policy, "conviction_date", around("2014-11-11")) == [True, True, False]
    leap = [fired(policy, "conviction_date", ["2012-02-29"], as_of=day)[0] for day in around("2017-03-01")]
    assert leap == [False, True, True]


def test_rule_6_years_without_a_conviction_are_exclusive(tmp_path: Path) -> None:
    policy = only(tmp_path, yearsCrimeFreeThreshold=5)
    assert fired(policy, "latest_conviction_date", around("2014-11-11")) == [True, False, False]
    leap = [fired(policy, "latest_conviction_date", ["2012-02-29"], as_of=day)[0] for day in around("2017-03-01")]
    assert leap == [False, False, True]


@pytest.mark.parametrize(
    ("relief", "fact"),
    [
        ({"subjectAgeThreshold": 57}, "birth_date"),
        ({"yearsSinceConvictionThreshold": 5}, "conviction_date"),
        ({"yearsCrimeFreeThreshold": 5}, "latest_conviction_date"),
    ],
)
def test_eligible_on_is_the_day_on_which_a_threshold_will_be_reached(
    relief: dict[str, int], fact: str, tmp_path: Path
) -> None:
    policy = only(tmp_path, **relief)
    got = one(policy, **{fact: "2016-02-29"})
    assert got["outcome"] == "INELIGIBLE"
    day = str(got["eligible_on"])
    before, then, _ = around(day)
    assert [fired(policy, fact, ["2016-02-29"], as_of=as_of)[0] for as_of in (before, then)] == [False, True]


def test_eligible_on_is_the_earliest_that_brings_more(tmp_path: Path) -> None:
    policy = options(tmp_path, EVERYTHING)
    rows = determine(policy, {}, {"section": "11359"}, {"section": "11357"}, {"identity_conflict": True})
    assert [str(row["eligible_on"]) for row in rows] == ["2023-01-01", "2023-01-01", "None", "None"]


# --- the predecessor's faults at this level (predecessors.md, section 2) ---------------------------------------------


def test_b4_an_unknown_date_never_makes_anyone_eligible(tmp_path: Path) -> None:
    """Predecessor: year 1, hence eligible under every one of these rules. Here: review, unless the year says enough."""
    since = only(tmp_path, yearsSinceConvictionThreshold=5)
    rows = determine(since, {"conviction_date": "2018"}, {"conviction_date": None}, {"conviction_date": "2014"})
    assert [(row["outcome"], row["missing_facts"]) for row in rows] == [
        ("INELIGIBLE", None),
        ("REVIEW", "conviction_date"),
        ("REVIEW", "conviction_date"),
    ]
    free = only(tmp_path, yearsCrimeFreeThreshold=5)
    assert one(free, latest_conviction_date=None)["missing_facts"] == "latest_conviction_date"
    # 2000 Prop 64 and a robbery dated 20190000: the predecessor saw no conviction in five years.
    assert one(free, conviction_date="2000-01-01", latest_conviction_date="2019")["outcome"] == "INELIGIBLE"
    young = only(tmp_path, subjectUnder21AtConviction=True)
    assert one(young, conviction_date=None)["missing_facts"] == "conviction_date"
    old = only(tmp_path, subjectAgeThreshold=57)
    assert one(old, birth_date=None)["missing_facts"] == "birth_date"
    assert one(old, birth_date="1970")["outcome"] == "INELIGIBLE"


def test_b4_a_partial_date_decides_where_its_year_is_enough(tmp_path: Path) -> None:
    policy = only(tmp_path, yearsSinceConvictionThreshold=5)
    got = one(policy, conviction_date="2013")
    assert (got["outcome"], got["rule"], got["missing_facts"]) == ("ELIGIBLE", "long_ago", None)
    assert one(policy, conviction_date="2014-10")["outcome"] == "ELIGIBLE"
    assert one(policy, conviction_date="2014-11")["outcome"] == "REVIEW"
    assert one(policy, conviction_date="2014-12")["outcome"] == "INELIGIBLE"


def test_b5_the_day_of_the_act_changes_nothing_under_this_policy(tmp_path: Path) -> None:
    """The predecessor disagreed with itself about 9 Nov 2016; the policy has no rule on it, before or after."""
    policy = options(tmp_path, OFF | {"baselineEligibility": {"dismiss": ["11359"], "reduce": []}})
    days = [*around("2016-11-09"), "2016-11-10"]
    rows = determine(policy, *({"section": "11359", "conviction_date": day} for day in days))
    assert {(row["outcome"], row["relief"], row["rule"]) for row in rows} == {
        ("ELIGIBLE", "DISMISS_SEAL", "dismiss_section")
    }


def test_b13_unknown_severity_is_no_misdemeanor(tmp_path: Path) -> None:
    """Predecessor: `Misdemeanor or Infraction`, dismissed. Here it matters only where a felony would get less."""
    policy = options(tmp_path, EVERYTHING)
    rows = determine(policy, {"is_felony": None, "section": "11359"}, {"is_felony": None, "section": "11357"})
    assert [(row["outcome"], row["rule"], row["missing_facts"]) for row in rows] == [
        ("REVIEW", "not_felony", "is_felony"),
        ("ELIGIBLE", "dismiss_section", None),
    ]
    assert (rows[0]["floor"], rows[0]["ceiling"]) == ("REDESIGNATE_MISD", "DISMISS_SEAL")


def test_b13c_a_section_in_neither_list_has_a_determination(tmp_path: Path) -> None:
    policy = options(tmp_path, EVERYTHING)
    got = one(policy, section="11360")
    assert (got["outcome"], got["rule"], got["reason"]) == ("INELIGIBLE", "no_rule", "")


# --- law 2 on random rows --------------------------------------------------------------------------------------------

BOOLEANS = [name for name, value in CLEAR.items() if isinstance(value, bool) and name != "in_prop64_scope"]
RELIEF_ORDER = ["NONE", "REDESIGNATE_MISD", "REDESIGNATE_INFR", "DISMISS_SEAL"]


@given(
    st.fixed_dictionaries(
        {
            **{name: st.sampled_from([CLEAR[name]] * 6 + [None, not CLEAR[name]]) for name in BOOLEANS},
            **{
                name: st.sampled_from(["1959-05-05", "1985", "1999-02-28", "2014-11-11", "2014", "2018-03-04", None])
                for name in ("birth_date", "conviction_date", "latest_conviction_date")
            },
            "section": st.sampled_from(["11357", "11358", "11359", "11360", None]),
            "relation": st.sampled_from(["none"] * 6 + ["attempt", "conspiracy", None]),
        }
    )
)
@settings(max_examples=25, deadline=None)
def test_blanking_any_fact_never_makes_eligible_and_never_adds_relief(row: dict[str, Any]) -> None:
    names = [name for name in row if row[name] is not None]
    changes = [row, *({**row, name: None} for name in names)]
    year_only = [name for name in names if name.endswith("_date") and len(str(row[name])) == 10]
    changes += [{**row, name: row[name][:4]} for name in year_only]
    before, *blanked = run(SQL_EVERYTHING, [CLEAR | change for change in changes], "2019-11-11")
    for after in blanked:
        if after["outcome"] == "ELIGIBLE":
            assert before["outcome"] == "ELIGIBLE"
        assert RELIEF_ORDER.index(after["relief"]) <= RELIEF_ORDER.index(before["relief"])
        assert RELIEF_ORDER.index(after["floor"]) <= RELIEF_ORDER.index(before["floor"])
        assert RELIEF_ORDER.index(after["ceiling"]) >= RELIEF_ORDER.index(before["ceiling"])


def sql_of(content: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        return compile_remedy(PROP64, options(Path(folder), content), {"conviction": FACTS})


SQL_EVERYTHING = sql_of(EVERYTHING)


def test_every_candidate_has_exactly_one_determination() -> None:
    values = [(True, False, None)] * 5
    names = ("is_felony", "identity_conflict", "order_known", "all_convictions_prop64", "is_deceased")
    rows = [CLEAR | dict(zip(names, combination, strict=True)) for combination in itertools.product(*values)]
    found = run(SQL_EVERYTHING, rows, "2019-11-11")
    assert len(found) == len({row["candidate_id"] for row in found}) == len(rows)
    assert {row["as_of"] for row in found} == {dt.date(2019, 11, 11)}
    assert {(row["remedy"], row["remedy_version"], row["path"]) for row in found} == {
        ("prop64", "2016-11-09", "unknown")
    }
