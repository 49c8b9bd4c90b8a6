"""The gate: judging a suite, keeping the verdict beside the metrics, and refusing to go on without it.

Belongs here: `judge` for the checks, `require` for whoever works behind a gate (court, publishing), `violations` for the
command line. A verdict holds names, numbers and sentences of ours, nothing of a person.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

from clearslate.errors import GateRefused
from clearslate.run import Run
from clearslate.warehouse import Stamp, Warehouse
from expectations.expectation import Expectation, Severity
from expectations.great import hold
from expectations.measure import measure
from expectations.rows import violations
from expectations.suites import ALL, SUITES, find_expectation

__all__ = ["SUITES", "Judged", "Verdict", "judge", "require", "violations"]


@dataclass(frozen=True)
class Judged:
    """One expectation as it was judged. `observed` is a count or a share of 1; `bound` says what it was held against."""

    name: str
    severity: Severity
    passed: bool
    observed: float
    bound: str
    meaning: str
    mend: str

    @property
    def command(self) -> str:
        """The command that shows the rows behind it."""
        return f"clearslate rows --gate {self.name}"


@dataclass(frozen=True)
class Verdict:
    """What came of one suite. It passed where no critical expectation failed; `warnings` are the names of those that warn."""

    suite: str
    passed: bool
    warnings: tuple[str, ...]
    rows: tuple[Judged, ...]


def judge(run: Run, suite: str) -> Verdict:
    """Measure and judge one suite on the run's build, and keep what came of it in quality.gate and quality.metric.

    Metrics and verdict are written in one transaction, and replace those of an earlier judgement. Raises ClearslateError
    where something could not be measured; the gate stays as it was then, which for a fresh build means closed.
    """
    of = ALL[suite]
    with run.warehouse() as warehouse, warehouse.transaction():
        metrics = measure(run, warehouse, of)
        held = hold(suite, metrics, of.expectations, run.thresholds)
        rows = tuple(
            Judged(
                name=expectation.name,
                severity=expectation.severity,
                passed=held[expectation.name],
                observed=metrics[expectation.metric],
                bound=_words(expectation, run),
                meaning=expectation.meaning,
                mend=expectation.mend,
            )
            for expectation in of.expectations
        )
        for table in ("quality.gate", "quality.metric"):
            warehouse.create_empty(table)
            warehouse.execute(f"delete from {table} where suite = $suite", {"suite": suite}, what=table)
        stamp = astuple(run.stamp)
        warehouse.append(
            "quality.gate",
            ((suite, row.name, row.severity, row.passed, row.observed, row.bound, *stamp) for row in rows),
        )
        warehouse.append("quality.metric", ((suite, name, value) for name, value in metrics.items()))
    failed = {row.name: row.severity for row in rows if not row.passed}
    return Verdict(
        suite=suite,
        passed="critical" not in failed.values(),
        warnings=tuple(name for name, severity in failed.items() if severity == "warning"),
        rows=rows,
    )


def require(warehouse: Warehouse, suites: Sequence[str], stamp: Stamp) -> None:
    """Go on only behind open gates: raises GateRefused, which names what closes them.

    A gate is open where the suite was judged for exactly this stamp, expectation by expectation, and nothing critical
    failed. Warnings pass.
    """
    closed = [reason for suite in suites for reason in _closed(warehouse, suite, stamp)]
    if closed:
        raise GateRefused("; ".join(closed))


def _closed(warehouse: Warehouse, suite: str, stamp: Stamp) -> Iterator[str]:
    found = []
    if warehouse.exists("quality.gate"):
        found = warehouse.rows(
            "select expectation, severity, passed, observed, bound from quality.gate where suite = $suite "
            "and run_id = $run_id and as_of = $as_of and rule_set = $rule_set and delivery_set = $delivery_set "
            "order by expectation",
            {"suite": suite, **vars(stamp)},
            what="quality.gate",
        )
    if not found:
        yield f"the gate {suite} has not been judged for this run, as-of date, rule set and deliveries"
        return
    missing = {expectation.name for expectation in ALL[suite].expectations} - {row[0] for row in found}
    yield from (f"the gate {suite} is closed: {name} has not been judged" for name in sorted(missing))
    for name, severity, passed, observed, bound in found:
        if severity == "critical" and not passed:
            told = find_expectation(name)
            yield (
                f"the gate {suite} is closed: {name} is {observed:g}, expected {bound}. {told.meaning} {told.mend} "
                f"See the rows: clearslate rows --gate {name}"
            )


def _words(expectation: Expectation, run: Run) -> str:
    return f"at most {expectation.limit(run.thresholds):g}"
