"""Names and days as they stand in a list: parts that can be compared.

Belongs here: taking a name apart and reading a day. Does not belong here: comparing two of them (matching.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from clearslate.sheets import read_date

_NOT_NAME = re.compile(r"[^A-Z, ]")
_GENERATIONS = frozenset({"JR", "SR", "II", "III", "IV"})


class Name(NamedTuple):
    """Upper case, without accents, signs and generation; '' where it says nothing."""

    last: str = ""
    first: str = ""
    middle: str = ""


def read_name(text: str, order: str = "last_first") -> Name:
    """The parts of a name; a comma always divides last and first, `order` says how one without is written."""
    last, comma, rest = _plain(text).partition(",")
    words = _words(rest if comma else last)
    if comma:
        surname = " ".join(_words(last))
    elif order == "first_last":
        surname, words = " ".join(words[-1:]), words[:-1]
    else:
        surname, words = " ".join(words[:1]), words[1:]
    return Name(surname, " ".join(words[:1]), " ".join(words[1:]))


def join_name(last: str, first: str, middle: str = "") -> Name:
    """A name whose parts stand in columns of their own."""
    given = _words(_plain(first).replace(",", " "))
    more = [*given[1:], *_words(_plain(middle).replace(",", " "))]
    return Name(" ".join(_words(_plain(last).replace(",", " "))), " ".join(given[:1]), " ".join(more))


def read_day(text: str, forms: Sequence[str], *, not_after: date) -> date | None:
    """The day that a cell names, by one of the county's forms or those that sheets have; None if it names none.

    A form with a two-digit year means the newest such year that is not after `not_after`.
    """
    for form in forms:
        try:
            found = datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
        return _century_before(found) if "%y" in form and found > not_after else found
    return read_date(text)


def _century_before(day: date) -> date | None:
    try:
        return day.replace(year=day.year - 100)
    except ValueError:  # 29 February
        return None


def _plain(text: str) -> str:
    """Letters, blanks and commas, without accents; O'NEIL is ONEIL, SMITH-JONES is SMITH JONES."""
    flat = unicodedata.normalize("NFKD", text).upper().replace("-", " ")
    return _NOT_NAME.sub("", flat)


def _words(text: str) -> list[str]:
    words = text.split()
    kept = [word for word in words if word not in _GENERATIONS]
    return kept or words
