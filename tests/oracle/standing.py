"""What the automatic relief of convictions looks at: sentences, revocations, what is pending, later felonies.

Belongs here: facts about sentences and about how the person stands today. Does not belong here: what follows from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tests.oracle.facts import View
from tests.oracle.history import Conviction, Count
from tests.oracle.record import Record
from tests.oracle.truth import Day, Truth, before, not_after

IMPOSES_NOTHING = ("dismissed", "acquitted", "rejected", "set_aside", "relief_granted")
FINAL = ("convicted", "dismissed", "acquitted", "rejected", "set_aside", "modified", "revoked", "relief_granted")


@dataclass(frozen=True)
class Inputs:
    """What stands beside the extract: who is under supervision (None: not given), and the cases of courts' prohibitions."""

    supervised: frozenset[str] | None = None
    prohibitions: frozenset[tuple[str, str]] = frozenset()


class Sentence:
    """The sentence of one conviction: the parts that its own count and the later counts of it state, side by side."""

    def __init__(self, view: View) -> None:
        self.view = view
        told = [
            (view.count, True),
            *((count, sure and self._same_case(count)) for count, sure in view.conviction.later),
        ]
        self.rows = [
            (record, count is view.count, sure and record.meaning is not None)
            for count, sure in told
            if count.kind == "court"
            for record in count.records
            if record.meaning not in IMPOSES_NOTHING
        ]
        self.parts = [row for row in self.rows if row[0].place or row[0].length is not None]

    def _same_case(self, count: Count) -> bool:
        """What a later count imposes is surely of this conviction where both state the case number."""
        return count.own_case is not None and count.own_case == self.view.count.own_case

    @cached_property
    def _untold(self) -> bool:
        """A later entry may have changed the sentence, and does not say to what."""
        parts = {id(record) for record, *_ in self.parts}
        return any(record.meaning != "convicted" and id(record) not in parts for record, *_ in self.rows)

    @cached_property
    def told(self) -> bool:
        own = any(is_own for _, is_own, _ in self.parts)
        return own and not self._untold and all(_end(record).most for record, *_ in self.parts)

    @cached_property
    def end(self) -> Day:
        """The day on which the longest part is over."""
        sure = [end for record, _, is_sure in self.parts if is_sure and (end := _end(record).least)]
        ends = [_end(record).most for record, *_ in self.parts]
        return Day(max(sure) if sure else self.view.count.day.least, max(filter(None, ends)) if self.told else None)

    def _says(self, record: Record, place: str, words: tuple[str, ...]) -> bool:
        return record.place == place or record.disposition.startswith(words)

    def _of(self, place: str, *words: str) -> Truth:
        if any(self._says(record, place, words) for record, _, sure in self.rows if sure):
            return True
        own = any(is_own for _, is_own, _ in self.parts)
        open_ = not own or self._untold or any(record.meaning is None for record, *_ in self.rows)
        open_ |= any(record.place is None for record, *_ in self.parts)
        return None if open_ or any(self._says(record, place, words) for record, *_ in self.rows) else False

    def probation(self) -> Truth:
        return self._of("PROBATION", "CONVICTED-PROB", "PROB ", "PROBATION ")

    def prison(self) -> Truth:
        found = self._of("PRISON", "CONVICTED-PRISON")
        custody = any(
            count.kind == "custody" and count.cycle == self.view.count.cycle for count in self.view.person.counts
        )
        known_not = self.view.count.stated_level in ("M", "I") or (self.view.count.cycle is not None and not custody)
        return found if found is not False or (known_not and self.view.person.complete) else None


def _end(record: Record) -> Day:
    if record.place == "FINE":
        return record.day
    if record.length is None or record.unit is None:
        return Day()
    years, months, days = (record.length if record.unit == unit else 0 for unit in "YMD")
    return record.day.after(years, months, days)


def revoked(view: View) -> Truth:
    """Whether probation was revoked in the same cycle or case, under whatever count."""
    own, maybe = view.count, False
    for count in view.person.counts:
        if count.kind not in (None, "court", "probation", "custody") or before(view.today, count.day):
            continue
        says = any(record.meaning == "revoked" for record in count.records)
        same_case = (
            own.case is not None and (count.county, count.case) == (own.county, own.case) and own.county is not None
        )
        if says and not count.doubtful and (count.cycle == own.cycle is not None or same_case):
            return True
        other_case = own.own_case is not None and count.own_case is not None and own.own_case != count.own_case
        if says or count.unknown:
            maybe |= count.cycle == own.cycle or None in (count.cycle, own.cycle) or not other_case
    return None if maybe or not view.person.complete else False


