"""Taking a court's files into the ledger.

Belongs here: telling the two formats apart, holding a file against its batch, spreading what is said of many lines over
them, and writing one ledger entry per file. Does not belong here: the formats (flat_file.py, short_form.py), and which answer
may follow which (clearslate.ledger).

A file is known by its SHA-256 and taken once. Everything is decided before the one entry that records it is appended, so a
process killed anywhere leaves the ledger either without the file or with all of it.
"""

import datetime as dt
import hashlib
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from clearslate.acknowledgement.batches import batch_of
from clearslate.acknowledgement.flat_file import check_columns, parse_flat_file
from clearslate.acknowledgement.layout import ROWS, UNREADABLE, WHOLE_BATCH, AckRefused, Parsed, Span, Unreadable
from clearslate.acknowledgement.short_form import parse_short_form
from clearslate.acknowledgement.spans import spread
from clearslate.court.layout import SHORT_FORM_COLUMNS
from clearslate.errors import HomeLocked, LedgerBroken, SheetRefused
from clearslate.home import Home
from clearslate.law.lists import load_list
from clearslate.ledger import Applied, Ledger, apply_acks, exception_id
from clearslate.ledger.tables import SCHEMAS
from clearslate.sheets import Sheet, read_sheets

TAKEN, ALREADY_TAKEN, REFUSED = "taken", "already_taken", "refused"
_STRANGE = ("unknown_line", "key_line_mismatch")  # the ledger's kinds of exceptions for rows about no line of the batch
# What a court may have done before it was asked: the relief was there already, or was asked for by another.
_MAY_BE_EARLIER = (("VALIDATED", "already_relieved"), ("VALIDATED", "duplicate"))


@dataclass(frozen=True)
class AckFile:
    """What became of one file. `words` say why it was refused, or what else to know; counts are of answers to lines."""

    path: Path
    sha256: str
    outcome: str  # taken | already_taken | refused
    words: str = ""
    batch_id: str = ""
    ack_seq: int | None = None
    source: str = ""
    n_rows: int = 0
    n_applied: int = 0
    n_repeated: int = 0
    n_exceptions: int = 0
    exceptions: Mapping[str, int] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        return self.path.name

    def is_unchanged(self) -> bool:
        """Whether the file that was read still lies there."""
        try:
            return _sha256(self.path) == self.sha256
        except OSError:
            return False


@dataclass(frozen=True)
class AckReport:
    """What became of each file, in the order of reading; `gaps`: per batch the numbers of files that have not come yet."""

    files: tuple[AckFile, ...]
    gaps: Mapping[str, tuple[int, ...]]

    @property
    def refused(self) -> tuple[AckFile, ...]:
        return tuple(file for file in self.files if file.outcome == REFUSED)


def read_acknowledgements(home: Home, files: Iterable[Path], on: dt.date) -> AckReport:
    """Take the courts' files into the ledger, those of a batch in the order of their numbers.

    A file that can't be taken, be it by a fault of ours, is told in the report and changes nothing; the others are taken all
    the same. Raises HomeLocked, and LedgerBroken where the ledger itself is damaged.
    """
    with home.lock():
        return read_locked(home, files, on)


@dataclass(frozen=True)
class _Opened:
    """A file before it is held against the ledger: what it says, or the words of its refusal."""

    path: Path
    sha256: str
    parsed: Parsed | None
    words: str = ""


def read_locked(home: Home, files: Iterable[Path], on: dt.date) -> AckReport:
    """As `read_acknowledgements`, for a caller that holds the home's lock."""
    ledger = Ledger.open(home)
    opened = sorted((_open(path, ledger, on) for path in files), key=_reading_order)
    told = tuple(_take(ledger, file, on) for file in opened)
    batches = sorted({file.batch_id for file in told if file.batch_id})
    missing = {batch_id: _missing_numbers(ledger, batch_id) for batch_id in batches}
    return AckReport(told, {batch_id: numbers for batch_id, numbers in missing.items() if numbers})


