"""The simulated court shares no code with what it checks: a mistake that both sides made alike would not be seen."""

import ast
import sys
from pathlib import Path

import pytest

SIMULATOR = Path(__file__).resolve().parents[1] / "court_simulator"
OWN, LIBRARIES = "tests.court_simulator", {"openpyxl"}


def strangers(source: str) -> set[str]:
    """What a module imports that is neither the standard library's, nor the simulator's own, nor openpyxl."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return {
        name
        for name in found
        if name.split(".")[0] not in sys.stdlib_module_names | LIBRARIES
        and name != OWN
        and not name.startswith(OWN + ".")
    } | ({"importlib"} & found)


def test_the_court_imports_nothing_of_clearslate() -> None:
    modules = sorted(SIMULATOR.rglob("*.py"))
    assert len(modules) >= 5
    assert {path.name: strangers(path.read_text("utf-8")) for path in modules} == {path.name: set() for path in modules}


@pytest.mark.parametrize(
    "source",
    [
        "import clearslate.court",
        "from clearslate import keys",
        "def late():\n    from assets.files import x\n",
        "from tests.support import SACRAMENTO",
        "import importlib",
    ],
)
def test_a_wrong_import_is_found(source: str) -> None:
    assert strangers(source)
