-- One row per loaded record of one delivery: trimmed, null tokens resolved, dates and numbers typed. Nothing is joined
-- and nothing is dropped; what can't be read is NULL. A date comes as the day it states, or as the bounds it leaves
-- open: YYYY0000 and YYYYMM00 keep their year, a day after receipt is impossible and so unknown.
-- Texts are read by functions of one column that can't fail (regexp_extract, try_cast), ahead of any CASE: the engine
-- evaluates those once per distinct text of a Parquet dictionary, regexp_matches and cast once per record.
with trimmed as (
    select
        record_no,
        hash(
            record_id, subject_status, subject_id, req_seg_sep, req_cii_number, req_name, req_gender, req_dob,
            req_cdl, req_ssn, pii_seg_sep, cii_number, pri_name, gender, pri_dob, pri_ssn, pri_cdl, pri_idn,
            pri_inn, fbi_number, pdr_seg_sep, race_code, race_descr, eye_color_code, eye_color_descr,
            hair_color_code, hair_color_descr, height, weight, single_source, multi_source, pob_code, pob_name,
            pob_type, citizenship_list, cyc_seg_sep, cyc_order, cyc_date, stp_seg_sep, stp_order,
            stp_event_date, stp_type_code, stp_type_descr, stp_ori_type, stp_ori_type_descr, stp_ori_code,
            stp_ori_descr, stp_ori_cnty_code, stp_ori_cnty_name, cnt_seg_sep, cnt_order, disp_date, ofn,
            offense_code, offense_descr, offense_toc, offense_qual_lst, disp_offense_code, disp_offense_descr,
            disp_offense_toc, disp_offense_qual_lst, conv_offense_order, conv_offense_code, conv_offense_descr,
            conv_offense_toc, conv_offense_qual_lst, fe_num_order, fe_num_arr_agy, fe_num_bnch_warr,
            fe_num_cite, fe_num_docket, fe_num_incident, fe_num_booking, fe_num_number, fe_num_remand,
            fe_num_oos_inn, fe_num_crt_case, fe_num_warrant, disp_order, disp_code, disp_descr, conv_stat_code,
            conv_stat_descr, sent_seg_sep, sent_order, sent_loc_code, sent_loc_descr, sent_length,
            sent_time_code, sent_time_descr, cyc_age, cii_type, cii_type_alpha, comment_text, end_of_rec
        ) as record_hash,
        trim(subject_id) as subject_id,
        trim(cii_number) as cii_number,
        trim(req_cii_number) as req_cii_number,
        trim(pri_name) as name,
        upper(trim(gender)) as gender,
        upper(trim(race_descr)) as race,
        trim(pri_dob) as birth_stated,
        trim(stp_event_date) as event_stated,
        trim(disp_date) as disp_stated,
        upper(trim(stp_type_descr)) as step_text,
        upper(trim(stp_ori_descr)) as agency_text,
        upper(trim(stp_ori_cnty_name)) as county_text,
        trim(cnt_order) as order_stated,
        trim(ofn) as ofn,
        trim(fe_num_crt_case) as court_case,
        upper(trim(fe_num_bnch_warr)) as bench_warrant,
        upper(trim(fe_num_warrant)) as warrant,
        upper(trim(fe_num_remand)) as remand,
        upper(trim(fe_num_docket)) as docket,
        regexp_extract(fe_num_order, '[1-9A-Za-z]') as typed_order,
        concat(
            regexp_extract(fe_num_arr_agy, '[0-9A-Za-z]'),
            regexp_extract(fe_num_cite, '[0-9A-Za-z]'),
            regexp_extract(fe_num_incident, '[0-9A-Za-z]'),
            regexp_extract(fe_num_booking, '[0-9A-Za-z]'),
            regexp_extract(fe_num_number, '[0-9A-Za-z]'),
            regexp_extract(fe_num_oos_inn, '[0-9A-Za-z]')
        ) as typed_number,
        regexp_extract(upper(comment_text), $other_case_words) as comment_word,
        trim(offense_descr) as offense_text,
        upper(trim(offense_toc)) as offense_toc,
        upper(trim(offense_qual_lst)) as offense_qualifier,
        trim(conv_offense_descr) as convicted_text,
        upper(trim(conv_offense_qual_lst)) as convicted_qualifier,
        trim(disp_offense_descr) as disposed_text,
        upper(trim(disp_offense_qual_lst)) as disposed_qualifier,
        trim(comment_text) as comment_text,
        upper(trim(disp_descr)) as disp_text,
        upper(trim(conv_stat_descr)) as severity_stated,
        upper(trim(sent_loc_descr)) as location,
        trim(sent_length) as length_stated,
        upper(trim(sent_time_code)) as sentence_unit,
        concat(
            regexp_extract(conv_offense_order, '[1-9A-Za-z]'), regexp_extract(conv_offense_code, '[1-9A-Za-z]')
        ) as convicted_number,
        trim(offense_code) as offense_number,
        regexp_extract(trim(disp_offense_code), '^.*[1-9A-Za-z].*$') as disposed_number,
        concat(regexp_extract(disp_order, '[1-9A-Za-z]'), regexp_extract(disp_code, '[1-9A-Za-z]')) as disp_number,
        concat(
            regexp_extract(sent_loc_code, '[1-9A-Za-z]'),
            regexp_extract(sent_length, '[1-9A-Za-z]'),
            regexp_extract(sent_time_code, '[1-9A-Za-z]')
        ) as sentence_number
    from raw.record
),

