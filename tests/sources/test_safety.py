"""Files made to do harm, or broken ones: each is a message or inert text, and costs only its own table."""

from __future__ import annotations

import html
import io
import os
import resource
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from markupsafe import escape
from sources_books import inline, ods, ods_parts, xlsx, xlsx_parts, zipped
from sources_excel import workbook
from sources_rows import CASES, case, cases

from chiso.reporting.html import table_html
from chiso.reporting.rejected import rejected_workbook
from chiso.reporting.report import Column, Table
from chiso.sources.readers import UnreadableError, limits, read_sheets

DATA = Path(__file__).parents[1] / "data" / "formats"
HEADER = CASES.strip().split(",")


def read(tmp_path: Path, raw: str | bytes, name: str = "x.xlsx"):
    path = tmp_path / name
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    return read_sheets(path, lambda rows: 0)


def refused(tmp_path: Path, raw: str | bytes, name: str = "x.xlsx") -> str:
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, raw, name)
    return str(caught.value)


def read_within(*paths: Path, megabytes: int) -> list[str]:
    """Read files one after the other in a process of its own; return what it says of each.

    The process may not use more than ``megabytes`` beyond what it has when it starts.
    """
    code = (
        "import resource, sys; from pathlib import Path; from chiso.sources.readers import *\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "before = peak()\n"
        "for path in sys.argv[1:]:\n"
        "    try: print(sum(s.frame.height for s in read_sheets(Path(path), lambda rows: 0)))\n"
        "    except UnreadableError as error: print(error)\n"
        "print(peak() - before)"
    )

    def limit() -> None:  # what runs away is stopped: address space counts the libraries, too
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))

    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, paths)],
        capture_output=True,
        text=True,
        preexec_fn=limit,
        env={**os.environ, "POLARS_MAX_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
    )
    assert (run.returncode, run.stderr) == (0, "")
    *told, used = run.stdout.splitlines()
    assert int(used) < megabytes
    return told


# --- zip bombs


def bomb(part: str, size: int) -> bytes:
    return zipped({**xlsx_parts("<sheetData/>"), part: b" " * size})


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/media/image1.png"])
def test_a_part_that_unfolds_too_far(tmp_path, part):
    assert "bung ra quá lớn" in refused(tmp_path, bomb(part, limits.RATIO_FROM + 1))


def test_a_part_just_below_the_ratio_is_only_damaged(tmp_path):
    assert "hỏng" in refused(tmp_path, bomb("xl/worksheets/sheet1.xml", limits.RATIO_FROM))


def test_the_sum_of_all_parts_is_bounded(tmp_path, monkeypatch):
    raw = xlsx("<sheetData/>")
    size = sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(raw)).infolist())
    monkeypatch.setattr("chiso.sources.readers.archive.MAX_UNZIPPED", size)
    assert read(tmp_path, raw)
    monkeypatch.setattr("chiso.sources.readers.archive.MAX_UNZIPPED", size - 1)
    assert "bung ra quá lớn" in refused(tmp_path, raw)


def liar(name: str) -> bytes:
    """Return a workbook one of whose parts says 100 bytes, with their check sum, and unfolds to 300 million."""
    part = "xl/worksheets/sheet1.xml" if name == "x.xlsx" else "content.xml"
    parts = xlsx_parts("<sheetData/>") if name == "x.xlsx" else ods_parts("")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for other, content in parts.items():
            if other != part:
                target.writestr(other, content)
        with target.open(part, "w") as stream:
            for _ in range(300):
                stream.write(b" " * 1_000_000)
        info = target.getinfo(part)
        info.file_size, info.CRC = 100, zlib.crc32(b" " * 100)
    return out.getvalue()


def test_a_list_of_parts_that_lies_about_sizes(tmp_path):
    paths = [tmp_path / "x.xlsx", tmp_path / "x.ods"]
    for path in paths:
        path.write_bytes(liar(path.name))
    assert all("bung ra quá lớn" in told for told in read_within(*paths, megabytes=50))


