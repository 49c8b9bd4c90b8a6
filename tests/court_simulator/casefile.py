"""What lies in the court's own file about the cases of a batch.

Belongs here: inventing the court's case records so that most agree with what the prosecutor sends and some, chosen by a
seed, do not. Does not belong here: noticing it. The court (court.py) finds every fault by looking a case up, as a
clerk would; it is never told which line has which fate.
"""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.court_simulator.parcel import Row, letters_and_digits

# Fates of a whole case, and of one count; the share of a thousand that meets each.
CASE_FATES = {
    "not_found": 6,
    "ambiguous": 3,
    "other_name": 4,
    "purged": 5,
    "transferred": 4,
    "renumbered": 8,
    "merged": 4,
    "pending": 3,
    "supervised": 3,
}
COUNT_FATES = {
    "no_count": 4,
    "no_conviction": 3,
    "other_level": 4,
    "other_section": 4,
    "other_date": 5,
    "relieved": 8,
    "consolidated": 3,
    "odd": 2,
    "denied": 3,
    "withdrawn": 2,
    "objected": 2,
    "continued": 3,
    "off_calendar": 3,
    "cms_error": 4,
    "partial": 3,
    "doj_rejects_once": 3,
    "doj_rejects": 2,
}
EVERY_FATE = (*CASE_FATES, *COUNT_FATES)
_TEMPERS = {"odd", "denied", "withdrawn", "objected", "continued", "off_calendar", "cms_error", "partial"} | {
    "doj_rejects_once",
    "doj_rejects",
}


@dataclass(frozen=True)
class Fates:
    """Which faults the court's file has. `at_least_one`: every fate meets some line of a batch that is large enough."""

    seed: int = 0
    per_mille: Mapping[str, int] = field(default_factory=lambda: {**CASE_FATES, **COUNT_FATES})
    at_least_one: bool = True

    @staticmethod
    def none() -> "Fates":
        """A court whose file agrees with everything."""
        return Fates(per_mille={})

    def deal(self, names: Sequence[str], things: Sequence[str]) -> dict[str, str]:
        """Deal the fates called `names` to `things` (any distinct texts): a thing has one fate at most."""
        deck = sorted(things, key=lambda thing: hashlib.sha256(f"{self.seed}|{thing}".encode()).digest())
        wanted = {name: len(deck) * self.per_mille.get(name, 0) // 1000 for name in names}
        if self.at_least_one and len(deck) >= 4 * len(names):
            wanted = {name: max(n, int(name in self.per_mille)) for name, n in wanted.items()}
        met = (name for name, n in wanted.items() for _ in range(n))
        return dict(zip(deck, met, strict=False))


def learn(books: sqlite3.Connection, lines: Sequence[Row], fates: Fates) -> None:
    """Put the cases behind `lines` into the court's file, where they are not there already: once for each action key and
    for each place (case, defendant, count, section, date), so that a line sent again meets the file it met before."""
    known = {row[0] for row in books.execute("select action_key from known")}
    places = {row[0] for row in books.execute("select place from known_places")}
    fresh = [row for row in lines if row["action_key"] not in known and _place(row) not in places]
    books.executemany("insert into known values (?)", [(row["action_key"],) for row in fresh])
    books.executemany("insert or ignore into known_places values (?)", [(_place(row),) for row in fresh])

    of_case: dict[str, list[Row]] = {}
    for row in fresh:
        of_case.setdefault(_case(row), []).append(row)
    there = {
        "|".join((row["number_sort"], row["name_last"], row["birth_year"])): row["case_id"]
        for row in books.execute("select * from cases")
    }
    case_fate = fates.deal([*CASE_FATES], [case for case in of_case if case not in there])
    plain = [row["action_key"] for row in fresh if _case(row) not in case_fate]
    count_fate = fates.deal([*COUNT_FATES], plain)

    case_id = int(books.execute("select coalesce(max(case_id), 0) from cases").fetchone()[0])
    cases, counts = [], []
    for case, rows in of_case.items():
        fate = case_fate.get(case, "")
        if fate == "not_found":
            continue
        first = rows[0]
        if case in there:
            home = there[case]
        else:
            home = case_id = case_id + 1
            standing = fate if fate in ("purged", "transferred", "renumbered", "merged") else "here"
            moved = {
                "transferred": "34-" + first["case_number"],
                "renumbered": f"NX{case_id:07d}",
                "merged": f"MG{case_id:07d}",
            }
            number, sort = first["case_number"], letters_and_digits(first["case_number"])
            who = ("ZZYZX" if fate == "other_name" else first["name_last"], first["birth_year"])
            flags = (int(fate == "pending"), int(fate == "supervised"))
            cases.append((home, number, sort, standing, moved.get(fate, ""), *who, *flags))
            if fate in ("renumbered", "merged", "ambiguous"):  # another record is, or may be, the one that is meant
                number = moved.get(fate, number)
                home = case_id = case_id + 1
                cases.append((home, number, letters_and_digits(number), "here", "", *who, 0, 0))
        counts += [_count(home, row, count_fate.get(row["action_key"], "")) for row in rows]
    books.executemany("insert into cases values (?, ?, ?, ?, ?, ?, ?, ?, ?)", cases)
    books.executemany(
        "insert into counts (case_id, count_no, section, level, disposition_date, is_conviction, consolidated, relieved_on,"
        " temper, claimed_by) values (?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
        [count for count in counts if count is not None],
    )


def _count(case_id: int, row: Row, fate: str) -> tuple[object, ...] | None:
    if fate == "no_count":
        return None
    level = {"F": "M"}.get(row["offense_level_before"], "F") if fate == "other_level" else row["offense_level_before"]
    return (
        case_id,
        row["count_no"],
        "23152(A)" if fate == "other_section" else row["statute_section"],
        level,
        "1970-01-01" if fate == "other_date" else row["disposition_date"],
        int(fate != "no_conviction"),
        int(fate == "consolidated"),
        "2018-05-01" if fate == "relieved" else "",
        fate if fate in _TEMPERS else "",
    )


def _case(row: Row) -> str:
    return "|".join((letters_and_digits(row["case_number"]), row["name_last"], row["birth_year"]))


def _place(row: Row) -> str:
    return "|".join((_case(row), row["count_no"], row["statute_section"], row["disposition_date"]))
