"""The two formats on their own: every spelling says the same, a bad row is named and never quoted, nothing else escapes."""

import csv
import io
import os
import random
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearslate.acknowledgement.cells import CellProblem, read_case_number, safe_cell
from clearslate.acknowledgement.layout import ACK_COLUMNS, AckRefused, Answer, Parsed
from clearslate.acknowledgement.reading import parse
from clearslate.acknowledgement.words import short_form
from clearslate.court.layout import CASE_COLUMNS, is_unsafe_cell
from clearslate.errors import SheetRefused
from clearslate.ledger.history import Courts
from clearslate.sheets import XlsxTable, write_xlsx
from tests.acknowledgement_fixtures import FOLDER, TYPED_NAME, worklist
from tests.support_acknowledgements import BATCH, N_LINES, ON, answer, csv_text, key, write_ack

FUZZ = int(os.environ.get("CLEARSLATE_FUZZ", "60"))
SAME = (
    "reversed_rows.csv", "lf.csv", "bom.csv", "utf16_tabs.csv", "cp1252_semicolons.csv", "american_dates.csv",
    "zeros_added.csv", "zeros_lost.csv", "lower_case.csv", "spaced_keys.csv", "columns_turned.csv", "libreoffice.xlsx",
    "libreoffice_semicolons.csv",
)  # fmt: skip
BAD_ROWS = {
    "key_mangled.csv": "row 7: action_key has a wrong letter, or two in the wrong order",
    "key_lost.csv": "row 7: action_key is blank",
    "line_no_words.csv": "row 7: line_no is no whole number from 1",
    "date_words.csv": "row 7: effective_date is no date; write YYYY-MM-DD",
    "date_european.csv": "row 7: effective_date is no date; write YYYY-MM-DD",
    "date_missing.csv": "row 7: effective_date is blank",
    "date_future.csv": "row 7: effective_date lies in the future",
    "stage_words.csv": "row 7: stage and status are no pair of this format",
    "code_words.csv": "row 7: reason_code is no reason code such as R10",
    "reference_unsafe.csv": "row 7: order_doc_id begins with a sign that a spreadsheet would run, or holds hidden characters",
    "text_endless.csv": "row 7: reason_text is longer than 2000 characters",
}


def told(parsed: Parsed) -> pa.Table:
    """What is said of each line, without where it stands and the court's own words."""
    return parsed.rows.drop_columns(["row", "reason_text"]).sort_by("line_no")


@pytest.mark.parametrize("name", SAME)
def test_every_spelling_says_the_same(name: str) -> None:
    parsed, plain = parse(FOLDER / name, ON), parse(FOLDER / "plain.csv", ON)
    assert (parsed.batch_id, parsed.manifest_sha256, parsed.ack_seq) == (
        plain.batch_id,
        plain.manifest_sha256,
        plain.ack_seq,
    )
    assert told(parsed) == told(plain)
    assert parsed.unreadable == []


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_named_and_stands_alone(name: str) -> None:
    parsed = parse(FOLDER / name, ON)
    assert [bad.words for bad in parsed.unreadable] == [BAD_ROWS[name]]
    assert parsed.rows.num_rows == N_LINES - 1


def test_words_of_the_short_form_are_those_of_the_courts_lists() -> None:
    sayings = {(saying.stage, saying.status, saying.reason_code) for saying in Courts().sayings}
    for word in short_form().values():
        for stage, status in word.answers:
            assert word.needs_code or (stage, status, word.reason_code) in sayings


@pytest.mark.parametrize(
    "number", ["19CF001234", "F 12345", "SCD-123.456/2", "trial-999", "12345 A", "19 CF001234", "7", "MCR  077A"]
)
def test_a_new_case_number_is_taken(number: str) -> None:
    assert read_case_number(number) == " ".join(number.split())


