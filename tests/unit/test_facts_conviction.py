"""The facts of a conviction: each true, false and unknown, and on its edge days. As of 2020-06-01, one person a case."""

from pathlib import Path
from typing import Any

import pytest

from tests.support import Decided, decide, record

AS_OF = "2020-06-01"
Row = dict[str, str]

SUBJECT = record(OFFENSE_DESCR="11359 HS-POSSESS MARIJUANA FOR SALE")  # 2010-01-01, order 101-002-001, felony


def case(order: str = "101002001000", **cells: str) -> Row:
    return record(CNT_ORDER=order, **cells)


def arrest(day: str = "20091201", order: str = "101001001000", **cells: str) -> Row:
    told = {"STP_TYPE_DESCR": "ARREST/DETAINED/CITED", "DISP_DESCR": "", "CONV_STAT_DESCR": "", "OFN": ""}
    return record(CNT_ORDER=order, STP_EVENT_DATE=day, **{**told, **cells})


def other(day: str, offense: str = "459 PC-BURGLARY", order: str = "201001001000", **cells: str) -> Row:
    """A conviction of another cycle and case."""
    return record(CNT_ORDER=order, STP_EVENT_DATE=day, OFFENSE_DESCR=offense, **{"OFN": "777", **cells})


def later(day: str, disposition: str, **cells: str) -> Row:
    """What a later step says of the same count."""
    return record(CNT_ORDER="101003001000", STP_EVENT_DATE=day, DISP_DESCR=disposition, **cells)


def sentence(kind: str, length: str = "", unit: str = "") -> Row:
    return {"SENT_LOC_DESCR": kind, "SENT_LOC_CODE": kind[:1], "SENT_LENGTH": length, "SENT_TIME_CODE": unit}


def lowered(**cells: str) -> Row:
    """A later step that makes a misdemeanor of the same count."""
    told = {
        "OFFENSE_DESCR": SUBJECT["OFFENSE_DESCR"],
        "CONV_STAT_DESCR": "",
        "DISP_DESCR": "REDUCED TO MISD PER 17(B) PC",
    }
    return record(CNT_ORDER="101003001000", **{"STP_EVENT_DATE": "20110101", **told, **cells})


MURDER, SEX, COMMENT = "187 PC-MURDER", "288(A) PC-L&L W/CHILD UNDER 14", "SEE COMMENT FOR CHARGE"
UNREGISTERED, VIOLATION = "290.018(B) PC-FAIL TO REGISTER", "1203.2 PC-PROBATION VIOLATION"
ASSAULT, GBI = "245(A)(4) PC-ASSAULT BY FORCE LIKELY", "12022.7(A) PC-INFLICT GREAT BODILY INJURY"
PROBATION, JAIL, FINE = sentence("PROBATION", "3", "Y"), sentence("JAIL", "90", "D"), sentence("FINE")
REGISTERED = {"STP_TYPE_DESCR": "REGISTRATION", "DISP_DESCR": "", "OFN": ""}
MISDEMEANOR = {"CONV_STAT_DESCR": "MISDEMEANOR"}
DISMISSED = {"DISP_DESCR": "DISMISSED"}

