import io
from datetime import date, datetime

import openpyxl
import polars as pl
import pytest
from sources_excel import workbook

CASE = "C1,P1,U1,online,2024-03-01,,,1\n"
HEAD = "case_id,procedure_code,unit_code,channel,received_at,due_at,finished_at,supplement_requests\n"


def account(data, table="cases"):
    row = data.files.filter(table=table).row(0, named=True)
    return {k: row[k] for k in ("read", "accepted", "merged", "superseded", "rejected", "layout")}


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_dialects(import_files, bom, delimiter, end):
    content = (HEAD + CASE).replace(",", delimiter).replace("\n", end)
    data = import_files({"cases.csv": bom + content.encode()})
    assert data.accepted("cases") == 1


def test_csv_with_vietnamese_headers_title_blank_section_and_total_rows(import_files):
    content = (
        "BÁO CÁO HỒ SƠ,,,,,\n"
        ",,,,,\n"
        "STT,Mã hồ sơ,Mã TTHC,Đơn vị,Hình thức nộp,Ngày tiếp nhận\n"
        "(1),(2),(3),(4),(5),(6)\n"
        "I,Phòng Một,,,,\n"
        "1,007,P1,U1,Trực tuyến,01/03/2024 08:30\n"
        "\n"
        "STT,Mã hồ sơ,Mã TTHC,Đơn vị,Hình thức nộp,Ngày tiếp nhận\n"
        "2,008,P1,U2,Trực tiếp,02/03/2024\n"
        "Tổng cộng,2,,,,\n"
        ",,,,Ngày 14 tháng 3 năm 2024,\n"
    )
    data = import_files({"cases.csv": content})
    assert account(data) == {"read": 10, "accepted": 2, "merged": 0, "superseded": 0, "rejected": 0, "layout": 8}
    cases = data.scan("cases").collect()
    assert cases["case_id"].to_list() == ["007", "008"]
    assert cases["channel"].to_list() == ["online", "in_person"]
    assert cases["received_at"].to_list() == [datetime(2024, 3, 1, 8, 30), datetime(2024, 3, 2)]


def test_rows_with_all_required_cells_are_data_whatever_they_say(import_files):
    rows = "Tổng cộng,P1,U1,online,2024-03-01,,,\nI,P1,U1,online,2024-03-01,,,\n"
    data = import_files({"cases.csv": HEAD + rows})
    assert account(data)["accepted"] == 2


def test_row_with_a_blank_cell_is_rejected_not_layout(import_files):
    data = import_files({"cases.csv": HEAD + "C1,P1,,online,2024-03-01,,,\n" + ",P1,U1,online,2024-03-01,,,\n"})
    assert account(data) == {"read": 2, "accepted": 0, "merged": 0, "superseded": 0, "rejected": 2, "layout": 0}
    assert data.rejects.select("row", "column", "rule").rows() == [
        (2, "unit_code", "required"),
        (3, "case_id", "required"),
    ]


def test_line_numbers_with_line_breaks_in_cells(import_files):
    head = "deliverable_id,plan_year,plan_item,kind,title,unit_code\n"
    rows = 'D1,2024,B.I.1,task,"hai\ndòng",U1\nD2,x,B.I.1,task,T,U1\n'
    data = import_files({"deliverables.csv": head + rows})
    assert data.rejects["row"].to_list() == [4]
    assert data.scan("deliverables").collect()["title"].to_list() == ["hai\ndòng"]


def test_lines_with_too_many_cells_or_broken_quotes(import_files):
    long = "C2,P1,U1,online,2024-03-01,,,1,thừa\n"
    data = import_files({"cases.csv": HEAD + CASE + long})
    assert data.rejects.select("row", "rule", "value").rows() == [(3, "cells", "9")]
    data = import_files({"cases.csv": HEAD + '"C3,P1,U1,online,2024-03-01,,,\n' + CASE})
    assert account(data) == {"read": 2, "accepted": 1, "merged": 0, "superseded": 0, "rejected": 1, "layout": 0}
    assert data.rejects.filter(rule="cells")["row"].to_list() == [2]


def test_short_lines_leave_blanks_and_are_counted(import_files):
    data = import_files({"cases.csv": HEAD + CASE.replace("C1", "C0") + "\nC1,P1,U1,online,2024-03-01\n"})
    assert data.accepted("cases") == 2
    told = data.findings.filter(rule="short_lines").row(0, named=True)
    assert (told["severity"], told["file"]) == ("warning", "cases.csv")
    assert told["message"].startswith("1 dòng")
    assert "short_lines" not in import_files({"cases.csv": HEAD + CASE}).findings["rule"]


