"""Control totals: what a clerk can check in a spreadsheet before posting a line.

Belongs here: computing them from the lines themselves, for writer and checker alike.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from clearslate.court.layout import ACTION_COLUMNS, case_number_sort

_AT = {name: position for position, name in enumerate(ACTION_COLUMNS)}


class ControlTotals:
    """Totals over the rows of the action file, in the order of ACTION_COLUMNS, as text."""

    def __init__(self) -> None:
        self.lines = 0
        self.sum_line_no = 0
        self.hash_total = 0  # of YYYYMMDD as integers, blank = 0: below 2^53 for 10^8 lines, so exact in a spreadsheet
        self.by_action: Counter[str] = Counter()
        self.by_section: Counter[str] = Counter()
        self.subjects: set[str] = set()
        self.cases: set[tuple[str, str]] = set()

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Count rows in. Raises ValueError where a line number or date is not one."""
        for row in rows:
            self.lines += 1
            self.sum_line_no += int(row[_AT["line_no"]])
            self.hash_total += int(row[_AT["disposition_date"]].replace("-", "") or 0)
            self.by_action[row[_AT["action_code"]]] += 1
            self.by_section[row[_AT["statute_section"]]] += 1
            subject = row[_AT["subject_ref"]]
            self.subjects.add(subject)
            self.cases.add((case_number_sort(row[_AT["case_number"]]), subject))

    def as_manifest(self) -> dict[str, Any]:
        """The manifest's `control_totals`. A case is a case number and a subject: co-defendants count apart."""
        return {
            "lines": self.lines,
            "cases": len(self.cases),
            "subjects": len(self.subjects),
            "sum_line_no": self.sum_line_no,
            "hash_total_disposition_date": self.hash_total,
            "by_action": dict(sorted(self.by_action.items())),
            "by_section": dict(sorted(self.by_section.items())),
        }
