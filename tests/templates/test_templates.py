"""Templates: what an office gets to fill in, and that the import reads it back without a reject."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from chiso.catalogue import load_catalogue
from chiso.cli import main
from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources import ingest, load_contract
from chiso.sources.contract import fold
from chiso.sources.files import list_files
from chiso.sources.words import load_words
from chiso.templates import TABLES, write_templates
from chiso.templates.plan_rows import own_items, plan_rows

UNITS = "unit_code,unit_name,kind\nVP,Văn phòng Sở,division\n001,Phòng Một; hai,division\nTTR,Thanh tra Sở,division\n"
SOFFICE = shutil.which("soffice")
#: One valid row a table, as people type: header labels and Vietnamese words.
ROWS: dict[str, dict[str, object]] = {
    "deliverables": {"deliverable_id": "KH-1", "plan_year": 2024, "plan_item": "B.I.1", "kind": "Tờ trình",
        "title": "=Việc tự thêm", "unit_code": "001", "period": "Quý II/2024", "due_on": dt.date(2024, 2, 29),
        "done_on": dt.date(2024, 3, 1), "evidence": "01/TTr"},
    "inspections": {"inspection_id": "001", "kind": "Phân cấp, ủy quyền", "unit_code": "001",
        "planned_on": dt.date(2024, 5, 2), "inspected_on": dt.date(2024, 5, 3), "findings": 3, "findings_resolved": 0},
    "initiatives": {"initiative_id": "007", "title": "Sáng kiến", "unit_code": "VP",
        "applied_on": dt.date(2024, 5, 2)},
    "budget": {"line_id": "0001", "as_of": dt.date(2024, 6, 30), "budget_year": 2024, "unit_code": "VP",
        "kind": "Quản lý hành chính", "planned_vnd": 1_234_567_890_123, "spent_vnd": 0},
    "personnel": {"event_id": "E1", "kind": "Đào tạo, bồi dưỡng", "unit_code": "001",
        "event_on": dt.date(2024, 6, 30), "compliant": "Có"},
}  # fmt: skip


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("units")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    return folder


@pytest.fixture
def made(tmp_path: Path, units: Path) -> Path:
    write_templates(tmp_path / "made", 2024, units)
    (tmp_path / "made" / "units.csv").write_text(UNITS, encoding="utf-8")
    return tmp_path / "made"


def entry(folder: Path, table: str) -> tuple[openpyxl.Workbook, openpyxl.worksheet.worksheet.Worksheet, int]:
    """The workbook, the sheet to fill in, and the row of its header."""
    book = openpyxl.load_workbook(folder / f"{table}_2024.xlsx")
    sheet = book.active
    first = load_contract()[table].columns[0].label
    return book, sheet, next(cell.row for cell in sheet["A"] if cell.value == first)


def fill(folder: Path, table: str) -> None:
    book, sheet, top = entry(folder, table)
    free = next(row for row in range(top + 1, top + 100) if sheet.cell(row, 1).value is None)
    for number, column in enumerate(load_contract()[table].columns, 1):
        value = ROWS[table].get(column.name)
        if value is not None:
            sheet.cell(free, number).value = value
            if isinstance(value, str):
                sheet.cell(free, number).data_type = "s"
    book.save(folder / f"{table}_2024.xlsx")


def expected(table: str) -> dict[str, object]:
    codes = {c.name: {label: code for code, label in c.values.items()} for c in load_contract()[table].columns}
    words = {"Có": True, "Quý II/2024": "2024-Q2"}
    return {name: words.get(str(v), codes[name].get(str(v), v)) for name, v in ROWS[table].items()}


def check_filled(folder: Path, processed: Path) -> None:
    data = ingest(folder, processed)
    assert data.rejects.rows() == []
    for table in TABLES:
        key = load_contract()[table].key[0]
        row = data.scan(table).filter(pl.col(key) == ROWS[table][key]).collect().row(0, named=True)
        assert {name: row[name] for name in ROWS[table]} == expected(table)
    serious = data.findings.filter((pl.col("severity") != "info") & pl.col("table").is_in(TABLES))
    assert serious.rows() == []


def test_an_untouched_template_is_read_without_a_reject_or_a_worrying_word(made: Path, tmp_path: Path):
    data = ingest(made, tmp_path / "processed")
    assert data.rejects.rows() == []
    told = data.findings.filter(pl.col("table").is_in(TABLES) & (pl.col("severity") != "info"))
    assert told.select("table", "rule").rows() == [
        (table, "no_rows") for table in sorted(set(TABLES) - {"deliverables"})
    ]
    rows = plan_rows(load_catalogue(2024), None)
    given = data.scan("deliverables").collect()
    assert 0 < given.height < len(rows)
    assert set(given["unit_code"]) == {"VP"}  # as the plan's owner, by its name
    spare = data.findings.filter(rule="sheet_spare")["message"].item()
    assert spare.startswith(f"{len(rows) - given.height} đầu việc")
    assert data.differences.height == 0


def test_filled_in_it_reads_back(made: Path, tmp_path: Path):
    for table in TABLES:
        fill(made, table)
    check_filled(made, tmp_path / "processed")


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_filled_in_and_saved_by_libreoffice_it_reads_back(made: Path, tmp_path: Path):
    for table in TABLES:
        fill(made, table)
    saved = tmp_path / "saved"
    files = [str(made / f"{table}_2024.xlsx") for table in TABLES]
    command = [str(SOFFICE), f"-env:UserInstallation={(tmp_path / 'office').as_uri()}", "--headless"]
    done = subprocess.run(
        [*command, "--convert-to", "xlsx", "--outdir", str(saved), *files], capture_output=True, timeout=120
    )
    if not all((saved / Path(file).name).exists() for file in files):
        pytest.skip(f"LibreOffice does not run here: {done.stderr.decode()[:200]}")
    (saved / "units.csv").write_text(UNITS, encoding="utf-8")
    check_filled(saved, tmp_path / "processed")
    book = openpyxl.load_workbook(saved / "deliverables_2024.xlsx")
    assert book.active.protection.sheet  # what LibreOffice saves is still a template
    assert {check.type for check in book.active.data_validations.dataValidation} == {"list", "date", "whole"}


def test_names_are_those_the_import_knows(made: Path):
    from chiso.sources.config import load_settings

    files, findings = list_files(made, load_settings(made))
    assert {file.table.name for file in files} == {*TABLES, "units"} and findings == []


def test_sheets_that_are_not_read_are_known_to_the_import():
    words = load_words()
    assert {fold(text(f"templates.sheet.{name}")) for name in ("guide", "choices")} == words.guide_sheets
    assert fold(text("templates.sheet.unassigned")) in words.spare_sheets


@pytest.mark.parametrize("table", TABLES)
def test_headers_notes_and_checks(made: Path, table: str):
    book, sheet, top = entry(made, table)
    checks = {str(c.sqref).split(":")[0]: c for c in sheet.data_validations.dataValidation}
    lists = book[text("templates.sheet.choices")]
    for number, column in enumerate(load_contract()[table].columns, 1):
        head = sheet.cell(top, number)
        assert head.value == column.label
        assert head.comment.text.startswith("Bắt buộc." if column.required else "Không bắt buộc.")
        assert bool(head.font.b) == column.required and head.protection.locked
        check = checks.get(sheet.cell(top + 1, number).coordinate)
        if column.type in ("date", "int", "enum", "bool") or column.name in ("unit_code", "plan_item", "period"):
            assert check is not None and check.showErrorMessage and check.errorStyle in (None, "stop")
            assert column.label in check.error and len(check.error) <= 225 and len(check.errorTitle) <= 32
        if column.type == "date":
            assert (check.type, check.operator, check.formula1) == ("date", "greaterThanOrEqual", "36526")
        if column.type == "enum":
            area = check.formula1.rsplit("!", 1)[1]
            assert [cell.value for (cell,) in lists[area.replace("$", "")]] == list(column.values.values())
        if column.type == "int":
            assert check.type == "whole"
            assert (int(check.formula1) >= 0) == (column.nonnegative or column.name.endswith("_year"))
    assert sheet.freeze_panes == f"B{top + 1}"
    lock = sheet.protection
    assert lock.sheet and lock.password is None
    assert not any((lock.insertRows, lock.deleteRows, lock.sort, lock.autoFilter))
    assert not sheet.column_dimensions["A"].protection.locked
    assert not sheet.cell(top + 1, 1).protection.locked or sheet.cell(top + 1, 1).value is None
    assert sheet.print_title_rows == f"${top}:${top}" and sheet.page_setup.fitToWidth == 1
    assert [s.sheet_view.tabSelected for s in book.worksheets].count(True) == 1


def test_units_are_a_list_where_they_are_known_and_free_where_not(made: Path, tmp_path: Path):
    book, sheet, top = entry(made, "initiatives")
    area = next(c.formula1 for c in sheet.data_validations.dataValidation if c.type == "list").rsplit("!", 1)[1]
    assert [c.value for (c,) in book[text("templates.sheet.choices")][area.replace("$", "")]] == ["001", "TTR", "VP"]
    write_templates(tmp_path / "free", 2024, tables=["initiatives"])
    _, sheet, top = entry(tmp_path / "free", "initiatives")
    assert not [c for c in sheet.data_validations.dataValidation if c.type == "list"]
    unit = next(c for c in sheet[top] if c.value == "Mã đơn vị")
    assert "bảng Đơn vị" in unit.comment.text


def test_without_units_every_row_of_the_plan_waits_for_one(tmp_path: Path):
    (path,) = write_templates(tmp_path / "made", 2024, tables=["deliverables"])
    assert path.name == "deliverables_2024.xlsx"
    data = ingest(tmp_path / "made", tmp_path / "processed")
    assert data.rejects.height == 0 and data.accepted("deliverables") == 0
    rows = plan_rows(load_catalogue(2024), None)
    assert data.findings.filter(rule="sheet_spare")["message"].item().startswith(f"{len(rows)} đầu việc")


def test_a_row_given_a_unit_where_it_waits_is_read(tmp_path: Path):
    (path,) = write_templates(tmp_path / "made", 2024, tables=["deliverables"])
    (path.parent / "units.csv").write_text(UNITS, encoding="utf-8")
    book = openpyxl.load_workbook(path)
    sheet = book[text("templates.sheet.unassigned")]
    head = next(row for row in sheet.iter_rows() if row[0].value == "Mã sản phẩm")
    unit = next(cell for cell in head if cell.value == "Mã đơn vị").column
    first = head[0].row + 1
    sheet.cell(first, unit).value = "TTR"
    book.save(path)
    data = ingest(path.parent, tmp_path / "processed")
    assert data.accepted("deliverables") == 1
    read = data.scan("deliverables").filter(pl.col("deliverable_id") == sheet.cell(first, 1).value).collect()
    assert read["unit_code"].to_list() == ["TTR"]
    assert data.rejects.rows() == []
    waiting = data.findings.filter(rule="sheet_spare")["message"].item()
    assert int(waiting.split()[0]) == len(plan_rows(load_catalogue(2024), None)) - 1
    entry = data.files.filter(sheet=sheet.title).row(0, named=True)
    assert (entry["accepted"], entry["read"]) == (1, 1 + entry["layout"])


def test_a_row_on_both_sheets_is_counted_once(made: Path, tmp_path: Path):
    path = made / "deliverables_2024.xlsx"
    book = openpyxl.load_workbook(path)
    spare, main = book[text("templates.sheet.unassigned")], book.active
    top = next(row[0].row for row in spare.iter_rows() if row[0].value == "Mã sản phẩm")
    unit = next(cell for cell in spare[top] if cell.value == "Mã đơn vị").column
    spare.cell(top + 1, unit).value = "TTR"
    free = next(row for row in range(5, main.max_row + 99) if main.cell(row, 1).value is None)
    for cell in spare[top + 1]:
        main.cell(free, cell.column).value = cell.value
    book.save(path)
    data = ingest(made, tmp_path / "processed")
    rows = data.scan("deliverables").filter(pl.col("deliverable_id") == spare.cell(top + 1, 1).value).collect()
    assert rows.height == 1
    assert data.files.filter(table="deliverables")["merged"].sum() == 1


def test_side_sheets_do_not_swell_the_account(made: Path, tmp_path: Path):
    data = ingest(made, tmp_path / "processed")
    told = set(data.files["sheet"].drop_nulls().str.to_lowercase())
    assert told.isdisjoint(load_words().guide_sheets)
    assert data.findings.filter(pl.col("message").str.contains("Hướng dẫn|Danh mục giá trị")).is_empty()


def test_the_rows_of_the_plan():
    catalogue = load_catalogue(2024)
    names = pl.DataFrame({"unit_code": ["X"], "unit_name": [" văn  phòng SỞ "]})
    rows = {row.deliverable_id: row for row in plan_rows(catalogue, names)}
    assert len(rows) == 48
    assert all(row.plan_year == 2024 and row.kind in load_contract()["deliverables"].column("kind").values
               for row in rows.values())  # fmt: skip
    report = rows["KH2024-B.I.4-03"]
    assert (report.title, report.period, report.due_on) == (
        "Báo cáo cải cách hành chính quý III/2024", "Quý III/2024", dt.date(2024, 9, 13))  # fmt: skip
    assert rows["KH2024-B.III.11-04"].due_on == dt.date(2024, 12, 19)
    assert rows["KH2024-B.II.1-02"].due_on == dt.date(2024, 12, 4)
    assert rows["KH2024-B.IV.2-01"].title == "Kế hoạch biên chế công chức năm 2025"
    assert rows["KH2024-B.I.7-01"].due_on is None  # the year's last day is no due date of January
    assert rows["KH2024-B.I.7-13"].due_on == dt.date(2024, 12, 31)
    assert rows["KH2024-III.2-01"].due_on == dt.date(2024, 12, 4)
    assert rows["KH2024-B.I.4-01"].unit_code == "X" and rows["KH2024-B.IV.4-01"].unit_code is None
    assert own_items(catalogue) == ["A.I.2", "B.I.1", "B.I.3", "B.IV.1", "B.IV.3"]


def test_a_year_without_a_plan_begins_empty(tmp_path: Path):
    write_templates(tmp_path, 2026, tables=["deliverables"])
    book = openpyxl.load_workbook(tmp_path / "deliverables_2026.xlsx")
    assert text("templates.sheet.unassigned") not in book.sheetnames
    assert any("Chưa có kế hoạch năm 2026" in str(c.value) for c in book[text("templates.sheet.guide")]["A"])


def test_a_band_where_a_rule_was_not_read(tmp_path: Path):
    plan = Path(load_catalogue.__code__.co_filename).parent / "plans" / "2024.toml"
    doubtful = plan.read_text(encoding="utf-8").split('id = "B.II.2"\nfunction')
    changed = doubtful[0] + 'id = "B.II.2"\nfunction' + doubtful[1].replace("verified = true", "verified = false", 1)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "plan.toml").write_text(changed, encoding="utf-8")
    (tmp_path / "data" / "chiso.toml").write_text('[catalogue]\npath = "plan.toml"\n', encoding="utf-8")
    (tmp_path / "data" / "units.csv").write_text(UNITS, encoding="utf-8")
    write_templates(tmp_path / "made", data=tmp_path / "data", tables=["deliverables"])
    _, sheet, _ = entry(tmp_path / "made", "deliverables")
    assert sheet["A1"].value.startswith("Một số dòng") and sheet["A1"].value.endswith("B.II.2")
    write_templates(tmp_path / "plain", 2024, tables=["deliverables"])
    assert "chưa được đối chiếu" not in str(entry(tmp_path / "plain", "deliverables")[1]["A1"].value)


def test_the_same_bytes_every_time_and_nothing_overwritten_unasked(tmp_path: Path):
    first = {path.name: path.read_bytes() for path in write_templates(tmp_path, 2024)}
    points = ["bang_diem.toml", "decree61_2024.xlsx", "vi_du.toml", "vi_du_2024.xlsx"]
    assert sorted(first) == sorted([*(f"{table}_2024.xlsx" for table in TABLES), *points])
    with pytest.raises(ChisoError, match="--overwrite"):
        write_templates(tmp_path, 2024, tables=["budget"])
    again = write_templates(tmp_path, 2024, overwrite=True)
    assert {path.name: path.read_bytes() for path in again} == first
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    with zipfile.ZipFile(tmp_path / "budget_2024.xlsx") as packed:
        assert not any("externalLink" in name or "vbaProject" in name for name in packed.namelist())


def test_what_cannot_be_made_is_refused(tmp_path: Path):
    with pytest.raises(ChisoError, match="“cases”"):
        write_templates(tmp_path, 2024, tables=["cases"])
    with pytest.raises(ChisoError, match="1999"):
        write_templates(tmp_path, 1999)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ChisoError, match="budget_2024"):
        write_templates(tmp_path / "file", 2024, tables=["budget"])


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    target = tmp_path / "out"
    with pytest.raises(SystemExit) as left:
        main(["templates", str(target), "--year", "2024", "--table", "budget", "--table", "personnel"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("Đã tạo 2 biểu mẫu")
    assert sorted(path.name for path in target.iterdir()) == ["budget_2024.xlsx", "personnel_2024.xlsx"]
    with pytest.raises(SystemExit) as left:
        main(["templates", str(target), "--year", "2024", "--table", "budget"])
    assert left.value.code == 2 and "--overwrite" in capsys.readouterr().err
