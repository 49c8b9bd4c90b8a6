"""Reconciliation: the court's own list of cases held against ours.

Belongs here: reading that list by the county's mapping (`mapping.py`, `court_list.py`), our side of it (`ours.py`),
matching by case number (`matching.py`) and, where numbers fail, by probability (`linkage.py`), comparing the counts of
matched cases (`counts.py`), where each row and conviction ends up (`standing.py`) and the reports (`reports.py`), all put
together in `job.py`. Does not belong here: what is filed, and the court's answers to it.

Two rules hold throughout. A sure match rests on a case number that both sides have, and on nothing that contradicts it.
Whatever else may be the same case is a possible match: listed apart, for a person to decide, and never counted as found.
"""
