"""Tables of web pages, which many systems save under Excel's name. The page is read as it streams by."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from chiso.messages import text
from chiso.sources.readers.encoding import Decoded, decode
from chiso.sources.readers.grid import Grid
from chiso.sources.readers.limits import MAX_COLUMNS, MAX_PAGE_BYTES, MAX_ROWS, check_bytes, check_merged
from chiso.sources.readers.sheet import Row, Sheet, UnreadableError
from chiso.sources.readers.values import number_text

_PIECE = 1 << 20
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_SILENT = ("script", "style", "title", "template")
_BREAKS = ("br", "p", "div", "li")
#: What browsers allow a cell to span.
_MAX_COLSPAN = 1000
_MAX_ROWSPAN = 65_534


def read_html(path: Path) -> list[Sheet]:
    """Read every table of a page that has text; a table within a table is one of its own.

    Raises:
        UnreadableError: no table, or beyond the limits.
    """
    check_bytes(path.stat().st_size, MAX_PAGE_BYTES)
    page = _decoded(path.read_bytes())
    tables = _Tables()
    parser = etree.HTMLParser(target=tables, encoding="utf-8", huge_tree=True, remove_pis=True, no_network=True)
    try:
        for start in range(0, len(page.data), _PIECE):
            parser.feed(page.data[start : start + _PIECE])
        parser.close()
    except etree.ParserError as error:
        raise UnreadableError(text("sources.read.no_table")) from error
    except etree.XMLSyntaxError as error:
        raise UnreadableError(text("sources.read.damaged")) from error
    found = [sheet for sheet in tables.sheets() if sheet.frame.height]
    if not found:
        raise UnreadableError(text("sources.read.no_table"))
    if len(found) == 1:
        found = [replace(found[0], name=None)]
    return [replace(sheet, notes=page.notes + sheet.notes) for sheet in found]


def _decoded(data: bytes) -> Decoded:
    """Return the page's text; the encoding it names goes before the one its bytes suggest, unless it is wrong."""
    named = _CHARSET.search(data[:4096])
    if named and not data.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF8)):
        name = named[1].decode("ascii").lower()
        # Pages that call themselves Latin-1 are read as Windows-1252 by every browser, and hold anything in fact.
        if name not in ("utf-8", "utf8", "unicode", "utf-16", "iso-8859-1", "windows-1252", "us-ascii"):
            try:
                decoded = unicodedata.normalize("NFC", data.decode(name))
                return replace(decode(decoded.encode()), encoding=codecs.lookup(name).name)
            except (LookupError, UnicodeDecodeError):
                pass
    return decode(data)


@dataclass
class _Table:
    """A table that is being read."""

    place: int
    grid: Grid = field(default_factory=Grid)
    hidden: bool = False
    caption: list[str] = field(default_factory=list)
    number: int = 0
    row: dict[int, str] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=dict)  # column -> rows it is still taken by a cell from above
    at: int = 0
    in_row: bool = False
    cell: list[str] | None = None
    exact: str | None = None
    span: tuple[int, int] = (1, 1)
    spans: list[tuple[int, int, int, int]] = field(default_factory=list)


