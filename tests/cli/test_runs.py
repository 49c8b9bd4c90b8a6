"""Runs from the command line: what they leave in a home, and what a refused, repeated or killed one does to it.

Two stories, each told once for all its tests: a home with a sound delivery, to which things happen; and a home whose one
delivery is damaged a little.
"""

import csv
import hashlib
import json
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from clearslate.contracts import load_contracts
from clearslate.home import Home
from clearslate.publish import SCHEMAS, WORKING
from tests.command import ROOT, SCRIPT, Said, command, tree
from tests.support import SACRAMENTO

ROWS = 3000
AS_OF = ("--as-of", "2025-01-15")
DATES = (*AS_OF, "--data-through", "2024-12-31")
BEARABLE = "landing.delivery_quarantine_is_bearable"
# DuckDB's own number for the format of a file that 1.5 clients open; 2.0's is greater.
STORAGE_OF_1_5 = 68


@dataclass(frozen=True)
class Step:
    """What a command said, and what of the home others see after it."""

    said: Said
    release: str
    review: dict[str, bytes]
    court: dict[str, bytes]
    snapshot: str
    deliveries: list[str]

    @property
    def run(self) -> str:
        return str(self.said.json["run_id"])


def after(home: Home, said: Said) -> Step:
    snapshot = hashlib.sha256(home.published.read_bytes()).hexdigest()
    kept = sorted(path.name for path in (home.root / "deliveries").iterdir())
    release = home.current.resolve().name
    return Step(said, release, tree(home.root / "review"), tree(home.root / "court"), snapshot, kept)


def synthetic(folder: Path, name: str, seed: int, dirty: str = "0") -> Path:
    made = folder / name
    assert command("synth", "--rows", str(ROWS), "--seed", str(seed), "--out", made, "--dirty", dirty).code == 0
    return made


