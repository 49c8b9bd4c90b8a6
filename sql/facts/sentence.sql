-- One row per conviction: its sentence, by the parts that its own count and the later counts of it state. Parts run
-- beside one another: the longest counts, each from the day that imposed it. A part that is told in part, and a later
-- count that may have changed the sentence without saying to what, leave the end open; so it is never too early. A
-- later count that does not state the same case number may be another case's: what it says is possible, not sure.
with told_by as (
    select
        v.charge_no as conviction_charge_no,
        v.charge_no,
        true as is_own,
        true as is_sure
    from core.conviction as v
    union all
    select
        a.conviction_charge_no,
        a.later_charge_no as charge_no,
        false as is_own,
        a.is_sure and a.is_case_stated and not l.is_disposition_unknown as is_sure
    from core.attachment as a
    inner join core.court_count as l on a.later_charge_no = l.charge_no
    where coalesce(l.step_type = 'court_action', true)
),

said as (
    select
        t.disp_text,
        coalesce(bool_or(s.kind = 'probation'), false) as is_probation,
        coalesce(bool_or(s.kind = 'prison'), false) as is_prison,
        coalesce(bool_or(s.kind = 'none'), false) as is_none
    from staging.disposition_text as t
    left join law.disposition_sentence as s on starts_with(t.disp_text, s.pattern)
    group by t.disp_text
),

-- Dismissals, set-asides and relief impose nothing, whatever else their rows state.
part as (
    select
        t.conviction_charge_no,
        t.is_own,
        t.is_sure and e.disposition_class is not null as is_sure,
        e.is_sentence_part,
        t.is_own and e.is_sentence_part and coalesce(e.disposition_class = 'convicted', false) as is_first_part,
        e.is_sentence_part and l.kind is null as is_kind_unknown,
        coalesce(l.kind, '') as kind,
        e.disposition_class is null as is_disposition_unknown,
        not e.is_sentence_part
        and coalesce(e.disposition_class <> 'convicted', true)
        and not coalesce(d.is_none, false) as is_untold,
        coalesce(d.is_probation, false) as says_probation,
        coalesce(d.is_prison, false) as says_prison,
        case
            when not e.is_sentence_part or h.is_day_doubtful then null
            when l.kind = 'fine' then h.event_date_least
            else anniversary(h.event_date_least, e.sentence_length, e.sentence_unit)
        end as ends_least,
        case
            when not e.is_sentence_part or h.is_day_doubtful then null
            when l.kind = 'fine' then h.event_date_most
            else anniversary(h.event_date_most, e.sentence_length, e.sentence_unit)
        end as ends_most,
        case when not h.is_day_doubtful then h.event_date_least end as day_least
    from told_by as t
    inner join core.charge as h on t.charge_no = h.charge_no
    inner join core.entry as e on t.charge_no = e.charge_no
    left join law.sentence_location as l on e.sentence_location = l.location
    left join said as d on e.disp_text = d.disp_text
    where
        coalesce(
            e.disposition_class not in ('dismissed', 'acquitted', 'rejected', 'set_aside', 'relief_granted'), true
        )
),

summed as (
    select
        conviction_charge_no,
        bool_or(is_first_part)
        and not bool_or(is_untold)
        and not bool_or(is_sentence_part and ends_most is null) as is_told,
        bool_or(is_first_part) and not bool_or(is_kind_unknown or is_untold or is_disposition_unknown)
            as is_kind_told,
        greatest(max(ends_least) filter (where is_sure), max(day_least) filter (where is_own)) as ends_least,
        max(ends_most) as ends_most,
        bool_or(is_sure and (kind = 'prison' or says_prison)) as is_prison,
        bool_or(kind = 'prison' or says_prison) as may_be_prison,
        bool_or(is_sure and (kind = 'probation' or says_probation)) as is_probation,
        bool_or(kind = 'probation' or says_probation) as may_be_probation,
        max(ends_least) filter (where is_sure and kind = 'probation') as probation_least,
        max(ends_most) filter (where kind = 'probation') as probation_most,
        bool_or(is_first_part and kind = 'probation')
        and not bool_or(is_kind_unknown or is_untold or (kind = 'probation' and ends_most is null))
            as is_probation_told
    from part
    group by conviction_charge_no
),

-- A stay in custody may be one in prison; misdemeanors don't lead there.
custody as (
    select
        person_no,
        cycle_no
    from core.charge
    where step_type is null or step_type = 'custody'
    group by person_no, cycle_no
),

adrift_custody as (
    select person_no
    from custody
    where cycle_no is null
),

-- What revokes, or may, stands in the same cycle or case, under whatever count.
revocation as (
    select *
    from core.court_count
    where (is_revoked or is_disposition_unknown) and not is_after_as_of
),

revoked as (
    select
        v.charge_no,
        bool_or(
            r.is_revoked
            and not r.is_ambiguous
            and (
                coalesce(r.cycle_no = v.cycle_no, false)
                or coalesce(r.county = n.county and r.stated_case_key = n.stated_case_key, false)
            )
        ) as is_revoked,
        bool_or(
            coalesce(r.cycle_no = v.cycle_no, true) or not coalesce(r.stated_case_key <> n.stated_case_key, false)
        ) as may_be_revoked
    from core.conviction as v
    inner join core.court_count as n on v.charge_no = n.charge_no
    inner join revocation as r on v.person_no = r.person_no
    group by v.charge_no
)

select
    v.charge_no,
    s.is_told as sentence_told,
    case when s.is_told and s.ends_least = s.ends_most then s.ends_least end as sentence_end_date,
    s.ends_least as sentence_end_date_least,
    case when s.is_told then s.ends_most end as sentence_end_date_most,
    case
        when s.is_probation then true
        when s.is_kind_told and not s.may_be_probation then false
    end as probation_granted,
    case when s.is_probation_told and s.probation_least = s.probation_most then s.probation_least end
        as probation_end_date,
    s.probation_least as probation_end_date_least,
    case when s.is_probation_told then s.probation_most end as probation_end_date_most,
    case
        when r.is_revoked then true
        when not coalesce(r.may_be_revoked, false) and f.is_history_complete and f.is_current then false
    end as probation_revoked,
    case
        when s.is_prison then true
        when
            s.is_kind_told
            and not s.may_be_prison
            and (
                coalesce(v.stated_severity in ('M', 'I'), false)
                or (v.cycle_no is not null and k.person_no is null and a.person_no is null)
            )
            and f.is_history_complete
            then false
    end as state_prison,
    case
        when s.ends_least > $as_of then 'serving'
        when s.is_told and s.ends_most <= $as_of then 'completed'
    end as sentence_path
from core.conviction as v
inner join facts.person as f on v.person_no = f.person_no
inner join summed as s on v.charge_no = s.conviction_charge_no
left join custody as k on v.person_no = k.person_no and v.cycle_no = k.cycle_no
left join adrift_custody as a on v.person_no = a.person_no
left join revoked as r on v.charge_no = r.charge_no
