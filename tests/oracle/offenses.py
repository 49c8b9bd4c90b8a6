"""The offenses of the oracle's histories, and what the law says of each: told by hand, from the statutes.

Belongs here: one line per offense. Does not belong here: reading spellings; the engine's grammar has tests of its own.

True: listed; False: not listed; None: the listing turns on a fact that no record tells. An offense that nobody can read may be
anything.
"""

from dataclasses import dataclass, replace
from functools import cache

from tests.oracle.truth import Truth


@dataclass(frozen=True)
class Offense:
    """What a text says, and how the law knows it.

    `superstrike` PC 667(e)(2)(C)(iv); `registrable` PC 290(c); `registers` PC 290.018, failing to register, and PC
    290.95, a registrant's work with minors; `serious` PC 1192.7(c); `violent` PC 667.5(c); `enhances` an enhancement
    that makes another count one of these; `supervision` a violation of probation or parole, no offense of its own;
    `elsewhere` no offense but a case that has its court elsewhere (a warrant, a fugitive); `appearance` that somebody did
    not appear in a case;
    `prop47` what PC 1170.18 says of the section: decidable, value (it turns on what no record tells) or none.
    """

    section: str | None
    letters: str = ""
    code: str = "PC"
    relation: str = "none"
    superstrike: Truth = False
    registrable: Truth = False
    registers: Truth = False
    serious: Truth = False
    violent: Truth = False
    enhances: Truth = False
    supervision: Truth = False
    elsewhere: Truth = False
    appearance: Truth = False
    prop47: str | None = "none"
    environmental: bool = False
    minor: bool = False
    identity_theft: bool = False
    import_text: bool = False

    @property
    def prop64(self) -> Truth:
        """Whether HS 11361.8(e) names it."""
        if self.section is None:
            return None
        return self.code == "HS" and self.section in ("11357", "11358", "11359", "11360")

    @property
    def predecessor(self) -> bool:
        """Whether the four sections replaced it in 1973. An accessory is not guilty of it."""
        return (
            self.relation != "accessory"
            and self.code == "HS"
            and self.section in ("11530", "11530.1", "11530.5", "11531")
        )

    @property
    def identity(self) -> Truth:
        return None if self.section is None else self.identity_theft

    @property
    def statute(self) -> tuple[str, str] | None:
        """Code and section where it is certain which offense that makes."""
        return (self.code, self.section) if self.section and self.relation else None


UNREADABLE = Offense(
    None,
    superstrike=None,
    registrable=None,
    registers=None,
    serious=None,
    violent=None,
    enhances=None,
    supervision=None,
    elsewhere=None,
    appearance=None,
    prop47=None,
    code="",
    relation="",
)


def _hs(section: str, letters: str = "", **said: object) -> Offense:
    return Offense(section, letters, "HS", **said)  # type: ignore[arg-type]


CANNABIS = {
    "11357 HS-POSSESS": _hs("11357", prop47="value"),
    "11357(A) HS-POSS CONCENTRATED CANNABIS": _hs("11357", "a", prop47="decidable"),
    "11357(B) HS-POSS MARIJUANA 28.5 GRAMS OR LESS": _hs("11357", "b"),
    "11357(C) HS-POSS MARIJUANA OVER 28.5 GRAMS": _hs("11357", "c"),
    "11357(D) HS-POSS MARIJUANA SCHOOL GROUNDS": _hs("11357", "d"),
    "11357(E) HS-POSS MARIJUANA SCHOOL GROUNDS": _hs("11357", "e"),
    "11358 HS-PLANT/CULTIVATE/ETC MARIJUANA": _hs("11358"),
    "11359 HS-POSSESS MARIJUANA FOR SALE": _hs("11359"),
    "11359(D) HS-EMPLOY MINOR": _hs("11359", "d"),
    "11360 HS-SELL/TRANSPORT MARIJUANA": _hs("11360"),
    "11360(A) HS-SELL/TRANSPORT MARIJUANA": _hs("11360", "a"),
    "11360(A) HS-IMPORT MARIJUANA": _hs("11360", "a", import_text=True),
    "11360(B) HS-GIVE/TRANSPORT MARIJUANA": _hs("11360", "b"),
    "11530 HS-POSSESS MARIJUANA": _hs("11530"),
    "11531 HS-SELL/TRANSPORT MARIJUANA": _hs("11531"),
    "664/11359 HS-ATTEMPT POSSESS FOR SALE": _hs("11359", relation="attempt"),
    "182(A)(1)/11360(A) HS-CONSPIRACY": _hs("11360", "a", relation="conspiracy"),
}

