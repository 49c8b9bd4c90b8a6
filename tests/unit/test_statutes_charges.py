"""Charges as DOJ, courts and officers write them, and what they say: the statute grammar on OFFENSE_DESCR."""

import pandas as pd
import pytest

from clearslate.statutes import OFFENSE_COLUMNS, parse_offenses, write_statute

# text | what it says: [relation] statute [(inferred)] [(conflict)] [+ joined ...], or `! problem`
SPELLINGS = """
    11357(C)HS-POSSESS MARIJUANA                  | HS 11357(c)
    11359HS-INTENT SELL CANNABIS                  | HS 11359
    4149 BP - UNLICENSED SALE OF NEEDLES          | BP 4149
    148 PC - RESISTING A PEACE OFFICER            | PC 148
    220 PC- COMMIT MAYHEM                         | PC 220
    CHRG-11359 HS                                 | HS 11359
    CHRG: 11359 HS                                | HS 11359
    COM: SCN-12 CHRG 11359(A) HS-POSS             | HS 11359(a)
    HS 11359                                      | HS 11359
    H&S 11357(b)                                  | HS 11357(b)
    H & S 11357(b)                                | HS 11357(b)
    H.S. 11357(B)                                 | HS 11357(b)
    11357 B HS                                    | HS 11357(b)
    11357 (B) HS                                  | HS 11357(b)
    11357 B2 HS                                   | HS 11357(b)(2)
    11357B2 HS                                    | HS 11357(b)(2)
    11357A HS                                     | HS 11357(a)
    11357A1HS                                     | HS 11357(a)(1)
    11357AHS-POSS                                 | HS 11357(a)
    11357.5(A) HS                                 | HS 11357.5(a)
    11357.5 HS-SYNTH                              | HS 11357.5
    23152(A) VC                                   | VC 23152(a)
    23152(A)(B) VC                                | VC 23152
    23152(A)/(B) VC-DUI                           | VC 23152
    23152A/B VC                                   | VC 23152
    12020(a)(1) PC                                | PC 12020(a)(1)
    11377(A)                                      | HS 11377(a) (inferred)
    11359-POSS                                    | HS 11359 (inferred)
    11359                                         | HS 11359 (inferred)
    11359 PC                                      | PC 11359 (conflict)
    11359 POSSESS MARIJUANA                       | HS 11359 (inferred)
    664/11359 HS                                  | attempt HS 11359
    664-11359 HS                                  | attempt HS 11359
    66411357(A) HS                                | attempt HS 11357(a)
    11359/664 HS                                  | attempt HS 11359
    11359-664 HS                                  | attempt HS 11359
    664.11359 HS                                  | attempt HS 11359
    664.11359                                     | attempt HS 11359 (inferred)
    66432 PC                                      | attempt PC 32
    664.32 PC                                     | attempt PC 32
    664-32 PC                                     | attempt PC 32
    664/32 PC                                     | attempt PC 32
    664187 PC                                     | attempt PC 187
    664187(A) PC-ATT MURDER                       | attempt PC 187(a)
    664288.5 PC                                   | attempt PC 288.5
    664273A(B) PC                                 | attempt PC 273a(b)
    664/187(A) PC-ATTEMPTED MURDER                | attempt PC 187(a)
    664(A)/187(A) PC                              | attempt PC 187(a)
    664/211 PC                                    | attempt PC 211
    187(A)/664 PC                                 | attempt PC 187(a)
    PC 664/187                                    | attempt PC 187
    PC664/459                                     | attempt PC 459
    HS 664/11359                                  | attempt HS 11359
    182/11359                                     | conspiracy HS 11359 (inferred)
    182(A)(1)/11359 HS                            | conspiracy HS 11359
    182(A)(1)PC/11359 HS                          | conspiracy HS 11359
    18211359 HS                                   | conspiracy HS 11359
    182.5 PC-CONSP GANG                           | unknown PC 182.5
    182 PC-CONSPIRACY                             | conspiracy PC 182
    182(A)(1) PC-CONSP TO VIOL 11359 HS           | conspiracy HS 11359
    664 PC-ATTEMPT 459 PC                         | attempt PC 459
    32/11359 HS                                   | accessory HS 11359
    32/11359 PC-ACCESSORY                         | accessory HS 11359 (inferred)
    32 PC-ACCESSORY                               | accessory PC 32
    11359/32 HS                                   | accessory HS 11359
    653F/187 PC                                   | solicitation PC 187
    653F(B) PC-SOLICIT MURDER                     | solicitation PC 653f(b)
    653FB PC                                      | solicitation PC 653f(b)
    -ATTEMPTED 11359 HS-POSSESS                   | attempt HS 11359
    ATTEMPTED 11359 HS                            | attempt HS 11359
    ATT 187 PC                                    | attempt PC 187
    ATTEMPT-459 PC                                | attempt PC 459
    ATTEMPT TO COMMIT 211 PC                      | attempt PC 211
    CONSPIRACY 11359 HS                           | conspiracy HS 11359
    CONSPIRACY TO VIOLATE 11359 HS                | conspiracy HS 11359
    ACCESSORY TO 187 PC                           | accessory PC 187
    11359 HS-POSS FOR SALE -ATTEMPTED             | attempt HS 11359
    187 PC-ATTEMPTED MURDER                       | unknown PC 187
    69 PC-ATTEMPT TO DETER EXEC OFFICER           | unknown PC 69
    664/182/11359 HS                              | unknown HS 11359
    11357/11358 HS                                | HS 11357 + HS 11358
    11357 HS/11358 HS                             | HS 11357 + HS 11358
    11359 & 11360 HS                              | HS 11359 + HS 11360
    11359,11360 HS                                | HS 11359 + HS 11360
    11359, 11360 HS                               | HS 11359 + HS 11360
    11359 AND 11360 HS                            | HS 11359 + HS 11360
    11359+11360 HS                                | HS 11359 + HS 11360
    11359 11360 HS                                | HS 11359 + HS 11360
    11359 OR 11360 HS                             | ! ambiguous
    11357-11358 HS                                | HS 11357 + HS 11358
    459-460 PC                                    | PC 459 + PC 460
    459/460 PC                                    | PC 459 + PC 460
    459 PC/11359 HS                               | PC 459 + HS 11359
    459 PC/11359                                  | PC 459 + HS 11359
    11357/459 PC                                  | HS 11357 (inferred) + PC 459
    PC 459/460                                    | PC 459 + PC 460
    484/488 PC-PETTY THEFT                        | PC 484 + PC 488
    484-487 (A) PC SECOND DEGREE                  | PC 484 + PC 487(a)
    484/666 PC                                    | PC 484 + PC 666
    246/186.22(B)(4) PC                           | PC 246 + PC 186.22(b)(4)
    519-186.22(B)(4) PC                           | PC 519 + PC 186.22(b)(4)
    215 + 186.22(B)(4) PC                         | PC 215 + PC 186.22(b)(4)
    213(A)(1)(A) + 186.22(B)(4) PC                | PC 213(a)(1)(A) + PC 186.22(b)(4)
    186.22(B)(4)-213(A)(1)(A) PC                  | PC 186.22(b)(4) + PC 213(a)(1)(A)
    314(1) PC-INDECENT EXPOSURE                   | PC 314(1)
    314.1 PC                                      | PC 314(1)
    314.2 PC                                      | PC 314(2)
    261.2 PC-RAPE BY FORCE                        | PC 261
    261.3 PC-RAPE                                 | PC 261
    261.5(C) PC-UNLAWFUL SEX W/MINOR              | PC 261.5(c)
    192.1 PC-MANSLAUGHTER:VOLUNTARY               | PC 192(a)
    192.2 PC-MANSLAUGHTER                         | PC 192(b)
    192.3 PC-MANSLAUGHTER:VEHICLE                 | PC 192(c)
    192.5(A) PC-MANSLAUGHTER:VESSEL               | PC 192.5(a)
    487.1 PC-GRAND THEFT                          | PC 487(a)
    487.2 PC-GRAND THEFT FROM PERSON              | PC 487(c)
    487.3 PC-GRAND THEFT:AUTO                     | PC 487(d)
    314(1)(A) PC                                  | PC 314(1)(A)
    490,2 PC                                      | PC 490.2
    .496. PC-RECEIVE                              | PC 496
    273A(B) PC                                    | PC 273a(b)
    273AB PC                                      | PC 273ab
    273AB(A) PC                                   | PC 273ab(a)
    273A(A) PC                                    | PC 273a(a)
    273(A) PC                                     | PC 273(a)
    273D(A) PC                                    | PC 273d(a)
    288A(C)(2)(A) PC                              | PC 288a(c)(2)(A)
    288AC1 PC                                     | PC 288a(c)(1)
    288(A) PC                                     | PC 288(a)
    288 A PC                                      | ! ambiguous
    288B PC                                       | PC 288(b)
    288(A)(C)(1) PC                               | PC 288
    647F PC                                       | PC 647(f)
    647(F) PC                                     | PC 647(f)
    647 F PC                                      | PC 647(f)
    647.6B PC                                     | PC 647.6(b)
    647A PC                                       | PC 647a
    653(F) PC                                     | PC 653(f)
    286(C)(2)(A) PC                               | PC 286(c)(2)(A)
    289(A)(1)(C) PC                               | PC 289(a)(1)(C)
    190.03 PC                                     | PC 190.03
    190.2(A)(4) PC                                | PC 190.2(a)(4)
    1672(A) MV                                    | MV 1672(a)
    1672(A) M&V                                   | MV 1672(a)
    10980(C)(2) WI                                | WI 10980(c)(2)
    10980(C)(2) W&I                               | WI 10980(c)(2)
    25662(A) B&P                                  | BP 25662(a)
    300 WI                                        | WI 300
    40508(A) VC                                   | VC 40508(a)
    --40508 VC--                                  | VC 40508
    --11366.5(A)HS--                              | HS 11366.5(a)
    11366.5  (B) HS                               | HS 11366.5(b)
    14601.1(A) VC                                 | VC 14601.1(a)
    243(E)1 BATTERY NONCOHAB SPOUS                | PC 243(e)(1) (inferred)
    243(E)(1) PC                                  | PC 243(e)(1)
    192(C)(2)VEH MAN W/O GROSS NEG                | PC 192(c)(2) (inferred)
    211 PC  ROBBERY-BANK                          | PC 211
    197 JUSTIFIABLE HOMI-CIVILIAN                 | 197
    11357(A HS-POSS                               | HS 11357(a)
    11357A) HS                                    | HS 11357(a)
    11359 (HS)                                    | HS 11359
    11359- HS-POSS                                | HS 11359
    11360(A)(3)(c) HS                             | HS 11360(a)(3)(C)
    11360(A)(3)(D) HS                             | HS 11360(a)(3)(D)
    11360(a)(3)(d)(ii) HS                         | HS 11360(a)(3)(D)(ii)
    11360(A) HS-28.5 GRAMS OR LESS                | HS 11360(a)
    11357-28.5 GRAMS                              | HS 11357 (inferred)
    11357(B) HS-POSS MARIJ 28.5- GRAMS            | HS 11357(b)
    11358 HS-3 PLANTS                             | HS 11358
    11359 FG-UNLAWFUL TAKE                        | FG 11359 (conflict)
    187 HS                                        | HS 187 (conflict)
    503 VC-TAKE CAR                               | VC 503
    503 PC-EMBEZZLE                               | PC 503
    503-TAKE                                      | 503
    12500                                         | 12500
    99999                                         | 99999
    1170(H) PC-SENTENCING                         | PC 1170(h)
    HS 11359 PC                                   | ! ambiguous
    120290(A) HS                                  | HS 120290(a)
    TRAFFIC VIOLATION                             | ! no_statute
    TRAFFIC VIOLATION 40508 VC                    | VC 40508
    -BENCH WARRANT 11359 HS-POSS                  | HS 11359
    -BENCH WARRANT -PROBATION REVO 11359 HS-POSS  | HS 11359
    CNT 1 11359 HS                                | HS 11359
    COUNT 2: 11358 HS                             | HS 11358
    VIOL 11358 HS                                 | HS 11358
    SEC 11358 HS                                  | HS 11358
    HEALTH & SAFETY CODE SECTION 11357            | HS 11357
    PENAL CODE 187                                | PC 187
    11358 HEALTH AND SAFETY CODE                  | HS 11358
    PC-459                                        | PC 459
    PC187(A)                                      | PC 187(a)
    1 COUNT THEFT                                 | ! no_statute
    2ND DEGREE BURGLARY                           | ! no_statute
    459 PC-2ND DEGREE                             | PC 459
    4113571                                       | ! no_statute
    113591                                        | ! no_statute
    01/02/2010                                    | ! no_statute
    11357(C)-HS-POSS                              | HS 11357(c)
    11357(c) hs-possess                           | HS 11357(c)
    11357–POSS                                    | HS 11357 (inferred)
    11359 HS                                      | HS 11359
    SEE COMMENT                                   | ! no_statute
    11359(A)(1)(A)(I) HS                          | HS 11359(a)(1)(A)(i)
    11357(2) HS                                   | HS 11357(2)
    487H(A) PC-AUTO THEFT                         | PC 487h(a)
    487D1 PC                                      | PC 487(d)(1)
    597PC-CRUELTY                                 | PC 597
    653FC PC                                      | solicitation PC 653f(c)
    11357 B PC                                    | PC 11357(b) (conflict)
    37/664 PC                                     | attempt PC 37
    664/653F(B) PC                                | attempt PC 653f(b)
    187 P/C                                       | PC 187
    8 USC 1326                                    | US 1326
    11359 F-POSS                                  | HS 11359 (inferred)
    11359 HS F                                    | HS 11359
"""
TABLE = [tuple(cell.strip() for cell in line.split("|")) for line in SPELLINGS.strip().splitlines()]


