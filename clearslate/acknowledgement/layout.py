"""The formats in which a court answers: the columns of the acknowledgement file and of the clerk's short form.

Belongs here: what reader and tests must agree on, and what a reading hands on. Does not belong here: which stage may
follow which, and what a reason code means (`rules/courts/`, clearslate.ledger).

The acknowledgement file is one flat table with three kinds of record: H (head) first, L (one answer to one line) in any
order, T (trailer, whose `line_no` is the number of L rows) last. The short form is the worklist of the package itself
with three columns filled in. Both come as CSV or XLSX.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from clearslate.errors import UsageError

ACK_COLUMNS = (
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
)
SHORT_KEYS = ("batch_id", "line_no", "action_key")
RENUMBERING_CODES = ("R14", "R15")  # behind these a short form's reason goes on with the case number that it has now
WHOLE_BATCH = "RECEIVED"  # the one stage that a court may answer for the batch without naming its lines
UNREADABLE = "unreadable_line"  # the kind of exception that reading makes; the ledger knows the others

ROWS = pa.schema(
    [
        ("batch_id", pa.string()),
        ("line_no", pa.int32()),
        ("action_key", pa.string()),
        ("stage", pa.string()),
        ("status", pa.string()),
        ("reason_code", pa.string()),
        ("reason_text", pa.string()),
        ("effective_date", pa.string()),
        ("court_case_number", pa.string()),
        ("court_event_id", pa.string()),
        ("order_doc_id", pa.string()),
        ("row", pa.int32()),
    ]
)


class AckRefused(UsageError):
    """A file that can't be taken as an answer at all: nothing of it was applied. Names rows and columns, never a cell."""


@dataclass(frozen=True)
class Answer:
    """What one row of the court's file says, as far as it is about the line itself. Blank means not stated."""

    stage: str
    status: str
    reason_code: str = ""
    reason_text: str = ""
    effective_date: str = ""
    court_case_number: str = ""
    court_event_id: str = ""
    order_doc_id: str = ""


@dataclass(frozen=True)
class Line:
    """An answer to one line of the batch. `row` is the row that a person sees in the spreadsheet."""

    row: int
    line_no: int
    action_key: str
    answer: Answer


@dataclass(frozen=True)
class Span:
    """An answer to many lines at once, from `first` to `last`, both included. None: to the end, reversals with it."""

    row: int
    first: int
    last: int | None
    answer: Answer


@dataclass(frozen=True)
class Unreadable:
    """A row that can't be taken: where it stands and why, with as much of the line as is certain."""

    row: int
    words: str
    line_no: int | None = None
    action_key: str = ""


@dataclass(frozen=True)
class Parsed:
    """A court's file as read, before it is held against the ledger. `manifest_sha256` and `ack_seq` are not in a short form,
    which has `keys` instead: those of all its rows, answered or not."""

    source: Literal["file", "short_form"]
    batch_id: str
    rows: pa.Table  # one row per answer to a line, as ROWS
    spans: Sequence[Span] = ()
    unreadable: Sequence[Unreadable] = ()
    manifest_sha256: str | None = None
    ack_seq: int | None = None
    keys: frozenset[str] = frozenset()


def as_rows(batch_id: str, lines: Sequence[Line]) -> pa.Table:
    """Answers as the rows that the ledger takes (ROWS)."""
    columns = [[batch_id] * len(lines), [line.line_no for line in lines], [line.action_key for line in lines]]
    columns += [[getattr(line.answer, name) for line in lines] for name in ROWS.names[3:-1]]
    columns.append([line.row for line in lines])
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, ROWS, strict=True)], schema=ROWS)
