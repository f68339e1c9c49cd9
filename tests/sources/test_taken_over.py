"""An import opens only the files of tables that something has changed for, and comes to the same as one of all."""

import importlib
import os
from pathlib import Path

import pytest
from sources_rows import case, cases

from chiso.sources import Dataset, ingest
from chiso.sources.privacy.pseudonyms import VARIABLE

UNITS = "unit_code,unit_name,kind\nU1,Phòng Một,division\nU2,Phòng Hai,affiliate\n"
PROCEDURES = "procedure_code,procedure_name,field,unit_code,online_level,has_fee\nP1,Thủ tục,Hội,U1,full,true\n"
BUDGET = (
    "line_id,budget_year,unit_code,kind,planned_vnd,allocated_vnd,spent_vnd,disbursed_vnd,as_of\n"
    "L1,2024,U1,admin,100,100,40,0,2024-06-30\nL2,2024,U9,admin,100,100,40,0,2024-06-30\n"
)
FILES = {
    "units.csv": UNITS,
    "procedures.csv": PROCEDURES,
    "cases_20240401.csv": cases(case("C1"), case("C2", unit_code="U2"), case("C3", channel="fax"), case("C4")),
    "cases_20240701.csv": cases(case("C1", supplement_requests="2"), case("C4"), case("C5", procedure_code="P9")),
    "budget.csv": BUDGET,
}
#: Tables that refer to units or procedures, whether a file has them or not.
OF_UNITS = {"budget", "cases", "procedures"}


class Folder:
    """A data folder, its imports, and which tables the last one was made of anew."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data, self.base = path / "data", path / "processed"
        self.anew: set[str] = set()
        self.wholes = 0
        self.data.mkdir()
        monkeypatch.setenv(VARIABLE, str(path / "key"))
        module = importlib.import_module("chiso.sources.ingest")
        whole = module.import_table

        def watched(given, folder):
            if given.files:
                self.anew.add(given.table.name)
            return whole(given, folder)

        monkeypatch.setattr(module, "import_table", watched)
        self.write(**FILES)
        self.ingest()

    def write(self, **files: str) -> None:
        for name, content in files.items():
            (self.data / name).write_text(content, encoding="utf-8")

    def ingest(self) -> Dataset:
        self.anew.clear()
        return ingest(self.data, self.base)

    def again(self) -> set[str]:
        """Import, compare with an import of all files, and return the tables that were imported anew."""
        dataset = self.ingest()
        anew = set(self.anew)
        self.wholes += 1
        whole = ingest(self.data, self.base.with_name(f"whole_{self.wholes}"))
        assert contents(dataset) == contents(whole)
        return anew


def contents(dataset: Dataset) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in dataset.processed.iterdir()}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    return Folder(tmp_path, monkeypatch)


def test_the_first_import_opens_all_files(folder):
    assert folder.anew == {"units", "procedures", "cases", "budget"}


def test_a_changed_row_costs_its_table(folder):
    folder.write(**{"budget.csv": BUDGET.replace(",40,", ",41,")})
    assert folder.again() == {"budget"}
    folder.write(**{"cases_20240701.csv": cases(case("C1", supplement_requests="3"))})
    assert folder.again() == {"cases"}


def test_a_changed_name_does_not_touch_the_tables_that_know_the_code_alone(folder):
    folder.write(**{"units.csv": UNITS.replace("Phòng Hai", "Phòng Ba")})
    assert folder.again() == {"units"}
    folder.write(**{"procedures.csv": PROCEDURES.replace("true", "false")})
    assert folder.again() == {"procedures"}


def test_a_code_more_or_less_costs_the_tables_that_refer_to_it(folder):
    folder.write(**{"units.csv": UNITS + "U9,Phòng Chín,division\n"})
    assert folder.again() == {"units", *OF_UNITS}
    folder.write(**{"procedures.csv": PROCEDURES + "P9,Thủ tục,Hội,U1,full,true\n"})
    assert folder.again() == {"procedures", "cases"}
    (folder.data / "procedures.csv").unlink()
    assert folder.again() == {"cases"}


def test_a_file_more_or_less_or_under_another_name_costs_its_table(folder):
    (folder.data / "budget.csv").rename(folder.data / "budget_20240701.csv")
    assert folder.again() == {"budget"}
    (folder.data / "cases_20240701.csv").unlink()
    assert folder.again() == {"cases"}
    folder.write(**{"cases_20240701.csv": FILES["cases_20240701.csv"]})
    assert folder.again() == set()  # as in the import before the last
    folder.write(**{"Ghi chú.txt": "không phải bảng"})
    assert folder.again() == set()


def test_settings_cost_the_tables_that_they_are_about(folder):
    settings = '[[sources]]\nfile = "budget*"\ntable = "budget"\nnumbers = "vi"\n'
    folder.write(**{"chiso.toml": settings})
    assert folder.again() == {"budget"}
    folder.write(**{"chiso.toml": settings + '[body]\nname = "Sở Thử"\n[catalogue]\nyear = 2024\n'})
    assert folder.again() == set()
    folder.write(**{"chiso.toml": settings + '[body]\ntime_zone = "Asia/Tokyo"\n'})
    assert folder.again() == {"units", "procedures", "cases", "budget"}


def test_another_key_of_pseudonyms_costs_all(folder, monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "other key"))
    assert folder.again() == {"units", "procedures", "cases", "budget"}


@pytest.mark.parametrize("damage", ["*.told", "cases.parquet", "both gone"])
def test_what_is_damaged_is_imported_anew(folder, damage):
    (earlier,) = (f for f in folder.base.iterdir() if f.is_dir())
    for file in [*earlier.glob("*.told"), earlier / "cases.parquet"]:
        if damage == "both gone":
            file.unlink()
        elif file.match(damage):
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    folder.write(**{"budget.csv": BUDGET.replace(",40,", ",41,")})
    wanted = {"budget", "cases"} if damage == "cases.parquet" else {"units", "procedures", "cases", "budget"}
    assert folder.again() == wanted


def test_rows_are_copied_where_the_disk_knows_no_links(folder, monkeypatch):
    def refused(*_: object) -> None:
        raise PermissionError

    folder.write(**{"budget.csv": BUDGET.replace(",40,", ",41,")})
    with monkeypatch.context() as patched:
        patched.setattr(os, "link", refused)
        first = folder.ingest()
    assert folder.anew == {"budget"}
    assert (first.processed / "cases.parquet").stat().st_nlink == 1
    folder.write(**{"budget.csv": BUDGET.replace(",40,", ",42,")})
    second = folder.ingest()
    assert (second.processed / "cases.parquet").stat().st_nlink == 2
    assert (second.processed / "cases.parquet").read_bytes() == (first.processed / "cases.parquet").read_bytes()


def test_rows_taken_over_outlive_the_import_they_came_from(folder):
    for spent in range(50, 56):
        folder.write(**{"budget.csv": BUDGET.replace(",40,", f",{spent},")})
        dataset = folder.ingest()
        assert folder.anew == {"budget"}
    assert len([f for f in folder.base.iterdir() if f.is_dir()]) == 4
    assert dataset.scan("cases").collect()["case_id"].sort().to_list() == ["C1", "C2", "C4"]
