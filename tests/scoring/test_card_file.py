"""Scorecards in TOML: what comes with the package, every fault at once, points side by side, the 766 groups."""

from pathlib import Path

import polars as pl
import pytest

from chiso.catalogue import load_catalogue
from chiso.scoring.scorecard import ScorecardError, Values, score
from chiso.scoring.scorecard.assessment import assessed, side_by_side
from chiso.scoring.scorecard.card_file import load_scorecard, own_scorecard
from chiso.scoring.scorecard.service_quality import service_quality_card, service_quality_values

CARDS = Path(__file__).parents[2] / "lib" / "chiso" / "scoring" / "scorecards"
CARD = """\
code = "t"
name = "Thử"
max_points = 10
ratings = [{ from = 80, name = "Tốt" }, { from = 0, name = "Yếu" }]

[[areas]]
code = "I"
name = "Lĩnh vực I"
max_points = 10

[[areas.criteria]]
code = "I.1"
name = "Một"
max_points = 4
rule = "proportional"
target = 0.8
indicator = "B.I.1"

[[areas.criteria]]
code = "I.2"
name = "Hai"
max_points = 6

[[areas.criteria.components]]
code = "I.2.a"
name = "Hai a"
max_points = 4
rule = "steps"
steps = [[100, 4], [80, 2], [0, 0]]
judged_by = "survey"

[[areas.criteria.components]]
code = "I.2.b"
name = "Hai b"
max_points = 2
rule = "manual"
evidence = "Báo cáo"
judged_by = "appraisal"
"""


def load(folder: Path, content: str, indicators=None):
    (folder / "the.toml").write_text(content, encoding="utf-8")
    return load_scorecard(folder / "the.toml", indicators)


def faults(folder: Path, content: str, indicators=None) -> list[str]:
    with pytest.raises(ScorecardError) as error:
        load(folder, content, indicators)
    return [line.removeprefix("  - ") for line in str(error.value).splitlines()[1:]]


def test_areas_criteria_and_components(tmp_path):
    card = load(tmp_path, CARD)
    assert [(n.level, n.code, n.name) for n in card.nodes] == [
        ("criterion", "I.1", "Một"),
        ("criterion", "I.2", "Hai"),
        ("component", "I.2.a", "Hai a"),
        ("component", "I.2.b", "Hai b"),
        ("area", "I", "Lĩnh vực I"),
        ("total", "total", "Thử"),
    ]
    values = Values.empty(("2024",), ("A",), card.codes).changed(
        {("2024", "A", "I.1"): 0.4, ("2024", "A", "I.2.a"): 80.0, ("2024", "A", "I.2.b"): 1.5}
    )
    table = score(card, values).table()
    assert table["points"].to_list() == [2, 3.5, 2, 1.5, 5.5, 5.5]
    assert table["max_points"].to_list() == [4, 6, 4, 2, 10, 10]
    assert card.rating(*table.filter(pl.col("level") == "total").select("percent", "points").row(0)) == "Yếu"


