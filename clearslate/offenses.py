"""What the law lists say of every distinct offense text: the rows of `core.offense`.

Belongs here: putting the grammar (clearslate/statutes) and the lists (rules/statutes) together, once per distinct text.
Does not belong here: the grammar itself, and anything about a person or a conviction.
"""

import re
from collections.abc import Sequence

import pandas as pd

from clearslate.law.lists import COMPANION_KINDS, load_list
from clearslate.statutes import match_list, match_named_list, parse_offenses, qualify

QUALIFIER = "\x1f"
"""Stands in an offense key ahead of the qualifier (chr(31) in sql/staging/record.sql); no text of an extract has it."""
_READABLE = ("offense", "comment_referenced")


def describe_offenses(keys: pd.DataFrame) -> pd.DataFrame:
    """One row per offense key, with the columns of the contract of `core.offense`.

    `keys` has `offense_key`, distinct and sorted, and `n_records`. A key is the charge's text, or where that is blank or
    only points at the comment: the charge's text, a line break, the comment's. Where the record qualifies the offense
    (attempted, ...), `QUALIFIER` and that text end the key. `in_prop64_scope` is missing where the statute can't be read,
    or where only a joined one is in scope. `is_statute_certain`: read from its own field (or the comment it points at),
    alone, with code letters that the section can have, and qualified by nothing that nobody can read.
    """
    told = keys["offense_key"].str.split(QUALIFIER, n=1, expand=True).reindex(columns=[0, 1])
    halves = told[0].str.split("\n", n=1, expand=True).reindex(columns=[0, 1])
    texts = halves.set_axis(["offense_text", "comment_text"], axis=1)
    parsed = parse_offenses(texts.mask(texts == ""))
    parsed["relation"] = qualify(parsed["relation"], told[1])
    open_ = told[1].notna() & parsed["relation"].eq("unknown")

    def listed(name: str) -> pd.Series:
        """On a list; what nobody can read may put any offense there."""
        found = match_named_list(parsed, name)
        return found.mask(found.isna() & open_, "possible")

    registration = match_named_list(parsed, "registration")
    certain = parsed["parsed"] & parsed["source"].isin(_READABLE) & ~parsed["is_joined"] & ~parsed["code_conflict"]
    return pd.DataFrame(
        {
            "offense_no": range(1, len(keys) + 1),
            "offense_key": keys["offense_key"],
            "text_no": told[0].factorize()[0] + 1,
            "is_qualified": told[1].notna(),
            "n_records": keys["n_records"],
            "statute_code": parsed["code"],
            "code_basis": parsed["code_basis"],
            "section": parsed["section"],
            "subdivision": parsed["subdivision"],
            "relation": parsed["relation"],
            "joined_sections": parsed["joined_sections"],
            "is_joined": parsed["is_joined"],
            "code_section_text": _code_section(parsed),
            "statute_source": parsed["source"],
            "is_parsed": parsed["parsed"],
            "problem": parsed["problem"],
            "is_statute_certain": certain & (parsed["relation"] != "unknown"),
            "in_prop64_scope": _in_scope(parsed),
            "is_prop64_predecessor": match_named_list(parsed, "prop64_predecessors").notna() & parsed["parsed"],
            "is_aggravated_form": match_list(parsed, _scope("yes")).eq("sure").fillna(False),
            "superstrike": listed("superstrikes"),
            "pc290": listed("pc290"),
            "is_superstrike_listed": _listed(parsed, "superstrikes", ("code", "subdivision", "fact")),
            "is_pc290_listed": _listed(parsed, "pc290", ("code", "subdivision")),
            "serious": listed("serious_felonies"),
            "violent": listed("violent_felonies"),
            "enhancement": match_list(parsed, _enhancements()),
            "supervision": match_named_list(parsed, "supervision"),
            "other_case": _other_case(parsed, told[0]),
            "missed_appearance": match_list(parsed, _other_cases("appearance")),
            "prop47": _prop47(parsed),
            **{kind: match_list(parsed, _companions(kind)) for kind in COMPANION_KINDS},
            "related": match_named_list(parsed, "related"),
            "related_flagged": match_list(parsed, _flagged()),
            "says_import": _says(told[0], "import"),
            "registration": registration,
            "is_registration": registration.notna() & parsed["parsed"],
        }
    )


