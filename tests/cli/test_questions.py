"""`clearslate explain` and `clearslate compare`: what they print and write, and what they leave in a home (nothing)."""

import csv
import json
from pathlib import Path

import pytest

from clearslate.home import Home
from clearslate.law.lists import rules_root
from tests.command import command, tree
from tests.support import decide, record

NAME = "CANARY,QUENTIN"
HISTORY = [
    record(PRI_NAME=NAME, OFN="F-77"),
    record(SUBJECT_ID="2", REQ_CII_NUMBER="A2", OFN="G-88", STP_EVENT_DATE="20180601"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    decided = decide(tmp_path_factory.mktemp("questions") / "home", HISTORY)
    decided.run.promote()
    return decided.run.home


def test_explain_prints_the_decision_and_its_authority(home: Home) -> None:
    said = command("explain", "--case", "f77", "--home", home.root)
    assert said.code == 0
    for words in (
        NAME,
        "case F-77",
        "Eligible: dismissal and sealing.",
        "Rests on: HS 11361.9(b)",
        "Decides: ELIGIBLE DISMISS_SEAL",
    ):
        assert words in said.words


def test_explain_prints_one_document(home: Home) -> None:
    told = command("explain", "--person", "2", "--home", home.root, "--json").json
    assert [subject["found"]["event"]["case_number"] for subject in told["subjects"]] == ["G-88"]


def test_explain_writes_a_page_and_prints_nobody(home: Home, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.touch(0o644)  # it may lie there already, for all to read
    said = command("explain", "--case", "F77", "--home", home.root, "--html", page)
    assert said.code == 0
    assert NAME not in said.words
    assert NAME in page.read_text("utf-8")
    assert page.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["--case", "no such"], "has no conviction and no arrest"),
        ([], "name one of --case NUMBER, --conviction ID and --person ID"),
        (["--case", "F77", "--county", "Nowhere"], "none of California's 58 counties"),
        (["--case", "F77", "--html", "/no/such/folder/page.html"], "can't be written"),
    ],
)
def test_explain_says_what_is_wrong(home: Home, asked: list[str], words: str) -> None:
    said = command("explain", *asked, "--home", home.root)
    assert said.code == 2
    assert words in said.words
    assert NAME not in said.words


def test_compare_prints_and_writes_numbers_alone(home: Home, tmp_path: Path) -> None:
    policies = ("--policy", "clear-my-record", "--policy", "statute-only")
    said = command("compare", *policies, "--home", home.root, "--out", tmp_path / "compared.csv")
    assert said.code == 0
    assert "against clear-my-record" in said.words
    assert "statute-only by county" in said.words
    assert NAME not in said.words
    with (tmp_path / "compared.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["policy"] for row in rows} == {"clear-my-record", "statute-only"}
    assert {row["n_people"] for row in rows if row["split"] == "race"} == {"<11"}
    assert command("compare", *policies, "--home", home.root, "--json").json["as_of"] == "2019-11-11"


def test_the_smallest_number_shown_is_a_setting(home: Home) -> None:
    settings = home.root / "settings.toml"
    settings.write_text("small_cell = 0\n", "utf-8")
    try:
        said = command(
            "compare", "--policy", "clear-my-record", "--policy", "statute-only", "--home", home.root, "--json"
        )
    finally:
        settings.unlink()
    assert {row["n_people"] for row in said.json["rows"] if row["split"] == "race"} == {2}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["--policy", "statute-only"], "two policies"),
        (["--policy", "statute-only", "--policy", "nobody's"], "neither a file nor a policy"),
        (["--policy", "statute-only", "--policy", "clear-my-record", "--as-of", "soon"], "YYYY-MM-DD"),
    ],
)
def test_compare_says_what_is_wrong(home: Home, asked: list[str], words: str) -> None:
    said = command("compare", *asked, "--home", home.root)
    assert said.code == 2
    assert words in said.words


def test_questions_go_by_the_settings_that_the_run_had(tmp_path: Path) -> None:
    """Wherever the options file lies by now, and whatever it says."""
    options, by_county = tmp_path / "options.json", tmp_path / "counties.csv"
    options.write_text(json.dumps({"baselineEligibility": {"reduce": ["11359"]}}), "utf-8")
    by_county.write_text("county,policy,options\nSACRAMENTO,clear-my-record,options.json\n", "utf-8")
    homes = {}
    for policy in (options, by_county):
        decided = decide(tmp_path / policy.stem, HISTORY, options=policy)
        decided.run.promote()
        homes[policy] = decided.run.home.root
    options.write_text("no longer", "utf-8")
    by_county.unlink()
    for home in homes.values():
        told = command("explain", "--case", "F77", "--home", home)
        assert told.code == 0, told.words
        assert "Decides: ELIGIBLE REDESIGNATE_MISD" in told.words
        two = ("--policy", "clear-my-record", "--policy", "statute-only")
        assert command("compare", *two, "--as-of", "2020-01-01", "--home", home).code == 0
        same = command("try-rules", rules_root(), "--home", home, "--json")
        assert same.code == 0, same.words
        assert same.json["n_changed"] == 0
        assert command("rows", "--gate", "raw.quarantine", "--home", home).code == 2  # no such gate
        assert command("rows", "--gate", "landing.file_quarantine_is_low", "--home", home).code == 0


def test_a_home_where_nothing_was_published_says_so(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    for asked in (["explain", "--case", "1"], ["compare", "--policy", "statute-only", "--policy", "clear-my-record"]):
        said = command(*asked, "--home", tmp_path / "home")
        assert said.code == 2
        assert "nothing has been published" in said.words


def test_questions_leave_the_home_as_it_was(home: Home) -> None:
    before = tree(home.root)
    command("explain", "--person", "1", "--home", home.root)
    command(
        "compare",
        "--policy",
        "statute-only",
        "--policy",
        "clear-my-record",
        "--as-of",
        "2020-01-01",
        "--home",
        home.root,
    )
    after = tree(home.root)
    assert {name for name in after if after[name] != before.get(name)} == set()
    assert set(after) == set(before)
    assert not any(NAME.encode() in content for name, content in after.items() if name.startswith("logs/"))
    assert json.loads(after["runs/test.json"])["as_of"] == "2019-11-11"
