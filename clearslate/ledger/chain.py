"""The ledger's file: entries, one JSON object a line, each bound to the one before it by SHA-256.

Belongs here: what an entry is, its bytes, reading and checking the chain, and adding to it so that a kill at any moment
leaves either the entry or nothing. Does not belong here: what kinds of entries there are (kinds.py), and the tables that
they name (objects.py).

`ledger.jsonl` grows at its end only. A last line without its line feed was never committed: it is cut off and said so.
`head.json` is written after each entry; the chain must contain the entry that it names, so that a ledger which has lost
its last entries (an old copy put back) is found out too.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from clearslate.errors import HomeLocked, LedgerBroken, UsageError

NOTHING = "0" * 64
"""What the first entry has for `previous`."""

_FIELDS = ["body", "kind", "on", "previous", "seq", "sha256"]
WAIT = 5.0
"""Seconds that a writer waits for another process: a reader that mends what a killed write left is done in less."""

_RESTORE = "put the ledger folder back from its newest good copy; nothing has been changed"


@dataclass(frozen=True)
class Entry:
    """One entry. `sha256` is the hash of its other fields, `line_sha256` that of the whole line, which the next quotes."""

    seq: int
    previous: str
    on: date
    kind: str
    body: Mapping[str, Any]
    sha256: str
    line_sha256: str

    @property
    def identity(self) -> str:
        """What makes it the same event as another of its kind: a file's hash, a batch and attempt."""
        return str(self.body["identity"])


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def encode_entry(seq: int, previous: str, on: date, kind: str, body: Mapping[str, Any]) -> bytes:
    """The line of an entry, without its line feed."""
    content = {"seq": seq, "previous": previous, "on": on.isoformat(), "kind": kind, "body": body}
    return _canonical({**content, "sha256": hashlib.sha256(_canonical(content)).hexdigest()})


