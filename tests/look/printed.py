"""What stands where in a printed page: structure by pypdf, texts and their places by PDFium."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from pypdf import PdfReader

Box = tuple[float, float, float, float]


@dataclass
class Sheet:
    """One page of paper, in points.

    Attributes:
        texts: each piece with its box (left, bottom, right, top).
        marked: text by the number that the structure calls it by.
        pictures: how many pictures and drawn lines.
    """

    width: float
    height: float
    texts: list[tuple[str, Box]] = field(default_factory=list)
    marked: dict[int, str] = field(default_factory=dict)
    pictures: int = 0


class Printed:
    """A PDF file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reader = PdfReader(path)
        self.numbers = {page.indirect_reference.idnum: number for number, page in enumerate(self.reader.pages)}

    @cached_property
    def pages(self) -> list[Sheet]:
        """Its sheets."""
        with pypdfium2.PdfDocument(self.path) as document:
            return [_sheet(page) for page in document]

    @cached_property
    def bookmarks(self) -> list[str]:
        """Titles of the outline at its first level."""
        return [entry.title for entry in self.reader.outline if not isinstance(entry, list)]

    @cached_property
    def tags(self) -> set[str]:
        """Kinds of elements of the structure."""
        return {str(element.get("/S", ""))[1:] for element in self.elements()}

    def elements(self, *kinds: str, within: Any = None) -> Iterator[Any]:
        """Elements of the structure in reading order; of these kinds, if any are named."""
        for child in _children(self.reader.root_object["/StructTreeRoot"] if within is None else within):
            if not kinds or str(child.get("/S", ""))[1:] in kinds:
                yield child
            yield from self.elements(*kinds, within=child)

    def content(self, element: Any, page: Any = None) -> list[tuple[int, int]]:
        """Page and number of every piece of content in an element."""
        page = element.raw_get("/Pg").idnum if "/Pg" in element else page
        found = []
        for child in _listed(element.get("/K")):
            if isinstance(child, int):
                found.append((self.numbers[page], int(child)))
            elif child.get("/Type") == "/MCR":
                own = child.raw_get("/Pg").idnum if "/Pg" in child else page
                found.append((self.numbers[own], int(child["/MCID"])))
            elif child.get("/S"):
                found += self.content(child, page)
        return found

    def words(self, element: Any) -> str:
        """Text of an element."""
        return "".join(self.pages[page].marked.get(number, "") for page, number in self.content(element))

    def rows_on_two_pages(self) -> list[str]:
        """Rows of tables that begin on one page and end on another; a head stands on each."""
        found = []
        for body in self.elements("TBody", "TFoot"):
            for row in self.elements("TR", within=body):
                if len({page for page, _ in self.content(row)}) > 1:
                    found.append(self.words(row)[:80])
        return found

    def heads_missing(self) -> list[str]:
        """Pages on which a table goes on without its head."""
        found = []
        for table in self.elements("Table"):
            heads = [self.content(head) for head in self.elements("THead", within=table)]
            rows = [self.content(body) for body in self.elements("TBody", within=table)]
            with_head = {page for head in heads for page, _ in head}
            lost = sorted({page + 1 for row in rows for page, _ in row if page not in with_head})
            if with_head and lost:
                found.append(f"pages {lost}: {self.words(table)[:60]}")
        return found


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return [item.get_object() for item in value] if isinstance(value, list) else [value.get_object()]


def _children(element: Any) -> list[Any]:
    return [child for child in _listed(element.get("/K")) if hasattr(child, "get") and "/S" in child]


def _sheet(page: pypdfium2.PdfPage) -> Sheet:
    sheet = Sheet(*page.get_size())
    letters = page.get_textpage()
    buffer = (ctypes.c_ushort * 4096)()
    for piece in page.get_objects():
        if piece.type != pdfium.FPDF_PAGEOBJ_TEXT:
            sheet.pictures += piece.type in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH)
            continue
        length = pdfium.FPDFTextObj_GetText(piece.raw, letters.raw, buffer, ctypes.sizeof(buffer))
        text = ctypes.string_at(buffer, max(length - 2, 0)).decode("utf-16-le", errors="replace")
        sheet.texts.append((text, piece.get_bounds()))
        number = pdfium.FPDFPageObj_GetMarkedContentID(piece.raw)
        sheet.marked[number] = sheet.marked.get(number, "") + text
    return sheet
