"""What every notebook would do first, done once before the forks: messages, contracts, a plan, a picture, a page.

Its import does it. Nothing here may run a Polars query (a child would hang) or import pyplot.
"""

from __future__ import annotations

import gc
from importlib import import_module

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from chiso.catalogue import load_catalogue
from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.charts.chart import draw, name_rows
from chiso.reporting.html import environment
from chiso.reporting.notebook_page import notebook_page
from chiso.reporting.pages import Page
from chiso.runs.fingerprint import library, versions
from chiso.sources import load_contract
from chiso.worktime import WorkCalendar

#: What cells import, or their libraries late.
_LATE = (
    "IPython.core.completerlib", "IPython.core.oinspect", "IPython.utils.wildcard", "tornado.platform.asyncio",
    "babel.dates", "matplotlib.style.core", "polars._utils.parquet", "polars._utils.udfs", "pyarrow", "pyarrow.ipc",
)  # fmt: skip


def _prime() -> None:
    for module in _LATE:
        import_module(module)
    library()  # the hash of the code that is loaded here, whatever becomes of the files
    versions()
    load_catalogue()
    load_contract()
    WorkCalendar.load()
    for name in environment().list_templates(extensions=["j2"]):
        environment().get_template(name)
    words = text("reporting.page.synthetic")
    chart = draw(lambda ax: name_rows(ax, [words, formats.percent(0.5)]), title=words, alt=words, height=1.0)
    shown = new_output("execute_result", {"text/html": chart._repr_html_(), "text/plain": words}, execution_count=1)
    cells = [new_markdown_cell("## 1\n\n| a |\n|---|\n| *b* |"), new_code_cell("1", outputs=[shown], execution_count=1)]
    notebook_page(new_notebook(cells=cells), Page(words, words, words, synthetic=True))


_prime()
# What is here stays: without this, the collector walks through all of it in each child, and makes a copy on the way.
gc.collect()
gc.freeze()
gc.enable()
