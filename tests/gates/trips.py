"""For each expectation, a damage to a sound build that it has to notice. An expectation without one fails its test."""

from clearslate.contracts import Contract

_ONE_CONVICTION = "where conviction_id = (select min(conviction_id) from core.conviction)"
_ATTACH = "insert into core.attachment (later_charge_no, conviction_charge_no, is_sure, is_repeat)"
_CANDIDATE = "(select min(candidate_id) from eligibility.candidate where remedy = 'prop64')"
_ONE_FACT = f"where conviction_id = {_CANDIDATE}"
_ONE_DETERMINATION = f"where remedy = 'prop64' and candidate_id = {_CANDIDATE}"
_ONE_CHARGE = "where charge_no = (select min(charge_no) from core.charge)"
_ONE_ENTRY = "where step_type = 'court_action' and charge_no = (select min(charge_no) from core.conviction)"


def _quarantined(n: int) -> tuple[str, ...]:
    """So many quarantined records, rightly accounted for."""
    return (
        "insert into raw.quarantine select 1, 0, 'input.csv', 1000 + i, 1000 + i, 'quote', '', '', '1', '' "
        f"from range({n}) as t (i)",
        f"update raw.file set records_quarantined = {n}, lines_quarantined = {n}, lines_total = lines_total + {n}",
    )


def _records(change: str) -> tuple[str, ...]:
    return (f"update core.entry set {change} {_ONE_ENTRY}",)


def _persons(change: str) -> tuple[str, ...]:
    return (f"update core.person set {change} where person_no = 1",)


def _convictions(change: str) -> tuple[str, ...]:
    return (f"update core.conviction set {change} {_ONE_CONVICTION}",)


_CUT_STATEWIDE = (
    "insert into raw.delivery select 2, 'cut', received_on, data_through, 'statewide' from raw.delivery",
    "insert into raw.file select * replace (2 as delivery_no) from raw.file",
    "insert into raw.record select * replace (2 as delivery_no) from raw.record where record_no = 3",
)

LANDING = {
    "landing.statewide_delivery_is_whole": _CUT_STATEWIDE,
    "landing.statewide_delivery_is_nearly_whole": _CUT_STATEWIDE,
    "landing.deliveries_go_forward": (
        "insert into raw.delivery select 2, 'older', received_on, data_through - 1, scope from raw.delivery",
    ),
    "landing.every_line_is_accounted_for": ("update raw.file set lines_blank = lines_blank + 1",),
    "landing.every_loaded_record_is_there": ("delete from raw.record where record_no = 3",),
    "landing.every_quarantined_record_is_there": ("update raw.file set records_quarantined = 1",),
    "landing.every_record_has_its_file": ("update raw.record set file_no = 9 where record_no = 3",),
    "landing.file_quarantine_is_bearable": _quarantined(3),
    "landing.file_quarantine_is_low": _quarantined(1),
    "landing.delivery_quarantine_is_bearable": _quarantined(3),
    "landing.delivery_quarantine_is_low": _quarantined(1),
}

_UNREAD = "update core.offense set is_parsed = false, problem = 'no_statute'"

STAGING = {
    "staging.every_loaded_record_is_staged": ("delete from staging.record where record_no = 3",),
    "staging.every_record_has_a_subject": (
        "update staging.record set subject_id = null, cii = null where record_no = 3",
    ),
    "staging.steps_are_listed": ("update staging.step_text set step_type = null where step_type = 'court_action'",),
    "staging.dispositions_are_mapped": (
        "update staging.disposition_text set disposition_class = null where disposition_class = 'convicted'",
    ),
    "staging.offenses_are_readable": (_UNREAD,),
    "staging.few_offenses_are_unreadable": (
        f"{_UNREAD} where offense_no = (select min(offense_no) from core.offense where n_records = 1)",
    ),
    "staging.data_is_current": (),  # the run is made to say that its data are late
}

