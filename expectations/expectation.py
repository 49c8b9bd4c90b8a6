"""What an expectation is: a number, the most that it may be, how grave it is otherwise, and where its rows stand.

Belongs here: the vocabulary in which the suites (landing.py to court.py) are written. Does not belong here: measuring
(measure.py), judging (great.py), keeping verdicts (gate.py), showing rows (rows.py).

Every number is a count or a share of something that should not be, so every bound is an upper one. A number is either a
column of the suite's metric row (`quality.<suite>_metric`), or the count of rows that a table of violations or findings
lists under the expectation's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

from clearslate.contracts import Contract, load_contracts
from clearslate.models import load_models
from clearslate.settings import Thresholds

Severity = Literal["critical", "warning", "info"]

OUR_FAULT = (
    "This is a fault of Clearslate, not of the delivery: leave the home as it is and report the expectation's name."
)


@dataclass(frozen=True)
class Located:
    """Rows that a table lists by their keys under a label; they are shown as the records stand in raw."""

    table: str
    label: str

    @property
    def label_column(self) -> str:
        return "finding" if self.table == "quality.finding" else "expectation"


@dataclass(frozen=True)
class Shown:
    """Rows of a table as they are, where a condition holds. It may bind the parameters of models."""

    table: str
    where: str = "true"


@dataclass(frozen=True)
class Repeated:
    """Rows of a table that share their key with another row."""

    table: str


@dataclass(frozen=True)
class Faults:
    """What is wrong with the court packages as they were written (packages.py)."""


Rows = Located | Shown | Repeated | Faults


@dataclass(frozen=True)
class Expectation:
    """One expectation. `at_most` is a number, or the name of a threshold that a deployment may set.

    `meaning` says in a sentence what holds or is counted, `mend` what to do where the bound is exceeded.
    """

    name: str
    metric: str
    at_most: float | str
    severity: Severity
    meaning: str
    mend: str
    rows: Rows

    def limit(self, thresholds: Thresholds) -> float:
        """The bound as a number; a share is of 1."""
        return float(getattr(thresholds, self.at_most)) if isinstance(self.at_most, str) else float(self.at_most)

    def __post_init__(self) -> None:
        if isinstance(self.at_most, str) and self.at_most not in {field.name for field in fields(Thresholds)}:
            raise ValueError(f"{self.name}: no threshold is called {self.at_most!r}")


@dataclass(frozen=True)
class Suite:
    """The expectations of one arrow of the flow.

    `models` are made, in this order, before it is judged; the last is the metric row. Of the tables in `schemas` each must
    have unique keys, as its contract's grain says: those expectations follow from the contracts.
    """

    name: str
    models: tuple[str, ...]
    schemas: tuple[str, ...]
    stated: tuple[Expectation, ...]

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        return (*self.stated, *(_unique_key(self.name, contract) for contract in self.keyed))

    @property
    def keyed(self) -> Sequence[Contract]:
        """The contracts whose keys the suite judges."""
        return [contract for contract in load_contracts().values() if contract.schema in self.schemas]

    @property
    def judged(self) -> frozenset[str]:
        """Every table that must be there before the suite is judged: what its models read, and whose keys it judges."""
        made = load_models()
        reads = {table for model in self.models for table in made[model].reads}
        return frozenset(reads - set(self.models) | {contract.name for contract in self.keyed})

    @property
    def listings(self) -> Sequence[str]:
        """The tables in which violations and findings are listed under a label."""
        return [model for model in self.models if model.endswith(("_violation", ".finding"))]


def law(name: str, meaning: str) -> Expectation:
    """A law that nothing may break; the suite's violation table lists what does."""
    table = f"quality.{name.split('.')[0]}_violation"
    return Expectation(name, name, 0, "critical", meaning, OUR_FAULT, Located(table, name))


def balance(name: str, metric: str, meaning: str, rows: Rows) -> Expectation:
    """A sum that must come out: the metric counts what is missing or too much."""
    return Expectation(name, metric, 0, "critical", meaning, OUR_FAULT, rows)


def _unique_key(suite: str, contract: Contract) -> Expectation:
    table = contract.table if contract.schema == suite else f"{contract.schema}_{contract.table}"
    name = f"{suite}.{table}_key_is_unique"
    meaning = f"A row of {contract.name} is told by {', '.join(contract.grain)}, and by nothing less."
    return Expectation(name, name, 0, "critical", meaning, OUR_FAULT, Repeated(contract.name))
