"""County policies: what a prosecutor adds to the statute, from `rules/policies/*.yaml` and a county's options file.

Belongs here: parameters, their ranges, and the predecessor's options JSON read strictly: a misspelt key, a section that
does not exist, a value out of range or a section in two lists is an error that names it, where the predecessor went on
with everything undecided. Does not belong here: deciding anything.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearslate.errors import LawError, UsageError
from clearslate.law.lists import rules_root
from clearslate.law.predicates import Value
from clearslate.law.rule import ELIGIBLE, OUTCOMES, Rule, check_rules, name_of, read_rule
from clearslate.law.strict import Node, Passage, read_text, read_yaml

DEFAULT_POLICY = "clear-my-record"
STATUTE_ONLY = "statute-only"
UNKNOWN_QUANTITY = "unknown_quantity"
"""The one parameter of a remedy that a county may override: what holds where no record tells how much it was."""

_TYPES = ("flag", "integer", "list")
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


@dataclass(frozen=True)
class Parameter:
    """A setting that a county may choose. `allowed` holds numbers and ranges, or the elements that a list may have."""

    name: str
    label: str
    option: str
    type: str
    default: Value
    absent: Value
    allowed: tuple[str, ...]
    disjoint_with: str | None
    message: str
    citation: str

    def problem(self, value: object) -> str | None:
        """What is wrong with `value`, or None."""
        if self.type == "flag":
            return None if isinstance(value, bool) else "must be true or false"
        if self.type == "integer":
            if isinstance(value, bool) or not isinstance(value, int):
                return "must be a whole number"
            return None if any(low <= value <= high for low, high in self._ranges()) else self.message
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            return "must be a list of texts"
        for item in value:
            if item not in self.allowed:
                return f"`{item}` is unknown; {self.message}"
            if value.count(item) > 1:
                return f"`{item}` stands twice"
        return None

    def settle(self, value: Any) -> Value:
        """A value without problem as it is kept: a list in the order of `allowed`, so that order means nothing."""
        return tuple(sorted(value, key=self.allowed.index)) if isinstance(value, list) else value

    def show(self, value: Value) -> str:
        """The value as a person reads it."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int):
            return str(value) if value else "off"
        return ", ".join(value) or "none" if isinstance(value, tuple) else value.name

    def _ranges(self) -> Iterable[tuple[int, int]]:
        for text in self.allowed:
            low, _, high = text.partition("-")
            yield int(low), int(high or low)


@dataclass(frozen=True)
class Policy:
    """A county's policy with its settings: the rules that stand in a remedy's table where it says `policy_rules`.

    `candidates` replaces the remedy's own, and `unknown_quantity` the remedy's parameter of that name, unless None.
    """

    id: str
    title: str
    authority: str
    file: str
    remedy: str
    parameters: tuple[Parameter, ...]
    values: Mapping[str, Value]
    prints: Mapping[tuple[str, str | None], str]
    rules: tuple[Rule, ...]
    candidates: Passage | None
    unknown_quantity: Passage | None
    source: str
    hash: str

    def describe(self) -> list[str]:
        """What was chosen, a line per setting, to be printed before a run."""
        heading = f"{self.title} ({self.source})" if self.parameters else self.title
        return [heading, *(f"{item.label}: {item.show(self.values[item.name])}" for item in self.parameters)]

    def texts(self) -> list[tuple[str | None, str, str | None, str]]:
        """The determination texts of the review files: rule (None: any), outcome, relief (where ELIGIBLE), text."""
        special = [
            (rule.id, rule.outcome, rule.relief if rule.outcome == ELIGIBLE else None, rule.prints)
            for rule in self.rules
            if rule.prints is not None
        ]
        return [*((None, *verdict, text) for verdict, text in self.prints.items()), *special]


