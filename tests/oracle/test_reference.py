"""The oracle itself, checked against figures worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from reference import compute
from reference_sources import parse_datetime, read_folder, split_name
from reference_time import UnconfirmedYear, is_working, last_month_of_label, plus_working_days, window_of

UNITS = "unit_code,unit_name,kind,active_from,active_to\nU1,Một,division,,\nU2,Hai,affiliate,2024-03-15,\n"
PROCEDURES = (
    "procedure_code,procedure_name,field,unit_code,online_level,has_fee,announced_on,workflow_submitted_on,"
    "process_approved_on,portal_requested_on,onestop_requested_on,website_published_on\n"
)


def put(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def ratio(result: dict, indicator: str, unit: str | None = None) -> tuple:
    row = result["indicators"][indicator, unit]
    return row["numerator"], row["denominator"], row["status"]


# --- time ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "window", "start", "end"),
    [
        ("2024-Q1", "decree09", date(2023, 12, 15), date(2024, 3, 14)),
        ("2024-Q2", "decree09", date(2024, 3, 15), date(2024, 6, 14)),
        ("2024", "decree09", date(2023, 12, 15), date(2024, 12, 14)),
        ("2024-01", "decree09", date(2023, 12, 15), date(2024, 1, 14)),
        ("2024-H1", "calendar", date(2024, 1, 1), date(2024, 6, 30)),
        ("2024-9M", "calendar", date(2024, 1, 1), date(2024, 9, 30)),
        ("2024-02", "calendar", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12", "calendar", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024-W01", "decree09", date(2024, 1, 1), date(2024, 1, 7)),
        ("2025-W01", "calendar", date(2024, 12, 30), date(2025, 1, 5)),
    ],
)
def test_windows(period: str, window: str, start: date, end: date) -> None:
    w = window_of(period, window)
    assert (w.start, w.end, w.as_of) == (start, end, end)


def test_as_of_outside_the_window_is_an_error() -> None:
    with pytest.raises(ValueError):
        window_of("2024-Q1", "decree09", date(2024, 3, 15))


def test_working_days() -> None:
    # Friday 26/4/2024: 29/4, 30/4, 1/5 are off, 2/5 and 3/5 are worked, Saturday 4/5 too.
    assert plus_working_days(date(2024, 4, 26), 1) == date(2024, 5, 2)
    assert plus_working_days(date(2024, 4, 26), 3) == date(2024, 5, 4)
    assert plus_working_days(date(2024, 4, 26), 4) == date(2024, 5, 6)
    # Tết: Wednesday 7/2/2024, back to work on Thursday 15/2.
    assert plus_working_days(date(2024, 2, 7), 2) == date(2024, 2, 16)
    assert not is_working(date(2023, 9, 1))
    assert is_working(date(2026, 1, 10))
    with pytest.raises(UnconfirmedYear):
        plus_working_days(date(2026, 12, 31), 1)


def test_period_labels() -> None:
    assert last_month_of_label("Quý III/2024", 2023) == (2024, 9)
    assert last_month_of_label("6 tháng", 2023) == (2023, 6)
    assert last_month_of_label("9 tháng 2024", 2023) == (2024, 9)
    assert last_month_of_label("Năm 2024", 2023) == (2024, 12)
    assert last_month_of_label("2024-03", 2023) == (2024, 3)
    assert last_month_of_label("bao giờ cũng được", 2023) is None


# --- sources ------------------------------------------------------------------------------------------------


def test_file_names() -> None:
    assert split_name("cases") == ("cases", None)
    assert split_name("survey_responses_2024-Q1_20240415") == ("survey_responses", date(2024, 4, 15))
    assert split_name("cases_2024") == ("cases", None)
    assert split_name("cases_20240415") == ("cases", date(2024, 4, 15))
    assert split_name("notes") is None


def test_offsets_become_local_time() -> None:
    assert parse_datetime("2024-03-14T23:30:00Z") == datetime(2024, 3, 15, 6, 30)
    assert parse_datetime("2024-03-14T23:30:00+07:00") == datetime(2024, 3, 14, 23, 30)
    assert parse_datetime("2024-03-14") == datetime(2024, 3, 14)


def test_rejects_and_duplicates(tmp_path: Path) -> None:
    put(tmp_path, "units", UNITS + "U3,Ba,bureau,,\n")
    put(tmp_path, "procedures", PROCEDURES + "P1,a,F,U1,full,true,,,,,,\nP3,c,F,U3,full,true,,,,,,\n")
    header = "case_id,procedure_code,unit_code,channel,received_at,finished_at,visits\n"
    older = (
        "a,P1,U1,online,2024-01-02,,1\n"  # superseded by the later export
        "b,P1,U1,online,2024-01-02T10:00:00,2024-01-02T09:00:00,\n"  # finished before received
        "c,P1,U1,online,2024-01-02T10:00:00,2024-01-02,\n"  # no time on one side: same day, good
        "d,P3,U1,online,2024-01-02,,\n"  # the procedure's own row was rejected
        "e,P1,U9,online,2024-01-02,,\n"  # unknown unit
        "f,P1,U1,online,2024-02-02,,\n"  # received after the export
        "g,P1,U1,online,2024-01-02,,-1\n"  # negative count
        "h,P1,U1,online,2024-01-02,,\nh,P1,U1,online,2024-01-02,,\n"  # identical
        "i,P1,U1,online,2024-01-02,,1\ni,P1,U1,online,2024-01-02,,2\n"  # conflict, same export: both rejected
    )
    put(tmp_path, "cases_2024-Q1_20240131", header + older)
    put(tmp_path, "cases_20240229", header + "a,P1,U1,online,2024-01-02,,2\n")
    source = read_folder(tmp_path)["cases"]
    assert sorted((r["case_id"], r["visits"]) for r in source.rows) == [("a", 2), ("c", None), ("h", None)]
    assert (source.rejected, source.merged, source.superseded) == (5 + 2, 1, 1)


def test_conflict_without_export_date_rejects_both(tmp_path: Path) -> None:
    put(tmp_path, "units_20240131", UNITS)
    put(tmp_path, "units", UNITS.replace("Một", "Khác"))
    source = read_folder(tmp_path)["units"]
    assert [r["unit_code"] for r in source.rows] == ["U2"]
    assert (source.rejected, source.merged) == (2, 1)


# --- indicators ---------------------------------------------------------------------------------------------


def test_procedures(tmp_path: Path) -> None:
    put(tmp_path, "units", UNITS)
    put(
        tmp_path,
        "procedures",
        PROCEDURES
        # approved Friday 26/4: three working days end on Saturday 4/5 (worked), three days on 29/4
        + "P1,a,F,U1,full,true,2024-05-15,,2024-04-26,2024-05-04,2024-04-30,2024-06-14\n"
        # announced 15/5 + 30 days = 14/6, the window's last day, 16/5 is due after it; published after it
        + "P2,b,F,U2,none,false,2024-05-16,2024-05-17,2024-06-13,,,2024-06-15\n",
    )
    result = compute(tmp_path, "2024-Q2")
    assert ratio(result, "A.I.1") == (1, 1, "met")
    assert ratio(result, "B.III.3") == (0, 1, "not_met")
    assert ratio(result, "B.III.2") == (0, 1, "not_met")
    assert ratio(result, "B.III.4a") == (1, 2, "not_met")
    assert ratio(result, "B.III.4a", "U2") == (0, 1, "not_met")
    assert ratio(result, "B.III.8b") == (None, None, "no_data")
    assert ratio(result, "A.II.1c") == (None, None, "no_data")  # no such column


CASES = (
    "case_id,procedure_code,unit_code,channel,received_at,due_at,finished_at,outcome,supplement_requests,"
    "supplement_forms,apology_forms,visits,paid_online\n"
)


def cases_folder(folder: Path) -> Path:
    put(folder, "units", UNITS)
    put(folder, "procedures", PROCEDURES + "P1,a,F,U1,full,true,,,,,,\nP2,b,G,U1,none,false,,,,,,\n")
    put(
        folder,
        "cases",
        CASES
        # 23:30 in UTC is the next local day: received 15/3, in the second quarter
        + "a,P1,U1,online,2024-03-14T23:30:00Z,2024-03-20,2024-03-20T17:00:00,granted,,,,3,true\n"  # on time
        + "b,P1,U1,in_person,2024-03-14T23:30:00,2024-03-15,2024-03-16,refused,1,0,1,,false\n"  # late, carried
        + "c,P1,U1,online,2024-03-14,2024-06-14,,,2,,,,\n"  # carried, open, due on D
        + "d,P2,U2,postal,2024-05-01,2024-06-13,2024-06-15,granted,,,,,\n"  # due D-1, finished after D
        + "e,P2,U2,in_person,2024-06-14,,2024-06-14,granted,0,,,,\n"  # no due date
        + "f,P2,U2,online,2024-06-15,2024-06-15,,,,,,,\n"  # after D: not there
        + "g,P1,U1,online,2024-01-01,2024-03-13,2024-03-14,granted,,,,,\n",  # finished before P
    )
    return folder


def test_cases(tmp_path: Path) -> None:
    result = compute(cases_folder(tmp_path), "2024-Q2")
    assert ratio(result, "A.I.3") == (2, 3, None)  # a, d of a, d, e
    assert ratio(result, "B.III.8") == (1, 2, "not_met")  # a of a, b
    assert ratio(result, "A.IV.1b") == (0, 2, None)
    assert ratio(result, "A.IV.1c") == (1, 3, None)
    assert ratio(result, "A.II.1b") == (1, 3, None)
    assert ratio(result, "B.III.6a") == (0, 1, "not_met")
    assert ratio(result, "B.III.6b") == (2, 3, "not_met")  # b, e; a is blank
    assert ratio(result, "B.III.6d") == (1, 2, "not_met")  # b, d
    assert ratio(result, "B.III.8b") == (1, None, "not_met")
    assert ratio(result, "B.III.8b", "U1") == (0, None, "met")
    assert ratio(result, "B.VII.4a") == (1, 1, "met")
    assert ratio(result, "B.VII.4d", "U2") == (0, 0, "no_data")
    balance = result["case_balance"]
    assert list(balance[None, None].values()) == [1, 2, 2, 5, 3, 0, 1, 1, 1, 2, 1, 1, 0]
    assert balance["U2", "G"]["total"] == 2
    assert ("U1", "G") not in balance


def test_766(tmp_path: Path) -> None:
    row = compute(cases_folder(tmp_path), "2024-Q2")["indicators"]["B.III.9", None]
    # 2.1: a (blank requests), b (late), c (two requests), d (overdue): 0/4 × 20
    # online 1/1 × 12 · fee procedures 1/1 × 2 · fee cases 1/1 × 6; the rest lacks its column
    assert (row["numerator"], row["denominator"], row["value"]) == (20, 40, 50)
    assert row["status"] is None


def test_the_day_itself_and_the_as_of_day(tmp_path: Path) -> None:
    folder = cases_folder(tmp_path)
    result = compute(folder, "2024-Q2", "calendar")  # D = 30/6
    assert ratio(result, "B.III.8b") == (2, None, "not_met")  # c, f overdue now; d is finished
    assert ratio(result, "B.III.8", "U2") == (0, 1, "not_met")
    result = compute(folder, "2024-Q2", as_of=date(2024, 3, 15))
    assert ratio(result, "B.III.8b") == (0, None, "met")  # b is due on D, finished after D
    assert ratio(result, "A.I.3") == (1, 1, None)


REGISTER = "deliverable_id,plan_year,plan_item,subtype,kind,title,unit_code,period,due_on,done_on,evidence\n"


def test_deliverables(tmp_path: Path) -> None:
    put(tmp_path, "units", UNITS)
    put(
        tmp_path,
        "deliverables",
        REGISTER
        + "1,2024,B.I.1,,task,t,U1,,,2024-12-14,x\n"
        + "2,2024,B.I.1,,task,t,U1,,,2024-12-15,x\n"  # after D
        + "3,2023,B.I.1,,task,t,U1,,,2024-01-15,x\n"  # another year's plan
        + "4,2024,B.I.4,,report,t,U1,Quý I/2024,,2024-03-13,x\n"
        + "5,2024,B.I.4,,report,t,U1,Quý II/2024,,2024-06-14,x\n"
        + "6,2024,B.I.4,,report,t,U1,,,2024-06-14,x\n"  # no period, no due date: left out
        + "7,2024,B.IV.2,,proposal,t,U2,,,2024-03-31,x\n"
        + "8,2024,B.IV.2,,proposal,t,U2,,2024-04-30,2024-04-30,\n"  # no evidence
        + "9,2024,B.II.1,law_implementation,report,t,U1,,,2024-12-05,x\n"
        + "10,2024,B.II.1,ad_hoc,report,t,U1,,,2024-12-05,x\n"
        + "11,2023,A.I.2,,publication,t,U1,,,2023-12-31,x\n",
    )
    result = compute(tmp_path, "2024")
    assert ratio(result, "B.I.1") == (1, 2, "not_met")  # deadline 13/12 is over on D = 14/12
    assert ratio(result, "B.I.4") == (1, 2, "not_met")
    assert ratio(result, "B.IV.2") == (1, 2, "not_met")
    assert ratio(result, "B.II.1") == (0, 1, "not_met")
    assert ratio(result, "A.I.2") == (1, 1, "met")  # due 31/12/2023, in P
    assert ratio(result, "P.III.2") == (0, 0, "no_data")
    early = compute(tmp_path, "2024-Q1", as_of=date(2024, 3, 13))
    assert ratio(early, "B.I.1") == (0, 2, "pending")
    assert ratio(early, "B.I.4") == (1, 1, "met")
    assert ratio(early, "B.IV.2") == (0, 2, "pending")


def test_tasks_personnel_inspections_budget(tmp_path: Path) -> None:
    put(tmp_path, "units", UNITS)
    put(
        tmp_path,
        "assigned_tasks",
        "task_id,unit_code,assigned_by,assigned_on,due_on,completed_on,result_attached\n"
        "1,U1,province,2024-01-01,2024-03-14,,\n"  # due on D: neither done nor late
        "2,U1,province,2024-01-01,2024-03-13,2024-03-15,true\n"  # completed after D: overdue
        "3,U1,province,2024-01-01,2024-01-01,2024-01-01,true\n"
        "4,U1,province,2024-01-01,2024-02-01,2024-01-31,\n"
        "5,U1,department,2024-01-01,2024-02-01,,\n",
    )
    put(
        tmp_path,
        "personnel",
        "event_id,kind,unit_code,staff_id,event_on,due_on,done_on,compliant\n"
        "1,discipline,U1,N1,2024-01-01,,,\n2,discipline,U2,N1,2024-03-14,,,\n3,discipline,U2,,2024-02-01,,,\n"
        "4,discipline,U2,,2023-12-31,,,\n"
        "5,record_change,U2,,2024-03-09,,2024-03-14,\n6,record_change,U2,,2024-03-10,,,\n"
        "7,appointment,U1,,2024-01-01,2024-02-01,2024-02-01,true\n"
        "8,reappointment,U1,,2024-01-01,2024-02-01,2024-02-01,\n",
    )
    put(
        tmp_path,
        "inspections",
        "inspection_id,kind,unit_code,planned_on,inspected_on,findings,findings_resolved\n"
        "1,par,U1,2024-06-01,2024-03-14,,\n2,par,U2,2024-01-01,2024-03-14,,\n"
        "3,decentralisation,U1,2024-01-01,2024-01-02,3,2\n4,decentralisation,U1,2024-01-01,2024-01-02,2,\n",
    )
    put(
        tmp_path,
        "budget",
        "line_id,as_of,budget_year,unit_code,kind,planned_vnd,allocated_vnd,disbursed_vnd,spent_vnd\n"
        "L1,2024-01-31,2024,U1,admin,100,,,50\nL1,2024-03-14,2024,U1,admin,100,,,90\n"
        "L1,2024-03-15,2024,U1,admin,100,,,100\nL2,2024-03-01,2024,U1,admin,,,,7\n"
        "L3,2024-03-01,2024,U1,investment,,1000,850,\n",
    )
    result = compute(tmp_path, "2024-Q1")
    assert ratio(result, "B.I.5a") == (1, 4, "not_met")
    assert ratio(result, "B.I.5b") == (1, 4, "not_met")
    assert ratio(result, "B.I.5c") == (1, None, "not_met")
    assert ratio(result, "B.V.4") == (2, None, "not_met")
    assert ratio(result, "B.V.4", "U2") == (2, None, "not_met")
    assert ratio(result, "B.V.6") == (1, 1, "met")
    assert ratio(result, "B.V.1") == (1, 2, "not_met")
    assert ratio(result, "B.I.2a") == (1, 1, "met")  # U2 is active from 15/3 only
    assert ratio(result, "B.I.2a", "U1") == (1, 1, None)
    assert ratio(result, "B.IV.5b") == (2, 5, "not_met")
    assert ratio(result, "B.VI.3b") == (10, 100, "pending")  # reached, but pending until 31/12
    assert ratio(result, "B.VI.4") == (850, 1000, "met")


def test_feedback(tmp_path: Path) -> None:
    put(tmp_path, "units", UNITS)
    put(
        tmp_path,
        "feedback",
        "feedback_id,kind,unit_code,officer_named,received_on,due_on,answered_on,sender_informed_on,published_on\n"
        "1,regulation,U1,,2024-03-01,2024-03-14,2024-03-12,2024-03-14,2024-03-15\n"  # publish due 14/3
        "2,conduct,U1,,2024-03-01,2024-03-14,2024-03-14,2024-03-15,\n"
        "3,praise,U1,true,2024-03-01,2024-03-14,,,\n"
        "4,other,U1,true,2023-12-14,,,,\n5,other,U1,true,2023-12-15,,,,\n",
    )
    result = compute(tmp_path, "2024-Q1")
    assert ratio(result, "A.III.1") == (2, None, None)
    assert ratio(result, "A.V.1b") == (1, 2, "not_met")
    assert ratio(result, "B.III.10a") == (1, 1, "met")
    assert ratio(result, "B.III.10b") == (0, 1, "not_met")


def test_survey(tmp_path: Path) -> None:
    put(tmp_path, "units", UNITS)
    put(
        tmp_path,
        "survey_responses",
        "response_id,answered_on,unit_code,weight,access_1,access_2,procedure_1,staff_1,result_1,feedback_1\n"
        "1,2024-03-14,U1,1,5,3,4,4,4,4\n2,2024-03-14,U1,3,9,7,4,4,4,1\n3,2024-03-15,U2,,1,1,1,1,1,1\n",
    )
    result = compute(tmp_path, "2024-Q1")
    # weights 1 and 3 for every response of P; access 1/2, feedback 1/4, the others 1
    assert ratio(result, "A.I.index") == (1, 2, None)
    assert ratio(result, "A.V.index") == (1, 4, None)
    assert ratio(result, "sipas") == (3.75, 5, "not_met")
    assert result["satisfaction"][None, "item", "access_1"] == {
        "n": 1,
        "n_missing": 1,
        "share": 1.0,
        "weighting": "weight",
    }
    put(tmp_path, "survey_frame", "unit_code,period,population\nU1,2024-Q1,10\n")
    assert compute(tmp_path, "2024-Q1")["indicators"]["A.V.index", None]["numerator"] == 5
    assert ratio(compute(tmp_path, "2024-Q3"), "sipas") == (None, 5, "no_data")
