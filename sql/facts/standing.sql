-- One row per person: how the person stands on the as-of date, over all counties: what is pending, what is being
-- served, how many convictions there are. FALSE and counts hold only where nothing could be missing.
with sentence as (
    select
        v.person_no,
        bool_or(coalesce(s.sentence_end_date_least > $as_of, false)) as is_serving,
        bool_and(coalesce(s.sentence_end_date_most <= $as_of, false)) as is_over,
        count(*) filter (where s.sentence_end_date_least > $as_of) as n_serving,
        count(*) filter (where not coalesce(s.sentence_end_date_most <= $as_of, false)) as n_unfinished,
        max(s.sentence_end_date_least) as last_least,
        case when count(s.sentence_end_date_most) = count(*) then max(s.sentence_end_date_most) end as last_most,
        max(
            case
                when s.sentence_end_date_least > $as_of
                    then
                        cast(s.sentence_end_date_least as varchar) || ' '
                        || substr(lpad(cast(v.cnt_order as varchar), 12, '0'), 1, 3) || '-'
                        || substr(lpad(cast(v.cnt_order as varchar), 12, '0'), 4, 3)
            end
        ) as serving_text
    from core.conviction as v
    inner join facts.sentence as s on v.charge_no = s.charge_no
    where not v.is_after_as_of
    group by v.person_no
),

-- A possible conviction may have a sentence that still runs; a stay tells its own end, if any.
unserved as (
    select
        m.person_no,
        true as is_running,
        cast(null as date) as ends_most
    from facts.mention as m
    left join facts.served as d on m.charge_no = d.charge_no
    where m.kind = 'possible' and d.charge_no is null
    union all
    select
        person_no,
        not coalesce(ends_most <= $as_of, false) as is_running,
        ends_most
    from facts.served
),

possible as (
    select
        person_no,
        bool_or(is_running) as is_running,
        max(ends_most) as last_most
    from unserved
    group by person_no
),

counted as (
    select
        person_no,
        count(*) filter (where kind = 'conviction') as n_convictions,
        count(*) filter (where kind = 'conviction' and stated_severity = 'F') as n_felonies,
        bool_or(kind = 'conviction' and stated_severity is null) as has_unknown_severity,
        bool_or(kind in ('retold', 'possible') or is_possible_repeat or (kind = 'conviction' and not has_happened))
            as is_count_open,
        bool_or(is_sure and registration = 'sure' and has_happened) as is_registered,
        bool_or(registration is not null) as may_be_registered,
        max(
            case
                when kind = 'conviction' and is_sure and stated_severity = 'F'
                    then coalesce(cast(event_date_least as varchar), '0000-00-00') || ' ' || event
            end
        ) as felony_text
    from facts.mention
    group by person_no
),

-- Charges that an arrest or a court brought by the as-of date, or may have. On an arrest a blank disposition is none;
-- on a court action it may be any. What is told of a later day may not have happened yet. Where a day or county is only
-- that of siblings, what ended one entry need not have ended another.
brought as (
    select
        h.charge_no,
        h.person_no,
        h.cycle_no,
        h.step_no,
        h.count_no,
        h.offense_no,
        h.is_offense_told,
        h.step_type,
        h.is_wholly_disposed
        or (
            h.is_disposed
            and not h.is_disposition_unknown
            and not h.is_day_ambiguous
            and not h.is_county_ambiguous
        ) as is_final,
        h.is_disposition_unknown,
        h.is_convicted,
        h.convicted_offense_no,
        h.is_convicted_offense_told,
        case when not h.is_day_doubtful then h.event_date_least end as day_least,
        case when not h.is_day_doubtful then h.event_date_most end as day_most,
        coalesce(h.event_date_most <= $as_of and not h.is_day_doubtful, false)
        or $as_of >= d.received_on as has_happened,
        h.cnt_order
    from core.charge as h
    inner join raw.delivery as d on h.delivery_no = d.delivery_no
    where
        (h.is_day_doubtful or not coalesce(h.event_date_least > $as_of, false))
        and (h.step_type is null or h.step_type in ('arrest', 'court_action'))
),

-- A court step of the cycle takes an arrest over: from there on its own counts tell what is pending.
taken_over as (
    select
        person_no,
        cycle_no,
        bool_or(has_happened and step_type = 'court_action') as is_sure
    from brought
    where cycle_no is not null and coalesce(step_type = 'court_action', true)
    group by person_no, cycle_no
),

