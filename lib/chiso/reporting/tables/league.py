"""Bodies side by side: league table, bands of ranks, strengths and weaknesses, what the ranking rests on."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from chiso.catalogue import Catalogue
from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.charts import Chart
from chiso.reporting.charts.ahead import ranks as rank_chart
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.scores import sized
from chiso.scoring.aggregation import Composite
from chiso.scoring.league import DRAWS, SAMPLES, WEIGHT_SHARE, peers

#: Strengths and weaknesses named, and from which difference (points of 100).
NAMED = 3
LEAST = 1.0


def league_table(
    bands: pl.DataFrame,
    profiles: pl.DataFrame,
    names: Mapping[str, str],
    coverage: Mapping[str, float],
    title: str,
    own: str | None = None,
) -> Table:
    """Return each body on a line: rank, score, band, chances of first and last, strong and weak items, peers.

    Args:
        bands: of :func:`chiso.scoring.league.bands`.
        profiles: of :func:`chiso.scoring.league.profiles`.
        names: of the bodies by code.
        coverage: share of items with data by body.
        title: says who is ranked by what.
        own: body whose line is set off; None: none.
    """
    near = peers(bands)
    units = bands["unit"].to_list()
    frame = bands.with_columns(
        name=pl.Series([names.get(u, u) for u in units], dtype=pl.String),
        score=pl.col("score") / 100,
        coverage=pl.Series([coverage.get(u) for u in units], dtype=pl.Float64),
        band=pl.Series([_band(r) for r in bands.iter_rows(named=True)], dtype=pl.String),
        strong=pl.Series([_items(profiles, u, strong=True) for u in units], dtype=pl.String),
        weak=pl.Series([_items(profiles, u, strong=False) for u in units], dtype=pl.String),
        peers=pl.Series([", ".join(names.get(p, p) for p in near.get(u, ())) or None for u in units], dtype=pl.String),
        row_kind=pl.Series(["total" if u == own else "" for u in units], dtype=pl.String),
    )
    columns = sized(
        Column("rank", text("scores.rank.rank"), "integer", width=8),
        Column("name", text("scores.unit"), width=34),
        Column("score", text("scores.rank.score"), "percent", width=10),
        Column("coverage", text("scores.coverage"), "percent", width=12),
        Column("band", text("scores.rank.band"), align="center", width=10),
        Column("p_first", text("scores.rank.first"), "percent", width=11),
        Column("p_last", text("scores.rank.last"), "percent", width=11),
        Column("strong", text("scores.rank.strong"), width=30),
        Column("weak", text("scores.rank.weak"), width=30),
        Column("peers", text("scores.rank.peers"), width=34),
    )
    values = {"draws": formats.number(DRAWS), "share": formats.percent(WEIGHT_SHARE, trim=True)}
    notes = (Note(text("scores.rank.note", **values)), Note(text("scores.rank.note_few"), "caveat"))
    return Table("league", title, columns, frame, notes, row_kind="row_kind", row_header="name")


def _band(row: Mapping[str, float | None]) -> str | None:
    low, high = row["rank_5"], row["rank_95"]
    if low is None or high is None:
        return None
    return text("scores.rank.band_value", low=formats.number(round(low)), high=formats.number(round(high)))


def _items(profiles: pl.DataFrame, unit: str, *, strong: bool) -> str | None:
    """Items in which a body lies farthest above (or below) the median of the others, in words."""
    mine = profiles.filter(pl.col("unit") == unit, pl.col("level") == "item")
    beyond = pl.col("difference") >= LEAST if strong else pl.col("difference") <= -LEAST
    rows = mine.filter(beyond).sort("difference", "code", descending=[strong, False]).head(NAMED)
    found = [
        text("scores.rank.item", code=code, difference=formats.change(round(difference, 1), share=False))
        for code, difference in rows.select("code", "difference").rows()
    ]
    return ", ".join(found) or None


def league_chart(bands: pl.DataFrame, names: Mapping[str, str]) -> Chart:
    """Draw the bands of ranks, the best body first; the title names those that stand apart from all others."""
    known = bands.filter(pl.col("rank").is_not_null()).with_columns(low=pl.col("rank_5"), high=pl.col("rank_95"))
    frame = known.select(
        name=pl.Series([names.get(u, u) for u in known["unit"]], dtype=pl.String), rank="rank", low="low", high="high"
    )
    spans = frame.select("name", "low", "high").rows()
    clear = [n for n, a, b in spans if all(n == m or b < c or d < a for m, c, d in spans)]
    key = "clear" if clear else "unclear"
    title = text("scores.rank.chart", clear=text(f"scores.rank.chart_{key}", names=", ".join(clear)))
    return rank_chart(frame, title=title, notes=(text("scores.rank.chart_note"),))


def areas_table(composite: Composite, bands: pl.DataFrame, names: Mapping[str, str], catalogue: Catalogue) -> Table:
    """Return the attainment of each body by component, in the order of the ranking."""
    scored = composite.scores().table()
    levels = dict(zip(composite.tree.codes, composite.tree.levels, strict=True))
    areas = [c for c in composite.tree.codes if levels[c] == 3]
    wide = scored.filter(pl.col("code").is_in(areas)).pivot("code", index="unit", values="score")
    frame = bands.select("unit", "rank", "score").join(wide, on="unit", how="left", maintain_order="left")
    frame = frame.with_columns(
        pl.col("score", *areas) / 100, name=pl.Series([names.get(u, u) for u in frame["unit"]], dtype=pl.String)
    )
    columns = sized(
        Column("rank", text("scores.rank.rank"), "integer"),
        Column("name", text("scores.unit"), width=34),
        Column("score", text("scores.rank.score"), "percent"),
        *(Column(a, f"{a}. {catalogue.component(a).name}", "percent", missing="") for a in areas),
    )
    note = (Note(text("scores.rank.areas_note")),)
    return Table("league-areas", text("scores.rank.areas"), columns, frame, note, row_header="name")


def without_table(left_out: pl.DataFrame, bands: pl.DataFrame, names: Mapping[str, str]) -> Table:
    """Return ranks with all components and without each.

    Args:
        left_out: of :func:`chiso.scoring.league.without_areas`.
        bands, names: as in :func:`league_table`.
    """
    areas = left_out["removed"].unique().sort().to_list()
    wide = left_out.pivot("removed", index="unit", values="rank")
    frame = bands.select("unit", "rank").join(wide, on="unit", how="left", maintain_order="left")
    frame = frame.with_columns(name=pl.Series([names.get(u, u) for u in frame["unit"]], dtype=pl.String))
    columns = sized(
        Column("name", text("scores.unit"), width=34),
        Column("rank", text("scores.rank.without_now"), "integer"),
        *(Column(a, text("scores.rank.without_one", code=a), "integer") for a in areas),
    )
    note = (Note(text("scores.rank.without_note")),)
    return Table("league-without", text("scores.rank.without"), columns, frame, note)


def drivers_table(drivers: pl.DataFrame) -> Table:
    """Return the Sobol indices of the assumptions (of :func:`chiso.scoring.league.drivers`)."""
    names = [text(f"scores.rank.driver_{i}") for i in drivers["input"]]
    # An estimate near nothing may fall below it.
    frame = drivers.with_columns(name=pl.Series(names, dtype=pl.String), first=pl.col("first").clip(0.0))
    columns = sized(
        Column("name", text("scores.rank.driver"), width=44),
        Column("first", text("scores.rank.first_order"), "percent"),
        Column("total", text("scores.rank.total_order"), "percent"),
    )
    note = (Note(text("scores.rank.drivers_note", samples=formats.number(SAMPLES))),)
    return Table("league-drivers", text("scores.rank.drivers"), columns, frame, note)


def profile_table(profiles: pl.DataFrame, unit: str, subject: str, catalogue: Catalogue, id: str = "profile") -> Table:
    """Return a body's items that differ from the median of the others, the strongest first."""
    mine = profiles.filter(pl.col("unit") == unit, pl.col("level") == "item", pl.col("difference").abs() >= LEAST)
    rows = mine.sort("difference", "code", descending=[True, False])
    frame = rows.with_columns(
        name=pl.Series([catalogue.item(c).name for c in rows["code"]], dtype=pl.String),
        score=pl.col("score") / 100,
        median=pl.col("median") / 100,
        difference=pl.col("difference") / 100,
    )
    columns = sized(
        Column("code", text("scores.code")),
        Column("name", text("scores.name"), width=52),
        Column("score", text("scores.rank.profile_own"), "percent"),
        Column("median", text("scores.rank.profile_median"), "percent"),
        Column("difference", text("scores.rank.profile_difference"), "points"),
    )
    title, empty = text("scores.rank.profile", unit=subject), text("scores.rank.profile_none")
    return Table(id, title, columns, frame, row_header="name", empty=empty)
