"""A small world made by hand: the tables that the court models read, a conviction at a time."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from clearslate.contracts import load_contracts
from clearslate.court import PackageFacts, PackageReport, write_packages
from clearslate.home import Home
from clearslate.keys import ActionKeyBlocks
from clearslate.law.assignment import Assignment
from clearslate.law.lists import load_list
from clearslate.law.policy import load_policy
from clearslate.models import in_order, load_models
from clearslate.settings import county_names
from clearslate.warehouse import Engine, Stamp, Warehouse

KEY = b"0123456789abcdef0123456789abcdef"
FACTS = PackageFacts(
    date(2020, 7, 1), "f" * 64, Assignment.of(load_policy()), is_test=True, data_through=date(2020, 6, 15)
)


@dataclass
class World:
    """Rows of the tables that the court models read; what a call does not say is what a plain eligible count has."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    charges: int = 0

    def _add(self, table: str, **row: Any) -> None:
        self.tables.setdefault(table, []).append(row)

    def person(self, person_no: int, name: str | None = "DOE,JANE A", born: date | None = date(1980, 2, 3)) -> None:
        self._add("core.person", person_no=person_no, name=name, birth_date_least=born, birth_date_most=born)

    def count(
        self,
        person_no: int = 1,
        case: str | None = "12-345",
        *,
        county: str | None = "SACRAMENTO",
        step_type: str | None = "court_action",
        is_undisposed: bool = False,
        is_convicted: bool = False,
        is_after_as_of: bool = False,
    ) -> int:
        """A count that is no conviction (dismissed, unless said otherwise); returns its charge_no."""
        self.charges += 1
        key = "".join(c for c in (case or "").upper() if c.isascii() and c.isalnum()) or None
        self._add(
            "core.court_count", charge_no=self.charges, person_no=person_no, county=county, case_key=key,
            step_type=step_type, is_convicted=is_convicted, is_disposition_unknown=is_undisposed,
            is_after_as_of=is_after_as_of,
        )  # fmt: skip
        self._add(
            "core.entry",
            delivery_no=1,
            record_no=self.charges,
            charge_no=self.charges,
            record_hash=self.charges,
        )
        return self.charges

    def conviction(
        self,
        person_no: int = 1,
        case: str | None = "12-345",
        *,
        county: str | None = "SACRAMENTO",
        count_no: int | None = 1,
        section: str = "11359",
        severity: str | None = "F",
        day: date | None = date(2010, 1, 2),
        outcome: str | None = "ELIGIBLE",
        relief: str = "DISMISS_SEAL",
        ceiling: str | None = None,
        facts: str = "",
        source: str = "own_ofn",
        is_contradicted: bool | None = False,
        is_after_as_of: bool = False,
    ) -> str:
        """A conviction and its determination (none where outcome is None); returns its conviction_id."""
        charge_no = self.count(person_no, case, county=county, is_convicted=True, is_after_as_of=is_after_as_of)
        conviction_id = f"c{charge_no:023d}"
        self._add(
            "core.conviction", conviction_id=conviction_id, identity_text=f"S{person_no}\x1f{county}\x1f{charge_no}",
            charge_no=charge_no, person_no=person_no, delivery_no=1, record_no=charge_no, county=county, case_number=case,
            case_number_source=source, case_key=self.tables["core.court_count"][-1]["case_key"], count_no=count_no,
            severity=severity, conviction_date=day, conviction_date_least=day, conviction_date_most=day,
            is_disposition_contradicted=is_contradicted,
        )  # fmt: skip
        self._add("facts.conviction", conviction_id=conviction_id, section=section, statute_code="HS")
        if outcome is not None:
            self._add(
                "eligibility.determination", candidate_kind="conviction", candidate_id=conviction_id, person_no=person_no,
                county=county, section=section, remedy="prop64", remedy_version="2016-11-09", outcome=outcome,
                relief=relief if outcome == "ELIGIBLE" else "NONE", ceiling=ceiling or relief,
                path="completed", legal_basis="county_policy", rule="long_ago",
            )  # fmt: skip
            self._add("review.deciding_fact", remedy="prop64", candidate_id=conviction_id, facts=facts)
        return conviction_id

    def attach(self, later_charge_no: int, *, is_sure: bool) -> None:
        self._add("core.attachment", later_charge_no=later_charge_no, is_sure=is_sure)

    def quarantine(self, text: str) -> None:
        self._add("raw.quarantine", text=text)


@dataclass
class Court:
    """The court models built over a world, and the packages written from them."""

    warehouse: Warehouse
    out: Path

    def actions(self) -> list[dict[str, Any]]:
        return self.records("select * from court.action order by conviction_id")

    def cases(self) -> list[dict[str, Any]]:
        return self.records("select * from court.case_summary order by county, case_no")

    def records(self, sql: str) -> list[dict[str, Any]]:
        names = self.warehouse.describe("court.action" if "court.action" in sql else "court.case_summary")
        return [dict(zip(names, row, strict=True)) for row in self.warehouse.rows(sql)]

    def write(self, facts: PackageFacts = FACTS) -> list[PackageReport]:
        return write_packages(self.warehouse, out=self.out, facts=facts)


Build = Callable[..., Court]


def build_court(
    folder: Path,
    world: World,
    *,
    current: bool = True,
    counties: list[str] | None = None,
    seed: int = 0,
    threads: int = 1,
) -> Court:
    """Make every table that a court model reads (rows in an order drawn from `seed`), then the court models."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = Stamp("run", date(2020, 7, 1), "r", "d")
    warehouse = Warehouse.build(folder / "b.duckdb", home=Home(folder), stamp=stamp, engine=Engine(threads, "500MB"))
    models = [model for model in load_models().values() if model.schema == "court" or model.name == "review.worklist"]
    made = {model.name for model in models}
    world.tables["law.program"] = [{"remedy": "prop64", "program": "P64"}]
    world.tables["law.court_action"] = [
        {**row, "level_after": row["level_after"] or None} for row in load_list("courts/actions").to_dict("records")
    ]
    world.tables["law.county"] = [
        {"name": name, "doj_code": f"{n:02d}"} for n, name in enumerate(county_names(), start=1)
    ]
    for table in sorted({read for model in models for read in model.reads if read not in made}):
        rows = list(world.tables.get(table, []))
        random.Random(seed).shuffle(rows)
        warehouse.create_from_frame(
            table, pd.DataFrame(rows, columns=list(load_contracts()[table].types), dtype=object)
        )
    key = ActionKeyBlocks.of(KEY)
    parameters = {
        "key_inner": key.inner,
        "key_outer": key.outer,
        "is_data_current": current,
        "illegible_block": 0.001,
        "requested_counties": counties or [],
    }
    for model in in_order(models):
        warehouse.create(model, parameters)
    return Court(warehouse, folder / "court")


@pytest.fixture(scope="session")
def make_world() -> Callable[[int], World]:
    """Makes a world with so many persons."""

    def make(persons: int) -> World:
        world = World()
        for number in range(1, persons + 1):
            world.person(number)
        return world

    return make


@pytest.fixture(scope="session")
def make_court() -> Build:
    """Builds a world in a given folder."""
    return build_court


@pytest.fixture
def world(make_world: Callable[[int], World]) -> World:
    return make_world(1)


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Builds a world in a folder of its own each time."""
    made: list[Court] = []

    def make(world: World, **options: Any) -> Court:
        made.append(build_court(tmp_path / f"build{len(made)}", world, **options))
        return made[-1]

    yield make
    for court in made:
        court.warehouse.close()
