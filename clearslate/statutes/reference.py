"""One statute as a text names it: code letters, section, subdivisions.

Belongs here: reading a single match of the lexicon's pattern, the canonical form of subdivisions, and writing a statute
down. Does not belong here: which of several statutes is the charge, and how they relate (`grammar.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import takewhile
from string import ascii_lowercase

from clearslate.statutes.lexicon import Lexicon, Relation

_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,3})?")
"""A section number. A longer one is a case number or several numbers glued together."""
_TOKEN = re.compile(r"[A-Z]+|\d+")
_PART = re.compile(r"[A-Z]|([A-Z])\1|[IVX]+|\d+")


@dataclass(frozen=True)
class Reference:
    """A statute and how it was written: `section` in lower case ('123a'), `subdivision` canonical ('(a)(1)(A)')."""

    section: str
    subdivision: str = ""
    code: str | None = None
    """Code letters written beside this very section."""
    code_ahead: bool = False
    doubtful: bool = False
    """Can be read as two different sections, or names two codes."""
    start: int = 0
    end: int = 0

    @property
    def short(self) -> bool:
        """A number too small to be taken for a statute without code letters."""
        return self._digits < 3

    @property
    def long(self) -> bool:
        """A number so large that it is rather a case number, unless code letters or the lists say otherwise."""
        return self._digits > 5

    @property
    def _digits(self) -> int:
        return len(self.section.split(".")[0].rstrip(ascii_lowercase))


def write_statute(code: str | None, section: str, subdivision: str | None = None) -> str:
    """A statute in one line: `PC 123(b)`, or `123(b)` where the code is unknown."""
    return f"{code} {section}{subdivision or ''}" if code else f"{section}{subdivision or ''}"


def canonical_subdivision(parts: list[str]) -> str:
    """Subdivision parts as the codes write them: small letter, number, capital letter, small roman numeral.

    Two parts of the same kind side by side ('(a)(b)') name two subdivisions: what is certain ends ahead of them.
    """
    kinds: list[str] = []
    written: list[str] = []
    for part in parts:
        if part.isdigit():
            kind, text = "number", str(int(part))
        elif kinds and kinds[-1] == "number":
            kind, text = "capital", part.upper()
        elif kinds and kinds[-1] == "capital":
            kind, text = "roman", part.lower()
        else:
            kind, text = "letter", part.lower()
        if kinds and kinds[-1] == kind:
            written.pop()
            break
        kinds.append(kind)
        written.append(text)
    return "".join(f"({text})" for text in written)


def read_reference(match: re.Match[str], lexicon: Lexicon) -> list[Reference]:
    """The statute of a match of `lexicon.reference`: none if it is none, two where a relation prefix is glued to it."""
    glued, paragraph = match["glued"] or "", match["paragraph"] or ""
    letters, glued_code = _split_code(match["number"], glued, lexicon)
    if glued_code and paragraph:
        return []
    brackets = _TOKEN.findall(match["brackets"])
    bracket_code = lexicon.code_letters(brackets[-1]) if brackets and len(brackets[-1]) == 2 else None
    if bracket_code:
        brackets.pop()
    codes = [lexicon.code_letters(match[name]) if match[name] else None for name in ("ahead", "behind")]
    stated = {code for code in [*codes, glued_code, bracket_code] if code}
    head, number = _split_relation(match["number"].replace(",", "."), letters, stated, lexicon)
    if not _NUMBER.fullmatch(number):
        return []
    if number.startswith("0"):
        return [Reference("0", start=match.start(), end=match.end())]
    section, rest, doubtful = _section(number, letters, match["spaced"] or "", lexicon)
    if rest is None:
        return []
    parts = [*rest, *_TOKEN.findall(paragraph), *takewhile(_PART.fullmatch, brackets)]
    subdivision = canonical_subdivision(parts)
    if match["alternatives"]:
        subdivision = re.sub(r"\([^()]*\)$", "", subdivision)
    if section in lexicon.aliases:
        section, first = lexicon.aliases[section]
        subdivision = first + subdivision
    read = Reference(
        section=section,
        subdivision=subdivision,
        code=next(iter(stated)) if len(stated) == 1 else None,
        code_ahead=codes[0] is not None,
        doubtful=doubtful or len(stated) > 1,
        start=match.start(),
        end=match.end(),
    )
    return [read] if head is None else [replace(read, section=head.section, subdivision="", code=None), read]


def _split_code(number: str, glued: str, lexicon: Lexicon) -> tuple[str, str | None]:
    """Letters that abut the number: those of the section or subdivision, and code letters at their end."""
    own = lexicon.lettered.get(number + glued[:1].lower())
    if len(glued) == 2 and own and lexicon.code_letters(glued) != own:
        return glued, None
    for size in range(len(glued), 1, -1):
        code = lexicon.code_letters(glued[-size:])
        if code and len(glued) - size <= 2:
            return glued[:-size], code
    return glued, None


def _section(number: str, letters: str, spaced: str, lexicon: Lexicon) -> tuple[str, list[str] | None, bool]:
    """Section, subdivision parts among the letters behind it (None: no statute), and whether another reading exists."""
    for size in range(len(letters), 0, -1):
        if number + letters[:size].lower() in lexicon.lettered:
            return number + letters[:size].lower(), list(letters[size:]), False
    if len(letters) > 1:
        return number, None, False
    doubtful = bool(spaced) and number + spaced[0].lower() in lexicon.lettered
    return number, [*letters, *_TOKEN.findall(spaced)], doubtful


def _split_relation(number: str, letters: str, stated: set[str], lexicon: Lexicon) -> tuple[Relation | None, str]:
    """A relation prefix written into the number itself, and the number that is left."""
    for relation in lexicon.relations.values():
        if not number.startswith(relation.section):
            continue
        rest = number[len(relation.section) :]
        if relation.dotted and re.fullmatch(r"\.\d{2,6}(?:\.\d{1,3})?", rest):
            return relation, rest[1:]
        if not relation.glued or rest.startswith("0") or number in lexicon.codes_of:
            continue
        if re.fullmatch(r"\d{2,6}(?:\.\d{1,3})?", rest) and _known(rest, letters, stated, lexicon):
            return relation, rest
    return None, number


def _known(number: str, letters: str, stated: set[str], lexicon: Lexicon) -> bool:
    """Whether a number is a known section, of the stated code if one is stated."""
    codes = lexicon.codes_of.get(number, frozenset()) | lexicon.codes_of.get(number + letters.lower(), frozenset())
    return bool(codes & stated) if stated else bool(codes)
