"""Packages that are sent: which lines go, what is in the ZIP, the chain, sending again, and a kill at any point."""

import json
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from clearslate.acknowledgement.reading import parse
from clearslate.court import batch, extras, office, verify_package
from clearslate.court.batch import BatchReport, PackagesReport, prepare_packages, resend, waiting_lines
from clearslate.court.layout import CASE_COLUMNS, CASES, MANIFEST, SUMS, WORKBOOK, FileFacts, PackageName
from clearslate.court.profile import load_profile
from clearslate.court.readme import LINES_OF_A_PAGE, Page, clerk_page
from clearslate.court.totals import ControlTotals
from clearslate.documents import Background
from clearslate.errors import ClearslateError, GateRefused, UsageError
from clearslate.home import Home
from clearslate.keys import ActionKeyBlocks, action_key
from clearslate.ledger import Ledger, make_line_status
from clearslate.ledger.tables import SCHEMAS
from tests.support_court import AS_OF, line, make_release, read_private, tiny_home
from tests.support_packages import ON, answer, decide, manifest_of, rows_of

PAPERS = ("20_motion.pdf", "21_exhibit_public.pdf", "22_exhibit_sealed.pdf", "23_proposed_order.pdf")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return tiny_home(tmp_path)


@pytest.fixture(autouse=True)
def plain_papers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents of one line each, but for the test of the papers: typesetting takes a second."""
    if "papers" in request.node.name:
        return

    def write(folder: Path, facts: Any, rows: Iterable[dict[str, str]]) -> dict[str, None]:
        text = f"{facts.batch_id} {facts.n_lines} {facts.actions_sha256} {sum(1 for _ in rows)}"
        for name in PAPERS:
            (folder / name).write_text(text)
        return dict.fromkeys(PAPERS)

    monkeypatch.setattr(extras, "write_documents", write)


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Changes settings of every court's profile."""

    def change(**settings: Any) -> None:
        def load(county: str) -> Any:
            return replace(load_profile(county), **settings)

        monkeypatch.setattr(office, "load_profile", load)

    change(canary_lines=0)
    return change


def prepare(home: Home, *, on: date = ON, test: bool = False, **more: Any) -> PackagesReport:
    return prepare_packages(home, counties=["SACRAMENTO"], on=on, test=test, key=action_key(home), **more)


def only(report: PackagesReport) -> BatchReport:
    [made] = report.batches
    assert verify_package(made.path) == []
    return made


def standing(report: PackagesReport) -> dict[str, int]:
    return {"/".join(filter(None, key[1:])): n for key, n in report.standings["SACRAMENTO"].items()}


# -- what is in it ----------------------------------------------------------------------------------------------------


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
    assert facts.background == Background(
        completed=1, serving=1, by_standing_policy=2, late=1, told_by=(date(2020, 7, 1),)
    )
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


# -- which lines go ---------------------------------------------------------------------------------------------------


def test_every_eligible_line_is_in_one_place_and_the_manifest_counts_it(home, profile):
    make_release(home, [line(1), line(2), line(3), line(4), line(5, case=""), line(6, outcome="REVIEW"), line(7)])
    decide(home, {"19-00001": "NO_CHALLENGE", "19-00002": "DEFER", "19-00003": "NO_CHALLENGE", "19-00007": "CHALLENGE"},
           stale=["19-00003"])  # fmt: skip
    made = only(report := prepare(home))
    assert [row["case_number"] for row in rows_of(made)] == ["19-00001", "19-00007"]
    assert manifest_of(made)["accounting"]["county"]["eligible"] == {
        "total": 6, "in_package": 2, "sent_before": 0, "waiting": 3,
        "waiting_by_reason": {"awaiting_review": 1, "deferred": 1, "stale_decision": 1},
        "withheld": 1, "withheld_by_reason": {"no_case_number": 1},
    }  # fmt: skip
    assert standing(report) == {
        "AWAITING_REVIEW": 1, "DEFERRED": 1, "SENT": 2, "STALE_DECISION": 1, "WITHHELD/no_case_number": 1,
    }  # fmt: skip
    assert prepare(home).batches == ()
    waiting = waiting_lines(home, on=ON)
    assert sorted(waiting.column("state").to_pylist()) == ["AWAITING_REVIEW", "DEFERRED", "STALE_DECISION", "WITHHELD"]
    with Ledger.open(home).connect() as db:
        make_line_status(db, waiting, None, ON)
        assert db.rows("select count(*), count(distinct action_key) from line_status") == [(6, 6)]


