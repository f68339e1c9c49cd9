"""OpenDocument spreadsheets (.ods), read from their ``content.xml`` as it streams by."""

from __future__ import annotations

import contextlib
import re
from datetime import date, datetime
from pathlib import Path

from lxml import etree

from chiso.messages import text
from chiso.sources.readers.archive import SAFE_XML, Archive, parse_xml, refuse_doctype
from chiso.sources.readers.grid import Grid
from chiso.sources.readers.limits import MAX_COLUMNS, MAX_ROWS, check_size
from chiso.sources.readers.sheet import EPOCH_1900, Row, Sheet, UnreadableError
from chiso.sources.readers.values import date_text, number_text

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_ANNOTATION = f"{_OFFICE}annotation"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_HIDDEN = ("collapse", "filter")


def read_ods(path: Path) -> list[Sheet]:
    """Read every sheet of a workbook.

    Raises:
        UnreadableError: damaged, encrypted, or beyond the limits.
    """
    archive = Archive(path)
    if "META-INF/manifest.xml" in archive.parts:
        manifest = parse_xml(archive.read("META-INF/manifest.xml"))
        if manifest.find(".//{*}encryption-data") is not None:
            raise UnreadableError(text("sources.read.encrypted"))
    reader = _Reader()
    parser = etree.XMLPullParser(events=("start", "end"), **SAFE_XML)
    try:
        for piece in archive.pieces("content.xml"):
            refuse_doctype(piece)
            parser.feed(piece)
            for event, element in parser.read_events():
                reader.take(event, element)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise UnreadableError(text("sources.read.damaged")) from error
    return reader.sheets


class _Reader:
    """Takes the elements of ``content.xml``, one row at a time, and lets go of each."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self._hidden_styles: set[str] = set()
        self._grid: Grid | None = None
        self._name = ""
        self._hidden = False
        self._epoch = EPOCH_1900
        self._fonts: set[str] = set()
        self._row = 0
        self._column = 0

    def take(self, event: str, element: etree._Element) -> None:
        """Take one event of the parser."""
        tag = element.tag
        if event == "start":
            if tag == f"{_TABLE}table" and self._grid is None:
                self._grid, self._row, self._column = Grid(), 0, 0
                self._name = element.get(f"{_TABLE}name", "")
                self._hidden = element.get(f"{_TABLE}style-name", "") in self._hidden_styles
        elif tag == f"{_STYLE}table-properties":
            if element.get(f"{_TABLE}display") == "false":
                self._hidden_styles.add(element.getparent().get(f"{_STYLE}name", ""))
        elif tag == f"{_STYLE}font-face":
            self._fonts.add(element.get(f"{_STYLE}name", ""))
        elif tag == f"{_TABLE}null-date":
            self._take_epoch(element)
        elif self._grid is None:
            return
        elif tag == f"{_TABLE}table-column":
            self._take_column(element, self._grid)
        elif tag == f"{_TABLE}table-row":
            self._take_row(element, self._grid)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        elif tag == f"{_TABLE}table":
            self.sheets.append(
                self._grid.sheet(self._name, hidden=self._hidden, epoch=self._epoch, fonts=frozenset(self._fonts))
            )
            self._grid = None

    def _take_epoch(self, element: etree._Element) -> None:
        with contextlib.suppress(ValueError):
            self._epoch = date.fromisoformat(element.get(f"{_TABLE}date-value", ""))

    def _take_column(self, element: etree._Element, grid: Grid) -> None:
        count = _repeated(element, "columns")
        if element.get(f"{_TABLE}visibility") in _HIDDEN:
            grid.hidden_columns |= set(range(self._column, min(self._column + count, MAX_COLUMNS)))
        self._column = min(self._column + count, MAX_COLUMNS)

    def _take_row(self, element: etree._Element, grid: Grid) -> None:
        number, count = self._row + 1, _repeated(element, "rows")
        self._row += count
        if element.get(f"{_TABLE}visibility") in _HIDDEN:
            grid.hidden_rows |= set(range(number, min(self._row, MAX_ROWS) + 1))
        row: Row = []
        faults = []
        place = 0
        for cell in element.iterchildren(*_CELLS):
            repeat = _repeated(cell, "columns")
            value, fault = (None, None) if cell.tag == _CELLS[1] else _value(cell)
            if value is not None:
                check_size(number, place + repeat)
                row += [None] * (place - len(row)) + [value] * repeat
                faults += [(at, fault) for at in range(place, place + repeat) if fault]
            across, down = (int(cell.get(f"{_TABLE}number-{way}-spanned", "1")) for way in ("columns", "rows"))
            if across > 1 or down > 1:
                grid.merge(number, place, number + down - 1, place + across - 1)
            place += repeat
        if not row:
            return
        check_size(number + count - 1, len(row))
        for again in range(number, number + count):
            grid.add(again, list(row))
            for at, fault in faults:
                grid.fault(again, at, fault)


def _repeated(element: etree._Element, what: str) -> int:
    written = element.get(f"{_TABLE}number-{what}-repeated", "1")
    if not re.fullmatch(r"[0-9]{1,9}", written):
        raise UnreadableError(text("sources.read.damaged"))
    return max(int(written), 1)


def _value(cell: etree._Element) -> tuple[str | None, str | None]:
    """Return a cell's text and, where it holds no value, the rule it breaks."""
    kind = cell.get(f"{_OFFICE}value-type")
    formula = cell.get(f"{_TABLE}formula")
    shown = _shown(cell)
    if cell.get(f"{_CALC}value-type") == "error" or (formula is not None and re.match(r"#[A-Z]|Err:\d", shown or "")):
        return shown or "#ERROR!", "cell_error"
    if formula is not None and kind is None:
        return "=" + re.sub(r"^(?:of|oooc|msoxl):=?", "", formula).removeprefix("="), "formula"
    match kind:
        case "float" | "percentage" | "currency":
            written = cell.get(f"{_OFFICE}value")
            return number_text(written) if written else shown, None
        case "date":
            return _date(cell.get(f"{_OFFICE}date-value", "")) or shown, None
        case "boolean":
            return cell.get(f"{_OFFICE}boolean-value") or shown, None
        case "string":
            return cell.get(f"{_OFFICE}string-value") or shown, None
    return shown, None


def _date(written: str) -> str | None:
    """Return date or local time in ISO form."""
    try:
        moment = datetime.fromisoformat(written[:26])
    except ValueError:
        return written or None
    return date_text(moment)


def _shown(cell: etree._Element) -> str | None:
    lines = ["".join(_pieces(paragraph)) for paragraph in cell.iterchildren(f"{_TEXT}p", f"{_TEXT}h")]
    return "\n".join(lines) if lines else None


def _pieces(element: etree._Element) -> list[str]:
    """Return the text of a paragraph with its spaces, tabs and line breaks; comments are no text of the cell."""
    found = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            found.append(" " * min(int(child.get(f"{_TEXT}c", "1")), 1000))
        elif child.tag == f"{_TEXT}tab":
            found.append("\t")
        elif child.tag == f"{_TEXT}line-break":
            found.append("\n")
        elif child.tag != _ANNOTATION and isinstance(child.tag, str):
            found += _pieces(child)
        found.append(child.tail or "")
    return found
