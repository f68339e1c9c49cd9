"""Satisfaction beyond its figures, as appendices: against the target, units against each other, changes."""

from __future__ import annotations

import polars as pl

from chiso.indicators.survey import FACTORS
from chiso.indicators.survey_comparisons import bands
from chiso.indicators.views import Sources
from chiso.messages import text
from chiso.reporting import formats, privacy, wording
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.scorecard import target_format
from chiso.reporting.tables.sipas import line_names, method_notes, published_rows
from chiso.reporting.tables.survey_groups import groups_table, themes_table
from chiso.reporting.workbook.material import Material
from chiso.survey import decision_text, verdict_text
from chiso.worktime import Period

_CODES = (privacy.OVERALL, *FACTORS.values())


def survey_tables(material: Material) -> list[tuple[str, Table | None]]:
    """Return the tables by the key of their sheet; None where there is nothing that may be published."""
    return [
        ("survey_target", target_table(material)),
        ("survey_ranks", ranks_table(material) if material.unit is None else None),
        ("survey_changes", changes_table(material)),
        ("survey_groups", _groups_table(material) if material.unit is None else None),
        ("survey_comments", _themes_table(material)),
    ]


def _groups_table(material: Material) -> Table | None:
    """Return every line by groups of respondents; None where none may be published."""
    sources = Sources(material.dataset, material.catalogue, material.timeframe)
    out, rows = privacy.hidden_groups(sources), material.results.statistics["satisfaction_groups"]
    table = groups_table(rows, material.catalogue, out, texts=material.texts, every_line=True)
    return table if table.frame.height else None


def _themes_table(material: Material) -> Table | None:
    """Return the comments by theme; None where there are none that may be published."""
    sources = Sources(material.dataset, material.catalogue, material.timeframe)
    out, rows = privacy.hidden_themes(sources), material.results.statistics["satisfaction_comments"]
    whole_hidden = (material.unit, "comment") in material.hidden
    table = themes_table(rows, material.catalogue, out, whole_hidden, material.unit)
    return table if table.frame.height else None


def target_table(material: Material) -> Table | None:
    """Return the overall index of units and department against the target: interval, gap, what the answers allow."""
    m = material
    goal = next((i for i in m.catalogue.indicators if i.function == "satisfaction.overall"), None)
    rows = published_rows(m.results.statistics["satisfaction_target"], m.hidden)
    rows = rows.filter(pl.col("share").is_not_null())
    if m.unit:
        rows = rows.filter(pl.col("unit_code").is_null() | (pl.col("unit_code") == m.unit))
    if goal is None or not rows.height:
        return None
    shown = formats.percent(rows["target"][0], trim=True)
    frame = rows.sort(pl.col("unit_code").is_null(), "unit_code").select(
        "n",
        "share",
        "ci_low",
        "ci_high",
        "target",
        "confidence",
        unit=pl.col("unit_code").replace(m.units).fill_null(text("sipas.whole")),
        gap=pl.col("share") - pl.col("target"),
        told=pl.col("decision").map_elements(lambda d: decision_text(d, shown), return_dtype=pl.String),
        n_needed=pl.when(pl.col("decision").str.starts_with("undecided")).then("n_needed"),
        row_kind=pl.when(pl.col("unit_code").is_null()).then(pl.lit("total")).otherwise(pl.lit("")),
        target_format=pl.lit(target_format(goal.comparator, percent=True)),
    )
    columns = (
        Column("unit", text("tables.column.unit"), width=34),
        Column("n", text("sipas.respondents"), "integer", width=12),
        Column("share", text("sipas.share"), "percent", width=11),
        Column("target", text("tables.column.target"), "percent", "target_format", width=11),
        Column("gap", text("workbook.survey.gap"), "points", width=13),
        Column("ci_low", text("sipas.low"), "percent", width=10),
        Column("ci_high", text("sipas.high"), "percent", width=10),
        Column("confidence", text("sipas.probability"), "percent", width=13),
        Column("told", text("sipas.verdict"), width=36),
        Column("n_needed", text("sipas.needed_column"), "integer", width=13),
    )
    title = text("sipas.target_title", target=formats.target_text(goal.target, goal.comparator, "share"))
    details = m.results.statistics["satisfaction_details"]
    notes = [Note(text("sipas.met_unsure")), Note(text("sipas.target_note")), *method_notes(m.catalogue, details)]
    return Table("satisfaction-target", title, columns, frame, (*notes, *_withheld(m)), row_kind="row_kind")


