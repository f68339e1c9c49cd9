"""The importance–performance grid."""

from __future__ import annotations

import math

import polars as pl
from matplotlib.axes import Axes

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.charts.chart import CLEAR, Chart, draw, empty, tick_format, wrap

#: Inches.
_TALL = 4.0
_COLOURS = {
    "improve_first": theme.STATUS["not_met"],
    "keep_up": theme.STATUS["met"],
    "low_priority": theme.STATUS["pending"],
    "possible_overkill": theme.MUTED,
}


def quadrants(frame: pl.DataFrame, *, title: str, notes: tuple[str, ...] = ()) -> Chart:
    """Draw factors by performance (across) and importance (up), cut by lines.

    Args:
        frame: ``name``, ``importance``, ``performance``, ``importance_cut``, ``performance_cut``, ``quadrant`` (keys of
            :func:`chiso.survey.importance_performance`).
        title: the chart's message.
        notes: lines under the chart, which state the cut lines.
    """
    rows = frame.to_dicts()

    def paint(ax: Axes) -> None:
        if not rows:
            return empty(ax)
        x, y = [r["performance"] for r in rows], [r["importance"] for r in rows]
        across, up = rows[0]["performance_cut"], rows[0]["importance_cut"]
        wide, tall = max(max(abs(v - across) for v in x), 0.01), max(max(abs(v - up) for v in y), 0.01)
        ax.set_xlim(across - 1.5 * wide, across + 1.5 * wide)
        ax.set_ylim(up - 1.45 * tall, up + 1.45 * tall)
        ax.axvline(across, color=theme.TARGET, linestyle=(0, (5, 3)), linewidth=1.1)
        ax.axhline(up, color=theme.TARGET, linestyle=(0, (5, 3)), linewidth=1.1)
        for (h, v), name in zip(((0, 1), (1, 1), (0, 0), (1, 0)), _COLOURS, strict=True):
            ax.annotate(text(f"reporting.chart.quadrant_{name}"), (h, v), xycoords="axes fraction", fontsize=8.5,
                        xytext=(6 if h == 0 else -6, -4 if v else 4), textcoords="offset points", color=_COLOURS[name],
                        ha="left" if h == 0 else "right", va="top" if v else "bottom", weight="bold")  # fmt: skip
        labels = [wrap(row["name"], 26) for row in rows]
        shifts = _apart([(v - up) / tall for v in y], [label.count("\n") + 1 for label in labels])
        for row, label, shift in zip(rows, labels, shifts, strict=True):
            at = (row["performance"], row["importance"])
            ax.plot(at[:1], at[1:], marker="o", markersize=8, color=_COLOURS[row["quadrant"]], zorder=4)
            side = -1 if row["performance"] > across + 0.6 * wide else 1  # no label runs over the edge
            ax.annotate(label, at, xytext=(8 * side, shift), textcoords="offset points", va="center", fontsize=8.5,
                        ha="left" if side > 0 else "right", color=theme.INK, bbox=CLEAR, zorder=3)  # fmt: skip
        ax.set_xlabel(text("reporting.chart.performance"))
        ax.set_ylabel(text("reporting.chart.importance"))
        ax.xaxis.set_major_formatter(tick_format(True))
        ax.yaxis.set_major_formatter(tick_format(True))
        ax.locator_params(nbins=5)
        ax.tick_params(length=0)
        return None

    told = "; ".join(_told(row) for row in rows)
    alt = text(f"reporting.chart.{'alt_likert' if rows else 'alt_empty'}", title=title, rows=told)
    return draw(paint, title=title, alt=alt, height=_TALL, notes=notes)


def _apart(heights: list[float], lines: list[int]) -> list[float]:
    """Return how far (points) each label moves up so that none lies on another, wherever its dot is.

    Args:
        heights: of the dots, in units of which the axes are 2.9 tall.
        lines: of the labels.
    """
    points = [height * _TALL * 72 * 0.8 / 2.9 for height in heights]
    shifts, floor = [0.0] * len(points), -math.inf
    for i in sorted(range(len(points)), key=lambda i: (points[i], i)):
        half = lines[i] * 5.6 + 1
        shifts[i] = max(0.0, floor + half - points[i])
        floor = points[i] + shifts[i] + half
    return shifts


def _told(row: dict) -> str:
    return text(
        "reporting.chart.alt_grid_row",
        name=row["name"],
        importance=formats.percent(row["importance"]),
        performance=formats.percent(row["performance"]),
        quadrant=text(f"reporting.chart.quadrant_{row['quadrant']}"),
    )
