"""Remedies: what a file `rules/remedies/*.yaml` says, read strictly.

Belongs here: the shape of a remedy and of a rule, and every error that can be seen without knowing the facts. Does not
belong here: what a predicate may say (predicates.py), county policies (policy.py), SQL (compile.py).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clearslate.errors import LawError
from clearslate.law.lists import rules_root
from clearslate.law.strict import Node, Passage, Scalar, read_yaml

ELIGIBLE, REVIEW, NONE = "ELIGIBLE", "REVIEW", "NONE"
OUTCOMES = ("INELIGIBLE", "ALREADY_RELIEVED", "NOT_YET", REVIEW, ELIGIBLE)
"""From the least to the most for the person concerned; `on_unknown: deny` takes the least, `presume` the most."""

CANDIDATE_KINDS = ("conviction",)
CONFIDENCES = ("high", "medium", "low")
ACTIONS = ("review", "deny", "presume")
"""What to do where an unknown fact leaves several outcomes possible, the most cautious first."""

INSERT_POLICY = "policy_rules"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RELIEF = re.compile(r"[A-Z][A-Z_]*")

_RULE_KEYS = ("id", "then", "reason", "cite", "confidence")
_RULE_OPTIONS = ("if", "when", "wait", "missing", "event", "examples")


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
    """One row of a decision table. Without `when` and `wait` it is always true."""

    id: str
    place: Passage
    outcome: str
    relief: str
    reason: Passage
    citation: str
    confidence: str
    applies: Passage | None
    when: Passage | None
    wait: Wait | None
    missing: tuple[Passage, ...]
    event: Passage | None
    examples: Examples

    @property
    def is_always(self) -> bool:
        """True for a default."""
        return self.when is None and self.wait is None


@dataclass(frozen=True)
class Version:
    """A version of the remedy's law, in force from the first to the last day given (both included)."""

    version: str
    effective_from: dt.date
    effective_to: dt.date | None
    enacted: bool


@dataclass(frozen=True)
class OnUnknown:
    """What the law says about a fact that nobody knows."""

    action: str
    citation: str


@dataclass(frozen=True)
class Remedy:
    """A remedy: whom it may concern, what it can give (least first), and its rules around the place for a policy's."""

    id: str
    title: str
    authority: str
    file: str
    kind: str
    candidates: Passage
    versions: tuple[Version, ...]
    reliefs: tuple[str, ...]
    on_unknown: Mapping[str, OnUnknown]
    unknown_facts: tuple[Passage, ...]
    otherwise: OnUnknown
    before: tuple[Rule, ...]
    after: tuple[Rule, ...]

    def unknown(self, fact: str) -> OnUnknown:
        """What to do where this fact is unknown and matters."""
        return self.on_unknown.get(fact, self.otherwise)


def load_remedy(path: Path) -> Remedy:
    """Reads a remedy. LawError, with file and line, for whatever is missing, unknown or contradictory."""
    root = read_yaml(path)
    entries = root.mapping(("id", "title", "authority", "versions", "candidates", "relief", "on_unknown", "rules"))
    candidates = entries["candidates"].mapping(("kind", "when", "cite"))
    candidates["cite"].text()
    otherwise, on_unknown, unknown_facts = _on_unknown(entries["on_unknown"])
    reliefs = _reliefs(entries["relief"])
    before, after = _around_policy(entries["rules"])
    check_rules([*before, *after])
    if not after or not after[-1].is_always:
        raise entries["rules"].error("the last rule must be a default, without `when` and `wait`")
    for rule in (*before, *after):
        check_relief(rule, reliefs)
    return Remedy(
        id=name_of(entries["id"]),
        title=entries["title"].text(),
        authority=entries["authority"].text(),
        file=path.name,
        kind=candidates["kind"].choice(CANDIDATE_KINDS),
        candidates=candidates["when"].passage(),
        versions=_versions(entries["versions"]),
        reliefs=reliefs,
        on_unknown=on_unknown,
        unknown_facts=unknown_facts,
        otherwise=otherwise,
        before=before,
        after=after,
    )


def load_remedies(root: Path | None = None) -> tuple[Remedy, ...]:
    """All remedies under `root` (default `rules/`), by file name. LawError if two have the same id."""
    remedies: dict[str, Remedy] = {}
    for path in sorted((rules_root(root) / "remedies").glob("*.yaml")):
        remedy = load_remedy(path)
        if remedy.id in remedies:
            raise LawError(f"{path.name}:1: remedy `{remedy.id}` stands in {remedies[remedy.id].file} too")
        remedies[remedy.id] = remedy
    return tuple(remedies.values())


