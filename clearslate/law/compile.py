"""The rule compiler: decision tables to portable SELECTs, the models of `eligibility`.

A million records have a million determinations, and a few thousand ways to say one. What is the candidate's own (the deciding
rule's number, its dates and events) is `decision`; what many share (outcome, relief, reason, citation) is said once, in
`verdict`; `determination` is the two put together, a view.

What `decision` computes, step by step (each is a CTE that a lawyer can follow and a query can look into):

    fact        the facts that the rules look at, with the as-of date
    anniversary the version in force; the waiting periods' ends, for the first and the last possible day of a date
    predicate   p_<rule>: TRUE, FALSE or NULL for every rule, for every candidate
    first       the first true rule; the first true one that bounds the relief; the first unknown one
    possible    the last unknown rule whose verdict differs from the first true one's (0: nothing unknown matters), and
                what the person may get
    lacking     which unknown facts leave it open
    action      what the remedy says for those facts: review, deny or presume
    decided     the rule that decides, the rules that have a say, and the range of relief

`verdict` joins that with `rule`: the decision table itself, as data: number, verdict, basis, reason, citation.

**Possible outcomes** are those of the unknown rules ahead of the first true rule, and that of the first true rule. If
all have the same verdict, the first true rule decides and nothing is missing. If not, the facts that are unknown in
the rules up to the last differing one are the missing facts; one `review` among them makes the determination REVIEW
(rule, legal basis and confidence are those of the first unknown rule, the citation is `on_unknown`'s), else one `deny`
the least of the possible verdicts, else the most. Three-valued logic knows less than a person might (`a or not a` is
unknown where `a` is): it can send a clear case to REVIEW, and never the other way.

**Floor and ceiling** are the least and the most relief of the possible outcomes: what a rule states as its `floor` and
`ceiling`, else its relief. A REVIEW that states none counts as NONE in the floor; for the ceiling it is taken to be
lifted, and the table is read on to the first true rule that isn't such a REVIEW.

**What awaits an input file** (`awaits`) is REVIEW for want of that alone. Such a table is read a second time without
those rules; `outcome_if_clear` is the outcome of that reading, NULL where another rule decides.

**Candidates** are the rows for which the remedy's predicate (or the policy's own) is true. Unknown candidacy is no
candidacy: such rows (an offense whose statute can't be read) get no determination; quality metrics count them. On an
as-of date on which no enacted version of the remedy is in force there are no candidates either.

**What it rests on** are all rules that have a say in a determination's columns: a rule that changes moves no determination
that does not name it in `rests_on`, before the change or after.

**eligible_on** is the earliest day on which a waiting period will be over, if the date that it runs from is exactly
known, all else that its rule asks for is true, no rule ahead of it is unknown, and it will bring more relief than the
first true rule does now. It assumes that nothing else happens, and that an awaited input speaks for the person. A rule
that says `until` when it stands is looked past: no day lies before that one, and none is named where it isn't known.
**blocking_event** is the event that the deciding rule names, where the outcome is not ELIGIBLE.

**Policies**: one table for each, over the counties that go by it. Every row of the facts falls to exactly one.

Belongs here: several tables in one statement. Does not belong here: one table's SQL (writer.py, reading.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clearslate.law.assignment import Assignment, Share
from clearslate.law.policy import Policy
from clearslate.law.remedy import Remedy
from clearslate.law.sqltext import literal
from clearslate.law.table import Table, build_table
from clearslate.law.writer import KEY, Writer

Facts = Mapping[str, Mapping[str, str]]
"""Kind of candidate (`conviction`, `arrest`) to the columns of `facts.<kind>` with their DuckDB types."""
DETERMINATION = {
    "candidate_kind": "v",
    "candidate_id": "d",
    "person_no": "d",
    "county": "d",
    "section": "d",
    "remedy": "v",
    "remedy_version": "v",
    "policy": "v",
    "outcome": "v",
    "outcome_if_clear": "v",
    "relief": "v",
    "floor": "v",
    "ceiling": "v",
    "path": "d",
    "legal_basis": "v",
    "rule": "v",
    "rests_on": "v",
    "reason": "dv",
    "citation": "v",
    "confidence": "v",
    "missing_facts": "d",
    "blocking_event": "d",
    "eligible_on": "d",
    "eligible_year": "d",
    "as_of": "v",
    "rule_set": "v",
}
"""The columns of `eligibility.determination`: the decision's, the verdict's, or the decision's where it has one of its own."""
_UNION = "\n\nunion all\n\n"


@dataclass(frozen=True)
class Trace:
    """How one table comes to its decisions: the table, and a SELECT with a row per candidate.

    Columns: `<kind>_id`, `person_no`, `county`, `section`; the facts that the table looks at, a date as its `_least` and
    `_most`; `remedy_version`; the anniversaries, `<date>_least_plus_5y`; for every rule but the last, which is always true,
    its test's value `p_<rule>`; and what follows from them (see above), of which `rule_no` is the deciding `Row.number`.
    """

    table: Table
    sql: str


def compile_decisions(remedies: Sequence[Remedy], assignment: Assignment, facts: Facts) -> str:
    """The model `eligibility.decision`: what each candidate's determination is made of, under all remedies; binds `$as_of`.

    LawError, with file and line, for rules that don't hold together. The same input gives the same text.
    """
    writers = _writers(remedies, assignment, facts)
    return _text(writers, [step for writer in writers for step in writer.steps()], _decisions(writers))


