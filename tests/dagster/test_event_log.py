"""Law 7 where Dagster stores things: no name, birth date, number or text of a record in what the UI can show.

Every failure here is one whose own words quote a record, which the owner's restricted log proves.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clearslate.home import Home
from clearslate.models import Model
from clearslate.warehouse import Parameters, Warehouse
from pipelines.launch import Result
from tests.command import command
from tests.dagster.conftest import AS_OF, CANARY, CANARY_BIRTH, CANARY_CII, FORMS, Good, instance_of, people, run_job
from tests.support import write_extract


def quoted(text: str) -> list[str]:
    """The canaries that stand in a text."""
    return [form for form in FORMS if form in text]


def seen_in_the_ui(home: Home) -> str:
    """All that the home's Dagster instance stores: its event records, and every byte below its folder."""
    with instance_of(home) as instance:
        events = [str(entry) for run in instance.get_runs() for entry in instance.all_logs(run.run_id)]
        runs = [str(run) for run in instance.get_runs()]
    stored = [path.read_bytes().decode("latin-1") for path in home.dagster.rglob("*") if path.is_file()]
    return "\n".join([*events, *runs, *stored])


def restricted(home: Home) -> str:
    log = home.logs / "restricted.log"
    assert log.stat().st_mode & 0o777 == 0o600
    return log.read_text("utf-8")


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write_extract(tmp_path / "extract.csv", people())


@pytest.fixture(autouse=True)
def nothing_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever a test does, no logger and neither stream says anything of the canary."""
    with caplog.at_level(logging.DEBUG):
        yield
    said = capfd.readouterr()
    assert quoted(caplog.text + said.out + said.err) == []


def failed(tmp_path: Path, extract: Path) -> tuple[Home, Result]:
    """A run that fails; what it shows of that says nothing of a person."""
    home = Home(tmp_path / "home")
    result = run_job(home, files=[str(extract)], data_through=AS_OF)
    assert result.error is not None
    assert quoted(str(result.error)) == []
    assert quoted(str(result.facts)) == []
    assert quoted(home.record(result.run_id).read_text("utf-8")) == []
    stored = seen_in_the_ui(home)
    assert result.run_id in stored  # the search looks at the right place
    assert str(result.error) in stored  # and a person can read there what went wrong
    assert quoted(stored) == []
    return home, result


def test_a_good_run_leaves_no_trace_of_a_person(good: Good) -> None:
    canary = (good.home.root / "review" / "sacramento" / "Prop64_Results.csv").read_text("utf-8")
    assert quoted(canary), "the canary is in the prosecutor's file"
    assert quoted(seen_in_the_ui(good.home)) == []
    assert quoted(str(good.result.facts)) == []
    assert quoted(" ".join(str(path.relative_to(good.home.root)) for path in good.home.root.rglob("*"))) == []


def test_a_failed_cast(tmp_path: Path, extract: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create = Warehouse.create

    def miscast(self: Warehouse, model: Model, parameters: Parameters) -> int:
        if model.name == "core.cii":
            model = replace(model, sql="select cast(pri_name as date) as born from raw.record", parameters=())
        return create(self, model, parameters)

    monkeypatch.setattr(Warehouse, "create", miscast)
    home, result = failed(tmp_path, extract)
    assert "core.cii: ConversionException" in str(result.error)
    assert quoted(restricted(home))


@pytest.mark.parametrize("place", ["clearslate.landing.read_delivery", "clearslate.sources.register_law"])
def test_a_fault_of_ours_that_quotes_a_record(
    tmp_path: Path, extract: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        try:
            int(CANARY["PRI_NAME"])
        except ValueError as error:
            raise KeyError(f"{CANARY_CII} born {CANARY_BIRTH}") from error

    monkeypatch.setattr(place, fail)
    home, result = failed(tmp_path, extract)
    assert "KeyError" in str(result.error)
    assert {CANARY["PRI_NAME"], CANARY_CII, CANARY_BIRTH} <= set(quoted(restricted(home)))


def test_a_refused_delivery(tmp_path: Path, extract: Path) -> None:
    with extract.open("a", encoding="utf-8") as file:
        file.write(f'5550777,"{CANARY["PRI_NAME"]},{CANARY_BIRTH}')  # a file that ends inside a record
    home, result = failed(tmp_path, extract)
    assert result.facts["status"] == "refused"
    assert "extract.csv" in str(result.error)
    assert list((home.root / "deliveries").iterdir()) == []
    assert not home.current.exists()


def test_a_fault_of_the_command_line_itself(tmp_path: Path, extract: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ValueError(CANARY["PRI_NAME"])

    monkeypatch.setattr("pipelines.show.inspect_file", fail)
    said = command("inspect", extract)
    assert said.code == 3
    assert "a fault of Clearslate: ValueError in test_event_log.py:" in said.words
    assert quoted(said.words) == []
