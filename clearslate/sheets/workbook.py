"""The cells of an XLSX workbook, row by row.

Belongs here: the few parts of Office Open XML (ECMA-376) that hold cells: workbook, shared strings, number formats,
worksheets. Does not belong here: whether the file may be opened (guard.py), header and rows as a table (read.py).

Written on the XML parser itself because the libraries for it do what must not happen to a court's answer: they drop a
row that stands out of order, hand out what a formula once gave, and fail on a colour that they do not know; and they
take eight times as long. The tests hold it against one of them (openpyxl), cell by cell.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast
from xml.parsers import expat

from clearslate.errors import SheetRefused
from clearslate.sheets.cells import MAX_CELL, as_number, column_letter, is_date_format
from clearslate.sheets.guard import check_members

MAX_COLUMN, MAX_ROW = 16_384, 1_048_576  # the last of a spreadsheet
MAX_COLUMNS = 500  # of a table
_MAX_SHARED = 256 << 20  # characters of all shared strings together
_CHUNK = 1 << 18
_MAX_TOKEN = 4 << 20  # bytes without one finished tag: no workbook has such a thing
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")

# What the libraries below raise on a damaged file. ValueError: also what is no number where one must stand; LookupError: an
# encoding that there is not.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    OverflowError,
)

NumberedRow = tuple[int, Sequence[str]]
Attributes = dict[str, str]


@dataclass(frozen=True)
class Worksheet:
    """A visible sheet: its place among all sheets from 1, its title, and its rows that are not blank."""

    number: int
    title: str
    rows: Iterator[NumberedRow]


def open_workbook(file: BinaryIO, name: str) -> Iterator[Worksheet]:
    """The visible sheets in their order; each sheet's rows must be read before the next is asked for.

    Raises SheetRefused where the workbook is dangerous or damaged. Hidden sheets are passed over: nobody who looked at the
    workbook has seen them.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            check_members(archive, name)
            book = _Book(archive, name)
            for number, (title, part) in enumerate(book.sheets(), start=1):
                if part is not None:
                    yield Worksheet(number, title, _rows(book, part, f"{name}, sheet {number}"))
    except _BROKEN:
        raise _damaged(name) from None


def _damaged(place: str) -> SheetRefused:
    return SheetRefused(f"{place}: the workbook is damaged; open it, save it again as .xlsx and resend")


