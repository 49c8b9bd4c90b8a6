"""Matching by case number: sure matches, and those that are only possible.

Belongs here: who is one party of a court's list, how two parties that share a number compare, the grade of that, and when
a match is sure. Does not belong here: parties without a common number (linkage.py).

Grades of a pair that shares a number:

- A: name and birth date agree too.
- B: one of them agrees and nothing contradicts; or nothing is there to compare, and the number is written alike or by
  the county's rules. (A number that only agrees without a municipal prefix needs the name or the birth date: a superior
  and a municipal court may have given the same number.)
- C: possible. One of the two contradicts, or it is a municipal number without that.
- X: both contradict. The number is another person's; not a match at all.

A pair is sure if it is of grade A or B, the best on both sides by grade and by how the number agrees, and the only such; if
nothing but the number agrees, the only one of grade A or B at all. One court case against several of ours, or the other
way round, is therefore never sure.
"""

from __future__ import annotations

from clearslate.reconcile.numbers import BY_RULE, MUNICIPAL, WRITTEN
from clearslate.warehouse import Warehouse

MOST_PARTIES = 60
"""A key that more parties of one side share is no case number but a filler."""

# Rows of one number, last and first name are one party, unless birth dates or initials tell them apart.
_ROW_PARTY = f"""
    with numbered as (
        select
            r.*,
            coalesce('case ' || k.key, 'row ' || cast(r.row_no as varchar)) as case_id,
            left(r.middle, 1) as initial
        from reconcile.court_row as r
        left join reconcile.court_row_key as k on r.row_no = k.row_no and k.how = {WRITTEN}
    ),

    filled as (
        select
            row_no,
            case_id,
            last,
            first,
            coalesce(initial, case when min(initial) over w = max(initial) over w then min(initial) over w end) as initial,
            coalesce(
                birth_date, case when min(birth_date) over w = max(birth_date) over w then min(birth_date) over w end
            ) as birth_date
        from numbered
        window w as (partition by case_id, last, first)
    )

    select
        *,
        dense_rank() over (order by case_id, last, first, initial, birth_date) as cid
    from filled
"""

_PARTY = """
    select
        p.cid,
        min(p.row_no) as row_no,
        list_sort(list(p.row_no)) as row_nos,
        min(r.case_number) as case_number,
        min(r.name) as name,
        min(p.last) as last,
        min(p.first) as first,
        coalesce(max(r.middle), min(p.initial)) as middle,
        min(p.birth_date) as birth_date,
        min(r.day) as day,
        list_sort(list_distinct(list(r.section) filter (where r.section is not null))) as sections
    from reconcile.row_party as p
    inner join reconcile.court_row as r on p.row_no = r.row_no
    group by p.cid
"""

_SAME_NUMBER = f"""
    with court as (
        select distinct p.cid, k.how, k.key
        from reconcile.court_row_key as k
        inner join reconcile.row_party as p on k.row_no = p.row_no
    ),

    court_held as (select how, key from court group by how, key having count(*) <= {MOST_PARTIES}),

    our_held as (select how, key from reconcile.our_key group by how, key having count(*) <= {MOST_PARTIES})

    select
        court.cid,
        ours.oid,
        min(court.how) as how
    from court
    inner join court_held on court.how = court_held.how and court.key = court_held.key
    inner join our_held on court.how = our_held.how and court.key = our_held.key
    inner join reconcile.our_key as ours on court.how = ours.how and court.key = ours.key
    group by court.cid, ours.oid
"""

_NAMES = """
    case
        when c.last is null or o.last is null then 'unknown'
        when c.last = o.last and c.first = o.first and coalesce(left(c.middle, 1) = left(o.middle, 1), true) then 'same'
        when c.last = o.last and (c.first is null or o.first is null) then 'near'
        when jaro_winkler_similarity(c.last, o.last) >= 0.9 and jaro_winkler_similarity(c.first, o.first) >= 0.88
            then 'near'
        when c.last = o.first and c.first = o.last then 'near'
        when
            c.first = o.first
            and (
                starts_with(c.last, o.last || ' ') or ends_with(c.last, ' ' || o.last)
                or starts_with(o.last, c.last || ' ') or ends_with(o.last, ' ' || c.last)
            )
            then 'near'
        when c.last = o.last and least(length(c.first), length(o.first)) = 1 and left(c.first, 1) = left(o.first, 1)
            then 'near'
        when c.last = o.last or c.first = o.first then 'partly'
        else 'differs'
    end
"""

