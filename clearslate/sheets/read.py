"""Reading a table: CSV in the encodings and separators that spreadsheets write, or the sheets of an XLSX workbook.

Belongs here: finding encoding, separator and header, and giving each row the number that a person sees beside it. Does
not belong here: what may be in a workbook at all (guard.py), how one cell reads (cells.py), what the columns mean.

The first row names the columns. Blank rows are passed over, short ones filled up with blanks; a cell outside the named
columns, a formula, an error value, or a column named twice is refused. Formulas are not values: what a spreadsheet last
made of one may be out of date, and nobody looking at the sheet can tell.

A small file can say that it has very many cells. So the names of the columns come first, rows that nobody asked for are not
kept, and a row that is kept takes the room of a tuple.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from clearslate.errors import SheetRefused
from clearslate.sheets.cells import MAX_CELL, clean, column_letter
from clearslate.sheets.guard import MAX_FILE
from clearslate.sheets.workbook import MAX_COLUMNS, open_workbook

MAX_ROWS = 1_000_000
MAX_CELLS = 40_000_000  # rows times columns, blank ones too
_MAX_SEPARATORS = 1_000_000  # in one row of a CSV file: of its cells or inside quotation marks

_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Cells(Mapping[str, str]):
    """A row: column -> trimmed text. All rows share `places` (column -> where it stands); blanks at the end are not kept."""

    __slots__ = ("_places", "_texts")

    def __init__(self, places: Mapping[str, int], texts: tuple[str, ...]) -> None:
        self._places, self._texts = places, texts

    def __getitem__(self, column: str) -> str:
        place = self._places[column]
        return self._texts[place] if place < len(self._texts) else ""

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def under(self, places: Mapping[str, int]) -> "Cells":
        """The same row with its columns named otherwise."""
        return Cells(places, self._texts)


Numbered = tuple[int, Mapping[str, str]]
Wanted = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class Sheet:
    """One table. `rows` are pairs of the row number that a spreadsheet shows (from 2) and the row's cells."""

    name: str
    columns: list[str]
    rows: list[Numbered]

    def under(self, names: Sequence[str]) -> list[Numbered]:
        """The rows with other names, no two alike, for the columns."""
        places = {name: place for place, name in enumerate(names)}
        return [(row_no, cast(Cells, cells).under(places)) for row_no, cells in self.rows]


def read_table(path: Path, *, max_rows: int = MAX_ROWS) -> Sheet:
    """The table of a CSV file, or the first sheet of a workbook that holds anything. Raises SheetRefused."""
    return read_sheets(path, max_rows=max_rows)[0]


def read_sheets(path: Path, *, max_rows: int = MAX_ROWS, wanted: Wanted | None = None) -> list[Sheet]:
    """All sheets of a workbook that a person can see and that hold anything; of a CSV file the one table.

    `wanted` is asked with the columns of each before its rows are taken: the rows of a sheet that it does not want are read
    and left out. It may refuse the file by raising. Raises SheetRefused where there is no sheet, or one can't be read.
    `max_rows` counts all sheets together.
    """
    room = _Room(max_rows, MAX_CELLS, wanted)
    try:
        with path.open("rb") as file:
            if file.seek(0, io.SEEK_END) > MAX_FILE:
                raise SheetRefused(f"{path.name}: larger than {MAX_FILE >> 20} MiB; send it in parts")
            file.seek(0)
            start = file.read(4)
            file.seek(0)
            if start == _ZIP:
                sheets = _workbook_sheets(file, path.name, room)
            elif start == _OLE:
                raise SheetRefused(
                    f"{path.name}: an old .xls workbook, or one with a password; save it as .xlsx or .csv"
                )
            elif start == _PDF:
                raise SheetRefused(f"{path.name}: a PDF holds no table; send the .xlsx or .csv it was printed from")
            else:
                text = _decode(file.read(), path.name)
                sheet = _sheet(path.stem, _csv_rows(text, path.name), path.name, room)
                sheets = [sheet] if sheet is not None else []
    except OSError as error:
        raise SheetRefused(f"{path.name}: can't be opened ({error.strerror})") from None
    if not sheets:
        raise SheetRefused(f"{path.name}: holds no table; its first row must name the columns")
    return sheets


