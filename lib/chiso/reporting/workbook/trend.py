"""The course of the indicators: one row an indicator, one column a period, changes as differences."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

import polars as pl

from chiso.catalogue import Indicator
from chiso.indicators.survey_comparisons import same_form
from chiso.messages import text
from chiso.reporting import privacy, wording
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.board import index_of
from chiso.reporting.tables.scorecard import figures_of, label, target_format
from chiso.reporting.workbook.material import Material
from chiso.worktime import Period, PeriodError


def trend_table(material: Material, index: str) -> Table | None:
    """Return the values of an index's indicators in this and earlier periods; None where there is no history.

    Rows stand by component, percentages first, so that a chart can take those of a component as they stand. Blank:
    no data, or not published. The frame also has ``component``, ``window`` and ``as_percent``.
    """
    m = material
    if m.history is None:
        return None
    names = {str(p): p for p in map(Period.parse, m.history["period"].unique(maintain_order=True))}
    current = m.timeframe.period
    periods = sorted({*names.values(), current}, key=lambda p: (p.year, p.number))
    roles = {current: "current"}
    for role, earlier in (("previous", current.previous), ("year_before", current.year_before)):
        with suppress(PeriodError):  # before the first year there is
            if (found := earlier()) in periods:
                roles.setdefault(found, role)
    figures: dict[Period, dict[str, dict[str, Any]]] = {}
    for period in periods:
        frame = m.indicators if period == current else m.past(period)
        figures[period] = {} if frame is None else figures_of(frame, m.unit)
    own = [i for i in m.catalogue.indicators if index_of(i.component) == index]
    order = {component: n for n, component in enumerate(dict.fromkeys(i.component for i in own))}
    own.sort(key=lambda i: (order[i.component], not i.as_percent))
    columns = {period: roles.get(period, f"p_{period}") for period in periods}
    surveyed = privacy.survey_codes(m.catalogue)
    forms = m.results.statistics.get("satisfaction_changes")
    other_form = {name for period, name in columns.items() if not same_form(forms, str(period))}
    entries = [_entry(i, figures, columns, current, other_form if i.id in surveyed else set()) for i in own]
    schema: dict[str, Any] = dict.fromkeys(("component", "indicator", "name", "window"), pl.String)
    schema |= {"as_percent": pl.Boolean, **dict.fromkeys(columns.values(), pl.Float64)}
    schema |= dict.fromkeys(("since_previous", "since_year", "target"), pl.Float64)
    schema |= dict.fromkeys(("value_format", "change_format", "target_format"), pl.String)
    shown = [
        Column("indicator", label("indicator"), width=13),
        Column("name", label("name"), width=42),
        *[
            Column(name, wording.capital(p.label), "number", "value_format", width=11, missing="")
            for p, name in columns.items()
        ],
        Column("target", label("target"), "number", "target_format", width=10),
    ]
    for role, key in (("previous", "since_previous"), ("year_before", "since_year")):
        if role in columns.values():
            shown.append(Column(key, text(f"workbook.trend.{key}"), "number", "change_format", width=13, missing=""))
    frame = pl.DataFrame(entries, schema=schema)
    notes = (Note(text("workbook.trend.note")), Note(text("workbook.trend.cumulative")))
    return Table("trend", text("workbook.trend.title"), tuple(shown), frame, notes, row_header="name")


def _entry(
    indicator: Indicator,
    figures: dict[Period, dict[str, dict[str, Any]]],
    columns: dict[Period, str],
    current: Period,
    incomparable: Collection[str],
) -> dict[str, Any]:
    values = {name: figures[period].get(indicator.id, {}).get("value") for period, name in columns.items()}
    row = figures[current].get(indicator.id, {})

    def since(role: str) -> float | None:
        now, before = values["current"], values.get(role)
        return None if now is None or before is None or role in incomparable else now - before

    percent = indicator.as_percent
    return {
        "component": indicator.component,
        "indicator": indicator.id,
        "name": indicator.name,
        "window": indicator.window,
        "as_percent": percent,
        **values,
        "since_previous": since("previous") if indicator.window in wording.COMPARABLE else None,
        "since_year": since("year_before"),
        "target": row.get("target"),
        "value_format": "percent" if percent else "number",
        "change_format": "points" if percent else "number",
        "target_format": target_format(row.get("comparator"), percent=percent),
    }
