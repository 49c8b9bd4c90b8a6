"""Where every row of the list and every conviction of ours ends up: in exactly one place.

Belongs here: the possible matches of both kinds, and the bucket of each row and conviction. Does not belong here: files.
"""

from __future__ import annotations

from clearslate.home import Home
from clearslate.reconcile.linkage import PARTIES, link
from clearslate.reconcile.mapping import ListMapping
from clearslate.warehouse import Warehouse

MOST_POSSIBLE = 5
"""So many possible matches of one case are listed, the best; every case that has any is listed at least once."""

_PARTY_FORM = """
    p.{id} as unique_id,
    p.last,
    p.first,
    strftime(p.birth_date, '%Y%m%d') as birth,
    strftime(p.birth_date, '%Y%d%m') as swapped,
    regexp_replace(p.case_number, '[^A-Za-z0-9]', '', 'g') as number,
    p.day,
    coalesce(p.sections, []) as sections
"""

_COURT_LEFT = f"""
    select {_PARTY_FORM.format(id="cid")}
    from reconcile.court_party as p
    where p.cid not in (select cid from reconcile.sure)
    order by p.cid
"""

_OURS_LEFT = f"""
    select {_PARTY_FORM.format(id="oid")}
    from reconcile.our_party as p
    where p.is_covered and p.oid not in (select oid from reconcile.sure)
    order by p.oid
"""

_POSSIBLE = f"""
    with united as (
        select cid, oid, 0 as kind, how, grade, names, births, cast(null as double) as weight
        from reconcile.possible_number
        union all
        select l.cid, l.oid, 1 as kind, null as how, null as grade, null as names, null as births, l.weight
        from reconcile.linked as l
        left join reconcile.possible_number as n on l.cid = n.cid and l.oid = n.oid
        where n.cid is null
    ),

    ranked as (
        select
            *,
            row_number() over (partition by cid order by kind, grade, how, weight desc, oid) as court_rank,
            row_number() over (partition by oid order by kind, grade, how, weight desc, cid) as our_rank
        from united
    )

    select *
    from ranked
    where court_rank <= {MOST_POSSIBLE} or our_rank = 1
"""

# A list with a row per count tells of counts: one that has no partner in a matched case is missing on the other side.
_ROW = """
    select
        r.row_no,
        p.cid,
        case
            when s.cid is not null and not o.is_convicted then 'missing'
            when s.cid is not null and $rows = 'count' and r.section is not null and n.row_no is null then 'missing'
            when s.cid is not null then 'matched'
            when u.cid is not null then 'possible'
            else 'missing'
        end as standing,
        case
            when s.cid is not null and not o.is_convicted then 'doj_has_case_without_conviction'
            when s.cid is not null then 'doj_has_case_without_this_count'
            when k.row_no is null then 'no_case_number'
            when x.cid is not null then 'doj_has_number_for_another_person'
            else 'not_found'
        end as why,
        w.last is not null as is_person_known
    from reconcile.court_row as r
    inner join reconcile.row_party as p on r.row_no = p.row_no
    left join reconcile.sure as s on p.cid = s.cid
    left join reconcile.our_party as o on s.oid = o.oid
    left join reconcile.count_pair as n on r.row_no = n.row_no
    left join (select distinct cid from reconcile.possible) as u on p.cid = u.cid
    left join (select distinct row_no from reconcile.court_row_key) as k on r.row_no = k.row_no
    left join (select distinct cid from reconcile.pair where grade = 'X') as x on p.cid = x.cid
    left join (
        select distinct last, first, birth_date
        from reconcile.our_party
        where birth_date is not null and last is not null and first is not null
    ) as w on p.last = w.last and p.first = w.first and p.birth_date = w.birth_date
"""

_OURS = """
    select
        v.conviction_id,
        o.oid,
        case
            when s.oid is not null and $rows = 'count' and $has_sections and v.section is not null and n.row_no is null
                then 'missing'
            when s.oid is not null then 'matched'
            when u.oid is not null then 'possible'
            else 'missing'
        end as standing,
        case
            when s.oid is not null then 'court_has_case_without_this_count'
            when o.case_number is null then 'no_case_number'
            when x.oid is not null then 'court_has_number_for_another_person'
            else 'not_found'
        end as why
    from reconcile.conviction as v
    inner join reconcile.our_party as o on v.person_no = o.person_no and v.case_id = o.case_id
    left join reconcile.sure as s on o.oid = s.oid
    left join reconcile.count_pair as n on v.conviction_id = n.conviction_id
    left join (select distinct oid from reconcile.possible) as u on o.oid = u.oid
    left join (select distinct oid from reconcile.pair where grade = 'X') as x on o.oid = x.oid
    where v.is_covered
"""


def find_possible(warehouse: Warehouse, home: Home) -> None:
    """Make `reconcile.possible`: of what is not surely matched, the pairs that may be one."""
    court, ours = (warehouse.arrow(sql, what="cases to link").cast(PARTIES) for sql in (_COURT_LEFT, _OURS_LEFT))
    warehouse.load_arrow("reconcile.linked", link(court, ours, home))
    warehouse.execute(f"create or replace table reconcile.possible as {_POSSIBLE}", what="possible matches")


def settle(warehouse: Warehouse, mapping: ListMapping) -> None:
    """Make `reconcile.row_standing` and `reconcile.our_standing`: matched, possible or missing, and why it is missing."""
    bound = {"rows": mapping.rows}
    warehouse.execute(f"create or replace table reconcile.row_standing as {_ROW}", bound, what="standing of rows")
    has_sections = bool(warehouse.rows("select 1 from reconcile.court_row where section is not null limit 1"))
    warehouse.execute(
        f"create or replace table reconcile.our_standing as {_OURS}",
        {**bound, "has_sections": has_sections},
        what="standing of convictions",
    )
