"""The predecessor's options file, read strictly, and the policy's own file."""

import json
from pathlib import Path
from typing import Any

import pytest

from clearslate.errors import LawError, UsageError
from clearslate.law.policy import Policy, load_policy

SAMPLE = Path(__file__).parents[1] / "data" / "sacramento_example" / "options.json"
AGE = "SubjectAgeThreshold should be between 40 and 65, or 0"
SINCE = "YearsSinceConvictionThreshold should be between 1 and 15, or 0"
FREE = "YearsCrimeFreeThreshold should be between 1 and 15, or 0"


def load(tmp_path: Path, options: Any) -> Policy:
    file = tmp_path / "options.json"
    file.write_text(options if isinstance(options, str) else json.dumps(options, indent=2))
    return load_policy(file)


def with_relief(**relief: Any) -> dict[str, Any]:
    return {"baselineEligibility": {"dismiss": ["11357"], "reduce": []}, "additionalRelief": relief}


def test_without_a_file_the_defaults_of_the_predecessors_screens_hold() -> None:
    policy = load_policy()
    assert dict(policy.values) == {
        "dismiss": ("11357", "11358", "11359", "11360"),
        "reduce": (),
        "subject_under_21_at_conviction": False,
        "subject_age_threshold": 0,
        "years_since_conviction_threshold": 5,
        "years_crime_free_threshold": 5,
        "subject_has_only_prop64_charges": True,
        "subject_is_deceased": False,
    }
    assert policy.describe() == [
        "Clear My Record, configurable (default settings)",
        "Felonies dismissed, by section: 11357, 11358, 11359, 11360",
        "Felonies reduced, by section: none",
        "Dismiss if under 21 at conviction: no",
        "Dismiss from this age, in years: off",
        "Dismiss this many years after the conviction: 5",
        "Dismiss after this many years without a conviction: 5",
        "Dismiss if all convictions are Prop 64: yes",
        "Dismiss if deceased: no",
    ]


def test_the_predecessors_own_file_is_accepted_and_what_it_leaves_out_is_off() -> None:
    assert dict(load_policy(SAMPLE).values) == {
        "dismiss": ("11357", "11358"),
        "reduce": ("11359", "11360"),
        "subject_under_21_at_conviction": True,
        "subject_age_threshold": 57,
        "years_since_conviction_threshold": 10,
        "years_crime_free_threshold": 0,
        "subject_has_only_prop64_charges": True,
        "subject_is_deceased": True,
    }


@pytest.mark.parametrize(
    ("key", "good", "bad", "message"),
    [
        ("subjectAgeThreshold", (0, 40, 57, 65), (-1, 1, 39, 66), AGE),
        ("yearsSinceConvictionThreshold", (0, 1, 15), (-1, 16), SINCE),
        ("yearsCrimeFreeThreshold", (0, 1, 15), (-1, 16), FREE),
    ],
)
def test_ranges_and_their_exact_messages(
    key: str, good: tuple[int, ...], bad: tuple[int, ...], message: str, tmp_path: Path
) -> None:
    for value in good:
        load(tmp_path, with_relief(**{key: value}))
    for value in bad:
        with pytest.raises(LawError) as caught:
            load(tmp_path, with_relief(**{key: value}))
        assert str(caught.value) == f"options.json:9: `additionalRelief.{key}`: {message}"


