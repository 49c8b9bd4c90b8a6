"""Which lines of a court may go out, and why the others may not: every eligible line in exactly one state.

Belongs here: what holds a line back before it is sent (the run, the prosecutor, the ledger, the rest of its case), how many
go at once. Does not belong here: the rows of those that go (rows.py), writing them (office.py), the states of lines that were
sent (clearslate.ledger), what the run itself decided (sql/court).

Works on one connection in which the release's tables and the ledger's views stand side by side (`Desk`). The states:

    WITHHELD          by the run with its reason; or `other_action_sent`, `sent_under_another_key`,
                      `may_be_sent_before` (what was sent looks like the same count, told otherwise than now)
    SENT              in a batch that is in force, and its answer does not allow to ask again
    STALE_DECISION    the prosecutor decided on another version of the line
    DEFERRED          the prosecutor put it off
    AWAITING_REVIEW   nobody has decided, and the court's profile lets such lines wait
    HELD              `spot_check` (found wrong), `case_hold`, `canary`, `cap`, `other_batch` (a superseding one goes first)
    CHALLENGED        decided CHALLENGE: told to the court, asks for nothing
    READY             asks for relief
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from clearslate.court.layout import case_number_sort, is_unsafe_cell
from clearslate.court.profile import Profile
from clearslate.warehouse import Warehouse

GOING = ("READY", "CHALLENGED")


@dataclass(frozen=True)
class Question:
    """Whose lines are asked for, and under what."""

    remedy: str
    program: str
    county: str
    court_code: str
    as_of: str
    key_fingerprint: str
    supersede: str | None
    indicator: str  # T or P: of which packages what the court has said counts

    @property
    def bound(self) -> dict[str, object]:
        return {
            "remedy": self.remedy,
            "program": self.program,
            "county": self.county,
            "court_code": self.court_code,
            "as_of": self.as_of,
            "key_fingerprint": self.key_fingerprint,
            "supersede": self.supersede,
            "indicator": self.indicator,
        }


def find_standings(desk: Warehouse, question: Question, profile: Profile) -> None:
    """Make the table `court_standing`: one row per eligible line of the court and program, with its `state` and `reason`.

    Needs `court.action`, `court.case_summary`, the ledger's views and `sending` (ledger/states.py) in the connection.
    """
    desk.load_arrow("renumbered", _new_numbers(desk, question))
    find_told_anew(desk, question)
    bound = {**question.bound, "sends_undecided": profile.sends_undecided}
    desk.execute(
        f"create or replace temp table court_standing as {_STANDING}", only_named(bound, _STANDING), what="standing"
    )
    if profile.case_hold:
        desk.execute(_HOLD_CASES, only_named(bound, _HOLD_CASES), what="standing")
    if question.supersede is not None:
        desk.execute(_HOLD_OTHERS, {"supersede": question.supersede}, what="standing")


def find_told_anew(desk: Warehouse, question: Question) -> None:
    """Make the table `told_anew`: lines of the release that were never sent, each beside a line that was and may be the same
    count: sent_key, action_key, is_other_key (sent under another HMAC key), is_on_record (what was sent still is too).

    Needs `review.worklist`, the ledger's views and `sending` in the connection.
    """
    desk.execute(
        f"create or replace temp table told_anew as {_TOLD_ANEW}",
        only_named(question.bound, _TOLD_ANEW),
        what="lines sent before",
    )


def count_standings(desk: Warehouse) -> dict[tuple[str, str], int]:
    """How many lines stand how, by (state, reason)."""
    return {
        (state, reason): n
        for state, reason, n in desk.rows(
            "select state, coalesce(reason, ''), count(*) from court_standing group by all order by all",
            what="standing",
        )
    }


def limit(desk: Warehouse, n_lines: int, *, reason: str, by_lot: bool = False) -> None:
    """Leave at most so many lines to go, whole cases, and hold the others back for `reason`.

    Cases go in the order of their numbers; `by_lot`: of their keys, which nobody can choose. A case of more lines than
    that never goes.
    """
    order = "min(action_key)" if by_lot else "case_number_sort, person_no"
    desk.execute(
        f"""
        create or replace temp table going_case as
        with case_of as (
            select case_number_sort, person_no, count(*) as n, row_number() over (order by {order}) as place
            from court_standing
            where state in ('READY', 'CHALLENGED')
            group by case_number_sort, person_no
            having count(*) <= $n_lines
        )
        select case_number_sort, person_no
        from case_of
        qualify sum(n) over (order by place) <= $n_lines
        """,
        {"n_lines": n_lines},
        what="standing",
    )
    desk.execute(
        "update court_standing set state = 'HELD', reason = $reason where state in ('READY', 'CHALLENGED') and not exists "
        "(select 1 from going_case as g where g.case_number_sort = court_standing.case_number_sort "
        "and g.person_no = court_standing.person_no)",
        {"reason": reason},
        what="standing",
    )


def hold_all(desk: Warehouse, reason: str) -> None:
    """Hold back whatever could go."""
    desk.execute(
        "update court_standing set state = 'HELD', reason = $reason where state in ('READY', 'CHALLENGED')",
        {"reason": reason},
        what="standing",
    )


def _new_numbers(desk: Warehouse, question: Question) -> pa.Table:
    """The numbers that the court gave for cases of ours, for each line of such a case."""
    found: list[tuple[str, str, str]] = []
    for key, number in desk.rows(_CROSSWALK, only_named(question.bound, _CROSSWALK), what="crosswalk"):
        number = " ".join(number.split())
        if case_number_sort(number) and not is_unsafe_cell(number):
            found.append((key, number, case_number_sort(number)))
    names = ("action_key", "number", "number_sort")
    return pa.table({name: pa.array([row[at] for row in found], pa.string()) for at, name in enumerate(names)})


def only_named(bound: Mapping[str, object], sql: str) -> dict[str, object]:
    """The parameters that a statement names: the engine refuses others."""
    return {name: value for name, value in bound.items() if f"${name}" in sql}


# A new number speaks of a case: it holds for every line of the person under the old number. What a court says of a test
# package says nothing of a real case.
_CROSSWALK = """
with told as (
    select k.action_key, k.court_case_number
    from acks as k
    inner join reason_code as r on k.reason_code = r.code
    inner join batches as b on k.batch_id = b.batch_id
    where b.test_indicator = $indicator and b.court_code = $court_code and r.resend = 'new_number'
        and coalesce(trim(k.court_case_number), '') <> ''
    qualify row_number() over (partition by k.action_key order by k.seq desc, k."row" desc) = 1
),

