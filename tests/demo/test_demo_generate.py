"""The synthetic department: repeatable, whole, and with the habits it was given."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from chiso.catalogue import load_catalogue
from chiso.demo import generate
from chiso.demo.cases import day_weights
from chiso.demo.clock import NEVER, Clock
from chiso.demo.department import load_department
from chiso.demo.survey import make_survey
from chiso.errors import ChisoError
from chiso.sources.contract import load_contract
from chiso.worktime import Period, WorkCalendar

SEED, CASES = 11, 4000


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return generate(SEED, CASES)


def _working(dates: pl.Series) -> pl.Series:
    calendar = WorkCalendar.load()
    return pl.Series([calendar.is_working(day) for day in dates.unique().drop_nulls().to_list()])


def test_the_same_seed_gives_the_same_tables_and_another_seed_others():
    once, again, other = generate(3, 200), generate(3, 200), generate(4, 200)
    for name, frame in once.items():
        assert_frame_equal(frame, again[name])
    assert not once["cases"].equals(other["cases"])
    assert once["units"].equals(other["units"])


@pytest.mark.parametrize(("seed", "cases"), [(1, 0), (1, -5), (-1, 10)])
def test_impossible_arguments_are_refused(seed: int, cases: int):
    with pytest.raises(ChisoError, match=str(cases)):
        generate(seed, cases)


@pytest.mark.parametrize("cases", [1, 2, 37])
def test_very_few_cases_still_make_every_table(cases: int):
    tables = generate(5, cases)
    assert tables["cases"].height == cases
    assert all(frame.height for name, frame in tables.items() if not name.startswith("survey"))


def test_a_survey_without_anyone_served_is_empty_but_typed():
    department = load_department()
    responses, frame = make_survey(department, Clock(department), 1, {})
    assert (responses.height, frame.height) == (0, 0)
    assert frame.schema["population"] == pl.Int64


def test_tables_keep_the_contract(tables: dict[str, pl.DataFrame]):
    contract = load_contract()
    assert list(tables) == list(contract)
    for name, table in contract.items():
        frame = tables[name]
        needed = [column.name for column in table.columns if not column.supporting]
        assert frame.columns[: len(needed)] == needed
        assert frame.select(table.key).is_unique().all(), name
        for column in [table.column(c) for c in frame.columns]:
            values = frame[column.name]
            assert values.dtype == column.dtype, (name, column.name)
            assert not (column.required and values.null_count()), (name, column.name)
            if column.values:
                assert set(values.drop_nulls().unique()) <= set(column.values), (name, column.name)
            if column.reference:
                known = tables[column.reference].to_series(0)
                assert values.drop_nulls().is_in(known.implode()).all(), (name, column.name)
            if column.nonnegative:
                assert (values.drop_nulls() >= 0).all(), (name, column.name)
            if column.at_most:
                assert (values.drop_nulls() <= frame[column.at_most].drop_nulls()).all()
            if column.period:
                assert all(str(Period.parse(p)) == p for p in values.drop_nulls().unique())


def test_rows_say_that_they_are_simulated(tables: dict[str, pl.DataFrame]):
    for name, table in load_contract().items():
        if name not in ("units", "survey_frame"):
            assert tables[name][table.key[0]].str.starts_with("MP-").all(), name


def test_cases_follow_the_calendar(tables: dict[str, pl.DataFrame]):
    cases = tables["cases"].with_columns(pl.col("received_at", "due_at", "finished_at").dt.date().name.suffix("_day"))
    assert _working(cases["due_at_day"]).all()
    assert _working(cases["finished_at_day"]).all()
    assert cases["received_at"].is_sorted()
    department = load_department()
    assert cases["received_at_day"].is_between(department.first, department.last).all()
    assert cases["finished_at_day"].max() <= department.last
    assert (cases["finished_at"].drop_nulls() > cases.drop_nulls("finished_at")["received_at"]).all()
    calendar = WorkCalendar.load()
    off = [day for day in cases["received_at_day"].unique().to_list() if not calendar.is_working(day)]
    on_days_off = cases.filter(pl.col("received_at_day").is_in(off))
    assert 0 < on_days_off.height < 0.05 * cases.height
    assert set(on_days_off["channel"]) == {"online"}


def test_other_deadlines_are_working_days_too(tables: dict[str, pl.DataFrame]):
    for table in ("assigned_tasks", "feedback"):
        assert _working(tables[table]["due_on"]).all(), table


def test_open_cases_have_no_outcome_and_refusals_some_form(tables: dict[str, pl.DataFrame]):
    cases = tables["cases"]
    is_open = cases["finished_at"].is_null()
    assert (cases["outcome"].is_null() == is_open).all()
    assert not cases.filter(is_open).select(pl.any_horizontal("result_electronic", "result_published").any()).item()
    assert not cases.filter(pl.col("outcome") != "refused")["refusal_form"].any()
    overdue = is_open & (cases["due_at"].dt.date() < load_department().last)
    assert is_open.sum() > overdue.sum() > 0


def test_tet_and_the_turn_of_the_year_show(tables: dict[str, pl.DataFrame]):
    by_month = dict(tables["cases"].group_by(pl.col("received_at").dt.strftime("%Y-%m")).len().rows())
    assert by_month["2024-12"] == max(by_month.values())
    assert by_month["2024-02"] < 0.7 * by_month["2024-03"]  # Tết 8-14/2/2024
    clock = Clock(load_department())
    weights = day_weights(clock)
    assert weights.min() > 0
    assert weights[~clock.working(np.arange(clock.first, clock.last + 1))].max() < 0.05


def test_the_weak_unit_the_gaps_and_the_trends_are_there(tables: dict[str, pl.DataFrame]):
    cases = tables["cases"].with_columns(
        on_time=pl.col("finished_at").dt.date() <= pl.col("due_at").dt.date(),
        late_half=pl.col("received_at").dt.year() == 2024,
    )
    assert 0.955 <= cases["on_time"].mean() <= 0.985
    by_unit = dict(cases.group_by("unit_code").agg(pl.col("on_time").mean()).rows())
    assert 0.84 <= by_unit.pop("BTG") <= 0.92
    assert min(by_unit.values()) > 0.93
    supplements = dict(cases.group_by("unit_code").agg((pl.col("supplement_requests") > 0).mean()).rows())
    assert supplements["XDCQ"] > 0.15 > supplements["CCVC"]
    shares = cases.group_by("late_half").agg(
        (pl.col("channel") == "online").mean(), pl.col("digitised", "paid_online").mean()
    )
    before, after = shares.sort("late_half").drop("late_half").rows()
    assert all(b < a for b, a in zip(before, after, strict=True))
    assert (
        cases.filter(unit_code="LTLS").select("digitised", "data_reused").null_count().row(0)
        == (cases.filter(unit_code="LTLS").height,) * 2
    )
    answers = tables["survey_responses"]
    gap = answers.filter(pl.col("answered_on").is_between(pl.date(2024, 4, 1), pl.date(2024, 6, 30)))
    assert "VTLT" not in set(gap["unit_code"])
    assert "VTLT" in set(answers["unit_code"])


def test_satisfaction_lies_where_it_should_and_factors_differ(tables: dict[str, pl.DataFrame]):
    answers = tables["survey_responses"]
    shares = {}
    for factor in load_contract()["survey_responses"].items:
        columns = [c for c in answers.columns if c.startswith(f"{factor}_")]
        assert 3 <= len(columns) <= 4
        pooled = pl.concat([answers[c] for c in columns])
        assert pooled.null_count() and (pooled == 9).any()
        assert pooled.drop_nulls().is_in([1, 2, 3, 4, 5, 9]).all()
        valid = pooled.filter(pooled.is_between(1, 5))
        shares[factor] = (valid >= 4).mean()
    assert 0.85 <= sum(shares.values()) / 5 <= 0.89
    assert shares["feedback"] == min(shares.values()) and shares["staff"] == max(shares.values())
    assert (
        tables["survey_frame"].filter(period="2024-Q2").height < tables["survey_frame"].filter(period="2024-Q4").height
    )


def test_the_register_covers_every_item_of_the_plan_in_both_years(tables: dict[str, pl.DataFrame]):
    items = {item.id for item in load_catalogue(2024).items}
    register = tables["deliverables"]
    for year in (2023, 2024):
        rows = register.filter(plan_year=year)
        assert set(rows["plan_item"]) == items
        assert rows["done_on"].null_count() and rows.filter(pl.col("done_on") > pl.col("due_on")).height
    assert register.filter(pl.col("done_on").is_not_null() & pl.col("evidence").is_null()).height
    assert register["due_on"].null_count()


def test_written_due_dates_never_contradict_the_catalogue(tables: dict[str, pl.DataFrame]):
    """Blank due dates are those the catalogue has a rule for."""
    catalogue = load_catalogue(2024)
    blank = tables["deliverables"].filter(pl.col("due_on").is_null())
    for item, subtype in blank.select("plan_item", "subtype").unique().rows():
        rule = catalogue.due_rule(item, subtype)
        assert rule.month_day or rule.day_of_last_month, item


def test_money_reaches_what_the_year_should_reach(tables: dict[str, pl.DataFrame]):
    budget = tables["budget"]
    last = budget.filter(pl.col("as_of").dt.month() == 12, pl.col("as_of").dt.day() == 31)
    for year in (2023, 2024):
        rows = last.filter(budget_year=year)
        assert 0.77 <= rows["disbursed_vnd"].sum() / rows["allocated_vnd"].sum() <= 0.92
        assert 0.07 <= 1 - rows["spent_vnd"].sum() / rows["planned_vnd"].sum() <= 0.13
    for column in ("disbursed_vnd", "spent_vnd"):
        steps = budget.sort("as_of").select(pl.col(column).forward_fill().diff().over("line_id"))
        assert (steps[column].drop_nulls() >= 0).all()
    assert budget.filter(kind="admin")["spent_vnd"].null_count() == 1


def test_days_count_like_the_calendar():
    clock = Clock(load_department())
    days = np.arange(clock.first + 3, clock.last, 7)
    for n in (1, 5, 20):
        expected = [clock.calendar.add_working_days(clock.date(day), n) for day in days]
        assert clock.any_dates(clock.add(days, n)).to_list() == expected
    assert clock.dates(np.array([NEVER, clock.first, clock.last + 1])).to_list() == [
        None,
        load_department().first,
        None,
    ]
