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
        e.charge_severity = 'F' as is_felony,
        coalesce(r.remedy = 'arrest_relief', false) as is_arrest_relief,
        coalesce(e.disposition_relief = 'diversion', false) as is_diversion_relief,
        coalesce(e.disposition_relief = 'unstated', false) as is_relief_unstated,
        coalesce(e.disposition_relief = 'conviction', false) as is_conviction_presupposed,
        case
            -- What is reversed is to be tried again, as long as nobody says that it was dismissed.
            when e.disposition_class = 'dismissed' and e.disposition_relief = 'conviction' then 'reversed'
            when e.disposition_class is not null then e.disposition_class
            when e.step_type = 'arrest' and e.disp_text is null and not e.is_disposition_numbered then 'none'
            else 'unknown'
        end as told,
        case
            when e.agency_kind = 'juvenile_court' then true
            when not e.is_agency_untold then false
        end as is_juvenile_court,
        case
            when e.agency_kind in ('federal', 'federal_court') then true
            when not e.is_agency_untold then false
        end as is_federal,
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
        h.told = 'dismissed' and (h.is_diversion_relief or coalesce(p.was_diverted, false)) as is_diversion_completed
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
        bool_or(is_court) as has_court,
        bool_or(is_court and told = 'convicted') as is_convicted,
        bool_or(is_court and told <> 'rejected') as has_court_unrejected,
        bool_or((is_court or is_arrest) and told = 'rejected') as has_rejected,
        bool_or(is_standing) as has_standing,
        bool_or(is_standing and told not in ('dismissed', 'unknown')) as has_undismissed,
        bool_or(is_standing and told not in ('acquitted', 'unknown')) as has_unacquitted,
        bool_or(is_standing and told not in ('dismissed', 'acquitted', 'rejected', 'unknown')) as has_unfavorable,
        bool_or(is_standing and is_diversion_completed) as has_diversion_completed,
        bool_or(is_standing and not is_diversion_completed) as has_standing_other,
        -- Dispositions that change a conviction show that there was one.
        bool_or(
            told in ('convicted', 'unknown', 'set_aside', 'modified', 'revoked')
            or (told = 'relief_granted' and not is_arrest_relief)
            or is_conviction_presupposed
        ) as may_be_convicted,
        bool_or(is_arrest and told not in ('none', 'rejected')) as is_arrest_disposed,
        bool_or(told = 'unknown') as has_unknown,
        bool_or(not is_arrest and not is_court) as has_unclear_step,
        bool_and(has_happened) as has_all_happened,
        bool_or(is_arrest_relief) as is_relieved,
        bool_or(is_relief_unstated) as has_relief_unstated,
        bool_or(is_felony) as has_felony,
        bool_and(is_felony is not null) as is_severity_told,
        bool_or(is_juvenile_court) as has_juvenile_court,
        bool_and(is_juvenile_court is not null) as is_court_told,
        bool_or(is_federal) as has_federal,
        min(case when is_court then step_no end) as court_step_no,
        min(case when is_court and told = 'convicted' then step_no end) as conviction_step_no
    from settled
    group by person_no, cycle_no
),

-- An arrest for nothing but violations of supervision is none for an offense. Few charges are one, or may be; where
-- an arrest has others, it is for them.
violation as (
    select
        h.event_no,
        count(*) as n_possible,
        count(*) filter (
            where
            o.supervision = 'sure' and h.is_offense_told and coalesce(c.supervision = 'sure', c.offense_no is null)
        ) as n_sure
    from core.charge as h
    inner join core.offense as o on h.offense_no = o.offense_no
    left join core.offense as c on h.convicted_offense_no = c.offense_no
    where
        h.step_type = 'arrest'
        and coalesce(
            o.supervision is not null
            or not h.is_offense_told
            or (c.offense_no is not null and (c.supervision is not null or not h.is_convicted_offense_told)),
            true
        )
    group by h.event_no
),