@pytest.mark.parametrize(
    ("options", "line", "message"),
    [
        ({"baselineEligiblity": {}}, 2, "unknown key `baselineEligiblity`"),
        (with_relief(subjectIsDecesed=True), 9, "unknown key `additionalRelief.subjectIsDecesed`"),
        ({"baselineEligibility": {"dismiss": ["11362"]}}, 3, "`11362` is unknown"),
        ({"baselineEligibility": {"reduce": ["11357(a)"]}}, 3, "`11357(a)` is unknown"),
        ({"baselineEligibility": {"dismiss": ["11357"], "reduce": ["11357"]}}, 7, "`11357` stands in both"),
        ({"baselineEligibility": {"dismiss": ["11357", "11357"]}}, 3, "`11357` stands twice"),
        ({"baselineEligibility": {"dismiss": "11357"}}, 3, "must be a list of texts"),
        ({"baselineEligibility": {"dismiss": [11357]}}, 3, "must be a list of texts"),
        ({"baselineEligibility": []}, 2, "`baselineEligibility` must be an object"),
        (with_relief(subjectIsDeceased="yes"), 9, "must be true or false"),
        (with_relief(subjectIsDeceased=1), 9, "must be true or false"),
        (with_relief(subjectIsDeceased=None), 9, "must be true or false"),
        (with_relief(subjectAgeThreshold=True), 9, "must be a whole number"),
        (with_relief(subjectAgeThreshold=50.5), 9, "must be a whole number"),
        (with_relief(subjectAgeThreshold="50"), 9, "must be a whole number"),
        ('{"additionalRelief": {"subjectIsDeceased": true,\n"subjectIsDeceased": false}}', 2, "stands twice"),
        ('{"additionalRelief":\n', 2, "not valid JSON"),
        ("[]", 1, "expected an object"),
        ("{}", 1, "no options"),
        ("", 1, "not valid JSON"),
        ("[" * 100_000, 1, "not valid JSON"),
        ('{"additionalRelief": ' + "9" * 5_000 + "}", 1, "not valid JSON"),
    ],
)
def test_a_fault_is_named_with_file_and_line(options: Any, line: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(LawError) as caught:
        load(tmp_path, options)
    assert str(caught.value).startswith(f"options.json:{line}: "), str(caught.value)
    assert message in str(caught.value)


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^options\.json: cannot be read"):
        load_policy(tmp_path / "options.json")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "options.json"
    file.write_bytes(b"\xef\xbb\xbf" + SAMPLE.read_bytes())
    assert load_policy(file).values == load_policy(SAMPLE).values


def test_the_hash_follows_the_settings_and_not_their_layout(tmp_path: Path) -> None:
    options = json.loads(SAMPLE.read_text())
    hashes = {load_policy(SAMPLE).hash}
    options["baselineEligibility"]["dismiss"].reverse()
    hashes.add(load(tmp_path, dict(reversed(options.items()))).hash)
    assert len(hashes) == 1
    options["additionalRelief"]["subjectAgeThreshold"] = 58
    hashes |= {load(tmp_path, options).hash, load_policy().hash}
    assert len(hashes) == 3


def test_what_the_review_files_print() -> None:
    assert load_policy().texts() == [
        (None, "ELIGIBLE", "DISMISS_SEAL", "Eligible for Dismissal"),
        (None, "ELIGIBLE", "REDESIGNATE_MISD", "Eligible for Reduction"),
        (None, "REVIEW", None, "Hand Review"),
        (None, "INELIGIBLE", None, ""),
        (None, "ALREADY_RELIEVED", None, "Already Relieved"),
    ]


POLICY = """\
id: mine
title: Mine
authority: Us
remedy: prop64
parameters:
  years:
    label: Years
    option: relief.years
    type: integer
    default: 5
    absent: 0
    allowed: ["0", "1-15"]
    message: Years should be between 1 and 15, or 0
    cite: Us
prints: {REVIEW: Look}
rules:
  - {id: only, then: REVIEW, reason: "", cite: Us, confidence: high}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("id: mine", "id: yours", 1, "must be the file's name"),
        ("title: Mine\n", "", 1, "missing key `title`"),
        ("    cite: Us\n", "", 7, "missing key `cite`"),
        ("default: 5", "default: 16", 10, "Years should be between 1 and 15, or 0"),
        ("absent: 0", "absent: none", 11, "expected a whole number"),
        ("type: integer", "type: number", 9, "`number` is none of flag, integer, list"),
        ("type: integer", "type: flag", 7, "belong to every integer and list"),
        ('["0", "1-15"]', '["0", "1 to 15"]', 12, "ranges are written"),
        ("{REVIEW: Look}", "{HAND: Look}", 15, "`HAND` is no outcome"),
        ("{REVIEW: Look}", "{ELIGIBLE: Look}", 15, "`ELIGIBLE` is no outcome"),
        ("cite: Us, confidence", "confidence", 17, "missing key `cite`"),
        ("then: REVIEW", "then: PERHAPS", 17, "`PERHAPS` is no outcome"),
        ("prints:", "candidates: {when: a}\nprints:", 15, "missing key `cite`"),
        ("prints:", "unknown_quantity: 1\nprints:", 15, "expected text"),
        (
            "cite: Us, conf",
            "prints: Ours, missing: [a], cite: Us, conf",
            17,
            "prints what its policy prints for REVIEW",
        ),
        (
            "id: only, then",
            "id: first, then: REVIEW, reason: '', cite: Us, confidence: high}\n  - {id: only, then",
            18,
            "`only` is never reached: `first` before it is always true",
        ),
    ],
)
def test_a_fault_of_the_policy_file_is_named(old: str, new: str, line: int, message: str, tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    file = tmp_path / "policies" / "mine.yaml"
    file.write_text(POLICY)
    load_policy(name="mine", root=tmp_path)
    assert old in POLICY
    file.write_text(POLICY.replace(old, new, 1))
    with pytest.raises(LawError) as caught:
        load_policy(name="mine", root=tmp_path)
    assert str(caught.value).startswith(f"mine.yaml:{line}: "), str(caught.value)
    assert message in str(caught.value)


def test_a_policy_may_say_nothing_at_all(tmp_path: Path) -> None:
    policy = load_policy(name="statute-only")
    assert (policy.rules, policy.parameters, policy.candidates, policy.unknown_quantity) == ((), (), None, None)
    (tmp_path / "options.json").write_text("{}")
    with pytest.raises(UsageError, match=r"options\.json: the policy statute-only takes no options"):
        load_policy(tmp_path / "options.json", name="statute-only")


def test_a_policy_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="there is no policy 'los angeles'; there are: clear-my-record, "):
        load_policy(name="los angeles")


def test_a_rule_may_have_a_text_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    file = tmp_path / "policies" / "mine.yaml"
    file.write_text(POLICY.replace("confidence: high}", "confidence: high, prints: Ask}"))
    texts = load_policy(name="mine", root=tmp_path).texts()
    assert texts == [(None, "REVIEW", None, "Look"), ("only", "REVIEW", None, "Ask")]
