"""Comparing the two answers, and making a disagreement small enough to read.

Belongs here: which determinations differ, how often each rule decided, and the smallest history that still differs. Does not
belong here: drawing histories, and saying who is right.
"""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.differential.engine import Answer, Key, Row, Setting, by_engine, by_oracle


@dataclass(frozen=True)
class Difference:
    """A determination on which they differ; None: the one side has none."""

    key: Key
    rows: Sequence[Row]
    engine: Answer | None
    oracle: Answer | None

    def __str__(self) -> str:
        told = "\n".join("  " + " | ".join(f"{k}={v}" for k, v in row.items() if v) for row in self.rows)
        return f"{self.key[1]} of {self.key[2]}: engine {self.engine}, oracle {self.oracle}\n{told}"


@dataclass(frozen=True)
class Comparison:
    """What a run of both gave."""

    differences: list[Difference]
    decided: Counter[tuple[str, str]]  # how often each rule decided, by remedy and rule


def compare(histories: Sequence[Sequence[Row]], setting: Setting) -> Comparison:
    """Decide all histories twice."""
    with tempfile.TemporaryDirectory() as home:
        engine = by_engine(Path(home), histories, setting)
    oracle = dict(by_oracle(histories, setting))
    differences = [
        Difference(key, histories[key[0]], engine.get(key), oracle.get(key))
        for key in sorted({*engine, *oracle})
        if engine.get(key) != oracle.get(key)
    ]
    return Comparison(differences, Counter((key[1], answer[2]) for key, answer in engine.items()))


def smallest(found: Sequence[Difference], setting: Setting) -> Difference:
    """The difference with the fewest rows, with rows left out and cells of a count blanked as long as the two still differ."""
    best = min(found, key=lambda one: (len(one.rows), sum(map(len, map(str, one.rows)))))
    while True:
        tries = [[row for row in best.rows if row is not left_out] for left_out in best.rows if len(best.rows) > 1]
        tries += [
            [{**row, name: ""} if row["CNT_ORDER"] == one["CNT_ORDER"] else row for row in best.rows]
            for one in best.rows
            for name, text in one.items()
            if text and name not in ("CII_NUMBER", "CNT_ORDER", "END_OF_REC")
        ]
        less = compare(tries, setting).differences
        same = [one for one in less if one.key[1] == best.key[1] and _kind(one) == _kind(best)]
        if not same:
            return best
        best = min(same, key=lambda one: (len(one.rows), sum(map(len, map(str, one.rows)))))


def _kind(one: Difference) -> tuple[str | None, str | None]:
    return (one.engine and one.engine[2], one.oracle and one.oracle[2])
