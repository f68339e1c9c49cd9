"""The case balance (form II.06, Circular 01/2020/TT-VPCP): received, finished and open cases by unit and field."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chiso.errors import ChisoError
from chiso.indicators.measure import done_by, in_period
from chiso.indicators.views import VIEWS, Sources
from chiso.messages import text
from chiso.worktime import Timeframe

COUNTS = (
    "received_online",
    "received_direct",
    "carried_over",
    "total",
    "finished",
    "early",
    "on_time",
    "late",
    "finished_no_due",
    "open",
    "open_in_time",
    "open_overdue",
    "open_no_due",
)
SCHEMA = {"unit_code": pl.String, "field": pl.String} | dict.fromkeys(COUNTS, pl.Int64)
#: Columns of the cases without which there is no balance; without due dates all cases are "without due date".
NEEDS = ("unit_code", "channel", "received_at", "finished_at")
#: Columns without which there is no split by field.
NEEDS_FOR_FIELDS = (("cases", "procedure_code"), ("procedures", "field"))


class BalanceError(ChisoError):
    """Received, finished and open cases do not add up."""


def conditions(t: Timeframe) -> dict[str, pl.Expr]:
    """One boolean expression a column of the form; each counts by its own condition, none by subtraction."""
    received, finished_at, due = pl.col("received_at"), pl.col("finished_at"), pl.col("due_at")
    new, online = in_period("received_at", t), pl.col("channel") == "online"
    carried = (received < t.start) & (finished_at.is_null() | (finished_at >= t.start))
    finished = in_period("finished_at", t)
    is_open = finished_at.is_null()
    found = {
        "received_online": new & online,
        "received_direct": new & ~online,
        "carried_over": carried,
        "total": new | carried,
        "finished": finished,
        "early": finished & (finished_at < due),
        "on_time": finished & (finished_at == due),
        "late": finished & ~done_by("finished_at", "due_at"),
        "finished_no_due": finished & due.is_null(),
        "open": is_open,
        "open_in_time": is_open & (due >= t.as_of),
        "open_overdue": is_open & (due < t.as_of),
        "open_no_due": is_open & due.is_null(),
    }
    return {name: condition.fill_null(False) for name, condition in found.items()}


def case_balance(s: Sources, by_field: bool = True) -> pl.DataFrame:
    """The balance with its margins (null): combinations that occur, every unit and field, and the whole.

    Args:
        s: the run's sources.
        by_field: split by field of the procedure; otherwise units and the whole only.

    Raises:
        MissingTable: cases, or procedures where they are needed, are missing.
        BalanceError: a line does not balance; the message names the cases.
    """
    where = conditions(s.timeframe)
    view = "cases_with_procedure" if by_field else "cases"
    cases = VIEWS[view].build(s).with_columns(**where).filter("total")
    counts = [pl.col(name).sum().cast(pl.Int64) for name in COUNTS]
    sets: Sequence[Sequence[str]] = (("unit_code", "field"), ("unit_code",), ("field",))
    sets = sets if by_field else (("unit_code",),)
    tables = pl.collect_all([cases.group_by(keys).agg(counts) for keys in sets] + [cases.select(counts)])
    balance = pl.concat(
        [
            table.select(
                pl.col(n).cast(d) if n in table.columns else pl.lit(None, d).alias(n) for n, d in SCHEMA.items()
            )
            for table in tables
        ]
    )
    _assert_balanced(balance, cases)
    return balance.sort("unit_code", "field", nulls_last=False)


def unbalanced() -> pl.Expr:
    """Whether a line of the form, or a single case, breaks one of the three identities."""
    total, finished, is_open = pl.col("total"), pl.col("finished"), pl.col("open")
    whole = {name: pl.col(name).cast(pl.Int64) for name in COUNTS}
    return (
        (whole["total"] != whole["finished"] + whole["open"])
        | (finished.cast(pl.Int64) != whole["early"] + whole["on_time"] + whole["late"] + whole["finished_no_due"])
        | (is_open.cast(pl.Int64) != whole["open_in_time"] + whole["open_overdue"] + whole["open_no_due"])
        | (total.cast(pl.Int64) != whole["received_online"] + whole["received_direct"] + whole["carried_over"])
    )


def _assert_balanced(balance: pl.DataFrame, cases: pl.LazyFrame) -> None:
    if balance.filter(unbalanced()).is_empty():
        return
    names = cases.filter(unbalanced()).select("case_id").sort("case_id").collect()["case_id"]
    raise BalanceError(
        text(
            "indicators.balance",
            count=names.len(),
            cases=", ".join(names.head(10)),
            more="…" * (names.len() > 10),
        )
    )
