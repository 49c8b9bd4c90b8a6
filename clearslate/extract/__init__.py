"""The extract reader: a DOJ delivery, in whatever state it arrives, to Parquet with every physical line accounted for.

What a value means (dates, null tokens, offenses) is no business of this package: text lands exactly as it was sent.
"""

from clearslate.extract.columns import COLUMN_DESCRIPTIONS, DOJ_COLUMNS
from clearslate.extract.delivery import Delivery, read_delivery
from clearslate.extract.inspection import Inspection, Problem, inspect_file
from clearslate.extract.quarantine import Reason
from clearslate.extract.tally import FileFacts

__all__ = [
    "COLUMN_DESCRIPTIONS",
    "DOJ_COLUMNS",
    "Delivery",
    "FileFacts",
    "Inspection",
    "Problem",
    "Reason",
    "inspect_file",
    "read_delivery",
]
