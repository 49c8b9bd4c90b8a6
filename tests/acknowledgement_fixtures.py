"""The files under tests/data/acknowledgements: what courts send, and what they should not.

    python -m tests.acknowledgement_fixtures     writes them anew

All answer the batches of tests/support_acknowledgements.py. The files `libreoffice.*` were saved by LibreOffice from
`plain.csv` and `short_form.xlsx`; they are not made here.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl

from clearslate.acknowledgement.layout import ACK_COLUMNS
from clearslate.court.layout import ACTION_COLUMNS, SHORT_FORM_COLUMNS
from tests.support_acknowledgements import (
    BATCH,
    N_LINES,
    OTHER_BATCH,
    TEST_BATCH,
    ack,
    answer,
    csv_text,
    key,
    manifest,
)

FOLDER = Path(__file__).parent / "data" / "acknowledgements"
TYPED_NAME = "LEE MIN HO"  # stands for a name that a clerk typed somewhere: no message may quote it

MATCHED = [answer(number, "VALIDATED", "matched") for number in range(1, N_LINES + 1)]


def fixtures() -> dict[str, bytes]:
    """Content by file name."""
    files = {**_wholesome(), **_queued(), **_refused(), **_short_forms()}
    return {name: content if isinstance(content, bytes) else content.encode("utf-8") for name, content in files.items()}


def _wholesome() -> dict[str, str | bytes]:
    """Files that say that all twelve lines were found, in every spelling that is taken."""
    plain = ack(MATCHED)
    american = [row | {"effective_date": day} for row, day in zip(MATCHED, ["4/2/2026", "04/02/26"] * 6, strict=True)]
    padded = [row | {"line_no": f"{int(row['line_no']):06d}"} for row in MATCHED]
    lower = [
        row | {"action_key": row["action_key"].lower(), "stage": "Validated", "status": "MATCHED"} for row in MATCHED
    ]
    spaced = [
        row | {"action_key": f" {row['action_key'][:7]} {row['action_key'][7:14]}-{row['action_key'][14:]}"}
        for row in MATCHED
    ]
    capitals = ack(MATCHED).replace(",".join(ACK_COLUMNS), ",".join(name.upper() for name in reversed(ACK_COLUMNS)), 1)
    header, *body = capitals.splitlines()
    turned = [header, *(",".join(reversed(line.split(","))) for line in body)]
    return {
        "plain.csv": plain,
        "reversed_rows.csv": ack(MATCHED[::-1]),
        "duplicated_rows.csv": ack([*MATCHED, *MATCHED[:3]]),
        "lf.csv": ack(MATCHED, lineterminator="\n"),
        "bom.csv": b"\xef\xbb\xbf" + plain.encode(),
        "utf16_tabs.csv": ack(MATCHED, delimiter="\t").encode("utf-16"),
        "cp1252_semicolons.csv": ack(
            [row | {"reason_text": "Señor Peña’s file"} for row in MATCHED], delimiter=";"
        ).encode("cp1252"),
        "american_dates.csv": ack(american),
        "zeros_added.csv": ack(padded),
        "zeros_lost.csv": ack(MATCHED, head={"ack_seq": "1"}),
        "lower_case.csv": ack(
            lower, head={"rec": "h", "batch_id": BATCH.lower(), "manifest_sha256": manifest().upper()}
        ),
        "spaced_keys.csv": ack(spaced),
        "columns_turned.csv": "\r\n".join(turned) + "\r\n",
        "whole_batch_received.csv": ack([answer("", "RECEIVED", "accepted")]),
        "whole_batch_rejected.csv": ack([answer("", "RECEIVED", "rejected", "R01")]),
    }


def _queued() -> dict[str, str | bytes]:
    """Files of which some rows can't be applied, and the others hold."""

    def but(number: int, **cells: str) -> str:
        return ack([row | cells if row["line_no"] == str(number) else row for row in MATCHED])

    wrong_letter = key(5)[:3] + ("B" if key(5)[3] != "B" else "C") + key(5)[4:]
    return {
        "key_mangled.csv": but(5, action_key=wrong_letter),
        "key_lost.csv": but(5, action_key=""),
        "key_of_other_line.csv": but(5, action_key=key(6)),
        "key_of_other_batch.csv": but(5, action_key=key(5, OTHER_BATCH)),
        "line_unknown.csv": ack([*MATCHED, answer(99, "VALIDATED", "matched")]),
        "line_no_words.csv": but(5, line_no=TYPED_NAME),
        "date_words.csv": but(5, effective_date=TYPED_NAME),
        "date_european.csv": but(5, effective_date="24.04.2026"),
        "date_missing.csv": but(5, effective_date=""),
        "date_future.csv": but(5, effective_date="2062-04-02"),
        "stage_words.csv": but(5, stage=TYPED_NAME),
        "code_words.csv": but(5, status="rejected", reason_code=TYPED_NAME),
        "code_unknown.csv": but(5, status="rejected", reason_code="R77"),
        "code_missing.csv": but(5, status="rejected"),
        "reference_unsafe.csv": but(5, order_doc_id="@SUM(1)"),
        "text_endless.csv": but(5, reason_text=TYPED_NAME * 500),
        "contradictory.csv": ack([*MATCHED, answer(5, "VALIDATED", "rejected", "R10")]),
        "posted_without_order.csv": ack([answer(number, "POSTED", "posted") for number in (1, 2, 3)]),
    }


