"""Worklists that come back: through every spreadsheet the same decisions; what is wrong is named by row, and nothing taken."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from clearslate.errors import LawError, SheetRefused
from clearslate.home import Home
from clearslate.ledger import Ledger
from clearslate.review.answers import ReviewRefused
from clearslate.review.decisions import import_review
from clearslate.review.worklist import write_worklists
from tests.support_court import key_of, tiny_home
from tests.support_review import ANSWERS, COUNTY, DATA, ON, decide, decisions_in, key, release, version

SAVED = sorted(
    path.name for path in DATA.iterdir() if path.suffix in (".csv", ".txt", ".xlsx") and "spot_check" not in path.name
)


def chain(home: Home) -> bytes:
    path = home.ledger / "ledger.jsonl"
    return path.read_bytes() if path.exists() else b""


def refused(home: Home, sheet: Path, on: date = ON) -> list[str]:
    """What is said of each row of a refused sheet; the ledger is as it was."""
    before = chain(home)
    with pytest.raises(ReviewRefused) as caught:
        import_review(home, sheet, on)
    assert chain(home) == before
    words = [str(problem) for problem in caught.value.problems]
    assert all(f"  {each}" in str(caught.value) for each in words[:20])
    assert "PEÑA" not in str(caught.value)
    return words


@pytest.mark.parametrize("name", SAVED)
def test_every_spreadsheet_brings_the_same_decisions(home: Home, name: str) -> None:
    report = import_review(home, DATA / name, ON)
    assert decisions_in(home) == {key(number): answer for number, answer in ANSWERS.items()}
    assert (report.kind, report.county, report.program) == ("decisions_imported", COUNTY, "P64")
    assert dict(report.answers) == {"NO_CHALLENGE": 3, "CHALLENGE": 2, "DEFER": 1}
    assert report.n_blank == (4 if name.endswith(".xlsx") else 2)
    assert report.n_stale == report.n_gone == report.n_changed == report.n_late == 0


def test_the_same_file_again_records_nothing(home: Home) -> None:
    import_review(home, DATA / "excel.csv", ON)
    before = chain(home)
    again = import_review(home, DATA / "excel.csv", date(2020, 6, 9))
    assert again.already_imported and chain(home) == before


def test_a_sheet_with_nothing_filled_in_records_nothing(home: Home, tmp_path: Path) -> None:
    report = import_review(home, decide(tmp_path / "a.csv", (key(1), version(1), "")), ON)
    assert report.n_blank == 1 and not decisions_in(home)


@pytest.mark.parametrize("name", ["libreoffice.ods", "libreoffice.xls"])
def test_other_formats_are_refused_with_the_mend(home: Home, name: str) -> None:
    with pytest.raises(SheetRefused, match=r"save it as \.xlsx"):
        import_review(home, DATA / name, ON)


def test_keys_may_be_lower_case_or_spaced_and_words_written_as_people_do(home: Home, tmp_path: Path) -> None:
    spaced = " ".join([key(1)[:7].lower(), key(1)[7:14], key(1)[14:]])
    rows = [
        (spaced, version(1).lower(), "no challenge"),
        (key(2), version(2), "Challenge", "record wrong"),
        (key(3), version(3), "DEFER"),
        (key(3), version(3), "defer"),
    ]
    import_review(home, decide(tmp_path / "a.csv", *rows), ON)
    assert decisions_in(home) == {
        key(1): ("NO_CHALLENGE", ""),
        key(2): ("CHALLENGE", "RECORD_WRONG"),
        key(3): ("DEFER", ""),
    }


def test_every_bad_row_is_named_at_once(home: Home, tmp_path: Path) -> None:
    swapped = key(4)[1] + key(4)[0] + key(4)[2:]
    assert swapped != key(4)
    rows = [
        (key(1), version(1), "NO_CHALLENGE"),  # 2
        (key(2), version(2), "CHALLENGE"),  # 3
        (key(3), version(3), "MAYBE"),  # 4
        (swapped, version(4), "DEFER"),  # 5
        ("1.23E+17", version(4), "DEFER"),  # 6
        (key(5), version(5)[:-2], "DEFER"),  # 7
        (key_of("nobody"), version(5), "DEFER"),  # 8: not reached, since other rows are wrong in themselves
        (key(6), version(6), "", "RECORD_WRONG"),  # 9
        (key(7), version(7), "DEFER", "RECORD_WRONG"),  # 10
        ("", version(8), "DEFER"),  # 11
        (key(8), version(8), "DEFER"),  # 12
        (key(8), version(8), "NO_CHALLENGE"),  # 13
    ]
    said = refused(home, decide(tmp_path / "a.csv", *rows))
    expected = [
        ("row 3: ", "needs a ground"),
        ("row 4: ", "none of NO_CHALLENGE, CHALLENGE, DEFER"),
        ("row 5: the key ", "wrong"),
        ("row 6: the key ", "digit"),
        ("row 7: the version ", "letters"),
        ("row 9: ", "without a decision"),
        ("row 10: ", "CHALLENGE only"),
        ("row 11: the key ", "blank"),
        ("row 12: ", "contradicts row 13"),
        ("row 13: ", "contradicts row 12"),
    ]
    assert len(said) == len(expected)
    assert all(words.startswith(start) and end in words for words, (start, end) in zip(said, expected, strict=True))


def test_keys_of_nobody_and_of_other_versions_are_named(home: Home, tmp_path: Path) -> None:
    rows = [
        (key(1), version(1), "DEFER"),
        (key_of("nobody"), version(2), "DEFER"),
        (key(3), version(4), "DEFER"),
        (key(11), version(11), "DEFER"),
    ]
    said = refused(home, decide(tmp_path / "a.csv", *rows))
    assert said == [
        "row 3: no line has this key; copy it from the sheet that was sent",
        "row 4: the key and the version do not belong together; copy both from the sheet",
    ]
    assert refused(home, decide(tmp_path / "a.csv", *rows[:1], rows[3])) == [
        "row 3: the line is not eligible: there is nothing to decide"
    ]


@pytest.mark.parametrize(
    ("number", "ground", "on", "words"),
    [
        (1, "NO_SUCH", ON, "the ground is none of NOT_COVERED"),
        (1, "RECORD_WRONG", date(2016, 11, 8), "the ground is none of"),
        (1, "UNREASONABLE_RISK", ON, "open only while the sentence is being served"),
    ],
)
def test_a_ground_must_be_open(home: Home, tmp_path: Path, number: int, ground: str, on: date, words: str) -> None:
    sheet = decide(tmp_path / "a.csv", (key(number), version(number), "CHALLENGE", ground))
    assert words in refused(home, sheet, on)[0]


def test_a_ground_for_those_who_serve_and_a_late_challenge_are_taken(home: Home, tmp_path: Path) -> None:
    sheet = decide(tmp_path / "a.csv", (key(9), version(9), "CHALLENGE", "UNREASONABLE_RISK"))
    assert import_review(home, sheet, date(2020, 7, 2)).n_late == 1


def test_a_file_is_for_one_county(tmp_path: Path) -> None:
    home = tiny_home(tmp_path)
    release(home, line_8={"county": "YOLO"})
    sheet = decide(tmp_path / "a.csv", *((key(n), version(n), "DEFER") for n in (8, 1, 2)))
    assert refused(home, sheet) == ["row 2: belongs to another county or program than most rows; send it apart"]


# --- stale


def test_a_decision_on_an_earlier_version_is_stale_and_counts_as_undecided(home: Home) -> None:
    write_worklists(home, [COUNTY], ON)
    release(
        home,
        line_2={"now": "second"},
        line_3=None,
        line_6={"outcome": "INELIGIBLE", "now": "second"},
        run_id="release2",
    )
    report = import_review(home, DATA / "libreoffice.csv", ON)
    assert (report.n_stale, report.n_gone) == (3, 1)
    assert len(report.stale_rows) == 3 and all(place.startswith("row ") for place in report.stale_rows)
    (worklist,) = write_worklists(home, [COUNTY], ON)
    assert worklist.n_stale == 2  # line 3 is no longer in the release, so on no list
    assert worklist.n_undecided == 4  # of lines 1, 2, 4, 5, 7 and 8 only 1 and 7 are decided: 4 is put off, 2 stale


def test_a_version_that_was_never_given_out_is_not_stale_but_wrong(home: Home, tmp_path: Path) -> None:
    release(home, line_2={"now": "second"}, run_id="release2")
    sheet = decide(tmp_path / "a.csv", (key(2), version(2), "DEFER"))
    assert "do not belong together" in refused(home, sheet)[0]


def test_something_else_changing_leaves_a_decision_in_force(home: Home) -> None:
    import_review(home, DATA / "libreoffice.csv", ON)
    release(home, line_2={"name_last": "OTHER"}, line_5={"now": "second"}, run_id="release2")
    (worklist,) = write_worklists(home, [COUNTY], ON)
    assert worklist.n_stale == 0


def test_the_newest_decision_counts_and_a_change_is_told(home: Home, tmp_path: Path) -> None:
    import_review(home, DATA / "libreoffice.csv", ON)
    rows = [(key(1), version(1), "CHALLENGE", "TWO_PRIORS"), (key(7), version(7), "NO_CHALLENGE")]
    report = import_review(home, decide(tmp_path / "a.csv", *rows), ON)
    assert report.n_changed == 1
    assert decisions_in(home)[key(1)] == ("CHALLENGE", "TWO_PRIORS")


# --- sheets that are something else


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Case,Name\n1,2\n", "neither a column Decision nor a column Verdict"),
        ("Version,Decision\nx,DEFER\n", "the column Key is gone"),
        ("Decision,Note\nDEFER,\n", "the column Key and the column Version is gone"),
        ("Key,key,Version,Decision\n,,,\n", "column B: a column of this name"),
        ("Key,Version,Decision\n=1+1,x,DEFER\n", "row 2, column A: holds a formula"),
        ("Key,Version,Verdict\nx,y,WRONG\n", "the column Sample is gone"),
    ],
)
def test_what_is_no_worklist_is_refused(home: Home, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(SheetRefused, match=words):
        import_review(home, tmp_path / "a.csv", ON)
    assert not chain(home)


def test_a_reordered_file_with_rows_twice_or_missing_brings_what_it_has(home: Home, tmp_path: Path) -> None:
    rows = (DATA / "excel.csv").read_bytes().splitlines(keepends=True)
    (tmp_path / "a.csv").write_bytes(b"".join([rows[0], *reversed(rows[1:5]), rows[1]]))
    import_review(home, tmp_path / "a.csv", ON)
    told = decisions_in(home)
    assert 0 < len(told) <= 4 and told.items() <= {key(n): answer for n, answer in ANSWERS.items()}.items()


@pytest.mark.parametrize("cut", [1, 2, 6, 12, 20, 30])
def test_a_file_cut_off_in_the_middle_of_a_row_is_refused(home: Home, tmp_path: Path, cut: int) -> None:
    text = (DATA / "libreoffice.csv").read_bytes().rstrip()
    rows = text.splitlines(keepends=True)
    decided = [row for row in rows[1:] if b"CHALLENGE" in row]
    (tmp_path / "a.csv").write_bytes(b"".join([rows[0], *decided]).rstrip()[:-cut])
    assert refused(home, tmp_path / "a.csv")


def test_a_cut_off_key_is_found_where_nothing_is_decided(home: Home, tmp_path: Path) -> None:
    (said,) = refused(home, decide(tmp_path / "a.csv", (key(1), version(1), "DEFER"), (key(2)[:12], "", "")))
    assert said.startswith("row 3: nothing is decided, but the key has 12 letters")


def test_nothing_of_a_person_goes_into_the_ledger(home: Home) -> None:
    import_review(home, DATA / "libreoffice.xlsx", ON)
    content = b"".join(path.read_bytes() for path in home.ledger.rglob("*") if path.is_file())
    for word in ("PEÑA", "JOSÉ", "see file"):
        assert word.encode() not in content


def test_the_file_name_alone_is_what_is_kept_of_the_path(home: Home, tmp_path: Path) -> None:
    shutil.copy(DATA / "excel.csv", tmp_path / "from the DA.csv")
    import_review(home, tmp_path / "from the DA.csv", ON)
    (entry,) = Ledger.open(home).entries("decisions_imported")
    assert entry.body["file_name"] == "from the DA.csv"
    assert entry.on == ON


def test_the_grounds_are_well_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    from clearslate.review import grounds

    shipped = grounds.grounds_on("P64", ON)
    assert len(",".join(shipped)) <= 255  # what a drop-down list of a spreadsheet can hold
    assert all(ground.told_by == date(2020, 7, 1) for ground in shipped.values())
    broken = grounds.load_list("courts/grounds").assign(told_by="1 July")
    monkeypatch.setattr(grounds, "load_list", lambda _: broken)
    with pytest.raises(LawError, match=r"grounds\.csv:2"):
        grounds.load_grounds("P64")