def decode_entry(line: bytes, *, seq: int, previous: str) -> Entry:
    """The entry of a line that stands at `seq` behind a line whose hash is `previous`. Raises LedgerBroken."""
    try:
        content = json.loads(line)
        if sorted(content) != _FIELDS or _canonical(content) != line:
            raise ValueError
        told = content.pop("sha256")
        entry = Entry(
            seq=content["seq"],
            previous=content["previous"],
            on=date.fromisoformat(content["on"]),
            kind=content["kind"],
            body=content["body"],
            sha256=told,
            line_sha256=hashlib.sha256(line).hexdigest(),
        )
        str(entry.body["identity"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _broken(seq, "is not an entry") from None
    if hashlib.sha256(_canonical(content)).hexdigest() != told:
        raise _broken(seq, "is not what was written")
    if entry.seq != seq:
        raise _broken(seq, f"says that it is entry {entry.seq}: one is missing, doubled or in another place")
    if entry.previous != previous:
        raise _broken(seq, "does not follow the entry before it: one of the two was put there later")
    return entry


def _broken(seq: int, fault: str) -> LedgerBroken:
    return LedgerBroken(f"entry {seq} of the ledger {fault}; {_RESTORE}")


class Chain:
    """The file of entries, as it was when it was opened, and the only way to add to it."""

    def __init__(self, folder: Path) -> None:
        """Read and check the file below `folder`, where there is one. Raises LedgerBroken.

        `mended` is a sentence where the torn end of a killed write was cut off, else None.
        """
        self.folder = folder
        self.entries: list[Entry] = []
        self.mended: str | None = None
        self._size = 0
        if folder.exists():
            self._load()

    @property
    def path(self) -> Path:
        return self.folder / "ledger.jsonl"

    @property
    def _head(self) -> Path:
        return self.folder / "head.json"

    def _load(self) -> None:
        head = self._read_head()  # before the file: a writer may add to both meanwhile
        content = self.path.read_bytes() if self.path.exists() else b""
        *lines, torn = content.split(b"\n")
        previous = NOTHING
        for seq, line in enumerate(lines, start=1):
            entry = decode_entry(line, seq=seq, previous=previous)
            self.entries.append(entry)
            previous = entry.line_sha256
        self._check_head(head)
        self._size = len(content) - len(torn)
        if torn or (head or (0, ""))[0] < len(self.entries):
            self._mend(len(torn))

    def _read_head(self) -> tuple[int, str] | None:
        try:
            told = json.loads(self._head.read_bytes())
            return int(told["seq"]), str(told["sha256"])
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError):
            raise LedgerBroken(f"head.json of the ledger is damaged; {_RESTORE}") from None

    def _check_head(self, head: tuple[int, str] | None) -> None:
        if head is None:
            if len(self.entries) > 1:
                raise LedgerBroken(f"head.json is missing beside {len(self.entries)} entries of the ledger; {_RESTORE}")
            return
        seq, sha256 = head
        if seq > len(self.entries):
            raise LedgerBroken(
                f"the ledger ends with entry {len(self.entries)}, but entry {seq} has been written: the last "
                f"{seq - len(self.entries)} are missing; {_RESTORE}"
            )
        if seq < 1 or self.entries[seq - 1].sha256 != sha256:
            raise _broken(seq, "is another than the one that was written")

    def _mend(self, torn: int) -> None:
        """Finish what a killed write left: cut off its torn end, or write the head that it came to no more.

        Unless another process is just writing: then this one only reads.
        """
        try:
            with self._lock():
                if self.path.stat().st_size != self._size + torn:
                    return
                opened = os.open(self.path, os.O_WRONLY)
                try:
                    if torn:
                        os.ftruncate(opened, self._size)
                    os.fsync(opened)
                finally:
                    os.close(opened)
                sync_folder(self.folder)
                if self.entries:
                    self._write_head()
        except HomeLocked:
            return
        if torn:
            self.mended = (
                f"a write behind entry {len(self.entries)} of the ledger was interrupted before it was done; "
                f"its {torn} bytes were removed (nothing that was recorded is lost)"
            )

    def _write_head(self) -> None:
        newest = self.entries[-1]
        write_file(self._head, _canonical({"seq": newest.seq, "sha256": newest.sha256}) + b"\n")

    @contextmanager
    def _lock(self, *, wait: float = 0) -> Iterator[None]:
        lock = FileLock(self.folder / "lock", mode=0o600)
        try:
            lock.acquire(timeout=wait)
        except Timeout:
            raise HomeLocked("another process is writing to the ledger; wait until it has ended") from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep other writers away. Raises HomeLocked where one is at work, or has added something since this was read."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock(wait=WAIT):
            if (self.path.stat().st_size if self.path.exists() else 0) != self._size:
                raise HomeLocked("another process has written to the ledger meanwhile; run the command again")
            yield

    def add(self, on: date, kind: str, body: Mapping[str, Any]) -> Entry:
        """Add an entry, inside `writing`: its line is on the disk when this returns."""
        seq = len(self.entries) + 1
        previous = self.entries[-1].line_sha256 if self.entries else NOTHING
        line = encode_entry(seq, previous, on, kind, body)
        entry = decode_entry(line, seq=seq, previous=previous)
        try:
            self._write(line + b"\n")
        except OSError as error:
            raise UsageError(f"the ledger can't be written ({error.strerror}); nothing was recorded") from None
        self.entries.append(entry)
        try:
            self._write_head()
        except OSError as error:
            raise UsageError(f"head.json of the ledger can't be written ({error.strerror}); run it again") from None
        return entry

    def _write(self, line: bytes) -> None:
        is_new = not self.path.exists()
        opened = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            write_all(opened, line)
            os.fsync(opened)
        except OSError:
            os.ftruncate(opened, self._size)
            raise
        finally:
            os.close(opened)
        if is_new:
            sync_folder(self.folder)
        self._size += len(line)


def write_all(opened: int, content: bytes) -> None:
    """Write all of it: the system may take less at once."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(opened, rest) :]


def write_file(path: Path, content: bytes) -> None:
    """Put a file there whole or not at all, on the disk when this returns; readable by its owner alone."""
    partial = path.with_name(f".{path.name}.partial")
    opened = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(opened, content)
        os.fsync(opened)
    finally:
        os.close(opened)
    os.replace(partial, path)  # noqa: PTH105 - the tests watch the order of these calls
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names that were put into a folder last."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