resolved as (
    select
        record_no,
        record_hash,
        case when not list_contains($null_tokens, upper(subject_id)) then subject_id end as subject_id,
        case when not list_contains($null_tokens, upper(cii_number)) then cii_number end as cii_number,
        case when not list_contains($null_tokens, upper(req_cii_number)) then req_cii_number end as req_cii_number,
        case when not list_contains($null_tokens, upper(name)) then name end as name,
        case when not list_contains($null_tokens, gender) then gender end as gender,
        case when not list_contains($null_tokens, race) then race end as race,
        case when not list_contains($null_tokens, upper(birth_stated)) then birth_stated end as birth_stated,
        case when not list_contains($null_tokens, upper(event_stated)) then event_stated end as event_stated,
        case when not list_contains($null_tokens, upper(disp_stated)) then disp_stated end as disp_stated,
        try_strptime(regexp_extract(birth_stated, '^[0-9]{8}$'), '%Y%m%d') as birth_day,
        try_strptime(regexp_extract(event_stated, '^[0-9]{8}$'), '%Y%m%d') as event_day,
        try_strptime(regexp_extract(disp_stated, '^[0-9]{8}$'), '%Y%m%d') as disp_day,
        try_cast(regexp_extract(birth_stated, '^([0-9]{4})[0-9]{2}00$', 1) as integer) as birth_only_year,
        try_cast(regexp_extract(event_stated, '^([0-9]{4})[0-9]{2}00$', 1) as integer) as event_only_year,
        try_cast(regexp_extract(disp_stated, '^([0-9]{4})[0-9]{2}00$', 1) as integer) as disp_only_year,
        case when not list_contains($null_tokens, step_text) then step_text end as step_text,
        case when not list_contains($null_tokens, agency_text) then agency_text end as agency_text,
        case when not list_contains($null_tokens, county_text) then county_text end as county_text,
        case when not list_contains($null_tokens, upper(order_stated)) then order_stated end as order_stated,
        regexp_extract(order_stated, '^[0-9]{12}$') as order_digits,
        case when not list_contains($null_tokens, upper(ofn)) then ofn end as ofn,
        case when not list_contains($null_tokens, upper(court_case)) then court_case end as court_case,
        -- Numbered but without a number: there is one, and of what type can't be told.
        case
            when
                not list_contains($null_tokens, bench_warrant)
                or not list_contains($null_tokens, warrant)
                or not list_contains($null_tokens, remand)
                or comment_word <> ''
                then 'warrant'
            when not list_contains($null_tokens, docket) or not list_contains($null_tokens, upper(court_case))
                then 'docket'
            when typed_order <> '' and typed_number = '' then 'untold'
        end as case_sign,
        case when not list_contains($null_tokens, upper(offense_text)) then offense_text end as offense_text,
        case when not list_contains($null_tokens, offense_toc) then offense_toc end as offense_toc,
        -- Numbered but not described: there is one, and it can't be told.
        case
            when not list_contains($null_tokens, upper(convicted_text)) then convicted_text
            when convicted_number <> '' then ''
        end as convicted_text,
        case when not list_contains($null_tokens, offense_qualifier) then offense_qualifier end as offense_qualifier,
        case when not list_contains($null_tokens, convicted_qualifier) then convicted_qualifier end
            as convicted_qualifier,
        -- So here, where the number is not that of the charge.
        case
            when not list_contains($null_tokens, upper(disposed_text)) then disposed_text
            when disposed_number <> '' and disposed_number <> coalesce(offense_number, '') then ''
        end as disposed_text,
        case when not list_contains($null_tokens, disposed_qualifier) then disposed_qualifier end
            as disposed_qualifier,
        case when not list_contains($null_tokens, upper(comment_text)) then comment_text end as comment_text,
        case when not list_contains($null_tokens, disp_text) then disp_text end as disp_text,
        disp_number <> '' as is_disposition_numbered,
        case when not list_contains($null_tokens, severity_stated) then severity_stated end as severity_stated,
        case when not list_contains($null_tokens, location) then location end as location,
        case when not list_contains($null_tokens, upper(length_stated)) then length_stated end as length_stated,
        try_cast(regexp_extract(length_stated, '^[0-9]{1,5}$') as integer) as length_read,
        case when not list_contains($null_tokens, sentence_unit) then sentence_unit end as sentence_unit,
        sentence_number <> '' as is_sentence_numbered
    from trimmed
),

