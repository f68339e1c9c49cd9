"""Forecasts against their targets, and ranks with their bands: a dot, a line, a mark."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.charts.chart import Chart, draw, empty, tick_format, wrap


def forecasts(frame: pl.DataFrame, *, title: str, notes: tuple[str, ...] = ()) -> Chart:
    """Draw each share now, as forecast with its interval, and its target.

    Args:
        frame: ``name``, ``now`` (may be null), ``value``, ``low``, ``high``, ``target`` (shares of 1), ``risk`` (bool);
            rows in the order drawn.
        title: the chart's message.
        notes: lines under the chart.
    """
    rows = frame.to_dicts()

    def paint(ax: Axes) -> None:
        if not rows:
            return empty(ax)
        for y, row in enumerate(rows):
            colour = theme.STATUS["at_risk"] if row["risk"] else theme.ACCENT
            ax.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=2.4, solid_capstyle="butt", alpha=0.75)
            ax.plot([row["target"]] * 2, [y - 0.32, y + 0.32], color=theme.TARGET, linewidth=2.0, zorder=4)
            if row["now"] is not None:
                ax.plot([row["now"]], [y], marker="o", markersize=6.5, color=colour, markerfacecolor=theme.PAPER,
                        linestyle="", zorder=3)  # fmt: skip
            ax.plot([row["value"]], [y], marker="^" if row["risk"] else "o", markersize=6.5, color=colour,
                    linestyle="", zorder=5)  # fmt: skip
            ax.annotate(_ending(row), (1, y), xycoords=("axes fraction", "data"), xytext=(6, 0), fontsize=8,
                        textcoords="offset points", va="center", color=theme.INK, annotation_clip=False)  # fmt: skip
        values = [row[k] for row in rows for k in ("now", "low", "high", "target", "value") if row[k] is not None]
        ax.set_xlim(max(0.0, min(values) - 0.04), max(values) + 0.02)
        _frame(ax, [row["name"] for row in rows])
        ax.locator_params(axis="x", nbins=6)
        ax.xaxis.set_major_formatter(tick_format(True))
        return None

    told = "; ".join(
        text("scores.ahead.alt_row", name=row["name"], now=formats.percent(row["now"]),
             value=formats.percent(row["value"]), low=formats.percent(row["low"]), high=formats.percent(row["high"]),
             target=formats.percent(row["target"], trim=True))
        for row in rows
    )  # fmt: skip
    alt = text("scores.ahead.alt", title=title, rows=told) if rows else text("reporting.chart.alt_empty", title=title)
    return draw(paint, title=title, alt=alt, height=max(0.4 * len(rows) + 0.6, 1.5), notes=notes)


def _ending(row: dict) -> str:
    values = {k: formats.percent(row[k]) for k in ("value", "low", "high")}
    return values["value"] if values["low"] == values["high"] else text("scores.ahead.chart_end", **values)


def ranks(frame: pl.DataFrame, *, title: str, notes: tuple[str, ...] = ()) -> Chart:
    """Draw each body's rank with its band, the best first.

    Args:
        frame: ``name``, ``rank``, ``low``, ``high``; without null.
        title: the chart's message.
        notes: lines under the chart.
    """
    rows = frame.to_dicts()
    ends = [
        text("scores.rank.chart_end", rank=formats.number(r["rank"]), low=formats.number(round(r["low"])),
             high=formats.number(round(r["high"])))
        for r in rows
    ]  # fmt: skip

    def paint(ax: Axes) -> None:
        if not rows:
            return empty(ax)
        for y, (row, end) in enumerate(zip(rows, ends, strict=True)):
            ax.plot([row["low"], row["high"]], [y, y], color=theme.ACCENT_MID, linewidth=5, solid_capstyle="butt")
            ax.plot([row["rank"]], [y], marker="o", markersize=6.5, color=theme.ACCENT, linestyle="", zorder=3)
            ax.annotate(end, (1, y), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
                        va="center", fontsize=8, color=theme.INK, annotation_clip=False)  # fmt: skip
        ax.set_xlim(0.6, len(rows) + 0.4)
        _frame(ax, [row["name"] for row in rows])
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=min(len(rows), 12)))
        ax.set_xlabel(text("scores.rank.chart_axis"))
        return None

    told = "; ".join(text("scores.rank.alt_row", name=r["name"], end=e) for r, e in zip(rows, ends, strict=True))
    alt = text("scores.rank.alt", title=title, rows=told) if rows else text("reporting.chart.alt_empty", title=title)
    return draw(paint, title=title, alt=alt, height=max(0.34 * len(rows) + 0.8, 1.5), notes=notes)


def _frame(ax: Axes, names: list[str]) -> None:
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_yticks(range(len(names)), [wrap(name, 36) for name in names], color=theme.INK)
    ax.tick_params(length=0)
    ax.grid(axis="x")
    ax.spines[["left", "bottom"]].set_visible(False)
