"""Thin asset definitions, a module per stage of the flow: each asks `clearslate` to do its work and reports counts.

No rules and no decisions here, and no SQL but what counts rows for Dagster. The assets of a run take it from the resource
`run` (pipelines/resources.py); those of the courts' acknowledgements belong to no run.
"""
