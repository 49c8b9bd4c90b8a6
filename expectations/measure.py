"""Measuring: the one row of numbers that a suite is judged by.

DuckDB computes every number, in one scan per table; nothing else leaves it but hashes of keys, which are sorted here. Does
not belong here: what the numbers may be (the suites), and judging them (great.py).
"""

from collections.abc import Mapping

from clearslate.contracts import Contract
from clearslate.errors import ClearslateError
from clearslate.models import load_models
from clearslate.run import Run
from clearslate.warehouse import Warehouse
from expectations.expectation import Faults, Suite
from expectations.packages import find_faults


def measure(run: Run, warehouse: Warehouse, suite: Suite) -> dict[str, float]:
    """Make the suite's models and return its numbers: metric row, violations and findings by name, repeated keys.

    Raises ClearslateError where a number is unknown or a violation is listed that no expectation counts: a gate is never
    opened on what it could not see.
    """
    parameters = run.parameters()
    for name in suite.models:
        warehouse.create(load_models()[name], parameters)
    metrics = warehouse.row(f"select * from {suite.models[-1]}", what=suite.models[-1])
    metrics |= _listed(warehouse, suite)
    metrics |= {
        expectation.metric: _repeated(warehouse, contract)
        for expectation, contract in zip(suite.expectations[len(suite.stated) :], suite.keyed, strict=True)
    }
    if any(isinstance(expectation.rows, Faults) for expectation in suite.stated):
        metrics["n_package_faults"] = len(find_faults(run, warehouse))
    unknown = sorted(name for name, value in metrics.items() if value is None)
    unknown += sorted({expectation.metric for expectation in suite.expectations} - set(metrics))
    if unknown:
        raise ClearslateError(f"the suite {suite.name} can't be judged: {', '.join(unknown)} could not be measured")
    return {name: float(value) for name, value in metrics.items()}


def _listed(warehouse: Warehouse, suite: Suite) -> Mapping[str, int]:
    """Rows by the expectation that they are listed for; 0 where none are."""
    counts = {expectation.name: 0 for expectation in suite.stated if expectation.metric == expectation.name}
    for table in suite.listings:
        label = "'core.' || finding" if table == "quality.finding" else "expectation"
        for name, n in warehouse.rows(f"select {label}, count(*) from {table} group by {label}", what=table):
            if name not in counts:
                raise ClearslateError(f"{table} lists {name}, which the suite {suite.name} does not expect")
            counts[name] = n
    return counts


def _repeated(warehouse: Warehouse, contract: Contract) -> int:
    """Rows too many for the table's keys to be unique.

    Equal keys have equal hashes, so where no hash stands twice, no key does: to sort the hashes takes a sixth of the time of
    grouping by the keys. Only where one stands twice are the keys themselves grouped, and that is the number.
    """
    grain = ", ".join(f'"{column}"' for column in contract.grain)
    hashes = warehouse.array(f"select hash({grain}) from {contract.name}", what=contract.name)
    hashes.sort()
    if not (hashes[1:] == hashes[:-1]).any():
        return 0
    counted = f"select count(*) as n from {contract.name} group by {grain}"
    rows = warehouse.rows(f"select coalesce(cast(sum(n - 1) as bigint), 0) from ({counted})", what=contract.name)
    return int(rows[0][0])
