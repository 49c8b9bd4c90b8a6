-- One row per case with at least one line in a package: how many counts it has and what becomes of each. A count told
-- again by a later step is one count. What may belong to the case (its number or county can't be told) keeps the case
-- from being called complete and from being sealed as a whole; from the latter, so does whoever else bears its number
-- and is not sealed whole.
with packed as (
    select
        remedy,
        package_county as county,
        case_number_sort,
        person_no,
        subject_ref,
        min(court_code) as court_code,
        min(line_no) as first_line_no,
        min(case_number) as case_number
    from court.action
    where package_county is not null
    group by remedy, package_county, case_number_sort, person_no, subject_ref
),

told_again as (
    select
        later_charge_no,
        bool_or(is_sure) as is_sure
    from core.attachment
    group by later_charge_no
),

-- A count is convicted, undisposed (it may be a conviction for all that is known) or closed.
counted as (
    select
        k.person_no,
        k.county,
        k.case_key,
        v.conviction_id,
        v.is_disposition_contradicted,
        case
            when v.conviction_id is not null then 'convicted'
            when k.is_convicted or k.is_disposition_unknown then 'undisposed'
            else 'closed'
        end as state
    from core.court_count as k
    left join core.conviction as v on k.charge_no = v.charge_no
    left join told_again as t on k.charge_no = t.later_charge_no
    where
        not k.is_after_as_of
        and (
            v.conviction_id is not null
            or ((k.is_convicted or k.is_disposition_unknown) and not coalesce(t.is_sure, false))
            or ((k.step_type is null or k.step_type = 'court_action') and t.later_charge_no is null)
        )
),

placed as (
    select
        c.*,
        k.conviction_id,
        k.state,
        k.is_disposition_contradicted,
        coalesce(k.county = c.county and k.case_key = c.case_number_sort, false) as is_of_case,
        d.outcome,
        a.action_code,
        a.withheld_reason,
        a.package_county is not null as is_in_batch
    from packed as c
    inner join counted as k
        on
            c.person_no = k.person_no
            and coalesce(c.county = k.county, true)
            and coalesce(c.case_number_sort = k.case_key, true)
    left join eligibility.determination as d on k.conviction_id = d.candidate_id and c.remedy = d.remedy
    left join court.action as a on k.conviction_id = a.conviction_id and c.remedy = a.remedy
),

gathered as (
    select
        remedy,
        county,
        case_number_sort,
        person_no,
        subject_ref,
        court_code,
        case_number,
        first_line_no,
        count(*) filter (where is_of_case) as n_counts,
        count(*) filter (where is_of_case and state = 'convicted') as n_convicted,
        count(*) filter (where is_of_case and is_in_batch) as n_in_batch,
        count(*) filter (where is_of_case and is_in_batch and action_code = 'DISMISS_SEAL') as n_sealed,
        count(*) filter (where is_of_case and outcome = 'ALREADY_RELIEVED') as n_already_relieved,
        count(*) filter (where is_of_case and outcome = 'REVIEW') as n_review,
        count(*) filter (where is_of_case and withheld_reason is not null) as n_withheld,
        count(*) filter (where is_of_case and state = 'undisposed') as n_undisposed,
        count(*) filter (where not is_of_case and state <> 'closed') as n_unplaced,
        count(*) filter (where not is_of_case) as n_unplaced_or_closed,
        count(*) filter (
            where
            is_of_case
            and state = 'convicted'
            and coalesce(outcome, '') not in ('ELIGIBLE', 'REVIEW', 'ALREADY_RELIEVED')
            and not coalesce(is_disposition_contradicted, true)
        ) as n_surely_live
    from placed
    group by remedy, county, case_number_sort, person_no, subject_ref, court_code, case_number, first_line_no
),

-- Co-defendants share a number, and what is sealed as a whole is sealed for all who bear it.
borne as (
    select
        county,
        case_key,
        count(distinct person_no) as n_persons
    from core.court_count
    where not is_after_as_of
    group by county, case_key
),

lived as (
    select
        *,
        n_convicted - n_in_batch - n_already_relieved as n_remaining_live,
        n_sealed > 0 and n_sealed = n_counts and n_unplaced_or_closed = 0 as is_sealed_whole
    from gathered
)

select
    l.remedy,
    l.county,
    l.case_number_sort,
    l.person_no,
    cast(row_number() over (
        partition by l.remedy, l.county
        order by l.first_line_no
    ) as integer) as case_no,
    cast(first_line_no as integer) as first_line_no,
    court_code,
    case_number,
    subject_ref,
    cast(n_counts as integer) as n_counts,
    cast(n_convicted as integer) as n_convicted,
    cast(n_in_batch as integer) as n_in_batch,
    cast(n_already_relieved as integer) as n_already_relieved,
    cast(n_remaining_live as integer) as n_remaining_live,
    cast(n_review as integer) as n_review,
    cast(n_withheld as integer) as n_withheld,
    cast(n_undisposed as integer) as n_undisposed,
    cast(n_unplaced as integer) as n_unplaced,
    case
        when n_surely_live > 0 then 'N'
        when n_remaining_live + n_undisposed + n_unplaced > 0 then 'U'
        else 'Y'
    end as case_complete,
    case when n_convicted = n_in_batch and n_undisposed + n_unplaced = 0 then 'Y' else 'N' end as all_counts_in_batch,
    case
        when n_sealed = 0 then 'NONE'
        when
            is_sealed_whole
            and b.n_persons = count(*) filter (where is_sealed_whole) over (
                partition by l.remedy, l.county, l.case_number_sort
            )
            then 'CASE'
        else 'COUNT'
    end as seal_scope
from lived as l
left join borne as b on l.county = b.county and l.case_number_sort = b.case_key
