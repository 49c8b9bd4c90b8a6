"""A small ledger for tests: batches, acknowledgements and orders from a few words."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from clearslate.home import Home
from clearslate.ledger import Applied, Entry, Ledger, apply_acks, make_line_status, order_rows
from clearslate.ledger.tables import SCHEMAS

DAY = date(2026, 3, 1)
KEY = "aaaabbbbccccdddd"


def home_at(path: Path) -> Home:
    """A home with a key of its own."""
    home = Home(path / "home")
    home.prepare()
    return home


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def table(name: str, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows of one of the ledger's tables; what is not given is NULL."""
    return pa.Table.from_pylist([dict(row) for row in rows], SCHEMAS[name])


def batch_name(sequence: int, *, test: bool = False) -> str:
    return f"CRR-39-P64-{'T' if test else ''}{sequence:06d}"


def issue(
    ledger: Ledger,
    keys: Iterable[str],
    *,
    on: date = DAY,
    test: bool = False,
    supersedes: str | None = None,
    reverses: Sequence[str] = (),
    line: dict[str, Any] | None = None,
    **body: Any,
) -> Entry:
    """Enter a batch of San Joaquin with a line for each key, and a reversal `R<key>` for each of `reverses`."""
    keys = list(keys)
    last = ledger.last_batch("39", "P64", "T" if test else "P")
    sequence = last.body["sequence"] + 1 if last else 1
    batch_id = batch_name(sequence, test=test)
    told = {
        "identity": f"{batch_id}/a1",
        "batch_id": batch_id,
        "program": "P64",
        "county": "SAN JOAQUIN",
        "court_code": "39",
        "sequence": sequence,
        "attempt": 1,
        "test_indicator": "T" if test else "P",
        "manifest_sha256": sha(batch_id),
        "previous_manifest_sha256": last.body["manifest_sha256"] if last else None,
        "actions_sha256": sha(batch_id + "actions"),
        "zip_sha256": sha(batch_id + "zip"),
        "zip_name": f"{batch_id}_a1.zip",
        "n_lines": len(keys),
        "n_cases": len(keys),
        "n_subjects": len(keys),
        "n_reversals": len(reverses),
        "as_of": "2026-02-01",
        "rule_set": "0" * 64,
        "key_fingerprint": KEY,
        "is_canary": False,
        "supersedes_batch": supersedes,
        **body,
    }
    lines = [
        {
            "batch_id": batch_id,
            "line_no": n,
            "action_key": key,
            "version": "V1",
            "conviction_id": f"c{key}",
            "case_number": f"SC{key}",
            "case_key": f"SC{key}",
            "count_no": 1,
            "statute_section": "11358",
            "action_code": "DISMISS_SEAL",
            "disposition_date": "2001-01-01",
            "offense_level_before": "F",
            "rule": "rule",
            "legal_basis": "HS 11361.8(f)",
            "da_position": "NO_CHALLENGE",
            "first_line": True,
            **(line or {}),
        }
        for n, key in enumerate(keys, start=1)
    ]
    reversals = [
        {
            "batch_id": batch_id,
            "reversal_no": n,
            "action_key": f"R{key}",
            "reverses_action_key": key,
            "reason": "changed",
        }
        for n, key in enumerate(reverses, start=1)
    ]
    return ledger.append(
        "batch_issued", on, told, {"lines": table("lines", lines), "reversal_lines": table("reversal_lines", reversals)}
    )


Said = tuple[Any, ...]  # line_no, key, stage, status[, day[, reason[, case number]]]


def said(batch_id: str, rows: Iterable[Said]) -> pa.Table:
    """L rows of an acknowledgement."""
    names = ("line_no", "action_key", "stage", "status", "effective_date", "reason_code", "court_case_number")
    return table(
        "acks",
        [
            {"effective_date": "2026-03-02", **dict(zip(names, row, strict=False)), "batch_id": batch_id, "row": n}
            for n, row in enumerate(rows, start=2)
        ],
    )


def read(ledger: Ledger, batch_id: str, rows: Iterable[Said], *, source: Any = "file", on: date = DAY) -> Applied:
    """Take an acknowledgement of one batch in, as clearslate/acknowledgement does."""
    told = said(batch_id, rows)
    identity = sha(f"{len(ledger.entries())}{told.to_pylist()}")
    applied = apply_acks(ledger, batch_id, told, source=source, identity=identity)
    assert told.num_rows == applied.n_applied + applied.n_repeated + applied.n_exceptions
    body = {
        "identity": identity,
        "batch_id": batch_id,
        "source": source,
        "n_applied": applied.n_applied,
        "n_repeated": applied.n_repeated,
        "n_exceptions": applied.n_exceptions,
    }
    ledger.append("ack_read", on, body, {"acks": applied.acks, "exceptions": applied.exceptions})
    return applied


def order(ledger: Ledger, batch_id: str, first: int, last: int, *, status: Any = "granted", on: date = DAY) -> Applied:
    """Record a signed order, as clearslate/acknowledgement does."""
    rows = order_rows(ledger, batch_id, first, last, status=status, effective_date="2026-03-03", order_doc_id="ORD-1")
    identity = f"{batch_id}/{first}-{last}/{status}"
    applied = apply_acks(ledger, batch_id, rows, source="order", identity=identity)
    body = {
        "identity": identity,
        "batch_id": batch_id,
        "first_line": first,
        "last_line": last,
        "status": status,
        "order_doc_id": "ORD-1",
        "document_sha256": sha(identity),
        "effective_date": "2026-03-03",
        "recorded_by": "clerk",
    }
    ledger.append("order_recorded", on, body, {"acks": applied.acks, "exceptions": applied.exceptions})
    return applied


def status(ledger: Ledger, on: date = DAY, **how: Any) -> dict[str, dict[str, Any]]:
    """The rows of line_status by action key."""
    with ledger.connect() as db:
        make_line_status(db, how.pop("standings", None), how.pop("reversals_due", None), on, **how)
        rows = db.dicts("select * from line_status")
    assert len({row["action_key"] for row in rows}) == len(rows)
    return {row["action_key"]: row for row in rows}


def states(ledger: Ledger, **how: Any) -> dict[str, str]:
    """The state of each line by action key."""
    return {key: row["state"] for key, row in status(ledger, **how).items()}


def decide(ledger: Ledger, name: str, n: int = 3) -> None:
    """Enter decisions, as from a file of that name."""
    rows = [{"action_key": f"{name}{i}", "version": "V", "decision": "NO_CHALLENGE", "row": i} for i in range(2, n + 2)]
    body = {"identity": name, "file_name": f"{name}.csv", "n": n, "county": "YUBA", "program": "P64"}
    ledger.append("decisions_imported", DAY, body, {"decisions": table("decisions", rows)})


def lines(home: Home) -> list[bytes]:
    """The ledger's file, line by line."""
    return (home.ledger / "ledger.jsonl").read_bytes().splitlines(keepends=True)


def put(home: Home, *told: bytes) -> None:
    """Write the ledger's file anew."""
    (home.ledger / "ledger.jsonl").write_bytes(b"".join(told))
