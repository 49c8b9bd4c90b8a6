"""The predecessor's faults with dates, sentences and counting (B1-B7b), each with the smallest input that shows it."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.golden.corpus import SECTIONS, Corpus, Setting, Told
from tests.support import Decided, decide, record, write_extract

CORPUS = Corpus()

AGO = Setting("ago", reduce=SECTIONS, relief=(("yearsSinceConvictionThreshold", 5),))
CRIME_FREE = Setting("crime_free", reduce=SECTIONS, relief=(("yearsCrimeFreeThreshold", 5),))
YOUNG = Setting("young", reduce=SECTIONS, relief=(("subjectUnder21AtConviction", True),))
OLD = Setting("old", reduce=SECTIONS, relief=(("subjectAgeThreshold", 57),))
ONLY_PROP64 = Setting("only_prop64", reduce=SECTIONS, relief=(("subjectHasOnlyProp64Charges", True),))
DISMISS = Setting("dismiss", dismiss=SECTIONS)

REDUCED = ("Eligible for Reduction", "Reduce all HS 11359 convictions")


def review(*missing: str) -> tuple[str, str]:
    return ("Hand Review", "Missing: " + "; ".join(missing))


# -- B2, B3: sentences -------------------------------------------------------------------------------------------------


def sentenced(day: str, length: str, unit: str, **cells: str) -> dict[str, str]:
    return record(STP_EVENT_DATE=day, SENT_LOC_DESCR="PROBATION", SENT_LENGTH=length, SENT_TIME_CODE=unit, **cells)


_FIRST, _TEN_YEARS = sentenced("20160101", "1", "Y"), sentenced("20160101", "10", "Y")
_OTHER = record(STP_EVENT_DATE="20000101", CNT_ORDER="102002001000", OFN="54321")
B02_ORDERS = [
    CORPUS.add(ONLY_PROP64, *records)
    for records in ([_FIRST, _OTHER, _TEN_YEARS], [_FIRST, _TEN_YEARS, _OTHER], [_OTHER, _TEN_YEARS, _FIRST])
]


def test_B02_a_sentence_belongs_to_its_own_count_in_every_order_of_rows(told: Told) -> None:
    """A (2016, 1 year), B (2000), A (10 years): theirs adds the ten years to B, the last conviction it saw, so that A's
    sentence seems over and the person is dismissed; ordered A, A, B the same rows are "Currently serving". Ours: A is
    being served until 2026 in every order; B, without a sentence, is unknown."""
    for case in B02_ORDERS:
        assert told.facts(case, "year(conviction_date)", "sentence_path") == [(2000, None), (2016, "serving")]
    first, *others = [told.printed(case) for case in B02_ORDERS]
    assert all(other == first for other in others)


B03 = {
    "ten years end on the anniversary": (CORPUS.add(ONLY_PROP64, sentenced("20091111", "10", "Y")), "completed"),
    "and not a day before": (CORPUS.add(ONLY_PROP64, sentenced("20091112", "10", "Y")), "serving"),
    "twelve months are a year": (CORPUS.add(ONLY_PROP64, sentenced("20181111", "12", "M")), "completed"),
    "concurrent parts are not summed": (
        CORPUS.add(ONLY_PROP64, sentenced("20140601", "5", "Y"), sentenced("20140601", "1", "Y")),
        "completed",
    ),
    "a length that is no number is unknown": (CORPUS.add(ONLY_PROP64, sentenced("20000101", "LIFE", "")), None),
}


@pytest.mark.parametrize("what", B03)
def test_B03_a_sentence_ends_on_its_anniversary(what: str, told: Told) -> None:
    """Theirs: a year is 366 days and a month 30.5, so that ten years end 7 or 8 days late; concurrent parts are added
    up; a length that is no number is none at all. Ours: calendar anniversaries, the longest part, else unknown."""
    case, path = B03[what]
    assert told.facts(case, "sentence_path") == [(path,)]


# -- B4: unknown dates -------------------------------------------------------------------------------------------------

_ROBBERY = record(STP_EVENT_DATE="20190000", CNT_ORDER="102002001000", OFN="2", OFFENSE_DESCR="211 PC-ROBBERY")
B04 = {
    "event 20180000, 5 years ago": (CORPUS.add(AGO, record(STP_EVENT_DATE="20180000")), REDUCED),
    "event blank, 5 years ago": (
        CORPUS.add(AGO, record(STP_EVENT_DATE="")),
        review("after_as_of", "conviction_date"),
    ),
    "event blank, crime free": (
        CORPUS.add(CRIME_FREE, record(STP_EVENT_DATE="")),
        review("after_as_of", "latest_conviction_date"),
    ),
    "a second conviction dated 20190000": (
        CORPUS.add(CRIME_FREE, record(STP_EVENT_DATE="20000101"), _ROBBERY),
        review("latest_conviction_date"),
    ),
    "event blank, under 21": (
        CORPUS.add(YOUNG, record(STP_EVENT_DATE="")),
        review("after_as_of", "birth_date", "conviction_date"),
    ),
    "birth blank, 57": (CORPUS.add(OLD, record(PRI_DOB="")), review("birth_date")),
    "birth 19700000, 57": (CORPUS.add(OLD, record(PRI_DOB="19700000")), REDUCED),
}


@pytest.mark.parametrize("what", B04)
def test_B04_an_unknown_date_creates_no_eligibility(what: str, told: Told) -> None:
    """Theirs: a date that isn't a whole day is read as 1 January of year 1, and so it is long ago, after no birthday
    and before every other: each of these seven is "Eligible for Dismissal". Ours: a year alone bounds the day, which may
    be enough to tell (reduced as the baseline says); where it isn't, a person looks."""
    case, expected = B04[what]
    assert told.printed(case) == [expected]


