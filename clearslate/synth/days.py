"""The days of an extract as numbers, and how DOJ writes them, whole or in part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearslate.synth.draws import Ints

# Where the extract begins to speak and where it stops; births reach further back.
FIRST_BIRTH, FIRST_EVENT, LAST_EVENT = "1895-01-01", "1975-01-01", "2024-12-31"


@dataclass(frozen=True)
class Calendar:
    """Days as numbers since `FIRST_BIRTH`, and their text.

    The text table holds every day three times: YYYYMMDD, then YYYY0000, then YYYYMM00; its last entry is blank.
    """

    text: Any
    year: Ints
    days: int
    first_event: int
    last_event: int

    @property
    def blank(self) -> int:
        """The entry of `text` that is empty."""
        return 3 * self.days


def day_number(written: str) -> int:
    """The number of a day written YYYY-MM-DD."""
    return int((np.datetime64(written) - np.datetime64(FIRST_BIRTH)).astype(int))


def calendar() -> Calendar:
    """All days from the earliest birth to the last event."""
    days = np.arange(np.datetime64(FIRST_BIRTH), np.datetime64(LAST_EVENT) + 1)
    plain = [str(day).replace("-", "") for day in days]
    partial = [f"{day[:4]}0000" for day in plain] + [f"{day[:6]}00" for day in plain]
    return Calendar(
        text=pa.array([*plain, *partial, ""], pa.string()),
        year=np.asarray([int(day[:4]) for day in plain], dtype=np.int64),
        days=len(plain),
        first_event=day_number(FIRST_EVENT),
        last_event=len(plain) - 1,
    )
