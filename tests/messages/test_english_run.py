"""A run in English: two cheap reports and the office files have no Vietnamese but that of the data and of documents."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import polars as pl
import pytest
from docx.oxml.ns import qn
from lxml import html
from test_translations import NUMBERS, VIETNAMESE

from chiso.messages import messages
from chiso.sources import ingest

PROJECT = Path(__file__).resolve().parents[2]
DATA = PROJECT / "tests" / "notebook" / "quarter"
REPORTS = ("B.II", "B.VI")
SHOWN = ("alt", "title", "aria-label", "placeholder")


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Return the outputs of a run in English, and those of its tables in Vietnamese."""
    folder = tmp_path_factory.mktemp("english")
    environment = {key: value for key, value in os.environ.items() if key != "CHISO_LANG"}
    command = [sys.executable, "-m", "chiso.cli", "run", "2024-Q4", "--data", str(DATA), "--out", str(folder)]
    for options in (["--results-only"], ["--lang", "en", *(word for r in REPORTS for word in ("--component", r))]):
        done = subprocess.run([*command, *options], cwd=PROJECT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr + done.stdout
    assert "Open the reports" in done.stdout
    return folder


@pytest.fixture(scope="module")
def of_data(tmp_path_factory):
    """Return every text of the data, the longest first: names and titles stay as they are."""
    dataset = ingest(DATA, tmp_path_factory.mktemp("processed"))
    found = set(re.findall(r'"([^"]*)"', (DATA / "chiso.toml").read_text(encoding="utf-8")))
    for table in dataset.contracts:
        frame = dataset.scan(table)
        for values in [] if frame is None else frame.collect().iter_columns():
            found |= {str(value) for value in values.unique().drop_nulls()} if values.dtype == pl.String else set()
    found |= {str(name) for name in dataset.files["sheet"].drop_nulls()}
    return sorted({" ".join(text.split()) for text in found if VIETNAMESE.search(text)}, key=len, reverse=True)


def texts(file: Path) -> Iterator[str]:
    """Yield every text of a page, workbook or Word file that a reader sees."""
    if file.suffix == ".html":
        page = html.fromstring(file.read_bytes())
        for element in list(page.iter("style", "script")):
            element.drop_tree()
        yield from page.itertext()
        for element in page.iter():
            yield from (element.get(name) for name in SHOWN if element.get(name))
    elif file.suffix == ".docx":
        for paragraph in docx.Document(str(file)).element.body.iter(qn("w:p")):
            yield "".join(run.text or "" for run in paragraph.iter(qn("w:t")))
    else:
        for sheet in openpyxl.load_workbook(file):
            yield sheet.title
            yield from (cell.value for row in sheet for cell in row if isinstance(cell.value, str))


def left_in_vietnamese(text: str, of_data: list[str]) -> str:
    """Return what remains of a text without the data's own words, empty where none of it is Vietnamese.

    Labels of charts break names into lines; so words that the data has are taken out one by one as well.
    """
    rest = NUMBERS.sub(" ", " ".join(text.split()))
    for name in of_data:
        rest = re.sub(re.escape(name), " ", rest, flags=re.IGNORECASE)
    words = {word.casefold() for name in of_data for word in re.findall(r"\w+", name)}
    found = [word for word in re.findall(r"\w+", rest) if VIETNAMESE.search(word) and word.casefold() not in words]
    return text if found else ""


def test_english_lies_in_its_own_folder(out):
    assert sorted(path.name for path in out.iterdir() if path.is_dir() and not path.name.startswith(".")) == [
        "2024-Q4",
        "en",
    ]
    english, vietnamese = ((out / name / "manifest.json").read_text("utf-8") for name in ("en/2024-Q4", "2024-Q4"))
    assert json.loads(english)["language"] == "en"
    assert json.loads(vietnamese)["language"] == "vi"
    assert json.loads(english)["run"] != json.loads(vietnamese)["run"]
    assert not list((out / "2024-Q4").glob("*.html"))


def test_the_figures_are_the_same(out):
    english, vietnamese = ((out / name / "indicators.csv").read_bytes() for name in ("en/2024-Q4", "2024-Q4"))
    assert english == vietnamese


def test_pages_are_english(out, of_data):
    pages = sorted((out / "en" / "2024-Q4").glob("*.html"))
    assert len(pages) == len(REPORTS) + 2  # the index, and the page of the run
    for page in pages:
        assert html.fromstring(page.read_bytes()).get("lang") == "en"
        assert {left for text in texts(page) if (left := left_in_vietnamese(text, of_data))} == set()


def test_pages_hold_no_vietnamese_message(out):
    data = (DATA / "chiso.toml").read_text(encoding="utf-8")
    known = {
        m for m in messages("vi").values() if "{" not in m and len(m) > 9 and VIETNAMESE.search(m) and m not in data
    }
    shown = " ".join(text for page in (out / "en" / "2024-Q4").glob("*.html") for text in texts(page))
    assert sorted(message for message in known if message in shown) == []


def test_office_files_are_english(out, of_data):
    files = [
        f for f in (out / "en" / "2024-Q4").iterdir() if f.suffix in (".docx", ".xlsx") and f.name != "rejected.xlsx"
    ]
    assert len(files) >= 3
    found = {(file.name, left) for file in files for text in texts(file) if (left := left_in_vietnamese(text, of_data))}
    assert found == set()


def test_numbers_and_dates_are_english(out):
    page = " ".join(texts(out / "en" / "2024-Q4" / "B6_public_finance.html"))
    assert "15 Sep 2024 – 14 Dec 2024" in page
    assert re.search(r"\d\.\d%", page)
    assert not re.search(r"\d,\d\s?%|\d\d/\d\d/2024", page)


def test_the_notebook_says_so_itself(out):
    notebook = json.loads((out / "en" / "2024-Q4" / "notebooks" / "B2_institutions.ipynb").read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    assert any(re.search(r"^lang = [\"']en[\"']$", source, re.MULTILINE) for source in sources)
    assert sources[0].startswith("# B.II. Institutional reform")


def test_help_follows_the_environment():
    command = [sys.executable, "-m", "chiso.cli", "--help"]
    done = subprocess.run(
        command, env=os.environ | {"CHISO_LANG": "en"}, capture_output=True, text=True, encoding="utf-8"
    )
    assert "Usage: chiso COMMAND" in done.stdout
    done = subprocess.run(
        command, env=os.environ | {"CHISO_LANG": "fr"}, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 2
    assert "CHISO_LANG" in done.stderr
