"""Reads statutes out of the texts of criminal records, and finds them on law lists.

`parse_offenses` reads charges, `qualify` what qualifies them, `comment_statutes` what comments mention; `match_named_list`
compares offenses with a list of `rules/statutes/`. Which sections, letters and lists there are stands in `rules/`; nothing
here decides relief.
"""

from clearslate.statutes.frame import OFFENSE_COLUMNS, comment_statutes, parse_offenses, qualify
from clearslate.statutes.match import match_list, match_named_list
from clearslate.statutes.reference import write_statute

__all__ = [
    "OFFENSE_COLUMNS",
    "comment_statutes",
    "match_list",
    "match_named_list",
    "parse_offenses",
    "qualify",
    "write_statute",
]
