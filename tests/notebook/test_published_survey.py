"""Cells of the questionnaire with few respondents show nowhere in a report, and follow from nothing shown."""

import polars as pl
import pytest

from chiso.indicators.survey import FACTORS
from chiso.notebook import Report
from chiso.reporting import privacy
from chiso.reporting.html import Prose


def satisfaction(sizes, feedback=None):
    """Rows as the result table has them: each unit answers two items of each factor; None is the whole."""
    rows = []
    whole = {None: sum(sizes.values())} if sizes else {}
    for unit, n in {**sizes, **whole}.items():
        for factor, code in FACTORS.items():
            own = (feedback or {}).get(unit, n) if factor == "feedback" else n
            rows += [
                {"unit_code": unit, "level": "item", "code": f"{factor}_1", "n": n, "share": 0.5},
                {"unit_code": unit, "level": "item", "code": f"{factor}_2", "n": own, "share": 0.5},
                {"unit_code": unit, "level": "factor", "code": code, "n": n, "share": 0.5},
            ]
    return pl.DataFrame(
        rows, schema={"unit_code": pl.String, "level": pl.String, "code": pl.String, "n": pl.Int64, "share": pl.Float64}
    )


def hidden_units(table, factor):
    return {unit for unit, code in privacy.hidden(table) if code == factor}


def test_a_unit_of_four_takes_the_next_smallest_with_it():
    assert hidden_units(satisfaction({"a": 4, "b": 6, "c": 40}), "A.I") == {"a", "b"}


def test_five_respondents_are_enough():
    assert hidden_units(satisfaction({"a": 5, "b": 6}), "A.I") == set()


def test_two_small_units_together_of_five_need_no_third():
    assert hidden_units(satisfaction({"a": 2, "b": 3, "c": 40}), "A.I") == {"a", "b"}


def test_two_small_units_of_less_than_five_need_a_third():
    assert hidden_units(satisfaction({"a": 1, "b": 2, "c": 9, "d": 40}), "A.I") == {"a", "b", "c"}


def test_the_whole_goes_where_it_has_less_than_five():
    assert hidden_units(satisfaction({"a": 1, "b": 2}), "A.I") == {"a", "b", None}


def test_an_item_rarely_answered_hides_its_factor_alone_and_the_overall_index():
    out = privacy.hidden(satisfaction({"a": 30, "b": 20, "c": 50}, feedback={"a": 3}))
    assert {code for unit, code in out if unit == "a"} == {"A.V", privacy.OVERALL}
    assert {unit for unit, code in out if code == "A.V"} == {"a", "b"}


def test_no_answers_are_no_cell():
    assert hidden_units(satisfaction({"a": 0, "b": 6}), "A.I") == set()


def test_nothing_hidden_follows_from_what_is_shown():
    """With any one unit subtracted from the total, at least two units of five respondents together remain unknown."""
    sizes = {"a": 1, "b": 4, "c": 5, "d": 7, "e": 60}
    out = hidden_units(satisfaction(sizes), "A.I")
    assert len(out) >= 2
    assert sum(sizes[unit] for unit in out) >= privacy.MINIMUM


@pytest.fixture
def few_answers(context):
    """The quarter with unit CCVC's answers thinned to three respondents."""
    table = context.results.satisfaction
    of_unit = (pl.col("unit_code") == "CCVC") & (pl.col("n") > 3)
    thinned = table.with_columns(n=pl.when(of_unit).then(3).otherwise("n"))
    context.__dict__["results"] = type(context.results)(**{**context.results.__dict__, "satisfaction": thinned})
    return context


def test_withheld_units_are_in_no_chart_and_named_below(few_answers):
    report = Report(few_answers, few_answers.catalogue.component("A.I"))
    out = {unit for unit, code in few_answers.hidden(few_answers.period) if code == "A.I"}
    assert "CCVC" in out
    assert len(out) >= 2
    chart = report.compare_units("A.I.index")
    note = next(note for note in chart.notes if note.startswith("Không công bố"))
    for unit in out:
        name = few_answers.unit_names[unit]
        assert name in note
        assert name not in chart.alt
    assert {s.unit for s in report.ledger.shown}.isdisjoint(out)


def test_a_withheld_unit_gets_no_answers_in_its_own_report(few_answers):
    few_answers.__dict__["results"] = few_answers.results
    own = type(few_answers)(
        few_answers.dataset, few_answers.catalogue, few_answers.timeframe, "CCVC", few_answers.folder
    )
    own.__dict__["results"] = few_answers.results
    report = Report(own, own.catalogue.component("A.I"))
    for shown in (report.likert(), report.survey_items()):
        assert isinstance(shown, Prose)
        assert "Không công bố" in shown.paragraphs[0]
    assert "không công bố" in report.key_results("A.I.index").paragraphs[1]
    score = report.scorecard().frame.filter(pl.col("indicator") == "A.I.index")
    assert score["value"].to_list() == [None]
    assert score["status"].to_list() == ["withheld"]


def test_the_likert_counts_are_the_valid_answers(context):
    report = Report(context, context.catalogue.component("A.I"))
    report.likert()
    items = report.survey_items().frame.filter(pl.col("row_kind") == "")
    assert items.height >= 2
    assert items["n"].min() >= privacy.MINIMUM
    report.reconcile()
