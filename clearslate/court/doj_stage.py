"""The list from which a court reports to DOJ what it has ordered.

Belongs here: `40_doj_disposition_stage.csv`, a worklist for the court's own desk, in the order of the sections of DOJ's form
for subsequent actions (JUS 8715), named after the elements that the law lists for dispositions (docs/court.md). Does not
belong here: reporting. A court reports; nobody does it for the court.

Only lines that a judge has granted are on it, and none that the court has reported already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clearslate.court.bundle import outbox_of
from clearslate.court.contents import as_rows
from clearslate.court.layout import is_unsafe_cell, write_table
from clearslate.court.office import Office
from clearslate.home import Home
from clearslate.ledger.chain import sync_folder
from clearslate.settings import check_counties

STAGE = "40_doj_disposition_stage.csv"

COLUMNS = (
    "batch_id",
    "line_no",
    "action_key",
    "subject_name",
    "subject_other_names",
    "birth_date",
    "cii_number",
    "court_code",
    "court_case_number",
    "doj_case_number",
    "count_no",
    "offense_code",
    "offense_section",
    "offense_level_convicted",
    "disposition_date",
    "subsequent_action",
    "subsequent_offense_level",
    "subsequent_action_authority",
    "subsequent_action_date",
    "order_doc_id",
    "court_event_id",
    "posted_date",
)

_ROWS = """
with told as (
    select batch_id, action_key,
        arg_max(effective_date, (seq, "row")) filter (where stage = 'ORDERED' and status = 'granted') as ordered_on,
        arg_max(order_doc_id, (seq, "row")) filter (where stage = 'ORDERED' and status = 'granted') as order_doc_id,
        arg_max(effective_date, (seq, "row")) filter (where stage = 'POSTED' and status = 'posted') as posted_on,
        arg_max(court_event_id, (seq, "row")) filter (where court_event_id is not null) as court_event_id,
        arg_max(court_case_number, (seq, "row")) filter (where court_case_number is not null) as court_case_number
    from acks
    group by batch_id, action_key
)

select
    s.batch_id, s.line_no, s.action_key, p.name, p.other_names, p.birth_date, p.cii, s.court_code,
    coalesce(t.court_case_number, s.case_number), w.case_number, s.count_no, w.statute_code, s.statute_section,
    l.offense_level_before, l.disposition_date, s.action_code, w.offense_level_after, w.citation, t.ordered_on,
    t.order_doc_id, t.court_event_id, t.posted_on
from sending as s
inner join lines as l on s.batch_id = l.batch_id and s.action_key = l.action_key
left join told as t on s.batch_id = t.batch_id and s.action_key = t.action_key
left join review.worklist as w on s.action_key = w.action_key
left join court.subject as p on w.person_no = p.person_no
where s.county = $county and s.has_grant and s.state in ('ORDERED', 'POSTED')
    and coalesce(s.reversal_state, '') not in ('REVERSED', 'REVERSAL_SENT')
order by s.case_key, s.count_no, s.action_key
"""


@dataclass(frozen=True)
class StageReport:
    """The list as written."""

    county: str
    path: Path
    rows: int


def doj_stage(home: Home, county: str, *, on: date) -> StageReport:
    """Write the list for one county's court to `outbox/<county>/doj/`, in place of the last one. Holds the home's lock."""
    [county] = check_counties([county])
    with home.lock(), Office.open(home, on=on, is_test=False, key=None) as office:
        desk = office.desk(county)
        folder = outbox_of(home, county) / "doj"
        folder.mkdir(mode=0o700, exist_ok=True)
        partial = folder / f".{STAGE}.partial"
        partial.unlink(missing_ok=True)
        batches = as_rows(desk.stream(_as_text(), {"county": county}, what="granted lines"))
        facts = write_table(partial, COLUMNS, _safe(batches))
        partial.replace(folder / STAGE)
        sync_folder(folder)
    return StageReport(county, folder / STAGE, facts.rows or 0)


def _as_text() -> str:
    names = ", ".join(f"c{number}" for number in range(len(COLUMNS)))
    cells = ", ".join(f"coalesce(cast(c{number} as varchar), '')" for number in range(len(COLUMNS)))
    return f"select {cells} from ({_ROWS}) as told ({names})"


def _safe(batches: Iterator[list[tuple[str, ...]]]) -> Iterator[list[tuple[str, ...]]]:
    for batch in batches:
        yield [tuple("" if is_unsafe_cell(cell) else cell for cell in row) for row in batch]
