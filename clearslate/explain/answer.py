"""The answer to a question: for every candidate and remedy what was decided, by which rule, and what stands in the way.

Belongs here: putting together the stored determination, the trace of the compiled table and their words. Does not belong
here: layout (pipelines/explain.py for text, page.py for HTML), any decision: outcomes are read, never made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from clearslate.contracts import load_contracts
from clearslate.errors import UsageError
from clearslate.explain.find import Event, Found, Question, find, look_up
from clearslate.explain.words import Vocabulary, say_outcome, say_predicate, say_relief, say_rule
from clearslate.home import Home
from clearslate.law.compile import Trace, traces
from clearslate.law.dates import anniversary_sql
from clearslate.law.predicates import AS_OF, Predicate, bound
from clearslate.law.remedy import Remedy
from clearslate.law.rule import NONE
from clearslate.law.table import ALL, Row, Table
from clearslate.run import Run, fact_columns
from clearslate.scratch import released, scratch
from clearslate.warehouse import Warehouse

YES, NO, UNKNOWN = "yes", "no", "unknown"


@dataclass(frozen=True)
class Fact:
    """A fact that a rule looked at, what it means, and what is known of it."""

    name: str
    meaning: str
    value: str

    @property
    def label(self) -> str:
        """The fact's name in words."""
        return self.name.replace("_", " ")

    @property
    def line(self) -> str:
        """The fact and what is known of it, in one line."""
        return f"{self.label}: {self.value}"


@dataclass(frozen=True)
class Tried:
    """A rule as it came out: `yes` it holds, `no`, or `unknown`. The first unknown one that matters `leaves_open` the rest."""

    rule: str
    asks: str
    came_out: str
    then: str
    citation: str
    confidence: str
    legal_basis: str
    decides: bool
    leaves_open: bool
    facts: tuple[Fact, ...]

    @property
    def stands_out(self) -> bool:
        """Whether it is the rule that the determination names."""
        return self.decides or self.leaves_open

    @property
    def effect(self) -> str:
        """What came of it for the determination."""
        if self.decides:
            return f"Decides: {self.then}"
        return f"Leaves it open; would give {self.then}" if self.leaves_open else f"Would give {self.then}"


@dataclass(frozen=True)
class Decision:
    """What the release says of a candidate under one remedy, and how it came to that."""

    version: str
    policy: str
    outcome: str
    relief: str
    floor: str
    ceiling: str
    says: str
    rule: str
    reason: str
    citation: str
    confidence: str
    legal_basis: str
    missing: tuple[Fact, ...]
    blocking: Event | None
    eligible_on: date | None
    outcome_if_clear: str | None
    tried: tuple[Tried, ...]

    @property
    def points(self) -> list[tuple[str, str]]:
        """What is to be said beside the outcome: a heading and a text each."""
        basis = self.legal_basis.replace("_", " ")
        points = [("Reason", self.reason)] if self.reason else []
        points.append(("Rests on", f"{self.citation} ({basis}, confidence {self.confidence}, rule {self.rule})"))
        if self.floor != self.ceiling:
            span = f"from {say_relief(self.floor)} to {say_relief(self.ceiling)}"
            points.append(("Possible", f"{span}, depending on what is unknown or left open"))
        if self.missing:
            told = (f"{fact.label} ({fact.meaning[0].lower()}{fact.meaning[1:]})" for fact in self.missing)
            points.append(("Missing", "; ".join(told)))
        if self.blocking is not None:
            heading = "Where it is recorded" if self.outcome == "ALREADY_RELIEVED" else "What stands in the way"
            points.append((heading, self.blocking.line))
        points.append(("Law and policy", f"version {self.version}, policy {self.policy}"))
        return points


@dataclass(frozen=True)
class UnderRemedy:
    """A candidate before one remedy. Without a decision, `why_not` says why the remedy does not concern it."""

    remedy: str
    title: str
    authority: str
    decision: Decision | None
    why_not: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Subject:
    """One conviction or arrest, before every remedy of its kind."""

    found: Found
    remedies: tuple[UnderRemedy, ...]

    @property
    def none(self) -> str:
        """What is said where no remedy speaks of its kind."""
        return f"No remedy of this rule set speaks of {self.found.kind}s."


