"""Law 1: every row is accounted for, on files broken as real ones are. Law 2: a hole in a history reaches no court."""

import csv
from pathlib import Path

import pytest

from clearslate.synth import generate
from tests.support import Decided, decide

ROWS = 6_000


@pytest.fixture(scope="module", params=[0.03, 0.2])
def dirty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Decided, Path]:
    folder = tmp_path_factory.mktemp("dirty")
    report = generate(folder / "dirty.csv", rows=ROWS, seed=29, dirty=request.param)
    assert report.truth is not None
    decided = decide(folder / "home", [folder / "dirty.csv"], as_of="2025-01-15", data_through="2024-12-31")
    return decided, report.truth


def test_quarantine_is_the_truth_line_for_line(dirty: tuple[Decided, Path]) -> None:
    decided, truth = dirty
    with truth.open(encoding="utf-8", newline="") as file:
        damaged = [(int(row["line"]), row["damage"]) for row in csv.DictReader(file)]
    found = decided.rows("select line_first, reason from raw.quarantine order by line_first")
    assert found == sorted(damaged)
    assert decided.rows("select count(*) from raw.record") == [(ROWS - len(damaged),)]


def test_every_row_is_in_one_place(dirty: tuple[Decided, Path]) -> None:
    decided, _ = dirty
    (lines,) = decided.rows(
        "select sum(lines_total), sum(lines_header + lines_blank + lines_loaded + lines_quarantined) from raw.file"
    )
    assert lines[0] == lines[1] == ROWS + 1
    uses = dict(decided.rows("select use, count(*) from core.record group by use"))
    assert sum(uses.values()) == decided.rows("select count(*) from raw.record")[0][0]
    assert decided.rows("select count(*) from core.entry") == [(uses["used"],)]
    assert decided.rows("select sum(n_entries) from core.charge") == [(uses["used"],)]
    assert decided.rows(
        "select count(*) from core.entry where charge_no not in (select charge_no from core.charge)"
    ) == [(0,)]


def test_every_candidate_is_decided_once_and_every_eligible_one_has_a_place(dirty: tuple[Decided, Path]) -> None:
    decided, _ = dirty
    candidates = "select remedy, candidate_id from eligibility.candidate"
    decisions = "select remedy, candidate_id from eligibility.determination"
    for left, right in ((candidates, decisions), (decisions, candidates)):
        assert decided.rows(f"select count(*) from ({left} except all {right})") == [(0,)]
    per_remedy = decided.rows("select count(distinct remedy), count(*) from eligibility.candidate")
    assert per_remedy[0][0] == 4 and per_remedy[0][1] > ROWS / 4
    (alone,) = decided.rows("select count(*) from facts.conviction where in_prop64_scope or prop64_predecessor")
    assert decided.rows(f"select count(*) from ({decisions}) where remedy = 'prop64'") == [alone]
    (eligible,) = decided.rows(
        "select count(*) from eligibility.determination where outcome = 'ELIGIBLE' and remedy = 'prop64'"
    )
    (actions,) = decided.rows(
        "select count(*), count(*) filter (where (package_county is null) = (withheld_reason is null)) from court.action"
    )
    assert actions == (eligible[0], 0)


def test_no_hole_in_a_history_reaches_a_court(dirty: tuple[Decided, Path]) -> None:
    decided, _ = dirty
    (holes,) = decided.rows("select count(*) from core.person where not is_history_complete")
    assert holes[0] > 0
    granted = decided.rows(
        "select count(*) from eligibility.determination as d inner join core.person as p on d.person_no = p.person_no "
        "where d.outcome = 'ELIGIBLE' and not p.is_history_complete"
    )
    assert granted == [(0,)]