mine as (
    select action_key, case_number_sort, person_no
    from court.action
    where remedy = $remedy and county = $county
),

told_of_case as (
    select m.case_number_sort, m.person_no, min(t.court_case_number) as court_case_number
    from told as t
    inner join mine as m on t.action_key = m.action_key
    group by m.case_number_sort, m.person_no
    having count(distinct t.court_case_number) = 1
)

select m.action_key, c.court_case_number
from mine as m
inner join told_of_case as c on m.case_number_sort = c.case_number_sort and m.person_no = c.person_no
order by m.action_key
"""

# What was sent is known by what it says where its key no longer tells: under another HMAC key every line has another key, and
# so has the same conviction once DOJ has corrected a birth date or CII, or writes its case number otherwise. Count and
# section are the same then, and the number is one that DOJ or the court has given of the line. Where no number fits, the day
# of the conviction says so too, of lines that DOJ's records have lost; but not of two that stood in one worklist.
# Co-defendants share all these: a line that still is on record is the same only for its own person, under the court's number.
_TOLD_ANEW = """
with known as (
    select action_key, conviction_id, person_no, case_key, count_no, statute_section, disposition_date
    from review.worklist
    where remedy = $remedy
),

anew as (
    select * from known
    where
        action_key not in (select s.action_key from sending as s)
        and conviction_id not in (select s.conviction_id from sending as s)
),

