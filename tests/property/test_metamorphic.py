"""What must hold between two decisions of the same random histories, whatever the law says of each of them.

Belongs here: laws of all remedies about order, parts, time and later events. Does not belong here: blanks (test_blanking*),
bytes of files (test_same_bytes), and what is right for one history (tests/differential, tests/cases).
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.differential.engine import Answer, Key, Row, Setting, by_engine
from tests.differential.test_differential import OPTIONS
from tests.oracle.histories import Histories

PEOPLE = int(os.environ.get("CLEARSLATE_METAMORPHIC", "1500"))
AS_OF = date(2025, 3, 1)
STATUTE = Setting(AS_OF, "statute-only", None)
INPUTS = Setting(AS_OF, "statute-only", None, has_inputs=True)
POLICY = Setting(AS_OF, OPTIONS, None)
History = list[Row]


@cache
def histories() -> tuple[History, ...]:
    drawn = Histories(7, AS_OF)
    return tuple(drawn.draw() for _ in range(PEOPLE))


def decided(home: Path, people: Sequence[History], setting: Setting) -> dict[Key, Answer]:
    home.mkdir()
    return by_engine(home, people, setting)


def by_person(answers: dict[Key, Answer]) -> dict[int, Counter[tuple[str, Answer]]]:
    """What was decided for each person, wherever in the record it stands."""
    found: dict[int, Counter[tuple[str, Answer]]] = {}
    for (person, remedy, _), answer in answers.items():
        found.setdefault(person, Counter())[remedy, answer] += 1
    return found


def granted(answer: Answer) -> tuple[bool, bool]:
    """Whether relief is granted; and whether it is, or would be were the awaited input clear."""
    outcome, _, _, if_clear = answer
    return outcome == "ELIGIBLE", "ELIGIBLE" in (outcome, if_clear)


FREEDOM = ("crime_free", "only_prop64")
"""The policy's rules that dismiss where there is no other conviction, and where without them a reduction is due."""

Before = Callable[[Setting], dict[Key, Answer]]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Before:
    """The histories as drawn, decided under a setting: once, however many tests hold another decision against it."""

    known: dict[str, dict[Key, Answer]] = {}

    def under(setting: Setting) -> dict[Key, Answer]:
        if str(setting) not in known:
            known[str(setting)] = decided(tmp_path_factory.mktemp("before") / "before", histories(), setting)
        return known[str(setting)]

    return under


@cache
def days() -> tuple[date, ...]:
    return tuple(AS_OF - timedelta(days=n) for n in (1, 90, 400, 1500))


def shuffled(rows: History) -> History:
    return random.Random(len(rows)).sample(rows, len(rows))


def doubled(rows: History) -> History:
    return [copy for row in rows for copy in (row, dict(row))]


def renumbered(rows: History) -> History:
    """Cycle numbers tell cycles apart; which number a cycle has means nothing as long as their order stays."""
    return [{**row, "CNT_ORDER": _moved(row.get("CNT_ORDER", ""))} for row in rows]


def _moved(order: str) -> str:
    return f"{int(order[:3]) + 50:03d}{order[3:]}" if len(order) == 12 and order.isdigit() else order


WAYS = (shuffled, doubled, renumbered)


@pytest.fixture(scope="module")
def retold(tmp_path_factory: pytest.TempPathFactory) -> dict[Callable[[History], History], dict[int, Counter[Any]]]:
    """What was decided for each person, by the way in which the record was told; told each way, it is another person's."""
    people = [way(rows) for way in WAYS for rows in histories()]
    found = by_person(decided(tmp_path_factory.mktemp("retold") / "retold", people, STATUTE))
    return {
        way: {person - first: told for person, told in found.items() if first <= person < first + PEOPLE}
        for way, first in zip(WAYS, range(0, len(people), PEOPLE), strict=True)
    }


@pytest.mark.parametrize("way", WAYS)
def test_the_way_of_telling_changes_no_decision(
    before: Before,
    retold: dict[Callable[[History], History], dict[int, Counter[Any]]],
    way: Callable[[History], History],
) -> None:
    assert by_person(before(STATUTE)) == retold[way]


