"""What a run wrote, read by programs that know nothing of the project: figures of indicators by format.

Each reader yields :class:`Figure`: what stands in one place of one file, None for what that place does not tell.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
import openpyxl
from lxml import html

#: Header words of a table of figures, by field.
LABELS = {
    "indicator": "Mã", "numerator": "Tử số (n)", "denominator": "Mẫu số (N)", "value": "Kết quả",
    "target": "Mục tiêu", "status": "Tình trạng",
}  # fmt: skip
STATUSES = {
    "Đạt": "met", "Không đạt": "not_met", "Chưa đến hạn": "pending", "Nguy cơ": "at_risk",
    "Chưa có dữ liệu": "no_data", "Không công bố": "withheld", "Theo dõi": "none",
}  # fmt: skip
GROUPS = {
    "Chỉ số đạt mục tiêu:": "met", "Chỉ số không đạt mục tiêu:": "not_met", "Chỉ số chưa đến hạn đánh giá:": "pending",
    "Chỉ số có nguy cơ không đạt mục tiêu:": "at_risk",
    "Chỉ số theo dõi, không kết luận đạt hay không đạt:": "none",
}  # fmt: skip
_NUMBER = r"[−-]?\d[\d.]*(?:,\d+)?"
_ID = r"sipas|[A-Z]+\.(?:[IVX]+\.)?\w+"
#: "98,1 % (B.III.8: 819/835 hồ sơ" wherever it stands.
_SAID = re.compile(
    rf"(?P<value>{_NUMBER})\s(?P<unit>%|điểm) \((?P<id>{_ID}): (?:(?P<n>{_NUMBER})/(?P<N>{_NUMBER})"
    r"(?P<money> triệu đồng)?|\d[\d.]* người trả lời)"
)
#: "Có 8 hồ sơ quá hạn chưa giải quyết xong (B.III.8b)", "…: 8 hồ sơ (B.III.8b)", "Không có … (B.V.4)".
_COUNTED = re.compile(rf"(?:(?P<none>Không có)|Có (?P<n>{_NUMBER})|: (?P<m>{_NUMBER})) [^():;.]*? \((?P<id>{_ID})\)")
_TARGET = re.compile(rf"mục tiêu (?:[≥>]\s)?(?P<value>{_NUMBER})(?P<percent>\s%)?[;.]")


@dataclass(frozen=True)
class Figure:
    """One figure in one place; ``rounded`` numbers have only the decimals that are written."""

    indicator: str
    place: str
    numbers: dict[str, float | None]
    decimals: int | None = None
    status: str | None = None


def parsed(words: str) -> float:
    """Read a number written the Vietnamese way."""
    return float(words.replace(".", "").replace(",", ".").replace("−", "-"))


def said(words: str, place: str) -> Iterator[Figure]:
    """Yield the figures that sentences tell."""
    for found in _SAID.finditer(words):
        scale = 100 if found["unit"] == "%" else 1
        written = found["value"].partition(",")[2]
        numbers: dict[str, float | None] = {"value": parsed(found["value"]) / scale}
        if found["n"]:
            size = 1e6 if found["money"] else 1
            numbers |= {"numerator": parsed(found["n"]) * size, "denominator": parsed(found["N"]) * size}
        yield Figure(found["id"], place, numbers, len(written) + (2 if scale == 100 else 0))
    for found in _COUNTED.finditer(words):
        number = 0.0 if found["none"] else parsed(found["n"] or found["m"])
        yield Figure(found["id"], place, {"value": number}, 0)


# -- HTML


def in_page(content: str, place: str) -> Iterator[Figure]:
    """Yield the figures of a page: of its tables by their raw values, of its sentences as they are written."""
    page = html.fromstring(content)
    for table in page.iter("table"):
        head = [cell.text_content().strip() for cell in table.xpath("./thead/tr[last()]/*")]
        if not set(LABELS.values()) <= set(head):
            continue
        at = {field: head.index(label) for field, label in LABELS.items()}
        for row in table.xpath("./tbody/tr"):
            cells = row.xpath("./td|./th")
            if len(cells) != len(head):
                continue
            raw = {field: cells[at[field]].get("data-value") for field in LABELS}
            numbers = {f: float(v) if (v := raw[f]) else None for f in ("numerator", "denominator", "value", "target")}
            yield Figure(
                cells[at["indicator"]].text_content().strip(),
                f"{place} #{table.get('id')}",
                numbers,
                status=raw["status"] or "none",
            )
    for paragraph in page.xpath('//div[contains(@class, "prose-lead")]/p'):
        yield from said(paragraph.text_content(), f"{place}, câu")
    for name in page.xpath('//div[starts-with(@id, "cs-")]'):
        [summary] = name.xpath(".//summary")
        told = summary.text_content().strip()
        code, _, rest = told.partition(" – ")
        yield from said(rest.replace(" (", f" ({code}: ", 1) if " (" in rest else rest, f"{place}, nguồn")


# -- Excel


def in_workbook(path: Path) -> Iterator[Figure]:
    """Yield the figures of every sheet that has a table of them; formulas by the values kept beside them."""
    workbook = openpyxl.load_workbook(path, data_only=True)
    for sheet in workbook:
        at: dict[str, int] = {}
        for row in sheet.iter_rows(values_only=True):
            words = [str(value).strip() if value is not None else "" for value in row]
            if set(LABELS.values()) <= set(words) and "Đơn vị" not in words:
                at = {field: words.index(label) for field, label in LABELS.items()}
                continue
            if not at or not re.fullmatch(_ID, words[at["indicator"]]):
                continue
            numbers = {
                field: float(value) if isinstance(value := row[at[field]], int | float) else None
                for field in ("numerator", "denominator", "value", "target")
            }
            status = re.sub(r"^[^\w]+", "", words[at["status"]])
            yield Figure(words[at["indicator"]], f"{path.name}, {sheet.title}", numbers, status=STATUSES[status])


# -- Word


def in_document(path: Path) -> Iterator[Figure]:
    """Yield the figures of a Word file: of its lines, under the status they stand under, and of its tables."""
    document, group = docx.Document(str(path)), None
    for paragraph in document.paragraphs:
        words = paragraph.text.strip()
        group = GROUPS.get(words, group if words.startswith("- ") else None)
        goal = _TARGET.search(words) if group else None
        for figure in said(words, f"{path.name}, đoạn"):
            numbers = dict(figure.numbers)
            if goal:
                numbers["target"] = parsed(goal["value"]) / (100 if goal["percent"] else 1)
            yield Figure(figure.indicator, figure.place, numbers, figure.decimals, group)
    for table in document.tables:
        head = [cell.text.strip() for cell in table.rows[0].cells] if table.rows else []
        if not {LABELS[f] for f in ("indicator", "numerator", "denominator", "value")} <= set(head):
            continue
        at = {field: head.index(label) for field, label in LABELS.items() if label in head}
        for row in table.rows[1:]:
            cells = [cell.text.strip() for cell in row.cells]
            numbers, percent = {}, "%" in cells[at["value"]]
            for field in ("numerator", "denominator", "value", "target"):
                found = re.search(_NUMBER, cells[at[field]])
                numbers[field] = parsed(found[0]) / (100 if "%" in cells[at[field]] else 1) if found else None
            status = STATUSES[re.sub(r"^[^\w]+", "", cells[at["status"]])] if "status" in at else "not_met"
            yield Figure(cells[at["indicator"]], f"{path.name}, bảng", numbers, 3 if percent else 2, status)