def parse(*texts: str | None, comment: str | None = None) -> pd.DataFrame:
    return parse_offenses(pd.DataFrame({"offense_text": list(texts), "comment_text": [comment] * len(texts)}))


def say(row: pd.Series) -> str:
    """One parsed row in the notation of the table."""
    row = row.astype("object").where(row.notna(), None)
    if not row["parsed"]:
        return f"! {row['problem']}"
    words = [] if row["relation"] == "none" else [row["relation"]]
    words.append(write_statute(row["code"], row["section"], row["subdivision"]))
    words += ["(inferred)"] if row["code_basis"] == "inferred" else []
    words += ["(conflict)"] if row["code_conflict"] else []
    words += [f"+ {statute}" for statute in (row["joined_sections"] or "").split(";") if statute]
    return " ".join(words)


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(TABLE) >= 170
    assert len({text for text, _ in TABLE}) == len(TABLE)


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[text for text, _ in TABLE])
def test_spelling(text: str, expected: str) -> None:
    assert say(parse(text).iloc[0]) == expected


def test_a_whole_column_reads_like_its_cells() -> None:
    texts = [text for text, _ in TABLE] * 2
    assert [say(row) for _, row in parse(*texts).iterrows()] == [expected for _, expected in TABLE] * 2


def test_columns_types_and_index_are_those_promised() -> None:
    texts = pd.DataFrame({"offense_text": ["11359 HS", None], "comment_text": [None, "CHRG 459 PC"]}, index=[7, 3])
    parsed = parse_offenses(texts)
    assert list(parsed.columns) == list(OFFENSE_COLUMNS)
    assert list(parsed.index) == [7, 3]
    for name, kind in OFFENSE_COLUMNS.items():
        assert str(parsed[name].dtype) == ("bool" if kind == "BOOLEAN" else "str")
    empty = parse_offenses(texts.iloc[:0])
    assert list(empty.columns) == list(OFFENSE_COLUMNS)
    assert len(empty) == 0


