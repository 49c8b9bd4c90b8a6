"""The definitions of conviction, case number and county at their edges."""

from pathlib import Path

import pytest

from tests.golden.corpus import SECTIONS, Case, Corpus, Setting, Told
from tests.support import decide, record

CORPUS = Corpus()

DISMISS = Setting("dismiss", dismiss=SECTIONS, data_through="2019-11-11")

DISMISSED = ("Eligible for Dismissal", "Dismiss all HS 11359 convictions")
RELIEVED = ("Already Relieved", "Relief under Proposition 64 is already on the record")
UNCLEAR = ("Hand Review", "Missing: prop64_relief_granted")
REPEAT = ("Hand Review", "May be the same conviction as another entry")


def case(*records: dict[str, str]) -> Case:
    return CORPUS.add(DISMISS, *records)


# -- case numbers ------------------------------------------------------------------------------------------------------

_BESIDE = {"CNT_ORDER": "101002002000", "OFFENSE_DESCR": "459 PC-BURGLARY"}
_THIRD = {**_BESIDE, "CNT_ORDER": "101002003000"}
_EARLIER_EVENT = {**_BESIDE, "CNT_ORDER": "101001002000"}
NUMBERS = {
    "its own": (case(record(OFN=" 15F01234 ")), "15F01234", "own_ofn"),
    "its own, never split": (case(record(OFN="15F01234; 15F05678")), "15F01234; 15F05678", "own_ofn"),
    "its own before that of another count": (case(record(OFN="1"), record(**_BESIDE, OFN="2")), "1", "own_ofn"),
    "that of the event": (case(record(OFN=""), record(**_BESIDE, OFN="2")), "2", "event_ofn"),
    "a null token is none": (case(record(OFN="NULL  "), record(**_BESIDE, OFN="2")), "2", "event_ofn"),
    "two of the event disagree": (
        case(record(OFN="", FE_NUM_CRT_CASE="9"), record(**_BESIDE, OFN="2"), record(**_THIRD, OFN="3")),
        "9",
        "fe_num_crt_case",
    ),
    "another event's says nothing": (case(record(OFN=""), record(**_EARLIER_EVENT, OFN="2")), None, "none"),
    "the court's own field last": (case(record(OFN="", FE_NUM_CRT_CASE="CR-9")), "CR-9", "fe_num_crt_case"),
    "one count, two numbers": (case(record(OFN="1", FE_NUM_CRT_CASE="9"), record(OFN="2")), None, "contradicted"),
    "none": (case(record(OFN="")), None, "none"),
}


@pytest.mark.parametrize("what", NUMBERS)
def test_a_case_number_and_where_it_was_found(what: str, told: Told) -> None:
    found, number, source = NUMBERS[what]
    in_scope = [row for row in told.facts(found, "section", "case_number", "case_number_source") if row[0] == "11359"]
    assert in_scope == [("11359", number, source)]
    withheld = told.frame(found, "select withheld_reason from court.action where person_no = $person")
    assert list(withheld["withheld_reason"].fillna("")) == ["no_case_number" if number is None else ""]


# -- whose court -------------------------------------------------------------------------------------------------------

FEDERAL = ("Hand Review", "A federal court is named: no superior court entered this judgment")
_PART = {"SENT_ORDER": "2", "SENT_LOC_DESCR": "JAIL"}
COURTS = {
    "a federal court": (case(record(STP_ORI_DESCR="USDC SACRAMENTO")), FEDERAL),
    "a federal agency": (case(record(STP_ORI_DESCR="USFDSACRAMENTO")), FEDERAL),
    "one row names a federal court": (case(record(), record(STP_ORI_DESCR="USDCSACRAMENTO", **_PART)), FEDERAL),
    "one row names nobody": (
        case(record(STP_ORI_DESCR="USDCSACRAMENTO"), record(STP_ORI_DESCR="", **_PART)),
        FEDERAL,
    ),
    "an agency that is not listed": (case(record(STP_ORI_DESCR="SACRAMENTO SUPERIOR")), DISMISSED),
    "an agency that is no court": (case(record(STP_ORI_DESCR="CAPDSACRAMENTO")), DISMISSED),
}


