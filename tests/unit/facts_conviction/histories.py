"""Rows of invented histories around one conviction, a felony of 2010-01-01 at 101-002-001.

Belongs here: the rows that cases are put together of. Does not belong here: what is expected of them (the cases).
"""

from typing import Any

from tests.support import record

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


def stay(day: str, offense: str, kind: str = "CUSTODY:PRISON", order: str = "201002001000", **cells: str) -> Row:
    """A step of custody or probation, which tells no disposition."""
    told = {"STP_TYPE_DESCR": kind, "DISP_DESCR": "", "CONV_STAT_DESCR": "", "OFN": ""}
    return record(CNT_ORDER=order, STP_EVENT_DATE=day, OFFENSE_DESCR=offense, **{**told, **cells})


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

Cases = dict[str, tuple[list[Row], dict[str, Any]]]
"""Name -> the rows of one person, and what is expected of the conviction's facts."""
