"""The gates as asset checks: a suite each, blocking, at the arrows between the stages.

A check opens or closes its gate and shows every expectation with its number and its bound; it never shows a row. What the
suites expect stands in `expectations/`.
"""

import dagster as dg

from assets.factory import asset_key
from assets.files import COURT
from clearslate.progress import say
from expectations.gate import judge


def _gate(suite: str, asset: dg.AssetKey, after: list[str]) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset,
        name=suite,
        blocking=True,
        additional_deps=[asset_key(name) for name in after],
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
        rows = [
            dg.TableRecord({"expectation": r.name, "severity": r.severity, "passed": r.passed,
                            "observed": r.observed, "bound": r.bound, "meaning": r.meaning})
            for r in verdict.rows
        ]  # fmt: skip
        severity = dg.AssetCheckSeverity.WARN if verdict.passed else dg.AssetCheckSeverity.ERROR
        return dg.AssetCheckResult(
            passed=verdict.passed and not verdict.warnings,
            severity=severity,
            metadata={"expectations": dg.MetadataValue.table(rows)} if rows else {},
        )

    return check


CHECKS = [
    _gate("landing", asset_key("raw.record"), ["raw.file", "raw.quarantine", "raw.delivery"]),
    _gate("staging", asset_key("core.offense"), ["staging.record", "staging.disposition_text"]),
    _gate(
        "core",
        asset_key("core.conviction"),
        ["core.record", "core.entry", "core.court_case", "core.sentence", "core.arrest"],
    ),
    _gate("eligibility", asset_key("eligibility.determination"), ["facts.person"]),
    _gate("court", COURT, ["court.action", "court.case_summary"]),
]
