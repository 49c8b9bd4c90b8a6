"""What the automatic relief of convictions looks at: sentences, revocations, what is pending, later felonies.

Belongs here: facts about sentences and about how the person stands today. Does not belong here: what follows from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tests.oracle.facts import View, offense_truth, unexplained
from tests.oracle.history import COURT_KINDS, Conviction, Count
from tests.oracle.record import Record
from tests.oracle.truth import Day, Truth, before, both, not_after, some

IMPOSES_NOTHING = ("dismissed", "acquitted", "rejected", "set_aside", "relief_granted")
FINAL = ("convicted", "dismissed", "acquitted", "rejected", "set_aside", "modified", "revoked", "relief_granted")
PROBATION_WORDS = ("CONVICTED-PROB", "CONVICTED-JAIL/PROB", "PROB ", "PROBATION ")
PRISON_WORDS = ("CONVICTED-PRISON", "PAROLE ", "PRCS ")


@dataclass(frozen=True)
class Inputs:
    """What stands beside the extract: who is under supervision (None: not given), and the cases of courts' prohibitions."""

    supervised: frozenset[str] | None = None
    prohibitions: frozenset[tuple[str, str]] = frozenset()


CUSTODY, AFTER_PRISON = ("JAIL", "PRISON"), ("PAROLE", "PRCS")
FOLLOWS = ("MANDATORY SUPERVISION", *AFTER_PRISON)
STANDS = (
    "REDUCED",
    "17(B",
    "CONVICTION AFFIRMED",
)  # PC 17(b): the level changes and not the sentence; affirmed: nothing
SUSPENDED = ("JAIL SS", "FINE SS")  # for probation: nothing is served
UNKNOWN_PLACES = ("PRISON SS",)  # whether a suspended prison term is one in state prison nobody has settled
PAROLE_YEARS = 3  # PC 3000(b)(2), 3451(a): what may follow prison where no record tells it


@dataclass(eq=False)
class Line:
    """A row that says something of a sentence, in the count that it stands in."""

    record: Record
    count: Count
    is_own: bool
    is_sure: bool

    @property
    def place(self) -> str | None:
        return None if self.record.place in UNKNOWN_PLACES else self.record.place

    @property
    def is_part(self) -> bool:
        return bool(self.record.place) or self.record.length is not None

    @property
    def runs(self) -> Day:
        """From the day that imposes it to the day on which it is over, were it to begin at once."""
        return self.record.day if self.place in ("FINE", *SUSPENDED) else self.after(self.record.day)

    def after(self, day: Day) -> Day:
        """Its length after some day."""
        length, told = self.record.length, self.record.unit
        if length is None or told is None:
            return Day()
        years, months, days = (length if told == unit else 0 for unit in "YMD")
        return day.after(years, months, days)


