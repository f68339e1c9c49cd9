"""The methodology page: every definition of the catalogue in words, as Markdown.

``python -m chiso.catalogue.methodology > docs/methodology.md`` writes it; a test keeps the two in step.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from chiso.catalogue.load import load_catalogue
from chiso.catalogue.model import Alert, Catalogue, DueRule, Indicator, PlanItem
from chiso.messages import locales, text

COMPARATORS = {">=": "≥", ">": ">", "==": "="}


def methodology(catalogue: Catalogue) -> str:
    """Return the methodology page of a catalogue: Vietnamese Markdown, ends with a newline."""
    return "\n\n".join(block.strip() for block in _blocks(catalogue)) + "\n"


def target_text(indicator: Indicator) -> str:
    """Return the target as a reader writes it: "≥ 40 %", "= 0", "≥ 80 điểm"; empty where there is none."""
    if indicator.target is None or indicator.comparator is None:
        return ""
    value = _value(indicator, indicator.target)
    return _t("target_value", comparator=COMPARATORS[indicator.comparator], value=value)


def _t(key: str, **values: object) -> str:
    return text(f"catalogue.methodology.{key}", **values)


def _percent(share: float) -> str:
    return locales.number(f"{100 * share:.10g}") + locales.locale().percent


def _value(indicator: Indicator, value: float) -> str:
    if indicator.as_percent:
        return _percent(value)
    return f"{value:g}" if indicator.measure == "count" else _t("points", value=f"{value:g}")


def _day(month_day: str) -> str:
    month, day = month_day.split("-")
    return f"{day}/{month}"


def _verified(flag: bool) -> str:
    return _t("verified_true" if flag else "verified_false")


def _table(header: str, rows: Iterable[tuple[str, ...]]) -> str:
    ruler = "|" + " --- |" * (header.count("|") - 1)
    return "\n".join([header, ruler, *("| " + " | ".join(cells) + " |" for cells in rows)])


def _blocks(c: Catalogue) -> Iterator[str]:
    verified = sum(i.verified for i in c.indicators)
    yield "# " + _t("title", year=c.year)
    yield _t(
        "intro",
        year=c.year,
        version=c.version,
        source=c.source,
        issuer=c.issuer,
        items=len(c.items),
        indicators=len(c.indicators),
        verified=verified,
        unverified=len(c.indicators) - verified,
    )
    reporting, sipas = c.settings.reporting, c.settings.sipas
    yield "## " + _t("time_head")
    yield _t("time", reporting_basis=reporting.legal_basis, reporting_verified=_verified(reporting.verified))
    yield "## " + _t("values_head")
    yield _t("values")
    yield "## " + _t("survey_head")
    yield _t(
        "survey",
        satisfied=", ".join(map(str, sipas.satisfied)),
        factor_index=_t(f"factor_index_{sipas.factor_index}"),
        overall=_t(f"overall_{sipas.overall}"),
        confidence=locales.number(f"{100 * sipas.confidence:g}") + locales.locale().percent,
        interval=sipas.interval,
        small_interval=sipas.small_interval,
        small_respondents=sipas.small_respondents,
        small_answers=sipas.small_answers,
        basis=sipas.legal_basis,
        verified=_verified(sipas.verified),
    )
    for part in ("balance", "attainment"):
        yield "## " + _t(f"{part}_head")
        yield _t(part)
    yield "## " + _t("summary_head")
    yield _table(_t("summary_columns"), (_summary(i) for i in c.indicators))
    for index in c.indices:
        yield "## " + _t("index_head", short=index.short, name=index.name)
        yield from map(_definition, c.of_component(index.id))
        for component in (x for x in c.components if x.index == index.id):
            yield from _component(c, component.id)
    for component in (x for x in c.components if x.index is None):
        yield from _component(c, component.id, level=2)
    yield from _appendices(c)


def _summary(i: Indicator) -> tuple[str, ...]:
    deadline = _day(i.deadline) if i.deadline else ""
    verified = _t("verified_yes") if i.verified else _t("verified_false")
    return i.id, i.name, target_text(i) or _t("no_target_short"), deadline, verified


def _component(c: Catalogue, id: str, level: int = 3) -> Iterator[str]:
    yield f"{'#' * level} {id} – {c.component(id).name}"
    yield from (_definition(i) for i in c.of_component(id) if i.plan_item is None)
    for item in (x for x in c.items if x.component == id):
        yield _item(item)
        yield from map(_definition, c.of_item(item.id))


def _item(item: PlanItem) -> str:
    cooperating = _t("cooperating", cooperating=item.cooperating) if item.cooperating else ""
    line = _t(
        "item_line",
        product=item.product,
        deadline=item.deadline_text,
        owner=item.owner,
        cooperating=cooperating,
        reference=item.reference,
    )
    return f"#### {item.id} – {item.name}\n\n{line}"


def _definition(i: Indicator) -> str:
    lines = [
        _t("formula", value=i.formula),
        _t("counted" if i.measure == "count" else "numerator", value=i.numerator),
        *([_t("denominator", value=i.denominator)] if i.denominator else []),
        _t("window", value=_t(f"window_{i.window}")),
        _t("target", value=_target(i)),
        *([_t("deadline", value=_deadline(i))] if i.target is not None and i.judged else []),
        _t("better", value=_t(f"better_{i.better}")),
        _t("tables", value=", ".join(f"`{table}`" for table in i.tables)),
        _t("legal_basis", value=i.legal_basis, verified=_verified(i.verified)),
        *([_t("note", value=i.note)] if i.note else []),
    ]
    return f"**{i.id} – {i.name}**\n\n" + "\n".join(f"- {line}" for line in lines)


def _target(i: Indicator) -> str:
    if i.reference_line is not None:
        return _t("reference_line", value=_value(i, i.reference_line))
    if i.target is None:
        return _t("no_target")
    limits = [_t("department_only")] * (not i.target_for_units) + [_t("not_judged")] * (not i.judged)
    return "; ".join([target_text(i), *limits])


def _deadline(i: Indicator) -> str:
    if i.deadline is None:
        return _t("by_deadline_rows")
    return "; ".join([_day(i.deadline)] + [_t("pending")] * i.pending_until_deadline)


def _due(rule: DueRule | Alert) -> str:
    if rule.month_day is not None:
        return _t("due_month_day", day=_day(rule.month_day))
    if rule.day_of_last_month is not None:
        return _t("due_last_month", day=rule.day_of_last_month)
    return _t("due_none")


def _appendices(c: Catalogue) -> Iterator[str]:
    yield "## " + _t("due_head")
    yield _t("due_intro")
    yield _table(
        _t("due_columns"),
        (
            (_t("due_all") if r.item == "*" else r.item, f"`{r.subtype}`" if r.subtype else "", _due(r))
            for r in c.due_rules
        ),
    )
    yield "## " + _t("alerts_head")
    yield _t("alerts_intro")
    yield _table(_t("alerts_columns"), ((a.item, a.what, a.sender, a.recipient, _due(a)) for a in c.alerts))
    quality = c.service_quality
    yield "## " + _t("quality_head")
    yield _t("quality_intro", basis=quality.legal_basis, verified=_verified(quality.verified))
    yield _table(
        _t("quality_columns"),
        ((x.code, x.name, f"{x.max_points:g}", _criterion(c, x.source, x.full_from)) for x in quality.criteria),
    )
    ratings = "; ".join(_t("quality_rating", start=f"{r.start:g}", name=r.name) for r in quality.ratings)
    yield _t("quality_ratings", ratings=ratings)
    yield "## " + _t("documents_head")
    yield _table(
        _t("documents_columns"),
        (
            (d.number, d.title, _years(d.valid_from, d.valid_to), _t("documents_yes" if d.read else "documents_no"))
            for d in c.documents
        ),
    )
    yield "## " + _t("not_measured_head")
    yield "\n".join(f"- {n.what} ({n.item}): {n.why}." for n in c.not_measured)
    yield "## " + _t("abbreviations_head")
    yield _t("abbreviations")


def _criterion(c: Catalogue, source: str | None, full_from: float | None) -> str:
    if source is None:
        return _t("quality_missing")
    is_indicator = any(i.id == source for i in c.indicators)
    how = _t("quality_indicator", source=source) if is_indicator else _t("quality_own")
    return how + (_t("quality_full_from", value=_percent(full_from)) if full_from else "")


def _years(start: int | None, end: int | None) -> str:
    if start is None and end is None:
        return _t("documents_unknown")
    if start == end:
        return str(start)
    return _t("documents_years", start=start or "", end=end or "")


if __name__ == "__main__":
    sys.stdout.buffer.write(methodology(load_catalogue()).encode("utf-8"))
