-- One row per charge: a count of one step with one offense, put together from its entries. A fact is known only where
-- every entry that could change it states it. Its event is told by person, cycle, step, step type, date and agency.
with gathered as (
    select
        charge_no,
        person_no,
        cnt_order,
        cycle_no,
        step_no,
        count_no,
        step_type,
        offense_no,
        convicted_offense_no,
        event_key,
        max(event_date) as event_date,
        max(event_date_least) as event_date_least,
        max(event_date_most) as event_date_most,
        bool_or(is_event_after_receipt) as is_event_after_receipt,
        bool_or(is_event_ambiguous) as is_event_ambiguous,
        county,
        min(agency_text) as agency_text,
        bool_or(coalesce(agency_kind = 'juvenile_court', false)) as is_juvenile_court,
        case when count(severity) = count(*) and min(severity) = max(severity) then min(severity) end as severity,
        coalesce(min(severity) <> max(severity), false) as is_severity_contradicted,
        cast(count(*) as bigint) as n_entries,
        bool_or(coalesce(disposition_class = 'convicted', false)) as is_convicted,
        -- On a court action a blank or unmapped disposition may be anything; elsewhere it says nothing about a
        -- conviction.
        bool_or(
            disposition_class is null and (step_type is null or step_type = 'court_action' or disp_text is not null)
        ) as is_disposition_unknown,
        bool_or(coalesce(disposition_class = 'relief_granted', false)) as is_relief_granted,
        max(disposition_relief) as disposition_relief,
        bool_or(coalesce(disposition_class = 'set_aside', false)) as is_set_aside,
        bool_or(coalesce(disposition_class in ('dismissed', 'acquitted', 'rejected', 'diverted'), false))
            as is_dismissed,
        min(disp_date) as disp_date,
        case when min(ofn) = max(ofn) then min(ofn) end as ofn,
        coalesce(min(ofn) <> max(ofn), false) as is_ofn_contradicted,
        case when min(court_case_number) = max(court_case_number) then min(court_case_number) end as court_case_number,
        min(record_hash) as first_hash,
        min(delivery_no) as delivery_no,
        arg_min(record_no, record_hash) as record_no,
        arg_min(record_no, record_hash) filter (where disposition_class = 'convicted') as convicted_record_no
    from core.entry
    group by
        charge_no,
        person_no,
        cnt_order,
        cycle_no,
        step_no,
        count_no,
        step_type,
        offense_no,
        convicted_offense_no,
        event_key,
        county
)

select
    *,
    hash(
        person_no,
        cycle_no,
        step_no,
        step_type,
        event_key,
        replace(agency_text, ' ', ''),
        case when cnt_order is null then charge_no end
    ) as event_no
from gathered
