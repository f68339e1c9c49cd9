"""A word-sized line of past values, drawn as bare SVG: small enough for every row of a table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from chiso.messages import text
from chiso.reporting import formats, theme

WIDTH, HEIGHT, PAD = 84, 20, 3


def sparkline(values: Sequence[float | None], target: float | None = None, *, share: bool = False) -> str:
    """Return an inline SVG of a series; gaps for null, the last value as a dot, the target as a dashed line.

    Args:
        values: oldest first; null or NaN where there is no value.
        target: drawn as a line when given.
        share: whether the values are shares (only for the text alternative).
    """
    known = [(i, float(v)) for i, v in enumerate(values) if v is not None and not formats.is_missing(v)]
    show = formats.percent if share else formats.number
    shown = [show(v) for v in values]
    label = escape(text("reporting.chart.sparkline_alt", values="; ".join(shown)) if shown else formats.MISSING)
    head = (
        f'<svg class="sparkline" role="img" aria-label="{label}" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">'
    )
    if not known:
        return f"{head}</svg>"
    scale = [v for _, v in known] + ([target] if target is not None else [])
    low, high = min(scale), max(scale)
    span, step = (high - low) or 1.0, (WIDTH - 2 * PAD) / max(len(values) - 1, 1)

    def place(i: int, v: float) -> tuple[float, float]:
        y = HEIGHT / 2 if high == low else HEIGHT - PAD - (v - low) / span * (HEIGHT - 2 * PAD)
        return round(PAD + i * step, 1), round(y, 1)

    parts = [head]
    if target is not None:
        y = place(0, target)[1]
        parts.append(f'<path d="M{PAD} {y}H{WIDTH - PAD}" stroke="{theme.TARGET}" stroke-dasharray="3 2" fill="none"/>')
    steps, last = [], None
    for i, v in known:
        x, y = place(i, v)
        steps.append(f"{'L' if last == i - 1 else 'M'}{x} {y}")
        last = i
    parts.append(f'<path d="{"".join(steps)}" stroke="{theme.ACCENT}" stroke-width="1.5" fill="none"/>')
    # A value between two gaps has no line: it gets a dot of its own.
    places = {i for i, _ in known}
    dots = [p for p in known if p[0] - 1 not in places and p[0] + 1 not in places or p == known[-1]]
    for i, v in dots:
        x, y = place(i, v)
        parts.append(f'<circle cx="{x}" cy="{y}" r="{2.4 if (i, v) == known[-1] else 1.6}" fill="{theme.ACCENT}"/>')
    return "".join(parts) + "</svg>"