def load_policy(
    options: Path | None = None,
    *,
    name: str = DEFAULT_POLICY,
    recorded: Mapping[str, Any] | None = None,
    root: Path | None = None,
) -> Policy:
    """The policy `policies/<name>.yaml` under `root` (default `rules/`), with the settings of an options file (JSON), or
    those that a run has recorded, by parameter; with its own defaults without either.

    LawError, with file and line, for anything in either file that isn't understood; UsageError if one can't be opened, or
    if the policy takes no options, or other settings than were recorded.
    """
    policy_file = rules_root(root) / "policies" / f"{name}.yaml"
    if name not in policy_names(root):
        raise UsageError(f"there is no policy {name!r}; there are: {', '.join(policy_names(root))}")
    entries = read_yaml(policy_file).mapping(
        ("id", "title", "authority", "remedy", "prints"), ("parameters", "rules", "candidates", UNKNOWN_QUANTITY)
    )
    policy_id = entries["id"].text()
    if policy_id != name:
        raise entries["id"].error(f"`{policy_id}` must be the file's name, {name}")
    parameters = _parameters(entries["parameters"]) if "parameters" in entries else ()
    if options and not parameters:
        raise UsageError(f"{options.name}: the policy {name} takes no options")
    rules = tuple(read_rule(item) for item in entries["rules"].items()) if "rules" in entries else ()
    check_rules(list(rules))
    if recorded is not None:
        values = _recorded(recorded, name, parameters)
    else:
        values = _read_options(options, parameters) if options else {item.name: item.default for item in parameters}
    return Policy(
        id=policy_id,
        title=entries["title"].text(),
        authority=entries["authority"].text(),
        file=policy_file.name,
        remedy=name_of(entries["remedy"]),
        parameters=parameters,
        values=values,
        prints=_prints(entries["prints"]),
        rules=rules,
        candidates=_candidates(entries["candidates"]) if "candidates" in entries else None,
        unknown_quantity=entries[UNKNOWN_QUANTITY].passage() if UNKNOWN_QUANTITY in entries else None,
        source=f"settings of {options.name}" if options else "settings of a run" if recorded else "default settings",
        hash=_hash(policy_id, read_text(policy_file), values),
    )


def policy_names(root: Path | None = None) -> tuple[str, ...]:
    """The ids of all policies under `root` (default `rules/`), sorted."""
    return tuple(sorted(path.stem for path in (rules_root(root) / "policies").glob("*.yaml")))


def _candidates(node: Node) -> Passage:
    entries = node.mapping(("when", "cite"))
    entries["cite"].text()
    return entries["when"].passage()


