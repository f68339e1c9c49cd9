"""B.III – reform of administrative procedures (B.III.8 is in test_result, B.III.9 in test_service_quality)."""

import pytest
from handmade import (
    Q4,
    Q4_CALENDAR,
    Q4_INSIDE,
    case,
    expect,
    feedback,
    figure,
    hit,
    miss,
    noted,
    out,
    procedure,
    timeframe,
)

# ------------------------------------------------------------------------------------------- deadlines of procedures


def test_announcement_proposed_within_20_days_of_the_ministrys_decision() -> None:
    # Decided 02/09/2024: the 20th day after is 22/09/2024.
    def decided(submitted: str | None, day: str = "2024-09-02"):
        return procedure(central_decision_on=day, proposal_submitted_on=submitted)

    expect(
        "B.III.1",
        on_the_20th_day=hit(decided("2024-09-22")),
        on_the_21st_day=miss(decided("2024-09-23")),
        on_the_day_itself=hit(decided("2024-09-02")),
        never=miss(decided(None)),
        no_decision=out(procedure(proposal_submitted_on="2024-09-22")),
        decided_11_december_2023_due_on_the_31st=out(decided("2023-12-20", "2023-12-11")),
        decided_12_december_2023_due_on_1_january=hit(decided("2023-12-20", "2023-12-12")),
        decided_24_november_due_on_d=hit(decided("2024-12-14", "2024-11-24")),
        decided_25_november_due_after_d=out(decided("2024-12-01", "2024-11-25")),
    )


def test_workflow_proposed_within_30_days_of_announcement() -> None:
    # Announced 01/10/2024: the 30th day after is 31/10/2024.
    def announced(submitted: str | None, day: str = "2024-10-01"):
        return procedure(announced_on=day, workflow_submitted_on=submitted)

    expect(
        "B.III.2",
        on_the_30th_day=hit(announced("2024-10-31")),
        on_the_31st_day=miss(announced("2024-11-01")),
        before_the_announcement=hit(announced("2024-09-30")),
        never=miss(announced(None)),
        not_announced=out(procedure(workflow_submitted_on="2024-10-31")),
        announced_15_august_due_14_september=out(announced("2024-08-16", "2024-08-15")),
        announced_16_august_due_15_september=hit(announced("2024-08-17", "2024-08-16")),
        announced_14_november_due_on_d=hit(announced("2024-12-14", "2024-11-14")),
        announced_15_november_due_after_d=out(announced("2024-11-16", "2024-11-15")),
    )


def test_workflow_sent_to_the_onestop_system_within_3_calendar_days() -> None:
    # Approved on Friday 04/10/2024: Saturday, Sunday, Monday 07/10 (calendar days end where they end).
    def approved(requested: str | None, day: str = "2024-10-04"):
        return procedure(process_approved_on=day, onestop_requested_on=requested)

    expect(
        "B.III.3",
        on_monday=hit(approved("2024-10-07")),
        on_tuesday=miss(approved("2024-10-08")),
        never=miss(approved(None)),
        approved_11_september_due_on_the_14th=out(approved("2024-09-12", "2024-09-11")),
        approved_12_september_due_on_sunday_the_15th=hit(approved("2024-09-15", "2024-09-12")),
        approved_11_december_due_on_saturday_d=hit(approved("2024-12-14", "2024-12-11")),
        approved_12_december_due_after_d=out(approved("2024-12-13", "2024-12-12")),
    )


def test_procedures_public_on_the_website() -> None:
    def active(published: str | None, **values: object):
        return procedure(website_published_on=published, **({"announced_on": "2020-01-01"} | values))

    expect(
        "B.III.4a",
        published_before=hit(active("2020-02-01")),
        published_on_d=hit(active("2024-12-14")),
        published_after_d=miss(active("2024-12-15")),
        never=miss(active(None)),
        announced_on_d=hit(active("2024-12-14", announced_on="2024-12-14")),
        announced_after_d_is_not_active=out(active("2024-12-14", announced_on="2024-12-15")),
        never_announced_is_not_active=out(active("2024-12-14", announced_on=None)),
        abolished_on_d_is_not_active=out(active("2020-02-01", abolished_on="2024-12-14")),
        abolished_before=out(active(None, abolished_on="2024-01-01")),
        abolished_the_day_after_d=hit(active("2020-02-01", abolished_on="2024-12-15")),
    )


# ------------------------------------------------------------------------------------------------ flags of the cases


