"""What the rules look at, for one conviction: each fact true, false or unknown, by looking at everything there is.

Belongs here: facts of a conviction and of the person around it. Does not belong here: what follows from them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tests.oracle.history import MAY_REDUCE, STAYS, Conviction, Count, Person
from tests.oracle.offenses import Offense
from tests.oracle.truth import Day, Truth, before, both, either, every, known, no, not_after, some

PROP64_DAY = known(date(2016, 11, 9))
DESTROYED = ("11357(b)", "11357(c)", "11357(d)", "11357(e)", "11360(b)")  # HS 11361.5
REDUCES = ("REDUCED TO MISD", "REDUCED PER 17", "REDESIGNATED MISD")  # PC 17(b), 1170.18, HS 11361.8
OFFENSE_WINDOW = 3  # years that an offense may lie before its conviction where no arrest is told


def offense_truth(count: Count, listed: Callable[[Offense], Truth]) -> Truth:
    """What is true of the offense of a count; where two are named it must be true, or false, of both."""
    told = {listed(offense) for offense in (count.offense, count.convicted_of) if offense}
    return told.pop() if len(told) == 1 else None


def _years_before(day: date, years: int) -> date:
    """The day of an earlier year; 28 February for the 29th, the earlier of the two that it could be."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def equal(one: str | None, *others: str) -> Truth:
    """Whether a known text is one of some."""
    return None if one is None else one in others


