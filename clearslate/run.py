"""One run: the request, the deliveries it rests on, its build database and its record.

Belongs here: what the stages of a run share. A stage may be another process's (Dagster starts one per step where a
deployment wants that), so all of it lives in files under the home, keyed by the run's id. Does not belong here: the
stages themselves.
"""

import hashlib
import json
import subprocess
import time
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import clearslate
from clearslate.contracts import load_contracts
from clearslate.court.programs import load_programs
from clearslate.errors import (
    ClearslateError,
    DeliveryRefused,
    GateRefused,
    Interrupted,
    UsageError,
    WarehouseError,
    is_disk_full,
    is_interruption,
)
from clearslate.extract import Delivery
from clearslate.home import Home, write_json
from clearslate.inputs import keep_inputs
from clearslate.keys import action_key
from clearslate.law.assignment import Assignment, load_assignment, names_policy, recorded_assignment
from clearslate.law.candidates import compile_candidates
from clearslate.law.compile import Facts, compile_decisions, compile_determinations, compile_verdicts
from clearslate.law.deciding import compile_deciding
from clearslate.law.lists import hash_rules, load_list
from clearslate.law.policy import Policy
from clearslate.law.remedy import Remedy, load_remedies
from clearslate.models import Model, parse_model
from clearslate.progress import say
from clearslate.settings import Request, Thresholds, county_names
from clearslate.warehouse import Stamp, Warehouse

_ASKED = frozenset({"as_of", "counties", "policy", "review", "rule_set"})
_POLICY = frozenset({"counties", "file", "id", "settings"})
_MEND_RECORD = "restore it from a backup, or run `clearslate redecide` with the policy and the input files that hold"


