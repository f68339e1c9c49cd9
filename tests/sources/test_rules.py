from datetime import datetime

import polars as pl
import pytest
from sources_rows import CASES, case, cases

from chiso.sources.rules import is_before


def reasons(data):
    return data.rejects.select("row", "column", "rule").rows()


@pytest.mark.parametrize(
    ("later", "earlier", "before"),
    [
        (datetime(2024, 3, 1, 8), datetime(2024, 3, 1, 9), True),
        (datetime(2024, 3, 1, 9), datetime(2024, 3, 1, 9), False),
        (datetime(2024, 3, 1), datetime(2024, 3, 1, 9), False),  # midnight is no time
        (datetime(2024, 3, 1, 0, 0, 0, 10_000), datetime(2024, 3, 1, 9), False),
        (datetime(2024, 3, 1, 0, 0, 1), datetime(2024, 3, 1, 9), True),
        (datetime(2024, 2, 29), datetime(2024, 3, 1, 9), True),
        (datetime(2024, 2, 29, 23, 59), datetime(2024, 3, 1), True),
        (None, datetime(2024, 3, 1), None),
    ],
)
def test_finished_before_received(later, earlier, before):
    column = {"dtype": pl.Datetime("us")}
    assert is_before(pl.Series([later], **column), pl.Series([earlier], **column)).to_list() == [before]


def test_each_rule_names_its_cell(import_files):
    data = import_files(
        {
            "cases_20240401.csv": cases(
                case("ok", received_at="2024-04-01T23:59:00"),
                case("late", received_at="2024-04-02"),
                case("unit", unit_code="U9"),
                case("procedure", procedure_code="P9"),
                case("negative", supplement_requests="-1"),
                case("date", due_at="31/02/2024"),
                case("order", received_at="2024-03-02", finished_at="2024-03-01"),
                case("channel", channel="fax"),
                case("blank", channel=" "),
            )
        }
    )
    assert reasons(data) == [
        (3, "received_at", "after_export"),
        (4, "unit_code", "unknown_units"),
        (5, "procedure_code", "unknown_procedures"),
        (6, "supplement_requests", "negative"),
        (7, "due_at", "type"),
        (8, "finished_at", "not_before"),
        (9, "channel", "type"),
        (10, "channel", "required"),
    ]
    assert data.scan("cases").collect()["case_id"].to_list() == ["ok"]
    first = data.rejects.row(0, named=True)
    assert first["value"] == "2024-04-02"
    assert "01/04/2024" in first["reason"]
    assert data.rejects["remedy"].null_count() == 0


def test_a_row_with_two_bad_cells_is_one_rejected_row_with_two_reasons(import_files):
    data = import_files({"cases.csv": cases(case("C1", channel="fax", due_at="x"))})
    assert len(data.rejects) == 2
    assert data.files.filter(table="cases")["rejected"].to_list() == [1]


def test_rejected_rows_are_kept_whole_with_all_their_reasons(import_files):
    bad = case("C1", channel="fax", due_at="31/02/2024")
    twice = (case("C2", supplement_requests="1"), case("C2", supplement_requests="2"))
    data = import_files({"cases.csv": CASES.strip() + ",Họ và tên\n" + "\n".join([bad, *twice])})
    rows = data.rejected("cases")
    assert rows.select("row", "case_id", "channel", "due_at", "supplement_requests").rows() == [
        (2, "C1", "fax", "31/02/2024", None),
        (3, "C2", "online", None, "1"),
        (4, "C2", "online", None, "2"),
    ]
    assert rows["reason"][0].count("; ") == 1
    assert "Họ và tên" not in rows.columns
    assert data.rejected("units") is None


def test_without_export_date_the_rule_is_named_as_skipped(import_files):
    data = import_files({"cases.csv": cases(case("C1", received_at="2099-01-01"))})
    assert data.accepted("cases") == 1
    assert "no_export_date" in data.findings.filter(table="cases")["rule"].to_list()


def test_only_feedback_and_cases_look_at_the_export_date(import_files):
    data = import_files(
        {"documents_20240101.csv": "document_id,direction,unit_code,registered_on\nD1,incoming,U1,2024-02-01\n"}
    )
    assert data.accepted("documents") == 1
    head = "feedback_id,kind,source,unit_code,received_on\n"
    rows = "F1,praise,portal,U1,2024-01-02\nF2,praise,portal,U1,2024-01-01\n"
    data = import_files({"feedback_20240101.csv": head + rows})
    assert reasons(data) == [(2, "received_on", "after_export")]


def test_references_to_rejected_rows_are_unknown(import_files):
    data = import_files(
        {
            "units.csv": "unit_code,unit_name,kind\nU1,Phòng Một,division\nU2,Phòng Hai,sai\n",
            "cases.csv": cases(case("C1", unit_code="U2"), case("C2")),
        }
    )
    assert data.rejects.filter(table="cases").select("row", "rule").rows() == [(2, "unknown_units")]