was as (
    select
        s.action_key,
        s.case_key,
        s.case_number,
        s.count_no,
        s.statute_section,
        try_cast(l.disposition_date as date) as disposition_date,
        s.key_fingerprint <> $key_fingerprint as is_other_key,
        k.conviction_id is not null as is_on_record,
        k.person_no
    from sending as s
    inner join lines as l on s.batch_id = l.batch_id and s.line_no = l.line_no
    left join known as k on s.conviction_id = k.conviction_id
    where s.court_code = $court_code and s.program = $program
),

told_number as (
    select action_key, case_number from was
    union all
    select a.action_key, a.court_case_number
    from acks as a
    inner join batches as b on a.batch_id = b.batch_id
    where b.test_indicator = $indicator and a.court_case_number is not null
),

number_of as (
    select action_key, case_key as number from was where not is_on_record
    union
    select w.action_key, upper(regexp_replace(t.case_number, '[^A-Za-z0-9]', '', 'g'))
    from was as w
    inner join told_number as t on w.action_key = t.action_key
),

alike as (
    select w.action_key as sent_key, n.action_key, w.is_other_key, w.is_on_record
    from was as w
    inner join number_of as m on w.action_key = m.action_key
    inner join anew as n
        on m.number = n.case_key and w.count_no = n.count_no and w.statute_section = n.statute_section
    where not w.is_on_record or (w.person_no = n.person_no and m.number <> w.case_key)
),

of_a_day as (
    select w.action_key as sent_key, n.action_key, w.is_other_key, w.is_on_record
    from was as w
    inner join anew as n
        on w.disposition_date = n.disposition_date and w.count_no = n.count_no
        and w.statute_section = n.statute_section
    where not w.is_on_record and not w.is_other_key
),

listed as (
    select d.sent_key, d.action_key
    from of_a_day as d
    inner join worklist_lines as one on d.sent_key = one.action_key
    inner join worklist_lines as other on d.action_key = other.action_key and one.seq = other.seq
)

select * from alike
union
select * from of_a_day as d
where
    d.sent_key not in (select a.sent_key from alike as a)
    and d.action_key not in (select a.action_key from alike as a)
    and not exists (select 1 from listed as l where l.sent_key = d.sent_key and l.action_key = d.action_key)
"""

_STANDING = """
with line as (
    select action_key, conviction_id, person_no, version, withheld_reason, case_number_sort
    from court.action
    where remedy = $remedy and county = $county
),

decided as (
    select action_key, decision, ground, version, seq
    from decisions
    qualify row_number() over (partition by action_key order by seq desc, "row" desc) = 1
),

verdict as (
    select action_key, verdict, version, seq
    from verdicts
    qualify row_number() over (partition by action_key order by seq desc, "row" desc) = 1
),

sent as (
    select
        s.*,
        b.seq,
        upper(regexp_replace(s.case_number, '[^A-Za-z0-9]', '', 'g')) as number_sort,
        not s.is_superseded and s.state not in ('REFUSED', 'DENIED') and coalesce(s.reversal_state, '') <> 'REVERSED'
            as is_in_force
    from sending as s
    inner join batches as b on s.batch_id = b.batch_id
),

elsewhere as (
    select t.action_key, bool_or(t.is_other_key) as is_other_key
    from told_anew as t
    inner join sent as s on t.sent_key = s.action_key
    where not s.may_resend or (t.is_on_record and s.resend = 'new_number')
    group by t.action_key
),

other_action as (
    select conviction_id, min(action_key) as action_key, count(*) as n
    from sent
    where is_in_force
    group by conviction_id
),