-- Who is arrested on a warrant, or for failing to appear, has a case already: what becomes of it is told by court steps
-- of another cycle, or nowhere. Where only a number or the charge says that a court has a case, it may be that of the
-- arrest's own cycle. Few arrests say anything of the kind.
case_told as (
    select
        event_no,
        bool_or(is_elsewhere) as is_elsewhere,
        bool_or(is_at_court) as is_at_court,
        bool_or(is_open) as is_open
    from (
        select
            h.event_no,
            coalesce(o.other_case = 'sure', false) or coalesce(c.other_case = 'sure', false) as is_elsewhere,
            coalesce(o.missed_appearance = 'sure', false) or coalesce(c.missed_appearance = 'sure', false)
                as is_at_court,
            coalesce(o.other_case = 'possible', false)
            or coalesce(o.missed_appearance = 'possible', false)
            or coalesce(c.other_case = 'possible', false)
            or coalesce(c.missed_appearance = 'possible', false)
            or not h.is_offense_told
            or (c.offense_no is not null and not h.is_convicted_offense_told) as is_open
        from core.charge as h
        inner join core.offense as o on h.offense_no = o.offense_no
        left join core.offense as c on h.convicted_offense_no = c.offense_no
        where h.step_type = 'arrest'
        union all
        select
            h.event_no,
            e.case_sign = 'warrant' as is_elsewhere,
            e.case_sign = 'docket' as is_at_court,
            e.case_sign = 'untold' as is_open
        from core.charge as h
        inner join core.entry as e on h.charge_no = e.charge_no
        where e.step_type = 'arrest' and e.case_sign is not null
    ) as t
    where is_elsewhere or is_at_court or is_open
    group by event_no
),

-- The record of a cycle is whole where one more row, or one more word, could not change what it says.
known as (
    select
        a.*,
        c.has_court,
        c.is_convicted,
        c.has_court_unrejected,
        c.has_rejected,
        c.has_standing,
        c.has_undismissed,
        c.has_unacquitted,
        c.has_unfavorable,
        c.has_diversion_completed,
        c.has_standing_other,
        c.may_be_convicted,
        c.is_arrest_disposed,
        c.has_all_happened,
        c.is_relieved,
        c.has_unknown or c.has_relief_unstated as may_be_relieved,
        c.has_felony,
        c.is_severity_told,
        c.has_juvenile_court,
        c.is_court_told,
        c.has_federal,
        c.court_step_no,
        c.conviction_step_no,
        -- Three digits, as in CNT_ORDER.
        substr(cast(1000 + a.cycle_no as varchar), 2) || '-' as cycle_text,
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
),

told as (
    select
        k.event_no,
        k.cycle_no,
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
            when k.has_court then true
            when k.is_whole_today and not k.is_arrest_disposed then false
        end as proceedings_initiated,
        case
            when k.has_undismissed then false
            when k.is_whole_today and k.has_all_happened then k.has_standing
        end as all_dismissed,
        case
            when k.has_unacquitted then false
            when k.is_whole_today and k.has_all_happened then k.has_standing
        end as all_acquitted,
        case
            when k.has_unfavorable then false
            when k.is_whole_today and k.has_all_happened then k.has_standing
        end as all_favorable,
        case
            when k.is_whole_today and k.has_all_happened
                then k.has_rejected and not k.has_court_unrejected and not k.is_arrest_disposed
        end as prosecutor_rejected,
        case
            when not k.is_whole_today or not k.has_all_happened then null
            when not k.has_diversion_completed then false
            when not k.has_standing_other then true
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
        case when k.has_federal then true when k.is_whole and k.is_court_told then false end as federal_agency,
        case
            when v.event_no is null or v.n_possible < k.n_charges then false
            when v.n_sure = k.n_charges then true
        end as supervision_violation,
        case
            when t.event_no is null then false
            when t.is_elsewhere or (t.is_at_court and not k.has_court) then true
            when not t.is_open and k.has_court then false
        end as of_other_case,
        cast(null as varchar) as sentence_path,
        k.cycle_text || substr(cast(1000 + k.step_no as varchar), 2) as arrest_event,
        k.cycle_text || substr(cast(1000 + k.court_step_no as varchar), 2) as court_event,
        k.cycle_text || substr(cast(1000 + k.conviction_step_no as varchar), 2) as conviction_event
    from known as k
    inner join core.offense as o on k.offense_no = o.offense_no
    left join violation as v on k.event_no = v.event_no
    left join case_told as t on k.event_no = t.event_no
),

