"""All models of a build, in their order, over inputs without rows: every SELECT runs and keeps its contract."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from clearslate.contracts import load_contracts
from clearslate.errors import WarehouseError
from clearslate.extract import Delivery
from clearslate.extract.delivery import FILE_SCHEMA, RECORD_SCHEMA
from clearslate.extract.quarantine import QUARANTINE_SCHEMA
from clearslate.home import Home
from clearslate.models import Model, in_order, load_models, parse_model
from clearslate.run import Run
from clearslate.settings import Request
from clearslate.sources import reading
from clearslate.warehouse import Warehouse

AS_OF = date(2024, 2, 29)

# The flow of a build. A model reads from its own schema and those to the left; `quality` watches all of them.
FLOW = ("raw", "law", "staging", "core", "facts", "eligibility", "review", "court", "impact")

# Parquet's types as DuckDB names them.
TYPES = {pa.int32(): "INTEGER", pa.int64(): "BIGINT", pa.string(): "VARCHAR", pa.bool_(): "BOOLEAN"}


class EmptyRun(Run):
    """A run that rests on no delivery."""

    @property
    def deliveries(self) -> list[Delivery]:
        return []


@pytest.fixture
def run(tmp_path: Path) -> EmptyRun:
    run = EmptyRun(Home(tmp_path), "layout", Request(as_of=AS_OF))
    run.home.prepare()
    return run


@pytest.fixture
def warehouse(run: Run) -> Iterator[Warehouse]:
    with run.warehouse() as warehouse:
        yield warehouse


def compiled(run: Run) -> list[Model]:
    """The models that the rules compile to."""
    return [*run.eligibility, run.deciding_fact]


def models(run: Run) -> list[Model]:
    """The models that a build makes, the compiled ones among them, in order."""
    return in_order([*load_models().values(), *compiled(run)])


def upstream(reads: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Models that read against the flow."""
    problems = []
    for name, tables in reads.items():
        own = name.split(".")[0]
        for table in tables:
            schema = table.split(".")[0]
            allowed = FLOW[: FLOW.index(own) + 1] if own in FLOW else (*FLOW, "quality")
            if schema not in allowed:
                problems.append(f"{name} reads {table}")
    return problems


def test_every_model_keeps_its_contract_on_empty_inputs(run: EmptyRun, warehouse: Warehouse) -> None:
    contracts = load_contracts()
    for name, contract in contracts.items():
        if contract.made_by is not None and name not in {model.name for model in compiled(run)}:
            warehouse.create_empty(name)
    parameters = run.parameters()
    staged = reading() | {"received_on": AS_OF}
    for model in models(run):
        if model.name == "staging.record":
            # Its SELECT goes to Parquet, once per delivery; the table is a view that adds the delivery's number.
            made = warehouse.rows(f"describe {model.sql}", {name: staged[name] for name in model.parameters})
            assert {"delivery_no": "INTEGER", **{row[0]: row[1] for row in made}} == contracts[model.name].types
            warehouse.create_empty(model.name)
        else:
            warehouse.create(model, parameters)
            assert list(warehouse.describe(model.name).items()) == list(contracts[model.name].types.items()), model.name


@pytest.mark.parametrize(
    ("name", "written"),
    [("raw.record", RECORD_SCHEMA), ("raw.file", FILE_SCHEMA), ("raw.quarantine", QUARANTINE_SCHEMA)],
)
def test_raw_contracts_are_what_the_reader_writes(name: str, written: pa.Schema) -> None:
    expected = [("delivery_no", "INTEGER"), *((field.name, TYPES[field.type]) for field in written)]
    assert list(load_contracts()[name].types.items()) == expected


def test_a_model_that_breaks_its_contract_is_refused(warehouse: Warehouse) -> None:
    warehouse.create_empty("staging.record")
    model = load_models()["core.cii"]
    for text in ("cast(count(*) filter (where subject_id is null) as bigint)", "n_without_subject"):
        assert text in model.sql
    other_type = replace(
        model, sql=model.sql.replace("subject_id is null) as bigint)", "subject_id is null) as integer)")
    )
    other_name = replace(model, sql=model.sql.replace("n_without_subject", "n_without"))
    for changed in (other_type, other_name):
        with pytest.raises(WarehouseError, match="contract"):
            warehouse.create(changed, {})
    warehouse.create(model, {})


def test_every_table_that_a_model_reads_is_declared(run: EmptyRun) -> None:
    known = load_contracts()
    for model in models(run):
        assert set(model.reads) <= set(known), model.name


def test_models_read_along_the_flow(run: EmptyRun) -> None:
    assert upstream({model.name: model.reads for model in models(run)}) == []


def test_a_model_that_reads_against_the_flow_is_found() -> None:
    assert upstream({"core.person": ("facts.person",), "court.action": ("core.person",)}) == [
        "core.person reads facts.person"
    ]


def test_the_order_puts_every_model_after_what_it_reads(run: EmptyRun) -> None:
    ordered = [model.name for model in models(run)]
    for model in models(run):
        assert all(ordered.index(name) < ordered.index(model.name) for name in model.reads if name in ordered)


def test_dependencies_are_parsed_not_listed() -> None:
    model = parse_model(
        "core", "x", "with a as (select 1 as b) select a.b from a inner join raw.file as f on f.bytes = $least"
    )
    assert model.reads == ("raw.file",)
    assert model.parameters == ("least",)