def _decode(content: bytes, name: str) -> str:
    """UTF-8 with or without mark, UTF-16 with one ("Unicode text"), else what Excel on Windows writes (cp1252)."""
    for encoding in ("utf-16",) if content[:2] in _UTF16 else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise SheetRefused(f"{name}: neither a workbook nor text that can be read; save it as .xlsx or as CSV UTF-8")


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows with their numbers. A first line `sep=;` is Excel's own note on the separator and no row."""
    first, _, rest = text.partition("\n")
    declared = first.strip().lower()
    if declared.startswith("sep=") and len(declared) == 5:
        separator, text = declared[4], rest
    else:
        separator = _separator(text)
    row_no = n_separators = 0

    def lines() -> Iterator[str]:
        nonlocal n_separators
        for line in io.StringIO(text, newline=""):
            n_separators += line.count(separator)
            if n_separators > _MAX_SEPARATORS:
                raise SheetRefused(f"{name}: row {row_no}: more cells than a table can have in a row")
            yield line

    reader = csv.reader(lines(), delimiter=separator, strict=True)
    while True:
        row_no, n_separators = row_no + 1, 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise SheetRefused(
                f"{name}: row {row_no}: a quotation mark is out of place, or a cell is too long; open and save it again"
            ) from None
        yield row_no, cells


def _separator(text: str) -> str:
    """The one of `,` `;` and tab that stands most often in the header outside quotation marks; a comma if none does."""
    counts = dict.fromkeys(",;\t", 0)
    quoted = False
    for character in text[: MAX_CELL * 4]:
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "\r\n" and any(counts.values()):
            break
        elif not quoted and character in counts:
            counts[character] += 1
    return max(counts, key=lambda separator: counts[separator])


@dataclass
class _Room:
    """What may still be taken from a file."""

    max_rows: int
    max_cells: int
    wanted: Wanted | None

    def check(self, sheet: Sheet, place: str) -> None:
        """Raise SheetRefused where one row more would be too much."""
        if len(sheet.rows) >= self.max_rows:
            raise SheetRefused(f"{place}: more than {self.max_rows} rows; send it in parts")
        if (len(sheet.rows) + 1) * len(sheet.columns) > self.max_cells:
            raise SheetRefused(f"{place}: more than {self.max_cells} cells; delete the columns that nobody needs")

    def take(self, sheet: Sheet) -> None:
        self.max_rows -= len(sheet.rows)
        self.max_cells -= len(sheet.rows) * len(sheet.columns)


def _workbook_sheets(file: BinaryIO, name: str, room: _Room) -> list[Sheet]:
    sheets: list[Sheet] = []
    for worksheet in open_workbook(file, name):
        sheet = _sheet(worksheet.title, worksheet.rows, f"{name}, sheet {worksheet.number}", room)
        if sheet is not None:
            sheets.append(sheet)
            room.take(sheet)
    return sheets


def _sheet(title: str, numbered: Iterator[tuple[int, Sequence[str]]], place: str, room: _Room) -> Sheet | None:
    """Header and rows; None where nothing at all is in the table."""
    sheet: Sheet | None = None
    places: dict[str, int] = {}
    is_wanted = True
    for row_no, cells in numbered:
        texts = [
            clean(cell, f"{place}, row {row_no}, column {column_letter(i)}") if cell else ""
            for i, cell in enumerate(cells)
        ]
        while texts and not texts[-1]:
            texts.pop()
        if sheet is None:
            if texts:
                sheet = Sheet(title, _header(texts, f"{place}, row {row_no}"), [])
                places = {name: index for index, name in enumerate(sheet.columns)}
                is_wanted = room.wanted is None or room.wanted(sheet.columns)
            elif row_no > 1:
                raise SheetRefused(f"{place}: the first row must name the columns; delete the rows above them")
            continue
        if len(texts) > len(sheet.columns):
            letter = column_letter(len(texts) - 1)
            raise SheetRefused(f"{place}, row {row_no}, column {letter}: a cell stands outside the named columns")
        if not texts or not is_wanted:
            continue
        room.check(sheet, place)
        sheet.rows.append((row_no, Cells(places, tuple(texts))))
    return sheet


def _header(texts: list[str], place: str) -> list[str]:
    if len(texts) > MAX_COLUMNS:
        raise SheetRefused(f"{place}: more than {MAX_COLUMNS} columns")
    for index, text in enumerate(texts):
        letter = column_letter(index)
        if not text:
            raise SheetRefused(f"{place}, column {letter}: the column has no name; name it or delete it")
        if text in texts[:index]:
            first = column_letter(texts.index(text))
            raise SheetRefused(f"{place}: columns {first} and {letter} have the same name")
    return texts
