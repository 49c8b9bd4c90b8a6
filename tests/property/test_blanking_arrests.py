"""Law 2 for arrests: blanking any one input value never makes the facts of an arrest speak for more.

What speaks for an arrest is put here in a few lines of SQL, bolder than the rules in rules/remedies/arrest_relief.yaml, so
that the facts alone are tried. What is left out is what test_blanking.py leaves out.
"""

import os
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.blanking import Case, cases_of, extract
from tests.property.histories import History
from tests.support import Decided, decide, record

FUZZ = os.environ.get("CLEARSLATE_FUZZ")
EXAMPLES = int(FUZZ or "3")
HISTORIES = 40
DAYS = ("2019-11-11", "2026-02-01")
ARREST = {"STP_TYPE_DESCR": "ARREST/DETAINED/CITED"}
COURT = {"STP_TYPE_DESCR": "COURT ACTION"}
FIRST_DAY, LAST_DAY = date(1985, 1, 1), date(2025, 12, 31)
OFFENSES = (
    "11357(B) HS-POSSESS",
    "484 PC-THEFT",
    "978.5 PC-BENCH WARRANT",
    "1320 PC-FTA",
    "459 PC-BURGLARY",
    "SEE COMMENT FOR CHARGE",
    "",
)
REJECTIONS = ("", "", "", "PROS REJ-OTHER", "RELEASED/BAIL", "DIVERSION")
ENDINGS = ("DISMISSED/FURTHERANCE OF JUSTICE",) * 3 + (
    "ACQUITTED",
    "DIVERSION",
    "DIVERSION COMPLETED",
    "PROS REJ-OTHER",
)
ODD = (
    (
        "DISP_DESCR",
        (
            "CONVICTED",
            "CONVICTION VACATED",
            "SEALED PER 851.91",
            "RELIEF GRANTED",
            "PROBATION REVOKED",
            "SOMETHING NEW",
            "",
            "DISMISSED",
        ),
    ),
    ("STP_EVENT_DATE", ("20050000", "", "20240601", "20190101")),
    ("STP_TYPE_DESCR", ("PROBATION", "CUSTODY", "SOME STEP", "", "ARREST", "APPLICANT", "COURT ACTION")),
    ("STP_ORI_DESCR", ("CAJVSACRAMENTO", "CAPDSACRAMENTO", "USFDSACRAMENTO", "")),
    ("STP_ORI_CNTY_NAME", ("YOLO", "NARNIA", "")),
    ("OFFENSE_TOC", ("F", "N", "")),
    ("CNT_ORDER", ("101001001000", "101002001000", "102001001000", "")),
    ("PRI_DOB", ("19700102",)),
    ("CONV_STAT_DESCR", ("FELONY", "MISDEMEANOR")),
    ("FE_NUM_BNCH_WARR", ("B123",)),
    ("FE_NUM_DOCKET", ("D123",)),
)

GRANTED = """
with favored as (
    select f.arrest_id
    from facts.arrest as f
    where
        not f.of_other_case
        and not f.repeat_elsewhere
        and not f.tried_elsewhere
        and not f.federal_agency
        and not f.after_as_of and f.history_complete and not f.identity_conflict and f.order_known and not f.possible_repeat
        and not f.juvenile_court and not f.arrest_relief_granted and f.arrest_date_least >= date '1973-01-01'
        and (
            f.diversion_completed
            or (not f.is_felony_arrest and f.all_dismissed)
            or (f.all_favorable and not f.has_conviction)
            or (
                ((not f.has_conviction and (not f.proceedings_initiated or f.prosecutor_rejected)) or f.all_acquitted)
                and anniversary(f.arrest_date_most, case when not f.is_felony_arrest then 1 else 3 end, 'Y') <= $as_of
            )
        )
),
placed as (
    select p.person_no, cast(regexp_extract(p.subject_key, '[0-9]+') as integer) as subject, s.record_hash,
        row_number() over (partition by p.person_no order by s.record_no) - 1 as place
    from core.person as p
    inner join core.record as r on p.person_no = r.person_no
    inner join staging.record as s on r.record_no = s.record_no
)
select p.subject, list(distinct p.place)
from favored as f
inner join core.arrest as a on f.arrest_id = a.arrest_id
inner join core.charge as h on a.event_no = h.event_no
inner join core.entry as e on h.charge_no = e.charge_no
inner join placed as p on e.person_no = p.person_no and e.record_hash = p.record_hash
group by p.subject, f.arrest_id
"""


