"""Several bodies by the attainment of the plan's targets: ranks, how sure they are, strengths and weaknesses, peers.

Bodies are the units of a department, or several departments whose results stand side by side. The score is that of
:mod:`chiso.scoring.attainment`: an item is the mean of its indicators, a component of its items, the index of its
components, each among those with data.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from chiso.catalogue import Catalogue
from chiso.scoring.aggregation import Composite, Goalposts, MinMax, Node, Tree
from chiso.scoring.uncertainty import Input, Methods, Normalisations, SurveyError, WeightNoise, leave_out
from chiso.scoring.uncertainty import monte_carlo as draw
from chiso.scoring.uncertainty import sensitivity as explain

#: Above every ratio of a value to its target that counts: an attained count of zero.
ATTAINED = 2.0
#: Each weight may be a half more or less than equal weights: no plan says that areas are worth the same.
WEIGHT_SHARE = 0.5
#: A geometric or harmonic mean takes no zero; on this scale nothing attained is 1.
SCALE = (1.0, 100.0)
DRAWS, SAMPLES, SEED = 2000, 256, 1

PROFILE = {
    "unit": pl.String,
    "level": pl.String,
    "code": pl.String,
    "score": pl.Float64,
    "median": pl.Float64,
    "difference": pl.Float64,
}


def league_composite(indicators: pl.DataFrame, catalogue: Catalogue, index: str = "B") -> Composite:
    """Return an index of several bodies as a composite on 0–100 whose scores are those of the attainment.

    Args:
        indicators: result table; ``unit_code`` names the body, rows of a whole (null) are left out.
        catalogue: targets, items and components.
        index: ``A`` (action items) or ``B``.

    Raises:
        ValueError: no body, or no indicator with target and data.
    """
    component = {i.id: i.component for i in catalogue.items if i.component.startswith(f"{index}.")}
    targeted = {i.id: i for i in catalogue.indicators if i.target is not None and i.plan_item in component}
    rows = indicators.filter(
        pl.col("unit_code").is_not_null(), pl.col("indicator").is_in(list(targeted)), pl.col("attainment").is_not_null()
    )
    # A body without any figure stays in the league, without a rank.
    units = tuple(indicators["unit_code"].drop_nulls().unique().sort())
    known = set(rows["indicator"])
    codes = [i for i in targeted if i in known]
    if not units or not codes:
        raise ValueError("no body with a figure that has a target")
    values = np.full((len(units), len(codes)), np.nan)
    for row in rows.iter_rows(named=True):
        values[units.index(row["unit_code"]), codes.index(row["indicator"])] = _ratio(row)
    items = {targeted[c].plan_item for c in codes}
    areas = {component[str(i)] for i in items}
    nodes = [Node(c, f"{targeted[c].plan_item}/") for c in codes]
    nodes += [Node(f"{i}/", component[str(i)]) for i in sorted(map(str, items))]
    nodes += [Node(a, index) for a in catalogue.component_ids if a in areas]
    posts = Goalposts((0.0,) * len(codes), (1.0,) * len(codes))
    return Composite(units, Tree.of([*nodes, Node(index, None)]), values, np.ones(len(codes)), posts)


def _ratio(row: dict[str, object]) -> float:
    """Value over target, above 1 where the target is passed; a count that must be zero is attained or not."""
    value, target = float(row["value"]), float(row["target"])  # type: ignore[arg-type]
    if target == 0:
        return ATTAINED if value == 0 else 0.0
    return max(0.0, value / target)


def chance(composite: Composite, indicators: pl.DataFrame) -> SurveyError:
    """Return how far each share would differ in another period like this one: few cases, much chance.

    The standard error of a share of N cases, in the unit of the composite's ratios; 0 for counts, indices, amounts of
    money, and where all or none of the cases are good.
    """
    codes = composite.tree.codes[: composite.tree.leaves]
    errors = np.zeros(composite.values.shape)
    rows = indicators.filter(
        pl.col("unit_code").is_in(composite.units),
        pl.col("indicator").is_in(codes),
        pl.col("measure") == "share",
        pl.col("window") != "budget_year",
        pl.col("numerator").is_not_null(),
        pl.col("denominator") > 0,
        pl.col("target") > 0,
    )
    for row in rows.iter_rows(named=True):
        share, whole = row["numerator"] / row["denominator"], row["denominator"]
        at = composite.units.index(row["unit_code"]), codes.index(row["indicator"])
        errors[at] = np.sqrt(max(share * (1 - share), 0.0) / whole) / row["target"]
    return SurveyError(np.where(np.isnan(composite.values), 0.0, errors), 0.0, name="chance")


def assumptions(composite: Composite, indicators: pl.DataFrame) -> tuple[Input, ...]:
    """Return what the ranking rests on and might be otherwise: weights of each level, scale, mean, chance."""
    leaves = composite.tree.leaves
    posts = Goalposts((0.0,) * leaves, (1.0,) * leaves, *SCALE)
    return (
        WeightNoise({3: WEIGHT_SHARE}, "weights_components"),
        WeightNoise({2: WEIGHT_SHARE}, "weights_items"),
        WeightNoise({1: WEIGHT_SHARE}, "weights_indicators"),
        Normalisations((posts, MinMax(*SCALE))),
        Methods(("arithmetic", "geometric")),
        chance(composite, indicators),
    )


def bands(composite: Composite, indicators: pl.DataFrame, draws: int = DRAWS, seed: int = SEED) -> pl.DataFrame:
    """Return score, rank, 5–95 % band of the rank and probabilities of the first and last place, by rank.

    Columns of :data:`chiso.scoring.uncertainty.montecarlo.SCHEMA`; the :func:`assumptions` are drawn together.
    """
    found = draw(composite, assumptions(composite, indicators), draws, seed)
    return found.table().sort("rank", "unit", nulls_last=True)


def drivers(composite: Composite, indicators: pl.DataFrame, samples: int = SAMPLES, seed: int = SEED) -> pl.DataFrame:
    """Return by assumption how much of the shift of ranks it explains alone (``first``) and in all (``total``)."""
    found = explain(composite, assumptions(composite, indicators), samples, seed)
    shift = found.filter(pl.col("result") == "rank_shift")
    return shift.select("input", "first", "total", "total_5", "total_95").sort(
        "total", "input", descending=[True, False]
    )


def without_areas(composite: Composite) -> pl.DataFrame:
    """Return score and rank of every body without each area: columns of the library's ``leave_out``."""
    return leave_out(composite, 3)


