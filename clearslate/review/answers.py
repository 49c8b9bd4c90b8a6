"""What stands in a worklist or a spot check that came back: its answers, and what is wrong with single rows.

Belongs here: finding the columns whatever the spreadsheet made of their headings, words, keys and what contradicts itself
inside one file. Does not belong here: what the release and the ledger know of a key (decisions.py).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clearslate.court.keys import KEY_DIGITS, VERSION_DIGITS, key_problem, normalize_key
from clearslate.errors import SheetRefused
from clearslate.sheets import Sheet, column_letter, read_sheets

_SHOWN = 20  # rows that a message lists; the exception has them all
_NO_WORD = re.compile(r"[\s_\-‐‑‒–—]+")
_ALIASES = {"action key": "key"}
VERDICTS = ("CORRECT", "WRONG", "CANT_TELL")


@dataclass(frozen=True, order=True)
class RowProblem:
    """Why one row can't be taken. `place` is its sheet (0: there is only one) and row as a person sees them."""

    sheet_no: int
    row_no: int
    words: str

    @property
    def place(self) -> str:
        return f"sheet {self.sheet_no}, row {self.row_no}" if self.sheet_no else f"row {self.row_no}"

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


class ReviewRefused(SheetRefused):
    """Nothing of a file was taken, because rows of it are wrong: `problems` has them all."""

    def __init__(self, name: str, problems: Iterable[RowProblem]) -> None:
        self.problems = tuple(sorted(problems))
        listed = "\n".join(f"  {problem}" for problem in self.problems[:_SHOWN])
        more = f"\n  and {len(self.problems) - _SHOWN} more" if len(self.problems) > _SHOWN else ""
        super().__init__(
            f"{name}: nothing was taken; mend these rows, or delete them, and send it again:\n{listed}{more}"
        )


@dataclass(frozen=True)
class Answer:
    """One row that answers something: a decision with its ground, or (`sample_id`) a verdict. Keys are well formed."""

    sheet_no: int
    row_no: int
    key: str
    version: str
    word: str
    ground: str = ""
    sample_id: str = ""

    def problem(self, words: str) -> RowProblem:
        return RowProblem(self.sheet_no, self.row_no, words)


@dataclass(frozen=True)
class Answers:
    """A file's answers, each line once, and how many rows were left blank."""

    name: str
    is_spot_check: bool
    answers: tuple[Answer, ...]
    n_blank: int


def read_answers(path: Path, words: Sequence[str]) -> Answers:
    """Read a worklist or spot check that was filled in; `words` are those for decisions.

    Several sheets are read together; those without a column to fill in (guidance, what is not eligible) are passed over.
    Raises SheetRefused where the file is no such thing, ReviewRefused with every row that is wrong in itself.
    """
    sheets = [_Columns(sheet, number) for number, sheet in enumerate(read_sheets(path), start=1)]
    if len(sheets) == 1:
        sheets[0].number = 0
    filled = [sheet for sheet in sheets if sheet.answer]
    kinds = {sheet.answer for sheet in filled}
    if len(kinds) != 1:
        asked = "has neither a column Decision nor a column Verdict" if not kinds else "has both decisions and verdicts"
        raise SheetRefused(f"{path.name}: {asked}; send one worklist or one spot check back as it was written")
    is_spot_check = kinds == {"verdict"}
    for sheet in filled:
        sheet.demand(("key", "version", *(("sample",) if is_spot_check else ())), path.name)
    problems: list[RowProblem] = []
    answers: list[Answer] = []
    n_blank = 0
    for sheet in filled:
        for row_no, cells in sheet.rows():
            answer = _read_row(sheet.number, row_no, cells, VERDICTS if is_spot_check else words, problems)
            if answer is not None:
                answers.append(answer)
            n_blank += not cells[sheet.answer] and bool(cells["key"])
    problems += contradictions(answers)
    if problems:
        raise ReviewRefused(path.name, problems)
    return Answers(path.name, is_spot_check, tuple({_subject(answer): answer for answer in answers}.values()), n_blank)


class _Columns:
    """A sheet with its columns under the names that we know them by."""

    def __init__(self, sheet: Sheet, number: int) -> None:
        self.number = number
        self._sheet = sheet
        self._names: dict[str, str] = {}
        self._twice: list[str] = []
        for index, heading in enumerate(sheet.columns):
            name = _NO_WORD.sub(" ", heading.casefold()).strip()
            name = _ALIASES.get(name, name)
            if name in self._names:
                self._twice.append(column_letter(index))
            self._names.setdefault(name, heading)
        self.answer = next((name for name in ("decision", "verdict") if name in self._names), "")

    def demand(self, names: Iterable[str], file: str) -> None:
        place = f"{file}, sheet {self.number}" if self.number else file
        missing = [name.capitalize() for name in names if name not in self._names]
        if missing:
            raise SheetRefused(
                f"{place}: the column {' and the column '.join(missing)} is gone; send the sheet with all its columns"
            )
        if self._twice:
            raise SheetRefused(f"{place}, column {self._twice[0]}: a column of this name stands further left")

    def rows(self) -> Iterable[tuple[int, dict[str, str]]]:
        for row_no, cells in self._sheet.rows:
            yield row_no, {name: cells[heading] for name, heading in self._names.items()}


def _read_row(
    sheet_no: int, row_no: int, cells: Mapping[str, str], words: Sequence[str], problems: list[RowProblem]
) -> Answer | None:
    """The answer in one row; None where there is none, or it is wrong."""

    def wrong(what: str) -> None:
        problems.append(RowProblem(sheet_no, row_no, what))

    told = cells.get("decision") or cells.get("verdict") or ""
    ground = _word(cells.get("ground", ""))
    key, version = normalize_key(cells["key"]), normalize_key(cells["version"])
    if not told and not ground and key and (problem := key_problem(key)) is not None:
        wrong(f"nothing is decided, but the key {problem}: is the file whole?")
    if not told:
        if ground:
            wrong("a ground without a decision: fill in CHALLENGE, or empty the cell")
        return None
    word = _word(told.replace("'", "").replace("’", ""))
    if word == "CANNOT_TELL" and word not in words:
        word = "CANT_TELL"
    n_before = len(problems)
    if word not in words:
        wrong(f"the word is none of {', '.join(words)}")
    for name, digits, text in (("key", KEY_DIGITS, key), ("version", VERSION_DIGITS, version)):
        problem = key_problem(text, digits=digits)
        if problem is not None:
            wrong(f"the {name} {problem}; copy it from the sheet that was sent")
    if ground and word != "CHALLENGE":
        wrong("a ground belongs to CHALLENGE only: empty the cell, or change the decision")
    if word == "CHALLENGE" and not ground:
        wrong("CHALLENGE needs a ground: choose one of the list")
    if len(problems) > n_before:
        return None
    return Answer(sheet_no, row_no, key, version, word, ground, normalize_key(cells.get("sample", "")))


def _word(text: str) -> str:
    """A word as it is meant: upper case, one underscore for blanks and hyphens."""
    return _NO_WORD.sub("_", text.strip()).strip("_").upper()


def _subject(answer: Answer) -> tuple[str, str]:
    return answer.key, answer.sample_id


def contradictions(answers: Sequence[Answer]) -> list[RowProblem]:
    """Every row of a line that the same file answers in two ways."""
    said: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        said.setdefault(_subject(answer), []).append(answer)
    return [
        answer.problem("contradicts " + ", ".join(other.problem("").place for other in same if other is not answer))
        for same in said.values()
        if len({(answer.word, answer.ground, answer.version) for answer in same}) > 1
        for answer in same
    ]
