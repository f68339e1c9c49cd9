"""``chiso read`` and ``chiso map``: files without a data folder, and a mapping proposed from a specimen."""

from datetime import datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from chiso import cli
from chiso.runs.read_files import inert
from chiso.sources.mapping.lookup import named_mapping
from chiso.sources.mapping.model import load_mapping
from chiso.sources.mapping.proposal import propose
from chiso.sources.mapping.proposal.render import file_pattern

ROOT = Path(__file__).parents[2]
NYC = ROOT / "data" / "raw" / "nyc311" / "nyc311_100.csv"
WORKBOOKS = ROOT / "tests" / "data" / "vietnam"


@pytest.fixture
def chiso(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        with pytest.raises(SystemExit) as left:
            cli.main([str(word) for word in words])
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return left.value.code, told.out + told.err

    return call


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


UNITS = "unit_code,unit_name,kind\nU1,Một,division\n"


def test_read_gives_tables_and_account(chiso, tmp_path):
    code, said = chiso("read", WORKBOOKS / "Plan_2017.xls", "--mapping", "ngan_sach_tinh", "--out", "kq")
    assert code == 0
    assert "nhận 63" in said
    names = {path.name for path in (tmp_path / "kq").iterdir()}
    assert names >= {
        "province_budget.parquet",
        "province_budget.csv",
        "files.csv",
        "rejects.csv",
        "findings.csv",
        "summary.txt",
    }
    rows = pl.read_parquet(tmp_path / "kq" / "province_budget.parquet")
    assert pl.read_csv(tmp_path / "kq" / "province_budget.csv")["total_revenue"].sum() == rows["total_revenue"].sum()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".chiso")] == []


def test_read_finds_table_or_mapping_by_itself(chiso, tmp_path):
    write(tmp_path / "units.csv", UNITS)
    write(tmp_path / "tai ve.csv", UNITS.replace("U1", "U2"))
    code, said = chiso("read", "units.csv", "tai ve.csv", NYC, "--out", "kq")
    assert code == 1  # the requests name units and procedures that are not here
    assert pl.read_parquet(tmp_path / "kq" / "units.parquet").height == 2
    assert "Mã đơn vị không có trong bảng Đơn vị" in said


def test_read_without_anything_to_read_is_2_and_names_the_way(chiso, tmp_path):
    write(tmp_path / "x.csv", "a,b\n1,2\n")
    code, said = chiso("read", "x.csv", "--out", "kq")
    assert code == 2
    assert "--mapping" in said and "permits" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["read"], "Thiếu TỆP"),
        (["read", "nix.csv"], "Không tìm thấy tệp nix.csv"),
        (["read", NYC, NYC], "hai lần"),
        (["read", NYC, "--mapping", "nyc312"], "boston311"),
        (["read", NYC, "--mapping", "nix.toml"], "Không tìm thấy tệp ánh xạ nix.toml"),
        (["map", "nix.csv"], "Không tìm thấy tệp nix.csv"),
        (["map", NYC, "--table", "kases"], "không có bảng “kases”"),
    ],
)
def test_what_cannot_be_done_is_told(chiso, words, told):
    code, said = chiso(*words)
    assert code == 2
    assert told in said


def test_read_replaces_its_own_folder_and_no_other(chiso, tmp_path):
    write(tmp_path / "units.csv", UNITS)
    assert chiso("read", "units.csv", "--out", "kq")[0] == 0
    assert chiso("read", "units.csv", "--out", "kq")[0] == 0
    (tmp_path / "mine").mkdir()
    write(tmp_path / "mine" / "a.txt", "x")
    code, said = chiso("read", "units.csv", "--out", "mine")
    assert code == 2 and "không ghi đè" in said
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["a.txt"]


def test_files_of_one_name_are_told_apart(chiso, tmp_path):
    for part in ("a", "b"):
        (tmp_path / part).mkdir()
        write(tmp_path / part / "units.csv", UNITS.replace("U1", f"U{part}"))
    assert chiso("read", "a/units.csv", "b/units.csv", "--out", "kq")[0] == 0
    assert pl.read_csv(tmp_path / "kq" / "files.csv")["file"].to_list() == ["a/units.csv", "b/units.csv"]


def test_tables_are_told_by_their_labels(chiso, tmp_path):
    write(tmp_path / "units.csv", UNITS)
    said = chiso("read", "units.csv", "--out", "kq")[1]
    assert "Bảng Đơn vị: đọc" in said and "Bảng units" not in said


def test_no_cell_of_a_table_is_a_formula():
    frame = pl.DataFrame({"a": ["=1+1", "@x", "-", "x=1", None], "b": [-1, 2, 3, 4, 5]})
    assert inert(frame)["a"].to_list() == ["'=1+1", "'@x", "'-", "x=1", None]
    assert inert(frame)["b"].to_list() == [-1, 2, 3, 4, 5]