def test_a_conflict_of_units_makes_them_unknown_to_procedures_and_cases(import_files):
    data = import_files(
        {
            "units.csv": "unit_code,unit_name,kind\nU1,Một,division\nU1,Khác,division\nU2,Hai,division\n",
            "cases.csv": cases(case("C1", unit_code="U2")),
        }
    )
    assert data.accepted("procedures") == 0
    assert data.rejects.filter(table="cases")["rule"].to_list() == ["unknown_procedures"]


@pytest.mark.parametrize("units", [None, "", "unit_code,unit_name,kind\n"])
def test_without_units_the_check_is_skipped_and_named(import_files, units):
    files = {"cases.csv": cases(case("C1", unit_code="U9")), "procedures.csv": ""}
    data = import_files(files if units is None else {**files, "units.csv": units}, basics=False)
    assert data.accepted("cases") == 1
    assert data.findings.filter(table="cases", rule="reference_skipped").height == 2


def test_units_whose_rows_are_all_rejected_are_no_missing_table(import_files):
    data = import_files({"units.csv": "unit_code,unit_name,kind\nU1,Một,sai\n", "cases.csv": cases(case("C1"))})
    assert data.accepted("cases") == 0


def test_findings_resolved_at_most_findings(import_files):
    head = "inspection_id,kind,unit_code,planned_on,findings,findings_resolved\n"
    data = import_files(
        {"inspections.csv": head + "I1,par,U1,2024-01-01,2,2\nI2,par,U1,2024-01-01,2,3\nI3,par,U1,2024-01-01,,3\n"}
    )
    assert reasons(data) == [(3, "findings_resolved", "at_most")]


def test_a_missing_column_is_told_once_and_its_rows_stay(import_files):
    content = "case_id,procedure_code,unit_code,received_at\nC1,P1,U1,2024-03-01\n"
    data = import_files({"cases.csv": content})
    assert data.accepted("cases") == 1
    assert data.scan("cases").collect()["channel"].to_list() == [None]
    assert data.columns("cases") == {"case_id", "procedure_code", "unit_code", "received_at"}
    missing = data.findings.filter(table="cases", rule="missing_required")
    assert missing["severity"].to_list() == ["error"]
    assert "channel" in missing["message"][0]


def test_a_column_that_no_indicator_lacks_is_no_warning(import_files):
    data = import_files({"units.csv": "unit_code,unit_name,kind\nU1,A,division\n"}, basics=False)
    found = data.findings.filter(file="units.csv", rule="missing_column")
    assert found["severity"].to_list() == ["info"]
    assert "Hoạt động đến ngày" in found["message"][0] and "sẽ không có số liệu" not in found["message"][0]


@pytest.mark.parametrize("names", [("cases_a.csv", "cases_b.csv"), ("cases_b.csv", "cases_a.csv")])
def test_rows_of_a_file_without_a_column_that_another_has_are_rejected(import_files, names):
    whole, lacking = names
    head = "case_id,procedure_code,unit_code,received_at\n"
    rows = "C2,P1,U1,2024-03-01\nC3,P1,U9,2024-03-01\n"
    data = import_files({whole: cases(case("C1")), lacking: head + rows})
    assert data.scan("cases").collect()["case_id"].to_list() == ["C1"]
    assert data.rejects.select("file", "row", "column", "value", "rule").rows() == [
        (lacking, 2, "channel", None, "required"),
        (lacking, 3, "channel", None, "required"),
        (lacking, 3, "unit_code", "U9", "unknown_units"),
    ]
    assert "Hình thức nộp" in data.rejects["reason"][0]
    assert "Hình thức nộp" in data.rejects["remedy"][0]
    assert data.rejected("cases").select("file", "case_id").rows() == [(lacking, "C2"), (lacking, "C3")]
    accounts = data.files.filter(table="cases").sort("accepted").select("file", "read", "accepted", "rejected").rows()
    assert accounts == [(lacking, 2, 0, 2), (whole, 1, 1, 0)]
    told = data.findings.filter(file=lacking, rule="missing_required").row(0, named=True)
    assert told["severity"] == "error"
    assert "bị loại" in told["message"]


def test_a_column_that_only_an_empty_file_has_is_one_that_no_row_has(import_files):
    lacking = "case_id,procedure_code,unit_code,received_at\nC2,P1,U1,2024-03-01\n"
    data = import_files({"cases_a.csv": CASES, "cases_b.csv": lacking})
    assert data.accepted("cases") == 1
    assert "channel" not in data.columns("cases")


def test_without_its_key_no_row_is_usable(import_files):
    data = import_files({"cases.csv": "procedure_code,unit_code,received_at,channel\nP1,U1,2024-03-01,online\n"})
    assert reasons(data) == [(2, "case_id", "required")]
    assert data.scan("cases") is None


