"""The markdown cells of a notebook in the language of the run, from ``notebooks/<language>.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from chiso.messages import DEFAULT, language
from chiso.runs.plan import notebook_folder

#: What stands between the paragraphs of a cell; each has its own translation.
BETWEEN = "\n\n"


def translate(notebook: NotebookNode, folder: Path | None = None) -> NotebookNode:
    """Put the texts of a notebook into the language of this process and return it; nothing in Vietnamese.

    A paragraph without a translation, or changed since, stays Vietnamese. ``folder`` has the translations; by default
    that of the report notebooks.
    """
    if language() != DEFAULT:
        texts = paragraphs(language(), folder)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = BETWEEN.join(texts.get(part, part) for part in split(cell.source))
    return notebook


def split(source: str) -> list[str]:
    """Return the paragraphs of a cell."""
    return [part.strip() for part in source.strip().split(BETWEEN)]


@cache
def paragraphs(language: str, folder: Path | None = None) -> Mapping[str, str]:
    """Return the translations of paragraphs by their Vietnamese original; empty where there is no file."""
    file = (folder or notebook_folder()) / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
