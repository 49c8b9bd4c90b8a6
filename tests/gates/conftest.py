"""A small sound build, made by the real models from the sample extract, that each test may damage as it likes."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from clearslate import sources
from clearslate.compare import run_comparison
from clearslate.court import PackageFacts, write_packages
from clearslate.home import Home
from clearslate.inputs import register_inputs
from clearslate.landing import land
from clearslate.models import in_order, load_models
from clearslate.review import flag_comments
from clearslate.run import Run
from clearslate.settings import Request
from clearslate.warehouse import Warehouse
from expectations.gate import SUITES, Verdict, judge

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sacramento_example"
AS_OF = date(2019, 11, 11)

COUNTY = "SACRAMENTO"


def build(home: Home) -> Run:
    """Everything up to the packages, without a gate; the views over Parquet become tables, so that they can be changed."""
    home.prepare()
    request = Request(AS_OF, (SAMPLE / "input.csv",), AS_OF, SAMPLE / "options.json", (COUNTY,))
    run = Run(home, "good", request)
    run.start()
    land(run)
    with run.warehouse() as warehouse:
        sources.register_raw(warehouse, home, run.deliveries)
        register_inputs(warehouse, home, run.input_files)
        sources.register_law(warehouse, run.assignment)
        sources.stage(warehouse, home, run.deliveries)
        sources.parse_texts(warehouse)
        flag_comments(warehouse)
        made_elsewhere = {"staging", "quality"}
        models = [model for model in load_models().values() if model.schema not in made_elsewhere]
        for model in in_order([*models, *run.eligibility, run.deciding_fact, run_comparison(run)]):
            warehouse.create(model, run.parameters())
        for view in ("raw.file", "raw.record", "raw.quarantine", "staging.record", "eligibility.determination"):
            warehouse.execute(f"create table {view}_copy as select * from {view}")
            warehouse.execute(f"drop view {view}")
            warehouse.execute(f"alter table {view}_copy rename to {view.split('.')[1]}")
        facts = PackageFacts(AS_OF, run.rule_set, run.assignment, is_test=True, data_through=run.data_through)
        write_packages(warehouse, out=run.staged / "court", facts=facts)
    return run


def harm(run: Run, *statements: str) -> None:
    """Run statements on a build."""
    with run.warehouse() as warehouse:
        for statement in statements:
            warehouse.execute(statement)


@pytest.fixture
def harmed(tried: Run) -> Callable[..., Run]:
    """The sound build after statements that are taken back when the test is over."""

    def after(*statements: str) -> Run:
        harm(tried, *statements)
        return tried

    return after


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, dict[str, Verdict], Path]:
    """The sound build with all its gates judged, and a copy of it to come back to."""
    root = tmp_path_factory.mktemp("gates")
    run = build(Home(root / "home"))
    verdicts = {suite: judge(run, suite) for suite in SUITES}
    kept = root / "kept"
    kept.mkdir()
    shutil.copytree(run.home.database(run.run_id).parent, kept / "work")
    shutil.copytree(run.staged, kept / "staged")
    return run, verdicts, kept


@pytest.fixture
def run(pristine: tuple[Run, dict[str, Verdict], Path]) -> Run:
    """The sound build, as if fresh."""
    run, _, kept = pristine
    work = run.home.database(run.run_id).parent
    shutil.rmtree(work)
    shutil.copytree(kept / "work", work)
    shutil.rmtree(run.staged)
    shutil.copytree(kept / "staged", run.staged)
    return Run(run.home, run.run_id, run.request)


@pytest.fixture(scope="session")
def held(
    pristine: tuple[Run, dict[str, Verdict], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Run, Warehouse]]:
    """The sound build in a home of its own, kept open: to copy and open it takes longer than to measure it."""
    run, _, kept = pristine
    home = Home(tmp_path_factory.mktemp("held") / "home")
    shutil.copytree(run.home.root, home.root, symlinks=True, ignore=shutil.ignore_patterns("work"))
    shutil.copytree(kept / "work", home.root / "work")
    shutil.rmtree(home.staged(run.run_id))
    shutil.copytree(kept / "staged", home.staged(run.run_id))
    with Run(home, run.run_id, run.request).holding() as again, again.warehouse() as warehouse:
        yield again, warehouse


@pytest.fixture
def tried(held: tuple[Run, Warehouse]) -> Iterator[Run]:
    """The sound build, as if fresh, for damage of its tables alone: all of it is taken back."""
    run, warehouse = held
    with suppress(_TakenBack), warehouse.transaction():
        yield run
        raise _TakenBack


class _TakenBack(Exception):
    """Ends the transaction of `tried`."""


@pytest.fixture
def good(pristine: tuple[Run, dict[str, Verdict], Path]) -> dict[str, Verdict]:
    """What the gates said of the sound build."""
    return pristine[1]


@pytest.fixture
def warehouse(run: Run) -> Iterator[Warehouse]:
    with run.warehouse() as warehouse:
        yield warehouse


@pytest.fixture
def damage(run: Run) -> Callable[..., None]:
    """Run statements on the build."""
    return partial(harm, run)
