-- One row per charge: a count of one step with one offense, put together from its entries. A fact is known only where
-- every entry that could change it states it. Its event is told by person, cycle, step, step type, date and agency.
-- Nine in ten entries stand alone under their count order, so they are charges as they are, and go past all grouping.
-- Grouped, they would come out the same: tests/unit/test_core_charge.py holds one way against the other.

-- Count orders with several entries, and the one that can't be read, which may be any.
with shared as (
    select
        person_no,
        cnt_order
    from core.entry
    group by person_no, cnt_order
    having count(*) > 1 or cnt_order is null
),

adrift as (
    select distinct person_no
    from shared
    where cnt_order is null
),

-- What each entry says by itself; is_met where anything stands beside it.
told as (
    select
        e.charge_no,
        e.person_no,
        e.cnt_order,
        e.cycle_no,
        e.step_no,
        e.count_no,
        e.step_type,
        e.offense_no,
        e.is_offense_told,
        e.convicted_offense_no,
        e.is_convicted_offense_told,
        e.event_key,
        e.event_date,
        e.event_date_least,
        e.event_date_most,
        e.is_event_after_receipt,
        e.is_day_ambiguous,
        e.is_county_ambiguous,
        e.county,
        e.agency_text,
        coalesce(e.agency_kind = 'juvenile_court', false) as is_juvenile_court,
        e.is_agency_untold,
        e.agency_kind in ('superior_court', 'municipal_court', 'justice_court', 'juvenile_court')
            as is_california_court,
        coalesce(e.agency_kind in ('federal', 'federal_court'), false) as is_federal_court,
        e.severity,
        coalesce(e.charge_severity = 'F', false) as is_charged_felony,
        coalesce(e.disposition_class = 'convicted', false) as is_convicted,
        -- On a court action a blank disposition may be anything; elsewhere it is none, unless a number says that there
        -- is one.
        e.disposition_class is null
        and (
            e.step_type is null
            or e.step_type = 'court_action'
            or e.disp_text is not null
            or e.is_disposition_numbered
        ) as is_disposition_unknown,
        coalesce(e.disposition_class = 'relief_granted' and e.disposition_relief = 'prop64', false) as is_prop64_relief,
        coalesce(e.disposition_class = 'relief_granted' and e.disposition_relief = 'unstated', false)
            as is_relief_unstated,
        coalesce(r.remedy = 'prop47', false) as is_prop47_relief,
        coalesce(r.remedy = 'conviction_relief', false) as is_conviction_relief,
        coalesce(e.disposition_class = 'set_aside', false) as is_set_aside,
        -- A set-aside that does not name a law which leaves the conviction standing may have ended it like a reversal.
        coalesce(e.disposition_class = 'set_aside' and not coalesce(r.is_standing, false), false) as is_annulled,
        coalesce(e.disposition_class = 'revoked', false) as is_revoked,
        coalesce(e.disposition_class in ('dismissed', 'acquitted', 'rejected', 'diverted'), false) as is_dismissed,
        coalesce(e.disposition_class not in ('diverted', 'other'), false) as is_disposed,
        e.disp_date,
        e.ofn,
        e.court_case_number,
        e.record_hash,
        e.delivery_no,
        e.record_no,
        s.person_no is not null or d.person_no is not null as is_met
    from core.entry as e
    left join law.recorded_relief as r on e.disposition_relief = r.relief
    left join shared as s on e.person_no = s.person_no and e.cnt_order = s.cnt_order
    left join adrift as d on e.person_no = d.person_no
),