# -- opening --------------------------------------------------------------------------------------------------------------


def _open(path: Path, ledger: Ledger, on: dt.date) -> _Opened:
    sha256 = ""
    try:
        sha256 = _sha256(path)
        if ledger.find("ack_read", sha256) is not None:
            return _Opened(path, sha256, None)
        parsed = parse(path, on)
        if _sha256(path) != sha256:
            raise AckRefused("the file changed while it was read; send it again when it is whole")
    except OSError as error:
        return _Opened(path, sha256, None, f"can't be opened ({error.strerror})")
    except (AckRefused, SheetRefused) as refusal:
        return _Opened(path, sha256, None, str(refusal).removeprefix(f"{path.name}: "))
    except Exception as fault:
        return _Opened(path, sha256, None, _fault(ledger.home, fault))
    return _Opened(path, sha256, parsed)


def _fault(home: Home, error: Exception) -> str:
    """The words of a refusal where a file made us stumble: the other files are read all the same."""
    what = f"can't be read (a fault of Clearslate: {type(error).__name__})"
    try:
        return home.hide(what, "".join(traceback.format_exception(error)))
    except OSError:
        return what


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parse(path: Path, on: dt.date) -> Parsed:
    """The sheet of a file that is in one of the two formats, read. Raises AckRefused, SheetRefused.

    Other sheets are passed over, unless they hold answers too: those would be lost.
    """
    sheets = read_sheets(path, wanted=_may_answer)
    found = [sheet for sheet in sheets if _format(_names(sheet.columns))]
    if not found:
        raise AckRefused(
            "neither an acknowledgement file (columns rec, batch_id, ...) nor the worklist of a package; a prosecutor's "
            "worklist goes to `clearslate review import`"
        )
    if len([sheet for sheet in sheets if _answers(sheet)]) > 1:
        raise AckRefused("answers on two sheets; send one")
    sheet = next((sheet for sheet in found if _answers(sheet)), found[0])
    columns = _names(sheet.columns)
    if len(set(columns)) != len(columns):
        raise AckRefused("a column stands twice")
    if _format(columns) == "file":
        return parse_flat_file(columns, sheet.under(columns), on=on, vocabulary=_vocabulary())
    return parse_short_form(columns, sheet.under(columns), on=on)


def _names(columns: Sequence[str]) -> list[str]:
    return ["_".join(name.lower().split()) for name in columns]


def _format(names: Sequence[str]) -> str:
    if "rec" in names:
        return "file"
    return "short_form" if "action_key" in names and "decision" not in names else ""


def _may_answer(columns: Sequence[str]) -> bool:
    """Whether the rows of a sheet have to be looked at. Raises AckRefused where its columns are enough to refuse it."""
    names = _names(columns)
    if _format(names) == "file":
        check_columns(names)
    return bool(_format(names)) or ("line_no" in names and not {*SHORT_FORM_COLUMNS}.isdisjoint(names))


def _answers(sheet: Sheet) -> bool:
    """Whether a sheet says something: it is an acknowledgement file, or a form of which something is filled in."""
    names = _names(sheet.columns)
    if _format(names) == "file":
        return True
    told = [column for column, name in zip(sheet.columns, names, strict=True) if name in SHORT_FORM_COLUMNS]
    return any(cells[column] for _, cells in sheet.rows for column in told)


@cache
def _vocabulary() -> frozenset[tuple[str, str]]:
    moves = load_list("courts/transitions")
    return frozenset(zip(moves["stage"], moves["status"], strict=True))


def _reading_order(file: _Opened) -> tuple[bool, str, bool, int, str]:
    """Batch by batch, numbered files by their number, short forms after them."""
    parsed = file.parsed
    if parsed is None:
        return True, "", True, 0, file.path.name
    return False, parsed.batch_id, parsed.ack_seq is None, parsed.ack_seq or 0, file.sha256


# -- taking ---------------------------------------------------------------------------------------------------------------


