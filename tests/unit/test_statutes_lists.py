"""Statutes against law lists: what is read back from any spelling, and what stands on a list."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearslate.law.lists import load_list
from clearslate.statutes import match_list, match_named_list, parse_offenses

MATCHED = (
    "superstrikes",
    "pc290",
    "prop64_scope",
    "prop47_sections",
    "serious_felonies",
    "violent_felonies",
    "companions",
    "related",
)
LISTS = (*MATCHED, "prop64_sections", "traps")


def parse(*texts: str | None) -> pd.DataFrame:
    return parse_offenses(pd.DataFrame({"offense_text": list(texts), "comment_text": [None] * len(texts)}))


def on(name: str, *texts: str | None) -> list[str | None]:
    found = match_named_list(parse(*texts), name)
    return [None if pd.isna(answer) else answer for answer in found]


def listed_statutes() -> list[tuple[str, str, str]]:
    rows = pd.concat([load_list(f"statutes/{name}")[["statute", "section", "subdivision"]] for name in LISTS])
    rows = rows[~rows["subdivision"].str.startswith("/")].drop_duplicates()
    return list(rows.itertuples(index=False, name=None))


STATUTES = listed_statutes()
ON_LIST = {
    name: set(load_list(f"statutes/{name}")[["statute", "section", "subdivision"]].itertuples(index=False, name=None))
    for name in MATCHED
}
LETTERED = set(load_list("statutes/lettered_sections")["section"])


def spell(draw: st.DrawFn, section: str, subdivision: str) -> str:
    """Section and subdivision in one of the ways in which they are written."""
    parts = subdivision.strip("()").split(")(") if subdivision else []
    bracketed = "".join(f"{draw(st.sampled_from(['', ' ']))}({part})" for part in parts)
    ways = [section + bracketed]
    opens_with_letter = bool(parts) and parts[0].isalpha() and section + parts[0] not in LETTERED
    if opens_with_letter and len(parts) <= 3:
        ways.append(section + "".join(parts))
        ways.append(section + parts[0] + "".join(f"({part})" for part in parts[1:]))
    if opens_with_letter and len(parts) <= 2 and section[-1].isdigit():
        ways.append(f"{section} {''.join(parts)}")
    return draw(st.sampled_from(ways))


@st.composite
def spelled_statutes(draw: st.DrawFn) -> tuple[tuple[str, str, str], str]:
    code, section, subdivision = draw(st.sampled_from(STATUTES))
    number = spell(draw, section, subdivision)
    spelling = draw(st.sampled_from([code, *CODE_SPELLINGS[code]]))
    after = [f"{number} {spelling}", f"{number}  {spelling}."]
    if number[-1] == ")" or number[-1].isdigit():
        after.append(f"{number}{code}")
    text = draw(st.sampled_from([*after] if " " in number and number[-1] != ")" else [*after, f"{spelling} {number}"]))
    title = draw(st.sampled_from(["", "-POSSESS FOR SALE", " - MISC", "-", " POSSESSION", "-28.5 GRAMS"]))
    ahead = draw(st.sampled_from(["", " ", "CHRG-", "CHRG: ", "--", "CNT 01 "]))
    text = ahead + text + title
    return (code, section, subdivision), draw(st.sampled_from([text, text.lower()]))


CODE_SPELLINGS = load_list("statutes/codes").groupby("code")["spelling"].apply(list).to_dict()


@given(spelled_statutes())
def test_every_listed_statute_is_read_back_from_every_spelling(case: tuple[tuple[str, str, str], str]) -> None:
    statute, text = case
    row = parse(text).iloc[0].fillna("")
    assert (row["code"], row["section"], row["subdivision"]) == statute, text
    relation = "solicitation" if statute[1] == "653f" else "none"
    assert (row["code_basis"], row["relation"], row["is_joined"]) == ("stated", relation, False), text


@given(
    st.sampled_from(STATUTES),
    st.sampled_from(["664/{}", "664-{}", "664.{}", "{}/664", "{}-664", "ATT {}", "ATTEMPTED {}"]),
)
def test_every_listed_statute_can_be_attempted(statute: tuple[str, str, str], form: str) -> None:
    code, section, subdivision = statute
    row = parse(f"{form.format(section + subdivision)} {code}").iloc[0].fillna("")
    assert (row["code"], row["section"], row["subdivision"], row["relation"]) == (code, section, subdivision, "attempt")


@given(spelled_statutes())
def test_a_listed_statute_is_never_missed(case: tuple[tuple[str, str, str], str]) -> None:
    statute, text = case
    for name, statutes in ON_LIST.items():
        if statute in statutes:
            assert on(name, text) != [None], (name, text)


def test_b11c_superstrikes_are_anchored_on_both_sides() -> None:
    assert on("superstrikes", "537 PC-DEFRAUD", "1207 PC", "1900 PC", "190.123 PC", "189.2 PC") == [None] * 5
    hits = on("superstrikes", "187(A) PC-MURDER", "209(A) PC", "191.5(A) PC", "269(A)(1) PC", "4500(A) PC")
    assert hits == ["sure"] * 5
    assert on("superstrikes", "207(A) PC", "220(A) PC") == ["possible"] * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("288(A) PC", "sure"),
        ("288(B)(1) PC", "sure"),
        ("288(B) PC", "possible"),  # wider than what is listed
        ("288 PC", "possible"),
        ("288(C)(1) PC", None),  # a look-alike
        ("262(A)(2) PC", "possible"),  # a look-alike that a person must look at
        ("273AB PC", "sure"),
        ("273A(B) PC", None),
        ("653F(B) PC", "sure"),
        ("653(F) PC", None),
        ("190.03 PC", "sure"),
        ("1672(A) MV", "sure"),
        ("1672(A) PC", "possible"),  # letters of a code without such a section
        ("187", "sure"),  # letters inferred
        ("246/186.22(B)(4) PC", "possible"),  # turns on an enhancement
        ("459/187 PC", "possible"),  # listed only as a joined statute
        ("459/460(A) PC", None),
        ("TRAFFIC VIOLATION", "possible"),  # not read: may be anything
    ],
)
def test_superstrike(text: str, expected: str | None) -> None:
    assert on("superstrikes", text) == [expected]


def test_relations_are_judged_as_the_list_says() -> None:
    assert on("superstrikes", "664/187(A) PC", "664/288(A) PC", "182/187 PC") == ["sure", "possible", "possible"]
    assert on("superstrikes", "187 PC-ATTEMPTED MURDER", "32/187 PC", "664/211 PC") == ["possible", None, None]
    assert on("pc290", "664/288(A) PC", "182/288(A) PC", "664/459 PC") == ["sure", "possible", None]


def test_a_relation_whose_target_is_not_recorded_may_be_of_any() -> None:
    for name in ("superstrikes", "pc290", "serious_felonies", "violent_felonies"):
        bare = on(name, "664 PC-ATTEMPT", "664", "182 PC-CONSPIRACY", "182(A)(1) PC-CONSPIRACY:COMMIT CRIME")
        assert bare == ["possible"] * 4, name
    assert on("serious_felonies", "32 PC-ACCESSORY", "653F(B) PC", "182/459 PC") == [None, None, "possible"]
    assert on("serious_felonies", "664/11378 HS", "182/11378 HS") == [None, None]
    assert on("prop47_sections", "664 PC", "182 PC") == [None, None]  # speaks of no relation


def test_a_target_named_by_itself_goes_before_any_listed_one() -> None:
    rows = load_list("statutes/serious_felonies")
    for listed in (rows, rows.iloc[::-1]):
        found = match_list(parse("664/245(A)(2) PC", "664/246 PC"), listed)
        assert found.tolist() == ["possible", "sure"]


def test_look_alikes_of_the_new_lists() -> None:
    assert on("prop47_sections", "496D PC", "530.5 PC", "11379(A) HS") == [None] * 3
    assert on("serious_felonies", "452(B) PC", "245(A)(4) PC", "192(B) PC", "246.3(A) PC") == [None] * 4
    assert on("violent_felonies", "288(C)(1) PC", "192(C)(1) PC", "452(A) PC") == [None] * 3


def test_look_alikes_of_the_290_list() -> None:
    assert on("pc290", "451.5 PC", "653F(B) PC", "272 PC", "653F(C) PC") == [None, None, "possible", "sure"]
    assert on("pc290", "266 PC", "266A PC", "266C PC", "266(C) PC") == ["sure", None, "sure", "sure"]
    assert on("pc290", "314.1 PC", "314(2) PC", "314(3) PC") == ["sure", "sure", None]


def test_the_four_sections_and_their_aggravated_forms() -> None:
    assert on("prop64_scope", "11359 HS", "11357.5(A) HS", "11361 HS", "11530 HS") == ["sure", None, None, "possible"]
    scope = load_list("statutes/prop64_scope")
    aggravated = scope[scope["aggravated"] == "yes"]
    found = match_list(parse("11359(D) HS", "11360(A)(3)(c) HS", "11359(B) HS", "11359(C) HS"), aggravated)
    assert found.fillna("").tolist() == ["sure", "sure", "", "possible"]


def test_blanking_a_part_of_a_statute_never_clears_it() -> None:
    sure = parse("288(A) PC")
    for column in ("code", "subdivision", "section"):
        blank = sure.copy()
        blank[column] = pd.Series([None], dtype="str")
        assert match_named_list(blank, "superstrikes").notna().all(), column


def test_the_index_of_the_offenses_is_kept() -> None:
    parsed = parse("187 PC", "459 PC").set_axis([9, 4])
    found = match_named_list(parsed, "superstrikes")
    assert found.index.tolist() == [9, 4]
    assert found.fillna("").tolist() == ["sure", ""]
