"""Workbooks of a department that nobody would wish for: long, hostile and odd texts, sixty units, nothing at all."""

from __future__ import annotations

import io
import random

import pytest
from openpyxl import load_workbook

from chiso.catalogue import load_catalogue
from chiso.indicators import compute
from chiso.reporting.forms import forms_workbook
from chiso.reporting.workbook import Material, appendix_workbook
from chiso.sources import ingest
from chiso.worktime import Period, Timeframe

ODD = [
    "Đơn vị " + "tên rất dài " * 16,
    '=HYPERLINK(""http://x"",""y"")',
    "+84 <script>alert(1)</script>",
    "-Phòng 'A' & B",
    "@Sở 🏛️ 👩‍💼",
    "\u202eNgược\u202c \u200fphải",
    "Phòng \x07 chuông\x0b",
    "K" * 200,
]


@pytest.fixture(scope="module", params=["sixty", "empty"])
def odd(request, tmp_path_factory) -> Material:
    folder = tmp_path_factory.mktemp("odd")
    (folder / "chiso.toml").write_text('[body]\nname = "Sở [A]/B: \\\\ * ?"\nsynthetic = true\n', encoding="utf-8")
    names = [*ODD, *(f"Phòng số {n}" for n in range(len(ODD), 60))]
    if request.param == "sixty":
        tables = {
            "units": "unit_code,unit_name,kind\n"
            + "".join(f'U{n},"{name}",division\n' for n, name in enumerate(names)),
            "procedures": "procedure_code,procedure_name,field,unit_code,online_level,has_fee\n"
            + "".join(f'P{n},"{name}","{name}",U{n},full,false\n' for n, name in enumerate(names)),
            "cases": "case_id,procedure_code,unit_code,channel,received_at,due_at,finished_at,outcome\n"
            + "".join(_case(n) for n in range(600)),
            "budget": "line_id,as_of,unit_code,category,allocated_vnd,disbursed_vnd,saved_vnd\n"
            "L1,2024-12-10,U0,administrative,15000000000,15000000000,-999999999999\n",
        }
    else:
        tables = {"units": "unit_code,unit_name,kind\nU1,Một,division\n"}
    for name, content in tables.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    dataset = ingest(folder, tmp_path_factory.mktemp("processed"))
    catalogue, timeframe = load_catalogue(2024), Timeframe(Period.parse("2024-Q4"))
    results = compute(dataset, catalogue, timeframe)
    history = results.indicators.select(period_column("2024-Q4"), *results.indicators.columns)
    return Material(results, dataset, catalogue, timeframe, None, history, lambda: "ab12")


def period_column(name: str):
    import polars as pl

    return pl.lit(name).alias("period")


def _case(n: int) -> str:
    unit = n % 60
    late = random.Random(n).random() < (0.0 if unit % 3 == 0 else 1.0 if unit % 3 == 1 else 0.3)
    finished = "2024-11-20" if late else "2024-11-05"
    return f"-H{n},P{unit},U{unit},online,2024-11-01,2024-11-10,{finished},granted\n"


@pytest.fixture(scope="module")
def contents(odd) -> list[bytes]:
    return [appendix_workbook(odd, "A"), appendix_workbook(odd, "B"), forms_workbook(odd)]


def test_no_text_becomes_a_formula_and_none_is_lost(odd, contents):
    for content in contents:
        for ws in load_workbook(io.BytesIO(content)):
            for row in ws.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        assert not any(word in cell.value for word in ("HYPERLINK", "http", "script"))
    if len(odd.units) > 1:
        told = {c.value for ws in load_workbook(io.BytesIO(contents[1])) for row in ws.iter_rows() for c in row}
        for name in odd.units.values():
            assert (
                name.replace("\x07", "\N{REPLACEMENT CHARACTER}").replace("\x0b", "\N{REPLACEMENT CHARACTER}") in told
            )


def test_names_of_sheets_and_tables_are_valid_and_there_once(contents):
    for content in contents:
        book = load_workbook(io.BytesIO(content))
        assert len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames)
        assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in book.sheetnames)
        assert all(name.isascii() and name.replace("_", "a").isalnum() for name in book.defined_names)


def test_no_number_is_wider_than_its_column(contents):
    from chiso.reporting import formats

    for content in contents:
        for ws in load_workbook(io.BytesIO(content), data_only=True):
            for row in ws.iter_rows():
                for cell in row:
                    if isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
                        percent = "%" in cell.number_format
                        shown = formats.percent(cell.value) if percent else formats.number(cell.value)
                        assert ws.column_dimensions[cell.column_letter].width >= len(shown) + 1, (
                            ws.title,
                            cell.coordinate,
                        )


def test_no_row_is_higher_than_excel_takes(contents):
    for content in contents:
        for ws in load_workbook(io.BytesIO(content)):
            assert all((d.height or 0) <= 409 for d in ws.row_dimensions.values())


def test_nothing_to_tell_is_told(odd, contents):
    if len(odd.units) > 1:
        pytest.skip("there is something to tell")
    told = {c.value for ws in load_workbook(io.BytesIO(contents[0])) for row in ws.iter_rows() for c in row}
    assert "Chưa có phiếu khảo sát nào trong kỳ." in told
