-- One row per person on the worklist: who that is.
with listed as (
    select distinct person_no
    from review.worklist
),

called as (
    select distinct
        r.person_no,
        s.name
    from listed as l
    inner join core.record as r on l.person_no = r.person_no
    inner join staging.record as s on r.delivery_no = s.delivery_no and r.record_no = s.record_no
    where s.name is not null
),

known as (
    select
        p.person_no,
        string_agg(c.name, '; ' order by c.name) as other_names
    from called as c
    inner join core.person as p on c.person_no = p.person_no and c.name <> p.name
    group by p.person_no
)

select
    p.person_no,
    p.cii,
    p.is_cii_shared,
    p.name,
    k.other_names,
    p.birth_date
from listed as l
inner join core.person as p on l.person_no = p.person_no
left join known as k on p.person_no = k.person_no
