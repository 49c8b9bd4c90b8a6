"""Batches made by hand, straight into a ledger, and a court's answers to them as text.

home = tiny_home(tmp_path)
issue(home)                      # CRR-34-P64-000001 with the lines 1 to 12
path.write_text(ack([answer(1, "VALIDATED", "matched")]))
"""

import csv
import hashlib
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from clearslate.acknowledgement.layout import ACK_COLUMNS
from clearslate.home import Home
from clearslate.ledger import Ledger, make_states
from clearslate.ledger.tables import SCHEMAS
from tests.support_court import key_of

BATCH, OTHER_BATCH, TEST_BATCH = "CRR-34-P64-000001", "CRR-34-P64-000002", "CRR-34-P64-T000001"
N_LINES = 12
SENT, ON = date(2026, 3, 1), date(2026, 6, 1)


def manifest(batch_id: str = BATCH) -> str:
    """The hash of a batch's manifest."""
    return hashlib.sha256(f"manifest of {batch_id}".encode()).hexdigest()


def key(line_no: int, batch_id: str = BATCH) -> str:
    """The action key of a line, or of a reversal where `line_no` is below 0."""
    return key_of(batch_id, line_no)


def issue(
    home: Home,
    batch_id: str = BATCH,
    *,
    n_lines: int = N_LINES,
    n_reversals: int = 0,
    challenged: Collection[int] = (),
    on: date = SENT,
    **changes: Any,
) -> None:
    """Put a batch of `n_lines` lines, each a case of its own, and of `n_reversals` reversals of the first lines
    of BATCH into the home's ledger."""
    _, court_code, program, sequence = batch_id.split("-")
    body = {
        "identity": f"{batch_id}/a1", "batch_id": batch_id, "program": program, "county": "SACRAMENTO",
        "court_code": court_code, "sequence": int(sequence.lstrip("T")), "attempt": 1,
        "test_indicator": "T" if sequence.startswith("T") else "P", "manifest_sha256": manifest(batch_id),
        "previous_manifest_sha256": None, "actions_sha256": hashlib.sha256(batch_id.encode()).hexdigest(),
        "zip_sha256": hashlib.sha256(b"zip" + batch_id.encode()).hexdigest(), "zip_name": f"{batch_id}_a1_P.zip",
        "n_lines": n_lines, "n_cases": n_lines, "n_subjects": n_lines, "n_reversals": n_reversals,
        "as_of": "2026-02-01", "rule_set": "f" * 64, "key_fingerprint": "0" * 16, "is_canary": False,
        "supersedes_batch": None, **changes,
    }  # fmt: skip
    if body["sequence"] > 1:
        body["previous_manifest_sha256"] = manifest(f"CRR-{court_code}-{program}-{body['sequence'] - 1:06d}")
    numbers = range(1, n_lines + 1)
    told = [
        {
            "batch_id": batch_id, "line_no": number, "action_key": key(number, batch_id),
            "version": key_of("version", number, digits=10), "conviction_id": f"{batch_id}/{number}",
            "case_number": f"19-{number:05d}", "case_key": f"19{number:05d}", "count_no": 1, "statute_section": "11359",
            "action_code": "DISMISS_SEAL", "disposition_date": "1999-03-04", "offense_level_before": "F",
            "rule": "dismissed_section", "legal_basis": "statute", "first_line": True,
            "da_position": "CHALLENGE" if number in challenged else "NO_CHALLENGE",
        }
        for number in numbers
    ]  # fmt: skip
    tables = {"lines": pa.Table.from_pylist(told, SCHEMAS["lines"])}
    if n_reversals:
        reversals = [
            {
                "batch_id": batch_id, "reversal_no": number, "action_key": key(-number, batch_id),
                "reverses_action_key": key(number, BATCH), "reason": "no longer eligible",
            }
            for number in range(1, n_reversals + 1)
        ]  # fmt: skip
        tables["reversal_lines"] = pa.Table.from_pylist(reversals, SCHEMAS["reversal_lines"])
    Ledger.open(home).append("batch_issued", on, body, tables)


def answer(line_no: int | str, stage: str, status: str, code: str = "", **cells: Any) -> dict[str, str]:
    """An L row; the key is the line's own unless `cells` says otherwise."""
    told = {
        "rec": "L", "batch_id": BATCH, "line_no": str(line_no), "stage": stage, "status": status, "reason_code": code,
        "action_key": key(int(line_no)) if str(line_no).isdigit() else "", "effective_date": "2026-04-02",
    }  # fmt: skip
    return told | {name: str(cell) for name, cell in cells.items()}


def ack(
    rows: Sequence[Mapping[str, str]],
    *,
    seq: int = 1,
    batch_id: str = BATCH,
    head: Mapping[str, str] | None = None,
    trailer: Mapping[str, str] | None = None,
    **dialect: Any,
) -> str:
    """An acknowledgement file: head, the rows, trailer. `head` and `trailer` replace cells of theirs."""
    first = {"rec": "H", "batch_id": batch_id, "manifest_sha256": manifest(batch_id), "ack_seq": f"{seq:04d}"}
    last = {"rec": "T", "batch_id": batch_id, "line_no": str(len(rows))}
    return csv_text(ACK_COLUMNS, [first | dict(head or {}), *rows, last | dict(trailer or {})], **dialect)


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]], **dialect: Any) -> str:
    """A CSV file as text, lines ended by CRLF unless `dialect` says otherwise."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", **dialect)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_ack(path: Path, rows: Sequence[Mapping[str, str]], **how: Any) -> Path:
    """An acknowledgement file on the disk; returns its path."""
    path.write_bytes(ack(rows, **how).encode("utf-8"))
    return path


def ledger_bytes(home: Home) -> dict[str, bytes]:
    """Every file of the ledger that holds something, by its path."""
    kept = (path for path in sorted(home.ledger.rglob("*")) if path.is_file() and path.name != "lock")
    return {path.relative_to(home.ledger).as_posix(): path.read_bytes() for path in kept}


def states(home: Home, batch_id: str = BATCH) -> dict[str, int]:
    """How many lines of a batch are in each state."""
    with Ledger.open(home).connect() as db:
        make_states(db)
        rows = db.rows(
            "select state, count(*) from line_state where batch_id = $batch and not is_reversal group by state",
            {"batch": batch_id},
        )
    return dict(rows)
