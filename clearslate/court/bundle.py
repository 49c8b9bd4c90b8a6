"""The ZIP that is sent, and the outbox in which it lies.

Belongs here: the same bytes for the same files, and putting a ZIP in place so that a kill at any moment leaves all of it or
nothing. Does not belong here: what is in it (batch.py), and whether it counts as sent: only the ledger says so.
"""

import os
import shutil
import stat
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from clearslate.court.layout import UNPACKED, FileFacts
from clearslate.errors import UsageError
from clearslate.home import Home
from clearslate.ledger.chain import sync_folder
from clearslate.settings import county_folder

_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP can state: it says nothing of when it was made
_UNIX = 3
_LEVEL = 6
_CHUNK = 1 << 20


def outbox_of(home: Home, county: str) -> Path:
    """The folder of what goes to one county's court; made where it is not there."""
    folder = home.outbox / county_folder(county)
    try:
        for made in (home.outbox, folder):
            made.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the outbox {folder} can't be written ({error.strerror})") from None
    return folder


@contextmanager
def building(outbox: Path, name: str) -> Iterator[Path]:
    """A fresh folder for a package's files beside where its ZIP will lie; it goes when this ends, however that is."""
    folder = outbox / f".{name}.partial" / name
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def write_archive(folder: Path, members: Sequence[str], target: Path) -> str:
    """Put the files of `folder` into the ZIP `target`, in the order given, whole and on the disk; returns its SHA-256.

    Times, modes and order are fixed. What stood under the name before is replaced.
    """
    partial = target.with_name(f".{target.name}.partial")
    with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            for name in members:
                told = zipfile.ZipInfo(name, _BEGINNING)
                told.create_system = _UNIX
                told.external_attr = (stat.S_IFREG | 0o600) << 16
                told.compress_type = zipfile.ZIP_DEFLATED
                told.file_size = (folder / name).stat().st_size
                with (folder / name).open("rb") as source, archive.open(told, "w") as member:
                    shutil.copyfileobj(source, member, _CHUNK)
        file.flush()
        os.fsync(file.fileno())
    sha256 = FileFacts.of(partial).sha256
    partial.replace(target)
    sync_folder(target.parent)
    return sha256


def copy_archive(source: Path, target: Path, sha256: str) -> None:
    """Put the same ZIP under another name. Raises UsageError where its bytes are no longer those that were sent."""
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)
    shutil.copyfile(source, partial)
    partial.chmod(0o600)
    if FileFacts.of(partial).sha256 != sha256:
        partial.unlink()
        raise UsageError(f"{source.name} in the outbox is not what was sent any more; put it back from a copy")
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)
    sync_folder(target.parent)


def sweep(outbox: Path, sent: Collection[str]) -> list[str]:
    """Remove what a killed command left: half-made files, and ZIPs that no entry of the ledger names (`sent`: the names
    that one does). Only the holder of the home's lock may. Returns the names of what was removed."""
    removed = []
    for path in sorted((*outbox.glob(".*.partial"), *outbox.glob(f"{UNPACKED}*"))):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        removed.append(path.name)
    for path in sorted(outbox.glob("CRR-*.zip")):
        if path.name not in sent:
            path.unlink()
            removed.append(path.name)
    return removed
