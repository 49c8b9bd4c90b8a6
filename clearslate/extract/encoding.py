"""Which encoding a file is in, and its content as one uniform stream of UTF-8.

UTF-8, Windows-1252 and UTF-16 come out as UTF-8. What is not valid in the file's encoding comes out as bytes that are
not valid UTF-8 either, so that later stages find every damaged character with a single test and lose none.
"""

import codecs
from collections.abc import Iterable, Iterator

from clearslate.errors import DeliveryRefused

UTF_8 = "utf-8"
WINDOWS_1252 = "windows-1252"
UTF_16_LE = "utf-16-le"
UTF_16_BE = "utf-16-be"
_UTF_32 = "utf32"

UTF_8_BOM = codecs.BOM_UTF8
_PATTERN_BYTES = 1 << 16


class EncodingSurvey:
    """Decides the encoding of a whole file from its blocks, fed in order.

    UTF-16 by its byte order mark or by the NULs that it leaves between ASCII characters; otherwise UTF-8, unless the
    file holds bytes that are not valid UTF-8 and not one valid multibyte sequence: then Windows-1252. A file with both
    is UTF-8 with damaged lines. Raises DeliveryRefused for UTF-32, which would pass for UTF-16 with NULs.
    """

    def __init__(self, file_name: str) -> None:
        self._file_name = file_name
        self._settled: str | None = None
        self._begun = False
        self._tail = b""
        self._multibyte = False
        self._invalid = False

    def feed(self, block: bytes) -> None:
        if not self._begun:
            self._begun = True
            self._settled = _by_first_bytes(block)
            if self._settled == _UTF_32:
                raise DeliveryRefused(
                    f"{self._file_name}: has four bytes for each character (UTF32); save it in UTF-8 and deliver it again"
                )
        if self._settled is not None or (block.isascii() and not self._tail):
            return
        data = self._tail + block
        try:
            text, used = codecs.utf_8_decode(data, "strict", False)
            self._multibyte = self._multibyte or len(text) != used
        except UnicodeDecodeError:
            self._invalid = True
            text, used = codecs.utf_8_decode(data, "ignore", False)
            self._multibyte = self._multibyte or not text.isascii()
        self._tail = data[used:]

    def encoding(self) -> str:
        """The verdict, once every block has been fed."""
        if self._settled is not None:
            return self._settled
        invalid = self._invalid or bool(self._tail)
        return WINDOWS_1252 if invalid and not self._multibyte else UTF_8


def _by_first_bytes(block: bytes) -> str | None:
    """The encoding that the first block gives away by itself: a byte order mark, or the NULs of UTF-16 and UTF-32."""
    if block.startswith(UTF_8_BOM):
        return UTF_8
    if block.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _UTF_32  # before UTF-16: its mark is the beginning of this one
    if block.startswith(codecs.BOM_UTF16_LE):
        return UTF_16_LE
    if block.startswith(codecs.BOM_UTF16_BE):
        return UTF_16_BE
    pairs = min(len(block), _PATTERN_BYTES) // 2
    high_first, low_first = block[: 2 * pairs : 2].count(0), block[1 : 2 * pairs : 2].count(0)
    if low_first > 0.7 * pairs and high_first < 0.1 * pairs:
        return UTF_16_LE
    if high_first > 0.7 * pairs and low_first < 0.1 * pairs:
        return UTF_16_BE
    if low_first > 0.7 * pairs and 0.4 * pairs < high_first < 0.6 * pairs:
        return _UTF_32
    if high_first > 0.7 * pairs and 0.4 * pairs < low_first < 0.6 * pairs:
        return _UTF_32
    return None


def as_utf8(blocks: Iterable[bytes], encoding: str, *, file_name: str) -> Iterator[bytes]:
    """The blocks in UTF-8 without byte order mark; undecodable input stays recognisable as invalid UTF-8.

    Raises DeliveryRefused where the file ends inside a UTF-16 code unit.
    """
    convert = {UTF_8: _same, WINDOWS_1252: _from_windows_1252}.get(encoding)
    converted = map(convert, blocks) if convert else _from_utf16(blocks, encoding, file_name=file_name)
    return _without_bom(converted)


def _same(block: bytes) -> bytes:
    return block


def _from_windows_1252(block: bytes) -> bytes:
    # The five undefined bytes become lone surrogates, which UTF-8 has no valid form for.
    return block if block.isascii() else block.decode("cp1252", "surrogateescape").encode("utf-8", "surrogatepass")


def _from_utf16(blocks: Iterable[bytes], encoding: str, *, file_name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    held, _ = decoder.getstate()
    if len(held) % 2:
        raise DeliveryRefused(f"{file_name}: ends inside a UTF-16 character: the file is cut; deliver it again")
    yield held.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")


def _without_bom(blocks: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for block in blocks:
        head += block
        if len(head) >= len(UTF_8_BOM):
            break
    yield head.removeprefix(UTF_8_BOM)
    yield from blocks
