"""Our side: the cases of one county as DOJ's records tell them.

Belongs here: bringing the county's convictions and cases out of a build into the tables that are matched. Does not belong
here: the matching. A *party* is one person in one case; an unnumbered conviction is a case of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from clearslate.reconcile.mapping import EVERYTHING, ListMapping
from clearslate.reconcile.numbers import number_keys
from clearslate.reconcile.people import read_name
from clearslate.warehouse import Warehouse

_NAMES = pa.schema([("oid", pa.int64()), ("last", pa.string()), ("first", pa.string()), ("middle", pa.string())])
_KEYS = pa.schema([("oid", pa.int64()), ("how", pa.int8()), ("key", pa.string())])

_CONVICTIONS = """
    select
        f.conviction_id,
        v.person_no,
        coalesce('case ' || v.case_key, 'event ' || cast(v.event_no as varchar)) as case_id,
        v.case_number,
        f.statute_code as code,
        f.section,
        f.subdivision,
        f.severity as level,
        f.conviction_date as day,
        cast($remedy as varchar) is null or d.candidate_id is not null as is_covered,
        d.outcome
    from core.conviction as v
    inner join facts.conviction as f on v.conviction_id = f.conviction_id
    left join eligibility.determination as d on v.conviction_id = d.candidate_id and d.remedy = $remedy
    where v.county = $county
"""

# Cases without a conviction belong here too: the court may know how they ended, and DOJ does not.
_PARTIES = """
    with met as (
        select person_no, case_id, case_number, is_covered, day, section, true as is_convicted
        from reconcile.conviction
        union all
        select
            person_no, 'case ' || case_key as case_id, case_number, false as is_covered, null as day, null as section,
            false as is_convicted
        from core.court_count
        where county = $county and case_key is not null
    ),

    party as (
        select
            person_no,
            case_id,
            min(case_number) as case_number,
            bool_or(is_convicted) as is_convicted,
            bool_or(is_covered) as is_covered,
            min(day) as day,
            list_sort(list_distinct(list(section) filter (where section is not null))) as sections
        from met
        group by person_no, case_id
    )

    select
        row_number() over (order by q.case_id, p.person_key) as oid,
        q.*,
        p.name,
        p.birth_date,
        p.birth_date_least,
        p.birth_date_most
    from party as q
    inner join core.person as p on q.person_no = p.person_no
"""


def make_ours(warehouse: Warehouse, *, county: str, mapping: ListMapping, court_form: Callable[[str], str]) -> None:
    """Make `reconcile.conviction`, `reconcile.our_party` (with its name in parts) and `reconcile.our_key`.

    `warehouse` has the tables of core, facts and eligibility. `court_form`: the court's own form of a number, or nothing.
    """
    remedy = None if mapping.covers == EVERYTHING else mapping.covers
    warehouse.execute("create schema if not exists reconcile")
    warehouse.execute(
        f"create or replace table reconcile.conviction as {_CONVICTIONS}",
        {"county": county, "remedy": remedy},
        what="our convictions",
    )
    warehouse.execute(f"create or replace table reconcile.our_case as {_PARTIES}", {"county": county}, what="our cases")
    names, keys = [_NAMES.empty_table()], [_KEYS.empty_table()]
    for batch in warehouse.stream(
        "select oid, name, case_number from reconcile.our_case order by oid", what="our cases"
    ):
        oids, told, numbers = (column.to_pylist() for column in batch.columns)
        read = [read_name(name or "") for name in told]
        parts = [[getattr(name, part) or None for name in read] for part in ("last", "first", "middle")]
        names.append(pa.table([oids, *parts], schema=_NAMES))
        made = [
            {"oid": oid, "how": how, "key": key}
            for oid, number in zip(oids, numbers, strict=True)
            for how, key in number_keys(number or "", mapping, court_form)
        ]
        keys.append(pa.Table.from_pylist(made, schema=_KEYS))
    warehouse.load_arrow("reconcile.our_key", pa.concat_tables(keys))
    warehouse.load_arrow("reconcile.our_name", pa.concat_tables(names))
    warehouse.execute(
        "create or replace table reconcile.our_party as select p.*, n.last, n.first, n.middle "
        "from reconcile.our_case as p inner join reconcile.our_name as n on p.oid = n.oid",
        what="our names",
    )
