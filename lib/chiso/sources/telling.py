"""What is told about a sheet: rejected rows with their reasons, cells without an answer, missing and odd columns."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from chiso.messages import text
from chiso.sources.account import CELLS, REJECTS, Account, Finding, Severity, lines
from chiso.sources.files import TableFile
from chiso.sources.header import Header
from chiso.sources.parse import clean, is_dont_know, translate
from chiso.sources.readers import OVERFLOW, ROW
from chiso.sources.rules import Breach, Rows


@dataclass(frozen=True)
class SheetTeller:
    """Enters what is to be told about one sheet into the account, in the words of its file."""

    account: Account
    file: TableFile
    sheet: str | None
    header: Header
    data: pl.DataFrame

    def rejects(self, breach: Breach) -> None:
        """Tell each row that breaks a rule, with the cell as the file has it."""
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

    def rejected_rows(self, bad: pl.Series) -> None:
        """Keep the rejected rows whole, as the file has them, without the columns that are not the table's."""
        rows = self.data.filter(bad)
        place = {"file": pl.lit(self.file.name), "sheet": pl.lit(self.sheet, dtype=pl.String), "row": pl.col(ROW)}
        cells = {name: pl.col(cell) for name, cell in self.header.columns.items()}
        self.account.keep_rejected(self.file.table.name, rows.select(**place, **cells))

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

    def columns(self, present: frozenset[str]) -> None:
        """Tell missing, unknown and personal columns, and rules that have nothing to go by."""
        table = self.file.table
        for column_rule, severity, required in _MISSING:
            columns = [c for c in table.columns if c.name not in present and c.required is required]
            if columns:
                named = ", ".join(f"{column.label} ({column.name})" for column in columns)
                self._tell(severity, column_rule, columns=named, count=len(columns))
        for family, item in table.items.items():
            if not any(name.startswith(f"{family}_") for name in present):
                self._tell("warning", "missing_items", label=item.label, example=f"{family}_1")
        if self.header.extra:
            self._tell("info", "extra", columns=", ".join(self.header.extra), count=len(self.header.extra))
        for title, cell in self.header.personal.items():
            self._personal(title, int(clean(self.data[cell]).is_not_null().sum()))
        if not self.data.height:
            self._tell("warning", "no_rows")
        undated = [column.label for column in table.columns if column.not_after_export]
        if undated and self.file.exported_on is None:
            self._tell("info", "no_export_date", columns=", ".join(undated))

    def _personal(self, title: str, count: int) -> None:
        self._tell("warning", "personal", column=title, count=count)
        place = {**self._place(None), "header": title}
        frame = pl.DataFrame({"count": [count]})
        self.account.cells.append(lines(CELLS, frame, **place, rule="personal", reason=text("sources.rule.personal")))

    def _cells(self, column: str | None, mask: pl.Series) -> pl.DataFrame:
        """Return row number and the file's own cell where ``mask`` holds; without a column, the overflow."""
        cell = OVERFLOW if column is None else self.header.columns.get(column)
        if cell is not None:
            return self.data.filter(mask).select(row=ROW, value=cell)
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

    def _tell(self, severity: Severity, rule: str, **values: object) -> None:
        message = text(f"sources.finding.{rule}", **values)
        self.account.findings.append(Finding(severity, self.file.table.name, self.file.name, rule, message))


_MISSING: tuple[tuple[str, Severity, bool], ...] = (
    ("missing_required", "error", True),
    ("missing_column", "warning", False),
)
