"""A second opinion: what the law gives for a history, worked out slowly and plainly from the raw 95-column rows.

Belongs here: the oracle. It shares no code with `clearslate/` (test_oracle.py holds it), knows no SQL and no compiler, and
was written from the definitions in docs/ and from the law, not from the engine. `tests/differential` compares the two.

    truth.py       true, false and unknown; days that are known only within bounds
    offenses.py    the offenses of the histories, each with what the law says of it, told by hand
    record.py      one row, read
    history.py     a person's counts, convictions and arrests
    facts.py       what the rules look at, for a conviction
    arrests.py     ... and for an arrest
    table.py       how an ordered list of rules decides when some tests are unknown
    remedies.py    the rules of the four remedies, and of two policies, in order
    histories.py   random histories, aimed at the rules and their boundary days

Its world is smaller than the engine's: one delivery that speaks up to the as-of date, counts whose order can be read, and
a few dozen offenses. What lies outside (persons over several deliveries, torn rows, look-alike spellings) has tests of
its own.
"""
