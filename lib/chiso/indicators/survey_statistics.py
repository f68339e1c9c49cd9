"""How sure the satisfaction figures are: standard errors and intervals, the target, the scale, the drivers.

Points are counted in :mod:`chiso.indicators.survey`; here :mod:`chiso.survey` adds the sampling. How a period was
sampled is not written in any export, so it is a convention: with a survey frame, a simple random sample in every unit,
with finite-population correction; with weights alone, a sample with replacement; with neither, a simple random sample
of a large population. A unit that has more respondents than its frame has people counts as drawn from a large one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from chiso.catalogue import Indicator
from chiso.catalogue.model import SipasSettings
from chiso.indicators.survey import FACTORS, OVERALL, Answers
from chiso.survey import (
    Design,
    SurveyError,
    cronbach_alpha,
    decide,
    design,
    drivers,
    importance_performance,
    interval,
    shares,
)

_KEY = {"period": pl.String, "unit_code": pl.String, "level": pl.String, "code": pl.String}
_INTERVAL = {"se": pl.Float64, "df": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64}
DETAILS = (
    _KEY
    | {"convention": pl.String, "weighting": pl.String}
    | {
        "n": pl.Int64,
        "n_answers": pl.Int64,
        "n_missing": pl.Int64,
        "sum_weights": pl.Float64,
        "n_effective": pl.Float64,
    }
    | {"share": pl.Float64, "share_unweighted": pl.Float64, **_INTERVAL, "method": pl.String, "deff": pl.Float64}
)
TARGET = (
    _KEY
    | {"n": pl.Int64, "share": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64}
    | {"target": pl.Float64, "level_of_confidence": pl.Float64, "confidence": pl.Float64}
    | {"decision": pl.String, "n_needed": pl.Int64}
)
SCALE = {
    "period": pl.String,
    "level": pl.String,
    "code": pl.String,
    "n": pl.Int64,
    "n_missing": pl.Int64,
    "missing_share": pl.Float64,
    "mean": pl.Float64,
    "alpha": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "item_rest": pl.Float64,
    "alpha_if_dropped": pl.Float64,
}
DRIVERS = {
    "period": pl.String,
    "code": pl.String,
    "n": pl.Int64,
    "n_left_out": pl.Int64,
    "r_squared": pl.Float64,
    "lmg": pl.Float64,
    "lmg_share": pl.Float64,
    "beta": pl.Float64,
    "correlation": pl.Float64,
    "vif": pl.Float64,
    "rank": pl.Int64,
    "performance": pl.Float64,
    "importance_cut": pl.Float64,
    "performance_cut": pl.Float64,
    "quadrant": pl.String,
}

#: People of a unit whose frame cannot be right.
_LARGE = 1e12


#: What a scale or a regression of too few, or too similar, answers ends in.
DEGENERATE = (SurveyError, ArithmeticError, np.linalg.LinAlgError)


@dataclass(frozen=True)
class Sample:
    """A period's responses as a sample, and what is asked of it.

    Attributes:
        answers: the responses.
        design: how they were drawn; zero weights left out.
        short: units with more respondents than their frame has people.
        zero: respondents with weight zero: in the counts, not in the estimates.
    """

    answers: Answers
    design: Design
    short: tuple[str, ...]
    zero: int

    @property
    def items(self) -> dict[str, list[str]]:
        """Item columns of the factors that have any."""
        return {factor: columns for factor, columns in self.answers.items.items() if columns}

    def asked(self, sipas: SipasSettings) -> dict[str, Any]:
        """Return the conventions as arguments of :func:`chiso.survey.shares`."""
        complete = len(self.items) == len(FACTORS)
        overall = sipas.overall if sipas.overall == "pooled" or complete else None
        if sipas.overall == "direct":
            overall = "direct" if self.answers.direct else None
        return {
            "convention": sipas.factor_index,
            "overall": overall,
            "direct": self.answers.direct,
            "satisfied": self.answers.asked.satisfied,
            "scale": self.answers.asked.scale,
        }


def sample_of(answers: Answers) -> Sample | None:
    """Return the period's sample; None where nobody gave a valid answer to an item."""
    rows = answers.responses.filter(pl.col("_w") > 0)
    columns = [c for group in answers.items.values() for c in group]
    if (
        not rows.height
        or not columns
        or rows.select(pl.any_horizontal(pl.col(columns).is_not_null().any())).item() is False
    ):
        return None
    zero = answers.responses.height - rows.height
    if answers.weighting == "frame":
        n = pl.len().over("unit_code")
        short = rows.filter(pl.col("_population") < n)["unit_code"].unique().sort()
        size = pl.when(pl.col("_population") < n).then(_LARGE).otherwise("_population").cast(pl.Float64)
        rows = rows.with_columns(_size=size)
        drawn = design(rows, stratum="unit_code", population="_size", weight="_w", lonely="adjust")
        return Sample(answers, drawn, tuple(short), zero)
    if answers.weighting == "weight":
        return Sample(answers, design(rows, weight="_w", lonely="adjust"), (), zero)
    return Sample(answers, design(rows, lonely="adjust"), (), zero)


