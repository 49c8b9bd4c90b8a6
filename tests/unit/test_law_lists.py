"""The law lists: strict reading, what is shipped, the rule-set hash, and what disposition texts mean."""

import csv
import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest

from clearslate.errors import LawError
from clearslate.law.lists import (
    DISPOSITION_CLASSES,
    SCHEMAS,
    classify_dispositions,
    hash_rules,
    load_list,
    rule_files,
    rules_root,
)
from clearslate.run import ages

LISTS = sorted(path.relative_to(rules_root()).with_suffix("").as_posix() for path in rules_root().rglob("*.csv"))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the shipped rules that a test may break."""
    return Path(shutil.copytree(rules_root(), tmp_path / "rules"))


def rewrite(root: Path, name: str, old: str, new: str) -> None:
    path = root / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- what is shipped


def test_every_csv_under_rules_is_a_known_list_and_the_other_way_round() -> None:
    assert sorted(SCHEMAS) == LISTS


@pytest.mark.parametrize("name", LISTS)
def test_shipped_list_is_well_formed_and_cited(name: str) -> None:
    rows = load_list(name)
    assert len(rows) > 0
    assert list(rows.columns) == list(SCHEMAS[name].columns)
    assert (rows["citation"].str.strip() != "").all()


def test_counties_are_the_58_in_their_order() -> None:
    counties = load_list("counties")
    assert counties["doj_code"].tolist() == [f"{number:02}" for number in range(1, 59)]
    assert counties["fips"].tolist() == [f"06{2 * number - 1:03}" for number in range(1, 59)]
    assert counties["name"].tolist() == sorted(counties["name"])
    assert {"SAN JOAQUIN", "LOS ANGELES", "YUBA"} <= set(counties["name"])


def test_null_tokens_step_types_and_courts() -> None:
    assert load_list("null_tokens")["token"].tolist() == ["NULL", "N/A", "NONE"]
    steps = load_list("step_types").set_index("text")["step_type"]
    assert steps["ARREST/DETAINED/CITED"] == "arrest"
    assert steps["COURT ACTION"] == "court_action"
    agencies = load_list("courts/agency_prefixes").set_index("prefix")
    assert agencies.loc["CASC", ["kind", "is_court"]].tolist() == ["superior_court", "yes"]
    assert agencies.loc["CAJV", "kind"] == "juvenile_court"
    assert agencies.loc["CAPD", "is_court"] == "no"


def test_ages_say_whose_birth_date_is_believed() -> None:
    assert ages() == {"youngest_accused": 14, "out_of_juvenile_court": 25, "oldest": 110}


def test_scope_is_the_four_sections_and_their_aggravated_forms() -> None:
    scope = load_list("statutes/prop64_scope")
    plain = scope[scope["aggravated"] == "no"]
    assert plain["section"].tolist() == ["11357", "11358", "11359", "11360"]
    assert plain["citation"].unique().tolist() == ["HS 11361.8(e)"]
    aggravated = scope[scope["aggravated"] == "yes"]
    assert (aggravated["section"] + aggravated["subdivision"]).tolist() == [
        "11359(c)(3)",
        "11359(d)",
        "11360(a)(3)(C)",
        "11360(a)(3)(D)",
    ]


def test_dates_are_dates_and_open_ends_are_none() -> None:
    sections = load_list("statutes/prop64_sections")
    old = sections[(sections["section"] == "11359") & (sections["subdivision"] == "")].iloc[0]
    assert old["effective_from"] == dt.date(1973, 1, 1)
    assert old["effective_to"] == dt.date(2016, 11, 8)
    new = sections[(sections["section"] == "11359") & (sections["subdivision"] == "(b)")].iloc[0]
    assert new["effective_to"] is None


def test_offense_lists_name_sections_as_the_grammar_writes_them() -> None:
    for name in ("prop64_sections", "prop64_scope", "superstrikes", "pc290", "traps"):
        rows = load_list(f"statutes/{name}")
        assert rows["section"].str.fullmatch(r"\d+(\.\d+)?[a-z]*").all(), name
        assert rows["subdivision"].str.fullmatch(r"(\(\w+\))*|/(\*|[\d.]+[a-z]*)").all(), name


# --- strictness: the file and the line are named


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("counties", "doj_code,fips,name,citation", "doj_code,fips,name,cite", ":1: unknown column `cite`"),
        ("counties", "doj_code,fips,name,citation", "doj_code,fips,name", ":1: missing column `citation`"),
        ("counties", "doj_code,fips,name,citation", "doj_code,fips,name,name", ":1: column `name` stands twice"),
        ("counties", "03,06005,AMADOR,", "03,06005,AMADOR,x,", ":4: 5 fields, expected 4"),
        ("counties", "03,06005,AMADOR,Gov. Code 23000-23058; FIPS 6-4", "03,06005,AMADOR,", ":4: `citation` is blank"),
        ("counties", "03,06005,AMADOR,", "03,06005,ALPINE,", ":4: same key as line 3 (name)"),
        ("counties", "03,06005,AMADOR,", "03,06005, AMADOR,", ":4: `name` begins or ends with whitespace"),
        ("counties", "03,06005,AMADOR,", '03,06005,"AMADOR"x,', ":4: not valid CSV"),
        ("step_types", "COURT ACTION,court_action,", "COURT ACTION,trial,", ":3: `trial` is no step_type; allowed: "),
        ("null_tokens", "NULL,sample", "NULL,,sample", ":2: 4 fields, expected 3"),
    ],
)
def test_a_malformed_list_is_refused(rules: Path, name: str, old: str, new: str, message: str) -> None:
    rewrite(rules, name, old, new)
    with pytest.raises(LawError) as error:
        load_list(name, rules)
    assert f"rules/{name}.csv{message}" in str(error.value)


def section_list(*rows: str) -> str:
    return "\n".join([",".join(SCHEMAS["statutes/pc290"].columns), *rows]) + "\n"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["261,,PC,Rape,PC 290(c),high,x,code,2018-1-1,,"], ":2: `effective_from` is no date YYYY-MM-DD"),
        (["261,,PC,Rape,PC 290(c),high,x,code,2018-02-30,,"], ":2: `effective_from` is no date of the calendar"),
        (["261,,PC,Rape,PC 290(c),high,x,code,2018-01-02,2018-01-01,"], ":2: effective_from is after effective_to"),
        (["261,,PC,Rape,PC 290(c),sure,x,code,,,"], ":2: `sure` is no confidence; allowed: high, low, medium"),
        (["261,,PC,Rape,PC 290(c),high,x,maybe,,,"], ":2: `maybe` is no decidable"),
        (
            ["261,,PC,A,PC 290(c),high,x,code,,2016-11-08,", "", "261,,PC,B,PC 290(c),high,x,code,2016-11-08,,"],
            ":4: dates overlap with line 2 (statute, section, subdivision)",
        ),
    ],
)
def test_a_malformed_offense_list_is_refused(rules: Path, rows: list[str], message: str) -> None:
    (rules / "statutes/pc290.csv").write_text(section_list(*rows), encoding="utf-8")
    with pytest.raises(LawError) as error:
        load_list("statutes/pc290", rules)
    assert f"rules/statutes/pc290.csv{message}" in str(error.value)


def test_the_same_key_may_follow_itself_in_time(rules: Path) -> None:
    rows = ["261,,PC,A,PC 290(c),high,x,code,,2016-11-08,", "261,,PC,B,PC 290(c),high,x,code,2016-11-09,,"]
    (rules / "statutes/pc290.csv").write_text(section_list(*rows), encoding="utf-8")
    assert len(load_list("statutes/pc290", rules)) == 2


def test_a_list_that_is_missing_unknown_empty_or_no_text_is_refused(rules: Path) -> None:
    with pytest.raises(LawError, match=r"rules/nonsense\.csv: no such list; known: ages"):
        load_list("nonsense", rules)
    (rules / "counties.csv").unlink()
    with pytest.raises(LawError, match=r"rules/counties\.csv: cannot be read"):
        load_list("counties", rules)
    (rules / "counties.csv").write_bytes(b"")
    with pytest.raises(LawError, match=r"rules/counties\.csv:1: the file is empty"):
        load_list("counties", rules)
    (rules / "counties.csv").write_bytes(b"doj_code,fips,name,citation\n01,06001,NU\xd1EZ,x\n")
    with pytest.raises(LawError, match=r"rules/counties\.csv: not UTF-8 text"):
        load_list("counties", rules)


def test_a_disposition_must_name_its_relief_and_only_where_relief_is_meant(rules: Path) -> None:
    header = ",".join(SCHEMAS["dispositions"].columns)
    cases = {
        "RELIEF X,exact,relief_granted,,law,high,": ":2: relief_granted must name the relief",
        "DISM,prefix,dismissed,prop64,law,high,": (
            ":2: only relief_granted and set_aside name a relief; dismissed may have completed `diversion`, "
            "dismissed and other presuppose a `conviction`"
        ),
        "Dism,prefix,dismissed,,law,high,": ":2: a pattern is in upper case with single blanks",
    }
    for row, message in cases.items():
        (rules / "dispositions.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
        with pytest.raises(LawError) as error:
            load_list("dispositions", rules)
        assert str(error.value) == f"rules/dispositions.csv{message}"


def test_a_form_holds_at_any_severity_or_at_the_stated_ones(rules: Path) -> None:
    path = rules / "statutes/prop64_forms.csv"
    rows = path.read_text(encoding="utf-8").splitlines()
    twice = next(row for row in rows if row.startswith("11358,,,")).replace("11358,,,", "11358,,FELONY,")
    path.write_text("\n".join([*rows, twice, ""]), encoding="utf-8")
    with pytest.raises(LawError, match=rf"prop64_forms\.csv:{len(rows) + 1}: another row gives this section"):
        load_list("statutes/prop64_forms", rules)


def test_a_relation_prefix_must_say_how_it_is_written(rules: Path) -> None:
    rewrite(rules, "statutes/relations", "section,664,attempt,yes,yes,", "section,664,attempt,,yes,")
    with pytest.raises(LawError, match=r"rules/statutes/relations\.csv:2: `glued` is blank"):
        load_list("statutes/relations", rules)


# --- the rule-set hash


def test_the_hash_covers_every_rule_file_and_its_name(rules: Path) -> None:
    before = hash_rules(rules)
    assert before == hash_rules()
    assert len(before) == 64
    rewrite(rules, "null_tokens", ",assumed\nNONE", ",supposed\nNONE")
    changed = hash_rules(rules)
    assert changed != before
    (rules / "counties.csv").rename(rules / "county.csv")
    assert hash_rules(rules) not in (before, changed)


def test_rule_files_are_sorted_and_skip_hidden_ones(rules: Path) -> None:
    (rules / ".DS_Store").write_bytes(b"x")
    (rules / "statutes" / ".hidden").mkdir()
    (rules / "statutes" / ".hidden" / "a.csv").write_bytes(b"x")
    names = [path.relative_to(rules).as_posix() for path in rule_files(rules)]
    assert names == sorted(names)
    assert {f"{name}.csv" for name in LISTS} <= set(names)
    assert not any("." in part[:1] for name in names for part in name.split("/"))
    assert hash_rules(rules) == hash_rules()


# --- dispositions

DISPOSITIONS = """
    CONVICTED                                | convicted
    CONVICTED-PROBATION                      | convicted
    CONVICTED-JAIL                           | convicted
    CONVICTED-PRISON                         | convicted
    CONVICTED-PROB/JAIL                      | convicted
    CONVICTED-REVERSED ON APPEAL             | dismissed conviction
    CONVICTION VACATED                       | dismissed conviction
    NEW TRIAL GRANTED                        |
    REDUCED TO MISDEMEANOR                   | modified
    REDUCED TO MISDEMEANOR/PROP 64           | relief_granted prop64
    RESENTENCED PER PROP 64                  | relief_granted prop64
    RESENTENCED UNDER HS 11361.8             |
    PETITION DENIED                          | other
    PETITION DENIED/PROP 64                  |
    PETITION DENIED PER 1170.18              |
    GUILTY                                   | convicted
    DISMISSED                                | dismissed
    DISMISSED/CHARGE DROPPED                 | dismissed
    DISMISSED/FURTHERANCE OF JUSTICE         | dismissed
    1385 PC-DISMISSED/FURTHERANCE OF JUSTICE | dismissed
    DISM                                     | dismissed
    DIVERSION COMPLETED/DISMISSED            | dismissed diversion
    ACQUITTED                                | acquitted
    NOT GUILTY                               | acquitted
    NOT GUILTY BY REASON OF INSANITY         | other
    PROS REJ-OTHER                           | rejected
    PROS REJ-COMB W/OTHER CNTS/CASES         | other
    NO COMPLAINT FILED                       | rejected
    RELEASED/DETENTION ONLY                  | rejected
    RELEASED/TOT OTHER AGENCY                | other
    DIVERSION                                | diverted
    DEFERRED ENTRY OF JUDGMENT               | diverted
    DIVERSION TERMINATED                     | other
    CONV SET ASIDE & DISM PER 1203.4 PC      | set_aside 1203.4
    CONV SET ASIDE & DISM PER 1203.4A PC     | set_aside 1203.4a
    DISMISSED PER 1203.4 PC                  | set_aside 1203.4
    DISM PER 1203.41 PC                      | set_aside 1203.41
    CONV SET ASIDE                           | set_aside
    CONVICTION VACATED PER PROP 64           |
    CONVICTION AFFIRMED                      | other conviction
    DISMISSED/PROP 64                        | relief_granted prop64
    DISMISSED & SEALED PER 11361.8 HS        | relief_granted prop64
    REDESIGNATED MISD PER 11361.8 HS         | relief_granted prop64
    REDESIGNATED INFR PER 11361.8(F) HS      | relief_granted prop64
    RESENTENCED PER 11361.8 HS               | relief_granted prop64
    REDUCED TO MISD PER 1170.18 PC           | relief_granted prop47
    RELIEF GRANTED PER 1203.425 PC           | relief_granted 1203.425
    CONV SET ASIDE & DISM PER 1203.425 PC    | relief_granted 1203.425
    ARREST RELIEF GRANTED                    | relief_granted 851.93
    RELIEF GRANTED                           | relief_granted unstated
    REDUCED TO MISD PER 17(B) PC             | modified
    SENTENCE MODIFIED                        | modified
    PROBATION REVOKED                        | revoked
    PROB REVOKED/REINSTATED                  | revoked
    PROB REINSTATED                          | revoked
    PROBATION REINSTATED-MODIFIED            | revoked
    PROCEEDINGS REINSTATED                   | other
    REL/TOT OTHER JURIS/AUTH                 | other
    JUV PET SUSTAINED                        | other
    PROP 64                                  | relief_granted prop64
    PROP 64-DENIED                           |
    PROP 64-PETITION FILED                   |
    PROP 64-GRANTED                          | relief_granted prop64
    PROP 64-NOTICE SENT                      | relief_granted prop64
    11361.8 HS-PETITION DENIED               |
    REDUCED TO MISD PER PROP 64-DENIED       |
    REDUCED TO MISD-DENIED                   |
    REDUCED TO MISD-REQUESTED                |
    1203.4 PC-DENIED                         |
    1203.4 PC-PETITION WITHDRAWN             |
    1203.425 PC-RELIEF PROHIBITED            |
    1203.425 PC-RELIEF GRANTED               | relief_granted 1203.425
    851.91 PC-NOT GRANTED                    |
    851.93 PC-HEARING PENDING                |
    995 PC-DISM DENIED                       |
    1118.1 PC-ACQUIT (DENIED)                |
    DIVERSION DENIED                         | other
    DRUG DIVERSION DENIED                    |
    DRUG DIVERSION/CONTINUED                 |
    SENTENCE MODIFIED-NOTHING ADDED          | modified
    PETITION FILED                           | other
    PETITION FILED-NOT HEARD                 |
    PLEA WITHDRAWN                           | set_aside
    COMPLAINT NOT FILED                      | rejected
    FOUND NOT GUILTY BY JURY                 | acquitted
    PROS REJ-REFERRED TO OTHER JURIS         |
    PROS REJ-VICTIM REFUSED TO PROSECUTE     | rejected
    DISPO UNKNOWN-SEE FILE                   |
    CONVICTION                               |
    CONVICTEDX                               |
    XCONVICTED                               |
