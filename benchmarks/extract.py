"""How fast an extract lands, beside DuckDB's own reader on the same file: `python benchmarks/extract.py [FILE]`.

Without FILE, rows are made from the sample extract with people, dates and case numbers varied. DuckDB copies all text to
Parquet with the 95 columns given, and accounts for nothing. Each side runs in processes of its own, turn about; the best
of three counts, and the peak is the largest resident set of ours.
"""

import argparse
import csv
import multiprocessing
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from clearslate.extract import DOJ_COLUMNS, read_delivery

SAMPLE = Path(__file__).parents[1] / "tests" / "data" / "sacramento_example" / "input.csv"
ROUNDS = 3
THREADS = 2


def make_extract(path: Path, rows: int, damage: float) -> None:
    """Write `rows` records; a share of `damage` gets a stray quote, a field too many or a line break in the comment."""
    chance = random.Random(2026)  # noqa: S311 - invented people, no secrets
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        header, *samples = csv.reader(file)
    at = {name: position for position, name in enumerate(header)}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for n in range(rows):
            record, person = list(samples[n % len(samples)]), n // 8
            record[at["SUBJECT_ID"]] = str(10_000_000 + person)
            record[at["CII_NUMBER"]] = record[at["REQ_CII_NUMBER"]] = f"A{person * 13 % 10**8:08d}"
            record[at["PRI_NAME"]] = f"OKAPI{person % 977},OLA {'ABCDEFGH'[person % 8]}"
            record[at["PRI_DOB"]] = f"{1940 + person % 60}{1 + person % 12:02d}{1 + person % 28:02d}"
            record[at["STP_EVENT_DATE"]] = f"{1970 + n % 50}{1 + n % 12:02d}{1 + n % 28:02d}"
            record[at["OFN"]] = str(chance.randrange(10**6))
            record[at["COMMENT_TEXT"]] = f"SEE FILE {n}, PER COURT" if n % 20 == 0 else ""
            if chance.random() >= damage:
                writer.writerow(record)
                continue
            match n % 3:
                case 0:
                    record[at["COMMENT_TEXT"]] = "PAGE 1\nPAGE 2"
                    writer.writerow(record)
                case 1:
                    writer.writerow([*record, "EXTRA"])
                case _:
                    file.write(",".join(record[:12]) + ',KNIFE 6" LONG,' + ",".join(record[13:]) + "\n")


def ours(path: Path, folder: Path) -> None:
    read_delivery([path], folder / "landed", received_on=date(2026, 1, 1))


def duckdbs(path: Path, folder: Path) -> None:
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in DOJ_COLUMNS)
    with path.open("rb") as file:
        header = file.readline().strip().upper().startswith(b"RECORD_ID")
    connection = duckdb.connect(config={"threads": THREADS})
    connection.execute("set enable_progress_bar = false")
    connection.execute(
        f"copy (from read_csv('{path}', auto_detect = false, header = {header}, "
        f"delim = ',', quote = '\"', escape = '\"', ignore_errors = true, columns = {{{columns}}})) "
        f"to '{folder / 'landed.parquet'}' (format parquet)"
    )


class Run(NamedTuple):
    """One run: seconds by the clock, seconds of processor time, peak resident bytes."""

    wall: float
    cpu: float
    peak: int


def measured(task: Callable[[Path, Path], None], path: Path) -> Run:
    """One run in a new process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (task, path))


def _run(task: Callable[[Path, Path], None], path: Path) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        begun, begun_cpu = time.perf_counter(), time.process_time()
        task(path, Path(folder))
        wall, cpu = time.perf_counter() - begun, time.process_time() - begun_cpu
    return Run(wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the extract reader beside DuckDB.")
    parser.add_argument("file", nargs="?", type=Path, help="a plain comma-delimited extract; made if not given")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows to make (default one million)")
    parser.add_argument("--damage", type=float, default=0.0, help="share of damaged rows to make (default none)")
    arguments = parser.parse_args()
    if len(os.sched_getaffinity(0)) > THREADS:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.file
        if path is None:
            path = Path(folder, "export.csv")
            make_extract(path, arguments.rows, arguments.damage)
        pairs = [(measured(ours, path), measured(duckdbs, path)) for _ in range(ROUNDS)]
        size = path.stat().st_size / 2**20
    best = [Run(*map(min, zip(*runs, strict=True))) for runs in zip(*pairs, strict=True)]
    peak = max(pair[0].peak for pair in pairs) / 2**20
    print(f"file        {size:7.0f} MiB")
    for name, run in zip(("clearslate", "duckdb"), best, strict=True):
        print(f"{name:<11} {run.wall:7.2f} s by the clock {run.cpu:7.2f} s of processor")
    print(f"ratio       {best[1].wall / best[0].wall:7.2f}                {best[1].cpu / best[0].cpu:7.2f}")
    print(f"peak        {peak:7.0f} MiB resident (ours)")
    print(
        "The ratio is DuckDB's seconds over ours; at least 0.8 by the clock is wanted, on a machine with no other work."
    )


if __name__ == "__main__":
    main()
