"""Satisfaction: weights, item shares, factor indices, the overall index and their counts."""

from typing import Any

import polars as pl
import pytest
from handmade import Q4, Q4_INSIDE, Row, answer, dataset, figure, line, plan, run, stratum, unit

from chiso.catalogue import Catalogue
from chiso.indicators import Results, compute

INDICES = ["sipas", "A.I.index", "A.II.index", "A.III.index", "A.IV.index", "A.V.index"]
FIVE = ("access_1", "procedure_1", "staff_1", "result_1", "feedback_1")


def survey(*rows: Row, **conventions: str) -> Results:
    """Results with the catalogue's conventions changed."""
    sipas = plan().settings.sipas.model_copy(update=conventions)
    settings = plan().settings.model_copy(update={"sipas": sipas})
    quality = plan().service_quality.model_copy(update={"criteria": ()})
    wanted = tuple(i for i in plan().indicators if i.id in INDICES)
    changes = {"settings": settings, "indicators": wanted, "service_quality": quality}
    catalogue: Catalogue = plan().model_copy(update=changes)
    return compute(dataset(*rows), catalogue, Q4)  # type: ignore[arg-type]


def cell(results: Results, level: str, code: str, unit: str | None = None) -> dict[str, Any]:
    rows = results.satisfaction.rows(named=True)
    found = [r for r in rows if (r["level"], r["code"], r["unit_code"]) == (level, code, unit)]
    assert len(found) == 1, f"{len(found)} rows of {level} {code} {unit}"
    return found[0]


def counts(results: Results, level: str, code: str, unit: str | None = None) -> tuple[int, int, float | None]:
    row = cell(results, level, code, unit)
    return row["n"], row["n_missing"], row["share"]


# -------------------------------------------------------------------------------------------- answers and the factor


def test_answers_four_and_five_are_satisfied() -> None:
    results = survey(*(answer(access_1=mark) for mark in (1, 2, 3, 4, 5)))
    assert counts(results, "item", "access_1") == (5, 0, 2 / 5)


def test_blank_answers_leave_the_denominator_and_are_counted() -> None:
    results = survey(answer(access_1=5), answer(access_1=1), answer(access_1=None, access_2=4))
    assert counts(results, "item", "access_1") == (2, 1, 1 / 2)
    assert counts(results, "item", "access_2") == (1, 2, 1.0)


def test_only_answers_of_p_count() -> None:
    rows = [
        answer("2024-09-14", access_1=1),  # the day before P
        answer("2024-09-15", access_1=5),
        answer("2024-11-30", access_1=5),
        answer("2024-12-01", access_1=1),  # after D, within the quarter
    ]
    found = figure("A.I.index", *rows, frame=Q4_INSIDE)
    assert (found["numerator"], found["denominator"], found["value"]) == (2, 2, 1.0)


def test_factor_index_pools_the_answers() -> None:
    rows = [answer(access_1=5, access_2=4), answer(access_1=4), answer(access_1=3)]
    # access_1: 2 of 3; access_2: 1 of 1; pooled 3 of 4.
    results = survey(*rows)
    assert counts(results, "factor", "A.I") == (3, 0, 3 / 4)
    row = line(results, "A.I.index")
    assert (row["numerator"], row["denominator"], row["value"]) == (3, 4, 0.75)
    assert [row[c] for c in ("target", "comparator", "status", "attainment")] == [None] * 4


def test_factor_index_as_mean_of_item_shares() -> None:
    rows = [answer(access_1=5, access_2=4), answer(access_1=4), answer(access_1=3)]
    results = survey(*rows, factor_index="mean_of_items")
    assert cell(results, "factor", "A.I")["share"] == pytest.approx((2 / 3 + 1) / 2)
    assert line(results, "A.I.index")["value"] == pytest.approx(5 / 6)


def test_mean_of_items_leaves_out_items_nobody_answered() -> None:
    rows = [answer(access_1=5, access_2=None), answer(access_1=1, access_2=None)]
    assert cell(survey(*rows, factor_index="mean_of_items"), "factor", "A.I")["share"] == 0.5


def test_each_factor_reads_its_own_items() -> None:
    results = survey(answer(access_1=5, procedure_1=1, staff_1=5, result_1=1, feedback_1=5))
    shares = {f"A.{n}": cell(results, "factor", f"A.{n}")["share"] for n in ("I", "II", "III", "IV", "V")}
    assert shares == {"A.I": 1.0, "A.II": 0.0, "A.III": 1.0, "A.IV": 0.0, "A.V": 1.0}


def test_as_many_items_as_there_are() -> None:
    results = survey(answer(**{f"staff_{n}": 5 if n <= 3 else 1 for n in range(1, 13)}))
    whole = results.satisfaction.filter(pl.col("level") == "item", pl.col("unit_code").is_null())["code"].to_list()
    assert whole == [f"staff_{n}" for n in range(1, 13)]  # in the questionnaire's order, not the alphabet's
    assert cell(results, "factor", "A.III")["share"] == 3 / 12