@pytest.mark.parametrize("what", COURTS)
def test_a_federal_conviction_is_for_a_person(what: str, told: Told) -> None:
    found, expected = COURTS[what]
    assert told.printed(found) == [expected]
    sent = told.frame(found, "select count(*) as n from court.action where person_no = $person")["n"]
    assert list(sent) == [int(expected == DISMISSED)]


def test_where_no_agency_is_stated_at_all_nothing_says_that_a_court_was_federal(tmp_path: Path) -> None:
    decided = decide(tmp_path, [record(STP_ORI_DESCR="")], as_of="2019-11-11", data_through="2019-11-11")
    assert decided.rows("select federal_court, juvenile_court from facts.conviction") == [(False, False)]


# -- what attaches -----------------------------------------------------------------------------------------------------

_STEP_3 = {"CNT_ORDER": "101003001000", "STP_EVENT_DATE": "20120101"}
_RELIEF = {**_STEP_3, "DISP_DESCR": "DISMISSED/PROP 64"}
_COUNT_2 = {"CNT_ORDER": "101002002000"}
ATTACHED = {
    "a repeat": (case(record(), record(**_STEP_3)), [DISMISSED]),
    "a repeat without case number": (case(record(), record(**_STEP_3, OFN="")), [DISMISSED]),
    "another case": (case(record(), record(**_STEP_3, OFN="2")), [DISMISSED, DISMISSED]),
    "another cycle": (case(record(), record(CNT_ORDER="102003001000")), [DISMISSED, REPEAT]),
    "another cycle and case": (case(record(), record(CNT_ORDER="102003001000", OFN="2")), [DISMISSED, DISMISSED]),
    "another cycle without case number": (
        case(record(), record(CNT_ORDER="102003001000", OFN="")),
        [DISMISSED, REPEAT],
    ),
    "another cycle and day": (
        case(record(), record(CNT_ORDER="102003001000", STP_EVENT_DATE="20110101")),
        [DISMISSED, DISMISSED],
    ),
    "a dismissal before it in another cycle": (
        case(record(), record(CNT_ORDER="100003001000", STP_EVENT_DATE="20090101", DISP_DESCR="DISMISSED")),
        [DISMISSED],
    ),
    "relief in another cycle": (case(record(), record(**_RELIEF | {"CNT_ORDER": "102003001000"})), [UNCLEAR]),
    "relief in the cycle before": (case(record(), record(**_RELIEF | {"CNT_ORDER": "100003001000"})), [UNCLEAR]),
    "a reversal in another cycle": (
        case(record(), record(CNT_ORDER="102003001000", DISP_DESCR="CONVICTION REVERSED")),
        [("Hand Review", "Missing: disposition_conflict")],
    ),
    "another county": (
        case(record(), record(**_STEP_3, STP_ORI_CNTY_NAME="YOLO", STP_ORI_DESCR="CASC YOLO")),
        [DISMISSED, DISMISSED],
    ),
    "another section": (
        case(record(), record(**_STEP_3, OFFENSE_DESCR="11358 HS-CULTIVATE MARIJUANA")),
        [DISMISSED, ("Eligible for Dismissal", "Dismiss all HS 11358 convictions")],
    ),
    "two counts of one step": (case(record(), record(**_COUNT_2)), [DISMISSED, DISMISSED]),
    "a set-aside": (
        case(record(), record(**_STEP_3, DISP_DESCR="CONV SET ASIDE & DISM PER 1203.4 PC")),
        [DISMISSED],
    ),
    "relief": (case(record(), record(**_RELIEF)), [RELIEVED]),
    "relief in an earlier step": (case(record(), record(**{**_RELIEF, "CNT_ORDER": "101001001000"})), [DISMISSED]),
    "relief after the as-of date": (case(record(), record(**{**_RELIEF, "STP_EVENT_DATE": "20200101"})), [DISMISSED]),
    "relief in another case": (case(record(), record(**_RELIEF, OFN="2")), [DISMISSED]),
    "relief for one of two counts": (
        case(record(), record(**_COUNT_2), record(**_RELIEF)),
        [UNCLEAR, UNCLEAR],
    ),
    "relief for each of two counts": (
        case(record(), record(**_COUNT_2, OFFENSE_DESCR="11358 HS-CULTIVATE MARIJUANA"), record(**_RELIEF)),
        [RELIEVED, ("Eligible for Dismissal", "Dismiss all HS 11358 convictions")],
    ),
    "a repeat of one of two counts": (
        case(record(), record(**_COUNT_2), record(**_STEP_3)),
        [DISMISSED, DISMISSED, REPEAT],
    ),
    "relief for an offense that isn't told": (case(record(), record(**{**_RELIEF, "OFFENSE_DESCR": ""})), [UNCLEAR]),
    "relief in a county that isn't told": (case(record(), record(**{**_RELIEF, "STP_ORI_CNTY_NAME": ""})), [UNCLEAR]),
    "relief in an order that isn't told": (case(record(), record(**{**_RELIEF, "CNT_ORDER": ""})), [UNCLEAR]),
    "relief told by probation": (case(record(), record(**{**_RELIEF, "STP_TYPE_DESCR": "PROBATION"})), [UNCLEAR]),
    "relief that isn't named": (case(record(), record(**{**_RELIEF, "DISP_DESCR": "RELIEF GRANTED"})), [UNCLEAR]),
}


