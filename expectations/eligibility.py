"""The eligibility suite: every candidate is decided exactly once, on facts of its own, as of this run's date and rules."""

from expectations.expectation import Expectation, Shown, Suite, law

SUITE = Suite(
    name="eligibility",
    models=("quality.eligibility_violation", "quality.eligibility_metric"),
    schemas=("facts", "eligibility"),
    stated=(
        law(
            "eligibility.every_conviction_has_its_facts",
            "Every conviction has a row of facts, and nothing else has (convictions that differ).",
        ),
        law(
            "eligibility.every_arrest_has_its_facts",
            "Every arrest has a row of facts, and nothing else has (arrests that differ).",
        ),
        law(
            "eligibility.every_candidate_is_determined",
            "Every candidate of a remedy, by its own predicate, has a determination of that remedy (candidates without).",
        ),
        law(
            "eligibility.only_candidates_are_determined",
            "Nothing but what is surely a candidate of a remedy has a determination of it (determinations too many).",
        ),
        law(
            "eligibility.determination_agrees_with_its_facts",
            "A determination is about the person and county of its conviction or arrest (determinations that differ).",
        ),
        law(
            "eligibility.relief_agrees_with_outcome",
            "Outcome and relief are known ones, exactly the eligible ones bring relief, and only what a person has to look at "
            "awaits an input (determinations that don't fit).",
        ),
        law(
            "eligibility.every_determination_says_why",
            "A determination names its rule, reason, citation and legal basis (determinations that don't).",
        ),
        law(
            "eligibility.determinations_are_of_this_run",
            "Every determination was made as of this run's date under its rules (determinations of another).",
        ),
        law(
            "eligibility.nothing_after_as_of_is_relieved",
            "What has not happened by the as-of date gets no relief (determinations that grant it).",
        ),
        Expectation(
            "eligibility.every_requested_county_has_candidates",
            "n_requested_counties_without_candidates",
            0,
            "critical",
            "Counties that were asked for and in which no conviction is a candidate for Prop 64 relief.",
            "Check that the extract covers the county; leave it out with --county where it rightly has none. The rows are the "
            "convictions of the counties asked for.",
            Shown("facts.conviction", "list_contains(cast($requested_counties as varchar[]), county)"),
        ),
    ),
)