class _Tables:
    """Target of lxml's parser: gathers the cells of open tables, the innermost first."""

    def __init__(self) -> None:
        self._open: list[_Table] = []
        self._done: list[_Table] = []
        self._count = 0
        self._silent = 0
        self._in_caption = False

    def sheets(self) -> list[Sheet]:
        """Return the tables in the order of the page."""
        while self._open:  # a page that is cut off
            self._end_table()
        tables = sorted(self._done, key=lambda table: table.place)
        filled = [table for table in tables if table.number]
        named = [
            " ".join("".join(table.caption).split()) or text("sources.read.table_name", number=i)
            for i, table in enumerate(filled, start=1)
        ]
        names = [f"{name} ({i})" if named.count(name) > 1 else name for i, name in enumerate(named, start=1)]
        return [t.grid.sheet(name, hidden=t.hidden) for name, t in zip(names, filled, strict=True)]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take an opening tag."""
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._count += 1
            hidden = "hidden" in attributes or _HIDDEN.search(attributes.get("style", "")) is not None
            self._open.append(_Table(self._count, hidden=hidden))
        elif self._open:
            self._inside(tag, attributes, self._open[-1])

    def end(self, tag: str) -> None:
        """Take a closing tag."""
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif not self._open:
            return
        elif tag == "table":
            self._end_table()
        elif tag == "tr":
            self._end_row(self._open[-1])
        elif tag in ("td", "th"):
            self._end_cell(self._open[-1])
        elif tag == "caption":
            self._in_caption = False
        elif tag in ("p", "div", "li") and self._open[-1].cell is not None:
            self._open[-1].cell.append("\n")

    def data(self, content: str) -> None:
        """Take text: line breaks of the source are spaces."""
        if not self._open or self._silent:
            return
        table = self._open[-1]
        if self._in_caption:
            table.caption.append(content)
        elif table.cell is not None:
            table.cell.append(re.sub(r"[ \t\r\n\f]+", " ", content))

    def comment(self, content: str) -> None:
        """Comments are no text."""

    def close(self) -> None:
        """Nothing is left to do: `sheets` ends what is open."""

    def _inside(self, tag: str, attributes: dict[str, str], table: _Table) -> None:
        if tag == "tr":
            self._end_row(table)
            self._begin_row(table)
            if "hidden" in attributes or _HIDDEN.search(attributes.get("style", "")):
                table.grid.hidden_rows.add(table.number)
        elif tag in ("td", "th"):
            self._end_cell(table)
            if not table.in_row:
                self._begin_row(table)
            table.cell = []
            table.exact = attributes.get("x:num") or None
            table.span = (
                min(_count(attributes.get("colspan")), _MAX_COLSPAN),
                min(_count(attributes.get("rowspan")), _MAX_ROWSPAN),
            )
        elif tag == "caption":
            self._in_caption = True
        elif tag in _BREAKS and table.cell is not None:
            table.cell.append("\n")

    def _begin_row(self, table: _Table) -> None:
        table.number += 1
        table.row, table.at, table.in_row = {}, 0, True

    def _end_cell(self, table: _Table) -> None:
        if table.cell is None:
            return
        lines = [line.strip(" ") for line in "".join(table.cell).split("\n")]
        written = number_text(table.exact) if table.exact else "\n".join(line for line in lines if line)
        while table.at in table.taken:
            table.at += 1
        across, down = table.span
        if table.at + across > MAX_COLUMNS:
            across = max(MAX_COLUMNS - table.at, 1)
        if written:
            table.row[table.at] = written
        if across > 1 or down > 1:
            check_merged(len(table.spans))
            table.spans.append((table.number, table.at, min(table.number + down - 1, MAX_ROWS), table.at + across - 1))
        if down > 1:
            for place in range(table.at, table.at + across):
                table.taken[place] = down
        table.at += across
        table.cell = None

    def _end_row(self, table: _Table) -> None:
        self._end_cell(table)
        if not table.in_row:
            return
        table.in_row = False
        if table.row:
            row: Row = [None] * (max(table.row) + 1)
            for place, written in table.row.items():
                row[place] = written
            table.grid.add(table.number, row)
        table.taken = {place: left - 1 for place, left in table.taken.items() if left > 1}

    def _end_table(self) -> None:
        table = self._open.pop()
        self._end_row(table)
        for top, left, bottom, right in table.spans:
            bottom = min(bottom, table.number)  # a span may reach beyond the table's last row
            if bottom > top or right > left:
                table.grid.merge(top, left, bottom, right)
        self._done.append(table)


def _count(written: str | None) -> int:
    return int(written) if written and re.fullmatch(r"[0-9]{1,6}", written.strip()) and int(written) else 1
