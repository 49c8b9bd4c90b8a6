"""Workbooks that are damaged or dangerous: refused with words that say what, and nothing of a cell."""

import io
import os
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearslate.errors import SheetRefused
from clearslate.sheets import read, read_sheets
from clearslate.sheets.workbook import open_workbook
from tests.support_review import DATA

FUZZ = int(os.environ.get("CLEARSLATE_FUZZ", "150"))
NAME = "PEÑA"
GOOD = (DATA / "libreoffice.xlsx").read_bytes()
SEEDS = [path.read_bytes() for path in sorted(DATA.iterdir()) if path.suffix in (".xlsx", ".csv", ".txt")]
ROW = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c></row>'


def parts_of(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_parts(**parts: bytes) -> bytes:
    """The good workbook with parts added or replaced; `__` in a name stands for `/`."""
    return packed({**parts_of(GOOD), **{name.replace("__", "/"): content for name, content in parts.items()}})


def sheet(rows: str) -> bytes:
    """A workbook of one sheet with these rows as XML."""
    name = next(name for name in parts_of(GOOD) if name.startswith("xl/worksheets/sheet1"))
    content = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    return packed({**parts_of(GOOD), name: content.encode()})


def dated(value: str, *, since_1904: bool = False) -> bytes:
    """A workbook with one cell that is shown as a day."""
    parts = parts_of(sheet(ROW.format(1, "a") + f'<row r="2"><c r="A2" s="0">{value}</c></row>'))
    parts["xl/styles.xml"] = b'<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    if since_1904:
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'date1904="false"', b'date1904="true"')
    return packed(parts)


def refusal(tmp_path: Path, content: bytes) -> str:
    (tmp_path / "sent.xlsx").write_bytes(content)
    with pytest.raises(SheetRefused) as caught:
        read_sheets(tmp_path / "sent.xlsx")
    words = str(caught.value)
    assert words.startswith("sent.xlsx") and NAME not in words
    return words


def replaced(part: str, old: bytes, new: bytes) -> bytes:
    parts = parts_of(GOOD)
    assert old in parts[part]
    return packed({**parts, part: parts[part].replace(old, new, 1)})


