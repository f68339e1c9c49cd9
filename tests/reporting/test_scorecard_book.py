"""The scorecard workbook calculates what the program calculates, before and after a person changes a point."""

import io
from datetime import date

import polars as pl
import pytest
from openpyxl import load_workbook

from chiso.catalogue import load_catalogue
from chiso.indicators.results import SCHEMA
from chiso.reporting.excel.evaluate import Evaluator
from chiso.reporting.scorecard_book import CardSheet, rule_formula, scorecard_book
from chiso.scoring import scores
from chiso.scoring.scorecard import Criterion, Step, points
from chiso.scoring.scorecard.assessment import assessed
from chiso.scoring.scorecard.card_file import own_scorecard
from chiso.scoring.scorecard.values import Values

CATALOGUE = load_catalogue(2024)
CARD = own_scorecard("example")
FIGURES = {"I.1": 0.9, "I.2.1": 0.3, "I.2.2": 1.0, "I.3": 3.0, "I.4": 1.0, "I.5": 1.0, "II.1": 0.985, "II.2": 0.05,
           "II.3": "missing", "II.4": "not_applicable", "II.5": 1.0}  # fmt: skip


def result_rows():
    rows = []
    values = {"B.I.1": 0.8, "B.I.2a": 0.5, "B.I.2b": 0.5, "B.I.5c": 2.0, "B.VII.4a": 0.3, "B.VII.4d": None}
    for name, value in values.items():
        i = CATALOGUE.indicator(name)
        attained = None if value is None else float(value == 0) if i.target == 0 else min(1.0, value / i.target)
        rows.append(
            dict.fromkeys(SCHEMA)
            | {"indicator": name, "plan_item": i.plan_item, "component": i.component, "value": value}
            | {"target": i.target, "comparator": i.comparator, "measure": i.measure, "attainment": attained}
        )
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def scored(**changes):
    period = "2024-Q4"
    cells = {(period, "", code): value for code, value in (FIGURES | changes).items()}
    given = {"appraisal": {"I.1": 2.0, "II.5": 1.5}, "survey": {"II.3": 2.5}}
    values = {"self": Values.of(CARD.codes, cells)}
    for name, codes in given.items():
        values[name] = Values.empty((period,), ("",), CARD.codes).changed(
            {(period, "", c): v for c, v in codes.items()}
        )
    return assessed(CARD, values)


def book():
    sheet = CardSheet(CARD, scored(), "", {"I.1": "=1+1"})
    content = scorecard_book(
        result_rows(), CATALOGUE, [sheet], unit=None, scope="Quý IV/2024", dated=date(2024, 12, 14)
    )
    return content, load_workbook(io.BytesIO(content))


def column(workbook, sheet, key, wanted):
    """Values of a column by the code in the first; the total of a scorecard has none."""
    ws, evaluator = workbook[sheet], Evaluator(workbook)
    place = {ws.cell(r, 1).value: r for r in range(1, ws.max_row + 1) if ws.cell(r, 1).value}
    return evaluator.value(sheet, place[key], wanted)


def test_points_are_those_of_the_program():
    _, workbook = book()
    final = scored()["final"].table()
    for row in final.filter(pl.col("level") != "total").iter_rows(named=True):
        found = column(workbook, CARD.code, row["code"], 9)
        assert found == "" if row["points"] is None else found == pytest.approx(row["points"], abs=1e-12), row["code"]
    ws = workbook[CARD.code]
    total = next(r for r in range(1, ws.max_row) if ws.cell(r, 2).value == "Cộng")
    whole = final.filter(level="total").row(0, named=True)
    evaluator = Evaluator(workbook)
    assert evaluator.value(CARD.code, total, 9) == pytest.approx(whole["points"], abs=1e-12)
    assert evaluator.value(CARD.code, total, 10) == pytest.approx(whole["max_points"])
    assert 100 * evaluator.value(CARD.code, total, 11) == pytest.approx(whole["percent"])
    assert evaluator.value(CARD.code, total + 1, 9) == CARD.rating(whole["percent"], whole["points"])


