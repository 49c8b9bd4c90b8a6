"""Writes one decision table as SQL: its CTEs, and the SELECT with the columns of `eligibility.determination`.

Belongs here: the steps and their order. Does not belong here: what a reading of the table means (reading.py), several
tables (compile.py, which also explains the steps).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clearslate.law.dates import anniversary_sql
from clearslate.law.predicates import AS_OF, bound, kind_of
from clearslate.law.reading import AHEAD, IF_CLEAR, Reading
from clearslate.law.remedy import ACTIONS
from clearslate.law.rule import ELIGIBLE, NONE, OUTCOMES, REVIEW
from clearslate.law.sqltext import among, any_of, case, literal
from clearslate.law.strict import Passage
from clearslate.law.table import VERSION, Table, facts_used

_SHOWN = ("person_no", "county", "section", "sentence_path")


class Writer:
    """Writes a table. CTE names begin with `name`; `where` says which rows of the facts it speaks for ('' for all)."""

    def __init__(self, table: Table, *, name: str, where: str = "") -> None:
        self.table = table
        self.remedy = table.remedy
        self.name = name
        self.where = where
        self.read = Reading(table, table.rows)
        clear = tuple(row for row in table.rows if row.rule.awaits is None)
        self.read_if_clear = Reading(table, clear, IF_CLEAR) if len(clear) < len(table.rows) else None
        # What ends on a day that is told is over by the day that is named.
        ahead = tuple(row for row in clear if row.rule.until is None)
        self.read_ahead = Reading(table, ahead, AHEAD) if len(ahead) < len(clear) else None
        self.declared: dict[str, list[int]] = {}
        for row in table.rows:
            for fact in row.rule.missing:
                self.declared.setdefault(fact.text, []).append(row.number)

    def ctes(self) -> list[str]:
        """All CTEs, in order."""
        return [
            self._rule(),
            self._fact(),
            self._anniversary(),
            self._predicate(),
            self._first(),
            self._possible(),
            self._lacking(),
            self._action(),
            self._decided(),
        ]

    def select(self, scenario: str | None = None) -> str:
        """The final SELECT: the columns of eligibility.determination, in their order; a `scenario` ahead of them."""
        unsettled = "d.on_unknown = 'review'"
        columns = {"scenario": literal(scenario)} if scenario is not None else {}
        columns |= {
            "candidate_kind": literal(self.remedy.kind),
            "candidate_id": f"d.{self.remedy.kind}_id",
            "person_no": "d.person_no",
            "county": "d.county",
            "section": "d.section",
            "remedy": literal(self.remedy.id),
            "remedy_version": self._version_shown(),
            "policy": literal(self.table.policy_id),
            "outcome": f"case when {unsettled} then {literal(REVIEW)} else r.outcome end",
            "outcome_if_clear": self._outcome_if_clear(),
            "relief": f"case when {unsettled} then {literal(NONE)} else r.relief end",
            "floor": "d.least_relief",
            "ceiling": "d.most_relief",
            "path": "coalesce(d.sentence_path, 'unknown')",
            "legal_basis": "r.legal_basis",
            "rule": "r.rule",
            "rests_on": "d.rests_on",
            "reason": self._reason(),
            "citation": self._citation(),
            "confidence": "r.confidence",
            "missing_facts": "d.missing_facts",
            "blocking_event": self._blocking_event(),
            "eligible_on": "d.eligible_on",
            "as_of": "d.as_of",
            "rule_set": "d.rule_set",
        }
        named = (sql if sql in (f"d.{name}", f"r.{name}") else f"{sql} as {name}" for name, sql in columns.items())
        listed = ",\n".join(f"    {column}" for column in named)
        source = f"from {self._name('decided')} as d\ninner join {self._name('rule')} as r on d.rule_no = r.rule_no"
        return f"select\n{listed}\n{source}"

    def look(self) -> str:
        """A SELECT of everything that led to the decisions, a row per candidate."""
        return f"select *\nfrom {self._name('decided')}"

    def _name(self, step: str) -> str:
        return f"{self.name}_{step}"

    def _cte(self, step: str, comment: str, body: str) -> str:
        return f"-- {comment}\n{self._name(step)} as (\n{body}\n)"

    def _extend(self, step: str, comment: str, source: str, columns: Mapping[str, str], where: str = "") -> str:
        """A CTE that adds columns to those of another."""
        added = "".join(f",\n        {sql} as {name}" for name, sql in columns.items())
        body = f"    select\n        *{added}\n    from {self._name(source)}{where}"
        return self._cte(step, comment, body)

    def _rule(self) -> str:
        values = []
        for row in self.table.rows:
            short = (row.rule.id, *row.verdict, row.legal_basis, row.rule.confidence)
            cells = ",\n        ".join(
                (", ".join(map(literal, short)), literal(row.reason), literal(row.rule.citation))
            )  # fmt: skip
            values.append(f"    (\n        {row.number}, {cells}\n    )")
        columns = "rule_no, rule, outcome, relief, legal_basis, confidence, reason, citation"
        comment = f"The decision table: rules in the order in which they are tried. Policy: {self.table.policy_id}."
        listed = ",\n".join(values)
        return f"-- {comment}\n{self._name('rule')} ({columns}) as (\n    values\n{listed}\n)"

    def _fact(self) -> str:
        facts = self.table.facts
        wanted = [f"{self.remedy.kind}_id", *_SHOWN, *facts_used(self.table.predicates)]
        for row in self.table.rows:
            wanted += [*row.reason_facts, *(named.text for named in (row.rule.event, row.rule.until) if named)]
        columns: list[str] = []
        for fact in dict.fromkeys(wanted):
            if fact not in facts:
                raise Passage(fact, self.remedy.file, 1).error(f"facts.{self.remedy.kind} has no column `{fact}`")
            columns += [bound(fact, "least"), bound(fact, "most")] if kind_of(facts[fact]) == "date" else [fact]
        columns += [f"cast($as_of as date) as {AS_OF}", "cast($rule_set as varchar) as rule_set"]
        listed = ",\n".join(f"        {column}" for column in columns)
        where = f"\n    where {self.where}" if self.where else ""
        body = f"    select\n{listed}\n    from facts.{self.remedy.kind}{where}"
        return self._cte("fact", "The facts that the rules look at. NULL is unknown.", body)

    def _anniversary(self) -> str:
        used = sorted({item for predicate in self.table.predicates for item in predicate.anniversaries})
        columns = {VERSION: case(self._versions(), None)}
        columns |= {
            bound(fact, end, period): anniversary_sql(bound(fact, end), period)
            for fact, period in used
            for end in ("least", "most")
        }
        comment = "The version in force; anniversaries of the possible days (29 February comes of age on 1 March)."
        return self._extend("anniversary", comment, "fact", columns)

    def _versions(self) -> list[tuple[str, str]]:
        """The enacted versions: when each is in force, as SQL, and its name."""
        versions = []
        for version in sorted(self.remedy.versions, key=lambda version: version.effective_from):
            if version.enacted:
                span = f"{AS_OF} >= date '{version.effective_from}'"
                if version.effective_to is not None:
                    span += f" and {AS_OF} <= date '{version.effective_to}'"
                versions.append((span, literal(version.version)))
        return versions

    def _predicate(self) -> str:
        columns = {row.flag: row.test.sql for row in self.table.tested if row.test}
        asked = "" if self.table.candidates.sql == "true" else f" and {self.table.candidates.sql}"
        where = f"\n    where {VERSION} is not null{asked}"
        return self._extend("predicate", "Every rule's test, for every candidate.", "anniversary", columns, where)

    def _readings(self) -> Sequence[Reading]:
        return [self.read, *([self.read_if_clear] if self.read_if_clear else [])]

    def _first(self) -> str:
        columns = {name: sql for reading in self._readings() for name, sql in reading.first().items()}
        columns |= self.read.settled()
        if self.read_ahead:
            columns |= self.read_ahead.first() | self.read_ahead.settled()
        comment = "Where the table is decided, and where it is first unknown."
        return self._extend("first", comment, "predicate", columns)

    def _possible(self) -> str:
        columns = {name: sql for reading in self._readings() for name, sql in reading.last_unknown().items()}
        columns |= self.read.range()
        columns["eligible_on"] = self._readings()[-1].eligible_on(self.read_ahead)
        return self._extend("possible", "What is still possible.", "first", columns)

    def _lacking(self) -> str:
        columns = self.read.lacking(self.read.unknowable)
        if self.read_if_clear:
            columns |= self.read_if_clear.lacking(self.read_if_clear.restraining())
        return self._extend("lacking", "The unknown facts that leave it open.", "possible", columns)

    def _action(self) -> str:
        missing = []
        for fact in sorted({*self.read.unknowable, *self.declared}):
            declared = [among("first_true", self.declared[fact])] if fact in self.declared else []
            unknown = [f"lacks_{fact}"] if fact in self.read.unknowable else []
            missing.append(f"case when {' or '.join([*unknown, *declared])} then {literal(fact)} end")
        listed = ",\n            ".join(["'; '", *(missing or ["null"])])
        columns = {name: sql for reading in self._readings() for name, sql in reading.on_unknown().items()}
        columns["missing_facts"] = f"nullif(concat_ws(\n            {listed}\n        ), '')"
        return self._extend("action", "What the remedy says for those facts.", "lacking", columns)

    def _decided(self) -> str:
        columns = {name: sql for reading in self._readings() for name, sql in reading.rule_no().items()}
        known = self.read.range()
        least = [(f"least_may_be_{relief.lower()}", literal(relief)) for relief in (NONE, *self.remedy.reliefs)]
        most = [(f"may_get_{relief.lower()}", literal(relief)) for relief in reversed(self.remedy.reliefs)]
        columns |= self.read.rests_on(self._readings()[-1], self.read_ahead)
        columns["least_relief"] = case((branch for branch in least if branch[0] in known), literal(NONE))
        columns["most_relief"] = case((branch for branch in most if branch[0] in known), literal(NONE))
        return self._extend("decided", "The rule that decides, and the range of relief.", "action", columns)

    def _version_shown(self) -> str:
        """The version in force, and the proposed values that were asked for beside it."""
        return " || ".join([f"d.{VERSION}", *(literal(f"+{variant}") for variant in self.remedy.variants)])

    def _outcome_if_clear(self) -> str:
        """Where the deciding rule awaits an input: what the table says without such rules."""
        awaiting = [row.number for row in self.table.rows if row.rule.awaits]
        if self.read_if_clear is None:
            return "cast(null as varchar)"
        branches = [(f"not {among('d.rule_no', awaiting)}", "null"), ("d.on_unknown_if_clear = 'review'", "'REVIEW'")]
        for outcome in OUTCOMES:
            rows = [row.number for row in self.read_if_clear.rows if row.rule.outcome == outcome]
            if rows:
                branches.append((among("d.rule_no_if_clear", rows), literal(outcome)))
        return case(branches, None, indent=4)

    def _reason(self) -> str:
        """The rule's words; where an unknown fact speaks against someone, that, and not what the rule says of a known one."""
        unknown = [("d.on_unknown = 'review'", "concat('Unknown: ', d.missing_facts)")]
        if "deny" in self.read.actions().values():
            unknown.append(("d.on_unknown = 'deny'", "concat('Not on record: ', d.missing_facts)"))
        sql = "r.reason"
        for fact in sorted({fact for row in self.table.rows for fact in row.reason_facts}):
            sql = f"replace({sql}, {literal('{' + fact + '}')}, coalesce(d.{fact}, 'unknown'))"
        return case(unknown, sql, indent=4)

    def _citation(self) -> str:
        """The rule's citation; where an unknown fact decided, what the remedy cites for it (the first by name)."""
        branches = []
        for action in ACTIONS:
            prefix = "" if action == "review" else "r.citation || '; ' || "
            cites: dict[str, list[str]] = {}
            for fact in self.read.unknowable:
                said = self.remedy.unknown(fact)
                if said.action == action:
                    cites.setdefault(said.citation, []).append(f"d.lacks_{fact}")
            for citation, lacking in cites.items():
                told = f"d.on_unknown = {literal(action)}"
                condition = told if len(cites) == 1 else f"{told} and {any_of(lacking)}"
                branches.append((condition, prefix + literal(citation)))
        return case(branches, "r.citation", indent=4)

    def _blocking_event(self) -> str:
        events = [
            (f"d.rule_no = {row.number}", f"d.{row.rule.event.text}") for row in self.table.rows if row.rule.event
        ]  # fmt: skip
        if not events:
            return "cast(null as varchar)"
        # What speaks for someone blocks nothing.
        granted = f"r.outcome = {literal(ELIGIBLE)} and d.on_unknown <> 'review'"
        return case([(granted, "null"), *events], None, indent=4)
