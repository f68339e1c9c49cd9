"""Old encodings through a whole import: tables come out in Unicode, and what was done is told."""

from pathlib import Path

import polars as pl
from sources_excel import workbook

from chiso.sources.readers import read_sheets
from chiso.sources.text import CHARSETS, restore

TCVN3, VNI = CHARSETS
WORKBOOK = Path(__file__).parents[1] / "data" / "vietnam" / "Plan_2003.xls"
UNITS = (
    "Mã đơn vị,Tên đơn vị,Loại đơn vị\nU1,Phòng Tổ chức cán bộ,Phòng chuyên môn\nU2,Chi cục Văn thư,Đơn vị trực thuộc\n"
)


def _rows(text, sheet="Sheet1"):
    return workbook({sheet: [line.split(",") for line in text.splitlines()]})


def _told(data, rule):
    return data.findings.filter(rule=rule).select("severity", "file", "message").rows()


def test_a_workbook_in_tcvn3_is_read_like_one_in_unicode(import_files):
    data = import_files({"units.xlsx": _rows(TCVN3.encode(UNITS))}, basics=False)
    names = data.scan("units").collect()
    assert names["unit_name"].to_list() == ["Phòng Tổ chức cán bộ", "Chi cục Văn thư"]
    assert names["kind"].to_list() == ["division", "affiliate"]
    [(severity, file, message)] = _told(data, "text_tcvn3")
    assert (severity, file) == ("info", "units.xlsx")
    assert message.startswith("7 ô ở trang tính “Sheet1”, cột thứ 1, 2, 3 ghi bằng bảng mã TCVN3")


def test_vni_and_mojibake(import_files):
    garbled = UNITS.encode().decode("cp1252", errors="replace")
    assert "\ufffd" in garbled  # five bytes have no character in Windows-1252: those letters are lost for good
    data = import_files({"units.xlsx": _rows(VNI.encode(UNITS))}, basics=False)
    assert data.scan("units").collect()["unit_name"].to_list() == ["Phòng Tổ chức cán bộ", "Chi cục Văn thư"]
    assert _told(data, "text_vni")[0][0] == "info"


def test_repaired_mojibake_is_a_warning(import_files):
    garbled = UNITS.encode().decode("latin-1")
    data = import_files({"units.csv": garbled}, basics=False)
    assert data.scan("units").collect()["unit_name"].to_list() == ["Phòng Tổ chức cán bộ", "Chi cục Văn thư"]
    [(severity, _, message)] = _told(data, "text_mojibake")
    assert severity == "warning"
    assert message.startswith("7 ô ở cột thứ 1, 2, 3 bị vỡ chữ")


def test_lost_letters_are_told_and_never_mended(import_files):
    lost = UNITS.replace("Văn thư", "V\ufffdn th\ufffd")
    data = import_files({"units.csv": lost}, basics=False)
    assert "Chi cục V\ufffdn th\ufffd" in data.scan("units").collect()["unit_name"].to_list()
    [(severity, _, message)] = _told(data, "text_lost")
    assert severity == "warning"
    assert message.startswith("1 ô ở cột thứ 2 ")


def test_proper_unicode_tells_nothing(import_files):
    data = import_files({"units.csv": UNITS}, basics=False)
    assert data.findings.filter(data.findings["rule"].str.starts_with("text_")).is_empty()


def test_one_table_in_two_encodings_comes_out_equal():
    """A workbook as published: one sheet in TCVN3, with fonts of small and capital letters, the other in Unicode."""
    old, plain = (restore(sheet) for sheet in read_sheets(WORKBOOK, lambda rows: 0))
    assert {one.kind for one in old[1]} == {"tcvn3"}
    assert sum(one.cells for one in old[1]) == 101
    assert plain[1] == ()
    text = pl.all().exclude("c7")  # the last column holds broken references, each sheet its own
    assert old[0].frame.select(text).equals(plain[0].frame.select(text))
    words = pl.col("c7").str.contains(r"\p{L}") & ~pl.col("c7").str.starts_with("#")
    assert old[0].frame.filter(words)["c7"].to_list() == plain[0].frame.filter(words)["c7"].to_list()
