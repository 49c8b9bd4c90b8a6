"""The ledger: what was decided, sent, answered and ordered, for good.

Belongs here: opening it, adding to it, asking it. Does not belong here: the file (chain.py), the tables (tables.py), whether
a batch may go (guard.py), where a line stands (states.py).

    home/ledger/ledger.jsonl              the entries; head.json and lock beside it
    home/ledger/objects/<sha256>.parquet  the tables that entries name, written before them

It is the one thing in a home that no extract can bring back: copy the folder, whole, to another machine after each command
that writes to it. Every entry carries a day that its caller gives, never a time, so that a rerun writes the same bytes.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from clearslate.errors import LedgerRefused, UsageError
from clearslate.home import Home
from clearslate.keys import action_key
from clearslate.ledger import guard, views
from clearslate.ledger.chain import Chain, Entry
from clearslate.ledger.kinds import hold_to_kind
from clearslate.ledger.tables import StoredTable, broken, object_path, store
from clearslate.ledger.verify import VerifyReport, verify
from clearslate.warehouse import Warehouse

FORMAT = 1


class Ledger:
    """The ledger of one home, as it was when it was opened, and the entries that were added through this object since.

    Whoever adds holds the home's lock; a second writer that comes between is refused all the same (HomeLocked).
    """

    def __init__(self, home: Home, chain: Chain, *, before: int | None = None) -> None:
        self.home = home
        self._chain = chain
        self._before = before
        self._known = {(entry.kind, entry.identity): entry for entry in self.entries()}

    @staticmethod
    def open(home: Home, *, create: bool = True) -> "Ledger":
        """Open and check the chain. `create`: an empty one where there is none yet; nothing is written before the first entry.

        Raises LedgerBroken where the file is not what was written, or a table that it names is not there; UsageError where
        there is no ledger and none is to be made. `connect` holds the tables that it reads, `verify` looks deeper.
        """
        if not create and not (home.ledger / "ledger.jsonl").exists():
            raise UsageError(f"there is no ledger in {home.root} yet: nothing has been decided or sent")
        ledger = Ledger(home, Chain(home.ledger))
        for entry, name, stored in ledger.objects():
            if not object_path(ledger._objects, stored.sha256).exists():
                raise broken(name, stored.sha256, entry.seq, "is missing")
        return ledger

    @property
    def mended(self) -> str | None:
        """A sentence where opening cut off the torn end of a killed write; show it."""
        return self._chain.mended

    @property
    def _objects(self) -> Path:
        return self.home.ledger / "objects"

    def entries(self, kind: str | None = None) -> list[Entry]:
        """The entries in their order; of one kind if given."""
        told = self._chain.entries if self._before is None else self._chain.entries[: self._before - 1]
        return [entry for entry in told if kind is None or entry.kind == kind]

    def find(self, kind: str, identity: str) -> Entry | None:
        """The entry of that kind and identity: whether a file was taken, a batch sent."""
        return self._known.get((kind, identity))

    def objects(self) -> list[tuple[Entry, str, StoredTable]]:
        """Every table that an entry names."""
        return [
            (entry, name, StoredTable(**stored))
            for entry in self.entries()
            for name, stored in sorted(entry.body.get("objects", {}).items())
        ]

    def batches(self) -> dict[str, Entry]:
        """The first entry of every batch, by batch id, in the order in which they were issued."""
        found: dict[str, Entry] = {}
        for entry in self.entries("batch_issued"):
            found.setdefault(entry.body["batch_id"], entry)
        return found

    def last_batch(self, court_code: str, program: str, test_indicator: str) -> Entry | None:
        """The newest batch of a court and program, production (P) or test (T): the next one follows its sequence and hash."""
        wanted = (court_code, program, test_indicator)
        found = [
            entry
            for entry in self.batches().values()
            if (entry.body["court_code"], entry.body["program"], entry.body["test_indicator"]) == wanted
        ]
        return found[-1] if found else None

    # -- adding -------------------------------------------------------------------------------------------------------

    def append(
        self, kind: str, on: date, body: Mapping[str, Any], tables: Mapping[str, pa.Table] | None = None
    ) -> Entry:
        """Add an entry with its tables (those without rows are left out); it is on the disk when this returns.

        `body` has `identity` and the fields of its kind (kinds.py); values are JSON. An entry of this kind and identity that
        is there already is returned and nothing is written. Raises LedgerRefused where the entry is not of its kind, or is a
        batch that may not go (guard.py); HomeLocked where another process wrote meanwhile.
        """
        filled = {name: table for name, table in (tables or {}).items() if table.num_rows}
        hold_to_kind(kind, body, tables or {})
        if self._before is not None:
            raise LedgerRefused("nothing can be added to the ledger's past")
        known = self.find(kind, body["identity"])
        if known is not None:
            return known
        if kind == "batch_issued":
            guard.check_batch(self, body, filled)
        with self._chain.writing():
            if not self._chain.entries and kind != "opened":
                fingerprint = action_key(self.home).fingerprint
                self._add("opened", on, {"identity": "1", "format": FORMAT, "key_fingerprint": fingerprint})
            stored = {name: asdict(store(self._objects, name, table)) for name, table in sorted(filled.items())}
            return self._add(kind, on, {**body, "objects": stored} if stored else dict(body))

    def record_key(self, on: date, fingerprint: str) -> bool:
        """Note the key that action keys are made with from now on; returns whether it is another than before.

        Under another key the same lines have other keys: what was sent is then found by court, program, case, count and
        section.
        """
        if not self._chain.entries:
            self.append("opened", on, {"identity": "1", "format": FORMAT, "key_fingerprint": fingerprint})
        newest = [entry for entry in self.entries() if entry.kind in ("opened", "key_changed")][-1]
        if newest.body["key_fingerprint"] == fingerprint:
            return False
        identity = f"{newest.seq}:{fingerprint}"  # a key may come back: a backup that was found
        self.append("key_changed", on, {"identity": identity, "key_fingerprint": fingerprint})
        return True

    def _add(self, kind: str, on: date, body: Mapping[str, Any]) -> Entry:
        entry = self._chain.add(on, kind, body)
        self._known[(kind, entry.identity)] = entry
        return entry

    # -- asking -------------------------------------------------------------------------------------------------------

    def before(self, seq: int) -> "Ledger":
        """The ledger as it was before an entry; nothing can be added to it."""
        return Ledger(self.home, self._chain, before=seq)

    def connect(self, *, batches: Collection[str] | None = None) -> Warehouse:
        """A locked-down database in memory with the views of views.py; use it as a context manager, and make your own tables
        in it. It may read files below the home. `batches` leaves out what concerns other batches. Raises LedgerBroken where a
        table that it is to read is not what was written.
        """
        return views.connect(self.home, self.entries(), batches)

    def verify(self) -> VerifyReport:
        """Check everything: chain, objects, sequences, that no line was sent twice, that every history is legal.

        Raises LedgerBroken for the first fault.
        """
        return verify(self)
