"""`python benchmarks/acknowledgements.py`: what it costs to read a court's answers.

In a throw-away home, a batch of 100,000 lines is put into the ledger. The court then answers every line four times, stage by
stage, each time in one acknowledgement file; once more in a file of which every tenth row can't be applied; and a second
batch on the short form, as a workbook. Each is read by `read_acknowledgements`, ledger entry and all. Prints seconds per
file and the peak memory; exits 1 where an acknowledgement file took longer than the bar. benchmarks/README.md keeps figures.
"""

import argparse
import csv
import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa

from clearslate.acknowledgement import read_acknowledgements
from clearslate.acknowledgement.layout import ACK_COLUMNS
from clearslate.court.keys import encode_key
from clearslate.court.layout import ACTION_COLUMNS, SHORT_FORM_COLUMNS
from clearslate.home import Home
from clearslate.ledger import Ledger
from clearslate.ledger.tables import SCHEMAS
from clearslate.sheets import XlsxTable, write_xlsx

BAR = 30.0
ON = date(2026, 6, 1)
STAGES = (
    ("VALIDATED", "matched", "2026-04-01"),
    ("ORDERED", "granted", "2026-04-09"),
    ("POSTED", "posted", "2026-04-20"),
    ("REPORTED_DOJ", "sent", "2026-05-02"),
)


def digest(*parts: object) -> str:
    """Hex digits that these parts decide."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def batch_id(sequence: int) -> str:
    """The id of a batch."""
    return f"CRR-34-P64-{sequence:06d}"


def issue(home: Home, sequence: int, n_lines: int) -> list[str]:
    """Put a batch into the ledger; returns the keys of its lines."""
    name, numbers = batch_id(sequence), range(1, n_lines + 1)
    keys = [encode_key(digest(name, number)[:20]) for number in numbers]
    same = {
        "batch_id": name, "statute_section": "11359", "action_code": "DISMISS_SEAL", "disposition_date": "1999-03-04",
        "offense_level_before": "F", "rule": "dismissed_section", "legal_basis": "statute", "da_position": "NO_CHALLENGE",
        "first_line": True, "count_no": 1,
    }  # fmt: skip
    own = {
        "line_no": numbers,
        "action_key": keys,
        "version": [key[:11] for key in keys],
        "conviction_id": [digest(key)[:24] for key in keys],
        "case_number": [f"19CF{sequence}{number:06d}" for number in numbers],
        "case_key": [f"19CF{sequence}{number:06d}" for number in numbers],
    }
    columns = [
        pa.array(own.get(field.name, [same.get(field.name)] * n_lines), field.type) for field in SCHEMAS["lines"]
    ]
    body = {
        "identity": f"{name}/a1", "batch_id": name, "program": "P64", "county": "SACRAMENTO", "court_code": "34",
        "sequence": sequence, "attempt": 1, "test_indicator": "P", "manifest_sha256": digest(name),
        "previous_manifest_sha256": digest(batch_id(sequence - 1)) if sequence > 1 else None,
        "actions_sha256": digest(name, "actions"), "zip_sha256": digest(name, "zip"), "zip_name": f"{name}_a1_P.zip",
        "n_lines": n_lines, "n_cases": n_lines, "n_subjects": n_lines, "n_reversals": 0, "as_of": "2026-02-01",
        "rule_set": "f" * 64, "key_fingerprint": "0" * 16, "is_canary": False, "supersedes_batch": None,
    }  # fmt: skip
    Ledger.open(home).append(
        "batch_issued", date(2026, 3, 1), body, {"lines": pa.table(columns, schema=SCHEMAS["lines"])}
    )
    return keys


def write_ack(path: Path, seq: int, keys: list[str], stage: str, status: str, day: str) -> Path:
    """An acknowledgement file of one stage."""
    name = batch_id(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(ACK_COLUMNS)
        writer.writerow(["H", name, digest(name), seq, *[""] * 12])
        for number, key in enumerate(keys, start=1):
            writer.writerow(["L", name, "", "", number, key, stage, status, "", "", day, "", "", "", "", ""])
        writer.writerow(["T", name, "", "", len(keys), *[""] * 11])
    return path


def write_short_form(path: Path, keys: list[str]) -> Path:
    """The worklist of the second batch as a clerk fills it in: all posted, under one order."""
    columns = (*ACTION_COLUMNS, *SHORT_FORM_COLUMNS)

    def rows() -> Iterator[list[str]]:
        for number, key in enumerate(keys, start=1):
            told = {
                "batch_id": batch_id(2),
                "line_no": str(number),
                "action_key": key,
                "case_number": f"19CF2{number:06d}",
            }
            told |= {"status": "POSTED", "date": "2026-04-20", "name_last": "DOE", "name_first": "JANE"}
            yield [told.get(column, "") for column in columns]
        order = {"line_no": "ALL", "status": "GRANTED", "reason": "ORDER-7", "date": "2026-04-09"}
        yield [order.get(column, "") for column in columns]

    write_xlsx(path, [XlsxTable("worklist", columns, rows())])
    return path


def main() -> int:
    """Read everything once."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--lines", type=int, default=100_000)
    n_lines = options.parse_args().lines
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        home.prepare()
        keys, more = issue(home, 1, n_lines), issue(home, 2, n_lines)
        files = [
            (stage.lower(), write_ack(Path(folder) / f"{seq}.csv", seq, keys, stage, status, day))
            for seq, (stage, status, day) in enumerate(STAGES, start=1)
        ]
        wrong = [key if number % 10 else keys[number - 2] for number, key in enumerate(keys, start=1)]
        files.append(
            ("one in ten wrong", write_ack(Path(folder) / "5.csv", 5, wrong, "REPORTED_DOJ", "confirmed", "2026-05-09"))
        )
        files.append(("short form", write_short_form(Path(folder) / "short.xlsx", more)))
        for what, path in files:
            before = time.perf_counter()
            [told] = read_acknowledgements(home, [path], ON).files
            seconds = time.perf_counter() - before
            slowest = max(slowest, seconds if path.suffix == ".csv" else 0.0)
            print(
                f"{what:18} {seconds:6.1f} s   {told.outcome}: {told.n_rows:,} rows, {told.n_applied:,} applied, "
                f"{told.n_exceptions:,} exceptions"
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"slowest file of {n_lines:,} lines: {slowest:.1f} s (bar {BAR:.0f} s); peak {peak:,.0f} MiB")
    return int(slowest > BAR)


if __name__ == "__main__":
    sys.exit(main())