@dataclass(eq=False)
class View:
    """One conviction, seen on one day."""

    person: Person
    conviction: Conviction
    as_of: date
    received: date

    @cached_property
    def count(self) -> Count:
        return self.conviction.count

    @cached_property
    def offense(self) -> Offense:
        return self.count.offense

    @cached_property
    def today(self) -> Day:
        return known(self.as_of)

    # --- the record itself

    def after_as_of(self) -> Truth:
        truth = before(self.today, self.count.day)
        return False if truth is None and self.as_of >= self.received else truth

    def relieved(self, *laws: str) -> Truth:
        """Whether relief under one of these laws is on record; unknown where a later entry may be that."""
        told = [(self.count, True), *self.conviction.later]
        if any(count.relieved(*laws) and sure for count, sure in told):
            return True
        unstated = any(count.relieved("unstated") or count.relieved(*laws) or count.unknown for count, _ in told)
        return None if unstated else False

    def disposition_conflict(self) -> Truth:
        told = [(self.count, True), *self.conviction.later]
        if any((count.ended or count.annulled) and sure for count, sure in told):
            return True
        return None if any(count.ended or count.annulled or count.unknown for count, _ in told) else False

    def juvenile_court(self) -> Truth:
        return self.count.agency.startswith("CAJV") if self.count.agency else None

    def california_court(self) -> Truth:
        """A superior, municipal, justice or juvenile court, of a county that is known."""
        kind = self.count.agency[:4]
        if kind in ("USFD", "USDC", "CAPD"):
            return False
        return True if kind in ("CASC", "CAMC", "CAJC", "CAJV") and self.count.county else None

    def federal_court(self) -> Truth:
        """Whether a row of it names an agency of the United States: no court of this state entered that judgment."""
        told = {record.agency[:4] for record in self.count.records}
        return True if told & {"USFD", "USDC"} else None if "" in told else False

    def statute_certain(self) -> Truth:
        """The offense named as the one convicted of, if any, is the same."""
        other = self.count.convicted_of
        if any(one.section and not one.relation for one in (self.offense, other) if one):
            return False
        if other is None:
            return None if self.offense.section is None else True
        return (other.statute, other.relation) == (self.offense.statute, self.offense.relation)

    def felony(self) -> Truth:
        return None if self.count.severity is None else self.count.severity == "F"

    def felony_stated(self) -> Truth:
        """By the level of the conviction alone: what was charged may have been reduced."""
        return equal(self.count.stated_level, "F")

    def felony_now(self) -> Truth:
        """By that level, and by what later counts say: a reduction is sure where both state the same case number."""
        if self.felony_stated() is False or self._is_reduced:
            return False
        return None if self.reduction_unclear() else self.felony_stated()

    def reduction_unclear(self) -> bool:
        """An entry may have lowered the level of what is or may be a felony, and none surely did."""
        perhaps = any(count.unknown or count.may_reduce for count, _ in self.conviction.later)
        own = any(record.disposition.startswith(MAY_REDUCE) for record in self.count.records)
        return self.felony_stated() is not False and not self._is_reduced and (perhaps or own)

    @property
    def _is_reduced(self) -> bool:
        return any(sure and self._surely_reduces(count) for count, sure in self.conviction.later)

    def _surely_reduces(self, count: Count) -> bool:
        told = any(
            record.severity != "F" and (record.relief == "prop47" or record.disposition.startswith(REDUCES))
            for record in count.records
        )
        same_case = count.own_case is not None and count.own_case == self.count.own_case
        return told and same_case and not count.convicted and not count.unknown

    # --- the offense and the person's age

    @cached_property
    def offense_day(self) -> Day:
        """Between the first and the last arrest of the cycle not after the conviction; without one, some years before it.

        Whoever is arrested again, on a warrant say, is arrested for what was done before the first time, perhaps.
        """
        day = self.count.day
        if self.count.cycle is None:
            return Day(None, day.most)
        arrests = [
            count.day for count in self.person.counts if count.kind == "arrest" and count.cycle == self.count.cycle
        ]
        if not arrests:
            return Day(day.least and _years_before(day.least, OFFENSE_WINDOW), day.most)
        possible = [arrest for arrest in arrests if not_after(arrest, day) is not False]
        sure = any(not_after(arrest, day) for arrest in arrests)
        begins = [arrest.least for arrest in possible]
        # One that stands in no cycle, or that nobody can read, may be of this one, and the first of all.
        adrift = any(count.kind == "arrest" and count.cycle is None for count in self.person.counts)
        least = (
            min(filter(None, begins)) if sure and None not in begins and not adrift and self.person.complete else None
        )
        ends = [min(filter(None, (arrest.most, day.most)), default=None) for arrest in possible]
        # An arrest that may lie after the conviction may be of another offense.
        most = max(filter(None, ends)) if sure and None not in ends else day.most
        return Day(least, most)

    @cached_property
    def first_accused(self) -> date | None:
        """The earliest day of which the cycle may speak: an arrest up to the conviction, else the conviction."""
        days = [count.day for count in self.person.counts if count.kind == "arrest" and count.cycle == self.count.cycle]
        untold = any(count.kind == "arrest" and count.cycle is None for count in self.person.counts)
        begun = self.count.day.least
        if None in (self.count.cycle, begun, *(day.least for day in days)) or untold or not self.person.complete:
            return None
        return min(day.least for day in (*days, self.count.day) if not_after(day, self.count.day) is not False)

    @cached_property
    def born(self) -> Day:
        """The birth date, unless nobody can believe it.

        Nobody is tried as an adult for what was done before 14 (WI 707(a)), so the first day on which the person stands
        accused is not before that; but whoever was 25 when convicted was before no juvenile court (WI 607). And nobody
        grows older than 110.
        """
        told = self.person.born
        tried = either(
            not_after(told.after(14), Day(self.first_accused, self.first_accused)),
            not_after(told.after(25), self.count.day),
            self.juvenile_court(),
        )
        return told if tried and not_after(self.today, told.after(110)) else Day()

    def under(self, years: int) -> Truth:
        """Whether the person was younger than that at the offense."""
        return before(self.offense_day, self.born.after(years))

    # --- other convictions of the person

    @cached_property
    def others(self) -> list[tuple[Count, bool]]:
        """Every other count that is or may be a conviction by the as-of date, and whether it surely is."""
        return list(self._others())

    def _others(self) -> Iterator[tuple[Count, bool]]:
        roots = {conviction.count: conviction for conviction in self.person.convictions}
        for count in self.person.counts:
            if count is self.count or before(self.today, count.day):
                continue
            if count in roots:
                yield count, self.stands(roots[count])
            elif (
                (count.convicted and count.kind != "court")
                or (count.unknown and not count.convicted)
                or (unexplained(self, count) and not _convicted_before(self, count))
            ):
                yield count, False

    def stands(self, other: Conviction) -> bool:
        """A conviction that may be another's repeat, or that was set aside or undone, is not surely held against anyone."""
        view = View(self.person, other, self.as_of, self.received)
        undone = any(count.set_aside and sure for count, sure in [(other.count, True), *other.later])
        return not other.possible_repeat and not undone and view.disposition_conflict() is False

    def some_conviction(self, listed: Callable[[Offense], Truth], when: Callable[[Day], Truth]) -> Truth:
        """Whether the person has another conviction of a kind at a time; a hole in the history leaves "no" open."""
        found = some(
            both(True if sure else None, offense_truth(count, listed), when(count.judged))
            for count, sure in self.others
        )
        return found if found or self.person.complete else None

    def superstrike_prior(self) -> Truth:
        return self._superstrike(lambda day: before(day, self.offense_day))

    def registrable_prior(self) -> Truth:
        return self._registrable(lambda day: before(day, self.offense_day))

    def superstrike_ever(self) -> Truth:
        return self._superstrike(lambda day: not_after(day, self.today))

    def registrable_ever(self) -> Truth:
        return self._registrable(lambda day: not_after(day, self.today))

    def _superstrike(self, when: Callable[[Day], Truth]) -> Truth:
        """Whether what a juvenile court found counts is open: PC 667(d)(3) says so of one use of it."""
        found = some(
            both(None, offense_truth(count, lambda offense: offense.superstrike), when(count.day))
            for count in self.person.counts
            if count.may_be_adjudged and not before(self.today, count.day)
        )
        return either(self.some_conviction(lambda offense: offense.superstrike, when), found)

    def _registrable(self, when: Callable[[Day], Truth]) -> Truth:
        found = self.some_conviction(lambda offense: offense.registrable, when)
        return either(found, None if self._registered_for_what_is_not_told() else False)

    def _registered_for_what_is_not_told(self) -> bool:
        """Who has to register, or failed to, was convicted before, perhaps elsewhere, of what PC 290(c) names."""
        signs = [
            count.day
            for count in self.person.counts
            if count.kind == "registration"
            and count.offense.section in ("290", None)
            and not before(self.today, count.day)
        ]
        signs += [
            count.judged
            for count, _ in self.others
            if offense_truth(count, lambda offense: offense.registers) is not False
        ]
        convicted = [count.day for count, sure in self.others if sure and self._is_registrable(count)]
        if self.stands(self.conviction) and self._is_registrable(self.count) and not before(self.today, self.count.day):
            convicted.append(self.count.day)
        return not all(any(not_after(day, sign) for day in convicted) for sign in signs)

    @staticmethod
    def _is_registrable(count: Count) -> bool:
        return offense_truth(count, lambda offense: offense.registrable) is True

    def identity_theft_in_case(self) -> Truth:
        """A conviction of identity theft in the same cycle or the same case."""

        def together(count: Count) -> Truth:
            if count.cycle == self.count.cycle is not None:
                return True
            if count.case and count.case == self.count.case and count.county and count.county == self.count.county:
                return True
            if count.cycle is None or self.count.cycle is None:
                return None
            numbers = (count.own_case, self.count.own_case)
            return False if None not in numbers and numbers[0] != numbers[1] else None

        found = some(
            both(True if sure else None, offense_truth(count, lambda offense: offense.identity), together(count))
            for count, sure in self.others
        )
        return found if found or self.person.complete else None

    def prop47(self) -> str | None:
        """What PC 1170.18 says of the section; where two offenses are named, either may bring it into scope."""
        told = {offense.prop47 for offense in (self.offense, self.count.convicted_of) if offense}
        if len(told) == 1:
            return told.pop()
        return "value" if told & {"decidable", "value"} else None

    def two_section_priors(self) -> Truth:
        """Convictions of the same section on two other days before; not those whose record should be destroyed by now."""
        sure: set[object] = set()
        maybe: set[object] = set()
        for count, is_sure in self.others:
            same = self._same_section(count)
            earlier = before(count.judged, self.count.day)
            counts = both(same, earlier, no(self._destroyed(count)), True if is_sure else None)
            if counts is not False:
                maybe.add(count.judged.exact or count)
            if counts and count.judged.exact:
                sure.add(count.judged.exact)
        if len(sure) >= 2:
            return True
        return None if len(maybe) >= 2 or not self.person.complete else False

    def _same_section(self, count: Count) -> Truth:
        """A count that names two sections has no certain one."""
        told = {offense.statute for offense in (count.offense, count.convicted_of) if offense}
        if len(told) > 1 or None in told or self.offense.statute is None:
            return None
        return self.offense.statute in told

    def in_cycle(self, listed: Callable[[Offense], Truth]) -> Truth:
        """Whether a count of the same cycle, charged or convicted, is of a kind."""
        if self.count.cycle is None:
            return None
        together = [count for count in self.person.counts if count.cycle == self.count.cycle]
        found = some(listed(told) for count in together for told in (count.offense, count.convicted_of) if told)
        return found if found or self.person.complete else None

    def in_case(self, listed: Callable[[Offense], Truth]) -> Truth:
        """Whether a count of the same case is of a kind: one of its cycle, or one that a court tells in another."""
        found = some(
            both(listed(told), self._same_case(count))
            for count in self.person.counts
            if count.kind in ("court", None)
            and count.cycle not in (None, self.count.cycle)
            and not before(self.today, count.day)
            for told in (count.offense, count.convicted_of)
            if told
        )
        return either(self.in_cycle(listed), found)

    def _same_case(self, count: Count) -> Truth:
        """The same number in the same county, where both state both; one that both state otherwise is another case."""
        told = ((count.own_case, self.count.own_case), (count.county, self.count.county))
        if any(None not in pair and pair[0] != pair[1] for pair in told):
            return False
        return None if any(None in pair for pair in told) else True

    def says_import(self) -> Truth:
        return any(offense.import_text for offense in (self.offense, self.count.convicted_of) if offense)

    # --- Prop 64

    def form(self) -> str | None:
        """The crime before 9 November 2016; unknown where section, subdivision, level and day don't tell it."""
        return self._form(self.count, self.offense_day)[0]

    def form_inferred(self) -> Truth:
        form, inferred = self._form(self.count, self.offense_day)
        return inferred if form else None

    def _form(self, count: Count, day: Day) -> tuple[str | None, bool]:
        offense, level = count.offense, count.stated_level
        told = f"{offense.section}({offense.letters})" if offense.letters else offense.section
        since = known(
            date(1973 if offense.section in ("11358", "11359") or (told == "11360" and level == "F") else 1976, 1, 1)
        )
        other = count.convicted_of
        if other and (other.statute, other.letters, other.relation) != (
            offense.statute,
            offense.letters,
            offense.relation,
        ):
            return None, False
        if not offense.prop64 or offense.relation != "none" or not both(not_after(since, day), before(day, PROP64_DAY)):
            return None, False
        if told in ("11357(a)", "11358", "11359", "11360(a)"):
            return told, False
        if told in DESTROYED:
            return (told if level in ("M", "I") else None), False
        return {("11357", "F"): "11357(a)", ("11360", "F"): "11360(a)", ("11360", "M"): "11360(b)"}.get(
            (told, level)
        ), True

    def destruction_due(self) -> Truth:
        form = self.form()
        if form is None:
            return None
        return form in DESTROYED and not_after(self.count.day.after(2), self.today)

    def _destroyed(self, count: Count) -> Truth:
        """Whether another conviction's record should be destroyed by now."""
        other = View(self.person, Conviction(count, False), self.as_of, self.received)
        if not count.prop64:
            return False
        return other.destruction_due()

    # --- the person

    def latest_conviction(self) -> Day:
        """The most recent conviction by the as-of date."""
        days = [conviction.day for conviction in self.person.convictions if not before(self.today, conviction.day)]
        maybe = [count.day for count, sure in self.others if not sure]
        maybe += [count.day for one in self.person.convictions for count, stated in one.retold if not stated]
        sure = [day.least for day in days if day.least and not_after(day, self.today)]
        ends = [day.most for day in [*days, *maybe]]
        open_ = not ends or None in ends or not self.person.complete
        most = None if open_ else min(max(end for end in ends if end), self.as_of)
        return Day(max(sure) if sure else None, most)

    def all_prop64(self) -> Truth:
        """Whether every conviction by the as-of date is in the scope of Prop 64."""
        roots = {one.count for one in self.person.convictions if not before(self.today, one.day)}
        maybe = {count for count, _ in self.others} - roots
        found = every(count.prop64 if count.scope_certain else None for count in roots)
        open_ = not self.person.complete or not all(count.prop64 and count.scope_certain for count in maybe)
        return None if found and open_ else found

    def deceased(self) -> Truth:
        told = [count for count in self.person.counts if count.kind == "deceased"]
        if any(not_after(count.day, self.today) or self.as_of >= self.received for count in told):
            return True
        open_ = any(not before(self.today, count.day) for count in told)
        return None if open_ or not self.person.complete else False


