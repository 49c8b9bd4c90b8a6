"""What models may say: the portable subset of SQL, total orders, one as-of date, and no statute numbers.

The same lint goes over the files in `sql/` and over the model that the rules compile to.
"""

import ast
import csv
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from clearslate.compare import run_comparison
from clearslate.contracts import SQL_ROOT
from clearslate.errors import ClearslateError
from clearslate.home import Home
from clearslate.models import Model, load_models, parse_model
from clearslate.run import Run
from clearslate.settings import Request

ROOT = SQL_ROOT.parent
PYTHON_PACKAGES = ("clearslate", "expectations", "assets", "pipelines")

# Law 3 and 6: the wall clock and chance decide nothing.
CLOCK_AND_CHANCE = {
    "now", "today", "age", "current_date", "current_time", "current_timestamp", "current_datetime", "localtime",
    "localtimestamp", "get_current_time", "get_current_timestamp", "transaction_timestamp", "rand", "random", "uuid",
    "gen_random_uuid", "nextval", "setseed",
}  # fmt: skip
# Engines count the boundaries between two dates differently; a period is always anchor + interval (docs/decisions.md).
DATE_DIFFERENCES = {"date_diff", "datediff", "date_sub", "datesub", "timestamp_diff", "timestampdiff", "months_between"}
# Text becomes a value once, in raw and staging; later models work with typed columns.
PARSING = {
    "try_cast", "strptime", "try_strptime", "str_to_time", "str_to_date", "str_to_unix", "to_date", "to_timestamp",
}  # fmt: skip
PATTERNS = (
    exp.RegexpLike, exp.RegexpILike, exp.RegexpFullMatch, exp.RegexpExtract, exp.RegexpExtractAll, exp.RegexpReplace,
)  # fmt: skip
DATES = re.compile(r"(^|_)(date|dob|day|stated|event_key)($|_)")
# Functions that sqlglot passes on as they are: our own ones (clearslate/law/dates.py, clearslate/letters.py), and those
# with a like on Spark (xxhash64, conv(md5(x)), printf).
OTHERWISE_NAMED = {
    "anniversary", "lettered", "is_lettered", "hash", "md5_number", "md5_number_lower", "md5_number_upper", "printf",
}  # fmt: skip
MAY_PARSE = {"raw", "staging"}
ORDERED_WINDOWS = (
    exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile,
    exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue,
)  # fmt: skip
# Keys that end like this identify a row, so they settle ties.
UNIQUE = re.compile(r"_(no|id|key|hash)$")


def lint(model: Model) -> list[str]:
    """What a model says that it may not."""
    tree = sqlglot.parse_one(model.sql, dialect="duckdb")
    problems = [*_functions(model, tree), *_dialect(tree), *_orders(tree), *_statutes(tree)]
    return [f"{model.name}: {problem}" for problem in problems]


def _functions(model: Model, tree: exp.Expression) -> Iterator[str]:
    for node in tree.find_all(exp.Func):
        name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
        if name in CLOCK_AND_CHANCE:
            yield f"{name}: the as-of date is the only clock"
        elif name in DATE_DIFFERENCES:
            yield f"{name}: compare anchor + interval with the as-of date"
        elif name in PARSING and model.schema not in MAY_PARSE:
            yield f"{name}: text is read in raw and staging only"
        elif isinstance(node, PATTERNS) and model.schema not in MAY_PARSE and _of_date(node):
            yield f"{name}: dates are read in raw and staging only"
        elif isinstance(node, exp.Anonymous) and name not in OTHERWISE_NAMED | PARSING:
            yield f"{name}: no function that other engines have"


def _of_date(pattern: exp.Expression) -> bool:
    return any(DATES.search(column.name) for column in pattern.this.find_all(exp.Column))


def _dialect(tree: exp.Expression) -> Iterator[str]:
    """What only DuckDB understands."""
    for star in tree.find_all(exp.Star):
        if star.args.get("except_") or star.args.get("replace") or star.args.get("rename"):
            yield "star with exclude, replace or rename"
    for group in tree.find_all(exp.Group):
        if group.args.get("all"):
            yield "group by all"
    for order in tree.find_all(exp.Order):
        if any(isinstance(key.this, exp.Var) and key.this.name.upper() == "ALL" for key in order.expressions):
            yield "order by all"
    for join in tree.find_all(exp.Join):
        if join.method:
            yield f"{join.method.lower()} join"
    for distinct in tree.find_all(exp.Distinct):
        if distinct.args.get("on"):
            yield "distinct on"
    for kind in (exp.Columns, exp.Lambda, exp.Pivot, exp.TableSample):
        if tree.find(kind):
            yield kind.__name__.lower()


