"""Verdicts are kept with their stamp, gates are read by whoever works behind them, and nobody's data gets into either."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from clearslate.contracts import load_contracts
from clearslate.errors import ClearslateError, GateRefused, UsageError
from clearslate.run import Run
from clearslate.settings import Thresholds
from clearslate.warehouse import Stamp
from expectations import gate, great
from expectations.gate import SUITES, Verdict, judge, require, violations
from expectations.suites import ALL, find_expectation
from tests.gates.trips import TRIPS

CANARY = "CANARY"


def rows(run: Run, sql: str) -> list[tuple]:
    with run.warehouse() as warehouse:
        return warehouse.rows(sql)


def refusal(run: Run, suites: tuple[str, ...], stamp: Stamp | None = None) -> str:
    with run.warehouse() as warehouse, pytest.raises(GateRefused) as refused:
        require(warehouse, suites, stamp or run.stamp)
    return str(refused.value)


def listen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict, dict]]:
    """Whatever Great Expectations is asked from now on, with its answers."""
    heard: list[tuple[dict, dict]] = []
    ask = great._PROCESS.ask
    monkeypatch.setattr(great._PROCESS, "ask", lambda question: heard.append((question, ask(question))) or heard[-1][1])
    return heard


# -- keeping ------------------------------------------------------------------------------------------------------------


def test_every_expectation_is_kept_with_the_stamp(run: Run) -> None:
    kept = rows(run, "select suite, expectation, run_id, as_of, rule_set, delivery_set from quality.gate")
    assert {row[:2] for row in kept} == {(s.name, e.name) for s in ALL.values() for e in s.expectations}
    assert {Stamp(*row[2:]) for row in kept} == {run.stamp}


def test_verdict_and_kept_rows_agree(run: Run, good: dict[str, Verdict]) -> None:
    kept = rows(run, "select expectation, severity, passed, observed, bound from quality.gate where suite = 'core'")
    told = [(row.name, row.severity, row.passed, row.observed, row.bound) for row in good["core"].rows]
    assert sorted(kept) == sorted(told)


def test_metrics_are_kept_beside_the_verdict(run: Run) -> None:
    kept = dict(rows(run, "select metric, value from quality.metric where suite = 'core'"))
    assert kept["n_records"] == kept["n_records_used"] == 38
    assert kept["core.cii_shared"] == rows(run, "select count(*) from core.person where is_cii_shared")[0][0]
    assert {e.metric for e in ALL["core"].expectations} <= set(kept)


def test_findings_are_counted(run: Run) -> None:
    counted = dict(rows(run, "select 'core.' || finding, n from quality.finding_count"))
    kept = dict(rows(run, "select expectation, observed from quality.gate where suite = 'core' and observed > 0"))
    assert counted == kept


def test_judging_again_replaces_the_suite_and_no_other(run: Run, damage: Callable[..., None]) -> None:
    before = rows(run, "select count(*) from quality.gate") + rows(run, "select count(*) from quality.metric")
    damage(*TRIPS["core.every_conviction_names_its_record"])
    judge(run, "core")
    after = rows(run, "select count(*) from quality.gate") + rows(run, "select count(*) from quality.metric")
    assert before == after
    failed = rows(run, "select suite, expectation from quality.gate where severity = 'critical' and not passed")
    assert failed == [("core", "core.every_conviction_names_its_record")]


def test_a_judgement_that_breaks_off_leaves_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = "select * from quality.gate union all by name select * from quality.metric order by all"
    before = rows(run, everything)
    marked = "update quality.core_metric set n_records = -1"
    with run.warehouse() as warehouse:
        warehouse.execute(marked)

    def fail(*_: object) -> dict[str, bool]:
        raise ClearslateError("no verdict")

    monkeypatch.setattr(gate, "hold", fail)
    with pytest.raises(ClearslateError, match="no verdict"):
        judge(run, "core")
    assert rows(run, everything) == before
    assert rows(run, "select n_records from quality.core_metric") == [(-1,)]


def test_what_can_not_be_measured_is_not_passed(run: Run, damage: Callable[..., None]) -> None:
    damage("update quality.landing_file_metric set illegible_share = 'nan'")
    verdict = judge(run, "court")
    assert {row.name for row in verdict.rows if not row.passed} == {
        "court.no_line_rests_on_illegible_records",
        "court.few_records_are_illegible",
    }


def test_a_listed_violation_that_nothing_expects_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    core = ALL["core"]
    fewer = tuple(e for e in core.stated if e.name != "core.cii_shared")
    monkeypatch.setitem(ALL, "core", replace(core, stated=fewer))
    with pytest.raises(ClearslateError, match=r"quality\.finding lists core\.cii_shared"):
        judge(run, "core")


def test_thresholds_of_the_deployment_are_used(run: Run, damage: Callable[..., None]) -> None:
    damage(*TRIPS["landing.file_quarantine_is_bearable"])
    settings = run.home.root / "settings.toml"
    settings.write_text("quarantine_block = 0.5\n", "utf-8")
    try:
        verdict = judge(run, "landing")
    finally:
        settings.unlink()
    assert verdict.passed
    assert {row.bound for row in verdict.rows if row.name.endswith("bearable")} == {"at most 0.5"}


@pytest.mark.parametrize(("n", "is_low"), [(1, True), (2, False)])
def test_a_share_is_broken_only_over_its_threshold(run: Run, damage: Callable[..., None], n: int, is_low: bool) -> None:
    """99 loaded and 1 quarantined are exactly 1 %."""
    damage(
        "insert into raw.record select r.* replace (1000 + i as record_no) from raw.record as r, range(61) as t (i) "
        "where r.record_no = 0",
        "update raw.file set records_loaded = 99, lines_loaded = 99, lines_total = lines_total + 61",
        "insert into raw.quarantine select 1, 0, 'input.csv', 1000 + i, 1000 + i, 'quote', '', '', '1', '' "
        f"from range({n}) as t (i)",
        f"update raw.file set records_quarantined = {n}, lines_quarantined = {n}, lines_total = lines_total + {n}",
    )
    verdict = judge(run, "landing")
    assert verdict.passed
    assert ("landing.file_quarantine_is_low" not in verdict.warnings) is is_low


# -- requiring ----------------------------------------------------------------------------------------------------------


def test_open_gates_let_pass_and_so_do_warnings(run: Run, good: dict[str, Verdict]) -> None:
    assert good["core"].warnings
    with run.warehouse() as warehouse:
        require(warehouse, SUITES, run.stamp)


def test_nothing_is_required_of_no_suite(run: Run) -> None:
    with run.warehouse() as warehouse:
        require(warehouse, (), run.stamp)


def test_a_gate_that_was_not_judged_is_closed(run: Run, damage: Callable[..., None]) -> None:
    damage("delete from quality.gate where suite = 'staging'")
    assert refusal(run, SUITES) == (
        "the gate staging has not been judged for this run, as-of date, rule set and deliveries"
    )
    damage("drop table quality.gate")
    assert refusal(run, SUITES).count("has not been judged") == len(SUITES)


def test_an_expectation_that_was_not_judged_closes_its_gate(run: Run, damage: Callable[..., None]) -> None:
    damage("delete from quality.gate where expectation = 'core.cii_shared'")
    assert refusal(run, ("core",)) == "the gate core is closed: core.cii_shared has not been judged"


@pytest.mark.parametrize(
    "changes",
    [{"run_id": "other"}, {"as_of": date(2019, 11, 12)}, {"rule_set": "other"}, {"delivery_set": "other"}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_gate_of_another_stamp_is_closed(run: Run, changes: dict[str, object]) -> None:
    message = refusal(run, ("landing", "core"), replace(run.stamp, **changes))
    assert message.count("has not been judged") == 2


def test_a_failed_critical_expectation_closes_its_gate_and_names_the_way_to_the_rows(
    run: Run, damage: Callable[..., None]
) -> None:
    name = "landing.every_line_is_accounted_for"
    damage(*TRIPS[name])
    verdict = judge(run, "landing")
    assert not verdict.passed
    message = refusal(run, SUITES)
    assert message.startswith(f"the gate landing is closed: {name} is 1, expected at most 0.")
    assert f"clearslate rows --gate {name}" in message
    assert {row.command for row in verdict.rows if not row.passed} == {f"clearslate rows --gate {name}"}
    with run.warehouse() as warehouse:
        require(warehouse, SUITES[1:], run.stamp)


# -- finding ------------------------------------------------------------------------------------------------------------


def test_a_finding_goes_without_its_suite() -> None:
    assert find_expectation("county_unknown") is find_expectation("core.county_unknown")


@pytest.mark.parametrize(
    ("name", "hint"), [("core.county_unknwon", "core.county_unknown"), ("court", "court.…"), ("zzzz", "'zzzz'")]
)
def test_an_unknown_name_is_refused_with_the_nearest(run: Run, name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        violations(run, name)


def test_the_build_is_free_again_when_rows_are_left_early(run: Run) -> None:
    _, found = violations(run, "core.cii_shared")
    next(found)
    found.close()
    assert rows(run, "select 1") == [(1,)]


def test_every_expectation_says_what_it_means_and_what_to_do() -> None:
    for suite in ALL.values():
        for expectation in suite.expectations:
            assert expectation.name.startswith(f"{suite.name}.")
            assert expectation.meaning.endswith("."), expectation.name
            assert expectation.mend.endswith("."), expectation.name
            assert expectation.limit(Thresholds()) >= 0


# -- privacy ------------------------------------------------------------------------------------------------------------


def test_nothing_of_a_person_gets_into_a_gate(
    run: Run,
    damage: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Whatever names a person is made a canary in every table; then all suites are judged, most of them failing."""
    asked = listen(monkeypatch)
    for contract in load_contracts().values():
        personal = [c.name for c in contract.columns if c.pii and c.type == "VARCHAR"]
        if personal and contract.schema not in ("quality", "impact"):
            canaries = ", ".join(f"{name} = '{CANARY}'" for name in personal)
            damage(f"update {contract.name} set {canaries}")
    damage(f"insert into raw.quarantine values (1, 0, 'input.csv', 90, 90, 'quote', '{CANARY}', '', '', '{CANARY}')")
    caplog.set_level(logging.DEBUG)

    told = [repr(judge(run, suite)) for suite in SUITES]
    told += [repr(said) for said in asked]
    told.append(refusal(run, SUITES))
    for table in load_contracts():
        if table.startswith("quality."):
            told.append(repr(rows(run, f"select * from {table}")))
    told += [caplog.text, *capfd.readouterr()]

    assert len(asked) == len(SUITES)
    assert any("core.person_is_told_by_one_key" in text for text in told)
    assert [text for text in told if CANARY in text] == []


def test_great_expectations_gets_numbers_only_and_gives_yes_or_no(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = listen(monkeypatch)
    judge(run, "core")
    [(question, answer)] = asked
    assert set(question) == {"suite", "metrics", "expectations"}
    assert {type(number) for number in question["metrics"].values()} == {float}
    assert set(answer) == {"held"}
    assert {type(held) for held in answer["held"].values()} == {bool}