def test_thousands_of_parts(tmp_path):
    many = {f"p{i}": b"" for i in range(limits.MAX_PARTS)}
    assert "bung ra quá lớn" in refused(tmp_path, zipped({**xlsx_parts("<sheetData/>"), **many}))


def test_two_parts_of_one_name(tmp_path):
    out = io.BytesIO(xlsx("<sheetData/>"))
    with zipfile.ZipFile(out, "a") as target, pytest.warns(UserWarning, match="Duplicate"):
        target.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    assert "hỏng" in refused(tmp_path, out.getvalue())


# --- sizes that are claimed


def test_dimension_is_only_a_claim(tmp_path):
    row = f'<row r="1">{inline("A1", "a")}</row>'
    (sheet,) = read(tmp_path, xlsx(f'<dimension ref="A1:XFD1048576"/><sheetData>{row}</sheetData>'))
    assert sheet.frame.drop("_row").rows() == [("a",)]


def test_a_single_cell_at_the_far_corner(tmp_path):
    paths = []
    for value in ("<v>1</v>", "<f>1+1</f>"):
        rows = f'<row r="1">{inline("A1", "a")}</row><row r="1048576"><c r="XFD1048576">{value}</c></row>'
        paths.append(tmp_path / f"x{len(paths)}.xlsx")
        paths[-1].write_bytes(xlsx(f"<sheetData>{rows}</sheetData>"))
    for told in read_within(*paths, megabytes=50):
        assert "1.048.576 hàng × 16.384 cột" in told
        assert "40.000.000" in told


def test_formatted_cells_without_values_take_no_room(tmp_path):
    rows = f'<row r="1">{inline("A1", "a")}<c r="XFD1" s="0"/></row><row r="1048576"><c r="A1048576" s="0"/></row>'
    (sheet,) = read(tmp_path, xlsx(f"<sheetData>{rows}</sheetData>"))
    assert sheet.frame.shape == (1, 2)


@pytest.mark.parametrize("value", ["<v>1</v>", "<f>1</f>"])
@pytest.mark.parametrize("reference", ["A1048577", "A4294967297", "XFE1", "A0", "1A", "a1", "AAAA1", ""])
def test_places_that_no_sheet_has(tmp_path, reference, value):
    cells = inline("A1", "a") + f'<c r="{reference}">{value}</c>'
    assert "hỏng" in refused(tmp_path, xlsx(f'<sheetData><row r="1">{cells}</row></sheetData>'))


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="XFD1048576" t="b"><v></v></c>',
        "<c r='XFD1048576'><v>1</v></c>",
        '<c\nr="XFD1048576"><v>1</v></c>',
        '<c s="0" r="XFD1048576"><v>1</v></c>',
        '<c r = "XFD1048576"><v>1</v></c>',
        '<c r="XF&#68;1048576"><v>1</v></c>',
    ],
)
def test_far_places_written_in_unusual_ways(tmp_path, cell):
    path = tmp_path / "x.xlsx"
    path.write_bytes(xlsx(f'<sheetData><row r="1">{inline("A1", "a")}</row><row r="9">{cell}</row></sheetData>'))
    assert "40.000.000" in refused(tmp_path, path.read_bytes())


def test_old_excel_whose_short_sectors_run_in_a_circle(tmp_path):
    raw = bytearray((DATA / "cases_1900.xls").read_bytes())
    raw[56:60] = (1 << 30).to_bytes(4, "little")  # every stream counts as short
    table = 512 + 512 * int.from_bytes(raw[60:64], "little")
    raw[table : table + 512] = bytes(512)
    path = tmp_path / "x.xls"
    path.write_bytes(raw)
    assert "hỏng" in read_within(path, megabytes=50)[0]


ODS_CELL = "<table:table-cell office:value-type='float' office:value='1' {cells}/>"


