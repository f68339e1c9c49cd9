"""XML spreadsheets of Excel 2003, which some systems save under the ending .xls."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from lxml import etree

from chiso.messages import text
from chiso.sources.readers.archive import SAFE_XML, refuse_doctype
from chiso.sources.readers.grid import Grid
from chiso.sources.readers.limits import MAX_COLUMNS, MAX_PAGE_BYTES, MAX_ROWS, check_bytes, check_size
from chiso.sources.readers.sheet import EPOCH_1900, EPOCH_1904, Row, Sheet, UnreadableError
from chiso.sources.readers.values import bool_text, date_text, number_text

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"
_PIECE = 1 << 20


def read_xml2003(path: Path) -> list[Sheet]:
    """Read every worksheet.

    Raises:
        UnreadableError: damaged, with entities, or beyond the limits.
    """
    check_bytes(path.stat().st_size, MAX_PAGE_BYTES)
    reader = _Reader()
    parser = etree.XMLPullParser(events=("start", "end"), **SAFE_XML)
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                refuse_doctype(piece)
                parser.feed(piece)
                for event, element in parser.read_events():
                    reader.take(event, element)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise UnreadableError(text("sources.read.damaged")) from error
    return [grid.sheet(name, hidden=hidden, epoch=reader.epoch) for name, grid, hidden in reader.done]


class _Reader:
    """Takes the elements, one row at a time, and lets go of each."""

    def __init__(self) -> None:
        self.done: list[tuple[str, Grid, bool]] = []
        self.epoch: date = EPOCH_1900
        self._grid = Grid()
        self._row = self._column = 0
        self._hidden = False

    def take(self, event: str, element: etree._Element) -> None:
        """Take one event of the parser."""
        tag = element.tag
        if event == "start":
            if tag == f"{_SS}Worksheet":
                self._grid, self._row, self._column, self._hidden = Grid(), 0, 0, False
            return
        if tag == f"{_EXCEL}Date1904":
            self.epoch = EPOCH_1904
        elif tag == f"{_EXCEL}Visible":
            self._hidden = element.text in ("SheetHidden", "SheetVeryHidden")
        elif tag == f"{_SS}Column":
            self._take_column(element)
        elif tag == f"{_SS}Row":
            self._take_row(element)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        elif tag == f"{_SS}Worksheet":
            self.done.append((element.get(f"{_SS}Name", ""), self._grid, self._hidden))

    def _take_column(self, element: etree._Element) -> None:
        first = _number(element, "Index", self._column + 1)
        self._column = min(first + _number(element, "Span", 0), MAX_COLUMNS)
        if element.get(f"{_SS}Hidden") == "1":
            self._grid.hidden_columns |= set(range(first - 1, self._column))

    def _take_row(self, element: etree._Element) -> None:
        number = _number(element, "Index", self._row + 1)
        self._row = min(number + _number(element, "Span", 0), MAX_ROWS)
        if element.get(f"{_SS}Hidden") == "1":
            self._grid.hidden_rows |= set(range(number, self._row + 1))
        row: Row = []
        place = 0
        for cell in element.iterchildren(f"{_SS}Cell"):
            place = _number(cell, "Index", place + 1) - 1
            across, down = _number(cell, "MergeAcross", 0), _number(cell, "MergeDown", 0)
            check_size(number, place + across + 1)
            value, fault = _value(cell)
            if value is not None:
                row += [None] * (place - len(row)) + [value]
            if fault:
                self._grid.fault(number, place, fault)
            if across or down:
                self._grid.merge(number, place, number + down, place + across)
            place += across + 1
        self._grid.add(number, row)


def _number(element: etree._Element, name: str, default: int) -> int:
    written = element.get(f"{_SS}{name}")
    if written is None:
        return default
    if not (written.isascii() and written.isdigit() and len(written) < 9):
        raise UnreadableError(text("sources.read.damaged"))
    return int(written)


def _value(cell: etree._Element) -> tuple[str | None, str | None]:
    """Return a cell's text and, where it holds no value, the rule it breaks."""
    data = next(cell.iterchildren(f"{_SS}Data"), None)
    formula = cell.get(f"{_SS}Formula")
    if data is None:
        return (formula, "formula") if formula else (None, None)
    written = "".join(data.itertext())
    match data.get(f"{_SS}Type"):
        case "Number":
            return number_text(written), None
        case "DateTime":
            try:
                return date_text(datetime.fromisoformat(written)), None
            except ValueError:
                return written, None
        case "Boolean":
            return bool_text(written == "1"), None
        case "Error":
            return written or "#ERROR!", "cell_error"
    return written, None
