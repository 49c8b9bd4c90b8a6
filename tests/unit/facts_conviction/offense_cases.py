"""The offense, what stands beside it and before it, and where the person stands."""

from tests.unit.facts_conviction.histories import (
    ASSAULT,
    DISMISSED,
    GBI,
    JAIL,
    MISDEMEANOR,
    MURDER,
    PROBATION,
    REGISTERED,
    SEX,
    SUBJECT,
    UNREGISTERED,
    VIOLATION,
    Cases,
    Row,
    arrest,
    case,
    later,
    other,
    sentence,
    stay,
)

ADJUDGED = {"DISP_DESCR": "PETITION SUSTAINED", "STP_ORI_DESCR": "CAJVSACRAMENTO"}
ROBBERY, BURGLARY = "211 PC-ROBBERY", "459 PC-BURGLARY"


def _born(day: str, *rows: Row) -> list[Row]:
    return [{**row, "PRI_DOB": day} for row in rows]


CASES: Cases = {
    # the day of the offense
    "an arrest": ([arrest(), SUBJECT], {"offense_date": "2009-12-01"}),
    "an arrest on the very day": ([arrest("20100101"), SUBJECT], {"offense_date": "2010-01-01"}),
    "several arrests": (
        [arrest("20090101"), arrest(order="101001002000"), SUBJECT],
        {"offense_date": None, "offense_date_least": "2009-01-01", "offense_date_most": "2009-12-01"},
    ),
    "an arrest after it": (
        [arrest(), arrest("20100102", "101003001000"), SUBJECT],
        {"offense_date": "2009-12-01"},
    ),
    "an undated arrest": (
        [arrest("20090101"), arrest("", "101001002000"), SUBJECT],
        {"offense_date": None, "offense_date_least": None, "offense_date_most": "2010-01-01"},
    ),
    "no arrest": (
        [SUBJECT],
        {"offense_date": None, "offense_date_least": "2007-01-01", "offense_date_most": "2010-01-01"},
    ),
    "what may be an arrest": (
        [SUBJECT, arrest(STP_TYPE_DESCR="")],
        {"offense_date_least": None, "offense_date_most": "2010-01-01"},
    ),
    "a kind of step that no list has may be one": (
        [SUBJECT, arrest(STP_TYPE_DESCR="ARRESTED")],
        {"offense_date_least": None, "offense_date_most": "2010-01-01"},
    ),
    "an arrest adrift": ([SUBJECT, arrest() | {"CNT_ORDER": ""}], {"offense_date_least": None}),
    "an arrest adrift beside one of the cycle": (
        [SUBJECT, arrest(), arrest("20080101") | {"CNT_ORDER": ""}],
        {"offense_date": None, "offense_date_least": None, "offense_date_most": "2010-01-01"},
    ),
    "what may be an earlier arrest": (
        [SUBJECT, arrest(), arrest("20080101", "101001002000", STP_TYPE_DESCR="")],
        {"offense_date": None, "offense_date_least": "2008-01-01", "offense_date_most": "2010-01-01"},
    ),
    # a birth date that can't be
    "14 when arrested": (_born("19951201", arrest(), SUBJECT), {"birth_date": "1995-12-01"}),
    "14 the day after the arrest": (
        _born("19951202", arrest(), SUBJECT),
        {"birth_date": None, "birth_date_least": None, "birth_date_most": None},
    ),
    "born in a year": (
        _born("19940000", arrest(), SUBJECT),
        {"birth_date": None, "birth_date_least": "1994-01-01", "birth_date_most": "1994-12-31"},
    ),
    "born in a year that may be too late": (_born("19950000", arrest(), SUBJECT), {"birth_date_least": None}),
    "14 when convicted, and no arrest told": (_born("19960101", SUBJECT), {"birth_date": "1996-01-01"}),
    "14 the day after the conviction": (_born("19960102", SUBJECT), {"birth_date": None}),
    "convicted in a year": (
        _born("19960101", case(STP_EVENT_DATE="20100000")),
        {"birth_date": "1996-01-01"},
    ),
    "convicted in a year, on the birthday or before": (
        _born("19960102", case(STP_EVENT_DATE="20100000")),
        {"birth_date": None},
    ),
    "14 when arrested for the first time": (
        _born("19950101", arrest("20090101"), arrest(order="101001002000"), SUBJECT),
        {"birth_date": "1995-01-01"},
    ),
    "13 when arrested for the first time": (
        _born("19950102", arrest("20090101"), arrest(order="101001002000"), SUBJECT),
        {"birth_date": None},
    ),
    "14 when convicted, arrested only after that": (
        _born("19960101", SUBJECT, arrest("20100102", "101003001000")),
        {"birth_date": "1996-01-01"},
    ),
    "24 when convicted, and arrested nobody knows when": (_born("19850102", arrest(""), SUBJECT), {"birth_date": None}),
    "25 when convicted, and arrested nobody knows when": (
        _born("19850101", arrest(""), SUBJECT),
        {"birth_date": "1985-01-01"},
    ),
    "24 when convicted, and an arrest adrift": (
        _born("19850102", SUBJECT, arrest() | {"CNT_ORDER": ""}),
        {"birth_date": None},
    ),
    "a child in a juvenile court": (
        _born("19980101", case(STP_ORI_DESCR="CAJVSACRAMENTO")),
        {"birth_date": "1998-01-01"},
    ),
    "110 years old": (_born("19100601", SUBJECT), {"birth_date": "1910-06-01"}),
    "a day more than 110 years old": (_born("19100531", SUBJECT), {"birth_date": None}),
    "110 years old or more": (_born("19100000", SUBJECT), {"birth_date_least": None, "birth_date_most": None}),
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
        {"pc290_prior": None, "pc290_before_conviction": True, "pc290_ever": None, "registration_on_record": True},
    ),
    "a registration later": (
        [arrest(), SUBJECT, other("20150101", "290 PC-REGISTRATION OF SEX OFFENDER", **REGISTERED)],
        {"pc290_prior": None, "pc290_before_conviction": None, "pc290_ever": None, "registration_on_record": True},
    ),
    "a registration of what": (
        [arrest(), SUBJECT, other("20000101", "", **REGISTERED)],
        {"pc290_before_conviction": None, "registration_on_record": None},
    ),
    "failing to register": ([case(OFFENSE_DESCR=UNREGISTERED)], {"registration_on_record": True, "pc290_ever": False}),
    "another one of failing to register": (
        [arrest(), SUBJECT, other("20000101", UNREGISTERED)],
        {"registration_on_record": True, "pc290_before_conviction": True, "pc290_prior": None, "pc290_ever": None},
    ),
    "a registration for what was convicted of after the offense": (
        [
            arrest(),
            SUBJECT,
            other("20120101", SEX),
            other("20150101", "290 PC-REGISTRATION OF SEX OFFENDER", "301001001000", **REGISTERED),
        ],
        {"pc290_prior": False, "pc290_before_conviction": False, "pc290_ever": True},
    ),
    "a registration before what was convicted of after the offense": (
        [
            arrest(),
            SUBJECT,
            other("20120101", SEX),
            other("20110101", "290 PC-REGISTRATION OF SEX OFFENDER", "301001001000", **REGISTERED),
        ],
        {"pc290_prior": None, "pc290_ever": True},
    ),
    "another registration": (
        [arrest(), SUBJECT, other("20000101", "11590 HS-REGISTRATION OF DRUG OFFENDER", **REGISTERED)],
        {"pc290_prior": False, "pc290_ever": False},
    ),
    "a juvenile adjudication of a superstrike": (
        [arrest(), SUBJECT, other("19860101", MURDER, **ADJUDGED)],
        {"superstrike_prior": None, "superstrike_ever": None, "n_convictions": 1, "pc290_ever": False},
    ),
    "a juvenile adjudication of something else": (
        [arrest(), SUBJECT, other("19860101", **ADJUDGED)],
        {"superstrike_prior": False, "n_convictions": 1},
    ),
    "an adjudication of a superstrike by nobody knows which court": (
        [arrest(), SUBJECT, other("19860101", MURDER, **{**ADJUDGED, "STP_ORI_DESCR": ""})],
        {"superstrike_prior": None},
    ),
    "a juvenile petition dismissed": (
        [arrest(), SUBJECT, other("19860101", MURDER, **{**ADJUDGED, **DISMISSED})],
        {"superstrike_prior": False},
    ),
    "a juvenile adjudication of a sex offense": (
        [arrest(), SUBJECT, other("19860101", SEX, **ADJUDGED)],
        {"superstrike_prior": None, "pc290_prior": False, "pc290_ever": False},
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
    "a superior court": ([SUBJECT], {"california_court": True, "federal_court": False}),
    "a municipal court": ([case(STP_ORI_DESCR="CAMCSACRAMENTO")], {"california_court": True}),
    "a federal court": (
        [case(STP_ORI_DESCR="USDCSACRAMENTO")],
        {"california_court": False, "federal_court": True},
    ),
    "a federal agency": (
        [case(STP_ORI_DESCR="USFD SAN FRANCISCO")],
        {"california_court": False, "federal_court": True},
    ),
    "an agency that is none of a court": (
        [case(STP_ORI_DESCR="CAPDSACRAMENTO")],
        {"california_court": False, "federal_court": False},
    ),
    "a court of another state": (
        [case(STP_ORI_DESCR="NVDC RENO", STP_ORI_CNTY_NAME="NEVADA STATE")],
        {"california_court": None, "federal_court": False},
    ),
    "a superior court in no county": ([case(STP_ORI_CNTY_NAME="")], {"california_court": None}),
    "a court of no name": ([case(STP_ORI_DESCR="")], {"california_court": None, "federal_court": None}),
    "a court of no name beside another": (
        [case(STP_ORI_DESCR=""), case(**JAIL)],
        {"california_court": None, "federal_court": None},
    ),
    "two agencies": (
        [case(STP_ORI_DESCR="USFDSACRAMENTO"), case(**JAIL)],
        {"california_court": False, "federal_court": True},
    ),
    "a federal court beside no name": (
        [case(STP_ORI_DESCR="USDCSACRAMENTO"), case(STP_ORI_DESCR="", **JAIL)],
        {"california_court": False, "federal_court": True},
    ),
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
    # what stands beside the charge in the columns of the offense
    "a conspiracy by its qualifier": (
        [case(OFFENSE_QUAL_LST="CONSPIRACY")],
        {"relation": "conspiracy", "statute_certain": True, "in_prop64_scope": True},
    ),
    "an attempt by its qualifier": ([case(OFFENSE_QUAL_LST="ATTEMPTED")], {"relation": "attempt"}),
    "an attempt, said twice": (
        [case(OFFENSE_QUAL_LST="ATTEMPTED", CONV_OFFENSE_QUAL_LST="ATTEMPTED")],
        {"relation": "attempt", "statute_certain": True},
    ),
    "convicted of the attempt": ([case(CONV_OFFENSE_QUAL_LST="ATTEMPTED")], {"statute_certain": False}),
    "a qualifier that nobody knows": ([case(OFFENSE_QUAL_LST="SOMETHING")], {"statute_certain": False}),
    "a qualifier of blanks": (
        [case(OFFENSE_QUAL_LST="     ", CONV_OFFENSE_QUAL_LST=" ", DISP_OFFENSE_QUAL_LST="NONE")],
        {"relation": "none", "statute_certain": True},
    ),
    "half of it without the qualifier": (
        [case(OFFENSE_QUAL_LST="ATTEMPTED", **PROBATION), case(**JAIL)],
        {"possible_repeat": True},
    ),
    "half of what it was convicted of without the qualifier": (
        [
            case(CONV_OFFENSE_DESCR="11359 HS-POSSESS", CONV_OFFENSE_QUAL_LST="ATTEMPTED", **PROBATION),
            case(CONV_OFFENSE_DESCR="11359 HS-POSSESS", **JAIL),
        ],
        {"possible_repeat": True},
    ),
    "disposed as another offense": (
        [case(DISP_OFFENSE_DESCR="11357(C) HS-POSSESS MARIJUANA")],
        {"statute_certain": False, "in_prop64_scope": True},
    ),
    "disposed as the offense of the charge": (
        [arrest(), case(DISP_OFFENSE_DESCR="11359 HS-POSS MARIJUANA FOR SALE", DISP_OFFENSE_CODE="1")],
        {"statute_certain": True, "prop64_form": "11359", "relation": "none"},
    ),
    "disposed as what can't be read": (
        [case(DISP_OFFENSE_DESCR="POSSESSION", DISP_OFFENSE_CODE="1")],
        {"statute_certain": False},
    ),
    "disposed as another offense, and numbered alone": (
        [case(OFFENSE_CODE="30120", DISP_OFFENSE_CODE="30107")],
        {"statute_certain": False},
    ),
    "disposed as the same, and numbered alone": (
        [case(OFFENSE_CODE="30120", DISP_OFFENSE_CODE="30120")],
        {"statute_certain": True},
    ),
    "disposed as another, but convicted of the charge": (
        [
            case(
                DISP_OFFENSE_DESCR="459 PC-BURGLARY",
                CONV_OFFENSE_DESCR="11359 HS-POSSESS MARIJUANA FOR SALE",
                CONV_OFFENSE_CODE="1",
            )
        ],
        {"statute_certain": True},
    ),
    "an attempt, disposed as such": (
        [
            case(
                OFFENSE_QUAL_LST="ATTEMPTED",
                DISP_OFFENSE_DESCR="11359 HS-POSSESS MARIJUANA FOR SALE",
                DISP_OFFENSE_QUAL_LST="ATTEMPTED",
            )
        ],
        {"statute_certain": True, "relation": "attempt"},
    ),
    "disposed as an attempt": ([case(DISP_OFFENSE_QUAL_LST="ATTEMPTED")], {"statute_certain": False}),
    "disposed as the offense, with a later count": (
        [
            case(DISP_OFFENSE_DESCR="11359 HS-POSS MARIJUANA FOR SALE"),
            later("20140101", "CONV SET ASIDE & DISM PER 1203.4 PC"),
        ],
        {"was_set_aside": True, "statute_certain": True},
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
    "a companion under the same number in another cycle": (
        [SUBJECT, other("20000101", "11361 HS-MINOR", OFN=SUBJECT["OFN"])],
        {"companion_minor": True, "companion_environmental": False},
    ),
    "a companion of that number, dismissed": (
        [SUBJECT, other("20100101", "374.8 PC-DEPOSIT WASTE", OFN=SUBJECT["OFN"], **DISMISSED)],
        {"companion_minor": False, "companion_environmental": True},
    ),
    "a companion of that number in another county": (
        [SUBJECT, other("20000101", "11361 HS-MINOR", OFN=SUBJECT["OFN"], STP_ORI_CNTY_NAME="YOLO")],
        {"companion_minor": False},
    ),
    "a companion of that number in no county": (
        [SUBJECT, other("20000101", "11361 HS-MINOR", OFN=SUBJECT["OFN"], STP_ORI_CNTY_NAME="")],
        {"companion_minor": None},
    ),
    "a companion without a number": ([SUBJECT, other("20000101", "11361 HS-MINOR", OFN="")], {"companion_minor": None}),
    "a companion, where the conviction has no number": (
        [case(OFN=""), other("20000101", "11361 HS-MINOR")],
        {"companion_minor": None},
    ),
    "what may be a companion, under the same number": (
        [SUBJECT, other("20000101", "", OFN=SUBJECT["OFN"])],
        {"companion_minor": None, "companion_environmental": None},
    ),
    "an arrest for a companion in another cycle": (
        [SUBJECT, arrest("20000101", "201001001000", OFFENSE_DESCR="11361 HS-MINOR")],
        {"companion_minor": False},
    ),
    "a companion of that number that has not happened yet": (
        [SUBJECT, other("20200602", "11361 HS-MINOR", OFN=SUBJECT["OFN"])],
        {"companion_minor": False},
    ),
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
    # custody and probation that no conviction explains
    "prison for murder, no court": (
        [arrest(), SUBJECT, stay("19950301", MURDER)],
        {"superstrike_prior": None, "superstrike_ever": None, "n_convictions": None, "all_convictions_prop64": None},
    ),
    "prison for murder after the offense, for what may lie before it": (
        [arrest(), SUBJECT, stay("20150301", MURDER)],
        {"superstrike_prior": None, "latest_conviction_date_most": "2015-03-01"},
    ),
    "prison after the as-of date": (
        [arrest(), SUBJECT, stay("20200602", MURDER)],
        {"superstrike_ever": False, "n_convictions": 1, "serving_other": False},
    ),
    "prison, running": (
        [case(**JAIL), stay("20190301", ROBBERY, **sentence("PRISON", "10", "Y"))],
        {"serving_other": None, "new_felony_since": None},
    ),
    "parole": ([case(**JAIL), stay("20190301", ROBBERY, "CUSTODY:PAROLE")], {"serving_other": None}),
    "probation, running": (
        [case(**JAIL), stay("20190301", ROBBERY, "PROBATION", **sentence("PROBATION", "3", "Y"))],
        {"serving_other": None},
    ),
    "probation, over": (
        [case(**JAIL), stay("20000301", ROBBERY, "PROBATION", **sentence("PROBATION", "3", "Y"))],
        {"serving_other": False, "n_convictions": None, "new_felony_since": False},
    ),
    "probation of which nothing but jail is told": (
        [case(**JAIL), stay("20000301", ROBBERY, "PROBATION", **JAIL)],
        {"serving_other": None},
    ),
    "prison, over but for the longest parole": (
        [case(**JAIL), stay("20050601", ROBBERY, **sentence("PRISON", "12", "Y"))],
        {"serving_other": False},
    ),
    "prison, over, and the longest parole not": (
        [case(**JAIL), stay("20050602", ROBBERY, **sentence("PRISON", "12", "Y"))],
        {"serving_other": None},
    ),
    "prison of untold length long ago": ([case(**JAIL), stay("19950301", ROBBERY)], {"serving_other": None}),
    "prison for what its cycle convicts of": (
        [case(**JAIL), other("20000101", ROBBERY, **JAIL), stay("20000301", ROBBERY)],
        {"serving_other": False, "n_convictions": 2},
    ),
    "prison for another subdivision than its cycle convicts of": (
        [case(**JAIL), other("20000101", "245(A)(1) PC-ADW", **JAIL), stay("20000301", "245(B) PC-ASSAULT")],
        {"serving_other": None, "n_convictions": None},
    ),
    "prison for the bare section that its cycle convicts of": (
        [case(**JAIL), other("20000101", "245(A)(1) PC-ADW", **JAIL), stay("20000301", "245 PC-ASSAULT")],
        {"serving_other": False, "n_convictions": 2},
    ),
    "prison for nobody knows what": (
        [case(**JAIL), other("20000101", ROBBERY, **JAIL), stay("20000301", "")],
        {"serving_other": None, "n_convictions": None, "superstrike_ever": None},
    ),
    "prison in another cycle, for what was convicted of before": (
        [case(**JAIL), other("20000101", ROBBERY, **JAIL), stay("20000301", ROBBERY, order="301001001000")],
        {"serving_other": None, "n_convictions": 2},
    ),
    "prison in another cycle, over": (
        [
            case(**JAIL),
            other("20000101", ROBBERY, **JAIL),
            stay("20000301", ROBBERY, order="301001001000", **sentence("PRISON", "2", "Y")),
        ],
        {"serving_other": False, "n_convictions": 2},
    ),
    "prison in another cycle, for what was convicted of later": (
        [case(**JAIL), other("20000101", ROBBERY, **JAIL), stay("19990301", ROBBERY, order="301001001000")],
        {"n_convictions": None},
    ),
    "jail until a court dismissed": (
        [
            case(**JAIL),
            stay("20000101", BURGLARY, "CUSTODY:JAIL"),
            other("20000301", order="201003001000", **DISMISSED),
        ],
        {"serving_other": False, "n_convictions": 1},
    ),
    "jail until a court dismissed something else": (
        [
            case(**JAIL),
            stay("20000101", MURDER, "CUSTODY:JAIL"),
            other("20000301", order="201003001000", **DISMISSED),
        ],
        {"superstrike_ever": None, "n_convictions": None},
    ),
    "jail after a court dismissed": (
        [case(**JAIL), other("20000101", **DISMISSED), stay("20000301", BURGLARY, "CUSTODY:JAIL")],
        {"n_convictions": None},
    ),
    "a jail sentence, and a dismissal later": (
        [
            case(**JAIL),
            stay("20000101", BURGLARY, "CUSTODY:JAIL", **JAIL),
            other("20000301", order="201003001000", **DISMISSED),
        ],
        {"n_convictions": None, "serving_other": False},
    ),
    "custody that was dismissed": (
        [case(**JAIL), stay("20000101", BURGLARY, "CUSTODY:JAIL", **DISMISSED)],
        {"serving_other": False, "n_convictions": 1},
    ),
    "a blank step for murder after the offense": (
        [arrest(), SUBJECT, stay("20150301", MURDER, "")],
        {"superstrike_prior": None},
    ),
    "an unlisted step for murder after the offense": (
        [arrest(), SUBJECT, stay("20150301", MURDER, "COURT ACTN")],
        {"superstrike_prior": None},
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
