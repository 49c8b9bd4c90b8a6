"""Dagster wiring and the command line that runs the same jobs. No table, file or rule is made here."""