gathered as (
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
            when bool_or(is_juvenile_court) then true
            when bool_or(is_agency_untold) then null
            else false
        end as is_juvenile_court,
        case
            when bool_and(coalesce(is_california_court, false)) then true
            when bool_or(not coalesce(is_california_court, true)) then false
        end as is_california_court,
        case
            when bool_or(is_federal_court) then true
            when bool_or(is_agency_untold) then null
            else false
        end as is_federal_court,
        -- The type of charge speaks for the conviction only where it is the graver one (a charge of misdemeanor beside
        -- a blank conviction status may hide a felony), and only alone: beside another entry a blank may be what
        -- contradicts it.
        case
            when count(severity) = count(*) and min(severity) = max(severity) then min(severity)
            when count(*) = 1 and bool_and(is_charged_felony) then 'F'
        end as severity,
        case when count(severity) = count(*) and min(severity) = max(severity) then min(severity) end
            as stated_severity,
        coalesce(min(severity) <> max(severity), false) as is_severity_contradicted,
        cast(count(*) as bigint) as n_entries,
        bool_or(is_convicted) as is_convicted,
        bool_or(is_disposition_unknown) as is_disposition_unknown,
        bool_or(is_prop64_relief) as is_prop64_relief,
        bool_or(is_relief_unstated) as is_relief_unstated,
        bool_or(is_prop47_relief) as is_prop47_relief,
        bool_or(is_conviction_relief) as is_conviction_relief,
        bool_or(is_set_aside) as is_set_aside,
        bool_or(is_annulled) as is_annulled,
        bool_or(is_revoked) as is_revoked,
        bool_or(is_dismissed) as is_dismissed,
        bool_or(is_disposed) as is_disposed,
        bool_and(is_disposed) as is_wholly_disposed,
        min(disp_date) as disp_date,
        case when min(ofn) = max(ofn) then min(ofn) end as ofn,
        coalesce(min(ofn) <> max(ofn), false) as is_ofn_contradicted,
        count(ofn) = count(*) and min(ofn) = max(ofn) as is_ofn_stated,
        case when min(court_case_number) = max(court_case_number) then min(court_case_number) end as court_case_number,
        min(record_hash) as first_hash,
        min(delivery_no) as delivery_no,
        arg_min(record_no, record_hash) as record_no,
        arg_min(record_no, record_hash) filter (where is_convicted) as convicted_record_no
    from told
    where is_met
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

met as (
    select
        g.*,
        o.text_no,
        o.is_qualified,
        v.text_no as convicted_text_no,
        v.is_qualified as is_convicted_qualified
    from gathered as g
    inner join core.offense as o on g.offense_no = o.offense_no
    left join core.offense as v on g.convicted_offense_no = v.offense_no
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
        and (
            a.offense_no = b.offense_no
            or not a.is_offense_told
            or not b.is_offense_told
            or (a.text_no = b.text_no and a.is_qualified <> b.is_qualified)
        )
        and (
            a.convicted_offense_no = b.convicted_offense_no
            or (a.convicted_text_no = b.convicted_text_no and a.is_convicted_qualified <> b.is_convicted_qualified)
            or not a.is_convicted_offense_told
            or not b.is_convicted_offense_told
        )
        and (coalesce(a.event_key = b.event_key, true) or a.is_day_ambiguous or b.is_day_ambiguous)
        and (coalesce(a.county = b.county, true) or a.is_county_ambiguous or b.is_county_ambiguous)
    group by a.charge_no
),

whole as (
    -- Alone: there is nothing that it could agree with or contradict, and no charge that it could be one with.
    select
        charge_no,
        person_no,
        cnt_order,
        cycle_no,
        step_no,
        count_no,
        step_type,
        offense_no,
        is_offense_told,
        convicted_offense_no,
        is_convicted_offense_told,
        event_key,
        event_date,
        event_date_least,
        event_date_most,
        is_event_after_receipt,
        is_day_ambiguous,
        is_county_ambiguous,
        county,
        agency_text,
        case when is_juvenile_court then true when is_agency_untold then null else false end as is_juvenile_court,
        is_california_court,
        case when is_federal_court then true when is_agency_untold then null else false end as is_federal_court,
        coalesce(severity, case when is_charged_felony then 'F' end) as severity,
        severity as stated_severity,
        false as is_severity_contradicted,
        cast(1 as bigint) as n_entries,
        is_convicted,
        is_disposition_unknown,
        is_prop64_relief,
        is_relief_unstated,
        is_prop47_relief,
        is_conviction_relief,
        is_set_aside,
        is_annulled,
        is_revoked,
        is_dismissed,
        is_disposed,
        is_disposed as is_wholly_disposed,
        disp_date,
        ofn,
        false as is_ofn_contradicted,
        ofn is not null as is_ofn_stated,
        court_case_number,
        record_hash as first_hash,
        delivery_no,
        record_no,
        case when is_convicted then record_no end as convicted_record_no,
        false as is_undivided,
        false as is_day_doubtful
    from told
    where not is_met
    union all
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
        coalesce(u.is_day_doubtful, false) as is_day_doubtful
    from gathered as g
    left join undivided as u on g.charge_no = u.charge_no
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
from whole
