"""Law 7 in the snapshot: whatever a clerk or a shifted column put into whatever field, analysts find nothing of it.

Every one of the 95 columns holds a canary in records of their own: alone, behind what belongs there and ahead of it. The
file that is published is read value by value.
"""

import re
from collections.abc import Iterator

import duckdb
import pytest

from clearslate.extract import DOJ_COLUMNS
from clearslate.publish import publish
from expectations.gate import SUITES, judge
from tests.support import Decided, decide, record

AS_OF = "2025-12-01"
# A name, the same as if it were an agency's, and numbers of a person.
SUNG = {"name": "ZZQUAIL,WILHELMINA", "agency": "CASCZZQUAIL", "numbers": "A09876543 987654320 Q7654329"}
CANARY = re.compile(r"ZZQUAIL|WILHELMINA|9876543|7654329", re.IGNORECASE)
SOUND = {
    "GENDER": "F",
    "RACE_DESCR": "WHITE",
    "OFFENSE_DESCR": "187 PC-MURDER",
    "CONV_OFFENSE_DESCR": "290 PC-SEX OFFENDER REGISTRATION",
    "DISP_DESCR": "CONVICTED-PROBATION",
    "SENT_LOC_DESCR": "PROBATION",
    "SENT_LENGTH": "36",
    "SENT_TIME_CODE": "M",
    "COMMENT_TEXT": "CHRG 11359 HS",
}


def sung_records() -> Iterator[dict[str, str]]:
    """Records of people of their own, each with a canary in one column. What belongs there, else a statute, stands beside."""
    number = 0
    for column in DOJ_COLUMNS:
        for canary in SUNG.values():
            there = record(**SOUND).get(column, "11357(A) HS")
            for told in (canary, f"{there} {canary}", f"{there}-{canary}", f"{there}{canary}", f"{canary} {there}"):
                number += 1
                own = {"SUBJECT_ID": f"{number}", "REQ_CII_NUMBER": f"A1{number:07}", "OFN": f"{number}"}
                yield record(**{**SOUND, **own, column: told})
                yield record(**{**SOUND, **own, "STP_TYPE_DESCR": "ARREST/DETAINED/CITED", column: told})


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    home = tmp_path_factory.mktemp("snapshot") / "home"
    return decide(home, list(sung_records()), as_of=AS_OF, data_through=AS_OF, review="full", delivery_id="ZZQUAIL")


@pytest.fixture(scope="module")
def published(decided: Decided) -> Iterator[duckdb.DuckDBPyConnection]:
    for suite in SUITES:
        judge(decided.run, suite)
    path = decided.run.staged / "published.duckdb"
    with decided.run.warehouse() as warehouse:
        publish(warehouse, path)
    with duckdb.connect(str(path), read_only=True) as db:
        yield db


def test_no_value_has_the_canary(published: duckdb.DuckDBPyConnection) -> None:
    found = {}
    for schema, table, column in published.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where database_name = current_database()"
    ).fetchall():
        values = published.execute(f'select distinct cast("{column}" as varchar) from {schema}."{table}"').fetchall()
        if any(CANARY.search(value) for (value,) in values if value):
            found[f"{schema}.{table}.{column}"] = sum(bool(CANARY.search(value)) for (value,) in values if value)
    assert found == {}


def test_what_the_lists_know_is_there(published: duckdb.DuckDBPyConnection) -> None:
    for column, table, known in (
        ("race", "core.person", "WHITE"),
        ("gender", "core.person", "F"),
        ("location", "core.sentence", "PROBATION"),
    ):
        found = published.execute(f"select distinct {column} from {table} where {column} is not null").fetchall()
        assert found == [(known,)], column
    assert ("187",) in published.execute("select distinct section from core.offense").fetchall()


def test_every_row_is_there(decided: Decided, published: duckdb.DuckDBPyConnection) -> None:
    there = {f"{s}.{t}" for s, t in published.execute("select schema_name, table_name from duckdb_tables()").fetchall()}
    assert there >= {"core.person", "core.sentence", "core.offense", "quality.finding", "impact.policy_comparison"}
    for name in sorted(there):
        (rows,) = published.execute(f"select count(*) from {name}").fetchone() or (None,)
        assert decided.rows(f"select count(*) from {name}") == [(rows,)], name
