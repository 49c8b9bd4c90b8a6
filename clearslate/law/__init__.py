"""Law as data: reads the files under `rules/` strictly and turns them into SQL.

What the law grants stands in `rules/`, never here. This package knows how a rule file is shaped, how three-valued
logic and partial dates work, and how an anniversary is counted; it knows no statute.
"""
