"""Deciding histories beside what is left of them when one value is blanked.

Belongs here: making the variants, deciding them all at once (one extract, every history and variant a person of its own),
saying where a variant gets more than its history, and making such a case small. Does not belong here: drawing histories
(histories.py).
"""

import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from clearslate.law.compile import compile_remedy
from clearslate.law.policy import DEFAULT_POLICY, STATUTE_ONLY, Policy, load_policy, policy_names
from clearslate.law.remedy import Remedy, load_remedies
from clearslate.run import fact_columns
from clearslate.warehouse import Warehouse
from tests.property.histories import History
from tests.support import DEFAULTS, decide

COLUMNS = (
    "STP_EVENT_DATE",
    "DISP_DATE",
    "CYC_DATE",
    "PRI_DOB",
    "CONV_STAT_DESCR",
    "OFFENSE_TOC",
    "STP_ORI_CNTY_NAME",
    "OFFENSE_DESCR",
    "CONV_OFFENSE_DESCR",
    "COMMENT_TEXT",
    "DISP_DESCR",
    "STP_TYPE_DESCR",
    "STP_ORI_DESCR",
    "CNT_ORDER",
    "OFN",
    "FE_NUM_CRT_CASE",
    "FE_NUM_BNCH_WARR",
    "FE_NUM_WARRANT",
    "FE_NUM_REMAND",
    "FE_NUM_DOCKET",
    "SUBJECT_ID",
    "CII_NUMBER",
    "REQ_CII_NUMBER",
    "SENT_LOC_CODE",
    "SENT_LOC_DESCR",
    "SENT_LENGTH",
    "SENT_TIME_CODE",
)
EVERY_ROW = -1
# What histories.py says of all rows of a person or beside another cell; alone it would be another kind of history.
_KEPT = (
    "SUBJECT_ID",
    "PRI_DOB",
    "CII_NUMBER",
    "REQ_CII_NUMBER",
    "SENT_ORDER",
    "SENT_LOC_CODE",
    "DISP_ORDER",
    "CONV_OFFENSE_ORDER",
)

_SECTIONS = ("11357", "11358", "11359", "11360")
_NOTHING = {"baselineEligibility": {"dismiss": [], "reduce": []}, "additionalRelief": {}}


def _policy(dismiss: Sequence[str] = (), reduce: Sequence[str] = (), **relief: object) -> dict[str, object]:
    return {"baselineEligibility": {"dismiss": list(dismiss), "reduce": list(reduce)}, "additionalRelief": relief}


POLICIES = {
    "all dismissed": _policy(_SECTIONS),
    "all reduced": _policy((), _SECTIONS),
    "Sacramento": _policy(
        _SECTIONS[:2],
        _SECTIONS[2:],
        subjectUnder21AtConviction=True,
        subjectAgeThreshold=57,
        yearsSinceConvictionThreshold=10,
        subjectIsDeceased=True,
        subjectHasOnlyProp64Charges=True,
    ),
    "crime-free": _policy(yearsCrimeFreeThreshold=5),
    "only Prop 64": _policy(subjectHasOnlyProp64Charges=True),
    "deceased": _policy(reduce=_SECTIONS[:1], subjectIsDeceased=True),
    "young": _policy(subjectUnder21AtConviction=True),
    "old": _policy(subjectAgeThreshold=40, yearsSinceConvictionThreshold=15),
}
# The other policies for Prop 64 are taken as they stand, and each other remedy for convictions under its statute alone.
NAMED_POLICIES = tuple(name for name in policy_names() if name != DEFAULT_POLICY)
OTHER_REMEDIES = ("prop47", "conviction_relief")
SCENARIOS = (*POLICIES, *NAMED_POLICIES, *OTHER_REMEDIES)


@dataclass(frozen=True)
class Case:
    """A history, and the cell that is blanked in it: row number (or EVERY_ROW) and column."""

    history: History
    row: int
    column: str

    @property
    def variant(self) -> History:
        return [
            {**one, self.column: ""} if self.row in (number, EVERY_ROW) else one
            for number, one in enumerate(self.history)
        ]


def cases_of(history: History) -> Iterator[Case]:
    """Every single value of a history blanked, one at a time; a birth date that all rows state is one value.

    A SUBJECT_ID only where one CII on all rows tells the person as well: a row that names nobody is quarantined.
    """
    ciis = {row.get("CII_NUMBER") or row.get("REQ_CII_NUMBER") for row in history}
    columns = [name for name in COLUMNS if name != "SUBJECT_ID" or (len(ciis) == 1 and all(ciis))]
    for number, row in enumerate(history):
        yield from (Case(history, number, column) for column in columns if row.get(column, "").strip())
    births = {row.get("PRI_DOB", "") for row in history}
    if len(births) == 1 and births != {""}:
        yield Case(history, EVERY_ROW, "PRI_DOB")


@dataclass(frozen=True)
class Gain:
    """A case in which the variant gets what its history does not, under a policy or another remedy on a day."""

    case: Case
    policy: str
    as_of: str
    what: str

    def __str__(self) -> str:
        blanked = f"{self.case.column} of row {self.case.row}"
        rows = [
            " ".join(f"{name}={value!r}" for name, value in row.items() if DEFAULTS.get(name, "") != value)
            for row in self.case.history
        ]
        return f"{self.what}: {blanked} blanked, as of {self.as_of}, {self.policy}\n" + "\n".join(rows)


@dataclass(frozen=True)
class _Grant:
    """An eligible conviction: how much relief, and on which of the person's rows it stands."""

    relief: int
    rows: frozenset[int]