@pytest.mark.parametrize("key", ["C1", '"C1"', '"C,\n1"'])
def test_a_line_that_ends_before_a_required_column_is_rejected(import_files, key):
    data = import_files({"cases.csv": HEAD + f"{key},P1,U1,online\n" + CASE.replace("C1", "C2")})
    assert account(data) == {"read": 2, "accepted": 1, "merged": 0, "superseded": 0, "rejected": 1, "layout": 0}
    assert data.rejects.select("row", "column", "value", "rule").rows() == [(2, None, "4", "short")]
    assert "ít ô hơn" in data.rejects["reason"][0]


def test_the_last_cell_left_out_is_no_empty_one(import_files):
    head = "case_id,procedure_code,unit_code,received_at,channel\n"
    data = import_files({"cases.csv": head + "C1,P1,U1,2024-03-01\nC2,P1,U1,2024-03-01,\n"})
    assert data.rejects.select("row", "column", "rule").rows() == [(2, None, "short"), (3, "channel", "required")]


@pytest.mark.parametrize(
    "line",
    [
        "C2,P1,U1,online,2024-03-01,,,1,MARKER",
        "C2,P1,U1,online,2024-03-01,,,1,,MARKER",
        "C2,P1,U1,cafe MARKER,online,2024-03-01,,,1",
        "C2,P1,U1,MARKER",
        'C2,P1,"MARKER,online,2024-03-01,,,1',
    ],
)
def test_the_text_of_a_garbled_line_is_kept_nowhere(import_files, line):
    data = import_files({"cases.csv": HEAD + CASE + line + "\n"})
    rows = data.rejected("cases")
    assert rows["case_id"].to_list() == ["C2"]
    assert rows.drop("file", "sheet", "row", "reason", "case_id").null_count().sum_horizontal()[0] == 8 - 1
    assert data.accepted("cases") == 1
    for frame in (rows, data.rejects, data.cells, data.findings):
        assert "MARKER" not in str(frame.rows())


def test_the_key_of_a_garbled_line_is_kept_only_left_of_personal_columns(import_files):
    head, line = "Họ và tên," + HEAD, "MARKER,MARKER,C1,P1,U1,online,2024-03-01,,,1\n"
    data = import_files({"cases.csv": head + line})
    assert data.rejected("cases")["case_id"].to_list() == [None]
    for frame in (data.rejected("cases"), data.rejects, data.cells):
        assert "MARKER" not in str(frame.rows())


def test_a_bad_value_under_a_personal_header_is_not_repeated(import_files):
    mapping = '[[sources]]\nfile = "cases.csv"\ntable = "cases"\ncolumns = { channel = "Người nộp" }\n'
    content = HEAD.replace("channel", "Người nộp") + CASE.replace("online", "MARKER")
    data = import_files({"cases.csv": content, "chiso.toml": mapping})
    assert data.rejects.select("column", "value").rows() == [("channel", "(dữ liệu cá nhân, không ghi lại)")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("cases.csv", "case_id,Mã đơn vị\n".encode("utf-16")[2:] + b"\xff", "UTF-8"),
        ("cases.csv", b"PK\x03\x04...", ".xlsx"),
        ("cases.xlsx", b"<html><table></table></html>", "HTML"),
        ("cases.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        ("cases.xlsx", b"case_id,unit_code", "không phải Excel"),
        ("cases.xlsx", b"PK\x03\x04broken", "hỏng"),
        ("cases.parquet", b"case_id", "Parquet"),
        ("cases.parquet", b"PAR1broken", "hỏng"),
        ("cases.xls", b"\xd0\xcf\x11\xe0", ".xlsx"),
        ("cases.ods", b"PK\x03\x04", ".xlsx"),
    ],
)
def test_unreadable_files_are_named_and_the_run_goes_on(import_files, name, content, says):
    data = import_files({name: content})
    found = data.findings.filter(rule="unreadable").row(0, named=True)
    assert (found["severity"], found["table"], found["file"]) == ("error", "cases", name)
    assert says in found["message"]
    assert data.scan("cases") is None
    assert "cases" in data.findings.filter(rule="missing_table")["table"].to_list()
    assert data.accepted("units") == 2


def test_utf16_csv_is_read(import_files):
    assert import_files({"cases.csv": (HEAD + CASE).encode("utf-16")}).accepted("cases") == 1


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_empty_files(import_files, content):
    data = import_files({"cases.csv": content})
    assert data.findings.filter(file="cases.csv")["rule"].to_list() == ["empty_file"]
    assert data.scan("cases") is None


def test_file_without_a_header(import_files):
    data = import_files({"cases.csv": "a,b\n1,2\n"})
    assert "no_header" in data.findings["rule"]
    assert account(data) == {"read": 2, "accepted": 0, "merged": 0, "superseded": 0, "rejected": 0, "layout": 2}


