"""The page of a run: what was made or kept and why, from what the run hands in."""

import re
from datetime import datetime
from html import unescape

import pytest

from chiso.messages import use
from chiso.reporting.pages import Link, Page
from chiso.runs.summary import Output, RowLine, RunSummary, TaskLine, duration, size, summary_page

FRAME = Page(
    "Quý IV/2024",
    "Sở Nội vụ <X>",
    "Quý IV/2024",
    links=(Link("Mục lục", "index.html"),),
    facts=(("Mã", "abc123"), ("Kỳ", "Q4")),
)
SUMMARY = RunSummary(
    run="abc123",
    started=datetime(2025, 1, 2, 8, 5, 0),
    finished=datetime(2025, 1, 2, 8, 7, 5),
    tasks=(
        TaskLine(
            "Bảng kết quả",
            "tables",
            "ok",
            1.6,
            ("bảng cases thay đổi",),
            tuple(Output(f"t{n}.csv", 10) for n in range(5)),
        ),
        TaskLine("Tổng quan", "report", "fresh", None, (), (Output("overview.html", 2048),)),
        TaskLine(
            "B.III. <Thủ tục>", "report", "failed", 3.25, ("sổ tính đã sửa", "ô số 2 báo lỗi"), (Output("B3.html", 1),)
        ),
        TaskLine("Mục lục", "index", "ok", 0.1),
    ),
    rows=(RowLine("Hồ sơ", 12345, 12300, 5, 10, 20, 10), RowLine("Đơn vị", 12, 12)),
    warnings=("20 dòng bị loại.",),
    versions={"chiso": "0.1.0", "Python": "3.11"},
    command="chiso run 2024-Q4 --data 'a b'",
)


def words(html):
    """Return the text of a page in one line."""
    body = html.split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)).replace("\N{NO-BREAK SPACE}", " "))


def test_what_was_made_and_why():
    told = words(summary_page(SUMMARY, FRAME))
    assert "Bắt đầu lúc 02/01/2025 08:05, mất 2 phút 5 giây." in told
    assert "Phần lập lại 2" in told
    assert "Phần giữ nguyên 1" in told
    assert "Phần lỗi 1" in told
    assert "Tổng quan không đổi – – overview.html (2,0 KB)" in told
    assert "B.III. <Thủ tục> lỗi 3,3 giây sổ tính đã sửa ô số 2 báo lỗi B3.html (1 B)" in told
    assert (
        "Bảng kết quả xong 1,6 giây bảng cases thay đổi t0.csv (10 B) t1.csv (10 B) t2.csv (10 B) 2 tệp khác t3.csv"
        in told
    )
    assert "Cần chú ý 20 dòng bị loại." in told
    assert "Hồ sơ 12.345 12.300 5 10 20 10" in told
    assert "Tổng 12.357 12.312 5 10 20 10" in told
    assert "chiso run 2024-Q4 --data 'a b'" in told
    assert "Mã lần chạy abc123" in told


def test_everything_is_escaped_and_nothing_leads_out():
    page = summary_page(SUMMARY, FRAME)
    assert "<Thủ tục>" not in page
    assert "<X>" not in page
    assert "<script" not in page
    assert not re.search(r'(?:href|src)="(?:https?:)?//', page)


def test_the_run_is_named_once():
    assert summary_page(SUMMARY, FRAME).count("abc123") == 1


def test_kinds_without_a_task_have_no_heading():
    page = words(summary_page(SUMMARY, FRAME))
    assert "Tệp Word và Excel" not in page
    assert page.index("Bảng kết quả xong") < page.index("Tổng quan không đổi") < page.index("Mục lục xong")


def test_a_run_of_nothing():
    moment = datetime(2025, 1, 2)
    page = summary_page(RunSummary("r", moment, moment, ()), FRAME)
    assert "0,0 giây" in words(page)
    assert "Cần chú ý" not in page
    assert "Chạy lại" not in page


def test_english():
    use("en")
    try:
        told = words(summary_page(SUMMARY, FRAME))
    finally:
        use("vi")
    assert "Begun at 2 Jan 2025 08:05, it took 2 min 5 s." in told
    assert "2 more files" in told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0,0 giây"), (59.94, "59,9 giây"), (59.96, "1 phút 0 giây"), (3599.6, "1 giờ 0 phút"), (None, "–")],
)
def test_durations(seconds, told):
    assert duration(seconds).replace("\N{NO-BREAK SPACE}", " ") == told


@pytest.mark.parametrize(("count", "told"), [(0, "0 B"), (1023, "1.023 B"), (1024, "1,0 KB"), (300 << 10, "300 KB")])
def test_sizes(count, told):
    assert size(count).replace("\N{NO-BREAK SPACE}", " ") == told
