"""Action keys and versions as they come back: from a keyboard, a spreadsheet or a court's file.

Belongs here: their form, and what is wrong with one. Does not belong here: how they are written (letters.py), what they
are digests of (sql/review/worklist.sql), the secret (clearslate/keys.py).
"""

import re

from clearslate.letters import CHECK_LETTERS, LETTERS, encode_key

__all__ = [
    "KEY_DIGITS", "KEY_FORM", "VERSION_DIGITS", "VERSION_FORM", "encode_key", "key_problem", "normalize_key",
]  # fmt: skip

KEY_DIGITS = 20
"""Hex digits in an action key (80 bits); with its check letter it is one longer."""
VERSION_DIGITS = 10
"""Hex digits in a version (40 bits): it is only ever compared with other versions of the same line."""
KEY_FORM = rf"[{LETTERS}]{{{KEY_DIGITS}}}[{CHECK_LETTERS}]"
"""What an action key looks like, as a regular expression; its check letter may be wrong."""
VERSION_FORM = rf"[{LETTERS}]{{{VERSION_DIGITS}}}[{CHECK_LETTERS}]"

_TO_DIGITS = str.maketrans(LETTERS, "0123456789abcdef")
_ASIDE = re.compile(
    r"[\s\-‐‑‒–—\u200b\u2060\ufeff\u00ad]+"
)  # what a cell gathers on its way: blanks, hyphens, invisible


def normalize_key(text: str) -> str:
    """A key as it was typed or copied: blanks, hyphens and invisible characters out, letters in upper case."""
    told = _ASIDE.sub("", text)
    return told.upper() if told.isascii() else told


def key_problem(text: str, *, digits: int = KEY_DIGITS) -> str | None:
    """What is wrong with a normalized key, in words that quote nothing of it; None where nothing is.

    `digits` is KEY_DIGITS for an action key, VERSION_DIGITS for a version.
    """
    if not text:
        return "is blank"
    if any(character.isdecimal() for character in text):
        return "holds a digit, and no key does: a spreadsheet may have taken it for a number or a date"
    if len(text) != digits + 1:
        return f"has {len(text)} letters, not {digits + 1}: some are missing, or too many"
    if set(text[:-1]) - set(LETTERS) or text[-1] not in CHECK_LETTERS:
        return "holds a character that no key has"
    if encode_key(text[:-1].translate(_TO_DIGITS)) != text:
        return "has a wrong letter, or two in the wrong order"
    return None
