"""The errors that Clearslate raises on purpose.

Every message here may be shown on a screen, stored in Dagster's event log or mailed: it names files, lines, columns,
counts and the mend, and never a value out of somebody's record. An error of a library that quotes data (DuckDB, Arrow)
is caught where it is raised and raised again as one of these, `from None`.
"""

import errno


class ClearslateError(Exception):
    """Base of all: a message that is safe to show."""


class UsageError(ClearslateError):
    """The command, a setting or a path is wrong. The message says what to use instead."""


class DeliveryRefused(ClearslateError):
    """A delivered file can't be taken at all; nothing of it was loaded. One line: file, place, mend."""


class LawError(ClearslateError):
    """A file under `rules/` (or a county's policy) is not well formed. The message names file and line."""


class GateRefused(ClearslateError):
    """A quality gate is closed for exactly these inputs."""


class WarehouseError(ClearslateError):
    """A query failed. Names the model and the class of error; the engine's own text stays out, because it quotes values."""


class Interrupted(ClearslateError):
    """Somebody stopped the process in the middle: Ctrl-C, or a signal."""


class HomeLocked(ClearslateError):
    """Another run holds the home folder."""


class SheetRefused(UsageError):
    """A table that somebody sent can't be taken: damaged, dangerous, or not in the form asked for. Names row and column."""


class LedgerBroken(ClearslateError):
    """The ledger is not what was written: nothing may be added to it. Names the entry, what is wrong, and the mend."""


class LedgerRefused(ClearslateError):
    """An entry that the ledger may not hold: a line sent twice, a gap in a court's batches. Nothing was written."""


def is_disk_full(error: BaseException) -> bool:
    """Whether an error is the system's word that nothing more can be written: no space, a quota, a limit on files."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_interruption(error: BaseException) -> bool:
    """Whether somebody stopped the process. DuckDB says so in an error of its own where that happens during a query."""
    return not isinstance(error, Exception) or (type(error) is RuntimeError and str(error) == "Query interrupted")
