"""Excel's own charts: they stand on the sheet, follow its numbers and can be changed by whoever has the file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.chart import BarChart, LineChart
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import (
    AxDataSource,
    NumData,
    NumDataSource,
    NumRef,
    NumVal,
    StrData,
    StrRef,
    StrVal,
)
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series as ExcelSeries
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from chiso.reporting import theme
from chiso.reporting.excel.cells import clean
from chiso.reporting.excel.page import LANDSCAPE, PORTRAIT
from chiso.reporting.excel.style import LINE

#: Points a character of a column takes: programs differ.
_CHARACTERS = (5.0, 5.6, 6.3)
_CENTIMETRE = 28.35
#: How much more than a page may be set smaller to stand on one.
_SQUEEZE = 1.35
#: A chart is not wider than this, in points.
_WIDEST = 850.0
_MILLIMETRE = 72 / 25.4
_PAPER = {"portrait": (210, 297), "landscape": (297, 210)}
_MARKERS = ("circle", "square", "triangle", "diamond", "x", "star")


@dataclass(frozen=True)
class Points:
    """Numbers on a sheet.

    Attributes:
        name: of the series, in the legend.
        cells: reference to them; empty for numbers that stand in no cells (a target along a course).
        values: what they are; None where the sheet has no number.
    """

    name: str
    cells: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Categories:
    """What the numbers are of: cells and what stands in them."""

    cells: str
    labels: Sequence[str]


@dataclass(frozen=True)
class Picture:
    """What a chart shows.

    Attributes:
        kind: ``line``, ``columns``, ``bars`` (names at the left), ``stacked`` (bars of 100 %).
        title: the question it answers.
        categories: names.
        series: numbers.
        across: title of the axis of the names.
        along: title of the axis of the numbers.
        target: a line over columns or lines, may be None.
        percent: the numbers are shares of 1.
        colours: of the series; by default the theme's.
    """

    kind: str
    title: str
    categories: Categories
    series: Sequence[Points]
    across: str
    along: str
    target: Points | None = None
    percent: bool = True
    colours: Sequence[str] = ()


def chart(picture: Picture) -> Any:
    """Return the chart."""
    made = _lines(picture) if picture.kind == "line" else _bars(picture)
    if picture.target is not None:
        line = made if picture.kind == "line" else LineChart()
        line.series.append(_target(picture))
        if line is not made:
            made += line
    made.title = _title(picture.title, 12, bold=True)
    made.title.overlay = False
    made.height = _height(picture)
    made.legend.position = "b"
    made.legend.txPr = _type(10)
    if len(picture.series) + (picture.target is not None) == 1:
        made.legend = None
    flat = picture.kind in ("bars", "stacked")
    for axis, words in ((made.x_axis, picture.across), (made.y_axis, picture.along)):
        axis.title = _title(words, 10)
        axis.title.overlay = False
        axis.delete = False
        axis.txPr = _type(10)
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=_hex(theme.RULE)))
    made.x_axis.majorTickMark = made.y_axis.majorTickMark = "none"
    made.x_axis.tickLblPos = "low"
    made.x_axis.noMultiLvlLbl = True
    made.y_axis.majorGridlines = ChartLines(
        spPr=GraphicalProperties(ln=LineProperties(solidFill=_hex(theme.GRID), w=9525))
    )
    made.y_axis.number_format = "0%" if picture.percent or picture.kind == "stacked" else "#,##0"
    made.y_axis.numFmt.sourceLinked = False
    numbers = [v for s in (*picture.series, *filter(None, [picture.target])) for v in s.values if v is not None]
    if picture.kind == "stacked" or (picture.percent and all(0 <= v <= 1 for v in numbers)):
        made.y_axis.scaling.min, made.y_axis.scaling.max = 0, 1
        made.y_axis.majorUnit = 0.2
    if picture.kind == "line" and picture.percent and numbers and min(numbers) >= 0 and max(numbers) <= 1:
        # A course is about its slope: the axis begins a little below the lowest value.
        made.y_axis.scaling.min = max(math.floor((min(numbers) - 0.02) * 20) / 20, 0)
        made.y_axis.majorUnit = 0.05 if made.y_axis.scaling.min > 0.6 else 0.2
    if flat:
        made.x_axis.scaling.orientation = "maxMin"  # as in the table: the first at the top
        made.y_axis.crosses = "max"  # … and the numbers below
        # Long names are broken or shortened; the bars keep their room.
        plot = ManualLayout(layoutTarget="inner", xMode="edge", yMode="edge", x=0.34, y=0.13, w=0.61, h=_room(made))
        made.layout = Layout(manualLayout=plot)
    made.graphical_properties = GraphicalProperties(ln=LineProperties(solidFill=_hex(theme.RULE)))
    made.display_blanks = "gap"
    made.roundedCorners = False
    return made


def _height(picture: Picture) -> float:
    if picture.kind in ("bars", "stacked"):
        return min(4.0 + 0.7 * len(picture.categories.labels), 23.0)
    return 9.0


def _room(made: Any) -> float:
    """Share of the height that the plot takes: what title, axis and legend leave."""
    return round(1 - 3.6 / made.height, 3) if made.legend else round(1 - 3.0 / made.height, 3)


def _bars(picture: Picture) -> BarChart:
    made = BarChart()
    made.type = "bar" if picture.kind in ("bars", "stacked") else "col"
    made.grouping = "percentStacked" if picture.kind == "stacked" else "clustered"
    made.overlap = 100 if picture.kind == "stacked" else 0
    made.gapWidth = 60
    colours = picture.colours or (theme.ACCENT_MID, theme.ACCENT, theme.PUNCTUALITY[3])
    for number, points in enumerate(picture.series):
        one = _series(points, picture, number)
        colour = colours[number % len(colours)] if len(picture.series) > 1 else theme.ACCENT
        one.graphicalProperties = GraphicalProperties(
            solidFill=_hex(colour), ln=LineProperties(solidFill=_hex(theme.PAPER), w=6350)
        )
        one.invertIfNegative = False
        made.series.append(one)
    return made


def _lines(picture: Picture) -> LineChart:
    made = LineChart()
    colours = picture.colours or (
        theme.ACCENT,
        theme.TARGET,
        theme.ACCENT_MID,
        theme.STATUS["met"],
        theme.STATUS["at_risk"],
        theme.MUTED,
    )
    for number, points in enumerate(picture.series):
        colour = _hex(colours[number % len(colours)])
        one = _series(points, picture, number)
        one.smooth = False
        one.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=15875 if number else 28575))
        one.marker = Marker(symbol=_MARKERS[number % len(_MARKERS)], size=6)
        one.marker.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(solidFill=colour))
        made.series.append(one)
    return made


def _target(picture: Picture) -> ExcelSeries:
    assert picture.target is not None
    one = _series(picture.target, picture, len(picture.series))
    one.smooth = False
    same = len(set(picture.target.values)) == 1
    colour = _hex(theme.TARGET)
    line = LineProperties(solidFill=colour, prstDash="dash", w=19050) if same else LineProperties(noFill=True)
    one.graphicalProperties = GraphicalProperties(ln=line)
    one.marker = Marker(symbol="none" if same else "dash", size=2 if same else 15)
    if not same:
        one.marker.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(solidFill=colour))
    return one


def _series(points: Points, picture: Picture, number: int) -> ExcelSeries:
    """Return a series that refers to the sheet and keeps its numbers, for programs that do not look them up."""
    shown = "0.0%" if picture.percent else "General"
    kept = [NumVal(idx=n, v=repr(v)) for n, v in enumerate(points.values) if v is not None]
    values = NumData(formatCode=shown, ptCount=len(points.values), pt=kept)
    labels = StrData(
        ptCount=len(picture.categories.labels),
        pt=[StrVal(idx=n, v=clean(label)) for n, label in enumerate(picture.categories.labels)],
    )
    one = ExcelSeries(idx=number, order=number)
    one.tx = SeriesLabel(v=clean(points.name))
    if points.cells:
        one.val = NumDataSource(numRef=NumRef(f=points.cells, numCache=values))
    else:
        one.val = NumDataSource(numLit=values)
    one.cat = AxDataSource(strRef=StrRef(f=picture.categories.cells, strCache=labels))
    return one


def _hex(colour: str) -> str:
    return colour.lstrip("#").upper()


def _characters(size: float, *, bold: bool = False) -> CharacterProperties:
    face = Font(typeface=theme.EXCEL_FONT)
    return CharacterProperties(sz=int(size * 100), b=bold, solidFill=_hex(theme.INK), latin=face, ea=face, cs=face)


def _type(size: float) -> RichText:
    end = Paragraph(pPr=ParagraphProperties(defRPr=_characters(size)), endParaRPr=_characters(size))
    return RichText(bodyPr=RichTextProperties(), p=[end])


def _title(words: str, size: float, *, bold: bool = False) -> Title:
    style = _characters(size, bold=bold)
    run = RegularTextRun(rPr=style, t=words)
    return Title(tx=Text(rich=RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=style), r=[run])])))


def place(ws: Worksheet, picture: Picture, row: int, widths: Sequence[float]) -> int:
    """Put a chart below a table, not across two pages; return the last row it covers.

    Args:
        ws: the sheet, its rows' heights set.
        picture: what to draw.
        row: where it begins.
        widths: of the sheet's columns in characters.
    """
    made = chart(picture)
    orientation = ws.page_setup.orientation or "portrait"
    top, right, bottom, left = PORTRAIT if orientation == "portrait" else LANDSCAPE
    wide, high = _PAPER[orientation]
    across, down = (wide - left - right) * _MILLIMETRE, (high - top - bottom) * _MILLIMETRE
    used = sum((ws.row_dimensions[r].height or 15.0) for r in range(1, row))
    pages = [down / min(across / (sum(widths) * character), 1.0) for character in _CHARACTERS]
    whole = used + made.height * _CENTIMETRE
    if min(pages) * 0.97 < whole <= min(pages) * _SQUEEZE:
        ws.page_setup.fitToHeight = 1  # rather a little smaller than a page with nothing but the chart
    elif any(used % page + made.height * _CENTIMETRE > page * 0.97 for page in pages):
        ws.row_breaks.append(Break(id=row - 1))
        row += 1  # its edge does not show on the page before
    last = row + int(made.height * _CENTIMETRE // LINE) + 1
    for r in range(row, last + 1):
        ws.row_dimensions[r].height = LINE
    columns = 1
    while columns < len(widths) and sum(widths[: columns + 1]) * _CHARACTERS[0] <= _WIDEST:
        columns += 1
    # By cells, not by size: columns are not equally wide in every program, and nothing is to stand beyond the table.
    made.anchor = TwoCellAnchor("twoCell", AnchorMarker(col=0, row=row - 1), AnchorMarker(col=columns, row=last - 1))
    ws.add_chart(made)
    return last
