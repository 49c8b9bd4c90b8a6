"""Killed in the middle of a package, an answer or an order, at many points: the same command again leaves the same bytes.

The suite kills at a few points of each. CLEARSLATE_FAULTS=n kills at n of them, evenly spread (at all, where there are no
more), and n more times by the clock.
"""

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clearslate.home import Home
from clearslate.ledger import Ledger
from tests import court_faults
from tests.court_demo import desk
from tests.court_demo.prosecutor import fill_decisions
from tests.court_demo.source import ByHand
from tests.court_simulator import Court, Fates, write_answers

FAULTS = int(os.environ.get("CLEARSLATE_FAULTS", "0"))
DAYS = {name: date(2025, 2, number) for number, name in enumerate(("review", "package", "received", "answer"), start=1)}


@dataclass(frozen=True)
class Command:
    """A command, the home that it finds, and what it leaves there when nobody disturbs it."""

    function: Any
    arguments: tuple[Any, ...]
    before: Home
    after: dict[str, bytes]
    points: int


def undisturbed(function: Any, before: Home, at: Path, *arguments: Any) -> tuple[Command, Home]:
    home = court_faults.copy_home(before, at)
    code, points = court_faults.run(function, home, *arguments)
    assert code == 0
    assert points > 10
    return Command(function, arguments, before, court_faults.left_by(home), points), home


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Command]:
    """A package prepared, the court's answer to it read, and a signed order recorded: each from where the last one ended."""
    folder = tmp_path_factory.mktemp("kills")
    source = ByHand(folder, 12)
    source.first()
    worklist, _, _ = desk.write_review(source.home, DAYS["review"])
    filled = folder / "decided.csv"
    fill_decisions(worklist, filled, lambda key: ("NO_CHALLENGE", ""))
    desk.import_review(source.home, filled, DAYS["review"])

    package, sent = undisturbed(desk.package, source.home, folder / "sent", DAYS["package"])
    [path] = (sent.outbox / desk.FOLDER).glob("*.zip")
    court = Court(folder / "books.sqlite", court_code="19", fates=Fates.none())
    assert court.receive(path, DAYS["received"].isoformat()) == ""
    batch_id = path.name.split("_")[0]
    court.validate(batch_id, DAYS["received"].isoformat())
    files = write_answers(court, batch_id, folder / "post", parts=2)
    answer, told = undisturbed(desk.take, sent, folder / "told", files, DAYS["answer"])
    document = folder / "order.pdf"
    document.write_bytes(b"signed")
    order, _ = undisturbed(desk.record, told, folder / "ordered", batch_id, 5, document, DAYS["answer"])
    return {"package": package, "answer": answer, "order": order}


@pytest.mark.parametrize("name", ["package", "answer", "order"])
def test_a_killed_command_run_again_leaves_the_same_bytes(
    commands: dict[str, Command], name: str, tmp_path: Path
) -> None:
    command = commands[name]
    few = {"package": 5, "answer": 3, "order": 2}[name]
    for point in court_faults.spread(command.points, FAULTS or few):
        kill_and_run_again(command, tmp_path / str(point), die_at=point)
    for n in range(FAULTS):
        kill_and_run_again(command, tmp_path / f"clock{n}", after=0.02 + 0.02 * n)


def kill_and_run_again(command: Command, at: Path, **death: Any) -> None:
    home = court_faults.copy_home(command.before, at)
    code, _ = court_faults.run(command.function, home, *command.arguments, **death)
    assert code < 0 or "after" in death
    before = court_faults.left_by(command.before)
    lost = {path for path in before.keys() - court_faults.left_by(home).keys() if path.startswith("ledger/")}
    assert not lost, f"{death}: gone from the ledger: {sorted(lost)}"
    assert court_faults.run(command.function, home, *command.arguments)[0] == 0
    assert court_faults.differences(court_faults.left_by(home), command.after) == [], str(death)
    Ledger.open(home).verify()
