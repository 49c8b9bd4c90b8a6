"""Reads the lawyers' spreadsheets (`tests/cases/*.csv`, docs/cases.md): a history in friendly words, and what must come of it.

Belongs here: words to DOJ columns, strictly, with file and line in every error. Does not belong here: deciding.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = [
    *("case", "title", "citation", "as_of", "policy", "born", "supervision"),
    *("step", "date", "event", "section", "level", "disposition", "sentence", "county", "number"),
    *("remedy", "outcome", "relief", "rule", "if_clear"),
]
EVENTS = {
    "arrest": "ARREST/DETAINED/CITED",
    "court": "COURT ACTION",
    "registration": "REGISTRATION",
    "deceased": "DECEASED",
    "custody": "CUSTODY",
    "prison": "CUSTODY:PRISON",
    "parole": "CUSTODY:PAROLE",
    "jail": "CUSTODY:JAIL",
    "probation": "PROBATION",
}
LEVELS = {"felony": "F", "misdemeanor": "M", "infraction": "I", "": ""}
PLACES = {
    "probation": "PROBATION",
    "jail": "JAIL",
    "prison": "PRISON",
    "fine": "FINE",
    "supervision": "MANDATORY SUPERVISION",
    "parole": "PAROLE",
    "postrelease": "PRCS",
    "suspended_jail": "JAIL SS",
    "suspended_fine": "FINE SS",
    "suspended_prison": "PRISON SS",
}
UNITS = {"day": "D", "days": "D", "month": "M", "months": "M", "year": "Y", "years": "Y"}
SUPERVISION = ("", "none", "active")  # blank: no Supervised Release File is given
NO_CANDIDATE = "no candidate"
OUTCOMES = ("ELIGIBLE", "NOT_YET", "REVIEW", "INELIGIBLE", "ALREADY_RELIEVED", NO_CANDIDATE)

Row = dict[str, str]


class CaseError(Exception):
    """A spreadsheet that does not say what it means: file, line, what is wrong."""


@dataclass(frozen=True)
class Expected:
    """What must come of the conviction or arrest on one line. Blank: anything."""

    order: str
    kind: str  # conviction or arrest
    remedy: str
    outcome: str
    relief: str
    rule: str
    if_clear: str


@dataclass
class Case:
    """One history and all that is expected of it."""

    name: str
    title: str
    citation: str
    as_of: str
    policy: str
    born: str
    supervision: str
    rows: list[Row] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def read_cases(path: Path) -> list[Case]:
    """The cases of one spreadsheet."""
    cases: list[Case] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise CaseError(f"{path.name}: the columns must be {', '.join(COLUMNS)}")
        for number, row in enumerate(reader, start=2):
            if None in row or None in row.values():
                raise CaseError(f"{path.name}, line {number}: not as many cells as columns")
            cells = {name: cell.strip() for name, cell in row.items()}
            try:
                _take(cases, cells)
            except ValueError as error:
                raise CaseError(f"{path.name}, line {number}: {error}") from None
    return cases


def all_cases() -> list[Case]:
    """Every case of every spreadsheet here. CaseError if two have one name."""
    cases = [case for path in sorted(HERE.glob("*.csv")) for case in read_cases(path)]
    names = [case.name for case in cases]
    for name in names:
        if names.count(name) > 1:
            raise CaseError(f"two cases are called {name}")
    return cases


def _take(cases: list[Case], cells: Mapping[str, str]) -> None:
    if cells["case"]:
        missing = [name for name in ("title", "citation", "as_of", "policy", "born") if not cells[name]]
        if missing:
            raise ValueError(f"the first line of a case needs {', '.join(missing)}")
        date.fromisoformat(cells["as_of"])
        if cells["supervision"] not in SUPERVISION:
            raise ValueError("supervision is none, active or blank")
        heading = {name: cells[name] for name in ("title", "citation", "as_of", "policy", "supervision")}
        cases.append(Case(cells["case"], **heading, born=_day(cells["born"])))
    elif not cases:
        raise ValueError("the first line must name a case")
    case = cases[-1]
    if cells["event"]:
        case.rows += _rows(case, cells)
    elif not cells["remedy"] or not case.rows:
        raise ValueError("a line tells an event, or one more remedy for the event above it")
    if cells["remedy"]:
        case.expected.append(_expected(case, cells))


def _expected(case: Case, cells: Mapping[str, str]) -> Expected:
    outcome = cells["outcome"]
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome is one of {', '.join(OUTCOMES)}")
    if (outcome == "ELIGIBLE") != bool(cells["relief"]):
        raise ValueError("ELIGIBLE needs a relief, and nothing else has one")
    row = case.rows[-1]
    kind = {EVENTS["arrest"]: "arrest", EVENTS["court"]: "conviction"}.get(row["STP_TYPE_DESCR"])
    if kind is None:
        raise ValueError("only an arrest or a court step can be expected to come to something")
    told = (cells[name] for name in ("remedy", "outcome", "relief", "rule", "if_clear"))
    return Expected(row["CNT_ORDER"], kind, *told)


def _rows(case: Case, cells: Mapping[str, str]) -> Iterator[Row]:
    """The rows of one count: one for each part of its sentence."""
    if cells["event"] not in EVENTS:
        raise ValueError(f"event is one of {', '.join(EVENTS)}")
    if cells["level"] not in LEVELS:
        raise ValueError(f"level is one of {', '.join(filter(None, LEVELS))}, or blank")
    step = re.fullmatch(r"(\d{1,2})-(\d{1,2})", cells["step"])
    if not step:
        raise ValueError("step is the number of the cycle, a hyphen and the number of the step: 1-2")
    case.counts[cells["step"]] += 1
    disposition = "" if cells["disposition"] == "?" else cells["disposition"]
    is_convicted = cells["event"] == "court" and disposition.startswith("CONVICTED")
    row = {
        "PRI_DOB": case.born,
        "STP_EVENT_DATE": _day(cells["date"]),
        "STP_TYPE_DESCR": EVENTS[cells["event"]],
        "STP_ORI_DESCR": "CAPDSACRAMENTO" if cells["event"] == "arrest" else "CASCSACRAMENTO",
        "STP_ORI_CNTY_NAME": "" if cells["county"] == "?" else cells["county"] or "SACRAMENTO",
        "CNT_ORDER": f"1{int(step[1]):02}{int(step[2]):03}{case.counts[cells['step']]:03}000",
        "OFN": "" if cells["number"] == "?" else cells["number"] or f"C{int(step[1])}",
        "OFFENSE_DESCR": "" if cells["section"] == "?" else cells["section"],
        "OFFENSE_TOC": LEVELS[cells["level"]],
        "DISP_DESCR": disposition,
        "CONV_STAT_DESCR": cells["level"].upper() if is_convicted else "",
    }
    parts = cells["sentence"].split("+") if cells["sentence"] else [""]
    for number, part in enumerate(parts, start=1):
        yield {**row, **_sentence(part.strip()), "SENT_ORDER": str(number)}


def _sentence(part: str) -> Row:
    if not part:
        return {}
    match = re.fullmatch(r"(\w+)(?: (?:(\?)|(\d+) (\w+)))?", part)
    if not match or match[1] not in PLACES or (match[4] and match[4] not in UNITS):
        raise ValueError("a sentence reads like: probation 3 years + jail 30 days + fine + prison ?")
    return {
        "SENT_LOC_DESCR": PLACES[match[1]],
        "SENT_LENGTH": match[3] or "",
        "SENT_TIME_CODE": UNITS[match[4]] if match[4] else "",
    }


def _day(text: str) -> str:
    """2010-06-15; 2010 where only the year is known; ? where nothing is."""
    if text == "?":
        return ""
    if re.fullmatch(r"\d{4}", text):
        return f"{text}0000"
    return f"{date.fromisoformat(text):%Y%m%d}"
