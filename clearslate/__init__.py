"""Clearslate: bulk DOJ extracts to record relief that has actually happened.

This package is the library. It knows nothing of Dagster: `pipelines/` and `assets/` call it, never the other way round.
"""

__version__ = "0.1.0"
