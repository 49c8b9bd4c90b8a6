-- One row per charge that is, or may be, a conviction or a registration of its person by the as-of date: what counts
-- against other convictions of the person. Nothing that may be one is left out: a fact of absence holds only where no
-- row here could break it.

-- A conviction told again by a count that does not state its case number may for all that be another one, of its date.
with told_again as (
    select distinct later_charge_no as charge_no
    from core.attachment
    where is_repeat and not is_case_stated
),

known as (
    select
        charge_no,
        person_no,
        cycle_no,
        step_no,
        'conviction' as kind,
        not is_possible_repeat
        and not was_set_aside
        and coalesce(not is_disposition_contradicted, false) as is_sure,
        is_possible_repeat,
        conviction_date as event_date,
        conviction_date_least as event_date_least,
        conviction_date_most as event_date_most,
        is_day_doubtful,
        stated_severity,
        county,
        case_key,
        stated_case_key,
        offense_no,
        is_offense_told,
        convicted_offense_no,
        is_convicted_offense_told
    from core.conviction
    where not is_after_as_of
),

-- An unknown or unmapped disposition, a blank step type, "convicted" outside a court, what custody or probation
-- presupposes; and registrations. When somebody in custody or on probation was convicted nobody knows, but that it was
-- not later; what is of no known step may be of one of those. A petition that a juvenile court sustained is no
-- conviction, yet may be a prior: what such a court neither ended nor convicted of may be one.
other as (
    select
        h.charge_no,
        h.person_no,
        h.cycle_no,
        h.step_no,
        case
            when r.charge_no is not null then 'retold'
            when h.step_type = 'registration' then 'registration'
            when h.is_convicted or h.is_disposition_unknown or s.charge_no is not null then 'possible'
            when h.step_type = 'court_action' then 'adjudication'
            else 'step_unknown'
        end as kind,
        r.charge_no is null and coalesce(h.step_type = 'registration', false) as is_sure,
        false as is_possible_repeat,
        case when h.step_type not in ('custody', 'jail', 'probation') then h.event_date end as event_date,
        case when h.step_type not in ('custody', 'jail', 'probation') then h.event_date_least end as event_date_least,
        h.event_date_most,
        h.is_day_doubtful,
        h.stated_severity,
        h.offense_no,
        h.is_offense_told,
        h.convicted_offense_no,
        h.is_convicted_offense_told
    from core.charge as h
    left join told_again as r on h.charge_no = r.charge_no
    left join facts.served as s on h.charge_no = s.charge_no and s.is_possible_conviction
    where
        r.charge_no is not null
        or (
            (h.is_day_doubtful or not coalesce(h.event_date_least > $as_of, false))
            and (
                h.step_type is null
                or h.step_type = 'registration'
                or (h.is_convicted and h.step_type <> 'court_action')
                or (h.is_disposition_unknown and not h.is_convicted)
                or s.charge_no is not null
                or (
                    h.step_type = 'court_action'
                    and coalesce(h.is_juvenile_court, true)
                    and not h.is_wholly_disposed
                    and not h.is_convicted
                )
            )
        )
),

mentioned as (
    select *
    from known
    union all
    select
        m.charge_no,
        m.person_no,
        m.cycle_no,
        m.step_no,
        m.kind,
        m.is_sure,
        m.is_possible_repeat,
        m.event_date,
        m.event_date_least,
        m.event_date_most,
        m.is_day_doubtful,
        m.stated_severity,
        n.county,
        n.case_key,
        n.stated_case_key,
        m.offense_no,
        m.is_offense_told,
        m.convicted_offense_no,
        m.is_convicted_offense_told
    from other as m
    left join core.court_count as n on m.charge_no = n.charge_no
)

select
    m.charge_no,
    m.person_no,
    m.cycle_no,
    m.kind,
    m.is_sure,
    m.is_possible_repeat,
    substr(cast(1000 + m.cycle_no as varchar), 2) || '-' || substr(cast(1000 + m.step_no as varchar), 2) as event,
    case when not m.is_day_doubtful then m.event_date end as event_date,
    case when not m.is_day_doubtful then m.event_date_least end as event_date_least,
    case when not m.is_day_doubtful then m.event_date_most end as event_date_most,
    coalesce(m.event_date_most <= $as_of and not m.is_day_doubtful, false) or $as_of >= f.received_on as has_happened,
    m.stated_severity,
    case
        when o.is_statute_certain and (c.offense_no is null or (c.is_statute_certain and c.section = o.section))
            then o.section
    end as section,
    m.county,
    m.case_key,
    m.stated_case_key,
    case
        when o.superstrike = 'sure' and coalesce(c.superstrike = 'sure', c.offense_no is null) then 'sure'
        when
            o.superstrike is null and m.is_offense_told
            and (c.offense_no is null or (c.superstrike is null and m.is_convicted_offense_told)) then null
        else 'possible'
    end as superstrike,
    case
        when o.pc290 = 'sure' and coalesce(c.pc290 = 'sure', c.offense_no is null) then 'sure'
        when
            o.pc290 is null and m.is_offense_told
            and (c.offense_no is null or (c.pc290 is null and m.is_convicted_offense_told)) then null
        else 'possible'
    end as pc290,
    case
        when o.identity_theft = 'sure' and coalesce(c.identity_theft = 'sure', c.offense_no is null) then 'sure'
        when
            o.identity_theft is null and m.is_offense_told
            and (c.offense_no is null or (c.identity_theft is null and m.is_convicted_offense_told)) then null
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
                        and m.is_offense_told
                        and (c.offense_no is null or (c.registration is null and m.is_convicted_offense_told))
                        then null
                    else 'possible'
                end
        when m.kind <> 'adjudication' and (o.is_registration or not m.is_offense_told) then 'possible'
    end as registration
from mentioned as m
inner join facts.person as f on m.person_no = f.person_no
inner join core.offense as o on m.offense_no = o.offense_no
left join core.offense as c on m.convicted_offense_no = c.offense_no