SPECIMEN = (
    "DANH SÁCH HỒ SƠ\n"
    "Mã hồ sơ;Mã TTHC;Phòng xử lý hồ sơ;Kênh;Ngày tiếp nhận;Ngày trả;Phí, lệ phí;Họ và tên;Lạ\n"
    "H1;T1;P1;Trực tuyến;25/03/2024;02/04/2024;80.000;Nguyễn Văn An;a\n"
    "H2;T1;P1;Trực tiếp;03/04/2024;05/04/2024;90.000;Trần Thị Bình;b\n"
    "H3;T2;P2;Fax;04/04/2024;06/04/2024;1.250.000;Lê Văn Cường;c\n"
)


def test_map_tells_what_it_matched_guessed_and_could_not_place(chiso, tmp_path):
    write(tmp_path / "hs_20240405.csv", SPECIMEN)
    code, said = chiso("map", "hs_20240405.csv", "--out", "m.toml")
    assert code == 0
    for part in (
        "Hồ sơ thủ tục hành chính (cases)",
        "case_id ← “Mã hồ sơ”",
        "unit_code ← “Phòng xử lý hồ sơ” (gần giống “Phòng xử lý”)",
        "channel ← “Kênh” (có các giá trị",
        "“Họ và tên”",
        "“Lạ”",
        "“Fax”",
        "Ngày trước tháng sau: 1 ô chỉ có thể hiểu như vậy, ví dụ 25/03/2024",
        "Số dạng 1.234.567,8: 1 ô, ví dụ 1.250.000",
    ):
        assert part in said
    written = (tmp_path / "m.toml").read_text(encoding="utf-8")
    assert 'file = "hs_*.csv"' in written
    assert "Nguyễn" not in written + said
    (source,) = load_mapping(tmp_path / "m.toml").sources
    assert (source.table, source.dates, source.numbers) == ("cases", "dmy", "vi")
    assert source.columns["channel"] == ("Kênh",)


def test_map_never_overwrites_unasked(chiso, tmp_path):
    write(tmp_path / "units.csv", UNITS)
    assert chiso("map", "units.csv")[0] == 0
    target = tmp_path / "mappings" / "units.toml"
    write(target, "# mine\n")
    code, said = chiso("map", "units.csv")
    assert code == 2 and "--overwrite" in said
    assert target.read_text(encoding="utf-8") == "# mine\n"
    assert chiso("map", "units.csv", "--overwrite")[0] == 0
    assert "[[sources]]" in target.read_text(encoding="utf-8")


def test_an_open_convention_is_left_to_the_person(tmp_path):
    from chiso.sources.mapping.proposal import toml

    rows = "case_id,received_at,fee_vnd\nH1,01/02/2024,80.000\nH2,03/04/2024,90.000\n"
    written = toml(propose(write(tmp_path / "hs.csv", rows)))
    for line in ('# dates = "dmy"', '# dates = "mdy"', '# numbers = "vi"', '# numbers = "en"'):
        assert line in written.splitlines()
    (source,) = load_mapping(write(tmp_path / "m.toml", written)).sources
    assert (source.dates, source.numbers) == (None, None)


def test_what_is_like_no_table_becomes_a_table_of_its_own(chiso, tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["KẾT QUẢ NĂM"],
        ["STT", "Xã", "Số hộ", "Tỷ lệ"],
        ["I", "Miền núi", 30, None],
        [1, "An Bình", 10, 1.5],
        [2, "Bến", 20, 2.5],
    ):
        book.active.append(row)
    book.save(tmp_path / "ho.xlsx")
    code, said = chiso("map", "ho.xlsx", "--out", "ho.toml")
    assert code == 0 and "không giống bảng nào" in said
    mapping = named_mapping(str(tmp_path / "ho.toml")).mapping
    assert [(c.name, c.type) for c in mapping.tables["ho"].columns] == [
        ("xa", "text"),
        ("so_ho", "int"),
        ("ty_le", "float"),
    ]
    code, said = chiso("read", "ho.xlsx", "--mapping", "ho.toml", "--out", "kq")
    assert code == 0, said
    assert pl.read_parquet(tmp_path / "kq" / "ho.parquet").rows() == [("An Bình", 10, 1.5), ("Bến", 20, 2.5)]


@pytest.mark.parametrize("workbook", sorted(WORKBOOKS.glob("*.xls*")), ids=lambda path: path.stem)
def test_a_proposal_for_any_workbook_loads(workbook, tmp_path):
    from chiso.sources.mapping.proposal import report, toml

    proposal = propose(workbook)
    assert load_mapping(write(tmp_path / "m.toml", toml(proposal))).sources
    assert report(proposal)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("nyc311_100.csv", "nyc311_*.csv"),
        ("HoSo_2024-Q1_20240405.xlsx", "HoSo_*.xlsx"),
        ("2024.csv", "*.csv"),
        ("ho so.csv", "ho so.csv"),
    ],
)
def test_the_pattern_of_a_file_name(name, pattern):
    assert file_pattern(name) == pattern


def book(path, *rows):
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(path)
    return path