OTHERS = {
    "187(A) PC-MURDER": Offense("187", "a", superstrike=True, registrable=None, serious=True, violent=True),
    "288(A) PC-LEWD ACT WITH CHILD": Offense(
        "288", "a", superstrike=True, registrable=True, serious=True, violent=True
    ),
    "207(A) PC-KIDNAPPING": Offense("207", "a", superstrike=None, registrable=None, serious=True, violent=True),
    "314.1 PC-INDECENT EXPOSURE": Offense("314", "1", registrable=True),
    "211 PC-ROBBERY": Offense("211", serious=True, violent=True),
    "245(A)(1) PC-ASSAULT WITH DEADLY WEAPON": Offense("245", "a1", serious=None),
    "245(A)(4) PC-ASSAULT FORCE LIKELY": Offense("245", "a4"),
    "459 PC-BURGLARY": Offense("459", serious=None, prop47="value"),
    "273.5(A) PC-INFLICT CORPORAL INJURY": Offense("273.5", "a"),
    "23152(A) VC-DUI": Offense("23152", "a", "VC"),
    "12500(A) VC-DRIVE WITHOUT LICENSE": Offense("12500", "a", "VC"),
    "496(A) PC-RECEIVE STOLEN PROPERTY": Offense("496", "a", prop47="value"),
    "530.5(A) PC-GET CREDIT WITH OTHER'S ID": Offense("530.5", "a", identity_theft=True),
    "473(A) PC-FORGERY": Offense("473", "a", prop47="value"),
    "11350(A) HS-POSSESS NARCOTIC CNTL SUBSTANCE": _hs("11350", "a", prop47="decidable"),
    "11377(A) HS-POSSESS CONTROLLED SUBSTANCE": _hs("11377", "a", prop47="decidable"),
    "664/11377(A) HS-ATTEMPT POSSESS": _hs("11377", "a", relation="attempt", prop47="value"),
    "11378 HS-POSS CONTROLLED SUBSTANCE FOR SALE": _hs("11378"),
    "11361(A) HS-USE MINOR TO SELL MARIJUANA": _hs("11361", "a", minor=True),
    "374.8(B) PC-DEPOSIT HAZARDOUS SUBSTANCE": Offense("374.8", "b", environmental=True),
    "290.018(B) PC-FAIL TO REGISTER": Offense("290.018", "b", registers=True),
    "290.95(A) PC-REGISTRANT FAIL TO DISCLOSE": Offense("290.95", "a", registers=True),
    "182(A)(1) PC-CONSPIRACY:COMMIT CRIME": Offense(
        "182", "a1", relation="conspiracy", superstrike=None, registrable=None, serious=None, violent=None
    ),
    "12022.7(A) PC-INFLICT GREAT BODILY INJURY": Offense("12022.7", "a", serious=None, violent=None, enhances=True),
    "1203.2 PC-PROBATION VIOLATION": Offense("1203.2", supervision=True),
    "3056 PC-VIOLATION OF PAROLE": Offense("3056", supervision=True),
    "LOCAL ORDINANCE VIOL": UNREADABLE,
    "": UNREADABLE,
}

CASES_ELSEWHERE = {
    "978.5 PC-BENCH WARRANT:FTA": Offense("978.5", elsewhere=True),
    "1551.1 PC-FUGITIVE FROM JUSTICE": Offense("1551.1", elsewhere=True),
    "12500(A) VC-DRIVE WITHOUT LICENSE/OUTSIDE WARRANT": Offense("12500", "a", "VC", elsewhere=True),
    "1320(A) PC-FAIL TO APPEAR:MISD CHARGE": Offense("1320", "a", appearance=True),
    "40508(A) VC-FAIL TO APPEAR": Offense("40508", "a", "VC", appearance=True),
}

QUALIFIERS = {
    "ATTEMPTED": "attempt",
    "CONSPIRACY": "conspiracy",
    "ACCESSORY AFTER THE FACT": "accessory",
    "SOLICITATION": "solicitation",
    "AIDING AND ABETTING": "none",  # PC 31: a principal
    "WITH SOMETHING": "",  # whatever that is
}
# Offenses that the lists of the law, as far as the qualifiers change them, are told of by hand below.
QUALIFIABLE = (
    *(text for text, offense in CANNABIS.items() if offense.relation == "none" and text != "11359(D) HS-EMPLOY MINOR"),
    "664/11359 HS-ATTEMPT POSSESS FOR SALE",
    "187(A) PC-MURDER",
    "211 PC-ROBBERY",
    "459 PC-BURGLARY",
    "11350(A) HS-POSSESS NARCOTIC CNTL SUBSTANCE",
    "11377(A) HS-POSSESS CONTROLLED SUBSTANCE",
    "11378 HS-POSS CONTROLLED SUBSTANCE FOR SALE",
)


@cache
def qualified(offense: Offense, words: str) -> Offense:
    """What the offense is, with how somebody took part in it. relation "": nobody knows."""
    how = QUALIFIERS[words] if words else "none"
    if offense.section is None or how in ("none", offense.relation):
        return offense
    if not how or offense.relation != "none":  # what it is may stand on any list
        return replace(
            offense,
            relation="",
            superstrike=None,
            registrable=None,
            serious=None,
            violent=None,
            prop47="none" if offense.prop47 == "none" else "value",
        )
    if how == "accessory":  # PC 32: not guilty of the principal's offense
        return replace(
            offense, relation=how, superstrike=False, registrable=False, serious=False, violent=False, prop47="none"
        )
    murder = offense.section == "187"  # PC 667(e)(2)(C)(iv)(IV), 667.5(c)(12)
    attempted = how == "attempt"  # PC 290(c), 1192.7(c)(39): whatever is listed; else the lists are silent

    def perhaps(listed: Truth) -> Truth:
        return None if listed is not False else False

    return replace(
        offense,
        relation=how,
        superstrike=offense.superstrike if attempted and murder else perhaps(offense.superstrike),
        registrable=offense.registrable if attempted else perhaps(offense.registrable),
        serious=offense.serious if attempted else perhaps(offense.serious),
        violent=offense.violent if attempted and murder else perhaps(offense.violent),
        prop47="none" if offense.prop47 == "none" else "value",
    )


OFFENSES = {**CANNABIS, **OTHERS, **CASES_ELSEWHERE, "290(B) PC-REGISTRATION OF SEX OFFENDER": Offense("290", "b")}
