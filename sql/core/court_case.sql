-- One row per court case of a person: its number as one key per county, and what is left open in it.
select
    c.county,
    c.case_key,
    c.person_no,
    min(c.case_number) as case_number,
    cast(count(*) as bigint) as n_counts,
    cast(count(*) filter (where c.is_convicted) as bigint) as n_convicted,
    cast(count(*) filter (where c.is_disposition_unknown) as bigint) as n_undisposed
from core.court_count as c
where c.county is not null and c.case_key is not null
group by c.county, c.case_key, c.person_no