def test_excel_cells_and_layout(import_files):
    content = workbook(
        {
            "Bìa": [["Cách điền"]],
            "Quý I": [
                [],
                [None, "DANH SÁCH HỒ SƠ"],
                [
                    None,
                    "Mã hồ sơ",
                    "Mã thủ tục",
                    "Mã đơn vị",
                    "Hình thức nộp",
                    "Ngày tiếp nhận",
                    "Ngày hẹn trả",
                    "Phí, lệ phí",
                    "Ký tên",
                ],
                [None, 7, "P1", "U1", "Trực tuyến", datetime(2024, 3, 1, 8, 30), date(2024, 3, 10), 80000.0],
                [None, "008", "P1", "U2", "online", 45352.25, "10/03/2024", "80000"],
                [None, "009", "P1", "U2", "online", "31/02/2024", "#N/A", 1.5],
                [None, "Tổng cộng", None, None, None, None, None, 160001.5],
            ],
            "Quý II": [["case_id", "unit_code"], ["C9", "U1"]],
        }
    )
    data = import_files({"cases_20240401.xlsx": content})
    ignored, first, second = data.files.filter(table="cases").sort("sheet").rows(named=True)
    assert (ignored["sheet"], ignored["read"], ignored["layout"]) == ("Bìa", 1, 1)
    assert (first["sheet"], first["read"], first["accepted"], first["rejected"], first["layout"]) == (
        "Quý I",
        6,
        2,
        1,
        3,
    )
    assert (second["sheet"], second["read"], second["rejected"]) == ("Quý II", 1, 1)  # lacks what the other has
    cases = data.scan("cases").filter(pl.col("procedure_code") == "P1").sort("case_id").collect()
    assert cases["case_id"].to_list() == ["008", "7"]
    assert cases["received_at"].to_list() == [datetime(2024, 3, 1, 6, 0), datetime(2024, 3, 1, 8, 30)]
    assert cases["due_at"].to_list() == [datetime(2024, 3, 10)] * 2
    assert cases["fee_vnd"].to_list() == [80000, 80000]
    assert sorted(data.rejects.filter(sheet="Quý I").select("sheet", "row", "column").rows()) == [
        ("Quý I", 6, "due_at"),
        ("Quý I", 6, "fee_vnd"),
        ("Quý I", 6, "received_at"),
    ]
    told = data.findings.filter(rule="sheet_ignored").row(0, named=True)
    assert told["severity"] == "warning"
    assert "Bìa" in told["message"]


def test_a_sheet_without_rows_is_ignored_without_a_warning(import_files):
    rows = [HEAD.strip().split(","), CASE.strip().split(",")]
    data = import_files({"cases.xlsx": workbook({"S": rows, "Sheet2": []})})
    assert data.accepted("cases") == 1
    assert data.findings.filter(rule="sheet_ignored")["severity"].to_list() == ["info"]
    assert data.files.filter(table="cases").select("sheet", "read", "layout").rows() == [("S", 1, 0), ("Sheet2", 0, 0)]


def test_excel_error_values_are_not_blanks(import_files):
    book = openpyxl.load_workbook(io.BytesIO(workbook({"S": [HEAD.strip().split(","), CASE.strip().split(",")]})))
    cell = book["S"]["F2"]
    cell.value, cell.data_type = "#REF!", "e"
    out = io.BytesIO()
    book.save(out)
    data = import_files({"cases.xlsx": out.getvalue()})
    assert data.rejects.select("row", "column", "value").rows() == [(2, "due_at", "#REF!")]
    assert data.rejects["rule"].to_list() == ["cell_error"]


def test_parquet_types(import_files):
    frame = pl.DataFrame(
        {
            "case_id": [1, 2],
            "procedure_code": ["P1", "P1"],
            "unit_code": pl.Series(["U1", "U2"], dtype=pl.Categorical),
            "channel": ["online", "Trực tuyến"],
            "received_at": pl.Series([datetime(2024, 3, 1, 20), datetime(2024, 3, 2)]).dt.replace_time_zone("UTC"),
            "due_at": [date(2024, 3, 10), None],
            "fee_vnd": [80000.0, None],
            "paid_online": [True, None],
        }
    )
    out = io.BytesIO()
    frame.write_parquet(out)
    cases = import_files({"cases.parquet": out.getvalue()}).scan("cases").collect()
    assert cases["case_id"].to_list() == ["1", "2"]
    assert cases["received_at"].to_list() == [datetime(2024, 3, 2, 3), datetime(2024, 3, 2, 7)]
    assert cases["due_at"].to_list() == [datetime(2024, 3, 10), None]
    assert cases["fee_vnd"].to_list() == [80000, None]
    assert cases["paid_online"].to_list() == [True, None]


def test_parquet_with_nested_columns_is_unreadable(import_files):
    out = io.BytesIO()
    pl.DataFrame({"case_id": [["a"]], "unit_code": ["U1"]}).write_parquet(out)
    data = import_files({"cases.parquet": out.getvalue()})
    assert "case_id" in data.findings.filter(rule="unreadable")["message"][0]
