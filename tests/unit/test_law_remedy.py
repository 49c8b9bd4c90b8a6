"""Remedy files are read strictly: what isn't understood is an error that names file and line."""

from pathlib import Path

import pytest

from clearslate.errors import LawError, UsageError
from clearslate.law.predicates import Choice
from clearslate.law.remedy import load_remedies, load_remedy

GOOD = """\
id: relief
title: Relief
authority: Some Act
versions:
  - {version: "1", effective_from: 2016-11-09, effective_to: 2020-12-31, enacted: true}
candidates:
  kind: conviction
  when: listed
  cite: Some Act
relief: [REDESIGNATE_MISD, DISMISS_SEAL]
on_unknown:
  default: {do: review, cite: Some Act}
  facts:
    birth_date: {do: deny, cite: Some Act}
rules:
  - id: first
    when: a
    then: REVIEW
    reason: Because
    cite: Some Act
    confidence: low
  - insert: policy_rules
  - id: no_rule
    then: INELIGIBLE
    reason: ""
    cite: Some Act
    confidence: high
"""


def load(tmp_path: Path, text: str) -> None:
    file = tmp_path / "relief.yaml"
    file.write_text(text)
    load_remedy(file)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    load(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("title: Relief", "titel: Relief", 2, "unknown key `titel`"),
        ("title: Relief\n", "", 1, "missing key `title`"),
        ("title: Relief", "title: Relief\ntitle: Again", 3, "`title` stands twice"),
        ("title: Relief", "title: 7", 2, "expected text"),
        ("title: Relief", "title: ' '", 2, "must not be blank"),
        ("title: Relief", "title: [Relief]", 2, "expected a single value"),
        ("title: Relief", "title: Re: lief", 2, "not valid YAML"),
        ("id: relief", "id: Relief", 1, "not a name"),
        ("kind: conviction", "kind: person", 7, "`person` is none of conviction, arrest"),
        ("effective_from: 2016-11-09", "effective_from: 2016", 5, "expected a date"),
        ("effective_to: 2020-12-31", "effective_to: 2010-12-31", 5, "ends before it begins"),
        ("enacted: true", "enacted: 1", 5, "expected true or false"),
        ("enacted: true", "enacted: false", 5, "no version is enacted"),
        (
            "candidates:",
            '  - {version: "2", effective_from: 2020-12-31, effective_to: null, enacted: true}\ncandidates:',
            6,
            "versions `1` and `2` overlap",
        ),
        (
            "candidates:",
            '  - {version: "1", effective_from: 2022-01-01, effective_to: null, enacted: true}\ncandidates:',
            6,
            "stands twice",
        ),
        ("[REDESIGNATE_MISD, DISMISS_SEAL]", "[DISMISS_SEAL, DISMISS_SEAL]", 10, "stands twice"),
        ("[REDESIGNATE_MISD, DISMISS_SEAL]", "[]", 10, "the list is empty"),
        ("do: deny", "do: guess", 14, "`guess` is none of review, deny, presume"),
        ("  default: {do: review, cite: Some Act}\n", "", 12, "missing key `default`"),
        ("    reason: Because\n    cite: Some Act\n", "    reason: Because\n", 16, "missing key `cite`"),
        ("    then: REVIEW", "    then: MAYBE", 18, "`MAYBE` is no outcome"),
        ("    then: REVIEW", "    then: REVIEW DISMISS_SEAL", 18, "carries no relief"),
        ("    then: REVIEW", "    then: ELIGIBLE", 18, "must name one relief"),
        ("    then: REVIEW", "    then: ELIGIBLE DISMISS_SEAL", 18, "low confidence"),
        ("    confidence: low", "    confidence: sure", 21, "`sure` is none of"),
        ("    then: INELIGIBLE", "    then: ELIGIBLE FREEDOM", 23, "grants `FREEDOM`"),
        ("  - id: first\n    when: a\n", "  - id: first\n", 22, "never reached: `first` before it is always true"),
        ("id: no_rule", "id: first", 23, "rule id `first` stands twice"),
        ("  - id: no_rule\n", "  - insert: policy_rules\n  - id: no_rule\n", 23, "stands twice"),
        ("insert: policy_rules", "insert: rules", 22, "`rules` is none of policy_rules"),
        ("  - id: no_rule\n", "  - id: no_rule\n    when: b\n", 16, "the last rule must be a default"),
        ("    when: a\n", "    when: a\n    missing: [b]\n    then2: x\n", 19, "unknown key `then2`"),
        ("    when: a\n", "    wait: {from: a}\n", 17, "missing key `add`"),
        ("    when: a\n", "    when: a\n    examples: {fires: [], fails: []}\n", 18, "the list is empty"),
        ("  - id: no_rule\n", "  - id: no_rule\n    if: years > 0\n", 16, "the last rule must be a default"),
        ("  - id: no_rule\n", "  - id: no_rule\n    in: ['1']\n", 16, "the last rule must be a default"),
        ("then: INELIGIBLE", "then: INELIGIBLE\n    missing: [a]", 25, "only a rule that ends in REVIEW"),
        ("then: INELIGIBLE", "then: INELIGIBLE\n    awaits: a", 25, "only a rule that ends in REVIEW"),
        ("then: INELIGIBLE", "then: ELIGIBLE DISMISS_SEAL\n    until: a", 25, "only a rule that stands in the way"),
        ("    when: a\n", "    in: ['1', '1']\n", 17, "version `1` stands twice"),
        ("    when: a\n", "    in: []\n", 17, "the list is empty"),
        ("    when: a\n", "    if: late\n    awaits: a\n", 18, "a rule that awaits an input needs a test"),
        ("    when: a\n", "    when: a\n    prints: Look\n", 16, "`prints` stands in a policy's rules"),
        ("then: INELIGIBLE", "then: INELIGIBLE\n    ceiling: DISMISS_SEAL", 25, "has a range of relief"),
        ("    when: a\n", "    when: a\n    ceiling: FREEDOM\n", 18, "`FREEDOM` is none of NONE, REDES"),
        (
            "    when: a\n",
            "    when: a\n    floor: DISMISS_SEAL\n    ceiling: REDESIGNATE_MISD\n",
            16,
            "not in the order NONE, REDESIGNATE_MISD, DISMISS_SEAL",
        ),
        (
            "then: INELIGIBLE",
            "then: ELIGIBLE DISMISS_SEAL\n    ceiling: REDESIGNATE_MISD",
            23,
            "not in the order NONE, REDESIGNATE_MISD, DISMISS_SEAL",
        ),
    ],
)
def test_a_fault_is_named_with_file_and_line(old: str, new: str, line: int, message: str, tmp_path: Path) -> None:
    assert old in GOOD
    with pytest.raises(LawError) as caught:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert str(caught.value).startswith(f"relief.yaml:{line}: "), str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a: !!python/object:os.system x\n", b"- 1\n", b"a: \x07\n"])
