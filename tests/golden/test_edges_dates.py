"""The definitions of dates at their edges: anniversaries, partial dates, receipt, and how long a delivery speaks."""

import pytest

from tests.golden.corpus import SECTIONS, Case, Corpus, Setting, Told
from tests.support import RECEIVED, record

CORPUS = Corpus()

REDUCED = "Reduce all HS 11359 convictions"
AGO = "Conviction occurred 5 or more years ago"
FREE = "No convictions in the past 5 years"
YOUNG = "21 years or younger"
OLD = "57 years or older"

_AGO, _FREE = ("yearsSinceConvictionThreshold", 5), ("yearsCrimeFreeThreshold", 5)
_YOUNG, _OLD = ("subjectUnder21AtConviction", True), ("subjectAgeThreshold", 57)
SUMMER = Setting("summer", reduce=SECTIONS, relief=(_AGO, _YOUNG, _OLD), as_of="2020-06-15")
SUMMER_FREE = Setting("summer_free", reduce=SECTIONS, relief=(_FREE,), as_of="2020-06-15")
LEAP_EVE = Setting("leap_eve", reduce=SECTIONS, relief=(_AGO, _YOUNG, _OLD), as_of="2017-02-28")
AFTER_LEAP_EVE = Setting("after_leap_eve", reduce=SECTIONS, relief=(_AGO, _YOUNG, _OLD), as_of="2017-03-01")
LEAP_DAY = Setting("leap_day", reduce=SECTIONS, relief=(_AGO,), as_of="2020-02-29")
FRESH = Setting("fresh", reduce=SECTIONS, relief=(_FREE,), data_through="2019-09-27")  # 45 days before the as-of date
STALE = Setting("stale", reduce=SECTIONS, relief=(_FREE,), data_through="2019-09-26")


def missing(*facts: str) -> str:
    return "Missing: " + "; ".join(facts)


def convicted(setting: Setting, day: str, born: str = "19900101") -> Case:
    return CORPUS.add(setting, record(STP_EVENT_DATE=day, PRI_DOB=born))


ANNIVERSARIES = {
    "5 years ago: the day before": (convicted(SUMMER, "20150614"), AGO),
    "5 years ago: on the day": (convicted(SUMMER, "20150615"), AGO),
    "5 years ago: the day after": (convicted(SUMMER, "20150616"), REDUCED),
    "crime free: the day before": (convicted(SUMMER_FREE, "20150614"), FREE),
    "crime free: on the day": (convicted(SUMMER_FREE, "20150615"), REDUCED),  # strictly more, as the predecessor
    "57 years: the day before": (convicted(SUMMER, "20200101", "19630614"), OLD),
    "57 years: on the day": (convicted(SUMMER, "20200101", "19630615"), OLD),
    "57 years: the day after": (convicted(SUMMER, "20200101", "19630616"), REDUCED),
    "under 21: the day before": (convicted(SUMMER, "20190614", "19980615"), YOUNG),
    "under 21: on the day": (convicted(SUMMER, "20190615", "19980615"), REDUCED),
    "convicted on 29 February: 28 February": (convicted(LEAP_EVE, "20120229"), REDUCED),
    "convicted on 29 February: 1 March": (convicted(AFTER_LEAP_EVE, "20120229"), AGO),
    "born on 29 February, 57: 28 February": (convicted(LEAP_EVE, "20160601", "19600229"), REDUCED),
    "born on 29 February, 57: 1 March": (convicted(AFTER_LEAP_EVE, "20160601", "19600229"), OLD),
    "born on 29 February, under 21: 28 February": (convicted(LEAP_EVE, "20130228", "19920229"), YOUNG),
    "born on 29 February, under 21: 1 March": (convicted(LEAP_EVE, "20130301", "19920229"), REDUCED),
    "as of 29 February: convicted on 28 February": (convicted(LEAP_DAY, "20150228"), AGO),
    "as of 29 February: convicted on 1 March": (convicted(LEAP_DAY, "20150301"), REDUCED),  # theirs: a day early
}


@pytest.mark.parametrize("what", ANNIVERSARIES)
def test_a_period_is_over_on_its_anniversary(what: str, told: Told) -> None:
    case, reason = ANNIVERSARIES[what]
    assert [printed for _, printed in told.printed(case)] == [reason]


