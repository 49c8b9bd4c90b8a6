"""What the courts' reasons are good for: one list per use, per county.

Belongs here: the lists that people work from. Does not belong here: what a reason code means and what follows from it
(`rules/courts/reason_codes.csv`), a line's state, and sending a line again (clearslate.court).

    outbox/<county>/followup/crosswalk.csv       cases the court can't find under our number; the new one where it gives it
                             doj_findings.csv    where DOJ's record and the court's differ: for the report to DOJ
                             already_held.csv    relief that the person held before we asked
                             never_resend.csv    lines that are not asked for again
                             reversals.csv       lines whose answer calls for a reversal

A line stands in a list once, with the newest answer that put it there. The files follow from the ledger alone, so writing
them again gives the same bytes. The court's free words are in them, since they are for the prosecutor's desk; no spreadsheet
runs them (cells.safe_cell).
"""

from collections.abc import Mapping

from clearslate.acknowledgement.cells import safe_cell
from clearslate.court.layout import encode_rows
from clearslate.home import Home
from clearslate.ledger import Ledger
from clearslate.ledger.chain import write_file
from clearslate.settings import county_folder

FOLDER = "followup"
FILES: Mapping[str, str] = {  # the effect of a reason code -> the list that it feeds
    "crosswalk": "crosswalk.csv",
    "data_finding": "doj_findings.csv",
    "already_held": "already_held.csv",
    "never_resend": "never_resend.csv",
    "reversal": "reversals.csv",
}
COLUMNS = (
    "program",
    "court_code",
    "batch_id",
    "line_no",
    "action_key",
    "case_number",
    "court_case_number",
    "count_no",
    "statute_section",
    "offense_level_before",
    "disposition_date",
    "action_code",
    "stage",
    "status",
    "reason_code",
    "meaning",
    "resend",
    "effective_date",
    "reason_text",
)
_NEWEST = """
    select
        r.effect, b.program, b.court_code, l.batch_id, l.line_no, l.action_key, l.case_number, a.court_case_number,
        l.count_no, l.statute_section, l.offense_level_before, l.disposition_date, l.action_code, a.stage, a.status,
        a.reason_code, r.meaning, r.resend, a.effective_date, a.reason_text
    from acks as a
    inner join lines as l on a.batch_id = l.batch_id and a.line_no = l.line_no and a.action_key = l.action_key
    inner join reason_code as r on a.reason_code = r.code
    inner join batches as b on l.batch_id = b.batch_id
    where b.county = $county and b.test_indicator = 'P'
    qualify row_number() over (partition by r.effect, l.action_key order by a.seq desc, a."row" desc) = 1
    order by b.program, b.court_code, l.batch_id, l.line_no
"""


def write_followups(home: Home, county: str) -> dict[str, int]:
    """Write a county's lists into `outbox/<county>/followup/`; returns the number of rows of each file.

    Answers to test batches are in none of them.
    """
    with Ledger.open(home).connect() as db:
        rows = db.rows(_NEWEST, {"county": county}, what="answers with a reason")
    folder = home.outbox / county_folder(county) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    counts = {}
    for effect, name in FILES.items():
        lines = [["" if cell is None else safe_cell(str(cell)) for cell in row[1:]] for row in rows if row[0] == effect]
        write_file(folder / name, encode_rows([COLUMNS, *lines]))
        counts[name] = len(lines)
    return counts