@pytest.mark.parametrize(
    ("indicator", "flag", "other"),
    [
        ("B.III.4b", "progress_published", {"received": "2024-10-01"}),
        ("B.III.4c", "result_published", {"finished": "2024-10-01"}),
        ("B.III.6c", "refusal_form", {"finished": "2024-10-01", "outcome": "refused"}),
        ("B.III.7a", "result_electronic", {"finished": "2024-10-01", "outcome": "granted"}),
        ("B.III.7b", "digitised", {"received": "2024-10-01"}),
        ("B.III.7c", "data_reused", {"received": "2024-10-01"}),
    ],
)
def test_a_blank_flag_stays_in_the_denominator_and_is_reported(indicator: str, flag: str, other: dict) -> None:
    rows = {
        "yes": hit(case(**other, **{flag: True})),
        "no": miss(case(**other, **{flag: False})),
        "not_recorded": miss(case(**other)),
    }
    expect(indicator, **rows)
    assert noted(indicator, *rows.values()) == {f"blank {flag}": 1}


@pytest.mark.parametrize(
    ("indicator", "flag", "outcome"),
    [("B.III.6c", "refusal_form", "refused"), ("B.III.7a", "result_electronic", "granted")],
)
def test_a_blank_outcome_is_not_the_wanted_outcome(indicator: str, flag: str, outcome: str) -> None:
    """The denominator's own condition: blank means not fulfilled."""
    others = {"granted", "refused", "withdrawn"} - {outcome}
    rows = {name: out(case(finished="2024-10-01", outcome=name, **{flag: True})) for name in sorted(others)}
    wanted = hit(case(finished="2024-10-01", outcome=outcome, **{flag: True}))
    blank = out(case(finished="2024-10-01", **{flag: True}))
    expect(indicator, **rows, wanted=wanted, blank=blank)


@pytest.mark.parametrize(
    ("indicator", "flags"),
    [("B.III.4c", {"result_published": True}), ("B.III.7a", {"outcome": "granted", "result_electronic": True})],
)
def test_finished_after_d_is_not_finished(indicator: str, flags: dict) -> None:
    expect(indicator, Q4_INSIDE, after_d=out(case(finished="2024-12-01", **flags)))


def test_supplement_requests_made_by_form() -> None:
    def finished(requests: int | None, forms: int | None):
        return case(finished="2024-10-01", supplement_requests=requests, supplement_forms=forms)

    expect(
        "B.III.6a",
        a_form_each=hit(finished(2, 2)),
        more_forms_than_requests=hit(finished(1, 2)),
        one_form_short=miss(finished(2, 1)),
        no_form=miss(finished(1, 0)),
        forms_not_recorded=miss(finished(1, None)),
        nothing_requested=out(finished(0, 0)),
        requests_not_recorded=out(finished(None, 1)),
        open=out(case(received="2024-10-01", supplement_requests=1, supplement_forms=1)),
    )


def test_one_supplement_request_at_most() -> None:
    def finished(requests: int | None):
        return case(finished="2024-10-01", supplement_requests=requests)

    expect(
        "B.III.6b",
        none=hit(finished(0)),
        one=hit(finished(1)),
        two=miss(finished(2)),
        not_recorded=miss(finished(None)),
        open=out(case(received="2024-10-01", supplement_requests=0)),
    )
    assert noted("B.III.6b", finished(None), finished(0)) == {"blank supplement_requests": 1}


def test_late_cases_with_an_apology() -> None:
    # A case due on a day becomes late on the next: late in P (15/9-14/12) = due 14/9-13/12.
    def due(day: str, finished: str | None = None, forms: int | None = 1):
        return case(received="2024-08-01", due=day, finished=finished, apology_forms=forms)

    expect(
        "B.III.6d",
        open_with_apology=hit(due("2024-10-10")),
        two_apologies=hit(due("2024-10-10", forms=2)),
        open_without=miss(due("2024-10-10", forms=0)),
        not_recorded=miss(due("2024-10-10", forms=None)),
        finished_the_day_after=hit(due("2024-10-10", "2024-10-11")),
        finished_on_the_due_day_is_not_late=out(due("2024-10-10", "2024-10-10")),
        finished_early=out(due("2024-10-10", "2024-10-09")),
        due_two_days_before_the_period=out(due("2024-09-13")),
        due_the_day_before_the_period=hit(due("2024-09-14")),
        due_the_day_before_d=hit(due("2024-12-13")),
        due_on_d_is_not_late_yet=out(due("2024-12-14")),
        no_due_date=out(due(None)),
    )


def test_case_due_the_day_before_d_and_finished_after_d_became_late() -> None:
    def row(day: str):
        return case(due=day, finished="2024-12-05", apology_forms=1)

    expect("B.III.6d", Q4_INSIDE, due_29_november=hit(row("2024-11-29")), due_on_d=out(row("2024-11-30")))


def test_late_by_calendar_window() -> None:
    # P = 1/10-31/12: due 30/9-30/12.
    def due(day: str):
        return case(due=day, apology_forms=1)

    expect(
        "B.III.6d",
        Q4_CALENDAR,
        due_29_september=out(due("2024-09-29")),
        due_30_september=hit(due("2024-09-30")),
        due_30_december=hit(due("2024-12-30")),
        due_31_december=out(due("2024-12-31")),
    )


