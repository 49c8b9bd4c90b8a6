"""Rules: one row of a decision table as a law file gives it, read strictly.

Belongs here: the shape of a rule, its verdict, its examples, and every error in it that can be seen without knowing the
facts. Does not belong here: what a predicate may say (predicates.py), the files that rules stand in (remedy.py, policy.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from clearslate.law.strict import Node, Passage, Scalar

ELIGIBLE, REVIEW, NONE = "ELIGIBLE", "REVIEW", "NONE"
OUTCOMES = ("INELIGIBLE", "ALREADY_RELIEVED", "NOT_YET", REVIEW, ELIGIBLE)
"""From the least to the most for the person concerned; `on_unknown: deny` takes the least, `presume` the most."""

CONFIDENCES = ("high", "medium", "low")
RELIEF = re.compile(r"[A-Z][A-Z_]*")

_NAME = re.compile(r"[a-z][a-z0-9_]*")

_KEYS = ("id", "then", "reason", "cite", "confidence")
_OPTIONS = ("if", "in", "when", "wait", "missing", "awaits", "floor", "ceiling", "event", "until", "prints", "examples")


@dataclass(frozen=True)
class Wait:
    """A waiting period: `add`, counted from the date fact `start`, is over by the as-of date (`strict`: before it)."""

    start: Passage
    add: Passage
    strict: bool


@dataclass(frozen=True)
class Examples:
    """For each value that a rule's test can take, assignments of facts and parameters under which it takes it.

    Facts that an example doesn't name are unknown. A date may be partial: `1985` or `1985-03`.
    """

    fires: tuple[Mapping[str, Scalar], ...] = ()
    fails: tuple[Mapping[str, Scalar], ...] = ()
    unknown: tuple[Mapping[str, Scalar], ...] = ()


@dataclass(frozen=True)
class Rule:
    """One row of a decision table. Without `when`, `wait` and `versions` it is always true.

    `versions` are those of the remedy in which the rule stands (empty: all). `awaits` names the fact of an input file for
    want of which alone the rule asks for a review. `least` and `most` are the range of relief that the rule leaves open;
    `is_bounded` is false for a REVIEW that says nothing of it, behind which the table is read on for the most. `prints` is
    what a policy calls this very determination in the review files, where that differs from others of its outcome. `until`
    names the day on which a rule that stands in the way ceases to, if nothing else happens.
    """

    id: str
    place: Passage
    outcome: str
    relief: str
    reason: Passage
    citation: str
    confidence: str
    applies: Passage | None
    versions: tuple[Passage, ...]
    when: Passage | None
    wait: Wait | None
    missing: tuple[Passage, ...]
    awaits: Passage | None
    floor: Passage | None
    ceiling: Passage | None
    event: Passage | None
    until: Passage | None
    prints: str | None
    examples: Examples

    @property
    def is_always(self) -> bool:
        """True for a default."""
        return self.when is None and self.wait is None and not self.versions

    @property
    def least(self) -> str:
        """The relief that is sure where this rule decides."""
        return self.floor.text if self.floor else self.relief

    @property
    def most(self) -> str:
        """The relief that is possible where this rule decides."""
        return self.ceiling.text if self.ceiling else self.relief

    @property
    def is_bounded(self) -> bool:
        """False where the most that is possible is told by the rules behind this one."""
        return self.outcome != REVIEW or self.ceiling is not None


def read_rule(node: Node) -> Rule:
    """One rule of a remedy or of a policy. LawError for whatever is missing, unknown or contradictory in it."""
    entries = node.mapping(_KEYS, _OPTIONS)
    outcome, relief = _then(entries["then"])
    confidence = entries["confidence"].choice(CONFIDENCES)
    if confidence == "low" and outcome == ELIGIBLE:
        raise entries["then"].error("law of low confidence can't make anyone eligible; use REVIEW")
    for key in ("missing", "awaits"):
        if key in entries and outcome != REVIEW:
            raise entries[key].error("only a rule that ends in REVIEW says what is missing")
    if "missing" in entries and "prints" in entries:
        raise entries["prints"].error("a rule that says what is missing prints what its policy prints for REVIEW")
    for key in ("floor", "ceiling"):
        if key in entries and outcome not in (REVIEW, ELIGIBLE):
            raise entries[key].error("only a rule that ends in ELIGIBLE or REVIEW has a range of relief")
    if "until" in entries and outcome == ELIGIBLE:
        raise entries["until"].error("only a rule that stands in the way says until when")
    awaits = entries["awaits"].passage() if "awaits" in entries else None
    missing = [item.passage() for item in entries["missing"].items()] if "missing" in entries else []
    rule = Rule(
        id=name_of(entries["id"]),
        place=entries["id"].passage(),
        outcome=outcome,
        relief=relief,
        reason=entries["reason"].passage(blank=True),
        citation=entries["cite"].text(),
        confidence=confidence,
        applies=entries["if"].passage() if "if" in entries else None,
        versions=_in(entries["in"]) if "in" in entries else (),
        when=entries["when"].passage() if "when" in entries else None,
        wait=_wait(entries["wait"]) if "wait" in entries else None,
        missing=(*missing, *([awaits] if awaits else [])),
        awaits=awaits,
        floor=entries["floor"].passage() if "floor" in entries else None,
        ceiling=entries["ceiling"].passage() if "ceiling" in entries else None,
        event=entries["event"].passage() if "event" in entries else None,
        until=entries["until"].passage() if "until" in entries else None,
        prints=entries["prints"].text(blank=True) if "prints" in entries else None,
        examples=_examples(entries["examples"]) if "examples" in entries else Examples(),
    )
    if awaits and rule.is_always:
        raise awaits.error("a rule that awaits an input needs a test: `when` the input is not there")
    return rule


def check_rules(rules: list[Rule]) -> None:
    """LawError for an id that stands twice, or a rule behind one that is always true."""
    seen: set[str] = set()
    default: Rule | None = None
    for rule in rules:
        if default is not None:
            raise rule.place.error(f"rule `{rule.id}` is never reached: `{default.id}` before it is always true")
        if rule.id in seen:
            raise rule.place.error(f"rule id `{rule.id}` stands twice")
        seen.add(rule.id)
        if rule.is_always and rule.applies is None:
            default = rule


def check_relief(rule: Rule, reliefs: tuple[str, ...]) -> None:
    """LawError for a relief that the remedy doesn't know, or a range of reliefs that is none."""
    order = (NONE, *reliefs)
    if rule.relief not in order:
        raise rule.place.error(f"rule `{rule.id}` grants `{rule.relief}`; the remedy knows {', '.join(reliefs)}")
    for bound in (rule.floor, rule.ceiling):
        if bound and bound.text not in order:
            raise bound.error(f"`{bound.text}` is none of {', '.join(order)}")
    least, relief, most = (order.index(name) for name in (rule.least, rule.relief, rule.most))
    in_order = least <= relief <= most if rule.outcome == ELIGIBLE else least <= most or not rule.is_bounded
    if not in_order:
        raise rule.place.error(f"rule `{rule.id}`: floor, relief and ceiling are not in the order {', '.join(order)}")


