"""What all tests share: Hypothesis draws the same examples every time, and no example is failed for being slow."""

from hypothesis import settings

settings.register_profile("same every time", derandomize=True, deadline=None, database=None)
settings.load_profile("same every time")
