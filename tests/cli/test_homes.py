"""The command line in homes that are not as a run left them.

Whatever happens to a home happens to the same one, made by one run. It lies in one place: a build is of its place.
"""

import shutil
from pathlib import Path

import pytest

from tests.command import command
from tests.support import SACRAMENTO

EXTRACT = SACRAMENTO / "input.csv"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A home as a run left it, and a copy of it to come back to."""
    folder = tmp_path_factory.mktemp("homes")
    home, kept = folder / "hóme \N{GRINNING FACE}", folder / "kept"
    said = command("run", EXTRACT, "--home", home, "--as-of", "2020-07-01", "--data-through", "2020-06-30")
    assert said.code == 0, said.words
    shutil.copytree(home, kept, symlinks=True)
    return home, kept


@pytest.fixture
def home(made: tuple[Path, Path]) -> Path:
    """The home, as if the run had just ended."""
    home, kept = made
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(kept, home, symlinks=True)
    return home


def test_a_home_that_lost_its_list_of_deliveries_is_refused_and_keeps_them(home: Path) -> None:
    there = sorted((home / "deliveries").iterdir())
    (home / "current").unlink()
    for asked in (("run", EXTRACT), ("redecide",)):
        said = command(*asked, "--home", home)
        assert said.code == 2, said.words
        assert "restore `current` and its release from a backup" in said.words
    assert sorted((home / "deliveries").iterdir()) == there


@pytest.mark.parametrize("name", ["deliveries/2025/a.csv", "inputs/srf.csv", "work/notes.txt"])
def test_a_folder_of_somebody_is_no_home_and_keeps_what_is_in_it(name: str, tmp_path: Path) -> None:
    theirs = tmp_path / name
    theirs.parent.mkdir(parents=True)
    shutil.copy(EXTRACT, theirs)
    said = command("run", theirs, "--home", tmp_path)
    assert said.code == 2
    assert f"is no home, and has a folder {name.partition('/')[0]} of its own" in said.words
    assert theirs.read_bytes() == EXTRACT.read_bytes()
    assert list(tmp_path.iterdir()) == [tmp_path / name.partition("/")[0]]


def test_an_extract_that_lies_where_a_run_clears_up_is_refused(home: Path) -> None:
    inside = home / "deliveries" / "2025" / "a.csv"
    inside.parent.mkdir()
    shutil.copy(EXTRACT, inside)
    said = command("run", inside, "--home", home)
    assert said.code == 2
    assert "lies in deliveries/ of the home, which every run clears out" in said.words
    assert inside.exists()


def test_a_blank_home_is_not_the_folder_that_one_stands_in() -> None:
    said = command("run", EXTRACT, "--home", "")
    assert said.code == 2
    assert "it is blank" in said.words


def test_a_damaged_build_is_named_with_what_mends_it(home: Path) -> None:
    [build] = (home / "work").glob("*.duckdb")
    build.write_bytes(b"no database" * 4000)
    said = command("rows", "--gate", "core.case_number_missing", "--home", home)
    assert said.code == 3
    assert "it is damaged, or another program has it open; `clearslate redecide` makes it anew" in said.words
    assert command("redecide", "--home", home).code == 0
    assert command("rows", "--gate", "core.case_number_missing", "--home", home).code == 0


def test_a_build_whose_log_is_lost_is_named_with_what_mends_it(home: Path) -> None:
    [log] = (home / "work").glob("*.duckdb.wal")
    log.unlink()
    for asked in (("rows", "--gate", "core.case_number_missing"), ("explain", "--person", "A")):
        said = command(*asked, "--home", home)
        assert said.code == 3
        assert f"its log, {log.name}, is lost; `clearslate redecide` makes it anew" in said.words
    assert command("redecide", "--home", home).code == 0
    assert command("rows", "--gate", "core.case_number_missing", "--home", home).code == 0


def test_a_home_that_was_moved_needs_its_build_anew(home: Path, tmp_path: Path) -> None:
    moved = tmp_path / "thére's"
    home.rename(moved)
    for asked in (("rows", "--gate", "core.case_number_missing"), ("explain", "--person", "A")):
        said = command(*asked, "--home", moved)
        assert said.code == 3
        assert "was made while the home lay in another place" in said.words
    assert command("redecide", "--home", moved).code == 0
    assert command("rows", "--gate", "core.case_number_missing", "--home", moved).code == 0


@pytest.mark.parametrize("left", [None, "", "{", '{"status": "promoted"}', "[]"])
def test_a_lost_or_damaged_record_is_named_with_what_mends_it(home: Path, left: str | None) -> None:
    [record] = (home / "runs").glob("*.json")
    record.unlink() if left is None else record.write_text(left, "utf-8")
    questions = (
        ("rows", "--gate", "core.case_number_missing"),
        ("explain", "--person", "A"),
        ("compare", "--policy", "clear-my-record", "--policy", "statute-only"),
    )
    for asked in questions:
        said = command(*asked, "--home", home)
        assert said.code == 2, said.words
        assert record.name in said.words
        assert "restore it from a backup, or run `clearslate redecide`" in said.words
    assert command("redecide", "--home", home).code == 0
    assert command("rows", "--gate", "core.case_number_missing", "--home", home).code == 0


def test_a_damaged_list_of_deliveries_is_named_with_what_mends_it(home: Path) -> None:
    listed = (home / "current").resolve() / "accepted.json"
    listed.write_text("[", "utf-8")
    said = command("redecide", "--home", home)
    assert said.code == 2, said.words
    assert "accepted.json is damaged; restore `current` and its release from a backup" in said.words


def test_what_a_killed_question_left_is_not_taken_for_a_build(home: Path) -> None:
    (home / "work" / "scratch-0123456789ab.duckdb").write_bytes(b"")
    assert command("rows", "--gate", "core.case_number_missing", "--home", home).code == 0


def test_the_packages_of_a_published_run_are_looked_at_where_they_lie(home: Path) -> None:
    said = command("rows", "--gate", "court.packages_verify", "--home", home)
    assert said.code == 0
    assert said.out.splitlines() == ["package,fault"]
    damaged = next((home / "court").resolve().rglob("10_relief_actions.csv"))
    damaged.chmod(0o600)
    damaged.write_bytes(damaged.read_bytes() + b"x")
    assert len(command("rows", "--gate", "court.packages_verify", "--home", home).out.splitlines()) > 1


def test_a_damaged_history_of_the_ui_is_named_with_what_mends_it(home: Path) -> None:
    history = home / "dagster" / "history"
    for database in history.rglob("*.db"):
        database.write_bytes(b"no database" * 4000)
    said = command("redecide", "--home", home)
    assert said.code == 3
    assert "Dagster's databases below dagster/ of the home can't be used" in said.words
    shutil.rmtree(home / "dagster")
    assert command("redecide", "--home", home).code == 0
