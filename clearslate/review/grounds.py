"""On what grounds a prosecutor may challenge relief: `rules/courts/grounds.csv`.

Belongs here: reading that list. Does not belong here: who challenged what (decisions.py).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from clearslate.errors import LawError
from clearslate.law.lists import load_list


@dataclass(frozen=True)
class Ground:
    """One ground. It may be told from `effective_from` to `effective_to`, both inclusive, None where open.

    `serving_only`: it is open only while the sentence is being served. `told_by` is the day by which the law wanted
    challenges told, or None: a later one is taken and reported as late, since whether the court still hears it is the
    court's to say.
    """

    ground: str
    words: str
    citation: str
    serving_only: bool
    told_by: dt.date | None
    effective_from: dt.date | None
    effective_to: dt.date | None

    def holds_on(self, day: dt.date) -> bool:
        return (self.effective_from or day) <= day <= (self.effective_to or day)

    def is_late_on(self, day: dt.date) -> bool:
        """Whether a challenge told on that day comes after the law's day; never where the law wants none."""
        return self.told_by is not None and day > self.told_by


def load_grounds(program: str) -> Mapping[str, tuple[Ground, ...]]:
    """The grounds of a program by name, in the file's order; several of one name hold at different times.

    Raises LawError where the list is not well formed.
    """
    found: dict[str, tuple[Ground, ...]] = {}
    for number, row in enumerate(load_list("courts/grounds").to_dict("records"), start=2):
        if row["program"] != program:
            continue
        try:
            told_by = dt.date.fromisoformat(row["told_by"]) if row["told_by"] else None
        except ValueError:
            raise LawError(f"rules/courts/grounds.csv:{number}: told_by is not a date (YYYY-MM-DD)") from None
        ground = Ground(
            row["ground"],
            row["words"],
            row["citation"],
            row["path"] == "serving",
            told_by,
            row["effective_from"],
            row["effective_to"],
        )
        found[ground.ground] = (*found.get(ground.ground, ()), ground)
    return found


def ground_on(program: str, name: str, day: dt.date) -> Ground | None:
    """The ground of that name that may be told on a day; None where there is none."""
    return next((ground for ground in load_grounds(program).get(name, ()) if ground.holds_on(day)), None)


def grounds_on(program: str, day: dt.date) -> Mapping[str, Ground]:
    """The grounds of a program that may be told on a day, by name."""
    held = (each for several in load_grounds(program).values() for each in several if each.holds_on(day))
    return {ground.ground: ground for ground in held}
