-- One row per charge that a court dealt with (or may have: its step type is blank), with the case number that is its
-- own and how that number was found. Everything from which a conviction can start, or that can change one later.
with numbered as (
    select
        c.*,
        o.section,
        o.is_statute_certain,
        o.statute_code,
        e.ofn as event_ofn,
        case when not c.is_ofn_contradicted then coalesce(c.ofn, e.ofn, c.court_case_number) end as case_number
    from core.charge as c
    inner join core.event as e on c.event_no = e.event_no
    inner join core.offense as o on c.offense_no = o.offense_no
    where
        c.step_type is null
        or c.step_type in ('court_action', 'probation', 'custody', 'jail', 'other')
),

keyed as (
    select
        *,
        -- A number without a digit but zero is a placeholder (UNKNOWN, PENDING, 0000).
        case
            when regexp_replace(case_number, '[^1-9]', '', 'g') <> ''
                then upper(regexp_replace(case_number, '[^A-Za-z0-9]', '', 'g'))
        end as case_key,
        is_day_ambiguous or is_county_ambiguous or is_undivided as is_ambiguous
    from numbered
)

select
    charge_no,
    event_no,
    person_no,
    cycle_no,
    step_no,
    count_no,
    step_type,
    cnt_order,
    county,
    case when not is_county_ambiguous then county end as stated_county,
    section,
    case when is_offense_told then section end as stated_section,
    case when is_statute_certain and convicted_offense_no is null then concat(statute_code, ' ', section) end
        as statute_key,
    event_key,
    event_date,
    event_date_least,
    event_date_most,
    first_hash,
    step_type is null as is_step_unknown,
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
    is_dismissed and not is_convicted and not is_revoked and not is_disposition_unknown and not is_ambiguous
        as is_surely_dismissed,
    case_number,
    case
        when is_ofn_contradicted then 'contradicted'
        when ofn is not null then 'own_ofn'
        when event_ofn is not null then 'event_ofn'
        when court_case_number is not null then 'fe_num_crt_case'
        else 'none'
    end as case_number_source,
    case_key,
    -- The number that is stated is the count's own OFN.
    case when is_ofn_stated and not is_ambiguous then case_key end as stated_case_key,
    is_ambiguous,
    -- A day between the as-of date and receipt has not happened yet, for every rule and statistic of this run.
    coalesce(event_date_least > $as_of, false) and not is_day_doubtful as is_after_as_of,
    -- What the facts ask of nearly every count, so that they need not look its charge up.
    offense_no,
    is_offense_told,
    convicted_offense_no,
    is_convicted_offense_told,
    is_day_doubtful
from keyed
