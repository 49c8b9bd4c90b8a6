"""What one cell says, as text.

Belongs here: trimming, numbers and dates as a person sees them, formula-like text, column letters. Does not belong here:
files and rows (read.py).
"""

import datetime as dt
import math
import re

from clearslate.errors import SheetRefused

MAX_CELL = 32_767  # characters: what one cell of a spreadsheet can hold

_INVISIBLE = "\ufeff\u200b\u2060"  # not blank to str.strip, but left behind by copying from web pages and PDFs
_LITERAL = re.compile(r'="([^"]*)"')  # how exports keep Excel from taking leading zeros away
_PADDED = re.compile("0+")  # a number format that shows leading zeros
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_US = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?: 0?0:00(?::00)?(?: AM)?)?", re.IGNORECASE)
_NAMED = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ](\d{4}|\d{2})")
_DATE_FORMATS = {str(number) for number in (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))}
_DATE_MARKS = frozenset("dmyhs")
_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]')  # text, padding, colours and conditions inside a number format
_LAST_DAY = 2_958_466  # 31 December 9999 and one
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def column_letter(index: int) -> str:
    """The letter over the column with this index from 0: A, B ... Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def clean(text: str, place: str) -> str:
    """A cell's text trimmed. `="00123"` is the text 00123; any other formula is refused (`place` says where)."""
    text = text.strip().strip(_INVISIBLE).strip()
    if len(text) > MAX_CELL:
        raise SheetRefused(f"{place}: the cell is longer than a spreadsheet's cell can be ({MAX_CELL} characters)")
    if text.startswith("="):
        literal = _LITERAL.fullmatch(text)
        if literal is None:
            raise SheetRefused(f"{place}: holds a formula; copy the column and paste it as values, then save again")
        return literal[1].strip()
    return text


def is_date_format(number: str, code: str) -> bool:
    """Whether a cell's number format shows a day or a time: one of the built-in ones, or its code asks for them."""
    if not code:
        return number in _DATE_FORMATS
    return not _DATE_MARKS.isdisjoint(_NOT_SHOWN.sub("", code.split(";")[0]).lower())


def as_number(value: str, code: str, *, is_date: bool, is_1904: bool) -> str:
    """A workbook's number as a person sees it: dates as ISO, whole numbers in full, zeros that the format shows.

    What a spreadsheet could not keep (more than 15 digits) stays in its own notation, 1.23457E+17: nobody can take it for
    the number that was meant. Raises ValueError where it is no number, OverflowError where it is a day that no calendar has.
    """
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    if is_date and 0 <= number < _LAST_DAY:
        return _as_date(number, is_1904)
    if abs(number) >= 1e15 or not number.is_integer():
        return f"{number:.15g}".upper()
    digits = str(int(number))
    return digits.zfill(len(code)) if _PADDED.fullmatch(code) and digits.isdigit() else digits


def _as_date(number: float, is_1904: bool) -> str:
    days, seconds = int(number), round((number - int(number)) * 86_400)
    if not is_1904 and days < 60:  # a spreadsheet counts a 29 February 1900 that never was
        days += 1
    start = dt.datetime(1904, 1, 1) if is_1904 else dt.datetime(1899, 12, 30)
    moment = start + dt.timedelta(days=days, seconds=seconds)
    if number < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if seconds == 0 else moment.isoformat(sep=" ")


def read_date(text: str, *, short_years: bool = False) -> dt.date | None:
    """The day that a cell names, or None if it names none for sure.

    Read are 2020-07-14, 20200714, 7/14/2020 (month first, as in the United States), 14-Jul-2020; with `short_years` also
    two-digit years, as 20yy: right for what a court did lately, wrong for a birth.
    """
    text = text.strip()
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = found[1], found[2], found[3]
    elif found := _US.fullmatch(text):
        month, day, year = found[1], found[2], found[3]
    elif (found := _NAMED.fullmatch(text)) and found[2].lower() in _MONTHS:
        day, month, year = found[1], str(_MONTHS.index(found[2].lower()) + 1), found[3]
    else:
        return None
    if len(year) == 2:
        if not short_years:
            return None
        year = f"20{year}"
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
