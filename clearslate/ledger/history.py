"""What a court may say of a line, in which order, and what state that leaves the line in.

Belongs here: reading the two lists (rules/courts/transitions.csv and reason_codes.csv), telling whether a history is legal,
and where it ends. Does not belong here: whose history it is (states.py, acks.py). Pure Python over small patterns.

A line's history is everything that was applied to it, in the order in which it happens in a court: by stage, then by date.
It does not matter in which order, or in how many files, the court told it: as soon as all that is known of the line
makes one legal history, all of it is applied. Until then, what is new may only be added if the whole is still legal:
what has been recorded is never given up for what comes later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from clearslate.errors import LawError
from clearslate.law.lists import load_list

FIRST = "SUBMITTED"
ORDERED, POSTED, GRANTED = "ORDERED", "POSTED", "granted"
LONGEST = 200
"""More rows than this about one line are no history that a court has."""

RECORDED, NEW, DOUBTED = range(3)
"""How a row that is judged is known: it was applied before; it is told now, or waits for what is missing; or it was
found to contradict others when it was told, and is not told again now."""

_KEEP = "KEEP"
_FILE = "courts/transitions.csv"


@dataclass(frozen=True)
class Token:
    """A thing that a court may say: stage, status, and the state that its reason code leads to instead (or KEEP)."""

    stage: str
    status: str
    final_state: str | None


class Reading(NamedTuple):
    """Where a history ends: the state, the position and stage of the row that led there (-1: none), the newest reason given
    since, whether the court has granted it, what was said last, and whether all of it is legal: what is not (under lists
    that were changed since) is passed over.
    """

    state: str
    decided: int
    decided_stage: str | None
    reason_code: str | None
    has_grant: bool
    last_status: str | None
    is_legal: bool


class Verdict(NamedTuple):
    """What becomes of one row of a pattern: `applied`, `illegal_transition` (something is missing ahead of it),
    `contradiction` (as far as is known now); and the state in which the row met the line."""

    verdict: str
    state: str


@dataclass(frozen=True)
class Saying:
    """One row of the table against which a court's rows are held: what a stage, status and reason code mean together.

    `number` counts them in the order in which they happen in a court.
    """

    stage: str
    status: str
    reason_code: str
    token: int
    stage_rank: int
    number: int


class Courts:
    """The legal histories, as the lists under `rules/courts` have them."""

    def __init__(self, root: Path | None = None) -> None:
        moves = load_list("courts/transitions", root)
        codes = load_list("courts/reason_codes", root)
        stages = list(dict.fromkeys(moves["stage"]))
        pairs = list(dict.fromkeys(zip(moves["stage"], moves["status"], strict=True)))
        self.codes: dict[str, dict[str, str]] = {row["code"]: dict(row) for row in codes.to_dict("records")}
        self._moves = {
            (row["from_state"], row["stage"], row["status"]): row["to_state"] for row in moves.to_dict("records")
        }
        needs, bars = (
            {(row["stage"], row["status"]) for row in moves.to_dict("records") if row["reason"] == word}
            for word in ("required", "none")
        )
        self.states = sorted({*moves["from_state"], *moves["to_state"]})
        self._check(stages)
        self.tokens: list[Token] = []
        self.sayings: list[Saying] = []
        for stage, status in sorted(pairs, key=lambda pair: (stages.index(pair[0]), pairs.index(pair))):
            # Beside what affirms, a code would say the opposite: such a row means nothing that could be applied.
            allowed = [
                code
                for code, row in self.codes.items()
                if stage in row["stages"].split() and (stage, status) not in bars
            ]
            for code in [*([] if (stage, status) in needs else [""]), *sorted(allowed)]:
                token = self._token(stage, status, self.codes[code]["final_state"] if code else None)
                self.sayings.append(Saying(stage, status, code, token, stages.index(stage), len(self.sayings)))
        self._stage_rank = {stage: rank for rank, stage in enumerate(stages)}
        self.step = lru_cache(maxsize=None)(self._step)
        self.judge = lru_cache(maxsize=100_000)(self._judge)
        self.read = lru_cache(maxsize=100_000)(self._read)

    def _check(self, stages: list[str]) -> None:
        if FIRST not in self.states or not {ORDERED, POSTED} <= {*self.states} & {*stages}:
            raise LawError(f"{_FILE}:1: needs the state {FIRST}, and {ORDERED} and {POSTED} as state and stage")
        for code, row in self.codes.items():
            strange = sorted(set(row["stages"].split()) - set(stages))
            if strange:
                raise LawError(f"courts/reason_codes.csv: {code} names a stage that is none: {', '.join(strange)}")

    def _token(self, stage: str, status: str, final_state: str | None) -> int:
        refuses = any(
            to == "REFUSED" != before for (before, *said), to in self._moves.items() if said == [stage, status]
        )
        token = Token(stage, status, final_state if refuses else None)
        if token not in self.tokens:
            self.tokens.append(token)
        return self.tokens.index(token)

    def _step(self, state: str, token: int) -> str | None:
        """The state that a saying leads to, or None where it is not legal."""
        said = self.tokens[token]
        if said.final_state == _KEEP:
            return state
        to = self._moves.get((state, said.stage, said.status))
        return said.final_state if to == "REFUSED" and state != "REFUSED" and said.final_state else to

    def _read(self, history: tuple[int, ...]) -> Reading:
        """Where a whole history, given as numbers of sayings in its order, ends."""
        state, decided, stage, reason, has_grant, last, is_legal = FIRST, -1, None, None, False, None, True
        for position, number in enumerate(history):
            said = self.sayings[number]
            after = self.step(state, said.token)
            if after is None:
                is_legal = False
                continue
            has_grant |= (said.stage, said.status) == (ORDERED, GRANTED)
            last = said.status
            if after != state:
                state, decided, stage, reason = after, position, said.stage, None
            reason = said.reason_code or reason
        return Reading(state, decided, stage, reason, has_grant, last, is_legal)

    def _judge(self, pattern: tuple[tuple[int, int], ...]) -> tuple[Verdict, ...]:
        """What becomes of each row of a history in its order, given as (number of its saying, how it is known).

        What is recorded stands. If the whole is legal, all of it is applied: what seemed to contradict was only told
        before what explains it. Else each new row is added if all that was added remains legal, and what is doubted
        stays so. Where two new rows of one stage say different things that cannot both be, neither is added.
        """
        whole = list(range(len(pattern)))
        if len(pattern) <= LONGEST and self._legal(pattern, whole):
            return self._verdicts(pattern, whole, set())
        recorded = [position for position in whole if pattern[position][1] == RECORDED]
        fresh = [position for position in whole if pattern[position][1] == NEW]
        banned = {position for position in whole if pattern[position][1] == DOUBTED}
        if len(recorded) + len(fresh) > LONGEST:
            return self._verdicts(pattern, recorded, {*fresh, *banned})
        while True:
            kept = list(recorded)
            for position in fresh:
                if position not in banned and self._legal(pattern, [*kept, position]):
                    kept.append(position)
            at_odds = self._at_odds(pattern, recorded, kept, [p for p in fresh if p not in kept and p not in banned])
            if not at_odds:
                return self._verdicts(pattern, kept, banned)
            banned |= at_odds

    def _legal(self, pattern: Sequence[tuple[int, int]], positions: list[int]) -> bool:
        return self.read(tuple(pattern[position][0] for position in sorted(positions))).is_legal

    def _at_odds(
        self, pattern: Sequence[tuple[int, int]], recorded: list[int], kept: list[int], refused: list[int]
    ) -> set[int]:
        """New rows that were refused because of another new row of their stage with another status: both of them."""
        found: set[int] = set()
        for one in refused:
            said = self.sayings[pattern[one][0]]
            for other in kept:
                met = self.sayings[pattern[other][0]]
                if other in recorded or met.stage != said.stage or met.status == said.status:
                    continue
                below = [p for p in kept if p in recorded or (self._rank(pattern, p) < self._rank(pattern, one))]
                if self._legal(pattern, [*below, one]):
                    found |= {one, other}
        return found

    def _rank(self, pattern: Sequence[tuple[int, int]], position: int) -> int:
        return self.sayings[pattern[position][0]].stage_rank

    def _verdicts(self, pattern: Sequence[tuple[int, int]], kept: list[int], banned: set[int]) -> tuple[Verdict, ...]:
        state, verdicts = FIRST, []
        for position, (number, _) in enumerate(pattern):
            token = self.sayings[number].token
            if position in kept:
                verdicts.append(Verdict("applied", state))
                state = self.step(state, token) or state
            elif position not in banned and self._may_come(state, token):
                verdicts.append(Verdict("illegal_transition", state))
            else:
                verdicts.append(Verdict("contradiction", state))
        return tuple(verdicts)

    def _may_come(self, state: str, token: int) -> bool:
        """Whether a saying that is not legal now would be, once what is missing has been told."""
        if self.step(state, token) is not None:
            return False  # legal where it stands: it is what was recorded of later stages that forbids it
        last = self._stage_rank[self.tokens[token].stage]
        reached, waiting = {state}, [state]
        while waiting:
            here = waiting.pop()
            for other, said in enumerate(self.tokens):
                after = self.step(here, other) if self._stage_rank[said.stage] <= last else None
                if after is not None and after not in reached:
                    reached.add(after)
                    waiting.append(after)
        return any(self.step(there, token) is not None for there in reached)