def unexplained(view: View, count: Count) -> bool:
    """Whether a step of custody or probation by the as-of date is for what no conviction of its cycle tells of."""
    if count.kind not in STAYS or before(view.today, count.day) or count.came_to_nothing:
        return False
    cycle = [other for other in view.person.counts if count.cycle is not None and other.cycle == count.cycle]
    convicted = {conviction.count for conviction in view.person.convictions if not before(view.today, conviction.day)}
    if any(other in convicted and _is_for(count, other) for other in cycle):
        return False
    # A stay in jail that tells no sentence and ended in a dismissal was one before trial.
    before_trial = (
        count.kind == "jail"
        and not count.convicted
        and not any(record.place or record.length is not None for record in count.records)
        and any(
            other.kind == "court"
            and other.came_to_nothing
            and _is_for(count, other)
            and other.step > count.step  # type: ignore[operator]
            and not_after(count.day, other.day)
            and not before(view.today, other.day)
            for other in cycle
        )
    )
    return not before_trial


def _convicted_before(view: View, count: Count) -> bool:
    """An earlier conviction of the same statute, which the stay may be for."""
    return any(
        not before(view.today, conviction.day)
        and not_after(conviction.day, count.day)
        and _is_for(count, conviction.count)
        for conviction in view.person.convictions
    )


def _is_for(stay: Count, count: Count) -> bool:
    """Whether a stay names the statute of a court's count; it may leave the subdivision out."""
    one, other = stay.offense, count.offense
    return (
        one.statute is not None
        and (one.statute, one.relation) == (other.statute, other.relation)
        and one.letters in ("", other.letters)
        and all(each.convicted_of in (None, each.offense) for each in (stay, count))
    )
