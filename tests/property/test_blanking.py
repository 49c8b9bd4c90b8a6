"""Law 2: blanking any one input value never makes an outcome eligible and never adds relief.

What is left out, because no row could tell it (docs/decisions.md): a birth date or CII that stands on exactly one of
several rows, a disposition outside a court, an offense convicted of or disposed that are not numbered beside their text, the
qualifier of an offense on its only row, what a comment says of a warrant, a warrant's number that FE_NUM_ORDER does not
number, and a blank that turns a row into an exact copy of another.
"""

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.blanking import Case, cases_of, gains, smallest
from tests.property.histories import draw_history
from tests.support import record

# Every example decides some dozens of histories with all their blanks: in CI always the same, with `make fuzz` others.
FUZZ = os.environ.get("CLEARSLATE_FUZZ")
EXAMPLES = int(FUZZ or "4")
HISTORIES = 30
DAYS = ("2017-03-01", "2019-11-11", "2026-02-01")


@settings(max_examples=EXAMPLES, deadline=None, derandomize=not FUZZ, database=None, print_blob=True)
@given(chance=st.randoms(use_true_random=True), as_of=st.sampled_from(DAYS))
def test_blanking_one_value_never_helps(chance: Random, as_of: str) -> None:
    cases = [case for _ in range(HISTORIES) for case in cases_of(draw_history(chance))]
    found = gains(cases, as_of)
    assert not found, str(smallest(found[0]))


def _case(row: int, column: str, *rows: dict[str, str]) -> Case:
    told = [record(**{"SENT_ORDER": str(number), "DISP_ORDER": "1", **one}) for number, one in enumerate(rows)]
    return Case(told, row, column)


_JUVENILE = {"STP_ORI_DESCR": "CAJVSACRAMENTO"}
_FEDERAL = {"STP_ORI_DESCR": "USDCSACRAMENTO"}
_SECOND = {"CNT_ORDER": "101002002000"}
_LATER = {"CNT_ORDER": "101003001000", "STP_EVENT_DATE": "20180101"}
_RELIEF = {"DISP_DESCR": "REDESIGNATED MISD PER 11361.8 HS"}
_MISDEMEANOR = {"CONV_STAT_DESCR": "MISDEMEANOR"}
_UNKNOWN = {"DISP_DESCR": "SOMETHING NEW"}
_CUSTODY = {**_LATER, "STP_TYPE_DESCR": "CUSTODY"}
_PRISON = {
    "CNT_ORDER": "201001001000",
    "STP_EVENT_DATE": "20180101",
    "STP_TYPE_DESCR": "CUSTODY:PRISON",
    "OFFENSE_DESCR": "187 PC-MURDER",
    "DISP_DESCR": "",
    "CONV_STAT_DESCR": "",
    "OFN": "",
}
_MURDER = {"CNT_ORDER": "201001001000", "OFFENSE_DESCR": "187 PC-MURDER", "OFN": "2"}
_JAILED = {
    **_PRISON,
    "STP_TYPE_DESCR": "CUSTODY:JAIL",
    "SENT_LOC_DESCR": "JAIL",
    "SENT_LOC_CODE": "J",
    "SENT_LENGTH": "1",
    "SENT_TIME_CODE": "Y",
}
_FREED = {**_MURDER, "CNT_ORDER": "201002001000", "STP_EVENT_DATE": "20180201", "DISP_DESCR": "DISMISSED"}
_ARREST = {"STP_TYPE_DESCR": "ARREST/DETAINED/CITED", "DISP_DESCR": "", "CONV_STAT_DESCR": "", "OFN": ""}
_ARRESTS = (
    {**_ARREST, "CNT_ORDER": "101001001000", "STP_EVENT_DATE": "20150301"},
    {**_ARREST, "CNT_ORDER": "101002001000", "STP_EVENT_DATE": "20160301"},
)

