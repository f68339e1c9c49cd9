"""Dirties clean tables in the ways real exports are dirty, and says what an import must make of the result."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import fuzz_legacy
from fuzz_clean import EXPORTED, PHRASES, CleanRow, clean_row, clean_tables
from fuzz_files import Cell, Formula, Grid, write_csv, write_html, write_ods, write_xlsx
from fuzz_shape import COVER, OFF_SCALE, UNKNOWN, Shape

from chiso.sources.contract import ColumnContract, TableContract, fold, load_contract

OLDER = date(2024, 12, 31)
ENCODERS: dict[str, Callable[[str], str]] = {
    "tcvn3": fuzz_legacy.tcvn3,
    "vni": fuzz_legacy.vni,
    "mojibake": fuzz_legacy.mojibake,
    "nfd": lambda text: unicodedata.normalize("NFD", text),
}


@dataclass
class Expected:
    """What an import must make of one file."""

    table: str
    fates: Counter[str] = field(default_factory=Counter)
    rejects: dict[int, set[tuple[str, str]]] = field(default_factory=dict)
    style: dict[str, object] = field(default_factory=dict)
    cells: Counter[str] = field(default_factory=Counter)


@dataclass
class Mess:
    """A data folder made dirty: the rows that must be accepted, and what must become of each file."""

    clean: dict[str, list[CleanRow]]
    files: dict[str, Expected]
    folded: set[str] = field(default_factory=set)  # tables whose capitals an encoding lost


@dataclass(frozen=True)
class Dirty:
    """A row that must be rejected: its values, the cells written in their place, and why."""

    row: CleanRow
    cells: dict[str, Cell | Formula]
    why: frozenset[tuple[str, str]]


@dataclass
class Style:
    """How one file is written."""

    kind: str
    encoding: str
    text: str | None
    delimiter: str
    newline: str
    dates: str
    numbers: str
    flags: tuple[str, str]
    exported: date | None
    header: str
    shape: Shape

    @classmethod
    def draw(cls, rng: random.Random) -> Style:
        kind = rng.choice(("csv", "csv", "xlsx", "xlsx", "ods", "html"))
        text = rng.choice((None, None, None, "nfd", "tcvn3", "vni", "mojibake"))
        encoding = rng.choice(("utf-8", "utf-8-sig", "utf-16", "cp1258")) if kind == "csv" else "utf-8"
        if text and encoding == "cp1258":
            encoding = "utf-8"
        return cls(
            kind,
            encoding,
            text,
            rng.choice((",", ";", "\t")),
            rng.choice(("\n", "\r\n")),
            rng.choice(
                ("iso", "dmy", "native" if kind in ("xlsx", "ods") else "dmy", "serial" if kind == "xlsx" else "iso")
            ),
            rng.choice(("plain", "plain", "vi")),
            rng.choice((("Có", "Không"), ("x", "Không"), ("1", "0"), ("TRUE", "FALSE"), ("có", "KHÔNG"))),
            EXPORTED if rng.random() < 0.8 else None,
            rng.choice(("plain", "plain", "two_rows")),
            Shape.draw(rng),
        )


def make_mess(folder: Path, seed: int) -> Mess:
    """Write a dirty data folder."""
    rng = random.Random(seed)
    contract = load_contract()
    mess = Mess(clean_tables(rng), {})
    settings = ['[body]\nname = "Sở Thử nghiệm"\n']
    for name, rows in mess.clean.items():
        _write_table(contract[name], rows, mess, folder, settings, rng)
    (folder / "chiso.toml").write_text("\n".join(settings), encoding="utf-8")
    return mess


def _write_table(
    table: TableContract, rows: list[CleanRow], mess: Mess, folder: Path, settings: list[str], rng: random.Random
) -> None:
    style = Style.draw(rng)
    lines: list[tuple[str, CleanRow | Dirty]] = [("accepted", row) for row in rows]
    lines += [("rejected", dirty) for dirty in _dirty_rows(table, rows, mess, style, rng)]
    lines += [("merged", row) for row in rows if rng.random() < 0.1]
    rng.shuffle(lines)
    _write(table, lines, style, mess, folder, settings, rng)
    if style.exported and rng.random() < 0.3:  # an older export of some of the rows
        older = Style.draw(rng)
        older.exported = OLDER
        if "tcvn3" in (style.text, older.text):  # loses capitals: equal rows would differ
            return
        before = [(_older(table, row, rng)) for row in rng.sample(rows, rng.randint(1, len(rows)))]
        _write(table, before, older, mess, folder, settings, rng)


def _older(table: TableContract, row: CleanRow, rng: random.Random) -> tuple[str, CleanRow]:
    """Return the row as an older export had it: equal, or with another text or number."""
    changeable = [
        c.name for c in table.columns if c.name not in table.key and c.type == "text" and not (c.reference or c.period)
    ]
    changeable = [name for name in changeable if isinstance(row[name], str) and " " in str(row[name])]
    if not changeable or rng.random() < 0.4:
        return "merged", row
    name = rng.choice(changeable)
    return "superseded", {**row, name: next(p for p in PHRASES if fold(p) != fold(str(row[name])))}


# --- rows that must be rejected -------------------------------------------------------------------------------------


def _dirty_rows(
    table: TableContract, rows: list[CleanRow], mess: Mess, style: Style, rng: random.Random
) -> list[Dirty]:
    found: list[Dirty] = []
    for number in range(rng.randint(0, 4)):
        row = clean_row(table, 500 + number, mess.clean, rng)
        rule = rng.choice(_RULES)
        dirty = rule(table, row, style, rng)
        if dirty is not None:
            found.append(dirty)
    if rng.random() < 0.3:
        found += _conflict(table, clean_row(table, 600, mess.clean, rng))
    return found


def _pick(table: TableContract, keep: Callable[[ColumnContract], bool], rng: random.Random) -> ColumnContract | None:
    columns = [column for column in table.columns if keep(column)]
    return rng.choice(columns) if columns else None


def _one(row: CleanRow, column: ColumnContract, cell: Cell | Formula, rule: str) -> Dirty:
    return Dirty(row, {column.name: cell}, frozenset({(rule, column.name)}))


def _blank(table: TableContract, row: CleanRow, style: Style, rng: random.Random) -> Dirty | None:
    column = _pick(table, lambda c: c.required or c.name in table.key, rng)
    return _one(row, column, rng.choice((None, "  ", "\u00a0")), "required") if column else None


def _unparsable(table: TableContract, row: CleanRow, style: Style, rng: random.Random) -> Dirty | None:
    column = _pick(table, lambda c: c.type != "text" and not c.answer, rng)
    if column is None:
        return None
    words = {
        "date": ("31/02/2024", "32/01/2024", "2024-13-01", "12/31/2024", "5/6/24", "hôm qua"),
        "datetime": ("31/02/2024 08:00", "2024-02-30", "10/10/2024 25:00", "03/25/2024"),
        "int": ("mười", "12a", "1,5,5", "3.5.1"),
        "float": ("nhiều", "1..5", "--2"),
        "bool": ("có thể", "2", "?"),
        "enum": ("Khác hẳn", "???"),
    }[column.type]
    return _one(row, column, rng.choice(words), "type")


def _ambiguous(table: TableContract, row: CleanRow, style: Style, rng: random.Random) -> Dirty | None:
    """A grouped number where nobody declared how the source writes numbers."""
    column = _pick(table, lambda c: c.type == "int" and not c.answer, rng)
    if column is None or style.numbers != "plain":
        return None
    return _one(row, column, rng.choice(("80.000", "1,234", "1.234,5")), "type")


def _negative(table: TableContract, row: CleanRow, style: Style, rng: random.Random) -> Dirty | None:
    column = _pick(table, lambda c: c.nonnegative and c.type == "int" and not c.at_most, rng)
    if column is None:
        return None
    others = {c.name: None for c in table.columns if c.at_most == column.name}
    return _one({**row, **others}, column, -3, "negative")


def _at_most(table: TableContract, row: CleanRow, style: Style, rng: random.Random) -> Dirty | None:
    column = _pick(table, lambda c: c.at_most is not None, rng)
    if column is None:
        return None
    return _one({**row, str(column.at_most): 3}, column, 4, "at_most")


def _too_early(table: TableContract, row: CleanRow, style: Style, rng: random.Random) -> Dirty | None:
    column = _pick(table, lambda c: c.not_before is not None, rng)
    start = row.get(column.not_before or "") if column else None
    if column is None or not isinstance(start, date):
        return None
    return _one(row, column, (start - timedelta(days=1)).strftime("%d/%m/%Y"), "not_before")


def _too_late(table: TableContract, row: CleanRow, style: Style, rng: random.Random) -> Dirty | None:
    column = _pick(table, lambda c: c.not_after_export, rng)
    if column is None or style.exported is None:
        return None
    later = {c.name: None for c in table.columns if c.not_before == column.name}
    return _one({**row, **later}, column, (style.exported + timedelta(days=1)).strftime("%d/%m/%Y"), "after_export")


def _unknown(table: TableContract, row: CleanRow, style: Style, rng: random.Random) -> Dirty | None:
    column = _pick(table, lambda c: c.reference is not None, rng)
    return _one(row, column, "KHONG-CO", f"unknown_{column.reference}") if column else None


def _uncalculated(table: TableContract, row: CleanRow, style: Style, rng: random.Random) -> Dirty | None:
    if style.kind != "xlsx":
        return None
    column = _pick(table, lambda c: c.name not in table.key, rng)
    formula, rule = rng.choice((("=1+1", "formula"), ("#N/A", "cell_error")))
    return _one(row, column, Formula(formula), rule) if column else None


def _conflict(table: TableContract, row: CleanRow) -> list[Dirty]:
    """Two rows of one key in one export that differ."""
    column = next((c for c in table.columns if c.type == "text" and " " in str(row[c.name] or "")), None)
    if column is None:
        return []
    other = {**row, column.name: next(p for p in PHRASES if fold(p) != fold(str(row[column.name])))}
    why = frozenset({("conflict", ", ".join(table.key))})
    return [Dirty(row, {}, why), Dirty(other, {}, why)]


_RULES = (_blank, _unparsable, _ambiguous, _negative, _at_most, _too_early, _too_late, _unknown, _uncalculated)


# --- files ----------------------------------------------------------------------------------------------------------


def _write(
    table: TableContract,
    lines: list[tuple[str, CleanRow | Dirty]],
    style: Style,
    mess: Mess,
    folder: Path,
    settings: list[str],
    rng: random.Random,
) -> None:
    rows = [line.row if isinstance(line, Dirty) else line for _, line in lines]
    columns = [c for c in rows[0] if table.column(c).required or c in table.key or any(r[c] is not None for r in rows)]
    touched = {name for _, line in lines if isinstance(line, Dirty) for name in line.cells}
    columns += [name for name in rows[0] if name in touched and name not in columns]
    rng.shuffle(columns)
    extra = [title for title in ("STT", "Ghi chú nội bộ", "Họ và tên") if rng.random() < 0.3]
    grid, expected = Grid(), Expected(table.name, style=dict(vars(style)))
    _titles(grid, expected, rng)
    top = len(grid.rows)
    _header(grid, table, extra, columns, style, rng)
    header = [list(row) for row in grid.rows[top:]]
    if rng.random() < 0.2:
        grid.rows.append([f"({i + 1})" for i in range(len(extra) + len(columns))])
        expected.fates["layout"] += 1
    places: list[tuple[int, Dirty]] = []
    for number, (fate, line) in enumerate(lines):
        if rng.random() < 0.06:
            _layout_row(grid, expected, len(extra) + len(columns), number, rng)
        if number and rng.random() < style.shape.again:
            grid.rows += [list(row) for row in header]
            expected.fates["layout"] += len(header)
        expected.fates[fate] += 1
        row, cells = (line.row, line.cells) if isinstance(line, Dirty) else (line, {})
        if isinstance(line, Dirty):
            places.append((len(grid.rows), line))
        if style.kind in ("xlsx", "ods") and rng.random() < 0.05:
            grid.hidden.append(len(grid.rows))
        lead = [_extra_cell(title, number) for title in extra]
        written = [
            cells[name] if name in cells else _cell(row[name], table.column(name), style, rng) for name in columns
        ]
        if fate != "rejected":
            _no_answers(written, [table.column(name) for name in columns], expected, rng)
        grid.rows.append([*lead, *written])
    _footer(grid, expected, len(extra) + len(columns), len(lines), rng)
    if style.text and _shows(grid):
        encode = ENCODERS[style.text]
        grid.rows = [[encode(c) if isinstance(c, str) else c for c in row] for row in grid.rows]
        if style.text == "tcvn3":
            mess.folded.add(table.name)
    if style.kind in ("xlsx", "ods") and style.shape.cover:
        grid.cover = COVER
        expected.fates["layout"] += len(COVER)
    style.shape.moved(grid, rng)
    starts, name = _save(grid, table, style, folder)
    expected.rejects = {starts[place]: set(dirty.why) for place, dirty in places}
    mess.files[name] = expected
    if style.numbers == "vi":
        settings.append(f'[[sources]]\nfile = "{name}"\ntable = "{table.name}"\nnumbers = "vi"\n')


def _shows(grid: Grid) -> bool:
    """Return whether a sheet has enough Vietnamese words to show in which character set it is; one word may be any."""
    cells = [cell for row in grid.rows for cell in row if isinstance(cell, str)]
    return len({word for cell in cells for word in cell.split() if not word.isascii()}) > 4


def _no_answers(
    written: list[Cell | Formula], columns: list[ColumnContract], expected: Expected, rng: random.Random
) -> None:
    """Write a don't-know code, or what is on no scale, in some cells without an answer."""
    for place, column in enumerate(columns):
        if column.answer and written[place] is None and rng.random() < 0.6:
            rule, cells = rng.choice((("dont_know", UNKNOWN), ("answer", OFF_SCALE)))
            written[place] = rng.choice(cells)
            expected.cells[rule] += 1


