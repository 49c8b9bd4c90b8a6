"""How an invented criminal history unfolds: people, their arrests, what became of each charge and what came later.

Only decisions here (days, positions in the vocabulary's tables); `rows.py` lays them out as records and `lines.py`
gives them their text. One block of people is drawn at a time, so that memory doesn't grow with the file. The shares
below are chosen for texture, not taken from any statistic, save where `data/` names a source.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearslate.synth.draws import Draws, Flags, Ints
from clearslate.synth.vocabulary import FELONY, MISDEMEANOR, OLDEST_AGE, Vocabulary

# What follows an arrest: a court step, a disposition on the arrest's own rows (rejected, released), or nothing at all.
TO_COURT, SETTLED_AT_ARREST = 0.49, 0.06

CONVICTED_FIRST_CHARGE, CONVICTED_OTHER_CHARGE = 0.77, 0.40
CHARGE_REACHES_COURT = 0.85
PLEA_TO_ANOTHER_OFFENSE = 0.03
SEVERAL_COUNTIES = 0.20  # of those with several arrests
LATER_ARREST_ELSEWHERE = 0.5
REGISTERED_AFTER_CHARGE, REGISTERED_OTHERWISE = 0.6, 0.003
DECEASED, APPLICANT = 0.02, 0.02
BIRTH_BLANK, BIRTH_YEAR_ONLY = 0.01, 0.005
FEMALE = 0.2
LONGEST_COURT_LAG, LONGEST_CAREER, LONGEST_SILENCE = 500, 30 * 365, 2000  # days
FIRST_CYCLE = 101


@dataclass(frozen=True)
class People:
    """One entry per person. `birth` is a position in the calendar's texts."""

    number: Ints
    female: Flags
    birth: Ints


@dataclass(frozen=True)
class Arrests:
    """One entry per arrest, by person and day; `index` counts from 0. `settled_as`: a disposition or 0."""

    person: Ints
    index: Ints
    day: Ints
    age: Ints
    county: Ints
    settled_as: Ints

    @property
    def first(self) -> Ints:
        """Each person's first arrest."""
        first: Ints = np.flatnonzero(self.index == 0)
        return first

    @property
    def last(self) -> Ints:
        """Each person's last arrest."""
        following: Ints = np.r_[self.first[1:], len(self.index)]
        return following - 1


@dataclass(frozen=True)
class Charges:
    """One entry per charge, by arrest; `count_no` starts at 1 within the step."""

    arrest: Ints
    count_no: Ints
    offense: Ints


@dataclass(frozen=True)
class Court:
    """One entry per count before a court, by arrest. `arrests` and `day` have one entry per court step.

    `conviction_offense` is the offense pleaded to where it isn't the one charged, else the table's blank entry;
    `status` is 0 for a count that isn't convicted; `sentence` is a row of the sentences (row 0: none).
    """

    arrests: Ints
    day: Ints
    counts: Charges
    conviction_offense: Ints
    disposition: Ints
    status: Ints
    sentence: Ints


@dataclass(frozen=True)
class Later:
    """One entry per step after the court's: what happened (a follow-up) to which of the court's counts, and when."""

    count: Ints
    event: Ints
    day: Ints


@dataclass(frozen=True)
class Singles:
    """One entry per cycle of a single row without a charge before a court: registration, application, death."""

    person: Ints
    cycle_no: Ints
    day: Ints
    age: Ints
    county: Ints
    kind: Ints
    role: Ints
    offense: Ints


@dataclass(frozen=True)
class Histories:
    """All that happened to one block of people."""

    people: People
    arrests: Arrests
    charges: Charges
    court: Court
    later: Later
    singles: Singles


def position_in_run(owner: Ints) -> Ints:
    """For a sorted array, 0, 1, 2, ... within each run of equal values."""
    if not len(owner):
        return owner
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    return np.arange(len(owner)) - np.repeat(starts, np.diff(np.r_[starts, len(owner)]))


def whole_years(days: Ints) -> Ints:
    """Completed years in a number of days, near enough for an age."""
    return days * 10_000 // 3_652_425


