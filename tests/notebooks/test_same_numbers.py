"""One run: page, workbook and result table carry the same numbers, and no person's code is in any of its files."""

import csv
import zipfile

import bs4
import openpyxl
import polars as pl
import pytest
from golden import PROJECT

from chiso.cli import main

QUARTER = PROJECT / "tests" / "notebook" / "quarter"
COMPONENTS = {"B.III": ("B3_procedures", "V. B.III"), "B.V": ("B5_civil_service", "VII. B.V")}
FIELDS = ("numerator", "denominator", "value", "target")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    wanted = [word for component in COMPONENTS for word in ("--component", component)]
    with pytest.raises(SystemExit) as left:
        main(["run", "2024-Q4", "--data", str(QUARTER), "--out", str(out), *wanted])
    assert left.value.code == 0
    return out / "2024-Q4"


def table(folder, component):
    rows = pl.read_parquet(folder / "indicators.parquet").filter(
        pl.col("unit_code").is_null(), pl.col("component") == component
    )
    return {row["indicator"]: tuple(row[f] for f in FIELDS) for row in rows.iter_rows(named=True)}


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_page_has_the_numbers_of_the_table(folder, component):
    stem = COMPONENTS[component][0]
    page = bs4.BeautifulSoup((folder / f"{stem}.html").read_text(encoding="utf-8"), "html.parser")
    found = {}
    for line in page.find("table", id=f"scorecard-{component.replace('.', '-')}").tbody.find_all("tr"):
        cells = line.find_all(["td", "th"])
        found[cells[0].text.strip()] = tuple(float(v) if (v := c["data-value"]) else None for c in cells[2:6])
    assert found == table(folder, component)
    assert len(found) > 5


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_workbook_has_the_numbers_of_the_table(folder, component):
    sheet = openpyxl.load_workbook(folder / "phu-luc-PAR-INDEX-2024-Q4.xlsx", data_only=True)[COMPONENTS[component][1]]
    expected, found = table(folder, component), {}
    for row in sheet.iter_rows(values_only=True):
        if row[1] in expected:
            found[row[1]] = tuple(v if isinstance(v, int | float) else None for v in row[3:7])
    assert found.keys() == expected.keys()
    for indicator, figures in expected.items():  # Excel keeps 15 digits
        for shown, figure in zip(found[indicator], figures, strict=True):
            assert shown == figure or shown == pytest.approx(figure, rel=1e-14), indicator


def test_csv_and_parquet_are_the_same(folder):
    with (folder / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = pl.read_parquet(folder / "indicators.parquet")
    assert [r["indicator"] for r in rows] == kept["indicator"].to_list()
    for field in FIELDS:
        assert [float(r[field]) if r[field] else None for r in rows] == kept[field].to_list()


def test_no_code_of_a_person_is_in_any_file(folder):
    codes = set()
    for name, column in (("cases", "officer_id"), ("personnel", "staff_id")):
        with (QUARTER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            codes |= {row[column].encode() for row in csv.DictReader(file) if row[column]}
    assert len(codes) > 5
    searched = 0
    for file in folder.rglob("*"):
        if not file.is_file():
            continue
        parts = [file.read_bytes()]
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as packed:
                parts = [packed.read(entry) for entry in packed.namelist()]
        searched += 1
        assert not [code for code in codes if any(code in part for part in parts)], file.name
    assert searched > 12
