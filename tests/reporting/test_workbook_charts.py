"""Charts, statuses and signatures of the appendices: on their sheets, about the cells of a table."""

from __future__ import annotations

import io
import re

import polars as pl
import pytest
from openpyxl import load_workbook

from chiso.reporting import formats, theme
from chiso.reporting.workbook import Material, appendix_sheets, appendix_workbook


@pytest.fixture(scope="module")
def with_history(material) -> Material:
    now = material.results.indicators
    before = now.with_columns(
        pl.when(pl.col("measure") == "share").then(pl.col("value") / 2).otherwise("value").alias("value")
    )
    parts = [before.select(pl.lit(p).alias("period"), pl.all()) for p in ("2023-Q4", "2024-Q3")]
    history = pl.concat([*parts, now.select(pl.lit("2024-Q4").alias("period"), pl.all())])
    return Material(
        material.results, material.dataset, material.catalogue, material.timeframe, None, history, lambda: "0123abcd"
    )


@pytest.fixture(scope="module", params=["A", "B"])
def book(request, with_history):
    content = appendix_workbook(with_history, request.param)
    return request.param, load_workbook(io.BytesIO(content)), load_workbook(io.BytesIO(content), data_only=True)


def sheet(book, name: str):
    return next(ws for ws in book if ws.title.partition(". ")[2] == name)


def series(chart):
    return [one for part in (chart, *chart._charts[1:]) for one in part.series]


def test_charts_keep_the_numbers_of_the_cells_they_take(book):
    _, live, shown = book
    drawn = 0
    for ws in live:
        for chart in ws._charts:
            drawn += 1
            assert chart.title.tx.rich.p[0].r[0].t.endswith("?")
            assert chart.x_axis.title is not None and chart.y_axis.title is not None
            assert not chart.x_axis.delete and not chart.y_axis.delete
            for one in series(chart):
                if one.val.numRef is None:
                    continue  # a target along a course stands in no cells
                name, cells = one.val.numRef.f.rsplit("!", 1)
                rows = shown[name.strip("'")][cells.replace("$", "")]
                cells_shown = [c.value for row in rows for c in (row if isinstance(row, tuple) else (row,))]
                kept = {point.idx: float(point.v) for point in one.val.numRef.numCache.pt}
                found = {n: v for n, v in enumerate(cells_shown) if isinstance(v, int | float)}
                assert kept == pytest.approx(found)
    assert drawn >= 3


def test_course_has_the_periods_and_their_differences(book):
    index, live, shown = book
    if index == "A":
        pytest.skip("the factors have no figure of the period that may be published")
    ws, values = sheet(live, "Diễn biến"), sheet(shown, "Diễn biến")
    header = int(ws.print_title_rows.split(":")[1].lstrip("$"))
    labels = {c.value: c.column for c in ws[header]}
    assert list(labels)[2:5] == ["Quý IV/2023", "Quý III/2024", "Quý IV/2024"]
    row = next(r for r in range(header + 1, ws.max_row) if ws.cell(r, 1).value == "B.III.8")
    now, before = values.cell(row, labels["Quý IV/2024"]).value, values.cell(row, labels["Quý IV/2023"]).value
    change = labels["So với cùng kỳ năm trước"]
    assert before == pytest.approx(now / 2)
    assert re.fullmatch(rf"=[A-Z]{row}-[A-Z]{row}", ws.cell(row, change).value)
    assert values.cell(row, change).value == pytest.approx(now - before)


def test_every_status_has_its_colour_by_mark_and_word(book):
    _, live, _ = book
    ws = sheet(live, "Nhiệm vụ")
    (cells,) = ws.conditional_formatting
    assert {rule.formula[0].strip('"') for rule in cells.rules} == {formats.show(s, "status") for s in theme.STATUS}


def test_form_is_signed_and_its_unit_told_and_the_cover_names_the_run(book):
    _, live, _ = book
    words = [c.value for row in sheet(live, "Biểu II.06").iter_rows() for c in row if isinstance(c.value, str)]
    assert {"Đơn vị tính: hồ sơ", "NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"} <= set(words)
    assert "NGƯỜI LẬP BIỂU" not in [c.value for row in sheet(live, "Hồ sơ quá hạn").iter_rows() for c in row]
    assert "0123abcd" in [c.value for c in live["Bìa"]["B"]]


def test_pages_are_counted_anew_in_each_appendix(book):
    _, live, _ = book
    for ws in live.worksheets[3:]:
        assert (ws.page_setup.firstPageNumber, ws.page_setup.useFirstPageNumber) == (1, True)
        assert re.fullmatch(r"Phụ lục [IVXL]+ – trang &P", ws.oddFooter.center.text)


def test_every_table_is_a_named_range(with_history, book):
    index, live, _ = book
    filled = [s.table for s in appendix_sheets(with_history, index) if s.table.frame.height]
    names = {name.rstrip("_2") for name in live.defined_names}
    assert {re.sub(r"\W", "_", table.id).rstrip("_2") for table in filled} <= names


def test_a_chart_stands_on_its_tables_page_where_both_go_on_one(book):
    _, live, _ = book
    charted = [ws for ws in live.worksheets if ws._charts and ws.page_setup.fitToHeight == 1]
    assert charted  # short tables: one page, set a little smaller
    for ws in charted:
        assert not ws.row_breaks.brk
