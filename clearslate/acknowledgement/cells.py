"""Reading single cells that have been through a court's spreadsheet.

Belongs here: what text counts as a date, a line number, a key, a reason code. A `CellProblem` says what is wrong in words
that never hold the cell: a clerk may have typed a name into it.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import TypeVar

from clearslate.acknowledgement.layout import Unreadable
from clearslate.court.keys import key_problem, normalize_key
from clearslate.court.layout import is_unsafe_cell
from clearslate.sheets import read_date

_TIME = re.compile(r"[ T]\d{1,2}:\d{2}.*")  # a court's system says the minute; the day is what counts
_NUMBER = re.compile(r"[0-9]{1,9}")
_REASON_CODE = re.compile(r"R[0-9]{2}")
_CASE_NUMBER = re.compile(r"(?=.*[0-9])[A-Za-z0-9./-]+(?: +[A-Za-z0-9./-]+)?")
_PREFIX = re.compile(r"[A-Za-z]{1,5}")  # a part of a case number without a digit: MCR, TRAF; a longer one is a word
_CASE_NUMBER_TEXT = 30
_SHORT_TEXT = 100
_LONG_TEXT = 2_000

T = TypeVar("T")


class CellProblem(Exception):
    """What is wrong with a cell, in words safe to show."""


def read_cell(cells: Mapping[str, str], column: str, reader: Callable[[str], T]) -> T:
    """What `reader` makes of a row's cell; the problem names the column."""
    try:
        return reader(cells[column])
    except CellProblem as problem:
        raise CellProblem(f"{column} {problem}") from None


def unreadable(row: int, cells: Mapping[str, str], problem: CellProblem) -> Unreadable:
    """The row as one that can't be taken, with its line number and key as far as they are legible."""
    line_no, key = None, ""
    with suppress(CellProblem):
        line_no = read_number(cells["line_no"])
    with suppress(CellProblem):
        key = read_key(cells["action_key"])
    return Unreadable(row, f"row {row}: {problem}", line_no, key)


@lru_cache(maxsize=4096)
def read_day(text: str, *, latest: dt.date) -> str:
    """A day as YYYY-MM-DD, written so or as a county's Excel writes it. It can't be left out, since what happened is put in
    order by it; and what is answered has happened, so it is not after `latest`."""
    if not text:
        raise CellProblem("is blank")
    day = read_date(_TIME.sub("", text), short_years=True)
    if day is None:
        raise CellProblem("is no date; write YYYY-MM-DD")
    if day > latest:
        raise CellProblem("lies in the future")
    return day.isoformat()


def read_number(text: str) -> int:
    """A whole number from 1; leading zeros don't count."""
    if not _NUMBER.fullmatch(text) or int(text) == 0:
        raise CellProblem("is no whole number from 1")
    return int(text)


def read_key(text: str) -> str:
    """An action key, upper case without blanks, its check letter right."""
    key = normalize_key(text)
    problem = key_problem(key)
    if problem:
        raise CellProblem(problem)
    return key


def read_reason_code(text: str) -> str:
    """A reason code, `R` and two digits, or ''. Whether the code exists is the ledger's to say."""
    code = text.upper()
    if code and not _REASON_CODE.fullmatch(code):
        raise CellProblem("is no reason code such as R10")
    return code


def read_reference(text: str) -> str:
    """A number or id of the court's own: short, and nothing that a spreadsheet would run, since it is printed again."""
    if len(text) > _SHORT_TEXT:
        raise CellProblem(f"is longer than {_SHORT_TEXT} characters")
    if is_unsafe_cell(text):
        raise CellProblem("begins with a sign that a spreadsheet would run, or holds hidden characters")
    return text


def read_case_number(text: str) -> str:
    """The number that a case has now at the court, or ''. It goes out again in the next package, on papers that everybody may
    read: so what doesn't look like a number is none, least of all words that may name somebody."""
    if not text:
        return ""
    parts = text.split()
    looks = len(text) <= _CASE_NUMBER_TEXT and _CASE_NUMBER.fullmatch(text) is not None and not is_unsafe_cell(text)
    if not looks or any(part.isalpha() and not _PREFIX.fullmatch(part) for part in parts):
        raise CellProblem("names no case number: letters and digits, blank . / - between them, at most 30 together")
    return " ".join(parts)


def read_free_text(text: str) -> str:
    """The court's own words. Kept as they are; only their length is bounded."""
    if len(text) > _LONG_TEXT:
        raise CellProblem(f"is longer than {_LONG_TEXT} characters")
    return text


def safe_cell(text: str) -> str:
    """The court's words for a cell of ours: hidden characters become blanks, and a leading sign that a spreadsheet would
    run is put behind an apostrophe."""
    if not is_unsafe_cell(text):
        return text
    plain = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return f"'{plain}" if is_unsafe_cell(plain) else plain
