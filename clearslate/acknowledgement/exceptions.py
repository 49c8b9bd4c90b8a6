"""The queue of answers that could not be applied, and a person's word on each.

Belongs here: listing and resolving. An exception never changes a line's state, and neither does resolving it: what the
court means instead comes in another file of the court. Does not belong here: making exceptions (reading.py, the ledger).
"""

import datetime as dt
from dataclasses import dataclass

from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.ledger import Ledger

RESOLUTIONS = {
    "corrected": "the court has sent, or will send, another answer",
    "dismissed": "the answer was wrong and says nothing about the line",
    "noted": "the answer is right, and nothing follows from it",
}
_QUEUE = """
    select
        exception_id, first(batch_id), first(kind), first(words order by "row", line_no), count(*),
        first(line_no order by "row", line_no), first(action_key order by "row", line_no),
        first(stage order by "row", line_no), first(status order by "row", line_no),
        first(reason_code order by "row", line_no), min("row"), first(on_day)
    from open_exception
    group by exception_id
    order by min(seq), min("row"), exception_id
"""


@dataclass(frozen=True)
class AckException:
    """One entry of the queue. It may stand for many lines of a batch (`n_lines`); `line_no`, `action_key`, `row` (of the
    court's file) and what was answered are those of the first. `on`: the day on which it was read."""

    exception_id: str
    batch_id: str
    kind: str
    words: str
    n_lines: int
    line_no: int | None
    action_key: str | None
    stage: str | None
    status: str | None
    reason_code: str | None
    row: int
    on: dt.date


def exceptions(home: Home) -> list[AckException]:
    """The queue, in the order of reading: what nobody has resolved, and what has not been applied since, by itself, because
    the answer that it waited for has come."""
    with Ledger.open(home).connect() as db:
        rows = db.rows(_QUEUE, what="exceptions")
    return [AckException(*row) for row in rows]


def resolve_exception(home: Home, exception_id: str, resolution: str, *, by: str, on: dt.date) -> None:
    """Take an exception from the queue. `resolution` is one of RESOLUTIONS, `by` whoever decided. Raises UsageError."""
    if resolution not in RESOLUTIONS:
        raise UsageError(f"a resolution is one of {', '.join(RESOLUTIONS)}")
    if not by.strip():
        raise UsageError("say who decided it")
    with home.lock():
        ledger = Ledger.open(home)
        told = ledger.find("exception_resolved", exception_id)
        if told is not None:
            if told.body["resolution"] != resolution:
                raise UsageError(f"it was resolved as {told.body['resolution']} on {told.on.isoformat()}; that stays")
            return
        with ledger.connect() as db:
            found = db.rows("select 1 from exceptions where exception_id = $id limit 1", {"id": exception_id})
        if not found:
            raise UsageError("there is no exception of that id; `clearslate court exceptions` lists them")
        body = {
            "identity": exception_id,
            "exception_id": exception_id,
            "resolution": resolution,
            "recorded_by": by.strip(),
        }
        ledger.append("exception_resolved", on, body)
