"""The forms' template: the office's own in its data folder, else the shipped one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from chiso.catalogue import Catalogue
from chiso.errors import ChisoError
from chiso.messages import DEFAULT, language, text
from chiso.reporting.forms.markers import (
    COMPONENT,
    FIELD,
    HEADS,
    INDICATOR,
    MARKER,
    REQUIRED,
    ROWS,
    TOTALS,
    kind_of,
    known,
)
from chiso.sources.config import TEMPLATES

#: Made by ``python -m chiso.reporting.forms.make_template``.
SHIPPED = Path(__file__).parent / "bieu-mau.xlsx"


def shipped() -> Path:
    """Return the template that comes with the package in the language of the process."""
    return SHIPPED if language() == DEFAULT else SHIPPED.with_suffix(f".{language()}{SHIPPED.suffix}")


def own_forms(data: Path) -> Path | None:
    """Return the template of a data folder; None where it has none."""
    path = data / TEMPLATES / SHIPPED.name
    return path if path.is_file() else None


def open_forms(path: Path | None, catalogue: Catalogue) -> Workbook:
    """Open a template and check that its markers can be filled in.

    Args:
        path: the office's own; None: the shipped one.
        catalogue: whose indicators a marker may name.

    Raises:
        ChisoError: it is no workbook, has an unknown marker, lacks one that a row needs, or has two rows of a kind in a
            sheet; the message names file, sheet and cell.
    """
    path = path or shipped()
    try:
        workbook = load_workbook(io.BytesIO(path.read_bytes()))
    except (OSError, ValueError, KeyError, SyntaxError, TypeError, InvalidFileException, zipfile.BadZipFile) as error:
        raise ChisoError(text("workbook.forms.unreadable", file=path)) from error
    indicators = frozenset(i.id for i in catalogue.indicators)
    fields = 0
    for ws in workbook.worksheets:
        where = {"file": path, "sheet": ws.title}
        for cell, markers in marked(ws):
            for marker in markers:
                if not known(marker, indicators):
                    wanted = ", ".join(f"{{{{{name}}}}}" for name in (*HEADS, *sorted(sum(ROWS.values(), ())), *TOTALS))
                    shown = f"{{{{{marker}}}}}"
                    raise ChisoError(
                        text("workbook.forms.unknown", **where, cell=cell.coordinate, marker=shown, known=wanted)
                    )
        for kind, rows in repeated(ws).items():
            if len(rows) > 1:
                at = ", ".join(str(row) for row in sorted(rows))
                raise ChisoError(text("workbook.forms.twice", **where, kind=kind, rows=at))
            (row, (first, markers)) = next(iter(rows.items()))
            if lacking := [name for name in REQUIRED.get(kind, ()) if name not in markers]:
                names = ", ".join(f"{{{{{name}}}}}" for name in lacking)
                raise ChisoError(text("workbook.forms.lacking", **where, cell=first, row=row, markers=names))
            fields += kind == FIELD
        own = repeated(ws)
        if COMPONENT in own and INDICATOR in own:
            (row, (first, _)), below = next(iter(own[COMPONENT].items())), next(iter(own[INDICATOR]))
            if row != below - 1:
                raise ChisoError(text("workbook.forms.apart", **where, cell=first, row=below))
    if not fields:
        raise ChisoError(text("workbook.forms.no_form", file=path, marker=f"{{{{{FIELD}.ten}}}}"))
    return workbook


def marked(ws: Worksheet) -> Iterator[tuple[Cell, list[str]]]:
    """Yield the cells with markers, by row and column."""
    for _, cell in sorted(ws._cells.items()):  # iter_rows() would make the cells between
        if isinstance(cell.value, str) and (found := MARKER.findall(cell.value)):
            yield cell, found


def repeated(ws: Worksheet) -> dict[str, dict[int, tuple[str, list[str]]]]:
    """Return the rows to be repeated by kind and row number: their first marked cell and their markers."""
    found: dict[str, dict[int, tuple[str, list[str]]]] = {}
    for cell, markers in marked(ws):
        for marker in markers:
            if kind := kind_of(marker):
                first, names = found.setdefault(kind, {}).setdefault(cell.row, (cell.coordinate, []))
                names.append(marker)
    return found
