"""Anniversaries: the one place where a legal period is added to a date, in Python and in SQL.

A period is added to an anchor and the sum compared with the as-of date; nothing is ever subtracted from the as-of date
and no difference of dates is taken, because engines disagree on those.

Years and months: the same day of the target month. Two cases have no such day. 29 February plus years (or any number of
months that ends in a February of a common year) is 1 March: a person born, or convicted, on the leap day has not
completed the year until the 28th is over. Every other day that the target month lacks is clamped to its last day
(31 January plus a month is 28 or 29 February). Days are added after that.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from clearslate.law.sqltext import case

_PERIOD = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?")
_MAX_YEARS = 150


@dataclass(frozen=True, order=True)
class Period:
    """A length of time as statutes give it: years, months and days, at most 150 years in all."""

    years: int = 0
    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Period:
        """Reads ISO 8601 `PnYnMnD`, each part optional but not all. ValueError if it is not that, zero or too long."""
        match = _PERIOD.fullmatch(text)
        if match is None or text == "P":
            raise ValueError(f"`{text}` is not a period like P4Y, P18M or P1Y6M")
        period = cls(*(int(part or 0) for part in match.groups()))
        if not (period.years or period.months or period.days):
            raise ValueError(f"`{text}` is a period of no length")
        if period.years + period.months / 12 + period.days / 365 > _MAX_YEARS:
            raise ValueError(f"`{text}` is longer than {_MAX_YEARS} years")
        return period

    def __bool__(self) -> bool:
        """False for no time at all: a date's anniversary after it is the date."""
        return self != Period()

    @property
    def label(self) -> str:
        """The period as part of a column name: `5y`, `1y6m`."""
        parts = ((self.years, "y"), (self.months, "m"), (self.days, "d"))
        return "".join(f"{number}{unit}" for number, unit in parts if number)


def anniversary(anchor: dt.date, period: Period) -> dt.date:
    """The date on which `period` since `anchor` is complete."""
    month_index = anchor.year * 12 + (anchor.month - 1) + period.years * 12 + period.months
    year, month = divmod(month_index, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    reached = dt.date(year, month + 1, min(anchor.day, last_day))
    if (anchor.month, anchor.day) == (2, 29) and reached.day == 28:
        reached = dt.date(year, 3, 1)
    return reached + dt.timedelta(days=period.days)


def anniversary_sql(expression: str, period: Period) -> str:
    """SQL for `anniversary` of a DATE expression: a DATE, NULL for NULL. Portable, and the same text every time."""
    after = f" + interval '{period.days}' day" if period.days else ""
    if period.years and period.months:
        months = f"{expression} + interval '{period.years * 12 + period.months}' month"
    elif period.years:
        months = f"{expression} + interval '{period.years}' year"
    elif period.months:
        months = f"{expression} + interval '{period.months}' month"
    else:
        return f"cast({expression}{after} as date)"
    leap_day = [f"extract(month from {expression}) = 2", f"extract(day from {expression}) = 29"]
    clamped = f"extract(day from {months}) = 28"
    moved = f"cast({months} + interval '1' day{after} as date)"
    return case([([*leap_day, clamped], moved)], f"cast({months}{after} as date)")


# The same correction for a period that stands in columns (a sentence's length and unit: D, M or Y), as a macro that every
# build database gets. Shape: anniversary(DATE, INTEGER, VARCHAR) -> DATE; NULL for an unknown part or another unit.
ANNIVERSARY_MACRO = """
create or replace macro anniversary(anchor, n, unit) as
    case
        when unit = 'D' then cast(anchor + to_days(n) as date)
        when unit in ('M', 'Y') then
            case
                when extract(month from anchor) = 2 and extract(day from anchor) = 29
                    and extract(day from anchor + to_months(n * case when unit = 'Y' then 12 else 1 end)) = 28
                    then cast(anchor + to_months(n * case when unit = 'Y' then 12 else 1 end) + to_days(1) as date)
                else cast(anchor + to_months(n * case when unit = 'Y' then 12 else 1 end) as date)
            end
    end
"""
