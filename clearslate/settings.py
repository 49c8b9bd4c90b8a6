"""What a run is asked to do, and the thresholds a deployment may set.

Belongs here: those values, their defaults and their checks. Does not belong here: acting on them.

A deployment changes thresholds in `<home>/settings.toml` (flat `name = number`); an unknown name is an error.
"""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from clearslate.errors import UsageError

Review = Literal["full", "convictions", "none"]

INPUT_OPTIONS = {"srf": "srf", "prohibition": "prohibitions", "drug_weight": "weights"}
"""The files given beside the extracts: the table `raw.<name>` and the option (of a request, the command line, the UI)."""


_LARGEST = 10_000  # of any setting: days and years beyond it are no dates any more


@dataclass(frozen=True)
class Thresholds:
    """Shares are of 1. `warn` lets a run go on and says so, `block` closes the gate."""

    quarantine_warn: float = 0.01  # records of a file, and of a delivery, that had to be quarantined
    quarantine_block: float = 0.05
    statewide_loss_warn: float = 0.02  # fewer records in a statewide delivery than in what it replaces
    statewide_loss_block: float = 0.20
    illegible_block: float = 0.001  # quarantined records of a file whose person can't be told
    unlisted_step_block: float = 0.01  # rows whose kind of step no list has
    unmapped_disposition_block: float = 0.01  # rows whose disposition text no rule knows
    unreadable_offense_warn: float = 0.01
    unreadable_offense_block: float = 0.05
    unknown_date_warn: float = 0.02  # court rows without a readable day
    unknown_date_block: float = 0.20
    unknown_severity_warn: float = 0.05  # convictions of unknown level
    unknown_severity_block: float = 0.40
    staleness_days: int = 45  # how long facts of absence hold after data_through
    upcoming_days: int = 180  # how far ahead the list of upcoming relief looks; a petition comes 90 days before the day
    offense_window_years: int = 3  # how long before its conviction an offense can be where no arrest is on record
    small_cell: int = 11  # by race, sex and age, smaller numbers than this are not printed

    @staticmethod
    def load(path: Path) -> "Thresholds":
        """The defaults, changed by `settings.toml` where there is one. Raises UsageError naming the setting."""
        if not path.exists():
            return Thresholds()
        try:
            given = tomllib.loads(path.read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: not readable as TOML ({error})") from None
        known = {field.name: field.type for field in fields(Thresholds)}
        for name, value in given.items():
            if name not in known:
                raise UsageError(f"{path}: no setting is called {name!r}; there are: {', '.join(known)}")
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LARGEST:
                raise UsageError(f"{path}: {name} has to be a number from 0 to {_LARGEST:,}")
            if known[name] is int and not isinstance(value, int):
                raise UsageError(f"{path}: {name} has to be a whole number")
        return replace(Thresholds(), **given)


@dataclass(frozen=True)
class Request:
    """One run as it was asked for. `paths` empty: decide anew from the accepted deliveries, reading no extract. `policy` is
    what `--policy` names, or for a run that has been, what its record tells of its policies."""

    as_of: date
    paths: tuple[Path, ...] = ()
    data_through: date | None = None
    policy: Path | str | Mapping[str, Any] | None = None
    counties: tuple[str, ...] = ()
    delivery_id: str | None = None
    review: Review = "convictions"
    srf: Path | None = None
    prohibitions: Path | None = None
    weights: Path | None = None
    scope: str | None = None

    @property
    def inputs(self) -> dict[str, Path]:
        """The files given beside the extracts, by the table `raw.<name>` that they become."""
        given = {table: getattr(self, option) for table, option in INPUT_OPTIONS.items()}
        return {table: path for table, path in given.items() if path is not None}


SCOPES = ("statewide", "partial")
"""What a delivery may be: the whole state, from which whoever is not in it leaves, or a part of it."""


def check_scope(given: str | None) -> None:
    """Raises UsageError where it is stated and none of SCOPES."""
    if given and given not in SCOPES:
        raise UsageError(f"scope: {given!r} is neither {' nor '.join(SCOPES)}")


def county_names() -> list[str]:
    """The 58 counties as DOJ writes them, upper case, sorted."""
    from clearslate.law.lists import load_list  # only here: it brings pandas, and every command imports this module

    return sorted(load_list("counties")["name"])


def check_counties(given: Iterable[str]) -> tuple[str, ...]:
    """County names in any case and padding, as DOJ writes them, without repeats and sorted.

    Raises UsageError for an unknown one, with the nearest names.
    """
    known = county_names()
    found = set()
    for name in given:
        wanted = " ".join(name.upper().replace("-", " ").split())
        if wanted not in known:
            nearest = difflib.get_close_matches(wanted, known, n=3, cutoff=0.4)
            hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
            raise UsageError(f"{name.strip()!r} is none of California's 58 counties{hint}")
        found.add(wanted)
    return tuple(sorted(found))


def county_folder(county: str | None) -> str:
    """The folder of a county's files: lower case with hyphens; `_unknown` where the county is not known."""
    return county.lower().replace(" ", "-") if county else "_unknown"


def parse_day(text: str, what: str) -> date:
    """A day as YYYY-MM-DD. Raises UsageError."""
    try:
        return datetime.strptime(text if len(text) == 10 else "", "%Y-%m-%d").date()
    except ValueError:
        raise UsageError(f"{what}: {text!r} is not a date of the form YYYY-MM-DD") from None
