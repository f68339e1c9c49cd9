"""Every page in a browser: no violation of accessibility rules, nothing asked of a network, nothing cut or overlapping."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from seen import NARROW, WIDE, Seen, opened

from chiso.catalogue import load_catalogue
from chiso.runs.plan import GENERAL, all_jobs

STEMS = [job.stem for job in all_jobs(load_catalogue(2024))]
PAGES = [
    *(("sample", f"{stem}.html") for stem in (*STEMS, "index", "../index")),
    *(("edge", f"{stem}.html") for stem in (*STEMS, "index", "../index")),
    *(("english", f"{stem}.html") for stem in ("A4_result", "overview", "index", "../index")),
    ("failed", "B2_institutions.html"),
]
WIDTHS = (WIDE, NARROW)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
KILOBYTES = {"overview": 300}
#: Letters that our own font need not have: marks and scripts that only the data at the edges brings.
FOREIGN = re.compile(r"[^\u0000-\u024f\u0300-\u036f\u1e00-\u1eff\u2000-\u26ff]")


@pytest.fixture(scope="module", params=PAGES, ids="-".join)
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
    found = Axe().run(wide.page, options={"runOnly": list(RULES)}).response["violations"]
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
    sources = [img.get_attribute("src") for img in wide.page.query_selector_all("img[src^='data:image/svg+xml;base64,']")]
    drawings = [base64.b64decode(source.split(",", 1)[1]).decode() for source in sources]
    found = wide.layout("drawings")
    for number, drawing in enumerate(drawings):
        alone = tmp_path / f"{number}.html"
        alone.write_text("<!doctype html><meta charset='utf-8'>" + drawing[drawing.index("<svg") :], encoding="utf-8")
        found += look(alone).layout("drawings")
    assert found == []


def test_works_without_scripts(wide, look, file):
    plain = look(file, scripts=False)
    words = "() => [...document.querySelectorAll('h1, h2, h3, tbody th, caption')].filter(e => e.checkVisibility()).length"
    assert plain.page.evaluate(words) == wide.page.evaluate(words) > 0
    assert plain.layout("sideways") == []
    assert plain.troubles == []


def test_sizes(file):
    limit = KILOBYTES.get(file.stem, 600)
    assert file.stat().st_size <= limit * 1024


def test_every_letter_is_drawn_in_the_embedded_font(wide):
    """All letters of the page, for each style it has, in one hidden line: the inspector tells which fonts drew them."""
    styles = wide.page.evaluate(
        """() => {
            const letters = new Map();
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const e = walker.currentNode.parentElement;
                if (["SCRIPT", "STYLE", "OPTION"].includes(e.tagName) || e.closest("pre, code, svg")) continue;
                const s = getComputedStyle(e);
                const key = [s.fontFamily, s.fontWeight, s.fontStyle].join("|");
                if (!letters.has(key)) letters.set(key, new Set());
                for (const letter of walker.currentNode.textContent) letters.get(key).add(letter);
            }
            return [...letters].map(([key, set]) => [...key.split("|"), [...set].join("")]);
        }"""
    )
    assert styles
    tools = wide.developer_tools()
    tools.send("DOM.enable")
    tools.send("CSS.enable")
    found = []
    for family, weight, style, letters in styles:
        known = "".join(sorted(letter for letter in letters if not FOREIGN.match(letter) and not letter.isspace()))
        wide.page.evaluate(
            """async ([family, weight, style, letters]) => {
                document.getElementById("letters")?.remove();
                const line = document.createElement("div");
                line.id = "letters";
                line.style.fontFamily = family; line.style.fontWeight = weight; line.style.fontStyle = style;
                line.textContent = letters;
                document.body.append(line);
                await document.fonts.ready;
            }""",
            [family, weight, style, known],
        )
        root = tools.send("DOM.getDocument")["root"]["nodeId"]
        node = tools.send("DOM.querySelector", {"nodeId": root, "selector": "#letters"})["nodeId"]
        fonts = tools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        strange = [(f["familyName"], f["glyphCount"]) for f in fonts if not f["isCustomFont"]]
        if strange:
            single = [letter for letter in known if _strange(wide, tools, letter)] if len(fonts) > 1 else known
            found.append((weight, style, strange, single))
    wide.page.evaluate("() => document.getElementById('letters')?.remove()")
    assert found == []


def _strange(seen: Seen, tools, letter: str) -> bool:
    seen.page.evaluate("letter => { document.getElementById('letters').textContent = letter; }", letter)
    root = tools.send("DOM.getDocument")["root"]["nodeId"]
    node = tools.send("DOM.querySelector", {"nodeId": root, "selector": "#letters"})["nodeId"]
    return not all(f["isCustomFont"] for f in tools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"])