def ranks_table(material: Material) -> Table | None:
    """Return the units by the overall index with the ranks that the answers leave open; None below two units."""
    m = material
    rows = published_rows(m.results.statistics["satisfaction_units"], m.hidden)
    rows = rows.filter(pl.col("code") == privacy.OVERALL)
    single = rows.filter(pl.col("other").is_null() & pl.col("share").is_not_null())
    if single.height < 2:
        return None
    kept = single["unit_code"].to_list()
    rows = rows.filter(pl.col("other").is_null() | pl.col("other").is_in(kept))
    confidence = m.catalogue.settings.sipas.confidence
    details = published_rows(m.results.statistics["satisfaction_details"], m.hidden)
    details = details.filter(pl.col("code") == privacy.OVERALL).select("unit_code", "n", "ci_low", "ci_high")
    found = (
        single.select("unit_code", "share", "difference", "p_holm", "verdict")
        .join(bands(rows, confidence), on="unit_code", how="left")
        .join(details, on="unit_code", how="left")
        .filter(pl.col("rank").is_not_null())
        .sort("rank", "unit_code")
    )
    frame = found.with_columns(
        unit=pl.col("unit_code").replace(m.units),
        told=pl.col("verdict").map_elements(verdict_text, return_dtype=pl.String),
    )
    columns = (
        Column("rank", text("sipas.rank"), "integer", align="center", width=8),
        Column("unit", text("tables.column.unit"), width=40),
        Column("rank_best", text("workbook.survey.rank_best"), "integer", align="center", width=11),
        Column("rank_worst", text("workbook.survey.rank_worst"), "integer", align="center", width=11),
        Column("n", text("sipas.respondents"), "integer", width=12),
        Column("share", text("sipas.share"), "percent", width=11),
        Column("ci_low", text("sipas.low"), "percent", width=10),
        Column("ci_high", text("sipas.high"), "percent", width=10),
        Column("difference", text("sipas.against_rest"), "points", width=14),
        Column("told", text("sipas.verdict"), width=28),
    )
    level = formats.percent(confidence, trim=True)
    notes = (Note(text("sipas.ranks_note", level=level)), *_withheld(m))
    title = text("sipas.ranks", name=line_names(m.catalogue, [privacy.OVERALL])[privacy.OVERALL])
    return Table("satisfaction-ranks", title, columns, frame, notes, row_header="unit")


def changes_table(material: Material) -> Table | None:
    """Return the changes of the overall index and the factors since the period before and the year before."""
    m = material
    rows = published_rows(m.results.statistics["satisfaction_changes"], m.hidden)
    own = pl.col("code").is_in(_CODES) & pl.col("difference").is_not_null()
    if m.unit:
        own &= pl.col("unit_code").is_null() | (pl.col("unit_code") == m.unit)
    else:
        own &= pl.col("unit_code").is_null() | (pl.col("code") == privacy.OVERALL)
    parts = [
        published_rows(part, m.hidden_of(Period.parse(str(before))))
        for (before,), part in rows.filter(own).group_by("before", maintain_order=True)
    ]
    found = pl.concat(parts) if parts else rows.clear()
    if not found.height:
        return None
    names = line_names(m.catalogue, found["code"].unique().sort().to_list(), m.texts)
    labels = {p: wording.capital(Period.parse(p).label) for p in found["before"].unique().sort()}
    place = {code: n for n, code in enumerate(_CODES)}
    frame = found.with_columns(
        against=pl.col("before").replace(labels),
        unit=pl.col("unit_code").replace(m.units).fill_null(text("sipas.whole")),
        name=pl.col("code").replace(names),
        told=pl.col("verdict").map_elements(verdict_text, return_dtype=pl.String),
        _group=(pl.col("against") != "previous").cast(pl.Int8),
        _place=pl.col("code").replace_strict(place, return_dtype=pl.Int8),
    ).sort("_group", "before", pl.col("unit_code").is_not_null(), "_place", "unit_code")
    columns = (
        Column("against", text("workbook.survey.against"), width=16),
        Column("unit", text("tables.column.unit"), width=34),
        Column("name", text("sipas.line"), width=34),
        Column("share_before", text("sipas.before"), "percent", width=11),
        Column("share_after", text("sipas.after"), "percent", width=11),
        Column("difference", text("sipas.difference"), "points", width=13),
        Column("ci_low", text("sipas.low"), "points", width=13),
        Column("ci_high", text("sipas.high"), "points", width=13),
        Column("told", text("sipas.verdict"), width=28),
    )
    notes = [Note(text("sipas.changes_note"))]
    if not found["all_items"].all():
        notes.append(Note(text("workbook.survey.some_items")))
    title = text("workbook.survey.changes")
    return Table("satisfaction-changes", title, columns, frame, (*notes, *_withheld(m)), row_header="unit")


def _withheld(material: Material) -> tuple[Note, ...]:
    hidden = any(code in _CODES for _, code in material.hidden)
    return (Note(text("sipas.withheld", minimum=privacy.MINIMUM), "caveat"),) if hidden else ()
