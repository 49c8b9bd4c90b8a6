"""The files that a run takes beside the extracts: who is under supervision, what courts have prohibited, drug weights.

Belongs here: reading those three CSV files strictly, keeping them in the home, and the tables `raw.srf`, `raw.prohibition`,
`raw.drug_weight` and `raw.input`. Does not belong here: what follows from them (sql/facts, rules/).

A file states its columns in a header, in any order and case, and nothing else. A file that can't be read whole is refused:
a line that was left out would read as somebody who is under no supervision.
"""

import csv
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.law.lists import load_list
from clearslate.settings import county_names
from clearslate.warehouse import Warehouse

INPUT_TABLES = ("raw.srf", "raw.prohibition", "raw.drug_weight", "raw.input")

_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_CII = re.compile(r"[A-Za-z0-9]+")
_GRAMS = re.compile(r"\d{1,9}(\.\d{1,6})?")
_MEND_ENCODING = "save it as CSV in UTF-8"

_Cells = Mapping[str, str]
_Fail = Callable[[str], UsageError]


@dataclass(frozen=True)
class InputFile:
    """A file as it was read: its name, its hash and bytes, and its rows as the contract of `raw.<table>` has them."""

    table: str
    file_name: str
    sha256: str
    content: bytes
    frame: pd.DataFrame


