-- One row per loaded record: whose it is and whether it is used. Loaded = used + duplicate + superseded (law 1).
-- Copies share their identifiers and the hash of all they say. Few records share a hash, and only those are compared.
with repeated as (
    select
        delivery_no,
        record_hash
    from staging.record
    group by delivery_no, record_hash
    having count(*) > 1
),

copy as (
    select
        r.delivery_no,
        r.record_no,
        row_number() over (
            partition by r.delivery_no, r.subject_id, r.cii, r.record_hash
            order by r.record_no
        ) as nth_copy
    from staging.record as r
    inner join repeated as h on r.delivery_no = h.delivery_no and r.record_hash = h.record_hash
),

duplicate as (
    select
        delivery_no,
        record_no
    from copy
    where nth_copy > 1
)

select
    r.delivery_no,
    r.record_no,
    p.person_no,
    case
        when d.record_no is not null then 'duplicate'
        when p.person_no is null then 'superseded'
        else 'used'
    end as use
from staging.record as r
left join duplicate as d on r.delivery_no = d.delivery_no and r.record_no = d.record_no
left join core.cii as o on r.subject_id is null and r.delivery_no = o.delivery_no and r.cii = o.cii
left join core.person as p
    on
        r.delivery_no = p.delivery_no
        and coalesce('S' || coalesce(r.subject_id, o.only_subject_id), 'C' || r.cii) = p.subject_key
