-- One row per county and person with a candidate there: what would be left of the person's record once that county's
-- relief is done, as of the run's date, over the convictions of all counties. Whatever can't be known counts as left: a
-- conviction of unknown level may be a felony, an unknown disposition may be a conviction.
with candidate as (
    select distinct
        d.county,
        d.person_no
    from eligibility.determination as d
    inner join facts.conviction as c on d.candidate_id = c.conviction_id
    where d.county is not null and d.remedy = 'prop64' and not c.prop64_predecessor
),

standing as (
    select
        k.county,
        k.person_no,
        c.is_felony,
        coalesce(anniversary(c.conviction_date_most, 7, 'Y') > $as_of, true) as may_be_recent,
        coalesce(anniversary(c.conviction_date_least, 7, 'Y') > $as_of, false) as is_recent,
        d.county is not null and not c.prop64_predecessor as is_candidate_here,
        coalesce(d.outcome = 'ELIGIBLE' and d.relief = 'DISMISS_SEAL', false) as is_dismissed,
        coalesce(d.outcome = 'ELIGIBLE', false) as is_relieved
    from candidate as k
    inner join facts.conviction as c on k.person_no = c.person_no
    left join eligibility.determination as d
        on c.conviction_id = d.candidate_id and d.remedy = 'prop64' and k.county = d.county
    where not coalesce(c.after_as_of, false)
),

left_over as (
    select
        county,
        person_no,
        count(*) as n_convictions,
        count(*) filter (where is_felony) as n_felonies,
        count(*) filter (where is_recent) as n_recent,
        bool_or(is_relieved) as has_relief,
        bool_and(is_dismissed) as is_all_dismissed,
        bool_and(is_relieved or not coalesce(is_felony, true)) as is_all_felony_relieved,
        bool_and(is_dismissed or not may_be_recent) as is_all_recent_dismissed,
        bool_and(is_candidate_here) as is_all_candidate,
        bool_and(is_candidate_here or not coalesce(is_felony, true)) as is_all_felony_candidate,
        bool_and(is_candidate_here or not may_be_recent) as is_all_recent_candidate
    from standing
    group by county, person_no
)

select
    l.county,
    l.person_no,
    cast(l.n_convictions as bigint) as n_convictions,
    l.has_relief,
    l.n_felonies > 0 as has_felony,
    l.n_recent > 0 as has_recent,
    f.is_history_complete and f.n_possible_convictions = 0 as is_record_known,
    f.is_history_complete and f.n_possible_convictions = 0 and l.is_all_dismissed as is_left_without_conviction,
    f.is_history_complete
    and f.n_possible_convictions = 0
    and l.n_felonies > 0
    and l.is_all_felony_relieved as is_left_without_felony,
    f.is_history_complete
    and l.n_recent > 0
    and l.is_all_recent_dismissed
    and (
        f.n_possible_convictions = 0
        or coalesce(anniversary(f.latest_possible_conviction_date_most, 7, 'Y') <= $as_of, false)
    ) as is_left_without_recent,
    f.is_history_complete and f.n_possible_convictions = 0 and l.is_all_candidate as would_be_without_conviction,
    f.is_history_complete
    and f.n_possible_convictions = 0
    and l.n_felonies > 0
    and l.is_all_felony_candidate as would_be_without_felony,
    f.is_history_complete
    and l.n_recent > 0
    and l.is_all_recent_candidate
    and (
        f.n_possible_convictions = 0
        or coalesce(anniversary(f.latest_possible_conviction_date_most, 7, 'Y') <= $as_of, false)
    ) as would_be_without_recent
from left_over as l
inner join facts.person as f on l.person_no = f.person_no