def read_rule(node: Node) -> Rule:
    """One rule of a remedy or of a policy."""
    entries = node.mapping(_RULE_KEYS, _RULE_OPTIONS)
    outcome, relief = _then(entries["then"])
    confidence = entries["confidence"].choice(CONFIDENCES)
    if confidence == "low" and outcome == ELIGIBLE:
        raise entries["then"].error("law of low confidence can't make anyone eligible; use REVIEW")
    if "missing" in entries and outcome != REVIEW:
        raise entries["missing"].error("only a rule that ends in REVIEW says what is missing")
    return Rule(
        id=name_of(entries["id"]),
        place=entries["id"].passage(),
        outcome=outcome,
        relief=relief,
        reason=entries["reason"].passage(blank=True),
        citation=entries["cite"].text(),
        confidence=confidence,
        applies=entries["if"].passage() if "if" in entries else None,
        when=entries["when"].passage() if "when" in entries else None,
        wait=_wait(entries["wait"]) if "wait" in entries else None,
        missing=tuple(item.passage() for item in entries["missing"].items()) if "missing" in entries else (),
        event=entries["event"].passage() if "event" in entries else None,
        examples=_examples(entries["examples"]) if "examples" in entries else Examples(),
    )


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
    """LawError for a relief that the remedy doesn't know."""
    if rule.relief not in (NONE, *reliefs):
        raise rule.place.error(f"rule `{rule.id}` grants `{rule.relief}`; the remedy knows {', '.join(reliefs)}")


def name_of(node: Node) -> str:
    """A name: lower-case letters, digits, underscores."""
    name = node.text()
    if not _NAME.fullmatch(name):
        raise node.error(f"`{name}` is not a name (lower-case letters, digits and underscores)")
    return name


def _around_policy(node: Node) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules before and after the one entry `insert: policy_rules`."""
    parts: list[list[Rule]] = [[]]
    for item in node.items():
        if "insert" in item.entries():
            item.mapping(("insert",))["insert"].choice((INSERT_POLICY,))
            parts.append([])
        else:
            parts[-1].append(read_rule(item))
    if len(parts) != 2:
        raise node.error(f"`insert: {INSERT_POLICY}` must stand exactly once among the rules")
    return tuple(parts[0]), tuple(parts[1])


def _then(node: Node) -> tuple[str, str]:
    outcome, _, relief = node.text().partition(" ")
    if outcome not in OUTCOMES:
        raise node.error(f"`{outcome}` is no outcome; outcomes are {', '.join(OUTCOMES)}")
    if outcome != ELIGIBLE:
        if relief:
            raise node.error(f"{outcome} carries no relief")
        return outcome, NONE
    if not _RELIEF.fullmatch(relief) or relief == NONE:
        raise node.error("ELIGIBLE must name one relief, as in `ELIGIBLE DISMISS_SEAL`")
    return outcome, relief


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


def _versions(node: Node) -> tuple[Version, ...]:
    versions: list[Version] = []
    for item in node.items():
        entries = item.mapping(("version", "effective_from", "effective_to", "enacted"))
        last = entries["effective_to"]
        version = Version(
            version=entries["version"].text(),
            effective_from=entries["effective_from"].date(),
            effective_to=None if last.scalar() is None else last.date(),
            enacted=entries["enacted"].flag(),
        )
        if version.effective_to is not None and version.effective_to < version.effective_from:
            raise last.error(f"version `{version.version}` ends before it begins")
        for other in versions:
            if other.version == version.version:
                raise item.error(f"version `{version.version}` stands twice")
            if version.enacted and other.enacted and _overlap(version, other):
                raise item.error(f"versions `{other.version}` and `{version.version}` overlap")
        versions.append(version)
    if not any(version.enacted for version in versions):
        raise node.error("no version is enacted")
    return tuple(versions)


def _overlap(one: Version, other: Version) -> bool:
    first, second = sorted((one, other), key=lambda version: version.effective_from)
    return first.effective_to is None or first.effective_to >= second.effective_from


def _reliefs(node: Node) -> tuple[str, ...]:
    reliefs: list[str] = []
    for item in node.items():
        relief = item.text()
        if not _RELIEF.fullmatch(relief) or relief in (NONE, *reliefs):
            raise item.error(f"`{relief}` is not a relief, or stands twice (NONE goes without saying)")
        reliefs.append(relief)
    return tuple(reliefs)


def _on_unknown(node: Node) -> tuple[OnUnknown, dict[str, OnUnknown], tuple[Passage, ...]]:
    entries = node.mapping(("default",), ("facts",))
    by_fact: dict[str, OnUnknown] = {}
    places: list[Passage] = []
    for fact, value in (entries["facts"].entries() if "facts" in entries else {}).items():
        by_fact[fact] = _action(value)
        places.append(Passage(fact, value.file, value.line))
    return _action(entries["default"]), by_fact, tuple(places)


def _action(node: Node) -> OnUnknown:
    entries = node.mapping(("do", "cite"))
    return OnUnknown(entries["do"].choice(ACTIONS), entries["cite"].text())
