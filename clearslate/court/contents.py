"""The part that every package has: lines, cases, manifest and checksums, for drafts and batches alike.

Belongs here: writing these four files of one folder from streams of rows, and refusing such as do not add up. Does not
belong here: which rows there are (package.py for a run's drafts, batch.py for what is sent), the format (layout.py).

Nothing that differs from run to run is written (law 6): no run id, time, delivery or file hash. The records that a
package rests on are told by a fingerprint that does not depend on how they were delivered.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from clearslate.court.accounting import unbalanced
from clearslate.court.layout import (
    ACTION_COLUMNS,
    ACTIONS,
    CASE_COLUMNS,
    CASES,
    FORMAT,
    MANIFEST,
    SUMS,
    VERSION,
    FileFacts,
    PackageName,
    create_file,
    write_table,
)
from clearslate.court.totals import ControlTotals
from clearslate.errors import ClearslateError

Rows = Iterable[list[tuple[str, ...]]]
"""Batches of rows, every cell as text."""


@dataclass(frozen=True)
class Head:
    """What a manifest states ahead of its files. `kind` is DRAFT or BATCH; `told` is what only that kind states."""

    kind: str
    name: PackageName
    county: str
    remedy: str
    remedy_version: str
    policy_id: str
    policy_sha256: str
    rule_set: str
    as_of: str
    records_fingerprint: str
    previous_manifest_sha256: str | None
    told: Mapping[str, Any]


@dataclass
class Contents:
    """A package's folder as it fills up: the facts of the files in it, in the order in which the manifest names them.

    `data_through` is the day through which the records speak that the package rests on; None where a delivery states none.
    """

    folder: Path
    data_through: date | None = None
    totals: ControlTotals = field(default_factory=ControlTotals)
    files: dict[str, FileFacts] = field(default_factory=dict)

    def write_lines(self, actions: Rows, cases: Rows) -> None:
        """Write lines and cases. Raises ClearslateError where lines have a gap, or cases are not those of the lines."""
        self.write_actions(actions)
        self.write_cases(cases)

    def write_actions(self, actions: Rows) -> None:
        """Write the lines, and count them."""
        self.files[ACTIONS] = write_table(self.folder / ACTIONS, ACTION_COLUMNS, _counted(actions, self.totals))
        self.demand(
            self.totals.sum_line_no == self.totals.lines * (self.totals.lines + 1) // 2, "line numbers have a gap"
        )

    def write_cases(self, cases: Rows) -> None:
        """Write the cases of the lines that are written."""
        self.files[CASES] = write_table(self.folder / CASES, CASE_COLUMNS, cases)
        self.demand(self.files[CASES].rows == len(self.totals.cases), "cases differ from those of the lines")

    def seal(self, head: Head, accounting: Mapping[str, Any]) -> str:
        """Write manifest and checksums, the last files; returns the manifest's SHA-256.

        Raises ClearslateError where the lines are not those of the accounts, or these do not add up.
        """
        stated = accounting["county"]["eligible"]["in_package"]
        self.demand(stated == self.totals.lines, "lines differ from the accounts")
        wrong = unbalanced(accounting)
        self.demand(not wrong, f"accounts do not add up: {'; '.join(wrong)}")
        name = head.name
        manifest = encode_json(
            {
                "format": FORMAT,
                "version": VERSION,
                "kind": head.kind,
                "batch_id": name.batch_id,
                "sequence": name.sequence,
                "attempt": name.attempt,
                "previous_manifest_sha256": head.previous_manifest_sha256,
                "test_indicator": name.test_indicator,
                "county": head.county,
                "court_code": name.court_code,
                "program": name.program,
                "remedy": {"id": head.remedy, "version": head.remedy_version},
                "policy": {"id": head.policy_id, "sha256": head.policy_sha256},
                "rule_set": head.rule_set,
                "as_of": head.as_of,
                "data_through": self.data_through.isoformat() if self.data_through else None,
                **head.told,
                "files": {path: facts.as_manifest() for path, facts in self.files.items()},
                "control_totals": self.totals.as_manifest(),
                "accounting": accounting,
                "records_fingerprint": head.records_fingerprint,
            }
        )
        manifest_sha256 = hashlib.sha256(manifest).hexdigest()
        sums = {MANIFEST: manifest_sha256} | {path: facts.sha256 for path, facts in self.files.items()}
        for path, content in (
            (MANIFEST, manifest),
            (SUMS, "".join(f"{digest}  {path}\n" for path, digest in sums.items()).encode("ascii")),
        ):
            with create_file(self.folder / path) as file:
                file.write(content)
        return manifest_sha256

    def demand(self, holds: bool, fault: str) -> None:
        """Raise ClearslateError, naming the package's folder, unless `holds`."""
        if not holds:
            raise ClearslateError(f"the package {self.folder.name} is not written: its {fault}")


def as_rows(batches: Iterable[pa.RecordBatch]) -> Iterator[list[tuple[str, ...]]]:
    """Arrow batches of text columns as rows."""
    for batch in batches:
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def select_text(columns: Sequence[str], sources: Mapping[str, str]) -> str:
    """The columns of a file as text, blank for NULL; of `a`, where `sources` does not say from where."""
    return ", ".join(f"coalesce(cast({sources.get(name, 'a.' + name)} as varchar), '') as {name}" for name in columns)


def encode_json(content: Mapping[str, Any]) -> bytes:
    """JSON as people read it, in the order given."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _counted(batches: Rows, totals: ControlTotals) -> Iterator[list[tuple[str, ...]]]:
    for batch in batches:
        totals.add(batch)
        yield batch
