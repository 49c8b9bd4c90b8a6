"""What the grammar must know about California's codes, read from `rules/statutes/`.

Belongs here: the spellings of code letters, the sections that carry a letter in their number, the relation prefixes,
and the patterns made of them. Does not belong here: how a text is read with them (`reference.py`, `grammar.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from clearslate.law.lists import load_list


@dataclass(frozen=True)
class Relation:
    """A section that says how somebody took part in another offense (attempt, conspiracy, accessory, solicitation)."""

    section: str
    relation: str
    glued: bool
    """May abut the section it refers to."""
    dotted: bool
    """May be joined to it by a point."""
    unlisted: str
    """What a listed section means under this relation where the list says nothing of it: `possible` or `none`."""


@dataclass(frozen=True)
class Lexicon:
    """The law that reading needs. Sections are lower case, code letters upper case."""

    spellings: dict[str, str]
    """Code spelling without blanks and points -> code letters."""
    codes_of: dict[str, frozenset[str]]
    """Section -> the codes it is known to occur in."""
    lettered: dict[str, str]
    """Sections whose number carries a letter -> their code."""
    aliases: dict[str, tuple[str, str]]
    """Section as written -> section and subdivision meant."""
    procedural: frozenset[tuple[str, str]]
    """(code, section) that a comment mentions without charging it."""
    relations: dict[str, Relation]
    words: dict[str, str]
    """Relation word -> relation."""
    reference: re.Pattern[str]
    before: re.Pattern[str]
    """Everything that may stand ahead of the first statute without being text of its own."""
    word_ahead: re.Pattern[str]
    title: re.Pattern[str]
    """A title that speaks of another relation than its statute."""
    flag: re.Pattern[str]
    """A relation word on its own as a dashed flag at the end."""

    def code_letters(self, text: str) -> str | None:
        """The code letters that a spelling stands for."""
        return self.spellings.get(re.sub(r"[\s.]", "", text))

    def only_code(self, section: str) -> str | None:
        """The code of a section that is known in exactly one code."""
        codes = self.codes_of.get(section, frozenset())
        return next(iter(codes)) if len(codes) == 1 else None


def load_lexicon(root: Path | None = None) -> Lexicon:
    """The lexicon of a rules folder; read once per process and folder. LawError if a list is not well formed."""
    return _load(root)


@cache
def _load(root: Path | None) -> Lexicon:
    spellings = load_list("statutes/codes", root)
    known = load_list("statutes/codes_of_sections", root)
    lettered = load_list("statutes/lettered_sections", root)
    aliases = load_list("statutes/section_aliases", root)
    procedural = load_list("statutes/procedural_sections", root)
    relations = load_list("statutes/relations", root)
    sections = relations[relations["kind"] == "section"]
    words = relations[relations["kind"] == "word"]
    in_title = words.loc[words["in_title"] == "yes", "text"]
    word = _any(words["text"])
    codes_of: dict[str, set[str]] = {}
    for section, code in zip(known["section"], known["code"], strict=True):
        codes_of.setdefault(section, set()).add(code)
    return Lexicon(
        spellings={re.sub(r"[\s.]", "", text): code for text, code in _pairs(spellings["spelling"], spellings["code"])},
        codes_of={section: frozenset(codes) for section, codes in codes_of.items()},
        lettered=dict(_pairs(lettered["section"], lettered["code"])),
        aliases={
            written: (section, subdivision)
            for written, section, subdivision in zip(
                aliases["written"], aliases["section"], aliases["subdivision"], strict=True
            )
        },
        procedural=frozenset(_pairs(procedural["code"], procedural["section"])),
        relations={
            row["text"]: Relation(
                row["text"], row["relation"], row["glued"] == "yes", row["dotted"] == "yes", row["unlisted"]
            )
            for row in sections.to_dict("records")
        },
        words=dict(_pairs(words["text"], words["relation"])),
        reference=_reference_pattern(spellings["spelling"]),
        before=re.compile(
            rf"(?:[^\w]++|(?:COM|COMMENT|CHRGS?|CHARGES?|CHARGED|CHGS?|VIOL?|VIOLATION|VIOLATE|VIOLATING|COMMIT|OF|TO|"
            rf"SECTIONS?|SECS?|CTS?|CNTS?|COUNTS?|{word})\b|\d{{1,2}}\b|(?<=-)[A-Z][A-Z /]*+(?=-|\d|$))*+"
        ),
        word_ahead=re.compile(rf"(?:^|[^A-Z])({word})[^\w]*(?:(?:TO|OF|COMMIT|VIOL?|VIOLATE|VIOLATION)[^\w]+)*$"),
        title=re.compile(rf"\s*-[^\w]*({_any(in_title)})\b"),
        flag=re.compile(rf"-\s*({word})\s*$"),
    )


def _pairs(first: Iterable[str], second: Iterable[str]) -> Iterable[tuple[str, str]]:
    return zip(first, second, strict=True)


def _any(texts: Iterable[str]) -> str:
    return "|".join(re.escape(text) for text in sorted(texts, key=lambda text: (-len(text), text)))


def _spelling(text: str) -> str:
    """A code spelling as a pattern: an abbreviation may carry points, other signs may carry blanks."""
    if re.fullmatch(r"[A-Z]{2,3}", text):
        return r"(?:\.\s?)?".join(text) + r"\.?"
    return r"\s*".join(re.escape(part) for part in re.findall(r"[A-Z]+|[^A-Z\s]", text))


def _reference_pattern(spellings: Iterable[str]) -> re.Pattern[str]:
    """One statute in upper-case text: code letters ahead or behind, number, subdivisions glued, spaced, in brackets."""
    ordered = sorted(spellings, key=lambda text: (-len(text), text))
    code = f"(?:{'|'.join(map(_spelling, ordered))})"
    bracket = r"\(\s*(?:[A-Z]{1,2}|[IVX]{1,4}|\d{1,2})\s*(?:\)|(?=[\s-]|$))"
    alternative = rf"(?:\s*[/&,-]\s*|\s+(?:AND|OR)\s+){bracket}|\s*[/&]\s*[A-Z](?=\s*(?:-|/|&|$|{code}(?![A-Z])))"
    return re.compile(
        rf"""
        (?: (?<![A-Z0-9&]) (?P<ahead>{code}) \s* (?:CODE\s*)? (?:SECTIONS?|SECS?\.?|§)? [\s.:\#-]{{0,3}} | (?<![\w#$]) )
        (?! (?:(?:19|20)\d\d|\d{{1,2}}) \s+ {code} \s+ \d )       # a year or a count ahead of "PC 123"
        (?P<number> \d{{1,8}} (?: \.\d{{1,5}} (?:\.\d{{1,3}})? | ,\d{{1,2}}(?!\d) )? )
        (?: \.?(?P<glued> [A-Z]{{1,5}} ) (?P<paragraph> \d{{1,2}} (?!\d) (?:[A-Z](?![A-Z]))? )? \)?
          | \s+ (?! [FMI] \s* - | {code}(?![A-Z]) )                 # the type of charge, code letters
            (?P<spaced> [A-Z]\d{{0,2}} ) (?= \s* (?: - | \( | /\s?[A-Z]\b | {code}(?![A-Z]) ) ) )?
        (?P<brackets> (?: \s*{bracket} (?:\d{{1,2}}(?![\w.]))? )* )
        (?P<alternatives> (?: {alternative} )* )
        (?: (?<=\)) | (?! [A-Z0-9] | \.\d ) | (?= {code} (?![A-Z0-9&]) ) )
        (?: [\s.]*(?:-\s*(?={code}\s*(?:-|$)))? (?P<behind>{code}) (?![A-Z0-9&]) (?(ahead)(?![\s:.]*\d)) )?
        """,
        re.VERBOSE,
    )