def test_undecided_lines_go_where_the_county_s_standing_policy_says_so_and_stale_ones_wait(home, profile):
    profile(canary_lines=0, sends_undecided=True)
    make_release(home, [line(1), line(2)])
    decide(home, {"19-00002": "NO_CHALLENGE"}, stale=["19-00002"])
    made = only(prepare(home))
    assert [row["case_number"] for row in rows_of(made)] == ["19-00001"]
    assert manifest_of(made)["positions"]["by_standing_policy"] == 1


def test_a_line_that_a_spot_check_found_wrong_waits_for_a_new_decision(home, profile):
    make_release(home, [line(1), line(2)])
    decide(home, {"": "NO_CHALLENGE"})
    known = read_private(home.current.resolve(), "review.worklist")[0]
    row = {
        "sample_id": "s",
        "action_key": known["action_key"],
        "version": known["version"],
        "verdict": "WRONG",
        "row": 2,
    }
    table = pa.Table.from_pylist([row], SCHEMAS["verdicts"])
    Ledger.open(home).append(
        "spot_check_imported", ON, {"identity": "f", "file_name": "s", "n": 1}, {"verdicts": table}
    )
    report = prepare(home)
    assert only(report).n_lines == 1 and standing(report)["HELD/spot_check"] == 1
    decide(home, {known["case_number"]: "NO_CHALLENGE"})
    assert only(prepare(home)).n_lines == 1


def test_a_case_is_held_as_long_as_something_of_it_stays_behind(home, profile):
    profile(canary_lines=0, case_hold=True)
    lines = [line(1, case="A1", person=1), line(2, case="A1", person=1, count=2), line(3, case="B1", person=2),
             line(4, case="B1", person=2, count=2, outcome="REVIEW"), line(5)]  # fmt: skip
    make_release(home, lines)
    decide(home, {"": "NO_CHALLENGE"})
    decide(home, {"A1": "DEFER"})
    key_of_first = next(row["action_key"] for row in lines if row["count_no"] == 1 and row["case_number"] == "A1")
    report = prepare(home)
    assert [row["case_number"] for row in rows_of(only(report))] == ["19-00005"]
    assert standing(report) == {"DEFERRED": 2, "HELD/case_hold": 1, "SENT": 1}
    assert key_of_first
    decide(home, {"A1": "NO_CHALLENGE"})
    made = only(prepare(home))
    assert [(row["case_complete"], row["all_counts_in_batch"]) for row in rows_of(made)] == [("Y", "Y")] * 2


def test_a_case_tells_what_of_it_was_asked_before_waits_or_is_challenged(home, profile):
    make_release(home, [line(n, case="A1", person=1, count=n) for n in range(1, 4)])
    decide(home, {"": "NO_CHALLENGE"})
    keys = {row["count_no"]: row for row in read_private(home.current.resolve(), "review.worklist")}
    table = pa.Table.from_pylist(
        [{"action_key": keys[n]["action_key"], "version": keys[n]["version"], "decision": d, "ground": g, "row": n}
         for n, d, g in ((2, "DEFER", None), (3, "CHALLENGE", "UNREASONABLE_RISK"))], SCHEMAS["decisions"],
    )  # fmt: skip
    Ledger.open(home).append(
        "decisions_imported", ON, {"identity": "g", "file_name": "g", "n": 2}, {"decisions": table}
    )
    made = only(prepare(home))
    [case] = rows_of(made, "11_relief_cases.csv")
    told = {name.removeprefix("counts_"): case[name] for name in case if name.startswith("counts_")}
    assert (told["in_batch"], told["challenged"], told["waiting"], told["remaining_live"]) == ("1", "1", "1", "2")
    assert (case["case_complete"], case["seal_scope"]) == ("N", "COUNT")
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    [case] = rows_of(made, "11_relief_cases.csv")  # the withdrawn challenge goes out as a line that asks
    assert (case["counts_in_batch"], case["counts_asked_before"], case["case_complete"]) == ("2", "1", "Y")
    assert [row["supersedes_action_key"] == row["action_key"] for row in rows_of(made)] == [False, True]


# -- how many ---------------------------------------------------------------------------------------------------------


def test_nothing_follows_the_canary_before_it_is_answered_whole(home, profile):
    profile(canary_lines=2)
    make_release(home, [line(n) for n in range(1, 6)])
    decide(home, {"": "NO_CHALLENGE"})
    canary = only(report := prepare(home))
    assert canary.is_canary and canary.n_lines == 2 and standing(report)["HELD/canary"] == 3
    assert prepare(home).batches == ()
    answer(home, canary, ("VALIDATED", "matched"), ("ORDERED", "granted"))
    assert prepare(home).batches == ()
    answer(home, canary, ("POSTED", "posted"))
    made = only(prepare(home))
    assert not made.is_canary and made.n_lines == 3
    assert manifest_of(made)["previous_manifest_sha256"] == canary.manifest_sha256


