"""The text of a block's lines, as Arrow strings: a join of a dozen ready pieces per line, 95 columns in all.

The small untidinesses of a typed record (padded numbers, `NULL`, notes, a blank status) are added here, because they
are questions of spelling and change no history.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearslate.synth.draws import Draws, Ints
from clearslate.synth.histories import People
from clearslate.synth.rows import Rows, Steps
from clearslate.synth.vocabulary import CII_LETTERS, STATUSES, Vocabulary, texts

# SUBJECT_ID and CII run through their range in a scattered order: a step that shares no factor with the range.
SUBJECT_BASE, SUBJECT_RANGE, SUBJECT_STEP = 10_000_000, 90_000_000, 48_271_813
CII_RANGE, CII_STEP = 100_000_000, 36_969_607
MOST_PEOPLE = SUBJECT_RANGE

CII_ONLY_REQUESTED, CII_ALSO_REQUESTED, CII_SHARED = 0.08, 0.35, 0.001
CII_LETTER_LIMITS = (0.96, 0.99)  # A, then M, then H
MIDDLE_INITIAL = 0.6

NUMBER_BLANK, NUMBER_NULL, NUMBER_PADDED, NUMBER_DOUBLE = 0.06, 0.035, 0.03, 0.005
OTHER_COUNT_NUMBERED, OTHER_COUNT_NULL = 0.06, 0.04
COURT_CASE_TYPED = 0.06
TOC_BLANK, STATUS_BLANK, STATUS_PADDED, NOTE = 0.015, 0.04, 0.02, 0.05
DISPOSITION_DATE_OTHER, DISPOSITION_DATE_BLANK = 0.03, 0.02


def _numbers(values: Ints) -> Any:
    return pc.cast(pa.array(values), pa.string())


def _zero_padded(values: Ints, digits: int | Ints) -> Any:
    """Numbers as text of a fixed width: a leading 1 is written in front and cut off."""
    return pc.utf8_slice_codeunits(_numbers(values + np.power(10, digits, dtype=np.int64)), 1)


def _scattered(numbers: Ints, *, seed: int, step: int, span: int) -> Ints:
    """Each number's place in 0..span-1, no two alike: `step` and `span` share no factor."""
    return (numbers + (seed * 7919 + 1) % span) % span * step % span


def _taken(pieces: Any, at: Ints) -> Any:
    return pieces.take(pa.array(at))


def _joined(*pieces: Any, by: str = ",") -> Any:
    return pc.binary_join_element_wise(*pieces, by)


