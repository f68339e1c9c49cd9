"""The parameters cell of a notebook, checked before anything runs: a misspelt name must not be passed over."""

from __future__ import annotations

import ast
import difflib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from chiso.errors import ChisoError
from chiso.messages import text

TAG = "parameters"


class DamagedNotebook(ChisoError):
    """The file is no notebook: there is nothing to be checked, and nothing to be run."""


def damaged(source: Path, why: object) -> DamagedNotebook:
    """Return what is told of a notebook that cannot be opened."""
    return DamagedNotebook(text("runs.notebook_damaged", file=source.name, why=why))


def declared(source: Path) -> dict[str, object]:
    """Return names and default values of a notebook's parameters.

    Raises:
        DamagedNotebook: the file is no notebook.
        ChisoError: the notebook is missing, has no parameters cell, or a default is no plain literal.
    """
    if not source.is_file():
        raise ChisoError(text("runs.notebook_missing", file=source))
    try:
        cells = list(_marked(json.loads(source.read_text(encoding="utf-8"))))
    except (ValueError, TypeError, AttributeError, KeyError) as error:  # no JSON, or none of a notebook
        raise damaged(source, error) from error
    if len(cells) != 1:
        raise ChisoError(text("runs.parameters_cell", file=source.name, count=len(cells)))
    try:
        return dict(_assignments(ast.parse(cells[0])))
    except (SyntaxError, ValueError) as error:
        raise ChisoError(text("runs.parameters_literal", file=source.name, why=error)) from error


def _marked(notebook: dict[str, Any]) -> Iterator[str]:
    """Yield the source of each cell tagged as parameters; nbformat takes longer to load than a run without work."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and TAG in cell.get("metadata", {}).get("tags", ()):
            source = cell["source"]
            yield source if isinstance(source, str) else "".join(source)


def _assignments(tree: ast.Module) -> Iterable[tuple[str, object]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, ast.literal_eval(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, ast.literal_eval(node.value)
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            raise ValueError(ast.unparse(node))


def check_parameters(source: Path, passed: dict[str, str]) -> None:
    """Refuse a notebook that does not declare every parameter passed to it.

    Raises:
        DamagedNotebook: the file is no notebook.
        ChisoError: names the parameter and the nearest declared name.
    """
    names = declared(source)
    for name in passed:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = text("runs.did_you_mean", near=near[0]) if near else ""
            raise ChisoError(text("runs.parameter_unknown", file=source.name, name=name, hint=hint).strip())