def _code_section(parsed: pd.DataFrame) -> pd.Series:
    """The statute as a reviewer sees it: as the charge writes it; from a comment, which may name people, as it was read."""
    named = parsed["section"] + parsed["subdivision"].fillna("").str.upper() + " " + parsed["code"].fillna("")
    read = named.str.strip()
    return parsed["code_section_text"].where(
        parsed["source"] == "offense", pd.Series(read, index=parsed.index, dtype="str")
    )


def _listed(parsed: pd.DataFrame, name: str, decidable: Sequence[str]) -> pd.Series:
    """Whether a reviewer is shown the section as one of a list: only rows of the list that are decidable so count.

    What turns on an enhancement is never shown: the charge alone is another offense. What turns on a fact (the intent
    of a kidnapping) is shown as a superstrike that it may be; the list of sex offenses holds murder for such a fact.
    """
    rows = load_list(f"statutes/{name}")
    traps = load_list("statutes/traps")
    itself = rows[rows["decidable"].isin(decidable)]
    found = match_list(parsed, itself, traps=traps[traps["list"] == name])
    # An attempt or conspiracy whose target isn't recorded may be of anything, and is shown as nothing.
    relations = load_list("statutes/relations")
    bare = parsed["section"].isin(relations.loc[relations["kind"] == "section", "text"])
    found[bare] = match_list(parsed[bare], itself[~itself["subdivision"].str.startswith("/")])
    return parsed["parsed"] & found.notna()


def _prop47(parsed: pd.DataFrame) -> pd.Series:
    """'decidable' where the statute alone says that it is in scope, 'value' where it may be, 'none', missing if unread."""
    answers = match_named_list(parsed, "prop47_sections").map({"sure": "decidable", "possible": "value"}).fillna("none")
    return answers.where(parsed["parsed"])


def _companions(kind: str) -> pd.DataFrame:
    rows = load_list("statutes/companions")
    return rows[rows["kind"] == kind]


def _other_cases(kind: str) -> pd.DataFrame:
    rows = load_list("statutes/other_cases")
    return rows[rows["kind"] == kind]


def _other_case(parsed: pd.DataFrame, keys: pd.Series) -> pd.Series:
    """Whether the charge is a case that stands elsewhere: by its section, or surely by a word, whatever the section."""
    found = match_list(parsed, _other_cases("elsewhere"))
    return found.mask(_says(keys, "other_case").fillna(False).astype("bool"), "sure")


def _enhancements() -> pd.DataFrame:
    """What makes another count of its case a serious or violent felony."""
    rows = pd.concat([load_list("statutes/serious_felonies"), load_list("statutes/violent_felonies")])
    return rows[rows["decidable"] == "enh"]


def _flagged() -> pd.DataFrame:
    rows = load_list("statutes/related")
    return rows[rows["flagged"] == "yes"]


def words_of(mark: str) -> str:
    """A mark's words of `rules/statutes/text_marks.csv`, as a pattern for texts in upper case."""
    marks = load_list("statutes/text_marks")
    words = "|".join(re.escape(word) for word in marks.loc[marks["mark"] == mark, "word"])
    return rf"\b(?:{words})\b"


def _says(keys: pd.Series, mark: str) -> pd.Series:
    """Whether a text has one of a mark's words; missing where there is no text."""
    found = keys.str.upper().str.contains(words_of(mark), regex=True)
    return found.astype("boolean").mask(keys.str.strip() == "")


def _scope(aggravated: str) -> pd.DataFrame:
    scope = load_list("statutes/prop64_scope")
    return scope[scope["aggravated"] == aggravated]


def _in_scope(parsed: pd.DataFrame) -> pd.Series:
    """TRUE, FALSE, or missing. Wrong or missing code letters leave a section in scope: they make it uncertain."""
    scope = _scope("no")
    sections = set(scope["section"])
    codes = set(scope["statute"])
    fits = parsed["section"].isin(sections) & (
        parsed["code"].isin(codes) | parsed["code"].isna() | parsed["code_conflict"]
    )
    joined = (
        parsed["joined_sections"]
        .fillna("")
        .str.split(";")
        .map(lambda statutes: any(statute.partition(" ")[2].partition("(")[0] in sections for statute in statutes))
    )
    found = fits.astype("object")
    found[~fits & joined] = None
    found[~parsed["parsed"]] = None
    return found.astype("boolean")
