"""Reads docs/deviations.md: the tables of intended differences that the golden tests hold."""

import re
from pathlib import Path

DOC = Path(__file__).parents[2] / "docs" / "deviations.md"


def read_table(heading: str) -> list[dict[str, str]]:
    """The first table under a heading: a dictionary per row. A cell in backticks is taken as it stands inside them."""
    section = DOC.read_text("utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    names, _, *rows = [[_plain(cell) for cell in line.strip("|").split(" | ")] for line in lines]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _plain(cell: str) -> str:
    text = cell.strip(" |")
    return text[1:-1] if re.fullmatch(r"`[^`]*`", text) else text
