"""The numbers of the workbooks are the same in openpyxl, calamine and after LibreOffice has calculated them anew."""

from __future__ import annotations

import datetime as dt
from math import isclose
from pathlib import Path

import fastexcel
from openpyxl import load_workbook


def numbers(path: Path) -> dict[tuple[str, int, int], float | str]:
    """Return every number, date and error of a workbook as a program reads it that does not calculate."""
    found: dict[tuple[str, int, int], float | str] = {}
    for ws in load_workbook(path, data_only=True):
        for row in ws.iter_rows():
            for cell in row:
                if isinstance(cell.value, dt.date):
                    found[ws.title, cell.row, cell.column] = f"{cell.value:%Y-%m-%d}"
                elif isinstance(cell.value, bool | int | float):
                    found[ws.title, cell.row, cell.column] = float(cell.value)
                elif cell.data_type == "e":
                    found[ws.title, cell.row, cell.column] = str(cell.value)
    return found


def as_number(value: str | None) -> float | None:
    try:
        return float(value) if value is not None else None
    except ValueError:
        return None


def same(one: float | str, other: float | str) -> bool:
    return one == other or (isinstance(one, float) and isinstance(other, float) and isclose(one, other, rel_tol=1e-9))


def books(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.xlsx") if path.name.startswith(("phu-luc", "bieu-mau")))


def test_libreoffice_calculates_the_values_that_the_files_have(folder, office, tmp_path):
    files = books(folder)
    assert len(files) == 3
    for file in files:
        without = tmp_path / file.name
        book = load_workbook(file)
        count = sum(cell.data_type == "f" for ws in book for row in ws.iter_rows() for cell in row)
        assert count
        book.save(without)  # openpyxl leaves the formulas without values
        own, calculated = numbers(file), numbers(office(without, "xlsx"))
        assert own.keys() == calculated.keys(), file.name
        wrong = {at: (v, calculated[at]) for at, v in own.items() if not same(v, calculated[at])}
        assert wrong == {}, file.name


def test_calamine_reads_the_same_numbers(folder):
    for file in books(folder):
        own = numbers(file)
        reader = fastexcel.read_excel(file)
        for name in reader.sheet_names:
            expected = {v for (sheet, _, _), v in own.items() if sheet == name and isinstance(v, float)}
            read = reader.load_sheet(name, header_row=None, dtypes="string").to_polars()
            found = {number for row in read.rows() for value in row if (number := as_number(value)) is not None}
            # A column with its header is read as text, shortened; words that are digits alone are read as well.
            missing = [v for v in expected if not any(abs(v - f) <= 1e-8 * max(1, abs(v)) for f in found)]
            assert missing == [], (file.name, name)