def _save(grid: Grid, table: TableContract, style: Style, folder: Path) -> tuple[list[int], str]:
    day = f"_{style.exported:%Y%m%d}" if style.exported else ""
    ending = {"html": "xls"}.get(style.kind, style.kind)
    path = folder / f"{table.name}{style.shape.label}{day}.{ending}"
    if style.kind == "csv":
        if style.encoding == "cp1258":
            grid.rows = [[fuzz_legacy.cp1258(c) if isinstance(c, str) else c for c in row] for row in grid.rows]
        return write_csv(grid, path, style.encoding, style.delimiter, style.newline), path.name
    if style.kind == "html":
        return write_html(grid, path), path.name
    grid.mac = style.shape.mac and style.kind == "xlsx"
    writer = write_xlsx if style.kind == "xlsx" else write_ods
    return writer(grid, path, "Dữ liệu"), path.name


def _titles(grid: Grid, expected: Expected, rng: random.Random) -> None:
    if rng.random() < 0.5:
        return
    for title in ("ỦY BAN NHÂN DÂN TỈNH", "SỞ NỘI VỤ", None, "BẢNG TỔNG HỢP NĂM 2024")[: rng.randint(1, 4)]:
        grid.rows.append([title])
        expected.fates["layout"] += 1


def _header(
    grid: Grid, table: TableContract, extra: list[str], columns: list[str], style: Style, rng: random.Random
) -> None:
    labels: list[Cell | Formula] = [*extra, *(_label(table, name, style, rng) for name in columns)]
    if style.header == "plain" or len(columns) < 5:
        grid.rows.append(labels)
        return
    first = len(extra) + rng.randint(1, len(columns) - 3)
    last = first + rng.randint(1, 2)
    top = len(grid.rows)
    over: list[Cell | Formula] = [None if first <= i <= last else label for i, label in enumerate(labels)]
    over[first] = "Thông tin xử lý"
    grid.rows.append(over)
    grid.rows.append([label if first <= i <= last else None for i, label in enumerate(labels)])
    grid.merged.append((top, first, top, last))
    grid.merged += [(top, i, top + 1, i) for i in range(len(labels)) if not first <= i <= last]


