"""The warehouse's bookkeeping: what it holds in memory is what stands in the file, whatever goes wrong in between."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from clearslate.errors import WarehouseError
from clearslate.home import Home
from clearslate.models import parse_model
from clearslate.warehouse import Engine, Stamp, Warehouse

_OURS = Stamp("ours", date(2025, 1, 15), "rules", "deliveries")
_OTHERS = Stamp("others", date(2025, 1, 15), "rules", "deliveries")
_COUNTIES = pd.DataFrame({"name": ["ALPINE", "KERN"], "doj_code": ["02", "15"]})
_LISTED = parse_model("scratch", "listed", "select name from law.county")
_AGAIN = parse_model("scratch", "again", "select name from scratch.listed")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


@pytest.fixture
def build(home: Home) -> Iterator[Warehouse]:
    with _open(home) as warehouse:
        yield warehouse


def _open(home: Home, stamp: Stamp = _OURS) -> Warehouse:
    return Warehouse.build(home.database("a"), home=home, stamp=stamp)


def _stamps(warehouse: Warehouse) -> dict[str, str]:
    return dict(warehouse.rows("select table_name, run_id from quality.stamp"))


def test_tables_are_counted_and_stamped_once(build: Warehouse) -> None:
    assert build.create_from_frame("law.county", _COUNTIES) == 2
    assert build.create(_LISTED, {}) == 2
    assert build.create(_LISTED, {}) == 2
    assert build.rows("select table_name, run_id from quality.stamp order by table_name") == [
        ("law.county", "ours"),
        ("scratch.listed", "ours"),
    ]


def test_a_reopened_build_knows_its_stamps(home: Home) -> None:
    with _open(home) as warehouse:
        warehouse.create_from_frame("law.county", _COUNTIES)
        warehouse.create(_LISTED, {})
    with _open(home) as warehouse:
        assert warehouse.create(_AGAIN, {}) == 2


def test_another_runs_tables_are_refused_until_they_are_made_anew(home: Home) -> None:
    with _open(home) as warehouse:
        warehouse.create_from_frame("law.county", _COUNTIES)
        warehouse.create(_LISTED, {})
    with _open(home, _OTHERS) as warehouse:
        with pytest.raises(WarehouseError, match="another run"):
            warehouse.create(_AGAIN, {})
        warehouse.create_from_frame("law.county", _COUNTIES)
        warehouse.create(_LISTED, {})
        warehouse.create(_AGAIN, {})
        assert _stamps(warehouse) == {"law.county": "others", "scratch.listed": "others", "scratch.again": "others"}


def test_a_table_that_fails_leaves_no_trace(build: Warehouse) -> None:
    build.create_from_frame("law.county", _COUNTIES)
    for table, sql in (("listed", "select cast(name as integer) as name from law.county"), ("cii", "select 1 as x")):
        with pytest.raises(WarehouseError):
            build.create(parse_model("scratch" if table == "listed" else "core", table, sql), {})
    for frame in (_COUNTIES[["name"]], _COUNTIES.rename(columns={"name": "county"})):
        with pytest.raises(WarehouseError, match="BinderException"):
            build.create_from_frame("law.county", frame)
    assert build.tables() == {"law.county", "quality.stamp"}
    assert _stamps(build) == {"law.county": "ours"}
    assert build.rows("select count(*) from law.county") == [(2,)]
    assert build.create(_LISTED, {}) == 2


def test_a_transaction_is_all_or_nothing(build: Warehouse) -> None:
    build.create_from_frame("law.county", _COUNTIES)
    with pytest.raises(ZeroDivisionError), build.transaction():
        build.create(_LISTED, {})
        raise ZeroDivisionError
    assert not build.exists("scratch.listed")
    with pytest.raises(WarehouseError, match="not made yet"):
        build.create(_AGAIN, {})
    with build.transaction(), build.transaction():
        build.create(_LISTED, {})
        build.create(_AGAIN, {})
    assert {"scratch.listed", "scratch.again"} <= build.tables()


def test_an_array_holds_every_row(build: Warehouse) -> None:
    build.create_from_frame("law.county", _COUNTIES)
    found = build.array("select hash(name) from law.county")
    assert sorted(found.tolist()) == sorted(row[0] for row in build.rows("select hash(name) from law.county"))
    assert build.array("select hash(name) from law.county where false").tolist() == []


def test_a_join_that_outgrows_memory_keeps_its_rows(home: Home) -> None:
    """DuckDB's issue 25702 tells of engines that drop such rows in silence; whoever moves the pin learns of it here."""
    with Warehouse.build(home.database("a"), home=home, stamp=_OURS, engine=Engine(1, "40MB")) as small:
        small.execute("create schema scratch")
        small.execute("create table scratch.told as select range % 2000 as k from range(1000000)")
        small.execute("create table scratch.asked as select range % 4000 as k from range(2000000)")
    for memory in ("40MB", "25MB"):
        with Warehouse.build(home.database("a"), home=home, stamp=_OURS, engine=Engine(1, memory)) as small:
            found = small.rows("select count(*) from scratch.asked where k in (select k from scratch.told)")
        assert found == [(1_000_000,)], memory