def details(
    sample: Sample, sipas: SipasSettings, period: str, items: Mapping[str, list[str]] | None = None
) -> pl.DataFrame:
    """Estimate every line for the department and its units: columns of :data:`DETAILS`.

    Args:
        sample: the period's responses.
        sipas: conventions, interval methods, confidence.
        period: its canonical name.
        items: only these item columns by factor; default all.
    """
    asked = sample.asked(sipas)
    table = shares(
        sample.design,
        dict(items or sample.items),
        by="unit_code",
        margins=True,
        interval=sipas.interval,
        level=sipas.confidence,
        **asked,
    )
    table = small_cells(pl.concat([table, *([] if items else _other_scales(sample, sipas))], how="diagonal"), sipas)
    known = pl.col("df") > 0
    return (
        table.with_columns(
            period=pl.lit(period),
            code=coded(),
            weighting=pl.lit(sample.answers.weighting),
            se=pl.when(known).then("se"),
            deff=pl.when(known).then("deff"),
            method=pl.when(pl.col("interval") != "none").then("interval"),
        )
        .select(*DETAILS)
        .cast(DETAILS)  # type: ignore[arg-type]
    )


def _other_scales(sample: Sample, sipas: SipasSettings) -> Iterable[pl.DataFrame]:
    """Estimate items of other scales than the index's, each by its own codes; they are in no factor."""
    asked = sample.answers.asked
    for name, columns in asked.other.items():
        scale = asked.form.scales[name] if asked.form else None
        known = [c for c in columns if sample.design.data[c].count()]
        if scale is None or not known:
            continue
        yield shares(
            sample.design,
            known,
            by="unit_code",
            margins=True,
            convention=None,
            interval=sipas.interval,
            level=sipas.confidence,
            satisfied=scale.satisfied,
            scale=scale.codes,
        )


def coded() -> pl.Expr:
    """Return the result tables' codes of lines that :mod:`chiso.survey` names by factor."""
    factor = pl.when(pl.col("level") == "factor").then(pl.col("code").replace(FACTORS))
    return factor.when(pl.col("level") == "overall").then(pl.lit(OVERALL)).otherwise("code")


def small_cells(table: pl.DataFrame, sipas: SipasSettings) -> pl.DataFrame:
    """Give lines with few respondents, or few answers on one side, the interval for them."""
    pooled = pl.col("convention") == "pooled"
    counted = pl.when(pooled).then("n_answers").otherwise("n").cast(pl.Float64)
    side = pl.min_horizontal(pl.col("share_unweighted"), 1 - pl.col("share_unweighted")) * counted
    few = (pl.col("n") < sipas.small_respondents) | (side < sipas.small_answers - 1e-9)
    mask = table.select((few & (pl.col("interval") == sipas.interval)).fill_null(False)).to_series()
    if not mask.any():
        return table
    rows = table.filter(mask)
    share, se, df, effective = (rows[c].to_numpy() for c in ("share", "se", "df", "n_effective"))
    n = rows.select(counted).to_series().to_numpy()
    low, high, used = interval(
        share, se, df, n=n, n_effective=effective, method=sipas.small_interval, level=sipas.confidence
    )
    where = np.flatnonzero(mask.to_numpy())
    return table.with_columns(
        table["ci_low"].scatter(where, low),
        table["ci_high"].scatter(where, high),
        table["interval"].scatter(where, used.astype(str).tolist()),
    )


