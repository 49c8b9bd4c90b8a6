"""What files look like from outside: names, compression, encodings, delimiters, headers."""

import gzip
import os
import runpy
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard

from clearslate.errors import DeliveryRefused
from clearslate.extract import inspect_file, read_delivery
from clearslate.extract.columns import DOJ_COLUMNS
from clearslate.extract.encoding import EncodingSurvey, as_utf8
from clearslate.extract.reader import FileReader, survey_file
from clearslate.extract.source import content_blocks

DATA = Path(__file__).parents[1] / "data"
MAKE = runpy.run_path(str(DATA / "broken" / "make.py"))
HEADER, NAMES, fields, row, text = (MAKE[name] for name in ("HEADER", "NAMES", "fields", "row", "text"))
PLAIN = text(HEADER, *(row(n, comment_text='A, "B"\nC  ') for n in range(4)))


def values(path: Path) -> list[list[str]]:
    """The records of one file as landed, in DOJ order."""
    out = path.parent / "landed" / path.name
    read_delivery([path], out, received_on=date(2026, 1, 1))
    table = pq.read_table(out / "record")
    return [list(record.values())[4:99] for record in table.sort_by("record_no").to_pylist()]


def landed(folder: Path, content: str | bytes, name: str = "export.dat") -> list[list[str]]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return values(path)


def refusal(folder: Path, content: str | bytes, name: str = "export.dat") -> str:
    with pytest.raises(DeliveryRefused) as refused:
        landed(folder, content, name)
    message = str(refused.value)
    assert "\n" not in message
    return message


EXPECTED = [fields(n, comment_text='A, "B"\nC  ') for n in range(4)]


# --- the samples ----------------------------------------------------------------------------------------------------


def test_the_sample_extracts_land_to_the_last_field() -> None:
    for name, header in (("sacramento_example/input.csv", True), ("san_joaquin_no_header.csv", False)):
        found = inspect_file(DATA / name)
        assert (found.facts.has_header, found.facts.records_loaded, found.facts.records_quarantined) == (header, 38, 0)
        assert found.in_doj_order


def test_text_lands_as_sent(tmp_path: Path) -> None:
    sent = {"ofn": "NULL  ", "pri_name": " DOE,  JO ", "comment_text": "\t\tA\N{NO-BREAK SPACE}", "sent_length": "007"}
    (record,) = landed(tmp_path, row(1, **sent))
    assert record == fields(1, **sent)
    assert None not in record


# --- kinds of file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.dat", "a.csv", "a.txt", "A.CSV", "a.csv.gz", "a.DAT.ZST", "a.txt.zip", "a.zip"])
def test_every_kind_of_file_lands_the_same(tmp_path: Path, name: str) -> None:
    content = PLAIN.encode()
    if name.endswith(".gz"):
        content = gzip.compress(content[:500]) + gzip.compress(content[500:])
    elif name.endswith(".ZST"):
        frame = zstandard.ZstdCompressor().compress
        content = frame(content[:500]) + frame(content[500:])
    elif name.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.mkdir("folder")
            archive.writestr("folder/export.dat", content)
        content = (tmp_path / name).read_bytes()
    assert landed(tmp_path, content, name) == EXPECTED


@pytest.mark.parametrize(
    "name", ["a*.csv", "a?.csv", "[a].csv", "a'.csv", 'a".csv', "a\nb.csv", "a\x7f.csv", "a\\b.csv"]
)
def test_a_name_that_could_be_mistaken_is_refused(tmp_path: Path, name: str) -> None:
    assert "rename it" in refusal(tmp_path, PLAIN, name)


@pytest.mark.parametrize("name", ["a", "a.xlsx", "a.parquet", "a.gz", "a.xlsx.gz", "a.csv.bz2", "csv"])
def test_an_unknown_kind_of_file_is_refused(tmp_path: Path, name: str) -> None:
    assert "unknown kind of file" in refusal(tmp_path, PLAIN, name)