def draw_arrests(chance: Random) -> History:
    """A person's arrests, most of which end well, with few charges and now and then something odd."""
    rows: History = []
    for cycle in range(101, 102 + chance.choice((0, 0, 0, 1))):
        day = FIRST_DAY + timedelta(days=chance.randrange((LAST_DAY - FIRST_DAY).days))
        counts = [
            {"OFFENSE_DESCR": chance.choice(OFFENSES), "OFFENSE_TOC": chance.choice("MMMMF")}
            for _ in range(chance.choice((1, 1, 2)))
        ]
        steps = [ARREST] * chance.choice((1, 1, 1, 2)) + [COURT] * chance.choice((0, 1, 1, 2))
        for step, kind in enumerate(steps, start=1):
            said = chance.choice(ENDINGS if kind is COURT else REJECTIONS)
            for number, count in enumerate(counts, start=1):
                if chance.random() < 0.15:
                    said = chance.choice(ENDINGS if kind is COURT else REJECTIONS)
                rows.append(
                    record(
                        **{**kind, **count},
                        STP_EVENT_DATE=f"{day:%Y%m%d}",
                        CNT_ORDER=f"{cycle}{step:03}{number:03}000",
                        DISP_DESCR=said,
                        DISP_ORDER="1" if said else "",
                        CONV_STAT_DESCR="",
                        SENT_ORDER=str(len(rows)),
                        REQ_CII_NUMBER="A",
                        OFN="",
                    )
                )
            day += timedelta(days=chance.choice((0, 30, 400)))
    for row in rows:
        if chance.random() < 0.08:
            column, values = chance.choice(ODD)
            row[column] = chance.choice(values)
            row["DISP_ORDER"] = "1" if row["DISP_DESCR"] else ""
            row["FE_NUM_ORDER"] = "1" if column.startswith("FE_NUM_") else ""
    return rows


def granted(decided: Decided) -> dict[int, list[frozenset[int]]]:
    """The arrests for which the facts speak, by person, each with the rows it stands on."""
    found: dict[int, list[frozenset[int]]] = defaultdict(list)
    with decided.run.warehouse() as warehouse:
        for subject, rows in warehouse.rows(GRANTED, {"as_of": decided.run.request.as_of}):
            found[subject].append(frozenset(rows))
    return found


def gained(cases: Sequence[Case], as_of: str) -> tuple[list[Case], int]:
    """The cases in which a blank adds an arrest, and how many arrests were granted in all."""
    people: list[History] = []
    pairs = []
    places: dict[int, int] = {}
    for case in cases:
        if id(case.history) not in places:
            places[id(case.history)] = len(people)
            people.append(case.history)
        pairs.append((case, places[id(case.history)], len(people)))
        people.append(case.variant)
    with tempfile.TemporaryDirectory() as home:
        found = granted(decide(Path(home), extract(people), as_of=as_of))
    worse = []
    for case, base, variant in pairs:
        known = found[base]
        if len(found[variant]) > len(known) or any(not any(rows & mine for mine in known) for rows in found[variant]):
            worse.append(case)
    return worse, sum(len(found[base]) for base in places.values())


def told(case: Case) -> str:
    """A case for reading."""
    rows = [{name: value for name, value in row.items() if value} for row in case.history]
    return f"{case.column} of row {case.row} blanked:\n" + "\n".join(str(row) for row in rows)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=not FUZZ, database=None)
@given(chance=st.randoms(use_true_random=True), as_of=st.sampled_from(DAYS))
def test_blanking_one_value_never_speaks_for_an_arrest(chance: Random, as_of: str) -> None:
    cases = [case for _ in range(HISTORIES) for case in cases_of(draw_arrests(chance))]
    worse, n_granted = gained(cases, as_of)
    assert not worse, f"{len(worse)} cases; " + told(min(worse, key=lambda case: len(case.history)))
    assert n_granted > HISTORIES / 5  # else the property says nothing
