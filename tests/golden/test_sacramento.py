"""The predecessor's own sample: every cell equal, but for the deviations that docs/deviations.md lists."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clearslate.extract import DOJ_COLUMNS
from clearslate.review.export import columns
from tests.golden.deviations import read_table
from tests.support import SACRAMENTO, decide

FILES = ("Prop64_Results.csv", "All_Results.csv", "All_Results_Condensed.csv")
CELLS = "Cells of the Sacramento sample"
VALUES = "Values of the Sacramento sample's `summary.json`"
GENERAL = "What differs in general"

Row = tuple[str, ...]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    decided = decide(
        home,
        SACRAMENTO / "input.csv",
        options=SACRAMENTO / "options.json",
        counties=("SACRAMENTO",),
        review="full",
        as_of="2019-11-11",
    )
    return decided.files / "sacramento"


def rows(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return [tuple(row) for row in csv.reader(file)]


def row_names(file: str) -> dict[Row, str]:
    """What a row is called in the document, by its DOJ cells: SUBJECT_ID and CNT_ORDER, also where the file has neither."""
    shown = list(columns("condensed")) if file == "All_Results_Condensed.csv" else DOJ_COLUMNS
    header, *records = rows(SACRAMENTO / "input.csv")
    at = {name: place for place, name in enumerate(header)}
    named: dict[Row, str] = {}
    for row in records:
        key = tuple(row[at[name]] for name in shown)
        assert key not in named, "two rows of the sample can't be told apart in this file"
        named[key] = f"{row[at['SUBJECT_ID']]} {row[at['CNT_ORDER']]}"
    return named


def differing_cells(file: str, ours: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """(file, row, column, theirs, ours) of every differing cell; rows are matched by their DOJ cells."""
    header, *theirs_rows = rows(SACRAMENTO / file)
    our_header, *our_rows = rows(ours / file)
    assert our_header == header
    names = row_names(file)
    width = len(header) - len(columns("appended"))
    assert Counter(row[:width] for row in our_rows) == Counter(row[:width] for row in theirs_rows)
    by_key = {row[:width]: row for row in our_rows}
    for row in theirs_rows:
        for column, theirs, mine in zip(header, row, by_key[row[:width]], strict=True):
            if theirs != mine:
                yield file, names[row[:width]], column, theirs, mine


def test_every_cell_is_equal_but_for_exactly_the_listed_deviations(ours: Path) -> None:
    listed = read_table(CELLS)
    found = [cell for file in FILES for cell in differing_cells(file, ours)]
    assert len(found) <= 40
    assert sorted(found) == sorted(
        (row["file"], row["row"], row["column"], row["predecessor"], row["ours"]) for row in listed
    )
    assert all(row["column"] != "Eligibility Determination" for row in listed)
    assert all(row["fault"] and row["why"] for row in listed)


def flat(content: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in content.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def test_the_summary_is_equal_but_for_exactly_the_listed_values(ours: Path) -> None:
    theirs = flat(json.loads((SACRAMENTO / "summary.json").read_text("utf-8")))
    mine = flat(json.loads((ours / "summary.json").read_text("utf-8")))
    assert mine.keys() == theirs.keys()
    found = {(key, str(theirs[key]), str(mine[key])) for key in theirs if theirs[key] != mine[key]}
    assert found == {(row["key"], row["predecessor"], row["ours"]) for row in read_table(VALUES)}


def test_every_fault_is_in_the_document_and_has_a_test_that_bears_its_number() -> None:
    faults = "B1 B2 B3 B4 B5 B6 B7 B7b B8 B9 B10 B11 B11b B11c B12 B13 B13b B13c B14 B15 B15b B15c B16 B17 B17b B17c"
    assert [row["fault"] for row in read_table(GENERAL)] == faults.split()
    texts = [path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("test_failure_corpus_*.py"))]
    tested = {
        f"B{int(number)}{letter}"
        for text in texts
        for number, letter in re.findall(r"^def test_B(\d\d)([a-c]?)_", text, re.MULTILINE)
    }
    assert tested == set(faults.split())
    assert all(
        row["fault"] in {*tested, "Case number", "Conviction test"} for row in [*read_table(CELLS), *read_table(VALUES)]
    )
