-- One wide row per arrest: everything that a rule may look at. NULL is unknown. What became of an arrest is told by
-- the court steps of its cycle, and by the dispositions on the arrest itself; what may be of that cycle leaves it open.
-- These columns are the vocabulary of the rule files (docs/rules.md).
with doubtful as (
    select charge_no
    from core.charge
    where is_day_doubtful
),

-- What has happened by the as-of date, or may have, and may tell something of an arrest. A blank disposition is unknown
-- where a court may have made it; on an arrest it is none.
heard as (
    select
        e.person_no,
        e.cycle_no,
        e.step_no,
        e.count_no,
        coalesce(e.step_type = 'arrest', false) as is_arrest,
        coalesce(e.step_type = 'court_action', false) as is_court,
        e.offense_no,
        e.is_offense_told,
        e.charge_severity,
        e.disposition_relief,
        r.remedy,
        case
            when e.disposition_class is not null then e.disposition_class
            when e.step_type = 'arrest' and e.disp_text is null and not e.is_disposition_numbered then 'none'
            else 'unknown'
        end as told,
        case
            when e.agency_kind = 'juvenile_court' then true
            when not e.is_agency_untold then false
        end as is_juvenile_court,
        v.is_received_by_as_of or coalesce(e.event_date_most <= $as_of and d.charge_no is null, false) as has_happened
    from core.entry as e
    inner join (
        select
            delivery_no,
            $as_of >= received_on as is_received_by_as_of
        from raw.delivery
    ) as v on e.delivery_no = v.delivery_no
    left join doubtful as d on e.charge_no = d.charge_no
    left join law.recorded_relief as r on e.disposition_relief = r.relief
    where
        coalesce(e.step_type not in ('registration', 'deceased', 'applicant'), true)
        and (d.charge_no is not null or not coalesce(e.event_date_least > $as_of, false))
),

-- What can't be placed in a cycle may be of any.
adrift as (
    select distinct person_no
    from heard
    where cycle_no is null
),

-- A count that was diverted or put off is settled by a later step that tells of the same count. The rest stands.
put_off as (
    select
        person_no,
        cycle_no,
        count_no,
        offense_no,
        max(case when told in ('dismissed', 'acquitted') then step_no end) as settled_step_no,
        bool_or(told = 'diverted') as was_diverted
    from heard
    where
        is_court
        and is_offense_told
        and told in ('diverted', 'other', 'dismissed', 'acquitted')
    group by person_no, cycle_no, count_no, offense_no
    having bool_or(told in ('diverted', 'other'))
),

settled as (
    select
        h.*,
        h.is_court
        and not (h.told in ('diverted', 'other') and coalesce(p.settled_step_no > h.step_no, false)) as is_standing,
        h.told = 'dismissed'
        and (coalesce(h.disposition_relief = 'diversion', false) or coalesce(p.was_diverted, false))
            as is_diversion_completed
    from heard as h
    left join put_off as p
        on
            h.person_no = p.person_no
            and h.cycle_no = p.cycle_no
            and h.count_no is not distinct from p.count_no
            and h.offense_no = p.offense_no
    where h.cycle_no is not null
),

cycle as (
    select
        person_no,
        cycle_no,
        count(*) filter (where is_court) as n_court,
        count(*) filter (where is_standing) as n_standing,
        count(*) filter (where is_standing and told = 'dismissed') as n_dismissed,
        count(*) filter (where is_standing and told = 'acquitted') as n_acquitted,
        count(*) filter (where is_standing and told = 'rejected') as n_court_rejected,
        count(*) filter (where is_standing and told = 'unknown') as n_unknown,
        count(*) filter (where is_standing and is_diversion_completed) as n_diversions_completed,
        count(*) filter (where is_arrest and told = 'rejected') as n_arrest_rejected,
        bool_or(is_court and told = 'convicted') as is_convicted,
        -- Dispositions that change a conviction show that there was one.
        bool_or(
            told in ('convicted', 'unknown', 'set_aside', 'modified', 'revoked')
            or (told = 'relief_granted' and coalesce(remedy <> 'arrest_relief', true))
        ) as may_be_convicted,
        bool_or(is_arrest and told not in ('none', 'rejected')) as is_arrest_disposed,
        bool_or(told = 'unknown') as has_unknown,
        bool_or(not is_arrest and not is_court) as has_unclear_step,
        bool_and(has_happened) as has_all_happened,
        bool_or(coalesce(remedy = 'arrest_relief', false)) as is_relieved,
        bool_or(told = 'unknown' or coalesce(disposition_relief = 'unstated', false)) as may_be_relieved,
        bool_or(coalesce(charge_severity = 'F', false)) as has_felony,
        bool_and(charge_severity is not null) as is_severity_told,
        bool_or(coalesce(is_juvenile_court, false)) as has_juvenile_court,
        bool_and(is_juvenile_court is not null) as is_court_told,
        min(case when is_court then step_no end) as court_step_no,
        min(case when is_court and told = 'convicted' then step_no end) as conviction_step_no
    from settled
    group by person_no, cycle_no
),