def read_input(table: str, path: Path) -> InputFile:
    """Read one input file. `table` is 'srf', 'prohibition' or 'drug_weight'.

    Raises UsageError with the file's name, the line and what mends it; never with what the line says.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None
    return InputFile(table, path.name, hashlib.sha256(content).hexdigest(), content, _frame(table, path.name, content))


def check_input(path: Path) -> None:
    """Whether a file is there to be read at all, before anything is begun. Raises UsageError."""
    try:
        path.open("rb").close()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path.name}: can't be read ({error.strerror})")


def keep_inputs(home: Home, given: Mapping[str, Path]) -> dict[str, dict[str, Any]]:
    """Read the files (by table) and keep them in the home, each under its hash, for its owner's eyes only.

    Returns what the run's record says of them: by table, the file's name, hash and number of rows. Raises UsageError.
    """
    kept: dict[str, dict[str, Any]] = {}
    for table, path in sorted(given.items()):
        read = read_input(table, path)
        target = home.input(read.sha256)
        if not target.exists():
            partial = target.with_suffix(".partial")
            partial.unlink(missing_ok=True)
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(read.content)
            partial.replace(target)
        kept[table] = {"file": read.file_name, "sha256": read.sha256, "rows": len(read.frame)}
    return kept


def register_inputs(warehouse: Warehouse, home: Home, kept: Mapping[str, Mapping[str, Any]]) -> None:
    """Make the raw tables of a run from the files that it kept (its record's `input_files`); empty where none was given."""
    for table in _READERS:
        if table in kept:
            warehouse.create_from_frame(f"raw.{table}", read_input(table, home.input(kept[table]["sha256"])).frame)
        else:
            warehouse.create_empty(f"raw.{table}", replace=True)
    nothing: Mapping[str, Any] = {"sha256": None, "rows": 0}
    files = {table: kept.get(table, nothing) for table in _READERS}
    told = [(table, table in kept, file["sha256"], file["rows"]) for table, file in files.items()]
    warehouse.create_from_frame("raw.input", pd.DataFrame(told, columns=["name", "is_given", "sha256", "n_rows"]))


def _frame(table: str, file: str, content: bytes) -> pd.DataFrame:
    reader = _READERS[table]
    rows: list[tuple[Any, ...]] = []
    for line, cells in _lines(file, content, reader.columns):

        def fail(mend: str, line: int = line) -> UsageError:
            return UsageError(f"{file}:{line}: {mend}")

        rows.append((line, *reader.read(cells, fail)))
    if not rows and reader.needs_rows:
        raise UsageError(f"{file}: no rows below the header; such a file would say that nobody is under supervision")
    frame = pd.DataFrame(rows, columns=["line_no", *reader.types]).astype({"line_no": "int64", **reader.types})
    return reader.finish(file, frame)


def _lines(file: str, content: bytes, columns: tuple[str, ...]) -> Iterator[tuple[int, _Cells]]:
    """Number and cells (by column, trimmed, null tokens blank) of every line that has any."""
    nothing = {"", *load_list("null_tokens")["token"]}
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not UTF-8 text (byte {error.start}); {_MEND_ENCODING}") from None
    if "\0" in text:
        raise UsageError(f"{file}: not plain text; {_MEND_ENCODING}")
    reader = csv.reader(io.StringIO(text, newline=None), strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            trimmed = [cell.strip() for cell in cells]
            if not any(trimmed):
                continue
            if header is None:
                header = [name.upper() for name in trimmed]
                _check_header(f"{file}:{reader.line_num}", header, columns)
            elif len(cells) != len(header):
                raise UsageError(f"{file}:{reader.line_num}: {len(cells)} fields, the header has {len(header)}")
            else:
                values = ("" if cell.upper() in nothing else cell for cell in trimmed)
                yield reader.line_num, dict(zip(header, values, strict=True))
    except csv.Error:
        raise UsageError(
            f"{file}:{reader.line_num}: not valid CSV; a quote is not closed, or stands inside a field without being doubled"
        ) from None
    if header is None:
        raise UsageError(f"{file}: the file is empty; its first line has to be {','.join(columns)}")


def _check_header(place: str, header: list[str], columns: tuple[str, ...]) -> None:
    missing = [name for name in columns if name not in header]
    if missing or len(header) != len(columns):
        problem = (
            f"the header lacks {', '.join(missing)}" if missing else "the header has further columns, or one twice"
        )
        raise UsageError(f"{place}: {problem}; the columns are {','.join(columns)}, in any order")


# -- the three files ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reader:
    """How one file is read: its columns, the table's columns behind `line_no` with their pandas types, and one line."""

    columns: tuple[str, ...]
    types: Mapping[str, str]
    read: Callable[[_Cells, _Fail], tuple[Any, ...]]
    needs_rows: bool = False
    finish: Callable[[str, pd.DataFrame], pd.DataFrame] = lambda _, frame: frame


def _supervision(cells: _Cells, fail: _Fail) -> tuple[Any, ...]:
    if not cells["CII_NUMBER"]:
        raise fail("CII_NUMBER is blank; without it nobody can be found")
    if not _CII.fullmatch(cells["CII_NUMBER"]):
        raise fail("CII_NUMBER holds other than letters and digits; write it as the extract does")
    start, end = _day(cells, "START_DATE", fail), _day(cells, "END_DATE", fail)
    if start and end and end < start:
        raise fail("END_DATE is before START_DATE")
    return cells["CII_NUMBER"].upper(), cells["SUPERVISION"].upper() or None, start, end


def _prohibition(cells: _Cells, fail: _Fail) -> tuple[Any, ...]:
    county = " ".join(cells["COUNTY"].upper().replace("-", " ").split())
    if county not in _counties():
        raise fail("COUNTY is none of California's 58 counties")
    return county, _case_key(cells, "CASE_NUMBER", fail), _day(cells, "DATE", fail)


@cache
def _counties() -> frozenset[str]:
    return frozenset(county_names())


def _weight(cells: _Cells, fail: _Fail) -> tuple[Any, ...]:
    if not _GRAMS.fullmatch(cells["GRAMS"]):
        raise fail("GRAMS is no number of grams such as 28.5")
    return _case_key(cells, "COURT_NUMBER", fail), float(cells["GRAMS"])


def _one_weight_each(file: str, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per court number. Raises UsageError where two lines differ on one."""
    once = frame.drop_duplicates(["case_key", "grams"])
    twice = once[once["case_key"].duplicated(keep=False)].sort_values(["case_key", "line_no"])
    if len(twice):
        first, second = twice["line_no"].iloc[:2]
        raise UsageError(f"{file}:{second}: another weight for the COURT_NUMBER of line {first}; keep the right one")
    return once


def _day(cells: _Cells, column: str, fail: _Fail) -> date | None:
    if not cells[column]:
        return None
    found = _DAY.fullmatch(cells[column])
    with suppress(ValueError):
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    raise fail(f"{column} is no date; write it as YYYY-MM-DD")


def _case_key(cells: _Cells, column: str, fail: _Fail) -> str:
    """A case number as `core.court_count.case_key` has it: letters and digits, upper case."""
    key = re.sub("[^A-Za-z0-9]", "", cells[column]).upper()
    if not key:
        raise fail(f"{column} is blank, or without any letter or digit")
    return key


_READERS: Mapping[str, _Reader] = {
    "srf": _Reader(
        columns=("CII_NUMBER", "SUPERVISION", "START_DATE", "END_DATE"),
        types={"cii": "str", "supervision": "str", "start_date": "datetime64[us]", "end_date": "datetime64[us]"},
        read=_supervision,
        needs_rows=True,
    ),
    "prohibition": _Reader(
        columns=("COUNTY", "CASE_NUMBER", "DATE"),
        types={"county": "str", "case_key": "str", "ordered_on": "datetime64[us]"},
        read=_prohibition,
    ),
    "drug_weight": _Reader(
        columns=("COURT_NUMBER", "GRAMS"),
        types={"case_key": "str", "grams": "float64"},
        read=_weight,
        finish=_one_weight_each,
    ),
}
