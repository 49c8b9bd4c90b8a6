"""The predecessor's faults with what a record says beside dates and statutes (B12-B15c), and where it broke (B16-B17c)."""

import json
from pathlib import Path
from typing import Any

import pytest

from clearslate.errors import DeliveryRefused, LawError
from clearslate.law.policy import load_policy
from clearslate.settings import check_counties
from tests.golden.corpus import SECTIONS, Corpus, Setting, Told
from tests.support import decide, record, write_extract

CORPUS = Corpus()

DISMISS = Setting("dismiss", dismiss=SECTIONS)
REDUCE_57 = Setting("reduce_57", reduce=("11357",))
CRIME_FREE = Setting("crime_free", reduce=SECTIONS, relief=(("yearsCrimeFreeThreshold", 5),))
YOUNG = Setting("young", reduce=SECTIONS, relief=(("subjectUnder21AtConviction", True),))

DISMISSED = ("Eligible for Dismissal", "Dismiss all HS 11359 convictions")
LEVEL = ("Hand Review", "Missing: is_felony")
ORDER = ("Hand Review", "Missing: order_known")

# -- B12: what became of the conviction --------------------------------------------------------------------------------

RELIEVED = ("Already Relieved", "Relief under Proposition 64 is already on the record")
UNDONE = ("Hand Review", "A later entry may have undone this conviction")
B12 = {
    (text, where): (CORPUS.add(DISMISS, record(), record(**cells, DISP_DESCR=text)), expected)
    for text, expected in (
        ("CONV SET ASIDE & DISM PER 1203.4 PC", DISMISSED),
        ("DISMISSED/PROP 64", RELIEVED),
        ("DISMISSED/FURTHERANCE OF JUSTICE", UNDONE),
    )
    for where, cells in (
        ("a later step", {"CNT_ORDER": "101003001000", "STP_EVENT_DATE": "20180101"}),
        ("the same order, later", {"STP_EVENT_DATE": "20180101"}),
        ("the same order and day", {}),
    )
}


@pytest.mark.parametrize(("text", "where"), B12)
def test_B12_what_a_later_row_says_counts(text: str, where: str, told: Told) -> None:
    """Theirs: no later row changes anything; relief granted long ago is reported as eligible again. Ours: relief under
    Prop 64 is "Already Relieved"; a set-aside under 1203.4 leaves the conviction a candidate and is known; a dismissal
    that may be of this conviction is for a person."""
    case, expected = B12[text, where]
    assert told.printed(case) == [expected]
    assert told.facts(case, "was_set_aside") == [("1203.4" in text,)]


# -- B13: level, county, options ---------------------------------------------------------------------------------------

_UNSTATED = {"CONV_STAT_DESCR": "", "OFFENSE_TOC": ""}
B13 = {
    "padded": (CORPUS.add(REDUCE_57, record(CONV_STAT_DESCR="FELONY ")), ("", "")),
    "not stated": (CORPUS.add(REDUCE_57, record(**_UNSTATED)), LEVEL),
    "only a charge of misdemeanor": (CORPUS.add(REDUCE_57, record(CONV_STAT_DESCR="", OFFENSE_TOC="M")), LEVEL),
    "only a charge of felony": (CORPUS.add(REDUCE_57, record(CONV_STAT_DESCR="", OFFENSE_TOC="F")), ("", "")),
}


@pytest.mark.parametrize("what", B13)
def test_B13_an_unknown_level_is_no_misdemeanor(what: str, told: Told) -> None:
    """Theirs: what isn't exactly FELONY is dismissed as "Misdemeanor or Infraction". Ours: padding doesn't matter, and
    an unstated level is unknown (a felony charge says felony, a misdemeanor charge says nothing of the conviction)."""
    case, expected = B13[what]
    assert told.printed(case) == [expected]


B13B_PADDED = CORPUS.add(DISMISS, record(STP_ORI_CNTY_NAME="SACRAMENTO "))
B13B_JUVENILE = CORPUS.add(DISMISS, record(STP_ORI_DESCR="CAJVSACRAMENTO"))


def test_B13b_a_county_is_the_same_in_any_case_and_padding(told: Told) -> None:
    """Theirs: `SACRAMENTO ` in the file, or `Sacramento` asked for, gives no result and no warning. Ours: the county."""
    assert told.facts(B13B_PADDED, "county") == [("SACRAMENTO",)]
    assert told.printed(B13B_PADDED) == [DISMISSED]
    assert check_counties(["Sacramento", " SACRAMENTO "]) == ("SACRAMENTO",)


