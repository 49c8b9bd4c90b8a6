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

told as (
    select
        d.candidate_kind,
        d.candidate_id,
        d.person_no,
        f.delivery_no,
        f.record_no,
        coalesce(f.person_no <> d.person_no or f.county is distinct from d.county, true) as is_of_another,
        coalesce(d.outcome not in ('ELIGIBLE', 'NOT_YET', 'REVIEW', 'INELIGIBLE', 'ALREADY_RELIEVED'), true)
        or coalesce(
            d.relief not in ('NONE', 'REDESIGNATE_MISD', 'REDESIGNATE_INFR', 'DISMISS_SEAL', 'RELIEF_GRANTED'), true
        )
        or (d.outcome = 'ELIGIBLE') = (d.relief = 'NONE')
        or (d.outcome_if_clear is not null and d.outcome <> 'REVIEW') as is_contradictory,
        d.rule is null or d.reason is null or d.citation is null or d.legal_basis is null as is_unexplained,
        coalesce(d.as_of <> $as_of or d.rule_set <> $rule_set, true) as is_of_another_run,
        d.outcome = 'ELIGIBLE' and f.after_as_of as is_relieved_too_early
    from eligibility.determination as d
    left join fact as f on d.candidate_kind = f.candidate_kind and d.candidate_id = f.candidate_id
),

-- Few or none, so that what is told of them is looked at once for each law.
faulty as (
    select *
    from told
    where is_of_another or is_contradictory or is_unexplained or is_of_another_run or is_relieved_too_early
),

unpaired as (
    select
        c.candidate_id is not null as is_candidate,
        coalesce(c.candidate_kind, d.candidate_kind) as candidate_kind,
        coalesce(c.candidate_id, d.candidate_id) as candidate_id,
        d.person_no
    from eligibility.candidate as c
    full join eligibility.determination as d
        on c.candidate_kind = d.candidate_kind and c.candidate_id = d.candidate_id and c.remedy = d.remedy
    where c.candidate_id is null or d.candidate_id is null
),

broken as (
    select
        'eligibility.every_conviction_has_its_facts' as expectation,
        coalesce(v.delivery_no, f.delivery_no) as delivery_no,
        coalesce(v.record_no, f.record_no) as record_no,
        coalesce(v.person_no, f.person_no) as person_no,
        'conviction' as candidate_kind,
        coalesce(v.conviction_id, f.conviction_id) as candidate_id
    from core.conviction as v
    full join facts.conviction as f on v.conviction_id = f.conviction_id
    where v.conviction_id is null or f.conviction_id is null
    union all
    select
        'eligibility.every_arrest_has_its_facts' as expectation,
        coalesce(a.delivery_no, f.delivery_no) as delivery_no,
        coalesce(a.record_no, f.record_no) as record_no,
        coalesce(a.person_no, f.person_no) as person_no,
        'arrest' as candidate_kind,
        coalesce(a.arrest_id, f.arrest_id) as candidate_id
    from core.arrest as a
    full join facts.arrest as f on a.arrest_id = f.arrest_id
    where a.arrest_id is null or f.arrest_id is null
    union all
    select
        case
            when u.is_candidate then 'eligibility.every_candidate_is_determined'
            else 'eligibility.only_candidates_are_determined'
        end as expectation,
        f.delivery_no,
        f.record_no,
        case when u.is_candidate then f.person_no else u.person_no end as person_no,
        u.candidate_kind,
        u.candidate_id
    from unpaired as u
    left join fact as f on u.candidate_kind = f.candidate_kind and u.candidate_id = f.candidate_id
    union all
    select
        'eligibility.determination_agrees_with_its_facts' as expectation,
        delivery_no,
        record_no,
        person_no,
        candidate_kind,
        candidate_id
    from faulty
    where is_of_another
    union all
    select
        'eligibility.relief_agrees_with_outcome' as expectation,
        delivery_no,
        record_no,
        person_no,
        candidate_kind,
        candidate_id
    from faulty
    where is_contradictory
    union all
    select
        'eligibility.every_determination_says_why' as expectation,
        delivery_no,
        record_no,
        person_no,
        candidate_kind,
        candidate_id
    from faulty
    where is_unexplained
    union all
    select
        'eligibility.determinations_are_of_this_run' as expectation,
        delivery_no,
        record_no,
        person_no,
        candidate_kind,
        candidate_id
    from faulty
    where is_of_another_run
    union all
    select
        'eligibility.nothing_after_as_of_is_relieved' as expectation,
        delivery_no,
        record_no,
        person_no,
        candidate_kind,
        candidate_id
    from faulty
    where is_relieved_too_early
)

select
    expectation,
    delivery_no,
    record_no,
    person_no,
    case when candidate_kind = 'conviction' then candidate_id end as conviction_id
from broken
