"""The home when it is not as a run left it: copied, damaged, full."""

import os
import shutil
from pathlib import Path

import pytest

from clearslate.errors import UsageError
from clearslate.home import Home, write_json


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home in which a run was promoted on one delivery."""
    home = Home(tmp_path / "home")
    home.prepare()
    home.delivery("first").mkdir()
    write_json(home.record("one"), {"run_id": "one", "status": "promoted", "promoted_at": "2025-01-15T00:00:00+00:00"})
    home.promote("one", ["first"])
    return home


def test_a_home_in_which_nothing_was_promoted_has_accepted_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    write_json(home.delivery("refused") / "delivery.json", {})
    write_json(home.record("refused"), {"status": "refused"})
    assert home.accepted() == []
    home.sweep("next", keep=[])
    assert not home.delivery("refused").exists()


def test_a_first_run_that_was_killed_before_the_switch_has_accepted_nothing(home: Home) -> None:
    write_json(home.record("one"), {"run_id": "one", "status": "running"})
    home.current.unlink()
    assert home.accepted() == []


@pytest.mark.parametrize(
    "lost",
    ["current", "current/accepted.json", "current releases", "current runs", "releases", "current/accepted.json runs"],
)
def test_without_the_list_of_accepted_deliveries_nothing_is_swept(home: Home, lost: str) -> None:
    for name in lost.split():
        path = home.root / name
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    with pytest.raises(UsageError, match="restore `current` and its release from a backup"):
        home.sweep("next", keep=[])
    assert home.delivery("first").exists()


def test_a_copy_without_links_is_refused_at_once(home: Home, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (home.current / "published.duckdb").touch()
    shutil.copytree(home.root, copy, symlinks=False)
    with pytest.raises(UsageError, match="copied without its links"):
        Home(copy).prepare()
    shutil.copytree(home.root, tmp_path / "with links", symlinks=True)
    Home(tmp_path / "with links").prepare()


def test_a_damaged_record_of_another_run_stops_nobody(home: Home) -> None:
    home.record("killed").write_text('{"status": "running', "utf-8")
    write_json(home.record("alive"), {"status": "running"})
    home.sweep("next", keep=[])
    assert '"interrupted"' in home.record("alive").read_text("utf-8")
    home.record("one").write_text("[]", "utf-8")  # what its release rests on can't be told any more
    home.input("0" * 64).write_text("kept", "utf-8")
    home.sweep("next", keep=[])
    assert home.input("0" * 64).exists()


def test_what_can_not_be_pruned_does_not_undo_a_promotion(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.promote("two", ["first"])

    def broken(path: str, *, dir_fd: int | None = None) -> None:
        raise OSError(16, "busy")

    monkeypatch.setattr(os, "rmdir", broken)
    assert home.promote("three", ["first"]) == home.current.resolve()
    home.sweep("next", keep=[])
    home.promote("four", ["first"])
    monkeypatch.undo()
    home.sweep("next", keep=[])
    assert {path.name for path in (home.root / "releases").iterdir()} == {"three", "four"}


def test_words_that_can_not_be_kept_are_not_shown_either(home: Home) -> None:
    (home.logs / "restricted.log").mkdir()
    said = home.hide("core.person: ValueError", "QUAIL,WILHELMINA")
    assert said.startswith("core.person: ValueError (its own words may quote records; ")
    assert "QUAIL" not in said


def test_what_a_release_without_its_record_rests_on_is_never_swept(home: Home) -> None:
    kept = home.input("0" * 64)
    kept.write_text("a court's prohibition", "utf-8")
    home.sweep("next", keep=[])
    assert not kept.exists(), "no release rests on it"
    kept.write_text("a court's prohibition", "utf-8")
    home.record(home.current.resolve().name).unlink()
    home.sweep("next", keep=[])
    assert kept.exists()


def test_what_is_not_of_our_making_is_never_swept(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    others = [
        home.root / name for name in ("deliveries/jan.csv", "deliveries/2025/a.csv", "inputs/srf.csv", "work/n.txt")
    ]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine", "utf-8")
    ours = [home.input("0" * 64), home.database("gone"), home.root / "work" / "scratch-0a.duckdb.wal"]
    for path in ours:
        path.write_text("ours", "utf-8")
    home.sweep("next", keep=[])
    assert [path.read_text("utf-8") for path in others] == ["mine"] * 4
    assert not any(path.exists() for path in ours)
