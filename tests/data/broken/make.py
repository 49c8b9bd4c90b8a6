"""Writes the broken extracts in this folder again: `python tests/data/broken/make.py`.

Each is broken in one way in which extracts arrive in real life; `expected.csv` says what the reader must make of it.
The people in them are invented.
"""

import gzip
import zipfile
from pathlib import Path

import zstandard

HERE = Path(__file__).parent
HEADER = (HERE.parent / "sacramento_example" / "input.csv").read_text(encoding="utf-8").split("\n", 1)[0]
NAMES = HEADER.split(",")
PEOPLE = [
    ("10000001", "A10000001", "OKAPI,OLA", "19600314"),
    ("10000002", "A10000002", "HERON,HUGO B", "19710101"),
    ("10000003", "A10000003", "LYNX,LENA", "19851130"),
    ("10000004", "A10000004", "NEWT,NIK", "19900229"),
]


def fields(number: int, **values: str) -> list[str]:
    """The fields of invented record `number`; keyword arguments replace columns by lower-case name."""
    subject, cii, name, born = PEOPLE[number % len(PEOPLE)]
    record = dict.fromkeys(NAMES, "")
    record |= {name: "#" for name in NAMES if name.endswith("_SEG_SEP")} | {"END_OF_REC": "#"}
    record |= {"RECORD_ID": str(number), "SUBJECT_ID": subject, "REQ_CII_NUMBER": cii, "CII_NUMBER": cii}
    record |= {"PRI_NAME": name, "PRI_DOB": born, "STP_EVENT_DATE": "19990102", "STP_TYPE_DESCR": "COURT ACTION"}
    record |= {"STP_ORI_CNTY_NAME": "YOLO", "CNT_ORDER": f"10100{number % 10}001000", "DISP_DESCR": "CONVICTED"}
    record |= {"OFFENSE_DESCR": "11357(A) HS-POSSESS", "CONV_STAT_DESCR": "MISDEMEANOR"}
    return list((record | {name.upper(): value for name, value in values.items()}).values())


def row(number: int, *, delimiter: str = ",", **values: str) -> str:
    """Record `number` as one line without line end, quoted where it must be."""
    return delimiter.join(
        '"' + field.replace('"', '""') + '"' if any(c in field for c in (delimiter, '"', "\n", "\r")) else field
        for field in fields(number, **values)
    )


def text(*lines: str, end: str = "\n") -> str:
    return "".join(line + end for line in lines)


ROWS = [row(n) for n in range(8)]


def clean(count: int = 8) -> str:
    return text(HEADER, *ROWS[:count])


