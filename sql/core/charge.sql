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
        bool_and(is_offense_told) as is_offense_told,
        convicted_offense_no,
        bool_and(is_convicted_offense_told) as is_convicted_offense_told,
        event_key,
        case when count(event_date) = count(*) then max(event_date) end as event_date,
        case when count(event_date_least) = count(*) then max(event_date_least) end as event_date_least,
        case when count(event_date_most) = count(*) then max(event_date_most) end as event_date_most,
        bool_or(is_event_after_receipt) as is_event_after_receipt,
        bool_or(is_day_ambiguous) as is_day_ambiguous,
        bool_or(is_county_ambiguous) as is_county_ambiguous,
        county,
        min(agency_text) as agency_text,
        case
            when bool_or(coalesce(agency_kind = 'juvenile_court', false)) then true
            when bool_or(is_agency_untold) then null
            else false
        end as is_juvenile_court,
        case
            when
                bool_and(coalesce(
                    agency_kind in ('superior_court', 'municipal_court', 'justice_court', 'juvenile_court'), false
                ))
                then true
            when
                bool_or(coalesce(
                    agency_kind not in ('superior_court', 'municipal_court', 'justice_court', 'juvenile_court'), false
                ))
                then false
        end as is_california_court,
        -- The type of charge speaks for the conviction only where it is the graver one (a charge of misdemeanor beside
        -- a blank conviction status may hide a felony), and only alone: beside another entry a blank may be what
        -- contradicts it.
        case
            when count(severity) = count(*) and min(severity) = max(severity) then min(severity)
            when count(*) = 1 and bool_and(coalesce(charge_severity = 'F', false)) then 'F'
        end as severity,
        case when count(severity) = count(*) and min(severity) = max(severity) then min(severity) end
            as stated_severity,
        coalesce(min(severity) <> max(severity), false) as is_severity_contradicted,
        cast(count(*) as bigint) as n_entries,
        bool_or(coalesce(disposition_class = 'convicted', false)) as is_convicted,
        -- On a court action a blank disposition may be anything; elsewhere it is none, unless a number says that there
        -- is one.
        bool_or(
            disposition_class is null
            and (
                step_type is null
                or step_type = 'court_action'
                or disp_text is not null
                or is_disposition_numbered
            )
        ) as is_disposition_unknown,
        bool_or(coalesce(disposition_class = 'relief_granted' and disposition_relief = 'prop64', false))
            as is_prop64_relief,
        bool_or(coalesce(disposition_class = 'relief_granted' and disposition_relief = 'unstated', false))
            as is_relief_unstated,
        bool_or(coalesce(r.remedy = 'prop47', false)) as is_prop47_relief,
        bool_or(coalesce(r.remedy = 'conviction_relief', false)) as is_conviction_relief,
        bool_or(coalesce(disposition_class = 'set_aside', false)) as is_set_aside,
        bool_or(coalesce(disposition_class = 'revoked', false)) as is_revoked,
        bool_or(coalesce(disposition_class in ('dismissed', 'acquitted', 'rejected', 'diverted'), false))
            as is_dismissed,
        bool_or(coalesce(disposition_class not in ('diverted', 'other'), false)) as is_disposed,
        bool_and(coalesce(disposition_class not in ('diverted', 'other'), false)) as is_wholly_disposed,
        min(disp_date) as disp_date,
        case when min(ofn) = max(ofn) then min(ofn) end as ofn,
        coalesce(min(ofn) <> max(ofn), false) as is_ofn_contradicted,
        count(ofn) = count(*) and min(ofn) = max(ofn) as is_ofn_stated,
        case when min(court_case_number) = max(court_case_number) then min(court_case_number) end as court_case_number,
        min(record_hash) as first_hash,
        min(delivery_no) as delivery_no,
        arg_min(record_no, record_hash) as record_no,
        arg_min(record_no, record_hash) filter (where disposition_class = 'convicted') as convicted_record_no
    from core.entry as e
    left join law.recorded_relief as r on e.disposition_relief = r.relief
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
),

-- Count orders with several charges, and the one that can't be read, which may be any.
crowded as (
    select
        person_no,
        cnt_order
    from gathered
    group by person_no, cnt_order
    having count(*) > 1 or cnt_order is null
),

adrift as (
    select distinct person_no
    from crowded
    where cnt_order is null
),

met as (
    select g.*
    from gathered as g
    left join crowded as c on g.person_no = c.person_no and g.cnt_order = c.cnt_order
    left join adrift as d on g.person_no = d.person_no
    where c.person_no is not null or d.person_no is not null
),

-- Told apart by nothing but a blank or an unreadable value, two charges may be one: what either says may be half of it.
undivided as (
    select
        a.charge_no,
        bool_or(b.event_key is null or b.is_day_ambiguous) as is_day_doubtful
    from met as a
    inner join met as b on a.person_no = b.person_no
    where
        a.charge_no <> b.charge_no
        and coalesce(a.cnt_order = b.cnt_order, true)
        and coalesce(a.step_type = b.step_type, true)
        and (a.offense_no = b.offense_no or not a.is_offense_told or not b.is_offense_told)
        and (
            a.convicted_offense_no = b.convicted_offense_no
            or not a.is_convicted_offense_told
            or not b.is_convicted_offense_told
        )
        and (coalesce(a.event_key = b.event_key, true) or a.is_day_ambiguous or b.is_day_ambiguous)
        and (coalesce(a.county = b.county, true) or a.is_county_ambiguous or b.is_county_ambiguous)
    group by a.charge_no
)

select
    g.*,
    -- Entries that only share a blank or unreadable value may be of two charges just as well.
    u.charge_no is not null
    or (
        g.n_entries > 1
        and (
            g.step_type is null
            or not g.is_offense_told
            or (g.convicted_offense_no is not null and not g.is_convicted_offense_told)
        )
    ) as is_undivided,
    coalesce(u.is_day_doubtful, false) as is_day_doubtful,
    hash(
        person_no,
        cycle_no,
        step_no,
        step_type,
        event_key,
        replace(agency_text, ' ', ''),
        case when cnt_order is null then g.charge_no end
    ) as event_no
from gathered as g
left join undivided as u on g.charge_no = u.charge_no
