"""Privacy at the door, end to end: marks of people planted wherever an export may hold them are in no output byte."""

import csv
import html
import io
import json
import re
import shutil
import unicodedata
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from chiso.cli import main
from chiso.runs.data import processed_folder
from chiso.sources.privacy.pseudonyms import FILE_NAME as KEY
from chiso.sources.taken_over import SUFFIX

QUARTER = Path(__file__).parents[1] / "notebook" / "quarter"
FAMILIES = ["Khuất", "Doãn", "Đoàn", "Nguyễn", "Trịnh", "Huỳnh", "Phùng", "Quách", "Tống", "Lương"]
MIDDLES = ["Quỳnh", "Thị", "Đức", "Thúy", "Xuân", "Hồng", "Mậu", "Nhật", "Thế", "Khánh"]
GIVEN = ["Uyển", "Ngoạn", "Khuyến", "Thuận", "Diễm", "Luyến", "Quyết", "Hoạch", "Toản", "Khiêm"]
KINDS = ("name", "identity", "card", "phone", "email", "birth", "address")
HEADED = ["Họ và tên", "Số CCCD", "CMND", "Số điện thoại", "Email", "Ngày sinh", "Địa chỉ thường trú"]
UNKNOWN = ["Cột A", "Cột B", "Cột C", "Cột D", "Cột E", "Cột F", "Cột G"]
#: Free text of the tables that is kept: numbers and addresses in it are masked (names in it are a known limit).
FREE = {
    "procedures": "procedure_name",
    "survey_responses": "age_band",
    "assigned_tasks": "title",
    "deliverables": "evidence",
    "personnel": "level",
    "initiatives": "title",
}
CODES = {"cases": "officer_id", "personnel": "staff_id"}
#: Tables written as workbooks with a merged line above the header; the others are CSV.
BOOKS = ("initiatives", "personnel")


@dataclass
class Marks:
    """Gives out marks, each once, and remembers where each was planted."""

    planted: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def make(self, kind: str, place: str) -> str:
        i = self.count = self.count + 1
        mark = {
            "name": f"{FAMILIES[i % 10]} {MIDDLES[i // 10 % 10]} {MIDDLES[i // 100 % 10]} {GIVEN[i // 1000 % 10]}",
            "identity": f"079{i % 4}{i % 90 + 10:02d}{i + 300000:06d}",
            "card": f"{i % 38 + 1:02d}{4700011 + i * 7:07d}",
            "phone": f"09{i % 90 + 10:02d}{i * 13 + 100003:06d}",
            "email": f"cong.dan.{i}@thu.example.vn",
            "birth": f"{i % 28 + 1:02d}/{i // 28 % 12 + 1:02d}/{1931 + i % 67}",
            "address": f"Thôn Xuân Lũng {i}, xã Vạn Thắng, huyện Ba Xuyên",
            "code": f"QZX-{i:05d}",
        }[kind]
        assert mark not in self.planted
        self.planted[mark] = f"{kind}: {place}"
        return mark


