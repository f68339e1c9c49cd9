"""The plan of the next survey, on a frame and a last survey counted by hand."""

from math import sqrt

import pytest
from handmade import Q4, dataset, plan, stratum
from test_survey_statistics import distinct, five, people

from chiso.errors import ChisoError
from chiso.indicators.survey import read_answers
from chiso.indicators.survey_planning import Wish, plan_survey
from chiso.indicators.survey_statistics import details, sample_of
from chiso.indicators.views import Sources
from chiso.worktime import Period

NEXT = Period.parse("2025-Q1")


def last(**values):
    """Unit a agrees with itself, unit b does not."""
    rows = [five(5, unit="a", **values)] * 38 + [five(2, unit="a", **values)] * 2
    rows += [five(5, unit="b", **values)] * 20 + [five(2, unit="b", **values)] * 20
    return distinct(rows)


def test_sizes_frame_and_last_survey():
    data = dataset(*last(), stratum("a", 600), stratum("b", 300))
    found = plan_survey(data, plan(), NEXT, Wish(response=0.8))
    assert (str(found.frame_period), str(found.last), found.population) == ("2024-Q4", "2024-Q4", 900)
    # 1.96² · 0.25 / 0.05² = 384.1; 384.1 / (1 + 383.1 / 900) = 269.4 (deff 1)
    assert found.deff == max(1.0, found.last_deff)
    assert found.sizes["n"][0] == 277  # 900 / (1 + 900 · 0.0025), rounded up
    assert found.answers == found.sizes["n"][1] == found.units["n"].sum()
    assert found.units["proportional"].to_list() == [round(found.answers * 2 / 3), round(found.answers / 3)]


def test_neyman_asks_more_where_answers_differ_more():
    data = dataset(*last(), stratum("a", 600), stratum("b", 300))
    found = plan_survey(data, plan(), NEXT, Wish(answers=90, method="neyman", deff=1.0))
    a, b = sqrt(0.95 * 0.05 * 40 / 39), sqrt(0.25 * 40 / 39)
    assert found.units["spread"].to_list() == pytest.approx([a, b], rel=1e-9)
    assert found.units["n"].to_list() == [round(90 * 2 * a / (2 * a + b)), round(90 * b / (2 * a + b))]
    assert found.units["own_spread"].all()


def test_a_withheld_or_new_unit_takes_the_mean_spread():
    data = dataset(*last(), stratum("a", 600), stratum("b", 300), stratum("c", 100))
    found = plan_survey(data, plan(), NEXT, withheld=("b",))
    assert found.units["own_spread"].to_list() == [True, False, False]
    assert found.units["spread"].n_unique() == 1


def test_few_people_are_asked_all_and_quotas_add_up():
    rows = last(channel="online") + distinct(people("b", 4, 4, channel="paper"))
    data = dataset(*rows, stratum("a", 600), stratum("b", 300), stratum("c", 3))
    found = plan_survey(data, plan(), NEXT, Wish(minimum=20))
    units = {row["unit_code"]: row for row in found.units.iter_rows(named=True)}
    assert units["c"]["n"] == 3
    assert units["c"]["margin"] == 0
    assert min(units["a"]["n"], units["b"]["n"]) >= 20
    for unit, row in units.items():
        own = found.quotas.filter(unit_code=unit)
        assert own["characteristic"].unique().to_list() == ["channel"]
        assert own["n"].sum() == row["n"]


def test_without_a_last_survey_units_count_alike():
    found = plan_survey(dataset(stratum("a", 60), stratum("b", 30)), plan(), NEXT)
    assert found.last is None
    assert found.deff == 1.0
    assert found.units["neyman"].to_list() == found.units["proportional"].to_list()
    assert found.quotas.is_empty()


def test_a_frame_of_another_kind_of_period_is_none():
    with pytest.raises(ChisoError, match="tháng 3/2025"):
        plan_survey(dataset(stratum("a", 60)), plan(), Period.parse("2025-03"))
    with pytest.raises(ChisoError, match="Chưa có khung mẫu"):
        plan_survey(dataset(), plan(), NEXT)


def test_the_spread_gives_back_the_last_standard_error():
    data = dataset(*last(), stratum("a", 600), stratum("b", 300))
    found = plan_survey(data, plan(), NEXT)
    table = details(sample_of(read_answers(Sources(data, plan(), Q4))), plan().settings.sipas, "2024-Q4")
    se = table.filter(level="overall", unit_code="b")["se"][0]
    assert se == pytest.approx(found.units["spread"][1] * sqrt((1 - 40 / 300) / 40), rel=1e-12)
