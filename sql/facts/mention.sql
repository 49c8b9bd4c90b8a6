-- One row per charge that is, or may be, a conviction or a registration of its person by the as-of date: what counts
-- against other convictions of the person. Nothing that may be one is left out: a fact of absence holds only where no
-- row here could break it.
with known as (
    select
        charge_no,
        'conviction' as kind,
        not is_possible_repeat
        and not was_set_aside
        and coalesce(not is_disposition_contradicted, false) as is_sure,
        stated_severity,
        is_day_doubtful,
        is_possible_repeat
    from core.conviction
    where not is_after_as_of
),

-- A conviction told again by a count that does not state its case number may for all that be another one, of its date.
retold as (
    select distinct
        h.charge_no,
        'retold' as kind,
        false as is_sure,
        h.stated_severity,
        h.is_day_doubtful,
        false as is_possible_repeat
    from core.attachment as a
    inner join core.charge as h on a.later_charge_no = h.charge_no
    where a.is_repeat and not a.is_case_stated
),

-- An unknown or unmapped disposition, a blank step type, "convicted" outside a court; and registrations.
other as (
    select
        charge_no,
        case
            when step_type = 'registration' then 'registration'
            when is_convicted or is_disposition_unknown then 'possible'
            else 'step_unknown'
        end as kind,
        coalesce(step_type = 'registration', false) as is_sure,
        stated_severity,
        is_day_doubtful,
        false as is_possible_repeat
    from core.charge
    where
        (is_day_doubtful or not coalesce(event_date_least > $as_of, false))
        and (
            step_type is null
            or step_type = 'registration'
            or (is_convicted and step_type <> 'court_action')
            or (is_disposition_unknown and not is_convicted)
        )
),

mentioned as (
    select *
    from known
    union all
    select *
    from retold
    union all
    select *
    from other
)

select
    m.charge_no,
    h.person_no,
    h.cycle_no,
    m.kind,
    m.is_sure,
    m.is_possible_repeat,
    substr(lpad(cast(h.cnt_order as varchar), 12, '0'), 1, 3) || '-'
    || substr(lpad(cast(h.cnt_order as varchar), 12, '0'), 4, 3) as event,
    case when not m.is_day_doubtful then h.event_date end as event_date,
    case when not m.is_day_doubtful then h.event_date_least end as event_date_least,
    case when not m.is_day_doubtful then h.event_date_most end as event_date_most,
    coalesce(h.event_date_most <= $as_of and not m.is_day_doubtful, false) or $as_of >= f.received_on as has_happened,
    m.stated_severity,
    case
        when o.is_statute_certain and (c.offense_no is null or (c.is_statute_certain and c.section = o.section))
            then o.section
    end as section,
    n.county,
    n.case_key,
    n.stated_case_key,
    case
        when o.superstrike = 'sure' and coalesce(c.superstrike = 'sure', c.offense_no is null) then 'sure'
        when
            o.superstrike is null and h.is_offense_told
            and (c.offense_no is null or (c.superstrike is null and h.is_convicted_offense_told)) then null
        else 'possible'
    end as superstrike,
    case
        when o.pc290 = 'sure' and coalesce(c.pc290 = 'sure', c.offense_no is null) then 'sure'
        when
            o.pc290 is null and h.is_offense_told
            and (c.offense_no is null or (c.pc290 is null and h.is_convicted_offense_told)) then null
        else 'possible'
    end as pc290,
    case
        when o.identity_theft = 'sure' and coalesce(c.identity_theft = 'sure', c.offense_no is null) then 'sure'
        when
            o.identity_theft is null and h.is_offense_told
            and (c.offense_no is null or (c.identity_theft is null and h.is_convicted_offense_told)) then null
        else 'possible'
    end as identity_theft,
    -- A conviction of failing to register presupposes the duty, as a registration shows it.
    case
        when m.kind = 'registration' and o.is_registration then 'sure'
        when m.kind in ('conviction', 'retold', 'possible')
            then
                case
                    when o.registration = 'sure' and coalesce(c.registration = 'sure', c.offense_no is null)
                        then 'sure'
                    when
                        o.registration is null
                        and h.is_offense_told
                        and (c.offense_no is null or (c.registration is null and h.is_convicted_offense_told))
                        then null
                    else 'possible'
                end
        when coalesce(h.step_type = 'registration', true) and (o.is_registration or not h.is_offense_told)
            then 'possible'
    end as registration
from mentioned as m
inner join core.charge as h on m.charge_no = h.charge_no
inner join facts.person as f on h.person_no = f.person_no
inner join core.offense as o on h.offense_no = o.offense_no
left join core.offense as c on h.convicted_offense_no = c.offense_no
left join core.court_count as n on m.charge_no = n.charge_no
