"""The register of plan tasks and reports: 28 indicators, two rules (completed, on time), three sets of rows."""

import pytest
from handmade import (
    Q1,
    Q4,
    Q4_CALENDAR,
    Q4_INSIDE,
    YEAR_END,
    deliverable,
    expect,
    figure,
    hit,
    miss,
    noted,
    out,
    plan,
    timeframe,
)

# Indicator -> item of the register, as in the specification's tables.
COMPLETED_YEAR = {
    "A.V.1a": "A.V.1",
    "B.I.1": "B.I.1",
    "B.I.2b": "B.I.2",
    "B.I.3": "B.I.3",
    "B.II.2": "B.II.2",
    "B.III.5": "B.III.5",
    "B.IV.1": "B.IV.1",
    "B.IV.4": "B.IV.4",
    "B.V.2": "B.V.2",
    "B.V.5": "B.V.5",
    "B.VI.2": "B.VI.2",
    "B.VI.3a": "B.VI.3",
    "B.VII.1": "B.VII.1",
    "B.VII.5": "B.VII.5",
}
COMPLETED_DUE = {"B.I.7": "B.I.7", "B.IV.3": "B.IV.3"}
ON_TIME_YEAR = {"B.IV.2": "B.IV.2", "P.III.2": "III.2"}
ON_TIME_DUE = {
    "A.I.2": "A.I.2",
    "B.I.4": "B.I.4",
    "B.II.1": "B.II.1",
    "B.III.11": "B.III.11",
    "B.VI.1": "B.VI.1",
}
COMPLETED = COMPLETED_YEAR | COMPLETED_DUE
ON_TIME = ON_TIME_YEAR | ON_TIME_DUE
YEAR_ROWS = COMPLETED_YEAR | ON_TIME_YEAR
DUE_ROWS = COMPLETED_DUE | ON_TIME_DUE
EVIDENCE = {"evidence": "12/BC-SNV"}


