"""`make bench`: what a whole run costs, over the floor taken in the same call.

The floor is what DuckDB alone needs to read the same extract and write it out again: COPY (read_csv, all text, columns
given) to Parquet, then that Parquet to CSV, with the same threads and memory limit. Both are the best of three; the run is
a process of its own each time, with a fresh home. Prints a table and the ratio; benchmarks/README.md keeps the figures.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BARS = {"ratio": 2.0, "peak_mib": 2048}
_FLOOR = """
import csv, sys, time, duckdb
extract, folder, threads, memory = sys.argv[1:]
names = next(csv.reader(open(extract, encoding="utf-8")))
columns = "{" + ", ".join(f"'{name.lower()}': 'VARCHAR'" for name in names) + "}"
connection = duckdb.connect(config={"threads": int(threads), "memory_limit": memory})
connection.execute("set enable_progress_bar = false")
before = time.perf_counter()
connection.execute(f"copy (from read_csv('{extract}', all_varchar = true, columns = {columns}, header = true, delim = ',', "
                   f"quote = '\\"', escape = '\\"')) to '{folder}/floor.parquet' (format parquet)")
middle = time.perf_counter()
connection.execute(f"copy (from '{folder}/floor.parquet') to '{folder}/floor.csv' (header)")
print(middle - before, time.perf_counter() - middle)
"""


def high_water(pid: int) -> dict[int, int]:
    """The peak resident set in KiB, so far, of a process and of those that it has started and that still live."""
    try:
        process = Path(f"/proc/{pid}")
        told = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        children = [int(child) for task in process.glob("task/*/children") for child in task.read_text().split()]
        found = {pid: int(told["VmHWM"].split()[0])}
    except (OSError, KeyError, ValueError):  # it has just ended
        return {}
    for child in children:
        found |= high_water(child)
    return found


def measured(command: list[str], environment: dict[str, str]) -> tuple[float, int, str]:
    """Run a command: its wall seconds, the peak memory in MiB of its process and those it starts, what it printed.

    The peaks of its processes are added up, though they need not have met: the run judges its gates in one of its own.
    """
    before = time.perf_counter()
    with tempfile.TemporaryFile("w+") as printed:
        child = subprocess.Popen(command, stdout=printed, env=environment)
        peaks: dict[int, int] = {}
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(0.2):
                for pid, peak in high_water(child.pid).items():
                    peaks[pid] = max(peak, peaks.get(pid, 0))

        watching = threading.Thread(target=watch)
        watching.start()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - before
        ended.set()
        watching.join()
        others = sum(peak for pid, peak in peaks.items() if pid != child.pid)
        printed.seek(0)
        text = printed.read()
    if status:
        raise SystemExit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}:\n{text[-2000:]}")
    return seconds, (usage.ru_maxrss + others) // 1024, text


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options.add_argument("--memory", default="1GB")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="clearslate-bench-"))
    environment = {
        **os.environ,
        "CLEARSLATE_THREADS": str(given.threads),
        "CLEARSLATE_MEMORY": given.memory,
    }
    clearslate = str(Path(sys.executable).with_name("clearslate"))
    try:
        extract = folder / "extract.csv"
        measured(
            [clearslate, "synth", "--rows", str(given.rows), "--seed", str(given.seed), "--out", str(extract)],
            environment,
        )
        floors, runs = [], []
        for _ in range(given.rounds):
            _, peak, text = measured(
                [sys.executable, "-c", _FLOOR, str(extract), str(folder), str(given.threads), given.memory], environment
            )
            to_parquet, to_csv = map(float, text.split())
            floors.append((to_parquet + to_csv, to_parquet, to_csv, peak))
            home = folder / "home"
            shutil.rmtree(home, ignore_errors=True)
            seconds, peak, text = measured(
                [clearslate, "run", str(extract), "--home", str(home), "--as-of", "2025-01-15",
                 "--data-through", "2024-12-31", "--review", "full", "--json"],
                environment,
            )  # fmt: skip
            runs.append((seconds, peak, json.loads(text)))
        floor, run = min(floors), min(runs, key=lambda one: one[0])
        print(f"{given.rows:,} rows, {extract.stat().st_size / 2**20:.0f} MiB, {given.threads} threads, {given.memory}")
        print(
            f"floor      {floor[0]:6.1f} s  (to Parquet {floor[1]:.1f}, to CSV {floor[2]:.1f}), peak {floor[3]:,} MiB"
        )
        print(f"clearslate {run[0]:6.1f} s, peak {run[1]:,} MiB")
        for stage, seconds in sorted(run[2]["seconds"].items(), key=lambda item: -item[1])[:12]:
            print(f"    {stage:<32}{seconds:7.2f} s")
        print(
            f"ratio {run[0] / floor[0]:.2f} (bar {BARS['ratio']:.1f}), peak {run[1]:,} MiB (bar {BARS['peak_mib']:,} MiB)"
        )
        raise SystemExit(0 if run[0] / floor[0] <= BARS["ratio"] and run[1] <= BARS["peak_mib"] else 1)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
