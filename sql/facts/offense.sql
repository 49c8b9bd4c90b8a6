-- One row per conviction: when the offense was, and what crime it was by the law of that day. No extract states the
-- day; the arrest of the cycle that is not after the conviction stands for it. Where there are several, one may be on a
-- warrant or for another offense: the day lies between the first and the last. What may be such an arrest, and what
-- can't be placed in a cycle, leaves it open.
with dated as (
    select
        v.*,
        p.is_history_complete,
        case when not v.is_day_doubtful then v.conviction_date_least end as day_least,
        case when not v.is_day_doubtful then v.conviction_date_most end as day_most
    from core.conviction as v
    inner join core.person as p on v.person_no = p.person_no
),

arrest_charge as (
    select
        person_no,
        cycle_no,
        step_type,
        case when not is_day_doubtful then event_date_least end as day_least,
        case when not is_day_doubtful then event_date_most end as day_most
    from core.charge
    where step_type is null or step_type = 'arrest'
),

adrift as (
    select distinct person_no
    from arrest_charge
    where cycle_no is null
),

arrested as (
    select
        v.charge_no,
        bool_or(coalesce(a.step_type = 'arrest' and a.day_most <= v.day_least, false)) as is_sure,
        case
            when count(a.day_least) = count(*)
                then min(a.day_least) filter (where not coalesce(a.day_least > v.day_most, false))
        end as may_least,
        count(a.day_least) = count(*) as are_days_bounded,
        max(least(a.day_most, v.day_most)) filter (where not coalesce(a.day_least > v.day_most, false)) as may_most,
        bool_or(
            (a.step_type is null or a.day_most is null) and not coalesce(a.day_least > v.day_most, false)
        ) as is_open
    from dated as v
    inner join arrest_charge as a on v.person_no = a.person_no and v.cycle_no = a.cycle_no
    group by v.charge_no
),

bounded as (
    select
        v.*,
        case
            when a.charge_no is not null
                then case when a.is_sure and d.person_no is null and v.is_history_complete then a.may_least end
            when v.cycle_no is not null and d.person_no is null and v.is_history_complete
                then cast(v.day_least - $offense_window_years * interval '1' year as date)
        end as offense_least,
        case
            when a.is_sure and not a.is_open and d.person_no is null and v.is_history_complete
                then a.may_most
            else v.day_most
        end as offense_most,
        case
            when v.cycle_no is null or d.person_no is not null or not v.is_history_complete then null
            when a.may_least < v.day_least then a.may_least
            when a.charge_no is null or a.are_days_bounded then v.day_least
        end as accused_least
    from dated as v
    left join arrested as a on v.charge_no = a.charge_no
    left join adrift as d on v.person_no = d.person_no
),

-- The form is told by section and subdivision, and where the list names a severity by one that the conviction states.
formed as (
    select
        v.charge_no,
        min(f.form) as form,
        bool_or(f.is_inferred) as is_inferred
    from bounded as v
    inner join core.offense as o on v.offense_no = o.offense_no
    inner join law.prop64_form as f
        on
            o.section = f.section
            and o.subdivision is not distinct from f.subdivision
            and v.offense_least >= f.effective_from
            and v.offense_most <= f.effective_to
    left join core.offense as c on v.convicted_offense_no = c.offense_no
    where
        o.in_prop64_scope
        and o.is_statute_certain
        and o.relation = 'none'
        and (f.severity is null or substr(f.severity, 1, 1) = v.stated_severity)
        and (
            c.offense_no is null
            or (
                c.is_statute_certain
                and c.section = o.section
                and c.statute_code = o.statute_code
                and c.relation = o.relation
                and c.subdivision is not distinct from o.subdivision
            )
        )
    group by v.charge_no
    having count(*) = 1
)

select
    v.charge_no,
    case when v.offense_least = v.offense_most then v.offense_least end as offense_date,
    v.offense_least as offense_date_least,
    v.offense_most as offense_date_most,
    v.accused_least as accused_date_least,
    f.form as prop64_form,
    f.is_inferred as form_inferred,
    case
        when f.form is null then null
        when d.form is null or anniversary(v.day_least, d.years, 'Y') > $as_of then false
        when anniversary(v.day_most, d.years, 'Y') <= $as_of then true
    end as destruction_due
from bounded as v
left join formed as f on v.charge_no = f.charge_no
left join law.record_destruction as d on f.form = d.form
