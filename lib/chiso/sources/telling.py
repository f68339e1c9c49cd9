"""What is told about a sheet: rejected rows with their reasons, cells without an answer, missing and odd columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from chiso.messages import text
from chiso.sources.account import CELLS, REJECTS, Account, Finding, Severity, lines
from chiso.sources.files import TableFile
from chiso.sources.layout.header import Header
from chiso.sources.layout.money import Factor
from chiso.sources.parse import clean, is_dont_know, translate
from chiso.sources.privacy.door import Held
from chiso.sources.readers import CELL_COUNT, ROW
from chiso.sources.readers.notes import letters
from chiso.sources.rejected.originals import ADDED, is_personal
from chiso.sources.rules import Breach, Rows


@dataclass(frozen=True)
class SheetTeller:
    """Enters what is to be told about one sheet into the account, in the words of its file."""

    account: Account
    file: TableFile
    sheet: str | None
    header: Header
    data: pl.DataFrame
    garbled: pl.Series  # lines whose cells may stand under the wrong header

    def rejects(self, breach: Breach) -> None:
        """Tell each row that breaks a rule, with the cell as the file has it."""
        if not breach.mask.any():
            return
        self.account.rejects.append(
            lines(
                REJECTS,
                self._cells(breach.column, breach.mask),
                **self._place(breach.column),
                rule=breach.rule,
                reason=breach.reason,
                remedy=breach.remedy,
            )
        )

    def answers(self, rows: Rows, kept: pl.Series) -> None:
        """Tell survey cells of kept rows that hold no answer: don't-know codes counted, other values one by one."""
        for name in rows.values.columns:
            column = rows.table.column(name)
            if not column.answer or name not in self.header.columns:
                continue
            no_answer = rows.filled[name] & rows.values[name].is_null() & kept
            if not no_answer.any():
                continue
            words = self.file.mapping.values.get(name, {})
            plain = translate(clean(self.data[self.header.columns[name]]), words).alias("value")
            unknown = no_answer & is_dont_know(plain)
            counts = plain.filter(unknown).to_frame().group_by("value").len("count")
            reason = text("sources.rule.dont_know")
            known = lines(CELLS, counts, **self._place(name), rule="dont_know", reason=reason)
            wrong = lines(
                CELLS,
                self._cells(name, no_answer & ~unknown),
                **self._place(name),
                count=1,
                rule="answer",
                reason=text("sources.rule.answer", label=column.label),
                remedy=text("sources.remedy.answer"),
            )
            self.account.cells += [known, wrong]

    def money(self, factors: Mapping[str, Factor]) -> None:
        """Tell which amounts were multiplied, because the sheet says that they are in another unit."""
        for factor in dict.fromkeys(factors.values()):
            names = [name for name, own in factors.items() if own == factor]
            columns = ", ".join(self.header.titles[name] for name in names)
            declared = ", ".join(f"{name} = 1" for name in names)
            number = f"{factor.number:,}".replace(",", ".")
            self._tell("warning", "money", columns=columns, factor=number, told=factor.told, declared=declared)

    def short_lines(self) -> None:
        """Tell how many lines of a CSV end before the header does, and are taken to end in blank cells."""
        if CELL_COUNT not in self.data.columns:
            return
        own = [cell for cell in self.header.columns.values() if not cell.startswith(ADDED)]
        places = map(self.data.get_column_index, own)
        short = (self.data[CELL_COUNT] <= max(places, default=-1)).fill_null(False) & ~self.garbled
        if short.any():
            self._tell("warning", "short_lines", count=int(short.sum()))

    def columns(self, present: frozenset[str], demanded: frozenset[str]) -> None:
        """Tell missing, unknown and personal columns, and rules that have nothing to go by."""
        table = self.file.table
        missing = [column for column in table.columns if column.name not in present and not column.supporting]
        required = [column for column in missing if column.required]
        for severity, rule, key, columns in (
            ("error", "missing_required", "missing_required", [c for c in required if c.name not in demanded]),
            ("error", "missing_required", "missing_elsewhere", [c for c in required if c.name in demanded]),
            ("warning", "missing_column", "missing_column", [c for c in missing if not c.required and not c.optional]),
            ("info", "missing_column", "missing_optional", [c for c in missing if c.optional]),
        ):
            if rule == "missing_column" and self.file.mapping.own_table:  # a table of a mapping feeds no indicator
                severity, key = "info", "missing_own"
            if columns:
                named = ", ".join(f"{column.label} ({column.name})" for column in columns)
                self._tell(severity, rule, key, columns=named, count=len(columns))  # type: ignore[arg-type]
        for family, item in table.items.items():
            if not any(name.startswith(f"{family}_") for name in present):
                self._tell("warning", "missing_items", label=item.label, example=f"{family}_1")
        if self.header.extra:
            self._tell("info", "extra", columns=", ".join(self.header.extra), count=len(self.header.extra))
        if self.header.unnamed:
            places = ", ".join(letters(int(cell.removeprefix("c"))) for cell in self.header.unnamed)
            self._tell("warning", "unnamed", columns=places, count=len(self.header.unnamed))
        if not self.data.height:
            self._tell("warning", "no_rows")
        undated = [column.label for column in table.columns if column.not_after_export]
        if undated and self.file.exported_on is None:
            self._tell("info", "no_export_date", columns=", ".join(undated))

    def held_back(self, held: Iterable[Held]) -> None:
        """Tell the personal data that did not get through the door: column, kind, number of cells; never the data."""
        for one in held:
            kind = text(f"sources.personal.{one.kind or 'number'}")
            self._tell("warning", one.rule, column=one.header, count=one.count, kind=kind)
            place = {**self._place(one.column), "header": one.header}
            reason = text(f"sources.rule.{one.rule}", kind=kind)
            frame = pl.DataFrame({"count": [one.count]})
            self.account.cells.append(lines(CELLS, frame, **place, rule=one.rule, reason=reason))

    def _cells(self, column: str | None, mask: pl.Series) -> pl.DataFrame:
        """Return row number and the file's own cell where ``mask`` holds; without a column, the number of cells.

        A cell that may hold personal data is not repeated.
        """
        if is_personal(column, self.header.titles.get(column or "")):
            return self.data.filter(mask).select(row=ROW, value=pl.lit(text("sources.personal.value")))
        cell = CELL_COUNT if column is None else self.header.columns.get(column)
        if cell is not None:
            return self.data.filter(mask).select(row=ROW, value=pl.col(cell).cast(pl.String))
        constant = self.file.mapping.constants.get(column or "")
        value = pl.lit(None if constant is None else str(constant), dtype=pl.String)
        return self.data.filter(mask).select(pl.col(ROW).alias("row"), value.alias("value"))

    def _place(self, column: str | None) -> dict[str, str | None]:
        return {
            "table": self.file.table.name,
            "file": self.file.name,
            "sheet": self.sheet,
            "column": column,
            "header": self.header.titles.get(column or ""),
        }

    def _tell(self, severity: Severity, rule: str, key: str | None = None, **values: object) -> None:
        message = text(f"sources.finding.{key or rule}", **values)
        self.account.findings.append(Finding(severity, self.file.table.name, self.file.name, rule, message))
