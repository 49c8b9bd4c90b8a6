"""Comments that speak of another Prop 64 charge than the count they stand on (column `Possible Other P64 Charges`).

Belongs here: that comparison, as the predecessor made it, on statutes that were read instead of on digits that happened
to match. Does not belong here: reading statutes (clearslate/statutes).
"""

from collections.abc import Iterator

import pandas as pd

from clearslate.law.lists import load_list
from clearslate.statutes import comment_statutes
from clearslate.warehouse import Warehouse

_PAIRS = """
select r.offense_key, r.comment_text, o.section, o.subdivision, coalesce(o.in_prop64_scope, false) as in_scope
from (
    select distinct offense_key, comment_text from staging.record where comment_text is not null
) as r
inner join core.offense as o on r.offense_key = o.offense_key
where o.statute_source = 'offense'
order by r.offense_key, r.comment_text
"""


def flag_comments(warehouse: Warehouse) -> int:
    """Make `review.comment_charge`: the pairs of offense and comment to show to a reviewer. Returns their number.

    A comment is shown when it names a Prop 64 section and the count's own text names none, or another, or another group
    of its subdivisions (rules/review/comment_groups.csv), or no subdivision where the comment does.
    """
    pairs = warehouse.frame(_PAIRS)
    named = comment_statutes(pairs["comment_text"].astype("str"))
    groups = load_list("review/comment_groups")
    group = {(row.section, row.subdivision): row.comment_group for row in groups.itertuples()}
    grouped = set(groups["section"])
    sections = set(load_list("statutes/prop64_scope")["section"])

    def differs(section: str, subdivision: str, own: str | None, own_subdivision: str | None) -> bool:
        if own != section:
            return True
        if section not in grouped:
            return False
        mine = group.get((section, _first_level(own_subdivision or "")))
        theirs = group.get((section, _first_level(subdivision)))
        return theirs is not None and mine != theirs

    shown = []
    for row, statutes in zip(pairs.itertuples(), named, strict=True):
        own = row.section if row.in_scope and isinstance(row.section, str) else None
        own_subdivision = row.subdivision if isinstance(row.subdivision, str) else None
        shown.append(
            isinstance(statutes, str)
            and any(
                section in sections and differs(section, subdivision, own, own_subdivision)
                for section, subdivision in _split(statutes)
            )
        )
    found = pairs.loc[pd.Series(shown, index=pairs.index, dtype="bool"), ["offense_key", "comment_text"]]
    return warehouse.create_from_frame("review.comment_charge", found)


def _split(statutes: str) -> Iterator[tuple[str, str]]:
    """('HS 11359(a);PC 459') -> sections and subdivisions; the code letters may be absent."""
    for statute in statutes.split(";"):
        number = statute.split(" ")[-1]
        section, bracket, rest = number.partition("(")
        yield section, bracket + rest


def _first_level(subdivision: str) -> str:
    return subdivision.partition(")")[0] + ")" if subdivision else ""
