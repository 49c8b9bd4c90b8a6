"""Law 5, one name: a table's SQL file, its contract, its place in the database and its asset key are the same name."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from clearslate.contracts import SQL_ROOT, Column, Contract, load_contracts
from clearslate.models import load_models

ROOT = SQL_ROOT.parent
WIDTH = 120


def nameless(root: Path) -> list[str]:
    """SQL files without a contract, and files under `root` that are neither SQL nor contract."""
    problems = []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = path.relative_to(root).as_posix()
        if path.suffix not in (".sql", ".yml") or len(path.relative_to(root).parts) != 2:
            problems.append(f"{name}: neither <schema>/<table>.sql nor <schema>/<table>.yml")
        elif path.suffix == ".sql" and not path.with_suffix(".yml").exists():
            problems.append(f"{name}: has no contract")
    return problems


def unexplained(contract: Contract) -> list[str]:
    """Descriptions that are missing."""
    texts = {"": contract.description, **{column.name: column.description for column in contract.columns}}
    return [f"{contract.name} {name}".strip() for name, text in texts.items() if not text.strip()]


def test_every_sql_file_has_a_contract() -> None:
    assert nameless(SQL_ROOT) == []


def test_a_sql_file_without_contract_is_found(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "person.sql").write_text("select 1 as person_no", "utf-8")
    (tmp_path / "core" / "notes.txt").write_text("", "utf-8")
    assert len(nameless(tmp_path)) == 2


def test_every_contract_has_a_sql_file_or_names_the_module_that_fills_it() -> None:
    for name, contract in load_contracts().items():
        if contract.made_by is None:
            assert name in load_models()
        else:
            assert name not in load_models()
            assert find_spec(contract.made_by) is not None, f"{name} is made by {contract.made_by}, which isn't there"


def test_a_column_without_description_is_found() -> None:
    contract = Contract("core", "x", "A table.", None, ("a",), (Column("a", "DATE", " ", False),))
    assert unexplained(contract) == ["core.x a"]


@pytest.mark.parametrize("name", load_contracts())
def test_everything_is_described(name: str) -> None:
    assert unexplained(load_contracts()[name]) == []


def test_models_fit_on_a_screen() -> None:
    for path in SQL_ROOT.rglob("*.sql"):
        long = [n for n, line in enumerate(path.read_text("utf-8").splitlines(), start=1) if len(line) > WIDTH]
        assert not long, f"{path.relative_to(ROOT)}: lines {long} are longer than {WIDTH}"


def test_every_table_is_an_asset_of_the_same_name() -> None:
    from pipelines.definitions import defs

    assets = {".".join(key.path) for key in defs.resolve_all_asset_keys()}
    assert sorted(set(load_contracts()) - assets) == []


def test_every_model_asset_depends_on_what_its_sql_reads() -> None:
    from pipelines.definitions import defs

    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        model = load_models().get(".".join(key.path))
        if model is not None:
            parents = {".".join(parent.path) for parent in graph.get(key).parent_keys}
            assert parents >= set(model.reads), model.name
