"""A remedy's parameters: the numbers and choices of its law, each with its unit, its authority, and proposed other values.

Belongs here: reading them strictly, and which value holds. Does not belong here: what a county may choose (policy.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from clearslate.law.predicates import AS_OF, Choice, Value
from clearslate.law.rule import name_of
from clearslate.law.strict import Node

UNITS = ("years", "months", "days", "choice", "flag")
BY_COUNTY = "by_county"
"""A flag that every remedy has without stating it: true where the run takes more than one county policy."""


@dataclass(frozen=True)
class Variant:
    """Another value that is proposed and not enacted: a bill, a disputed reading. In force only where asked for by name."""

    id: str
    value: Value
    citation: str


@dataclass(frozen=True)
class LawParameter:
    """A number (of `unit` years, months or days; 0: none), a choice or a flag that rules of a remedy refer to by name."""

    name: str
    unit: str
    value: Value
    citation: str
    variants: tuple[Variant, ...]

    def under(self, variants: Collection[str]) -> Value:
        """The value that holds where these variants are asked for."""
        return next((variant.value for variant in self.variants if variant.id in variants), self.value)


def read_parameters(node: Node) -> tuple[LawParameter, ...]:
    """The entry `parameters` of a remedy. LawError for whatever is missing, unknown or contradictory."""
    return tuple(_parameter(name, entry) for name, entry in node.entries().items())


def _parameter(name: str, node: Node) -> LawParameter:
    entries = node.mapping(("value", "unit", "cite"), ("allowed", "variants"))
    unit = entries["unit"].choice(UNITS)
    if name in (AS_OF, BY_COUNTY):
        raise node.error(f"`{name}` has a meaning of its own")
    if (unit == "choice") != ("allowed" in entries):
        raise node.error(f"`allowed` belongs to every choice, and to nothing else (`{name}`)")
    allowed = tuple(name_of(item) for item in entries["allowed"].items()) if "allowed" in entries else ()
    variants: list[Variant] = []
    for item in entries["variants"].items() if "variants" in entries else ():
        variant = _variant(item, unit, allowed)
        if variant.id in (other.id for other in variants):
            raise item.error(f"variant `{variant.id}` stands twice")
        variants.append(variant)
    value = _value(entries["value"], unit, allowed)
    return LawParameter(name, unit, value, entries["cite"].text(), tuple(variants))


def _variant(node: Node, unit: str, allowed: tuple[str, ...]) -> Variant:
    entries = node.mapping(("id", "value", "enacted", "cite"))
    if entries["enacted"].flag():
        raise entries["enacted"].error("a variant is not enacted; an enacted value is the parameter's own")
    return Variant(name_of(entries["id"]), _value(entries["value"], unit, allowed), entries["cite"].text())


def _value(node: Node, unit: str, allowed: tuple[str, ...]) -> Value:
    if unit == "flag":
        return node.flag()
    if unit == "choice":
        return Choice(node.choice(allowed), allowed)
    number = node.integer()
    if number < 0:
        raise node.error(f"a number of {unit} is 0 (none) or more")
    return number
