"""How sure the satisfaction figures are, as reports show it: intervals, target, units, changes, scale, drivers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from chiso.indicators.survey import FACTORS
from chiso.indicators.survey_comparisons import bands
from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Fresh, Ledger
from chiso.reporting import formats, privacy
from chiso.reporting.charts import Chart, intervals, quadrants
from chiso.reporting.html import Block, Prose
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.sipas import line_names, method_notes, published_rows
from chiso.survey import decision_text, verdict_text
from chiso.worktime import Period

CODES = (*FACTORS.values(), privacy.OVERALL)


# -- access


def table(context: Context, name: str) -> pl.DataFrame:
    """Return a statistics table of the period without what may not be published (``unit_code`` null: the whole)."""
    frame = context.results.statistics[f"satisfaction_{name}"]
    out = context.hidden(context.period)
    if name in ("scale", "drivers"):  # of the whole department: gone with the first factor that is
        hidden = any((None, code) in out for code in FACTORS.values())
        return frame.clear() if hidden else frame
    rows = published_rows(frame, out)
    if name == "units":  # the other side of a pair is a cell too
        kept = rows.filter(pl.col("other").is_null()).select("code", other="unit_code")
        rows = rows.join(kept, on=["code", "other"], how="left", maintain_order="left").filter(
            pl.col("other").is_null() | pl.col("other").is_in(kept["other"].implode())
        )
        pairs = rows.select("code", "other").join(kept.with_columns(_kept=True), on=["code", "other"], how="left")
        rows = rows.filter(pl.col("other").is_null() | pairs["_kept"].fill_null(False))
    if name == "changes":
        parts = [
            published_rows(part, context.hidden(Period.parse(str(before))))
            for (before,), part in rows.group_by("before", maintain_order=True)
        ]
        rows = pl.concat(parts) if parts else rows
    return rows


def own(context: Context) -> pl.Expr:
    """The rows of the report's unit, or of the whole department."""
    return pl.col("unit_code").is_null() if context.unit is None else pl.col("unit_code") == context.unit


def level_of(context: Context) -> str:
    """Return the confidence level as readers write it."""
    return formats.percent(context.catalogue.settings.sipas.confidence, trim=True)


def expect(ledger: Ledger, name: str, rows: pl.DataFrame, keys: Sequence[str], *columns: str) -> None:
    """Enter figures of a statistics table; each must be found again under its keys."""
    for row in rows.iter_rows(named=True):
        for column in columns:
            ledger.expect(f"{name}, {[row[k] for k in keys]}, {column}", row[column], _again(name, row, keys, column))


def _again(name: str, row: dict[str, Any], keys: Sequence[str], column: str) -> Callable[[Fresh], float | None]:
    def find(fresh: Fresh) -> float | None:
        where = pl.all_horizontal(pl.col(k).eq_missing(pl.lit(row[k])) for k in keys)
        found = fresh.results.statistics[f"satisfaction_{name}"].filter(where)
        return found[column][0] if found.height == 1 else None

    return find


_LINE = ("unit_code", "level", "code")


# -- sentences


def evidence(context: Context, ledger: Ledger, indicator: str) -> str:
    """Return what stands beside a satisfaction figure: its interval and, with a target, what the answers allow."""
    code = context.survey_codes.get(indicator)
    if code is None:
        return ""
    rows = table(context, "details").filter(own(context) & (pl.col("code") == code) & pl.col("share").is_not_null())
    if not rows.height:
        return ""
    row = rows.row(0, named=True)
    expect(ledger, "details", rows, _LINE, "ci_low", "ci_high")
    interval = _interval(context, row)
    decided = table(context, "target").filter(own(context) & (pl.col("code") == code))
    if not decided.height:
        return text("sipas.told", interval=interval)
    goal = decided.row(0, named=True)
    expect(ledger, "target", decided, _LINE, "confidence", "n_needed")
    decision = decision_text(goal["decision"], formats.percent(goal["target"], trim=True))
    if goal["confidence"] is None:
        return text("sipas.decided_short", interval=interval, decision=decision)
    told = text("sipas.decided", interval=interval, decision=decision, probability=_probability(goal["confidence"]))
    if goal["decision"].startswith("undecided") and goal["n_needed"]:
        told += " " + text("sipas.needed", n=formats.number(goal["n_needed"]), now=formats.number(goal["n"]))
    return told


def _interval(context: Context, row: dict[str, Any]) -> str:
    if row["method"] == "fixed":
        return text("sipas.evidence_certain")
    if row["ci_low"] is None:
        return text("sipas.evidence_none")
    low, high = formats.percent(row["ci_low"]), formats.percent(row["ci_high"])
    return text("sipas.evidence", level=level_of(context), low=low, high=high)


