"""Paragraphs and tables of the draft, put where the template says the content goes."""

from __future__ import annotations

import re
from typing import Any

from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from chiso.messages import text
from chiso.reporting.report import Table
from chiso.reporting.word import styles
from chiso.reporting.word.table import clean, table_element

#: In messages ``[[…]]`` is a place for the author to fill in; the draft shows it as ``[…]``, marked.
_BLANK = re.compile(r"\[\[(.*?)\]\]")


def write(paragraph: Paragraph, value: str) -> None:
    """Append a text to a paragraph, the places to fill in marked."""
    at = 0
    for found in _BLANK.finditer(value):
        if found.start() > at:
            paragraph.add_run(clean(value[at : found.start()]))
        paragraph.add_run(f"[{clean(found[1])}]", style=styles.BLANK)
        at = found.end()
    if at < len(value):
        paragraph.add_run(clean(value[at:]))


class Writer:
    """Writes before the paragraph in which the template has its marker for the content."""

    def __init__(self, document: Document, marker: Paragraph) -> None:
        self.document = document
        self.marker = marker
        self.tables = 0

    def paragraph(self, value: str, style: str = styles.BODY) -> Paragraph:
        """Write a paragraph."""
        element = OxmlElement("w:p")
        self.marker._p.addprevious(element)
        paragraph = Paragraph(element, self.marker._parent)
        paragraph.style = style
        write(paragraph, value)
        return paragraph

    def heading(self, value: str, level: int = 1) -> None:
        """Write a heading of the first or second level."""
        self.paragraph(value, styles.HEADING if level == 1 else styles.SUBHEADING)

    def bullets(self, head: str, values: list[str]) -> None:
        """Write a list under its head; nothing where the list is empty."""
        if not values:
            return
        self.paragraph(head, styles.GROUP).paragraph_format.keep_with_next = True
        for value in values:
            self.paragraph(text("word.bullet", value=value), styles.BULLET)

    def table(self, table: Table) -> None:
        """Write a numbered table with caption and notes."""
        self.tables += 1
        self.paragraph(text("word.caption", number=self.tables, title=table.title), styles.CAPTION)
        self.marker._p.addprevious(table_element(table, self._width, self._style_ids))
        for note in table.notes:
            self.paragraph(note.text, styles.NOTE)

    @property
    def next_table(self) -> str:
        """How text calls the table that is written next."""
        return text("word.table", number=self.tables + 1)

    @property
    def _width(self) -> int:
        section = self.document.sections[-1]
        room = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
        return int(room / 635)  # twentieths of a point

    @property
    def _style_ids(self) -> dict[str, Any]:
        return {name: self.document.styles[name].style_id for name in (*styles.PARAGRAPHS, "Table Grid")}

    def close(self) -> None:
        """Take the marker out."""
        element = self.marker._p
        before = element.getprevious()
        if before is not None and before.tag == qn("w:tbl"):
            return  # Word needs a paragraph between two tables
        element.getparent().remove(element)
