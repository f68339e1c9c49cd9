"""The Word draft of a run: beside the workbooks, in manifest and index, from the office's own template."""

from __future__ import annotations

import io
import json

import docx
import pytest
from notebook_files import write_notebook

from chiso.errors import ChisoError
from chiso.reporting.word.template import SHIPPED
from chiso.runs import manifest
from chiso.runs.console import Console
from chiso.runs.execute import execute
from chiso.runs.plan import Request, make_plan

NAME = "bao-cao-2024-Q4.docx"


@pytest.fixture
def run(data, out, few):
    def call(*components, **wishes):
        told = io.StringIO()
        execute(make_plan(Request("2024-Q4", data, out, components, **wishes)), Console(told, told))
        return out / "2024-Q4"

    return call


def test_a_run_writes_the_draft_and_the_same_run_the_same_bytes(run, data):
    period = run()
    first, record = (period / NAME).read_bytes(), json.loads((period / "manifest.json").read_text(encoding="utf-8"))
    assert NAME in record["outputs"]
    assert record["templates"]["word_template"] is None
    assert f'href="{NAME}"' in (period / "index.html").read_text(encoding="utf-8")
    document = docx.Document(io.BytesIO(first))
    assert sum(p.style.name == "Heading 1" for p in document.paragraphs) == 6
    assert run() / NAME == period / NAME and (period / NAME).read_bytes() == first

    own = docx.Document(str(SHIPPED))
    own.tables[-1].rows[0].cells[0].paragraphs[1].runs[0].text = "- Ban Thường vụ;"
    (data / "templates").mkdir()
    own.save(str(data / "templates" / "bao-cao.docx"))
    run()
    assert "- Ban Thường vụ;" in docx.Document(str(period / NAME)).tables[-1].rows[0].cells[0].text
    changed = json.loads((period / "manifest.json").read_text(encoding="utf-8"))
    assert changed["templates"]["word_template"] and changed["run"] != record["run"]
    assert not [entry for entry in changed["inputs"] if "templates" in str(entry)]


def test_a_template_that_cannot_be_used_stops_a_run_before_it_begins(run, data, out):
    (data / "templates").mkdir()
    (data / "templates" / "bao-cao.docx").write_bytes(b"no document")
    with pytest.raises(ChisoError, match="không phải văn bản Word"):
        run()
    assert not (out / "2024-Q4").exists()
    assert run(results_only=True) / "indicators.csv"  # needs no template


def test_printed_pages_go_when_the_pages_are_made_anew(run, notebooks):
    period = run()
    (period / "pdf").mkdir()
    printed, own = period / "pdf" / "overview.pdf", period / "pdf" / "own.pdf"
    for path in (printed, own):
        path.write_bytes(b"%PDF")
    manifest.replace_printed(period, [printed])
    run("B.I")
    assert printed.exists()  # nothing was stale
    write_notebook(notebooks / "B1_direction.ipynb", "2 + 2")
    run("B.I")
    assert not printed.exists() and own.exists()
    assert "pdf/overview.pdf" not in manifest.read_manifest(period)["outputs"]