-- Arrests, and what may be half of one: by charge, with its section and the days on which it may have been.
seen as (
    select
        h.event_no,
        h.person_no,
        h.cycle_no,
        coalesce(h.step_type = 'arrest', false) as is_arrest,
        -- A number, because DuckDB fails now and then on a lookup that is itself a join with text (docs/decisions.md).
        case
            when h.is_offense_told and h.convicted_offense_no is null and o.section is not null then hash(o.section)
        end as section_key,
        case when not h.is_day_doubtful then h.event_date_least end as day_least,
        case when not h.is_day_doubtful then h.event_date_most end as day_most
    from core.charge as h
    inner join core.offense as o on h.offense_no = o.offense_no
    where
        (h.step_type is null or h.step_type = 'arrest')
        and h.cycle_no is not null
        and (h.is_day_doubtful or not coalesce(h.event_date_least > $as_of, false))
),

-- Cycles that surely tell nothing against another arrest that may be the same. What was dismissed does, for a felony.
clear as (
    select
        person_no,
        cycle_no
    from told
    group by person_no, cycle_no
    having
        bool_and(
            coalesce(
                not has_conviction
                and not of_other_case
                and not juvenile_court
                and not federal_agency
                and (not proceedings_initiated or all_acquitted),
                false
            )
        )
),

-- An arrest may be told again in another cycle, by another agency: the same section on the same day, or what may be.
told_again as (
    select distinct a.event_no
    from seen as a
    inner join seen as b on a.person_no = b.person_no
    left join clear as c on b.person_no = c.person_no and b.cycle_no = c.cycle_no
    where
        a.is_arrest
        and a.cycle_no <> b.cycle_no
        and coalesce(a.section_key = b.section_key, true)
        and coalesce(a.day_least <= b.day_most, true)
        and coalesce(b.day_least <= a.day_most, true)
        and c.person_no is null
),

-- A court's case may stand in a cycle of its own, because nobody linked it to the arrest: the same section, not before
-- it, or what may be.
arrested_cycle as (
    select distinct
        person_no,
        cycle_no
    from core.charge
    where step_type = 'arrest'
),

unlinked as (
    select distinct
        h.person_no,
        h.cycle_no,
        case
            when h.is_offense_told and h.convicted_offense_no is null and o.section is not null then hash(o.section)
        end as section_key,
        case when not h.is_day_doubtful then h.event_date_most end as day_most
    from core.charge as h
    inner join core.offense as o on h.offense_no = o.offense_no
    left join arrested_cycle as a on h.person_no = a.person_no and h.cycle_no = a.cycle_no
    where
        (h.step_type is null or h.step_type = 'court_action')
        and h.cycle_no is not null
        and a.person_no is null
        and (h.is_day_doubtful or not coalesce(h.event_date_least > $as_of, false))
),

tried as (
    select distinct a.event_no
    from seen as a
    inner join unlinked as b on a.person_no = b.person_no
    where
        a.is_arrest
        and a.cycle_no <> b.cycle_no
        and coalesce(a.section_key = b.section_key, true)
        and coalesce(a.day_least <= b.day_most, true)
)

select
    t.arrest_id,
    t.person_no,
    t.delivery_no,
    t.record_no,
    t.county,
    t.section,
    t.subdivision,
    t.statute_code,
    t.arrest_date,
    t.arrest_date_least,
    t.arrest_date_most,
    t.is_felony_arrest,
    t.has_conviction,
    t.proceedings_initiated,
    t.all_dismissed,
    t.all_acquitted,
    t.all_favorable,
    t.prosecutor_rejected,
    t.diversion_completed,
    t.arrest_relief_granted,
    t.after_as_of,
    t.order_known,
    t.possible_repeat,
    t.history_complete,
    t.identity_conflict,
    t.juvenile_court,
    t.federal_agency,
    t.supervision_violation,
    t.of_other_case,
    g.event_no is not null as repeat_elsewhere,
    r.event_no is not null and not coalesce(t.proceedings_initiated, false) as tried_elsewhere,
    t.sentence_path,
    t.arrest_event,
    t.court_event,
    t.conviction_event
from told as t
left join told_again as g on t.event_no = g.event_no
left join tried as r on t.event_no = r.event_no
