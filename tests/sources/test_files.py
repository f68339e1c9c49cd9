from datetime import date

import pytest

from chiso.errors import ChisoError
from chiso.sources.config import Settings
from chiso.sources.files import list_files, parse_name


@pytest.mark.parametrize(
    ("stem", "table", "middle", "exported_on"),
    [
        ("cases", "cases", "", None),
        ("CASES_2024-Q1_20240405", "cases", "2024-q1", date(2024, 4, 5)),
        ("cases_20240405", "cases", "", date(2024, 4, 5)),
        ("survey_frame_2024", "survey_frame", "2024", None),
        ("survey_responses_2024-03_20240401", "survey_responses", "2024-03", date(2024, 4, 1)),
        ("ho_so_cong_viec", "work_files", "", None),
        ("ho_so_2024-Q1", "cases", "2024-q1", None),
        ("cases_20241340", "cases", "20241340", None),
        ("casesold", None, "casesold", None),
    ],
)
def test_names(stem, table, middle, exported_on):
    parsed = parse_name(stem)
    assert (parsed.table, parsed.middle, parsed.exported_on) == (table, middle, exported_on)


def test_other_files_are_named(tmp_path):
    for name in (
        "cases.csv",
        "README.md",
        "LICENSE",
        "NOTICE.md",
        "chiso.toml",
        ".hidden",
        "~$cases.xlsx",
        "khác.docx",
    ):
        (tmp_path / name).touch()
    (tmp_path / "cũ").mkdir()
    (tmp_path / "units.xls").touch()
    (tmp_path / "units_bản-sao.csv").touch()
    files, findings = list_files(tmp_path, Settings())
    assert [file.name for file in files] == ["cases.csv", "units.xls", "units_bản-sao.csv"]
    told = sorted((f.file, f.rule, f.severity) for f in findings)
    assert told == [
        ("cũ", "ignored", "info"),
        ("khác.docx", "ignored", "info"),
        ("units_bản-sao.csv", "file_name", "warning"),
    ]


def test_no_folder_and_no_table(tmp_path):
    with pytest.raises(ChisoError, match="Không tìm thấy thư mục"):
        list_files(tmp_path / "x", Settings())
    (tmp_path / "ghi chú.docx").touch()
    with pytest.raises(ChisoError, match="không có tệp dữ liệu nào"):
        list_files(tmp_path, Settings())
