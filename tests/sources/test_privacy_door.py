"""Privacy at the door: people's codes as pseudonyms, columns about people emptied, texts masked; the key."""

import os
import stat
import zipfile

import polars as pl
import pytest

from chiso.errors import ChisoError
from chiso.sources import ingest
from chiso.sources.privacy.pseudonyms import FILE_NAME, VARIABLE, load_pseudonyms
from chiso.sources.taken_over import SUFFIX

CASES = "case_id,procedure_code,unit_code,officer_id,channel,received_at\n"
UNITS = "unit_code,unit_name,kind\nU1,Phòng Một,division\n"
PROCEDURES = "procedure_code,procedure_name,field,unit_code,online_level,has_fee\nP1,Thủ tục,Hội,U1,full,true\n"


def folder(tmp_path, **tables):
    data = tmp_path / "data"
    data.mkdir()
    for name, content in {"units": UNITS, "procedures": PROCEDURES, **tables}.items():
        (data / f"{name}.csv").write_text(content, encoding="utf-8")
    return data


def test_officers_are_counted_by_pseudonyms_and_the_code_is_gone(tmp_path):
    rows = "H1,P1,U1,CB01,online,2024-03-01\nH2,P1,U1, CB01 ,online,2024-03-01\nH3,P1,U1,CB02,online,2024-03-01\n"
    personnel = (
        "event_id,kind,unit_code,staff_id,event_on\nE1,training,U1,CB01,2024-03-01\nE2,training,U1,,2024-03-01\n"
    )
    data = ingest(folder(tmp_path, cases=CASES + rows, personnel=personnel), tmp_path / "out")
    officers = data.scan("cases").collect().sort("case_id")["officer_id"].to_list()
    assert officers[0] == officers[1] != officers[2]
    assert all(code.startswith("bd-") and len(code) == 19 for code in officers)
    staff = data.scan("personnel").collect().sort("event_id")["staff_id"].to_list()
    assert staff == [officers[0], None]  # one person in two tables stays one
    for file in data.processed.iterdir():
        assert b"CB01" not in file.read_bytes()


def test_a_code_set_by_the_mapping_or_translated_is_a_pseudonym_too(tmp_path):
    data = folder(tmp_path, cases="case_id,procedure_code,unit_code,channel,received_at\nH1,P1,U1,online,2024-03-01\n")
    (data / "chiso.toml").write_text(
        '[[sources]]\nfile = "cases.csv"\ntable = "cases"\n[sources.constants]\nofficer_id = "CB07"\n', encoding="utf-8"
    )
    [code] = ingest(data, tmp_path / "out").scan("cases").collect()["officer_id"]
    assert code == load_pseudonyms(tmp_path / "out").of("CB07")


def test_the_same_key_gives_the_same_pseudonyms_and_another_key_other_ones(tmp_path, monkeypatch):
    data = folder(tmp_path, cases=f"{CASES}H1,P1,U1,CB01,online,2024-03-01\n")

    def officer(out):
        found = ingest(data, out)
        return found.scan("cases").collect()["officer_id"][0], found.processed.name

    first, name = officer(tmp_path / "a")
    assert officer(tmp_path / "a") == (first, name)
    other, other_name = officer(tmp_path / "b")
    assert other != first
    assert other_name != name
    monkeypatch.setenv(VARIABLE, str(tmp_path / "a" / FILE_NAME))
    assert officer(tmp_path / "c") == (first, name)
    assert not (tmp_path / "c" / FILE_NAME).exists()


def test_the_key_is_its_owners_alone_and_made_once(tmp_path):
    pseudonyms = load_pseudonyms(tmp_path)
    path = tmp_path / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = path.read_text()
    assert load_pseudonyms(tmp_path).of("x") == pseudonyms.of("x")
    assert path.read_text() == key
    assert len(key.strip()) == 64
    assert key.strip() not in repr(pseudonyms) + pseudonyms.mark
    assert [entry.name for entry in tmp_path.iterdir()] == [FILE_NAME]


def test_a_pseudonym_stays_itself(tmp_path):
    pseudonyms = load_pseudonyms(tmp_path)
    once = pseudonyms.of("CB01")
    assert pseudonyms.of(once) == once
    assert pseudonyms.replace(pl.Series(["CB01", None, once])).to_list() == [once, None, once]


