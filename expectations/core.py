"""The core suite: every record is used once and stands in one charge, everything points at something that is there, and
what the records leave unknown or contradict is counted.
"""

from expectations.expectation import Expectation, Located, Severity, Shown, Suite, law

_FINDINGS = "quality.finding"
_UNDATED = Located(_FINDINGS, "court_date_unknown")
_UNKNOWN_LEVEL = Located(_FINDINGS, "severity_unknown")
_ASK_DOJ = "Such histories go to REVIEW. If the share is new, ask DOJ whether a column was left out or moved."


def _finding(finding: str, meaning: str, mend: str, severity: Severity = "info") -> Expectation:
    """Something in the records that is listed and counted, and closes no gate."""
    name = f"core.{finding}"
    return Expectation(name, name, 0, severity, meaning, mend, Located(_FINDINGS, finding))


_LAWS = (
    law(
        "core.every_record_has_one_use",
        "Loaded records = used + exact duplicates + superseded ones (records with none of these uses).",
    ),
    law(
        "core.newest_delivery_is_used_whole",
        "Nothing supersedes the newest delivery (records of it that count as superseded).",
    ),
    law(
        "core.every_used_record_is_one_entry",
        "Every used record is an entry, and nothing else is (records that differ).",
    ),
    law(
        "core.every_entry_names_its_offense",
        "Every entry's offense text was looked up, read or not (entries without).",
    ),
    law(
        "core.every_entry_is_in_one_charge",
        "Every entry stands in one charge of its own person, and is counted there (charges that differ).",
    ),
    law(
        "core.every_charge_is_in_one_event",
        "Every charge stands in an event of its own person (charges that don't).",
    ),
    law(
        "core.every_court_charge_is_a_count",
        "Every charge that a court dealt with, or may have, is a court count (charges that aren't).",
    ),
    law(
        "core.every_convicted_count_is_told_once",
        "A count that a court convicted of is one conviction, or tells an earlier one again; nothing else is one (counts that "
        "differ).",
    ),
    law(
        "core.every_record_belongs_to_a_person",
        "The person of a record is in core.person (records whose person isn't).",
    ),
    law(
        "core.every_person_has_a_record",
        "Every person has a record in use (persons without).",
    ),
    law(
        "core.person_is_told_by_one_key",
        "No two persons have the same person_key (persons that share one).",
    ),
    law(
        "core.every_conviction_names_its_record",
        "The record that a conviction names is an entry of its own count and person (convictions that don't).",
    ),
    law(
        "core.every_sentence_has_its_charge",
        "Every part of a sentence belongs to a charge (parts that don't).",
    ),
    law(
        "core.every_attachment_has_its_conviction",
        "What is told of a conviction later is told of one that is there, of the same person (later counts that aren't).",
    ),
    law(
        "core.conviction_dates_are_in_order",
        "The earliest possible day of a conviction is not after its day, nor that after the latest one (convictions that "
        "differ).",
    ),
)

_SHARES = (
    Expectation(
        "core.court_dates_are_known",
        "unknown_date_share",
        "unknown_date_block",
        "critical",
        "Share of court records without an exact day.",
        _ASK_DOJ,
        _UNDATED,
    ),
    Expectation(
        "core.few_court_dates_are_unknown",
        "unknown_date_share",
        "unknown_date_warn",
        "warning",
        "Share of court records without an exact day.",
        _ASK_DOJ,
        _UNDATED,
    ),
    Expectation(
        "core.severities_are_known",
        "unknown_severity_share",
        "unknown_severity_block",
        "critical",
        "Share of convictions of unknown level: felony, misdemeanor or infraction.",
        _ASK_DOJ,
        _UNKNOWN_LEVEL,
    ),
    Expectation(
        "core.few_severities_are_unknown",
        "unknown_severity_share",
        "unknown_severity_warn",
        "warning",
        "Share of convictions of unknown level: felony, misdemeanor or infraction.",
        _ASK_DOJ,
        _UNKNOWN_LEVEL,
    ),
    Expectation(
        "core.release_file_writes_cii_numbers_alike",
        "n_srf_written_otherwise",
        0,
        "critical",
        "Some row of the Supervised Release File writes its CII number as the extract does (rows, where none does): else it "
        "would find nobody, and clear everybody.",
        "Write the CII numbers of the file as the extract has them, with their letter and zeros.",
        Shown("raw.srf"),
    ),
)

