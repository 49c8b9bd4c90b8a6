"""A person's history: counts put together from rows, the convictions among them, and what later steps say of each.

Belongs here: the definitions of docs/decisions.md ("what is one conviction"). Does not belong here: what a rule asks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from tests.oracle.offenses import Offense
from tests.oracle.record import Record, read
from tests.oracle.truth import Day, Truth

MAY_REDUCE = ("REDUCED", "REDESIGNATED", "17(B", "RESENTENCED")  # to a lower level, or perhaps
FORGIVEN = ("1203.4", "1203.4a", "1203.41", "1203.42", "1203.49")  # the conviction stays one for later law
STAYS = ("custody", "jail", "probation")
COURT_KINDS = (None, "court", *STAYS)


@dataclass(eq=False)
class Count:
    """A charge in one step: its rows are the parts of its sentence and its dispositions."""

    records: list[Record]
    case: str | None = None

    def __post_init__(self) -> None:
        first = self.records[0]
        self.order, self.kind, self.agency = first.order, first.kind, first.agency
        self.cycle, self.step = first.cycle, first.step
        self.day: Day = first.day
        self.county: str | None = first.county
        self.offense: Offense = first.offense
        self.convicted_of: Offense | None = first.convicted_of

    def _any(self, meaning: str | None) -> bool:
        return any(record.meaning == meaning for record in self.records)

    @cached_property
    def convicted(self) -> bool:
        return self._any("convicted")

    @cached_property
    def unknown(self) -> bool:
        return self._any(None)

    @cached_property
    def may_be_adjudged(self) -> bool:
        """A juvenile court may have sustained it: it neither convicted nor ended it."""
        by_juvenile_court = self.kind == "court" and (not self.agency or self.agency.startswith("CAJV"))
        open_ = self._any("other") or self._any("diverted")
        return by_juvenile_court and open_ and not self.convicted and not self.unknown

    @cached_property
    def judged(self) -> Day:
        """The day of the conviction that it tells of, if any: whoever is in custody was convicted, and who knows when."""
        return Day(None, self.day.most) if self.kind is None or self.kind in STAYS else self.day

    @cached_property
    def set_aside(self) -> bool:
        return self._any("set_aside")

    @cached_property
    def annulled(self) -> bool:
        """Set aside, and not under one of the laws that only forgive (PC 1203.4 and its like)."""
        return any(record.meaning == "set_aside" and record.relief not in FORGIVEN for record in self.records)

    @cached_property
    def ended(self) -> bool:
        """Dismissed, acquitted, rejected or diverted."""
        return any(self._any(meaning) for meaning in ("dismissed", "acquitted", "rejected", "diverted"))

    @cached_property
    def came_to_nothing(self) -> bool:
        """Surely: it says nothing else."""
        return self.ended and not (self.convicted or self.unknown or self._any("revoked") or self.doubtful)

    @cached_property
    def may_reduce(self) -> bool:
        """It may have lowered the level of a conviction."""
        return any(
            record.disposition.startswith(MAY_REDUCE)
            or (record.meaning == "relief_granted" and record.relief in ("prop47", "prop64", "unstated"))
            for record in self.records
        )

    def relieved(self, *laws: str) -> bool:
        return any(
            record.meaning in ("relief_granted", "set_aside") and record.relief in laws for record in self.records
        )

    @cached_property
    def severity(self) -> str | None:
        told = {record.severity for record in self.records}
        if len(told) == 1 and None not in told:
            return told.pop()
        return "F" if len(self.records) == 1 and self.records[0].charged == "F" else None

    @cached_property
    def stated_level(self) -> str | None:
        """The level that every row states as that of the conviction."""
        told = {record.severity for record in self.records}
        return told.pop() if len(told) == 1 else None

    @cached_property
    def doubtful(self) -> bool:
        """Several rows that share a blank or an unreadable value may be of two counts just as well."""
        untold = self.county is None or not self.records[0].stated_day or self.offense.section is None
        unread = self.convicted_of is not None and self.convicted_of.section is None
        return len(self.records) > 1 and (untold or unread or self.kind is None)

    @cached_property
    def own_cases(self) -> set[str | None]:
        return {record.case for record in self.records}

    @cached_property
    def own_case(self) -> str | None:
        """The number that every row states; a doubtful count states none of its own."""
        return next(iter(self.own_cases)) if len(self.own_cases) == 1 and not self.doubtful else None

    @cached_property
    def scope_certain(self) -> bool:
        return self.convicted_of is None

    @cached_property
    def prop64(self) -> Truth:
        told = [self.offense.prop64, *([self.convicted_of.prop64] if self.convicted_of else [])]
        return True if True in told else None if None in told else False

    @cached_property
    def predecessor(self) -> bool:
        """Whether it names a section that was replaced in 1973, and none of the four."""
        told = [self.offense, *([self.convicted_of] if self.convicted_of else [])]
        return self.prop64 is not True and any(offense.predecessor for offense in told)


@dataclass(eq=False)
class Conviction:
    """A convicted count, and the later counts that speak of it: each surely or only perhaps."""

    count: Count
    possible_repeat: bool
    later: list[tuple[Count, bool]] = field(default_factory=list)
    retold: list[tuple[Count, bool]] = field(default_factory=list)  # with whether both state the case number

    @property
    def day(self) -> Day:
        return self.count.day


@dataclass
class Person:
    """Everything about one person."""

    records: list[Record]
    counts: list[Count]
    convictions: list[Conviction]
    complete: bool
    born: Day
    conflict: Truth


def _counts(records: Sequence[Record]) -> list[Count]:
    found: dict[object, list[Record]] = {}
    for number, record in enumerate(records):
        key = record.order or ("illegible", number)
        found.setdefault((key, record.kind, record.text, record.convicted_of, record.stated_day), []).append(record)
    return [Count(rows) for rows in found.values()]


def _give_cases(counts: Sequence[Count]) -> None:
    """A count's own number; else that of the other counts of its event, if they agree."""
    for count in counts:
        own = {case for case in count.own_cases if case}
        event = {
            record.case
            for other in counts
            if (other.cycle, other.step, other.kind, other.records[0].stated_day, other.agency)
            == (count.cycle, count.step, count.kind, count.records[0].stated_day, count.agency)
            for record in other.records
            if record.case
        }
        count.case = next(iter(own)) if len(own) == 1 else next(iter(event)) if not own and len(event) == 1 else None


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def _may_speak_of(later: Count, earlier: Count) -> bool:
    """Nothing that both counts state themselves speaks against it."""
    return not (
        _differ(later.county, earlier.county)
        or _differ(later.offense.section, earlier.offense.section)
        or _differ(later.own_case, earlier.own_case)
    )


