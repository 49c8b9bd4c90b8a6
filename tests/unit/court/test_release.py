"""The private tables of a release: written with it, carried with it, readable by their owner alone."""

import json
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from clearslate.contracts import load_contracts
from clearslate.court.release import _LATE, _LATER, TABLES, Release
from clearslate.errors import GateRefused, UsageError
from clearslate.home import Home
from clearslate.keys import action_key
from clearslate.run import Run
from clearslate.settings import Request
from expectations.suites import ALL
from tests.support_court import DATA_THROUGH, line, make_release, read_private, tiny_home


def test_a_release_tells_what_it_was_made_of(tmp_path):
    home = tiny_home(tmp_path)
    folder = make_release(home, [line(1), line(2, outcome="REVIEW")], as_of=date(2020, 7, 1))
    release = Release.open(home)
    assert (release.run_id, release.as_of, release.path) == ("release1", date(2020, 7, 1), folder.resolve())
    assert release.key_fingerprint == action_key(home).fingerprint
    assert release.data_through == DATA_THROUGH
    assert release.policy_of("LOS ANGELES").id == "clear-my-record"
    for name in TABLES:
        assert release.table(name).is_file()
        rows = read_private(folder, name)
        assert rows and set(rows[0]) == set(load_contracts()[name].types)
    with pytest.raises(UsageError, match="no table"):
        release.table("core.person")


def test_only_the_owner_can_read_them(tmp_path):
    private = make_release(tiny_home(tmp_path), [line(1)]) / "private"
    assert private.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in private.iterdir()} == {0o600}


def test_the_same_lines_give_the_same_bytes(tmp_path):
    lines = [line(n, relief="DISMISS_SEAL" if n % 2 else "REDESIGNATE_MISD") for n in range(1, 200)]
    one = make_release(tiny_home(tmp_path / "a"), lines) / "private"
    other = make_release(tiny_home(tmp_path / "b"), reversed(lines)) / "private"
    for name in TABLES:
        assert (one / f"{name}.parquet").read_bytes() == (other / f"{name}.parquet").read_bytes(), name


def test_publishing_again_carries_them(tmp_path):
    home = tiny_home(tmp_path)
    first = make_release(home, [line(1)])
    kept = {path.name: path.read_bytes() for path in (first / "private").iterdir()}
    again = home.promote("release1", ["delivery1"])
    assert again != first and Release.open(home).path == again.resolve()
    assert {path.name: path.read_bytes() for path in (again / "private").iterdir()} == kept
    assert {path.stat().st_mode & 0o777 for path in (again / "private").iterdir()} == {0o600}


def test_a_later_release_is_the_current_one(tmp_path):
    home = tiny_home(tmp_path)
    make_release(home, [line(1)])
    make_release(home, [line(1, outcome="REVIEW")], run_id="release2")
    release = Release.open(home)
    assert release.run_id == "release2" and read_private(release.path, "court.action") == []


def test_nothing_passes_a_closed_gate(tmp_path):
    home = tiny_home(tmp_path)
    make_release(home, [line(1)])
    Release.open(home).gates_passed()
    make_release(home, [line(1)], run_id="release2", closed=["court"])
    release = Release.open(home)
    with pytest.raises(GateRefused, match="the gate court is closed: court"):
        release.gates_passed()
    with pytest.raises(GateRefused, match="not been judged"):
        replace(release, run_id="another").gates_passed()
    with pytest.raises(GateRefused, match="no gates"):
        replace(release, suites=(), run_id="another").gates_passed()


def test_what_is_sent_for_good_speaks_of_now(tmp_path):
    home = tiny_home(tmp_path)
    make_release(home, [line(1)])
    Release.open(home).speaks_of_now(date(2020, 7, 1))
    make_release(home, [line(1)], run_id="release2", later_records=2)
    with pytest.raises(UsageError, match="2 records lie between that day and their receipt"):
        Release.open(home).speaks_of_now(date(2020, 7, 1))
    told = home.current / "private" / "quality.gate.parquet"
    table = pq.read_table(told)
    pq.write_table(table.filter(pc.not_equal(table["expectation"], "core.after_as_of")), told)
    with pytest.raises(UsageError, match="does not tell whether records lie after"):
        Release.open(home).speaks_of_now(date(2020, 7, 1))


def test_what_is_sent_for_good_is_due_by_now(tmp_path):
    home = tiny_home(tmp_path)
    make_release(home, [line(1)])
    with pytest.raises(UsageError, match=r"has not come by 2020-06-30: .*`clearslate redecide --as-of 2020-06-30`"):
        Release.open(home).speaks_of_now(date(2020, 6, 30))


def test_every_run_tells_whether_records_lie_behind_its_day_and_its_data_reach_it():
    assert _LATER in {expectation.name for expectation in ALL["core"].expectations}
    assert _LATE in {expectation.name for expectation in ALL["staging"].expectations}


def test_without_a_release_the_words_say_what_to_do(tmp_path):
    home = tiny_home(tmp_path)
    with pytest.raises(UsageError, match="clearslate run"):
        Release.open(home)
    home.promote("old", [])
    with pytest.raises(UsageError, match="clearslate redecide"):
        Release.open(home)


def test_a_release_may_know_no_day_and_one_that_never_kept_it_makes_no_package(tmp_path):
    home = tiny_home(tmp_path)
    folder = make_release(home, [line(1)], data_through=None)
    assert Release.open(home).data_through is None
    Release.open(home).gates_passed()
    stamp = folder.resolve() / "private" / "release.json"
    told = json.loads(stamp.read_text("utf-8"))
    del told["data_through"]
    stamp.write_text(json.dumps(told), "utf-8")
    with pytest.raises(UsageError, match=r"older Clearslate.*redecide"):
        Release.open(home).gates_passed()


def test_a_release_whose_tables_lack_a_column_says_what_mends_it(tmp_path):
    home = tiny_home(tmp_path)
    make_release(home, [line(1)])
    path = Release.open(home).table("court.action")
    pq.write_table(pq.read_table(path).drop_columns(["sentence_path"]), path)
    with pytest.raises(UsageError, match=r"older Clearslate.*court\.action.*redecide"):
        Release.open(home).table("court.action")


@pytest.mark.parametrize(
    ("deliveries", "through"),
    [
        ([("statewide", date(2020, 6, 15))], date(2020, 6, 15)),
        ([("statewide", date(2020, 6, 15)), ("partial", date(2020, 6, 1))], date(2020, 6, 1)),
        ([("partial", date(2020, 6, 15)), (None, None)], None),
        ([(None, None), ("statewide", date(2020, 6, 15))], date(2020, 6, 15)),
    ],
)
def test_a_run_speaks_through_the_earliest_day_of_what_it_rests_on(tmp_path, monkeypatch, deliveries, through):
    given = [SimpleNamespace(scope=scope, data_through=day) for scope, day in deliveries]
    monkeypatch.setattr(Run, "deliveries", given)
    assert Run(Home(tmp_path), "run", Request(as_of=date(2020, 7, 1))).data_through == through