PARTIAL = {
    "a year that is long ago": (convicted(SUMMER, "20140000"), AGO),
    "the year in which it matters": (convicted(SUMMER, "20150000"), missing("conviction_date")),
    "a year that is not": (convicted(SUMMER, "20160000"), REDUCED),
    "a month tells its year only": (convicted(SUMMER, "20150100"), missing("conviction_date")),
    "a month of a year that is long ago": (convicted(SUMMER, "20141200"), AGO),
    "no date": (convicted(SUMMER, "00000000"), missing("after_as_of", "birth_date", "conviction_date")),
    "a day that doesn't exist": (
        convicted(SUMMER, "20150230"),
        missing("after_as_of", "birth_date", "conviction_date"),
    ),
    "not a date": (convicted(SUMMER, "2015-06-15"), missing("after_as_of", "birth_date", "conviction_date")),
    "the as-of year": (convicted(SUMMER, "20200000"), missing("after_as_of")),
    "a birth year that is enough": (convicted(SUMMER, "20190101", "19620000"), OLD),
    "a birth year that is not": (convicted(SUMMER, "20190101", "19630000"), missing("birth_date")),
    "a birth year too late": (convicted(SUMMER, "20190101", "19640000"), REDUCED),
    "two years that are enough": (convicted(SUMMER, "20170000", "19970000"), YOUNG),
    "two years that are not": (convicted(SUMMER, "20180000", "19970000"), missing("birth_date", "conviction_date")),
}


@pytest.mark.parametrize("what", PARTIAL)
def test_a_partial_date_bounds_the_day(what: str, told: Told) -> None:
    case, reason = PARTIAL[what]
    assert [printed for _, printed in told.printed(case)] == [reason]


_DAY_AFTER_RECEIPT = RECEIVED.replace(day=RECEIVED.day + 1).strftime("%Y%m%d")
ON_RECEIPT = convicted(SUMMER, RECEIVED.strftime("%Y%m%d"))
AFTER_RECEIPT = convicted(SUMMER, _DAY_AFTER_RECEIPT)
ON_AS_OF = convicted(SUMMER, "20200615")
AFTER_AS_OF = convicted(SUMMER, "20200616")
_LATER = record(STP_EVENT_DATE="20200616", CNT_ORDER="102002001000", OFN="2", OFFENSE_DESCR="459 PC-BURGLARY")
LATER_BURGLARY = CORPUS.add(SUMMER_FREE, record(), _LATER)
IMPOSSIBLE_BURGLARY = CORPUS.add(SUMMER_FREE, record(), {**_LATER, "STP_EVENT_DATE": _DAY_AFTER_RECEIPT})


def test_a_date_after_receipt_is_impossible_and_so_unknown(told: Told) -> None:
    assert told.facts(AFTER_RECEIPT, "conviction_date", "after_as_of") == [(None, None)]
    assert told.printed(AFTER_RECEIPT) == [("Hand Review", missing("after_as_of", "birth_date", "conviction_date"))]
    assert told.printed(IMPOSSIBLE_BURGLARY) == [("Hand Review", missing("latest_conviction_date"))]


def test_a_date_between_as_of_and_receipt_has_not_happened_yet(told: Told) -> None:
    for case in (AFTER_AS_OF, ON_RECEIPT):
        assert told.facts(case, "after_as_of") == [(True,)]
        assert list(told.rows(case)["outcome"]) == ["INELIGIBLE"]
        assert told.printed(case) == [("", "")]
    assert told.facts(ON_AS_OF, "after_as_of") == [(False,)]
    assert told.printed(LATER_BURGLARY) == [("Eligible for Dismissal", FREE)]
    assert told.cells(LATER_BURGLARY, "n_convictions") == ["1"]


SPEAKS = {setting.name: convicted(setting, "20100101") for setting in (FRESH, STALE)}


def test_facts_of_absence_hold_for_45_days_after_data_through(told: Told) -> None:
    assert told.printed(SPEAKS["fresh"]) == [("Eligible for Dismissal", FREE)]
    assert told.printed(SPEAKS["stale"]) == [("Hand Review", missing("latest_conviction_date"))]
    for name, current in (("fresh", True), ("stale", False)):
        decided = told.corpus.decide(SPEAKS[name].setting, told.folder, told.builds)
        assert decided.run.is_data_current is current
        assert decided.rows("select distinct withheld_reason from court.action") == ([(None,)] if current else [])
