"""Units compared by one indicator."""

from __future__ import annotations

from typing import Any

import polars as pl
from matplotlib.axes import Axes

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.charts.chart import Chart, draw, empty, met, name_rows, shown, tick_format

TALLEST = 9.4
"""Inches: what fits on a printed page with its caption."""


def compare_units(
    frame: pl.DataFrame,
    *,
    title: str,
    target: float | None = None,
    comparator: str | None = ">=",
    better: str = "higher",
    reference: bool = False,
    percent: bool = True,
    notes: tuple[str, ...] = (),
) -> Chart:
    """Draw one bar a unit, the best first, with the target's line and n/N at the right.

    Args:
        frame: columns ``unit`` (name) and ``value`` (null for none); optional ``n`` and ``d`` (numerator and
            denominator), optional ``status`` (else the target decides).
        title: the chart's message.
        target: drawn as a dashed line; bars that miss it carry ▲ and another colour.
        comparator: the target's.
        better: ``higher`` or ``lower`` values are better; decides the order.
        reference: the line is one to compare with, not a target: no bar misses it.
        percent: values are shares.
        notes: lines under the chart.
    """
    absent = [pl.lit(None).alias(c) for c in ("n", "d", "status") if c not in frame.columns]
    rows = (
        frame.with_columns(pl.col("value").cast(pl.Float64).fill_nan(None), *absent)
        .sort("value", "unit", descending=[better == "higher", False], nulls_last=True)
        .to_dicts()
    )
    known = [row for row in rows if row["value"] is not None]
    missed = [] if reference else [row for row in known if _missed(row, target, comparator)]
    line = ""
    if target is not None:
        shown_target = formats.target_text(target, comparator, "share" if percent else "count")
        line = text(f"reporting.chart.{'reference' if reference else 'target'}", target=shown_target)
    height, size, lines = _layout(len(rows), max((len(row["unit"]) for row in rows), default=0))

    def paint(ax: Axes) -> None:
        if not known:
            return empty(ax)
        values = [row["value"] or 0.0 for row in rows]
        colours = [theme.PUNCTUALITY[2] if row in missed else theme.ACCENT for row in rows]
        ax.barh(range(len(rows)), values, color=colours, height=0.62)
        low, high = _limits([row["value"] for row in known] + ([target] if target is not None else []), percent)
        ax.set_xlim(low, high)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        name_rows(ax, [row["unit"] for row in rows], lines=lines, size=size)
        ax.tick_params(length=0)
        ax.grid(axis="x")
        ax.spines["bottom"].set_visible(False)
        ax.xaxis.set_major_formatter(tick_format(percent))
        ax.locator_params(axis="x", nbins=6)
        ax.axvline(0, color=theme.MUTED, linewidth=0.8)
        if target is not None:
            ax.axvline(target, color=theme.TARGET, linestyle=(0, (5, 3)), linewidth=1.3)
            ax.annotate(line, (target, 1), xycoords=("data", "axes fraction"), xytext=(0, 3), fontsize=8,
                        textcoords="offset points", ha="center", va="bottom", color=theme.TARGET)  # fmt: skip
        for i, row in enumerate(rows):
            _label(ax, i, row, row in missed, percent, size)
        return None

    return draw(
        paint,
        title=title,
        alt=_alt(title, rows, known, None if reference else missed, line, percent),
        height=height,
        notes=notes,
    )


def _missed(row: dict, target: float | None, comparator: str | None) -> bool:
    if row["status"] is not None:
        return row["status"] in ("not_met", "at_risk")
    return target is not None and not met(row["value"], target, comparator)


def _layout(rows: int, longest: int) -> tuple[float, float, int]:
    """Return the height (inches), the type size and the lines a name may take."""
    lines = 2 if longest > 36 and rows <= 24 else 1
    each = min(0.4 if lines == 2 else 0.32, TALLEST / max(rows, 1))
    return max(rows * each + 0.6, 1.4), min(8.5, each * 72 * 0.62 / (lines * 0.85)), lines


def _limits(values: list[float], percent: bool) -> tuple[float, float]:
    low, high = min(*values, 0.0), max(*values, 0.0)
    if percent and high > 0.4:
        high = max(high, 1.0)
    span = (high - low) or 1.0
    return (low - 0.06 * span if low < 0 else 0.0), (high if high > 0 else 0.0) + 0.02 * span


def _label(ax: Axes, i: int, row: dict, missed: bool, percent: bool, size: float) -> None:
    """Print value and n/N in two columns right of the axes."""
    column: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center",
              "annotation_clip": False, "fontsize": size}  # fmt: skip
    if row["value"] is None:
        label = f"{text('reporting.status.no_data.mark')} {text('reporting.status.no_data.word')}"
        ax.annotate(label, (1, i), xytext=(6, 0), color=theme.STATUS["no_data"], **column)
        return
    label = shown(row["value"], percent)
    mark = f"{text('reporting.status.not_met.mark')} " if missed else ""
    colour = theme.STATUS["not_met"] if missed else theme.INK
    ax.annotate(mark + label, (1, i), xytext=(60, 0), ha="right", weight="bold", color=colour, **column)
    if row["d"] is not None:
        ax.annotate(formats.share_of(row["n"], row["d"]), (1, i), xytext=(68, 0), color=theme.MUTED, **column)


def _alt(title: str, rows: list[dict], known: list[dict], missed: list[dict] | None, line: str, percent: bool) -> str:
    if not known:
        return text("reporting.chart.alt_empty", title=title)
    best, worst = known[0], known[-1]
    parts = [
        text("reporting.chart.alt_units", title=title, count=len(rows), best=best["unit"],
             best_value=shown(best["value"], percent), worst=worst["unit"],
             worst_value=shown(worst["value"], percent))
    ]  # fmt: skip
    if line:
        parts.append(f"{line}." if missed is None else text("reporting.chart.alt_missed", line=line, count=len(missed)))
    if len(known) < len(rows):
        parts.append(text("reporting.chart.alt_no_data", count=len(rows) - len(known)))
    return " ".join(parts)
