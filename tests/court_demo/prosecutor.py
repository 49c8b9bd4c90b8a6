"""A simulated prosecutor's office: fills in the worklists and samples that it was given, the way a paralegal would.

Belongs here: which lines are challenged, deferred or left open, and writing that into the files. Does not belong here:
reading them back (clearslate.review).
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

Decide = Callable[[str], tuple[str, str]]
"""From an action key to a decision and its ground; blank where nothing is decided."""


def draw(what: str, key: str) -> int:
    """A number from 0 to 999 that only these two decide."""
    return int.from_bytes(hashlib.sha256(f"{what}|{key}".encode()).digest()[:4]) % 1000


def decide(key: str, *, ground: str, round_no: int = 1) -> tuple[str, str]:
    """The first time 1 % is challenged, 2 % deferred and 1 % left open; later everything that was put off goes out."""
    drawn = draw("decision", key)
    if drawn < 10:
        return "CHALLENGE", ground
    if round_no == 1 and drawn < 30:
        return "DEFER", ""
    if round_no == 1 and drawn < 40:
        return "", ""
    return "NO_CHALLENGE", ""


def fill_decisions(worklist: Path, filled: Path, decision_of: Decide) -> Counter[str]:
    """Write a copy of a CSV worklist with decision and ground filled in; returns how often each was given."""

    def fill(row: dict[str, str]) -> str:
        row["Decision"], row["Ground"] = decision_of(row["Key"])
        return row["Decision"]

    return _fill(worklist, filled, fill)


def fill_verdicts(sample: Path, filled: Path) -> Counter[str]:
    """Write a copy of a CSV sample with a verdict in every row: all correct, save one in 250 that nobody can tell."""

    def fill(row: dict[str, str]) -> str:
        row["Verdict"] = "CANT_TELL" if draw("verdict", row["Key"]) < 4 else "CORRECT"
        return row["Verdict"]

    return _fill(sample, filled, fill)


def _fill(given: Path, filled: Path, fill: Callable[[dict[str, str]], str]) -> Counter[str]:
    told: Counter[str] = Counter()
    filled.parent.mkdir(parents=True, exist_ok=True)
    with (
        given.open(encoding="utf-8-sig", newline="") as source,
        filled.open("w", encoding="utf-8", newline="") as target,
    ):
        rows = csv.DictReader(source)
        writer = csv.DictWriter(target, rows.fieldnames or [], quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writeheader()
        for row in rows:
            told[fill(row)] += 1
            writer.writerow(row)
    return told
