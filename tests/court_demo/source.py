"""Where the demo's releases come from: whole runs over synthetic extracts, or lines made by hand for the test suite.

Belongs here: making the first release, and a later one that no longer supports some of what was sent. Does not belong
here: what is done with a release.
"""

import csv
import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import duckdb

from clearslate.court.release import Release
from clearslate.home import Home
from clearslate.synth import generate
from tests.command import process
from tests.support_court import line, make_release, tiny_home

COUNTY, COURT_CODE = "LOS ANGELES", "19"
AS_OF, DATA_THROUGH = date(2025, 1, 15), "2024-12-31"
LATER, LATER_THROUGH = date(2025, 7, 15), "2025-06-30"
LOOKED_THROUGH = 150_000  # records of the extract in which the people of the second delivery are sought


class Source(Protocol):
    """Makes the home's releases."""

    home: Home

    def first(self) -> None:
        """The release that the story begins with."""

    def second(self, posted: Iterable[str], wanted: int) -> set[str]:
        """A later release that no longer supports `wanted` of the lines `posted` (or as many as it can, at least one);
        returns their action keys."""


def eligible_keys(home: Home) -> set[str]:
    """The action keys of the county's eligible convictions, by the current release: counted here, not by the library."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select action_key from read_parquet(?) where county = ?",
            [str(Release.open(home).table("court.action")), COUNTY],
        ).fetchall()
    return {row[0] for row in rows}


@dataclass
class ByHand:
    """So many eligible lines, without a run: the home lies below `root`."""

    root: Path
    eligible: int
    home: Home = field(init=False)
    lines: list[dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.home = tiny_home(self.root)
        self.lines = []

    def first(self) -> None:
        n, number = self.eligible, 0
        for number in range(1, n + 1):
            person = number - (number % 9 == 0)  # every ninth count is a second one of the case before
            case = f"BA{100000 + person}" if number % 40 else ""  # every fortieth has no case number
            count = 1 + (person != number)
            self.lines.append(line(number, county=COUNTY, case=case, person=person, count=count))
        self.lines += [line(n + k, county=COUNTY, outcome="REVIEW", missing_facts="birth_date") for k in range(1, 6)]
        self.lines += [line(n + k, county=COUNTY, outcome="INELIGIBLE") for k in range(6, 11)]
        make_release(self.home, self.lines, run_id="first", as_of=AS_OF)

    def second(self, posted: Iterable[str], wanted: int) -> set[str]:
        lost = set(sorted(posted)[:wanted])
        changed = [row if row["action_key"] not in lost else self._ineligible(row) for row in self.lines]
        make_release(self.home, changed, run_id="second", as_of=LATER)
        return lost

    def _ineligible(self, row: dict[str, Any]) -> dict[str, Any]:
        number = self.lines.index(row) + 1
        kept = {name: row[name] for name in ("case_number", "person_no", "count_no")}
        return line(number, county=COUNTY, case=kept["case_number"], person=kept["person_no"], count=kept["count_no"],
                    outcome="INELIGIBLE", rule="another_conviction")  # fmt: skip


@dataclass
class ByRuns:
    """A synthetic extract of so many rows, loaded and decided by `clearslate run`."""

    root: Path
    rows: int
    seed: int = 64
    home: Home = field(init=False)

    def __post_init__(self) -> None:
        self.home = Home((self.root / "home").resolve())

    @property
    def extract(self) -> Path:
        return self.root / "extract.csv"

    def first(self) -> None:
        self.home.prepare()
        key = self.home.root / "keys" / "action.key"  # one key, so that two tellings are the same
        key.parent.mkdir(mode=0o700)
        key.write_text("0123456789abcdef" * 4, "ascii")
        key.chmod(0o600)
        generate(self.extract, rows=self.rows, seed=self.seed, county=COUNTY)
        self._run(self.extract, AS_OF, DATA_THROUGH)

    def second(self, posted: Iterable[str], wanted: int) -> set[str]:
        """DOJ's next export of the county: by it some of the court's counts were dismissed after all."""
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select record_no, action_key from read_parquet(?) where action_key in"
                " (select unnest(?)) and record_no < ? order by record_no limit ?",
                [str(Release.open(self.home).table("court.action")), sorted(posted), LOOKED_THROUGH, wanted],
            ).fetchall()
        changed = self.root / "changed.csv"
        self._write_changed(changed, {record for record, _ in rows})
        self._mark(changed)
        self._run(changed, LATER, LATER_THROUGH)
        return {key for _, key in rows}

    def _write_changed(self, path: Path, records: set[int]) -> None:
        """The extract again, with the counts dismissed to which these records (counted from 0) belong."""
        with self.extract.open(encoding="utf-8", newline="") as source:
            rows = list(islice(csv.DictReader(source), LOOKED_THROUGH))
        dismissed = {(rows[number]["SUBJECT_ID"], rows[number]["CNT_ORDER"]) for number in records}
        with (
            self.extract.open(encoding="utf-8", newline="") as source,
            path.open("w", encoding="utf-8", newline="") as target,
        ):
            target.write(source.readline())
            writer = csv.DictWriter(target, list(rows[0]), lineterminator="\n")
            for row in rows:
                line = source.readline()  # nothing in a clean synthetic extract crosses a line
                if (row["SUBJECT_ID"], row["CNT_ORDER"]) in dismissed:
                    row |= {name: "" for name in row if name.startswith(("CONV_", "SENT_")) and "SEG_SEP" not in name}
                    writer.writerow(row | {"DISP_DESCR": "DISMISSED"})
                else:
                    target.write(line)
            shutil.copyfileobj(source, target)

    def _mark(self, path: Path) -> None:
        """DOJ's marker: the export is complete, so who is not in it is not on record any more."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        files = [{"name": path.name, "rows": self.rows, "sha256": sha256}]
        marker = {"id": "second-export", "data_through": LATER_THROUGH, "scope": "statewide", "files": files}
        path.with_name(f"{path.name}.marker.json").write_text(json.dumps(marker), "utf-8")

    def _run(self, extract: Path, as_of: date, data_through: str) -> None:
        said = process(
            "run", str(extract), "--home", str(self.home.root), "--as-of", as_of.isoformat(),
            "--data-through", data_through, "--county", COUNTY, "--review", "none", "--json",
        )  # fmt: skip
        if said.code != 0:
            raise RuntimeError(f"the run ended with {said.code}: {said.err}")
