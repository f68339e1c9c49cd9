"""The next survey: how many to ask, and where, from the frame and what the last survey found."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import polars as pl
import scipy

from chiso.catalogue import Catalogue
from chiso.errors import ChisoError
from chiso.indicators import survey_statistics as statistics
from chiso.indicators.survey import read_answers
from chiso.indicators.views import Sources
from chiso.messages import text
from chiso.sources import Dataset, load_contract
from chiso.survey import allocate, quota_table, sample_size
from chiso.worktime import Period, PeriodError, Timeframe, WindowRule

#: Columns by which interviews are shared out within a unit.
QUOTAS = ("channel", "respondent_kind", "gender", "age_band")
#: Periods looked back for a last survey.
_BACK = 8


@dataclass(frozen=True)
class Wish:
    """What the next survey must give.

    Attributes:
        margin: half width of the interval wanted for the whole department, a share.
        level: confidence.
        share: share expected; 0.5 is the safest.
        response: share of those asked who will answer.
        deff: design effect; None: that of the last survey, at least 1.
        answers: answers to share out; None: as many as the exact formula asks for.
        method: ``proportional`` or ``neyman``, for the interviews handed out.
        minimum: answers wanted of every unit at least (never more than its people).
    """

    margin: float = 0.05
    level: float = 0.95
    share: float = 0.5
    response: float = 1.0
    deff: float | None = None
    answers: int | None = None
    method: Literal["proportional", "neyman"] = "proportional"
    minimum: int = 5


@dataclass(frozen=True)
class SurveyPlan:
    """A plan of the next survey.

    Attributes:
        period: what is to be surveyed.
        wish: what was asked for.
        frame_period: period of the frame that tells the people of each unit.
        last: period of the last survey; None: there was none.
        deff: design effect reckoned with.
        last_deff: that of the last survey's overall index, if known.
        population: people in the frame.
        sizes: from :func:`chiso.survey.sample_size`.
        answers: answers shared out.
        units: one row a unit: ``unit_code``, ``population``, ``spread`` (standard deviation of a respondent's overall
            index in the last survey), ``own_spread`` (whether it is the unit's own), ``proportional``, ``neyman``,
            ``n`` (by the method wished), ``ask`` (people to ask), ``margin`` (half width reckoned with for the unit).
        quotas: ``unit_code``, ``characteristic``, ``group``, ``n``; empty without a last survey.
    """

    period: Period
    wish: Wish
    frame_period: Period
    last: Period | None
    deff: float
    last_deff: float | None
    population: int
    sizes: pl.DataFrame
    answers: int
    units: pl.DataFrame
    quotas: pl.DataFrame


def plan_survey(
    dataset: Dataset,
    catalogue: Catalogue,
    period: Period,
    wish: Wish | None = None,
    *,
    rule: WindowRule = "decree09",
    withheld: Collection[str] = (),
) -> SurveyPlan:
    """Plan the survey of a period.

    Args:
        dataset: accepted tables; the frame of the period, or of the newest earlier one of its kind, is the population.
        catalogue: conventions of the index, for the spread of the last survey.
        period: what is to be surveyed.
        wish: what it must give.
        rule: window rule of the last survey.
        withheld: units whose last figures may not show: they take the others' mean spread.

    Raises:
        ChisoError: no frame, or a wish that cannot be carried out.
    """
    wish = wish or Wish()
    frame_period, frame = _frame(dataset, period)
    last, sample = _last(dataset, catalogue, period, rule)
    found = None if sample is None else statistics.details(sample, catalogue.settings.sipas, str(last))
    last_deff = None
    if found is not None:
        whole = found.filter(pl.col("unit_code").is_null() & (pl.col("level") == "overall"))
        last_deff = whole["deff"][0] if whole.height else None
    deff = wish.deff if wish.deff is not None else max(1.0, last_deff or 1.0)
    population = int(frame["population"].sum())
    sizes = sample_size(population, wish.margin, level=wish.level, share=wish.share, deff=deff, response=wish.response)
    exact = sizes.filter(pl.col("method") == "exact")["n"][0]
    least = int(frame.select(pl.min_horizontal("population", pl.lit(wish.minimum)).sum()).item())
    answers = wish.answers if wish.answers is not None else max(exact, least)
    units = _shared_out(frame, _spreads(frame, found, withheld), answers, deff, wish)
    quotas = _quotas(units, sample)
    return SurveyPlan(period, wish, frame_period, last, deff, last_deff, population, sizes, answers, units, quotas)


def _frame(dataset: Dataset, period: Period) -> tuple[Period, pl.DataFrame]:
    """The people of each unit: of the period's frame, or the newest earlier one of the same kind."""
    table = dataset.scan("survey_frame")
    frame = pl.DataFrame() if table is None else table.collect()
    known: dict[Period, list[str]] = {}
    for name in frame["period"].unique().sort() if frame.height else ():
        with suppress(PeriodError):
            known.setdefault(Period.parse(name), []).append(name)
    own = [p for p in known if p.kind == period.kind and (p.year, p.number) <= (period.year, period.number)]
    if not own:
        label = load_contract()["survey_frame"].label
        raise ChisoError(text("survey_plan.no_frame", table=label, period=period.label))
    newest = max(own, key=lambda p: (p.year, p.number))
    rows = frame.filter(pl.col("period").is_in(known[newest]) & (pl.col("population") > 0))
    rows = rows.group_by("unit_code").agg(pl.col("population").max()).sort("unit_code")
    if rows.is_empty():
        label = load_contract()["survey_frame"].label
        raise ChisoError(text("survey_plan.no_frame", table=label, period=period.label))
    return newest, rows


def _last(
    dataset: Dataset, catalogue: Catalogue, period: Period, rule: WindowRule
) -> tuple[Period | None, statistics.Sample | None]:
    """The newest survey before the period."""
    earlier = period
    for _ in range(_BACK):
        try:
            earlier = earlier.previous()
            answers = read_answers(Sources(dataset, catalogue, Timeframe(earlier, rule)))
        except PeriodError:
            break
        sample = statistics.sample_of(answers) if answers else None
        if sample is not None:
            return earlier, sample
    return None, None


def _spreads(frame: pl.DataFrame, found: pl.DataFrame | None, withheld: Collection[str]) -> pl.DataFrame:
    """Standard deviation of a respondent's overall index by unit, from the last survey's standard errors.

    se² = (1 - n/N) S² / n within a unit, so S = se √(n / (1 - n/N)). A unit without one takes the mean of the others;
    where there is none at all, units count alike.
    """
    own = frame.select("unit_code").with_columns(spread=pl.lit(None, pl.Float64))
    if found is not None:
        rows = found.filter(
            (pl.col("level") == "overall")
            & pl.col("unit_code").is_not_null()
            & ~pl.col("unit_code").is_in(sorted(withheld))
            & (pl.col("se") > 0)
        )
        size = pl.when(pl.col("weighting") == "frame").then("sum_weights").otherwise(float("inf"))
        left = 1 - pl.col("n") / size
        rows = rows.filter(left > 0).select("unit_code", spread=pl.col("se") * (pl.col("n") / left).sqrt())
        own = frame.select("unit_code").join(rows, on="unit_code", how="left", maintain_order="left")
    mean = own["spread"].mean()
    return own.with_columns(
        own_spread=pl.col("spread").is_not_null(), spread=pl.col("spread").fill_null(1.0 if mean is None else mean)
    )


def _shared_out(frame: pl.DataFrame, spreads: pl.DataFrame, answers: int, deff: float, wish: Wish) -> pl.DataFrame:
    strata = frame.join(spreads, on="unit_code", maintain_order="left").rename({"unit_code": "stratum"})
    ways = {
        "proportional": allocate(strata, answers, minimum=wish.minimum),
        "neyman": allocate(strata, answers, method="neyman", spread="spread", minimum=wish.minimum),
    }
    units = strata.rename({"stratum": "unit_code"}).with_columns(
        **{way: table["n"] for way, table in ways.items()}, n=ways[wish.method]["n"]
    )
    ask = (pl.col("n") / wish.response - 1e-9).ceil().cast(pl.Int64)
    units = units.with_columns(ask=pl.min_horizontal(ask, "population"))
    margins = [_margin(population, n, deff, wish) for population, n in units.select("population", "n").iter_rows()]
    return units.with_columns(margin=pl.Series(margins, dtype=pl.Float64)).sort("unit_code")


def _margin(population: int, n: int, deff: float, wish: Wish) -> float | None:
    """Half width reckoned with for a unit: the formula of the whole, turned round."""
    if n <= 0:
        return None
    z = -scipy.special.ndtri((1 - wish.level) / 2)
    left = (population - n) / max(population - 1, 1)
    return float(z * (deff * wish.share * (1 - wish.share) / n * left) ** 0.5)


def _quotas(units: pl.DataFrame, sample: statistics.Sample | None) -> pl.DataFrame:
    """Interviews of each unit by groups, in the proportions that the last survey's weights give the department."""
    parts: dict[str, dict[str, float]] = {}
    rows = sample.design.data if sample is not None else pl.DataFrame()
    for column in QUOTAS if sample is not None else ():
        known = rows.filter(pl.col(column).is_not_null()).group_by(column).agg(pl.col("_w").sum()).sort(column)
        if known.height > 1:
            parts[column] = dict(known.rows())
    table = quota_table(units.select("n", stratum="unit_code"), parts)
    return table.rename({"stratum": "unit_code"}).sort("unit_code", maintain_order=True)
