"""What a release keeps for those who go on working from it: the tables that name people, and the verdicts of its gates.

The snapshot for analysts names nobody, and the build database goes with the next run; review and court packages rest on
these Parquet files, which become current, and go, with the release itself. They are readable by their owner alone.

Belongs here: writing them beside a run's results, and opening those of the current release. Does not belong here: making
a release current (Home.promote), what its tables say (sql/), and reading them: every reader asks its own questions.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from clearslate.contracts import load_contracts
from clearslate.errors import GateRefused, UsageError
from clearslate.home import Home, write_json
from clearslate.law.assignment import Assignment
from clearslate.settings import county_names
from clearslate.warehouse import Stamp, Warehouse

TABLES = (
    "court.accounting",
    "court.action",
    "court.case_summary",
    "court.source",
    "court.subject",
    "quality.gate",
    "review.worklist",
)
"""The tables that a release keeps, each in `private/<schema>.<table>.parquet`, in the order of its grain."""

_FOLDER = "private"
_STAMP = "release.json"
_LATER = "core.after_as_of"
_LATE = "staging.data_is_current"
_NO_COURT = "no package can be made from it, and no worklist"


class PolicyFacts(NamedTuple):
    """Which policy decided for a county: its id, and the hash of its text and settings."""

    id: str
    sha256: str


@dataclass(frozen=True)
class Release:
    """The current release, as far as people and courts need it. `key_fingerprint` tells the key that its action keys were
    made with (clearslate/keys.py); `data_through` is the day through which its records speak, None where a delivery states
    none. `tells_data_through` is false for a release of an older Clearslate, which did not keep that day."""

    run_id: str
    as_of: date
    data_through: date | None
    tells_data_through: bool
    rule_set: str
    delivery_set: str
    key_fingerprint: str
    suites: tuple[str, ...]
    policies: Mapping[str, PolicyFacts]
    path: Path

    @staticmethod
    def open(home: Home) -> "Release":
        """The home's current release. Raises UsageError where there is none, or one of an older Clearslate."""
        if not home.current.exists():
            raise UsageError(f"nothing has been published in {home.root} yet: start with `clearslate run FILE...`")
        path = home.current.resolve()
        if not (path / _FOLDER / _STAMP).exists():
            raise UsageError(
                f"the current release of {home.root} was made by an older Clearslate: {_NO_COURT}; "
                "make it anew with `clearslate redecide`"
            )
        return Release.at(path)

    @staticmethod
    def at(path: Path) -> "Release":
        """The release in a folder, where its private tables stand already: also one that is not current yet."""
        stamp = path / _FOLDER / _STAMP
        told = json.loads(stamp.read_text("utf-8"))
        return Release(
            run_id=told["run_id"],
            as_of=date.fromisoformat(told["as_of"]),
            data_through=date.fromisoformat(told["data_through"]) if told.get("data_through") else None,
            tells_data_through="data_through" in told,
            rule_set=told["rule_set"],
            delivery_set=told["delivery_set"],
            key_fingerprint=told["key_fingerprint"],
            suites=tuple(told["suites"]),
            policies={county: PolicyFacts(**policy) for county, policy in told["policies"].items()},
            path=path,
        )

    def table(self, name: str) -> Path:
        """The Parquet file of one of TABLES. Raises UsageError where it is not there, or lacks a column of its contract."""
        path = self.path / _FOLDER / f"{name}.parquet"
        if name not in TABLES or not path.is_file():
            raise UsageError(f"the release {self.run_id} keeps no table {name}")
        if set(load_contracts()[name].types) - set(pq.read_schema(path).names):
            raise UsageError(
                f"the current release {self.run_id} was made by an older Clearslate, which did not know all that {name} says "
                "now; make it anew with `clearslate redecide`"
            )
        return path

    def policy_of(self, county: str) -> PolicyFacts:
        """The policy that decided for one of the 58 counties."""
        return self.policies[county]

    def gates_passed(self) -> None:
        """Go on only behind open gates: raises GateRefused where one of this release is closed, or was never judged.
        UsageError where the release does not keep what a package states."""
        if not self.tells_data_through:
            raise UsageError(
                f"the current release {self.run_id} was made by an older Clearslate: no package can be made from it; make it "
                "anew with `clearslate redecide`"
            )
        with Warehouse.reading(Home(self.path.parents[1])) as warehouse:
            judged = warehouse.rows(
                "select suite, expectation, severity, passed, run_id, as_of, rule_set, delivery_set "
                "from read_parquet($path) order by suite, expectation",
                {"path": str(self.table("quality.gate"))},
                what="quality.gate",
            )
        own = [row for row in judged if row[4:] == (self.run_id, self.as_of, self.rule_set, self.delivery_set)]
        found = {suite for suite, *_ in own}
        closed = [
            f"the gate {suite} has not been judged for this release" for suite in self.suites if suite not in found
        ]
        closed += [
            f"the gate {suite} is closed: {expectation} does not hold"
            for suite, expectation, severity, passed, *_ in own
            if severity == "critical" and not passed
        ]
        if closed or not self.suites:
            raise GateRefused("; ".join(closed) or "this release names no gates")

    def speaks_of_now(self, on: date) -> None:
        """Go on only where the day that was decided for has come by the day `on`, and nothing on record happened after it.
        Raises UsageError: what a court is really sent must neither be due some day only nor leave out what is known."""
        if self.as_of > on:
            raise UsageError(
                f"the current release decides as of {self.as_of}, a day that has not come by {on}: packages of it are for "
                f"testing only; decide as of a day that has (`clearslate redecide --as-of {on}`)"
            )
        later = self._observed(_LATER)
        if later is None:  # silence is no answer
            raise UsageError(
                f"the current release {self.run_id} does not tell whether records lie after the day that it decides for; make "
                "it anew with `clearslate redecide`"
            )
        if later:
            raise UsageError(
                f"the current release decides as of {self.as_of}, and {later:,.0f} records lie between that day and their "
                "receipt: packages of it are for testing only; decide as of a later day (`clearslate redecide`)"
            )

    @property
    def is_data_current(self) -> bool | None:
        """Whether its deliveries spoke for the day that it decides for; None where it does not tell. Where they did not, what
        can't be known is no change: it is unknown whether anything has happened since."""
        late = self._observed(_LATE)
        return None if late is None else not late

    def may_undo(self) -> None:
        """Go on only where a court may be asked to undo what this release no longer supports. Raises UsageError: records that
        are too old take nothing back."""
        if self.is_data_current is None:
            raise UsageError(
                f"the current release {self.run_id} does not tell whether its data were current; make it anew with "
                "`clearslate redecide`"
            )
        if not self.is_data_current:
            raise UsageError(
                f"the data of the current release are too old for {self.as_of}, the day that it decides for: reversals of it "
                "are for testing only; run a newer delivery, or decide as of an earlier day (`clearslate redecide`)"
            )

    def _observed(self, expectation: str) -> float | None:
        """What a gate's expectation has found, None where the release does not tell."""
        with Warehouse.reading(Home(self.path.parents[1])) as warehouse:
            [(observed,)] = warehouse.rows(
                "select sum(observed) from read_parquet($path) where expectation = $expectation",
                {"path": str(self.table("quality.gate")), "expectation": expectation},
                what="quality.gate",
            )
        return None if observed is None else float(observed)