def compile_verdicts(remedies: Sequence[Remedy], assignment: Assignment, facts: Facts) -> str:
    """The model `eligibility.verdict`: all that the decisions of the same arguments say; binds `$as_of` and `$rule_set`."""
    writers = _writers(remedies, assignment, facts)
    rules = [writer.rules() for writer in writers]
    return _text(writers, [*rules, _key("eligibility.decision")], _verdicts(writers))


def compile_determinations() -> str:
    """The view `eligibility.determination`: every decision with its verdict."""
    return _put_together("eligibility.decision", "eligibility.verdict", DETERMINATION)


def compile_remedy(remedy: Remedy, policy: Policy, facts: Facts) -> str:
    """The determinations of one remedy under one policy, as `compile_all` gives them."""
    return compile_all([remedy], Assignment.of(policy), facts)


def compile_all(remedies: Sequence[Remedy], assignment: Assignment, facts: Facts) -> str:
    """The determinations of all remedies as one SELECT, without tables between; binds `$as_of` and `$rule_set`."""
    writers = _writers(remedies, assignment, facts)
    return _whole(writers, _verdicts(writers), DETERMINATION)


def compile_scenarios(scenarios: Mapping[str, tuple[Sequence[Remedy], Assignment]], facts: Facts) -> str:
    """The determinations of several assignments (and remedies, as with other variants) over the same facts in one SELECT:
    the columns of `compile_all` behind `scenario`, the key."""
    writers: list[Writer] = []
    verdicts: list[str] = []
    for number, (scenario, (remedies, assignment)) in enumerate(scenarios.items(), start=1):
        mine = _writers(remedies, assignment, facts, prefix=f"s{number}_", first=len(writers) + 1)
        writers += mine
        verdicts += [writer.verdicts(scenario) for writer in mine]
    return _whole(writers, _UNION.join(verdicts), {"scenario": "v", **DETERMINATION})


def traces(remedies: Sequence[Remedy], assignment: Assignment, facts: Facts, *, where: str = "true") -> list[Trace]:
    """A trace for each table of `compile_all`, in its order, over the rows of the facts for which `where` is true.

    `where` is SQL over the columns of `facts.<kind>`; what it binds is bound beside `$as_of`.
    """
    writers = _writers(remedies, assignment, facts, where=f"({where})")
    return [Trace(writer.table, _text([writer], writer.steps(), writer.look())) for writer in writers]


def _writers(
    remedies: Sequence[Remedy],
    assignment: Assignment,
    facts: Facts,
    *,
    prefix: str = "",
    where: str = "",
    first: int = 1,
) -> list[Writer]:
    """A writer for each remedy, and for each policy that speaks for it; their tables are numbered from `first`."""
    writers: list[Writer] = []
    for remedy in remedies:
        speaking = any(policy.remedy == remedy.id for policy in assignment.policies)
        # Law on which no county has a say is the same everywhere.
        shares = list(assignment.shares()) if speaking else [Share(assignment.default, (), but=True)]
        for number, share in enumerate(shares, start=1):
            table = build_table(remedy, share.policy, facts[remedy.kind], by_county=len(shares) > 1)
            name = prefix + remedy.id + (f"_{number}" if len(shares) > 1 else "")
            rows = " and ".join(part for part in (where, _in_counties(share)) if part)
            writers.append(Writer(table, name=name, number=first + len(writers), where=rows))
    return writers


def _in_counties(share: Share) -> str:
    listed = ", ".join(map(literal, share.counties))
    if share.but:
        return f"(county is null or county not in ({listed}))" if listed else ""
    return f"county in ({listed})"


def _decisions(writers: Sequence[Writer]) -> str:
    return _UNION.join(writer.decisions() for writer in writers)


def _verdicts(writers: Sequence[Writer]) -> str:
    return _UNION.join(writer.verdicts() for writer in writers)


def _key(decision: str) -> str:
    """The CTE with every key of the decisions, once."""
    columns = [*KEY, "cast($as_of as date) as as_of", "cast($rule_set as varchar) as rule_set"]
    listed = ",\n        ".join(columns)
    return (
        f"-- What is decided, each kind once.\nkey as (\n    select distinct\n        {listed}\n    from {decision}\n)"
    )


def _put_together(decision: str, verdict: str, columns: Mapping[str, str]) -> str:
    listed = ",\n".join(
        f"    coalesce(d.{name}, v.{name}) as {name}" if source == "dv" else f"    {source}.{name}"
        for name, source in columns.items()
    )
    met = "\n    and ".join(f"d.{key} = v.{key}" for key in KEY)
    return f"select\n{listed}\nfrom {decision} as d\ninner join {verdict} as v\n    on {met}\n"


def _whole(writers: Sequence[Writer], verdicts: str, columns: Mapping[str, str]) -> str:
    ctes = [cte for writer in writers for cte in (writer.rules(), *writer.steps())]
    ctes += [f"decision as (\n{_decisions(writers)}\n)", _key("decision"), f"verdict as (\n{verdicts}\n)"]
    return _text(writers, ctes, _put_together("decision", "verdict", columns))


def _text(writers: Sequence[Writer], ctes: Sequence[str], select: str) -> str:
    files = {writer.remedy.file: None for writer in writers} | {writer.table.policy.file: None for writer in writers}
    joined = ",\n\n".join(ctes)
    return (
        f"-- Compiled from {', '.join(files)}. To change it, change the rules.\nwith\n\n{joined}\n\n{select.rstrip()}\n"
    )
