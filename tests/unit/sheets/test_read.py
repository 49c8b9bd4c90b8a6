"""Reading tables: encodings, separators, headers, numbers and dates, and agreement with another reader of workbooks."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from clearslate.errors import SheetRefused
from clearslate.sheets import XlsxTable, read_date, read_sheets, read_table, write_xlsx
from tests.support_review import DATA

TEXT = 'Case,Name\r\n"0012","PEÑA, JOSÉ"\r\n\r\n "A ""1""" ,\r\n'


def sheet_of(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_text_reads_alike_however_it_was_saved(tmp_path: Path, encoding: str, separator: str, end: str) -> None:
    content = end.join(separator.join(row) for row in [("Case", "Name"), ("0012", "PEÑA"), ("", ""), ("7", "")])
    read = read_table(sheet_of(tmp_path / "a.csv", content.encode(encoding)))
    assert read.columns == ["Case", "Name"]
    assert read.rows == [(2, {"Case": "0012", "Name": "PEÑA"}), (4, {"Case": "7", "Name": ""})]


def test_quotes_and_row_numbers_are_those_that_a_person_sees(tmp_path: Path) -> None:
    content = 'Case,Note\r\n1,"two\r\nlines, one ""cell"""\r\n2, x \r\n'
    read = read_table(sheet_of(tmp_path / "a.csv", content))
    assert [(row_no, row["Note"]) for row_no, row in read.rows] == [(2, 'two\r\nlines, one "cell"'), (3, "x")]


def test_the_separator_is_that_of_the_header_outside_quotes(tmp_path: Path) -> None:
    assert read_table(sheet_of(tmp_path / "a.csv", '"a,b,c";d\n1;2\n')).columns == ["a,b,c", "d"]
    assert read_table(sheet_of(tmp_path / "b.csv", "sep=|\na|b;c\n1|2\n")).columns == ["a", "b;c"]
    assert read_table(sheet_of(tmp_path / "c.csv", "alone\n1\n")).rows == [(2, {"alone": "1"})]


def test_short_rows_are_filled_up_and_blank_columns_at_the_end_dropped(tmp_path: Path) -> None:
    read = read_table(sheet_of(tmp_path / "a.csv", "a,b,c,,\n1\n2,3,,,\n"))
    assert read.columns == ["a", "b", "c"]
    assert read.rows == [(2, {"a": "1", "b": "", "c": ""}), (3, {"a": "2", "b": "3", "c": ""})]


def test_an_equals_sign_around_text_is_how_exports_keep_zeros(tmp_path: Path) -> None:
    assert read_table(sheet_of(tmp_path / "a.csv", 'a,b\n"=""0012""",1\n')).rows[0][1]["a"] == "0012"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "holds no table"),
        ("\n\n", "first row must name"),
        ("a,,b\n1,2,3\n", "row 1, column B: the column has no name"),
        ("a,b,a\n", "columns A and C have the same name"),
        ("a,b\n1,2,3\n", "row 2, column C: a cell stands outside"),
        ("a\n=1+1\n", "row 2, column A: holds a formula"),
        ('a,b\n1,"x"y\n', "row 2: a quotation mark"),
        ('a,b\n1,"x\n', "row 2: a quotation mark"),
        ("a\n" + "x" * 40_000 + "\n", "row 2, column A: the cell is longer"),
        (b"a,b\n1,\x81\x00\n", "neither a workbook nor text"),
        (b"%PDF-1.7", "a PDF holds no table"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 99, "an old .xls"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(tmp_path: Path, content: bytes | str, words: str) -> None:
    with pytest.raises(SheetRefused, match=f"^sent.csv.*{words}"):
        read_table(sheet_of(tmp_path / "sent.csv", content))


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    path = sheet_of(tmp_path / "a.csv", "a\n1\n2\n3\n")
    assert len(read_table(path, max_rows=3).rows) == 3
    with pytest.raises(SheetRefused, match="more than 2 rows"):
        read_table(path, max_rows=2)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SheetRefused, match="can't be opened"):
        read_table(tmp_path / "none.csv")


