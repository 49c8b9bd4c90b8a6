-- One row per event: what one agency did to a person on one day of one step of a cycle. A step number alone is no key.
select
    event_no,
    person_no,
    cycle_no,
    step_no,
    step_type,
    max(event_date) as event_date,
    max(event_date_least) as event_date_least,
    max(event_date_most) as event_date_most,
    case when min(county) = max(county) then min(county) end as county,
    min(agency_text) as agency_text,
    case
        when bool_or(is_juvenile_court) then true
        when count(is_juvenile_court) = count(*) then false
    end as is_juvenile_court,
    cast(count(*) as bigint) as n_charges,
    -- The number that the counts of the event agree on; NULL where none is stated or two differ.
    case when min(ofn) = max(ofn) and not bool_or(is_ofn_contradicted) then min(ofn) end as ofn
from core.charge
group by event_no, person_no, cycle_no, step_no, step_type