@dataclass
class _Held:
    """What lives from the first stage of a run to its last: its build, and how long stages took, till it is noted."""

    warehouse: Warehouse | None = None
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """A run in a home. `request` is what was asked; everything else is derived, or read from the run's record."""

    home: Home
    run_id: str
    request: Request
    _held: _Held | None = field(default=None, repr=False, compare=False)

    @cached_property
    def thresholds(self) -> Thresholds:
        return Thresholds.load(self.home.root / "settings.toml")

    @cached_property
    def assignment(self) -> Assignment:
        """Which county goes by which policy."""
        return self.assigned(None)

    def assigned(self, root: Path | None) -> Assignment:
        """The same under the rule files of another folder."""
        asked = self.request.policy
        return (
            recorded_assignment(asked, root=root) if isinstance(asked, Mapping) else load_assignment(asked, root=root)
        )

    @property
    def policy(self) -> Policy:
        """The policy of every county that has none of its own."""
        return self.assignment.default

    @cached_property
    def remedies(self) -> tuple[Remedy, ...]:
        return load_remedies()

    @cached_property
    def eligibility(self) -> tuple[Model, ...]:
        """The models that the rules compile to, in their order; their texts are kept with the release.

        Whom the rules speak of is told apart from what they decide: the gate holds the determinations against it.
        """
        given = (self.remedies, self.assignment, fact_columns(self.remedies))
        texts = {
            "candidate": compile_candidates(*given),
            "decision": compile_decisions(*given),
            "verdict": compile_verdicts(*given),
            "determination": compile_determinations(),
        }
        return tuple(parse_model("eligibility", name, text) for name, text in texts.items())

    @cached_property
    def deciding_fact(self) -> Model:
        """The facts that the determinations of the courts' programs rest on: by what a decision on one grows stale."""
        remedies = [remedy for remedy in self.remedies if remedy.id in load_programs()]
        text = compile_deciding(remedies, self.assignment, fact_columns(remedies)["conviction"])
        return parse_model("review", "deciding_fact", text)

    @cached_property
    def counties(self) -> list[str]:
        """The counties that files are written for: those asked for, else all."""
        return list(self.request.counties) or county_names()

    @cached_property
    def rule_set(self) -> str:
        """One hash over every rule file and the policies' settings."""
        return hashlib.sha256((hash_rules() + self.assignment.hash).encode()).hexdigest()

    # -- the record ---------------------------------------------------------------------------------------------------

    @property
    def record(self) -> dict[str, Any]:
        """The run's record as it stands; nothing before it has begun. Raises UsageError where it is damaged."""
        path = self.home.record(self.run_id)
        return _read_record(path) if path.exists() else {}

    @property
    def asked(self) -> dict[str, Any]:
        """The record of a run that has been: what it was asked for stands in it.

        Raises UsageError where the record is lost or damaged. Nothing may be put in its place: with another policy, others
        would be cleared.
        """
        path = self.home.record(self.run_id)
        if not path.exists():
            raise UsageError(f"{path} is not there; {_MEND_RECORD}")
        found = _read_record(path)
        if not (found.keys() >= _ASKED and isinstance(found["policy"], dict) and found["policy"].keys() >= _POLICY):
            raise UsageError(f"{path} does not say what the run was asked for; {_MEND_RECORD}")
        return found

    def note(self, **facts: Any) -> None:
        """Add facts to the run's record: counts, hashes, names of files; never anything of a person."""
        record = self.record
        if self._held is not None and self._held.seconds:
            facts["seconds"] = {**self._held.seconds, **facts.get("seconds", {})}
        for key, value in facts.items():
            record[key] = {**record.get(key, {}), **value} if isinstance(value, Mapping) else value
        write_json(self.home.record(self.run_id), record)
        if self._held is not None:
            self._held.seconds.clear()

    def start(self) -> None:
        """Begin the record: what was asked, and with which code, rules and input files. Raises UsageError for a bad one."""
        self.home.refuse_own(self.request.paths)
        input_files = keep_inputs(self.home, self.request.inputs)
        self.note(
            run_id=self.run_id,
            status="running",
            error=None,
            started_at=_now(),
            as_of=self.request.as_of.isoformat(),
            counties=list(self.request.counties) or "all",
            review=self.request.review,
            policy={
                **_policy_facts(self.policy),
                "file": self._policy_file(),
                "hash": self.assignment.hash,
                "counties": {
                    county: _policy_facts(policy) for county, policy in sorted(self.assignment.counties.items())
                },
            },
            input_files=input_files,
            rule_set=self.rule_set,
            thresholds=asdict(self.thresholds),
            code={"version": clearslate.__version__, "commit": _commit()},
        )

    def _policy_file(self) -> str | None:
        """The file that `--policy` named; None where it named a policy, or nothing."""
        asked = self.request.policy
        return None if not isinstance(asked, str | Path) or names_policy(asked) else str(Path(asked).resolve())

    @staticmethod
    def reopen(home: Home, run_id: str) -> "Run":
        """An earlier run, as its record tells it. Raises WarehouseError where its build is not there any more, UsageError
        where its record is lost or damaged."""
        require_build(home, run_id)
        told = Run(home, run_id, Request(date.min)).asked
        return Run(
            home,
            run_id,
            Request(
                as_of=date.fromisoformat(told["as_of"]),
                policy=told["policy"],
                counties=() if told["counties"] == "all" else tuple(told["counties"]),
                review=told["review"],
            ),
        )

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """One stage of the run: announced, timed, and guarded.

        An error that is none of ours could quote a record (a library's message does): its words go to a log that only
        the home's owner can read, and what goes on is its class and a reference. An interruption goes on as
        KeyboardInterrupt, so that no other stage begins.
        """
        say(name)
        before = time.perf_counter()
        try:
            yield
        except ClearslateError as error:
            self._failed(name, error)
            raise
        except BaseException as error:
            if is_interruption(error):
                self._failed(name, Interrupted("interrupted before it was done; what was published before stays"))
                raise KeyboardInterrupt from None
            what = "the disk is full" if is_disk_full(error) else type(error).__name__
            safe = ClearslateError(self.home.hide(f"{name}: {what}", traceback.format_exc()))
            self._failed(name, safe)
            raise safe from None
        took = {name: round(time.perf_counter() - before, 3)}
        if self._held is None:
            self.note(seconds=took)
        else:  # with whatever is noted next: each note is synced to disk
            self._held.seconds.update(took)

    def _failed(self, stage: str, error: ClearslateError) -> None:
        status = "failed"
        if isinstance(error, GateRefused | DeliveryRefused):
            status = "refused"
        elif isinstance(error, Interrupted):
            status = "interrupted"
        # Where the record can't be read or written, that must not take the place of the error (and carry its context along).
        with suppress(OSError, UsageError):
            self.stop(status, f"{stage}: {error}")
        say("failed", stage=stage, error=error)

    def stop(self, status: str, error: str) -> None:
        """Note why the run goes no further. What was promoted stays so, whatever becomes of publishing it again."""
        self.note(error=error, status="promoted" if self.record.get("status") == "promoted" else status)

    def end(self) -> None:
        """Close the record. A run that neither was promoted nor says why it stopped has failed."""
        if self.record.get("status") == "running":
            self.note(status="failed")
        self.note(ended_at=_now())

    # -- deliveries ---------------------------------------------------------------------------------------------------

    def take(self, delivery: Delivery, incoming: Path) -> None:
        """Put a freshly read delivery among this run's; it is accepted when the run is promoted.

        What refused runs left goes first: from here on the home holds this run's build. Raises DeliveryRefused where an
        accepted delivery of that id holds something else, speaks up to another day, or is of another scope.
        """
        self.home.sweep(self.run_id, keep=[incoming.name])
        target = self.home.delivery(delivery.id)
        if target.exists():
            known = Delivery.load(target)
            for name in ("data_through", "scope"):
                before, now = getattr(known, name), getattr(delivery, name)
                if now not in (None, before):
                    raise DeliveryRefused(
                        f"the delivery {delivery.id} was accepted before with {name} {before or 'not stated'}, now it says "
                        f"{now}; to replace it, deliver it under an id of its own (--delivery)"
                    )
            if sorted({file.sha256 for file in known.files}) != sorted({file.sha256 for file in delivery.files}):
                raise DeliveryRefused(
                    f"the delivery {delivery.id} was accepted before with other contents; "
                    "give this one an id of its own (--delivery, or `id` in its marker)"
                )
        else:
            incoming.rename(target)
        ids = self.home.accepted()
        self.note(deliveries=ids if delivery.id in ids else [*ids, delivery.id])

    def sweep(self) -> None:
        """Note what this run rests on, and remove what earlier runs left, now that this one builds anew."""
        self.note(deliveries=[delivery.id for delivery in self.deliveries])
        self.home.sweep(self.run_id, keep=[delivery.id for delivery in self.deliveries])

    @property
    def deliveries(self) -> list[Delivery]:
        """The deliveries that this run rests on, in the order of acceptance. Raises UsageError where there are none."""
        ids = self.record.get("deliveries") or self.home.accepted()
        if not ids:
            raise UsageError(
                f"no delivery has been accepted in {self.home.root} yet: start with `clearslate run FILE...`"
            )
        return [Delivery.load(self.home.delivery(delivery_id)) for delivery_id in ids]

    @property
    def is_data_current(self) -> bool:
        """Whether the deliveries still speak for the as-of date; where they don't, nothing goes to a court.

        A delivery that states no data_through is taken to speak up to the as-of date, unless its newest event (noted when
        it was staged) is older than facts of absence may be. What a later statewide delivery has replaced whole, speaks of
        nobody any more.
        """
        newest = self.record.get("newest_event")
        stated = [delivery.data_through for delivery in self._speaking]
        spoken = [day or (date.fromisoformat(newest) if newest else None) for day in stated]
        limit = timedelta(days=self.thresholds.staleness_days)
        return all(day is None or day + limit >= self.request.as_of for day in spoken)

    @property
    def data_through(self) -> date | None:
        """The day through which everything that this run rests on speaks: the earliest of its deliveries' days, None where
        one of them states none. What a later statewide delivery has replaced whole does not count."""
        stated = [delivery.data_through for delivery in self._speaking]
        return min((day for day in stated if day is not None), default=None) if None not in stated else None

    @property
    def _speaking(self) -> list[Delivery]:
        """The deliveries from the last statewide one on: what came before speaks of nobody any more."""
        deliveries = self.deliveries
        whole = max((n for n, delivery in enumerate(deliveries) if delivery.scope == "statewide"), default=0)
        return deliveries[whole:]

    @property
    def input_files(self) -> dict[str, dict[str, Any]]:
        """The files that the run was given beside the extracts, by table: name, sha256 and rows."""
        return dict(self.record.get("input_files", {}))

    @property
    def stamp(self) -> Stamp:
        """What every table is stamped with; the delivery set is the deliveries and the input files beside them."""
        files = [f"{table} {file['sha256']}" for table, file in sorted(self.input_files.items())]
        ids = "\n".join([*(delivery.id for delivery in self.deliveries), *files])
        return Stamp(self.run_id, self.request.as_of, self.rule_set, hashlib.sha256(ids.encode()).hexdigest()[:16])

    # -- the build ----------------------------------------------------------------------------------------------------

    @contextmanager
    def warehouse(self) -> Iterator[Warehouse]:
        """The run's build database, open for writing; open once for all stages inside `holding`."""
        if self._held is not None:
            if self._held.warehouse is None:
                self._held.warehouse = self._build()
            yield self._held.warehouse
        else:
            with self._build() as warehouse:
                yield warehouse

    @contextmanager
    def holding(self) -> Iterator["Run"]:
        """This run with its build kept open from stage to stage: what one stage has in memory the next need not read."""
        held = _Held()
        run = replace(self, _held=held)
        try:
            yield run
        finally:
            if held.seconds:
                run.note()
            if held.warehouse is not None:
                held.warehouse.close()

    def _build(self) -> Warehouse:
        warehouse = Warehouse.build(self.home.database(self.run_id), home=self.home, stamp=self.stamp)
        try:
            if self.record.get("status") not in (None, "running"):
                refuse_unusable(self.home, self.home.database(self.run_id), warehouse.tables(), warehouse.views())
        except WarehouseError:
            warehouse.close()
            raise
        return warehouse

    @property
    def staged(self) -> Path:
        """Where the run's files gather until they are promoted."""
        return self.home.staged(self.run_id)

    def keep_text(self, name: str, text: str) -> None:
        """Keep a text with the run's results."""
        self.staged.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.staged / name).write_text(text, "utf-8")

    def promote(self) -> None:
        """Make this run's results the current ones, and its deliveries the accepted ones."""
        self.home.promote(self.run_id, [delivery.id for delivery in self.deliveries])
        self.note(status="promoted", error=None, promoted_at=_now())

    def parameters(self) -> dict[str, Any]:
        """The values that models may bind."""
        key = action_key(self.home)
        return {
            **self._parameters_of_law,
            "as_of": self.request.as_of,
            "rule_set": self.rule_set,
            "illegible_block": self.thresholds.illegible_block,
            "staleness_days": self.thresholds.staleness_days,
            "offense_window_years": int(self.thresholds.offense_window_years),
            "upcoming_days": self.thresholds.upcoming_days,
            "key_inner": key.inner,
            "key_outer": key.outer,
            "requested_counties": list(self.request.counties),
            "is_data_current": self.is_data_current,
        }

    @cached_property
    def _parameters_of_law(self) -> dict[str, Any]:
        return {
            "petition_days": next(
                remedy.values["petition_days"] for remedy in self.remedies if remedy.id == "conviction_relief"
            ),
            "prop64_effective": min(
                version.effective_from
                for remedy in self.remedies
                if remedy.id == "prop64"
                for version in remedy.versions
            ),
            **{f"age_{age}": years for age, years in ages().items()},
            **{f"prop64_section_{n}": section for n, section in enumerate(prop64_sections(), start=1)},
        }


