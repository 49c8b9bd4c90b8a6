"""Deciding many histories in one run of the engine, and in the oracle.

Belongs here: making one extract of all of them, and reading both answers under the same keys. Does not belong here: comparing.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from clearslate.extract import DOJ_COLUMNS
from tests.oracle.history import understand
from tests.oracle.record import BROKEN
from tests.oracle.remedies import Settings, decide_person
from tests.oracle.standing import Inputs
from tests.support import BLANK, CELLS, RECEIVED, decide

Row = dict[str, str]
Key = tuple[int, str, str]  # number of the history, remedy, "cycle-step-count" of the conviction or arrest
Answer = tuple[str, str, str, str | None]  # outcome, relief, rule, outcome if the awaited input were clear


@dataclass(frozen=True)
class Setting:
    """How histories are decided, as both sides know it."""

    as_of: date
    choice: str | Mapping[str, object]  # the policy as the engine is given it: an id, or an options file
    settings: Settings | None  # ... and as the oracle is: None is the statute alone
    has_inputs: bool = False  # a Supervised Release File and courts' prohibitions stand beside the extract


def cii_of(number: int) -> str:
    return f"A{number:07}"


def inputs_of(histories: Sequence[Sequence[Row]], setting: Setting) -> Inputs:
    """Every tenth person is under supervision, and every hundredth has a case in which a court prohibited relief."""
    if not setting.has_inputs:
        return Inputs()
    cases = {
        (row["STP_ORI_CNTY_NAME"], row["OFN"])
        for rows in histories[::100]
        for row in rows
        if row.get("OFN") and row["STP_ORI_CNTY_NAME"]
    }
    return Inputs(frozenset(map(cii_of, range(0, len(histories), 10))), frozenset(cases))


def write_inputs(home: Path, inputs: Inputs, as_of: date) -> dict[str, Path]:
    """The input files; somebody whose supervision ended the day before is listed as well."""
    if inputs.supervised is None:
        return {}
    srf, prohibitions = home / "srf.csv", home / "prohibitions.csv"
    lines = [f"{cii},PROBATION,,{as_of}" for cii in sorted(inputs.supervised)]
    lines.append(f"{cii_of(1)},PAROLE,,{as_of - timedelta(days=1)}")
    srf.write_text("\n".join(["CII_NUMBER,SUPERVISION,START_DATE,END_DATE", *lines, ""]), "utf-8")
    told = [f"{county},{case}," for county, case in sorted(inputs.prohibitions)]
    prohibitions.write_text("\n".join(["COUNTY,CASE_NUMBER,DATE", *told, ""]), "utf-8")
    return {"srf": srf, "prohibitions": prohibitions}


def write(path: Path, histories: Sequence[Sequence[Row]]) -> None:
    """One extract; every history is a person. A torn row lacks its last field."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(DOJ_COLUMNS)
        for number, rows in enumerate(histories):
            for row in rows:
                cells = CELLS({**BLANK, **row, "SUBJECT_ID": f"S{number}", "CII_NUMBER": _cii(row, number)})
                writer.writerow(cells[:-1] if BROKEN in row else cells)


def _cii(row: Row, number: int) -> str:
    """A history says A and B for its person's number and another one."""
    return {"A": cii_of(number), "B": f"B{number:07}"}.get(row.get("CII_NUMBER", ""), "")


def by_engine(home: Path, histories: Sequence[Sequence[Row]], setting: Setting) -> dict[Key, Answer]:
    """Every determination of the engine, in one run."""
    return _told(home, histories, setting, "d.outcome, d.relief, d.rule, d.outcome_if_clear")


def promised(
    home: Path, histories: Sequence[Sequence[Row]], setting: Setting
) -> dict[Key, tuple[str, str, date | None]]:
    """Outcome, relief and the day on which relief is due, of every determination of the engine, in one run."""
    return _told(home, histories, setting, "d.outcome, d.relief, d.eligible_on")


def _told(home: Path, histories: Sequence[Sequence[Row]], setting: Setting, columns: str) -> dict[Key, Any]:
    extract, options = home / "histories.csv", home / "options.json"
    write(extract, histories)
    options.write_text(json.dumps(setting.choice), "utf-8")
    choice = setting.choice if isinstance(setting.choice, str) else options
    files = write_inputs(home, inputs_of(histories, setting), setting.as_of)
    decided = decide(home / "home", extract, as_of=setting.as_of.isoformat(), options=choice, **files)
    rows = decided.rows(
        "select substr(p.subject_key, 3), d.remedy, coalesce(v.cnt_order, c.cnt_order), "
        f"{columns} from eligibility.determination as d "
        "inner join core.person as p on d.person_no = p.person_no "
        "left join core.conviction as v on d.candidate_id = v.conviction_id "
        "left join core.arrest as a on d.candidate_id = a.arrest_id "
        "left join (select event_no, min(cnt_order) as cnt_order from core.charge group by event_no) as c "
        "on a.event_no = c.event_no"
    )
    answers = {(int(subject), remedy, place(order)): (*said,) for subject, remedy, order, *said in rows}
    assert len(answers) == len(rows), "two determinations of one candidate have one key"
    return answers


def place(order: int | None) -> str:
    """Where a conviction, or the first charge of an arrest, stands: cycle, step and count."""
    text = "" if order is None else f"{order:012}"
    return f"{text[:3]}-{text[3:6]}-{text[6:9]}"


def by_oracle(histories: Sequence[Sequence[Row]], setting: Setting) -> Iterator[tuple[Key, Answer]]:
    """Every determination of the oracle."""
    inputs = inputs_of(histories, setting)
    for number, rows in enumerate(histories):
        named = [{**row, "CII_NUMBER": _cii(row, number)} for row in rows]
        person = understand(named, setting.as_of, RECEIVED)
        for remedy, where, verdict in decide_person(person, setting.as_of, RECEIVED, setting.settings, inputs):
            yield (number, remedy, where), (verdict.outcome, verdict.relief, verdict.rule, verdict.if_clear)
