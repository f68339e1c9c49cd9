"""The indexes lead to what is there and to nothing else, after failed and partial runs too."""

import io
import json
import re
from datetime import date
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from notebook_files import write_notebook

from chiso.reporting.period_index import PeriodRow, Periods
from chiso.runs import indexes, manifest, pages
from chiso.runs.console import Console
from chiso.runs.execute import execute
from chiso.runs.files import sha256
from chiso.runs.plan import Request, make_plan
from chiso.runs.results import CSV


@pytest.fixture
def run(data, out):
    def call(period, *components, **wishes):
        console = Console(io.StringIO(), io.StringIO())
        return execute(make_plan(Request(period, data, out, components, **wishes)), console)

    return call


class Links(HTMLParser):
    def __init__(self, file):
        super().__init__()
        self.hrefs, self.ids = [], set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a":
            self.hrefs.append(attrs["href"])
        if "id" in attrs:
            self.ids.add(attrs["id"])


def broken(folder):
    """Links of the pages below a folder that lead nowhere."""
    found = []
    for page in sorted(folder.rglob("*.html")):
        links = Links(page)
        for href in links.hrefs:
            path, _, anchor = href.partition("#")
            target = (page.parent / unquote(path)).resolve() if path else page
            if not target.is_file() or (anchor and target == page and anchor not in links.ids):
                found.append((page.name, href))
    return found


def test_every_link_of_a_whole_run_leads_somewhere(run, out, few):
    assert run("2024-Q4") == 0
    assert broken(out) == []
    assert "../index.html" in Links(out / "2024-Q4" / "index.html").hrefs


def test_a_failed_report_has_a_page_and_its_links_hold(run, out, notebooks, few):
    write_notebook(notebooks / "A1_access.ipynb", "1 / 0")
    assert run("2024-Q4") == 1
    assert broken(out) == []
    assert 'class="failed"' in (out / "2024-Q4" / "index.html").read_text(encoding="utf-8")
    assert 'class="failed"' in (out / "index.html").read_text(encoding="utf-8")


def test_a_partial_run_leads_to_no_page_that_is_not_made(run, out, notebooks):
    shown = '<a href="A1_access.html#x" data-a="1">việc một</a> <a href="B1_direction.html">việc <b>hai</b></a>'
    write_notebook(notebooks / "overview.ipynb", f"from IPython.display import HTML\nHTML('''{shown}''')")
    assert run("2024-Q4", "overview", "A.I") == 0
    assert broken(out / "2024-Q4") == []
    page = (out / "2024-Q4" / "overview.html").read_text(encoding="utf-8")
    assert 'href="A1_access.html#x"' in page
    assert "B1_direction.html" not in page and "việc <b>hai</b>" in page


def test_every_csv_is_listed_with_what_it_holds(run, out, few):
    run("2024-Q4")
    folder = out / "2024-Q4"
    index = (folder / "index.html").read_text(encoding="utf-8")
    written = {file.name for file in folder.glob("*.csv")}
    assert written == {f"{name}.csv" for name in CSV}
    assert {"scores.csv", "satisfaction_details.csv", "forecasts.csv"} <= written
    for name in written:
        assert re.search(rf'<a href="{name}">{name}</a>\s*<span class="key-detail">[^<]{{20,}}</span>', index), name


