"""Predicates and facts in plain words."""

import re
from datetime import date

import pytest

from clearslate.contracts import Column, Contract, load_contracts
from clearslate.explain.words import Vocabulary, say_days, say_outcome, say_period, say_predicate, say_rule
from clearslate.law.dates import Period
from clearslate.law.policy import load_policy, policy_names
from clearslate.law.remedy import load_remedies
from clearslate.law.table import build_table

COLUMNS = {
    "is_felony": ("BOOLEAN", "Whether the severity is F; NULL where unknown"),
    "after_as_of": ("BOOLEAN", "Whether it is dated after the as-of date"),
    "section": ("VARCHAR", "Section of the offense"),
    "birth_date": ("DATE", "Birth date"),
    "conviction_date": ("DATE", "Day of the step that convicts"),
    "n_convictions": ("BIGINT", "Convictions"),
}
CONTRACT = Contract(
    "facts", "x", "", None, (), tuple(Column(name, kind, told, False) for name, (kind, told) in COLUMNS.items())
)


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(CONTRACT)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("is_felony", "the severity is F"),
        ("not is_felony", "it is not so that the severity is F"),
        ("section = '1'", "the section is 1"),
        ("section <> '1'", "the section is not 1"),
        ("section in ('1', '2')", "the section is one of 1, 2"),
        ("section in (dismiss)", "the section is one of 3, 4"),
        ("section in (reduce)", "the section is one of none"),
        ("n_convictions >= 2", "the n convictions is at least 2"),
        ("n_convictions < few", "the n convictions is less than 3"),
        ("conviction_date >= date '2005-01-01'", "the conviction date is not before 2005-01-01"),
        ("conviction_date between date '2005-01-01' and as_of",
         "the conviction date is between 2005-01-01 and the as-of date"),
        ("birth_date + interval '21' year > conviction_date",
         "the day 21 years after the birth date is after the conviction date"),
        ("birth_date + interval '{few}' month <= as_of",
         "the day 3 months after the birth date is not after the as-of date"),
        ("is_felony and (after_as_of or section = '1')",
         "the severity is F, and (it is dated after the as-of date, or the section is 1)"),
        ("is_felony and after_as_of and section = '1'",
         "the severity is F, and it is dated after the as-of date, and the section is 1"),
        ("not (is_felony and after_as_of)",
         "it is not so that (the severity is F, and it is dated after the as-of date)"),
    ],
)  # fmt: skip
def test_a_predicate_in_words(vocabulary: Vocabulary, text: str, said: str) -> None:
    values = {"dismiss": ("3", "4"), "reduce": (), "few": 3}
    assert say_predicate(text, vocabulary, values) == said


def test_a_fact_that_is_denied_is_said_in_its_own_words() -> None:
    told = "Whether its CNT_ORDER can be read"
    contract = Contract(
        "facts", "x", "", None, (), (Column("order_known", "BOOLEAN", told, False, denied="it can't be read"),)
    )
    assert say_predicate("not order_known", Vocabulary(contract), {}) == "it can't be read"


def test_days_as_far_as_they_are_known() -> None:
    first, last = date(2001, 1, 1), date(2001, 12, 31)
    assert say_days(first, first) == "2001-01-01"
    assert say_days(first, last) == "between 2001-01-01 and 2001-12-31"
    assert say_days(first, None) == "not before 2001-01-01"
    assert say_days(None, last) == "not after 2001-12-31"
    assert say_days(None, None) == "unknown"


def test_facts_of_a_row(vocabulary: Vocabulary) -> None:
    row = {"is_felony": False, "section": None, "n_convictions": 2, "birth_date_least": date(1970, 1, 1)}
    values = [vocabulary.value(fact, row) for fact in ("is_felony", "section", "n_convictions", "birth_date")]
    assert values == ["no", "unknown", "2", "not before 1970-01-01"]


def test_periods() -> None:
    assert say_period(Period(years=1, months=6)) == "1 year and 6 months"
    assert say_period(Period()) == ""


def test_outcomes() -> None:
    assert say_outcome("NOT_YET", "NONE", date(2030, 3, 1), None) == (
        "Not yet eligible. If nothing else happens, it becomes eligible on 2030-03-01."
    )
    assert "says nothing against it, it is eligible as the records stand." in say_outcome(
        "REVIEW", "NONE", None, "ELIGIBLE"
    )
    assert say_outcome("ELIGIBLE", "NEW_RELIEF", None, None) == "Eligible: new relief."


@pytest.mark.parametrize("name", policy_names())
def test_every_rule_of_the_law_can_be_said(name: str) -> None:
    policy = load_policy(name=name)
    for remedy in load_remedies():
        contract = load_contracts()[f"facts.{remedy.kind}"]
        table = build_table(remedy, policy, contract.types)
        for row in table.rows:
            said = say_rule(row.rule, row.clock, Vocabulary(contract), {**remedy.values, **policy.values})
            assert said
            assert not {"NULL", "None", "{"} & set(said.replace("{", " { ").split()), row.rule.id


@pytest.mark.parametrize("name", policy_names())
def test_no_rule_denies_a_fact_without_words_for_it(name: str) -> None:
    policy = load_policy(name=name)
    for remedy in load_remedies():
        contract = load_contracts()[f"facts.{remedy.kind}"]
        for row in build_table(remedy, policy, contract.types).rows:
            said = say_rule(row.rule, row.clock, Vocabulary(contract), {**remedy.values, **policy.values})
            assert not re.search(r"it is not so that [^(]", said), row.rule.id
