-- One row per conviction that automatic relief will reach within $upcoming_days after the as-of date if nothing else
-- happens, whether time alone stands in its way or an input file is awaited as well. A prosecutor's petition to
-- prohibit it comes no later than $petition_days before.
select
    v.delivery_no,
    v.record_no,
    d.person_no,
    d.county,
    d.candidate_id as conviction_id,
    v.cnt_order,
    v.case_number,
    f.statute_code,
    f.section,
    f.subdivision,
    f.conviction_date,
    d.eligible_on,
    cast(d.eligible_on - $petition_days * interval '1' day as date) as petition_by,
    d.outcome,
    d.outcome_if_clear,
    d.missing_facts,
    d.rule,
    d.reason,
    d.citation
from eligibility.determination as d
inner join facts.conviction as f on d.candidate_id = f.conviction_id
inner join core.conviction as v on d.candidate_id = v.conviction_id
where
    d.remedy = 'conviction_relief'
    and d.eligible_on > $as_of
    and d.eligible_on <= cast($as_of + $upcoming_days * interval '1' day as date)
