"""A whole decision on a few rows, without Dagster and gates: what most tests need.

Rows are dictionaries of DOJ columns; what a test leaves out takes the defaults of the failure corpus (subject 1, born
1970-01-01, a court action in Sacramento on 2010-01-01, 11359 HS, CONVICTED, FELONY).
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

import pandas as pd

from clearslate import sources
from clearslate.compare import run_comparison
from clearslate.extract import DOJ_COLUMNS, Delivery, read_delivery
from clearslate.home import Home, write_json
from clearslate.inputs import register_inputs
from clearslate.models import Model, in_order, load_models
from clearslate.review import flag_comments, write_review, write_summaries, write_upcoming
from clearslate.run import Run
from clearslate.settings import Request, Review

DATA = Path(__file__).parent / "data"
SACRAMENTO = DATA / "sacramento_example"
RECEIVED = date(2026, 1, 2)
DEFAULTS = {
    "SUBJECT_ID": "1",
    "REQ_CII_NUMBER": "A00000001",
    "PRI_NAME": "DOE,JOHN",
    "PRI_DOB": "19700101",
    "STP_EVENT_DATE": "20100101",
    "STP_TYPE_DESCR": "COURT ACTION",
    "STP_ORI_DESCR": "CASCSACRAMENTO",
    "STP_ORI_CNTY_NAME": "SACRAMENTO",
    "CNT_ORDER": "101002001000",
    "OFN": "12345",
    "OFFENSE_DESCR": "11359 HS-POSSESS MARIJUANA FOR SALE",
    "OFFENSE_TOC": "F",
    "DISP_DESCR": "CONVICTED",
    "CONV_STAT_DESCR": "FELONY",
    "END_OF_REC": "#",
}
BLANK = dict.fromkeys(DOJ_COLUMNS, "")
CELLS = itemgetter(*DOJ_COLUMNS)
_SKIPPED = ("staging", "quality")

Given = Sequence[Mapping[str, str]] | Path | Sequence[Path]


def record(**cells: str) -> dict[str, str]:
    """One record: the defaults, changed by `cells`."""
    unknown = set(cells) - set(DOJ_COLUMNS)
    assert not unknown, f"no such DOJ columns: {unknown}"
    return {**DEFAULTS, **cells}


def write_extract(path: Path, records: Iterable[Mapping[str, str]]) -> Path:
    """Write records as a DOJ extract with a header."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(DOJ_COLUMNS)
        writer.writerows(CELLS({**BLANK, **one}) for one in records)
    return path


