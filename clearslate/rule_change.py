"""What a change of the rule files changes: the current release's facts decided under another rules folder.

Belongs here: which rules differ between two folders, and which determinations differ with them. Does not belong here:
policies held against one another under the same rules (compare.py). The facts stay those of the release: a list that
feeds them (offense lists, dispositions) needs a new run to show.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clearslate.contracts import load_contracts
from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.law.compile import compile_all, traces
from clearslate.law.lists import hash_rules
from clearslate.law.remedy import load_remedies
from clearslate.law.table import Row
from clearslate.models import parse_model
from clearslate.run import Run, fact_columns
from clearslate.scratch import released, scratch

_KEY = ("candidate_kind", "candidate_id", "remedy")
_STAMPS = ("rule_set",)


@dataclass(frozen=True)
class Moved:
    """Determinations that a change moves from one rule and outcome to another. A side without a candidate is None."""

    remedy: str
    rule_before: str | None
    outcome_before: str | None
    rule_after: str | None
    outcome_after: str | None
    columns: tuple[str, ...]
    """Which columns of the determinations differ, in their order; none where one side has no candidate."""
    n_candidates: int
    is_by_changed_rule: bool
    """Whether a rule that differs is among those that the determination rests on, before or after."""


@dataclass(frozen=True)
class RuleChange:
    """Two rule sets over the same facts. `changed_rules` are `remedy.rule`; a determination is the same if every column
    but the rule-set hash is."""

    as_of: date
    rule_set_before: str
    rule_set_after: str
    changed_rules: tuple[str, ...]
    n_same: int
    moved: tuple[Moved, ...]

    @property
    def n_changed(self) -> int:
        return sum(one.n_candidates for one in self.moved)

    @property
    def n_unexplained(self) -> int:
        """Changed determinations that rest on no rule that differs: there must be none."""
        return sum(one.n_candidates for one in self.moved if not one.is_by_changed_rule)


def try_rules(home: Home, folder: Path) -> RuleChange:
    """Decide the current release's candidates under the rules in `folder`, a whole copy of `rules/` with some change.

    Changes nothing in the home. Raises UsageError where there is no build or no such folder, LawError for rules that don't
    hold together, HomeLocked while a run works.
    """
    if not (folder / "remedies").is_dir():
        raise UsageError(f"{folder.name}: not a copy of the rules folder (it has no remedies/)")
    with home.lock():
        run = released(home)
        before, after = _Rules.of(run, None), _Rules.of(run, folder)
        changed = tuple(sorted(before.differing(after)))
        columns = [column.name for column in load_contracts()["eligibility.determination"].columns]
        told = [name for name in columns if name not in (*_KEY, *_STAMPS)]
        with scratch(run) as warehouse:
            for name, rules in (("before", before), ("after", after)):
                model = parse_model("tried", name, rules.text)
                bound = {
                    key: rules.rule_set if key == "rule_set" else run.parameters()[key] for key in model.parameters
                }
                warehouse.execute("create schema if not exists tried")
                warehouse.execute(f"create table tried.{name} as {model.sql}", bound, what=f"rules {name}")
            same = " and ".join(f"b.{name} is not distinct from a.{name}" for name in told)
            differing = ", ".join(f"case when b.{name} is distinct from a.{name} then '{name}' end" for name in told)
            joined = " and ".join(f"b.{name} = a.{name}" for name in _KEY)
            found = warehouse.rows(
                f"select coalesce(b.remedy, a.remedy), b.rule, b.outcome, a.rule, a.outcome, "
                f"coalesce(b.candidate_id = a.candidate_id and {same}, false) as is_same, "
                "list_has_any(list_transform(string_split(concat_ws('; ', b.rests_on, a.rests_on), '; '), "
                "lambda rule: coalesce(b.remedy, a.remedy) || '.' || rule), $changed) as is_by_changed, "
                f"case when b.candidate_id = a.candidate_id then concat_ws(' ', {differing}) else '' end, count(*) "
                f"from tried.before as b full join tried.after as a on {joined} "
                "group by all order by all",
                {"changed": list(changed)},
            )
        moved = tuple(
            Moved(remedy, was, had, now, has, tuple(columns.split()), n, is_by_changed)
            for remedy, was, had, now, has, is_same, is_by_changed, columns, n in found
            if not is_same
        )
        n_same = sum(n for *_, is_same, _, _, n in found if is_same)
    return RuleChange(run.request.as_of, before.rule_set, after.rule_set, changed, n_same, moved)


@dataclass(frozen=True)
class _Rules:
    rows: dict[str, set[tuple[object, ...]]]
    text: str
    rule_set: str

    @staticmethod
    def of(run: Run, root: Path | None) -> "_Rules":
        remedies = load_remedies(root)
        assignment = run.assigned(root)
        facts = fact_columns(remedies)
        rows: dict[str, set[tuple[object, ...]]] = {}
        for trace in traces(remedies, assignment, facts):
            for row in trace.table.rows:
                name = f"{trace.table.remedy.id}.{row.rule.id}"
                rows.setdefault(name, set()).add((trace.table.policy_id, *_says(row)))
        return _Rules(
            rows,
            compile_all(remedies, assignment, facts),
            hashlib.sha256((hash_rules(root) + assignment.hash).encode()).hexdigest(),
        )

    def differing(self, other: "_Rules") -> set[str]:
        """The rules that say something else, or stand on one side only."""
        return {name for name in {*self.rows, *other.rows} if self.rows.get(name) != other.rows.get(name)}


def _says(row: Row) -> tuple[object, ...]:
    """What a rule says, its place in the table apart."""
    rule = row.rule
    return (
        *row.verdict,
        row.legal_basis,
        row.reason,
        rule.citation,
        rule.confidence,
        row.test.sql if row.test else None,
        row.clock,
        tuple(passage.text for passage in rule.missing),
        rule.event.text if rule.event else None,
        rule.floor,
        rule.ceiling,
    )
