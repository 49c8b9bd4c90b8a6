"""Whether a batch may be entered: its place in the court's sequence, and that none of its lines was sent before.

Belongs here: the last word on sending, whoever asks. Does not belong here: choosing the lines (court/selection.py), which
also weighs what this does not know: new case numbers, changed facts, profiles.

A line may go again only where `states.make_sendings` says may_resend, or where this batch supersedes the one that it was in.
Under another action key the same line has another key; it is then known by court, program, case (DOJ's number, or the one
under which it was sent), count and section. Under the same key it also has another one once DOJ has corrected who the person
is, or writes the case number otherwise; only the release can tell that from a co-defendant, so selection.py watches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from clearslate.errors import LedgerRefused
from clearslate.ledger.states import make_sendings, make_states
from clearslate.ledger.tables import conform

if TYPE_CHECKING:
    from clearslate.ledger.ledger import Ledger

LETTERS_AND_DIGITS = "upper(regexp_replace(s.case_number, '[^A-Za-z0-9]', '', 'g'))"
"""The number under which a line (`s`) was sent, as case keys are written: the court's own, where it gave another."""

_SAME_COUNT = (
    "n.case_key = s.number and n.count_no is not distinct from s.count_no "
    "and n.statute_section is not distinct from s.statute_section"
)
"""What tells a line where its key can't, under each of the numbers (`number`) that it had."""

_SUSPECTS = f"""
select distinct l.batch_id from lines as l inner join new_line as n on l.action_key = n.action_key
union
select distinct r.batch_id from reversal_lines as r inner join new_line as n on r.reverses_action_key = n.action_key
union
select distinct s.batch_id
from (
    select *, case_key as number from lines union all select s.*, {LETTERS_AND_DIGITS} from lines as s
) as s
inner join batches as b on s.batch_id = b.batch_id
inner join new_line as n on {_SAME_COUNT}
where b.court_code = $court_code and b.program = $program and b.test_indicator = $test_indicator
    and b.key_fingerprint <> $key_fingerprint
"""

_AGAIN = f"""
with met as (
    select n.line_no, s.action_key, true as is_same_key
    from new_line as n
    inner join sending as s on n.action_key = s.action_key
    union
    select n.line_no, s.action_key, false
    from new_line as n
    inner join (
        select *, case_key as number from sending union all select s.*, {LETTERS_AND_DIGITS} from sending as s
    ) as s on {_SAME_COUNT}
    where s.action_key <> n.action_key and s.key_fingerprint <> $key_fingerprint and s.court_code = $court_code
        and s.program = $program
)
select count(*) filter (where m.is_same_key), count(*) filter (where not m.is_same_key), min(n.line_no)
from met as m
inner join new_line as n on m.line_no = n.line_no
inner join sending as s on m.action_key = s.action_key
where s.batch_id is distinct from $supersedes
    and not (s.may_repeat or (s.may_resend and n.da_position <> 'CHALLENGE'))
"""


