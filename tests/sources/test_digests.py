"""The hash of what an import keeps of a table: one cell changes one table's, unless another refers to it."""

import os
import shutil
from pathlib import Path

import polars as pl
import pytest
from sources_rows import case, cases

from chiso.sources import Dataset, ingest, load_contract

SAMPLE = Path(__file__).parents[2] / "data" / "raw" / "sample"
UNITS = "unit_code,unit_name,kind\nU1,Phòng Một,division\nU2,Phòng Hai,affiliate\n"
PROCEDURES = "procedure_code,procedure_name,field,unit_code,online_level,has_fee\nP1,Thủ tục,Hội,U1,full,true\n"
BUDGET = (
    "line_id,budget_year,unit_code,kind,planned_vnd,allocated_vnd,spent_vnd,disbursed_vnd,as_of\n"
    "L1,2024,U1,admin,100,100,40,0,2024-06-30\n"
)
FILES = {
    "units.csv": UNITS,
    "procedures.csv": PROCEDURES,
    "cases.csv": cases(case("C1"), case("C2", unit_code="U2"), case("C3", channel="fax")),
    "budget.csv": BUDGET,
}


def changed(one: Dataset, other: Dataset) -> set[str]:
    return {name for name in load_contract() if one.digest(name) != other.digest(name)}


@pytest.fixture
def imported(tmp_path):
    def run(where: str = "one", **files: str) -> Dataset:
        folder = tmp_path / where / "data"
        folder.mkdir(parents=True)
        given = FILES | {f"{name}.csv": content for name, content in files.items()}
        for name, content in given.items():
            (folder / name).write_text(content, encoding="utf-8")
        return ingest(folder, tmp_path / where / "kept")

    return run


def test_place_time_and_order_of_files_do_not_matter(imported, tmp_path):
    first = imported("one")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for name in sorted(FILES, reverse=True):
        shutil.copy(first.folder / name, folder / name)
        os.utime(folder / name, (0, 0))
    assert changed(first, ingest(folder, tmp_path / "other")) == set()
    assert changed(first, ingest(first.folder, tmp_path / "one" / "kept")) == set()


def test_a_changed_cell_changes_its_table_alone(imported):
    first = imported("one")
    assert changed(first, imported("two", budget=BUDGET.replace(",40,", ",41,"))) == {"budget"}
    assert changed(first, imported("three", procedures=PROCEDURES.replace("true", "false"))) == {"procedures"}
    renamed = imported("four", units=UNITS.replace("Phòng Hai", "Phòng Ba"))
    assert changed(first, renamed) == {"units"}


def test_a_unit_taken_away_changes_the_tables_whose_rows_it_held(imported):
    first = imported("one")
    without = imported("two", units=UNITS.replace("U2,Phòng Hai,affiliate\n", ""))
    assert changed(first, without) == {"units", "cases"}
    assert without.accepted("cases") == 1


def test_a_rejected_row_is_part_of_the_whole_but_not_of_what_figures_are_made_of(imported):
    first = imported("one")
    second = imported("two", cases=cases(case("C1"), case("C2", unit_code="U2"), case("C3", channel="pigeon")))
    assert changed(first, second) == {"cases"}
    assert first.rows_digest("cases") == second.rows_digest("cases")
    third = imported("three", cases=cases(case("C1"), case("C2", unit_code="U2"), case("C3")))
    assert first.rows_digest("cases") != third.rows_digest("cases")


def test_a_column_without_values_is_part_of_what_figures_are_made_of(imported):
    first = imported("one")
    header, row = PROCEDURES.splitlines()
    second = imported("two", procedures=f"{header},abolished_on\n{row},\n")
    same = pl.read_parquet(first.processed / "procedures.parquet")
    assert same.equals(pl.read_parquet(second.processed / "procedures.parquet"))
    assert second.columns("procedures") - first.columns("procedures") == {"abolished_on"}
    assert first.rows_digest("procedures") != second.rows_digest("procedures")


def test_a_missing_table_has_a_hash_and_an_empty_one_another(imported):
    first = imported("one")
    assert first.digest("feedback") == first.digest("feedback")
    assert first.digest("no such table") != first.digest("cases")
    columns = ",".join(c.name for c in load_contract()["feedback"].columns)
    assert changed(first, imported("two", feedback=columns + "\n")) == {"feedback"}


def test_what_is_told_of_no_table_belongs_to_all(imported):
    assert changed(imported("one"), imported("two", what_is_this="a,b\n1,2\n")) == set(load_contract())


def test_more_told_of_a_table_changes_its_hash_alone(imported):
    first = imported("one")
    schema = first.findings.schema
    told = pl.DataFrame([("warning", "budget", None, "x", "y")], schema=schema, orient="row")
    more = first.telling("budget", told)
    assert changed(first, more) == {"budget"}
    assert more.rows_digest("budget") == first.rows_digest("budget")
    assert more.findings.height == first.findings.height + 1
    assert first.telling("budget", told.clear()) is first


def test_every_table_of_the_sample_has_a_hash_of_its_own():
    dataset = ingest(SAMPLE)
    names = sorted(load_contract())
    assert len({dataset.digest(name) for name in names}) == len(names)
    assert all(len(dataset.digest(name)) == 64 for name in names)
