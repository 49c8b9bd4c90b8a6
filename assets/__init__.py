"""Thin asset definitions, a module per stage of the flow: each asks `clearslate` to do its work and reports counts.

No SQL strings, no rules, no decisions here. Every asset takes the run from the resource `run` (pipelines/resources.py).
"""
