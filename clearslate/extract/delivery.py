"""A whole delivery to Parquet: records, quarantine and the account of each file, all of it or nothing.

Whether the shares of what is damaged are bearable is for the quality gate; here every readable delivery is landed.
"""

import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clearslate import __version__
from clearslate.errors import DeliveryRefused, UsageError
from clearslate.extract.marker import Marker, find_marker, is_delivery_id, read_marker
from clearslate.extract.parse import PARSED_FIELDS, Parsed
from clearslate.extract.quarantine import QUARANTINE_SCHEMA, Quarantined
from clearslate.extract.reader import BLOCK_BYTES, FileReader, Survey, survey_file
from clearslate.extract.tally import FileFacts

THREADS = min(4, os.cpu_count() or 1)
_WRITES_AHEAD = 2  # parts in the hands of the threads, beside the chunks that they parse
_QUARANTINE_BATCH = 10_000
_DELIVERY_JSON = "delivery.json"
# Hardly two records have these alike: a dictionary would be in vain.
_NO_DICTIONARY = {"record_no", "line_first", "line_last", "record_id", "csv_line"}

RECORD_SCHEMA = pa.schema(
    [
        pa.field("record_no", pa.int64(), nullable=False),
        pa.field("file_no", pa.int32(), nullable=False),
        pa.field("line_first", pa.int64(), nullable=False),
        pa.field("line_last", pa.int64(), nullable=False),
        *PARSED_FIELDS,
    ]
)

_ARROW_TYPES = {"file_no": pa.int32(), int: pa.int64(), str: pa.string(), bool: pa.bool_()}
FILE_SCHEMA = pa.schema(
    [
        pa.field(fact.name, _ARROW_TYPES.get(fact.name) or _ARROW_TYPES[fact.type], nullable=False)
        for fact in fields(FileFacts)
    ]
)
_TOTALS = tuple(fact.name for fact in fields(FileFacts) if fact.name.startswith(("bytes", "lines_", "records_")))


@dataclass(frozen=True, slots=True)
class Delivery:
    """A landed delivery. `data_through` and `scope` are what its marker stated, None if it did not.

    The totals are sums over `files`; lines_total = lines_header + lines_blank + lines_loaded + lines_quarantined.
    """

    id: str
    received_on: date
    data_through: date | None
    scope: str | None
    files: tuple[FileFacts, ...]
    reader_version: str

    def total(self, fact: str) -> int:
        """The sum of one numeric fact (such as `records_loaded`) over the files."""
        return sum(getattr(file, fact) for file in self.files)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a landed delivery's `delivery.json`, given that file or its folder."""
        source = path / _DELIVERY_JSON if path.is_dir() else path
        try:
            content = json.loads(source.read_text(encoding="utf-8"))
            del content["totals"]
            return cls(
                **content
                | {
                    "received_on": date.fromisoformat(content["received_on"]),
                    "data_through": content["data_through"] and date.fromisoformat(content["data_through"]),
                    "files": tuple(FileFacts(**file) for file in content["files"]),
                }
            )
        except (OSError, ValueError, KeyError, TypeError):
            raise UsageError(f"{source.name}: not the record of a landed delivery, or not readable") from None

    def _save(self, path: Path) -> None:
        totals = {fact: self.total(fact) for fact in _TOTALS}
        content = asdict(self) | {"totals": totals}
        text = json.dumps(content, default=date.isoformat, indent=2, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


def read_delivery(
    paths: Sequence[Path],
    out: Path,
    *,
    received_on: date,
    marker: Path | None = None,
    delivery_id: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Delivery:
    """Land a delivery's files, in the order given, under the new folder `out`.

    Writes `record/part-*.parquet` (the 95 columns as sent, with record, file and line numbers), `quarantine.parquet`,
    `file.parquet` and `delivery.json`. The id is `delivery_id`, or the marker's, or a hash of the distinct contents.
    `marker` defaults to a marker file beside the first file. `on_progress` gets bytes read and bytes in all.

    Raises DeliveryRefused (file or marker), UsageError (arguments) or ClearslateError (an account that does not
    balance); after any of them `out` holds nothing.
    """
    if not paths:
        raise UsageError("no file given: name at least one extract")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out.name}: exists already and is not an empty folder")
    marker_path = marker or find_marker(paths[0])
    marked = read_marker(marker_path) if marker_path else None
    surveys = _surveyed(paths, marked, received_on)
    delivery_id = _delivery_id(delivery_id, marked, surveys)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=out.parent))
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            files = _Landing(partial, pool, block_bytes).land(surveys, marked, on_progress)
        delivery = Delivery(
            id=delivery_id,
            received_on=received_on,
            data_through=marked.data_through if marked else None,
            scope=marked.scope if marked else None,
            files=files,
            reader_version=__version__,
        )
        delivery._save(partial / _DELIVERY_JSON)
        partial.replace(out)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return delivery


