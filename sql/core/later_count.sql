-- One row per pair of court counts of which the later may speak of the earlier: a resentencing, a revocation, a
-- set-aside, relief, or the same conviction told again. It does so surely when cycle, court county, section and case
-- number (or one side blank) agree and the step is a greater one; it may do so as long as nothing known speaks against
-- it.
with counted as (
    select
        *,
        cycle_no is null as is_order_unknown
    from core.court_count
),

start as (
    select *
    from counted
    where is_convicted or is_disposition_unknown
)

select
    e.charge_no as earlier_charge_no,
    l.charge_no as later_charge_no,
    coalesce(
        l.step_type = 'court_action'
        and e.step_type = 'court_action'
        and e.is_convicted
        and l.cycle_no = e.cycle_no
        and l.county = e.county
        and l.section = e.section
        and coalesce(l.case_key = e.case_key, true),
        false
    ) as is_sure
from start as e
inner join counted as l
    on
        e.person_no = l.person_no
        and e.cycle_no = l.cycle_no
        and e.charge_no <> l.charge_no
where
    not l.is_after_as_of
    and (
        l.step_no > e.step_no
        -- An update that stands under the very same count order, dated apart, is no second conviction.
        or (l.cnt_order = e.cnt_order and not l.is_convicted and (e.is_convicted or l.event_key > e.event_key))
    )
    and coalesce(l.county = e.county, true)
    and coalesce(l.section = e.section, true)
    and coalesce(l.case_key = e.case_key, true)
union all
-- A count whose order can't be read may belong to any cycle.
select
    e.charge_no as earlier_charge_no,
    l.charge_no as later_charge_no,
    false as is_sure
from start as e
inner join counted as l
    on
        e.person_no = l.person_no
        and e.charge_no <> l.charge_no
where
    l.is_order_unknown
    and not l.is_after_as_of
    and coalesce(l.county = e.county, true)
    and coalesce(l.section = e.section, true)
    and coalesce(l.case_key = e.case_key, true)