def prop64_sections() -> list[str]:
    """The sections of the Prop 64 scope, in order: rules/statutes/prop64_scope.csv."""
    scope = load_list("statutes/prop64_scope")
    return sorted(set(scope.loc[scope["aggravated"] == "no", "section"]))


def ages() -> dict[str, int]:
    """Ages that a person has to have, or can't have, for a birth date to be taken for known: rules/ages.csv."""
    listed = load_list("ages")
    return {age: int(years) for age, years in zip(listed["age"], listed["years"], strict=True)}


def require_build(home: Home, run_id: str) -> None:
    """Refuse to work on a build that is not there."""
    if not home.database(run_id).exists():
        raise WarehouseError(
            f"there is no build {run_id} in {home.root}; launch the job `statewide` or `redecide`, or name the build of a run"
        )


def refuse_unusable(home: Home, build: Path, tables: Collection[str], views: Mapping[str, str]) -> None:
    """Refuse to work on the build of an earlier run that holds none of the `tables` that a run makes, or whose `views` over
    the deliveries look for them where the home was before. Raises WarehouseError."""
    anew = "`clearslate redecide` makes it anew"
    if not set(tables) - {"quality.stamp"}:
        raise WarehouseError(
            f"the build {build.name} holds no tables: it never did, or its log, {build.name}.wal, is lost; {anew}"
        )
    over_deliveries = views.get("raw.file")
    if over_deliveries is not None and str(home.root).replace("'", "''") not in over_deliveries:
        raise WarehouseError(
            f"the build {build.name} was made while the home lay in another place, and looks for its deliveries there; {anew}"
        )


