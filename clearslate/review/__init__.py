"""The prosecutor's files, out and back.

Written by a run: the predecessor's columns and formats, decided anew. `comments.py` finds comments that speak of another
charge, `export.py` writes the CSV files of results, `upcoming.py` the list of what comes next, `summary.py` the JSON.

Written on demand and read back (import these modules by name; they rest on the release and the ledger): `worklist.py` writes
worklists, `samples.py` spot checks with the arithmetic of `sampling.py`, `notices.py` the public defender's list;
`decisions.py` takes what comes back into the ledger, as `answers.py` reads it; `standing.py` tells where decisions stand,
`grounds.py` on what grounds one may challenge, `lines.py` how a line is worded.
"""

from clearslate.review.comments import flag_comments
from clearslate.review.export import write_review
from clearslate.review.summary import write_summaries
from clearslate.review.upcoming import write_upcoming

__all__ = ["flag_comments", "write_review", "write_summaries", "write_upcoming"]