def _probability(value: float) -> str:
    if value > 0.999:
        return text("sipas.probability_high")
    return text("sipas.probability_low") if value < 0.001 else formats.percent(value)


def change_verdict(context: Context, indicator: str, period: Period) -> str:
    """Return the verdict on a satisfaction figure's change since ``period``; empty where there is none."""
    code = context.survey_codes.get(indicator)
    if code is None:
        return ""
    rows = table(context, "changes").filter(own(context) & (pl.col("code") == code) & (pl.col("before") == str(period)))
    return verdict_text(rows["verdict"][0]) if rows.height else ""


# -- tables and charts


def lines(context: Context, ledger: Ledger) -> Table | Prose:
    """Return the overall index, the factors and the direct question with intervals; unweighted beside weighted."""
    order = [*reversed(CODES), "overall"]
    rows = table(context, "details").filter(own(context) & (pl.col("level") != "item") & (pl.col("n") > 0))
    rows = rows.with_columns(_at=pl.col("code").replace_strict(order, list(range(len(order))))).sort(
        pl.col("level").replace_strict({"overall": 0, "factor": 1, "direct": 2}), "code"
    )
    if not rows.height:
        return withheld_here()
    expect(ledger, "details", rows, _LINE, "n", "share", "share_unweighted", "ci_low", "ci_high")
    columns = _figure_columns(Column("name", text("sipas.line")), context)
    title = text("sipas.lines_title", subject=context.subject, level=level_of(context))
    return Table("satisfaction-lines", title, columns, _named(context, rows), method_notes(context.catalogue, rows))


def withheld_here() -> Prose:
    """Say that nothing may be shown here."""
    return Prose((text("sipas.withheld_here", minimum=privacy.MINIMUM),), "caveat")


def _figure_columns(first: Column, context: Context) -> tuple[Column, ...]:
    weighted = context.results.weighting != "none"
    return (
        first,
        Column("n", text("sipas.respondents"), "integer"),
        Column("share", text("sipas.share"), "percent"),
        *([Column("share_unweighted", text("sipas.unweighted"), "percent")] if weighted else []),
        Column("ci_low", text("sipas.low"), "percent"),
        Column("ci_high", text("sipas.high"), "percent"),
    )


def _named(context: Context, rows: pl.DataFrame) -> pl.DataFrame:
    names = line_names(context.catalogue, rows["code"].unique().to_list(), context.item_texts)
    return rows.with_columns(name=pl.col("code").replace(names))


def target(context: Context, ledger: Ledger) -> Table | Prose:
    """Return the decision about the target for the department and its units."""
    rows = table(context, "target")
    if context.unit:
        rows = rows.filter(pl.col("unit_code").is_null() | own(context))
    rows = rows.filter(pl.col("share").is_not_null())
    if not rows.height:
        return withheld_here()
    expect(ledger, "target", rows, _LINE, "n", "share", "ci_low", "ci_high", "confidence", "n_needed")
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
    notes = (Note(text("sipas.met_unsure")), Note(text("sipas.target_note")), *_hidden_note(context))
    title = text("sipas.target_title", target=shown)
    return Table("satisfaction-target", title, columns, frame, notes, row_kind="row_kind")


def _hidden_note(context: Context) -> tuple[Note, ...]:
    hidden = any(code in CODES for _, code in context.hidden(context.period))
    return (Note(text("sipas.withheld", minimum=privacy.MINIMUM), "caveat"),) if hidden else ()


def unit_intervals(context: Context, ledger: Ledger, indicator: str) -> Chart:
    """Draw the units by a satisfaction figure as dots with intervals against the target (or reference) line."""
    entry = context.indicator(indicator)
    code = context.survey_codes[indicator]
    rows = table(context, "details").filter(
        pl.col("unit_code").is_not_null() & (pl.col("code") == code) & pl.col("share").is_not_null()
    )
    rows = rows.sort("share", "unit_code", descending=[True, False])
    expect(ledger, "details", rows, _LINE, "n", "share", "ci_low", "ci_high")
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
    expect(ledger, "units", found, (*_LINE, "other"), "share", "difference", "p_holm")
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
    notes = (Note(text("sipas.ranks_note", level=level_of(context))), *_hidden_note(context))
    title = text("sipas.ranks", name=entry.name)
    return Table(f"ranks-{code.replace('.', '-')}", title, columns, frame, notes, row_header="unit")


def changes(context: Context, ledger: Ledger, codes: Sequence[str] = CODES) -> Block | Prose:
    """Draw and list the changes of satisfaction figures since the period before and the year before."""
    rows = table(context, "changes").filter(
        own(context) & pl.col("code").is_in(codes) & pl.col("difference").is_not_null()
    )
    return _changes(context, ledger, rows, "code") or Prose((text("sipas.changes_none"),), "note")


