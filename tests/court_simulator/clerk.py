"""The clerk at the case file: what a line means there, if anything.

Belongs here: comparing a line with the court's own records, and the reason code where they differ. Does not belong here:
what the court does next (court.py), and why the records differ (casefile.py).
"""

import sqlite3
from dataclasses import dataclass

from tests.court_simulator.parcel import letters_and_digits


@dataclass(frozen=True)
class Entry:
    """What becomes of a line in one step: its new state, and what the journal says of it."""

    state: str
    status: str
    code: str = ""
    words: str = ""
    number: str = ""


class Records:
    """The case file in memory, for looking up a batch."""

    def __init__(self, books: sqlite3.Connection) -> None:
        self.by_number: dict[str, list[sqlite3.Row]] = {}
        for row in books.execute("select * from cases"):
            self.by_number.setdefault(row["number_sort"], []).append(row)
        self.counts: dict[tuple[int, str], list[sqlite3.Row]] = {}
        self.claimed: dict[int, str] = {}
        for row in books.execute("select * from counts"):
            self.counts.setdefault((row["case_id"], row["count_no"]), []).append(row)
            self.claimed[row["count_id"]] = row["claimed_by"]

    def claim(self, count_id: int, action_key: str) -> None:
        self.claimed[count_id] = action_key


def look_up(line: sqlite3.Row, records: Records) -> tuple[Entry, int, int]:
    """What a clerk finds for a line; with the case and the count that it means, or 0."""

    def refuse(code: str, words: str = "", number: str = "") -> tuple[Entry, int, int]:
        return Entry("refused", "rejected", code, words, number), 0, 0

    numbered = records.by_number.get(letters_and_digits(line["case_number"]), [])
    if not numbered:
        return refuse("R10")
    cases = [case for case in numbered if _same_person(line, case)]
    if not cases:
        return refuse("R12", "another defendant")
    if len(cases) > 1:
        return refuse("R11", "two cases of that number")
    [case] = cases
    if case["standing"] == "purged":
        return refuse("R13", "destroyed under retention schedule")
    if case["standing"] == "transferred":
        return refuse("R14", "transferred to 34", case["points_to"])
    if case["standing"] in ("renumbered", "merged"):
        return refuse("R15", case["standing"], case["points_to"])
    if case["is_pending"]:
        return refuse("R31")
    if case["is_supervised"]:
        return refuse("R32")
    counts = records.counts.get((case["case_id"], line["count_no"]), [])
    if not counts:
        return refuse("R20")
    count = min(counts, key=lambda count: _distance(line, count, records.claimed[count["count_id"]]))
    if count["consolidated"] or records.claimed[count["count_id"]] not in ("", line["action_key"]):
        return Entry("duplicate", "duplicate", "", "the same count as another line"), 0, 0
    if not count["is_conviction"]:
        return refuse("R21")
    if count["relieved_on"]:
        return Entry("already", "already_relieved", "R30", "", ""), case["case_id"], count["count_id"]
    if count["section"] != line["section"]:
        return refuse("R23")
    if "U" not in (count["level"], line["level"]) and count["level"] != line["level"]:
        return refuse("R22")
    if (
        "" not in (count["disposition_date"], line["disposition_date"])
        and count["disposition_date"] != line["disposition_date"]
    ):
        return refuse("R24")
    if count["temper"] == "odd":
        return refuse("R99", "file is with the appellate division")
    return Entry("matched", "matched", number=case["number"]), case["case_id"], count["count_id"]


def _same_person(line: sqlite3.Row, case: sqlite3.Row) -> bool:
    names, years = (line["name_last"], case["name_last"]), (line["birth_year"], case["birth_year"])
    return ("" in names or names[0] == names[1]) and ("" in years or years[0] == years[1])


def _distance(line: sqlite3.Row, count: sqlite3.Row, claimed_by: str) -> tuple[int, ...]:
    """How far a count of the right number is from a line; the least is the one that is meant."""
    return (
        int(count["section"] != line["section"]),
        int(count["disposition_date"] != line["disposition_date"]),
        {line["action_key"]: 0, "": 1}.get(claimed_by, 2),
        int(count["count_id"]),
    )