def _surveyed(paths: Sequence[Path], marked: Marker | None, received_on: date) -> list[Survey]:
    """The first pass over every file, and all of the marker that can be checked by then."""
    if marked is not None:
        if marked.data_through is not None and marked.data_through > received_on:
            raise DeliveryRefused(f"{marked.file_name}: data_through is later than the day of receipt")
        marked.check_names([path.name for path in paths])
    surveys = [survey_file(path) for path in paths]
    for survey in surveys:
        if marked is not None:
            marked.check_sha256(survey.path.name, survey.sha256)
    return surveys


def _delivery_id(given: str | None, marked: Marker | None, surveys: Sequence[Survey]) -> str:
    if given is not None and not is_delivery_id(given):
        raise UsageError("a delivery id is 1 to 100 letters, digits, dots, hyphens or underscores")
    if given is not None and marked is not None and given != marked.id:
        raise UsageError(f"{marked.file_name} gives the delivery another id: leave the id out, or mend the marker")
    if marked is not None:
        return marked.id
    if given is not None:
        return given
    contents = sorted({survey.content_sha256 for survey in surveys})
    return "d-" + hashlib.sha256("\n".join(contents).encode()).hexdigest()[:16]


class _Landing:
    """Writes one delivery's Parquet into a folder; parts are written by the threads of `pool`."""

    def __init__(self, folder: Path, pool: Executor, block_bytes: int) -> None:
        self._folder = folder
        self._pool = pool
        self._block_bytes = block_bytes
        self._records = 0
        self._parts = 0
        self._writes: deque[Future[None]] = deque()

    def land(
        self, surveys: Sequence[Survey], marked: Marker | None, on_progress: Callable[[int, int], None] | None
    ) -> tuple[FileFacts, ...]:
        (self._folder / "record").mkdir()
        total = sum(survey.bytes for survey in surveys)
        done = 0
        files = []
        with _QuarantineFile(self._folder / "quarantine.parquet") as quarantine:
            for file_no, survey in enumerate(surveys):
                on_read = _progress(on_progress, done, total)
                reader = FileReader(survey, self._pool, block_bytes=self._block_bytes, on_read=on_read)
                for parsed in reader.parsed():
                    self._write(parsed, file_no)
                    quarantine.add(parsed.quarantined, file_no, survey.path.name)
                facts = reader.facts(file_no)
                if marked is not None:
                    marked.check_rows(facts.file_name, facts.records_loaded + facts.records_quarantined)
                files.append(facts)
                done += survey.bytes
        if not self._parts:
            self._submit(RECORD_SCHEMA.empty_table())
        self._finish_writes(ahead=0)
        account = pa.Table.from_pylist([asdict(facts) for facts in files], FILE_SCHEMA)
        pq.write_table(account, self._folder / "file.parquet")
        return tuple(files)

    def _write(self, parsed: Parsed, file_no: int) -> None:
        count = parsed.table.num_rows
        if not count:
            return
        numbers = [
            pa.array(np.arange(self._records, self._records + count, dtype=np.int64)),
            pa.repeat(pa.scalar(file_no, pa.int32()), count),
            pa.array(parsed.line_first),
            pa.array(parsed.line_last),
        ]
        self._records += count
        self._submit(pa.Table.from_arrays([*numbers, *parsed.table.columns], schema=RECORD_SCHEMA))

    def _submit(self, table: pa.Table) -> None:
        path = self._folder / "record" / f"part-{self._parts:05d}.parquet"
        self._parts += 1
        self._writes.append(self._pool.submit(_write_part, table, path))
        self._finish_writes(ahead=_WRITES_AHEAD)

    def _finish_writes(self, *, ahead: int) -> None:
        while len(self._writes) > ahead:
            self._writes.popleft().result()


def _write_part(table: pa.Table, path: Path) -> None:
    # Statistics only where a reader can skip by them: over the other columns of text they cost more than they save.
    keys = ["record_no", "file_no", "line_first", "line_last", "subject_id"]
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=1,
        use_dictionary=[name for name in table.column_names if name not in _NO_DICTIONARY],
        write_statistics=keys,
        store_schema=False,
    )


def _progress(on_progress: Callable[[int, int], None] | None, done: int, total: int) -> Callable[[int], None] | None:
    return None if on_progress is None else lambda read: on_progress(done + read, total)


class _QuarantineFile:
    """`quarantine.parquet`, written in batches so that memory does not grow with what is damaged."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, QUARANTINE_SCHEMA, compression="zstd", store_schema=False)
        self._rows: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, records: Iterable[Quarantined], file_no: int, file_name: str) -> None:
        for record in records:
            self._rows.append(
                {
                    "file_no": file_no,
                    "file_name": file_name,
                    "line_first": record.line_first,
                    "line_last": record.line_last,
                    "reason": record.reason.value,
                    "text": record.text,
                    "mend": record.mend,
                    "subject_id": record.subject_id,
                    "cii": record.cii,
                }
            )
        if len(self._rows) >= _QUARANTINE_BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, QUARANTINE_SCHEMA))
            self._rows = []
