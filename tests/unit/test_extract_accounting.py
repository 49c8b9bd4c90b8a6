"""No line is ever lost: the fast path, the record machine alone and a plain reference reader agree on damaged files."""

import runpy
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearslate.errors import ClearslateError, DeliveryRefused
from clearslate.extract.chunks import suspect_lines
from clearslate.extract.columns import DOJ_COLUMNS
from clearslate.extract.lines import Lines
from clearslate.extract.reader import FileReader, survey_file
from clearslate.extract.tally import Tally

MAKE = runpy.run_path(str(Path(__file__).parents[1] / "data" / "broken" / "make.py"))
HEADER, row = MAKE["HEADER"], MAKE["row"]

COMMENTS = ["", "", 'SAID "NO", LEFT', "PAGE 1\nPAGE 2", "A\r\n\r\nB", 'END"', "\ufeff", "É"]
BASE = [row(n, comment_text=comment) for n, comment in enumerate(COMMENTS)]
DAMAGE = ['"', '"', '""', ",", "\n", "\n", "\r\n", "\r", "\0", "\udcff", "\ufeff", "É", " ", ',"', '",', ",,,,", "\n\n"]
BLOCK_SIZES = [1, 37, 300, 1000, 1 << 20]

Outcome = tuple[object, ...]


def read(data: bytes, *, block_bytes: int, exact_only: bool) -> Outcome:
    """Everything that reading comes to, as plain values; a refusal as its text."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        path = Path(folder, "export.dat")
        path.write_bytes(data)
        try:
            reader = FileReader(survey_file(path), pool, block_bytes=block_bytes, exact_only=exact_only)
            chunks = list(reader.parsed())
        except DeliveryRefused as refused:
            return ("refused", str(refused))
        facts = reader.facts(0)
    records, lines = [], []
    for chunk in chunks:
        for first, last, values in zip(chunk.line_first, chunk.line_last, chunk.table.to_pylist(), strict=True):
            *cells, csv_line, is_plain = values.values()
            records.append((int(first), int(last), tuple(cells)))
            lines.append((csv_line, is_plain))
    quarantined = [record for chunk in chunks for record in chunk.quarantined]
    return records, quarantined, facts.lines_total, facts.lines_header, facts.lines_blank, lines


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """Invented records, most of them well formed, with a few characters put in, taken out or written over."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    trailing = draw(st.sampled_from(["", "", ","]))
    lines = draw(st.lists(st.sampled_from([*BASE, *BASE[:2], "", "  "]), min_size=1, max_size=8))
    body = "".join(line + (trailing if line.strip() else "") + end for line in lines)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.sampled_from(["", *DAMAGE])) + body[at + draw(st.integers(0, 3)) :]
    if draw(st.booleans()):
        body = body.removesuffix(end)
    header = draw(st.sampled_from([HEADER + trailing + end, HEADER + trailing + end, ""]))
    accented = BASE[-1] + trailing + end  # so that the file is in UTF-8, whatever damage follows
    return (header + accented + body).encode("utf-8", "surrogateescape")


@settings(max_examples=250, deadline=None)
@given(damaged_files(), st.sampled_from(BLOCK_SIZES))
def test_every_way_of_reading_a_damaged_file_agrees(data: bytes, block_bytes: int) -> None:
    outcome = read(data, block_bytes=1 << 20, exact_only=True)
    assert read(data, block_bytes=block_bytes, exact_only=False) == outcome
    assert read(data, block_bytes=block_bytes, exact_only=True) == outcome
    if outcome[0] != "refused":
        records, quarantined, total, header, blank, _ = outcome
        expected = reference(data)
        assert [(first, last, values) for first, last, values in records] == expected["records"]  # type: ignore[union-attr]
        found = [(record.line_first, record.line_last, record.reason.value) for record in quarantined]  # type: ignore[union-attr]
        assert found == expected["quarantined"]
        assert (header, blank) == (expected["header"], expected["blank"])
        assert total == data.count(b"\n") + (not data.endswith(b"\n"))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000))
def test_a_file_cut_anywhere_is_refused_or_loads_only_what_was_sent(cut: int) -> None:
    data = "\n".join([HEADER, *BASE[:6], ""]).encode()
    sent = {values for _, _, values in read(data, block_bytes=500, exact_only=False)[0]}  # type: ignore[attr-defined]
    outcome = read(data[: len(data) - cut % len(data)], block_bytes=500, exact_only=False)
    if outcome[0] != "refused":
        loaded = [values for _, _, values in outcome[0]]  # type: ignore[attr-defined]
        # The end of a last field can be missing without a trace; nothing else can.
        assert set(loaded[:-1]) <= sent
        assert not loaded or loaded[-1][:-1] in {values[:-1] for values in sent}


