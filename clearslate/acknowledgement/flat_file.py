"""The acknowledgement file with H, L and T records.

Belongs here: the file's own rules, and its L rows as answers. A file whose head or trailer is damaged, or whose rows are of
several batches, is refused whole: nobody knows what is missing from it. An L row that can't be read stands alone, so it
is queued and the others hold. Does not belong here: whether the batch exists, and what an answer does to a line.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from clearslate.acknowledgement.cells import (
    CellProblem,
    read_case_number,
    read_cell,
    read_day,
    read_free_text,
    read_key,
    read_number,
    read_reason_code,
    read_reference,
    unreadable,
)
from clearslate.acknowledgement.layout import (
    ACK_COLUMNS,
    WHOLE_BATCH,
    AckRefused,
    Answer,
    Line,
    Parsed,
    Span,
    Unreadable,
    as_rows,
)
from clearslate.court.layout import parse_batch_id

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LAST_SEQUENCE = 9999  # four digits in the file's name
_Row = tuple[int, Mapping[str, str]]


def parse_flat_file(
    columns: Sequence[str], rows: Sequence[_Row], *, on: dt.date, vocabulary: Collection[tuple[str, str]]
) -> Parsed:
    """The file's rows (number in the sheet, cells by column in lower case). Raises AckRefused.

    `vocabulary`: the pairs of stage and status that a court may write.
    """
    check_columns(columns)
    records = [(row_no, cells, cells["rec"].upper()) for row_no, cells in rows]
    for row_no, _, rec in records:
        if rec not in ("H", "L", "T"):
            raise AckRefused(f"row {row_no}: rec is none of H, L, T")
    if not records or records[0][2] != "H":
        raise AckRefused(
            "the first row below the column names isn't the H row; without it nobody knows what is answered"
        )
    if records[-1][2] != "T":
        raise AckRefused("the last row isn't the T row: the file isn't whole, or its rows were sorted; export it again")
    for rec in ("H", "T"):
        several = [row_no for row_no, _, other in records if other == rec]
        if len(several) > 1:
            raise AckRefused(f"rows {several[0]} and {several[1]}: two {rec} rows; send each file for itself")

    head_row, head, _ = records[0]
    batch_id = head["batch_id"].upper()
    if parse_batch_id(batch_id) is None:
        raise AckRefused(f"row {head_row}: batch_id of the H row isn't that of a batch")
    manifest_sha256 = head["manifest_sha256"].lower()
    if not _SHA256.fullmatch(manifest_sha256):
        raise AckRefused(
            f"row {head_row}: manifest_sha256 of the H row isn't 64 hex digits; SHA256SUMS of the package has it, beside "
            "00_manifest.json"
        )
    ack_seq = _cell(head_row, head, "ack_seq", _read_sequence)
    body = [(row_no, cells) for row_no, cells, rec in records if rec == "L"]
    trailer_row, trailer, _ = records[-1]
    _check_one_batch([*body, (trailer_row, trailer)], batch_id, manifest_sha256, ack_seq)
    stated = _cell(trailer_row, trailer, "line_no", _read_count)
    if stated != len(body):
        raise AckRefused(
            f"row {trailer_row}: the T row says {stated} L rows, the file has {len(body)}; it isn't whole, export it again"
        )

    lines: list[Line] = []
    spans: list[Span] = []
    bad: list[Unreadable] = []
    for row_no, cells in body:
        try:
            read = _read_line(row_no, cells, on, vocabulary)
        except CellProblem as problem:
            bad.append(unreadable(row_no, cells, problem))
            continue
        if isinstance(read, Line):
            lines.append(read)
        else:
            spans.append(read)
    return Parsed("file", batch_id, as_rows(batch_id, lines), spans, bad, manifest_sha256, ack_seq)


def check_columns(columns: Sequence[str]) -> None:
    """Raise AckRefused where these are not the columns of the format."""
    missing = [name for name in ACK_COLUMNS if name not in columns]
    if missing:
        raise AckRefused(f"the columns {', '.join(missing)} are missing")
    if len(columns) != len(ACK_COLUMNS):
        raise AckRefused(f"there are more columns than the {len(ACK_COLUMNS)} of the format, or one stands twice")


def _check_one_batch(rows: Sequence[_Row], batch_id: str, manifest_sha256: str, ack_seq: int) -> None:
    """Rows other than the head may repeat what it says, and may not say anything else."""
    for row_no, cells in rows:
        for name, said, is_same in (
            ("batch_id", cells["batch_id"], cells["batch_id"].upper() == batch_id),
            ("manifest_sha256", cells["manifest_sha256"], cells["manifest_sha256"].lower() == manifest_sha256),
            ("ack_seq", cells["ack_seq"], cells["ack_seq"].lstrip("0") == str(ack_seq)),
        ):
            if said and not is_same:
                raise AckRefused(f"row {row_no}: {name} differs from the H row's; send the files of two batches apart")


def _read_line(
    row_no: int, cells: Mapping[str, str], on: dt.date, vocabulary: Collection[tuple[str, str]]
) -> Line | Span:
    stage, status = cells["stage"].upper().replace(" ", "_"), cells["status"].lower().replace(" ", "_")
    if (stage, status) not in vocabulary:
        raise CellProblem("stage and status are no pair of this format")
    told = {column: read_cell(cells, column, reader) if cells[column] else "" for column, reader in _READERS.items()}
    told["effective_date"] = read_cell(cells, "effective_date", partial(read_day, latest=on))
    answer = Answer(stage, status, **told)
    if stage == WHOLE_BATCH and not cells["line_no"] and not cells["action_key"]:
        return Span(row_no, 1, None, answer)
    return Line(row_no, read_cell(cells, "line_no", read_number), read_cell(cells, "action_key", read_key), answer)


_READERS: Mapping[str, Callable[[str], str]] = {
    "reason_code": read_reason_code,
    "reason_text": read_free_text,
    "court_case_number": read_case_number,
    "court_event_id": read_reference,
    "order_doc_id": read_reference,
}


def _cell(row_no: int, cells: Mapping[str, str], column: str, reader: Callable[[str], int]) -> int:
    """A cell of the head or the trailer, without which nothing holds."""
    try:
        return read_cell(cells, column, reader)
    except CellProblem as problem:
        raise AckRefused(f"row {row_no}: {problem}") from None


def _read_sequence(text: str) -> int:
    number = read_number(text)
    if number > _LAST_SEQUENCE:
        raise CellProblem(f"is above {_LAST_SEQUENCE}")
    return number


def _read_count(text: str) -> int:
    return 0 if text and not text.strip("0") else read_number(text)
