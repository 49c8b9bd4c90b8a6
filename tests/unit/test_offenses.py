"""What the law lists say of an offense text, as the rows of `core.offense`."""

import pandas as pd
import pytest

from clearslate.contracts import load_contracts
from clearslate.law.lists import load_list
from clearslate.offenses import QUALIFIER, describe_offenses


def described(*texts: str) -> pd.DataFrame:
    keys = sorted(texts)
    found = describe_offenses(pd.DataFrame({"offense_key": keys, "n_records": 1}))
    return found.set_index("offense_key").loc[list(texts)]


def say(column: str, *texts: str) -> list[object]:
    return [None if pd.isna(value) else value for value in described(*texts)[column]]


def test_the_columns_are_those_of_the_contract() -> None:
    keys = pd.DataFrame({"offense_key": ["459 PC"], "n_records": [1]})
    assert list(describe_offenses(keys).columns) == list(load_contracts()["core.offense"].types)


@pytest.mark.parametrize(
    ("text", "serious", "violent"),
    [
        ("187(A) PC-MURDER", "sure", "sure"),
        ("211 PC-ROBBERY", "sure", "sure"),
        ("286(C)(3) PC", "sure", "sure"),  # one of several subdivisions that the law names together
        ("286 PC", "possible", "possible"),
        ("192 PC", "possible", "possible"),
        ("192(B) PC", None, None),
        ("192(C)(1) PC", "possible", None),  # PC 1192.8: with great bodily injury or a weapon
        ("192(C)(2) PC", None, None),
        ("192(C) PC", "possible", None),
        ("192(1) PC", "sure", "sure"),  # the numbers of before 1984
        ("192.1 PC-MANSLAUGHTER:VOLUNTARY", "sure", "sure"),
        ("192.2 PC-MANSLAUGHTER", None, None),
        ("191.5(B) PC", "possible", None),
        ("192.5(A) PC", "possible", None),
        ("23104(B) VC", "possible", None),
        ("261.2 PC-RAPE BY FORCE", "sure", "possible"),
        ("261(2) PC-RAPE BY FORCE", "sure", "possible"),
        ("487.3 PC-GRAND THEFT", "possible", None),
        ("487(3) PC-GRAND THEFT", "possible", None),
        ("12022.3 PC-USE DEADLY WEAPON SEX OFFENSE", "possible", "possible"),
        ("12022.8 PC-GREAT BODILY INJURY", "possible", "possible"),
        ("12022.9 PC-TERMINATE PREGNANCY", "possible", "possible"),
        ("12022.55 PC-SHOOT FROM VEHICLE", "possible", "possible"),
        ("245(A)(1) PC", "possible", None),  # until 2012 also by force likely, which is not serious
        ("245(A)(2) PC", "sure", None),
        ("245(A)(4) PC", None, None),
        ("246 PC", "sure", None),
        ("246.3(A) PC", None, None),
        ("451(D) PC", "sure", None),
        ("452(A) PC", None, None),
        ("459 PC-BURGLARY", "possible", None),
        ("460(A) PC", "sure", "possible"),
        ("460(B) PC", None, None),
        ("136.1(C)(1) PC", "sure", "possible"),  # violent with a gang allegation only
        ("518 PC", None, "possible"),
        ("664/187 PC", "sure", "sure"),
        ("664/211 PC", "sure", "possible"),
        ("664/245(A)(2) PC", "possible", None),  # an attempted assault is not listed
        ("182/211 PC", "possible", "possible"),
        ("32/187 PC", None, None),
        ("11359 HS", None, None),
        ("TRAFFIC VIOLATION", "possible", "possible"),
    ],
)
def test_serious_and_violent_felonies(text: str, serious: str | None, violent: str | None) -> None:
    assert (say("serious", text), say("violent", text)) == ([serious], [violent])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11350(A) HS", "decidable"),
        ("11350 HS-POSS NARCOTIC", "decidable"),
        ("11377(A) HS", "decidable"),
        ("11357(A) HS", "decidable"),
        ("11357 HS", "value"),
        ("666 PC", "value"),
        ("487(A) PC", "value"),
        ("487A PC", "value"),
        ("484E(D) PC", "value"),
        ("496(A) PC", "value"),
        ("10851(A) VC", "value"),
        ("664/11350 HS", "value"),
        ("496(D) PC", "none"),
        ("496D(A) PC", "none"),
        ("530.5(A) PC", "none"),
        ("11379(A) HS", "none"),
        ("459.5(A) PC", "none"),  # the crime that the law made, not one that it relieves
        ("TRAFFIC VIOLATION", None),
        ("", None),
    ],
)
def test_the_scope_of_prop_47(text: str, expected: str | None) -> None:
    assert say("prop47", text) == [expected]


