"""The words that a clerk fills into the short form, and what each says (`rules/courts/short_form.csv`).

Belongs here: reading that list. Does not belong here: the sheet (short_form.py), the stages themselves (clearslate.ledger).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from clearslate.law.lists import load_list


@dataclass(frozen=True)
class Word:
    """One word of the short form: the stages and statuses it stands for, in the order in which they happen.

    `reason_code` is taken where the clerk gives none; `needs_code` refuses the row then.
    """

    word: str
    answers: tuple[tuple[str, str], ...]
    reason_code: str
    needs_code: bool
    meaning: str


@cache
def short_form(root: Path | None = None) -> dict[str, Word]:
    """The words in the list's order. Raises LawError where the list is not well formed."""
    words: dict[str, Word] = {}
    for row in load_list("courts/short_form", root).to_dict("records"):
        told = words.get(row["word"])
        answers = (*(told.answers if told else ()), (row["stage"], row["status"]))
        words[row["word"]] = Word(row["word"], answers, row["reason_code"], row["needs_code"] == "yes", row["meaning"])
    return words


def short_form_words() -> tuple[str, ...]:
    """What may stand in the `status` column of a short form: the choices of its drop-down list."""
    return tuple(short_form())
