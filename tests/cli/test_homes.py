"""The command line in homes that are not as a run left them."""

import shutil
from pathlib import Path

import pytest

from tests.command import command
from tests.support import SACRAMENTO

EXTRACT = SACRAMENTO / "input.csv"


def test_a_home_that_lost_its_list_of_deliveries_is_refused_and_keeps_them(tmp_path: Path) -> None:
    home = tmp_path / "hóme \N{GRINNING FACE}"
    assert command("run", EXTRACT, "--home", home).code == 0
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


def test_an_extract_that_lies_where_a_run_clears_up_is_refused(tmp_path: Path) -> None:
    assert command("run", EXTRACT, "--home", tmp_path).code == 0
    inside = tmp_path / "deliveries" / "2025" / "a.csv"
    inside.parent.mkdir()
    shutil.copy(EXTRACT, inside)
    said = command("run", inside, "--home", tmp_path)
    assert said.code == 2
    assert "lies in deliveries/ of the home, which every run clears out" in said.words
    assert inside.exists()


def test_a_blank_home_is_not_the_folder_that_one_stands_in() -> None:
    said = command("run", EXTRACT, "--home", "")
    assert said.code == 2
    assert "it is blank" in said.words


def test_a_damaged_build_is_named_with_what_mends_it(tmp_path: Path) -> None:
    assert command("run", EXTRACT, "--home", tmp_path).code == 0
    [build] = (tmp_path / "work").glob("*.duckdb")
    build.write_bytes(b"no database" * 4000)
    said = command("rows", "--gate", "core.case_number_missing", "--home", tmp_path)
    assert said.code == 3
    assert "it is damaged, or another program has it open; `clearslate redecide` makes it anew" in said.words
    assert command("redecide", "--home", tmp_path).code == 0
    assert command("rows", "--gate", "core.case_number_missing", "--home", tmp_path).code == 0


def test_a_build_whose_log_is_lost_is_named_with_what_mends_it(tmp_path: Path) -> None:
    assert command("run", EXTRACT, "--home", tmp_path).code == 0
    [log] = (tmp_path / "work").glob("*.duckdb.wal")
    log.unlink()
    for asked in (("rows", "--gate", "core.case_number_missing"), ("explain", "--person", "A")):
        said = command(*asked, "--home", tmp_path)
        assert said.code == 3
        assert f"its log, {log.name}, is lost; `clearslate redecide` makes it anew" in said.words
    assert command("redecide", "--home", tmp_path).code == 0
    assert command("rows", "--gate", "core.case_number_missing", "--home", tmp_path).code == 0


def test_a_home_that_was_moved_needs_its_build_anew(tmp_path: Path) -> None:
    home, moved = tmp_path / "here", tmp_path / "thére's"
    assert command("run", EXTRACT, "--home", home).code == 0
    home.rename(moved)
    for asked in (("rows", "--gate", "core.case_number_missing"), ("explain", "--person", "A")):
        said = command(*asked, "--home", moved)
        assert said.code == 3
        assert "was made while the home lay in another place" in said.words
    assert command("redecide", "--home", moved).code == 0
    assert command("rows", "--gate", "core.case_number_missing", "--home", moved).code == 0


def test_what_a_killed_question_left_is_not_taken_for_a_build(tmp_path: Path) -> None:
    assert command("run", EXTRACT, "--home", tmp_path).code == 0
    (tmp_path / "work" / "scratch-0123456789ab.duckdb").write_bytes(b"")
    assert command("rows", "--gate", "core.case_number_missing", "--home", tmp_path).code == 0


def test_the_packages_of_a_published_run_are_looked_at_where_they_lie(tmp_path: Path) -> None:
    assert (
        command("run", EXTRACT, "--home", tmp_path, "--as-of", "2020-07-01", "--data-through", "2020-06-30").code == 0
    )
    said = command("rows", "--gate", "court.packages_verify", "--home", tmp_path)
    assert said.code == 0
    assert said.out.splitlines() == ["package,fault"]
    damaged = next((tmp_path / "court").resolve().rglob("10_relief_actions.csv"))
    damaged.chmod(0o600)
    damaged.write_bytes(damaged.read_bytes() + b"x")
    assert len(command("rows", "--gate", "court.packages_verify", "--home", tmp_path).out.splitlines()) > 1


def test_a_damaged_history_of_the_ui_is_named_with_what_mends_it(tmp_path: Path) -> None:
    assert command("run", EXTRACT, "--home", tmp_path).code == 0
    history = tmp_path / "dagster" / "history"
    for database in history.rglob("*.db"):
        database.write_bytes(b"no database" * 4000)
    said = command("redecide", "--home", tmp_path)
    assert said.code == 3
    assert "Dagster's databases below dagster/ of the home can't be used" in said.words
    shutil.rmtree(tmp_path / "dagster")
    assert command("redecide", "--home", tmp_path).code == 0
