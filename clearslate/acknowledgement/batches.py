"""Finding the batch that a court answers.

Belongs here: which batch a file is about, and whether it is really about that one. Does not belong here: its lines.
"""

from collections.abc import Mapping
from typing import Any

from clearslate.acknowledgement.layout import AckRefused, Parsed
from clearslate.errors import UsageError
from clearslate.ledger import Ledger

Batch = Mapping[str, Any]
_WHICH = {
    "actions_sha256": "10_relief_actions.csv",
    "zip_sha256": "the ZIP file",
    "previous_manifest_sha256": "the manifest of the batch before it",
}


def find_batch(ledger: Ledger, batch_id: str) -> Batch:
    """The batch of that id. Raises UsageError where none was issued."""
    entry = ledger.batches().get(batch_id)
    if entry is None:
        raise UsageError("no batch of that id was ever issued from this home; `clearslate court status` lists them")
    return entry.body


def batch_of(ledger: Ledger, parsed: Parsed) -> Batch:
    """The batch that a court's file answers, by its id and, where the file has one, the manifest's hash. Raises AckRefused."""
    batches: dict[str, Batch] = {batch_id: entry.body for batch_id, entry in ledger.batches().items()}
    batch = batches.get(parsed.batch_id)
    hashed = [other for other in batches.values() if other["manifest_sha256"] == parsed.manifest_sha256]
    if batch is None:
        raise AckRefused("its batch_id is none that was issued from this home; it may be meant for another office")
    if parsed.manifest_sha256 in (None, batch["manifest_sha256"]):
        return batch
    for other in hashed:
        if other["test_indicator"] != batch["test_indicator"]:
            kinds = {"T": "a test batch", "P": "a batch in production"}
            raise AckRefused(
                f"test and production are mixed: batch_id is that of {kinds[batch['test_indicator']]}, "
                f"manifest_sha256 that of {kinds[other['test_indicator']]}"
            )
        raise AckRefused(f"manifest_sha256 is that of the batch {other['batch_id']}, batch_id says another")
    for name, what in _WHICH.items():
        if batch[name] == parsed.manifest_sha256:
            raise AckRefused(f"manifest_sha256 is the hash of {what}; it has to be that of 00_manifest.json")
    raise AckRefused(
        "manifest_sha256 isn't that of the batch: the court worked on other files than were sent, or the hash was copied wrong"
    )
