"""A package as somebody hands it over: a folder or a ZIP, opened warily.

Belongs here: which files are in it, their bytes and hashes, and refusing a ZIP that is made to do harm. Does not belong
here: what the files must say (verify.py).
"""

import hashlib
import lzma
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clearslate.court.layout import UNPACKED
from clearslate.errors import UsageError, is_disk_full

MAX_BYTES = 8 << 30
"""Unpacked. A package of 100,000 lines with all its documents has less than 0.3 GB."""

_MAX_MEMBERS = 300_000  # a draft for each case of the largest package, and the rest
_OTHERS = (NotImplementedError, RuntimeError, EOFError, OSError, ValueError)  # what Python's reader raises besides
_MEMBER = re.compile(r"(?:[a-z]{1,12}/)?[A-Za-z0-9_.-]{1,80}", re.ASCII)


class ParcelUnreadable(UsageError):
    """It can't be opened as a package at all."""


class Parcel:
    """The files of a package, by name. A ZIP has been unpacked into a folder of its own."""

    def __init__(self, folder: Path, stem: str) -> None:
        self._folder = folder
        self.stem = stem
        """The name of the folder, or of the ZIP without its ending."""
        found = folder.rglob("*") if folder.is_dir() else iter(())
        self.names = {path.relative_to(folder).as_posix() for path in found if path.is_file()}
        self._hashes: dict[str, str] = {}

    def path_of(self, name: str) -> Path:
        return self._folder / name

    def read(self, name: str) -> bytes:
        return self.path_of(name).read_bytes()

    def size(self, name: str) -> int:
        return self.path_of(name).stat().st_size

    def sha256(self, name: str) -> str:
        if name not in self._hashes:
            with self.path_of(name).open("rb") as file:
                self._hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._hashes[name]


@contextmanager
def open_parcel(path: Path) -> Iterator[Parcel]:
    """The package in a folder, or in a ZIP, which is unpacked for the time being.

    Raises ParcelUnreadable; UsageError where there is no place to unpack it, OSError where the disk is full.
    """
    if not path.is_file():
        yield Parcel(path, path.name)
        return
    # Beside the ZIP: it holds what the ZIP holds, so it must not lie where others can read it.
    try:
        made = tempfile.TemporaryDirectory(prefix=UNPACKED, dir=path.parent)
    except OSError as error:
        raise UsageError(
            f"{path.parent} can't be written ({error.strerror}), and {path.name} is unpacked beside itself: copy it to a "
            "folder of your own"
        ) from None
    with made as temporary:
        folder = Path(temporary)
        _unpack(path, folder)
        yield Parcel(folder, path.name.removesuffix(".zip"))


def _unpack(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = [member.filename for member in members]
            if len(names) > _MAX_MEMBERS or len({name.lower() for name in names}) != len(names):
                raise ParcelUnreadable(f"{path.name}: too many members, or one stands twice")
            if not all(_MEMBER.fullmatch(name) and ".." not in name for name in names):
                raise ParcelUnreadable(f"{path.name}: a member's name is none that a package has")
            if sum(member.file_size for member in members) > MAX_BYTES:
                raise ParcelUnreadable(f"{path.name}: larger than any package when unpacked")
            for member in members:
                target = folder / member.filename
                target.parent.mkdir(mode=0o700, exist_ok=True)
                # Python stops at the size that a member states, so a member can't grow beyond what was added up.
                with archive.open(member) as source, target.open("xb") as file:
                    shutil.copyfileobj(source, file)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, *_OTHERS) as error:
        if is_disk_full(error):  # which says nothing against the package
            raise
        raise ParcelUnreadable(f"{path.name}: not a ZIP that can be read whole") from None
