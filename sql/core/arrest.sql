-- One row per arrest: an arrest event with its charges, and whether a court step of the same cycle follows it.
with court as (
    select distinct
        person_no,
        cycle_no
    from core.event
    where step_type = 'court_action'
)

select
    e.event_no,
    e.person_no,
    e.cycle_no,
    e.step_no,
    e.event_date as arrest_date,
    e.event_date_least as arrest_date_least,
    e.event_date_most as arrest_date_most,
    e.county,
    e.n_charges,
    case when e.cycle_no is not null then c.cycle_no is not null end as has_court_action
from core.event as e
left join court as c on e.person_no = c.person_no and e.cycle_no = c.cycle_no
where e.step_type = 'arrest'