BOMB = ROW.format(1, "column") + ROW.format(2, "A" * 30_000_000)
DTD = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
LINK = (
    b'<Relationships><Relationship Id="r1" Type="http://x/externalLinkPath" Target="http://x/y" TargetMode="External"/>'
    b"</Relationships>"
)

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb": (lambda: sheet(BOMB), "packed far tighter"),
    "many_parts": (lambda: with_parts(**{f"xl__x{n}.xml": b"<x/>" for n in range(2_100)}), "unpacks to more"),
    "dtd": (lambda: with_parts(**{"xl__sharedStrings.xml": DTD}), "its own XML definitions"),
    "dtd_in_sheet": (
        lambda: replaced(
            "xl/worksheets/sheet1.xml", b"<worksheet", b'<!DOCTYPE w SYSTEM "file:///etc/passwd"><worksheet'
        ),
        "its own XML definitions",
    ),
    "external_link": (lambda: with_parts(xl__externalLinks__externalLink1=b"<x/>"), "links to other files"),
    "external_relation": (
        lambda: with_parts(**{"xl__worksheets___rels__sheet9.xml.rels": LINK}),
        "links to other files",
    ),
    "macros": (lambda: with_parts(**{"xl__vbaProject.bin": b"x"}), "macros"),
    "embedded": (lambda: with_parts(**{"xl__embeddings__oleObject1.bin": b"x"}), "embedded objects"),
    "connection": (lambda: with_parts(**{"xl__connections.xml": b"<x/>"}), "another source of data"),
    "path_up": (lambda: with_parts(**{"..__..__etc__x.xml": b"<x/>"}), "named as a path"),
    "path_root": (lambda: with_parts(**{"__etc__x.xml": b"<x/>"}), "named as a path"),
    "path_drive": (lambda: with_parts(**{"C:\\x.xml": b"<x/>"}), "named as a path"),
    "two_of_a_name": (lambda: with_parts(**{"XL__WORKBOOK.XML": b"<x/>"}), "two parts of one name"),
    "formula": (
        lambda: sheet(ROW.format(1, "a") + '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'),
        "sheet 1, row 2, column A: holds a formula",
    ),
    "formula_as_text": (
        lambda: sheet(ROW.format(1, "a") + ROW.format(2, "=HYPERLINK(1)")),
        "row 2, column A: holds a formula",
    ),
    "error_value": (
        lambda: sheet(ROW.format(1, "a") + '<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>'),
        "row 2, column A: holds an error value",
    ),
    "rows_out_of_order": (lambda: sheet(ROW.format(1, "a") + ROW.format(3, "b") + ROW.format(2, "c")), "out of order"),
    "row_twice": (lambda: sheet(ROW.format(1, "a") + ROW.format(1, "b")), "out of order"),
    "cell_twice": (
        lambda: sheet('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'),
        "row 1: the workbook is damaged",
    ),
    "two_values": (
        lambda: sheet('<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>'),
        "column A: the workbook is damaged",
    ),
    "far_column": (lambda: sheet('<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>'), "damaged"),
    "outside_header": (lambda: sheet(ROW.format(1, "a") + '<row r="2"><c r="XFD2"><v>1</v></c></row>'), "column XFD"),
    "no_such_string": (lambda: sheet('<row r="1"><c r="A1" t="s"><v>999999</v></c></row>'), "damaged"),
    "no_number": (lambda: sheet('<row r="1"><c r="A1"><v>PEÑA</v></c></row>'), "damaged"),
    "not_a_number": (lambda: sheet('<row r="1"><c r="A1"><v>nan</v></c></row>'), "damaged"),
    "long_cell": (lambda: sheet(ROW.format(1, "A" * 300_000)), "longer than a spreadsheet"),
    "endless_tag": (lambda: sheet(f"<row r='1' x='{os.urandom(3_000_000).hex()}'/>"), "damaged"),
    "other_zip": (lambda: packed({"10_relief_actions.csv": b"x"}), "no XLSX workbook"),
    "opendocument": (lambda: (DATA / "libreoffice.ods").read_bytes(), "OpenDocument"),
    "old_format": (lambda: (DATA / "libreoffice.xls").read_bytes(), "old .xls"),
    "odd_packing": (lambda: packed(parts_of(GOOD), method=zipfile.ZIP_LZMA), "packed in a way"),
    "no_sheet": (lambda: packed({k: v for k, v in parts_of(GOOD).items() if "sheet1" not in k}), "damaged"),
    "no_such_encoding": (
        lambda: with_parts(**{"xl__workbook.xml": b'<?xml version="1.0" encoding="bogus-xyz"?><workbook/>'}),
        "damaged",
    ),
    "day_beyond_calendar": (
        lambda: dated("<v>2958465.9999999</v>"),
        "sheet 1, row 2, column A: holds a day beyond the year 9999",
    ),
    "day_beyond_macintosh_calendar": (
        lambda: dated("<v>2958000</v>", since_1904=True),
        "sheet 1, row 2, column A: holds a day beyond the year 9999",
    ),
    "row_beyond_sheet": (lambda: sheet(ROW.format(1, "a") + ROW.format(10**12, "b")), "damaged"),
    "column_beyond_table": (
        lambda: sheet(ROW.format(1, "a") + '<row r="2"><c r="SG2"><v>1</v></c></row>'),
        "row 2, column SG: a cell stands beyond the 500 columns",
    ),
    "cut_off": (lambda: GOOD[: len(GOOD) // 2], "damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused(name: str, tmp_path: Path) -> None:
    make, words = HOSTILE[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of what this test is about
        content = make()
    assert words in refusal(tmp_path, content)


def test_a_password_is_told() -> None:
    """The flag alone: no library here can write a real one."""
    content = bytearray(GOOD)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 4)
    with pytest.raises(SheetRefused, match="password"):
        list(open_workbook(io.BytesIO(bytes(content)), "sent.xlsx"))


@pytest.mark.parametrize(
    "name", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]
)
def test_a_flipped_byte_is_found_by_the_checksum(name: str, tmp_path: Path) -> None:
    content = bytearray(packed(parts_of(GOOD), method=zipfile.ZIP_STORED))
    inside = content.find(parts_of(GOOD)[name])
    content[inside + len(parts_of(GOOD)[name]) // 2] ^= 0x01
    assert "damaged" in refusal(tmp_path, bytes(content)) or "XML" in refusal(tmp_path, bytes(content))


def test_blank_cells_far_out_and_hyperlinks_are_bearable(tmp_path: Path) -> None:
    rows = ROW.format(1, "a") + '<row r="2"><c r="A2"><v>1</v></c><c r="XFD2" s="1"/></row><row r="1048576"/>'
    (tmp_path / "a.xlsx").write_bytes(sheet(rows))
    assert read_sheets(tmp_path / "a.xlsx")[0].rows == [(2, {"a": "1"})]
    link = LINK.replace(b"externalLinkPath", b"hyperlink")
    (tmp_path / "a.xlsx").write_bytes(with_parts(**{"xl__worksheets___rels__sheet9.xml.rels": link}))
    assert read_sheets(tmp_path / "a.xlsx")


def test_a_small_file_does_not_become_a_large_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that hold one cell at their far end: blanks before it count too."""
    header = "".join(f'<c t="inlineStr"><is><t>c{n}</t></is></c>' for n in range(500))
    content = sheet(f"<row>{header}</row>" + '<row><c r="SF"><v>1</v></c></row>' * 2_000)
    assert len(content) < 20_000
    (tmp_path / "sent.xlsx").write_bytes(content)
    assert len(read_sheets(tmp_path / "sent.xlsx")[0].rows) == 2_000
    monkeypatch.setattr(read, "MAX_CELLS", 500_000)
    assert "sheet 1: more than 500000 cells" in refusal(tmp_path, content)
    tracemalloc.start()
    far = sheet(ROW.format(1, "a") + '<row><c r="XFD"><v>1</v></c></row>' * 5_000)
    assert "row 2, column XFD" in refusal(tmp_path, far)
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_a_row_of_text_with_countless_cells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_text("a,b\n1,2\n" + "," * 1_000_001 + "\n")
    with pytest.raises(SheetRefused, match="row 3: more cells than a table can have"):
        read_sheets(path)


@settings(max_examples=FUZZ, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_sent_is_read_or_refused_without_quoting_it(data: st.DataObject, tmp_path: Path) -> None:
    """Good files with bytes changed, cut, doubled, spliced; workbooks also below their packing."""
    content = bytearray(SEEDS[data.draw(st.integers(0, len(SEEDS) - 1))])
    inside = data.draw(st.booleans()) and content[:2] == b"PK"
    parts = parts_of(bytes(content)) if inside else {}
    name = data.draw(st.sampled_from(sorted(parts))) if inside else ""
    target = bytearray(parts[name]) if inside else content
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(target) - 1, 0)))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "double", "drop"])):
            case "flip" if target:
                target[at] = data.draw(st.integers(0, 255))
            case "cut":
                del target[at:]
            case "insert":
                target[at:at] = data.draw(
                    st.one_of(
                        st.binary(max_size=20),
                        st.sampled_from([b"<f>", b'"', b"\0", b"=", b"<!DOCTYPE x>", b"&", b"]]>"]),
                    )
                )
            case "double":
                target[at:at] = target[at : at + 200]
            case _:
                del target[at : at + data.draw(st.integers(1, 200))]
    sent = packed({**parts, name: bytes(target)}) if inside else bytes(target)
    (tmp_path / "sent").write_bytes(sent)
    try:
        sheets = read_sheets(tmp_path / "sent")
    except SheetRefused as refused:
        assert NAME not in str(refused) and "JOS" not in str(refused)
        assert refused.__cause__ is None
    else:
        assert all(set(row) == set(sheet.columns) for sheet in sheets for _, row in sheet.rows)
