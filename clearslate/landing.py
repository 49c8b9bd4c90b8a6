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
            run.take(_as_stated(run, delivery, incoming), incoming)
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


def _as_stated(run: Run, delivery: Delivery, incoming: Any) -> Delivery:
    """Put `--data-through` and `--scope` into the delivery's own record, where its marker doesn't state them."""
    given, scope = run.request.data_through, run.request.scope
    if given is None and scope is None:
        return delivery
    if given is not None and given > delivery.received_on:
        raise DeliveryRefused(
            f"--data-through {given} lies after the day of receipt, {delivery.received_on}; a delivery can't speak of days "
            "to come"
        )
    for option, said, marked in (
        ("--data-through", given, delivery.data_through),
        ("--scope", scope, delivery.scope),
    ):
        if None not in (said, marked) and said != marked:
            raise DeliveryRefused(
                f"{option} says {said}, the marker of the delivery says {marked}; one of them is wrong"
            )
    stated = {"data_through": given and given.isoformat(), "scope": scope}
    path = incoming / "delivery.json"
    told = json.loads(path.read_text("utf-8"))
    write_json(path, {**told, **{name: value for name, value in stated.items() if value is not None}})
    return Delivery.load(incoming)


def _file_facts(file: Any) -> dict[str, Any]:
    names = (
        "file_name", "sha256", "bytes", "encoding", "delimiter", "has_header", "lines_total", "lines_header",
        "lines_blank", "lines_loaded", "lines_quarantined", "records_loaded", "records_quarantined",
    )  # fmt: skip
    return {name: getattr(file, name) for name in names}
