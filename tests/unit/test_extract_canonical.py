"""The canonical line: whatever a file's dialect, a record's line is the shortest CSV of its cells, and parses back to them."""

import csv
import io
import runpy
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearslate.extract import canonical
from clearslate.extract.columns import DOJ_COLUMNS
from clearslate.extract.parse import Parsed
from clearslate.extract.reader import FileReader, survey_file

MAKE = runpy.run_path(str(Path(__file__).parents[1] / "data" / "broken" / "make.py"))
HEADER, fields, row, text = (MAKE[name] for name in ("HEADER", "fields", "row", "text"))
NAMES = [name.lower() for name in DOJ_COLUMNS]


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def needs_quotes(cell: str) -> bool:
    return any(mark in cell for mark in ',"\r\n')


def parsed(content: bytes, *, block_bytes: int = 1 << 20) -> list[Parsed]:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        path = Path(folder, "export.dat")
        path.write_bytes(content)
        return list(FileReader(survey_file(path), pool, block_bytes=block_bytes).parsed())


def records(content: bytes, *, block_bytes: int = 1 << 20) -> list[dict[str, Any]]:
    return [record for part in parsed(content, block_bytes=block_bytes) for record in part.table.to_pylist()]


def assert_canonical(record: dict[str, Any]) -> None:
    cells = [record[name] for name in NAMES]
    assert record["csv_line"] == ",".join(quoted(cell) if needs_quotes(cell) else cell for cell in cells)
    assert record["is_plain"] == (not any(needs_quotes(record[name]) for name in NAMES if name != "pri_name"))
    assert list(csv.reader(io.StringIO(record["csv_line"], newline=""))) == [cells]


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, int]:
    """A file of any dialect whose cells hold all that is special, and how many records it has."""
    delimiter, end = draw(st.sampled_from(",,~|\t")), draw(st.sampled_from(["\n", "\r\n"]))
    trailing = draw(st.sampled_from(["", "", delimiter]))
    order = draw(st.sampled_from([DOJ_COLUMNS, DOJ_COLUMNS, DOJ_COLUMNS[::-1], (*DOJ_COLUMNS[12:], *DOJ_COLUMNS[:12])]))
    has_header = order != DOJ_COLUMNS or draw(st.booleans())
    needless = draw(st.sampled_from([0.0, 0.0, 0.1, 1.0]))  # share of cells that are quoted though they need not be
    chance = draw(st.randoms(use_true_random=False))
    cell = st.text(f',"\r\n{delimiter}AÉ ', max_size=5)
    columns = st.sampled_from(
        ["record_id", "req_name", "pri_name", "ofn", "offense_descr", "comment_text", "end_of_rec"]
    )
    count = draw(st.integers(1, 6))

    def written(value: str) -> str:
        has_to = any(mark in value for mark in (delimiter, '"', "\r", "\n"))
        return quoted(value) if has_to or chance.random() < needless else value

    lines = [delimiter.join(order)] if has_header else []
    for number in range(count):
        cells = dict(zip(DOJ_COLUMNS, fields(number, **draw(st.dictionaries(columns, cell, max_size=3))), strict=True))
        lines.append(delimiter.join(written(cells[name]) for name in order))
    body = "".join(line + trailing + end for line in lines)
    return body.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))), count


@settings(max_examples=300, deadline=None)
@given(files(), st.sampled_from([400, 1 << 20]))
def test_any_dialect_gives_the_canonical_line(file: tuple[bytes, int], block_bytes: int) -> None:
    content, count = file
    parts = parsed(content, block_bytes=block_bytes)
    loaded = [record for part in parts for record in part.table.to_pylist()]
    for record in loaded:
        assert_canonical(record)
    # A field with a line break may be taken for two stray quotes: its lines are in quarantine, one by one.
    assert len(loaded) == count or any(part.quarantined for part in parts)


ODD = [
    {},
    {"pri_name": "OKAPI"},
    {"pri_name": 'OKAPI,"OLA"'},
    {"pri_name": 'OKAPI "OLA"'},
    {"req_name": "OKAPI,OLA"},
    {"comment_text": "SEE FILE 3, PER COURT"},
    {"comment_text": 'SAID "NO"'},
    {"comment_text": "PAGE 1\nPAGE 2"},
    {"comment_text": "PAGE 1\rPAGE 2"},
    {"comment_text": "É, è"},
    {"record_id": "1,2"},
    {"record_id": '"'},
    {"end_of_rec": ",,"},
    {"ofn": "  NULL "},
    {"subject_status": ",", "comment_text": "A,B", "ofn": "C,D", "pri_name": ","},
]


@pytest.mark.parametrize("delimiter", [",", "~", "|", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_odd_records(delimiter: str, encoding: str, end: str) -> None:
    lines = [row(number, delimiter=delimiter, **values) for number, values in enumerate(ODD)]
    found = records(text(*lines, end=end).encode(encoding))
    assert [[record[name] for name in NAMES] for record in found] == [
        fields(n, **values) for n, values in enumerate(ODD)
    ]
    for record in found:
        assert_canonical(record)


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        (row(0).replace('"OKAPI,OLA"', "OKAPI") + "\n", True),
        (row(0).replace('"OKAPI,OLA"', '"OKAPI"') + "\n", True),  # quoted for nothing: as long as LAST,FIRST in quotes
        (row(0).replace("YOLO", '"YOLO"').replace('"OKAPI,OLA"', "OKAPI") + "\n", True),
        (row(0) + ",\n", True),  # the empty 96th field
        (row(0).replace('"OKAPI,OLA"', '""') + ",\n", True),
        (row(0), True),  # the last line, without a line end
        (",".join(map(quoted, fields(0))) + "\n", True),
        (",".join(map(quoted, fields(0, comment_text="A,B"))) + "\n", False),
        (row(0, ofn="A\rB").replace('"A\rB"', "A\rB") + "\n", False),  # a lone CR needs no quotes to arrive, but to go
    ],
)
def test_one_record(sent: str, plain: bool) -> None:
    (record,) = records(sent.encode())
    assert_canonical(record)
    assert record["is_plain"] is plain


def test_lines_that_are_canonical_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise AssertionError

    lines = [
        row(n, **values) for n, values in enumerate(({}, {"pri_name": "OKAPI"}, {"comment_text": "É, è", "ofn": "É"}))
    ]
    content = text(HEADER, *lines, row(3), end="\r\n").encode()
    with monkeypatch.context() as patched:
        patched.setattr(canonical, "written", fail)
        with pytest.raises(AssertionError):
            records(content)  # the file's last line alone is not
    asked = []
    written = canonical.written
    monkeypatch.setattr(canonical, "written", lambda table: asked.append(len(table)) or written(table))
    assert [record["csv_line"] for record in records(content)] == [*lines, row(3)]
    assert asked == [1]


def test_a_chunk_without_records_has_no_lines() -> None:
    found = records((text(HEADER, *["#" * 200] * 3) + text(row(0), row(1))).encode(), block_bytes=300)
    assert [record["csv_line"] for record in found] == [row(0), row(1)]
