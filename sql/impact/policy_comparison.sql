-- One row per policy, remedy, split and part: what the policy gives against the first one, in candidates and in people,
-- each with the number that it is a part of. A person counts in a part for the candidates that fall into it.
with policy as (
    select distinct
        policy_no,
        policy
    from impact.policy_determination
),

candidate as (
    select distinct
        remedy,
        candidate_kind,
        candidate_id,
        person_no,
        county
    from impact.policy_determination
),

-- A policy may name its own candidates: what is none of them gets nothing from it.
decided as (
    select
        p.policy_no,
        p.policy,
        c.remedy,
        c.candidate_id,
        c.person_no,
        c.county,
        coalesce(d.rule, 'not_a_candidate') as rule,
        coalesce(d.outcome = 'REVIEW', false) as is_review,
        coalesce(d.is_eligible_if_clear, false) as is_if_clear,
        coalesce(b.is_eligible_if_clear, false) as is_if_clear_base,
        coalesce(d.relief_rank, 0) as relief_rank,
        coalesce(b.relief_rank, 0) as base_rank
    from candidate as c
    cross join policy as p
    left join impact.policy_determination as d
        on
            p.policy_no = d.policy_no
            and c.remedy = d.remedy
            and c.candidate_kind = d.candidate_kind
            and c.candidate_id = d.candidate_id
    left join impact.policy_determination as b
        on
            b.policy_no = 1
            and c.remedy = b.remedy
            and c.candidate_kind = b.candidate_kind
            and c.candidate_id = b.candidate_id
),

person as (
    select
        p.person_no,
        -- DOJ has a word of its own for it. What no list knows may be a name in the wrong column.
        coalesce(case when not r.is_unknown then r.race end, 'unknown') as race,
        coalesce(case when not g.is_unknown then g.gender end, 'unknown') as sex,
        case
            when p.birth_date is null then 'unknown'
            when anniversary(p.birth_date, 25, 'Y') > $as_of then 'under 25'
            when anniversary(p.birth_date, 35, 'Y') > $as_of then '25 to 34'
            when anniversary(p.birth_date, 45, 'Y') > $as_of then '35 to 44'
            when anniversary(p.birth_date, 55, 'Y') > $as_of then '45 to 54'
            when anniversary(p.birth_date, 65, 'Y') > $as_of then '55 to 64'
            else '65 and over'
        end as age
    from core.person as p
    left join law.race as r on p.race = r.race
    left join law.gender as g on p.gender = g.gender
),

placed as (
    select
        d.policy_no,
        d.policy,
        d.remedy,
        d.person_no,
        d.is_review,
        d.is_if_clear,
        d.is_if_clear_base,
        d.relief_rank,
        d.base_rank,
        s.split,
        s.part
    from decided as d
    inner join person as p on d.person_no = p.person_no
    cross join
        lateral (
            values
            ('all', ''),
            ('rule', d.rule),
            ('county', coalesce(d.county, 'unknown')),
            ('race', p.race),
            ('sex', p.sex),
            ('age', p.age)
        ) as s (split, part)
),

per_person as (
    select
        policy_no,
        policy,
        remedy,
        split,
        part,
        person_no,
        count(*) as n_candidates,
        count(*) filter (where is_review) as n_review,
        count(*) filter (where relief_rank > 0) as n_eligible,
        count(*) filter (where base_rank > 0) as n_eligible_base,
        count(*) filter (where relief_rank > 0 and base_rank = 0) as n_gained,
        count(*) filter (where relief_rank = 0 and base_rank > 0) as n_lost,
        count(*) filter (where is_if_clear) as n_if_clear,
        count(*) filter (where is_if_clear_base) as n_if_clear_base,
        count(*) filter (where base_rank > 0 and relief_rank > base_rank) as n_raised,
        count(*) filter (where relief_rank > 0 and relief_rank < base_rank) as n_lowered
    from placed
    group by policy_no, policy, remedy, split, part, person_no
)

select
    policy_no,
    policy,
    remedy,
    split,
    part,
    cast(sum(n_candidates) as bigint) as n_candidates,
    cast(sum(n_review) as bigint) as n_review,
    cast(sum(n_eligible) as bigint) as n_eligible,
    cast(sum(n_eligible_base) as bigint) as n_eligible_base,
    cast(sum(n_gained) as bigint) as n_gained,
    cast(sum(n_lost) as bigint) as n_lost,
    cast(sum(n_raised) as bigint) as n_raised,
    cast(sum(n_lowered) as bigint) as n_lowered,
    cast(sum(n_if_clear) as bigint) as n_if_clear,
    cast(sum(n_if_clear_base) as bigint) as n_if_clear_base,
    cast(count(*) as bigint) as n_people,
    cast(count(*) filter (where n_eligible > 0) as bigint) as n_people_eligible,
    cast(count(*) filter (where n_eligible_base > 0) as bigint) as n_people_eligible_base,
    cast(count(*) filter (where n_eligible > 0 and n_eligible_base = 0) as bigint) as n_people_gained,
    cast(count(*) filter (where n_eligible = 0 and n_eligible_base > 0) as bigint) as n_people_lost,
    $as_of as as_of
from per_person
group by policy_no, policy, remedy, split, part
