"""A finished chart and the few things all charts share: style, saving, labels."""

from __future__ import annotations

import base64
import io
import textwrap
import warnings
from collections.abc import Callable, Iterator
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

CSS_PIXELS = 96


@dataclass(frozen=True)
class Chart:
    """A drawn chart.

    Attributes:
        svg: the picture.
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
        data = base64.b64encode(self.svg.encode()).decode("ascii")
        notes = Markup("").join(Markup('<p class="note">{}</p>').format(note) for note in self.notes)
        return str(
            Markup(
                '<figure class="chart"><figcaption>{}</figcaption>'
                '<img alt="{}" width="{}" height="{}" src="data:image/svg+xml;base64,{}">{}</figure>'
            ).format(
                self.title,
                self.alt,
                round(self.width * CSS_PIXELS),
                round(self.height * CSS_PIXELS),
                Markup(data),
                notes,
            )
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
    return Chart(target.getvalue(), title, alt, width, height, notes)


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
    # Control and direction marks have no place in a picture; some of them even break its XML.
    visible = "".join(c if c.isprintable() else " " for c in name)
    parts = textwrap.wrap(" ".join(visible.split()), width) or [""]
    if len(parts) > lines:
        parts = parts[:lines]
        parts[-1] = textwrap.shorten(parts[-1], width - 2, placeholder="").rstrip(" ,;-") + "…"
    return "\n".join(parts)


def met(value: float, target: float, comparator: str | None) -> bool:
    """Return whether a value meets its target (for a count or share that carries no status of its own)."""
    if comparator == ">":
        return value > target
    if comparator == "<=":
        return value <= target + 1e-12
    if comparator == "==":
        return abs(value - target) < 1e-12
    return value >= target - 1e-12
