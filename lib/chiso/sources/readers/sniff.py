"""Which format a file has, by its bytes: exports carry endings of formats they are not."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

from chiso.messages import text
from chiso.sources.readers.sheet import UnreadableError

Format = Literal["text", "xlsx", "xls", "ods", "html", "xml2003", "parquet"]

_START = 1 << 16
_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
#: Excel before 1993: records without a container.
_BARE_XLS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")
_HTML = re.compile(rb"<(?:!doctype html|html|table|head|meta|body|style|div|center|font|p|h[1-6])\b")
#: Endings whose files are never plain text: text under them is a failed export.
_NEVER_TEXT = {".xlsx": "not_zip", ".xlsm": "not_zip", ".xlsb": "xlsb", ".parquet": "not_parquet", ".ods": "not_zip"}
#: Formats that are recognised and not read: how they begin -> message.
_OTHERS = (
    (b"%PDF", "pdf"),
    (b"{\\rtf", "document"),
    (b"mime-version:", "mhtml"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"PK\x05\x06", "archive"),
)


def sniff(path: Path) -> Format:
    """Return the format of a file; an empty file is text.

    Raises:
        UnreadableError: a format that is not read; the message names it and the remedy.
    """
    with path.open("rb") as stream:
        start = stream.read(_START)
    suffix = path.suffix.lower()
    if start.startswith(_ZIP):
        return _zipped(path)
    if start.startswith(_OLE):
        return _ole(path)
    if start.startswith(_BARE_XLS):
        return "xls"
    if start.startswith(b"PAR1"):
        return "parquet"
    plain = _as_ascii(start)
    for begin, name in _OTHERS:
        if start.startswith(begin) or plain.startswith(begin):
            raise UnreadableError(text(f"sources.read.{name}"))
    if plain.startswith(b"<"):
        return _markup(plain)
    if suffix == ".json" or re.match(rb"\{\s*[\"}]|\[\s*[\[{]", plain):
        raise UnreadableError(text("sources.read.json"))
    if start and suffix in _NEVER_TEXT:
        raise UnreadableError(text(f"sources.read.{_NEVER_TEXT[suffix]}"))
    return "text"


def _as_ascii(start: bytes) -> bytes:
    """Return the first bytes in lower case without byte order mark or, of UTF-16, zeros."""
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        start = start.removeprefix(mark)
    if b"\0" in start[:200]:
        start = start.replace(b"\0", b"")
    return start.lstrip().lower()


def _markup(plain: bytes) -> Format:
    # Excel's own web pages name its XML namespaces too: the root decides.
    if re.search(rb"<(?:[a-z]+:)?workbook\b", plain) and b"urn:schemas-microsoft-com:office:spreadsheet" in plain:
        html = plain.find(b"<html")
        if html < 0 or html > plain.find(b"workbook"):
            return "xml2003"
    if _HTML.search(plain):
        return "html"
    raise UnreadableError(text("sources.read.xml"))


def _zipped(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as parts:
            names = set(parts.namelist())
            kind = (
                parts.read("mimetype")[:100]
                if "mimetype" in names and parts.getinfo("mimetype").file_size < 200
                else b""
            )
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnreadableError(text("sources.read.damaged_zip")) from error
    if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet") or (
        "content.xml" in names and path.suffix.lower() == ".ods"
    ):
        return "ods"
    if any(name.startswith("xl/") and name.endswith("workbook.bin") for name in names):
        raise UnreadableError(text("sources.read.xlsb"))
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return "xlsx"
    if kind or any(name.startswith(("word/", "ppt/")) for name in names):
        raise UnreadableError(text("sources.read.document"))
    raise UnreadableError(text("sources.read.archive"))


def _ole(path: Path) -> Format:
    """Tell old Excel from an encrypted workbook and from other Office files, by the names of its streams."""
    names = {name: name.encode("utf-16-le") for name in ("EncryptedPackage", "Workbook", "Book", "WordDocument")}
    found = set()
    with path.open("rb") as stream:
        before = b""
        while piece := stream.read(1 << 20):
            window = before + piece
            found |= {name for name, written in names.items() if written in window}
            before = window[-64:]
    if "EncryptedPackage" in found:
        raise UnreadableError(text("sources.read.encrypted"))
    if "WordDocument" in found and "Workbook" not in found:
        raise UnreadableError(text("sources.read.document"))
    return "xls"
