-- One row per conviction: its sentence, by the parts that its own count and the later counts of it state. Parts run
-- beside one another: the longest counts, each from the day that imposed it. Supervision alone comes after: it begins
-- where the longest custody of its disposition ends. Custody that supervision follows by law (law.sentence_location)
-- may end later than is told, where none is. A part that is told in part or whose kind nobody knows, and a later count
-- that may have changed the sentence without saying to what, leave the end open; so it is never too early. A later
-- count that does not state the same case number may be another case's: what it says is possible, not sure.
with told_by as (
    select
        v.charge_no as conviction_charge_no,
        v.charge_no,
        true as is_own,
        true as is_sure,
        case when not v.is_day_doubtful then v.conviction_date_least end as day_least,
        case when not v.is_day_doubtful then v.conviction_date_most end as day_most
    from core.conviction as v
    union all
    select
        a.conviction_charge_no,
        a.later_charge_no as charge_no,
        false as is_own,
        a.is_sure and a.is_case_stated and not l.is_disposition_unknown as is_sure,
        case when not l.is_day_doubtful then l.event_date_least end as day_least,
        case when not l.is_day_doubtful then l.event_date_most end as day_most
    from core.attachment as a
    inner join core.court_count as l on a.later_charge_no = l.charge_no
    where coalesce(l.step_type = 'court_action', true)
),

said as (
    select
        t.disp_text,
        coalesce(bool_or(s.kind = 'probation'), false) as is_probation,
        coalesce(bool_or(s.kind = 'prison'), false) as is_prison,
        coalesce(bool_or(s.kind = 'jail'), false) as is_jail,
        coalesce(bool_or(s.kind = 'none'), false) as is_none
    from staging.disposition_text as t
    left join law.disposition_sentence as s on starts_with(t.disp_text, s.pattern)
    group by t.disp_text
),

-- Dismissals, set-asides and relief impose nothing, whatever else their rows state; an unknown disposition may be any
-- of them, and may have changed the sentence.
part as (
    select
        t.conviction_charge_no,
        t.charge_no,
        e.delivery_no,
        e.record_no,
        t.is_own,
        t.is_sure and e.disposition_class is not null as is_sure,
        e.is_sentence_part,
        t.is_own and e.is_sentence_part and coalesce(e.disposition_class = 'convicted', false) as is_first_part,
        e.is_sentence_part and l.kind is null as is_kind_unknown,
        coalesce(l.kind, '') as kind,
        coalesce(l.kind in ('jail', 'prison'), false) as is_custody,
        coalesce(l.kind in ('supervision', 'parole'), false) as is_supervision,
        l.supervision_years,
        e.sentence_length,
        e.sentence_unit,
        e.disposition_class is null
        or (not e.is_sentence_part and e.disposition_class <> 'convicted' and not coalesce(d.is_none, false))
            as is_untold,
        coalesce(d.is_probation, false) as says_probation,
        coalesce(d.is_prison, false) as says_prison,
        coalesce(d.is_jail, false) as says_jail,
        case
            when not e.is_sentence_part then null
            when l.kind in ('fine', 'suspended') then t.day_least
            else anniversary(t.day_least, e.sentence_length, e.sentence_unit)
        end as runs_least,
        case
            when not e.is_sentence_part then null
            when l.kind in ('fine', 'suspended') then t.day_most
            else anniversary(t.day_most, e.sentence_length, e.sentence_unit)
        end as runs_most,
        t.day_least
    from told_by as t
    inner join core.entry as e on t.charge_no = e.charge_no
    left join law.sentence_location as l on e.sentence_location = l.location
    left join said as d on e.disp_text = d.disp_text
    where
        -- As all that tells of it; asked first, because most entries are of arrests.
        coalesce(e.step_type = 'court_action', true)
        and coalesce(
            e.disposition_class not in ('dismissed', 'acquitted', 'rejected', 'set_aside', 'relief_granted'), true
        )
),

-- The custody of the same disposition that supervision follows.
followed as (
    select
        s.conviction_charge_no,
        s.delivery_no,
        s.record_no,
        max(c.runs_least) filter (where c.is_sure) as custody_least,
        max(c.runs_most) as custody_most
    from part as s
    inner join part as c on s.conviction_charge_no = c.conviction_charge_no and s.charge_no = c.charge_no
    where s.is_supervision and c.is_custody
    group by s.conviction_charge_no, s.delivery_no, s.record_no
),