def test_B04_an_unknown_date_prints_blank(told: Told) -> None:
    """Theirs prints "01/01/0001" and -1.0 or 2018.9 years. Ours prints nothing."""
    case, _ = B04["event blank, 5 years ago"]
    for column in ("conviction_day", "years_since_this", "is_after_effective_day"):
        assert told.cells(case, column) == [""]


# -- B5: the day of Prop 64 --------------------------------------------------------------------------------------------

B05 = {day: CORPUS.add(DISMISS, record(STP_EVENT_DATE=day)) for day in ("20161108", "20161109", "20161110")}


def test_B05_the_day_itself_is_after_the_effective_date_and_flags_only(told: Told) -> None:
    """Theirs: its two programs disagree on 9 November 2016, the day on which Prop 64 took effect: "Occurred after" is N
    there in the one, while the other refuses it. Ours: Y from that day on. In both the flag decides nothing: a felony of
    10 November is dismissed if the county says so."""
    cells = {day: told.cells(case, "is_after_effective_day") for day, case in B05.items()}
    assert cells == {"20161108": ["N"], "20161109": ["Y"], "20161110": ["Y"]}
    assert told.printed(B05["20161110"]) == [("Eligible for Dismissal", "Dismiss all HS 11359 convictions")]


# -- B7: what is one conviction ----------------------------------------------------------------------------------------

B07_REPEATED = CORPUS.add(DISMISS, record(), record(CNT_ORDER="101003001000", STP_EVENT_DATE="20110101"))
B07_ONE_ORDER = CORPUS.add(DISMISS, record(), record(OFFENSE_DESCR="11358 HS-CULTIVATE MARIJUANA"))


def test_B07_a_conviction_told_again_in_a_later_step_is_one(told: Told) -> None:
    """Theirs: the resentencing in step 003 is a second conviction: 11359 counts 2. Ours: one, with a step attached."""
    assert told.facts(B07_REPEATED, "section") == [("11359",)]
    assert told.cells(B07_REPEATED, "n_prop64_section_3") == ["1"]
    assert told.frame(B07_REPEATED, "select n_attached from core.conviction where person_no = $person").values == [[1]]


def test_B07_two_charges_under_one_count_order_are_two(told: Told) -> None:
    """Theirs: the second charge is taken for a sentence part and is lost. Ours: both are convictions and both decided."""
    assert [section for (section,) in told.facts(B07_ONE_ORDER, "section")] == ["11358", "11359"]
    assert len(told.printed(B07_ONE_ORDER)) == 2
    assert told.cells(B07_ONE_ORDER, "n_convictions") == ["2", "2"]


# -- B1, B6, B7b: the summary ------------------------------------------------------------------------------------------

Decider = Callable[..., Decided]


@pytest.fixture
def dismissed(tmp_path: Path) -> Decider:
    """Decide with every section dismissed, for Sacramento, with its files."""
    options = DISMISS.options(tmp_path)

    def run(given: Sequence[Mapping[str, str]] | Sequence[Path], as_of: str = "2019-11-11") -> Decided:
        home = tmp_path / f"home-{len(list(tmp_path.iterdir()))}"
        home.mkdir()
        return decide(home, given, as_of=as_of, options=options, counties=("SACRAMENTO",), review="convictions")

    return run


