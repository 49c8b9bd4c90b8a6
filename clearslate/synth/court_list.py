"""A court's own list of cases, invented from cases that DOJ knows, with the truth beside it.

Belongs here: what courts' lists are like (numbers lost and changed, names and days mistyped, cases that only one side has)
and which row is which conviction. Does not belong here: finding that out (clearslate.reconcile).

The list is a function of (counts, kind, seed). `<list>.truth.csv` has a row per row of the list, numbered as a spreadsheet
shows it: the conviction (blank for a case that DOJ does not have) and what was done to it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from clearslate.errors import UsageError
from clearslate.synth.vocabulary import read_table

COLUMNS = (
    "Case Number",
    "Municipal Number",
    "Last Name",
    "First Name",
    "Middle Name",
    "DOB",
    "Section",
    "Level",
    "Disposition Date",
    "Status",
)
_MUNICIPAL = "MC"
_PROGRAM = "prop64"  # the group of offenses that a court is asked for
_LAST_DAY = date(2019, 12, 31)
_LETTERS = "ABCDEFGHIJKLMNOPRSTUVWYZ"


@dataclass(frozen=True)
class KnownCount:
    """A convicted count as DOJ knows it. `offense` is written as on a list: section, subdivision, code letters."""

    conviction_id: str
    case_number: str
    last: str
    first: str
    middle: str
    birth_date: date | None
    offense: str
    level: str
    day: date | None


@dataclass(frozen=True)
class Kind:
    """What happened to a list: shares of 1. Cases missing on either side are in every list."""

    zeros_lost: float = 0.0
    renumbered: float = 0.0
    municipal: float = 0.0
    name_typo: float = 0.0
    birth_swapped: float = 0.0
    count_changed: float = 0.0
    nameless: bool = False


KINDS = {
    "plain": Kind(),
    "zeros_lost": Kind(zeros_lost=1.0),
    "renumbered": Kind(renumbered=1.0),
    "municipal": Kind(municipal=1.0),
    "name_typos": Kind(name_typo=0.5),
    "births_swapped": Kind(birth_swapped=0.5),
    "numbers_only": Kind(zeros_lost=1.0, nameless=True),
    "mixed": Kind(zeros_lost=0.3, renumbered=0.1, municipal=0.1, name_typo=0.1, birth_swapped=0.05, count_changed=0.03),
}


@dataclass(frozen=True)
class CourtListReport:
    """What was written: `rows` of the list, of which `extra` are cases that DOJ does not have."""

    path: Path
    truth: Path
    rows: int
    extra: int


def write_court_list(
    path: Path,
    counts: Sequence[KnownCount],
    *,
    kind: str,
    seed: int,
    missing: float = 0.1,
    extra: float = 0.2,
) -> CourtListReport:
    """Write a list of that kind (KINDS) with a row per count, as CSV.

    `missing`: share of the counts that the court does not list; `extra`: cases that DOJ does not have, for each that it
    has. Raises UsageError for an unknown kind.
    """
    if kind not in KINDS:
        raise UsageError(f"`{kind}` is no kind of list; there are: {', '.join(KINDS)}")
    chance = Random(f"{kind} {seed}")  # noqa: S311 - invented data, the same again for the same seed
    listed = [count for count in counts if chance.random() >= missing]
    strangers = list(_strangers(counts, round(len(counts) * extra), KINDS[kind], seed))
    rows = [*_changed(listed, KINDS[kind], chance), *strangers]
    chance.shuffle(rows)
    truth = path.with_name(f"{path.name}.truth.csv")
    with (
        path.open("w", encoding="utf-8", newline="") as list_file,
        truth.open("w", encoding="utf-8", newline="") as told,
    ):
        lines, truths = csv.writer(list_file), csv.writer(told)
        lines.writerow(COLUMNS)
        truths.writerow(("row", "conviction_id", "change"))
        for row_no, (cells, change, count) in enumerate(rows, start=2):
            lines.writerow(cells)
            truths.writerow((row_no, count.conviction_id, change))
    return CourtListReport(path, truth, len(rows), len(strangers))


def invent_counts(n: int, *, seed: int, series: str = "") -> list[KnownCount]:
    """`n` convicted counts of invented people; some cases have two counts, some two people, some people two cases.

    Numbers are `0012345` (older cases, padded) or `CR99-001234`, unique within a `series` (letters put ahead of them).
    """
    chance = Random(f"counts {series} {seed}")  # noqa: S311 - as above
    names = read_table("names")
    parts = {part: [row["text"] for row in names if row["part"] == part] for part in ("last", "male", "female")}
    offenses = _offenses(in_program=True)
    counts: list[KnownCount] = []
    person = _person(parts, chance)
    for case_no in range(1, n + 1):
        if len(counts) >= n:
            break
        if chance.random() > 0.15:
            person = _person(parts, chance)
        born = person[3]
        grown = born + timedelta(days=18 * 366)
        day = grown + timedelta(days=chance.randrange((_LAST_DAY - grown).days))
        padded = case_no * 7 + chance.randrange(7)
        number = f"{series}{padded:07d}" if chance.random() < 0.5 else f"CR{series}{day:%y}-{padded:06d}"
        people = [person, _person(parts, chance)] if chance.random() < 0.05 else [person]
        for last, first, middle, birth_date in people:
            charged = chance.sample(offenses, 2 if chance.random() < 0.15 else 1)
            counts += [
                KnownCount(
                    f"{series}{seed}-{len(counts) + at:07d}", number, last, first, middle, birth_date, *told, day
                )
                for at, told in enumerate(charged)
            ]
    return counts[:n]


def _offenses(*, in_program: bool) -> list[tuple[str, str]]:
    """Offenses as lists write them, without title, and their levels: the program's, or others, the frequent ones first."""
    rows = [row for row in read_table("offenses") if (row["group"] == _PROGRAM) == in_program and row["toc"]]
    if not in_program:
        rows.sort(key=lambda row: -int(row["weight"]))
    return [(row["text"].partition("-")[0].strip(), row["toc"]) for row in rows if row["text"][:1].isdigit()]