def target(found: pl.DataFrame, indicator: Indicator, sipas: SipasSettings) -> pl.DataFrame:
    """Set the overall index against its target: columns of :data:`TARGET`; no row where there is no target.

    Args:
        found: rows of :data:`DETAILS`.
        indicator: the indicator of the overall index.
        sipas: gives the confidence.
    """
    rows = found.filter(pl.col("level") == "overall")
    if not indicator.target_for_units:
        rows = rows.filter(pl.col("unit_code").is_null())
    if indicator.target is None or not rows.height:
        return pl.DataFrame(schema=TARGET)
    frame = (pl.col("weighting") == "frame") & (pl.col("sum_weights") > pl.col("n"))
    sized = rows.with_columns(_population=pl.when(frame).then("sum_weights").otherwise(float("inf")))
    decided = decide(sized, indicator.target, level=sipas.confidence, population="_population")
    return decided.with_columns(level_of_confidence=pl.lit(sipas.confidence)).select(*TARGET).cast(TARGET)  # type: ignore[arg-type]


def scale(answers: Answers, sipas: SipasSettings, period: str) -> pl.DataFrame:
    """Say how well the items of each factor hang together, of the whole department: columns of :data:`SCALE`.

    Blanks are counted for every item; alpha stands where a factor has two items with different answers.
    """
    parts = [pl.DataFrame(schema=SCALE).drop("period")]
    data = answers.responses
    for factor, columns in answers.items.items():
        if not columns or not data.height:
            continue
        missing = pl.DataFrame({"code": columns, "n_missing": [data[c].null_count() for c in columns]})
        missing = missing.with_columns(
            n=data.height - pl.col("n_missing"), missing_share=pl.col("n_missing") / data.height
        )
        try:
            with np.errstate(all="ignore"):
                found = cronbach_alpha(data, columns, level=sipas.confidence)
        except DEGENERATE:  # one item, or answers that do not differ
            parts.append(missing.with_columns(level=pl.lit("item")))
            continue
        lines = found.items.select(
            "mean", code="item", item_rest="r_drop", alpha_if_dropped="alpha_if_dropped"
        ).with_columns(pl.col("alpha_if_dropped").cast(pl.Float64))
        parts.append(
            missing.join(lines, on="code", how="left", maintain_order="left").with_columns(level=pl.lit("item"))
        )
        answered = data.select(pl.any_horizontal(pl.col(columns).is_not_null()).sum()).item()
        parts.append(
            found.total.select("mean", alpha="raw_alpha", ci_low="feldt_low", ci_high="feldt_high").with_columns(
                level=pl.lit("factor"), code=pl.lit(FACTORS[factor]), n=pl.lit(int(answered), pl.Int64)
            )
        )
    table = pl.concat(parts, how="diagonal_relaxed").with_columns(period=pl.lit(period))
    return _finite(table.select(*SCALE).cast(SCALE))  # type: ignore[arg-type]


def drivers_of(sample: Sample, found: pl.DataFrame, sipas: SipasSettings, period: str) -> pl.DataFrame:
    """Say what the direct question goes with, of the whole department: columns of :data:`DRIVERS`.

    Predictors are the respondents' mean answers by factor. No row without a direct question, with fewer complete
    responses than ``small_respondents``, or where answers do not differ.
    """
    direct = sample.answers.direct
    if direct is None or len(sample.items) < 2:
        return pl.DataFrame(schema=DRIVERS)
    means = {
        FACTORS[f]: pl.mean_horizontal(pl.col(c).cast(pl.Float64) for c in group) for f, group in sample.items.items()
    }
    data = sample.design.data.select(direct, "_w", **means)
    try:
        with np.errstate(all="ignore"):
            split = drivers(data, direct, list(means), weight="_w")
    except DEGENERATE:
        return pl.DataFrame(schema=DRIVERS)
    if split.n < sipas.small_respondents:
        return pl.DataFrame(schema=DRIVERS)
    whole = found.filter(pl.col("unit_code").is_null() & (pl.col("level") == "factor") & pl.col("share").is_not_null())
    grid = importance_performance(split.table, whole, cut="mean")
    table = split.table.rename({"driver": "code"}).join(
        grid.drop("importance", "cut"), on="code", how="left", maintain_order="left"
    )
    found = (
        table.with_columns(
            period=pl.lit(period),
            n=pl.lit(split.n),
            n_left_out=pl.lit(split.n_left_out),
            r_squared=pl.lit(split.r_squared),
        )
        .select(*DRIVERS)
        .cast(DRIVERS)  # type: ignore[arg-type]
    )
    return _finite(found)


def _finite(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with null where a figure of too few answers is no number."""
    floats = [name for name, kind in table.schema.items() if kind == pl.Float64]
    return table.with_columns(pl.when(pl.col(c).is_finite()).then(c).alias(c) for c in floats)
