"""Finding what a question is about: convictions and arrests by case number, id or person.

Belongs here: the question and the rows of core that answer to it. Does not belong here: what is decided about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from clearslate.errors import UsageError
from clearslate.explain.words import say_days
from clearslate.offenses import QUALIFIER
from clearslate.settings import check_counties
from clearslate.warehouse import Warehouse


@dataclass(frozen=True)
class Question:
    """Whom it is about: exactly one of a court's case number, a conviction's (or arrest's) id, or a person.

    `person` is a SUBJECT_ID or a CII; `case` is compared without anything but its letters and digits, and may be narrowed by
    `county`.
    """

    case: str | None = None
    conviction: str | None = None
    person: str | None = None
    county: str | None = None

    def __post_init__(self) -> None:
        if sum(bool(given) for given in (self.case, self.conviction, self.person)) != 1:
            raise UsageError("name one of --case NUMBER, --conviction ID and --person ID")

    def bound(self) -> dict[str, str | None]:
        """The values that the queries bind."""
        key = "".join(letter for letter in (self.case or "").upper() if letter.isascii() and letter.isalnum())
        return {
            "case": key or None,
            "id": self.conviction.strip() if self.conviction else None,
            "person": self.person.strip() if self.person else None,
            "county": check_counties([self.county])[0] if self.county else None,
        }


@dataclass(frozen=True)
class Person:
    """Who the person is, as the record says it."""

    name: str
    cii: str
    birth_date: str
    subject: str


@dataclass(frozen=True)
class Event:
    """One event of a history, in words: cycle and step, what and when, where, its case number, its charges."""

    event: str
    kind: str
    day: str
    place: str
    case_number: str
    charges: tuple[str, ...]

    @property
    def line(self) -> str:
        """The event in one line."""
        case = f"case {self.case_number}" if self.case_number else "no case number"
        told = [self.kind, self.day, self.place, case, ", ".join(self.charges)]
        return f"event {self.event}: " + "; ".join(part for part in told if part)


@dataclass(frozen=True)
class Found:
    """A candidate that the question is about."""

    kind: str
    id: str
    person_no: int
    person: Person
    county: str
    what: str
    event: Event

    @property
    def case(self) -> str:
        """The number of a conviction's case; blank for an arrest, which is of no case: a court's event tells its own."""
        return "" if self.kind == "arrest" else self.event.case_number or "none on record"


_PEOPLE = """
    select e.person_no
    from staging.record as r
    inner join core.entry as e on r.delivery_no = e.delivery_no and r.record_no = e.record_no
    where r.subject_id = $person or r.cii = $person
"""

_CONVICTIONS = f"""
select
    'conviction' as kind,
    v.conviction_id as id,
    v.person_no,
    v.county,
    v.severity,
    o.code_section_text as statute,
    o.relation,
    lpad(cast(v.cycle_no as varchar), 3, '0') || '-' || lpad(cast(v.step_no as varchar), 3, '0') as event,
    v.conviction_date_least as least,
    v.conviction_date_most as most,
    v.case_number
from core.conviction as v
inner join core.offense as o on v.offense_no = o.offense_no
where
    ($county is null or v.county = $county)
    and (v.case_key = $case or v.conviction_id = $id or v.person_no in ({_PEOPLE}))
"""

_ARRESTS = f"""
select
    'arrest' as kind,
    a.arrest_id as id,
    a.person_no,
    a.county,
    null as severity,
    concat_ws(' ', concat(a.section, a.subdivision), a.statute_code) as statute,
    null as relation,
    a.arrest_event as event,
    a.arrest_date_least as least,
    a.arrest_date_most as most,
    null as case_number
from facts.arrest as a
where
    ($county is null or a.county = $county or $case is not null)
    and (
        a.arrest_id = $id
        or a.person_no in ({_PEOPLE})
        or exists (
            select 1
            from core.court_count as c
            where
                c.person_no = a.person_no
                and c.case_key = $case
                and ($county is null or c.county = $county)
                and lpad(cast(c.cycle_no as varchar), 3, '0') = substr(a.arrest_event, 1, 3)
        )
    )
"""

_PERSON = (
    "select name, cii, birth_date_least, birth_date_most, subject_key from core.person where person_no = $person_no"
)

_EVENT = """
select step_type, event_date_least, event_date_most, county, agency_text, event_no
from core.event
where
    person_no = $person_no
    and lpad(cast(cycle_no as varchar), 3, '0') || '-' || lpad(cast(step_no as varchar), 3, '0') = $event
order by event_date_least, event_no
"""

_CHARGES = """
select distinct c.case_number, o.code_section_text, o.offense_key
from core.charge as h
inner join core.offense as o on h.offense_no = o.offense_no
left join core.court_count as c on h.charge_no = c.charge_no
where h.event_no = $event_no
order by o.offense_key, c.case_number
"""

_LEVELS = {"F": "felony", "M": "misdemeanor", "I": "infraction"}


def find(warehouse: Warehouse, question: Question) -> list[Found]:
    """The candidates in question, by person, day and id. Empty where the build has none."""
    bound = question.bound()
    rows = warehouse.dicts(_CONVICTIONS, bound)
    if warehouse.exists("facts.arrest"):
        rows += warehouse.dicts(_ARRESTS, bound)
    rows.sort(key=lambda row: (row["person_no"], row["least"] or date.max, row["kind"], row["id"]))
    people = {number: _person(warehouse, number) for number in {row["person_no"] for row in rows}}
    return [
        Found(
            kind=row["kind"],
            id=row["id"],
            person_no=row["person_no"],
            person=people[row["person_no"]],
            county=row["county"] or "",
            what=_what(row),
            event=_own_event(warehouse, row),
        )
        for row in rows
    ]


def look_up(warehouse: Warehouse, person_no: int, event: str) -> Event | None:
    """An event by its cycle and step (`101-002`); None where the history has none such."""
    rows = warehouse.dicts(_EVENT, {"person_no": person_no, "event": event})
    if not rows:
        return None
    charges = [row for found in rows for row in warehouse.dicts(_CHARGES, {"event_no": found["event_no"]})]
    first = rows[0]
    return Event(
        event=event,
        kind=(first["step_type"] or "step of unknown kind").replace("_", " "),
        day=say_days(first["event_date_least"], first["event_date_most"]),
        place=", ".join(part for part in (first["agency_text"], first["county"]) if part),
        case_number=", ".join(dict.fromkeys(row["case_number"] for row in charges if row["case_number"])),
        charges=tuple(
            dict.fromkeys(row["code_section_text"] or row["offense_key"].replace(QUALIFIER, " ") for row in charges)
        ),
    )


def _own_event(warehouse: Warehouse, row: dict[str, Any]) -> Event:
    """A candidate's own event; what is known of it where its place in the history can't be read."""
    found = look_up(warehouse, row["person_no"], row["event"]) if row["event"] else None
    day = say_days(row["least"], row["most"])
    if found is None:
        return Event(row["event"] or "", row["kind"], day, row["county"] or "", row["case_number"] or "", ())
    own = row["case_number"] or found.case_number
    return Event(found.event, found.kind, day, found.place, own, found.charges)


def _what(row: dict[str, Any]) -> str:
    relation = f"{row['relation']} of " if row["relation"] not in (None, "none", "unknown") else ""
    level = _LEVELS.get(row["severity"], "level unknown") if row["kind"] == "conviction" else ""
    return ", ".join(
        part for part in (f"{relation}{row['statute'] or 'an offense that could not be read'}", level) if part
    )


def _person(warehouse: Warehouse, person_no: int) -> Person:
    [told] = warehouse.dicts(_PERSON, {"person_no": person_no})
    subject = told["subject_key"]
    return Person(
        name=told["name"] or "",
        cii=told["cii"] or "",
        birth_date=say_days(told["birth_date_least"], told["birth_date_most"]),
        subject=subject[1:] if subject.startswith("S") else "",
    )
