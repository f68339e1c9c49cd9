"""The questionnaire's answers, item by item and factor by unit, with small cells withheld."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from chiso.indicators.survey import FACTORS, read_answers
from chiso.indicators.survey_form import CODES
from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Fresh, Ledger
from chiso.reporting import formats, privacy
from chiso.reporting.charts import Chart, diverging
from chiso.reporting.html import Prose
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables import survey_table
from chiso.reporting.tables.sipas import item_name, method_notes


def _label(context: Context, item: str) -> str:
    return context.item_texts.get(item) or item_name(context.catalogue, item)


def _published(context: Context, component: str, unit: str | None) -> bool:
    return (unit, component) not in context.hidden(context.period)


def _withheld(context: Context) -> Prose:
    return Prose((text("notebook.note.withheld_here", minimum=privacy.MINIMUM),), "caveat")


def _expected(unit: str | None, code: str, column: str) -> Callable[[Fresh], float | None]:
    """Return how to find a figure of the satisfaction table."""

    def find(fresh: Fresh) -> float | None:
        where = (pl.col("code") == code) & pl.col("unit_code").eq_missing(pl.lit(unit))
        found = fresh.results.satisfaction.filter(where)
        return found[column][0] if found.height else None

    return find


def likert(context: Context, ledger: Ledger, component: str) -> Chart | Prose:
    """Draw how the answers to each item of a factor are spread from 1 to 5 (responses, without weights)."""
    if not _published(context, component, context.unit):
        return _withheld(context)
    answers = read_answers(context.sources)
    levels = answers.asked.scale if answers else CODES
    parts = [str(level) for level in levels]
    responses = answers.responses if answers else pl.DataFrame()
    if context.unit and answers:
        responses = responses.filter(pl.col("unit_code") == context.unit)
    rows = []
    for item in context.items[component]:
        given = responses[item] if item in responses.columns else pl.Series([], dtype=pl.Int64)
        counts = {str(level): int((given == level).sum()) for level in levels}
        if sum(counts.values()):
            own = context.results.satisfaction.filter(pl.col("code") == item)
            own = own.filter(context.own)
            rows.append({"name": _label(context, item), "share": own["share"][0]} | counts)
            ledger.expect(f"{item}, n", sum(counts.values()), _expected(context.unit, item, "n"))
    schema = {"name": pl.String, "share": pl.Float64} | dict.fromkeys(parts, pl.Int64)
    frame = pl.DataFrame(rows, schema=schema).sort("share", "name")
    title = text("notebook.survey.likert_none")
    if frame.height:
        weakest = frame.row(0, named=True)
        title = text("notebook.survey.likert", item=weakest["name"], share=formats.percent(weakest["share"]))
    form = answers.asked.form if answers else None
    labels = [text(f"notebook.survey.level_{level}") for level in levels]
    if form:
        labels = [f"{code} {label}" for code, label in zip(levels, form.scales[form.index].labels, strict=True)]
    return diverging(frame, parts, labels, title=title, notes=(text("notebook.survey.likert_note"),))


def items(context: Context, ledger: Ledger, component: str) -> Table | Prose:
    """Return the share satisfied of each item of a factor with the valid answers and those left out."""
    if not _published(context, component, context.unit):
        return _withheld(context)
    table, names = context.results.satisfaction, context.items[component]
    own = context.own
    rows = table.filter(own & pl.col("code").is_in([*names, component])).select(
        "code", "level", "n", "n_missing", "share", "ci_low", "ci_high"
    )
    rows = rows.with_columns(
        name=pl.when(pl.col("level") == "factor")
        .then(pl.lit(text("notebook.survey.factor")))
        .otherwise(pl.col("code").replace({n: _label(context, n) for n in names})),
        row_kind=pl.when(pl.col("level") == "factor").then(pl.lit("total")).otherwise(pl.lit("")),
    )
    for row in rows.iter_rows(named=True):
        for column in ("share", "n", "ci_low", "ci_high"):
            ledger.expect(f"{row['code']}, {column}", row[column], _expected(context.unit, row["code"], column))
    columns = [
        Column("name", text("notebook.survey.item")),
        Column("n", text("notebook.survey.valid"), "integer"),
        Column("n_missing", text("notebook.survey.missing"), "integer"),
        Column("share", text("notebook.survey.share"), "percent"),
        Column("ci_low", text("sipas.low"), "percent"),
        Column("ci_high", text("sipas.high"), "percent"),
    ]
    details = context.results.statistics["satisfaction_details"].filter(own).select("code", "share_unweighted")
    rows = rows.join(details, on="code", how="left", maintain_order="left")
    if context.results.weighting != "none":
        columns.insert(4, Column("share_unweighted", text("sipas.unweighted"), "percent"))
    if context.unit and _published(context, component, None):
        whole = table.filter(pl.col("unit_code").is_null()).select("code", whole="share")
        rows = rows.join(whole, on="code", how="left", maintain_order="left")
        columns.append(Column("whole", text("notebook.column.whole"), "percent"))
    notes = [
        Note(text("notebook.survey.item_note")),
        Note(text(f"notebook.note.weighting_{context.results.weighting}")),
        *method_notes(context.catalogue, table)[:1],
    ]
    title = text("notebook.survey.items")
    return Table(f"items-{component.replace('.', '-')}", title, tuple(columns), rows, tuple(notes), row_kind="row_kind")


def factors_by_unit(context: Context, ledger: Ledger) -> Table:
    """Return the indices of all factors and the overall index by unit; withheld cells are marked."""
    table = survey_table(
        context.results.satisfaction,
        context.catalogue,
        context.unit_names,
        context.hidden(context.period),
        context.unit,
    )
    codes = {name: code for code, name in context.unit_names.items()}
    for row in table.frame.iter_rows(named=True):
        unit = None if row["row_kind"] == "total" else codes[row["unit"]]
        for code in (*FACTORS.values(), privacy.OVERALL):
            if row[f"{code}_format"] is None:
                ledger.expect(f"{unit}, {code}", row[code], _expected(unit, code, "share"))
    return table
