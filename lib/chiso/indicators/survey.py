"""Satisfaction shares by item, factor and overall: points and counts, for the department and every unit.

Which answers are satisfied (4 and 5) is in the catalogue, or in the data folder's questionnaire. A factor's index pools
its answers (or averages its item shares); the overall index is the mean of the factor indices (or the pooled answers,
or the direct question): the catalogue says which. Weights come from the survey frame where it covers every unit that
answered, else from the ``weight`` column where it is filled for every response, else there are none: one decision a
run. The method text of QĐ 1001/QĐ-BNV could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.measure import in_period
from chiso.indicators.survey_form import DIRECT, FACTORS, Items, apply_form, items_of, load_form
from chiso.indicators.views import MissingTable, Sources
from chiso.worktime import Period, PeriodError, Timeframe

#: Code of the overall index.
OVERALL = "sipas"


@dataclass(frozen=True)
class Index:
    """An index of one unit: value = numerator / denominator; None where there is no valid answer."""

    numerator: float | None
    denominator: float
    respondents: int

    @property
    def value(self) -> float | None:
        """Share of satisfied answers."""
        return self.numerator / self.denominator if self.numerator is not None and self.denominator else None


@dataclass(frozen=True)
class Answers:
    """The responses of a period and how they are weighted.

    Attributes:
        responses: one row a respondent, as the questionnaire reads them; ``_w`` is the weight, ``_population`` its
            unit's frame (null without).
        weighting: ``frame``, ``weight`` or ``none``.
        asked: which columns are asked, on which scale.
        outside: answers outside their item's scale, left blank.
    """

    responses: pl.DataFrame
    weighting: str
    asked: Items
    outside: int = 0

    @property
    def items(self) -> Mapping[str, list[str]]:
        """Item columns of the index by factor."""
        return self.asked.factors

    @property
    def direct(self) -> str | None:
        """Column of the direct question; None where the data has none."""
        return self.asked.direct


@dataclass(frozen=True)
class Satisfaction:
    """All satisfaction figures of a timeframe.

    Attributes:
        table: rows of ``satisfaction.parquet``.
        factors: index by (unit or None, factor).
        overall: index by unit or None.
        respondents: responses in P by unit or None.
        weighting: ``frame``, ``weight`` or ``none``.
        answers: what they were counted from.
    """

    table: pl.DataFrame
    factors: dict[tuple[str | None, str], Index]
    overall: dict[str | None, Index]
    respondents: dict[str | None, int]
    weighting: str
    answers: Answers


SCHEMA = {
    "period": pl.String,
    "unit_code": pl.String,
    "level": pl.String,
    "code": pl.String,
    "weighting": pl.String,
    "n": pl.Int64,
    "n_missing": pl.Int64,
    "share": pl.Float64,
    "se": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "method": pl.String,
}


def _same_period(value: str, period: Period) -> bool:
    try:
        return Period.parse(value) == period
    except PeriodError:
        return False


def _weights(responses: pl.DataFrame, s: Sources) -> tuple[pl.DataFrame, str]:
    """Responses with the columns ``_w`` and ``_population``, and the kind of weighting."""
    try:
        frame = s.as_of("survey_frame").collect()
    except MissingTable:
        frame = None
    if frame is not None and responses.height:
        periods = [p for p in frame["period"].unique() if _same_period(p, s.timeframe.period)]
        population = frame.filter(pl.col("period").is_in(periods)).select("unit_code", "population")
        sizes = responses.group_by("unit_code").len("_n").join(population, on="unit_code", how="left")
        if sizes["population"].null_count() == 0 and population["unit_code"].is_unique().all():
            w = sizes.select("unit_code", _w=pl.col("population") / pl.col("_n"), _population="population")
            return responses.join(w, on="unit_code", how="left", maintain_order="left"), "frame"
    responses = responses.with_columns(_population=pl.lit(None, pl.Int64))
    if responses.height and "weight" in responses.columns and responses["weight"].null_count() == 0:
        return responses.with_columns(_w=pl.col("weight").cast(pl.Float64)), "weight"
    return responses.with_columns(_w=pl.lit(1.0)), "none"


def _aggregations(items: Mapping[str, list[str]], has_direct: bool, satisfied: Sequence[int]) -> list[pl.Expr]:
    """Valid and satisfied weight and count of each item; respondents of each factor and overall."""
    w = pl.col("_w")
    columns = [c for group in items.values() for c in group] + ([DIRECT] if has_direct else [])
    found = [pl.len().alias("responses")]
    for column in columns:
        answer = pl.col(column)
        found += [
            answer.is_not_null().sum().alias(f"n|{column}"),
            w.filter(answer.is_not_null()).sum().alias(f"valid|{column}"),
            w.filter(answer.is_in(satisfied)).sum().alias(f"satisfied|{column}"),
        ]
    groups = dict(items) | {"overall_items": [c for g in items.values() for c in g]}
    for name, group in groups.items():
        answered = pl.any_horizontal(pl.col(c).is_not_null() for c in group) if group else pl.lit(False)
        found.append(answered.sum().alias(f"n|{name}"))
    return found


def asked_items(s: Sources) -> Items:
    """Return what the plan year's survey asks: by the data folder's questionnaire, else every item column there is.

    Raises:
        SurveyError: the questionnaire cannot be read; the message names file and key.
    """
    form = load_form(s.dataset.folder, s.timeframe.plan_year)
    columns = s.dataset.columns("survey_responses")
    return items_of(columns, form, s.catalogue.settings.sipas.satisfied)


def quarter_counts(s: Sources) -> dict[str, dict[tuple[str, int], list[int]]]:
    """Count the answers of the plan year so far, item by item, by unit and quarter.

    Returns:
        for each factor, the direct question and the comments (:data:`DIRECT`, ``comment``): (unit, quarter 1–4) →
        number of answers to each of its items. Empty where the survey table is missing.
    """
    rows = year_responses(s)
    if not rows.width:
        return {}
    asked = asked_items(s)
    others = [c for group in asked.other.values() for c in group]
    groups = {FACTORS[f]: [*items, *(c for c in others if c.startswith(f"{f}_"))] for f, items in asked.factors.items()}
    columns = s.dataset.columns("survey_responses")
    groups |= {name: [name] for name in (asked.direct, "comment") if name in columns and name}
    wanted = [pl.col(c).count() for c in dict.fromkeys(c for group in groups.values() for c in group)]
    found: dict[str, dict[tuple[str, int], list[int]]] = {name: {} for name in groups}
    counted = rows.filter(pl.col("unit_code").is_not_null()).group_by("unit_code", "quarter").agg(wanted)
    for row in counted.iter_rows(named=True):
        for name, items in groups.items():
            found[name][row["unit_code"], row["quarter"]] = [row[c] for c in items]
    return found


def year_responses(s: Sources) -> pl.DataFrame:
    """Return the responses of the plan year so far, as the questionnaire reads them, with ``quarter`` (1–4).

    No column where the survey table is missing.
    """
    try:
        frame = s.as_of("survey_responses")
    except MissingTable:
        return pl.DataFrame()
    quarters = [Timeframe(Period(s.timeframe.plan_year, "quarter", q), s.timeframe.rule) for q in (1, 2, 3, 4)]
    parts = [
        frame.filter(in_period("answered_on", t)).with_columns(quarter=pl.lit(t.period.number, pl.Int64))
        for t in quarters
    ]
    return apply_form(pl.concat(pl.collect_all(parts)), asked_items(s))[0]


def read_answers(s: Sources) -> Answers | None:
    """Responses of P with their weights; None where the survey table is missing."""
    try:
        frame = s.as_of("survey_responses")
    except MissingTable:
        return None
    asked = asked_items(s)
    responses, outside = apply_form(frame.filter(in_period("answered_on", s.timeframe)).collect(), asked)
    return Answers(*_weights(responses, s), asked, outside)


def estimate(s: Sources, catalogue: Catalogue, units: Sequence[str] | None = None) -> Satisfaction | None:
    """Satisfaction figures of P; None where the survey table is missing.

    Args:
        s: the run's sources.
        catalogue: gives the conventions (factor index, overall index).
        units: units to give a row even without a response.
    """
    answers = read_answers(s)
    if answers is None:
        return None
    responses, weighting = answers.responses, answers.weighting
    items, has_direct = answers.items, answers.direct is not None
    wanted = _aggregations(items, has_direct, answers.asked.satisfied)
    known = responses.filter(pl.col("unit_code").is_not_null())
    by_unit = known.group_by("unit_code").agg(wanted).rows(named=True)
    totals: dict[str | None, dict[str, float]] = {None: responses.select(wanted).row(0, named=True)}
    totals |= {str(row["unit_code"]): row for row in by_unit}
    for code in units or ():
        totals.setdefault(code, dict.fromkeys(totals[None], 0))
    result = Satisfaction(pl.DataFrame(schema=SCHEMA), {}, {}, {}, weighting, answers)
    rows: list[dict[str, object]] = []
    for unit in [None, *sorted(u for u in totals if u is not None)]:
        rows += _unit_rows(unit, totals[unit], items, has_direct, catalogue, result)
    common = {"period": str(s.timeframe.period), "weighting": weighting}
    table = pl.DataFrame([common | row for row in rows], schema=SCHEMA, orient="row")
    return replace(result, table=table)


def _index(row: dict[str, float], columns: list[str], convention: str, respondents: int) -> Index:
    """Index over item columns, ``pooled`` or ``mean_of_items``."""
    if convention == "pooled":
        valid = sum(row[f"valid|{c}"] for c in columns)
        return Index(sum(row[f"satisfied|{c}"] for c in columns) if valid else None, valid, respondents)
    shares = [row[f"satisfied|{c}"] / row[f"valid|{c}"] for c in columns if row[f"valid|{c}"]]
    return Index(sum(shares) if shares else None, len(shares), respondents)


def _overall(row: dict[str, float], factors: list[Index], all_items: list[str], has_direct: bool, rule: str) -> Index:
    respondents = int(row["n|overall_items"])
    if rule == "direct":
        columns = [DIRECT] if has_direct else []
        return _index(row, columns, "pooled", int(row[f"n|{DIRECT}"]) if has_direct else 0)
    if rule == "pooled":
        return _index(row, all_items, "pooled", respondents)
    values = [f.value for f in factors]
    known = [v for v in values if v is not None]
    return Index(sum(known) if len(known) == len(FACTORS) else None, len(FACTORS), respondents)


def _unit_rows(
    unit: str | None,
    row: dict[str, float],
    items: Mapping[str, list[str]],
    has_direct: bool,
    catalogue: Catalogue,
    into: Satisfaction,
) -> list[dict[str, object]]:
    responses = int(row["responses"])
    into.respondents[unit] = responses

    def line(level: str, code: str, n: int, share: float | None) -> dict[str, object]:
        return {
            "unit_code": unit,
            "level": level,
            "code": code,
            "n": n,
            "n_missing": responses - n,
            "share": share,
        }

    rows = []
    for factor, columns in items.items():
        for column in columns:
            item = _index(row, [column], "pooled", int(row[f"n|{column}"]))
            rows.append(line("item", column, item.respondents, item.value))
        index = _index(row, columns, catalogue.settings.sipas.factor_index, int(row[f"n|{factor}"]))
        into.factors[unit, factor] = index
        rows.append(line("factor", FACTORS[factor], index.respondents, index.value))
    all_items = [c for g in items.values() for c in g]
    factors = [into.factors[unit, f] for f in FACTORS]
    overall = into.overall[unit] = _overall(row, factors, all_items, has_direct, catalogue.settings.sipas.overall)
    rows.append(line("overall", OVERALL, overall.respondents, overall.value))
    if has_direct:
        direct = _index(row, [DIRECT], "pooled", int(row[f"n|{DIRECT}"]))
        rows.append(line("direct", DIRECT, direct.respondents, direct.value))
    return rows
