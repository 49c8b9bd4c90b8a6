"""Writes one decision table as SQL: its CTEs, and the SELECTs with the columns of `eligibility.decision` and `.verdict`.

Belongs here: the steps and their order. Does not belong here: what a reading of the table means (reading.py), several
tables (compile.py, which also explains the steps).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from clearslate.law.dates import anniversary_sql
from clearslate.law.predicates import AS_OF, bound, kind_of
from clearslate.law.reading import AHEAD, IF_CLEAR, Reading, bit
from clearslate.law.remedy import ACTIONS
from clearslate.law.rule import ELIGIBLE, NONE, OUTCOMES, REVIEW
from clearslate.law.sqltext import among, any_of, case, literal
from clearslate.law.strict import Passage
from clearslate.law.table import VERSION, Table, facts_used

_SHOWN = ("person_no", "county", "section", "sentence_path")
_MOST_RULES = 62  # a bit each, in a BIGINT
KEY = ("table_no", "rule_no", "word_no", "floor_no", "ceiling_no", "clear_no", "rule_bits")
"""By what a decision finds its verdict."""


@dataclass(frozen=True)
class Word:
    """What the remedy says for unknown facts that decide, its citation (None: the rule's), and SQL: it is that."""

    action: str
    citation: str | None
    condition: str


class Writer:
    """Writes a table. CTE names begin with `name`; `number` is the table's, by which decisions and verdicts meet; `where` says
    which rows of the facts it speaks for ('' for all)."""

    def __init__(self, table: Table, *, name: str, number: int, where: str = "") -> None:
        if len(table.rows) > _MOST_RULES:
            place = table.rows[_MOST_RULES].rule.place
            raise place.error(f"a decision table has at most {_MOST_RULES} rules, those of its policy among them")
        self.table = table
        self.number = number
        self.remedy = table.remedy
        self._reliefs = (NONE, *table.remedy.reliefs)
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

    def steps(self) -> list[str]:
        """The CTEs from the facts to the decisions, in order."""
        return [
            self._fact(),
            self._anniversary(),
            self._predicate(),
            self._first(),
            self._possible(),
            self._lacking(),
            self._action(),
            self._decided(),
        ]

    def decisions(self) -> str:
        """A SELECT of what is the candidate's own: the columns of eligibility.decision, in their order."""
        columns = {
            "table_no": str(self.number),
            "rule_no": "d.rule_no",
            "word_no": case(
                ((word.condition, str(number)) for number, word in enumerate(self.words, 1)), "0", indent=4
            ),
            "floor_no": "d.floor_no",
            "ceiling_no": "d.ceiling_no",
            "clear_no": self._clear_no(),
            "rule_bits": "d.rule_bits",
            "candidate_id": f"d.{self.remedy.kind}_id",
            "person_no": "d.person_no",
            "county": "d.county",
            "section": "d.section",
            "path": "coalesce(d.sentence_path, 'unknown')",
            "reason": self._own_reason(),
            "missing_facts": "d.missing_facts",
            "blocking_event": self._blocking_event(),
            "eligible_on": "d.eligible_on",
            "eligible_year": "cast(extract(year from d.eligible_on) as integer)",
        }
        return f"select\n{_listed(columns)}\nfrom {self._name('decided')} as d"

    def verdicts(self, scenario: str | None = None) -> str:
        """A SELECT of what a decision says, for each of its keys (`key` in compile.py): the columns of eligibility.verdict,
        in their order; a `scenario` ahead of them."""
        reviewing = [number for number, word in enumerate(self.words, 1) if word.action == REVIEW.lower()]
        unsettled = among("k.word_no", reviewing)
        columns = {"scenario": literal(scenario)} if scenario is not None else {}
        columns |= {key: f"k.{key}" for key in KEY}
        columns |= {
            "candidate_kind": literal(self.remedy.kind),
            "remedy": literal(self.remedy.id),
            "remedy_version": self._version_shown(),
            "policy": literal(self.table.policy_id),
            "outcome": f"case when {unsettled} then {literal(REVIEW)} else r.outcome end",
            "outcome_if_clear": _numbered("k.clear_no", OUTCOMES, 1),
            "relief": f"case when {unsettled} then {literal(NONE)} else r.relief end",
            "floor": _numbered("k.floor_no", self._reliefs),
            "ceiling": _numbered("k.ceiling_no", self._reliefs),
            "legal_basis": "r.legal_basis",
            "rule": "r.rule",
            "rests_on": self._rests_on(),
            "reason": "r.reason",
            "citation": self._citation(),
            "confidence": "r.confidence",
            "as_of": f"k.{AS_OF}",
            "rule_set": "k.rule_set",
        }
        source = f"from key as k\ninner join {self._name('rule')} as r on k.rule_no = r.rule_no"
        return f"select\n{_listed(columns)}\n{source}\nwhere k.table_no = {self.number}"

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

    def rules(self) -> str:
        """The CTE that is the decision table itself."""
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
        columns.append(f"cast($as_of as date) as {AS_OF}")
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
        numbered = [(relief.lower(), str(number)) for number, relief in enumerate(self._reliefs)]
        least = [(f"least_may_be_{relief}", number) for relief, number in numbered]
        most = [(f"may_get_{relief}", number) for relief, number in reversed(numbered)]
        columns |= self.read.rule_bits(self._readings()[-1], self.read_ahead)
        columns["floor_no"] = case((branch for branch in least if branch[0] in known), "0")
        columns["ceiling_no"] = case((branch for branch in most if branch[0] in known), "0")
        return self._extend("decided", "The rule that decides, and the range of relief.", "action", columns)

    def _version_shown(self) -> str:
        """The version in force, and the proposed values that were asked for beside it."""
        return " || ".join(
            [case(self._versions(), None, indent=4), *(literal(f"+{variant}") for variant in self.remedy.variants)]
        )

    def _clear_no(self) -> str:
        """Where the deciding rule awaits an input: what the table says without such rules, by its place in OUTCOMES from 1."""
        awaiting = [row.number for row in self.table.rows if row.rule.awaits]
        if self.read_if_clear is None:
            return "0"
        branches = [
            (f"not {among('d.rule_no', awaiting)}", "0"),
            ("d.on_unknown_if_clear = 'review'", str(OUTCOMES.index(REVIEW) + 1)),
        ]
        for number, outcome in enumerate(OUTCOMES, 1):
            rows = [row.number for row in self.read_if_clear.rows if row.rule.outcome == outcome]
            if rows:
                branches.append((among("d.rule_no_if_clear", rows), str(number)))
        return case(branches, "0", indent=4)

    def _rests_on(self) -> str:
        """The ids of the rules that have a say, in their order."""
        said = [f"case when (k.rule_bits & {bit(row)}) > 0 then {literal(row.rule.id)} end" for row in self.table.rows]
        margin = "\n" + " " * 8
        return f"concat_ws({margin}'; ',{margin}{f',{margin}'.join(said)}\n    )"

    def _own_reason(self) -> str:
        """The reason where it says something of this row alone, NULL elsewhere: which facts are unknown (where that speaks
        against someone, that, and not what the rule says of a known one), or what its words name, such as the section."""
        branches = [("d.on_unknown = 'review'", "concat('Unknown: ', d.missing_facts)")]
        if "deny" in self.read.actions().values():
            branches.append(("d.on_unknown = 'deny'", "concat('Not on record: ', d.missing_facts)"))
        for row in self.table.rows:
            sql = literal(row.reason)
            for fact in sorted(row.reason_facts):
                sql = f"replace({sql}, {literal('{' + fact + '}')}, coalesce(d.{fact}, 'unknown'))"
            if row.reason_facts:
                branches.append((f"d.rule_no = {row.number}", sql))
        return case(branches, None, indent=4)

    @cached_property
    def words(self) -> list[Word]:
        """What may be said instead of the rule's own words, where unknown facts decided: what the remedy says and cites for
        them (the first by name), in the order in which it is asked."""
        words = []
        for action in ACTIONS:
            cites: dict[str, list[str]] = {}
            for fact in self.read.unknowable:
                said = self.remedy.unknown(fact)
                if said.action == action:
                    cites.setdefault(said.citation, []).append(f"d.lacks_{fact}")
            told = f"d.on_unknown = {literal(action)}"
            for citation, lacking in cites.items():
                words.append(Word(action, citation, told if len(cites) == 1 else f"{told} and {any_of(lacking)}"))
            if len(cites) > 1 or (not cites and action == REVIEW.lower()):
                words.append(Word(action, None, told))
        return words

    def _citation(self) -> str:
        """The rule's citation; where an unknown fact decided, what the remedy cites for it."""
        branches = [
            (f"k.word_no = {number}", ("" if word.action == "review" else "r.citation || '; ' || ") + literal(word.citation))
            for number, word in enumerate(self.words, 1)
            if word.citation is not None
        ]  # fmt: skip
        return case(branches, "r.citation", indent=4)

    def _blocking_event(self) -> str:
        events = [
            (f"d.rule_no = {row.number}", f"d.{row.rule.event.text}") for row in self.table.rows if row.rule.event
        ]  # fmt: skip
        if not events:
            return "cast(null as varchar)"
        # What speaks for someone blocks nothing.
        granting = [row.number for row in self.table.rows if row.rule.outcome == ELIGIBLE]
        granted = f"{among('d.rule_no', granting)} and d.on_unknown <> 'review'" if granting else "false"
        return case([(granted, "null"), *events], None, indent=4)


def _listed(columns: Mapping[str, str]) -> str:
    """Columns of a SELECT, each by its name."""
    return ",\n".join(
        f"    {sql}" if sql.partition(".")[2] == name else f"    {sql} as {name}" for name, sql in columns.items()
    )


def _numbered(column: str, texts: Sequence[str], first: int = 0) -> str:
    """SQL: the text at a place of the list."""
    return case(((f"{column} = {number}", literal(text)) for number, text in enumerate(texts, first)), None, indent=4)
