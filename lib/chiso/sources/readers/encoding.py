"""Which encoding the bytes of a text file are in: Unicode for certain, Windows-1258 where it gives Vietnamese.

Other single-byte encodings cannot be told from their bytes. They are decoded as Windows-1252, byte for byte, so that
nothing is lost: TCVN3, VNI and mojibake are recognised afterwards, by the words in the cells.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from chiso.messages import text
from chiso.sources.readers.sheet import Note, UnreadableError
from chiso.sources.text.syllables import is_syllable

_PIECE = 1 << 20
#: Share of the words with accents that must be Vietnamese syllables for Windows-1258.
_PLAUSIBLE = 0.8
#: Bytes looked at for UTF-16 without a byte order mark, and for the words of a single-byte encoding.
_SAMPLE = 1 << 20

_WORD = re.compile(r"[^\W\d_]+")


#: Rule of the note on bytes of no known encoding; what they say may still show which old character set they are in.
UNSURE = "encoding_unsure"


@dataclass(frozen=True)
class Decoded:
    """The text of a file as UTF-8 bytes without a byte order mark, and the name of its encoding (None: UTF-8)."""

    data: bytes
    encoding: str | None = None

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return what is to be told about the encoding."""
        if self.encoding is None:
            return ()
        rule = UNSURE if self.encoding == "Windows-1252" else "encoding"
        return (Note("info", rule, text(f"sources.finding.{rule}", encoding=self.encoding)),)


def decode(data: bytes) -> Decoded:
    """Return the text of a file.

    Raises:
        UnreadableError: UTF-16 or UTF-8 that is damaged, or bytes that are no text.
    """
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
        return _utf8(data, certain=True)
    for mark, order in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return _utf16(data[2:], order)
    if name := _utf16_by_zeros(data):
        return _utf16(data, name)
    return _utf8(data, certain=False)


def _utf16_by_zeros(data: bytes) -> str | None:
    """Return the byte order of UTF-16 without a mark: one byte of each letter of a heading or number is zero."""
    sample = data[: _SAMPLE & ~1]
    pairs = len(sample) // 2
    if not pairs:
        return None
    even, odd = (sample[i::2].count(0) / pairs for i in (0, 1))
    if odd > 0.2 and even < 0.02:
        return "utf-16-le"
    return "utf-16-be" if even > 0.2 and odd < 0.02 else None


def _utf16(data: bytes, name: str) -> Decoded:
    try:
        content = data.decode(name)
    except UnicodeDecodeError as error:
        raise UnreadableError(text("sources.read.encoding_damaged", encoding="UTF-16")) from error
    _refuse_zeros("\0" in content)
    return Decoded(content.encode(), "UTF-16")


def _refuse_zeros(found: bool) -> None:
    if found:
        raise UnreadableError(text("sources.read.zeros"))


def _utf8(data: bytes, *, certain: bool) -> Decoded:
    _refuse_zeros(b"\0" in data)
    wrong = _first_wrong(data)
    if wrong is None:
        return Decoded(data)
    if certain or _mostly_utf8(data):
        line = data.count(b"\n", 0, wrong) + 1
        raise UnreadableError(text("sources.read.encoding_damaged_line", encoding="UTF-8", line=line))
    vietnamese = unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))
    if "\ufffd" not in vietnamese and plausibility(vietnamese[:_SAMPLE]) >= _PLAUSIBLE:
        return Decoded(vietnamese.encode(), "Windows-1258")
    return Decoded(data.decode("cp1252", errors=_LATIN).encode(), "Windows-1252")


def _first_wrong(data: bytes) -> int | None:
    """Return the place of the first byte that is no UTF-8, None where all is."""
    if data.isascii():
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _PIECE):
        piece = data[start : start + _PIECE]
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(piece, final=start + _PIECE >= len(data))
        except UnicodeDecodeError as error:
            return start - pending + error.start
    return None


def _mostly_utf8(data: bytes) -> bool:
    """Tell UTF-8 with damaged places from single-byte text, in which UTF-8's long sequences hardly ever come up."""
    decoded = data[:_SAMPLE].decode("utf-8", errors="replace") + data[-_PIECE:].decode("utf-8", errors="replace")
    broken = decoded.count("\ufffd")
    whole = sum(1 for c in decoded if c > "\x7f") - broken
    return whole > 4 * broken


def plausibility(content: str) -> float:
    """Return the share of the words with accents that are Vietnamese syllables; 1 where no word has an accent.

    >>> plausibility("Sở Nội vụ"), plausibility("Müller, déjà")
    (1.0, 0.0)
    """
    words = {word.lower() for word in _WORD.findall(content) if not word.isascii()}
    stray = sum(1 for c in set(content) if c > "\x7f" and unicodedata.category(c) in ("Cc", "Cn", "Mn"))
    if not words:
        return 0.0 if stray else 1.0
    return sum(map(is_syllable, words)) / (len(words) + stray)


def _latin(error: UnicodeError) -> tuple[str, int]:
    """Keep the five bytes that Windows-1252 leaves undefined as they are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


_LATIN = "chiso-latin-1"
codecs.register_error(_LATIN, _latin)
