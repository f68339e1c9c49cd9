"""Loading plan files: which one is taken, and what is said about one that is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chiso.catalogue import CatalogueError, load_catalogue
from chiso.catalogue.load import PLANS
from chiso.errors import ChisoError

SHIPPED = (PLANS / "2024.toml").read_text(encoding="utf-8")
Edit = Callable[..., Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Write the shipped plan with some text replaced, and return its path."""

    def write(*changes: tuple[str, str], name: str = "2024.toml") -> Path:
        content = SHIPPED
        for old, new in changes:
            assert old in content
            content = content.replace(old, new, 1)
        (tmp_path / name).write_text(content, encoding="utf-8")
        return tmp_path / name

    return write


def errors(path: Path) -> str:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(path=path)
    assert isinstance(caught.value, ChisoError)
    assert path.name in str(caught.value)
    return str(caught.value)


def entry(id: str, table: str = "indicators") -> str:
    """The text of one entry of the shipped plan."""
    start = SHIPPED.index(f'[[{table}]]\nid = "{id}"\n')
    return SHIPPED[start : SHIPPED.index("\n\n", start) + 1]


def test_year_exact_nearest_earlier_or_earliest(edited: Edit, tmp_path: Path) -> None:
    for year in (2022, 2024, 2026):
        edited(("year = 2024", f"year = {year}"), name=f"{year}.toml")
    (tmp_path / "notes.toml").write_text("not a plan", encoding="utf-8")
    wanted = {2024: 2024, 2025: 2024, 2030: 2026, 2020: 2022, None: 2026}
    assert {y: load_catalogue(y, tmp_path).year for y in wanted} == wanted


def test_shipped_plan_serves_other_years() -> None:
    assert load_catalogue(2023).year == load_catalogue(2025).year == load_catalogue().year == 2024


def test_a_file_is_taken_whatever_the_year(edited: Edit) -> None:
    assert load_catalogue(1999, edited(name="own.toml")).year == 2024


def test_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "2024.toml").write_text(SHIPPED, encoding="utf-8-sig")
    assert load_catalogue(path=tmp_path).year == 2024


def test_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="không có tệp danh mục nào"):
        load_catalogue(path=tmp_path)


def test_missing_file(tmp_path: Path) -> None:
    assert "Không đọc được" in errors(tmp_path / "2024.toml")


def test_wrong_encoding(tmp_path: Path) -> None:
    (tmp_path / "2024.toml").write_bytes("title = 'Kế hoạch'".encode("utf-16"))
    assert "UTF-8" in errors(tmp_path / "2024.toml")


def test_toml_syntax_names_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "2024.toml").write_text("year = 2024\nversion = \n", encoding="utf-8")
    assert "dòng 2, cột 11" in errors(tmp_path / "2024.toml")


def test_a_key_given_twice(edited: Edit) -> None:
    assert "sai cú pháp TOML" in errors(edited(("year = 2024\n", "year = 2024\nyear = 2025\n")))


