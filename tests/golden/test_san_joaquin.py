"""The sample without a header, for which no predecessor's output exists: determinations that were checked by hand.

County San Joaquin, as of 2020-07-01, with Sacramento's options: 11357 and 11358 are dismissed, 11359 and 11360 reduced;
under 21 at conviction, 57 years, 10 years since, only Prop 64 and deceased are dismissed too.
"""

import csv
import json
from pathlib import Path

import pytest

from tests.support import DATA, SACRAMENTO, Decided, decide


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    return decide(
        tmp_path_factory.mktemp("home"),
        DATA / "san_joaquin_no_header.csv",
        options=SACRAMENTO / "options.json",
        counties=("SAN JOAQUIN",),
        review="full",
        as_of="2020-07-01",
    )


def expected() -> list[dict[str, str]]:
    with (DATA / "san_joaquin_determinations.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        del row["checked_by_hand"]
    return rows


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_determinations_are_those_checked_by_hand(decided: Decided) -> None:
    frame = decided.frame(
        "select substr(p.subject_key, 2) as subject_id, cast(v.cnt_order as varchar) as cnt_order, d.county, "
        "cast(v.conviction_date as varchar) as conviction_date, d.section, d.outcome, d.relief, d.rule, "
        "r.determination, r.reason, d.path, coalesce(cast(d.eligible_on as varchar), '') as eligible_on "
        "from eligibility.determination as d inner join core.conviction as v on d.candidate_id = v.conviction_id "
        "inner join core.person as p on d.person_no = p.person_no "
        "inner join review.prop64_result as r on d.candidate_id = r.conviction_id "
        "order by subject_id, conviction_date, cnt_order"
    )
    assert frame.to_dict("records") == expected()


def test_the_files_are_those_of_the_county(decided: Decided) -> None:
    folder = decided.files / "san-joaquin"
    ours = [row for row in expected() if row["county"] == "SAN JOAQUIN"]
    written = {
        (row["SUBJECT_ID"], row["CNT_ORDER"]): (row["Eligibility Determination"], row["Eligibility Reason"])
        for row in lines(folder / "Prop64_Results.csv")
    }
    assert written == {(row["subject_id"], row["cnt_order"]): (row["determination"], row["reason"]) for row in ours}
    assert len(lines(folder / "All_Results.csv")) == len(lines(folder / "All_Results_Condensed.csv")) == 38


def test_the_summary_is_the_one_counted_by_hand(decided: Decided) -> None:
    summary = json.loads((decided.files / "san-joaquin" / "summary.json").read_text("utf-8"))
    impact = {"CountSubjectsNoConviction": 2, "CountSubjectsNoConvictionLast7Years": 3, "CountSubjectsNoFelony": 2}
    assert summary == {
        "county": "SAN JOAQUIN",
        "earliestConviction": "1979-06-01T00:00:00Z",
        "lineCount": 38,
        "processingTimeInSeconds": 0,
        "reliefWithCurrentEligibilityChoices": impact,
        "reliefWithDismissAllProp64": impact,
        "prop64ConvictionsCountInCountyByCodeSection": {"11357": 3, "11358": 8, "11359": 4},
        "subjectsWithProp64ConvictionCountInCounty": 9,
        "prop64FelonyConvictionsCountInCounty": 12,
        "prop64NonFelonyConvictionsCountInCounty": 3,
        "subjectsWithSomeReliefCount": 9,
        "convictionDismissalCountByCodeSection": {"11357": 2, "11358": 7},
        "convictionReductionCountByCodeSection": {"11359": 1, "11360": 0},
        "convictionDismissalCountByAdditionalRelief": {
            "21 years or younger": 1,
            "Conviction occurred 10 or more years ago": 1,
        },
    }
