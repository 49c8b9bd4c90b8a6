"""The `reconcile` part of a profile: what it may say, and that it may say nothing else."""

from pathlib import Path

import pytest

from clearslate.errors import LawError
from clearslate.law.strict import read_yaml
from clearslate.reconcile.mapping import HEADINGS, ListMapping, read_mapping

FULL = """
covers: all
rows: count
columns: {case_number: ["CASE #"], name: [Party, Defendant], birth_date: [Born]}
name_order: first_last
dates: ["%m/%d/%y"]
leading_zeros: keep
municipal_prefixes: [m, MC]
suffix: "-[0-9]{2}"
levels: {F: [Felony 1], M: [Gross]}
not_convicted: [Dismissed]
date_tolerance_days: 3
"""


def read(folder: Path, text: str) -> ListMapping:
    path = folder / "profile.yaml"
    path.write_text(text)
    return read_mapping(read_yaml(path))


def test_everything_that_it_says_is_taken(tmp_path: Path) -> None:
    mapping = read(tmp_path, FULL)
    assert mapping.columns == {
        **HEADINGS, "case_number": ("CASE #",), "name": ("Party", "Defendant"), "birth_date": ("Born",)
    }  # fmt: skip
    assert mapping.stated == {"case_number", "name", "birth_date"}
    assert (mapping.covers, mapping.rows, mapping.name_order, mapping.dates) == (
        "all", "count", "first_last", ("%m/%d/%y",)
    )  # fmt: skip
    assert (mapping.drops_zeros, mapping.municipal_prefixes, mapping.suffix) == (False, ("M", "MC"), "-[0-9]{2}")
    assert mapping.levels["FELONY 1"] == "F"
    assert mapping.levels["FELONY"] == "F", "the usual words stay"
    assert mapping.not_convicted == {"DISMISSED"}
    assert mapping.date_tolerance_days == 3


def test_what_it_leaves_out_is_the_default(tmp_path: Path) -> None:
    assert read(tmp_path, "rows: case\n") == ListMapping.default()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colums: {}", "unknown key `colums`"),
        ("rows: case\ncolumns: {nmae: [x]}", r"profile.yaml:2: unknown key `nmae`"),
        ("columns: {name: Defendant}", "expected a list"),
        ("rows: person", "`person` is none of case, count"),
        ("covers: prop48", "`prop48` is none of"),
        ("suffix: '('", "no regular expression"),
        ("date_tolerance_days: -1", "must be 0 or more"),
        ("levels: {X: [a]}", "unknown key `X`"),
    ],
)
def test_anything_else_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(LawError, match=words):
        read(tmp_path, text)
