-- One row per pair of court counts of which the later may speak of the earlier: a resentencing, a revocation, a
-- set-aside, relief, or the same conviction told again. It does so surely when cycle, court county, statute and case
-- number (or one side blank) agree and the step is a greater one; it may do so as long as nothing known speaks against
-- it. Only what both counts state themselves speaks against it: a county, section or number found elsewhere may be
-- another count's. Another cycle may speak of the count as well, as long as no two case numbers tell them apart, but
-- never surely.
with start as (
    select *
    from core.court_count
    where is_convicted or is_disposition_unknown
),

told as (
    select *
    from core.court_count
    where not is_after_as_of
),

paired as (
    select
        e.charge_no as earlier_charge_no,
        l.charge_no as later_charge_no
    from start as e
    inner join told as l
        on
            e.person_no = l.person_no
            and e.cycle_no = l.cycle_no
            and e.charge_no <> l.charge_no
    where
        l.step_no > e.step_no
        -- An update that stands under the very same count order, dated apart, is no second conviction.
        or (l.cnt_order = e.cnt_order and not l.is_convicted and (e.is_convicted or l.event_key > e.event_key))
    union all
    -- A count whose order can't be read may belong to any cycle, and be the earlier one or the later.
    select
        e.charge_no as earlier_charge_no,
        l.charge_no as later_charge_no
    from start as e
    inner join told as l on e.person_no = l.person_no and e.charge_no <> l.charge_no
    where l.cycle_no is null
    union all
    select
        e.charge_no as earlier_charge_no,
        l.charge_no as later_charge_no
    from start as e
    inner join told as l on e.person_no = l.person_no
    where e.cycle_no is null and l.cycle_no is not null
    union all
    -- In another cycle the same conviction bears the same day; what else is said of it comes no earlier.
    select
        e.charge_no as earlier_charge_no,
        l.charge_no as later_charge_no
    from start as e
    inner join told as l
        on
            e.person_no = l.person_no
            and e.cycle_no <> l.cycle_no
            and coalesce(e.case_key = l.case_key, true)
    where
        (coalesce(l.event_date_most >= e.event_date_least, true) or l.is_day_doubtful or e.is_day_doubtful)
        and (
            not l.is_convicted
            or (
                l.cycle_no > e.cycle_no
                and (coalesce(l.event_date_least <= e.event_date_most, true) or l.is_day_doubtful or e.is_day_doubtful)
            )
        )
)

select
    p.earlier_charge_no,
    p.later_charge_no,
    coalesce(
        l.step_type = 'court_action'
        and e.step_type = 'court_action'
        and e.is_convicted
        and l.cycle_no = e.cycle_no
        and l.county = e.county
        and l.statute_key = e.statute_key
        and coalesce(l.case_key = e.case_key, true)
        and not l.is_ambiguous
        and not e.is_ambiguous,
        false
    ) as is_sure,
    coalesce(l.stated_case_key = e.stated_case_key, false) as is_case_stated
from paired as p
inner join core.court_count as e on p.earlier_charge_no = e.charge_no
inner join core.court_count as l on p.later_charge_no = l.charge_no
where
    coalesce(l.stated_county = e.stated_county, true)
    and coalesce(l.stated_section = e.stated_section, true)
    and coalesce(l.stated_case_key = e.stated_case_key, true)
