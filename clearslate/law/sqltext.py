"""Layout of compiled SQL: small pieces of text that come out the same every time and fit on a screen.

Belongs here: literals, CASE, OR, ranges of rule numbers. Does not belong here: anything that knows a rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise


def literal(text: str) -> str:
    """A SQL text literal."""
    return "'" + text.replace("'", "''") + "'"


def case(branches: Iterable[tuple[str | list[str], str]], otherwise: str | None, *, indent: int = 8) -> str:
    """A CASE of (condition, result), a branch per line, as it stands `indent` deep; without branches, `otherwise`.

    A condition given as a list is an AND, a part per line.
    """
    margin = "\n" + " " * indent
    lines = []
    for condition, result in branches:
        if isinstance(condition, list):
            parts = f"{margin}        and ".join(condition)
            lines.append(f"{margin}    when{margin}        {parts}{margin}        then {result}")
        else:
            lines.append(f"{margin}    when {condition} then {result}")
    if not lines:
        return otherwise or "null"
    if otherwise is not None:
        lines.append(f"{margin}    else {otherwise}")
    return f"case{''.join(lines)}{margin}end"


def any_of(conditions: Iterable[str], *, indent: int = 8) -> str:
    """A parenthesized OR, a condition per line; `false` where there is none."""
    listed = list(conditions)
    if len(listed) < 2:
        return listed[0] if listed else "false"
    margin = "\n" + " " * indent
    return f"({margin}    " + f"{margin}    or ".join(listed) + f"{margin})"


def among(column: str, numbers: Iterable[int]) -> str:
    """SQL: the column is one of the numbers, runs of them written as ranges. Not empty."""
    ordered = sorted(set(numbers))
    starts = [ordered[0], *(later for earlier, later in pairwise(ordered) if later != earlier + 1)]
    ends = [*(earlier for earlier, later in pairwise(ordered) if later != earlier + 1), ordered[-1]]
    runs = [
        f"{column} = {start}" if start == end else f"{column} between {start} and {end}"
        for start, end in zip(starts, ends, strict=True)
    ]
    return runs[0] if len(runs) == 1 else f"({' or '.join(runs)})"
