"""Scorecards with points as tables: points side by side, gains, units, the service-quality index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.scores import sized
from chiso.scoring.scorecard.assessment import side_by_side
from chiso.scoring.scorecard.gains import gains
from chiso.scoring.scorecard.model import Scorecard
from chiso.scoring.scorecard.score import Scored
from chiso.scoring.scorecard.values import NOT_APPLICABLE, OK, STATUSES

_KINDS = {"total": "total", "area": "subtotal"}


def card_name(card: Scorecard) -> str:
    """Return what captions and sentences call a scorecard; the invented example is marked as such each time."""
    return text("scores.card.example", code=card.code) if card.invented else card.name


def points_table(card: Scorecard, scored: Mapping[str, Scored], unit: str, id: str) -> Table:
    """Return a scorecard with the points of each assessment side by side, area by area.

    Args:
        card: names and order.
        scored: of :func:`chiso.scoring.scorecard.assessment.assessed`, of one period.
        unit: whose points.
        id: of the table.
    """
    rows = {(r["level"], r["code"]): r for r in side_by_side(scored).filter(unit=unit).iter_rows(named=True)}
    final = scored["final"]
    place = final.values.units.index(unit)
    places = {(n.level, n.code): n for n in card.nodes}
    entries = []
    area = None
    for node in card.nodes[:-1]:
        if node.level == "area":
            continue
        own_area = card.areas[node.parts[0]]
        if own_area != area:
            area = own_area
            entries.append(_entry(places["area", area], rows, "", scored, place))
        state = ""
        if len(node.parts) == 1 and node.code in card.codes:
            criterion = card.criteria[node.parts[0]]
            status = STATUSES[final.values.status[0, place, node.parts[0]]]
            state = text(f"scores.card.state_{status}") if status != "ok" else ""
            if criterion.kind != "normal" and not state:
                state = text(f"scores.card.state_{criterion.kind}", most=formats.number(criterion.max_points))
        entries.append(_entry(node, rows, state, scored, place))
    entries.append(_entry(card.nodes[-1], rows, "", scored, place))
    shown = [name for name in ("self", "appraisal", "survey") if name in scored]
    columns = sized(
        Column("code", text("scores.code"), width=10, missing=""),
        Column("name", text("scores.card.criterion"), width=52),
        Column("max_points", text("scores.card.maximum"), "number", width=10),
        *(Column(f"{n}_points", text(f"scores.card.{n}"), "number", width=10) for n in shown),
        Column("final_points", text("scores.card.final"), "number", width=10),
        Column("percent", text("scores.quality.percent"), "percent", width=10),
        *([Column("difference", text("scores.card.difference"), "number", width=12)] if len(shown) > 1 else []),
        Column("state", text("scores.card.state"), width=18, missing=""),
    )
    schema = dict.fromkeys(("code", "name", "state", "row_kind"), pl.String)
    numbers = (
        "max_points",
        "self_points",
        "appraisal_points",
        "survey_points",
        "final_points",
        "percent",
        "difference",
    )
    frame = pl.DataFrame(entries, schema=schema | dict.fromkeys(numbers, pl.Float64))
    notes = [Note(text("scores.card.note"))]
    if not card.verified:
        notes.append(Note(text("scores.card.unverified"), "caveat"))
    title = text("scores.card.title", name=card_name(card))
    return Table(id, title, columns, frame, tuple(notes), row_kind="row_kind", row_header="name")


def _entry(
    node: Any, rows: Mapping[Any, Mapping[str, Any]], state: str, scored: Mapping[str, Scored], unit: int
) -> dict[str, Any]:
    """One row; points nobody gave are blank, not 0."""
    row = rows[node.level, node.code]
    given = {}
    for name in ("appraisal", "survey"):
        if name in scored and (scored[name].values.status[0, unit, list(node.parts)] == OK).any():
            given[f"{name}_points"] = row[f"{name}_points"]
    maximum, final = row["max_points"], row["final_points"]
    return {
        "code": "" if node.level == "total" else node.code,
        "name": text("scores.quality.total") if node.level == "total" else node.name,
        "state": state,
        "row_kind": _KINDS.get(node.level, ""),
        "max_points": maximum or None,
        "self_points": row["self_points"],
        "final_points": final,
        **given,
        "percent": final / maximum if maximum and final is not None else None,
        "difference": row["difference"] or None,
    }


def gains_table(card: Scorecard, scored: Scored, unit: str, id: str, most: int = 10) -> Table:
    """Return the criteria with the most points still to gain."""
    rows = gains(scored).filter(pl.col("unit") == unit, pl.col("gain_points") > 0).sort("order", "code").head(most)
    names = {c.code: c.name for c in card.criteria}
    frame = rows.with_columns(
        name=pl.Series([names[c] for c in rows["code"]], dtype=pl.String), after=pl.col("percent_after") / 100
    )
    columns = sized(
        Column("order", text("scores.first.order"), "integer"),
        Column("code", text("scores.code")),
        Column("name", text("scores.card.criterion"), width=52),
        Column("points", text("scores.card.final"), "number"),
        Column("max_points", text("scores.card.maximum"), "number"),
        Column("gain_points", text("scores.card.gain"), "number"),
        Column("after", text("scores.card.after"), "percent"),
    )
    return Table(id, text("scores.card.gains", name=card_name(card)), columns, frame, row_header="name")


def units_table(card: Scorecard, scored: Scored, names: Mapping[str, str], id: str, title: str) -> Table:
    """Return the totals of several bodies with rank and rating, a column a criterion where there are few."""
    table = scored.table()
    total = table.filter(level="total").sort("rank", "unit", nulls_last=True)
    frame = total.select("unit", "rank", "points", "max_points", percent=pl.col("percent") / 100)
    rating = [card.rating(100 * p, n) if p is not None else None for p, n in frame.select("percent", "points").rows()]
    few = card.codes if len(card.codes) <= 10 else ()
    if few:
        wide = table.filter(pl.col("code").is_in(few)).pivot("code", index="unit", values="points")
        frame = frame.join(wide, on="unit", how="left", maintain_order="left")
    frame = frame.with_columns(
        name=pl.Series([names.get(u, u) for u in frame["unit"]], dtype=pl.String),
        rating=pl.Series(rating, dtype=pl.String),
    )
    columns = sized(
        Column("rank", text("scores.rank.rank"), "integer"),
        Column("name", text("scores.unit"), width=34),
        *(Column(c, c, "number", width=8) for c in few),
        Column("points", text("scores.quality.points"), "number"),
        Column("max_points", text("scores.card.maximum"), "number"),
        Column("percent", text("scores.quality.percent"), "percent"),
        *([Column("rating", text("scores.card.rating_column"))] if card.ratings else []),
    )
    notes = []
    if few:
        listed = "; ".join(f"{c.code}. {c.name}" for c in card.criteria)
        notes.append(Note(text("scores.card.legend", criteria=listed)))
    if not card.verified:
        notes.append(Note(text("scores.card.unverified"), "caveat"))
    return Table(id, title, columns, frame, tuple(notes), row_header="name")


def quality_table(card: Scorecard, scored: Scored, unit: str, groups: int, *, detail: bool = True) -> Table:
    """Return the service-quality index by group (with ``detail`` by criterion): points, points assessable, maximum."""
    rows = {(r["level"], r["code"]): r for r in scored.table().filter(unit=unit).iter_rows(named=True)}
    at = scored.values.units.index(unit)
    whole = {c.code: c.max_points for c in card.criteria}
    entries: list[dict[str, Any]] = []
    for area in dict.fromkeys(card.areas):
        parts = [i for i, a in enumerate(card.areas) if a == area]
        name = dict(card.names)[area]
        most = sum(card.criteria[i].max_points for i in parts)
        entries.append(_quality(f"{area}. {name}", rows["area", area], most, None, "subtotal"))
        for i in parts if detail else ():
            c = card.criteria[i]
            share = float(scored.values.value[0, at, i])
            row = rows["criterion", c.code]
            name = f"{c.code} {c.name}" if c.code[0].isdigit() else c.name
            entries.append(_quality(name, row, c.max_points, None if share != share else share, ""))
    total = _quality(text("scores.quality.total"), rows["total", "total"], sum(whole.values()), None, "total")
    frame = pl.DataFrame([*entries, total], schema_overrides=dict.fromkeys(_NUMBERS, pl.Float64))
    columns = sized(
        Column("name", text("scores.quality.group"), width=52),
        *([Column("share", text("scores.quality.share"), "percent")] if detail else []),
        Column("points", text("scores.quality.points"), "number"),
        Column("assessable", text("scores.quality.assessable"), "number"),
        Column("maximum", text("scores.quality.maximum"), "number"),
        Column("percent", text("scores.quality.percent"), "percent"),
    )
    title, note = text("scores.quality.title", groups=groups), Note(text("scores.quality.note"), "caveat")
    return Table(f"quality-{groups}", title, columns, frame, (note,), row_kind="row_kind")


_NUMBERS = ("share", "points", "assessable", "maximum", "percent")


def _quality(name: str, row: Mapping[str, Any], most: float, share: float | None, kind: str) -> dict[str, Any]:
    percent = None if row["percent"] is None else row["percent"] / 100
    return {
        "name": name,
        "share": share,
        "points": row["points"],
        "assessable": row["max_points"],
        "maximum": most,
        "percent": percent,
        "row_kind": kind,
    }


def told_quality(card: Scorecard, scored: Scored, unit: str) -> str:
    """Return the index in a sentence: points of those assessable, rating, what is not assessed."""
    row = scored.table().filter(unit=unit, level="total").row(0, named=True)
    if row["percent"] is None:
        return text("scores.quality.none")
    at = scored.values.units.index(unit)
    absent = [c for i, c in enumerate(card.criteria) if scored.values.status[0, at, i] == NOT_APPLICABLE]
    values = {"points": formats.number(row["points"]), "assessable": formats.number(row["max_points"])}
    values |= {"percent": formats.percent(row["percent"] / 100), "count": formats.number(len(absent))}
    rest = formats.number(sum(c.max_points for c in absent))
    return text("scores.quality.told", rating=card.rating(row["percent"], row["points"]), rest=rest, **values)
