"""An ordered list of rules, tried one after another, where a test may be unknown.

Belongs here: docs/rules.md, "What is unknown, and when it matters". Does not belong here: the rules.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tests.oracle.truth import Truth

NONE = "NONE"
OUTCOMES = (
    "INELIGIBLE",
    "ALREADY_RELIEVED",
    "NOT_YET",
    "REVIEW",
    "ELIGIBLE",
)  # from the least for the person to the most


@dataclass(frozen=True)
class Rule:
    """A rule whose test has been tried: its outcome holds if the test is true."""

    name: str
    test: Truth
    then: str  # an outcome, or ELIGIBLE and a relief
    awaits: bool = False  # only for want of an input file

    @property
    def verdict(self) -> tuple[str, str]:
        outcome, _, relief = self.then.partition(" ")
        return outcome, relief or NONE


@dataclass(frozen=True)
class Verdict:
    """What a table comes to; `if_clear` is the outcome without the rule that waits for an input, where that one decided."""

    outcome: str
    relief: str
    rule: str
    if_clear: str | None = None


def decide(rules: Sequence[Rule], on_unknown: str, reliefs: Sequence[str], looked_at: Collection[str] = ()) -> Verdict:
    """The outcomes still possible: those of the unknown rules ahead of the first true one, and that one's.

    `looked_at`: rules that a person looks at where they are unknown, whatever is done about the others.
    """
    possible: list[Rule] = []
    for rule in rules:
        if rule.test is not False:
            possible.append(rule)
        if rule.test:
            break
    first = possible[-1]
    assert first.test, "the last rule is a default"
    clear = [rule for rule in rules if not rule.awaits]
    if len({rule.verdict for rule in possible}) == 1:
        return _verdict(first, clear, on_unknown, reliefs, looked_at)
    if on_unknown == "review" or any(rule.test is None and rule.name in looked_at for rule in possible):
        return Verdict("REVIEW", NONE, possible[0].name)
    least = min(possible, key=lambda rule: _worth(rule, reliefs))
    return _verdict(least, clear, on_unknown, reliefs, looked_at)


def _verdict(
    rule: Rule, clear: Sequence[Rule], on_unknown: str, reliefs: Sequence[str], looked_at: Collection[str]
) -> Verdict:
    if_clear = decide(clear, on_unknown, reliefs, looked_at).outcome if rule.awaits else None
    return Verdict(*rule.verdict, rule.name, if_clear)


def _worth(rule: Rule, reliefs: Sequence[str]) -> tuple[int, int]:
    outcome, relief = rule.verdict
    return OUTCOMES.index(outcome), reliefs.index(relief) if relief != NONE else 0
