"""Seeded draws and weighted tables: the only source of chance in this package.

Everything is made from `Generator.random` of PCG64 and integer weights by one multiplication, a floor and a binary
search. No logarithm, exponential or library distribution is used: their last bit differs between machines and
versions, and the same seed must give the same bytes anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """A table to draw rows from: one group, or several (`group` of each row, 0..n-1, in any order), each by itself."""

    cumulative: Ints
    start: Ints
    total: Ints
    row: Ints

    @classmethod
    def of(cls, weight: Sequence[int], group: Sequence[int] | None = None) -> Weights:
        """Build from a non-negative integer weight per row. Every group 0..max(group) needs a positive weight."""
        weights = np.asarray(weight, dtype=np.int64)
        groups = np.zeros(len(weights), np.int64) if group is None else np.asarray(group, dtype=np.int64)
        row = np.argsort(groups, kind="stable")
        cumulative = np.cumsum(weights[row])
        total = np.zeros(int(groups.max()) + 1, np.int64)
        np.add.at(total, groups, weights)
        if (total <= 0).any():
            raise ValueError("a group without weight can't be drawn from")
        return cls(cumulative=cumulative, start=np.cumsum(total) - total, total=total, row=row)


class Draws:
    """The chance of one block of people: the same numbers for the same (seed, block, stream), whatever came before."""

    def __init__(self, *, seed: int, block: int, stream: int = 0) -> None:
        self._generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, block, stream])))

    def uniform(self, n: int) -> Floats:
        """`n` numbers in [0, 1)."""
        return self._generator.random(n)

    def chance(self, n: int, share: float | Floats) -> Flags:
        """`n` flags, each true with probability `share`."""
        return self._generator.random(n) < share

    def whole(self, n: int, low: int | Ints, high: int | Ints) -> Ints:
        """`n` whole numbers in [low, high), evenly spread."""
        return low + (self._generator.random(n) * (np.asarray(high) - low)).astype(np.int64)

    def early(self, n: int, span: int | Ints) -> Ints:
        """`n` whole numbers in [0, span), the low ones likelier (the square of an even draw)."""
        drawn = self._generator.random(n)
        return (drawn * drawn * span).astype(np.int64)

    def pick(self, table: Weights, n: int) -> Ints:
        """`n` rows of a table of one group, by weight."""
        return self.pick_in(table, np.zeros(n, np.int64))

    def pick_in(self, table: Weights, group: Ints) -> Ints:
        """One row for each entry of `group`, drawn among that group's rows by weight."""
        total = table.total[group]
        ticket = np.minimum((self._generator.random(len(group)) * total).astype(np.int64), total - 1)
        return table.row[np.searchsorted(table.cumulative, table.start[group] + ticket, side="right")]
