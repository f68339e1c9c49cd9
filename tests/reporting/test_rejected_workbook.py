"""The workbook of rejected rows: the rows as they are, the cells at fault marked, what it is about in plain sight."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import pytest
from openpyxl import Workbook, load_workbook

from chiso.reporting import rejected as module
from chiso.reporting.rejected import rejected_workbook
from chiso.sources import ingest
from chiso.sources.rejected.hand_back import label

UNITS = "unit_code,unit_name,kind\nU1,Phòng Một,division\nU2,Phòng Hai,affiliate\n"
PROCEDURES = "procedure_code,procedure_name,field,unit_code,online_level,has_fee\nP1,Thủ tục,Hội,U1,full,true\n"
HEAD = "Số biên nhận,Mã hồ sơ,procedure_code,unit_code,officer_id,Họ và tên,Kênh,channel,Ngày tiếp nhận,due_at\n"


def line(case_id: str, **cells: str) -> str:
    given = {"channel": "online", "received": "01/03/2024", "due": "", "note": "=x1"} | cells
    person = "CB7,Nguyễn Văn A"
    return f"{given['note']},{case_id},P1,U1,{person},k1,{given['channel']},{given['received']},{given['due']}\n"


@pytest.fixture
def dataset(tmp_path):
    def run(*lines: str, **others: str):
        folder = tmp_path / "data"
        folder.mkdir(exist_ok=True)
        files = {"units": UNITS, "procedures": PROCEDURES, "cases": HEAD + "".join(lines), **others}
        for name, content in files.items():
            (folder / f"{name}.csv").write_text(content, encoding="utf-8")
        return ingest(folder, tmp_path / "processed")

    return run


def opened(data) -> Workbook:
    return load_workbook(io.BytesIO(rejected_workbook(data)))


def grid(ws) -> tuple[int, list[list[object]]]:
    rows = [list(row) for row in ws.iter_rows(values_only=True)]
    top = next(i for i, row in enumerate(rows) if row[0] == label("row"))
    return top + 1, rows


def test_first_what_to_do_then_a_sheet_a_file(dataset):
    data = dataset(line("C1"), line("C2", channel="fax"), units=UNITS + "U3,Ba,bad\n")
    book = opened(data)
    assert book.sheetnames == ["Hướng dẫn", "units.csv", "cases.csv"]
    guide = [[c for c in row if c is not None] for row in book["Hướng dẫn"].iter_rows(values_only=True)]
    steps = [row[0] for row in guide if row and str(row[0])[:2] in ("1.", "2.", "3.", "4.", "5.", "6.")]
    assert len(steps) == 5
    assert ["cases.csv", "cases.csv", "Hồ sơ thủ tục hành chính", 1] in guide
    assert rejected_workbook(data) == rejected_workbook(data)


def test_the_row_is_as_in_the_file_but_for_what_is_about_persons(dataset):
    book = opened(dataset(line("007", channel="fax", received="1/3/2024"), line("C2")))
    top, rows = grid(book["cases.csv"])
    header, row = rows[top - 1], rows[top]
    shown = ["Số biên nhận", "Mã hồ sơ", "procedure_code", "unit_code", "Kênh", "channel", "Ngày tiếp nhận", "due_at"]
    assert header[3:] == shown
    assert row[3:] == ["=x1", "007", "P1", "U1", "k1", "fax", "1/3/2024", None]
    assert row[0] == 2
    assert rows[top + 1 :] == []
    said = "\n".join(str(c) for r in rows for c in r)
    assert "CB7" not in said
    assert "Nguyễn" not in said
    assert "Họ và tên, officer_id" in said


def test_free_words_in_other_columns_are_not_shown(dataset):
    words = line("C1", channel="fax", note="gọi chị Lan"), line("C2", note="đã gọi")
    _, rows = grid(opened(dataset(*words))["cases.csv"])
    said = "\n".join(str(c) for r in rows for c in r)
    assert "Lan" not in said
    assert "Số biên nhận" in said


def test_categories_in_other_columns_are_shown(dataset):
    lines = [line(f"C{n}", channel="fax", note="Đã trả" if n % 2 else "Chưa trả") for n in range(10)]
    top, rows = grid(opened(dataset(*lines))["cases.csv"])
    assert {row[3] for row in rows[top:]} == {"Đã trả", "Chưa trả"}


def test_what_it_is_about_stands_above(dataset, tmp_path):
    data = dataset(line("C1", channel="fax"))
    _, rows = grid(opened(data)["cases.csv"])
    place = {row[0]: row[1] for row in rows}
    digest = hashlib.sha256((tmp_path / "data" / "cases.csv").read_bytes()).hexdigest()
    assert place[label("file")] == "cases.csv"
    assert place[label("sha256")] == digest
    assert place[label("table")] == "Hồ sơ thủ tục hành chính (cases)"
    assert place[label("round")] == "1"


def test_only_the_cells_at_fault_are_marked(dataset):
    ws = opened(dataset(line("C1", channel="fax", due="32/01/2024"), line("C2", due="x")))["cases.csv"]
    top, rows = grid(ws)
    header = rows[top - 1]
    for at, wanted in ((top + 1, {"channel", "due_at"}), (top + 2, {"due_at"})):
        cells = {header[c.column - 1]: c for c in ws[at]}
        marked = {name for name, c in cells.items() if c.fill.fgColor.rgb != "00000000"}
        assert marked == wanted
        assert {name for name, c in cells.items() if c.comment} == wanted
        assert {name for name, c in cells.items() if not c.protection.locked} == wanted
        assert {name for name, c in cells.items() if c.border.left.style == "medium"} == wanted
        assert all(cells[name].font.bold for name in wanted)
    assert "Cách sửa: " in ws.cell(top + 2, header.index("due_at") + 1).comment.text
    assert rows[top][1].startswith("1) ")
    assert rows[top][1].count("\n") == 1
    assert not ws.protection.sheet
    assert ws.freeze_panes == f"B{top + 1}"
    assert ws.auto_filter.ref == f"A{top}:K{top + 2}"
    assert ws.cell(top + 1, 2).alignment.wrap_text


def test_text_stays_text(dataset):
    ws = opened(dataset(line("C1", channel="fax", note="=cmd|9"), line("C2", channel="fax", note="007")))["cases.csv"]
    top, _ = grid(ws)
    cells = [ws.cell(top + n, 4) for n in (1, 2)]
    assert [c.value for c in cells] == ["=cmd|9", "007"]
    assert {(c.data_type, c.number_format) for c in cells} == {("s", "@")}
    assert cells[0].quotePrefix


def test_rows_of_one_key_in_two_files_name_each_other(dataset):
    other = HEAD + line("C1", received="02/03/2024", note="008")
    data = dataset(line("C1"), **{"cases_2024-Q1": other})
    for file, partner in (("cases.csv", "cases_2024-Q1.csv"), ("cases_2024-Q1.csv", "cases.csv")):
        ws = opened(data)[file]
        top, rows = grid(ws)
        assert f"dòng 2 của tệp {partner}" in rows[top][1]
        header = rows[top - 1]
        marked = {header[c.column - 1] for c in ws[top + 1] if not c.protection.locked}
        assert marked == {"Mã hồ sơ", "Ngày tiếp nhận"}


def test_beyond_excels_rows_there_are_more_sheets_and_they_say_so(dataset, monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 23)  # three rows a sheet
    data = dataset(*[line(f"C{n}", channel="fax") for n in range(7)])
    book = opened(data)
    sheets = [ws for ws in book if "cases.csv" in ws.title]
    numbers = []
    for at, ws in enumerate(sheets, 1):
        top, rows = grid(ws)
        assert any(f"phần {at}/3" in str(row[0]) for row in rows)
        assert {label("sha256"), label("round")} <= {row[0] for row in rows}
        numbers.append([row[0] for row in rows[top:]])
    assert numbers == [[2, 3, 4], [5, 6, 7], [8]]


def test_notes_are_few_enough_for_excel(dataset, monkeypatch):
    monkeypatch.setattr(module, "MOST_NOTES", 2)
    ws = opened(dataset(*[line(f"C{n}", channel="fax") for n in range(4)]))["cases.csv"]
    assert sum(1 for row in ws for c in row if c.comment) == 2
    assert sum(1 for row in ws for c in row if not c.protection.locked) == 4


def test_without_rejected_rows_there_is_no_workbook(dataset):
    assert rejected_workbook(dataset(line("C1"))) is None


def test_synthetic_data_say_so_on_every_sheet(dataset):
    data = dataset(line("C1", channel="fax"))
    data = replace(data, body=data.body.model_copy(update={"synthetic": True}))
    for ws in opened(data):
        assert "DỮ LIỆU MÔ PHỎNG" in ws["A1"].value


def with_formula(tmp_path, column: str) -> Workbook:
    """The rejected rows of a workbook in which one cell is a formula that was never calculated."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "procedures.csv").write_text(PROCEDURES, encoding="utf-8")
    book = Workbook()
    names = ["case_id", "procedure_code", "unit_code", "officer_id", "channel", "received_at", "due_at"]
    book.active.append(names)
    for case_id in ("C1", "C2"):
        row = [case_id, "P1", "U1", "CB7", "online", "01/03/2024", "05/03/2024"]
        if case_id == "C2":
            row[names.index(column)] = "=1+1"
        book.active.append(row)
    book.save(folder / "cases.xlsx")
    return opened(ingest(folder, tmp_path / "processed"))


