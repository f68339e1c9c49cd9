"""The data folder's own scorecards: what was filled in, what is wrong in all files at once, templates read back."""

import io

import pytest
from openpyxl import load_workbook

from chiso.runs import run
from chiso.runs.cards import assessed_card, filled_cards
from chiso.runs.console import Console
from chiso.runs.execute import execute
from chiso.runs.plan import Request, make_plan
from chiso.scoring.scorecard import ScorecardError
from chiso.scoring.scorecard.card_file import own_scorecard
from chiso.scoring.scorecard.points_file import read_points
from chiso.templates import write_templates
from chiso.worktime import Period

QUARTER = Period.parse("2024-Q4")
CARD = """
code = "tinh"
name = "Bảng điểm"
max_points = 6
[[areas]]
code = "I"
name = "Một"
max_points = 6
[[areas.criteria]]
code = "1"
name = "Hồ sơ đúng hạn"
max_points = 4
rule = "proportional"
indicator = "B.III.8"
[[areas.criteria]]
code = "2"
name = "Kiểm tra"
max_points = 2
rule = "manual"
evidence = "Biên bản"
judged_by = "appraisal"
"""


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "data" / "scorecards"
    place.mkdir(parents=True)
    (place / "tinh.toml").write_text(CARD, encoding="utf-8")
    return place


def write(folder, name, *rows):
    lines = ["Mã tiêu chí;Đơn vị;Giá trị, điểm tự chấm;Tình trạng;Điểm thẩm định;Điểm điều tra", *rows]
    (folder / name).write_text("\n".join(lines), encoding="utf-8")


def figures():
    import polars as pl

    return pl.DataFrame(
        {"unit_code": [None, "VP"], "indicator": ["B.III.8"] * 2, "value": [0.5, 0.9]},
        schema_overrides={"unit_code": pl.String},
    )


def total(folder, unit=""):
    (one,) = filled_cards(folder.parent, QUARTER, {"B.III.8"})
    final = assessed_card(one, figures(), QUARTER)["final"].table()
    return final.filter(unit=unit, level="total").select("points", "max_points").row(0)


def test_without_a_file_indicators_alone_give_points(folder):
    (one,) = filled_cards(folder.parent, QUARTER, {"B.III.8"})
    assert (one.there, one.file) == (False, "tinh_2024-Q4.xlsx")
    assert total(folder) == (2.0, 6.0)


def test_self_assessed_appraised_and_not_applicable(folder):
    write(folder, "tinh_Quý IV-2024.csv")  # no spelling of a period: not read
    write(folder, "tinh_2024-Q4.csv", "2;;1,5;Có;;")
    assert total(folder) == (3.5, 6.0)
    write(folder, "tinh_2024-Q4.csv", "2;;1,5;Có;0,5;")
    assert total(folder) == (2.5, 6.0)
    write(folder, "tinh_2024-Q4.csv", "2;;;Không áp dụng;;")
    assert total(folder) == (2.0, 4.0)
    write(folder, "tinh_2024-Q4.csv", "2;;;Chưa có số liệu;;")
    assert total(folder) == (2.0, 6.0)
    write(folder, "tinh_2024-Q4.csv", "1;;1;Có;;")  # entered: beats the indicator
    assert total(folder) == (4.0, 6.0)


def test_units_take_their_own_figures(folder):
    write(folder, "tinh_2024-Q4.csv", "2;VP;2;;;", "2;;1;;;")
    assert total(folder, "VP") == (pytest.approx(5.6), 6.0)
    assert total(folder) == (3.0, 6.0)


def test_all_faults_of_all_files_at_once(folder):
    (folder / "khac.toml").write_text(CARD.replace("max_points = 4", "max_points = 5"), encoding="utf-8")
    write(folder, "tinh_2024-Q4.csv", "9;;1;;;", "2;;x;;;", "2;;1;;;", "1;VP;;Sai;;", "2;VP;1;;3;")
    with pytest.raises(ScorecardError) as error:
        filled_cards(folder.parent, QUARTER, {"B.III.8"})
    told = str(error.value)
    for part in ("khac.toml, areas[1]", "dòng 2 (9)", "dòng 3 (2)", "“x”", "dòng 4 (2)", "dòng 5 (1)", "“Sai”",
                 "dòng 6 (2)", "ghi 3, phải từ 0 đến điểm tối đa 2"):  # fmt: skip
        assert part in told, part


def test_a_run_refuses_before_it_computes(data, out, notebooks, monkeypatch):
    place = data / "scorecards"
    place.mkdir()
    (place / "tinh.toml").write_text(CARD.replace('"B.III.8"', '"B.III.88"'), encoding="utf-8")
    told = Console(io.StringIO(), io.StringIO())
    with monkeypatch.context() as patch, pytest.raises(ScorecardError, match=r"B\.III\.88"):
        patch.setattr(run, "compute_results", None)
        execute(make_plan(Request("2024-Q4", data, out)), told)
    assert not (out / "2024-Q4").exists()
    assert execute(make_plan(Request("2024-Q4", data, out, results_only=True)), told) == 0


def test_a_template_as_it_is_says_nothing_and_filled_in_it_is_read(tmp_path):
    write_templates(tmp_path, 2024, tables=("scorecards",))
    file = tmp_path / "scorecards" / "decree61_2024.xlsx"
    year = Period.parse("2024")
    assert filled_cards(tmp_path, year, ()) == ()
    workbook = load_workbook(file)
    ws = workbook.worksheets[0]
    for row in range(1, ws.max_row + 1):
        if ws.cell(row, 1).value == "1":
            ws.cell(row, 5).value = 1.5
    workbook.save(file)
    (one,) = filled_cards(tmp_path, year, ())
    assert one.points.given == {"self": {("", "1"): 1.5}}
    assert read_points(file, own_scorecard("decree61")).evidence["", "1"].startswith("Số liệu")


def test_a_file_without_header_or_damaged_is_told(folder):
    (folder / "tinh_2024-Q4.csv").write_text("một;hai\n1;2\n", encoding="utf-8")
    with pytest.raises(ScorecardError, match="không thấy dòng tiêu đề"):
        filled_cards(folder.parent, QUARTER, {"B.III.8"})
    (folder / "tinh_2024-Q4.csv").unlink()
    (folder / "tinh_2024-Q4.xlsx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(ScorecardError, match=r"tinh_2024-Q4\.xlsx"):
        filled_cards(folder.parent, QUARTER, {"B.III.8"})