def test_caps_hold_whole_cases_back_and_a_day_has_its_limit(home, profile):
    profile(canary_lines=0, max_lines_per_batch=3, batches_per_day=1)
    make_release(home, [line(n, case=f"C{n // 2}", person=n // 2, count=n % 2) for n in range(2, 10)])
    decide(home, {"": "NO_CHALLENGE"})
    first = only(report := prepare(home))
    assert first.n_lines == 2 and standing(report)["HELD/cap"] == 6
    assert prepare(home).batches == ()
    assert only(prepare(home, on=ON + timedelta(days=1))).batch_id == "CRR-34-P64-000002"
    profile(canary_lines=0, max_lines_per_batch=3, batches_per_day=None)
    assert [made.n_lines for made in prepare(home, on=ON + timedelta(days=2)).batches] == [2, 2]
    assert Ledger.open(home).verify()


def test_test_packages_have_their_own_chain_and_take_nothing_from_production(home, profile):
    profile(canary_lines=1)
    make_release(home, [line(1), line(2)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home, test=True))
    assert made.path.name == "CRR-34-P64-T000001_a1_T.zip" and made.n_lines == 2
    assert manifest_of(made)["test_indicator"] == "T"
    assert only(prepare(home)).batch_id == "CRR-34-P64-000001"
    with pytest.raises(UsageError, match="test batch"):
        prepare(home, supersede=made.batch_id)


# -- sent before ------------------------------------------------------------------------------------------------------


def test_a_lost_key_posts_nothing_twice(home, profile, monkeypatch):
    make_release(home, [line(1), line(2)])
    decide(home, {"": "NO_CHALLENGE"})
    only(prepare(home))
    (home.root / "keys" / "action.key").write_bytes(b"another key of thirty-two bytes!")
    changed = [line(n, action_key=line(n + 50)["action_key"], conviction_id=f"other{n}") for n in (1, 2)]
    make_release(home, [*changed, line(3)], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home)
    assert [row["case_number"] for row in rows_of(only(report))] == ["19-00003"]
    assert standing(report)["WITHHELD/sent_under_another_key"] == 2


def test_the_key_has_to_be_that_of_the_release(home, profile):
    make_release(home, [line(1)])
    with pytest.raises(UsageError, match="CLEARSLATE_ACTION_KEY_FILE"):
        prepare_packages(home, on=ON, test=False, key=ActionKeyBlocks.of(b"x" * 32))


def test_a_person_whose_birth_date_was_corrected_is_not_asked_for_twice(home, profile):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    only(prepare(home))
    make_release(home, [line(1, action_key=line(99)["action_key"], conviction_id="corrected")], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home)
    assert report.batches == () and standing(report) == {"WITHHELD/may_be_sent_before": 1}


def test_another_action_for_a_conviction_waits_until_the_first_is_undone(home, profile):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    make_release(home, [line(1, relief="REDESIGNATE_MISD")], run_id="release2")
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home)
    assert report.batches == () and standing(report) == {"WITHHELD/other_action_sent": 1}
    answer(home, made, ("VALIDATED", "rejected"), reason="R20")
    assert rows_of(only(prepare(home)))[0]["action_code"] == "REDESIGNATE"


@pytest.mark.parametrize(
    ("reason", "more", "changed", "later", "goes"),
    [
        ("R15", {"court_case_number": "20CR777"}, False, False, True),
        ("R15", {"court_case_number": "=20CR777"}, False, False, False),
        ("R10", {}, True, True, False),
        ("R22", {}, True, False, True),
        ("R22", {}, False, True, False),
        ("R31", {}, False, True, True),
        ("R31", {}, True, False, False),
        ("R13", {}, True, True, False),
    ],
)
def test_a_refused_line_goes_again_only_when_what_it_was_refused_for_has_changed(
    home, profile, reason, more, changed, later, goes
):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    answer(home, made, ("VALIDATED", "rejected"), reason=reason, **more)
    as_of = ON + timedelta(days=9) if later else AS_OF
    make_release(home, [line(1, facts="new" if changed else "")], run_id="release2", as_of=as_of)
    decide(home, {"": "NO_CHALLENGE"})
    report = prepare(home, on=ON + timedelta(days=10))
    assert bool(report.batches) == goes
    if goes:
        [row] = rows_of(only(report))
        assert row["supersedes_action_key"] == row["action_key"]
    if goes and more:
        assert (row["case_number"], row["original_case_number"]) == ("20CR777", "19-00001")
        assert prepare(home, on=ON + timedelta(days=10)).batches == ()


# -- sent again -------------------------------------------------------------------------------------------------------


def test_sending_again_sends_the_same_bytes(home, profile):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    again = resend(home, made.batch_id, on=ON + timedelta(days=1))
    assert again.path.name == "CRR-34-P64-000001_a2_P.zip" and again.attempt == 2
    assert again.path.read_bytes() == made.path.read_bytes()
    assert verify_package(again.path) == []
    assert resend(home, made.batch_id, on=ON + timedelta(days=1)) == again
    made.path.write_bytes(b"spoilt")
    again.path.unlink()
    with pytest.raises(UsageError, match="not what was sent"):
        resend(home, made.batch_id, on=ON + timedelta(days=2))
    with pytest.raises(UsageError, match="no batch of that id"):
        resend(home, "CRR-34-P64-000009", on=ON)


def test_a_batch_that_was_refused_whole_is_superseded_by_one_of_its_lines_that_may_still_go(home, profile):
    make_release(home, [line(1), line(2)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    answer(home, made, ("RECEIVED", "rejected"), reason="R01")
    make_release(home, [line(1), line(2), line(3)], run_id="release2")
    decide(home, {"": "NO_CHALLENGE", "19-00002": "DEFER"})
    assert [row["case_number"] for row in rows_of(only(prepare(home)))] == ["19-00003"]
    new = only(prepare(home, supersede=made.batch_id))
    assert [row["case_number"] for row in rows_of(new)] == ["19-00001"]
    assert new.supersedes == made.batch_id and manifest_of(new)["supersedes_batch"] == made.batch_id
    assert prepare(home, supersede=made.batch_id).batches == ()
    with pytest.raises(UsageError, match="superseded"):
        resend(home, made.batch_id, on=ON)
    decide(home, {"19-00002": "NO_CHALLENGE"})
    assert [row["case_number"] for row in rows_of(only(prepare(home)))] == ["19-00002"]


def test_a_batch_that_the_court_treats_is_not_superseded(home, profile):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    answer(home, made, ("VALIDATED", "matched"))
    with pytest.raises(ClearslateError, match="begun to treat"):
        prepare(home, supersede=made.batch_id)
    assert sorted(path.name for path in made.path.parent.iterdir()) == [made.path.name, "CRR-34-P64-000002_a1_P.zip"]
    assert prepare(home).swept == ("CRR-34-P64-000002_a1_P.zip",)


# -- refusals and kills -----------------------------------------------------------------------------------------------


def test_a_closed_gate_makes_no_package(home, profile):
    make_release(home, [line(1)], closed=["court"])
    with pytest.raises(GateRefused):
        prepare(home)
    assert not (home.outbox / "sacramento").exists()


class Killed(BaseException):
    """Not an Exception: nothing of ours may catch it."""


@pytest.mark.parametrize("where", ["lines", "extras", "zip", "placed", "entered"])
def test_a_command_that_died_is_run_again_with_the_same_result(tmp_path, profile, monkeypatch, where):
    results = []
    for dies in (False, True):
        home = tiny_home(tmp_path / str(dies))
        (home.root / "keys" / "action.key").write_bytes(b"k" * 32)
        make_release(home, [line(1), line(2)])
        decide(home, {"": "NO_CHALLENGE"})
        if dies:
            with monkeypatch.context() as patch:
                kill(patch, where)
                with pytest.raises(Killed):
                    prepare(home)
            (home.outbox / "sacramento" / ".CRR-34-P64-000001_a1_P.zip.partial").write_bytes(b"torn")
        report = prepare(home)
        assert len(report.batches) == (0 if where == "entered" and dies else 1)
        files = {path.name: path.read_bytes() for path in (home.outbox / "sacramento").iterdir()}
        results.append((files, (home.ledger / "ledger.jsonl").read_bytes()))
    assert results[0] == results[1]


def kill(patch: pytest.MonkeyPatch, where: str) -> None:
    def die(*_: Any, **__: Any) -> Any:
        raise Killed

    real = office.write_archive
    real_append = Ledger.append

    def placed(*given: Any) -> str:
        real(*given)
        raise Killed

    def entered(self: Ledger, *given: Any) -> Any:
        real_append(self, *given)
        raise Killed

    if where == "lines":
        patch.setattr(office.Contents, "write_lines", die)
    elif where == "extras":
        patch.setattr(extras, "clerk_page", die)
    elif where == "zip":
        patch.setattr(office.Contents, "seal", die)
    elif where == "placed":
        patch.setattr(office, "write_archive", placed)
    else:
        patch.setattr(batch.Ledger, "append", entered)
