"""How a file is laid out: delimiter, header, and which column stands where.

Decided from the file's first lines, in UTF-8. Encodings are for `encoding`, records for `records`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from clearslate.errors import DeliveryRefused
from clearslate.extract.columns import DOJ_COLUMNS, WIDTH
from clearslate.extract.lines import Lines
from clearslate.extract.records import RecordMachine

DELIMITERS = (",", "~", "|", "\t")
SAMPLE_LINES = 1000
_KNOWN = frozenset(DOJ_COLUMNS)
_SHOWN = 5  # names that a message lists before it says how many more there are


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns` are the 95 upper-case names in the file's order; `header_line` counts from 1, 0 if there is no header.

    `trailing_field` tells that an empty 96th field is allowed: the header has one, or there is no header to forbid it.
    """

    delimiter: str
    columns: tuple[str, ...]
    header_line: int
    trailing_field: bool

    def machine(self, file_name: str) -> RecordMachine:
        return RecordMachine(self.delimiter.encode(), trailing_field=self.trailing_field, file_name=file_name)


def detect_layout(head: Lines, *, file_name: str) -> Layout:
    """The layout, from a file's first lines (given as if more followed, so that a cut is not judged here).

    Raises DeliveryRefused where they are no DOJ extract, and says why.
    """
    first = next((i for i in range(len(head)) if head.text(i, i).strip(b" \r")), None)
    if first is None:
        if len(head) < SAMPLE_LINES:
            raise DeliveryRefused(f"{file_name}: empty: holds no record")
        raise DeliveryRefused(f"{file_name}: not a DOJ extract: its first {len(head)} lines are blank")
    _refuse_cr_only(head, file_name)
    header = _header(head.text(first, first), file_name)
    if header is not None:
        delimiter, names = header
        columns = _checked(names, file_name)
        return Layout(delimiter, columns, head.number + first, trailing_field=len(names) > WIDTH)
    return Layout(_delimiter_by_records(head, file_name), DOJ_COLUMNS, 0, trailing_field=True)


def header_names(fields: Sequence[str]) -> list[str] | None:
    """The fields as column names (trimmed, upper case, no byte order mark) if at least half of them are known ones."""
    names = [field.strip("\ufeff \t\r\"'").upper() for field in fields]
    return names if 2 * sum(name in _KNOWN for name in names) >= len(names) else None


def _header(raw: bytes, file_name: str) -> tuple[str, list[str]] | None:
    for delimiter in DELIMITERS:
        machine = RecordMachine(delimiter.encode(), trailing_field=True, file_name=file_name)
        names = header_names(machine.lenient_fields(raw.decode("utf-8", "replace")))
        if names is not None:
            return delimiter, names
    return None


def _checked(names: list[str], file_name: str) -> tuple[str, ...]:
    """The header's 95 names in its order. Raises DeliveryRefused naming what is unknown, doubled or missing.

    What is no known name may be a cell (a lost line break puts the first record behind the header): it is told by its place,
    and shown only where it is nearly a known name.
    """
    if len(names) > WIDTH and not names[-1]:
        names = names[:-1]
    if len(names) > WIDTH + 1:
        raise DeliveryRefused(
            f"{file_name}: its header has {len(names)} fields, not {WIDTH}; if the line break behind it was lost, put it back"
        )
    counts = Counter(names)
    faults = [
        ("a blank name at position " + str(names.index("") + 1) if "" in counts else ""),
        _listed(
            "unknown name", [_shown(name, names.index(name) + 1) for name in counts if name and name not in _KNOWN]
        ),
        _listed("doubled name", [name for name, count in counts.items() if count > 1 and name in _KNOWN]),
        _listed("missing name", [name for name in DOJ_COLUMNS if name not in counts]),
    ]
    found = "; ".join(fault for fault in faults if fault)
    if found:
        raise DeliveryRefused(f"{file_name}: header has {found}; mend the header or deliver the file without it")
    return tuple(names)


def _shown(name: str, position: int) -> str:
    near = not any(c.isdigit() for c in name) and get_close_matches(name, DOJ_COLUMNS, n=1, cutoff=0.8)
    return name if near else f"at position {position}"


def _listed(what: str, names: list[str]) -> str:
    if not names:
        return ""
    shown = ", ".join("".join(c if c.isprintable() else "?" for c in name[:40]) for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{what}{'s' if len(names) > 1 else ''} {shown}{more}"


def _delimiter_by_records(head: Lines, file_name: str) -> str:
    whole = {delimiter: _count_records(head, delimiter, file_name) for delimiter in DELIMITERS}
    best = max(whole, key=lambda delimiter: whole[delimiter])
    if not whole[best]:
        raise DeliveryRefused(
            f"{file_name}: not a DOJ extract: none of its first {len(head)} lines begins a record of {WIDTH} fields "
            "delimited by comma, ~, | or tab"
        )
    return best


def _count_records(head: Lines, delimiter: str, file_name: str) -> int:
    """How many records of the right form the lines hold, if that is their delimiter."""
    machine = RecordMachine(delimiter.encode(), trailing_field=True, file_name=file_name)
    line = records = 0
    while line < len(head):
        verdict = machine.read(head, line)
        records += bool(verdict and verdict.fields)
        line += verdict.lines if verdict else 1
    return records


def _refuse_cr_only(head: Lines, file_name: str) -> None:
    if b"\n" not in head.data and b"\r" in head.data.rstrip(b"\r"):
        raise DeliveryRefused(
            f"{file_name}: its lines end with CR alone (old Macintosh); save it with LF or CR LF line ends"
        )
