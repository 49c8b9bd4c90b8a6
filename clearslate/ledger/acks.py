"""Applying what a court says: which rows become part of a line's history, which were known, which wait for somebody.

Belongs here: holding rows against the ledger, as a set, and sorting them. Does not belong here: reading files
(clearslate/acknowledgement), what a legal history is (history.py), writing the entry (its caller does).

A row that is not legal yet (posted before it was ordered) waits in `exceptions` and is tried again whenever something new is
said of its line, so that files read in another order end in the same states. So is one that contradicts what is known:
what explains it may not have been told yet. An exception changes no state.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from clearslate.errors import UsageError
from clearslate.ledger.history import DOUBTED, LONGEST, NEW, ORDERED, POSTED, RECORDED
from clearslate.ledger.ledger import Ledger
from clearslate.ledger.states import CHALLENGE, ENTERS, EVENT, SAYING, UNDOES
from clearslate.ledger.tables import SCHEMAS
from clearslate.ledger.views import courts
from clearslate.letters import encode_key
from clearslate.warehouse import Warehouse

Source = Literal["file", "short_form", "order"]

WAITING = ("illegal_transition", "posted_without_order")
"""The kinds of exceptions whose rows are applied once what is missing has come."""

DOUBTFUL = "contradiction"
"""The kind of exceptions whose rows are applied once all that is known of their line makes one legal history."""

OVERTAKEN = "after_reversal"
"""The kind of exceptions whose rows are applied all the same: by its dates, the court has given what a line asks for after
it had undone that line. Which of the two it means, somebody has to ask."""

_SAID = [name for name in SCHEMAS["acks"].names if name != "exception_id"]


@dataclass(frozen=True)
class Applied:
    """What became of the rows of one file or order: the tables to record, and the counts.

    Rows = n_applied + n_repeated + n_exceptions: a row that is applied and asks for a person all the same (`OVERTAKEN`) is
    one of the last. `n_released`: rows of earlier exceptions that could be applied now.
    """

    acks: pa.Table
    exceptions: pa.Table
    n_applied: int
    n_released: int
    n_repeated: int
    n_exceptions: int


def exception_id(identity: str, row: int | str, kind: str) -> str:
    """How an exception is called: letters with a check letter, the same whenever the same row is read."""
    return "X" + encode_key(hashlib.sha256(f"{identity}|{row}|{kind}".encode()).hexdigest()[:14])


def order_rows(
    ledger: Ledger,
    batch_id: str,
    first_line: int,
    last_line: int,
    *,
    status: Literal["granted", "denied"],
    effective_date: str,
    order_doc_id: str | None = None,
) -> pa.Table:
    """The rows that a signed order stands for, one per line of its range, less the challenged ones: our orders except those
    from what they decide. What a judge decides of a challenged line is recorded by a range of that line alone.

    Raises UsageError where the batch has no such lines, or only challenged ones.
    """
    bound = {"batch": batch_id, "first": first_line, "last": last_line}
    with ledger.connect(batches={batch_id}) as db:
        ((n_lines,),) = db.rows(
            "select count(*) from lines where batch_id = $batch and line_no between $first and $last", bound
        )
        rows = db.arrow(
            "select batch_id, line_no, action_key, $stage as stage, $status as status, cast(null as varchar) as reason_code, "
            "cast(null as varchar) as reason_text, $day as effective_date, cast(null as varchar) as court_case_number, "
            "cast(null as varchar) as court_event_id, $document as order_doc_id, line_no as row "
            f"from lines where batch_id = $batch and line_no between $first and $last "
            f"and ($first = $last or da_position <> '{CHALLENGE}') order by line_no",
            {**bound, "stage": ORDERED, "status": status, "day": effective_date, "document": order_doc_id},
        )
    if not 1 <= first_line <= last_line or n_lines != last_line - first_line + 1:
        raise UsageError(f"{batch_id} has no lines {first_line} to {last_line}")
    if not rows.num_rows:
        raise UsageError(
            f"the lines {first_line} to {last_line} of {batch_id} are challenged, and an order for many lines does not decide "
            "them; record what the judge decided of each by itself"
        )
    return rows


def apply_acks(ledger: Ledger, batch_id: str, rows: pa.Table, *, source: Source, identity: str) -> Applied:
    """Hold rows (columns of `acks` but exception_id) of one batch against the ledger. Writes nothing.

    `identity` names the file or order, for the exceptions' ids. Kinds of exceptions: unknown_line, key_line_mismatch,
    superseded_batch (the batch was superseded, or the line sent again), unknown_code (stage, status or reason code not of the
    lists, no day, or a reason that is due and missing), illegal_transition, contradiction, after_reversal, and, for a
    short form, posted_without_order, whose rows share one exception.
    """
    with ledger.connect(batches={batch_id}) as db:
        _load_rows(db, batch_id, rows)
        db.load_arrow("sent_again", _sent_again(ledger, batch_id))
        db.load_arrow("other_side", _other_side(ledger, batch_id))
        for statement in (_TARGET, _SORTED, _UNTOLD):
            db.execute(statement, {"batch": batch_id} if "$batch" in statement else {}, what="acknowledgements")
        db.execute(_HELD, {"kinds": [*WAITING, DOUBTFUL], "batch": batch_id}, what="acknowledgements")
        db.execute(_HISTORY, {"batch": batch_id}, what="acknowledgements")
        _judge(db)
        for statement in (_JUDGED, _MISFIT, _OVERTAKEN):
            db.execute(statement, what="acknowledgements")
        return _result(db, source=source, identity=identity)


def _load_rows(db: Warehouse, batch_id: str, rows: pa.Table) -> None:
    told = rows.select(_SAID).cast(pa.schema([SCHEMAS["acks"].field(name) for name in _SAID]))
    db.load_arrow("told_rows", told.append_column("n", pa.array(range(told.num_rows), pa.int32())))
    blanks = ", ".join(
        f"nullif({name}, '') as {name}" if pa.types.is_string(SCHEMAS["acks"].field(name).type) else name
        for name in _SAID
        if name != "batch_id"
    )
    db.execute(
        f"create table candidate as select n, $batch as batch_id, {blanks} from told_rows",
        {"batch": batch_id},
        what="acknowledgements",
    )


def _sent_again(ledger: Ledger, batch_id: str) -> pa.Table:
    """The keys of the batch that a later batch of the same court and program sends again."""
    issued = ledger.batches()
    own = issued.get(batch_id)
    alike = ("court_code", "program", "test_indicator")
    later = {
        name
        for name, entry in issued.items()
        if own is not None and entry.seq > own.seq and all(entry.body[column] == own.body[column] for column in alike)
    }
    if not later:
        return pa.table({"action_key": pa.array([], pa.string())})
    with ledger.connect(batches={batch_id, *later}) as db:
        return db.arrow(
            "select distinct l.action_key from lines as l where l.batch_id <> $batch and l.action_key in "
            "(select k.action_key from lines as k where k.batch_id = $batch)",
            {"batch": batch_id},
        )


def _other_side(ledger: Ledger, batch_id: str) -> pa.Table:
    """For each line of the batch that a court has undone, the day of that; for each reversal of it whose line a court has
    granted or posted, the last day of that: by action key."""
    issued = ledger.batches()
    own = issued.get(batch_id)
    alike = ("court_code", "program", "test_indicator")
    others = {
        name
        for name, entry in issued.items()
        if own is not None
        and all(entry.body[column] == own.body[column] for column in alike)
        and (own.body["n_reversals"] if entry.seq < own.seq else entry.seq > own.seq and entry.body["n_reversals"])
    }
    if not others:
        return pa.table({"action_key": pa.array([], pa.string()), "on_day": pa.array([], pa.date32())})
    with ledger.connect(batches={batch_id, *others}) as db:
        return db.arrow(_OTHER_SIDE, {"batch": batch_id}, what="reversals")


_OTHER_SIDE = f"""
with undoing as (
    select l.action_key, r.batch_id, r.action_key as reversal_key
    from lines as l
    inner join reversal_lines as r on l.action_key = r.reverses_action_key and r.seq > l.seq
    where l.batch_id = $batch
),
undone as (
    select r.action_key as reversal_key, arg_max(l.batch_id, l.seq) as batch_id, l.action_key
    from reversal_lines as r
    inner join lines as l on r.reverses_action_key = l.action_key and l.seq < r.seq
    where r.batch_id = $batch
    group by r.action_key, l.action_key
)
select n.action_key, max(cast(u.effective_date as date)) as on_day
from undoing as n
inner join acks as u on n.batch_id = u.batch_id and n.reversal_key = u.action_key and {UNDOES}
group by n.action_key
union all
select n.reversal_key, max(cast(a.effective_date as date))
from undone as n
inner join acks as a on n.batch_id = a.batch_id and n.action_key = a.action_key and {ENTERS}
group by n.reversal_key
"""

_TARGET = """
create table target as
select line_no, action_key, false as is_reversal from lines where batch_id = $batch
union all
select reversal_no, action_key, true from reversal_lines where batch_id = $batch
"""

# What each row is about, and whether it was said before: in the ledger, or further up in the same file.
_SORTED = f"""
create table sorted as
with met as (
    select a.*, t.line_no as own_line, s.token,
        row_number() over (
            partition by
                a.action_key, a.line_no, a.stage, a.status, a.effective_date, a.reason_code, a.court_case_number
            order by a.n
        ) as nth
    from candidate as a
    left join target as t on a.action_key = t.action_key
    left join saying as s on {SAYING}
)
select m.*,
    m.nth > 1 or exists (
        select 1 from acks as k
        where k.batch_id = m.batch_id and k.action_key = m.action_key and k.line_no = m.line_no and k.stage = m.stage
            and k.status = m.status and coalesce(k.effective_date, '') = coalesce(m.effective_date, '')
            and coalesce(k.reason_code, '') = coalesce(m.reason_code, '')
            and (m.court_case_number is null or k.court_case_number = m.court_case_number)
    ) as is_repeated,
    case
        when m.own_line is null and not coalesce(m.line_no in (select line_no from target), false) then 'unknown_line'
        when m.own_line is null or m.line_no is distinct from m.own_line then 'key_line_mismatch'
        when (select superseded_by from batches where batch_id = $batch) is not null
            or m.action_key in (select action_key from sent_again) then 'superseded_batch'
        when m.token is null
            or not coalesce(try_cast(m.effective_date as date) between date '1900-01-01' and date '2199-12-31', false)
            then 'unknown_code'
    end as misfit
