-- One row per record that breaks a law of staging; none if all is well.
select
    'staging.every_loaded_record_is_staged' as expectation,
    coalesce(r.delivery_no, s.delivery_no) as delivery_no,
    coalesce(r.record_no, s.record_no) as record_no,
    cast(null as integer) as person_no,
    cast(null as varchar) as conviction_id
from raw.record as r
full join staging.record as s on r.delivery_no = s.delivery_no and r.record_no = s.record_no
where r.record_no is null or s.record_no is null
union all
select
    'staging.every_record_has_a_subject' as expectation,
    delivery_no,
    record_no,
    cast(null as integer) as person_no,
    cast(null as varchar) as conviction_id
from staging.record
where subject_id is null and cii is null
