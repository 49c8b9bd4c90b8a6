"""The ledger's file: what may be added to it, and that a killed write leaves the entry or nothing."""

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock

from clearslate.errors import HomeLocked, LedgerRefused, UsageError
from clearslate.home import Home
from clearslate.ledger import Ledger, chain
from tests.support_ledger import DAY, decide, issue, lines, put, table

ROOT = Path(__file__).resolve().parents[3]


# --- the entries


def test_an_entry_is_a_canonical_line_bound_to_the_one_before(home: Home) -> None:
    entries = Ledger.open(home).entries()
    assert [entry.kind for entry in entries] == [
        "opened", "decisions_imported", "decisions_imported", "decisions_imported", "batch_issued", "ack_read",
    ]  # fmt: skip
    told = json.loads(lines(home)[1])
    assert list(told) == ["body", "kind", "on", "previous", "seq", "sha256"]
    assert told["previous"] == entries[0].line_sha256
    assert told["body"]["objects"]["decisions"]["rows"] == 3
    assert entries[0].previous == "0" * 64


def test_only_the_owner_can_read_it(home: Home) -> None:
    for path in home.ledger.rglob("*"):
        if path.name != "lock":
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name


def test_the_same_event_twice_is_one_entry_and_the_same_rows_are_one_object(home: Home) -> None:
    ledger = Ledger.open(home)
    before = lines(home)
    decide(ledger, "two")
    assert lines(home) == before
    rows = table("decisions", [{"action_key": "x", "version": "V", "decision": "DEFER", "row": 2}])
    for name in ("four", "five"):
        body = {"identity": name, "file_name": name, "n": 1}
        ledger.append("decisions_imported", DAY, body, {"decisions": rows})
    four, five = ledger.entries()[-2:]
    assert four.body["objects"] == five.body["objects"]
    with ledger.connect() as db:
        assert db.rows("select seq from decisions where action_key = 'x' order by seq") == [(four.seq,), (five.seq,)]


def test_blank_text_is_null_and_a_table_without_rows_is_left_out(home: Home) -> None:
    ledger = Ledger.open(home)
    rows = table("decisions", [{"action_key": "x", "version": "", "decision": "DEFER", "ground": "", "row": 2}])
    body = {"identity": "blank", "file_name": "blank", "n": 1}
    ledger.append("decisions_imported", DAY, body, {"decisions": rows})
    with ledger.connect() as db:
        assert db.rows("select version, ground from decisions where action_key = 'x'") == [(None, None)]
    entry = ledger.append("decisions_imported", DAY, {**body, "identity": "none"}, {"decisions": rows.slice(0, 0)})
    assert "objects" not in entry.body


@pytest.mark.parametrize(
    ("kind", "body", "tables"),
    [
        ("nothing_known", {"identity": "1"}, {}),
        ("decisions_imported", {"identity": "1", "n": 1}, {}),
        ("decisions_imported", {"identity": "1", "n": 1, "file_name": "x", "name": "Smith"}, {}),
        ("decisions_imported", {"identity": "", "n": 1, "file_name": "x"}, {}),
        ("decisions_imported", {"identity": "1", "n": 1, "file_name": "x"}, {"acks": table("acks", [{"row": 1}])}),
        (
            "decisions_imported",
            {"identity": "1", "n": 1, "file_name": "x"},
            {"decisions": table("verdicts", [{"row": 1}])},
        ),
    ],
)
def test_an_entry_that_is_not_of_its_kind_is_refused(
    home: Home, kind: str, body: dict[str, object], tables: dict[str, object]
) -> None:
    before = lines(home)
    with pytest.raises(LedgerRefused):
        Ledger.open(home).append(kind, DAY, body, tables)  # type: ignore[arg-type]
    assert lines(home) == before


def test_a_batch_that_leaves_a_gap_is_refused(home: Home) -> None:
    ledger = Ledger.open(home)
    before = lines(home)
    for wrong in (
        {"sequence": 3},
        {"sequence": 1},
        {"previous_manifest_sha256": None},
        {"attempt": 2},
        {"n_lines": 2},
        {"supersedes_batch": "CRR-39-P64-000009"},
    ):
        with pytest.raises(LedgerRefused):
            issue(ledger, "XYZ", **wrong)
    with pytest.raises(LedgerRefused, match="stands twice"):
        issue(ledger, "XYX")
    assert lines(home) == before


def test_another_attempt_sends_the_same_bytes(home: Home) -> None:
    ledger = Ledger.open(home)
    (first,) = ledger.entries("batch_issued")
    again = {key: value for key, value in first.body.items() if key != "objects"}
    again |= {"attempt": 2, "identity": f"{first.body['batch_id']}/a2"}
    with pytest.raises(LedgerRefused, match="same bytes"):
        ledger.append("batch_issued", DAY, {**again, "zip_sha256": "0" * 64})
    ledger.append("batch_issued", date(2026, 4, 1), again)
    with ledger.connect() as db:
        assert db.rows("select attempts, last_sent_on, on_day from batches") == [(2, date(2026, 4, 1), DAY)]
    ledger.verify()


# --- interrupted and concurrent writes


