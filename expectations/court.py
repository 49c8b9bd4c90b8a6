"""The court suite: every eligible determination is a line of exactly one package or withheld with a reason, the packages
as written are sound, and the histories behind them are whole enough.
"""

from expectations.expectation import OUR_FAULT, Expectation, Faults, Shown, Suite, balance, law

_ILLEGIBLE = Shown("raw.quarantine", "subject_id = '' and cii = ''")

SUITE = Suite(
    name="court",
    models=("quality.court_violation", "quality.court_metric"),
    schemas=("court",),
    stated=(
        law(
            "court.every_eligible_is_an_action",
            "Every eligible determination is an action (determinations without).",
        ),
        law(
            "court.only_eligible_are_actions",
            "No court is asked for anything but an eligible determination (actions too many).",
        ),
        law(
            "court.conviction_is_asked_for_once",
            "A conviction is asked for once under a remedy (actions that repeat one).",
        ),
        law(
            "court.every_action_is_packed_or_withheld",
            "An action is a line of one package, or withheld with a reason, never both or neither (actions that are).",
        ),
        law(
            "court.line_stands_in_its_own_county",
            "A line stands in the package of the court that convicted, under its code (lines that don't).",
        ),
        law(
            "court.lines_run_without_gap",
            "Lines of a package are numbered from 1 without a gap (lines out of step).",
        ),
        law(
            "court.every_line_can_be_posted",
            "A line names case, count, section, action and subject (lines that don't).",
        ),
        law(
            "court.late_data_is_withheld",
            "No line goes out where the data no longer speak for the as-of date (lines that do).",
        ),
        law(
            "court.every_line_is_in_one_case",
            "Every line belongs to a case of its package (lines that don't).",
        ),
        law(
            "court.every_determination_is_on_the_worklist",
            "Every determination of a program's remedy is on the prosecutor's worklist as it was made (those that are not).",
        ),
        law(
            "court.only_determinations_are_on_the_worklist",
            "The prosecutor is shown nothing but determinations (rows without).",
        ),
        law(
            "court.every_key_is_sound",
            "A line has a key of its own; key and version are letters with their check letter (lines that don't).",
        ),
        law(
            "court.every_action_is_its_line_of_the_worklist",
            "What a court is asked for is what the prosecutor is shown: key, version, action, reason to withhold "
            "(actions that differ).",
        ),
        law(
            "court.every_listed_person_is_a_subject",
            "Whoever is on the worklist is known as a person (rows of nobody).",
        ),
        balance(
            "court.every_candidate_is_accounted_for",
            "n_candidates_unaccounted",
            "The packages' accounts hold every candidate once (candidates too few or too many).",
            Shown("court.accounting"),
        ),
        balance(
            "court.cases_hold_all_lines",
            "n_lines_missing_from_cases",
            "The cases say of as many counts as there are lines that they are in the batch (difference).",
            Shown("court.case_summary"),
        ),
        Expectation(
            "court.packages_verify",
            "n_package_faults",
            0,
            "critical",
            "Things wrong with the packages as they lie on disk: a missing or extra one, a checksum, a total, a form.",
            OUR_FAULT,
            Faults(),
        ),
        Expectation(
            "court.no_line_rests_on_illegible_records",
            "illegible_share_behind_lines",
            "illegible_block",
            "critical",
            "Share of records that are quarantined and whose person can't be told, in the worst file, where lines go out all "
            "the same: they have to be withheld.",
            OUR_FAULT,
            _ILLEGIBLE,
        ),
        Expectation(
            "court.few_records_are_illegible",
            "worst_file_illegible_share",
            "illegible_block",
            "warning",
            "Share of records that are quarantined and whose person can't be told, in the worst file. Anybody's history may "
            "lack one of them, so nothing goes to a court.",
            "Ask DOJ for the file again, or mend the lines and deliver it anew.",
            _ILLEGIBLE,
        ),
    ),
)
