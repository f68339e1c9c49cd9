"""A small department with hostile texts, imported and computed once."""

from __future__ import annotations

import pytest

from chiso.catalogue import load_catalogue
from chiso.indicators import compute
from chiso.reporting.workbook import Material
from chiso.sources import ingest
from chiso.worktime import Period, Timeframe

LONG = "Phòng " + "rất dài " * 24
SETTINGS = '[body]\nname = "Sở <Mẫu> & Thử"\nsynthetic = true\nnotice = "Số liệu giả."\n'
TABLES = {
    "units": f"unit_code,unit_name,kind\nU1,=1+1,division\nU2,{LONG},affiliate\nU3,Phòng Ba,division\n",
    "procedures": "procedure_code,procedure_name,field,unit_code,online_level,has_fee\n"
    'P1,"=HYPERLINK(""http://x"")",@Nội vụ,U1,full,true\nP2,Hai,Tôn giáo,U2,none,false\n',
    # One early, one on its day, one late, one without due date, one open and overdue, one open in time, one rejected.
    "cases": "case_id,procedure_code,unit_code,officer_id,channel,received_at,due_at,finished_at,outcome\n"
    "H1,P1,U1,CB-SECRET,online,2024-10-01,2024-10-10,2024-10-09,granted\n"
    "H2,P1,U1,CB-SECRET,in_person,2024-10-02,2024-10-10,2024-10-10,granted\n"
    "H3,P2,U2,CB-SECRET,online,2024-11-02,2024-11-10,2024-11-12,granted\n"
    "H4,P2,U2,CB-SECRET,postal,2024-11-03,,2024-11-12,granted\n"
    "-H5,P2,U2,CB-SECRET,online,2024-08-03,2024-11-01,,\n"
    "H6,P1,U1,CB-SECRET,online,2024-11-20,2025-01-10,,\n"
    "H7,P1,U1,CB-SECRET,by pigeon,2024-11-20,2025-01-10,,\n",
    "deliverables": "deliverable_id,plan_year,plan_item,kind,title,unit_code,due_on,done_on,evidence\n"
    "D1,2024,B.I.1,task,Xong,U1,2024-11-01,2024-10-30,+84 123\n"
    "D2,2024,B.I.1,task,Thiếu,U1,2024-11-01,2024-10-30,\n"
    "D3,2024,B.I.1,task,Muộn,U1,2024-11-01,2024-11-30,có\n"
    "D4,2024,B.I.1,task,Quá hạn,U2,2024-11-01,,\n"
    "D5,2024,B.I.1,task,Còn hạn,U2,2024-12-31,,\n"
    "D6,2023,B.I.1,task,Năm trước,U2,2023-12-31,,\n",
    "survey_responses": "response_id,answered_on,unit_code,access_1,procedure_1,staff_1,result_1,feedback_1\n"
    + "".join(
        f"{unit}-{n},2024-10-15,{unit},{5 if n else 2},4,4,4,4\n"
        for unit, count in (("U1", 3), ("U2", 7), ("U3", 20))
        for n in range(count)
    ),
}


@pytest.fixture
def department() -> dict[str, str]:
    """The files' contents by table."""
    return TABLES


@pytest.fixture(scope="session")
def material(tmp_path_factory) -> Material:
    folder = tmp_path_factory.mktemp("department")
    (folder / "chiso.toml").write_text(SETTINGS, encoding="utf-8")
    for name, content in TABLES.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    dataset = ingest(folder, tmp_path_factory.mktemp("processed"))
    catalogue, timeframe = load_catalogue(2024), Timeframe(Period.parse("2024-Q4"))
    return Material(compute(dataset, catalogue, timeframe), dataset, catalogue, timeframe)