-- Nothing is read out of a null token.
dated as (
    select
        *,
        case when birth_stated is not null then cast(birth_day as date) end as birth_date,
        case when birth_stated is not null and birth_only_year between 1850 and 2200 then birth_only_year end
            as birth_year,
        case when event_stated is not null then cast(event_day as date) end as event_date,
        case when event_stated is not null and event_only_year between 1850 and 2200 then event_only_year end
            as event_year,
        case when disp_stated is not null then cast(disp_day as date) end as disp_date,
        case when disp_stated is not null and disp_only_year between 1850 and 2200 then disp_only_year end
            as disp_year
    from resolved
),

bounded as (
    select
        *,
        coalesce(birth_date, make_date(birth_year, 1, 1)) as birth_first_day,
        coalesce(birth_date, make_date(birth_year, 12, 31)) as birth_last_day,
        coalesce(event_date, make_date(event_year, 1, 1)) as event_first_day,
        coalesce(event_date, make_date(event_year, 12, 31)) as event_last_day,
        coalesce(disp_date, make_date(disp_year, 1, 1)) as disp_first_day,
        case
            when offense_text is null or offense_text like 'SEE COMMENT%'
                then concat(coalesce(offense_text, ''), chr(10), coalesce(comment_text, ''))
            else offense_text
        end as charge_text
    from dated
)

select
    record_no,
    record_hash,
    subject_id,
    coalesce(cii_number, req_cii_number) as cii,
    name,
    gender,
    race,
    birth_stated,
    case when birth_first_day between date '1850-01-01' and $received_on then birth_date end as birth_date,
    case when birth_first_day between date '1850-01-01' and $received_on then birth_first_day end as birth_date_least,
    case when birth_first_day between date '1850-01-01' and $received_on then least(birth_last_day, $received_on) end
        as birth_date_most,
    event_stated,
    case when event_first_day between date '1850-01-01' and $received_on then event_date end as event_date,
    case when event_first_day between date '1850-01-01' and $received_on then event_first_day end as event_date_least,
    case when event_first_day between date '1850-01-01' and $received_on then least(event_last_day, $received_on) end
        as event_date_most,
    case when disp_first_day between date '1850-01-01' and $received_on then disp_date end as disp_date,
    coalesce(event_first_day > $received_on, false) as is_event_after_receipt,
    step_text,
    agency_text,
    county_text,
    case when order_stated is not null then try_cast(order_digits as bigint) end as cnt_order,
    case when order_stated is not null then try_cast(substr(order_digits, 1, 3) as integer) end as cycle_no,
    case when order_stated is not null then try_cast(substr(order_digits, 4, 3) as integer) end as step_no,
    case when order_stated is not null then try_cast(substr(order_digits, 7, 3) as integer) end as count_no,
    ofn,
    court_case as court_case_number,
    case_sign,
    -- A qualifier (attempted, ...) makes another offense of the text, and stands behind it; where there is none, and
    -- no other text, it is that of the charge.
    case
        when convicted_qualifier is null then convicted_text
        when convicted_text is not null or convicted_qualifier <> coalesce(offense_qualifier, '')
            then concat(coalesce(convicted_text, charge_text), chr(31), convicted_qualifier)
    end as convicted_text,
    case
        when disposed_text is null and disposed_qualifier is null then null
        when
            (disposed_text is null or upper(disposed_text) = upper(charge_text))
            and coalesce(disposed_qualifier, '') = coalesce(offense_qualifier, '')
            then null
        when disposed_qualifier is null then disposed_text
        else concat(coalesce(disposed_text, charge_text), chr(31), disposed_qualifier)
    end as disposed_text,
    comment_text,
    case
        when offense_qualifier is null then charge_text
        else concat(charge_text, chr(31), offense_qualifier)
    end as offense_key,
    disp_text,
    is_disposition_numbered,
    case
        when severity_stated = 'FELONY' then 'F'
        when severity_stated = 'MISDEMEANOR' then 'M'
        when severity_stated = 'INFRACTION' then 'I'
    end as severity,
    case when offense_toc in ('F', 'M', 'I') then offense_toc end as charge_severity,
    location as sentence_location,
    case when length_stated is not null then length_read end as sentence_length,
    case when sentence_unit in ('D', 'M', 'Y') then sentence_unit end as sentence_unit,
    location is not null or is_sentence_numbered as is_sentence_part
from bounded
