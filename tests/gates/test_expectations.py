"""Every expectation holds on a sound build, notices its own damage, and shows the rows behind it."""

import shutil
from collections.abc import Callable
from dataclasses import replace

import pytest

from clearslate.run import Run
from clearslate.warehouse import Warehouse
from expectations.expectation import Suite
from expectations.gate import SUITES, Verdict, judge, violations
from expectations.great import hold
from expectations.measure import measure
from expectations.suites import ALL, find_expectation
from tests.gates.trips import NEEDS_DAMAGED_PACKAGE, NEEDS_LATE_DATA, TRIPS, repeat_a_row

KEYED = [(suite, contract.name) for suite in ALL.values() for contract in suite.keyed]


def assert_tripped(run: Run, good: Verdict, name: str) -> None:
    """The expectation fails, on a greater number than before, and has rows to show."""
    expectation = find_expectation(name)
    with run.warehouse() as warehouse:
        metrics = measure(run, warehouse, ALL[good.suite])
    assert hold(good.suite, metrics, [expectation], run.thresholds) == {name: False}
    assert metrics[expectation.metric] > next(row.observed for row in good.rows if row.name == name)
    columns, rows = violations(run, name)
    assert all(len(row) == len(columns) for row in [next(rows), *rows])


@pytest.mark.parametrize("suite", SUITES)
def test_nothing_critical_fails_on_a_sound_build(good: dict[str, Verdict], suite: str) -> None:
    assert [row.name for row in good[suite].rows if row.severity == "critical" and not row.passed] == []
    assert good[suite].passed


def test_every_expectation_has_a_fixture_that_trips_it() -> None:
    stated = [expectation.name for suite in ALL.values() for expectation in suite.stated]
    assert len(stated) == len(set(stated))
    assert set(stated) == set(TRIPS)


@pytest.mark.parametrize("name", [name for name in TRIPS if name not in NEEDS_DAMAGED_PACKAGE])
def test_expectation_is_tripped(
    name: str, good: dict[str, Verdict], harmed: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = harmed(*TRIPS[name])
    if name in NEEDS_LATE_DATA:
        monkeypatch.setattr(Run, "is_data_current", False)
        run = replace(run)  # what it told before is told anew
    assert_tripped(run, good[name.split(".")[0]], name)


@pytest.mark.parametrize("name", sorted(NEEDS_DAMAGED_PACKAGE))
def test_expectation_of_packages_is_tripped(
    name: str, run: Run, good: dict[str, Verdict], damage: Callable[..., None]
) -> None:
    next((run.staged / "court").rglob("SHA256SUMS")).write_text("")
    damage(*TRIPS[name])
    assert_tripped(run, good[name.split(".")[0]], name)


@pytest.mark.parametrize(("suite", "table"), KEYED, ids=[table for _, table in KEYED])
def test_repeated_key_is_noticed(
    suite: Suite, table: str, tried: Run, good: dict[str, Verdict], harmed: Callable[..., Run]
) -> None:
    contract = next(contract for contract in suite.keyed if contract.name == table)
    with tried.warehouse() as warehouse:
        is_empty = not warehouse.rows(f"select 1 from {table} limit 1")
    harmed(*repeat_a_row(contract, is_empty=is_empty))
    name = next(e.name for e in suite.expectations if getattr(e.rows, "table", "") == table and e.metric == e.name)
    assert_tripped(tried, good[suite.name], name)


def test_warnings_do_not_close_a_gate(run: Run, damage: Callable[..., None]) -> None:
    damage(*TRIPS["landing.file_quarantine_is_low"])
    verdict = judge(run, "landing")
    assert verdict.passed
    assert set(verdict.warnings) == {"landing.file_quarantine_is_low", "landing.delivery_quarantine_is_low"}


def test_a_small_file_of_damage_does_not_hide_behind_a_large_one(run: Run, damage: Callable[..., None]) -> None:
    damage(
        "update raw.file set lines_total = lines_total - 3, lines_loaded = lines_loaded - 3, "
        "records_loaded = records_loaded - 3",
        "insert into raw.file select * replace (1 as file_no, 'b.csv' as file_name, 4 as lines_total, 0 as lines_header, "
        "3 as lines_loaded, 1 as lines_quarantined, 3 as records_loaded, 1 as records_quarantined) from raw.file",
        "update raw.record set file_no = 1 where record_no < 3",
        "insert into raw.quarantine values (1, 1, 'b.csv', 4, 4, 'quote', '', '', '1', '')",
    )
    verdict = judge(run, "landing")
    assert [row.name for row in verdict.rows if not row.passed and row.severity == "critical"] == [
        "landing.file_quarantine_is_bearable"
    ]


def test_illegible_quarantine_keeps_lines_from_going_out(
    run: Run, damage: Callable[..., None], good: dict[str, Verdict]
) -> None:
    """Counted per file; it closes the court's gate while a line goes out, and only warns where all are withheld."""
    damage(*TRIPS["landing.file_quarantine_is_low"], "update raw.quarantine set subject_id = ''")
    assert judge(run, "landing").passed
    assert_tripped(run, good["court"], "court.no_line_rests_on_illegible_records")
    damage("update court.action set package_county = null, line_no = null, withheld_reason = 'x'")
    damage("update review.worklist set withheld_reason = 'x' where outcome = 'ELIGIBLE'")
    damage("delete from court.case_summary")
    shutil.rmtree(run.staged / "court")
    verdict = judge(run, "court")
    assert verdict.passed
    assert verdict.warnings == ("court.few_records_are_illegible",)


def test_a_missing_package_is_noticed(run: Run, good: dict[str, Verdict]) -> None:
    folder = next((run.staged / "court").glob("*/*"))
    folder.rename(folder.with_name("elsewhere"))
    assert_tripped(run, good["court"], "court.packages_verify")


def test_a_package_of_other_lines_is_noticed(run: Run, good: dict[str, Verdict], damage: Callable[..., None]) -> None:
    damage("update court.action set package_county = null, line_no = null, withheld_reason = 'x' where line_no = 14")
    assert_tripped(run, good["court"], "court.packages_verify")


def test_rows_of_a_record_are_shown_as_sent(run: Run, damage: Callable[..., None], warehouse: Warehouse) -> None:
    warehouse.close()
    damage("update core.conviction set county = null where charge_no = (select min(charge_no) from core.conviction)")
    judge(run, "core")
    columns, rows = violations(run, "county_unknown")
    (row,) = rows
    shown = dict(zip(columns, row, strict=True))
    with run.warehouse() as again:
        (sent,) = again.rows(
            "select r.pri_name, r.offense_descr, r.line_first from raw.record as r inner join core.conviction as v "
            "on r.delivery_no = v.delivery_no and r.record_no = v.record_no where v.county is null"
        )
    assert (shown["pri_name"], shown["offense_descr"], shown["line_first"]) == sent
    assert shown["file_name"] == "input.csv"


def test_rows_of_a_person_are_all_of_that_person(run: Run) -> None:
    _, rows = violations(run, "core.cii_shared")
    found = list(rows)
    with run.warehouse() as warehouse:
        wanted = warehouse.rows(
            "select count(*) from core.record as r inner join core.person as p on r.person_no = p.person_no "
            "where p.is_cii_shared and r.use = 'used'"
        )
    assert (len(found),) == wanted[0]
    assert len({row[:2] for row in found}) == len(found)
