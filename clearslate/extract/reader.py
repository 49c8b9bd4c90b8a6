"""One delivered file, read in two passes: a survey of the whole, then its records, chunk by chunk in order.

Threads parse chunks ahead of the one that is asked for; memory holds a few chunks, however large the file.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path

from clearslate.errors import DeliveryRefused
from clearslate.extract import source
from clearslate.extract.chunks import Chunker
from clearslate.extract.encoding import EncodingSurvey, as_utf8
from clearslate.extract.layout import SAMPLE_LINES, Layout, detect_layout
from clearslate.extract.lines import LineCount, Lines
from clearslate.extract.parse import Parsed, Parser
from clearslate.extract.tally import FileFacts, Tally

BLOCK_BYTES = 1 << 23
_SURVEY_BYTES = 1 << 22
_AHEAD = 3  # chunks in the hands of the threads


@dataclass(frozen=True, slots=True)
class Survey:
    """What the first pass found. `content_sha256` is of the decompressed content: the same for a file and its .gz."""

    path: Path
    fingerprint: source.Fingerprint
    sha256: str
    content_sha256: str
    encoding: str
    layout: Layout

    @property
    def bytes(self) -> int:
        """Size of the file as delivered."""
        return self.fingerprint[2]


def survey_file(path: Path) -> Survey:
    """The first pass: checksums, encoding and layout. Raises DeliveryRefused where the file can't be taken at all."""
    source.check_path(path)
    fingerprint = source.fingerprint(path)
    content, encoding, head = hashlib.sha256(), EncodingSurvey(path.name), b""
    for block, _ in source.content_blocks(path, _SURVEY_BYTES):
        head = head or block
        content.update(block)
        encoding.feed(block)
    found = encoding.encoding()
    sha256 = source.sha256_as_delivered(path) if source.is_compressed(path) else content.hexdigest()
    layout = detect_layout(_first_lines(head, found, file_name=path.name), file_name=path.name)
    return Survey(path, fingerprint, sha256, content.hexdigest(), found, layout)


def _first_lines(head: bytes, encoding: str, *, file_name: str) -> Lines:
    whole_units = head if len(head) % 2 == 0 or not encoding.startswith("utf-16") else head[:-1]
    text = b"".join(as_utf8([whole_units], encoding, file_name=file_name))
    if len(head) == _SURVEY_BYTES and b"\n" in text:
        text = text[: text.rindex(b"\n") + 1]  # what follows may be half a line
    lines = Lines.of(text)
    return Lines.of(text[: lines.start(min(SAMPLE_LINES, len(lines)))])


@dataclass(slots=True)
class FileReader:
    """The second pass over a surveyed file. Iterate `parsed` to its end, then ask for `facts`.

    `on_read` is called with the bytes of the delivered file read so far. `exact_only` is for tests.
    """

    survey: Survey
    pool: Executor
    block_bytes: int = BLOCK_BYTES
    on_read: Callable[[int], None] | None = None
    exact_only: bool = False
    _lines: LineCount = field(default_factory=LineCount)
    _tally: Tally = field(default_factory=Tally)

    def parsed(self) -> Iterator[Parsed]:
        """The chunks' records in the file's order.

        Raises DeliveryRefused where the file ends inside a record, holds no record, or changed since the survey;
        ClearslateError where lines are not all accounted for. Nothing read before an error may be kept.
        """
        name = self.survey.path.name
        chunker = Chunker(self.survey.layout, file_name=name, exact_only=self.exact_only)
        parser = Parser(self.survey.layout, chunker, file_name=name)
        ahead: deque[Future[Parsed]] = deque()
        try:
            for chunk in chunker.chunks(self._utf8_blocks()):
                ahead.append(self.pool.submit(parser.parse, chunk))
                if len(ahead) >= _AHEAD:
                    yield self._counted(ahead.popleft())
            while ahead:
                yield self._counted(ahead.popleft())
        finally:
            for future in ahead:
                future.cancel()
        if not self._tally.records:
            raise DeliveryRefused(f"{name}: holds no record, only a header or blank lines")
        self._tally.check(self._lines.total, file_name=name)

    def facts(self, file_no: int) -> FileFacts:
        """The account of the file, once it has been read to its end."""
        survey, tally = self.survey, self._tally
        return FileFacts(
            file_no=file_no,
            file_name=survey.path.name,
            sha256=survey.sha256,
            bytes=survey.bytes,
            encoding=survey.encoding,
            delimiter=survey.layout.delimiter,
            has_header=bool(survey.layout.header_line),
            lines_total=self._lines.total,
            lines_header=tally.lines_header,
            lines_blank=tally.lines_blank,
            lines_loaded=tally.lines_loaded,
            lines_quarantined=tally.lines_quarantined,
            records_loaded=tally.records_loaded,
            records_quarantined=tally.records_quarantined,
        )

    def _counted(self, future: Future[Parsed]) -> Parsed:
        parsed = future.result()
        self._tally.add(parsed)
        return parsed

    def _utf8_blocks(self) -> Iterator[bytes]:
        path = self.survey.path
        for block in as_utf8(self._checked_blocks(), self.survey.encoding, file_name=path.name):
            self._lines.feed(block)
            if block:
                yield block

    def _checked_blocks(self) -> Iterator[bytes]:
        """The content once more; at its end, proof that it is what was surveyed."""
        path, content = self.survey.path, hashlib.sha256()
        for block, read in source.content_blocks(path, self.block_bytes):
            content.update(block)
            if self.on_read is not None:
                self.on_read(read)
            yield block
        if content.hexdigest() != self.survey.content_sha256 or source.fingerprint(path) != self.survey.fingerprint:
            raise DeliveryRefused(f"{path.name}: the file changed while it was read; deliver it when it is complete")
