"""`summary.json` per county: the predecessor's keys and definitions, out of `impact.county_summary`.

Belongs here: the shape of that file. Does not belong here: counting (sql/impact/), anything that differs from run to run
(`processingTimeInSeconds` is 0; timings live in the run's record).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clearslate.home import write_json
from clearslate.law.assignment import Assignment
from clearslate.law.policy import Policy
from clearslate.settings import county_folder
from clearslate.warehouse import Warehouse

Measures = Mapping[tuple[str, str], int]

_EARLIEST = """
select d.county, min(c.conviction_date) from eligibility.determination as d
inner join facts.conviction as c on d.candidate_id = c.conviction_id
where d.county is not null and d.remedy = 'prop64' and not c.prop64_predecessor group by d.county
"""


def _by_part(measures: Measures, measure: str) -> dict[str, int]:
    return {part: value for (name, part), value in sorted(measures.items()) if name == measure}


def _relief(measures: Measures, prefix: str) -> dict[str, int]:
    return {
        "CountSubjectsNoConviction": measures.get((f"{prefix}subjects_no_conviction", ""), 0),
        "CountSubjectsNoConvictionLast7Years": measures.get((f"{prefix}subjects_no_conviction_last_7_years", ""), 0),
        "CountSubjectsNoFelony": measures.get((f"{prefix}subjects_no_felony", ""), 0),
    }


def summarize(county: str, measures: Measures, earliest: str | None, policy: Policy) -> dict[str, Any]:
    """One county's summary. `earliest` is the ISO day of its earliest dated candidate, None where there is none."""

    def count(measure: str) -> int:
        return measures.get((measure, ""), 0)

    def listed(measure: str, parameter: str) -> dict[str, int]:
        found = _by_part(measures, measure)
        sections = policy.values.get(parameter, ())
        return {section: found.get(section, 0) for section in (sections if isinstance(sections, tuple) else ())}

    return {
        "county": county,
        "earliestConviction": f"{earliest}T00:00:00Z" if earliest else None,
        "lineCount": count("lines"),
        "processingTimeInSeconds": 0,
        "reliefWithCurrentEligibilityChoices": _relief(measures, ""),
        "reliefWithDismissAllProp64": _relief(measures, "all_dismissed_"),
        "prop64ConvictionsCountInCountyByCodeSection": _by_part(measures, "candidates_by_section"),
        "subjectsWithProp64ConvictionCountInCounty": count("subjects"),
        "prop64FelonyConvictionsCountInCounty": count("felony_candidates"),
        "prop64NonFelonyConvictionsCountInCounty": count("non_felony_candidates"),
        "subjectsWithSomeReliefCount": count("subjects_with_some_relief"),
        "convictionDismissalCountByCodeSection": listed("dismissals_by_section_rule", "dismiss"),
        "convictionReductionCountByCodeSection": listed("reductions_by_section_rule", "reduce"),
        "convictionDismissalCountByAdditionalRelief": _by_part(measures, "dismissals_by_additional_relief"),
    }


def write_summaries(warehouse: Warehouse, *, out: Path, counties: Sequence[str], assignment: Assignment) -> None:
    """Write `summary.json` for each of the counties below `out`."""
    measures: dict[str, dict[tuple[str, str], int]] = {}
    for county, measure, part, value in warehouse.rows(
        "select county, measure, part, value from impact.county_summary", what="impact.county_summary"
    ):
        measures.setdefault(county, {})[(measure, part)] = value
    earliest = {county: day.isoformat() if day else None for county, day in warehouse.rows(_EARLIEST)}
    for county in counties:
        summary = summarize(county, measures.get(county, {}), earliest.get(county), assignment.policy_of(county))
        write_json(out / county_folder(county) / "summary.json", summary)
