"""The 95 columns of a DOJ extract, in the order in which the Department of Justice writes them.

Names, positions and what each column holds. How a file departs from this order belongs in `layout`.
"""

import csv
from importlib.resources import files


def _dictionary() -> dict[str, str]:
    text = files(__package__).joinpath("columns.csv").read_text(encoding="utf-8")
    return {row["name"]: row["description"] for row in csv.DictReader(text.splitlines())}


COLUMN_DESCRIPTIONS: dict[str, str] = _dictionary()
"""What each column holds, by upper-case name, in DOJ order."""

DOJ_COLUMNS: tuple[str, ...] = tuple(COLUMN_DESCRIPTIONS)
"""The 95 names in upper case, in DOJ order."""

WIDTH = len(DOJ_COLUMNS)
"""Fields in a record (95)."""

NULL_TOKENS = frozenset({"", "NULL"})
"""Texts that mean "nothing", compared trimmed and in upper case."""
