"""A day that a determination promises is kept: relief comes on it and not before, if nothing else happens.

Belongs here: `eligible_on`, held against decisions on the days themselves. Does not belong here: what time does to decisions
otherwise (test_metamorphic.py), and how a day is reckoned from one rule (tests/unit/test_law_compile.py).
"""

import os
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from tests.differential.engine import Key, Row, Setting, promised
from tests.oracle.histories import Histories

PEOPLE = int(os.environ.get("CLEARSLATE_PROMISES", "2500"))
DAYS = max(2, PEOPLE // 1000)
AS_OF = date(2025, 3, 1)
A_YEAR_ON = date(2026, 3, 1)
History = list[Row]


@cache
def quiet_histories() -> tuple[History, ...]:
    """Nothing in them lies after the first day, or on a day that is not told."""
    drawn = Histories(11, AS_OF)
    people = (drawn.draw() for _ in range(PEOPLE))
    return tuple(rows for rows in people if all(_is_past(row.get("STP_EVENT_DATE", "")) for row in rows))


def _is_past(day: str) -> bool:
    return day.isdigit() and len(day) == 8 and not day.endswith("00") and day < f"{AS_OF:%Y%m%d}"


Told = dict[Key, tuple[str, str, date | None]]


def decided(home: Path, day: date) -> Told:
    """All of them on a day: who is under supervision depends on a history's place among the others."""
    home.mkdir()
    return promised(home, quiet_histories(), Setting(day, "statute-only", None, has_inputs=True))


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return decided(tmp_path_factory.mktemp("promised") / "today", AS_OF)


def test_relief_comes_on_the_promised_day_and_not_before(today: Told, tmp_path: Path) -> None:
    days = Counter(day for _, _, day in today.values() if day is not None)
    n_seen = 0
    for day, _ in days.most_common(DAYS):
        then = decided(tmp_path / f"{day}", day)
        before = decided(tmp_path / f"{day}-eve", day - timedelta(days=1))
        for key, (_, relief, due) in today.items():
            if due == day:
                n_seen += 1
                assert then[key][0] == "ELIGIBLE" and then[key][1] != relief, (key[1], day, "was not kept")
                assert before[key][:2] != then[key][:2], (key[1], day, "came earlier")
    assert n_seen > DAYS


def test_no_relief_comes_before_the_day_that_was_promised(today: Told, tmp_path: Path) -> None:
    later = decided(tmp_path / "later", A_YEAR_ON)
    come = [key for key, (outcome, relief, _) in later.items() if outcome == "ELIGIBLE" and today[key][1] != relief]
    assert come
    promises = [today[key][2] for key in come]
    assert not [day for day in promises if day is not None and day > A_YEAR_ON]