@pytest.mark.parametrize(
    "words",
    [
        TYPED_NAME,
        "DOE",
        "merged into the case of DOE JANE born 1970-01-02",
        "19CF001234 consolidated",
        "19CF001234 with another",
        "DOE, JANE 19CF1",
        "19CF001234 (A)",
        "-19CF1",
        "=1+1",
        "CR" * 15 + "1",
        "Peña 1",
        "٣٣٣",
        "19CF1\n2 3",
    ],
)
def test_words_are_no_case_number(words: str) -> None:
    with pytest.raises(CellProblem, match=r"^names no case number") as caught:
        read_case_number(words)
    assert words not in str(caught.value)


@pytest.mark.parametrize("is_short", [True, False])
def test_words_in_place_of_a_case_number_are_queued_in_both_formats(tmp_path: Path, is_short: bool) -> None:
    path = tmp_path / "a.csv"
    if is_short:
        path.write_text(worklist({5: ("NOT_FOUND", f"R15 {TYPED_NAME}", "2026-04-02")}))
    else:
        rows = [answer(5, "VALIDATED", "rejected", "R15", court_case_number=TYPED_NAME)]
        write_ack(path, rows)
    parsed = parse(path, ON)
    [bad] = parsed.unreadable
    assert parsed.rows.num_rows == 0 and bad.line_no == 5
    assert bad.words.startswith(
        f"row {6 if is_short else 3}: {'reason' if is_short else 'court_case_number'} names no case number"
    )


def test_what_speaks_of_the_whole_package_stands_on_the_row_for_all_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rejected = {"line_no": "All", "status": "Package rejected", "reason": "r01: totals differ", "date": "2026-04-02"}
    path.write_text(worklist({}, rejected, rejected | {"status": "RECEIVED", "reason": "by hand"}))
    parsed = parse(path, ON)
    assert [(span.first, span.last, vars(span.answer)) for span in parsed.spans] == [
        (1, None, vars(Answer("RECEIVED", "rejected", "R01", "totals differ", "2026-04-02"))),
        (1, None, vars(Answer("RECEIVED", "accepted", "", "by hand", "2026-04-02"))),
    ]
    path.write_text(
        worklist(
            {3: ("PACKAGE_REJECTED", "R01", "2026-04-02"), 4: ("RECEIVED", "", "2026-04-02")},
            rejected | {"line_no": "1 TO 12"},
            rejected | {"reason": "totals differ"},
        )
    )
    assert [bad.words for bad in parse(path, ON).unreadable] == [
        "row 4: status speaks of the whole package: write ALL as line number",
        "row 5: status speaks of the whole package: write ALL as line number",
        "row 14: status speaks of the whole package: write ALL as line number",
        "row 15: reason has to start with a reason code such as R01",
    ]


CASES_SHEET = XlsxTable("cases", CASE_COLUMNS, [["1" for _ in CASE_COLUMNS]])
FORM = ("batch_id", "line_no", "action_key", "status", "reason", "date")


def form(title: str, *lines: int, columns: Sequence[str] = FORM) -> XlsxTable:
    """A worklist in which these lines are filled in."""
    rows = [
        {"batch_id": BATCH, "line_no": str(number), "action_key": key(number)}
        | ({"status": "MATCHED", "date": "2026-04-02"} if number in lines else {})
        for number in range(1, N_LINES + 1)
    ]
    return XlsxTable(title, columns, [[row.get(name, "") for name in columns] for row in rows])


@pytest.mark.parametrize("tables", [[form("lines", 1, 2), CASES_SHEET], [form("old"), CASES_SHEET, form("copy", 1, 2)]])
def test_a_sheet_without_answers_disturbs_nothing(tmp_path: Path, tables: Sequence[XlsxTable]) -> None:
    write_xlsx(tmp_path / "a.xlsx", tables)
    assert parse(tmp_path / "a.xlsx", ON).rows.column("line_no").to_pylist() == [1, 2]


@pytest.mark.parametrize(
    "other",
    [
        form("more", 3),
        form("more", 3, columns=[name for name in FORM if name not in ("batch_id", "action_key")]),
        XlsxTable("file", ACK_COLUMNS, [["H", *[""] * 15]]),
    ],
)
def test_answers_on_a_second_sheet_are_not_lost(tmp_path: Path, other: XlsxTable) -> None:
    write_xlsx(tmp_path / "a.xlsx", [form("lines", 1, 2), CASES_SHEET, other])
    with pytest.raises(AckRefused, match=r"^answers on two sheets; send one$"):
        parse(tmp_path / "a.xlsx", ON)


