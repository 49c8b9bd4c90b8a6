-- One row per eligible determination of Prop 64 relief: the action that a court is asked for, with everything that its
-- line in the upload file says. It is in exactly one package (package_county, line_no) or withheld with one reason: the
-- first that holds.
with eligible as (
    select
        d.remedy,
        d.remedy_version,
        d.candidate_id as conviction_id,
        d.person_no,
        d.relief,
        d.legal_basis,
        d.rule,
        v.delivery_no,
        v.record_no,
        v.identity_text,
        v.county,
        n.doj_code as court_code,
        v.case_number,
        v.case_number_source,
        v.case_key,
        v.count_no,
        f.statute_code,
        f.section as statute_section,
        v.severity,
        v.conviction_date,
        p.birth_date_least,
        p.birth_date_most,
        nullif(trim(split_part(p.name, ',', 1)), '') as name_last,
        case
            when strpos(p.name, ',') > 0 then nullif(trim(substr(p.name, strpos(p.name, ',') + 1)), '')
        end as name_first,
        case
            when d.relief = 'DISMISS_SEAL' then 'DISMISS_SEAL'
            when d.relief in ('REDESIGNATE_MISD', 'REDESIGNATE_INFR') then 'REDESIGNATE'
        end as action_code
    from eligibility.determination as d
    inner join core.conviction as v on d.candidate_id = v.conviction_id
    inner join facts.conviction as f on d.candidate_id = f.conviction_id
    inner join core.person as p on d.person_no = p.person_no
    left join law.county as n on v.county = n.name
    where d.remedy = 'prop64' and d.outcome = 'ELIGIBLE'
),

-- A quarantined record whose person can't be told may be anybody's: beyond a share of them nothing goes to a court.
worst_file as (
    select
        coalesce(max(h.n_illegible / cast(greatest(f.records_loaded + f.records_quarantined, 1) as double)), 0)
            as illegible_share
    from raw.file as f
    inner join (
        select
            delivery_no,
            file_no,
            count(*) as n_illegible
        from raw.quarantine
        where subject_id = '' and cii = ''
        group by delivery_no, file_no
    ) as h on f.delivery_no = h.delivery_no and f.file_no = h.file_no
),

judged as (
    select
        eligible.*,
        substr(
            sha256($key_outer || unhex(sha256($key_inner || encode(identity_text || chr(31) || action_code)))), 1, 24
        ) as action_key,
        case
            when not $is_data_current then 'data_not_current'
            when w.illegible_share > $illegible_block then 'too_many_illegible_records'
            when county is null then 'county_unknown'
            when
                len(cast($requested_counties as varchar[])) > 0
                and not list_contains(cast($requested_counties as varchar[]), county)
                then 'county_not_requested'
            when case_key is null then 'no_case_number'
            when count_no is null then 'no_count_number'
            -- A spreadsheet would run the first kind and be misled by the second (control and invisible characters).
            when
                regexp_matches(
                    concat_ws(chr(10), case_number, name_last, name_first, statute_code, statute_section),
                    '(?m)^[=+@＝＋－＠-]'
                )
                or regexp_matches(
                    concat_ws('', case_number, name_last, name_first, statute_code, statute_section),
                    '[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]'
                )
                then 'unsafe_cell'
        end as withheld_reason
    from eligible
    cross join worst_file as w
),

packed as (
    select
        *,
        case when withheld_reason is null then county end as package_county
    from judged
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
    conviction_id,
    person_no,
    delivery_no,
    record_no,
    remedy,
    remedy_version,
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
    coalesce(severity, 'U') as offense_level_before,
    conviction_date as disposition_date,
    action_code,
    case relief when 'REDESIGNATE_MISD' then 'M' when 'REDESIGNATE_INFR' then 'I' end as offense_level_after,
    case when action_code = 'REDESIGNATE' then statute_section end as section_after,
    case when action_code = 'DISMISS_SEAL' then 'COUNT' else 'NONE' end as seal_scope,
    legal_basis,
    rule as reason_code,
    'DEFER' as da_position,
    name_last,
    name_first,
    case
        when extract(year from birth_date_least) = extract(year from birth_date_most)
            then cast(extract(year from birth_date_least) as integer)
    end as birth_year,
    cast(null as varchar) as supersedes_action_key
from numbered
