-- One row per eligible determination of a remedy that goes to the courts in bulk: the action that a court is asked for,
-- with everything that its line in the upload file says. It is in exactly one package (package_county, line_no) or
-- withheld with one reason.
with packed as (
    select
        w.*,
        a.seal_scope,
        case when w.withheld_reason is null then w.county end as package_county
    from review.worklist as w
    left join law.court_action as a on w.remedy = a.remedy and w.relief = a.relief
    where w.outcome = 'ELIGIBLE'
),

lined as (
    select
        *,
        case
            when package_county is not null
                then row_number() over (
                    partition by remedy, package_county
                    order by case_key, count_no, action_key
                )
        end as line_no
    from packed
),

met as (
    select
        *,
        min(line_no) over (partition by remedy, package_county, person_no) as first_line_no
    from lined
),

-- Subjects are numbered as they first appear in the package, so that a number says nothing outside it.
numbered as (
    select
        *,
        cast(
            dense_rank() over (
                partition by remedy, package_county
                order by first_line_no
            ) as varchar
        ) as subject_no
    from met
)

select
    action_key,
    version,
    conviction_id,
    person_no,
    delivery_no,
    record_no,
    remedy,
    remedy_version,
    program,
    county,
    package_county,
    withheld_reason,
    cast(line_no as integer) as line_no,
    case
        when line_no is not null then 'S' || lpad(subject_no, cast(greatest(length(subject_no), 6) as integer), '0')
    end as subject_ref,
    court_code,
    case_number,
    case_number_source,
    case_key as case_number_sort,
    count_no,
    statute_code,
    statute_section,
    offense_level_before,
    disposition_date,
    action_code,
    offense_level_after,
    case when offense_level_after is not null then statute_section end as section_after,
    seal_scope,
    legal_basis,
    rule as reason_code,
    'DEFER' as da_position,
    name_last,
    name_first,
    birth_year,
    path as sentence_path,
    cast(null as varchar) as supersedes_action_key
from numbered
