"""The clerk's short form: the worklist of a package with the columns status, reason and date filled in.

Belongs here: turning its rows into the same answers as those of an acknowledgement file. A row with all three blank has not
been answered yet. What holds for many lines, an order above all, may be filled in on the same sheet as a row of its own: ALL
or `1 TO 412` as line number, no key, the order's document number as reason. Does not belong here: whether such a row counts
(spans.py), and whether an order covers a line that is called posted.

`reason` starts with a reason code. What follows it are the court's words; behind a code that stands for another case number,
that number, and words only behind a comma. Two words speak of the package as a whole, on the row for ALL lines alone; its
reason is a code and words too.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from clearslate.acknowledgement.cells import (
    CellProblem,
    read_case_number,
    read_cell,
    read_day,
    read_free_text,
    read_key,
    read_number,
    read_reference,
    unreadable,
)
from clearslate.acknowledgement.layout import (
    RENUMBERING_CODES,
    SHORT_KEYS,
    WHOLE_BATCH,
    AckRefused,
    Answer,
    Line,
    Parsed,
    Span,
    Unreadable,
    as_rows,
)
from clearslate.acknowledgement.words import Word, short_form
from clearslate.court.layout import SHORT_FORM_COLUMNS, parse_batch_id

_CODED = re.compile(r"(R[0-9]{2})\b[\s:.,;-]*(.*)", re.IGNORECASE | re.DOTALL)
_RANGE = re.compile(r"([0-9]{1,9})\s*(?:TO|-|–|\.\.)\s*([0-9]{1,9})", re.IGNORECASE)
_ALL = (1, None)  # what ALL as line number reaches
_WRITE_ALL = "status speaks of the whole package: write ALL as line number"
_Row = tuple[int, Mapping[str, str]]


def parse_short_form(columns: Sequence[str], rows: Sequence[_Row], *, on: dt.date) -> Parsed:
    """The sheet's rows (number in the sheet, cells by column in lower case). Raises AckRefused."""
    missing = [name for name in (*SHORT_KEYS, *SHORT_FORM_COLUMNS) if name not in columns]
    if missing:
        raise AckRefused(f"the columns {', '.join(missing)} are missing; fill in the worklist of the package itself")
    told = {cells["batch_id"].upper() for _, cells in rows if cells["batch_id"]}
    if len(told) != 1:
        raise AckRefused("rows of two batches; send their worklists apart" if told else "no row names its batch_id")
    [batch_id] = told
    if parse_batch_id(batch_id) is None:
        raise AckRefused("batch_id isn't that of a batch")
    lines: list[Line] = []
    spans: list[Span] = []
    bad: list[Unreadable] = []
    for row, cells in rows:
        if not any(cells[name] for name in SHORT_FORM_COLUMNS):
            continue
        try:
            reach = None if cells["action_key"] else read_cell(cells, "line_no", _reach)
            if reach is None:
                lines += _read_line(row, cells, on)
            else:
                spans += _read_span(row, reach, cells, on)
        except CellProblem as problem:
            bad.append(unreadable(row, cells, problem))
    if not (lines or spans or bad):
        raise AckRefused("nothing is filled in: the columns status, reason and date are blank in every row")
    lost = [read for read in bad if read.line_no is None and not read.action_key]
    if spans and lost:
        row_no = spans[0].row
        raise AckRefused(
            f"{lost[0].words}; nobody knows which lines it is about, while row {row_no} speaks for many, perhaps them"
        )
    return Parsed("short_form", batch_id, as_rows(batch_id, lines), spans, bad, keys=_keys(rows))


def _keys(rows: Sequence[_Row]) -> frozenset[str]:
    keys = set()
    for _, cells in rows:
        with suppress(CellProblem):
            keys.add(read_cell(cells, "action_key", read_key))
    return frozenset(keys)


def _read_line(row: int, cells: Mapping[str, str], on: dt.date) -> list[Line]:
    line_no, key = read_cell(cells, "line_no", read_number), read_cell(cells, "action_key", read_key)
    word, date = _word_and_date(cells, on)
    if _is_of_the_whole(word):
        raise CellProblem(_WRITE_ALL)
    code, words, number = read_cell(cells, "reason", partial(_read_reason, word=word))
    return [Line(row, line_no, key, Answer(*answer, code, words, date, number)) for answer in word.answers]


def _read_span(row: int, reach: tuple[int, int | None], cells: Mapping[str, str], on: dt.date) -> list[Span]:
    word, date = _word_and_date(cells, on)
    if _is_of_the_whole(word):
        if reach != _ALL:
            raise CellProblem(_WRITE_ALL)
        code, words, _ = read_cell(cells, "reason", partial(_read_reason, word=word))
        return [Span(row, *reach, Answer(*answer, code, words, date)) for answer in word.answers]
    if word.needs_code:
        raise CellProblem("status of a row for many lines can't be one that needs a reason for each")
    document = read_cell(cells, "reason", read_reference)
    return [
        Span(row, *reach, Answer(*answer, word.reason_code, effective_date=date, order_doc_id=document))
        for answer in word.answers
    ]


def _is_of_the_whole(word: Word) -> bool:
    return all(stage == WHOLE_BATCH for stage, _ in word.answers)


def _word_and_date(cells: Mapping[str, str], on: dt.date) -> tuple[Word, str]:
    return read_cell(cells, "status", _read_word), read_cell(cells, "date", partial(read_day, latest=on))


def _reach(text: str) -> tuple[int, int | None] | None:
    """The lines that a row for many of them names, or None where it names one or none."""
    if text.upper() == "ALL":
        return _ALL
    found = _RANGE.fullmatch(text)
    if not found:
        return None
    first, last = int(found[1]), int(found[2])
    if not 1 <= first <= last:
        raise CellProblem("is no range of line numbers such as 1 TO 412")
    return first, last


def _read_word(text: str) -> Word:
    word = short_form().get("_".join(text.upper().replace("_", " ").replace("-", " ").split()))
    if word is None:
        raise CellProblem("is blank" if not text else f"is none of {', '.join(short_form())}")
    return word


def _read_reason(text: str, *, word: Word) -> tuple[str, str, str]:
    """Reason code, the court's words, and the case number that they name."""
    found = _CODED.fullmatch(text)
    code, words = (found[1].upper(), found[2].strip()) if found else (word.reason_code, text)
    if word.needs_code and not code:
        raise CellProblem(f"has to start with a reason code such as {'R01' if _is_of_the_whole(word) else 'R10'}")
    number = ""
    if code in RENUMBERING_CODES:
        number, _, words = (part.strip() for part in words.partition(","))
    return code, read_free_text(words), read_case_number(number)
