"""Random histories of one person, for the property tests: few values, so that they meet, and every kind of mess.

Belongs here: drawing the records. Does not belong here: deciding them, and what must hold of the decisions. Nothing here
is anybody's record.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from tests.support import record

Row = dict[str, str]
History = list[Row]

PROP64 = (
    "11357 HS-POSSESS",
    "11357(A) HS-POSSESS MARIJUANA",
    "11358 HS-PLANT/CULTIVATE/ETC MARIJ/HASH",
    "11358-CULTIVATE",
    "11359 HS-POSSESS MARIJUANA FOR SALE",
    "11359 HS-POSSESS MARIJUANA FOR SALE",
    "11359HS-INTENT SELL CANNABIS",
    "11359 PC-POSSESS FOR SALE",
    "11360(A) HS-GIVE/ETC MARIJ OVER 1 OZ/28.5 GRAM",
)
OTHERS = (
    "459 PC-BURGLARY",
    "187 PC-MURDER",
    "288(A) PC-L&L W/CHILD UNDER 14",
    "484 PC-THEFT",
    "11357(B) HS-POSSESS MARIJUANA 28.5-/MARIJ",
    "11361(A) HS-SELL MARIJUANA TO MINOR",
    "11350 HS-POSSESS NARCOTIC CNTL SUBSTANCE",
    "1203.2 PC-PROBATION VIOL",
    "290.018(B) PC-FAIL TO REGISTER",
    "664 PC-ATTEMPT",
    "245(A)(4) PC-FORCE/ADW NOT FIREARM:GBI LIKELY",
    "12022.7(A) PC-INFLICT GREAT BODILY INJURY",
    "11530 HS-POSSESS MARIJUANA",
    "664/11359 HS-ATTEMPT POSSESS FOR SALE",
    "182(A)(1)/11360 HS-CONSPIRACY",
    "11359(D) HS-EMPLOY MINOR",
    "11357.5 HS-SELL SYNTHETIC CANNABINOID",
    "SEE COMMENT FOR CHARGE",
    "LOCAL ORDINANCE VIOL",
    "",
)
COMMENTS = ("", "", "11358 HS CHRG", "CHRG 11360 HS", "CHRG 459 PC", "SCN 12345")
CONVICTED = ("CONVICTED", "CONVICTED", "CONVICTED-PROBATION", "CONVICTED-JAIL", "CONVICTED-PRISON")
NOT_CONVICTED = ("DISMISSED/FURTHERANCE OF JUSTICE", "ACQUITTED", "DIVERSION", "", "SOMETHING NEW", "CHANGE OF VENUE")
LATER = (
    "CONVICTED",
    "CONVICTED-JAIL",
    "DISMISSED",
    "PROBATION REVOKED",
    "SENTENCE MODIFIED",
    "CONV SET ASIDE & DISM PER 1203.4 PC",
    "DISMISSED/PROP 64",
    "REDESIGNATED MISD PER 11361.8 HS",
    "REDUCED TO MISD PER 1170.18 PC",
    "REDUCED TO MISD PER 17(B) PC",
    "17(B) PC MOTION",
    "PROB REINSTATED",
    "RELIEF GRANTED",
    "SOMETHING NEW",
    "",
)
SEVERITIES = ("FELONY", "FELONY", "FELONY", "MISDEMEANOR", "MISDEMEANOR", "INFRACTION", "WOBBLER", "")
TYPES_OF_CHARGE = ("F", "F", "M", "I", "")
# Kind of sentence with its code, length, unit of time. What is stated has a code beside it, as DOJ gives it.
SENTENCES = (
    ("PROBATION", "P", "3", "Y"),
    ("PROBATION", "P", "12", "M"),
    ("JAIL", "J", "90", "D"),
    ("JAIL", "J", "", ""),
    ("PRISON", "S", "2", "Y"),
    ("PRISON", "S", "25", "Y"),
    ("FINE", "F", "", ""),
    ("JAIL SS", "J", "90", "D"),
    ("FINE SS", "F", "", ""),
    ("MANDATORY SUPERVISION", "M", "2", "Y"),
    ("PAROLE", "A", "1", "Y"),
    ("SOME SENTENCE", "X", "1", "Y"),
)
COUNTIES = ("SACRAMENTO", "SACRAMENTO", "SACRAMENTO", "YOLO", "SAN JOAQUIN", "NARNIA", "")
CASES = ("A1", "A1", "B2", "C-3", "NULL", "")
BROKEN_DATES = ("", "20050000", "20050300", "19991399", "00000000", "20300101")
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2025, 12, 31)


def draw_history(chance: Random) -> History:
    """The rows of one person, in the order of a file; SUBJECT_ID and CII are the caller's to give out."""
    person = _Person(chance)
    rows = [row for number in range(1, chance.choice((1, 1, 2, 2, 3)) + 1) for row in person.cycle(number)]
    if chance.random() < 0.15:
        rows.append(person.row(STP_TYPE_DESCR="DECEASED", DISP_DESCR="", CNT_ORDER="109001001000"))
    if chance.random() < 0.05:
        rows.append(person.row(STP_TYPE_DESCR="REGISTRATION", OFFENSE_DESCR="290 PC-REGISTRATION OF SEX OFFENDER"))
    person.name(rows)
    return rows


