"""The overview's first screen: how we stand, what is late, whose it is, what changed, whether to trust it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import polars as pl

from chiso.catalogue import Indicator
from chiso.messages import text
from chiso.notebook import figures, key_results, survey
from chiso.notebook.attained import Attained
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.lists import register
from chiso.notebook.moves import Move, moves
from chiso.notebook.trust import trust
from chiso.reporting import formats, wording
from chiso.reporting.first_screen import Answer, FirstScreen, Headline, Line, Tally
from chiso.reporting.tables import board_table
from chiso.worktime import Period

STATUSES = ("met", "not_met", "at_risk", "pending", "no_data")
#: Lines of an answer; the rest is a link away.
SHOWN = 3
DUE = 30


def first_screen(context: Context, ledger: Ledger) -> FirstScreen:
    """Return the five answers of a period."""
    return FirstScreen(
        text("overview.answers.stand"),
        (_sipas(context, ledger), *_attained(context, ledger)),
        _tally(context, ledger),
        (late(context, ledger), whose(context, ledger), moved(context, ledger), trusted(context)),
    )


# -- how we stand


def _sipas(context: Context, ledger: Ledger) -> Headline:
    entry, row = context.indicator("sipas"), context.figure("sipas", unit=context.unit)
    ledger.take([row], "value", "status")
    label = text("overview.stand.sipas")
    detail = text("overview.stand.target", target=wording.target(entry))
    if row.get("withheld"):
        return Headline(label, text("notebook.word.withheld"), "withheld", text("overview.stand.withheld"))
    if (answered := key_results.respondents(context, "sipas", context.unit)) and row["value"] is not None:
        detail += "; " + text("overview.stand.respondents", n=formats.number(answered))
    past = [context.figure("sipas", p, context.unit) | {"period": str(p)} for p in figures.earlier(context)]
    ledger.take(past, "value")
    changes, verdicts = [], []
    for period in _compared(context):
        before = context.figure("sipas", period, context.unit) | {"period": str(period)}
        comparable = context.comparable("sipas", period)
        if comparable and row["value"] is not None and before["value"] is not None:
            ledger.take([before], "value")
            changes.append(_change(row["value"] - before["value"], period.label))
            verdicts.append(survey.change_verdict(context, "sipas", period))
    if len(set(verdicts)) == 1 and verdicts[0]:
        changes.append(f"({verdicts[0]})")
    else:
        changes = [f"{c} ({v})" if v else c for c, v in zip(changes, verdicts, strict=True)]
    return Headline(
        label,
        wording.value(entry, row["value"]),
        row["status"],
        detail,
        tuple(changes) or (text("overview.stand.no_change"),),
        tuple(p["value"] for p in past),
        row["target"],
        row["value"],
    )


def _attained(context: Context, ledger: Ledger) -> tuple[Headline, ...]:
    attained = Attained(context, ledger)
    return tuple(_headline(context, attained, index, key) for index, key in (("B", "par"), ("A", "actions")))


def _headline(context: Context, attained: Attained, index: str, key: str) -> Headline:
    now = attained.points(index)
    changes = []
    for period in _compared(context):
        before = attained.points(index, period)
        if now is not None and before is not None:
            changes.append(_change(now - before, period.label))
    if changes and context.period.kind != "year":
        changes.append(text("overview.stand.accumulates"))
    return Headline(
        text(f"overview.stand.{key}"),
        formats.percent(now),
        None,
        text("overview.stand.coverage", coverage=formats.percent(attained.coverage(index), trim=True)),
        tuple(changes) or (text("overview.stand.no_change"),),
        tuple(attained.points(index, p) for p in figures.earlier(context)),
        data_value=now,
    )


def _compared(context: Context) -> list[Period]:
    """Return the period before and the same one of the year before; of a year these are one."""
    return list(dict.fromkeys((context.period.previous(), context.period.year_before())))


def _change(difference: float, period: str) -> str:
    size = formats.points(abs(difference)).lstrip("+")
    key = "unchanged" if size == formats.points(0) else "up" if difference > 0 else "down"
    return text(f"overview.stand.{key}", size=size, period=period)


def _tally(context: Context, ledger: Ledger) -> Tally:
    counts = statuses(context, ledger)
    shown = tuple((s, counts.get(s, 0)) for s in STATUSES if counts.get(s) or s in ("met", "not_met", "pending"))
    return Tally(text("overview.stand.tally", count=formats.number(sum(counts.values()))), shown)


def statuses(context: Context, ledger: Ledger) -> dict[str, int]:
    """Return how many indicators with a target stand how."""
    rows = [context.figure(i.id, unit=context.unit) for i in _judged(context)]
    ledger.take([r for r in rows if r["indicator"]], "status")
    found = [r["status"] for r in rows if r["status"]]
    return {s: found.count(s) for s in STATUSES if s in found}


def _judged(context: Context) -> list[Indicator]:
    return [i for i in context.catalogue.indicators if i.target is not None and i.judged]


# -- what is late, whose it is


def missed(context: Context) -> list[tuple[Indicator, dict[str, Any]]]:
    """Return the indicators that miss their target, the farthest from it first."""
    rows = [(i, context.figure(i.id, unit=context.unit)) for i in context.catalogue.indicators]
    found = [(i, row) for i, row in rows if row["status"] == "not_met"]
    return sorted(found, key=lambda pair: (1.0 if pair[1]["attainment"] is None else pair[1]["attainment"], pair[0].id))


def late(context: Context, ledger: Ledger) -> Answer:
    """Answer what is late: targets missed, the worst ones, and work that is overdue."""
    found, counts = missed(context), statuses(context, ledger)
    ledger.take([row for _, row in found], "value")
    if found or counts.get("at_risk"):
        key = "summary_risk" if counts.get("at_risk") else "summary"
        summary = text(f"overview.late.{key}", missed=len(found), risk=counts.get("at_risk", 0))
    else:
        judged = any(counts.get(s) for s in ("met", "pending"))
        summary = text(f"overview.late.{'none' if judged else 'none_judged'}")
    lines = []
    for indicator, row in found[:SHOWN]:
        told = {"value": wording.value(indicator, row["value"]), "target": wording.target(indicator)}
        detail = text("overview.late.value_target", **told)
        lines.append(Line(indicator.name, detail, _owner(context, indicator), report_link(context, indicator.id)))
    rows = register.register(context, any_year=True)
    if rows is not None and (count := rows.filter(pl.col("state").is_in(["overdue", "no_evidence"])).height):
        label = text("overview.late.deliverables", count=formats.number(count))
        lines.append(Line(label, href="#register-overdue"))
    more = text("overview.late.more", count=len(found))
    return Answer(
        "late", text("overview.answers.late"), summary, tuple(lines), Line(more, href="#late") if found else None
    )


def _owner(context: Context, indicator: Indicator) -> str:
    return context.catalogue.item(indicator.plan_item).owner if indicator.plan_item else ""


def whose(context: Context, ledger: Ledger) -> Answer:
    """Answer whose the missed items are, and those that fall due soon: by owner, the most missed first."""
    board = board_table(context.indicators, context.catalogue, context.timeframe.as_of, context.unit).frame
    ledger.take(board, "status", unit_code=context.unit)
    near = pl.col("next_days").is_between(0, DUE) & pl.col("status").is_in(["pending", "at_risk", "no_data"])
    counts = (
        board.group_by("owner")
        .agg(missed=(pl.col("status") == "not_met").sum(), due=near.sum())
        .filter((pl.col("missed") > 0) | (pl.col("due") > 0))
        .sort("missed", "due", "owner", descending=[True, True, False])
    )
    total, owners = int(counts["missed"].sum()), counts.filter(pl.col("missed") > 0).height
    summary = text("overview.whose.summary", count=total, owners=owners) if total else text("overview.whose.none")
    if not counts.height:
        summary = text("overview.whose.none_due", days=DUE)
    lines = [_owned(row) for row in counts.head(SHOWN).iter_rows(named=True)]
    if counts.height > SHOWN:
        rest = counts.slice(SHOWN)
        label = text("overview.whose.rest", count=rest.height)
        lines.append(Line(label, _load(int(rest["missed"].sum()), int(rest["due"].sum())), href="#board"))
    more = Line(text("overview.whose.more", count=board.height), href="#board")
    return Answer("whose", text("overview.answers.whose"), summary, tuple(lines), more)


def _load(missed: int, due: int) -> str:
    key = "owner_due" if missed and due else "owner" if missed else "owner_due_only"
    return text(f"overview.whose.{key}", missed=missed, due=due, days=DUE)


def _owned(row: Mapping[str, Any]) -> Line:
    chosen = {"status": "not_met"} if row["missed"] else {"due": "month"}
    detail = _load(row["missed"], row["due"])
    return Line(row["owner"], detail, href="#board", board=urlencode({"owner": row["owner"], **chosen}))


# -- what changed, whether to trust it


def moved(context: Context, ledger: Ledger) -> Answer:
    """Answer what changed since the period before."""
    question, previous = text("overview.answers.moved"), context.period.previous().label
    found = moves(context, ledger)
    if not found:
        return Answer("moved", question, text("overview.moved.no_predecessor", period=previous))
    counted = {d: sum(m.direction == d for m in found) for d in ("better", "worse", "same")}
    summary = text("overview.moved.summary", period=previous, **counted)
    turned = [(s, [m for m in found if m.turned == s]) for s in ("not_met", "met")]
    lines = [_turned(s, of) for s, of in turned if of]
    if not lines:
        lines = [Line(text("overview.moved.none_turned"))]
    return Answer(
        "moved",
        question,
        summary,
        tuple(lines),
        Line(text("overview.moved.more", period=previous), href="#moves"),
    )


def _turned(status: str, found: list[Move]) -> Line:
    names = "; ".join(m.indicator.name for m in found[:SHOWN])
    if len(found) > SHOWN:
        names = f"{names} {text('overview.moved.and_more', count=len(found) - SHOWN)}"
    return Line(f"{text(f'overview.moved.turned_{status}')} ({len(found)}):", names)


def trusted(context: Context) -> Answer:
    """Answer whether the figures can be trusted: cut-off, rows, rules not verified, synthetic data."""
    found = trust(context)
    exported = context.dataset.tallies["exported_on"].drop_nulls()
    days = {"as_of": formats.day(context.timeframe.as_of)}
    if exported.len():
        first, last = exported.min(), exported.max()
        days["exported"] = formats.day(last) if first == last else formats.days(first, last)  # type: ignore[arg-type]
    rows = {"read": found.read, "rejected": found.rejected}
    counted = {key: formats.number(value) for key, value in rows.items()}
    unverified = sum(not i.verified for i in context.catalogue.indicators)
    lines = [
        Line(text("overview.trust.synthetic")) if context.dataset.body.synthetic else None,
        Line(text(f"overview.trust.as_of{'_exported' if exported.len() else ''}", **days)),
        Line(text("overview.trust.rows", share=formats.percent(found.share), **counted)),
        Line(
            text(
                f"overview.trust.{'unverified' if unverified else 'verified'}",
                count=unverified,
                total=len(context.catalogue.indicators),
            )
        ),
    ]
    more = Line(text("overview.trust.more"), href="data_quality.html") if context.folder else None
    return Answer("trust", text("overview.answers.trust"), found.sentence, tuple(x for x in lines if x), more)


def report_link(context: Context, indicator: str) -> str:
    """Return where a component's report tells of an indicator; empty outside a run, where no pages stand beside."""
    component = context.catalogue.component(context.indicator(indicator).component)
    if context.folder is None or not component.notebook:
        return ""
    return f"{component.notebook}.html#scorecard-{component.id.replace('.', '-')}"