from met as m
"""

_UNTOLD = "create table fresh as select * from sorted where not is_repeated and misfit is null"

_AGAIN = """
e.action_key = f.action_key and e.line_no = f.line_no and e.stage = f.stage and e.status = f.status
    and e.effective_date = f.effective_date and coalesce(e.reason_code, '') = coalesce(f.reason_code, '')
    and (f.court_case_number is null or e.court_case_number = f.court_case_number)
"""
"""That a row which is told now (`f`) says what one that waits (`e`) has said."""

# The rows that wait, of each line that something is said of. A contradiction that is told again is judged as if it were
# new: the court may say by it which of its answers it means.
_HELD = f"""
create table held as
with waiting as (
    select * from open_exception
    where batch_id = $batch and list_contains($kinds, kind) and action_key in (select f.action_key from fresh as f)
)
select e.*, e.kind = '{DOUBTFUL}' and not exists (select 1 from fresh as f where {_AGAIN}) as is_doubted
from waiting as e
"""

# The whole history of each line that something is said of: what is recorded, what waits, what is new. A row that waits
# and is told again is one row: as two, it could contradict itself.
_HISTORY = f"""
create table history as
with touched as (select distinct action_key from fresh),
row_of as (
    select 'recorded' as origin, {RECORDED} as known_as, cast(null as integer) as n, a.*, cast(null as varchar) as waits
    from (select * exclude (seq, on_day, exception_id) from acks) as a
    union all
    select 'waiting', case when e.is_doubted then {DOUBTED} else {NEW} end, null,
        e.* exclude (seq, on_day, exception_id, kind, words, is_doubted), e.exception_id
    from held as e
    union all
    select 'new', {NEW}, f.n, f.batch_id, f.line_no, f.action_key, f.stage, f.status, f.reason_code, f.reason_text,
        f.effective_date, f.court_case_number, f.court_event_id, f.order_doc_id, f.row, null
    from fresh as f
    where not exists (select 1 from held as e where {_AGAIN})
),
told as (
    select a.*, {EVENT} as event, s.number * 4 + a.known_as as mark
    from row_of as a
    inner join touched as t on a.action_key = t.action_key
    inner join saying as s on {SAYING}
    where a.batch_id = $batch
)
select *, row_number() over (partition by action_key order by event, origin desc, n, row, waits) as position from told
"""

_PATTERN = """
create table marked as
select action_key, list(mark order by position) as marks from history group by action_key
"""

_JUDGED = """
create table judged as
select h.*, v.verdict, v.state as met_state
from history as h
inner join marked as m on h.action_key = m.action_key
inner join verdict as v on m.marks = v.marks and h.position = v.position
where h.origin <> 'recorded'
"""

_COLUMNS = (
    "batch_id, line_no, action_key, stage, status, reason_code, reason_text, effective_date, court_case_number, "
    "court_event_id, order_doc_id, row"
)

# The new rows that wait or don't fit, less those that are known to: a court that sends its file again is asked nothing new.
# Where a person expected another answer, the same one again is that answer. A case number that was not told is news.
_MISFIT = f"""
create table misfit as
with found as (
    select n, {_COLUMNS}, misfit as kind, cast(null as varchar) as met_state
    from sorted where not is_repeated and misfit is not null
    union all
    select n, {_COLUMNS}, verdict, met_state from judged where origin = 'new' and verdict <> 'applied'
)
select f.* from found as f
where not exists (
    select 1 from exceptions as e
    left join resolutions as r on e.exception_id = r.exception_id
    where coalesce(r.resolution, '') <> 'corrected' and e.batch_id = f.batch_id
        and e.action_key is not distinct from f.action_key
        and e.line_no is not distinct from f.line_no and e.stage is not distinct from f.stage
        and e.status is not distinct from f.status and e.effective_date is not distinct from f.effective_date
        and e.reason_code is not distinct from f.reason_code
        and (f.court_case_number is null or e.court_case_number = f.court_case_number)
)
"""

# Applied, and somebody has to look: what the court has given of a line after it undid it, whichever was told first.
_OVERTAKEN = f"""
create table overtaken as
select a.*
from judged as a
inner join target as t on a.action_key = t.action_key
inner join other_side as o on a.action_key = o.action_key
where a.verdict = 'applied' and {ENTERS} and case
    when t.is_reversal then a.stage = '{POSTED}' and cast(a.effective_date as date) < o.on_day
    else cast(a.effective_date as date) > o.on_day