def broken() -> dict[str, bytes]:
    """Every file by name."""
    made: dict[str, str | bytes] = {}

    # Opened in a spreadsheet and saved again.
    made["excel_resaved.csv"] = "\ufeff" + text(
        HEADER, *(row(n, cnt_order="1.01E+11", stp_event_date="1/2/1999") for n in range(4)), end="\r\n"
    )
    made["excel_trailing_commas.csv"] = text(HEADER + ",", *(line + "," for line in ROWS[:4]), end="\r\n")
    made["excel_blank_rows.csv"] = text(HEADER, *ROWS[:4], "," * 94, "," * 94)
    unicode_text = "\ufeff" + text(HEADER.replace(",", "\t"), row(0, delimiter="\t"), end="\r\n")
    made["excel_unicode_text.txt"] = unicode_text.encode("utf-16-le")

    # Cut short.
    made["cut_in_last_line.dat"] = clean()[:-200]
    made["cut_in_quoted_field.dat"] = clean(4) + row(4, comment_text="SEE FILE\nPAGE 2")[:-6]
    made["cut_stream.csv.gz"] = gzip.compress(clean().encode(), mtime=0)[:-40]
    made["cut_stream.csv.zst"] = zstandard.ZstdCompressor().compress(clean().encode())[:-10]
    made["no_newline_at_end.dat"] = clean()[:-1]
    made["truncated_line.dat"] = text(HEADER, *ROWS[:3], ROWS[3][:120], *ROWS[4:])

    # Quotes.
    made["stray_quote_in_comment.dat"] = text(
        HEADER, *ROWS[:2], ROWS[2].removesuffix(",#") + 'KNIFE 6" LONG,#', *ROWS[3:]
    )
    made["stray_opening_quote.dat"] = text(HEADER, *ROWS[:2], ROWS[2].removesuffix(",#") + '"SEE FILE,#', *ROWS[3:])
    made["two_stray_quotes.dat"] = text(
        HEADER, ROWS[0], ROWS[1].removesuffix(",#") + '"SEE FILE,#', ROWS[2].removesuffix(",#") + 'KNIFE 6",#', ROWS[3]
    )
    after_quote = ROWS[1].replace('"HERON,HUGO B"', '"HERON,HUGO B" JR')
    made["text_after_quote.dat"] = text(HEADER, ROWS[0], after_quote, ROWS[2])
    made["long_comment.dat"] = text(HEADER, row(0, comment_text="\n".join("ABCDEFGHIJKLMNOPQRSTU")), ROWS[1])

    # Fields.
    made["unquoted_name.dat"] = text(HEADER, *ROWS[:2], ROWS[2].replace('"LYNX,LENA"', "LYNX,LENA"), ROWS[3])
    made["line_break_in_comment.dat"] = text(HEADER, ROWS[0], ROWS[1].removesuffix(",#") + "SEE\nFILE,#", ROWS[2])
    nobody = row(1, subject_id="  ", cii_number="NULL", req_cii_number="")
    made["no_person.dat"] = text(HEADER, ROWS[0], nobody, ROWS[2])

    # Bytes.
    made["nul_bytes.dat"] = clean(3).replace("HERON", "HE\0\0N")
    made["nul_block.dat"] = text(HEADER, *ROWS[:2], "\0" * 512 + ROWS[2][200:], ROWS[3])
    made["mixed_encodings.dat"] = text(HEADER, row(0, pri_name="MUÑOZ,PIA")).encode() + text(
        row(1, pri_name="MUÑOZ,LEO"), ROWS[2]
    ).encode("cp1252")
    made["windows_1252_undefined.dat"] = text(HEADER, row(0, pri_name="MUÑOZ,PIA")).encode("cp1252") + text(
        ROWS[1]
    ).encode().replace(b"HERON", b"HER\x81N")
    made["old_macintosh.csv"] = text(HEADER, *ROWS[:3], end="\r")
    made["mixed_line_ends.dat"] = text(HEADER, ROWS[0], end="\r\n") + text(ROWS[1]) + text(ROWS[2], "", end="\r\n")
    made["utf_32.csv"] = ("\ufeff" + clean(3)).encode("utf-32-le")

    # Compressed, or a workbook, under the name of a text.
    made["gzip_named_csv.csv"] = gzip.compress(clean(3).encode(), mtime=0)
    made["zstandard_named_dat.dat"] = zstandard.compress(clean(3).encode())
    made["workbook_named_csv.csv"] = b"PK\x03\x04\x14\x00\x06\x00" + bytes(64)
    made["gzip_in_gzip.csv.gz"] = gzip.compress(gzip.compress(clean(3).encode(), mtime=0), mtime=0)

    # Put together from several.
    made["concatenated.dat"] = clean(3) + "\ufeff" + text(HEADER.lower(), *ROWS[3:6])
    made["concatenated_other_order.dat"] = clean(3) + text(",".join(reversed(NAMES)), *ROWS[3:6])
    made["concatenated_other_delimiter.dat"] = clean(3) + text(*(row(n, delimiter="|") for n in range(3, 6)))

    # Headers.
    made["header_misspelt.csv"] = clean(2).replace("SUBJECT_ID", "SUBJCT_ID")
    made["header_doubled_name.csv"] = clean(2).replace("CII_TYPE_ALPHA", "CII_TYPE")
    made["header_missing_name.csv"] = clean(2).replace(",END_OF_REC", "").replace(",#\n", "\n")
    made["header_only.csv"] = HEADER + "\n\n"

    # No extract at all.
    made["empty.csv"] = ""
    made["other_table.csv"] = "name,amount\nOKAPI,12\nHERON,13\n"
    return {name: content.encode() if isinstance(content, str) else content for name, content in made.items()}


def two_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.csv", "b.csv"):
            archive.writestr(zipfile.ZipInfo(name), clean(2))


def main() -> None:
    for name, content in broken().items():
        (HERE / name).write_bytes(content)
    two_members(HERE / "two_members.zip")


if __name__ == "__main__":
    main()
