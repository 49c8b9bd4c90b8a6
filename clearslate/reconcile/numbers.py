"""Case numbers as keys: what two writings of one number have in common.

Belongs here: the keys of a number, by the county's rules. Does not belong here: what follows from an equal key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from clearslate.law.lists import load_list
from clearslate.reconcile.mapping import ListMapping

WRITTEN, BY_RULE, MUNICIPAL = 1, 2, 3
"""How a key was made, the surest first: as written; by the county's rules; without its municipal prefix."""

_RUNS = re.compile("[A-Z]+|[0-9]+")
_DIGIT = re.compile("[0-9]")


def number_keys(
    number: str, mapping: ListMapping, court_form: Callable[[str], str] = lambda _: ""
) -> list[tuple[int, str]]:
    """The keys of a number, (how made, key), each once. None for what is no number: blank, a null token, no digit.

    `court_form` gives the court's own form of a number, or nothing: both forms are then looked for. Written keys are the
    letters and digits in upper case. The keys by rule keep runs of letters and of digits apart, so that `99-0012` and
    `9-90012` stay two numbers when their zeros go.
    """
    text = number.strip().upper()
    if not _DIGIT.search(text) or text in _null_tokens():
        return []
    keys = [(WRITTEN, "".join(_RUNS.findall(text)))]
    for form in (text, court_form(number).upper()):
        runs = list(_runs(form, mapping))
        if runs:
            keys.append((BY_RULE, "-".join(runs)))
            keys.append((MUNICIPAL, "-".join(runs)))
            for prefix in mapping.municipal_prefixes:
                if runs[0].startswith(prefix):  # it may stand right ahead of the number's own letters
                    keys.append((MUNICIPAL, "-".join(run for run in (runs[0][len(prefix) :], *runs[1:]) if run)))
    return [(how, key) for how, key in dict.fromkeys(keys) if key]


def municipal_keys(number: str, mapping: ListMapping) -> list[tuple[int, str]]:
    """The keys of what a list gives as the case's municipal number beside that of the superior court."""
    return [(MUNICIPAL, key) for how, key in number_keys(number, mapping) if how != WRITTEN]


def _runs(text: str, mapping: ListMapping) -> Iterator[str]:
    kept = re.sub(f"(?:{mapping.suffix})$", "", text, flags=re.ASCII) if mapping.suffix else text
    for run in _RUNS.findall(kept if _DIGIT.search(kept) else text):
        yield (run.lstrip("0") or "0") if mapping.drops_zeros and run.isdigit() else run


@cache
def _null_tokens() -> frozenset[str]:
    return frozenset(load_list("null_tokens")["token"])
