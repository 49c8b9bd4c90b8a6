"""The rule compiler: decision tables to one portable SELECT, the model `eligibility.determination`.

What the SELECT computes, step by step (each is a CTE that a lawyer can follow and a query can look into):

    rule        the decision table itself, as data: number, verdict, basis, reason, citation
    fact        the facts that the rules look at, with the as-of date
    anniversary the waiting periods' ends, for the first and the last possible day of a date
    predicate   p_<rule>: TRUE, FALSE or NULL for every rule, for every candidate
    first       the first true rule; the first true one that isn't REVIEW; the first unknown one
    possible    the last unknown rule whose verdict differs from the first true one's (0: nothing unknown matters), and
                what the person may get
    lacking     which unknown facts leave it open
    action      what the remedy says for those facts: review, deny or presume
    decided     the rule that decides

**Possible outcomes** are those of the unknown rules ahead of the first true rule, and that of the first true rule. If
all have the same verdict, the first true rule decides and nothing is missing. If not, the facts that are unknown in
the rules up to the last differing one are the missing facts; one `review` among them makes the determination REVIEW
(rule, legal basis and confidence are those of the first unknown rule, the citation is `on_unknown`'s), else one `deny`
the least of the possible verdicts, else the most. Three-valued logic knows less than a person might (`a or not a` is
unknown where `a` is): it can send a clear case to REVIEW, and never the other way.

**Floor and ceiling** are the least and the most relief of the possible outcomes. A REVIEW counts as NONE in the floor;
for the ceiling it is taken to be lifted, and the table is read on to the first true rule that isn't REVIEW.

**Candidates** are the rows for which the remedy's predicate is true. Unknown candidacy is no candidacy: such rows (an
offense whose statute can't be read) get no determination; quality metrics count them. On an as-of date on which no
enacted version of the remedy is in force there are no candidates either.

**eligible_on** is the earliest day on which a waiting period will be over, if the date that it runs from is exactly
known, all else that its rule asks for is true, no rule ahead of it is unknown, and it will bring more relief than the
first true rule does now. It assumes that nothing else happens. **blocking_event** is the event that the deciding rule
names, where the outcome is not ELIGIBLE.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clearslate.law.dates import anniversary_sql
from clearslate.law.policy import Policy
from clearslate.law.predicates import AS_OF, bound, kind_of, unknown_sql
from clearslate.law.remedy import ACTIONS, ELIGIBLE, NONE, REVIEW, Remedy
from clearslate.law.sqltext import among, any_of, case, literal
from clearslate.law.strict import Passage
from clearslate.law.table import Row, Table, build_table, facts_used

_SHOWN = ("person_no", "county", "section", "sentence_path")


def compile_remedy(remedy: Remedy, policy: Policy, facts: Mapping[str, str]) -> str:
    """The determinations of one remedy as a SELECT over `facts.<kind>`; binds `$as_of` and `$rule_set`.

    `facts` maps the columns of that table to DuckDB types. LawError, with file and line, for rules that don't hold
    together. The same input gives the same text.
    """
    return compile_all([remedy], policy, facts)


def compile_all(remedies: Sequence[Remedy], policy: Policy, facts: Mapping[str, str]) -> str:
    """The determinations of all remedies as one SELECT (UNION ALL), in the order of `remedies`."""
    tables = [_Writer(build_table(remedy, policy, facts)) for remedy in remedies]
    files = ", ".join([*(remedy.file for remedy in remedies), policy.file])
    ctes = ",\n\n".join(cte for table in tables for cte in table.ctes())
    selects = "\n\nunion all\n\n".join(table.select() for table in tables)
    return f"-- Compiled from {files}. To change it, change the rules.\nwith\n\n{ctes}\n\n{selects}\n"


class _Writer:
    """Writes one table's CTEs and its final SELECT. CTE names begin with the remedy's id."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.remedy = table.remedy
        self.rows = table.rows
        self.tested = table.tested
        self.unknowable = facts_used(row.test for row in self.tested if row.test)
        self.declared: dict[str, list[int]] = {}
        for row in self.rows:
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

    def select(self) -> str:
        """The final SELECT: the columns of eligibility.determination, in their order."""
        id_column = f"{self.remedy.kind}_id"
        unsettled = "d.on_unknown = 'review'"
        columns = {
            "candidate_kind": literal(self.remedy.kind),
            "candidate_id": f"d.{id_column}",
            "person_no": "d.person_no",
            "county": "d.county",
            "section": "d.section",
            "remedy": literal(self.remedy.id),
            "remedy_version": "d.remedy_version",
            "policy": literal(self.table.policy.id),
            "outcome": f"case when {unsettled} then {literal(REVIEW)} else r.outcome end",
            "relief": f"case when {unsettled} then {literal(NONE)} else r.relief end",
            "floor": "d.least_relief",
            "ceiling": "d.most_relief",
            "path": "coalesce(d.sentence_path, 'unknown')",
            "legal_basis": "r.legal_basis",
            "rule": "r.rule",
            "reason": case([(unsettled, "concat('Unknown: ', d.missing_facts)")], self._reason(), indent=4),
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

    def _name(self, step: str) -> str:
        return f"{self.remedy.id}_{step}"

    def _cte(self, step: str, comment: str, body: str) -> str:
        return f"-- {comment}\n{self._name(step)} as (\n{body}\n)"

    def _extend(self, step: str, comment: str, source: str, columns: Mapping[str, str], where: str = "") -> str:
        """A CTE that adds columns to those of another."""
        added = "".join(f",\n        {sql} as {name}" for name, sql in columns.items())
        body = f"    select\n        *{added}\n    from {self._name(source)}{where}"
        return self._cte(step, comment, body)

    def _rule(self) -> str:
        values = []
        for row in self.rows:
            short = (row.rule.id, *row.verdict, row.legal_basis, row.rule.confidence)
            cells = ",\n        ".join(
                (", ".join(map(literal, short)), literal(row.reason), literal(row.rule.citation))
            )
            values.append(f"    (\n        {row.number}, {cells}\n    )")
        columns = "rule_no, rule, outcome, relief, legal_basis, confidence, reason, citation"
        comment = "The decision table: rules in the order in which they are tried."
        listed = ",\n".join(values)
        return f"-- {comment}\n{self._name('rule')} ({columns}) as (\n    values\n{listed}\n)"

    def _fact(self) -> str:
        facts = self.table.facts
        wanted = [f"{self.remedy.kind}_id", *_SHOWN, *facts_used(self.table.predicates)]
        for row in self.rows:
            wanted += [*row.reason_facts, *([row.rule.event.text] if row.rule.event else [])]
        columns: list[str] = []
        for fact in dict.fromkeys(wanted):
            if fact not in facts:
                raise Passage(fact, self.remedy.file, 1).error(f"facts.{self.remedy.kind} has no column `{fact}`")
            columns += [bound(fact, "least"), bound(fact, "most")] if kind_of(facts[fact]) == "date" else [fact]
        columns += [f"cast($as_of as date) as {AS_OF}", "cast($rule_set as varchar) as rule_set"]
        listed = ",\n".join(f"        {column}" for column in columns)
        body = f"    select\n{listed}\n    from facts.{self.remedy.kind}"
        return self._cte("fact", "The facts that the rules look at. NULL is unknown.", body)

    def _anniversary(self) -> str:
        used = sorted({item for predicate in self.table.predicates for item in predicate.anniversaries})
        columns = {
            bound(fact, end, period): anniversary_sql(bound(fact, end), period)
            for fact, period in used
            for end in ("least", "most")
        }
        comment = "Anniversaries of the first and last possible day; 29 February comes of age on 1 March."
        return self._extend("anniversary", comment, "fact", columns)

    def _predicate(self) -> str:
        versions = self._versions()
        columns = {"remedy_version": case(versions, None)}
        columns |= {row.flag: row.test.sql for row in self.tested if row.test}
        in_force = any_of((f"({span})" for span, _ in versions), indent=4)
        where = f"\n    where {self.table.candidates.sql} and {in_force}"
        return self._extend("predicate", "Every rule's test, for every candidate.", "anniversary", columns, where)

    def _first(self) -> str:
        last = self.rows[-1]
        settling = [(row.flag, str(row.number)) for row in self.tested if row.rule.outcome != REVIEW]
        columns = {
            "first_true": case(((row.flag, str(row.number)) for row in self.tested), str(last.number)),
            "first_settled": case(settling, str(last.number + (last.rule.outcome == REVIEW))),
            "first_unknown": case(
                ((f"{row.flag} is null", str(row.number)) for row in self.tested), str(last.number + 1)
            ),
        }
        return self._extend("first", "Where the table is decided, and where it is first unknown.", "predicate", columns)

    def _possible(self) -> str:
        # Only unknown rules ahead of the first true one can contradict it.
        differing = []
        for row in reversed(self.tested):
            others = [later.number for later in self.rows[row.number :] if later.verdict != row.verdict]
            if others:
                differing.append((f"{row.flag} is null and {among('first_true', others)}", str(row.number)))
        columns = {
            "last_unknown": case(differing, "0"),
            "may_get_nothing": self._may("first_true", [row for row in self.rows if row.rule.outcome != ELIGIBLE]),
        }
        for relief in self.table.reliefs():
            granting = [row for row in self.rows if row.rule.relief == relief]
            columns[f"may_get_{relief.lower()}"] = self._may("first_settled", granting)
        columns["eligible_on"] = self._eligible_on()
        return self._extend("possible", "What is still possible.", "first", columns)

    def _may(self, first: str, rows: Sequence[Row]) -> str:
        """SQL: one of these rows is the `first` true one, or unknown ahead of it."""
        unknown = [f"({row.flag} is null and {first} > {row.number})" for row in rows if row in self.tested]
        return any_of([among(first, (row.number for row in rows)), *unknown] if rows else [])

    def _eligible_on(self) -> str:
        order = (NONE, *self.remedy.reliefs)
        days = []
        for row in self.tested:
            gain = order.index(row.rule.relief)
            lesser = [later.number for later in self.rows[row.number :] if order.index(later.rule.relief) < gain]
            if row.clock is None or row.rule.wait is None or not lesser:
                continue
            fact, period = row.clock
            due = bound(fact, "most", period)
            pending = [f"not {row.flag}", f"first_unknown > {row.number}", among("first_true", lesser)]
            pending += [f"{bound(fact, 'least')} = {bound(fact, 'most')}", *([row.gate.sql] if row.gate else [])]
            day = f"cast({due} + interval '1' day as date)" if row.rule.wait.strict else due
            days.append(case([(pending, day)], None, indent=12))
        # Not every engine takes `least` of one.
        days += ["null"] if len(days) == 1 else []
        margin = "\n" + " " * 12
        return f"least({margin}{f',{margin}'.join(days)}\n        )" if days else "cast(null as date)"

    def _lacking(self) -> str:
        columns = {}
        for fact in self.unknowable:
            rules = [row for row in self.tested if row.test and fact in row.test.facts]
            matters = any_of(f"({row.flag} is null and last_unknown >= {row.number})" for row in rules)
            unknown = unknown_sql(fact, self.table.facts[fact])
            columns[f"lacks_{fact}"] = f"{unknown}\n        and {matters}"
        return self._extend("lacking", "The unknown facts that leave it open.", "possible", columns)

    def _action(self) -> str:
        branches = [("last_unknown = 0", "'none'")]
        actions = {fact: self.remedy.unknown(fact).action for fact in self.unknowable}
        for action in reversed(ACTIONS[1:]):
            # The boldest first: it holds only where no missing fact asks for more caution.
            more_cautious = ACTIONS[: ACTIONS.index(action)]
            if action in actions.values():
                held_back = any_of(f"lacks_{fact}" for fact, said in actions.items() if said in more_cautious)
                branches.append((f"not {held_back}", literal(action)))
        missing = []
        for fact in sorted({*self.unknowable, *self.declared}):
            declared = [among("first_true", self.declared[fact])] if fact in self.declared else []
            unknown = [f"lacks_{fact}"] if fact in self.unknowable else []
            missing.append(f"case when {' or '.join([*unknown, *declared])} then {literal(fact)} end")
        listed = ",\n            ".join(["'; '", *(missing or ["null"])])
        columns = {
            "on_unknown": case(branches, "'review'"),
            "missing_facts": f"nullif(concat_ws(\n            {listed}\n        ), '')",
        }
        return self._extend("action", "What the remedy says for those facts.", "lacking", columns)

    def _decided(self) -> str:
        reliefs = self.table.reliefs()
        may_get = [(f"may_get_{relief.lower()}", literal(relief)) for relief in reliefs]
        actions = {self.remedy.unknown(fact).action for fact in self.unknowable}
        branches = [("on_unknown = 'review'", "first_unknown")]
        for action in ("deny", "presume"):
            if action in actions:
                for row in sorted(self.rows, key=self.table.worth, reverse=action == "presume"):
                    possible = self._may("first_true", [row])
                    branches.append((f"on_unknown = {literal(action)} and {possible}", str(row.number)))
        columns = {
            "rule_no": case(branches, "first_true"),
            "least_relief": case([("may_get_nothing", literal(NONE)), *may_get], literal(NONE)),
            "most_relief": case(reversed(may_get), literal(NONE)),
        }
        return self._extend("decided", "The rule that decides, and the range of relief.", "action", columns)

    def _reason(self) -> str:
        sql = "r.reason"
        for fact in sorted({fact for row in self.rows for fact in row.reason_facts}):
            sql = f"replace({sql}, {literal('{' + fact + '}')}, coalesce(d.{fact}, 'unknown'))"
        return sql

    def _citation(self) -> str:
        """The rule's citation; where an unknown fact decided, what the remedy cites for it (the first by name)."""
        branches = []
        for action in ACTIONS:
            prefix = "" if action == "review" else "r.citation || '; ' || "
            cites: dict[str, list[str]] = {}
            for fact in self.unknowable:
                said = self.remedy.unknown(fact)
                if said.action == action:
                    cites.setdefault(said.citation, []).append(f"d.lacks_{fact}")
            for citation, lacking in cites.items():
                told = f"d.on_unknown = {literal(action)}"
                condition = told if len(cites) == 1 else f"{told} and {any_of(lacking)}"
                branches.append((condition, prefix + literal(citation)))
        return case(branches, "r.citation", indent=4)

    def _blocking_event(self) -> str:
        events = [(f"d.rule_no = {row.number}", f"d.{row.rule.event.text}") for row in self.rows if row.rule.event]
        if not events:
            return "cast(null as varchar)"
        # What speaks for someone blocks nothing.
        granted = f"r.outcome = {literal(ELIGIBLE)} and d.on_unknown <> 'review'"
        return case([(granted, "null"), *events], None, indent=4)

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
