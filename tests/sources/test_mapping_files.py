"""Mapping files: where they are found, what they say, and what is refused."""

from datetime import datetime
from pathlib import Path

import pytest

from chiso.errors import ChisoError
from chiso.sources import ingest
from chiso.sources.config import load_settings
from chiso.sources.mapping.lookup import named_mapping, shipped_names
from chiso.sources.mapping.model import Taken, load_mapping

UNITS = "unit_code,unit_name,kind\nU1,Phòng Một,division\nU2,Phòng Hai,affiliate\n"
MAPPING = '[[sources]]\nfile = "dv_*.csv"\ntable = "units"\ncolumns = { unit_code = "Ký hiệu" }\n'


def folder(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path / "data"


def faults(tmp_path: Path, content: str) -> str:
    path = tmp_path / "m.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ChisoError) as raised:
        load_mapping(path)
    assert str(path) in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("name", ["boston311", "ngan_sach_tinh", "nyc311", "papi", "permits"])
def test_shipped_mappings_load(name):
    assert name in shipped_names()
    assert named_mapping(name).mapping.sources


def test_a_folder_reads_its_own_mappings_without_naming_them(tmp_path):
    data = folder(tmp_path, {"mappings/so.toml": MAPPING, "dv_a.csv": UNITS.replace("unit_code", "Ký hiệu")})
    assert ingest(data, tmp_path / "out").accepted("units") == 2


def test_a_shipped_mapping_is_named_in_chiso_toml(tmp_path):
    settings = load_settings(folder(tmp_path, {"chiso.toml": 'mappings = ["permits"]\n'}))
    assert [(named.name, named.mapping.sources[0].table) for named in settings.found] == [("permits", "cases")]


def test_a_folders_own_mapping_takes_the_place_of_a_shipped_one(tmp_path):
    data = folder(tmp_path, {"chiso.toml": 'mappings = ["permits"]\n', "mappings/permits.toml": MAPPING})
    assert [named.mapping.sources[0].table for named in load_settings(data).found] == ["units"]


def test_chiso_toml_goes_before_mapping_files(tmp_path):
    own = '[[sources]]\nfile = "dv_a.csv"\ntable = "units"\ncolumns = { unit_code = "Mã riêng" }\n'
    csv = UNITS.replace("unit_code", "Mã riêng")
    data = folder(tmp_path, {"chiso.toml": own, "mappings/so.toml": MAPPING, "dv_a.csv": csv})
    dataset = ingest(data, tmp_path / "out")
    assert dataset.accepted("units") == 2
    assert "“so”" in dataset.findings.filter(rule="mapping_unused")["message"][0]
    shadowed = dataset.findings.filter(rule="mapping_shadowed").select("severity", "table", "file").rows()
    assert shadowed == [("warning", "units", "dv_a.csv")]


def test_an_unknown_mapping_names_the_nearest(tmp_path):
    with pytest.raises(ChisoError, match="permit.*chiso.toml.*: permits, "):
        load_settings(folder(tmp_path, {"chiso.toml": 'mappings = ["permit"]\n'}))


def test_a_changed_mapping_is_another_import(tmp_path):
    csv = UNITS.replace("unit_code", "Ký hiệu")
    data = folder(tmp_path, {"mappings/so.toml": MAPPING, "dv_a.csv": csv})
    first = ingest(data, tmp_path / "out").processed
    assert ingest(data, tmp_path / "out").processed == first
    folder(tmp_path, {"mappings/so.toml": MAPPING + 'values.kind = { "x" = "division" }\n'})
    assert ingest(data, tmp_path / "out").processed != first


def test_all_faults_at_once_with_file_and_key(tmp_path):
    told = faults(
        tmp_path,
        'sytem = "x"\n[tables.t]\nkey = ["a"]\ncolumns = { b = { label = "B", type = "number" } }\n'
        '[[sources]]\nfile = "a"\ntable = "cases"\ncolumns = { nope = "x", due_at = ["y"] }\n'
        "multiply = { channel = 2 }\n"
        'sums = { fee_vnd = ["visits", "nix"] }\n'
        '[[sources]]\nfile = "b"\ntable = "kases"\n'
        "[[sources]]\nfile = 'c'\ntable = 'units'\n"
        "constants = { kind = { from = 'name', pattern = '(' } }\nsheets = 'S'\n",
    )
    for part in (
        "sytem: khóa này không có",
        "tables.t.columns.1.type: giá trị “number”",
        "bảng cases không có cột “nope”",
        "bảng cases không có cột “nix”",
        "cột channel ghi trong multiply không phải cột số",
        "không có bảng “kases”",
        "sources.3.sheets: khóa này không có",
        "biểu thức chính quy",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('system = "x"\n', "sources: thiếu khóa"),
        ("[tables.units]\nkey = ['a']\ncolumns = { a = { label = 'A', type = 'text' } }\n" + MAPPING, "chọn tên khác"),
        ("[tables.t]\nkey = ['b']\ncolumns = { a = { label = 'A', type = 'text' } }\n" + MAPPING, "không khai báo: b"),
        (
            "[[sources]]\nfile='a'\ntable='budget'\ncolumns = { planned_vnd = 'x' }\n"
            "unpivot = { name = 'kind', value = 'planned_vnd', columns = { admin = 'y' } }\n",
            "cột planned_vnd vừa do unpivot",
        ),
    ],
)
def test_a_fault_is_told(tmp_path, content, says):
    assert says in faults(tmp_path, content)


