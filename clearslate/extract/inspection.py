"""A look at one extract: what it is and what is wrong with it, nothing loaded and nothing written.

Everything found here may be shown: line numbers, codes, counts and column names, never a record's text.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from clearslate.extract.columns import DOJ_COLUMNS
from clearslate.extract.delivery import THREADS
from clearslate.extract.quarantine import Reason
from clearslate.extract.reader import FileReader, survey_file
from clearslate.extract.tally import FileFacts

SHOWN_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class Problem:
    """One record that would be quarantined: its first line (from 1), why, and how to mend it."""

    line: int
    reason: Reason
    mend: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """What an extract is. `columns` maps the position of each field (from 1) to its upper-case name.

    `trailing_field` tells that rows may carry an empty 96th field. `quarantined` counts records by reason, and
    `problems` are the first ten of them in the file's order.
    """

    facts: FileFacts
    columns: dict[int, str]
    trailing_field: bool
    quarantined: dict[Reason, int]
    problems: tuple[Problem, ...]

    @property
    def in_doj_order(self) -> bool:
        return tuple(self.columns.values()) == DOJ_COLUMNS


def inspect_file(path: Path) -> Inspection:
    """Read one extract to its end and say what was found. Raises DeliveryRefused as landing it would."""
    survey = survey_file(path)
    quarantined: Counter[Reason] = Counter()
    problems: list[Problem] = []
    with ThreadPoolExecutor(THREADS) as pool:
        reader = FileReader(survey, pool)
        for parsed in reader.parsed():
            quarantined.update(record.reason for record in parsed.quarantined)
            for record in parsed.quarantined[: SHOWN_PROBLEMS - len(problems)]:
                problems.append(Problem(record.line_first, record.reason, record.mend))
    return Inspection(
        facts=reader.facts(0),
        columns=dict(enumerate(survey.layout.columns, start=1)),
        trailing_field=survey.layout.trailing_field,
        quarantined=dict(quarantined),
        problems=tuple(problems),
    )
