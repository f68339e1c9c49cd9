"""The methodology page says what the catalogue says, and the committed page is the generated one."""

import subprocess
import sys
from pathlib import Path

import pytest

from chiso.catalogue import load_catalogue
from chiso.catalogue.methodology import methodology, target_text

PAGE = Path(__file__).parents[2] / "docs" / "methodology.md"


@pytest.fixture(scope="module")
def page() -> str:
    return methodology(load_catalogue(2024))


def block(page: str, id: str) -> str:
    start = page.index(f"**{id} – ")
    return page[start : page.index("\n\n", page.index("\n- ", start))]


def test_the_committed_page_is_up_to_date(page: str) -> None:
    assert PAGE.read_text(encoding="utf-8") == page, "python -m chiso.catalogue.methodology > docs/methodology.md"


def test_the_command_writes_the_page(page: str) -> None:
    run = subprocess.run([sys.executable, "-m", "chiso.catalogue.methodology"], capture_output=True, check=True)
    assert run.stdout.decode("utf-8") == page


def test_every_indicator_and_item_is_on_it(page: str) -> None:
    plan = load_catalogue(2024)
    assert [i.id for i in plan.indicators if page.count(f"\n**{i.id} – {i.name}**\n") != 1] == []
    assert [i.id for i in plan.items if page.count(f"\n#### {i.id} – {i.name}\n") != 1] == []
    assert page.count("- Cách tính: ") == len(plan.indicators)
    assert page.count("; chưa kiểm chứng\n") == sum(not i.verified for i in plan.indicators)


def test_a_share(page: str) -> None:
    assert block(page, "B.I.2a").splitlines()[3:] == [
        "- Tử số: Đơn vị đang hoạt động có cuộc kiểm tra CCHC tiến hành từ 01/01 đến ngày chốt số liệu",
        "- Mẫu số: Đơn vị đang hoạt động tại ngày chốt số liệu",
        "- Khoảng thời gian: từ đầu năm đến ngày chốt số liệu",
        "- Mục tiêu: ≥ 40\N{NO-BREAK SPACE}%; chỉ áp dụng cho toàn Sở",
        "- Hạn: 31/12",
        "- Chiều đánh giá: càng cao càng tốt",
        "- Bảng nguồn: `units`, `inspections`",
        "- Căn cứ: Kế hoạch 2255/KH-SNV, Phụ lục, mục B.I.2; đã đối chiếu với Kế hoạch",
    ]


def test_a_count_has_no_denominator(page: str) -> None:
    told = block(page, "B.V.4")
    assert "- Đếm: Người bị xử lý kỷ luật từ đầu năm" in told
    assert "Mẫu số" not in told
    assert "- Mục tiêu: = 0\n" in told


def test_special_rules_are_told(page: str) -> None:
    assert "đường tham chiếu 87\N{NO-BREAK SPACE}%" in block(page, "A.I.index")
    assert "- Hạn: 31/12; trước hạn luôn ghi chưa đến hạn" in block(page, "B.VI.3b")
    assert "≥ 80 điểm; chưa kết luận đạt hay không đạt" in block(page, "B.III.9")
    assert "không giao mục tiêu, chỉ theo dõi" in block(page, "A.IV.1b")


def test_what_is_not_measured_is_on_it(page: str) -> None:
    missing = page[page.index("## Những gì không đo") :]
    assert [n.what for n in load_catalogue(2024).not_measured if n.what not in missing] == []


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("sipas", "> 87\N{NO-BREAK SPACE}%"),
        ("B.I.5c", "= 0"),
        ("B.I.6", "≥ 2"),
        ("B.III.8", "= 100\N{NO-BREAK SPACE}%"),
        ("B.III.9", "≥ 80 điểm"),
        ("A.I.3", ""),
    ],
)
def test_target_text(id: str, expected: str) -> None:
    assert target_text(load_catalogue(2024).indicator(id)) == expected


def test_fractions_of_a_percent_take_a_comma() -> None:
    indicator = load_catalogue(2024).indicator("B.VI.4").model_copy(update={"target": 0.855})
    assert target_text(indicator) == "≥ 85,5\N{NO-BREAK SPACE}%"
