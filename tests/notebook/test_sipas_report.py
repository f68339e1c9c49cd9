"""The report on the survey: sentences, tables and charts of the quarter agree with the result tables."""

import polars as pl
import pytest

from chiso.errors import ChisoError
from chiso.indicators.survey_form import FORM
from chiso.notebook import Sipas, survey
from chiso.reporting import privacy
from chiso.reporting.html import Block, Prose
from chiso.reporting.tables import sipas as sipas_tables


@pytest.fixture
def report(context):
    return Sipas(context)


def everything(report):
    calls = ("header", "key_results", "lines", "target", "units", "ranks", "factors_by_unit", "changes")
    calls += ("unit_changes", "drivers", "scale", "groups", "comments")
    return {name: getattr(report, name)() for name in calls}


def test_all_of_it_shows_and_reconciles(report):
    shown = everything(report)
    assert all(part._repr_html_() for part in shown.values())
    assert len(report.ledger.sums) > 50
    assert isinstance(report.reconcile(), Prose)


def test_of_a_unit_too(of_unit):
    report = Sipas(of_unit("TDKT"))
    everything(report)
    report.reconcile()


def test_a_changed_interval_does_not_reconcile(report):
    from chiso.notebook.ledger import ReconcileError

    report.lines()
    wrong = report.ledger.sums[-1]
    report.ledger.sums[-1] = type(wrong)(wrong.label, 0.123456, wrong.expected)
    with pytest.raises(ReconcileError):
        report.reconcile()


def test_the_key_sentence_has_interval_decision_and_the_sample_it_would_take(report, context):
    told = report.key_results().paragraphs[0]
    goal = context.results.statistics["satisfaction_target"].filter(pl.col("unit_code").is_null()).row(0, named=True)
    assert goal["decision"].startswith("undecided")
    assert "Khoảng tin cậy 95" in told
    assert "chưa đủ cơ sở" in told
    assert f"đang có {goal['n']}" in told


def test_withheld_figures_have_no_evidence(context, monkeypatch):
    hidden = {(None, "sipas"), (None, "A.I")}
    monkeypatch.setattr(type(context), "hidden", lambda self, period: hidden)
    report = Sipas(context)
    assert survey.evidence(context, report.ledger, "sipas") == ""
    assert isinstance(report.drivers(), Prose)
    assert isinstance(report.scale(), Prose)
    rows = report.lines().frame
    assert {"sipas", "A.I"}.isdisjoint(rows["code"])


def test_comments_are_counted_and_few_are_withheld(context):
    assert all(table.frame.is_empty() for table in Sipas(context).comments().parts)  # the quarter has none


def test_groups_are_shown_and_few_are_withheld(context, monkeypatch):
    table = Sipas(context).groups()
    rows = table.frame.filter(pl.col("row_kind") == "")
    assert {"field", "gender"} <= set(rows["dimension"])
    assert rows["n"].drop_nulls().min() >= privacy.MINIMUM
    first = rows.row(0, named=True)
    monkeypatch.setattr(privacy, "hidden_groups", lambda sources: {(first["dimension"], first["value"])})
    report = Sipas(context)
    page = report.groups()
    out = page.frame.filter(pl.col("format") == "withheld")
    assert out.select("n", "share", "ci_low", "share_unweighted").row(0) == (None, None, None, None)
    assert out.height == 1
    assert "*" in page._repr_html_()
    report.reconcile()
    monkeypatch.setattr(privacy, "hidden_groups", lambda sources: None)
    assert Sipas(context).groups().frame.is_empty()


def test_questions_are_shown_by_the_forms_text(context, tmp_path):
    form = tmp_path / FORM
    form.write_text(
        'code = "F"\ntitle = "Phiếu"\n[scales.five]\ncodes = [1, 2, 3, 4, 5]\nlabels = ["1", "2", "3", "4", "5"]\n'
        'satisfied = [4, 5]\n[[items]]\ncode = "access_1"\ntext = "Nơi ngồi chờ có đủ chỗ"\n'
        'factor = "access"\nscale = "five"\n',
        encoding="utf-8",
    )

    class Folder:
        folder = tmp_path

    assert sipas_tables.item_texts(Folder(), 2024) == {"access_1": "Nơi ngồi chờ có đủ chỗ"}
    context.__dict__["item_texts"] = sipas_tables.item_texts(Folder(), 2024)
    assert "Nơi ngồi chờ có đủ chỗ" in survey.scale(context, Sipas(context).ledger, "A.I")._repr_html_()
    form.write_text("code =", encoding="utf-8")
    with pytest.raises(ChisoError, match=r"questionnaire\.toml"):
        sipas_tables.item_texts(Folder(), 2024)


def test_changes_say_where_there_is_none(report):
    found = report.changes()
    assert isinstance(found, Block | Prose)