def test_file_name_and_year_disagree(edited: Edit) -> None:
    assert "tệp mang tên một năm khác" in errors(edited(name="2025.toml"))


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ('id = "B.I.4"\nfunction', 'id = "B.I.3"\nfunction', "indicators.id", "“B.I.3” xuất hiện 2 lần"),
        ('id = "B.I.4"\ncomponent', 'id = "B.I.3"\ncomponent', "items.id", "“B.I.3” xuất hiện 2 lần"),
        ('notebook = "A2_procedure"', 'notebook = "A1_access"', "components.notebook", "xuất hiện 2 lần"),
        ('subtype = "law_implementation"', 'subtype = "document_review"', "due_rules", "B.II.1 / document_review"),
        ('plan_item = "B.III.8"', 'plan_item = "B.III.12"', "indicators (B.III.8).plan_item", "“B.III.12” không có"),
        ('component = "B.VII"\nname', 'component = "B.VIII"\nname', "items (B.VII.1).component", "“B.VIII” không có"),
        ('component = "A"\n', 'component = "C"\n', "indicators (sipas).component", "“C” không có"),
        ('comparator = ">"\n', 'comparator = "<>"\n', "indicators[1] (sipas).comparator", "giá trị “<>”"),
        ('comparator = ">"\n', "", "indicators[1] (sipas)", "comparator và target"),
        ("target = 0.87\n", "target = 87.0\n", "indicators[1] (sipas)", "nằm ngoài thang đo"),
        ("target = 0.87\n", 'target = "0.87"\n', "indicators[1] (sipas).target", "phải là số"),
        ("target = 2\n", "target = 2.5\n", "(B.I.6)", "phải là số nguyên"),
        ("scale = 100\n", "", "(B.III.9)", "nằm ngoài thang đo"),
        (
            "pending_until_deadline = true\n",
            "pending_until_deadline = 1\n",
            "pending_until_deadline",
            "true hoặc false",
        ),
        ('deadline = "12-15"', 'deadline = "15/12"', "(B.VI.4).deadline", "“15/12” không phải ngày"),
        ('deadline = "12-15"', 'deadline = "02-29"', "(B.VI.4).deadline", "“02-29” không phải ngày"),
        ('version = "1.0"\n', "", "version", "thiếu khóa này"),
        ('version = "1.0"\n', 'version = "1.0"\nversoin = "1"\n', "versoin", "kiểm tra chính tả"),
        ('overall = "mean_of_factors"', 'overall = "median"', "settings.sipas.overall", "“median”"),
        ('item = "*"', 'item = "B.I.2"', "due_rules", "quy tắc chung"),
        ("day_of_last_month = 13\n", "day_of_last_month = 31\n", "day_of_last_month", "không được quá 28"),
        ("day_of_last_month = 13\n", 'day_of_last_month = 13\nmonth_day = "01-01"\n', "due_rules", "một trong hai"),
        ("day_of_last_month = 12\nbefore = true", "before = true", "alerts[3]", "cần month_day"),
        ('number = "Nghị định 45/2020/NĐ-CP"', "number = 45", "documents[8]", "phải là văn bản"),
        ('number = "Quyết định 766/QĐ-TTg"', 'number = "QĐ 766"', "(B.III.9).legal_basis", "Quyết định 766/QĐ-TTg"),
        ('periods = ["Q1", "H1"', 'periods = ["Q5", "H1"', "expected[4]", "“Q5” không phải phần cuối"),
        ("biên chế công chức năm {next}", "biên chế công chức năm {nxt}", "expected[14]", "chỉ được chứa {year}"),
        ('item = "III.2"\nkind', 'item = "III.3"\nkind', "expected[30].item", "“III.3” không có"),
        ("max_points = 20", "max_points = 21", "service_quality", "là 101, phải là 100"),
        ("from = 90", "from = 60", "service_quality", "giảm dần"),
        ('source = "B.VII.4c"', 'source = "B.VII.4x"', "service_quality.criteria (3.5b).source", "“B.VII.4x”"),
    ],
)
def test_one_error(edited: Edit, old: str, new: str, place: str, message: str) -> None:
    told = errors(edited((old, new)))
    assert place in told
    assert message in told


def test_item_without_indicator(edited: Edit) -> None:
    assert "items (B.VII.5): mục này chưa có chỉ số nào" in errors(edited((entry("B.VII.5"), "")))


def test_missing_item_is_named_by_its_indicators(edited: Edit) -> None:
    told = errors(edited((entry("B.III.8", "items"), "")))
    assert "indicators (B.III.8).plan_item: “B.III.8” không có" in told
    assert "indicators (B.III.8b).plan_item: “B.III.8” không có" in told


def test_component_must_be_that_of_the_item(edited: Edit) -> None:
    wrong = entry("B.III.8").replace('component = "B.III"', 'component = "B.IV"')
    assert "indicators (B.III.8).component: phải là “B.III”" in errors(edited((entry("B.III.8"), wrong)))


def test_count_has_no_denominator_and_share_has_one(edited: Edit) -> None:
    share = entry("B.III.8").replace('measure = "share"', 'measure = "count"')
    assert "bỏ khóa denominator" in errors(edited((entry("B.III.8"), share)))
    count = entry("B.III.8b").replace('measure = "count"', 'measure = "share"')
    assert "thêm khóa denominator" in errors(edited((entry("B.III.8b"), count)))


def test_better_must_agree_with_the_target(edited: Edit) -> None:
    wrong = entry("B.V.4").replace('better = "lower"', 'better = "higher"')
    assert "trái với mục tiêu" in errors(edited((entry("B.V.4"), wrong)))


def test_all_errors_at_once(edited: Edit) -> None:
    told = errors(
        edited(
            ('comparator = ">"\n', 'comparator = "<"\n'),
            ('plan_item = "B.III.8"', 'plan_item = "B.III.12"'),
            ('window = "as_of"', 'window = "now"'),
            ('version = "1.0"\n', ""),
        )
    )
    assert "có 4 lỗi" in told
    assert told.count("\n  - ") == 4


def test_a_file_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "2024.toml").write_text("indicators = 3\nitems = ['x']\n", encoding="utf-8")
    told = errors(tmp_path / "2024.toml")
    assert "indicators: phải là danh sách" in told
    assert "items[1]: phải là một bảng" in told
    assert "components: thiếu khóa này" in told


def test_models_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_catalogue().year = 2025  # type: ignore[misc]