@pytest.mark.parametrize("tail", [b"{", b'{"body":{"identity":"x"', b"\0" * 300])
def test_a_torn_tail_is_cut_off_and_said(home: Home, tail: bytes) -> None:
    before = lines(home)
    put(home, *before, tail)
    ledger = Ledger.open(home)
    assert ledger.mended and f"{len(tail)} bytes" in ledger.mended and "entry 6" in ledger.mended
    assert lines(home) == before
    assert Ledger.open(home).mended is None
    decide(ledger, "four")
    assert len(Ledger.open(home).entries()) == 7


def test_a_reader_leaves_the_line_that_another_is_writing(home: Home) -> None:
    before = lines(home)
    put(home, *before, b'{"body"')
    with FileLock(home.ledger / "lock"):
        ledger = Ledger.open(home)
        assert (ledger.mended, len(ledger.entries())) == (None, 6)
    assert lines(home) == [*before, b'{"body"']


def test_a_writer_waits_for_a_reader_that_mends(home: Home) -> None:
    """A reader that meets an entry without its head takes the lock for as long as it writes it."""
    writer, ready, done = Ledger.open(home), threading.Event(), threading.Event()

    def mend() -> None:
        with FileLock(home.ledger / "lock"):
            ready.set()
            done.wait(0.3)

    reader = threading.Thread(target=mend)
    reader.start()
    ready.wait()
    decide(writer, "four")
    reader.join()
    assert len(Ledger.open(home).entries()) == 7


def test_the_second_of_two_writers_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "WAIT", 0.1)
    one, two = Ledger.open(home), Ledger.open(home)
    decide(one, "four")
    with pytest.raises(HomeLocked, match="meanwhile"):
        decide(two, "five")
    with FileLock(home.ledger / "lock"), pytest.raises(HomeLocked, match="wait"):
        decide(one, "five")
    decide(one, "five")
    assert len(Ledger.open(home).entries()) == 8


def test_a_full_disk_leaves_the_ledger_as_it_was(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real = lines(home), os.write
    ledger = Ledger.open(home)

    def full(opened: int, content: bytes) -> int:
        if b'"kind"' not in bytes(content):
            return real(opened, content)
        real(opened, bytes(content)[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(UsageError, match="No space left"):
        decide(ledger, "four")
    monkeypatch.undo()
    assert lines(home) == before
    decide(ledger, "four")
    assert len(Ledger.open(home).entries()) == 7


def test_what_an_entry_names_is_on_the_disk_before_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    names: dict[int, str] = {}
    real = {name: getattr(os, name) for name in ("open", "write", "fsync", "replace")}

    def opened(path: object, *rest: object) -> int:
        found = int(real["open"](path, *rest))
        names[found] = Path(str(path)).name.lstrip(".").replace(".partial", "")
        return found

    def seen(what: str) -> Callable[..., object]:
        def call(first: object, *rest: object) -> object:
            name = names[first] if isinstance(first, int) else Path(str(rest[0])).name
            told.append(f"{what} {'object' if name.endswith('.parquet') else name}")
            return real[what](first, *rest)

        return call

    ledger = Ledger.open(home)
    monkeypatch.setattr(os, "open", opened)
    for what in ("write", "fsync", "replace"):
        monkeypatch.setattr(os, what, seen(what))
    decide(ledger, "four")
    monkeypatch.undo()
    wanted = [
        "write object", "fsync object", "replace object", "fsync objects",
        "write ledger.jsonl", "fsync ledger.jsonl",
        "write head.json", "fsync head.json", "replace head.json", "fsync ledger",
    ]  # fmt: skip
    assert [step for step in told if "lock" not in step] == wanted


KILLS = """
import os, signal, sys
from pathlib import Path
from clearslate.home import Home
from clearslate.ledger import Ledger
from tests.support_ledger import DAY, decide

root, real = Path(sys.argv[1]), {name: getattr(os, name) for name in ("write", "fsync", "replace", "ftruncate")}

def work(home):
    ledger = Ledger.open(home)
    ledger.record_key(DAY, "0123456789abcdef")
    decide(ledger, "one")

def dying(at, torn):
    count = 0
    def patched(name):
        def call(*given):
            nonlocal count
            count += name == "write" or not torn
            if count == at:
                if torn:
                    real["write"](given[0], bytes(given[1])[: len(given[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real[name](*given)
        return call
    for name in real:
        setattr(os, name, patched(name))

def child(act):
    pid = os.fork()
    if not pid:
        try:
            act()
        except BaseException as error:
            print(type(error).__name__, error, file=sys.stderr)
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1]

def home_of(name):
    home = Home(root / name)
    home.prepare()
    (home.root / "keys").mkdir(exist_ok=True)
    (home.root / "keys" / "action.key").write_text("k" * 64)
    return home

def left(home):
    return {str(p.relative_to(home.ledger)): p.read_bytes() for p in sorted(home.ledger.rglob("*")) if p.is_file()}

assert child(lambda: work(home_of("calm"))) == 0
calm, points = left(home_of("calm")), 0
for torn in (False, True):
    at = 0
    while True:
        at += 1
        home = home_of(f"{torn}{at}")
        status = child(lambda: (dying(at, torn), work(home)))
        if status == 0:
            break
        assert os.WIFSIGNALED(status), status
        points += 1
        assert child(lambda: work(home)) == 0, at
        assert left(home) == calm, (torn, at, sorted(left(home)), sorted(calm))
print(points)
"""


def test_a_writer_killed_at_any_point_leaves_what_a_rerun_completes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLS, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20
