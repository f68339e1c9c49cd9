"""Estimates as dots with their confidence intervals: units against a target, changes against zero."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.charts.chart import Chart, draw, empty, name_rows, row_height

_MARKS = {"above": ("o", theme.STATUS["met"]), "below": ("^", theme.STATUS["not_met"]), "": ("o", theme.ACCENT)}


def intervals(
    frame: pl.DataFrame,
    *,
    title: str,
    line: float | None = None,
    line_label: str = "",
    difference: bool = False,
    notes: tuple[str, ...] = (),
) -> Chart:
    """Draw one dot with its interval a row, in the order given.

    Args:
        frame: columns ``name``, ``value``, ``low``, ``high`` (null: no interval), ``n`` (respondents, or null) and
            ``verdict``: ``above`` or ``below`` the line beyond doubt, else empty.
        title: the chart's message.
        line: the target, or zero for differences.
        line_label: what it is.
        difference: values are differences, in percentage points.
        notes: lines under the chart.
    """
    rows = frame.select("name", "value", "low", "high", "n", "verdict").to_dicts()
    known = [row for row in rows if row["value"] is not None]
    show = formats.points if difference else formats.percent

    def paint(ax: Axes) -> None:
        if not known:
            return empty(ax)
        for y, row in enumerate(rows):
            if row["value"] is None:
                continue
            mark, colour = _MARKS[row["verdict"] or ""]
            if row["low"] is not None:
                ax.plot(
                    [row["low"], row["high"]], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt", alpha=0.75
                )
            ax.plot([row["value"]], [y], marker=mark, markersize=6.5, color=colour, linestyle="",
                    markerfacecolor=colour if row["low"] is not None else theme.PAPER)  # fmt: skip
            label = show(row["value"])
            if row["low"] is not None:
                label = text("reporting.chart.interval_end", value=label, low=show(row["low"]), high=show(row["high"]))
            if row["n"] is not None:
                label = text("reporting.chart.interval_n", label=label, n=formats.number(row["n"]))
            ax.annotate(label, (1, y), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
                        va="center", fontsize=8, color=theme.INK, annotation_clip=False)  # fmt: skip
        values = [v for row in known for v in (row["value"], row["low"], row["high"]) if v is not None]
        values += [line] if line is not None else []
        low, high = min(values), max(values)
        room = max(0.08 * (high - low), 0.01)
        ax.set_xlim(low - room, high + room)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        name_rows(ax, [row["name"] for row in rows])
        ax.tick_params(length=0)
        ax.grid(axis="x")
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.locator_params(axis="x", nbins=5)
        ax.xaxis.set_major_formatter(
            FuncFormatter(
                lambda v, _: (
                    formats.number(round(100 * v, 6)) if difference else formats.percent(round(v, 6), trim=True)
                )
            )
        )
        if line is not None:
            ax.axvline(line, color=theme.TARGET, linestyle=(0, (5, 3)), linewidth=1.3, zorder=1)
            ax.annotate(line_label, (line, 1), xycoords=("data", "axes fraction"), xytext=(0, 3), fontsize=8,
                        textcoords="offset points", ha="center", va="bottom", color=theme.TARGET)  # fmt: skip
        return None

    told = "; ".join(
        text("reporting.chart.alt_interval_row", name=row["name"], value=show(row["value"]),
             low=show(row["low"]), high=show(row["high"]))
        if row["low"] is not None
        else f"{row['name']} {show(row['value'])}"
        for row in known
    )  # fmt: skip
    alt = text("reporting.chart.alt_intervals", title=title, line=f"{line_label}. " if line_label else "", rows=told)
    if not known:
        alt = text("reporting.chart.alt_empty", title=title)
    each = row_height([row["name"] for row in rows])
    return draw(paint, title=title, alt=alt, height=max(each * len(rows) + 0.7, 1.5), notes=notes)
