"""Synthetic extracts: the promises of `generate`, and that every texture the pipeline must cope with is there."""

import csv
import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from clearslate.errors import UsageError
from clearslate.extract import DOJ_COLUMNS, read_delivery
from clearslate.inputs import read_input
from clearslate.synth import generate
from clearslate.synth.damage import DAMAGES, damage_line
from clearslate.synth.days import LAST_EVENT
from clearslate.synth.draws import Draws, Weights
from clearslate.synth.vocabulary import vocabulary

ROWS = 50_000


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """A clean statewide extract of 50,000 rows."""
    path = tmp_path_factory.mktemp("synth") / "statewide.csv"
    generate(path, rows=ROWS, seed=7)
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def arrest_cycles(extract: pd.DataFrame) -> pd.DataFrame:
    """One row per arrest: whether a court step follows, and the disposition on the arrest's own rows."""
    first = extract.drop_duplicates(["SUBJECT_ID", "CYC_ORDER", "STP_ORDER"])
    key = ["SUBJECT_ID", "CYC_ORDER"]
    arrests = first[first.STP_TYPE_DESCR == "ARREST/DETAINED/CITED"][[*key, "DISP_DESCR"]]
    courts = first[(first.STP_TYPE_DESCR == "COURT ACTION") & (first.STP_ORDER == "002")][key].assign(court=True)
    return arrests.merge(courts, how="left", on=key)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 2, 999, 30_000])
@pytest.mark.parametrize("dirty", [0.0, 0.3])
def test_exactly_the_asked_number_of_lines_follows_the_header(tmp_path: Path, rows: int, dirty: float) -> None:
    report = generate(tmp_path / "a.csv", rows=rows, seed=3, dirty=dirty)
    text = (tmp_path / "a.csv").read_bytes()
    assert text.count(b"\n") == rows + 1
    assert text.endswith(b",#\n")
    assert b"\r" not in text
    assert text.split(b"\n", 1)[0].decode() == ",".join(DOJ_COLUMNS)
    assert (report.rows, report.size) == (rows, len(text))


def test_every_record_has_95_fields_and_a_running_number(extract: pd.DataFrame) -> None:
    assert extract.shape == (ROWS, 95)
    assert extract.RECORD_ID.tolist() == [str(number) for number in range(1, ROWS + 1)]
    assert set(extract.END_OF_REC) == {"#"}


def test_same_arguments_give_the_same_bytes_and_other_arguments_others(tmp_path: Path) -> None:
    def made(name: str, **arguments: object) -> str:
        generate(tmp_path / name, **({"rows": 3000, "seed": 11} | arguments))  # type: ignore[arg-type]
        return digest(tmp_path / name)

    assert made("a.csv") == made("b.csv")
    assert made("a.csv", dirty=0.1) == made("b.csv", dirty=0.1)
    assert digest(tmp_path / "a.csv.truth.csv") == digest(tmp_path / "b.csv.truth.csv")
    others = [made("c.csv"), made("c.csv", seed=12), made("c.csv", county="YOLO"), made("c.csv", dirty=0.1)]
    assert len(set(others)) == 4


def test_the_bytes_of_a_seed_never_change(tmp_path: Path) -> None:
    """Golden files and published measurements name a seed, so a change of the vocabulary or of a draw is a decision."""
    generate(tmp_path / "a.csv", rows=20_000, seed=1, dirty=0.02)
    assert digest(tmp_path / "a.csv") == "ce04eb6d8053ccb5af90c1980ace8dd48945dc1fefbd0544272f9438474f6a53"


def test_a_longer_file_begins_like_a_shorter_one(tmp_path: Path) -> None:
    generate(tmp_path / "short.csv", rows=500, seed=5)
    generate(tmp_path / "long.csv", rows=40_000, seed=5)
    short = (tmp_path / "short.csv").read_bytes()
    assert (tmp_path / "long.csv").read_bytes()[: len(short)] == short


