"""The look of every report in one place: tokens, and what HTML, matplotlib and Excel derive from them.

Colours are told apart by people with colour-blindness and in grey print; status never rests on colour alone
(see the marks and words in ``messages``). Text colours have at least 4.5 : 1 contrast on white.
"""

from __future__ import annotations

import base64
from functools import cache
from importlib import resources
from pathlib import Path
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
    "not_met": "#96201c",
    "pending": "#4a5a86",
    "at_risk": "#9e5a00",
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

FONT = "Chiso Sans"
"""Source Sans 3 cut down to what reports write: all of Vietnamese, figures of one width, the marks of the statuses."""
FALLBACK_FONTS = '"Source Sans 3", "Segoe UI", "Noto Sans", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif'
PAGE_FONTS = f'"{FONT}", {FALLBACK_FONTS}'
EXCEL_FONT = "Times New Roman"
_FONT_FILES = {"400": "ChisoSans-Regular", "600 700": "ChisoSans-Bold"}

SIZES: dict[str, str] = {  # of type, on pages of 17 px
    "tiny": ".78rem",
    "small": ".86rem",
    "table": ".9rem",
    "body": "1rem",
    "lead": "1.12rem",
    "h3": "1.12rem",
    "h2": "1.4rem",
    "h1": "2rem",
    "figure": "1.85rem",
}
SPACES: dict[str, str] = {"1": ".25rem", "2": ".5rem", "3": ".8rem", "4": "1rem", "5": "1.6rem", "6": "2.6rem"}

CHART_WIDTH = 7.4
"""Inches; the page shows charts at up to 80 % more without loss, print at 180 mm."""


@cache
def _fonts_of_charts() -> None:
    """Make the font known to matplotlib, once a process."""
    from matplotlib import font_manager  # workbooks need the theme, not this

    for name in _FONT_FILES.values():
        font_manager.fontManager.addfont(Path(__file__).parent / "fonts" / f"{name}.ttf")


def rc() -> dict[str, Any]:
    """Return the matplotlib settings of every chart; fixed salt and no date make the bytes repeatable."""
    _fonts_of_charts()
    return {
        "font.family": [FONT, "DejaVu Sans"],  # the second measures what the first lacks
        "font.size": 9.5,
        "text.color": INK,
        "axes.edgecolor": RULE,
        "axes.labelcolor": MUTED,
        "axes.labelsize": 9.0,
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
        "ytick.alignment": "center",  # as the figures at the rows' ends
        "xtick.labelsize": 9.0,
        "ytick.labelsize": 9.0,
        "lines.linewidth": 2.0,
        "hatch.linewidth": 0.6,
        "legend.frameon": False,
        "legend.fontsize": 9.0,
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "figure.constrained_layout.use": True,
        "svg.fonttype": "none",
        "svg.hashsalt": "chiso",
        "path.simplify": True,
        "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    }


@cache
def font_face() -> str:
    """Return the rules that bring the font itself, so that every machine shows the same page."""
    rules = []
    for weight, name in _FONT_FILES.items():
        data = resources.files(__package__).joinpath("fonts", f"{name}.woff2").read_bytes()
        rules.append(
            f'@font-face{{font-family:"{FONT}";font-weight:{weight};font-style:normal;'
            f'src:url(data:font/woff2;base64,{base64.b64encode(data).decode("ascii")}) format("woff2")}}\n'
        )
    return "".join(rules)


@cache
def css(scope: str = "") -> str:
    """Return the style sheet of every page: the font, the tokens as custom properties, then the rules.

    With a ``scope`` (a selector) tokens and rules hold inside it only.
    """
    tokens = {
        "ink": INK,
        "muted": MUTED,
        "rule": RULE,
        "surface": SURFACE,
        "paper": PAPER,
        "accent": ACCENT,
        "accent-mid": ACCENT_MID,
        "accent-soft": ACCENT_SOFT,
        "target": TARGET,
        "band": BAND,
        "fonts": PAGE_FONTS,
        **{f"size-{name}": size for name, size in SIZES.items()},
        **{f"space-{name}": space for name, space in SPACES.items()},
        **{f"status-{name.replace('_', '-')}": colour for name, colour in STATUS.items()},
        **{f"status-{name.replace('_', '-')}-soft": colour for name, colour in STATUS_SOFT.items()},
    }
    head = "".join(f"--{name}:{value};" for name, value in tokens.items())
    sheet = font_face() + f"{scope or ':root'}{{{head}{'font-family:var(--fonts)' if scope else ''}}}\n"
    return sheet + (
        f"{scope}{{{_rules('parts', 'overview')}}}" if scope else _rules("frame", "parts", "overview", "print")
    )


def _rules(*names: str) -> str:
    folder = resources.files(__package__).joinpath("page")
    return "\n".join(folder.joinpath(f"{name}.css").read_text(encoding="utf-8") for name in names)


def argb(colour: str) -> str:
    """Return an Excel colour (``FF1F4E79``) of a token (``#1f4e79``)."""
    return "FF" + colour.lstrip("#").upper()
