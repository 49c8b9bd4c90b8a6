"""What is in a package that is sent: files, papers, workbook, the clerk's page."""

import json
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from clearslate.acknowledgement.reading import parse
from clearslate.court import extras, office, verify_package
from clearslate.court.batch import prepare_packages
from clearslate.court.layout import CASE_COLUMNS, CASES, MANIFEST, SUMS, WORKBOOK, FileFacts, PackageName
from clearslate.court.profile import load_profile
from clearslate.court.readme import LINES_OF_A_PAGE, Page, clerk_page
from clearslate.court.totals import ControlTotals
from clearslate.documents import Background
from clearslate.keys import ActionKeyBlocks, action_key
from clearslate.ledger import Ledger
from clearslate.ledger.tables import SCHEMAS
from tests.support_court import AS_OF, line, make_release, read_private, tiny_home
from tests.support_packages import ON, PAPERS, decide, manifest_of, only, prepare, rows_of


def test_a_package_has_every_file_and_a_court_finds_nothing_wrong(home, profile):
    make_release(home, [line(1), line(2, relief="REDESIGNATE_MISD"), line(3)])
    decide(home, {"": "NO_CHALLENGE", "19-00003": "CHALLENGE"})
    made = only(prepare(home))
    assert made.path == home.outbox / "sacramento" / "CRR-34-P64-000001_a1_P.zip"
    with zipfile.ZipFile(made.path) as archive:
        assert archive.namelist() == [
            "00_manifest.json", "SHA256SUMS", "01_README_CLERK.txt", "10_relief_actions.csv", "10_relief_actions.xlsx",
            "11_relief_cases.csv", "12_reversals.csv", *PAPERS,
        ]  # fmt: skip
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("12_reversals.csv").count(b"\r\n") == 1
        page = archive.read("01_README_CLERK.txt").decode("ascii")
    assert len(page.splitlines()) <= 60 and max(map(len, page.splitlines())) <= 88
    assert "DOE" not in page and "TEST" not in page
    told = {row["case_number"]: (row["action_code"], row["da_position"], row["seal_scope"]) for row in rows_of(made)}
    assert told == {
        "19-00001": ("DISMISS_SEAL", "NO_CHALLENGE", "COUNT"),
        "19-00002": ("REDESIGNATE", "NO_CHALLENGE", "NONE"),
        "19-00003": ("CHALLENGE", "CHALLENGE", "NONE"),
    }
    manifest = manifest_of(made)
    assert (manifest["data_through"], manifest["as_of"]) == ("2020-06-15", "2020-07-01")
    assert manifest["positions"] == {"not_challenged": 2, "challenged": 1, "by_standing_policy": 0}
    assert manifest["accounting"]["county"]["eligible"]["in_package"] == 3
    entry = Ledger.open(home).entries("batch_issued")[0]
    assert entry.body["actions_sha256"] == manifest["files"]["10_relief_actions.csv"]["sha256"]
    assert entry.body["zip_sha256"] == FileFacts.of(made.path).sha256
    assert made.path.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The facts of which papers are made, batch by batch."""
    given: list[Any] = []
    write = extras.write_documents

    def record(folder: Path, facts: Any, rows: Iterable[dict[str, str]]) -> Any:
        given.append(facts)
        return write(folder, facts, rows)

    monkeypatch.setattr(extras, "write_documents", record)
    return given


def test_the_facts_of_motion_and_order_are_those_of_release_and_ledger(home, profile, told):
    profile(canary_lines=0, sends_undecided=True)
    paths = ("completed", "serving", "unknown", "completed", "completed", "completed")
    make_release(home, [line(n, path=path) for n, path in enumerate(paths, start=1)])
    decide(home, {"19-00003": "NO_CHALLENGE", "19-00005": "CHALLENGE", "19-00006": "CHALLENGE"}, on=date(2020, 6, 1))
    ledger = Ledger.open(home)
    rows = [
        {
            "action_key": row["action_key"],
            "version": row["version"],
            "decision": "CHALLENGE",
            "ground": ground,
            "row": 2,
        }
        for row in read_private(home.current.resolve(), "review.worklist")
        for number, ground in (("19-00004", "TWO_PRIORS"), ("19-00005", "TWO_PRIORS"), ("19-00006", "RECORD_WRONG"))
        if row["case_number"] == number
    ]
    table = pa.Table.from_pylist(rows, SCHEMAS["decisions"])
    ledger.append("decisions_imported", ON, {"identity": "late", "file_name": "w", "n": 3}, {"decisions": table})
    made = only(prepare(home))
    [facts] = told
    assert (facts.data_through, facts.as_of) == (date(2020, 6, 15), AS_OF)
    files = manifest_of(made)["files"]
    assert (facts.actions_sha256, facts.cases_sha256) == tuple(
        files[name]["sha256"] for name in ("10_relief_actions.csv", CASES)
    )
    # Of three challenges one was told only after the day; two were told before, and then once more.
    assert facts.background == Background(by_standing_policy=2, late=1, told_by=(date(2020, 7, 1),))
    assert [row["sentence_path"] for row in rows_of(made, "10_relief_actions.csv")] == list(paths)
    assert manifest_of(made)["positions"]["by_standing_policy"] == 2


def test_the_workbook_has_the_cases_on_its_second_sheet_and_a_check_holds_them_against_the_file(
    home, profile, tmp_path
):
    make_release(home, [line(1), line(2), line(3, case="19-00002", person=2, count=2)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    folder = tmp_path / made.path.stem
    with zipfile.ZipFile(made.path) as archive:
        archive.extractall(folder)
    assert verify_package(folder) == []
    book = openpyxl.load_workbook(folder / WORKBOOK)
    assert book.sheetnames == ["relief_actions", "cases", "How to fill in"]
    assert all("CONFIDENTIAL" in book[name].oddHeader.right.text for name in book.sheetnames[:2])
    head, *rows = book["cases"].iter_rows()
    names = [cell.value for cell in head]
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    cells = [{name: cell.value or "" for name, cell in zip(names, row, strict=True)} for row in rows]
    assert [{name: row[name] for name in CASE_COLUMNS} for row in cells] == rows_of(made, CASES)

    first = {cell.value: cell.column for cell in book["relief_actions"][1]}
    for place, column, value in ((0, "status", "MATCHED"), (0, "date", "2020-07-02"), (1, "case_no", "9")):
        sheet = book.worksheets[place]
        sheet.cell(2, {**first, "case_no": 1}[column]).value = value
    book.save(tmp_path / "returned.xlsx")
    parsed = parse(tmp_path / "returned.xlsx", ON)  # what a clerk does on the second sheet is not read
    assert (parsed.source, parsed.batch_id, parsed.rows.num_rows, len(parsed.unreadable)) == (
        "short_form", made.batch_id, 1, 0,
    )  # fmt: skip

    book = openpyxl.load_workbook(folder / WORKBOOK)
    at = names.index("seal_scope") + 1
    assert book["cases"].cell(2, at).value == "CASE"
    for change in ("cell", "sheet"):
        if change == "cell":
            book["cases"].cell(2, at).value = "COUNT"
        else:
            del book["cases"]
        book.save(folder / WORKBOOK)
        seal(folder)
        assert verify_package(folder) == [f"{WORKBOOK}: the rows of its sheet cases are not those of {CASES}"], change


def seal(folder: Path) -> None:
    """State the workbook's hash anew, in the manifest and in SHA256SUMS."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    rows = manifest["files"][WORKBOOK]["rows"]
    manifest["files"][WORKBOOK] = FileFacts.of(folder / WORKBOOK, rows).as_manifest()
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    names = (MANIFEST, *manifest["files"])
    (folder / SUMS).write_text("".join(f"{FileFacts.of(folder / name).sha256}  {name}\n" for name in names))