def test_all_faults_at_once(tmp_path):
    content = (
        CARD.replace('code = "t"', 'code = ""\nflavour = 1\nverified = true')
        .replace("{ from = 80", "{ from = 0")
        .replace('max_points = 4\nrule = "proportional"', 'max_points = 5\nfloor = 0.9\nrule = "proportional"')
        .replace("[80, 2]", "[100, 2]")
        .replace('code = "I.2.b"', 'code = "I.1"\nindicator = "B.I.1"\nbest = 4')
        .replace('evidence = "Báo cáo"\n', "")
    )
    expected = [
        "the.toml, code: ",
        "the.toml, flavour: ",
        "the.toml, areas[1] (I).criteria[1] (I.1).floor: ",
        "the.toml, areas[1] (I).criteria[1] (I.1).indicator: ",
        "the.toml, areas[1] (I).criteria[2] (I.2).components[1] (I.2.a).steps: ",
        "the.toml, areas[1] (I).criteria[2] (I.2).components[2] (I.1).best: ",
        "the.toml, areas[1] (I).criteria[2] (I.2).components[2] (I.1).evidence: ",
        "the.toml, areas[1] (I).criteria[2] (I.2).components[2] (I.1).indicator: ",
        "the.toml, areas[1] (I).max_points: ",
        "the.toml: mã “I.1”",
        "the.toml: chỉ số “B.I.1”",
    ]
    found = faults(tmp_path, content, {"B.I.2"})
    assert len(found) == len(expected), found
    for line, start in zip(found, expected, strict=True):
        assert line.startswith(start), (line, start)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        (
            "max_points = 10\nratings",
            "max_points = 11\nratings",
            "the.toml, max_points: tổng điểm tối đa của các phần là",
        ),
        ("max_points = 6", "max_points = 7", "(I.2).max_points: tổng"),
        ("{ from = 80", "{ from = 0", "ratings: "),
        ('rule = "manual"', 'rule = "manually"', "manual"),
        ("target = 0.8", "target = 0", "lớn hơn 0"),
        ("target = 0.8", 'target = "0,8"', "target: "),
        ('name = "Hai b"\n', "", "name: "),
        ("max_points = 4\nrule", "max_points = -4\nrule", "lớn hơn 0"),
        ('code = "t"', 'code = "t"\nverified = true', "legal_basis: "),
        ('code = "t"', 'code = "t"\nvalid_from = 2025\nvalid_to = 2024', "valid_to: "),
        ("[[areas]]", "[[areaz]]", "areas: "),
    ],
)
def test_one_fault_with_its_key(tmp_path, old, new, part):
    assert old in CARD
    assert any(part in line for line in faults(tmp_path, CARD.replace(old, new, 1)))


def test_a_file_that_is_no_toml(tmp_path):
    with pytest.raises(ScorecardError, match="dòng 1"):
        load(tmp_path, "code = ")
    with pytest.raises(ScorecardError, match="dòng 2, cột 8"):
        load(tmp_path, "\nname = ,")
    with pytest.raises(ScorecardError, match="không đọc được"):
        load_scorecard(tmp_path / "none.toml")
    (tmp_path / "utf16.toml").write_bytes(CARD.encode("utf-16"))
    with pytest.raises(ScorecardError, match="UTF-8"):
        load_scorecard(tmp_path / "utf16.toml")
    with pytest.raises(ScorecardError, match="decree61"):
        own_scorecard("province")


def test_the_template_says_what_is_to_be_filled_in():
    catalogue = load_catalogue(2024)
    with pytest.raises(ScorecardError) as error:
        load_scorecard(CARDS / "template.toml")
    told = str(error.value)
    for area in catalogue.components:
        if area.index == "B":
            assert f"({area.id}).criteria" in told
            assert f'name = "{area.name}"' in (CARDS / "template.toml").read_text(encoding="utf-8")


def test_the_example_is_marked_as_invented_and_uses_every_rule():
    card = own_scorecard("example")
    catalogue = load_catalogue(2024)
    load_scorecard(CARDS / "example.toml", {i.id for i in catalogue.indicators})
    assert not card.verified
    assert "ví dụ" in card.name.lower()
    assert not any(c.verified for c in card.criteria)
    assert {c.rule for c in card.criteria} == {
        *("binary", "proportional", "steps", "count", "deduct", "linear_lower", "manual")
    }
    assert {c.kind for c in card.criteria} == {"normal", "bonus", "penalty"}
    assert {c.judged_by for c in card.criteria} == {"self", "appraisal", "survey"}