paroled as (
    select distinct
        conviction_charge_no,
        charge_no
    from part
    where kind = 'parole'
),

-- Supervision without custody that it could follow ends nobody knows when.
timed as (
    select
        p.*,
        case
            when p.is_supervision
                then coalesce(anniversary(f.custody_least, p.sentence_length, p.sentence_unit), p.runs_least)
            else p.runs_least
        end as ends_least,
        case
            when p.is_supervision then anniversary(f.custody_most, p.sentence_length, p.sentence_unit)
            when p.supervision_years is not null and r.charge_no is null
                then anniversary(p.runs_most, p.supervision_years, 'Y')
            else p.runs_most
        end as ends_most
    from part as p
    left join followed as f
        on
            p.conviction_charge_no = f.conviction_charge_no
            and p.delivery_no = f.delivery_no
            and p.record_no = f.record_no
    left join paroled as r on p.conviction_charge_no = r.conviction_charge_no and p.charge_no = r.charge_no
),

-- What a disposition names and no part tells has no known end; a sentence is suspended for probation.
summed as (
    select
        conviction_charge_no,
        bool_or(is_first_part)
        and not bool_or(is_untold)
        and not bool_or(is_kind_unknown or (is_sentence_part and ends_most is null))
        and (not bool_or(says_probation or kind = 'suspended') or bool_or(is_sure and kind = 'probation'))
        and (not bool_or(says_prison or kind = 'parole') or bool_or(is_sure and kind = 'prison'))
        and (not bool_or(says_jail) or bool_or(is_sure and is_custody)) as is_told,
        bool_or(is_first_part) and not bool_or(is_kind_unknown or is_untold) as is_kind_told,
        greatest(
            max(ends_least) filter (where is_sure and not is_kind_unknown), max(day_least) filter (where is_own)
        ) as ends_least,
        max(ends_most) as ends_most,
        bool_or(is_sure and (kind in ('prison', 'parole') or says_prison)) as is_prison,
        bool_or(kind in ('prison', 'parole') or says_prison) as may_be_prison,
        bool_or(is_sure and (kind = 'probation' or says_probation)) as is_probation,
        bool_or(kind in ('probation', 'suspended') or says_probation) as may_be_probation,
        bool_or(kind = 'suspended') as has_suspended,
        max(ends_least) filter (where is_sure and kind = 'probation') as probation_least,
        max(ends_most) filter (where kind = 'probation') as probation_most,
        bool_or(is_first_part and kind = 'probation')
        and not bool_or(is_kind_unknown or is_untold or (kind = 'probation' and ends_most is null))
            as is_probation_told
    from timed
    group by conviction_charge_no
),

-- A stay in custody may be one in prison; misdemeanors don't lead there.
custody as (
    select
        person_no,
        cycle_no
    from core.charge
    where step_type is null or step_type in ('custody', 'jail')
    group by person_no, cycle_no
),

adrift_custody as (
    select person_no
    from custody
    where cycle_no is null
),

-- What revokes, or may, stands in the same cycle or case, under whatever count.
revocation as (
    select *
    from core.court_count
    where (is_revoked or is_disposition_unknown) and not is_after_as_of
),

revoked as (
    select
        v.charge_no,
        bool_or(
            r.is_revoked
            and not r.is_ambiguous
            and (
                coalesce(r.cycle_no = v.cycle_no, false)
                or coalesce(r.county = v.county and r.stated_case_key = v.stated_case_key, false)
            )
        ) as is_revoked,
        bool_or(
            coalesce(r.cycle_no = v.cycle_no, true) or not coalesce(r.stated_case_key <> v.stated_case_key, false)
        ) as may_be_revoked
    from core.conviction as v
    inner join revocation as r on v.person_no = r.person_no
    group by v.charge_no
),

