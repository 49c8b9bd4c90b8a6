"""The engine and the oracle decide the same random histories, and give the same outcome, relief and rule for every candidate.

In `make test` a few thousand, always the same; in `make differential` a hundred thousand. A difference is a finding: the law
says who is wrong.
"""

import os
from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest

from clearslate.law.policy import load_policy
from clearslate.law.remedy import load_remedies
from clearslate.law.table import build_table
from clearslate.run import fact_columns
from tests.differential.compare import Comparison, compare, smallest
from tests.differential.engine import Row, Setting
from tests.oracle.histories import MILESTONES, YEARS, Histories
from tests.oracle.remedies import Settings
from tests.oracle.truth import later

HISTORIES = int(os.environ.get("CLEARSLATE_DIFFERENTIAL", "10000"))
SEED = int(os.environ.get("CLEARSLATE_SEED", "64"))
SHRINK = os.environ.get("CLEARSLATE_SHRINK") != "no"  # making a history small takes some dozens of runs
BIG = HISTORIES >= 100_000

OPTIONS = {
    "baselineEligibility": {"dismiss": ["11357", "11358"], "reduce": ["11359"]},
    "additionalRelief": {
        "subjectUnder21AtConviction": True,
        "subjectAgeThreshold": 57,
        "yearsSinceConvictionThreshold": 10,
        "yearsCrimeFreeThreshold": 5,
        "subjectHasOnlyProp64Charges": True,
        "subjectIsDeceased": True,
    },
}
CHOSEN = Settings(("11357", "11358"), ("11359",), True, 57, 10, 5, True, True)

# Each with its share of the histories: the versions of the remedies, with and without the input files, two policies.
SETTINGS = {
    "statute-only": (Setting(date(2025, 3, 1), "statute-only", None), 0.3),
    "with-inputs": (Setting(date(2025, 3, 1), "statute-only", None, has_inputs=True), 0.2),
    "clear-my-record": (Setting(date(2025, 3, 1), OPTIONS, CHOSEN), 0.2),
    "leap-day-2024": (Setting(date(2024, 2, 29), "statute-only", None), 0.12),
    "deadline-of-2022": (Setting(date(2023, 3, 1), "statute-only", None), 0.08),
    "a-year-after-the-act": (Setting(date(2017, 11, 8), "statute-only", None), 0.1),
}

# Defaults that little falls through to.
NEVER_ALONE = {
    ("conviction_relief", "no_limb"),
    ("prop47", "not_listed"),
    ("prop64", "form_unknown"),
}


@cache
def _histories(name: str) -> list[list[Row]]:
    setting, share = SETTINGS[name]
    drawn = Histories(SEED, setting.as_of)
    return [drawn.draw() for _ in range(int(HISTORIES * share))]


@cache
def _compared(name: str) -> Comparison:
    return compare(_histories(name), SETTINGS[name][0])


@pytest.mark.parametrize("name", SETTINGS)
def test_engine_and_oracle_agree(name: str) -> None:
    found = _compared(name).differences
    if found:
        shown = smallest(found, SETTINGS[name][0]) if SHRINK else found[0]
        pytest.fail(f"{len(found)} differences, such as {shown}", pytrace=False)


def _rules() -> set[tuple[str, str]]:
    """Every rule of the tables under the policies above."""
    remedies = load_remedies()
    facts = fact_columns(remedies)
    found = set()
    for remedy in remedies:
        for policy in (load_policy(None, name="statute-only"), load_policy(None, name="clear-my-record")):
            table = build_table(remedy, policy, facts[remedy.kind])
            found |= {(remedy.id, row.rule.id) for row in table.rows}
    return found


def test_every_rule_decides_often() -> None:
    decided: Counter[tuple[str, str]] = Counter()
    for name in SETTINGS:
        decided += _compared(name).decided
    least = 50 if BIG else 1
    rare = {rule: decided[rule] for rule in sorted(_rules()) if decided[rule] < least and rule not in NEVER_ALONE}
    assert rare == {}


def test_every_boundary_day_is_met() -> None:
    """The day itself, the one before and the one after: of each anniversary, milestone and coming of age."""
    days: Counter[str] = Counter()
    ages: Counter[tuple[int, int]] = Counter()
    as_of = SETTINGS["statute-only"][0].as_of
    for rows in _histories("statute-only"):
        for row in rows:
            days[row["STP_EVENT_DATE"]] += 1
            if row["STP_TYPE_DESCR"].startswith("ARREST") and len(row["PRI_DOB"].strip("0")) > 4:
                ages.update(_of_age(row))
    near = [timedelta(days=number) for number in (-1, 0, 1)]
    turning = [*(later(as_of, -years) for years in YEARS), *MILESTONES]
    missed = [day + by for day in turning for by in near if not days[f"{day + by:%Y%m%d}"]]
    assert missed == []
    assert [(age, by) for age in (14, 18, 21, 25) for by in (-1, 0, 1) if not ages[age, by]] == []


def _of_age(row: Row) -> list[tuple[int, int]]:
    """How far an arrest lies from coming of age, where that is a day or less."""
    try:
        born, day = (
            date(int(text[:4]), int(text[4:6]), int(text[6:])) for text in (row["PRI_DOB"], row["STP_EVENT_DATE"])
        )
    except ValueError:
        return []
    return [(age, by) for age in (14, 18, 21, 25) if abs(by := (day - later(born, age)).days) <= 1]
