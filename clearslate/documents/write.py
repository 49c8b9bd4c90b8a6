"""Writing the documents of a batch: motion, exhibits, proposed order, and the drafts for single cases.

Belongs here: which documents there are, what each of them is given, and their files. Does not belong here: the words
(wording.py), the pages (templates/), the typesetting process (typesetter.py).

All documents are made in one pass over the very rows of 10_relief_actions.csv, in volumes of so many lines, so that memory
does not grow with the list. Same rows, same bytes: nothing of the run, the clock or the machine gets into a document.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from clearslate.court.layout import ACTIONS, CASES, create_file
from clearslate.documents.facts import MARKS, BatchFacts, Line, Tally, printable, read_lines
from clearslate.documents.typesetter import Pdf, Typesetter
from clearslate.documents.wording import Paper, Wording, fill, load_wording
from clearslate.errors import ClearslateError

MOTION = "20_motion.pdf"
EXHIBITS = {"public": "21_exhibit_public", "sealed": "22_exhibit_sealed"}
ORDER = "23_proposed_order.pdf"

# A volume is one PDF of a hundred pages and 6 to 9 MB, which electronic filing services take, and 0.7 GB
# to set.
LINES_PER_VOLUME = 5_000
STRUCK_ROWS = 22  # of the order's first attachment: what fits on its page
NAMED_LINES = 20  # so many challenged lines the order names one by one

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class DocumentFile:
    """A document as written. `rows` is the number of lines an exhibit lists, None for other papers."""

    sha256: str
    bytes: int
    pages: int
    rows: int | None
    confidential: bool


@dataclass(frozen=True)
class _Column:
    """A column of an exhibit: heading, width in points, how many letters surely fit, and how it is set."""

    name: str
    width: int
    letters: int
    is_code: bool = False
    is_right: bool = False


_COLUMNS = {
    "public": (
        _Column("Line", 44, 99, is_right=True),
        _Column("Case number", 200, 40, is_code=True),
        _Column("Count", 44, 8, is_right=True),
        _Column("Section", 110, 19),
        _Column("Action", 126, 99),
    ),
    "sealed": (
        _Column("Line", 36, 99, is_right=True),
        _Column("Case number", 114, 22, is_code=True),
        _Column("Ct.", 22, 4, is_right=True),
        _Column("Section", 66, 10),
        _Column("Convicted", 52, 10),
        _Column("Name", 126, 17),
        _Column("Born", 28, 5),
        _Column("Action", 80, 99),
    ),
}


def write_documents(
    folder: Path, facts: BatchFacts, rows: Iterable[Mapping[str, str]], *, lines_per_volume: int = LINES_PER_VOLUME
) -> dict[str, DocumentFile]:
    """Write motion, both exhibits and proposed order of a batch into `folder`; what is said of each file, by name.

    `rows` are those of 10_relief_actions.csv, in their order, as text by column name. An exhibit of more than
    `lines_per_volume` lines becomes volumes `21_exhibit_public_v01.pdf` and so on, whose hashes stand in motion and order.
    Raises ClearslateError, and may leave files behind, where the rows are not lines 1 to `facts.n_lines` or an action has
    no words in rules/courts/motions.
    """
    wording = load_wording(facts.program)
    tally = Tally()
    lines = tally.counting(read_lines(rows, wording))
    common = _common(facts, wording)
    n_volumes = -(-facts.n_lines // lines_per_volume)
    written: dict[str, DocumentFile] = {}
    volumes: dict[str, list[list[str]]] = {kind: [] for kind in EXHIBITS}
    # One process for each kind of exhibit, side by side: half the time on two cores, and never more than two volumes.
    with ThreadPoolExecutor(len(EXHIBITS)) as pool, ExitStack() as stack:
        typesetters = {kind: stack.enter_context(Typesetter()) for kind in EXHIBITS}
        for volume, chunk in enumerate(_chunks(lines, lines_per_volume), start=1):
            jobs = {
                kind: pool.submit(
                    typesetter.set,
                    "exhibit.typ",
                    common | _exhibit(kind, chunk, f"Volume {volume} of {n_volumes}", wording),
                    rows=len(chunk),
                )
                for kind, typesetter in typesetters.items()
            }
            span = f"{chunk[0].line_no:,} to {chunk[-1].line_no:,}"
            for kind, job in jobs.items():
                suffix = f"_v{volume:0{max(2, len(str(n_volumes)))}d}" if n_volumes > 1 else ""
                name = f"{EXHIBITS[kind]}{suffix}.pdf"
                written[name] = _write(folder / name, job.result(), rows=len(chunk), confidential=kind == "sealed")
                volumes[kind].append([name, span, str(written[name].pages), written[name].sha256])
        if tally.lines != facts.n_lines or not tally.lines:
            raise ClearslateError(
                f"no documents are made: the list has {tally.lines} lines, its batch states {facts.n_lines}"
            )
        listed = [row for kind in EXHIBITS for row in volumes[kind]]
        for name, paper in ((MOTION, wording.motion), (ORDER, wording.order)):
            data = common | _paper(paper, facts, wording, tally, listed)
            written[name] = _write(folder / name, typesetters["public"].set("pleading.typ", data))
    return dict(sorted(written.items()))


def write_case_drafts(folder: Path, facts: BatchFacts, rows: Iterable[Mapping[str, str]]) -> dict[str, DocumentFile]:
    """Write a draft of petition and order for each case into `folder`, named `case_000001.pdf` by its first line.

    A case is a case number and a person. `rows` as for write_documents; those of a case number stand together. A case on
    which nothing is asked has no draft. All drafts are confidential: they name the person.
    """
    wording = load_wording(facts.program)
    common = _common(facts, wording)
    written: dict[str, DocumentFile] = {}
    with Typesetter() as typesetter:
        for _, numbered in groupby(read_lines(rows, wording), key=lambda line: line.case_key):
            persons: dict[str, list[Line]] = {}
            for line in numbered:
                persons.setdefault(line.subject_ref, []).append(line)
            for lines in persons.values():
                if not all(line.action.is_challenge for line in lines):
                    pdf = typesetter.set("case.typ", common | _case(lines, wording), rows=len(lines))
                    name = f"case_{lines[0].line_no:06d}.pdf"
                    written[name] = _write(folder / name, pdf, rows=len(lines), confidential=True)
    return written


def _chunks(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    while chunk := list(islice(lines, size)):
        yield chunk


def _write(path: Path, pdf: Pdf, *, rows: int | None = None, confidential: bool = False) -> DocumentFile:
    with create_file(path) as file:
        file.write(pdf.content)
    return DocumentFile(hashlib.sha256(pdf.content).hexdigest(), len(pdf.content), pdf.pages, rows, confidential)


def _day(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def _dates(facts: BatchFacts) -> str:
    through = _day(facts.data_through) if facts.data_through else "a day that the delivery does not state"
    return f"Records through {through}; rules as of {_day(facts.as_of)}"


def _common(facts: BatchFacts, wording: Wording) -> dict[str, Any]:
    """What all templates are given."""
    filer = facts.filer
    return {
        "batch_id": facts.batch_id,
        "is_test": facts.is_test,
        "court": [printable(part) for part in facts.court_name.upper().split(", ", 1)],
        "filer": {
            "agency": printable(filer.agency) or f"District Attorney, County of {facts.county.title()}",
            "attorney": printable(filer.attorney),
            "bar_number": printable(filer.bar_number),
            "address": [printable(line) for line in filer.address],
            "phone": printable(filer.phone),
            "email": printable(filer.email),
            "role": wording.texts["filer_role"],
        },
        "defendants": wording.texts["defendants"],
        "short_title": wording.texts["short_title"],
        "statutes": wording.texts["statutes"],
        # name, value, whether it is set as code
        "identification": [
            ["Batch", facts.batch_id, False],
            ["Data file", f"{ACTIONS}, lines 1 to {facts.n_lines:,}", False],
            ["File SHA-256", facts.actions_sha256, True],
            ["Case file", CASES, False],
            ["File SHA-256", facts.cases_sha256, True],
            ["Dates", _dates(facts), False],
            ["Rules", facts.rule_set, True],
        ],
    }


def _exhibit(kind: str, lines: Sequence[Line], volume: str, wording: Wording) -> dict[str, Any]:
    columns = _COLUMNS[kind]
    text = wording.exhibits[kind]
    notes = [wording.notes["legend"], *([wording.notes["dates"]] if kind == "sealed" else []), *_notes(lines, wording)]
    cells = _public_cells if kind == "public" else _sealed_cells
    return {
        "title": text["title"],
        "subtitle": text["subtitle"],
        "notice": text["notice"],
        "cover": text["cover"],
        "volume": volume,
        "span": f"Lines {lines[0].line_no:,} to {lines[-1].line_no:,}",
        "notes": notes,
        "columns": [
            {"name": column.name, "width": column.width, "is_code": column.is_code, "is_right": column.is_right}
            for column in columns
        ],
        "rows": [
            [_broken(cell, column.letters) for cell, column in zip(cells(line), columns, strict=True)] for line in lines
        ],
    }


def _notes(lines: Sequence[Line], wording: Wording) -> list[str]:
    """What the marks on these lines mean, and the word on challenged ones."""
    used = {mark for line in lines for mark in line.marks}
    if any(line.action.is_challenge for line in lines):
        used.add("challenged")
    return [wording.notes[name] for name in (*MARKS, "challenged") if name in used]


def _public_cells(line: Line) -> tuple[str, ...]:
    return (str(line.line_no), _number(line), line.count_no, line.section, line.action_shown)


def _sealed_cells(line: Line) -> tuple[str, ...]:
    *shown, action = _public_cells(line)
    return (*shown, line.disposition_date, line.name, line.birth_year, action)


def _number(line: Line) -> str:
    """The case number; a second one where the court has renumbered the case."""
    return f"{line.case_number}\nDOJ: {line.original_case_number}" if line.original_case_number else line.case_number


def _broken(cell: str, letters: int) -> str:
    """The cell with new lines inside words that are too long for their column, behind a stroke or hyphen if there is one."""
    return _WORD.sub(lambda word: "\n".join(_pieces(word.group(), letters)), cell)


def _pieces(word: str, letters: int) -> Iterator[str]:
    while len(word) > letters:
        at = max(word.rfind("-", 0, letters), word.rfind("/", 0, letters)) + 1 or letters
        yield word[:at]
        word = word[at:]
    yield word


def _paper(
    paper: Paper,
    facts: BatchFacts,
    wording: Wording,
    tally: Tally,
    volumes: list[list[str]],
) -> dict[str, Any]:
    known = facts.background
    asked = tally.lines - tally.challenged
    uncompleted = tally.marks["serving"] + tally.marks["untold"]
    undecided = known.by_standing_policy + tally.deferred
    holds = {
        "challenged": tally.challenged > 0,
        "unchallenged": tally.challenged == 0,
        "late": known.late > 0,
        "deferred": tally.deferred > 0,
        "policy": tally.marks["policy"] > 0,
        "standing_policy": known.by_standing_policy > 0,
        "decided": undecided == 0,
        "dated": facts.data_through is not None,
        "undated": facts.data_through is None,
        "uncompleted": uncompleted > 0,
    }
    values = {
        "act": wording.texts["act"],
        "as_of": _day(facts.as_of),
        "data_through": _day(facts.data_through) if facts.data_through else "",
        "lines": f"{tally.lines:,}",
        "cases": f"{tally.cases:,}",
        "persons": f"{tally.persons:,}",
        "asked_lines": f"{asked:,}",
        "completed_lines": f"{asked - uncompleted:,}",
        "serving_lines": f"{tally.marks['serving']:,}",
        "untold_lines": f"{tally.marks['untold']:,}",
        "challenged_lines": f"{tally.challenged:,}",
        "challenged_where": _where(tally.challenged_lines),
        "late_lines": f"{known.late:,}",
        "told_by": " or ".join(_day(day) for day in known.told_by),
        "standing_policy_lines": f"{known.by_standing_policy:,}",
        "decided_lines": f"{tally.lines - undecided:,}",
        "policy_lines": f"{tally.marks['policy']:,}",
        "deferred_lines": f"{tally.deferred:,}",
    }
    used = {key: action for key, action in wording.actions.items() if tally.actions[key]}
    return {
        "title": paper.title,
        "footer": paper.footer,
        "caption_note": paper.caption_note,
        "body": [
            {"kind": item.kind, "text": item.text if item.kind == "insert" else fill(item.text, values)}
            for item in paper.body
            if item.when is None or holds[item.when]
        ],
        "actions": [
            *([action.label, action.asks, f"{tally.actions[key]:,}"] for key, action in used.items()),
            ["All", "", values["lines"]],
        ],
        "orders": [action.orders for action in used.values() if action.orders is not None],
        "volumes": volumes,
        "struck_lines": {**wording.struck_lines, "rows": STRUCK_ROWS},
    }


def _where(lines: Sequence[int]) -> str:
    """The numbers of lines, where they are few; else between which they stand."""
    if len(lines) > NAMED_LINES:
        return f"between line {lines[0]:,} and line {lines[-1]:,}, each so marked in Exhibit A"
    *others, last = [f"{line:,}" for line in lines] or [""]
    return f"lines {', '.join(others)} and {last}" if others else f"line {last}"


def _case(lines: Sequence[Line], wording: Wording) -> dict[str, Any]:
    first = lines[0]
    return {
        "title": wording.case["petition_title"],
        "words": dict(wording.case),
        "case_number": _broken(first.case_number, 22),
        "original_case_number": _broken(first.original_case_number, 22),
        "name": _broken(first.name, 22),
        "rows": [
            [str(line.line_no), line.count_no, line.section, line.level, line.disposition_date, line.action_shown]
            for line in lines
        ],
        "notes": _notes(lines, wording),
    }
