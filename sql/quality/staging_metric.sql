-- One row: the staging suite's numbers: how much of what the records state could be read.
with record_fact as (
    select count(*) as n_records
    from staging.record
),

step_fact as (
    select
        count(*) filter (where step_type is null) as n_texts_unlisted,
        coalesce(sum(n_records) filter (where step_type is null), 0) as n_records_unlisted
    from staging.step_text
),

disposition_fact as (
    select
        count(*) filter (where disposition_class is null) as n_texts_unmapped,
        coalesce(sum(n_records) filter (where disposition_class is null), 0) as n_records_unmapped
    from staging.disposition_text
),

offense_fact as (
    select
        count(*) filter (where not is_parsed and problem <> 'blank') as n_texts_unreadable,
        coalesce(sum(n_records) filter (where not is_parsed and problem <> 'blank'), 0) as n_records_unreadable,
        coalesce(sum(n_records), 0) as n_records_told
    from core.offense
)

select
    cast(r.n_records as bigint) as n_records,
    cast(t.n_texts_unlisted as bigint) as n_step_texts_unlisted,
    cast(d.n_texts_unmapped as bigint) as n_disposition_texts_unmapped,
    cast(o.n_texts_unreadable as bigint) as n_offense_texts_unreadable,
    t.n_records_unlisted / cast(greatest(r.n_records, 1) as double) as unlisted_step_share,
    d.n_records_unmapped / cast(greatest(r.n_records, 1) as double) as unmapped_disposition_share,
    o.n_records_unreadable / cast(greatest(o.n_records_told, 1) as double) as unreadable_offense_share,
    case when $is_data_current then 0 else 1 end as is_data_late
from record_fact as r
cross join step_fact as t
cross join disposition_fact as d
cross join offense_fact as o