def test_B13b_a_juvenile_court_convicts_nobody(told: Told) -> None:
    """Theirs treats a row of CAJV... as an adult's conviction and dismisses it. Ours: a person looks."""
    assert told.printed(B13B_JUVENILE) == [("Hand Review", "Adjudicated in juvenile court")]


B13C = CORPUS.add(REDUCE_57, record())


def test_B13c_no_rule_is_a_determination_that_is_counted(told: Told) -> None:
    """A section in neither list: theirs prints blank cells and counts the row nowhere. Ours prints the same, and the
    determination is there: INELIGIBLE by `no_rule`, and the county's measures count it."""
    assert told.printed(B13C) == [("", "")]
    assert list(told.rows(B13C)[["outcome", "rule"]].itertuples(index=False, name=None)) == [("INELIGIBLE", "no_rule")]
    counted = told.frame(
        B13C, "select measure, value from impact.county_summary where county = 'SACRAMENTO' and part = ''"
    ).set_index("measure")["value"]
    assert counted["candidates"] == len(told.corpus.records[REDUCE_57])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"baselineEligibility": {"dismiss": ["11357"], "reduce": ["11357"]}}, "`11357` stands in both"),
        ({"baselineEligiblity": {"dismiss": ["11357"]}}, "unknown key `baselineEligiblity`"),
        ({"baselineEligibility": {"dismis": ["11357"]}}, "unknown key `baselineEligibility.dismis`"),
        ({"baselineEligibility": {"dismiss": ["11362"]}}, "`11362` is unknown"),
        ({"baselineEligibility": {"dismiss": ["11357(a)"]}}, "`11357(a)` is unknown"),
    ],
)
def test_B13c_options_that_mean_nothing_are_refused(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    """Theirs: a section in both lists is dismissed without a word, a misspelt key leaves everything undecided with exit
    0, an unknown section ends in a panic. Ours: an error that names file, line and key."""
    path = tmp_path / "options.json"
    path.write_text(json.dumps(options), "utf-8")
    with pytest.raises(LawError, match=r"^options\.json:1: ") as caught:
        load_policy(path)
    assert message in str(caught.value)


# -- B14, B15, B15c ----------------------------------------------------------------------------------------------------

_MURDER = record(CNT_ORDER="102002001000", OFN="2", OFFENSE_DESCR="187 PC-MURDER")
_TREASON = record(CNT_ORDER="103002001000", OFN="3", OFFENSE_DESCR="37 PC-TREASON")
B14 = [CORPUS.add(DISMISS, *records) for records in ([record(), _MURDER, _TREASON], [_TREASON, _MURDER, record()])]


def test_B14_a_list_in_a_cell_has_one_order(told: Told) -> None:
    """Theirs (LA): the order of the superstrikes in the cell changes from run to run. Ours: that of the texts."""
    assert [told.cells(case, "superstrike_sections") for case in B14] == [["187 PC;37 PC"]] * 2


def test_B14_a_county_without_a_prop_64_conviction_gets_zeros(tmp_path: Path) -> None:
    """Theirs (LA) panics on an index; its related charges "in this county" are those of all counties. Ours: files with a
    header alone and a summary of zeros, whatever other counties hold."""
    home = tmp_path / "home"
    home.mkdir()
    rows = [record(OFFENSE_DESCR="459 PC-BURGLARY"), record(STP_ORI_CNTY_NAME="YOLO", CNT_ORDER="102002001000")]
    decided = decide(home, rows, counties=("SACRAMENTO", "ALPINE"), review="full")
    for county in ("sacramento", "alpine"):
        folder = decided.files / county
        assert len((folder / "Prop64_Results.csv").read_text("utf-8").splitlines()) == 1
        summary = json.loads((folder / "summary.json").read_text("utf-8"))
        assert summary["prop64ConvictionsCountInCountyByCodeSection"] == {}
        assert summary["earliestConviction"] is None
        counts = [value for key, value in summary.items() if isinstance(value, int) and key != "lineCount"]
        assert counts == [0] * 5


_FROM_2000 = record(STP_EVENT_DATE="20000101")
_REGISTERED = record(
    STP_EVENT_DATE="20150101", STP_TYPE_DESCR="REGISTRATION", OFFENSE_DESCR="290 PC-REGISTRATION OF SEX OFFENDER",
    DISP_DESCR="", CONV_STAT_DESCR="", OFFENSE_TOC="", OFN="", CNT_ORDER="102001001000",
)  # fmt: skip
B15 = CORPUS.add(CRIME_FREE, _FROM_2000)
B15_REGISTERED = CORPUS.add(CRIME_FREE, _FROM_2000, _REGISTERED)
B15_LATER = CORPUS.add(CRIME_FREE, _FROM_2000, {**_REGISTERED, "STP_EVENT_DATE": "20200101"})


def test_B15_a_later_registration_is_shown_and_blocks_nothing_before_it(told: Told) -> None:
    """Theirs (LA): a registration has no date and so is before every conviction: one of 2015 blocks relief for 2000.
    Ours: the column says Yes once it has happened by the as-of date, and the determination is what it was without."""
    assert told.printed(B15) == told.printed(B15_REGISTERED) == told.printed(B15_LATER)
    assert told.printed(B15) == [("Eligible for Dismissal", "No convictions in the past 5 years")]
    cells = [told.cells(case, "pc290_registration") for case in (B15, B15_REGISTERED, B15_LATER)]
    assert cells == [["-"], ["Yes"], ["-"]]


B15C = CORPUS.add(YOUNG, record(PRI_DOB="19940601", STP_EVENT_DATE="20130101"))


def test_B15c_under_21_is_the_age_at_conviction(told: Told) -> None:
    """Convicted at 18, now 25: theirs (LA) looks at the age of today and sends it to Hand Review. Ours dismisses."""
    assert told.printed(B15C) == [("Eligible for Dismissal", "21 years or younger")]


# -- B16, B17: what broke the program ----------------------------------------------------------------------------------

B16 = [CORPUS.add(DISMISS, record(CNT_ORDER=text)) for text in ("10100", "10", "", "ABC002001000")]


def test_B16_a_short_count_order_is_unknown(told: Told) -> None:
    """CNT_ORDER shorter than six characters: theirs panics, writes no error file and no results. Ours decides everybody
    else and sends this one to a person."""
    for case in B16:
        assert told.printed(case) == [ORDER]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("subjectAgeThreshold", 39, "SubjectAgeThreshold should be between 40 and 65, or 0"),
        ("yearsSinceConvictionThreshold", 16, "YearsSinceConvictionThreshold should be between 1 and 15, or 0"),
        ("yearsCrimeFreeThreshold", -1, "YearsCrimeFreeThreshold should be between 1 and 15, or 0"),
    ],
)
def test_B17_a_threshold_out_of_range_is_named(key: str, value: int, message: str, tmp_path: Path) -> None:
    """Theirs prints only that its error file can't be opened. Ours: file, line, key and the range."""
    path = tmp_path / "options.json"
    path.write_text(json.dumps({"additionalRelief": {key: value}}), "utf-8")
    with pytest.raises(LawError) as caught:
        load_policy(path)
    assert str(caught.value) == f"options.json:1: `additionalRelief.{key}`: {message}"


