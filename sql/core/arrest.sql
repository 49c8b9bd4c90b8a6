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
crowded as (
    select
        person_no,
        cycle_no,
        step_no
    from happened
    where not is_after_as_of
    group by person_no, cycle_no, step_no
    having count(*) > 1
),

numbered as (
    select
        *,
        -- The how many-th of its day, or of its cycle where the day is unknown.
        row_number() over (
            partition by person_no, county, event_date, case when event_date is null then cycle_no end
            order by cycle_no, step_no, first_hash
        ) as nth
    from happened
    where step_type = 'arrest'
),

named as (
    select
        e.*,
        concat_ws(
            chr(31),
            p.person_key,
            'arrest',
            coalesce(e.county, '?'),
            coalesce('day ' || cast(e.event_date as varchar), 'cycle ' || cast(e.cycle_no as varchar), '?'),
            cast(e.nth as varchar)
        ) as identity_text,
        e.cycle_no is null or s.person_no is not null as is_possible_repeat,
        case when e.cycle_no is not null then c.cycle_no is not null end as has_court_action
    from numbered as e
    inner join core.person as p on e.person_no = p.person_no
    left join crowded as s on e.person_no = s.person_no and e.cycle_no = s.cycle_no and e.step_no = s.step_no
    left join court as c on e.person_no = c.person_no and e.cycle_no = c.cycle_no
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
