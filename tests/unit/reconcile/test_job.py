"""The whole command: a release, a file as a court sends it, the reports in the outbox."""

import json
import stat
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from clearslate.court.profile import load_profile
from clearslate.errors import ClearslateError, UsageError
from clearslate.home import Home
from clearslate.reconcile.job import ReconcileReport, reconcile
from clearslate.reconcile.reports import LISTS
from tests.support import decide, record
from tests.support_reconcile import write_list

ON = date(2020, 7, 1)
NAMES = ("SUBJECT_ID", "REQ_CII_NUMBER", "PRI_NAME", "PRI_DOB", "OFN")
PEOPLE = [
    dict(zip(NAMES, told, strict=True)) | more
    for *told, more in (
        ("1", "A00000001", "CANARYBIRD,JANE A", "19700304", "0012345", {}),
        ("2", "A00000002", "PINEAPPLE,LOU", "19600102", "12F00077", {}),
        (
            "3",
            "A00000003",
            "ELSEWHERE,SAM",
            "19600103",
            "777",
            {"STP_ORI_CNTY_NAME": "YOLO", "STP_ORI_DESCR": "CASCYOLO"},
        ),
        ("4", "A00000004", "NOOUTCOME,PAT", "19600104", "12F00099", {"DISP_DESCR": "DISMISSED", "CONV_STAT_DESCR": ""}),
        ("5", "A00000005", "OTHERCHARGE,KIM", "19600105", "12F00055", {"OFFENSE_DESCR": "484 PC-THEFT"}),
    )
]
COLUMNS = ("Case No.", "Defendant", "Date of Birth", "Charge", "Level", "Conviction Date")
ROWS = (
    ("12345", "Canarybird, Jane A", "3/4/1970", "HS 11359", "Felony", "1/1/2010"),
    ("12F00099", "Nooutcome, Pat", "1/4/1960", "HS 11359", "Felony", "1/1/2010"),
    ("12F00055", "Otherchargé, Kim", "1/5/1960", "PC 484", "Felony", "1/1/2010"),
    ("=HYPERLINK", "+Stranger, Eve", "7/8/1981", "11360(a) HS", "Felony", "1/1/2012"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose current release knows five people."""
    root = tmp_path_factory.mktemp("home")
    decided = decide(root, [record(**told) for told in PEOPLE], as_of="2020-07-01")
    found = Home(root)
    with found.lock():
        found.promote(decided.run.run_id, [])
    return found


def files(report: ReconcileReport) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(report.folder.iterdir())}


def run(home: Home, path: Path, **mapping: str) -> ReconcileReport:
    profile = load_profile("SACRAMENTO")
    return reconcile(home, "sacramento", path, ON, replace(profile, reconcile=replace(profile.reconcile, **mapping)))  # type: ignore[arg-type]


def test_the_reports_of_a_list(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    text = "\r\n".join(
        ";".join(f'"{cell}"' if cell[:1] != "=" else f'"\t{cell[1:]} 9"' for cell in one) for one in (COLUMNS, *ROWS)
    )
    path.write_bytes(text.encode("cp1252"))
    report = run(home, path)
    written = files(report)
    assert report.folder == home.outbox / "sacramento" / "reconcile"
    assert set(written) == {*LISTS, "summary.json"}
    assert stat.S_IMODE(report.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in report.folder.glob("*.csv")} == {0}
    summary = json.loads(written["summary.json"])
    assert summary["counts"]["court_rows"] == 4
    assert summary["counts"]["court_rows_missing_by"] == {"doj_has_case_without_conviction": 1, "not_found": 1}
    assert summary["counts"]["doj_convictions"] == 2, "of the program, in this county"
    assert summary["counts"]["sure_matches_by"]["A"] == 3
    assert summary["list"]["unread"] == {"case_number": 0, "birth_date": 0, "section": 0, "level": 0, "date": 0}
    assert b"PINEAPPLE,LOU" in written["in_doj_not_in_court.csv"]
    assert b"OTHERCHARGE" not in written["in_doj_not_in_court.csv"]
    assert b'"\'+Stranger, Eve"' in written["in_court_not_in_doj.csv"], "no cell that a spreadsheet would run"
    assert report.counts["likely_candidates: yes"] == 2
    for told in (repr(report), written["summary.json"].decode()):
        assert not any(word in told.upper() for word in ("CANARYBIRD", "PINEAPPLE", "STRANGER", "1970", "12345"))


def test_again_gives_the_same_bytes_and_nothing_else_is_left(home: Home, tmp_path: Path) -> None:
    path = write_list(tmp_path / "list.csv", COLUMNS, ROWS[:3])
    first = run(home, path, covers="all")
    before = files(first)
    assert first.counts["doj_convictions"] == 3, "of whatever section"
    assert files(run(home, path, covers="all")) == before
    assert {entry.name for entry in (home.outbox / "sacramento").iterdir()} == {"reconcile"}
    assert {entry.suffix for entry in (home.root / "work").iterdir()} <= {".duckdb", ".wal", ".spill"}


def test_a_list_that_can_not_be_read_changes_nothing(home: Home, tmp_path: Path) -> None:
    before = files(run(home, write_list(tmp_path / "good.csv", COLUMNS, ROWS[:3])))
    nameless = write_list(tmp_path / "bad.csv", ("Docket", "Defendant"), [("12345", "Canarybird, Jane")])
    formula = write_list(tmp_path / "formula.csv", COLUMNS, [("=1+1", "Canarybird, Jane", "", "", "", "")])
    for path, words in ((nameless, "looks for case_number"), (formula, "formula"), (tmp_path / "none.csv", "none.csv")):
        with pytest.raises(ClearslateError, match=words) as refused:
            run(home, path)
        assert "Canarybird" not in str(refused.value)
    assert {path.name: path.read_bytes() for path in (home.outbox / "sacramento" / "reconcile").iterdir()} == before


def test_without_a_release_there_is_nothing_to_hold_it_against(tmp_path: Path) -> None:
    path = write_list(tmp_path / "list.csv", COLUMNS, ROWS[:1])
    with pytest.raises(UsageError, match="nothing has been published"):
        run(Home(tmp_path / "empty"), path)
    with pytest.raises(UsageError, match="none of California's 58 counties"):
        reconcile(Home(tmp_path / "empty"), "Gotham", path, ON, load_profile("YOLO"))
