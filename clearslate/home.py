"""The home: the one folder that holds everything a deployment writes.

Belongs here: where things lie below it, the lock that keeps two runs apart, which deliveries have been accepted, and the
one atomic switch with which a run's results become the current ones. Does not belong here: what is in those files.

    home/
      current -> releases/<run>        the one switch: review, court, published and the accepted deliveries turn together
      review  -> current/review
      court   -> current/court
      published/current -> ../current/published.duckdb
      releases/<run>/                  review/ court/ private/ published.duckdb accepted.json
      deliveries/<id>/                 Parquet of a delivery, immutable; accepted only when a release lists it
      inputs/<sha256>.csv              files given beside the extracts, as long as a release or the newest run rests on them
      work/<run>.duckdb                the newest run's build database, its log beside it: for looking behind its gates
      runs/<run>.json                  the record of each run, refused ones too
      ledger/                          what was decided, sent and answered: the one thing here that no extract can bring back
      outbox/<county>/                 what people are to send on: packages and the prosecutor's worklists
      inbox/                           what courts send back, for the sensor to find
      keys/ logs/ dagster/ lock
"""

import json
import os
import re
import shutil
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from clearslate.errors import HomeLocked, UsageError

# In a path these are patterns to DuckDB, and end the name of a database to SQLAlchemy.
_UNUSABLE = frozenset("*?[]\\%")
# What a run sweeps, and what in it is of our making: nothing else is ever removed.
_SWEPT = ("deliveries", "inputs", "releases", "work")
_INPUT = re.compile(r"[0-9a-f]{64}\.(csv|partial)")
_WORK = re.compile(r"[0-9a-z-]+\.(duckdb(\..+)?|spill)")
SCRATCH = "scratch-"  # how a database among the builds is called that a question made; one that was killed leaves it
KEPT_RELEASES = 2  # the current one and the one before it, for readers that still have it open


