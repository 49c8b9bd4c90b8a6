-- One row: the core suite's numbers: what became of the loaded records, and how much of it is unknown.
with record_fact as (
    select
        count(*) as n_records,
        count(*) filter (where use = 'used') as n_records_used,
        count(*) filter (where use = 'duplicate') as n_records_duplicate,
        count(*) filter (where use = 'superseded') as n_records_superseded
    from core.record
),

entry_fact as (
    select
        count(*) as n_court_records,
        count(*) filter (where event_date is null) as n_undated
    from core.entry
    where step_type = 'court_action'
),

conviction_fact as (
    select
        count(*) as n_convictions,
        count(*) filter (where severity is null) as n_of_unknown_severity
    from core.conviction
),

person_fact as (
    select count(*) as n_persons
    from core.person
),

-- How CII numbers are written: letters and digits in their places. A file of which none is written as the extract's is
-- would find nobody, and so would say that nobody is under supervision. Without a file nobody's is looked at.
written as (
    select distinct regexp_replace(regexp_replace(upper(cii), '[A-Z]', 'A', 'g'), '[0-9]', '9', 'g') as form
    from core.person
    where
        cii is not null
        and exists (
            select 1
            from raw.srf
        )
),

release_file as (
    select
        count(*) as n_rows,
        count(w.form) as n_alike
    from raw.srf as f
    left join written as w
        on regexp_replace(regexp_replace(upper(f.cii), '[A-Z]', 'A', 'g'), '[0-9]', '9', 'g') = w.form
)

select
    cast(r.n_records as bigint) as n_records,
    cast(r.n_records_used as bigint) as n_records_used,
    cast(r.n_records_duplicate as bigint) as n_records_duplicate,
    cast(r.n_records_superseded as bigint) as n_records_superseded,
    cast(p.n_persons as bigint) as n_persons,
    cast(e.n_court_records as bigint) as n_court_records,
    cast(v.n_convictions as bigint) as n_convictions,
    e.n_undated / cast(greatest(e.n_court_records, 1) as double) as unknown_date_share,
    v.n_of_unknown_severity / cast(greatest(v.n_convictions, 1) as double) as unknown_severity_share,
    cast(case when f.n_rows > 0 and f.n_alike = 0 then f.n_rows else 0 end as bigint) as n_srf_written_otherwise
from record_fact as r
cross join person_fact as p
cross join entry_fact as e
cross join conviction_fact as v
cross join release_file as f
