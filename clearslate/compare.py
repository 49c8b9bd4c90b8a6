"""What-if: several policies, and variants of the law that are not in force, over the same facts in one pass.

Belongs here: which remedies they can differ in, the query that decides under all of them, and the frame that the command
line shows. Does not belong here: counting (sql/impact/policy_comparison.sql), any rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.law.assignment import Assignment, load_assignment
from clearslate.law.compile import compile_scenarios
from clearslate.law.remedy import Remedy, load_remedies
from clearslate.law.sqltext import literal
from clearslate.models import Model, load_models, parse_model
from clearslate.run import Run, fact_columns
from clearslate.scratch import asked_on, released, scratch

DETERMINATION, COMPARISON = "impact.policy_determination", "impact.policy_comparison"
STATUTE_ONLY = "statute-only"
PERSONAL_SPLITS = ("race", "sex", "age")
"""The splits whose small numbers can point to a person who is known otherwise."""


@dataclass(frozen=True)
class Scenario:
    """A policy, or one per county, with the remedies as they stand or under a variant."""

    name: str
    assignment: Assignment
    remedies: tuple[Remedy, ...]


def policy_determinations(scenarios: Sequence[Scenario]) -> Model:
    """The model `impact.policy_determination`: every scenario's determinations of the remedies that they may differ in.

    The first scenario is the one that the others are held against. LawError for rules that don't hold together.
    """
    told = _telling(scenarios)
    compared = {
        scenario.name: tuple(remedy for remedy in scenario.remedies if remedy.id in told) for scenario in scenarios
    }
    compiled = compile_scenarios(
        {scenario.name: (compared[scenario.name], scenario.assignment) for scenario in scenarios},
        fact_columns(compared[scenarios[0].name]),
    )
    numbers = "\n".join(
        f"            when {literal(scenario.name)} then {number}" for number, scenario in enumerate(scenarios, start=1)
    )
    reliefs = {
        (remedy.id, relief): rank
        for remedy in compared[scenarios[0].name]
        for rank, relief in enumerate(remedy.reliefs, start=1)
    }
    ranks = "\n".join(
        f"            when remedy = {literal(remedy)} and relief = {literal(relief)} then {rank}"
        for (remedy, relief), rank in reliefs.items()
    )
    sql = f"""select
    cast(
        case scenario
{numbers}
        end as integer
    ) as policy_no,
    scenario as policy,
    remedy,
    candidate_kind,
    candidate_id,
    person_no,
    county,
    outcome,
    relief,
    coalesce(outcome_if_clear, '') = 'ELIGIBLE' as is_eligible_if_clear,
    cast(
        case
{ranks}
            else 0
        end as integer
    ) as relief_rank,
    rule
from (
{compiled}
) as decided
"""
    return parse_model(*DETERMINATION.split("."), sql)


def run_scenarios(run: Run) -> tuple[Scenario, ...]:
    """What a run compares: the statute alone, and (where it is another) the run's policy."""
    statute = Scenario(STATUTE_ONLY, load_assignment(STATUTE_ONLY), run.remedies)
    if [policy.id for policy in run.assignment.policies] == [STATUTE_ONLY]:
        return (statute,)
    name = "by county" if run.assignment.is_by_county else run.assignment.default.id
    return (statute, Scenario(name, run.assignment, run.remedies))


def run_comparison(run: Run) -> Model:
    """The model `impact.policy_determination` of a run."""
    return policy_determinations(run_scenarios(run))


def asked_scenarios(policies: Sequence[str], variants: Sequence[str]) -> tuple[Scenario, ...]:
    """The policies in the order given, then the first of them under each variant of the law.

    A policy is an id, an options file (JSON) or a file of policies by county (CSV). Raises UsageError for one that stands
    twice, or where there is nothing to compare; LawError for an unknown policy or variant.
    """
    asked: list[tuple[str, str, tuple[str, ...]]] = [(_name(policy), policy, ()) for policy in policies]
    asked += [(f"{_name(policy)}+{variant}", policy, (variant,)) for policy in policies[:1] for variant in variants]
    if len(asked) < 2:
        raise UsageError("name two policies at least, or one and a --variant: clearslate compare --policy A --policy B")
    names = [name for name, _, _ in asked]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"{doubled[0]} is named twice; what is compared needs a name of its own")
    remedies = {under: load_remedies(variants=under) for under in {under for _, _, under in asked}}
    return tuple(Scenario(name, load_assignment(policy), remedies[under]) for name, policy, under in asked)


@dataclass(frozen=True)
class Compared:
    """What came of a comparison: the columns of impact.policy_comparison, in a total order."""

    as_of: date
    run_id: str
    rules_changed: bool
    frame: pd.DataFrame


def compare(home: Home, scenarios: Sequence[Scenario], *, day: date | None = None) -> Compared:
    """Decide under all scenarios over the current release's build, as of its own day or another.

    Changes nothing in the home. Raises UsageError where there is no build, HomeLocked while a run works.
    """
    with home.lock():
        run = asked_on(released(home), day)
        models = load_models()
        with scratch(run) as warehouse:
            warehouse.create(policy_determinations(scenarios), run.parameters())
            warehouse.create(models[COMPARISON], run.parameters())
            order = "policy_no, remedy, array_position(['all', 'rule', 'county', 'race', 'sex', 'age'], split), part"
            frame = warehouse.frame(f"select * from {COMPARISON} order by {order}")
        return Compared(run.request.as_of, run.run_id, run.rule_set != run.record["rule_set"], frame)


def hide_small(frame: pd.DataFrame, least: int) -> pd.DataFrame:
    """The frame as it may be shown: in splits by race, sex and age every number of people or candidates below `least`
    reads `<least`. A zero stays: it tells of nobody.
    """
    shown = frame.astype(object)
    personal = shown["split"].isin(PERSONAL_SPLITS)
    for column in (name for name in shown.columns if name.startswith("n_")):
        small = personal & (frame[column] > 0) & (frame[column] < least)
        shown.loc[small, column] = f"<{least}"
    return shown


def _telling(scenarios: Sequence[Scenario]) -> set[str]:
    """The remedies in which the scenarios may differ: those that a policy speaks for, and those with a variant's numbers."""
    spoken = {policy.remedy for scenario in scenarios for policy in scenario.assignment.policies}
    first = {remedy.id: remedy for remedy in scenarios[0].remedies}
    varied = {remedy.id for scenario in scenarios for remedy in scenario.remedies if remedy != first[remedy.id]}
    return spoken | varied


def _name(policy: str) -> str:
    return policy.replace("\\", "/").rpartition("/")[2]