@pytest.mark.parametrize("content", ["", "abc", "x" * 64, "\xff" * 64])
def test_a_key_file_without_a_key_is_told(tmp_path, monkeypatch, content):
    path = tmp_path / "k"
    path.write_bytes(content.encode("latin-1"))
    monkeypatch.setenv(VARIABLE, str(path))
    with pytest.raises(ChisoError, match=VARIABLE):
        load_pseudonyms(tmp_path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the owner may read everything")
def test_a_key_that_may_not_be_read_is_told(tmp_path):
    load_pseudonyms(tmp_path)
    (tmp_path / FILE_NAME).chmod(0)
    with pytest.raises(ChisoError, match=VARIABLE):
        load_pseudonyms(tmp_path)


def test_columns_about_people_are_dropped_by_header_and_by_content(import_files):
    content = (
        "case_id,procedure_code,unit_code,channel,received_at,HO TEN,Cột lạ,Ghi chú\n"
        "H1,P1,U1,online,2024-03-01,Nguyễn Thị Ánh,0912345678,bình thường\n"
        "H2,P1,U1,online,2024-03-01,Lê Hoàng Long,0987654321,\n"
    )
    data = import_files({"cases.csv": content})
    told = data.cells.filter(table="cases").select("header", "rule", "count").rows()
    assert told == [("HO TEN", "personal", 2), ("Cột lạ", "personal_content", 2)]
    messages = data.findings.filter(rule="personal_content")["message"].to_list()
    assert messages[0].startswith("Cột “Cột lạ” chứa số điện thoại")
    assert "Ghi chú" in data.findings.filter(rule="extra")["message"][0]


def test_texts_are_masked_and_cells_about_people_dropped(import_files):
    content = (
        "task_id,title,unit_code,assigned_by,assigned_on,due_on\n"
        "T1,Gọi 0912345678 xác minh,U1,department,2024-03-01,2024-03-05\n"
        "T2,Nguyễn Thị Hồng Ánh,U1,department,2024-03-01,2024-03-05\n"
        "T3,Rà soát quy trình,U1,department,2024-03-01,2024-03-05\n"
    )
    data = import_files({"assigned_tasks.csv": content})
    titles = data.scan("assigned_tasks").collect().sort("task_id")["title"].to_list()
    assert titles == ["Gọi [đã che] xác minh", None, "Rà soát quy trình"]
    rules = data.cells.filter(table="assigned_tasks").select("rule", "column", "count").rows()
    assert sorted(rules) == [("personal_content", "title", 1), ("personal_masked", "title", 1)]


def test_codes_of_things_that_are_identity_numbers_become_pseudonyms(import_files):
    numbers = ["079203001234", "001099012345", "052180003456"]
    rows = "".join(f"{n},P1,U1,online,2024-03-01\n" for n in numbers)
    data = import_files({"cases.csv": f"case_id,procedure_code,unit_code,channel,received_at\n{rows}"})
    ids = data.scan("cases").collect()["case_id"]
    assert ids.n_unique() == 3
    assert not set(ids) & set(numbers)
    assert data.cells.filter(rule="personal_code").select("header", "count").rows() == [("case_id", 3)]


def test_an_officers_column_with_names_is_told(import_files):
    rows = "H1,P1,U1,Nguyễn Thị Ánh,online,2024-03-01\nH2,P1,U1,Lê Hoàng Long,online,2024-03-01\n"
    data = import_files({"cases.csv": CASES + rows})
    assert data.scan("cases").collect()["officer_id"].str.starts_with("bd-").all()
    assert data.findings.filter(rule="personal_code")["message"][0].startswith(
        "Cột mã “officer_id” thực ra chứa họ tên"
    )


def test_a_rejected_cell_that_is_a_persons_is_not_repeated(import_files):
    rows = "H1,P1,Nguyễn Thị Ánh,,0912345678,2024-03-01\nH2,P1,U9,,fax,2024-03-01\n"
    data = import_files({"cases.csv": CASES + rows})
    values = data.rejects.filter(table="cases").sort("row", "column")["value"].to_list()
    hidden = "(dữ liệu cá nhân, không ghi lại)"
    assert values == [hidden, hidden, "fax", "U9"]
    assert [file for file in data.processed.iterdir() if file.suffix == SUFFIX]
    for file in data.processed.iterdir():
        contents = [file.read_bytes()]
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                contents += [archive.read(name) for name in archive.namelist()]
        contents += [str(pl.read_parquet(raw).rows()).encode() for raw in contents if raw.startswith(b"PAR1")]
        assert not any("Ánh".encode() in content for content in contents), file.name