class _Parser:
    """An XML parser that knows local names only and takes no document type definition."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.local: dict[str, str] = {}
        self._expat = expat.ParserCreate()
        self._expat.buffer_text = True
        self._expat.StartDoctypeDeclHandler = self._refuse

    def on(
        self,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> "_Parser":
        """Call these with names as they stand in the file: `name_of` gives the local one."""
        self._expat.StartElementHandler = start
        if end is not None:
            self._expat.EndElementHandler = end
        if text is not None:
            self._expat.CharacterDataHandler = text
        return self

    def name_of(self, tag: str) -> str:
        found = self.local.get(tag)
        if found is None:
            found = self.local[tag] = tag.rpartition(":")[2]
        return found

    def feed(self, part: zipfile.ZipExtFile) -> Iterator[None]:
        """Parse chunk by chunk, giving the caller a turn after each."""
        fed = 0
        try:
            while chunk := part.read(_CHUNK):
                fed += len(chunk)
                self._expat.Parse(chunk, False)
                if fed - self._expat.CurrentByteIndex > _MAX_TOKEN:
                    raise _damaged(self.place)
                yield
            self._expat.Parse(b"", True)
            yield
        except _BROKEN:
            raise _damaged(self.place) from None

    def _refuse(self, *_: object) -> None:
        raise SheetRefused(f"{self.place}: the workbook brings its own XML definitions (DTD); it is not opened")


class _Book:
    """What the cells of all sheets refer to."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive, self.name = archive, name
        self._parts = {member.filename.lower(): member for member in archive.infolist()}
        self._check_relations()
        main = [target for kind, target in self._relations("").values() if kind == "officeDocument"]
        if len(main) != 1:
            raise _damaged(name)
        self._main = main[0]
        self._related = self._relations(self._main)
        self.is_1904 = False
        self._listed: list[tuple[str, str, bool]] = []  # title, relation, visible
        self._read(self._main, self._workbook_tag)
        self.strings = self._shared_strings()
        self.formats = self._formats()

    def sheets(self) -> Iterator[tuple[str, str | None]]:
        """Title and part of each sheet; no part where it is hidden or a chart."""
        for title, relation, visible in self._listed:
            kind, target = self._related.get(relation, ("", ""))
            yield title, target if visible and kind == "worksheet" else None

    def open(self, part: str) -> zipfile.ZipExtFile:
        member = self._parts.get(part.lower())
        if member is None:
            raise _damaged(self.name)
        try:
            opened = self.archive.open(member)
        except _BROKEN:
            raise _damaged(self.name) from None
        return cast(zipfile.ZipExtFile, opened)  # reading, never writing

    def _read(self, part: str, start: Callable[["_Parser", str, Attributes], None]) -> None:
        parser = _Parser(self.name)
        parser.on(lambda tag, attributes: start(parser, parser.name_of(tag), attributes))
        with self.open(part) as content:
            for _ in parser.feed(content):
                pass

    def _workbook_tag(self, _: _Parser, name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            self.is_1904 = attributes.get("date1904", "0") in ("1", "true")
        elif name == "sheet":
            relation = [given for key, given in attributes.items() if key.endswith(":id")]
            visible = attributes.get("state", "visible") == "visible"
            self._listed.append((attributes.get("name", ""), relation[0] if relation else "", visible))

    def _check_relations(self) -> None:
        """The only thing outside the file that a table may point to is a web page behind a cell."""

        def start(_: _Parser, name: str, attributes: Attributes) -> None:
            is_outside = name == "Relationship" and attributes.get("TargetMode", "").lower() == "external"
            if is_outside and not attributes.get("Type", "").endswith("/hyperlink"):
                raise SheetRefused(
                    f"{self.name}: the workbook holds links to other files; save it as a plain .xlsx or as .csv"
                )

        for part in self._parts:
            if part.endswith(".rels"):
                self._read(part, start)

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation -> kind and part, of one part of the workbook or, for "", of the whole."""
        folder, leaf = posixpath.split(part)
        listing = posixpath.join(folder, "_rels", f"{leaf}.rels")
        found: dict[str, tuple[str, str]] = {}

        def start(_: _Parser, name: str, attributes: Attributes) -> None:
            if name == "Relationship" and attributes.get("TargetMode", "").lower() != "external":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = kind, target.lstrip("/")

        if listing.lower() in self._parts:
            self._read(listing, start)
        return found

    def _only(self, kind: str) -> str | None:
        return next((target for found, target in self._related.values() if found == kind), None)

    def _shared_strings(self) -> list[str]:
        part = self._only("sharedStrings")
        strings: list[str] = []
        if part is None:
            return strings
        text = _Text(self.name)
        parser = _Parser(self.name)
        total = 0

        def end(tag: str) -> None:
            nonlocal total
            if parser.name_of(tag) == "si":
                strings.append(text.take())
                total += len(strings[-1])
                if total > _MAX_SHARED:
                    raise SheetRefused(
                        f"{self.name}: the workbook unpacks to more than a table can be; it is not opened"
                    )
            else:
                text.end(parser.name_of(tag))

        parser.on(lambda tag, _: text.start(parser.name_of(tag)), end, text.add)
        with self.open(part) as content:
            for _ in parser.feed(content):
                pass
        return strings

    def _formats(self) -> list[tuple[str, bool]]:
        """Per cell style: the number format, and whether it shows a date."""
        part = self._only("styles")
        codes: dict[str, str] = {}
        styles: list[str] = []
        inside: list[str] = []

        def start(_: _Parser, name: str, attributes: Attributes) -> None:
            if name in ("cellXfs", "cellStyleXfs", "dxfs"):
                inside[:] = [name]
            elif name == "numFmt" and inside != ["dxfs"]:
                codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "xf" and inside == ["cellXfs"]:
                styles.append(attributes.get("numFmtId", "0"))

        if part is not None:
            self._read(part, start)
        return [(codes.get(number, ""), is_date_format(number, codes.get(number, ""))) for number in styles]


class _Text:
    """The text of one string: its runs together, without the pronunciation that East Asian text may carry."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._parts: list[str] = []
        self._length = 0
        self._in_text = False
        self._in_phonetic = False

    def start(self, name: str) -> None:
        if name == "t":
            self._in_text = not self._in_phonetic
        elif name == "rPh":
            self._in_phonetic = True

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._in_phonetic = False

    def add(self, text: str) -> None:
        if self._in_text:
            self._length += len(text)
            if self._length > 8 * MAX_CELL:
                raise SheetRefused(f"{self._place}: a cell is longer than a spreadsheet's cell can be")
            self._parts.append(text)

    def take(self) -> str:
        text = "".join(self._parts)
        self._parts, self._length, self._in_text, self._in_phonetic = [], 0, False, False
        return unescape(text) if "_x" in text else text


def unescape(text: str) -> str:
    """`_x000D_` and the like are how a workbook writes what XML can't hold; control characters become blanks."""

    def character(found: re.Match[str]) -> str:
        code = int(found[1], 16)
        if 0xD800 <= code <= 0xDFFF:
            return found[0]
        return chr(code) if code >= 0x20 else " "

    return _ESCAPED.sub(character, text)


def _rows(book: _Book, part: str, place: str) -> Iterator[NumberedRow]:
    """The rows of one worksheet that hold anything, with their numbers; cells up to the last one that does."""
    reader = _SheetReader(book, place)
    with book.open(part) as content:
        for _ in reader.parser.feed(content):
            yield from reader.take()


class _SheetReader:
    """Gathers rows as the parser meets them. Called for every tag of a sheet: kept lean."""

    def __init__(self, book: _Book, place: str) -> None:
        self.parser = _Parser(place).on(self._start, self._end, self._add)
        self._book, self._place = book, place
        self._finished: list[NumberedRow] = []
        self._columns: dict[str, int] = {}  # letters -> index
        self._row_no, self._cells, self._column = 0, list[str](), -1
        self._kind, self._style = "", ""
        self._value: list[str] | None = None
        self._text = _Text(place)
        self._in_row = self._in_string = False

    def take(self) -> list[NumberedRow]:
        finished, self._finished = self._finished, []
        return finished

    def _start(self, tag: str, attributes: Attributes) -> None:
        name = self.parser.name_of(tag)
        if name == "c":
            self._begin_cell(attributes)
        elif name == "v":
            self._value = []
        elif name == "row":
            row_no = int(attributes.get("r") or self._row_no + 1)
            if row_no <= self._row_no:
                raise SheetRefused(f"{self._place}: the rows are out of order; open it, save it again and resend")
            if row_no > MAX_ROW:
                raise _damaged(self._place)
            self._row_no, self._cells, self._column, self._in_row = row_no, [], -1, True
        elif name == "f" and self._in_row:
            raise SheetRefused(
                f"{self._where()}: holds a formula; copy the column and paste it as values, then save again"
            )
        elif name == "is":
            self._in_string = True
        elif self._in_string:
            self._text.start(name)

    def _add(self, text: str) -> None:
        if self._value is not None:
            self._value.append(text)
        elif self._in_string:
            self._text.add(text)

    def _end(self, tag: str) -> None:
        name = self.parser.name_of(tag)
        if name == "v":
            text = self._shown("".join(self._value or ()))
            self._value = None
            self._put(text)
        elif name == "is":
            self._in_string = False
            self._put(self._text.take())
        elif name == "row":
            if self._cells:
                self._finished.append((self._row_no, self._cells))
            self._in_row = False
        elif self._in_string:
            self._text.end(name)

    def _begin_cell(self, attributes: Attributes) -> None:
        letters = attributes.get("r", "").rstrip("0123456789").upper()
        column = self._columns.get(letters, -1)
        if column < 0:
            column = self._column + 1 if not letters else _column_index(letters)
            if letters and column >= 0:
                self._columns[letters] = column
        if column <= self._column or column >= MAX_COLUMN:
            raise _damaged(f"{self._place}, row {self._row_no}")
        self._column = column
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")

    def _put(self, text: str) -> None:
        if text:
            if len(self._cells) > self._column:
                raise _damaged(self._where())
            if self._column >= MAX_COLUMNS:  # at once: a chunk of such rows, filled up with blanks, would be a gigabyte
                raise SheetRefused(
                    f"{self._where()}: a cell stands beyond the {MAX_COLUMNS} columns that a table may have"
                )
            self._cells.extend([""] * (self._column - len(self._cells)))
            self._cells.append(text)

    def _shown(self, value: str) -> str:
        """What a person sees of a value. Raises ValueError, told as damage, where it is not of its own kind."""
        kind = self._kind
        if kind == "s":
            index = int(value)
            if not 0 <= index < len(self._book.strings):
                raise _damaged(self._where())
            return self._book.strings[index]
        if kind == "n":
            style = int(self._style)
            code, is_date = self._book.formats[style] if 0 <= style < len(self._book.formats) else ("", False)
            try:
                return as_number(value, code, is_date=is_date, is_1904=self._book.is_1904) if value else ""
            except OverflowError:
                raise SheetRefused(
                    f"{self._where()}: holds a day beyond the year 9999; mend it and save again"
                ) from None
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "e":
            raise SheetRefused(f"{self._where()}: holds an error value; mend it and save again")
        return unescape(value) if "_x" in value else value  # str: text; d: a date as ISO

    def _where(self) -> str:
        return f"{self._place}, row {self._row_no}, column {column_letter(max(self._column, 0))}"


def _column_index(letters: str) -> int:
    """The index from 0 of a column's letters; -1 if they are none."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z" or index > MAX_COLUMN:
            return -1
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