def check_batch(ledger: Ledger, body: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> None:
    """Raise LedgerRefused where a batch, or another attempt of one, may not be entered."""
    batch_id = body["batch_id"]
    attempts = [entry for entry in ledger.entries("batch_issued") if entry.body["batch_id"] == batch_id]
    if body["attempt"] != len(attempts) + 1:
        raise LedgerRefused(f"{batch_id}: attempt {body['attempt']} does not follow attempt {len(attempts)}")
    if attempts:
        first = attempts[0].body
        if tables or any(body[name] != first[name] for name in ("manifest_sha256", "actions_sha256", "zip_sha256")):
            raise LedgerRefused(f"{batch_id}: an attempt sends the same bytes again; what differs is a new batch")
        return
    last = ledger.last_batch(body["court_code"], body["program"], body["test_indicator"])
    check_sequence(body, last.body if last else None)
    check_rows(body, tables)
    check_superseded(ledger, body)
    if "lines" in tables and ledger.batches():
        check_sent(ledger, body, conform("lines", tables["lines"]))
    if "reversal_lines" in tables:
        check_reversals(ledger, body, conform("reversal_lines", tables["reversal_lines"]))


def check_sequence(body: Mapping[str, Any], last: Mapping[str, Any] | None) -> None:
    """A batch follows the court's last one of its program: the next number, and that one's manifest quoted."""
    sequence, manifest = (last["sequence"] + 1, last["manifest_sha256"]) if last else (1, None)
    if body["sequence"] != sequence:
        raise LedgerRefused(f"{body['batch_id']}: the court's next batch of this program is number {sequence}")
    if body["previous_manifest_sha256"] != manifest:
        raise LedgerRefused(f"{body['batch_id']}: it does not quote the manifest of the batch before it")


def check_rows(body: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> None:
    """A batch's rows are those that it says: its own, numbered without a gap, no key twice."""
    batch_id = body["batch_id"]
    for name, number, total in (("lines", "line_no", "n_lines"), ("reversal_lines", "reversal_no", "n_reversals")):
        table = tables.get(name)
        if (table.num_rows if table is not None else 0) != body[total]:
            raise LedgerRefused(f"{batch_id}: {total} is not the number of its rows")
        if table is None:
            continue
        numbers, keys = table.column(number), table.column("action_key")
        span = pc.min_max(numbers).as_py()
        if span != {"min": 1, "max": table.num_rows} or len(numbers.unique()) != table.num_rows:
            raise LedgerRefused(f"{batch_id}: {number} does not run from 1 without a gap")
        if table.column("batch_id").unique().to_pylist() != [batch_id]:
            raise LedgerRefused(f"{batch_id}: a row is of another batch")
        if len(keys.unique()) != table.num_rows or keys.null_count:
            raise LedgerRefused(f"{batch_id}: an action key stands twice, or is missing")


def check_superseded(ledger: Ledger, body: Mapping[str, Any]) -> None:
    """A batch may be superseded, once, where the court refused it whole or has not said anything of it."""
    old = body["supersedes_batch"]
    if old is None:
        return
    issued = ledger.batches()
    place = ("court_code", "program", "test_indicator")
    if old not in issued or any(issued[old].body[name] != body[name] for name in place):
        raise LedgerRefused(f"{body['batch_id']}: {old} is no batch of this court and program")
    if any(entry.body["supersedes_batch"] == old for entry in issued.values()):
        raise LedgerRefused(f"{body['batch_id']}: {old} has been superseded before")
    with ledger.connect(batches={old}) as db:
        make_states(db)
        ((treated,),) = db.rows(
            "select count(*) from line_state where has_grant or not (state = 'SUBMITTED' and last_status is null "
            "or state = 'REFUSED' and decided_stage = 'RECEIVED')"
        )
        # An answer that waits may be a posting, or a judge's word: nobody knows yet what the court has done.
        ((waiting,),) = db.rows("select count(distinct exception_id) from open_exception")
    if treated:
        raise LedgerRefused(f"{body['batch_id']}: the court has begun to treat {old} ({treated} lines)")
    if waiting:
        raise LedgerRefused(
            f"{body['batch_id']}: {waiting} answers of the court about {old} wait for somebody; resolve them first "
            "(`clearslate court exceptions`)"
        )


def check_reversals(ledger: Ledger, body: Mapping[str, Any], reversals: pa.Table) -> None:
    """What is to be undone was sent, and no reversal of it is on its way or done."""
    with ledger.connect() as db:
        db.load_arrow("new_reversal", reversals)
        make_sendings(db, test=body["test_indicator"] == "T")
        ((n, first),) = db.rows(
            "select count(*), min(n.reversal_no) from new_reversal as n "
            "left join sending as s on n.reverses_action_key = s.action_key "
            "where s.action_key is null or s.court_code <> $court_code or s.program <> $program "
            "or s.reversal_state in ('REVERSAL_SENT', 'REVERSED')",
            {"court_code": body["court_code"], "program": body["program"]},
            what="reversals",
        )
    if n:
        raise LedgerRefused(
            f"{body['batch_id']}: {n} reversals are of lines that were never sent, or are being reversed already "
            f"(the first: reversal {first})"
        )


def check_sent(ledger: Ledger, body: Mapping[str, Any], lines: pa.Table) -> None:
    """No line of a batch was sent before, unless it may go again."""
    place = {name: body[name] for name in ("court_code", "program", "test_indicator", "key_fingerprint")}
    with ledger.connect() as db:
        db.load_arrow("new_line", lines)
        suspects = {row[0] for row in db.rows(_SUSPECTS, place, what="lines sent before")}
    if not suspects:
        return
    with ledger.connect(batches=suspects) as db:
        db.load_arrow("new_line", lines)
        make_sendings(db, test=body["test_indicator"] == "T")
        bound = {**place, "supersedes": body["supersedes_batch"]}
        del bound["test_indicator"]
        ((same, other, first),) = db.rows(_AGAIN, bound, what="lines sent before")
    if same:
        raise LedgerRefused(
            f"{body['batch_id']}: {same} lines were sent before and may not go again (the first: line {first})"
        )
    if other:
        raise LedgerRefused(
            f"{body['batch_id']}: {other} lines were sent under another action key (the first: line {first})"
        )
