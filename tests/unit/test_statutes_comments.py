"""Comments: where they hold the charge, which statutes they mention, and the numbers that are none."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearslate.statutes import comment_statutes, parse_offenses, write_statute

# comment | the charge where the offense is blank (`-`: none) | statutes mentioned
COMMENTS = """
    CHRG-11359 HS                                  | HS 11359       | HS 11359
    CHRG: 11359 HS                                 | HS 11359       | HS 11359
    CHRG 11359                                     | HS 11359       | HS 11359
    CHARGED WITH 11359(A)                          | HS 11359(a)    | HS 11359(a)
    COM: SCN-12 CHRG 11359(A) HS-SALE              | HS 11359(a)    | HS 11359(a)
    COM: CNT 01 CHRG-484-487 (A) PC SECOND DEGREE  | PC 484         | PC 484;PC 487(a)
    .COM; CHRG 490,2 PC                            | PC 490.2       | PC 490.2
    CHRG 11359 HS CHRG 11360 HS                    | HS 11359       | HS 11359;HS 11360
    CHRG 11357/11358 HS                            | HS 11357       | HS 11357;HS 11358
    CNT 12 PC 459                                  | PC 459         | PC 459
    11358 HS-CULTIVATE CANNABIS                    | HS 11358       | HS 11358
    11359-POSS FOR SALE                            | HS 11359       | HS 11359
    12345-SMITH                                    | -              |
    11359 POSS                                     | -              |
    PLED TO 11359 HS                               | HS 11359       | HS 11359
    664/11359 HS                                   | HS 11359       | HS 11359
    H&S 11357(b) x2                                | HS 11357(b)    | HS 11357(b)
    11357 HS AND 11360 HS                          | HS 11357       | HS 11357;HS 11360
    SENT WITH 11357 HS, PRIOR CASE HAD 459 PC      | -              | HS 11357;PC 459
    11359 HS PER 1203.4 PC                         | HS 11359       | HS 11359;PC 1203.4
    DISM PER 1203.4 PC                             | -              | PC 1203.4
    DISMISSED 2010 PC 1203.4                       | -              | PC 1203.4
    ORIG CHRG 11357(B) HS                          | -              | HS 11357(b)
    ENHANCEMENT 12022(A)(1) PC ADMITTED            | -              | PC 12022(a)(1)
    CHRG 459 OR 460 PC                             | -              | PC 459;PC 460
    CASE 4113571                                   | -              |
    CASE 113591                                    | -              |
    CASE 11359                                     | -              |
    SCN 11359                                      | -              |
    SCN 11359 HS                                   | -              |
    WARRANT NBR 113591                             | -              |
    VIOL PROB ON 11357                             | -              |
    $11359 FINE                                    | -              |
    #11359 HS                                      | -              |
    CHRG 1/2/2010                                  | -              |
    CHRG 20190101                                  | -              |
    7/11359                                        | -              |
    DCN:T11389422131233123000545                   | -              |
    COM: SEN-X3 YR PROB, 6 MO JL WORK, $971 FINE   | -              |
"""
TABLE = [tuple(cell.strip() for cell in line.split("|")) for line in COMMENTS.strip().splitlines()]


def charge(offense: str | None, comment: str | None) -> pd.Series:
    return parse_offenses(pd.DataFrame({"offense_text": [offense], "comment_text": [comment]})).iloc[0]


@pytest.mark.parametrize(("comment", "expected", "mentions"), TABLE, ids=[row[0] for row in TABLE])
def test_comment(comment: str, expected: str, mentions: str) -> None:
    found = comment_statutes(pd.Series([comment])).iloc[0]
    assert ("" if pd.isna(found) else found) == mentions
    for offense, source in ((None, "comment_unreferenced"), ("SEE COMMENT FOR CHARGE", "comment_referenced")):
        row = charge(offense, comment)
        if expected == "-":
            assert not row["parsed"]
            assert pd.isna(row["section"])
        else:
            subdivision = None if pd.isna(row["subdivision"]) else row["subdivision"]
            assert write_statute(row["code"], row["section"], subdivision) == expected
            assert row["source"] == source


def test_a_comment_never_overrules_a_charge_that_says_something() -> None:
    assert charge("459 PC-BURGLARY", "CHRG-11359 HS")["section"] == "459"
    row = charge("TRAFFIC VIOLATION", "CHRG-11359 HS")
    assert (row["parsed"], row["problem"], row["source"]) == (False, "no_statute", "offense")


@pytest.mark.parametrize("text", ["SEE COMMENT FOR CHARGE", "SEE. COMMENT FOR CHARGE", "see comment  for charge"])
def test_the_reference_to_the_comment_is_known_in_its_spellings(text: str) -> None:
    assert charge(text, "CHRG-11359 HS")["source"] == "comment_referenced"


def test_source_and_problem_say_why_nothing_was_read() -> None:
    cases = {
        (None, None): ("none", "blank"),
        (None, "STRIKE PRIOR ALLEGED"): ("none", "no_statute"),
        ("SEE COMMENT FOR CHARGE", None): ("comment_referenced", "blank"),
        ("SEE COMMENT FOR CHARGE", "CHRG-MUNICIPAL CODE"): ("comment_referenced", "no_statute"),
        ("SEE COMMENT FOR CHARGE", "HAD 11357 HS WITH 459 PC"): ("comment_referenced", "ambiguous"),
        ("LOCAL ORDINANCE VIOLATION", None): ("offense", "no_statute"),
    }
    for (offense, comment), expected in cases.items():
        row = charge(offense, comment)
        assert (row["source"], row["problem"]) == expected
        assert row["relation"] == "unknown"


def test_code_section_text_follows_the_source() -> None:
    assert charge("SEE COMMENT FOR CHARGE", "11359 HS-SALE")["code_section_text"] == "11359 HS"
    assert pd.isna(charge(None, None)["code_section_text"])


@given(
    st.integers(min_value=0),
    st.sampled_from(["CASE {}", "SCN {}", "FILE NO {} HS", "{}", "FINE ${}", "#{} PC", "X{} HS"]),
)
def test_a_number_by_itself_is_never_a_statute(number: int, frame: str) -> None:
    assert comment_statutes(pd.Series([frame.format(number)])).isna().all()


@given(st.lists(st.one_of(st.none(), st.text(), st.text(alphabet="0123456789()ABHSPC/-&. "))))
def test_any_text_is_read_without_an_error(texts: list[str | None]) -> None:
    column = pd.Series(texts, dtype="object")
    mentioned = comment_statutes(column)
    parsed = parse_offenses(pd.DataFrame({"offense_text": column, "comment_text": column}))
    assert len(mentioned) == len(parsed) == len(texts)
    assert (parsed["parsed"] == parsed["problem"].isna()).all()
    assert (parsed["parsed"] == parsed["section"].notna()).all()