def _hash(policy_id: str, text: str, values: Mapping[str, Value]) -> str:
    """SHA-256 over the policy's file and settings; an options file in another order or layout gives the same."""
    parts = {
        "policy": policy_id,
        "file": hashlib.sha256(text.encode()).hexdigest(),
        "values": dict(values),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _parameters(node: Node) -> tuple[Parameter, ...]:
    parameters: dict[str, Parameter] = {}
    for name, value in node.entries().items():
        entries = value.mapping(
            ("label", "option", "type", "default", "absent", "cite"), ("allowed", "message", "disjoint_with")
        )
        kind = entries["type"].choice(_TYPES)
        if (kind != "flag") != ("allowed" in entries and "message" in entries):
            raise value.error(f"`allowed` and `message` belong to every integer and list, and to no flag (`{name}`)")
        allowed = tuple(item.text() for item in entries["allowed"].items()) if "allowed" in entries else ()
        if kind == "integer" and not all(_RANGE.fullmatch(text) for text in allowed):
            raise entries["allowed"].error('ranges are written "0" or "40-65"')
        parameter = Parameter(
            name=name,
            label=entries["label"].text(),
            option=entries["option"].text(),
            type=kind,
            default=_value(entries["default"], kind),
            absent=_value(entries["absent"], kind),
            allowed=allowed,
            disjoint_with=entries["disjoint_with"].choice(parameters) if "disjoint_with" in entries else None,
            message=entries["message"].text() if "message" in entries else "",
            citation=entries["cite"].text(),
        )
        for key in ("default", "absent"):
            if problem := parameter.problem(getattr(parameter, key)):
                raise entries[key].error(problem)
        if parameter.option in (other.option for other in parameters.values()):
            raise entries["option"].error(f"option `{parameter.option}` stands twice")
        parameters[name] = parameter
    return tuple(parameters.values())


def _value(node: Node, kind: str) -> Value:
    if kind == "flag":
        return node.flag()
    return node.integer() if kind == "integer" else tuple(node.texts())


def _prints(node: Node) -> dict[tuple[str, str | None], str]:
    prints: dict[tuple[str, str | None], str] = {}
    for key, text in node.entries().items():
        outcome, _, relief = key.partition(" ")
        if outcome not in OUTCOMES or bool(relief) != (outcome == ELIGIBLE):
            raise text.error(f"`{key}` is no outcome (ELIGIBLE with its relief, the others without)")
        prints[(outcome, relief or None)] = text.text(blank=True)
    return prints


class _Options:
    """An options file's text, to say in which line a key or value stands."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.text = read_text(path)

    def error(self, message: str, token: str = "", *, last: bool = False) -> LawError:
        """A LawError at the first (or last) place where `token` stands in quotes."""
        places = [found.start() for found in re.finditer(re.escape(json.dumps(token)), self.text)]
        offset = places[-1 if last else 0] if places else 0
        return LawError(f"{self.name}:{self.text.count(chr(10), 0, offset) + 1}: {message}")

    def load(self) -> dict[str, Any]:
        """The JSON object. LawError if it is anything else, or holds a key twice."""

        def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            for key in (key for key, _ in pairs):
                if [other for other, _ in pairs].count(key) > 1:
                    raise self.error(f"`{key}` stands twice", key, last=True)
            return dict(pairs)

        try:
            loaded = json.loads(self.text, object_pairs_hook=unique)
        except json.JSONDecodeError as error:
            raise LawError(f"{self.name}:{error.lineno}: not valid JSON: {error.msg}") from None
        except (ValueError, RecursionError):  # a number of thousands of digits, or brackets in brackets without end
            raise self.error("not valid JSON for a policy's options") from None
        if not isinstance(loaded, dict):
            raise self.error("expected an object with the policy's options")
        return loaded


def _read_options(path: Path, parameters: tuple[Parameter, ...]) -> dict[str, Value]:
    """The parameters' values from an options file with the keys of two levels, `group.key`."""
    file = _Options(path)
    groups: dict[str, dict[str, Parameter]] = {}
    for parameter in parameters:
        group, _, key = parameter.option.partition(".")
        groups.setdefault(group, {})[key] = parameter
    values = {item.name: item.absent for item in parameters}
    loaded = file.load()
    if not loaded:
        raise file.error(f"no options; known are {', '.join(groups)}")
    for group, content in loaded.items():
        if group not in groups:
            raise file.error(f"unknown key `{group}`; known are {', '.join(groups)}", group)
        if not isinstance(content, dict):
            raise file.error(f"`{group}` must be an object", group)
        for key, value in content.items():
            known = groups[group]
            if key not in known:
                raise file.error(f"unknown key `{group}.{key}`; known are {', '.join(known)}", key)
            if problem := known[key].problem(value):
                raise file.error(f"`{group}.{key}`: {problem}", key)
            values[known[key].name] = known[key].settle(value)
    _check_disjoint(file, parameters, values)
    return values


def _recorded(settings: Mapping[str, Any], name: str, parameters: tuple[Parameter, ...]) -> dict[str, Value]:
    """The parameters' values as a run's record has them. What the policy did not have then is off."""
    known = {item.name: item for item in parameters}
    values = {item.name: item.absent for item in parameters}
    for setting, value in settings.items():
        if setting not in known or known[setting].problem(value):
            raise UsageError(
                f"the policy {name} takes other settings than the run's record has: it has changed since, or the record is "
                "damaged; decide anew with `clearslate redecide`"
            )
        values[setting] = known[setting].settle(value)
    return values


def _check_disjoint(file: _Options, parameters: tuple[Parameter, ...], values: Mapping[str, Value]) -> None:
    by_name = {item.name: item for item in parameters}
    for parameter in parameters:
        if parameter.disjoint_with is None:
            continue
        mine, others = values[parameter.name], values[parameter.disjoint_with]
        if not isinstance(mine, tuple) or not isinstance(others, tuple):
            continue
        if both := [item for item in mine if item in others]:
            options = f"`{by_name[parameter.disjoint_with].option}` and `{parameter.option}`"
            raise file.error(f"`{both[0]}` stands in both {options}", both[0], last=True)