def test_the_clerk_s_page_names_what_is_confidential_and_how_to_answer_and_fits_on_a_page():
    confidential = {
        "10_relief_actions.csv", "10_relief_actions.xlsx", "10_relief_actions.los-angeles.csv", CASES,
        "12_reversals.csv", "sealed/13_match_keys.csv", "forms/",
    }  # fmt: skip
    totals = ControlTotals()
    totals.lines, totals.sum_line_no, totals.hash_total = 100_000, 5_000_050_000, 1_999_999_999_999
    totals.by_action.update(DISMISS_SEAL=50_000, REDESIGNATE=49_990, CHALLENGE=10)
    page = Page(
        name=PackageName("19", "P64", True, 12),
        court_name="Superior Court of California, County of Los Angeles",
        program_title="Cannabis relief (Proposition 64)",
        contact="ask the agency that sent it, and have the number of the package at hand " * 2,
        totals=totals,
        n_challenged=10,
        n_reversals=3,
        is_canary=True,
        supersedes="CRR-19-P64-T000011",
        codes=[(code, meaning) for code, meaning, stages in extras._codes() if stages == ["RECEIVED"]],
        files=sorted({*confidential - {"forms/"}, *PAPERS, "01_README_CLERK.txt", "forms/case_000001.pdf"}),
    )
    lines = clerk_page(page).splitlines()
    assert len(lines) <= LINES_OF_A_PAGE and max(map(len, lines)) <= 88 and "".join(lines).isascii()
    told = {text.split()[0].rstrip(":") for text in lines if " CONFIDENTIAL: " in text and not text.startswith("the")}
    text = " ".join(lines)
    assert told == confidential and "CONFIDENTIAL: 22_exhibit_sealed (Exhibit B): lodge under seal." in text
    assert "answer PACKAGE_REJECTED with R01" in text and "RECEIVED, or PACKAGE_REJECTED with a code R01 to R05" in text
    assert "CHALLENGE: nothing is asked on such a line. The order does not decide it unless the judge says so" in text
    assert "ALL and ranges leave it out." in text and "R05 the package is test data" in text and "R99" not in text
    assert "says CASE on the workbook's sheet cases" in text
    assert "CHALLENGE: nothing" not in clerk_page(replace(page, n_challenged=0))


