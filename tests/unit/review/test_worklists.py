"""Worklists, spot checks and notices as written: what stands in them, in what order, the same bytes, and for whose eyes."""

import shutil
import stat
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from clearslate.court.layout import is_unsafe_cell
from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.ledger import Ledger
from clearslate.review.answers import ReviewRefused
from clearslate.review.decisions import import_review
from clearslate.review.notices import write_notices
from clearslate.review.samples import error_rates, write_samples
from clearslate.review.sampling import sample_size
from clearslate.review.worklist import write_worklists
from clearslate.sheets import read_sheets
from tests.support_court import make_release, tiny_home
from tests.support_review import (
    ANSWERS,
    CASES,
    COUNTY,
    DATA,
    ON,
    decide,
    fill,
    first_rows,
    key,
    known_line,
    release,
    version,
)


def folder(home: Home) -> Path:
    return home.outbox / "sacramento" / "review"


def contents(home: Home) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder(home).iterdir()}


# --- worklists


def test_every_line_stands_on_one_sheet_in_the_courts_order(home: Home) -> None:
    (worklist,) = write_worklists(home, [], ON)
    assert dict(worklist.rows) == {"eligible": 8, "review": 2, "not_eligible": 2}
    sheets = read_sheets(folder(home) / "P64_worklist.xlsx")
    assert [sheet.name for sheet in sheets] == ["Eligible", "Review", "Not eligible", "How to fill in"]
    assert [len(sheet.rows) for sheet in sheets[:3]] == [8, 2, 2]
    numbers = [row["Case number"] for _, row in sheets[0].rows]
    assert numbers == sorted(CASES, key=lambda number: number.replace("-", ""))
    assert {row["Key"] for sheet in sheets[:3] for _, row in sheet.rows} == {key(n) for n in range(1, 13)}
    row = next(row for _, row in sheets[0].rows if row["Key"] == key(1))
    assert row["Last name"] == "PEÑA" and row["Version"] == version(1) and row["Section"] == "HS 11359"
    assert row["Relief"] == "Dismiss and seal" and row["Decision"] == row["Ground"] == row["So far"] == ""


@pytest.mark.parametrize("part", ["eligible", "review", "not_eligible"])
def test_the_csv_says_what_the_workbook_says(home: Home, part: str) -> None:
    write_worklists(home, [COUNTY], ON)
    place = ["eligible", "review", "not_eligible"].index(part)
    assert first_rows(folder(home) / f"P64_{part}.csv") == [
        row for _, row in read_sheets(folder(home) / "P64_worklist.xlsx")[place].rows
    ]


def test_the_columns_to_fill_in_have_lists(home: Home) -> None:
    write_worklists(home, [COUNTY], ON)
    workbook = openpyxl.load_workbook(folder(home) / "P64_worklist.xlsx")
    lists = [rule.formula1 for rule in workbook["Eligible"].data_validations.dataValidation if rule.type == "list"]
    assert lists[0] == '"NO_CHALLENGE,CHALLENGE,DEFER"'
    assert lists[1].startswith('"NOT_COVERED,') and lists[1].endswith('UNREASONABLE_RISK"')
    assert not workbook["Not eligible"].data_validations.dataValidation


def test_no_cell_would_be_run_by_a_spreadsheet(home: Home) -> None:
    release(home, line_1={"case": "=HYPERLINK(1)", "name_last": "@SUM", "reason": "+1", "citation": "a\u202eb"})
    write_worklists(home, [COUNTY], ON)
    sheets = [read_sheets(path) for path in sorted(folder(home).glob("P64_*"))]
    cells = [cell for file in sheets for sheet in file for _, row in sheet.rows for cell in row.values()]
    assert "'=HYPERLINK(1)" in cells and "'a b" in cells
    assert not any(map(is_unsafe_cell, cells))


