"""A synthetic Supervised Release File for the people of an extract: who of them is under supervision, and since when.

Belongs here: the lines of that file. It is drawn apart from the histories (another stream of the same seed), so that the
extract is the same with and without it; a person's sentences are not looked at. Does not belong here: reading such a file
(clearslate/inputs.py).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearslate.synth.days import LAST_EVENT
from clearslate.synth.draws import Draws, Flags, Ints, Weights

SRF_HEADER = ("CII_NUMBER", "SUPERVISION", "START_DATE", "END_DATE")
STREAM = 2
ACTIVE, OPEN_END = 0.02, 0.3
KINDS, KIND_WEIGHTS = ("PROBATION", "PAROLE", "PRCS", "MANDATORY SUPERVISION"), Weights.of([70, 14, 10, 6])
LONGEST = 3 * 365
CII_NUMBER, REQ_CII_NUMBER = 11, 4  # positions in a line; no field ahead of them is quoted


def supervised(draws: Draws, lines: Any, person: Ints, *, size: int, keep_first: bool) -> list[tuple[str, ...]]:
    """The file's lines for a block of people: `lines` of the extract (an Arrow string array) and the person of each.

    `size` is that of a whole block, of which the lines may be the beginning. About one person in fifty is under supervision
    on the last day that the extract speaks of; with `keep_first` the first one surely, so that no file is empty.
    """
    first: Flags = np.r_[True, person[1:] != person[:-1]]
    ahead = pc.split_pattern(lines.filter(pa.array(first)), ",", max_splits=CII_NUMBER + 1)
    active = draws.chance(size, ACTIVE)
    active[0] |= keep_first
    kind = draws.pick(KIND_WEIGHTS, size)
    since, until = draws.whole(size, 1, LONGEST), draws.whole(size, 1, LONGEST)
    is_open = draws.chance(size, OPEN_END)
    last = date.fromisoformat(LAST_EVENT)
    found: list[tuple[str, ...]] = []
    for at in np.flatnonzero(active[: len(ahead)]).tolist():
        cells = ahead[at].as_py()
        end = "" if is_open[at] else (last + timedelta(days=int(until[at]))).isoformat()
        start = (last - timedelta(days=int(since[at]))).isoformat()
        found.append((cells[CII_NUMBER] or cells[REQ_CII_NUMBER], KINDS[kind[at]], start, end))
    return found
