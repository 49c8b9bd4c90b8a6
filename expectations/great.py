"""Great Expectations: it judges a suite's one row of numbers, and nothing else reaches it.

All that the rest of Clearslate knows of Great Expectations is `hold`. It is imported when a gate is judged (that takes
seconds) and lives in memory: no project folder, no telemetry, no progress bars; results hold yes or no, no values.
"""

import importlib
import os
import threading
import warnings
from collections.abc import Mapping, Sequence
from types import ModuleType

import pandas as pd

from clearslate.settings import Thresholds
from expectations.expectation import Expectation


def warm_up() -> None:
    """Begin to load the library, in the background: its import takes seconds, and a run has other things to do first."""
    threading.Thread(target=_load, daemon=True).start()


def _load() -> ModuleType:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    warnings.filterwarnings("ignore", message="SOCKS support in urllib3")  # said on import; nothing here connects
    return importlib.import_module("great_expectations")


def hold(
    name: str, metrics: Mapping[str, float], expectations: Sequence[Expectation], thresholds: Thresholds
) -> dict[str, bool]:
    """Whether each expectation holds for the suite `name`'s numbers, by the expectation's name."""
    gx = _load()
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.core.expect_column_max_to_be_between import ExpectColumnMaxToBeBetween
    from great_expectations.expectations.metadata_types import FailureSeverity

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("metrics").add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe("row").get_batch({"dataframe": pd.DataFrame([metrics])})
    suite = gx.ExpectationSuite(
        name=name,
        expectations=[
            ExpectColumnMaxToBeBetween(
                column=expectation.metric,
                max_value=expectation.limit(thresholds),
                severity=FailureSeverity(expectation.severity),
                meta={"name": expectation.name},
            )
            for expectation in expectations
        ],
    )
    found = batch.validate(suite, result_format="BOOLEAN_ONLY")
    configured = ((result.expectation_config, result.success) for result in found.results)
    return {config["meta"]["name"]: bool(success) for config, success in configured if config is not None}
