"""The programs under which courts are sent packages: `rules/courts/programs.csv` and `rules/courts/actions.csv`.

Belongs here: what a program is called, and what a relief is called in a package. Does not belong here: who gets it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from clearslate.errors import LawError
from clearslate.law.lists import load_list


@dataclass(frozen=True)
class Program:
    """A remedy, of kind conviction, that a prosecutor brings to the courts in bulk.

    `program` is its short name in batch ids, `authority` the law as a document names it, `motion` the file below
    `rules/courts/` with the words of its motion and order, `reliefs` the remedy's reliefs that an action is known for.
    """

    remedy: str
    program: str
    title: str
    authority: str
    motion: str
    reliefs: frozenset[str]


@cache
def load_programs() -> Mapping[str, Program]:
    """All programs, by the id of their remedy. Raises LawError where two have one name or one has no action."""
    actions = load_list("courts/actions")
    found: dict[str, Program] = {}
    for row in load_list("courts/programs").to_dict("records"):
        reliefs = frozenset(actions.loc[actions["remedy"] == row["remedy"], "relief"])
        if not reliefs or any(row["program"] == other.program for other in found.values()):
            raise LawError("rules/courts/programs.csv: a program has no action in actions.csv, or stands twice")
        found[row["remedy"]] = Program(
            row["remedy"], row["program"], row["title"], row["authority"], row["motion"], reliefs
        )
    return found
