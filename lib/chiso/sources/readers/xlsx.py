"""Excel workbooks (.xlsx, .xlsm): cells by calamine, what the workbook says about them by a scan of its XML.

Nothing in a workbook is run: macros and formulas are only text.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import fastexcel
import polars as pl

from chiso.messages import text
from chiso.sources.readers.archive import Archive, parse_xml
from chiso.sources.readers.limits import check_size
from chiso.sources.readers.notes import sheet_notes
from chiso.sources.readers.scan import Facts, scan
from chiso.sources.readers.sheet import EPOCH_1900, EPOCH_1904, FAULTS, ROW, Sheet, UnreadableError

#: Excel's way to write the error values that calamine names.
_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
_WORKSHEET = "/worksheet"


@dataclass(frozen=True)
class _Book:
    """What ``workbook.xml`` says: worksheet name -> (part, hidden), the date system; other parts with cells' texts."""

    sheets: dict[str, tuple[str, bool]]
    epoch: date
    shared: tuple[str, ...]
    fonts: frozenset[str]


def read_xlsx(path: Path) -> list[Sheet]:
    """Read every worksheet of a workbook.

    Raises:
        UnreadableError: damaged, encrypted, or beyond the limits.
    """
    archive = Archive(path)
    book = _read_book(archive)
    for part in book.shared:
        archive.verify(part)
    facts = {name: scan(archive, part) for name, (part, _) in book.sheets.items()}
    for fact in facts.values():
        check_size(fact.rows, fact.columns)
    try:
        named = path.suffix.lower() in (".xlsx", ".xlsm")  # by name the engine goes by the ending alone
        reader = fastexcel.read_excel(path if named else path.read_bytes())
        return [_read_sheet(reader, name, book, fact) for name, fact in facts.items()]
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
        raise UnreadableError(text("sources.read.damaged")) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # the engine's own failure on a file it did not foresee
            raise UnreadableError(text("sources.read.damaged")) from error
        raise


def _read_book(archive: Archive) -> _Book:
    main = next(
        (t for kind, t in _relations(archive, "").values() if kind.endswith("/officeDocument")), "xl/workbook.xml"
    )
    root = parse_xml(archive.read(main))
    relations = _relations(archive, main)
    sheets = {}
    for entry in root.iterfind(".//{*}sheets/{*}sheet"):
        key = next((v for k, v in entry.attrib.items() if str(k).endswith("}id")), "")
        kind, target = relations.get(str(key), ("", ""))
        if kind.endswith(_WORKSHEET):  # not a chart or a macro sheet
            sheets[str(entry.get("name"))] = (target, entry.get("state", "visible") != "visible")
    settings = root.find(".//{*}workbookPr")
    mac = settings is not None and settings.get("date1904", "0") in ("1", "true")
    others = {kind.rsplit("/", 1)[-1]: target for kind, target in relations.values()}
    shared = tuple(others[kind] for kind in ("sharedStrings", "styles") if others.get(kind) in archive.parts)
    return _Book(sheets, EPOCH_1904 if mac else EPOCH_1900, shared, _fonts(archive, others.get("styles")))


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Return id -> (kind, part) of what a part refers to."""
    folder, name = posixpath.split(part)
    listing = posixpath.join(folder, "_rels", f"{name}.rels")
    if listing not in archive.parts:
        return {}
    found = {}
    for entry in parse_xml(archive.read(listing)).iterfind("{*}Relationship"):
        target = str(entry.get("Target", ""))
        place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[str(entry.get("Id"))] = (str(entry.get("Type", "")), place)
    return found


def _fonts(archive: Archive, styles: str | None) -> frozenset[str]:
    """Return the names of the fonts a workbook's cells can have; the list stands at the top of its styles."""
    if styles not in archive.parts:
        return frozenset()
    start = b""
    for piece in archive.pieces(str(styles)):
        start += piece
        if b"</fonts>" in start or len(start) > 1 << 22:
            break
    fonts = start.partition(b"</fonts>")[0]
    return frozenset(name.decode(errors="replace") for name in re.findall(rb'<name val="([^"]*)"', fonts))


