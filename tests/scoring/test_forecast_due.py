"""Forecasts from due dates and from the curve of past years' budgets."""

from datetime import date, timedelta

import polars as pl
import pytest
from test_forecast import PLAN, history

from chiso.messages import has
from chiso.scoring.forecast import due_list, forecast
from chiso.scoring.forecast.due import GROUPS
from chiso.scoring.forecast.risk import OUTLOOKS
from chiso.worktime import Period, Timeframe

Q3 = Timeframe(Period.parse("2024-Q3"))  # as of 14/09/2024
REGISTER = {
    "deliverable_id": pl.String,
    "plan_year": pl.Int64,
    "plan_item": pl.String,
    "title": pl.String,
    "unit_code": pl.String,
    "due": pl.Date,
    "done_on": pl.Date,
    "completed": pl.Boolean,
}


def deliverable(key, item, due, done, completed=None, year=2024):
    return (key, year, item, key, "VP", due, done, done is not None if completed is None else completed)


def register(*rows, punctual=19, late=1):
    """Rows asked for, behind twenty of another item that fell due before."""
    past = date(2024, 3, 1)
    others = [deliverable(f"p{i}", "B.II.2", past, past) for i in range(punctual)]
    others += [deliverable(f"l{i}", "B.II.2", past, past + timedelta(days=9)) for i in range(late)]
    return pl.DataFrame([*others, *rows], schema=REGISTER, orient="row")


def of(indicator, figures, t=Q3, **options):
    return forecast(history(indicator, figures), PLAN, t, **options).row(0, named=True)


def test_open_rows_come_in_as_often_as_past_ones():
    rows = [deliverable(f"d{i}", "B.III.5", date(2024, 11, 1), None) for i in range(2)]
    found = of("B.III.5", {"2024-Q3": (0.0, 2.0)}, register=register(*rows))
    assert found["method"] == "register"
    assert found["forecast"] == 1
    assert 0.8 < found["probability"] < 1
    careless = of(
        "B.III.5",
        {"2024-Q3": (0.0, 2.0)},
        register=register(*rows, punctual=5, late=0).extend(
            pl.DataFrame(
                [deliverable(f"n{i}", "B.II.2", date(2024, 3, 1), None) for i in range(15)], REGISTER, orient="row"
            )
        ),
    )
    assert careless["probability"] < 0.3
    assert careless["at_risk"] is True


def test_all_done_is_certain_and_late_is_lost_where_time_counts():
    done = deliverable("d", "B.III.5", date(2024, 5, 1), date(2024, 6, 1))
    assert of("B.III.5", {"2024-Q3": (1.0, 1.0)}, register=register(done))["probability"] == 1
    # B.I.4: sent in time; one was late, so all in time is impossible
    late = deliverable("r", "B.I.4", date(2024, 5, 1), date(2024, 6, 1))
    found = of("B.I.4", {"2024-Q3": (0.0, 1.0)}, register=register(late))
    assert (found["probability"], found["forecast"]) == (0, 0)


def test_what_is_done_after_the_day_is_not_known():
    rows = [deliverable("d", "B.III.5", date(2024, 9, 20), date(2024, 9, 19))]
    found = of("B.III.5", {"2024-Q3": (0.0, 1.0)}, register=register(*rows))
    assert found["probability"] < 1


def test_reasons_why_deliverables_are_not_forecast():
    rows = {"2024-Q3": (0.0, 1.0)}
    assert of("B.III.5", rows)["reason"] == "no_register"
    open_one = deliverable("d", "B.III.5", date(2024, 11, 1), None)
    assert of("B.III.5", rows, register=register(open_one, punctual=3))["reason"] == "few_due"
    undated = deliverable("d", "B.III.5", None, None)
    assert of("B.III.5", rows, register=register(undated))["reason"] == "no_due"
    assert of("B.III.5", rows, register=register())["reason"] == "no_cases"


def test_a_deliverable_whose_deadline_passed_is_closed():
    found = of("B.IV.2", {"2024-Q3": (1.0, 2.0)}, register=register())
    assert (found["method"], found["forecast"], found["probability"]) == ("closed", 0.5, 0)