@pytest.mark.parametrize("setting", [STATUTE, POLICY], ids=["statute", "policy"])
def test_a_part_of_the_people_is_decided_as_among_all(before: Before, tmp_path: Path, setting: Setting) -> None:
    part = decided(tmp_path / "part", histories()[1::3], setting)
    assert part == {((n - 1) // 3, *at): answer for (n, *at), answer in before(setting).items() if n % 3 == 1}


@pytest.mark.parametrize("setting", [STATUTE, INPUTS, POLICY], ids=["statute", "inputs", "policy"])
def test_a_later_conviction_never_helps(before: Before, tmp_path: Path, setting: Setting) -> None:
    """Later than everything in the record, in another county's court, whole and legible."""
    chance = random.Random(3)
    worse = []
    for rows in histories():
        text = chance.choice(
            ("459 PC-BURGLARY", "11359 HS-POSSESS MARIJUANA FOR SALE", "484 PC-THEFT", "187 PC-MURDER")
        )
        later = {
            **{column: rows[0].get(column, "") for column in ("PRI_DOB", "CII_NUMBER")},
            "CNT_ORDER": "120001001000",
            "STP_TYPE_DESCR": "COURT ACTION",
            "STP_EVENT_DATE": f"{chance.choice(days()):%Y%m%d}",
            "STP_ORI_CNTY_NAME": "SHASTA",
            "STP_ORI_DESCR": "CASCREDDING",
            "OFN": "SHA99",
            "OFFENSE_DESCR": text,
            "OFFENSE_TOC": chance.choice("FM"),
            "CONV_STAT_DESCR": chance.choice(("FELONY", "MISDEMEANOR")),
            "DISP_DESCR": "CONVICTED",
        }
        worse.append([*rows, {**rows[0], **dict.fromkeys(rows[0], ""), **later}])
    first, after = before(setting), decided(tmp_path / "after", worse, setting)
    assert first.keys() < after.keys()
    helped = [key for key, answer in first.items() if granted(after[key]) > granted(answer)]
    # Where only that was open, a later conviction settles it: less is due than might have been, and that for sure.
    settled = {key for key in helped if first[key][0] == "REVIEW" and first[key][2] in FREEDOM}
    helped = [key for key in helped if key not in settled or after[key][1] != "REDESIGNATE_MISD"]
    assert not helped, (len(helped), [(key[1], first[key], after[key]) for key in helped[:5]])
    if setting is not STATUTE:  # ... and where a remedy looks at later convictions, it does harm
        assert any(granted(after[key]) < granted(answer) for key, answer in first.items())


@pytest.mark.parametrize("setting", [STATUTE, INPUTS, POLICY], ids=["statute", "inputs", "policy"])
def test_time_alone_takes_nothing_away(before: Before, tmp_path: Path, setting: Setting) -> None:
    """Nothing happens after the first day, and the law stays the same: what was granted stays so ten months later.

    But for those who would be more than 110 years old by then: nobody is, so when they were born is unknown.
    """
    later = Setting(date(2026, 1, 1), setting.choice, None, has_inputs=setting.has_inputs)
    quiet = {
        number
        for number, rows in enumerate(histories())
        if all(_is_past(row.get("STP_EVENT_DATE", "")) for row in rows)
        and not any("" < row["PRI_DOB"] < "1916" for row in rows)
    }
    assert len(quiet) > PEOPLE / 3
    first, then = (
        {key: answer for key, answer in answers.items() if key[0] in quiet}
        for answers in (before(setting), decided(tmp_path / "then", histories(), later))
    )
    assert first.keys() == then.keys()
    lost = [key for key, answer in first.items() if granted(then[key]) < granted(answer)]
    assert not lost, (len(lost), [(key[1], first[key], then[key]) for key in lost[:5]])
    assert any(granted(then[key]) > granted(answer) for key, answer in first.items())


def _is_past(day: str) -> bool:
    """Whether an event's day is told, and lies before the first as-of date."""
    return day.isdigit() and len(day) == 8 and not day.endswith("00") and day < f"{AS_OF:%Y%m%d}"