def test_repeats_of_opendocument(tmp_path):
    claims = [("2000000", "1"), ("1", "20000"), ("1000000", "41"), ("999999999999", "1")]
    paths = []
    for rows, cells in claims:
        cell = ODS_CELL.format(cells=f"table:number-columns-repeated='{cells}'")
        row = f"<table:table-row table:number-rows-repeated='{rows}'>{cell}</table:table-row>"
        paths.append(tmp_path / f"x{len(paths)}.ods")
        paths[-1].write_bytes(ods(f"<table:table table:name='S'>{row}</table:table>"))
    told = read_within(*paths, megabytes=50)
    for says, found in zip(("1.048.576 hàng", "16.384 cột", "40.000.000", "hỏng"), told, strict=True):
        assert says in found


def test_web_pages_and_xml_spreadsheets_of_too_many_rows(tmp_path, monkeypatch):
    xml = (
        "<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet' "
        "xmlns:ss='urn:schemas-microsoft-com:office:spreadsheet'><Worksheet ss:Name='S'><Table>"
        "<Row ss:Index='{row}'><Cell ss:Index='{column}'><Data ss:Type='Number'>1</Data></Cell></Row>"
        "</Table></Worksheet></Workbook>"
    )
    assert "1.048.576 hàng" in refused(tmp_path, xml.format(row=2_000_000, column=1), "x.xls")
    assert "16.384 cột" in refused(tmp_path, xml.format(row=1, column=16_385), "x.xls")
    assert "40.000.000" in refused(tmp_path, xml.format(row=1_048_576, column=39), "x.xls")
    monkeypatch.setattr(limits, "MAX_ROWS", 1000)
    page = "<table>" + "<tr><td>1</td></tr>" * 1001 + "</table>"
    assert "1.000 hàng" in refused(tmp_path, page, "x.html")


def test_spans_of_web_pages_take_no_room(tmp_path):
    page = "<table><tr><td colspan=999999 rowspan=999999>1</td>" + "<td colspan=1000>2</td>" * 40
    path = tmp_path / "x.html"
    path.write_text(page)
    assert "16.384 cột" in read_within(path, megabytes=50)[0]


def test_two_million_rows_of_csv_are_read(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"case_id,unit_code\n" + b"C1,U1\n" * 2_000_000)
    assert read_within(path, megabytes=600) == ["2000001"]


def test_a_line_of_100_megabytes(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"case_id,unit_code\n" + b"C1,U1," * 17_000_000)
    assert "Dòng 2" in read_within(path, megabytes=250)[0]


@pytest.mark.parametrize(("constant", "name"), [("csv.MAX_TEXT_BYTES", "x.csv"), ("html.MAX_PAGE_BYTES", "x.html")])
def test_files_beyond_the_size(tmp_path, monkeypatch, constant, name):
    monkeypatch.setattr(f"chiso.sources.readers.{constant}", 1 << 20)
    assert "1 MB" in refused(
        tmp_path, b"<table>" + b" " * (1 << 20) if name == "x.html" else b"a" * ((1 << 20) + 1), name
    )


# --- encrypted


