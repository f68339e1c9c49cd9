"""What does not agree is listed and told with its full count; no row is changed or rejected for it."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from sources_rows import case, cases

from chiso.errors import ChisoError
from chiso.sources import Dataset, agreement
from chiso.sources.contract import PERSONAL, load_contract
from chiso.sources.key_dates import date_in, key_form

PROCEDURES = "procedure_code,procedure_name,field,unit_code,online_level,has_fee,processing_days\n"


def procedures(**days: str) -> str:
    return PROCEDURES + "".join(f'{code},Thủ tục,Hội,U1,full,true,"{written}"\n' for code, written in days.items())


def listed(data: Dataset, rule: str, *columns: str) -> list[tuple[str | None, ...]]:
    return data.differences.filter(rule=rule).select(columns or ("key", "value", "expected")).rows()


def told(data: Dataset, rule: str) -> list[str]:
    return data.findings.filter(rule=rule)["message"].to_list()


# ------------------------------------------------------------------------------------------ the date within the key


def test_the_date_within_the_id_against_the_received_date(import_files):
    data = import_files(
        {
            "cases.csv": cases(
                case("000.00.12.H32-240315-0001", received_at="2024-03-15 23:59:00"),
                case("000.00.12.H32-240315-0002", received_at="2024-03-16"),
                case("000.00.12.H32-20240318-0003", received_at="2024-03-17"),
                case("000.00.12.H32-241301-0004", received_at="2024-03-15"),  # no 13th month: an id without a date
                case("HS 17", received_at="2024-03-15"),
            )
        }
    )
    assert listed(data, "key_date", "key", "unit_code", "column", "value", "expected", "file") == [
        ("000.00.12.H32-20240318-0003", "U1", "received_at", "17/03/2024", "18/03/2024", "cases.csv"),
        ("000.00.12.H32-240315-0002", "U1", "received_at", "16/03/2024", "15/03/2024", "cases.csv"),
    ]
    (message,) = told(data, "key_date")
    assert message.startswith("2 dòng") and "trong 3 dòng có ngày" in message
    assert "1 dòng mang ngày trong mã muộn hơn" in message and "2 mã không chứa ngày" in message
    assert data.accepted("cases") == 5 and data.rejects.height == 0


def test_ids_without_any_date_are_told_once_and_not_checked(import_files):
    data = import_files({"cases.csv": cases(case("1"), case("2"))})
    assert listed(data, "key_date") == []
    assert data.findings.filter(rule="key_date")["severity"].to_list() == ["info"]
    assert "cả 2 mã" in told(data, "key_date")[0]


@pytest.mark.parametrize(
    ("form", "key", "day"),
    [
        ("*-{yyMMdd}-#", "A.B-240229-1", date(2024, 2, 29)),
        ("*-{yyMMdd}-#", "A.B-230229-1", None),
        ("*-{yyMMdd}-#", "A.B-20240229-1", None),
        ("*-{yyMMdd}-#", "A.B-240229-1x", None),
        ("HS{ddMMyyyy}/#", "HS29022024/7", date(2024, 2, 29)),
        ("HS{ddMMyyyy}/#", "XHS29022024/7", None),
        ("{yyMMdd}*", "240229 (bổ sung)", date(2024, 2, 29)),
    ],
)
def test_forms_of_keys(form, key, day):
    assert pl.select(date_in(pl.lit(key), [form])).item() == day


@pytest.mark.parametrize("form", ["*-#", "{yyMM}-#", "{yyMMdd}{yyMMdd}", "{yyyyyyyy}", "{ddMMdd}"])
def test_a_form_needs_one_whole_date(form):
    with pytest.raises(ValueError, match="yyMMdd"):
        key_form(form)


def test_a_source_declares_the_form_of_its_own_keys(import_files):
    row = case("HS150324-1", received_at="2024-03-16")
    settings = '[[sources]]\nfile = "cases_a.csv"\ntable = "cases"\nkey_dates = ["HS{ddMMyy}-#"]\n'
    other = cases(case("HS150324-2", received_at="2024-03-16"), case("X-240315-3", received_at="2024-03-16"))
    data = import_files({"cases_a.csv": cases(row), "cases_b.csv": other, "chiso.toml": settings})
    assert listed(data, "key_date") == [
        ("HS150324-1", "16/03/2024", "15/03/2024"),
        ("X-240315-3", "16/03/2024", "15/03/2024"),
    ]
    wrong = settings.replace("{ddMMyy}-#", "-#")
    with pytest.raises(ChisoError, match="yyMMdd"):
        import_files({"cases_a.csv": cases(row), "chiso.toml": wrong})


# --------------------------------------------------------------------------------------------- due by working days


def due(case_id: str, days: str, due_at: str, **cells: str) -> str:
    return case(case_id, procedure_code=days, received_at="2024-04-25 16:30:00", due_at=due_at, **cells)


def test_due_dates_against_working_days(import_files):
    # Working days after Thursday 25 April 2024: 26 April, then 2, 3 May and the make-up Saturday 4 May.
    data = import_files(
        {
            "procedures.csv": procedures(D2="2", D4="4 ngày làm việc", Half="1/2", Calendar="30 ngày", Blank=""),
            "cases.csv": cases(
                due("1", "D2", "2024-05-02 17:00:00"),
                due("2", "D4", "2024-05-04"),
                due("3", "D4", "2024-05-03 17:00:00"),
                due("4", "D2", "2024-05-03"),
                due("5", "D2", "2024-05-03", supplement_requests="1"),
                due("6", "D2", "2024-04-26", supplement_requests="1"),
                due("7", "Half", "2024-04-26"),
                due("8", "Calendar", "2024-05-27"),
                due("9", "Blank", "2024-05-27"),
                due("10", "D2", ""),
                due("11", "D2", "2024-05-03", supplement_requests="0"),
            ),
        }
    )
    assert listed(data, "due_days") == [
        ("11", "03/05/2024", "02/05/2024 (2 ngày làm việc)"),
        ("3", "03/05/2024", "04/05/2024 (4 ngày làm việc)"),
        ("4", "03/05/2024", "02/05/2024 (2 ngày làm việc)"),
        ("6", "26/04/2024", "02/05/2024 (2 ngày làm việc)"),
    ]
    assert listed(data, "due_days_supplement") == [
        ("5", "03/05/2024", "02/05/2024 (2 ngày làm việc), chưa kể thời gian chờ bổ sung")
    ]
    assert data.findings.filter(rule="due_days_supplement")["severity"].to_list() == ["info"]
    unread, differing = sorted(told(data, "due_days"), key=lambda m: m.startswith("4 hồ sơ"))
    assert "của 2 hồ sơ vì thời hạn" in unread and "của 1 hồ sơ vì thủ tục không ghi" in unread
    assert "2 muộn hơn, 2 sớm hơn" in differing
    scanned = data.scan("cases").filter(pl.col("case_id") == "3").collect()
    assert scanned["due_at"].dt.date().item() == date(2024, 5, 3)  # listed, never overwritten


def test_years_without_a_confirmed_calendar_are_told(import_files):
    late = case("1", procedure_code="D", received_at="2031-01-06", due_at="2031-01-20")
    early = case("2", procedure_code="D", received_at="2019-01-07", due_at="2019-01-09")
    data = import_files({"procedures.csv": procedures(D="5"), "cases.csv": cases(late, early)})
    assert listed(data, "due_days") == []
    (message,) = told(data, "due_days")
    assert "của 2 hồ sơ" in message and "2023–2026" in message


def test_without_processing_times_the_check_is_skipped_and_nothing_is_missing(import_files):
    data = import_files({"cases.csv": cases(case("1", due_at="2024-03-04"))})
    assert data.findings.filter(rule="due_days")["severity"].to_list() == ["info"]
    assert "processing_days" in told(data, "due_days")[0]
    missing = data.findings.filter(table="procedures", rule="missing_column")["message"].to_list()
    assert not any("processing_days" in message for message in missing)


# ------------------------------------------------------------------------------------------- one case under two ids


def test_rows_equal_to_the_second_but_for_the_id(import_files):
    moment = "2024-03-04 08:15:07"
    data = import_files(
        {
            "cases_2024-Q1_20240401.csv": cases(case("A1", received_at=moment), case("A2", received_at="2024-03-05")),
            "cases_2024-Q2_20240701.csv": cases(
                case("B1", received_at=moment),
                case("B2", received_at="2024-03-05"),  # a date alone
                case("B3", received_at=moment, channel="postal"),
                case("B4", received_at="2024-03-04 08:15:08"),
            ),
        }
    )
    assert listed(data, "twin", "key", "value", "expected", "file") == [
        ("B1", "04/03/2024 08:15:07", "A1", "cases_2024-Q2_20240701.csv")
    ]
    assert data.accepted("cases") == 6


def test_a_time_of_day_set_by_default_proves_nothing(import_files):
    days = ("2024-03-04", "2024-03-05", "2024-03-06")
    rows = [case(f"{n}{day}", received_at=f"{day} 08:00:00") for day in days for n in (1, 2)]
    assert listed(import_files({"cases.csv": cases(*rows)}), "twin") == []


def test_how_many_rows_of_a_file_gave_way_to_another(import_files):
    data = import_files(
        {
            "cases_2024-Q1_20240401.csv": cases(case("1"), case("2"), case("3")),
            "cases_2024-Q2_20240701.csv": cases(case("1"), case("2", finished_at="2024-04-02"), case("4"), case("4")),
        }
    )
    (message,) = told(data, "overlap")  # a row doubled within one file is no pair of files
    assert message.startswith("2 Mã hồ sơ") and "1 dòng giống nhau" in message and "1 dòng được thay" in message
    assert data.findings.filter(rule="overlap")["file"].to_list() == ["cases_2024-Q1_20240401.csv"]


# ---------------------------------------------------------------------------------------- gone since the last export


def test_cases_gone_since_the_last_export_of_the_same_period(import_files):
    data = import_files(
        {
            "cases_2024-Q1_20240402.csv": cases(
                case("kept", received_at="2024-01-01"),
                case("first", received_at="2024-01-01"),
                case("last", received_at="2024-03-31 23:00"),
                case("before", received_at="2023-12-31"),  # carried over: a later export may leave it out
                case("refused", received_at="2024-02-01"),
            ),
            "cases_2024-q1_20240702.csv": cases(
                case("kept", received_at="2024-01-01"),
                case("refused", received_at="2024-02-01", finished_at="2024-01-01"),  # rejected, not gone
            ),
        }
    )
    assert listed(data, "vanished", "key", "unit_code", "column", "value", "file") == [
        ("first", "U1", "received_at", "01/01/2024", "cases_2024-Q1_20240402.csv"),
        ("last", "U1", "received_at", "31/03/2024", "cases_2024-Q1_20240402.csv"),
    ]
    (message,) = told(data, "vanished")
    assert "cases_2024-q1_20240702.csv" in message and "02/07/2024" in message and "vẫn được tính" in message
    assert data.accepted("cases") == 5


def test_a_row_that_stands_for_its_rejected_later_version_is_told(import_files):
    data = import_files(
        {
            "cases_20240401.csv": cases(case("closed"), case("same", due_at="2024-03-05"), case("older")),
            "cases_20240702.csv": cases(
                case("closed", finished_at="2024-02-30"),  # the only version that can be read says it is open
                case("same", due_at="2024-03-05"),
                case("new", finished_at="2024-02-30"),  # stands in no earlier export
            ),
        }
    )
    assert listed(data, "stands_in", "key", "unit_code", "value", "expected", "file") == [
        (
            "closed",
            "U1",
            "01/04/2024",
            "bản xuất ngày 02/07/2024 (cases_20240702.csv), đã bị loại",
            "cases_20240401.csv",
        )
    ]
    (message,) = told(data, "stands_in")
    assert message.startswith("1 dòng của cases_20240401.csv") and "cases_20240702.csv" in message


def test_without_a_period_the_newer_export_covers_its_own_days(import_files):
    data = import_files(
        {
            "cases_20240401.csv": cases(
                case("a", received_at="2024-01-31"),
                case("b", received_at="2024-02-01"),
                case("c", received_at="2024-03-10"),
            ),
            "cases_20240701.csv": cases(case("x", received_at="2024-02-01"), case("y", received_at="2024-06-30")),
        }
    )
    assert [key for key, *_ in listed(data, "vanished")] == ["b", "c"]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("cases_2024-Q1_20240401", "cases_2024-Q2_20240701"),  # other periods
        ("cases_2024-Q1", "cases_2024-Q1_20240701"),  # no export date: nobody knows which is newer
        ("cases_2024-Q1_20240701", "cases_quý 1 2024_20240701"),  # the same day
    ],
)
def test_exports_that_cannot_be_compared_are_not(import_files, older, newer):
    data = import_files({f"{older}.csv": cases(case("a")), f"{newer}.csv": cases(case("b"))})
    assert listed(data, "vanished") == [] and told(data, "vanished") == []


@pytest.mark.parametrize("newer", [cases(), "", "no,header\n1,2\n"])
def test_an_export_without_rows_proves_nothing(import_files, newer):
    files = {"cases_2024-Q1_20240401.csv": cases(case("a")), "cases_2024-Q1_20240701.csv": newer}
    assert listed(import_files(files), "vanished") == []


def test_a_register_is_compared_by_plan_year(import_files):
    head = "deliverable_id,plan_year,plan_item,kind,title,unit_code,period\n"
    old = head + "D1,2023,B.I.1,task,Việc,U1,\nD2,2024,B.I.1,task,Việc,U1,\nD3,2024,B.I.1,task,Việc,U1,\n"
    new = head + "D3,2024,B.I.1,task,Việc,U1,\n"
    data = import_files({"deliverables_20240401.csv": old, "deliverables_20240701.csv": new})
    assert listed(data, "vanished", "key", "value") == [("D2", "2024")]


# ------------------------------------------------------------------------------------------------ columns in order


def test_dates_before_what_they_follow(import_files):
    head = "feedback_id,kind,source,unit_code,received_on,due_on,answered_on,sender_informed_on,published_on\n"
    rows = (
        "F1,other,portal,U1,2024-03-05,2024-03-05,2024-03-05,2024-03-05,2024-03-05\n"
        "F2,other,portal,U1,2024-03-05,2024-03-04,2024-03-04,2024-03-04,2024-03-03\n"
        "F3,other,portal,U1,2024-03-05,,,,2024-03-01\n"
    )
    data = import_files({"feedback.csv": head + rows})
    assert listed(data, "order", "key", "column", "value", "expected") == [
        ("F2", "answered_on", "04/03/2024", "từ ngày 05/03/2024"),
        ("F2", "due_on", "04/03/2024", "từ ngày 05/03/2024"),
        ("F2", "published_on", "03/03/2024", "từ ngày 04/03/2024"),
        ("F2", "sender_informed_on", "04/03/2024", "từ ngày 05/03/2024"),
    ]
    assert len(told(data, "order")) == 4 and data.accepted("feedback") == 3


def test_a_due_day_is_compared_without_its_time_of_day(import_files):
    same_day = case("1", received_at="2024-03-04 15:00", due_at="2024-03-04")
    data = import_files({"cases.csv": cases(same_day, case("2", received_at="2024-03-04", due_at="2024-03-03"))})
    assert [key for key, *_ in listed(data, "order")] == ["2"]


def test_budget_amounts(import_files):
    head = "line_id,as_of,budget_year,unit_code,kind,planned_vnd,allocated_vnd,disbursed_vnd,spent_vnd\n"
    rows = (
        "L1,2024-03-14,2024,U1,investment,100,100,50,\n"
        "L1,2024-06-14,2024,U1,investment,100,101,,\n"
        "L1,2024-09-14,2024,U1,investment,100,100,49,\n"
        "L1,2024-12-14,2024,U1,investment,100,100,101,\n"
        "L1,2025-03-14,2025,U1,investment,100,100,1,\n"  # a new year begins anew
        "L2,2024-03-14,2024,U1,admin,100,,,100\n"
        "L2,2024-06-14,2024,U1,admin,100,,,100\n"
    )
    data = import_files({"budget.csv": head + rows})
    assert listed(data, "running", "key", "column", "value", "expected") == [
        ("L1 | 14/09/2024", "disbursed_vnd", "49", "không dưới 50 (ngày 14/03/2024)")
    ]
    assert listed(data, "within", "key", "column", "value", "expected") == [
        ("L1 | 14/06/2024", "allocated_vnd", "101", "không quá 100"),
        ("L1 | 14/12/2024", "disbursed_vnd", "101", "không quá 100"),
    ]


# -------------------------------------------------------------------------------------------------- across tables


FEEDBACK = "feedback_id,kind,source,unit_code,received_on,case_id\n"


def test_petitions_about_cases_that_are_not_there(import_files):
    petition = "case_handling,portal,U1,2024-03-05"
    rows = f"F1,{petition},1\nF2,{petition},9\nF3,{petition},\n"
    data = import_files({"feedback.csv": FEEDBACK + rows, "cases.csv": cases(case("1"))})
    assert listed(data, "refers", "key", "column", "value") == [("F2", "case_id", "9")]
    assert told(data, "refers")[0].startswith("1 trong 2 Mã hồ sơ")
    alone = import_files({"feedback.csv": FEEDBACK + rows, "cases.csv": "case_id\n"})
    assert listed(alone, "refers") == [] and "Không đối chiếu được" in told(alone, "refers")[0]


def test_survey_units_that_the_frame_of_the_period_lacks(import_files):
    answers = "response_id,answered_on,unit_code,access_1\n"
    answers += "".join(f"{n},{day},{unit},5\n" for n, (day, unit) in enumerate([
        ("2024-02-01", "U1"), ("2024-02-01", "U2"), ("2024-02-02", "U2"),  # U2 is not in the first quarter's frame
        ("2024-03-20", "U2"),  # the first quarter by calendar days only: not looked at
        ("2024-05-02", "U2"), ("2023-05-02", "U1"),  # no frame at all for these periods, or in it
    ]))  # fmt: skip
    frame = "unit_code,period,population\nU1,Quý I/2024,50\nU2,Quý II/2024,50\n"
    data = import_files({"survey_responses.csv": answers, "survey_frame.csv": frame})
    assert listed(data, "frame", "unit_code", "key", "value") == [("U2", "2024-Q1", "2 phiếu")]


def test_plan_years_against_periods_and_against_the_data(import_files):
    head = "deliverable_id,plan_year,plan_item,kind,title,unit_code,period\n"
    rows = (
        "D1,2024,B.I.4,report,Báo cáo,U1,2024-Q1\n"
        "D2,2024,B.I.4,report,Báo cáo,U1,2023-Q1\n"
        "D3,2022,B.I.1,task,Việc,U1,\n"
        "D4,2025,B.I.1,task,Việc,U1,\n"
        "D5,2026,B.I.1,task,Việc,U1,\n"
    )
    files = {"deliverables_20241220.csv": head + rows, "cases.csv": cases(case("1", received_at="2023-01-05"))}
    data = import_files(files)
    assert listed(data, "plan_period", "key", "value", "expected") == [("D2", "2023-Q1", "kỳ của năm 2024")]
    assert listed(data, "plan_year", "key", "value", "expected") == [
        ("D3", "2022", "2023–2025"),
        ("D5", "2026", "2023–2025"),
    ]


# ------------------------------------------------------------------------------------------------------- in general


def test_the_list_has_an_end_the_count_has_not(import_files, monkeypatch):
    monkeypatch.setattr(agreement.tables, "LISTED", 3)
    rows = [case(str(n), received_at="2024-03-04", due_at="2024-03-01") for n in range(5)]
    data = import_files({"cases.csv": cases(*rows)})
    assert [key for key, *_ in listed(data, "order")] == ["0", "1", "2"]
    assert told(data, "order")[0].startswith("5 dòng") and "chỉ giữ 3 dòng đầu" in told(data, "order")[0]
    whole = import_files({"cases.csv": cases(*rows[:3])})
    assert whole.differences.height == 3 and "chỉ giữ" not in told(whole, "order")[0]


def test_every_check_has_a_name_and_no_check_looks_at_persons():
    from chiso.messages import has

    rules = {"key_date", "due_days", "due_days_supplement", "twin", "order", "within", "running", "refers", "frame",
             "plan_period", "plan_year", "vanished", "stands_in"}  # fmt: skip
    assert all(has(f"agreement.label.{rule}") and has(f"agreement.finding.{rule}") for rule in rules)
    flagged = {c.name for t in load_contract().values() for c in t.columns
               if c.follows or c.within or c.cumulative or c.refers or c.date_within}  # fmt: skip
    assert flagged and not flagged & PERSONAL


def test_clean_tables_agree(import_files):
    data = import_files({"cases_20240601.csv": cases(case("000.00.12.H32-240301-0001", due_at="2024-03-08"))})
    assert data.differences.height == 0
    assert set(data.findings.filter(pl.col("rule").is_in(["key_date", "order", "twin"]))["severity"]) == set()