def _take(ledger: Ledger, file: _Opened, on: dt.date) -> AckFile:
    earlier = ledger.find("ack_read", file.sha256)
    if earlier is not None:
        words = f"was read before, on {earlier.on.isoformat()}; nothing to do"
        body = earlier.body
        return AckFile(
            file.path, file.sha256, ALREADY_TAKEN, words, body["batch_id"], body.get("ack_seq"), body["source"]
        )
    if file.parsed is None:
        return AckFile(file.path, file.sha256, REFUSED, file.words)
    parsed = file.parsed
    try:
        batch_id = batch_of(ledger, parsed)["batch_id"]
        parsed = _without_impossible_days(parsed, ledger.batches()[batch_id].on)
        rows = _rows(ledger, parsed)
        applied = apply_acks(ledger, batch_id, rows, source=parsed.source, identity=file.sha256)
        _check_share(parsed, applied)
    except AckRefused as refusal:
        return AckFile(file.path, file.sha256, REFUSED, str(refusal), parsed.batch_id, parsed.ack_seq, parsed.source)
    except (LedgerBroken, HomeLocked):
        raise  # the same for every file
    except Exception as fault:
        return AckFile(file.path, file.sha256, REFUSED, _fault(ledger.home, fault))
    bad = _untold(ledger, parsed)
    n_repeated = applied.n_repeated + len(parsed.unreadable) - len(bad)
    queued = pa.concat_tables([applied.exceptions, _unreadable(batch_id, bad, file.sha256)])
    n_exceptions = applied.n_exceptions + len(bad)
    words = _repeated_number(ledger, parsed)
    body = {
        "identity": file.sha256,
        "batch_id": batch_id,
        "ack_seq": parsed.ack_seq,
        "source": parsed.source,
        "n_applied": applied.n_applied,
        "n_repeated": n_repeated,
        "n_exceptions": n_exceptions,
        "n_released": applied.n_released,
    }
    ledger.append("ack_read", on, body, {"acks": applied.acks, "exceptions": queued})
    return AckFile(
        path=file.path,
        sha256=file.sha256,
        outcome=TAKEN,
        words=words,
        batch_id=batch_id,
        ack_seq=parsed.ack_seq,
        source=parsed.source,
        n_rows=rows.num_rows + len(parsed.unreadable),
        n_applied=applied.n_applied,
        n_repeated=n_repeated,
        n_exceptions=n_exceptions,
        exceptions=dict(sorted(Counter(queued.column("kind").to_pylist()).items())),
    )


def _without_impossible_days(parsed: Parsed, issued: dt.date) -> Parsed:
    """The file with those rows as unreadable that say a court answered before it was asked. Raises AckRefused where such a row
    speaks for many lines and so does another: nobody knows which of them the first was about."""
    column = "date" if parsed.source == "short_form" else "effective_date"

    def words(row: int) -> str:
        return f"row {row}: {column} lies before the package was sent"

    said = zip(
        *(parsed.rows.column(name).to_pylist() for name in ("row", "stage", "status", "effective_date")), strict=True
    )
    early = {row for row, stage, status, day in said if _is_impossible(stage, status, day, issued)}
    spans = [span for span in parsed.spans if not _is_impossible(*_said(span), issued)]
    early_spans = [span for span in parsed.spans if _is_impossible(*_said(span), issued)]
    if not early and not early_spans:
        return parsed
    many = [span.row for span in spans if span.answer.stage != WHOLE_BATCH]
    lost = [words(span.row) for span in early_spans if span.answer.stage != WHOLE_BATCH]
    if many and lost:
        first, row_no = lost[0], many[0]
        raise AckRefused(f"{first}, and row {row_no} speaks for many lines, perhaps for those too")
    is_early = pc.is_in(parsed.rows.column("row"), value_set=pa.array(sorted(early), ROWS.field("row").type))
    lines = {
        line["row"]: Unreadable(line["row"], words(line["row"]), line["line_no"], line["action_key"])
        for line in parsed.rows.filter(is_early).to_pylist()
    }
    lines |= {span.row: Unreadable(span.row, words(span.row)) for span in early_spans}
    unreadable = sorted([*parsed.unreadable, *lines.values()], key=lambda bad: bad.row)
    spans = [span for span in spans if span.row not in lines]
    return replace(parsed, rows=parsed.rows.filter(pc.invert(is_early)), spans=spans, unreadable=unreadable)


