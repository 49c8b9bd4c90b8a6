"""The process in which Great Expectations lives: a line of JSON in, a line of JSON out, until its input ends.

    in    {"suite": name, "metrics": {name: number}, "expectations": [{"name", "metric", "at_most", "severity"}, ...]}
    out   {"held": {expectation: true or false}}, or {"error": class of the error}

Started by great.py. The library works in memory: no project folder, no telemetry, no progress bars; its results hold yes or
no, no values. Does not belong here: anything of Clearslate; what comes in is numbers and names of ours.
"""

import gc
import json
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any


class _AtFirstUse(MetaPathFinder):
    """Packages that the library imports for statistics and pictures: each module of theirs loads when something in it is
    first asked for, which to judge bare numbers never does. They are a third of the import."""

    _PACKAGES = frozenset({"scipy", "altair"})

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        found = PathFinder.find_spec(name, path, target) if name.partition(".")[0] in self._PACKAGES else None
        if found is not None and isinstance(found.loader, SourceFileLoader):
            found.loader = LazyLoader(found.loader)
        return found


sys.meta_path.insert(0, _AtFirstUse())
gc.disable()  # what the import makes stays; looking for garbage in it is a sixth of the time

import great_expectations as gx  # noqa: E402
import pandas as pd  # noqa: E402
from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: E402
from great_expectations.expectations.core.expect_column_max_to_be_between import (  # noqa: E402
    ExpectColumnMaxToBeBetween,
)
from great_expectations.expectations.metadata_types import FailureSeverity  # noqa: E402

gc.freeze()
gc.enable()


def judge(name: str, metrics: dict[str, float], expectations: list[dict[str, Any]]) -> dict[str, bool]:
    """Whether each expectation holds for these numbers, by its name."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("metrics").add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe("row").get_batch({"dataframe": pd.DataFrame([metrics])})
    suite = gx.ExpectationSuite(
        name=name,
        expectations=[
            ExpectColumnMaxToBeBetween(
                column=one["metric"],
                max_value=one["at_most"],
                severity=FailureSeverity(one["severity"]),
                meta={"name": one["name"]},
            )
            for one in expectations
        ],
    )
    found = batch.validate(suite, result_format="BOOLEAN_ONLY")
    configured = ((result.expectation_config, result.success) for result in found.results)
    return {config["meta"]["name"]: bool(success) for config, success in configured if config is not None}


def main() -> None:
    """Answer until the input ends. What the library prints goes nowhere: the answers have the output to themselves."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer: dict[str, Any] = {"held": judge(question["suite"], question["metrics"], question["expectations"])}
        except Exception as error:
            answer = {"error": type(error).__name__}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