def _orders(tree: exp.Expression) -> Iterator[str]:
    """Law 6: nothing may depend on the order in which rows come along."""
    for node in tree.find_all(exp.GroupConcat, exp.ArrayAgg, exp.First, exp.Last):
        if not isinstance(node.this, exp.Order):
            yield f"{node.sql_name().lower()} without order by"
    for node in tree.find_all(exp.AnyValue, exp.Mode, exp.ApproxDistinct):
        yield f"{node.sql_name().lower()} takes what comes"
    for node in tree.find_all(exp.ArgMin, exp.ArgMax):
        if not any(UNIQUE.search(column.name) for column in node.expression.find_all(exp.Column)):
            yield f"{node.sql_name().lower()} without a key that settles ties"
    for select in tree.find_all(exp.Select):
        named = {window.name: window for window in select.args.get("windows") or ()}
        for window in select.find_all(exp.Window):
            if window.find_ancestor(exp.Select) is not select or not isinstance(window.this, ORDERED_WINDOWS):
                continue
            if not window.args.get("order") and not (named.get(window.alias) or window).args.get("order"):
                yield f"{window.this.sql_name().lower()} without order by"
    for query in tree.find_all(exp.Query):
        if query.args.get("limit") and not query.args.get("order"):
            yield "limit without order by"


@cache
def sections() -> frozenset[str]:
    """Every section that a statute list names."""
    found = set()
    for path in (ROOT / "rules" / "statutes").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found |= {row.get("section"), row.get("written"), row["text"] if row.get("kind") == "section" else None}
    return frozenset(section for section in found if section)


def statutes(value: object) -> list[str]:
    """The sections that a constant names. Two digits, powers of two and round numbers are also just numbers."""
    if isinstance(value, str):
        return [word for word in re.findall(r"(?<![\w.])\d+(?:\.\d+)?[a-z]{0,2}(?!\w)", value) if word in sections()]
    if isinstance(value, bool) or not isinstance(value, int | float) or str(value) not in sections():
        return []
    just_a_number = isinstance(value, int) and (value < 100 or value % 100 == 0 or value & (value - 1) == 0)
    return [] if just_a_number else [str(value)]


def _statutes(tree: exp.Expression) -> Iterator[str]:
    for node in tree.find_all(exp.Literal):
        value = node.this if node.is_string else float(node.this) if "." in node.this else int(node.this)
        yield from (f"{section}: statutes stand in rules/" for section in statutes(value))


