"""A delivered file as a stream of bytes: its name, its kind, and its content with compression taken off.

Everything that can be wrong with a file before a single character of it is read. What the bytes mean is for `encoding`.
"""

import gzip
import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import BinaryIO, Protocol

import zstandard

from clearslate.errors import DeliveryRefused

EXTRACT_SUFFIXES = frozenset({".dat", ".csv", ".txt"})
COMPRESSED_SUFFIXES = frozenset({".gz", ".zst", ".zip"})
# What a compressed file begins with, whatever its name says.
_BEGINNINGS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "Zstandard", b"PK\x03\x04": "zip"}
_FORBIDDEN = frozenset("*?[]'\"`\\")
_ZSTD_INPUT = 1 << 16  # compressed bytes at a time, so that one step cannot swell without bound
_BROKEN = (EOFError, OSError, zlib.error, zstandard.ZstdError, zipfile.BadZipFile, RuntimeError, NotImplementedError)

Fingerprint = tuple[int, int, int, int]


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def check_path(path: Path) -> None:
    """Refuse a path that is no readable file, whose name could be taken for a pattern, or whose kind is unknown."""
    name = path.name
    if not name.isprintable() or _FORBIDDEN & set(name):
        shown = "".join(c if c.isprintable() and c not in _FORBIDDEN else "_" for c in name)
        raise DeliveryRefused(
            f"{shown}: the file name holds a glob character, a quote, a backslash or a control character; rename it"
        )
    if path.is_dir():
        raise DeliveryRefused(f"{name}: is a folder, not a file")
    if not path.is_file():
        raise DeliveryRefused(f"{name}: no such file")
    if not os.access(path, os.R_OK):
        raise DeliveryRefused(f"{name}: cannot be read: no permission")
    kind = path.suffix.lower()
    inner = path.with_suffix("").suffix.lower() if kind in COMPRESSED_SUFFIXES else kind
    # What a zip holds is named inside it, and checked when it is opened.
    if inner not in EXTRACT_SUFFIXES and kind != ".zip":
        raise DeliveryRefused(f"{name}: unknown kind of file; .dat, .csv or .txt, plain or with .gz, .zst or .zip")


def fingerprint(path: Path) -> Fingerprint:
    """What changes when a file is replaced or written to: device, inode, size in bytes, time of change in ns."""
    try:
        stat = path.stat()
    except OSError:
        raise DeliveryRefused(f"{path.name}: the file went away while it was read; deliver it again") from None
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def sha256_as_delivered(path: Path) -> str:
    """SHA-256 of the file's bytes as they lie on disk, compressed or not."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_compressed(path: Path) -> bool:
    return path.suffix.lower() in COMPRESSED_SUFFIXES


def content_blocks(path: Path, size: int) -> Iterator[tuple[bytes, int]]:
    """The decompressed content in blocks of `size` bytes (the last may be shorter; none is empty).

    With each block come the bytes of the delivered file read so far. Raises DeliveryRefused where a compressed stream
    is cut or broken, a zip does not hold exactly one extract, or the content is compressed though the name does not say so.
    """
    begun = False
    try:
        with path.open("rb") as raw, _opened(raw, path) as content:
            while block := content.read(size):
                if not begun:
                    _refuse_compressed(block, path)
                    begun = True
                yield block, raw.tell()
    except _BROKEN:
        fault = "the compressed stream is cut or broken" if is_compressed(path) else "cannot be read"
        raise DeliveryRefused(f"{path.name}: {fault}; deliver the file again") from None


def _refuse_compressed(block: bytes, path: Path) -> None:
    """Refuse content whose first bytes are a compressed file's: one without its suffix, or one inside another."""
    kind = next((kind for beginning, kind in _BEGINNINGS.items() if block.startswith(beginning)), None)
    if kind is None:
        return
    if is_compressed(path):
        raise DeliveryRefused(
            f"{path.name}: holds a file that is itself compressed ({kind}); compress the extract once"
        )
    what = "a zip or a workbook" if kind == "zip" else f"compressed ({kind})"
    raise DeliveryRefused(f"{path.name}: is {what}, which its name does not say; deliver the text that it holds")


@contextmanager
def _opened(raw: BinaryIO, path: Path) -> Iterator[_Readable]:
    match path.suffix.lower():
        case ".gz":
            with gzip.GzipFile(fileobj=raw, mode="rb") as content:
                yield content
        case ".zst":
            yield _ZstdReader(raw)
        case ".zip":
            with zipfile.ZipFile(raw) as archive, archive.open(_only_member(archive, path)) as member:
                yield member
        case _:
            yield raw


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise DeliveryRefused(f"{path.name}: the zip holds {len(members)} files; it must hold exactly one")
    if PurePath(members[0].filename).suffix.lower() not in EXTRACT_SUFFIXES:
        raise DeliveryRefused(f"{path.name}: the file inside the zip is not a .dat, .csv or .txt")
    if members[0].flag_bits & 1:
        raise DeliveryRefused(f"{path.name}: the zip is encrypted; deliver it without a password")
    return members[0]


class _ZstdReader:
    """Zstandard frames, one after another. The library's own reader takes a cut frame for the end of the file."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._fed = False  # whether the current frame has been given any input
        self._ready = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._ready) < size and (piece := self._raw.read(_ZSTD_INPUT)):
            self._feed(piece)
        if len(self._ready) < size and self._fed:
            raise EOFError
        block = bytes(self._ready[:size])
        del self._ready[:size]
        return block

    def _feed(self, piece: bytes) -> None:
        while piece:
            self._fed = True
            self._ready += self._frame.decompress(piece)
            piece = b""
            if self._frame.eof:
                piece = self._frame.unused_data
                self._frame = zstandard.ZstdDecompressor().decompressobj()
                self._fed = False
