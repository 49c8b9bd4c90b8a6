"""Court profiles: those that are there, and every mistake that one may hold."""

import shutil
from pathlib import Path

import pytest

from clearslate.court.profile import check_profiles, load_profile
from clearslate.errors import LawError
from clearslate.law.lists import rules_root
from clearslate.settings import county_names


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the profiles that may be spoilt."""
    shutil.copytree(rules_root() / "courts" / "profiles", tmp_path / "courts" / "profiles")
    return tmp_path


def write(rules: Path, text: str, name: str = "yolo") -> None:
    head = "county: YOLO\nconfidence: low\nsource: nobody\n"
    (rules / "courts" / "profiles" / f"{name}.yaml").write_text(head + text)


def test_every_profile_can_be_read_and_every_county_has_one():
    assert {"default", "los-angeles", "san-francisco", "san-joaquin", "sacramento", "contra-costa"} <= set(
        check_profiles()
    )
    plain = load_profile("ALPINE")
    assert (plain.id, plain.court_name) == ("default", "Superior Court of California, County of Alpine")
    assert (plain.canary_lines, plain.case_hold, plain.sends_undecided, plain.court_file) == (50, False, False, None)
    assert len({load_profile(county).hash for county in county_names()}) == len(check_profiles())


@pytest.mark.parametrize(
    ("county", "kind", "ours", "theirs"),
    [
        ("LOS ANGELES", "court_case_number", "BA 123456-01", "BA123456"),
        ("LOS ANGELES", "defendant_no", "BA 123456-01", "01"),
        ("LOS ANGELES", "court_case_number", "9XY01234", "9XY01234"),
        ("SAN FRANCISCO", "superior_number", "SCN 123456", "123456"),
        ("SAN FRANCISCO", "municipal_number", "MCN 1234567", "1234567"),
        ("SAN FRANCISCO", "municipal_number", "SCN 123456", ""),
        ("SAN JOAQUIN", "court_case_number", "STKCRFE20141234", "STK-CR-FE-2014-0001234"),
        ("SAN JOAQUIN", "court_case_number", "SF 123456 A", "SF123456A"),
        ("SACRAMENTO", "court_case_number", "99 F 1234", "99F01234"),
        ("CONTRA COSTA", "court_case_number", "5-123456-7", "05-123456-7"),
        ("CONTRA COSTA", "court_case_number", "UNHEARD OF", ""),
    ],
)
def test_case_numbers_are_put_into_the_court_s_form(county, kind, ours, theirs):
    assert load_profile(county).number(kind, ours) == theirs


def test_a_court_s_row_keeps_a_number_that_nobody_can_read_and_translates_the_action():
    profile = load_profile("LOS ANGELES")
    line = dict.fromkeys(("case_number", "count_no", "statute_code", "statute_section", "action_code"), "")
    line |= {"name_last": "", "name_first": "", "line_no": "7", "action_key": "K"}
    row = profile.court_row(line | {"case_number": "?77", "action_code": "DISMISS_SEAL"})
    told = dict(zip((column.heading for column in profile.columns), row, strict=True))
    assert (told["CASE NUMBER"], told["DEF NO"], told["ACTION"]) == ("?77", "", "DISMISS AND SEAL")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("canary_lines: -1", "yaml:4: must be 0 or more"),
        ("max_lines_per_batch: 0", "1 or more"),
        ("batches_per_day: 0", "1 or more"),
        ("batches_per_day: many", "whole number"),
        ("case_hold: perhaps", "none of hold, send"),
        ("undecided: never", "none of wait, send"),
        ("canary: 5", "unknown key `canary`"),
        ("case_numbers: {}", "missing key `court_case_number`"),
        ("case_numbers: {court_case_number: [{pattern: '(', form: x}]}", "no regular expression"),
        ("case_numbers: {court_case_number: [{pattern: 'x', form: '{1}'}]}", "does not have"),
        ("case_numbers: {court_case_number: [{pattern: '(x)', form: '{1.__class__}'}]}", "no other brace"),
        ("case_numbers: {court_case_number: [], line_no: []}", "no column of the package"),
        ("columns: [{heading: A, from: line_no}]", "action_key must be among"),
        ("columns: [{heading: A, from: action_key}, {heading: A, from: line_no}]", "stands twice"),
        ("columns: [{heading: A, from: birth_date}]", "none of batch_id"),
        ("codes: {DISMISS_SEAL: '=1'}", "a spreadsheet would run"),
        ("forms: 1", "true or false"),
        ("prosecutor: {fax: '1'}", "unknown key `fax`"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(rules, text, told):
    write(rules, text + "\n")
    with pytest.raises(LawError) as caught:
        load_profile("YOLO", root=rules)
    assert told in str(caught.value) and str(caught.value).startswith("yolo.yaml:")


def test_a_number_that_a_spreadsheet_would_run_is_not_made(rules):
    write(rules, "case_numbers: {court_case_number: [{pattern: '(x)?(\\d+)', form: '{1}-{2}'}]}\n")
    assert load_profile("YOLO", root=rules).number("court_case_number", "77") == ""


def test_a_profile_is_called_by_its_county(rules):
    write(rules, "", name="sacramento")
    with pytest.raises(LawError, match="asks for `SACRAMENTO`"):
        load_profile("SACRAMENTO", root=rules)
    shutil.copy(rules / "courts" / "profiles" / "default.yaml", rules / "courts" / "profiles" / "atlantis.yaml")
    with pytest.raises(LawError, match="no county's folder"):
        check_profiles(root=rules)
