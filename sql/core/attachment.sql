-- One row per later court count and conviction that it speaks of (or may speak of: is_sure is false). A count that
-- could speak of several convictions is sure of none.
with convicted as (
    select *
    from core.court_count
    where is_convicted and step_type = 'court_action'
),

told_before as (
    select
        p.later_charge_no,
        p.earlier_charge_no,
        p.is_sure,
        p.is_case_stated,
        e.charge_no is not null as is_earlier_convicted
    from core.later_count as p
    inner join convicted as l on p.later_charge_no = l.charge_no
    left join convicted as e on p.earlier_charge_no = e.charge_no
),

-- A convicted count that nothing earlier can explain: here a conviction starts.
root as (
    select charge_no
    from convicted
    where charge_no not in (select later_charge_no from told_before)
),

one_root as (
    select
        t.later_charge_no,
        min(r.charge_no) as root_charge_no
    from told_before as t
    left join root as r on t.earlier_charge_no = r.charge_no
    group by t.later_charge_no
    having
        count(r.charge_no) = 1
        and bool_and(t.is_earlier_convicted)
        and bool_and(t.is_sure or r.charge_no is null)
),

-- ... and all that stands between must belong to the same root.
repeat as (
    select
        o.later_charge_no,
        o.root_charge_no,
        bool_or(t.is_case_stated and t.earlier_charge_no = o.root_charge_no) as is_case_stated
    from one_root as o
    inner join told_before as t on o.later_charge_no = t.later_charge_no
    left join one_root as b on t.earlier_charge_no = b.later_charge_no
    group by o.later_charge_no, o.root_charge_no
    having bool_and(t.earlier_charge_no = o.root_charge_no or coalesce(b.root_charge_no = o.root_charge_no, false))
),

conviction as (
    select charge_no
    from convicted
    where charge_no not in (select later_charge_no from repeat)
),

-- Everything else that a later count says: also a convicted one that is no sure repeat may grant or undo.
update_pair as (
    select
        p.later_charge_no,
        p.earlier_charge_no,
        p.is_sure and not l.is_convicted as is_sure,
        p.is_case_stated,
        count(*) over (partition by p.later_charge_no) as n_earlier
    from core.later_count as p
    inner join core.court_count as l on p.later_charge_no = l.charge_no
    left join repeat as r on p.earlier_charge_no = r.later_charge_no
    left join repeat as t on p.later_charge_no = t.later_charge_no
    where r.later_charge_no is null and t.later_charge_no is null
)

select
    later_charge_no,
    root_charge_no as conviction_charge_no,
    true as is_sure,
    true as is_repeat,
    is_case_stated
from repeat
union all
select
    u.later_charge_no,
    u.earlier_charge_no as conviction_charge_no,
    u.is_sure and u.n_earlier = 1 as is_sure,
    false as is_repeat,
    u.is_case_stated
from update_pair as u
inner join conviction as c on u.earlier_charge_no = c.charge_no