"""
TABLE = [tuple(cell.strip() for cell in line.split("|")) for line in DISPOSITIONS.strip().splitlines()]


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[text for text, _ in TABLE])
def test_disposition(text: str, expected: str) -> None:
    row = classify_dispositions(pd.Series([text])).iloc[0].fillna("")
    assert f"{row['disp_class']} {row['disp_relief']}".strip() == expected


def test_dispositions_are_matched_without_regard_to_case_and_blanks() -> None:
    found = classify_dispositions(pd.Series(["  Convicted-Jail ", "PROS  REJ-OTHER", "DISMISSED/PROP\u00a064"]))
    assert found["disp_class"].tolist() == ["convicted", "rejected", "relief_granted"]


def test_a_missing_or_uncovered_disposition_is_unknown() -> None:
    found = classify_dispositions(pd.Series([None, "", "  ", "SOMETHING ELSE"], index=[4, 3, 2, 1], dtype="object"))
    assert found["disp_class"].isna().all()
    assert found["disp_relief"].isna().all()
    assert found.index.tolist() == [4, 3, 2, 1]
    assert found["disp_text"].isna().tolist() == [True, False, False, False]


def test_the_sample_extract_has_no_uncovered_disposition() -> None:
    path = Path(__file__).parents[1] / "data" / "sacramento_example" / "input.csv"
    with path.open(newline="", encoding="utf-8") as file:
        texts = pd.Series([row["DISP_DESCR"] for row in csv.DictReader(file)])
    assert len(texts) == 38
    known = classify_dispositions(texts[texts.str.strip() != ""])
    assert known["disp_class"].notna().all()
    assert set(known["disp_class"]) <= set(DISPOSITION_CLASSES)
