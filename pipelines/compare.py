"""What `clearslate compare` prints and writes: numbers by policy, remedy and split; nobody's record.

Belongs here: layout of the tables, of the CSV and of the JSON document. Does not belong here: any count
(clearslate/compare.py, sql/impact/policy_comparison.sql).
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clearslate.compare import Compared, hide_small
from clearslate.errors import UsageError
from clearslate.rule_change import RuleChange
from pipelines.options import print_whole

_COLUMNS = {
    "n_candidates": "candidates",
    "n_eligible": "eligible",
    "n_review": "review",
    "n_gained": "gained",
    "n_lost": "lost",
    "n_raised": "more relief",
    "n_lowered": "less relief",
    "n_if_clear": "if clear",
    "n_people": "people",
    "n_people_eligible": "relieved",
    "n_people_gained": "gained",
    "n_people_lost": "lost",
}
_RARE = ("n_raised", "n_lowered", "n_if_clear")
_SPLITS = ("rule", "county", "race", "sex", "age")
_NOTE = "The rule files have changed since the build was made; the facts are those of its own rules."


def print_comparison(out: Console, compared: Compared, *, small: int) -> None:
    """A table of all policies for each remedy, then by each split what those give that differ from the first."""
    shown = hide_small(compared.frame, small)
    first = str(shown.loc[shown["policy_no"] == 1, "policy"].iloc[0]) if len(shown) else ""
    out.print(
        f"[bold]as of[/] {compared.as_of.isoformat()}   gained and lost: against {escape(first)}", highlight=False
    )
    if compared.rules_changed:
        out.print(f"[yellow]{_NOTE}[/]", soft_wrap=True)
    if shown.empty:
        out.print("No candidate under any of these policies.")
    for remedy, of_remedy in shown.groupby("remedy", sort=True):
        _print_table(out, f"{remedy}: all", "policy", of_remedy[of_remedy["split"] == "all"])
        others = of_remedy[of_remedy["policy_no"] > 1]
        for policy, of_policy in others.groupby("policy", sort=False):
            if not _differs(of_policy):
                out.print(f"{escape(str(remedy))}: {escape(str(policy))} is no different.", highlight=False)
                continue
            for split in _SPLITS:
                _print_table(out, f"{remedy}: {policy} by {split}", split, of_policy[of_policy["split"] == split])
    if shown["n_if_clear"].any():
        out.print(
            "if clear: awaits an input file, and is eligible if that says nothing against it; not among the eligible."
        )
    out.print(f"By race, sex and age, numbers below {small} are not shown.", highlight=False)


def comparison_json(compared: Compared, *, small: int) -> dict[str, Any]:
    """The comparison as one document, with the same numbers hidden."""
    rows = json.loads(hide_small(compared.frame, small).drop(columns="as_of").to_json(orient="records"))
    return {
        "as_of": compared.as_of.isoformat(),
        "run_id": compared.run_id,
        "rules_changed_since_build": compared.rules_changed,
        "small_cell": small,
        "rows": rows,
    }


def write_comparison(compared: Compared, path: Path, *, small: int) -> None:
    """The comparison as CSV, with the same numbers hidden. UsageError where it can't be written."""
    shown: pd.DataFrame = hide_small(compared.frame, small).assign(as_of=compared.as_of.isoformat())
    try:
        shown.to_csv(path, index=False, lineterminator="\n")
    except OSError as error:
        raise UsageError(f"{path} can't be written ({error.strerror or 'is its folder there?'})") from None


def print_rule_change(out: Console, change: RuleChange) -> None:
    """Both rule sets, the rules that differ, and what they move."""
    out.print(f"[bold]as of[/] {change.as_of.isoformat()}", highlight=False)
    out.print(f"rule set before  {change.rule_set_before}", highlight=False)
    out.print(f"rule set after   {change.rule_set_after}", highlight=False)
    out.print(
        f"rules that differ: {escape(', '.join(change.changed_rules)) or 'none'}", highlight=False, soft_wrap=True
    )
    made = Table(title="Determinations that change", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for heading in ("remedy", "by rule", "outcome", "now by rule", "now", "columns"):
        made.add_column(heading, no_wrap=True)
    made.add_column("candidates", justify="right")
    for one in change.moved:
        sides = (one.remedy, one.rule_before, one.outcome_before, one.rule_after, one.outcome_after)
        cells = (*sides, ", ".join(one.columns))
        made.add_row(*(escape(cell or "-") for cell in cells), f"{one.n_candidates:,}")
    if change.moved:
        print_whole(made, out)
    out.print(
        f"{change.n_changed:,} change, {change.n_unexplained:,} of them rest on no rule that differs; "
        f"{change.n_same:,} stay the same to the byte.",
        highlight=False,
    )


def _differs(rows: pd.DataFrame) -> bool:
    """Whether a policy gives any candidate something else than the first."""
    [whole] = rows[rows["split"] == "all"].to_dict("records")
    moved = any(whole[name] for name in ("n_gained", "n_lost", "n_raised", "n_lowered"))
    return moved or whole["n_if_clear"] != whole["n_if_clear_base"]


def _print_table(out: Console, title: str, first: str, rows: pd.DataFrame) -> None:
    """A table with its numbers whole, however narrow the terminal; what is nowhere but zero takes no column."""
    columns = {name: heading for name, heading in _COLUMNS.items() if name not in _RARE or (rows[name] != 0).any()}
    made = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    made.add_column(first, no_wrap=True)
    for heading in columns.values():
        made.add_column(heading, justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        numbers = (row[column] for column in columns)
        cells = (f"{number:,}" if isinstance(number, int) else str(number) for number in numbers)
        made.add_row(escape(str(row["policy"] if first == "policy" else row["part"])), *cells)
    print_whole(made, out)
