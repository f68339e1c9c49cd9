"""Every page in a browser: no rule of accessibility broken, nothing asked of a network, nothing cut or overlapping."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from seen import NARROW, WIDE, Seen, opened

from chiso.catalogue import load_catalogue
from chiso.runs.plan import all_jobs

STEMS = [job.stem for job in all_jobs(load_catalogue(2024))]
PAGES = [
    *(("sample", f"{stem}.html") for stem in (*STEMS, "index", "../index")),
    *(("edge", f"{stem}.html") for stem in (*STEMS, "index", "../index")),
    *(("english", f"{stem}.html") for stem in ("A4_result", "overview", "index", "../index")),
    ("failed", "B2_institutions.html"),
]
WIDTHS = (WIDE, NARROW)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
KILOBYTES = {"overview": 300}
#: Letters that our own font need not have: marks and scripts that only the data at the edges brings.
FOREIGN = re.compile(r"[^\u0000-\u024f\u0300-\u036f\u1e00-\u1eff\u2000-\u26ff]")


@pytest.fixture(
    scope="module",
    # The tests of one page run beside each other: it is opened once.
    params=[pytest.param(page, id="-".join(page), marks=pytest.mark.xdist_group("-".join(page))) for page in PAGES],
)
def file(request: pytest.FixtureRequest) -> Path:
    run, name = request.param
    return Path(request.getfixturevalue(run), name).resolve()


@pytest.fixture(scope="module")
def wide(browser: Browser, file: Path) -> Iterator[Seen]:
    with opened(browser) as open_page:
        yield open_page(file)


@pytest.fixture(scope="module")
def narrow(browser: Browser, file: Path) -> Iterator[Seen]:
    with opened(browser) as open_page:
        yield open_page(file, NARROW)


def test_no_rule_of_accessibility_is_broken(wide):
    found = Axe().run(wide.page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    assert not [
        f"{rule['id']} ({len(rule['nodes'])}×): {node['html'][:150]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"][:3]
    ]


def test_nothing_is_asked_of_any_network_and_nothing_runs_amiss(wide, narrow):
    for seen in (wide, narrow):
        assert (seen.requests, seen.troubles) == ([], [])
    assert wide.layout("addresses") == []


@pytest.mark.parametrize("check", ["sideways", "cut", "spilt"])
def test_everything_has_room(wide, narrow, check):
    assert {seen.page.viewport_size["width"]: seen.layout(check) for seen in (wide, narrow)} == {WIDE: [], NARROW: []}


@pytest.mark.parametrize("check", ["headings", "pictures"])
def test_the_page_can_be_listened_to(wide, check):
    assert wide.layout(check) == []


def test_labels_of_drawings_do_not_touch(wide, look, tmp_path):
    pictures = wide.page.query_selector_all("img[src^='data:image/svg+xml;base64,']")
    found = wide.layout("drawings")
    alone = None
    for number, picture in enumerate(pictures):
        drawing = base64.b64decode(str(picture.get_attribute("src")).split(",", 1)[1]).decode()
        file = tmp_path / f"{number}.html"
        file.write_text("<!doctype html><meta charset='utf-8'>" + drawing[drawing.index("<svg") :], encoding="utf-8")
        alone = alone or look(file)
        alone.page.goto(file.as_uri())
        found += [f"{picture.get_attribute('alt')}: {label}" for label in alone.layout("drawings")]
    assert found == []


def test_works_without_scripts(wide, look, file):
    plain = look(file, scripts=False)
    words = (
        "() => [...document.querySelectorAll('h1, h2, h3, tbody th, caption')].filter(e => e.checkVisibility()).length"
    )
    assert plain.page.evaluate(words) == wide.page.evaluate(words) > 0
    assert plain.layout("sideways") == []
    assert plain.troubles == []


def test_sizes(file):
    limit = KILOBYTES.get(file.stem, 600)
    assert file.stat().st_size <= limit * 1024


def test_every_letter_is_drawn_in_the_embedded_font(wide):
    found = {}
    for *style, letters in wide.layout("letters"):
        known = [letter for letter in letters if not FOREIGN.match(letter) and not letter.isspace()]
        if known and wide.drawn_in(*style, "".join(known)):
            found[" ".join(style)] = "".join(letter for letter in known if wide.drawn_in(*style, letter))
    assert found == {}
