"""Old Excel workbooks (.xls), by xlrd."""

from __future__ import annotations

import io
import struct
from datetime import date
from pathlib import Path

import xlrd

from chiso.messages import text
from chiso.sources.readers.grid import Grid
from chiso.sources.readers.limits import MAX_PAGE_BYTES, check_bytes
from chiso.sources.readers.sheet import EPOCH_1900, EPOCH_1904, Row, Sheet, UnreadableError
from chiso.sources.readers.values import bool_text, date_text, number_text

#: What xlrd lets out on files that are cut off or made up: it reads records by their own lengths.
_DAMAGE = (
    xlrd.XLRDError,
    xlrd.compdoc.CompDocError,
    struct.error,
    AssertionError,
    IndexError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    ArithmeticError,
    UnicodeError,
    MemoryError,
    RecursionError,
)


#: Beginnings of the names of fonts that draw an old Vietnamese encoding.
_OLD_FONTS = (".vn", "vni-")


def read_xls(path: Path) -> list[Sheet]:
    """Read every sheet of a workbook.

    Raises:
        UnreadableError: damaged, with a password, or beyond the limits.
    """
    check_bytes(path.stat().st_size, MAX_PAGE_BYTES)
    try:
        # xlrd maps a file it is given by name, and fails on an empty or locked one in its own ways.
        data = path.read_bytes()
        _refuse_loops(data)
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), formatting_info=True, ragged_rows=True)
        epoch = EPOCH_1904 if book.datemode else EPOCH_1900
        return [_read_sheet(book, sheet, epoch) for sheet in book.sheets()]
    except _DAMAGE as error:
        locked = "encrypted" in str(error).lower() or "password" in str(error).lower()
        raise UnreadableError(text("sources.read.encrypted" if locked else "sources.read.damaged_xls")) from error


def _refuse_loops(data: bytes) -> None:
    """Refuse a container whose chain of short sectors runs in a circle: xlrd would follow it for ever.

    Raises:
        CompDocError: such a circle, or another damage of the container.
    """
    if not data.startswith(xlrd.compdoc.SIGNATURE):
        return
    chain = xlrd.compdoc.CompDoc(data, logfile=io.StringIO()).SSAT
    walked = [-1] * len(chain)  # by which walk each sector was reached first
    for start in range(len(chain)):
        sector = start
        while 0 <= sector < len(chain) and walked[sector] < 0:
            walked[sector] = start
            sector = chain[sector]
        if 0 <= sector < len(chain) and walked[sector] == start and chain[sector] >= 0:
            raise xlrd.compdoc.CompDocError("short sectors run in a circle")


def _read_sheet(book: xlrd.Book, sheet: xlrd.sheet.Sheet, epoch: date) -> Sheet:
    grid = Grid()
    fonts: set[str] = set()
    known: dict[int, str] = {}
    for index in range(sheet.nrows):
        row: Row = []
        for place, cell in enumerate(sheet.row(index)):
            value = _value(cell, book.datemode)
            row.append(value)
            if cell.ctype == xlrd.XL_CELL_ERROR:
                grid.fault(index + 1, place, "cell_error")
            elif cell.ctype == xlrd.XL_CELL_TEXT and cell.xf_index is not None:
                font = _font(book, cell.xf_index, known)
                fonts.add(font)
                if font.lower().startswith(_OLD_FONTS):
                    grid.cell_fonts[index + 1, place] = font
        grid.add(index + 1, row)
    for top, bottom, left, right in sheet.merged_cells:
        grid.merge(top + 1, left, bottom, right - 1)
    grid.hidden_rows |= {index + 1 for index, info in sheet.rowinfo_map.items() if info.hidden}
    grid.hidden_columns |= {place for place, info in sheet.colinfo_map.items() if info.hidden}
    return grid.sheet(sheet.name, hidden=sheet.visibility != 0, epoch=epoch, fonts=frozenset(fonts - {""}))


def _font(book: xlrd.Book, style: int, known: dict[int, str]) -> str:
    if style not in known:
        known[style] = book.font_list[book.xf_list[style].font_index].name
    return known[style]


def _value(cell: xlrd.sheet.Cell, datemode: int) -> str | None:
    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return str(cell.value)
        case xlrd.XL_CELL_NUMBER:
            return number_text(float(cell.value))
        case xlrd.XL_CELL_DATE:
            try:
                return date_text(xlrd.xldate_as_datetime(cell.value, datemode))
            except (OverflowError, ValueError):  # a number far outside the calendar that is formatted as a date
                return number_text(float(cell.value))
        case xlrd.XL_CELL_BOOLEAN:
            return bool_text(cell.value)
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, "#ERROR!"))
    return None
