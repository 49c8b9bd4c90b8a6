"""The accounting of a package: from the distinct records that DOJ delivered down to the lines of this court.

Belongs here: putting the counts of `court.source` and `court.accounting` into the manifest's form, and refusing such
as do not add up. Does not belong here: counting (sql/court).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearslate.errors import ClearslateError
from clearslate.warehouse import Warehouse

OUTCOMES = ("ELIGIBLE", "NOT_YET", "REVIEW", "INELIGIBLE", "ALREADY_RELIEVED")
_SOURCE = (
    "n_records_used",
    "n_records_of_convictions",
    "n_records_quarantined",
    "n_persons",
    "n_convictions",
    "records_fingerprint",
)


@dataclass(frozen=True)
class Accounts:
    """Counts of one remedy: `source` as in court.source, `candidates` by (county, outcome, disposal)."""

    source: Mapping[str, Any]
    candidates: Mapping[tuple[str, str, str], int]

    @staticmethod
    def load(warehouse: Warehouse, remedy: str) -> "Accounts":
        """Read the counts of one remedy."""
        counted = warehouse.rows(
            "select county, outcome, disposal, n from court.accounting where remedy = $remedy",
            {"remedy": remedy},
            what="court.accounting",
        )
        [source] = warehouse.rows(f"select {', '.join(_SOURCE)} from court.source", what="court.source")
        return Accounts(
            dict(zip(_SOURCE, source, strict=True)),
            {(county, outcome, disposal): n for county, outcome, disposal, n in counted},
        )

    def of_draft(self, county: str) -> dict[str, Any]:
        """The manifest's `accounting` for a run's draft. Raises ClearslateError naming the sum that does not hold."""
        disposals = self._eligible(county)
        in_package = disposals.pop("in_package", 0)
        return self._stated(
            county,
            {
                "total": in_package + disposals.total(),
                "in_package": in_package,
                "withheld": disposals.total(),
                "withheld_by_reason": dict(sorted(disposals.items())),
            },
        )

    def of_batch(self, county: str, standings: Mapping[tuple[str, str], int], in_package: int) -> dict[str, Any]:
        """The same for a batch: `standings` counts every eligible line by (state, reason) as the batch finds it, and
        `in_package` of those that could go are in it."""
        by_state: dict[str, Counter[str]] = {}
        for (state, reason), n in standings.items():
            by_state.setdefault(state, Counter())[reason] += n
        withheld = by_state.pop("WITHHELD", Counter())
        sent = by_state.pop("SENT", Counter())
        waiting: Counter[str] = Counter()
        for state, reasons in by_state.items():
            for reason, n in reasons.items():
                waiting["_".join(filter(None, (state.lower(), reason)))] += n
        total = withheld.total() + sent.total() + waiting.total() + in_package
        found = self._stated(
            county,
            {
                "total": total,
                "in_package": in_package,
                "sent_before": sent.total(),
                "waiting": waiting.total(),
                "waiting_by_reason": dict(sorted(waiting.items())),
                "withheld": withheld.total(),
                "withheld_by_reason": dict(sorted(withheld.items())),
            },
        )
        if total != self._eligible(county).total():
            raise ClearslateError(f"the accounts of {county} do not add up: eligible lines are lost or counted twice")
        return found

    def _eligible(self, county: str) -> Counter[str]:
        """The county's eligible candidates by what the run made of them."""
        found: Counter[str] = Counter()
        for (where, _, disposal), n in self.candidates.items():
            if where == county and disposal != "no_action":
                found[disposal] += n
        if "missing" in found:
            raise ClearslateError(
                f"the accounts of {county} do not add up: an eligible candidate is neither in a package nor withheld"
            )
        return found

    def _stated(self, county: str, eligible: Mapping[str, Any]) -> dict[str, Any]:
        statewide: Counter[str] = Counter()
        outcomes: Counter[str] = Counter()
        for (where, outcome, _), n in self.candidates.items():
            statewide[outcome] += n
            if where == county:
                outcomes[outcome] += n
        source = self.source
        found = {
            "statewide": {
                "distinct_records": {
                    "used": source["n_records_used"],
                    "of_convictions": source["n_records_of_convictions"],
                    "of_anything_else": source["n_records_used"] - source["n_records_of_convictions"],
                    "quarantined": source["n_records_quarantined"],
                },
                "persons": source["n_persons"],
                "convictions": {
                    "total": source["n_convictions"],
                    "candidates": statewide.total(),
                    "not_candidates": source["n_convictions"] - statewide.total(),
                },
                "candidates_by_outcome": {name: statewide[name] for name in OUTCOMES},
            },
            "county": {
                "candidates": outcomes.total(),
                "candidates_by_outcome": {name: outcomes[name] for name in OUTCOMES},
                "eligible": dict(eligible),
            },
        }
        wrong = unbalanced(found)
        if wrong:
            raise ClearslateError(f"the accounts of {county} do not add up: {'; '.join(wrong)}")
        return found


def unbalanced(accounting: Mapping[str, Any]) -> list[str]:
    """Which sums of a manifest's `accounting` do not hold; none if all do."""
    statewide, county = accounting["statewide"], accounting["county"]
    records, convictions, eligible = statewide["distinct_records"], statewide["convictions"], county["eligible"]
    sums = {
        "records used = of convictions + of anything else": (
            records["used"],
            records["of_convictions"] + records["of_anything_else"],
        ),
        "convictions = candidates + others": (
            convictions["total"],
            convictions["candidates"] + convictions["not_candidates"],
        ),
        "candidates = the sum over their outcomes": (
            convictions["candidates"],
            sum(statewide["candidates_by_outcome"].values()),
        ),
        "the county's candidates = the sum over their outcomes": (
            county["candidates"],
            sum(county["candidates_by_outcome"].values()),
        ),
        "the county's eligible = in the package + sent before + waiting + withheld": (
            eligible["total"],
            eligible["in_package"] + eligible.get("sent_before", 0) + eligible.get("waiting", 0) + eligible["withheld"],
        ),
        "waiting = the sum over the reasons": (
            eligible.get("waiting", 0),
            sum(eligible.get("waiting_by_reason", {}).values()),
        ),
        "eligible = the outcome ELIGIBLE": (eligible["total"], county["candidates_by_outcome"]["ELIGIBLE"]),
        "withheld = the sum over the reasons": (eligible["withheld"], sum(eligible["withheld_by_reason"].values())),
    }
    wrong = [what for what, (left, right) in sums.items() if left != right]
    if min(records["of_anything_else"], convictions["not_candidates"]) < 0:
        wrong.append("a part is greater than its whole")
    return wrong