OWN = """
[tables.places]
label = "Nơi"
key = ["place", "year", "what"]
[tables.places.columns]
place = { label = "Nơi", type = "enum", required = true, values = { "Hà Nội" = "Ha Noi", "Đắk Lắk" = "Dak Lak" } }
year = { label = "Năm", type = "int", required = true }
what = { label = "Loại", type = "text", required = true }
amount = { label = "Số tiền", type = "int" }
[[sources]]
file = "stat_*.csv"
table = "places"
numbers = "vi"
multiply = { amount = 1000000 }
columns = { place = "Tỉnh" }
[sources.constants]
year = [{ from = "file", pattern = '_(?P<year>\\d{4})' }, { from = "title", pattern = '(?i)năm (\\d{4})' }]
[sources.unpivot]
name = "what"
value = "amount"
columns = { income = ["Thu"], outlay = ["Chi", "Tổng chi"] }
"""


def test_a_wide_sheet_becomes_a_long_table_of_its_own(import_files):
    wide = "BẢNG NĂM 2023;;\nTỉnh;Thu;Tổng chi\nHà Nội;1.234;5\nĐẮC LẮC;6;\nĐăk Lăk;7;8\nHuế;1;2\n"
    data = import_files({"chiso.toml": OWN, "stat_a.csv": wide})
    rows = data.scan("places").collect().rows()
    assert rows == [
        ("Hà Nội", 2023, "income", 1_234_000_000),
        ("Hà Nội", 2023, "outlay", 5_000_000),
        ("Đắk Lắk", 2023, "income", 7_000_000),
        ("Đắk Lắk", 2023, "outlay", 8_000_000),
    ]
    account = data.files.filter(table="places").row(0, named=True)
    assert (account["read"], account["accepted"], account["rejected"], account["layout"]) == (9, 4, 4, 1)
    assert data.rejects["value"].unique().sort().to_list() == ["Huế", "ĐẮC LẮC"]
    assert data.tables[-1] == "places"


def test_a_year_from_the_file_name_goes_before_the_title(import_files):
    wide = "NĂM 2023;;\nTỉnh;Thu;Chi\nHà Nội;1;2\n"
    data = import_files({"chiso.toml": OWN, "stat_2022.csv": wide})
    assert data.scan("places").collect()["year"].unique().to_list() == [2022]


