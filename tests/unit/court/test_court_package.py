"""Package folders: their format, byte for byte, and the sums in the manifest."""

import csv
import hashlib
import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearslate.court import layout, verify_package
from clearslate.court.layout import ACTION_COLUMNS, PackageName, encode_rows
from clearslate.court.programs import load_programs
from clearslate.court.totals import ControlTotals
from clearslate.errors import ClearslateError
from clearslate.law.policy import load_policy

PACKAGE = "sacramento/CRR-34-P64-T000000_a1_T"


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture
def three_lines(world):
    """The sample of the format's description: three lines, the sums of which are known."""
    world.person(2, name='O"NEIL, PEÑA')
    world.conviction(1, "00012", count_no=1, day=date(2000, 7, 14))
    world.conviction(1, "00012", count_no=2, day=date(2001, 9, 13), section="11360")
    world.conviction(2, '7,"B"', day=date(2001, 9, 15), relief="REDESIGNATE_MISD")
    return world


def test_the_sample_of_three_lines_has_the_sums_that_a_clerk_can_check(three_lines, build):
    court = build(three_lines)
    [report] = court.write()
    manifest = json.loads((report.folder / "00_manifest.json").read_text("utf-8"))
    assert manifest["control_totals"] == {
        "lines": 3,
        "cases": 2,
        "subjects": 2,
        "sum_line_no": 6,
        "hash_total_disposition_date": 60022542,
        "by_action": {"DISMISS_SEAL": 2, "REDESIGNATE": 1},
        "by_section": {"11359": 2, "11360": 1},
    }
    assert (report.county, report.batch_id, report.lines, report.cases, report.subjects) == (
        "SACRAMENTO", "CRR-34-P64-T000000", 3, 2, 2,
    )  # fmt: skip
    assert verify_package(report.folder) == []


def test_a_package_is_exactly_as_the_format_says(three_lines, build):
    court = build(three_lines)
    [report] = court.write()
    assert report.folder == court.out / PACKAGE
    files = files_of(court.out)
    assert sorted(files) == [f"{PACKAGE}/{name}" for name in ("00_manifest.json", *layout_csv(), "SHA256SUMS")]
    actions = files[f"{PACKAGE}/10_relief_actions.csv"].decode("utf-8")
    lines = actions.split("\r\n")
    assert lines[0] == ",".join(f'"{column}"' for column in ACTION_COLUMNS) and lines[-1] == "" and len(lines) == 5
    assert "\n" not in actions.replace("\r\n", "")
    rows = rows_of(report.folder / "10_relief_actions.csv")
    assert [(row["line_no"], row["case_number"], row["count_no"]) for row in rows] == [
        ("1", "00012", "1"), ("2", "00012", "2"), ("3", '7,"B"', "1"),
    ]  # fmt: skip
    assert (rows[2]["name_last"], rows[2]["name_first"]) == ('O"NEIL', "PEÑA")
    assert rows[0]["disposition_date"] == "2000-07-14" and rows[0]["supersedes_action_key"] == ""
    assert (rows[0]["case_complete"], rows[0]["all_counts_in_batch"]) == ("Y", "Y")
    cases = rows_of(report.folder / "11_relief_cases.csv")
    assert [(row["case_number"], row["counts_in_batch"], row["seal_scope"]) for row in cases] == [
        ("00012", "2", "CASE"), ('7,"B"', "1", "NONE"),
    ]  # fmt: skip
    sums = files[f"{PACKAGE}/SHA256SUMS"].decode().splitlines()
    assert sums == [
        f"{hashlib.sha256(files[f'{PACKAGE}/{name}']).hexdigest()}  {name}"
        for name in ("00_manifest.json", *layout_csv())
    ]
    assert report.manifest_sha256 == sums[0].split()[0]
    assert {path.stat().st_mode & 0o777 for path in report.folder.iterdir()} == {0o600}


def layout_csv():
    return (layout.ACTIONS, layout.CASES)


