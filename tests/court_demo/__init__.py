"""A county of the size of Los Angeles in 2020, from the extract to the last posted line, with a simulated court.

Belongs here: the story that `make court-demo` tells, in which ledger and court's books are compared line by line after
every stage; the test suite tells it small. Does not belong here: the court itself (tests/court_simulator).

    source.py      the releases: synthetic extracts through whole runs, or a release made by hand for the test suite
    prosecutor.py  the worklists filled in
    agreement.py   ledger against books, and the table of a stage
    story.py       what happens, stage by stage
"""