def mapped(chiso, tmp_path, *command):
    code, said = chiso("map", *command, "--out", "m.toml")
    assert code == 0, said
    return said, (tmp_path / "m.toml").read_text(encoding="utf-8"), load_mapping(tmp_path / "m.toml").sources[0]


def test_cells_that_are_dates_and_numbers_declare_no_convention(chiso, tmp_path):
    head = ["Mã dòng ngân sách", "Ngày chốt số liệu", "Năm ngân sách", "Đơn vị", "Loại kinh phí", "Dự toán (đồng)"]
    rows = [[f"L{n}", datetime(2024, 12, 20 + n), 2024, "U1", "Đầu tư công", 1000.5 + n] for n in range(4)]
    book(tmp_path / "budget.xlsx", head, *rows)
    said, written, source = mapped(chiso, tmp_path, "budget.xlsx")
    assert (source.dates, source.numbers) == (None, None)
    assert "dates" not in written and "numbers" not in written
    assert "2024-12-20" not in said


def test_only_typed_text_tells_how_numbers_are_written(chiso, tmp_path):
    head = ["Mã hồ sơ", "Ngày tiếp nhận", "Đơn vị", "Mã thủ tục", "Hình thức nộp", "Phí, lệ phí"]
    rows = [
        ["H1", "2024-12-20", "U1", "T1", "Trực tuyến", 80.125],
        ["H2", "2024-12-21", "U1", "T1", "Trực tuyến", "1.250.000"],
    ]
    _, written, source = mapped(chiso, tmp_path, str(book(tmp_path / "hs.xlsx", head, *rows)))
    assert (source.dates, source.numbers) == (None, "vi")
    assert "80.125" not in written


def test_iso_dates_are_read_undeclared_beside_others(chiso, tmp_path):
    write(tmp_path / "hs.csv", "case_id,received_at\nH1,2024-12-20\nH2,25.12.2024\n")
    assert mapped(chiso, tmp_path, "hs.csv")[2].dates == "dmy"


def test_a_guess_that_the_cells_contradict_is_commented_out(chiso, tmp_path):
    rows = (
        "Mã PA;Nội dung phản ánh gửi đến;Đơn vị xử lý ở đâu;Ngày tiếp nhận\n"
        "P1;Văn phòng Sở;13/10/2024;10/10/2024\nP2;Thanh tra Sở;15/10/2024;11/10/2024\n"
    )
    write(tmp_path / "pakn.csv", rows)
    said, written, source = mapped(chiso, tmp_path, "pakn.csv", "--table", "feedback")
    assert "kind" not in source.columns and "unit_code" not in source.columns
    assert '# kind = "Nội dung phản ánh gửi đến"  # tên giống “Nội dung phản ánh”' in written
    assert "các ô không phải giá trị của cột kind" in said


@pytest.mark.parametrize("header", ["Phòng", "Phòng ban", "Phòng được phản ánh"])
def test_a_department_is_the_unit(chiso, tmp_path, header):
    rows = f"Mã PAKN;{header};Loại phản ánh;Ngày tiếp nhận\nP1;Văn phòng;Khác;13/10/2024\n"
    write(tmp_path / "pakn.csv", rows)
    assert mapped(chiso, tmp_path, "pakn.csv", "--table", "feedback")[2].columns["unit_code"] == (header,)


@pytest.mark.parametrize(
    ("title", "planned", "spent", "factors"),
    [
        ("Đơn vị tính: triệu đồng", "Dự toán", "Đã chi", {"planned_vnd": 10**6, "spent_vnd": 10**6}),
        ("ĐVT: nghìn đồng", "Dự toán", "Đã chi (đồng)", {"planned_vnd": 1000}),
        ("BÁO CÁO", "Dự toán (triệu đồng)", "Đã chi (tỷ đồng)", {"planned_vnd": 10**6, "spent_vnd": 10**9}),
        ("Đơn vị tính: đồng", "Dự toán", "Đã chi", {}),
        ("Hơn 5 triệu đồng đã chi", "Dự toán", "Đã chi", {}),
    ],
)
def test_money_in_millions_is_multiplied(chiso, tmp_path, title, planned, spent, factors):
    head = ["Mã dòng ngân sách", "Ngày chốt số liệu", "Năm ngân sách", "Đơn vị", "Loại kinh phí", planned, spent]
    row = ["L1", datetime(2024, 12, 31), 2024, "U1", "Đầu tư công", 1500, 1200]
    book(tmp_path / "b.xlsx", [title], head, row)
    assert mapped(chiso, tmp_path, "b.xlsx")[2].multiply == factors


def test_map_says_how_to_try_it_and_where_a_run_finds_it(chiso, tmp_path):
    write(tmp_path / "hs 1.csv", SPECIMEN)
    said = chiso("map", "hs 1.csv", "--out", "m.toml")[1]
    assert 'chiso read "hs 1.csv" --mapping m.toml' in said
    assert "data/raw/<tên>/mappings/m.toml" in said
