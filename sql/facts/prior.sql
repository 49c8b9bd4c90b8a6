-- One row per conviction: what else is on its person's record that the law holds against it, before it, beside it or at
-- any time. TRUE rests on what is sure, FALSE on there being nothing that may be such a thing, not even a hole.
with candidate as (
    select
        v.charge_no,
        v.person_no,
        v.cycle_no,
        v.county,
        v.case_key,
        v.stated_case_key,
        d.offense_date_least,
        d.offense_date_most,
        case when not v.is_day_doubtful then v.conviction_date_least end as day_least,
        case when not v.is_day_doubtful then v.conviction_date_most end as day_most,
        case when o.is_statute_certain then o.section end as section,
        f.is_history_complete,
        f.is_current
    from core.conviction as v
    inner join facts.offense as d on v.charge_no = d.charge_no
    inner join facts.person as f on v.person_no = f.person_no
    inner join core.offense as o on v.offense_no = o.offense_no
),

-- A juvenile adjudication may be a superstrike, and is no conviction of a registrable offense.
listed as (
    select
        *,
        kind not in ('registration', 'step_unknown', 'adjudication') as is_conviction,
        min(case when kind = 'conviction' and is_sure and pc290 = 'sure' then event_date_most end)
            over (partition by person_no) as first_pc290_most,
        coalesce(cast(event_date_least as varchar), '9999-12-31') || ' ' || event as event_text
    from facts.mention
    where superstrike is not null or pc290 is not null or registration is not null
),

listed_pair as (
    select
        c.charge_no,
        l.event_text,
        coalesce(l.event_date_most < c.offense_date_least, false) as is_prior,
        not coalesce(l.event_date_least >= c.offense_date_most, false) as may_be_prior,
        coalesce(l.event_date_most < c.day_least, false) as is_before,
        not coalesce(l.event_date_least >= c.day_most, false) as may_be_before,
        l.has_happened,
        l.is_conviction and l.is_sure and coalesce(l.superstrike = 'sure', false) as is_superstrike,
        (l.is_conviction or l.kind = 'adjudication') and l.superstrike is not null as may_be_superstrike,
        l.is_conviction and l.is_sure and coalesce(l.pc290 = 'sure', false) as is_pc290,
        l.is_conviction and l.pc290 is not null as may_be_pc290,
        l.is_sure and coalesce(l.registration = 'sure', false) as is_registration,
        l.registration is not null as may_be_registration,
        -- Who is registered was convicted, perhaps elsewhere and whenever; unless a conviction on record explains it.
        l.registration is not null and not coalesce(l.first_pc290_most <= l.event_date_least, false)
            as presupposes_pc290
    from candidate as c
    inner join listed as l on c.person_no = l.person_no
    where c.charge_no <> l.charge_no
),

by_list as (
    select
        charge_no,
        bool_or(is_superstrike and is_prior) as has_superstrike_prior,
        bool_or(may_be_superstrike and may_be_prior) as may_have_superstrike_prior,
        bool_or(is_superstrike and is_before) as has_superstrike_before,
        bool_or(may_be_superstrike and may_be_before) as may_have_superstrike_before,
        bool_or(is_superstrike and has_happened) as has_superstrike,
        bool_or(may_be_superstrike) as may_have_superstrike,
        bool_or(is_pc290 and is_prior) as has_pc290_prior,
        bool_or((may_be_pc290 and may_be_prior) or presupposes_pc290) as may_have_pc290_prior,
        bool_or((is_pc290 or is_registration) and is_before) as has_pc290_before,
        bool_or(((may_be_pc290 or may_be_registration) and may_be_before) or presupposes_pc290)
            as may_have_pc290_before,
        bool_or(is_pc290 and has_happened) as has_pc290,
        bool_or(may_be_pc290 or presupposes_pc290) as may_have_pc290,
        coalesce(
            min(event_text) filter (where is_superstrike and is_before), min(event_text) filter (where is_superstrike)
        ) as superstrike_text,
        coalesce(
            min(event_text) filter (where (is_pc290 or is_registration) and is_before),
            min(event_text) filter (where is_pc290 or is_registration)
        ) as pc290_text
    from listed_pair
    group by charge_no
),

-- The same section: what has no certain section may be of it. Court events are days, cycles are cycles; what states
-- neither may be one of its own.
section_pair as (
    select
        c.charge_no,
        m.charge_no <> c.charge_no and coalesce(m.event_date < c.day_least, false) as is_before,
        m.charge_no <> c.charge_no and not coalesce(m.event_date_least >= c.day_most, false) as may_be_before,
        m.is_sure and m.kind = 'conviction' and coalesce(m.section = c.section, false) as is_sure,
        m.has_happened,
        m.charge_no as other_charge_no,
        m.event_date,
        m.event,
        m.cycle_no
    from candidate as c
    inner join facts.mention as m on c.person_no = m.person_no
    where coalesce(m.section = c.section, true) and m.kind in ('conviction', 'retold', 'possible')
),

