"""Every case of the lawyers' spreadsheets comes out as it says."""

from collections import defaultdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cases.reader import COLUMNS, NO_CANDIDATE, Case, CaseError, all_cases, read_cases
from tests.support import decide, record

CASES = all_cases()
# An extract speaks up to its as-of date; cases that share date and policy are decided in one run, each its own person.
GROUPS: dict[tuple[str, str, bool], list[Case]] = defaultdict(list)
for _case in CASES:
    GROUPS[_case.as_of, _case.policy, bool(_case.supervision)].append(_case)

Answer = tuple[str, str, str, str | None]


@cache
def _answers(as_of: str, policy: str, has_srf: bool) -> dict[tuple[str, str, str, str], Answer]:
    """Every determination of a group: by case, remedy, kind and count order (an arrest's first count)."""
    cases = {f"A{number:08}": case for number, case in enumerate(GROUPS[as_of, policy, has_srf])}
    rows = [
        record(**{"SUBJECT_ID": case.name.replace("-", ""), "REQ_CII_NUMBER": cii, **row})
        for cii, case in cases.items()
        for row in case.rows
    ]
    stranger = "A99999999,PROBATION,,"  # a file that names nobody is refused
    active = [f"{cii},PROBATION,," for cii, case in cases.items() if case.supervision == "active"]
    with TemporaryDirectory() as home:
        srf = Path(home) / "srf.csv"
        srf.write_text("\n".join(["CII_NUMBER,SUPERVISION,START_DATE,END_DATE", stranger, *active, ""]), "utf-8")
        decided = decide(Path(home), rows, as_of=as_of, options=policy, srf=srf if has_srf else None)
        found = decided.rows(
            "select p.subject_key, d.remedy, d.candidate_kind, coalesce(v.cnt_order, c.cnt_order), d.outcome, d.relief, "
            "d.rule, d.outcome_if_clear from eligibility.determination as d "
            "inner join core.person as p on d.person_no = p.person_no "
            "left join core.conviction as v on d.candidate_id = v.conviction_id "
            "left join core.arrest as a on d.candidate_id = a.arrest_id "
            "left join (select event_no, min(cnt_order) as cnt_order from core.charge group by event_no) as c "
            "on a.event_no = c.event_no"
        )
    return {(key[1:], remedy, kind, str(order)): (*said,) for key, remedy, kind, order, *said in found}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: Case) -> None:
    answers = _answers(case.as_of, case.policy, bool(case.supervision))
    assert case.expected, f"{case.name} expects nothing"
    for expected in case.expected:
        key = (case.name.replace("-", ""), expected.remedy, expected.kind, expected.order)
        outcome, relief, rule, if_clear = answers.get(key, (NO_CANDIDATE, "NONE", "", None))
        wanted = (expected.outcome, expected.relief or "NONE", expected.rule or rule, expected.if_clear or if_clear)
        assert (outcome, relief, rule, if_clear) == wanted, f"{case.title} ({case.citation})"


def test_every_case_is_cited() -> None:
    assert len(CASES) >= 100
    assert all(case.citation for case in CASES)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("X-1,A title,HS 11359,2025-03-01,statute-only,1970-01-01,,1-2,2010-01-01,trial,,,,,,,,,,,", "event is one of"),
        ("X-1,A title,HS 11359,2025-03-01,statute-only,1970-01-01,,1-2,2010-02-30,court,,,,,,,,,,,", "line 2"),
        (
            "X-1,A title,HS 11359,2025-03-01,statute-only,1970-01-01,,one,2010-01-01,court,,,,,,,,,,,",
            "step is the number",
        ),
        ("X-1,A title,,2025-03-01,statute-only,1970-01-01,,1-2,2010-01-01,court,,,,,,,,,,,", "needs citation"),
        (
            "X-1,A title,HS 11359,2025-03-01,statute-only,1970-01-01,,1-2,2010-01-01,court,,,,jail,,,prop64,MAYBE,,,",
            "outcome",
        ),
        (
            "X-1,A title,HS 11359,2025-03-01,statute-only,1970-01-01,,1-2,2010-01-01,court,,,,,,,prop64,ELIGIBLE,,,",
            "relief",
        ),
        (",A title,HS 11359,2025-03-01,statute-only,1970-01-01,,1-2,2010-01-01,court,,,,,,,,,,,", "must name a case"),
        ("X-1,A title,HS 11359,2025-03-01", "not as many cells"),
    ],
)
def test_a_line_that_makes_no_sense_is_named(line: str, wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"{','.join(COLUMNS)}\n{line}\n", "utf-8")
    with pytest.raises(CaseError, match=wrong):
        read_cases(path)