def _read_sheet(reader: fastexcel.ExcelReader, name: str, book: _Book, facts: Facts) -> Sheet:
    loaded = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    batch, errors = loaded.to_arrow_with_errors()
    frame = pl.DataFrame(batch) if batch.num_columns else pl.DataFrame()
    frame = _with_room(frame, facts)
    faults: list[tuple[int, str, str]] = []
    if errors and errors.errors:
        frame, faults = _show_errors(frame, errors.errors, facts.left)
    if facts.formulas:
        frame, uncalculated = _show_formulas(frame, facts)
        faults += uncalculated
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)
    sheet = Sheet(
        name,
        frame.with_columns(number) if frame.width else pl.DataFrame(schema={ROW: pl.Int64}),
        merged=tuple(merged for merged in facts.merged if merged[0] <= frame.height),
        hidden_rows=facts.hidden_rows,
        hidden_columns=facts.hidden_columns,
        hidden=book.sheets[name][1],
        epoch=book.epoch,
        fonts=book.fonts,
        decimals=_Decimals(reader, name, facts.left, frame.height),
        faults=pl.DataFrame(faults, schema=FAULTS, orient="row"),
    )
    return replace(sheet, notes=sheet_notes(sheet))


@dataclass
class _Decimals:
    """Tells which cells of a sheet are numbers: the engine makes a logical value of a number, never of a text."""

    reader: fastexcel.ExcelReader
    name: str
    shift: int
    height: int

    def __call__(self, cell: str) -> pl.Series:
        """Return which cells of a column (``c3``) are numbers."""
        place = int(cell.removeprefix("c")) - self.shift
        if not 0 <= place < self._numbers.width:
            return pl.Series([False]).new_from_index(0, self.height)
        found = self._numbers.to_series(place)
        return found.extend_constant(False, self.height - found.len())

    @cached_property
    def _numbers(self) -> pl.DataFrame:
        loaded = self.reader.load_sheet(self.name, header_row=None, skip_rows=0, dtypes="boolean")
        batch, _ = loaded.to_arrow_with_errors()
        return pl.DataFrame(batch).select(pl.all().is_not_null())


def _with_room(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Return the cells as ``c0, c1 …`` from column A on, with room for formulas beyond the filled cells.

    The engine gives the rectangle of the cells with values: from row 1, and from the first filled column.
    """
    before = facts.left if frame.width else 0
    width = max([before + frame.width, *(place + 1 for _, place in facts.formulas)])
    height = max([frame.height, *(row for row, _ in facts.formulas)])
    frame.columns = [f"c{i + before}" for i in range(frame.width)]
    blank = pl.Series([None], dtype=pl.String)
    if height > frame.height and frame.width:
        below = pl.DataFrame({c: blank.new_from_index(0, height - frame.height) for c in frame.columns})
        frame = pl.concat([frame, below])
    names = [f"c{i}" for i in range(width)]
    absent = [blank.new_from_index(0, height).alias(name) for name in names if name not in frame.columns]
    return (frame.with_columns(absent) if frame.width else pl.DataFrame(absent)).select(names)


def _show_errors(
    frame: pl.DataFrame, errors: list[fastexcel.CellError], shift: int
) -> tuple[pl.DataFrame, list[tuple[int, str, str]]]:
    """Put Excel's error values (#N/A, #REF! …) back into their cells: they are no blanks."""
    by_column: dict[int, dict[int, str]] = {}
    for error in errors:
        row, column = error.position
        found = re.search(r"Error\((\w+)\)", error.detail)
        by_column.setdefault(column + shift, {})[row] = _ERRORS.get(found[1] if found else "", "#ERROR!")
    faults = []
    for column, cells in sorted(by_column.items()):
        name = frame.columns[column]
        frame = frame.with_columns(frame[name].scatter(list(cells), list(cells.values())).alias(name))
        faults += [(row + 1, name, "cell_error") for row in cells]
    return frame, faults


def _show_formulas(frame: pl.DataFrame, facts: Facts) -> tuple[pl.DataFrame, list[tuple[int, str, str]]]:
    """Put the text of formulas that were never calculated into their blank cells."""
    by_column: dict[str, dict[int, str]] = {}
    for (row, place), formula in facts.formulas.items():
        by_column.setdefault(f"c{place}", {})[row - 1] = f"={formula}"
    faults = []
    for name, cells in sorted(by_column.items()):
        frame = frame.with_columns(frame[name].scatter(list(cells), list(cells.values())).alias(name))
        faults += [(row + 1, name, "formula") for row in cells]
    return frame, faults