CORE_LAWS = {
    "core.every_record_has_one_use": ("delete from core.record where record_no = 3",),
    "core.newest_delivery_is_used_whole": ("update core.record set use = 'superseded' where record_no = 3",),
    "core.every_used_record_is_one_entry": ("delete from core.entry where record_no = 3",),
    "core.every_entry_names_its_offense": _records("offense_no = null"),
    "core.every_entry_is_in_one_charge": (f"update core.charge set n_entries = n_entries + 1 {_ONE_CHARGE}",),
    "core.every_charge_is_in_one_event": (f"update core.charge set event_no = 0 {_ONE_CHARGE}",),
    "core.every_court_charge_is_a_count": (
        "delete from core.court_count where charge_no = (select min(charge_no) from core.court_count)",
    ),
    "core.every_convicted_count_is_told_once": (f"delete from core.conviction {_ONE_CONVICTION}",),
    "core.every_record_belongs_to_a_person": ("update core.record set person_no = -1 where record_no = 3",),
    "core.every_person_has_a_record": ("insert into core.person (person_no, person_key) values (-1, 'Snobody')",),
    "core.person_is_told_by_one_key": (
        "update core.person set person_key = (select person_key from core.person where person_no = 1) "
        "where person_no = 2",
    ),
    "core.every_conviction_names_its_record": _convictions("record_no = -1"),
    "core.every_sentence_has_its_charge": ("update core.sentence set charge_no = 0",),
    "core.every_attachment_has_its_conviction": (
        f"{_ATTACH} select charge_no, 0, true, false from core.conviction {_ONE_CONVICTION}",
    ),
    "core.conviction_dates_are_in_order": _convictions("conviction_date_least = date '2200-01-01'"),
    "core.court_dates_are_known": ("update core.entry set event_date = null",),
    "core.few_court_dates_are_unknown": _records("event_date = null"),
    "core.severities_are_known": ("update core.conviction set severity = null",),
    "core.few_severities_are_unknown": (
        "update core.conviction set severity = null "
        "where charge_no in (select charge_no from core.conviction order by charge_no limit 2)",
    ),
    "core.release_file_writes_cii_numbers_alike": (
        "insert into raw.srf (line_no, cii) values (2, '12345678'), (3, '7')",
    ),
}

FINDINGS = {
    "core.offense_unreadable": (_UNREAD,),
    "core.offense_blank": ("update core.offense set is_parsed = false, problem = 'blank'",),
    "core.disposition_unmapped": _records("disposition_class = null"),
    "core.disposition_blank": _records("disp_text = null"),
    "core.convicted_outside_court": _records("step_type = 'custody'"),
    "core.step_type_unknown": _records("step_type = null"),
    "core.court_date_unknown": _records("event_date = null"),
    "core.event_ambiguous": _records("is_day_ambiguous = true"),
    "core.after_receipt": _records("is_event_after_receipt = true"),
    "core.after_as_of": _records("event_date_least = date '2019-11-12'"),
    "core.order_unreadable": _records("cnt_order = null"),
    "core.subject_id_blank": ("update staging.record set subject_id = null where record_no = 3",),
    "core.later_count_unsure": (
        f"{_ATTACH} select charge_no, charge_no, false, false from core.conviction {_ONE_CONVICTION}",
    ),
    "core.sentence_unlisted": _records("sentence_location = 'DOE,JANE'"),
    "core.cii_shared": ("update core.person set is_cii_shared = true",),
    "core.identity_conflict": _persons("identity_conflict = true"),
    "core.identity_unsure": _persons("identity_conflict = null"),
    "core.subject_repeated": _persons("is_subject_repeated = true"),
    "core.birth_date_unknown": _persons("birth_date = null"),
    "core.birth_date_too_early": _persons("birth_date_least = date '1880-01-01'"),
    "core.history_incomplete": _persons("is_history_complete = false"),
    "core.race_unlisted": ("update core.person set race = 'DOE,JANE'",),
    "core.gender_unlisted": ("update core.person set gender = '19700101'",),
    "core.possible_repeat": _convictions("is_possible_repeat = true"),
    "core.date_mismatch": ("update core.conviction set disp_date = date '1960-01-01'",),
    "core.conviction_date_unknown": _convictions("conviction_date = null"),
    "core.county_unknown": _convictions("county = null"),
    "core.case_number_missing": ("update core.conviction set case_key = null, case_number_source = 'none'",),
    "core.case_number_contradicted": _convictions("case_key = null, case_number_source = 'contradicted'"),
    "core.severity_unknown": _convictions("severity = null"),
    "core.severity_contradicted": _convictions("is_severity_contradicted = true"),
    "core.disposition_contradicted": _convictions("is_disposition_contradicted = true"),
    "core.convicted_too_young": ("update core.conviction set conviction_date_most = date '1900-01-01'",),
}

