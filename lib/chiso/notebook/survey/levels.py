"""Satisfaction figures with their intervals, the target, the units beside each other."""

from __future__ import annotations

import polars as pl

from chiso.indicators.survey_comparisons import bands
from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.survey.access import (
    LINE,
    expect,
    figure_columns,
    hidden_note,
    level_of,
    table,
    with_names,
    withheld_here,
)
from chiso.reporting import formats, privacy
from chiso.reporting.charts import Chart, intervals
from chiso.reporting.html import Prose
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.sipas import method_notes
from chiso.survey import decision_text, verdict_text


def lines(context: Context, ledger: Ledger) -> Table | Prose:
    """Return the overall index, the factors and the direct question with intervals; unweighted beside weighted."""
    rows = table(context, "details").filter(context.own & (pl.col("level") != "item") & (pl.col("n") > 0))
    rows = rows.sort(pl.col("level").replace_strict({"overall": 0, "factor": 1, "direct": 2}), "code")
    if not rows.height:
        return withheld_here()
    expect(ledger, "details", rows, LINE, "n", "share", "share_unweighted", "ci_low", "ci_high")
    columns = figure_columns(Column("name", text("sipas.line")), context)
    title = text("sipas.lines_title", subject=context.subject, level=level_of(context))
    return Table("satisfaction-lines", title, columns, with_names(context, rows), method_notes(context.catalogue, rows))


def target(context: Context, ledger: Ledger) -> Table | Prose:
    """Return the decision about the target for the department and its units."""
    rows = table(context, "target")
    if context.unit:
        rows = rows.filter(pl.col("unit_code").is_null() | context.own)
    rows = rows.filter(pl.col("share").is_not_null())
    if not rows.height:
        return withheld_here()
    expect(ledger, "target", rows, LINE, "n", "share", "ci_low", "ci_high", "confidence", "n_needed")
    goal = formats.percent(rows["target"][0], trim=True)
    frame = rows.with_columns(
        unit=pl.col("unit_code").replace(context.unit_names).fill_null(text("sipas.whole")),
        told=pl.Series([decision_text(d, goal) for d in rows["decision"]]),
        n_needed=pl.when(pl.col("decision").str.starts_with("undecided")).then("n_needed"),
        row_kind=pl.when(pl.col("unit_code").is_null()).then(pl.lit("total")).otherwise(pl.lit("")),
    )
    columns = (
        Column("unit", text("notebook.column.unit")),
        Column("n", text("sipas.respondents"), "integer"),
        Column("share", text("sipas.share"), "percent"),
        Column("ci_low", text("sipas.low"), "percent"),
        Column("ci_high", text("sipas.high"), "percent"),
        Column("confidence", text("sipas.probability"), "percent"),
        Column("told", text("sipas.verdict")),
        Column("n_needed", text("sipas.needed_column"), "integer"),
    )
    indicator = next(i for i in context.catalogue.indicators if i.function == "satisfaction.overall")
    shown = formats.target_text(indicator.target, indicator.comparator, "share")
    notes = (Note(text("sipas.met_unsure")), Note(text("sipas.target_note")), *hidden_note(context))
    title = text("sipas.target_title", target=shown)
    return Table("satisfaction-target", title, columns, frame, notes, row_kind="row_kind")


