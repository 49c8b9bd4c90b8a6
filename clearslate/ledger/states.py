"""Where every line stands: one state for each action key that was ever sent, and for each that has not been yet.

Belongs here: deriving the states from what was applied, and the status of all lines on a given day. Does not belong here:
what may be applied (acks.py, history.py), and which lines are ready to go (court/selection.py says that).

A key that was sent again stands where its newest sending stands. Batches of test packages have states of their own, which
never mix with those of production.
"""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from clearslate.ledger.history import FIRST
from clearslate.ledger.views import courts
from clearslate.warehouse import Warehouse

WITHDRAWN = "WITHDRAWN"
"""The line's batch was superseded before the court had treated it, and the line is in no later one."""

CHALLENGE = "CHALLENGE"
"""The prosecutor's position on a line that asks for nothing: an order for many lines does not decide it."""

AGEING_DAYS = (30, 60, 90)
_LINES_AT_ONCE = 1_000_000  # bounds the memory that the histories of the lines take

EVENT = "s.stage_rank * 1099511627776 + date_diff('day', date '1800-01-01', cast(a.effective_date as date)) * 4096 + s.number"
"""A row of acks (`a`) and what it means (`s`) as one number (2^40 and 2^12: the stage, the day, the saying): in the order of
these numbers a line's history happens, by stage, then by date."""

ENTERS = "(a.stage = 'ORDERED' and a.status = 'granted' or a.stage = 'POSTED' and a.status = 'posted')"
"""A row of acks (`a`) by which a court gives what a line asks for."""

UNDOES = "u.stage = 'POSTED' and u.status = 'posted'"
"""A row of acks (`u`), about a reversal, by which a court has undone its line."""

SAYING = "a.stage = s.stage and a.status = s.status and coalesce(a.reason_code, '') = s.reason_code"
"""How a row of acks (`a`) finds what it means (`s`, the table `saying`)."""

_SENT_LINE = """
create or replace view sent_line as
select l.batch_id, l.line_no, l.action_key, false as is_reversal, l.seq, l.on_day from lines as l
union all
select r.batch_id, r.reversal_no, r.action_key, true, r.seq, r.on_day from reversal_lines as r
"""

_STATE = """
create or replace table line_state (
    batch_id varchar, line_no integer, action_key varchar, is_reversal boolean, seq integer, state varchar,
    reason_code varchar, since date, decided_stage varchar, has_grant boolean, last_status varchar, is_legal boolean
)
"""

_TOLD = f"""
create or replace temp table told as
with history as (
    select a.batch_id, a.action_key, list_sort(list({EVENT})) as events
    from acks as a
    inner join saying as s on {SAYING}
    where a.batch_id in (select unnest($batches))
    group by a.batch_id, a.action_key
)
select *, list_transform(events, lambda event: event & 4095) as sayings from history
"""

_STATES_OF = """
insert into line_state
select l.batch_id, l.line_no, l.action_key, l.is_reversal, l.seq,
    coalesce(p.state, $first), p.reason_code,
    coalesce(date '1800-01-01' + cast((t.events[p.decided + 1] >> 12) & 268435455 as integer), l.on_day),
    p.decided_stage, coalesce(p.has_grant, false), p.last_status, coalesce(p.is_legal, true)
from sent_line as l
left join told as t on l.batch_id = t.batch_id and l.action_key = t.action_key
left join reading as p on t.sayings = p.sayings
where l.batch_id in (select unnest($batches))
"""

