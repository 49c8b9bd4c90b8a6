-- One wide row per conviction: everything that a rule may look at. NULL is unknown. A date fact comes with the earliest
-- and the latest day that it can be. These columns are the vocabulary of the rule files (docs/rules.md).
with given as (
    select
        bool_or(name = 'srf' and is_given) as is_srf_given,
        bool_or(name = 'drug_weight' and is_given) as are_weights_given,
        sum(case when name = 'prohibition' then n_rows else 0 end) as n_prohibitions
    from raw.input
),

-- Who is on the list of the supervised, except where the supervision has surely ended.
supervised as (
    select distinct cii
    from raw.srf
    where not coalesce(end_date < $as_of, false)
),

prohibited as (
    select distinct
        county,
        case_key
    from raw.prohibition
),

prohibited_county as (
    select distinct county
    from raw.prohibition
),

reducing as (
    select
        t.disp_text,
        bool_or(r.level is not null and t.disposition_class in ('modified', 'relief_granted')) as is_level_told
    from staging.disposition_text as t
    inner join law.reduction as r on starts_with(t.disp_text, r.pattern)
    group by t.disp_text
),

-- A later count that lowers the level, surely where both state the case number; and what may be one.
lowered as (
    select
        a.conviction_charge_no as charge_no,
        a.is_sure
        and a.is_case_stated
        and not a.is_repeat
        and not l.is_disposition_unknown
        and (l.is_prop47_relief or coalesce(d.is_level_told, false))
        and coalesce(e.severity <> 'F', true) as is_sure
    from core.attachment as a
    inner join core.court_count as l on a.later_charge_no = l.charge_no
    inner join core.entry as e on a.later_charge_no = e.charge_no
    left join reducing as d on e.disp_text = d.disp_text
    where
        d.disp_text is not null
        or l.is_disposition_unknown
        or l.is_prop47_relief
        or l.is_prop64_relief
        or l.is_relief_unstated
    union all
    select
        v.charge_no,
        false as is_sure
    from core.conviction as v
    inner join core.entry as e on v.charge_no = e.charge_no
    inner join reducing as d on e.disp_text = d.disp_text
),

reduced as (
    select
        charge_no,
        bool_or(is_sure) as is_sure
    from lowered
    group by charge_no
),

-- A birth date counts where the person surely was old enough to be tried when first accused, or out of a juvenile
-- court's reach when convicted, and may be alive. Else it is miswritten or another's, and tells nobody's age.
born as (
    select
        v.charge_no,
        p.birth_date,
        p.birth_date_least,
        p.birth_date_most
    from core.conviction as v
    inner join core.person as p on v.person_no = p.person_no
    inner join facts.offense as d on v.charge_no = d.charge_no
    where
        (
            anniversary(p.birth_date_most, $age_youngest_accused, 'Y') <= d.accused_date_least
            or anniversary(p.birth_date_most, $age_out_of_juvenile_court, 'Y') <= v.conviction_date_least
            or v.is_juvenile_court
        )
        and anniversary(p.birth_date_least, $age_oldest, 'Y') >= $as_of
)

