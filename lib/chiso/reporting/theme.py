"""The look of every report in one place: tokens, and what HTML, matplotlib and Excel derive from them.

Colours are told apart by people with colour-blindness and in grey print; status never rests on colour alone
(see the marks and words in ``messages``). Text colours have at least 4.5 : 1 contrast on white.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

INK = "#1c2733"
MUTED = "#56636f"
RULE = "#d4dbe2"
GRID = "#e6eaee"
SURFACE = "#f4f6f8"
PAPER = "#ffffff"
ACCENT = "#1f4e79"
ACCENT_MID = "#5b8db8"
ACCENT_SOFT = "#dce8f2"
TARGET = "#8a3b12"
BAND = "#7a1f1f"

STATUS: dict[str, str] = {
    "met": "#00614f",
    "not_met": "#a8321e",
    "pending": "#4a5a86",
    "at_risk": "#8a5a00",
    "no_data": "#5f6b76",
    "withheld": "#5f6b76",
    "none": "#5f6b76",
}
STATUS_SOFT: dict[str, str] = {
    "met": "#e2f1ed",
    "not_met": "#f9e5e0",
    "pending": "#e8ecf6",
    "at_risk": "#fbf0d9",
    "no_data": "#eef0f2",
    "withheld": "#eef0f2",
    "none": "#ffffff",
}
STATUSES: tuple[str, ...] = tuple(STATUS)

# Early – on time – late – without due date; dark enough apart to survive grey print.
PUNCTUALITY: tuple[str, ...] = ("#1f4e79", "#8fb6d6", "#c4532f", "#c9cfd5")
# Very dissatisfied → very satisfied.
LIKERT: tuple[str, ...] = ("#b1502f", "#e2a77f", "#d9dee3", "#8fb6d6", "#1f4e79")

CHART_FONT = "DejaVu Sans"
PAGE_FONTS = '"Segoe UI", "Noto Sans", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif'
EXCEL_FONT = "Times New Roman"

CHART_WIDTH = 7.4
"""Inches; the page shows charts at up to 74 % more without loss, print at 180 mm."""


def rc() -> dict[str, Any]:
    """Return the matplotlib settings of every chart; fixed salt and no date make the bytes repeatable."""
    return {
        "font.family": CHART_FONT,
        "font.size": 9.0,
        "text.color": INK,
        "axes.edgecolor": RULE,
        "axes.labelcolor": MUTED,
        "axes.labelsize": 8.5,
        "axes.facecolor": PAPER,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "axes.grid": False,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "xtick.color": RULE,
        "ytick.color": RULE,
        "xtick.labelcolor": MUTED,
        "ytick.labelcolor": MUTED,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "lines.linewidth": 2.0,
        "hatch.linewidth": 0.6,
        "legend.frameon": False,
        "legend.fontsize": 8.5,
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "figure.constrained_layout.use": True,
        "svg.fonttype": "path",
        "svg.hashsalt": "chiso",
        "path.simplify": True,
        "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    }


@cache
def css(scope: str = "") -> str:
    """Return the style sheet of every page: the tokens as custom properties, then the rules.

    With a ``scope`` (a selector) the rules hold inside it only.
    """
    tokens = {
        "ink": INK,
        "muted": MUTED,
        "rule": RULE,
        "surface": SURFACE,
        "paper": PAPER,
        "accent": ACCENT,
        "accent-soft": ACCENT_SOFT,
        "target": TARGET,
        "band": BAND,
        "fonts": PAGE_FONTS,
        **{f"status-{name.replace('_', '-')}": colour for name, colour in STATUS.items()},
        **{f"status-{name.replace('_', '-')}-soft": colour for name, colour in STATUS_SOFT.items()},
    }
    head = "".join(f"--{name}:{value};" for name, value in tokens.items())
    rules = resources.files(__package__).joinpath("page", "report.css").read_text(encoding="utf-8")
    return f":root{{{head}}}\n" + (f"{scope}{{{rules}}}" if scope else rules)


def argb(colour: str) -> str:
    """Return an Excel colour (``FF1F4E79``) of a token (``#1f4e79``)."""
    return "FF" + colour.lstrip("#").upper()