def _label(table: TableContract, name: str, style: Style, rng: random.Random) -> str:
    column = table.column(name)
    label = rng.choice(column.headers)
    match rng.randint(0, 5):
        case 0:
            return label.upper()
        case 1:
            return f"  {label.replace(' ', '  ', 1)} "
        case 2 if style.kind != "csv":
            return label.replace(" ", "\n", 1)
        case 3:
            return label.replace(" ", "\u00a0", 1)
        case 4:
            return _without_accents(table, label)
    return label


def _without_accents(table: TableContract, label: str) -> str:
    """Return the label without accents where that still means one column only."""

    def bare(text: str) -> str:
        plain = unicodedata.normalize("NFD", fold(text).replace("đ", "d"))
        return "".join(c for c in plain if not unicodedata.combining(c))

    same = {column.name for column in table.columns if bare(label) in {bare(header) for header in column.headers}}
    return bare(label) if len(same) == 1 and not table.items else label


def _layout_row(grid: Grid, expected: Expected, width: int, number: int, rng: random.Random) -> None:
    kinds: tuple[list[Cell | Formula], ...] = (
        [],
        ["II"],
        ["Tổng cộng", *[None] * max(width - 2, 0), number],
        ["Cộng"],
    )
    row = rng.choice(kinds)
    grid.rows.append(row)
    expected.fates["layout"] += 1


