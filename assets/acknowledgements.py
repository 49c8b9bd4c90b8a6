"""What courts answer: the inbox read into the ledger, and where every line stands now.

Outside of a run: it changes the ledger, not a release. The jobs and the sensor that launch it stand in `pipelines/`.
"""

import hashlib
from datetime import date
from typing import Any

import dagster as dg

from clearslate.acknowledgement import take_inbox
from clearslate.acknowledgement.inbox import waiting
from clearslate.court.status import publish_status
from clearslate.home import Home
from clearslate.run import today
from clearslate.warehouse import Warehouse

INBOX = dg.AssetKey(["court", "acknowledgement"])
NOW = dg.AssetKey(["published", "court_status"])
CONFIG = {
    "home": dg.Field(
        dg.Noneable(str), default_value=None, is_required=False,
        description="The home folder; else CLEARSLATE_HOME, else ./var.",
    ),
    "on": dg.Field(
        dg.Noneable(str), default_value="", is_required=False,
        description="The day that the ledger notes, YYYY-MM-DD; else today.",
    ),
}  # fmt: skip
_SHOWN = 500  # rows of a table in Dagster's metadata


def _table(rows: list[dict[str, Any]]) -> dg.MetadataValue:
    shown = [{name: str(cell) if isinstance(cell, date) else cell for name, cell in counts.items()} for counts in rows]
    return dg.MetadataValue.table([dg.TableRecord(counts) for counts in shown])


def status_metadata(warehouse: Warehouse) -> dict[str, Any]:
    """The rows of impact.court_status, what has waited longest first, as Dagster shows them."""
    rows = warehouse.dicts(
        "select * from impact.court_status order by waited desc nulls last, n_lines desc, county, program, batch_id, state, "
        f"reason_code, reversal_state, with_whom limit {_SHOWN}"
    )
    [(n,)] = warehouse.rows("select count(*) from impact.court_status")
    return {"dagster/row_count": n} | ({"status": _table(rows)} if rows else {})


@dg.asset(
    key=INBOX,
    group_name="court",
    kinds={"python"},
    config_schema=CONFIG,
    description="The files that courts sent back, read from the home's inbox into the ledger. A file that can't be taken is "
    "put into inbox/refused with the reason beside it; what contradicts the ledger is queued as an exception.",
)
def acknowledgement(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    home, on = _asked(context)
    report = take_inbox(home, on)
    for file in report.refused:
        context.log.warning(f"refused {file.sha256[:12]}: see inbox/refused")  # a file's name may name a person
    counted = ("n_rows", "n_applied", "n_repeated", "n_exceptions")
    totals: dict[str, Any] = {name: sum(getattr(file, name) for file in report.files) for name in counted}
    totals |= {"n_files": len(report.files), "n_refused": len(report.refused)}
    rows = [
        {"file": file.sha256[:12], "outcome": file.outcome, "batch_id": file.batch_id, "source": file.source}
        | {name: getattr(file, name) for name in counted}
        for file in report.files
    ]
    return dg.MaterializeResult(metadata=totals | ({"files": _table(rows)} if rows else {}))


@dg.asset(
    key=NOW,
    deps=[INBOX],
    group_name="published",
    kinds={"duckdb"},
    config_schema=CONFIG,
    description="impact.court_status by the ledger as it stands now, beside the run's snapshot: how many lines stand where, "
    "since when, and who has to act.",
)
def court_status_now(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    home, on = _asked(context)
    path = publish_status(home, on)
    with Warehouse.read_only(path) as warehouse:
        return dg.MaterializeResult(metadata=status_metadata(warehouse))


def _asked(context: dg.AssetExecutionContext) -> tuple[Home, date]:
    given = context.op_execution_context.op_config
    on = given["on"]
    return Home.find(given["home"]), date.fromisoformat(on) if on else today()


def files_waiting(home: Home) -> list[str]:
    """What the sensor looks for: the waiting files, each told by its name's hash, its size and its time."""
    return [
        hashlib.sha256(f"{path.name}|{path.stat().st_size}|{path.stat().st_mtime_ns}".encode()).hexdigest()[:16]
        for path in waiting(home)
    ]


ASSETS = [acknowledgement, court_status_now]
