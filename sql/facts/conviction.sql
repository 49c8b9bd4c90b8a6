-- One wide row per conviction: everything that a rule may look at. NULL is unknown. A date fact comes with the earliest
-- and the latest day that it can be. These columns are the vocabulary of the rule files (docs/rules.md).
with arrested as (
    select
        v.conviction_id,
        min(a.arrest_date_least) as first_least,
        max(a.arrest_date) filter (where a.arrest_date <= v.conviction_date) as last_before,
        max(a.arrest_date_most) filter (where a.arrest_date_least <= v.conviction_date_most) as last_most,
        count(*) as n_arrests,
        count(a.arrest_date) as n_dated
    from core.conviction as v
    inner join core.arrest as a on v.person_no = a.person_no and v.cycle_no = a.cycle_no
    group by v.conviction_id
),

served as (
    select
        v.conviction_id,
        bool_or(coalesce(anniversary(v.conviction_date_least, s.length, s.unit) > $as_of, false)) as is_open,
        bool_and(coalesce(anniversary(v.conviction_date_most, s.length, s.unit) <= $as_of, false)) as is_over
    from core.conviction as v
    inner join core.sentence as s on v.charge_no = s.charge_no
    group by v.conviction_id
)

select
    v.conviction_id,
    v.person_no,
    v.delivery_no,
    v.record_no,
    v.county,
    case
        when o.in_prop64_scope or not coalesce(c.in_prop64_scope, false) then v.section
        else c.section
    end as section,
    o.subdivision,
    o.statute_code,
    o.relation,
    -- Where the record names another offense as the one convicted of, either may bring the conviction into scope; which
    -- of them it is stays uncertain.
    case
        when o.in_prop64_scope or c.in_prop64_scope then true
        when o.in_prop64_scope is null or (c.offense_no is not null and c.in_prop64_scope is null) then null
        else false
    end as in_prop64_scope,
    o.is_aggravated_form or coalesce(c.is_aggravated_form, false) as aggravated_form,
    o.is_statute_certain
    and (
        c.offense_no is null
        or (
            c.is_statute_certain
            and c.section = o.section
            and c.relation = o.relation
            and c.statute_code = o.statute_code
        )
    ) as statute_certain,
    v.severity,
    v.severity = 'F' as is_felony,
    v.conviction_date,
    v.conviction_date_least,
    v.conviction_date_most,
    p.birth_date,
    p.birth_date_least,
    p.birth_date_most,
    case when a.n_dated = a.n_arrests then a.last_before end as offense_date,
    a.first_least as offense_date_least,
    coalesce(a.last_most, v.conviction_date_most) as offense_date_most,
    f.latest_conviction_date,
    f.latest_conviction_date_least,
    f.latest_conviction_date_most,
    f.is_deceased,
    f.all_convictions_prop64,
    p.identity_conflict,
    v.is_possible_repeat as possible_repeat,
    v.cnt_order is not null as order_known,
    v.is_juvenile_court as juvenile_court,
    v.is_prop64_relief_granted as prop64_relief_granted,
    v.is_disposition_contradicted as disposition_conflict,
    v.was_set_aside,
    case
        when v.conviction_date_least > $as_of then true
        when v.conviction_date_most <= $as_of or $as_of >= f.received_on then false
    end as after_as_of,
    p.is_history_complete as history_complete,
    case when s.is_open then 'serving' when s.is_over then 'completed' end as sentence_path,
    substr(lpad(cast(v.cnt_order as varchar), 12, '0'), 1, 3) || '-'
    || substr(lpad(cast(v.cnt_order as varchar), 12, '0'), 4, 3) as conviction_event,
    substr(lpad(cast(v.relief_cnt_order as varchar), 12, '0'), 1, 3) || '-'
    || substr(lpad(cast(v.relief_cnt_order as varchar), 12, '0'), 4, 3) as relief_event,
    f.latest_conviction_event,
    v.case_number,
    v.case_number_source,
    v.case_key
from core.conviction as v
inner join core.person as p on v.person_no = p.person_no
inner join facts.person as f on v.person_no = f.person_no
inner join core.offense as o on v.offense_no = o.offense_no
left join core.offense as c on v.convicted_offense_no = c.offense_no
left join arrested as a on v.conviction_id = a.conviction_id
left join served as s on v.conviction_id = s.conviction_id