ELIGIBILITY = {
    "eligibility.every_conviction_has_its_facts": (f"delete from facts.conviction {_ONE_FACT}",),
    "eligibility.every_arrest_has_its_facts": ("insert into facts.arrest (arrest_id) values ('nobody')",),
    "eligibility.every_candidate_is_determined": (f"delete from eligibility.determination {_ONE_DETERMINATION}",),
    "eligibility.only_candidates_are_determined": (f"delete from eligibility.candidate {_ONE_DETERMINATION}",),
    "eligibility.determination_agrees_with_its_facts": (
        f"update eligibility.determination set county = 'ALPINE' {_ONE_DETERMINATION}",
    ),
    "eligibility.relief_agrees_with_outcome": (
        f"update eligibility.determination set relief = 'NONE' {_ONE_DETERMINATION}",
    ),
    "eligibility.every_determination_says_why": (
        f"update eligibility.determination set citation = null {_ONE_DETERMINATION}",
    ),
    "eligibility.determinations_are_of_this_run": (
        f"update eligibility.determination set as_of = date '2019-11-10' {_ONE_DETERMINATION}",
    ),
    "eligibility.nothing_after_as_of_is_relieved": (f"update facts.conviction set after_as_of = true {_ONE_FACT}",),
    "eligibility.every_requested_county_has_candidates": (
        "delete from eligibility.determination where county = 'SACRAMENTO'",
    ),
}

_ILLEGIBLE = (
    "insert into raw.quarantine values (1, 0, 'input.csv', 1000, 1000, 'quote', '', '', '', '')",
    "update quality.landing_file_metric set illegible_share = 0.002",
)

COURT = {
    "court.every_eligible_is_an_action": ("delete from court.action where line_no = 1",),
    "court.only_eligible_are_actions": (
        f"update eligibility.determination set outcome = 'REVIEW' {_ONE_DETERMINATION}",
    ),
    "court.conviction_is_asked_for_once": (
        "update court.action set conviction_id = (select conviction_id from court.action where line_no = 1) "
        "where line_no = 2",
    ),
    "court.every_action_is_packed_or_withheld": (
        "update court.action set package_county = null, line_no = null where line_no = 14",
    ),
    "court.line_stands_in_its_own_county": ("update court.action set court_code = '99' where line_no = 1",),
    "court.lines_run_without_gap": ("update court.action set line_no = 15 where line_no = 14",),
    "court.every_line_can_be_posted": ("update court.action set count_no = null where line_no = 1",),
    "court.late_data_is_withheld": (),  # the run is made to say that its data are late
    "court.every_line_is_in_one_case": ("delete from court.case_summary where case_no = 1",),
    "court.every_determination_is_on_the_worklist": (f"update review.worklist set rule = 'another' {_ONE_FACT}",),
    "court.only_determinations_are_on_the_worklist": (f"delete from eligibility.determination {_ONE_DETERMINATION}",),
    "court.every_key_is_sound": (
        # One wrong letter: the check letter finds each of those; of other damage it misses one in 17.
        "update review.worklist set action_key = if(action_key[1] = 'B', 'C', 'B') || action_key[2:] "
        "where action_key = (select action_key from court.action where line_no = 1)",
    ),
    "court.every_action_is_its_line_of_the_worklist": (
        "update court.action set version = (select version from court.action where line_no = 2) where line_no = 1",
    ),
    "court.every_listed_person_is_a_subject": ("delete from court.subject where person_no = 1",),
    "court.every_candidate_is_accounted_for": ("update court.accounting set n = n + 1",),
    "court.cases_hold_all_lines": ("update court.case_summary set n_in_batch = n_in_batch + 1",),
    "court.packages_verify": (),  # the packages are damaged on disk
    "court.no_line_rests_on_illegible_records": _ILLEGIBLE,
    "court.few_records_are_illegible": _ILLEGIBLE,
}

TRIPS = {**LANDING, **STAGING, **CORE_LAWS, **FINDINGS, **ELIGIBILITY, **COURT}

NEEDS_LATE_DATA = {"staging.data_is_current", "court.late_data_is_withheld"}
NEEDS_DAMAGED_PACKAGE = {"court.packages_verify"}


def repeat_a_row(contract: Contract, *, is_empty: bool) -> tuple[str, ...]:
    """A table's key made to stand twice; in a table without rows: the unknown key."""
    if is_empty:
        return (f"insert into {contract.name} default values",) * 2
    return (f"insert into {contract.name} select * from {contract.name} limit 1",)
