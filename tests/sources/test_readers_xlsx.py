"""What .xlsx workbooks hold beside their cells: merged, hidden, never calculated, wrong, dated."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from sources_books import inline, xlsx, xlsx_parts, zipped
from sources_excel import workbook
from sources_rows import CASES, case

from chiso.sources.readers import ROW, Sheet, read_sheets

HEADER = CASES.strip().split(",")


def read(tmp_path: Path, raw: bytes, name: str = "x.xlsx") -> list[Sheet]:
    path = tmp_path / name
    path.write_bytes(raw)
    return read_sheets(path, lambda rows: 0)


def one(tmp_path: Path, raw: bytes) -> Sheet:
    (sheet,) = read(tmp_path, raw)
    return sheet


def rows(sheet: Sheet) -> list[tuple]:
    return sheet.frame.drop(ROW).rows()


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def opened(raw: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(raw), keep_vba=False)


@pytest.mark.parametrize("name", ["x.xlsx", "x.xlsm", "x.xls", "x.csv", "x.ods"])
def test_the_bytes_decide_not_the_ending(tmp_path, name):
    (sheet,) = read(tmp_path, workbook({"S": [["a", "b"], [1, 2]]}), name)
    assert rows(sheet) == [("a", "b"), ("1", "2")]


def test_macros_are_not_read_and_not_run(import_files):
    parts = xlsx_parts(
        "<sheetData>"
        + "".join(
            f'<row r="{i}">' + "".join(inline(f"{chr(65 + j)}{i}", cell) for j, cell in enumerate(line)) + "</row>"
            for i, line in enumerate([HEADER, case("C1").split(",")], start=1)
        )
        + "</sheetData>"
    )
    data = import_files({"cases.xlsm": zipped({**parts, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 Auto_Open"})})
    assert data.accepted("cases") == 1


def test_cell_types(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    values = [True, 0.875, 12.0, 123456789012, 1.5e15, 1e22, 1e-7, "007", "  hai\ndòng ", "x" * 32_767, -0.5]
    for index, value in enumerate(values, start=1):
        sheet.cell(1, index, value)
    sheet["B1"].number_format = "0.0%"
    sheet["D1"].number_format = '#,##0 "đ"'
    sheet["E1"].number_format = "0.00E+00"
    rich = CellRichText("Sở ", TextBlock(InlineFont(b=True), "Nội"), " vụ")
    sheet.cell(1, len(values) + 1, rich)
    found = rows(one(tmp_path, saved(book)))[0]
    assert found[:4] == ("true", "0.875", "12", "123456789012")
    assert found[4:9] == ("1500000000000000", "10000000000000000000000", "0.0000001", "007", "  hai\ndòng ")
    assert (len(found[9]), found[10], found[11]) == (32_767, "-0.5", "Sở Nội vụ")


def test_shared_inline_and_rich_strings(tmp_path):
    shared = "<si><t>một</t></si><si><r><t xml:space='preserve'>hai </t></r><r><rPr><b/></rPr><t>phần</t></r></si>"
    cells = '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>' + inline("C1", "ba &amp; bốn")
    sheet = one(tmp_path, xlsx(f'<sheetData><row r="1">{cells}</row></sheetData>', shared=shared))
    assert rows(sheet) == [("một", "hai phần", "ba & bốn")]


@pytest.mark.parametrize(
    ("calendar", "epoch"), [(CALENDAR_WINDOWS_1900, date(1899, 12, 30)), (CALENDAR_MAC_1904, date(1904, 1, 1))]
)
def test_dates_are_the_same_days_in_both_systems(tmp_path, import_files, calendar, epoch):
    book = openpyxl.Workbook()
    book.epoch = calendar
    sheet = book.active
    sheet.append(["case_id", "procedure_code", "unit_code", "channel", "received_at", "due_at", "finished_at"])
    sheet.append(["C1", "P1", "U1", "online", datetime(2024, 2, 29, 8, 30, 15), date(2024, 3, 10), None])
    sheet["G2"] = (date(2024, 3, 5) - epoch).days + 0.75  # a number that nobody formatted as a date
    raw = saved(book)
    data = import_files({"cases.xlsx": raw})
    found = data.scan("cases").collect().row(0, named=True)
    assert found["received_at"] == datetime(2024, 2, 29, 8, 30, 15)
    assert (found["due_at"], found["finished_at"]) == (datetime(2024, 3, 10), datetime(2024, 3, 5, 18))
    assert one(tmp_path, raw).epoch == epoch
    assert ("epoch_1904" in data.findings["rule"]) == (calendar == CALENDAR_MAC_1904)


@pytest.mark.parametrize(
    ("calendar", "days"),
    [
        # Day 60 of the 1900 system, 29/02/1900, never was: it reads as the day before, as in LibreOffice.
        (CALENDAR_WINDOWS_1900, {59: "1900-02-28", 60: "1900-02-28", 61: "1900-03-01", 36526: "2000-01-01"}),
        (CALENDAR_MAC_1904, {59: "1904-02-29", 60: "1904-03-01", 61: "1904-03-02", 35064: "2000-01-01"}),
    ],
)
def test_the_day_that_never_was(tmp_path, calendar, days):
    book = openpyxl.Workbook()
    book.epoch = calendar
    for row, serial in enumerate(days, start=1):
        for column, fraction in enumerate((0, 0.5), start=1):
            cell = book.active.cell(row, column, serial + fraction)
            cell.number_format = "dd/mm/yyyy hh:mm"
    found = [tuple(cell.replace(" 00:00:00", "") for cell in row) for row in rows(one(tmp_path, saved(book)))]
    assert [row[0] for row in found] == list(days.values())
    assert [row[1].replace(" ", "T") for row in found] == [f"{day}T12:00:00" for day in days.values()]


def test_times_without_a_day_are_no_days_of_a_report(import_files):
    raw = workbook(
        {"S": [HEADER, ["C1", "P1", "U1", "online", datetime(2024, 3, 1), time(8, 30), timedelta(hours=30)]]}
    )
    rejects = import_files({"cases.xlsx": raw}).rejects
    assert set(rejects["row"]) <= {2}


def test_merged_and_hidden_cells_are_told_and_read(import_files, tmp_path):
    book = opened(workbook({"S": [["HỒ SƠ"], HEADER, *[case(f"C{i}").split(",") for i in range(8)]], "Ẩn": [["x"]]}))
    sheet = book["S"]
    sheet.merge_cells("A1:C1")
    for row in (4, 5, 6, 7, 8, 9):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["F"].hidden = True
    book["Ẩn"].sheet_state = "veryHidden"
    raw = saved(book)
    first, second = read(tmp_path, raw)
    assert (first.merged, first.hidden_rows, first.hidden_columns) == (((1, 0, 1, 2),), {4, 5, 6, 7, 8, 9}, {5})
    assert (first.hidden, second.hidden) == (False, True)
    data = import_files({"cases.xlsx": raw})
    assert data.accepted("cases") == 8
    told = {f["rule"]: f["message"] for f in data.findings.filter(file="cases.xlsx").rows(named=True)}
    assert "“S” có 6 hàng ẩn (4, 5, 6, 7, 8 …)" in told["hidden_rows"]
    assert "1 cột ẩn (F)" in told["hidden_columns"]
    assert "hidden_sheet" not in told  # it has no table: told as ignored


def test_a_hidden_sheet_with_a_table_is_read_and_told(import_files):
    book = opened(workbook({"S": [HEADER, case("C1").split(",")], "Cũ": [HEADER, case("C2").split(",")]}))
    book["Cũ"].sheet_state = "hidden"
    data = import_files({"cases.xlsx": saved(book)})
    assert data.accepted("cases") == 2
    assert "“Cũ”" in data.findings.filter(rule="hidden_sheet")["message"][0]


def test_places_are_counted_from_column_a_wherever_the_cells_begin(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A3"].font = openpyxl.styles.Font(bold=True)  # formatted, not filled
    sheet["C2"], sheet["D2"], sheet["D3"] = "a", "b", "=1+1"
    sheet.merge_cells("D4:E5")
    sheet.column_dimensions["D"].hidden = True
    sheet.column_dimensions["A"].hidden = True
    found = one(tmp_path, saved(book))
    assert rows(found) == [(None,) * 4, (None, None, "a", "b"), (None, None, None, "=1+1")]
    assert (found.hidden_columns, found.merged, found.faults.rows()) == ({0, 3}, (), [(3, "c3", "formula")])
    assert "(A, D)" in found.notes[0].message


def calculated(formula: str) -> str:
    return f'<sheetData><row r="1">{inline("A1", "a")}{inline("B1", "b")}</row><row r="2">{formula}</row></sheetData>'


@pytest.mark.parametrize(
    ("cell", "shown", "faults"),
    [
        ('<c r="B2"><f>A1*2</f><v>12</v></c>', "12", []),
        ('<c r="B2"><f>A1*2</f></c>', "=A1*2", [(2, "c1", "formula")]),
        ('<c r="B2"><f>A1&amp;"x"</f><v></v></c>', '=A1&"x"', [(2, "c1", "formula")]),
        ('<c r="B2"><f>A1*2</f><v/></c>', "=A1*2", [(2, "c1", "formula")]),
        ('<c r="B2"><f t="shared" si="0"/></c>', "=", [(2, "c1", "formula")]),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', "", []),
        ('<c r="B2" t="b"><f>1=1</f><v>1</v></c>', "true", []),
        ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!", [(2, "c1", "cell_error")]),
        ('<c r="B2" t="e"><v>#N/A</v></c>', "#N/A", [(2, "c1", "cell_error")]),
        ('<c r="B2" t="str"><v>#N/A</v></c>', "#N/A", []),
    ],
)
def test_formulas_and_error_values(tmp_path, cell, shown, faults):
    found = one(tmp_path, xlsx(calculated(inline("A2", "x") + cell)))
    assert (found.frame["c1"][1] or "", found.faults.rows()) == (shown, faults)


def test_formulas_beyond_the_filled_cells_have_their_places(tmp_path):
    row = '<c r="B2"><f>C2</f></c><c r="C2" t="e"><v>#N/A</v></c><c r="E2"><f>C2</f></c>'
    last = '<row r="4"><c r="C4"><f>C1</f></c></row>'
    sheet = f'<sheetData><row r="1">{inline("C1", "b")}</row><row r="2">{row}</row>{last}</sheetData>'
    found = one(tmp_path, xlsx(sheet + '<mergeCells><mergeCell ref="C1:D1"/></mergeCells>'))
    assert rows(found) == [
        (None, None, "b", None, None),
        (None, "=C2", "#N/A", None, "=C2"),
        (None,) * 5,
        (None, None, "=C1", None, None),
    ]
    assert found.merged == ((1, 2, 1, 3),)
    assert sorted(found.faults.rows()) == [
        (2, "c1", "formula"),
        (2, "c2", "cell_error"),
        (2, "c4", "formula"),
        (4, "c2", "formula"),
    ]


def test_a_sheet_of_nothing_but_formulas(tmp_path):
    found = one(tmp_path, xlsx('<sheetData><row r="2"><c r="C2"><f>1+1</f></c></row></sheetData>'))
    assert (rows(found), found.faults.rows()) == ([(None,) * 3, (None, None, "=1+1")], [(2, "c2", "formula")])


def test_rows_with_formulas_never_calculated_or_error_values_are_rejects(import_files):
    head = ["deliverable_id", "plan_year", "plan_item", "kind", "title", "unit_code", "evidence"]
    line = [2024, "B.I.1", "task"]
    lines = [
        ["D1", *line, "tốt", "U1", "x"],
        ["D2", *line, '="a"&"b"', "U1", "x"],
        ["D3", *line, "lỗi", "U1", "#REF!"],
        ["D4", *line, "#N/A", "U1", None],
        ["=1", "=2", "=3", "=4", "=5", "=6", "=7"],
    ]
    book = opened(workbook({"S": [head, *lines]}))
    for cell, kind in (("G4", "e"), ("E5", "s")):
        book["S"][cell].data_type = kind
    data = import_files({"deliverables.xlsx": saved(book)})
    assert data.accepted("deliverables") == 2
    told = data.rejects.select("row", "column", "value", "rule").rows()
    assert told[:2] == [(3, "title", '="a"&"b"', "formula"), (4, "evidence", "#REF!", "cell_error")]
    assert {(row, rule) for row, _, _, rule in told[2:]} == {(6, "formula")}
    assert "F9" in data.rejects["remedy"][0]
    assert data.files.filter(table="deliverables").select("read", "accepted", "rejected", "layout").rows() == [
        (5, 2, 3, 0)
    ]
    assert data.scan("deliverables").collect()["title"].to_list() == ["tốt", "#N/A"]


def test_an_error_in_a_column_of_no_table_harms_no_row(import_files):
    book = opened(workbook({"S": [[*HEADER, "Ghi chú riêng"], [*case("C1").split(","), "#REF!"]]}))
    book["S"].cell(2, len(HEADER) + 1).data_type = "e"
    assert import_files({"cases.xlsx": saved(book)}).accepted("cases") == 1


@pytest.mark.parametrize(
    "sheet",
    [
        "<sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>a</t></is></c></row>"
        "<row r='2' hidden='1'><c r='A2'><v>1</v></c></row></sheetData>"
        "<mergeCells><mergeCell ref='A1:B2'/></mergeCells>",
        '<sheetData><row><c t="inlineStr"><is><t>a</t></is></c></row><row hidden="true"><c><v>1</v></c></row>'
        '</sheetData><mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>',
    ],
)
def test_unusual_ways_to_write_a_sheet(tmp_path, sheet):
    found = one(tmp_path, xlsx(sheet))
    assert (found.hidden_rows, found.merged) == ({2}, ((1, 0, 2, 1),))
    assert rows(found) == [("a",), ("1",)]


def test_a_prefix_for_every_element(tmp_path):
    parts = xlsx_parts("")
    parts["xl/worksheets/sheet1.xml"] = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row r="1" hidden="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    found = one(tmp_path, zipped(parts))
    assert (rows(found), found.hidden_rows) == ([("1",)], {1})


def test_a_mark_far_down_a_large_sheet_is_found(tmp_path):
    lines = "".join(
        f'<row r="{i}"><c r="A{i}"><v>{i}</v></c>{inline(f"B{i}", "x" * 400)}</row>' for i in range(1, 20_000)
    )
    last = '<row r="20000" hidden="1"><c r="A20000"><f>1+1</f></c></row>'
    found = one(tmp_path, xlsx(f"<sheetData>{lines}{last}</sheetData>"))
    assert found.frame.height in (19_999, 20_000)
    assert found.hidden_rows == {20_000}
    plain = one(tmp_path, xlsx(f"<sheetData>{lines}</sheetData>"))
    assert (plain.frame.height, plain.hidden_rows, plain.faults.height) == (19_999, frozenset(), 0)


def test_fonts_of_the_workbook(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "Hµ Néi"
    book.active["A1"].font = openpyxl.styles.Font(name=".VnTime")
    assert ".VnTime" in one(tmp_path, saved(book)).fonts