def test_the_manifest_says_under_what_the_lines_stand_and_nothing_of_the_run(three_lines, build):
    [report] = build(three_lines).write()
    text = (report.folder / "00_manifest.json").read_text("utf-8")
    manifest = json.loads(text)
    assert manifest["format"] == "clearslate-court-package" and manifest["version"] == 1
    assert (manifest["sequence"], manifest["attempt"], manifest["previous_manifest_sha256"]) == (0, 1, None)
    assert manifest["kind"] == "draft"
    assert (manifest["test_indicator"], manifest["da_position"], manifest["as_of"]) == ("T", "DEFER", "2020-07-01")
    assert manifest["data_through"] == "2020-06-15"
    assert (manifest["county"], manifest["court_code"], manifest["program"]) == ("SACRAMENTO", "34", "P64")
    assert manifest["remedy"] == {"id": "prop64", "version": "2016-11-09"}
    assert manifest["policy"] == {"id": "clear-my-record", "sha256": load_policy().hash}
    assert manifest["rule_set"] == "f" * 64
    assert len(manifest["records_fingerprint"]) == 64
    for word in ("run_id", "delivery", "seconds", "input", "DOE", "NEIL", "00012"):
        assert word not in text


def test_the_accounts_lead_from_the_records_to_the_lines(three_lines, build):
    three_lines.conviction(case=None)
    three_lines.conviction(outcome="REVIEW")
    three_lines.conviction(county="YOLO", outcome="INELIGIBLE")
    three_lines.conviction(county=None)
    three_lines.conviction(outcome=None)
    three_lines.count()
    three_lines.quarantine("broken")
    [report] = build(three_lines).write()
    accounting = json.loads((report.folder / "00_manifest.json").read_text("utf-8"))["accounting"]
    assert accounting["statewide"] == {
        "distinct_records": {"used": 9, "of_convictions": 8, "of_anything_else": 1, "quarantined": 1},
        "persons": 2,
        "convictions": {"total": 8, "candidates": 7, "not_candidates": 1},
        "candidates_by_outcome": {
            "ELIGIBLE": 5, "NOT_YET": 0, "REVIEW": 1, "INELIGIBLE": 1, "ALREADY_RELIEVED": 0,
        },
    }  # fmt: skip
    assert accounting["county"]["eligible"] == {
        "total": 4, "in_package": 3, "withheld": 1, "withheld_by_reason": {"no_case_number": 1},
    }  # fmt: skip
    assert accounting["county"]["candidates"] == 5


def test_accounts_that_do_not_add_up_leave_no_package(three_lines, build):
    court = build(three_lines)
    court.warehouse.execute("update court.accounting set n = n - 1")
    with pytest.raises(ClearslateError, match="lines differ from the accounts"):
        court.write()
    court.warehouse.execute("update court.accounting set n = n + 1, disposal = 'missing'")
    with pytest.raises(ClearslateError, match="neither in a package nor withheld"):
        court.write()
    assert not court.out.exists()


def test_a_gap_in_the_lines_or_a_lost_case_leaves_no_package(three_lines, build):
    court = build(three_lines)
    court.warehouse.execute("update court.action set line_no = 4 where line_no = 3")
    with pytest.raises(ClearslateError, match="gap"):
        court.write()
    court.warehouse.execute("update court.action set line_no = 3 where line_no = 4")
    court.warehouse.execute("delete from court.case_summary where case_no = 1")
    with pytest.raises(ClearslateError, match="cases differ"):
        court.write()
    assert not court.out.exists()


def test_row_order_and_threads_change_no_byte_and_a_rewrite_leaves_nothing_old(three_lines, build):
    for number in range(3, 40):
        three_lines.person(number, name=f"P{number},Q")
        three_lines.conviction(number, case=f"{number % 7}-A", county="YOLO" if number % 3 else "FRESNO")
    first = build(three_lines, seed=1)
    first.write()
    wanted = files_of(first.out)
    assert len(wanted) == 12
    for seed, threads in ((2, 1), (3, 2)):
        other = build(three_lines, seed=seed, threads=threads)
        other.write()
        assert files_of(other.out) == wanted
    (first.out / "yolo" / "left_over").write_text("x")
    first.write()
    assert files_of(first.out) == wanted


