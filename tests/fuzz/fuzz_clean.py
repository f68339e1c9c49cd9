"""Clean tables for the mess generator: rows that keep every rule of the contract, as typed values."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from chiso.sources.contract import ColumnContract, TableContract, load_contract

Value = str | int | float | bool | date | datetime | None
CleanRow = dict[str, Value]

EXPORTED = date(2025, 1, 2)
ITEMS = ("access_1", "access_2", "procedure_1", "staff_1", "result_2", "feedback_1")

PHRASES = (
    "Phòng Cải cách hành chính",
    "Trung tâm Lưu trữ lịch sử",
    "Ban Thi đua – Khen thưởng",
    "Công nhận ban vận động thành lập hội",
    "Thủ tục tặng thưởng Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh",
    "Thẩm định thành lập đơn vị sự nghiệp công lập",
    "Đề nghị phê duyệt vị trí việc làm",
    "Tôn giáo và tín ngưỡng",
    "Tổ chức phi chính phủ",
    "Giấy mời họp giao ban quý",
    "Xử lý kỷ luật viên chức",
    "Bồi dưỡng kiến thức quản lý nhà nước",
    "Sơ kết nửa nhiệm kỳ",
    "Hướng dẫn nghiệp vụ văn thư",
    "Những điểm nghẽn trong phối hợp",
)
WORDS = ("Nữ", "Từ 25 đến 34 tuổi", "Cán bộ hưu trí", "Doanh nghiệp", "Trực tuyến", "Khởi nghiệp", "Vùng đồng bằng")
MONEY = ("_vnd",)


def clean_tables(rng: random.Random, wanted: int = 3) -> dict[str, list[CleanRow]]:
    """Return units, procedures and ``wanted`` more tables with some rows each."""
    contract = load_contract()
    others = [name for name in contract if name not in ("units", "procedures")]
    names = ["units", "procedures", *rng.sample(others, wanted)]
    tables: dict[str, list[CleanRow]] = {}
    for name in contract:
        if name in names:
            count = rng.randint(3, 5) if name in ("units", "procedures") else rng.randint(4, 14)
            tables[name] = [clean_row(contract[name], i, tables, rng) for i in range(count)]
    return tables


def clean_row(table: TableContract, number: int, tables: dict[str, list[CleanRow]], rng: random.Random) -> CleanRow:
    """Return a row with the key of place ``number``; about a fifth of its optional cells are blank."""
    columns = [*table.columns, *(table.column(name) for name in ITEMS if table.items)]
    row: CleanRow = {}
    for column in columns:
        optional = not column.required and column.name not in table.key
        row[column.name] = None if optional and rng.random() < 0.2 else _value(column, table, number, row, tables, rng)
    if row.get("findings") is None:
        row.pop("findings_resolved", None)
        if "findings" in {c.name for c in table.columns}:
            row["findings_resolved"] = None
    return row


def _value(
    column: ColumnContract,
    table: TableContract,
    number: int,
    row: CleanRow,
    tables: dict[str, list[CleanRow]],
    rng: random.Random,
) -> Value:
    if column.reference:
        return rng.choice(tables[column.reference])[column.name]
    match column.type:
        case "date":
            start = row.get(column.not_before or "")
            first = (
                start.date() if isinstance(start, datetime) else start if isinstance(start, date) else date(2024, 1, 1)
            )
            if column.name in table.key:
                return date(2024, 1, 31) + timedelta(days=number)
            return first + timedelta(days=rng.randint(0, (date(2024, 12, 31) - first).days))
        case "datetime":
            start = row.get(column.not_before or "")
            first = start if isinstance(start, datetime) else datetime(2024, 1, 1, 0, 0, 1)
            seconds = int((datetime(2024, 12, 31, 17) - first).total_seconds())
            return first + timedelta(seconds=rng.randint(1, max(seconds, 1)))
        case "int":
            if column.answer:
                return rng.randint(1, 5)
            if column.at_most:
                most = row.get(column.at_most)
                return rng.randint(0, most) if isinstance(most, int) else 0
            if column.name.endswith(MONEY):
                return rng.choice((0, 5_000, 80_000, 1_234_567, 35_000_000_000))
            return 2024 if column.name.endswith("_year") else rng.randint(0, 40)
        case "float":
            return rng.choice((0.5, 1.0, 2.25, 1234.5))
        case "bool":
            return rng.random() < 0.5
        case "enum":
            return rng.choice(list(column.values))
    return _text(column, table, number, rng)


def _text(column: ColumnContract, table: TableContract, number: int, rng: random.Random) -> str:
    if column.period:
        return (
            f"2024-Q{number + 1}"
            if number < 4
            else f"2024-{number - 3:02d}"
            if number < 16
            else f"2023-W{number % 50 + 1:02d}"
        )
    if column.name in table.key or column.name.endswith(("_id", "_code")):
        return f"{column.name[:3].upper()}.{number + 1:04d}"
    if column.name == "plan_item":
        return rng.choice(("B.I.1", "B.III.7", "A.I.2"))
    if column.name == "decision_no":
        return f"{rng.randint(1, 3000)}/QĐ-SNV"
    return rng.choice(WORDS if column.name in ("gender", "age_band", "respondent_kind", "channel") else PHRASES)
