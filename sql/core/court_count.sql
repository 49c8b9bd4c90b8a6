-- One row per charge that a court dealt with (or may have: its step type is blank), with the case number that is its
-- own and how that number was found. Everything from which a conviction can start, or that can change one later.
select
    c.charge_no,
    c.event_no,
    c.person_no,
    c.cycle_no,
    c.step_no,
    c.count_no,
    c.step_type,
    c.cnt_order,
    c.county,
    case when not c.is_county_ambiguous then c.county end as stated_county,
    o.section,
    case when c.is_offense_told then o.section end as stated_section,
    case when o.is_statute_certain and c.convicted_offense_no is null then concat(o.statute_code, ' ', o.section) end
        as statute_key,
    c.event_key,
    c.event_date,
    c.event_date_least,
    c.event_date_most,
    c.first_hash,
    c.step_type is null as is_step_unknown,
    c.is_convicted,
    c.is_disposition_unknown,
    c.is_prop64_relief,
    c.is_relief_unstated,
    c.is_prop47_relief,
    c.is_conviction_relief,
    c.is_set_aside,
    c.is_revoked,
    c.is_dismissed,
    case
        when c.is_ofn_contradicted then null
        else coalesce(c.ofn, e.ofn, c.court_case_number)
    end as case_number,
    case
        when c.is_ofn_contradicted then 'contradicted'
        when c.ofn is not null then 'own_ofn'
        when e.ofn is not null then 'event_ofn'
        when c.court_case_number is not null then 'fe_num_crt_case'
        else 'none'
    end as case_number_source,
    nullif(upper(regexp_replace(
        case when not c.is_ofn_contradicted then coalesce(c.ofn, e.ofn, c.court_case_number) end,
        '[^A-Za-z0-9]',
        '',
        'g'
    )), '') as case_key,
    case
        when c.is_ofn_stated and not (c.is_day_ambiguous or c.is_county_ambiguous or c.is_undivided)
            then nullif(upper(regexp_replace(c.ofn, '[^A-Za-z0-9]', '', 'g')), '')
    end as stated_case_key,
    c.is_day_ambiguous or c.is_county_ambiguous or c.is_undivided as is_ambiguous,
    -- A day between the as-of date and receipt has not happened yet, for every rule and statistic of this run.
    coalesce(c.event_date_least > $as_of, false) and not c.is_day_doubtful as is_after_as_of,
    -- What the facts ask of nearly every count, so that they need not look its charge up.
    c.offense_no,
    c.is_offense_told,
    c.convicted_offense_no,
    c.is_convicted_offense_told,
    c.is_day_doubtful
from core.charge as c
inner join core.event as e on c.event_no = e.event_no
inner join core.offense as o on c.offense_no = o.offense_no
where
    c.step_type is null
    or c.step_type in ('court_action', 'probation', 'custody', 'other')
