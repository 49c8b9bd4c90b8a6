"""The law book is what the rules say, and names rules that exist."""

from pathlib import Path

from clearslate.law.book import render
from clearslate.law.lists import load_list
from clearslate.law.policy import load_policy, policy_names
from clearslate.law.remedy import load_remedies

ROOT = Path(__file__).resolve().parents[2]


def known_rules() -> set[str]:
    named = {f"{remedy.id}.{rule.id}" for remedy in load_remedies() for rule in (*remedy.before, *remedy.after)}
    return named | {f"{name}.{rule.id}" for name in policy_names() for rule in load_policy(name=name).rules}


def test_docs_law_is_up_to_date() -> None:
    assert (ROOT / "docs" / "law.md").read_text("utf-8") == render(), "run `make docs`"


def test_points_for_counsel_name_rules_that_exist() -> None:
    points = load_list("counsel").fillna("")
    named = {rule for rules in points["rules"] for rule in rules.split()}
    assert named - known_rules() == set()
    assert list(points["rank"]) == [str(number) for number in range(1, len(points) + 1)]


def test_every_rule_of_low_confidence_is_a_point_for_counsel() -> None:
    named = {rule for rules in load_list("counsel").fillna("")["rules"] for rule in rules.split()}
    low = {
        f"{remedy.id}.{rule.id}"
        for remedy in load_remedies()
        for rule in (*remedy.before, *remedy.after)
        if rule.confidence == "low"
    }
    assert low <= named


def test_every_rule_is_in_the_book_with_its_authority() -> None:
    book = render()
    for remedy in load_remedies():
        for rule in (*remedy.before, *remedy.after):
            assert f" {rule.id}: {rule.outcome}" in book
            assert f"- authority: {rule.citation}\n" in book