def test_factor_without_valid_answer_is_no_data() -> None:
    row = figure("A.II.index", answer(access_1=5, procedure_1=None))
    assert (row["numerator"], row["denominator"], row["value"], row["status"]) == (0, 0, None, "no_data")
    row = figure("A.II.index", answer(access_1=5))  # no item of the factor at all
    assert (row["numerator"], row["denominator"], row["value"], row["status"]) == (0, 0, None, "no_data")


def test_counts_of_factor_and_overall_are_respondents() -> None:
    rows = [
        answer(access_1=5, access_2=5),
        answer(access_1=None, access_2=1),
        answer(staff_1=5),
        answer(),  # a questionnaire without a single valid answer
    ]
    results = survey(*rows)
    assert counts(results, "item", "access_1")[:2] == (1, 3)
    assert counts(results, "item", "access_2")[:2] == (2, 2)
    assert counts(results, "factor", "A.I")[:2] == (2, 2)
    assert counts(results, "factor", "A.III")[:2] == (1, 3)
    assert counts(results, "overall", "sipas")[:2] == (3, 1)


# ----------------------------------------------------------------------------------------------------------- overall


def test_overall_is_the_mean_of_five_factor_indices() -> None:
    rows = [
        answer(**dict.fromkeys(FIVE, 5)),
        answer(access_1=5, procedure_1=1, staff_1=1, result_1=None, feedback_1=1),
    ]
    # Factors: 2/2, 1/2, 1/2, 1/1, 1/2.
    row = figure("sipas", *rows)
    assert (row["numerator"], row["denominator"], row["value"]) == (3.5, 5, 0.7)
    assert (row["target"], row["comparator"], row["status"]) == (0.87, ">", "not_met")
    assert row["attainment"] == pytest.approx(0.7 / 0.87)


def test_overall_needs_all_five_factors() -> None:
    four = dict.fromkeys(FIVE[:4], 5)
    for rows in ([answer(**four)], [answer(**four, feedback_1=None)]):
        row = figure("sipas", *rows)
        assert (row["numerator"], row["denominator"], row["value"], row["status"]) == (None, 5, None, "no_data")
    assert counts(survey(answer(**four)), "overall", "sipas") == (1, 0, None)


def test_a_unit_may_lack_what_the_department_has() -> None:
    rows = [answer(unit="U1", **dict.fromkeys(FIVE[:4], 5)), answer(unit="U2", feedback_1=5)]
    results = run(*rows, indicators=INDICES)
    assert line(results, "sipas")["value"] == 1.0
    assert line(results, "sipas", "U1")["status"] == "no_data"
    assert line(results, "A.V.index", "U2")["value"] == 1.0


def test_overall_pooled_over_all_answers() -> None:
    rows = [answer(access_1=5, access_2=5, access_3=5, procedure_1=1, staff_1=1)]
    assert cell(survey(*rows, overall="pooled"), "overall", "sipas")["share"] == 3 / 5


def test_overall_by_the_direct_question() -> None:
    rows = [answer(access_1=1, overall=5), answer(access_1=1, overall=4), answer(access_1=1, overall=3), answer()]
    results = survey(*rows, overall="direct")
    assert counts(results, "overall", "sipas") == (3, 1, 2 / 3)


def test_the_direct_question_has_its_own_level() -> None:
    rows = [answer(overall=5, access_1=1), answer(overall=None, access_1=1), answer(overall=2, access_1=1)]
    assert counts(survey(*rows), "direct", "overall") == (2, 1, 1 / 2)


def test_no_survey_is_no_data() -> None:
    results = run(indicators=INDICES)
    assert [line(results, i)["status"] for i in INDICES] == ["no_data"] * 6
    row = line(results, "sipas")
    assert (row["numerator"], row["denominator"], row["value"]) == (None, 5, None)
    assert results.satisfaction.is_empty()


def test_no_answer_in_p_is_no_data() -> None:
    results = run(answer("2024-01-05", **dict.fromkeys(FIVE, 5)), indicators=INDICES)
    assert [line(results, i)["status"] for i in INDICES] == ["no_data"] * 6
    assert counts(results, "overall", "sipas") == (0, 0, None)


# ----------------------------------------------------------------------------------------------------------- weights


def two_units(**second: object) -> list[Row]:
    """U1 answers 5 and 1, U2 answers 5: unweighted 2 of 3."""
    weight = second.pop("weight", None)
    first = [answer(unit="U1", access_1=5, weight=weight), answer(unit="U1", access_1=1, weight=weight)]
    return [*first, answer(unit="U2", access_1=5, **second)]


def weighted(*rows: Row) -> tuple[str, float, float, float]:
    results = survey(*rows)
    row = line(results, "A.I.index")
    assert set(results.satisfaction["weighting"]) == {results.weighting}  # one decision a run
    return results.weighting, row["numerator"], row["denominator"], row["value"]