by_section as (
    select
        charge_no,
        count(*) as n_others,
        min(case when is_sure and is_before then cast(event_date as varchar) || ' ' || event end) as event_text
    from section_pair
    where other_charge_no <> charge_no
    group by charge_no
),

-- Two days beside its own, or three cycles with it: only where there are two others.
by_days as (
    select
        p.charge_no,
        count(
            distinct case when p.is_sure and p.is_before and not coalesce(d.destruction_due, true) then p.event_date end
        ) as n_days,
        count(
            distinct case
                when p.may_be_before and not coalesce(d.destruction_due, false)
                    then coalesce(cast(p.event_date as varchar), cast(p.other_charge_no as varchar))
            end
        ) as n_possible_days,
        count(distinct p.cycle_no) filter (where p.is_sure and p.has_happened) as n_cycles,
        count(distinct coalesce(cast(p.cycle_no as varchar), 'of ' || cast(p.other_charge_no as varchar)))
            as n_possible_cycles
    from section_pair as p
    inner join by_section as s on p.charge_no = s.charge_no
    left join facts.offense as d on p.other_charge_no = d.charge_no
    where s.n_others >= 2
    group by p.charge_no
),

-- Charges of the same cycle, convicted or not.
companion as (
    select
        h.person_no,
        h.cycle_no,
        coalesce(o.environmental = 'sure' or c.environmental = 'sure', false) as is_environmental,
        o.environmental is not null or c.environmental is not null or not h.is_offense_told as may_be_environmental,
        coalesce(o.minor = 'sure' or c.minor = 'sure', false) as is_minor,
        o.minor is not null or c.minor is not null or not h.is_offense_told as may_be_minor,
        o.in_prop64_scope
        and o.is_statute_certain
        and (c.offense_no is null or (c.in_prop64_scope and c.is_statute_certain))
        and (
            coalesce(h.event_date_most <= $as_of and not h.is_day_doubtful, false) or $as_of >= f.received_on
        ) as is_prop64,
        not h.is_offense_told
        or coalesce(o.in_prop64_scope, true)
        or (c.offense_no is not null and coalesce(c.in_prop64_scope, true)) as may_be_prop64
    from core.charge as h
    inner join facts.person as f on h.person_no = f.person_no
    inner join core.offense as o on h.offense_no = o.offense_no
    left join core.offense as c on h.convicted_offense_no = c.offense_no
    where
        (h.is_day_doubtful or not coalesce(h.event_date_least > $as_of, false))
        and (
            o.environmental is not null
            or o.minor is not null
            or not h.is_offense_told
            or coalesce(o.in_prop64_scope, true)
            or c.offense_no is not null
        )
),

by_cycle as (
    select
        person_no,
        cycle_no,
        bool_or(is_environmental) as has_environmental,
        bool_or(may_be_environmental) as may_have_environmental,
        bool_or(is_minor) as has_minor,
        bool_or(may_be_minor) as may_have_minor,
        bool_or(coalesce(is_prop64, false)) as has_prop64,
        bool_or(may_be_prop64) as may_have_prop64
    from companion
    group by person_no, cycle_no
),

-- What can't be placed in a cycle may be of any.
adrift as (
    select *
    from by_cycle
    where cycle_no is null
),

-- The same case told in another cycle: a court's number is its own, wherever it stands. What states none may be of it.
told_elsewhere as (
    select
        n.person_no,
        n.cycle_no,
        n.stated_county,
        n.stated_case_key,
        coalesce(o.environmental = 'sure' or c.environmental = 'sure', false) as is_environmental,
        o.environmental is not null or c.environmental is not null or not n.is_offense_told as may_be_environmental,
        coalesce(o.minor = 'sure' or c.minor = 'sure', false) as is_minor,
        o.minor is not null or c.minor is not null or not n.is_offense_told as may_be_minor
    from core.court_count as n
    inner join core.offense as o on n.offense_no = o.offense_no
    left join core.offense as c on n.convicted_offense_no = c.offense_no
    where
        (n.is_step_unknown or n.step_type = 'court_action')
        and not n.is_after_as_of
        and (
            o.environmental is not null
            or c.environmental is not null
            or o.minor is not null
            or c.minor is not null
            or not n.is_offense_told
        )
),

elsewhere_pair as (
    select
        c.charge_no,
        e.*,
        coalesce(c.county = e.stated_county and c.stated_case_key = e.stated_case_key, false) as is_same_case
    from candidate as c
    inner join told_elsewhere as e on c.person_no = e.person_no
    where
        c.cycle_no <> e.cycle_no
        and not coalesce(c.county <> e.stated_county, false)
        and not coalesce(c.stated_case_key <> e.stated_case_key, false)
),

elsewhere as (
    select
        charge_no,
        bool_or(is_environmental and is_same_case) as has_environmental,
        bool_or(may_be_environmental) as may_have_environmental,
        bool_or(is_minor and is_same_case) as has_minor,
        bool_or(may_be_minor) as may_have_minor
    from elsewhere_pair
    group by charge_no
),

