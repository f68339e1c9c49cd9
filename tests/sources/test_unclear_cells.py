"""Cells that leave open what they hold are never guessed: merged cells, columns that stand twice, nameless columns."""

from __future__ import annotations

import io

import openpyxl
import polars as pl
import pytest
from sources_rows import Import

HEAD = ["Mã hồ sơ", "Mã thủ tục", "Mã đơn vị", "Hình thức nộp", "Ngày tiếp nhận", "Ngày hẹn trả"]
ROWS = [[f"H{i}", "P1", "U1", "online", f"0{i}/02/2024", f"1{i}/02/2024"] for i in range(1, 6)]


def book(rows, *merged: str) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(row)
    for place in merged:
        sheet.merge_cells(place)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def account(dataset) -> tuple[int, ...]:
    row = dataset.files.filter(pl.col("table") == "cases")
    return row.select("read", "accepted", "rejected", "layout").rows()[0]


def reasons(dataset) -> list[tuple[int, str, str]]:
    return sorted(dataset.rejects.filter(pl.col("table") == "cases").select("row", "column", "rule").rows())


def values(dataset, *columns: str) -> list[tuple]:
    return dataset.scan("cases").sort("case_id").select(columns).collect().rows()


def test_rows_under_a_merged_cell_are_rejected_for_that_reason(import_files: Import) -> None:
    dataset = import_files({"cases.xlsx": book([HEAD, *ROWS], "C2:C3", "F4:F6")})
    assert account(dataset) == (5, 2, 3, 0)
    assert reasons(dataset) == [
        (3, "unit_code", "merged_cell"),
        (5, "due_at", "merged_cell"),
        (6, "due_at", "merged_cell"),
    ]


def test_a_merged_cell_holds_for_its_rows_where_the_mapping_says_so(import_files: Import) -> None:
    rows = [[*row[:2], "U2" if i == 3 else row[2], *row[3:]] for i, row in enumerate(ROWS)]
    settings = '[[sources]]\nfile = "cases.xlsx"\ntable = "cases"\nfill_merged = ["unit_code"]\n'
    dataset = import_files({"cases.xlsx": book([HEAD, *rows], "C2:C4", "C5:C6", "F5:F6"), "chiso.toml": settings})
    assert reasons(dataset) == [(6, "due_at", "merged_cell")]
    assert values(dataset, "case_id", "unit_code") == [("H1", "U1"), ("H2", "U1"), ("H3", "U1"), ("H4", "U2")]


def test_a_merged_cell_without_text_and_one_of_a_column_not_read_say_nothing(import_files: Import) -> None:
    rows = [[*row[:5], None, "x"] for row in ROWS]
    dataset = import_files({"cases.xlsx": book([[*HEAD, "Ghi chú khác"], *rows], "F2:F4", "G2:G6")})
    assert account(dataset) == (5, 5, 0, 0)


def test_fill_merged_names_a_column_of_the_table(import_files: Import) -> None:
    from chiso.errors import ChisoError

    settings = '[[sources]]\nfile = "cases.xlsx"\ntable = "cases"\nfill_merged = ["unit"]\n'
    with pytest.raises(ChisoError, match="unit"):
        import_files({"cases.xlsx": book([HEAD, *ROWS]), "chiso.toml": settings})


def test_a_column_that_stands_twice_is_read_where_both_agree(import_files: Import) -> None:
    second = ["01/02/2024", None, " 03/02/2024 ", "09/09/2024", "05/02/2024"]
    rows = [[*HEAD, "NGÀY TIẾP NHẬN"], *([*row, other] for row, other in zip(ROWS, second, strict=True))]
    dataset = import_files({"cases.xlsx": book(rows)})
    assert account(dataset) == (5, 4, 1, 0)
    assert reasons(dataset) == [(5, "received_at", "two_columns")]


def test_two_synonyms_that_disagree_reject_their_rows_and_a_label_goes_before_a_synonym(import_files: Import) -> None:
    head = [*HEAD[:4], "Ngày nhận", "Thời điểm tiếp nhận"]
    dataset = import_files({"cases.xlsx": book([head, ROWS[0], [*ROWS[1][:5], ROWS[1][4]]])})
    assert reasons(dataset) == [(2, "received_at", "two_columns")]
    head = [*HEAD[:4], "Ngày nhận", "Ngày tiếp nhận"]
    dataset = import_files({"cases.xlsx": book([head, *ROWS])})
    assert account(dataset) == (5, 5, 0, 0)


