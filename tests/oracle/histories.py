"""Random histories, aimed: at every rule, at the days on which one begins or ceases to hold, and at what may be unknown.

Belongs here: drawing the rows of one person. Does not belong here: deciding them. Nothing here is anybody's record.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from tests.oracle.offenses import CANNABIS, CASES_ELSEWHERE, OTHERS, QUALIFIABLE, QUALIFIERS
from tests.oracle.record import BROKEN
from tests.oracle.truth import later

Row = dict[str, str]

YEARS = (1, 2, 3, 4, 5, 6, 7, 8, 10)
MILESTONES = (
    date(2016, 11, 9),
    date(2014, 11, 5),
    date(1973, 1, 1),
    date(2012, 2, 29),
    date(2020, 2, 29),
    date(2008, 2, 29),
)
SUPERVISION = {"JAIL": ("MANDATORY SUPERVISION",), "PRISON": ("PAROLE", "PAROLE", "PRCS")}
STAYS = ("CUSTODY", "CUSTODY:PRISON", "CUSTODY:PAROLE", "CUSTODY:JAIL", "PROBATION")
SUSPENDED = ("JAIL SS", "JAIL SS", "FINE SS", "PRISON SS")
CONVICTED = ("CONVICTED",) * 4 + ("CONVICTED-PROBATION", "CONVICTED-JAIL", "CONVICTED-PRISON")
ENDED = ("DISMISSED/FURTHERANCE OF JUSTICE", "ACQUITTED", "DISMISSED", "DISMISSED", "1385 PC-DISM DENIED")
UPDATES = (
    "PROBATION REVOKED",
    "PROB REINSTATED",
    "SENTENCE MODIFIED",
    "CONVICTION AFFIRMED",
    "CONV SET ASIDE & DISM PER 1203.4 PC",
    "DISMISSED/PROP 64",
    "REDESIGNATED MISD PER 11361.8 HS",
    "REDUCED TO MISD PER 1170.18 PC",
    "REDUCED TO MISD PER 17(B) PC",
    "REDUCED TO MISD PER 17(B) PC",
    "17(B) PC MOTION",
    "RELIEF GRANTED PER 1203.425",
    "RELIEF GRANTED",
    "DISMISSED",
    "DISMISSED",
    "CONVICTION REVERSED",
    "CONVICTED",
    "CONV SET ASIDE",
    "PLEA WITHDRAWN",
    "CONVICTION SET ASIDE PER 1473.7 PC",
    "1203.4 PC-DENIED",
    "1203.425 PC-RELIEF PROHIBITED",
    "11361.8 HS-PETITION DENIED",
    "REDUCED TO MISD PER PROP 64-PETITION FILED",
    "REDUCED TO MISD-DENIED",
    "PROBATION REVOKED-NOT REINSTATED",
)
REVOKED = ("PROBATION REVOKED", "PROBATION REVOKED", "PROBATION REINSTATED")
LEVELS = {"F": "FELONY", "M": "MISDEMEANOR", "I": "INFRACTION"}
COUNTIES = ("SACRAMENTO", "SACRAMENTO", "SAN JOAQUIN", "LOS ANGELES")
COURTS = (
    *("CASCSACRAMENTO",) * 46,
    *("CAMCSACRAMENTO",) * 5,
    *("CAJVSACRAMENTO",) * 5,
    "USFDSACRAMENTO",
    "USDCSACRAMENTO",
    "NVDCRENO",
)
NATURAL = {
    "11357(A)": "FFM",
    "11357(B)": "MI",
    "11357(C)": "M",
    "11357(D)": "M",
    "11357(E)": "M",
    "11360(B)": "MI",
    "11357": "FM",
}
COMPANIONS = (
    "374.8(B) PC-DEPOSIT HAZARDOUS SUBSTANCE",
    "11361(A) HS-USE MINOR TO SELL MARIJUANA",
    "530.5(A) PC-GET CREDIT WITH OTHER'S ID",
)
GRAVER = (
    "11358 HS-PLANT/CULTIVATE/ETC MARIJUANA",
    "11359 HS-POSSESS MARIJUANA FOR SALE",
    "11360(A) HS-SELL/TRANSPORT MARIJUANA",
    "473(A) PC-FORGERY",
)
LEAST = ("11357(B) HS-POSS MARIJUANA 28.5 GRAMS OR LESS", "11360(B) HS-GIVE/TRANSPORT MARIJUANA")
FINISHED = (("DISMISSED",) * 2, ("ACQUITTED",) * 2, ("DISMISSED", "ACQUITTED"), ("DIVERSION COMPLETED",) * 2)
PRIORS = ("187(A) PC-MURDER", "288(A) PC-LEWD ACT WITH CHILD", "207(A) PC-KIDNAPPING", "314.1 PC-INDECENT EXPOSURE")

PRESUMING = ("CONVICTION REVERSED", "JUDGMENT VACATED", "CONVICTION AFFIRMED", "PLEA WITHDRAWN")  # a conviction
NUMBERS = (
    {"FE_NUM_ORDER": "1", "FE_NUM_BNCH_WARR": "B123"},
    {"FE_NUM_WARRANT": "W123"},
    {"FE_NUM_REMAND": "R123"},
    {"FE_NUM_ORDER": "1", "FE_NUM_DOCKET": "D123"},
    {"FE_NUM_CRT_CASE": "C123"},
    {"FE_NUM_ORDER": "1"},
    {"FE_NUM_ORDER": "1", "FE_NUM_BOOKING": "K123"},
    {"COMMENT_TEXT": "COM: WARRANT NBR 113591"},
    {"COMMENT_TEXT": "COM: PRINTS NOT RECEIVED"},
    {"STP_ORI_DESCR": "USFDSACRAMENTO"},
)


class Histories:
    """Draws persons with one random source; the same seed gives the same histories."""

    def __init__(self, seed: int, as_of: date) -> None:
        self.chance = Random(seed)
        self.aside = Random(f"{seed} aside")  # what is said beside a history, so that its own draws stay as they are
        self.as_of = as_of

    def draw(self) -> list[Row]:
        """The rows of one person, in the order of the file."""
        self.mess = self.chance.choice((0, 0, 0, 0, 0.06, 0.2))
        self.only = self.pick((*CANNABIS, None, None, None, None, *OTHERS))
        rows = list(self.chance.choice((self.any, self.any, self.any, self.aimed, self.alone))())
        if self.often(0.04):
            rows.append(self.row(109, 1, 1, self.day(), STP_TYPE_DESCR="DECEASED"))
        if self.often(0.05):
            text = "290(B) PC-REGISTRATION OF SEX OFFENDER"
            rows.append(self.row(108, 1, 1, self.day(), STP_TYPE_DESCR="REGISTRATION", OFFENSE_DESCR=text))
        if len(rows) == 1 and self.often(0.3):
            rows[0]["CNT_ORDER"] = ""
        elif self.often(0.1):
            rows += self.stay(rows)
        if self.often(0.01):
            rows.append({**self.row(107, 1, 1, self.day()), BROKEN: "1"})
        self.name_cases(rows)
        rows += self.tell_again(rows)
        self.identify(rows)
        return rows

    # --- kinds of history

    def any(self) -> Iterator[Row]:
        """Some cycles of anything."""
        for number in range(1, self.pick((1, 1, 2, 2, 3)) + 1):  # type: ignore[operator]
            yield from self.cycle(number)

    def aimed(self) -> Iterator[Row]:
        """A graver cannabis conviction before the act, with what the law holds against it: before it or beside it."""
        if self.often(0.3):  # the least of them
            day = date(1995, 1, 1) + timedelta(days=self.chance.randrange(7800))
            least = (self.pick(LEAST), self.pick("MMI"))
            concentrate = ("11357(A) HS-POSS CONCENTRATED CANNABIS", "F")
            yield from self.told(1, day, [concentrate if self.often(0.15) else least])
            return
        text = self.pick(GRAVER)
        day = date(1995, 1, 1) + timedelta(days=self.chance.randrange(7800))
        if self.often(0.15):  # an ounce and more, shortly before the act
            lately = date(2016, 1, 1) + timedelta(days=self.chance.randrange(312))
            yield from self.told(1, lately, [("11357(C) HS-POSS MARIJUANA OVER 28.5 GRAMS", "M")])
        near = timedelta(days=self.chance.choice((-1, 0, 1, -4000, 4000)))
        kind = self.chance.random()
        if kind < 0.3:
            adjudged = {"DISP_DESCR": "PETITION SUSTAINED", "CONV_STAT_DESCR": "", "STP_ORI_DESCR": "CAJVSACRAMENTO"}
            told = adjudged if self.often(0.2) else {}
            for row in self.told(2, day + near, [(self.pick(PRIORS), "F")], arrest=False):
                yield {**row, **told}
        elif kind < 0.5:
            for number in (2, 3):
                yield from self.told(number, day - timedelta(days=number * 500), [(text, "F")])
        counts = [(text, "F")]
        if kind > 0.5:
            counts.append((self.pick(COMPANIONS), "F"))
        rows = list(self.told(5, day, counts))
        if self.often(0.25):
            self.tell_elsewhere(rows)
        yield from rows

    def tell_elsewhere(self, rows: Sequence[Row]) -> None:
        """What a court says of a second count stands in a cycle of its own, mostly under the number of the case."""
        number, county = self.pick((None, None, None, "", "E1")), self.pick(("", *COUNTIES))
        for row in rows:
            if row["STP_TYPE_DESCR"] == "COURT ACTION" and row["CNT_ORDER"][6:9] == "002":
                row |= {"CNT_ORDER": f"104{row['CNT_ORDER'][3:]}", "STP_ORI_CNTY_NAME": county}
                row["OFN"] = row["OFN"] if number is None else number

    def alone(self) -> Iterator[Row]:
        """One arrest or one plain conviction, most of it told: what the automatic reliefs are about."""
        day, offense = self.day(), self.offense()
        level = self.level(offense)
        if self.often(0.05):  # a grave felony whose probation still runs
            day = self.as_of - timedelta(days=self.chance.randrange(1, 1000))
            told = {"SENT_LOC_DESCR": "PROBATION", "SENT_LOC_CODE": "P", "SENT_LENGTH": "3", "SENT_TIME_CODE": "Y"}
            for row in self.told(1, day, [("211 PC-ROBBERY", "F")], arrest=False):
                yield {**row, "DISP_DESCR": "CONVICTED-PROBATION", **told}
            return
        if self.often(0.06):  # a felony of long ago, and what may have reduced it
            day = later(self.as_of, -12) + timedelta(days=self.chance.randrange(400))
            jail = {"SENT_LOC_DESCR": "JAIL", "SENT_LOC_CODE": "J", "SENT_LENGTH": "90", "SENT_TIME_CODE": "D"}
            told = {
                "OFFENSE_DESCR": "11378 HS-POSS CONTROLLED SUBSTANCE FOR SALE",
                "OFN": f"R{self.chance.randrange(100_000)}",
            }
            yield {**self.row(101, 2, 1, day, **told), **jail, "DISP_DESCR": "CONVICTED", "CONV_STAT_DESCR": "FELONY"}
            said = self.pick(("17(B) PC MOTION", "REDUCED TO MISD PER 17(B) PC", "REDUCED TO MISD PER 17(B) PC-DENIED"))
            yield {**self.row(101, 3, 1, day + timedelta(days=400), **told), "DISP_DESCR": said}
            return
        if self.often(0.12):  # a few days in jail, too short ago
            day = self.as_of - timedelta(days=self.chance.randrange(1, 365))
            jail = {"SENT_LOC_DESCR": "JAIL", "SENT_LOC_CODE": "J", "SENT_LENGTH": "10", "SENT_TIME_CODE": "D"}
            for row in self.told(1, day, [(self.pick(("12500(A) VC-DRIVE WITHOUT LICENSE", offense)), "M")]):
                is_court = row["STP_TYPE_DESCR"] == "COURT ACTION"
                yield {**row, "DISP_DESCR": "CONVICTED-JAIL", **jail} if is_court else row
            return
        if self.often(0.4):
            ends = self.chance.choice(FINISHED)
            counts = [(offense, level), *([(self.offense(), level)] if self.often(0.4) else [])]
            yield from self.told(1, day, counts, ends=ends)
        else:
            yield from self.told(1, day, [(offense, level)], arrest=self.often(0.5))
            if self.often(0.3):
                after = self.day()
                yield from self.told(2, after, [(self.pick(tuple(OTHERS)), self.pick("FM"))])

    def told(
        self,
        number: int,
        day: date,
        counts: Sequence[tuple[str, str]],
        *,
        arrest: bool = True,
        ends: Sequence[str] | None = None,
    ) -> Iterator[Row]:
        """An arrest and a court step on one day, or shortly after, that ends in convictions or as told."""
        cycle = 100 + number
        if arrest:
            yield from self.arrest(cycle, day, counts, "")
        case = f"D{cycle}{self.chance.randrange(900):03}"
        for place, (offense, level) in enumerate(counts, start=1):
            said = ends[min(place, len(ends)) - 1] if ends else self.pick(CONVICTED)
            row = self.row(cycle, 2, place, day, OFFENSE_DESCR=offense, OFFENSE_TOC=level, DISP_DESCR=said, OFN=case)
            row["CONV_STAT_DESCR"] = LEVELS[level] if said.startswith("CONVICTED") else ""
            self.qualify(row)
            yield from self.parts(row)
        if not ends and self.often(0.15):
            offense, level = counts[0]
            revoked = self.row(
                cycle, 3, 1, day + timedelta(days=300), OFFENSE_DESCR=offense, OFFENSE_TOC=level, OFN=case
            )
            jail = {"SENT_LOC_DESCR": "JAIL", "SENT_LOC_CODE": "J", "SENT_LENGTH": "180", "SENT_TIME_CODE": "D"}
            yield {**revoked, "DISP_DESCR": self.pick(REVOKED), **jail}

    def stay(self, rows: Sequence[Row]) -> Iterator[Row]:
        """Custody or probation: for what one of the rows charges, in its cycle or another, or for what no court tells."""
        like = self.chance.choice(rows)
        number = self.pick((like["CNT_ORDER"][:3], "106"))
        text = like["OFFENSE_DESCR"] if self.often(0.6) else self.pick((*PRIORS, *OTHERS))
        day = self.day()
        if self.often(0.5) and len(stated := like["STP_EVENT_DATE"]) == 8 and stated[6:] != "00":
            day = date(int(stated[:4]), int(stated[4:6]), int(stated[6:]))
            day += timedelta(days=self.chance.choice((-40, 0, 40, 2000)))
        step = self.pick(("1", "6", "6"))
        row = self.row(int(number), int(step), 1, day, OFFENSE_DESCR=text, STP_ORI_DESCR="CACDSACRAMENTO")
        row["STP_TYPE_DESCR"] = self.pick((*STAYS, "CUSTODY:JAIL"))
        row["DISP_DESCR"] = self.pick(("",) * 8 + ("CONVICTED", "DISMISSED", "SOMETHING NEW"))
        if self.often(0.4):
            yield row
            return
        place = self.pick(("PROBATION", "JAIL", "PRISON", "PRISON", "FINE", "PAROLE"))
        length, unit = self.pick((("3", "Y"), ("10", "D"), ("20", "Y"), ("", "")))
        yield {
            **row,
            "SENT_LOC_DESCR": place,
            "SENT_LOC_CODE": place[0],
            "SENT_LENGTH": length,
            "SENT_TIME_CODE": unit,
        }

    # --- choices

    def often(self, share: float) -> bool:
        return self.chance.random() < share

    def messy(self) -> bool:
        return self.chance.random() < self.mess

    def pick(self, choices: Sequence[object]) -> str:
        return self.chance.choice(choices)  # type: ignore[return-value]

    def day(self) -> date:
        """A day on which something turns, or next to it, or any."""
        near = timedelta(days=self.chance.choice((-1, 0, 1)))
        kind = self.chance.random()
        if kind < 0.35:
            return later(self.as_of, -self.chance.choice(YEARS)) + near
        if kind < 0.5:
            return self.chance.choice(MILESTONES) + near
        return self.as_of - timedelta(days=self.chance.randrange(-200, 18000))

    def stated(self, day: date) -> str:
        if self.messy():
            return self.pick(("", f"{day.year}0000", f"{day.year}0300", "00000000"))
        return f"{day:%Y%m%d}"

    def offense(self) -> str:
        if self.only is not None and self.often(0.6):
            return self.only
        return self.pick(tuple(CANNABIS)) if self.often(0.5) else self.pick(tuple(OTHERS))

    def level(self, offense: str) -> str:
        """The level that goes with an offense, as a rule."""
        if self.often(0.15):
            return self.pick("FMI")
        usual = NATURAL.get(offense.split(" ")[0], "F" if offense in CANNABIS else "FFM")
        return self.pick(usual)

    # --- rows

    def row(self, cycle: int, step: int, count: int, day: date, **cells: str) -> Row:
        return {
            "CNT_ORDER": f"{cycle:03}{step:03}{count:03}000",
            "STP_EVENT_DATE": self.stated(day),
            "STP_TYPE_DESCR": "COURT ACTION",
            "STP_ORI_DESCR": "CASCSACRAMENTO",
            "STP_ORI_CNTY_NAME": "SACRAMENTO",
            "OFFENSE_DESCR": "",
            "DISP_DESCR": "",
            "CONV_STAT_DESCR": "",
            "END_OF_REC": "#",
            **cells,
        }

    def cycle(self, number: int) -> Iterator[Row]:
        """An arrest, the court step with its counts, and what later steps tell of them."""
        cycle = 100 + number
        offenses = [self.offense() for _ in range(self.pick((1, 1, 1, 1, 2, 3)))]  # type: ignore[call-overload]
        counts = [(offense, self.level(offense)) for offense in offenses]
        if len(counts) > 1 and self.often(0.15):
            counts[1] = counts[0]
        day = self.day()
        has_court = self.often(0.88)
        if not has_court or self.often(0.75):
            rejected = self.pick(("", "", "PROS REJ-OTHER", "REL/DETENTION ONLY")) if not has_court else ""
            yield from self.arrest(cycle, day, counts, rejected)
            if self.often(0.5):
                day += timedelta(days=self.chance.choice((1, 40, 400)))
        if has_court:
            yield from self.court(cycle, day, counts)

    def arrest(self, cycle: int, day: date, counts: Sequence[tuple[str, str]], rejected: str) -> Iterator[Row]:
        """An arrest; now and then a second one in its cycle."""
        agency = {"STP_TYPE_DESCR": "ARREST/DETAINED/CITED", "STP_ORI_DESCR": "CAPDSACRAMENTO"}
        days = {1: day, 5: day + timedelta(days=self.chance.choice((1, 20, 500)))} if self.often(0.1) else {1: day}
        for step, when in days.items():
            for place, (offense, level) in enumerate(counts, start=1):
                charge = {"OFFENSE_DESCR": offense, "OFFENSE_TOC": level, "DISP_DESCR": rejected}
                yield self.row(cycle, step, place, when, **agency, **charge)

    def court(self, cycle: int, day: date, counts: Sequence[tuple[str, str]]) -> Iterator[Row]:
        case = f"C{cycle}{self.chance.randrange(900):03}"
        cells = {
            "STP_ORI_CNTY_NAME": "" if self.messy() else self.pick(COUNTIES),
            "STP_ORI_DESCR": "" if self.messy() and self.often(0.3) else self.pick(COURTS),
        }
        outcome = self.pick(("convicted",) * 8 + ("ended", "mixed"))
        for place, (offense, level) in enumerate(counts, start=1):
            ended = outcome == "ended" or (outcome == "mixed" and self.often(0.5))
            said = self.pick(ENDED) if ended else self.pick(CONVICTED)
            if self.messy():
                said = self.pick(("", "SOMETHING NEW", "DIVERSION"))
            row = self.row(cycle, 2, place, day, **cells, OFFENSE_DESCR=offense, OFFENSE_TOC=level, DISP_DESCR=said)
            row["CONV_STAT_DESCR"] = "" if self.messy() or not said.startswith("CONVICTED") else LEVELS[level]
            row["OFN"] = "" if self.messy() else case
            if self.often(0.01):
                row["CONV_OFFENSE_DESCR"] = self.offense()
            self.qualify(row)
            yield from self.parts(row)
        elsewhere = cycle + 4 if self.often(0.15) else cycle  # the same case, told in a cycle of its own
        for step in (3, 4):
            if not self.often(0.15):
                return
            day += timedelta(days=self.chance.choice((1, 200, 1000)))
            for place, (offense, level) in enumerate(counts, start=1):
                if self.often(0.7):
                    said = self.pick(("", "SOMETHING NEW")) if self.messy() else self.pick(UPDATES)
                    row = self.row(
                        elsewhere, step, place, day, **cells, OFFENSE_DESCR=offense, DISP_DESCR=said, OFN=case
                    )
                    row["OFFENSE_TOC"] = level if self.often(0.8) else ""
                    row["CONV_STAT_DESCR"] = LEVELS[level] if said == "CONVICTED" else ""
                    yield row

    def qualify(self, row: Row) -> None:
        """What the columns beside the offense say of it, now and then: how somebody took part, and as what it ended."""
        if self.often(0.01):
            row["DISP_OFFENSE_DESCR"] = row["OFFENSE_DESCR"] if self.often(0.3) else self.offense()
        for column, share in (("OFFENSE", 0.03), ("CONV_OFFENSE", 0.006), ("DISP_OFFENSE", 0.006)):
            text = row.get(f"{column}_DESCR") or row["OFFENSE_DESCR"]
            if text in QUALIFIABLE and self.often(share):
                row[f"{column}_QUAL_LST"] = self.pick(tuple(QUALIFIERS))

    def name_cases(self, rows: Sequence[Row]) -> None:
        """Now and then an arrest is on a warrant, or names the case of a court."""
        for row in rows:
            if row["STP_TYPE_DESCR"].startswith("ARREST") and self.aside.random() < 0.06:
                if self.aside.random() < 0.4:
                    row["OFFENSE_DESCR"] = self.aside.choice(tuple(CASES_ELSEWHERE))
                else:
                    row |= self.aside.choice(NUMBERS)

    def tell_again(self, rows: Sequence[Row]) -> Iterator[Row]:
        """Now and then another agency reports an arrest as well, in a cycle of its own, with what became of it or not; or a
        court does, in a cycle without an arrest."""
        arrests = [row for row in rows if row["STP_TYPE_DESCR"].startswith("ARREST") and row["CNT_ORDER"]]
        if not arrests or self.aside.random() > 0.06:
            return
        blank = self.aside.choice(
            (
                {},
                {},
                {},
                {"STP_ORI_DESCR": "USFDSACRAMENTO"},
                {"OFFENSE_DESCR": ""},
                {"STP_EVENT_DATE": ""},
                {"STP_TYPE_DESCR": ""},
            )
        )
        again = {**self.aside.choice(arrests), "CNT_ORDER": "110001001000", "STP_ORI_DESCR": "CASOSACRAMENTO", **blank}
        is_unlinked = self.aside.random() < 0.3
        if not is_unlinked:
            yield again
        if is_unlinked or self.aside.random() < 0.6:
            court = {"STP_TYPE_DESCR": "COURT ACTION", "STP_ORI_DESCR": "CASCSACRAMENTO", "CNT_ORDER": "110002001000"}
            said = self.aside.choice((*ENDED, *PRESUMING, "ACQUITTED", "CONVICTED", "DIVERSION", "SOMETHING NEW", ""))
            level = LEVELS.get(again.get("OFFENSE_TOC", ""), "") if said == "CONVICTED" else ""
            yield {**again, **court, "DISP_DESCR": said, "CONV_STAT_DESCR": level, "OFN": "G110"}

    def parts(self, row: Row) -> Iterator[Row]:
        """The parts of a sentence: the row again for each."""
        if not row["DISP_DESCR"].startswith("CONVICTED") or self.often(0.15):
            yield row
            return
        places = ("PROBATION", "JAIL", "PRISON", "FINE")
        for number in range(self.pick((1, 1, 2))):  # type: ignore[call-overload]
            place = self.pick(places)
            length, unit = self.pick((("3", "Y"), ("1", "Y"), ("18", "M"), ("180", "D"), ("10", "D"), ("2", "Y")))
            told = {"SENT_LOC_DESCR": place, "SENT_LOC_CODE": place[0], "SENT_LENGTH": length, "SENT_TIME_CODE": unit}
            if place == "FINE" or self.messy():
                told = {"SENT_LOC_DESCR": place, "SENT_LOC_CODE": place[0]}
            yield {**row, **told, "SENT_ORDER": str(number + 1)}
        if self.often(0.06):
            for suspended in ({"SENT_LOC_DESCR": "PROBATION", "SENT_LOC_CODE": "P", "SENT_LENGTH": "1"}, {}):
                told = {"SENT_LOC_DESCR": self.pick(SUSPENDED), "SENT_LOC_CODE": "S", "SENT_LENGTH": "2", **suspended}
                yield {**row, **told, "SENT_TIME_CODE": "Y", "SENT_ORDER": "8" if suspended else "7"}
        if place in SUPERVISION and self.often(0.3):
            after = self.pick((*SUPERVISION[place], *SUPERVISION["JAIL"]))
            told = {
                "SENT_LOC_DESCR": after,
                "SENT_LOC_CODE": "X",
                "SENT_LENGTH": self.pick("123"),
                "SENT_TIME_CODE": "Y",
            }
            yield {**row, **told, "SENT_ORDER": "9"}

    def identify(self, rows: list[Row]) -> None:
        """Birth date and CII on every row; now and then two of them, or none."""
        stated = [row["STP_EVENT_DATE"] for row in rows if row["STP_EVENT_DATE"][6:] not in ("", "00")]
        anchor = self.chance.choice(stated) if stated else "19900615"
        day = date(int(anchor[:4]), int(anchor[4:6]), int(anchor[6:]))
        kind = self.chance.random()
        if kind < 0.3:
            near = timedelta(days=self.chance.choice((-1, 0, 1)))
            born = later(day, -self.chance.choice((14, 18, 18, 21, 21, 25))) + near
        elif kind < 0.4:
            born = date(self.chance.choice((1960, 1968, 1976, 1984, 1992, 1996)), 2, 29)
        elif kind < 0.5:
            near = timedelta(days=self.chance.choice((-1, 0, 1)))
            born = later(self.as_of, -self.chance.choice((50, 50, 57, 57, 110))) + near
        else:
            born = day - timedelta(days=self.chance.randrange(14 * 365, 50 * 365))
        text = self.pick(("", f"{born.year}0000")) if self.messy() else f"{born:%Y%m%d}"
        for row in rows:
            row |= {"PRI_DOB": text, "CII_NUMBER": "A"}
        if len(rows) > 1 and self.often(0.015):
            rows[-1]["PRI_DOB"] = "19700102"
        if len(rows) > 1 and self.often(0.01):
            rows[-1]["CII_NUMBER"] = self.pick(("B", ""))