def test_survey_answers_lose_the_cell_not_the_row(import_files):
    head = "response_id,answered_on,unit_code,Tiếp cận 1,access_2,staff_1,overall,weight\n"
    rows = "R1,2024-03-01,U1,5,9,6,Không biết,1.5\nR2,2024-03-01,U1,1,KB,,0,\nR3,2024-03-01,U1,x,2,3,4,-1\n"
    data = import_files({"survey_responses.csv": head + rows})
    answers = (
        data.scan("survey_responses").select("response_id", "access_1", "access_2", "staff_1", "overall").collect()
    )
    assert answers.rows() == [("R1", 5, None, None, None), ("R2", 1, None, None, None)]
    assert answers.schema["access_1"] == pl.Int64
    assert reasons(data) == [(4, "weight", "negative")]
    wrong = data.cells.filter(rule="answer").select("row", "column", "header", "value").rows()
    assert wrong == [(2, "staff_1", "staff_1", "6"), (3, "overall", "overall", "0")]
    unknown = data.cells.filter(rule="dont_know").select("column", "value", "count").rows()
    assert sorted(unknown) == [("access_2", "9", 1), ("access_2", "KB", 1), ("overall", "Không biết", 1)]


def test_a_column_that_numbers_the_rows_is_not_worth_telling(import_files):
    data = import_files({"cases.csv": "STT," + CASES + "1,C1,P1,U1,online,2024-03-01,,,\n"})
    assert data.accepted("cases") == 1
    assert "extra" not in data.findings.filter(table="cases")["rule"].to_list()


def test_personal_data_is_dropped_and_counted(import_files):
    content = CASES.strip() + ",Họ và tên,SỐ ĐIỆN THOẠI,ghi chú\nC1,P1,U1,online,2024-03-01,,,,Nguyễn Văn A,,x\n"
    data = import_files({"cases.csv": content})
    assert "Họ và tên" not in data.scan("cases").collect_schema().names()
    personal = data.cells.filter(rule="personal").select("header", "count").rows()
    assert sorted(personal) == [("Họ và tên", 1), ("SỐ ĐIỆN THOẠI", 0)]
    assert "Nguyễn" not in str(data.findings.rows()) + str(data.cells.rows())
    assert "ghi chú" in data.findings.filter(rule="extra")["message"][0]


def test_due_on_the_day_that_a_before_rule_excludes_is_warned(import_files):
    head = "deliverable_id,plan_year,plan_item,kind,title,unit_code,period,due_on\n"
    rows = [
        "D1,2024,B.I.1,task,T,U1,,2024-12-14",  # "trước ngày 14/12"
        "D2,2024,B.I.1,task,T,U1,,2024-12-13",
        "D3,2024,B.I.4,report,T,U1,2024-Q1,2024-03-14",  # before the 14th of the period's last month
        "D4,2024,B.I.4,report,T,U1,,2024-03-14",
        "D5,2024,B.III.11,report,T,U1,2024-Q1,2024-03-20",  # "chậm nhất ngày": no before rule
        "D6,2024,A.V.1,task,T,U1,,2025-01-01",
    ]
    data = import_files({"deliverables.csv": head + "\n".join(rows)})
    told = data.findings.filter(rule="due_day")["message"].to_list()
    assert [message.partition(" ghi hạn ")[0] for message in told] == [
        "1 sản phẩm thuộc mục B.I.1",
        "1 sản phẩm thuộc mục B.I.4",
    ]
    assert "13/12/2024" in told[0]
    assert data.accepted("deliverables") == 6


@pytest.mark.parametrize("column", ["plan_year", "plan_item"])
def test_due_days_of_a_register_without_year_or_item_are_not_looked_at(import_files, column):
    row = {"deliverable_id": "D1", "plan_year": "2024", "plan_item": "B.I.1", "kind": "task", "title": "T"}
    row |= {"unit_code": "U1", "due_on": "2024-12-14"}
    del row[column]
    data = import_files({"deliverables.csv": ",".join(row) + "\n" + ",".join(row.values())})
    assert data.accepted("deliverables") == 1
    assert "due_day" not in data.findings["rule"]


def test_reporting_periods_are_written_canonically(import_files):
    head = "deliverable_id,plan_year,plan_item,kind,title,unit_code,period\n"
    written = ["Quý I/2024", "6 tháng", "9 tháng", "Năm 2024", "2024-Q2", "", "đột xuất"]
    rows = [f"D{i},2024,B.I.4,report,T,U1,{period}" for i, period in enumerate(written)]
    data = import_files({"deliverables.csv": head + "\n".join(rows)})
    periods = data.scan("deliverables").collect()["period"].to_list()
    assert periods == ["2024-Q1", "2024-H1", "2024-9M", "2024", "2024-Q2", None]
    assert reasons(data) == [(8, "period", "type")]
    assert data.rejects["value"].to_list() == ["đột xuất"]
    assert "kỳ báo cáo" in data.rejects["reason"][0]
