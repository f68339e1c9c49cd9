"""A notebook has no logic, no output, and reads each of its parameters."""

import ast
import json
import re

import nbformat
import pytest
from golden import NOTEBOOKS, PARAMETERS

from chiso.catalogue import load_catalogue

SOURCES = sorted(NOTEBOOKS.glob("*.ipynb"))
FORBIDDEN = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.AsyncFor, ast.While, ast.With,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.If, ast.Try,
)  # fmt: skip
READERS = {
    "open",
    "read_csv",
    "read_parquet",
    "read_excel",
    "scan_csv",
    "scan_parquet",
    "read_text",
    "read_bytes",
    "eval",
    "exec",
}

every_notebook = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def cells(source, kind):
    return [cell for cell in nbformat.read(source, as_version=4).cells if cell.cell_type == kind]


def test_every_component_has_its_notebook():
    stems = {component.notebook for component in load_catalogue(2024).components if component.notebook}
    assert {path.stem for path in SOURCES} == stems | {"overview", "scorecard", "sipas", "data_quality", "explore"}


@every_notebook
def test_valid_with_stable_ids(source):
    notebook = nbformat.read(source, as_version=4)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]+", id) for id in ids)
    assert not any(re.search(r"-\d+$", cell.id) for cell in notebook.cells if cell.cell_type == "markdown")
    assert notebook.metadata.kernelspec.name == "python3"


@every_notebook
def test_no_output_is_committed(source):
    for cell in cells(source, "code"):
        assert cell.outputs == []
        assert cell.execution_count is None
    assert "widgets" not in json.loads(source.read_text(encoding="utf-8"))["metadata"]


@every_notebook
def test_no_logic(source):
    for cell in cells(source, "code"):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, FORBIDDEN), cell.source
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert name not in READERS, cell.source
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert getattr(node, "module", None) == "chiso.notebook", cell.source


@every_notebook
def test_one_cell_of_parameters_each_read(source):
    tagged = [cell for cell in cells(source, "code") if "parameters" in cell.metadata.get("tags", ())]
    assert len(tagged) == 1
    names = {}
    for statement in ast.parse(tagged[0].source).body:
        assert isinstance(statement, ast.Assign)
        names[statement.targets[0].id] = ast.literal_eval(statement.value)
    assert names.keys() == PARAMETERS.keys()
    assert all(isinstance(value, str) and value.isascii() for value in names.values())
    others = "\n".join(cell.source for cell in cells(source, "code") if cell is not tagged[0])
    read = {
        node.id for node in ast.walk(ast.parse(others)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert names.keys() <= read


@every_notebook
def test_one_title_and_a_closing_reconciliation(source):
    texts = [cell.source for cell in cells(source, "markdown")]
    assert sum(len(re.findall(r"^# ", text, re.MULTILINE)) for text in texts) == 1
    assert texts[0].startswith("# ")
    last = nbformat.read(source, as_version=4).cells[-1]
    assert re.fullmatch(r"\w+\.reconcile\(\)", last.source)


@pytest.mark.parametrize("source", [s for s in SOURCES if s.stem[0] in "AB"], ids=lambda path: path.stem)
def test_every_component_report_tells_what_was_left_out_and_its_basis(source):
    code = "\n".join(cell.source for cell in cells(source, "code"))
    calls = ("key_results(", "scorecard()", "changes()", "actions()", "data_line()", "exclusions()", "definitions()")
    for call in calls:
        assert f"report.{call}" in code
    known = {i.id for i in load_catalogue(2024).indicators} | {i.id for i in load_catalogue(2024).items}
    named = set(re.findall(r'"((?:[AB]\.[IVX]+|III)\.[0-9a-z]+)"', code))
    assert named <= known
