-- One row per remedy, county (and the whole state), outcome, relief and outcome if an awaited input were clear:
-- candidates and the people they are of, each beside the number it is a part of. People add up neither over outcomes
-- nor over counties.
with decided as (
    select
        remedy,
        candidate_kind,
        coalesce(county, 'UNKNOWN') as county,
        outcome,
        relief,
        outcome_if_clear,
        person_no
    from eligibility.determination
),

placed as (
    select *
    from decided
    union all
    select
        remedy,
        candidate_kind,
        'STATEWIDE' as county,
        outcome,
        relief,
        outcome_if_clear,
        person_no
    from decided
),

total as (
    select
        remedy,
        county,
        count(*) as n_candidates,
        count(distinct person_no) as n_persons
    from placed
    group by remedy, county
),

counted as (
    select
        remedy,
        candidate_kind,
        county,
        outcome,
        relief,
        outcome_if_clear,
        count(*) as n_candidates,
        count(distinct person_no) as n_persons
    from placed
    group by remedy, candidate_kind, county, outcome, relief, outcome_if_clear
)

select
    c.remedy,
    c.candidate_kind,
    c.county,
    c.outcome,
    c.relief,
    c.outcome_if_clear,
    cast(c.n_candidates as bigint) as n_candidates,
    cast(t.n_candidates as bigint) as n_candidates_in_all,
    cast(c.n_persons as bigint) as n_persons,
    cast(t.n_persons as bigint) as n_persons_in_all
from counted as c
inner join total as t on c.remedy = t.remedy and c.county = t.county
