"""The satisfaction survey: one round a quarter in each unit that finished cases, and the frame it was drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
import polars as pl

from chiso.demo.clock import Clock, Floats, Ints, keys, pick, stream
from chiso.demo.department import Department

#: Share of the people served who are asked, and the bounds of a unit's round.
ASKED, FEWEST, MOST = 0.42, 6, 400
BLANK, DONT_KNOW = 0.012, 9
FRAME_FROM = "2024-Q1"  # before that no frame was drawn up
#: People of one unit, and of one mind, answer alike: spread of a person's own leaning, in the answer's scale.
LEANING = 0.8


def make_survey(
    department: Department, clock: Clock, seed: int, served: dict[tuple[str, int], int]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Generate responses and frame.

    Args:
        department: the department.
        clock: its calendar.
        seed: seed of the run.
        served: cases finished by unit code and offset of the month's first day.

    Returns:
        ``survey_responses`` and ``survey_frame``.
    """
    rng = stream(seed, "survey")
    months = clock.months()
    strata: list[tuple[int, str, int, int]] = []  # unit, period, first day of the quarter, people served
    for q in range(len(months) // 3):
        starts = [start for start, _ in months[3 * q : 3 * q + 3]]
        day = clock.date(starts[0])
        for u, entry in enumerate(department.units):
            size = sum(served.get((entry.code, start), 0) for start in starts)
            gap = department.survey.gap
            if size and not (entry.code == gap.unit and day == gap.quarter):
                strata.append((u, f"{day.year}-Q{day.month // 3 + 1}", starts[0], max(size, FEWEST)))
    people = np.array([size for *_, size in strata], dtype=np.int64)
    asked = np.clip((people * ASKED).astype(np.int64), FEWEST, MOST)
    unit = np.repeat(np.array([u for u, *_ in strata], dtype=np.int64), asked)
    weight = np.repeat(np.round(people / asked, 4), asked)
    # The round runs in the quarter's second and third month, before the figures close on the 14th of the third.
    start = np.repeat(np.array([s for _, _, s, _ in strata], dtype=np.int64), asked)
    answered = clock.add(start + 30 + rng.integers(0, 40, len(unit)), 1)
    order = np.argsort(answered, kind="stable")
    unit, weight, answered = unit[order], weight[order], answered[order]
    responses = _responses(department, clock, rng, unit, answered, weight)
    return responses, _frame(department, strata)


def _responses(
    department: Department, clock: Clock, rng: np.random.Generator, unit: Ints, answered: Ints, weight: Floats
) -> pl.DataFrame:
    n = len(unit)
    survey = department.survey
    t = clock.progress(answered)
    leaning = LEANING * rng.standard_normal(n)
    leaning += np.array([u.satisfaction for u in department.units])[unit] + 0.16 * (t - 1)
    field_of = {f.unit: f.name for f in department.fields} | {
        f.before.unit: f.name for f in department.fields if f.before is not None
    }
    items = dict(_items(department, rng, leaning))
    mean = np.mean([s.fill_null(3).to_numpy() for s in items.values()], axis=0)
    comment = _comments(department, rng, leaning)
    overall = _answers(rng, 0.2 + 1.1 + leaning)
    weighted = pl.Series(weight).set(~_weighted(clock, answered), None)
    columns = {
        "response_id": keys("KS", n),
        "answered_on": clock.dates(answered),
        "unit_code": pick([u.code for u in department.units], unit),
        "field": pick([field_of.get(u.code, "") for u in department.units], unit),
        "respondent_kind": pick(survey.respondent_kinds, (rng.random(n) < 0.55).astype(np.int64)),
        "gender": pick(survey.genders, (rng.random(n) < 0.47).astype(np.int64)).set(
            pl.Series(rng.random(n) < 0.04), None
        ),
        "age_band": pick(survey.age_bands, np.minimum(rng.integers(0, 4, n) + (mean < 0), 3)),
        "channel": pick(survey.channels, (rng.random(n) > 0.35 + 0.4 * t).astype(np.int64) * rng.integers(1, 3, n)),
        "weight": weighted,
        "comment": comment,
        "overall": overall.set(pl.Series(rng.random(n) < 0.01), None),
    }
    return pl.DataFrame({**columns, **items})


def _weighted(clock: Clock, answered: Ints) -> pl.Series:
    """Only the first round of the last year was exported with weights."""
    first = clock.day(clock.date(clock.last).replace(month=1, day=1))
    return pl.Series((answered >= first - 17) & (answered < first + 91))


def _answers(rng: np.random.Generator, score: Floats) -> pl.Series:
    """Answers 1-5 from a score: above 0 satisfied (4; from 1.1 on 5), below dissatisfied to some degree."""
    noisy = score + rng.standard_normal(len(score))
    return pl.Series(1 + np.searchsorted([-2.2, -1.3, 0.0, 1.1], noisy))


def _items(department: Department, rng: np.random.Generator, leaning: Floats) -> Iterator[tuple[str, pl.Series]]:
    """Answers to each item, its factor's mean share shifted a little from item to item; blanks and don't-knows."""
    n = len(leaning)
    spread = float(np.sqrt(1 + LEANING**2))
    for factor, (share, count) in department.survey.factors.items():
        for i in range(1, count + 1):
            center = NormalDist().inv_cdf(share + 0.02 * (count + 1 - 2 * i) / count) * spread
            answers = _answers(rng, center + leaning)
            unknown = rng.random(n) < (0.07 if factor == "feedback" else 0.02)
            answers = answers.set(pl.Series(unknown), DONT_KNOW)
            yield f"{factor}_{i}", answers.set(pl.Series(rng.random(n) < BLANK), None)


def _comments(department: Department, rng: np.random.Generator, leaning: Floats) -> pl.Series:
    survey = department.survey
    praise = pick(survey.praise, rng.integers(0, len(survey.praise), len(leaning)))
    criticism = pick(survey.criticism, rng.integers(0, len(survey.criticism), len(leaning)))
    comment = praise.zip_with(pl.Series(leaning > -0.5), criticism)
    return comment.set(pl.Series(rng.random(len(leaning)) > 0.13), None)


def _frame(department: Department, strata: list[tuple[int, str, int, int]]) -> pl.DataFrame:
    """Population by unit for the quarters with a frame, and for the year as a whole."""
    rows = [(department.units[u].code, period, people) for u, period, _, people in strata if period >= FRAME_FROM]
    schema = {"unit_code": pl.String, "period": pl.String, "population": pl.Int64}
    quarters = pl.DataFrame(rows, schema=schema, orient="row")
    # The second quarter's frame was drawn up for the affiliates only, so that quarter cannot be weighted.
    divisions = [u.code for u in department.units if u.kind == "division"]
    second = f"{department.last.year}-Q2"
    years = (
        quarters.with_columns(pl.col("period").str.head(4))
        .group_by("unit_code", "period", maintain_order=True)
        .agg(pl.col("population").sum())
    )
    skipped = (pl.col("period") == second) & pl.col("unit_code").is_in(divisions)
    return pl.concat([quarters.filter(~skipped), years])