def test_the_same_release_gives_the_same_bytes_for_its_owner_alone(home: Home) -> None:
    def write() -> None:
        write_worklists(home, [COUNTY], ON)
        write_samples(home, [COUNTY], ON)
        write_notices(home, [COUNTY], ON)

    write()
    first, chain = contents(home), (home.ledger / "ledger.jsonl").read_bytes()
    write()
    assert contents(home) == first
    assert (home.ledger / "ledger.jsonl").read_bytes() == chain
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder(home).iterdir()} == {0o600}
    assert stat.S_IMODE(folder(home).stat().st_mode) == 0o700


def test_what_was_decided_is_shown_and_what_changed_since(home: Home) -> None:
    write_worklists(home, [COUNTY], ON)
    import_review(home, DATA / "libreoffice.xlsx", ON)
    release(home, line_2={"now": "second"}, run_id="release2")
    (worklist,) = write_worklists(home, [COUNTY], date(2020, 6, 2))
    so_far = {row["Key"]: row["So far"] for row in first_rows(folder(home) / "P64_eligible.csv")}
    assert so_far[key(1)] == "2020-06-01 NO_CHALLENGE"
    assert so_far[key(2)] == "CHANGED SINCE 2020-06-01 CHALLENGE"
    assert so_far[key(5)] == ""
    assert (worklist.n_stale, worklist.n_undecided) == (1, 4)


def test_what_was_given_out_is_in_the_ledger_once(home: Home) -> None:
    for _ in range(2):
        write_worklists(home, [COUNTY], ON)
    (entry,) = Ledger.open(home).entries("worklist_issued")
    assert (entry.body["county"], entry.body["n"]) == (COUNTY, 12)


def test_a_home_without_a_release_says_so(tmp_path: Path) -> None:
    home = tiny_home(tmp_path)
    for write in (write_worklists, write_samples, write_notices):
        with pytest.raises(UsageError, match="clearslate run"):
            write(home, [COUNTY], ON)


def test_lines_without_a_county_are_on_no_countys_list(home: Home) -> None:
    release(home, line_8={"county": None})
    (worklist,) = write_worklists(home, [], ON)
    assert worklist.rows["eligible"] == 7


# --- spot checks


@pytest.fixture
def large(tmp_path: Path) -> Home:
    """900 eligible lines of three rules and three decades, one of a rule of its own, ten withheld, 200 denied."""
    home = tiny_home(tmp_path)
    lines = [
        known_line(n, rule=f"rule_{n % 3}", disposition_decade=1980 + n % 3 * 10, disposition_date=date(1980, 1, 1))
        for n in range(900)
    ]
    lines.append(known_line(900, rule="rare"))
    lines += [known_line(n, case="", rule="withheld") for n in range(901, 911)]
    lines += [known_line(n, outcome="INELIGIBLE", rule="denied") for n in range(911, 1111)]
    make_release(home, lines)
    return home


def test_samples_are_drawn_from_every_stratum_by_nobodys_choice(large: Home) -> None:
    (check,) = write_samples(large, [COUNTY], ON)
    eligible, denied = check.samples
    assert (eligible.n_lines, denied.n_lines) == (901, 200)
    assert "rare / 34 / 1990s" in eligible.strata and not any("withheld" in name for name in eligible.strata)
    assert eligible.strata["rare / 34 / 1990s"] == (1, 1)
    assert len(eligible.lines) == sum(drawn for _, drawn in eligible.strata.values())
    assert len(eligible.lines) >= sample_size(901, confidence=0.95, tolerated=0.01)
    again = write_samples(large, [COUNTY], date(2021, 1, 1))[0].samples
    assert again == check.samples
    assert len(Ledger.open(large).entries("sample_issued")) == 2
    other = write_samples(large, [COUNTY], ON, tolerated=0.05)[0].samples[0]
    assert other.sample_id != eligible.sample_id and len(other.lines) < len(eligible.lines)


