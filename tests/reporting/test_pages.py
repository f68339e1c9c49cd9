import base64
import re
from html.parser import HTMLParser

import nbformat
import polars as pl
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from chiso.reporting.notebook_page import notebook_page
from chiso.reporting.pages import Card, Group, Link, Page, error_page, index_page, slug
from chiso.reporting.report import Column, Table

EVIL = "<script>alert(1)</script>"
PAGE = Page(
    "Báo cáo",
    "Sở Nội vụ",
    "Quý IV/2024 (15/09/2024–14/12/2024)",
    links=(Link("Mục lục", "index.html"),),
    footer=("Danh mục chỉ số 1.0", "3 chỉ số chưa kiểm chứng"),
)


class Tags(HTMLParser):
    """Every start tag of a page with its attributes, and the text of headings and links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


def html_output(content: str):
    return new_output("execute_result", {"text/html": content, "text/plain": "<object at 0x7f>"}, execution_count=1)


def notebook(*cells):
    made = new_notebook(cells=list(cells))
    for number, cell in enumerate(made.cells):
        cell.id = f"cell-{number}"
    return nbformat.from_dict(made)


def sample():
    table = Table("t", "Bảng", (Column("a", "A"),), pl.DataFrame({"a": [EVIL]}))
    return notebook(
        new_markdown_cell("# Đơn vị nào chậm?\n\nMở đầu."),
        new_code_cell("secret_code()", outputs=[new_output("stream", name="stderr", text="a warning")]),
        new_markdown_cell("## Kết quả chính"),
        new_code_cell("table", outputs=[html_output(table._repr_html_())]),
        new_markdown_cell("## Kết quả chính\n\n### Đơn vị"),
        new_markdown_cell("## 766 & “main”"),
    )


def test_page_is_self_contained_and_hides_code_and_warnings():
    page = notebook_page(sample(), PAGE)
    tags = Tags(page)
    assert tags.all("html") == [{"lang": "vi"}]
    assert "http" not in page
    assert not tags.all("script")
    assert not tags.all("link")
    assert "secret_code" not in page
    assert "a warning" not in page
    assert "object at" not in page
    assert len(tags.all("h1")) == 1
    assert "<title>Báo cáo – Quý IV/2024" in page
    assert "&lt;script&gt;" in page


def test_contents_lead_to_ascii_anchors_each_once():
    page = notebook_page(sample(), PAGE)
    ids = [attrs["id"] for _, attrs in Tags(page).found if attrs.get("id")]
    assert len(ids) == len(set(ids))
    assert all(i.isascii() for i in ids)
    nav = re.search(r'<nav class="toc".*?</nav>', page, re.DOTALL)[0]
    targets = [a["href"].removeprefix("#") for a in Tags(nav).all("a")]
    assert targets == ["ket-qua-chinh", "ket-qua-chinh-2", "766-main"]
    assert set(targets) <= set(ids)
    assert "766 &amp; “main”" in nav


@pytest.mark.parametrize(
    ("label", "anchor"), [("Đơn vị nào chậm?", "don-vi-nao-cham"), ("…", "muc"), ("A.I.1 Ư Ơ ợ", "a-i-1-u-o-o")]
)
def test_slugs(label, anchor):
    assert slug(label) == anchor


def test_same_notebook_same_page():
    assert notebook_page(sample(), PAGE) == notebook_page(sample(), PAGE)


def test_synthetic_data_are_marked_on_the_page_and_in_print():
    plain, marked = notebook_page(sample(), PAGE), notebook_page(sample(), Page("t", "b", "p", True, "Mô phỏng."))
    assert "data-watermark" not in Tags(plain).all("body")[0]
    assert 'class="synthetic"' not in plain
    assert Tags(marked).all("body")[0]["data-watermark"]
    assert "Mô phỏng." in marked
    assert "content:attr(data-watermark)" in marked


def test_frame_has_body_period_links_and_footer():
    page = notebook_page(sample(), PAGE)
    for part in ("Sở Nội vụ", "15/09/2024–14/12/2024", 'href="index.html"', "3 chỉ số chưa kiểm chứng"):
        assert part in page


def test_print_rules_repeat_headers_and_keep_rows_whole():
    page = notebook_page(sample(), PAGE)
    assert "@page{size:A4" in page
    assert "table-header-group" in page
    assert re.search(r"tr,[^{]*\{break-inside:avoid\}", page)


def test_words_of_a_cell_are_escaped():
    cell = new_code_cell("x", outputs=[new_output("stream", name="stdout", text=EVIL)])
    assert "<script" not in notebook_page(notebook(cell), PAGE)


def test_error_page_tells_the_cell_and_folds_the_traceback():
    page = error_page(
        PAGE, summary=EVIL, source=f"1/0  # {EVIL}", traceback="\x1b[0;31mZeroDivisionError\x1b[0m", resume="chiso run"
    )
    tags = Tags(page)
    assert "<script" not in page
    assert "\x1b" not in page
    assert "ZeroDivisionError" in page
    assert len(tags.all("h1")) == len(tags.all("details")) == 1
    assert "open" not in tags.all("details")[0]
    assert "chiso run" in page
    assert not Tags(error_page(PAGE, summary="x")).all("details")


def test_index_links_every_report_and_marks_the_failed():
    cards = (Card("Tiếp cận", "A1_access.html", "A.I", EVIL, "met"), Card("Thủ tục", "A2.html", failed=True))
    page = index_page(PAGE, [Group("Chỉ số hài lòng", cards), Group("Phụ lục Excel", (Card("Phụ lục", "a b.xlsx"),))])
    tags = Tags(page)
    links = [a["href"] for a in tags.all("a")]
    assert {"A1_access.html", "A2.html", "index.html", "#chi-so-hai-long"} <= set(links)
    assert "<script" not in page
    assert {"class": "failed"} in tags.all("li")
    assert "http" not in page
    assert len(tags.all("h1")) == 1


def test_head_gives_the_facts_and_marks_where_the_reader_is():
    links = (
        Link("Mục lục", "index.html"),
        Link("B.III", "B3.html", "B.III. Cải cách thủ tục hành chính", current=True),
    )
    facts = (("Thời gian", "15/09/2024–14/12/2024"), ("Mã lần chạy", EVIL))
    page = notebook_page(sample(), Page("t", "b", "p", links=links, facts=facts))
    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)[0] == facts[0]
    assert "<script" not in page
    current = [a for a in Tags(page).all("a") if "aria-current" in a]
    title = "B.III. Cải cách thủ tục hành chính"
    assert current == [{"href": "B3.html", "title": title, "aria-current": "page"}]


def test_every_part_lies_in_a_landmark_and_the_skip_link_leads_to_the_text():
    page = notebook_page(sample(), Page("t", "b", "p", True, "n", links=(Link("x", "x.html"),), footer=("f",)))
    tags = Tags(page)
    assert [name for name, _ in tags.found if name in ("aside", "header", "main", "footer")] == [
        "aside",
        "header",
        "main",
        "footer",
    ]
    assert tags.all("a")[0] == {"class": "skip", "href": "#main"}
    assert tags.all("main")[0]["id"] == "main"
    named = [nav["aria-label"] for nav in tags.all("nav")]
    assert len(named) == 3  # pages, contents beside the text, contents above it on small screens
    assert tags.all("details")[0]["class"] == "toc-fold"


def test_script_is_put_in_only_where_one_is_given():
    assert not Tags(notebook_page(sample(), PAGE)).all("script")
    page = notebook_page(sample(), PAGE, script="document.title += '<'")
    assert page.count("<script>document.title += '<'</script>\n</body>") == 1


def test_every_printed_sheet_says_whose_report_it_is():
    evil = Page('Sở "A" }</style>', "b\\\\a\nb", "p\u202e", True, "n")
    page = notebook_page(sample(), evil)
    rule = re.search(r"@page\{@bottom-left\{content:(\"[^\"]*\")\}", page)[1]
    assert "\n" not in rule and "\u202e" not in rule and "<" not in rule
    assert rule == r'"b\5c \5c a b · Sở \22 A\22  }\3c /style\3e  · p"'
    assert page.count("</style>") == page.count("<style>") == 1
    assert "@top-center" in page
    assert "@top-center" not in notebook_page(sample(), PAGE)


def test_a_name_of_two_hundred_letters_and_one_word_stays_within_the_page():
    page = notebook_page(sample(), Page("T" * 200, "B" * 200, "Quý IV/2024"))
    assert "B" * 200 in page
    assert re.search(r"\.body-name\{[^}]*overflow-wrap:anywhere", page)
    assert re.search(r"\nh1\{[^}]*overflow-wrap:anywhere", page)


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "image/svg+xml"])
def test_a_cells_own_picture_is_shown_with_words_for_those_who_do_not_see_it(kind):
    content = "<svg><script>1</script></svg>" if kind.endswith("xml") else "iVBORw0K\nGgo="
    alone = new_code_cell("x", outputs=[new_output("display_data", {kind: content, "text/plain": "<Figure>"})])
    told = new_code_cell("x", outputs=[new_output("display_data", {kind: content}, metadata={kind: {"alt": EVIL}})])
    page = notebook_page(notebook(alone, told), PAGE)
    assert [picture["alt"] for picture in Tags(page).all("img")] == ["Hình không có lời mô tả", EVIL]
    for picture in Tags(page).all("img"):
        head, _, shown = picture["src"].partition(",")
        assert head == f"data:{kind};base64"
        assert base64.b64decode(shown) == (content.encode() if kind.endswith("xml") else base64.b64decode(content))
    assert "<script" not in page and "Figure" not in page
