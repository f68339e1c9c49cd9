"""A movement split into its parts: from the first total over the parts to the second."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.charts.chart import Chart, draw, empty, tick_format, wrap

#: An axis shows at least so much (share of 1): a small movement must not look like a landslide.
SMALLEST_SPAN = 0.1


def waterfall(
    start: tuple[str, float], parts: Sequence[tuple[str, float]], end: tuple[str, float], *, title: str
) -> Chart:
    """Draw two totals (shares of 1) and what lies between them, top down.

    Args:
        start: name and value of the first total.
        parts: name and signed part; together the difference of the totals.
        end: name and value of the second total.
        title: the chart's message.
    """
    rows: list[tuple[str, float, float, str]] = [(start[0], 0.0, start[1], "")]
    at = start[1]
    for name, part in parts:
        rows.append((name, at, at + part, "up" if part >= 0 else "down"))
        at += part
    rows.append((end[0], 0.0, end[1], ""))
    edges = [start[1], end[1]] + [b for _, _, b, _ in rows[1:-1]]

    def paint(ax: Axes) -> None:
        if not parts:
            return empty(ax)
        low, high = min(edges), max(edges)
        room = max(SMALLEST_SPAN - (high - low), 0.2 * (high - low))
        left, right = max(0.0, low - 0.7 * room), high + 0.3 * room
        colours = {"": theme.ACCENT, "up": theme.STATUS["met"], "down": theme.STATUS["not_met"]}
        for y, (_, a, b, kind) in enumerate(rows):
            begin = max(left, min(a, b)) if kind else left
            ax.barh([y], [max(a, b) - begin], left=[begin], color=colours[kind], height=0.6)
            if y < len(rows) - 1:
                ax.plot([b, b], [y - 0.3, y + 1.3], color=theme.MUTED, linewidth=0.7, zorder=0)
            label = formats.points(b - a) if kind else formats.percent(b)
            ax.annotate(label, (1, y), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
                        va="center", fontsize=8.5, color=colours[kind] if kind else theme.INK,
                        weight="normal" if kind else "bold", annotation_clip=False)  # fmt: skip
        ax.set_xlim(left, right)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_yticks(range(len(rows)), [wrap(name, 40) for name, *_ in rows], color=theme.INK)
        ax.tick_params(length=0)
        ax.grid(axis="x")
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.locator_params(axis="x", nbins=6)
        ax.xaxis.set_major_formatter(tick_format(True))
        return None

    told = "; ".join(text("scores.move.alt_part", name=name, size=formats.points(part)) for name, part in parts)
    values = {"before": formats.percent(start[1]), "after": formats.percent(end[1])}
    alt = text("scores.move.alt", title=title, parts=told, **values)
    if not parts:
        alt = text("reporting.chart.alt_empty", title=title)
    return draw(paint, title=title, alt=alt, height=max(0.34 * len(rows) + 0.6, 1.5))
