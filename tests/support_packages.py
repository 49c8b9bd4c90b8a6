"""Packages in tests: their contents, and what prosecutor and court say of them, straight into the ledger."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from datetime import date
from typing import Any

import pyarrow as pa

from clearslate.court import verify_package
from clearslate.court.batch import BatchReport, PackagesReport, prepare_packages
from clearslate.home import Home
from clearslate.keys import action_key
from clearslate.ledger import Ledger
from clearslate.ledger.tables import SCHEMAS
from tests.support_court import read_private

ON = date(2020, 7, 2)
PAPERS = ("20_motion.pdf", "21_exhibit_public.pdf", "22_exhibit_sealed.pdf", "23_proposed_order.pdf")


def prepare(home: Home, *, on: date = ON, test: bool = False, **more: Any) -> PackagesReport:
    return prepare_packages(home, counties=["SACRAMENTO"], on=on, test=test, key=action_key(home), **more)


def only(report: PackagesReport) -> BatchReport:
    [made] = report.batches
    assert verify_package(made.path) == []
    return made


def standing(report: PackagesReport) -> dict[str, int]:
    return {"/".join(filter(None, key[1:])): n for key, n in report.standings["SACRAMENTO"].items()}


def rows_of(made: BatchReport, name: str = "10_relief_actions.csv") -> list[dict[str, str]]:
    with zipfile.ZipFile(made.path) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))


def manifest_of(made: BatchReport) -> dict[str, Any]:
    with zipfile.ZipFile(made.path) as archive:
        found: dict[str, Any] = json.loads(archive.read("00_manifest.json"))
        return found


def decide(home: Home, decisions: dict[str, str], *, on: date = date(2020, 7, 1), stale: Iterable[str] = ()) -> None:
    """Decide lines by their case numbers; blank for all that are not named."""
    rows = []
    for known in read_private(home.current.resolve(), "review.worklist"):
        decision = decisions.get(known["case_number"], decisions.get(""))
        if decision:
            version = "BBBBBBBBBBB" if known["case_number"] in stale else known["version"]
            ground = "UNREASONABLE_RISK" if decision == "CHALLENGE" else None
            rows.append({"action_key": known["action_key"], "version": version, "decision": decision, "ground": ground})
    number = len(Ledger.open(home).entries())
    table = pa.Table.from_pylist([{**row, "row": at} for at, row in enumerate(rows, start=2)], SCHEMAS["decisions"])
    body = {"identity": f"file{number}", "file_name": "worklist.xlsx", "n": len(rows)}
    Ledger.open(home).append("decisions_imported", on, body, {"decisions": table})


def answer(home: Home, made: BatchReport, *said: tuple[str, str], reason: str = "", on: date = ON, **more: str) -> None:
    """Let the court say the same of every line (of `lines`, case numbers, if given), or of every row of another `file`."""
    lines = more.pop("lines", "").split()
    file = more.pop("file", "10_relief_actions.csv")
    rows = [
        {"batch_id": made.batch_id, "line_no": int(row["line_no"]), "action_key": row["action_key"], "stage": stage,
         "status": status, "reason_code": reason or None, "effective_date": on.isoformat(), "row": number, **more}
        for stage, status in said
        for number, row in enumerate(rows_of(made, file), start=2)
        if not lines or row["case_number"] in lines
    ]  # fmt: skip
    ledger = Ledger.open(home)
    body = {"identity": f"ack{len(ledger.entries())}", "batch_id": made.batch_id, "source": "file"}
    counts = {"n_applied": len(rows), "n_repeated": 0, "n_exceptions": 0}
    ledger.append("ack_read", on, body | counts, {"acks": pa.Table.from_pylist(rows, SCHEMAS["acks"])})
