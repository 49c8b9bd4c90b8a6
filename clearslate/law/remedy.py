"""Remedies: what a file `rules/remedies/*.yaml` says, read strictly.

Belongs here: the shape of a remedy, its versions, and every error that can be seen without knowing the facts. Does not
belong here: a rule's own shape (rule.py), county policies (policy.py), SQL (compile.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from clearslate.errors import LawError, UsageError
from clearslate.law.lists import rules_root
from clearslate.law.parameters import LawParameter, read_parameters
from clearslate.law.predicates import Value
from clearslate.law.rule import NONE, RELIEF, Rule, check_relief, check_rules, name_of, read_rule
from clearslate.law.strict import Node, Passage, read_yaml

CANDIDATE_KINDS = ("conviction", "arrest")
ACTIONS = ("review", "deny", "presume")
"""What to do where an unknown fact leaves several outcomes possible, the most cautious first."""

INSERT_POLICY = "policy_rules"


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
    """A remedy: whom it may concern, what it can give (least first), and its rules around the place for a policy's.

    `variants` are the proposed values of parameters that are taken instead of the enacted ones. Where `takes_policy` is
    false, no county has a say and all rules are `before`.
    """

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
    parameters: tuple[LawParameter, ...]
    variants: tuple[str, ...]
    before: tuple[Rule, ...]
    after: tuple[Rule, ...]
    takes_policy: bool

    @property
    def values(self) -> Mapping[str, Value]:
        """The parameters' values, under the variants asked for."""
        return {parameter.name: parameter.under(self.variants) for parameter in self.parameters}

    def unknown(self, fact: str) -> OnUnknown:
        """What to do where this fact is unknown and matters."""
        return self.on_unknown.get(fact, self.otherwise)


def load_remedy(path: Path, variants: Collection[str] = ()) -> Remedy:
    """Reads a remedy; of `variants`, those take effect that one of its parameters knows.

    LawError, with file and line, for whatever is missing, unknown or contradictory.
    """
    root = read_yaml(path)
    keys = ("id", "title", "authority", "versions", "candidates", "relief", "on_unknown", "rules")
    entries = root.mapping(keys, ("parameters",))
    candidates = entries["candidates"].mapping(("kind", "when", "cite"))
    candidates["cite"].text()
    otherwise, on_unknown, unknown_facts = _on_unknown(entries["on_unknown"])
    reliefs = _reliefs(entries["relief"])
    parameters = read_parameters(entries["parameters"]) if "parameters" in entries else ()
    known = {variant.id for parameter in parameters for variant in parameter.variants}
    versions = _versions(entries["versions"])
    before, *inserted = _around_policy(entries["rules"])
    after = inserted[0] if inserted else ()
    rules = (*before, *after)
    check_rules(list(rules))
    if not rules or not rules[-1].is_always or rules[-1].applies or (inserted and not after):
        raise entries["rules"].error("the last rule must be a default, without `when`, `wait`, `in` and `if`")
    for rule in rules:
        check_relief(rule, reliefs)
        if rule.prints is not None:
            raise rule.place.error("`prints` stands in a policy's rules: the review files are the prosecutor's")
    return Remedy(
        id=name_of(entries["id"]),
        title=entries["title"].text(),
        authority=entries["authority"].text(),
        file=path.name,
        kind=candidates["kind"].choice(CANDIDATE_KINDS),
        candidates=candidates["when"].passage(),
        versions=versions,
        reliefs=reliefs,
        on_unknown=on_unknown,
        unknown_facts=unknown_facts,
        otherwise=otherwise,
        parameters=parameters,
        variants=tuple(sorted(known.intersection(variants))),
        before=before,
        after=after,
        takes_policy=bool(inserted),
    )


def load_remedies(root: Path | None = None, *, variants: Collection[str] = ()) -> tuple[Remedy, ...]:
    """All remedies under `root` (default `rules/`), by file name, with the proposed values of `variants`.

    LawError if two have the same id; UsageError for a variant that no parameter of any remedy knows.
    """
    remedies: dict[str, Remedy] = {}
    for path in sorted((rules_root(root) / "remedies").glob("*.yaml")):
        remedy = load_remedy(path, variants)
        if remedy.id in remedies:
            raise LawError(f"{path.name}:1: remedy `{remedy.id}` stands in {remedies[remedy.id].file} too")
        remedies[remedy.id] = remedy
    known = {
        variant.id
        for remedy in remedies.values()
        for parameter in remedy.parameters
        for variant in parameter.variants
    }  # fmt: skip
    for variant in variants:
        if variant not in known:
            raise UsageError(f"no remedy has a variant {variant!r}; there are: {', '.join(sorted(known)) or 'none'}")
    return tuple(remedies.values())


def _around_policy(node: Node) -> list[tuple[Rule, ...]]:
    """The rules, cut in two where the entry `insert: policy_rules` stands among them."""
    parts: list[list[Rule]] = [[]]
    for item in node.items():
        if "insert" in item.entries():
            item.mapping(("insert",))["insert"].choice((INSERT_POLICY,))
            if len(parts) == 2:
                raise item.error(f"`insert: {INSERT_POLICY}` stands twice")
            parts.append([])
        else:
            parts[-1].append(read_rule(item))
    return [tuple(part) for part in parts]


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
        if not RELIEF.fullmatch(relief) or relief in (NONE, *reliefs):
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