def test_a_workbooks_values_read_as_a_person_sees_them(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append([f"c{n}" for n in range(12)])
    sheet.append(
        [
            12,
            12.0,
            0.5,
            123456789012,
            1.5e20,
            True,
            dt.date(1999, 3, 4),
            dt.datetime(1999, 3, 4, 5, 6),
            37,
            " x ",
            60,
            7,
        ]
    )
    for column, number_format in {"I": "00000", "K": "yyyy-mm-dd", "L": '"day" 0'}.items():
        sheet[f"{column}2"].number_format = number_format
    workbook.save(tmp_path / "a.xlsx")
    assert list(read_table(tmp_path / "a.xlsx").rows[0][1].values()) == [
        "12", "12", "0.5", "123456789012", "1.5E+20", "TRUE", "1999-03-04", "1999-03-04 05:06:00", "00037", "x",
        "1900-02-28", "7",
    ]  # fmt: skip


def test_dates_of_old_macintosh_workbooks_are_theirs(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.epoch = openpyxl.utils.datetime.MAC_EPOCH
    workbook.active.append(["day"])
    workbook.active.append([dt.date(1999, 3, 4)])
    workbook.save(tmp_path / "a.xlsx")
    assert read_table(tmp_path / "a.xlsx").rows == [(2, {"day": "1999-03-04"})]


def test_only_what_a_person_can_see_is_read(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["shown"])
    hidden = workbook.create_sheet("other")
    hidden.append(["hidden"])
    hidden.sheet_state = "hidden"
    workbook.create_sheet("empty")
    workbook.save(tmp_path / "a.xlsx")
    assert [sheet.columns for sheet in read_sheets(tmp_path / "a.xlsx")] == [["shown"]]


def test_rows_that_nobody_wants_are_read_and_left_out(tmp_path: Path) -> None:
    tables = [XlsxTable(title, [title], [["1"], ["2"]]) for title in ("one", "two")]
    write_xlsx(tmp_path / "a.xlsx", tables)
    asked: list[list[str]] = []

    def wanted(columns: Sequence[str]) -> bool:
        asked.append(list(columns))
        return list(columns) == ["two"]

    sheets = read_sheets(tmp_path / "a.xlsx", max_rows=2, wanted=wanted)
    assert asked == [["one"], ["two"]]
    assert [sheet.rows for sheet in sheets] == [[], [(2, {"two": "1"}), (3, {"two": "2"})]]
    assert sheets[1].under(["other"]) == [(2, {"other": "1"}), (3, {"other": "2"})]


@pytest.mark.parametrize("name", ["libreoffice.xlsx", "shared_strings.xlsx", "libreoffice_spot_check.xlsx"])
def test_workbooks_read_as_another_reader_reads_them(name: str) -> None:
    """openpyxl's cells, worded as this reader words them, in the same places."""
    workbook = openpyxl.load_workbook(DATA / name)
    for sheet, other in zip(read_sheets(DATA / name), workbook.worksheets, strict=True):
        assert sheet.name == other.title
        for row_no, row in sheet.rows:
            for index, text in enumerate(row.values()):
                cell = other.cell(row_no, index + 1)
                if isinstance(cell.value, dt.datetime):
                    assert text == cell.value.date().isoformat()
                elif isinstance(cell.value, str) or cell.value is None:
                    assert text == (cell.value or "").strip()
                else:
                    assert float(text) == cell.value
        assert sum(any(cell.value is not None for cell in row) for row in other.iter_rows()) == len(sheet.rows) + 1


def test_strange_text_survives_a_workbook(tmp_path: Path) -> None:
    cells = ["_x0041_", "a\tb", "<&>\"'", "PEÑA 李", "1E5", "00012", "3-4", "TRUE"]
    columns = [f"c{n}" for n in range(len(cells))]
    write_xlsx(tmp_path / "a.xlsx", [XlsxTable("Sheet", columns, [cells])])
    assert list(read_table(tmp_path / "a.xlsx").rows[0][1].values()) == cells


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-07-14", dt.date(2020, 7, 14)),
        ("2020-07-14T00:00:00", dt.date(2020, 7, 14)),
        ("20200714", dt.date(2020, 7, 14)),
        ("7/14/2020", dt.date(2020, 7, 14)),
        ("07-14-2020", dt.date(2020, 7, 14)),
        ("14-Jul-2020", dt.date(2020, 7, 14)),
        ("14 July 2020", dt.date(2020, 7, 14)),
        ("14/7/2020", None),
        ("2020-02-30", None),
        ("7/14/20", None),
        ("44026", None),
        ("", None),
    ],
)
def test_dates(text: str, day: dt.date | None) -> None:
    assert read_date(text) == day


def test_short_years_are_of_this_century_where_asked_for() -> None:
    assert read_date("7/14/20", short_years=True) == dt.date(2020, 7, 14)
