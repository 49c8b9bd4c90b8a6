-- One row per loaded record: whose it is and whether it is used. Loaded = used + duplicate + superseded (law 1).
-- Copies share their identifiers and the hash of all they say.
with first_copy as (
    select
        delivery_no,
        subject_id,
        cii,
        record_hash,
        min(record_no) as record_no
    from staging.record
    group by delivery_no, subject_id, cii, record_hash
)

select
    r.delivery_no,
    r.record_no,
    p.person_no,
    case
        when f.record_no is null then 'duplicate'
        when p.person_no is null then 'superseded'
        else 'used'
    end as use
from staging.record as r
left join first_copy as f on r.delivery_no = f.delivery_no and r.record_no = f.record_no
left join core.cii as o on r.subject_id is null and r.delivery_no = o.delivery_no and r.cii = o.cii
left join core.person as p
    on
        r.delivery_no = p.delivery_no
        and coalesce('S' || coalesce(r.subject_id, o.only_subject_id), 'C' || r.cii) = p.subject_key