def test_what_is_no_readable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(DeliveryRefused, match=r"^a.csv: is a folder"):
        inspect_file(tmp_path / "a.csv")
    with pytest.raises(DeliveryRefused, match=r"^b.csv: no such file"):
        inspect_file(tmp_path / "b.csv")
    (tmp_path / "c.csv").write_text(PLAIN)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(DeliveryRefused, match=r"^c.csv: cannot be read"):
        inspect_file(tmp_path / "c.csv")


@pytest.mark.parametrize("keep", [3, 20, -1, -9])
@pytest.mark.parametrize("suffix", [".gz", ".zst", ".zip"])
def test_a_cut_stream_is_refused(tmp_path: Path, suffix: str, keep: int) -> None:
    whole = {".gz": gzip.compress(PLAIN.encode()), ".zst": zstandard.ZstdCompressor().compress(PLAIN.encode())}
    if suffix == ".zip":
        with zipfile.ZipFile(tmp_path / "whole.zip", "w") as archive:
            archive.writestr("export.csv", PLAIN)
        whole[suffix] = (tmp_path / "whole.zip").read_bytes()
    assert "cut or broken" in refusal(tmp_path, whole[suffix][:keep], f"a.csv{suffix}")


def test_garbage_after_or_instead_of_a_stream_is_refused(tmp_path: Path) -> None:
    for suffix, compress in ((".gz", gzip.compress), (".zst", zstandard.ZstdCompressor().compress)):
        for content in (compress(PLAIN.encode()) + b"garbage", PLAIN.encode()):
            assert "cut or broken" in refusal(tmp_path, content, f"a.csv{suffix}")


def test_a_zip_must_hold_one_extract(tmp_path: Path) -> None:
    for members in ([], ["a.csv", "b.csv"], ["a.pdf"]):
        with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
            for member in members:
                archive.writestr(member, PLAIN)
        message = refusal(tmp_path, (tmp_path / "made.zip").read_bytes(), "a.zip")
        assert ("is not a .dat" if members == ["a.pdf"] else f"holds {len(members)} files") in message


def test_blocks_have_the_size_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.zst"
    path.write_bytes(zstandard.ZstdCompressor().compress(PLAIN.encode()))
    blocks = [block for block, _ in content_blocks(path, 100)]
    assert b"".join(blocks) == PLAIN.encode()
    assert {len(block) for block in blocks[:-1]} == {100}


# --- encodings ------------------------------------------------------------------------------------------------------

ACCENTED = PLAIN.replace("HERON", "MUÑOZ").replace("OKAPI", "\N{EURO SIGN}KÉPI")


@pytest.mark.parametrize("bom", [True, False])
@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("utf-8", "utf-8"), ("cp1252", "windows-1252"), ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be")],
)
def test_every_encoding_lands_the_same(tmp_path: Path, codec: str, encoding: str, bom: bool) -> None:
    prefix = "\ufeff" if bom and codec != "cp1252" else ""
    content = (prefix + ACCENTED).encode(codec)
    expected = landed(tmp_path, ACCENTED.encode(), "utf8.csv")
    assert landed(tmp_path, content, "export.csv") == expected
    assert expected[1][12] == "MUÑOZ,HUGO B"
    assert inspect_file(tmp_path / "export.csv").facts.encoding == encoding