end
"""

_WORDS = f"""
case kind
    when 'unknown_line' then 'the batch has no such line and no such key'
    when 'key_line_mismatch' then 'line and key do not belong together'
    when 'superseded_batch' then 'the line was sent again in a later batch, or the whole batch was superseded'
    when 'unknown_code' then concat(
        'stage, status or reason code is none of the lists, the day or a reason code is missing, ',
        'or a code stands where none may'
    )
    when 'illegal_transition' then
        concat('the line is ', met_state, ': ', stage, ' ', status, ' cannot be yet; it is applied once what is missing comes')
    when 'contradiction' then concat(
        'the line is ', met_state, ': ', stage, ' ', status,
        ' contradicts what was said of it before or in the same file, or there are more than {LONGEST} rows about it'
    )
    when 'posted_without_order' then
        'posted, but no order covering the line is known; it is applied once the order is recorded'
    when '{OVERTAKEN}' then 'by its dates, the court has granted or posted the line after its reversal: ask which it means'
end
"""

_EXCEPTIONS = f"""
with named as (
    select * exclude (kind),
        case when kind = 'illegal_transition' and $short_form and stage = '{POSTED}' then 'posted_without_order' else kind end
            as kind
    from misfit
    union all by name
    select n, {_COLUMNS}, '{OVERTAKEN}' as kind from overtaken
)
select {_COLUMNS},
    'X' || lettered(substr(sha256(concat_ws('|', $identity, case kind
        when 'posted_without_order' then 'batch' when '{OVERTAKEN}' then action_key else cast(n as varchar)
    end, kind)), 1, 14)) as exception_id,
    kind, {_WORDS} as words