def test_verdicts_give_a_rate_with_its_interval(large: Home, tmp_path: Path) -> None:
    (check,) = write_samples(large, [COUNTY], ON)
    drawn = check.samples[0].lines
    wrong = {drawn[0]["action_key"], drawn[5]["action_key"]}
    sheet = folder(large) / "P64_spot_check.csv"
    fill(
        sheet,
        {line["action_key"]: {"Verdict": "WRONG" if line["action_key"] in wrong else "correct"} for line in drawn},
    )
    report = import_review(large, sheet, ON)
    assert (report.kind, report.answers["WRONG"]) == ("spot_check_imported", 2)
    (rate,) = report.error_rates
    assert (rate.population, rate.n_lines, rate.n_drawn, rate.n_judged, rate.n_wrong) == (
        "eligible", 901, len(drawn), len(drawn), 2,
    )  # fmt: skip
    assert rate.is_complete and not rate.is_accepted
    assert rate.interval and 0 < rate.interval.low < rate.interval.rate < rate.interval.high < 0.05
    unjudged = error_rates(large)[1]
    assert unjudged.interval is None and not unjudged.is_complete
    write_worklists(large, [COUNTY], ON)
    so_far = {row["Key"]: row["So far"] for row in first_rows(folder(large) / "P64_eligible.csv")}
    assert {line for line, words in so_far.items() if words == "spot check: WRONG"} == wrong


def test_all_found_right_is_accepted_and_a_later_verdict_replaces_an_earlier_one(home: Home, tmp_path: Path) -> None:
    (check,) = write_samples(home, [COUNTY], ON, tolerated=0.2)
    drawn = check.samples[0].lines
    for name, first in (("a", "CANT_TELL"), ("b", "CORRECT")):
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes((folder(home) / "P64_spot_check.xlsx").read_bytes())
        fill(
            path,
            {line["action_key"]: {"Verdict": "CORRECT"} for line in drawn}
            | {drawn[0]["action_key"]: {"Verdict": first}},
        )
        rate = import_review(home, path, ON).error_rates[0]
        assert rate.is_complete and rate.n_wrong == 0
        assert rate.is_accepted == (name == "b")


def test_a_spot_check_through_libreoffice_is_read(home: Home) -> None:
    write_samples(home, [COUNTY], ON, tolerated=0.2)
    report = import_review(home, DATA / "libreoffice_spot_check.xlsx", ON)
    assert sum(report.answers.values()) == sum(rate.n_judged for rate in report.error_rates) > 0
    assert {rate.population for rate in report.error_rates} == {"eligible", "not_eligible"}


def test_a_verdict_on_a_line_that_was_not_drawn_is_refused_by_row(home: Home, tmp_path: Path) -> None:
    (check,) = write_samples(home, [COUNTY], ON, tolerated=0.5)
    sample = check.samples[0]
    drawn = {line["action_key"] for line in sample.lines}
    other = next(n for n in range(1, 9) if key(n) not in drawn)
    rows = [f"{key(other)},{version(other)},{sample.sample_id},WRONG", f"{key(9)},{version(9)},BBB,FINE"]
    (tmp_path / "a.csv").write_text("\n".join(["Key,Version,Sample,Verdict", *rows[:1]]))
    with pytest.raises(ReviewRefused, match="row 2: the line is not in this sample"):
        import_review(home, tmp_path / "a.csv", ON)
    (tmp_path / "a.csv").write_text("\n".join(["Key,Version,Sample,Verdict", *rows]))
    with pytest.raises(ReviewRefused, match="row 3: the word is none of CORRECT, WRONG, CANT_TELL"):
        import_review(home, tmp_path / "a.csv", ON)


def test_deciding_on_a_line_found_wrong_is_told(home: Home, tmp_path: Path) -> None:
    (check,) = write_samples(home, [COUNTY], ON, tolerated=0.2)
    number = next(n for n in range(1, 9) if key(n) == check.samples[0].lines[0]["action_key"])
    fill(folder(home) / "P64_spot_check.csv", {key(number): {"Verdict": "WRONG"}})
    import_review(home, folder(home) / "P64_spot_check.csv", ON)
    sheet = decide(tmp_path / "a.csv", (key(number), version(number), "NO_CHALLENGE"))
    assert import_review(home, sheet, ON).n_wrong_released == 1


# --- notices


