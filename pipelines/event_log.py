"""Dagster's SQLite event log with its connections kept open: every event of a run is a commit, and Dagster opens and
closes the database for each.

Measured on a small run of some 350 events: 2.6 of its 12 seconds went into opening, checking and closing. What is stored,
and where (`history/runs/` of DAGSTER_HOME), is the same: either class reads what the other wrote. Belongs here: that, and
nothing of ours. It leans on inner parts of the pinned Dagster; tests/dagster holds it to them.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

_KEPT = 8  # databases held open: the index, and a few runs; a browser may walk through hundreds


class KeptOpenSqliteEventLogStorage(SqliteEventLogStorage):
    """`base_dir` is the folder of the instance, DAGSTER_HOME."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(str(Path(base_dir) / "history" / "runs"), inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "KeptOpenSqliteEventLogStorage":
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            made = create_engine(
                self.conn_string_for_shard(shard), connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
            )
            event.listen(made, "connect", _settle)
            self._engines[shard] = made
            while len(self._engines) > _KEPT:
                self._engines.popitem(last=False)[1].dispose()
        self._engines.move_to_end(shard)
        return self._engines[shard]

    def dispose(self) -> None:
        """Close everything."""
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()


def _settle(connection: Any, _: Any) -> None:
    """In write-ahead mode the file stays whole without a sync for each commit; only a power cut loses the last events."""
    connection.execute("pragma synchronous = normal")