-- An arrest for nothing but violations of supervision is none for an offense. Few charges are one, or may be.
arrested as (
    select
        h.event_no,
        o.supervision = 'sure' and h.is_offense_told and coalesce(c.supervision = 'sure', c.offense_no is null)
            as is_violation,
        o.supervision is not null
        or not h.is_offense_told
        or (c.offense_no is not null and (c.supervision is not null or not h.is_convicted_offense_told))
            as may_be_violation
    from core.charge as h
    inner join core.offense as o on h.offense_no = o.offense_no
    left join core.offense as c on h.convicted_offense_no = c.offense_no
    where h.step_type = 'arrest'
),

may_be_violation as (
    select distinct event_no
    from arrested
    where coalesce(may_be_violation, true)
),

violation as (
    select
        a.event_no,
        case
            when bool_and(coalesce(a.is_violation, false)) then true
            when bool_or(not a.may_be_violation) then false
        end as is_violation
    from arrested as a
    inner join may_be_violation as m on a.event_no = m.event_no
    group by a.event_no
),

-- The record of a cycle is whole where one more row, or one more word, could not change what it says.
known as (
    select
        a.*,
        c.n_court,
        c.n_standing,
        c.n_dismissed,
        c.n_acquitted,
        c.n_court_rejected,
        c.n_unknown,
        c.n_diversions_completed,
        c.n_arrest_rejected,
        c.is_convicted,
        c.may_be_convicted,
        c.is_arrest_disposed,
        c.has_all_happened,
        c.is_relieved,
        c.may_be_relieved,
        c.has_felony,
        c.is_severity_told,
        c.has_juvenile_court,
        c.is_court_told,
        c.court_step_no,
        c.conviction_step_no,
        lpad(cast(a.cycle_no as varchar), 3, '0') || '-' as cycle_text,
        p.identity_conflict,
        p.is_history_complete,
        f.received_on,
        coalesce(not c.has_unclear_step, false) and d.person_no is null as is_cycle_whole,
        coalesce(not c.has_unclear_step, false) and d.person_no is null and p.is_history_complete as is_whole,
        coalesce(not c.has_unclear_step and not c.has_unknown, false)
        and d.person_no is null
        and p.is_history_complete
        and f.is_current as is_whole_today
    from core.arrest as a
    inner join core.person as p on a.person_no = p.person_no
    inner join facts.person as f on a.person_no = f.person_no
    left join cycle as c on a.person_no = c.person_no and a.cycle_no = c.cycle_no
    left join adrift as d on a.person_no = d.person_no
)

select
    k.arrest_id,
    k.person_no,
    k.delivery_no,
    k.record_no,
    k.county,
    o.section,
    o.subdivision,
    o.statute_code,
    case when not k.is_day_doubtful then k.arrest_date end as arrest_date,
    case when not k.is_day_doubtful then k.arrest_date_least end as arrest_date_least,
    case when not k.is_day_doubtful then k.arrest_date_most end as arrest_date_most,
    case when k.has_felony then true when k.is_whole and k.is_severity_told then false end as is_felony_arrest,
    case
        when k.is_convicted then true
        when k.is_whole_today and not k.may_be_convicted then false
    end as has_conviction,
    case
        when k.n_court > 0 then true
        when k.is_whole_today and not k.is_arrest_disposed then false
    end as proceedings_initiated,
    case
        when k.n_standing > k.n_dismissed + k.n_unknown then false
        when k.is_whole_today and k.has_all_happened then k.n_standing > 0
    end as all_dismissed,
    case
        when k.n_standing > k.n_acquitted + k.n_unknown then false
        when k.is_whole_today and k.has_all_happened then k.n_standing > 0
    end as all_acquitted,
    case
        when k.n_standing > k.n_dismissed + k.n_acquitted + k.n_court_rejected + k.n_unknown then false
        when k.is_whole_today and k.has_all_happened then k.n_standing > 0
    end as all_favorable,
    case
        when k.is_whole_today and k.has_all_happened
            then
                k.n_court_rejected = k.n_court
                and not k.is_arrest_disposed
                and k.n_court_rejected + k.n_arrest_rejected > 0
    end as prosecutor_rejected,
    case
        when not k.is_whole_today or not k.has_all_happened then null
        when k.n_diversions_completed = 0 then false
        when k.n_diversions_completed = k.n_standing then true
    end as diversion_completed,
    -- What is on record is judged by what can be read; a hole in the history has a rule of its own.
    case when k.is_relieved then true when k.is_cycle_whole and not k.may_be_relieved then false end
        as arrest_relief_granted,
    case
        when k.is_after_as_of then true
        when (k.arrest_date_most <= $as_of and not k.is_day_doubtful) or $as_of >= k.received_on then false
    end as after_as_of,
    k.cycle_no is not null as order_known,
    k.is_possible_repeat as possible_repeat,
    k.is_history_complete as history_complete,
    k.identity_conflict,
    case when k.has_juvenile_court then true when k.is_whole and k.is_court_told then false end as juvenile_court,
    case when v.event_no is null then false else v.is_violation end as supervision_violation,
    cast(null as varchar) as sentence_path,
    k.cycle_text || lpad(cast(k.step_no as varchar), 3, '0') as arrest_event,
    k.cycle_text || lpad(cast(k.court_step_no as varchar), 3, '0') as court_event,
    k.cycle_text || lpad(cast(k.conviction_step_no as varchar), 3, '0') as conviction_event
from known as k
inner join core.offense as o on k.offense_no = o.offense_no
left join violation as v on k.event_no = v.event_no
