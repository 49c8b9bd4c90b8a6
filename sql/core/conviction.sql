-- One row per conviction: it starts at a court action count disposed as convicted; what a later step tells of the same
-- count attaches to it. Two counts of one step are two convictions. Where a convicted count could repeat several
-- earlier ones it is kept apart and marked.
with told as (
    select
        a.conviction_charge_no,
        cast(count(*) filter (where a.is_sure) as bigint) as n_attached,
        bool_or(a.is_sure and l.is_prop64_relief) as is_relieved,
        bool_or(l.is_prop64_relief or l.is_relief_unstated) as may_be_relieved,
        bool_or(a.is_sure and l.is_prop47_relief) as is_prop47_relieved,
        bool_or(l.is_prop47_relief or l.is_relief_unstated) as may_be_prop47_relieved,
        bool_or(a.is_sure and l.is_conviction_relief) as is_conviction_relieved,
        bool_or(l.is_conviction_relief or l.is_relief_unstated) as may_be_conviction_relieved,
        bool_or(a.is_sure and (l.is_dismissed or l.is_annulled)) as is_undone,
        bool_or(l.is_dismissed or l.is_annulled) as may_be_undone,
        bool_or(a.is_sure and l.is_set_aside) as is_set_aside,
        bool_or(l.is_disposition_unknown) as may_be_anything,
        -- The first that surely grants it, else the first that may.
        coalesce(
            min(case when a.is_sure and l.is_prop64_relief then l.cnt_order end),
            min(case when l.is_prop64_relief then l.cnt_order end)
        ) as prop64_relief_cnt_order,
        coalesce(
            min(case when a.is_sure and l.is_prop47_relief then l.cnt_order end),
            min(case when l.is_prop47_relief then l.cnt_order end)
        ) as prop47_relief_cnt_order,
        coalesce(
            min(case when a.is_sure and l.is_conviction_relief then l.cnt_order end),
            min(case when l.is_conviction_relief then l.cnt_order end)
        ) as conviction_relief_cnt_order
    from core.attachment as a
    inner join core.court_count as l on a.later_charge_no = l.charge_no
    group by a.conviction_charge_no
),

repeated as (
    select distinct later_charge_no as charge_no
    from core.attachment
    where is_repeat
),

later as (
    select distinct later_charge_no as charge_no
    from core.later_count
),

numbered as (
    select
        c.*,
        -- The how many-th of its case, or of its cycle where the case is unknown.
        row_number() over (
            partition by c.person_no, c.county, c.case_key, case when c.case_key is null then c.cycle_no end, c.section
            order by c.event_key, c.cnt_order, c.first_hash
        ) as nth
    from core.court_count as c
    left join repeated as r on c.charge_no = r.charge_no
    where
        c.is_convicted
        and c.step_type = 'court_action'
        and r.charge_no is null
),

kept as (
    select
        c.*,
        p.charge_no is not null as is_possible_repeat,
        h.severity,
        h.stated_severity,
        h.is_severity_contradicted,
        h.is_juvenile_court,
        h.is_california_court,
        h.is_federal_court,
        h.is_event_after_receipt,
        h.disp_date,
        h.agency_text,
        h.delivery_no,
        h.convicted_record_no as record_no,
        n.person_key,
        coalesce(t.n_attached, 0) as n_attached,
        case
            when c.is_prop64_relief or t.is_relieved then true
            when c.is_disposition_unknown or c.is_relief_unstated or t.may_be_relieved or t.may_be_anything then null
            else false
        end as is_prop64_relief_granted,
        case
            when c.is_prop47_relief or t.is_prop47_relieved then true
            when c.is_disposition_unknown or c.is_relief_unstated or t.may_be_prop47_relieved or t.may_be_anything
                then null
            else false
        end as is_prop47_relief_granted,
        case
            when c.is_conviction_relief or t.is_conviction_relieved then true
            when c.is_disposition_unknown or c.is_relief_unstated or t.may_be_conviction_relieved or t.may_be_anything
                then null
            else false
        end as is_conviction_relief_granted,
        case
            when c.is_dismissed or c.is_annulled or t.is_undone then true
            when c.is_disposition_unknown or t.may_be_undone or t.may_be_anything then null
            else false
        end as is_disposition_contradicted,
        coalesce(t.is_set_aside, false) or c.is_set_aside as was_set_aside,
        case when c.is_prop64_relief then c.cnt_order else t.prop64_relief_cnt_order end as prop64_relief_cnt_order,
        case when c.is_prop47_relief then c.cnt_order else t.prop47_relief_cnt_order end as prop47_relief_cnt_order,
        case when c.is_conviction_relief then c.cnt_order else t.conviction_relief_cnt_order end
            as conviction_relief_cnt_order
    from numbered as c
    inner join core.charge as h on c.charge_no = h.charge_no
    inner join core.person as n on c.person_no = n.person_no
    left join later as p on c.charge_no = p.charge_no
    left join told as t on c.charge_no = t.conviction_charge_no
),

named as (
    select
        *,
        concat_ws(
            chr(31),
            person_key,
            coalesce(county, '?'),
            coalesce('case ' || case_key, 'cycle ' || cast(cycle_no as varchar), '?'),
            coalesce(section, '?'),
            cast(nth as varchar)
        ) as identity_text
    from kept
)

select
    substr(sha256($key_outer || unhex(sha256($key_inner || encode(identity_text)))), 1, 24) as conviction_id,
    identity_text,
    charge_no,
    event_no,
    person_no,
    delivery_no,
    record_no,
    cnt_order,
    cycle_no,
    step_no,
    count_no,
    county,
    agency_text,
    is_juvenile_court,
    is_california_court,
    is_federal_court,
    section,
    offense_no,
    convicted_offense_no,
    event_date as conviction_date,
    event_date_least as conviction_date_least,
    event_date_most as conviction_date_most,
    is_after_as_of,
    is_event_after_receipt,
    disp_date,
    severity,
    stated_severity,
    is_severity_contradicted,
    case_number,
    case_number_source,
    case_key,
    is_possible_repeat or is_ambiguous as is_possible_repeat,
    is_day_doubtful,
    is_prop64_relief_granted,
    is_prop47_relief_granted,
    is_conviction_relief_granted,
    is_disposition_contradicted,
    was_set_aside,
    prop64_relief_cnt_order,
    prop47_relief_cnt_order,
    conviction_relief_cnt_order,
    cast(n_attached as bigint) as n_attached,
    stated_case_key,
    is_offense_told,
    is_convicted_offense_told
from named
