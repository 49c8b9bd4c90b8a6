-- One row per determination of a remedy that goes to the courts in bulk, whatever its outcome: what a prosecutor
-- decides on, with everything that its line in a package would say. No court is sent an eligible one that has a reason
-- to be withheld: the first that holds.
with worst_file as (
    -- A quarantined record whose person can't be told may be anybody's: beyond a share of them nothing goes to a court.
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

told as (
    select
        d.*,
        g.program,
        coalesce(a.action_code, 'NONE') as action_code,
        a.level_after,
        x.facts,
        v.identity_text,
        v.delivery_no,
        v.record_no,
        n.doj_code,
        v.case_number,
        v.case_number_source,
        v.case_key,
        v.count_no,
        f.statute_code,
        f.section as statute_section,
        coalesce(v.severity, 'U') as severity,
        v.conviction_date,
        cast(extract(year from v.conviction_date_least) as integer) as first_year,
        cast(extract(year from v.conviction_date_most) as integer) as last_year,
        nullif(trim(split_part(p.name, ',', 1)), '') as name_last,
        case
            when strpos(p.name, ',') > 0 then nullif(trim(substr(p.name, strpos(p.name, ',') + 1)), '')
        end as name_first,
        case
            when extract(year from p.birth_date_least) = extract(year from p.birth_date_most)
                then cast(extract(year from p.birth_date_least) as integer)
        end as birth_year
    from eligibility.determination as d
    inner join law.program as g on d.remedy = g.remedy
    inner join core.conviction as v on d.candidate_id = v.conviction_id
    inner join facts.conviction as f on d.candidate_id = f.conviction_id
    inner join core.person as p on d.person_no = p.person_no
    inner join review.deciding_fact as x on d.remedy = x.remedy and d.candidate_id = x.candidate_id
    left join law.county as n on d.county = n.name
    left join law.court_action as a
        on d.remedy = a.remedy and a.relief = case when d.outcome = 'ELIGIBLE' then d.relief else d.ceiling end
),

keyed as (
    select
        *,
        lettered(substr(
            sha256($key_outer || unhex(sha256(
                $key_inner || encode(concat_ws(chr(31), identity_text, program, action_code))
            ))),
            1,
            20
        )) as action_key
    from told
),

versioned as (
    select
        *,
        lettered(substr(
            sha256($key_outer || unhex(sha256(
                $key_inner || encode(concat_ws(
                    chr(31),
                    'version',
                    action_key,
                    outcome,
                    relief,
                    legal_basis,
                    rule,
                    facts,
                    coalesce(missing_facts, '?'),
                    coalesce(county, '?'),
                    coalesce(case_number, '?'),
                    coalesce(cast(count_no as varchar), '?'),
                    coalesce(statute_code, '?'),
                    coalesce(statute_section, '?'),
                    severity,
                    coalesce(cast(conviction_date as varchar), '?'),
                    coalesce(level_after, '?'),
                    path
                ))
            ))),
            1,
            10
        )) as version
    from keyed
)

select
    action_key,
    version,
    candidate_id as conviction_id,
    person_no,
    delivery_no,
    record_no,
    remedy,
    remedy_version,
    policy,
    program,
    county,
    doj_code as court_code,
    case_number,
    case_number_source,
    case_key,
    count_no,
    statute_code,
    statute_section,
    severity as offense_level_before,
    conviction_date as disposition_date,
    case when first_year - first_year % 10 = last_year - last_year % 10 then first_year - first_year % 10 end
        as disposition_decade,
    name_last,
    name_first,
    birth_year,
    outcome,
    relief,
    floor,
    ceiling,
    action_code,
    level_after as offense_level_after,
    path,
    legal_basis,
    rule,
    reason,
    citation,
    confidence,
    missing_facts,
    blocking_event,
    eligible_on,
    case
        when outcome <> 'ELIGIBLE' then null
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
from versioned
cross join worst_file as w