def plant(table: str, marks: Marks) -> list[list[str]]:
    """Return the rows of a table, header first, with marks in columns, cells and rows of every kind."""
    with (QUARTER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    place = {name: i for i, name in enumerate(header)}
    rows = rows[:15]  # the rest of the quarter is not needed to look for marks
    if table in CODES:
        for row in rows:
            row[place[CODES[table]]] = marks.make("code", f"{table}.{CODES[table]}")
    if table in FREE:
        told = (marks.make(kind, f"{table}, within {FREE[table]}") for kind in ("phone", "identity", "email"))
        rows[0][place[FREE[table]]] = "Liên hệ {}, giấy tờ {}; thư: {}.".format(*told)
        if table != "procedures":
            for kind, row in zip(("name", "phone", "identity", "email"), rows[1:], strict=False):
                row[place[FREE[table]]] = marks.make(kind, f"{table}, whole cell of {FREE[table]}")
    wrong = list(rows[-1])
    wrong[0] = f"{wrong[0]}-X"
    wrong[place["unit_code"]] = marks.make("name", f"{table}, unit_code of a rejected row") if table != "units" else ""
    for name, kind in (("kind", "phone"), ("channel", "email"), ("received_at", "identity"), ("received_on", "email")):
        if name in place:
            wrong[place[name]] = marks.make(kind, f"{table}.{name} of a rejected row")
    if table in FREE:
        wrong[place[FREE[table]]] = f"Gọi {marks.make('phone', f'{table}, free text of a rejected row')}"
    twice = list(rows[-2])
    changed = next(
        i for i, name in enumerate(header) if i and name not in ("unit_code", "procedure_code", "as_of", "period")
    )
    twice[changed] = f"{twice[changed]} khác"
    if table in FREE:
        twice[place[FREE[table]]] = f"Khác, gọi {marks.make('phone', f'{table}, conflicting duplicate')}"
    rows += [wrong, twice]
    header += [*HEADED, *UNKNOWN, "Cột H", "Mã NV"]
    for row in rows:
        for titles in (HEADED, UNKNOWN):
            row += [marks.make(kind, f"{table}, column {title}") for kind, title in zip(KINDS, titles, strict=True)]
        row.append(
            f"Chị {marks.make('name', f'{table}, free text of Cột H')} gọi {marks.make('phone', f'{table}, Cột H')}"
        )
        row.append(marks.make("code", f"{table}, column Mã NV"))
    return [header, *rows]


def as_csv(rows: list[list[str]], table: str, marks: Marks) -> str:
    """Return CSV with a title line above the header, and lines that break off or run over in the middle of marks."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([f"Người lập biểu: {marks.make('name', f'{table}, line above the header')}"])
    writer.writerow([f"Điện thoại: {marks.make('phone', f'{table}, line above the header')}"])
    writer.writerows(rows)
    spilt = [marks.make(kind, f"{table}, line with too many cells") for kind in KINDS]
    writer.writerow([f"{rows[1][0]}-Y", *spilt, *rows[1][1:]])
    out.write(
        f'{rows[1][0]}-Z,"{marks.make("name", f"{table}, open quote")},{marks.make("phone", f"{table}, open quote")}\n'
    )
    return out.getvalue()


def as_book(rows: list[list[str]], table: str, marks: Marks) -> bytes:
    """Return a workbook with a merged title above the header."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = (
        f"Lập bởi {marks.make('name', f'{table}, merged title')}, {marks.make('phone', f'{table}, merged title')}"
    )
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(rows[0]))
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Marks, and every place the run wrote to: outputs, the import, what was printed."""
    base = tmp_path_factory.mktemp("privacy")
    data, out = base / "nguoi-dan", base / "out"
    data.mkdir()
    shutil.copy(QUARTER / "chiso.toml", data)
    marks = Marks()
    for path in sorted(QUARTER.glob("*.csv")):
        rows = plant(path.stem, marks)
        if path.stem in BOOKS:
            (data / f"{path.stem}.xlsx").write_bytes(as_book(rows, path.stem, marks))
        else:
            (data / path.name).write_text(as_csv(rows, path.stem, marks), encoding="utf-8")
    processed = processed_folder(data)
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr("sys.stdout", printed)
        patch.setattr("sys.stderr", printed)
        main(["run", "2024-Q4", "--data", str(data), "--out", str(out), "--component", "B.V"])
    yield marks, out, processed, printed.getvalue()
    shutil.rmtree(processed, ignore_errors=True)


def texts(path: Path) -> str:
    """Return everything a file tells as text: archives unpacked, tables decoded, escapes undone."""
    return decoded(path.name, path.read_bytes())


def decoded(name: str, raw: bytes) -> str:
    if raw.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            return "\n".join(f"{entry}\n{decoded(entry, packed.read(entry))}" for entry in packed.namelist())
    if name.endswith(".parquet"):
        frame = pl.read_parquet(raw)
        return "\n".join([*frame.columns, *map(str, frame.rows())]) + raw.decode("latin-1")
    content = raw.decode("utf-8", errors="replace")
    if name.endswith((".ipynb", ".json")):
        content = json.dumps(json.loads(content), ensure_ascii=False)
    content = re.sub(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=\s\\n]*", "", content)
    return unicodedata.normalize("NFC", html.unescape(html.unescape(content)))


def test_no_mark_of_a_person_is_in_any_output(planted):
    marks, out, processed, printed = planted
    assert len(marks.planted) > 2000
    files = [path for path in (*out.rglob("*"), *processed.rglob("*")) if path.is_file() and path.name != KEY]
    assert {".ipynb", ".html", ".xlsx", ".parquet", ".csv", ".json", SUFFIX} <= {path.suffix for path in files}
    found = {}
    for place, content in [("printed", printed), *((str(path), texts(path)) for path in files)]:
        for mark, where in marks.planted.items():
            if mark in content:
                found.setdefault((where.partition(":")[2].strip(), Path(place).name), mark)
    assert sorted((place, file, mark) for (place, file), mark in found.items()) == []


def test_no_output_depends_on_the_key(planted):
    _, out, processed, _ = planted
    imports = [path.parent.name for path in processed.glob("*/dataset.json")]
    assert imports
    for path in out.rglob("*"):
        if path.is_file():
            content = texts(path)
            assert not re.search(r"\bbd-[0-9a-f]{16}\b", content), path.name
            assert not [name for name in imports if name in content], path.name


def test_the_search_finds_what_is_there(planted, tmp_path):
    marks, *_ = planted
    mark = next(iter(marks.planted))
    book = openpyxl.Workbook()
    book.active["A1"] = mark
    book.save(tmp_path / "a.xlsx")
    pl.DataFrame({"x": [mark]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"x": [mark] * 1000}).write_parquet(tmp_path / "packed.parquet")
    with zipfile.ZipFile(tmp_path / f"a{SUFFIX}", "w") as archive:
        archive.write(tmp_path / "packed.parquet", "packed.parquet")
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [html.escape(mark)]}), encoding="utf-8")
    for path in tmp_path.glob("a.*"):
        assert mark in texts(path), path.name


def test_what_was_held_back_is_told_and_counted(planted):
    _, _, processed, _ = planted
    newest = max(processed.rglob("*cells*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    cells = pl.read_parquet(newest)
    held = cells.filter(pl.col("table") == "cases", pl.col("rule").str.starts_with("personal"))
    told = {row["header"]: (row["rule"], row["count"]) for row in held.iter_rows(named=True)}
    assert {told[title][0] for title in HEADED} == {"personal"}
    assert {told[title][0] for title in UNKNOWN} == {"personal_content"}
    assert told["Họ và tên"][1] == told["Cột A"][1] >= 15
