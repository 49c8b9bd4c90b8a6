"""The format of a court package, version 1: names, columns, what a cell may hold, and the CSV dialect.

Belongs here: everything that writer and checker must agree on. Does not belong here: where the rows come from.

A package is for one court and one program. Its CSV files are UTF-8 without a byte order mark, every field quoted, lines
end in CRLF, dates are YYYY-MM-DD, blank means unknown or not applicable, and the first row names the columns.
"""

import csv
import hashlib
import io
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

FORMAT = "clearslate-court-package"
VERSION = 1

MANIFEST = "00_manifest.json"
ACTIONS = "10_relief_actions.csv"
CASES = "11_relief_cases.csv"
SUMS = "SHA256SUMS"

ACTION_COLUMNS = (
    "batch_id",
    "line_no",
    "action_key",
    "court_code",
    "case_number",
    "case_number_source",
    "count_no",
    "statute_code",
    "statute_section",
    "offense_level_before",
    "disposition_date",
    "action_code",
    "offense_level_after",
    "section_after",
    "seal_scope",
    "legal_basis",
    "reason_code",
    "da_position",
    "case_complete",
    "all_counts_in_batch",
    "subject_ref",
    "name_last",
    "name_first",
    "birth_year",
    "supersedes_action_key",
)

CASE_COLUMNS = (
    "batch_id",
    "case_no",
    "first_line_no",
    "court_code",
    "case_number",
    "subject_ref",
    "counts_total",
    "counts_convicted",
    "counts_in_batch",
    "counts_already_relieved",
    "counts_remaining_live",
    "counts_review",
    "counts_withheld",
    "counts_undisposed",
    "counts_unplaced",
    "case_complete",
    "all_counts_in_batch",
    "seal_scope",
)

PROGRAMS = {"prop64": "P64"}  # remedy -> the program's short name in batch ids

_NEITHER_LETTER_NOR_DIGIT = re.compile("[^A-Za-z0-9]")
_FORMULA_STARTS = "=+-@＝＋－＠"  # a spreadsheet runs a cell that starts so
_HIDDEN = {"Cc", "Cf", "Co", "Zl", "Zp"}  # Unicode categories of what breaks lines, turns writing round or hides text


@dataclass(frozen=True)
class PackageName:
    """How a package is called. `sequence` counts a court's packages of a program, `attempt` the same one sent again."""

    court_code: str
    program: str
    is_test: bool
    sequence: int = 1
    attempt: int = 1

    @property
    def batch_id(self) -> str:
        return f"CRR-{self.court_code}-{self.program}-{self.sequence:06d}"

    @property
    def test_indicator(self) -> str:
        return "T" if self.is_test else "P"

    @property
    def folder(self) -> str:
        return f"{self.batch_id}_a{self.attempt}_{self.test_indicator}"


@dataclass(frozen=True)
class FileFacts:
    """What the manifest states of a CSV file; `rows` leaves the header out."""

    sha256: str
    bytes: int
    rows: int


def case_number_sort(case_number: str) -> str:
    """Letters and digits of a case number in upper case: how lines are sorted, and what tells one case from another."""
    return _NEITHER_LETTER_NOR_DIGIT.sub("", case_number).upper()


def is_unsafe_cell(cell: str) -> bool:
    """Whether a spreadsheet would run the cell or be misled by it: the rule by which court.action withholds a line."""
    if cell[:1] and cell[0] in _FORMULA_STARTS:
        return True
    return not cell.isprintable() and any(unicodedata.category(character) in _HIDDEN for character in cell)


def encode_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows in the package's CSV dialect."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def create_file(path: Path) -> BinaryIO:
    """A new file that only its owner may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def write_table(path: Path, columns: Sequence[str], batches: Iterable[list[tuple[str, ...]]]) -> FileFacts:
    """Write header and rows, batch by batch; returns what the manifest says of the file."""
    digest, size, rows = hashlib.sha256(), 0, 0
    with create_file(path) as file:
        for encoded, n in _encoded(columns, batches):
            file.write(encoded)
            digest.update(encoded)
            size += len(encoded)
            rows += n
    return FileFacts(digest.hexdigest(), size, rows)


def _encoded(columns: Sequence[str], batches: Iterable[list[tuple[str, ...]]]) -> Iterator[tuple[bytes, int]]:
    yield encode_rows([columns]), 0
    for batch in batches:
        yield encode_rows(batch), len(batch)
