"""Great Expectations: it judges a suite's one row of numbers, in a process of its own, and nothing else reaches it.

All that the rest of Clearslate knows of Great Expectations is `hold`. The library takes seconds to import: its process
begins to do so when a run begins (`warm_up`), while the run reads its extract. Not in a thread of the run's process: two
threads that import packages which import one another get half-made modules (seen: one run in twenty failed so).

Belongs here: that process, and what is said to it. Does not belong here: the library (great_process.py).
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from clearslate.errors import ClearslateError
from clearslate.settings import Thresholds
from expectations.expectation import Expectation


class _Process:
    """The process in which the library lives; started when it is first needed. It ends when this one does, however that
    ends: it reads from a pipe that closes then.

    What is said to it is a line of JSON, and so is its answer.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: subprocess.Popen[str] | None = None

    def start(self) -> subprocess.Popen[str]:
        """The running process; a new one where there is none."""
        if self._running is None or self._running.poll() is not None:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "expectations.great_process"],
                env={**os.environ, "GX_ANALYTICS_ENABLED": "false"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        return self._running

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Its answer. Raises ClearslateError where it could not judge, or has died."""
        with self._lock:
            running = self.start()
            try:
                assert running.stdin is not None and running.stdout is not None  # noqa: S101
                running.stdin.write(json.dumps(question) + "\n")
                running.stdin.flush()
                said = running.stdout.readline()
            except BrokenPipeError:
                said = ""
        answer: dict[str, Any] = json.loads(said) if said.endswith("\n") else {"error": "its process has died"}
        if "error" in answer:
            raise ClearslateError(f"Great Expectations can't judge {question['suite']}: {answer['error']}")
        return answer


_PROCESS = _Process()


def warm_up() -> None:
    """Begin to load the library."""
    _PROCESS.start()


def hold(
    name: str, metrics: Mapping[str, float], expectations: Sequence[Expectation], thresholds: Thresholds
) -> dict[str, bool]:
    """Whether each expectation holds for the suite `name`'s numbers, by the expectation's name.

    Raises ClearslateError where that can't be told: whoever asks must not go on as if it held.
    """
    asked = [
        {"name": one.name, "metric": one.metric, "at_most": one.limit(thresholds), "severity": one.severity}
        for one in expectations
    ]
    answer = _PROCESS.ask({"suite": name, "metrics": dict(metrics), "expectations": asked})
    return {str(name): bool(held) for name, held in answer["held"].items()}