def statutes_in_code(source: str) -> list[str]:
    """Sections in the constants of a Python module; docstrings and comments may cite."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings)
    return [f"line {node.lineno}: {section}" for node in constants for section in statutes(node.value)]


@pytest.mark.parametrize("name", load_models())
def test_what_a_model_reads_is_found(name: str) -> None:
    model = load_models()[name]
    (tree,) = sqlglot.parse(model.sql, dialect="duckdb")
    assert isinstance(tree, exp.Query)
    assert model.reads == tuple(sorted({f"{found.db}.{found.name}" for found in tree.find_all(exp.Table) if found.db}))
    assert model.parameters == tuple(
        sorted({str(found.this) for found in tree.find_all(exp.Parameter, exp.Placeholder)})
    )


@pytest.mark.parametrize("name", load_models())
def test_model_is_portable_and_ordered(name: str) -> None:
    assert lint(load_models()[name]) == []


@pytest.mark.parametrize("name", load_models())
def test_model_reads_as_spark_sql(name: str) -> None:
    translated = sqlglot.transpile(
        load_models()[name].sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    assert len(sqlglot.parse(translated[0], dialect="spark")) == 1


def test_compiled_rules_keep_the_same_laws_as_files(tmp_path: Path) -> None:
    run = Run(Home(tmp_path), "lint", Request(as_of=date(2024, 2, 29)))
    for compiled in (*run.eligibility, run.deciding_fact, run_comparison(run)):
        # Law is what the rules are for: their citations and reasons are text in the compiled SELECT.
        problems = [problem for problem in lint(compiled) if not problem.endswith("statutes stand in rules/")]
        assert problems == []


@pytest.mark.parametrize(
    "sql",
    [
        "select now() as at",
        "select current_date as at",
        "select today() as at",
        "select current_timestamp as at",
        "select random() as r",
        "select date_diff('year', a.b, a.c) as years from core.a",
        "select datediff('day', a.b, a.c) as days from core.a",
        "select try_cast(a.b as integer) as n from core.a",
        "select try_strptime(a.b, '%Y') as n from core.a",
        "select regexp_matches(a.event_date, '[0-9]{8}') as n from core.a",
        "select regexp_extract(trim(a.event_stated), '[0-9]{4}') as n from core.a",
        "select * exclude (b) from core.a",
        "select * replace (1 as b) from core.a",
        "select columns('b.*') from core.a",
        "select a.b, count(*) as n from core.a group by all",
        "select a.b from core.a order by all",
        "select a.b from core.a asof join core.c on a.b >= c.b",
        "select distinct on (a.b) a.b, a.c from core.a",
        "select a.b from core.a using sample 10",
        "select list_transform(a.b, x -> x + 1) as c from core.a",
        "select string_agg(a.b, ';') as c from core.a",
        "select list(a.b) as c from core.a",
        "select array_agg(a.b) as c from core.a",
        "select first(a.b) as c from core.a",
        "select any_value(a.b) as c from core.a",
        "select arg_max(a.b, a.event_date) as c from core.a",
        "select row_number() over (partition by a.b) as n from core.a",
        "select dense_rank() over w as n from core.a window w as (partition by a.b)",
        "select lag(a.b) over () as n from core.a",
        "select a.b from core.a limit 5",
        "select damerau_levenshtein(a.b, a.c) as d from core.a",
        "select a.section = '11357' as is_in_scope from core.a",
        "select a.section in ('288a', '261') as is_listed from core.a",
        "select a.n > 11357 as b from core.a",
        "select a.text like '%1203.4 PC%' as b from core.a",
    ],
)
def test_a_bad_model_is_found(sql: str) -> None:
    assert lint(parse_model("core", "bad", sql))


@pytest.mark.parametrize(
    "sql",
    [
        "select string_agg(distinct a.b, ';' order by a.b) filter (where a.c) as d from core.a",
        "select arg_min(a.b, concat(a.c, a.record_hash)) as c from core.a",
        "select row_number() over (partition by a.b order by a.c) as n from core.a",
        "select dense_rank() over w as n from core.a window w as (partition by a.b order by a.c)",
        "select count(*) over (partition by a.b) as n from core.a",
        "select a.d + interval '5' year <= $as_of as is_over from core.a",
        "select anniversary(a.d, a.length, a.unit) <= $as_of as is_over from core.a",
        "select a.b from core.a order by a.b limit 5",
        "select substr(a.b, 12, 3) as c, a.n = 32 as d, 'prop64' as e from core.a",
    ],
)
def test_a_good_model_is_not(sql: str) -> None:
    assert lint(parse_model("core", "good", sql)) == []


def test_a_model_reads_tables_not_files() -> None:
    with pytest.raises(ClearslateError):
        parse_model("core", "bad", "select * from read_parquet('x.parquet')")


def test_staging_may_parse() -> None:
    assert lint(parse_model("staging", "good", "select try_cast(a.b as integer) as n from raw.a")) == []


@pytest.mark.parametrize("package", PYTHON_PACKAGES)
def test_no_statute_stands_in_code(package: str) -> None:
    found = {
        path.relative_to(ROOT).as_posix(): hits
        for path in sorted((ROOT / package).rglob("*.py"))
        if (hits := statutes_in_code(path.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source", ["LISTED = {'11357', '11358'}", "if section == 'HS 11359(a)': pass", "n = 11360", "x = f'{code} 1203.4'"]
)
def test_a_statute_in_code_is_found(source: str) -> None:
    assert statutes_in_code(source)


def test_docstrings_and_plain_numbers_are_no_statutes() -> None:
    assert (
        statutes_in_code('"""See HS 11361.8 and 11357."""\n_BYTES = 32\n_ROWS = 1000\n_BITS = 128\nname = "pc290"\n')
        == []
    )
