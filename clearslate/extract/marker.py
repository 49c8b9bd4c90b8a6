"""The marker file: what the sender says about a delivery, checked against what arrived.

    {"id": "doj-2026-01", "data_through": "2026-01-15", "scope": "statewide",
     "files": [{"name": "export.csv.gz", "rows": 1200345, "sha256": "..."}]}

`id` and `files` must be there, and each file's three keys; `data_through` and `scope` may be absent or null. A key of
any other name is an error. `rows` counts data records, loaded and quarantined; `sha256` is over the file as delivered.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from clearslate.errors import DeliveryRefused
from clearslate.settings import SCOPES

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class MarkedFile:
    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker file as read. `data_through` is the last day the delivery speaks of, None if not stated."""

    file_name: str
    id: str
    data_through: date | None
    scope: str | None
    files: Mapping[str, MarkedFile]

    def check_names(self, names: Sequence[str]) -> None:
        """Raise DeliveryRefused unless the delivered files are exactly the marked ones."""
        doubled = sorted({name for name in names if names.count(name) > 1})
        faults = {
            "does not name": sorted(set(names) - self.files.keys()),
            "names files that were not delivered:": sorted(self.files.keys() - set(names)),
            "cannot tell apart files of one name:": doubled,
        }
        for fault, found in faults.items():
            if found:
                raise DeliveryRefused(f"{self.file_name}: {fault} {', '.join(found)}")

    def check_sha256(self, name: str, sha256: str) -> None:
        """Raise DeliveryRefused unless the file has the marked checksum."""
        if self.files[name].sha256 != sha256:
            raise DeliveryRefused(f"{name}: its SHA-256 is not the one in {self.file_name}: deliver the file again")

    def check_rows(self, name: str, rows: int) -> None:
        """Raise DeliveryRefused unless the file has the marked number of records, quarantined ones included."""
        if self.files[name].rows != rows:
            raise DeliveryRefused(
                f"{name}: has {rows} records, but {self.file_name} says {self.files[name].rows}: deliver the file again"
            )


def is_delivery_id(text: str) -> bool:
    """Whether the text can be a delivery's id: 1 to 100 letters, digits, dots, hyphens, underscores; safe as a name."""
    return _ID.fullmatch(text) is not None


def find_marker(first: Path) -> Path | None:
    """The marker file beside a delivery's first file, if there is one: its own before the folder's."""
    candidates = (first.with_name(f"{first.name}.marker.json"), first.with_name("delivery.marker.json"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def read_marker(path: Path) -> Marker:
    """Read a marker file strictly. Raises DeliveryRefused naming what is wrong with it."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_unrepeated)
    except OSError:
        raise DeliveryRefused(f"{path.name}: cannot be read") from None
    except (ValueError, RecursionError):
        raise DeliveryRefused(f"{path.name}: not JSON in UTF-8, or a key is repeated") from None
    try:
        return _marker(content, path.name)
    except _Wrong as wrong:
        raise DeliveryRefused(f"{path.name}: {wrong}") from None


class _Wrong(Exception):
    """What is wrong with a marker, to be told with its file name."""


def _marker(content: object, file_name: str) -> Marker:
    top = _keys(content, "the marker", required=("id", "files"), optional=("data_through", "scope"))
    identifier = top["id"]
    if not isinstance(identifier, str) or not is_delivery_id(identifier):
        raise _Wrong("id must be 1 to 100 letters, digits, dots, hyphens or underscores")
    scope = top.get("scope")
    if scope is not None and scope not in SCOPES:
        raise _Wrong(f"scope must be {' or '.join(SCOPES)}")
    if not isinstance(top["files"], list) or not top["files"]:
        raise _Wrong("files must be a list of at least one file")
    marked = [_marked_file(entry) for entry in top["files"]]
    files = {entry.name: entry for entry in marked}
    if len(files) != len(marked):
        raise _Wrong("files names a file twice")
    return Marker(file_name, identifier, _day(top.get("data_through")), scope, files)


def _marked_file(entry: object) -> MarkedFile:
    keys = _keys(entry, "each entry of files", required=("name", "rows", "sha256"))
    name, rows, sha256 = keys["name"], keys["rows"], keys["sha256"]
    if not isinstance(name, str) or not name.isprintable():
        raise _Wrong("the name of a file must be text")
    if type(rows) is not int or rows < 0:
        raise _Wrong("rows must be a whole number")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256.lower()):
        raise _Wrong("sha256 must be 64 hexadecimal digits")
    return MarkedFile(name, rows, sha256.lower())


def _keys(value: object, what: str, *, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(f"{what} must be an object with {', '.join(required)}")
    missing = [key for key in required if key not in value]
    if missing:
        raise _Wrong(f"{what} lacks {', '.join(missing)}")
    unknown = [key if key.isidentifier() else "?" for key in value if key not in (*required, *optional)]
    if unknown:
        raise _Wrong(f"{what} has unknown {', '.join(unknown)}; known are {', '.join((*required, *optional))}")
    return value


def _day(value: object) -> date | None:
    if value is None:
        return None
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _Wrong("data_through must be a date as YYYY-MM-DD")


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found
