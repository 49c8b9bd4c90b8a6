"""What the court sends back: the H/L/T acknowledgement file, and the worklist with three columns filled in.

Belongs here: turning journal entries that were not told yet into files. Does not belong here: deciding anything.
"""

import csv
import random
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl

from tests.court_simulator.court import Court

FIELDS = [
    "rec",
    "batch_id",
    "manifest_sha256",
    "ack_seq",
    "line_no",
    "action_key",
    "stage",
    "status",
    "reason_code",
    "reason_text",
    "effective_date",
    "court_case_number",
    "court_event_id",
    "order_doc_id",
    "posted_by_system",
    "posted_at",
]
SYSTEM = "SIMCMS"


def write_answers(
    court: Court, batch_id: str, folder: Path, *, parts: int = 1, shuffle: int | None = None, stages: Sequence[str] = ()
) -> list[Path]:
    """Write what the court has not told yet of a batch (of some stages only, if given) as ACK files; returns their paths.

    `parts`: split over so many files; `shuffle`: a seed for the order of the rows. No news: no file.
    """
    news = [
        row
        for row in court.books.execute(
            "select * from journal where batch_id = ? and ack_seq is null order by entry", (batch_id,)
        )
        if not stages or row["stage"] in stages
    ]
    if shuffle is not None:
        random.Random(shuffle).shuffle(news)
    written = []
    for part in range(parts):
        rows = news[part::parts]
        if rows:
            ack_seq = 1 + int(
                court.books.execute(
                    "select coalesce(max(ack_seq), 0) from journal where batch_id = ?", (batch_id,)
                ).fetchone()[0]
            )
            written.append(_write(court, batch_id, folder / f"ACK_{batch_id}_{ack_seq:04d}.csv", ack_seq, rows))
            with court.books as books:
                books.executemany(
                    "update journal set ack_seq = ? where entry = ?", [(ack_seq, row["entry"]) for row in rows]
                )
    return written


def _write(court: Court, batch_id: str, path: Path, ack_seq: int, rows: Sequence[sqlite3.Row]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    envelope = (batch_id, court.manifest_sha256(batch_id), str(ack_seq))
    day = max(row["effective_date"] for row in rows)
    blank = [""] * 9
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(FIELDS)
        writer.writerow(["H", *envelope, "", *blank, SYSTEM, day])
        for row in rows:
            line_no = "" if row["line_no"] is None else str(row["line_no"])
            told = (row["action_key"], row["stage"], row["status"], row["reason_code"], row["reason_text"])
            place = (row["effective_date"], row["court_case_number"], row["court_event_id"], row["order_doc_id"])
            writer.writerow(["L", *envelope, line_no, *told, *place, SYSTEM, row["effective_date"]])
        writer.writerow(["T", *envelope, str(len(rows)), *blank, SYSTEM, day])
    return path


def fill_short_form(
    court: Court, batch_id: str, worklist: Path, filled: Path, words: Mapping[tuple[str, str], str]
) -> Path:
    """Fill status, reason and date into a batch's XLSX worklist, as a clerk would who builds no files.

    `words`: how the sheet calls (stage, status). A line's last news is what is filled in; the rest is told with it.
    """
    news: dict[str, sqlite3.Row] = {}
    for row in court.books.execute(
        "select * from journal where batch_id = ? and ack_seq is null and line_no is not null order by entry",
        (batch_id,),
    ):
        news[row["action_key"]] = row
    book = openpyxl.load_workbook(worklist)
    sheet = book.worksheets[0]
    head, at = 0, {}
    for row in sheet.iter_rows(min_row=1, max_row=20):
        names = {str(cell.value): cell.column for cell in row if cell.value is not None}
        if {"action_key", "status", "reason", "date"} <= set(names):
            head, at = row[0].row, names
            break
    if not head:
        raise ValueError("the worklist has no columns to fill in")
    for number in range(head + 1, sheet.max_row + 1):
        told = news.get(str(sheet.cell(number, at["action_key"]).value or ""))
        if told is not None and (told["stage"], told["status"]) in words:
            sheet.cell(number, at["status"]).value = words[told["stage"], told["status"]]
            reason = " ".join(
                part for part in (told["reason_code"], told["court_case_number"] or told["reason_text"]) if part
            )
            sheet.cell(number, at["reason"]).value = reason if told["reason_code"] else None
            sheet.cell(number, at["date"]).value = told["effective_date"]
    filled.parent.mkdir(parents=True, exist_ok=True)
    book.save(filled)
    with court.books as books:
        books.execute("update journal set ack_seq = 0 where batch_id = ? and ack_seq is null", (batch_id,))
    return filled