def test_due_list():
    day = date(2024, 9, 14)
    due = {"overdue": -1, "today": 0, "week": 7, "after": 8, "month": 30, "later": 31}
    rows = [deliverable(name, "B.I.1", day + timedelta(days=d), None) for name, d in due.items()]
    rows += [
        deliverable("undated", "B.I.1", None, None),
        deliverable("done", "B.I.1", day, day),
        deliverable("future", "B.I.1", day - timedelta(days=3), day + timedelta(days=1)),
        deliverable("bare", "B.I.1", day, day, completed=False),
        deliverable("old", "B.I.1", day, None, year=2023),
    ]
    found = due_list(pl.DataFrame(rows, schema=REGISTER, orient="row"), day, 2024)
    assert dict(zip(found["deliverable_id"], found["group"], strict=True)) == {
        "future": "overdue",
        "overdue": "overdue",
        "bare": "no_evidence",
        "today": "due_soon",
        "week": "due_soon",
        "after": "due_next",
        "month": "due_next",
        "later": "later",
        "undated": "no_due",
        "done": "done",
    }
    assert found["deliverable_id"].to_list()[:3] == ["future", "overdue", "bare"]
    assert found["days_left"].to_list()[:2] == [-3, -1]


def snapshots(*rows):
    """line, day, disbursed of 100."""
    columns = ("line_id", "as_of", "budget_year", "unit_code", "kind", "allocated_vnd", "disbursed_vnd")
    found = [(f"{line}-{day.year}", day, day.year, "VP", "investment", 100, x) for line, day, x in rows]
    frame = pl.DataFrame(found, schema=columns, orient="row")
    return frame.with_columns(planned_vnd=pl.lit(None, pl.Int64), spent_vnd=pl.lit(None, pl.Int64))


LAST_YEAR = [
    ("a", date(2023, 9, 14), 40),
    ("b", date(2023, 9, 14), 50),
    ("a", date(2023, 12, 14), 80),
    ("b", date(2023, 12, 14), 80),
]


def test_a_budget_goes_on_as_last_year():
    rows = snapshots(*LAST_YEAR, ("a", date(2024, 9, 14), 50), ("b", date(2024, 9, 14), 60))
    found = of("B.VI.4", {"2024-Q3": (110.0, 200.0)}, budget=rows)
    assert found["method"] == "budget_curve"
    assert found["value_now"] == pytest.approx(0.55)
    assert found["forecast"] == pytest.approx(0.55 + 0.35)  # last year's lines grew by 40 and 30 of 100
    assert found["low"] < 0.9 < found["high"] <= 1
    assert found["probability"] > 0.5
    assert found["deadline"] == date(2024, 12, 15)
    assert found["at_risk"] is False


def test_a_correction_downwards_is_growth_below_zero():
    fallen = [(line, day, 30 if day.month == 12 else x) for line, day, x in LAST_YEAR]
    found = of("B.VI.4", {"2024-Q3": (20.0, 200.0)}, budget=snapshots(*fallen))
    assert found["forecast"] == pytest.approx(0.0)  # 10 % - 15 points, but no less than nothing
    assert found["low"] == 0
    assert found["at_risk"] is True


def test_budgets_without_a_past_year():
    rows = snapshots(("a", date(2024, 9, 14), 50), ("b", date(2024, 9, 14), 60))
    assert of("B.VI.4", {"2024-Q3": (110.0, 200.0)}, budget=rows)["reason"] == "no_past_year"
    assert of("B.VI.4", {"2024-Q3": (110.0, 200.0)})["reason"] == "no_budget"
    stale = snapshots(*LAST_YEAR[:2], ("a", date(2024, 9, 14), 50))
    assert of("B.VI.4", {"2024-Q3": (110.0, 200.0)}, budget=stale)["reason"] == "no_past_year"


def test_leap_day():
    t = Timeframe(Period.parse("2024-Q1"), as_of=date(2024, 2, 29))
    rows = snapshots(("a", date(2023, 2, 28), 10), ("b", date(2023, 2, 28), 10), *LAST_YEAR)
    assert of("B.VI.4", {"2024-Q1": (20.0, 200.0)}, t, budget=rows)["forecast"] == pytest.approx(0.1 + 0.7)


def test_every_word_has_its_text():
    reasons = ("few_periods", "few_due", "no_data", "no_cases", "no_due", "no_register", "no_budget", "no_past_year")
    keys = [f"forecast.reason.{r}" for r in (*reasons, "year_begins_before")]
    keys += [f"forecast.method.{m}" for m in ("share", "count", "units", "level", "register", "budget_curve", "closed")]
    keys += [f"forecast.group.{g}" for g in GROUPS] + [f"forecast.outlook.{name}" for _, name in OUTLOOKS]
    assert [k for k in keys if not has(k)] == []
