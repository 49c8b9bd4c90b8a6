"""Holding the whole ledger against itself.

Belongs here: the deep check behind `clearslate court verify`. The chain itself is checked whenever it is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clearslate.errors import LedgerBroken, LedgerRefused
from clearslate.ledger import guard, tables
from clearslate.ledger.chain import Chain
from clearslate.ledger.states import make_states

if TYPE_CHECKING:
    from clearslate.ledger.ledger import Ledger


@dataclass(frozen=True)
class VerifyReport:
    """What was found in order. `unnamed`: objects that no entry names, left by a killed write; they do no harm."""

    entries: int
    objects: int
    rows: int
    bytes: int
    batches: int
    lines: int
    unnamed: int


def verify(ledger: Ledger) -> VerifyReport:
    """Check chain, objects and meaning. Raises LedgerBroken for the first fault, with the entry's number."""
    fresh = Chain(ledger.home.ledger)
    if [entry.sha256 for entry in fresh.entries] != [entry.sha256 for entry in ledger.entries()]:
        raise LedgerBroken("the ledger has changed since it was opened; open it again")
    folder = ledger.home.ledger / "objects"
    named = ledger.objects()
    size = sum(tables.check(folder, name, stored, entry.seq) for entry, name, stored in named)
    _check_batches(ledger)
    with ledger.connect() as db:
        ((n_lines,),) = db.rows("select count(*) from lines")
        make_states(db)
        illegal = db.rows(
            "select min(a.seq), count(*) from acks as a inner join line_state as s "
            "on a.batch_id = s.batch_id and a.action_key = s.action_key where not s.is_legal",
            what="histories of lines",
        )
        strange = db.rows(
            "select min(a.seq), count(*) from acks as a where not exists (select 1 from sent_line as l "
            "where l.batch_id = a.batch_id and l.action_key = a.action_key and l.line_no = a.line_no)",
            what="histories of lines",
        )
    for (seq, count), fault in (
        (illegal[0], "are no legal history of a line"),
        (strange[0], "are about lines never sent"),
    ):
        if count:
            raise LedgerBroken(
                f"entry {seq} of the ledger and later ones: {count} rows {fault} under rules/courts as it is today"
            )
    present = {path.name for path in folder.glob("*.parquet")} if folder.exists() else set()
    return VerifyReport(
        entries=len(fresh.entries),
        objects=len(named),
        rows=sum(stored.rows for _, _, stored in named),
        bytes=size,
        batches=len(ledger.batches()),
        lines=n_lines,
        unnamed=len(present - {f"{stored.sha256}.parquet" for _, _, stored in named}),
    )


def _check_batches(ledger: Ledger) -> None:
    """Every batch as it was judged when it was entered, with nothing known but the entries before it."""
    again = _batches_with_lines_sent_again(ledger)
    stored = {(entry.seq, name): found for entry, name, found in ledger.objects()}
    last: dict[tuple[str, ...], Mapping[str, Any]] = {}
    attempts: dict[str, int] = {}
    for entry in ledger.entries("batch_issued"):
        body = entry.body
        batch_id, place = body["batch_id"], (body["court_code"], body["program"], body["test_indicator"])
        try:
            attempts[batch_id] = attempts.get(batch_id, 0) + 1
            if body["attempt"] != attempts[batch_id]:
                raise LedgerRefused(f"{batch_id}: attempt {body['attempt']} is not number {attempts[batch_id]}")
            if attempts[batch_id] > 1:
                continue
            guard.check_sequence(body, last.get(place))
            last[place] = body
            rows = {
                name: tables.load(ledger.home.ledger / "objects", stored[entry.seq, name])
                for name in ("lines", "reversal_lines")
                if (entry.seq, name) in stored
            }
            guard.check_rows(body, rows)
            past = ledger.before(entry.seq)
            guard.check_superseded(past, body)
            if batch_id in again:
                guard.check_sent(past, body, rows["lines"])
        except LedgerRefused as refused:
            raise LedgerBroken(f"entry {entry.seq} of the ledger: {refused}") from None


def _batches_with_lines_sent_again(ledger: Ledger) -> set[str]:
    """The few batches for which it must be asked whether their lines might go again."""
    with ledger.connect() as db:
        found = db.rows(
            "with again as (select l.action_key from lines as l inner join batches as b on l.batch_id = b.batch_id "
            "group by l.action_key, b.test_indicator having count(*) > 1) "
            "select distinct batch_id from lines where action_key in (select action_key from again)"
        )
        if len(db.rows("select distinct key_fingerprint from batches")) > 1:
            found += db.rows(
                "with place as (select s.* replace (unnest([s.case_key, "
                f"{guard.LETTERS_AND_DIGITS}]) as case_key), b.court_code, b.program, b.test_indicator, b.key_fingerprint "
                "from lines as s inner join batches as b on s.batch_id = b.batch_id), "
                "again as (select court_code, program, test_indicator, case_key, count_no, statute_section "
                "from place group by all having count(distinct key_fingerprint) > 1) "
                "select distinct p.batch_id from place as p inner join again as a using "
                "(court_code, program, test_indicator, case_key, count_no, statute_section)"
            )
    return {row[0] for row in found}
