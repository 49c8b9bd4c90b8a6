"""`python benchmarks/court.py`: what it costs to make one court package of 100,000 lines, with all its papers.

In a throw-away home, a release of 100,000 eligible lines (a case has two, one line in fifty is challenged) and a decision on
each is put in place. Then one process does what `clearslate court package` does, from opening the release to the ledger's
entry: lines, cases, workbook, match keys, motion, both exhibits, proposed order, checksums, ZIP. Prints its seconds and peak
memory (its own and that of the typesetting processes), then checks the package as a court would, and makes it a second time
in a copy of the home: the bytes must be the same. Exits 1 where a bar is missed. benchmarks/README.md keeps the figures.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import clearslate.court.office as office
from clearslate.contracts import load_contracts
from clearslate.court.batch import prepare_packages
from clearslate.court.keys import encode_key
from clearslate.court.profile import load_profile
from clearslate.court.verify import verify_package
from clearslate.home import Home, write_json
from clearslate.keys import action_key
from clearslate.ledger import Ledger
from clearslate.settings import county_names

SECONDS, GIB = 300.0, 2.0
COUNTY, CODE, AS_OF, ON = "LOS ANGELES", "19", date(2020, 7, 1), date(2020, 7, 2)
SUITES = ["court"]
FIRST_NAMES = ("MARIA", "JOSE LUIS", "ANNE-MARIE", "D'ANDRE", "LI", "GUADALUPE DEL CARMEN", "TOM", "SHANICE")


def key(*parts: object, digits: int = 20) -> str:
    """A well-formed key that these parts decide."""
    return encode_key(hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:digits])


def worklist(n_lines: int) -> Iterator[dict[str, Any]]:
    """Rows of review.worklist: what a line of a package needs."""
    for n in range(n_lines):
        case = n // 2
        reduces = n % 5 == 0
        yield {
            "action_key": key("line", n), "version": key("version", n, digits=10), "conviction_id": f"{n:024x}",
            "person_no": case + 1, "delivery_no": 1, "record_no": n, "remedy": "prop64", "remedy_version": "2016-11-09",
            "policy": "clear-my-record", "program": "P64", "county": COUNTY, "court_code": CODE,
            "case_number": f"BA{case:06d}-01", "case_number_source": "own_ofn", "case_key": f"BA{case:06d}01",
            "count_no": n % 2 + 1, "statute_code": "HS", "statute_section": ("11357", "11358", "11359", "11360(A)")[n % 4],
            "offense_level_before": "F", "disposition_date": date(1990 + n % 25, 1 + n % 12, 1 + n % 28),
            "name_last": f"DE LA FUENTE {case % 977}", "name_first": FIRST_NAMES[n % len(FIRST_NAMES)], "birth_year": 1970,
            "outcome": "ELIGIBLE", "relief": "REDESIGNATE_MISD" if reduces else "DISMISS_SEAL",
            "action_code": "REDESIGNATE" if reduces else "DISMISS_SEAL", "offense_level_after": "M" if reduces else None,
            "legal_basis": "statute", "rule": "dismissed_section", "path": "completed",
        }  # fmt: skip


def make_home(root: Path, n_lines: int) -> Home:
    """A home with a release of so many lines and a decision on each."""
    home = Home(root)
    home.prepare()
    rows = list(worklist(n_lines))
    release = home.staged("bench") / "private"
    release.mkdir(parents=True)
    tables = {
        "review.worklist": rows,
        "court.action": [
            {**row, "package_county": COUNTY, "line_no": n, "subject_ref": f"S{row['person_no']:06d}",
             "case_number_sort": row["case_key"], "section_after": row["offense_level_after"] and row["statute_section"],
             "seal_scope": "NONE" if row["offense_level_after"] else "COUNT", "reason_code": row["rule"],
             "da_position": "DEFER"}
            for n, row in enumerate(rows, start=1)
        ],
        "court.case_summary": [
            {"remedy": "prop64", "county": COUNTY, "case_number_sort": row["case_key"], "person_no": row["person_no"],
             "case_no": n, "first_line_no": 2 * n - 1, "court_code": CODE, "case_number": row["case_number"],
             "subject_ref": f"S{n:06d}", "n_counts": 2, "n_convicted": 2, "n_in_batch": 2, "n_already_relieved": 0,
             "n_remaining_live": 0, "n_review": 0, "n_withheld": 0, "n_undisposed": 0, "n_unplaced": 0,
             "case_complete": "Y", "all_counts_in_batch": "Y", "seal_scope": "COUNT"}
            for n, row in enumerate(rows[::2], start=1)
        ],
        "court.accounting": [
            {"remedy": "prop64", "county": COUNTY, "outcome": "ELIGIBLE", "disposal": "in_package", "n": n_lines}
        ],
        "court.source": [
            {"n_records_used": n_lines, "n_records_of_convictions": n_lines, "n_records_quarantined": 0,
             "n_persons": n_lines // 2, "n_convictions": n_lines, "records_fingerprint": "0" * 64}
        ],
        "court.subject": [
            {"person_no": row["person_no"], "cii": f"A{row['person_no']:08d}", "is_cii_shared": False,
             "name": f"{row['name_last']},{row['name_first']}", "birth_date": date(1970, 1, 2)}
            for row in rows[::2]
        ],
        "quality.gate": [
            {"suite": suite, "expectation": "all_is_well", "severity": "critical", "passed": True, "run_id": "bench",
             "as_of": AS_OF, "rule_set": "f" * 64, "delivery_set": "d"}
            for suite in SUITES
        ] + [
            {"suite": "core", "expectation": "core.after_as_of", "severity": "warning", "passed": True, "observed": 0.0,
             "run_id": "bench", "as_of": AS_OF, "rule_set": "f" * 64, "delivery_set": "d"}
        ],
    }  # fmt: skip
    with duckdb.connect() as connection:
        for name, told in tables.items():
            types = load_contracts()[name].types
            connection.register("told", pa.Table.from_pylist([{c: row.get(c) for c in types} for row in told]))
            columns = ", ".join(f'cast("{column}" as {kind}) as "{column}"' for column, kind in types.items())
            pq.write_table(connection.sql(f"select {columns} from told").to_arrow_table(), release / f"{name}.parquet")
    policies = {county: {"id": "clear-my-record", "sha256": "0" * 64} for county in county_names()}
    stamp = {
        "run_id": "bench", "as_of": AS_OF.isoformat(), "data_through": AS_OF.isoformat(), "rule_set": "f" * 64,
        "delivery_set": "d", "key_fingerprint": action_key(home).fingerprint, "suites": SUITES, "policies": policies,
    }  # fmt: skip
    write_json(release / "release.json", stamp)
    home.promote("bench", ["delivery"])
    decisions = [
        {"action_key": row["action_key"], "version": row["version"], "row": n,
         "decision": "NO_CHALLENGE" if n % 50 else "CHALLENGE", "ground": None if n % 50 else "UNREASONABLE_RISK"}
        for n, row in enumerate(rows, start=2)
    ]  # fmt: skip
    body = {"identity": "bench", "file_name": "worklist.xlsx", "n": len(decisions)}
    Ledger.open(home).append("decisions_imported", AS_OF, body, {"decisions": pa.Table.from_pylist(decisions)})
    return home


def package(root: Path) -> None:
    """The measured process: makes the package and prints what it took."""
    office.load_profile = lambda county: replace(load_profile(county), canary_lines=0, match_keys=True)
    home = Home(root)
    before = time.perf_counter()
    [made] = prepare_packages(home, counties=[COUNTY], on=ON, test=False, key=action_key(home)).batches
    seconds = time.perf_counter() - before
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told = {
        "seconds": seconds, "cpu": sum(use.ru_utime + use.ru_stime for use in (own, children)),
        "gib": (own.ru_maxrss + children.ru_maxrss) / (1 << 20), "path": str(made.path), "lines": made.n_lines,
        "mib": made.path.stat().st_size / (1 << 20),
    }  # fmt: skip
    print(json.dumps(told))


def measure(root: Path) -> dict[str, Any]:
    """Make the package in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--package", str(root)], check=True, stdout=subprocess.PIPE, env=os.environ
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    """Measure; returns the exit code."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--lines", type=int, default=100_000)
    options.add_argument("--once", action="store_true", help="Neither check the package nor make it a second time.")
    options.add_argument("--package", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.package:
        package(chosen.package)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        home = make_home(Path(folder) / "home", chosen.lines)
        if not chosen.once:
            shutil.copytree(home.root, Path(folder) / "other", symlinks=True)
        took = measure(home.root)
        print(f"{took['lines']:,} lines: {took['seconds']:.1f} s ({took['cpu']:.1f} s of processors), "
              f"{took['gib']:.2f} GiB at most, ZIP {took['mib']:.1f} MiB")  # fmt: skip
        is_good = took["seconds"] < SECONDS and took["gib"] < GIB
        if not chosen.once:
            before = time.perf_counter()
            problems = verify_package(Path(took["path"]))
            print(f"checked as a court would: {time.perf_counter() - before:.1f} s, {problems or 'sound'}")
            again = measure(Path(folder) / "other")
            same = Path(again["path"]).read_bytes() == Path(took["path"]).read_bytes()
            print(f"made again: {again['seconds']:.1f} s, {'the same bytes' if same else 'OTHER BYTES'}")
            is_good = is_good and same and not problems
    print("bars kept" if is_good else f"A BAR IS MISSED ({SECONDS:.0f} s, {GIB} GiB, sound, the same bytes)")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