def _person(parts: dict[str, list[str]], chance: Random) -> tuple[str, str, str, date]:
    first = chance.choice(parts["female"] if chance.random() < 0.2 else parts["male"])
    middle = chance.choice(_LETTERS) if chance.random() < 0.6 else ""
    last = chance.choice(parts["last"])
    if chance.random() < 0.5:  # the vocabulary holds frequent surnames only
        last += chance.choice(parts["last"]).lower()[:3].upper()
    return last, first, middle, date(1945, 1, 1) + timedelta(days=chance.randrange(50 * 365))


def _cells(count: KnownCount, *, municipal: str = "", status: str = "CONVICTED") -> list[str]:
    birth, day = ("" if told is None else f"{told:%m/%d/%Y}" for told in (count.birth_date, count.day))
    return [
        count.case_number,
        municipal,
        count.last,
        count.first,
        count.middle,
        birth,
        count.offense,
        count.level,
        day,
        status,
    ]


def _changed(counts: Iterable[KnownCount], kind: Kind, chance: Random) -> Iterator[tuple[list[str], str, KnownCount]]:
    """Each count's row, what was done to it (several joined by +) and the count as DOJ knows it.

    A case has one number and tells a person in one way, whatever number of its counts the list has.
    """
    numbers: dict[str, tuple[str, str, str]] = {}
    people: dict[tuple[str, str, str, date | None], tuple[KnownCount, list[str]]] = {}
    other = _offenses(in_program=False)[0][0]
    for count in counts:
        if count.case_number not in numbers:
            numbers[count.case_number] = _new_number(count.case_number, kind, chance, len(numbers))
        number, municipal, change = numbers[count.case_number]
        party = (count.case_number, count.last, count.first, count.birth_date)
        if party not in people:
            people[party] = _mistold(count, kind, chance)
        told, changes = people[party]
        changes = [change, *changes] if change else list(changes)
        written = replace(
            count, case_number=number, last=told.last, first=told.first, middle=told.middle, birth_date=told.birth_date
        )
        if chance.random() < kind.count_changed:
            written, change = chance.choice(
                (
                    (replace(written, offense=other), "section"),
                    (replace(written, level="M" if count.level == "F" else "F"), "level"),
                    (replace(written, day=count.day and count.day + timedelta(days=1)), "date"),
                )
            )
            changes.append(change)
        yield _cells(written, municipal=municipal), "+".join(changes), count


def _mistold(count: KnownCount, kind: Kind, chance: Random) -> tuple[KnownCount, list[str]]:
    """A count with its person as a case of the list tells the person, and what is wrong with that."""
    if kind.nameless:
        return replace(count, last="", first="", middle="", birth_date=None), []
    changes = []
    told, born = count, count.birth_date
    if chance.random() < kind.name_typo:
        told = replace(told, last=_mistyped(count.last, chance))
        changes.append("name_typo")
    if born and chance.random() < kind.birth_swapped and born.day <= 12 and born.day != born.month:
        told = replace(told, birth_date=born.replace(month=born.day, day=born.month))
        changes.append("birth_swapped")
    return told, changes


def _strangers(
    counts: Sequence[KnownCount], n: int, kind: Kind, seed: int
) -> Iterator[tuple[list[str], str, KnownCount]]:
    """Cases that DOJ does not have. Three in ten are a known person's; of the others one in fifty has a number that DOJ
    has for somebody else, as a municipal court may have given it too."""
    chance = Random(f"strangers {seed}")  # noqa: S311 - as above
    for stranger in invent_counts(n, seed=seed + 1, series="X"):
        known, drawn = chance.choice(counts), chance.random()
        told, change = replace(stranger, conviction_id=""), "extra"
        if drawn < 0.3:
            told = replace(told, last=known.last, first=known.first, middle=known.middle, birth_date=known.birth_date)
            change = "extra_of_known_person"
        elif drawn < 0.314 and not kind.nameless:
            told, change = replace(told, case_number=known.case_number), "extra_with_known_number"
        if kind.nameless:
            told = replace(told, last="", first="", middle="", birth_date=None)
        yield _cells(told), change, told


def _new_number(number: str, kind: Kind, chance: Random, nth: int) -> tuple[str, str, str]:
    """The court's number of a case, the municipal one beside it, and how that differs from DOJ's."""
    drawn = chance.random()
    if drawn < kind.renumbered:
        return f"24NEW{900_000 - nth:06d}", "", "renumbered"
    if drawn < kind.renumbered + kind.municipal:
        if chance.random() < 0.5:
            return f"{_MUNICIPAL}-{number}", "", "municipal_prefix"
        return f"SC{800_000 - nth:06d}", f"{_MUNICIPAL}{number}", "municipal_column"
    if drawn < kind.renumbered + kind.municipal + kind.zeros_lost:
        lost = "-".join(run.lstrip("0") for run in number.split("-"))
        return lost, "", "zeros_lost" if lost != number else ""
    return number, "", ""


def _mistyped(text: str, chance: Random) -> str:
    """One letter left out, doubled, or two neighbours swapped; never the first."""
    if len(text) < 3:
        return text + text[-1:]
    at = chance.randrange(1, len(text) - 1)
    return chance.choice(
        (
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        )
    )
