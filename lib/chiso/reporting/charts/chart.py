"""A finished chart and the few things all charts share: style, saving, labels."""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib.style
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.charts.svg import WHOLE, inline, visible

#: Behind a label that may lie on a line.
CLEAR = {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85}


@dataclass(frozen=True)
class Chart:
    """A drawn chart.

    Attributes:
        svg: the picture, as it stands in the page: its text is text, in the page's type.
        title: its message, set in the page's type above the picture.
        alt: the finding in words, for those who don't see it.
        width, height: inches.
        notes: lines under the picture.
    """

    svg: str
    title: str
    alt: str
    width: float
    height: float
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Chart({self.title!r})"

    def _repr_html_(self) -> str:
        notes = Markup("").join(Markup('<p class="note">{}</p>').format(note) for note in self.notes)
        return str(
            Markup(
                '<figure class="chart"><figcaption>{}</figcaption>'
                '<div class="chart-scroll" role="group" tabindex="0" aria-label="{}">{}</div>{}</figure>'
            ).format(_visible(self.title), text("reporting.chart.picture", title=self.title), Markup(self.svg), notes)
        )


@contextmanager
def style() -> Iterator[None]:
    """Draw with the theme on top of matplotlib's own defaults, whatever the user's settings are."""
    with matplotlib.style.context(theme.rc(), after_reset=True), warnings.catch_warnings():
        # A name may hold an emoji that the font lacks: it is drawn as an empty box.
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        yield


def draw(
    paint: Callable[[Axes], None],
    *,
    title: str,
    alt: str,
    height: float,
    width: float = theme.CHART_WIDTH,
    notes: tuple[str, ...] = (),
) -> Chart:
    """Return the chart that ``paint`` puts on an empty pair of axes (sizes in inches)."""
    with style():
        figure = Figure(figsize=(width, height), layout="constrained")
        paint(figure.add_subplot())
        target = io.StringIO()
        FigureCanvasSVG(figure).print_svg(target, metadata={"Date": None, "Creator": None})
    return Chart(inline(target.getvalue(), alt), title, alt, width, height, notes)


def empty(ax: Axes) -> None:
    """Say in an empty frame that there is nothing to draw."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, text("reporting.chart.empty"), ha="center", va="center", color=theme.MUTED,
            fontsize=10, transform=ax.transAxes)  # fmt: skip


def shown(value: float | None, percent: bool) -> str:
    """Return a value as the charts print it."""
    return formats.percent(value) if percent else formats.number(value)


def tick_format(percent: bool) -> FuncFormatter:
    """Return the axis labels' formatter."""
    return FuncFormatter(
        lambda v, _: formats.percent(round(v, 6), trim=True) if percent else formats.number(round(v, 6))
    )


def wrap(name: str, width: int, lines: int = 2) -> str:
    """Return a name in at most ``lines`` lines of ``width`` characters, with an ellipsis where it is cut."""
    parts = textwrap.wrap(_visible(name), width) or [""]
    if len(parts) > lines:
        parts = parts[:lines]
        parts[-1] = textwrap.shorten(parts[-1], width - 2, placeholder="").rstrip(" ,;-") + "…"
    return "\n".join(parts)


def _visible(name: str) -> str:
    return re.sub("  +", " ", visible(name)).strip(" ")


def name_rows(ax: Axes, names: Sequence[str], *, width: int = 36, lines: int = 2, size: float | None = None) -> None:
    """Write the rows' names on the left; one that is shortened has its whole as the tooltip.

    Args:
        ax: rows lie at 0, 1, 2 ….
        names: one a row.
        width: characters a line.
        lines: lines a name.
        size: type size in points.
    """
    written = [wrap(name, width, lines) for name in names]
    ax.set_yticks(range(len(names)), written, color=theme.INK, fontsize=size or 9.0)
    for label, name, shown_name in zip(ax.get_yticklabels(), names, written, strict=True):
        label.set_linespacing(1.1)
        if "…" in shown_name and shown_name != (whole := _visible(name)):
            label.set_gid(f"{WHOLE}{whole}")


def row_height(names: Sequence[str], width: int = 36) -> float:
    """Return how tall (inches) each row of a chart is, so that names of two lines do not touch."""
    return 0.42 if any("\n" in wrap(name, width) for name in names) else 0.34


def met(value: float, target: float, comparator: str | None) -> bool:
    """Return whether a value meets its target (for a count or share that carries no status of its own)."""
    if comparator == ">":
        return value > target
    if comparator == "<=":
        return value <= target + 1e-12
    if comparator == "==":
        return abs(value - target) < 1e-12
    return value >= target - 1e-12
