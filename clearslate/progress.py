"""Saying how far a run has come: counts and stage names, never anything of a record.

Belongs here: the one channel on which the library reports progress. Does not belong here: showing it (pipelines/cli.py
listens; in the UI the asset events tell the same).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Listener = Callable[[str, dict[str, Any]], None]
_listeners: list[Listener] = []


def say(stage: str, /, **counts: Any) -> None:
    """Tell whoever listens that a stage has begun, or how far it is."""
    for listener in _listeners:
        listener(stage, counts)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have `listener` called for everything said inside the block."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
