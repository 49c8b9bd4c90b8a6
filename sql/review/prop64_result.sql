-- One row per candidate with the cells that the predecessor appended to it (reference: gogen 0.2.13), as text; '' where
-- nothing is known. The case numbers are all those that court actions of the same cycle and step bear: right for a
-- reviewer who looks the case up, never for a court file.
with candidate_step as (
    select distinct
        v.person_no,
        v.cycle_no,
        v.step_no
    from eligibility.determination as d
    inner join core.conviction as v on d.candidate_id = v.conviction_id
    where d.remedy = 'prop64'
),

step_number as (
    select
        e.person_no,
        e.cycle_no,
        e.step_no,
        e.ofn,
        min(e.cnt_order) as first_order
    from core.entry as e
    inner join candidate_step as s
        on e.person_no = s.person_no and e.cycle_no = s.cycle_no and e.step_no = s.step_no
    where e.step_type = 'court_action' and e.ofn is not null and e.cnt_order is not null
    group by e.person_no, e.cycle_no, e.step_no, e.ofn
),

step_numbers as (
    select
        person_no,
        cycle_no,
        step_no,
        string_agg(ofn, '; ' order by first_order, ofn) as case_numbers
    from step_number
    group by person_no, cycle_no, step_no
)

select
    v.delivery_no,
    v.record_no,
    d.person_no,
    d.county,
    d.candidate_id as conviction_id,
    coalesce(n.case_numbers, '') as case_numbers,
    cast(f.n_convictions as varchar) as n_convictions,
    case
        when c.conviction_date_least >= $prop64_effective then 'Y'
        when c.conviction_date_most < $prop64_effective then 'N'
        else ''
    end as is_after_effective_day,
    coalesce(f.superstrike_sections, '-') as superstrike_sections,
    coalesce(f.pc290_sections, '-') as pc290_sections,
    case when f.has_registration then 'Yes' else '-' end as pc290_registration,
    coalesce(strftime(c.conviction_date, '%m/%d/%Y'), '') as conviction_day,
    coalesce(printf('%.1f', (d.as_of - c.conviction_date) / 365.25), '') as years_since_this,
    coalesce(printf('%.1f', (d.as_of - f.latest_known_conviction_date) / 365.25), '') as years_since_any,
    cast(f.n_prop64_convictions as varchar) as n_prop64,
    cast(f.n_prop64_section_1 as varchar) as n_prop64_section_1,
    cast(f.n_prop64_section_2 as varchar) as n_prop64_section_2,
    cast(f.n_prop64_section_3 as varchar) as n_prop64_section_3,
    cast(f.n_prop64_section_4 as varchar) as n_prop64_section_4,
    case when f.is_deceased then 'Deceased' when not f.is_deceased then '-' else '' end as deceased,
    coalesce(own.printed, t.printed, '') as determination,
    case
        -- What a policy leaves blank gives no reason either.
        when coalesce(own.printed, t.printed, '') = '' then ''
        when d.missing_facts is not null then 'Missing: ' || d.missing_facts
        else d.reason
    end as reason
from eligibility.determination as d
inner join facts.conviction as c on d.candidate_id = c.conviction_id
inner join facts.person as f on d.person_no = f.person_no
inner join core.conviction as v on d.candidate_id = v.conviction_id
left join law.determination_text as t
    on
        d.policy = t.policy
        and t.rule is null
        and d.outcome = t.outcome
        and (d.outcome <> 'ELIGIBLE' or d.relief = t.relief)
-- A rule's own text is for what the rule decides, not for what is open because the rule can't be told.
left join law.determination_text as own
    on d.policy = own.policy and d.rule = own.rule and d.outcome = own.outcome and d.missing_facts is null
left join step_numbers as n
    on d.person_no = n.person_no and v.cycle_no = n.cycle_no and v.step_no = n.step_no
where d.remedy = 'prop64'