def test_B17b_one_bad_file_of_many_leaves_nothing(tmp_path: Path) -> None:
    """Theirs writes no summary and leaves the results of the good files, with people in them. Ours refuses the delivery
    as a whole, names the file, and leaves nothing behind."""
    good, bad = write_extract(tmp_path / "good.csv", [record()]), tmp_path / "bad.csv"
    bad.write_text(good.read_text("utf-8").replace("SUBJECT_ID", "SUBJECT_NO"), "utf-8")
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(DeliveryRefused, match=r"bad\.csv"):
        decide(home, [good, bad], review="full")
    assert [path for path in home.rglob("*") if path.suffix in (".csv", ".parquet", ".duckdb")] == []
    assert list((home / "deliveries").iterdir()) == []


def test_B17c_a_person_with_thousands_of_convictions_is_decided(tmp_path: Path) -> None:
    """Theirs runs its lists over all of a person's convictions for each of them, three times: quadratic; and it holds
    the file 26 times over in memory. Ours: 3,000 convictions of one person, each decided, each counted."""
    home = tmp_path / "home"
    home.mkdir()
    rows = [
        record(CNT_ORDER=f"{cycle:03d}{step:03d}{count:03d}000", OFN=f"{cycle}-{step}")
        for cycle in range(1, 31)
        for step in range(1, 11)
        for count in range(1, 11)
    ]
    decided = decide(home, rows, options=DISMISS.options(tmp_path))
    assert decided.rows("select outcome, count(*) from eligibility.determination group by outcome") == [
        ("ELIGIBLE", 3000)
    ]
    assert decided.rows("select distinct n_convictions, n_prop64_section_3 from review.prop64_result") == [
        ("3000", "3000")
    ]
