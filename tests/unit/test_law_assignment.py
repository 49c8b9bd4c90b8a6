"""The three forms of `--policy`: a policy's name, an options file, a policy per county."""

from datetime import date
from pathlib import Path

import pytest

from clearslate.errors import LawError, UsageError
from clearslate.home import Home
from clearslate.law.assignment import Assignment, Share, load_assignment, recorded_assignment
from clearslate.law.policy import load_policy
from clearslate.run import Run
from clearslate.settings import Request

SAMPLE = Path(__file__).parents[1] / "data" / "sacramento_example" / "options.json"
HEADER = "county,policy,options\n"


def by_county(tmp_path: Path, text: str) -> Assignment:
    (tmp_path / "sac.json").write_bytes(SAMPLE.read_bytes())
    file = tmp_path / "policies.csv"
    file.write_text(text)
    return load_assignment(file)


def test_without_a_choice_it_is_clear_my_record_with_its_defaults() -> None:
    mine = load_assignment()
    assert (mine.default, mine.counties, mine.hash) == (load_policy(), {}, load_policy().hash)
    assert load_assignment("clear-my-record").hash == mine.hash
    assert mine.describe() == load_policy().describe()


def test_a_name_and_an_options_file() -> None:
    assert load_assignment("statute-only").default.id == "statute-only"
    assert load_assignment(SAMPLE).default.values == load_assignment(str(SAMPLE)).default.values
    assert load_assignment(SAMPLE).default.values["subject_age_threshold"] == 57


def test_a_policy_per_county_and_the_statute_for_all_others(tmp_path: Path) -> None:
    text = HEADER + " Sacramento ,clear-my-record,sac.json\nYOLO,clear-my-record,\nNAPA,clear-my-record,sac.json\n"
    mine = by_county(tmp_path, text + "KERN,statute-only,\n")
    assert mine.is_by_county
    assert mine.policy_of("SACRAMENTO").values["subject_age_threshold"] == 57
    assert mine.policy_of("YOLO").values["subject_age_threshold"] == 0
    assert [mine.policy_of(county).id for county in ("KERN", "ALAMEDA", None)] == ["statute-only"] * 3
    statute, sacramento, yolo = mine.policies
    assert list(mine.shares()) == [
        Share(statute, ("NAPA", "SACRAMENTO", "YOLO"), but=True),
        Share(sacramento, ("NAPA", "SACRAMENTO"), but=False),
        Share(yolo, ("YOLO",), but=False),
    ]
    assert mine.describe()[-1] == f"all other counties: {statute.title}"
    assert "SACRAMENTO: Dismiss from this age, in years: 57" in mine.describe()
    other = by_county(tmp_path, text)
    assert mine.hash != other.hash
    assert by_county(tmp_path, HEADER + "YOLO,statute-only,\n").hash == load_policy(name="statute-only").hash


def test_what_a_run_recorded_is_the_same_assignment(tmp_path: Path) -> None:
    several = by_county(tmp_path, HEADER + "SACRAMENTO,clear-my-record,sac.json\nYOLO,los-angeles,\n")
    for mine in (load_assignment(), load_assignment("statute-only"), load_assignment(SAMPLE), several):
        run = Run(Home(tmp_path / mine.hash), "one", Request(date(2025, 1, 15)))
        vars(run)["assignment"] = mine
        run.home.prepare()
        run.start()
        again = recorded_assignment(run.asked["policy"])
        assert again.hash == mine.hash
        assert {county: policy.hash for county, policy in again.counties.items()} == {
            county: policy.hash for county, policy in mine.counties.items()
        }


@pytest.mark.parametrize("settings", [{"no_such": True}, {"subject_age_threshold": 3}, {"dismiss": "11357"}])
def test_recorded_settings_that_the_policy_does_not_take_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="takes other settings than the run's record has"):
        recorded_assignment({"id": "clear-my-record", "settings": settings, "counties": {}})


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("county,policy\nYOLO,statute-only\n", 1, "the header must be county,policy,options"),
        (HEADER, 1, "no county has a policy"),
        ("", 1, "no county has a policy"),
        (HEADER + "YOLO,statute-only\n", 2, "expected 3 fields"),
        (HEADER + "OREGON,statute-only,\n", 2, "the county is none of California's 58"),
        (HEADER + "YOLO,statute-only,\nyolo,statute-only,\n", 3, "YOLO stands twice"),
        (HEADER + "YOLO,statute,\n", 2, "there is no policy 'statute'; there are: clear-my-record"),
        (HEADER + 'YOLO,"statute-only" x,\n', 2, "not readable as CSV"),
    ],
)
def test_a_fault_is_named_with_file_and_line(text: str, line: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(LawError) as caught:
        by_county(tmp_path, text)
    assert str(caught.value).startswith(f"policies.csv:{line}: "), str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("los angeles", "'los angeles' is neither a file nor a policy; policies are clear-my-record, "),
        ("gone.json", "gone.json: cannot be read"),
        ("gone.csv", "gone.csv: cannot be read"),
    ],
)
def test_what_is_neither_a_policy_nor_a_file(choice: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_assignment(choice)
    assert message in str(caught.value)


def test_an_options_file_of_a_county_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.json: cannot be read"):
        by_county(tmp_path, HEADER + "YOLO,clear-my-record,gone.json\n")