@given(st.text())
def test_a_courts_words_are_safe_in_our_files(text: str) -> None:
    assert not is_unsafe_cell(safe_cell(text))


def test_a_courts_plain_words_stay_as_they_are() -> None:
    assert safe_cell("Señor Peña’s file, dept. 12") == "Señor Peña’s file, dept. 12"
    assert safe_cell("=1+1") == "'=1+1"
    assert safe_cell("two\nlines") == "two lines"


def damaged(content: bytes, seed: int) -> bytes:
    """A file as bad luck or bad will leaves it."""
    luck = random.Random(seed)
    told = bytearray(content)
    nasty = [
        b'"',
        b";",
        b",",
        b"\0",
        b"\xff",
        b"=cmd|' /C calc'!A0",
        b"\r\n",
        b"H,",
        b"T,",
        b"9" * 40,
        b"PK\x03\x04",
        "٣".encode(),
    ]
    for _ in range(luck.randint(1, 6)):
        place, end = sorted((luck.randrange(len(told) + 1), luck.randrange(len(told) + 1)))
        match luck.randrange(5):
            case 0:
                del told[place : min(end, place + luck.randint(1, 200))]
            case 1:
                told[place:place] = luck.choice(nasty)
            case 2:
                told[place:place] = told[place:end]
            case 3:
                lines = bytes(told).splitlines(keepends=True)
                luck.shuffle(lines)
                told = bytearray(b"".join(lines))
            case _:
                if told:
                    told[place % len(told)] = luck.randrange(256)
    return bytes(told)


@settings(max_examples=FUZZ, deadline=None)
@given(
    name=st.sampled_from(["plain.csv", "short_form_mixed.csv", "libreoffice.xlsx", "cp1252_semicolons.csv"]),
    seed=st.integers(0, 2**32),
)
def test_a_damaged_file_is_read_or_refused_and_never_quoted(
    tmp_path_factory: pytest.TempPathFactory, name: str, seed: int
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(damaged((FOLDER / name).read_bytes(), seed))
    try:
        parsed = parse(path, ON)
    except (AckRefused, SheetRefused) as refusal:
        assert TYPED_NAME not in str(refusal)
        return
    assert parsed.source in ("file", "short_form")
    assert all(TYPED_NAME not in bad.words for bad in parsed.unreadable)


IN_SHORT_FORM = {"stage": "status", "reason_code": "reason", "effective_date": "date"}
CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "1",
            "٣",
            "²",
            "-1",
            "1e3",
            "12/31/2025",
            "2026-02-30",
            "R10",
            "ALL",
            "1 TO 3",
            "POSTED",
            "L",
            "H",
            "T",
            "=1+1",
        ]
    ),
    st.just(TYPED_NAME),
)


@settings(max_examples=FUZZ, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, N_LINES + 1), st.sampled_from(ACK_COLUMNS), CELLS), max_size=4),
    is_short=st.booleans(),
)
def test_whatever_is_typed_into_a_cell_is_read_or_refused_and_never_quoted(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, str, str]], is_short: bool
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "typed.csv"
    text = (FOLDER / ("short_form_ranges.csv" if is_short else "plain.csv")).read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    columns = list(rows[0])
    for row, column, cell in changes:
        name = (
            {"stage": "status", "reason_code": "reason", "effective_date": "date"}.get(column, column)
            if is_short
            else column
        )
        rows[row % len(rows)][name if name in columns else "line_no"] = cell
    path.write_bytes(csv_text(columns, rows).encode("utf-8", "surrogatepass"))
    try:
        parsed = parse(path, ON)
    except (AckRefused, SheetRefused) as refusal:
        assert TYPED_NAME not in str(refusal)
        return
    assert all(TYPED_NAME not in bad.words for bad in parsed.unreadable)
    assert parsed.rows.num_rows + len(parsed.unreadable) >= (0 if is_short else N_LINES)
