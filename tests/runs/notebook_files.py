"""Notebooks as files, for the tests of runs."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

PARAMETERS = 'period = ""\nunit = ""\ndata = ""\nout = ""\nas_of = ""\nwindow = ""\nlang = ""\n'


def write_notebook(path, *sources, parameters=PARAMETERS):
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]})] if parameters is not None else []
    cells += [new_code_cell(source) for source in sources]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
    return path
