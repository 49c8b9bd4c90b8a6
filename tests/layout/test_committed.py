"""What is committed works on any machine: no private hosts, no paths of the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IGNORED = {".git", ".venv", "var", "__pycache__"}

# Put together so that this file does not name them itself. A path counts where it begins, not inside another one.
_BEGINS = r"(?<![\w.>})\]*-])"
MACHINE = re.compile(
    "|".join(
        [
            *(f"{_BEGINS}/{folder}/" for folder in ("work", "root")),
            f"{_BEGINS}/(?:home|Users)/[a-z]",
            *(rf"{option}\b" for option in ("index" + "-url", "find" + "-links", "trusted" + "-host")),
            r"\.\./" + "shared",
        ]
    )
)
ANY_HOST = re.compile(r"\w+:" + "//")
LOCK_FILES = ("requirements.lock",)


def committed(root: Path) -> list[Path]:
    """The files that are tracked or would be; without git, all files that no tool made."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root, capture_output=True, check=True, timeout=60,
        ).stdout.decode().split("\0")  # fmt: skip
        return [root / name for name in sorted(listed) if name and (root / name).is_file()]
    except (OSError, subprocess.SubprocessError):
        every = (path for path in sorted(root.rglob("*")) if path.is_file())
        return [path for path in every if not IGNORED & set(path.relative_to(root).parts)]


def problems(name: str, content: bytes) -> list[str]:
    """Lines of a file that name this machine, or a host where only versions may stand. Binary files have none."""
    if b"\0" in content:
        return []
    pattern = re.compile(f"{MACHINE.pattern}|{ANY_HOST.pattern}") if name in LOCK_FILES else MACHINE
    lines = content.decode("utf-8", "replace").splitlines()
    return [f"{name}:{n}: {found.group()}" for n, line in enumerate(lines, start=1) if (found := pattern.search(line))]


def test_nothing_committed_names_this_machine() -> None:
    files = committed(ROOT)
    assert len(files) > 50
    found = [problem for path in files for problem in problems(path.relative_to(ROOT).as_posix(), path.read_bytes())]
    assert found == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("requirements.lock", "duckdb==2.0.0 @ https:" + "//example.org/duckdb.whl"),
        ("requirements.lock", "--index" + "-url http:" + "//packages.example.org/simple"),
        ("docs/operations.md", "pip install --find" + "-links wheels ."),
        ("tests/unit/test_x.py", "SAMPLE = '/" + "work/data/x.csv'"),
        ("Makefile", "PYTHON = /" + "root/.venv/bin/python"),
        ("README.md", "cd /" + "home/somebody/clearslate"),
        ("tests/unit/test_x.py", "Path('../" + "shared/data')"),
    ],
)
def test_a_machine_is_found(name: str, content: str) -> None:
    assert problems(name, content.encode())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "docs/operations.md",
            "`var/" + "work/<run>.duckdb`, <home>/" + "work/, {home}/" + "work/x; https:" + "//ca.gov",
        ),
        ("requirements.lock", "duckdb==2.0.0"),
    ],
)
def test_other_places_are_not(name: str, content: str) -> None:
    assert problems(name, content.encode()) == []


def test_files_are_found_without_git(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "x").write_text("", "utf-8")
    (tmp_path / "y").write_text("", "utf-8")
    assert [path.name for path in committed(tmp_path)] == ["y"]
