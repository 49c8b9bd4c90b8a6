-- One row per finding and what it is found on: everything in the records that contradicts itself, can't be read, or may
-- be one thing or another. A finding is no fault of the pipeline: the value is taken for unknown, and listed here.
with record_finding as (
    select
        'offense_unreadable' as finding,
        e.delivery_no,
        e.record_no,
        e.person_no
    from core.entry as e
    inner join core.offense as o on e.offense_no = o.offense_no
    where not o.is_parsed and o.problem <> 'blank'
    union all
    select
        'offense_blank' as finding,
        e.delivery_no,
        e.record_no,
        e.person_no
    from core.entry as e
    inner join core.offense as o on e.offense_no = o.offense_no
    where e.step_type = 'court_action' and o.problem = 'blank'
    union all
    select
        'disposition_unmapped' as finding,
        delivery_no,
        record_no,
        person_no
    from core.entry
    where disp_text is not null and disposition_class is null
    union all
    select
        'disposition_blank' as finding,
        delivery_no,
        record_no,
        person_no
    from core.entry
    where step_type = 'court_action' and disp_text is null
    union all
    select
        'convicted_outside_court' as finding,
        delivery_no,
        record_no,
        person_no
    from core.entry
    where disposition_class = 'convicted' and coalesce(step_type <> 'court_action', true)
    union all
    select
        'step_type_unknown' as finding,
        delivery_no,
        record_no,
        person_no
    from core.entry
    where step_type is null
    union all
    select
        'court_date_unknown' as finding,
        delivery_no,
        record_no,
        person_no
    from core.entry
    where step_type = 'court_action' and event_date is null
    union all
    select
        'event_ambiguous' as finding,
        delivery_no,
        record_no,
        person_no
    from core.entry
    where is_day_ambiguous or is_county_ambiguous
    union all
    select
        'after_receipt' as finding,
        delivery_no,
        record_no,
        person_no
    from core.entry
    where is_event_after_receipt
    union all
    select
        'after_as_of' as finding,
        delivery_no,
        record_no,
        person_no
    from core.entry
    where event_date_least > $as_of
    union all
    select
        'order_unreadable' as finding,
        delivery_no,
        record_no,
        person_no
    from core.entry
    where cnt_order is null
    union all
    select
        'subject_id_blank' as finding,
        r.delivery_no,
        r.record_no,
        r.person_no
    from core.record as r
    inner join staging.record as s on r.delivery_no = s.delivery_no and r.record_no = s.record_no
    where s.subject_id is null and r.use = 'used'
    union all
    select distinct
        'later_count_unsure' as finding,
        c.delivery_no,
        c.record_no,
        c.person_no
    from core.attachment as a
    inner join core.charge as c on a.later_charge_no = c.charge_no
    where not a.is_sure
    union all
    select
        'sentence_unlisted' as finding,
        e.delivery_no,
        e.record_no,
        e.person_no
    from core.entry as e
    left join law.sentence_location as l on e.sentence_location = l.location
    where e.sentence_location is not null and l.location is null
),

person_finding as (
    select
        'cii_shared' as finding,
        delivery_no,
        person_no
    from core.person
    where is_cii_shared
    union all
    select
        'identity_conflict' as finding,
        delivery_no,
        person_no
    from core.person
    where identity_conflict
    union all
    select
        'identity_unsure' as finding,
        delivery_no,
        person_no
    from core.person
    where identity_conflict is null
    union all
    select
        'subject_repeated' as finding,
        delivery_no,
        person_no
    from core.person
    where is_subject_repeated
    union all
    select
        'birth_date_unknown' as finding,
        delivery_no,
        person_no
    from core.person
    where birth_date is null
    union all
    select
        'birth_date_too_early' as finding,
        delivery_no,
        person_no
    from core.person
    where anniversary(birth_date_least, $age_oldest, 'Y') < $as_of
    union all
    select
        'history_incomplete' as finding,
        delivery_no,
        person_no
    from core.person
    where not is_history_complete
    union all
    select
        'race_unlisted' as finding,
        p.delivery_no,
        p.person_no
    from core.person as p
    left join law.race as r on p.race = r.race
    where p.race is not null and r.race is null
    union all
    select
        'gender_unlisted' as finding,
        p.delivery_no,
        p.person_no
    from core.person as p
    left join law.gender as g on p.gender = g.gender
    where p.gender is not null and g.gender is null
),

conviction_finding as (
    select
        'possible_repeat' as finding,
        delivery_no,
        record_no,
        person_no,
        conviction_id
    from core.conviction
    where is_possible_repeat
    union all
    select
        'date_mismatch' as finding,
        delivery_no,
        record_no,
        person_no,
        conviction_id
    from core.conviction
    where disp_date <> conviction_date
    union all
    select
        'conviction_date_unknown' as finding,
        delivery_no,
        record_no,
        person_no,
        conviction_id
    from core.conviction
    where conviction_date is null
    union all
    select
        'county_unknown' as finding,
        delivery_no,
        record_no,
        person_no,
        conviction_id
    from core.conviction
    where county is null
    union all
    select
        'case_number_missing' as finding,
        delivery_no,
        record_no,
        person_no,
        conviction_id
    from core.conviction
    where case_key is null and case_number_source <> 'contradicted'
    union all
    select
        'case_number_contradicted' as finding,
        delivery_no,
        record_no,
        person_no,
        conviction_id
    from core.conviction
    where case_number_source = 'contradicted'
    union all
    select
        'severity_unknown' as finding,
        delivery_no,
        record_no,
        person_no,
        conviction_id
    from core.conviction
    where severity is null
    union all
    select
        'severity_contradicted' as finding,
        delivery_no,
        record_no,
        person_no,
        conviction_id
    from core.conviction
    where is_severity_contradicted
    union all
    select
        'disposition_contradicted' as finding,
        delivery_no,
        record_no,
        person_no,
        conviction_id
    from core.conviction
    where is_disposition_contradicted
    union all
    select
        'convicted_too_young' as finding,
        v.delivery_no,
        v.record_no,
        v.person_no,
        v.conviction_id
    from core.conviction as v
    inner join core.person as p on v.person_no = p.person_no
    where
        anniversary(p.birth_date_least, $age_youngest_accused, 'Y') > v.conviction_date_most
        and not coalesce(v.is_juvenile_court, false)
)

select
    finding,
    delivery_no,
    record_no,
    person_no,
    cast(null as varchar) as conviction_id
from record_finding
union all
select
    finding,
    delivery_no,
    cast(null as bigint) as record_no,
    person_no,
    cast(null as varchar) as conviction_id
from person_finding
union all
select
    finding,
    delivery_no,
    record_no,
    person_no,
    conviction_id
from conviction_finding
