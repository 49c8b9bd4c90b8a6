"""The staging suite: nothing is lost while records are typed, and enough of their texts can be read."""

from expectations.expectation import Expectation, Shown, Suite, law

_UNREADABLE = Shown("core.offense", "not is_parsed and problem <> 'blank'")
_TEACH_GRAMMAR = (
    "The rows are offense texts with the number of records that carry each. Where they are a spelling that the grammar "
    "should know, add it (rules/statutes, clearslate/statutes); unread offenses go to REVIEW meanwhile."
)

SUITE = Suite(
    name="staging",
    models=("quality.staging_violation", "quality.staging_metric"),
    schemas=("law", "staging"),
    stated=(
        law(
            "staging.every_loaded_record_is_staged",
            "Every loaded record is in staging.record, and nothing else is (records that differ).",
        ),
        law(
            "staging.every_record_has_a_subject",
            "Every record bears a SUBJECT_ID or a CII; one without either belongs into quarantine (records without).",
        ),
        Expectation(
            "staging.steps_are_listed",
            "unlisted_step_share",
            "unlisted_step_block",
            "critical",
            "Share of records whose kind of step rules/step_types.csv does not have; they may be of any kind.",
            "The rows are those texts with the number of records that carry each: give them a kind in the list.",
            Shown("staging.step_text", "step_type is null"),
        ),
        Expectation(
            "staging.dispositions_are_mapped",
            "unmapped_disposition_share",
            "unmapped_disposition_block",
            "critical",
            "Share of records whose disposition text rules/dispositions.csv does not cover; nobody knows what they did.",
            "The rows are those texts with the number of records that carry each: give them a meaning in the list.",
            Shown("staging.disposition_text", "disposition_class is null"),
        ),
        Expectation(
            "staging.offenses_are_readable",
            "unreadable_offense_share",
            "unreadable_offense_block",
            "critical",
            "Share of offense texts, by their use, in which no statute could be read.",
            _TEACH_GRAMMAR,
            _UNREADABLE,
        ),
        Expectation(
            "staging.few_offenses_are_unreadable",
            "unreadable_offense_share",
            "unreadable_offense_warn",
            "warning",
            "Share of offense texts, by their use, in which no statute could be read.",
            _TEACH_GRAMMAR,
            _UNREADABLE,
        ),
        Expectation(
            "staging.data_is_current",
            "is_data_late",
            0,
            "warning",
            "Whether a delivery is too old to say what has not happened by the as-of date; every court line is withheld then.",
            "State up to which day the delivery speaks (--data-through, or its marker), and where it holds everybody, so that "
            "older ones speak of nobody any more, --scope statewide; or decide as of an earlier date.",
            Shown("raw.delivery"),
        ),
    ),
)
