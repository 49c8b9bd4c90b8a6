"""What the rules look at for one arrest: what the court steps of its cycle, and its own dispositions, say became of it.

Belongs here: arrests and their facts. Does not belong here: what follows from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tests.oracle.facts import offense_truth
from tests.oracle.history import Count, Person
from tests.oracle.record import Record
from tests.oracle.truth import Day, Truth, before, both, either, every, known, no, some

CONVICTION_LIKE = ("convicted", "set_aside", "modified", "revoked", None)
REVERSALS = (
    *("CONV REVERSED", "CONV VACATED", "CONVICTED-REVERSED", "CONVICTED-VACATED"),
    *("CONVICTION REVERSED", "CONVICTION VACATED", "JUDGMENT VACATED", "PLEA VACATED"),
)
AFFIRMED = ("CONV AFFIRMED", "CONVICTION AFFIRMED")
ARREST_RELIEF = ("851.8", "851.91", "851.93")


def _ending(record: Record) -> str | None:
    """What a disposition means for the arrest. A reversal ends no charge: it is to be tried again."""
    return "reversed" if record.meaning and record.disposition.startswith(REVERSALS) else record.meaning


@dataclass(eq=False)
class Arrest:
    """One arrest: the charges that one agency reports of one step and day."""

    person: Person
    counts: list[Count]
    possible_repeat: bool
    as_of: date
    received: date

    @cached_property
    def today(self) -> Day:
        return known(self.as_of)

    @cached_property
    def day(self) -> Day:
        return self.counts[0].day

    @cached_property
    def cycle(self) -> int | None:
        return self.counts[0].cycle

    def after_as_of(self) -> Truth:
        truth = before(self.today, self.day)
        return False if truth is None and self.as_of >= self.received else truth

    # --- the cycle

    @cached_property
    def heard(self) -> list[Count]:
        """The counts of its cycle that have happened by the as-of date, or may have."""
        kinds = ("registration", "deceased", "applicant")
        return [
            count
            for count in self.person.counts
            if count.cycle == self.cycle is not None and count.kind not in kinds and not before(self.today, count.day)
        ]

    @cached_property
    def records(self) -> list[Record]:
        return [record for count in self.heard for record in count.records]

    @cached_property
    def court(self) -> list[Count]:
        return [count for count in self.heard if count.kind == "court"]

    @cached_property
    def plain(self) -> bool:
        """Nothing in the cycle may be a court step without saying so."""
        return bool(self.heard) and all(count.kind in ("arrest", "court") for count in self.heard)

    @cached_property
    def whole(self) -> bool:
        """And nothing is torn."""
        return self.person.complete and self.plain

    @cached_property
    def settled(self) -> bool:
        """And nothing in it is left open."""
        return self.whole and all(record.meaning is not None for record in self.records)

    @cached_property
    def happened(self) -> bool:
        return self.as_of >= self.received or all(no(before(self.today, count.day)) for count in self.heard)

    def standing(self) -> Iterator[Record]:
        """What the court says in the end: a count that was put off is settled by a later step that tells of the same."""
        for count in self.court:
            for record in count.records:
                later = any(
                    other.step > count.step  # type: ignore[operator]
                    and other.records[0].count == count.records[0].count
                    and other.offense is count.offense
                    and count.offense.section is not None
                    and any(_ending(told) in ("dismissed", "acquitted") for told in other.records)
                    for other in self.court
                )
                if not (record.meaning in ("diverted", "other") and later):
                    yield record

    # --- facts

    def is_violation(self) -> Truth:
        """Whether all its charges are violations of supervision, which are no offenses."""
        return every(offense_truth(count, lambda offense: offense.supervision) for count in self.counts)

    def of_other_case(self) -> Truth:
        """Whether a court had its case before the arrest, and tells of it elsewhere than in this cycle."""
        named = [offense for count in self.counts for offense in (count.offense, count.convicted_of) if offense]
        signs = [record.case_sign for count in self.counts for record in count.records]
        elsewhere = some(offense.elsewhere for offense in named)
        at_court = some(offense.appearance for offense in named)
        untold = None if "unread" in signs else False
        return either(elsewhere, "warrant" in signs, both(either(at_court, "court" in signs), not self.court), untold)

    def repeated_elsewhere(self) -> bool:
        """Whether another cycle may tell of the same arrest, and it may have ended worse there."""
        others = [
            count
            for count in self.person.counts
            if count.kind in (None, "arrest")
            and count.cycle is not None
            and self.cycle not in (None, count.cycle)
            and not before(self.today, count.day)
        ]
        return any(
            _may_be_same(mine, other) and not self._ended_well(other.cycle) for mine in self.counts for other in others
        )

    def tried_elsewhere(self) -> bool:
        """Whether a court's case that belongs to no arrest may be of this one, whose own cycle has none."""
        arrested = {count.cycle for count in self.person.counts if count.kind == "arrest"}
        cases = [
            count
            for count in self.person.counts
            if count.kind in (None, "court") and count.cycle is not None and count.cycle not in arrested
        ]
        return (
            self.cycle is not None
            and self.proceedings() is not True
            and any(
                not before(self.today, case.day) and not before(case.day, mine.day) and _may_be_one_section(mine, case)
                for mine in self.counts
                for case in cases
            )
        )

    def _ended_well(self, cycle: int | None) -> bool:
        """Whether all arrests of a cycle surely had no proceedings, or were acquitted of all."""
        told = [count for count in self.person.counts if count.kind == "arrest" and count.cycle == cycle]
        events = [count for count in told if not before(self.today, count.day)]
        return bool(events) and all(
            Arrest(self.person, [count], False, self.as_of, self.received).is_clear() for count in events
        )

    def is_clear(self) -> bool:
        favorable = either(no(self.proceedings()), self.all_ended("acquitted"))
        return bool(
            both(no(self.convicted()), no(self.of_other_case()), no(self.juvenile()), no(self.federal()), favorable)
        )

    def felony(self) -> Truth:
        levels = [record.charged for record in self.records]
        if "F" in levels:
            return True
        return False if self.whole and None not in levels else None

    def convicted(self) -> Truth:
        if any(count.convicted for count in self.court):
            return True
        like = any(
            record.meaning in CONVICTION_LIKE
            or (record.meaning == "relief_granted" and record.relief not in ARREST_RELIEF)
            or record.disposition.startswith((*REVERSALS, *AFFIRMED))
            for record in self.records
        )
        return False if self.settled and not like else None

    @cached_property
    def disposed(self) -> bool:
        """The arrest itself bears a disposition that speaks of more than a rejection."""
        arrests = [count for count in self.heard if count.kind == "arrest"]
        return any(record.meaning not in ("none", "rejected") for count in arrests for record in count.records)

    def proceedings(self) -> Truth:
        if self.court:
            return True
        return False if self.settled and not self.disposed else None

    def all_ended(self, *meanings: str) -> Truth:
        """Whether every court count ended in one of these ways; false where there is none."""
        told = [_ending(record) for record in self.standing()]
        if any(meaning is not None and meaning not in meanings for meaning in told):
            return False
        return bool(told) if self.settled and self.happened else None

    def diversion_completed(self) -> Truth:
        if not self.settled or not self.happened:
            return None
        standing = list(self.standing())
        done = [record for record in standing if self._diverted(record)]
        return False if not done else True if len(done) == len(standing) else None

    def _diverted(self, record: Record) -> bool:
        earlier = any(
            told.meaning == "diverted" and told.count == record.count and told.offense is record.offense
            for count in self.court
            for told in count.records
        )
        stated = record.relief == "diversion" or (earlier and record.offense.section is not None)
        return _ending(record) == "dismissed" and stated

    def relieved(self) -> Truth:
        granted = ("relief_granted", "set_aside")
        if any(record.meaning in granted and record.relief in ARREST_RELIEF for record in self.records):
            return True
        maybe = any(record.meaning is None or record.relief == "unstated" for record in self.records)
        return False if self.plain and not maybe else None

    def federal(self) -> Truth:
        """Whether the United States arrested, or judged."""
        if any(record.agency.startswith(("USFD", "USDC")) for record in self.records):
            return True
        return False if self.whole and all(record.agency for record in self.records) else None

    def juvenile(self) -> Truth:
        if any(record.agency.startswith("CAJV") for record in self.records):
            return True
        return False if self.whole and all(record.agency for record in self.records) else None


def _may_be_same(one: Count, other: Count) -> bool:
    """Two arrests of one person, for the same section on the same day, as far as both tell."""
    same_day = not before(one.day, other.day) and not before(other.day, one.day)
    return same_day and _may_be_one_section(one, other)


def _may_be_one_section(one: Count, other: Count) -> bool:
    sections = {count.offense.section if count.convicted_of is None else None for count in (one, other)}
    return len(sections) == 1 or None in sections


def arrests(person: Person, as_of: date, received: date) -> Iterator[Arrest]:
    """The arrests of a person; two in one step may be one of which a row states half."""
    events: dict[tuple[object, ...], list[Count]] = {}
    for number, count in enumerate(person.counts):
        if count.kind == "arrest":
            place: object = (count.cycle, count.step) if count.cycle is not None else ("adrift", number)
            events.setdefault((place, count.records[0].stated_day, count.agency), []).append(count)
    happened = [place for (place, *_), (first, *_) in events.items() if not before(known(as_of), first.day)]
    for (place, *_), counts in events.items():
        yield Arrest(person, counts, happened.count(place) > 1 or counts[0].cycle is None, as_of, received)
