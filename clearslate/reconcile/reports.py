"""The reports of a reconciliation: five lists and a summary, for the prosecutor.

Belongs here: what stands in which file, in which order, and the counts. Does not belong here: how it was found.

The lists name people: they are the prosecutor's own, below the home, readable by its owner alone. The summary and the
returned counts name nobody. The same list held against the same records gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clearslate.court.layout import create_file, is_unsafe_cell
from clearslate.reconcile.matching import HOW
from clearslate.warehouse import Warehouse

_AGREES = " ".join(f"when {how} then '{words}'" for how, words in HOW.items())

IN_COURT = "in_court_not_in_doj.csv"
IN_DOJ = "in_doj_not_in_court.csv"
CONFLICTS = "conflicts.csv"
POSSIBLE = "possible_matches.csv"
MATCHES = "matches.csv"

LISTS = {
    IN_COURT: """
        select
            r.row_no as row,
            r.case_number,
            r.municipal_number,
            r.name,
            r.birth_date,
            r.section_text as section,
            r.level,
            r.day as date,
            r.status,
            r.candidate as likely_candidate,
            case when s.is_person_known then 'yes' else 'no' end as person_in_doj,
            s.why
        from reconcile.court_row as r
        inner join reconcile.row_standing as s on r.row_no = s.row_no
        where s.standing = 'missing'
        order by r.row_no
    """,
    IN_DOJ: """
        select
            v.conviction_id,
            o.case_number,
            o.name,
            o.birth_date,
            v.code as statute_code,
            v.section || coalesce(v.subdivision, '') as statute_section,
            v.level,
            v.day as date,
            v.outcome,
            s.why
        from reconcile.our_standing as s
        inner join reconcile.conviction as v on s.conviction_id = v.conviction_id
        inner join reconcile.our_party as o on s.oid = o.oid
        where s.standing = 'missing'
        order by o.case_id, v.conviction_id
    """,
    CONFLICTS: """
        select row_no as row, court_case_number, doj_case_number, conviction_id, kind, court_says, doj_says
        from reconcile.conflict
        order by row_no, kind, conviction_id, court_says, doj_says
    """,
    POSSIBLE: f"""
        select
            array_to_string(c.row_nos, '; ') as rows,
            c.case_number as court_case_number,
            o.case_number as doj_case_number,
            case p.kind when 0 then 'case number' else 'person and case' end as found_by,
            case p.how {_AGREES} end as number_agrees,
            p.names as names,
            p.births as birth_dates,
            p.weight as weight_bits,
            c.name as court_name,
            o.name as doj_name,
            c.birth_date as court_birth_date,
            o.birth_date as doj_birth_date,
            c.day as court_date,
            o.day as doj_date,
            array_to_string(c.sections, '; ') as court_sections,
            array_to_string(o.sections, '; ') as doj_sections,
            case when o.is_convicted then 'yes' else 'no' end as doj_convicted
        from reconcile.possible as p
        inner join reconcile.court_party as c on p.cid = c.cid
        inner join reconcile.our_party as o on p.oid = o.oid
        order by c.row_no, p.court_rank, p.oid
    """,
    MATCHES: f"""
        select
            r.row_no as row,
            r.case_number as court_case_number,
            o.case_number as doj_case_number,
            n.conviction_id,
            s.grade,
            case s.how {_AGREES} end as number_agrees,
            s.names as names,
            s.births as birth_dates
        from reconcile.row_standing as t
        inner join reconcile.court_row as r on t.row_no = r.row_no
        inner join reconcile.sure as s on t.cid = s.cid
        inner join reconcile.our_party as o on s.oid = o.oid
        left join reconcile.count_pair as n on r.row_no = n.row_no
        where t.standing = 'matched'
        order by r.row_no
    """,
}

_COUNTS = """
    select 'court_rows' as name, '' as part, count(*) as n from reconcile.court_row
    union all
    select 'court_rows_' || standing, '', count(*) from reconcile.row_standing group by standing
    union all
    select 'court_rows_missing', why, count(*) from reconcile.row_standing where standing = 'missing' group by why
    union all
    select 'likely_candidates', coalesce(r.candidate, 'section_not_stated'), count(*)
    from reconcile.row_standing as s
    inner join reconcile.court_row as r on s.row_no = r.row_no
    where s.standing = 'missing'
    group by r.candidate
    union all
    select 'doj_convictions', '', count(*) from reconcile.our_standing
    union all
    select 'doj_convictions_' || standing, '', count(*) from reconcile.our_standing group by standing
    union all
    select 'doj_convictions_missing', why, count(*) from reconcile.our_standing where standing = 'missing' group by why
    union all
    select 'court_cases', '', count(*) from reconcile.court_party
    union all
    select 'sure_matches', '', count(*) from reconcile.sure
    union all
    select 'sure_matches', grade, count(*) from reconcile.sure group by grade
    union all
    select 'sure_matches', 'number ' || case how {agrees} end, count(*) from reconcile.sure group by how
    union all
    select 'possible_pairs', '', count(*) from reconcile.possible
    union all
    select 'conflicts', '', count(*) from reconcile.conflict
    union all
    select 'conflicts', kind, count(*) from reconcile.conflict group by kind
"""

_ALWAYS = ("court_rows", "doj_convictions")


def count(warehouse: Warehouse) -> dict[str, int]:
    """The counts, `name` or `name: part`, sorted; nothing of a person."""
    counts = {f"{name}_{standing}": 0 for name in _ALWAYS for standing in ("matched", "possible", "missing")}
    for name, part, n in warehouse.rows(_COUNTS.format(agrees=_AGREES), what="counts"):
        counts[f"{name}: {part}" if part else name] = n
    return dict(sorted(counts.items()))


def write_lists(warehouse: Warehouse, folder: Path) -> dict[str, int]:
    """Write the five lists into `folder`; returns rows by file. No cell starts as a formula: such a one gets a ' ahead."""
    return {name: _write(warehouse, sql, folder / name) for name, sql in LISTS.items()}


def _write(warehouse: Warehouse, sql: str, path: Path) -> int:
    columns = [row[0] for row in warehouse.rows(f"describe {sql}", what=path.name)]
    rows = 0
    with create_file(path) as file:
        file.write(_encoded([columns]))
        for batch in _batches(warehouse, sql, path.name):
            file.write(_encoded(batch))
            rows += len(batch)
    return rows


def _batches(warehouse: Warehouse, sql: str, what: str) -> Iterator[list[list[str]]]:
    for batch in warehouse.stream(sql, what=what):
        columns = [["" if cell is None else str(cell) for cell in column.to_pylist()] for column in batch.columns]
        yield [list(row) for row in zip(*columns, strict=True)]


def _encoded(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(
        [_safe(cell) for cell in row] for row in rows
    )
    return text.getvalue().encode("utf-8")


def _safe(cell: str) -> str:
    if not is_unsafe_cell(cell):
        return cell
    shown = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in cell)
    return f"'{shown}" if is_unsafe_cell(shown) else shown


def as_table(counts: dict[str, int]) -> dict[str, Any]:
    """Counts nested by name, as the summary states them."""
    nested: dict[str, Any] = {}
    for key, n in counts.items():
        name, _, part = key.partition(": ")
        if part:
            nested.setdefault(f"{name}_by", {})[part] = n
        else:
            nested[name] = n
    return nested