@pytest.mark.parametrize("codec", ["utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["no mark", "mark"])
def test_utf_32_is_refused_by_its_name(tmp_path: Path, codec: str, bom: str) -> None:
    assert "(UTF32); save it in UTF-8" in refusal(tmp_path, (bom + ACCENTED).encode(codec))


def verdict(*blocks: bytes) -> str:
    survey = EncodingSurvey("a.csv")
    for block in blocks:
        survey.feed(block)
    return survey.encoding()


def test_the_encoding_is_decided_over_the_whole_file() -> None:
    assert verdict() == verdict(b"abc") == "utf-8"
    assert verdict(b"abc", b"\xd1") == verdict(b"\xd1abc", b"def") == "windows-1252"
    assert verdict(b"abc\xc3", b"\x91def") == "utf-8"
    assert verdict(b"\xc3", b"\xc3", b"x") == "windows-1252"
    assert verdict(b"\xd1abc", b"def", "Ñ".encode()) == verdict("Ñ".encode(), b"\xd1abc") == "utf-8"
    assert verdict("\N{GRINNING FACE}".encode()[:2], "\N{GRINNING FACE}".encode()[2:]) == "utf-8"
    assert verdict(b"\xef\xbb\xbfabc\xd1") == "utf-8"
    assert verdict(b"\0" * 100) == verdict(b"ab" + b"\0" * 100) == "utf-8"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize("order", ["le", "be"])
def test_utf16_survives_any_cut_into_blocks_and_marks_what_is_damaged(size: int, order: str) -> None:
    codec = f"utf-16-{order}"
    whole = ("\ufeffÑ\N{GRINNING FACE}\nA".encode(codec)) + "\ud83dB\ude00".encode(codec, "surrogatepass")
    blocks = [whole[i : i + size] for i in range(0, len(whole), size)]
    found = b"".join(as_utf8(blocks, codec, file_name="a.csv"))
    assert found.decode("utf-8", "surrogatepass") == "Ñ\N{GRINNING FACE}\nA\ud83dB\ude00"
    with pytest.raises(UnicodeDecodeError):
        found.decode()
    with pytest.raises(DeliveryRefused, match="ends inside a UTF-16 character"):
        list(as_utf8([whole, b"x"], codec, file_name="a.csv"))


def test_damaged_utf16_is_quarantined(tmp_path: Path) -> None:
    content = text(HEADER, row(0), row(1).replace("HERON", "HE\ud83dN")).encode("utf-16-le", "surrogatepass")
    (tmp_path / "a.csv").write_bytes(content)
    found = inspect_file(tmp_path / "a.csv")
    assert [(problem.line, problem.reason.value) for problem in found.problems] == [(3, "encoding")]
    assert "UTF-16 character" in refusal(tmp_path, content + b"x", "b.csv")


# --- delimiters, line ends, headers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("delimiter", [",", "~", "|", "\t"])
def test_every_delimiter_is_found(tmp_path: Path, delimiter: str, header: bool, end: str) -> None:
    comments = {"comment_text": 'A, "B" ~ | C'}
    rows = [row(n, delimiter=delimiter, **comments) for n in range(4)]
    content = text(*([HEADER.replace(",", delimiter)] if header else []), *rows, end=end)
    assert landed(tmp_path, content) == [fields(n, **comments) for n in range(4)]
    assert inspect_file(tmp_path / "export.dat").facts.delimiter == delimiter


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        "\ufeff" + HEADER,
        HEADER.lower(),
        ",".join(f'"{name}"' for name in NAMES),
        "\ufeff" + ",".join(f'"{name.lower()} "' for name in NAMES),
        HEADER + ",",
        HEADER + ',""',
        " " + HEADER.replace(",", " , "),
        "\n\r\n" + HEADER,
    ],
)
def test_a_header_is_known_in_any_dress(tmp_path: Path, header: str) -> None:
    content = text(header, *(row(n) for n in range(4)))
    assert landed(tmp_path, content) == [fields(n) for n in range(4)]
    facts = inspect_file(tmp_path / "export.dat").facts
    assert (facts.has_header, facts.lines_header, facts.lines_blank) == (True, 1, header.count("\n"))


def test_columns_in_another_order_go_by_name(tmp_path: Path) -> None:
    order = sorted(range(95), key=lambda i: (i * 37) % 95)
    lines = [",".join(str(record[i]) for i in order) for record in (NAMES, [f"v{i}" for i in range(95)])]
    assert landed(tmp_path, text(*lines)) == [[f"v{i}" for i in range(95)]]
    found = inspect_file(tmp_path / "export.dat")
    assert not found.in_doj_order
    assert [found.columns[at + 1] for at in range(95)] == [DOJ_COLUMNS[i] for i in order]


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        (HEADER.replace("SUBJECT_ID", "SUBJCT_ID"), "unknown name SUBJCT_ID; missing name SUBJECT_ID"),
        (HEADER.replace("OFN", "ofn,OFN"), "doubled name OFN"),
        (HEADER.replace(",OFN", ""), "missing name OFN"),
        (HEADER.replace("OFN", ""), "a blank name at position 53; missing name OFN"),
        (HEADER + ",,", "a blank name at position 96"),
        (HEADER + ",EXTRA", "unknown name at position 96"),
        (HEADER + "," + row(1), "its header has 190 fields, not 95; if the line break behind it was lost, put it back"),
        ("RECORD_ID", "missing names SUBJECT_STATUS"),
        (",".join(NAMES[:60]), "and 30 more"),
    ],
)
def test_a_wrong_header_is_refused_by_name(tmp_path: Path, header: str, fault: str) -> None:
    assert fault in refusal(tmp_path, text(header, row(1)))


