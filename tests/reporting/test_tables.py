from __future__ import annotations

import datetime as dt
import re

import polars as pl
import pytest

from chiso.indicators.views import Sources
from chiso.reporting import formats, tables
from chiso.reporting.html import table_html
from chiso.reporting.report import header_of
from chiso.reporting.tables.source import source_columns


@pytest.fixture
def sources(material):
    return Sources(material.dataset, material.catalogue, material.timeframe)


def shown(table) -> list[list[str]]:
    return [[formats.show(c.value, c.format, c.column.missing) for c in row.cells] for row in table.rows()]


def by(table, column: str) -> dict[str, dict]:
    return {row[column]: row for row in table.frame.iter_rows(named=True)}


# ------------------------------------------------------------------------------------------------------- scorecards


def test_scorecard_shows_every_indicator_of_its_component_in_the_plans_order(material):
    for component in ("A.I", "B.I", "B.III", "P"):
        table = tables.scorecard_table(material.indicators, material.catalogue, component)
        assert table.frame["indicator"].to_list() == [i.id for i in material.catalogue.of_component(component)]


def test_scorecard_of_the_index_alone_has_the_factors_too(material):
    table = tables.scorecard_table(material.indicators, material.catalogue, "A")
    factors = [f"A.{n}.index" for n in ("I", "II", "III", "IV", "V")]
    assert table.frame["indicator"].to_list() == ["sipas", *factors]
    assert formats.show(0.87, table.frame["target_format"][0]) == ">\N{NO-BREAK SPACE}87\N{NO-BREAK SPACE}%"
    assert set(table.frame["value_format"]) == {"percent"}


def test_only_the_index_on_a_hundred_is_no_percentage(material):
    row = by(tables.scorecard_table(material.indicators, material.catalogue, "B.III"), "indicator")["B.III.9"]
    assert row["value_format"] == "number"
    assert formats.show(row["target"], row["target_format"]) == "≥\N{NO-BREAK SPACE}80"


def test_scorecard_shows_counts_share_target_and_owner(material):
    row = by(tables.scorecard_table(material.indicators, material.catalogue, "B.III"), "indicator")["B.III.8"]
    assert (row["numerator"], row["denominator"], row["status"]) == (2, 3, "not_met")
    assert row["owner"] == material.catalogue.item("B.III.8").owner
    assert row["item"] == "B.III.8"


def test_scorecard_of_a_unit(material):
    table = tables.scorecard_table(material.indicators, material.catalogue, "B.III", "U1")
    row = by(table, "indicator")["B.III.8"]
    assert (row["numerator"], row["denominator"], row["status"]) == (2, 2, "met")


def test_scorecard_without_results_says_no_data(material):
    table = tables.scorecard_table(material.indicators.clear(), material.catalogue, "B.I", as_of=dt.date(2024, 12, 14))
    assert set(table.frame["status"]) == {"no_data"}


def test_withheld_figures_are_told_and_not_shown(material):
    # U1 has 3 respondents; with it U2, else U1 follows from the whole; together they are 10.
    for unit, hidden in (("U1", True), ("U2", True), ("U3", False), (None, False)):
        row = by(tables.scorecard_table(material.indicators, material.catalogue, "A.I", unit), "indicator")["A.I.index"]
        assert (row["status"] == "withheld", row["value"] is None) == (hidden, hidden)


def test_units_leaves_out_what_has_no_data(material):
    table = tables.units_table(material.indicators, material.catalogue, ["B.III"], material.units)
    assert "no_data" not in table.frame["status"].to_list()
    figures = table.frame.filter(pl.col("indicator") == "B.III.8")
    assert figures["unit"].to_list()[0] == "=1+1"
    assert figures["numerator"].sum() == 2


# ------------------------------------------------------------------------------------------------------------ board


def result(indicator: str, status: str | None, value: float | None, **more) -> dict:
    return {"indicator": indicator, "unit_code": None, "status": status, "value": value, "target": 1.0,
            "comparator": "==", "deadline": None, "as_of": dt.date(2024, 12, 14)} | more  # fmt: skip