class Sentence:
    """The sentence of one conviction: the parts that its own count and the later counts of it state. They run side by side,
    but for supervision, which begins where the custody of its count is over."""

    def __init__(self, view: View) -> None:
        self.view = view
        told = [
            (view.count, True),
            *((count, sure and self._same_case(count)) for count, sure in view.conviction.later),
        ]
        self.rows = [
            Line(record, count, count is view.count, sure and record.meaning is not None)
            for count, sure in told
            if count.kind == "court"
            for record in count.records
            if record.meaning not in IMPOSES_NOTHING
        ]
        self.parts = [line for line in self.rows if line.is_part]

    def _same_case(self, count: Count) -> bool:
        """What a later count imposes is surely of this conviction where both state the case number."""
        return count.own_case is not None and count.own_case == self.view.count.own_case

    def _end(self, part: Line) -> Day:
        """When a part is over."""
        beside = [other for other in self.parts if other.count is part.count]
        if part.place in FOLLOWS:
            custody = [other for other in beside if other.place in CUSTODY]
            sure = [other.runs.least for other in custody if other.is_sure]
            first = max(filter(None, sure), default=None)
            latest = max(filter(None, (other.runs.most for other in custody)), default=None)
            return Day(part.after(Day(first, None)).least or part.runs.least, part.after(Day(None, latest)).most)
        if part.place == "PRISON" and not any(other.place in AFTER_PRISON for other in beside):
            return Day(part.runs.least, part.runs.after(PAROLE_YEARS).most)
        return part.runs

    @cached_property
    def _untold(self) -> bool:
        """An entry may have changed the sentence, and does not say to what."""
        return any(
            line.record.meaning is None
            or (
                line.record.meaning != "convicted"
                and not line.is_part
                and not line.record.disposition.startswith(STANDS)
            )
            for line in self.rows
        )

    @cached_property
    def told(self) -> bool:
        """Every part has an end, and whatever a disposition names is among the parts."""
        if self._untold or not any(line.is_own for line in self.parts):
            return False
        if self._is_suspended and revoked(self.view) is not False:  # it may have been executed since
            return False
        return all(part.place and self._end(part).most for part in self.parts) and self._is_all_there

    @property
    def _is_suspended(self) -> bool:
        return any(part.place in SUSPENDED for part in self.parts)

    @property
    def _is_all_there(self) -> bool:
        places = {part.place for part in self.parts if part.is_sure}
        if self._is_suspended and "PROBATION" not in places:
            return False
        named = (
            (PROBATION_WORDS, {"PROBATION"}),
            (PRISON_WORDS, {"PRISON"}),
            (("CONVICTED-JAIL",), set(CUSTODY)),
        )
        return all(
            places & wanted or not any(line.record.disposition.startswith(words) for line in self.rows)
            for words, wanted in named
        ) and ("PRISON" in places or not any(part.place in AFTER_PRISON for part in self.parts))

    @cached_property
    def end(self) -> Day:
        """The day on which all parts are over."""
        sure = [end for part in self.parts if part.is_sure and part.place and (end := self._end(part).least)]
        ends = [self._end(part).most for part in self.parts]
        return Day(max(sure) if sure else self.view.count.day.least, max(filter(None, ends)) if self.told else None)

    @cached_property
    def probation_end(self) -> Day:
        """The day on which probation is over, if the record surely tells its last."""
        parts = [line for line in self.parts if line.place == "PROBATION"]
        own = any(line.is_own and line.record.meaning == "convicted" for line in parts)
        ends = [self._end(line).most for line in parts]
        if not own or None in ends or self._untold or any(line.place is None for line in self.parts):
            return Day()
        return Day(None, max(filter(None, ends)))

    def _of(self, places: tuple[str, ...], words: tuple[str, ...]) -> Truth:
        says = [line for line in self.rows if line.place in places or line.record.disposition.startswith(words)]
        if any(line.is_sure for line in says):
            return True
        own = any(line.is_own for line in self.parts)
        open_ = not own or self._untold or any(part.place is None for part in self.parts)
        return None if open_ or says else False

    def probation(self) -> Truth:
        found = self._of(("PROBATION",), PROBATION_WORDS)
        return None if found is False and self._is_suspended else found

    def prison(self) -> Truth:
        found = self._of(("PRISON", *AFTER_PRISON), PRISON_WORDS)
        custody = any(
            count.kind in ("custody", "jail") and count.cycle == self.view.count.cycle
            for count in self.view.person.counts
        )
        known_not = self.view.count.stated_level in ("M", "I") or (self.view.count.cycle is not None and not custody)
        return found if found is not False or (known_not and self.view.person.complete) else None


def revoked(view: View) -> Truth:
    """Whether probation was revoked in the same cycle or case, under whatever count."""
    own, maybe = view.count, False
    for count in view.person.counts:
        if count.kind not in COURT_KINDS or before(view.today, count.day):
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
    maybe = maybe or any(_may_have_violated(view, count) for count in view.person.counts)
    return None if maybe or not view.person.complete else False


def _same_case(view: View, count: Count) -> bool:
    """Whether a count may be of the same cycle or case."""
    own = view.count
    other_case = own.own_case is not None and count.own_case is not None and own.own_case != count.own_case
    return count.cycle == own.cycle or None in (count.cycle, own.cycle) or not other_case


def _told_in_court(view: View, count: Count) -> bool:
    """Another count on which a court has spoken by the as-of date, or may have, and not just to end it."""
    is_court = count.kind in COURT_KINDS
    return count is not view.count and is_court and not before(view.today, count.day) and not count.came_to_nothing


