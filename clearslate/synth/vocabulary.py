"""What a synthetic extract is made of: the tables under `data/`, read once and turned into text pieces and weights.

A *piece* is the ready text of several neighbouring columns of the 95 (say, the seven sentence columns), commas
included, so that a line is a join of a dozen pieces. Statutes, dispositions, agencies, names and weights live in the
CSV files; how a history unfolds lives in `histories.py`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from clearslate.synth.days import Calendar, calendar, day_number
from clearslate.synth.draws import Ints, Weights

DATA = Path(__file__).parent / "data"

# A county this small would be missing from any but the largest extracts, and a demonstration should show all 58.
LEAST_POPULATION = 40_000

STATUSES = ("", "FELONY", "MISDEMEANOR", "INFRACTION")
FELONY, MISDEMEANOR, INFRACTION = 1, 2, 3
STATUS_OF_TOC = {"F": FELONY, "M": MISDEMEANOR, "I": INFRACTION, "": MISDEMEANOR}
LOCATION_CODES = {"JAIL": "J", "PRISON": "P", "PROBATION": "P", "FINE": "F"}
UNIT_TEXTS = {"D": "DAYS      ", "M": "MONTHS", "Y": "YEARS"}
CII_LETTERS = "AMH"
OLDEST_AGE = 129

_CASE_PATTERN = re.compile(r"(.*?)(?:(YYYY|YY)([A-Z-]*))?(#+)([A-Z]*)")

Table = list[dict[str, str]]


def read_table(name: str) -> Table:
    """One file of `data/` as a list of rows (column -> text)."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def quoted(text: str) -> str:
    """`text` as a CSV field: quoted when it holds a comma or a quote."""
    return '"' + text.replace('"', '""') + '"' if '"' in text or "," in text else text


def texts(values: list[str]) -> Any:
    """An Arrow array of strings."""
    return pa.array(values, pa.string())


@dataclass(frozen=True)
class Offenses:
    """The charges. `piece` holds columns OFFENSE_CODE..OFFENSE_QUAL_LST: all rows as they are, then all without a TOC.

    `conviction_piece` holds CONV_OFFENSE_ORDER..CONV_OFFENSE_QUAL_LST, with an empty entry (`blank`) after the last
    row.
    """

    piece: Any
    conviction_piece: Any
    weights: Weights
    status: Ints
    misdemeanor_share: Ints
    group: Ints
    first_year: Ints
    last_year: Ints
    comment: Ints

    @property
    def blank(self) -> int:
        """The entry of `conviction_piece` that is empty: the number of rows."""
        return len(self.group)


@dataclass(frozen=True)
class Sentences:
    """How a conviction ends, drawn by status: a disposition and its sentence parts (`parts` pieces from `start` on)."""

    weights: Weights
    disposition: Ints
    start: Ints
    parts: Ints


@dataclass(frozen=True)
class FollowUps:
    """What may happen to a conviction later, by offense group. `step_type` -1: nothing; `status` -1: as convicted."""

    weights: Weights
    step_type: Ints
    disposition: Ints
    status: Ints
    start: Ints
    parts: Ints
    not_before: Ints
    days_min: Ints
    days_max: Ints


@dataclass(frozen=True)
class CaseNumbers:
    """One pattern per county, and last the arresting agencies': the texts around the year and around the digits."""

    prefix: Any
    middle: Any
    suffix: Any
    year_digits: Ints
    digits: Ints


@dataclass(frozen=True)
class Vocabulary:
    """Everything that is drawn from. Text pieces are Arrow string arrays; the integer arrays run parallel to them."""

    calendar: Calendar
    counties: tuple[str, ...]
    county_weights: Weights
    case_numbers: CaseNumbers
    agency_piece: Any
    agency_weights: Weights
    roles: dict[str, int]
    step_piece: Any
    step_types: dict[str, int]
    offenses: Offenses
    groups: dict[str, int]
    court_dispositions: Weights
    arrest_dispositions: Weights
    sentences: Sentences
    follow_ups: FollowUps
    single_steps: dict[str, tuple[int, int, int]]
    note_weights: Weights
    comments: Any
    disposition_piece: Any
    sentence_piece: Any
    status_piece: Any
    tail_piece: Any
    surnames: Any
    surnames_ascii: Any
    male_names: Any
    female_names: Any
    traits: dict[str, tuple[Any, Weights]]
    shape: dict[str, tuple[Ints, Weights]]


class _Texts:
    """A growing list of distinct texts, the blank one first; asking for one gives its position."""

    def __init__(self) -> None:
        self.values = [""]
        self._position = {"": 0}

    def __call__(self, text: str) -> int:
        if text not in self._position:
            self._position[text] = len(self.values)
            self.values.append(text)
        return self._position[text]


