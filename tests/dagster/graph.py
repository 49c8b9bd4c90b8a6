"""The graph as text: what tests/dagster/graph.txt holds, so that no asset, arrow, gate or job changes unseen.

`python -m tests.dagster.graph > tests/dagster/graph.txt` writes it anew; look at the difference before you commit it.
"""

import sys
from collections.abc import Iterator
from itertools import groupby

import dagster as dg

from pipelines.definitions import defs


def describe() -> str:
    """Assets by group, each with what it is made of and what it reads; checks; jobs; schedules; sensors."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    graph = defs.resolve_asset_graph()
    nodes = sorted((graph.get(key) for key in graph.get_all_asset_keys()), key=lambda node: (node.group_name, node.key))
    for group, members in groupby(nodes, key=lambda node: node.group_name):
        yield f"group {group}"
        for node in members:
            made = "" if node.is_materializable else ", made by a check"
            yield f"  {_name(node.key)} ({', '.join(sorted(node.kinds))}{made})"
            yield from (f"    reads {_name(key)}" for key in sorted(node.parent_keys))
    for key in sorted(graph.asset_check_keys):
        check = graph.get(key)
        how = "blocking" if check.blocking else "not blocking"
        yield f"check {key.name} of {_name(key.asset_key)}, {how}"
        after = sorted(key for key in check.parent_entity_keys if isinstance(key, dg.AssetKey))
        yield from (f"  after {_name(key)}" for key in after if key != check.key.asset_key)
    every = graph.materializable_asset_keys
    for job in sorted(defs.resolve_all_job_defs(), key=lambda job: job.name):
        if not job.name.startswith("__"):
            chosen = job.asset_layer.selected_asset_keys
            yield f"job {job.name}, {job.executor_def.name}"
            few = len(chosen) < len(every - chosen)
            yield from (f"  only {_name(key)}" for key in sorted(chosen) if few)
            yield from (f"  without {_name(key)}" for key in sorted(every - chosen) if not few)
    for schedule in defs.schedules or ():
        yield f"schedule {schedule.name}: {schedule.job_name} at {schedule.cron_schedule} {schedule.execution_timezone}"
    for sensor in defs.sensors or ():
        yield f"sensor {sensor.name}: {sensor.job_name}"


def _name(key: dg.AssetKey) -> str:
    return ".".join(key.path)


if __name__ == "__main__":
    sys.stdout.write(describe())
