"""The facts that documents are made of: the batch, the lines as they stand in 10_relief_actions.csv, and their counts.

Belongs here: reading a row into a line, refusing what has no words, counting. Does not belong here: the words
(wording.py), the pages (templates/), the files (write.py).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from clearslate.court.layout import case_number_sort
from clearslate.documents.wording import Action, Wording
from clearslate.errors import ClearslateError

# The writing that typst's own typefaces show in full. Anything else is shown by its code: a box would say nothing, and
# writing from right to left would turn digits round.
_NOT_SHOWN = re.compile("[^ -~\u00a1-\u00ac\u00ae-\u017f\u0391-\u03a1\u03a3-\u03c9\u0400-\u045f‐–—‘’“”†‡•…€]")


MARKS = {"policy": "†", "serving": "‡", "untold": "¶"}
"""How a line is marked in exhibits and drafts; rules/courts/motions says what each mark means."""


@dataclass(frozen=True)
class Filer:
    """Who signs: the prosecuting agency and its attorney. What is blank becomes a line to fill in by hand."""

    agency: str = ""
    attorney: str = ""
    bar_number: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Background:
    """What release and ledger know of a batch's lines beside their rows: how many go by the prosecutor's standing policy,
    undecided; how many challenges came after the days `told_by` by which the law wanted them.
    """

    by_standing_policy: int = 0
    late: int = 0
    told_by: tuple[date, ...] = ()


@dataclass(frozen=True)
class BatchFacts:
    """What the documents of a batch state alike. There is no attempt in it: a batch sent again has the same bytes.

    `program` is the short name in batch ids, `county` is named as DOJ does, `actions_sha256` is that of
    10_relief_actions.csv, `cases_sha256` that of 11_relief_cases.csv, `data_through` the day through which the records speak
    (None where the delivery does not state it), `as_of` the day of the rules, `rule_set` the hash of the rules that selected
    the lines.
    """

    batch_id: str
    is_test: bool
    program: str
    county: str
    court_name: str
    n_lines: int
    actions_sha256: str
    cases_sha256: str
    data_through: date | None
    as_of: date
    rule_set: str
    background: Background = Background()
    filer: Filer = Filer()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list, as it is shown. Text is what can be printed, blank for unknown."""

    line_no: int
    case_number: str
    original_case_number: str
    case_key: str
    count_no: str
    section: str
    level: str
    disposition_date: str
    action: Action
    by_policy: bool
    sentence_path: str
    is_deferred: bool
    subject_ref: str
    name: str
    birth_year: str

    @property
    def action_shown(self) -> str:
        return " ".join((self.action.label, *(MARKS[name] for name in self.marks)))

    @property
    def marks(self) -> list[str]:
        """What a reader has to know of the relief that the line asks for: names in MARKS. A challenged line asks for none."""
        holds = {
            "policy": self.by_policy,
            "serving": self.sentence_path == "serving",
            "untold": self.sentence_path not in ("completed", "serving"),
        }
        return [] if self.action.is_challenge else [name for name in MARKS if holds[name]]


class Tally:
    """Counts over the lines of a batch."""

    def __init__(self) -> None:
        self.lines = 0
        self.actions: Counter[tuple[str, str]] = Counter()
        self.challenged_lines: list[int] = []
        self.marks: Counter[str] = Counter()
        self.deferred = 0
        self._persons: set[str] = set()
        self._cases: set[tuple[str, str]] = set()

    @property
    def challenged(self) -> int:
        return len(self.challenged_lines)

    @property
    def persons(self) -> int:
        return len(self._persons)

    @property
    def cases(self) -> int:
        """A case is a case number and a person, as in the manifest: co-defendants count apart."""
        return len(self._cases)

    def counting(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The same lines, counted as they pass."""
        for line in lines:
            self.lines += 1
            self.actions[line.action.code, line.action.level_after] += 1
            if line.action.is_challenge:
                self.challenged_lines.append(line.line_no)
            self.marks.update(line.marks)
            self.deferred += line.is_deferred
            self._persons.add(line.subject_ref)
            self._cases.add((line.case_key, line.subject_ref))
            yield line


def read_lines(rows: Iterable[Mapping[str, str]], wording: Wording) -> Iterator[Line]:
    """Rows of 10_relief_actions.csv, by column name, as lines. ClearslateError where line numbers have a gap or an action
    has no words."""
    for line_no, row in enumerate(rows, start=1):
        if row["line_no"] != str(line_no):
            raise ClearslateError(f"no documents are made: line {line_no} of the list is missing or out of order")
        action = _action(row["action_code"], row["offense_level_after"], wording)
        if action is None:
            raise ClearslateError(
                f"no documents are made: rules/courts/motions has no words for the action of line {line_no}"
            )
        yield Line(
            line_no=line_no,
            case_number=printable(row["case_number"]),
            original_case_number=printable(row.get("original_case_number", "")),
            case_key=case_number_sort(row["case_number"]),
            count_no=row["count_no"],
            section=printable(f"{row['statute_code']} {row['statute_section']}".strip()),
            level=row["offense_level_before"],
            disposition_date=row["disposition_date"],
            action=action,
            by_policy=row["legal_basis"] == "county_policy",
            sentence_path=row["sentence_path"],
            is_deferred=row["da_position"] == "DEFER",
            subject_ref=row["subject_ref"],
            name=printable(", ".join(part for part in (row["name_last"], row["name_first"]) if part)),
            birth_year=row["birth_year"],
        )


def _action(code: str, level_after: str, wording: Wording) -> Action | None:
    """The action's words. A challenged line asks for nothing, whatever level the relief would have led to."""
    action = wording.actions.get((code, level_after)) or wording.actions.get((code, ""))
    if action is None or action.is_challenge or action.level_after == level_after:
        return action
    return None


def printable(text: str) -> str:
    """The text with every character that the typefaces don't show in full as its code: [U+1F600]."""
    text = unicodedata.normalize("NFC", text)
    return _NOT_SHOWN.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)
