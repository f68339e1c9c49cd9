"""A finished workbook as a file: formulas with their values, the same bytes every time."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections import defaultdict
from xml.sax.saxutils import escape

from openpyxl import Workbook

from chiso.reporting.excel.evaluate import Evaluator, FormulaError, Value
from chiso.reporting.packing import repacked

_FORMULA_CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"([^>]*)>(<f[^>]*>[^<]*</f>|<f[^>]*/>)(?:<v\s*/>|<v></v>)?</c>')


def to_bytes(workbook: Workbook, dated: dt.date) -> bytes:
    """Return the file of a workbook: the same bytes whenever and wherever it is written.

    Args:
        workbook: finished.
        dated: stands for the time of writing (the day the figures are of).
    """
    moment = dt.datetime(dated.year, dated.month, dated.day)
    workbook.properties.creator = workbook.properties.lastModifiedBy = "chiso"
    workbook.properties.created = workbook.properties.modified = moment
    values = {} if workbook.write_only else _values(workbook)
    raw = io.BytesIO()
    workbook.save(raw)
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}".encode()
    changed: dict[str, bytes] = {}
    with zipfile.ZipFile(raw) as old:
        core = old.read("docProps/core.xml")  # openpyxl puts the clock's time there when it saves
        changed["docProps/core.xml"] = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, core)
        for ws in workbook.worksheets:
            if own := values.get(ws.title):
                name = ws.path.lstrip("/")
                changed[name] = _with_values(old.read(name), own)
    return repacked(raw.getvalue(), changed)


def _values(workbook: Workbook) -> dict[str, dict[str, Value | FormulaError]]:
    found: dict[str, dict[str, Value | FormulaError]] = defaultdict(dict)
    for sheet, cell, value in Evaluator(workbook).formulas():
        found[sheet][cell] = value
    return found


def _with_values(xml: bytes, values: dict[str, Value | FormulaError]) -> bytes:
    """Put the values of formulas into a sheet; openpyxl writes them without."""

    def filled(found: re.Match[bytes]) -> bytes:
        cell = found[1].decode()
        if cell not in values:
            return found[0]
        kind, shown = _as_xml(values[cell])
        return b'<c r="%b"%b%b>%b<v>%b</v></c>' % (found[1], found[2], kind, found[3], shown)

    return _FORMULA_CELL.sub(filled, xml)


def _as_xml(value: Value | FormulaError) -> tuple[bytes, bytes]:
    if isinstance(value, FormulaError):
        return b' t="e"', escape(str(value)).encode()
    if isinstance(value, bool):
        return b' t="b"', b"1" if value else b"0"
    if isinstance(value, str):
        return b' t="str"', escape(value).encode()
    return b"", repr(value or 0).encode()
