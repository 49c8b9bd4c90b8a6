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

    def of(self, county: str) -> dict[str, Any]:
        """The manifest's `accounting` for one county. Raises ClearslateError naming the sum that does not hold."""
        statewide: Counter[str] = Counter()
        outcomes: Counter[str] = Counter()
        disposals: Counter[str] = Counter()
        for (where, outcome, disposal), n in self.candidates.items():
            statewide[outcome] += n
            if where == county:
                outcomes[outcome] += n
                disposals[disposal] += n
        eligible = outcomes["ELIGIBLE"]
        in_package = disposals.pop("in_package", 0)
        disposals.pop("no_action", None)
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
                "eligible": {
                    "total": eligible,
                    "in_package": in_package,
                    "withheld": disposals.total(),
                    "withheld_by_reason": dict(sorted(disposals.items())),
                },
            },
        }
        wrong = unbalanced(found)
        if "missing" in disposals:
            wrong.append("an eligible candidate is neither in a package nor withheld")
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
        "the county's eligible = in the package + withheld": (
            eligible["total"],
            eligible["in_package"] + eligible["withheld"],
        ),
        "eligible = the outcome ELIGIBLE": (eligible["total"], county["candidates_by_outcome"]["ELIGIBLE"]),
        "withheld = the sum over the reasons": (eligible["withheld"], sum(eligible["withheld_by_reason"].values())),
    }
    wrong = [what for what, (left, right) in sums.items() if left != right]
    if min(records["of_anything_else"], convictions["not_candidates"]) < 0:
        wrong.append("a part is greater than its whole")
    return wrong
