-- One row per conviction or arrest that breaks a law of the determinations; none if all is well. Candidates are listed
-- apart from the determinations, by the rules' own predicate (eligibility.candidate).
with fact as (
    select
        'conviction' as candidate_kind,
        conviction_id as candidate_id,
        delivery_no,
        record_no,
        person_no,
        county,
        after_as_of
    from facts.conviction
    union all
    select
        'arrest' as candidate_kind,
        arrest_id as candidate_id,
        delivery_no,
        record_no,
        person_no,
        county,
        after_as_of
    from facts.arrest
),

resolved as (
    select
        'conviction' as candidate_kind,
        conviction_id as candidate_id,
        delivery_no,
        record_no,
        person_no
    from core.conviction
    union all
    select
        'arrest' as candidate_kind,
        arrest_id as candidate_id,
        delivery_no,
        record_no,
        person_no
    from core.arrest
),

told as (
    select
        d.*,
        f.delivery_no,
        f.record_no,
        f.after_as_of,
        coalesce(f.person_no <> d.person_no or f.county is distinct from d.county, true) as is_of_another
    from eligibility.determination as d
    left join fact as f on d.candidate_kind = f.candidate_kind and d.candidate_id = f.candidate_id
),

broken as (
    select
        concat('eligibility.every_', coalesce(r.candidate_kind, f.candidate_kind), '_has_its_facts') as expectation,
        coalesce(r.delivery_no, f.delivery_no) as delivery_no,
        coalesce(r.record_no, f.record_no) as record_no,
        coalesce(r.person_no, f.person_no) as person_no,
        coalesce(r.candidate_kind, f.candidate_kind) as candidate_kind,
        coalesce(r.candidate_id, f.candidate_id) as candidate_id
    from resolved as r
    full join fact as f on r.candidate_kind = f.candidate_kind and r.candidate_id = f.candidate_id
    where r.candidate_id is null or f.candidate_id is null
    union all
    select
        'eligibility.every_candidate_is_determined' as expectation,
        f.delivery_no,
        f.record_no,
        f.person_no,
        c.candidate_kind,
        c.candidate_id
    from eligibility.candidate as c
    left join fact as f on c.candidate_kind = f.candidate_kind and c.candidate_id = f.candidate_id
    left join eligibility.determination as d
        on c.candidate_kind = d.candidate_kind and c.candidate_id = d.candidate_id and c.remedy = d.remedy
    where d.candidate_id is null
    union all
    select
        'eligibility.only_candidates_are_determined' as expectation,
        d.delivery_no,
        d.record_no,
        d.person_no,
        d.candidate_kind,
        d.candidate_id
    from told as d
    left join eligibility.candidate as c
        on d.candidate_kind = c.candidate_kind and d.candidate_id = c.candidate_id and d.remedy = c.remedy
    where c.candidate_id is null
    union all
    select
        'eligibility.determination_agrees_with_its_facts' as expectation,
        delivery_no,
        record_no,
        person_no,
        candidate_kind,
        candidate_id
    from told
    where is_of_another
    union all
    select
        'eligibility.relief_agrees_with_outcome' as expectation,
        delivery_no,
        record_no,
        person_no,
        candidate_kind,
        candidate_id
    from told
    where
        coalesce(outcome not in ('ELIGIBLE', 'NOT_YET', 'REVIEW', 'INELIGIBLE', 'ALREADY_RELIEVED'), true)
        or coalesce(
            relief not in ('NONE', 'REDESIGNATE_MISD', 'REDESIGNATE_INFR', 'DISMISS_SEAL', 'RELIEF_GRANTED'), true
        )
        or (outcome = 'ELIGIBLE') = (relief = 'NONE')
        or (outcome_if_clear is not null and outcome <> 'REVIEW')
    union all
    select
        'eligibility.every_determination_says_why' as expectation,
        delivery_no,
        record_no,
        person_no,
        candidate_kind,
        candidate_id
    from told
    where rule is null or reason is null or citation is null or legal_basis is null
    union all
    select
        'eligibility.determinations_are_of_this_run' as expectation,
        delivery_no,
        record_no,
        person_no,
        candidate_kind,
        candidate_id
    from told
    where coalesce(as_of <> $as_of or rule_set <> $rule_set, true)
    union all
    select
        'eligibility.nothing_after_as_of_is_relieved' as expectation,
        delivery_no,
        record_no,
        person_no,
        candidate_kind,
        candidate_id
    from told
    where outcome = 'ELIGIBLE' and after_as_of
)

select
    expectation,
    delivery_no,
    record_no,
    person_no,
    case when candidate_kind = 'conviction' then candidate_id end as conviction_id
from broken
