-- One row: the distinct records that this run rests on, and a fingerprint of them that depends neither on their order
-- nor on how they were split over files or delivered twice.
with entry_fact as (
    select
        count(*) as n_records_used,
        bit_xor(record_hash) as all_xor,
        sum(cast(record_hash as hugeint)) as all_sum
    from core.entry
),

conviction_record as (
    select count(*) as n_records_of_convictions
    from core.entry
    where charge_no in (select charge_no from core.conviction)
),

quarantine_fact as (
    select count(distinct text) as n_records_quarantined
    from raw.quarantine
),

person_fact as (
    select count(*) as n_persons
    from core.person
),

conviction_fact as (
    select count(*) as n_convictions
    from core.conviction
)

select
    cast(e.n_records_used as bigint) as n_records_used,
    cast(r.n_records_of_convictions as bigint) as n_records_of_convictions,
    cast(q.n_records_quarantined as bigint) as n_records_quarantined,
    cast(p.n_persons as bigint) as n_persons,
    cast(c.n_convictions as bigint) as n_convictions,
    sha256(concat_ws(
        '|',
        cast(e.n_records_used as varchar),
        cast(e.all_xor as varchar),
        cast(e.all_sum as varchar)
    )) as records_fingerprint
from entry_fact as e
cross join conviction_record as r
cross join quarantine_fact as q
cross join person_fact as p
cross join conviction_fact as c
