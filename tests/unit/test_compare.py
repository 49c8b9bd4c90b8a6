"""Comparing policies: who gains and loses, by what, with denominators; small numbers hidden; nothing changed."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from clearslate.compare import COMPARISON, Compared, asked_scenarios, compare, hide_small
from clearslate.errors import UsageError
from clearslate.home import Home
from pipelines.compare import comparison_json, write_comparison
from tests.support import decide, record

DISMISS = {"baselineEligibility": {"dismiss": ["11357"], "reduce": ["11358"]}}
REDUCE = {"baselineEligibility": {"dismiss": ["11358"], "reduce": ["11357", "11359"]}}

# Three people: one with a dismissal that becomes a reduction, one who gains, one who has nothing under either; the second
# has a reduction that becomes a dismissal too. The third's race and gender are names, by a column that has moved.
HISTORY = [
    record(OFFENSE_DESCR="11357 HS-POSSESS MARIJUANA", GENDER="M", RACE_DESCR="WHITE"),
    record(SUBJECT_ID="2", REQ_CII_NUMBER="A2", OFN="2", GENDER="F", PRI_DOB="19900101"),
    record(SUBJECT_ID="2", REQ_CII_NUMBER="A2", OFN="3", GENDER="F", PRI_DOB="19900101", CNT_ORDER="102002001000",
           STP_ORI_CNTY_NAME="YOLO", OFFENSE_DESCR="11358 HS-PLANT MARIJUANA"),
    record(SUBJECT_ID="3", REQ_CII_NUMBER="A3", OFN="4", OFFENSE_DESCR="11360 HS-TRANSPORT MARIJUANA", PRI_DOB="",
           GENDER="DOE,JANE", RACE_DESCR="DOE,JANE"),
]  # fmt: skip


def options(folder: Path, name: str, content: object) -> str:
    path = folder / name
    path.write_text(json.dumps(content), "utf-8")
    return str(path)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    decided = decide(tmp_path_factory.mktemp("compare"), HISTORY)
    decided.run.promote()
    return decided.run.home


@pytest.fixture(scope="module")
def compared(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    folder = tmp_path_factory.mktemp("policies")
    policies = [options(folder, "dismiss.json", DISMISS), options(folder, "reduce.json", REDUCE)]
    return compare(home, asked_scenarios(policies, ()))


def numbers(compared: Compared, split: str, part: str = "", policy: str = "reduce.json") -> dict[str, int]:
    frame = compared.frame
    [row] = frame[(frame["policy"] == policy) & (frame["split"] == split) & (frame["part"] == part)].to_dict("records")
    return {name: value for name, value in row.items() if name.startswith("n_") and value}


def test_what_is_gained_and_lost_against_the_first(compared: Compared) -> None:
    assert numbers(compared, "all", policy="dismiss.json") == {
        "n_candidates": 4, "n_eligible": 2, "n_eligible_base": 2,
        "n_people": 3, "n_people_eligible": 2, "n_people_eligible_base": 2,
    }  # fmt: skip
    assert numbers(compared, "all") == {
        "n_candidates": 4, "n_eligible": 3, "n_eligible_base": 2, "n_gained": 1, "n_raised": 1, "n_lowered": 1,
        "n_people": 3, "n_people_eligible": 2, "n_people_eligible_base": 2,
    }  # fmt: skip


def test_a_person_gains_within_a_part(compared: Compared) -> None:
    assert numbers(compared, "county", "SACRAMENTO")["n_people_gained"] == 1
    assert "n_people_gained" not in numbers(compared, "county", "YOLO")


def test_every_split_adds_up_to_all_candidates(compared: Compared) -> None:
    sums = compared.frame.groupby(["policy_no", "split"])[["n_candidates", "n_eligible", "n_gained", "n_lost"]].sum()
    for number in (1, 2):
        whole = sums.loc[(number, "all")]
        for split in ("rule", "county", "race", "sex", "age"):
            assert (sums.loc[(number, split)] == whole).all(), split


def test_gained_and_lost_explain_the_difference(compared: Compared) -> None:
    frame = compared.frame
    assert (frame["n_eligible"] == frame["n_eligible_base"] + frame["n_gained"] - frame["n_lost"]).all()
    people = frame["n_people_eligible_base"] + frame["n_people_gained"] - frame["n_people_lost"]
    assert (frame["n_people_eligible"] == people).all()


def test_parts(compared: Compared) -> None:
    frame = compared.frame[compared.frame["policy_no"] == 2]
    parts = {split: sorted(of_split["part"]) for split, of_split in frame.groupby("split")}
    assert parts["county"] == ["SACRAMENTO", "YOLO"]
    assert parts["age"] == ["25 to 34", "45 to 54", "unknown"]
    assert parts["race"] == ["WHITE", "unknown"]
    assert parts["sex"] == ["F", "M", "unknown"]
    assert {"dismiss_section", "reduce_section"} <= set(parts["rule"])


def test_as_of_another_day_the_facts_are_made_anew(home: Home, tmp_path: Path) -> None:
    policies = [options(tmp_path, "none.json", {"baselineEligibility": {"dismiss": []}}),
                options(tmp_path, "ten.json", {"additionalRelief": {"yearsSinceConvictionThreshold": 10}})]  # fmt: skip
    gained = {}
    for day in (date(2019, 12, 31), date(2020, 1, 1)):
        told = compare(home, asked_scenarios(policies, ()), day=day)
        assert told.as_of == day
        gained[day] = numbers(told, "all", policy="ten.json").get("n_gained", 0)
    assert gained == {date(2019, 12, 31): 0, date(2020, 1, 1): 4}


def test_a_run_holds_its_policy_against_the_statute_alone(home: Home, tmp_path: Path) -> None:
    decided = decide(tmp_path, HISTORY[:1])
    rows = decided.rows(
        f"select policy_no, policy, n_candidates from {COMPARISON} where split = 'all' order by policy_no"
    )
    assert rows == [(1, "statute-only", 1), (2, "clear-my-record", 1)]


def test_comparing_changes_nothing(home: Home, compared: Compared) -> None:
    assert sorted(path.name for path in (home.root / "work").iterdir()) == ["test.duckdb", "test.duckdb.wal"]
    assert json.loads(home.record("test").read_text("utf-8"))["as_of"] == "2019-11-11"


@pytest.mark.parametrize(
    ("policies", "variants", "words"),
    [
        (["clear-my-record"], [], "two policies"),
        (["clear-my-record", "clear-my-record"], [], "named twice"),
        (["clear-my-record", "no-such-policy"], [], "neither a file nor a policy"),
        (["clear-my-record"], ["no-such-variant"], "no remedy has a variant"),
    ],
)
def test_what_cannot_be_compared(policies: list[str], variants: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        asked_scenarios(policies, variants)


def test_small_numbers_of_people_are_hidden() -> None:
    frame = pd.DataFrame(
        [("all", 3, 0), ("race", 10, 0), ("sex", 11, 5), ("age", 400, 1)], columns=["split", "n_candidates", "n_gained"]
    )
    assert hide_small(frame, 11).to_dict("list") == {
        "split": ["all", "race", "sex", "age"],
        "n_candidates": [3, "<11", 11, 400],
        "n_gained": [0, 0, "<11", "<11"],
    }


def test_what_is_written_hides_them_too(compared: Compared, tmp_path: Path) -> None:
    write_comparison(compared, tmp_path / "out.csv", small=11)
    frame = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert set(frame.loc[frame["split"] == "age", "n_candidates"]) == {"<11"}
    rows = comparison_json(compared, small=11)["rows"]
    assert {row["n_people"] for row in rows if row["split"] == "sex"} == {"<11"}
    assert {row["n_people"] for row in rows if row["split"] == "all"} == {3}
