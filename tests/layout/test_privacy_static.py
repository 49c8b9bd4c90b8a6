"""Law 7, read off the code: no prints, and nothing of a person in logs, exception texts or metadata.

This finds the careless line; tests/property/test_privacy_canary.py plants canaries and looks for them in what a run really
wrote.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearslate.contracts import load_contracts

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("clearslate", "expectations", "assets", "pipelines")

LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception", "log"}
METADATA = {
    "MaterializeResult",
    "AssetMaterialization",
    "AssetObservation",
    "AssetCheckResult",
    "Failure",
    "TableRecord",
}

# Columns that name a person, by contract, and what holds whole rows. `name`, `text` are also names of files and of rules;
# that of a delivered file is for whoever runs it, and kept from analysts alone.
PERSONAL = {column.name for contract in load_contracts().values() for column in contract.columns if column.pii}
PERSONAL |= {"record", "raw_line", "cells", "birth", "subject", "comment"}
PERSONAL -= {"name", "text", "file_name"}
WHOLE = {"row", "rows", "frame", "df", "batch"}  # `rows` alone may be a count; a part of it is a person's

# The words of these errors quote the data that they failed on.
QUOTING = {"duckdb", "pa", "pyarrow", "csv", "UnicodeDecodeError", "UnicodeEncodeError"}


def _last(node: ast.AST) -> str:
    """The last name of `a.b.c`, of a call or of a subscript."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        return _last(node.func)
    return node.id if isinstance(node, ast.Name) else ""


def _shown(node: ast.AST) -> Iterator[str]:
    """The names whose values end up in what is shown. Counts (`len(rows)`) and names of types tell nothing."""
    if isinstance(node, ast.Call) and _last(node) in {"len", "sum", "type"}:
        return
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Subscript):
        yield f"{_last(node.value)}[]"
        if isinstance(node.slice, ast.Constant):
            yield str(node.slice.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield f"{_last(node.func.value)}[]"
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.comprehension):
        for child in ast.iter_child_nodes(node):
            yield from _shown(child)


def _telling(arguments: list[ast.expr]) -> Iterator[str]:
    """The names of persons' data among what is shown. A dict's keys are words of ours."""
    for argument in arguments:
        for name in _shown(argument):
            whole = name.removesuffix("[]") in WHOLE and name != "rows"
            if whole or name.lower() in PERSONAL:
                yield name


def _is_log(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in LOG_METHODS:
        return False
    return _last(call.func.value) in {"log", "logger", "_log", "_logger", "logging"}


def _quotes_data(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(name.id in QUOTING for node in caught if node for name in ast.walk(node) if isinstance(name, ast.Name))


def problems(source: str) -> list[str]:
    """Lines of a module that could show something of a person."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            if isinstance(node.func, ast.Name) and node.func.id == "print":
                found.append(f"line {node.lineno}: print")
            elif _is_log(node):
                found += [f"line {node.lineno}: logs `{name}`" for name in _telling(arguments)]
            elif _last(node) in METADATA:
                found += [f"line {node.lineno}: metadata shows `{name}`" for name in _telling(arguments)]
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            arguments = [*node.exc.args, *(keyword.value for keyword in node.exc.keywords)]
            found += [f"line {node.lineno}: an error tells `{name}`" for name in _telling(arguments)]
        elif isinstance(node, ast.ExceptHandler) and _quotes_data(node):
            for raised in (inner for inner in ast.walk(node) if isinstance(inner, ast.Raise)):
                if not (isinstance(raised.cause, ast.Constant) and raised.cause.value is None):
                    found.append(f"line {raised.lineno}: raised without `from None`, with the engine's words behind it")
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_of_a_person_is_shown(package: str) -> None:
    found = {
        path.relative_to(ROOT).as_posix(): hits
        for path in sorted((ROOT / package).rglob("*.py"))
        if (hits := problems(path.read_text("utf-8")))
    }
    assert found == {}


def test_contracts_tell_what_names_a_person() -> None:
    for name in (
        "subject_id",
        "cii",
        "pri_name",
        "pri_dob",
        "comment_text",
        "person_key",
        "identity_text",
        "offense_key",
    ):
        assert name in PERSONAL
    named = {"cii", "cii_number", "subject_id", "subject_key", "person_key", "birth_date", "pri_name", "comment_text"}
    for contract in load_contracts().values():
        unmarked = [column.name for column in contract.columns if column.name in named and not column.pii]
        assert not unmarked, f"{contract.name}: {unmarked} names a person"


@pytest.mark.parametrize(
    "source",
    [
        "print('done')",
        "context.log.info(f'read {row}')",
        "logger.warning('odd: %s', record.cii)",
        "log.info('first', row['subject_id'])",
        "raise ClearslateError(f'bad birth date {birth_date}')",
        "raise WarehouseError(f'{rows[0]}')",
        "dg.MaterializeResult(metadata={'sample': frame.head()})",
        "dg.AssetCheckResult(passed=False, metadata={'who': person_key})",
        "try:\n    run()\nexcept duckdb.Error as error:\n    raise WarehouseError('failed') from error\n",
        "try:\n    run()\nexcept (OSError, pa.ArrowInvalid):\n    raise\n",
    ],
)
def test_a_careless_line_is_found(source: str) -> None:
    assert problems(source)


@pytest.mark.parametrize(
    "source",
    [
        "console.print('done')",
        "context.log.info(f'read {len(rows)} rows of {path.name}')",
        "raise ClearslateError(f'{path.name}:{line_no}: {reason}')",
        "dg.MaterializeResult(metadata={'dagster/row_count': n_rows})",
        "try:\n    run()\nexcept duckdb.Error as error:\n    raise WarehouseError(type(error).__name__) from None\n",
    ],
)
def test_a_careful_line_is_not(source: str) -> None:
    assert problems(source) == []
