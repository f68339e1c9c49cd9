"""The overview's first screen and board: right at the edges, and nothing in the data becomes markup or script."""

from html.parser import HTMLParser

import polars as pl
import pytest

from chiso.notebook.answers import first_screen
from chiso.notebook.attained import Attained
from chiso.notebook.board import items
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger, ReconcileError
from chiso.notebook.moves import moves, moves_table
from chiso.notebook.overview import Overview
from chiso.reporting.filter_board import STATUSES
from chiso.runs.plan import catalogue_for
from chiso.worktime import Period, Timeframe

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "Phòng “A” & 'B'",
    "Đơn vị 🎉 lễ hội",
    "\u202eđảo ngược\u202c",
    "N" * 200,
    "a;b|c={all}",
]


class Page(HTMLParser):
    """What a browser makes of a page: elements with their attributes, the text of options, the scripts."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self.words, self._open = [], {}, []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if self._open:
            self.words.setdefault(self._open[-1], []).append(data)

    def of(self, name):
        return [attributes for tag, attributes in self.elements if tag == name]


def answers_of(context):
    return {a.id: a for a in first_screen(context, Ledger(context)).answers}


def judged_as(context, status, attainment):
    """The context with every indicator that has a target in one status."""
    judged = pl.col("target").is_not_null() & pl.col("status").is_not_null()
    rows = context.results.indicators.with_columns(
        status=pl.when(judged).then(pl.lit(status)).otherwise("status"),
        attainment=pl.when(judged).then(pl.lit(attainment)).otherwise("attainment"),
    )
    shown = rows.with_columns(withheld=pl.lit(False))
    context.__dict__.update(_indicators=shown, _unanswered=(shown, context._unanswered[1]))
    return context


def test_five_questions_are_answered_and_agree_with_the_tables(context):
    overview = Overview(context)
    screen = overview.first_screen()
    html = screen._repr_html_()
    questions = (
        "Chúng ta đang ở đâu?",
        "Việc gì chậm?",
        "Việc đó của ai?",
        "Điều gì đã thay đổi?",
        "tin được đến đâu?",
    )
    assert [html.find(q) for q in questions] == sorted(html.find(q) for q in questions)
    assert -1 not in [html.find(q) for q in questions]
    counts = dict(screen.tally.counts)
    whole = context.indicators.filter(pl.col("unit_code").is_null() & pl.col("target").is_not_null())
    assert counts["not_met"] == whole.filter(pl.col("status") == "not_met").height
    answers = {a.id: a for a in screen.answers}
    assert answers["late"].summary.startswith(f"{counts['not_met']} chỉ số không đạt")
    assert answers["late"].lines[0].owner
    assert "14/12/2024" in " ".join(line.label for line in answers["trust"].lines)
    overview.items()
    overview.changes()
    assert "khớp" in overview.reconcile().paragraphs[0]


def test_the_worst_is_told_first(context):
    worst = context.indicators.filter(pl.col("unit_code").is_null() & (pl.col("status") == "not_met"))
    first = worst.sort("attainment", "indicator").row(0, named=True)
    assert answers_of(context)["late"].lines[0].label == context.indicator(first["indicator"]).name


def test_attainment_of_earlier_periods_is_answered_for(context):
    overview = Overview(context)
    attained = Attained(context, overview.ledger)
    assert attained.points("B", context.period.previous()) is not None
    overview.reconcile()
    tampered = overview.ledger.sums[-1]
    overview.ledger.expect(tampered.label, tampered.value + 0.01, tampered.expected)
    with pytest.raises(ReconcileError, match="2024-Q3"):
        overview.reconcile()


def test_an_owner_leads_to_the_rows_it_has_to_answer_for(context):
    board = items(context, Ledger(context))
    page = Page(board._repr_html_())
    rows = [r for r in page.of("tr") if "data-item" in r]
    whose = answers_of(context)["whose"].lines[0]
    missed = [r for r in rows if r["data-owner"] == whose.label and r["data-status"] == "not_met"]
    assert whose.detail.startswith(f"{len(missed)} mục không đạt")
    assert whose.board.endswith("&status=not_met") and whose.href == "#board"
    assert {o.get("value") for o in page.of("option")} >= {whose.label, "not_met", "overdue", "month"}


def test_without_script_the_whole_board_is_there_and_its_controls_are_not(context):
    page = Page(items(context, Ledger(context))._repr_html_())
    rows = [r for r in page.of("tr") if "data-item" in r]
    assert [r["data-item"] for r in rows] == [item.id for item in context.catalogue.items]
    assert not any("hidden" in r for r in rows)
    (form,) = page.of("form")
    assert "hidden" in form
    (told,) = page.of("output")
    assert told["aria-live"] == "polite"
    assert page.of("table")[0]["data-none"]


def test_a_unit_can_be_chosen_where_it_has_figures(context):
    board = items(context, Ledger(context))
    page = Page(board._repr_html_())
    codes = [code for code, _ in board.units]
    assert codes and {o.get("value") for o in page.of("option")} >= set(codes)
    number = codes.index("VP")
    row = next(r for r in page.of("tr") if r.get("data-item") == "B.III.8")
    entries = {(parts := entry.split(";"))[0]: parts[1:] for entry in row["data-units"].split("|")}
    figure = board.figures["B.III.8"]["VP"]
    value, status, *own = entries[str(number)]
    assert (value, STATUSES[int(status)]) == (figure.value, figure.status)
    of_row = board.frame.filter(pl.col("item") == "B.III.8").row(0, named=True)
    assert own == [] or own == [figure.indicator, figure.target] and figure.indicator != of_row["indicator"]
    badges = [s["data-status"] for s in page.of("span") if "data-status" in s]
    assert badges == list(STATUSES)  # the script finds a status by its number
    shown = context.figure(figure.indicator, unit="VP")
    assert shown["status"] == figure.status


def test_a_units_own_report_has_no_other_units(of_unit):
    board = items(of_unit("VP"), Ledger(of_unit("VP")))
    assert board.units == ()
    assert "Xem số liệu của" not in board._repr_html_()


def test_the_nearest_open_deadline_counts_even_where_another_indicator_speaks(context):
    frame = items(context, Ledger(context)).frame.filter(pl.col("row_kind") == "")
    near = frame.filter(pl.col("next_deadline").is_not_null())
    assert near.height
    for row in near.iter_rows(named=True):
        shown = context.figure(row["next_indicator"])
        assert shown["deadline"] == row["next_deadline"] and shown["status"] != "met"
        assert row["next_days"] == (row["next_deadline"] - context.timeframe.as_of).days


def test_names_and_owners_never_become_markup(context):
    codes = sorted(context.unit_names)
    names = dict(zip(codes, [HOSTILE[n % len(HOSTILE)] for n in range(len(codes))], strict=True))
    owners = [
        item.model_copy(update={"owner": HOSTILE[n % len(HOSTILE)], "name": HOSTILE[n % len(HOSTILE)]})
        for n, item in enumerate(context.catalogue.items)
    ]
    catalogue = context.catalogue.model_copy(update={"items": tuple(owners)})
    own = Context(context.dataset, catalogue, context.timeframe, None, context.folder)
    own.__dict__["unit_names"] = names
    ledger = Ledger(own)
    board, screen = items(own, ledger)._repr_html_(), first_screen(own, ledger)._repr_html_()
    clean = Page(items(context, Ledger(context))._repr_html_())
    page = Page(board)
    assert len(page.of("script")) == len(clean.of("script")) == 1
    assert page.words["script"] == clean.words["script"]
    assert not page.of("img") and not Page(screen).of("img") and not Page(screen).of("script")
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert {r["data-owner"] for r in page.of("tr") if "data-item" in r} == set(HOSTILE)
    assert set(HOSTILE) <= {o.get("value") for o in page.of("option")}
    assert set(HOSTILE) <= set(page.words["option"])


def test_the_script_makes_no_markup_of_data(context):
    (script,) = Page(items(context, Ledger(context))._repr_html_()).words["script"]
    assert "textContent" in script
    for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "http"):
        assert word not in script


def test_a_period_without_predecessor_says_so(context):
    now = pl.col("period") == str(context.period)
    plain, past = context._unanswered
    context.__dict__.update(_history=context._history.filter(now), _unanswered=(plain, past.filter(now)))
    overview = Overview(context)
    html = overview.first_screen()._repr_html_()
    assert "Chưa có số liệu của quý III/2024 để so." in html
    assert html.count("chưa có số liệu kỳ trước để so") == 3
    assert "Chưa có số liệu của quý III/2024 để so." in overview.changes()._repr_html_()
    overview.items()._repr_html_()


def test_an_empty_period_has_no_figure_and_no_fault(dataset):
    context = Context(dataset, catalogue_for(dataset.body, 2023), Timeframe(Period.parse("2023-Q1")))
    overview = Overview(context)
    html = overview.first_screen()._repr_html_() + overview.items()._repr_html_()
    assert "chưa có số liệu kỳ trước để so" in html
    assert ">nan" not in html and ">None" not in html
    overview.reconcile()


def test_all_met(context):
    met = judged_as(context, "met", 1.0)
    answers = answers_of(met)
    assert answers["late"].summary == "Không có chỉ số nào không đạt mục tiêu."
    assert answers["late"].more is None
    assert answers["whose"].summary.startswith("Không có mục nào không đạt")
    assert items(met, Ledger(met)).frame["next_days"].drop_nulls().is_empty()


def test_all_not_met(context):
    missed = judged_as(context, "not_met", 0.0)
    screen = first_screen(missed, Ledger(missed))
    counts = dict(screen.tally.counts)
    assert counts["met"] == 0 and counts["not_met"] > 60
    assert 'style="flex-grow:0"' not in screen._repr_html_()
    board = items(missed, Ledger(missed)).frame.filter(pl.col("row_kind") == "")
    targeted = board.filter(pl.col("target").is_not_null() & pl.col("status").is_not_null())
    assert targeted["status"].unique().to_list() == ["not_met"]


def test_time_passing_is_no_improvement(context):
    found = {m.indicator.id: m for m in moves(context, Ledger(context))}
    year = [i for i in context.catalogue.indicators if i.window in ("year", "year_to_date", "budget_year")]
    assert all(found[i.id].direction is None for i in year if i.id in found)
    for move in found.values():
        if move.direction in ("better", "worse") and move.indicator.id not in context.survey_codes:
            up = move.now["value"] > move.before["value"]
            assert (move.direction == "better") == (up == (move.indicator.better == "higher"))
        if move.turned:
            assert move.now["status"] == move.turned != move.before["status"]


def test_what_moved_stands_in_one_table_the_newly_missed_first(context):
    found = moves(context, Ledger(context))
    table = moves_table(context, found)
    turned = sum(m.turned == "not_met" for m in found)
    shown = table.frame.head(turned)["indicator"].to_list()
    assert shown == [m.indicator.id for m in found if m.turned == "not_met"]
    assert table.frame.height == sum(bool(m.turned) or m.direction in ("better", "worse") for m in found)


def test_a_new_plan_year_starts_its_counts_anew(dataset):
    context = Context(dataset, catalogue_for(dataset.body, 2025), Timeframe(Period.parse("2025-Q1")))
    yearly = ("year", "year_to_date", "budget_year")
    assert not [m for m in moves(context, Ledger(context)) if m.indicator.window in yearly]