def test_the_second_of_two_tables_side_by_side_is_never_lost_in_silence(import_files: Import) -> None:
    rows = [[*HEAD, None, *HEAD], [*ROWS[0], None, *ROWS[1]], [*ROWS[2], None, *ROWS[3]]]
    dataset = import_files({"cases.xlsx": book(rows)})
    assert account(dataset) == (2, 0, 2, 0)
    assert {rule for *_, rule in reasons(dataset)} == {"two_columns"}


def test_columns_without_a_header_are_told(import_files: Import) -> None:
    rows = [[*HEAD[:3], None, *HEAD[3:]], *([*row[:3], "mật", *row[3:]] for row in ROWS)]
    dataset = import_files({"cases.xlsx": book(rows)})
    assert account(dataset) == (5, 5, 0, 0)
    told = dataset.findings.filter(pl.col("rule") == "unnamed")["message"].to_list()
    assert len(told) == 1 and ": D." in told[0]


def test_columns_of_one_header_are_all_told_and_none_of_a_persons_is_kept(import_files: Import) -> None:
    head = ["Họ và tên", "Họ và tên", *HEAD]
    rows = [["Nguyễn Thị Ánh", "Trần Văn Bình", *row] for row in ROWS]
    rows[2][2] = None
    dataset = import_files({"cases.xlsx": book([head, *rows])})
    held = dataset.cells.filter(pl.col("rule") == "personal").select("header", "count").rows()
    assert sorted(held) == [("Họ và tên", 5), ("Họ và tên (2)", 5)]
    sheet = next(one for one in dataset.rejected_sheets() if one.table == "cases")
    assert "Trần Văn Bình" not in str(sheet.frame.rows())


def test_a_wide_sheet_tells_faults_of_the_cells_that_become_rows(import_files: Import) -> None:
    mapping = (
        '[tables.yearly]\nlabel = "Theo năm"\nkey = ["place", "year"]\n'
        '[tables.yearly.columns.place]\nlabel = "Nơi"\ntype = "text"\nrequired = true\n'
        '[tables.yearly.columns.year]\nlabel = "Năm"\ntype = "int"\n'
        '[tables.yearly.columns.amount]\nlabel = "Số"\ntype = "float"\n'
        '[[sources]]\nfile = "wide.xlsx"\ntable = "yearly"\n[sources.columns]\nplace = "Nơi"\n'
        '[sources.unpivot]\nname = "year"\nvalue = "amount"\n[sources.unpivot.columns]\n2023 = "2023"\n2024 = "2024"\n'
    )
    rows = [["Nơi", "2023", "2024"], ["A1", 1, 2], ["B1", 3, 4], ["C1", 5, 6]]
    dataset = import_files({"wide.xlsx": book(rows, "B2:B3"), "chiso.toml": mapping})
    told = dataset.rejects.filter(pl.col("table") == "yearly").select("row", "column", "rule").rows()
    assert told == [(3, "amount", "merged_cell")]
    kept = dataset.scan("yearly").sort("place", "year").select("place", "year", "amount").collect().rows()
    assert kept == [("A1", 2023, 1), ("A1", 2024, 2), ("B1", 2024, 4), ("C1", 2023, 5), ("C1", 2024, 6)]


def test_letters_of_columns_are_those_of_the_sheet_wherever_its_cells_begin(import_files: Import) -> None:
    settings = '[[sources]]\nfile = "cases.xlsx"\ntable = "cases"\n[sources.columns]\ndue_at = "@J"\n'
    rows = [[None] * 3 + [*HEAD[:3], "Ngày lạ", *HEAD[3:5], None]]
    rows += [[None] * 3 + [*row[:3], "31/12/2024", *row[3:5], row[5]] for row in ROWS]
    dataset = import_files({"cases.xlsx": book(rows), "chiso.toml": settings})
    assert account(dataset) == (5, 5, 0, 0)
    assert [day.day for _, day in values(dataset, "case_id", "due_at")] == [11, 12, 13, 14, 15]


def test_titles_and_page_numbers_of_printed_pages_are_layout(import_files: Import) -> None:
    rows = [
        ["SỞ NỘI VỤ"],
        ["Danh sách"],
        HEAD,
        *ROWS[:2],
        ["Trang 1/2"],
        ["SỞ NỘI VỤ"],
        ["Danh sách"],
        HEAD,
        *ROWS[2:4],
    ]
    dataset = import_files({"cases.xlsx": book([*rows[:6], ["Trang bị"], *rows[6:], ["Trang 2/2"]])})
    assert account(dataset) == (12, 4, 1, 7)
    assert {row for row, *_ in reasons(dataset)} == {7}
