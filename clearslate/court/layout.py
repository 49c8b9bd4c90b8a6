"""The format of a court package, version 1: names, columns, what a cell may hold, and the CSV dialect.

Belongs here: everything that writer and checker must agree on. Does not belong here: where the rows come from.

A package is for one court and one program. Its CSV files are UTF-8 without a byte order mark, every field quoted, lines
end in CRLF, dates are YYYY-MM-DD, blank means unknown or not applicable, and the first row names the columns.

There are two kinds. A `draft` is a folder that every run writes and nobody sends: lines and cases, no more. A `batch` is
the ZIP that is sent: the same, with the prosecutor's positions, reversals, the workbook, the documents and a page for the
clerk. One manifest, one set of columns, one writer for both.
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
from typing import Any, BinaryIO

FORMAT = "clearslate-court-package"
VERSION = 1

MANIFEST = "00_manifest.json"
SUMS = "SHA256SUMS"
README = "01_README_CLERK.txt"
ACTIONS = "10_relief_actions.csv"
WORKBOOK = "10_relief_actions.xlsx"
CASES = "11_relief_cases.csv"
REVERSALS = "12_reversals.csv"
MATCH_KEYS = "sealed/13_match_keys.csv"
FORMS = "forms/"

UNPACKED = ".verify-"
"""How the folders begin into which a ZIP is unpacked for checking; one that a killed check left is swept."""

DRAFT, BATCH = "draft", "batch"

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
    "sentence_path",
    "original_case_number",
    "supersedes_action_key",
)

# What a court that builds no acknowledgement file fills in on the workbook instead.
SHORT_FORM_COLUMNS = ("status", "reason", "date")

# The workbook shows first, and prints, what a clerk works with; the other columns of a line stand behind it.
_AT_HAND = (
    "line_no",
    "case_number",
    "count_no",
    "statute_section",
    "disposition_date",
    "action_code",
    "offense_level_after",
    "name_last",
    "name_first",
    "birth_year",
)
WORKBOOK_COLUMNS = (
    *_AT_HAND,
    *SHORT_FORM_COLUMNS,
    "action_key",
    *(name for name in ACTION_COLUMNS if name not in (*_AT_HAND, "action_key")),
)
WORKBOOK_UNPRINTED = len(ACTION_COLUMNS) - len(_AT_HAND) - 1
WORKBOOK_CASES = "cases"
"""The workbook's sheet with the rows of 11_relief_cases.csv."""

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
    "counts_asked_before",
    "counts_already_relieved",
    "counts_remaining_live",
    "counts_review",
    "counts_withheld",
    "counts_waiting",
    "counts_challenged",
    "counts_undisposed",
    "counts_unplaced",
    "case_complete",
    "all_counts_in_batch",
    "seal_scope",
)

_CASES_AT_HAND = (
    "case_no",
    "first_line_no",
    "case_number",
    "subject_ref",
    "seal_scope",
    "case_complete",
    "all_counts_in_batch",
    "counts_convicted",
    "counts_in_batch",
    "counts_remaining_live",
)
WORKBOOK_CASE_COLUMNS = (*_CASES_AT_HAND, *(name for name in CASE_COLUMNS if name not in _CASES_AT_HAND))
WORKBOOK_CASES_UNPRINTED = len(CASE_COLUMNS) - len(_CASES_AT_HAND)

REVERSAL_COLUMNS = (*ACTION_COLUMNS, "reverses_action_key", "reverses_batch_id", "reverses_line_no", "reason")

MATCH_KEY_COLUMNS = (
    "action_key",
    "line_no",
    "subject_ref",
    "cii",
    "full_name",
    "other_names",
    "birth_date",
)

_NEITHER_LETTER_NOR_DIGIT = re.compile("[^A-Za-z0-9]")
_FORMULA_STARTS = "=+-@＝＋－＠"  # a spreadsheet runs a cell that starts so
_HIDDEN = {"Cc", "Cf", "Co", "Zl", "Zp"}  # Unicode categories of what breaks lines, turns writing round or hides text


@dataclass(frozen=True)
class PackageName:
    """How a package is called. `sequence` counts a court's packages of a program, those for test and those in earnest each
    for themselves (a draft has 0); `attempt` counts how often the same one was sent."""

    court_code: str
    program: str
    is_test: bool
    sequence: int = 0
    attempt: int = 1

    @property
    def batch_id(self) -> str:
        return f"CRR-{self.court_code}-{self.program}-{'T' if self.is_test else ''}{self.sequence:06d}"

    @property
    def test_indicator(self) -> str:
        return "T" if self.is_test else "P"

    @property
    def folder(self) -> str:
        return f"{self.batch_id}_a{self.attempt}_{self.test_indicator}"

    @property
    def archive(self) -> str:
        return self.folder + ".zip"


_NAME = re.compile(r"CRR-(\d{2})-([A-Z0-9]{1,12})-(T?)(\d{6,})")


def parse_batch_id(batch_id: str) -> PackageName | None:
    """The name that a batch id stands for (its first attempt); None where it is no batch id."""
    found = _NAME.fullmatch(batch_id)
    return PackageName(found[1], found[2], bool(found[3]), int(found[4])) if found else None


@dataclass(frozen=True)
class FileFacts:
    """What the manifest states of a file; `rows` leaves the header out, and is None for what is no table."""

    sha256: str
    bytes: int
    rows: int | None = None

    @staticmethod
    def of(path: Path, rows: int | None = None) -> "FileFacts":
        """The facts of a file as it lies there."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FileFacts(digest, path.stat().st_size, rows)

    def as_manifest(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value is not None}


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


def read_table_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a file that `write_table` wrote, by column: what every other file of a package is made from."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, strict=True)


def _encoded(columns: Sequence[str], batches: Iterable[list[tuple[str, ...]]]) -> Iterator[tuple[bytes, int]]:
    yield encode_rows([columns]), 0
    for batch in batches:
        yield encode_rows(batch), len(batch)
