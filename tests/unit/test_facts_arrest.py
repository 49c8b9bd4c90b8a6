"""The facts of an arrest: true, false and unknown, by what its cycle tells."""

from pathlib import Path
from typing import Any

import pytest

from tests.support import DEFAULTS, decide, record

ARREST = {
    "STP_TYPE_DESCR": "ARREST/DETAINED/CITED", "CNT_ORDER": "101001001000", "DISP_DESCR": "", "CONV_STAT_DESCR": "",
    "OFFENSE_TOC": "M", "OFN": "",
}  # fmt: skip
COURT = {"CNT_ORDER": "101002001000", "CONV_STAT_DESCR": "", "OFFENSE_TOC": "M"}
OTHER_COUNT = {**COURT, "CNT_ORDER": "101002002000"}
LATER = {**COURT, "CNT_ORDER": "101003001000", "STP_EVENT_DATE": "20110101"}


def ended(disposition: str, step: dict[str, str] = COURT, **cells: str) -> dict[str, str]:
    return {**step, "DISP_DESCR": disposition, "DISP_ORDER": "1", **cells}


AGAIN = {**ARREST, "CNT_ORDER": "102001001000", "STP_ORI_DESCR": "CASOSACRAMENTO"}
AGAIN_COURT = {**COURT, "CNT_ORDER": "102002001000"}
DISMISSED, ACQUITTED = ended("DISMISSED"), ended("ACQUITTED")
UNKNOWN = dict.fromkeys(
    ("has_conviction", "proceedings_initiated", "all_dismissed", "all_acquitted", "all_favorable", "prosecutor_rejected",
     "diversion_completed", "arrest_relief_granted")
)  # fmt: skip
CASES: dict[str, tuple[list[dict[str, str]], dict[str, Any]]] = {
    "nothing follows": (
        [ARREST],
        {"is_felony_arrest": False, "has_conviction": False, "proceedings_initiated": False, "all_dismissed": False,
         "prosecutor_rejected": False, "diversion_completed": False, "arrest_relief_granted": False, "order_known": True,
         "possible_repeat": False, "after_as_of": False, "juvenile_court": False, "arrest_event": "101-001"},
    ),
    "a felony": ([{**ARREST, "OFFENSE_TOC": "F"}], {"is_felony_arrest": True}),
    "a felony in court": ([ARREST, {**DISMISSED, "OFFENSE_TOC": "F"}], {"is_felony_arrest": True}),
    "a charge of no known type": ([{**ARREST, "OFFENSE_TOC": ""}], {"is_felony_arrest": None}),
    "dismissed": (
        [ARREST, DISMISSED],
        {"proceedings_initiated": True, "all_dismissed": True, "all_acquitted": False, "has_conviction": False,
         "court_event": "101-002", "diversion_completed": False},
    ),
    "acquitted": ([ARREST, ACQUITTED], {"all_dismissed": False, "all_acquitted": True, "all_favorable": True}),
    "dismissed and acquitted": (
        [ARREST, DISMISSED, ended("ACQUITTED", OTHER_COUNT)],
        {"all_dismissed": False, "all_acquitted": False, "all_favorable": True},
    ),
    "one count of two convicted": (
        [ARREST, DISMISSED, ended("CONVICTED", OTHER_COUNT)],
        {"has_conviction": True, "all_dismissed": False, "conviction_event": "101-002"},
    ),
    "set aside": ([ARREST, ended("CONV SET ASIDE & DISM PER 1203.4 PC")], {"has_conviction": None}),
    **{
        f"{said}, of no conviction that is told": (
            [ARREST, ended(said)], {"has_conviction": None, "all_dismissed": False, "proceedings_initiated": True},
        )
        for said in ("CONVICTION VACATED", "CONV REVERSED", "CONVICTED-VACATED", "JUDGMENT VACATED", "PLEA VACATED",
                     "CONVICTION SET ASIDE", "PLEA WITHDRAWN", "CONVICTION AFFIRMED", "PROBATION REVOKED",
                     "SENTENCE MODIFIED", "REDUCED TO MISD PER 17(B) PC", "RELIEF GRANTED PER 1203.425")
    },
    "reversed, then dismissed": (
        [ARREST, ended("CONVICTION REVERSED"), ended("DISMISSED", LATER)], {"has_conviction": None, "all_dismissed": False},
    ),
    "affirmed, then dismissed": (
        [ARREST, ended("CONVICTION AFFIRMED"), ended("DISMISSED", LATER)], {"has_conviction": None, "all_dismissed": True},
    ),
    "an information set aside": ([ARREST, ended("995 PC-SET ASIDE")], {"has_conviction": False, "all_dismissed": True}),
    "a court step that says nothing": (
        [ARREST, ended("")], {**UNKNOWN, "proceedings_initiated": True, "has_conviction": None},
    ),
    "a disposition nobody knows": ([ARREST, ended("SOMETHING NEW")], {"all_dismissed": None, "has_conviction": None}),
    "rejected at the arrest": (
        [{**ARREST, "DISP_DESCR": "PROS REJ-OTHER", "DISP_ORDER": "1"}],
        {"prosecutor_rejected": True, "proceedings_initiated": False},
    ),
    "released on bail": ([{**ARREST, "DISP_DESCR": "RELEASED/BAIL"}], {"proceedings_initiated": None}),
    "rejected in court": ([ARREST, ended("PROS REJ-OTHER")], {"prosecutor_rejected": True, "all_favorable": True}),
    "diverted": ([ARREST, ended("DIVERSION")], {"diversion_completed": False, "all_dismissed": False}),
    "diverted, then dismissed": (
        [ARREST, ended("DIVERSION"), ended("DISMISSED", LATER)], {"diversion_completed": True, "all_dismissed": True},
    ),
    "another count dismissed after a diversion": (
        [ARREST, ended("DIVERSION"), ended("DISMISSED", LATER, OFFENSE_DESCR="459 PC-BURGLARY")],
        {"diversion_completed": False, "all_dismissed": False},
    ),
    "one of two counts diverted": (
        [ARREST, ended("DIVERSION COMPLETED"), ended("DISMISSED", OTHER_COUNT)],
        {"diversion_completed": None, "all_dismissed": True},
    ),
    "sealed": ([ARREST, DISMISSED, ended("SEALED PER 851.91", LATER)], {"arrest_relief_granted": True}),
    "relief that is not stated": ([ARREST, ended("RELIEF GRANTED")], {"arrest_relief_granted": None}),
    "a row adrift": ([ARREST, {**DISMISSED, "CNT_ORDER": ""}], {**UNKNOWN, "is_felony_arrest": None}),
    "a step of no known type": ([ARREST, {**DISMISSED, "STP_TYPE_DESCR": ""}], UNKNOWN),
    "an arrest without order": ([{**ARREST, "CNT_ORDER": ""}], {**UNKNOWN, "order_known": False, "possible_repeat": True}),
    "an arrest without day": (
        [{**ARREST, "STP_EVENT_DATE": ""}], {"arrest_date": None, "arrest_date_least": None, "after_as_of": None},
    ),
    "a court step after the as-of date": (
        [ARREST, {**DISMISSED, "STP_EVENT_DATE": "20191112"}], {"proceedings_initiated": False, "all_dismissed": False},
    ),
    "a court step on the as-of date": (
        [ARREST, {**DISMISSED, "STP_EVENT_DATE": "20191111"}], {"proceedings_initiated": True, "all_dismissed": True},
    ),
    "a court step on a day that may be later": (
        [ARREST, {**DISMISSED, "STP_EVENT_DATE": "20190000"}], {"proceedings_initiated": True, "all_dismissed": None},
    ),
    "two agencies in one step": (
        [ARREST, {**ARREST, "CNT_ORDER": "101001002000", "STP_ORI_DESCR": "CAPDSACRAMENTO"}], {"possible_repeat": True},
    ),
    "for a violation of supervision": (
        [{**ARREST, "OFFENSE_DESCR": "1203.2 PC-PROBATION VIOLATION"}], {"supervision_violation": True},
    ),
    "for a violation and an offense": (
        [{**ARREST, "OFFENSE_DESCR": "3056 PC-VIOL PAROLE"}, {**ARREST, "CNT_ORDER": "101001002000"}],
        {"supervision_violation": False},
    ),
    "for what nobody can read": ([{**ARREST, "OFFENSE_DESCR": ""}], {"supervision_violation": None}),
    "of no other case": ([{**ARREST, "FE_NUM_ORDER": "1", "FE_NUM_BOOKING": "1"}], {"of_other_case": False}),
    "on a bench warrant": ([{**ARREST, "FE_NUM_BNCH_WARR": "B1"}], {"of_other_case": True}),
    "on a bench warrant, by its second charge": (
        [ARREST, {**ARREST, "CNT_ORDER": "101001002000", "FE_NUM_BNCH_WARR": "B1"}], {"of_other_case": True},
    ),
    "on a bench warrant, dismissed": ([{**ARREST, "FE_NUM_BNCH_WARR": "B1"}, DISMISSED], {"of_other_case": True}),
    "on a warrant": ([{**ARREST, "FE_NUM_WARRANT": "0123"}], {"of_other_case": True}),
    "remanded": ([{**ARREST, "FE_NUM_REMAND": "R1"}], {"of_other_case": True}),
    "on no warrant": ([{**ARREST, "FE_NUM_WARRANT": "NONE"}], {"of_other_case": False}),
    "a warrant in the court step": ([ARREST, {**DISMISSED, "FE_NUM_WARRANT": "W1"}], {"of_other_case": False}),
    "a docket that no court step tells of": ([{**ARREST, "FE_NUM_DOCKET": "D1"}], {"of_other_case": True}),
    "a docket, and a court step": ([{**ARREST, "FE_NUM_DOCKET": "D1"}, DISMISSED], {"of_other_case": False}),
    "a court case that no court step tells of": ([{**ARREST, "FE_NUM_CRT_CASE": "C1"}], {"of_other_case": True}),
    "a docket, and a court step to come": (
        [{**ARREST, "FE_NUM_DOCKET": "D1"}, {**DISMISSED, "STP_EVENT_DATE": "20191112"}], {"of_other_case": True},
    ),
    "a number that is not there": ([{**ARREST, "FE_NUM_ORDER": "1"}], {"of_other_case": None}),
    "a warrant in the comment": ([{**ARREST, "COMMENT_TEXT": "COM: WARRANT NBR 113591"}], {"of_other_case": True}),
    "another word in the comment": ([{**ARREST, "COMMENT_TEXT": "COM: UNWARRANTED"}], {"of_other_case": False}),
    "for a bench warrant": ([{**ARREST, "OFFENSE_DESCR": "978.5 PC-BENCH WARRANT:FTA"}], {"of_other_case": True}),
    "a fugitive, by the statute": ([{**ARREST, "OFFENSE_DESCR": "1551.1 PC"}], {"of_other_case": True}),
    "for an offense, on an outside warrant": (
        [{**ARREST, "OFFENSE_DESCR": "484 PC-THEFT/OUTSIDE WARRANT"}], {"of_other_case": True},
    ),
    "for a failure to appear": ([{**ARREST, "OFFENSE_DESCR": "1320(A) PC-FTA"}], {"of_other_case": True}),
    "for a failure to appear, told": ([{**ARREST, "OFFENSE_DESCR": "1320(A) PC-FTA"}, DISMISSED], {"of_other_case": False}),
    "for an offense, and for what nobody can read": (
        [ARREST, {**ARREST, "CNT_ORDER": "101001002000", "OFFENSE_DESCR": ""}], {"of_other_case": None},
    ),
    **{
        f"told again, {name}": ([ARREST, {**AGAIN, **cells}, *ends], {"arrest_event": "101-001", "repeat_elsewhere": said})
        for name, cells, ends, said in (
            ("with nothing", {}, (), False),
            ("and rejected", {"DISP_DESCR": "PROS REJ-OTHER", "DISP_ORDER": "1"}, (), False),
            ("and acquitted", {}, (ended("ACQUITTED", AGAIN_COURT),), False),
            ("and convicted", {}, (ended("CONVICTED", AGAIN_COURT),), True),
            ("and pending", {}, (ended("HELD TO ANSWER", AGAIN_COURT),), True),
            ("and dismissed", {}, (ended("DISMISSED", AGAIN_COURT),), True),
            ("and who knows", {}, (ended("", AGAIN_COURT),), True),
            ("and released on bail", {"DISP_DESCR": "RELEASED/BAIL", "DISP_ORDER": "1"}, (), True),
            ("on a warrant", {"FE_NUM_WARRANT": "W1"}, (), True),
            ("of a day that is not told", {"STP_EVENT_DATE": ""}, (ended("CONVICTED", AGAIN_COURT),), True),
            ("of a day that may be", {"STP_EVENT_DATE": "20100000"}, (ended("CONVICTED", AGAIN_COURT),), True),
            ("of another day", {"STP_EVENT_DATE": "20100102"}, (ended("CONVICTED", AGAIN_COURT),), False),
            ("for another offense", {"OFFENSE_DESCR": "459 PC-BURGLARY"}, (ended("CONVICTED", AGAIN_COURT),), False),
            ("for what nobody can read", {"OFFENSE_DESCR": ""}, (ended("CONVICTED", AGAIN_COURT),), True),
            ("in other words", {"OFFENSE_DESCR": "11359(A) HS-POSS FOR SALE"}, (ended("CONVICTED", AGAIN_COURT),), True),
        )
    },
    "told again, convicted where it was told first": (
        [ARREST, ended("CONVICTED"), AGAIN], {"arrest_event": "102-001", "repeat_elsewhere": True},
    ),
    "half of it told again": (
        [ARREST, {**AGAIN, "STP_TYPE_DESCR": ""}], {"arrest_event": "101-001", "repeat_elsewhere": True},
    ),
    "told again in its cycle": (
        [ARREST, {**ARREST, "CNT_ORDER": "101003001000"}, ended("CONVICTED")],
        {"repeat_elsewhere": False, "has_conviction": True},
    ),
    "told again, after the as-of date": (
        [{**ARREST, "STP_EVENT_DATE": "20190000"}, {**AGAIN, "STP_EVENT_DATE": "20191112"}, ended("CONVICTED", AGAIN_COURT)],
        {"arrest_event": "101-001", "repeat_elsewhere": False},
    ),
    **{
        f"a court without an arrest, {name}": (
            [{**ARREST, **mine}, *ends, ended("CONVICTED", AGAIN_COURT, **cells)],
            {"arrest_event": "101-001", "tried_elsewhere": said},
        )
        for name, mine, ends, cells, said in (
            ("later", {}, (), {"STP_EVENT_DATE": "20120101"}, True),
            ("on the day", {}, (), {"STP_EVENT_DATE": "20100101"}, True),
            ("the day before", {}, (), {"STP_EVENT_DATE": "20091231"}, False),
            ("in a year that may be before", {"STP_EVENT_DATE": "20100601"}, (), {"STP_EVENT_DATE": "20100000"}, True),
            ("in a year that is before", {}, (), {"STP_EVENT_DATE": "20090000"}, False),
            ("of no known day", {}, (), {"STP_EVENT_DATE": ""}, True),
            ("before an arrest of no known day", {"STP_EVENT_DATE": ""}, (), {"STP_EVENT_DATE": "19900101"}, True),
            ("after the as-of date", {}, (), {"STP_EVENT_DATE": "20191112"}, False),
            ("for another offense", {}, (), {"OFFENSE_DESCR": "459 PC-BURGLARY"}, False),
            ("for what nobody can read", {}, (), {"OFFENSE_DESCR": ""}, True),
            ("a step of no known type", {}, (), {"STP_TYPE_DESCR": ""}, True),
            ("and one of its own", {}, (DISMISSED,), {}, False),
            ("and one of its own to come", {}, (ended("DISMISSED", STP_EVENT_DATE="20191112"),), {}, True),
        )
    },
    "a court with an arrest of its own": (
        [ARREST, {**AGAIN, "STP_EVENT_DATE": "20110101"}, ended("CONVICTED", AGAIN_COURT, STP_EVENT_DATE="20120101")],
        {"arrest_event": "101-001", "tried_elsewhere": False},
    ),
    "by a federal agency": ([{**ARREST, "STP_ORI_DESCR": "USFD FBI SACRAMENTO"}], {"federal_agency": True}),
    "by a federal agency, told again by the sheriff": (
        [{**AGAIN, "STP_ORI_DESCR": "USFDSACRAMENTO"}, ARREST], {"arrest_event": "101-001", "repeat_elsewhere": True},
    ),
    "a federal court": ([ARREST, {**DISMISSED, "STP_ORI_DESCR": "USDCSACRAMENTO"}], {"federal_agency": True}),
    "by an agency of no known kind": ([{**ARREST, "STP_ORI_DESCR": "NVPDRENO"}], {"federal_agency": False}),
    "by an agency that is not told": ([{**ARREST, "STP_ORI_DESCR": ""}], {"federal_agency": None}),
    "a juvenile court": ([ARREST, {**DISMISSED, "STP_ORI_DESCR": "CAJVSACRAMENTO"}], {"juvenile_court": True}),
}  # fmt: skip


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    rows = [
        record(**{**DEFAULTS, **row, "SUBJECT_ID": str(number), "REQ_CII_NUMBER": f"A{number}"})
        for number, (history, _) in enumerate(CASES.values(), start=1)
        for row in history
    ]
    decided = decide(Path(tmp_path_factory.mktemp("facts")), rows)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in CASES}
    with decided.run.warehouse() as warehouse:
        columns = list(warehouse.describe("facts.arrest"))
        told = warehouse.rows(
            f"select substr(p.subject_key, 2), {', '.join(f'f.{column}' for column in columns)} from facts.arrest as f "
            "inner join core.person as p on f.person_no = p.person_no order by f.arrest_id"
        )
    names = list(CASES)
    for subject, *values in told:
        found[names[int(subject) - 1]].append(dict(zip(columns, values, strict=True)))
    return found


@pytest.mark.parametrize("name", CASES)
def test_facts_of_an_arrest(facts: dict[str, list[dict[str, Any]]], name: str) -> None:
    expected = CASES[name][1]
    told = [
        arrest
        for arrest in facts[name]
        if arrest["arrest_event"] == expected.get("arrest_event", arrest["arrest_event"])
    ]
    assert told, "no arrest"
    for arrest in told:
        assert {fact: arrest[fact] for fact in expected} == expected


def test_an_arrest_keeps_its_id_when_cycles_are_renumbered(tmp_path: Path) -> None:
    def ids(home: Path, cycle: str) -> list[Any]:
        (home / "keys").mkdir(parents=True)
        (home / "keys" / "action.key").write_text("0" * 64, "ascii")
        steps = [{**ARREST, "CNT_ORDER": f"{cycle}001001000"}, {**DISMISSED, "CNT_ORDER": f"{cycle}002001000"}]
        return decide(home, [record(**step) for step in steps]).rows("select arrest_id from facts.arrest")

    assert ids(tmp_path / "one", "101") == ids(tmp_path / "two", "107")