@dataclass(frozen=True)
class Decided:
    """A decided build: its tables as frames, and its files."""

    run: Run

    def frame(self, sql: str) -> pd.DataFrame:
        with self.run.warehouse() as warehouse:
            return warehouse.frame(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.run.warehouse() as warehouse:
            return warehouse.rows(sql)

    @property
    def determinations(self) -> pd.DataFrame:
        """All determinations with what the review file prints, in a stable order."""
        return self.frame(
            "select d.*, r.determination as printed, r.reason as printed_reason, v.conviction_date, p.subject_id "
            "from eligibility.determination as d inner join core.conviction as v on d.candidate_id = v.conviction_id "
            "inner join (select person_no, substr(subject_key, 2) as subject_id from core.person) as p "
            "on d.person_no = p.person_no "
            "left join review.prop64_result as r on d.candidate_id = r.conviction_id "
            "order by p.subject_id, v.conviction_date, v.cnt_order, d.candidate_id"
        )

    @property
    def files(self) -> Path:
        """Where the review files are, a folder per county."""
        return self.run.staged / "review"


def _paths(home: Path, given: Given, name: str) -> list[Path]:
    """The files of a delivery; records are written to one of that name."""
    if isinstance(given, Path):
        return [given]
    if given and isinstance(given[0], Path):
        return list(given)  # type: ignore[arg-type]
    Home(home).prepare()
    return [write_extract(home / name, given)]  # type: ignore[arg-type]


def _land(
    home: Path,
    given: Given,
    *,
    received_on: date,
    delivery_id: str | None,
    data_through: str | None,
    scope: str | None,
) -> tuple[Delivery, Path]:
    """Read a delivery into the home's `.incoming`, with what its marker would have stated."""
    incoming = home / "deliveries" / ".incoming"
    paths = _paths(home, given, f"{delivery_id or 'extract'}.csv")
    read_delivery(paths, incoming, received_on=received_on, delivery_id=delivery_id)
    told = incoming / "delivery.json"
    stated = {"data_through": data_through, "scope": scope}
    write_json(told, json.loads(told.read_text("utf-8")) | {name: value for name, value in stated.items() if value})
    return Delivery.load(incoming), incoming


def accept(
    home: Path,
    given: Given,
    *,
    delivery_id: str,
    received_on: date = RECEIVED,
    data_through: str | None = None,
    scope: str | None = None,
) -> None:
    """Let the home have accepted a delivery, after those that it accepted before: what `decide` finds there."""
    place = Home(home)
    place.prepare()
    _, incoming = _land(
        home, given, received_on=received_on, delivery_id=delivery_id, data_through=data_through, scope=scope
    )
    incoming.rename(place.delivery(delivery_id))
    accepted, release = [*place.accepted(), delivery_id], place.release("earlier")
    write_json(release / "accepted.json", accepted)
    if not place.current.exists():
        place.current.symlink_to(Path("releases") / release.name)


_LAW: dict[str, tuple[dict[str, Any], Model]] = {}


def _models_of_law(run: Run) -> tuple[Model, ...]:
    """The models that the run's rules compile to. Compiled once for equal rules and policies: it takes as long as deciding
    a few rows."""
    if run.rule_set not in _LAW:
        made = {name: getattr(run, name) for name in ("remedies", "eligibility", "deciding_fact")}
        _LAW[run.rule_set] = made, run_comparison(run)
    made, comparison = _LAW[run.rule_set]
    vars(run).update(made)
    return (*run.eligibility, run.deciding_fact, comparison)


def decide(
    home: Path,
    given: Given,
    *,
    as_of: str = "2019-11-11",
    options: str | Path | None = None,
    srf: Path | None = None,
    prohibitions: Path | None = None,
    weights: Path | None = None,
    counties: tuple[str, ...] = (),
    review: Review = "none",
    received_on: date = RECEIVED,
    delivery_id: str | None = None,
    data_through: str | None = None,
    scope: str | None = None,
) -> Decided:
    """Read, type, resolve and decide; optionally write the review files. `home` is fresh, or has accepted deliveries."""
    place = Home(home)
    request = Request(
        date.fromisoformat(as_of),
        policy=options,
        counties=counties,
        review=review,
        srf=srf,
        prohibitions=prohibitions,
        weights=weights,
    )
    run = Run(place, "test", request)
    with place.lock():
        run.start()
        run.take(
            *_land(
                home, given, received_on=received_on, delivery_id=delivery_id, data_through=data_through, scope=scope
            )
        )
        with run.warehouse() as warehouse:
            sources.register_raw(warehouse, place, run.deliveries)
            register_inputs(warehouse, place, run.input_files)
            sources.register_law(warehouse, run.assignment)
            sources.stage(warehouse, place, run.deliveries)
            sources.parse_texts(warehouse)
            newest = sources.newest_event(warehouse)
            run.note(newest_event=newest.isoformat() if newest else None)
            flag_comments(warehouse)
            models = [model for model in load_models().values() if model.schema not in _SKIPPED]
            for model in in_order([*models, *_models_of_law(run)]):
                warehouse.create(model, run.parameters())
            if review != "none":
                write_review(warehouse, out=run.staged / "review", counties=run.counties, review=review)
                write_upcoming(warehouse, out=run.staged / "review", counties=run.counties)
                write_summaries(warehouse, out=run.staged / "review", counties=run.counties, assignment=run.assignment)
    return Decided(run)
