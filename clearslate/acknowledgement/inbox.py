"""The inbox: a folder in which courts' files are laid, and from which each goes once.

Belongs here: which files count, and where a file goes when it has been read. Does not belong here: reading it (reading.py),
and watching the folder (the sensor in `pipelines/`).

    home/inbox/<file>.csv|.xlsx
    home/inbox/done/<sha256>-<file>             read, now or before
    home/inbox/refused/<sha256>-<file> + .txt   not read, and why

The ledger is written first, then the file moves: killed in between, the next call finds the file in the ledger and only moves
it. A file still being written is best laid there under another name, and renamed; one that isn't whole is refused.
"""

import datetime as dt
from pathlib import Path

from clearslate.acknowledgement.reading import REFUSED, AckReport, read_locked
from clearslate.home import Home
from clearslate.ledger.chain import sync_folder, write_file

_ENDINGS = (".csv", ".xlsx")
_KEPT_OF_NAME = 136  # bytes of a file's name that are kept behind its hash; a folder holds names of 255


def waiting(home: Home) -> list[Path]:
    """The files of the inbox that can be read, by name. Hidden files, links and a spreadsheet's lock files are none."""
    if not home.inbox.is_dir():
        return []
    return sorted(
        path
        for path in home.inbox.iterdir()
        if path.suffix.lower() in _ENDINGS
        and not path.name.startswith((".", "~$"))
        and not path.is_symlink()
        and path.is_file()
    )


def take_inbox(home: Home, on: dt.date) -> AckReport:
    """Read every waiting file and put it away. Calling again does no harm, wherever the last call was killed."""
    with home.lock():
        files = waiting(home)
        report = read_locked(home, files, on)
        for told in report.files:
            if not told.is_unchanged():
                continue  # another file has been laid over it meanwhile: that one has its turn next
            kept = f"{told.sha256}-{_shortened(told.path.name)}"
            folder = home.inbox / ("refused" if told.outcome == REFUSED else "done")
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if told.outcome == REFUSED:
                write_file(folder / f"{kept}.txt", f"{told.path.name}\n\n{told.words}\n".encode("utf-8", "replace"))
            told.path.replace(folder / kept)
            sync_folder(folder)
        if files:
            sync_folder(home.inbox)
    return report


def _shortened(name: str) -> str:
    """The end of a name that is too long to stand behind a hash: the part that tells its kind."""
    return name.encode("utf-8", "surrogateescape")[-_KEPT_OF_NAME:].decode("utf-8", "ignore")
