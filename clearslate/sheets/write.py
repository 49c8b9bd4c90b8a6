"""Writing workbooks: text cells that no spreadsheet rewrites, the same bytes for the same rows.

Belongs here: how our workbooks look (header, widths, columns to fill in with their drop-down lists, a sheet of guidance)
and writing them in constant memory. Does not belong here: which rows and columns there are.
"""

import datetime as dt
import math
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from clearslate.errors import SheetRefused
from clearslate.sheets.cells import MAX_CELL, column_letter

MAX_SHEET_ROWS = 1_048_575  # below the header
_NEVER = dt.datetime(2000, 1, 1)  # a workbook says when it was made: ours never do
_FONT = {
    "font_name": "Arial",
    "font_size": 10,
    "font_scheme": None,
}  # drawn alike by Excel and, as Liberation Sans, by LibreOffice
_GUIDE_WIDTH = 92.0
_LINE = 13.5  # points: the height of a line of it
_HEADER, _INPUT, _INPUT_HEADER, _RULE = "#E7EBF0", "#FFF8DC", "#F2D98B", "#C9CFD6"


@dataclass(frozen=True)
class XlsxTable:
    """One sheet. Rows are as long as `columns`; every cell is text.

    `widths` are characters per column (default: as wide as its heading), `input_columns` are coloured as those to fill
    in, `choices` give a column a drop-down list that a spreadsheet holds people to, and `note` is shown as they step
    into a column to fill in, and in the head of each printed page, `mark` at its right. Long text wraps. The last
    `n_unprinted` columns are left off paper.
    """

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[str]]
    widths: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    input_columns: Collection[str] = ()
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    n_unprinted: int = 0
    mark: str = ""


@dataclass(frozen=True)
class Guide:
    """A sheet of words: how to fill the others in. Pairs of a heading and what it means; both may be blank."""

    title: str
    lines: Sequence[tuple[str, str]]


def write_xlsx(path: Path, tables: Sequence[XlsxTable], *, guide: Guide | None = None) -> list[int]:
    """Write a workbook, readable by its owner alone, whole or not at all; returns the number of rows of each table.

    The same tables give the same bytes. Rows are streamed: memory does not grow with them. Raises SheetRefused where a
    sheet can't hold what it is given.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            # Its temporary files hold people's data too: they stay beside the workbook.
            options = {"constant_memory": True, "tmpdir": str(path.parent), "default_format_properties": dict(_FONT)}
            with xlsxwriter.Workbook(file, options) as workbook:
                workbook.set_properties({"created": _NEVER})
                written = [_write_table(workbook, table) for table in tables]
                if guide is not None:
                    _write_guide(workbook, guide)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return written


def _write_table(workbook: xlsxwriter.Workbook, table: XlsxTable) -> int:
    sheet = workbook.add_worksheet(table.title)
    plain = {"num_format": "@", "valign": "top", "text_wrap": True}
    text = workbook.add_format({**plain, "bottom": 1, "border_color": _RULE})
    fill = workbook.add_format({**plain, "bg_color": _INPUT, "border": 1, "border_color": _RULE})
    widths = [table.widths.get(name, max(9, len(name) + 3)) for name in table.columns]
    for index, name in enumerate(table.columns):
        is_input = name in table.input_columns
        sheet.set_column(index, index, widths[index], text)
        colour = _INPUT_HEADER if is_input else _HEADER
        head = {
            "bold": True,
            "num_format": "@",
            "bg_color": colour,
            "bottom": 1,
            "border_color": _RULE,
            "valign": "vcenter",
        }
        sheet.write_string(0, index, name, workbook.add_format(head))
    formats = [fill if name in table.input_columns else text for name in table.columns]
    places = list(enumerate(formats))
    n_rows = 0
    for cells in table.rows:
        n_rows += 1
        if n_rows > MAX_SHEET_ROWS:
            raise SheetRefused(f"sheet {table.title}: more rows than a spreadsheet can hold")
        height = max(map(_lines, cells, widths), default=1)
        if height > 1:
            sheet.set_row(n_rows, height * _LINE)  # a spreadsheet finds it only once somebody touches the row
        for (index, style), cell in zip(places, cells, strict=True):
            if len(cell) > MAX_CELL:
                raise SheetRefused(
                    f"sheet {table.title}, row {n_rows + 1}, column {column_letter(index)}: cell too long"
                )
            if cell:
                sheet.write_string(n_rows, index, cell, style)
            elif style is fill:
                sheet.write_blank(n_rows, index, None, style)
    _dress(sheet, table, n_rows)
    return n_rows


def _lines(cell: str, width: float) -> int:
    """How many lines a text takes in a column: words seldom end where it does."""
    return 1 if len(cell) <= width else math.ceil(len(cell) * 1.1 / width)


def _dress(sheet: Worksheet, table: XlsxTable, n_rows: int) -> None:
    """What a sheet has besides cells: frozen header, filter, drop-down lists, and how it prints."""
    last_column = len(table.columns) - 1
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, n_rows, last_column)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{column_letter(last_column)}{n_rows + 1}"})
    for index, name in enumerate(table.columns):
        if name not in table.input_columns or n_rows == 0:
            continue
        rule: dict[str, object] = {"validate": "any"}
        if name in table.choices:
            rule = {
                "validate": "list",
                "source": list(table.choices[name]),
                "error_title": "Not one of the words",
                "error_message": f"Choose one of the words of the list for {name}, or leave the cell blank.",
            }
        if table.note:
            rule |= {"input_title": name[:32], "input_message": table.note[:255]}
        sheet.data_validation(1, index, n_rows, index, rule)
    sheet.print_area(0, 0, n_rows, last_column - table.n_unprinted)
    sheet.set_landscape()
    sheet.set_paper(1)  # Letter
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    note, mark = (text.replace("&", "&&")[:110] for text in (table.note, table.mark))
    sheet.set_header(f"&L&9{note}&R&9{mark}")
    sheet.set_footer("&L&9&A&R&9Page &P of &N")


def _write_guide(workbook: xlsxwriter.Workbook, guide: Guide) -> None:
    sheet = workbook.add_worksheet(guide.title)
    strong = workbook.add_format({"bold": True, "valign": "top", "num_format": "@", "text_wrap": True})
    plain = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, _GUIDE_WIDTH)
    for row_no, (heading, words) in enumerate(guide.lines):
        sheet.set_row(row_no, (_lines(words, _GUIDE_WIDTH) + 0.3) * _LINE)
        sheet.write_string(row_no, 0, heading, strong)
        sheet.write_string(row_no, 1, words, plain)
    sheet.set_paper(1)
    sheet.fit_to_pages(1, 0)
