"""Pages as `chiso pdf` prints them: tagged, with bookmarks, no row cut, heads repeated, nothing beyond the edge."""

from __future__ import annotations

import pytest
from printed import Printed

#: Millimetres at the edge of the paper that many printers leave blank.
MARGIN = 5
POINTS = 72 / 25.4
#: Pixels between the margins of a sheet of A4, upright and turned.
PORTRAIT, LANDSCAPE = 688, 1016


@pytest.fixture(scope="module")
def files(folder):
    return [Printed(file) for file in sorted((folder / "pdf").glob("*.pdf"))]


def test_every_page_has_its_pdf(folder, files):
    assert [file.path.stem for file in files] == sorted(page.stem for page in folder.glob("*.html"))


def test_tagged_and_named_in_its_language_with_bookmarks(files):
    for file in files:
        root = file.reader.root_object
        assert root["/MarkInfo"]["/Marked"], file.path.name
        assert str(root["/Lang"]).startswith("vi")
        assert file.reader.metadata.title
        assert file.bookmarks, file.path.name
        assert {"H1", "Table", "TH"} & file.tags >= {"H1"}, file.path.name


def test_no_row_of_a_table_is_cut(files):
    assert {file.path.name: cut for file in files if (cut := file.rows_on_two_pages())} == {}


def test_tables_on_several_pages_repeat_their_heads(files):
    assert {file.path.name: lost for file in files if (lost := file.heads_missing())} == {}


def test_nothing_is_printed_beyond_the_edge(files):
    found = {}
    for file in files:
        for number, page in enumerate(file.pages, 1):
            for text, (left, bottom, right, top) in page.texts:
                edge = min(left, bottom, page.width - right, page.height - top) / POINTS
                if text.strip() and edge < MARGIN:
                    found.setdefault(f"{file.path.name} {number}", []).append((text[:40], round(edge, 1)))
    assert found == {}


def test_pages_are_filled(files):
    """No sheet is nearly empty but the last one."""
    for file in files:
        for number, page in enumerate(file.pages[:-1], 1):
            assert sum(len(text) for text, _ in page.texts) > 60 or page.pictures, f"{file.path.name} {number}"


def test_width_of_paper_is_enough(folder, look):
    """Nothing has to be made smaller to fit between the margins of A4; wide tables have sheets of their own."""
    found = {}
    seen = None
    for page in sorted(folder.glob("*.html")):
        seen = seen or look(page)
        seen.page.emulate_media(media="print")
        seen.page.goto(page.as_uri())
        for width, shown in ((LANDSCAPE, "block"), (PORTRAIT, "none")):
            seen.page.add_style_tag(content=f".landscape {{ display: {shown} !important }}")
            seen.page.set_viewport_size({"width": width, "height": 980})
            if amiss := seen.layout("sideways") + seen.layout("cut") + seen.layout("spilt"):
                found[f"{page.name} {width}"] = amiss[:6]
    assert found == {}