def _refused() -> dict[str, str | bytes]:
    """Files of which nothing may be taken."""
    plain = ack(MATCHED)
    lines = plain.splitlines(keepends=True)
    apart = [row | {"line_no": str(N_LINES + 1 - int(row["line_no"]))} for row in MATCHED]
    return {
        "truncated.csv": "".join(lines[:8]),
        "truncated_in_row.csv": plain[: len(plain) // 2],
        "truncated_in_quote.csv": ack(MATCHED, quoting=1)[:-40] + '"',
        "total_wrong.csv": ack(MATCHED, trailer={"line_no": "13"}),
        "total_missing.csv": ack(MATCHED, trailer={"line_no": ""}),
        "total_words.csv": ack(MATCHED, trailer={"line_no": TYPED_NAME}),
        "head_missing.csv": "".join([lines[0], *lines[2:]]),
        "head_twice.csv": "".join([*lines[:3], lines[1], *lines[3:]]),
        "head_without_batch.csv": ack(MATCHED, head={"batch_id": TYPED_NAME}),
        "head_without_hash.csv": ack(MATCHED, head={"manifest_sha256": "1.23457E+63"}),
        "head_without_number.csv": ack(MATCHED, head={"ack_seq": ""}),
        "head_number_endless.csv": ack(MATCHED, head={"ack_seq": "999999999"}),
        "trailer_twice.csv": plain + lines[-1],
        "sorted_by_line.csv": "".join([lines[0], *sorted(lines[1:], key=lambda line: line.split(",")[4])]),
        "rec_words.csv": ack([MATCHED[0] | {"rec": TYPED_NAME}]),
        "batch_unknown.csv": ack([row | {"batch_id": ""} for row in MATCHED], batch_id="CRR-34-P64-000077"),
        "batch_mixed.csv": ack([*MATCHED[:11], MATCHED[11] | {"batch_id": OTHER_BATCH}]),
        "hash_mixed.csv": ack([*MATCHED[:11], MATCHED[11] | {"manifest_sha256": manifest(OTHER_BATCH)}]),
        "hash_wrong.csv": ack(MATCHED, head={"manifest_sha256": "ab" * 32}),
        "hash_of_other_batch.csv": ack(MATCHED, head={"manifest_sha256": manifest(OTHER_BATCH)}),
        "test_and_production.csv": ack(MATCHED, head={"manifest_sha256": manifest(TEST_BATCH)}),
        "test_rows.csv": ack([MATCHED[0] | {"batch_id": TEST_BATCH}]),
        "columns_apart.csv": ack(apart),
        "column_missing.csv": csv_text([name for name in ACK_COLUMNS if name != "stage"], [], extrasaction="ignore"),
        "column_more.csv": csv_text([*ACK_COLUMNS, "notes"], [{"rec": "H", "notes": TYPED_NAME}]),
        "formula.csv": ack(
            [row | {"reason_text": f'=HYPERLINK("http://example.org";"{TYPED_NAME}")'} for row in MATCHED]
        ),
        "formula.xlsx": _workbook(ack(MATCHED), {"J3": "=1+1"}),
        "path_names.xlsx": _zip({"../../../tmp/evil.txt": b"x", "[Content_Types].xml": b"<Types/>"}),
        "bomb.xlsx": _zip({"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": b"0" * 30_000_000}),
        "not_a_workbook.xlsx": b"PK\x03\x04" + b"\0" * 100,
        "old.xls.csv": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
        "empty.csv": "",
        "header_only.csv": ",".join(ACK_COLUMNS) + "\r\n",
        "prosecutors_worklist.csv": csv_text(
            ["action_key", "version", "decision", "ground", "note"],
            [{"action_key": key(1), "decision": "NO_CHALLENGE"}],
        ),
        "other_table.csv": csv_text(["name", "city"], [{"name": TYPED_NAME, "city": "Lodi"}]),
    }


def worklist(filled: Mapping[int, tuple[str, str, str]], *more: Mapping[str, str], batch_id: str = BATCH) -> str:
    """The short form as CSV: status, reason and date of the lines that are filled in, and rows that a clerk added."""
    rows = [
        {
            "batch_id": batch_id, "line_no": str(number), "action_key": key(number, batch_id),
            "case_number": f"19-{number:05d}", "name_last": TYPED_NAME,
        }
        | dict(zip(SHORT_FORM_COLUMNS, filled.get(number, ("", "", "")), strict=True))
        for number in range(1, N_LINES + 1)
    ]  # fmt: skip
    return csv_text([*ACTION_COLUMNS, *SHORT_FORM_COLUMNS], [*rows, *more])


def _short_forms() -> dict[str, str | bytes]:
    posted = dict.fromkeys(range(1, N_LINES + 1), ("POSTED", "", "4/9/2026"))
    order = {"line_no": "ALL", "status": "GRANTED", "reason": "DOC-77", "date": "2026-04-02"}
    mixed = {
        1: ("Granted posted", "", "2026-04-09"),
        2: ("NOT_FOUND", "R15 19CF001234", "2026-04-03"),
        3: ("not found", "r14: 18F00077, Placer", "4/3/26"),
        4: ("NOT_FOUND", "R10 looked everywhere", "2026-04-03"),
        5: ("ALREADY_RELIEVED", "", "2003-05-06"),
        6: ("DENIED", "R42 at the hearing", "2026-04-09"),
        7: ("NOT_FOUND", "no idea", "2026-04-03"),
        8: ("DONE", "", "2026-04-09"),
        9: ("", "", "2026-04-09"),
        10: ("POSTED", "", ""),
    }
    return {
        "short_form.csv": worklist(posted, order),
        "short_form.xlsx": _workbook(worklist(posted, order), {}),
        "short_form_ranges.csv": worklist(
            {3: ("DENIED", "R40", "2026-04-02")},
            order | {"line_no": "1 to 4"},
            order | {"line_no": "7-9", "status": "GRANTED_POSTED"},
        ),
        "short_form_mixed.csv": worklist(mixed),
        "short_form_no_order.csv": worklist(posted),
        "short_form_blank.csv": worklist({}),
        "short_form_two_batches.csv": worklist(posted, {"batch_id": OTHER_BATCH, "line_no": "1", "status": "POSTED"}),
        "short_form_batch_words.csv": worklist(posted).replace(BATCH, TYPED_NAME),
        "short_form_range_turned.csv": worklist(posted, order, order | {"line_no": "9 TO 7"}),
        "short_form_row_lost.csv": worklist(posted, order, {"line_no": TYPED_NAME, "status": "DENIED"}),
        "short_form_row_unread.csv": worklist({3: ("DENEID", "", "2026-04-02")}, order),
        "short_form_key_astray.csv": worklist(
            {}, order, order | {"line_no": "5", "action_key": key(6), "status": "DENIED"}
        ),
        "short_form_columns.csv": csv_text(ACTION_COLUMNS, [{"batch_id": BATCH, "line_no": "1", "action_key": key(1)}]),
    }


def _workbook(text: str, changes: Mapping[str, str]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in io.StringIO(text):
        sheet.append(line.rstrip("\r\n").split(","))
    for place, content in changes.items():
        sheet[place] = content
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _zip(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in fixtures().items():
        (FOLDER / name).write_bytes(content)