@pytest.mark.parametrize("what", ATTACHED)
def test_what_a_later_step_says_of_a_conviction(what: str, told: Told) -> None:
    found, expected = ATTACHED[what]
    assert told.printed(found) == expected


def test_a_conviction_is_dated_by_its_first_step(told: Told) -> None:
    found, _ = ATTACHED["a repeat"]
    assert told.cells(found, "conviction_day") == ["01/01/2010"]


# -- what may be a conviction ------------------------------------------------------------------------------------------

CRIME_FREE = Setting("crime_free", reduce=SECTIONS, relief=(("yearsCrimeFreeThreshold", 5),))
FREE = ("Eligible for Dismissal", "No convictions in the past 5 years")
MAYBE = ("Hand Review", "Missing: latest_conviction_date")
_IN_2019 = {
    "CNT_ORDER": "102002001000",
    "STP_EVENT_DATE": "20190101",
    "OFN": "2",
    "OFFENSE_DESCR": "459 PC-BURGLARY",
}
POSSIBLE = {
    what: (CORPUS.add(CRIME_FREE, record(), record(**{**_IN_2019, **cells})), expected)
    for what, cells, expected in (
        ("a court action without disposition", {"DISP_DESCR": ""}, MAYBE),
        ("a disposition that no rule knows", {"DISP_DESCR": "FLUMMOXED"}, MAYBE),
        ("convicted on an arrest", {"STP_TYPE_DESCR": "ARREST/DETAINED/CITED"}, MAYBE),
        ("convicted in a step that isn't told", {"STP_TYPE_DESCR": ""}, MAYBE),
        ("a court action long ago without disposition", {"DISP_DESCR": "", "STP_EVENT_DATE": "20120101"}, FREE),
        ("an arrest without disposition", {"DISP_DESCR": "", "STP_TYPE_DESCR": "ARREST/DETAINED/CITED"}, FREE),
        ("dismissed", {"DISP_DESCR": "DISMISSED/FURTHERANCE OF JUSTICE"}, FREE),
        ("acquitted", {"DISP_DESCR": "ACQUITTED"}, FREE),
    )
}


@pytest.mark.parametrize("what", POSSIBLE)
def test_what_may_be_a_conviction_is_neither_counted_nor_ignored(what: str, told: Told) -> None:
    found, expected = POSSIBLE[what]
    assert told.printed(found) == [expected]
    assert told.cells(found, "n_convictions") == ["1"]


# -- county ------------------------------------------------------------------------------------------------------------


def test_an_unknown_county_is_listed_apart_and_goes_to_no_court(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    rows = [
        record(SUBJECT_ID=str(n), REQ_CII_NUMBER=f"A{n}", STP_ORI_CNTY_NAME=county)
        for n, county in enumerate(("", "NARNIA", "NULL", " sacramento"), start=1)
    ]
    decided = decide(home, rows, options=DISMISS.options(tmp_path), review="convictions", data_through="2019-11-11")
    written = {
        path.parent.name: [line.split(",")[2] for line in path.read_text("utf-8").splitlines()[1:]]
        for path in decided.files.rglob("Prop64_Results.csv")
    }
    assert {county: lines for county, lines in written.items() if lines} == {
        "_unknown": ["1", "2", "3"],
        "sacramento": ["4"],
    }
    assert decided.rows("select county, withheld_reason, count(*) from court.action group by all order by all") == [
        ("SACRAMENTO", None, 1),
        (None, "county_unknown", 3),
    ]
