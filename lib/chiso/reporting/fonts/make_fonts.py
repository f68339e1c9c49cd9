"""Makes the fonts of this folder from Source Sans 3; needed only when another set of characters is wanted.

Source Sans 3 (Adobe, SIL Open Font License, version 3.052, TrueType files) is cut down to what the reports write, two
marks that it lacks are drawn (half-filled circle, cross), and the result is called "Chiso Sans": the licence reserves
the name "Source" for the unchanged font. It was chosen among Noto Sans, IBM Plex Sans, Be Vietnam Pro, Inter and
itself: complete Vietnamese, figures of one width without being asked, narrow enough for tables of ten columns, and the
marks of the statuses in the font itself.

Run as ``python make_fonts.py FOLDER`` with the folder of ``SourceSans3-Regular.ttf`` and ``SourceSans3-Semibold.ttf``;
wants the packages ``fonttools`` and ``brotli``. The same files give the same bytes.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

FAMILY = "Chiso Sans"
STYLES = {"Regular": "SourceSans3-Regular.ttf", "Bold": "SourceSans3-Semibold.ttf"}

BASES = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VIETNAMESE = {unicodedata.normalize("NFC", base + tone) for base in BASES for tone in TONES} | {"đ"}
PLAIN = {chr(c) for c in (*range(0x20, 0x7F), *range(0xA0, 0x100))}
MARKS = set("–—‑‘’“”„•…‰′″‹›₫№−≈≠≤≥×÷±→←↑↓↗↘●○▲▼△▽◆◇■□▪▶▸▾◄►✓€†‡√∑∞ \u2002\u2009") | set(TONES[1:])
CHARACTERS = sorted(ord(c) for c in PLAIN | MARKS | VIETNAMESE | {c.upper() for c in VIETNAMESE} if c)
FEATURES = ["kern", "ccmp", "mark", "mkmk", "locl"]


def half_circle(font: TTFont) -> None:
    """Draw ◐ as ○ with its left half filled."""
    ring = font["glyf"][name_of(font, "○")]
    width, _ = font["hmtx"][name_of(font, "○")]
    pen = TTGlyphPen(font.getGlyphSet())
    font.getGlyphSet()[name_of(font, "○")].draw(pen)
    left, bottom, right, top = ring.xMin, ring.yMin, ring.xMax, ring.yMax
    middle, centre, radius = (left + right) / 2, (bottom + top) / 2, (right - left) / 2
    corner = radius * 0.41421356
    pen.moveTo((middle, bottom))
    pen.qCurveTo((middle - corner, bottom), (middle - radius * 0.7071, centre - radius * 0.7071))
    pen.qCurveTo((left, centre - corner), (left, centre))
    pen.qCurveTo((left, centre + corner), (middle - radius * 0.7071, centre + radius * 0.7071))
    pen.qCurveTo((middle - corner, top), (middle, top))
    pen.closePath()
    add(font, "◐", pen, width)


def cross(font: TTFont) -> None:
    """Draw ✕ in the size of the circle."""
    ring = font["glyf"][name_of(font, "○")]
    width, _ = font["hmtx"][name_of(font, "○")]
    middle, centre = (ring.xMin + ring.xMax) / 2, (ring.yMin + ring.yMax) / 2
    arm, half = (ring.xMax - ring.xMin) * 0.42, (ring.xMax - ring.xMin) * 0.075
    points = [(0, half), (arm - half, arm), (arm, arm - half), (half, 0), (arm, half - arm), (arm - half, -arm)]
    points += [(-x, -y) for x, y in points]
    pen = TTGlyphPen(None)
    pen.moveTo((middle + points[0][0], centre + points[0][1] + half / 3))
    for x, y in points[1:]:
        pen.lineTo((middle + x, centre + y))
    pen.closePath()
    add(font, "✕", pen, width)


def name_of(font: TTFont, character: str) -> str:
    """Return the name of a character's glyph."""
    return font.getBestCmap()[ord(character)]


def add(font: TTFont, character: str, pen: TTGlyphPen, width: int) -> None:
    """Put a drawn glyph into the font."""
    name = f"uni{ord(character):04X}"
    glyph = pen.glyph(round=round)
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = glyph
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (width, glyph.xMin)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(character)] = name


def rename(font: TTFont, style: str) -> None:
    """Give the font its own name; copyright and licence stay."""
    names = font["name"]
    given = {1: FAMILY, 2: style, 3: f"{FAMILY} {style}", 4: f"{FAMILY} {style}", 6: f"ChisoSans-{style}"}
    names.names = [n for n in names.names if n.nameID in (0, 5, 13, 14) and n.platformID == 3 and n.langID == 0x409]
    for number, value in given.items():
        names.setName(value, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = 700 if style == "Bold" else 400
    font["OS/2"].fsSelection = (font["OS/2"].fsSelection & ~0x61) | (0x20 if style == "Bold" else 0x40)
    font["head"].macStyle = 1 if style == "Bold" else 0


def make(source: Path, style: str, target: Path) -> None:
    """Write one style as TrueType (for charts) and WOFF2 (for pages)."""
    options = subset.Options(layout_features=FEATURES, hinting=False, notdef_outline=True, name_IDs=["*"])
    options.drop_tables += ["DSIG"]
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=CHARACTERS)
    cutter.subset(font)
    half_circle(font)
    cross(font)
    rename(font, style)
    font.save(target / f"ChisoSans-{style}.ttf")
    font.flavor = "woff2"
    font.save(target / f"ChisoSans-{style}.woff2")


if __name__ == "__main__":
    for style, name in STYLES.items():
        make(Path(sys.argv[1]) / name, style, Path(__file__).parent)