def profiles(composite: Composite) -> pl.DataFrame:
    """Return each body's score by item and area against the median of the other bodies (columns of :data:`PROFILE`).

    Only where the body and at least one other have data.
    """
    scored = composite.scores()
    rows = []
    for at, code in enumerate(scored.codes[composite.tree.leaves : -1]):
        column = scored.scores[:, composite.tree.leaves + at]
        level = "item" if code.endswith("/") else "area"
        for i, unit in enumerate(scored.units):
            others = np.delete(column, i)
            others = others[~np.isnan(others)]
            if np.isnan(column[i]) or not others.size:
                continue
            middle = float(np.median(others))
            rows.append((unit, level, code.removesuffix("/"), float(column[i]), middle, float(column[i]) - middle))
    return pl.DataFrame(rows, schema=PROFILE, orient="row")


def peers(table: pl.DataFrame, most: int = 2) -> dict[str, tuple[str, ...]]:
    """Return the bodies that each one can hardly be told from: bands of ranks overlap, mean ranks lie nearest.

    Args:
        table: of :func:`bands`.
        most: how many at most.
    """
    known = table.filter(pl.col("rank").is_not_null()).select("unit", "rank_5", "rank_95", "mean_rank").rows()
    found = {}
    for unit, low, high, mean in known:
        others = [(abs(mean - m), u) for u, b, h, m in known if u != unit and min(high, h) >= max(low, b)]
        found[unit] = tuple(u for _, u in sorted(others)[:most])
    return found


def alongside(composite: Composite, other: Composite) -> tuple[Composite, Composite]:
    """Bring two periods of the same bodies to one tree, for :func:`chiso.scoring.aggregation.change.compare`.

    Indicators that only one of them has are missing in the other: their coming or going is a change of coverage.
    """
    nodes = {n.code: n for c in (other, composite) for n in c.tree.nodes}
    tree = Tree.of(nodes.values())
    codes = tree.codes[: tree.leaves]
    units = tuple(u for u in composite.units if u in other.units)
    both = []
    for one in (composite, other):
        values = np.full((len(units), len(codes)), np.nan)
        rows = [one.units.index(u) for u in units]
        for at, code in enumerate(codes):
            if code in one.tree.codes[: one.tree.leaves]:
                values[:, at] = one.values[rows, one.tree.codes.index(code)]
        posts = Goalposts((0.0,) * len(codes), (1.0,) * len(codes))
        both.append(
            replace(one, units=units, tree=tree, values=values, directions=np.ones(len(codes)), normalisation=posts)
        )
    return both[0], both[1]
