"""Encodings, delimiters and broken bytes of text files."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

import pytest
from sources_rows import CASES, case, cases

from chiso.sources.readers import UnreadableError, read_sheets
from chiso.sources.readers.encoding import decode, plausibility

SENTENCES = [
    "Sở Nội vụ tỉnh Lào Cai trả lời phản ánh, kiến nghị của người dân trong thời hạn quy định",
    "Nguyễn Thị Thuỷ, khuỷu tay, ngoằn ngoèo, giếng khơi, quốc lộ, hoà bình, Đắk Lắk, thuở xưa",
    "Cấp giấy phép xây dựng nhà ở riêng lẻ",
    "Mã hồ sơ;Đơn vị;Ngày tiếp nhận",
    "Huế",
]


def cp1258(content: str) -> bytes:
    """Encode Vietnamese as Windows does: letters with their marks, tones as combining characters."""
    out = b""
    for letter in unicodedata.normalize("NFC", content):
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tone))
        out += (base + tone).encode("cp1258")
    return out


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", None), ("utf-8-sig", None), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16")],
)
def test_unicode_encodings(sentence, encoding, name):
    content = f"{sentence}\r\n1;2024-03-01;abc\r\n"
    decoded = decode(content.encode(encoding))
    assert (decoded.data.decode(), decoded.encoding) == (content, name)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_windows_1258_comes_out_composed(sentence):
    decoded = decode(cp1258(sentence))
    assert (decoded.data.decode(), decoded.encoding) == (sentence, "Windows-1258")


def test_utf16_big_endian_with_a_mark():
    assert decode(codecs.BOM_UTF16_BE + "Mã hồ sơ".encode("utf-16-be")).data.decode() == "Mã hồ sơ"


@pytest.mark.parametrize("content", [b"", b"a", b"case_id,unit_code\nC1,U1\n"])
def test_plain_letters_are_the_same_in_every_encoding(content):
    assert (decode(content).data, decode(content).encoding) == (content, None)


@pytest.mark.parametrize("content", ["Müller déjà garçon straße", "señor niño añadió", "Zürich, Genève, Besançon"])
def test_western_european_text_is_no_vietnamese(content):
    decoded = decode(content.encode("cp1252"))
    assert (decoded.data.decode(), decoded.encoding) == (content, "Windows-1252")


@pytest.mark.parametrize(
    "raw",
    [
        b"S\xeb N\xe9i v\xf4 t\xd8nh, M\xb7 h\xe5 s\xac, Ng\xb5y ti\xd5p nh\xcbn",  # TCVN3
        b"S\xf4\xfb No\xe4i vu\xef, Ma\xf5 ho\xe0 s\xf4, Nga\xf8y tie\xe1p nha\xe4n",  # VNI-Windows
    ],
)
def test_tcvn3_and_vni_pass_byte_for_byte(raw):
    decoded = decode(raw)
    assert decoded.encoding == "Windows-1252"
    assert decoded.data.decode().encode("cp1252") == raw


def test_bytes_that_windows_1252_leaves_undefined_are_kept():
    raw = b"\xb5\x81\x8d\x8f\x90\x9d\xb8"
    assert [ord(c) for c in decode(raw).data.decode()] == list(raw)


def test_plausibility():
    assert plausibility("abc 123") == 1
    assert plausibility("Sở Nội vụ") == 1
    assert plausibility("Sở Nội vụ Zürich") == 0.75
    assert plausibility("Hµ Néi") == 0
    assert plausibility("\x81") == 0


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("Mã hồ sơ\n".encode("utf-16-le") + b"\x01", "UTF-16"),
        (codecs.BOM_UTF8 + "Mã".encode() + b"\xff", "UTF-8"),
        ("Mã hồ sơ,Ngày\nC1,Một hai ba bốn\nC2,Năm s".encode() + "á".encode()[:1], "dòng 3"),
        ("Mã hồ sơ,Ngày tiếp nhận\nC1,\xff".encode() + b"\xff\nC2,x\n", "dòng 2"),
        (b"case_id,unit_code\nC1,\0U1\n", "byte 0"),
        (codecs.BOM_UTF16_LE + "a,\0b\n".encode("utf-16-le"), "byte 0"),
        (b"case_id,unit_code\nC1,U1\n" + b"\0" * 600, "byte 0"),
    ],
)
def test_damaged_text_is_refused(raw, says):
    with pytest.raises(UnreadableError, match=says):
        decode(raw)


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("cp1258", "Windows-1258"), ("cp1252", "Windows-1252")],
)
@pytest.mark.parametrize("name", ["cases.csv", "cases.txt", "cases.tsv", "cases.xls"])
def test_another_encoding_is_told(import_files, encoding, said, name):
    mark = "é; Zürich" if encoding == "cp1252" else "Ghi chú"
    content = f"{mark}\n" + cases(case("C1")).replace(",", "\t")
    raw = cp1258(content) if encoding == "cp1258" else content.encode(encoding)
    data = import_files({name: raw})
    assert data.accepted("cases") == 1
    rule = "encoding_unsure" if encoding == "cp1252" else "encoding"
    told = data.findings.filter(rule=rule).row(0, named=True)
    assert (told["severity"], told["file"], said in told["message"]) == ("info", name, True)


def test_an_old_character_set_that_was_converted_is_no_unknown_encoding(import_files):
    from chiso.sources.text.charsets import TCVN3

    # "Phòng Tổ chức cán bộ và Văn phòng Sở" in TCVN3 (ABC)
    old = "Phßng Tæ chøc c¸n bé vµ V¨n phßng Së"
    assert TCVN3.decode(old) == "Phòng Tổ chức cán bộ và Văn phòng Sở"
    head = "unit_code,unit_name,kind\n"
    data = import_files({"units.csv": (head + f"U1,{old},division\n").encode("cp1252")}, basics=False)
    rules = data.findings.filter(file="units.csv")["rule"].to_list()
    assert "text_tcvn3" in rules and "encoding_unsure" not in rules


def test_utf8_is_not_told(import_files):
    assert "encoding" not in import_files({"cases.csv": cases(case("C1"))}).findings["rule"]


def test_a_web_page_or_a_workbook_under_another_ending_is_no_error(import_files):
    page = "<table><tr>" + "".join(f"<td>{c}</td>" for c in CASES.strip().split(",")) + "</tr><tr>"
    page += "".join(f"<td>{c}</td>" for c in case("C1").split(",")) + "</tr></table>"
    assert import_files({"cases.csv": page}).accepted("cases") == 1


def read(tmp_path: Path, raw: bytes, name: str = "x.csv"):
    path = tmp_path / name
    path.write_bytes(raw)
    return read_sheets(path, lambda rows: 0)


def test_an_error_value_typed_in_a_csv_is_text(import_files):
    deliverable = "deliverable_id,plan_year,plan_item,kind,title,unit_code\nD1,2024,B.I.1,task,#N/A,U1\n"
    data = import_files({"deliverables.csv": deliverable + "D2,2024,B.I.1,task,=A1+1,U1\n"})
    assert data.scan("deliverables").collect()["title"].to_list() == ["#N/A", "=A1+1"]


def test_thousands_of_columns(tmp_path):
    (sheet,) = read(tmp_path, ",".join(f"cột {i}" for i in range(5000)).encode() + b"\n" + b"," * 4999 + b"\n")
    assert (sheet.frame.height, len(sheet.cells)) == (2, 5000)
    with pytest.raises(UnreadableError, match=r"16\.384 cột"):
        read(tmp_path, b"," * 16_384 + b"\n")


def test_a_very_long_cell_is_kept_and_a_line_without_end_is_refused(tmp_path):
    (sheet,) = read(tmp_path, b"a,b\n" + b"x" * 200_000 + b",1\n")
    assert sheet.frame["c0"].str.len_bytes().to_list() == [1, 200_000]
    with pytest.raises(UnreadableError, match="Dòng 2"):
        read(tmp_path, b"a,b\n" + b"x" * 20_000_000)
