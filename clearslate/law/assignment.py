"""Which county goes by which policy: one for all, or a file with one per county.

Belongs here: the three forms of `--policy` (a policy's name, an options file, a policy per county) and their errors. Does
not belong here: what a policy says (policy.py), which counties a run writes files for (settings.py).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from clearslate.errors import LawError, UsageError
from clearslate.law.lists import load_list
from clearslate.law.policy import STATUTE_ONLY, Policy, load_policy, policy_names
from clearslate.law.strict import read_text

_COLUMNS = ["county", "policy", "options"]


class Share(NamedTuple):
    """A policy and the counties that go by it. `but` turns it round: all counties but these, and the unknown one."""

    policy: Policy
    counties: tuple[str, ...]
    but: bool


@dataclass(frozen=True)
class Assignment:
    """A policy for every county, named as DOJ does: `counties` where they differ, else the default."""

    default: Policy
    counties: Mapping[str, Policy] = field(default_factory=dict)

    @staticmethod
    def of(policy: Policy) -> Assignment:
        """One policy for all counties."""
        return Assignment(policy)

    @property
    def is_by_county(self) -> bool:
        """Whether more than one policy may apply, so that an unknown county leaves it open which."""
        return len(self.policies) > 1

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The different policies (same file, other settings: another policy), the default first."""
        return tuple({policy.hash: policy for policy in (self.default, *self.counties.values())}.values())

    def policy_of(self, county: str | None) -> Policy:
        """The policy of a county; the default where it is unknown."""
        return self.counties.get(county, self.default) if county else self.default

    def shares(self) -> Iterator[Share]:
        """Every policy with its counties, the default first; each county, and the unknown one, in exactly one share."""
        elsewhere = sorted(county for county, policy in self.counties.items() if policy.hash != self.default.hash)
        yield Share(self.default, tuple(elsewhere), but=True)
        for policy in self.policies[1:]:
            named = (county for county in elsewhere if self.counties[county].hash == policy.hash)
            yield Share(policy, tuple(named), but=False)

    @property
    def hash(self) -> str:
        """SHA-256 over all policies and their counties; of one policy, that policy's own."""
        if not self.is_by_county:
            return self.default.hash
        parts = [self.default.hash, {county: policy.hash for county, policy in self.counties.items()}]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def describe(self) -> list[str]:
        """What was chosen, to be printed before a run."""
        if not self.is_by_county:
            return self.default.describe()
        lines = [f"{county}: {line}" for county, policy in sorted(self.counties.items()) for line in policy.describe()]
        return [*lines, f"all other counties: {self.default.title}"]


def load_assignment(choice: str | Path | None = None, *, root: Path | None = None) -> Assignment:
    """The policies that `--policy` asks for: a policy's name, an options file of Clear My Record (`.json`), or a policy per
    county (`.csv`); without one, Clear My Record with the defaults of its screens.

    LawError, with file and line, for a file that isn't understood; UsageError for a name that is neither a policy nor a file.
    """
    if choice is None:
        return Assignment(load_policy(root=root))
    path = Path(choice)
    if path.suffix.lower() == ".csv":
        return _by_county(path, root)
    if names_policy(choice, root):
        return Assignment(load_policy(name=str(choice), root=root))
    if not path.suffix and not path.exists():
        known = ", ".join(policy_names(root))
        raise UsageError(f"{path.name!r} is neither a file nor a policy; policies are {known}")
    return Assignment(load_policy(path, root=root))


def recorded_assignment(told: Mapping[str, Any], *, root: Path | None = None) -> Assignment:
    """The policies of a run as its record tells them: `id` and `settings`, and the same by county under `counties`.

    So the files that they were read from need not lie where they did, nor say what they said.
    """

    def policy(one: Mapping[str, Any]) -> Policy:
        return load_policy(name=one["id"], recorded=one["settings"], root=root)

    return Assignment(policy(told), {county: policy(one) for county, one in told["counties"].items()})


def names_policy(choice: str | Path, root: Path | None = None) -> bool:
    """Whether `--policy` was given the name of a policy, and no file."""
    return str(choice) in policy_names(root)


def _by_county(path: Path, root: Path | None) -> Assignment:
    """Reads `county,policy,options`: one line per county; options is a file beside this one, or blank."""
    lines = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    known = set(load_list("counties")["name"])
    found: dict[str, Policy] = {}
    try:
        for number, cells in enumerate(lines, start=1):
            where = f"{path.name}:{number}:"
            if number == 1:
                if cells != _COLUMNS:
                    raise LawError(f"{where} the header must be {','.join(_COLUMNS)}")
                continue
            if len(cells) != len(_COLUMNS):
                raise LawError(f"{where} expected {len(_COLUMNS)} fields")
            county, name, options = (cell.strip() for cell in cells)
            county = county.upper()
            if county not in known:
                raise LawError(f"{where} the county is none of California's 58")
            if county in found:
                raise LawError(f"{where} {county} stands twice")
            if name not in policy_names(root):
                raise LawError(f"{where} there is no policy {name!r}; there are: {', '.join(policy_names(root))}")
            found[county] = load_policy(path.parent / options if options else None, name=name, root=root)
    except csv.Error:
        raise LawError(f"{path.name}:{lines.line_num}: not readable as CSV") from None
    if not found:
        raise LawError(f"{path.name}:1: no county has a policy")
    return Assignment(load_policy(name=STATUTE_ONLY, root=root), found)
