"""What is told about the text of a file: what was converted, what was left as it is."""

from __future__ import annotations

from collections.abc import Iterable

from chiso.messages import text
from chiso.sources.account import Finding, Severity
from chiso.sources.text.restore import Conversion, Kind

_SEVERITY: dict[Kind, Severity] = {
    "tcvn3": "info",
    "vni": "info",
    "mojibake": "warning",
    "undecided": "warning",
    "lost": "warning",
}


def tell_conversions(told: Iterable[Conversion], table: str, file: str, sheet: str | None) -> list[Finding]:
    """Return one finding for each kind of conversion in a sheet: how many cells, in which columns (from 1)."""
    by_kind: dict[Kind, list[Conversion]] = {}
    for conversion in told:
        by_kind.setdefault(conversion.kind, []).append(conversion)
    return [
        Finding(
            _SEVERITY[kind],
            table,
            file,
            f"text_{kind}",
            text(f"sources.restored.{kind}", count=sum(c.cells for c in found), place=_place(found, sheet)),
        )
        for kind, found in sorted(by_kind.items())
    ]


def _place(found: list[Conversion], sheet: str | None) -> str:
    columns = ", ".join(str(c.column + 1) for c in found if c.column is not None)
    if not columns:
        return text("sources.restored.names")
    if sheet is None:
        return text("sources.restored.columns", columns=columns)
    return text("sources.restored.sheet_columns", sheet=sheet, columns=columns)