# Each once got relief out of a blank, or would have.
ONCE = {
    "a juvenile court, told by its name": _case(0, "STP_ORI_DESCR", _JUVENILE),
    "a federal court, told by its name": _case(0, "STP_ORI_DESCR", _FEDERAL),
    "a federal court, on one row of two": _case(1, "STP_ORI_DESCR", {}, _FEDERAL),
    "another offense convicted of": _case(
        0, "CONV_OFFENSE_DESCR", {"CONV_OFFENSE_DESCR": "11357(A) HS-POSSESS", "CONV_OFFENSE_CODE": "30107"}
    ),
    "another offense disposed of": _case(
        0, "DISP_OFFENSE_DESCR", {"DISP_OFFENSE_DESCR": "459 PC-BURGLARY", "DISP_OFFENSE_CODE": "30107"}
    ),
    "half of a count, by its qualifier": _case(
        1, "OFFENSE_QUAL_LST", {"OFFENSE_QUAL_LST": "ATTEMPTED"}, {"OFFENSE_QUAL_LST": "ATTEMPTED"}
    ),
    "half of a count, by the qualifier of its conviction": _case(
        1, "CONV_OFFENSE_QUAL_LST", {"CONV_OFFENSE_QUAL_LST": "ATTEMPTED"}, {"CONV_OFFENSE_QUAL_LST": "ATTEMPTED"}
    ),
    "a severity that nobody knows": _case(0, "CONV_STAT_DESCR", {"CONV_STAT_DESCR": "WOBBLER"}),
    "two severities of one count": _case(1, "CONV_STAT_DESCR", {}, _MISDEMEANOR),
    "half of a count, by its offense": _case(1, "OFFENSE_DESCR", {}, _JUVENILE),
    "half of a count, by its step": _case(1, "STP_TYPE_DESCR", {}, _JUVENILE),
    "half of a count, by its order": _case(1, "CNT_ORDER", {}, _JUVENILE),
    "half of a count, by its offense, of two severities": _case(1, "OFFENSE_DESCR", _MISDEMEANOR, {}),
    "the first of two that tell one conviction": _case(0, "CNT_ORDER", {}, {**_LATER, **_MISDEMEANOR}),
    "a death after the as-of date": _case(
        1,
        "STP_EVENT_DATE",
        {},
        {"STP_TYPE_DESCR": "DECEASED", "STP_EVENT_DATE": "20241007", "CNT_ORDER": "109001001000"},
    ),
    "a dismissal that no court told": _case(
        1, "DISP_DESCR", {}, {**_LATER, "STP_TYPE_DESCR": "PROBATION", "DISP_DESCR": "DISMISSED"}
    ),
    "a conviction that no court told": _case(1, "DISP_DESCR", {}, {**_CUSTODY, "OFFENSE_DESCR": "459 PC-BURGLARY"}),
    "a later conviction with a case number of its own": _case(1, "OFN", {}, {**_LATER, "OFN": "2"}),
    "the number of an earlier conviction": _case(0, "OFN", {}, {**_LATER, "OFN": "2"}),
    "a later conviction under other code letters": _case(
        1, "OFN", {}, {**_LATER, "OFN": "2", "OFFENSE_DESCR": "11359 PC-POSSESS FOR SALE"}
    ),
    "two days under one count order": _case(1, "STP_EVENT_DATE", {}, {"STP_EVENT_DATE": "20180101"}),
    "what may be a conviction of another day": _case(
        1,
        "STP_EVENT_DATE",
        {"OFFENSE_DESCR": "11357(A) HS-POSSESS"},
        {**_UNKNOWN, "STP_EVENT_DATE": "20180101"},
        {"STP_EVENT_DATE": "20080101"},
    ),
    "a county beside a county that isn't one": _case(0, "STP_ORI_CNTY_NAME", {}, {"STP_ORI_CNTY_NAME": "NARNIA"}),
    "a county beside a blank": _case(0, "STP_ORI_CNTY_NAME", {}, {"STP_ORI_CNTY_NAME": ""}),
    "a charge whose comment speaks of another": _case(
        0, "OFFENSE_DESCR", {"COMMENT_TEXT": "CHRG 459 PC"}, {**_LATER, **_MISDEMEANOR}
    ),
    "half of what a prison says": _case(1, "OFFENSE_DESCR", {}, _CUSTODY, {**_CUSTODY, "OFN": "2", "DISP_DESCR": ""}),
    "a later count in one county or another": _case(
        1,
        "STP_ORI_CNTY_NAME",
        {"STP_ORI_CNTY_NAME": "YOLO"},
        {**_LATER, **_UNKNOWN, "STP_ORI_CNTY_NAME": "YOLO"},
        {**_LATER, "STP_ORI_CNTY_NAME": "SAN JOAQUIN"},
    ),
    "one of two days, beside a row without order": _case(
        2,
        "STP_EVENT_DATE",
        {"STP_EVENT_DATE": "19910205"},
        {"STP_EVENT_DATE": "19910205", **_SECOND},
        {"STP_EVENT_DATE": "19910206"},
        {"STP_EVENT_DATE": "19910206", "CNT_ORDER": "", "OFN": "2"},
    ),
    "a county, where a later conviction also grants relief": _case(
        0, "STP_ORI_CNTY_NAME", {}, {**_LATER, **_RELIEF}, {**_LATER}
    ),
    "a step beside a row without step": _case(
        0, "STP_TYPE_DESCR", {"OFN": "1"}, {"OFN": "1", "STP_TYPE_DESCR": ""}, {**_LATER, "OFN": "2"}
    ),
    "half of a count of another day, after the as-of date": _case(
        1,
        "OFFENSE_DESCR",
        {},
        {**_LATER, "DISP_DESCR": "DIVERSION", "STP_EVENT_DATE": "", "STP_ORI_CNTY_NAME": "YOLO"},
        {**_LATER, "STP_EVENT_DATE": "20230604", "STP_ORI_CNTY_NAME": "YOLO"},
    ),
    "prison for murder, by its step": _case(1, "STP_TYPE_DESCR", {}, _PRISON),
    "prison for murder, by its order": _case(1, "CNT_ORDER", {}, _PRISON),
    "prison for murder, by its day": _case(1, "STP_EVENT_DATE", {}, _PRISON),
    "prison for murder, by its offense": _case(1, "OFFENSE_DESCR", {}, _PRISON),
    **{
        f"a jail sentence before a dismissal, by its {column}": _case(1, column, {}, _JAILED, _FREED)
        for column in (
            "SENT_LOC_DESCR",
            "SENT_LOC_CODE",
            "SENT_LENGTH",
            "SENT_TIME_CODE",
            "STP_TYPE_DESCR",
            "CNT_ORDER",
        )
    },
    "what a stay was for, by its day": _case(
        1, "STP_EVENT_DATE", {}, {**_MURDER, "STP_EVENT_DATE": "20150101"}, {**_PRISON, "CNT_ORDER": "301001001000"}
    ),
    "the first arrest, by its day": _case(
        1, "STP_EVENT_DATE", {"STP_EVENT_DATE": "20170402", "CNT_ORDER": "101003001000"}, *_ARRESTS
    ),
    "the first arrest, by its order": _case(
        1, "CNT_ORDER", {"STP_EVENT_DATE": "20170402", "CNT_ORDER": "101003001000"}, *_ARRESTS
    ),
    "a child's conviction, by its day": _case(
        0, "STP_EVENT_DATE", {"STP_EVENT_DATE": "19700615", "PRI_DOB": "19600101"}
    ),
    **{
        f"a child's arrest, by its {column}": _case(
            0,
            column,
            {**_ARREST, "CNT_ORDER": "101001001000", "STP_EVENT_DATE": "19700615", "PRI_DOB": "19600101"},
            {"STP_EVENT_DATE": "19800615", "PRI_DOB": "19600101"},
        )
        for column in ("STP_EVENT_DATE", "STP_TYPE_DESCR", "CNT_ORDER")
    },
    "the first arrest, by its step": _case(
        1, "STP_TYPE_DESCR", {"STP_EVENT_DATE": "20170402", "CNT_ORDER": "101003001000"}, *_ARRESTS
    ),
}


