-- One row per CII of a delivery: how many subjects bear it. A CII on several subjects joins nobody and is reported.
select
    delivery_no,
    cii,
    cast(count(distinct subject_id) as bigint) as n_subjects,
    case when count(distinct subject_id) = 1 then min(subject_id) end as only_subject_id,
    cast(count(*) filter (where subject_id is null) as bigint) as n_without_subject
from staging.record
where cii is not null
group by delivery_no, cii
