"""Every kind of tampering with the ledger is found, and named by the entry."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clearslate.errors import LedgerBroken
from clearslate.home import Home
from clearslate.ledger import Ledger
from clearslate.ledger.chain import Chain, encode_entry
from clearslate.ledger.tables import store
from tests.support_ledger import DAY, batch_name, home_at, issue, lines, put, read, table


def _drop(at: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda told: told[:at] + told[at + 1 :]


def _forged(told: list[bytes]) -> list[bytes]:
    """An entry that is changed and hashed anew: the next one still quotes what it was."""
    content = json.loads(told[2])
    line = encode_entry(3, content["previous"], date(2020, 1, 1), content["kind"], content["body"])
    return [*told[:2], line + b"\n", *told[3:]]


@pytest.mark.parametrize(
    ("change", "entry"),
    [
        (_drop(0), 1),
        (_drop(2), 3),
        (lambda told: told[:-1], 5),
        (lambda told: told[:-2], 4),
        (lambda told: [], 0),
        (lambda told: [told[0], told[2], told[1], *told[3:]], 2),
        (lambda told: [*told[:3], told[2], *told[3:]], 4),
        (lambda told: [*told, told[-1]], 7),
        (lambda told: [*told[:-1], told[-1][:-1]], 5),
        (lambda told: [*told[:-1], told[-1][:-20]], 5),
        (lambda told: [b"\n", *told], 1),
        (lambda told: [*told, b"\0" * 9 + b"\n"], 7),
        (lambda told: [*told, b"[1]\n"], 7),
        (lambda told: [told[0].replace(b'"seq":1', b'"seq": 1'), *told[1:]], 1),
        (_forged, 4),
    ],
)
def test_tampered_entries_are_found_and_named(
    home: Home, change: Callable[[list[bytes]], list[bytes]], entry: int
) -> None:
    changed = change(lines(home))
    put(home, *changed)
    with pytest.raises(LedgerBroken, match=rf"entry {entry}\b.*good copy"):
        Ledger.open(home)
    assert lines(home) == b"".join(changed).splitlines(keepends=True), "what is broken is left for those who mend it"


def test_every_flipped_byte_is_found(home: Home) -> None:
    whole = (home.ledger / "ledger.jsonl").read_bytes()
    for position in range(0, len(whole), 11):
        put(home, whole[:position], bytes([whole[position] ^ 1]), whole[position + 1 :])
        with pytest.raises(LedgerBroken):
            Chain(home.ledger)


def test_a_head_that_is_damaged_missing_or_of_another_ledger_is_found(home: Home) -> None:
    head = home.ledger / "head.json"
    for content in (b"", b"{}", b'{"seq":3,"sha256":"00"}', b'{"seq":0,"sha256":"00"}'):
        head.write_bytes(content)
        with pytest.raises(LedgerBroken):
            Ledger.open(home)
    head.unlink()
    with pytest.raises(LedgerBroken, match=r"head\.json is missing"):
        Ledger.open(home)


@pytest.mark.parametrize("how", ["flip", "cut", "other", "gone"])
def test_tampered_objects_are_found_and_named(home: Home, how: str) -> None:
    ledger = Ledger.open(home)
    victim, other = (
        home.ledger / "objects" / f"{entry.body['objects']['decisions']['sha256']}.parquet"
        for entry in ledger.entries("decisions_imported")[:2]
    )
    content = victim.read_bytes()
    if how == "flip":
        victim.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    elif how == "cut":
        victim.write_bytes(content[:-10])
    elif how == "other":
        victim.write_bytes(other.read_bytes())
    else:
        victim.unlink()
        with pytest.raises(LedgerBroken, match=r"entry 2\b.*missing.*good copy"):
            Ledger.open(home)
    with pytest.raises(LedgerBroken, match=r"entry 2\b.*good copy"):
        ledger.verify()


@pytest.mark.parametrize("how", ["flip", "other"])
def test_a_tampered_object_is_found_by_whoever_reads_it(home: Home, how: str) -> None:
    ledger = Ledger.open(home)
    victim, other = (
        home.ledger / "objects" / f"{entry.body['objects']['decisions']['sha256']}.parquet"
        for entry in ledger.entries("decisions_imported")[:2]
    )
    with ledger.connect() as db:
        assert db.rows("select count(*) from decisions") == [(9,)]
    content = victim.read_bytes()
    victim.write_bytes(other.read_bytes() if how == "other" else content[:50] + bytes([content[50] ^ 1]) + content[51:])
    for found in (ledger, Ledger.open(home)):
        with pytest.raises(LedgerBroken, match=rf"entry 2\b.*not what was written; put objects/{victim.name} back"):
            found.connect()
    victim.write_bytes(content)
    with ledger.connect() as db:
        assert db.rows("select count(*) from decisions") == [(9,)]


def test_a_process_hashes_an_object_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[object] = []
    real = hashlib.file_digest

    def counted(file: Any, digest: str) -> Any:
        hashed.append(file)
        return real(file, digest)

    monkeypatch.setattr(hashlib, "file_digest", counted)
    for _ in range(3):
        with Ledger.open(home).connect():
            pass
    assert len(hashed) == len({stored.sha256 for _, _, stored in Ledger.open(home).objects()}) > 1


def test_an_object_that_no_entry_names_does_no_harm(home: Home) -> None:
    (home.ledger / "objects" / f"{'0' * 64}.parquet").write_bytes(b"left by a kill")
    assert Ledger.open(home).verify().unnamed == 1


@pytest.mark.parametrize(
    ("change", "key", "fault"),
    [
        ({}, "D", None),
        ({}, "A", "1 lines were sent before"),
        ({"sequence": 3}, "D", "next batch of this program is number 2"),
        ({"previous_manifest_sha256": None}, "D", "does not quote the manifest"),
        ({"n_lines": 2}, "D", "not the number of its rows"),
        ({"attempt": 2}, "D", "attempt 2"),
        ({"supersedes_batch": "CRR-39-P64-000001"}, "A", "begun to treat"),
    ],
)
def test_a_batch_that_was_smuggled_in_is_found(
    tmp_path: Path, change: dict[str, Any], key: str, fault: str | None
) -> None:
    ledger = Ledger.open(home_at(tmp_path))
    first = issue(ledger, "ABC").body
    read(ledger, first["batch_id"], [(1, "A", "RECEIVED", "accepted")])
    second = batch_name(2)
    rows = [{"batch_id": second, "line_no": 1, "action_key": key, "da_position": "NO_CHALLENGE"}]
    objects = {"lines": asdict(store(ledger.home.ledger / "objects", "lines", table("lines", rows)))}
    body = {
        **first,
        "identity": f"{second}/a1",
        "batch_id": second,
        "sequence": 2,
        "n_lines": 1,
        "previous_manifest_sha256": first["manifest_sha256"],
        "objects": objects,
        **change,
    }
    chain = Chain(ledger.home.ledger)
    with chain.writing():
        chain.add(DAY, "batch_issued", body)
    smuggled = Ledger.open(ledger.home)
    if fault is None:
        assert smuggled.verify().batches == 2
    else:
        with pytest.raises(LedgerBroken, match=f"entry 4 .*{fault}"):
            smuggled.verify()


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"line_no": 1, "action_key": "A", "stage": "POSTED", "status": "posted"}, "no legal history"),
        ({"line_no": 2, "action_key": "A", "stage": "RECEIVED", "status": "accepted"}, "lines never sent"),
        ({"line_no": 9, "action_key": "Z", "stage": "RECEIVED", "status": "accepted"}, "lines never sent"),
    ],
)
def test_an_answer_that_was_smuggled_in_is_found(tmp_path: Path, row: dict[str, Any], fault: str) -> None:
    ledger = Ledger.open(home_at(tmp_path))
    batch_id = issue(ledger, "ABC").body["batch_id"]
    rows = [{"batch_id": batch_id, "effective_date": "2026-03-02", "row": 2, **row}]
    objects = {"acks": asdict(store(ledger.home.ledger / "objects", "acks", table("acks", rows)))}
    chain = Chain(ledger.home.ledger)
    with chain.writing():
        chain.add(DAY, "ack_read", {"identity": "smuggled", "batch_id": batch_id, "objects": objects})
    with pytest.raises(LedgerBroken, match=f"entry 3 .*{fault}"):
        Ledger.open(ledger.home).verify()
