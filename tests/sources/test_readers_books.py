"""Old Excel, OpenDocument, web pages and XML spreadsheets."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from sources_books import ods
from sources_rows import CASES, case

from chiso.sources.readers import ROW, Sheet, UnreadableError, read_sheets

DATA = Path(__file__).parents[1] / "data"
SPECIMENS = ["cases_1900.xls", "cases_1904.xls", "cases_1904.ods"]


def read(tmp_path: Path, raw: str | bytes, name: str = "x.xls") -> list[Sheet]:
    path = tmp_path / name
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    return read_sheets(path, lambda rows: 0)


def rows(sheet: Sheet) -> list[tuple]:
    return sheet.frame.drop(ROW).rows()


@pytest.mark.parametrize("name", SPECIMENS)
def test_the_same_workbook_in_each_format(name):
    first, second = read_sheets(DATA / "formats" / name, lambda rows: 0)
    assert (first.name, second.name, first.hidden, second.hidden) == ("Hồ sơ", "Ẩn", False, True)
    assert first.frame[ROW].to_list() == [1, 2, 3, 4, 5, 6]
    assert rows(first)[2:] == [
        ("7", "P1", "U1", "Trực tuyến", "2024-03-01T08:30:00", "2024-03-10", "80000"),
        ("008", "P1", "U2", "Trực tiếp", "2024-02-29", None, "80000"),
        ("009", "P1", "U2", "Trực tiếp", "2024-03-02", None, "#DIV/0!"),
        ("10", "P1", "U1", "Trực tuyến", "2024-12-31T23:59:59", "2025-01-02", "1234567890123"),
    ]
    assert first.merged == ((1, 0, 1, 5),)
    assert (first.hidden_rows, first.hidden_columns) == ({4}, {5})
    assert first.faults.rows() == [(5, "c6", "cell_error")]
    assert first.epoch == (date(1904, 1, 1) if "1904" in name else date(1899, 12, 30))
    assert rows(second)[0][2] == "0.875"
    assert rows(second)[2][0] == "hai\ndòng"
    assert ".VnTime" in second.fonts


@pytest.mark.parametrize("name", SPECIMENS)
@pytest.mark.parametrize("ending", ["", ".csv", ".xlsx"])
def test_it_is_imported_under_any_ending(import_files, name, ending):
    file = f"cases{ending or Path(name).suffix}"
    data = import_files({file: (DATA / "formats" / name).read_bytes()})
    found = data.scan("cases").collect().sort("case_id")
    assert found["case_id"].to_list() == ["008", "10", "7"]
    assert found["received_at"].to_list() == [
        datetime(2024, 2, 29),
        datetime(2024, 12, 31, 23, 59, 59),
        datetime(2024, 3, 1, 8, 30),
    ]
    assert data.rejects.select("row", "column", "value", "rule").rows() == [(5, "fee_vnd", "#DIV/0!", "cell_error")]
    assert {"hidden_rows", "hidden_columns"} <= set(data.findings.filter(file=file)["rule"])


def test_a_published_workbook_of_the_ministry():
    sheets = read_sheets(DATA / "vietnam" / "Plan_2003.xls", lambda rows: 0)
    assert len(sheets) >= 2
    assert any(font.startswith(".Vn") for sheet in sheets for font in sheet.fonts)
    assert any(sheet.merged for sheet in sheets)


OPEN = (
    "<table:table-row><table:table-cell office:value-type='{kind}' {more}><text:p>{shown}</text:p></table:table-cell>"
)


@pytest.mark.parametrize(
    ("kind", "more", "shown", "text"),
    [
        ("float", "office:value='1.23E+15'", "1,23E+15", "1230000000000000"),
        ("float", "office:value='12'", "12,00", "12"),
        ("float", "office:value='79123456789012345'", "7,91E+16", "79123456789012345"),
        ("percentage", "office:value='0.875'", "87,5 %", "0.875"),
        ("currency", "office:value='80000' office:currency='VND'", "80.000 đ", "80000"),
        ("date", "office:date-value='2024-03-01'", "01/03/24", "2024-03-01"),
        ("date", "office:date-value='2024-03-01T08:30:00.000000000'", "01/03/24", "2024-03-01T08:30:00"),
        ("boolean", "office:boolean-value='true'", "TRUE", "true"),
        ("string", "", "một<text:s text:c='2'/>hai<text:line-break/><text:span>ba</text:span> bốn", "một  hai\nba bốn"),
    ],
)
def test_values_of_opendocument(tmp_path, kind, more, shown, text):
    cell = OPEN.format(kind=kind, more=more, shown=shown)
    (sheet,) = read(tmp_path, ods(f"<table:table table:name='S'>{cell}</table:table-row></table:table>"))
    assert rows(sheet) == [(text,)]


def test_opendocument_repeats_spans_formulas_and_comments(tmp_path):
    table = (
        "<table:table table:name='S'>"
        "<table:table-column table:number-columns-repeated='2'/>"
        "<table:table-column table:visibility='collapse' table:number-columns-repeated='16382'/>"
        "<table:table-row><table:table-cell table:number-columns-spanned='2' table:number-rows-spanned='1'>"
        "<office:annotation><text:p>ghi chú</text:p></office:annotation><text:p>a</text:p></table:table-cell>"
        "<table:covered-table-cell/><table:table-cell table:number-columns-repeated='16382'/></table:table-row>"
        "<table:table-row table:number-rows-repeated='2' table:visibility='filter'>"
        "<table:table-cell table:number-columns-repeated='3' office:value-type='float' office:value='1'/>"
        "</table:table-row>"
        "<table:table-row><table:table-cell table:formula='of:=[.A1]*2'/>"
        "<table:table-cell table:formula='of:=1/0' office:value-type='string' calcext:value-type='error'>"
        "<text:p>#DIV/0!</text:p></table:table-cell></table:table-row>"
        "<table:table-row table:number-rows-repeated='1048571'><table:table-cell/></table:table-row></table:table>"
    )
    (sheet,) = read(tmp_path, ods(table))
    three = ("1", "1", "1")
    assert rows(sheet) == [("a", None, None), three, three, ("=[.A1]*2", "#DIV/0!", None)]
    assert (sheet.merged, sheet.hidden_rows) == (((1, 0, 1, 1),), {2, 3})
    assert 2 in sheet.hidden_columns
    assert sheet.faults.rows() == [(4, "c0", "formula"), (4, "c1", "cell_error")]


PAGE = (
    "<html><head><meta charset='utf-8'><title>Báo cáo</title><style>td {{ color: red }}</style></head><body>"
    "<p>Sở Nội vụ</p><table>{rows}</table></body></html>"
)


def page(*lines: list[str], head: str = "") -> str:
    return PAGE.format(rows=head + "".join(f"<tr><td>{'</td><td>'.join(line)}</td></tr>" for line in lines))


@pytest.mark.parametrize("name", ["cases.xls", "cases.xlsx", "cases.html", "cases.htm", "cases.csv"])
def test_web_pages_under_any_ending(import_files, name):
    data = import_files({name: page(CASES.strip().split(","), case("C1").split(","), case("C2").split(","))})
    assert data.accepted("cases") == 2
    assert data.files.filter(table="cases")["sheet"].to_list() == [None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings_of_web_pages(tmp_path, encoding):
    (sheet,) = read(tmp_path, page(["Sở Nội vụ"]).encode(encoding))
    assert rows(sheet) == [("Sở Nội vụ",)]


def test_the_page_names_its_encoding(tmp_path):
    content = "<html><meta http-equiv='Content-Type' content='text/html; charset=windows-1258'><table><tr><td>S&#7903; "
    raw = content.encode() + "Nô\u0323i vu\u0323</td></tr></table>".encode("cp1258")
    (sheet,) = read(tmp_path, raw)
    assert rows(sheet) == [("Sở Nội vụ",)]
    assert [note.rule for note in sheet.notes] == ["encoding"]


def test_spans_of_web_pages(tmp_path):
    table = (
        "<table><tr><th rowspan=2>a</th><th colspan='2'>b</th></tr><tr><th>c</th><th>d</th></tr>"
        "<tr><td>1</td><td>2<br>3</td><td rowspan=9>&nbsp;<b>4</b> 5</td></tr>"
        "<tr style='display:none'><td>6<td>7</table>"
    )
    (sheet,) = read(tmp_path, table)
    assert rows(sheet) == [("a", "b", None), (None, "c", "d"), ("1", "2\n3", "\xa04 5"), ("6", "7", None)]
    assert sheet.merged == ((1, 0, 2, 0), (1, 1, 1, 2), (3, 2, 4, 2))
    assert sheet.hidden_rows == {4}


def test_tables_within_tables_and_several_tables(tmp_path):
    inner = "<table><tr><td>1</td><td>2</td></tr></table>"
    raw = (
        f"<table><tr><td>trước {inner} sau</td></tr></table><table><caption>Hồ sơ</caption><tr><td>3</td></tr></table>"
    )
    found = read(tmp_path, raw + "<table><tr><td> </td></tr></table>")
    assert [(sheet.name, rows(sheet)) for sheet in found] == [
        ("Bảng 1", [("trước  sau",)]),
        ("Bảng 2", [("1", "2")]),
        ("Hồ sơ", [("3",)]),
    ]


def test_a_table_that_only_lays_out_another_is_no_sheet(tmp_path):
    (sheet,) = read(tmp_path, "<table><tr><td><table><tr><td>1</td></tr></table></td></tr></table>")
    assert (sheet.name, rows(sheet)) == (None, [("1",)])


def test_scripts_comments_and_exact_numbers_of_web_pages(tmp_path):
    raw = "<table><tr><td x:num='1234567.5'>1.234.568</td><td><!-- a --><script>b()</script>c</td></tr></table>"
    (sheet,) = read(tmp_path, raw)
    assert rows(sheet) == [("1234567.5", "c")]


XML = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel"'
    ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">{settings}<Worksheet ss:Name="S"><Table>{rows}</Table>'
    "</Worksheet></Workbook>"
)


def test_xml_spreadsheets(tmp_path, import_files):
    lines = (
        '<Column ss:Index="2" ss:Hidden="1"/>'
        '<Row><Cell ss:MergeAcross="1"><Data ss:Type="String">a</Data></Cell>'
        '<Cell><Data ss:Type="Number">12.0</Data></Cell></Row>'
        '<Row ss:Index="3" ss:Hidden="1"><Cell ss:Index="2">'
        '<Data ss:Type="DateTime">2024-03-01T08:30:00.000</Data></Cell>'
        '<Cell><Data ss:Type="Boolean">1</Data></Cell><Cell ss:Formula="=RC[-1]"/>'
        '<Cell><Data ss:Type="Error">#N/A</Data></Cell></Row>'
    )
    (sheet,) = read(tmp_path, XML.format(settings="", rows=lines))
    none = (None,) * 5
    assert rows(sheet) == [
        ("a", None, "12", None, None),
        none,
        (None, "2024-03-01T08:30:00", "true", "=RC[-1]", "#N/A"),
    ]
    assert (sheet.merged, sheet.hidden_rows, sheet.hidden_columns) == (((1, 0, 1, 1),), {3}, {1})
    assert sheet.faults.rows() == [(3, "c3", "formula"), (3, "c4", "cell_error")]
    mac = "<x:ExcelWorkbook><x:Date1904/></x:ExcelWorkbook>"
    assert read(tmp_path, XML.format(settings=mac, rows=lines))[0].epoch == date(1904, 1, 1)
    filled = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in line.split(",")) + "</Row>"
        for line in (CASES.strip(), case("C1"))
    )
    assert import_files({"cases.xls": XML.format(settings="", rows=filled)}).accepted("cases") == 1


@pytest.mark.parametrize(
    ("name", "raw", "says"),
    [
        ("x.json", b'[{"case_id": 1}]', "JSON"),
        ("x.csv", b'{"case_id": 1}', "JSON"),
        ("x.xml", b"<?xml version='1.0'?><cases><case/></cases>", "XML"),
        ("x.xls", b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "MHTML"),
        ("x.csv", b"%PDF-1.7", "PDF"),
        ("x.xlsx", b"\x1f\x8b\x08", "tệp nén"),
        ("x.html", b"<html><body>404</body></html>", "không có bảng"),
    ],
)
def test_other_formats_are_named(tmp_path, name, raw, says):
    with pytest.raises(UnreadableError, match=says):
        read(tmp_path, raw, name)