def _person_texts(
    draws: Draws, vocabulary: Vocabulary, people: People, *, seed: int, accents: bool
) -> tuple[Any, Ints]:
    """Columns SUBJECT_STATUS..CITIZENSHIP_LIST of each person, and the position of their CII's letter.

    `accents` keeps names such as NUÑEZ as they are; without it the file is plain ASCII. The first person of a file is
    always of that name, so that a file with accents can be told to be UTF-8.
    """
    size = len(people.number)
    subject = SUBJECT_BASE + _scattered(people.number, seed=seed, step=SUBJECT_STEP, span=SUBJECT_RANGE)
    shares = draws.chance(size, CII_SHARED)
    shares[0] = False
    owner = np.where(shares, people.number - 1, people.number)
    letter = np.searchsorted(CII_LETTER_LIMITS, draws.uniform(size), side="right")
    letter = np.where(shares, np.roll(letter, 1), letter)
    cii = _joined(
        _taken(texts(list(CII_LETTERS)), letter),
        _zero_padded(_scattered(owner, seed=seed, step=CII_STEP, span=CII_RANGE), 8),
        by="",
    )
    asked = draws.uniform(size)
    only_requested = pa.array(asked < CII_ONLY_REQUESTED)
    requested = pc.if_else(pa.array(asked < CII_ONLY_REQUESTED + CII_ALSO_REQUESTED), cii, "")

    surnames = vocabulary.surnames if accents else vocabulary.surnames_ascii
    surname = draws.early(size, len(surnames))
    if people.number[0] == 0:
        surname[0] = pc.index(vocabulary.surnames, "NUÑEZ").as_py()
    male, female = vocabulary.male_names, vocabulary.female_names
    drawn = draws.uniform(size)
    given = np.where(
        people.female, len(male) + (drawn * drawn * len(female)).astype(int), (drawn * drawn * len(male)).astype(int)
    )
    initials = texts(["", *(f" {letter}" for letter in "ABCDEFGHIJKLMNOPRSTVW")])
    has_initial = draws.chance(size, MIDDLE_INITIAL)
    initial = np.where(has_initial, draws.whole(size, 1, len(initials)), 0)
    name = _joined(
        '"',
        _taken(surnames, surname),
        ",",
        _taken(pa.concat_arrays([male, female]), given),
        _taken(initials, initial),
        '"',
        by="",
    )
    traits = {
        trait: _taken(pieces, draws.pick(weights, size)) for trait, (pieces, weights) in vocabulary.traits.items()
    }
    inches = draws.whole(size, 60, 76)
    pieces = [
        "A",
        _numbers(subject),
        "#",
        requested,
        ",,,,",  # REQ_NAME .. REQ_SSN
        "#",
        pc.if_else(only_requested, "", cii),
        name,
        _taken(texts(["M", "F"]), people.female.astype(np.int64)),
        _taken(vocabulary.calendar.text, people.birth),
        ",,,,",  # PRI_SSN .. FBI_NUMBER
        "#",
        traits["race"],
        traits["eye"],
        traits["hair"],
        _numbers(inches // 12 * 100 + inches % 12),
        _numbers(draws.whole(size, 105, 260)),
        ",",  # SINGLE_SOURCE, MULTI_SOURCE
        traits["birthplace"],
        ",",  # POB_TYPE, CITIZENSHIP_LIST
    ]
    return _joined(*pieces), letter


def _step_texts(vocabulary: Vocabulary, steps: Steps) -> Any:
    """Columns CYC_SEG_SEP..STP_ORI_CNTY_NAME of each step."""
    dates = vocabulary.calendar.text
    return _joined(
        "#",
        _numbers(steps.cycle_no),
        _taken(dates, steps.cycle_day),
        "#",
        _zero_padded(steps.step_no, 3),
        _taken(dates, steps.date),
        _taken(vocabulary.step_piece, steps.kind),
        _taken(vocabulary.agency_piece, steps.agency),
    )


def _case_texts(draws: Draws, vocabulary: Vocabulary, steps: Steps) -> tuple[Any, Any]:
    """The plain case number of each step, and as it is typed on the first count (blank, NULL, padded, two)."""
    size = len(steps.case)
    owner, patterns = steps.case, vocabulary.case_numbers
    pattern = steps.pattern
    year = vocabulary.calendar.year[steps.day[owner]]
    lowest, highest = int(vocabulary.calendar.year[0]), int(vocabulary.calendar.year[-1])
    years = [str(number) for number in range(lowest, highest + 1)]
    year_texts = texts(["", *(text[2:] for text in years), *years])
    year_at = np.where(
        patterns.year_digits[pattern] == 0, 0, 1 + year - lowest + (patterns.year_digits[pattern] == 4) * len(years)
    )
    digits = patterns.digits[pattern]
    serial = draws.whole(size, 1, np.power(10, digits, dtype=np.int64))[owner]
    plain = _joined(
        _taken(patterns.prefix, pattern),
        _taken(year_texts, year_at),
        _taken(patterns.middle, pattern),
        _zero_padded(serial, digits),
        _taken(patterns.suffix, pattern),
        by="",
    )
    drawn = draws.uniform(size)
    limits = np.cumsum([NUMBER_BLANK, NUMBER_NULL, NUMBER_PADDED, NUMBER_DOUBLE])
    way = np.searchsorted(limits, drawn, side="right")
    double = _joined(plain, _taken(plain, np.roll(np.arange(size), 1)), by=" ")
    padded = _joined(plain, "  ", by="")
    return plain, pc.choose(pa.array(way), texts([""] * size), texts(["NULL  "] * size), padded, double, plain)


def _case_columns(draws: Draws, vocabulary: Vocabulary, steps: Steps, rows: Rows, count: Ints) -> tuple[Any, Any]:
    """OFN and FE_NUM_CRT_CASE of each row; on counts after the first they are mostly blank."""
    plain, typed = _case_texts(draws, vocabulary, steps)
    size = len(rows.step)
    drawn = draws.uniform(size)[count]
    blank, null = len(typed), len(typed) + 1
    other = np.where(drawn < OTHER_COUNT_NUMBERED + OTHER_COUNT_NULL, null, blank)
    other = np.where(drawn < OTHER_COUNT_NUMBERED, rows.step, other)
    numberless = np.isin(steps.kind, [vocabulary.step_types[name] for name in ("DECEASED", "APPLICANT")])[rows.step]
    number = np.where(numberless, blank, np.where(rows.count_no == 1, rows.step, other))
    ofn = _taken(pa.concat_arrays([typed, texts(["", "NULL  "])]), number)
    at_court = steps.kind[rows.step] == vocabulary.step_types["COURT ACTION"]
    typed_case = draws.chance(len(plain), COURT_CASE_TYPED)[rows.step] & at_court & (rows.count_no == 1)
    case = pc.if_else(pa.array(typed_case), _taken(plain, rows.step), texts([""] * size))
    return ofn, case


def lines_of(
    draws: Draws,
    vocabulary: Vocabulary,
    people: People,
    steps: Steps,
    rows: Rows,
    *,
    seed: int,
    accents: bool,
    first_record: int,
) -> Any:
    """The lines of a block, line feed included, as an Arrow array of strings; RECORD_ID runs from `first_record`."""
    person, letter = _person_texts(draws, vocabulary, people, seed=seed, accents=accents)
    size = len(rows.step)
    # What is drawn per count is read by `[count]`, so that all sentence parts of a count agree.
    fresh = (rows.step[1:] != rows.step[:-1]) | (rows.count_no[1:] != rows.count_no[:-1])
    count = np.cumsum(np.r_[True, fresh]) - 1
    ofn, case = _case_columns(draws, vocabulary, steps, rows, count)
    calendar, offenses = vocabulary.calendar, vocabulary.offenses

    cycle, step_no = steps.cycle_no[rows.step], steps.step_no[rows.step]
    order = ((cycle * 1000 + step_no) * 1000 + rows.count_no) * 1000
    disposed = rows.disposition > 0
    drawn = draws.uniform(size)[count]
    other_day = np.clip(
        steps.day[rows.step] - draws.whole(size, 1, 60)[count], calendar.first_event, calendar.last_event
    )
    date = np.where(drawn < DISPOSITION_DATE_OTHER, other_day, steps.date[rows.step])
    blank_date = (drawn >= DISPOSITION_DATE_OTHER) & (drawn < DISPOSITION_DATE_OTHER + DISPOSITION_DATE_BLANK)
    date = np.where(blank_date | ~disposed, calendar.blank, date)

    offense = rows.offense + np.where(draws.chance(size, TOC_BLANK)[count], offenses.blank, 0)
    drawn = draws.uniform(size)[count]
    status = np.where(drawn < STATUS_BLANK, 0, rows.status)
    padded = (drawn >= STATUS_BLANK) & (drawn < STATUS_BLANK + STATUS_PADDED) & (status > 0)
    status = np.where(padded, status + len(STATUSES), status)
    own = offenses.comment[rows.offense]
    note = np.where(draws.chance(size, NOTE), draws.pick(vocabulary.note_weights, size), 0)
    comment = np.where(own > 0, own, note)
    tail = steps.cycle_age[rows.step] * len(CII_LETTERS) + letter[rows.person]
    return _joined(
        _numbers(first_record + np.arange(size)),
        _taken(person, rows.person),
        _taken(_step_texts(vocabulary, steps), rows.step),
        "#",
        _numbers(order),
        _taken(calendar.text, date),
        ofn,
        _taken(offenses.piece, offense),
        ",,,",  # DISP_OFFENSE_*
        _taken(offenses.conviction_piece, rows.conviction_offense),
        ",,,,,,,,,",  # FE_NUM_ORDER .. FE_NUM_OOS_INN
        case,
        "",  # FE_NUM_WARRANT
        _taken(vocabulary.disposition_piece, rows.disposition),
        _taken(vocabulary.status_piece, status),
        _taken(vocabulary.sentence_piece, rows.sentence),
        _taken(vocabulary.tail_piece, tail),
        _taken(vocabulary.comments, comment),
        "#\n",
    )