def test_what_is_no_such_file_at_all_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "relief.yaml"
    file.write_bytes(content)
    with pytest.raises(LawError, match=r"^relief\.yaml"):
        load_remedy(file)


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^relief\.yaml: cannot be read"):
        load_remedy(tmp_path / "relief.yaml")


def test_two_remedies_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "remedies").mkdir()
    for name in ("one", "two"):
        (tmp_path / "remedies" / f"{name}.yaml").write_text(GOOD)
    with pytest.raises(LawError, match=r"two\.yaml:1: remedy `relief` stands in one\.yaml too"):
        load_remedies(tmp_path)


PARAMETERS = """\
parameters:
  stale_years:
    value: 0
    unit: years
    cite: Some Act
    variants:
      - {id: sb1, value: 3, enacted: false, cite: A bill}
  quantity:
    value: floor
    unit: choice
    allowed: [floor, ceiling]
    cite: Some Act
rules:
"""


def test_parameters_and_their_variants(tmp_path: Path) -> None:
    (tmp_path / "remedies").mkdir()
    (tmp_path / "remedies" / "relief.yaml").write_text(GOOD.replace("rules:\n", PARAMETERS, 1))
    (enacted,) = load_remedies(tmp_path)
    (bill,) = load_remedies(tmp_path, variants=["sb1"])
    quantity = Choice("floor", ("floor", "ceiling"))
    assert (enacted.values, enacted.variants) == ({"stale_years": 0, "quantity": quantity}, ())
    assert (bill.values, bill.variants) == ({"stale_years": 3, "quantity": quantity}, ("sb1",))
    with pytest.raises(UsageError, match="no remedy has a variant 'sb2'; there are: sb1"):
        load_remedies(tmp_path, variants=["sb1", "sb2"])


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("value: 0", "value: -1", 17, "is 0 (none) or more"),
        ("value: 0", "value: 1.5", 17, "expected a whole number"),
        ("unit: years", "unit: decades", 18, "`decades` is none of years, months, days, choice, flag"),
        ("unit: years", "unit: flag", 21, "expected true or false"),
        ("    unit: years\n", "    unit: years\n    allowed: [a]\n", 17, "`allowed` belongs to every choice"),
        ("    allowed: [floor, ceiling]\n", "", 23, "`allowed` belongs to every choice"),
        ("value: floor", "value: flor", 23, "`flor` is none of floor, ceiling"),
        ("enacted: false", "enacted: true", 21, "a variant is not enacted"),
        (", cite: A bill", "", 21, "missing key `cite`"),
        ("value: 3", "value: three", 21, "expected a whole number"),
        ("  quantity:", "      - {id: sb1, value: 4, enacted: false, cite: A bill}\n  quantity:", 22, "stands twice"),
        ("  quantity:", "  as_of:", 23, "`as_of` has a meaning of its own"),
        ("  quantity:", "  by_county:", 23, "`by_county` has a meaning of its own"),
    ],
)
def test_a_fault_of_a_parameter_is_named(old: str, new: str, line: int, message: str, tmp_path: Path) -> None:
    assert old in PARAMETERS
    with pytest.raises(LawError) as caught:
        load(tmp_path, GOOD.replace("rules:\n", PARAMETERS.replace(old, new, 1), 1))
    assert str(caught.value).startswith(f"relief.yaml:{line}: "), str(caught.value)
    assert message in str(caught.value)


def test_a_remedy_on_which_no_county_has_a_say(tmp_path: Path) -> None:
    file = tmp_path / "relief.yaml"
    file.write_text(GOOD.replace("  - insert: policy_rules\n", ""))
    remedy = load_remedy(file)
    assert ([rule.id for rule in remedy.before], remedy.after, remedy.takes_policy) == (["first", "no_rule"], (), False)