-- What a court says of a violation of supervision, in whatever case, may have revoked any probation that ran then; so
-- may what can't be read. The cycle tells when it began.
supervised as (
    select
        n.charge_no,
        n.person_no,
        n.cycle_no,
        n.stated_case_key,
        case when not n.is_day_doubtful then n.event_date_most end as day_most
    from core.court_count as n
    inner join core.offense as o on n.offense_no = o.offense_no
    left join core.offense as c on n.convicted_offense_no = c.offense_no
    where
        not n.is_after_as_of
        and not n.is_surely_dismissed
        and (
            o.supervision is not null
            or c.supervision is not null
            or not n.is_offense_told
            or (c.offense_no is not null and not n.is_convicted_offense_told)
        )
),

supervised_cycle as (
    select distinct
        person_no,
        cycle_no
    from supervised
    where cycle_no is not null
),

begun as (
    select
        h.person_no,
        h.cycle_no,
        case
            when count(h.event_date_least) = count(*) and not bool_or(h.is_day_doubtful) then min(h.event_date_least)
        end as day_least
    from core.charge as h
    inner join supervised_cycle as s on h.person_no = s.person_no and h.cycle_no = s.cycle_no
    group by h.person_no, h.cycle_no
),

adrift as (
    select distinct person_no
    from core.charge
    where cycle_no is null
),

violation as (
    select
        n.charge_no,
        n.person_no,
        n.cycle_no,
        n.stated_case_key,
        case when a.person_no is null then b.day_least end as begun_least,
        n.day_most
    from supervised as n
    left join begun as b on n.person_no = b.person_no and n.cycle_no = b.cycle_no
    left join adrift as a on n.person_no = a.person_no
),

violated as (
    select distinct v.charge_no
    from core.conviction as v
    inner join summed as s on v.charge_no = s.conviction_charge_no
    inner join violation as w on v.person_no = w.person_no
    where
        v.charge_no <> w.charge_no
        and not coalesce(w.day_most <= v.conviction_date_least and not v.is_day_doubtful, false)
        and (
            coalesce(w.cycle_no = v.cycle_no, true)
            or not coalesce(w.stated_case_key <> v.stated_case_key, false)
            or not coalesce(w.begun_least > s.probation_most and s.is_probation_told, false)
        )
),

-- After a revocation a suspended sentence may have been executed, from whatever day.
completed as (
    select
        s.conviction_charge_no,
        s.is_told and not (s.has_suspended and (coalesce(r.may_be_revoked, false) or w.charge_no is not null))
            as is_told,
        s.is_kind_told,
        s.ends_least,
        s.ends_most,
        s.is_prison,
        s.may_be_prison,
        s.is_probation,
        s.may_be_probation,
        s.probation_least,
        s.probation_most,
        s.is_probation_told,
        r.is_revoked,
        coalesce(r.may_be_revoked, false) or w.charge_no is not null as may_be_revoked
    from summed as s
    left join revoked as r on s.conviction_charge_no = r.charge_no
    left join violated as w on s.conviction_charge_no = w.charge_no
)

select
    v.charge_no,
    s.is_told as sentence_told,
    case when s.is_told and s.ends_least = s.ends_most then s.ends_least end as sentence_end_date,
    s.ends_least as sentence_end_date_least,
    case when s.is_told then s.ends_most end as sentence_end_date_most,
    case
        when s.is_probation then true
        when s.is_kind_told and not s.may_be_probation then false
    end as probation_granted,
    case when s.is_probation_told and s.probation_least = s.probation_most then s.probation_least end
        as probation_end_date,
    s.probation_least as probation_end_date_least,
    case when s.is_probation_told then s.probation_most end as probation_end_date_most,
    case
        when s.is_revoked then true
        when
            not s.may_be_revoked
            and f.is_history_complete
            and f.is_current
            then false
    end as probation_revoked,
    case
        when s.is_prison then true
        when
            s.is_kind_told
            and not s.may_be_prison
            and (
                coalesce(v.stated_severity in ('M', 'I'), false)
                or (v.cycle_no is not null and k.person_no is null and a.person_no is null)
            )
            and f.is_history_complete
            then false
    end as state_prison,
    case
        when s.ends_least > $as_of then 'serving'
        when s.is_told and s.ends_most <= $as_of then 'completed'
    end as sentence_path
from core.conviction as v
inner join facts.person as f on v.person_no = f.person_no
inner join completed as s on v.charge_no = s.conviction_charge_no
left join custody as k on v.person_no = k.person_no and v.cycle_no = k.cycle_no
left join adrift_custody as a on v.person_no = a.person_no