@dataclass(frozen=True)
class Answer:
    """All that was found, and what it rests on."""

    as_of: date
    run_id: str
    rule_set: str
    deliveries: tuple[str, ...]
    data_through: tuple[str, ...]
    subjects: tuple[Subject, ...]


def explain(home: Home, question: Question) -> Answer:
    """Answer from the current release's build, which names people; the published snapshot does not.

    Changes nothing in the home. Raises UsageError where there is no build, or where the rule files have changed since it was
    made (what they say now is not what was decided); HomeLocked while a run works.
    """
    with home.lock():
        run = released(home)
        if run.rule_set != run.record["rule_set"]:
            raise UsageError(
                "the rule files have changed since the current release was made: "
                "decide anew with `clearslate redecide`, then ask again"
            )
        with scratch(run) as warehouse:
            subjects = _subjects(run, warehouse, find(warehouse, question))
        deliveries = run.deliveries
    return Answer(
        as_of=run.request.as_of,
        run_id=run.run_id,
        rule_set=run.rule_set,
        deliveries=tuple(delivery.id for delivery in deliveries),
        data_through=tuple(
            delivery.data_through.isoformat() if delivery.data_through else "not stated" for delivery in deliveries
        ),
        subjects=subjects,
    )


def _subjects(run: Run, warehouse: Warehouse, found: Sequence[Found]) -> tuple[Subject, ...]:
    asked: dict[str, list[UnderRemedy]] = {one.id: [] for one in found}
    for remedy in run.remedies:
        of_kind = [one for one in found if one.kind == remedy.kind]
        if of_kind:
            for one, under in zip(of_kind, _under(run, warehouse, remedy, of_kind), strict=True):
                asked[one.id].append(under)
    return tuple(Subject(one, tuple(asked[one.id])) for one in found)


def _under(run: Run, warehouse: Warehouse, remedy: Remedy, found: Sequence[Found]) -> list[UnderRemedy]:
    """Candidates of the remedy's kind before that remedy, in their order."""
    vocabulary = Vocabulary(load_contracts()[f"facts.{remedy.kind}"])
    key = f"{remedy.kind}_id"
    bound = {"ids": [one.id for one in found]}
    made = traces([remedy], run.assignment, fact_columns([remedy]), where=f"list_contains($ids, {key})")
    traced = {
        row[key]: (trace, row)
        for trace in made
        for row in warehouse.dicts(trace.sql, {**bound, "as_of": run.request.as_of}, what=f"trace of {remedy.id}")
    }
    decided = {
        row["candidate_id"]: row
        for row in warehouse.dicts(
            "select * from eligibility.determination "
            "where remedy = $remedy and candidate_kind = $kind and list_contains($ids, candidate_id)",
            {**bound, "remedy": remedy.id, "kind": remedy.kind},
        )
    }
    answers = []
    for one in found:
        if one.id in decided:
            trace, row = traced[one.id]
            decision = _decision(warehouse, one, trace, row, decided[one.id], vocabulary)
            answers.append(UnderRemedy(remedy.id, remedy.title, remedy.authority, decision, "", ()))
        else:
            table = _table_of(made, run, one)
            why_not, looked_at = _why_not(warehouse, run, table, one, vocabulary)
            answers.append(UnderRemedy(remedy.id, remedy.title, remedy.authority, None, why_not, looked_at))
    return answers


def _decision(
    warehouse: Warehouse,
    one: Found,
    trace: Trace,
    row: Mapping[str, Any],
    told: Mapping[str, Any],
    vocabulary: Vocabulary,
) -> Decision:
    missing = (told["missing_facts"] or "").split("; ")
    event = told["blocking_event"]
    return Decision(
        version=told["remedy_version"],
        policy=told["policy"],
        outcome=told["outcome"],
        relief=told["relief"],
        floor=told["floor"],
        ceiling=told["ceiling"],
        says=say_outcome(told["outcome"], told["relief"], told["eligible_on"], told["outcome_if_clear"]),
        rule=told["rule"],
        reason=told["reason"],
        citation=told["citation"],
        confidence=told["confidence"],
        legal_basis=told["legal_basis"],
        missing=_facts((name for name in missing if name), row, vocabulary),
        blocking=look_up(warehouse, one.person_no, event) if event else None,
        eligible_on=told["eligible_on"],
        outcome_if_clear=told["outcome_if_clear"],
        tried=tuple(_tried(trace.table, row, vocabulary)),
    )


