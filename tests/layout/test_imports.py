"""Arrows run one way: pipelines -> assets -> expectations -> clearslate; and each tool stays where it belongs."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What the modules of a package may not import.
FORBIDDEN = {
    "clearslate": {"dagster", "great_expectations", "expectations", "assets", "pipelines", "tests"},
    "expectations": {"dagster", "assets", "pipelines", "tests"},
    "assets": {"great_expectations", "pipelines", "tests"},
    "pipelines": {"great_expectations", "tests"},
}

# One connection factory: whoever opens a database elsewhere has none of its locks.
ONLY_IN = {"duckdb": "clearslate/warehouse.py"}


def imported(tree: ast.AST) -> set[str]:
    """The top-level packages that a module imports, inside functions too."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def problems(file: str, source: str) -> list[str]:
    """What is wrong with the imports of one module, given its path below the root."""
    tree = ast.parse(source)
    package = file.split("/")[0]
    found = [f"{file} imports {name}" for name in sorted(imported(tree) & FORBIDDEN[package])]
    found += [f"{file} imports {name}" for name, home in ONLY_IN.items() if name in imported(tree) and file != home]
    if package != "clearslate":
        futures = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
        if any(alias.name == "annotations" for node in futures for alias in node.names):
            # Dagster reads the annotations of configs and resources; as text they break it.
            found.append(f"{file} postpones annotations")
    return found


@pytest.mark.parametrize("package", FORBIDDEN)
def test_imports_run_one_way(package: str) -> None:
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        found += problems(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    assert found == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("clearslate/bad.py", "import dagster as dg"),
        ("clearslate/bad.py", "def late():\n    from great_expectations.core import x\n"),
        ("clearslate/bad.py", "import duckdb"),
        ("clearslate/bad.py", "from assets.factory import asset_key"),
        ("expectations/bad.py", "import assets"),
        ("expectations/bad.py", "from dagster import asset"),
        ("assets/bad.py", "from pipelines.definitions import defs"),
        ("assets/bad.py", "from __future__ import annotations"),
        ("pipelines/bad.py", "from __future__ import annotations"),
    ],
)
def test_a_wrong_import_is_found(file: str, source: str) -> None:
    assert problems(file, source)


def test_a_right_import_is_not() -> None:
    assert (
        problems("assets/good.py", "import dagster\nfrom expectations.gate import judge\nimport clearslate.run\n") == []
    )
    assert (
        problems("clearslate/good.py", "from __future__ import annotations\nfrom clearslate.home import Home\n") == []
    )