def unit_changes(context: Context, ledger: Ledger) -> Block | Prose:
    """Draw and list the changes of the units' overall index."""
    rows = table(context, "changes").filter(
        pl.col("unit_code").is_not_null() & (pl.col("code") == privacy.OVERALL) & pl.col("difference").is_not_null()
    )
    rows = rows.filter(own(context)) if context.unit else rows
    return _changes(context, ledger, rows, "unit_code") or Prose((text("sipas.changes_none"),), "note")


def _changes(context: Context, ledger: Ledger, rows: pl.DataFrame, by: str) -> Block | None:
    parts: list[Chart | Table] = []
    for (before,), group in rows.group_by("before", maintain_order=True):
        label = Period.parse(str(before)).label
        keys = ("before", *_LINE)
        expect(
            ledger, "changes", group, keys, "share_before", "share_after", "difference", "ci_low", "ci_high", "p_holm"
        )
        named = _named(context, group)
        if by == "unit_code":
            named = named.with_columns(name=pl.col("unit_code").replace(context.unit_names))
        named = named.with_columns(
            told=pl.Series([verdict_text(v) for v in named["verdict"]], dtype=pl.String),
            side=pl.col("verdict").replace_strict({"higher": "above", "lower": "below"}, default=""),
        )
        clear = named.filter(pl.col("side") != "")["name"].to_list()
        title = text("sipas.changes_chart", period=label, names="; ".join(clear))
        if not clear:
            title = text("sipas.changes_chart_none", period=label)
        frame = named.select(
            "name", value="difference", low="ci_low", high="ci_high", n=pl.lit(None, pl.Int64), verdict="side"
        )
        if frame.height > 1:
            label_of = text("sipas.no_change")
            parts.append(intervals(frame, title=title, line=0.0, line_label=label_of, difference=True))
        notes = [Note(text("sipas.changes_note"))]
        if not group["all_items"][0]:
            notes.append(Note(text("sipas.changes_items", count=group["items_compared"][0])))
        columns = (
            Column("name", text("notebook.column.unit" if by == "unit_code" else "sipas.line")),
            Column("share_before", label[:1].upper() + label[1:], "percent"),
            Column("share_after", text("sipas.after"), "percent"),
            Column("difference", text("sipas.difference"), "points"),
            Column("ci_low", text("sipas.low"), "points"),
            Column("ci_high", text("sipas.high"), "points"),
            Column("told", text("sipas.verdict")),
        )
        key = "changes_units" if by == "unit_code" else "changes"
        code = "-".join(named["code"].unique(maintain_order=True)).replace(".", "-")
        id = f"{key.replace('_', '-')}-{group['against'][0].replace('_', '-')}-{code}"
        parts.append(Table(id, text(f"sipas.{key}", period=label), columns, named, tuple(notes)))
    return Block(tuple(parts)) if parts else None


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
        Column("mean", text("sipas.mean"), "number"),
        Column("item_rest", text("sipas.item_rest"), "number"),
        Column("alpha_if_dropped", text("sipas.if_dropped"), "number"),
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
    frame = _named(context, rows).with_columns(
        group=pl.col("quadrant").replace(
            {q: text(f"reporting.chart.quadrant_{q}") for q in rows["quadrant"].drop_nulls().unique()}
        ),
        **{c: pl.col(c).round(2) for c in ("beta", "correlation", "vif")},
    )
    columns = (
        Column("name", text("sipas.line")),
        Column("lmg_share", text("sipas.importance"), "percent"),
        Column("beta", text("sipas.beta"), "number"),
        Column("correlation", text("sipas.correlation"), "number"),
        Column("vif", text("sipas.vif"), "number"),
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


def comments(context: Context) -> Table:
    """Return how many responses carry a comment, by unit; never what it says."""
    out = {unit for unit, code in context.hidden(context.period) if code == "comment"}
    counts = context.comments
    rows = [
        (
            context.unit_names.get(unit, unit) if unit else text("sipas.whole"),
            None if unit in out else n,
            "withheld" if unit in out else None,
            "" if unit else "total",
        )
        for unit, n in [*sorted((u, n) for u, n in counts.items() if u), (None, sum(counts.values()))]
        if context.unit in (None, unit) or unit is None
    ]
    schema = {"unit": pl.String, "n": pl.Int64, "format": pl.String, "row_kind": pl.String}
    columns = (
        Column("unit", text("notebook.column.unit")),
        Column("n", text("sipas.comments_count"), "integer", "format"),
    )
    notes = [Note(text("sipas.comments_note"))]
    if out:
        notes.append(Note(text("sipas.withheld", minimum=privacy.MINIMUM), "caveat"))
    frame = pl.DataFrame(rows if counts else [], schema=schema, orient="row")
    empty = text("sipas.comments_none")
    return Table("comments", text("sipas.comments"), columns, frame, tuple(notes), row_kind="row_kind", empty=empty)
