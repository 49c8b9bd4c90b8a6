"""Law 7 in the library: whatever is done with an extract, nothing of a person shows outside the person's own files.

A canary stands in every column that names somebody, in sound records and in records broken in every way. Looked at:
errors with their chains, logs, both streams, the run's record, names of files, and what objects say of themselves. What
Dagster stores is looked at in tests/dagster.
"""

import errno
import gzip
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from clearslate.court import PackageFacts, write_packages
from clearslate.errors import ClearslateError, WarehouseError
from clearslate.extract import DOJ_COLUMNS, read_delivery
from clearslate.extract.inspection import inspect_file
from clearslate.home import Home
from clearslate.run import Run
from clearslate.warehouse import Warehouse
from expectations.gate import SUITES, judge
from tests.support import RECEIVED, Decided, decide, record

NAMED = {
    "PRI_NAME": "ZZQUAIL,WILHELMINA",
    "REQ_NAME": "ZZQUAIL,MINNIE",
    "PRI_SSN": "987654320",
    "REQ_SSN": "987654320",
    "PRI_CDL": "Q7654329",
    "REQ_CDL": "Q7654329",
    "FBI_NUMBER": "77Q66Q55",
    "REQ_DOB": "19630217",
    "PRI_DOB": "19630217",
    "CII_NUMBER": "A09876543",
    "REQ_CII_NUMBER": "A09876543",
    "SUBJECT_ID": "5550777",
    "OFN": "ZQ-4711-0815",
    "COMMENT_TEXT": "SEE ALSO HER BROTHER ZZIGNATZ",
}
CANARIES = {*NAMED.values(), "ZZQUAIL", "ZZIGNATZ", "WILHELMINA", "1963-02-17", "9876543", "ZQ47110815"}
AS_OF = "2025-12-01"


def sung(text: str) -> set[str]:
    """The canaries in a text."""
    return {canary for canary in CANARIES if canary in text}


def line(**cells: str) -> str:
    """A sound record of the canary as a line of an extract."""
    told = record(**{**NAMED, **cells})
    return ",".join(f'"{told.get(column, "")}"' for column in DOJ_COLUMNS)


HEADER = ",".join(DOJ_COLUMNS)
SOUND = [
    line(),
    line(CNT_ORDER="102001001000", STP_EVENT_DATE="20240102"),
    line(SUBJECT_ID="5", CNT_ORDER="?"),
    line(SUBJECT_ID="6", PRI_NAME="MUÑOZ"),
]
NOBODY = line(SUBJECT_ID="", CII_NUMBER="", REQ_CII_NUMBER="")
BROKEN = {
    "field_count": line().encode() + b",MORE",
    "quote": line().replace('"ZZQUAIL,W', '"ZZQUAIL",W"').encode(),
    "nul": line().replace("ZZQUAIL", "ZZQUAIL\0").encode(),
    "encoding": line().replace("ZZQUAIL", "ZZQUAIL#").encode().replace(b"L#", b"L\xff"),
    "no_person": NOBODY.encode(),
    "unterminated_quote": line().rsplit('"', 1)[0].encode(),
}


def extract(path: Path, *extra: bytes) -> Path:
    sound = [text.encode() for text in (HEADER, *SOUND)]
    path.write_bytes(b"\n".join([*sound, *extra, *sound[1:], line(CNT_ORDER="104001001000").encode()]) + b"\n")
    return path