def board(material, *rows: dict) -> dict[str, dict]:
    frame = pl.DataFrame(
        list(rows), schema_overrides={"deadline": pl.Date, "unit_code": pl.String, "target": pl.Float64}
    )
    return by(tables.board_table(frame, material.catalogue), "item")


def test_board_has_every_item_once(material):
    assert tables.board_table(material.indicators, material.catalogue).frame["item"].to_list() == [
        i.id for i in material.catalogue.items
    ]
    heights = [
        tables.board_table(material.indicators, material.catalogue, index=index).frame.height for index in ("A", "B")
    ]
    assert heights == [8, 41]


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        (("met", "not_met", "met", "met"), "not_met"),
        (("met", "pending", "met", "met"), "pending"),
        (("met", "pending", "not_met", "at_risk"), "not_met"),
        (("at_risk", "pending", "met", "met"), "at_risk"),
        (("met", "no_data", "met", "met"), "met"),  # no refusals in the period: nothing to hold against the item
        (("no_data", "no_data", "no_data", "no_data"), "no_data"),
    ],
)
def test_an_item_stands_as_its_worst_indicator(material, statuses, worst):
    ids = [i.id for i in material.catalogue.of_item("B.III.6")]
    item = board(material, *[result(i, s, 0.5) for i, s in zip(ids, statuses, strict=True)])["B.III.6"]
    assert item["status"] == worst
    assert item["indicator"] == ids[statuses.index(worst)]
    assert (item["met"], item["targeted"]) == (statuses.count("met"), 4)


def test_watched_indicators_do_not_decide_where_there_is_a_target(material):
    rows = [result("A.IV.1a", "met", 1.0), result("A.IV.1b", None, 0.2, target=None, comparator=None)]
    assert board(material, *rows)["A.IV.1"]["status"] == "met"


@pytest.mark.parametrize(("status", "left"), [("pending", 17), ("not_met", 17), ("met", None)])
def test_days_left_until_it_is_met(material, status, left):
    item = board(material, result("B.II.2", status, 0.0, deadline=dt.date(2024, 12, 31)))["B.II.2"]
    assert item["days_left"] == left


# ---------------------------------------------------------------------------------------------------------- form II.06


def test_form_has_thirteen_columns_under_three_header_rows(material):
    table = tables.case_balance_table(material.results.case_balance)
    placed, depth = header_of(table)
    assert (len(table.columns), depth) == (13, 3)
    spans = {(p.row, p.column): (p.cell.rows, p.cell.columns) for p in placed}
    assert spans[0, 0] == spans[0, 1] == (3, 1)
    assert [spans[0, c] for c in (2, 6, 10)] == [(1, 4), (1, 4), (1, 3)]
    assert spans[1, 2] == (2, 1)
    assert spans[1, 3] == (1, 2)
    assert [spans[2, c] for c in (3, 4)] == [(1, 1), (1, 1)]
    assert all(spans[1, c] == (2, 1) for c in range(5, 13))


def test_form_ends_with_the_margin_and_names_cases_without_due_date(material):
    table = tables.case_balance_table(material.results.case_balance)
    assert shown(table)[-1] == ["", "Tổng cộng", "6", "3", "2", "1", "4", "1", "1", "1", "2", "1", "1"]
    assert [row.kind for row in table.rows()] == ["", "", "total"]
    assert "1 hồ sơ đã giải quyết và 0 hồ sơ" in table.notes[0].text


def test_form_by_unit_and_of_a_unit(material):
    balance = material.results.case_balance
    table = tables.case_balance_table(balance, by="unit_code", units=material.units)
    assert table.frame["unit_code"].to_list()[0] == "=1+1"
    assert table.frame["total"].to_list() == [3, 3, 6]
    one = tables.case_balance_table(balance, "U1")
    assert one.frame["total"].to_list() == [3, 3]
    assert tables.case_balance_table(balance, "U3").frame["total"].to_list() == [0]


