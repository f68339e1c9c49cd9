from datetime import date
from itertools import permutations

import polars as pl
import pytest
from sources_rows import case, cases

from chiso.sources.duplicates import EXPORTED, FATE, ROW, SHEET, resolve

EARLY, LATE = date(2024, 4, 1), date(2024, 7, 1)
SCHEMA = {"id": pl.String, "value": pl.Int64, EXPORTED: pl.Date, SHEET: pl.Int64, ROW: pl.Int64}


def fates(rows):
    """Return value and fate of (value, exported) rows of one key, sorted; asserts that their order is no matter."""
    results = set()
    for order in permutations(enumerate(rows)):
        frame = pl.DataFrame(
            [("K", value, exported, sheet, 2) for sheet, (value, exported) in order], schema=SCHEMA, orient="row"
        )
        other = pl.DataFrame([("other", 1, None, 9, 9)], schema=SCHEMA, orient="row")
        told = resolve(pl.concat([frame, other]), ["id"], ["id", "value"])
        assert told.filter(pl.col("id") == "other")[FATE].to_list() == ["accepted"]
        told = told.filter(pl.col("id") == "K")
        results.add(tuple(told.select(SHEET, "value", FATE).sort(SHEET).rows()))
    assert len(results) == 1
    return sorted((value, fate) for _, value, fate in results.pop())


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # equal rows are one, whatever their dates
        ([(1, None), (1, None)], [(1, "accepted"), (1, "merged")]),
        ([(1, EARLY), (1, None), (1, LATE)], [(1, "accepted"), (1, "merged"), (1, "merged")]),
        ([(None, EARLY), (None, EARLY)], [(None, "accepted"), (None, "merged")]),
        # the later export wins
        ([(1, EARLY), (2, LATE)], [(1, "superseded"), (2, "accepted")]),
        ([(1, EARLY), (2, LATE), (2, LATE)], [(1, "superseded"), (2, "accepted"), (2, "merged")]),
        # an older copy of the winner is merged into it
        ([(1, EARLY), (2, EARLY), (2, LATE)], [(1, "superseded"), (2, "accepted"), (2, "merged")]),
        # no date, or the same latest date: nobody can tell
        ([(1, None), (2, None)], [(1, "rejected"), (2, "rejected")]),
        ([(1, EARLY), (2, None)], [(1, "rejected"), (2, "rejected")]),
        ([(1, LATE), (2, LATE)], [(1, "rejected"), (2, "rejected")]),
        ([(3, EARLY), (1, LATE), (2, LATE)], [(1, "rejected"), (2, "rejected"), (3, "superseded")]),
        ([(1, EARLY), (1, LATE), (2, LATE)], [(1, "rejected"), (1, "superseded"), (2, "rejected")]),
    ],
)
def test_fates(rows, expected):
    assert fates(rows) == expected


def counts(data):
    files = data.files.filter(table="cases").sort("file")
    return files.select("file", "read", "accepted", "merged", "superseded", "rejected").rows()


def test_later_export_wins_whatever_the_period(import_files):
    data = import_files(
        {
            "cases_2024-Q1_20240801.csv": cases(case("C1", supplement_requests="2"), case("C2")),
            "cases_2024-Q2_20240701.csv": cases(case("C1", supplement_requests="1"), case("C2")),
        }
    )
    assert data.scan("cases").select("case_id", "supplement_requests").collect().rows() == [("C1", 2), ("C2", None)]
    assert counts(data) == [
        ("cases_2024-Q1_20240801.csv", 2, 2, 0, 0, 0),
        ("cases_2024-Q2_20240701.csv", 2, 0, 1, 1, 0),
    ]


def test_conflicts_name_both_rows(import_files):
    data = import_files(
        {"cases_a.csv": cases(case("C1")), "cases_b.csv": cases(case("C0"), case("C1", channel="postal"))}
    )
    told = data.rejects.select("file", "row", "column", "value", "rule").rows()
    assert told == [
        ("cases_a.csv", 2, "case_id", "C1", "conflict"),
        ("cases_b.csv", 3, "case_id", "C1", "conflict"),
    ]
    assert data.scan("cases").collect()["case_id"].to_list() == ["C0"]


def test_a_later_row_that_breaks_a_rule_does_not_win(import_files):
    data = import_files(
        {
            "cases_20240401.csv": cases(case("C1")),
            "cases_20240701.csv": cases(case("C1", channel="fax")),
        }
    )
    assert data.scan("cases").collect()["channel"].to_list() == ["online"]


def test_written_differently_is_the_same(import_files):
    rows = cases(case("C1", received_at="2024-03-01"), case("C1", received_at="01/03/2024", channel="Trực tuyến"))
    data = import_files({"cases.csv": rows})
    assert counts(data) == [("cases.csv", 2, 1, 1, 0, 0)]


def test_key_of_two_columns(import_files):
    head = "line_id,as_of,budget_year,unit_code,kind,planned_vnd\n"
    rows = "L1,2024-03-31,2024,U1,admin,5\nL1,2024-06-30,2024,U1,admin,6\nL1,2024-06-30,2024,U1,admin,7\n"
    data = import_files({"budget.csv": head + rows})
    assert data.scan("budget").collect()["planned_vnd"].to_list() == [5]
    assert data.rejects["value"].unique().to_list() == ["L1 | 2024-06-30"]
