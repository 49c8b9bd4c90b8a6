"""Each fault of mutants.csv, put into a copy of the rules or the facts, is seen by the cases or by the oracle.

`make mutants`; not part of `make test`, for every mutant decides some thousands of histories anew. A mutant is a text of one
file, found there once, and what stands in its place.
"""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("clearslate", "rules", "sql", "tests", "pyproject.toml", "dagster.yaml")
with (Path(__file__).parent / "mutants.csv").open(encoding="utf-8", newline="") as _file:
    MUTANTS = list(csv.DictReader(_file))

slow = pytest.mark.skipif("CLEARSLATE_MUTANTS" not in os.environ, reason="make mutants")


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant["what"] for mutant in MUTANTS])
def test_a_mutant_changes_what_is_there(mutant: dict[str, str]) -> None:
    assert (ROOT / mutant["file"]).read_text("utf-8").count(mutant["old"]) == 1
    assert mutant["old"] != mutant["new"]


@slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant["what"] for mutant in MUTANTS])
def test_a_mutant_is_caught(mutant: dict[str, str], tmp_path: Path) -> None:
    copy = _copy(tmp_path / "copy")
    path = copy / mutant["file"]
    path.write_text(path.read_text("utf-8").replace(mutant["old"], mutant["new"]), "utf-8")
    assert not _passes(copy, "tests/cases/test_cases.py") or not _passes(copy, "tests/differential", "-k", "agree")


@slow
def test_without_a_mutant_nothing_is_found(tmp_path: Path) -> None:
    copy = _copy(tmp_path / "copy")
    assert _passes(copy, "tests/cases/test_cases.py")
    assert _passes(copy, "tests/differential", "-k", "agree")


def _copy(target: Path) -> Path:
    target.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__", "data"))
        else:
            shutil.copyfile(source, target / name)
    shutil.copytree(ROOT / "clearslate" / "synth" / "data", target / "clearslate" / "synth" / "data")
    return target


def _passes(copy: Path, *tests: str) -> bool:
    """Whether the tests of the copy pass. Anything but passed or failed (a file that can't be read) is no catch."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "CLEARSLATE_DIFFERENTIAL": "4000", "CLEARSLATE_SHRINK": "no"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout[-2000:]
    return done.returncode == 0
