"""The league's scores are those of the attainment; bands, peers and profiles on hand-made bodies."""

import numpy as np
import polars as pl
import pytest

from chiso.catalogue import load_catalogue
from chiso.indicators.results import SCHEMA
from chiso.scoring import scores
from chiso.scoring.league import (
    SCALE,
    alongside,
    assumptions,
    bands,
    chance,
    drivers,
    league_composite,
    peers,
    profiles,
    without_areas,
)

CATALOGUE = load_catalogue(2024)


def table(**bodies):
    """Result rows: by body the n of 100 of shares, and counts."""
    rows = []
    for body, figures in bodies.items():
        for name, n in figures.items():
            i = CATALOGUE.indicator(name)
            value = None if n is None else n / 100 if i.measure == "share" else float(n)
            attained = None
            if value is not None and i.target is not None:
                attained = float(value == 0) if i.target == 0 else max(0.0, min(1.0, value / i.target))
            rows.append(
                dict.fromkeys(SCHEMA)
                | {"indicator": name, "plan_item": i.plan_item, "component": i.component, "unit_code": body}
                | {"numerator": n, "denominator": 100.0, "value": value, "measure": i.measure, "window": i.window}
                | {"target": i.target, "comparator": i.comparator, "attainment": attained}
            )
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


BODIES = table(
    A={"B.III.8": 99, "B.III.7a": 95, "B.VII.4a": 80, "B.VII.4d": 30, "B.I.5c": 0},
    B={"B.III.8": 98, "B.III.7a": 70, "B.VII.4a": 55, "B.VII.4d": 10, "B.I.5c": 2},
    C={"B.III.8": 50, "B.III.7a": None, "B.VII.4a": 20},
    D={"B.III.8": None},
)


def test_scores_are_those_of_the_attainment():
    composite = league_composite(BODIES, CATALOGUE)
    own = scores(BODIES, CATALOGUE)
    whole = own.filter(level="total", code="B").sort("unit_code")
    found = composite.scores()
    assert found.units == ("A", "B", "C", "D")
    np.testing.assert_allclose(found.of("B")[:3], whole["percent"].to_list()[:3], rtol=0, atol=1e-12)
    assert np.isnan(found.of("B")[3])
    assert [None if np.isnan(r) else int(r) for r in found.ranks[:, -1]] == whole["rank"].to_list()
    for area in ("B.I", "B.III", "B.VII"):
        expected = own.filter(level="area", code=area).sort("unit_code")["percent"].cast(pl.Float64).to_numpy()
        np.testing.assert_allclose(found.of(area), expected, atol=1e-12)


def test_without_bodies_or_targets_there_is_no_league():
    with pytest.raises(ValueError, match="no body"):
        league_composite(BODIES.clear(), CATALOGUE)
    with pytest.raises(ValueError, match="no body"):
        league_composite(BODIES.filter(unit_code="D"), CATALOGUE)


def test_bands_are_seeded_and_hold_the_clear_ones_apart():
    composite = league_composite(BODIES, CATALOGUE)
    found = bands(composite, BODIES)
    assert found.equals(bands(composite, BODIES))
    rows = {r["unit"]: r for r in found.iter_rows(named=True)}
    assert rows["A"]["rank"] == 1 and rows["A"]["p_first"] > 0.9
    assert rows["A"]["rank_95"] <= rows["B"]["rank_95"]
    assert sum(r["p_first"] for r in rows.values() if r["p_first"] is not None) >= 1
    assert rows["D"]["rank"] is None and rows["D"]["rank_5"] is None
    assert "D" not in peers(found)


def test_peers_overlap_and_lie_nearest():
    frame = pl.DataFrame(
        {"unit": ["A", "B", "C", "D"], "rank": [1, 2, 3, None], "rank_5": [1.0, 1.0, 3.0, None],
         "rank_95": [2.0, 2.0, 3.0, None], "mean_rank": [1.2, 1.8, 3.0, None]}
    )  # fmt: skip
    assert peers(frame) == {"A": ("B",), "B": ("A",), "C": ()}


def test_chance_is_the_standard_error_of_a_share_over_its_target():
    composite = league_composite(BODIES, CATALOGUE)
    error = chance(composite, BODIES).standard_error
    at = composite.tree.codes.index("B.VII.4a")
    assert error[0, at] == pytest.approx(np.sqrt(0.8 * 0.2 / 100) / 0.6)
    assert error[:, composite.tree.codes.index("B.I.5c")].tolist() == [0, 0, 0, 0]
    assert error[3].tolist() == [0] * composite.tree.leaves


def test_drivers_name_every_assumption_and_lie_in_their_limits():
    composite = league_composite(BODIES, CATALOGUE)
    found = drivers(composite, BODIES)
    assert set(found["input"]) == {i.name for i in assumptions(composite, BODIES)}
    assert found["total"].is_between(0, 1.2).all()
    assert found["total"].to_list() == sorted(found["total"], reverse=True)
    assert SCALE[0] > 0  # a geometric mean takes no zero


def test_profiles_compare_with_the_median_of_the_others():
    found = profiles(league_composite(BODIES, CATALOGUE)).filter(level="item", code="B.I.5")
    assert found.select("unit", "score", "median", "difference").rows() == [
        ("A", 100.0, 0.0, 100.0),
        ("B", 0.0, 100.0, -100.0),
    ]


def test_ranks_without_each_area():
    found = without_areas(league_composite(BODIES, CATALOGUE))
    assert set(found["removed"]) == {"B.I", "B.III", "B.VII"}
    assert found.filter(removed="B.III", unit="A")["rank"].to_list() == [1]


def test_two_periods_on_one_tree():
    later = league_composite(BODIES, CATALOGUE)
    earlier = league_composite(BODIES.filter(pl.col("indicator") != "B.I.5c"), CATALOGUE)
    after, before = alongside(later, earlier)
    assert after.tree.codes == before.tree.codes
    np.testing.assert_allclose(after.scores().of("B"), later.scores().of("B"))
    np.testing.assert_allclose(before.scores().of("B"), earlier.scores().of("B"))
