-- One row per person with a conviction or a possible one: what the whole history says as of the run's date, over all
-- counties. A fact is true or false only where every row that could change it is known, the history has no hole and the
-- delivery still speaks for the as-of date; counts are of what is known, for display.
with standing as (
    select
        p.person_no,
        p.is_history_complete,
        -- Facts of absence hold while the as-of date is not too far from the day up to which the delivery speaks.
        coalesce(d.data_through, $as_of) + $staleness_days * interval '1' day >= $as_of as is_current,
        d.received_on
    from core.person as p
    inner join raw.delivery as d on p.delivery_no = d.delivery_no
),

known as (
    select
        v.*,
        o.in_prop64_scope,
        o.code_section_text,
        o.is_superstrike_listed,
        o.is_pc290_listed,
        o.is_statute_certain and c.offense_no is null as is_scope_certain
    from core.conviction as v
    inner join core.offense as o on v.offense_no = o.offense_no
    left join core.offense as c on v.convicted_offense_no = c.offense_no
    where not v.is_after_as_of
),

-- What may be a conviction: an unknown or unmapped disposition, a blank step type, "convicted" outside a court; and
-- what custody or probation presupposes.
possible as (
    select
        h.person_no,
        h.event_date_most,
        h.is_day_doubtful,
        coalesce(
            o.in_prop64_scope and o.is_statute_certain and h.convicted_offense_no is null, false
        ) as is_surely_prop64
    from core.charge as h
    inner join core.offense as o on h.offense_no = o.offense_no
    left join facts.served as s on h.charge_no = s.charge_no and s.is_possible_conviction
    where
        (h.is_day_doubtful or not coalesce(h.event_date_least > $as_of, false))
        and (
            s.charge_no is not null
            or (h.is_convicted and (h.step_type is null or h.step_type <> 'court_action'))
            or (h.is_disposition_unknown and not h.is_convicted)
        )
),

conviction_fact as (
    select
        person_no,
        count(*) as n_convictions,
        count(*) filter (where in_prop64_scope) as n_prop64_convictions,
        count(*) filter (where in_prop64_scope and section = $prop64_section_1) as n_prop64_section_1,
        count(*) filter (where in_prop64_scope and section = $prop64_section_2) as n_prop64_section_2,
        count(*) filter (where in_prop64_scope and section = $prop64_section_3) as n_prop64_section_3,
        count(*) filter (where in_prop64_scope and section = $prop64_section_4) as n_prop64_section_4,
        max(conviction_date_least) filter (where conviction_date_most <= $as_of) as latest_least,
        max(conviction_date_most) as latest_most,
        bool_or(conviction_date_most is null or is_day_doubtful) as has_undated,
        max(conviction_date) as latest_known_date,
        max(
            coalesce(cast(conviction_date_least as varchar), '0000-00-00') || ' '
            || coalesce(lpad(cast(cnt_order as varchar), 12, '0'), '')
        ) as latest_event_text,
        bool_or(is_scope_certain and not in_prop64_scope) as has_other,
        bool_or(not is_scope_certain or in_prop64_scope is null) as has_unclear,
        bool_or(is_possible_repeat) as has_possible_repeat
    from known
    group by person_no
),

-- Few convictions are on these lists.
listed as (
    select
        person_no,
        string_agg(distinct code_section_text, ';' order by code_section_text) filter (where is_superstrike_listed)
            as superstrike_sections,
        string_agg(distinct code_section_text, ';' order by code_section_text) filter (where is_pc290_listed)
            as pc290_sections
    from known
    where is_superstrike_listed or is_pc290_listed
    group by person_no
),

possible_fact as (
    select
        person_no,
        count(*) as n_possible,
        max(event_date_most) as latest_most,
        bool_or(event_date_most is null or is_day_doubtful) as has_undated,
        bool_or(not is_surely_prop64) as may_be_other
    from possible
    group by person_no
),

-- A conviction told again by a count that does not state its case number may for all that be another one, of its date.
retold as (
    select
        l.person_no,
        max(l.event_date_most) as latest_most,
        bool_or(l.event_date_most is null) as has_undated
    from core.attachment as a
    inner join core.court_count as l on a.later_charge_no = l.charge_no
    where a.is_repeat and not a.is_case_stated
    group by l.person_no
),