def summary(decided: Decided) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((decided.files / "sacramento" / "summary.json").read_text("utf-8"))
    return found


def impact(decided: Decided) -> dict[str, int]:
    found: dict[str, int] = summary(decided)["reliefWithCurrentEligibilityChoices"]
    return found


@pytest.mark.parametrize(("as_of", "count"), [("2019-11-11", 1), ("2023-12-31", 1), ("2024-01-01", 0)])
def test_B01_the_last_7_years_end_on_the_as_of_date(as_of: str, count: int, dismissed: Decider) -> None:
    """A conviction of 2017-01-01, dismissed, as of 2019-11-11: theirs counts back from the day on which it is run, so
    that "no conviction in the last 7 years" was 1 in 2019 and is 0 now. Ours: 1 for that as-of date, whenever run."""
    decided = dismissed([record(STP_EVENT_DATE="20170101")], as_of)
    assert impact(decided)["CountSubjectsNoConvictionLast7Years"] == count


def test_B06_a_person_is_one_over_all_files(dismissed: Decider, tmp_path: Path) -> None:
    """Prop 64 in one file and a burglary in another: theirs makes two people of them and counts one as left without a
    conviction; in one file it counts none. Ours counts none both ways."""
    burglary = record(CNT_ORDER="102002001000", OFFENSE_DESCR="459 PC-BURGLARY", OFN="2")
    files = [write_extract(tmp_path / "1.csv", [record()]), write_extract(tmp_path / "2.csv", [burglary])]
    apart, together = dismissed(files), dismissed([record(), burglary])
    assert impact(apart)["CountSubjectsNoConviction"] == 0
    assert summary(apart) == summary(together)
    assert apart.rows("select count(*) from core.person") == [(1,)]


def test_B06_the_same_file_twice_changes_nothing(dismissed: Decider, tmp_path: Path) -> None:
    """Theirs doubles every number. Ours: the same summary and the same bytes."""
    once = [write_extract(tmp_path / "1.csv", [record()])]
    twice = [*once, write_extract(tmp_path / "2.csv", [record()])]
    first, second = dismissed(once), dismissed(twice)
    assert summary(second)["lineCount"] == 1
    for name in ("Prop64_Results.csv", "summary.json"):
        folder = Path("sacramento") / name
        assert (first.files / folder).read_bytes() == (second.files / folder).read_bytes()


def test_B07b_the_summary_covers_all_files_and_says_what_is_unknown(dismissed: Decider, tmp_path: Path) -> None:
    """Theirs: the time is that of the last file alone while the lines are those of all, and what is no known felony is
    called a misdemeanor. Ours: no time in the file (it is in the run's record); an unknown level is neither felony nor
    not. CountSubjectsNoFelony stays as it was defined: reductions count, a felony elsewhere stays on the record."""
    elsewhere = {"STP_ORI_CNTY_NAME": "YOLO", "STP_ORI_DESCR": "CASC YOLO", "CNT_ORDER": "102002001000", "OFN": "2"}
    people = [
        [record(), record(**elsewhere, OFFENSE_DESCR="459 PC-BURGLARY")],
        [record(), record(**elsewhere, OFFENSE_DESCR="602 PC-TRESPASS", CONV_STAT_DESCR="MISDEMEANOR")],
        [record(CONV_STAT_DESCR="", OFFENSE_TOC="")],
    ]
    files = [
        write_extract(
            tmp_path / f"{n}.csv", [{**row, "SUBJECT_ID": str(n), "REQ_CII_NUMBER": f"A{n:08d}"} for row in rows]
        )
        for n, rows in enumerate(people, start=1)
    ]
    found = summary(dismissed(files))
    assert (found["lineCount"], found["processingTimeInSeconds"]) == (5, 0)
    assert found["prop64ConvictionsCountInCountyByCodeSection"] == {"11359": 3}
    assert (found["prop64FelonyConvictionsCountInCounty"], found["prop64NonFelonyConvictionsCountInCounty"]) == (2, 0)
    assert found["reliefWithCurrentEligibilityChoices"] == {
        "CountSubjectsNoConviction": 1,  # the third: dismissed whatever its level
        "CountSubjectsNoConvictionLast7Years": 0,
        "CountSubjectsNoFelony": 1,  # the second
    }