def test_a_changed_point_moves_criterion_area_and_total():
    _, workbook = book()
    ws = workbook[CARD.code]
    row = next(r for r in range(1, ws.max_row) if ws.cell(r, 1).value == "I.3")
    ws.cell(row, 4).value = 0
    after = scored(**{"I.3": 0.0})["final"].table()
    for code, level in (("I.3", "criterion"), ("I", "area")):
        wanted = after.filter(code=code, level=level)["points"][0]
        assert column(workbook, CARD.code, code, 9) == pytest.approx(wanted)
    total = next(r for r in range(1, ws.max_row) if ws.cell(r, 2).value == "Cộng")
    assert Evaluator(workbook).value(CARD.code, total, 9) == pytest.approx(after.filter(level="total")["points"][0])


def test_attainment_is_that_of_the_program_and_moves():
    _, workbook = book()
    sheet = "Mức đạt B"
    expected = scores(result_rows(), CATALOGUE).filter(pl.col("points").is_not_null())
    for row in expected.filter(pl.col("code").str.starts_with("B")).iter_rows(named=True):
        assert column(workbook, sheet, row["code"], 5) == pytest.approx(row["points"], abs=1e-12), row["code"]
    ws = workbook[sheet]
    place = {ws.cell(r, 1).value: r for r in range(1, ws.max_row + 1)}
    ws.cell(place["B.VII.4a"], 3).value = 0.6
    assert column(workbook, sheet, "B.VII.4a", 5) == 1
    assert column(workbook, sheet, "B.VII.4a", 6) == pytest.approx(0.5)
    assert column(workbook, sheet, "B", 6) == pytest.approx(0.25)  # one of two components, one of its items
    assert column(workbook, sheet, "B.VII.4d", 5) == ""


@pytest.mark.parametrize(
    "criterion",
    [
        Criterion(code="1", max_points=4, rule="manual"),
        Criterion(code="1", max_points=4, rule="binary"),
        Criterion(code="1", max_points=4, rule="binary", target=0),
        Criterion(code="1", max_points=4, rule="proportional", target=0.8, floor=0.4),
        Criterion(code="1", max_points=4, rule="steps", steps=(Step(0.8, 2), Step(1, 4), Step(0, 0.5))),
        Criterion(code="1", max_points=4, rule="steps", steps=(Step(3, 0), Step(1, 2), Step(0, 4))),
        Criterion(code="1", max_points=4, rule="count", per_unit=1.5),
        Criterion(code="1", max_points=4, rule="count", target=3),
        Criterion(code="1", max_points=4, rule="deduct", per_unit=0.5),
        Criterion(code="1", max_points=4, rule="linear_lower", best=0.1, worst=0.9),
    ],
)
def test_every_rule_as_a_formula(criterion):
    from openpyxl import Workbook

    workbook = Workbook()
    ws = workbook.active
    values = [-1, 0, 0.1, 0.39, 0.4, 0.5, 0.79, 0.8, 0.9, 1, 1.5, 2, 3, 9]
    for row, value in enumerate(values, 1):
        ws.cell(row, 1).value = value
        ws.cell(row, 2).value = f"={rule_formula(criterion, f'A{row}')}"
    evaluator = Evaluator(workbook)
    found = [evaluator.value(ws.title, row, 2) for row in range(1, len(values) + 1)]
    assert found == pytest.approx(points(criterion, values).tolist(), abs=1e-12)


def test_words_stay_words_and_the_bytes_are_the_same():
    content, workbook = book()
    assert book()[0] == content
    ws = workbook[CARD.code]
    row = next(r for r in range(1, ws.max_row) if ws.cell(r, 1).value == "I.1")
    assert ws.cell(row, 12).data_type == "s"
