"""A superior court for the tests: it reads package files, keeps its own books and answers with acknowledgement files.

Belongs here: the other side of the counter. Nothing in this package imports Clearslate: the format was written down
again from its description, so that a mistake that writer and reader share shows up here as a refusal. It needs the
standard library, and openpyxl for the clerk's spreadsheet.

    parcel.py    opening a package ZIP and checking it as a careful court would
    casefile.py  what lies in the court's own file about the cases of a batch, with seeded faults
    books.py     the SQLite file: batches, lines, cases, counts, orders, postings, reports to DOJ, the journal
    clerk.py     looking a line up in that file: matched, or which reason code
    court.py     the court at work: receive, match, hear, post, report, reverse
    answers.py   what it sends back: H/L/T files, in one or several parts, late or twice, and the filled-in spreadsheet
"""

from tests.court_simulator.answers import fill_short_form, write_answers
from tests.court_simulator.casefile import EVERY_FATE, Fates
from tests.court_simulator.court import Court
from tests.court_simulator.parcel import Parcel, Refused, open_parcel

__all__ = ["EVERY_FATE", "Court", "Fates", "Parcel", "Refused", "fill_short_form", "open_parcel", "write_answers"]