def test_the_notice_lists_every_challenge_in_force_and_names_nobody(home: Home, tmp_path: Path) -> None:
    write_worklists(home, [COUNTY], ON)
    import_review(home, DATA / "libreoffice.csv", ON)
    challenged = [number for number, (decision, _) in ANSWERS.items() if decision == "CHALLENGE"]
    (notice,) = write_notices(home, [COUNTY], ON)
    assert (notice.n_counts, notice.n_cases, notice.n_stale) == (2, 2, 0)
    rows = first_rows(folder(home) / "P64_challenged.xlsx")
    assert rows == first_rows(folder(home) / "P64_challenged.csv")
    assert {row["Case number"] for row in rows} == {CASES[number - 1] for number in challenged}
    assert {row["Ground"] for row in rows} == {"PRIOR_SUPERSTRIKE", "RECORD_WRONG"}
    assert {row["Challenged on"] for row in rows} == {"2020-06-01"} and all(row["Ground in words"] for row in rows)
    assert {(row["Law's day"], row["After the law's day"]) for row in rows} == {("2020-07-01", "no")}
    assert notice.n_late == 0
    assert "PEÑA" not in (folder(home) / "P64_challenged.csv").read_text("utf-8-sig")
    release(home, line_2={"now": "second"}, run_id="release2")
    import_review(home, decide(tmp_path / "a.csv", (key(6), version(6), "NO_CHALLENGE")), ON)
    (notice,) = write_notices(home, [COUNTY], ON)
    assert (notice.n_counts, notice.n_stale) == (0, 1)
    assert first_rows(folder(home) / "P64_challenged.csv") == []


def test_the_notice_says_which_challenges_came_after_the_law_s_day(home: Home, tmp_path: Path) -> None:
    write_worklists(home, [COUNTY], ON)
    head = "Key,Version,Decision,Ground\n"
    told = {n: f"{key(n)},{version(n)},CHALLENGE,RECORD_WRONG\n" for n in (1, 2, 3)}
    undone = f"{key(2)},{version(2)},NO_CHALLENGE,\n"
    for number, (day, rows) in enumerate(
        ((date(2020, 7, 1), told[1] + told[2]), (date(2020, 7, 2), undone), (date(2020, 7, 3), "".join(told.values())))
    ):
        sheet = tmp_path / f"{number}.csv"
        sheet.write_text(head + rows)
        import_review(home, sheet, day)
    (notice,) = write_notices(home, [COUNTY], ON)
    listed = {
        row["Case number"]: (row["Challenged on"], row["After the law's day"])
        for row in first_rows(folder(home) / "P64_challenged.csv")
    }
    # The first was challenged in time, and once more later; the second anew; the third late.
    assert listed == {
        CASES[0]: ("2020-07-01", "no"), CASES[1]: ("2020-07-03", "YES"), CASES[2]: ("2020-07-03", "YES"),
    }  # fmt: skip
    assert (notice.n_counts, notice.n_late) == (3, 2)


# --- killed in the middle


@pytest.mark.parametrize("survived", [0, 2, 4, 6])
def test_killed_while_writing_a_rerun_gives_the_same(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    untroubled = Home(shutil.copytree(home.root, tmp_path / "other", symlinks=True))
    write_worklists(untroubled, [COUNTY], ON)

    synced: list[int] = []

    def sync(opened: int) -> None:
        synced.append(opened)
        if len(synced) > survived:
            raise KeyboardInterrupt

    write_samples(home, [COUNTY], ON)  # so that the ledger is there and only the worklist's own entry comes
    monkeypatch.setattr("os.fsync", sync)
    with pytest.raises(KeyboardInterrupt):
        write_worklists(home, [COUNTY], ON)
    monkeypatch.undo()
    write_worklists(home, [COUNTY], ON)
    names = set(contents(untroubled))
    assert {name: content for name, content in contents(home).items() if name in names} == contents(untroubled)
    assert not [path for path in folder(home).iterdir() if path.suffix == ".partial"]
    assert len(Ledger.open(home).entries("worklist_issued")) == 1
    assert Ledger.open(home).verify()
