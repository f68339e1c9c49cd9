"""Which sheet has which chart: each takes the cells of a table as they stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.excel import Written
from chiso.reporting.excel.charts import Categories, Picture, Points
from chiso.reporting.report import Table

#: Lines of a course that can still be told apart.
_MOST_LINES = 6
_PUNCTUALITY = ("early", "on_time", "late")


def picture(key: str, places: Mapping[str, Written]) -> Picture | None:
    """Return the chart of a sheet; None where there is nothing to draw.

    Args:
        key: of the sheet.
        places: where each sheet's table stands, by key.
    """
    own = places[key]
    if own.last < own.first:
        return None
    match key:
        case "summary":
            return _attainment(own)
        case "survey_target":
            return _against_target(own)
        case "balance_units":
            return _punctuality(own)
        case "survey_index":
            return _satisfaction(places["trend"], places) if "trend" in places else None
    if "trend" in places and key in places["trend"].table.frame["component"]:
        return _disbursement(places["trend"], key) or _indicators(places["trend"], key)
    return None


def _factors(places: Mapping[str, Written]) -> tuple[str, ...]:
    return tuple(key for key in places if key.startswith("A."))


def _body(table: Table) -> int:
    """Return how many rows stand before the total."""
    kinds = table.frame[table.row_kind].fill_null("").to_list() if table.row_kind else [""] * table.frame.height
    return next((n for n, kind in enumerate(kinds) if kind), len(kinds))


def _points(place: Written, column: str, name: str, first: int, last: int) -> Points:
    values = place.table.frame[column].to_list()[first : last + 1]
    return Points(name, place.cells(column, first, last), [None if formats.is_missing(v) else float(v) for v in values])


def _names(place: Written, column: str, first: int, last: int) -> Categories:
    return Categories(place.cells(column, first, last), [str(v) for v in place.table.frame[column][first : last + 1]])


def _attainment(place: Written) -> Picture | None:
    rows = _body(place.table)
    values = place.table.frame["attainment"][:rows].drop_nulls()
    if not len(values):
        return None
    label = text("tables.summary.attainment")
    return Picture(
        "bars",
        text("workbook.chart.attainment"),
        _names(place, "component", 0, rows - 1),
        [_points(place, "attainment", label, 0, rows - 1)],
        text("workbook.chart.component"),
        label,
    )


def _against_target(place: Written) -> Picture | None:
    rows = place.table.frame.height
    return Picture(
        "columns",
        text("workbook.chart.units"),
        _names(place, "unit", 0, rows - 1),
        [_points(place, "share", text("sipas.overall"), 0, rows - 1)],
        text("tables.column.unit"),
        text("sipas.share"),
        _points(place, "target", text("tables.column.target"), 0, rows - 1),
    )


def _punctuality(place: Written) -> Picture | None:
    rows = _body(place.table)
    if rows < 1 or not place.table.frame["finished"][:rows].sum():
        return None
    return Picture(
        "stacked",
        text("workbook.chart.punctuality"),
        _names(place, place.table.header, 0, rows - 1),
        [_points(place, name, text(f"tables.balance.{name}"), 0, rows - 1) for name in _PUNCTUALITY],
        text("tables.balance.unit_code"),
        text("workbook.chart.finished"),
        percent=False,
        colours=theme.PUNCTUALITY,
    )


def _rows(place: Written, component: str) -> tuple[int, int] | None:
    """Return first and last row of a component's percentages in the course; they stand together."""
    frame = place.table.frame
    found = [
        n
        for n, (own, percent) in enumerate(frame.select("component", "as_percent").rows())
        if own == component and percent
    ]
    return (found[0], found[-1]) if found else None


def _indicators(place: Written, component: str) -> Picture | None:
    span = _rows(place, component)
    columns = [name for name in ("year_before", "previous", "current") if name in place.letters]
    if span is None or place.table.frame["current"][span[0] : span[1] + 1].null_count() == span[1] - span[0] + 1:
        return None
    labels = {c.name: c.label for c in place.table.columns}
    shown = columns[-2:]
    target = _points(place, "target", labels["target"], *span)
    return Picture(
        "columns",
        text("workbook.chart.indicators", component=component),
        _names(place, "indicator", *span),
        [_points(place, name, labels[name], *span) for name in shown],
        text("tables.column.name"),
        text("tables.column.value"),
        target if any(v is not None for v in target.values) else None,
        colours=("#b9d0e4", theme.ACCENT),
    )


def _satisfaction(place: Written, places: Mapping[str, Written]) -> Picture | None:
    """Return the course of the overall index and of each factor's index against the target."""
    rows = [span[0] for key in ("A", *_factors(places)) if (span := _rows(place, key)) is not None]
    return _course(place, rows, text("workbook.chart.satisfaction"), rows[0]) if rows else None


def _disbursement(place: Written, component: str) -> Picture | None:
    """Return the course of what is spent of the year's budget; None for a component without budget."""
    frame = place.table.frame
    found = (frame["component"] == component) & (frame["window"] == "budget_year") & frame["as_percent"]
    rows = found.arg_true().to_list()
    return _course(place, rows, text("workbook.chart.disbursement"), rows[0]) if rows else None


def _course(place: Written, rows: Sequence[int], title: str, targeted: int) -> Picture | None:
    """Return rows of the course as lines over the periods, whose columns stand side by side."""
    frame, labels = place.table.frame, {c.name: c.label for c in place.table.columns}
    roles = ("current", "previous", "year_before")
    periods = [c.name for c in place.table.columns if c.name in roles or c.name.startswith("p_")]
    rows = [n for n in rows if any(frame[p][n] is not None for p in periods)][:_MOST_LINES]
    if not rows or len(periods) < 2:
        return None
    goal = frame["target"][targeted]
    words = text("reporting.chart.target", target=formats.percent(goal, trim=True))
    series = [
        Points(frame["indicator"][n], _across(place, periods, place.first + n), [frame[p][n] for p in periods])
        for n in rows
    ]
    return Picture(
        "line",
        title,
        Categories(_across(place, periods, place.first - 1), [labels[p] for p in periods]),
        series,
        text("workbook.cover.period"),
        text("tables.column.value"),
        None if goal is None else Points(words, "", [goal] * len(periods)),
    )


def _across(place: Written, columns: Sequence[str], row: int) -> str:
    sheet = place.cells(columns[0], 0, 0).rpartition("!")[0]
    return f"{sheet}!${place.letters[columns[0]]}${row}:${place.letters[columns[-1]]}${row}"
