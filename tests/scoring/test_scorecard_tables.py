"""Criteria and values from CSV: every fault of both files in one message; what is odd but usable is noted."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from chiso.cli import app
from chiso.scoring.scorecard import ScorecardError, read_criteria, read_scorecard_tables

HEADER = "code,area,max,rule,target,floor,best,worst,step,per_unit\n"
GOOD = HEADER + "C1,I,4,binary,,,,,,\nC2,I,6,proportional,0.8,0.4,,,,\n"
VALUES = "period,unit,code,value,status\n2024-Q1,A,C1,1,ok\n2024-Q1,A,C2,0.5,ok\n"


def read(folder: Path, criteria: str = GOOD, values: str = VALUES):
    for name, content in (("tieu_chi.csv", criteria), ("gia_tri.csv", values)):
        (folder / name).write_text(content, encoding="utf-8")
    return read_scorecard_tables(folder / "tieu_chi.csv", folder / "gia_tri.csv")


def faults(folder: Path, criteria: str = GOOD, values: str = VALUES) -> list[str]:
    with pytest.raises(ScorecardError) as error:
        read(folder, criteria, values)
    head, *lines = str(error.value).splitlines()
    assert f"{len(lines)} lỗi" in head
    return [line.removeprefix("  - ") for line in lines]


def test_good_tables_have_no_notes(tmp_path):
    card, values, notes = read(tmp_path)
    assert (card.codes, card.areas, notes) == (("C1", "C2"), ("I", "I"), [])
    assert (values.periods, values.units) == (("2024-Q1",), ("A",))
    assert values.value.tolist() == [[[1.0, 0.5]]]


def test_all_faults_of_both_files_are_told_at_once(tmp_path):
    criteria = HEADER + (
        "C1,I,4,binaryy,,,,,,\n"  # 2
        "C2,I,x,proportional,0.8,0.9,,,,\n"  # 3
        "C3,I,4,proportional,0.8,0.9,,,,\n"  # 4
        "C4,II,4,steps,,,,,100:4|80,\n"  # 5
        "C5,,0,manual,,,,,,\n"  # 6
        "C6,II,4,linear_lower,,,9,5,,\n"  # 7
        "C6,II,4,manual,,,,,,\n"  # 8
        "C7,II,4,manual,,,,,,\n"  # 9
    )
    values = "period,unit,code,value,status\n" + (
        "2024-Q1,A,C1,1,ok\n"  # 2
        "2024-Q1,A,C6,1,fine\n"  # 3
        "2024-Q1,A,C8,1,ok\n"  # 4
        "2024-Q1,,C6,1,ok\n"  # 5
        "2024-Q1,A,C6,1.234,ok\n"  # 6: the same key as row 3
        "2024-Q1,B,C6,12%,ok\n"  # 7
    )
    found = faults(tmp_path, criteria, values)
    expected = [
        ("tieu_chi.csv, dòng 2 (C1)", "binaryy"),
        ("tieu_chi.csv, dòng 3 (C2)", "“x”"),
        ("tieu_chi.csv, dòng 4 (C3), floor", "0.9"),
        ("tieu_chi.csv, dòng 5 (C4), step", "“80”"),
        ("tieu_chi.csv, dòng 6 (C5)", "“area”"),
        ("tieu_chi.csv, dòng 6 (C5)", "lớn hơn 0"),
        ("tieu_chi.csv, dòng 7 (C6), best", "nhỏ hơn"),
        ("tieu_chi.csv, dòng 8 (C6)", "hai dòng"),
        ("gia_tri.csv, dòng 3", "“fine”"),
        ("gia_tri.csv, dòng 4", "“C8”"),
        ("gia_tri.csv, dòng 5", "“unit”"),
        ("gia_tri.csv, dòng 6", "dòng 3"),
        ("gia_tri.csv, dòng 7", "“12%”"),
        ("gia_tri.csv", "“C7”"),
    ]
    assert len(found) == len(expected), found
    for line, (place, part) in zip(found, expected, strict=True):
        assert line.startswith(f"{place}: "), (line, place)
        assert part in line, (line, part)


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("C3,I,4,steps,,,,,80:2|100:4|0:0,", "không theo thứ tự"),
        ("C3,I,4,steps,,,,,80:2|80:3,", "hai mức điểm"),
        ("C3,I,4,steps,,,,,100:5|0:0,", "điểm tối đa 4"),
        ("C3,I,4,steps,,,,,,", "steps"),
        ("C3,I,4,proportional,0,,,,,", "lớn hơn 0"),
        ("C3,I,4,count,,,,,,-1", "lớn hơn 0"),
        ("C3,I,4,deduct,,,,,,", "deduct"),
        ("C3,I,nan,manual,,,,,,", "“nan”"),
        ("C3,I,inf,manual,,,,,,", "“inf”"),
        ("C3,I,1e300,manual,,,,,,", "“1e300”"),
        ("C3,I,-2,manual,,,,,,", "lớn hơn 0"),
        ("C3,I,,manual,,,,,,", "“max”"),
        (",I,4,manual,,,,,,", "“code”"),
        ("C3,I,4,manual,,,,,,,9", "11 ô"),
    ],
)
def test_one_fault_of_a_criterion(tmp_path, row, part):
    found = faults(tmp_path, GOOD + row + "\n", VALUES + "2024-Q1,A,C3,1,ok\n")
    told = [line for line in found if "tieu_chi.csv, dòng 4" in line]
    assert len(told) == 1
    assert part in told[0]


def test_a_share_without_target_is_out_of_one(tmp_path):
    criteria = HEADER + "C1,I,4,proportional,,,,,,\n"
    values = "period,unit,code,value,status\n2024-Q1,A,C1,87,ok\n2024-Q1,B,C1,1,ok\n"
    (found,) = faults(tmp_path, criteria, values)
    assert "“C1”" in found
    assert "87" in found
    assert read(tmp_path, criteria, values.replace("87", "0.87"))[1].value[0, 0, 0] == 0.87


def test_files_that_are_none(tmp_path):
    (tmp_path / "tieu_chi.csv").write_bytes("code;área".encode("utf-16"))
    with pytest.raises(ScorecardError) as error:
        read_scorecard_tables(tmp_path / "tieu_chi.csv", tmp_path / "khong_co.csv")
    assert "tieu_chi.csv: tệp không phải mã UTF-8" in str(error.value)
    assert "khong_co.csv: không đọc được" in str(error.value)
    assert any("không có dòng" in line for line in faults(tmp_path, HEADER, VALUES))
    assert any("không có dòng" in line for line in faults(tmp_path, GOOD, ""))


def test_a_missing_column_is_told_with_what_was_probably_meant(tmp_path):
    (found,) = faults(tmp_path, GOOD.replace("rule", "rulle"))
    assert "“rule”" in found
    assert "Có phải: rulle?" in found
    assert "hai lần" in faults(tmp_path, GOOD, VALUES.replace("value,status", "value,value"))[0]


def test_a_misspelt_optional_column_is_noted_not_ignored_in_silence(tmp_path):
    _, _, notes = read(tmp_path, GOOD.replace("floor", "flor"))
    assert notes == ["tieu_chi.csv: không dùng cột “flor”. Có phải: floor?"]


def test_a_parameter_that_the_rule_does_not_read_is_noted(tmp_path):
    _, _, notes = read(tmp_path, HEADER + "C1,I,4,binary,1,,5,,,\nC2,I,6,manual,,,,,,\n")
    assert len(notes) == 1
    assert "“best”" in notes[0]


@pytest.mark.parametrize(
    ("row", "value", "status"),
    [
        ("C1,1,ok", 1.0, 0),
        ("C1,1,", 1.0, 0),
        ('C1,"0,5",OK', 0.5, 0),
        ("C1,,missing", None, 1),
        ("C1,,", None, 1),
        ("C1,,ok", None, 1),
        ("C1,1,missing", None, 1),
        ("C1,1,not_applicable", None, 2),
        ("C1,,not_applicable", None, 2),
        ("C1,không có,not_applicable", None, 2),
        ("C1,NA,missing", None, 1),
        ("C1,NA,ok", None, 1),
        ("C1, 1 , ok ", 1.0, 0),
        ("C1,-1,ok", -1.0, 0),
    ],
)
def test_value_and_status(tmp_path, row, value, status):
    _, values, _ = read(tmp_path, values=f"period,unit,code,value,status\n2024-Q1,A,{row}\n2024-Q1,A,C2,1,ok\n")
    assert values.status[0, 0, 0] == status
    assert (values.value[0, 0, 0] == value) if value is not None else values.value[0, 0, 0] != values.value[0, 0, 0]


def test_contradictions_between_value_and_status_are_noted(tmp_path):
    rows = "2024-Q1,A,C1,1,missing\n2024-Q1,A,C2,,ok\n2024-Q1,B,C1,1,not_applicable\n2024-Q1,B,C2,,missing\n"
    _, _, notes = read(tmp_path, values=f"period,unit,code,value,status\n{rows}")
    assert [note.split(":")[0] for note in notes] == [f"gia_tri.csv, dòng {line}" for line in (2, 3, 4)]


def test_points_entered_above_the_maximum_are_noted(tmp_path):
    criteria = HEADER + "C1,I,4,manual,,,,,,\n"
    _, _, notes = read(tmp_path, criteria, "period,unit,code,value\n2024-Q1,A,C1,5\n")
    assert len(notes) == 1
    assert "0–4" in notes[0]


def test_a_body_without_a_row_in_a_period_is_missing_there_and_noted(tmp_path):
    _, values, notes = read(tmp_path, values=VALUES + "2024-Q2,B,C1,1,ok\n2024-Q2,B,C2,1,ok\n")
    assert values.status.tolist() == [[[0, 0], [1, 1]], [[1, 1], [0, 0]]]
    assert len(notes) == 2


def test_periods_are_in_time_order_whatever_the_order_of_rows(tmp_path):
    rows = "".join(f"{p},A,C1,1,ok\n{p},A,C2,1,ok\n" for p in ("Quý II/2024", "2023-Q4", "Quý I/2024"))
    _, values, _ = read(tmp_path, values="period,unit,code,value,status\n" + rows)
    assert values.periods == ("2023-Q4", "Quý I/2024", "Quý II/2024")


def test_excel_in_vietnamese_saves_semicolons_and_decimal_commas(tmp_path):
    criteria = "\ufeffcode;area;max;rule;target\nC1;I;4,5;proportional;0,8\n"
    values = "period;unit;code;value;status\n2024-Q1;A;C1;0,4;ok\n"
    card, found, _ = read(tmp_path, criteria, values)
    assert (card.criteria[0].max_points, card.criteria[0].target) == (4.5, 0.8)
    assert found.value[0, 0, 0] == 0.4


def test_quoted_cells_over_two_lines_keep_the_line_numbers(tmp_path):
    criteria = 'code,area,max,rule,name\nC1,I,4,manual,"hai\ndòng"\nC2,I,x,manual,\n'
    assert faults(tmp_path, criteria)[0].startswith("tieu_chi.csv, dòng 4 (C2): ")


def test_criteria_alone(tmp_path):
    (tmp_path / "a.csv").write_text(GOOD, encoding="utf-8")
    assert read_criteria(tmp_path / "a.csv").codes == ("C1", "C2")


def test_the_command_writes_its_tables(tmp_path):
    read(tmp_path)
    arguments = ["score", str(tmp_path / "tieu_chi.csv"), str(tmp_path / "gia_tri.csv"), "--out", str(tmp_path / "kq")]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exception is None
    assert sorted(f.name for f in (tmp_path / "kq").iterdir()) == [
        "changes.csv",
        "coverage.csv",
        "gains.csv",
        "leave_one_out.csv",
        "scores.csv",
    ]
    first = (tmp_path / "kq" / "scores.csv").read_text(encoding="utf-8").splitlines()
    assert first[0] == "period,unit,level,code,points,max_points,percent,rank"
    assert first[2] == "2024-Q1,A,criterion,C2,3.75,6.0,62.5,1"


def test_the_command_writes_nothing_with_a_fault(tmp_path):
    with pytest.raises(ScorecardError):
        read(tmp_path, values=VALUES + "2024-Q1,A,C9,1,ok\n")
    arguments = ["score", str(tmp_path / "tieu_chi.csv"), str(tmp_path / "gia_tri.csv"), "--out", str(tmp_path / "kq")]
    assert isinstance(CliRunner().invoke(app, arguments).exception, ScorecardError)
    assert not (tmp_path / "kq").exists()