def _convictions(view: View) -> Iterator[tuple[Conviction, Sentence]]:
    """All convictions of the person by the as-of date, with their sentences."""
    for conviction in view.person.convictions:
        if not before(view.today, conviction.day):
            yield conviction, Sentence(View(view.person, conviction, view.as_of, view.received))


def serving(view: View) -> Truth:
    """Whether the person serves any sentence today, as far as the record tells."""
    ends = [(sentence.end, sentence.told) for _, sentence in _convictions(view)]
    if any(before(view.today, end) for end, _ in ends):
        return True
    over = all(told and not_after(end, view.today) for end, told in ends)
    roots = {conviction.count for conviction in view.person.convictions}
    possible = any(count not in roots for count, _ in view.others)
    return False if over and not possible and view.person.complete else None


def registered(view: View) -> Truth:
    """A registration as a sex offender is on the record."""
    steps = [
        count for count in view.person.counts if count.kind == "registration" and not before(view.today, count.day)
    ]
    if any(
        count.offense.section == "290" and (view.as_of >= view.received or not_after(count.day, view.today))
        for count in steps
    ):
        return True
    return None if steps or not view.person.complete else False


def pending(view: View) -> Truth:
    """A charge of an arrest or court step without a final disposition; a court step takes the arrest of its cycle over."""
    brought = [
        count for count in view.person.counts if count.kind in ("arrest", "court") and not before(view.today, count.day)
    ]
    found: Truth = False if view.person.complete else None
    for count in brought:
        if _final(count) or _settled_later(view, count, brought):
            continue
        court = [one for one in brought if count.kind == "arrest" and one.kind == "court" and one.cycle == count.cycle]
        court = court if count.cycle is not None else []
        if any(_happened(view, one.day) for one in court):
            continue
        if _happened(view, count.day) and not count.unknown and not court:
            return True
        found = None
    return found


def _happened(view: View, day: Day) -> bool:
    return view.as_of >= view.received or bool(not_after(day, view.today))


def _final(count: Count) -> bool:
    return not count.unknown and any(record.meaning in FINAL for record in count.records)


def _settled_later(view: View, count: Count, brought: list[Count]) -> bool:
    return any(
        _final(other)
        and other.kind == "court"
        and count.cycle is not None
        and other.cycle == count.cycle
        and other.step > count.step  # type: ignore[operator]
        and other.records[0].count == count.records[0].count
        and other.offense is count.offense
        and count.offense.section is not None
        and _happened(view, other.day)
        for other in brought
    )


def new_felonies(view: View, end: Day) -> tuple[Truth, Day]:
    """Whether the person was convicted of a felony after that day, and when first."""
    roots = {conviction.count for conviction in view.person.convictions}
    retold = [count for one in view.person.convictions for count, stated in one.retold if not stated]
    sure: list[date] = []
    least: list[date | None] = []
    for count in [*(count for count, _ in view.others), *(one for one in retold if one is not view.count)]:
        if count.stated_level not in ("F", None) or (count.day.most and end.least and count.day.most <= end.least):
            continue
        if count in roots and count.stated_level == "F" and before(end, count.day):
            sure.append(count.day.most)  # type: ignore[arg-type]
        least.append(max(filter(None, (count.day.least, end.least))) if count.day.least else None)
    first = None if None in least else min(filter(None, least), default=None)
    day = Day(first, min(filter(None, sure), default=None))
    if sure:
        return True, day
    return (False if not least and view.person.complete else None), day


def supervision_known(view: View, inputs: Inputs) -> bool:
    """Whether the Supervised Release File can tell of this person."""
    return inputs.supervised is not None and view.person.conflict is False and bool(view.person.records[0].cii)


def supervised(view: View, inputs: Inputs) -> bool:
    return supervision_known(view, inputs) and view.person.records[0].cii in (inputs.supervised or ())


def prohibited(view: View, inputs: Inputs) -> Truth:
    """Whether a court has prohibited automatic relief in this county and case."""
    county, case = view.count.county, view.count.case
    if county and case and (county, case) in inputs.prohibitions:
        return True
    if not inputs.prohibitions or (county and county not in {where for where, _ in inputs.prohibitions}):
        return False
    return False if county and view.count.own_case else None
