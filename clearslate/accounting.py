"""The account of a run: from physical lines to what was decided and written, each number once.

Belongs here: the counts that the run's record and the command line show. Does not belong here: judging them (expectations/).
"""

from typing import Any

from clearslate.warehouse import Warehouse

_READ = """
select
    cast(sum(lines_total) as bigint) as lines,
    cast(sum(lines_header) as bigint) as header_lines,
    cast(sum(lines_blank) as bigint) as blank_lines,
    cast(sum(lines_loaded) as bigint) as lines_in_loaded_records,
    cast(sum(lines_quarantined) as bigint) as lines_in_quarantined_records,
    cast(sum(records_loaded) as bigint) as records_loaded,
    cast(sum(records_quarantined) as bigint) as records_quarantined
from raw.file
"""
_USED = "select use, count(*) from core.record group by use order by use"
_MADE = """
select
    (select count(*) from core.person) as people,
    (select count(*) from core.charge) as charges,
    (select count(*) from core.arrest) as arrests,
    (select count(*) from core.conviction) as convictions,
    (select count(*) from facts.conviction where after_as_of) as convictions_after_as_of,
    (select count(*) from eligibility.determination) as determinations
"""
_OUTCOMES = """
select remedy, outcome, relief, outcome_if_clear, n_candidates from impact.remedy_summary where county = 'STATEWIDE'
order by remedy, outcome, relief, outcome_if_clear
"""
_COURT = """
select coalesce(withheld_reason, 'in_package'), count(*) from court.action group by 1 order by 1
"""


def account(warehouse: Warehouse) -> dict[str, Any]:
    """Every number of the run's account, grouped as it is read: lines, records, what was made of them, outcomes by
    remedy, court."""
    outcomes: dict[str, dict[str, int]] = {}
    for remedy, outcome, relief, if_clear, n in warehouse.rows(_OUTCOMES):
        granted = f" {relief}" if outcome == "ELIGIBLE" else ""
        awaited = f", {if_clear} if clear" if if_clear else ""
        outcomes.setdefault(remedy, {})[f"{outcome}{granted}{awaited}"] = n
    return {
        "read": warehouse.row(_READ),
        "records": {"used": 0, "duplicate": 0, "superseded": 0, **dict(warehouse.rows(_USED))},
        "made": warehouse.row(_MADE),
        "outcomes": outcomes,
        "court": dict(warehouse.rows(_COURT)),
    }
