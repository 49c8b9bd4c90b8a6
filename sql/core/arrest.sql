-- One row per arrest: an arrest event with its charges, and whether the same cycle has a court step.
with court as (
    select distinct
        person_no,
        cycle_no
    from core.event
    where step_type = 'court_action'
),

charged as (
    select
        event_no,
        first_hash,
        delivery_no,
        record_no,
        offense_no,
        bool_or(is_day_doubtful or event_date_least is null) over (partition by event_no) as is_day_doubtful,
        row_number() over (
            partition by event_no
            order by count_no, first_hash
        ) as nth_charge
    from core.charge
    where step_type is null or step_type = 'arrest'
),

happened as (
    select
        e.*,
        h.first_hash,
        h.delivery_no,
        h.record_no,
        h.offense_no,
        h.is_day_doubtful,
        coalesce(e.event_date_least > $as_of, false) and not h.is_day_doubtful as is_after_as_of
    from core.event as e
    inner join charged as h on e.event_no = h.event_no and h.nth_charge = 1
),

-- What stands in one step apart may be one arrest of which a row states half.
step as (
    select
        person_no,
        cycle_no,
        step_no,
        count(*) filter (where not is_after_as_of) as n_events
    from happened
    group by person_no, cycle_no, step_no
),

told as (
    select
        e.*,
        p.person_key,
        e.cycle_no is null or s.n_events > 1 as is_possible_repeat,
        case when e.cycle_no is not null then c.cycle_no is not null end as has_court_action
    from happened as e
    inner join core.person as p on e.person_no = p.person_no
    left join step as s on e.person_no = s.person_no and e.cycle_no = s.cycle_no and e.step_no = s.step_no
    left join court as c on e.person_no = c.person_no and e.cycle_no = c.cycle_no
    where e.step_type = 'arrest'
),

named as (
    select
        *,
        concat_ws(
            chr(31),
            person_key,
            'arrest',
            coalesce(county, '?'),
            coalesce('day ' || cast(event_date as varchar), 'cycle ' || cast(cycle_no as varchar), '?'),
            cast(row_number() over (
                partition by
                    person_no,
                    county,
                    coalesce('day ' || cast(event_date as varchar), 'cycle ' || cast(cycle_no as varchar), '?')
                order by cycle_no, step_no, first_hash
            ) as varchar)
        ) as identity_text
    from told
)

select
    substr(sha256($key_outer || unhex(sha256($key_inner || encode(identity_text)))), 1, 24) as arrest_id,
    identity_text,
    event_no,
    person_no,
    delivery_no,
    record_no,
    cycle_no,
    step_no,
    event_date as arrest_date,
    event_date_least as arrest_date_least,
    event_date_most as arrest_date_most,
    is_day_doubtful,
    is_after_as_of,
    county,
    offense_no,
    n_charges,
    is_possible_repeat,
    has_court_action
from named
