"""All suites, in the order of the flow, and finding an expectation by its name."""

import difflib

from clearslate.errors import UsageError
from expectations import core, court, eligibility, landing, staging
from expectations.expectation import Expectation

ALL = {suite.name: suite for suite in (landing.SUITE, staging.SUITE, core.SUITE, eligibility.SUITE, court.SUITE)}
SUITES = tuple(ALL)


def find_expectation(name: str) -> Expectation:
    """The expectation of that name; a finding may go without its suite (`county_unknown`).

    Raises UsageError with the nearest names.
    """
    known = {expectation.name: expectation for suite in ALL.values() for expectation in suite.expectations}
    found = known.get(name) or known.get(f"core.{name}")
    if found is None:
        short = {full.partition(".")[2]: full for full in known}
        nearest = difflib.get_close_matches(name.partition(".")[2] or name, short, n=3, cutoff=0.5)
        of_suite = f"; a suite is not one: its expectations are called {name}.…" if name in ALL else ""
        hint = f"; did you mean {' or '.join(short[near] for near in nearest)}?" if nearest else of_suite
        raise UsageError(f"no expectation is called {name!r}{hint}")
    return found