_RECORD_FINDINGS = (
    _finding(
        "offense_unreadable",
        "Records with an offense text in which no statute could be read.",
        "See the texts with `clearslate rows --gate staging.offenses_are_readable`.",
    ),
    _finding(
        "offense_blank",
        "Court records without any offense text.",
        "The offense is unknown; such a conviction is nobody's candidate, and may keep the person's others from relief.",
    ),
    _finding(
        "disposition_unmapped",
        "Records whose disposition text rules/dispositions.csv does not cover.",
        "Give the text a meaning in the list; on a court action it may be anything until then.",
    ),
    _finding(
        "disposition_blank",
        "Court records without a disposition.",
        "It may be a conviction; ask the court or DOJ where it matters.",
    ),
    _finding(
        "convicted_outside_court",
        "Records that say convicted but are not of a court action.",
        "They start no conviction, and may be one: facts of absence are unknown for these people.",
    ),
    _finding(
        "step_type_unknown",
        "Records that don't say what kind of step they are, or say one that rules/step_types.csv does not have.",
        "They may be of any kind; facts that depend on it are unknown.",
    ),
    _finding(
        "court_date_unknown",
        "Court records without an exact day.",
        "A year that is stated is used; the rest is unknown.",
    ),
    _finding(
        "event_ambiguous",
        "Records whose blank day or county could be either of several that their siblings state.",
        "What they tell of may be another conviction or the same: such convictions are possible repeats.",
    ),
    _finding(
        "after_receipt",
        "Records dated after the day on which they were received, which is impossible.",
        "The date is taken for unknown. If there are many, check the clock of the machine and the columns of the extract.",
        "warning",
    ),
    _finding(
        "after_as_of",
        "Records dated between the as-of date and the day of receipt: they have not happened yet.",
        "The packages of this run are for testing only; decide as of a later date for real ones.",
        "warning",
    ),
    _finding(
        "order_unreadable",
        "Records whose CNT_ORDER is not twelve digits.",
        "Their cycle and step are unknown, so that they may belong to any.",
    ),
    _finding(
        "subject_id_blank",
        "Records without a SUBJECT_ID.",
        "They go to the one subject with their CII; where several share it, each of these histories has a hole.",
    ),
    _finding(
        "later_count_unsure",
        "Later court counts that may speak of a conviction, or of one of several.",
        "Nothing is attached; what they could change is unknown.",
    ),
    _finding(
        "sentence_unlisted",
        "Records with a kind of sentence that rules/sentence_locations.csv does not have.",
        "The end of the sentence is unknown, and the snapshot leaves the text out. Give the text a kind in the list.",
    ),
)

_PERSON_FINDINGS = (
    _finding(
        "cii_shared",
        "Persons whose CII other subjects of a delivery bear too.",
        "Nobody is joined by such a CII. Report it to DOJ: one number should be one person.",
        "warning",
    ),
    _finding(
        "identity_conflict",
        "Persons whose records state two CIIs or two birth dates, or who stand in several deliveries unjoined.",
        "Their convictions go to REVIEW: the records may be of two people.",
    ),
    _finding(
        "identity_unsure",
        "Persons whose CII or birth date is stated on some records and blank on others.",
        "The blank may hide another identity; what depends on it goes to REVIEW.",
    ),
    _finding(
        "subject_repeated",
        "Persons whose SUBJECT_ID stands in several deliveries without CII and birth date to join them.",
        "They are kept apart; the older history may be theirs too.",
    ),
    _finding(
        "birth_date_unknown",
        "Persons without one exact birth date.",
        "Ages are unknown where a year alone doesn't settle them.",
    ),
    _finding(
        "birth_date_too_early",
        "Persons whom their birth date makes older than anybody is: more than 110 years on the as-of date.",
        "The birth date is taken for unknown; what depends on the person's age goes to REVIEW.",
    ),
    _finding(
        "history_incomplete",
        "Persons with a hole in the history: a record of theirs is quarantined, or can't be told from another's.",
        "Mend the quarantined lines and deliver them; all that the person could be granted goes to REVIEW meanwhile.",
    ),
    _finding(
        "race_unlisted",
        "Persons whose race is a text that rules/races.csv does not have.",
        "The snapshot leaves it out, for it may name a person, and the statistics count it as unknown. See whether a column "
        "has moved; if it is a race, list it.",
    ),
    _finding(
        "gender_unlisted",
        "Persons whose gender is a text that rules/genders.csv does not have.",
        "The snapshot leaves it out, for it may name a person, and the statistics count it as unknown. See whether a column "
        "has moved; if it is a gender, list it.",
    ),
)

_CONVICTION_FINDINGS = (
    _finding(
        "possible_repeat",
        "Convictions that may be the same as another one.",
        "They are kept apart, and each goes to REVIEW.",
    ),
    _finding(
        "date_mismatch",
        "Convictions whose DISP_DATE differs from the day of the step.",
        "The day of the step is used.",
    ),
    _finding(
        "conviction_date_unknown",
        "Convictions without an exact day.",
        "A year that is stated is used; what depends on the day goes to REVIEW.",
    ),
    _finding(
        "county_unknown",
        "Convictions whose county is blank or not one of the 58.",
        "They are withheld from every court, and listed under review/_unknown.",
    ),
    _finding(
        "case_number_missing",
        "Convictions without a case number.",
        "They are withheld: the court could not find the case. Look the number up.",
    ),
    _finding(
        "case_number_contradicted",
        "Convictions whose records state different case numbers.",
        "They are withheld: the wrong case could be sealed. Look the number up.",
    ),
    _finding(
        "severity_unknown",
        "Convictions that don't say whether they are a felony, a misdemeanor or an infraction.",
        "What depends on it goes to REVIEW.",
    ),
    _finding(
        "severity_contradicted",
        "Convictions whose records state different levels.",
        "The level is taken for unknown.",
    ),
    _finding(
        "disposition_contradicted",
        "Convictions that another record of the same count dismisses or acquits.",
        "They go to REVIEW.",
    ),
    _finding(
        "convicted_too_young",
        "Convictions, but for those of juvenile courts, on a day on which the person was not yet 14 by the birth date.",
        "The birth date is taken for unknown there; what depends on the person's age goes to REVIEW.",
    ),
)

FINDINGS = (*_RECORD_FINDINGS, *_PERSON_FINDINGS, *_CONVICTION_FINDINGS)

SUITE = Suite(
    name="core",
    models=("quality.core_violation", "quality.finding", "quality.finding_count", "quality.core_metric"),
    schemas=("core",),
    stated=(*_LAWS, *_SHARES, *FINDINGS),
)
