"""True, false and unknown (None), and days that are known only within bounds.

Belongs here: three-valued logic as the text books have it, and comparisons that hold for every possible day. Does not
belong here: anything about records or law.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

Truth = bool | None


def both(*truths: Truth) -> Truth:
    """And: false if one is false, else unknown if one is."""
    if False in truths:
        return False
    return None if None in truths else True


def either(*truths: Truth) -> Truth:
    """Or: true if one is true, else unknown if one is."""
    if True in truths:
        return True
    return None if None in truths else False


def no(truth: Truth) -> Truth:
    """Not."""
    return None if truth is None else not truth


def some(truths: Iterable[Truth]) -> Truth:
    """Whether one of any number holds."""
    return either(False, *truths)


def every(truths: Iterable[Truth]) -> Truth:
    """Whether all of any number hold."""
    return both(True, *truths)


@dataclass(frozen=True)
class Day:
    """A day: the first and the last that it can be; None where nothing bounds it."""

    least: date | None = None
    most: date | None = None

    @property
    def exact(self) -> date | None:
        return self.least if self.least == self.most else None

    def after(self, years: int = 0, months: int = 0, days: int = 0) -> "Day":
        """The day on which a period that began on this one is over."""
        return Day(
            self.least and later(self.least, years, months, days), self.most and later(self.most, years, months, days)
        )


def known(day: date) -> Day:
    return Day(day, day)


def before(one: Day, other: Day) -> Truth:
    """Whether one day lies before the other, whichever days they are."""
    if one.most and other.least and one.most < other.least:
        return True
    if one.least and other.most and one.least >= other.most:
        return False
    return None


def not_after(one: Day, other: Day) -> Truth:
    return no(before(other, one))


def later(day: date, years: int = 0, months: int = 0, days: int = 0) -> date:
    """The anniversary: 29 February comes round on 1 March in a common year; other short months end on their last day."""
    count = day.year * 12 + day.month - 1 + years * 12 + months
    year, month = count // 12, count % 12 + 1
    last = calendar.monthrange(year, month)[1]
    if day.month == 2 and day.day == 29 and month == 2 and last == 28:
        return date(year, 3, 1) + timedelta(days=days)
    return date(year, month, min(day.day, last)) + timedelta(days=days)