def test_absent_text_is_missing_and_not_blank() -> None:
    row = parse("11359 HS").iloc[0]
    assert pd.isna(row["subdivision"])
    assert pd.isna(row["joined_sections"])
    assert pd.isna(row["problem"])
    assert not row["is_joined"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("220 PC- COMMIT MAYHEM", "220 PC"),
        ("314(1) PC-INDECENT EXPOSURE", "314(1) PC"),
        ("11357(C)HS-POSSESS MARIJUANA", "11357(C)HS"),
        ("11357(b)HS-POSSESS MARIJUANA", "11357(b)HS"),
        ("148 PC - RESISTING", "148 PC"),
        ("664-11359 HS", "664"),
        ("11359 HS", "11359 HS"),
    ],
)
def test_code_section_text_is_what_the_predecessor_printed(text: str, expected: str) -> None:
    assert parse(text)["code_section_text"].iloc[0] == expected


# The predecessor's failures (docs: failure corpus), at parser level.
def test_b8_look_alikes_of_the_four_sections_are_told_apart() -> None:
    parsed = parse("11357.5(A) HS-SYNTHETIC", "11359 FG-FISH", "11359(D) HS-EMPLOY MINOR")
    assert parsed["section"].tolist() == ["11357.5", "11359", "11359"]
    assert parsed["code_conflict"].tolist() == [False, True, False]
    assert parsed["subdivision"].iloc[2] == "(d)"
    comment = parse("SEE COMMENT FOR CHARGE", comment="CASE 4113571").iloc[0]
    assert (comment["parsed"], comment["problem"], comment["source"]) == (False, "no_statute", "comment_referenced")


