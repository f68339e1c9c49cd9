"""A.V – feedback received and answered."""

from handmade import expect, feedback, figure, hit, miss, noted, out


def due(answered: str | None, informed: str | None, kind: str = "case_handling", due: str | None = "2024-10-10"):
    return feedback(kind, due=due, answered=answered, informed=informed)


def test_answered_and_sender_told_by_the_due_date() -> None:
    expect(
        "A.V.1b",
        both_on_the_due_day=hit(due("2024-10-10", "2024-10-10")),
        both_before=hit(due("2024-10-09", "2024-10-09")),
        answered_a_day_late=miss(due("2024-10-11", "2024-10-10")),
        told_a_day_late=miss(due("2024-10-10", "2024-10-11")),
        answered_but_never_told=miss(due("2024-10-10", None)),
        told_but_never_answered=miss(due(None, "2024-10-10")),
        neither=miss(due(None, None)),
    )


def test_every_kind_but_praise() -> None:
    in_time = ("2024-10-10", "2024-10-10")
    expect(
        "A.V.1b",
        regulation=hit(due(*in_time, kind="regulation")),
        conduct=hit(due(*in_time, kind="conduct")),
        case_handling=hit(due(*in_time, kind="case_handling")),
        other=hit(due(*in_time, kind="other")),
        praise=out(due(*in_time, kind="praise")),
    )


def test_window_is_that_of_the_due_date() -> None:
    expect(
        "A.V.1b",
        answered_before_the_period_due_in_it=hit(due("2024-09-01", "2024-09-01")),
        due_before_the_period_answered_in_it=out(due("2024-10-01", "2024-10-01", due="2024-09-14")),
        due_after_d=out(due("2024-10-01", "2024-10-01", due="2024-12-15")),
        received_after_d_is_not_there=out(
            feedback("other", received="2024-12-15", due="2024-10-10", answered="2024-10-01", informed="2024-10-01")
        ),
    )


def test_without_due_date_it_leaves_the_share_and_is_counted() -> None:
    blank = feedback("other", received="2024-10-01", due=None, answered="2024-10-02", informed="2024-10-02")
    praise = feedback("praise", received="2024-10-01", due=None)
    expect("A.V.1b", blank=out(blank))
    assert noted("A.V.1b", blank, praise) == {"no_due": 1}
    assert figure("A.V.1b", blank)["status"] == "no_data"
