-- One row per county and measure: the predecessor's summary measures, counted by the as-of date, each with the number
-- it is a part of. `part` is the section or the reason that a measure is split by, '' where it is not.
with decided as (
    select
        d.county,
        d.person_no,
        d.section,
        d.outcome,
        d.relief,
        d.rule,
        d.reason,
        c.is_felony
    from eligibility.determination as d
    inner join facts.conviction as c on d.candidate_id = c.conviction_id
    where d.county is not null and d.remedy = 'prop64' and not c.prop64_predecessor
),

total as (
    select
        county,
        count(*) as n_candidates,
        count(distinct person_no) as n_subjects,
        count(*) filter (where is_felony) as n_felonies,
        count(*) filter (where not is_felony) as n_non_felonies,
        count(*) filter (where is_felony is null) as n_unknown_level,
        count(*) filter (where outcome = 'ELIGIBLE' and relief = 'DISMISS_SEAL') as n_dismissed,
        count(*) filter (where outcome = 'ELIGIBLE' and relief <> 'DISMISS_SEAL') as n_reduced,
        count(*) filter (where outcome = 'REVIEW') as n_review,
        count(*) filter (where outcome = 'ALREADY_RELIEVED') as n_already_relieved,
        count(*) filter (where outcome in ('INELIGIBLE', 'NOT_YET')) as n_not_eligible
    from decided
    group by county
),

people as (
    select
        county,
        count(*) as n_subjects,
        count(*) filter (where is_record_known) as n_known,
        count(*) filter (where has_felony) as n_with_felony,
        count(*) filter (where has_recent) as n_with_recent,
        count(*) filter (where has_relief) as n_relieved,
        count(*) filter (where is_left_without_felony) as n_no_felony,
        count(*) filter (where is_left_without_recent) as n_no_recent,
        count(*) filter (where is_left_without_conviction) as n_no_conviction,
        count(*) filter (where would_be_without_felony) as n_all_no_felony,
        count(*) filter (where would_be_without_recent) as n_all_no_recent,
        count(*) filter (where would_be_without_conviction) as n_all_no_conviction
    from impact.candidate_person
    group by county
),

person_county as (
    select distinct
        county,
        person_no
    from core.entry
    where county is not null
),

present as (
    select
        m.county,
        count(*) as n_lines
    from person_county as m
    inner join core.record as r on m.person_no = r.person_no
    where r.use = 'used'
    group by m.county
),

split as (
    select
        county,
        'candidates_by_section' as measure,
        section as part,
        count(*) as value
    from decided
    group by county, section
    union all
    select
        county,
        'dismissals_by_rule' as measure,
        rule as part,
        count(*) as value
    from decided
    where outcome = 'ELIGIBLE' and relief = 'DISMISS_SEAL'
    group by county, rule
    union all
    select
        county,
        'dismissals_by_reason' as measure,
        reason as part,
        count(*) as value
    from decided
    where outcome = 'ELIGIBLE' and relief = 'DISMISS_SEAL'
    group by county, reason
    union all
    select
        county,
        'dismissals_by_section_rule' as measure,
        section as part,
        count(*) as value
    from decided
    where outcome = 'ELIGIBLE' and rule = 'dismiss_section'
    group by county, section
    union all
    select
        county,
        'dismissals_by_additional_relief' as measure,
        reason as part,
        count(*) as value
    from decided
    where outcome = 'ELIGIBLE' and relief = 'DISMISS_SEAL' and rule not in ('dismiss_section', 'not_felony')
    group by county, reason
    union all
    select
        county,
        'reductions_by_section_rule' as measure,
        section as part,
        count(*) as value
    from decided
    where outcome = 'ELIGIBLE' and rule = 'reduce_section'
    group by county, section
),

measured as (
    select
        n.name as county,
        'lines' as measure,
        '' as part,
        coalesce(p.n_lines, 0) as value,
        null as denominator,
        '' as denominator_meaning
    from law.county as n
    left join present as p on n.name = p.county
    union all
    select
        t.county,
        m.measure,
        '' as part,
        m.value,
        m.denominator,
        m.denominator_meaning
    from total as t
    cross join
        lateral (
            values
            ('candidates', t.n_candidates, null, ''),
            ('subjects', t.n_subjects, null, ''),
            ('felony_candidates', t.n_felonies, t.n_candidates, 'candidates'),
            ('non_felony_candidates', t.n_non_felonies, t.n_candidates, 'candidates'),
            ('unknown_level_candidates', t.n_unknown_level, t.n_candidates, 'candidates'),
            ('dismissals', t.n_dismissed, t.n_candidates, 'candidates'),
            ('reductions', t.n_reduced, t.n_candidates, 'candidates'),
            ('reviews', t.n_review, t.n_candidates, 'candidates'),
            ('already_relieved', t.n_already_relieved, t.n_candidates, 'candidates'),
            ('not_eligible', t.n_not_eligible, t.n_candidates, 'candidates')
        ) as m (measure, value, denominator, denominator_meaning)
    union all
    select
        k.county,
        m.measure,
        '' as part,
        m.value,
        m.denominator,
        m.denominator_meaning
    from people as k
    cross join
        lateral (
            values
            ('subjects_with_some_relief', k.n_relieved, k.n_subjects, 'subjects'),
            ('subjects_with_known_record', k.n_known, k.n_subjects, 'subjects'),
            ('subjects_no_felony', k.n_no_felony, k.n_with_felony, 'subjects with a felony'),
            (
                'subjects_no_conviction_last_7_years',
                k.n_no_recent,
                k.n_with_recent,
                'subjects with a recent conviction'
            ),
            ('subjects_no_conviction', k.n_no_conviction, k.n_subjects, 'subjects'),
            ('all_dismissed_subjects_no_felony', k.n_all_no_felony, k.n_with_felony, 'subjects with a felony'),
            (
                'all_dismissed_subjects_no_conviction_last_7_years',
                k.n_all_no_recent,
                k.n_with_recent,
                'subjects with a recent conviction'
            ),
            ('all_dismissed_subjects_no_conviction', k.n_all_no_conviction, k.n_subjects, 'subjects')
        ) as m (measure, value, denominator, denominator_meaning)
    union all
    select
        s.county,
        s.measure,
        s.part,
        s.value,
        case
            when s.measure = 'candidates_by_section' then t.n_candidates
            when s.measure = 'reductions_by_section_rule' then t.n_reduced
            else t.n_dismissed
        end as denominator,
        case
            when s.measure = 'candidates_by_section' then 'candidates'
            when s.measure = 'reductions_by_section_rule' then 'reductions'
            else 'dismissals'
        end as denominator_meaning
    from split as s
    inner join total as t on s.county = t.county
)

select
    county,
    measure,
    part,
    cast(value as bigint) as value,
    cast(denominator as bigint) as denominator,
    denominator_meaning,
    $as_of as as_of
from measured