@pytest.mark.parametrize("column", [0, 5, 53, 93])
def test_long_files_of_long_records_keep_their_line_numbers(column: int) -> None:
    records = [row(n, **{DOJ_COLUMNS[column].lower(): "\n".join(str(n) * (n % 20 + 1))}) for n in range(100, 160)]
    data = "\n".join([HEADER, *records, ""]).encode()
    assert read(data, block_bytes=600, exact_only=False) == read(data, block_bytes=1 << 20, exact_only=True)


def test_a_clean_file_needs_the_record_machine_for_nothing() -> None:
    data = "".join(row(n, comment_text='A "B", C') + "\r\n" for n in range(5)).encode()
    assert not suspect_lines(Lines.of(data), ",").any()


def test_an_account_that_does_not_balance_is_an_error() -> None:
    tally = Tally(lines_header=1, lines_blank=2, lines_loaded=3, lines_quarantined=4)
    tally.check(10, file_name="export.dat")
    with pytest.raises(ClearslateError, match=r"export.dat: 11 lines, but 10 accounted for"):
        tally.check(11, file_name="export.dat")


# --- the reference: character by character, nothing clever ----------------------------------------------------------


def reference(data: bytes) -> dict[str, object]:
    """The rules once more, as plainly as they can be put, for comma-delimited UTF-8 in DOJ order."""
    text = data.decode("utf-8", "surrogateescape")
    lines = text.removesuffix("\n").split("\n")
    has_header = lines[0].startswith("RECORD_ID")
    trailing = not has_header or lines[0].rstrip("\r").endswith(",")
    records, quarantined, header, blank = [], [], 0, 0
    at = 0
    while at < len(lines):
        if not lines[at].strip(" \r"):
            blank, at = blank + 1, at + 1
            continue
        taken, fields, reason = one_record(lines[at : at + 20], trailing=trailing)
        raw = "\n".join(lines[at : at + taken])
        if "\0" in raw:
            reason = "nul"
        elif any(0xDC80 <= ord(c) <= 0xDCFF for c in raw):
            reason = "encoding"
        where = (at + 1, at + taken)
        if reason is None and [f.strip("\ufeff \t\r\"'").upper() for f in fields] == list(DOJ_COLUMNS):
            header += taken
        elif reason is None and all(fields[i].strip().upper() in ("", "NULL") for i in (2, 4, 11)):
            quarantined.append((*where, "no_person"))
        elif reason is None:
            records.append((*where, tuple(fields)))
        else:
            quarantined.append((*where, reason))
        at += taken
    return {"records": records, "quarantined": quarantined, "header": header, "blank": blank}


def one_record(lines: list[str], *, trailing: bool) -> tuple[int, list[str], str | None]:
    for count in range(1, len(lines) + 1):
        fields = scanned("\n".join(lines[:count]).removesuffix("\r"))
        if fields is None:
            return 1, [], "quote" if count == 1 else "unterminated_quote"
        if fields == []:
            continue
        if len(fields) == 95 or (trailing and len(fields) == 96 and fields[95] == ""):
            return count, fields[:95], None
        return 1, [], "field_count" if count == 1 else "unterminated_quote"
    return 1, [], "unterminated_quote"


def scanned(text: str) -> list[str] | None:
    """The fields; none at all if a quote is still open at the end; None if a quote is misplaced."""
    fields, field, state = [], "", "start"
    crossed, last_line_delimiters = False, 0
    for c in text:
        if state == "quoted":
            if c == '"':
                state = "closing"
            else:
                last_line_delimiters = 0 if c == "\n" else last_line_delimiters + (c == ",")
                crossed = crossed or c == "\n"
                field += c
        elif state == "closing" and c == '"':
            field, state = field + c, "quoted"
        elif c == ",":
            if state == "closing" and swallowed(crossed, last_line_delimiters, len(fields)):
                return None
            fields.append(field)
            field, state = "", "start"
        elif state == "start" and c == '"':
            state, crossed, last_line_delimiters = "quoted", False, 0
        elif state == "closing" or c == '"':
            return None
        else:
            field, state = field + c, "bare"
    if state == "quoted":
        return []
    if state == "closing" and swallowed(crossed, last_line_delimiters, len(fields)):
        return None
    return [*fields, field]


def swallowed(crossed: bool, last_line_delimiters: int, column: int) -> bool:
    return crossed and column >= 4 and last_line_delimiters == column
