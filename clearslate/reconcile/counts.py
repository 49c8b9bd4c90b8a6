"""Inside a sure match: which row of the list is which of our convictions, and where they say different things.

Belongs here: pairing the counts of one party and comparing them. Does not belong here: finding the party (matching.py).
"""

from __future__ import annotations

from clearslate.reconcile.mapping import ListMapping
from clearslate.warehouse import Warehouse

# What a row and a conviction must have in common to be paired, the closest first. All counts of a case tend to have one day,
# so that it pairs only what states no section. In the last pass a row and a conviction that are each the only one left are
# the same count, told differently.
_PASSES = (
    ("section", "code", "subdivision", "day", "level"),
    ("section", "code", "day"),
    ("section", "day"),
    ("section",),
    ("day",),
    (),
)

_OPEN_ROWS = """
    select r.row_no, s.oid, r.code, r.section, r.subdivision, r.day, r.level
    from reconcile.sure as s
    inner join reconcile.row_party as p on s.cid = p.cid
    inner join reconcile.court_row as r on p.row_no = r.row_no
    where r.row_no not in (select row_no from reconcile.count_pair)
"""

_OPEN_CONVICTIONS = """
    select v.conviction_id, o.oid, v.code, v.section, v.subdivision, v.day, v.level
    from reconcile.sure as s
    inner join reconcile.our_party as o on s.oid = o.oid
    inner join reconcile.conviction as v on o.person_no = v.person_no and o.case_id = v.case_id
    where v.conviction_id not in (select conviction_id from reconcile.count_pair)
"""


def _pass(shared: tuple[str, ...]) -> str:
    keys = ", ".join(("oid", *shared))
    stated = " and ".join(f"{name} is not null" for name in shared) or "n_left = 1"
    order = "day nulls last, level nulls last, subdivision nulls last"

    def side(rows: str, identity: str) -> str:
        return (
            f"select * from (select *, row_number() over (partition by {keys} order by {order}, {identity}) as nth, "
            f"count(*) over (partition by oid) as n_left from ({rows}) as left_over) as numbered where {stated}"
        )

    joined = " and ".join(f"r.{name} = v.{name}" for name in ("oid", "nth", *shared))
    unstated = "(r.section is null or v.section is null)" if shared == ("day",) else "true"
    return (
        f"insert into reconcile.count_pair with r as ({side(_OPEN_ROWS, 'row_no')}), "
        f"v as ({side(_OPEN_CONVICTIONS, 'conviction_id')}) "
        f"select r.row_no, v.conviction_id from r inner join v on {joined} and {unstated}"
    )


_CONFLICT = """
    with told as (
        select
            r.row_no,
            v.conviction_id,
            r.case_number as court_case_number,
            v.case_number as doj_case_number,
            r.level as court_level,
            v.level as doj_level,
            concat_ws(' ', r.code, r.section || coalesce(r.subdivision, '')) as court_statute,
            concat_ws(' ', v.code, v.section || coalesce(v.subdivision, '')) as doj_statute,
            r.section <> v.section or coalesce(r.code <> v.code, false) as is_section_other,
            lower(r.subdivision) <> lower(v.subdivision) as is_subdivision_other,
            r.day as court_day,
            v.day as doj_day
        from reconcile.count_pair as p
        inner join reconcile.court_row as r on p.row_no = r.row_no
        inner join reconcile.conviction as v on p.conviction_id = v.conviction_id
    ),

    -- A list with a row per case may name another section than any of our several counts.
    unlike as (
        select
            r.row_no,
            r.case_number as court_case_number,
            o.case_number as doj_case_number,
            concat_ws(' ', r.code, r.section || coalesce(r.subdivision, '')) as court_statute,
            array_to_string(o.sections, '; ') as doj_statute
        from reconcile.sure as s
        inner join reconcile.our_party as o on s.oid = o.oid
        inner join reconcile.row_party as p on s.cid = p.cid
        inner join reconcile.court_row as r on p.row_no = r.row_no
        where
            $rows = 'case'
            and o.is_convicted
            and len(o.sections) > 0
            and r.section is not null
            and not list_contains(o.sections, r.section)
            and r.row_no not in (select row_no from reconcile.count_pair)
    ),

    person as (
        select c.row_no, s.names, s.births, c.case_number as court_case_number, o.case_number as doj_case_number,
            c.name as court_name, o.name as doj_name, c.birth_date as court_birth, o.birth_date as doj_birth
        from reconcile.sure as s
        inner join reconcile.court_party as c on s.cid = c.cid
        inner join reconcile.our_party as o on s.oid = o.oid
    )

    select
        row_no, conviction_id, court_case_number, doj_case_number, 'level' as kind, court_level as court_says,
        doj_level as doj_says
    from told
    where court_level <> doj_level
    union all
    select row_no, conviction_id, court_case_number, doj_case_number, 'section', court_statute, doj_statute
    from told
    where is_section_other
    union all
    select row_no, conviction_id, court_case_number, doj_case_number, 'subdivision', court_statute, doj_statute
    from told
    where is_subdivision_other and not is_section_other
    union all
    select
        row_no, conviction_id, court_case_number, doj_case_number, 'date', cast(court_day as varchar),
        cast(doj_day as varchar)
    from told
    where abs(court_day - doj_day) > $tolerance
    union all
    select row_no, null, court_case_number, doj_case_number, 'section', court_statute, doj_statute
    from unlike
    union all
    select row_no, null, court_case_number, doj_case_number, 'name', court_name, doj_name
    from person
    where names in ('near', 'partly')
    union all
    select
        row_no, null, court_case_number, doj_case_number, 'birth_date', cast(court_birth as varchar),
        cast(doj_birth as varchar)
    from person
    where births = 'near' and doj_birth is not null
"""


def compare_counts(warehouse: Warehouse, mapping: ListMapping) -> None:
    """Make `reconcile.count_pair` (row_no, conviction_id; each at most once) and `reconcile.conflict`."""
    warehouse.execute(
        "create or replace table reconcile.count_pair (row_no bigint, conviction_id varchar)", what="count pairs"
    )
    for shared in _PASSES:
        warehouse.execute(_pass(shared), what="count pairs")
    warehouse.execute(
        f"create or replace table reconcile.conflict as {_CONFLICT}",
        {"rows": mapping.rows, "tolerance": mapping.date_tolerance_days},
        what="conflicts",
    )