def marked(cell) -> bool:
    return cell.fill.fgColor.rgb != "00000000"


def test_a_fault_in_a_column_that_is_not_shown_marks_the_reason_and_names_the_column(tmp_path):
    ws = with_formula(tmp_path, "officer_id").worksheets[1]
    top, rows = grid(ws)
    assert "officer_id" not in rows[top - 1]
    reason, remedy, *cells = ws[top + 1][1:]
    assert marked(reason) and not any(map(marked, cells))
    assert remedy.value.startswith("Cột Mã cán bộ không ghi lại ở đây") and "F9" in remedy.value
    assert "CB7" not in str(rows)


def test_a_remedy_fits_the_workbook_it_stands_in(tmp_path):
    ws = with_formula(tmp_path, "due_at").worksheets[1]
    top, rows = grid(ws)
    assert not marked(ws.cell(top + 1, 2)) and marked(ws.cell(top + 1, rows[top - 1].index("due_at") + 1))
    assert rows[top][2].startswith("Ghi giá trị vào ô có viền đậm")


def test_a_blank_required_cell_is_to_be_filled_in_here(dataset):
    top, rows = grid(opened(dataset(line("C1", received="")))["cases.csv"])
    assert "Điền" in rows[top][2] and "xuất lại" not in rows[top][2]
