"""Does an offense stand on a law list?

Belongs here: comparing read statutes with a list of `rules/statutes/`. Does not belong here: what follows from a hit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from clearslate.law.lists import load_list
from clearslate.statutes.lexicon import Lexicon, load_lexicon

_STRENGTH = {None: 0, "possible": 1, "sure": 2}
_WRITTEN = re.compile(r"(?:(?P<code>[A-Z]+) )?(?P<section>[^(\s]+)(?P<subdivision>\(.*)?")


@dataclass(frozen=True)
class _Statute:
    code: str
    code_conflict: bool
    section: str
    subdivision: str


def match_named_list(parsed: pd.DataFrame, name: str, root: Path | None = None) -> pd.Series:
    """`match_list` with `rules/statutes/<name>.csv` and the look-alikes that `traps.csv` holds for it."""
    traps = load_list("statutes/traps", root)
    return match_list(parsed, load_list(f"statutes/{name}", root), traps=traps[traps["list"] == name], root=root)


def match_list(
    parsed: pd.DataFrame, listed: pd.DataFrame, *, traps: pd.DataFrame | None = None, root: Path | None = None
) -> pd.Series:
    """Whether offenses stand on a list: 'sure', 'possible' or missing; index of `parsed` (see `parse_offenses`).

    'sure': section and code agree, the row lists the whole section or a subdivision that the offense's begins with,
    and the row is decidable by code or subdivision. 'possible', where the record can't tell: the offense states no or
    a wider subdivision, its code letters are missing or contradict the section, the row turns on a fact or an
    enhancement, only a joined statute is listed, the statute was not read at all, or the offense was attempted, agreed
    on or solicited and the list is silent on that. A list speaks of a relation in rows whose section is the relation's
    own and whose subdivision is `/` and the target section, or `/*` (any listed target). A relation whose target isn't
    recorded (`PC 664` alone) may be of any: 'possible' on every list that speaks of that relation. Look-alikes
    (`traps`) are missing, those marked `review` 'possible'. The dates of a row are the caller's to judge.
    """
    judge = _Judge(listed, traps, load_lexicon(root))
    keys = parsed[["code", "code_conflict", "section", "subdivision", "relation", "joined_sections"]].astype("object")
    rows = list(keys.where(keys.notna(), "").itertuples(index=False, name=None))
    answers = {row: judge.offense(*row) for row in set(rows)}
    return pd.Series([answers[row] for row in rows], index=parsed.index, dtype="str")


class _Judge:
    def __init__(self, listed: pd.DataFrame, traps: pd.DataFrame | None, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._rows: dict[str, list[tuple[str, str, str]]] = {}
        self._targets: dict[str, list[tuple[str, str]]] = {}
        self._traps: dict[str, list[tuple[str, str, str]]] = {}
        for section, subdivision, code, decidable in listed[
            ["section", "subdivision", "statute", "decidable"]
        ].itertuples(index=False, name=None):
            if subdivision.startswith("/"):
                relation = lexicon.relations[section].relation
                self._targets.setdefault(relation, []).append((subdivision[1:], decidable))
            else:
                self._rows.setdefault(section, []).append((code, "" if subdivision == "*" else subdivision, decidable))
        if traps is not None:
            for section, subdivision, code, handling in traps[
                ["section", "subdivision", "statute", "handling"]
            ].itertuples(index=False, name=None):
                self._traps.setdefault(section, []).append((code, subdivision, handling))

    def offense(
        self, code: str, conflict: bool, section: str, subdivision: str, relation: str, joined: str
    ) -> str | None:
        if not section:
            return "possible"
        main = self._related(_Statute(code, bool(conflict), section, subdivision), relation)
        further = [
            self._related(_Statute(found["code"] or "", False, found["section"], found["subdivision"] or ""), relation)
            for found in map(_WRITTEN.fullmatch, filter(None, joined.split(";")))
            if found
        ]
        return main or ("possible" if any(further) else None)

    def _related(self, statute: _Statute, relation: str) -> str | None:
        own = self._lexicon.relations.get(statute.section)
        if relation == "none" or (own is not None and own.relation == relation):
            return self._alone(statute)
        answer = self._alone(statute)
        if answer is None:
            return None
        named = sorted(self._targets.get(relation, []), key=lambda row: row[0] == "*")  # a target of its own goes first
        for target, decidable in named:
            if target in ("*", statute.section):
                return answer if decidable in ("code", "subdivision") else "possible"
        unlisted = {entry.unlisted for entry in self._lexicon.relations.values() if entry.relation == relation}
        return None if unlisted == {"none"} else "possible"

    def _alone(self, statute: _Statute) -> str | None:
        answer: str | None = None
        for code, subdivision, decidable in self._rows.get(statute.section, []):
            answer = max(answer, self._row(statute, code, subdivision, decidable), key=_STRENGTH.__getitem__)
        for code, subdivision, handling in self._traps.get(statute.section, []):
            if _may_be(statute, code) and statute.subdivision.startswith(subdivision):
                answer = None if handling == "never" else "possible"
        return answer or ("possible" if self._has_targets(statute) else None)

    def _has_targets(self, statute: _Statute) -> bool:
        """Whether it is a relation without its target, and the list has targets of that relation."""
        own = self._lexicon.relations.get(statute.section)
        return own is not None and own.relation in self._targets

    def _row(self, statute: _Statute, code: str, subdivision: str, decidable: str) -> str | None:
        if not _may_be(statute, code):
            return None
        inside = statute.subdivision.startswith(subdivision)
        if not inside and not subdivision.startswith(statute.subdivision):
            return None
        certain = inside and statute.code == code and decidable in ("code", "subdivision")
        return "sure" if certain else "possible"


def _may_be(statute: _Statute, code: str) -> bool:
    """Same code; also where the letters are missing, or belong to a code that doesn't have the section."""
    return not statute.code or statute.code == code or statute.code_conflict