def test_overdue_and_open_cases() -> None:
    expect(
        "B.III.8b",
        due_the_day_before_d=hit(case(due="2024-12-13")),
        due_on_d_is_not_overdue=out(case(due="2024-12-14")),
        late_hour_of_d_is_not_overdue=out(case(due="2024-12-14T08:00:00")),
        received_and_due_years_ago=hit(case(received="2020-01-01", due="2020-02-01")),
        finished_on_d=out(case(due="2024-12-13", finished="2024-12-14")),
        finished_after_d_is_open=hit(case(due="2024-12-13", finished="2024-12-15")),
        no_due_date=out(case()),
        received_after_d_is_not_there=out(case(received="2024-12-15", due="2024-12-13")),
    )


def test_no_overdue_case_is_zero_and_met() -> None:
    found = figure("B.III.8b", case(due="2024-12-14"))
    assert (found["value"], found["denominator"], found["status"], found["attainment"]) == (0, None, "met", 1.0)
    found = figure("B.III.8b", case(due="2024-12-13"))
    assert (found["value"], found["denominator"], found["status"], found["attainment"]) == (1, None, "not_met", 0.0)


# -------------------------------------------------------------------------------------------- petitions on regulations


def test_petitions_answered_on_time() -> None:
    def due(answered: str | None, kind: str = "regulation", day: str | None = "2024-10-10"):
        return feedback(kind, received="2024-09-20", due=day, answered=answered)

    expect(
        "B.III.10a",
        on_the_due_day=hit(due("2024-10-10")),
        sender_need_not_be_told_here=hit(due("2024-10-09")),
        day_after=miss(due("2024-10-11")),
        never=miss(due(None)),
        other_kind=out(due("2024-10-10", "case_handling")),
        no_due_date=out(due("2024-10-10", day=None)),
    )
    blank = [due("2024-10-10", day=None), due(None, "other", None), due("2024-10-10")]
    assert noted("B.III.10a", *blank) == {"no_due": 1}


def test_answers_published_within_two_working_days() -> None:
    # Answered on Thursday 10/10: Friday 11 and Monday 14/10.
    def answered(day: str | None, published: str | None, kind: str = "regulation"):
        return feedback(kind, answered=day, published=published)

    expect(
        "B.III.10b",
        on_monday=hit(answered("2024-10-10", "2024-10-14")),
        on_tuesday=miss(answered("2024-10-10", "2024-10-15")),
        same_day=hit(answered("2024-10-10", "2024-10-10")),
        never=miss(answered("2024-10-10", None)),
        not_answered=out(answered(None, None)),
        other_kind=out(answered("2024-10-10", "2024-10-11", "conduct")),
        answered_wednesday_11_september_due_on_friday_the_13th=out(answered("2024-09-11", "2024-09-11")),
        answered_thursday_12_september_due_on_monday_the_16th=hit(answered("2024-09-12", "2024-09-16")),
        answered_wednesday_11_december_due_on_friday_the_13th=hit(answered("2024-12-11", "2024-12-13")),
        answered_thursday_12_december_due_after_d=out(answered("2024-12-12", "2024-12-12")),
    )


def test_publication_follows_the_vietnamese_calendar() -> None:
    # Answered on Thursday 2/5/2024: Friday 3 and the worked Saturday 4/5. On Friday 30/8: 2 and 3/9 are off; 4 and 5.
    expect(
        "B.III.10b",
        timeframe("2024-Q2"),
        on_the_worked_saturday=hit(
            feedback("regulation", received="2024-04-01", answered="2024-05-02", published="2024-05-04")
        ),
        on_monday=miss(feedback("regulation", received="2024-04-01", answered="2024-05-02", published="2024-05-06")),
    )
    expect(
        "B.III.10b",
        timeframe("2024-Q3"),
        after_national_day=hit(feedback("regulation", answered="2024-08-30", published="2024-09-05")),
        a_day_later=miss(feedback("regulation", answered="2024-08-30", published="2024-09-06")),
    )


def test_answer_after_d_reads_as_blank() -> None:
    expect("B.III.10b", Q4_INSIDE, after_d=out(feedback("regulation", answered="2024-12-02", published="2024-12-03")))
    expect(
        "B.III.10b",
        timeframe("2024-Q4", as_of="2024-12-02"),
        published_after_d=miss(feedback("regulation", answered="2024-11-28", published="2024-12-03")),
    )


def test_received_after_d_is_not_there() -> None:
    row = feedback("regulation", received="2024-12-15", due="2024-10-10", answered="2024-10-10", published="2024-10-10")
    expect("B.III.10a", Q4, not_there=out(row))
    expect("B.III.10b", Q4, not_there=out(row))