CASES: dict[str, tuple[list[Row], dict[str, Any]]] = {
    # the day of the offense
    "an arrest": ([arrest(), SUBJECT], {"offense_date": "2009-12-01"}),
    "an arrest on the very day": ([arrest("20100101"), SUBJECT], {"offense_date": "2010-01-01"}),
    "the latest arrest": ([arrest("20090101"), arrest(), SUBJECT], {"offense_date": "2009-12-01"}),
    "an arrest after it": (
        [arrest(), arrest("20100102", "101003001000"), SUBJECT],
        {"offense_date": "2009-12-01"},
    ),
    "an undated arrest": (
        [arrest("20090101"), arrest("", "101001002000"), SUBJECT],
        {"offense_date": None, "offense_date_least": "2009-01-01", "offense_date_most": "2010-01-01"},
    ),
    "no arrest": (
        [SUBJECT],
        {"offense_date": None, "offense_date_least": "2007-01-01", "offense_date_most": "2010-01-01"},
    ),
    "what may be an arrest": (
        [SUBJECT, arrest(STP_TYPE_DESCR="")],
        {"offense_date_least": None, "offense_date_most": "2010-01-01"},
    ),
    "an arrest adrift": ([SUBJECT, arrest() | {"CNT_ORDER": ""}], {"offense_date_least": None}),
    # form and destruction
    "form stated": (
        [arrest(), case(OFFENSE_DESCR="11357(B) HS-POSSESS", **MISDEMEANOR)],
        {"prop64_form": "11357(b)", "form_inferred": False, "destruction_due": True},
    ),
    "form inferred": (
        [arrest(), case(OFFENSE_DESCR="11357 HS-POSSESS")],
        {"prop64_form": "11357(a)", "form_inferred": True, "destruction_due": False},
    ),
    "form by the type of charge": (
        [arrest(), case(OFFENSE_DESCR="11357 HS-POSSESS", CONV_STAT_DESCR="", OFFENSE_TOC="F")],
        {"prop64_form": None, "felony_stated": None, "destruction_due": None},
    ),
    "a day before destruction": (
        [arrest("20150101"), case(OFFENSE_DESCR="11357(B) HS-POSSESS", STP_EVENT_DATE="20180602", **MISDEMEANOR)],
        {"destruction_due": False},
    ),
    "the day of destruction": (
        [arrest("20150101"), case(OFFENSE_DESCR="11357(B) HS-POSSESS", STP_EVENT_DATE="20180601", **MISDEMEANOR)],
        {"destruction_due": True},
    ),
    "an offense of the new law": (
        [arrest("20161109"), case(STP_EVENT_DATE="20170101")],
        {"prop64_form": None},
    ),
    "the last day of the old law": ([arrest("20161108"), case(STP_EVENT_DATE="20170101")], {"prop64_form": "11359"}),
    # priors
    "nothing else": (
        [arrest(), SUBJECT],
        {"superstrike_prior": False, "superstrike_ever": False, "pc290_prior": False, "two_section_priors": False},
    ),
    "a superstrike before the offense": (
        [arrest(), SUBJECT, other("20091130", MURDER)],
        {"superstrike_prior": True, "superstrike_before_conviction": True, "superstrike_event": "201-001"},
    ),
    "a superstrike on the day of the offense": (
        [arrest(), SUBJECT, other("20091201", MURDER)],
        {"superstrike_prior": False, "superstrike_before_conviction": True, "superstrike_ever": True},
    ),
    "a superstrike on the day of conviction": (
        [arrest(), SUBJECT, other("20100101", MURDER)],
        {"superstrike_prior": False, "superstrike_before_conviction": False, "superstrike_ever": True},
    ),
    "a superstrike on an unknown day": (
        [arrest(), SUBJECT, other("", MURDER)],
        {"superstrike_prior": None, "superstrike_before_conviction": None},
    ),
    "a superstrike after the as-of date": ([arrest(), SUBJECT, other("20200602", MURDER)], {"superstrike_ever": False}),
    "a superstrike on the as-of date": ([arrest(), SUBJECT, other("20200601", MURDER)], {"superstrike_ever": True}),
    "a superstrike with no disposition": (
        [arrest(), SUBJECT, other("20000101", MURDER, DISP_DESCR="")],
        {"superstrike_prior": None, "superstrike_ever": None},
    ),
    "a superstrike dismissed": (
        [arrest(), SUBJECT, other("20000101", MURDER, **DISMISSED)],
        {"superstrike_prior": False},
    ),
    "an offense that nobody can read": ([arrest(), SUBJECT, other("20000101", "")], {"superstrike_prior": None}),
    "a sex offense": ([arrest(), SUBJECT, other("20000101", SEX)], {"pc290_prior": True, "pc290_ever": True}),
    "a registration": (
        [arrest(), SUBJECT, other("20000101", "290 PC-REGISTRATION OF SEX OFFENDER", **REGISTERED)],
        {"pc290_prior": False, "pc290_before_conviction": True, "pc290_ever": False, "registration_on_record": True},
    ),
    "a registration later": (
        [arrest(), SUBJECT, other("20150101", "290 PC-REGISTRATION OF SEX OFFENDER", **REGISTERED)],
        {"pc290_before_conviction": False, "registration_on_record": True},
    ),
    "a registration of what": (
        [arrest(), SUBJECT, other("20000101", "", **REGISTERED)],
        {"pc290_before_conviction": None, "registration_on_record": None},
    ),
    "failing to register": ([case(OFFENSE_DESCR=UNREGISTERED)], {"registration_on_record": True, "pc290_ever": False}),
    "another one of failing to register": (
        [arrest(), SUBJECT, other("20000101", UNREGISTERED)],
        {"registration_on_record": True, "pc290_before_conviction": True, "pc290_prior": False},
    ),
    "failing to register, dismissed": (
        [arrest(), SUBJECT, other("20000101", UNREGISTERED, **DISMISSED)],
        {"registration_on_record": False},
    ),
    "failing to register, no disposition": (
        [arrest(), SUBJECT, other("20000101", UNREGISTERED, DISP_DESCR="")],
        {"registration_on_record": None},
    ),
    "failing to register, set aside": (
        [
            arrest(),
            SUBJECT,
            other("20000101", UNREGISTERED),
            other("20010101", UNREGISTERED, "201002001000", DISP_DESCR="CONV SET ASIDE & DISM PER 1203.4 PC"),
        ],
        {"registration_on_record": None},
    ),
    "a conviction that nobody can read": ([SUBJECT, other("20000101", "")], {"registration_on_record": None}),
    "an attempt of what": (
        [case(OFFENSE_DESCR="664 PC-ATTEMPT"), other("20000101", "182(A)(1) PC-CONSPIRACY")],
        {"pc290_listed": None, "serious_listed": None, "violent_listed": None, "pc290_ever": None},
    ),
    # which court
    "a superior court": ([SUBJECT], {"california_court": True}),
    "a municipal court": ([case(STP_ORI_DESCR="CAMCSACRAMENTO")], {"california_court": True}),
    "a federal court": ([case(STP_ORI_DESCR="USDCSACRAMENTO")], {"california_court": False}),
    "a court of another state": (
        [case(STP_ORI_DESCR="NVDC RENO", STP_ORI_CNTY_NAME="NEVADA STATE")],
        {"california_court": None},
    ),
    "a superior court in no county": ([case(STP_ORI_CNTY_NAME="")], {"california_court": None}),
    "a court of no name": ([case(STP_ORI_DESCR="")], {"california_court": None}),
    "a court of no name beside another": ([case(STP_ORI_DESCR=""), case(**JAIL)], {"california_court": None}),
    "two agencies": ([case(STP_ORI_DESCR="USFDSACRAMENTO"), case(**JAIL)], {"california_court": False}),
    # enhancements on counts of their own
    "an enhancement in the step": (
        [case(OFFENSE_DESCR=ASSAULT), case("101002002000", OFFENSE_DESCR=GBI)],
        {"serious_listed": None, "violent_listed": None},
    ),
    "an enhancement of what is serious anyway": (
        [case(OFFENSE_DESCR="211 PC-ROBBERY"), case("101002002000", OFFENSE_DESCR=GBI)],
        {"serious_listed": True, "violent_listed": True},
    ),
    "an enhancement dismissed": (
        [case(OFFENSE_DESCR=ASSAULT), case("101002002000", OFFENSE_DESCR=GBI, **DISMISSED)],
        {"serious_listed": False, "violent_listed": False},
    ),
    "an enhancement in the case": (
        [case(OFFENSE_DESCR=ASSAULT), other("20100102", GBI, OFN="12345")],
        {"serious_listed": None},
    ),
    "an enhancement in another case": (
        [case(OFFENSE_DESCR=ASSAULT), other("20100102", GBI)],
        {"serious_listed": False},
    ),
    "an enhancement in no case": (
        [case(OFFENSE_DESCR=ASSAULT), other("20100102", GBI, OFN="")],
        {"serious_listed": None},
    ),
    "an enhancement at the arrest alone": (
        [arrest(OFFENSE_DESCR=GBI), case(OFFENSE_DESCR=ASSAULT)],
        {"serious_listed": False, "violent_listed": False},
    ),
    "a count that nobody can read": (
        [case(OFFENSE_DESCR=ASSAULT), case("101002002000", OFFENSE_DESCR="")],
        {"serious_listed": None},
    ),
    # violations of supervision
    "a violation": ([case(OFFENSE_DESCR=VIOLATION)], {"supervision_violation": True}),
    "no violation": ([SUBJECT], {"supervision_violation": False}),
    "a violation, perhaps": ([case(OFFENSE_DESCR="1170 PC")], {"supervision_violation": None}),
    "a violation inside the probation": (
        [case(**PROBATION), other("20120101", VIOLATION)],
        {"probation_revoked": None},
    ),
    "a violation dismissed": (
        [case(**PROBATION), other("20120101", VIOLATION, **DISMISSED)],
        {"probation_revoked": False},
    ),
    "a violation on the last day": (
        [case(**PROBATION), other("20130101", VIOLATION)],
        {"probation_revoked": None},
    ),
    "a violation after the probation": (
        [case(**PROBATION), other("20130102", VIOLATION)],
        {"probation_revoked": False},
    ),
    "... for which the arrest came before": (
        [
            case(**PROBATION),
            arrest("20121231", "201001001000", OFFENSE_DESCR=VIOLATION),
            other("20130102", VIOLATION, "201002001000"),
        ],
        {"probation_revoked": None},
    ),
    "... of the same case": (
        [case(**PROBATION), other("20130102", VIOLATION, OFN="12345")],
        {"probation_revoked": None},
    ),
    "a violation on the day of the conviction": (
        [case(**PROBATION), case("101002002000", OFFENSE_DESCR=VIOLATION)],
        {"probation_revoked": False},
    ),
    "a violation before the conviction": (
        [case(**PROBATION), other("20091231", VIOLATION)],
        {"probation_revoked": False},
    ),
    "an arrest for a violation": (
        [case(**PROBATION), arrest("20120101", "201001001000", OFFENSE_DESCR=VIOLATION)],
        {"probation_revoked": False, "pending_charge": False},
    ),
    "what may be an arrest for a violation": (
        [SUBJECT, arrest("20200501", "301001001000", OFFENSE_DESCR="")],
        {"pending_charge": None},
    ),
    "an arrest for a violation and more": (
        [
            SUBJECT,
            arrest("20200501", "301001001000", OFFENSE_DESCR=VIOLATION),
            arrest("20200501", "301001002000", OFFENSE_DESCR="484 PC-THEFT"),
        ],
        {"pending_charge": True},
    ),
    # predecessors of the four sections
    "a predecessor": (
        [case(OFFENSE_DESCR="11530 HS-POSSESS MARIJUANA")],
        {"prop64_predecessor": True, "in_prop64_scope": False},
    ),
    "no predecessor": ([SUBJECT], {"prop64_predecessor": False}),
    "charged under a predecessor": (
        [case(OFFENSE_DESCR="11530 HS-POSSESS", CONV_OFFENSE_DESCR="11357 HS-POSSESS")],
        {"prop64_predecessor": False, "in_prop64_scope": True, "statute_certain": False},
    ),
    "one day of two counts": (
        [SUBJECT, *(other("20050101", "11359 HS-POSSESS", f"20100100{n}000") for n in (1, 2))],
        {"two_section_priors": False},
    ),
    "two days": (
        [SUBJECT, *(other(f"2005010{n}", "11359 HS-POSSESS", f"20{n}001001000", OFN=f"{n}") for n in (1, 2))],
        {"two_section_priors": True, "three_same_section_events": True},
    ),
    "two days, one unknown": (
        [SUBJECT, *(other(day, "11359 HS-X", f"20{n}001001000", OFN=f"{n}") for n, day in ((1, ""), (2, "20050101")))],
        {"two_section_priors": None},
    ),
    # beside it
    "a companion": (
        [arrest(OFFENSE_DESCR="11361(A) HS-SELL TO MINOR"), SUBJECT],
        {"companion_minor": True, "companion_environmental": False},
    ),
    "a companion in another cycle": ([SUBJECT, other("20000101", "11361 HS-MINOR")], {"companion_minor": False}),
    "a companion adrift": (
        [SUBJECT, arrest(OFFENSE_DESCR="11361 HS-MINOR") | {"CNT_ORDER": ""}],
        {"companion_minor": None},
    ),
    "a companion unread": ([SUBJECT, arrest(OFFENSE_DESCR="")], {"companion_minor": None}),
    "import": ([case(OFFENSE_DESCR="11360(A) HS-IMPORT MARIJUANA")], {"import_text": True}),
    "no import": ([SUBJECT], {"import_text": False}),
    "a Prop 64 charge in the cycle": (
        [case(OFFENSE_DESCR="148.9 PC-FALSE ID"), arrest(OFFENSE_DESCR="11357 HS-POSSESS")],
        {"prop64_in_cycle": True, "related_charge": True, "related_flagged": False},
    ),
    "none in the cycle": ([case(OFFENSE_DESCR="148.9 PC-FALSE ID")], {"prop64_in_cycle": False}),
    "decidable": ([case(OFFENSE_DESCR="11350 HS-POSSESS")], {"prop47_class": "decidable", "in_prop47_scope": True}),
    "value": ([case(OFFENSE_DESCR="496(A) PC-RECEIVE")], {"prop47_class": "value", "in_prop47_scope": True}),
    "identity theft in the case": (
        [case(OFFENSE_DESCR="476 PC-CHECKS"), case("101002002000", OFFENSE_DESCR="530.5(A) PC-GET CREDIT")],
        {"identity_theft_in_case": True},
    ),
    # the sentence
    "probation": (
        [case(**PROBATION)],
        {
            "sentence_told": True,
            "sentence_end_date": "2013-01-01",
            "probation_end_date": "2013-01-01",
            "probation_granted": True,
            "state_prison": False,
            "all_sentences_completed": True,
        },
    ),
    "concurrent parts": (
        [case(**PROBATION), case(**JAIL)],
        {"sentence_end_date": "2013-01-01", "probation_granted": True, "state_prison": False},
    ),
    "a leap day": (
        [case(STP_EVENT_DATE="20160229", **sentence("PROBATION", "3", "Y"))],
        {"sentence_end_date": "2019-03-01"},
    ),
    "a fine": ([case(**FINE)], {"sentence_told": True, "sentence_end_date": "2010-01-01", "probation_granted": False}),
    "no length": (
        [case(**PROBATION), case(**sentence("JAIL"))],
        {"sentence_told": False, "sentence_end_date": None, "sentence_end_date_least": "2013-01-01"},
    ),
    "untold": (
        [SUBJECT],
        {
            "sentence_told": False,
            "sentence_end_date_least": "2010-01-01",
            "probation_granted": None,
            "state_prison": None,
        },
    ),
    "prison": (
        [case(**sentence("PRISON", "2", "Y"))],
        {
            "state_prison": True,
            "probation_granted": False,
            "sentence_told": True,
            "sentence_end_date": None,
            "sentence_end_date_least": "2012-01-01",
            "sentence_end_date_most": "2015-01-01",
        },
    ),
    "prison and parole": (
        [case(**sentence("PRISON", "2", "Y")), case(**sentence("PAROLE", "18", "M"))],
        {"state_prison": True, "sentence_end_date": "2013-07-01"},
    ),
    "jail and mandatory supervision": (
        [case(**sentence("JAIL", "2", "Y")), case(**sentence("MANDATORY SUPERVISION", "3", "Y"))],
        {"state_prison": False, "probation_granted": False, "sentence_end_date": "2015-01-01"},
    ),
    "parole beside no prison": (
        [case(**sentence("JAIL", "2", "Y")), case(**sentence("PAROLE", "1", "Y"))],
        {"state_prison": True, "sentence_told": False, "sentence_end_date_least": "2013-01-01"},
    ),
    "supervision beside what is no custody": (
        [case(**FINE), case(**sentence("MANDATORY SUPERVISION", "3", "Y"))],
        {"sentence_told": False, "sentence_end_date_least": "2013-01-01", "sentence_end_date_most": None},
    ),
    "supervision after custody of unknown length": (
        [case(**sentence("JAIL")), case(**sentence("MANDATORY SUPERVISION", "3", "Y"))],
        {"sentence_told": False, "sentence_end_date_most": None},
    ),
    "supervision after what may be custody": (
        [case(**sentence("SOMEWHERE", "2", "Y")), case(**sentence("MANDATORY SUPERVISION", "3", "Y"))],
        {"sentence_told": False, "sentence_end_date_least": "2013-01-01", "sentence_end_date_most": None},
    ),
    "custody and what may be supervision": (
        [case(**sentence("JAIL", "2", "Y")), case(**sentence("SOMEWHERE", "4", "Y"))],
        {"sentence_told": False, "sentence_end_date_least": "2012-01-01", "sentence_end_date_most": None},
    ),
    "prison by the disposition": (
        [case(DISP_DESCR="CONVICTED-PRISON", **JAIL)],
        {"state_prison": True, "sentence_told": False, "sentence_end_date_most": None},
    ),
    "probation by the disposition": (
        [case(DISP_DESCR="CONVICTED-PROB/JAIL", **JAIL)],
        {"probation_granted": True, "sentence_told": False, "sentence_end_date_most": None},
    ),
    "jail by the disposition": ([case(DISP_DESCR="CONVICTED-JAIL", **FINE)], {"sentence_told": False}),
    "what the disposition names is told": (
        [case(DISP_DESCR="CONVICTED-PROB/JAIL", **PROBATION), case(DISP_DESCR="CONVICTED-PROB/JAIL", **JAIL)],
        {"probation_granted": True, "sentence_told": True, "sentence_end_date": "2013-01-01"},
    ),
    "a part of an unknown disposition": (
        [case(**PROBATION), case(DISP_DESCR="SOMETHING NEW", **JAIL)],
        {"sentence_told": False},
    ),
    "jail suspended for probation": (
        [case(**PROBATION), case(**sentence("JAIL SS", "9", "Y"))],
        {"sentence_told": True, "sentence_end_date": "2013-01-01", "probation_granted": True, "state_prison": False},
    ),
    "a fine suspended, for what": (
        [case(**JAIL), case(**sentence("FINE SS"))],
        {"sentence_told": False, "probation_granted": None, "sentence_end_date_least": "2010-04-01"},
    ),
    "jail suspended, and a revocation under a count of its own": (
        [
            case(**PROBATION),
            case(**sentence("JAIL SS", "1", "Y")),
            later("20110101", "PROBATION REVOKED", OFFENSE_DESCR="1203.2 PC-PROB VIOL"),
        ],
        {"sentence_told": False, "probation_revoked": True, "sentence_end_date_most": None},
    ),
    "prison suspended": (
        [case(**PROBATION), case(**sentence("PRISON SS", "1", "Y"))],
        {"sentence_told": False, "state_prison": None, "probation_granted": True},
    ),
    "a kind nobody knows": (
        [case(**sentence("SOMEWHERE", "1", "Y"))],
        {"sentence_told": False, "state_prison": None, "sentence_end_date_least": "2010-01-01"},
    ),
    "ends today": (
        [case(STP_EVENT_DATE="20170601", **PROBATION)],
        {"all_sentences_completed": True, "serving_any": False, "serving_told": False},
    ),
    "ends tomorrow": (
        [case(STP_EVENT_DATE="20170602", **PROBATION)],
        {"all_sentences_completed": False, "serving_any": True, "serving_told": True, "serving_event": "101-002"},
    ),
    "another's sentence is untold": (
        [case(**PROBATION), other("20000101")],
        {"serving_any": None, "serving_other": None, "last_sentence_end_date_most": None},
    ),
    "the last of all sentences": (
        [case(**PROBATION), other("20180101", **PROBATION), other("20000101", order="301001001000", **JAIL)],
        {"last_sentence_end_date": "2021-01-01", "sentence_end_date": "2013-01-01"},
    ),
    "the last of all sentences is one's own": (
        [case(STP_EVENT_DATE="20180101", **PROBATION), other("20050101", **PROBATION)],
        {"last_sentence_end_date": "2021-01-01", "sentence_end_date": "2021-01-01"},
    ),
    "the last of all sentences, by its year": (
        [case(**PROBATION), other("20180000", **PROBATION)],
        {
            "last_sentence_end_date": None,
            "last_sentence_end_date_least": "2021-01-01",
            "last_sentence_end_date_most": "2021-12-31",
        },
    ),
    "a sentence may be missing": (
        [case(**PROBATION), other("20180101", DISP_DESCR="", **PROBATION)],
        {"last_sentence_end_date_least": "2013-01-01", "last_sentence_end_date_most": None},
    ),
    "another's sentence after the as-of date": (
        [case(**PROBATION), other("20200602", **PROBATION)],
        {"last_sentence_end_date": "2013-01-01"},
    ),
    "its own sentence is untold": ([SUBJECT], {"serving_any": None, "serving_other": False}),
    "its own sentence runs": (
        [case(STP_EVENT_DATE="20170602", **PROBATION)],
        {"serving_any": True, "serving_other": False},
    ),
    "another's sentence runs": (
        [case(STP_EVENT_DATE="20170602", **PROBATION), other("20180101", **PROBATION)],
        {"serving_any": True, "serving_other": True},
    ),
    "revoked": (
        [case(**PROBATION), later("20110101", "PROBATION REVOKED", **JAIL)],
        {"probation_revoked": True, "sentence_end_date": "2013-01-01"},
    ),
    "revoked under a count of its own": (
        [case(**PROBATION), later("20110101", "PROBATION REVOKED", OFFENSE_DESCR="1203.2 PC-PROB VIOL", **JAIL)],
        {"probation_revoked": True},
    ),
    "reinstated, which presupposes that it was revoked": (
        [case(**PROBATION), later("20110101", "PROB REINSTATED", **PROBATION)],
        {"probation_revoked": True, "probation_granted": True, "sentence_end_date": "2014-01-01"},
    ),
    "reinstated, and to what no record tells": (
        [case(**PROBATION), later("20110101", "PROBATION REINSTATED")],
        {"probation_revoked": True, "sentence_told": False},
    ),
    "not revoked": ([case(**PROBATION)], {"probation_revoked": False}),
    "revoked, perhaps": ([case(**PROBATION), later("20110101", "SOMETHING NEW", **JAIL)], {"probation_revoked": None}),
    "set aside": (
        [case(**PROBATION), later("20140101", "CONV SET ASIDE & DISM PER 1203.4 PC")],
        {"conviction_relief_granted": True, "sentence_end_date": "2013-01-01"},
    ),
    "reduced": (
        [
            case(OFFENSE_DESCR="11350 HS-POSSESS"),
            later("20160101", "REDUCED TO MISD PER 1170.18 PC", OFFENSE_DESCR="11350 HS-POSSESS"),
        ],
        {"prop47_relief_granted": True, "conviction_relief_granted": False},
    ),
    "lowered by a later count of the case": (
        [SUBJECT, lowered()],
        {"felony_stated": True, "felony_now": False, "is_felony": True, "reduction_unclear": False},
    ),
    "lowered by what states no case number": (
        [SUBJECT, lowered(OFN="")],
        {"felony_now": None, "reduction_unclear": True},
    ),
    "lowered in another case": ([SUBJECT, lowered(OFN="777")], {"felony_now": True, "reduction_unclear": False}),
    "lowered, and said to be a felony": (
        [SUBJECT, lowered(CONV_STAT_DESCR="FELONY")],
        {"felony_now": None, "reduction_unclear": True},
    ),
    "perhaps lowered": (
        [SUBJECT, lowered(DISP_DESCR="17(B) PC MOTION")],
        {"felony_now": None, "reduction_unclear": True},
    ),
    "lowered after the as-of date": ([SUBJECT, lowered(STP_EVENT_DATE="20200602")], {"felony_now": True}),
    "lowered by nobody knows what": (
        [SUBJECT, lowered(DISP_DESCR="SOMETHING NEW")],
        {"felony_now": None, "reduction_unclear": True},
    ),
    "a misdemeanor, perhaps lowered": (
        [case(**MISDEMEANOR), lowered(DISP_DESCR="17(B) PC MOTION")],
        {"felony_now": False, "reduction_unclear": False},
    ),
    "of what level, and lowered": (
        [case(CONV_STAT_DESCR=""), lowered()],
        {"felony_stated": None, "felony_now": False, "reduction_unclear": False},
    ),
    "granted under what": (
        [SUBJECT, later("20160101", "RELIEF GRANTED")],
        {"prop47_relief_granted": None, "conviction_relief_granted": None},
    ),
    # where the person stands
    "nothing pending": ([arrest(), SUBJECT], {"pending_charge": False, "latest_pending_date": None}),
    "an arrest pending": (
        [SUBJECT, arrest("20200501", "301001001000")],
        {"pending_charge": True, "latest_pending_date": "2020-05-01", "latest_pending_event": "301-001"},
    ),
    "an arrest rejected": (
        [SUBJECT, arrest("20200501", "301001001000", DISP_DESCR="PROS REJ-OTHER")],
        {"pending_charge": False},
    ),
    "an arrest to come": ([SUBJECT, arrest("20200602", "301001001000")], {"pending_charge": False}),
    "a court that says nothing": ([SUBJECT, other("20200501", DISP_DESCR="")], {"pending_charge": None}),
    "a warrant": ([SUBJECT, other("20200501", DISP_DESCR="BENCH WARRANT ISSUED")], {"pending_charge": True}),
    "a warrant settled": (
        [
            SUBJECT,
            other("20190501", DISP_DESCR="BENCH WARRANT ISSUED"),
            other("20200501", order="201002001000", **DISMISSED),
        ],
        {"pending_charge": False},
    ),
    "a felony after the sentence": (
        [case(**PROBATION), other("20130102")],
        {"new_felony_since": True, "new_felony_date": "2013-01-02", "latest_felony_event": "201-001"},
    ),
    "a felony on its last day": ([case(**PROBATION), other("20130101")], {"new_felony_since": False}),
    "a misdemeanor after it": ([case(**PROBATION), other("20150101", **MISDEMEANOR)], {"new_felony_since": False}),
    "a level nobody states": ([case(**PROBATION), other("20150101", CONV_STAT_DESCR="")], {"new_felony_since": None}),
    "counted": (
        [SUBJECT, other("20000101", **MISDEMEANOR)],
        {"n_convictions": 2, "n_felony_convictions": 1},
    ),
    "not surely counted": ([SUBJECT, other("20000101", DISP_DESCR="")], {"n_convictions": None}),
    "one level unknown": (
        [SUBJECT, other("20000101", CONV_STAT_DESCR="")],
        {"n_convictions": 2, "n_felony_convictions": None},
    ),
    "serious": ([case(OFFENSE_DESCR=MURDER)], {"serious_listed": True, "violent_listed": True, "pc290_listed": None}),
    "not listed": ([SUBJECT], {"serious_listed": False, "violent_listed": False, "pc290_listed": False}),
    "no files given": (
        [SUBJECT],
        {
            "srf": None,
            "srf_known": False,
            "relief_prohibited": False,
            "weights_given": False,
            "drug_weight_grams": None,
        },
    ),
    "county": ([SUBJECT], {"county_known": True}),
    "no county": ([case(STP_ORI_CNTY_NAME="")], {"county_known": False}),
}


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    rows = [
        {**row, "SUBJECT_ID": str(number), "REQ_CII_NUMBER": f"A{number:08}", "SENT_ORDER": str(place)}
        for number, (history, _) in enumerate(CASES.values())
        for place, row in enumerate(history)
    ]
    return decide(tmp_path_factory.mktemp("facts") / "home", rows, as_of=AS_OF)