-- A violation of supervision is no charge: the court that supervises hears it, whatever becomes of it.
open_charge as (
    select
        b.charge_no,
        b.person_no,
        b.cycle_no,
        b.step_no,
        b.count_no,
        b.cnt_order,
        o.statute_code,
        o.section,
        b.is_offense_told,
        b.day_least,
        b.day_most,
        b.step_type = 'court_action' and not b.is_disposition_unknown as may_be_settled_before,
        b.has_happened
        and not b.is_disposition_unknown
        and o.supervision is null
        and c.supervision is null
        and b.is_offense_told
        and (c.offense_no is null or b.is_convicted_offense_told)
        and b.step_type is not null
        and (b.step_type = 'court_action' or t.person_no is null) as is_sure,
        coalesce(b.step_type <> 'arrest', true) or t.person_no is not null as may_be_settled
    from brought as b
    inner join core.offense as o on b.offense_no = o.offense_no
    left join core.offense as c on b.convicted_offense_no = c.offense_no
    left join taken_over as t
        on b.step_type = 'arrest' and b.person_no = t.person_no and b.cycle_no = t.cycle_no
    where
        not b.is_final
        and not coalesce(t.is_sure, false)
        and not coalesce(
            o.supervision = 'sure' and b.is_offense_told and coalesce(c.supervision = 'sure', c.offense_no is null),
            false
        )
),

-- A step that ends the same count, in whatever words. It is the court's: a cycle without one settles nothing. Mostly
-- it is a later one; what a court goes on to say of a count that it has convicted (AFFIRMED, TRANSFERRED) opens it no
-- more, as it may open one that it had dismissed (REINSTATED).
settled as (
    select distinct b.charge_no
    from open_charge as b
    inner join brought as s
        on
            b.person_no = s.person_no
            and b.cycle_no = s.cycle_no
            and b.count_no = s.count_no
    inner join core.offense as o on s.offense_no = o.offense_no
    where
        b.may_be_settled
        and b.is_offense_told
        and b.section = o.section
        and coalesce(b.statute_code, '') = coalesce(o.statute_code, '')
        and s.is_final
        and s.is_offense_told
        and s.has_happened
        and s.step_type = 'court_action'
        and (s.step_no > b.step_no or (s.step_no < b.step_no and s.is_convicted and b.may_be_settled_before))
),

unfinished as (
    select
        b.person_no,
        b.day_least,
        b.day_most,
        b.is_sure,
        substr(lpad(cast(b.cnt_order as varchar), 12, '0'), 1, 3) || '-'
        || substr(lpad(cast(b.cnt_order as varchar), 12, '0'), 4, 3) as event
    from open_charge as b
    left join settled as s on b.charge_no = s.charge_no
    where s.charge_no is null
),

pending as (
    select
        person_no,
        bool_or(is_sure) as is_sure,
        max(day_least) filter (where is_sure) as latest_least,
        max(day_most) as latest_most,
        bool_or(day_most is null) as has_undated,
        max(coalesce(cast(day_least as varchar), '0000-00-00') || ' ' || event) as event_text
    from unfinished
    group by person_no
)

select
    f.person_no,
    case
        when s.is_serving then false
        when
            coalesce(s.is_over, true)
            and not coalesce(u.is_running, false)
            and f.is_history_complete
            and f.is_current
            then true
    end as all_sentences_completed,
    coalesce(s.is_serving, false) as serving_told,
    coalesce(s.n_serving, 0) as n_serving,
    coalesce(s.n_unfinished, 0) as n_unfinished,
    not coalesce(u.is_running, false) and f.is_history_complete and f.is_current as are_sentences_known,
    substr(s.serving_text, 12) as serving_event,
    s.last_least as last_sentence_end_date_least,
    case
        when not coalesce(u.is_running, false) and f.is_history_complete and f.is_current and s.last_most is not null
            then greatest(s.last_most, coalesce(u.last_most, s.last_most))
    end as last_sentence_end_date_most,
    case
        when p.is_sure then true
        when p.person_no is null and f.is_history_complete and f.is_current then false
    end as pending_charge,
    p.latest_least as latest_pending_date_least,
    case
        when not p.has_undated and f.is_history_complete and f.is_current then least(p.latest_most, $as_of)
    end as latest_pending_date_most,
    substr(p.event_text, 12) as latest_pending_event,
    case
        when not coalesce(c.is_count_open, false) and f.is_history_complete and f.is_current
            then coalesce(c.n_convictions, 0)
    end as n_convictions,
    case
        when
            not coalesce(c.is_count_open, false)
            and not coalesce(c.has_unknown_severity, false)
            and f.is_history_complete
            and f.is_current
            then coalesce(c.n_felonies, 0)
    end as n_felony_convictions,
    substr(c.felony_text, 12) as latest_felony_event,
    case
        when c.is_registered then true
        when not coalesce(c.may_be_registered, false) and f.is_history_complete and f.is_current then false
    end as registration_on_record
from facts.person as f
left join sentence as s on f.person_no = s.person_no
left join counted as c on f.person_no = c.person_no
left join possible as u on f.person_no = u.person_no
left join pending as p on f.person_no = p.person_no