def told(home: Home, run_id: str) -> dict[str, Any]:
    """What a run's record says, with the places of its files."""
    path = home.record(run_id)
    record = _read_record(path)
    places = {"record": str(path)}
    if record.get("status") == "promoted":
        places |= {
            "review": str(home.root / "review"),
            "court": str(home.root / "court"),
            "published": str(home.published),
        }
    return {**record, "home": str(home.root), "places": places}


def _read_record(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"the record {path} is damaged; {_MEND_RECORD}")
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def fact_columns(remedies: Iterable[Remedy]) -> Facts:
    """What the rules of these remedies may look at: the columns of the facts, by kind of candidate."""
    contracts = load_contracts()
    return {kind: contracts[f"facts.{kind}"].types for kind in sorted({remedy.kind for remedy in remedies})}


def _policy_facts(policy: Policy) -> dict[str, Any]:
    return {"id": policy.id, "settings": {name: _plain(value) for name, value in policy.values.items()}}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _commit() -> str | None:
    """The commit of the code, where it runs from a checkout."""
    root = Path(clearslate.__file__).parents[1]
    if not (root / ".git").exists():
        return None
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607
            cwd=root,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except OSError:
        return None
    return found.stdout.strip() or None


def today() -> date:
    """The wall clock: the default as-of date, and the day of receipt; nothing else may read it."""
    return date.today()
