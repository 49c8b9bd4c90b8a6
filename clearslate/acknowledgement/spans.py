"""Spreading what a court says of many lines over the lines of the batch.

Belongs here: which lines an answer for many of them means, as one SQL statement. Does not belong here: whether a line may be
given that answer (clearslate.ledger).

What a row says of its own line goes before what another row says of many, even where it can't be read, now or in an earlier
file whose row still waits for somebody: it may say the opposite. `All posted` means all that could be posted: lines that were
refused, in the ledger or on the same sheet, or posted before, are left out of answers to what comes after the order. A
challenged line asks for nothing, and our order excepts it: what is said of many decides nothing on it, and posts it only where
a judge has granted that very line.

A batch's id can be guessed and a line's key can't. So a short form speaks for many lines only where the key of one of them
stands on it, as on every worklist that was sent, answered or not.
"""

import pyarrow as pa

from clearslate.acknowledgement.layout import ROWS, AckRefused, Parsed
from clearslate.ledger import make_states
from clearslate.ledger.acks import WAITING
from clearslate.ledger.history import GRANTED, ORDERED, POSTED
from clearslate.ledger.states import CHALLENGE
from clearslate.warehouse import Warehouse

_TARGETS = f"""
create or replace table target as
    select line_no, action_key, false as is_reversal, da_position = '{CHALLENGE}' as is_challenged
    from lines where batch_id = $batch_id
    union all by name
    select reversal_no as line_no, action_key, true as is_reversal, false as is_challenged
    from reversal_lines where batch_id = $batch_id
"""
_SPREAD = f"""
    select
        $batch_id as batch_id, t.line_no, t.action_key, s.stage, s.status, s.reason_code, s.reason_text, s.effective_date,
        s.court_case_number, s.court_event_id, s.order_doc_id, s."row"
    from span as s
    inner join target as t
        on s.last is null
        or t.line_no between s.first and s.last and t.is_reversal = (not exists (from target where not is_reversal))
    where not exists (
            from own as o
            where o.stage = s.stage and (o.action_key = t.action_key or o.line_no = t.line_no and not t.is_reversal)
        )
        and (
            s.stage = 'RECEIVED'
            or not exists (
                from unread as u
                where u.action_key = t.action_key or u.line_no = t.line_no and not t.is_reversal
            )
            and not exists (
                from open_exception as x
                where x.batch_id = $batch_id and not list_contains($waiting, x.kind)
                    and (x.action_key = t.action_key or x.line_no = t.line_no and not t.is_reversal)
            )
        )
        and (
            not t.is_challenged
            or s.stage in ('RECEIVED', 'VALIDATED')
            or s.first = s.last
            or s.stage <> '{ORDERED}' and (
                exists (from line_state as e where e.action_key = t.action_key and e.has_grant)
                or exists (
                    from own as o
                    where o.action_key = t.action_key and o.stage = '{ORDERED}' and o.status = '{GRANTED}'
                )
            )
        )
        and (
            s.stage in ('RECEIVED', 'VALIDATED', 'ORDERED')
            or not (
                exists (
                    from own as o
                    where (o.action_key = t.action_key or o.line_no = t.line_no and not t.is_reversal)
                        and o.stage in ('VALIDATED', 'ORDERED')
                        and o.status not in ('matched', 'granted')
                )
                or exists (
                    from line_state as e
                    where e.action_key = t.action_key
                        and (
                            e.state in ('REFUSED', 'DENIED', 'ALREADY_RELIEVED', 'DUPLICATE')
                            or s.stage = '{POSTED}' and e.state in ('POSTED', 'REPORTED')
                        )
                )
            )
        )
    order by s."row", t.is_reversal, t.line_no
"""


def spread(db: Warehouse, parsed: Parsed) -> pa.Table:
    """The spans of a file as rows of their own (ROWS), by the ledger's tables in `db`. Raises AckRefused where nothing shows
    that the file is the batch's own worklist."""
    bound = {"batch_id": parsed.batch_id}
    told = [{"row": span.row, "first": span.first, "last": span.last, **vars(span.answer)} for span in parsed.spans]
    fields = [field for field in ROWS if field.name not in ("batch_id", "line_no", "action_key")]
    schema = pa.schema([*fields, ("first", pa.int64()), ("last", pa.int64())])
    make_states(db)
    db.load_arrow("own", parsed.rows)
    db.load_arrow("span", pa.Table.from_pylist(told, schema))
    unread = [{"line_no": bad.line_no, "action_key": bad.action_key} for bad in parsed.unreadable]
    db.load_arrow("unread", pa.Table.from_pylist(unread, pa.schema([ROWS.field("line_no"), ROWS.field("action_key")])))
    db.execute(_TARGETS, bound, what="lines of the batch")
    if parsed.source == "short_form":
        _check_worklist(db, parsed)
    return db.arrow(_SPREAD, {**bound, "waiting": list(WAITING)}, what="answers for many lines").cast(ROWS)


def _check_worklist(db: Warehouse, parsed: Parsed) -> None:
    keys = {key for (key,) in db.rows("select action_key from target", what="lines of the batch")}
    if keys.isdisjoint(parsed.keys):
        row_no = parsed.spans[0].row
        raise AckRefused(
            f"row {row_no} speaks for many lines, and no row of the sheet has the action_key of a line of the "
            "batch; fill in the worklist of the package itself, and leave its other rows in"
        )
