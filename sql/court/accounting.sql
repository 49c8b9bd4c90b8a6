-- One row per remedy that courts are sent packages for, county, outcome and what became of it: every candidate counted
-- once (law 1). The manifests add up from here.
select
    d.remedy,
    coalesce(d.county, 'UNKNOWN') as county,
    d.outcome,
    case
        when a.package_county is not null then 'in_package'
        when a.withheld_reason is not null then a.withheld_reason
        when d.outcome = 'ELIGIBLE' then 'missing'
        else 'no_action'
    end as disposal,
    cast(count(*) as bigint) as n
from eligibility.determination as d
inner join law.program as g on d.remedy = g.remedy
left join court.action as a on d.remedy = a.remedy and d.candidate_id = a.conviction_id
group by
    d.remedy,
    coalesce(d.county, 'UNKNOWN'),
    d.outcome,
    case
        when a.package_county is not null then 'in_package'
        when a.withheld_reason is not null then a.withheld_reason
        when d.outcome = 'ELIGIBLE' then 'missing'
        else 'no_action'
    end