@dataclass(frozen=True)
class Home:
    """Paths below one home folder. Nothing is created until a run asks for it."""

    root: Path

    @staticmethod
    def find(given: Path | str | None = None) -> "Home":
        """`--home`, else CLEARSLATE_HOME, else ./var."""
        return Home(Path(given or os.environ.get("CLEARSLATE_HOME") or "var").expanduser().resolve())

    @staticmethod
    def existing(given: Path | str | None = None) -> "Home":
        """The same, for whoever only looks or goes on: raises UsageError where no run has made that home yet."""
        home = Home.find(given)
        if not home.root.is_dir():
            raise UsageError(
                f"there is no home at {home.root}: `clearslate run FILE...` makes one; name it with --home or CLEARSLATE_HOME"
            )
        return home

    @property
    def current(self) -> Path:
        return self.root / "current"

    @property
    def published(self) -> Path:
        return self.root / "published" / "current"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger"

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    def delivery(self, delivery_id: str) -> Path:
        return self.root / "deliveries" / delivery_id

    def input(self, sha256: str) -> Path:
        return self.root / "inputs" / f"{sha256}.csv"

    def database(self, run_id: str) -> Path:
        return self.root / "work" / f"{run_id}.duckdb"

    def staged(self, run_id: str) -> Path:
        """Where a run puts its results until they are promoted."""
        return self.root / "releases" / f".{run_id}"

    def release(self, run_id: str) -> Path:
        return self.root / "releases" / run_id

    def record(self, run_id: str) -> Path:
        return self.root / "runs" / f"{run_id}.json"

    def prepare(self) -> None:
        """Make the folders, readable by their owner alone: people's records lie below. Raises UsageError for a place that
        can't be a home, a folder that holds something else, or a home that was copied without its links."""
        if found := sorted(_UNUSABLE & set(str(self.root))):
            raise UsageError(
                f"the path of the home {self.root} holds {' '.join(found)}, which stands for something else in a path; "
                "name another with --home"
            )
        if self.current.exists() and not self.current.is_symlink():
            raise UsageError(
                f"{self.current} is no link: the home was copied without its links; restore it with them (cp -a)"
            )
        if not self._is_one and (found := [name for name in _SWEPT if any((self.root / name).glob("*"))]):
            raise UsageError(
                f"{self.root} is no home, and has a folder {found[0]} of its own, which a run would clear out; name another "
                "with --home"
            )
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in ("deliveries", "inputs", "work", "releases", "runs", "published", "logs"):
                (self.root / name).mkdir(mode=0o700, exist_ok=True)
            self._lock_file.touch(mode=0o600)
        except OSError as error:
            raise UsageError(
                f"the home {self.root} can't be written ({error.strerror}); name another with --home"
            ) from None

    @property
    def _lock_file(self) -> Path:
        return self.root / "lock"

    @property
    def _is_one(self) -> bool:
        """Whether the folder has been made a home."""
        return self._lock_file.exists() or self.current.is_symlink() or any((self.root / "runs").glob("*.json"))

    def refuse_own(self, paths: Collection[Path]) -> None:
        """Refuse extracts that lie where a run clears up. Raises UsageError."""
        for path in paths:
            for name in _SWEPT:
                if path.resolve().is_relative_to(self.root / name):
                    raise UsageError(
                        f"{path} lies in {name}/ of the home, which every run clears out; move it elsewhere"
                    )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home for a whole run. A second run is told so at once (HomeLocked)."""
        self.prepare()
        lock = FileLock(self._lock_file)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise HomeLocked(
                f"another run is working in {self.root}; wait until it has ended (it shows in the UI), or use another --home"
            ) from None
        except OSError as error:
            raise UsageError(f"the home {self.root} can't be written ({error.strerror})") from None
        try:
            yield
        finally:
            lock.release()

    def hide(self, what: str, words: str) -> str:
        """Put words that may quote records where only the owner can read them; returns what may be shown instead.

        Never fails: an error here would carry those very words along as its context.
        """
        reference = uuid.uuid4().hex[:12]
        try:
            self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
            opened = os.open(self.logs / "restricted.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(opened, "a", encoding="utf-8", errors="replace") as log:
                log.write(f"{datetime.now(UTC).isoformat()} {reference} {what}\n{words}\n\n")
        except OSError:
            return f"{what} (its own words may quote records; logs/restricted.log of the home can't be written to keep them)"
        return (
            f"{what} (its own words may quote records; they are in logs/restricted.log of the home, under {reference})"
        )

    def prepare_dagster(self) -> Path:
        """Give the home's Dagster instance its settings (dagster.yaml of the project); returns DAGSTER_HOME."""
        self.prepare()
        self.dagster.mkdir(mode=0o700, exist_ok=True)
        settings = (Path(__file__).parents[1] / "dagster.yaml").read_text("utf-8")
        told = settings.replace(
            "base_dir: DAGSTER_HOME", f"base_dir: {json.dumps(str(self.dagster), ensure_ascii=False)}"
        )
        (self.dagster / "dagster.yaml").write_text(told, "utf-8")
        return self.dagster

    # -- deliveries ---------------------------------------------------------------------------------------------------

    def accepted(self) -> list[str]:
        """The ids of the accepted deliveries, in the order of their acceptance.

        Raises UsageError where a run has accepted some and the list is not there any more: to go on as if there were none
        would remove them.
        """
        listed = self.current / "accepted.json"
        if listed.exists():
            try:
                return list(json.loads(listed.read_text("utf-8")))
            except (TypeError, ValueError):
                raise UsageError(f"{listed} is damaged; restore `current` and its release from a backup") from None
        runs = {path.stem: _told(path) for path in (self.root / "runs").glob("*.json")}
        promoted = any(record.get("promoted_at") for record in runs.values())
        # A release whose run is known and was not promoted is of one that was killed before the switch.
        unknown = {path.name.partition(".")[0] for path in self._releases()} - set(runs)
        if self.current.is_symlink() or promoted or unknown:
            raise UsageError(
                f"{listed} is not there, though runs have accepted deliveries in this home: restore `current` and its release "
                "from a backup; to begin without those deliveries, name another home with --home"
            )
        return []

    def _releases(self) -> list[Path]:
        return [path for path in (self.root / "releases").glob("*") if not path.name.startswith(".")]

    def sweep(self, run_id: str, *, keep: Collection[str]) -> None:
        """Remove what earlier runs left, for a run that builds anew: deliveries that are neither accepted nor among `keep`
        (names below deliveries/), input files that no release rests on, half-made releases, other runs' build databases.

        Only the holder of the lock may; whoever is still recorded as running has therefore been killed. What is not of our
        making stays.
        """
        kept = {*self.accepted(), *keep}
        own = (f".{run_id}", f"{run_id}.duckdb", f"{run_id}.duckdb.wal", f"{run_id}.spill")
        left = [path for path in (self.root / "deliveries").glob("*") if path.name not in kept and _is_delivery(path)]
        left += [
            path
            for path in (self.root / "inputs").glob("*")
            if _INPUT.fullmatch(path.name) and path not in self._inputs_in_use(run_id)
        ]
        left += [path for path in (self.root / "releases").glob(".*") if path.name not in own]
        left += [path for path in (self.root / "work").glob("*") if _WORK.fullmatch(path.name) and path.name not in own]
        left += (self.root / "runs").glob("*.partial")
        for path in left:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=path.parent.name == "releases")
            else:
                path.unlink()
        for path in (self.root / "runs").glob("*.json"):
            record = _told(path)
            if record.get("status") == "running" and path.stem != run_id:
                write_json(path, {**record, "status": "interrupted"})

    def _inputs_in_use(self, run_id: str) -> set[Path]:
        """The input files of a run and of all releases, as their records name them."""
        runs = {path.name.partition(".")[0] for path in self._releases()}
        runs |= {run_id} if self.record(run_id).exists() else set()
        told = [_told(self.record(run)) for run in runs]
        if not all(told):  # what such a run rests on can't be told: all stays
            return set((self.root / "inputs").glob("*"))
        return {self.input(file["sha256"]) for record in told for file in record.get("input_files", {}).values()}

    # -- results ------------------------------------------------------------------------------------------------------

    def promote(self, run_id: str, accepted: list[str]) -> Path:
        """Make a run's staged results the current ones, with the deliveries they rest on, in one atomic step.

        A build may be published again (the snapshot launched alone): what is not staged anew is taken from its release.
        """
        staged, release = self.staged(run_id), self.release(run_id)
        staged.mkdir(mode=0o700, parents=True, exist_ok=True)
        again = release.exists()
        for path in self.current.resolve().iterdir() if again else ():
            if not (staged / path.name).exists():
                (shutil.copytree if path.is_dir() else shutil.copy2)(path, staged / path.name)
        for name in ("review", "court"):
            (staged / name).mkdir(mode=0o700, exist_ok=True)
        write_json(staged / "accepted.json", accepted)
        if again:
            release = release.with_name(f"{run_id}.{uuid.uuid4().hex[:6]}")
        staged.rename(release)
        _sync(release.parent)
        _link(self.current, Path("releases") / release.name)
        _link(self.root / "review", Path("current") / "review")
        _link(self.root / "court", Path("current") / "court")
        _link(self.published, Path("..") / "current" / "published.duckdb")
        others = [path for path in self._releases() if path != release]
        others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in others[KEPT_RELEASES - 1 :]:
            gone = path.with_name(f".{path.name}.old")
            with suppress(OSError):  # the run is promoted, whatever of this can't be removed; the next one sweeps again
                path.rename(gone)
                shutil.rmtree(gone)
        return release


def _is_delivery(path: Path) -> bool:
    """Whether a folder is a delivery, or a half-made one, which has a dot before its name."""
    return path.is_dir() and (path.name.startswith(".") or (path / "delivery.json").exists())


def _told(path: Path) -> dict[str, Any]:
    """What a run's record says; nothing where a disk or a person has damaged or removed it."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, content: Any) -> None:
    """Write JSON so that a reader sees the whole file or none of it. Keys sorted: same content, same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        json.dump(content, file, indent=2, sort_keys=True, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(link.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
    _sync(link.parent)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