@pytest.mark.parametrize(
    ("each", "rating"),
    [(2, "Xuất sắc"), (15 / 9, "Xuất sắc"), (1.5, "Tốt"), (1, "Khá"), (0.7, "Trung bình"), (0, "Yếu")],
)
def test_decree_61_rates_points_of_eighteen(each, rating):
    card = own_scorecard("decree61")
    values = Values.empty(("2024",), ("A",), card.codes).changed({("2024", "A", c): each for c in card.codes})
    total = score(card, values).table().row(-1, named=True)
    assert total["max_points"] == 18
    assert total["points"] == pytest.approx(9 * each)
    assert card.rating(total["percent"], total["points"]) == rating
    assert not card.verified


def test_points_side_by_side(tmp_path):
    card = load(tmp_path, CARD)
    empty = Values.empty(("2024",), ("A",), card.codes)
    own = empty.changed({("2024", "A", "I.1"): 0.8, ("2024", "A", "I.2.a"): 100.0, ("2024", "A", "I.2.b"): 2.0})
    appraisal = empty.changed({("2024", "A", "I.1"): 3.0, ("2024", "A", "I.2.a"): 1.0})
    survey = empty.changed({("2024", "A", "I.2.a"): 2.5})
    table = side_by_side(assessed(card, {"self": own, "appraisal": appraisal, "survey": survey}))
    rows = {r["code"]: r for r in table.iter_rows(named=True)}
    points = ("self_points", "appraisal_points", "survey_points", "final_points", "difference")
    assert [rows["I.1"][p] for p in points] == [4, 3, 0, 3, -1]
    assert [rows["I.2.a"][p] for p in points] == [4, 1, 2.5, 2.5, -1.5]  # the survey judges it
    assert [rows["I.2.b"][p] for p in points] == [2, 0, 0, 2, 0]  # not yet appraised: its own stand in
    assert [rows["total"][p] for p in points] == [10, 4, 2.5, 7.5, -2.5]
    alone = side_by_side(assessed(card, {"self": own}))
    assert alone["final_points"].to_list() == alone["self_points"].to_list()
    assert alone["survey_points"].null_count() == alone.height


@pytest.mark.parametrize(("groups", "maxima"), [(5, [18, 20, 22, 22, 18]), (6, [18, 20, 12, 10, 22, 18])])
def test_the_766_groups(groups, maxima):
    card = service_quality_card(load_catalogue(2024), groups)
    parts = pl.DataFrame(
        {
            "indicator": ["B.III.9"] * 3,
            "unit_code": [None, None, "U1"],
            "code": ["2.1", "4.2", "2.1"],
            "share": [0.9, 0.4, 1.0],
        }
    )
    values = service_quality_values(card, parts, "2024-Q4", "Sở")
    total = score(card, values).table().filter(pl.col("level") == "total").sort("unit")
    assert total["unit"].to_list() == ["Sở", "U1"]
    assert total["points"].to_list() == pytest.approx([18 + 2, 20])  # 4.2 is full from 80 %
    assert total["max_points"].to_list() == [24, 20]
    full = values.changed({("2024-Q4", "Sở", code): 1.0 for code in card.codes})
    areas = score(card, full).table().filter((pl.col("level") == "area") & (pl.col("unit") == "Sở"))
    assert sorted(areas["max_points"].to_list()) == sorted(maxima)
    assert card.rating(90, 90) == "Xuất sắc"
    assert card.rating(89.99, 89.99) == "Tốt"


def test_an_area_twice_and_numbers_that_are_none(tmp_path):
    file = tmp_path / "card.toml"
    area = '[[areas]]\ncode = "I"\nname = "a"\nmax_points = 2\n'
    one = '[[areas.criteria]]\ncode = "{}"\nname = "x"\nmax_points = {}\nrule = "binary"\ntarget = {}\n'
    content = 'code = "c"\nname = "n"\nmax_points = 4\n' + area + one.format("1", "2", "true")
    file.write_text(content + area + one.format("2", '"2"', "1"), encoding="utf-8")
    with pytest.raises(ScorecardError) as error:
        load_scorecard(file)
    told = str(error.value)
    assert "mã lĩnh vực “I” dùng 2 lần" in told
    assert "(1).target" in told and "(2).max_points" in told
