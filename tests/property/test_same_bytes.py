"""Law 6: the same records give the same bytes, however they come, on however many threads."""

import csv
import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from clearslate.court import PackageFacts, write_packages
from clearslate.synth import generate
from tests.support import Decided, decide

ROWS = 4_000
AS_OF = "2025-01-15"
Files = dict[str, str]


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("extract") / "one.csv"
    generate(path, rows=ROWS, seed=11)
    return path


@pytest.fixture(scope="module")
def lines(extract: Path) -> tuple[str, list[str]]:
    head, *body = extract.read_text("utf-8").splitlines()
    return head, body


def _write(path: Path, head: str, body: Sequence[str]) -> Path:
    path.write_text("\n".join([head, *body]) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module", autouse=True)
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    path = tmp_path_factory.mktemp("key") / "action.key"
    path.write_text("k" * 32)
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("CLEARSLATE_ACTION_KEY_FILE", str(path))
        yield


@pytest.fixture(scope="module")
def first(extract: Path, tmp_path_factory: pytest.TempPathFactory, key: None) -> Decided:
    """The extract as it is, decided on one thread."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("CLEARSLATE_THREADS", "1")
        return _decided(tmp_path_factory.mktemp("first") / "home", [extract])


def _decided(home: Path, paths: Sequence[Path]) -> Decided:
    return decide(home, list(paths), as_of=AS_OF, review="full", data_through=AS_OF)


def _files(decided: Decided) -> Files:
    run = decided.run
    with run.warehouse() as warehouse:
        write_packages(
            warehouse,
            out=run.staged / "court",
            facts=PackageFacts(
                run.request.as_of, run.rule_set, run.assignment, is_test=True, data_through=run.data_through
            ),
        )
    found = sorted(path for path in run.staged.rglob("*") if path.is_file() and path.parts[-2] != run.staged.name)
    return {str(path.relative_to(run.staged)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def _shuffled(folder: Path, head: str, body: list[str]) -> list[Path]:
    mixed = random.Random(1).sample(body, len(body))
    return [_write(folder / "shuffled.csv", head, mixed)]


def _split(folder: Path, head: str, body: list[str]) -> list[Path]:
    mixed = random.Random(2).sample(body, len(body))
    return [_write(folder / f"part{n}.csv", head, mixed[n::3]) for n in range(3)]


def _twice(folder: Path, head: str, body: list[str]) -> list[Path]:
    return [_write(folder / name, head, body) for name in ("one.csv", "the same.csv")]


def test_order_files_copies_and_threads_change_no_byte(
    tmp_path: Path, first: Decided, lines: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEARSLATE_THREADS", "1")
    files = _files(first)
    assert any(name.startswith("court/") and name.endswith("10_relief_actions.csv") for name in files)
    assert sum(name.startswith("review/") for name in files) > 4 * 58
    monkeypatch.setenv("CLEARSLATE_THREADS", "2")
    ways: dict[str, Callable[[Path, str, list[str]], list[Path]]] = {
        "shuffled": _shuffled,
        "split": _split,
        "twice": _twice,
    }
    for name, way in ways.items():
        folder = tmp_path / f"{name}-files"
        folder.mkdir()
        again = _files(_decided(tmp_path / name, way(folder, *lines)))
        differs = [file for file in {*files, *again} if files.get(file) != again.get(file)]
        assert not differs, (name, differs[:5])


def _decisions(decided: Decided) -> list[tuple[object, ...]]:
    return decided.rows(
        "select p.subject_key, d.county, d.section, d.outcome, d.relief, d.rule, d.missing_facts, count(*) "
        "from eligibility.determination as d inner join core.person as p on d.person_no = p.person_no "
        "group by all order by all"
    )


def test_renumbered_cycles_decide_alike(tmp_path: Path, extract: Path, first: Decided) -> None:
    """Cycle numbers tell cycles apart; which number a cycle has means nothing as long as their order stays."""
    renumbered = tmp_path / "renumbered.csv"
    with (
        extract.open(encoding="utf-8", newline="") as given,
        renumbered.open("w", encoding="utf-8", newline="") as file,
    ):
        reader = csv.DictReader(given)
        writer = csv.DictWriter(file, reader.fieldnames or [], lineterminator="\n")
        writer.writeheader()
        for row in reader:
            order = row["CNT_ORDER"]
            writer.writerow({**row, "CNT_ORDER": f"{int(order[:3]) + 7:03d}{order[3:]}" if len(order) == 12 else order})
    other = decide(tmp_path / "other", [renumbered], as_of=AS_OF, data_through=AS_OF)
    assert _decisions(first) == _decisions(other)
    ids = "select conviction_id from core.conviction where case_key is not null order by conviction_id"
    assert first.rows(ids) == other.rows(ids)