def test_workbooks_with_a_password(tmp_path):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    manifest = (
        "<manifest:manifest xmlns:manifest='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0'>"
        "<manifest:file-entry manifest:full-path='content.xml'><manifest:encryption-data/></manifest:file-entry>"
        "</manifest:manifest>"
    )
    locked = {**ods_parts(""), "META-INF/manifest.xml": manifest, "content.xml": b"\x8f\x01" * 50}
    begin = b"\x09\x08\x10\x00\x00\x06\x05\x00\xbb\x0d\xcc\x07\x00\x00\x00\x00\x06\x00\x00\x00"
    filepass = b"\x2f\x00\x06\x00\x00\x00\x01\x00\x01\x00"
    bare = begin + filepass + b"\x0a\x00\x00\x00"
    raw = bytearray(xlsx("<sheetData/>"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := raw.find(signature, place + 1)) >= 0:
            raw[place + offset] |= 1
    for content, name in ((ole, "x.xlsx"), (zipped(locked), "x.ods"), (bare, "x.xls"), (bytes(raw), "x.xlsx")):
        assert "mật khẩu" in refused(tmp_path, content, name)


# --- cut off


def whole_files() -> dict[str, bytes]:
    parquet = io.BytesIO()
    pl.DataFrame({"case_id": [str(i) for i in range(1000)]}).write_parquet(parquet)
    return {
        "x.xlsx": workbook({"S": [HEADER, *[case(f"C{i}").split(",") for i in range(200)]]}),
        "x.xls": (DATA / "cases_1900.xls").read_bytes(),
        "x.ods": (DATA / "cases_1904.ods").read_bytes(),
        "x.parquet": parquet.getvalue(),
    }


@pytest.mark.parametrize("name", ["x.xlsx", "x.xls", "x.ods", "x.parquet"])
@pytest.mark.parametrize("tenths", range(1, 10))
def test_a_file_that_is_cut_off(tmp_path, name, tenths):
    raw = whole_files()[name]
    says = refused(tmp_path, raw[: len(raw) * tenths // 10], name)
    assert "hỏng" in says


@pytest.mark.parametrize("name", ["x.xlsx", "x.xls", "x.ods"])
def test_a_file_with_a_byte_gone_wrong_is_read_or_refused(tmp_path, name, capfd):
    raw = whole_files()[name]
    for place in range(0, len(raw), max(len(raw) // 60, 1)):
        damaged = raw[:place] + bytes([raw[place] ^ 0xFF]) + raw[place + 1 :]
        try:
            read(tmp_path, damaged, name)
        except UnreadableError as error:
            assert str(error)
    assert capfd.readouterr() == ("", "")


def test_a_page_or_xml_that_is_cut_off(tmp_path):
    (sheet,) = read(tmp_path, "<table><tr><td>1</td><td>2</td></tr><tr><td>3", "x.html")
    assert sheet.frame.height == 2
    xml = "<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'><Worksheet><Tab"
    assert "hỏng" in refused(tmp_path, xml, "x.xls")


# --- entities


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


def outside(path: Path) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY i SYSTEM "{path.as_uri()}">]>'


@pytest.mark.parametrize("kind", ["laughs", "outside"])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_entities_in_a_workbook(tmp_path, kind, part):
    secret = tmp_path / "secret.txt"
    secret.write_text("MARKER")
    cells = f'<sheetData><row r="1">{inline("A1", "&i;")}</row></sheetData>'
    parts = xlsx_parts(cells, shared="<si><t>&i;</t></si>")
    parts[part] = (LAUGHS if kind == "laughs" else outside(secret)) + str(parts[part])
    assert "thực thể" in refused(tmp_path, zipped(parts))


@pytest.mark.parametrize("kind", ["laughs", "outside"])
def test_entities_in_opendocument_and_xml_spreadsheets(tmp_path, kind):
    secret = tmp_path / "secret.txt"
    secret.write_text("MARKER")
    prolog = LAUGHS if kind == "laughs" else outside(secret)
    cell = "<table:table-row><table:table-cell office:value-type='string'><text:p>&i;</text:p></table:table-cell>"
    parts = ods_parts(f"<table:table table:name='S'>{cell}</table:table-row></table:table>")
    parts["content.xml"] = prolog + str(parts["content.xml"]).removeprefix('<?xml version="1.0"?>')
    assert "thực thể" in refused(tmp_path, zipped(parts), "x.ods")
    xml = prolog + "<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>&i;</Workbook>"
    assert "thực thể" in refused(tmp_path, xml, "x.xls")


def test_entities_in_a_web_page_are_text(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("MARKER")
    page = f'<!DOCTYPE html [<!ENTITY i SYSTEM "{secret.as_uri()}">]><table><tr><td>&i;</td><td>a</td></tr></table>'
    (sheet,) = read(tmp_path, page, "x.html")
    assert "MARKER" not in str(sheet.frame.rows())
    assert "a" in sheet.frame.row(-1)


# --- places


def test_a_link_out_of_the_folder_is_refused(import_files, tmp_path):
    outside_file = tmp_path / "cases.csv"
    outside_file.write_text(cases(case("C1")))
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "cases.csv").symlink_to(outside_file)
    data = import_files({})
    told = data.findings.filter(file="cases.csv").row(0, named=True)
    assert (told["severity"], told["rule"]) == ("error", "unreadable")
    assert "ngoài thư mục dữ liệu" in told["message"]
    assert data.scan("cases") is None


def test_a_link_within_the_folder_is_read(import_files, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "cases_2024-Q1.csv").symlink_to("./../data/nguồn.dat")
    assert import_files({"nguồn.dat": cases(case("C1"))}).accepted("cases") == 1


def test_a_pipe_is_not_opened(import_files, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    os.mkfifo(folder / "cases.csv")
    assert "không phải là tệp thường" in import_files({}).findings.filter(file="cases.csv")["message"][0]


def test_a_mapping_cannot_reach_out_of_the_folder(import_files, tmp_path):
    (tmp_path / "cases.csv").write_text(cases(case("C1")))
    for name in ("../cases.csv", str(tmp_path / "cases.csv")):
        settings = f'[[sources]]\nfile = "{name}"\ntable = "cases"\n'
        assert import_files({"chiso.toml": settings}).accepted("cases") == 0


# --- text that would be a command elsewhere


@pytest.mark.parametrize("name", ["deliverables.csv", "deliverables.xlsx", "deliverables.xls"])
@pytest.mark.parametrize(
    "command", ["=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "<script>x</script>"]
)
def test_commands_are_inert_text_to_the_end(import_files, name, command):
    head = ["deliverable_id", "plan_year", "plan_item", "kind", "title", "unit_code"]
    lines = [head, ["D1", "2024", "B.I.1", "task", command, "U1"], ["D2", "x", "B.I.1", "task", command, "U1"]]
    book = openpyxl.load_workbook(io.BytesIO(workbook({"S": lines})))
    book["S"]["E2"].data_type = book["S"]["E3"].data_type = "s"
    out = io.BytesIO()
    book.save(out)
    cells = "</tr><tr>".join("".join(f"<td>{html.escape(cell)}</td>" for cell in line) for line in lines)
    raw = {
        "deliverables.csv": "\n".join(",".join(line) for line in lines).encode(),
        "deliverables.xlsx": out.getvalue(),
        "deliverables.xls": f"<table><tr>{cells}</tr></table>".encode(),
    }[name]
    data = import_files({name: raw})
    assert data.scan("deliverables").collect()["title"].to_list() == [command]
    assert data.rejected("deliverables")["title"].to_list() == [command]
    returned = openpyxl.load_workbook(io.BytesIO(rejected_workbook(data) or b""))
    found = [cell for sheet in returned for row in sheet for cell in row if command in str(cell.value)]
    assert found
    assert {cell.data_type for cell in found} == {"s"}
    assert not [cell for sheet in returned for row in sheet for cell in row if cell.data_type == "f"]
    rejected = data.rejected("deliverables").select("title")
    page = table_html(Table("rejected", "Dòng bị loại", (Column("title", "Tên"),), rejected))
    assert str(escape(command)) in page
    assert "<script>x" not in page


def test_a_file_that_cannot_be_read_costs_only_its_own_table(import_files):
    data = import_files({"cases.xlsx": bomb("xl/a", 40_000_000), "feedback.xls": b"\xd0\xcf\x11\xe0" * 999})
    assert sorted(data.findings.filter(rule="unreadable")["file"]) == ["cases.xlsx", "feedback.xls"]
    assert (data.accepted("units"), data.accepted("procedures")) == (2, 1)
