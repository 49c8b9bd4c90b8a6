-- One row per subject of one delivery. A row without SUBJECT_ID goes to the one subject that has its CII; where several
-- subjects share that CII nobody can say whose it is: it stays apart, and each of them has a hole in the history.
with owned as (
    select
        r.delivery_no,
        coalesce('S' || coalesce(r.subject_id, o.only_subject_id), 'C' || r.cii) as subject_key,
        r.cii,
        r.name,
        r.gender,
        r.race,
        r.birth_stated,
        r.birth_date,
        r.birth_date_least,
        r.birth_date_most,
        coalesce(o.n_subjects > 1, false) as is_cii_shared
    from staging.record as r
    left join core.cii as o on r.delivery_no = o.delivery_no and r.cii = o.cii
),

gathered as (
    select
        delivery_no,
        subject_key,
        count(*) as n_records,
        count(cii) as n_with_cii,
        min(cii) as first_cii,
        max(cii) as last_cii,
        bool_or(is_cii_shared) as is_cii_shared,
        min(name) as name,
        case when min(gender) = max(gender) then min(gender) end as gender,
        case when min(race) = max(race) then min(race) end as race,
        count(birth_stated) as n_with_birth,
        min(birth_stated) as first_birth,
        max(birth_stated) as last_birth,
        min(birth_date) as birth_date,
        min(birth_date_least) as birth_date_least,
        max(birth_date_most) as birth_date_most
    from owned
    group by delivery_no, subject_key
),

-- What can't be read of a subject in a newer delivery is a hole too: it may be the latest.
hole as (
    select
        g.delivery_no,
        g.subject_key
    from raw.quarantine as q
    inner join gathered as g on g.subject_key = 'S' || q.subject_id and q.delivery_no >= g.delivery_no
    where q.subject_id <> ''
    union
    select
        r.delivery_no,
        coalesce('S' || r.subject_id, 'C' || q.cii) as subject_key
    from raw.quarantine as q
    inner join staging.record as r on q.cii = r.cii and q.delivery_no >= r.delivery_no
    where q.cii <> ''
    union
    select
        r.delivery_no,
        'S' || r.subject_id as subject_key
    from core.cii as o
    inner join staging.record as r on o.delivery_no = r.delivery_no and o.cii = r.cii
    where r.subject_id is not null and o.n_subjects > 1 and o.n_without_subject > 0
)

select
    g.delivery_no,
    g.subject_key,
    g.n_records,
    case when g.n_with_cii = g.n_records and g.first_cii = g.last_cii then g.first_cii end as cii,
    coalesce(g.is_cii_shared, false) as is_cii_shared,
    g.name,
    g.gender,
    g.race,
    case when g.n_with_birth = g.n_records and g.first_birth = g.last_birth then g.birth_date end as birth_date,
    case when g.n_with_birth = g.n_records and g.first_birth = g.last_birth then g.birth_date_least end
        as birth_date_least,
    case when g.n_with_birth = g.n_records and g.first_birth = g.last_birth then g.birth_date_most end
        as birth_date_most,
    -- Stated on some rows and blank on others: the blank may be another value, so agreement is unknown.
    case when g.first_cii <> g.last_cii then true when g.n_with_cii in (0, g.n_records) then false end as has_two_ciis,
    case when g.first_birth <> g.last_birth then true when g.n_with_birth in (0, g.n_records) then false end
        as has_two_births,
    h.subject_key is null as is_history_complete
from gathered as g
left join hole as h on g.delivery_no = h.delivery_no and g.subject_key = h.subject_key
