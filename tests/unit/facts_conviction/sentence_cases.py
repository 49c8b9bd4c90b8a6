"""The sentence of a conviction: its parts, its end, what revokes it and what lowers it."""

from tests.unit.facts_conviction.histories import (
    FINE,
    JAIL,
    MISDEMEANOR,
    PROBATION,
    SUBJECT,
    Cases,
    case,
    later,
    lowered,
    other,
    sentence,
)

CASES: Cases = {
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
    "set aside under PC 1203.4, the conviction stands": (
        [SUBJECT, later("20140101", "CONV SET ASIDE & DISM PER 1203.4 PC")],
        {"was_set_aside": True, "disposition_conflict": False},
    ),
    "set aside, sealed and all": (
        [SUBJECT, later("20140101", "CONV SET ASIDE & DISM PER 1203.45 PC")],
        {"was_set_aside": True, "disposition_conflict": True},
    ),
    "set aside, under what": (
        [SUBJECT, later("20140101", "CONV SET ASIDE")],
        {"was_set_aside": True, "disposition_conflict": True, "conviction_relief_granted": False},
    ),
    "set aside as invalid": (
        [SUBJECT, later("20140101", "CONVICTION SET ASIDE PER 1473.7 PC")],
        {"disposition_conflict": True},
    ),
    "the plea withdrawn": ([SUBJECT, later("20140101", "PLEA WITHDRAWN")], {"disposition_conflict": True}),
    "the plea withdrawn, perhaps of another case": (
        [SUBJECT, later("20140101", "PLEA WITHDRAWN", STP_ORI_CNTY_NAME="")],
        {"disposition_conflict": None},
    ),
    "set aside or not": (
        [SUBJECT, later("20140101", "1203.4 PC-DENIED")],
        {"was_set_aside": False, "disposition_conflict": None, "conviction_relief_granted": None},
    ),
    "Prop 64 denied": (
        [SUBJECT, later("20180101", "11361.8 HS-PETITION DENIED")],
        {"prop64_relief_granted": None},
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
    "lowered or not": (
        [SUBJECT, lowered(DISP_DESCR="REDUCED TO MISD-DENIED")],
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
}
