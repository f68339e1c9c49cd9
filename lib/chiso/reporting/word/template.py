"""The template: the office's own in its data folder, else the shipped one; its markers filled in."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.text.paragraph import Paragraph

from chiso.errors import ChisoError
from chiso.messages import DEFAULT, language, text
from chiso.reporting.word import styles
from chiso.reporting.word.writer import Writer, write
from chiso.sources.config import TEMPLATES

#: Made by ``python -m chiso.reporting.word.make_template``.
SHIPPED = Path(__file__).parent / "bao-cao.docx"


def shipped() -> Path:
    """Return the template that comes with the package in the language of the process."""
    return SHIPPED if language() == DEFAULT else SHIPPED.with_suffix(f".{language()}{SHIPPED.suffix}")


CONTENT = "noi_dung"
MARKERS = ("co_quan_chu_quan", "co_quan", "trich_yeu", "ky_bao_cao", "chuc_vu", CONTENT)
_MARKER = re.compile(r"\{\{\s*(.*?)\s*\}\}")


def own_template(data: Path) -> Path | None:
    """Return the template of a data folder; None where it has none."""
    path = data / TEMPLATES / SHIPPED.name
    return path if path.is_file() else None


def open_template(path: Path | None = None) -> Document:
    """Open a template and check that it has what the draft needs.

    Raises:
        ChisoError: it is no Word document, lacks a style or the place of the content, or has an unknown marker.
    """
    path = path or shipped()
    try:
        document = docx.Document(io.BytesIO(path.read_bytes()))
    except (OSError, ValueError, KeyError, SyntaxError, PackageNotFoundError, zipfile.BadZipFile) as error:
        raise ChisoError(text("word.template.unreadable", file=path)) from error
    lacking = [name for name in (*styles.REQUIRED, "Table Grid") if name not in document.styles]
    if lacking:
        raise ChisoError(text("word.template.no_style", file=path, styles=", ".join(lacking)))
    found = [name for paragraph in paragraphs(document) for name in _MARKER.findall(paragraph.text)]
    unknown = sorted(set(found) - set(MARKERS))
    if unknown:
        known = ", ".join(f"{{{{{name}}}}}" for name in MARKERS)
        raise ChisoError(text("word.template.unknown", file=path, markers=", ".join(unknown), known=known))
    if sum(p.text.strip() == f"{{{{{CONTENT}}}}}" for p in document.paragraphs) != 1 or found.count(CONTENT) != 1:
        raise ChisoError(text("word.template.no_content", file=path, marker=f"{{{{{CONTENT}}}}}"))
    return document


def paragraphs(document: Document) -> Iterator[Paragraph]:
    """Yield the paragraphs of body, tables, headers and footers."""
    yield from document.paragraphs
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from cell.paragraphs
    for section in document.sections:
        for part in (section.header, section.first_page_header, section.footer, section.first_page_footer):
            if not part.is_linked_to_previous:
                yield from part.paragraphs


def fill(document: Document, values: Mapping[str, str]) -> Writer:
    """Put values in the place of the markers and return the writer of the content."""
    marker = None
    for paragraph in list(paragraphs(document)):
        if paragraph.text.strip() == f"{{{{{CONTENT}}}}}":
            marker = paragraph
        elif _MARKER.search(paragraph.text):
            _replace(paragraph, values)
    if marker is None:
        raise ValueError("open_template checks that the content has its place")
    return Writer(document, marker)


def _replace(paragraph: Paragraph, values: Mapping[str, str]) -> None:
    runs = paragraph.runs
    if sum(len(_MARKER.findall(run.text)) for run in runs) < len(_MARKER.findall(paragraph.text)):
        # Word has cut a marker into several runs: the type of the first holds for the whole paragraph.
        runs[0].text = paragraph.text
        for run in runs[1:]:
            run._r.getparent().remove(run._r)
    for run in runs:
        if not _MARKER.search(run.text):
            continue
        there = len(paragraph.runs)
        write(paragraph, _MARKER.sub(lambda found: values[found[1]], run.text))
        for new in paragraph.runs[there:]:
            if new._r.rPr is None and run._r.rPr is not None:
                new._r.insert(0, deepcopy(run._r.rPr))
            run._r.addprevious(new._r)
        run._r.getparent().remove(run._r)


def band(document: Document, words: str) -> None:
    """Put a line at the top of every page."""
    for number, section in enumerate(document.sections):
        headers = [section.header]
        if section.different_first_page_header_footer:
            headers.append(section.first_page_header)
        if document.settings.odd_and_even_pages_header_footer:
            headers.append(section.even_page_header)
        for header in headers:
            if number and header.is_linked_to_previous:
                continue  # it shows that of the section before
            first = header.paragraphs[0].insert_paragraph_before(style=styles.BAND)
            write(first, words)
