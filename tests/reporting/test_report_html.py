import datetime as dt
from html.parser import HTMLParser

import polars as pl
import pytest

from chiso.reporting.html import Block, KeyFigure, KeyFigures, Prose, table_html
from chiso.reporting.report import Column, HeaderCell, Table

EVIL = "<script>alert('x')</script> & \"quoted\" \u202eRTL 😀"


class Cells(HTMLParser):
    """Tags with their attributes, and the text of each table cell."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[tuple[dict[str, str | None], str]] = []
        self._open: tuple[dict[str, str | None], list[str]] | None = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self._open = (dict(attrs), [])

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self._open:
            self.cells.append((self._open[0], "".join(self._open[1])))
            self._open = None

    def handle_data(self, data):
        if self._open:
            self._open[1].append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def table(**changes) -> Table:
    frame = pl.DataFrame(
        {
            "name": [EVIL, "Tổng"],
            "share": [0.99996, None],
            "count": [1234.0, 5.5],
            "how": [None, "percent"],
            "on": [dt.date(2024, 12, 14), None],
            "status": ["not_met", None],
            "kind": ["", "total"],
        }
    )
    columns = (
        Column("name", "Tên"),
        Column("share", "Tỷ lệ", "percent"),
        Column("count", "Số", "number", "how"),
        Column("on", "Ngày", "date"),
        Column("status", "Tình trạng", "status"),
    )
    return Table(**({"id": "t", "title": "Bảng <b>", "columns": columns, "frame": frame, "row_kind": "kind"} | changes))


def test_text_from_data_is_escaped():
    page = table_html(table())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "Bảng &lt;b&gt;" in page
    assert any(text == EVIL for _, text in Cells(page).cells)


def test_numbers_stay_whole_beside_their_text():
    cells = Cells(table_html(table())).cells[5:]  # after the header
    assert cells[1] == ({"class": "right word", "data-value": "0.99996"}, "99,996\xa0%")
    assert cells[2] == ({"class": "right word", "data-value": "1234.0"}, "1.234")
    assert cells[3][0]["data-value"] == "2024-12-14"
    assert cells[6] == ({"class": "right word", "data-value": ""}, "–")
    assert cells[7] == ({"class": "right word", "data-value": "5.5"}, "550,0\xa0%")  # the row's own format


def test_scopes_caption_and_focusable_region():
    found = Cells(table_html(table()))
    headers = [attrs for tag, attrs in found.tags if tag == "th"]
    assert [h["scope"] for h in headers] == ["col"] * 5 + ["row"] * 2
    region = next(attrs for tag, attrs in found.tags if attrs.get("role") == "region")
    assert region["tabindex"] == "0"
    assert region["aria-labelledby"] == next(attrs["id"] for tag, attrs in found.tags if tag == "caption")


def test_status_is_mark_word_and_class():
    page = table_html(table())
    assert 'class="status status-not-met"' in page
    assert "▲" in page
    assert "Không đạt" in page
    assert "Theo dõi" in page  # no status: only watched


def test_header_of_several_rows_has_spans_and_group_scopes():
    rows = (
        (HeaderCell("Tên", rows=2), HeaderCell("Số liệu", columns=2), HeaderCell("Khác", columns=2)),
        tuple(HeaderCell(c) for c in ("a", "b", "c", "d")),
    )
    found = Cells(table_html(table(header_rows=rows)))
    heads = [attrs for tag, attrs in found.tags if tag == "th"][:7]
    assert heads[0]["rowspan"] == "2"
    assert heads[1]["colspan"] == "2"
    assert [h["scope"] for h in heads] == ["col", "colgroup", "colgroup", "col", "col", "col", "col"]


@pytest.mark.parametrize(
    "rows",
    [
        ((HeaderCell("a"),),),  # too narrow
        ((HeaderCell("a", columns=6),),),  # too wide
        ((HeaderCell("a", columns=5, rows=2),), (HeaderCell("b"),)),  # overlaps
    ],
)
def test_header_that_does_not_fit_is_refused(rows):
    with pytest.raises(ValueError, match="header"):
        table(header_rows=rows)


def test_column_that_the_frame_lacks_is_refused():
    with pytest.raises(ValueError, match="nope"):
        table(columns=(Column("nope", "?"),))


def test_empty_and_shortened_tables_say_so():
    empty = table(frame=table().frame.clear())
    assert Cells(table_html(empty)).cells[-1][1] == empty.empty_text
    short = table().head(1)
    assert short.frame.height == 1
    assert "1 trong tổng số 2" in short.notes[-1].text
    whole = table()
    assert whole.head(2) is whole


def test_section_row_stands_across_the_table():
    sections = table(frame=table().frame.with_columns(kind=pl.lit("section")))
    row = Cells(table_html(sections)).cells[5]
    assert row[0] == {"scope": "rowgroup", "colspan": "5"}


def test_widths_add_up_and_spread():
    wide = table(columns=(Column("name", "Tên", width=60), Column("share", "Tỷ lệ", "percent", width=20)))
    assert [a["style"] for t, a in Cells(table_html(wide)).tags if t == "col"] == ["width:75%", "width:25%"]
    assert "<colgroup>" not in table_html(table())


def test_prose_key_figures_and_blocks_escape_and_show():
    block = Block(
        (Prose((EVIL,), "caveat"), KeyFigures((KeyFigure(EVIL, "87,5\xa0%", "met", data_value=0.875),)), table())
    )
    page = block._repr_html_()
    assert "<script" not in page
    assert 'class="prose prose-caveat"' in page
    assert 'data-value="0.875"' in page
    assert Cells(page).count("table") == 1
    assert table()._repr_html_() == table_html(table())


def test_sparkline_column_is_drawn_with_words():
    frame = pl.DataFrame({"name": ["a"], "past": [[0.5, None, 0.75]]})
    page = table_html(Table("s", "t", (Column("name", "n"), Column("past", "p", "sparkline_percent")), frame))
    assert 'role="img"' in page
    assert "50,0\xa0%; –; 75,0\xa0%" in page


def test_an_overlong_word_may_break_and_stays_the_same_text():
    word = "Khôngcódấucách" * 6
    frame = pl.DataFrame({"name": [f"Phòng {word} <b>", "Phòng Tổ chức, biên chế và tổ chức phi chính phủ"]})
    page = table_html(Table("w", "t", (Column("name", "n"),), frame))
    assert page.count("<wbr>") == 3
    assert "<b>" not in page
    assert [text for _, text in Cells(page).cells[1:]] == frame["name"].to_list()


def test_a_row_without_a_name_has_no_empty_header():
    frame = pl.DataFrame({"name": ["", "a"], "n": [1, 2]})
    heads = [
        attrs
        for tag, attrs in Cells(table_html(Table("e", "t", (Column("name", "n"), Column("n", "n")), frame))).tags
        if tag == "th" and attrs["scope"] == "row"
    ]
    assert len(heads) == 1


def test_wide_tables_are_printed_smaller_and_the_widest_across():
    def of(count):
        names = [f"c{i}" for i in range(count)]
        return table_html(Table("t", "t", tuple(Column(n, n) for n in names), pl.DataFrame({n: [1] for n in names})))

    assert 'class="table-block"' in of(8)
    assert 'class="table-block table-wide"' in of(14)
    assert 'class="table-block table-wide landscape"' in of(15)
    assert "--columns:15" in of(15)