def cases(of: dict[str, str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("indicator", "item"), of.items())


def test_every_indicator_over_the_register_is_here() -> None:
    over_register = {i.id for i in plan().indicators if i.tables == ("deliverables",)}
    assert over_register == {*COMPLETED, *ON_TIME}


@cases(COMPLETED)
def test_completed_is_done_by_d_with_evidence(indicator: str, item: str) -> None:
    due = "2024-10-10"
    expect(
        indicator,
        done_on_the_due_day=hit(deliverable(item, due=due, done="2024-10-10", **EVIDENCE)),
        done_late_is_still_completed=hit(deliverable(item, due=due, done="2024-10-11", **EVIDENCE)),
        done_on_d=hit(deliverable(item, due=due, done="2024-12-14", **EVIDENCE)),
        done_after_d=miss(deliverable(item, due=due, done="2024-12-15", **EVIDENCE)),
        not_done=miss(deliverable(item, due=due, **EVIDENCE)),
        done_without_evidence=miss(deliverable(item, due=due, done="2024-10-10")),
        done_with_empty_evidence=miss(deliverable(item, due=due, done="2024-10-10", evidence="")),
        other_item=out(deliverable("B.VII.9", due=due, done="2024-10-10", **EVIDENCE)),
    )


@cases(ON_TIME)
def test_on_time_is_completed_on_or_before_the_due_date(indicator: str, item: str) -> None:
    due = "2024-10-10"
    expect(
        indicator,
        day_before=hit(deliverable(item, due=due, done="2024-10-09", **EVIDENCE)),
        due_day=hit(deliverable(item, due=due, done="2024-10-10", **EVIDENCE)),
        day_after=miss(deliverable(item, due=due, done="2024-10-11", **EVIDENCE)),
        without_evidence=miss(deliverable(item, due=due, done="2024-10-09")),
        empty_evidence=miss(deliverable(item, due=due, done="2024-10-09", evidence="")),
        not_done=miss(deliverable(item, due=due, **EVIDENCE)),
        other_item=out(deliverable("B.VII.9", due=due, done="2024-10-09", **EVIDENCE)),
    )


@cases(YEAR_ROWS)
def test_window_year_is_all_rows_of_the_plan_year_whenever_due(indicator: str, item: str) -> None:
    done = {"done": "2024-02-01"} | EVIDENCE
    expect(
        indicator,
        Q1,  # D = 14/03/2024
        due_in_the_period=hit(deliverable(item, due="2024-03-01", **done)),
        due_after_d=hit(deliverable(item, due="2024-12-20", **done)),
        due_after_d_not_done=miss(deliverable(item, due="2024-12-20")),
        due_in_the_year_before=miss(deliverable(item, due="2023-12-31")),
        due_in_the_year_after=hit(deliverable(item, due="2025-01-15", **done)),
        of_the_plan_before=out(deliverable(item, plan_year=2023, due="2024-03-01", **done)),
        of_the_plan_after=out(deliverable(item, plan_year=2025, due="2024-03-01", **done)),
    )


@cases(DUE_ROWS)
def test_due_windows_take_the_rows_by_due_date_alone(indicator: str, item: str) -> None:
    done = {"done": "2024-02-01"} | EVIDENCE
    expect(
        indicator,
        due_in_the_window=hit(deliverable(item, due="2024-10-10", **done)),
        of_the_plan_before=hit(deliverable(item, plan_year=2023, due="2024-10-10", **done)),
        of_the_plan_after=hit(deliverable(item, plan_year=2025, due="2024-10-10", **done)),
        due_on_d=hit(deliverable(item, due="2024-12-14", **done)),
        due_after_d_though_done=out(deliverable(item, due="2024-12-15", **done)),
        due_the_year_before=out(deliverable(item, due="2023-12-31", **done)),
    )


# ------------------------------------------------------------------------------------- due dates the catalogue supplies

#: Item -> the last allowed day where due_on is blank; the other items: 31/12.
SUPPLIED = {"B.IV.2": "2024-03-31", "III.2": "2024-12-04"}


@cases(ON_TIME_YEAR)
def test_blank_due_date_of_the_plan_year_items(indicator: str, item: str) -> None:
    last = SUPPLIED[item]
    after = {"2024-03-31": "2024-04-01", "2024-12-04": "2024-12-05"}[last]
    expect(
        indicator,
        last_allowed_day=hit(deliverable(item, done=last, **EVIDENCE)),
        the_day_the_plan_says_before_which=miss(deliverable(item, done=after, **EVIDENCE)),
        the_registers_own_date_is_the_truth=hit(deliverable(item, due="2024-12-10", done="2024-12-10", **EVIDENCE)),
        an_earlier_own_date_too=miss(deliverable(item, due="2024-02-01", done="2024-02-02", **EVIDENCE)),
    )


@pytest.mark.parametrize("indicator", ["A.I.2", "B.I.7", "B.IV.3", "B.VI.1"])
def test_blank_due_date_of_other_items_is_31_december(indicator: str) -> None:
    row = deliverable(indicator, done="2024-12-31", **EVIDENCE)
    expect(indicator, Q4, not_due_by_14_december=out(row))
    expect(
        indicator,
        YEAR_END,
        due_on_d=hit(row),
        of_the_plan_before=out(deliverable(indicator, plan_year=2023, done="2023-12-31", **EVIDENCE)),
    )


def test_blank_due_date_belongs_to_the_rows_own_plan_year() -> None:
    # Due 31/12/2023 by the rule: in the official window of 2024 (from 15/12/2023), and P is A.I.2's window.
    row = deliverable("A.I.2", plan_year=2023, done="2023-12-31", **EVIDENCE)
    expect("A.I.2", timeframe("2024"), due_31_december_2023=hit(row))


@pytest.mark.parametrize(
    ("period", "frame", "due", "late"),
    [
        ("2024-Q3", Q4, "2024-09-13", "2024-09-14"),
        ("2024-Q1", Q4, "2024-03-13", "2024-03-14"),
        ("2024-H1", Q4, "2024-06-13", "2024-06-14"),
        ("2024-9M", Q4, "2024-09-13", "2024-09-14"),
        ("2024-05", Q4, "2024-05-13", "2024-05-14"),
        ("2024", Q4, "2024-12-13", "2024-12-14"),
    ],
)
def test_reform_report_is_due_on_the_13th_of_the_last_month(period: str, frame, due: str, late: str) -> None:
    expect(
        "B.I.4",
        frame,
        on_the_13th=hit(deliverable("B.I.4", period=period, done=due, **EVIDENCE)),
        on_the_14th=miss(deliverable("B.I.4", period=period, done=late, **EVIDENCE)),
        own_date_wins=hit(deliverable("B.I.4", period=period, due=late, done=late, **EVIDENCE)),
    )


def test_reform_report_of_the_month_of_d() -> None:
    row = deliverable("B.I.4", period="2024", done="2024-12-13", **EVIDENCE)
    expect("B.I.4", timeframe("2024", as_of="2024-12-13"), due_on_d=hit(row))
    expect("B.I.4", timeframe("2024", as_of="2024-12-12"), due_tomorrow=out(row))


@pytest.mark.parametrize(
    ("period", "due", "late"),
    [("2024-Q3", "2024-09-19", "2024-09-20"), ("2024-Q1", "2024-03-19", "2024-03-20")],
)
def test_control_report_is_due_on_the_19th_itself(period: str, due: str, late: str) -> None:
    """ "Chậm nhất ngày 19" is last met on the 19th, unlike "trước ngày 14"."""
    expect(
        "B.III.11",
        on_the_19th=hit(deliverable("B.III.11", period=period, done=due, **EVIDENCE)),
        on_the_20th=miss(deliverable("B.III.11", period=period, done=late, **EVIDENCE)),
    )


def test_control_report_of_the_year_is_due_after_the_official_window() -> None:
    row = deliverable("B.III.11", period="2024", done="2024-12-19", **EVIDENCE)
    expect("B.III.11", timeframe("2024"), due_19_december=out(row))
    expect("B.III.11", Q4_CALENDAR, due_19_december=hit(row))


@pytest.mark.parametrize("item", ["B.I.4", "B.III.11"])
def test_report_without_period_has_no_due_date(item: str) -> None:
    row = deliverable(item, done="2024-05-02", **EVIDENCE)
    expect(item, YEAR_END, no_period=out(row))
    assert noted(item, row) == {"no_due": 1}
    assert figure(item, row)["status"] == "no_data"


def test_report_of_another_years_period_is_due_in_that_year() -> None:
    # The period's own year counts, not the plan year: the 2023 report is due 13/12/2023, before Y.
    expect("B.I.4", of_2023=out(deliverable("B.I.4", period="2023", done="2023-12-13", **EVIDENCE)))


def test_legal_document_reports_by_subtype() -> None:
    def report(subtype: str | None, done: str, **values: object):
        return deliverable("B.II.1", subtype=subtype, done=done, **EVIDENCE, **values)

    expect(
        "B.II.1",
        YEAR_END,
        review_on_14_december=hit(report("document_review", "2024-12-14")),
        review_on_15_december=miss(report("document_review", "2024-12-15")),
        implementation_on_4_december=hit(report("law_implementation", "2024-12-04")),
        implementation_on_5_december=miss(report("law_implementation", "2024-12-05")),
        ad_hoc_has_no_due_date=out(report("ad_hoc", "2024-06-01")),
        blank_subtype_has_no_due_date=out(report(None, "2024-06-01")),
        ad_hoc_with_its_own_date=hit(report("ad_hoc", "2024-06-01", due="2024-06-01")),
        ad_hoc_late=miss(report("ad_hoc", "2024-06-02", due="2024-06-01")),
    )


def test_legal_document_review_is_due_on_the_last_day_of_the_official_window() -> None:
    row = deliverable("B.II.1", subtype="document_review", done="2024-12-14", **EVIDENCE)
    expect("B.II.1", Q4, due_on_d=hit(row))
    expect("B.II.1", timeframe("2024-Q4", as_of="2024-12-13"), due_tomorrow=out(row))


def test_register_rows_without_due_date_are_counted_apart() -> None:
    rows = [deliverable("B.II.1", subtype="ad_hoc"), deliverable("B.II.1"), deliverable("B.II.1", due="2024-06-01")]
    assert noted("B.II.1", *rows) == {"no_due": 2}


# ------------------------------------------------------------------------------------------------- status, deadlines

DEADLINES = dict.fromkeys(COMPLETED_YEAR, "2024-12-31") | {
    "B.I.1": "2024-12-13",
    "B.I.3": "2024-12-13",
    "B.IV.2": "2024-03-31",
    "P.III.2": "2024-12-04",
}


@pytest.mark.parametrize(("indicator", "deadline"), DEADLINES.items())
def test_pending_until_the_deadline_and_judged_on_it(indicator: str, deadline: str) -> None:
    item = YEAR_ROWS[indicator]
    rows = [deliverable(item, done="2024-01-03", **EVIDENCE), deliverable(item)]
    year, day = "2024", int(deadline[-2:])
    on_it = timeframe(year, "calendar", as_of=deadline)
    before = timeframe(year, "calendar", as_of=f"{deadline[:-2]}{day - 1:02d}")
    found = figure(indicator, *rows, frame=before)
    assert (found["numerator"], found["denominator"], found["status"]) == (1, 2, "pending")
    assert str(found["deadline"]) == deadline
    assert figure(indicator, *rows, frame=on_it)["status"] == "not_met"
    assert figure(indicator, rows[0], frame=before)["status"] == "met"


@cases(DUE_ROWS)
def test_what_is_due_by_d_is_judged_at_d(indicator: str, item: str) -> None:
    found = figure(indicator, deliverable(item, due="2024-11-30"), frame=Q4_INSIDE)
    assert (found["status"], found["deadline"]) == ("not_met", None)


@cases(COMPLETED | ON_TIME)
def test_no_row_of_the_item_is_no_data(indicator: str, item: str) -> None:
    found = figure(indicator, deliverable("B.VII.9", due="2024-10-10"))
    assert (found["numerator"], found["denominator"], found["value"], found["status"]) == (0, 0, None, "no_data")