def test_without_frame_and_weight_column_every_answer_counts_one() -> None:
    assert weighted(*two_units()) == ("none", 2, 3, 2 / 3)


def test_frame_weights_are_population_over_responses() -> None:
    # U1: 100 / 2 = 50 each, U2: 300 / 1 = 300. Satisfied 50 + 300 of 50 + 50 + 300.
    assert weighted(*two_units(), stratum("U1", 100), stratum("U2", 300)) == ("frame", 350, 400, 0.875)


def test_frame_may_hold_units_that_did_not_answer() -> None:
    frame = [stratum("U1", 100), stratum("U2", 300), stratum("U3", 900)]
    assert weighted(*two_units(), *frame) == ("frame", 350, 400, 0.875)


def test_frame_without_one_of_the_answering_units_is_not_used() -> None:
    assert weighted(*two_units(), stratum("U1", 100)) == ("none", 2, 3, 2 / 3)


def test_a_unit_that_answered_outside_p_needs_no_frame_row() -> None:
    other = answer("2024-09-14", unit="U9", access_1=1)
    assert weighted(*two_units(), other, stratum("U1", 100), stratum("U2", 300))[0] == "frame"


def test_frame_of_another_period_is_not_used() -> None:
    frame = [stratum("U1", 100, "2024-Q3"), stratum("U2", 300, "2024-Q3")]
    assert weighted(*two_units(), *frame)[0] == "none"
    year = [stratum("U1", 100, "2024"), stratum("U2", 300, "2024")]
    assert weighted(*two_units(), *year)[0] == "none"


def test_a_unit_whose_frame_row_is_of_another_period_has_none() -> None:
    assert weighted(*two_units(), stratum("U1", 100), stratum("U2", 300, "2024-Q3"))[0] == "none"


def test_frame_counts_all_responses_of_the_unit_not_only_valid_answers() -> None:
    rows = [
        answer(unit="U1", access_1=5),
        answer(unit="U1", access_1=None),  # a response all the same: 100 / 2 = 50
        answer(unit="U2", access_1=1),
    ]
    found = weighted(*rows, stratum("U1", 100), stratum("U2", 300))
    assert found == ("frame", 50, 350, 50 / 350)


def test_weight_column_is_used_if_filled_for_every_response() -> None:
    # 2 × (5), 2 × (1), 6 × (5): 8 of 10.
    assert weighted(*two_units(weight=2.0)[:2], answer(unit="U2", access_1=5, weight=6.0)) == ("weight", 8, 10, 0.8)


def test_weight_column_with_a_blank_in_p_is_not_used() -> None:
    rows = two_units(weight=2.0)  # U2's weight is blank
    assert weighted(*rows) == ("none", 2, 3, 2 / 3)


def test_blank_weight_outside_p_does_not_matter() -> None:
    rows = [*two_units(weight=2.0)[:2], answer(unit="U2", access_1=5, weight=6.0), answer("2024-09-14", access_1=1)]
    assert weighted(*rows)[0] == "weight"


def test_blank_weight_of_a_response_without_valid_answers_matters() -> None:
    """Every response in P, not every valid answer."""
    rows = [*two_units(weight=2.0)[:2], answer(unit="U2", access_1=None)]
    assert weighted(*rows)[0] == "none"


def test_frame_goes_before_the_weight_column() -> None:
    rows = [*two_units(weight=2.0)[:2], answer(unit="U2", access_1=5, weight=6.0)]
    assert weighted(*rows, stratum("U1", 100), stratum("U2", 300)) == ("frame", 350, 400, 0.875)
    assert weighted(*rows, stratum("U1", 100)) == ("weight", 8, 10, 0.8)


def test_counts_are_never_weighted() -> None:
    results = survey(*two_units(), stratum("U1", 100), stratum("U2", 300))
    assert counts(results, "item", "access_1") == (3, 0, 0.875)
    assert counts(results, "factor", "A.I", "U1") == (2, 0, 0.5)
    assert counts(results, "overall", "sipas", "U2") == (1, 0, None)


def test_weights_reach_the_overall_index() -> None:
    rows = [answer(unit="U1", **dict.fromkeys(FIVE, 5)), answer(unit="U2", **dict.fromkeys(FIVE, 1))]
    row = line(survey(*rows, stratum("U1", 100), stratum("U2", 300)), "sipas")
    assert (row["numerator"], row["value"]) == (1.25, 0.25)


# --------------------------------------------------------------------------------------------------- shape of the table


def test_one_row_a_key_and_a_row_for_units_without_answers() -> None:
    results = run(answer(unit="U1", access_1=5, overall=5), unit("U2"), indicators=INDICES)
    table = results.satisfaction
    assert table.select("period", "unit_code", "level", "code").is_duplicated().sum() == 0
    assert set(table["period"]) == {"2024-Q4"}
    assert counts(results, "factor", "A.I", "U2") == (0, 0, None)
    assert results.units == ("U1", "U2")
