"""Where every line stands, for people: per county and batch, how long it has waited there, and with whom.

Belongs here: putting what waits at home (batch.py), what a later run takes back (reversals.py) and what was sent (the
ledger) into one table, counting it, and the small database in which analysts find it. Does not belong here: deriving any of
it.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
from filelock import FileLock, Timeout

from clearslate.court.batch import waiting_lines
from clearslate.court.release import Release
from clearslate.court.reversals import reversals_due
from clearslate.errors import HomeLocked
from clearslate.home import Home
from clearslate.ledger import Ledger, make_line_status
from clearslate.publish import publish
from clearslate.warehouse import Warehouse

STATUS = "impact.court_status"
_WAIT = 120.0  # seconds for the others that write the same file: one takes a second or two

_COUNTED = """
select
    county,
    program,
    court_code,
    coalesce(batch_id, '') as batch_id,
    state,
    coalesce(reason_code, '') as reason_code,
    coalesce(reversal_state, '') as reversal_state,
    with_whom,
    waited,
    count(*) as n_lines,
    cast(sum(exceptions_open) as bigint) as n_exceptions_open,
    min(since) as oldest_since
from line_status
group by all
order by all
"""


@dataclass(frozen=True)
class CourtStatus:
    """How the lines stand on a day. `lines`: one row per action key, the columns of clearslate.ledger.make_line_status.
    `counts`: the rows of impact.court_status. Neither names a person."""

    on: date
    lines: pa.Table
    counts: pa.Table


def has_ledger(home: Home) -> bool:
    """Whether anything was ever decided or sent from this home."""
    return bool(Ledger.open(home).entries())


def court_status(
    home: Home, on: date, *, counties: Sequence[str] = (), test: bool = False, release: Release | None = None
) -> CourtStatus:
    """The status of every line of a release (the current one by default) and of every line ever sent, on the day `on`.

    Test packages have a status of their own. Raises UsageError where there is no release.
    """
    standings = waiting_lines(home, on=on, test=test, release=release)
    due = reversals_due(home, on=on, test=test, release=release)
    with Ledger.open(home).connect() as db:
        make_line_status(db, standings, due, on, test=test)
        if counties:
            db.execute(
                "delete from line_status where not list_contains($counties, county)", {"counties": list(counties)}
            )
        lines = db.arrow("select * from line_status order by county, program, action_key", what="line_status")
        counts = db.arrow(_COUNTED, what="line_status")
    return CourtStatus(on, lines, counts)


def publish_status(home: Home, on: date) -> Path:
    """Write `published/court_status.duckdb` anew: impact.court_status of today's ledger, beside the snapshot of the run.

    The snapshot says how things stood when it was made; this says how they stand. Readers keep the file they have open.
    Commands end together: each waits for its turn and looks at the ledger in it, so that what stays is the newest. The home's
    own lock is not asked for: a run holds it for hours, and what a court sent is told meanwhile. Raises HomeLocked.
    """
    home.prepare()
    path = home.root / "published" / "court_status.duckdb"
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.new")
    with _turn(path.with_name(f".{path.name}.lock")):
        try:
            status = court_status(home, on)
            with Warehouse.reading(home) as warehouse:
                warehouse.create_from_frame(STATUS, status.counts)
                publish(warehouse, partial, schemas=("impact",))
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return path


@contextmanager
def _turn(lock_file: Path) -> Iterator[None]:
    lock = FileLock(lock_file, mode=0o600)
    try:
        lock.acquire(timeout=_WAIT)
    except Timeout:
        raise HomeLocked(
            "other commands are writing the same file; run `clearslate court status` again later"
        ) from None
    try:
        yield
    finally:
        lock.release()
