"""The prosecutor's files: the predecessor's columns and formats, decided anew.

`comments.py` finds comments that speak of another charge, `export.py` writes the CSV files of results, `upcoming.py` the
list of what comes next, `summary.py` the JSON.
"""

from clearslate.review.comments import flag_comments
from clearslate.review.export import write_review
from clearslate.review.summary import write_summaries
from clearslate.review.upcoming import write_upcoming

__all__ = ["flag_comments", "write_review", "write_summaries", "write_upcoming"]