def test_the_papers_are_made_of_the_same_lines_and_twice_the_same(tmp_path, profile):
    packages = []
    for number in range(2):
        home = tiny_home(tmp_path / str(number))
        make_release(home, [line(1), line(2, relief="REDESIGNATE_MISD")])
        decide(home, {"": "NO_CHALLENGE"})
        key = ActionKeyBlocks.of(b"k" * 32)
        (home.root / "keys" / "action.key").write_bytes(b"k" * 32)
        make_release(home, [line(1), line(2, relief="REDESIGNATE_MISD")], run_id="again")
        assert action_key(home) == key
        packages.append(only(prepare(home)).path.read_bytes())
    assert packages[0] == packages[1]
    assert packages[0].count(b".pdf") == 8  # four papers, in the list and at their place


def test_the_court_s_own_file_match_keys_and_drafts_come_when_its_profile_asks(home, monkeypatch):
    make_release(home, [line(1, county="SAN FRANCISCO", case="SCN 123456")])
    decide(home, {"": "NO_CHALLENGE"})
    monkeypatch.setattr(office, "load_profile", lambda county: replace(load_profile(county), match_keys=True))
    monkeypatch.setattr(
        extras,
        "write_case_drafts",
        lambda folder, facts, rows: {"case_000001.pdf": (folder / "case_000001.pdf").write_bytes(b"%PDF")},
    )
    [made] = prepare_packages(home, counties=["San Francisco"], on=ON, test=False, key=action_key(home)).batches
    assert verify_package(made.path) == []
    [row] = rows_of(made, "10_relief_actions.san-francisco.csv")
    assert (row["SCN"], row["MCN"], row["DOJ Case Number"]) == ("123456", "", "SCN 123456")
    [keys] = rows_of(made, "sealed/13_match_keys.csv")
    assert keys["cii"] == "A00000001" and keys["full_name"].startswith("DOE1")
    assert "forms/case_000001.pdf" in manifest_of(made)["files"]
