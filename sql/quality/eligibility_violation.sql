-- One row per conviction that breaks a law of the determinations; none if all is well. A candidate is a conviction that
-- is surely in the scope, from the day on which the remedy is in force.
with candidate as (
    select *
    from facts.conviction
    where in_prop64_scope and $as_of >= $prop64_effective
),

determined as (
    select *
    from eligibility.determination
    where candidate_kind = 'conviction' and remedy = 'prop64'
),

told as (
    select
        d.*,
        f.delivery_no,
        f.record_no,
        f.after_as_of,
        f.conviction_id,
        coalesce(f.person_no <> d.person_no or f.county is distinct from d.county, true) as is_of_another
    from eligibility.determination as d
    left join facts.conviction as f on d.candidate_id = f.conviction_id
)

select
    'eligibility.every_conviction_has_its_facts' as expectation,
    coalesce(v.delivery_no, f.delivery_no) as delivery_no,
    coalesce(v.record_no, f.record_no) as record_no,
    coalesce(v.person_no, f.person_no) as person_no,
    coalesce(v.conviction_id, f.conviction_id) as conviction_id
from core.conviction as v
full join facts.conviction as f on v.conviction_id = f.conviction_id
where v.conviction_id is null or f.conviction_id is null
union all
select
    'eligibility.every_candidate_is_determined' as expectation,
    c.delivery_no,
    c.record_no,
    c.person_no,
    c.conviction_id
from candidate as c
left join determined as d on c.conviction_id = d.candidate_id
where d.candidate_id is null
union all
select
    'eligibility.only_candidates_are_determined' as expectation,
    f.delivery_no,
    f.record_no,
    d.person_no,
    d.candidate_id as conviction_id
from determined as d
left join candidate as c on d.candidate_id = c.conviction_id
left join facts.conviction as f on d.candidate_id = f.conviction_id
where c.conviction_id is null
union all
select
    'eligibility.determination_agrees_with_its_facts' as expectation,
    delivery_no,
    record_no,
    person_no,
    candidate_id as conviction_id
from told
where is_of_another
union all
select
    'eligibility.relief_agrees_with_outcome' as expectation,
    delivery_no,
    record_no,
    person_no,
    candidate_id as conviction_id
from told
where
    coalesce(outcome not in ('ELIGIBLE', 'NOT_YET', 'REVIEW', 'INELIGIBLE', 'ALREADY_RELIEVED'), true)
    or coalesce(relief not in ('NONE', 'REDESIGNATE_MISD', 'REDESIGNATE_INFR', 'DISMISS_SEAL'), true)
    or (outcome = 'ELIGIBLE') = (relief = 'NONE')
union all
select
    'eligibility.every_determination_says_why' as expectation,
    delivery_no,
    record_no,
    person_no,
    candidate_id as conviction_id
from told
where rule is null or reason is null or citation is null or legal_basis is null
union all
select
    'eligibility.determinations_are_of_this_run' as expectation,
    delivery_no,
    record_no,
    person_no,
    candidate_id as conviction_id
from told
where coalesce(as_of <> $as_of or rule_set <> $rule_set, true)
union all
select
    'eligibility.nothing_after_as_of_is_relieved' as expectation,
    delivery_no,
    record_no,
    person_no,
    candidate_id as conviction_id
from told
where outcome = 'ELIGIBLE' and after_as_of