@pytest.mark.parametrize(
    ("first", "rows", "loaded"),
    [
        (HEADER + ",", [",", ","], 2),
        (HEADER + ",", ["", ","], 2),
        (HEADER + ",", ["", ",x"], 1),
        (HEADER, ["", ","], 1),
        (row(0), ["", ","], 3),
        (row(0) + ",", [",", ',""', "", ",x"], 4),
    ],
)
def test_a_96th_field_is_taken_where_the_header_has_it_or_there_is_none(
    tmp_path: Path, first: str, rows: list[str], loaded: int
) -> None:
    content = text(first, *(row(n) + end for n, end in enumerate(rows, start=1)))
    assert len(landed(tmp_path, content)) == loaded
    facts = inspect_file(tmp_path / "export.dat").facts
    assert facts.records_loaded + facts.records_quarantined == len(rows) + (first[:4] != "RECO")


def test_a_header_repeated_inside_is_a_header_line(tmp_path: Path) -> None:
    content = text(row(0), HEADER, row(1), "\ufeff" + HEADER.lower(), row(2))
    assert landed(tmp_path, content) == [fields(0), fields(1), fields(2)]
    assert inspect_file(tmp_path / "export.dat").facts.lines_header == 2


@pytest.mark.parametrize(
    "content", ["", "\n\n", " \r\n", HEADER, HEADER + "\n\n", "\ufeff", text(HEADER, HEADER), b"\xff\xfe", b"\xfe\xff"]
)
def test_a_file_without_a_record_is_refused(tmp_path: Path, content: str | bytes) -> None:
    assert "holds no record" in refusal(tmp_path, content)


@pytest.mark.parametrize(
    "content", ["a,b\n" * 2000, '{"a": 1}', "%PDF-1.7\n\0\1\2", row(1, delimiter=";"), "\n" * 1500]
)
def test_what_is_no_extract_is_refused(tmp_path: Path, content: str) -> None:
    assert "not a DOJ extract" in refusal(tmp_path, content + "\n")


def test_one_whole_record_among_the_first_thousand_lines_is_enough(tmp_path: Path) -> None:
    assert len(landed(tmp_path, "junk\n" * 999 + row(1))) == 1
    assert "not a DOJ extract" in refusal(tmp_path, "junk\n" * 1000 + row(1), "late.dat")


def test_a_stray_quote_on_the_first_line_does_not_hide_the_delimiter(tmp_path: Path) -> None:
    assert len(landed(tmp_path, text(row(0).replace(",#", ',"#'), row(1), row(2)))) == 2


def test_an_endless_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearslate.extract.lines.MAX_LINE_BYTES", 1 << 20)
    path = tmp_path / "a.csv"
    path.write_text(text(HEADER, row(1)) + "x" * (1 << 21))
    survey = survey_file(path)
    with ThreadPoolExecutor(1) as pool, pytest.raises(DeliveryRefused, match="line 3 has no end within 1 MiB"):
        list(FileReader(survey, pool, block_bytes=1 << 18).parsed())


def test_inspection_shows_codes_and_lines_but_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text(HEADER, *(row(n) + ",extra" for n in range(12)), row(1)))
    found = inspect_file(path)
    assert found.quarantined == {"field_count": 12}
    assert [problem.line for problem in found.problems] == list(range(2, 12))
    assert "OKAPI" not in repr(found)
    assert "extra" not in repr(found)