identity_theft as (
    select
        c.charge_no,
        bool_or(
            m.is_sure
            and m.identity_theft = 'sure'
            and (
                coalesce(m.cycle_no = c.cycle_no, false)
                or coalesce(m.county = c.county and m.case_key = c.case_key, false)
            )
        ) as is_sure,
        bool_or(
            coalesce(m.cycle_no = c.cycle_no, true) or not coalesce(m.stated_case_key <> c.stated_case_key, false)
        ) as is_possible
    from candidate as c
    inner join facts.mention as m on c.person_no = m.person_no
    where m.identity_theft is not null and m.kind in ('conviction', 'retold', 'possible') and m.charge_no <> c.charge_no
    group by c.charge_no
),

-- An enhancement on a count of its own, and what may be one, unless it surely came to nothing: whose offense it makes
-- graver no record tells.
enhancement as (
    select
        n.charge_no,
        n.person_no,
        n.cycle_no,
        n.stated_case_key
    from core.court_count as n
    inner join core.offense as o on n.offense_no = o.offense_no
    left join core.offense as c on n.convicted_offense_no = c.offense_no
    where
        not n.is_after_as_of
        and not n.is_surely_dismissed
        and (
            o.enhancement is not null
            or c.enhancement is not null
            or not n.is_offense_told
            or (c.offense_no is not null and not n.is_convicted_offense_told)
        )
),

enhanced as (
    select distinct c.charge_no
    from candidate as c
    inner join enhancement as e on c.person_no = e.person_no
    where
        c.charge_no <> e.charge_no
        and (coalesce(c.cycle_no = e.cycle_no, true) or not coalesce(c.stated_case_key <> e.stated_case_key, false))
)

select
    c.charge_no,
    case
        when l.has_superstrike_prior then true
        when not coalesce(l.may_have_superstrike_prior, false) and c.is_history_complete then false
    end as superstrike_prior,
    case
        when l.has_pc290_prior then true
        when not coalesce(l.may_have_pc290_prior, false) and c.is_history_complete then false
    end as pc290_prior,
    case
        when l.has_superstrike_before then true
        when not coalesce(l.may_have_superstrike_before, false) and c.is_history_complete then false
    end as superstrike_before_conviction,
    case
        when l.has_pc290_before then true
        when not coalesce(l.may_have_pc290_before, false) and c.is_history_complete then false
    end as pc290_before_conviction,
    case
        when l.has_superstrike then true
        when not coalesce(l.may_have_superstrike, false) and c.is_history_complete and c.is_current then false
    end as superstrike_ever,
    case
        when l.has_pc290 then true
        when not coalesce(l.may_have_pc290, false) and c.is_history_complete and c.is_current then false
    end as pc290_ever,
    substr(l.superstrike_text, 12) as superstrike_event,
    substr(l.pc290_text, 12) as pc290_event,
    case
        when b.n_days >= 2 then true
        when c.section is not null and coalesce(b.n_possible_days, 0) < 2 and c.is_history_complete then false
    end as two_section_priors,
    case
        when b.n_cycles >= 3 then true
        when c.section is not null and coalesce(b.n_possible_cycles, 0) < 3 and c.is_history_complete then false
    end as three_same_section_events,
    substr(s.event_text, 12) as section_prior_event,
    case
        when k.has_environmental or e.has_environmental then true
        when
            c.cycle_no is not null
            and not coalesce(k.may_have_environmental, false)
            and not coalesce(a.may_have_environmental, false)
            and not coalesce(e.may_have_environmental, false)
            and c.is_history_complete
            then false
    end as companion_environmental,
    case
        when k.has_minor or e.has_minor then true
        when
            c.cycle_no is not null
            and not coalesce(k.may_have_minor, false)
            and not coalesce(a.may_have_minor, false)
            and not coalesce(e.may_have_minor, false)
            and c.is_history_complete
            then false
    end as companion_minor,
    case
        when k.has_prop64 then true
        when
            c.cycle_no is not null
            and not coalesce(k.may_have_prop64, false)
            and not coalesce(a.may_have_prop64, false)
            and c.is_history_complete
            then false
    end as prop64_in_cycle,
    case
        when t.is_sure then true
        when not coalesce(t.is_possible, false) and c.is_history_complete then false
    end as identity_theft_in_case,
    x.charge_no is not null as may_be_enhanced
from candidate as c
left join by_list as l on c.charge_no = l.charge_no
left join by_section as s on c.charge_no = s.charge_no
left join by_days as b on c.charge_no = b.charge_no
left join by_cycle as k on c.person_no = k.person_no and c.cycle_no = k.cycle_no
left join adrift as a on c.person_no = a.person_no
left join elsewhere as e on c.charge_no = e.charge_no
left join identity_theft as t on c.charge_no = t.charge_no
left join enhanced as x on c.charge_no = x.charge_no
