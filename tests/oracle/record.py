"""One row of 95 columns, read: what a careful clerk would take from it and no more.

Belongs here: the meaning of a cell. Does not belong here: what several rows say together.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from tests.oracle.offenses import OFFENSES, UNREADABLE, Offense, qualified
from tests.oracle.truth import Day, known

RULES = Path(__file__).parents[2] / "rules"
BROKEN = "_torn"  # not a DOJ column: marks a row that the file holds without its last field

STEPS = {
    "ARREST/DETAINED/CITED": "arrest",
    "COURT ACTION": "court",
    "REGISTRATION": "registration",
    "DECEASED": "deceased",
    "PROBATION": "probation",
    "CUSTODY": "custody",
    "CUSTODY:PRISON": "custody",
    "CUSTODY:PAROLE": "custody",
    "CUSTODY:JAIL": "jail",
    "APPLICANT": "applicant",
}
NOT_GRANTED = ("DENIED", "FILED", "PENDING", "PROHIBITED", "WITHDRAWN", "REQUESTED", "REFERRED", "CONTINUED", "NOT")
WARRANTS = ("FE_NUM_BNCH_WARR", "FE_NUM_WARRANT", "FE_NUM_REMAND")
COURT_NUMBERS = ("FE_NUM_DOCKET", "FE_NUM_CRT_CASE")
HELD = ("WARRANT", "WARRANTS", "FUGITIVE", "PROBATION HOLD", "PAROLE HOLD", "HOLD FOR")
SEVERITIES = {"FELONY": "F", "MISDEMEANOR": "M", "INFRACTION": "I"}


@dataclass(frozen=True)
class Record:
    """A row. None: the row does not say, or not legibly."""

    cycle: int | None
    step: int | None
    count: int | None
    kind: str | None
    day: Day
    stated_day: str
    county: str | None
    agency: str
    case: str | None
    offense: Offense
    text: str
    convicted_of: Offense | None
    severity: str | None
    charged: str | None
    disposition: str
    meaning: str | None  # class of the disposition; "none" where there is none and none is needed
    relief: str
    case_sign: str  # warrant, court, unread, or empty: whether a number or the comment speaks of a case
    place: str | None
    length: int | None
    unit: str | None
    born: Day
    born_stated: str
    cii: str
    torn: bool

    @property
    def order(self) -> tuple[int, int, int] | None:
        return None if self.cycle is None else (self.cycle, self.step or 0, self.count or 0)


def read_day(text: str, received: date) -> Day:
    """YYYYMMDD; YYYY0000 and YYYYMM00 tell the year; what lies after receipt, or is no day, tells nothing."""
    if not re.fullmatch(r"\d{8}", text):
        return Day()
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    if not 1850 <= year <= 2200:
        return Day()
    if day == 0:
        first, last = date(year, 1, 1), date(year, 12, 31)
        return Day() if first > received else Day(first, min(last, received))
    try:
        found = date(year, month, day)
    except ValueError:
        return Day()
    return Day() if found > received else known(found)


@cache
def _dispositions() -> tuple[tuple[str, str, str, str], ...]:
    with (RULES / "dispositions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple((row["pattern"], row["match"], row["class"], row["relief"]) for row in rows)


@cache
def meaning(text: str) -> tuple[str | None, str]:
    """What a disposition text means: its class, and for relief under which law. An exact pattern wins, then the longest.

    Where the text goes on to say that it was asked for, or refused, its beginning says nothing.
    """
    found: tuple[int, str | None, str] = (0, None, "")
    for pattern, match, said, relief in _dispositions():
        if text == pattern and match == "exact":
            return said, relief
        if match == "prefix" and text.startswith(pattern) and len(pattern) > found[0]:
            found = (len(pattern), said, relief)
    goes_on = re.split(r"\W+", text[found[0] :])
    return (None, "") if any(word in NOT_GRANTED for word in goes_on) else (found[1], found[2])


def _convicted_of(cell: Mapping[str, str]) -> Offense | None:
    """Another offense than the charge, as the row names it: the one convicted of, else the one disposed of."""
    charge, qualifier = OFFENSES.get(cell.get("OFFENSE_DESCR", ""), UNREADABLE), cell.get("OFFENSE_QUAL_LST", "")
    text, words = cell.get("CONV_OFFENSE_DESCR", ""), cell.get("CONV_OFFENSE_QUAL_LST", "")
    if text:
        return qualified(OFFENSES.get(text, UNREADABLE), words)
    if words and words != qualifier:
        return qualified(charge, words)
    text, words = cell.get("DISP_OFFENSE_DESCR", ""), cell.get("DISP_OFFENSE_QUAL_LST", "")
    if not text and not words:
        return None
    disposed = qualified(OFFENSES.get(text, UNREADABLE) if text else charge, words)
    is_charge = disposed == qualified(charge, qualifier) and disposed.section is not None and disposed.relation
    return None if is_charge else disposed


def _case_sign(cell: Mapping[str, str]) -> str:
    """Whether it speaks of a warrant, else of a court's case; of what, can't be told where the number itself is missing."""
    stated = {name for name, text in cell.items() if name.startswith("FE_NUM_") and text}
    if stated & {*WARRANTS} or any(re.search(rf"\b{words}\b", cell.get("COMMENT_TEXT", "")) for words in HELD):
        return "warrant"
    if stated & {*COURT_NUMBERS}:
        return "court"
    return "unread" if stated == {"FE_NUM_ORDER"} else ""


def read(row: Mapping[str, str], received: date) -> Record:
    """Read one row."""
    cell = {name: text.strip() for name, text in row.items()}
    order = cell.get("CNT_ORDER", "")
    legible = re.fullmatch(r"\d{12}", order)
    kind = STEPS.get(cell.get("STP_TYPE_DESCR", "")) if cell.get("STP_TYPE_DESCR") else None
    text = cell.get("OFFENSE_DESCR", "")
    disposition = cell.get("DISP_DESCR", "")
    said, relief = meaning(disposition) if disposition else ("none" if kind not in (None, "court") else None, "")
    qualifier = cell.get("OFFENSE_QUAL_LST", "")
    length = cell.get("SENT_LENGTH", "")
    return Record(
        cycle=int(order[:3]) if legible else None,
        step=int(order[3:6]) if legible else None,
        count=int(order[6:9]) if legible else None,
        kind=kind,
        day=read_day(cell.get("STP_EVENT_DATE", ""), received),
        stated_day=cell.get("STP_EVENT_DATE", ""),
        county=cell.get("STP_ORI_CNTY_NAME") or None,
        agency=cell.get("STP_ORI_DESCR", ""),
        case=re.sub(r"[^A-Z0-9]", "", cell.get("OFN", "")) or None,
        offense=qualified(OFFENSES.get(text, UNREADABLE), qualifier),
        text=f"{text} {qualifier}",
        convicted_of=_convicted_of(cell),
        severity=SEVERITIES.get(cell.get("CONV_STAT_DESCR", "")),
        charged=cell["OFFENSE_TOC"] if cell.get("OFFENSE_TOC") in ("F", "M", "I") else None,
        disposition=disposition,
        meaning=said,
        relief=relief,
        case_sign=_case_sign(cell),
        place=cell.get("SENT_LOC_DESCR") or None,
        length=int(length) if re.fullmatch(r"\d{1,5}", length) else None,
        unit=cell.get("SENT_TIME_CODE") if cell.get("SENT_TIME_CODE") in ("D", "M", "Y") else None,
        born=read_day(cell.get("PRI_DOB", ""), received),
        born_stated=cell.get("PRI_DOB", ""),
        cii=cell.get("CII_NUMBER") or cell.get("REQ_CII_NUMBER", ""),
        torn=BROKEN in row,
    )
