"""Golden notebooks: reports of the small quarter, executed and kept with what their cells gave.

Run ``python tests/notebooks/golden.py`` after a wanted change of a report, look at the difference, and commit it.
"""

import re
import sys
import tempfile
from functools import partial
from pathlib import Path

import nbformat
import papermill

from chiso.indicators import compute
from chiso.runs.data import open_dataset
from chiso.runs.outlook import look_ahead
from chiso.runs.plan import catalogue_for
from chiso.runs.results import write_results
from chiso.scoring import scores
from chiso.worktime import Period, Timeframe

PROJECT = Path(__file__).resolve().parents[2]
NOTEBOOKS = PROJECT / "notebooks"
GOLDEN = PROJECT / "tests" / "golden"
STEMS = ("B2_institutions", "B6_public_finance", "overview")
#: Relative to the project: a golden notebook holds no path of a machine.
PARAMETERS = {
    "period": "2024-Q4", "unit": "", "data": "tests/notebook/quarter", "out": "", "as_of": "", "window": "decree09",
    "lang": "vi",
}  # fmt: skip
#: Pictures are compared by title and alternative text: their bytes depend on the font renderer.
PICTURE = re.compile(r"base64,[A-Za-z0-9+/=]*")
#: The style sheet is no content.
STYLE = re.compile(r"<style>[^<]*</style>")
SANITIZE = (
    f"[pictures]\nregex: {PICTURE.pattern}\nreplace: base64,PICTURE\n[style]\nregex: {STYLE.pattern}\nreplace: STYLE\n"
)


def without_traces(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook without times, paths and picture bytes."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.id = "injected-parameters"  # papermill's is random
            cell.source = "\n".join(f"{name} = {value!r}" for name, value in PARAMETERS.items())
        cell.metadata = {"tags": cell.metadata.tags} if "tags" in cell.metadata else {}
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type != "stream"]
            for output in cell.outputs:
                for kind, content in output.get("data", {}).items():
                    if isinstance(content, str):  # not what the closing cell hands over to the run
                        output.data[kind] = STYLE.sub("STYLE", PICTURE.sub("base64,PICTURE", content))
    return notebook


def write_quarter(out: Path) -> dict[str, str]:
    """Write the quarter's results as a run does; return the parameters that a run passes to notebooks."""
    dataset = open_dataset(PROJECT / PARAMETERS["data"])
    timeframe = Timeframe(Period.parse(PARAMETERS["period"]))
    catalogue = catalogue_for(dataset.body, timeframe.plan_year)
    results = compute(dataset, catalogue, timeframe)
    outlook = look_ahead(dataset, partial(catalogue_for, dataset.body), timeframe, results)
    folder = out / PARAMETERS["period"]
    attained = scores(results.indicators, catalogue)
    write_results(folder, outlook.results, scores=attained, history=outlook.history, forecasts=outlook.forecasts)
    return PARAMETERS | {"data": str(PROJECT / PARAMETERS["data"]), "out": str(out)}


def make(stem: str, parameters: dict[str, str], target: Path) -> None:
    """Execute one notebook of the project into ``target``; the parameters kept in it are :data:`PARAMETERS`."""
    with tempfile.TemporaryDirectory() as folder:
        executed = Path(folder) / "executed.ipynb"
        papermill.execute_notebook(
            NOTEBOOKS / f"{stem}.ipynb", executed, parameters, cwd=NOTEBOOKS, progress_bar=False, log_output=False
        )
        notebook = without_traces(nbformat.read(executed, as_version=4))
    target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as outputs:
        written = write_quarter(Path(outputs))
        for name in sys.argv[1:] or STEMS:
            make(name, written, GOLDEN / f"{name}.ipynb")