def unit_intervals(context: Context, ledger: Ledger, indicator: str) -> Chart:
    """Draw the units by a satisfaction figure as dots with intervals against the target (or reference) line."""
    entry = context.indicator(indicator)
    code = context.survey_codes[indicator]
    rows = table(context, "details").filter(
        pl.col("unit_code").is_not_null() & (pl.col("code") == code) & pl.col("share").is_not_null()
    )
    rows = rows.sort("share", "unit_code", descending=[True, False])
    expect(ledger, "details", rows, LINE, "n", "share", "ci_low", "ci_high")
    line = entry.target if entry.target is not None else entry.reference_line
    above, below = (
        (pl.col("ci_low") > (2 if line is None else line)),
        (pl.col("ci_high") < (-1 if line is None else line)),
    )
    frame = rows.select(
        name=pl.col("unit_code").map_elements(lambda u: _unit_label(context, u), return_dtype=pl.String),
        value="share",
        low="ci_low",
        high="ci_high",
        n="n",
        verdict=pl.when(above).then(pl.lit("above")).when(below).then(pl.lit("below")).otherwise(pl.lit("")),
    )
    label, title = "", text("sipas.units_title", name=entry.name, level=level_of(context))
    if line is not None:
        shown = formats.percent(line, trim=True)
        label = text(
            "reporting.chart.target" if entry.target is not None else "reporting.chart.reference", target=shown
        )
        clear = frame.filter(pl.col("verdict") != "").height
        key = "units_title_clear" if clear else "units_title_none"
        if frame.height:
            title = text(f"sipas.{key}", name=entry.name, count=clear, rest=frame.height - clear, line=shown)
    else:
        frame = frame.with_columns(verdict=pl.lit(""))
    notes = [text("sipas.units_key", level=level_of(context))]
    out = sorted(u for u, c in context.hidden(context.period) if c == code and u is not None)
    if out:
        names = ", ".join(context.unit_names.get(u, u) for u in out)
        notes.append(text("notebook.note.withheld_units", minimum=privacy.MINIMUM, units=names))
    return intervals(frame, title=title, line=line, line_label=label, notes=tuple(notes))


def _unit_label(context: Context, code: str) -> str:
    name = context.unit_names.get(code, code)
    return text("notebook.units.own", name=name) if code == context.unit else name


def ranks(context: Context, ledger: Ledger, indicator: str) -> Table | Prose:
    """Return the units by a satisfaction figure with a band of ranks each, and how each stands to the others."""
    entry, code = context.indicator(indicator), context.survey_codes[indicator]
    rows = table(context, "units").filter(pl.col("code") == code)
    confidence = context.catalogue.settings.sipas.confidence
    if rows.filter(pl.col("other").is_null() & pl.col("share").is_not_null()).height < 2:
        return Prose((text("sipas.ranks_none"),), "note")
    found = rows.filter(pl.col("other").is_null()).drop("rank", "rank_best", "rank_worst")
    found = found.join(bands(rows, confidence), on="unit_code", how="left").filter(pl.col("rank").is_not_null())
    details = (
        table(context, "details").filter(pl.col("code") == code).select("unit_code", "n", low="ci_low", high="ci_high")
    )
    found = found.join(details, on="unit_code", how="left").sort("rank", "unit_code")
    expect(ledger, "units", found, (*LINE, "other"), "share", "difference", "p_holm")
    frame = found.with_columns(
        unit=pl.col("unit_code").map_elements(lambda u: _unit_label(context, u), return_dtype=pl.String),
        band=pl.Series(
            [
                text("sipas.band_value", best=b, worst=w) if b != w else str(b)
                for b, w in found.select("rank_best", "rank_worst").rows()
            ],
            dtype=pl.String,
        ),
        told=pl.Series([verdict_text(v) for v in found["verdict"]], dtype=pl.String),
    )
    columns = (
        Column("rank", text("sipas.rank"), "integer"),
        Column("band", text("sipas.band"), align="center"),
        Column("unit", text("notebook.column.unit")),
        Column("n", text("sipas.respondents"), "integer"),
        Column("share", text("sipas.share"), "percent"),
        Column("low", text("sipas.low"), "percent"),
        Column("high", text("sipas.high"), "percent"),
        Column("difference", text("sipas.against_rest"), "points"),
        Column("told", text("sipas.verdict")),
    )
    notes = (Note(text("sipas.ranks_note", level=level_of(context))), *hidden_note(context))
    title = text("sipas.ranks", name=entry.name)
    return Table(f"ranks-{code.replace('.', '-')}", title, columns, frame, notes, row_header="unit")
