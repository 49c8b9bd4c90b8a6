"""The rows of a batch: the lines that go, numbered, and what they mean for their cases.

Belongs here: turning lines that are READY or CHALLENGED into the rows of 10_relief_actions.csv and 11_relief_cases.csv. Does
not belong here: which lines these are (selection.py), the files (contents.py).

Works on the desk's `court_standing`, `renumbered`, `court.action` and `court.case_summary`.
"""

from clearslate.court.contents import select_text
from clearslate.court.layout import ACTION_COLUMNS, CASE_COLUMNS
from clearslate.court.selection import Question, only_named
from clearslate.warehouse import Warehouse


def number_lines(desk: Warehouse, question: Question, batch_id: str) -> int:
    """Make `batch_line` and `batch_case` of what is to go; returns the number of lines."""
    bound = {**question.bound, "batch_id": batch_id}
    for name, sql in (("batch_line", _BATCH_LINE), ("batch_case", _BATCH_CASE)):
        desk.execute(f"create or replace temp table {name} as {sql}", only_named(bound, sql), what=name)
    return int(desk.rows("select count(*) from batch_line")[0][0])


def lines_sql() -> str:
    """The rows of 10_relief_actions.csv, in their order."""
    sources = {"case_complete": "c.case_complete", "all_counts_in_batch": "c.all_counts_in_batch"}
    return (
        f"select {select_text(ACTION_COLUMNS, sources)} from batch_line as a "
        "left join batch_case as c on a.number_sort = c.number_sort and a.person_no = c.person_no order by a.line_no"
    )


def cases_sql() -> str:
    """The rows of 11_relief_cases.csv, in their order."""
    counts = {name: "a.n_" + name.removeprefix("counts_") for name in CASE_COLUMNS if name.startswith("counts_")}
    return f"select {select_text(CASE_COLUMNS, counts)} from batch_case as a order by a.case_no"


_BATCH_LINE = """
with line as (
    select
        a.* replace (
            case when s.state = 'CHALLENGED' then 'CHALLENGE' else a.action_code end as action_code,
            case when s.state = 'READY' then a.offense_level_after end as offense_level_after,
            case when s.state = 'READY' then a.section_after end as section_after,
            case when s.state = 'READY' then a.seal_scope else 'NONE' end as seal_scope,
            case when s.state = 'READY' then a.reason_code else s.ground end as reason_code,
            case when s.state = 'READY' then 'NO_CHALLENGE' else 'CHALLENGE' end as da_position,
            coalesce(n.number, a.case_number) as case_number,
            case when n.number is null then a.case_number_source else 'court' end as case_number_source,
            case when s.is_sendable_again then a.action_key end as supersedes_action_key
        ),
        a.action_code as relief_code,
        a.reason_code as rule,
        s.decision is null as is_by_standing_policy,
        case when n.number is not null then a.case_number end as original_case_number,
        coalesce(n.number_sort, a.case_number_sort) as number_sort
    from court_standing as s
    inner join court.action as a on s.action_key = a.action_key
    left join renumbered as n on s.action_key = n.action_key
    where s.state in ('READY', 'CHALLENGED')
),

lined as (
    select * exclude (line_no), row_number() over (order by number_sort, count_no, action_key) as line_no
    from line
),

met as (
    select *, min(line_no) over (partition by person_no) as first_of_person
    from lined
),

numbered as (
    select *, cast(dense_rank() over (order by first_of_person) as varchar) as subject_no
    from met
)

select
    * exclude (subject_ref, subject_no, first_of_person, line_no),
    $batch_id as batch_id,
    cast(line_no as integer) as line_no,
    'S' || lpad(subject_no, cast(greatest(length(subject_no), 6) as integer), '0') as subject_ref,
    line_no = min(line_no) over (partition by number_sort, person_no) as is_first_line
from numbered
"""

_BATCH_CASE = """
with going as (
    select
        number_sort,
        person_no,
        min(batch_id) as batch_id,
        min(line_no) as first_line_no,
        min(court_code) as court_code,
        min(case_number) as case_number,
        min(subject_ref) as subject_ref,
        count(*) filter (where da_position = 'NO_CHALLENGE') as n_in_batch,
        count(*) filter (where da_position = 'CHALLENGE') as n_challenged,
        count(*) filter (where seal_scope <> 'NONE') as n_sealed
    from batch_line
    group by number_sort, person_no
),

-- One case of the court may be several in DOJ's records, where the court gave two of them one number.
recorded as (
    select distinct number_sort, person_no, case_number_sort
    from batch_line
),

asked as (
    select case_number_sort, person_no, count(*) as n_asked_before
    from court_standing
    where state = 'SENT' and sent_state not in ('REFUSED', 'DENIED')
    group by case_number_sort, person_no
),

found as (
    select
        r.number_sort,
        r.person_no,
        sum(c.n_counts) as n_total,
        sum(c.n_convicted) as n_convicted,
        sum(c.n_in_batch) as n_eligible,
        sum(c.n_already_relieved) as n_already_relieved,
        sum(c.n_review) as n_review,
        sum(c.n_withheld) as n_withheld,
        sum(c.n_undisposed) as n_undisposed,
        sum(c.n_unplaced) as n_unplaced,
        sum(coalesce(a.n_asked_before, 0)) as n_asked_before,
        bool_or(c.case_complete = 'N') as is_live,
        bool_and(c.seal_scope = 'CASE') as is_sealed_whole
    from recorded as r
    inner join court.case_summary as c
        on r.case_number_sort = c.case_number_sort and r.person_no = c.person_no
        and c.remedy = $remedy and c.county = $county
    left join asked as a on r.case_number_sort = a.case_number_sort and r.person_no = a.person_no
    group by r.number_sort, r.person_no
),

-- Co-defendants share a number, and what is sealed as a whole is sealed for all who bear it. Where the release calls a case
-- sealed whole, all of them have a row there.
borne as (
    select r.number_sort, count(distinct c.person_no) as n_persons
    from (select distinct number_sort, case_number_sort from batch_line) as r
    inner join court.case_summary as c
        on r.case_number_sort = c.case_number_sort and c.remedy = $remedy and c.county = $county
    group by r.number_sort
),

counted as (
    select
        g.*,
        f.* exclude (number_sort, person_no, is_sealed_whole),
        b.n_persons,
        f.n_convicted - g.n_in_batch - f.n_asked_before - f.n_already_relieved as n_remaining_live,
        f.n_eligible - g.n_in_batch - g.n_challenged - f.n_asked_before as n_waiting,
        g.n_sealed > 0 and f.is_sealed_whole and g.n_in_batch = f.n_eligible as is_sealed_whole
    from going as g
    inner join found as f on g.number_sort = f.number_sort and g.person_no = f.person_no
    inner join borne as b on g.number_sort = b.number_sort
)

select
    *,
    row_number() over (order by first_line_no) as case_no,
    case
        when is_live or n_challenged > 0 then 'N'
        when n_remaining_live + n_undisposed + n_unplaced > 0 then 'U'
        else 'Y'
    end as case_complete,
    case when n_convicted = n_in_batch and n_undisposed + n_unplaced = 0 then 'Y' else 'N' end as all_counts_in_batch,
    case
        when n_sealed = 0 then 'NONE'
        when
            is_sealed_whole
            and n_persons = count(*) filter (where is_sealed_whole) over (partition by number_sort)
            then 'CASE'
        else 'COUNT'
    end as seal_scope
from counted
"""