def draw_histories(
    draws: Draws, vocabulary: Vocabulary, *, first_number: int, size: int, county: int | None = None
) -> Histories:
    """Draw the histories of `size` people, numbered from `first_number`; `county` makes it everybody's home county.

    A person's first arrest is always in the home county; a fifth of those with several arrests have one elsewhere.
    """
    people, arrests = _people_and_arrests(draws, vocabulary, first_number=first_number, size=size, county=county)
    charges = _charges(draws, vocabulary, arrests)
    court = _court(draws, vocabulary, arrests, charges)
    later = _later(draws, vocabulary, court)
    singles = _singles(draws, vocabulary, arrests, court, later)
    return Histories(people=people, arrests=arrests, charges=charges, court=court, later=later, singles=singles)


def _people_and_arrests(
    draws: Draws, vocabulary: Vocabulary, *, first_number: int, size: int, county: int | None
) -> tuple[People, Arrests]:
    calendar = vocabulary.calendar
    ages, age_weights = vocabulary.shape["first_age"]
    numbers, number_weights = vocabulary.shape["arrests"]
    first_day = draws.whole(size, calendar.first_event, calendar.last_event + 1)
    first_age = ages[draws.pick(age_weights, size)]
    birth_day = first_day - first_age * 365 - first_age // 4 - draws.whole(size, 1, 365)
    drawn = draws.uniform(size)
    birth = birth_day + np.where(drawn < BIRTH_YEAR_ONLY, calendar.days, 0)
    birth[drawn >= 1 - BIRTH_BLANK] = calendar.blank
    people = People(number=first_number + np.arange(size), female=draws.chance(size, FEMALE), birth=birth)

    person = np.repeat(np.arange(size), numbers[draws.pick(number_weights, size)])
    index = position_in_run(person)
    career = np.minimum(calendar.last_event - first_day, LONGEST_CAREER) + 1
    day = first_day[person] + np.where(index == 0, 0, draws.early(len(person), career[person]))
    day = day[np.lexsort((day, person))]
    home = draws.pick(vocabulary.county_weights, size) if county is None else np.full(size, county)
    travels = draws.chance(size, SEVERAL_COUNTIES)
    away = (index > 0) & travels[person] & ((index == 1) | draws.chance(len(person), LATER_ARREST_ELSEWHERE))
    settled = draws.chance(len(person), SETTLED_AT_ARREST)
    return people, Arrests(
        person=person,
        index=index,
        day=day,
        age=np.clip(whole_years(day - birth_day[person]), 0, OLDEST_AGE),
        county=np.where(away, _other_county(draws, vocabulary, home[person]), home[person]),
        settled_as=np.where(settled, draws.pick(vocabulary.arrest_dispositions, len(person)), 0),
    )


def _other_county(draws: Draws, vocabulary: Vocabulary, home: Ints) -> Ints:
    """A county by weight that isn't `home`."""
    found = draws.pick(vocabulary.county_weights, len(home))
    found = np.where(found == home, draws.pick(vocabulary.county_weights, len(home)), found)
    anywhere = (home + draws.whole(len(home), 1, len(vocabulary.counties))) % len(vocabulary.counties)
    return np.where(found == home, anywhere, found)


def _charges(draws: Draws, vocabulary: Vocabulary, arrests: Arrests) -> Charges:
    """Charges of each arrest; one that wasn't law in that year is drawn again, three times at most: records err too."""
    offenses = vocabulary.offenses
    numbers, weights = vocabulary.shape["charges"]
    arrest = np.repeat(np.arange(len(arrests.day)), numbers[draws.pick(weights, len(arrests.day))])
    year = vocabulary.calendar.year[arrests.day][arrest]
    offense = draws.pick(offenses.weights, len(arrest))
    for _ in range(3):
        anachronism = (year < offenses.first_year[offense]) | (year > offenses.last_year[offense])
        offense[anachronism] = draws.pick(offenses.weights, int(anachronism.sum()))
    return Charges(arrest=arrest, count_no=position_in_run(arrest) + 1, offense=offense)


