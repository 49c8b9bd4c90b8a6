-- One row: the eligibility suite's numbers: what was decided, and requested counties where there was nothing to decide.
with determined as (
    select
        count(*) as n_determinations,
        count(*) filter (where outcome = 'ELIGIBLE') as n_eligible,
        count(*) filter (where outcome = 'NOT_YET') as n_not_yet,
        count(*) filter (where outcome = 'REVIEW') as n_review,
        count(*) filter (where outcome = 'INELIGIBLE') as n_ineligible,
        count(*) filter (where outcome = 'ALREADY_RELIEVED') as n_already_relieved
    from eligibility.determination
),

requested as (
    select count(*) as n_without_candidates
    from law.county
    where
        list_contains(cast($requested_counties as varchar[]), name)
        and name not in (
            select county from eligibility.determination
            where county is not null and remedy = 'prop64'
        )
)

select
    cast(d.n_determinations as bigint) as n_determinations,
    cast(d.n_eligible as bigint) as n_eligible,
    cast(d.n_not_yet as bigint) as n_not_yet,
    cast(d.n_review as bigint) as n_review,
    cast(d.n_ineligible as bigint) as n_ineligible,
    cast(d.n_already_relieved as bigint) as n_already_relieved,
    cast(r.n_without_candidates as bigint) as n_requested_counties_without_candidates
from determined as d
cross join requested as r
