"""Satisfaction by groups of respondents, and comments by theme, without what may not be published."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.survey import OVERALL
from chiso.indicators.survey_comments import ALL, OTHER, load_themes
from chiso.indicators.survey_groups import BLANK, DIMENSIONS
from chiso.messages import text
from chiso.reporting import formats, privacy
from chiso.reporting.disclosure import Unit
from chiso.reporting.disclosure_groups import Key
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.sipas import line_names
from chiso.sources import load_contract

_FIGURES = ("n", "share", "share_unweighted", "ci_low", "ci_high")


def groups_table(
    groups: pl.DataFrame,
    catalogue: Catalogue,
    out: set[Key] | None,
    *,
    texts: Mapping[str, str] | None = None,
    every_line: bool = False,
) -> Table:
    """Return satisfaction by group of respondents with n and interval; withheld groups show ``*``.

    Args:
        groups: result table ``satisfaction_groups``: internal, unsuppressed.
        catalogue: names of the factors.
        out: groups that may not be published (:func:`chiso.reporting.privacy.hidden_groups`); None: none may.
        texts: questions by item code.
        every_line: factors and direct question too, one row each; default: the overall index alone.
    """
    rows = groups if out is not None else groups.clear()
    rows = rows.filter(pl.col("n") > 0)
    rows = rows if every_line else rows.filter(pl.col("code") == OVERALL)
    names = line_names(catalogue, rows["code"].unique().to_list(), texts)
    contract = load_contract()["survey_responses"]
    labels = {d: contract.column(d).label for d in DIMENSIONS}
    lost = pl.DataFrame(sorted(out or ()), schema={"dimension": pl.String, "value": pl.String}, orient="row")
    rows = rows.join(
        lost.with_columns(format=pl.lit("withheld")), on=["dimension", "value"], how="left", maintain_order="left"
    )
    shown = rows.with_columns(
        *(pl.when(pl.col("format").is_null()).then(c).alias(c) for c in _FIGURES),
        dimension_name=pl.col("dimension").replace(labels),
        name=pl.when(pl.col("value") == BLANK).then(pl.lit(text("sipas.group_blank"))).otherwise("value"),
        line=pl.col("code").replace(names),
        row_kind=pl.lit(""),
    )
    if not every_line:
        shown = _with_sections(shown, labels)
    weighted = bool(rows.filter(pl.col("weighting") != "none").height)
    columns = (
        *([Column("dimension_name", text("sipas.dimension"), width=20)] if every_line else []),
        Column("name", text("sipas.group"), width=34),
        *([Column("line", text("sipas.line"), width=40)] if every_line else []),
        Column("n", text("sipas.respondents"), "integer", "format", width=12),
        Column("share", text("sipas.share"), "percent", "format", width=12),
        *([Column("share_unweighted", text("sipas.unweighted"), "percent", "format", width=12)] if weighted else []),
        Column("ci_low", text("sipas.low"), "percent", "format", width=12),
        Column("ci_high", text("sipas.high"), "percent", "format", width=12),
    )
    notes = [Note(text("sipas.groups_note"))]
    if rows["format"].is_not_null().any():
        notes.append(Note(text("sipas.withheld", minimum=privacy.MINIMUM), "caveat"))
    return Table(
        "satisfaction-groups-details" if every_line else "satisfaction-groups",
        text("sipas.groups_details" if every_line else "sipas.groups"),
        columns,
        shown,
        tuple(notes),
        row_kind="row_kind",
        row_header="name",
        empty=text("sipas.groups_none" if out is not None else "sipas.groups_not_of_part"),
    )


def _with_sections(rows: pl.DataFrame, labels: Mapping[str, str]) -> pl.DataFrame:
    """Return the rows with a heading row above each dimension."""
    parts = []
    for (dimension,), group in rows.group_by("dimension", maintain_order=True):
        head = pl.DataFrame({"name": [labels[str(dimension)]], "row_kind": ["section"]})
        parts += [head, group]
    return pl.concat(parts, how="diagonal_relaxed") if parts else rows


def themes_table(
    comments: pl.DataFrame,
    catalogue: Catalogue,
    out: set[tuple[str, Unit]] | None,
    whole_hidden: bool,
    unit: str | None = None,
) -> Table:
    """Return how many comments are about each theme; few are withheld, what they say is not there.

    Args:
        comments: result table ``satisfaction_comments``: internal, unsuppressed.
        catalogue: names of the factors.
        out: themes by unit that may not be published (:func:`chiso.reporting.privacy.hidden_themes`); None: none may.
        whole_hidden: whether the number of comments may not be published.
        unit: code for one unit's comments; None: all.
    """
    own = comments.filter(pl.col("unit_code").eq_missing(pl.lit(unit)))
    total = own.filter(pl.col("theme") == ALL)["n"].sum()
    factors = {theme.id: theme.factor for theme in load_themes()}
    hidden = [theme for theme, of in out or () if of == unit]
    rows = (own if out is not None else own.clear()).filter(pl.col("theme") != ALL)
    rows = rows.with_columns(
        name=pl.col("theme").replace_strict(theme_names(), return_dtype=pl.String),
        factor=pl.Series([_factor(catalogue, factors.get(theme)) for theme in rows["theme"]], dtype=pl.String),
        _out=pl.col("theme").is_in(sorted(hidden)),
    )
    rows = rows.with_columns(
        format=pl.when("_out").then(pl.lit("withheld")),
        share=pl.when(~pl.col("_out") & (not whole_hidden)).then(pl.col("n") / max(total, 1)),
        n=pl.when(~pl.col("_out")).then("n"),
    ).sort(pl.col("theme") == OTHER, pl.col("n").fill_null(0), descending=[False, True], maintain_order=True)
    columns = (
        Column("name", text("sipas.theme"), width=40),
        Column("factor", text("sipas.theme_factor"), width=40),
        Column("n", text("sipas.comments_count"), "integer", "format", width=14),
        *([] if whole_hidden else [Column("share", text("sipas.theme_share"), "percent", "format", width=14)]),
    )
    notes = [Note(text("sipas.themes_note"))]
    if hidden:
        notes.append(Note(text("sipas.withheld", minimum=privacy.MINIMUM), "caveat"))
    empty = text("sipas.comments_none" if out is not None else "sipas.groups_not_of_part")
    return Table("comment-themes", text("sipas.themes"), columns, rows, tuple(notes), empty=empty)


def comments_table(
    comments: pl.DataFrame,
    units: Mapping[str, str],
    out: privacy.Hidden,
    themes_out: set[tuple[str, Unit]] | None,
    unit: str | None = None,
) -> Table:
    """Return how many responses carry a comment, by unit, with the themes of it that are told.

    Args:
        comments: result table ``satisfaction_comments``: internal, unsuppressed.
        units: unit names by code.
        out: cells that may not be published; those of ``comment`` count.
        themes_out: as for :func:`themes_table`.
        unit: code for one unit's row beside the whole; None: all units.
    """
    lost = {of for of, code in out if code == "comment"}
    names = theme_names()
    rows = []
    for code, group in _by_unit(comments):
        if unit is not None and code not in (unit, None):
            continue
        told = group.filter((pl.col("theme") != ALL) & (pl.col("theme") != OTHER)).sort("n", descending=True)
        shown = [
            text("sipas.theme_told", name=names[theme], n=formats.number(n))
            for theme, n in told.select("theme", "n").rows()
            if themes_out is not None and (theme, code) not in themes_out and code not in lost
        ]
        n = group.filter(pl.col("theme") == ALL)["n"].sum()
        rows.append(
            (
                units.get(code, code) if code else text("sipas.whole"),
                None if code in lost else n,
                "withheld" if code in lost else None,
                "; ".join(shown) if code else "",
                "" if code else "total",
            )
        )
    schema = {"unit": pl.String, "n": pl.Int64, "format": pl.String, "themes": pl.String, "row_kind": pl.String}
    columns = (
        Column("unit", text("notebook.column.unit"), width=34),
        Column("n", text("sipas.comments_count"), "integer", "format", width=14),
        *([Column("themes", text("sipas.themes_told"), width=60)] if any(row[3] for row in rows) else []),
    )
    notes = [Note(text("sipas.comments_note"))]
    if lost:
        notes.append(Note(text("sipas.withheld", minimum=privacy.MINIMUM), "caveat"))
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    empty = text("sipas.comments_none")
    return Table("comments", text("sipas.comments"), columns, frame, tuple(notes), row_kind="row_kind", empty=empty)


def theme_names() -> dict[str, str]:
    """Return what readers call each theme of comments."""
    return {theme: text(f"sipas.theme_{theme}") for theme in (*(t.id for t in load_themes()), OTHER)}


def _factor(catalogue: Catalogue, code: str | None) -> str:
    return text("sipas.factor", code=code, name=catalogue.component(code).name) if code else ""


def _by_unit(comments: pl.DataFrame) -> list[tuple[str | None, pl.DataFrame]]:
    """Return each unit's rows, the whole department's last."""
    groups = [(key[0], group) for key, group in comments.group_by("unit_code", maintain_order=True)]
    return sorted(
        ((None if code is None else str(code), g) for code, g in groups), key=lambda p: (p[0] is None, p[0] or "")
    )
