"""How well the questionnaire measures, and what overall satisfaction goes with."""

from __future__ import annotations

import polars as pl

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.survey.access import expect, table, with_names, withheld_here
from chiso.reporting import formats
from chiso.reporting.charts import quadrants
from chiso.reporting.html import Block, Prose
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.sipas import line_names


def scale(context: Context, ledger: Ledger, component: str | None = None) -> Table | Prose:
    """Return blanks, item–rest correlations, alpha and alpha without each item; of the whole department."""
    rows = table(context, "scale")
    factors = {item: code for code, items in context.items.items() for item in items}
    rows = rows.with_columns(factor=pl.col("code").replace(factors))
    rows = rows.filter(pl.col("factor") == component) if component else rows
    if not rows.height:
        return withheld_here()
    expect(
        ledger,
        "scale",
        rows,
        ("level", "code"),
        "n",
        "missing_share",
        "alpha",
        "ci_low",
        "item_rest",
        "alpha_if_dropped",
    )
    names = line_names(context.catalogue, rows["code"].unique().to_list(), context.item_texts)
    heads = {
        row["code"]: text(
            "sipas.scale_factor",
            name=names[row["code"]],
            alpha=formats.number(row["alpha"], 2),
            low=formats.number(row["ci_low"], 2),
            high=formats.number(row["ci_high"], 2),
        )
        for row in rows.filter(pl.col("level") == "factor").iter_rows(named=True)
    }
    frame = rows.with_columns(
        name=pl.col("code").replace(names | heads),
        row_kind=pl.when(pl.col("level") == "factor").then(pl.lit("section")).otherwise(pl.lit("")),
        **{c: pl.col(c).round(2) for c in ("item_rest", "alpha_if_dropped", "mean")},
    ).sort("factor", pl.col("level") == "item", maintain_order=True)
    columns = (
        Column("name", text("sipas.item")),
        Column("n", text("notebook.survey.valid"), "integer"),
        Column("n_missing", text("sipas.missing"), "integer"),
        Column("missing_share", text("sipas.missing_share"), "percent"),
        Column("mean", text("sipas.mean"), "decimal"),
        Column("item_rest", text("sipas.item_rest"), "decimal"),
        Column("alpha_if_dropped", text("sipas.if_dropped"), "decimal"),
    )
    id = f"scale-{(component or 'all').replace('.', '-')}"
    return Table(id, text("sipas.scale"), columns, frame, (Note(text("sipas.scale_note")),), row_kind="row_kind")


def drivers(context: Context, ledger: Ledger) -> Block | Prose:
    """Return what overall satisfaction goes with, and the importance–performance grid; of the whole department."""
    rows = table(context, "drivers").sort("rank", "code")
    if not rows.height:
        least = context.catalogue.settings.sipas.small_respondents
        return Prose((text("sipas.drivers_none", least=least),), "note")
    expect(ledger, "drivers", rows, ("code",), "lmg", "lmg_share", "beta", "correlation", "vif", "performance")
    first = rows.row(0, named=True)
    names = {c: context.catalogue.component(c).name for c in rows["code"]}
    told = text(
        "sipas.drivers_told",
        r_squared=formats.percent(first["r_squared"]),
        n=formats.number(first["n"]),
        left=formats.number(first["n_left_out"]),
        first=names[first["code"]],
    )
    frame = with_names(context, rows).with_columns(
        group=pl.col("quadrant").replace(
            {q: text(f"reporting.chart.quadrant_{q}") for q in rows["quadrant"].drop_nulls().unique()}
        ),
        **{c: pl.col(c).round(2) for c in ("beta", "correlation", "vif")},
    )
    columns = (
        Column("name", text("sipas.line")),
        Column("lmg_share", text("sipas.importance"), "percent"),
        Column("beta", text("sipas.beta"), "decimal"),
        Column("correlation", text("sipas.correlation"), "decimal"),
        Column("vif", text("sipas.vif"), "decimal"),
        Column("performance", text("sipas.performance"), "percent"),
        Column("group", text("sipas.quadrant")),
    )
    listed = Table("drivers", text("sipas.drivers"), columns, frame, (Note(text("sipas.drivers_note")),))
    weak = [names[c] for c in rows.filter(pl.col("quadrant") == "improve_first")["code"]]
    cuts = {
        "importance": formats.percent(first["importance_cut"]),
        "performance": formats.percent(first["performance_cut"]),
    }
    grid = quadrants(
        rows.with_columns(name=pl.col("code").replace(names), importance="lmg_share").filter(
            pl.col("performance").is_not_null()
        ),
        title=text("sipas.grid", names="; ".join(weak)) if weak else text("sipas.grid_none"),
        notes=(text("sipas.grid_note", **cuts),),
    )
    return Block((Prose((told,)), listed, grid))
