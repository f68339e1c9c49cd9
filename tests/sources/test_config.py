from datetime import date, datetime

import pytest
from sources_rows import case, cases

from chiso.errors import ChisoError
from chiso.sources.config import load_settings


def settings_of(tmp_path, content):
    (tmp_path / "chiso.toml").write_text(content, encoding="utf-8")
    return load_settings(tmp_path)


def test_defaults_without_a_file(tmp_path):
    body = load_settings(tmp_path).body
    assert (body.synthetic, body.time_zone, body.office) == (False, "Asia/Ho_Chi_Minh", None)
    assert body.name


def test_body_and_catalogue(tmp_path):
    content = '[body]\nname = "Sở Nội vụ"\nsynthetic = true\n[catalogue]\nyear = 2025\npath = "cat.toml"\n'
    body = settings_of(tmp_path, content).body
    assert (body.name, body.synthetic, body.catalogue.year) == ("Sở Nội vụ", True, 2025)
    assert body.catalogue.path == tmp_path / "cat.toml"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('[body]\nname = "a"\nname = "b"\n', "cú pháp"),
        ('[body]\nnaem = "a"\n', "body.naem: khóa này không có"),
        ('[body]\ntime_zone = "Asia/Hanoi2"\n', "không phải tên múi giờ"),
        ("[catalogue]\nyear = true\npfad = 1\n", "pfad: khóa này không có"),
        ("[body.catalogue]\nyear = 2024\n", "body.catalogue: khóa này không có"),
        ('[[sources]]\nfile = "a.csv"\n', "sources.1.table: thiếu khóa"),
        ('[[sources]]\nfile = "a.csv"\ntable = "case"\n', "không có bảng “case”"),
        ('[[sources]]\nfile = "a.csv"\ntable = "cases"\ncolumns = { x = "y" }\n', "không có cột “x”"),
        ('[[sources]]\nfile = "a.csv"\ntable = "cases"\nnumbers = "de"\n', "sources.1.numbers: giá trị “de”"),
        ('[[sources]]\nfile = "a"\ntable = "cases"\nvalues = { channel = { a = "fax" } }\n', "“fax” không phải mã"),
        (
            '[[sources]]\nfile = "a"\ntable = "cases"\n'
            'columns = { unit_code = "u" }\nconstants = { unit_code = "U1" }\n',
            "unit_code vừa có trong columns",
        ),
    ],
)
def test_faults_are_told_with_their_place(tmp_path, content, says):
    with pytest.raises(ChisoError) as raised:
        settings_of(tmp_path, content)
    assert says in str(raised.value)


def test_all_faults_at_once(tmp_path):
    with pytest.raises(ChisoError) as raised:
        settings_of(tmp_path, "[body]\nx = 1\ny = 2\n")
    assert str(raised.value).count("khóa này không có") == 2


def test_mapping_of_columns_constants_values_and_conventions(import_files):
    data = import_files(
        {
            "chiso.toml": """
[[sources]]
file = "export_*.csv"
table = "cases"
time_zone = "UTC"
dates = "dmy"
numbers = "vi"
columns = { case_id = "Nr", unit_code = "Abteilung", received_at = "Eingang" }
constants = { procedure_code = "P1", paid_online = true, due_at = 2024-04-01 }
[sources.values]
channel = { Schalter = "in_person", "" = "online" }
supplement_requests = { "" = "0" }
""",
            "export_20240401.csv": "Nr;Abteilung;Eingang;channel;fee_vnd;supplement_requests;unit_code\n"
            "1;U1;01-03-2024 08:30;schalter;80.000;;U9\n2;U2;2024-03-01T08:30:00+02:00;;;2;U9\n",
        }
    )
    rows = data.scan("cases").sort("case_id").collect()
    columns = ["case_id", "procedure_code", "unit_code", "channel", "received_at", "fee_vnd", "supplement_requests"]
    assert rows.select(columns).rows() == [
        ("1", "P1", "U1", "in_person", datetime(2024, 3, 1, 8, 30), 80000, 0),
        ("2", "P1", "U2", "online", datetime(2024, 3, 1, 6, 30), None, 2),
    ]
    assert rows["paid_online"].to_list() == [True, True]
    assert rows["due_at"].to_list() == [datetime(2024, 4, 1)] * 2
    assert data.files.filter(table="cases")["exported_on"].to_list() == [date(2024, 4, 1)]
    assert "unit_code" in data.findings.filter(table="cases", rule="extra")["message"][0]
    assert {"procedure_code", "paid_online"} <= data.columns("cases")


def test_one_file_may_feed_two_tables(import_files):
    mapping = '[[sources]]\nfile = "all.csv"\ntable = "{}"\n'
    content = cases(case("C1")).replace("case_id", "case_id,unit_name,kind", 1).replace("C1", "C1,Phòng Một,division")
    toml = mapping.format("cases") + mapping.format("units")
    data = import_files({"chiso.toml": toml, "all.csv": content})
    assert data.accepted("cases") == 1
    assert data.files.filter(file="all.csv")["table"].to_list() == ["cases", "units"]


def test_a_mapping_without_files_is_told(import_files):
    data = import_files({"chiso.toml": '[[sources]]\nfile = "x*.csv"\ntable = "cases"\n', "cases.csv": cases()})
    assert data.findings.filter(rule="mapping_unused")["severity"].to_list() == ["warning"]