_BIRTHS = """
    case
        when c.birth_date is null or coalesce(o.birth_date, o.birth_date_least, o.birth_date_most) is null then 'unknown'
        when c.birth_date = o.birth_date then 'same'
        when o.birth_date is null and (c.birth_date < o.birth_date_least or c.birth_date > o.birth_date_most) then 'differs'
        when o.birth_date is null then 'near'
        when
            year(c.birth_date) = year(o.birth_date)
            and month(c.birth_date) = day(o.birth_date)
            and day(c.birth_date) = month(o.birth_date)
            then 'near'
        when levenshtein(strftime(c.birth_date, '%Y%m%d'), strftime(o.birth_date, '%Y%m%d')) <= 1 then 'near'
        else 'differs'
    end
"""

_PAIR = f"""
    with compared as (
        select
            n.cid,
            n.oid,
            n.how,
            {_NAMES} as names,
            {_BIRTHS} as births
        from reconcile.same_number as n
        inner join reconcile.court_party as c on n.cid = c.cid
        inner join reconcile.our_party as o on n.oid = o.oid
    ),

    weighed as (
        select
            *,
            cast(names = 'same' as integer) + cast(births = 'same' as integer) as n_agree,
            cast(names = 'differs' or (names = 'partly' and births <> 'same') as integer)
            + cast(births = 'differs' as integer) as n_contradict
        from compared
    )

    select
        *,
        case
            when n_agree = 2 then 'A'
            when n_contradict = 2 then 'X'
            when n_contradict = 1 or (how = {MUNICIPAL} and (n_agree = 0 or births = 'unknown')) then 'C'
            else 'B'
        end as grade
    from weighed
"""

_SURE = """
    with likely as (
        select
            *,
            grade = min(grade) over (partition by cid) and how = min(how) over (partition by cid) as is_best_of_court,
            grade = min(grade) over (partition by oid) and how = min(how) over (partition by oid) as is_best_of_ours,
            count(*) over (partition by cid) + count(*) over (partition by oid) = 2 as is_alone
        from reconcile.pair
        where grade in ('A', 'B')
    ),

    best as (
        select
            *,
            count(*) over (partition by cid) + count(*) over (partition by oid) = 2 as is_only_best
        from likely
        where is_best_of_court and is_best_of_ours
    )

    select cid, oid, grade, how, names, births
    from best
    where is_alone or (is_only_best and n_agree > 0)
"""

# A contradicted number is a question only as long as neither side has found its match.
_POSSIBLE = """
    select p.*
    from reconcile.pair as p
    left join reconcile.sure as c on p.cid = c.cid
    left join reconcile.sure as o on p.oid = o.oid
    where
        (p.grade in ('A', 'B') and (c.cid is null or o.oid is null))
        or (p.grade = 'C' and c.cid is null and o.oid is null)
"""

HOW = {WRITTEN: "as written", BY_RULE: "by rule of the county", MUNICIPAL: "without municipal prefix"}


def match_numbers(warehouse: Warehouse) -> None:
    """Make row_party, court_party, pair, sure and possible_number of the list's rows and keys and of our parties."""
    for name, sql in (
        ("row_party", _ROW_PARTY),
        ("court_party", _PARTY),
        ("same_number", _SAME_NUMBER),
        ("pair", _PAIR),
        ("sure", _SURE),
        ("possible_number", _POSSIBLE),
    ):
        warehouse.execute(f"create or replace table reconcile.{name} as {sql}", what=f"reconcile.{name}")