class _SentenceParts:
    """The seven sentence columns of every part of every sentence, one run of pieces per sentence."""

    def __init__(self) -> None:
        self.values = ["#,,,,,,"]

    def __call__(self, written: str) -> tuple[int, int]:
        """First piece and number of pieces of a sentence, such as `PROBATION 3 Y;JAIL 90 D`; blank has an empty one."""
        if not written:
            return 0, 1
        start = len(self.values)
        parts = written.split(";")
        for order, part in enumerate(parts, start=1):
            place, length, unit = [*part.split(), "", ""][:3]
            cells = ["#", str(order), LOCATION_CODES[place], place, length, unit, UNIT_TEXTS.get(unit, "")]
            self.values.append(",".join(cells))
        return start, len(parts)


def _ints(values: list[int]) -> Ints:
    return np.asarray(values, dtype=np.int64)


def _weights(rows: Table, group: list[int] | None = None) -> Weights:
    return Weights.of([int(row["weight"] or 0) for row in rows], group)


def _case_numbers(counties: Table) -> CaseNumbers:
    matches = [_CASE_PATTERN.fullmatch(pattern) for pattern in [*(row["case_number"] for row in counties), "######"]]
    parts = [match.groups(default="") for match in matches if match]
    if len(parts) != len(counties) + 1:
        raise ValueError("a case number pattern in counties.csv can't be read")
    return CaseNumbers(
        prefix=texts([part[0] for part in parts]),
        middle=texts([part[2] for part in parts]),
        suffix=texts([part[4] for part in parts]),
        year_digits=_ints([len(part[1]) for part in parts]),
        digits=_ints([len(part[3]) for part in parts]),
    )