select
    v.conviction_id,
    v.person_no,
    v.delivery_no,
    v.record_no,
    v.county,
    case
        when o.in_prop64_scope or not coalesce(c.in_prop64_scope, false) then v.section
        else c.section
    end as section,
    o.subdivision,
    o.statute_code,
    o.relation,
    -- Where the record names another offense as the one convicted of, either may bring the conviction into scope; which
    -- of them it is stays uncertain.
    case
        when o.in_prop64_scope or c.in_prop64_scope then true
        when o.in_prop64_scope is null or (c.offense_no is not null and c.in_prop64_scope is null) then null
        else false
    end as in_prop64_scope,
    not coalesce(o.in_prop64_scope, false)
    and not coalesce(c.in_prop64_scope, false)
    and (o.is_prop64_predecessor or coalesce(c.is_prop64_predecessor, false)) as prop64_predecessor,
    o.is_aggravated_form or coalesce(c.is_aggravated_form, false) as aggravated_form,
    o.is_statute_certain
    and (
        c.offense_no is null
        or (
            c.is_statute_certain
            and c.section = o.section
            and c.relation = o.relation
            and c.statute_code = o.statute_code
        )
    ) as statute_certain,
    v.severity,
    v.severity = 'F' as is_felony,
    v.conviction_date,
    v.conviction_date_least,
    v.conviction_date_most,
    n.birth_date,
    n.birth_date_least,
    n.birth_date_most,
    d.offense_date,
    d.offense_date_least,
    d.offense_date_most,
    f.latest_conviction_date,
    f.latest_conviction_date_least,
    f.latest_conviction_date_most,
    f.is_deceased,
    f.all_convictions_prop64,
    p.identity_conflict,
    v.is_possible_repeat as possible_repeat,
    v.cnt_order is not null as order_known,
    v.is_juvenile_court as juvenile_court,
    v.is_prop64_relief_granted as prop64_relief_granted,
    v.is_disposition_contradicted as disposition_conflict,
    v.was_set_aside,
    case
        when v.conviction_date_least > $as_of then true
        when v.conviction_date_most <= $as_of or $as_of >= f.received_on then false
    end as after_as_of,
    p.is_history_complete as history_complete,
    s.sentence_path,
    substr(cast(1000 + v.cycle_no as varchar), 2) || '-' || substr(cast(1000 + v.step_no as varchar), 2)
        as conviction_event,
    substr(lpad(cast(v.prop64_relief_cnt_order as varchar), 12, '0'), 1, 3) || '-'
    || substr(lpad(cast(v.prop64_relief_cnt_order as varchar), 12, '0'), 4, 3) as prop64_relief_event,
    substr(lpad(cast(v.prop47_relief_cnt_order as varchar), 12, '0'), 1, 3) || '-'
    || substr(lpad(cast(v.prop47_relief_cnt_order as varchar), 12, '0'), 4, 3) as prop47_relief_event,
    substr(lpad(cast(v.conviction_relief_cnt_order as varchar), 12, '0'), 1, 3) || '-'
    || substr(lpad(cast(v.conviction_relief_cnt_order as varchar), 12, '0'), 4, 3) as conviction_relief_event,
    f.latest_conviction_event,
    v.case_number,
    v.case_number_source,
    v.case_key,
    coalesce(v.county is not null, false) as county_known,
    v.stated_severity = 'F' as felony_stated,
    case
        when v.stated_severity in ('M', 'I') or u.is_sure then false
        when v.stated_severity = 'F' and u.charge_no is null then true
    end as felony_now,
    coalesce(v.stated_severity = 'F', true) and u.charge_no is not null and not u.is_sure as reduction_unclear,
    d.prop64_form,
    d.form_inferred,
    d.destruction_due,
    r.superstrike_prior,
    r.pc290_prior,
    r.superstrike_before_conviction,
    r.pc290_before_conviction,
    r.superstrike_ever,
    r.pc290_ever,
    r.superstrike_event,
    r.pc290_event,
    r.two_section_priors,
    r.three_same_section_events,
    r.section_prior_event,
    r.companion_environmental,
    r.companion_minor,
    case
        when o.says_import or c.says_import then true
        when
            v.is_offense_told and not o.says_import
            and (c.offense_no is null or (v.is_convicted_offense_told and not c.says_import))
            then false
    end as import_text,
    -- Where the offense charged and the one convicted of stand in different classes, their value decides, if anything.
    case
        when c.offense_no is null or c.prop47 = o.prop47 then o.prop47
        when o.prop47 in ('decidable', 'value') or c.prop47 in ('decidable', 'value') then 'value'
    end as prop47_class,
    case
        when o.prop47 in ('decidable', 'value') or c.prop47 in ('decidable', 'value') then true
        when o.prop47 = 'none' and coalesce(c.prop47 = 'none', c.offense_no is null) then false
    end as in_prop47_scope,
    r.identity_theft_in_case,
    v.is_prop47_relief_granted as prop47_relief_granted,
    v.is_conviction_relief_granted as conviction_relief_granted,
    s.probation_granted,
    s.probation_revoked,
    s.state_prison,
    s.sentence_told,
    s.sentence_end_date,
    s.sentence_end_date_least,
    s.sentence_end_date_most,
    s.probation_end_date,
    s.probation_end_date_least,
    s.probation_end_date_most,
    t.all_sentences_completed,
    not t.all_sentences_completed as serving_any,
    case
        when t.n_serving > cast(not v.is_after_as_of and coalesce(s.sentence_end_date_least > $as_of, false) as integer)
            then true
        when
            t.are_sentences_known
            and t.n_unfinished
            = cast(not v.is_after_as_of and not coalesce(s.sentence_end_date_most <= $as_of, false) as integer)
            then false
    end as serving_other,
    t.serving_told,
    t.serving_event,
    case when t.last_sentence_end_date_least = t.last_sentence_end_date_most then t.last_sentence_end_date_least end
        as last_sentence_end_date,
    t.last_sentence_end_date_least,
    t.last_sentence_end_date_most,
    t.pending_charge,
    case when t.latest_pending_date_least = t.latest_pending_date_most then t.latest_pending_date_least end
        as latest_pending_date,
    t.latest_pending_date_least,
    t.latest_pending_date_most,
    t.latest_pending_event,
    w.new_felony_since,
    w.new_felony_date,
    w.new_felony_date_least,
    w.new_felony_date_most,
    t.latest_felony_event,
    case
        when o.serious = 'sure' and v.is_offense_told and coalesce(c.serious = 'sure', c.offense_no is null) then true
        when
            o.serious is null
            and not r.may_be_enhanced
            and v.is_offense_told
            and (c.offense_no is null or (c.serious is null and v.is_convicted_offense_told))
            then false
    end as serious_listed,
    case
        when o.violent = 'sure' and v.is_offense_told and coalesce(c.violent = 'sure', c.offense_no is null) then true
        when
            o.violent is null
            and not r.may_be_enhanced
            and v.is_offense_told
            and (c.offense_no is null or (c.violent is null and v.is_convicted_offense_told))
            then false
    end as violent_listed,
    case
        when o.pc290 = 'sure' and v.is_offense_told and coalesce(c.pc290 = 'sure', c.offense_no is null) then true
        when
            o.pc290 is null
            and v.is_offense_told
            and (c.offense_no is null or (c.pc290 is null and v.is_convicted_offense_told))
            then false
    end as pc290_listed,
    t.registration_on_record,
    case
        when o.supervision = 'sure' and v.is_offense_told and coalesce(c.supervision = 'sure', c.offense_no is null)
            then true
        when
            o.supervision is null
            and v.is_offense_told
            and (c.offense_no is null or (c.supervision is null and v.is_convicted_offense_told))
            then false
    end as supervision_violation,
    case
        when not g.is_srf_given or p.is_cii_shared or not coalesce(not p.identity_conflict, false) then null
        when p.cii is not null then case when x.cii is not null then 'active' else 'clear' end
    end as srf,
    g.is_srf_given and p.cii is not null and not p.is_cii_shared and coalesce(not p.identity_conflict, false)
        as srf_known,
    case
        when b.case_key is not null then true
        when g.n_prohibitions = 0 or (v.county is not null and y.county is null) then false
        when v.county is not null and v.stated_case_key is not null then false
    end as relief_prohibited,
    z.grams as drug_weight_grams,
    g.are_weights_given as weights_given,
    t.n_convictions,
    t.n_felony_convictions,
    case
        when o.related = 'sure' and v.is_offense_told and coalesce(c.related = 'sure', c.offense_no is null) then true
        when
            o.related is null
            and v.is_offense_told
            and (c.offense_no is null or (c.related is null and v.is_convicted_offense_told))
            then false
    end as related_charge,
    case
        when
            o.related_flagged = 'sure'
            and v.is_offense_told
            and coalesce(c.related_flagged = 'sure', c.offense_no is null)
            then true
        when
            o.related_flagged is null
            and v.is_offense_told
            and (c.offense_no is null or (c.related_flagged is null and v.is_convicted_offense_told))
            then false
    end as related_flagged,
    r.prop64_in_cycle,
    -- A court of California in a county that is known: DOJ gives notice to that one.
    case
        when not v.is_california_court then false
        when v.is_california_court and v.county is not null then true
    end as california_court,
    v.is_federal_court as federal_court
from core.conviction as v
inner join core.person as p on v.person_no = p.person_no
inner join facts.person as f on v.person_no = f.person_no
inner join facts.standing as t on v.person_no = t.person_no
inner join core.offense as o on v.offense_no = o.offense_no
inner join facts.offense as d on v.charge_no = d.charge_no
inner join facts.prior as r on v.charge_no = r.charge_no
inner join facts.sentence as s on v.charge_no = s.charge_no
inner join facts.new_felony as w on v.charge_no = w.charge_no
cross join given as g
left join born as n on v.charge_no = n.charge_no
left join core.offense as c on v.convicted_offense_no = c.offense_no
left join reduced as u on v.charge_no = u.charge_no
left join supervised as x on upper(p.cii) = x.cii
left join prohibited_county as y on v.county = y.county
left join prohibited as b on v.county = b.county and v.case_key = b.case_key
left join raw.drug_weight as z on v.stated_case_key = z.case_key