@pytest.fixture(autouse=True)
def silent(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever a test does, no logger and neither stream says a word of the canary."""
    caplog.set_level(logging.DEBUG)
    yield
    assert sung(" ".join(f"{one.getMessage()} {one.exc_text} {one.args}" for one in caplog.records)) == set()
    assert sung("".join(capfd.readouterr())) == set()


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    folder = tmp_path_factory.mktemp("canary")
    given = extract(folder / "extract.csv", *BROKEN.values())
    return decide(folder / "home", given, as_of=AS_OF, data_through=AS_OF, review="full")


def told(home: Path) -> str:
    """What anybody may see of a home: its run records and the names of all files."""
    names = [str(path.relative_to(home)) for path in home.rglob("*")]
    return "\n".join([*names, *(path.read_text("utf-8") for path in home.glob("runs/*.json"))])


def test_a_whole_run(decided: Decided) -> None:
    run = decided.run
    reasons = {reason for (reason,) in decided.rows("select reason from raw.quarantine")}
    assert reasons == set(BROKEN)
    with run.warehouse() as warehouse:
        facts = PackageFacts(
            run.request.as_of, run.rule_set, run.assignment, is_test=True, data_through=run.data_through
        )
        reports = write_packages(warehouse, out=run.staged / "court", facts=facts)
    verdicts = [judge(run, suite) for suite in SUITES]
    assert sung(" ".join(map(repr, [run, run.deliveries, reports, verdicts, decided]))) == set()
    seen = told(run.home.root)
    assert "sacramento" in seen  # the search looks at the right place
    assert sung(seen) == set()
    written = [path.read_text("utf-8") for path in run.staged.rglob("*.csv")]
    assert sung("".join(written)), "the canary is in the prosecutor's files"


def test_a_look_at_a_file(tmp_path: Path) -> None:
    found = inspect_file(extract(tmp_path / "extract.csv", *BROKEN.values()))
    assert len(found.problems) >= 5
    assert sung(repr(found)) == set()


def _header_runs_on(sound: bytes) -> bytes:
    """The header's line takes half of the first record along, and lacks as many names."""
    header, first, rest = sound.split(b"\n", 2)
    cells = first.strip(b"\r").split(b",")
    return b",".join([*header.strip(b"\r").split(b",")[: 95 - 40], *cells[:40]]) + b"\n" + rest


REFUSED: dict[str, Callable[[bytes], bytes]] = {
    "ends inside a record": lambda sound: sound + b'5550777,"ZZQUAIL,WILHELMINA,19630217',
    "a column named for a person": lambda sound: sound.replace(b"PRI_NAME", b"ZZQUAIL", 1),
    "a doubled column": lambda sound: sound.replace(b"PRI_NAME", b"PRI_SSN", 1),
    "no line of 95 fields": lambda sound: b"\n".join(text.rsplit(b",", 2)[0] for text in sound.split(b"\n")[1:]),
    "the header's line break is lost": lambda sound: sound.replace(b"\r\n", b"", 1).replace(b"\n", b"", 1),
    "the header's line break came too late": lambda sound: _header_runs_on(sound),
    "a cut stream": lambda sound: gzip.compress(sound)[:-20],
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_refused_file(tmp_path: Path, how: str) -> None:
    damaged = REFUSED[how](extract(tmp_path / "sound.csv").read_bytes())
    given = tmp_path / ("extract.csv.gz" if damaged[:2] == b"\x1f\x8b" else "extract.csv")
    given.write_bytes(damaged)
    for read in (lambda: read_delivery([given], tmp_path / "out", received_on=RECEIVED), lambda: inspect_file(given)):
        with pytest.raises(ClearslateError) as refused:
            read()
        # What is no column's name may be a cell of the first record.
        assert not sung("".join(traceback.format_exception(refused.value)))
    assert not (tmp_path / "out").exists()


MISCAST = "select cast(pri_name as date) as born from raw.record"
FAILURES: dict[str, Callable[[Warehouse, Path], object]] = {
    "execute": lambda warehouse, _: warehouse.execute(f"create table t as {MISCAST}"),
    "rows": lambda warehouse, _: warehouse.rows(MISCAST),
    "row": lambda warehouse, _: warehouse.row(MISCAST),
    "frame": lambda warehouse, _: warehouse.frame(MISCAST),
    "stream": lambda warehouse, _: list(warehouse.stream(MISCAST)),
    "copy_to": lambda warehouse, home: warehouse.copy_to(MISCAST, home / "t.csv", {}, options="format csv", what="t"),
    "create_from_frame": lambda warehouse, _: warehouse.create_from_frame(
        "raw.delivery",
        pd.DataFrame(
            [(NAMED["PRI_NAME"], "a", RECEIVED, None, None)],
            columns=["delivery_no", "delivery_id", "received_on", "data_through", "scope"],
        ),
    ),
    "a bound value": lambda warehouse, _: warehouse.rows("select cast($name as date)", {"name": NAMED["PRI_NAME"]}),
}


@pytest.mark.parametrize("how", FAILURES)
def test_a_failing_query(decided: Decided, how: str) -> None:
    home = decided.run.home
    with decided.run.warehouse() as warehouse, pytest.raises(WarehouseError) as failed:
        FAILURES[how](warehouse, home.root)
    assert sung("".join(traceback.format_exception(failed.value))) == set()
    restricted = home.logs / "restricted.log"
    assert restricted.stat().st_mode & 0o777 == 0o600
    assert sung(restricted.read_text("utf-8")), "the engine's own words are kept for the owner"


def test_a_failing_query_whose_words_can_not_be_kept(decided: Decided, tmp_path: Path) -> None:
    """A full disk, or a log of another owner: the error that comes of it must not carry the engine's words along."""
    unwritable = Home(tmp_path / "home")
    (unwritable.logs / "restricted.log").mkdir(parents=True)
    run = replace(decided.run, home=unwritable)
    run.home.record(run.run_id).mkdir(parents=True)  # nor can the run's record be written
    with decided.run.warehouse() as warehouse:
        warehouse = Warehouse(warehouse._connection, stamp=None, hide=unwritable.hide)
        with pytest.raises(ClearslateError) as failed, run.stage("core.person"):
            warehouse.execute(f"create table t as {MISCAST}")
        with pytest.raises(ClearslateError) as again, run.stage("core.person"):
            date.fromisoformat(NAMED["PRI_NAME"])
    for error in (failed.value, again.value):
        assert sung("".join(traceback.format_exception(error))) == set()


def test_a_full_disk_in_a_stage_is_called_that(decided: Decided) -> None:
    run = Run(decided.run.home, "full", decided.run.request)
    run.start()
    with pytest.raises(ClearslateError, match=r"review\.files: the disk is full"), run.stage("review.files"):
        raise OSError(errno.ENOSPC, "No space left on device", NAMED["PRI_NAME"])
    assert "the disk is full" in run.record["error"]
    assert sung(told(run.home.root)) == set()


def test_a_fault_of_ours_in_a_stage(decided: Decided) -> None:
    run = Run(decided.run.home, "faulty", decided.run.request)
    run.start()
    with pytest.raises(ClearslateError) as failed, run.stage("core.person"):
        date.fromisoformat(NAMED["PRI_NAME"])
    assert "core.person: ValueError" in str(failed.value)
    assert sung("".join(traceback.format_exception(failed.value))) == set()
    assert sung(told(run.home.root)) == set()
