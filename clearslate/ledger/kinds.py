"""The kinds of entries: what each must say of itself, and which tables it may name.

Belongs here: that list, and holding an entry to it. Does not belong here: whether a batch may be sent (guard.py).
Every body also has `identity`: the same event told twice has the same, and is recorded once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clearslate.errors import LedgerRefused


@dataclass(frozen=True)
class Kind:
    """The fields of a body (those after `|` may be missing) and the tables beside it."""

    fields: frozenset[str]
    optional: frozenset[str]
    tables: frozenset[str]


def _kind(fields: str, tables: str = "") -> Kind:
    required, _, optional = fields.partition("|")
    return Kind(frozenset({"identity", *required.split()}), frozenset(optional.split()), frozenset(tables.split()))


KINDS: Mapping[str, Kind] = {
    "opened": _kind("format key_fingerprint"),
    "key_changed": _kind("key_fingerprint"),
    "batch_issued": _kind(
        "batch_id program county court_code sequence attempt test_indicator manifest_sha256 previous_manifest_sha256 "
        "actions_sha256 zip_sha256 zip_name n_lines n_cases n_subjects n_reversals as_of rule_set key_fingerprint is_canary "
        "supersedes_batch",
        "lines reversal_lines",
    ),
    "worklist_issued": _kind("county program n as_of rule_set", "worklist_lines"),
    "sample_issued": _kind(
        "sample_id county program population confidence tolerated n_lines n_sampled", "sample_lines sample_strata"
    ),
    "decisions_imported": _kind("file_name n | county program n_stale", "decisions"),
    "spot_check_imported": _kind("file_name n | county program n_stale", "verdicts"),
    "ack_read": _kind(
        "batch_id source n_applied n_repeated n_exceptions | ack_seq file_name n_released", "acks exceptions"
    ),
    "order_recorded": _kind(
        "batch_id first_line last_line status order_doc_id document_sha256 effective_date recorded_by | n_challenged "
        "n_applied n_repeated n_exceptions n_released",
        "acks exceptions",
    ),
    "exception_resolved": _kind("exception_id resolution recorded_by"),
}


def hold_to_kind(kind: str, body: Mapping[str, Any], tables: Iterable[str]) -> None:
    """Raise LedgerRefused where an entry is not of its kind."""
    known = KINDS.get(kind)
    if known is None:
        raise LedgerRefused(f"the ledger knows no entry of kind `{kind}`; known: {', '.join(KINDS)}")
    missing = sorted(known.fields - set(body))
    strange = sorted(set(body) - known.fields - known.optional)
    if missing or strange:
        raise LedgerRefused(f"an entry `{kind}`: missing {missing}, not known {strange}")
    if not isinstance(body["identity"], str) or not body["identity"]:
        raise LedgerRefused(f"an entry `{kind}` needs an identity that is text")
    other = sorted(set(tables) - known.tables)
    if other:
        raise LedgerRefused(f"an entry `{kind}` has no table {', '.join(other)}")
