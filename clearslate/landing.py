"""Taking a delivery in: reading its files and putting it among the run's deliveries.

Belongs here: what happens to a delivery as a whole. Does not belong here: reading extracts (clearslate/extract), judging
what was read (the landing gate).
"""

import json
import shutil
from typing import Any

from clearslate.errors import DeliveryRefused
from clearslate.extract import Delivery, read_delivery
from clearslate.home import write_json
from clearslate.progress import say
from clearslate.run import Run, today


def land(run: Run) -> dict[str, Any]:
    """Read the request's files into the home. Returns counts, for display.

    Without files the run rests on the accepted deliveries. Raises DeliveryRefused for files that can't be taken; nothing
    of them is kept then.
    """
    request = run.request
    if request.paths:
        incoming = run.home.root / "deliveries" / f".incoming-{run.run_id}"
        shutil.rmtree(incoming, ignore_errors=True)
        delivery = read_delivery(
            request.paths,
            incoming,
            delivery_id=request.delivery_id,
            received_on=today(),
            on_progress=lambda done, total: say("landing.delivery", done=done, total=total),
        )
        try:
            run.take(_with_data_through(run, delivery, incoming), incoming)
        finally:
            shutil.rmtree(incoming, ignore_errors=True)
        run.note(inputs=[_file_facts(file) for file in delivery.files])
    deliveries = run.deliveries
    files = [file for delivery in deliveries for file in delivery.files]
    return {
        "deliveries": len(deliveries),
        "files": len(files),
        "lines": sum(file.lines_total for file in files),
        "records_loaded": sum(file.records_loaded for file in files),
        "records_quarantined": sum(file.records_quarantined for file in files),
    }


def _with_data_through(run: Run, delivery: Delivery, incoming: Any) -> Delivery:
    """Put `--data-through` into the delivery's own record, where its marker doesn't state it."""
    given = run.request.data_through
    if given is None:
        return delivery
    if given > delivery.received_on:
        raise DeliveryRefused(
            f"--data-through {given} lies after the day of receipt, {delivery.received_on}; a delivery can't speak of days "
            "to come"
        )
    if delivery.data_through not in (None, given):
        raise DeliveryRefused(
            f"--data-through says {given}, the marker of the delivery says {delivery.data_through}; one of them is wrong"
        )
    path = incoming / "delivery.json"
    write_json(path, {**json.loads(path.read_text("utf-8")), "data_through": given.isoformat()})
    return Delivery.load(incoming)


def _file_facts(file: Any) -> dict[str, Any]:
    names = (
        "file_name", "sha256", "bytes", "encoding", "delimiter", "has_header", "lines_total", "lines_header",
        "lines_blank", "lines_loaded", "lines_quarantined", "records_loaded", "records_quarantined",
    )  # fmt: skip
    return {name: getattr(file, name) for name in names}
