-- One row per used record with its meanings attached; the entries of one charge share a charge_no (a charge repeats for
-- each part of its sentence and each disposition). Count order alone is no key: two offenses or two dated events can
-- share it. A blank date or county joins the one that its siblings state and stays unknown where they state several;
-- beside siblings it is marked, for it may be of another event.
-- charge_no is a hash of what makes the charge, for joining only: no order and no file may depend on it.
with agency_use as (
    select
        delivery_no,
        count(agency_text) > 0 as states_agencies
    from staging.record
    group by delivery_no
),

meant as (
    select
        r.delivery_no,
        r.record_no,
        r.person_no,
        s.record_hash,
        s.cnt_order,
        s.cycle_no,
        s.step_no,
        s.count_no,
        t.step_type,
        o.offense_no,
        o.is_parsed and o.statute_source in ('offense', 'comment_referenced') as is_offense_told,
        c.offense_no as named_offense_no,
        c.is_parsed as is_named_offense_told,
        -- The offense as disposed is looked at where it is not the very one charged.
        case
            when
                not coalesce(
                    o.is_statute_certain
                    and d.is_statute_certain
                    and o.statute_code = d.statute_code
                    and o.section = d.section
                    and o.subdivision is not distinct from d.subdivision
                    and o.relation = d.relation
                    and o.says_import = d.says_import,
                    false
                )
                then d.offense_no
        end as disposed_offense_no,
        d.is_parsed as is_disposed_offense_told,
        s.event_stated,
        s.event_date,
        s.event_date_least,
        s.event_date_most,
        s.is_event_after_receipt,
        s.county_text as county_stated,
        s.agency_text,
        a.agency_kind,
        s.agency_text is null and u.states_agencies as is_agency_untold,
        s.disp_date,
        s.ofn,
        s.court_case_number,
        s.case_sign,
        s.disp_text,
        s.is_disposition_numbered,
        p.disposition_class,
        p.disposition_relief,
        s.severity,
        s.charge_severity,
        s.sentence_location,
        s.sentence_length,
        s.sentence_unit,
        s.is_sentence_part
    from core.record as r
    inner join staging.record as s on r.delivery_no = s.delivery_no and r.record_no = s.record_no
    inner join agency_use as u on r.delivery_no = u.delivery_no
    left join staging.step_text as t on s.step_text = t.step_text
    left join law.agency_prefix as a on substr(s.agency_text, 1, 4) = a.prefix
    left join staging.disposition_text as p on s.disp_text = p.disp_text
    left join core.offense as o on s.offense_key = o.offense_key
    left join core.offense as c on s.convicted_text = c.offense_key
    left join core.offense as d on s.disposed_text = d.offense_key
    where r.use = 'used'
),

-- What the record names as the offense convicted of tells more than the offense as disposed.
chosen as (
    select
        *,
        coalesce(named_offense_no, disposed_offense_no) as convicted_offense_no,
        case
            when named_offense_no is not null then is_named_offense_told
            else disposed_offense_no is not null and is_disposed_offense_told
        end as is_convicted_offense_told
    from meant
),

keyed as (
    select
        *,
        hash(
            person_no,
            cnt_order,
            step_type,
            offense_no,
            convicted_offense_no,
            case when cnt_order is null then record_hash end
        ) as sibling_key
    from chosen
),

-- Siblings stand under one count order with one offense; those of a blank that may be of its event. Blanks are few.
sibling as (
    select
        b.delivery_no,
        b.record_no,
        count(*) as n_siblings,
        min(s.event_stated) as first_event,
        max(s.event_stated) as last_event,
        min(s.county_stated) as first_county,
        max(s.county_stated) as last_county
    from keyed as b
    inner join keyed as s on b.sibling_key = s.sibling_key
    where
        (b.event_stated is null or b.county_stated is null)
        and coalesce(b.event_stated = s.event_stated, true)
        and coalesce(b.county_stated = s.county_stated, true)
    group by b.delivery_no, b.record_no
),

filled as (
    select
        m.*,
        coalesce(m.event_stated, case when s.first_event = s.last_event then s.first_event end) as event_key,
        coalesce(m.county_stated, case when s.first_county = s.last_county then s.first_county end) as county_key,
        m.event_stated is null and coalesce(s.n_siblings > 1, false) as is_day_ambiguous,
        m.county_stated is null and coalesce(s.n_siblings > 1, false) as is_county_ambiguous
    from keyed as m
    left join sibling as s on m.delivery_no = s.delivery_no and m.record_no = s.record_no
)

select
    delivery_no,
    record_no,
    person_no,
    hash(sibling_key, event_key, county_key) as charge_no,
    record_hash,
    cnt_order,
    cycle_no,
    step_no,
    count_no,
    step_type,
    offense_no,
    is_offense_told,
    convicted_offense_no,
    is_convicted_offense_told,
    event_key,
    event_date,
    event_date_least,
    event_date_most,
    is_event_after_receipt,
    is_day_ambiguous,
    is_county_ambiguous,
    n.name as county,
    agency_text,
    agency_kind,
    is_agency_untold,
    disp_date,
    ofn,
    court_case_number,
    case_sign,
    disp_text,
    is_disposition_numbered,
    disposition_class,
    disposition_relief,
    severity,
    charge_severity,
    sentence_location,
    sentence_length,
    sentence_unit,
    is_sentence_part
from filled as f
left join law.county as n on f.county_key = n.name