def _said(span: Span) -> tuple[str, str, str]:
    return span.answer.stage, span.answer.status, span.answer.effective_date


def _is_impossible(stage: str, status: str, day: str, issued: dt.date) -> bool:
    return day < issued.isoformat() and (stage, status) not in _MAY_BE_EARLIER


def _rows(ledger: Ledger, parsed: Parsed) -> pa.Table:
    """Everything the file says, an answer to a line each."""
    if not parsed.spans:
        return parsed.rows
    with ledger.connect(batches=[parsed.batch_id]) as db:
        return pa.concat_tables([parsed.rows, spread(db, parsed)])


def _check_share(parsed: Parsed, applied: Applied) -> None:
    """Raise AckRefused where most rows are about no line of the batch: queued one by one they would drown the others. Counted
    are the rows of the file: one that speaks for many lines is one row, and hides no other."""
    judged = zip(
        applied.exceptions.column("row").to_pylist(), applied.exceptions.column("kind").to_pylist(), strict=True
    )
    strangers = {row for row, kind in judged if kind in _STRANGE}
    told = {*parsed.rows.column("row").to_pylist(), *(span.row for span in parsed.spans)}
    wrong, n_rows = len(strangers) + len(parsed.unreadable), len(told) + len(parsed.unreadable)
    if wrong * 2 > n_rows:
        first = f"; first: {parsed.unreadable[0].words}" if parsed.unreadable else ""
        raise AckRefused(
            f"{wrong} of {n_rows} rows name no line of the batch by number and key, or can't be read: columns may have been "
            f"sorted apart{first}"
        )


def _untold(ledger: Ledger, parsed: Parsed) -> list[Unreadable]:
    """The rows that can't be read, without those that an earlier file had just so: a workbook that comes back with more
    filled in asks nothing twice."""
    if not parsed.unreadable:
        return []
    with ledger.connect(batches=[parsed.batch_id]) as db:
        told = db.rows(
            "select line_no, coalesce(action_key, ''), words from exceptions where batch_id = $batch and kind = $kind",
            {"batch": parsed.batch_id, "kind": UNREADABLE},
        )
    known = set(told)
    return [bad for bad in parsed.unreadable if (bad.line_no, bad.action_key, bad.words) not in known]


def _unreadable(batch_id: str, rows: Sequence[Unreadable], identity: str) -> pa.Table:
    told = [
        {
            "exception_id": exception_id(identity, bad.row, UNREADABLE),
            "batch_id": batch_id,
            "line_no": bad.line_no,
            "action_key": bad.action_key or None,
            "kind": UNREADABLE,
            "row": bad.row,
            "words": bad.words,
        }
        for bad in rows
    ]
    return pa.Table.from_pylist(told, SCHEMAS["exceptions"])


def _numbers(ledger: Ledger, batch_id: str) -> set[int]:
    """The numbers of the files that were read for a batch."""
    bodies = [entry.body for entry in ledger.entries("ack_read")]
    return {int(body["ack_seq"]) for body in bodies if body["batch_id"] == batch_id and body.get("ack_seq")}


def _missing_numbers(ledger: Ledger, batch_id: str) -> tuple[int, ...]:
    numbers = _numbers(ledger, batch_id)
    return tuple(sorted(set(range(1, max(numbers, default=0))) - numbers))


def _repeated_number(ledger: Ledger, parsed: Parsed) -> str:
    if parsed.ack_seq is None or parsed.ack_seq not in _numbers(ledger, parsed.batch_id):
        return ""
    return f"another file has been read under the same ack_seq {parsed.ack_seq}; both count"
