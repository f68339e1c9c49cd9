"""Cells of the questionnaire with few respondents show nowhere in a report, and follow from nothing shown."""

import polars as pl
import pytest

from chiso.notebook import Report, key_results, survey
from chiso.notebook.changes import changes_table
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.reporting import privacy
from chiso.reporting.disclosure import decide
from chiso.reporting.html import Prose
from chiso.sources.kept import NO_SHELVES


def counts(sizes):
    """Answers of one quarter to two items of a factor by unit."""
    return {(unit, 1): [n, n] for unit, n in sizes.items()}


def hidden_units(sizes):
    return decide(counts(sizes))["Q1"]


def test_a_unit_of_four_takes_the_next_smallest_with_it():
    assert hidden_units({"a": 4, "b": 6, "c": 40}) == {"a", "b"}


def test_five_respondents_are_enough():
    assert hidden_units({"a": 5, "b": 6}) == set()


def test_two_small_units_together_of_five_need_no_third():
    assert hidden_units({"a": 2, "b": 3, "c": 40}) == {"a", "b"}


def test_two_small_units_of_less_than_five_need_a_third():
    assert hidden_units({"a": 1, "b": 2, "c": 9, "d": 40}) == {"a", "b", "c"}


def test_the_whole_goes_where_it_has_less_than_five():
    assert hidden_units({"a": 1, "b": 2}) == {"a", "b", None}


def test_an_item_rarely_answered_hides_its_factor():
    assert decide({("a", 1): [30, 3], ("b", 1): [20, 20], ("c", 1): [50, 50]})["Q1"] == {"a", "b"}


def test_no_answers_are_no_cell():
    assert hidden_units({"a": 0, "b": 6}) == set()


def test_nothing_hidden_follows_from_what_is_shown():
    """With any one unit subtracted from the total, at least two units of five respondents together remain unknown."""
    sizes = {"a": 1, "b": 4, "c": 5, "d": 7, "e": 60}
    out = hidden_units(sizes)
    assert len(out) >= 2
    assert sum(sizes[unit] for unit in out) >= privacy.MINIMUM


def test_indices_of_forms_with_other_items_are_not_subtracted(context):
    def told():
        ledger = Ledger(context)
        sipas = context.indicator("sipas")
        return key_results.changes(context, ledger, sipas, context.figure("sipas"))

    changes = context.results.statistics["satisfaction_changes"]
    assert told()
    context.results.statistics["satisfaction_changes"] = changes.with_columns(all_items=pl.lit(False))
    assert told() == []
    table = changes_table(context, Ledger(context), "A.I")
    if isinstance(table, Prose):
        return  # nothing else to compare
    row = table.frame.filter(pl.col("indicator") == "A.I.index")
    assert row.is_empty() or row.select(pl.col("^difference_.*$")).row(0) == (None, None)


@pytest.fixture
def few_answers(context, monkeypatch):
    """The quarter with unit CCVC's answers thinned to three respondents for the rule of publication."""
    real = privacy.quarter_counts

    def thinned(sources):
        found = real(sources)
        return {
            factor: {key: [min(n, 3) for n in cells] if key == ("CCVC", 4) else cells for key, cells in of.items()}
            for factor, of in found.items()
        }

    monkeypatch.setattr(privacy, "quarter_counts", thinned)
    monkeypatch.setitem(context.dataset.__dict__, "kept", NO_SHELVES)  # decided on these counts, and not kept
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
    for sum_ in report.ledger.sums:
        assert not any(f"'{unit}'" in sum_.label for unit in out)


def test_withheld_units_have_no_rank_difference_or_change(few_answers):
    out = {unit for unit, code in few_answers.hidden(few_answers.period) if code == "A.I"}
    ranks = survey.ranks(few_answers, Ledger(few_answers), "A.I.index").frame
    assert out.isdisjoint(ranks["unit_code"])
    assert ranks["rank"].to_list() == sorted(ranks["rank"].to_list())
    assert ranks["rank"].max() <= ranks.height
    assert ranks["rank_worst"].max() <= ranks.height
    for name in ("details", "target", "units", "changes"):
        rows = survey.table(few_answers, name)
        rows = rows.filter(pl.col("code").is_in(["A.I", "access_1", "access_2", privacy.OVERALL]))
        assert out.isdisjoint(rows["unit_code"].drop_nulls()), name
        if name == "units":
            assert out.isdisjoint(rows["other"].drop_nulls())


def test_a_withheld_unit_gets_no_answers_in_its_own_report(few_answers):
    own = type(few_answers)(
        few_answers.dataset, few_answers.catalogue, few_answers.timeframe, "CCVC", few_answers.folder
    )
    report = Report(own, own.catalogue.component("A.I"))
    for shown in (report.likert(), report.survey_items()):
        assert isinstance(shown, Prose)
        assert "Không công bố" in shown.paragraphs[0]
    assert "không công bố" in report.key_results("A.I.index").paragraphs[1]
    score = report.scorecard().frame.filter(pl.col("indicator") == "A.I.index")
    assert score["value"].to_list() == [None]
    assert score["status"].to_list() == ["withheld"]


def test_a_withheld_figure_of_an_earlier_period_is_in_no_forecast(context, monkeypatch):
    """A forecast is a mean of the periods so far: the withheld one would follow from it and the published ones."""
    real, earlier = Context.hidden, context.period.previous()
    shown = context.indicators.filter(~pl.col("withheld"), pl.col("indicator") == "sipas")["unit_code"].to_list()
    assert None in shown
    assert set(context.forecasts.filter(indicator="sipas")["unit_code"]) == set(shown)

    def hidden(self, period):
        return real(self, period) | ({(None, privacy.OVERALL)} if period == earlier else set())

    monkeypatch.setattr(Context, "hidden", hidden)
    anew = Context(context.dataset, context.catalogue, context.timeframe, folder=context.folder)
    found = anew.forecasts.filter(indicator="sipas")["unit_code"].to_list()
    assert None not in found
    assert set(found) == set(shown) - {None}
    assert anew.forecasts.filter(indicator="B.III.8").height == context.forecasts.filter(indicator="B.III.8").height


def test_the_likert_counts_are_the_valid_answers(context):
    report = Report(context, context.catalogue.component("A.I"))
    report.likert()
    items = report.survey_items().frame.filter(pl.col("row_kind") == "")
    assert items.height >= 2
    assert items["n"].min() >= privacy.MINIMUM
    report.reconcile()
