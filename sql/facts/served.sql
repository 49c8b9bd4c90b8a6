-- One row per charge of a custody or probation step, up to the as-of date, that no conviction of its cycle explains.
-- Who is in prison, on parole or on probation was convicted, perhaps by a court whose word is missing: of what the step
-- names, on a day that nobody knows, not after the step. A conviction of the same statute in the same cycle explains
-- it, and then the step tells nothing more; an earlier one in another cycle may be what the stay is for, but does not
-- say that this stay is over. A stay in jail may be one that waits for a court: where the court of the same cycle
-- surely dismissed the same charge afterwards, and the jail tells no sentence, it was.
with statute as (
    select
        offense_no,
        subdivision is not null as has_subdivision,
        min(offense_no) over (partition by statute_code, section, relation) as section_no,
        min(offense_no) over (partition by statute_code, section, relation, subdivision) as statute_no
    from core.offense
    where is_statute_certain
),

stay as (
    select
        charge_no,
        person_no,
        cycle_no,
        step_no,
        step_type,
        is_convicted,
        is_disposition_unknown,
        case
            when is_offense_told and coalesce(convicted_offense_no = offense_no, true) then offense_no
        end as offense_no,
        case when not is_day_doubtful then event_date_least end as day_least,
        case when not is_day_doubtful then event_date_most end as day_most
    from core.court_count
    where step_type in ('custody', 'jail', 'probation') and not is_after_as_of and not is_surely_dismissed
),

-- What a stay states of its length, counted from its own day, which is not the first.
part as (
    select
        s.charge_no,
        case
            when not e.is_sentence_part or l.kind is null or l.kind not in ('probation', 'jail', 'prison', 'fine')
                then 'unknown'
            when l.kind = 'fine' then 'fine'
            when (l.kind = 'probation') = (s.step_type = 'probation') then 'own'
            else 'other'
        end as role,
        anniversary(
            anniversary(s.day_most, e.sentence_length, e.sentence_unit), coalesce(l.supervision_years, 0), 'Y'
        ) as ends_most,
        e.is_sentence_part
    from stay as s
    inner join core.entry as e on s.charge_no = e.charge_no
    left join law.sentence_location as l on e.sentence_location = l.location
),

-- Its end is known where every entry tells one, and one of them is of the kind of the step.
termed as (
    select
        charge_no,
        bool_or(is_sentence_part) as is_sentence_told,
        case
            when
                not bool_or(role = 'unknown' or (role <> 'fine' and ends_most is null))
                and bool_or(role = 'own')
                then max(ends_most) filter (where role <> 'fine')
        end as ends_most
    from part
    group by charge_no
),

explained as (
    select
        s.charge_no,
        bool_or(coalesce(v.cycle_no = s.cycle_no, false)) as is_by_cycle
    from stay as s
    inner join core.conviction as v on s.person_no = v.person_no
    inner join statute as t on s.offense_no = t.offense_no
    inner join statute as u on v.offense_no = u.offense_no and t.section_no = u.section_no
    where
        (t.statute_no = u.statute_no or not t.has_subdivision)
        and v.is_offense_told
        and coalesce(v.convicted_offense_no = v.offense_no, true)
        and not v.is_after_as_of
        and (
            coalesce(v.cycle_no = s.cycle_no, false)
            or coalesce(v.conviction_date_most <= s.day_least and not v.is_day_doubtful, false)
        )
    group by s.charge_no
),

awaited as (
    select distinct s.charge_no
    from stay as s
    inner join core.court_count as d on s.person_no = d.person_no and s.cycle_no = d.cycle_no
    inner join statute as t on s.offense_no = t.offense_no
    inner join statute as u on d.offense_no = u.offense_no and t.section_no = u.section_no
    where
        s.step_type = 'jail'
        and not s.is_convicted
        and d.step_type = 'court_action'
        and d.is_surely_dismissed
        and d.is_offense_told
        and not d.is_after_as_of
        and not d.is_day_doubtful
        and d.step_no > s.step_no
        and d.event_date_least >= s.day_most
        and (t.statute_no = u.statute_no or not t.has_subdivision)
)

select
    s.charge_no,
    s.person_no,
    e.charge_no is null as is_possible_conviction,
    case when not s.is_disposition_unknown then m.ends_most end as ends_most
from stay as s
left join explained as e on s.charge_no = e.charge_no
left join awaited as a on s.charge_no = a.charge_no
left join termed as m on s.charge_no = m.charge_no
where not coalesce(e.is_by_cycle, false) and (a.charge_no is null or m.is_sentence_told)
