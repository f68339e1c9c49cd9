"""A table of the abstract report as a table of Word: header repeated on each page, rows never cut in two."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from chiso.reporting import excel, formats
from chiso.reporting.report import Table, header_of
from chiso.reporting.word import styles

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")
#: Tables of more columns are set in the smaller type.
_MANY = 9
#: Size of the usual and of the smaller type, in points; what the template's styles say when it is shipped.
_TYPE = {False: 11.0, True: 10.0}
#: Left and right margin of a cell, with a little air, in twentieths of a point.
_MARGINS = 110
#: A word without end gets at most this part of the table's width.
_MOST = 0.3


def clean(value: str) -> str:
    """Return a text that an XML file can hold, on one line."""
    return _CONTROL.sub(" ", value)


def table_element(table: Table, width: int, ids: Mapping[str, str]) -> BaseOxmlElement:
    """Return the XML of a table.

    Args:
        table: drawn columns (sparklines) are left out.
        width: of the whole table, in twentieths of a point.
        ids: ids of the paragraph styles by name, and of ``Table Grid``.
    """
    drawn = [c.name for c in table.columns if c.format in formats.DRAWN]
    table = table.without(*drawn) if drawn else table
    small = len(table.columns) > _MANY
    body = ids[styles.SMALL_CELL if small else styles.CELL]
    head = ids[styles.SMALL_HEAD_CELL if small else styles.HEAD_CELL]
    widths = column_widths(table, width, _TYPE[small])
    element = _frame(ids["Table Grid"], widths)
    for row in _header(table, widths, head):
        element.append(row)
    rows = 0
    for record in table.rows():
        rows += 1
        if record.kind == "section":
            cells = [_cell(str(record.cells[0].value), widths, body, bold=True, span=len(widths))]
        else:
            bold = record.kind in ("total", "subtotal")
            cells = []
            for item, room in zip(record.cells, widths, strict=True):
                # A status of null is "only watched"; any other null is missing.
                value = item.value or "none" if item.format == "status" else item.value
                shown = formats.show(value, item.format, item.column.missing)
                cells.append(_cell(shown, [room], body, item.column.alignment, bold=bold))
        element.append(_row(cells))
    if not rows:
        element.append(_row([_cell(table.empty_text, widths, body, "center", span=len(widths))]))
    return element


def column_widths(table: Table, total: int, size: float) -> list[int]:
    """Share a width among columns as in Excel, but so that no word, number or date is broken where there is room.

    Args:
        table: its labels and values are measured.
        total: twentieths of a point.
        size: of the type, in points.
    """
    wanted = excel.column_widths(table)
    least = [0.0] * len(wanted)
    for placed in header_of(table)[0]:
        if placed.cell.columns == 1:
            least[placed.column] = max(least[placed.column], _longest(placed.cell.label, size) * 1.08)
    for record in table.rows():
        if record.kind != "section":
            for c, item in enumerate(record.cells):
                shown = formats.show(item.value, item.format, item.column.missing) if item.format != "status" else ""
                least[c] = max(least[c], _longest(shown, size) * (1.08 if record.kind else 1.0))
    least = [min(w + _MARGINS, total * _MOST) for w in least]
    if sum(least) >= total:
        return _whole([w * total / sum(least) for w in least], total)
    even = [w * total / sum(wanted) for w in wanted]
    found = [max(w, m) for w, m in zip(even, least, strict=True)]
    spare, excess = [w - m for w, m in zip(found, least, strict=True)], sum(found) - total
    return _whole([w - excess * s / sum(spare) for w, s in zip(found, spare, strict=True)], total)


def _longest(value: str, size: float) -> float:
    return max((sum(_em(c) for c in word) for word in re.split(r"[ \n\t]+", value)), default=0.0) * size * 20


def _em(character: str) -> float:
    """Return about how wide a letter of Times New Roman is, as a part of the type's size."""
    if character in ".,;:/()-|! \N{NO-BREAK SPACE}iljtf":
        return 0.33
    return 0.75 if character.isupper() or character in "mw%" else 0.5


def _whole(widths: Sequence[float], total: int) -> list[int]:
    found = [int(w) for w in widths]
    found[-1] += total - sum(found)
    return found


def _make(tag: str, **attributes: object) -> BaseOxmlElement:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), str(value))
    return element


def _frame(style: str, widths: Sequence[int]) -> BaseOxmlElement:
    element, properties, grid = _make("w:tbl"), _make("w:tblPr"), _make("w:tblGrid")
    margins = _make("w:tblCellMar")
    margins.extend([_make("w:left", w=45, type="dxa"), _make("w:right", w=45, type="dxa")])
    properties.extend(
        [
            _make("w:tblStyle", val=style),
            _make("w:tblW", w=sum(widths), type="dxa"),
            _make("w:jc", val="center"),
            _make("w:tblLayout", type="fixed"),
            margins,
        ]
    )
    grid.extend([_make("w:gridCol", w=w) for w in widths])
    element.extend([properties, grid])
    return element


def _row(cells: Sequence[BaseOxmlElement], *, header: bool = False) -> BaseOxmlElement:
    row, properties = _make("w:tr"), _make("w:trPr")
    properties.append(_make("w:cantSplit"))
    if header:
        properties.append(_make("w:tblHeader"))
    row.append(properties)
    row.extend(cells)
    return row


def _cell(
    value: str,
    widths: Sequence[int],
    style: str,
    align: str = "left",
    *,
    bold: bool = False,
    span: int = 1,
    merge: str | None = None,
) -> BaseOxmlElement:
    cell, properties, paragraph = _make("w:tc"), _make("w:tcPr"), _make("w:p")
    properties.append(_make("w:tcW", w=sum(widths), type="dxa"))
    if span > 1:
        properties.append(_make("w:gridSpan", val=span))
    if merge:
        properties.append(_make("w:vMerge", val=merge))
    properties.append(_make("w:vAlign", val="center"))
    form = _make("w:pPr")
    form.extend([_make("w:pStyle", val=style), _make("w:jc", val=align)])
    paragraph.append(form)
    if value and merge != "continue":
        run, content = _make("w:r"), OxmlElement("w:t")
        if bold:
            strong = _make("w:rPr")
            strong.append(_make("w:b"))
            run.append(strong)
        content.text = clean(value)
        content.set(qn("xml:space"), "preserve")
        run.append(content)
        paragraph.append(run)
    cell.extend([properties, paragraph])
    return cell


def _header(table: Table, widths: Sequence[int], style: str) -> list[BaseOxmlElement]:
    """Return the header rows; a cell over several rows is told again in each, as Word asks."""
    placed, depth = header_of(table)
    rows: list[list[tuple[int, BaseOxmlElement]]] = [[] for _ in range(depth)]
    for at in placed:
        room = widths[at.column : at.column + at.cell.columns]
        for r in range(at.row, at.row + at.cell.rows):
            merge = None if at.cell.rows == 1 else "restart" if r == at.row else "continue"
            cell = _cell(at.cell.label, room, style, "center", span=at.cell.columns, merge=merge)
            rows[r].append((at.column, cell))
    return [_row([cell for _, cell in sorted(row, key=lambda pair: pair[0])], header=True) for row in rows]