def _tried(table: Table, row: Mapping[str, Any], vocabulary: Vocabulary) -> list[Tried]:
    """The rules from the first to the one behind which none is looked at; those of other versions of the law left out."""
    values = {**table.remedy.values, **table.policy.values}
    last = max(row["first_true"], row["rule_no"])
    is_open = row["on_unknown"] == "review"
    return [
        Tried(
            rule=rule_row.rule.id,
            asks=say_rule(rule_row.rule, rule_row.clock, vocabulary, values),
            came_out=_came_out(row[rule_row.flag]) if rule_row.test else YES,
            then=_then(rule_row),
            citation=rule_row.rule.citation,
            confidence=rule_row.rule.confidence,
            legal_basis=rule_row.legal_basis,
            decides=rule_row.number == row["rule_no"] and not is_open,
            leaves_open=rule_row.number == row["rule_no"] and is_open,
            facts=_facts(sorted(rule_row.test.facts) if rule_row.test else (), row, vocabulary),
        )
        for rule_row in table.rows
        if rule_row.number <= last and _stands(rule_row, row["remedy_version"])
    ]


def _stands(row: Row, version: str) -> bool:
    return not row.rule.versions or version in {passage.text for passage in row.rule.versions}


def _then(row: Row) -> str:
    return row.rule.outcome if row.rule.relief == NONE else f"{row.rule.outcome} {row.rule.relief}"


def _came_out(value: bool | None) -> str:
    return UNKNOWN if value is None else YES if value else NO


def _facts(names: Iterable[str], row: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[Fact, ...]:
    return tuple(Fact(name, vocabulary.meaning(name), vocabulary.value(name, row)) for name in names)


def _table_of(made: Sequence[Trace], run: Run, one: Found) -> Table:
    """The table that speaks for a candidate: that of its county's policy, where policies speak for the remedy."""
    policy = run.assignment.policy_of(one.county or None)
    return next((trace.table for trace in made if trace.table.policy.hash == policy.hash), made[0].table)


def _why_not(
    warehouse: Warehouse, run: Run, table: Table, one: Found, vocabulary: Vocabulary
) -> tuple[str, tuple[Fact, ...]]:
    """Why there is no determination: the remedy is not in force, does not concern the candidate, or can't be told to."""
    kind = table.remedy.kind
    held, row = _candidacy(warehouse, run, table.candidates, kind, one.id)
    if held:
        return "No version of this law is in force on the as-of date.", ()
    own = table.policy.remedy == table.remedy.id and table.policy.candidates
    passage = own or table.remedy.candidates
    asks = say_predicate(passage.text, vocabulary, {}) if passage.text != ALL else "nothing"
    looked_at = _facts(sorted(table.candidates.facts), row, vocabulary)
    if held is None:
        return f"It can't be told whether this law concerns it. It asks that {asks}.", looked_at
    return f"This law does not concern it. It asks that {asks}.", looked_at


def _candidacy(
    warehouse: Warehouse, run: Run, asked: Predicate, kind: str, candidate: str
) -> tuple[bool | None, Mapping[str, Any]]:
    """What the remedy's own question about a candidate comes to, and the candidate's facts."""
    reached = "".join(
        f", {anniversary_sql(bound(fact, end), period)} as {bound(fact, end, period)}"
        for fact, period in sorted(asked.anniversaries)
        for end in ("least", "most")
    )
    row = warehouse.row(
        f"select *, {asked.sql} as is_asked from "
        f"(select *, cast($as_of as date) as {AS_OF}{reached} from facts.{kind} where {kind}_id = $id) as fact",
        {"as_of": run.request.as_of, "id": candidate},
    )
    return row["is_asked"], row
