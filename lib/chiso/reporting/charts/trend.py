"""A value over the last periods against its target."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.charts.chart import CLEAR, Chart, draw, empty, shown, tick_format, wrap

SMALLEST_SPAN = 0.2
"""An axis of shares shows at least 20 points: noise must not look like a fall."""


def trend(
    frame: pl.DataFrame,
    *,
    title: str,
    target: float | None = None,
    comparator: str | None = ">=",
    reference: bool = False,
    percent: bool = True,
    last: int = 8,
    notes: tuple[str, ...] = (),
) -> Chart:
    """Draw the last periods of a series.

    Args:
        frame: columns ``label`` (the period, oldest first) and ``value`` (share of 1, or a number; null for none).
        title: the chart's message.
        target: drawn as a dashed line with its value.
        comparator: the target's, for its label.
        reference: the line is one to compare with, not a target.
        percent: values are shares.
        last: how many periods are shown at most.
        notes: lines under the chart.
    """
    rows = frame.tail(last)
    labels = [str(label) for label in rows["label"]]
    values = [math.nan if formats.is_missing(v) else float(v) for v in rows["value"].to_list()]
    known = [(i, v) for i, v in enumerate(values) if not math.isnan(v)]
    line = ""
    if target is not None:
        line = text(
            "reporting.chart.reference" if reference else "reporting.chart.target",
            target=formats.target_text(target, comparator, "share" if percent else "count"),
        )
    if known and len(known) < len(values):
        notes = (*notes, text("reporting.chart.gap"))

    def paint(ax: Axes) -> None:
        if not known:
            return empty(ax)
        low, high = _limits([v for _, v in known] + ([target] if target is not None else []), percent)
        ax.set_xlim(-0.4, max(len(values) - 1, 0) + 0.4)
        ax.set_ylim(low, high)
        ax.grid(axis="y")
        ax.spines["left"].set_visible(False)
        ax.tick_params(length=0)
        ax.yaxis.set_major_formatter(tick_format(percent))
        ax.locator_params(axis="y", nbins=5, integer=not percent)
        ax.set_xticks(range(len(values)), [wrap(label, 9) for label in labels])
        if target is not None:
            ax.axhline(target, color=theme.TARGET, linestyle=(0, (5, 3)), linewidth=1.3, clip_on=False)
        ax.plot(values, color=theme.ACCENT, marker="o", markersize=5, markerfacecolor=theme.PAPER,
                markeredgewidth=1.6, clip_on=False, zorder=3)  # fmt: skip
        gaps = [i for i, v in enumerate(values) if math.isnan(v)]
        if gaps:  # a line without points would still take room
            ax.plot(gaps, [low] * len(gaps), linestyle="", marker="o", markersize=5, color=theme.STATUS["no_data"],
                    markerfacecolor=theme.PAPER, clip_on=False, zorder=3)  # fmt: skip
        end, value = known[-1]
        ax.plot([end], [value], marker="o", markersize=7, color=theme.ACCENT, clip_on=False, zorder=4)
        _end_labels(ax, end == len(values) - 1, end, value, shown(value, percent), target, line, high - low)
        return None

    return draw(paint, title=title, alt=_alt(title, labels, known, target, line, percent), height=2.7, notes=notes)


def _limits(values: list[float], percent: bool) -> tuple[float, float]:
    low, high = min(values), max(values)
    if not percent:
        low, high = min(low, 0.0), max(high, 0.0)
        return low - (0.1 * (high - low) if low < 0 else 0), high + 0.12 * ((high - low) or 1)
    lacking = max(SMALLEST_SPAN - (high - low), 0.06)
    floor, ceiling = low - lacking * 0.7, high + lacking * 0.3
    if low >= 0:
        floor = max(floor, 0.0)
    if high <= 1:
        ceiling = min(ceiling, 1.0)
    return floor, max(ceiling, floor + SMALLEST_SPAN) if high > 1 or low < 0 else ceiling


def _end_labels(
    ax: Axes, at_edge: bool, end: int, value: float, label: str, target: float | None, line: str, span: float
) -> None:
    """Put the last value beside its point and the target's name beside its line, apart from each other."""
    right: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
        "annotation_clip": False,
    }
    if at_edge:
        ax.annotate(label, (1, value), xytext=(6, 0), va="center", weight="bold", color=theme.ACCENT, **right)
    else:
        ax.annotate(label, (end, value), xytext=(0, 9), textcoords="offset points", ha="center", weight="bold",
                    color=theme.ACCENT, annotation_clip=False, bbox=CLEAR, zorder=5)  # fmt: skip
    if target is not None:
        # Centres of the two labels stand 14 points apart at least, more for a name of several lines; the axes are some
        # 150 points tall.
        name = wrap(line, 16, 3)
        apart = 14 + 5.5 * name.count("\n")
        lacking = max(0.0, apart - abs(value - target) / span * 150) if at_edge else 0.0
        shift = lacking if target >= value else -lacking
        ax.annotate(name, (1, target), xytext=(6, shift), va="center", fontsize=8.5,
                    color=theme.TARGET, **right)  # fmt: skip


def _alt(
    title: str, labels: list[str], known: list[tuple[int, float]], target: float | None, line: str, percent: bool
) -> str:
    if not known:
        return text("reporting.chart.alt_empty", title=title)
    (first, start), (last, end) = known[0], known[-1]
    found = text(
        "reporting.chart.alt_trend" if len(known) > 1 else "reporting.chart.alt_trend_one",
        title=title, first=labels[first], start=shown(start, percent), last=labels[last], end=shown(end, percent),
        low=shown(min(v for _, v in known), percent), high=shown(max(v for _, v in known), percent),
    )  # fmt: skip
    return f"{found} {line}." if line else found