QUALIFIED = [
    # text, qualifier: relation, whether certain, serious, prop47
    ("11359 HS-POSSESS", "CONSPIRACY", "conspiracy", True, None, "none"),
    ("11359 HS-POSSESS", "ATTEMPTED", "attempt", True, None, "none"),
    ("11359 HS-POSSESS", "ACCESSORY AFTER THE FACT", "accessory", True, None, "none"),
    ("11359 HS-POSSESS", "SOLICITATION", "solicitation", True, None, "none"),
    ("11359 HS-POSSESS", "AIDING AND ABETTING", "none", True, None, "none"),
    ("11359 HS-POSSESS", "Attempted; aid & abet", "attempt", True, None, "none"),
    ("664/11359 HS-POSSESS", "ATTEMPT", "attempt", True, None, "none"),
    ("664/11359 HS-POSSESS", "AIDING/ABETTING", "attempt", True, None, "none"),
    ("664/11359 HS-POSSESS", "CONSPIRACY", "unknown", False, "possible", "none"),
    ("11359 HS-POSSESS", "ATTEMPTED/CONSPIRACY", "unknown", False, "possible", "none"),
    ("11378 HS-POSSESS", "ARMED WITH SOMETHING", "unknown", False, "possible", "none"),
    ("211 PC-ROBBERY", "ATTEMPTED", "attempt", True, "sure", "none"),
    ("211 PC-ROBBERY", "ARMED WITH SOMETHING", "unknown", False, "possible", "none"),
    ("11377(A) HS-POSSESS", "ATTEMPTED", "attempt", True, None, "value"),
    ("LOCAL ORDINANCE VIOL", "ATTEMPTED", "unknown", False, "possible", None),
    ("SEE COMMENT FOR CHARGE\nCHRG-11359 HS", "ATTEMPTED", "attempt", True, None, "none"),
]


@pytest.mark.parametrize(("text", "qualifier", "relation", "certain", "serious", "prop47"), QUALIFIED)
def test_a_qualifier_says_how_somebody_took_part(
    text: str, qualifier: str, relation: str, certain: bool, serious: str | None, prop47: str | None
) -> None:
    key = f"{text}{QUALIFIER}{qualifier}"
    columns = ("relation", "is_statute_certain", "serious", "prop47")
    assert [say(column, key)[0] for column in columns] == [relation, certain, serious, prop47]
    plain = described(text, key)[["section", "subdivision", "statute_code", "code_section_text", "text_no"]]
    assert plain.iloc[0].equals(plain.iloc[1])
    assert say("is_qualified", text, key) == [False, True]


def test_companions_and_related_charges() -> None:
    assert say("environmental", "5650(A) FG", "1052 WATER CODE", "374.8 PC", "374.3 PC") == [
        "sure", "sure", "sure", None,
    ]  # fmt: skip
    assert say("minor", "11361(A) HS", "11360(A) HS") == ["sure", None]
    assert say("identity_theft", "530.5(A) PC", "530 PC") == ["sure", None]
    related = (
        "647(F) PC",
        "647(B) PC",
        "148.9(A) PC",
        "148(A)(1) PC",
        "602(L) PC",
        "11550(A) HS",
        "11364.1 HS",
        "1320.5 PC",
    )
    assert say("related", *related) == ["sure", None, "sure", "sure", "sure", "sure", None, "sure"]
    assert say("related_flagged", "4060 BP", "4140 BP", "TRAFFIC") == ["sure", None, "possible"]


def test_a_text_that_speaks_of_import() -> None:
    texts = ("11360(A) HS-IMPORT/SELL MARIJ", "11360 HS exporting", "11360 HS-TRANSPORT", "11360 HS-IMPORTANT", "")
    assert say("says_import", *texts) == [True, True, False, False, None]


def test_a_relief_target_of_prop_47_is_an_offense_of_before_it() -> None:
    rows = load_list("statutes/prop47_sections")
    assert {str(day) for day in rows["effective_to"]} == {"2014-11-04"}


