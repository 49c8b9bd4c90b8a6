"""Reading a list: headings, cells that can't be read, what a row says of its offense."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from clearslate.errors import UsageError
from clearslate.reconcile.court_list import read_court_list
from clearslate.reconcile.mapping import ListMapping
from clearslate.sheets import XlsxTable, write_xlsx
from tests.support_reconcile import write_list

PLAIN = ListMapping.default()
ON = date(2020, 7, 1)
COLUMNS = ("CASE_NUMBER", "Last Name", "first name", "D.O.B.", "Charge", "Code", "Severity", "Conviction Date")


def test_headings_are_found_whatever_their_case_and_signs(tmp_path: Path) -> None:
    path = write_list(
        tmp_path / "list.csv", COLUMNS, [("BA1", "Doe", "Jane Ann", "3/4/1970", "11359", "HS", "fel", "2010-05-06")]
    )
    court = read_court_list(path, PLAIN, ON)
    assert court.found == ("case_number", "name_last", "name_first", "birth_date", "code", "section", "level", "date")
    [row] = court.rows.to_pylist()
    assert row == {
        "row_no": 2, "case_number": "BA1", "municipal_number": None, "name": "Doe, Jane Ann", "last": "DOE",
        "first": "JANE", "middle": "ANN", "birth_date": date(1970, 3, 4), "section_text": "11359 HS", "code": "HS",
        "section": "11359", "subdivision": None, "candidate": "yes", "level": "F", "day": date(2010, 5, 6),
        "status": None,
    }  # fmt: skip


def test_what_can_not_be_read_is_missing_and_counted(tmp_path: Path) -> None:
    rows = [("BA1", "Doe", "Jane", "1970", "possession", "", "9th degree", "spring"), ("n/a", *[""] * 7)]
    court = read_court_list(write_list(tmp_path / "list.csv", COLUMNS, rows), PLAIN, ON)
    assert court.unread == {"case_number": 1, "birth_date": 1, "section": 1, "level": 1, "date": 1}
    assert court.rows.column("birth_date").null_count == 2
    assert court.rows.column("candidate").to_pylist() == ["check", None]


def test_a_heading_that_the_profile_names_must_be_there(tmp_path: Path) -> None:
    path = write_list(tmp_path / "list.csv", ("Case Number", "Name"), [("BA1", "Doe, Jane")])
    stated = replace(PLAIN, columns={**PLAIN.columns, "birth_date": ("Born",)}, stated=frozenset({"birth_date"}))
    with pytest.raises(
        UsageError, match=r"list\.csv: no column `Born`, in which the county's profile looks for birth_date"
    ):
        read_court_list(path, stated, ON)


def test_a_workbook_is_read_like_text(tmp_path: Path) -> None:
    rows = [("0012", "Doe", "Jane", "3/4/1970", "11359 HS", "", "F", "5/6/2010")]
    write_xlsx(tmp_path / "list.xlsx", [XlsxTable(title="Cases", columns=list(COLUMNS), rows=rows)])
    text = read_court_list(write_list(tmp_path / "list.csv", COLUMNS, rows), PLAIN, ON)
    assert read_court_list(tmp_path / "list.xlsx", PLAIN, ON) == text


def test_an_empty_list_has_no_rows(tmp_path: Path) -> None:
    court = read_court_list(write_list(tmp_path / "list.csv", COLUMNS, []), PLAIN, ON)
    assert (court.rows.num_rows, court.keys.num_rows) == (0, 0)
