"""The exact record machine: what one record is, line by line, by the letter.

A field either starts with a quote and ends with one before a delimiter or the end of the record, any quote inside
doubled; or it holds no quote at all (RFC 4180). A record may take 20 lines. Where none of 95 fields closes within them,
only its first line is damaged, and reading starts again at the next one.

Stricter than the RFC in one point: two stray quotes in the same column of two lines would close over everything
between them and still leave 95 fields, one person's record swallowed by another's. A quoted field that ends in the very
column of its last line in which it began on its first is therefore taken for two stray quotes.

The machine is slow and right. `chunks` keeps it for the lines that need it.
"""

import re
from enum import Enum
from typing import NamedTuple

from clearslate.errors import DeliveryRefused
from clearslate.extract.columns import WIDTH
from clearslate.extract.lines import Lines
from clearslate.extract.quarantine import Reason, readable

MAX_RECORD_LINES = 20
_QUOTE = b'"'
_TELLING_COLUMN = 4  # the first column where as many delimiters before a quote cannot be chance


class Kind(Enum):
    RECORD = "record"
    DAMAGED = "damaged"
    BLANK = "blank"


class Verdict(NamedTuple):
    """What stands at a line: its kind, how many lines it takes, its 95 fields (if whole) or its damage (if not)."""

    kind: Kind
    lines: int
    fields: list[bytes]
    reason: Reason | None


class _Form(NamedTuple):
    """A record by its form alone: the lines it takes, its fields (complete unless it is misquoted), its damage."""

    lines: int
    fields: list[bytes]
    damage: Reason | None


class RecordMachine:
    """Reads the records of one file. `delimiter` is one byte; `trailing_field` allows an empty 96th field."""

    def __init__(self, delimiter: bytes, *, trailing_field: bool, file_name: str) -> None:
        self._delimiter = delimiter
        self._trailing_field = trailing_field
        self._file_name = file_name
        d = re.escape(delimiter.decode())
        self._lenient_field = re.compile(rf'{d}(?:"((?:[^"]|"")*)"(?={d}|\Z)|([^{d}]*))')

    def read(self, lines: Lines, line: int) -> Verdict | None:
        """What begins at line `line` (from 0) of `lines`; None if more lines than those are needed to tell.

        Raises DeliveryRefused where the file ends inside a record: its last line has no line end and is incomplete.
        """
        if not lines.text(line, line).strip(b" \r"):
            return Verdict(Kind.BLANK, 1, [], None)
        form = self._form(lines, line)
        if form is None:
            return None
        raw = lines.text(line, line + form.lines - 1)
        damage = form.damage
        if damage is not None and lines.at_eof and line + 1 == len(lines) and not lines.data.endswith(b"\n"):
            self._refuse_cut(raw, damage, lines.number + line)
        if b"\0" in raw:
            damage = Reason.NUL
        elif not is_utf8(raw):
            damage = Reason.ENCODING
        if damage is not None:
            return Verdict(Kind.DAMAGED, form.lines, form.fields if form.damage is None else [], damage)
        return Verdict(Kind.RECORD, form.lines, form.fields[:WIDTH], None)

    def field_count(self, lines: Lines, line: int) -> int:
        """How many fields stand on line `line` if it is a record of its own; 0 if its quotes are damaged or open."""
        form = self._form(lines, line)
        return len(form.fields) if form and form.lines == 1 and form.damage in (None, Reason.FIELD_COUNT) else 0

    def lenient_fields(self, text: str) -> list[str]:
        """The fields of a damaged line as well as they can be told apart; for reading ids, never for loading."""
        found = self._lenient_field.findall(self._delimiter.decode() + text)
        return [quoted.replace('""', '"') if quoted else bare for quoted, bare in found]

    def _refuse_cut(self, raw: bytes, damage: Reason, number: int) -> None:
        if damage is Reason.UNTERMINATED_QUOTE or len(self.lenient_fields(readable(raw))) < WIDTH:
            raise DeliveryRefused(
                f"{self._file_name}: ends inside a record at line {number}: the file is cut; deliver it again"
            )

    def _form(self, lines: Lines, line: int) -> _Form | None:
        data, delimiter = lines.data, self._delimiter
        last = line
        at, stop = lines.start(line), lines.stop(line)  # `at` is where a field begins
        fields: list[bytes] = []
        misplaced = False
        while (quote := data.find(_QUOTE, at, stop)) >= 0:
            if quote > at:
                if data[quote - 1 : quote] != delimiter:
                    misplaced = True
                    break
                fields += data[at : quote - 1].split(delimiter)
            close = _closing_quote(data, quote + 1, stop)
            while close < 0:
                if last - line + 1 == MAX_RECORD_LINES or (last + 1 == len(lines) and lines.at_eof):
                    return _Form(1, [], Reason.UNTERMINATED_QUOTE)
                if last + 1 == len(lines):
                    return None
                last += 1
                stop = lines.stop(last)
                close = _closing_quote(data, lines.start(last), stop)
            at = close + 2
            ends_record = close + 1 == stop
            misplaced = not ends_record and data[close + 1 : at] != delimiter
            if misplaced or self._is_swallowed(data, quote, close, lines.start(last), column=len(fields)):
                misplaced = True
                break
            fields.append(data[quote + 1 : close].replace(b'""', b'"'))
            if ends_record:
                break
        else:
            fields += data[at:stop].split(delimiter)
        if not misplaced and self._is_whole(fields):
            return _Form(last - line + 1, fields, None)
        if last > line:
            return _Form(1, [], Reason.UNTERMINATED_QUOTE)
        return _Form(1, fields, Reason.QUOTE if misplaced else Reason.FIELD_COUNT)

    def _is_whole(self, fields: list[bytes]) -> bool:
        return len(fields) == WIDTH or (self._trailing_field and len(fields) == WIDTH + 1 and not fields[WIDTH])

    def _is_swallowed(self, data: bytes, begin: int, close: int, last_line: int, *, column: int) -> bool:
        """Whether a quoted field reaches into its last line exactly as far as the column it began in."""
        if begin >= last_line or column < _TELLING_COLUMN:
            return False
        return data.count(self._delimiter, last_line, close) == column


def _closing_quote(data: bytes, at: int, stop: int) -> int:
    """Where the quoted field that `at` lies in closes before `stop`; -1 if it does not. Doubled quotes are text."""
    while (quote := data.find(_QUOTE, at, stop)) >= 0:
        if quote + 1 == stop or data[quote + 1 : quote + 2] != _QUOTE:
            return quote
        at = quote + 2
    return -1


def is_utf8(raw: bytes) -> bool:
    """Whether the bytes are valid UTF-8."""
    if raw.isascii():
        return True
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
