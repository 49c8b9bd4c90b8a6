-- One row: the landing suite's numbers, over all files that this run rests on.
with file_fact as (
    select
        count(*) as n_files,
        count(*) filter (where n_lines_unaccounted <> 0) as n_files_with_lines_unaccounted,
        count(*) filter (where n_loaded_missing <> 0) as n_files_with_loaded_missing,
        count(*) filter (where n_quarantined_missing <> 0) as n_files_with_quarantined_missing,
        coalesce(max(quarantined_share), 0) as worst_file_quarantined_share
    from quality.landing_file_metric
),

delivery_share as (
    select
        delivery_no,
        sum(n_records_loaded) as n_records_loaded,
        sum(n_records_quarantined) as n_records_quarantined,
        sum(n_records_quarantined)
        / cast(greatest(sum(n_records_loaded) + sum(n_records_quarantined), 1) as double) as quarantined_share
    from quality.landing_file_metric
    group by delivery_no
),

delivery_fact as (
    select
        count(*) as n_deliveries,
        coalesce(sum(n_records_loaded), 0) as n_records_loaded,
        coalesce(sum(n_records_quarantined), 0) as n_records_quarantined,
        coalesce(max(quarantined_share), 0) as worst_delivery_quarantined_share
    from delivery_share
),

strayed as (
    select
        delivery_no,
        file_no
    from raw.record
    union all
    select
        delivery_no,
        file_no
    from raw.quarantine
),

-- A delivery that speaks up to an earlier day than one accepted before it brings back what that one had settled.
behind_fact as (
    select count(distinct later.delivery_no) as n_deliveries_behind
    from raw.delivery as earlier
    inner join raw.delivery as later
        on earlier.delivery_no < later.delivery_no and earlier.data_through > later.data_through
),

-- The last delivery of the whole state removes whoever is not in it. A cut one would remove nearly everybody.
statewide as (
    select max(delivery_no) as delivery_no
    from raw.delivery
    where scope = 'statewide'
),

loss_fact as (
    select
        coalesce(
            1 - max(s.n_records_loaded) filter (where s.delivery_no = w.delivery_no)
            / cast(nullif(max(s.n_records_loaded) filter (where s.delivery_no < w.delivery_no), 0) as double),
            0
        ) as statewide_loss_share
    from delivery_share as s
    cross join statewide as w
),

stray_fact as (
    select count(*) as n_records_without_file
    from strayed as s
    left join raw.file as f on s.delivery_no = f.delivery_no and s.file_no = f.file_no
    where f.file_no is null
)

select
    cast(d.n_deliveries as bigint) as n_deliveries,
    cast(f.n_files as bigint) as n_files,
    cast(d.n_records_loaded as bigint) as n_records_loaded,
    cast(d.n_records_quarantined as bigint) as n_records_quarantined,
    cast(b.n_deliveries_behind as bigint) as n_deliveries_behind,
    cast(l.statewide_loss_share as double) as statewide_loss_share,
    cast(s.n_records_without_file as bigint) as n_records_without_file,
    cast(f.n_files_with_lines_unaccounted as bigint) as n_files_with_lines_unaccounted,
    cast(f.n_files_with_loaded_missing as bigint) as n_files_with_loaded_missing,
    cast(f.n_files_with_quarantined_missing as bigint) as n_files_with_quarantined_missing,
    cast(f.worst_file_quarantined_share as double) as worst_file_quarantined_share,
    cast(d.worst_delivery_quarantined_share as double) as worst_delivery_quarantined_share
from file_fact as f
cross join delivery_fact as d
cross join behind_fact as b
cross join loss_fact as l
cross join stray_fact as s