def _court(draws: Draws, vocabulary: Vocabulary, arrests: Arrests, charges: Charges) -> Court:
    """The court step of the arrests that have one. One too young for its day in court is still open at the end."""
    offenses = vocabulary.offenses
    cycles = len(arrests.day)
    day = arrests.day + 1 + draws.early(cycles, LONGEST_COURT_LAG)
    unsettled = arrests.settled_as == 0
    here = (
        unsettled & draws.chance(cycles, TO_COURT / (1 - SETTLED_AT_ARREST)) & (day <= vocabulary.calendar.last_event)
    )
    kept = (charges.count_no == 1) | draws.chance(len(charges.arrest), CHARGE_REACHES_COURT)
    kept &= here[charges.arrest]
    arrest, offense = charges.arrest[kept], charges.offense[kept]
    counts = Charges(arrest=arrest, count_no=position_in_run(arrest) + 1, offense=offense)

    size = len(arrest)
    first = counts.count_no == 1
    convicted = draws.chance(size, np.where(first, CONVICTED_FIRST_CHARGE, CONVICTED_OTHER_CHARGE))
    pleaded = convicted & draws.chance(size, PLEA_TO_ANOTHER_OFFENSE)
    final = np.where(pleaded, draws.pick(offenses.weights, size), offense)
    reduced = draws.uniform(size) * 100 < offenses.misdemeanor_share[final]
    status = np.where((offenses.status[final] == FELONY) & reduced, MISDEMEANOR, offenses.status[final])
    status = np.where(convicted, status, 0)
    sentence = draws.pick_in(vocabulary.sentences.weights, status)
    unconvicted = draws.pick(vocabulary.court_dispositions, size)
    return Court(
        arrests=np.flatnonzero(here),
        day=day[here],
        counts=counts,
        conviction_offense=np.where(pleaded, final, offenses.blank),
        disposition=np.where(convicted, vocabulary.sentences.disposition[sentence], unconvicted),
        status=status,
        sentence=sentence,
    )


def _day_by_arrest(court: Court, cycles: int) -> Ints:
    """The court's day at each arrest that has one (0 elsewhere)."""
    day = np.zeros(cycles, np.int64)
    day[court.arrests] = court.day
    return day


def _later(draws: Draws, vocabulary: Vocabulary, court: Court) -> Later:
    """What became of the first conviction of each court step. Relief by a new law is for older convictions."""
    after, arrest = vocabulary.follow_ups, court.counts.arrest
    count = np.flatnonzero(court.status > 0)
    count = count[np.unique(arrest[count], return_index=True)[1]]
    pleaded = court.conviction_offense[count]
    final = np.where(pleaded == vocabulary.offenses.blank, court.counts.offense[count], pleaded)
    event = draws.pick_in(after.weights, vocabulary.offenses.group[final])
    before = court.day[np.searchsorted(court.arrests, arrest[count])]
    gap = draws.whole(len(count), after.days_min[event], after.days_max[event])
    day = np.maximum(before, after.not_before[event]) + gap
    happens = (after.step_type[event] >= 0) & (day <= vocabulary.calendar.last_event)
    happens &= (after.not_before[event] == 0) | (before < after.not_before[event])
    return Later(count=count[happens], event=event[happens], day=day[happens])


def _singles(draws: Draws, vocabulary: Vocabulary, arrests: Arrests, court: Court, later: Later) -> Singles:
    """The cycles after a person's arrests; each lies after all that came before, and death comes last."""
    offenses, last = vocabulary.offenses, arrests.last
    size = len(last)
    final_day = np.maximum(arrests.day, _day_by_arrest(court, len(arrests.day)))
    final_day[court.counts.arrest[later.count]] = later.day
    day = np.maximum.reduceat(final_day, arrests.first)
    cycle_no = FIRST_CYCLE + arrests.index[last]

    registrable = np.zeros(size, bool)
    sexual = (court.status > 0) & (offenses.group[court.counts.offense] == vocabulary.groups["sex"])
    registrable[arrests.person[court.counts.arrest[sexual]]] = True
    chosen = {
        "registration": draws.chance(size, np.where(registrable, REGISTERED_AFTER_CHARGE, REGISTERED_OTHERWISE)),
        "applicant": draws.chance(size, APPLICANT),
        "deceased": draws.chance(size, DECEASED),
    }
    columns: list[list[Ints]] = []
    for name, here in chosen.items():
        person = np.flatnonzero(here)
        left = vocabulary.calendar.last_event - day[person]
        day[person] += draws.early(len(person), np.minimum(left, LONGEST_SILENCE) + 1)
        cycle_no[person] += 1
        age = arrests.age[last[person]] + whole_years(day[person] - arrests.day[last[person]])
        age = np.minimum(age, OLDEST_AGE)
        kind, role, offense = (np.full(len(person), number) for number in vocabulary.single_steps[name])
        county = arrests.county[arrests.first[person]]
        columns.append([person, cycle_no[person], day[person], age, county, kind, role, offense])
    return Singles(*(np.concatenate(column) for column in zip(*columns, strict=True)))
