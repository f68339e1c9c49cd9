"""Several departments side by side from their results; the officers' sheet, internal and by pseudonym alone."""

import csv

import bs4
import polars as pl
import pytest
from openpyxl import load_workbook

from chiso.errors import ChisoError
from chiso.runs.execute import execute
from chiso.runs.league import league_of
from chiso.runs.officers import officers_sheet
from chiso.runs.plan import Request, make_plan


@pytest.fixture
def bodies(data, tmp_path):
    """Output folders of three departments, the cases of the second and third a little later."""
    made = []
    for n, name in enumerate(("Sở A", "Sở B", "Sở C")):
        folder = tmp_path / f"data{n}"
        folder.mkdir()
        for file in data.glob("*.csv"):
            content = file.read_text(encoding="utf-8")
            if n and file.stem == "cases":
                content = content.replace("2024-10-09T09:00:00", "2024-10-19T09:00:00")
            if n == 2 and file.stem == "cases":
                content = content.replace(",online,2024-11-02", ",in_person,2024-11-02")
            (folder / file.name).write_text(content, encoding="utf-8")
        (folder / "chiso.toml").write_text(f'[body]\nname = "{name}"\n', encoding="utf-8")
        out = tmp_path / f"out{n}"
        assert execute(make_plan(Request("2024-Q4", folder, out, results_only=True))) == 0
        made.append(out)
    return made


def test_bodies_are_ranked_and_each_has_its_profile(bodies, tmp_path):
    page, table = league_of("Quý IV/2024", bodies, tmp_path / "league")
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(r["unit"], r["rank"]) for r in rows] == [("Sở A", "1"), ("Sở B", "2"), ("Sở C", "3")]
    own = {}
    for out, name in zip(bodies, ("Sở A", "Sở B", "Sở C"), strict=True):
        found = pl.read_parquet(out / "2024-Q4" / "scores.parquet")
        own[name] = found.filter(pl.col("unit_code").is_null(), level="total", code="B")["percent"][0]
    assert {r["unit"]: float(r["score"]) for r in rows} == pytest.approx(own)
    soup = bs4.BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert {"league", "league-areas", "profile-1", "profile-3"} <= {t["id"] for t in soup.find_all("table")}
    again = page.read_bytes()
    league_of("2024-Q4", bodies, tmp_path / "league")
    assert page.read_bytes() == again


def test_what_cannot_be_compared_is_told_at_once(bodies, tmp_path, data):
    other = tmp_path / "calendar"
    assert execute(make_plan(Request("2024-Q4", data, other, window="calendar", results_only=True))) == 0
    with pytest.raises(ChisoError) as error:
        league_of("2024-Q4", [bodies[0], bodies[0], other, tmp_path / "nowhere"], tmp_path / "league")
    told = str(error.value)
    assert "“Sở A”" in told and "nowhere" in told and "cách chốt kỳ" in told and "ngày chốt số liệu" in told
    with pytest.raises(ChisoError, match="hai thư mục"):
        league_of("2024-Q4", bodies[:1], tmp_path / "league")


def test_officers_are_counted_by_pseudonym(data, tmp_path):
    cases = (
        "case_id,procedure_code,unit_code,officer_id,channel,received_at,due_at,finished_at,outcome,supplement_requests\n"
        "H1,T1,CCVC,NguyenVanA,online,2024-10-20,2024-10-30,2024-10-28,granted,1\n"
        "H2,T1,CCVC,NguyenVanA,online,2024-10-20,2024-10-30,2024-10-30,granted,0\n"
        "H3,T1,CCVC,NguyenVanA,online,2024-10-20,2024-10-30,2024-11-03,granted,\n"
        "H4,T1,CCVC,NguyenVanA,online,2024-10-20,2024-10-30,,,\n"
        "H5,T1,VP,TranThiB,online,2024-11-20,2024-11-30,,,\n"
    )
    (data / "cases.csv").write_text(cases, encoding="utf-8")
    feedback = (
        "feedback_id,kind,unit_code,case_id,received_on\nP1,conduct,CCVC,H1,2024-11-02\nP2,praise,CCVC,H1,2024-11-02\n"
    )
    (data / "feedback.csv").write_text(feedback, encoding="utf-8")
    target = tmp_path / "officers.xlsx"
    said = officers_sheet("2024-11", data, None, target)
    assert "1 công chức" in said and "nội bộ" in said
    rows = [r for r in load_workbook(target).worksheets[0].iter_rows(values_only=True) if r[1] == "Công chức viên chức"]
    assert len(rows) == 1
    assert rows[0][2:10] == (3, 1, 1, 1, 1, 10, 1, 1)
    assert b"NguyenVanA" not in target.read_bytes() and "NguyenVanA" not in rows[0][0]


def test_without_officers_it_says_so(data, tmp_path):
    with pytest.raises(ChisoError, match="Mã cán bộ"):
        officers_sheet("2024-11", data, None, tmp_path / "x.xlsx")
