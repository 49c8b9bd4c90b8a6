"""A small world for reconciliation: the tables of a build that it reads, made from counts as DOJ knows them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from clearslate.home import Home
from clearslate.reconcile.court_list import read_court_list
from clearslate.reconcile.job import hold_against
from clearslate.reconcile.mapping import ListMapping
from clearslate.reconcile.reports import LISTS, count
from clearslate.statutes import parse_offenses
from clearslate.synth.court_list import KnownCount
from clearslate.warehouse import Stamp, Warehouse

COUNTY = "SACRAMENTO"
ON = date(2020, 7, 1)
PROFILE = replace(ListMapping.default(), rows="count", municipal_prefixes=("MC",))


@contextmanager
def world(home: Home, counts: Sequence[KnownCount]) -> Iterator[Warehouse]:
    """A warehouse in which DOJ knows these counts, all convicted and all candidates."""
    home.prepare()
    stamp = Stamp("test", ON, "0" * 64, "0" * 16)
    with Warehouse.build(home.database("test"), home=home, stamp=stamp) as warehouse:
        for name, table in _tables(counts).items():
            warehouse.execute(f"create schema if not exists {name.split('.')[0]}")
            warehouse.load_arrow(name, table)
        yield warehouse


def _tables(counts: Sequence[KnownCount]) -> dict[str, pa.Table]:
    people: dict[tuple[object, ...], int] = {}
    for one in counts:
        people.setdefault((one.last, one.first, one.middle, one.birth_date), len(people) + 1)
    numbers = [people[(one.last, one.first, one.middle, one.birth_date)] for one in counts]
    cases = [one.case_number or None for one in counts]
    keys = ["".join(sign for sign in case.upper() if sign.isalnum()) if case else None for case in cases]
    ids = [one.conviction_id for one in counts]
    parsed = parse_offenses(pd.DataFrame({"offense_text": [one.offense for one in counts], "comment_text": None}))
    told = {name: parsed[name].astype("object").where(parsed[name].notna(), None).tolist() for name in parsed}
    county = [COUNTY] * len(counts)
    births = pa.array([born for *_, born in people], pa.date32())
    names = [f"{last},{first} {middle}".strip(" ,") or None for last, first, middle, _ in people]
    return {
        "core.conviction": pa.table(
            {
                "conviction_id": pa.array(ids, pa.string()), "person_no": pa.array(numbers, pa.int32()),
                "county": pa.array(county, pa.string()), "case_number": pa.array(cases, pa.string()),
                "case_key": pa.array(keys, pa.string()), "event_no": pa.array(range(len(counts)), pa.uint64()),
            }
        ),
        "core.court_count": pa.table(
            {
                "person_no": pa.array(numbers, pa.int32()), "county": pa.array(county, pa.string()),
                "case_number": pa.array(cases, pa.string()), "case_key": pa.array(keys, pa.string()),
            }
        ),
        "core.person": pa.table(
            {
                "person_no": pa.array(people.values(), pa.int32()),
                "person_key": pa.array([f"P{number:08d}" for number in people.values()], pa.string()),
                "name": pa.array(names, pa.string()),
                "birth_date": births, "birth_date_least": births, "birth_date_most": births,
            }
        ),
        "facts.conviction": pa.table(
            {
                "conviction_id": pa.array(ids, pa.string()),
                "statute_code": pa.array(told["code"], pa.string()),
                "section": pa.array(told["section"], pa.string()),
                "subdivision": pa.array(told["subdivision"], pa.string()),
                "severity": pa.array([one.level or None for one in counts], pa.string()),
                "conviction_date": pa.array([one.day for one in counts], pa.date32()),
            }
        ),
        "eligibility.determination": pa.table(
            {
                "candidate_id": pa.array(ids, pa.string()),
                "remedy": pa.array(["prop64"] * len(counts), pa.string()),
                "outcome": pa.array(["ELIGIBLE"] * len(counts), pa.string()),
            }
        ),
    }  # fmt: skip


@dataclass(frozen=True)
class Held:
    """A list held against the world: every report's rows by name, and the counts."""

    lists: dict[str, list[dict[str, object]]]
    counts: dict[str, int]


def hold(
    warehouse: Warehouse,
    home: Home,
    path: Path,
    mapping: ListMapping = PROFILE,
    *,
    court_form: Callable[[str], str] = lambda _: "",
) -> Held:
    """Hold a list against a world."""
    court = read_court_list(path, mapping, ON)
    hold_against(warehouse, court, county=COUNTY, mapping=mapping, court_form=court_form, home=home)
    return Held({name: warehouse.dicts(sql) for name, sql in LISTS.items()}, count(warehouse))


def write_list(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    """A list by hand."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


@dataclass(frozen=True)
class Score:
    """Against the truth. `precision`: of the sure matches, how many are right. `recall`: of the rows whose conviction DOJ
    has, how many are surely and rightly matched; `reach`: how many are so or have the right case among the possible ones.
    `noise`: of the rows that DOJ does not have, how many have a possible match all the same."""

    precision: float
    recall: float
    reach: float
    noise: float


def score(held: Held, truth: Path, counts: Sequence[KnownCount]) -> Score:
    """Judge reports by the truth beside a synthetic list; a match is right where case and person are."""
    cases = {one.conviction_id: (one.case_number, f"{one.last},{one.first} {one.middle}".strip()) for one in counts}
    with truth.open(encoding="utf-8") as file:
        told = {int(row["row"]): row["conviction_id"] for row in csv.DictReader(file)}
    sure = {row["row"]: row["conviction_id"] for row in held.lists["matches.csv"] if row["conviction_id"]}
    possible = {
        (int(row_no), row["doj_case_number"], row["doj_name"])
        for row in held.lists["possible_matches.csv"]
        for row_no in str(row["rows"]).split("; ")
    }
    known = {row: conviction for row, conviction in told.items() if conviction}
    right = {row for row, found in sure.items() if row in known and cases[known[row]] == cases[str(found)]}
    reached = right | {row for row, conviction in known.items() if (row, *cases[conviction]) in possible}
    unknown = told.keys() - known.keys()
    noisy = unknown & {row for row, *_ in possible}
    return Score(
        precision=len(right) / len(sure) if sure else 1.0,
        recall=len(right) / len(known),
        reach=len(reached) / len(known),
        noise=len(noisy) / len(unknown),
    )
