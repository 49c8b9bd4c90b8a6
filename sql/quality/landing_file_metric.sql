-- One row per delivered file: whether each line is accounted for, and how much had to be quarantined. What the reader
-- counted is held against what it wrote.
with loaded as (
    select
        delivery_no,
        file_no,
        count(*) as n_records,
        sum(line_last - line_first + 1) as n_lines
    from raw.record
    group by delivery_no, file_no
),

held as (
    select
        delivery_no,
        file_no,
        count(*) as n_records,
        sum(line_last - line_first + 1) as n_lines,
        count(*) filter (where subject_id = '' and cii = '') as n_illegible
    from raw.quarantine
    group by delivery_no, file_no
),

counted as (
    select
        f.*,
        coalesce(l.n_records, 0) as n_loaded,
        coalesce(l.n_lines, 0) as n_loaded_lines,
        coalesce(h.n_records, 0) as n_held,
        coalesce(h.n_lines, 0) as n_held_lines,
        coalesce(h.n_illegible, 0) as n_illegible,
        greatest(coalesce(l.n_records, 0) + coalesce(h.n_records, 0), 1) as n_at_least_one
    from raw.file as f
    left join loaded as l on f.delivery_no = l.delivery_no and f.file_no = l.file_no
    left join held as h on f.delivery_no = h.delivery_no and f.file_no = h.file_no
)

select
    delivery_no,
    file_no,
    file_name,
    lines_total,
    cast(n_loaded as bigint) as n_records_loaded,
    cast(n_held as bigint) as n_records_quarantined,
    cast(n_illegible as bigint) as n_records_illegible,
    cast(abs(lines_total - lines_header - lines_blank - lines_loaded - lines_quarantined) as bigint)
        as n_lines_unaccounted,
    cast(abs(lines_loaded - n_loaded_lines) + abs(records_loaded - n_loaded) as bigint) as n_loaded_missing,
    cast(abs(lines_quarantined - n_held_lines) + abs(records_quarantined - n_held) as bigint)
        as n_quarantined_missing,
    n_held / cast(n_at_least_one as double) as quarantined_share,
    n_illegible / cast(n_at_least_one as double) as illegible_share
from counted