joined as (
    select
        l.*,
        s.batch_id as sent_batch_id,
        s.line_no as sent_line_no,
        s.state as sent_state,
        s.action_key is not null as is_sent,
        -- What may be sent again at all, the ledger says (may_resend); here it is held against what has changed since.
        case
            when coalesce(s.batch_id = $supersede, false) then true
            when not coalesce(s.may_resend, false) then false
            when s.is_superseded or s.reversal_state = 'REVERSED' then true
            when s.state = 'REFUSED' and s.decided_stage = 'RECEIVED' then false
            when s.da_position = 'CHALLENGE' and s.state in ('SUBMITTED', 'RECEIVED', 'MATCHED')
                then coalesce(d.decision = 'NO_CHALLENGE' and d.seq > s.seq and d.version = l.version, false)
            when s.resend = 'new_number' then coalesce(n.number_sort <> s.number_sort, false)
            when s.resend = 'corrected' then l.version <> s.version
            when s.resend = 'later' then cast($as_of as date) > s.since
            else false
        end as is_sendable_again,
        d.decision,
        d.ground,
        d.version as decided_version,
        d.seq as decided_seq,
        coalesce(v.verdict = 'WRONG' and v.version = l.version and v.seq > coalesce(d.seq, 0), false) as is_found_wrong,
        e.action_key is not null as is_sent_elsewhere,
        coalesce(e.is_other_key, false) as is_other_key,
        coalesce(o.action_key <> l.action_key or o.n > 1, false) as is_other_action_sent
    from line as l
    left join sent as s on l.action_key = s.action_key
    left join renumbered as n on l.action_key = n.action_key
    left join decided as d on l.action_key = d.action_key
    left join verdict as v on l.action_key = v.action_key
    left join other_action as o on l.conviction_id = o.conviction_id
    left join elsewhere as e on l.action_key = e.action_key
)

select
    action_key,
    person_no,
    case_number_sort,
    sent_batch_id,
    sent_state,
    decision,
    ground,
    is_sendable_again,
    case
        when withheld_reason is not null then 'WITHHELD'
        when is_sent and not is_sendable_again then 'SENT'
        when is_other_action_sent or is_sent_elsewhere then 'WITHHELD'
        when decided_version <> version then 'STALE_DECISION'
        when decision = 'CHALLENGE' then 'CHALLENGED'
        when decision = 'DEFER' then 'DEFERRED'
        when decision is null and not $sends_undecided then 'AWAITING_REVIEW'
        when is_found_wrong then 'HELD'
        else 'READY'
    end as state,
    case
        when withheld_reason is not null then withheld_reason
        when is_sent and not is_sendable_again then null
        when is_other_action_sent then 'other_action_sent'
        when is_other_key then 'sent_under_another_key'
        when is_sent_elsewhere then 'may_be_sent_before'
        when decided_version <> version or coalesce(decision, '') in ('CHALLENGE', 'DEFER') then null
        when decision is null and not $sends_undecided then null
        when is_found_wrong then 'spot_check'
    end as reason
from joined
"""

# A case is whole when the run found nothing of it live or in question, and none of its lines stays behind.
_HOLD_CASES = """
update court_standing set state = 'HELD', reason = 'case_hold'
where state = 'READY' and (
    not exists (
        select 1 from court.case_summary as c
        where c.case_number_sort = court_standing.case_number_sort and c.person_no = court_standing.person_no
        and c.case_complete = 'Y' and c.remedy = $remedy
        and c.county = $county
    )
    or exists (
        select 1 from court_standing as other
        where other.case_number_sort = court_standing.case_number_sort and other.person_no = court_standing.person_no
        and (other.state not in ('READY', 'SENT') or other.sent_state in ('REFUSED', 'DENIED') and other.state = 'SENT')
    )
)
"""

_HOLD_OTHERS = """
update court_standing set state = 'HELD', reason = 'other_batch'
where state in ('READY', 'CHALLENGED') and sent_batch_id is distinct from $supersede
"""
