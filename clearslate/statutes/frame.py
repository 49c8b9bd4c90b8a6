"""Statutes of whole columns: each distinct text is read once.

Belongs here: the tables that other parts of Clearslate work with. Does not belong here: how a text is read
(`grammar.py`) or compared with a law list (`match.py`).
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from clearslate.law.lists import load_list
from clearslate.statutes.grammar import mentioned, plain, read_offense
from clearslate.statutes.lexicon import load_lexicon

OFFENSE_COLUMNS: dict[str, str] = {
    "code": "VARCHAR",
    "code_basis": "VARCHAR",
    "code_conflict": "BOOLEAN",
    "section": "VARCHAR",
    "subdivision": "VARCHAR",
    "relation": "VARCHAR",
    "joined_sections": "VARCHAR",
    "is_joined": "BOOLEAN",
    "code_section_text": "VARCHAR",
    "source": "VARCHAR",
    "parsed": "BOOLEAN",
    "problem": "VARCHAR",
}
"""Columns of `parse_offenses` and their SQL types."""


def parse_offenses(texts: pd.DataFrame, root: Path | None = None) -> pd.DataFrame:
    """What charges say about their offense. One row per row of `texts`, same index, columns `OFFENSE_COLUMNS`.

    `texts` has `offense_text` and `comment_text`, trimmed strings or missing. Text that is absent is missing (NULL):

    - `code`: code letters ('HS'). `code_basis`: 'stated'; 'inferred' where none are written and only one code of
      `rules/statutes/codes_of_sections.csv` has the section; 'none'. `code_conflict`: the letters stated differ from
      the only code that list knows for the section.
    - `section`: '123', '123.5', '123a'. `subdivision`: '(b)(2)'; missing where none is stated or several are.
    - `relation`: none, attempt, conspiracy, accessory, solicitation; 'unknown' where the text leaves it open.
    - `joined_sections`: further statutes of the same charge, 'PC 123;PC 124(a)'. `is_joined`: there are such.
    - `code_section_text`: the text ahead of the first dash, as the predecessor printed it.
    - `source`: 'offense'; 'comment_referenced' (the charge says to see the comment); 'comment_unreferenced' (the
      charge is blank, the comment names a statute); 'none'.
    - `parsed`, and if not `problem`: 'blank', 'no_statute', 'ambiguous'.

    LawError if a list under `rules/statutes/` is not well formed.
    """
    lexicon = load_lexicon(root)
    pairs = pd.MultiIndex.from_arrays([texts["offense_text"].fillna(""), texts["comment_text"].fillna("")])
    numbers, distinct = pairs.factorize()
    rows = []
    for offense_text, comment_text in distinct:
        offense = read_offense(offense_text, comment_text, lexicon)
        own = offense.source == "offense"
        rows.append(
            (
                offense.code or None,
                offense.code_basis,
                offense.code_conflict,
                offense.section or None,
                offense.subdivision or None,
                offense.relation,
                ";".join(offense.joined) or None,
                bool(offense.joined),
                (offense_text if own else comment_text).split("-", 1)[0].strip() or None,
                offense.source,
                offense.parsed,
                offense.problem or None,
            )
        )
    frame = pd.DataFrame(rows, columns=list(OFFENSE_COLUMNS))
    types = {name: "bool" if kind == "BOOLEAN" else "str" for name, kind in OFFENSE_COLUMNS.items()}
    return frame.astype(types).take(numbers).set_axis(texts.index)


def qualify(relations: pd.Series, qualifiers: pd.Series, root: Path | None = None) -> pd.Series:
    """The relations that texts state, with those that qualifiers beside them do (missing: none beside it).

    A qualifier is a text of `rules/statutes/qualifiers.csv`, or several of them in a list. 'unknown' where one is not
    there, or where text and qualifiers state different relations.
    """
    rows = load_list("statutes/qualifiers", root)
    known = dict(zip(rows["text"], rows["relation"], strict=True))

    def stated(qualifier: str) -> set[str]:
        found: set[str] = set()
        for part in map(str.strip, re.split(r"[;,|+]", plain(qualifier))):
            parts = [part] if part in known else map(str.strip, part.split("/"))  # `/` also stands inside of some
            found |= {known.get(one, "unknown") for one in parts if one}
        return found

    def combined(relation: str, qualifier: object) -> str:
        if not isinstance(qualifier, str):
            return relation
        found = ({relation} | stated(qualifier)) - {"none"}
        return "none" if not found else next(iter(found)) if len(found) == 1 else "unknown"

    return pd.Series(
        [combined(*pair) for pair in zip(relations, qualifiers, strict=True)], index=relations.index, dtype="str"
    )


def comment_statutes(texts: pd.Series, root: Path | None = None) -> pd.Series:
    """All statutes that comments mention, 'PC 123(a);PC 124', missing where there are none; index kept.

    A number counts where code letters stand beside it, behind a charge mark (CHRG), or at the very start with a title
    ('123-THEFT'); never inside a longer number and never behind a label such as CASE or SCN.
    """
    lexicon = load_lexicon(root)
    found = {text: ";".join(mentioned(text, lexicon)) or None for text in texts.dropna().unique()}
    return pd.Series(
        [found.get(text) if isinstance(text, str) else None for text in texts], index=texts.index, dtype="str"
    )