@pytest.mark.parametrize(
    "wrong",
    [{"rows": 0}, {"seed": -1}, {"county": "NARNIA"}, {"dirty": 0.6}, {"dirty": -0.1}, {"rows": 10**10}],
)
def test_what_cannot_be_made_is_refused_and_leaves_no_file(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        generate(tmp_path / "a.csv", **({"rows": 10, "seed": 1} | wrong))  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.csv"):
        generate(tmp_path / "missing" / "a.csv", rows=10, seed=1)


def test_a_clean_file_takes_the_truth_of_an_earlier_dirty_one_away(tmp_path: Path) -> None:
    generate(tmp_path / "a.csv", rows=500, seed=1, dirty=0.1)
    assert generate(tmp_path / "a.csv", rows=500, seed=1).truth is None
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


# --- people and histories ---------------------------------------------------------------------------------------------


def test_people_come_one_after_another_with_five_to_seven_rows_each(extract: pd.DataFrame) -> None:
    people = extract.SUBJECT_ID.nunique()
    assert (extract.SUBJECT_ID.shift() != extract.SUBJECT_ID).sum() == people
    assert extract.SUBJECT_ID.str.fullmatch(r"\d{8}").all()
    assert 5 < ROWS / people < 7
    assert extract.groupby("SUBJECT_ID").size().max() > 40


def test_identifiers_look_like_dojs(extract: pd.DataFrame) -> None:
    people = extract.drop_duplicates("SUBJECT_ID")
    cii = people.CII_NUMBER.where(people.CII_NUMBER != "", people.REQ_CII_NUMBER)
    assert cii.str.fullmatch(r"[AMH]\d{8}").all()
    assert 0.04 < (people.CII_NUMBER == "").mean() < 0.12
    assert 0 < cii.duplicated(keep=False).mean() < 0.006
    assert people.PRI_NAME.str.fullmatch(r"[A-Z' -]+,[A-Z]+( [A-Z])?").all()
    assert (extract[["PRI_SSN", "PRI_CDL", "REQ_SSN", "REQ_CDL"]] == "").all(axis=None)
    for column in ("CII_NUMBER", "PRI_NAME", "PRI_DOB", "GENDER", "RACE_DESCR"):
        assert (extract.groupby("SUBJECT_ID")[column].nunique() == 1).all()


def test_birth_dates_are_sometimes_blank_or_only_a_year(extract: pd.DataFrame) -> None:
    birth = extract.drop_duplicates("SUBJECT_ID").PRI_DOB
    assert (birth == "").mean() == pytest.approx(0.01, abs=0.004)
    assert birth.str.endswith("0000").mean() == pytest.approx(0.005, abs=0.003)
    assert pd.to_datetime(birth[(birth != "") & ~birth.str.endswith("0000")], format="%Y%m%d").notna().all()


def test_events_lie_between_1975_and_2024_and_some_are_partial(extract: pd.DataFrame) -> None:
    for column in ("STP_EVENT_DATE", "CYC_DATE", "DISP_DATE"):
        written = extract[column][extract[column] != ""]
        assert written.min() >= "19750000"
        assert written.max() <= "20241231"
    assert extract.STP_EVENT_DATE.str.endswith("00").mean() == pytest.approx(0.007, abs=0.003)


def test_rows_are_ordered_and_numbered_as_cycle_step_count(extract: pd.DataFrame) -> None:
    assert extract.CNT_ORDER.str.fullmatch(r"\d{9}000").all()
    assert (extract.CNT_ORDER.str[:3] == extract.CYC_ORDER).all()
    assert (extract.CNT_ORDER.str[3:6] == extract.STP_ORDER).all()
    assert set(extract.STP_ORDER) == {"001", "002", "003"}
    same_person = extract.SUBJECT_ID.shift() == extract.SUBJECT_ID
    assert (~same_person | (extract.CNT_ORDER.shift(fill_value="") <= extract.CNT_ORDER)).all()
    assert (extract.groupby("SUBJECT_ID").CYC_ORDER.first() == "101").all()


def test_sentence_parts_repeat_their_count(extract: pd.DataFrame) -> None:
    parts = extract[extract.SENT_ORDER != ""].groupby(["SUBJECT_ID", "CNT_ORDER"])
    assert (parts.SENT_ORDER.apply(list).apply(lambda order: order == [str(n + 1) for n in range(len(order))])).all()
    for column in ("DISP_DESCR", "CONV_STAT_DESCR", "OFN", "DISP_DATE", "OFFENSE_TOC"):
        assert (parts[column].nunique() == 1).all()
    assert {"JAIL", "PRISON", "PROBATION", "FINE"} <= set(extract.SENT_LOC_DESCR)
    assert set(extract.SENT_TIME_CODE) == {"", "D", "M", "Y"}


def test_just_under_half_of_all_arrests_have_no_disposition(extract: pd.DataFrame) -> None:
    cycles = arrest_cycles(extract)
    open_ended = cycles.court.isna() & (cycles.DISP_DESCR == "")
    assert open_ended.mean() == pytest.approx(0.455, abs=0.025)
    assert cycles.court.notna().mean() == pytest.approx(0.48, abs=0.03)
    assert not (cycles.court.notna() & (cycles.DISP_DESCR != "")).any()


def test_a_fifth_of_those_with_several_arrests_were_arrested_in_several_counties(extract: pd.DataFrame) -> None:
    arrests = extract[extract.STP_TYPE_DESCR == "ARREST/DETAINED/CITED"].drop_duplicates(["SUBJECT_ID", "CYC_ORDER"])
    by_person = arrests.groupby("SUBJECT_ID").STP_ORI_CNTY_NAME.agg(["size", "nunique"])
    several = by_person[by_person["size"] > 1]
    assert (several["nunique"] > 1).mean() == pytest.approx(0.2, abs=0.03)


def test_all_58_counties_take_part_and_the_largest_leads(extract: pd.DataFrame) -> None:
    counties = extract.STP_ORI_CNTY_NAME.str.strip()
    assert set(counties) - {""} == set(vocabulary().counties)
    assert len(vocabulary().counties) == 58
    assert (counties == "LOS ANGELES").mean() == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("county", ["SAN JOAQUIN", "san-joaquin", " San  Joaquin "])
def test_in_a_countys_extract_everybody_has_a_row_there(tmp_path: Path, county: str) -> None:
    generate(tmp_path / "a.csv", rows=5000, seed=2, county=county)
    rows = pd.read_csv(tmp_path / "a.csv", dtype=str, keep_default_na=False)
    here = rows.STP_ORI_CNTY_NAME.str.strip() == "SAN JOAQUIN"
    assert here.groupby(rows.SUBJECT_ID).any().all()
    assert 0.03 < 1 - here.mean() < 0.2


def test_the_dead_are_dead_last(extract: pd.DataFrame) -> None:
    dead = extract[extract.STP_TYPE_DESCR == "DECEASED"]
    assert dead.SUBJECT_ID.nunique() / extract.SUBJECT_ID.nunique() == pytest.approx(0.02, abs=0.006)
    last_cycle = extract.groupby("SUBJECT_ID").CYC_ORDER.max()
    # The extract may be cut within its last person, who has no later rows to compare.
    assert (last_cycle[dead.SUBJECT_ID] == dead.set_index("SUBJECT_ID").CYC_ORDER).all()


def test_a_seventh_of_the_charges_are_marijuana_charges(extract: pd.DataFrame) -> None:
    charged = extract[extract.STP_TYPE_DESCR == "ARREST/DETAINED/CITED"]
    unclear = charged.OFFENSE_DESCR.isin(["", "SEE COMMENT FOR CHARGE"])
    text = charged.OFFENSE_DESCR.where(~unclear, charged.COMMENT_TEXT)
    marijuana = text.str.contains(r"(?<!41)1135[789](?!\.5| FG)|11360")
    assert 0.115 < marijuana.mean() < 0.15


VARIETIES = {
    "OFFENSE_DESCR": [
        "11359 HS-POSSESS MARIJUANA FOR SALE",
        "11359HS-POSS MARIJUANA FOR SALE",
        "11357(C)HS-POSSESS MARIJUANA",
        "11357A HS-POSS CONCENTRATED CANNABIS",
        "11360(A) HS-TRANSPORT/SELL MARIJUANA",
        "664/11359 HS-ATT POSS MARIJUANA FOR SALE",
        "66411357(A) HS-ATT POSS CONCENTRATED CANNABIS",
        "182/11359 HS-CONSP POSS MARIJUANA FOR SALE",
        "11359-POSS MARIJUANA FOR SALE",
        "11359 PC-POSSESS MARIJUANA FOR SALE",
        "11357.5(A) HS-SELL SYNTHETIC CANNABINOID",
        "11359(B) HS-POSS MARIJUANA FOR SALE",
        "459 PC-BURGLARY",
        "11350(A) HS-POSSESS NARCOTIC CNTL SUBSTANCE",
        "23152(A) VC-DUI ALCOHOL/DRUGS",
        "148(A)(1) PC-OBSTRUCT/ETC PUBLIC OFFICER/ETC",
        "187(A) PC-MURDER",
        "314(1) PC-INDECENT EXPOSURE",
        "290 PC-REGISTRATION OF SEX OFFENDER",
        "SEE COMMENT FOR CHARGE",
        "",
    ],
    "COMMENT_TEXT": [
        "CHRG-11359 HS-POSSESS MARIJUANA FOR SALE",
        "COM: FINE SUSPENDED, RESTITUTION ORDERED",
        'COM: SUBJECT STATED "NO FIXED ADDRESS"',
        "COM: CASE 4113571",
    ],
    "OFFENSE_TOC": ["F", "M", "I", ""],
    "DISP_DESCR": [
        "",
        "CONVICTED",
        "CONVICTED-JAIL",
        "CONVICTED-PRISON",
        "CONVICTED-PROBATION",
        "CONVICTED-PROB/JAIL",
        "DISMISSED/CHARGE DROPPED",
        "DISMISSED/FURTHERANCE OF JUSTICE",
        "PROS REJ-OTHER",
        "REL/TOT OTHER JURIS/AUTH",
        "ACQUITTED",
        "DIVERSION",
        "PROBATION REVOKED",
        "SENTENCE MODIFIED",
        "CONV SET ASIDE & DISM PER 1203.4 PC",
        "RELIEF GRANTED PER 1203.425 PC",
        "DISMISSED/PROP 64",
        "REDESIGNATED MISD PER 11361.8 HS",
        "REDUCED TO MISD PER 1170.18 PC",
    ],
    "CONV_STAT_DESCR": ["", "FELONY", "FELONY ", "MISDEMEANOR", "MISDEMEANOR ", "INFRACTION"],
    "STP_TYPE_DESCR": [
        "ARREST/DETAINED/CITED",
        "COURT ACTION",
        "REGISTRATION",
        "DECEASED",
        "APPLICANT",
        "CUSTODY",
        "PROBATION",
    ],
    "STP_ORI_DESCR": ["CASCSACRAMENTO", "CASC SACRAMENTO", "CAPDSACRAMENTO", "CASOSACRAMENTO", "CAMCSACRAMENTO"],
    "STP_ORI_CNTY_NAME": ["SACRAMENTO", "LOS ANGELES   ", ""],
    "OFN": ["", "NULL  "],
}


@pytest.mark.parametrize(("column", "value"), [(c, v) for c, values in VARIETIES.items() for v in values])
def test_this_variety_occurs(extract: pd.DataFrame, column: str, value: str) -> None:
    assert (extract[column] == value).any()


@pytest.mark.parametrize("pattern", [r"\d\dF\d{5}", r"BA\d{6}", r"SCR-\d{5}", r".*\d  ", r"[A-Z0-9-]+ [A-Z0-9-]+"])
def test_case_numbers_are_written_in_this_way(extract: pd.DataFrame, pattern: str) -> None:
    assert extract.OFN.str.fullmatch(pattern).any()


def test_case_numbers_stand_on_first_counts_mostly(extract: pd.DataFrame) -> None:
    at_court = extract[(extract.STP_TYPE_DESCR == "COURT ACTION") & (extract.STP_ORDER == "002")]
    first = at_court.CNT_ORDER.str[6:9] == "001"
    blank = at_court.OFN.str.strip().isin(["", "NULL"])
    assert (~blank[first]).mean() > 0.85
    assert blank[~first].mean() > 0.85
    assert 0.01 < (at_court.FE_NUM_CRT_CASE != "").mean() < 0.1


def test_juvenile_courts_and_pleas_to_another_offense_are_rare_but_there(extract: pd.DataFrame) -> None:
    assert 0 < extract.STP_ORI_DESCR.str.startswith("CAJV").mean() < 0.01
    pleaded = extract.CONV_OFFENSE_DESCR != ""
    assert 0 < pleaded.mean() < 0.03
    assert (extract.CONV_STAT_DESCR[pleaded] != "").mean() > 0.8


def test_a_disposition_date_is_mostly_that_of_its_step(extract: pd.DataFrame) -> None:
    disposed = extract[extract.DISP_DESCR != ""]
    assert (disposed.DISP_DATE == disposed.STP_EVENT_DATE).mean() == pytest.approx(0.95, abs=0.02)
    assert (extract.DISP_DATE[extract.DISP_DESCR == ""] == "").all()


# --- damage -----------------------------------------------------------------------------------------------------------


def test_the_truth_lists_the_damaged_lines_and_no_other_line_differs(tmp_path: Path) -> None:
    clean, dirty = tmp_path / "clean.csv", tmp_path / "dirty.csv"
    generate(clean, rows=20_000, seed=9)
    report = generate(dirty, rows=20_000, seed=9, dirty=0.05)
    assert report.truth == tmp_path / "dirty.csv.truth.csv"
    with report.truth.open(newline="") as handle:
        truth = list(csv.reader(handle))
    assert truth[0] == ["line", "damage"]
    lines = [int(line) for line, _ in truth[1:]]
    assert lines == sorted(set(lines))
    assert lines[0] >= 3 and lines[-1] <= 20_000  # neither the first record nor the last is damaged
    assert len(lines) / 20_000 == pytest.approx(0.05, abs=0.006)
    counts = Counter(damage for _, damage in truth[1:])
    assert dict(report.damaged) == counts
    assert set(counts) == set(DAMAGES)
    assert max(counts.values()) < 1.5 * min(counts.values())

    before = clean.read_text(encoding="utf-8").split("\n")
    after = dirty.read_bytes().split(b"\n")
    hurt = set(lines)
    for number, (was, now) in enumerate(zip(before, after, strict=True), start=1):
        if number not in hurt:
            assert now.decode("utf-8").replace("Ñ", "N") == was


@pytest.mark.parametrize("dirty", [0.03, 0.4])
def test_the_reader_quarantines_exactly_the_damaged_lines(tmp_path: Path, dirty: float) -> None:
    report = generate(tmp_path / "a.csv", rows=12_000, seed=8, dirty=dirty)
    assert report.truth is not None
    read_delivery([tmp_path / "a.csv"], tmp_path / "out", received_on=date(2025, 1, 31))
    truth = pd.read_csv(report.truth)
    found = pd.read_parquet(tmp_path / "out" / "quarantine.parquet")
    assert found.line_first.tolist() == found.line_last.tolist() == truth.line.tolist()
    assert found.reason.tolist() == truth.damage.tolist()


def test_a_dirty_file_shows_that_it_is_utf_8(tmp_path: Path) -> None:
    generate(tmp_path / "a.csv", rows=5, seed=1, dirty=0.5)
    assert "NUÑEZ,".encode() in (tmp_path / "a.csv").read_bytes().split(b"\n")[1]


LINE = b"".join([b'7,A,10000001,#,,,,,,,#,A00000001,"NUNEZ,ANA",', b"x," * 80, b"remark,#\n"])


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("draw", [0, 1, 2, 3, 158, 159, 1_000_003])
def test_each_damage_keeps_to_its_line_and_is_what_it_says(kind: str, draw: int) -> None:
    assert len(next(csv.reader([LINE.decode()]))) == 95
    line = damage_line(LINE, kind, draw)
    assert line != LINE
    assert line.count(b"\n") == 1 and line.endswith(b",#\n")
    text = line.decode("utf-8", errors="replace")
    fields = next(csv.reader([text.replace("\0", "")]))
    assert ("\0" in text) == (kind == "nul")
    assert ("�" in text) == (kind == "encoding")
    if kind == "field_count":
        assert len(fields) in (94, 96)
    elif kind == "no_person":
        assert len(fields) == 95 and {fields[2], fields[4], fields[11]} <= {"", "NULL"}
    elif kind == "unterminated_quote":
        assert line.count(b'"') == 3
    else:
        assert len(fields) == 95


def test_an_open_quote_meets_a_letter_in_every_following_line(tmp_path: Path) -> None:
    """Why damage can't spread: no line's first quote, clean or damaged, is followed by a comma or a quote."""
    generate(tmp_path / "a.csv", rows=20_000, seed=4, dirty=0.3)
    for line in (tmp_path / "a.csv").read_bytes().split(b"\n")[1:-1]:
        after = line[line.index(b'"') + 1 :]
        assert after[:1] not in (b",", b'"', b"")


# --- chance -----------------------------------------------------------------------------------------------------------


def test_weights_draw_each_group_from_its_own_rows_only() -> None:
    table = Weights.of([1, 0, 3, 5, 1], [1, 0, 0, 1, 0])
    draws = Draws(seed=1, block=0)
    group = draws.whole(10_000, 0, 2)
    picked = draws.pick_in(table, group)
    assert set(picked[group == 0]) == {2, 4}
    assert set(picked[group == 1]) == {0, 3}
    assert (picked[group == 1] == 3).mean() == pytest.approx(5 / 6, abs=0.02)


def test_a_group_without_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="without weight"):
        Weights.of([1, 0], [0, 1])


