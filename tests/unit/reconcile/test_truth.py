"""Precision and recall against lists whose truth is known, one kind of damage at a time.

The floors are what was measured (2026-11-24: 2,000 counts and 66,000 alike), rounded down. A sure match is never wrong.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.synth.court_list import KINDS, KnownCount, invent_counts, write_court_list
from clearslate.warehouse import Warehouse
from tests.support_reconcile import hold, score, world

# Least recall of sure matches; least share found at all, possible ones included; most rows of strangers with a possible match.
FLOORS = {
    "plain": (1.0, 1.0, 0.01),
    "zeros_lost": (1.0, 1.0, 0.01),
    "renumbered": (0.0, 0.99, 0.02),  # a sure match rests on the number
    "municipal": (0.99, 0.99, 0.01),
    "name_typos": (0.99, 0.99, 0.01),
    "births_swapped": (0.99, 0.99, 0.01),
    "numbers_only": (0.85, 0.99, 0.01),  # one number of two defendants tells neither
    "mixed": (0.85, 0.99, 0.01),  # a tenth is renumbered
}

World = tuple[Warehouse, Home, list[KnownCount]]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A thousand counts as DOJ knows them."""
    home, counts = Home(tmp_path_factory.mktemp("truth")), invent_counts(1000, seed=7)
    with world(home, counts) as warehouse:
        yield warehouse, home, counts


def test_every_kind_has_its_floors() -> None:
    assert FLOORS.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", FLOORS)
def test_sure_matches_are_right_and_few_are_lost(known: World, tmp_path: Path, kind: str) -> None:
    warehouse, home, counts = known
    written = write_court_list(tmp_path / "list.csv", counts, kind=kind, seed=3)
    held = hold(warehouse, home, written.path)
    found = score(held, written.truth, counts)
    least_recall, least_reach, most_noise = FLOORS[kind]
    assert found.precision == 1.0
    assert found.recall >= least_recall
    assert found.reach >= least_reach
    assert found.noise <= most_noise
    assert sum(held.counts[f"court_rows_{name}"] for name in ("matched", "possible", "missing")) == written.rows
    assert sum(held.counts[f"doj_convictions_{name}"] for name in ("matched", "possible", "missing")) == len(counts)


def test_conflicts_are_those_that_were_made_on_any_number_of_threads(
    known: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse, home, counts = known
    written = write_court_list(tmp_path / "list.csv", counts, kind="mixed", seed=5)
    held = hold(warehouse, home, written.path)
    monkeypatch.setenv("CLEARSLATE_THREADS", "1")
    assert hold(warehouse, home, written.path) == held
    with written.truth.open(encoding="utf-8") as file:
        made = {(int(told["row"]), told["conviction_id"]): told["change"].split("+") for told in csv.DictReader(file)}
    told = {
        (one["row"], one["conviction_id"]): one["kind"] for one in held.lists["conflicts.csv"] if one["conviction_id"]
    }
    sure = {(one["row"], one["conviction_id"]) for one in held.lists["matches.csv"]}
    for kind in ("level", "section", "date"):
        due = {key for key, changes in made.items() if kind in changes and key in sure}
        assert due
        assert due <= told.keys()
    assert not [key for key, kind in told.items() if kind in ("level", "date") and kind not in made.get(key, [kind])]


def test_a_list_is_a_function_of_its_seed(tmp_path: Path) -> None:
    counts = invent_counts(50, seed=1)
    assert counts == invent_counts(50, seed=1)
    assert counts != invent_counts(50, seed=2)
    one, again = (write_court_list(tmp_path / name, counts, kind="mixed", seed=9) for name in ("a.csv", "b.csv"))
    assert one.path.read_bytes() == again.path.read_bytes()
    assert one.truth.read_bytes() == again.truth.read_bytes()
    with pytest.raises(UsageError, match="no kind of list"):
        write_court_list(tmp_path / "c.csv", counts, kind="lost", seed=1)
