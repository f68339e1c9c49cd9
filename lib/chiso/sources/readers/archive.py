"""Parts of a zipped workbook, unfolded within limits, and its XML without entities or outside references."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lxml import etree

from chiso.messages import text
from chiso.sources.readers.limits import MAX_PARTS, MAX_RATIO, MAX_UNZIPPED, RATIO_FROM, grouped
from chiso.sources.readers.sheet import UnreadableError

_PIECE = 1 << 20
_ENCRYPTED = 0x1
_LOCAL_HEADER = 30
#: Settings of lxml that keep a file to itself: no entity is replaced, no DTD loaded, nothing fetched.
SAFE_XML = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": True}


class Archive:
    """The parts of a zipped workbook.

    The limits are checked by what the list of parts says, and again by what comes out: the list may lie.
    """

    def __init__(self, path: Path) -> None:
        try:
            with zipfile.ZipFile(path) as parts:
                listed = parts.infolist()
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
            raise UnreadableError(text("sources.read.damaged_zip")) from error
        self.path = path
        self.parts = {part.filename: part for part in listed}
        if len(self.parts) < len(listed):
            raise UnreadableError(text("sources.read.damaged_zip"))
        if any(part.flag_bits & _ENCRYPTED for part in listed):
            raise UnreadableError(text("sources.read.encrypted"))
        total = sum(part.file_size for part in listed)
        if len(listed) > MAX_PARTS or total > MAX_UNZIPPED or any(map(_too_dense, listed)):
            raise _bomb()

    def read(self, name: str) -> bytes:
        """Return a part as a whole; for small ones.

        Raises:
            UnreadableError: as `pieces`, and where there is no such part.
        """
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a part, piece by piece.

        Raises:
            UnreadableError: no such part, damaged, or larger than the list of parts says.
        """
        part = self.parts.get(name)
        if part is None or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnreadableError(text("sources.read.damaged"))
        size, check = 0, 0
        with self.path.open("rb") as stream:
            for piece in _inflate(stream, part):
                size += len(piece)
                if size > part.file_size:
                    raise _bomb()
                check = zlib.crc32(piece, check)
                yield piece
        if size != part.file_size or check != part.CRC:
            raise UnreadableError(text("sources.read.damaged"))

    def verify(self, name: str) -> None:
        """Unfold a part and forget it: whoever unfolds it next gets what its size says.

        Raises:
            UnreadableError: as `pieces`, and where the part declares entities.
        """
        before = b""
        for piece in self.pieces(name):
            refuse_doctype(before + piece)
            before = piece[-16:]


def _inflate(stream: IO[bytes], part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part's bytes to their true end: `zipfile` stops where the list says, other readers do not."""
    stream.seek(part.header_offset)
    header = stream.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        raise UnreadableError(text("sources.read.damaged_zip"))
    stream.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = part.compress_size
    unzip = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == zipfile.ZIP_DEFLATED else None
    while left:
        raw = stream.read(min(_PIECE, left))
        if not raw:
            raise UnreadableError(text("sources.read.damaged_zip"))
        left -= len(raw)
        if unzip is None:
            yield raw
            continue
        try:
            while raw:
                yield unzip.decompress(raw, 4 * _PIECE)
                raw = unzip.unconsumed_tail
        except zlib.error as error:
            raise UnreadableError(text("sources.read.damaged")) from error
    if unzip is not None:
        yield unzip.flush()
        if not unzip.eof:
            raise UnreadableError(text("sources.read.damaged"))


def refuse_doctype(data: bytes) -> None:
    """Refuse XML with a document type: no workbook has one, and entities are declared there.

    Raises:
        UnreadableError: the bytes hold one.
    """
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UnreadableError(text("sources.read.entities"))


def parse_xml(data: bytes) -> etree._Element:
    """Return the root of a small part.

    Raises:
        UnreadableError: no well-formed XML, or entities.
    """
    refuse_doctype(data[:4096])
    try:
        root = etree.fromstring(data, etree.XMLParser(**SAFE_XML))
    except etree.XMLSyntaxError as error:
        raise UnreadableError(text("sources.read.damaged")) from error
    if root.getroottree().docinfo.doctype:
        raise UnreadableError(text("sources.read.entities"))
    return root


def _too_dense(part: zipfile.ZipInfo) -> bool:
    return part.file_size > RATIO_FROM and part.file_size > MAX_RATIO * max(part.compress_size, 1)


def _bomb() -> UnreadableError:
    return UnreadableError(text("sources.read.bomb", limit=f"{grouped(MAX_UNZIPPED >> 20)} MB", ratio=MAX_RATIO))