def test_forms_of_the_four_sections_are_those_of_before_prop_64() -> None:
    forms = load_list("statutes/prop64_forms")
    assert {str(day) for day in forms["effective_to"]} == {"2016-11-08"}
    assert set(forms["form"]) == {
        *(f"11357({letter})" for letter in "abcde"), "11358", "11359", "11360(a)", "11360(b)",
    }  # fmt: skip
    assert set(forms.loc[forms["inferred"] == "yes", "severity"]) == {"FELONY", "MISDEMEANOR"}
    assert set(forms.loc[forms["inferred"] == "yes", "subdivision"]) == {""}


def test_an_attempt_of_what_is_not_recorded_is_shown_on_no_list() -> None:
    assert say("is_superstrike_listed", "664 PC", "182(A)(1) PC", "664/187 PC", "653F(B) PC") == [
        False,
        False,
        True,
        True,
    ]
    assert say("is_pc290_listed", "664 PC", "182 PC", "664/288(A) PC", "653F(C) PC") == [False, False, True, True]


def test_the_registration_act() -> None:
    texts = (
        "290.018(B) PC-FAIL TO REGISTER",
        "290(G)(2) PC",
        "290 PC",
        "664/290 PC",
        "290.46 PC",
        "290.95(A) PC-REGISTRANT FAIL TO DISCLOSE",
        "LOCAL ORDINANCE VIOL",
    )
    assert say("registration", *texts) == ["sure", "sure", "sure", "possible", None, "sure", "possible"]
    assert say("is_registration", *texts) == [True, True, True, True, False, True, False]


def test_enhancements_are_no_base_offenses() -> None:
    enhancing = ("12022.7(A) PC", "12022.5 PC", "12022(B)(1) PC", "12022.53(D) PC", "186.22(B)(1) PC")
    base = ("518 PC", "136.1(C)(1) PC", "186.22(A) PC", "12022(A)(1) PC", "245(A)(1) PC")
    assert say("enhancement", *enhancing) == ["possible"] * 5
    assert say("enhancement", *base) == [None] * 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1203.2 PC-PROBATION VIOLATION", "sure"),
        ("1203.2(A) PC-REARREST/REVOKE PROBATION", "sure"),
        ("3056 PC-VIOL PAROLE:FELONY", "sure"),
        ("3455(A) PC-VIOL POST RELEASE COMM SUPERVISION", "sure"),
        ("1170(H)(5)(B) PC-VIOL MANDATORY SUPV", "sure"),
        ("1170 PC", "possible"),
        ("1170(D) PC", None),
        ("1203.4 PC", None),
        ("484 PC-THEFT", None),
        ("LOCAL ORDINANCE VIOL", "possible"),
    ],
)
def test_violations_of_supervision(text: str, expected: str | None) -> None:
    assert say("supervision", text) == [expected]


@pytest.mark.parametrize(
    ("text", "elsewhere", "appearance"),
    [
        ("978.5 PC-BENCH WARRANT:FTA ON MISD", "sure", None),
        ("1551.1 PC-FUGITIVE FROM JUSTICE:W/O WARRANT", "sure", None),
        ("836.3 PC-REARREST ESCAPEE", "sure", None),
        ("836 PC-ARREST W/O PROCESS", None, None),
        ("484 PC-THEFT/OUTSIDE WARRANT", "sure", None),
        ("OUTSIDE WARRANT", "sure", "possible"),
        ("WARRANTY FRAUD", "possible", "possible"),
        ("1320(A) PC-FAIL TO APPEAR:MISD CHARGE", None, "sure"),
        ("1320.5 PC-FAIL TO APPEAR", None, "sure"),
        ("853.7 PC-FAIL TO APPEAR", None, "sure"),
        ("40508(A) VC-FAIL TO APPEAR", None, "sure"),
        ("1320", None, "sure"),
        ("978.5", "possible", None),
        ("484 PC-THEFT", None, None),
    ],
)
def test_cases_that_stand_elsewhere(text: str, elsewhere: str | None, appearance: str | None) -> None:
    assert (say("other_case", text), say("missed_appearance", text)) == ([elsewhere], [appearance])


def test_predecessors_of_the_four_sections() -> None:
    texts = ("11530 HS-POSSESS MARIJUANA", "11530.1 HS", "11530.5 HS", "11531 HS", "11532 HS", "11357 HS", "MARIJUANA")
    assert say("is_prop64_predecessor", *texts) == [True] * 4 + [False] * 3
    assert say("in_prop64_scope", *texts) == [False] * 5 + [True, None]
