"""Where every text of the snapshot comes from. A new one has to be looked at, and put where it belongs.

What somebody typed is no kind here: such a column names a list (`listed`) or is left out (`pii`), by its contract.
"""

from clearslate.contracts import load_contracts
from clearslate.publish import SCHEMAS, WORKING

OURS = "a word, id or text of the rules, the code or the run"
KEY = "a keyed hash"
DIGITS = "cycle and step, digits alone"
STATUTE = "what the grammar reads as code letters, section, subdivision: listed letters, digits, single letters"
COUNTY = "one of the 58"

CENSUS = {
    OURS: "batch_id bound candidate_kind case_number_source ceiling citation code_basis confidence court_code delivery_set "
    "denominator_meaning environmental enhancement expectation finding floor identity_theft legal_basis measure "
    "metric minor missed_appearance missing_facts other_case outcome outcome_if_clear part path pc290 policy problem "
    "program prop47 prop47_class prop64_form reason reason_code registration related related_flagged relation relief "
    "remedy remedy_version rests_on reversal_state rule rule_set run_id sentence_path serious severity split srf "
    "state stated_severity statute_source step_type suite superstrike supervision unit violent with_whom",
    KEY: "arrest_id candidate_id conviction_id person_id",
    DIGITS: "arrest_event blocking_event conviction_event conviction_relief_event court_event latest_conviction_event "
    "latest_felony_event latest_pending_event pc290_event prop47_relief_event prop64_relief_event section_prior_event "
    "serving_event superstrike_event",
    STATUTE: "joined_sections section statute_code subdivision",
    COUNTY: "county",
}


def test_every_published_text_is_of_a_known_kind() -> None:
    known = {name for names in CENSUS.values() for name in names.split()}
    typed = {
        f"{contract.name}.{column.name}"
        for contract in load_contracts().values()
        if contract.schema in SCHEMAS and contract.name not in WORKING
        for column in contract.columns
        if column.type not in ("BIGINT", "BOOLEAN", "DATE", "DOUBLE", "INTEGER", "UBIGINT")
        and not (column.pii or column.listed or column.name in known)
    }
    assert typed == set()


def test_a_listed_text_is_held_against_the_key_of_a_law_list() -> None:
    listed = {column.listed for contract in load_contracts().values() for column in contract.columns if column.listed}
    assert listed == {"law.gender", "law.race", "law.sentence_location"}
    for name in listed:
        assert len(load_contracts()[name].grain) == 1
