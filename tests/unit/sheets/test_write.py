"""Writing workbooks: the same bytes, text that stays text, columns to fill in, and nothing left behind."""

import stat
import zipfile
from pathlib import Path

import openpyxl
import pytest

from clearslate.errors import SheetRefused
from clearslate.sheets import Guide, XlsxTable, read_sheets, write_xlsx

TABLE = XlsxTable(
    "Lines",
    ["Case", "Why", "Decision", "Key"],
    [["0012", "a long reason " * 9, "", "BCDF"], ["1E5", "=1+1", "YES", ""]],
    widths={"Why": 20},
    note="Choose & save",
    input_columns=["Decision"],
    choices={"Decision": ("YES", "NO")},
    n_unprinted=1,
)
GUIDE = Guide("How", [("Decision", "Say yes or no."), ("", "=not a formula")])


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert write_xlsx(tmp_path / f"{name}.xlsx", [TABLE], guide=GUIDE) == [2]
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]
    assert stat.S_IMODE((tmp_path / "a.xlsx").stat().st_mode) == 0o600


def test_every_cell_is_text_and_the_columns_to_fill_in_stand_out(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", [TABLE], guide=GUIDE)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Lines"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows == [TABLE.columns, ["0012", "a long reason " * 9, None, "BCDF"], ["1E5", "=1+1", "YES", None]]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "f"} and {cell.number_format for cell in cells} == {
        "@"
    }
    assert sheet["C2"].fill.fgColor.rgb != sheet["A2"].fill.fgColor.rgb
    assert sheet["C2"].number_format == "@"
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:D3"
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.type, rule.formula1, str(rule.sqref)) == ("list", '"YES,NO"', "C2:C3")
    assert rule.prompt == "Choose & save"
    assert sheet.print_area == "'Lines'!$A$1:$C$3" and sheet.print_title_rows == "$1:$1"
    assert sheet.row_dimensions[2].height > 60 and sheet.row_dimensions[3].height is None


def test_a_formula_written_as_text_is_text(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", [TABLE])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_no_rows_is_a_header(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", [XlsxTable("Empty", ["a", "b"], [], input_columns=["b"], choices={"b": ["x"]})])
    (sheet,) = read_sheets(tmp_path / "a.xlsx")
    assert (sheet.columns, sheet.rows) == (["a", "b"], [])


def test_what_a_sheet_can_not_hold_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("old")
    with pytest.raises(SheetRefused, match="sheet T, row 2, column A"):
        write_xlsx(path, [XlsxTable("T", ["a"], [["x" * 40_000]])])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