def read(snapshot: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask a published snapshot, as an analyst does."""
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def record(home: Home, run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(home.record(run_id).read_text("utf-8"))
    return found


def end_in_the_middle(home: Home, how: signal.Signals) -> tuple[str, int, str]:
    """Start a run as a process of its own and send it a signal once it has begun to gather files; returns its id, its exit
    code and what it said."""
    before = set((home.root / "runs").iterdir())
    with subprocess.Popen(
        [SCRIPT, "redecide", "--home", home.root, *AS_OF],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        while running.poll() is None and not list((home.root / "releases").glob(".*")):
            time.sleep(0.01)
        running.send_signal(how)
        said = running.communicate()[1]
    assert running.returncode, f"the run ended before it could be stopped: {said}"
    [begun] = set((home.root / "runs").iterdir()) - before
    return begun.stem, running.returncode, said


@dataclass(frozen=True)
class Sound:
    """The story of a sound delivery."""

    home: Home
    extract: Path
    first: Step
    refused: Step
    rows: Said
    rows_as_json: Said
    killed: str
    left_by_the_killed: dict[str, Any]
    redecided: Step
    stopped: dict[str, Any]
    twice: Step
    one_county: Step
    no_candidate: Step
    rows_of_the_published: Said


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    folder = tmp_path_factory.mktemp("sound")
    home = Home(folder / "home")
    at = ("--home", str(home.root))
    extract, damaged = synthetic(folder, "extract.csv", 5), synthetic(folder, "damaged.csv", 7, "0.2")

    first = after(home, command("run", extract, *at, *DATES, "--json"))
    refused = after(home, command("run", damaged, *at, *DATES, "--json"))
    rows = command("rows", "--gate", BEARABLE, *at)
    rows_as_json = command("rows", "--gate", BEARABLE, *at, "--limit", "5", "--json")
    killed, code, _ = end_in_the_middle(home, signal.SIGKILL)
    assert code == -signal.SIGKILL
    left = {
        "record": record(home, killed),
        "release": home.current.resolve().name,
        "gathered": home.staged(killed).exists(),
    }
    redecided = after(home, command("redecide", *at, *AS_OF, "--json"))
    run_id, code, words = end_in_the_middle(home, signal.SIGTERM)
    stopped = {"code": code, "words": words, "record": record(home, run_id), "release": home.current.resolve().name}
    other_name = extract.with_name("the_same.csv")
    other_name.write_bytes(extract.read_bytes())
    twice = after(home, command("run", other_name, extract, *at, *DATES, "--json"))
    one_county = after(home, command("redecide", *at, *AS_OF, "--county", " los angeles", "--json"))
    rows_of_the_published = command("rows", "--gate", "core.case_number_missing", *at)
    no_candidate = after(home, command("redecide", *at, *AS_OF, "--county", "ALPINE", "--json"))
    return Sound(
        home, extract, first, refused, rows, rows_as_json, killed, left, redecided, stopped, twice, one_county,
        no_candidate, rows_of_the_published,
    )  # fmt: skip


# -- a good run -----------------------------------------------------------------------------------------------------------


def test_a_good_run_ends_with_0_and_says_where_its_files_are(sound: Sound) -> None:
    said = sound.first.said
    assert said.code == 0
    assert said.json["status"] == "promoted"
    assert sound.first.release == said.json["run_id"]
    assert all(Path(place).exists() for place in said.json["places"].values())
    assert len([name for name in sound.first.review if name.endswith("/Prop64_Results.csv")]) > 10
    assert len([name for name in sound.first.court if name.endswith("/10_relief_actions.csv")]) > 10


def test_the_account_comes_out(sound: Sound) -> None:
    told = sound.first.said.json["account"]
    lines, records, made = told["read"], told["records"], told["made"]
    assert lines["lines"] == ROWS + 1 == 1 + lines["lines_in_loaded_records"] + lines["lines_in_quarantined_records"]
    assert records["used"] + records["duplicate"] + records["superseded"] == lines["records_loaded"] == ROWS
    assert sum(sum(outcomes.values()) for outcomes in told["outcomes"].values()) == made["determinations"]
    eligible = sum(n for outcome, n in told["outcomes"]["prop64"].items() if outcome.startswith("ELIGIBLE"))
    assert sum(told["court"].values()) == eligible > 0
    lines_written = sum(
        len(list(csv.reader(content.decode().splitlines()))) - 1
        for name, content in sound.first.court.items()
        if name.endswith("/10_relief_actions.csv")
    )
    assert lines_written == told["court"]["in_package"]


def test_the_run_record_tells_what_went_in(sound: Sound) -> None:
    told = record(sound.home, sound.first.run)
    assert told["as_of"] == "2025-01-15"
    assert told["counties"] == "all"
    assert told["error"] is None
    assert told["started_at"] <= told["promoted_at"] <= told["ended_at"]
    [file] = told["inputs"]
    assert file["file_name"] == "extract.csv"
    assert file["sha256"] == hashlib.sha256(sound.extract.read_bytes()).hexdigest()
    assert len(told["rule_set"]) == 64
    assert told["policy"]["file"] is None
    assert told["code"]["version"]
    assert set(told["gates"]) == {"landing", "staging", "core", "eligibility", "court"}
    assert set(told["gates"].values()) <= {"passed", "warned"}
    assert told["thresholds"]["quarantine_block"] == 0.05
    assert told["seconds"]["landing.delivery"] >= 0
    assert told["deliveries"] == sound.home.accepted()


# -- the snapshot ---------------------------------------------------------------------------------------------------------


def test_every_published_table_and_column_carries_its_contracts_words(sound: Sound) -> None:
    published = {
        f"{schema}.{table}": comment
        for schema, table, comment in read(
            sound.home.published,
            "select schema_name, table_name, comment from duckdb_tables() "
            "union all select schema_name, view_name, comment from duckdb_views() where not internal",
        )
    }
    contracts = load_contracts()
    expected = {name for name, contract in contracts.items() if contract.schema in SCHEMAS} - WORKING
    assert set(published) == expected
    columns = read(
        sound.home.published,
        "select schema_name || '.' || table_name, column_name, comment from duckdb_columns() where not internal",
    )
    found: dict[str, dict[str, str]] = {}
    for table, column, comment in columns:
        found.setdefault(table, {})[column] = comment
    for name in expected:
        assert published[name] == contracts[name].description
        assert found[name] == {
            column.name: column.description for column in contracts[name].columns if not column.pii
        }, name


def test_a_copy_of_the_snapshot_is_whole_under_any_name(sound: Sound, tmp_path: Path) -> None:
    copy = tmp_path / "for-analysts.db"
    shutil.copyfile(sound.home.published, copy)
    asked = "select count(*), count(outcome), count(reason), count(citation) from {}eligibility.determination"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{copy}' as ours (read_only)")
        attached = connection.execute(asked.format("ours.")).fetchall()
    assert attached == read(sound.home.published, asked.format(""))
    assert len(set(attached[0])) == 1
    assert attached[0][0] > 0
    assert [path.name for path in sound.home.published.resolve().parent.glob("published.duckdb*")] == [
        "published.duckdb"
    ]


def test_nothing_published_names_a_person(sound: Sound) -> None:
    with sound.extract.open(encoding="utf-8") as file:
        people = list(csv.DictReader(file))
    numbers = {row["CII_NUMBER"] or row["REQ_CII_NUMBER"] for row in people} - {""}
    secret = sorted({row["PRI_NAME"] for row in people} | numbers | {row["PRI_SSN"] for row in people} - {""})
    births = sorted({f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in (row["PRI_DOB"] for row in people) if len(day) == 8})
    with duckdb.connect(str(sound.home.published), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' and not internal"
        ).fetchall()
        assert len(columns) > 50
        for schema, table, column in columns:
            held = connection.execute(
                f'select count(*) from {schema}.{table} where "{column}" in (select unnest($secret)) '
                f'or "{column}" in (select unnest($births))',
                {"secret": secret, "births": births},
            ).fetchone()
            assert held == (0,), f"{schema}.{table}.{column}"


def test_older_clients_can_open_the_snapshot_and_nobody_can_change_it(sound: Sound) -> None:
    snapshot = sound.home.published.resolve()
    header = snapshot.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") <= STORAGE_OF_1_5
    assert snapshot.stat().st_mode & 0o777 == 0o400
    [[tags]] = read(snapshot, "select tags from duckdb_databases() where database_name = 'published'")
    assert tags["storage_version"].startswith("v1.5.0")


def test_the_snapshot_tells_no_day_that_could_be_a_birthday(sound: Sound) -> None:
    told = read(sound.home.published, "select column_name from duckdb_columns() where column_name like 'eligible_%'")
    assert {name for (name,) in told} == {"eligible_year"}


def test_the_snapshot_counts_every_county(sound: Sound) -> None:
    assert read(sound.home.published, "select count(distinct county) from impact.county_summary") == [(58,)]


# -- a refused delivery ---------------------------------------------------------------------------------------------------


def test_too_much_damage_ends_with_1_and_names_the_gate_and_the_command(sound: Sound) -> None:
    said = sound.refused.said
    assert said.code == 1
    assert said.json["status"] == "refused"
    assert said.json["gates"] == {"landing": "refused"}
    refused = {row["name"] for row in said.json["expectations_not_met"] if row["severity"] == "critical"}
    assert BEARABLE in refused
    assert "published" not in said.json["places"]


def test_a_refused_run_changes_nothing_that_is_published(sound: Sound) -> None:
    before, then = sound.first, sound.refused
    assert (then.release, then.review, then.court, then.snapshot) == (
        before.release, before.review, before.court, before.snapshot,
    )  # fmt: skip
    assert sound.home.accepted() == sound.first.deliveries


def test_the_rows_behind_a_refusal_are_shown_as_they_were_sent(sound: Sound) -> None:
    assert sound.rows.code == 0
    shown = list(csv.DictReader(sound.rows.out.splitlines()))
    inputs = record(sound.home, sound.refused.run)["inputs"]
    assert len(shown) == inputs[0]["records_quarantined"] > 0.15 * ROWS
    assert {row["reason"] for row in shown} <= {
        "field_count", "quote", "unterminated_quote", "nul", "encoding", "no_person",
    }  # fmt: skip
    assert f"{len(shown):,} rows of {BEARABLE}" in sound.rows.err
    assert [row["line_first"] for row in sound.rows_as_json.json["rows"]] == [
        int(row["line_first"]) for row in shown[:5]
    ]
    assert "the first 5" in sound.rows_as_json.err


def test_the_rows_behind_a_finding_of_a_published_run_are_shown(sound: Sound) -> None:
    assert sound.rows_of_the_published.code == 0
    shown = list(csv.DictReader(sound.rows_of_the_published.out.splitlines()))
    findings = {row["name"]: row["observed"] for row in sound.one_county.said.json["expectations_not_met"]}
    assert len({row["conviction_id"] for row in shown}) == findings["core.case_number_missing"]


def test_an_unknown_gate_is_answered_with_the_nearest(sound: Sound) -> None:
    said = command("rows", "--gate", "landing.delivery_quarantine_is_unbearable", "--home", sound.home.root)
    assert said.code == 2
    assert BEARABLE in said.words
    assert said.out == ""


# -- a killed run, and the next one ---------------------------------------------------------------------------------------


def test_a_killed_run_leaves_the_release_as_it_was(sound: Sound) -> None:
    left = sound.left_by_the_killed
    assert left["gathered"], "it had begun to gather files"
    assert left["record"]["status"] == "running"
    assert left["release"] == sound.first.release


def test_the_next_run_works_and_clears_up(sound: Sound) -> None:
    assert sound.redecided.said.code == 0
    assert sound.redecided.release == sound.redecided.run
    assert record(sound.home, sound.killed)["status"] == "interrupted"
    assert not sound.home.staged(sound.killed).exists()
    assert not sound.home.database(sound.killed).exists()


def test_the_ui_shows_a_killed_run_as_failed(sound: Sound) -> None:
    with dg.DagsterInstance.from_config(str(sound.home.dagster)) as instance:
        shown = instance.get_run_by_id(sound.killed)
        assert shown is not None
        assert shown.status is dg.DagsterRunStatus.FAILURE
        assert not instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))


def test_deciding_anew_after_a_refusal_and_a_crash_gives_the_bytes_from_before(sound: Sound) -> None:
    assert sound.redecided.review == sound.first.review
    assert sound.redecided.court == sound.first.court
    assert sound.redecided.deliveries == sound.first.deliveries


def test_a_run_that_is_told_to_stop_says_so_and_publishes_nothing(sound: Sound) -> None:
    assert sound.stopped["code"] == 3
    assert "error interrupted " in sound.stopped["words"]
    assert "what was published before stays" in sound.stopped["words"]
    assert sound.stopped["record"]["status"] == "interrupted"
    assert sound.stopped["record"]["ended_at"]
    assert sound.stopped["release"] == sound.redecided.release


# -- the same again, and less of it ---------------------------------------------------------------------------------------


def test_a_delivery_taken_twice_and_under_two_names_changes_nothing(sound: Sound) -> None:
    assert sound.twice.said.code == 0
    assert sound.twice.review == sound.first.review
    assert sound.twice.court == sound.first.court
    assert sound.twice.deliveries == sound.first.deliveries


def test_the_same_delivery_cannot_speak_up_to_another_day(sound: Sound) -> None:
    said = command("run", sound.extract, "--home", sound.home.root, *AS_OF, "--data-through", "2025-01-10")
    assert said.code == 2
    assert "was accepted before with data_through 2024-12-31" in said.words
    assert "--delivery" in said.words


def test_the_same_delivery_cannot_be_of_another_scope(sound: Sound) -> None:
    said = command("run", sound.extract, "--home", sound.home.root, *DATES, "--scope", "statewide")
    assert said.code == 2
    assert "was accepted before with scope not stated, now it says statewide" in said.words


def test_a_county_limits_what_is_written_not_whose_history_is_read(sound: Sound) -> None:
    assert sound.one_county.said.code == 0
    kept = ("los-angeles/", "_unknown/")  # what names no county may be the county's own
    assert sound.one_county.review == {
        name: content for name, content in sound.first.review.items() if name.startswith(kept)
    }
    assert {name.split("/")[0] for name in sound.one_county.court} == {"los-angeles"}
    made = ("people", "charges", "arrests", "convictions", "determinations")
    whole, limited = (step.said.json["account"] for step in (sound.first, sound.one_county))
    assert [limited["made"][name] for name in made] == [whole["made"][name] for name in made]
    assert limited["outcomes"] == whole["outcomes"]


def test_a_county_without_a_candidate_ends_with_1(sound: Sound) -> None:
    said = sound.no_candidate.said
    assert said.code == 1
    assert said.json["gates"]["eligibility"] == "refused"
    assert sound.no_candidate.release == sound.one_county.release


# -- a little damage ------------------------------------------------------------------------------------------------------


def test_a_little_damage_is_taken_with_a_warning(tmp_path: Path) -> None:
    damaged = synthetic(tmp_path, "damaged.csv", 6, "0.03")
    home = Home(tmp_path / "home")
    said = command("run", damaged, "--home", home.root, *DATES, "--policy", SACRAMENTO / "options.json")
    assert said.code == 0
    assert "as of 2025-01-15 home" in said.words
    assert "(settings of options.json)" in said.words
    assert "Felonies reduced, by section: 11359, 11360" in said.words
    assert "warning landing.delivery_quarantine_is_low" in said.words
    assert "promoted in" in said.words
    [run_id] = [path.stem for path in (home.root / "runs").iterdir()]
    told = record(home, run_id)
    with damaged.with_name("damaged.csv.truth.csv").open(encoding="utf-8") as file:
        truth = {int(row["line"]) for row in csv.DictReader(file)}
    shown = command("rows", "--gate", "landing.delivery_quarantine_is_low", "--home", home.root).out
    assert truth == {int(row["line_first"]) for row in csv.DictReader(shown.splitlines())}
    assert told["account"]["read"]["lines_in_quarantined_records"] == len(truth)
