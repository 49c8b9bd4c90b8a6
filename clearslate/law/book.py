"""The law book: `docs/law.md`, written from the rule files so that a lawyer reads what is decided and nothing else.

Belongs here: how remedies, policies, their rules and the open points are shown. Does not belong here: any rule, any
decision, anything about a run. `python -m clearslate.law.book` prints it; `make docs` writes it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from clearslate.law.lists import load_list
from clearslate.law.parameters import LawParameter
from clearslate.law.policy import Policy, load_policy, policy_names
from clearslate.law.predicates import Choice, Value
from clearslate.law.remedy import Remedy, load_remedies
from clearslate.law.rule import NONE, Rule
from clearslate.law.strict import Scalar

_OPENING = """\
# The law as the rules have it

Written from `rules/` by `make docs`; a change belongs there. This is not legal advice: every rule needs the approval of
counsel before it decides anything. How a table is read, and what happens where a fact is unknown, is in
[rules.md](rules.md); what each fact means in the contracts `sql/facts/conviction.yml` and `sql/facts/arrest.yml`.

Rules are tried in the order in which they stand; the first that is true decides. *Fires*, *fails* and *unknown* are
examples that the tests run: facts under which the rule's test is true, false, and neither.
"""

_SETTLED = "high"


def render(root: Path | None = None) -> str:
    """The law book as Markdown. `root`: the rule files, default `rules/`. LawError as their readers raise it."""
    remedies = load_remedies(root)
    policies = [load_policy(name=name, root=root) for name in policy_names(root)]
    contents = ["## Contents", ""]
    contents += [f"- [{item.title}](#{_anchor(item.title)})" for item in remedies]
    contents += [f"- [Policy {item.id}: {item.title}](#{_anchor(_policy_heading(item))})" for item in policies]
    contents += ["- [Points that need counsel](#points-that-need-counsel)", ""]
    parts = [_OPENING, "\n".join(contents)]
    parts += ["\n".join(_remedy(remedy)) for remedy in remedies]
    parts += ["\n".join(_policy(policy)) for policy in policies]
    parts.append("\n".join(_counsel(remedies, policies, root)))
    return "\n".join(parts)


def _remedy(remedy: Remedy) -> Iterator[str]:
    yield from (f"## {remedy.title}", "")
    yield f"`{remedy.id}`: {remedy.authority}. Candidates: every {remedy.kind}{_whose(remedy.candidates.text)}."
    yield f"Relief, from the least to the most: {', '.join(remedy.reliefs)}."
    yield from ("", "| version | in force from | to | enacted |", "|---|---|---|---|")
    for version in remedy.versions:
        last = version.effective_to or "open"
        yield f"| {version.version} | {version.effective_from} | {last} | {_yes(version.enacted)} |"
    yield ""
    if remedy.parameters:
        yield from ("| parameter | value | authority | proposed, not in force |", "|---|---|---|---|")
        yield from (_parameter(item) for item in remedy.parameters)
        yield ""
    yield f"An unknown fact that matters: **{remedy.otherwise.action}** ({remedy.otherwise.citation})."
    for fact, said in remedy.on_unknown.items():
        yield f"Where `{fact}` is unknown: **{said.action}** ({said.citation})."
    yield ""
    for number, rule in enumerate((*remedy.before, *remedy.after), start=1):
        if remedy.takes_policy and number == len(remedy.before) + 1:
            yield from ("Here stand the rules of the county's policy. What follows is for one that has none.", "")
        yield from _rule(number, rule)


def _policy(policy: Policy) -> Iterator[str]:
    yield from (f"## {_policy_heading(policy)}", "")
    yield f"For `{policy.remedy}`: {policy.authority}."
    if policy.candidates:
        yield f"Candidates: every conviction{_whose(policy.candidates.text)}."
    if policy.unknown_quantity:
        yield f"Unknown quantity: {policy.unknown_quantity.text}."
    yield ""
    if policy.parameters:
        yield from ("| setting | name | without a choice | authority |", "|---|---|---|---|")
        for item in policy.parameters:
            yield f"| {item.label} | `{item.name}` | {item.show(item.default)} | {item.citation} |"
        yield ""
    yield from ("| determination | printed |", "|---|---|")
    for (outcome, relief), text in policy.prints.items():
        yield f"| {outcome}{f' {relief}' if relief else ''} | {text or '(blank)'} |"
    yield ""
    if not policy.rules:
        yield from ("No rules of its own: the statute decides.", "")
    for number, rule in enumerate(policy.rules, start=1):
        yield from _rule(number, rule)


def _rule(number: int, rule: Rule) -> Iterator[str]:
    yield from (f"### {number}. {rule.id}: {_then(rule)}", "")
    yield from ([rule.reason.text, ""] if rule.reason.text else [])
    facts = {
        "only if": _code(rule.applies.text) if rule.applies else "",
        "in version": ", ".join(version.text for version in rule.versions),
        "when": _code(rule.when.text) if rule.when else "",
        "wait": _wait(rule),
        "until": _code(rule.until.text) if rule.until else "",
        "otherwise": "" if rule.when or rule.wait or rule.versions else "always: what no rule before it decided",
        "asks for": ", ".join(_code(fact.text) for fact in rule.missing),
        "authority": rule.citation,
        "confidence": rule.confidence if rule.confidence == _SETTLED else f"**{rule.confidence}**",
        "prints": rule.prints or "",
    }
    yield from (f"- {name}: {text}" for name, text in facts.items() if text)
    for name in ("fires", "fails", "unknown"):
        examples: tuple[Mapping[str, Scalar], ...] = getattr(rule.examples, name)
        if examples:
            yield f"- {name}: " + "; ".join(_code(_example(example)) for example in examples)
    yield ""


def _counsel(remedies: Iterable[Remedy], policies: Iterable[Policy], root: Path | None) -> Iterator[str]:
    yield from ("## Points that need counsel", "")
    yield from ("| | question | until it is answered | authority | rules |", "|---|---|---|---|---|")
    for point in load_list("counsel", root).fillna("").to_dict("records"):
        concerned = ", ".join(_code(rule) for rule in point["rules"].split())
        yield f"| {point['rank']} | {point['question']} | {point['practice']} | {point['citation']} | {concerned} |"
    yield from ("", "Rules whose law is less than certain, by their own mark:", "")
    yield from ("| rule | confidence | outcome | authority |", "|---|---|---|---|")
    owners = [(item.id, (*item.before, *item.after)) for item in remedies]
    owners += [(item.id, item.rules) for item in policies]
    for owner, rules in owners:
        for rule in rules:
            if rule.confidence != _SETTLED:
                yield f"| `{owner}.{rule.id}` | {rule.confidence} | {_then(rule)} | {rule.citation} |"
    yield ""


def _parameter(item: LawParameter) -> str:
    proposed = "; ".join(
        f"`{other.id}`: {_shown(other.value, item.unit)} ({other.citation})" for other in item.variants
    )
    return f"| `{item.name}` | {_shown(item.value, item.unit)} | {item.citation} | {proposed or 'none'} |"


def _shown(value: Value, unit: str) -> str:
    if isinstance(value, Choice):
        return value.name
    if isinstance(value, bool):
        return _yes(value)
    return f"{value} {unit if value != 1 else unit.removesuffix('s')}" if value else "none"


def _then(rule: Rule) -> str:
    relief = f" {rule.relief}" if rule.relief != NONE else ""
    bounds = [f"{name} {bound.text}" for name, bound in (("floor", rule.floor), ("ceiling", rule.ceiling)) if bound]
    return f"{rule.outcome}{relief}" + (f" ({', '.join(bounds)})" if bounds else "")


def _wait(rule: Rule) -> str:
    if not rule.wait:
        return ""
    after = ", over on the day after" if rule.wait.strict else ""
    return f"{_code(rule.wait.add.text)} from {_code(rule.wait.start.text)}{after}"


def _example(example: Mapping[str, Scalar]) -> str:
    return ", ".join(f"{name} = {_scalar(value)}" for name, value in example.items())


def _scalar(value: Scalar) -> str:
    if value is None:
        return "unknown"
    return _yes(value) if isinstance(value, bool) else str(value)


def _whose(predicate: str) -> str:
    return "" if predicate == "all" else f" for which {_code(predicate)}"


def _policy_heading(policy: Policy) -> str:
    return f"Policy {policy.id}: {policy.title}"


def _anchor(heading: str) -> str:
    """The anchor that Markdown viewers make of a heading."""
    return "".join(char for char in heading.lower().replace(" ", "-") if char.isalnum() or char in "-_")


def _code(text: str) -> str:
    return f"`{text}`"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


if __name__ == "__main__":
    sys.stdout.write(render())