_SENDING = f"""
create or replace table sending as
with newest as (
    select s.*, b.superseded_by is not null as is_superseded
    from line_state as s
    inner join batches as b on s.batch_id = b.batch_id
    where b.test_indicator = $indicator and not s.is_reversal
    qualify row_number() over (partition by s.action_key order by s.seq desc) = 1
),
reversal as (
    select r.reverses_action_key, s.batch_id, s.action_key, s.state, s.since, s.seq
    from line_state as s
    inner join batches as b on s.batch_id = b.batch_id
    inner join reversal_lines as r on s.batch_id = r.batch_id and s.action_key = r.action_key
    where b.test_indicator = $indicator and s.is_reversal
    qualify row_number() over (partition by r.reverses_action_key order by s.seq desc) = 1
),
-- What the court has given after it entered the reversal, by its dates, that reversal has not undone.
overtaken as (
    select distinct v.reverses_action_key
    from reversal as v
    inner join newest as n on v.reverses_action_key = n.action_key and v.seq > n.seq
    inner join acks as u on v.batch_id = u.batch_id and v.action_key = u.action_key and {UNDOES}
    inner join acks as a on n.batch_id = a.batch_id and n.action_key = a.action_key and {ENTERS}
    where cast(a.effective_date as date) > cast(u.effective_date as date)
),
waiting as (
    select batch_id, action_key, cast(count(distinct exception_id) as integer) as n
    from open_exception group by batch_id, action_key
),
joined as (
    select l.action_key, l.batch_id, l.line_no, l.conviction_id, b.county, b.court_code, b.program, l.case_number, l.case_key,
        l.count_no, l.statute_section, l.action_code, l.da_position, l.version, b.key_fingerprint, b.test_indicator,
        case when n.is_superseded and n.state = '{FIRST}' then '{WITHDRAWN}' else n.state end as state,
        n.reason_code, n.since, n.decided_stage, n.has_grant, n.last_status, n.is_superseded, c.resend, c.effect,
        case
            when v.state is null or o.reverses_action_key is not null then null
            when v.state in ('POSTED', 'REPORTED') then 'REVERSED'
            when v.state in ('REFUSED', 'DENIED', 'DUPLICATE', 'ALREADY_RELIEVED') then 'REVERSAL_REFUSED'
            else 'REVERSAL_SENT'
        end as reversal_state,
        case when o.reverses_action_key is null then v.since end as reversal_since,
        o.reverses_action_key is not null as is_overtaken,
        coalesce(w.n, 0) + coalesce(x.n, 0) as exceptions_open
    from newest as n
    inner join lines as l on n.batch_id = l.batch_id and n.line_no = l.line_no
    inner join batches as b on n.batch_id = b.batch_id
    left join reason_code as c on n.reason_code = c.code
    left join reversal as v on n.action_key = v.reverses_action_key and v.seq > n.seq  -- what was sent anew stands anew
    left join overtaken as o on n.action_key = o.reverses_action_key
    left join waiting as w on n.batch_id = w.batch_id and n.action_key = w.action_key
    left join waiting as x on v.batch_id = x.batch_id and v.action_key = x.action_key
),
judged as (
    select *,
        is_superseded
        or (state in ('REFUSED', 'DENIED') and coalesce(resend, 'never') <> 'never'
            and (not has_grant or effect = 'crosswalk') and exceptions_open = 0)
        or coalesce(reversal_state = 'REVERSED', false) and exceptions_open = 0 as may_repeat
    from joined
)
select *,
    may_repeat
    or (da_position = '{CHALLENGE}' and not has_grant and exceptions_open = 0
        and state in ('SUBMITTED', 'RECEIVED', 'MATCHED', 'REFUSED', 'DENIED')) as may_resend
from judged
"""

_REVERSAL_SENDING = """
create or replace table reversal_sending as
select s.action_key, s.batch_id, s.line_no as reversal_no, r.reverses_action_key, r.reason, s.state, s.reason_code, s.since
from line_state as s
inner join batches as b on s.batch_id = b.batch_id
inner join reversal_lines as r on s.batch_id = r.batch_id and s.action_key = r.action_key
where b.test_indicator = $indicator and s.is_reversal
"""

_WITH_WHOM = """
case
    when exceptions_open > 0 and (is_overtaken or coalesce(reversal_state, '') = 'REVERSED') then 'prosecutor'
    when coalesce(reversal_state, '') = 'REVERSED' then 'nobody'
    when reversal_state in ('REVERSAL_DUE', 'REVERSAL_REFUSED') then 'prosecutor'
    when reversal_state = 'REVERSAL_SENT' then 'court'
    when is_challenged and state in ('SUBMITTED', 'RECEIVED', 'MATCHED') then 'prosecutor'
    when state in ('SUBMITTED', 'RECEIVED', 'MATCHED', 'ORDERED', 'POSTED') then 'court'
    when state = 'REPORTED' then case when last_status = 'sent' then 'doj' else 'nobody' end
    when state in ('ALREADY_RELIEVED', 'DUPLICATE') then 'nobody'
    when state in ('REFUSED', 'DENIED') and not may_repeat and exceptions_open = 0 then 'nobody'
    when state = 'HELD' and reason_code = 'canary' then 'court'
    else 'prosecutor'
end
"""

_LINE_STATUS = f"""
create or replace table line_status as
with known as (
    select s.program, s.county, s.court_code, s.action_key, s.batch_id, s.line_no, s.state, s.reason_code,
        case when r.since is null then s.since else r.since end as since,
        r.reversal_state, s.last_status, s.may_repeat, s.exceptions_open, s.da_position = '{CHALLENGE}' as is_challenged,
        s.is_overtaken
    from sending as s
    left join (
        select action_key, coalesce(reversal_state, 'REVERSAL_DUE') as reversal_state, reversal_since as since
        from sending
        where reversal_state is not null or action_key in (select d.action_key from status_due as d)
    ) as r on s.action_key = r.action_key
    union all
    select p.program, p.county, p.court_code, p.action_key, null, null, p.state, p.reason_code, p.since,
        null, null, false, 0, false, false
    from status_standing as p
    where p.action_key not in (select s.action_key from sending as s)
),
told as (
    select *, {_WITH_WHOM} as with_whom,
        cast(case when since > $as_of then 0 else $as_of - since end as integer) as days
    from known
)
select program, county, court_code, action_key, batch_id, line_no, state, reason_code, since, days,
    case
        when with_whom = 'nobody' or days is null then null
        when days >= $third then $third when days >= $second then $second when days >= $first_age then $first_age
        else 0
    end as waited,
    with_whom, reversal_state, exceptions_open
from told
"""

