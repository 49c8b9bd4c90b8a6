"""The court's list: its cells, read by the county's mapping.

Belongs here: finding the columns, and turning each row into what can be compared. Does not belong here: the file format
(clearslate.sheets) and any comparison.

What can't be read is missing, and counted: a level or a day that nobody could read contradicts nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from clearslate.errors import UsageError
from clearslate.offenses import describe_offenses
from clearslate.reconcile.mapping import ListMapping
from clearslate.reconcile.numbers import municipal_keys, number_keys
from clearslate.reconcile.people import Name, join_name, read_day, read_name
from clearslate.sheets import Sheet, read_table

ROWS = pa.schema(
    [
        ("row_no", pa.int64()),
        ("case_number", pa.string()),
        ("municipal_number", pa.string()),
        ("name", pa.string()),
        ("last", pa.string()),
        ("first", pa.string()),
        ("middle", pa.string()),
        ("birth_date", pa.date32()),
        ("section_text", pa.string()),
        ("code", pa.string()),
        ("section", pa.string()),
        ("subdivision", pa.string()),
        ("candidate", pa.string()),
        ("level", pa.string()),
        ("day", pa.date32()),
        ("status", pa.string()),
    ]
)
KEYS = pa.schema([("row_no", pa.int64()), ("how", pa.int8()), ("key", pa.string())])


@dataclass(frozen=True)
class CourtList:
    """`rows` has the columns ROWS, `row_no` as a spreadsheet shows it; `keys` the columns KEYS, a row per key of a row.

    `found`: which of the list's columns were there. `unread`: how many cells (or rows without a number) could not be
    read, by what they should have said.
    """

    rows: pa.Table
    keys: pa.Table
    found: tuple[str, ...]
    unread: Mapping[str, int]


def read_court_list(path: Path, mapping: ListMapping, on: date) -> CourtList:
    """Read a court's list. SheetRefused where the file can't be, UsageError where a column is missing that must be there.

    `candidate` is set where the list names a section: `yes` (surely a section in the program's scope), `check` (it may
    be, or the offense was attempted or the like), `no` (it is not, or no conviction stands any more).
    """
    sheet = read_table(path)
    columns = _find_columns(sheet, mapping, path.name)
    read = _Reader(columns, mapping, on)
    rows = [read.row(row_no, cells) for row_no, cells in sheet.rows]
    offenses = _offenses({row["section_text"] for row in rows if row["section_text"]})
    for row in rows:
        row |= offenses.get(row["section_text"], {})
        if row["section_text"] and (row["status"] or "").upper() in mapping.not_convicted:
            row["candidate"] = "no"
    keys = [
        {"row_no": row["row_no"], "how": how, "key": key}
        for row in rows
        for how, key in _keys(row["case_number"] or "", row["municipal_number"] or "", mapping)
    ]
    unread = {
        "case_number": len(rows) - len({key["row_no"] for key in keys}),
        "section": sum(bool(row["section_text"]) and not row["section"] for row in rows),
        **{name: read.unread[name] for name in ("birth_date", "level", "date")},
    }
    return CourtList(
        rows=pa.Table.from_pylist(rows, schema=ROWS),
        keys=pa.Table.from_pylist(keys, schema=KEYS),
        found=tuple(name for name in mapping.columns if name in columns),
        unread=unread,
    )


def _find_columns(sheet: Sheet, mapping: ListMapping, file: str) -> dict[str, str]:
    """Our name -> the sheet's heading."""
    there = {_plain(heading): heading for heading in reversed(sheet.columns)}
    columns = {}
    for name, headings in mapping.columns.items():
        heading = next((there[_plain(text)] for text in headings if _plain(text) in there), None)
        if heading is not None:
            columns[name] = heading
        elif name == "case_number" or name in mapping.stated:
            raise UsageError(
                f"{file}: no column `{'` or `'.join(headings)}`, in which the county's profile looks for {name}; "
                "name the list's own heading under `reconcile: columns:` there"
            )
    return columns


def _plain(heading: str) -> str:
    return "".join(sign for sign in heading.casefold() if sign.isalnum())


def _keys(number: str, municipal_number: str, mapping: ListMapping) -> list[tuple[int, str]]:
    return list(dict.fromkeys([*number_keys(number, mapping), *municipal_keys(municipal_number, mapping)]))


class _Reader:
    """Reads cells; equal texts once. `unread` counts cells that hold something else than they should."""

    def __init__(self, columns: Mapping[str, str], mapping: ListMapping, on: date) -> None:
        self._columns = columns
        self._mapping = mapping
        self._day: Callable[[str], date | None] = cache(lambda text: read_day(text, mapping.dates, not_after=on))
        self._name: Callable[[str], Name] = cache(lambda text: read_name(text, mapping.name_order))
        self.unread: Counter[str] = Counter()

    def row(self, row_no: int, cells: Mapping[str, str]) -> dict[str, Any]:
        """The columns ROWS without what is read out of the section; empty text is missing."""
        last, first, middle = (self._cell(cells, name) for name in ("name_last", "name_first", "name_middle"))
        whole = self._cell(cells, "name") or ", ".join(part for part in (last, f"{first} {middle}".strip()) if part)
        name = join_name(last, first, middle) if last or first else self._name(whole)
        section = f"{self._cell(cells, 'section')} {self._cell(cells, 'code')}"
        row = {
            "row_no": row_no,
            "case_number": self._cell(cells, "case_number"),
            "municipal_number": self._cell(cells, "municipal_number"),
            "name": whole,
            **name._asdict(),
            "birth_date": self._read_day(cells, "birth_date"),
            "section_text": " ".join(section.split()),
            "level": self._level(cells),
            "day": self._read_day(cells, "date"),
            "status": self._cell(cells, "status"),
        }
        return {name: value or None for name, value in row.items()}

    def _cell(self, cells: Mapping[str, str], name: str) -> str:
        return cells.get(self._columns[name], "") if name in self._columns else ""

    def _read_day(self, cells: Mapping[str, str], name: str) -> date | None:
        text = self._cell(cells, name)
        day = self._day(text) if text else None
        self.unread[name] += bool(text) and day is None
        return day

    def _level(self, cells: Mapping[str, str]) -> str:
        text = self._cell(cells, "level").upper()
        level = self._mapping.levels.get(text, "")
        self.unread["level"] += bool(text) and not level
        return level


def _offenses(texts: Iterable[str]) -> dict[str, dict[str, str | None]]:
    """What each distinct text says: `code`, `section`, `subdivision` (missing where it doesn't) and `candidate`."""
    distinct = sorted(texts)
    if not distinct:
        return {}
    told = describe_offenses(pd.DataFrame({"offense_key": distinct, "n_records": 0}))
    in_scope = told["in_prop64_scope"]
    certain = told["is_statute_certain"] & told["relation"].eq("none")
    candidate = (
        in_scope.map({True: "yes", False: "no"})
        .fillna("check")
        .mask(in_scope.fillna(False).astype(bool) & ~certain, "check")
    )
    parts = pd.DataFrame(
        {
            "code": told["statute_code"],
            "section": told["section"],
            "subdivision": told["subdivision"],
            "candidate": candidate,
        }
    ).astype("object")
    return dict(zip(distinct, parts.where(parts.notna(), None).to_dict("records"), strict=True))