def test_a_field_called_like_a_units_code_keeps_its_name(material):
    balance = material.results.case_balance.with_columns(field=pl.col("field").replace({"Tôn giáo": "U1"}))
    fields = tables.case_balance_table(balance, units=material.units).frame["field"].to_list()
    before = tables.case_balance_table(material.results.case_balance, units=material.units).frame["field"].to_list()
    assert "Tôn giáo" in before and sorted(fields) == sorted("U1" if name == "Tôn giáo" else name for name in before)


def test_form_without_cases_says_so(material):
    table = tables.case_balance_table(material.results.case_balance.clear())
    assert "Chưa có dữ liệu" in table_html(table)


# -------------------------------------------------------------------------------------------------------------- lists


def test_overdue_cases(material, sources):
    table = tables.overdue_cases_table(sources)
    assert table.frame.select("case_id", "days").rows() == [("-H5", 43)]
    assert tables.overdue_cases_table(sources, "U1").frame.is_empty()
    assert tables.overdue_cases_table(sources, limit=0).notes


@pytest.mark.parametrize("name", ["officer_id", "comment"])
def test_codes_of_people_are_refused(name):
    table = "cases" if name == "officer_id" else "survey_responses"
    with pytest.raises(ValueError, match="must not be published"):
        source_columns(table, [name])


def test_deliverables_and_their_state(sources):
    table = tables.deliverables_table(sources, ["B.I.1"])
    states = dict(table.frame.select("title", "state").rows())
    assert states == {
        "Xong": "Xong, đúng hạn",
        "Thiếu": "Thiếu minh chứng",
        "Muộn": "Xong, quá hạn",
        "Quá hạn": "Quá hạn",
        "Còn hạn": "Chưa đến hạn",
    }
    assert table.notes
    assert tables.deliverables_table(sources, ["B.I.3"]).frame.is_empty()


def test_survey_cells_that_may_not_be_published_are_stars(material):
    rows = shown(
        tables.survey_table(material.results.satisfaction, material.catalogue, material.units, material.hidden)
    )
    assert [row[0][:8] for row in rows] == ["=1+1", "Phòng rấ", "Phòng Ba", "Toàn bộ"]
    assert rows[0][1:] == ["*"] * 7
    assert rows[1][1:] == ["*"] * 7
    assert rows[2][1:3] == ["20", "95,0\N{NO-BREAK SPACE}%"]
    assert "*" not in rows[3]


# ------------------------------------------------------------------------------------------------------------ quality


def test_account_adds_up(material, department):
    table = tables.account_table(material.dataset)
    total = table.frame.row(-1, named=True)
    told = sum(total[c] for c in ("accepted", "merged", "superseded", "rejected", "layout"))
    assert total["read"] == told == sum(content.count("\n") - 1 for content in department.values())
    assert total["rejected"] == 1


def test_rejects_are_told_by_reason(material):
    data = material.dataset
    assert tables.rejects_table(data).frame["rows"].to_list() == [1]


def test_definitions_say_what_was_not_verified(material):
    table = tables.definitions_table(material.catalogue, "B.III")
    rows = by(table, "indicator")
    assert rows["B.III.9"]["verified"] == "chưa kiểm chứng"
    assert rows["B.III.8"]["verified"] == "đã kiểm chứng"
    assert "3/20" in table.notes[0].text


# ------------------------------------------------------------------------------------------- one number, everywhere


def test_html_carries_the_numbers_of_the_frame(material):
    for table in (
        tables.scorecard_table(material.indicators, material.catalogue, "B.III"),
        tables.case_balance_table(material.results.case_balance),
    ):
        inside = [formats.raw(c.value) for row in table.rows() for c in row.cells if c.format in formats.NUMERIC]
        cells = re.findall(r'<t[dh][^>]*? data-value="([^"]*)">([^<]*)</t[dh]>', table_html(table))
        numbers = [raw for raw, words in cells if not re.match(r"\d\d/\d\d/\d{4}", words)]
        assert [raw for raw in numbers if raw] == [raw for raw in inside if raw]
