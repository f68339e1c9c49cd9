"""The page of an executed notebook, by nbconvert."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from markupsafe import Markup
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from chiso.messages import text
from chiso.reporting.pages import Page, framed, slug


class _Renderer(IPythonRenderer):
    """Markdown headings with ASCII anchors, each unique in the page."""

    def __init__(self, taken: set[str]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self.taken = taken

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """One heading."""
        base = anchor = slug(unescape(re.sub(r"<[^>]+>", "", text)))
        number = 2
        while anchor in self.taken:
            anchor, number = f"{base}-{number}", number + 1
        self.taken.add(anchor)
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'


class _Exporter(HTMLExporter):
    """nbconvert's exporter without its walk through the finished page, which takes longer than the rest.

    That walk describes pictures without alternative text and lets the keyboard reach the cells of JupyterLab's own
    template; the template of these pages does the first itself and has no such cells.
    """

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **settings: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the contents of the page."""
        found: tuple[str, dict[str, Any]] = super(HTMLExporter, self).from_notebook_node(nb, resources, **settings)
        return found


@cache
def _exporter() -> _Exporter:
    """Return the exporter, whose templates are read once."""
    exporter = _Exporter(
        template_name="nbconvert",
        extra_template_basedirs=[str(Path(__file__).parent / "page")],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    exporter.register_filter("alternative", _alternative)
    return exporter


def _alternative(output: NotebookNode, kind: str) -> str:
    """Return what stands for a picture: what its cell tells of it, else that there is one."""
    return str(output.metadata.get(kind, {}).get("alt") or text("reporting.page.picture"))


def notebook_page(notebook: NotebookNode, page: Page, *, script: str = "") -> str:
    """The page of an executed notebook; its second-level headings are the table of contents.

    Args:
        notebook: with its outputs.
        page: the frame.
        script: of this program's own, put at the end of the page as it is; the page must tell its story without it.
    """
    taken: set[str] = {"main"}
    exporter = _exporter()
    exporter.register_filter("markdown2html", lambda source: MarkdownWithMath(renderer=_Renderer(taken)).render(source))
    content, _ = exporter.from_notebook_node(notebook)
    return framed(page, Markup(content), script)
