"""The statute grammar: what a charge's text or a comment says about the offense.

Belongs here: groups of statutes in a text, the relation between them (attempt, conspiracy, ...), which group is the
charge, and what a comment mentions. Does not belong here: reading one statute (`reference.py`) and data frames
(`frame.py`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from clearslate.statutes.lexicon import Lexicon
from clearslate.statutes.reference import Reference, read_reference, write_statute

_CHARGED = re.compile(
    r"(?:^|[^A-Z])(?<!ORIG.)(?<!ORIGINAL.)(?:CHRG|CHARGE|CHG)(?:S|D|ED)?\b[^\w]*(?:(?:OF|WITH)\b[^\w]*)?$"
)
_LABEL = re.compile(
    r"(?:^|[^A-Z])(?:CASE|SCN|DCN|FILE|DOCKET|OFN|ACN|ATI|CII|FBI|BOOKING|BKG|WARRANT)"
    r"(?:\s*(?:NBR|NUM|NUMBER|NO))?[\s.:#-]*$"
)
_NOT_CHARGED = re.compile(r"(?:^|[^A-Z])(?:ENHANCEMENT|ENH|PRIORS?|ORIG(?:INAL)?(?: CH(?:ARGE|RG|G))?)[^\w]*$")
_JOINED = re.compile(r"\s*(?:[/&+,;]|\bAND\b)\s*")
_TITLED = re.compile(r"\s*-\s*[A-Z]")
_NEAR = 60
_REFERRED = "SEECOMMENTFORCHARGE"


@dataclass(frozen=True)
class Offense:
    """What one charge says. Empty text stands for what it doesn't say; see `frame.parse_offenses` for the fields."""

    source: str
    problem: str = ""
    code: str = ""
    code_basis: str = "none"
    code_conflict: bool = False
    section: str = ""
    subdivision: str = ""
    relation: str = "unknown"
    joined: tuple[str, ...] = ()

    @property
    def parsed(self) -> bool:
        """Whether a statute was read."""
        return not self.problem


@dataclass(frozen=True)
class _Group:
    """Statutes named in one breath (`123/124 PC`), in the order of the text."""

    references: tuple[Reference, ...]
    doubtful: bool = False

    @property
    def start(self) -> int:
        return self.references[0].start

    @property
    def end(self) -> int:
        return self.references[-1].end

    @property
    def stated(self) -> bool:
        return any(reference.code for reference in self.references)


def plain(text: str) -> str:
    """Upper case, one kind of dash and blank, no doubled blanks: the form in which everything here is read."""
    flat = "".join("-" if unicodedata.category(sign) == "Pd" else sign for sign in text) if not text.isascii() else text
    return " ".join(flat.upper().split())


def read_offense(offense_text: str, comment_text: str, lexicon: Lexicon) -> Offense:
    """The offense that a charge's own text names; its comment only where that text is blank or refers to it."""
    charge, comment = plain(offense_text), plain(comment_text)
    if re.sub(r"[^A-Z]", "", charge) == _REFERRED and not re.search(r"\d", charge):
        return _read_comment(comment, "comment_referenced", lexicon)
    if charge:
        return _read_charge(charge, lexicon)
    return _read_comment(comment, "comment_unreferenced", lexicon)