def test_a_file_without_the_tables_columns_is_refused_by_name(import_files):
    data = import_files({"chiso.toml": OWN, "stat_2022.csv": "Huyện;Thu;Chi\nA;1;2\n"})
    (message,) = data.findings.filter(rule="no_table")["message"]
    assert "không tìm thấy cột Nơi" in message
    assert data.accepted("places") == 0


def test_columns_are_added_up_where_the_file_lacks_their_sum(import_files):
    toml = (
        '[[sources]]\nfile = "b.csv"\ntable = "budget"\n'
        'sums = { planned_vnd = ["allocated_vnd", "spent_vnd"] }\n'
        'constants = { kind = "admin", unit_code = "U1", as_of = 2024-01-31, budget_year = 2024 }\n'
    )
    data = import_files({"chiso.toml": toml, "b.csv": "line_id,allocated_vnd,spent_vnd\nL1,2,3\nL2,4,\nL3,,\n"})
    assert data.scan("budget").collect()["planned_vnd"].to_list() == [5, 4, None]
    assert "planned_vnd" in data.columns("budget")
    given = import_files({"chiso.toml": toml, "b.csv": "line_id,planned_vnd,allocated_vnd,spent_vnd\n1,9,2,3\n"})
    assert given.scan("budget").collect()["planned_vnd"].to_list() == [9]


def test_only_the_sheets_named_are_read(tmp_path):
    from sources_excel import workbook

    rows = [["unit_code", "unit_name", "kind"], ["U1", "Phòng Một", "division"]]
    other = [rows[0], ["U2", "Phòng Hai", "division"]]
    data = folder(tmp_path, {"chiso.toml": '[[sources]]\nfile = "u.xlsx"\nsheet = "Bảng*"\ntable = "units"\n'})
    (data / "u.xlsx").write_bytes(workbook({"Nháp": other, "BẢNG 1": rows}))
    assert ingest(data, tmp_path / "out").scan("units").collect()["unit_code"].to_list() == ["U1"]


def test_several_headers_are_accepted_the_best_first(import_files):
    toml = '[[sources]]\nfile = "u*.csv"\ntable = "units"\ncolumns = { unit_code = ["Mã mới", "Mã cũ"] }\n'
    both = "Mã cũ,Mã mới,unit_name,kind\nX,U1,Một,division\n"
    data = import_files({"chiso.toml": toml, "units.csv": both}, basics=False)
    assert data.scan("units").collect()["unit_code"].to_list() == ["U1"]


def test_dates_with_the_month_first(import_files):
    toml = '[[sources]]\nfile = "cases.csv"\ntable = "cases"\ndates = "mdy"\n'
    head = "case_id,procedure_code,unit_code,channel,received_at\n"
    data = import_files({"chiso.toml": toml, "cases.csv": head + "C1,P1,U1,online,04/18/2019 09:55:45 PM\n"})
    assert data.scan("cases").collect()["received_at"].to_list() == [datetime(2019, 4, 18, 21, 55, 45)]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [(r"_(?P<year>\d{4})", "2010"), (r"Plan_(\d{4})", "2010"), (r"\d+", "2010"), ("[a-z]{9}", None)],
)
def test_what_a_pattern_takes(pattern, found):
    taken = Taken.model_validate({"from": "file", "pattern": pattern})
    assert taken.find("year", "Plan_2010.xls", None, []) == found


def test_a_dataset_knows_the_tables_a_mapping_brings(import_files):
    data = import_files({"chiso.toml": OWN, "stat_2022.csv": "Tỉnh;Thu;Chi\nHà Nội;1;2\nHuế;3;4\n"})
    assert data.contracts["places"].column("amount").label == "Số tiền"
    assert list(data.contracts)[:2] == ["units", "procedures"]
    from chiso.reporting.rejected import rejected_workbook
    from chiso.reporting.tables import account_table, rejects_table

    assert "Nơi" in rejects_table(data).frame["header"].to_list() + rejects_table(data).frame["table"].to_list()
    assert "places" not in account_table(data).frame["table"].to_list()
    assert rejected_workbook(data)