def _agencies(counties: Table, roles: dict[str, int]) -> tuple[Any, Weights]:
    """Columns STP_ORI_TYPE..STP_ORI_CNTY_NAME of every agency, grouped by role and county (role * counties + county).

    The first named city of a county counts twice.
    """
    pieces, weights, groups = [], [], []
    for row in read_table("agencies"):
        for number, county in enumerate(counties):
            cities = county["cities"].split(";")
            places = [county["name"]] if row["place"] == "county" else [cities[0], *cities]
            written = {"plain": county["name"], "padded": county["name"] + "   ", "blank": ""}[row["county_text"]]
            for place in places:
                name = row["prefix"] + (" " if row["space"] else "") + place
                code = f"CA0{county['doj_code']}{row['ori_suffix']}"
                pieces.append(",".join([row["type_code"], row["type_text"], code, name, county["doj_code"], written]))
                weights.append(int(row["weight"]) * 720 // len(places))
                groups.append(roles[row["role"]] * len(counties) + number)
    return texts(pieces), Weights.of(weights, groups)


def _offenses(rows: Table, groups: dict[str, int], comment: _Texts) -> Offenses:
    pieces, bare, conviction = [], [], []
    for number, row in enumerate(rows):
        if quoted(row["text"]) != row["text"]:
            raise ValueError("an offense text in offenses.csv holds a comma or a quote")
        code = f"{30001 + number}" if row["text"] else ""
        pieces.append(f"{code},{row['text']},{row['toc']},")
        bare.append(f"{code},{row['text']},,")
        conviction.append(f"1,{code},{row['text']},{row['toc']},")
    return Offenses(
        piece=texts(pieces + bare),
        conviction_piece=texts([*conviction, ",,,,"]),
        weights=_weights(rows),
        status=_ints([STATUS_OF_TOC[row["toc"]] for row in rows]),
        misdemeanor_share=_ints([int(row["misdemeanor"] or 0) for row in rows]),
        group=_ints([groups.get(row["group"], 0) for row in rows]),
        first_year=_ints([int(row["first_year"] or 0) for row in rows]),
        last_year=_ints([int(row["last_year"] or 9999) for row in rows]),
        comment=_ints([comment(quoted(row["comment"])) for row in rows]),
    )


def _follow_ups(
    groups: dict[str, int], step_types: dict[str, int], disposition: _Texts, parts: _SentenceParts
) -> FollowUps:
    """The rows that apply to any offense are repeated in every group."""
    rows, group = [], []
    for name, number in groups.items():
        mine = [row for row in read_table("follow_ups") if row["offense_group"] in ("any", name)]
        rows += mine
        group += [number] * len(mine)
    spans = [parts(row["parts"]) for row in rows]
    status = {"same": -1, "none": 0, "": 0} | {text: number for number, text in enumerate(STATUSES) if text}
    return FollowUps(
        weights=_weights(rows, group),
        step_type=_ints([step_types[row["step_type"]] if row["step_type"] else -1 for row in rows]),
        disposition=_ints([disposition(row["disposition"]) for row in rows]),
        status=_ints([status[row["status"]] for row in rows]),
        start=_ints([start for start, _ in spans]),
        parts=_ints([count for _, count in spans]),
        not_before=_ints([day_number(row["not_before"]) if row["not_before"] else 0 for row in rows]),
        days_min=_ints([int(row["days_min"] or 0) for row in rows]),
        days_max=_ints([int(row["days_max"] or 1) for row in rows]),
    )


def _traits() -> dict[str, tuple[Any, Weights]]:
    """Code and text columns of race, eyes, hair and birthplace, with their weights."""
    rows = read_table("traits")
    found = {}
    for trait in ("race", "eye", "hair", "birthplace"):
        mine = [row for row in rows if row["trait"] == trait]
        found[trait] = (texts([f"{row['code']},{row['text']}" for row in mine]), _weights(mine))
    return found


def _shape() -> dict[str, tuple[Ints, Weights]]:
    rows = read_table("shape")
    found = {}
    for what in ("arrests", "charges", "first_age"):
        mine = [row for row in rows if row["what"] == what]
        found[what] = (_ints([int(row["value"]) for row in mine]), _weights(mine))
    return found


def _dispositions(disposition: _Texts) -> dict[str, Weights]:
    """Dispositions of counts that aren't convicted, by where they are written: on the arrest's rows or the court's."""
    rows = read_table("dispositions")
    at = [disposition(row["text"]) for row in rows]
    found = {}
    for place in ("court", "arrest"):
        weight = [0] * (max(at) + 1)
        for row, position in zip(rows, at, strict=True):
            if row["where"] == place:
                weight[position] = int(row["weight"])
        found[place] = Weights.of(weight)
    return found


def _sentences(disposition: _Texts, parts: _SentenceParts) -> Sentences:
    """Row 0 is that of a count without a conviction: no sentence."""
    rows = read_table("sentences")
    spans = [(0, 1), *(parts(row["parts"]) for row in rows)]
    return Sentences(
        weights=Weights.of(
            [1, *(int(row["weight"]) for row in rows)], [0, *(STATUSES.index(row["status"]) for row in rows)]
        ),
        disposition=_ints([0, *(disposition(row["disposition"]) for row in rows)]),
        start=_ints([start for start, _ in spans]),
        parts=_ints([count for _, count in spans]),
    )


def _notes(comment: _Texts) -> Weights:
    """Notes that any row may bear: weights over the positions in the comments."""
    rows = read_table("comments")
    at = [comment(quoted(row["text"])) for row in rows]
    weight = [0] * len(comment.values)
    for row, position in zip(rows, at, strict=True):
        weight[position] = int(row["weight"])
    return Weights.of(weight)


def _numbered(names: Iterable[str]) -> dict[str, int]:
    """Each distinct name with its number, in order of appearance."""
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


@cache
def vocabulary() -> Vocabulary:
    """Read `data/` (once a process)."""
    counties, names, step_rows = read_table("counties"), read_table("names"), read_table("step_types")
    offense_rows, single_rows = read_table("offenses"), read_table("single_steps")
    roles = _numbered(row["role"] for row in read_table("agencies"))
    groups = _numbered(row["group"] for row in offense_rows)
    step_types = _numbered(row["text"] for row in step_rows)
    # Steps of a single row have an offense text of their own (or none), which is never drawn as a charge.
    undrawn = [dict.fromkeys(offense_rows[0], "") | {"text": row["offense"]} for row in single_rows]
    comment, disposition, parts = _Texts(), _Texts(), _SentenceParts()
    offenses = _offenses(offense_rows + undrawn, groups, comment)
    by_place = _dispositions(disposition)
    agency_piece, agency_weights = _agencies(counties, roles)
    surnames = [row["text"] for row in names if row["part"] == "last"]
    return Vocabulary(
        calendar=calendar(),
        counties=tuple(row["name"] for row in counties),
        county_weights=Weights.of([max(int(row["population"]), LEAST_POPULATION) for row in counties]),
        case_numbers=_case_numbers(counties),
        agency_piece=agency_piece,
        agency_weights=agency_weights,
        roles=roles,
        step_piece=texts([f"{row['code']},{row['text']}" for row in step_rows]),
        step_types=step_types,
        offenses=offenses,
        groups=groups,
        court_dispositions=by_place["court"],
        arrest_dispositions=by_place["arrest"],
        sentences=_sentences(disposition, parts),
        follow_ups=_follow_ups(groups, step_types, disposition, parts),
        single_steps={
            row["kind"]: (step_types[row["step_type"]], roles[row["role"]], len(offense_rows) + number)
            for number, row in enumerate(single_rows)
        },
        note_weights=_notes(comment),
        comments=texts(comment.values),
        disposition_piece=texts([f"1,,{text}" if text else ",," for text in disposition.values]),
        sentence_piece=texts(parts.values),
        status_piece=texts([f",{text}" for text in STATUSES] + [f",{text} " for text in STATUSES]),
        tail_piece=texts([f"{age},{letter},{letter}" for age in range(OLDEST_AGE + 1) for letter in CII_LETTERS]),
        surnames=texts(surnames),
        surnames_ascii=texts([name.replace("Ñ", "N") for name in surnames]),
        male_names=texts([row["text"] for row in names if row["part"] == "male"]),
        female_names=texts([row["text"] for row in names if row["part"] == "female"]),
        traits=_traits(),
        shape=_shape(),
    )
