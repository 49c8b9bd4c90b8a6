"""`make bench-law`: what deciding costs, over what it costs to write and read the facts that are decided on.

In a throw-away home, a synthetic statewide extract is run once; then, over its staged and core tables:

- **The floor**: what DuckDB alone, as it comes, needs to write the facts tables (`facts.conviction`, `facts.arrest`) into a
  database file of its own, and to open that and read every column. The rows lie in its memory before.
- **The law**: all models of `facts` made anew, and the determinations of all remedies under one policy and of the remedy
  with policies under a second one.

Same threads and memory limit, turn about; the least of the rounds. Printed beside it: the same copy within the build, whose
storage is tuned for writing once. Then the extract is deleted and a `redecide` must do without it. Prints the ratio and the
bar; exits 1 where it is missed. benchmarks/README.md keeps the figures.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from clearslate.home import Home
from clearslate.law.assignment import Assignment, load_assignment
from clearslate.law.compile import compile_all
from clearslate.models import in_order, load_models, parse_model
from clearslate.run import Run, fact_columns
from clearslate.warehouse import Engine, Warehouse

BAR = 3.0
FACTS = ("facts.conviction", "facts.arrest")
SECOND = "los-angeles"
_FLOOR = """
import sys, time, duckdb
folder, threads, memory, *tables = sys.argv[1:]
connection = duckdb.connect(config={"threads": int(threads), "memory_limit": memory, "temp_directory": folder + "/spill"})
connection.execute("set enable_progress_bar = false")
reading = []
for table in tables:
    connection.execute(f"create table {table} as from '{folder}/{table}.parquet'")
    names = [name for name, *_ in connection.execute(f"describe {table}").fetchall()]
    reading.append(f"select {', '.join(f'max({name})' for name in names)} from floor.{table}")
before = time.perf_counter()
connection.execute(f"attach '{folder}/floor.duckdb' as floor")
for table in tables:
    connection.execute(f"create table floor.{table} as from memory.{table}")
connection.execute("detach floor")
middle = time.perf_counter()
connection.execute(f"attach '{folder}/floor.duckdb' as floor")
for read in reading:
    connection.execute(read).fetchall()
print(middle - before, time.perf_counter() - middle)
"""


def command(*arguments: str | Path) -> dict[str, object]:
    """One `clearslate` command, in a process of its own; what it printed as JSON."""
    clearslate = Path(sys.executable).with_name("clearslate")
    done = subprocess.run([clearslate, *arguments, "--json"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"clearslate {arguments[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    told: dict[str, object] = json.loads(done.stdout)
    return told


def floor(folder: Path, engine: Engine) -> tuple[float, float]:
    """Seconds in which DuckDB alone writes the facts tables, whose Parquet lies in `folder`, and reads them."""
    (folder / "floor.duckdb").unlink(missing_ok=True)
    names = [name.replace("facts.", "") for name in FACTS]
    asked = [sys.executable, "-c", _FLOOR, str(folder), str(engine.threads), engine.memory_limit, *names]
    written, read = map(float, subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split())
    return written, read


def copied(warehouse: Warehouse) -> float:
    """Seconds to copy the facts tables within the build and to read the copies."""
    before = time.perf_counter()
    for name in FACTS:
        copy = name.replace("facts.", "copy_")
        warehouse.execute(f"create or replace table quality.{copy} as select * from {name}")
        warehouse.rows(
            f"select {', '.join(f'max({column})' for column in warehouse.describe(name))} from quality.{copy}"
        )
    return time.perf_counter() - before


def law(warehouse: Warehouse, run: Run) -> tuple[float, float, int]:
    """Seconds for the facts, seconds for the determinations, and their number."""
    before = time.perf_counter()
    for model in in_order([model for model in load_models().values() if model.schema == "facts"]):
        warehouse.create(model, run.parameters())
    middle = time.perf_counter()
    for model in run.eligibility:
        if model.table != "candidate":  # that list is the gate's, not the law's
            warehouse.create(model, run.parameters())
    second = load_assignment(SECOND)
    with_policies = [remedy for remedy in run.remedies if remedy.id == second.default.remedy]
    text = compile_all(with_policies, Assignment.of(second.default), fact_columns(run.remedies))
    model = parse_model("quality", "decided", text)
    bound = {name: run.parameters()[name] for name in model.parameters}
    warehouse.execute(f"create or replace table quality.decided as {model.sql}", bound)
    decided = time.perf_counter()
    counted = "select (select count(*) from eligibility.determination) + (select count(*) from quality.decided)"
    return middle - before, decided - middle, int(warehouse.rows(counted)[0][0])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="clearslate-bench-"))
    try:
        extract, home = folder / "extract.csv", Home(folder / "home")
        day = ("--as-of", "2025-01-15")
        command("synth", "--rows", str(given.rows), "--seed", str(given.seed), "--out", extract)
        told = command("run", extract, "--home", home.root, *day, "--data-through", "2024-12-31", "--review", "none")
        run = Run.reopen(home, str(told["run_id"]))
        floors, copies, laws = [], [], []
        with home.lock(), Warehouse.build(home.database(run.run_id), home=home, stamp=run.stamp) as warehouse:
            for name in FACTS:
                path = home.root / f"{name.replace('facts.', '')}.parquet"
                warehouse.copy_to(f"select * from {name}", path, {}, options="format parquet", what=name)
            for _ in range(given.rounds):
                floors.append(floor(home.root, Engine.from_environment()))
                copies.append(copied(warehouse))
                laws.append(law(warehouse, run))
        written, read = min(floors, key=sum)
        least, best = written + read, min(laws, key=lambda one: one[0] + one[1])
        extract.unlink()
        command("redecide", "--home", home.root, *day, "--review", "none")
        print(f"{given.rows:,} rows, {best[2]:,} determinations, {Engine.from_environment().threads} threads")
        print(f"write and read the facts {least:6.2f} s  (write {written:.2f}, read {read:.2f})")
        print(f"    the same in the build {min(copies):5.2f} s")
        print(f"make the facts           {best[0]:6.2f} s")
        print(f"decide                   {best[1]:6.2f} s")
        print(f"ratio {(best[0] + best[1]) / least:.2f} (bar {BAR:.1f}); redecided without the extract")
        raise SystemExit(0 if (best[0] + best[1]) / least <= BAR else 1)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
