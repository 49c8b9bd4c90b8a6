"""The account of one file: every physical line in exactly one place, or nothing is loaded.

The lines are counted twice, independently: as line ends of the decoded stream, and as lines of what was read from it.
"""

from dataclasses import dataclass

from clearslate.errors import ClearslateError
from clearslate.extract.parse import Parsed


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One delivered file as it was read. `sha256` and `bytes` are of the file as delivered, compressed or not.

    lines_total = lines_header + lines_blank + lines_loaded + lines_quarantined, always.
    """

    file_no: int
    file_name: str
    sha256: str
    bytes: int
    encoding: str
    delimiter: str
    has_header: bool
    lines_total: int
    lines_header: int
    lines_blank: int
    lines_loaded: int
    lines_quarantined: int
    records_loaded: int
    records_quarantined: int


@dataclass(slots=True)
class Tally:
    """Running counts of one file."""

    lines_header: int = 0
    lines_blank: int = 0
    lines_loaded: int = 0
    lines_quarantined: int = 0
    records_loaded: int = 0
    records_quarantined: int = 0

    def add(self, parsed: Parsed) -> None:
        self.lines_header += parsed.header_lines
        self.lines_blank += parsed.blank_lines
        self.lines_loaded += int((parsed.line_last - parsed.line_first + 1).sum())
        self.lines_quarantined += sum(record.line_last - record.line_first + 1 for record in parsed.quarantined)
        self.records_loaded += parsed.table.num_rows
        self.records_quarantined += len(parsed.quarantined)

    @property
    def records(self) -> int:
        return self.records_loaded + self.records_quarantined

    def check(self, lines_total: int, *, file_name: str) -> None:
        """Raise ClearslateError unless every line of the file is accounted for exactly once."""
        accounted = self.lines_header + self.lines_blank + self.lines_loaded + self.lines_quarantined
        if accounted != lines_total:
            raise ClearslateError(
                f"{file_name}: {lines_total} lines, but {accounted} accounted for: a fault in Clearslate; "
                "nothing was loaded"
            )
