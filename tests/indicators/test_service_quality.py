"""B.III.9 – the service-quality index "766" by hand."""

import pytest
from handmade import (
    Q4,
    Q4_INSIDE,
    Row,
    case,
    feedback,
    figure,
    hit,
    line,
    miss,
    out,
    plan,
    procedure,
    run,
    unit,
)

from chiso.worktime import Timeframe

DAY = "2024-10-01"


def points(*rows: Row, unit: str | None = None, frame: Timeframe = Q4) -> dict[str, tuple[float, float]]:
    """Points and maximum by criterion, of the department or a unit."""
    found = run(*rows, frame=frame, indicators=["B.III.9"]).points.rows(named=True)
    return {p["code"]: (p["points"], p["max_points"]) for p in found if p["unit_code"] == unit}


def expect_part(code: str, *given: Row, frame: Timeframe = Q4, **rows: Row) -> None:
    """Each row alone in its unit: all points (hit), none (miss), or the criterion not applicable (out)."""
    found = run(*given, *(row.of(name) for name, row in rows.items()), frame=frame, indicators=["B.III.9"]).points
    shares = {p["unit_code"]: p["share"] for p in found.rows(named=True) if p["code"] == code}
    wanted = {name: {(1, 1): 1.0, (0, 1): 0.0, (0, 0): None}[row.expected] for name, row in rows.items()}
    assert {name: shares.get(name) for name in rows} == wanted


# ---------------------------------------------------------------------------------------------------- criterion 2.1


def progress(due: str | None = "2024-10-10", finished: str | None = None, requests: int | None = 0, **more: object):
    return case(due=due, finished=finished, supplement_requests=requests, **more)


def test_progress_of_finished_cases() -> None:
    expect_part(
        "2.1",
        on_the_due_day=hit(progress(finished="2024-10-10")),
        early=hit(progress(finished="2024-10-01")),
        late=miss(progress(finished="2024-10-11")),
        one_supplement_request=hit(progress(finished="2024-10-10", requests=1)),
        two_supplement_requests=miss(progress(finished="2024-10-10", requests=2)),
        requests_not_recorded=miss(progress(finished="2024-10-10", requests=None)),
        without_due_date=out(progress(due=None, finished="2024-10-10")),
        finished_before_p=out(progress(finished="2024-09-14")),
        finished_on_the_first_day_of_p=hit(progress(finished="2024-09-15")),
        finished_on_d=hit(progress(due="2024-12-14", finished="2024-12-14")),
    )


def test_progress_of_open_cases() -> None:
    expect_part(
        "2.1",
        due_on_d=hit(progress(due="2024-12-14")),
        due_after_d=hit(progress(due="2025-06-01")),
        due_the_day_before_d=miss(progress(due="2024-12-13")),
        received_long_ago_and_overdue=miss(progress(received="2020-01-01", due="2020-02-01")),
        in_time_with_two_requests=miss(progress(due="2024-12-14", requests=2)),
        without_due_date=out(progress(due=None)),
        received_after_d=out(progress(received="2024-12-15", due="2025-01-15")),
        finished_after_d_is_open_in_time=hit(progress(due="2024-12-14", finished="2024-12-20")),
    )


def test_progress_as_of_a_day_inside_the_period() -> None:
    expect_part(
        "2.1",
        frame=Q4_INSIDE,  # D = 30/11
        due_and_finished_after_d=hit(progress(due="2024-12-05", finished="2024-12-10")),
        due_on_d_finished_after=hit(progress(due="2024-11-30", finished="2024-12-10")),
        due_before_d_finished_after=miss(progress(due="2024-11-29", finished="2024-12-10")),
    )


# ------------------------------------------------------------------------------------------- criterion online services


def test_online_cases_of_fully_online_procedures_only() -> None:
    codes = {"full": "full", "partial": "partial", "offline": "none"}
    given = [procedure(code, online_level=level) for code, level in codes.items()]
    expect_part(
        "online",
        *given,
        full_online=hit(case(received=DAY, procedure="full", channel="online")),
        full_by_post=miss(case(received=DAY, procedure="full", channel="postal")),
        partial_online=out(case(received=DAY, procedure="partial", channel="online")),
        offline=out(case(received=DAY, procedure="offline", channel="online")),
        received_before_p=out(case(received="2024-09-14", procedure="full", channel="online")),
        received_after_d=out(case(received="2024-12-15", procedure="full", channel="online")),
    )


# -------------------------------------------------------------------------------------------------------- thresholds


@pytest.mark.parametrize(("code", "flag", "maximum"), [("4.2", "digitised", 4), ("4.3", "data_reused", 2)])
@pytest.mark.parametrize(("hits", "of", "part"), [(0, 5, 0.0), (2, 5, 0.5), (3, 4, 0.9375), (4, 5, 1.0), (5, 5, 1.0)])
def test_full_points_from_80_percent(code: str, flag: str, maximum: int, hits: int, of: int, part: float) -> None:
    rows = [case(received=DAY, **{flag: i < hits}) for i in range(of)]
    assert points(procedure("P1"), *rows)[code] == pytest.approx((part * maximum, maximum))


def test_other_criteria_are_proportional() -> None:
    rows = [
        case(received=DAY, finished=DAY, outcome="granted", result_electronic=i < 9, due=DAY, supplement_requests=0)
        for i in range(10)
    ]
    found = points(procedure("P1"), *rows)
    assert found["4.1"] == pytest.approx((5.4, 6))  # 90 % of 6, no threshold
    assert found["2.1"] == pytest.approx((20, 20))


# --------------------------------------------------------------------------------------------------------- the total

