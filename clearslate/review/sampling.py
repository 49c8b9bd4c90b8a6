"""The arithmetic of spot checks: how many lines to look at, which ones, and what their verdicts say of all.

Belongs here: sizes, allocation, the draw, rates and their intervals; numbers and keys only. Does not belong here: sheets,
the ledger, what a verdict is about (samples.py).

The upper tail of a binomial is a beta distribution; its quantile is scipy's `betaincinv` (Clopper and Pearson 1934). An
exact interval rather than Wilson's: most samples find no wrong line, and there Wilson's promises more than it keeps.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scipy.special import betaincinv

from clearslate.errors import UsageError

_ROUNDING = 1e-9  # a size that is a whole number but for the last bit of a float is that number


def sample_size(n_lines: int, *, confidence: float, tolerated: float) -> int:
    """How many of `n_lines` to look at, so that finding no wrong one says, with `confidence`, that at most the share
    `tolerated` is wrong.

    With d = floor(tolerated * n_lines) + 1 wrong lines, the fewest that are too many, and the fraction f of the lines looked
    at, the chance to miss all of them is at most (1 - f)^d: so f = 1 - (1 - confidence)^(1/d). That holds however the wrong
    lines lie, for any draw without replacement that takes at least the fraction f of every stratum (a product of
    hypergeometric chances, each below (1 - f)^d_h). For many lines it is the rule of three: 3 / tolerated at 95 %.
    """
    if not 0.5 <= confidence < 1 or not 0 < tolerated < 1:
        raise UsageError(
            "the confidence lies from 0.5 to below 1 (0.95), the tolerated error rate between 0 and 1 (0.01)"
        )
    if n_lines == 0:
        return 0
    too_many = math.floor(tolerated * n_lines + _ROUNDING) + 1
    fraction: float = 1 - (1 - confidence) ** (1 / too_many)
    return min(n_lines, math.ceil(n_lines * fraction - _ROUNDING))


def allocate(strata: Mapping[str, int], size: int) -> dict[str, int]:
    """How many lines to draw from each stratum: its share of `size`, rounded up, so at least one of every stratum.

    Rounding up keeps the fraction drawn from each at or above that of the whole, as `sample_size` needs.
    """
    total = sum(strata.values())
    return {stratum: -(-n * size // total) for stratum, n in strata.items()}


def draw(keys: Iterable[str], n: int, *, seed: str) -> list[str]:
    """`n` of the keys, ordered by a hash of seed and key: the same whenever drawn again, and nobody's choice."""
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}{key}".encode()).digest())[:n]


@dataclass(frozen=True)
class Interval:
    """A share between 0 and 1 with the least and the most that the stated confidence allows."""

    rate: float
    low: float
    high: float


def clopper_pearson(wrong: float, n: float, *, confidence: float) -> Interval:
    """The exact two-sided interval of a share of which `wrong` of `n` were found; both may be fractions (effective sizes)."""
    tail = (1 - confidence) / 2
    low = float(betaincinv(wrong, n - wrong + 1, tail)) if wrong > 0 else 0.0
    high = float(betaincinv(wrong + 1, n - wrong, 1 - tail)) if wrong < n else 1.0
    return Interval(wrong / n, low, high)


@dataclass(frozen=True)
class StratumCount:
    """What is known of one stratum: lines in all, lines drawn, and the verdicts on those drawn."""

    stratum: str
    n_lines: int
    n_drawn: int
    n_correct: int
    n_wrong: int
    n_cant_tell: int

    @property
    def n_judged(self) -> int:
        return self.n_correct + self.n_wrong + self.n_cant_tell

    def interval(self, confidence: float) -> Interval | None:
        """The stratum's own interval; None without a verdict. What can't be told may be either: it widens the interval."""
        return _interval([self], confidence)


def weighted_interval(strata: Sequence[StratumCount], *, confidence: float) -> Interval | None:
    """The error rate of all lines: each stratum's rate weighted by its lines, with its interval.

    The interval is Clopper and Pearson's for the effective sample size (Korn and Graubard 1998; the size is Kish's, which
    needs no variance and so holds where nothing wrong was found). Strata without a verdict are left out, so the rate then
    speaks for the others only. None without any verdict.
    """
    return _interval([stratum for stratum in strata if stratum.n_judged], confidence)


def _interval(strata: Sequence[StratumCount], confidence: float) -> Interval | None:
    judged = [stratum for stratum in strata if stratum.n_judged]
    if not judged:
        return None
    total = sum(stratum.n_lines for stratum in judged)
    size = total**2 / sum(stratum.n_lines**2 / stratum.n_judged for stratum in judged)

    def rate(wrong: Mapping[str, int]) -> float:
        return sum(stratum.n_lines * wrong[stratum.stratum] / stratum.n_judged for stratum in judged) / total

    least = rate({stratum.stratum: stratum.n_wrong for stratum in judged})
    most = rate({stratum.stratum: stratum.n_wrong + stratum.n_cant_tell for stratum in judged})
    if all(stratum.n_judged == stratum.n_lines for stratum in judged):
        return Interval(least, least, most)  # everything was looked at: nothing is left to chance
    low = clopper_pearson(least * size, size, confidence=confidence)
    high = clopper_pearson(most * size, size, confidence=confidence)
    return Interval(least, low.low, high.high)