@pytest.mark.parametrize("as_of", DAYS)
def test_what_once_helped_helps_no_more(as_of: str) -> None:
    found = gains(ONCE.values(), as_of)
    names = {id(case.history): name for name, case in ONCE.items()}
    assert sorted({f"{names[id(gain.case.history)]}: {gain.policy}" for gain in found}) == []


def test_a_gain_is_seen() -> None:
    """The comparison itself, on what is left out above: a birth date that stands on exactly one of two rows."""
    [*found] = gains([_case(0, "PRI_DOB", {}, {**_SECOND, "PRI_DOB": ""})], "2019-11-11", ["all dismissed"])
    assert [gain.what for gain in found] == ["another conviction is eligible"]


def test_histories_are_of_every_kind() -> None:
    """The property says little about histories that all look alike."""
    chance = Random(3)
    rows = [row for _ in range(300) for row in draw_history(chance)]
    assert len({row["STP_TYPE_DESCR"] for row in rows}) >= 4
    assert len({row["DISP_DESCR"] for row in rows}) >= 8
    assert len({row["OFFENSE_DESCR"] for row in rows}) >= 15
    assert any(row["STP_EVENT_DATE"].endswith("0000") for row in rows)
    assert any(not row["PRI_DOB"] for row in rows)
    assert len({row["STP_ORI_CNTY_NAME"] for row in rows}) >= 3
