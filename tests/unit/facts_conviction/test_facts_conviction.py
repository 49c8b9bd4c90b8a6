"""The facts of a conviction: each true, false and unknown, and on its edge days. As of 2020-06-01, one person a case."""

from pathlib import Path
from typing import Any

import pytest

from tests.support import Decided, decide, record
from tests.unit.facts_conviction import offense_cases, sentence_cases
from tests.unit.facts_conviction.histories import AS_OF

CASES = {**offense_cases.CASES, **sentence_cases.CASES}


def test_no_case_hides_another() -> None:
    assert len(CASES) == len(offense_cases.CASES) + len(sentence_cases.CASES)


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    rows = [
        {**row, "SUBJECT_ID": str(number), "REQ_CII_NUMBER": f"A{number:08}", "SENT_ORDER": str(place)}
        for number, (history, _) in enumerate(CASES.values())
        for place, row in enumerate(history)
    ]
    return decide(tmp_path_factory.mktemp("facts") / "home", rows, as_of=AS_OF)


@pytest.fixture(scope="module")
def facts(decided: Decided) -> dict[int, dict[str, Any]]:
    """By person, the facts of the conviction of 101-002-001."""
    with decided.run.warehouse() as warehouse:
        columns = list(warehouse.describe("facts.conviction"))
    told = decided.rows(
        "select cast(substr(p.subject_key, 2) as integer), f.* from facts.conviction as f "
        "inner join core.conviction as v on f.conviction_id = v.conviction_id "
        "inner join core.person as p on v.person_no = p.person_no where v.cnt_order = 101002001000"
    )
    return {number: dict(zip(columns, values, strict=True)) for number, *values in told}


@pytest.mark.parametrize("name", CASES)
def test_a_fact_is_what_the_record_tells(facts: dict[int, dict[str, Any]], name: str) -> None:
    found = facts[list(CASES).index(name)]
    expected = CASES[name][1]
    shown = {fact: str(found[fact]) if hasattr(found[fact], "year") else found[fact] for fact in expected}
    assert shown == expected


def test_input_files_speak_of_those_that_they_name_surely(tmp_path: Path) -> None:
    files = {
        "srf": "CII_NUMBER,SUPERVISION,START_DATE,END_DATE\na00000001,PROBATION,,\nA00000002,PAROLE,,2020-05-31\n",
        "prohibitions": "COUNTY,CASE_NUMBER,DATE\nSACRAMENTO,12-345,2019-01-01\n",
        "weights": "COURT_NUMBER,GRAMS\n12345,30.5\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    people = [
        record(SUBJECT_ID=str(number), REQ_CII_NUMBER=cii, OFN=case_number, STP_ORI_CNTY_NAME=county)
        for number, (cii, case_number, county) in enumerate(
            [
                ("A00000001", "12345", "SACRAMENTO"),
                ("A00000002", "12346", "SACRAMENTO"),
                ("", "", "SACRAMENTO"),
                ("A00000004", "12345", "YOLO"),
                ("A00000005", "99", ""),
            ]
        )
    ]
    decided = decide(tmp_path / "home", people, as_of=AS_OF, **{name: tmp_path / name for name in files})
    told = decided.rows(
        "select f.srf, f.srf_known, f.relief_prohibited, f.drug_weight_grams, f.weights_given from facts.conviction as f "
        "inner join core.person as p on f.person_no = p.person_no order by p.subject_key"
    )
    assert told == [
        ("active", True, True, 30.5, True),
        ("clear", True, False, None, True),
        (None, False, None, None, True),
        ("clear", True, False, 30.5, True),
        ("clear", True, None, None, True),
    ]
