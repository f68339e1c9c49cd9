"""``chiso survey-plan``: words, workbook, refusals."""

import io

import pytest
from openpyxl import load_workbook

from chiso.cli import main


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "units.csv").write_text(
        "unit_code,unit_name,kind\nA,Phòng A,division\nB,Phòng B,division\n", encoding="utf-8"
    )
    frame = "unit_code,period,population\nA,2024-Q4,600\nB,2024-Q4,300\n"
    (folder / "survey_frame.csv").write_text(frame, encoding="utf-8")
    items = [f"{f}_1" for f in ("access", "procedure", "staff", "result", "feedback")]
    rows = [",".join(["response_id", "answered_on", "unit_code", "channel", *items])]
    for i in range(60):
        marks = ["5" if (i * k) % 7 < 5 else "2" for k in range(1, 6)]
        rows.append(",".join([f"r{i}", "2024-11-05", "AB"[i % 2], ["giấy", "mạng"][i % 3 == 0], *marks]))
    (folder / "survey_responses.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def called(*arguments):
    with pytest.raises(SystemExit) as stop:
        main(["survey-plan", *map(str, arguments)])
    return stop.value.code


def test_workbook_to_hand_to_the_interviewers(data, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("chiso.runs.data.project_folder", lambda: tmp_path)
    target = tmp_path / "pa.xlsx"
    assert called("Quý I/2025", "--data", data, "--out", target, "--response", "80", "--deff", "1") == 0
    told = capsys.readouterr().out
    assert "quý I/2025" in told
    assert "công thức rút gọn 277 phiếu" in told
    assert "công thức đầy đủ 270 phiếu (hỏi 338 người)" in told
    first = target.read_bytes()
    book = load_workbook(io.BytesIO(first))
    assert book.sheetnames == ["Cỡ mẫu", "Phân bổ", "Chỉ tiêu điều tra"]
    quotas = [[cell.value for cell in row] for row in book["Chỉ tiêu điều tra"].iter_rows()]
    rows = {row[0]: row[1:] for row in quotas if row[0] in ("Phòng A", "Phòng B", "Cộng")}
    assert rows["Phòng A"][0] == 180
    assert sum(rows["Phòng A"][1:3]) == 180
    assert called("2025-Q1", "--data", data, "--out", target, "--response", "80", "--deff", "1") == 0
    assert target.read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["2025-Q9"], "2025-Q9"),
        (["2025-Q1", "--margin", "lớn"], "phần trăm"),
        (["2025-Q1", "--deff", "0"], "lớn hơn 0"),
        (["2025-Q1", "--answers", "3"], "Không phân bổ được 3 phiếu"),
        (["2025-Q1", "--method", "newman"], "neyman"),
        (["2025-Q1", "--out", "plan.docx"], ".xlsx"),
        (["2023-Q1"], "khung mẫu"),
    ],
)
def test_refusals(data, tmp_path, monkeypatch, capsys, arguments, word):
    monkeypatch.setattr("chiso.runs.data.project_folder", lambda: tmp_path)
    if "--out" not in arguments:
        arguments = [*arguments, "--out", tmp_path / "pa.xlsx"]
    assert called(*arguments, "--data", data) == 2
    assert word in capsys.readouterr().err
    assert not (tmp_path / "pa.xlsx").exists()
