-- One row: the court suite's numbers: actions, lines and cases, and whether every candidate is accounted for.
with action_fact as (
    select
        count(*) as n_actions,
        count(package_county) as n_lines,
        count(withheld_reason) as n_withheld,
        count(distinct case when package_county is not null then concat(remedy, ' ', package_county) end) as n_packages
    from court.action
),

case_fact as (
    select
        count(*) as n_cases,
        coalesce(sum(n_in_batch), 0) as n_lines_in_cases
    from court.case_summary
),

account_fact as (
    select coalesce(sum(n), 0) as n_accounted
    from court.accounting
),

determination_fact as (
    select count(*) as n_candidates
    from eligibility.determination as d
    inner join law.program as g on d.remedy = g.remedy
),

file_fact as (
    select coalesce(max(illegible_share), 0) as worst_file_illegible_share
    from quality.landing_file_metric
)

select
    cast(d.n_candidates as bigint) as n_candidates,
    cast(a.n_actions as bigint) as n_actions,
    cast(a.n_lines as bigint) as n_lines,
    cast(a.n_withheld as bigint) as n_withheld,
    cast(a.n_packages as bigint) as n_packages,
    cast(c.n_cases as bigint) as n_cases,
    cast(abs(d.n_candidates - t.n_accounted) as bigint) as n_candidates_unaccounted,
    cast(abs(a.n_lines - c.n_lines_in_cases) as bigint) as n_lines_missing_from_cases,
    cast(f.worst_file_illegible_share as double) as worst_file_illegible_share,
    cast(case when a.n_lines > 0 then f.worst_file_illegible_share else 0 end as double) as illegible_share_behind_lines
from action_fact as a
cross join case_fact as c
cross join account_fact as t
cross join determination_fact as d
cross join file_fact as f
