"""What a run must know about its data before it writes: the unit asked for, the data gate, an empty period."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import polars as pl

from chiso.errors import ChisoError
from chiso.indicators import Results
from chiso.messages import locales, text
from chiso.runs.plan import Plan, did_you_mean
from chiso.sources import Dataset, load_contract

#: Rows of each kind that the data gate names.
_SHOWN = 5

#: Findings that are warnings in a run, and stop a strict one: a part of the data is not there.
_INCOMPLETE = ("missing_column", "missing_items", "no_rows")

#: Figures whose denominator is there without a row of the period: the five factors, the active units, a sum of points.
_FIXED = ("sipas", "B.I.2a", "B.III.9")


class DataGate(ChisoError):
    """A strict run stopped: the data has errors. Nothing was written."""


def check_unit(unit: str | None, dataset: Dataset) -> None:
    """Refuse a unit that the list of units does not hold (nor, without such a list, any row).

    Raises:
        ChisoError: names the nearest and the known codes.
    """
    if unit is not None:
        require_unit(unit, known_units(dataset))


def require_unit(unit: str, known: Collection[str]) -> None:
    """Refuse a unit that is not among those known.

    Raises:
        ChisoError: names the nearest and the known codes.
    """
    if unit not in known:
        raise ChisoError(text("runs.no_unit", unit=unit, hint=did_you_mean(unit, known)))


def known_units(dataset: Dataset) -> list[str]:
    """Return the codes of the list of units; without one, the codes that the other tables name."""
    frame = dataset.scan("units")
    if frame is not None:
        return sorted(frame.select("unit_code").collect()["unit_code"].unique())
    found: set[str] = set()
    for name, table in load_contract().items():
        frame = dataset.scan(name)
        if frame is not None and any(c.name == "unit_code" for c in table.columns):
            found |= set(frame.select("unit_code").unique().collect()["unit_code"].drop_nulls())
    return sorted(found)


def missing_tables(dataset: Dataset) -> list[str]:
    """Return the Vietnamese names of the tables that no file brings a row of."""
    return _without_rows(dataset, rejected=False)


def rejected_tables(dataset: Dataset) -> list[str]:
    """Return the Vietnamese names of the tables whose rows were all rejected."""
    return _without_rows(dataset, rejected=True)


def _without_rows(dataset: Dataset, *, rejected: bool) -> list[str]:
    refused = set(dataset.files.filter(pl.col("rejected") > 0)["table"])
    return [
        f"{table.label} ({name})"
        for name, table in load_contract().items()
        if not dataset.accepted(name) and (name in refused) == rejected
    ]


def strict_gate(dataset: Dataset) -> None:
    """Stop where a file could not be read, a table or column is missing, or a row was rejected.

    Raises:
        DataGate: lists the first of each kind.
    """
    found: list[str] = []
    if missing := missing_tables(dataset):
        found.append(text("runs.gate_missing", count=len(missing), tables=", ".join(missing)))
    if refused := rejected_tables(dataset):
        found.append(text("runs.gate_all_rejected", count=len(refused), tables=", ".join(refused)))
    serious = (pl.col("severity") == "error") | pl.col("rule").is_in(_INCOMPLETE)
    told = [
        text("runs.gate_finding", file=row["file"] or row["table"], message=row["message"])
        for row in dataset.findings.filter(serious).iter_rows(named=True)
    ]
    found += _listed(told)
    rows = dataset.rejects.unique(["table", "file", "sheet", "row"], maintain_order=True)
    if rows.height:
        found.append(text("runs.gate_rejects", count=rows.height))
        found += _listed(
            [
                text(
                    "runs.gate_row",
                    file=row["file"],
                    row=row["row"],
                    column=row["column"] or "–",
                    value=row["value"] or "",
                    reason=row["reason"],
                )
                for row in rows.iter_rows(named=True)
            ]
        )
    if found:
        raise DataGate("\n".join([text("runs.gate"), *(f"  - {line}" for line in found), text("runs.gate_remedy")]))


def _listed(lines: list[str]) -> list[str]:
    more = [text("runs.gate_more", count=len(lines) - _SHOWN)] if len(lines) > _SHOWN else []
    return lines[:_SHOWN] + more


def is_empty(results: Results) -> bool:
    """Whether no figure of the whole department, of whatever window, found a row; stocks belong to no period."""
    rows = pl.col("numerator").fill_null(0) != 0
    rows |= ~pl.col("indicator").is_in(_FIXED) & (pl.col("denominator").fill_null(0) != 0)
    moving = pl.col("unit_code").is_null() & (pl.col("window") != "as_of")
    return not results.indicators.filter(moving & rows).height


def check_same_reports(plan: Plan, dataset: Dataset, before: dict[str, Any]) -> None:
    """Refuse to redo some reports in a folder whose others are of another body, unit, window or as-of day.

    The same inputs with corrected data pass: the reports not redone are marked in the index.

    Args:
        plan: what is to be done.
        dataset: gives the body.
        before: the folder's manifest; empty where there is none.

    Raises:
        ChisoError: names what the folder holds, what was asked for, and the remedies.
    """
    if not (plan.partial and before):
        return
    held = (before["body"], before["unit"], before["window"], before["as_of"])
    body = {"name": dataset.body.name, "synthetic": dataset.body.synthetic}
    frame = plan.timeframe
    wanted = (body, plan.request.unit, frame.rule, frame.as_of.isoformat())
    if held != wanted:
        raise ChisoError(text("runs.other_reports", folder=plan.folder, held=_told(*held), wanted=_told(*wanted)))


def _told(body: dict[str, Any], unit: str | None, window: str, as_of: str) -> str:
    parts = [body["name"], text("runs.synthetic") if body["synthetic"] else ""]
    parts.append(text("runs.of_unit", unit=unit) if unit else text("runs.of_all"))
    as_of_day = locales.day(date.fromisoformat(as_of))
    parts += [text(f"worktime.window_{window}"), text("runs.period_as_of", as_of=as_of_day)]
    return ", ".join(part for part in parts if part)
