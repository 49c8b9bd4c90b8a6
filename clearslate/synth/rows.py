"""The layout of histories as an extract has it: steps numbered within cycles, and one row per sentence part of a count.

Which agency reports a step, and how fully its date is known, is drawn here too. Still no text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearslate.synth.draws import Draws, Ints
from clearslate.synth.histories import FIRST_CYCLE, Histories, position_in_run
from clearslate.synth.vocabulary import FELONY, Vocabulary

PARTIAL_DATE = 0.007
LAST_MUNICIPAL_YEAR = 1999  # the year before the last municipal courts became part of the superior courts
ADULT_AGE = 18


@dataclass(frozen=True)
class Steps:
    """One entry per event: all arrests, then the court's, the later ones and the single ones.

    `date` is a position in the calendar's texts; `case` is the step whose case number this step bears; `pattern` the
    way that number is written (one per county, and the agencies' own).
    """

    cycle_no: Ints
    cycle_day: Ints
    cycle_age: Ints
    step_no: Ints
    day: Ints
    date: Ints
    kind: Ints
    agency: Ints
    case: Ints
    pattern: Ints


@dataclass(frozen=True)
class Rows:
    """One entry per line. `step` is an entry of `Steps`; from `offense` on, positions in the vocabulary's tables."""

    person: Ints
    step: Ints
    count_no: Ints
    part_no: Ints
    offense: Ints
    conviction_offense: Ints
    disposition: Ints
    status: Ints
    sentence: Ints

    def __getitem__(self, at: Ints) -> Rows:
        return Rows(**{name: values[at] for name, values in vars(self).items()})

    @classmethod
    def joined(cls, *several: Rows) -> Rows:
        """Several sets of rows end to end."""
        return cls(**{name: np.concatenate([vars(rows)[name] for rows in several]) for name in vars(several[0])})


def lay_out(draws: Draws, vocabulary: Vocabulary, histories: Histories) -> tuple[Steps, Rows]:
    """The steps of a block, and its rows by person, cycle, step, count and sentence part."""
    steps = _steps(draws, vocabulary, histories)
    rows = Rows.joined(
        _arrest_rows(vocabulary, histories),
        _court_rows(vocabulary, histories),
        _later_rows(vocabulary, histories),
        _single_rows(vocabulary, histories),
    )
    key = (rows.person * 1024 + steps.cycle_no[rows.step]) * 4 + steps.step_no[rows.step]
    return steps, rows[np.argsort((key * 64 + rows.count_no) * 8 + rows.part_no, kind="stable")]


def _court_role(vocabulary: Vocabulary, histories: Histories) -> Ints:
    """The court of each court step: juvenile by age; municipal for lesser charges while there were such courts."""
    arrests, court, roles = histories.arrests, histories.court, vocabulary.roles
    felony = vocabulary.offenses.status[court.counts.offense[court.counts.count_no == 1]] == FELONY
    municipal = (vocabulary.calendar.year[court.day] <= LAST_MUNICIPAL_YEAR) & ~felony
    adult = np.where(municipal, roles["municipal"], roles["superior"])
    return np.where(arrests.age[court.arrests] < ADULT_AGE, roles["juvenile"], adult)


def _later_role(vocabulary: Vocabulary, histories: Histories, court_role: Ints) -> Ints:
    """The same court again, or whoever holds or supervises the person."""
    court, later = histories.court, histories.later
    role = court_role[np.searchsorted(court.arrests, court.counts.arrest[later.count])]
    kind = vocabulary.follow_ups.step_type[later.event]
    for name in ("custody", "probation"):
        role = np.where(kind == vocabulary.step_types[name.upper()], vocabulary.roles[name], role)
    return role


def _steps(draws: Draws, vocabulary: Vocabulary, histories: Histories) -> Steps:
    arrests, court, later, singles = histories.arrests, histories.court, histories.later, histories.singles
    types = vocabulary.step_types
    cycles, courts, ends, alone = len(arrests.day), len(court.day), len(later.day), len(singles.day)
    later_arrest = court.counts.arrest[later.count]
    arrest = np.r_[np.arange(cycles), court.arrests, later_arrest]
    court_role = _court_role(vocabulary, histories)
    role = np.r_[
        np.full(cycles, vocabulary.roles["police"]),
        court_role,
        _later_role(vocabulary, histories, court_role),
        singles.role,
    ]
    county = np.r_[arrests.county[arrest], singles.county]
    day = np.r_[arrests.day, court.day, later.day, singles.day]
    drawn, days = draws.uniform(len(day)), vocabulary.calendar.days
    partial = np.where(drawn < PARTIAL_DATE / 2, days, np.where(drawn < PARTIAL_DATE, 2 * days, 0))
    agencies_own = len(vocabulary.counties)
    numbers = np.arange(len(day))
    return Steps(
        cycle_no=np.r_[FIRST_CYCLE + arrests.index[arrest], singles.cycle_no],
        cycle_day=np.r_[arrests.day[arrest], singles.day],
        cycle_age=np.r_[arrests.age[arrest], singles.age],
        step_no=np.repeat(np.array([1, 2, 3, 1]), [cycles, courts, ends, alone]),
        day=day,
        date=day + partial,
        kind=np.r_[
            np.full(cycles, types["ARREST/DETAINED/CITED"]),
            np.full(courts, types["COURT ACTION"]),
            vocabulary.follow_ups.step_type[later.event],
            singles.kind,
        ],
        agency=draws.pick_in(vocabulary.agency_weights, role * len(vocabulary.counties) + county),
        case=np.r_[
            numbers[: cycles + courts],
            cycles + np.searchsorted(court.arrests, later_arrest),
            numbers[len(day) - alone :],
        ],
        pattern=np.r_[np.full(cycles, agencies_own), county[cycles : len(day) - alone], np.full(alone, agencies_own)],
    )


def _arrest_rows(vocabulary: Vocabulary, histories: Histories) -> Rows:
    charges, arrests = histories.charges, histories.arrests
    none = np.zeros(len(charges.arrest), np.int64)
    return Rows(
        person=arrests.person[charges.arrest],
        step=charges.arrest,
        count_no=charges.count_no,
        part_no=none,
        offense=charges.offense,
        conviction_offense=none + vocabulary.offenses.blank,
        disposition=arrests.settled_as[charges.arrest],
        status=none,
        sentence=none,
    )


def _court_rows(vocabulary: Vocabulary, histories: Histories) -> Rows:
    arrests, court, sentences = histories.arrests, histories.court, vocabulary.sentences
    count = np.repeat(np.arange(len(court.sentence)), sentences.parts[court.sentence])
    part_no = position_in_run(count)
    arrest = court.counts.arrest[count]
    return Rows(
        person=arrests.person[arrest],
        step=len(arrests.day) + np.searchsorted(court.arrests, arrest),
        count_no=court.counts.count_no[count],
        part_no=part_no,
        offense=court.counts.offense[count],
        conviction_offense=court.conviction_offense[count],
        disposition=court.disposition[count],
        status=court.status[count],
        sentence=sentences.start[court.sentence[count]] + part_no,
    )


def _later_rows(vocabulary: Vocabulary, histories: Histories) -> Rows:
    """The convicted count again, as the first and only count of its step."""
    arrests, court, later, after = histories.arrests, histories.court, histories.later, vocabulary.follow_ups
    which = np.repeat(np.arange(len(later.event)), after.parts[later.event])
    part_no = position_in_run(which)
    count, event = later.count[which], later.event[which]
    return Rows(
        person=arrests.person[court.counts.arrest[count]],
        step=len(arrests.day) + len(court.day) + which,
        count_no=np.ones(len(which), np.int64),
        part_no=part_no,
        offense=court.counts.offense[count],
        conviction_offense=court.conviction_offense[count],
        disposition=after.disposition[event],
        status=np.where(after.status[event] < 0, court.status[count], after.status[event]),
        sentence=after.start[event] + part_no,
    )


def _single_rows(vocabulary: Vocabulary, histories: Histories) -> Rows:
    singles = histories.singles
    none = np.zeros(len(singles.day), np.int64)
    return Rows(
        person=singles.person,
        step=len(histories.arrests.day) + len(histories.court.day) + len(histories.later.day) + np.arange(len(none)),
        count_no=none + 1,
        part_no=none,
        offense=singles.offense,
        conviction_offense=none + vocabulary.offenses.blank,
        disposition=none,
        status=none,
        sentence=none,
    )