def test_the_counties_asked_for_do_not_change_a_package(three_lines, build):
    three_lines.conviction(county="YOLO")
    every, one = build(three_lines), build(three_lines, counties=["SACRAMENTO"])
    assert [report.county for report in every.write()] == ["SACRAMENTO", "YOLO"]
    assert [report.county for report in one.write()] == ["SACRAMENTO"]
    assert files_of(one.out).items() <= files_of(every.out).items()


def test_data_that_is_not_current_makes_no_package(three_lines, build):
    court = build(three_lines, current=False)
    assert court.write() == [] and list(court.out.iterdir()) == []


def test_names_tell_court_program_sequence_attempt_and_test():
    assert PackageName("01", "P64", is_test=True).folder == "CRR-01-P64-T000000_a1_T"
    assert PackageName("58", "P64", is_test=False, sequence=42, attempt=3).folder == "CRR-58-P64-000042_a3_P"


def test_every_program_is_of_a_remedy():
    folder = Path(layout.__file__).parents[2] / "rules" / "remedies"
    assert set(load_programs()) <= {yaml.safe_load(path.read_text("utf-8"))["id"] for path in folder.glob("*.yaml")}


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2), max_size=5))
def test_any_text_survives_the_csv(rows):
    assert list(csv.reader(encode_rows(rows).decode("utf-8").splitlines(keepends=True), strict=True)) == rows or any(
        set(cell) & set("\v\f\x1c\x1d\x1e\x85\u2028\u2029\r\n") for row in rows for cell in row
    )


@given(st.lists(st.dates(date(1900, 1, 1), date(2100, 1, 1)) | st.none()))
def test_the_hash_total_is_the_sum_of_the_dates_as_numbers(days):
    totals = ControlTotals()
    at = {name: position for position, name in enumerate(ACTION_COLUMNS)}
    for number, day in enumerate(days, start=1):
        row = [""] * len(ACTION_COLUMNS)
        row[at["line_no"]] = str(number)
        row[at["disposition_date"]] = day.isoformat() if day else ""
        totals.add([row])
    assert totals.hash_total == sum(day.year * 10000 + day.month * 100 + day.day for day in days if day)
    assert totals.sum_line_no == len(days) * (len(days) + 1) // 2


CONVICTION = st.fixed_dictionaries(
    {
        "person_no": st.integers(1, 3),
        "case": st.sampled_from(["1-A", "1 a", "2B", "=1", None, "--"]),
        "county": st.sampled_from(["SACRAMENTO", "YOLO", None]),
        "count_no": st.sampled_from([1, 2, None]),
        "severity": st.sampled_from(["F", "M", None]),
        "day": st.sampled_from([date(2001, 2, 3), None]),
        "outcome": st.sampled_from(
            ["ELIGIBLE", "ELIGIBLE", "ELIGIBLE", "REVIEW", "INELIGIBLE", "ALREADY_RELIEVED", None]
        ),
        "relief": st.sampled_from(["DISMISS_SEAL", "REDESIGNATE_MISD"]),
        "is_contradicted": st.sampled_from([False, None, True]),
    }
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CONVICTION, max_size=12), st.lists(st.booleans(), max_size=3))
def test_whatever_the_histories_every_eligible_candidate_is_packed_once_or_withheld_once(
    make_world, build, convictions, undisposed
):
    world = make_world(3)
    for conviction in convictions:
        world.conviction(**conviction)
    for is_undisposed in undisposed:
        world.count(2, "2B", is_undisposed=is_undisposed)
    court = build(world)
    reports = court.write()
    actions = court.actions()
    assert len(actions) == sum(conviction["outcome"] == "ELIGIBLE" for conviction in convictions)
    assert all((action["package_county"] is None) != (action["withheld_reason"] is None) for action in actions)
    assert len({action["action_key"] for action in actions}) == len(actions)
    assert sum(report.lines for report in reports) == sum(action["line_no"] is not None for action in actions)
    assert [problem for report in reports for problem in verify_package(report.folder)] == []