def mentioned(comment_text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """All statutes that a comment mentions as such, in its order, each once (`PC 123(a)`). A number alone is none."""
    if not any(sign.isdigit() for sign in comment_text):
        return ()
    text = plain(comment_text)
    found: dict[str, None] = {}
    for group in _groups(text, lexicon, loose=False):
        if _is_mention(group, text, lexicon):
            for reference in _main_first(group, lexicon)[0]:
                found[_written(reference, group, lexicon)] = None
    return tuple(found)


def _read_charge(text: str, lexicon: Lexicon) -> Offense:
    groups = _groups(text, lexicon, loose=True)
    for place, group in enumerate(groups):
        if lexicon.before.fullmatch(text, 0, group.start) or group.stated:
            target = next((later for later in groups[place + 1 :] if later.stated), None)
            return _offense(group, text, "offense", lexicon, target)
    return Offense(source="offense", problem="no_statute")


def _read_comment(text: str, source: str, lexicon: Lexicon) -> Offense:
    groups = [group for group in _groups(text, lexicon, loose=False) if _is_mention(group, text, lexicon)]
    charged = [group for group in groups if _stands_ahead(_CHARGED, text, group)]
    if charged:
        first = charged[0]
        whole = _Group(tuple(r for group in charged for r in group.references), any(g.doubtful for g in charged))
        return _offense(whole if len(charged) > 1 else first, text, source, lexicon)
    free = [group for group in groups if not _is_procedural(group, lexicon)]
    free = [group for group in free if not _stands_ahead(_NOT_CHARGED, text, group)]
    if free and lexicon.before.fullmatch(text, 0, free[0].start):
        return _offense(free[0], text, source, lexicon)
    if len(free) == 1:
        return _offense(free[0], text, source, lexicon)
    if free:
        return Offense(source=source, problem="ambiguous")
    if source == "comment_unreferenced":
        return Offense(source="none", problem="no_statute" if text else "blank")
    return Offense(source=source, problem="no_statute" if text else "blank")


def _groups(text: str, lexicon: Lexicon, *, loose: bool) -> list[_Group]:
    """Statutes of a text, those joined by a sign taken together. `loose`: a blank joins too (a charge's own text)."""
    runs: list[list[Reference]] = []
    doubtful: set[int] = set()
    for match in lexicon.reference.finditer(text):
        references = read_reference(match, lexicon)
        if not references:
            continue
        gap = text[runs[-1][-1].end : match.start()] if runs else ""
        if runs and _joins(gap, runs[-1][-1], references[0], lexicon, loose=loose):
            runs[-1].extend(references)
        elif runs and gap.strip() == "OR":
            runs[-1].extend(references)
            doubtful.add(len(runs) - 1)
        else:
            runs.append(references)
    groups = []
    for place, run in enumerate(runs):
        kept = [reference for reference in run if not _is_no_statute(reference, run, lexicon)]
        if kept and (len(kept) == len(run) or any(reference.code for reference in kept)):
            groups.append(_Group(tuple(kept), place in doubtful or any(reference.doubtful for reference in kept)))
    return groups


def _is_no_statute(reference: Reference, run: list[Reference], lexicon: Lexicon) -> bool:
    """A number too small or too large for a statute without code letters: a count, part of a date, a case number."""
    if reference.code or (reference.short and _is_related(reference, run, lexicon)):
        return False
    return reference.short or (reference.long and reference.section not in lexicon.codes_of)


def _is_related(reference: Reference, run: list[Reference], lexicon: Lexicon) -> bool:
    """Whether a relation prefix ties a number of this run to another: then even a small one is a section."""
    return reference.section != "0" and len(run) > 1 and any(other.section in lexicon.relations for other in run)


def _joins(gap: str, last: Reference, this: Reference, lexicon: Lexicon, *, loose: bool) -> bool:
    related = last.section in lexicon.relations or this.section in lexicon.relations
    if _JOINED.fullmatch(gap):
        return bool(this.code) or not this.short or related
    if gap.strip() == "-":
        if this.code or (last.section in lexicon.relations and not last.code):
            return True
        return not last.code and not this.short and (related or this.section in lexicon.codes_of)
    return loose and not gap.strip() and not last.code and not last.short and bool(this.code) and not this.short


def _main_first(group: _Group, lexicon: Lexicon) -> tuple[list[Reference], set[str]]:
    """The statutes of a group without relation prefixes, and the relations that these state.

    Where there are only prefixes, one of them is the offense: any but the attempt, which is no offense of its own.
    """
    prefixes = [reference for reference in group.references if reference.section in lexicon.relations]
    targets = [reference for reference in group.references if reference.section not in lexicon.relations]
    if not targets:
        own = [prefix for prefix in prefixes if lexicon.relations[prefix.section].relation != "attempt"]
        targets = (own or prefixes)[:1]
        prefixes.remove(targets[0])
    return targets, {lexicon.relations[reference.section].relation for reference in prefixes}


def _code(reference: Reference, group: _Group, lexicon: Lexicon) -> tuple[str, str]:
    """Code letters and their basis: beside the section, else shared by its group, else the only code that has it.

    In `prefix/section PC` the letters are those of the prefix: they are not held against a section of another code.
    """
    only = lexicon.only_code(reference.section)
    relations = {other.section for other in group.references} & lexicon.relations.keys() - {reference.section}
    if reference.code and not (only and only != reference.code and reference.code in map(lexicon.only_code, relations)):
        return reference.code, "stated"
    shared = next((r.code for r in group.references if r.code and r.start >= reference.start), None)
    if shared is None:
        shared = next((r.code for r in group.references if r.code and r.code_ahead), None)
    if shared and (only is None or only == shared):
        return shared, "stated"
    return (only, "inferred") if only else ("", "none")


def _written(reference: Reference, group: _Group, lexicon: Lexicon) -> str:
    return write_statute(_code(reference, group, lexicon)[0], reference.section, reference.subdivision)


def _offense(group: _Group, text: str, source: str, lexicon: Lexicon, in_title: _Group | None = None) -> Offense:
    if group.doubtful:
        return Offense(source=source, problem="ambiguous")
    targets, relations = _main_first(group, lexicon)
    main = targets[0]
    itself = lexicon.relations.get(main.section)
    if itself and in_title and not in_title.doubtful:
        return _offense(_Group((*group.references, *in_title.references)), text, source, lexicon)
    ahead = _stands_ahead(lexicon.word_ahead, text, group)
    flag = lexicon.flag.search(text, group.end)
    relations |= {lexicon.words[found[1]] for found in (ahead, flag) if found}
    if itself and not relations:
        relations = {itself.relation}
    if not relations and lexicon.title.match(text, group.end):
        relations = {"unknown"}
    code, basis = _code(main, group, lexicon)
    only = lexicon.only_code(main.section)
    written = dict.fromkeys(_written(reference, group, lexicon) for reference in targets[1:])
    return Offense(
        source=source,
        code=code,
        code_basis=basis,
        code_conflict=bool(only) and bool(code) and only != code,
        section=main.section,
        subdivision=main.subdivision,
        relation="none" if not relations else next(iter(relations)) if len(relations) == 1 else "unknown",
        joined=tuple(written),
    )


def _is_mention(group: _Group, text: str, lexicon: Lexicon) -> bool:
    """Whether a comment means a statute by these numbers, and not a case or a date."""
    if _stands_ahead(_CHARGED, text, group):
        return True
    if _stands_ahead(_LABEL, text, group):
        return False
    if group.stated:
        return True
    first = group.references[0]
    titled = _TITLED.match(text, group.end)
    known = first.section in lexicon.codes_of or first.section in lexicon.relations
    return bool(titled) and known and lexicon.before.fullmatch(text, 0, group.start) is not None


def _stands_ahead(pattern: re.Pattern[str], text: str, group: _Group) -> re.Match[str] | None:
    """A match that ends where the group begins. Words further off than `_NEAR` signs don't speak of it."""
    return pattern.search(text, max(0, group.start - _NEAR), group.start)


def _is_procedural(group: _Group, lexicon: Lexicon) -> bool:
    return all(
        (_code(reference, group, lexicon)[0], reference.section) in lexicon.procedural for reference in group.references
    )
