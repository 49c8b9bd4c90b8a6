"""The gates as asset checks: a suite each, blocking, at the arrows between the stages.

A check opens or closes its gate and shows every expectation with its number and its bound; it never shows a row. What the
suites expect stands in `expectations/`. The tables of `quality` are assets that nothing but a check makes.
"""

import dagster as dg

from assets.factory import asset_key, table_spec
from assets.files import COURT
from clearslate.contracts import load_contracts
from clearslate.models import load_models
from clearslate.progress import say
from expectations.gate import judge
from expectations.suites import ALL

VERDICTS = ("quality.gate", "quality.metric")  # every suite adds its rows to these


def _gate(suite: str, asset: dg.AssetKey) -> dg.AssetChecksDefinition:
    after = {asset_key(name) for name in ALL[suite].judged} - {asset}

    @dg.asset_check(
        asset=asset,
        name=suite,
        blocking=True,
        additional_deps=sorted(after),
        description=f"The {suite} gate: every expectation of the suite, judged on counts and shares.",
        required_resource_keys={"run"},
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        run = context.resources.run
        with run.stage(f"quality.{suite}"):
            verdict = judge(run, suite)
        run.note(gates={suite: "refused" if not verdict.passed else "warned" if verdict.warnings else "passed"})
        if not verdict.passed:
            run.stop("refused", f"the gate {suite} is closed")
        say("verdict", verdict=verdict)
        for table in (*ALL[suite].models, *VERDICTS):
            context.op_execution_context.log_event(dg.AssetMaterialization(asset_key(table)))
        rows = [
            dg.TableRecord({"expectation": r.name, "severity": r.severity, "passed": r.passed,
                            "observed": r.observed, "bound": r.bound, "meaning": r.meaning, "mend": r.mend})
            for r in sorted(verdict.rows, key=lambda row: row.passed)
        ]  # fmt: skip
        severity = dg.AssetCheckSeverity.WARN if verdict.passed else dg.AssetCheckSeverity.ERROR
        return dg.AssetCheckResult(
            passed=verdict.passed and not verdict.warnings,
            severity=severity,
            description=f"{sum(not row.passed for row in verdict.rows)} of {len(rows)} expectations are not met.",
            metadata={"expectations": dg.MetadataValue.table(rows)} if rows else {},
        )

    return check


CHECKS = [
    _gate("landing", asset_key("raw.record")),
    _gate("staging", asset_key("core.offense")),
    _gate("core", asset_key("core.conviction")),
    _gate("eligibility", asset_key("eligibility.determination")),
    _gate("court", COURT),
]


def _spec(name: str) -> dg.AssetSpec:
    model = load_models().get(name)
    metrics = [table for suite in ALL.values() for table in suite.models if table.endswith("_metric")]
    return table_spec(name, deps=list(model.reads) if model else metrics)


TABLES = [_spec(name) for name, contract in load_contracts().items() if contract.schema == "quality"]