from named
order by n, "row", action_key, stage
"""


def _judge(db: Warehouse) -> None:
    """Judge each distinct history once: there are few, however many lines."""
    db.execute(_PATTERN, what="acknowledgements")
    judge = courts().judge
    marks, positions, verdicts, states = [], [], [], []
    for (found,) in db.rows("select distinct marks from marked", what="acknowledgements"):
        told = judge(tuple(divmod(mark, 4) for mark in found))
        for position, verdict in enumerate(told, start=1):
            marks.append(found)
            positions.append(position)
            verdicts.append(verdict.verdict)
            states.append(verdict.state)
    db.load_arrow(
        "verdict",
        pa.table(
            {
                "marks": pa.array(marks, pa.list_(pa.int32())),
                "position": pa.array(positions, pa.int64()),
                "verdict": pa.array(verdicts, pa.string()),
                "state": pa.array(states, pa.string()),
            }
        ),
    )


def _result(db: Warehouse, *, source: Source, identity: str) -> Applied:
    acks = db.arrow(
        f"select {_COLUMNS}, waits as exception_id from judged where verdict = 'applied' "
        "order by origin, n, exception_id, row, action_key, position",
        what="acknowledgements",
    )
    exceptions = db.arrow(
        _EXCEPTIONS, {"short_form": source == "short_form", "identity": identity}, what="acknowledgements"
    )
    ((n_rows, n_applied, n_released, n_overtaken, n_waited),) = db.rows(
        "select (select count(*) from candidate), count(*) filter (where origin = 'new'), "
        "count(*) filter (where origin = 'waiting'), (select count(*) from overtaken where origin = 'new'), "
        "(select count(*) from overtaken where origin = 'waiting') from judged where verdict = 'applied'"
    )
    n_exceptions = exceptions.num_rows - n_waited
    return Applied(
        acks=acks,
        exceptions=exceptions,
        n_applied=n_applied - n_overtaken,
        n_released=n_released,
        n_repeated=n_rows - (n_applied - n_overtaken) - n_exceptions,
        n_exceptions=n_exceptions,
    )
