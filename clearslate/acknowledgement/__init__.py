"""What courts answer: their files read into the ledger, orders recorded, the queue of exceptions, and what follows from it.

Belongs here: the formats in which a court answers, and what we make of an answer. Does not belong here: the states of a
line and what may follow what (clearslate.ledger), what was sent (clearslate.court).

The states that a court's e-filing system would tell (ECF: received, accepted, partially-accepted, rejected) are documented
in docs/court.md beside ours; no e-filing message is read here.
"""

from clearslate.acknowledgement.exceptions import RESOLUTIONS, AckException, exceptions, resolve_exception
from clearslate.acknowledgement.followup import write_followups
from clearslate.acknowledgement.inbox import take_inbox, waiting
from clearslate.acknowledgement.orders import OrderReport, record_order
from clearslate.acknowledgement.reading import AckFile, AckReport, read_acknowledgements
from clearslate.acknowledgement.words import short_form_words

__all__ = [
    "RESOLUTIONS",
    "AckException",
    "AckFile",
    "AckReport",
    "OrderReport",
    "exceptions",
    "read_acknowledgements",
    "record_order",
    "resolve_exception",
    "short_form_words",
    "take_inbox",
    "waiting",
    "write_followups",
]
