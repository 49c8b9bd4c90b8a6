"""A home with one good run over invented people, launched through Dagster; and canaries that must stay out of sight."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from clearslate.home import Home
from pipelines.definitions import defs
from pipelines.launch import Result, launch
from tests.command import environment
from tests.support import record, write_extract

AS_OF = "2020-07-01"
# Whatever a record says of a person, in the forms that it may take on its way through the pipeline.
CANARY = {
    "PRI_NAME": "ZZQUAIL,WILHELMINA",
    "REQ_NAME": "ZZQUAIL,MINNIE",
    "PRI_SSN": "987654320",
    "PRI_CDL": "Q7654329",
    "FBI_NUMBER": "77Q66Q55",
    "COMMENT_TEXT": "SEE ALSO HER BROTHER ZZIGNATZ",
    "OFN": "ZQ-4711-0815",
}
CANARY_BIRTH = "19630217"
CANARY_CII = "A09876543"
CANARY_SUBJECT = "5550777"
FORMS = [*CANARY.values(), "ZZQUAIL", "ZZIGNATZ", CANARY_BIRTH, "1963-02-17", CANARY_CII, "9876543", CANARY_SUBJECT]


def people() -> list[dict[str, str]]:
    """Thirty convictions of thirty people in Sacramento; the first is the canary's, in every column that names her."""
    canary = record(SUBJECT_ID=CANARY_SUBJECT, REQ_CII_NUMBER=CANARY_CII, PRI_DOB=CANARY_BIRTH, **CANARY)
    others = [
        record(SUBJECT_ID=str(n), REQ_CII_NUMBER=f"A{n:08}", OFN=str(10_000 + n), PRI_NAME=f"DOE,JANE {n}")
        for n in range(1, 30)
    ]
    return [canary, *others]


@contextmanager
def instance_of(home: Home) -> Iterator[dg.DagsterInstance]:
    """The home's Dagster instance, as the UI opens it."""
    with environment(), dg.DagsterInstance.from_config(str(home.prepare_dagster())) as instance:
        yield instance


def request(**changes: Any) -> dict[str, Any]:
    """What the command line would pass on, all defaults but the date and the county."""
    config = {"as_of": AS_OF, "counties": ["SACRAMENTO"], "policy": None, "review": "convictions", "files": []}
    return config | changes


def run_job(home: Home, job: str = "statewide", listener: Any = lambda stage, counts: None, **changes: Any) -> Result:
    """Run a job in the home."""
    with environment():
        return launch(job, home, request(**changes), listener)


def materialize(home: Home, *keys: dg.AssetKey, **config: Any) -> dg.ExecuteInProcessResult:
    """Materialize assets alone, as a person does who selects them in the UI."""
    with instance_of(home) as instance:
        return defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=list(keys),
            raise_on_error=False,
            run_config={
                "resources": {"run": {"config": {"home": str(home.root), **config}}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )


def failure_text(result: dg.ExecuteInProcessResult) -> str:
    """What the UI shows of why a run failed."""
    return "\n".join(str(event.event_specific_data) for event in result.all_events if event.is_failure)


@dataclass(frozen=True)
class Good:
    """A home after one good run, and what came of that."""

    home: Home
    extract: Path
    result: Result


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Good:
    folder = tmp_path_factory.mktemp("dagster")
    extract = write_extract(folder / "extract.csv", people())
    home = Home(folder / "home")
    return Good(home, extract, run_job(home, files=[str(extract)], data_through=AS_OF))


@pytest.fixture(scope="session")
def kept(good: Good, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the good home as it was."""
    return Path(shutil.copytree(good.home.root, tmp_path_factory.mktemp("kept") / "home", symlinks=True))


@pytest.fixture
def home(good: Good, kept: Path) -> Iterator[Home]:
    """The good home, to do with as a test likes; afterwards it is as it was, where it was (a build holds paths)."""
    yield good.home
    shutil.rmtree(good.home.root)
    shutil.copytree(kept, good.home.root, symlinks=True)