def gains(cases: Iterable[Case], as_of: str, policies: Iterable[str] = SCENARIOS) -> list[Gain]:
    """The cases in which a blank makes an outcome eligible or adds relief. None, if law 2 holds."""
    people: list[History] = []
    places: dict[int, int] = {}
    pairs = []
    for case in cases:
        if id(case.history) not in places:
            places[id(case.history)] = len(people)
            people.append(case.history)
        pairs.append((case, places[id(case.history)], len(people)))
        people.append(case.variant)
    if not pairs:
        return []
    found = []
    with tempfile.TemporaryDirectory() as home:
        decided = decide(Path(home), extract(people), as_of=as_of)
        with decided.run.warehouse() as warehouse:
            warehouse.execute(PLACED)
            for policy in policies:
                granted = _granted(warehouse, policy, as_of)
                found += [
                    Gain(case, policy, as_of, what)
                    for case, base, variant in pairs
                    if (what := _gain(granted[base], granted[variant]))
                ]
    return found


def extract(people: Sequence[History]) -> History:
    return [
        {
            **row,
            "SUBJECT_ID": row["SUBJECT_ID"] and str(number),
            **{name: f"{row[name]}{number}" for name in ("CII_NUMBER", "REQ_CII_NUMBER") if row.get(name)},
        }
        for number, history in enumerate(people)
        for row in history
    ]


# Every row of a person by its number, once for all scenarios.
PLACED = """
create temp table placed as
select p.person_no, cast(regexp_extract(p.subject_key, '[0-9]+') as integer) as subject, s.record_hash,
    row_number() over (partition by p.person_no order by s.record_no) - 1 as place
from core.person as p
inner join core.record as r on p.person_no = r.person_no
inner join staging.record as s on r.record_no = s.record_no
"""


def _granted(warehouse: Warehouse, scenario: str, as_of: str) -> dict[int, list[_Grant]]:
    """Eligible convictions by person, also those that only an input file could still stop. Exact copies are one row."""
    law, order = _law(scenario)
    sql = f"""
    with law as ({law})
    select p.subject, law.relief, list(distinct p.place)
    from law
    inner join core.conviction as v on law.candidate_id = v.conviction_id
    inner join core.entry as e on v.charge_no = e.charge_no
    inner join placed as p on e.person_no = p.person_no and e.record_hash = p.record_hash
    where coalesce(law.outcome_if_clear, law.outcome) = 'ELIGIBLE'
    group by p.subject, law.relief, v.conviction_id
    """
    found: dict[int, list[_Grant]] = defaultdict(list)
    for subject, relief, rows in warehouse.rows(sql, {"as_of": as_of, "rule_set": ""}):
        found[subject].append(_Grant(order.get(relief, 1), frozenset(rows)))
    return found


@cache
def _law(scenario: str) -> tuple[str, dict[str, int]]:
    """A scenario's rules as SQL, and how much each of its reliefs is; the same for all histories."""
    remedy, policy = _rules(scenario)
    order = {relief: number for number, relief in enumerate(remedy.reliefs, start=1)}
    return compile_remedy(remedy, policy, fact_columns([remedy])), order


def _rules(scenario: str) -> tuple[Remedy, Policy]:
    remedies = {remedy.id: remedy for remedy in load_remedies()}
    if scenario in OTHER_REMEDIES:
        return remedies[scenario], load_policy(name=STATUTE_ONLY)
    if scenario in NAMED_POLICIES:
        return remedies["prop64"], load_policy(name=scenario)
    with tempfile.TemporaryDirectory() as folder:
        options = Path(folder) / "options.json"
        options.write_text(json.dumps(POLICIES[scenario]), "utf-8")
        return remedies["prop64"], load_policy(options)


def _gain(base: Sequence[_Grant], variant: Sequence[_Grant]) -> str:
    """What the variant has more of: a conviction that was not eligible for as much, or more such convictions."""
    for grant in variant:
        if not any(other.relief >= grant.relief and other.rows & grant.rows for other in base):
            return "another conviction is eligible"
    for relief in {grant.relief for grant in variant}:
        if _at_least(variant, relief) > _at_least(base, relief):
            return "more convictions are eligible"
    return ""


def _at_least(grants: Sequence[_Grant], relief: int) -> int:
    return sum(grant.relief >= relief for grant in grants)


def smallest(gain: Gain) -> Gain:
    """The same gain on a history with as few rows and as few unusual cells as can be; every step is one decision."""
    while True:
        tried = gains(_simpler(gain.case), gain.as_of, [gain.policy])
        if not tried:
            return gain
        gain = min(tried, key=lambda found: _size(found.case))


def _size(case: Case) -> tuple[int, int]:
    return len(case.history), sum(
        DEFAULTS.get(name, "") != value for row in case.history for name, value in row.items()
    )


def _simpler(case: Case) -> Iterator[Case]:
    for number, row in enumerate(case.history):
        rest = [*case.history[:number], *case.history[number + 1 :]]
        if number != case.row and rest:
            yield Case(rest, case.row - (number < case.row), case.column)
        for name, value in row.items():
            usual = DEFAULTS.get(name, "")
            if value != usual and name not in (*_KEPT, case.column):
                simple = {**row, name: usual}
                yield Case([*case.history[:number], simple, *case.history[number + 1 :]], case.row, case.column)


def summary(found: Iterable[Gain]) -> Counter[tuple[str, str]]:
    """How many gains by column and policy: where to look first."""
    return Counter((gain.case.column, gain.policy) for gain in found)
