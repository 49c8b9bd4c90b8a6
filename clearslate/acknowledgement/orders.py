"""Recording a judge's signed order over a range of lines, as a person of the prosecutor's office has it on paper.

Belongs here: the checks, and the hash that ties the entry to the document. The document itself stays with the office: the
ledger keeps its SHA-256, so that nobody can show another one later. Does not belong here: what an order does to a line
(clearslate.ledger).
"""

import datetime as dt
import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from clearslate.acknowledgement.batches import find_batch
from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.ledger import Entry, Ledger, apply_acks, order_rows

STATUSES = ("granted", "denied")


@dataclass(frozen=True)
class OrderReport:
    """What was recorded, and what it did to the lines; `n_challenged`: challenged lines of the range, which an order for many
    lines does not decide; `n_released`: answers that had waited for this order and hold now.

    `is_new` is false where the same order had been recorded before.
    """

    batch_id: str
    first_line: int
    last_line: int
    status: str
    order_doc_id: str
    document_sha256: str
    n_challenged: int
    n_applied: int
    n_repeated: int
    n_exceptions: int
    n_released: int
    is_new: bool


def record_order(
    home: Home,
    batch_id: str,
    *,
    first_line: int,
    last_line: int,
    status: Literal["granted", "denied"],
    document: Path,
    effective_date: dt.date,
    by: str,
    on: dt.date,
    order_doc_id: str = "",
) -> OrderReport:
    """Record that the lines `first_line` to `last_line` (both included) of a batch were granted or denied.

    `order_doc_id` is the court's own number of the document, by default the start of its hash. Raises UsageError.
    """
    if status not in STATUSES:
        raise UsageError(f"an order is {' or '.join(STATUSES)}")
    if effective_date > on:
        raise UsageError("the order's date lies in the future")
    if not by.strip():
        raise UsageError("say who recorded it")
    sha256 = _sha256(document)
    with home.lock():
        ledger = Ledger.open(home)
        batch = find_batch(ledger, batch_id)
        n_lines = int(batch["n_lines"])
        if effective_date < ledger.batches()[batch_id].on:
            raise UsageError("the order's date lies before the day on which the package was made")
        if not 1 <= first_line <= last_line <= n_lines:
            raise UsageError(f"{batch_id} has the lines 1 to {n_lines}; the range has to lie within")
        identity = f"{batch_id}/{first_line}-{last_line}/{sha256}/{status}"
        earlier = ledger.find("order_recorded", identity)
        document_id = order_doc_id.strip() or f"sha256:{sha256[:16]}"
        if earlier is not None:
            _refuse_another(earlier, document_id, effective_date)
            return _report(earlier, is_new=False)
        rows = order_rows(
            ledger,
            batch_id,
            first_line,
            last_line,
            status=status,
            effective_date=effective_date.isoformat(),
            order_doc_id=document_id,
        )
        applied = apply_acks(ledger, batch_id, rows, source="order", identity=identity)
        body = {
            "identity": identity,
            "batch_id": batch_id,
            "first_line": first_line,
            "last_line": last_line,
            "status": status,
            "order_doc_id": document_id,
            "document_sha256": sha256,
            "effective_date": effective_date.isoformat(),
            "recorded_by": by.strip(),
            "n_challenged": last_line - first_line + 1 - rows.num_rows,
            "n_applied": applied.n_applied,
            "n_repeated": applied.n_repeated,
            "n_exceptions": applied.n_exceptions,
            "n_released": applied.n_released,
        }
        tables = {"acks": applied.acks, "exceptions": applied.exceptions}
        return _report(ledger.append("order_recorded", on, body, tables), is_new=True)


def _report(entry: Entry, *, is_new: bool) -> OrderReport:
    told = {field.name: entry.body[field.name] for field in fields(OrderReport) if field.name != "is_new"}
    return OrderReport(**told, is_new=is_new)


def _refuse_another(earlier: Entry, document_id: str, effective_date: dt.date) -> None:
    """The same document over the same lines is recorded once; another date or number would change what was recorded."""
    told = (earlier.body["order_doc_id"], earlier.body["effective_date"])
    if told != (document_id, effective_date.isoformat()):
        raise UsageError(
            f"this document was recorded for these lines before, with the date {told[1]}; another date or number changes what "
            "the ledger has, so it is not taken: ask the court for a corrected order"
        )


def _sha256(document: Path) -> str:
    try:
        with document.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            if file.tell() == 0:
                raise UsageError(f"{document.name}: the document is empty")
    except OSError as error:
        raise UsageError(f"{document.name}: can't be read ({error.strerror})") from None
    return digest.hexdigest()
