"""How a court's list of cases is to be read: the `reconcile` part of a county's profile.

Belongs here: what that part may say, and its defaults. Does not belong here: reading a list by it (court_list.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from clearslate.law.lists import load_list
from clearslate.law.strict import Node

EVERYTHING = "all"
LEVELS = ("F", "M", "I")

HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "case_number": ("case number", "case no", "case", "case num", "court case number", "docket number"),
        "municipal_number": ("municipal number", "municipal case number", "muni case number", "MCN"),
        "name": ("name", "defendant", "defendant name", "full name"),
        "name_last": ("last name", "name last", "surname"),
        "name_first": ("first name", "name first", "given name"),
        "name_middle": ("middle name", "name middle"),
        "birth_date": ("birth date", "date of birth", "DOB"),
        "code": ("code", "statute code"),
        "section": ("section", "charge", "statute", "offense", "code section", "violation"),
        "level": ("level", "offense level", "severity", "degree", "charge level", "type of charge"),
        "date": ("date", "conviction date", "disposition date", "date of conviction", "sentence date"),
        "status": ("status", "case status", "disposition"),
    }
)
"""What may be read of a list, with the headings under which it is looked for where a profile names none."""

_KEYS = (
    "covers",
    "rows",
    "columns",
    "name_order",
    "dates",
    "leading_zeros",
    "municipal_prefixes",
    "suffix",
    "levels",
    "not_convicted",
    "date_tolerance_days",
)
_LEVEL_TEXTS = {"F": ("F", "FEL", "FELONY"), "M": ("M", "MISD", "MISDEMEANOR"), "I": ("I", "INF", "INFRACTION")}


@dataclass(frozen=True)
class ListMapping:
    """What a county's lists of cases look like.

    - `covers`: the remedy whose cases the court was asked for, or `all`: which of our convictions the list should hold.
    - `rows`: what a row is, a `case` or a `count`.
    - `columns`: our name -> headings, any of them, compared without case, blanks and punctuation; `stated`: those that
      the profile names itself, without which a list is refused.
    - `name_order`: how a name without a comma is written, `last_first` or `first_last`.
    - `dates`: strptime forms tried in their order, ahead of the forms that every sheet may use.
    - `drops_zeros`: zeros at the head of a run of digits tell no cases apart.
    - `municipal_prefixes`: letters ahead of a municipal court's number, upper case.
    - `suffix`: pattern of what may follow a number without being part of it, such as the number of the defendant.
    - `levels`: text -> F, M or I; `not_convicted`: status texts that say that no conviction stands. Both upper case.
    - `date_tolerance_days`: by how much dates may differ without being a conflict.
    """

    covers: str = "prop64"
    rows: str = "case"
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: HEADINGS)
    stated: frozenset[str] = frozenset()
    name_order: str = "last_first"
    dates: tuple[str, ...] = ()
    drops_zeros: bool = True
    municipal_prefixes: tuple[str, ...] = ()
    suffix: str = ""
    levels: Mapping[str, str] = field(
        default_factory=lambda: {text: level for level, texts in _LEVEL_TEXTS.items() for text in texts}
    )
    not_convicted: frozenset[str] = frozenset()
    date_tolerance_days: int = 0

    @staticmethod
    def default() -> ListMapping:
        """What holds where a profile says nothing of lists."""
        return ListMapping()


def read_mapping(node: Node) -> ListMapping:
    """The `reconcile` part of a profile; what it leaves out is as in `ListMapping`. LawError with file and line."""
    entries = node.mapping((), _KEYS)
    plain = ListMapping.default()
    columns = dict(HEADINGS)
    stated = frozenset[str]()
    if "columns" in entries:
        given = entries["columns"].mapping((), HEADINGS)
        columns |= {name: _several(headings) for name, headings in given.items()}
        stated = frozenset(given)
    levels = dict(plain.levels)
    if "levels" in entries:
        told = entries["levels"].mapping((), LEVELS)
        levels |= {text.upper(): level for level, texts in told.items() for text in _several(texts)}
    return ListMapping(
        covers=_choice(entries, "covers", (EVERYTHING, *load_list("courts/programs")["remedy"])) or plain.covers,
        rows=_choice(entries, "rows", ("case", "count")) or plain.rows,
        columns=columns,
        stated=stated,
        name_order=_choice(entries, "name_order", ("last_first", "first_last")) or plain.name_order,
        dates=tuple(entries["dates"].texts()) if "dates" in entries else (),
        drops_zeros=_choice(entries, "leading_zeros", ("drop", "keep")) != "keep",
        municipal_prefixes=tuple(sorted(text.upper() for text in _list(entries, "municipal_prefixes"))),
        suffix=_pattern(entries["suffix"]) if "suffix" in entries else "",
        levels=levels,
        not_convicted=frozenset(text.upper() for text in _list(entries, "not_convicted")),
        date_tolerance_days=_days(entries["date_tolerance_days"]) if "date_tolerance_days" in entries else 0,
    )


def _choice(entries: Mapping[str, Node], name: str, choices: tuple[str, ...]) -> str | None:
    return entries[name].choice(choices) if name in entries else None


def _list(entries: Mapping[str, Node], name: str) -> list[str]:
    return entries[name].texts() if name in entries else []


def _several(node: Node) -> tuple[str, ...]:
    """A list of one text or more."""
    return tuple(item.text() for item in node.items())


def _days(node: Node) -> int:
    days = node.integer()
    if days < 0:
        raise node.error("must be 0 or more")
    return days


def _pattern(node: Node) -> str:
    pattern = node.text()
    try:
        re.compile(pattern, re.ASCII)
    except re.error as error:
        raise node.error(f"no regular expression: {error.msg}") from None
    return pattern
