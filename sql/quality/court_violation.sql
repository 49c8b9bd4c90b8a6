-- One row per conviction that breaks a law of the court's actions; none if all is well.
with determined as (
    select d.*
    from eligibility.determination as d
    inner join law.program as g on d.remedy = g.remedy
),

eligible as (
    select *
    from determined
    where outcome = 'ELIGIBLE'
),

told_apart as (
    select
        *,
        row_number() over (
            partition by action_key
            order by conviction_id
        ) as nth_of_key
    from review.worklist
),

numbered as (
    select
        *,
        row_number() over (
            partition by remedy, package_county
            order by line_no, action_key
        ) as nth_line
    from court.action
    where package_county is not null
),

asked_twice as (
    select
        remedy,
        conviction_id
    from court.action
    group by remedy, conviction_id
    having count(*) > 1
)

select
    'court.every_eligible_is_an_action' as expectation,
    v.delivery_no,
    v.record_no,
    e.person_no,
    e.candidate_id as conviction_id
from eligible as e
left join core.conviction as v on e.candidate_id = v.conviction_id
left join court.action as a on e.remedy = a.remedy and e.candidate_id = a.conviction_id
where a.conviction_id is null
union all
select
    'court.only_eligible_are_actions' as expectation,
    a.delivery_no,
    a.record_no,
    a.person_no,
    a.conviction_id
from court.action as a
left join eligible as e on a.remedy = e.remedy and a.conviction_id = e.candidate_id
where e.candidate_id is null
union all
select
    'court.conviction_is_asked_for_once' as expectation,
    a.delivery_no,
    a.record_no,
    a.person_no,
    a.conviction_id
from court.action as a
inner join asked_twice as t on a.remedy = t.remedy and a.conviction_id = t.conviction_id
union all
select
    'court.every_action_is_packed_or_withheld' as expectation,
    delivery_no,
    record_no,
    person_no,
    conviction_id
from court.action
where
    (package_county is null) = (withheld_reason is null)
    or (package_county is null) <> (line_no is null)
union all
select
    'court.line_stands_in_its_own_county' as expectation,
    a.delivery_no,
    a.record_no,
    a.person_no,
    a.conviction_id
from numbered as a
left join core.conviction as v on a.conviction_id = v.conviction_id
left join law.county as n on v.county = n.name
where coalesce(a.package_county <> v.county or a.court_code <> n.doj_code, true)
union all
select
    'court.lines_run_without_gap' as expectation,
    delivery_no,
    record_no,
    person_no,
    conviction_id
from numbered
where coalesce(line_no <> nth_line, true)
union all
select
    'court.every_line_can_be_posted' as expectation,
    delivery_no,
    record_no,
    person_no,
    conviction_id
from numbered
where
    case_number is null
    or case_number_sort is null
    or count_no is null
    or statute_section is null
    or coalesce(action_code = 'NONE', true)
    or subject_ref is null
union all
select
    'court.late_data_is_withheld' as expectation,
    delivery_no,
    record_no,
    person_no,
    conviction_id
from numbered
where not $is_data_current
union all
select
    'court.every_line_is_in_one_case' as expectation,
    a.delivery_no,
    a.record_no,
    a.person_no,
    a.conviction_id
from numbered as a
left join court.case_summary as c
    on
        a.remedy = c.remedy
        and a.package_county = c.county
        and a.case_number_sort = c.case_number_sort
        and a.person_no = c.person_no
where c.case_no is null
union all
select
    'court.every_determination_is_on_the_worklist' as expectation,
    v.delivery_no,
    v.record_no,
    d.person_no,
    d.candidate_id as conviction_id
from determined as d
left join core.conviction as v on d.candidate_id = v.conviction_id
left join review.worklist as w
    on
        d.remedy = w.remedy
        and d.candidate_id = w.conviction_id
        and d.outcome = w.outcome
        and d.relief = w.relief
        and d.rule = w.rule
        and d.county is not distinct from w.county
where w.conviction_id is null
union all
select
    'court.only_determinations_are_on_the_worklist' as expectation,
    w.delivery_no,
    w.record_no,
    w.person_no,
    w.conviction_id
from review.worklist as w
left join determined as d on w.remedy = d.remedy and w.conviction_id = d.candidate_id
where d.candidate_id is null
union all
select
    'court.every_key_is_sound' as expectation,
    delivery_no,
    record_no,
    person_no,
    conviction_id
from told_apart
where nth_of_key > 1 or not (is_lettered(action_key, 20) and is_lettered(version, 10))
union all
select
    'court.every_action_is_its_line_of_the_worklist' as expectation,
    a.delivery_no,
    a.record_no,
    a.person_no,
    a.conviction_id
from court.action as a
left join review.worklist as w
    on
        a.action_key = w.action_key
        and a.version = w.version
        and a.conviction_id = w.conviction_id
        and a.action_code = w.action_code
        and a.withheld_reason is not distinct from w.withheld_reason
where w.conviction_id is null
union all
select
    'court.every_listed_person_is_a_subject' as expectation,
    w.delivery_no,
    w.record_no,
    w.person_no,
    w.conviction_id
from review.worklist as w
left join court.subject as s on w.person_no = s.person_no
where s.person_no is null
