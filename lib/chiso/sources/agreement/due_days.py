"""A warning on due dates that mean "before the 14th" as the 14th: the last allowed day is the 13th."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache

import polars as pl

from chiso.catalogue import load_catalogue
from chiso.messages import locales, text
from chiso.sources.account import Finding
from chiso.sources.config import CatalogueChoice
from chiso.worktime.periods import Period, PeriodError

_TABLE = "deliverables"


def excluded_due_days(deliverables: pl.LazyFrame, choice: CatalogueChoice) -> list[Finding]:
    """Return one finding a plan item and day for due dates that equal the day a "before" rule excludes.

    ``due_on`` is the last allowed day: "trước ngày 14/12" is last met on the 13th. The rows are taken as written.
    """
    by = ("plan_year", "plan_item", "subtype", "period", "due_on")
    known = pl.all_horizontal(pl.col("plan_year", "plan_item", "due_on").is_not_null())  # a register may lack a column
    rows = deliverables.filter(known).group_by(by).len().sort(by).collect()
    catalogue = cache(lambda year: load_catalogue(choice.year or year, choice.path))
    found: Counter[tuple[str, date]] = Counter()
    for year, item, subtype, period, due_on, count in rows.iter_rows():
        rule = catalogue(year).due_rule(item, subtype)
        last_day = rule.due_on(year, _last_month(period)) if rule.before and 1 <= year <= 9999 else None
        if last_day is not None and due_on == last_day + timedelta(days=1):
            found[item, due_on] += count
    findings = []
    for (item, day), count in sorted(found.items()):
        last_day = day - timedelta(days=1)
        message = text(
            "sources.finding.due_day", count=count, item=item, day=locales.day(day), last=locales.day(last_day)
        )
        findings.append(Finding("warning", _TABLE, None, "due_day", message))
    return findings


def _last_month(period: str | None) -> int | None:
    try:
        return Period.parse(period).last_month if period else None
    except PeriodError:
        return None
