"""One run: pages, workbooks, the Word draft and the result table carry the same numbers; no person's code is in them.

The files are read back by other programs than those that wrote them. Each test says how many figures it compared, so
that none can pass by finding nothing.
"""

import csv
import zipfile

import polars as pl
import pytest
import read_back
from golden import PROJECT

from chiso.catalogue import load_catalogue
from chiso.cli import main
from chiso.notebook import open_report

QUARTER = PROJECT / "tests" / "notebook" / "quarter"
#: Components whose notebooks run; the scorecards and key results of the others are made without a kernel.
RUN = {"B.III": "B3_procedures", "B.V": "B5_civil_service", "A.IV": "A4_result"}
FIELDS = ("numerator", "denominator", "value", "target")
CATALOGUE = load_catalogue(2024)
#: Excel keeps 15 digits.
DIGITS = 1e-14


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    wanted = [word for component in RUN for word in ("--component", component)]
    with pytest.raises(SystemExit) as left:
        main(["run", "2024-Q4", "--data", str(QUARTER), "--out", str(out), *wanted])
    assert left.value.code == 0
    return out


@pytest.fixture(scope="module")
def folder(out):
    return out / "2024-Q4"


@pytest.fixture(scope="module")
def expected(folder):
    """The department's figures of the result table by indicator."""
    rows = pl.read_parquet(folder / "indicators.parquet").filter(pl.col("unit_code").is_null())
    return {row["indicator"]: row for row in rows.iter_rows(named=True)}


def compare(figures, expected):
    """Compare figures with the result table; return the indicators found, by what was compared of them."""
    compared = {field: set() for field in (*FIELDS, "status", "withheld")}
    for figure in figures:
        row = expected[figure.indicator]
        told = f"{figure.indicator} in {figure.place}"
        if figure.status == "withheld":
            assert all(figure.numbers[field] is None for field in ("numerator", "denominator", "value")), told
            compared["withheld"].add(figure.indicator)
            continue
        for field, number in figure.numbers.items():
            if number is None or row[field] is None:
                assert number is None, f"{told}: {field}"
                assert row[field] is None, f"{told}: {field}"
            elif figure.decimals is None:
                assert number == pytest.approx(row[field], rel=DIGITS, abs=0), f"{told}: {field}"
            else:  # as written, half a unit of the last decimal apart at most; sums of money in millions, two decimals
                apart = 0.5 * 10**-figure.decimals if field == "value" else 0.005 * max(1, abs(number) / 1e6)
                money = "budget" in CATALOGUE.indicator(figure.indicator).tables and field in FIELDS[:2]
                apart = 5_000 if money else apart
                assert abs(number - row[field]) <= apart + 1e-9, f"{told}: {field}"
            if number is not None:
                compared[field].add(figure.indicator)
        if figure.status is not None:
            assert figure.status == (row["status"] or "none"), told
            compared["status"].add(figure.indicator)
    return compared


def with_value(expected, *components):
    return {i for i, row in expected.items() if row["value"] is not None and row["component"] in components}


@pytest.mark.parametrize("component", RUN)
def test_a_page_has_the_numbers_of_the_table(folder, expected, component):
    page = (folder / f"{RUN[component]}.html").read_text(encoding="utf-8")
    figures = list(read_back.in_page(page, component))
    own = {i.id for i in CATALOGUE.of_component(component)}
    compared = compare(figures, expected)
    assert compared["status"] | compared["withheld"] == own
    assert compared["value"] | compared["withheld"] >= with_value(expected, component)
    said = {figure.indicator for figure in figures if "câu" in figure.place}
    assert len(said) >= 4
    folds = {figure.indicator for figure in figures if "nguồn" in figure.place}
    assert len(folds) >= len(own) - 3  # counts, and figures that are not there, have no n/N in their fold


def test_the_other_components_have_them_too(out, expected):
    found, components = [], [c.id for c in CATALOGUE.components if c.notebook and c.id not in RUN]
    for component in components:
        report = open_report(component, period="2024-Q4", data=str(QUARTER), out=str(out))
        ids = [i.id for i in report.indicators]
        parts = (report.scorecard(), report.key_results(*ids), report.definitions())
        page = "".join(part._repr_html_() for part in parts)
        found += read_back.in_page(f"<html><body>{page}</body></html>", component)
    compared = compare(found, expected)
    assert compared["status"] | compared["withheld"] == {i.id for c in components for i in CATALOGUE.of_component(c)}
    said = {figure.indicator for figure in found if "câu" in figure.place}
    assert said >= with_value(expected, *components) - compared["withheld"]
    assert len(said) > 30


def test_the_workbooks_have_the_numbers_of_the_table(folder, expected):
    figures = [
        figure
        for name in ("phu-luc-SIPAS-2024-Q4.xlsx", "phu-luc-PAR-INDEX-2024-Q4.xlsx")
        for figure in read_back.in_workbook(folder / name)
    ]
    compared = compare(figures, expected)
    assert compared["status"] | compared["withheld"] == {i.id for i in CATALOGUE.indicators}
    assert len(compared["value"]) >= 60
    assert len(compared["numerator"]) >= 60
    assert len(compared["denominator"]) >= 55
    assert compared["target"] == {i.id for i in CATALOGUE.indicators if i.target is not None}


def test_the_draft_has_the_numbers_of_the_table(folder, expected):
    figures = list(read_back.in_document(folder / "bao-cao-2024-Q4.docx"))
    compared = compare(figures, expected)
    missing = {i for i, row in expected.items() if row["value"] is None} | compared["withheld"]
    assert compared["value"] | missing == set(expected)
    assert len(compared["value"]) >= 60
    assert len(compared["numerator"]) >= 50
    assert len(compared["status"]) >= 60
    assert len(compared["target"]) >= 50
    assert sum("đoạn" in figure.place for figure in figures) >= 60


def test_a_wrong_number_is_found(expected):
    """The comparison itself: one digit, another status, a figure that is not there."""
    row = expected["B.III.8"]
    right = {field: row[field] for field in FIELDS}
    compare([read_back.Figure("B.III.8", "x", right, status=row["status"])], expected)
    for wrong in (right | {"value": right["value"] + 1e-9}, right | {"numerator": None}, right | {"target": 0.99}):
        with pytest.raises(AssertionError):
            compare([read_back.Figure("B.III.8", "x", wrong)], expected)
    with pytest.raises(AssertionError):
        compare([read_back.Figure("B.III.8", "x", right, status="pending")], expected)
    [told] = read_back.said(f"đạt {100 * row['value'] + 0.2:.1f} % (B.III.8: 1/2 hồ sơ)".replace(".", ",", 1), "x")
    with pytest.raises(AssertionError):
        compare([told], expected)


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
        if file.suffix in (".xlsx", ".docx"):
            with zipfile.ZipFile(file) as packed:
                parts = [packed.read(entry) for entry in packed.namelist()]
        searched += 1
        assert not [code for code in codes if any(code in part for part in parts)], file.name
    assert searched > 12
