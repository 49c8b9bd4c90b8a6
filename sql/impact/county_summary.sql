-- One row per county and measure: the predecessor's summary measures, counted by the as-of date, each with the number it is
-- a part of. `part` is the section or the reason that a measure is split by, '' where it is not.
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
    where d.county is not null and d.remedy = 'prop64'
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

present as (
    select
        m.county,
        count(*) as n_lines
    from (select distinct county, person_no from core.entry where county is not null) as m
    inner join core.record as r on m.person_no = r.person_no
    where r.use = 'used'
    group by m.county
),

measured as (
    select n.name as county, 'lines' as measure, '' as part, coalesce(p.n_lines, 0) as value, null as denominator, '' as of_what
    from law.county as n left join present as p on n.name = p.county
    union all
    select county, 'candidates', '', n_candidates, null, '' from total
    union all
    select county, 'candidates_by_section', section, count(*), null, 'candidates' from decided group by county, section
    union all
    select county, 'subjects', '', n_subjects, null, '' from total
    union all
    select county, 'felony_candidates', '', n_felonies, n_candidates, 'candidates' from total
    union all
    select county, 'non_felony_candidates', '', n_non_felonies, n_candidates, 'candidates' from total
    union all
    select county, 'unknown_level_candidates', '', n_unknown_level, n_candidates, 'candidates' from total
    union all
    select county, 'dismissals', '', n_dismissed, n_candidates, 'candidates' from total
    union all
    select county, 'reductions', '', n_reduced, n_candidates, 'candidates' from total
    union all
    select county, 'reviews', '', n_review, n_candidates, 'candidates' from total
    union all
    select county, 'already_relieved', '', n_already_relieved, n_candidates, 'candidates' from total
    union all
    select county, 'not_eligible', '', n_not_eligible, n_candidates, 'candidates' from total
    union all
    select county, 'dismissals_by_rule', rule, count(*), null, 'dismissals'
    from decided where outcome = 'ELIGIBLE' and relief = 'DISMISS_SEAL' group by county, rule
    union all
    select county, 'dismissals_by_reason', reason, count(*), null, 'dismissals'
    from decided where outcome = 'ELIGIBLE' and relief = 'DISMISS_SEAL' group by county, reason
    union all
    select county, 'dismissals_by_section_rule', section, count(*), null, 'dismissals'
    from decided where outcome = 'ELIGIBLE' and rule = 'dismiss_section' group by county, section
    union all
    select county, 'dismissals_by_additional_relief', reason, count(*), null, 'dismissals'
    from decided
    where outcome = 'ELIGIBLE' and relief = 'DISMISS_SEAL' and rule not in ('dismiss_section', 'not_felony')
    group by county, reason
    union all
    select county, 'reductions_by_section_rule', section, count(*), null, 'reductions'
    from decided where outcome = 'ELIGIBLE' and rule = 'reduce_section' group by county, section
    union all
    select county, 'subjects_with_some_relief', '', n_relieved, n_subjects, 'subjects' from people
    union all
    select county, 'subjects_with_known_record', '', n_known, n_subjects, 'subjects' from people
    union all
    select county, 'subjects_no_felony', '', n_no_felony, n_with_felony, 'subjects with a felony' from people
    union all
    select county, 'subjects_no_conviction_last_7_years', '', n_no_recent, n_with_recent,
        'subjects with a conviction in the 7 years before the as-of date' from people
    union all
    select county, 'subjects_no_conviction', '', n_no_conviction, n_subjects, 'subjects' from people
    union all
    select county, 'all_dismissed_subjects_no_felony', '', n_all_no_felony, n_with_felony, 'subjects with a felony'
    from people
    union all
    select county, 'all_dismissed_subjects_no_conviction_last_7_years', '', n_all_no_recent, n_with_recent,
        'subjects with a conviction in the 7 years before the as-of date' from people
    union all
    select county, 'all_dismissed_subjects_no_conviction', '', n_all_no_conviction, n_subjects, 'subjects' from people
)

select
    m.county,
    m.measure,
    m.part,
    cast(m.value as bigint) as value,
    cast(
        case
            when m.of_what = 'dismissals' then t.n_dismissed
            when m.of_what = 'reductions' then t.n_reduced
            when m.of_what = 'candidates' then t.n_candidates
            else m.denominator
        end as bigint
    ) as denominator,
    m.of_what as denominator_meaning,
    $as_of as as_of
from measured as m
left join total as t on m.county = t.county
