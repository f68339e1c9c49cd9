"""Satisfaction by groups of respondents: field, channel, kind, gender, age band; of the whole department."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from chiso.catalogue.model import SipasSettings
from chiso.indicators.survey_statistics import Sample, coded, small_cells
from chiso.survey import shares

#: Columns that make groups of respondents, in the order of reports.
DIMENSIONS = ("field", "channel", "respondent_kind", "gender", "age_band")
#: The group of those whose column is blank.
BLANK = ""
GROUPS = {
    "period": pl.String,
    "dimension": pl.String,
    "value": pl.String,
    "level": pl.String,
    "code": pl.String,
    "convention": pl.String,
    "weighting": pl.String,
    "n": pl.Int64,
    "n_answers": pl.Int64,
    "n_missing": pl.Int64,
    "n_effective": pl.Float64,
    "share": pl.Float64,
    "share_unweighted": pl.Float64,
    "se": pl.Float64,
    "df": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "method": pl.String,
}


def groups(sample: Sample, sipas: SipasSettings, period: str) -> pl.DataFrame:
    """Estimate factors, overall index and direct question by groups of respondents: columns of :data:`GROUPS`.

    Every column of :data:`DIMENSIONS` that anyone filled makes groups of its own; those who left it blank are one more
    group (``value`` empty). The design is that of the whole sample: nobody is left out first.
    """
    data = sample.design.data
    dimensions = [d for d in DIMENSIONS if d in data.columns and data[d].null_count() < data.height]
    if not dimensions:
        return pl.DataFrame(schema=GROUPS)
    filled = replace(sample.design, data=data.with_columns(pl.col(dimensions).fill_null(BLANK)))
    table = shares(
        filled,
        sample.items,
        by=[[d] for d in dimensions],
        interval=sipas.interval,
        level=sipas.confidence,
        **sample.asked(sipas),
    )
    table = small_cells(table.filter(pl.col("level") != "item"), sipas)
    known = pl.col("df") > 0
    return (
        table.with_columns(
            period=pl.lit(period),
            dimension="domain",
            value=pl.coalesce(dimensions),
            code=coded(),
            weighting=pl.lit(sample.answers.weighting),
            se=pl.when(known).then("se"),
            method=pl.when(pl.col("interval") != "none").then("interval"),
        )
        .select(*GROUPS)
        .cast(GROUPS)  # type: ignore[arg-type]
    )