def name_of(node: Node) -> str:
    """A name: lower-case letters, digits, underscores."""
    name = node.text()
    if not _NAME.fullmatch(name):
        raise node.error(f"`{name}` is not a name (lower-case letters, digits and underscores)")
    return name


def _then(node: Node) -> tuple[str, str]:
    outcome, _, relief = node.text().partition(" ")
    if outcome not in OUTCOMES:
        raise node.error(f"`{outcome}` is no outcome; outcomes are {', '.join(OUTCOMES)}")
    if outcome != ELIGIBLE:
        if relief:
            raise node.error(f"{outcome} carries no relief")
        return outcome, NONE
    if not RELIEF.fullmatch(relief) or relief == NONE:
        raise node.error("ELIGIBLE must name one relief, as in `ELIGIBLE DISMISS_SEAL`")
    return outcome, relief


def _in(node: Node) -> tuple[Passage, ...]:
    versions = tuple(item.passage() for item in node.items())
    names = [version.text for version in versions]
    for version in versions:
        if names.count(version.text) > 1:
            raise version.error(f"version `{version.text}` stands twice")
    return versions


def _wait(node: Node) -> Wait:
    entries = node.mapping(("from", "add"), ("strict",))
    strict = entries["strict"].flag() if "strict" in entries else False
    return Wait(entries["from"].passage(), entries["add"].passage(), strict)


def _examples(node: Node) -> Examples:
    entries = node.mapping((), ("fires", "fails", "unknown"))
    return Examples(
        **{
            value: tuple({name: fact.scalar() for name, fact in item.entries().items()} for item in listed.items())
            for value, listed in entries.items()
        }
    )