def _may_have_violated(view: View, count: Count) -> bool:
    """A court's word on a violation of supervision may have revoked any probation that ran when its cycle began."""
    if not _told_in_court(view, count) or offense_truth(count, lambda one: one.supervision) is False:
        return False
    if not_after(count.day, view.count.day):
        return False
    days = [one.day.least for one in view.person.counts if one.cycle == count.cycle]
    adrift = any(one.cycle is None for one in view.person.counts)
    began = None if adrift or None in days else min(filter(None, days))
    return _same_case(view, count) or not before(Sentence(view).probation_end, Day(began, None))


def enhanced(view: View) -> bool:
    """Whether another count of the cycle or case may be an enhancement, which makes this one serious or violent."""
    return any(
        _told_in_court(view, count)
        and offense_truth(count, lambda one: one.enhances) is not False
        and _same_case(view, count)
        for count in view.person.counts
    )


def is_violation(count: Count) -> Truth:
    """Whether a count is a violation of supervision, which is no offense and no charge."""
    return offense_truth(count, lambda offense: offense.supervision)


def _convictions(view: View) -> Iterator[tuple[Conviction, Sentence]]:
    """All convictions of the person by the as-of date, with their sentences."""
    for conviction in view.person.convictions:
        if not before(view.today, conviction.day):
            yield conviction, Sentence(View(view.person, conviction, view.as_of, view.received))


def serving(view: View) -> Truth:
    """Whether the person serves the sentence of another conviction today, as far as the record tells."""
    others = [sentence for conviction, sentence in _convictions(view) if conviction is not view.conviction]
    ends = [(sentence.end, sentence.told) for sentence in others]
    if any(before(view.today, end) for end, _ in ends):
        return True
    over = all(told and not_after(end, view.today) for end, told in ends)
    roots = {conviction.count for conviction in view.person.convictions}
    stays = {count for count in view.person.counts if unexplained(view, count)}
    possible = any(count not in roots and count not in stays for count, _ in view.others)
    left = all(not_after(stay_end(count), view.today) for count in stays)
    return False if over and left and not possible and view.person.complete else None


def stay_end(count: Count) -> Day:
    """The day by which a stay in custody or on probation is surely over, by the sentence that its step states."""
    own = ("PROBATION",) if count.kind == "probation" else CUSTODY
    ends: list[date | None] = []
    for record in count.records:
        line = Line(record, count, is_own=True, is_sure=True)
        if line.place == "FINE":
            continue
        end = line.runs.after(PAROLE_YEARS) if line.place == "PRISON" else line.runs
        ends.append(end.most if line.place in ("PROBATION", *CUSTODY) else None)
    told = any(record.place in own for record in count.records) and None not in ends and not count.unknown
    return Day(None, max(filter(None, ends)) if told else None)


def registered(view: View) -> Truth:
    """A registration as a sex offender is on the record, or a conviction of failing to register, be it this one."""
    steps = [
        count for count in view.person.counts if count.kind == "registration" and not before(view.today, count.day)
    ]
    told: list[Truth] = [
        True if count.offense.section == "290" and _happened(view, count.day) else None for count in steps
    ]
    convicted = list(view.others)
    if not before(view.today, view.count.day):
        convicted.append((view.count, view.stands(view.conviction)))
    told += [
        both(
            offense_truth(count, lambda offense: offense.registers),
            True if sure and _happened(view, count.day) else None,
        )
        for count, sure in convicted
    ]
    found = some(told)
    return found if found or view.person.complete else None


def pending(view: View) -> Truth:
    """A charge of an arrest or court step without a final disposition; a court step takes the arrest of its cycle over."""
    brought = [
        count for count in view.person.counts if count.kind in ("arrest", "court") and not before(view.today, count.day)
    ]
    found: Truth = False if view.person.complete else None
    for count in brought:
        if _final(count) or _settled_later(view, count, brought) or is_violation(count):
            continue
        court = [one for one in brought if count.kind == "arrest" and one.kind == "court" and one.cycle == count.cycle]
        court = court if count.cycle is not None else []
        if any(_happened(view, one.day) for one in court):
            continue
        if _happened(view, count.day) and not count.unknown and not court and is_violation(count) is False:
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
        and (
            other.step > count.step  # type: ignore[operator]
            or (other.convicted and other.step < count.step and count.kind == "court" and not count.unknown)  # type: ignore[operator]
        )
        and other.records[0].count == count.records[0].count
        and (other.offense.code, other.offense.section) == (count.offense.code, count.offense.section)
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
        least.append(max(filter(None, (count.judged.least, end.least))) if count.judged.least else None)
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
