"""Answers to a question from worst to best, centred on the neutral one."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.charts.chart import Chart, draw, empty, name_rows, row_height

#: A part narrower than this share of the answers carries no label.
_ROOM = 0.05


def diverging(
    frame: pl.DataFrame, parts: Sequence[str], labels: Sequence[str], *, title: str, notes: tuple[str, ...] = ()
) -> Chart:
    """Draw each question as a bar that reaches left for dissatisfied answers and right for satisfied ones.

    Half of the neutral answers lie on each side of the middle line, so that bars of different spread compare; the share
    of satisfied answers and the number of answers stand at the right.

    Args:
        frame: column ``name`` and one of counts for each part; in the order drawn.
        parts: an odd number of columns from worst to best; those above the middle are satisfied.
        labels: of the parts, for the legend.
        title: the chart's message.
        notes: lines under the chart.
    """
    rows = frame.select("name", *parts).to_dicts()
    middle = len(parts) // 2
    totals = [sum(row[p] for p in parts) for row in rows]
    shares = [[row[p] / total if total else 0.0 for p in parts] for row, total in zip(rows, totals, strict=True)]
    satisfied = [sum(share[middle + 1 :]) for share in shares]
    starts = [-(sum(share[:middle]) + share[middle] / 2) for share in shares]
    ends = [start + sum(share) for start, share in zip(starts, shares, strict=True)]

    def paint(ax: Axes) -> None:
        if not any(totals):
            return empty(ax)
        left = list(starts)
        for i, label in enumerate(labels):
            widths = [share[i] for share in shares]
            colour = theme.LIKERT[i]
            ax.barh(range(len(rows)), widths, left=left, color=colour, height=0.66, label=label,
                    edgecolor=theme.PAPER, linewidth=0.6)  # fmt: skip
            for y, (width, start) in enumerate(zip(widths, left, strict=True)):
                if width >= _ROOM:
                    ax.text(start + width / 2, y, formats.percent(width, trim=True) if width >= 0.995 else
                            formats.number(round(100 * width)), ha="center", va="center", fontsize=8,
                            color=theme.PAPER if i in (0, len(parts) - 1) else theme.INK)  # fmt: skip
            left = [start + width for start, width in zip(left, widths, strict=True)]
        for y, (share, total) in enumerate(zip(satisfied, totals, strict=True)):
            note = text("reporting.chart.likert_end", share=formats.percent(share), n=formats.number(total))
            ax.annotate(note, (1, y), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
                        va="center", fontsize=8, color=theme.INK, annotation_clip=False)  # fmt: skip
        ax.axvline(0, color=theme.MUTED, linewidth=0.9, zorder=0)
        ax.set_xlim(min(*starts, -0.1) - 0.02, max(*ends, 0.1) + 0.02)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        name_rows(ax, [row["name"] for row in rows], width=40)
        ax.tick_params(length=0)
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: formats.percent(abs(round(v, 6)), trim=True)))
        ncols = len(labels) if sum(map(len, labels)) < 80 else 3
        ax.figure.legend(loc="outside upper left", ncols=ncols, borderpad=0, handlelength=1.2, columnspacing=1.4)
        return None

    told = "; ".join(
        text("reporting.chart.alt_likert_row", name=row["name"], low=formats.percent(sum(share[:middle])),
             middle=formats.percent(share[middle]), high=formats.percent(high), n=formats.number(total))
        for row, share, high, total in zip(rows, shares, satisfied, totals, strict=True)
        if total
    )  # fmt: skip
    alt = (
        text("reporting.chart.alt_likert", title=title, rows=told)
        if told
        else text("reporting.chart.alt_empty", title=title)
    )
    each = row_height([row["name"] for row in rows], width=40)
    return draw(paint, title=title, alt=alt, height=max(each * len(rows) + 0.95, 1.6), notes=notes)
