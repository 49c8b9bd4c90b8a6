-- One row per conviction that breaks a law of the court's actions; none if all is well.
with eligible as (
    select *
    from eligibility.determination
    where outcome = 'ELIGIBLE' and remedy = 'prop64'
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
    or action_code is null
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