def test_neighbours_are_the_nearest_of_the_same_kind_body_and_unit(run, data, out, few):
    def pretend(period, unit=None, body="Cơ quan"):
        """A period that has pages, as far as its neighbours see."""
        folder = out / period
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").touch()
        record = {"body": {"name": body, "synthetic": False}, "unit": unit, "as_of": "2024-12-14"}
        (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")

    def labels():
        nav = re.search(r'<nav class="period-links".*?</nav>', index.read_text(encoding="utf-8"), re.DOTALL)[0]
        return [unescape(label) for label in re.findall(r"<a [^>]*>([^<]*)</a>", nav)]

    (data / "chiso.toml").write_text('[body]\nname = "Cơ quan"\n', encoding="utf-8")
    index = out / "2024-Q4" / "index.html"
    pretend("2023-Q4"), pretend("2024-Q2"), pretend("2024-11"), pretend("2024-Q3", unit="VP")
    pretend("2024-Q1", body="Cơ quan khác"), pretend("2025-Q1"), pretend("2025-Q3")
    run("2024-Q4")
    assert labels() == [
        "Kỳ trước: quý II/2024",
        "Cùng kỳ năm trước: quý IV/2023",
        "Kỳ sau: quý I/2025",
        "Tất cả các kỳ",
        "Lần chạy này làm gì",
    ]
    assert broken(out) == []
    assert 'href="2025-Q3/index.html"' in (out / "index.html").read_text(encoding="utf-8")


def test_all_periods_show_the_course_of_both_indices(run, out, few):
    run("2024-Q3", "overview")
    run("2024-Q4")
    told = json.loads((out / "2024-Q4" / "manifest.json").read_text(encoding="utf-8"))["results"]["about"]["headline"]
    assert told["sipas"] is None and 0 <= told["par"] <= 1
    assert sum(told["statuses"].values()) > 60
    page = (out / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'<th scope="row" class="left"><a href="([^"]*)">([^<]*)</a>', page)
    assert rows == [("2024-Q4/index.html", "Quý IV/2024"), ("2024-Q3/index.html", "Quý III/2024")]
    assert f'data-value="{told["par"]!r}"'[:20] in page
    assert re.findall(r'href="(2024-Q4/[^"]*)">', page)[1:] == [
        "2024-Q4/overview.html",
        "2024-Q4/bao-cao-2024-Q4.docx",
        "2024-Q4/phu-luc-SIPAS-2024-Q4.xlsx",
        "2024-Q4/phu-luc-PAR-INDEX-2024-Q4.xlsx",
    ]


def test_withheld_and_unknown_figures_are_told_as_such():
    row = PeriodRow(2024, "Quý I/2024", "a", None, "withheld", None, (), date(2024, 3, 14), (), False, ())
    html = Periods((row,))._repr_html_()
    assert "Không công bố" in html
    assert html.count(">–<") == 4


def test_a_manifest_of_before_lacks_figures_not_its_row(run, out, few):
    run("2024-Q4")
    file = out / "2024-Q4" / "manifest.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    del content["results"]["about"]["headline"]
    file.write_text(json.dumps(content), encoding="utf-8")
    assert "Quý IV/2024" in indexes.all_periods(out)


def test_printed_pages_are_listed_and_the_manifest_agrees(run, out, few):
    run("2024-Q4")
    folder = out / "2024-Q4"
    before = (folder / "index.html").read_text(encoding="utf-8")
    printed = [folder / "pdf" / f"{stem}.pdf" for stem in ("A1_access", "index", "overview")]
    (folder / "pdf").mkdir()
    for file in printed:
        file.write_bytes(b"%PDF-1.7")
    manifest.replace_printed(folder, printed)
    indexes.with_printed(folder, printed)
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert '<a href="pdf/A1_access.pdf">A.I. Tiếp cận dịch vụ</a>' in page
    assert "pdf/index.pdf" not in page and broken(folder) == []
    recorded = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["outputs"]
    assert recorded["index.html"] == sha256(folder / "index.html")
    indexes.with_printed(folder, printed)
    assert (folder / "index.html").read_text(encoding="utf-8") == page
    for file in printed:
        file.unlink()
    run("2024-Q4")
    assert (folder / "index.html").read_text(encoding="utf-8") == before


def test_names_of_bodies_and_units_never_become_markup(run, out, data, few):
    evil = "<script>alert(1)</script> \u202e🎉 & 'Sở' " + "N" * 200
    (data / "chiso.toml").write_text(f"[body]\nname = {json.dumps(evil, ensure_ascii=False)}\n", encoding="utf-8")
    run("2024-Q4")
    for file in (out / "index.html", out / "2024-Q4" / "index.html"):
        assert "<script" not in file.read_text(encoding="utf-8")


def test_only_links_to_missing_reports_are_taken_out(data, out, notebooks):
    plan = make_plan(Request("2024-Q4", data, out, ("overview",)))
    kept = '<a href="overview.html">a</a>{}<a href="../index.html">c</a><a href="#d">d</a>'
    left = pages.without_dead_links(kept.format('<a href="B1_direction.html#x">b</a>'), plan)
    assert left == kept.format("b")
