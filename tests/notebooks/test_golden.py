"""Golden notebooks give again, cell by cell, what they gave; and a changed number is noticed."""

import re

import nbformat
import pytest
from golden import GOLDEN, NOTEBOOKS, PROJECT, SANITIZE, STEMS
from nbval_runs import copy_with, nbval


def golden(stem):
    return nbformat.read(GOLDEN / f"{stem}.ipynb", as_version=4)


def strict(folder):
    (folder / "sanitize.cfg").write_text(SANITIZE, encoding="utf-8")
    return nbval(folder, "--nbval", "--nbval-sanitize-with", str(folder / "sanitize.cfg"))


def test_they_give_what_they_gave(tmp_path, run_parameters):
    for stem in STEMS:
        copy_with(GOLDEN / f"{stem}.ipynb", tmp_path / f"{stem}.ipynb", run_parameters)
    done = strict(tmp_path)
    advice = "\nIf the change is wanted: python tests/notebooks/golden.py, look at the difference, commit.\n"
    assert done.returncode == 0, advice + done.stdout + done.stderr


def test_a_changed_number_fails(tmp_path, run_parameters):
    """nbval passes over notebooks without outputs: this proves that these are compared."""
    target = copy_with(GOLDEN / "B2_institutions.ipynb", tmp_path / "tampered.ipynb", run_parameters)
    notebook = nbformat.read(target, as_version=4)
    changed = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            if 'id="scorecard' in html:
                output.data["text/html"], changed = re.subn(
                    r'data-value="3\.0">3<', 'data-value="3.0">4<', html, count=1
                )
    assert changed == 1
    target.write_text(nbformat.writes(notebook), encoding="utf-8")
    done = strict(tmp_path)
    assert done.returncode == 1, done.stdout
    assert re.search(r"\b1 failed", done.stdout), done.stdout


@pytest.mark.parametrize("stem", STEMS)
def test_they_are_of_the_notebooks_as_they_are(stem):
    """The cells were not changed since (parameters aside)."""
    current = nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=4)
    kept = [c.source for c in golden(stem).cells if "injected-parameters" not in c.metadata.get("tags", ())]
    assert kept == [cell.source for cell in current.cells]


@pytest.mark.parametrize("stem", STEMS)
def test_they_are_small_and_hold_no_path(stem):
    content = (GOLDEN / f"{stem}.ipynb").read_text(encoding="utf-8")
    assert len(content.encode()) < 300_000
    assert str(PROJECT) not in content
    assert content.count("text/html") > 5
