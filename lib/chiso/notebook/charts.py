"""Charts only notebooks need: parts of a whole by row, and what was due against what was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.charts.chart import Chart, draw, empty, name_rows, tick_format

#: A part narrower than this share of the width carries no label.
_ROOM = 0.045


def stacked(
    frame: pl.DataFrame,
    parts: Sequence[str],
    labels: Sequence[str],
    colours: Sequence[str],
    *,
    title: str,
    notes: tuple[str, ...] = (),
) -> Chart:
    """Draw each row as a bar of its parts in per cent, the counts written in them and the total beside.

    Args:
        frame: column ``name`` and one of counts for each part; rows in the order drawn.
        parts: columns, left to right.
        labels: of the parts, for the legend.
        colours: of the parts.
        title: the chart's message.
        notes: lines under the chart.
    """
    rows = frame.select("name", *parts).to_dicts()
    totals = [sum(row[p] or 0 for p in parts) for row in rows]
    used = [i for i, p in enumerate(parts) if any(row[p] for row in rows)]
    height = max(0.34 * len(rows) + 0.75, 1.5)

    def paint(ax: Axes) -> None:
        if not any(totals):
            return empty(ax)
        starts = [0.0] * len(rows)
        for i in used:
            widths = [(row[parts[i]] or 0) / total if total else 0 for row, total in zip(rows, totals, strict=True)]
            ax.barh(
                range(len(rows)),
                widths,
                left=starts,
                color=colours[i],
                height=0.66,
                label=labels[i],
                edgecolor=theme.PAPER,
                linewidth=0.6,
            )
            for y, (row, width, start) in enumerate(zip(rows, widths, starts, strict=True)):
                if width >= _ROOM:
                    ax.text(
                        start + width / 2,
                        y,
                        formats.number(row[parts[i]]),
                        ha="center",
                        va="center",
                        fontsize=8,
                        color=theme.PAPER if _dark(colours[i]) else theme.INK,
                    )
            starts = [s + w for s, w in zip(starts, widths, strict=True)]
        for y, total in enumerate(totals):
            ax.annotate(
                f"N = {formats.number(total)}",
                (1, y),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
                color=theme.MUTED,
                annotation_clip=False,
            )
        ax.set_xlim(0, 1)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        name_rows(ax, [row["name"] for row in rows], width=40)
        ax.tick_params(length=0)
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.xaxis.set_major_formatter(tick_format(True))
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(used), borderpad=0, handlelength=1.2)
        return None

    shown = "; ".join(
        f"{row['name']}: " + ", ".join(f"{labels[i]} {formats.number(row[parts[i]])}" for i in used)
        for row in rows[:20]
    )
    key = "alt" if any(totals) else "alt_empty"
    return draw(
        paint, title=title, alt=text(f"notebook.chart.{key}", title=title, rows=shown), height=height, notes=notes
    )


def _dark(colour: str) -> bool:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140


def timeline(
    frame: pl.DataFrame, *, title: str, start: date, end: date, as_of: date, notes: tuple[str, ...] = ()
) -> Chart:
    """Draw due dates and completion dates of a year's deliverables, one line a deliverable.

    Args:
        frame: columns ``name``, ``due`` (null for none), ``done`` (null where open), ``overdue``; in the order drawn.
        title: the chart's message.
        start: first day of the axis.
        end: last day of the axis.
        as_of: drawn as a line.
        notes: lines under the chart.
    """
    rows = frame.to_dicts()

    def paint(ax: Axes) -> None:
        if not rows:
            return empty(ax)
        for y, row in enumerate(rows):
            due, done = row["due"], row["done"]
            if due is not None and (done is not None or row["overdue"]):
                stop = done or as_of
                late = stop > due
                ax.plot(
                    [due, stop],
                    [y, y],
                    color=theme.STATUS["not_met"] if late else theme.ACCENT_SOFT,
                    linewidth=3,
                    solid_capstyle="butt",
                    zorder=1,
                )
            if due is not None:
                ax.plot([due], [y], marker="|", markersize=11, markeredgewidth=2, color=theme.TARGET, zorder=2)
            if done is not None:
                late = due is not None and done > due
                ax.plot(
                    [done],
                    [y],
                    marker="^" if late else "o",
                    markersize=6,
                    zorder=3,
                    color=theme.STATUS["not_met"] if late else theme.STATUS["met"],
                )
        ax.axvline(date2num(as_of), color=theme.MUTED, linewidth=1, linestyle=(0, (2, 2)))
        ax.annotate(
            text("notebook.chart.as_of", day=formats.day(as_of)),
            (date2num(as_of), 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=8,
            color=theme.MUTED,
        )
        ax.set_xlim(date2num(start - timedelta(days=5)), date2num(end + timedelta(days=8)))
        ax.set_ylim(len(rows) - 0.4, -0.6)
        name_rows(ax, [row["name"] for row in rows], width=52, size=8)
        ticks = [date(start.year, month, 1) for month in range(1, 13, 2)]
        ax.set_xticks([date2num(d) for d in ticks], [f"{d.month}/{d.year}" for d in ticks])
        ax.grid(axis="x")
        ax.tick_params(length=0)
        ax.spines[["left", "bottom"]].set_visible(False)
        return None

    late = [r for r in rows if r["due"] and ((r["done"] and r["done"] > r["due"]) or r["overdue"])]
    alt = text(
        "notebook.chart.alt_timeline",
        title=title,
        count=len(rows),
        done=sum(r["done"] is not None for r in rows),
        late=len(late),
        names="; ".join(r["name"] for r in late[:5]) or "–",
    )
    return draw(
        paint,
        title=title,
        alt=alt,
        height=max(0.36 * len(rows) + 0.6, 1.5),
        notes=(text("notebook.chart.timeline_key"), *notes),
    )