@pytest.fixture(scope="module")
def facts(decided: Decided) -> dict[int, dict[str, Any]]:
    """By person, the facts of the conviction of 101-002-001."""
    with decided.run.warehouse() as warehouse:
        columns = list(warehouse.describe("facts.conviction"))
    told = decided.rows(
        "select cast(substr(p.subject_key, 2) as integer), f.* from facts.conviction as f "
        "inner join core.conviction as v on f.conviction_id = v.conviction_id "
        "inner join core.person as p on v.person_no = p.person_no where v.cnt_order = 101002001000"
    )
    return {number: dict(zip(columns, values, strict=True)) for number, *values in told}


@pytest.mark.parametrize("name", CASES)
def test_a_fact_is_what_the_record_tells(facts: dict[int, dict[str, Any]], name: str) -> None:
    found = facts[list(CASES).index(name)]
    expected = CASES[name][1]
    shown = {fact: str(found[fact]) if hasattr(found[fact], "year") else found[fact] for fact in expected}
    assert shown == expected


def test_input_files_speak_of_those_that_they_name_surely(tmp_path: Path) -> None:
    files = {
        "srf": "CII_NUMBER,SUPERVISION,START_DATE,END_DATE\na00000001,PROBATION,,\nA00000002,PAROLE,,2020-05-31\n",
        "prohibitions": "COUNTY,CASE_NUMBER,DATE\nSACRAMENTO,12-345,2019-01-01\n",
        "weights": "COURT_NUMBER,GRAMS\n12345,30.5\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    people = [
        record(SUBJECT_ID=str(number), REQ_CII_NUMBER=cii, OFN=case_number, STP_ORI_CNTY_NAME=county)
        for number, (cii, case_number, county) in enumerate(
            [
                ("A00000001", "12345", "SACRAMENTO"),
                ("A00000002", "12346", "SACRAMENTO"),
                ("", "", "SACRAMENTO"),
                ("A00000004", "12345", "YOLO"),
                ("A00000005", "99", ""),
            ]
        )
    ]
    decided = decide(tmp_path / "home", people, as_of=AS_OF, **{name: tmp_path / name for name in files})
    told = decided.rows(
        "select f.srf, f.srf_known, f.relief_prohibited, f.drug_weight_grams, f.weights_given from facts.conviction as f "
        "inner join core.person as p on f.person_no = p.person_no order by p.subject_key"
    )
    assert told == [
        ("active", True, True, 30.5, True),
        ("clear", True, False, None, True),
        (None, False, None, None, True),
        ("clear", True, False, 30.5, True),
        ("clear", True, None, None, True),
    ]