-- Whoever has a row of a day that has come, or may have.
heard_of as (
    select person_no
    from core.charge
    where is_day_doubtful or not coalesce(event_date_least > $as_of, false)
    group by person_no
),

status_fact as (
    select
        h.person_no,
        bool_or(
            coalesce(h.step_type = 'deceased', false)
            and (
                coalesce(h.event_date_most <= $as_of and not h.is_day_doubtful, false) or $as_of >= s.received_on
            )
        ) as has_deceased,
        bool_or(coalesce(h.step_type = 'deceased', true)) as may_be_deceased,
        bool_or(coalesce(h.step_type = 'registration', false) and o.is_registration) as has_registration
    from core.charge as h
    inner join core.offense as o on h.offense_no = o.offense_no
    inner join standing as s on h.person_no = s.person_no
    where
        (h.is_day_doubtful or not coalesce(h.event_date_least > $as_of, false))
        and coalesce(h.step_type in ('deceased', 'registration'), true)
    group by h.person_no
),

joined as (
    select
        s.person_no,
        s.is_history_complete,
        s.is_current,
        s.received_on,
        coalesce(k.n_convictions, 0) as n_convictions,
        coalesce(k.n_prop64_convictions, 0) as n_prop64_convictions,
        coalesce(k.n_prop64_section_1, 0) as n_prop64_section_1,
        coalesce(k.n_prop64_section_2, 0) as n_prop64_section_2,
        coalesce(k.n_prop64_section_3, 0) as n_prop64_section_3,
        coalesce(k.n_prop64_section_4, 0) as n_prop64_section_4,
        coalesce(p.n_possible, 0) as n_possible_convictions,
        k.latest_known_date,
        k.latest_least,
        case
            when not s.is_history_complete or not s.is_current then null
            when k.has_undated or p.has_undated or r.has_undated then null
            else greatest(
                k.latest_most,
                coalesce(p.latest_most, k.latest_most),
                coalesce(r.latest_most, k.latest_most)
            )
        end as latest_most,
        k.latest_event_text,
        k.has_other,
        k.has_unclear,
        k.has_possible_repeat,
        coalesce(p.may_be_other, false) as has_possible_other,
        case when p.has_undated then null else p.latest_most end as latest_possible_most,
        l.superstrike_sections,
        l.pc290_sections,
        t.has_deceased,
        e.person_no is null or coalesce(t.may_be_deceased, false) as may_be_deceased,
        t.has_registration
    from standing as s
    left join heard_of as e on s.person_no = e.person_no
    left join status_fact as t on s.person_no = t.person_no
    left join conviction_fact as k on s.person_no = k.person_no
    left join listed as l on s.person_no = l.person_no
    left join possible_fact as p on s.person_no = p.person_no
    left join retold as r on s.person_no = r.person_no
)

select
    person_no,
    is_history_complete,
    is_current,
    received_on,
    cast(n_convictions as bigint) as n_convictions,
    cast(n_prop64_convictions as bigint) as n_prop64_convictions,
    cast(n_prop64_section_1 as bigint) as n_prop64_section_1,
    cast(n_prop64_section_2 as bigint) as n_prop64_section_2,
    cast(n_prop64_section_3 as bigint) as n_prop64_section_3,
    cast(n_prop64_section_4 as bigint) as n_prop64_section_4,
    cast(n_possible_convictions as bigint) as n_possible_convictions,
    latest_known_date as latest_known_conviction_date,
    case when latest_least = latest_most then latest_least end as latest_conviction_date,
    latest_least as latest_conviction_date_least,
    -- Nothing that has happened by the as-of date is later than it.
    least(latest_most, $as_of) as latest_conviction_date_most,
    latest_possible_most as latest_possible_conviction_date_most,
    case
        when length(latest_event_text) = 23
            then substr(latest_event_text, 12, 3) || '-' || substr(latest_event_text, 15, 3)
    end as latest_conviction_event,
    case
        when has_other then false
        when has_unclear or has_possible_other or not is_history_complete or not is_current then null
        else true
    end as all_convictions_prop64,
    coalesce(has_possible_repeat, false) as has_possible_repeat,
    superstrike_sections,
    pc290_sections,
    case
        when has_deceased then true
        when may_be_deceased or not is_history_complete then null
        else false
    end as is_deceased,
    coalesce(has_registration, false) as has_registration
from joined
