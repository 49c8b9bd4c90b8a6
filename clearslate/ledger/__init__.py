"""The ledger: what the prosecutor decided, what courts were sent, what they answered; append-only and bound by hashes.

Belongs here: the file and its tables, what may be added to them, and where each line stands. Does not belong here: making
packages (clearslate/court), reading the courts' files (clearslate/acknowledgement) or the prosecutor's (clearslate/review).
"""

from clearslate.ledger.acks import Applied, apply_acks, exception_id, order_rows
from clearslate.ledger.chain import Entry
from clearslate.ledger.ledger import Ledger
from clearslate.ledger.states import make_line_status, make_sendings, make_states
from clearslate.ledger.verify import VerifyReport

__all__ = [
    "Applied",
    "Entry",
    "Ledger",
    "VerifyReport",
    "apply_acks",
    "exception_id",
    "make_line_status",
    "make_sendings",
    "make_states",
    "order_rows",
]
