"""Rejected rows corrected in the workbook and handed back: matched, checked, tracked; nothing is taken in silence."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook, load_workbook
from sources_rows import case, cases

from chiso.reporting.rejected import rejected_workbook
from chiso.reporting.tables import corrections_table
from chiso.sources import Dataset, ingest
from chiso.sources.rejected.hand_back import label

BASICS = {
    "units.csv": "unit_code,unit_name,kind\nU1,Phòng Một,division\nU2,Phòng Hai,affiliate\n",
    "procedures.csv": "procedure_code,procedure_name,field,unit_code,online_level,has_fee\n"
    "P1,Thủ tục,Hội,U1,full,true\n",
}
BAD = case("C2", channel="fax"), case("C3", received_at="31/02/2024", due_at="x")
CASES = cases(case("C1"), *BAD)
Edit = Callable[[Workbook], None]


class Folder:
    """A data folder that is imported, corrected and imported again."""

    def __init__(self, path: Path) -> None:
        self.path = path / "data"
        self.path.mkdir()
        self.write({**BASICS, "cases.csv": CASES})

    def write(self, files: dict[str, str | bytes]) -> None:
        for name, content in files.items():
            (self.path / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self) -> Dataset:
        return ingest(self.path, self.path.parent / "processed")

    def hand_back(self, edit: Edit, name: str = "rejected.xlsx") -> Dataset:
        """Correct the rejected rows as they are now, put the workbook into the folder and import."""
        book = load_workbook(io.BytesIO(rejected_workbook(self.read())))
        edit(book)
        book.save(self.path / name)
        return self.read()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def sheet_of(book: Workbook, start: str = "cases"):
    return next(ws for ws in book.worksheets if ws.title.startswith(start))


def header_at(ws) -> int:
    return next(r for r in range(1, 30) if ws.cell(r, 1).value == label("row"))


def headers(ws) -> list[str]:
    return [cell.value for cell in ws[header_at(ws)]]


def cell_of(ws, row: int, header: str):
    at = next(r for r in range(header_at(ws) + 1, ws.max_row + 1) if ws.cell(r, 1).value == row)
    return ws.cell(at, headers(ws).index(header) + 1)


def given(values: dict[tuple[int, str], object], start: str = "cases") -> Edit:
    def edit(book: Workbook) -> None:
        for (row, header), value in values.items():
            cell_of(sheet_of(book, start), row, header).value = value

    return edit


def told(data: Dataset, severity: str | None = None) -> list[str]:
    found = data.findings.filter(rule="correction")
    return (found if severity is None else found.filter(severity=severity))["message"].to_list()


def account(data: Dataset, file: str = "cases.csv") -> tuple[int, int, int]:
    row = data.files.filter(file=file).row(0, named=True)
    return row["accepted"], row["rejected"], row["corrected"]


MENDED = {(3, "channel"): "online", (4, "received_at"): "01/03/2024", (4, "due_at"): None}


# ------------------------------------------------------------------------------------------------------- what is taken


def test_corrected_rows_are_accepted_and_tracked(folder):
    before = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.path.iterdir()}
    assert account(folder.read()) == (1, 2, 0)
    data = folder.hand_back(given(MENDED))
    assert account(data) == (3, 0, 2)
    rows = data.scan("cases").select("case_id", "channel", "received_at", "due_at").collect()
    assert rows["case_id"].sort().to_list() == ["C1", "C2", "C3"]
    assert str(rows.filter(case_id="C3")["received_at"][0]) == "2024-03-01 00:00:00"
    assert rows.filter(case_id="C3")["due_at"].to_list() == [None]
    assert data.corrections.select("row", "column", "old", "new", "correction", "accepted").rows() == [
        (3, "channel", "fax", "online", "rejected.xlsx", True),
        (4, "due_at", "x", None, "rejected.xlsx", True),
        (4, "received_at", "31/02/2024", "01/03/2024", "rejected.xlsx", True),
    ]
    digest = hashlib.sha256((folder.path / "rejected.xlsx").read_bytes()).hexdigest()
    assert data.hand_backs.rows() == [("rejected.xlsx", digest)]
    assert data.rejected("cases") is None
    assert {n: hashlib.sha256((folder.path / n).read_bytes()).hexdigest() for n in before} == before


def test_rows_left_as_they_are_stay_rejected_for_the_same_reason(folder):
    reasons = folder.read().rejects.filter(row=4).select("column", "rule", "reason").rows()
    data = folder.hand_back(given({(3, "channel"): "online"}))
    assert account(data) == (2, 1, 1)
    assert data.rejects.select("column", "rule", "reason").rows() == reasons


def test_a_workbook_handed_back_unchanged_changes_nothing_and_says_so(folder):
    data = folder.hand_back(lambda book: None)
    assert account(data) == (1, 2, 0)
    assert data.corrections.is_empty()
    assert "không có ô nào khác" in told(data, "info")[0]


def test_a_correction_is_another_import(folder):
    first = folder.read().processed
    assert folder.hand_back(given(MENDED)).processed != first
    second = folder.read().processed
    assert second != first
    book = load_workbook(folder.path / "rejected.xlsx")
    given({(3, "channel"): "postal"})(book)
    book.save(folder.path / "rejected.xlsx")
    assert folder.read().processed not in (first, second)


def test_a_correction_keeps_the_rules(folder):
    data = folder.hand_back(given({(3, "channel"): "pigeon"}))
    assert account(data) == (1, 2, 0)
    assert data.corrections["accepted"].to_list() == [False]
    assert data.rejects.filter(row=3)["value"].to_list() == ["pigeon"]
    assert "vẫn bị loại" in told(data, "warning")[0]


def test_a_second_round_starts_from_the_corrected_values(folder):
    data = folder.hand_back(given({(3, "channel"): "online", (4, "received_at"): "01/03/2024"}), "rejected.xlsx")
    assert account(data) == (2, 1, 1)
    book = load_workbook(io.BytesIO(rejected_workbook(data)))
    assert cell_of(sheet_of(book), 4, "received_at").value == "01/03/2024"
    # A name that sorts before the first round's.
    data = folder.hand_back(given({(4, "due_at"): "05/03/2024"}), "rejected (1).xlsx")
    assert account(data) == (3, 0, 2)
    assert data.corrections.filter(row=4).select("column", "correction").rows() == [
        ("due_at", "rejected (1).xlsx"),
        ("received_at", "rejected.xlsx"),
    ]
    assert told(data, "error") == []
    (folder.path / "rejected.xlsx").unlink()
    data = folder.read()  # the second workbook holds the first one's values, but of row 4 only
    assert account(data) == (2, 1, 1)
    assert data.rejects["row"].to_list() == [3]


def test_a_later_round_replaces_an_earlier_value(folder):
    folder.hand_back(given({(3, "channel"): "pigeon"}), "rejected.xlsx")
    data = folder.hand_back(given({(3, "channel"): "postal"}), "corrections.xlsx")
    assert account(data) == (2, 1, 1)
    assert data.corrections.select("old", "new", "accepted", "superseded").rows() == [
        ("pigeon", "postal", True, False),
        ("fax", "pigeon", False, True),
    ]
    assert told(data, "error") == []
    table = corrections_table(data)
    assert table.frame.select("correction", "rows", "accepted", "superseded").rows() == [
        ("corrections.xlsx", 1, 1, 0),
        ("rejected.xlsx", 1, 0, 1),
    ]
    assert "superseded" in [column.name for column in table.columns]


def test_one_round_has_nothing_superseded(folder):
    data = folder.hand_back(given(MENDED))
    assert data.corrections["superseded"].to_list() == [False] * 3
    assert "superseded" not in [column.name for column in corrections_table(data).columns]


def test_two_workbooks_of_one_round_add_up(folder):
    folder.hand_back(given({(3, "channel"): "online"}), "corrections_a.xlsx")
    (folder.path / "corrections_a.xlsx").rename(folder.path.parent / "a.xlsx")
    folder.hand_back(given({(4, "received_at"): "01/03/2024", (4, "due_at"): None}), "corrections_b.xlsx")
    (folder.path.parent / "a.xlsx").rename(folder.path / "corrections_a.xlsx")
    assert account(folder.read()) == (3, 0, 2)


def test_two_workbooks_that_contradict_each_other_are_both_refused(folder):
    folder.hand_back(given({(3, "channel"): "online"}), "corrections_a.xlsx")
    (folder.path / "corrections_a.xlsx").rename(folder.path.parent / "a.xlsx")
    folder.hand_back(given({**MENDED, (3, "channel"): "postal"}), "corrections_b.xlsx")
    (folder.path.parent / "a.xlsx").rename(folder.path / "corrections_a.xlsx")
    data = folder.read()
    assert account(data) == (2, 1, 1)  # row 4 is corrected by one of them alone
    (message,) = told(data, "error")
    assert "corrections_a.xlsx, corrections_b.xlsx" in message
    assert "(3)" in message


def test_hidden_columns_keep_the_sources_values(folder):
    content = CASES.replace("supplement_requests\n", "supplement_requests,officer_id,Họ và tên\n")
    content = content.replace(",\n", ",,CB1,SECRET\n")
    folder.write({"cases.csv": content})
    first = rejected_workbook(folder.read())
    shown = [str(c.value) for ws in load_workbook(io.BytesIO(first)) for row in ws for c in row]
    assert not any("CB1" in text or "SECRET" in text for text in shown)
    data = folder.hand_back(given(MENDED))
    (officer,) = data.scan("cases").collect()["officer_id"].unique()
    assert officer.startswith("bd-")
    assert "officer_id" not in data.corrections["column"].to_list()


def test_a_renamed_source_is_known_by_its_content(folder):
    folder.hand_back(given(MENDED))
    (folder.path / "cases.csv").rename(folder.path / "cases_2024-Q1.csv")
    assert account(folder.read(), "cases_2024-Q1.csv") == (3, 0, 2)


def test_rows_that_contradict_each_other_are_shown_as_written_and_can_be_mended(folder):
    twice = case("C2", received_at="01/03/2024"), case("C2", received_at="02/03/2024")
    folder.write({"cases.csv": cases(case("C1"), *twice)})
    book = load_workbook(io.BytesIO(rejected_workbook(folder.read())))
    ws = sheet_of(book)
    assert [cell_of(ws, row, "received_at").value for row in (3, 4)] == ["01/03/2024", "02/03/2024"]
    marked = {name for name in headers(ws)[3:] if cell_of(ws, 3, name).protection.locked is False}
    assert marked == {"case_id", "received_at"}
    assert "dòng 4" in cell_of(ws, 3, "Lý do").value
    data = folder.hand_back(given({(4, "case_id"): "C3"}))
    assert account(data) == (3, 0, 1)
    assert data.rejects.is_empty()


def test_rows_made_alike_are_merged(folder):
    twice = case("C2", received_at="01/03/2024"), case("C2", received_at="02/03/2024")
    folder.write({"cases.csv": cases(case("C1"), *twice)})
    data = folder.hand_back(given({(4, "received_at"): "01/03/2024"}))
    row = data.files.filter(file="cases.csv").row(0, named=True)
    assert (row["accepted"], row["merged"], row["rejected"]) == (2, 1, 0)


def test_a_row_mended_into_a_conflict_can_be_mended_in_the_next_round(folder):
    folder.write({"cases.csv": cases(case("C1"), case("", channel="postal"))})
    data = folder.hand_back(given({(3, "case_id"): "C1"}), "rejected_1.xlsx")
    assert account(data) == (0, 2, 0)
    data = folder.hand_back(given({(2, "case_id"): "C0"}), "rejected_2.xlsx")  # a row that was sound before
    assert account(data) == (2, 0, 2)
    assert told(data, "error") == []


def test_a_column_the_file_lacks_can_be_given(folder):
    folder.write(
        {
            "cases.csv": "procedure_code,unit_code,channel,received_at\n"
            "P1,U1,online,2024-03-01\nP1,U2,online,2024-03-02\n"
        }
    )
    assert account(folder.read()) == (0, 2, 0)
    data = folder.hand_back(given({(2, "Mã hồ sơ"): "C1"}))
    assert account(data) == (1, 1, 1)
    data = folder.hand_back(given({(3, "Mã hồ sơ"): "C2"}), "rejected_2.xlsx")
    assert account(data) == (2, 0, 2)
    assert data.scan("cases").collect()["case_id"].to_list() == ["C1", "C2"]


def test_a_broken_line_is_filled_in_again(folder):
    folder.write({"cases.csv": cases(case("C1"), "C2,P1,U1,cafe SECRET,online,2024-03-01,,,1")})
    ws = sheet_of(load_workbook(io.BytesIO(rejected_workbook(folder.read()))))
    assert [cell_of(ws, 3, name).value for name in ("case_id", "unit_code", "channel")] == ["C2", None, None]
    full = {"procedure_code": "P1", "unit_code": "U1", "channel": "online", "received_at": "2024-03-01"}
    data = folder.hand_back(given({(3, name): value for name, value in full.items()}))
    assert account(data) == (2, 0, 1)
    row = data.scan("cases").filter(pl.col("case_id") == "C2").collect().row(0, named=True)
    assert (row["unit_code"], row["supplement_requests"]) == ("U1", None)


def test_a_broken_line_of_a_table_that_counts_people_is_corrected_at_the_source(folder):
    head = "event_id,kind,unit_code,staff_id,event_on\n"
    folder.write({"personnel.csv": head + "E1,discipline,U1,S1,2024-03-01\nE2,discipline,U1,x,S2,2024-03-01\n"})
    full = {(3, "kind"): "discipline", (3, "unit_code"): "U1", (3, "event_on"): "2024-03-01"}
    data = folder.hand_back(given(full, "personnel"))
    assert account(data, "personnel.csv") == (1, 1, 0)
    assert "vỡ" in told(data, "error")[0]


def test_sheets_of_a_workbook_are_corrected_each_by_itself(folder):
    book = Workbook()
    for name, bad in (("Tháng 1", "fax"), ("Tháng 2", "telex")):
        ws = book.create_sheet(name)
        ws.append(CASES.split("\n")[0].split(","))
        ws.append(case(f"{name}-1").split(","))
        ws.append(case(f"{name}-2", channel=bad).split(","))
    book.remove(book.worksheets[0])
    (folder.path / "cases.csv").unlink()
    book.save(folder.path / "cases.xlsx")
    data = folder.hand_back(given({(3, "channel"): "online"}, "Tháng 2"))
    assert data.files.filter(table="cases").select("sheet", "accepted", "corrected").rows() == [
        ("Tháng 1", 1, 0),
        ("Tháng 2", 2, 1),
    ]


def test_a_formula_never_calculated_is_replaced_by_what_is_given(folder):
    book = Workbook()
    for row in (CASES.split("\n")[0], case("C1"), case("C2")):
        book.active.append(row.split(","))
    book.active["H3"] = "=1+1"
    (folder.path / "cases.csv").unlink()
    book.save(folder.path / "cases.xlsx")
    assert account(folder.read(), "cases.xlsx") == (1, 1, 0)
    data = folder.hand_back(given({(3, "supplement_requests"): 2}, "Sheet"))
    assert account(data, "cases.xlsx") == (2, 0, 1)
    assert data.scan("cases").collect()["supplement_requests"].to_list() == [None, 2]


# ------------------------------------------------------------------------------------------------------ what is refused


def test_a_source_that_has_changed_since_is_told(folder):
    folder.hand_back(given(MENDED))
    folder.write({"cases.csv": CASES + case("C9") + "\n"})
    data = folder.read()
    assert account(data) == (2, 2, 0)
    assert "đã thay đổi" in told(data, "error")[0]


def test_a_source_that_is_not_there_is_told(folder):
    folder.hand_back(given(MENDED))
    (folder.path / "cases.csv").rename(folder.path / "cases_2024.csv")
    folder.write({"cases_2024.csv": cases(case("C9"))})
    data = folder.read()
    assert "không có tệp này" in told(data, "error")[0]


def test_a_row_that_was_accepted_is_not_changed(folder):
    def edit(book: Workbook) -> None:
        ws = sheet_of(book)
        cell_of(ws, 3, "channel").value = "online"
        cell_of(ws, 4, label("row")).value = 2
        ws.append([77, None, None, "C7", "P1", "U1", "online", "2024-03-01"])

    data = folder.hand_back(edit)
    assert account(data) == (2, 1, 1)
    assert data.scan("cases").collect().filter(case_id="C3").is_empty()
    (message,) = told(data, "error")
    assert "2 dòng không phải dòng bị loại" in message
    assert "(2, 77)" in message


def test_an_altered_header_is_refused(folder):
    def edit(book: Workbook) -> None:
        given(MENDED)(book)
        ws = sheet_of(book)
        ws.cell(header_at(ws), headers(ws).index("due_at") + 1).value = "hạn"

    data = folder.hand_back(edit)
    assert account(data) == (1, 2, 0)
    (message,) = told(data, "error")
    assert ("“due_at”" in message, "“hạn”" in message) == (True, True)


def test_a_deleted_column_is_refused(folder):
    def edit(book: Workbook) -> None:
        ws = sheet_of(book)
        ws.delete_cols(headers(ws).index("unit_code") + 1)

    data = folder.hand_back(edit)
    assert account(data) == (1, 2, 0)
    assert "“unit_code”" in told(data, "error")[0]


def test_a_column_added_at_the_end_is_left_out_and_told(folder):
    def edit(book: Workbook) -> None:
        given(MENDED)(book)
        ws = sheet_of(book)
        ws.cell(header_at(ws), len(headers(ws)) + 1).value = "Ghi chú của tôi"

    data = folder.hand_back(edit)
    assert account(data) == (3, 0, 2)
    assert "Ghi chú của tôi" in told(data, "warning")[0]


def test_one_row_twice_is_refused(folder):
    def edit(book: Workbook) -> None:
        ws = sheet_of(book)
        cell_of(ws, 3, "channel").value = "online"
        ws.append([3, None, None, "C2", "P1", "U1", "postal", "2024-03-01"])

    data = folder.hand_back(edit)
    assert account(data) == (1, 2, 0)
    assert "nhiều lần" in told(data, "error")[0]


def test_rows_without_a_number_are_told(folder):
    def edit(book: Workbook) -> None:
        given({(3, "channel"): "online"})(book)
        sheet_of(book).append(["mới", None, None, "C7", "P1", "U1", "online", "2024-03-01"])

    data = folder.hand_back(edit)
    assert account(data) == (2, 1, 1)
    assert "1 dòng không có số dòng" in told(data, "error")[0]


@pytest.mark.parametrize("key", ["sha256", "table", "row"])
def test_a_workbook_that_does_not_say_what_it_is_about_is_told(folder, key):
    def edit(book: Workbook) -> None:
        for row in sheet_of(book).iter_rows(max_col=1):
            for cell in row:
                cell.value = None if cell.value == label(key) else cell.value

    data = folder.hand_back(edit)
    assert account(data) == (1, 2, 0)
    assert "SHA-256" in told(data, "error")[0]


def test_a_damaged_workbook_is_told(folder):
    folder.write({"hieu_chinh.xlsx": b"PK\x03\x04 no workbook"})
    data = folder.read()
    assert account(data) == (1, 2, 0)
    assert data.findings.filter(file="hieu_chinh.xlsx").select("severity", "rule").rows() == [("error", "unreadable")]


def test_another_sheet_or_table_than_the_file_has_is_told(folder):
    def edit(book: Workbook) -> None:
        ws = sheet_of(book)
        at = next(r for r in range(1, 30) if ws.cell(r, 1).value == label("table"))
        ws.cell(at, 2).value = "Đơn vị (units)"

    assert "không tìm thấy" in told(folder.hand_back(edit), "error")[0]


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("corrections.xlsx", True),
        ("Corrections 2024-Q4.xlsx", True),
        ("hieu_chinh_lan_2.xlsx", True),
        ("Hiệu chỉnh.xlsx", True),
        ("rejected (1).xlsx", True),
        ("sua.xlsx", False),
        ("~$rejected.xlsx", False),
    ],
)
def test_which_files_are_handed_back(folder, name, taken):
    assert account(folder.hand_back(given(MENDED), name)) == ((3, 0, 2) if taken else (1, 2, 0))


# ----------------------------------------------------------------------------------------------------------- round trip


def test_what_a_person_types_is_read_as_typed_and_text_stays_text(folder):
    odd = "=1+1", "007", "+84", " @x", "a\x01b"
    folder.write(
        {
            "units.csv": "unit_code,unit_name,kind\n"
            + "".join(f"V{i},{t},bad\n" for i, t in enumerate(odd))
            + "U1,Một,division\nU2,Hai,affiliate\n"
        }
    )
    ws = sheet_of(load_workbook(io.BytesIO(rejected_workbook(folder.read()))), "units")
    cells = [cell_of(ws, row, "unit_name") for row in range(2, 7)]
    assert [c.value for c in cells] == ["=1+1", "007", "+84", " @x", "a\ufffdb"]
    assert {(c.data_type, c.number_format) for c in cells} == {("s", "@")}
    data = folder.hand_back(given({(row, "kind"): "division" for row in range(2, 7)}, "units"))
    assert set(data.corrections["column"]) == {"kind"}
    assert data.scan("units").collect().sort("unit_code")["unit_name"].to_list()[-3:] == ["+84", "@x", "a\x01b"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
@pytest.mark.parametrize("suffix", ["xlsx"])
def test_a_workbook_saved_by_libreoffice_is_read_back(folder, tmp_path, suffix):
    folder.hand_back(given(MENDED))
    saved = tmp_path / "saved"
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", suffix]
    source = str(folder.path / "rejected.xlsx")
    subprocess.run(
        [*command, "--outdir", str(saved), source], check=True, capture_output=True, env={**os.environ}, timeout=120
    )
    (folder.path / "rejected.xlsx").unlink()
    shutil.copy(saved / f"rejected.{suffix}", folder.path / f"hieu_chinh.{suffix}")
    data = folder.read()
    assert account(data) == (3, 0, 2)
    assert data.corrections.height == 3
    assert told(data) == []
