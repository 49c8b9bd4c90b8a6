"""The court packages as they lie on disk, held against what the build says was to be packed.

A fault names a county's folder, a file, a line and a column, never a cell.
"""

import json
from pathlib import Path

from clearslate.court import verify_package
from clearslate.run import Run
from clearslate.settings import county_folder
from clearslate.warehouse import Warehouse


def find_faults(run: Run, warehouse: Warehouse) -> list[tuple[str, str]]:
    """(folder below `court/`, what is wrong), sorted; empty where every package is there and sound."""
    root = (run.staged if run.staged.exists() else run.home.release(run.run_id)) / "court"
    wanted: dict[str, list[int]] = {}
    for county, n in warehouse.rows(
        "select package_county, count(*) from court.action where package_county is not null "
        "group by remedy, package_county",
        what="court.action",
    ):
        wanted.setdefault(county_folder(county), []).append(n)
    there: dict[str, list[Path]] = {}
    for folder in root.glob("*/*"):
        there.setdefault(folder.parent.name, []).append(folder)

    faults = []
    for county in sorted({*wanted, *there}):
        lines = []
        for folder in sorted(there.get(county, [])):
            found = verify_package(folder)
            faults += [(f"{county}/{folder.name}", fault) for fault in found]
            lines.append(None if found else _lines(folder))
        if None not in lines and sorted(filter(None, lines)) != sorted(wanted.get(county, [])):
            faults.append((county, "its packages do not hold the lines that court.action has for them"))
    return faults


def _lines(folder: Path) -> int:
    """The lines that a sound package states."""
    manifest = json.loads((folder / "00_manifest.json").read_text("utf-8"))
    return int(manifest["control_totals"]["lines"])
