"""Formulas of the appendices: written where they give the figure, with their value in the file."""

from __future__ import annotations

import datetime as dt
import io

import fastexcel
import polars as pl
import pytest
from openpyxl import Workbook, load_workbook

from chiso.reporting import excel
from chiso.reporting.excel import Heading
from chiso.reporting.excel.evaluate import Evaluator, FormulaError, Unknown
from chiso.reporting.report import Column, Table

NUMBERS = {"numerator": "number", "denominator": "number", "value": "percent"}


def saved(table: Table):
    book = Workbook()
    excel.add_sheet(book, "t", Heading("Bảng"), table)
    content = excel.to_bytes(book, dt.date(2024, 12, 14))
    live, shown = (load_workbook(io.BytesIO(content), data_only=only)["t"] for only in (False, True))
    first = int(live.print_title_rows.split(":")[1].lstrip("$")) + 1
    return live, shown, first, content


def shares(rows) -> Table:
    frame = pl.DataFrame(rows, schema={"name": pl.String, **dict.fromkeys(NUMBERS, pl.Float64)}, orient="row")
    columns = (Column("name", "Tên"), *[Column(name, name, how) for name, how in NUMBERS.items()])
    return Table("shares", "Tỷ lệ", columns, frame)


def test_a_share_is_a_formula_where_it_is_n_over_N_and_a_number_where_it_is_not():
    rows = [("a", 7.0, 8.0, 7 / 8), ("b", 7.0, 8.0, 0.5), ("c", 0.0, 0.0, None), ("d", 0.0, 5.0, 0.0)]
    rows += [("e", 5.0, 5.0, 1.0), ("f", -3.0, 12.0, -0.25), ("g", 4.0, None, 4.0)]
    live, shown, first, _ = saved(shares(rows))
    assert [live.cell(first + n, 4).value for n in range(7)] == [
        f"=B{first}/C{first}",
        0.5,
        "–",
        f"=B{first + 3}/C{first + 3}",
        f"=B{first + 4}/C{first + 4}",
        f"=B{first + 5}/C{first + 5}",
        4,
    ]
    assert [shown.cell(first + n, 4).value for n in range(7)] == [0.875, 0.5, "–", 0, 1, -0.25, 4]
    assert live.cell(first, 4).number_format == "0.0\\ %"


@pytest.mark.parametrize(("total", "formula"), [(6, "=SUM(B{0}:B{1})"), (5, 5)])
def test_a_total_is_a_formula_only_where_it_is_the_sum(total, formula):
    frame = pl.DataFrame({"name": ["a", "b", "Cộng"], "n": [2, 4, total], "kind": ["", "", "total"]})
    columns = (Column("name", "Tên"), Column("n", "Số", "integer"))
    live, shown, first, _ = saved(Table("t", "T", columns, frame, row_kind="kind"))
    expected = formula.format(first, first + 1) if isinstance(formula, str) else formula
    assert live.cell(first + 2, 2).value == expected
    assert shown.cell(first + 2, 2).value == total


def test_withheld_parts_leave_the_total_a_number():
    frame = pl.DataFrame({"name": ["a", "b", "Cộng"], "n": [2, None, 6], "how": [None, "withheld", None]})
    frame = frame.with_columns(kind=pl.Series(["", "", "total"]))
    columns = (Column("name", "Tên"), Column("n", "Số", "integer", "how"))
    live, _, first, _ = saved(Table("t", "T", columns, frame, row_kind="kind"))
    assert [live.cell(first + n, 2).value for n in range(3)] == [2, "*", 6]


def test_programs_that_do_not_calculate_read_the_values():
    *_, content = saved(shares([("a", 7.0, 8.0, 7 / 8), ("b", 1.0, 3.0, 1 / 3)]))
    read = fastexcel.read_excel(content).load_sheet("t", header_row=None).to_polars()
    rows = [row for row in read.rows() if row[0] in ("a", "b")]
    found = [float(cell) for row in rows for cell in row[1:4]]  # a column with its header is read as text
    assert found == pytest.approx([7.0, 8.0, 0.875, 1.0, 3.0, 1 / 3], rel=1e-8)


def evaluated(formula: str, **cells):
    book = Workbook()
    book.active.title = "Bảng 1"
    for name, value in cells.items():
        book.active[name] = value
    book.active["Z9"] = formula
    return Evaluator(book).value("Bảng 1", 9, 26)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=1+2*3", 7),
        ("=-2^2", 4),  # as Excel has it: the sign first
        ("=(1+2)*3-4/2", 7),
        ("=10%", 0.1),
        ("=SUM(A1:A3)", 6),
        ("=SUM(A1:A3,9)/COUNT(A1:A3)", 5),
        ("=AVERAGE(A1:A3)", 2),
        ("=MIN(A1:A3)+MAX($A$1:$A$3)", 4),
        ("='Bảng 1'!A2", 2),
        ('=IF(A1>0,"có","không")', "có"),
        ('=IF(A9=0,"",1)', ""),
        ("=IFERROR(A1/A9,0)", 0),
        ("=ROUND(A3/8,2)", 0.38),
        ("=A4=A1", False),
        ("=SUM(A1:A4)", 6),  # text in a range does not count
    ],
)
def test_values_are_those_of_excel(formula, value):
    found = evaluated(formula, A1=1, A2=2, A3=3, A4="x")
    assert found == pytest.approx(value) if isinstance(value, float) else found == value


@pytest.mark.parametrize(
    ("formula", "code"), [("=A1/A9", "#DIV/0!"), ("=A4+1", "#VALUE!"), ("=SUM(A1,A1/0)", "#DIV/0!")]
)
def test_errors_are_those_of_excel(formula, code):
    with pytest.raises(FormulaError, match=code):
        evaluated(formula, A1=1, A4="x")


@pytest.mark.parametrize("formula", ["=VLOOKUP(A1,A1:B2,2)", "=ten_vung", "=Z9", "=A:A", "=A1&A1", "='Khác'!A1"])
def test_what_is_not_known_has_no_value(formula):
    with pytest.raises(Unknown):
        evaluated(formula, A1=1)


def test_an_error_and_a_text_have_their_types_in_the_file():
    book = Workbook()
    ws = book.active
    ws["A1"], ws["A2"], ws["A3"], ws["A4"] = "=1/0", '=IF(1>0,"<đạt>","")', "=1=1", "=NOW()"
    shown = load_workbook(io.BytesIO(excel.to_bytes(book, dt.date(2024, 1, 1))), data_only=True).active
    assert [shown[f"A{n}"].value for n in range(1, 5)] == ["#DIV/0!", "<đạt>", True, None]


def test_every_formula_of_the_appendices_has_its_tables_value(material):
    from chiso.reporting.workbook import appendix_sheets, appendix_workbook

    for index in "AB":
        content = appendix_workbook(material, index)
        live, shown = (load_workbook(io.BytesIO(content), data_only=only) for only in (False, True))
        count = 0
        for sheet, name in zip(appendix_sheets(material, index), live.sheetnames[3:], strict=True):
            ws = live[name]
            first = int(ws.print_title_rows.split(":")[1].lstrip("$")) + 1
            for at, row in enumerate(sheet.table.rows(), first):
                for column, cell in enumerate(row.cells, 1):
                    if ws.cell(at, column).data_type == "f":
                        count += 1
                        assert shown[name].cell(at, column).value == pytest.approx(cell.value, rel=1e-12)
        assert count > 20