def _surely_speaks_of(later: Count, earlier: Count) -> bool:
    """Cycle, court county, statute and case number agree; one side may have no case number."""
    return (
        later.cycle == earlier.cycle
        and later.kind == earlier.kind == "court"
        and earlier.convicted
        and later.county is not None
        and later.county == earlier.county
        and later.offense.statute is not None
        and later.offense.statute == earlier.offense.statute
        and later.scope_certain
        and earlier.scope_certain
        and not _differ(later.case, earlier.case)
        and not later.doubtful
        and not earlier.doubtful
    )


def _follows(later: Count, earlier: Count) -> bool:
    return earlier.cycle == later.cycle and (earlier.step or 0) < (later.step or 0)


def _tells_it_elsewhere(later: Count, earlier: Count) -> bool:
    """In another cycle: a conviction on the same day, anything else on that day or after it, unless two numbers differ."""
    if None in (later.cycle, earlier.cycle) or later.cycle == earlier.cycle or _differ(later.case, earlier.case):
        return False
    if later.day.most and earlier.day.least and later.day.most < earlier.day.least:
        return False
    if not later.convicted:
        return True
    after = later.day.least and earlier.day.most and later.day.least > earlier.day.most
    return later.cycle > earlier.cycle and not after  # type: ignore[operator]


def _spoken_of(counts: Sequence[Count], as_of: date) -> dict[Count, list[Count]]:
    """For each later court count, the earlier ones that it may speak of."""
    court = [count for count in counts if count.kind in COURT_KINDS]
    return {
        later: [
            earlier
            for earlier in court
            if (_follows(later, earlier) or _tells_it_elsewhere(later, earlier))
            and (earlier.convicted or earlier.unknown)
            and _may_speak_of(later, earlier)
        ]
        for later in court
        if later.cycle is not None and not (later.day.least and later.day.least > as_of)
    }


def _convictions(counts: Sequence[Count], as_of: date) -> list[Conviction]:
    spoken = _spoken_of(counts, as_of)
    convicted = sorted(
        (count for count in counts if count.convicted and count.kind == "court"), key=lambda one: one.order or (0, 0, 0)
    )
    found: dict[Count, Conviction] = {}
    same_as: dict[Count, Count] = {}
    for count in convicted:
        earlier = spoken.get(count, [])
        roots = {same_as.get(one, one) for one in earlier}
        root = next(iter(roots)) if len(roots) == 1 else None
        # The same conviction told again: all that it could speak of is that one, and surely.
        if (
            root is not None
            and not spoken.get(root)
            and root in earlier
            and _surely_speaks_of(count, root)
            and all(one.convicted and one.kind == "court" for one in earlier)
        ):
            same_as[count] = root
            stated = root.own_case is not None and root.own_case == count.own_case
            found[root].retold.append((count, stated))
        else:
            found[count] = Conviction(count, possible_repeat=bool(earlier) or count.doubtful)
    for later, earlier in spoken.items():
        if later in same_as:
            continue
        targets = [one for one in earlier if one not in same_as]
        for one in targets:
            if one in found:
                sure = len(targets) == 1 and not later.convicted and _surely_speaks_of(later, one)
                found[one].later.append((later, sure))
    for conviction in found.values():
        conviction.later += [(count, True) for count, _ in conviction.retold]
    return list(found.values())


def _same(texts: Iterable[str]) -> Truth:
    """Whether all rows state the same; unknown where some state nothing."""
    said = list(texts)
    stated = {text for text in said if text}
    if len(stated) > 1:
        return False
    return True if not stated or all(said) else None


def understand(rows: Sequence[Mapping[str, str]], as_of: date, received: date) -> Person:
    """A person from the rows that bear the same SUBJECT_ID."""
    records = [read(row, received) for row in rows]
    whole = [record for record in records if not record.torn]
    unique = list({tuple(sorted(row.items())): record for row, record in zip(rows, records, strict=True)}.values())
    counts = _counts([record for record in unique if not record.torn])
    _give_cases(counts)
    births, ciis = _same(record.born_stated for record in whole), _same(record.cii for record in whole)
    conflict = True if False in (births, ciis) else None if None in (births, ciis) else False
    return Person(
        records=whole,
        counts=counts,
        convictions=_convictions(counts, as_of),
        complete=len(whole) == len(records),
        born=whole[0].born if births else Day(),
        conflict=conflict,
    )