# --- the Supervised Release File ------------------------------------------------------------------------------------------


def test_a_release_file_lists_some_of_the_people_and_changes_no_byte(tmp_path: Path) -> None:
    plain, beside = tmp_path / "plain.csv", tmp_path / "beside.csv"
    generate(plain, rows=ROWS, seed=7)
    report = generate(beside, rows=ROWS, seed=7, srf=tmp_path / "srf.csv")
    assert digest(plain) == digest(beside)
    people = pd.read_csv(beside, dtype=str, keep_default_na=False).drop_duplicates("SUBJECT_ID")
    listed = read_input("srf", tmp_path / "srf.csv").frame
    assert listed["cii"].isin(people.CII_NUMBER.where(people.CII_NUMBER != "", people.REQ_CII_NUMBER)).all()
    assert 0.015 < len(listed) / report.people < 0.025
    assert (listed["start_date"] <= LAST_EVENT).all()
    assert (listed["end_date"].isna() | (listed["end_date"] > LAST_EVENT)).all()
    assert listed["end_date"].isna().any()


def test_a_longer_release_file_begins_like_a_shorter_one_and_none_is_empty(tmp_path: Path) -> None:
    for rows in (1, 500, 30_000):
        generate(tmp_path / "a.csv", rows=rows, seed=3, srf=tmp_path / f"{rows}.csv")
    longest = (tmp_path / "30000.csv").read_bytes()
    for rows in (1, 500):
        shorter = (tmp_path / f"{rows}.csv").read_bytes()
        assert longest.startswith(shorter)
        assert shorter.count(b"\n") > 1