def write_private(
    warehouse: Warehouse,
    folder: Path,
    *,
    stamp: Stamp,
    data_through: date | None,
    key_fingerprint: str,
    suites: Sequence[str],
    assignment: Assignment,
) -> None:
    """Write TABLES below `folder` (a run's staged results), anew; the stamp comes last.

    The caller has found the gates of `suites` open: they are those that `gates_passed` asks for later.
    """
    private = folder / _FOLDER
    shutil.rmtree(private, ignore_errors=True)
    private.mkdir(mode=0o700, parents=True)
    contracts = load_contracts()
    for name in TABLES:
        path = private / f"{name}.parquet"
        order = ", ".join(f'"{column}" nulls first' for column in contracts[name].grain)
        warehouse.copy_to(
            f"select * from {name} order by {order}", path, {}, options="format parquet, compression zstd", what=name
        )
        path.chmod(0o600)
    policies = {county: assignment.policy_of(county) for county in county_names()}
    write_json(
        private / _STAMP,
        {
            "run_id": stamp.run_id,
            "as_of": stamp.as_of.isoformat(),
            "data_through": data_through.isoformat() if data_through else None,
            "rule_set": stamp.rule_set,
            "delivery_set": stamp.delivery_set,
            "key_fingerprint": key_fingerprint,
            "suites": list(suites),
            "policies": {county: PolicyFacts(policy.id, policy.hash)._asdict() for county, policy in policies.items()},
        },
    )
    (private / _STAMP).chmod(0o600)