class _Person:
    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.mess = chance.choice((1, 1, 1, 4))  # what is rare in most histories is common in some

    def often(self, share: float) -> bool:
        return self.chance.random() < (share if share > 0.2 else share * self.mess)

    def pick(self, texts: Sequence[str]) -> str:
        return self.chance.choice(texts)

    def day(self, after: date = FIRST_DAY) -> date:
        span = max((LAST_DAY - after).days, 1)
        return after + timedelta(days=self.chance.choice((0, 1, 400, self.chance.randrange(span))))

    def stated(self, day: date) -> str:
        return self.pick(BROKEN_DATES) if self.often(0.06) else f"{day:%Y%m%d}"

    def row(self, **cells: str) -> Row:
        return record(
            **{
                "STP_EVENT_DATE": self.stated(self.day()),
                "DISP_DATE": "",
                "CYC_DATE": "20000101",
                "OFN": "",
                "CONV_STAT_DESCR": "",
                "OFFENSE_TOC": "",
                "OFFENSE_DESCR": "",
                **cells,
            }
        )

    def offense(self) -> str:
        return self.pick(PROP64) if self.often(0.7) else self.pick(OTHERS)

    def count(self) -> Row:
        """What a count says of itself, whatever step tells it."""
        offense = self.offense()
        cells = {
            "OFFENSE_DESCR": offense,
            "OFFENSE_TOC": self.pick(TYPES_OF_CHARGE),
            "CONV_STAT_DESCR": self.pick(SEVERITIES),
            "COMMENT_TEXT": self.pick(COMMENTS) if offense.startswith("SEE") or self.often(0.1) else "",
        }
        if self.often(0.06):
            convicted = self.offense()
            cells["CONV_OFFENSE_DESCR"] = convicted
        return cells

    def cycle(self, number: int) -> History:
        """An arrest, a court step with its counts, and what later steps tell of them."""
        day, county, case = self.day(), self.pick(COUNTIES), self.pick(CASES)
        counts = [self.count() for _ in range(self.chance.choice((1, 1, 2, 3)))]
        if len(counts) > 1 and self.often(0.4):
            counts[1] = {**counts[0], "CONV_STAT_DESCR": self.pick(SEVERITIES)}
        rows: History = []
        if self.often(0.5):
            rows += self.step(number, 1, day, counts, STP_TYPE_DESCR="ARREST/DETAINED/CITED", STP_ORI_CNTY_NAME=county)
        cells = {"STP_ORI_CNTY_NAME": county, "OFN": case, "STP_ORI_DESCR": self.agency()}
        step = 2
        rows += self.step(number, step, day, counts, dispositions=CONVICTED if self.often(0.8) else None, **cells)
        while self.often(0.45):
            step += self.chance.choice((0, 1, 1, 1))
            day = self.day(day)
            told = [{**one, **self.changed(one)} for one in counts if self.often(0.7)]
            kind = self.pick(("COURT ACTION",) * 8 + ("PROBATION", "CUSTODY", "CUSTODY:JAIL", "SOME STEP", ""))
            later = {
                **cells,
                "STP_TYPE_DESCR": kind,
                "OFN": case if self.often(0.6) else self.pick(CASES),
                "STP_ORI_CNTY_NAME": county if self.often(0.85) else self.pick(COUNTIES),
            }
            silent = ("",) * len(LATER) if kind in ("PROBATION", "CUSTODY", "CUSTODY:JAIL") else ()
            rows += self.step(number, step, day, told, dispositions=(*LATER, *silent), **later)
        return rows

    def agency(self) -> str:
        return self.pick(("CASCSACRAMENTO",) * 12 + ("CAMCYOLO", "CAJVSACRAMENTO", "SOME AGENCY"))

    def changed(self, count: Row) -> Row:
        if self.often(0.3):
            return {"CONV_STAT_DESCR": self.pick(SEVERITIES)}
        return {"OFFENSE_DESCR": self.offense()} if self.often(0.1) else {}

    def step(
        self,
        cycle: int,
        step: int,
        day: date,
        counts: Sequence[Row],
        *,
        dispositions: Sequence[str] | None = None,
        **cells: str,
    ) -> History:
        """The rows of one step: a row per count, and more where a sentence has parts."""
        rows: History = []
        is_arrest = cells.get("STP_TYPE_DESCR", "").startswith("ARREST")
        for number, count in enumerate(counts, start=1):
            nothing = "" if is_arrest else self.pick(NOT_CONVICTED)
            said = self.pick(dispositions) if dispositions and self.often(0.85) else nothing
            order = f"{100 + cycle:03}{step:03}{number:03}000"
            row = self.row(
                **{
                    **count,
                    "CNT_ORDER": self.pick(("", "1", "101002001000")) if self.often(0.04) else order,
                    "STP_EVENT_DATE": self.stated(day),
                    "DISP_DATE": f"{day:%Y%m%d}",
                    "FE_NUM_CRT_CASE": self.pick(CASES) if self.often(0.15) else "",
                    "DISP_DESCR": said,
                    **cells,
                }
            )
            if self.often(0.1):
                row["OFN"] = self.pick(CASES)
            if not is_arrest and self.often(0.6):
                row |= self.sentence()
            rows += [row, *self.parts(row)]
        return rows

    def parts(self, row: Row) -> History:
        """Further parts of the sentence: the same row again, now and then with a cell that contradicts it."""
        found = []
        while self.often(0.25):
            part = {**row, **self.sentence()}
            if self.often(0.5):
                column, values = self.chance.choice(
                    (
                        ("CONV_STAT_DESCR", SEVERITIES),
                        ("OFFENSE_TOC", TYPES_OF_CHARGE),
                        ("OFN", CASES),
                        ("DISP_DESCR", (*CONVICTED, *LATER)),
                        ("STP_EVENT_DATE", (f"{self.day():%Y%m%d}", "")),
                        ("STP_ORI_CNTY_NAME", COUNTIES),
                        ("OFFENSE_DESCR", (*PROP64, *OTHERS)),
                        ("CONV_OFFENSE_DESCR", PROP64),
                        ("STP_ORI_DESCR", ("CAJVSACRAMENTO", "USDCSACRAMENTO", "")),
                        ("STP_TYPE_DESCR", ("", "PROBATION")),
                        ("COMMENT_TEXT", COMMENTS),
                    )
                )
                part[column] = self.pick(values)
            found.append(part)
        return found

    def sentence(self) -> Row:
        return dict(
            zip(
                ("SENT_LOC_DESCR", "SENT_LOC_CODE", "SENT_LENGTH", "SENT_TIME_CODE"),
                self.chance.choice(SENTENCES),
                strict=True,
            )
        )

    def name(self, rows: History) -> None:
        """Birth date and CII: on all rows or on none, and now and then two of them."""
        birth = self.pick(("19700101", "19550615", "19880229", "19990320", "19700000", "", ""))
        column = self.pick(("REQ_CII_NUMBER", "CII_NUMBER"))
        cii = "" if self.often(0.1) else "A"
        for number, row in enumerate(rows):
            row |= {"SENT_ORDER": str(number), "PRI_DOB": birth, "REQ_CII_NUMBER": "", "CII_NUMBER": "", column: cii}
            # What is stated is also numbered, as DOJ does it, and no two rows are the same.
            row["DISP_ORDER"] = "1" if row["DISP_DESCR"] else self.pick(("", "", "", "1"))
            row["CONV_OFFENSE_ORDER"] = "1" if row.get("CONV_OFFENSE_DESCR") else ""
        if birth and self.often(0.06):
            self.chance.choice(rows)["PRI_DOB"] = "19700102"
        if cii and self.often(0.06):
            self.chance.choice(rows)[column] = "B"