_STANDING = pa.schema(
    [
        *((name, pa.string()) for name in ("action_key", "program", "county", "court_code", "state", "reason_code")),
        ("since", pa.date32()),
    ]
)


def make_states(db: Warehouse) -> None:
    """Make `line_state` in a connection of `Ledger.connect`: one row per line and reversal of every batch in it.

    batch_id, line_no, action_key, is_reversal, seq (of the batch's entry), state, reason_code (the newest since the state),
    since (a day), decided_stage (of the row that led there), has_grant (the court has ordered it), last_status, is_legal
    (under the lists of today).
    """
    db.execute(_SENT_LINE)
    db.execute(_STATE)
    for batches in _portions(db):
        db.execute(_TOLD, {"batches": batches}, what="histories of lines")
        _load_readings(db)
        db.execute(_STATES_OF, {"batches": batches, "first": FIRST}, what="states of lines")
    db.execute("drop table if exists told")


def make_sendings(db: Warehouse, *, test: bool = False) -> None:
    """Make `sending` and `reversal_sending` in a connection of `Ledger.connect`.

    `sending` has one row per action key that was ever sent (in production, or in test packages): its newest sending.
    action_key, batch_id, line_no, conviction_id, county, court_code, program, case_number, case_key, count_no,
    statute_section, action_code, da_position, version, key_fingerprint, test_indicator, state, reason_code, since,
    decided_stage, has_grant, last_status, is_superseded, resend and effect (of the reason code), reversal_state,
    reversal_since (both of a reversal that was not overtaken), is_overtaken (the court has granted or posted the line after
    it entered the reversal), exceptions_open (about the line and its reversal), may_repeat: the court refused it for a reason
    that another sending can mend, its batch was superseded, or it was reversed; and may_resend: that, or it was sent as
    challenged and may go without the challenge.
    `reversal_sending` has one row per reversal sent: action_key (its own), batch_id, reversal_no, reverses_action_key,
    reason, state, reason_code, since.
    """
    make_states(db)
    bound = {"indicator": "T" if test else "P"}
    db.execute(_SENDING, bound, what="sendings")
    db.execute(_REVERSAL_SENDING, bound, what="sendings of reversals")


def make_line_status(
    db: Warehouse,
    standings: pa.Table | None,
    reversals_due: pa.Table | None,
    as_of: date,
    *,
    test: bool = False,
    ageing_days: tuple[int, int, int] = AGEING_DAYS,
) -> None:
    """Make `line_status` in a connection of `Ledger.connect`: one row per action key ever identified or sent.

    `standings`: lines not sent yet (action_key, program, county, court_code, state, reason_code; since if known); a key that
    was sent is where the court has it. `reversals_due`: action_key of sent lines that the release no longer supports.
    Columns: program, county, court_code, action_key, batch_id, line_no, state, reason_code, since, days (to `as_of`), waited
    (the greatest of `ageing_days` that is reached, 0 below, NULL where nobody has to act), with_whom (prosecutor, court,
    doj, nobody), reversal_state, exceptions_open.
    """
    make_sendings(db, test=test)
    due = pa.table({"action_key": pa.array([], pa.string())}) if reversals_due is None else reversals_due
    db.load_arrow("status_due", due.select(["action_key"]))
    db.load_arrow("status_standing", _standing(standings))
    first, second, third = sorted(ageing_days)
    db.execute(
        _LINE_STATUS,
        {"as_of": as_of, "first_age": first, "second": second, "third": third},
        what="status of lines",
    )


def _standing(standings: pa.Table | None) -> pa.Table:
    if standings is None:
        return _STANDING.empty_table()
    if "since" not in standings.column_names:
        standings = standings.append_column("since", pa.nulls(standings.num_rows, pa.date32()))
    return standings.select(_STANDING.names).cast(_STANDING)


def _portions(db: Warehouse) -> Iterator[list[str]]:
    """The batches, in groups of a bounded number of lines."""
    batches: list[str] = []
    lines = 0
    for batch_id, n_lines in db.rows("select batch_id, n_lines + n_reversals from batches order by seq"):
        if batches and lines + n_lines > _LINES_AT_ONCE:
            yield batches
            batches, lines = [], 0
        batches.append(batch_id)
        lines += n_lines
    if batches:
        yield batches


def _load_readings(db: Warehouse) -> None:
    """Read each distinct history once: there are few, however many lines."""
    read = courts().read
    found = db.rows("select distinct sayings from told", what="histories of lines")
    rows = [{"sayings": sayings, **read(tuple(sayings))._asdict()} for (sayings,) in found]
    texts = [(name, pa.string()) for name in ("state", "decided_stage", "reason_code", "last_status")]
    flags = [(name, pa.bool_()) for name in ("has_grant", "is_legal")]
    schema = pa.schema([("sayings", pa.list_(pa.int64())), ("decided", pa.int32()), *texts, *flags])
    db.load_arrow("reading", pa.Table.from_pylist(rows, schema))