PROCEDURES = [procedure("full", online_level="full"), procedure("fee", has_fee=True)]
CASES = [
    # Fully online procedure: one early, filed online, result electronic; one late, at the counter, result on paper.
    case(
        procedure="full",
        received=DAY,
        channel="online",
        due="2024-10-10",
        finished="2024-10-09",
        outcome="granted",
        supplement_requests=0,
        result_electronic=True,
        digitised=True,
        data_reused=True,
    ),
    case(
        procedure="full",
        received=DAY,
        due="2024-10-10",
        finished="2024-10-11",
        outcome="granted",
        supplement_requests=0,
        result_electronic=False,
        digitised=True,
        data_reused=False,
    ),
    # Procedure with a fee: one open in time after one supplement request, paid online; one refused on the due day
    # after two.
    case(
        procedure="fee",
        received=DAY,
        due="2025-01-10",
        supplement_requests=1,
        digitised=True,
        data_reused=False,
        paid_online=True,
    ),
    case(
        procedure="fee",
        received=DAY,
        due="2024-10-10",
        finished="2024-10-10",
        outcome="refused",
        supplement_requests=2,
        digitised=False,
        data_reused=False,
        paid_online=False,
    ),
]
#: 2.1: first and third of four. online: one of two. 3.5b: the one fee procedure. 3.6: one of two. 4.1: one of two
#: granted. 4.2: 3 of 4 = 75 %, of 80: 0.9375. 4.3: 1 of 4 = 25 %, of 80: 0.3125.
POINTS = {
    "2.1": (10, 20),
    "online": (6, 12),
    "3.5b": (2, 2),
    "3.6": (3, 6),
    "4.1": (3, 6),
    "4.2": (3.75, 4),
    "4.3": (0.625, 2),
}


def test_points_by_criterion() -> None:
    assert points(*PROCEDURES, *CASES) == {code: pytest.approx(p) for code, p in POINTS.items()}


def test_total_is_the_share_of_the_assessable_points() -> None:
    # 10 + 6 + 2 + 3 + 3 + 3.75 + 0.625 = 28.375 of 20 + 12 + 2 + 6 + 6 + 4 + 2 = 52; no petition: 5.2 does not apply.
    row = figure("B.III.9", *PROCEDURES, *CASES)
    assert (row["numerator"], row["denominator"]) == pytest.approx((28.375, 52))
    assert row["value"] == pytest.approx(100 * 28.375 / 52)
    assert (row["comparator"], row["target"], row["status"]) == (">=", 80, None)


def test_petitions_add_their_six_points() -> None:
    in_time = feedback("regulation", due="2024-10-10", answered="2024-10-10")
    late = feedback("regulation", due="2024-10-10", answered="2024-10-11")
    row = figure("B.III.9", *PROCEDURES, *CASES, in_time)
    assert (row["numerator"], row["denominator"]) == pytest.approx((34.375, 58))
    row = figure("B.III.9", *PROCEDURES, *CASES, in_time, late, late)
    assert (row["numerator"], row["denominator"]) == pytest.approx((30.375, 58))


def test_a_unit_is_assessed_on_what_applies_to_it() -> None:
    rows = [*PROCEDURES, *CASES, case(unit="U2", procedure="fee", received=DAY, digitised=True, paid_online=False)]
    # U2's case has no due date, is not of an online procedure and not finished; nothing recorded on reuse: 0 of it.
    assert points(*rows, unit="U2") == {"3.5b": (0, 2), "3.6": (0, 6), "4.2": (4, 4), "4.3": (0, 2)}
    row = figure("B.III.9", *rows, unit="U2")
    assert (row["numerator"], row["denominator"]) == (4, 14)
    assert row["value"] == pytest.approx(100 * 4 / 14)


def test_nothing_assessable_is_no_data() -> None:
    old = case(received="2024-01-02", finished="2024-01-03")  # nothing of it lies in P
    for rows in ([], [procedure("P1"), old]):
        row = figure("B.III.9", *rows)
        assert (row["numerator"], row["denominator"], row["value"], row["status"]) == (0, 0, None, "no_data")
    results = run(procedure("P1"), *CASES[:0], unit("U2"), indicators=["B.III.9"])
    assert line(results, "B.III.9", "U2")["status"] == "no_data"


def test_a_missing_column_costs_its_criterion_only() -> None:
    without = run(*PROCEDURES, *CASES, absent=["cases.supplement_requests"], indicators=["B.III.9"])
    row = line(without, "B.III.9")
    assert (row["numerator"], row["denominator"]) == pytest.approx((18.375, 32))  # 2.1 and its 20 points are gone


def test_maxima_of_all_criteria_are_100_points() -> None:
    maxima = {c.code: c.max_points for c in plan().service_quality.criteria}
    groups = {
        "1": ["1.1", "1.2", "1.3", "1.4"],
        "2": ["2.1"],
        "3": ["online", "3.5", "3.5b", "3.6"],
        "4": ["4.1", "4.2", "copies", "4.3", "4.4", "4.5a", "4.5b"],
        "5": ["5.2", "5.3", "5.4"],
    }
    assert {g: sum(maxima.pop(c) for c in codes) for g, codes in groups.items()} == {
        "1": 18,
        "2": 20,
        "3": 22,
        "4": 22,
        "5": 18,
    }
    assert maxima == {}


@pytest.mark.parametrize(
    ("value", "rating"),
    [
        (100, "Xuất sắc"),
        (90, "Xuất sắc"),
        (89.999, "Tốt"),
        (80, "Tốt"),
        (79.999, "Khá"),
        (70, "Khá"),
        (69.999, "Trung bình"),
        (50, "Trung bình"),
        (49.999, "Yếu"),
        (0, "Yếu"),
    ],
)
def test_rating(value: float, rating: str) -> None:
    assert plan().service_quality.rating(value) == rating
