"""One-sheet Excel files whose bytes depend on their content alone."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

_EPOCH = (1980, 1, 1, 0, 0, 0)
_DAY, _MOMENT = "dd/mm/yyyy", "dd/mm/yyyy hh:mm:ss"
_BOLD = Font(bold=True)


def write_sheet(
    path: Path, title: str, head: list[list[Any]], body: Iterable[list[Any]], foot: list[list[Any]]
) -> None:
    """Write ``head`` (titles and header, bold), ``body`` and ``foot`` to the only sheet of a new workbook.

    Dates become real Excel dates; text that begins with ``=`` stays text.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\\/?*\[\]:]", " ", title)[:31])
    for i, label in enumerate(head[-1], 1):
        sheet.column_dimensions[get_column_letter(i)].width = min(max(len(str(label)) + 2, 12), 40)
    sheet.column_dimensions["A"].width = 11
    for rows, bold in ((head, True), (body, False), (foot, True)):
        for row in rows:
            sheet.append([_cell(sheet, value, bold) for value in row])
    buffer = io.BytesIO()
    book.save(buffer)
    path.write_bytes(_without_times(buffer.getvalue()))


def _cell(sheet: Any, value: Any, bold: bool) -> Any:
    """A bare value where that is enough; a cell where it needs a format or must not become a formula."""
    formula = isinstance(value, str) and value.startswith("=")
    if not (bold or formula or isinstance(value, date)):
        return value
    cell = WriteOnlyCell(sheet, value)
    if formula:
        cell.data_type = "s"
    if bold:
        cell.font = _BOLD
    if isinstance(value, date):
        cell.number_format = _MOMENT if isinstance(value, datetime) else _DAY
    return cell


def _without_times(data: bytes) -> bytes:
    """The same zip with fixed dates, in its entries and in the document's properties."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2025-01-02T08:00:00Z", content)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            new.writestr(entry, content)
    return out.getvalue()