def test_b9_an_attempt_written_with_a_dash_is_found() -> None:
    assert say(parse("664-11359 HS-ATT POSS FOR SALE").iloc[0]) == "attempt HS 11359"


def test_b10_a_charge_behind_chrg_and_a_dash_is_found() -> None:
    row = parse("SEE COMMENT FOR CHARGE", comment="CHRG-11359 HS").iloc[0]
    assert (say(row), row["source"]) == ("HS 11359", "comment_referenced")


@pytest.mark.parametrize(
    ("text", "section", "subdivision"),
    [
        ("647(F) PC", "647", "(f)"),
        ("148(A)(1) PC", "148", "(a)(1)"),
        ("148.9(A) PC", "148.9", "(a)"),
        ("602(L) PC", "602", "(l)"),
        ("11550(A) HS", "11550", "(a)"),
        ("40508(A) VC", "40508", "(a)"),
        ("1320(A) PC", "1320", "(a)"),
        ("1602 PC", "1602", None),
    ],
)
def test_b11b_related_charges_are_read_with_their_subdivisions(
    text: str, section: str, subdivision: str | None
) -> None:
    row = parse(text).iloc[0]
    assert row["section"] == section
    assert (None if pd.isna(row["subdivision"]) else row["subdivision"]) == subdivision