def _footer(grid: Grid, expected: Expected, width: int, count: int, rng: random.Random) -> None:
    if rng.random() < 0.5:
        return
    for row in (["Tổng số", *[None] * max(width - 2, 0), count], [], ["Người lập biểu"], ["Nơi nhận:"]):
        grid.rows.append(row)
        expected.fates["layout"] += 1


def _extra_cell(title: str, number: int) -> Cell:
    return {"STT": number + 1, "Ghi chú nội bộ": "đã xem"}.get(title, "Nguyễn Văn Thử")


def _cell(value: Cell, column: ColumnContract, style: Style, rng: random.Random) -> Cell:
    """Return a typed value as the file has it."""
    native = style.kind in ("xlsx", "ods")
    if value is None:
        return None
    if isinstance(value, bool):
        return rng.choice((value, style.flags[0 if value else 1])) if native else style.flags[0 if value else 1]
    if isinstance(value, datetime):
        return _moment(value, style)
    if isinstance(value, date):
        return _day(value, style)
    if isinstance(value, int | float):
        if native and rng.random() < 0.6:
            return value
        return _number(value, style)
    if column.type == "enum":
        word = rng.choice((value, column.values[value]))
        return rng.choice((word, word.upper(), word.capitalize()))
    if column.period:
        year, part = value.split("-")
        return (
            rng.choice((value, f"Quý {'I' * int(part[1]) if int(part[1]) < 4 else 'IV'}/{year}"))
            if part[0] == "Q"
            else value
        )
    if rng.random() < 0.1:
        return rng.choice((f" {value} ", value.replace(" ", "\u00a0", 1), f"\u200b{value}"))
    return value


def _day(value: date, style: Style) -> Cell:
    if style.dates == "native":
        return value
    if style.dates == "serial":
        return (value - (date(1904, 1, 1) if style.shape.mac else date(1899, 12, 30))).days
    return value.strftime("%d/%m/%Y") if style.dates == "dmy" else value.isoformat()


def _moment(value: datetime, style: Style) -> Cell:
    if style.dates == "native":
        return value
    return value.strftime("%d/%m/%Y %H:%M:%S") if style.dates in ("dmy", "serial") else value.isoformat(sep=" ")


def _number(value: int | float, style: Style) -> Cell:
    if style.numbers == "plain":
        return str(value)
    grouped = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
    return grouped.replace(",", "\0").replace(".", ",").replace("\0", ".")
