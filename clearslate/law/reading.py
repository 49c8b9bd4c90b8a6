"""One reading of a decision table, as SQL: where it is decided, what is still possible, what an unknown fact does to it.

Belongs here: the columns that follow from the values of the rules' tests. Does not belong here: those tests (predicates.py),
the order of the CTEs and the determination's columns (writer.py).

A table that awaits an input file is read twice: with all its rules, and without those that await it. The columns of the
second reading end in `_if_clear`. Where a rule says until when it stands (`until`), the table is read once more without those
rules, too, for the day on which relief may come; those columns end in `_ahead`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from clearslate.law.predicates import AS_OF, bound, unknown_sql
from clearslate.law.remedy import ACTIONS
from clearslate.law.rule import NONE
from clearslate.law.sqltext import among, any_of, case, literal
from clearslate.law.table import Row, Table, facts_used

IF_CLEAR = "_if_clear"
AHEAD = "_ahead"


def bit(row: Row) -> int:
    """The bit that stands for a rule among the rules of its table."""
    return 1 << (row.number - 1)


@dataclass(frozen=True)
class Reading:
    """The rows that are read, in order; they keep their numbers. The last is always true. `suffix` ends the columns' names."""

    table: Table
    rows: tuple[Row, ...]
    suffix: str = ""

    @property
    def tested(self) -> tuple[Row, ...]:
        """All rows but the default."""
        return self.rows[:-1]

    @cached_property
    def unknowable(self) -> Sequence[str]:
        """The facts that the rows' tests look at, by name."""
        return facts_used(row.test for row in self.tested if row.test)

    def column(self, name: str) -> str:
        """A column of this reading."""
        return name + self.suffix

    def after(self, row: Row) -> list[Row]:
        """The rows behind one."""
        return [later for later in self.rows if later.number > row.number]

    def first(self) -> dict[str, str]:
        """The first true rule, and the first unknown one."""
        last = self.rows[-1].number
        unknown = [(f"{row.flag} is null", str(row.number)) for row in self.tested]
        return {
            self.column("first_true"): case(((row.flag, str(row.number)) for row in self.tested), str(last)),
            self.column("first_unknown"): case(unknown, str(last + 1)),
        }

    def settled(self) -> dict[str, str]:
        """The first true rule that says how much relief is possible, which a REVIEW mostly leaves to the rules behind it."""
        last = self.rows[-1]
        bounding = [(row.flag, str(row.number)) for row in self.tested if row.rule.is_bounded]
        return {self.column("first_settled"): case(bounding, str(last.number + (not last.rule.is_bounded)))}

    def last_unknown(self) -> dict[str, str]:
        """The last unknown rule whose verdict differs from the first true one's; 0: nothing unknown matters."""
        # Only unknown rules ahead of the first true one can contradict it.
        differing = []
        for row in reversed(self.tested):
            others = [later.number for later in self.after(row) if later.verdict != row.verdict]
            if others:
                differing.append(
                    (f"{row.flag} is null and {among(self.column('first_true'), others)}", str(row.number))
                )
        return {self.column("last_unknown"): case(differing, "0")}

    def range(self) -> dict[str, str]:
        """What the person may get: at least, and at most."""
        columns = {}
        for relief in (NONE, *self.table.remedy.reliefs):
            least = [row for row in self.rows if row.rule.least == relief]
            most = [row for row in self.rows if row.rule.is_bounded and row.rule.most == relief]
            if least:
                columns[self.column(f"least_may_be_{relief.lower()}")] = self.may(least)
            if most and relief != NONE:
                columns[self.column(f"may_get_{relief.lower()}")] = self.may(most, "first_settled")
        return columns

    def may(self, rows: Sequence[Row], first: str = "first_true") -> str:
        """SQL: one of these rows is the `first` true one, or unknown ahead of it."""
        first = self.column(first)
        unknown = [f"({row.flag} is null and {first} > {row.number})" for row in rows if row in self.tested]
        return any_of([among(first, (row.number for row in rows)), *unknown])

    def eligible_on(self, ahead: Reading | None) -> str:
        """The day on which a waiting period will be over that brings more relief than the first true rule does now.

        `ahead` is the reading without the rules that end on a day that is told: no day is named before that one.
        """
        days = []
        for row, pending in self.waiting(ahead):
            fact, period = row.clock or ("", None)
            due = bound(fact, "most", period)
            day = f"cast({due} + interval '1' day as date)" if row.rule.wait and row.rule.wait.strict else due
            ends = [(bound(end, "least"), bound(end, "most")) for end in self._ends]
            told = [f"({least} = {most} or {most} <= {AS_OF})" for least, most in ends]
            latest = f"greatest({', '.join([day, *(most for _, most in ends)])})" if ends else day
            days.append(case([([*pending, *told], latest)], None, indent=12))
        # Not every engine takes `least` of one.
        days += ["null"] if len(days) == 1 else []
        margin = "\n" + " " * 12
        return f"least({margin}{f',{margin}'.join(days)}\n        )" if days else "cast(null as date)"

    @cached_property
    def _ends(self) -> list[str]:
        """The facts that say until when a rule stands."""
        return sorted({row.rule.until.text for row in self.rows if row.rule.until})

    def waiting(self, ahead: Reading | None) -> list[tuple[Row, list[str]]]:
        """The rules for which only time may have to pass that bring more than the first true rule, and when that is so."""
        order = (NONE, *self.table.remedy.reliefs)
        read = ahead or self
        ending = [row.number for row in self.rows if row.rule.until]
        found = []
        for row in read.tested:
            gain = order.index(row.rule.relief)
            lesser = [later.number for later in read.after(row) if order.index(later.rule.relief) < gain]
            if row.clock is None or row.rule.wait is None or not lesser:
                continue
            fact, _ = row.clock
            pending = [f"{read.column('first_unknown')} > {row.number}"]
            if ahead:
                # Its own waiting period may be over by now, if a rule stands in the way that ends.
                pending.append(among(ahead.column("first_true"), [row.number, *lesser]))
                ends_later = any_of(f"{bound(end, 'most')} > {AS_OF}" for end in self._ends)
                ended = f"{among(self.column('first_true'), ending)} and {ends_later}"
                pending.append(f"(not {row.flag} or ({ended}))")
            else:
                pending = [f"not {row.flag}", *pending, among(self.column("first_true"), lesser)]
            pending.append(f"{bound(fact, 'least')} = {bound(fact, 'most')}")
            pending += [row.gate.sql] if row.gate else []
            found.append((row, pending))
        return found

    def rule_bits(self, clear: Reading, ahead: Reading | None) -> dict[str, str]:
        """The rules that have a say, a bit each (`bit`): a rule that is true or unknown, or would be once its wait is
        over (that gives eligible_on), with nothing true ahead of it but what leaves the range to the rules behind. What ends
        on a day that is told has a say wherever a day may be named, and leaves one to the rules behind it."""
        said = []
        waiting = [f"({' and '.join(pending)})" for _, pending in clear.waiting(ahead)] if ahead else []
        for row in self.rows:
            test = (row.gate and row.gate.sql) if row.clock else row.test and row.flag
            reached = f"{self.column('first_settled')} >= {row.number}"
            if ahead and not row.rule.until:
                reached = f"({reached} or {ahead.column('first_settled')} >= {row.number})"
            open_ = f"coalesce({test}, true)"
            if row.rule.until:
                open_ = any_of([open_, *waiting], indent=16)
            say = f"{reached} and {open_}" if test else reached
            said.append(f"case when {say} then {bit(row)} else 0 end")
        margin = "\n" + " " * 12
        return {self.column("rule_bits"): f"cast({margin}{f'{margin}+ '.join(said)}\n            as bigint\n        )"}

    def lacking(self, facts: Sequence[str]) -> dict[str, str]:
        """Whether each of these facts is unknown and leaves the outcome open."""
        columns = {}
        for fact in facts:
            rules = [row for row in self.tested if row.test and fact in row.test.facts]
            matters = any_of(f"({row.flag} is null and {self.column('last_unknown')} >= {row.number})" for row in rules)
            unknown = unknown_sql(fact, self.table.facts[fact])
            columns[self.column(f"lacks_{fact}")] = f"{unknown}\n        and {matters}"
        return columns

    def actions(self) -> dict[str, str]:
        """What the remedy says for each fact that can be unknown: review, deny or presume."""
        return {fact: self.table.remedy.unknown(fact).action for fact in self.unknowable}

    def restraining(self) -> list[str]:
        """The facts for which the remedy says something more cautious than for another."""
        said = self.actions()
        boldest = max((ACTIONS.index(action) for action in said.values()), default=0)
        return [fact for fact, action in said.items() if ACTIONS.index(action) < boldest]

    def on_unknown(self) -> dict[str, str]:
        """The most cautious of what the remedy says for the facts that leave it open; 'none' where none do."""
        said = self.actions()
        branches = [(f"{self.column('last_unknown')} = 0", "'none'")]
        for action in reversed(ACTIONS[1:]):
            # The boldest first: it holds only where no missing fact asks for more caution.
            if action in said.values():
                more_cautious = ACTIONS[: ACTIONS.index(action)]
                held_back = [
                    self.column(f"lacks_{fact}") for fact, other in said.items() if other in more_cautious
                ]  # fmt: skip
                branches.append((f"not {any_of(held_back)}", literal(action)))
        return {self.column("on_unknown"): case(branches, "'review'")}

    def rule_no(self) -> dict[str, str]:
        """The rule that decides."""
        on_unknown, said = self.column("on_unknown"), self.actions().values()
        branches = [(f"{on_unknown} = 'review'", self.column("first_unknown"))]
        for action in ("deny", "presume"):
            if action in said:
                for row in sorted(self.rows, key=self.table.worth, reverse=action == "presume"):
                    branches.append((f"{on_unknown} = {literal(action)} and {self.may([row])}", str(row.number)))
        return {self.column("rule_no"): case(branches, self.column("first_true"))}
